"""Judge of chapter 3's exercises: the model's boxes, modules, four acceptance tests, the menu."""

from __future__ import annotations

from typing import Any

from autograder import compare
from autograder.source.ch03.keys import BASE, BI, BLOCKS, FIGURES, MA, MODULES, SFA, TECHNICAL
from autograder.source.ch03.reference import World, blocks, menu, modules, verdicts
from autograder.spec import LabSpec, Level, Verdict
from crmkit.crm.catalogue import MODULES as MENU
from crmkit.lab import checks, forms
from crmkit.lab.forms import FormError
from crmkit.lab.inputs import ch03
from crmkit.lab.inputs.by_hash import LETTERS
from crmkit.lab.snapshot import Raised

lab = LabSpec("ch03", "CRM软件系统", world=World, notebook="ch03_crm_software",
              workbook="out/第3章练习.xlsx")  # fmt: skip

# ------------------------------------------------------------------ the general model


@lab.item("ch03-01", points=24, core=True, title="一般模型：十二个方框各在哪一块",
          need="十二件事各属于一般模型的哪一块：营销、销售、服务还是共同的数据库",
          public=checks.Mapping(keys=tuple(LETTERS[: len(ch03.BOX_POOL)]), options=BLOCKS),
          compare=compare.labels())  # fmt: skip
def boxes(w: World) -> dict[str, str]:
    return blocks(w)


def _boxes(w: World, change: dict[str, str]) -> dict[str, str]:
    """The right blocks, but some boxes elsewhere."""
    held = ch03.boxes(w.student)
    return {k: change.get(held[k][0], right) for k, right in blocks(w).items()}


@boxes.mistake("营销和销售弄反了：面对一群人、引起兴趣的是营销，面对一位有意向的、为了成交的是销售", share=0.5)  # fmt: skip
def marketing_and_sales(w: World) -> dict[str, str]:
    swap = {"营销": "销售", "销售": "营销"}
    return {k: swap.get(v, v) for k, v in blocks(w).items()}


@boxes.mistake("没有把共用的记录分出来：只是存着供大家查的，属于下面那一层，不属于办事的哪一块", share=0.7)  # fmt: skip
def base_as_sales(w: World) -> dict[str, str]:
    return {k: "销售" if v == BASE else v for k, v in blocks(w).items()}


@boxes.mistake("为已经买的东西主动找客户，是进一步的服务，不是营销", share=0.9)
def care_as_marketing(w: World) -> dict[str, str]:
    return _boxes(w, {"further": "营销"})


@boxes.mistake("业务员一家一家经营的关系是为了成交，属于销售；服务解决的是已经买的东西的问题", share=0.9)  # fmt: skip
def relations_as_service(w: World) -> dict[str, str]:
    return _boxes(w, {"relations": "服务"})


# ------------------------------------------------------------------ modules


@lab.item("ch03-02", points=20, core=True, title="模块与功能：SFA、MA、服务、BI",
          need="十二项功能各属于四个模块中的哪一个（习题答案的四模块分法）",
          public=checks.Mapping(keys=tuple(f"M{i:02d}" for i in range(1, ch03.FUNCTIONS + 1)), options=MODULES),
          compare=compare.labels())  # fmt: skip
def module_of_each(w: World) -> dict[str, str]:
    return modules(w)


@module_of_each.mistake("预测和活动的结果都放进了商务智能：办自己这件事顺手算的数，跟着办事的模块走", share=0.8)  # fmt: skip
def figures_to_bi(w: World) -> dict[str, str]:
    held = ch03.functions(w.student)
    return {
        k: BI if any(x in ch03.FUNCTION_POOL[held[k]] for x in FIGURES) else v
        for k, v in modules(w).items()
    }


@module_of_each.mistake("销售自动化和营销自动化弄反了：一个替业务员跟进一家一家，一个替做活动的人面对一群", share=0.4)  # fmt: skip
def force_and_campaigns(w: World) -> dict[str, str]:
    swap = {SFA: MA, MA: SFA}
    return {k: swap.get(v, v) for k, v in modules(w).items()}


@module_of_each.mistake("商务智能没有分出来：跨着几块、从数据里找规律的，不是在办某一笔业务", share=0.6)  # fmt: skip
def rules_to_marketing(w: World) -> dict[str, str]:
    return {k: MA if v == BI else v for k, v in modules(w).items()}


# ------------------------------------------------------------------ four acceptance tests


def cases(w: World) -> list[tuple[Any, ...]]:
    return [(trial,) for trial in ch03.trials(w.student)]


def _four(got: Any, expected: list[dict[str, bool]]) -> Verdict:
    """A quarter for each technical function that is judged rightly in every trial."""
    if not isinstance(got, list) or len(got) != len(expected):
        return Verdict(0.0, "函数没有返回结果", "先用 trial.json 里的那份记录试一试")
    raised = [g.error for g in got if isinstance(g, Raised)]
    if raised:
        return Verdict(0.0, f"{len(got)} 份记录里有 {len(raised)} 份出错：{raised[0]}",
                       "有毛病的记录会缺步骤：先判断有没有，再取它的时间")  # fmt: skip
    wrong = {}
    for name in TECHNICAL:
        n = sum(_said(g, name) is not e[name] for g, e in zip(got, expected, strict=True))
        if n:
            wrong[name] = n
    if not wrong:
        return Verdict(1.0, f"{len(got)} 份记录，四项都判对了")
    told = "；".join(f"「{name}」判错 {n} 份" for name, n in wrong.items())
    return Verdict(1 - len(wrong) / 4, f"{len(got)} 份记录里：{told}",
                   "照题目的四条规则，自己改坏一份记录，看函数认不认得出")  # fmt: skip


def _said(answer: Any, name: str) -> bool | None:
    """What an answer says of one function; numbers 1 and 0 count, anything else does not."""
    try:
        said = forms.mapping(answer).get(name)
    except FormError:
        return None
    return bool(said) if said in (True, False) else None


@lab.item("ch03-03", points=26, title="四项技术功能的验收函数",
          need="写一个函数，由一次试用的记录判断渠道集成、支持网络应用、集中的客户信息仓库、工作流集成各做到没有",
          public=checks.Function(("trial",), (ch03.EXAMPLE,)), compare=_four, calls=cases)  # fmt: skip
def acceptance(w: World) -> list[dict[str, bool]]:
    return verdicts(w)


@acceptance.mistake("只看三个部门一样不一样：三处都是旧号也会一样，要和「新号」比", share=0.75)
def same_is_enough(w: World) -> list[dict[str, bool]]:
    return verdicts(w, new=False)


@acceptance.mistake("有一处打得开就算通过：每一个地点都要打得开", share=0.75)
def one_place_is_enough(w: World) -> list[dict[str, bool]]:
    return verdicts(w, every=False)


@acceptance.mistake("刚好 240 分钟也算超过了：规则写的是“不超过”", share=0.75)
def edge_is_late(w: World) -> list[dict[str, bool]]:
    return verdicts(w, edge=False)


@acceptance.mistake("超过 240 分钟但中间升级过的，也算做到：工作流已经把它转给了能办的人", share=0.75)  # fmt: skip
def upgrade_ignored(w: World) -> list[dict[str, bool]]:
    return verdicts(w, upgrade=False)


@acceptance.mistake("工作流只看了步骤有没有，没有看先后：没关单就回访，是乱了", share=0.75)
def flow_in_any_order(w: World) -> list[dict[str, bool]]:
    return verdicts(w, flow_order=False)


@acceptance.mistake("时间线的先后没有看：往来都在，但次序乱了，客服读到的是另一个故事", share=0.75)  # fmt: skip
def line_in_any_order(w: World) -> list[dict[str, bool]]:
    return verdicts(w, line_order=False)


@acceptance.mistake("重复的没有查出来：用集合比较，同一条记两遍也算一条；规则是恰好一次", share=0.75)  # fmt: skip
def doubles_allowed(w: World) -> list[dict[str, bool]]:
    return verdicts(w, doubles=False)


@acceptance.sign("函数要返回字典（四项技术功能 → True 或 False），不是一个真假值")
def one_word(w: World, got: Any) -> bool:
    return isinstance(got, list) and bool(got) and all(isinstance(g, bool) for g in got)


# ------------------------------------------------------------------ the menu


@lab.item("ch03-04", points=12, title="功能在哪个模块里",
          need="十二项功能各在课程系统八个模块中的哪一个",
          public=checks.Mapping(keys=tuple(f"F{i:02d}" for i in range(1, ch03.MENU + 1)), options=MENU),
          compare=compare.labels())  # fmt: skip
def places(w: World) -> dict[str, str]:
    return menu(w)


@places.mistake("只凭名字里的字归类：看分析的对象是谁——渠道分类分的是顾客，老客户分析比的是渠道，标签各跟各的对象", share=0.6)  # fmt: skip
def by_the_word(w: World) -> dict[str, str]:
    words = {"渠道分类": "渠道关系", "新顾客分析": "顾客分析", "老客户分析": "顾客分析",
             "退货率分析": "顾客分析", "商品标签": "顾客信息", "活动标签": "顾客信息"}  # fmt: skip
    held = ch03.menu(w.student)
    return {k: words.get(held[k], v) for k, v in menu(w).items()}


@places.mistake("顾客分类和顾客分析弄反了：把人分成几堆是分类，算出率和数是分析", share=0.5)
def sorting_and_figures(w: World) -> dict[str, str]:
    swap = {"顾客分类": "顾客分析", "顾客分析": "顾客分类"}
    return {k: swap.get(v, v) for k, v in menu(w).items()}


lab.manual(
    "ch03-05", points=18, title="讨论：哪一个趋势对小店最要紧",
    need="八个人的茶店：四个趋势里选一个最要紧的，写出疼处与数、怎样解决、花多少、不选哪个、怎样判断选对了",
    rubric=(
        Level(18, "从一件具体的疼处和它的数出发；办法写到谁做、花多少、怎样保护客户信息；说清一个不选的理由；有三个月后的数和不达标时的退路"),
        Level(14, "疼处、办法、不选、判断都写了，但有一两处没有数，或退路缺"),
        Level(9, "选了一个趋势并说了好处，没有联系店里的事"),
        Level(4, "只抄四个趋势的定义"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
