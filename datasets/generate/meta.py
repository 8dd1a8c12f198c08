"""meta.yaml: what was written, what it was made from, and what was hidden in it."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import yaml

from .draws import SEED
from .fulfilment import STOCKTAKE
from .spec import AS_OF, Shop
from .tables import money
from .world import World

VERSION = "1.0.0"

HOLDS = """\
Exactly: amount = sum(qty × unit_price) − discount + freight for every order, to the fen, but for
the three orders under planted.<shop>.amount_mismatch. Times of paid orders are the purchase times
of the BG/NBD process on the shop's clock (truth.<shop>.season), but for the purchases that a
campaign brought forward; campaigns add none. Orders never paid are on top of the process.
Nearly: the amount of an order is the value drawn from gamma-gamma (p, q, v; yuan) within the
error given under truth.<shop>.spending.realised, because baskets are made of whole products. Left out
are the planted outliers; they belong to customers with one order, so a fit on repeat buyers never
sees them. A customer's spending is independent of his rate of purchase. After each repeat
purchase (not after the first) a customer leaves with his own probability.
Fitted on valid orders, one a customer and day, in weeks up to as_of, on the clock or on the
calendar, all of r, alpha, a, b and p, q, v come out within two standard errors. Two in three
random streams would do that; the stream of each shop is one that does.
"""


def truth(world: World) -> dict[str, Any]:
    """The parameters of the processes behind a shop."""
    shop = world.shop
    logs = [math.log(o.amount / o.target) for o in world.orders if o.paid and o.plant != "outlier"]
    mean = sum(logs) / len(logs)
    sd = math.sqrt(sum((x - mean) ** 2 for x in logs) / len(logs))
    return {
        "bgnbd": dict(zip(("r", "alpha", "a", "b"), shop.bgnbd, strict=True)),
        "bgnbd_time_unit": "week of the shop's clock",
        "spending": {
            **dict(zip(("p", "q", "v"), shop.spending, strict=True)),
            "realised": {"mean_log_ratio": round(mean, 5), "sd_log_ratio": round(sd, 5)},
        },
        "season": {
            "months": list(shop.months),
            "festivals": [
                {"name": f.name, "first": f.first, "last": f.last, "factor": f.factor}
                for f in shop.festivals
            ],
            "clock": "speed of a day = factor of its month × factors of festivals on it, scaled to mean 1 over all days",
        },
        "affinities": [
            {"first": a.first, "then": a.then, "probability": a.probability} for a in shop.affinities
        ],
        "gift_wrap": shop.gift_wrap,
        "campaigns": [
            {
                "campaign_id": e.campaign, "treated": e.treated, "held_out": e.held_out,
                "base_rate": round(e.base, 5), "uplift": round(e.uplift, 5),
            }
            for e in world.effects
        ],
        "response_rule": "a valid order from sent_at to 7 days later, not after the last day of the campaign; the first one is order_id",
        "member_levels": {name: money(least) for name, least in shop.levels},
        "breakage_by_packaging": dict(shop.breakage),
        "satisfaction_means": {
            i.name: [i.expectation, i.experience, i.importance] for i in shop.survey
        },
        "calls": {
            "first_day": shop.call_log.first_day,
            "days": shop.call_log.days,
            "arrivals_per_hour": dict(shop.call_log.hourly),
            "handle_s": shop.call_log.handle_s,
            "patience_s": shop.call_log.patience_s,
            "agents": dict(shop.call_log.agents),
        },
        "warehouse_stocktake_from": STOCKTAKE.isoformat(sep=" "),
    }  # fmt: skip


def rows(name: str, data: bytes) -> int | None:
    """Records in a CSV table with its own header; nothing for other files."""
    plain = name.startswith(("excel/", "calls/", "cases/")) and name.endswith(".csv")
    if "/tables/" not in name and not plain:
        return None
    return data.decode("utf-8-sig").count("\n") - 1


def document(
    files: dict[str, bytes],
    truths: dict[str, Any],
    planted: dict[str, Any],
    shops: tuple[Shop, ...],
) -> bytes:
    """meta.yaml as bytes."""
    listed = {}
    for name in sorted(files):
        entry: dict[str, Any] = {"sha256": hashlib.sha256(files[name]).hexdigest()}
        count = rows(name, files[name])
        if count is not None:
            entry["rows"] = count
        listed[name] = entry
    content = {
        "version": VERSION,
        "as_of": AS_OF,
        "seed": SEED,
        "licence": "CC BY 4.0",
        "shops": {s.name: {"title": s.title, "platform": s.platform} for s in shops},
        "holds": HOLDS,
        "truth": truths,
        "planted": planted,
        "files": listed,
    }
    text = yaml.safe_dump(
        content, allow_unicode=True, sort_keys=False, default_flow_style=None, width=160
    )
    note = "# Written by datasets/generate; do not edit. `truth` and `planted` are for tests and judges only.\n"
    return (note + text).encode("utf-8")
