"""Judge of chapter 9's exercises: indicators, weights, scores, ranking, correlation and its limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder import compare
from autograder.source.ch09.reference import (
    World,
    correlation,
    holds,
    marks,
    mean_of_branches,
    ranking,
    score,
    sorted_out,
    weights,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.analytics.capability import CAPABILITIES, TREE
from crmkit.lab import checks, forms
from crmkit.lab.inputs import ch09

lab = LabSpec("ch09", "CRM能力", world=World, notebook="ch09_crm_capability",
              workbook="out/第9章练习.xlsx")  # fmt: skip
NAMES = tuple(name for names in TREE.values() for name in names)


# ------------------------------------------------------------------ sorting


@lab.item("ch09-01", points=18, core=True, title="十五个指标归三种能力",
          need="把 15 个指标归到客户洞察、客户价值、客户交往三种能力下面",
          public=checks.Mapping(keys=tuple(f"K{i:02d}" for i in range(1, ch09.INDICATORS + 1)),
                                options=CAPABILITIES),
          compare=compare.labels())  # fmt: skip
def sort(w: World) -> dict[str, str]:
    return sorted_out(w)


def _swapped(a: str, b: str) -> Callable[[World], dict[str, str]]:
    change = {a: b, b: a}
    return lambda w: {k: change.get(v, v) for k, v in sorted_out(w).items()}


sort.mistake(
    "客户洞察和客户价值写反了：洞察是“知不知道他是谁、要什么”，价值是“拿什么给他、从他那里得什么”",
    0.4,
)(_swapped("客户洞察", "客户价值"))
sort.mistake("客户价值和客户交往写反了：价值看产品、风险、终身价值，交往看接触、响应、关怀", 0.4)(
    _swapped("客户价值", "客户交往")
)
sort.mistake("客户洞察和客户交往写反了：知道得多不多是洞察，往来得好不好是交往", 0.4)(
    _swapped("客户洞察", "客户交往")
)


# ------------------------------------------------------------------ weights and score


@lab.item("ch09-02", points=14, core=True, title="十五个指标的总权重",
          need="由一级和二级的重要性打分，算每个指标在总分里的权重，合计等于 1",
          public=checks.Mapping(keys=NAMES, low=0, high=1, total=1.0), compare=compare.mapping(5e-4))  # fmt: skip
def weight(w: World) -> dict[str, float]:
    return weights(w)


@weight.mistake("没有在分支里先归一：二级的打分只和同一分支的比，再乘一级的权重", 0.4)
def weight_across(w: World) -> dict[str, float]:
    return weights(w, within=False)


@weight.mistake("漏了一级权重，只把分支里的份额除以 3：三种能力并不一样重要", 0.5)
def weight_equal_branches(w: World) -> dict[str, float]:
    return {k: v / len(CAPABILITIES) for k, v in weights(w, first=False).items()}


@weight.mistake("每个指标给了一样的权重：专家的打分没有用上", 0.2)
def weight_all_equal(w: World) -> dict[str, float]:
    return weights(w, equal=True)


@lab.item("ch09-03", points=10, title="企业的综合得分",
          need="用上一题的权重，算自己这家企业的 CRM 能力综合得分（0–100）",
          public=checks.Number(low=0, high=100), compare=compare.number(0.051, unit=" 分"))  # fmt: skip
def total(w: World) -> float:
    return score(w, weights(w))


@total.follow_through("ch09-02")
def total_by_own_weights(w: World, earlier: Any) -> float:
    own = {forms.text(k): forms.number(v) for k, v in forms.mapping(earlier).items()}
    return sum(marks(w)[name] * own[name] for name in NAMES)


@total.mistake("十五个得分直接平均了：要按权重加起来", 0.3)
def total_plain(w: World) -> float:
    return score(w, weights(w, equal=True))


@total.mistake("三种能力的得分直接平均了：还要乘一级权重", 0.5)
def total_branches(w: World) -> float:
    return mean_of_branches(w)


# ------------------------------------------------------------------ ranking


@lab.item("ch09-04", points=16, title="十二家企业排名",
          need="用同一套权重给 12 家企业算综合得分，从高到低排出名次",
          public=checks.Ids(column="企业", pattern=r"F\d{2}", least=ch09.FIRMS, most=ch09.FIRMS, ordered=True),
          compare=compare.order("企业"))  # fmt: skip
def rank(w: World) -> list[str]:
    return ranking(w, weights(w))


@rank.follow_through("ch09-02")
def rank_by_own_weights(w: World, earlier: Any) -> list[str]:
    own = {forms.text(k): forms.number(v) for k, v in forms.mapping(earlier).items()}
    return ranking(w, {name: own[name] for name in NAMES})


@rank.mistake("次序反了：得分最高的排第一", 0.5)
def rank_reversed(w: World) -> list[str]:
    return ranking(w, weights(w), worst_first=True)


@rank.mistake("用的是简单平均：名次变了，说明权重起了作用", 0.4)
def rank_plain(w: World) -> list[str]:
    return ranking(w, weights(w, equal=True))


# ------------------------------------------------------------------ capability and performance


@lab.item("ch09-05", points=12, title="能力与绩效的相关系数",
          need="算 60 家企业的能力得分与利润率的皮尔逊相关系数",
          public=checks.Number(low=-1, high=1), compare=compare.number(5e-4))  # fmt: skip
def related(w: World) -> float:
    return correlation(w)


@related.mistake("用的是客户保持率：本题要的绩效是利润率", 0.4)
def related_to_retention(w: World) -> float:
    return correlation(w, y="客户保持率")


@related.mistake("交的是相关系数的平方（解释了多少变异），不是相关系数", 0.5)
def related_square(w: World) -> float:
    return correlation(w, square=True)


@related.mistake("用的是等级相关（斯皮尔曼）：本题要皮尔逊相关系数", 0.6)
def related_ranks(w: World) -> float:
    return correlation(w, ranks=True)


def _choices(got: Any, expected: set[str]) -> Verdict:
    """Each statement is judged for itself; half of them right by chance is worth nothing."""
    found = {forms.text(x).upper() for x in forms.ids(got, "选项")}
    wrong = (set(ch09.LETTERS) & found) ^ expected
    if not wrong:
        return Verdict(1.0, f"{len(expected)} 个说法，全部正确")
    right = len(ch09.LETTERS) - len(wrong)
    return Verdict(max(0.0, 2 * right / len(ch09.LETTERS) - 1), f"{len(ch09.LETTERS)} 个说法里判断对了 {right} 个",
                   "逐句问：它说的是“一起变”，还是“因为所以”？说的是这个样本，还是所有企业？")  # fmt: skip


@lab.item("ch09-06", points=12, title="这个相关能说明什么",
          need="从 8 个说法里选出站得住的（多选）",
          public=checks.Ids(column="选项", pattern="[A-Ha-h]", least=1, most=8), compare=_choices)  # fmt: skip
def caution(w: World) -> set[str]:
    return holds(w)


@caution.mistake("正好选反了：题目要的是站得住的说法", 0.3)
def caution_reversed(w: World) -> set[str]:
    return holds(w, but=False)


@caution.sign("八个全选了：里面有把相关当成因果、当成必然的说法", 0.1)
def caution_all(w: World, got: Any) -> bool:
    return len(set(forms.ids(got, "选项"))) == len(ch09.LETTERS)


lab.manual(
    "ch09-07", points=18, title="讨论：提升最弱的能力",
    need="为自己这家企业最弱的能力提出两条措施，写明对应哪个指标、花什么、怎样知道有没有用",
    rubric=(
        Level(18, "由权重和得分说明为什么先补它（用到至少两个自己算的数）；两条措施各对应具体指标、负责人和花费；写明看哪个数、多久、与谁比，才算有用"),
        Level(13, "有数据支持的选择，两条措施对应指标，但没有写怎样检验"),
        Level(9, "措施对应到能力，没有数据支持，或只有一条"),
        Level(4, "泛泛而谈（“加强培训”“提高意识”）"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
