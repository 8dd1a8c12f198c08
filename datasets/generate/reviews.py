"""Reviews: stars, a text that agrees with them, and the shop's answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from .draws import Draws, Weighted
from .spec import END, Order, Return, Shop
from .texts import GENERAL


@dataclass
class Review:
    order: Order
    sku: str
    stars: int
    at: dt.datetime
    text: str
    replied_at: dt.datetime | None


DEFAULT_TEXT = "此用户没有填写评价。"


def _text(shop: Shop, category: str, stars: int, draws: Draws) -> str:
    tone = "good" if stars >= 4 else "mid" if stars == 3 else "bad"
    if stars == 5 and draws.chance(0.08):
        return DEFAULT_TEXT
    section = category.split("/")[0]
    own = shop.reviews.get(f"{category}|{tone}") or shop.reviews[f"{section}|{tone}"]
    parts = draws.sample(own, 2 if draws.chance(0.45) else 1)
    if draws.chance(0.55):
        parts.append(draws.pick(GENERAL[tone]))
    if stars == 4 and draws.chance(0.5):
        parts.append("扣一分给" + draws.pick(("物流", "包装", "价格")))
    end = draws.pick(("。", "！", "，推荐。")) if tone == "good" else draws.pick(("。", "。", "！"))
    return "，".join(parts) + (end if tone != "mid" else "。")


def written(shop: Shop, orders: list[Order], cases: list[Return]) -> list[Review]:
    """What buyers wrote; whoever sent something back is harder to please."""
    draws = Draws(shop.name, "reviews")
    stars = Weighted(shop.stars)
    hard = Weighted({5: 0.12, 4: 0.16, 3: 0.22, 2: 0.2, 1: 0.3})
    categories = {p.sku: p.category for p in shop.products}
    returned = {id(case.order) for case in cases}
    out = []
    for order in orders:
        if order.received_at is None or not draws.chance(0.20):
            continue
        at = order.received_at + dt.timedelta(hours=draws.exponential(60))
        at = at.replace(microsecond=0)
        if at >= END or at - order.received_at > dt.timedelta(days=15):
            continue
        line = draws.pick([x for x in order.lines if x.sku != shop.gift_wrap])
        mark = draws.weighted(hard if id(order) in returned else stars)
        replied = None
        hours = draws.exponential(14 if mark <= 3 else 60)
        if draws.chance(0.72 if mark <= 3 else 0.25):
            replied = (at + dt.timedelta(hours=hours)).replace(microsecond=0)
            replied = replied if replied < END else None
        out.append(
            Review(
                order, line.sku, mark, at, _text(shop, categories[line.sku], mark, draws), replied
            )
        )
    return sorted(out, key=lambda r: (r.at, r.order.id))
