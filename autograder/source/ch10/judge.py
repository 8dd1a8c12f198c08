"""Judge of chapter 10's exercises: growth matrix, levels of relation, alliances, steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.ch10.keys import MODES
from autograder.source.ch10.reference import (
    LEVELS,
    World,
    cases,
    growth,
    modes,
    relation,
    step_order,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.lab import checks, forms
from crmkit.lab.inputs import ch10
from crmkit.lab.snapshot import Raised

lab = LabSpec("ch10", "客户关系管理战略", world=World, notebook="ch10_crm_strategy",
              workbook="out/第10章练习.xlsx")  # fmt: skip

# ------------------------------------------------------------------ growth matrix


@lab.item("ch10-01", points=26, core=True, title="客户增长矩阵：两年的收入从哪里来",
          need="去掉作废的销售，把 2024 年和 2025 年的收入分进客户忠诚、客户扩充、客户获得、客户多样化四格",
          public=checks.Table(("2024", "2025"), "战略", least=4, most=4),
          compare=compare.columns(("2024", "2025"), "战略", 0.005))  # fmt: skip
def matrix(w: World) -> pd.DataFrame:
    return growth(w)


@matrix.mistake("作废的销售也算进了收入：先去掉状态不是“有效”的行", share=0.5)
def matrix_with_void(w: World) -> pd.DataFrame:
    return growth(w, keep_void="all")


@matrix.mistake("作废的销售仍让客户或业务算成了“现有”：判断新旧之前就要把作废的去掉", share=0.8)
def matrix_void_history(w: World) -> pd.DataFrame:
    return growth(w, keep_void="history")


@matrix.mistake("年内第二次购买不算“现有客户”：看这一年开始之前有没有买过", share=0.5)
def matrix_running(w: World) -> pd.DataFrame:
    return growth(w, running=True)


@matrix.mistake("业务的新旧要对企业而言：企业以前卖过就是现有业务，不看这位客户买没买过", share=0.5)
def matrix_by_customer(w: World) -> pd.DataFrame:
    return growth(w, line_new_to="customer")


@matrix.mistake("客户扩充和客户获得写反了：扩充是老客户买新业务，获得是新客户买现有业务", share=0.6)
def matrix_swapped(w: World) -> pd.DataFrame:
    return growth(w, swapped=True)


# ------------------------------------------------------------------ levels of relation

PARAMS = ("客户数", "毛利率")


def _strict(got: Any, expected: Sequence[str]) -> Verdict:
    """As `compare.returns`, but each wrong output costs double: most inputs are easy."""
    verdict = compare.returns()(got, expected)
    return replace(verdict, share=max(0.0, 2 * verdict.share - 1))


@lab.item("ch10-02", points=22, core=True, title="关系层次的判断函数",
          need="写一个函数，按规则卡由一群客户的人数和毛利率判断该建立五个层次中的哪一层关系",
          public=checks.Function(PARAMS, (300, 0.3)), compare=_strict, calls=cases)  # fmt: skip
def level(w: World) -> list[str]:
    return [relation(c, w.rule) for c in cases(w)]


@level.mistake("刚好达到“多”或“高”的界限就算达到：用 >=，不要用 >", share=0.7)
def level_open(w: World) -> list[str]:
    return [relation(c, w.rule, open_limits=True) for c in cases(w)]


@level.mistake("客户数刚好等于“少”的界限也算少：写的是“至多”，用 <=", share=0.7)
def level_few(w: World) -> list[str]:
    return [relation(c, w.rule, closed_few=False) for c in cases(w)]


@level.mistake("毛利率刚好等于“低”的界限还不算低：写的是“低于”，用 <", share=0.7)
def level_low(w: World) -> list[str]:
    return [relation(c, w.rule, low_open=False) for c in cases(w)]


@level.mistake("客户多少弄反了：客户越少、毛利越高，关系才走得越深", share=0.3)
def level_turned(w: World) -> list[str]:
    return [relation(c, w.rule, turned=True) for c in cases(w)]


@level.sign("函数有时返回的不是五个层次的名称：一字不差地写基本型、被动型、负责型、能动型、伙伴型")
def level_names(w: World, got: Any) -> bool:
    named = [x for x in got if not isinstance(x, Raised)] if isinstance(got, list) else []
    return any(forms.text(x) not in LEVELS for x in named)


# ------------------------------------------------------------------ alliances


@lab.item("ch10-03", points=18, title="客户联盟的三种模式",
          need="判断六种情形里供应方与客户的联盟是定制模式、引导模式还是合伙人模式",
          public=checks.Mapping(keys=tuple(f"J{i:02d}" for i in range(1, ch10.SCENES + 1)), options=MODES),
          compare=compare.labels())  # fmt: skip
def alliance(w: World) -> dict[str, str]:
    return modes(w)


def _relabelled(w: World, change: dict[str, str]) -> dict[str, str]:
    return {k: change.get(v, v) for k, v in modes(w).items()}


@alliance.mistake("引导和定制弄反了：客户说得清要什么的是定制，说不清、要人带的是引导", share=0.4)
def guided_and_tailored(w: World) -> dict[str, str]:
    return _relabelled(w, {MODES[0]: MODES[1], MODES[1]: MODES[0]})


@alliance.mistake(
    "共同投入、共担风险的才是合伙人：帮客户学会一件事，供应方并没有分担他的盈亏", share=0.6
)
def guided_as_partners(w: World) -> dict[str, str]:
    return _relabelled(w, {MODES[1]: MODES[2]})


@alliance.mistake("合伙人写成了定制：一起出钱、一起分收益，已经不只是按他的要求做", share=0.6)
def partners_as_tailored(w: World) -> dict[str, str]:
    return _relabelled(w, {MODES[2]: MODES[0]})


# ------------------------------------------------------------------ steps


@lab.item("ch10-04", points=14, title="制定战略的次序",
          need="把八张卡片排成制定并实施客户关系管理战略的次序",
          public=checks.Order(tuple("ABCDEFGH")), compare=compare.order())  # fmt: skip
def in_order(w: World) -> list[str]:
    return step_order(w)


def _moved(w: World, what: int, to: int) -> list[str]:
    found = step_order(w)
    found.insert(to, found.pop(what))
    return found


@in_order.mistake(
    "先有客户战略，才谈得上改组织、流程和技术：买系统、动岗位放在前面，就是“没有战略先上软件”",
    share=0.6,
)
def change_first(w: World) -> list[str]:
    return _moved(w, 6, 2)


@in_order.mistake("先定价值前提，再细分客户：不知道为谁创造什么价值，分群没有标准", share=0.8)
def segments_first(w: World) -> list[str]:
    return _moved(w, 2, 1)


@in_order.mistake(
    "四个要素的次序是理解、竞争、亲和力、管理：先选战场，再定走多近，最后写指标", share=0.8
)
def competition_late(w: World) -> list[str]:
    return _moved(w, 3, 4)


lab.manual(
    "ch10-05", points=20, title="案例：替海浪写价值前提和变革计划",
    need="海浪案例：写一条价值前提，选定增长矩阵的一格和关系层次，写出有指标和起点的变革计划",
    rubric=(
        Level(20, "价值前提写明为谁、解决什么、凭什么；战略与数据相符；变革计划有组织、流程、技术、评估四项，指标有起点、目标和停下的条件"),
        Level(15, "前提、战略、计划齐全且彼此一致，但指标没有起点或没有停下的条件"),
        Level(10, "写了前提和计划，但与案例数据没有关系，或只谈买系统"),
        Level(5, "只有口号（“以客户为中心”“提高满意度”），没有可以执行的内容"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
