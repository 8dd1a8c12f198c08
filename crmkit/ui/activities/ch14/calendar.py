"""Plan a campaign for a festival that moves: which day of last year to look at, and whom to spare."""

from __future__ import annotations

import datetime as dt
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from crmkit.analytics.campaign_plan import BaseRate

_NAMES = {"中秋节": "中秋", "春节": "春节", "618": "618", "双11": "双 11"}
_ALIGN = {"date": "去年同一天", "festival": "节前同样天数"}
_LEADS = range(1, 31)
_RECENT, _ENOUGH = 180, 200  # the list: bought within so many days; fewer people say nothing
_WEEK = "一二三四五六日"


def festival_plan() -> Activity:
    """Base rate by days before the festival, tried on the year before; what a hold-out would show."""
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics import campaign_plan
    from crmkit.crm.campaigns import festivals
    from crmkit.settings import settings

    days = settings()["marketing"]["response_days"]

    def draw(
        figure: Figure, shop: str, festival: str, align: str, lead: int, held: float, uplift: float,
        coupon: int,
    ) -> View:  # fmt: skip
        known = _known(shop, festival, days)
        comes, real, tried, plan = (known[k] for k in ("days", "real", "tried", "plan"))
        send = comes[2026] - dt.timedelta(days=lead)
        base, true = plan[align][lead], plan["festival"][lead]
        found = campaign_plan.detectable(base.people, held, base.share, uplift)
        miss = {a: _miss(tried[a], real) for a in _ALIGN}

        left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
        left.plot(list(real), list(real.values()), color=theme.COURSE, label="2025 年真的")
        guess = tried[align]
        left.plot(list(guess), list(guess.values()), "--", color=theme.SERIES[1],
                  label="由 2024 年推的")  # fmt: skip
        left.axvline(lead, color=theme.TEXT, linewidth=1.2)
        left.set_xlim(30.5, 0.5)
        left.set_ylim(0, 0.16)
        left.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        left.set_xlabel("节前第几天发")
        left.legend(loc="upper left", ncols=2)
        left.set_title(f"不发也会在 {days} 天里买的人（按{_ALIGN[align]}推）")
        shares = [s / 100 for s in range(5, 51, 5)]
        least = [
            campaign_plan.detectable(base.people, s, base.share, uplift).least * 100 for s in shares
        ]
        right.plot(shares, least, color=theme.COURSE)
        right.plot([held], [found.least * 100], "o", color=theme.COURSE, markersize=8)
        right.axhline(uplift * 100, color=theme.SERIES[1], linestyle="--")
        right.set_ylim(0, 14)
        right.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        right.set_xlabel("留白组占名单")
        right.set_title("八成把握看得出几个百分点")

        moved = (comes[2026] - comes[2025].replace(year=2026)).days
        rest = festivals.work_or_rest(send)
        given = round(found.sent * base.share)
        rows = [
            ("节日", "　".join(f"{y:%Y-%m-%d}" for y in comes.values()),
             f"比去年{'早' if moved < 0 else '晚'} {abs(moved)} 天" if moved else "每年同一天"),
            ("发送日", f"{send.month} 月 {send.day} 日，星期{_WEEK[send.weekday()]}", rest),
            ("不发也会买", f"按{_ALIGN[align]} {base.share:.1%}",
             f"名单 {base.people:,} 人"),
            ("白送的券", f"约 {given:,} 张，{given * coupon:,} 元", "给了本来就会买的人"),
            ("留白少挣的单", f"约 {found.held * uplift:,.0f} 单", f"留白 {found.held:,} 人"),
        ]  # fmt: skip
        told = f"提前 {lead} 天发：按{_ALIGN[align]}推，不发也有 {base.share:.1%} 会买"
        if align == "date" and abs(base.share - true.share) >= 0.01:
            told += f"；按节前同样天数推是 {true.share:.1%}"
        told += (
            f"。多带来 {uplift:.0%} 看得出的机会 {found.power:.0%}，"
            f"要 {found.least * 100:.1f} 个百分点才有八成把握。"
        )
        if moved and all(x is not None for x in miss.values()):
            told += (
                f"回头验：由 2024 年推 2025 年，按同一天平均差 {miss['date']:.1f} 个百分点，"
                f"按节前差 {miss['festival']:.1f} 个。"
            )
        return View(
            alt=f"左图实线是 2025 年节前各天不发也会买的比例，虚线由 2024 年按{_ALIGN[align]}推；"
            f"右图留白 {held:.0%} 时八成把握看得出 {found.least * 100:.1f} 个百分点，横虚线是盼望的 {uplift:.0%}。",
            message=told,
            table=pd.DataFrame(rows, columns=["计划", "数", "说明"]),
            result={
                "send": send, "base": base.share, "aligned": true.share, "power": found.power,
                "least": found.least, "miss": miss, "moved": moved, "free": given * coupon,
            },
        )  # fmt: skip

    return Activity(
        "2026 年的节日活动：哪一天发，留多少人不发？",
        [
            Select("shop", "店铺", dict(shops.TITLES)),
            Select("festival", "节日", _NAMES),
            Select("align", "去年的数看哪一天", _ALIGN),
            Slider("lead", "节前第几天发", 1, 30, 1, 14, "天"),
            Slider("held", "留白的比例", 0.05, 0.5, 0.05, 0.1, percent=True),
            Slider("uplift", "盼望多带来", 0.01, 0.1, 0.01, 0.05, percent=True),
            Slider("coupon", "优惠券面额", 0, 50, 5, 20, "元"),
        ],
        draw,
        formula=r"SE = \sqrt{\frac{p (1 - p)}{n_1} + \frac{q (1 - q)}{n_0}}, \,\, \text{看得出} = (1.96 + 0.84) SE",
        note=f"名单人数照去年，是发送日以前 {_RECENT} 天买过的人；q 是不发也会买，p = q + 盼望的提升，n₁ 发送、n₀ 留白人数。去年那几天店里也发过活动，"
        f"没有扣掉，所以 q 偏高一些；名单不足 {_ENOUGH} 人的天不画。试一试：中秋换两种对齐，看虚线贴不贴实线；618 呢？",
        source="农历由 lunar-python、放假与调休由 chinesecalendar 推算；两个比例之差的正态近似；crmkit.analytics.campaign_plan。",
        size=(7.8, 2.8),
    )


def _miss(guess: dict[int, float], real: dict[int, float]) -> float | None:
    """Mean absolute error in percentage points, over the days that both know."""
    both = [k for k in real if guess[k] == guess[k]]
    return 100 * sum(abs(guess[k] - real[k]) for k in both) / len(both) if both else None


@lru_cache(maxsize=12)
def _known(shop: str, festival: str, days: int) -> dict[str, Any]:
    """Days of the festival; base rates by lead: real 2025, as 2024 tells it, as 2025 tells 2026."""
    from crmkit.analytics import campaign_plan
    from crmkit.crm.campaigns import festivals

    _, day = festivals.FESTIVALS[festival]
    comes = {y: day(y) for y in (2024, 2025, 2026)}

    def rates(year: int, align: str) -> dict[int, BaseRate]:
        found = {}
        for lead in _LEADS:
            send = comes[year] - dt.timedelta(days=lead)
            on = campaign_plan.last_years_day(
                send, comes[year], comes[year - 1], aligned=align == "festival"
            )
            found[lead] = _rate(shop, on, days)
        return found

    coming = {a: rates(2026, a) for a in _ALIGN}
    past = {a: rates(2025, a) for a in _ALIGN}
    shown = {
        a: {k: r.share if r.people >= _ENOUGH else float("nan") for k, r in past[a].items()}
        for a in _ALIGN
    }
    real = {k: r.share for k, r in coming["festival"].items()}
    return {"days": comes, "plan": coming, "tried": shown, "real": real}


@cache
def _rate(shop: str, on: dt.date, days: int) -> BaseRate:
    from crmkit.analytics import campaign_plan

    return campaign_plan.base_rate(_orders(shop), on, recent=_RECENT, days=days)


@cache
def _orders(shop: str) -> pd.DataFrame:
    from crmkit import shops

    return shops.valid_orders(shops.load(shop).orders)[["客户编号", "付款时间"]]
