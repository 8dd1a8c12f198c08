"""Judge of chapter 4's exercises: objects, keys, checks of old files, rights, a design's faults."""

from __future__ import annotations

from typing import Any

from autograder import compare
from autograder.source.ch04 import keys, reference
from autograder.source.ch04.reference import CARDS, CHECKS, World
from autograder.spec import LabSpec, Level, Verdict
from crmkit.lab import checks, forms
from crmkit.lab.forms import FormError
from crmkit.lab.inputs import ch04

lab = LabSpec("ch04", "CRM系统设计", world=World, notebook="ch04_system_design",
              workbook="out/第4章练习.xlsx")  # fmt: skip

# ------------------------------------------------------------------ objects


@lab.item("ch04-01", points=14, core=True, title="十二条访谈：记在哪个对象上",
          need="把十二条访谈记录各放到一个数据对象上；办事用不着的个人信息不收",
          public=checks.Mapping(keys=tuple(f"N{i:02d}" for i in range(1, ch04.NOTES + 1)), options=keys.OBJECTS),
          compare=compare.labels())  # fmt: skip
def objects(w: World) -> dict[str, str]:
    return reference.objects(w)


def _objects(w: World, change: dict[str, str]) -> dict[str, str]:
    return {k: change.get(v, v) for k, v in reference.objects(w).items()}


@objects.mistake("把不该收的个人信息也记到了客户上：办事用不着的不收（最少够用）", share=0.6)
def keeps_everything(w: World) -> dict[str, str]:
    return _objects(w, {keys.NONE: keys.CUSTOMER})


@objects.mistake("销售机会记到了客户上：把握和金额随这桩生意变，同一位客户可以有几桩", share=0.7)
def deals_on_customers(w: World) -> dict[str, str]:
    return _objects(w, {keys.DEAL: keys.CUSTOMER})


@objects.mistake("往来记到了客户上：一次电话、一次拜访各有时间，一位客户有许多次", share=0.7)
def contacts_on_customers(w: World) -> dict[str, str]:
    return _objects(w, {keys.CONTACT: keys.CUSTOMER})


@objects.mistake("订单上的事记到了产品上：成交的价、寄往哪里，是这一张单的事实", share=0.7)
def orders_on_goods(w: World) -> dict[str, str]:
    return _objects(w, {keys.ORDER: keys.GOODS})


# ------------------------------------------------------------------ keys


def _pairs(got: Any) -> set[tuple[str, str]]:
    return {(k, x) for k, members in forms.groups(got).items() for x in members}


def _in_place(got: Any, expected: dict[str, list[str]]) -> Verdict:
    """Each card's primary and foreign key is right or not."""
    found = forms.groups(got)
    wrong = [k for k, v in expected.items() if set(found.get(k, ["…"])) != set(v)]
    if not wrong:
        return Verdict(1.0, f"{len(expected)} 处全部正确")
    return Verdict(1 - len(wrong) / len(expected),
                   f"{len(expected)} 处里 {len(wrong)} 处不对，例如「{wrong[0]}」",
                   "主键：知道它就能确定一行；外键：拿着它能到别的表找到一行")  # fmt: skip


@lab.item("ch04-02", points=18, core=True, title="六张表的主键和外键",
          need="给六张表各定主键（最少的列）和外键（指向别的表的主键的列）",
          public=checks.Groups(keys=CARDS), compare=_in_place)  # fmt: skip
def table_keys(w: World) -> dict[str, list[str]]:
    return reference.keys(w)


@table_keys.mistake("中间表的主键要两列合起来：只用第一列，同一张单就只能有一行", share=0.6)
def one_column_only(w: World) -> dict[str, list[str]]:
    return {k: v[:1] if k.endswith("主键") else v for k, v in reference.keys(w).items()}


@table_keys.mistake("中间表的主键里的列，同时也是外键：它们指向两边的表", share=0.6)
def joining_without_links(w: World) -> dict[str, list[str]]:
    found = reference.keys(w)
    return {
        k: [c for c in v if c not in found[f"{k[0]}主键"]] if k.endswith("外键") else v
        for k, v in found.items()
    }


@table_keys.mistake("自己的编号不是外键：外键指向别的表，主键确定自己", share=0.6)
def own_key_as_link(w: World) -> dict[str, list[str]]:
    found = reference.keys(w)
    return {
        k: sorted({*v, *found[f"{k[0]}主键"]}) if k.endswith("外键") else v
        for k, v in found.items()
    }


# ------------------------------------------------------------------ checks of old files


@lab.item("ch04-03", points=16, title="搬进来以前：三张旧表的毛病",
          need="查出重复的客户编号、没写客户和找不到客户的订单、没有明细的订单、找不到订单的明细各有多少",
          public=checks.Mapping(keys=CHECKS, low=0, high=10_000, whole=True),
          compare=compare.mapping())  # fmt: skip
def old_files(w: World) -> dict[str, int]:
    return reference.counts(w)


@old_files.mistake("“重复的客户编号”数成了多出来的行：有一个编号出现了三次，仍是一个", share=0.8)
def rows_for_ids(w: World) -> dict[str, int]:
    return reference.counts(w, rows=True)


@old_files.mistake("空着的也算进了“找不到客户”：没写和写了找不到，是两种毛病", share=0.8)
def blanks_as_lost(w: World) -> dict[str, int]:
    return reference.counts(w, blanks=True)


@old_files.mistake("“找不到订单的明细”数成了订单：题目问的是明细有几行", share=0.8)
def orders_for_lines(w: World) -> dict[str, int]:
    return reference.counts(w, heads=True)


# ------------------------------------------------------------------ rights


def _session(got: Any, expected: dict[str, list[str]]) -> Verdict:
    """Let each position try its duties and everything else."""
    found = _pairs(got)
    right = {(who, r) for who, rights in expected.items() for r in rights}
    free = {(who, keys.COVERS[r]) for who, r in right if r in keys.COVERS}
    lacking, extra = sorted(right - found), sorted(found - right - free)
    if not lacking and not extra:
        return Verdict(1.0, "每个岗位的事都办得成，也没有一项越权")
    told = []
    if lacking:
        told.append(f"{len(lacking)} 件事办不成，例如「{lacking[0][0]}」的一件")
    if extra:
        told.append(f"{len(extra)} 次越权没有被拦住，例如「{extra[0][0]}」用了「{extra[0][1]}」")
    share = max(0.0, (len(right - set(lacking)) - len(extra)) / len(right))
    return Verdict(share, "；".join(told), "一件事一件事地对：办这件事最少要哪一项权限")


@lab.item("ch04-04", points=18, core=True, title="权限表：办得成，也不越权",
          need="给六个岗位排权限：两件要做的事都办得成，用不着的一样也不给",
          public=checks.Groups(keys=ch04.STAFF, options=keys.RIGHTS), compare=_session)  # fmt: skip
def grants(w: World) -> dict[str, list[str]]:
    return reference.rights(w)


@grants.mistake("人人都给了全部权限：这正是开篇案例里电话被带走的原因（最小权限）")
def everything_for_all(w: World) -> dict[str, list[str]]:
    return {who: list(keys.RIGHTS) for who in ch04.STAFF}


@grants.mistake("把汇总和名单混了：看合计、导出合计，都用不着客户名单", share=0.6)
def lists_for_totals(w: World) -> dict[str, list[str]]:
    totals = {keys.TOTALS, keys.EXPORT}
    return {
        who: [keys.LISTS if r in totals else r for r in v] for who, v in reference.rights(w).items()
    }


@grants.sign("同一个岗位又能申请退款又能审核退款：自己批自己（职责分离）", share=0.4)
def asks_and_approves(w: World, got: Any) -> bool:
    both = {keys.ASK, keys.APPROVE}
    held = [set(v) for v in forms.groups(got).values()]
    return any(both <= v for v in held) and not all(v >= set(keys.RIGHTS) for v in held)


@grants.sign("核对是哪一位，用打码的就够；号码原文只给真要拨号的岗位（最小权限）", share=0.6)
def numbers_for_looking(w: World, got: Any) -> bool:
    found, right = forms.groups(got), reference.rights(w)
    shown = [who for who, v in found.items() if keys.REVEAL in v]
    return any(keys.REVEAL not in right.get(who, []) for who in shown) and len(shown) < len(found)


# ------------------------------------------------------------------ faults of a design


def _faults(got: Any, expected: dict[str, list[str]]) -> Verdict:
    """A line found earns three fifths of its part, the right principle the rest."""
    found = {k: forms.text(v) for k, v in forms.mapping(got).items() if not forms.missing(v)}
    if len(found) > ch04.FAULTS:
        raise FormError(f"只有 {ch04.FAULTS} 条有毛病，你交了 {len(found)} 条")
    seen = [k for k in found if k in expected]
    named = [k for k in seen if found[k] in expected[k]]
    if len(named) == ch04.FAULTS:
        return Verdict(1.0, "五条全部找到，原则也都说对")
    odd = sorted(set(found) - set(expected))
    words = f"找到 {len(seen)} 条，其中 {len(named)} 条说对了原则"
    if odd:
        words += f"；「{odd[0]}」没有毛病"
    return Verdict((0.6 * len(seen) + 0.4 * len(named)) / ch04.FAULTS, words,
                   "逐条问：半年后换号、涨价、换人、换入口，会出什么事")  # fmt: skip


@lab.item("ch04-05", points=16, title="设计稿里的五处毛病",
          need="从十二条设计里找出违反设计原则的五条，各说出违反的是哪一条原则",
          public=checks.Mapping(pattern=r"D\d\d", least=ch04.FAULTS, most=ch04.FAULTS, options=keys.PRINCIPLES),
          compare=_faults)  # fmt: skip
def design_faults(w: World) -> dict[str, list[str]]:
    return reference.faults(w)


def _named(got: Any) -> dict[str, str]:
    return {k: forms.text(v) for k, v in forms.mapping(got).items()}


@design_faults.sign("五条都找对了，原则说错了：先说清会出什么事，再看哪一条原则防的是它", share=0.6)
def right_lines_wrong_words(w: World, got: Any) -> bool:
    found, right = _named(got), reference.faults(w)
    return set(found) == set(right) and any(v not in right[k] for k, v in found.items())


@design_faults.sign("把好的设计当成了毛病：停用代替删除、成交单价另存，防的正是改写历史", share=0.2)
def facts_taken_for_copies(w: World, got: Any) -> bool:
    lines, right = ch04.design(w.student), reference.faults(w)
    return any(
        keys.POINT[lines[k][0]][0] == keys.FACT
        for k in _named(got)
        if k in lines and k not in right
    )


lab.manual(
    "ch04-06", points=18, title="讨论：为一个设计决定辩护",
    need="说明一个设计决定：别的做法、不选的理由、付出的代价、改主意的条件，和一条能跑的验收",
    rubric=(
        Level(18, "决定、别的做法、两条原则、代价、改主意的条件、验收六样齐全；代价说得具体；验收照着就能跑出对错"),
        Level(14, "六样大体齐全，但代价或验收只有一句原则（“会麻烦一些”“测试通过”）"),
        Level(9, "只讲了好处，没有代价或没有别的做法；或原则用错了地方"),
        Level(4, "只描述了做了什么，没有理由"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
