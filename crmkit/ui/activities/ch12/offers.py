"""Rent the system or own it; and a process before and after its redesign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def rent_or_own() -> Activity:
    """Total cost of ownership of renting and of owning; where the lines cross."""
    import pandas as pd

    from crmkit.analytics import integration
    from crmkit.analytics.integration import Offer

    def draw(
        figure: Figure, users: int, fee: int, once: int, upkeep: int, years: int, rate: float
    ) -> View:
        rent, own = Offer(per_user=fee), Offer(once=once * 10_000, monthly=upkeep)
        months = years * 12
        cross = integration.break_even_month(rent, own, users)
        heads = integration.break_even_users(rent, own, months)
        axes = figure.subplots()
        grid = list(range(months + 1))
        for offer, colour, name in ((rent, theme.SERIES[0], "租用"), (own, theme.COURSE, "自建")):
            axes.plot(grid, [integration.tco(offer, m, users, yearly_rate=rate) / 10_000 for m in grid],
                      color=colour, label=name)  # fmt: skip
        if cross is not None and cross <= months:
            axes.axvline(cross, color=theme.SERIES[1], linestyle="--", linewidth=1.3)
        axes.set_xlabel("第几个月末")
        axes.set_title("累计花费的现值（万元）")
        axes.legend(loc="upper left")
        totals = [integration.tco(o, months, users, yearly_rate=rate) for o in (rent, own)]
        table = pd.DataFrame(
            [
                ("租用", 0.0, rent.month(users), totals[0]),
                ("自建", own.once, own.month(users), totals[1]),
            ],
            columns=["做法", "一次（元）", "每月（元）", f"{years} 年现值（元）"],
        )
        told = (
            f"不折现，第 {cross} 个月末打平"
            if cross is not None
            else "自建每月不比租用省，永远不打平"
        )
        told += f"；{years} 年里，{'租用' if totals[0] <= totals[1] else '自建'}便宜 {abs(totals[0] - totals[1]):,.0f} 元"
        told += f"。用 {years} 年，满 {heads:.1f} 人自建才合算。" if heads is not None else "。"
        return View(
            alt=f"两条累计线，{'在第 ' + str(cross) + ' 个月相交' if cross is not None and cross <= months else '图上没有相交'}。",
            message=told,
            table=table,
            result={"month": cross, "users": heads, "rent": totals[0], "own": totals[1]},
        )

    return Activity(
        "租还是买？",
        [
            Slider("users", "使用人数", 1, 100, 1, 20, "人"),
            Slider("fee", "租用：每人每月", 20, 500, 10, 150, "元"),
            Slider("once", "自建：一次投入", 1, 60, 1, 6, "万元"),
            Slider("upkeep", "自建：每月运维", 0, 10000, 100, 1200, "元"),
            Slider("years", "打算用几年", 1, 8, 1, 4, "年"),
            Slider("rate", "年折现率", 0, 0.2, 0.01, 0.0, percent=True),
        ],
        draw,
        formula=r"\text{打平月} = \frac{\text{一次投入}}{\text{每月租费} - \text{每月运维}}",
        note="价格是编的。没有算进去的：自建要几个月才能用上、升级、搬走的代价，租用涨价的风险。"
        "试一试：人数从 20 减到 6，打平推到什么时候？折现率升高，对哪一边有利？",
        source="总拥有成本（TCO）；crmkit.analytics.integration。",
        size=(7.2, 3.0),
    )


# A complaint with a refund: step, who, minutes of work and of waiting, percent of cases; made up.
_STEPS = (
    ("登记", "客服", 8, 0, 100), ("转主管", "客服主管", 5, 90, 100), ("查订单", "仓库", 12, 180, 80),
    ("填退款单", "客服", 8, 40, 80), ("签字", "客服主管", 3, 200, 80), ("财务复核", "财务", 8, 300, 80),
    ("打款", "财务", 5, 120, 80), ("通知", "客服", 5, 60, 100),
)  # fmt: skip


def process_redesign() -> Activity:
    """Four changes to a refund process; time, hand-overs and what each change is worth."""
    import pandas as pd

    from crmkit.analytics import integration

    def steps(see: bool, small: int, once: bool, tell: bool) -> pd.DataFrame:
        rows = []
        for name, who, work, wait, share in _STEPS:
            if see and name in ("转主管", "查订单"):
                if name == "查订单":  # the desk sees the order itself
                    rows.append((name, "客服", 3, 0, 1.0))
                continue
            part = share / 100
            if name in ("签字", "财务复核", "打款"):
                part *= 1 - small / 100
            if once and name == "财务复核":
                continue  # one check instead of two
            if tell and name == "通知":
                rows.append((name, "系统", 0, 1, 1.0))
                continue
            rows.append((name, who, work, wait, part))
            if name == "填退款单" and small:
                rows.append(("当场退", "客服", 3, 0, share / 100 * small / 100))
        return pd.DataFrame(rows, columns=["环节", "岗位", "处理", "等待", "比例"])

    before = integration.process_time(steps(False, 0, False, False), share="比例")

    def draw(figure: Figure, see: bool, small: int, once: bool, tell: bool) -> View:
        table = steps(see, small, once, tell)
        after = integration.process_time(table, share="比例")
        axes = figure.subplots()
        for y, (name, p) in enumerate((("原来", before), ("现在", after))):
            axes.barh(y, p.work, 0.5, color=theme.COURSE, label=None if y else "有人在办")
            axes.barh(
                y, p.wait, 0.5, left=p.work, color=theme.LINE, label=None if y else "单子在等"
            )
            axes.annotate(f"{name} {p.total:,.0f} 分钟", (p.total, y), (5, 0),
                          textcoords="offset points", va="center")  # fmt: skip
        axes.set_yticks([0, 1], ["原来", "现在"])
        axes.invert_yaxis()
        axes.margins(x=0.25)
        axes.grid(False, axis="y")
        axes.set_title("一张投诉单的期望时长")
        axes.legend(loc="lower right")
        cut = 1 - after.total / before.total
        efficient = after.efficiency or 0.0
        return View(
            alt=f"两根横条：原来 {before.total:,.0f} 分钟，现在 {after.total:,.0f} 分钟。",
            message=f"缩短 {cut:.0%}，交接从 {before.hand_overs} 次到 {after.hand_overs} 次，"
            f"有人在办的时间占 {efficient:.0%}（原来 {before.efficiency or 0:.0%}）。",
            table=table.assign(比例=[f"{x:.0%}" for x in table["比例"]]),
            result={
                "before": before.total,
                "after": after.total,
                "hands": after.hand_overs,
                "cut": cut,
            },
        )

    return Activity(
        "流程再造：时间省在哪里？",
        [
            Switch("see", "客服自己看得到订单（不再转主管、问仓库）"),
            Slider("small", "小额当场退，占退款的", 0, 90, 10, 0, "%"),
            Switch("once", "签字与财务复核合成一次"),
            Switch("tell", "办完自动通知"),
        ],
        draw,
        formula=r"\text{期望时长} = \sum \text{比例} \times (\text{处理} + \text{等待})",
        note="各环节的分钟数是编的。时间多半花在等待上，提高“手速”省不了多少。"
        "试一试：只许改一处，改哪一处最值？四处全改，还剩下的时间是什么？",
        source="业务流程再造：Hammer 与 Champy（1993）；crmkit.analytics.integration。",
        size=(7.2, 2.4),
    )
