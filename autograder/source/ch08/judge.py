"""Judge of chapter 8's exercises: process, requirements, stages, AHP, quotation, objections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autograder import compare
from autograder.source.ch08.keys import KINDS
from autograder.source.ch08.reference import (
    COLUMNS,
    Misread,
    Repair,
    World,
    cases,
    judgements,
    kinds,
    quotes,
    repair,
    replays,
    requirements,
    stage_of,
    steps_of,
    walk,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.lab import checks, forms
from crmkit.lab.inputs import ch08
from crmkit.lab.snapshot import Raised

lab = LabSpec("ch08", "CRM应用的业务流程设计和自动化", world=World, notebook="ch08_process_automation",
              workbook="out/第8章练习.xlsx")  # fmt: skip


# ------------------------------------------------------------------ the process


def _faults(rows: Sequence[ch08.Row], wanted: Repair) -> dict[str, list[str]]:
    """Kind of fault → where."""
    states = {ch08.START, *ch08.ENDS} | {x for a, _, b in (*rows, *wanted.rows) for x in (a, b)}
    there = walk({ch08.START}, [(a, b) for a, _, b in rows])
    ending = walk(set(ch08.ENDS), [(b, a) for a, _, b in rows])
    table: dict[tuple[str, str], set[str]] = {}
    for a, e, b in rows:
        table.setdefault((a, e), set()).add(b)
    return {
        "lacking": [f"{a}—{e}" for a, e, b in wanted.rows if (a, e, b) not in rows],
        "unreachable": sorted(states - there),
        "dead": sorted((states & there) - ending),
        "double": [f"{a}—{e}" for (a, e), to in table.items() if len(to) > 1],
        "stuck": [" → ".join(t) for t in wanted.traces if not replays(rows, t)],
    }


def _machine(got: Any, wanted: Repair) -> Verdict:
    """Four parts: written steps kept, every state reached, no dead end, the cases run through."""
    rows = steps_of(got)
    found = _faults(rows, wanted)
    words, share = [], 0.0
    share += 0.25 * (1 - len(found["lacking"]) / len(wanted.rows))
    share += 0.25 * (not found["unreachable"]) + 0.25 * (not found["dead"])
    share += 0.25 * (1 - len(found["stuck"]) / len(wanted.traces)) * (not found["double"])
    if found["lacking"]:
        words.append(f"原来写着的步骤少了 {len(found['lacking'])} 条，例如“{found['lacking'][0]}”")
    if found["unreachable"]:
        words.append(f"走不到的状态：{'、'.join(found['unreachable'][:3])}")
    if found["dead"]:
        words.append(f"死路：{'、'.join(found['dead'][:3])}")
    if found["double"]:
        words.append(f"“{found['double'][0]}”有两个去处")
    if found["stuck"]:
        words.append(f"走不完的投诉 {len(found['stuck'])} 件，例如 {found['stuck'][0]}")
    if not words:
        return Verdict(1.0, f"{len(rows)} 条步骤：没有死路，都走得到，四件投诉都能办结")
    return Verdict(
        min(share, 0.95),
        "；".join(words),
        "从“新建”出发，把四件投诉一步步走一遍，卡住的地方就是要补的",
    )


@lab.item("ch08-01", points=18, core=True, title="补全投诉流程的状态机",
          need="把店里现行的投诉流程补成没有死路、每个状态都走得到、四件真实投诉都能办结的状态机",
          public=checks.Table(columns=COLUMNS, least=10, most=60), compare=_machine)  # fmt: skip
def machine(w: World) -> Repair:
    return repair(w)


@machine.sign("交的还是原来的流程：先找出只进不出和只出不进的状态，再各补一条", 0.3)
def machine_as_it_was(w: World, got: Any) -> bool:
    return set(steps_of(got)) == set(repair(w).rows)


@machine.sign("补了步骤，却删掉了原来写着的：现行的做法要保留，只补缺的", 0.5)
def machine_cut(w: World, got: Any) -> bool:
    found = _faults(steps_of(got), repair(w))
    return bool(found["lacking"]) and not found["dead"] and not found["unreachable"]


@machine.sign(
    "没有死路了，但补的去处和投诉的真实经过对不上：事件的名字、下一状态都照那几件投诉写", 0.7
)
def machine_elsewhere(w: World, got: Any) -> bool:
    found = _faults(steps_of(got), repair(w))
    return bool(found["stuck"]) and not any(found[k] for k in ("lacking", "dead", "unreachable"))


# ------------------------------------------------------------------ requirements


@lab.item("ch08-02", points=14, title="流程需求表",
          need="从 5 段经过里找出每一步的事件、角色、规则、数据，填上词条的编号",
          public=checks.Table(columns=("步骤", *ch08.FIELDS), key="步骤", least=5, most=5),
          compare=compare.columns(ch08.FIELDS, key="步骤"))  # fmt: skip
def needs(w: World) -> Any:
    return requirements(w)


@needs.mistake("事件和规则写反了：事件是“发生了什么，这一步才开始”，规则是“做的时候要守什么”", 0.5)
def needs_event_rule(w: World) -> Any:
    return requirements(w, {"事件": "规则", "规则": "事件"})


@needs.mistake("规则和数据写反了：数据是判断时要看的记录，规则是判断的标准", 0.5)
def needs_rule_data(w: World) -> Any:
    return requirements(w, {"规则": "数据", "数据": "规则"})


@needs.mistake("事件和数据写反了：数据是要看的单据和名单，事件是触发这一步的事", 0.5)
def needs_event_data(w: World) -> Any:
    return requirements(w, {"事件": "数据", "数据": "事件"})


# ------------------------------------------------------------------ stages

PARAMS = ("正式提出", "模板项数", "可行性得分", "方案状态", "已签约")


def _stages(how: Misread) -> Callable[[World], list[str]]:
    return lambda w: [stage_of(c, ch08.rule(w.student), how) for c in cases(w)]


def _strict(got: Any, expected: Sequence[str]) -> Verdict:
    """As `compare.returns`, but each wrong output costs double: most inputs are easy."""
    verdict = compare.returns()(got, expected)
    return replace(verdict, share=max(0.0, 2 * verdict.share - 1))


@lab.item("ch08-03", points=16, core=True, title="商机阶段的进入规则",
          need="写一个函数，按规则卡判断商机到了潜在、有效、可行、目标、成功中的哪个阶段，前一关没过不能进下一关",
          public=checks.Function(PARAMS, (True, 5, 80, "已提交", False)), compare=_strict, calls=cases)  # fmt: skip
def stages(w: World) -> list[str]:
    return _stages(Misread())(w)


@stages.sign("可行性得分可能是 None（还没有分析）：先判断它是不是 None，再比大小", share=0.3)
def stages_of_none(w: World, got: Any) -> bool:
    words = [x.error for x in got if isinstance(x, Raised)] if isinstance(got, list) else []
    return any("NoneType" in x for x in words)


stages.mistake("前一关没过就进了下一关：签了约但没有做可行性分析的，仍停在没过的那一关", share=0.4)(
    _stages(Misread(jumps=True))
)
stages.mistake("有效的条件是“正式提出”或者“达到模板项数”，有一样就行", share=0.5)(
    _stages(Misread(both=True))
)
stages.mistake("刚好达到就算达到：用 >=，不要用 >", share=0.7)(_stages(Misread(open_limits=True)))


# ------------------------------------------------------------------ AHP


def _ahp(got: Any, expected: dict[str, float]) -> Verdict:
    """Weights to 0.012 (和积法 and 方根法 count as well), CR to 0.003."""
    found, wrong = forms.mapping(got), []
    for name, right in expected.items():
        if name not in found or forms.missing(found[name]):
            wrong.append(f"缺「{name}」")
        elif not abs(forms.number(found[name]) - right) <= (0.003 if name == "CR" else 0.012):
            wrong.append(f"「{name}」交的是 {forms.number(found[name]):.6g}")
    if not wrong:
        return Verdict(1.0, "四个权重和一致性比例都正确")
    return Verdict(
        1 - len(wrong) / 5, f"五个数里：{'；'.join(wrong[:4])}", "先把每列归一，再看 CI 和 RI"
    )


@lab.item("ch08-04", points=14, title="商机评级的权重与一致性",
          need="由 4×4 判断矩阵算四个准则的权重和一致性比例 CR（RI 取 0.90）",
          public=checks.Mapping(keys=(*ch08.CRITERIA, "CR"), low=0, high=1), compare=_ahp)  # fmt: skip
def weights(w: World) -> dict[str, float]:
    return judgements(w)


@weights.mistake("CR 没有除以 RI：交上来的是一致性指标 CI", 0.8)
def weights_ci(w: World) -> dict[str, float]:
    return judgements(w, random_index=1.0)


@weights.mistake("行和列看反了：第 i 行第 j 列是 i 比 j 重要多少", 0.3)
def weights_transposed(w: World) -> dict[str, float]:
    return judgements(w, transposed=True)


@weights.mistake("CI 要除以 n − 1，不是 n", 0.8)
def weights_by_n(w: World) -> dict[str, float]:
    return judgements(w, n_minus=0)


@weights.mistake(
    "把每行加起来再归一不是 AHP 的算法：先把每一列归一再按行平均，或者用特征向量、方根法", 0.4
)
def weights_row_sums(w: World) -> dict[str, float]:
    return judgements(w, arithmetic=True)


# ------------------------------------------------------------------ quotation


@lab.item("ch08-05", points=12, title="一件商品，三种报价",
          need="用成本加成、竞争导向、价值定价三种方法各报一个价",
          public=checks.Mapping(keys=("成本加成", "竞争导向", "价值定价"), low=1, high=10_000),
          compare=compare.mapping(0.011))  # fmt: skip
def quote(w: World) -> dict[str, float]:
    return quotes(w)


@quote.mistake("加成率是按成本加的：成本 × (1 + 加成率)，不是成本 ÷ (1 − 加成率)", 0.7)
def quote_margin(w: World) -> dict[str, float]:
    return quotes(w, margin=True)


@quote.mistake("竞争导向用三家的平均价，不是最低价", 0.7)
def quote_lowest(w: World) -> dict[str, float]:
    return quotes(w, lowest=True)


@quote.mistake("差异化价值只收取一部分，其余留给客户：乘上收取的比例", 0.7)
def quote_unshared(w: World) -> dict[str, float]:
    return quotes(w, unshared=True)


@quote.mistake("竞争导向漏了溢价：平均价要乘 1 + 溢价", 0.7)
def quote_no_premium(w: World) -> dict[str, float]:
    return quotes(w, no_premium=True)


# ------------------------------------------------------------------ objections


@lab.item("ch08-06", points=14, title="二十句异议",
          need="判断 20 句客户异议各属于需求、价格、产品、购买时间、销售人员、服务、支付能力中的哪一种",
          public=checks.Mapping(keys=tuple(f"Y{i:02d}" for i in range(1, ch08.OBJECTIONS + 1)), options=KINDS),
          compare=compare.labels())  # fmt: skip
def objection(w: World) -> dict[str, str]:
    return kinds(w)


def _relabelled(w: World, change: dict[str, str]) -> dict[str, str]:
    return {k: change.get(v, v) for k, v in kinds(w).items()}


@objection.mistake("支付能力写成了价格：嫌贵是价格，觉得值却拿不出钱是支付能力", 0.7)
def objection_price(w: World) -> dict[str, str]:
    return _relabelled(w, {"支付能力": "价格"})


@objection.mistake("服务写成了产品：东西本身的毛病是产品，送货、安装、退换、培训是服务", 0.7)
def objection_service(w: World) -> dict[str, str]:
    return _relabelled(w, {"服务": "产品"})


@objection.mistake("购买时间写成了需求：要，但不是现在，是购买时间；根本不要，才是需求", 0.7)
def objection_time(w: World) -> dict[str, str]:
    return _relabelled(w, {"购买时间": "需求"})


lab.manual(
    "ch08-07", points=12, title="角色扮演：价格谈判之后的反思",
    need="两人扮演一次价格谈判，写下经过、双方的底价与成交区间，反思一句该说没说、一句不该说却说了的话",
    rubric=(
        Level(12, "写清双方的底价（保留价）和成交区间；有至少三轮出价；用到一种处理异议的方法并说明效果；反思具体到一句话"),
        Level(9, "有底价和出价过程，用到处理异议的方法，但反思笼统"),
        Level(6, "有出价过程，没有底价或成交区间"),
        Level(3, "只有结果或感想，没有过程"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
