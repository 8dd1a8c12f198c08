"""Everybody, by groups, or one to one: what a contact brings on top of what comes by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Group → (people, share that buys anyway, what a contact adds); made up.
_GROUPS = {
    "刚买过的老客": (400, 0.30, 0.02), "到日子该买的": (500, 0.12, 0.10), "礼季才买的": (300, 0.05, 0.08),
    "买过一次的": (900, 0.03, 0.02), "沉默一年的": (900, 0.01, 0.005),
}  # fmt: skip


def contact_strategy() -> Activity:
    """Mass mailing, database marketing and one-to-one marketing with the same customers."""
    import pandas as pd

    def net(people: int, adds: float, margin: float, cost: float, discount: float, anyway: float) -> float:  # fmt: skip
        """Margin of the extra orders less contacts, and less coupons that everybody who buys uses."""
        return people * (adds * margin - cost - (anyway + adds) * discount)

    def draw(figure: Figure, margin: int, cost: float, coupon: int, care: float, effect: float) -> View:  # fmt: skip
        rows, totals = [], {"人人都发": 0.0, "分群再发": 0.0, "一对一": 0.0}
        for name, (people, anyway, adds) in _GROUPS.items():
            mass = net(people, adds, margin, cost, coupon, anyway)
            more = min(adds * effect, 1 - anyway)
            single = net(people, more, margin, care, 0, anyway)  # no coupon: the fitting offer
            totals["人人都发"] += mass
            totals["分群再发"] += max(0.0, mass)
            totals["一对一"] += max(0.0, single)
            rows.append((name, people, f"{anyway:.1%}", f"{adds:.1%}", mass, single,
                         "一对一" if single > max(0.0, mass) else "群发" if mass > 0 else "不联系"))  # fmt: skip
        mixed = sum(max(0.0, r[4], r[5]) for r in rows)
        totals["各群各用合适的"] = mixed
        axes = figure.subplots()
        colours = (theme.MUTED, theme.SERIES[0], theme.SERIES[1], theme.COURSE)
        low, high = min(0.0, *totals.values()), max(1.0, *totals.values())
        for y, ((_, x), colour) in enumerate(zip(totals.items(), colours, strict=True)):
            axes.barh(y, x, 0.6, color=colour)
            axes.annotate(f"{x:,.0f}", (max(x, 0), y), (5, 0), textcoords="offset points", va="center")  # fmt: skip
        axes.set_yticks(range(4), list(totals))
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.axvline(0, color=theme.MUTED, linewidth=0.9)
        axes.set_xlim(low * 1.15, high * 1.2)
        axes.set_title("比什么都不做多挣的（元）")
        table = pd.DataFrame(
            rows, columns=["群", "人数", "不联系也会买", "联系多带来", "群发净得（元）", "一对一净得（元）", "该用"],
        )  # fmt: skip
        best = max(("人人都发", "分群再发", "一对一"), key=lambda k: totals[k])
        return View(
            alt="四根横条：" + "，".join(f"{k} {v:,.0f} 元" for k, v in totals.items()) + "。",
            message=f"三种里最好的是{best}（{totals[best]:,.0f} 元）；各群各用合适的，{mixed:,.0f} 元。",
            table=table,
            result={**totals, "choice": {r[0]: r[6] for r in rows}},
        )

    return Activity(
        "人人都发，分群，还是一对一？",
        [
            Slider("margin", "一张订单的毛利", 10, 300, 5, 95, "元"),
            Slider("cost", "群发一条的花费", 0.05, 5, 0.05, 0.1, "元"),
            Slider("coupon", "随群发送的券", 0, 50, 5, 10, "元"),
            Slider("care", "一对一联系一位的花费", 0.5, 30, 0.5, 4, "元"),
            Slider("effect", "一对一的效果是群发的几倍", 1, 5, 0.5, 2, "倍"),
        ],
        draw,
        formula=r"N (u m - c - (p_0 + u) d)",
        note="N 人数，p₀ 不联系也会买的比例，u 联系多带来的比例，m 毛利，c 联系费，d 券。人数和比例是教学设定。"
        "券给了本来就会买的人，是白送的；所以要算“多带来”的，不能算“一共买了”的。",
        source="增量响应：留出对照组的直复营销做法；三种营销思想（数据库营销、关系营销、一对一营销）见课程资料。",
        size=(7.2, 2.7),
    )  # fmt: skip
