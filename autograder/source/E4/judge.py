"""Judge of lab E4, Excel与CRM系统比较: three tasks in both tools, then the comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from autograder import compare
from autograder.operations import REFUSED, Work
from autograder.source.E4.keys import (
    CAPABILITIES,
    COMMON,
    DISPUTED,
    MATRIX,
    OFFERED,
    RATINGS,
    WHAT_HAPPENED,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.lab import checks, forms
from crmkit.lab.inputs import e4

KEY = e4.KEY
TOOLS = ("Excel", "CRM")
# Function of the CRM by task: what counts as a step of it in the log
BY_TASK = {
    "A": ("customers.lookup", "customers.list"), "B": ("analysis.region",), "C": ("customers.tags",),
}  # fmt: skip
STEPS = tuple(f"{task}·{tool}" for task in BY_TASK for tool in TOOLS)


@dataclass(frozen=True)
class World:
    """One student's shop and tasks."""

    student: str

    @property
    def data(self) -> e4.Data:
        return e4.data(self.student)

    def task(self, item: str) -> dict[str, Any]:
        return self.data.tasks[item]


lab = LabSpec("E4", "Excel与CRM系统比较", world=World, shop=e4.SHOP)


def done(work: Work, *keys: str, action: str = "") -> list[Any]:
    return [x for x in work.of(*keys, action=action) if x.outcome != REFUSED]


# ------------------------------------------------------------------ task A: a list


def men(w: World, *, dealt: bool = True, gender: bool = True, home: bool = True) -> list[str]:
    c, keep = w.data.customers, pd.Series(True, index=w.data.customers.index)
    if dealt:
        keep &= c["累计订单数"] >= 1
    if gender:
        keep &= c["性别"] == "男"
    if home:
        keep &= c["省份"] == w.task("E4-01")["省份"]
    return sorted(c.loc[keep, KEY])


def two_lists(w: World, work: Work, value: Any) -> dict[str, Any]:
    found = forms.tables(value)
    lists = {t: sorted({forms.text(x) for x in found[t][KEY]}) for t in TOOLS}
    return lists | {"查过": bool(done(work, *BY_TASK["A"]))}


def _both(ids: list[str], looked: bool = True) -> dict[str, Any]:
    return {"Excel": ids, "CRM": ids, "查过": looked}


@lab.operation("E4-01", points=15, core=True, title="任务 A：同一份名单",
               need="给定省份里男性、已成交的客户，在 Excel 和 CRM 里各筛一次；操作日志里要有速查或列表",
               log=checks.Operations(BY_TASK["A"]), reads=two_lists,
               public=checks.Tables((f"Excel:{KEY}", f"CRM:{KEY}")),
               compare=compare.facts({"Excel": 0.4, "CRM": 0.4, "查过": 0.2}, {
                   "Excel": "Excel 的名单不对", "CRM": "CRM 的名单不对",
                   "查过": "操作日志里没有「顾客速查」或「顾客列表」"}))  # fmt: skip
def same_list(w: World) -> dict[str, Any]:
    return _both(men(w))


@same_list.mistake("没有成交过的客户也在名单里：累计订单数至少是 1", share=0.4)
def list_undealt(w: World) -> dict[str, Any]:
    return _both(men(w, dealt=False))


@same_list.mistake("没有按性别筛：只要性别是「男」的", share=0.3)
def list_everyone(w: World) -> dict[str, Any]:
    return _both(men(w, gender=False))


@same_list.mistake("没有按省份筛：只要题目给的那个省的客户", share=0.3)
def list_everywhere(w: World) -> dict[str, Any]:
    return _both(men(w, home=False))


@same_list.mistake("名单都对，但日志里没有查过：CRM 的名单要真的在系统里查出来", share=0.8)
def list_not_looked(w: World) -> dict[str, Any]:
    return _both(men(w), looked=False)


# ------------------------------------------------------------------ task B: by province


def by_province(
    w: World, *, paid: bool = True, period: bool = True, at: str = "付款时间"
) -> list[str]:
    o, t = w.data.orders, w.task("E4-02")
    keep = ~o["订单状态"].isin(e4.UNPAID) if paid else pd.Series(True, index=o.index)
    if period:
        keep &= o[at].between(pd.Timestamp(t["第一天"]),
                              pd.Timestamp(t["最后一天"]) + pd.Timedelta(days=1), inclusive="left")  # fmt: skip
    by = o[keep].groupby("省份")["实付金额"].agg(["size", "sum"])
    return sorted(
        f"{p} {n} 单 {s:.2f} 元" for p, n, s in zip(by.index, by["size"], by["sum"], strict=True)
    )


def _provinces(frame: pd.DataFrame) -> list[str]:
    """Rows of a table as text; the total row of a pivot does not count."""
    rows = []
    for name, n, s in frame[["省份", "订单数", "支付金额"]].itertuples(index=False):
        if forms.missing(name) or forms.text(name) in ("总计", "合计", "All"):
            continue
        if not (forms.missing(n) or forms.missing(s)) and forms.number(n):
            rows.append(f"{forms.text(name)} {forms.number(n):g} 单 {forms.number(s):.2f} 元")
    return sorted(rows)


def two_tables(w: World, work: Work, value: Any) -> dict[str, Any]:
    found = forms.tables(value)
    return {t: _provinces(found[t]) for t in TOOLS} | {"查过": bool(done(work, *BY_TASK["B"]))}


@lab.operation("E4-02", points=15, core=True, title="任务 B：各省的订单和金额",
               need="给定的三个月里各省有效订单的单数和实付金额，Excel 用透视表、CRM 用地域分析，两张表要一样",
               log=checks.Operations(BY_TASK["B"]), reads=two_tables,
               public=checks.Tables(tuple(f"{t}:省份 订单数 支付金额" for t in TOOLS)),
               compare=compare.facts({"Excel": 0.4, "CRM": 0.4, "查过": 0.2}, {
                   "Excel": "Excel 的表不对", "CRM": "CRM 的表不对",
                   "查过": "操作日志里没有「地域分析」"}))  # fmt: skip
def same_table(w: World) -> dict[str, Any]:
    return _both(by_province(w))


@same_table.mistake("没有付款的订单也算了：先去掉「等待付款」和「未付款关闭」", share=0.5)
def table_unpaid(w: World) -> dict[str, Any]:
    return same_table.expect(w) | {"Excel": by_province(w, paid=False, at="下单时间")}


@same_table.mistake(
    "订单归到了下单的那一天：生意按付款的日子算，月底半夜下单、过了零点付款的会差", share=0.7
)
def table_ordered(w: World) -> dict[str, Any]:
    return same_table.expect(w) | {"Excel": by_province(w, at="下单时间")}


@same_table.mistake("没有按时间筛：两边都只要给定的三个月", share=0.3)
def table_always(w: World) -> dict[str, Any]:
    return _both(by_province(w, period=False))


@same_table.mistake("Excel 是三个月，CRM 却是全部时间：地域分析要填起止日期", share=0.6)
def table_crm_always(w: World) -> dict[str, Any]:
    return same_table.expect(w) | {"CRM": by_province(w, period=False)}


# ------------------------------------------------------------------ task C: a mark


def quiet(w: World, *, last_day: bool = True, amount: bool = True, day: bool = True) -> list[str]:
    c, t = w.data.customers, w.task("E4-03")
    when = c["最近购买"].dt.date
    keep = c["累计订单数"] >= 1
    if amount:
        keep &= c["累计金额"] >= t["累计金额不低于"]
    if day:
        keep &= when <= t["最近购买不晚于"] if last_day else when < t["最近购买不晚于"]
    return sorted(c.loc[keep, KEY])


def two_marks(w: World, work: Work, value: Any) -> dict[str, Any]:
    tag = w.task("E4-03")["标签"]
    return {
        "Excel": sorted(set(forms.ids(value, KEY))),
        "CRM": sorted(work.tagged(tag)) if work.log else [],
    }


@lab.operation("E4-03", points=10, title="任务 C：给客户做记号",
               need="累计金额达到界限、又很久没来的客户：Excel 里加一列标记，CRM 里贴上标签",
               log=checks.Operations(BY_TASK["C"]), reads=two_marks,
               public=checks.Ids(least=1, most=1000),
               compare=compare.facts({"Excel": 0.5, "CRM": 0.5}, {
                   "Excel": "Excel 里标记的客户不对", "CRM": "CRM 里贴了标签的顾客不对"}))  # fmt: skip
def same_marks(w: World) -> dict[str, Any]:
    return {t: quiet(w) for t in TOOLS}


@same_marks.mistake(
    "最后那一天的没有算进来：Excel 里的日期带着时刻，那天下午大于那天零点", share=0.7
)
def marks_before(w: World) -> dict[str, Any]:
    return {"Excel": quiet(w, last_day=False), "CRM": quiet(w)}


@same_marks.mistake("只看了金额，没有看最近购买：刚来过的不用唤醒", share=0.3)
def marks_by_amount(w: World) -> dict[str, Any]:
    return {t: quiet(w, day=False) for t in TOOLS}


@same_marks.mistake("只看了最近购买，没有看累计金额：两个条件要同时满足", share=0.3)
def marks_by_day(w: World) -> dict[str, Any]:
    return {t: quiet(w, amount=False) for t in TOOLS}


@same_marks.mistake("Excel 标对了，CRM 里没有贴上标签：标签名要和题目一字不差", share=0.5)
def marks_no_tag(w: World) -> dict[str, Any]:
    return {"Excel": quiet(w), "CRM": []}


# ------------------------------------------------------------------ steps


def counted(w: World, work: Work, value: Any) -> dict[str, float]:
    """The numbers, and of each task how many lines of the log there are."""
    found = forms.mapping(value)
    steps = {k: forms.number(found[k]) for k in STEPS if k in found}
    return steps | {f"日志{t}": float(len(done(work, *keys))) for t, keys in BY_TASK.items()}


def _steps(got: Any, expected: Any) -> Verdict:
    wrong = []
    for name in STEPS:
        task, tool = name.split("·")
        n, most = got.get(name), got[f"日志{task}"]
        if n is None:
            wrong.append(f"缺「{name}」")
        elif n < 1 or n != int(n):
            wrong.append(f"「{name}」要是 1 以上的整数")
        elif tool == "CRM" and n > most:
            wrong.append(f"「{name}」写了 {n:g} 步，日志里与它有关的只有 {most:g} 条")
    share = 1 - len(wrong) / len(STEPS)
    words = "；".join(wrong) or "六个步数都数了，CRM 的与操作日志相符"
    return Verdict(share, words, "CRM 的步数到操作日志里数：看「模块、功能」两列" if wrong else "")


@lab.operation("E4-04", points=10, title="各用了几步",
               need="三项任务在两种工具里各用了几步；CRM 的步数是操作日志里有关的条数（试错的可以不算）",
               log=checks.Operations(tuple(k for keys in BY_TASK.values() for k in keys)),
               reads=counted, public=checks.Mapping(keys=STEPS, low=0, high=200, whole=True),
               compare=_steps)  # fmt: skip
def steps(w: World) -> dict[str, float]:
    return dict.fromkeys(STEPS, 1.0) | {f"日志{t}": 1.0 for t in BY_TASK}


@steps.sign("CRM 的步数是估的：打开操作日志，一条一条数", share=0.5)
def steps_guessed(w: World, got: Any) -> bool:
    return all(got.get(f"{t}·CRM", 0) > got[f"日志{t}"] for t in BY_TASK)


@steps.sign("Excel 的步数不能是 0：打开、筛选、复制、保存，各算一步", share=0.5)
def steps_free(w: World, got: Any) -> bool:
    return all(got.get(f"{t}·Excel") == 0 for t in BY_TASK)


# ------------------------------------------------------------------ the comparison


@lab.item("E4-05", points=15, core=True, title="十项能力对照表",
          need="十项能力，单机的 Excel 工作簿和本课的 CRM 各是有、部分还是无",
          public=checks.Mapping(keys=tuple(MATRIX), options=RATINGS),
          compare=compare.labels(accept=DISPUTED))  # fmt: skip
def matrix(w: World) -> dict[str, str]:
    return MATRIX


@matrix.mistake("Excel 一列写得太强：权限、日志、打码、提示冲突，单机的工作簿都没有", share=0.6)
def matrix_strong_excel(w: World) -> dict[str, str]:
    return {k: "有" if k.endswith("Excel") else v for k, v in MATRIX.items()}


@matrix.mistake("CRM 一列写得太强：它没有随手写公式的地方，分析也都是做好的", share=0.8)
def matrix_strong_crm(w: World) -> dict[str, str]:
    return {k: "有" if k.endswith("CRM") else v for k, v in MATRIX.items()}


@matrix.mistake("两列正好写反了：先看清每个名称后面是 Excel 还是 CRM", share=0.3)
def matrix_swapped(w: World) -> dict[str, str]:
    return {f"{c}·{t}": MATRIX[f"{c}·{o}"]
            for c in CAPABILITIES for t, o in zip(TOOLS, TOOLS[::-1], strict=True)}  # fmt: skip


def _common(got: Any, expected: list[str]) -> Verdict:
    (found,) = forms.groups(got).values()
    right, odd = set(found) & set(expected), [x for x in found if x not in expected]
    share = max(0.0, (min(len(right), 5) - len(odd)) / 5)
    words = f"找到 {len(right)} 种共有的操作" + (f"；「{odd[0]}」不是两边都有" if odd else "")
    return Verdict(share, words, "" if share == 1 else "想一想三项任务里，两边各做了什么")


@lab.item("E4-06", points=10, core=True, title="两边共有的操作",
          need="从 12 种操作里选出 Excel 和 CRM 都能做的，至少五种",
          public=checks.Groups(("共有",), OFFERED), compare=_common)  # fmt: skip
def common(w: World) -> list[str]:
    return list(COMMON)


@common.sign("全选了：有的操作只有 CRM 才有", share=0.2)
def common_all(w: World, got: Any) -> bool:
    (found,) = forms.groups(got).values()
    return set(OFFERED) <= set(found)


@common.sign("都选对了，但不到五种：再想想名单从哪里来、到哪里去", share=0.6)
def common_few(w: World, got: Any) -> bool:
    (found,) = forms.groups(got).values()
    return 3 <= len(set(found)) < 5 and set(found) <= set(COMMON)


def both_edited(w: World, work: Work, value: Any) -> dict[str, Any]:
    who = w.task("E4-07")["客户编号"]
    said = {k: forms.text(v) for k, v in forms.mapping(value).items()}
    stopped = work.of("customers.list", action="修改顾客", outcome=REFUSED)
    met = any(x.object == who and x.message.startswith("Conflict") for x in stopped)
    return {t: said.get(t, "") for t in TOOLS} | {"冲突": met}


@lab.operation("E4-07", points=10, title="两个人同时改一位客户",
               need="客服和店长先后改同一位客户：Excel 里和 CRM 里各发生了什么；日志里要有这次冲突",
               log=checks.Operations(("customers.list",), ("修改顾客",), refused=True),
               reads=both_edited, public=checks.Mapping(keys=TOOLS, options=WHAT_HAPPENED),
               compare=compare.facts({"Excel": 0.4, "CRM": 0.4, "冲突": 0.2}, {
                   "Excel": "Excel 里发生的不是这样", "CRM": "CRM 里发生的不是这样",
                   "冲突": "操作日志里没有对这位客户的冲突"}))  # fmt: skip
def edited(w: World) -> dict[str, Any]:
    return {"Excel": WHAT_HAPPENED[0], "CRM": WHAT_HAPPENED[1], "冲突": True}


@edited.mistake("两边写反了：回头看 Excel 里最后剩下的是谁的修改", share=0.2)
def edited_swapped(w: World) -> dict[str, Any]:
    return {"Excel": WHAT_HAPPENED[1], "CRM": WHAT_HAPPENED[0], "冲突": True}


@edited.mistake("CRM 没有让后来的人盖掉前面的：看系统报的错和操作日志的最后一行", share=0.4)
def edited_overwritten(w: World) -> dict[str, Any]:
    return {"Excel": WHAT_HAPPENED[0], "CRM": WHAT_HAPPENED[0], "冲突": False}


@edited.mistake("结论对了，但日志里没有这次冲突：两个人都先看过旧的版本，再先后保存", share=0.8)
def edited_not_done(w: World) -> dict[str, Any]:
    return edited.expect(w) | {"冲突": False}


lab.manual(
    "E4-08", points=15, title="什么时候用 Excel，什么时候要 CRM",
    need="200–300 字：Excel 什么时候够用，什么时候需要 CRM，CRM 为什么重要",
    rubric=(
        Level(15, "Excel 的两处局限、CRM 的两项长处、换用 CRM 的一个条件，都具体并来自本实验"),
        Level(12, "局限、长处、条件都有，其中一处空泛"),
        Level(9, "局限和长处各有一处具体，没有写条件"),
        Level(5, "只说一边的好处，或都是泛泛之谈"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
