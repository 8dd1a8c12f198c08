"""Judge of lab O1, 系统认识与顾客信息: roles, menu, and the four functions of 顾客信息."""

from __future__ import annotations

from typing import Any

from autograder import compare, sheets
from autograder.source.O1.reference import (
    AS_IN_FILE,
    DENIED,
    KEY,
    World,
    clue,
    decided,
    fields,
    first_of_page,
    held,
    holders,
    imported,
    logins,
    merged,
    nth,
    of_level,
    put_tag,
    refusal,
    rule,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.crm.catalogue import FUNCTIONS, MODULES
from crmkit.lab import checks, forms
from crmkit.lab.inputs import o1
from crmkit.workbook import Book

IMPORT = "customers.import_file"
LISTED = ("客户编号", "昵称", "会员等级", "省份", "累计订单数", "累计金额")


def world(student: str) -> World:
    return World(student)


lab = LabSpec("O1", "系统认识与顾客信息", world=world, shop=o1.SHOP)

# ------------------------------------------------------------------ the system


@lab.operation("O1-01", points=6, core=True, title="以客服登录", need="以角色「客服」登录一次系统",
               log=checks.Operations((checks.SYSTEM,), ("登录",)), reads=logins,
               compare=compare.facts({"客服": 1}, {"客服": "操作日志里没有角色是「客服」的登录"}))  # fmt: skip
def login(w: World) -> dict[str, Any]:
    return {"客服": True, "names": []}


@login.sign("登录了，但用户名写成了「客服」，角色选的是别的：角色才决定能做什么", share=0.5)
def login_as_name(w: World, got: Any) -> bool:
    return not got["客服"] and "客服" in got["names"]


@login.sign(
    '用别的角色登录过，没有用过「客服」：在实训台上方切换角色，或写 crm.login("客服")', share=0.3
)
def login_as_other(w: World, got: Any) -> bool:
    return not got["客服"] and bool(got["names"])


@lab.item("O1-02", points=8, core=True, title="44 个功能各在哪个模块",
          need="把 44 个功能放到 8 个模块下面",
          public=checks.Groups(MODULES, tuple(dict.fromkeys(f.name for f in FUNCTIONS.values()))),
          compare=compare.members())  # fmt: skip
def menu(w: World) -> dict[str, list[str]]:
    return {m: [f.name for f in FUNCTIONS.values() if f.module == m] for m in MODULES}


@menu.mistake("「客单价分析」有两个：顾客分析里按顾客看，渠道关系里按渠道看", share=0.9)
def menu_once(w: World) -> dict[str, list[str]]:
    right = menu.expect(w)
    return right | {"渠道关系": [x for x in right["渠道关系"] if x != "客单价分析"]}


@menu.mistake("各种标签都放进了顾客信息：商品标签、活动标签各跟着自己的模块", share=0.85)
def menu_tags(w: World) -> dict[str, list[str]]:
    right = menu.expect(w)
    moved = {"商品信息": "商品标签", "营销信息": "活动标签"}
    out = {m: [x for x in xs if x != moved.get(m)] for m, xs in right.items()}
    return out | {"顾客信息": [*right["顾客信息"], *moved.values()]}


@lab.operation("O1-03", points=6, title="越权会怎样",
               need="用一个角色去做它没有权限的事，写出系统报的错误名称；操作日志里要有这条拒绝",
               log=checks.Operations((), refused=True), reads=refusal,
               public=checks.Text(r"[A-Za-z]\w*", "英文的错误名称，例如 ValueError"),
               compare=compare.facts({"name": 0.5, "refused": 0.5}, {
                   "name": "错误的名称不对", "refused": "操作日志里没有因为权限被拒绝的操作"}))  # fmt: skip
def denied(w: World) -> dict[str, Any]:
    return {"name": DENIED, "refused": True}


@denied.mistake("名称对了，但日志里没有被拒绝的操作：要真的去做一次没有权限的事", share=0.5)
def denied_not_done(w: World) -> dict[str, Any]:
    return {"name": DENIED, "refused": False}


@denied.sign(
    "这是别的错误（写错了参数或编号）：权限不够被拒绝的那一条，点开日志看「错误 · 名称」", share=0.5
)
def denied_other(w: World, got: Any) -> bool:
    return got["refused"] and got["name"] != DENIED


@denied.sign("只是没有登录：登录一个角色以后，再做一件它不能做的事", share=0.3)
def denied_nobody(w: World, got: Any) -> bool:
    return not got["refused"] and got["name"] != DENIED


# ------------------------------------------------------------------ 顾客速查


@lab.item("O1-04", points=10, core=True, title="按手机尾号查顾客", need="手机以给定四位数字结尾的那一位顾客的客户编号",
          public=checks.Text(r"C\d{6}", "一个客户编号，C 加 6 位数字"), compare=compare.word("要找的顾客"))  # fmt: skip
def tail(w: World) -> str:
    digits = w.task("O1-04")["手机尾号"]
    c = w.customers
    return str(c.loc[c["手机"].str.endswith(digits), KEY].iloc[0])


@tail.mistake("这位顾客的手机里有这四个数字，但不在最后：用「手机尾号」查", share=0.3)
def tail_inside(w: World) -> str:
    digits = w.task("O1-04")["手机尾号"]
    c = w.customers
    inside = c["手机"].str[:-1].str.contains(digits) & ~c["手机"].str.endswith(digits)
    return str(c.loc[inside, KEY].iloc[0])


@tail.sign("交的是昵称、姓名或手机：要交客户编号", share=0.6)
def tail_name(w: World, got: Any) -> bool:
    c = w.customers.set_index(KEY).loc[tail.expect(w)]
    return forms.word(got) in (c["昵称"], c["姓名"], c["手机"])


@lab.item("O1-05", points=8, core=True, title="按昵称和省份查顾客", need="昵称含给定的字、又在给定省份的全部顾客",
          public=checks.Ids(least=1, most=400), compare=compare.id_set())  # fmt: skip
def clues(w: World) -> list[str]:
    return clue(w)


@clues.mistake("没有加省份的条件：两个条件要同时满足", share=0.3)
def clues_nick_only(w: World) -> list[str]:
    return clue(w, province=False)


@clues.mistake("没有加昵称的条件：两个条件要同时满足", share=0.3)
def clues_province_only(w: World) -> list[str]:
    return clue(w, nick=False)


@clues.sign("只交了其中几位：查到的每一位都要交", share=0.4)
def clues_some(w: World, got: Any) -> bool:
    return set(forms.ids(got, KEY)) < set(clue(w))


# ------------------------------------------------------------------ 顾客导入


def same_people(got: Any, expected: list[list[str]]) -> Verdict:
    found, right = [tuple(r) for r in got], [tuple(r) for r in expected]
    lacking, extra = set(right) - set(found), set(found) - set(right)
    doubled = len(found) - len(set(found))
    if not lacking and not extra and not doubled:
        return Verdict(1.0, f"{len(right)} 位新顾客都导入了，资料与文件相同")
    mobiles = {r[2] for r in right}
    changed = sum(r[2] in mobiles and bool(r[2]) for r in extra)
    words = [f"新增了 {len(found)} 位顾客"]
    words += [f"{changed} 位的资料与文件不同"] if changed else []
    words += (
        [f"{len(extra) - changed + doubled} 位不该新增"] if len(extra) - changed + doubled else []
    )
    words += [f"少了 {len(lacking) - changed} 位"] if len(lacking) > changed else []
    share = (len(right) - len(lacking) - (len(extra) - changed) - doubled) / len(right)
    return Verdict(
        max(0.0, share), "，".join(words), "撤销这个批次，看清预览里每一行会怎样，再导入一次"
    )


@lab.operation("O1-06", points=12, core=True, title="导入门店登记表",
               need="文件里的新顾客全部导入，已有的不重复新增，不合格的不导入，资料逐格与文件相同",
               log=checks.Operations((IMPORT,), ("导入",)), reads=imported, compare=same_people)  # fmt: skip
def people(w: World) -> list[list[str]]:
    return sorted(fields(r, AS_IN_FILE) for r in w.people("新"))


@people.mistake(
    "已有的顾客又新增了一次：「已有的顾客」一格选“已有的顾客不动，只新增”，不要选“不比对”",
    share=0.5,
)
def people_doubled(w: World) -> list[list[str]]:
    return sorted(fields(r, AS_IN_FILE) for r in (*w.people("新"), *w.people("已有")))


@people.mistake("「获客途径」没有导入：系统认不出这个列名，要把它对应到「来源」", share=0.7)
def people_unmapped(w: World) -> list[list[str]]:
    return sorted([*fields(r, AS_IN_FILE)[:-1], ""] for r in w.people("新"))


@people.mistake("没有一位新增：预览以后还要点「写入」；撤销过的批次不算", share=0.0)
def people_none(w: World) -> list[list[str]]:
    return []


def each_decided(got: Any, expected: dict[str, list[str]]) -> Verdict:
    wrong = [i for i, v in expected.items() if list(got.get(i, [])) != v]
    if not wrong:
        return Verdict(1.0, f"{len(expected)} 位已有的顾客都处理对了")
    return Verdict(1 - len(wrong) / len(expected), f"{len(wrong)} 位处理得不对，例如 {wrong[0]}",
                   "逐行看「备忘」：写着按本表更新的才更新")  # fmt: skip


@lab.operation("O1-07", points=6, title="已有的顾客：更新还是跳过",
               need="文件里已有的顾客，备忘写「按本表更新」的更新省份、城市和手机，写「以系统里的为准」的不动",
               log=checks.Operations((IMPORT, "customers.list"), ("导入", "修改顾客")), reads=held,
               compare=each_decided)  # fmt: skip
def decisions(w: World) -> dict[str, list[str]]:
    return decided(w, (o1.MOVED,))


@decisions.mistake("全部更新了：写着“以系统里的为准”的那几位要跳过", share=0.4)
def decisions_all(w: World) -> dict[str, list[str]]:
    return decided(w, (o1.MOVED, o1.STALE))


@decisions.mistake("一位也没有更新：写着“按本表更新”的几位，要在导入时把那几行改为更新", share=0.2)
def decisions_none(w: World) -> dict[str, list[str]]:
    return decided(w, ())


@decisions.mistake(
    "更新和跳过正好反了：写着“按本表更新”的才更新，写着“以系统里的为准”的跳过", share=0.0
)
def decisions_swapped(w: World) -> dict[str, list[str]]:
    return decided(w, (o1.STALE,))


# ------------------------------------------------------------------ 顾客列表


@lab.item("O1-08", points=10, core=True, title="列表的排序和翻页",
          need="顾客列表按累计金额从高到低排，每页 20 行，给定那一页第一行的客户编号",
          public=checks.Text(r"C\d{6}", "一个客户编号，C 加 6 位数字"), compare=compare.word("那一行的顾客"))  # fmt: skip
def row(w: World) -> str:
    return nth(w, first_of_page(w, 20, w.task("O1-08")["第几页"]))


@row.mistake("每页行数没有改成 20，用的是 10", share=0.4)
def row_of_ten(w: World) -> str:
    return nth(w, first_of_page(w, 10, w.task("O1-08")["第几页"]))


@row.mistake("排成了从低到高：再点一次「累计金额」的表头，金额大的在前", share=0.3)
def row_upwards(w: World) -> str:
    return nth(w, first_of_page(w, 20, w.task("O1-08")["第几页"]), ascending=True)


@row.mistake("页数少翻或多翻了一页：页从 1 数起", share=0.4)
def row_of_next_page(w: World) -> str:
    return nth(w, first_of_page(w, 20, w.task("O1-08")["第几页"] + 1))


@row.mistake("按累计订单数排了：题目要按累计金额", share=0.3)
def row_by_orders(w: World) -> str:
    return nth(w, first_of_page(w, 20, w.task("O1-08")["第几页"]), by="累计订单数")


def listed(book: Any) -> list[str]:
    """Ids on the first sheet of an export."""
    first = next(iter(book.sheets), "") if isinstance(book, Book) else ""
    page = sheets.sheet(book, first)
    sheets.need(page, *LISTED)
    return [r[KEY].text for r in sheets.rows(page)]


def exported(book: Any, expected: list[str]) -> Verdict:
    ids = listed(book)
    if sorted(ids) == expected:
        return Verdict(1.0, f"{len(ids)} 行，表头齐全")
    words = f"导出了 {len(ids)} 行，多了 {len(set(ids) - set(expected))} 位，少了 {len(set(expected) - set(ids))} 位"
    return Verdict(0.2, words, "在顾客列表里先选好保存的筛选，再导出")


@lab.item("O1-09", points=8, title="导出一份名单", need="给定会员等级的顾客保存成筛选，从顾客列表导出成 xlsx，放在 out 文件夹里",
          public=checks.Workbook(), compare=exported)  # fmt: skip
def export(w: World) -> list[str]:
    return of_level(w)


@export.sign("导出的是全部顾客：先在顾客列表里选好保存的筛选", share=0.5)
def export_all(w: World, book: Any) -> bool:
    return set(w.customers[KEY]) <= set(listed(book))


@export.sign("只导出了名单的一部分：用列表右上角的导出，它导出全部行，不只这一页", share=0.5)
def export_page(w: World, book: Any) -> bool:
    found = set(listed(book))
    return bool(found) and found < set(of_level(w))


# ------------------------------------------------------------------ 顾客标签


@lab.operation("O1-10", points=10, core=True, title=f"贴标签「{o1.TAG}」",
               need=f"由客服给符合规则的每一位顾客贴上标签「{o1.TAG}」，不多不少",
               log=checks.Operations(("customers.tags",)), reads=put_tag,
               compare=compare.facts({"members": 0.9, "role": 0.1}, {
                   "members": f"有标签「{o1.TAG}」的顾客不对", "role": "贴标签的角色不是客服"}))  # fmt: skip
def tagged(w: World) -> dict[str, Any]:
    return rule(w)


@tagged.mistake("刚好等于金额下限的顾客漏了：「不低于」包含相等", share=0.6)
def tagged_strict(w: World) -> dict[str, Any]:
    return rule(w, strict=True)


@tagged.mistake("没有加最近购买的条件：三个条件要同时满足", share=0.3)
def tagged_undated(w: World) -> dict[str, Any]:
    return rule(w, dated=False)


@tagged.mistake("订单数没有限在 2 以内：「订单数从」填 1，「到」填 2", share=0.3)
def tagged_any_orders(w: World) -> dict[str, Any]:
    return rule(w, most_orders=10_000)


@tagged.mistake(
    "只贴了第一页的顾客：勾上表头的方框以后，再点「选择全部 … 行」；写代码要翻页", share=0.3
)
def tagged_page(w: World) -> dict[str, Any]:
    return rule(w) | {"members": rule(w)["members"][:10]}


@lab.operation("O1-11", points=6, title="合并标签",
               need="给定的两个标签合并成一个：旧的不再有，新的有原来两个标签的全部顾客",
               log=checks.Operations(("customers.tags",), ("合并标签", "标签改名", "贴标签", "删除标签")),
               reads=merged, compare=compare.facts({"members": 0.7, "left": 0.3}, {
                   "members": f"有标签「{o1.INTO}」的顾客不对", "left": "旧标签还在"}))  # fmt: skip
def union(w: World) -> dict[str, Any]:
    a, b = holders(w)
    return {"members": sorted(a | b), "left": []}


@union.mistake("只改了一个标签的名称，另一个没有并进来：两个一起勾选，点「合并」", share=0.4)
def union_renamed(w: World) -> dict[str, Any]:
    return {"members": sorted(holders(w)[0]), "left": w.task("O1-11")["合并"][1:]}


@union.mistake("只贴了两个标签都有的顾客：合并是并集", share=0.2)
def union_both(w: World) -> dict[str, Any]:
    a, b = holders(w)
    return {"members": sorted(a & b), "left": []}


@union.mistake("新标签贴全了，但两个旧标签还在：用“合并”，一步就把旧的换掉", share=0.7)
def union_left(w: World) -> dict[str, Any]:
    return union.expect(w) | {"left": sorted(w.task("O1-11")["合并"])}


lab.manual(
    "O1-12", points=10, title="一个角色的一天",
    need="150–250 字：选一个角色，写出它在系统里的任务和先后，以及在哪一步交给另一个角色",
    rubric=(
        Level(10, "角色明确；至少三项任务，各对应到系统的功能，先后合理；写清交给谁、凭什么交接"),
        Level(8, "三项任务都对应到功能，但交接只点了名，没有写清凭什么交接"),
        Level(6, "只有两项任务对应到功能，或没有交接"),
        Level(3, "只是抄了角色的说明，没有任务的先后"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
