"""Judge of chapter 1's exercises: views, time-line, types of system, marketing mix, four aims."""

from __future__ import annotations

from typing import Any

from autograder import compare
from autograder.source.ch01.keys import ELEMENTS, TYPES, VIEWS
from autograder.source.ch01.reference import AIMS, World, aims, elements, timeline, types, views
from autograder.spec import LabSpec, Level, Verdict
from crmkit.lab import checks, forms
from crmkit.lab.inputs import ch01

lab = LabSpec("ch01", "CRM概述", world=World, notebook="ch01_crm_overview",
              workbook="out/第1章练习.xlsx")  # fmt: skip


def _numbers(letter: str, n: int) -> tuple[str, ...]:
    return tuple(f"{letter}{i:02d}" for i in range(1, n + 1))


def _swapped(right: dict[str, str], *pairs: tuple[str, str]) -> dict[str, str]:
    change = dict(pairs) | {b: a for a, b in pairs}
    return {k: change.get(v, v) for k, v in right.items()}


# ------------------------------------------------------------------ views


@lab.item("ch01-01", points=12, core=True, title="同一个词，五种看法",
          need="判断六种说法各从战略、策略、过程、软件、管理机制哪一个角度讲 CRM",
          public=checks.Mapping(keys=_numbers("V", ch01.VIEWS), options=VIEWS), compare=compare.labels())  # fmt: skip
def view(w: World) -> dict[str, str]:
    return views(w)


@view.mistake("战略和策略弄反了：战略管全企业要什么，策略是在它之下按细分分配资源的手法", share=0.4)
def strategy_and_tactic(w: World) -> dict[str, str]:
    return _swapped(views(w), (VIEWS[0], VIEWS[1]))


@view.mistake("过程和管理机制弄反了：说一环接一环不断循环的是过程，说权责制度的是机制", share=0.4)
def process_and_mechanism(w: World) -> dict[str, str]:
    return _swapped(views(w), (VIEWS[2], VIEWS[4]))


@view.sign("六种说法几乎都写成了软件：软件只是其中一种看法", share=0.2)
def all_software(w: World, got: Any) -> bool:
    found = [forms.text(x) for x in forms.mapping(got).values()]
    return found.count(VIEWS[3]) >= 5


# ------------------------------------------------------------------ time-line


@lab.item("ch01-02", points=12, title="八件大事的先后",
          need="把八件与客户关系管理有关的大事按发生的先后排好",
          public=checks.Order(tuple("ABCDEFGH")), compare=compare.order())  # fmt: skip
def in_time(w: World) -> list[str]:
    return timeline(w)


@in_time.mistake("次序整个反了：先发生的排在前面", share=0.3)
def in_time_reversed(w: World) -> list[str]:
    return timeline(w)[::-1]


@in_time.mistake(
    "中国的网店和微信排早了：淘宝、双 11、公众平台都在 Gartner 提出 CRM 之后", share=0.5
)
def in_time_shops_first(w: World) -> list[str]:
    return timeline(w, {"taobao": 1970, "eleven": 1971, "wechat": 1972})


@in_time.mistake(
    "软件排到了思想前面：接触管理软件和 Gartner 的概念，都晚于 4P 和关系营销", share=0.6
)
def in_time_software_first(w: World) -> list[str]:
    return timeline(w, {"contact": 1950, "gartner": 1951, "siebel": 1952})


# ------------------------------------------------------------------ types of system


@lab.item("ch01-03", points=20, core=True, title="十二个场景，三类系统",
          need="判断十二个场景靠的是运营型、分析型还是协作型 CRM",
          public=checks.Mapping(keys=_numbers("C", ch01.SCENES), options=TYPES), compare=compare.labels())  # fmt: skip
def kind(w: World) -> dict[str, str]:
    return types(w)


@kind.mistake("运营和分析弄反了：办一件具体的事是运营，从许多事里算出规律是分析", share=0.3)
def kind_operation_and_analysis(w: World) -> dict[str, str]:
    return _swapped(types(w), (TYPES[0], TYPES[1]))


@kind.mistake("协作都写成了运营：几个渠道、几方围着同一位客户的同一件事一起做，才是协作", share=0.6)
def kind_no_collaboration(w: World) -> dict[str, str]:
    return {k: TYPES[0] if v == TYPES[2] else v for k, v in types(w).items()}


@kind.mistake("运营和协作弄反了：看是一个部门按流程办，还是几方共用信息一起办", share=0.3)
def kind_operation_and_collaboration(w: World) -> dict[str, str]:
    return _swapped(types(w), (TYPES[0], TYPES[2]))


# ------------------------------------------------------------------ marketing mix


@lab.item("ch01-04", points=14, title="4P、4C、4R 对号入座",
          need="九种做法各属于营销组合十二个要素中的哪一个",
          public=checks.Mapping(keys=_numbers("M", ch01.MIX), options=ELEMENTS), compare=compare.labels())  # fmt: skip
def element(w: World) -> dict[str, str]:
    return elements(w)


@element.mistake(
    "4P 和 4C 换错了边：从“我有什么、卖多少”说的是 4P，从“他要什么、付出多少”说的是 4C",
    share=0.3,
)
def firm_and_customer(w: World) -> dict[str, str]:
    return _swapped(elements(w), *zip(ELEMENTS[:4], ELEMENTS[4:8], strict=True))


@element.mistake("4R 写成了 4C：说双方怎样往来、怎样互相需要、怎样都有所得，是 4R", share=0.5)
def relation_as_customer(w: World) -> dict[str, str]:
    change = dict(
        zip(ELEMENTS[8:], (ELEMENTS[4], ELEMENTS[7], ELEMENTS[6], ELEMENTS[5]), strict=True)
    )
    return {k: change.get(v, v) for k, v in elements(w).items()}


@element.mistake(
    "关系与关联、反应与回报弄反了：关联是互相需要，关系是长期往来；反应要快，回报要算账",
    share=0.6,
)
def relation_and_relevance(w: World) -> dict[str, str]:
    return _swapped(elements(w), (ELEMENTS[8], ELEMENTS[10]), (ELEMENTS[9], ELEMENTS[11]))


# ------------------------------------------------------------------ four aims


def _aims(got: Any, expected: dict[str, float]) -> Verdict:
    """Yuan to the fen, rates to 0.0001, marks to 0.005; each right one earns a quarter."""
    found, wrong = forms.mapping(got), []
    near = dict(zip(AIMS, (0.011, 0.000101, 0.00501, 0.000101), strict=True))
    for name, right in expected.items():
        if name not in found or forms.missing(found[name]):
            wrong.append(f"缺「{name}」")
        elif not abs(forms.number(found[name]) - right) <= near[name]:
            wrong.append(f"「{name}」交的是 {forms.number(found[name]):.6g}")
    if not wrong:
        return Verdict(1.0, "四个数全部正确")
    return Verdict(1 - len(wrong) / 4, f"四个数里：{'；'.join(wrong)}", "逐个看分子、分母和年份")


@lab.item("ch01-05", points=24, core=True, title="四个目标，四个数",
          need="由你的订单、问卷和活动表算出 2025 年的销售额、毛利率、满意度、营销费用率",
          public=checks.Mapping(keys=AIMS, low=-10, high=100_000_000), compare=_aims)  # fmt: skip
def board(w: World) -> dict[str, float]:
    return aims(w)


@board.mistake("没有付款的订单也算进来了：付款时间是空的，不算", share=0.5)
def board_unpaid(w: World) -> dict[str, float]:
    return aims(w, unpaid=True)


@board.mistake("两年的数据加在一起了：题目只要 2025 年", share=0.4)
def board_two_years(w: World) -> dict[str, float]:
    return aims(w, every_year=True)


@board.mistake("毛利率的分母是销售额；除以成本得到的是加价率", share=0.8)
def board_over_cost(w: World) -> dict[str, float]:
    return aims(w, over_cost=True)


@board.mistake("满意度这里要的是“体验”的平均，不减期望", share=0.8)
def board_gap(w: World) -> dict[str, float]:
    return aims(w, gap=True)


@board.mistake("别的年份的活动也算进了费用：看开始日期，还有一场活动在 2026 年", share=0.8)
def board_campaigns(w: World) -> dict[str, float]:
    return aims(w, all_campaigns=True)


@board.mistake("比率写成了百分数：写成小数，35% 写 0.35", share=0.8)
def board_percent(w: World) -> dict[str, float]:
    return aims(w, percent=True)


lab.manual(
    "ch01-06", points=18, title="讨论：“顾客是上帝”是不是好的指引",
    need="联系开篇的邮局，判断“顾客是上帝”这句话能不能指导员工做事，并改写成一条可以执行的规则",
    rubric=(
        Level(18, "立场清楚，指出这句话在开篇情境里哪里失灵；用“双赢”或“关系”说明理由；改写的规则有对象、动作、限度，并想到不该答应的要求"),
        Level(14, "有立场、有理由，改写的规则可以执行，但没有想到限度或员工一方"),
        Level(9, "有立场和理由，但改写后仍是口号"),
        Level(4, "只复述或只表态，没有理由"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
