"""Lead scoring by naive Bayes: each known thing adds its weight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_MARKS = {"need": "需求强度", "means": "购买能力", "say": "决策影响", "hurry": "时间紧迫"}
_VALUES = dict.fromkeys(_MARKS.values(), (1, 2, 3, 4, 5))
_SMOOTHING = {
    "0.01": "0.01（几乎没有）", "0.1": "0.1（Odoo 的做法）", "1": "1（拉普拉斯）", "5": "5",
}  # fmt: skip
_FOR, _AGAINST = theme.COURSE, theme.SERIES[2]


def lead_scoring(shop: str = "tea") -> Activity:
    """Four marks of a new lead → its chance, with what each mark added; checked one by one."""
    import numpy as np
    import pandas as pd

    from crmkit.analytics import classification, naive_bayes

    ended, title = _ended(shop)
    won = ended["成交"].to_numpy()
    columns = list(_MARKS.values())
    learnt = {
        s: (
            naive_bayes.learn(ended, "成交", columns, smoothing=float(s), values=_VALUES),
            naive_bayes.left_out(ended, "成交", columns, smoothing=float(s), values=_VALUES),
        )
        for s in _SMOOTHING
    }

    def draw(figure: Figure, smoothing: str, **marks: int) -> View:
        model, checked = learnt[smoothing]
        lead = pd.DataFrame({label: [int(marks[name])] for name, label in _MARKS.items()})
        parts = model.contributions(lead).iloc[0]
        odds = float(model.log_odds(lead)[0])
        p = float(naive_bayes.chance(odds))
        left, right = figure.subplots(1, 2, width_ratios=(1.35, 1))
        names = ["起点（什么也不知道）", *(f"{label} {lead[label].iat[0]}" for label in columns)]
        values = [model.base, *parts.to_list()]
        at = np.arange(len(values))[::-1]
        left.barh(at, values, 0.6, color=[_FOR if v > 0 else _AGAINST for v in values])
        left.axvline(0, color=theme.MUTED, linewidth=0.8)
        left.set_yticks(at, names)
        left.grid(False, axis="y")
        left.set_title(f"每一项加多少（对数优势），合计 {odds:+.2f}".replace("-", "−"))
        groups = np.array_split(np.argsort(checked, kind="stable"), 3)
        said = [float(checked[g].mean()) for g in groups]
        came = [float(won[g].mean()) for g in groups]
        x = np.arange(3)
        right.bar(x - 0.18, said, 0.34, color=theme.SERIES[1], label="模型说")
        right.bar(x + 0.18, came, 0.34, color=theme.TEXT, label="实际成交")
        right.set_xticks(x, ["最低的三分之一", "中间", "最高的"])
        top = max(1.0, *said, *came)
        right.set_ylim(0, top * 1.15)
        right.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
        right.legend(loc="upper left")
        right.set_title(f"一条一条留出来检验（{len(won)} 条）")
        rows = []
        for label in columns:
            row = model.counts[
                (model.counts["特征"] == label) & (model.counts["值"] == lead[label].iat[0])
            ].iloc[0]
            share = [
                (row[k] + float(smoothing)) / (n + 5 * float(smoothing))
                for k, n in (("成", won.sum()), ("败", len(won) - won.sum()))
            ]
            rows.append(
                (f"{label} = {row['值']}", int(row["成"]), int(row["败"]), f"{share[0]:.1%}",
                 f"{share[1]:.1%}", f"{parts[label]:+.2f}".replace("-", "−"))
            )  # fmt: skip
        best = parts.abs().idxmax()
        area = classification.auc(won, checked)
        return View(
            alt=f"左图是起点和四项各加减多少，合计对数优势 {odds:.2f}；右图是留出来检验的三段："
            f"模型说 {said[0]:.0%}、{said[1]:.0%}、{said[2]:.0%}，实际 {came[0]:.0%}、{came[1]:.0%}、{came[2]:.0%}。",
            message=f"成交的可能 {p:.0%}（什么也不知道时 {won.mean():.0%}）；说话最重的一项是{best}，"
            f"{parts[best]:+.2f}。留出来检验，AUC {area:.2f}。".replace("-", "−"),
            table=pd.DataFrame(
                rows, columns=["这一条", "成的里有", "败的里有", "P(值 | 成)", "P(值 | 败)", "加减"]
            ),
            formula=rf"\ln \frac{{p}}{{1-p}} = {odds:.2f}, \,\, p = \frac{{1}}{{1 + e^{{{-odds:.2f}}}}} = {p:.2f}",
            result={
                "p": p, "base": model.base, "parts": parts.to_dict(), "auc": area,
                "said": said, "came": came,
            },
        )  # fmt: skip

    return Activity(
        f"给一条线索打分：{title}的团购商机",
        [
            *(Slider(name, label, 1, 5, 1, 4, "分") for name, label in _MARKS.items()),
            Select("smoothing", "平滑 s", _SMOOTHING, "1"),
        ],
        draw,
        formula=r"\ln \frac{p}{1-p} = \ln \frac{n_1}{n_0} + \sum_{j} \ln \frac{P(x_j \mid 1)}{P(x_j \mid 0)}, \,\, P(v \mid c) = \frac{n_{cv} + s}{n_c + 5 s}",
        note=f"从 {len(won)} 条已经结束的商机里数出来，其中成交 {int(won.sum())} 条。“朴素”是说把四项当作互不相干；它们其实有关联，"
        "所以概率常常过头，名次却多半还对。右图每一条都由其余的商机来打分。试一试：需求强度拉到 5 分，平滑从 0.01 换到 5。",
        source="平滑：Laplace、Lidstone；Domingos、Pazzani（1997）；Odoo 的线索评分用同一想法；crmkit.analytics.naive_bayes。",
        size=(7.8, 3.1),
    )


def _ended(shop: str) -> tuple[pd.DataFrame, str]:
    from crmkit import shops

    data = shops.load(shop)
    ended: Any = data.opportunities[data.opportunities["阶段"].isin(["成功", "失败"])]
    return ended.assign(成交=ended["阶段"].eq("成功")).reset_index(drop=True), data.title
