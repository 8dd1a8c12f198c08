"""Where to put a growth budget; how much to spend on winning and on keeping a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_YEARS = 3
# Yearly margin a cell can bring at most (万元), and how fast spending (万元) gets there; made up.
_CELLS = {
    "客户忠诚": (60.0, 0.060), "客户扩充": (45.0, 0.045), "客户获得": (50.0, 0.030),
    "客户多样化": (40.0, 0.015),
}  # fmt: skip
# Part of a year's gain that is still there in the next one.
_KEPT = {"客户忠诚": 0.8, "客户扩充": 0.6, "客户获得": 0.4, "客户多样化": 0.3}


def growth_budget() -> Activity:
    """Split a budget over the four cells of the growth matrix and see the result of three years."""
    import pandas as pd

    from crmkit.analytics import strategy

    names = list(_CELLS)

    def earned(name: str, spend: float) -> list[float]:
        """Margin of every year: this year's response and what is left of the earlier ones."""
        yearly, left = strategy.response(spend, *_CELLS[name]), 0.0
        out = []
        for _ in range(_YEARS):
            left = left * _KEPT[name] + yearly
            out.append(left)
        return out

    def total(spends: dict[str, float]) -> float:
        return sum(sum(earned(n, s)) - _YEARS * s for n, s in spends.items())

    def factor(name: str) -> float:
        kept, weight = 0.0, 0.0
        for _ in range(_YEARS):
            kept = kept * _KEPT[name] + 1
            weight += kept
        return weight

    def draw(figure: Figure, budget: int, loyal: int, extend: int, win: int) -> View:
        parts = dict(zip(names, (loyal, extend, win), strict=False))
        rest = 100 - loyal - extend - win
        whole = loyal + extend + win
        shares = {n: p / max(100, whole) for n, p in parts.items()} | {names[3]: max(0, rest) / 100}
        spends = {n: budget * s for n, s in shares.items()}
        best = strategy.allocate(budget, {n: (c * factor(n), k) for n, (c, k) in _CELLS.items()})
        mine, most = total(spends), total(best)
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.1))
        for place, name in enumerate(names):
            for shift, amounts, colour in (
                (-0.19, spends, theme.COURSE),
                (0.19, best, theme.SERIES[1]),
            ):
                left.barh(place + shift, amounts[name], 0.36, color=colour)
        left.set_yticks(range(4), names)
        left.invert_yaxis()
        left.grid(False, axis="y")
        left.set_title("每年投入（万元）：绿是你的，橙是最好的")
        bottom = [0.0] * _YEARS
        for name, colour in zip(names, (theme.COURSE, *theme.SERIES), strict=False):
            gains = earned(name, spends[name])
            right.bar(range(1, 1 + _YEARS), gains, 0.6, bottom=bottom, color=colour, label=name)
            bottom = [b + g for b, g in zip(bottom, gains, strict=True)]
        right.axhline(budget, color=theme.MUTED, linestyle="--", linewidth=1.2)
        right.set_xticks(range(1, 1 + _YEARS), [f"第 {y} 年" for y in range(1, 1 + _YEARS)])
        right.set_title("每年毛利（万元），虚线是投入")
        right.legend(loc="center left", bbox_to_anchor=(1, 0.5))
        table = pd.DataFrame(
            [(n, f"{shares[n]:.0%}", spends[n], sum(earned(n, spends[n])) - _YEARS * spends[n], best[n]) for n in names],
            columns=["格", "占预算", "每年投入（万元）", "三年净收益（万元）", "收益最大时的投入（万元）"],
        )  # fmt: skip
        note = "三项超过 100%，已按比例缩减。" if whole > 100 else ""
        return View(
            alt=f"左图比较四格的投入与收益最大的分法；右图是三年毛利，第 3 年共 {bottom[-1]:.0f} 万元。",
            message=f"{note}三年净收益 {mine:,.0f} 万元；同样的预算最多能得 {most:,.0f} 万元，"
            + ("已经很接近。" if mine > 0.98 * most else f"还差 {most - mine:,.0f} 万元。"),
            table=table,
            result={"net": mine, "best": most, "spends": spends, "best_spends": best},
        )

    return Activity(
        "增长预算怎样分进四格？",
        [
            Slider("budget", "每年预算", 10, 200, 10, 100, "万元"),
            Slider("loyal", "客户忠诚（现有客户 × 现有业务）占", 0, 100, 5, 25, "%"),
            Slider("extend", "客户扩充（现有客户 × 新业务）占", 0, 100, 5, 25, "%"),
            Slider("win", "客户获得（新客户 × 现有业务）占", 0, 100, 5, 25, "%"),
        ],
        draw,
        formula=r"\text{毛利}(x) = a (1 - e^{-kx})",
        note="余下的归客户多样化。上限 a、速度 k 和留到下一年的比例都是为演示设定的数，不是统计结果。"
        "收益最大时，每一格的最后一元带来的毛利相同。试一试：预算从 200 降到 20，先放弃哪一格？",
        source="客户增长矩阵（四格名称为推断）；有上限的响应曲线：Blattberg 与 Deighton（1996）；"
        "crmkit.analytics.strategy。",
        size=(8.4, 3.2),
    )


def acquire_or_retain() -> Activity:
    """Spending on winning and on keeping customers, with ceilings, and what a prospect is worth."""
    import numpy as np
    import pandas as pd

    from crmkit.analytics import strategy

    def draw(
        figure: Figure, margin: int, retain: int, acquire: int, ceiling: float, keep: float
    ) -> View:
        given: dict[str, Any] = {
            "margin": margin, "rate": 0.1, "acquisition": (ceiling, 0.02), "retention": (keep, 0.03),
        }  # fmt: skip
        grid = np.arange(0, 201, 4)
        by_keep = [strategy.prospect_value(acquire, float(r), **given) for r in grid]
        best_keep = int(grid[int(np.argmax(by_keep))])
        # With the years to come decided by what is spent on keeping, winning has a closed form.
        stay = strategy.response(best_keep, keep, 0.03)
        customer = margin + (margin * stay - best_keep) / (1.1 - stay)
        best_win = strategy.best_spend(customer, ceiling, 0.02)
        mine = strategy.prospect_value(acquire, retain, **given)
        best = strategy.prospect_value(best_win, best_keep, **given)
        left, right = figure.subplots(1, 2)
        for k, top, x, colour, name in (
            (0.02, ceiling, acquire, theme.SERIES[0], "争取"), (0.03, keep, retain, theme.COURSE, "保持"),
        ):  # fmt: skip
            rates = [strategy.response(float(s), top, k) for s in grid]
            left.plot(grid, rates, color=colour, label=name)
            left.plot([x], [strategy.response(x, top, k)], "o", color=colour, markersize=8)
            left.axhline(top, color=colour, linewidth=0.8, linestyle=":")
        left.set_ylim(0, 1.02)
        left.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        left.set_xlabel("每人花费（元）")
        left.set_title("花费与成功率（点线是上限）")
        left.legend(loc="lower right")
        right.plot(grid, by_keep, color=theme.COURSE)
        right.axvline(best_keep, color=theme.SERIES[1], linestyle="--", linewidth=1.4)
        right.plot([retain], [mine], "o", color=theme.COURSE, markersize=8)
        right.set_xlabel("每年每位保持费（元）")
        right.set_title("一位潜在客户的价值（元）")
        table = pd.DataFrame(
            [("你的选择", acquire, retain, mine), ("价值最大", best_win, float(best_keep), best)],
            columns=["做法", "争取费（元/人）", "保持费（元/人·年）", "一位潜在客户的价值（元）"],
        )
        kept = strategy.response(retain, keep, 0.03)
        return View(
            alt=f"左图两条曲线越来越平，趋近上限；右图的价值在每年保持费 {best_keep} 元处最高。",
            message=f"现在保持率 {kept:.0%}，一位潜在客户值 {mine:,.1f} 元；最好的组合是争取费 {best_win:.0f} 元、"
            f"保持费 {best_keep} 元，值 {best:,.1f} 元。",
            table=table,
            result={
                "value": mine,
                "best": best,
                "best_retain": best_keep,
                "best_acquire": best_win,
            },
        )

    return Activity(
        "拉新和留人，各花多少？",
        [
            Slider("margin", "每年毛利", 20, 600, 20, 200, "元"),
            Slider("acquire", "争取一位潜在客户花", 0, 200, 5, 40, "元"),
            Slider("retain", "每年保持一位客户花", 0, 200, 4, 20, "元"),
            Slider("ceiling", "争取的成功率上限", 0.05, 0.8, 0.05, 0.4, percent=True),
            Slider("keep", "保持率上限", 0.3, 0.95, 0.05, 0.8, percent=True),
        ],
        draw,
        formula=r"\text{价值} = a m - A + a \frac{m p - R}{1 + d - p}，\,\, a = c (1 - e^{-kA})",
        note="m 是每年毛利，A 是争取费，R 是保持费，p 是保持率，折现率 d 取 10%；曲线的速度是设定的数。"
        "客户越多，每人再多花的钱效果越小。试一试：把保持率上限调低，最好的保持费会跟着降还是升？",
        source="Blattberg 与 Deighton（1996）Manage Marketing by the Customer Equity Test；"
        "crmkit.analytics.strategy。",
        size=(8.0, 3.2),
    )  # fmt: skip
