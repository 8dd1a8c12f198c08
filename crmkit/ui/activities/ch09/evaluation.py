"""Weights from comparisons, a verdict from votes, and what to improve first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SCALE = {
    "1/9": 1 / 9, "1/7": 1 / 7, "1/5": 1 / 5, "1/3": 1 / 3, "1/2": 1 / 2, "1": 1.0, "2": 2.0, "3": 3.0,
    "5": 5.0, "7": 7.0, "9": 9.0,
}  # fmt: skip
_WORDS = {
    "1/9": "1/9 远不如", "1/7": "1/7", "1/5": "1/5 明显不如", "1/3": "1/3 稍不如", "1/2": "1/2", "1": "1 同样重要",
    "2": "2", "3": "3 稍重要", "5": "5 明显重要", "7": "7", "9": "9 远比它重要",
}  # fmt: skip
_FOUR = ("洞察", "价值", "交往", "全员")
_PAIRS = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))


def ahp_meter() -> Activity:
    """Six comparisons of four criteria: weights, consistency, and which judgement does not fit."""
    import pandas as pd

    from crmkit.analytics import ahp

    def draw(figure: Figure, table: str, **judged: str) -> View:
        values = [_SCALE[judged[f"p{i}{j}"]] for i, j in _PAIRS]
        matrix = ahp.reciprocal([values[:3], values[3:5], values[5:]])
        found = ahp.weights(matrix, table=table)
        left, right = figure.subplots(1, 2, width_ratios=(1.6, 1))
        bars = left.barh(_FOUR[::-1], found.values[::-1], color=theme.COURSE)
        left.bar_label(bars, [f"{w:.1%}" for w in found.values[::-1]], padding=3)
        left.set_xlim(0, max(found.values) * 1.25)
        left.set_xticks([])
        left.set_title("权重")
        right.bar(
            ["CR"],
            [min(found.cr, 0.4)],
            0.5,
            color=theme.COURSE if found.consistent else theme.SERIES[2],
        )
        right.axhline(0.1, color=theme.MUTED, linewidth=1)
        right.set_ylim(0, 0.42)
        right.set_title(f"CR {found.cr:.3f}")
        rows = [
            (
                f"{_FOUR[d.i]} 比 {_FOUR[d.j]}",
                _ratio(d.given),
                _ratio(d.implied),
                f"{d.factor:.1f} 倍",
                f"{d.cr_without:.3f}",
            )
            for d in ahp.disagreements(matrix, table=table)
        ]
        first = rows[0]
        if found.consistent:
            told = f"CR {found.cr:.3f} < 0.1，可以接受。" + (
                "" if found.cr < 0.01 else f"最不合群的是“{first[0]}”。"
            )
        else:
            told = f"CR {found.cr:.3f}，判断互相矛盾。先问“{first[0]}”：填的是 {first[1]}，其余的判断合起来说是 {first[2]}。"
        return View(
            alt="四个准则的权重：" + "，".join(f"{n} {w:.0%}" for n, w in zip(_FOUR, found.values, strict=True)) + f"；CR {found.cr:.3f}。",
            message=told,
            table=pd.DataFrame(rows, columns=["判断", "填的", "其余判断推得", "相差", "改成它后的 CR"]),
            result={"weights": found.values, "cr": found.cr, "consistent": found.consistent,
                    "first": (ahp.disagreements(matrix, table=table)[0].i, ahp.disagreements(matrix, table=table)[0].j)},
        )  # fmt: skip

    start = dict(zip(_PAIRS, ("2", "3", "5", "1/3", "3", "3"), strict=True))
    return Activity(
        "一致性仪表",
        [
            *(
                Select(f"p{i}{j}", f"{_FOUR[i]} 比 {_FOUR[j]}", _WORDS, start[i, j])
                for i, j in _PAIRS
            ),
            Select(
                "table",
                "RI 表",
                {"textbook": "国内教材（四阶 0.90）", "later": "较新的一张（四阶 0.89）"},
            ),
        ],
        draw,
        formula=r"CR = \frac{\lambda_{max} - n}{(n-1)\, RI}".replace(
            r"\lambda_{max}", r"\lambda_{\text{max}}"
        ),
        note="“其余判断推得”用 Harker 的补全法：空出这一格再算权重。不要为了 CR 好看改数，要回去问打分的人。试一试：按提示改"
        "一格，CR 降到多少？再故意填一个循环（甲>乙>丙>甲）。",
        source="Saaty（2008）；Harker（1987）；crmkit.analytics.ahp。",
    )


def _ratio(value: float) -> str:
    return f"{value:.1f}" if value >= 1 else f"1/{1 / value:.1f}"


# Votes of a class of forty on a shop's three capabilities (written for class): 优 良 中 差
_VOTES = {"客户洞察": (4, 10, 16, 10), "客户价值": (14, 16, 8, 2), "客户交往": (10, 8, 8, 14)}
_GRADES, _MARKS = ("优", "良", "中", "差"), (95, 80, 65, 45)


def fuzzy_verdict() -> Activity:
    """Fuzzy comprehensive evaluation of a class survey; four operators compared."""
    import pandas as pd

    from crmkit.analytics import fuzzy

    def draw(figure: Figure, insight: int, value: int, contact: int, operator: str) -> View:
        total = insight + value + contact
        w = [insight / total, value / total, contact / total]
        r = [[v / 40 for v in votes] for votes in _VOTES.values()]
        rows: list[tuple[str, ...]] = []
        mine: tuple[float, ...] = ()
        for name, words in fuzzy.OPERATORS.items():
            b = fuzzy.evaluate(w, r, operator=name)
            mine = b if name == operator else mine
            rows.append((("▸ " if name == operator else "") + words.split("：")[0], *(f"{x:.2f}" for x in b),
                         fuzzy.verdict(b, _GRADES), f"{fuzzy.mean_score(b, _MARKS):.1f}"))  # fmt: skip
        axes = figure.subplots()
        bars = axes.bar(_GRADES, mine, 0.6, color=theme.COURSE)
        axes.bar_label(bars, [f"{x:.2f}" for x in mine], padding=3)
        axes.set_ylim(0, max(mine) * 1.25)
        axes.set_yticks([])
        axes.set_title(f"评为“{fuzzy.verdict(mine, _GRADES)}”")
        verdicts = {row[5] for row in rows}
        told = f"加权平均型给 {fuzzy.mean_score(fuzzy.evaluate(w, r), _MARKS):.1f} 分。"
        told += (
            "四种算子结论一致。"
            if len(verdicts) == 1
            else f"四种算子说法不一：{'、'.join(sorted(verdicts))}，报结论时要写明用哪一种。"
        )
        return View(
            alt="四个等级的隶属度："
            + "，".join(f"{g} {x:.2f}" for g, x in zip(_GRADES, mine, strict=True))
            + "。",
            message=told,
            table=pd.DataFrame(rows, columns=["算子", *_GRADES, "结论", "折成分数"]),
            result={
                "b": mine,
                "verdict": fuzzy.verdict(mine, _GRADES),
                "verdicts": sorted(verdicts),
            },
        )

    return Activity(
        "四十位同学怎么评",
        [
            Slider("insight", "客户洞察的重要性", 0, 10, 1, 3),
            Slider("value", "客户价值的重要性", 1, 10, 1, 4),
            Slider("contact", "客户交往的重要性", 0, 10, 1, 3),
            Select(
                "operator", "合成算子", {n: w.split("：")[0] for n, w in fuzzy.OPERATORS.items()}
            ),
        ],
        draw,
        formula=r"b = w \cdot R",
        note="票数是教学编写的：洞察 4、10、16、10，价值 14、16、8、2，交往 10、8、8、14（优良中差）。优良中差折成 95、80、65、45 分"
        "〔课程约定〕。试一试：“交往”两头大，平均以后看得出来吗？",
        source="Zadeh（1965）模糊集；国内教材的四种合成算子；crmkit.analytics.fuzzy。",
    )


# Marks of one firm (written for class), by the course's tree.
_FIRM = {
    "客户资料完备": 82, "客户识别与细分": 70, "需求与流失预测": 48, "洞察送达一线": 52, "终身价值管理": 55, "客户风险": 74,
    "产品检查": 86, "渠道转变": 66, "共同品牌计划": 60, "客户服务": 88, "多渠道一致": 58, "响应速度": 90,
    "投诉处理与补救": 64, "主动关怀": 72, "全员客户导向": 61,
}  # fmt: skip
_INSIDE = {
    "客户洞察": (2, 3, 3, 4), "客户价值": (4, 2, 2, 2, 1, 4), "客户交往": (3, 3, 4, 2, 2),
}  # fmt: skip


def priority_map() -> Activity:
    """Importance–performance matrix from the tree's weights and a firm's marks."""

    from crmkit.analytics import capability

    def draw(figure: Figure, insight: int, value: int, contact: int, cut: str) -> View:
        total = insight + value + contact
        first = dict(
            zip(
                capability.CAPABILITIES,
                (insight / total, value / total, contact / total),
                strict=True,
            )
        )
        second = {
            b: {n: p / sum(_INSIDE[b]) for n, p in zip(names, _INSIDE[b], strict=True)}
            for b, names in capability.TREE.items()
        }
        weights = capability.global_weights(first, second)
        table = capability.importance_performance(weights, _FIRM, cut=cut)
        axes = figure.subplots()
        branch = {n: b for b, names in capability.TREE.items() for n in names}
        colours = dict(
            zip(
                capability.CAPABILITIES,
                (theme.COURSE, theme.SERIES[0], theme.SERIES[1]),
                strict=True,
            )
        )
        for name, colour in colours.items():
            part = table[table["指标"].map(branch) == name]
            axes.scatter(part["得分"], part["权重"], color=colour, s=40, label=name)
        for row in table.to_dict("records"):
            if row["象限"] == "修补区":
                axes.annotate(
                    row["指标"],
                    (row["得分"], row["权重"]),
                    (5, 4),
                    textcoords="offset points",
                    fontsize=9,
                )
        level = {c: float(table[c].agg(cut)) for c in ("得分", "权重")}
        axes.axvline(level["得分"], color=theme.MUTED, linewidth=0.8)
        axes.axhline(level["权重"], color=theme.MUTED, linewidth=0.8)
        axes.set_xlim(40, 97)
        axes.set_ylim(0, max(table["权重"]) * 1.15)
        axes.set_xlabel("得分")
        axes.set_title("左上角是修补区：重要而做得差")
        axes.legend(loc="upper right")
        score = float((table["权重"] * table["得分"]).sum())
        fix = table.loc[table["象限"] == "修补区", "指标"].tolist()
        best = table.iloc[0]
        return View(
            alt=f"十五个指标的权重和得分。落在修补区的：{'、'.join(fix) or '没有'}。",
            message=f"综合得分 {score:.1f}。先补“{best['指标']}”：它每提高 10 分，总分加 {10 * best['权重']:.2f}，还有 {100 - best['得分']:.0f} 分的余地。",
            table=table.head(6).assign(权重=lambda t: [f"{w:.3f}" for w in t["权重"]]),
            result={"score": score, "fix": fix, "first": best["指标"]},
        )

    return Activity(
        "先补哪一块？",
        [
            Slider("insight", "客户洞察的重要性", 0, 10, 1, 3),
            Slider("value", "客户价值的重要性", 1, 10, 1, 4),
            Slider("contact", "客户交往的重要性", 0, 10, 1, 3),
            Select("cut", "界限", {"mean": "平均数", "median": "中位数"}),
        ],
        draw,
        formula=r"\text{可提升} = \text{权重} \times (100 - \text{得分})",
        note="这家企业的得分是教学编写的。IPA 只看差距，不看补它要花多少钱、多久。试一试：把三种能力的重要性改成 5、3、2，先补的"
        "换了没有？界限换成中位数呢？",
        source="Martilla 与 James（1977）；crmkit.analytics.capability。",
    )
