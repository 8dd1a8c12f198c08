"""One survey, three indices; and a questionnaire after Kano."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GOOD, _SO_SO, _POOR = theme.COURSE, "#cfd8e0", theme.SERIES[2]
# Answer pairs (there / not there) of 100 people to each feature of a tea shop, made up.
_FEATURES: dict[str, tuple[tuple[str, str, int], ...]] = {
    "包装不破损": (("理应如此", "不喜欢", 72), ("喜欢", "不喜欢", 14), ("理应如此", "能忍受", 14)),
    "当天发货": (("喜欢", "不喜欢", 55), ("理应如此", "不喜欢", 15), ("喜欢", "无所谓", 30)),
    "手写贺卡": (("喜欢", "无所谓", 63), ("无所谓", "无所谓", 29), ("喜欢", "不喜欢", 8)),
    "随单送茶样": (("喜欢", "无所谓", 54), ("喜欢", "不喜欢", 20), ("无所谓", "能忍受", 26)),
    "会员等级图标": (("无所谓", "无所谓", 81), ("喜欢", "无所谓", 13), ("理应如此", "不喜欢", 6)),
    "每天发促销短信": (("不喜欢", "喜欢", 58), ("无所谓", "无所谓", 30), ("理应如此", "喜欢", 12)),
}


def survey_calculators() -> Activity:
    """CSAT, NPS and ACSI from the same people, each with its interval."""
    import numpy as np
    import pandas as pd

    from crmkit.analytics.intervals import Z95, wilson
    from crmkit.analytics.satisfaction import acsi, csat, nps

    def answers(n: int, level: float, spread: float, shift: float) -> Any:
        """Where the people stand on a scale from 0 to 1, at equal steps of probability."""
        z = [NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)]
        return np.clip(level - shift + spread * np.array(z), 0, 1)

    def draw(
        figure: Figure, n: int, level: float, spread: float, advice: float, ideal: float
    ) -> View:
        felt = answers(n, level, spread, 0)
        ratings = 1 + np.rint(4 * felt)
        advices = np.rint(10 * answers(n, level, spread, advice))
        three = [1 + np.rint(9 * answers(n, level, spread, s)) for s in (0, ideal / 2, ideal)]
        share = csat(ratings)
        promoters = nps(advices)
        satisfied, expected, near_ideal = (float(np.mean(q)) for q in three)
        index = acsi(satisfied, expected, near_ideal)
        each = (np.sum(three, axis=0) - 3) / 27 * 100
        low, high = wilson(share.numerator / n, n)
        assert share.value is not None and promoters.value is not None and promoters.se is not None
        half_nps = Z95 * promoters.se
        half_acsi = Z95 * float(np.std(each, ddof=1)) / math.sqrt(n)
        axes = figure.subplots(1, 3)
        _histogram(axes[0], ratings, range(1, 6), lambda x: _GOOD if x >= 4 else _SO_SO)
        axes[0].set_title(f"CSAT {share.value:.0%}")
        _histogram(
            axes[1], advices, range(11), lambda x: _GOOD if x >= 9 else _SO_SO if x >= 7 else _POOR
        )
        axes[1].set_title(minus(f"NPS {promoters.value:+.0f}"))
        _histogram(axes[2], np.mean(three, axis=0).round(), range(1, 11), lambda _: theme.SERIES[0])
        axes[2].set_title(f"ACSI {index:.0f}")
        for ax, text in zip(
            axes, ("满意度 1–5 分", "推荐意愿 0–10 分", "三问平均 1–10 分"), strict=True
        ):
            ax.set_xlabel(text)
        table = pd.DataFrame(
            [
                ("CSAT", f"{share.value:.1%}", f"{low:.1%} – {high:.1%}", "4、5 分的人 ÷ 全部"),
                (
                    "NPS", minus(f"{promoters.value:+.1f}"),
                    minus(f"{promoters.value - half_nps:+.1f} – {promoters.value + half_nps:+.1f}"),
                    "9–10 分的 % − 0–6 分的 %",
                ),
                (
                    "ACSI", f"{index:.1f}", f"{index - half_acsi:.1f} – {index + half_acsi:.1f}",
                    "三问平均，换成 0–100",
                ),
            ],
            columns=["指数", "数值", "95% 区间", "怎么算"],
        )  # fmt: skip
        return View(
            alt=f"同一批 {n} 人在三种量表上的分布。满意度 4、5 分的占 {share.value:.0%}；推荐者 "
            f"{promoters.promoters} 人、贬损者 {promoters.detractors} 人；三问平均折合 {index:.0f} 分。",
            message=_disagreement(share.value, promoters.value, index),
            table=table,
            result={
                "csat": share.value, "csat_interval": (low, high), "nps": promoters.value,
                "nps_se": promoters.se, "acsi": index,
            },
        )  # fmt: skip

    return Activity(
        "同一批客户，三个指数",
        [
            Slider("n", "回收问卷", 20, 1000, 20, 200, "份"),
            Slider("level", "平均满意水平", 0.3, 1, 0.01, 0.72, percent=True),
            Slider("spread", "客户之间的差异", 0.02, 0.4, 0.01, 0.15, percent=True),
            Slider("advice", "肯推荐比满意难多少", 0, 0.2, 0.01, 0.05, percent=True),
            Slider("ideal", "离“理想”还差多少", 0, 0.4, 0.02, 0.2, percent=True),
        ],
        draw,
        formula=r"\text{NPS} = (p - d) \times 100，\quad \text{SE} = \sqrt{\frac{p + d - (p-d)^2}{n}}".replace(
            r"\quad", r"\,\,"
        ),
        note="模拟问卷：每个人心里只有一个满意水平，按三种量表各答一遍。ACSI 的真实权重不公开，这里用等权。"
        "试一试：只改“差异”，CSAT 几乎不动，NPS 动多少？份数从 200 减到 40，区间宽多少？",
        source="NPS 的标准误、CSAT、ACSI 的算法见 crmkit.analytics.satisfaction；比例的区间用 Wilson 法。",
    )


def minus(text: str) -> str:
    """The text with a true minus sign."""
    return text.replace("-", "−")


def _disagreement(share: float, score: float, index: float) -> str:
    told = (
        f"CSAT {share:.0%}、NPS {minus(format(score, '+.0f'))}、ACSI {index:.0f}，说的是同一批人。"
    )
    if share >= 0.7 and score < 20:
        return told + "CSAT 看着不错，NPS 却不高：多数人打 4 分和 7–8 分，满意而不肯推荐。"
    if share < 0.5:
        return told + "三个指数都低，先找原因，不必争用哪个。"
    return told


def _histogram(axes: Axes, values: Any, scale: range, colour: Any) -> None:
    counts = [int((values == x).sum()) for x in scale]
    axes.bar(list(scale), counts, 0.82, color=[colour(x) for x in scale])
    axes.set_xticks(list(scale))
    axes.set_yticks([])
    axes.grid(False)
    axes.spines["left"].set_visible(False)
    for x, count in zip(scale, counts, strict=True):
        if count:
            axes.annotate(
                str(count), (x, count), (0, 2), textcoords="offset points", ha="center", fontsize=9
            )
    axes.margins(y=0.14)


def kano_plane() -> Activity:
    """Where does a feature stand on the Better–Worse plane? Move one of your own."""
    import pandas as pd

    from crmkit.analytics.satisfaction import KANO_CLASSES, kano

    def own(like: float, dislike: float) -> list[tuple[str, str]]:
        """100 people, the two opinions independent of each other, rounded to whole people."""
        pairs: list[tuple[str, str]] = []
        liking = round(100 * like)
        for with_it, people in (("喜欢", liking), ("理应如此", 100 - liking)):
            missing = round(people * dislike)
            pairs += [(with_it, "不喜欢")] * missing + [(with_it, "无所谓")] * (people - missing)
        return pairs

    def draw(figure: Figure, like: float, dislike: float) -> View:
        rows = [
            (name, f, d) for name, given in _FEATURES.items() for f, d, k in given for _ in range(k)
        ]
        rows += [("你的功能", f, d) for f, d in own(like, dislike)]
        table = kano(pd.DataFrame(rows, columns=["功能", "具备时", "不具备时"]))
        table = table.set_index("功能").loc[[*_FEATURES, "你的功能"]].reset_index()
        axes = figure.subplots()
        axes.axhline(0.5, color=theme.MUTED, linewidth=0.8)
        axes.axvline(0.5, color=theme.MUTED, linewidth=0.8)
        for x, y, name in (
            (0.02, 1.03, "魅力"),
            (0.98, 1.03, "期望"),
            (0.48, 0.4, "无差异"),
            (0.98, 0.4, "必备"),
        ):
            axes.text(
                x, y, name, color=theme.MUTED, fontweight="bold", fontsize=13,
                ha="left" if x < 0.1 else "right", va="bottom",
            )  # fmt: skip
        for row in table.to_dict("records"):
            mine = row["功能"] == "你的功能"
            if row["Better"] != row["Better"]:
                continue
            x, y = -row["Worse"], row["Better"]
            reverse = row["类别"] == KANO_CLASSES["R"]
            axes.plot(
                [x], [y], "o", color=_GOOD if mine else theme.SERIES[0],
                markersize=12 if mine else 7, fillstyle="none" if reverse else "full",
                clip_on=False,
            )  # fmt: skip
            left = x > 0.7
            axes.annotate(
                row["功能"] + ("（反向）" if reverse else ""), (x, y), (-9 if left else 9, 0), textcoords="offset points", va="center",
                ha="right" if left else "left", fontweight="bold" if mine else "normal",
            )  # fmt: skip
        axes.set_xlim(-0.03, 1.03)
        axes.set_ylim(-0.05, 1.17)
        axes.set_xlabel("没有它时不满意的系数 |Worse|")
        axes.set_title("有它时满意的系数 Better")
        mine = table.iloc[-1]
        shown = table.assign(
            Better=[f"{v:.2f}" for v in table["Better"]],
            Worse=[minus(f"{v:.2f}") for v in table["Worse"]],
        )
        return View(
            alt=f"七个功能在平面上的位置。“你的功能”在 |Worse| = {-mine['Worse']:.2f}、Better = "
            f"{mine['Better']:.2f} 处，人数最多的一类是{mine['类别']}。",
            message=f"你的功能：Better {mine['Better']:.2f}，Worse {minus(format(mine['Worse'], '.2f'))}，判为{mine['类别']}。",
            table=shown[["功能", "M", "O", "A", "I", "R", "Q", "类别", "Better", "Worse"]],
            result={
                "class": mine["类别"], "better": float(mine["Better"]), "worse": float(mine["Worse"]),
                "table": table,
            },
        )  # fmt: skip

    return Activity(
        "Kano：哪些功能值得做？",
        [
            Slider("like", "有它时回答“喜欢”的人", 0, 1, 0.05, 0.6, percent=True),
            Slider("dislike", "没有它时回答“不喜欢”的人", 0, 1, 0.05, 0.3, percent=True),
        ],
        draw,
        formula=r"\text{Better} = \frac{A + O}{A + O + M + I}，\,\, \text{Worse} = -\frac{O + M}{A + O + M + I}",
        note="六个功能的问卷是编的，每个 100 人。“每天发促销短信”多数人反感（R 类），不在四个象限里，"
        "它的系数只由少数人决定，读图时要先看人数。M 必备、O 期望、A 魅力、I 无差异、R 反向、Q 可疑。",
        source="Kano 问卷的标准评定表；crmkit.analytics.satisfaction。",
    )
