"""Before and after, with and without a control group: what did the system do?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_START = 0.62  # share of customers renewing before (made up)


def before_after() -> Activity:
    """The true effect and the year's drift are set; see what each way of reading them tells."""
    import math

    import pandas as pd

    def draw(
        figure: Figure, effect: float, drift: float, picked: float, n: int, control: bool
    ) -> View:
        pilot = (_START + picked, min(1.0, _START + picked + effect + drift - 0.5 * picked))
        other = (_START, min(1.0, _START + drift))
        naive = pilot[1] - pilot[0]
        cross = pilot[1] - other[1]
        both = naive - (other[1] - other[0])
        axes = figure.subplots()
        axes.plot([0, 1], pilot, color=theme.COURSE, marker="o", label="试点组")
        if control:
            axes.plot([0, 1], other, color=theme.SERIES[1], marker="o", label="对照组")
            axes.plot([0, 1], [pilot[0], pilot[0] + other[1] - other[0]], color=theme.MUTED,
                      linestyle="--", label="试点组没有系统时的样子")  # fmt: skip
        axes.set_xticks([0, 1], ["上线前", "上线后"])
        axes.set_xlim(-0.15, 1.15)
        axes.set_ylim(0.4, 1.0)
        axes.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        axes.set_title("续约率")
        axes.legend(loc="upper left")
        error = 1.96 * math.sqrt(
            sum(p * (1 - p) / n for p in (*pilot, *(other if control else ())))
        )
        told = both if control else naive
        rows = [
            ("只看试点组前后", naive),
            ("只比上线后的两组", cross),
            ("双重差分：前后之差再减对照", both),
        ]
        table = pd.DataFrame(
            [
                (name, f"{x:+.1%}", f"{x - effect:+.1%}")
                for name, x in rows
                if control or name == rows[0][0]
            ],
            columns=["算法", "算出来的效果", "比真实效果多"],
        )
        sure = "误差范围不含 0" if abs(told) > error else "误差范围含 0，还不能下结论"
        return View(
            alt=f"试点组从 {pilot[0]:.0%} 到 {pilot[1]:.0%}"
            + (f"，对照组从 {other[0]:.0%} 到 {other[1]:.0%}。" if control else "，没有对照组。"),
            message=f"算出来的效果 {told:+.1%}，真实的是 {effect:+.1%}；"
            f"每组 {n} 位，误差 ±{error:.1%}，{sure}。".replace("-", "−"),
            table=table,
            result={"naive": naive, "cross": cross, "difference": both, "error": error},
        )

    return Activity(
        "是系统的功劳，还是年景好？",
        [
            Slider("effect", "系统真正的效果", -0.1, 0.2, 0.01, 0.03, percent=True),
            Slider("drift", "年景让大家都变了", -0.1, 0.15, 0.01, 0.06, percent=True),
            Slider("picked", "试点组本来就好多少", 0, 0.2, 0.01, 0.08, percent=True),
            Slider("n", "每组客户", 20, 2000, 20, 200, "位"),
            Switch("control", "有对照组", value=False),
        ],
        draw,
        formula=r"\text{效果} = (\text{试点}_2 - \text{试点}_1) - (\text{对照}_2 - \text{对照}_1)",
        note="续约率是编的。挑出来做试点的往往本来就好，第二年会向平均回落（这里设回落一半），双重差分也改不了这一点；"
        "随机决定谁先用，才改得了。试一试：真实效果调成 0，只看前后会“得出”多少？",
        source="双重差分与对照：任一本计量经济学教材；情境为教学编写。",
        size=(7.0, 3.0),
    )
