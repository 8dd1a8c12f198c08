"""Rankings that turn round, and what sixty or two hundred firms can say about performance."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider, Switch

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# Marks of four firms on three capabilities and on a fourth criterion (written for class).
_FIRMS = {
    "甲": (90, 62, 70, 55),
    "乙": (68, 84, 72, 80),
    "丙": (74, 72, 80, 90),
    "丁": (60, 78, 66, 98),
}
_CRITERIA = ("客户洞察", "客户价值", "客户交往", "数字化水平")


def rank_reversal() -> Activity:
    """Add a criterion: the ranking of firms that nobody touched turns round."""
    import pandas as pd

    from crmkit.analytics import capability

    def draw(figure: Figure, insight: int, value: int, contact: int, extra: int) -> View:
        points = (insight, value, contact, extra)
        before = [p / sum(points[:3]) for p in points[:3]]
        after = [p / sum(points) for p in points]
        old = {
            f: sum(m * w for m, w in zip(marks, before, strict=False))
            for f, marks in _FIRMS.items()
        }
        new = {
            f: sum(m * w for m, w in zip(marks, after, strict=True)) for f, marks in _FIRMS.items()
        }
        order = [
            [firm for _, firm in sorted((-round(score, 9), firm) for firm, score in s.items())]
            for s in (old, new)
        ]
        axes = figure.subplots()
        for k, firm in enumerate(_FIRMS):
            ranks = [o.index(firm) + 1 for o in order]
            axes.plot(
                [0, 1], ranks, marker="o", markersize=9, color=[theme.COURSE, *theme.SERIES][k]
            )
            axes.text(-0.06, ranks[0], f"{firm} {old[firm]:.1f}", ha="right", va="center")
            axes.text(1.06, ranks[1], f"{firm} {new[firm]:.1f}", ha="left", va="center")
        axes.invert_yaxis()
        axes.set_xlim(-0.5, 1.5)
        axes.set_xticks([0, 1], ["三个准则", "加上数字化水平"])
        axes.set_yticks([1, 2, 3, 4], ["第 1", "第 2", "第 3", "第 4"])
        axes.grid(False)
        turned = capability.rank_changes(order[0], order[1])
        rows = [(f, *marks, f"{old[f]:.1f}", f"{new[f]:.1f}") for f, marks in _FIRMS.items()]
        pairs = "、".join(f"{a}与{b}" for a, b in turned)
        return View(
            alt=f"左边是三个准则下的名次 {'、'.join(order[0])}，右边加上第四个准则后是 {'、'.join(order[1])}。",
            message=f"名次颠倒的有 {len(turned)} 对（{pairs}）：没有一家的得分变过，变的是准则。"
            if turned
            else "名次没有变。把第四个准则的重要性往上拖。",
            table=pd.DataFrame(rows, columns=["企业", *_CRITERIA, "三个准则", "四个准则"]),
            result={"before": order[0], "after": order[1], "turned": turned},
        )

    return Activity(
        "加一个准则，名次就变",
        [
            *(Slider(k, f"{n}的重要性", 1, 10, 1, v) for k, n, v in zip(
                ("insight", "value", "contact"), _CRITERIA, (5, 3, 3), strict=False)),
            Slider("extra", "数字化水平的重要性", 0, 10, 1, 3),
        ],
        draw,
        note="这里的颠倒来自“加准则”。AHP 还有一种更麻烦的：加一家企业，原来几家的次序也会变（分配模式）。所以准则和对象要在打分"
        "之前定好。试一试：第四个准则的重要性从 0 拖起，第一名在哪里换人？",
        source="加权平均；关于 AHP 的逆序见 Belton 与 Gear（1983）。四家企业为教学编写。",
    )  # fmt: skip


def _normal(k: int, series: int) -> float:
    """The k-th number of a fixed series that looks normal: a Weyl sequence through the quantiles."""
    roots = (0.7548776662466927, 0.5698402909980532, 0.8191725133961645, 0.6180339887498949)
    return NormalDist().inv_cdf((0.5 + (k + 1) * roots[series]) % 1 * 0.998 + 0.001)


@cache
def _panel(through: float, direct: float, size: float) -> pd.DataFrame:
    """Two hundred firms with the stated effects."""
    import pandas as pd

    rows = []
    for k in range(200):
        scale, own, felt, rest = (_normal(k, s) for s in range(4))
        skill = size * scale + (1 - size**2) ** 0.5 * own
        kept = 0.6 * skill + 0.8 * felt
        rows.append(
            (skill, kept, direct * skill + through * kept + size * scale + 0.8 * rest, scale)
        )
    return pd.DataFrame(rows, columns=["能力", "客户保持", "绩效", "规模"])


def capability_performance() -> Activity:
    """Capability and performance of 200 simulated firms: slope, interval, mediation, a confounder."""
    import numpy as np
    import pandas as pd

    from crmkit.analytics import regression

    def draw(
        figure: Figure, direct: float, through: float, size: float, n: int, control: bool
    ) -> View:
        frame = _panel(through, direct, size).head(n)
        x = ["能力", "规模"] if control else ["能力"]
        fit = regression.ols(frame, "绩效", x)
        row = fit.table.set_index("变量").loc["能力"]
        med = regression.mediation(frame, "能力", "客户保持", "绩效", controls=x[1:], draws=120)
        r = regression.correlation(frame["能力"], frame["绩效"])
        axes = figure.subplots()
        axes.scatter(frame["能力"], frame["绩效"], s=16, color=theme.COURSE, alpha=0.6)
        simple = regression.ols(frame, "绩效", ["能力"])
        grid = np.array([-2.6, 2.6])
        axes.plot(
            grid,
            simple.coefficient("常数") + simple.coefficient("能力") * grid,
            color=theme.SERIES[1],
            label="不控制规模",
        )
        if control:
            axes.plot(
                grid,
                fit.coefficient("常数") + row["系数"] * grid,
                color=theme.SERIES[2],
                linestyle="--",
                label="控制规模",
            )
        axes.set_xlabel("CRM 能力（标准化）")
        axes.set_ylabel("绩效")
        axes.set_title(f"{n} 家企业，r = {r.r:.2f}")
        axes.legend(loc="upper left")
        truth = direct + 0.6 * through
        rows = [
            (
                "能力 → 绩效，总效应",
                med.total,
                f"{row['下限']:.2f} – {row['上限']:.2f}",
                f"{truth:.2f}",
            ),
            (
                "经过客户保持（间接）",
                med.indirect,
                f"{med.low:.2f} – {med.high:.2f}",
                f"{0.6 * through:.2f}",
            ),
            ("不经过（直接）", med.direct, "", f"{direct:.2f}"),
        ]
        table = pd.DataFrame(
            [(a, f"{b:.2f}", c, d) for a, b, c, d in rows],
            columns=["效应", "估计", "95% 区间", "真值"],
        )
        off = med.total - truth
        told = f"总效应估计 {med.total:.2f}，真值 {truth:.2f}。"
        if size > 0.05 and not control and off > 0.1:
            told += f"规模同时抬高能力和绩效，估计偏高 {off:.2f}；打开“控制规模”再看。"
        elif row["下限"] <= 0 <= row["上限"]:
            told += "区间含 0：这点样本还看不出有没有影响，不等于没有影响。"
        else:
            told += "区间不含 0。"
        return View(
            alt=f"{n} 个点的散点图，向右上倾斜，相关系数 {r.r:.2f}（区间 {r.low:.2f} 到 {r.high:.2f}）。",
            message=told.replace("-", "−"),
            table=table,
            result={"total": med.total, "indirect": med.indirect, "truth": truth, "r": r.r,
                    "low": float(row["下限"]), "high": float(row["上限"])},
        )  # fmt: skip

    return Activity(
        "能力强，绩效就好吗？",
        [
            Slider("direct", "真值：能力直接影响绩效", 0, 0.8, 0.1, 0.1),
            Slider("through", "真值：客户保持影响绩效", 0, 0.8, 0.1, 0.5),
            Slider("size", "企业规模同时影响两者", 0, 0.8, 0.1, 0.4),
            Slider("n", "企业数", 20, 200, 10, 200, "家"),
            Switch("control", "控制规模"),
        ],
        draw,
        formula=r"\text{总效应} = \text{直接} + a \times b",
        note="模拟的企业，真值写在控件上：能力每高 1，客户保持高 0.6。真实的研究里没有“真值”那一列。间接效应的区间用自助法。"
        "试一试：两个真值都拖到 0、规模拖到 0.6，相关系数是多少？",
        source="中介分析见 Baron 与 Kenny（1986）、Preacher 与 Hayes（2008）；crmkit.analytics.regression。",
    )
