"""Judge of chapter 11's exercises: critical path, cost and benefit, clinic, before and after."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.ch11.keys import CAUSES
from autograder.source.ch11.reference import (
    COLUMNS,
    MEASURES,
    MONEY,
    World,
    board,
    causes,
    chosen,
    lettered,
    money,
    total,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.lab import checks, forms

lab = LabSpec("ch11", "CRM项目实施与项目管理", world=World, notebook="ch11_implementation",
              workbook="out/第11章练习.xlsx")  # fmt: skip

# ------------------------------------------------------------------ network


@lab.item("ch11-01", points=18, core=True, title="九项任务的关键路径",
          need="找出九项任务里从头到尾总工期最长的一条路，按先后列出任务字母",
          public=checks.Ids("任务", "[A-I]", least=3, most=9, ordered=True),
          compare=compare.id_order("任务"))  # fmt: skip
def critical(w: World) -> list[str]:
    return lettered(w, chosen(w))


@critical.mistake(
    "每一步只挑紧接着的最长任务，走出来的不一定是最长的路：把各条路的总工期都算出来比", share=0.3
)
def critical_greedy(w: World) -> list[str]:
    return lettered(w, chosen(w, "greedy"))


@critical.mistake("任务最多的路不一定最长：比的是工期之和，不是任务的个数", share=0.3)
def critical_most(w: World) -> list[str]:
    return lettered(w, chosen(w, "most"))


@critical.mistake("这是最短的一条路：工期由最长的一条决定，它一拖，整个项目就拖", share=0.3)
def critical_shortest(w: World) -> list[str]:
    return lettered(w, chosen(w, "shortest"))


@critical.sign("少了第一项或最后一项：路径从没有前置的任务开始，到没有后续的任务为止", share=0.5)
def critical_cut(w: World, got: Any) -> bool:
    found, right = forms.ids(got, "任务"), lettered(w, chosen(w))
    return found in (right[1:], right[:-1], right[1:-1])


@lab.item("ch11-02", points=10, core=True, title="项目的总工期",
          need="算出项目最早几天做完（关键路径上的工期之和）",
          public=checks.Number(low=5, high=400), compare=compare.number(1e-6, unit=" 天"))  # fmt: skip
def days(w: World) -> float:
    return total(w)


@days.mistake("把九项任务的工期全加起来了：能同时做的任务不用排队", share=0.3)
def days_all(w: World) -> float:
    return total(w, "all")


@days.mistake("这条路是每步挑最长任务走出来的，还有更长的路", share=0.3)
def days_greedy(w: World) -> float:
    return total(w, "greedy")


@days.mistake("这是任务最多的那条路，还有更长的路", share=0.3)
def days_most(w: World) -> float:
    return total(w, "most")


# ------------------------------------------------------------------ cost and benefit


def _money(got: Any, expected: dict[str, float]) -> Verdict:
    """Yuan to the fen, the rate to 0.0005, years to 0.005; each right one earns a third."""
    found, wrong = forms.mapping(got), []
    near = dict(zip(MONEY, (0.011, 0.00051, 0.0051), strict=True))
    for name, right in expected.items():
        if name not in found or forms.missing(found[name]):
            wrong.append(f"缺「{name}」")
        elif not abs(forms.number(found[name]) - right) <= near[name]:
            wrong.append(f"「{name}」交的是 {forms.number(found[name]):.6g}")
    if not wrong:
        return Verdict(1.0, "三个数全部正确")
    return Verdict(
        1 - len(wrong) / 3, f"三个数里：{'；'.join(wrong)}", "先写出每年的净现金流，再逐个算"
    )


@lab.item("ch11-03", points=24, core=True, title="净现值、投资回报率、静态回收期",
          need="按 11.2 节的公式由收益和成本表算出净现值（第 0 年不折现）、投资回报率和静态回收期",
          public=checks.Mapping(keys=MONEY, low=-5_000_000, high=10_000_000), compare=_money)  # fmt: skip
def worth(w: World) -> dict[str, float]:
    return money(w)


@worth.mistake(
    "净现值多折现了一年：第 0 年是今天，不折现；Excel 的 NPV 函数把第一笔当成第 1 年末", share=0.8
)
def worth_excel(w: World) -> dict[str, float]:
    return money(w, first=1)


@worth.mistake("净现值没有折现：以后的 1 元抵不上今天的 1 元", share=0.7)
def worth_plain(w: World) -> dict[str, float]:
    return money(w, discounted=False)


@worth.mistake("净现值漏了第 0 年的投入：先投的钱也是现金流，而且是最大的一笔", share=0.7)
def worth_free(w: World) -> dict[str, float]:
    return money(w, outlay=False)


@worth.mistake("投资回报率的分母是全部成本，不只是第 0 年的投入：每年的运维也是花掉的钱", share=0.8)
def worth_over_outlay(w: World) -> dict[str, float]:
    return money(w, over="outlay")


@worth.mistake("投资回报率写成了百分数：写成小数，35% 写 0.35", share=0.9)
def worth_percent(w: World) -> dict[str, float]:
    return money(w, percent=True)


@worth.mistake("回收期的最后一年按比例折算，不要整年进位", share=0.8)
def worth_whole_years(w: World) -> dict[str, float]:
    return money(w, whole_years=True)


@worth.mistake("静态回收期不折现；折现之后算出来的是动态回收期", share=0.8)
def worth_dynamic(w: World) -> dict[str, float]:
    return money(w, dynamic=True)


# ------------------------------------------------------------------ clinic


@lab.item("ch11-04", points=14, title="项目门诊：七种症状，七个病因",
          need="给七种症状各找一个病因，七个病因各用一次",
          public=checks.Mapping(keys=tuple("ABCDEFG"), options=CAUSES), compare=compare.labels())  # fmt: skip
def clinic(w: World) -> dict[str, str]:
    return causes(w)


def _swapped(w: World, a: int, b: int) -> dict[str, str]:
    change = {CAUSES[a]: CAUSES[b], CAUSES[b]: CAUSES[a]}
    return {k: change.get(v, v) for k, v in causes(w).items()}


@clinic.mistake(
    "“当成软件”和“没有先定客户战略”弄反了：前者以为装好就做完，后者说不出为谁而做", share=0.75
)
def software_and_strategy(w: World) -> dict[str, str]:
    return _swapped(w, 0, 1)


@clinic.mistake(
    "“缺乏商业思维”和“没有评估指标”弄反了：前者说不出靠什么赚，后者没有前后可比的数", share=0.75
)
def business_and_measures(w: World) -> dict[str, str]:
    return _swapped(w, 3, 4)


@clinic.mistake(
    "“客户知识”和“客户经理”弄反了：前者是知道的事没有留下来用，后者是没有人负责", share=0.75
)
def knowledge_and_manager(w: World) -> dict[str, str]:
    return _swapped(w, 5, 6)


# ------------------------------------------------------------------ before and after


def _board(got: Any, expected: pd.DataFrame) -> Verdict:
    """Rates to 0.0006, hours to 0.006, yuan to 0.011; each right figure earns a twelfth."""
    frame = forms.table(got, COLUMNS, "指标")
    mine = {forms.text(r["指标"]): r for r in frame.to_dict("records")}
    near = dict(zip(MEASURES, (0.0061, 0.00061, 0.011, 0.00061), strict=True))
    wrong = []
    for row in expected.to_dict("records"):
        name = row["指标"]
        for c in COLUMNS:
            x = mine.get(name, {}).get(c)
            if x is None or forms.missing(x) or not abs(forms.number(x) - row[c]) <= near[name]:
                wrong.append(f"「{name}」的{c}" + ("缺" if x is None else ""))
    n = len(MEASURES) * len(COLUMNS)
    if not wrong:
        return Verdict(1.0, f"{n} 个数全部正确")
    words = "、".join(wrong[:4]) + (f" 等 {len(wrong)} 处" if len(wrong) > 4 else "")
    return Verdict(
        1 - len(wrong) / n, f"{n} 个数里不对的：{words}", "先看是哪一组、哪一期，再看分母是谁"
    )


@lab.item("ch11-05", points=16, title="上线前后，扣除对照组",
          need="算出试点组上线前后的四项指标，以及扣除对照组变化之后的净变化",
          public=checks.Table(COLUMNS, "指标", least=4, most=4), compare=_board)  # fmt: skip
def effect(w: World) -> pd.DataFrame:
    return board(w)


@effect.mistake("上线前后两列要只算试点组：对照组没有用系统", share=0.4)
def effect_everybody(w: World) -> pd.DataFrame:
    return board(w, everybody=True)


@effect.mistake("没有记录响应时间的不是 0 小时：空白的不算进平均", share=0.8)
def effect_blanks(w: World) -> pd.DataFrame:
    return board(w, blanks=True)


@effect.mistake(
    "净变化没有扣除对照组的变化：没用系统的人也变了的那一部分，不是系统的功劳", share=0.7
)
def effect_raw(w: World) -> pd.DataFrame:
    return board(w, control=False)


@effect.mistake("成交单均额的分母是成交的单数，不是全部咨询", share=0.75)
def effect_per_inquiry(w: World) -> pd.DataFrame:
    return board(w, per_inquiry=True)


@effect.mistake("净变化是差，不是变化率：不要再除以上线前的数", share=0.7)
def effect_relative(w: World) -> pd.DataFrame:
    return board(w, relative=True)


lab.manual(
    "ch11-06", points=18, title="案例讨论：EY，换了你会怎样做",
    need="读 11.3 至 11.5 节的案例：指出实施过程里最该改的两处，写出改法、代价和怎样知道改对了",
    rubric=(
        Level(18, "两处都落到案例的具体环节；改法写明谁、何时、做什么；算出或估出代价；有可以量的检验办法，并提到对照"),
        Level(14, "两处具体、有改法和检验办法，但没有写代价"),
        Level(9, "只有一处具体，或两处都只有原则（“加强培训”“领导重视”）"),
        Level(4, "复述案例，没有自己的判断"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
