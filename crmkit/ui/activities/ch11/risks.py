"""A pre-mortem: seven ways to fail, a budget to prevent them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The seven problems of CRM practice (course documents); chance, loss (万元) and what prevention
# does to the chance for each 万元 are made up.
_RISKS = {
    "soft": ("当成软件，装完就完", 0.40, 20.0, 0.30),
    "plan": ("没有先定客户战略", 0.50, 30.0, 0.35),
    "flow": ("与流程再造脱节", 0.45, 18.0, 0.20),
    "trade": ("缺乏商业思维", 0.30, 16.0, 0.25),
    "marks": ("没有评估指标", 0.55, 10.0, 0.60),
    "know": ("忽视客户知识", 0.35, 12.0, 0.25),
    "care": ("忽视客户经理", 0.30, 14.0, 0.30),
}


def premortem() -> Activity:
    """Spend a budget on preventing the seven problems; see the expected loss that is left."""
    import math

    import pandas as pd

    keys = list(_RISKS)

    def left_over(spends: dict[str, float]) -> dict[str, float]:
        return {
            k: _RISKS[k][1] * math.exp(-_RISKS[k][3] * s) * _RISKS[k][2] for k, s in spends.items()
        }

    def draw(figure: Figure, **spends: float) -> View:
        left, before = left_over(spends), left_over(dict.fromkeys(keys, 0.0))
        order = sorted(keys, key=lambda k: -left[k])
        axes = figure.subplots()
        for y, k in enumerate(order):
            axes.barh(y, before[k], 0.62, color=theme.LINE)
            axes.barh(y, left[k], 0.62, color=theme.SERIES[2])
            axes.annotate(
                f"{left[k]:.1f}", (before[k], y), (5, 0), textcoords="offset points", va="center"
            )
        axes.set_yticks(range(len(order)), [_RISKS[k][0] for k in order])
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.margins(x=0.08)
        axes.set_title("还剩的预期损失（万元），浅灰是不预防时的")
        spent, saved = sum(spends.values()), sum(before.values()) - sum(left.values())
        # The next yuan: chance × loss × speed.
        next_yuan = {k: left[k] * _RISKS[k][3] for k in keys}
        best = max(keys, key=lambda k: next_yuan[k])
        table = pd.DataFrame(
            [(_RISKS[k][0], f"{_RISKS[k][1]:.0%}", _RISKS[k][2], spends[k], left[k], next_yuan[k]) for k in order],
            columns=["问题", "不预防时的可能", "出了事损失（万元）", "预防花（万元）", "剩下的预期损失", "再花 1 万元约能少损失"],
        )  # fmt: skip
        return View(
            alt=f"七根横条按剩下的预期损失排列，最大的是{_RISKS[order[0]][0]}。",
            message=f"花了 {spent:g} 万元，预期损失少了 {saved:.1f} 万元，净得 {saved - spent:.1f} 万元。"
            + (
                f"下一万元最该花在“{_RISKS[best][0]}”。"
                if next_yuan[best] > 1
                else "再花下去，花的比省的多。"
            ),
            table=table,
            result={
                "spent": spent,
                "saved": saved,
                "net": saved - spent,
                "next": best,
                "left": left,
            },
        )

    return Activity(
        "事前验尸：假设一年后项目失败了",
        [Slider(k, f"预防“{name}”", 0, 8, 0.5, 0, "万元") for k, (name, *_) in _RISKS.items()],
        draw,
        formula=r"\text{预期损失} = p e^{-kx} \times L",
        note="七个问题出自课程资料，可能性、损失和预防的效果是为演示设定的数，请换成你们小组的估计。"
        "试一试：只有 8 万元，怎样花净得最多？平均分行不行？",
        source="七个问题：课程资料；事前验尸：Klein（2007）Performing a Project Premortem。",
        size=(7.2, 3.0),
    )
