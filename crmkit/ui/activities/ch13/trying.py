"""What a product costs over the years; how many trials say something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def cost_of_years() -> Activity:
    """Renting by the month against buying once and keeping it up."""
    import pandas as pd

    def draw(figure: Figure, users: int, fee: int, once: float, upkeep: float) -> View:
        years = list(range(0, 7))
        rent = [users * fee * 12 * y / 10_000 for y in years]
        own = [once + once * upkeep * y for y in years]
        axes = figure.subplots()
        axes.plot(years, rent, "o-", color=theme.COURSE, label="租用")
        axes.plot(years, own, "o-", color=theme.SERIES[1], label="买断")
        axes.set_xlabel("年")
        axes.set_title("累计花费（万元）")
        axes.legend()
        saved = users * fee * 12 / 10_000 - once * upkeep
        even = once / saved if saved > 0 else None
        told = f"买断要 {even:.1f} 年才追上。" if even else "买断永远追不上：维护费比租金还贵。"
        return View(
            alt=f"两条直线，三年时租用 {rent[3]:.1f} 万元，买断 {own[3]:.1f} 万元。",
            message=f"三年：租用 {rent[3]:.1f} 万元，买断 {own[3]:.1f} 万元；{told}",
            table=pd.DataFrame({"年": years, "租用（万元）": rent, "买断（万元）": own}),
            result={"rent": rent[3], "own": own[3], "even": even},
        )

    return Activity(
        "三年付得起吗？",
        [
            Slider("users", "使用人数", 2, 100, 2, 8, "人"),
            Slider("fee", "每人每月", 20, 600, 10, 150, "元"),
            Slider("once", "买断一次付", 1, 60, 1, 6, "万元"),
            Slider("upkeep", "每年维护占买价", 0, 0.4, 0.02, 0.16, percent=True),
        ],
        draw,
        formula=r"\text{追平年数} = \frac{P}{12 n f - u P}",
        note="P 买价，n 人数，f 每人每月租金，u 维护比例；没有折现，也没有算迁移数据的工夫。数字是教学编写。"
        "试一试：人数加倍，追平的年数减半还不止，为什么？",
        source="总拥有成本的简化算法（第 12 章）。",
        size=(7.0, 2.7),
    )


def trial_size() -> Activity:
    """Wilson's interval of a share seen in a trial."""
    import numpy as np
    import pandas as pd

    from crmkit.analytics.intervals import wilson

    def draw(figure: Figure, times: int, share: float, wanted: float) -> View:
        low, high = wilson(share, times)
        axes, sizes = figure.subplots(), np.arange(10, 501, 5)
        bounds = [wilson(share, int(n)) for n in sizes]
        below, above = np.array(bounds).T
        axes.fill_between(sizes, below, above, color=theme.COURSE, alpha=0.2)
        axes.axhline(share, color=theme.COURSE)
        axes.axhline(wanted, color=theme.SERIES[1], linestyle="--")
        axes.plot([times, times], [low, high], color=theme.TEXT, linewidth=2)
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        axes.set_xlabel("试用中记了多少次")
        axes.set_title("真正的比例在哪里（虚线是要求）")
        told = (
            "可以说达到了要求"
            if low >= wanted
            else "可以说没有达到"
            if high < wanted
            else "还不能下结论"
        )
        rows = [(n, *(f"{x:.0%}" for x in wilson(share, n))) for n in (20, 40, 100, 400)]
        return View(
            alt=f"带子随次数变窄，{times} 次时从 {low:.0%} 到 {high:.0%}。",
            message=f"{times} 次里 {share:.0%}：95% 区间 {low:.0%} 到 {high:.0%}，{told}。",
            table=pd.DataFrame(rows, columns=["次数", "区间下端", "区间上端"]),
            result={"low": low, "high": high},
        )

    return Activity(
        "试用要记多少次？",
        [
            Slider("times", "记了多少次", 10, 500, 10, 40, "次"),
            Slider("share", "成功的比例", 0.1, 1, 0.05, 0.8, percent=True),
            Slider("wanted", "要求至少", 0.5, 0.95, 0.05, 0.8, percent=True),
        ],
        draw,
        formula=r"\frac{p + \frac{z^2}{2 n}}{1 + \frac{z^2}{n}} \pm \frac{z}{1 + \frac{z^2}{n}} \sqrt{\frac{p (1 - p)}{n} + \frac{z^2}{4 n^2}}",
        note="p 是看到的比例，n 是次数，z 取 1.96。试一试：次数变为四倍，带子窄了多少？",
        source="Wilson（1927）的比例区间。",
        size=(7.0, 2.8),
    )
