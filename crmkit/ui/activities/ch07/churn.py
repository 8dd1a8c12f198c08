"""Who will not come back: the first question of a tree, and where to draw the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CUT_DAY = "2025-06-30"
_STAY, _LEAVE = theme.COURSE, theme.SERIES[2]


def first_question(shop: str = "tea") -> Activity:
    """Move the limit of a question and watch the gain: the tree asks what gains most."""
    import pandas as pd

    from crmkit.analytics import decision_tree
    from crmkit.analytics.training_table import FEATURES

    table, title = _table(shop)
    table = table[[*FEATURES, "流失"]]
    gains = {
        (m, f): decision_tree.thresholds(table[f], table["流失"], m)
        for m in decision_tree.MEASURES
        for f in FEATURES
    }

    def draw(figure: Figure, feature: str, place: float, measure: str) -> View:
        curve = gains[measure, feature]
        at = curve.iloc[(curve["左边人数"] / len(table) - place).abs().argmin()]
        cut = float(at["界限"])
        low = table[feature] <= cut
        parts = {"是": table.loc[low, "流失"], "否": table.loc[~low, "流失"]}
        left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
        left.plot(curve["左边人数"] / len(table), curve["增益"], color=theme.TEXT, linewidth=1.6)
        left.plot([at["左边人数"] / len(table)], [at["增益"]], "o", color=_STAY, markersize=10)
        left.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        left.set_xlabel(f"“{feature} ≤ 界限”的人占多少")
        left.set_title("增益")
        for x, part in enumerate(parts.values()):
            gone = float(part.mean())
            right.bar(x, gone, color=_LEAVE, width=0.6)
            right.bar(x, 1 - gone, bottom=gone, color=_STAY, width=0.6)
            right.text(x, gone / 2, f"{gone:.0%}", ha="center", va="center", color="#ffffff")
        right.set_xticks([0, 1], [f"{w}\n{len(p):,} 人" for w, p in parts.items()])
        right.set_yticks([])
        right.grid(False)
        right.set_title(f"{feature} ≤ {cut:g}？红色是流失")
        best = {f: float(gains[measure, f]["增益"].max()) for f in FEATURES}
        told = pd.DataFrame(
            [
                (
                    f,
                    f"≤ {gains[measure, f].loc[gains[measure, f]['增益'].idxmax(), '界限']:g}",
                    f"{g:.4f}",
                )
                for f, g in sorted(best.items(), key=lambda pair: -pair[1])
            ],
            columns=["问什么", "最好的界限", "增益"],
        )
        top = max(best, key=lambda f: best[f])
        return View(
            alt=f"左图是界限移动时的增益，当前 {at['增益']:.4f}；右图是两支各有多少人流失。",
            message=f"问“{feature} ≤ {cut:g}”增益 {at['增益']:.4f}，这一项最好能到 {best[feature]:.4f}；"
            f"六项里最值得先问的是{top}。",
            table=told,
            formula=rf"\text{{增益}} = \text{{问之前的不纯度}} - \sum_{{k}} \frac{{n_k}}{{n}} \times \text{{第}} k \text{{支的不纯度}} = {at['增益']:.4f}",
            result={"gain": float(at["增益"]), "cut": cut, "best": top, "best_gain": best[top]},
        )

    return Activity(
        f"决策树先问什么？{title}的 {len(table):,} 位客户",
        [
            Select("feature", "问哪一项", {f: f for f in FEATURES}),
            Slider("place", "界限放在百分之几的人那里", 0.05, 0.95, 0.01, 0.5, percent=True),
            Select("measure", "不纯度", {"entropy": "信息熵", "gini": "基尼"}, "entropy"),
        ],
        draw,
        note=f"特征截至 {_CUT_DAY}，之后 90 天没有再买的算流失〔课程约定〕。决策树对每一项、每一个界限都算一遍，"
        "取增益最大的那个问题，再对两支各自重复。",
        source="信息增益：Quinlan（1986）；基尼：Breiman 等（1984）；crmkit.analytics.decision_tree。",
        size=(7.8, 3.1),
    )


def churn_cutoff(shop: str = "tea") -> Activity:
    """ROC and profit: the best cut follows from cost and gain, not from 0.5; a leak looks great."""
    import numpy as np
    import pandas as pd

    from crmkit.analytics import classification
    from crmkit.settings import settings

    chosen = settings()["mining"]
    actual, scores, title = _scores(shop)

    def draw(figure: Figure, cut: float, cost: float, gain: float, leak: bool) -> View:
        score = scores["leak" if leak else "clean"]
        found = classification.confusion(actual, score, cut)
        curve = classification.roc(actual, score)
        profit = classification.profit_curve(actual, score, gain=gain, cost=cost)
        area = classification.auc(actual, score)
        n = found.tp + found.fp
        best = profit.loc[profit["利润"].idxmax()]
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.5))
        left.plot(curve["假正率"], curve["真正率"], color=_STAY, linewidth=2.2)
        left.plot([0, 1], [0, 1], color=theme.MUTED, linewidth=0.8, linestyle="--")
        if found.recall.value is not None and found.false_alarms.value is not None:
            left.plot(
                [found.false_alarms.value], [found.recall.value], "o", color=_LEAVE, markersize=9
            )
        left.set_xlabel("假正率")
        left.set_title(f"真正率（AUC {area:.2f}）")
        right.plot(profit["联系人数"], profit["利润"], color=_STAY, linewidth=2.2)
        right.axhline(0, color=theme.MUTED, linewidth=0.8)
        here = float(profit["利润"].iloc[n])
        right.plot([n], [here], "o", color=_LEAVE, markersize=9)
        right.plot([best["联系人数"]], [best["利润"]], "*", color=theme.SERIES[1], markersize=14)
        right.set_xlabel("联系多少人（从最可能流失的起）")
        right.set_title("利润（元）")
        share = {
            "精确率": found.precision.value, "召回率": found.recall.value, "F1": found.f1.value,
            "准确率": found.accuracy.value,
        }  # fmt: skip
        table = pd.DataFrame(
            [(
                f"≥ {cut:.0%}", n, found.tp, found.fp, found.fn, found.tn,
                *("—" if v is None else f"{v:.0%}" for v in share.values()),
            )],
            columns=["界限", "联系", "真流失", "白联系", "漏掉", "没打扰", *share],
        )  # fmt: skip
        told = (
            f"界限 {cut:.0%}：联系 {n} 人，利润 {here:,.0f} 元；最好是联系 {int(best['联系人数'])} 人，"
            f"{best['利润']:,.0f} 元。"
        )
        if leak:
            told += "用了“至今累计次数”，AUC 高得不真实：这一列里已经有了答案，到真要用的那天它还不存在。"
        return View(
            alt=f"左图是 ROC 曲线，AUC {area:.2f}；右图是利润随联系人数先升后降，星号是最高点，圆点是现在。",
            message=told.replace("-", "−"),
            table=table,
            formula=rf"p^{{*}} = \frac{{\text{{每次联系的成本}}}}{{\text{{联系到一位流失者的期望收益}}}} = \frac{{{cost:g}}}{{{gain:g}}} = {cost / gain:.2f}",
            result={
                "auc": area, "contacts": n, "profit": here, "best": int(best["联系人数"]),
                "best_profit": float(best["利润"]), "confusion": found,
            },
        )  # fmt: skip

    start = float(np.round(np.median(scores["clean"]), 2))
    return Activity(
        f"界限画在哪里？{title}的挽留活动",
        [
            Slider("cut", "流失概率达到多少就联系", 0, 1, 0.01, start, percent=True),
            Slider("cost", "联系一位的成本", 0.5, 10, 0.5, chosen["contact_cost"], "元"),
            Slider("gain", "联系到一位流失者的期望收益", 1, 30, 0.5, chosen["kept_value"], "元"),
            Switch("leak", "偷看未来：加上“至今累计次数”", False),
        ],
        draw,
        note=f"逻辑回归，特征截至 {_CUT_DAY}，之后 90 天没有再买算流失〔课程约定〕；七成客户用来学，图上是另外"
        "三成。期望收益 = 挽回的可能 × 挽回一位值多少，两个数都是设定的，请换成自己店的数。",
        source="ROC：Fawcett（2006）；crmkit.analytics.classification；课程店铺数据。",
        size=(7.8, 3.1),
    )


def _table(shop: str, *, leak: bool = False) -> tuple[Any, str]:
    from crmkit import shops
    from crmkit.analytics.training_table import training_table

    data = shops.load(shop)
    return training_table(data.orders, _CUT_DAY, leak=leak), data.title


def _scores(shop: str) -> tuple[Any, dict[str, Any], str]:
    """Churn in the test part, and the chance of it by a model without and with a leak."""
    import numpy as np

    from crmkit import shops
    from crmkit.analytics.training_table import FEATURES

    table, title = _table(shop, leak=True)
    ids = table["客户编号"]
    test = ids.isin(shops.draw(ids, round(0.3 * len(ids)), "课堂", "ch07", "test")).to_numpy()
    y = table["流失"].to_numpy()
    scores = {}
    for name, columns in (("clean", [*FEATURES]), ("leak", [*FEATURES, "至今累计次数"])):
        x = np.log1p(table[columns].to_numpy(dtype="float64"))
        x = (x - x[~test].mean(axis=0)) / x[~test].std(axis=0)
        scores[name] = _logistic(x[~test], y[~test], x[test])
    return y[test], scores, title


def _logistic(x: Any, y: Any, new: Any) -> Any:
    """Chances by logistic regression (Newton's method with a little shrinkage)."""
    import numpy as np

    def wide(a: Any) -> Any:
        return np.column_stack([np.ones(len(a)), a])

    a, w, shrink = wide(x), np.zeros(x.shape[1] + 1), 1.0
    for _ in range(12):
        p = 1 / (1 + np.exp(-np.clip(a @ w, -30, 30)))
        slope = a.T @ (y - p) - shrink * w
        curve = (a * (p * (1 - p))[:, None]).T @ a + shrink * np.eye(len(w))
        w = w + np.linalg.solve(curve, slope)
    return 1 / (1 + np.exp(-np.clip(wide(new) @ w, -30, 30)))
