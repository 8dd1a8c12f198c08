"""Judge of chapter 6's exercises: traits of a warehouse, its models, the cube, ODS and mart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.ch06.keys import MODELS, PLACES, SYSTEMS, TRAITS
from autograder.source.ch06.reference import World, slice_and_roll, sorted_into, two_tables
from autograder.spec import LabSpec, Level
from crmkit.lab import checks, forms
from crmkit.lab.inputs import ch06

lab = LabSpec("ch06", "数据仓库与CRM", world=World, notebook="ch06_data_warehouse",
              workbook="out/第6章练习.xlsx")  # fmt: skip


def _keys(letter: str, n: int) -> tuple[str, ...]:
    return tuple(f"{letter}{k:02d}" for k in range(1, n + 1))


def _relabelled(what: str, change: dict[str, str]) -> Callable[[World], dict[str, str]]:
    return lambda w: {k: change.get(v, v) for k, v in sorted_into(w, what).items()}


# ------------------------------------------------------------------ four traits


@lab.item("ch06-01", points=16, core=True, title="四个特征的证据",
          need="判断 10 个现象各是数据仓库哪一个特征的证据：面向主题、集成、非易失、随时间变化",
          public=checks.Mapping(keys=_keys("E", ch06.TRAITS), options=TRAITS),
          compare=compare.labels())  # fmt: skip
def traits(w: World) -> dict[str, str]:
    return sorted_into(w, "traits")


traits.mistake(
    "非易失和随时间变化写反了：前者说装进去的行不再改，后者说每个时点的样子都留着", share=0.5
)(_relabelled("traits", {TRAITS[2]: TRAITS[3], TRAITS[3]: TRAITS[2]}))
traits.mistake(
    "面向主题和集成写反了：前者说按要分析的事来组织，后者说几处的数据统一成一种口径", share=0.5
)(_relabelled("traits", {TRAITS[0]: TRAITS[1], TRAITS[1]: TRAITS[0]}))
traits.mistake("随时间变化的都写成了非易失：看它说的是“不改”，还是“看得到过去每一天”", share=0.6)(
    _relabelled("traits", {TRAITS[3]: TRAITS[2]})
)


# ------------------------------------------------------------------ database or warehouse


@lab.item("ch06-02", points=16, core=True, title="业务数据库还是数据仓库",
          need="判断 12 句话各说的是业务数据库（OLTP）还是数据仓库",
          public=checks.Mapping(keys=_keys("S", ch06.SYSTEMS), options=SYSTEMS),
          compare=compare.labels())  # fmt: skip
def systems(w: World) -> dict[str, str]:
    return sorted_into(w, "systems")


systems.mistake("两种系统正好写反了：逐笔改的是业务数据库，成批装、只查询的是数据仓库", share=0.2)(
    _relabelled("systems", {SYSTEMS[0]: SYSTEMS[1], SYSTEMS[1]: SYSTEMS[0]})
)


@systems.sign("全部写成了同一种：先问“这是在办一笔业务，还是在回答一个分析问题”", share=0.3)
def all_one(w: World, got: Any) -> bool:
    return len({forms.text(v) for v in forms.mapping(got).values()}) == 1


# ------------------------------------------------------------------ three models


@lab.item("ch06-03", points=14, title="说出模型的名字",
          need="看连线，说出 5 张图各是星型、雪花型还是星座型",
          public=checks.Mapping(keys=_keys("G", ch06.DIAGRAMS), options=MODELS),
          compare=compare.labels())  # fmt: skip
def diagrams(w: World) -> dict[str, str]:
    return sorted_into(w, "diagrams")


diagrams.mistake("雪花型写成了星型：只要有维表连着另一张维表，就是雪花型", share=0.6)(
    _relabelled("diagrams", {MODELS[1]: MODELS[0]})
)
diagrams.mistake("星座型写成了雪花型：先数事实表，两张以上共用维表的是星座型", share=0.6)(
    _relabelled("diagrams", {MODELS[2]: MODELS[1]})
)
diagrams.mistake("雪花型和星座型写反了：雪花型是维表再拆，星座型是几张事实表共用维表", share=0.4)(
    _relabelled("diagrams", {MODELS[1]: MODELS[2], MODELS[2]: MODELS[1]})
)


# ------------------------------------------------------------------ the cube


@lab.item("ch06-04", points=26, core=True, title="一次切片，一次上卷",
          need="切片：指定平台、指定年份里各大类的销售额；上卷：指定大类从月聚集到季度的销售额",
          public=checks.Tables(("切片: 大类 销售额", "上卷: 季度 销售额")), compare=two_tables)  # fmt: skip
def cut(w: World) -> dict[str, pd.DataFrame]:
    return slice_and_roll(w)


@cut.mistake("切片没有限定年份：题目要的是数据卡上那一年", share=0.7)
def cut_all_years(w: World) -> dict[str, pd.DataFrame]:
    return slice_and_roll(w, year=False)


@cut.mistake("切片没有限定平台：先只留下数据卡上的平台，再按大类汇总", share=0.7)
def cut_all_platforms(w: World) -> dict[str, pd.DataFrame]:
    return slice_and_roll(w, platform=False)


@cut.mistake("上卷没有限定大类：只要数据卡上的那个大类", share=0.7)
def cut_all_categories(w: World) -> dict[str, pd.DataFrame]:
    return slice_and_roll(w, category=False)


@cut.mistake("还停在月上：上卷是从月聚集到季度，每个季度一行", share=0.6)
def cut_months(w: World) -> dict[str, pd.DataFrame]:
    return slice_and_roll(w, level="月")


@cut.mistake("汇总的是数量：题目要的度量是销售额", share=0.4)
def cut_pieces(w: World) -> dict[str, pd.DataFrame]:
    return slice_and_roll(w, measure="数量")


# ------------------------------------------------------------------ where to ask


@lab.item("ch06-05", points=16, title="这个问题去哪里问",
          need="6 个问题各该去 ODS、数据仓库还是数据集市找答案",
          public=checks.Mapping(keys=_keys("Q", ch06.QUESTIONS), options=PLACES),
          compare=compare.labels())  # fmt: skip
def where(w: World) -> dict[str, str]:
    return sorted_into(w, "questions")


where.mistake("部门自己每天用的专题表，去数据集市要，不必每次翻总库", share=0.6)(
    _relabelled("questions", {PLACES[2]: PLACES[1]})
)
where.mistake("问“此刻”的去 ODS：数据仓库通常隔夜才装载，看不到刚才的事", share=0.6)(
    _relabelled("questions", {PLACES[0]: PLACES[1]})
)
where.mistake("要看多年历史、跨几个主题的，去数据仓库；集市只有一个部门的那一份", share=0.6)(
    _relabelled("questions", {PLACES[1]: PLACES[2]})
)


lab.manual(
    "ch06-06", points=12, title="讨论：数据仓库能给店铺什么 Excel 给不了的",
    need="200–300 字：一家店已经会用 Excel 做透视表，数据仓库还能多给什么；什么样的店暂时不需要",
    rubric=(
        Level(12, "至少两点实质差别（历史、口径统一、可重复、规模、多人共用等），各有店里的具体例子；说清什么情况下不需要"),
        Level(9, "两点差别都有例子，但没有说什么情况下不需要"),
        Level(6, "差别只有一点有例子，其余是概念"),
        Level(3, "只抄了定义或只说“数据更多、更快”"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
