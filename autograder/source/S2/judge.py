"""Judge of lab S2, 客户体验与电商CRM: a journey, satisfaction, loyalty, scenes and functions."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.S2 import reference as r
from autograder.source.S2.reference import World
from autograder.spec import LabSpec, Level, Verdict
from crmkit.lab import checks, forms
from crmkit.lab.forms import FormError
from crmkit.lab.inputs import s2

lab = LabSpec("S2", "客户体验与电商CRM", world=World, workbook="out/客户体验.xlsx")


# ------------------------------------------------------------------ the journey

JOURNEY = ("触点", "阶段", "渠道", "情绪")
LEAST = 6


def _journey(got: Any, expected: pd.DataFrame) -> Verdict:
    """Four parts: rows, stages, channels, emotions; what was felt is the student's own."""
    t = forms.table(got, JOURNEY)
    names = [forms.text(x) for x in t["触点"] if not forms.missing(x)]
    stages = [forms.text(x) for x in t["阶段"]]
    channels = {forms.text(x) for x in t["渠道"] if not forms.missing(x)}
    wrong = []
    if len(set(names)) < LEAST:
        wrong.append(f"不同的触点只有 {len(set(names))} 个，至少要 {LEAST} 个")
    odd = [x for x in stages if x not in r.STAGES]
    if odd or len(set(stages)) < 3:
        wrong.append(
            f"阶段「{odd[0]}」不在六个阶段里" if odd else "只写了一两个阶段，一次购买至少经过三个"
        )
    if len(channels) < 2:
        wrong.append("渠道只有一种，至少要两种")
    if not _feelings(t["情绪"]):
        wrong.append("情绪要是 −2 到 2 的整数，而且不能全都一样")
    if not wrong:
        return Verdict(1.0, f"{len(t)} 个触点，{len(set(stages))} 个阶段，{len(channels)} 种渠道")
    return Verdict(
        1 - len(wrong) / 4, "；".join(wrong), "按时间回想一次真实的购买，从听说到用完，一步一行"
    )


def _feelings(column: Any) -> bool:
    try:
        marks = [forms.number(x) for x in column]
    except FormError:
        return False
    return all(m == int(m) and -2 <= m <= 2 for m in marks) and len(set(marks)) > 1


@lab.item("S2-01", points=10, core=True, title="一次购买的旅程",
          need=f"自己的一次购买：不少于 {LEAST} 个不同的触点、三个阶段、两种渠道，情绪从 −2 到 2、有高有低",
          public=checks.Table(columns=JOURNEY, least=LEAST, most=40, integers=("情绪",), low=-2, high=2),
          compare=_journey)  # fmt: skip
def journey(w: World) -> pd.DataFrame:
    """One of the many right answers; every well-formed journey counts."""
    feelings = (1, 0, -1, 2, 1, -2)
    rows = [
        (f"触点{i}", s, "线上" if i % 2 else "线下", e)
        for i, (s, e) in enumerate(zip(r.STAGES, feelings, strict=True))
    ]
    return pd.DataFrame(rows, columns=list(JOURNEY))


@journey.sign("情绪全写成了一样：一次购买总有高有低，想想等待、比价、拆箱各是什么感觉", share=0.75)
def journey_flat(w: World, got: Any) -> bool:
    t = forms.table(got, JOURNEY)
    return len(t) >= LEAST and len({forms.text(x) for x in t["情绪"]}) == 1


@journey.sign("只有一种渠道：同一次购买里，看短视频、进店、找客服、收快递是不同的渠道", share=0.75)
def journey_one_channel(w: World, got: Any) -> bool:
    t = forms.table(got, JOURNEY)
    return len(t) >= LEAST and len({forms.text(x) for x in t["渠道"]}) == 1


# ------------------------------------------------------------------ satisfaction


def _gaps(got: Any, expected: pd.DataFrame) -> Verdict:
    frame = forms.table(got, ["问卷编号", "项目", "满意度"])
    mine = {(forms.text(a), forms.text(b)): c for a, b, c in
            zip(frame["问卷编号"], frame["项目"], frame["满意度"], strict=True)}  # fmt: skip
    right = {(a, b): float(c) for a, b, c in expected.itertuples(index=False)}
    if len(mine) < len(frame) or set(mine) != set(right):
        return Verdict(
            0.0,
            f"交了 {len(frame)} 行，应是每份问卷的每个项目一行，共 {len(right)} 行",
            "不要汇总，也不要漏行",
        )
    wrong = [
        k
        for k, v in right.items()
        if forms.missing(mine[k]) or abs(forms.number(mine[k]) - v) > 1e-6
    ]
    if not wrong:
        return Verdict(1.0, f"{len(right)} 行全部正确")
    return Verdict(0.0, f"{len(wrong)} 行不对，例如 {'、'.join(wrong[0])}", "满意度 = 体验 − 期望")


@lab.item("S2-02", points=12, core=True, title="满意度是一个差",
          need="每份问卷、每个项目的满意度 = 体验 − 期望",
          public=checks.Table(columns=("问卷编号", "项目", "满意度"), least=200, most=3000), compare=_gaps)  # fmt: skip
def gaps(w: World) -> pd.DataFrame:
    return r.gap(w)


@gaps.mistake("减反了：满意度是体验减期望，超出期望才是正的", share=0.4)
def gaps_reversed(w: World) -> pd.DataFrame:
    return r.gap(w, reverse=True)


@gaps.mistake("用了体验 ÷ 期望：本课的满意度是差，不是比", share=0.3)
def gaps_ratio(w: World) -> pd.DataFrame:
    return r.gap(w, ratio=True)


@lab.item("S2-03", points=12, core=True, title="加权的满意度指数",
          need="满意度指数 = Σ 权重 × 该项平均体验 ÷ Σ 权重（1–5 分）",
          public=checks.Number(1, 5), compare=compare.number(1e-3))  # fmt: skip
def csi(w: World) -> float:
    return r.index(w)


@csi.mistake("没有用权重：六项不一样要紧，要按 weights.csv 加权", share=0.4)
def csi_plain(w: World) -> float:
    return r.index(w, weighted=False)


@csi.mistake("除以了 100：权重加起来不是 100，要除以权重之和", share=0.5)
def csi_hundred(w: World) -> float:
    return r.index(w, hundred=True)


@csi.mistake("用了问卷里的重要性作权重：这一题的权重在 weights.csv", share=0.5)
def csi_own(w: World) -> float:
    return r.index(w, own=True)


@lab.item("S2-04", points=10, title="重要性与表现的四格",
          need="六个项目按平均重要性和平均体验（与六项的平均比，达到算高）分到四格",
          public=checks.Mapping(keys=s2.ITEMS, options=r.QUADRANTS), compare=compare.labels())  # fmt: skip
def quadrant(w: World) -> dict[str, str]:
    return r.quadrants(w)


@quadrant.mistake("界线用了 3 分：线画在六个项目的平均数上", share=0.4)
def quadrant_middle(w: World) -> dict[str, str]:
    return r.quadrants(w, middle=True)


@quadrant.mistake("横轴和纵轴弄反了：重要而表现差的才是重点改进", share=0.4)
def quadrant_swapped(w: World) -> dict[str, str]:
    return r.quadrants(w, swapped=True)


def _seven(got: Any, expected: dict[str, float]) -> Verdict:
    found, wrong = forms.mapping(got), []
    for name, right in expected.items():
        if name not in found or forms.missing(found[name]):
            wrong.append(f"缺「{name}」")
        elif abs(forms.number(found[name]) - right) > (0.011 if name == "购买额" else 1e-3):
            wrong.append(f"「{name}」交的是 {forms.number(found[name]):.6g}")
    if not wrong:
        return Verdict(1.0, "七个指标全部正确")
    return Verdict(1 - len(wrong) / 7, "；".join(wrong[:4]), "先看分母是谁，再看空白怎么算")


@lab.item("S2-05", points=14, core=True, title="七个满意度指标",
          need="按定义算出美誉度、指名度、回头率、投诉率、购买额、敏感度、推荐率",
          public=checks.Mapping(keys=r.SEVEN, low=0, high=100_000), compare=_seven)  # fmt: skip
def seven(w: World) -> dict[str, float]:
    return r.seven(w)


@seven.mistake("指名度、回头率、投诉率、购买额的分母是买家：没有买过的人先去掉", share=0.5)
def seven_all(w: World) -> dict[str, float]:
    return r.seven(w, all_people=True)


@seven.mistake("空白不是“否”：没有回答的人，分子和分母都不算", share=0.55)
def seven_blanks(w: World) -> dict[str, float]:
    return r.seven(w, blanks=True)


@lab.item("S2-06", points=6, title="线上与线下差多少",
          need="线上触点的平均分减去线下触点的平均分，没有打分的不算",
          public=checks.Number(-4, 4), compare=compare.number(1e-3))  # fmt: skip
def online(w: World) -> float:
    return r.difference(w)


@online.mistake("减反了：线上减线下", share=0.6)
def online_reversed(w: World) -> float:
    return r.difference(w, reverse=True)


@online.mistake("没有打分的按 0 分算了：空白不是 0", share=0.4)
def online_zeros(w: World) -> float:
    return r.difference(w, zeros=True)


@online.mistake("先求了每个触点的平均再平均：各触点的人数不同，直接对全部评分求平均", share=0.5)
def online_points(w: World) -> float:
    return r.difference(w, points=True)


# ------------------------------------------------------------------ functions, loyalty, the trap


@lab.item("S2-07", points=12, core=True, title="情景与功能",
          need="八个电商情景各用 CRM 的哪个功能",
          public=checks.Mapping(keys=tuple(f"S{k:02d}" for k in range(1, s2.SCENES + 1)),
                                options=(*r.FUNCTIONS, *r.OTHERS)),
          compare=compare.labels())  # fmt: skip
def scenes(w: World) -> dict[str, str]:
    return r.scenes(w)


def _other(w: World, change: dict[str, str]) -> dict[str, str]:
    return {k: change.get(v, v) for k, v in r.scenes(w).items()}


@scenes.mistake("想让人评价，和评价已经来了要人去看，是两回事：差评来了用中差评预警", share=0.8)
def scenes_survey(w: World) -> dict[str, str]:
    return _other(w, {"中差评预警": "短信问卷"})


@scenes.mistake("查一个人是顾客速查，把特点记在人身上是顾客标签：两个写反了", share=0.7)
def scenes_tags(w: World) -> dict[str, str]:
    return _other(w, {"顾客速查": "顾客标签", "顾客标签": "顾客速查"})


@scenes.mistake("一起买什么看商品关联，不是类目销量：销量只说卖了多少，不说和谁一起", share=0.8)
def scenes_sales(w: World) -> dict[str, str]:
    return _other(w, {"商品关联": "类目销量"})


@lab.item("S2-08", points=8, title="二十位顾客的忠诚类型",
          need="按依恋和一年里的订单数分成价格忠诚、激励忠诚、超值忠诚、潜在忠诚",
          public=checks.Mapping(pattern=r"C\d{6}", least=s2.GRID, most=s2.GRID, options=r.TYPES),
          compare=compare.labels())  # fmt: skip
def loyalty(w: World) -> dict[str, str]:
    return r.loyal(w)


@loyalty.mistake("刚好达到界限的算“高”：用 >=，不要用 >", share=0.7)
def loyalty_open(w: World) -> dict[str, str]:
    return r.loyal(w, open_limits=True)


@loyalty.mistake("激励忠诚和潜在忠诚写反了：激励是依恋低、买得多，潜在是依恋高、买得少", share=0.6)
def loyalty_swapped(w: World) -> dict[str, str]:
    swap = {r.TYPES[1]: r.TYPES[3], r.TYPES[3]: r.TYPES[1]}
    return {k: swap.get(v, v) for k, v in r.loyal(w).items()}


@lab.item("S2-09", points=8, title="掉进满意陷阱的顾客",
          need="平均体验达到满意线、却总共只有一张有效订单的顾客",
          public=checks.Ids(least=1, most=200), compare=compare.id_set())  # fmt: skip
def trap(w: World) -> set[str]:
    return r.trapped(w)


@trap.mistake("没有付款的订单也算成了复购：只数有效订单", share=0.5)
def trap_unpaid(w: World) -> set[str]:
    return r.trapped(w, unpaid=True)


@trap.mistake("平均体验刚好等于满意线的也算满意：用 >=", share=0.6)
def trap_above(w: World) -> set[str]:
    return r.trapped(w, above=True)


@trap.mistake("看的是单项最高分：先求每位顾客的平均体验，再和满意线比", share=0.4)
def trap_single(w: World) -> set[str]:
    return r.trapped(w, single=True)


@trap.mistake("交的是全部满意的顾客：还要是没有再来买的", share=0.3)
def trap_all(w: World) -> set[str]:
    return r.trapped(w, all_pleased=True)


lab.manual(
    "S2-10", points=8, title="一次体验，一项活动",
    need="200–300 字：写一次自己的体验，指出它落在哪一个体验因素上，提出一项能改善它的营销活动",
    rubric=(
        Level(8, "体验具体（时间、地点、触点、感受）；点明一个体验因素并说出理由；活动针对它，对象、做法、怎样检验都写了"),
        Level(6, "体验具体，因素明确，活动可行但没有写怎样检验"),
        Level(4, "体验具体，活动与它关系不大，或没有点明因素"),
        Level(2, "只有泛泛的评价（“服务不好”“多搞活动”）"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
