"""顾客信息: look one up, import many, page through all, tag them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from crmkit.crm.customers import CUSTOMERS
from crmkit.crm.errors import InvalidInput
from crmkit.crm.figures.cards import FIGURES, MEANING
from crmkit.crm.importing import MODES
from crmkit.crm.session import Session
from crmkit.crm.storage import tables
from crmkit.crm.tagging import TAGS
from crmkit.settings import settings
from crmkit.ui.console import fields as f
from crmkit.ui.console import figures, results
from crmkit.ui.console.screen import (
    Action,
    Call,
    Card,
    Done,
    Drawer,
    Row,
    Screen,
    Section,
    Source,
    Table,
    View,
    path_of,
)
from crmkit.ui.console.screens import tag_actions
from crmkit.ui.console.screens.interactions import CALL_DRAWER
from crmkit.ui.console.screens.timeline import timeline

SIZE = 10
_HIDDEN = ("来源", "渠道编号", "交易状态", "首次购买", "关闭笔数", "关闭金额", "购买件数", "性别", "生日",
           "注册日期", "接受营销", "备注", "农历生日", "黑名单")  # fmt: skip


def tags(crm: Session) -> list[str]:
    """Tags that customers have."""
    chosen = sa.select(TAGS.c.tag).where(TAGS.c.object_type == "customer").distinct()
    return sorted(crm.store.frame(chosen)["tag"])


def groups(crm: Session) -> list[str]:
    return sorted(crm.store.frame(sa.select(tables.groups.c.name))["name"])


def _distinct(column: str) -> Any:
    def choices(crm: Session) -> list[str]:
        found = crm.store.frame(sa.select(CUSTOMERS.c[column]).distinct())[column]
        return sorted(x for x in found if isinstance(x, str) and x)

    return choices


def levels(crm: Session) -> list[str]:
    return list(settings()["levels"]["names"])


# --- one customer ---------------------------------------------------------------------------------
def card_drawer(crm: Session, row: Row) -> Drawer:
    """A member card with what belongs to it."""
    return _card(crm, crm.customers.card(row["客户编号"]), row, clear=False)


def _card(crm: Session, card: Row, row: Row, *, clear: bool) -> Drawer:
    number = card["客户编号"]
    plain = (
        "性别",
        "手机",
        "生日",
        "省份",
        "城市",
        "来源",
        "渠道编号",
        "注册日期",
        "交易状态",
        "接受营销",
        "黑名单",
        "备注",
    )
    return Drawer(
        f"{card['姓名'] or card['昵称']}（{number}）", status=card["会员等级"],
        lead=[("累计金额", card["累计金额"], "money"), ("订单", card["累计订单数"], "count"),
              ("最近购买", card["最近购买"], "date")],
        chips=[*card["标签"], *(f"分类：{g}" for g in card["分类"])],
        sections=[
            Section("基本资料", facts=[("昵称", card["昵称"], "text"), *((k, _yes(k, card.get(k)), "") for k in plain if k in card)]),
            Section("消费", facts=[(k, card[k], "date" if k in ("首次购买", "最近购买") else "") for k in FIGURES]),
            *timeline(crm, number),
        ],
        actions=[EDIT_DRAWER, CALL_DRAWER, *tag_actions.on_one("顾客", "customers.tags", lambda c: c.customers.tagging, tags)],
        reveal=None if clear else lambda s: _card(s, s.customers.reveal(number), row, clear=True),
    )  # fmt: skip


def _yes(name: str, value: Any) -> Any:
    return bool(value) if name in ("接受营销", "黑名单") and value is not None else value


def _edit_form(crm: Session, row: Row | None) -> list[f.Field]:
    number = (row or {}).get("客户编号", "")
    found = crm.store.frame(sa.select(CUSTOMERS).where(CUSTOMERS.c.customer_id == number))
    now = found.iloc[0].to_dict() if len(found) else {}
    return [
        f.text("nick", "昵称", now.get("nick"), required=True),
        f.select("member_level", "会员等级", levels, now.get("member_level"), required=True),
        f.select("province", "省份", _distinct("province"), now.get("province"), required=True),
        f.text("city", "城市", now.get("city"), blank=True),
        f.check("consent", "接受营销", bool(now.get("consent"))),
        f.check("lunar_birthday", "按农历过生日", bool(now.get("lunar_birthday"))),
        f.area("remark", "备注", now.get("remark"), blank=True),
    ]  # fmt: skip


def _edit(c: Call) -> str:
    c.crm.customers.update(c.row["客户编号"], expect=c.row.get("版本"), **c.values)
    return f"已保存 {c.row['客户编号']} 的资料。"


EDIT_DRAWER = Action("修改资料", _edit, on="drawer", fields=_edit_form, confirm="保存", main=True,
                     function="customers.list")  # fmt: skip


def _blacklist(on: bool) -> Any:
    def run(c: Call) -> Done:
        count = c.crm.customers.blacklist(c.keys, on=on)
        word = "拉黑" if on else "取消拉黑"
        back = list(c.keys)

        def undo(crm: Session) -> str:
            crm.customers.blacklist(back, on=not on)
            return "已恢复。"

        return Done(f"{word}：改动了 {count:,} 位顾客。", undo=undo if count else None)

    return run


def _join_group(c: Call) -> str:
    name = c.values["name"]
    if name in groups(c.crm):
        return f"加入分类「{name}」：新加 {c.crm.segments.add(name, c.keys):,} 位。"
    return f"建立分类「{name}」：{c.crm.segments.create(name, c.keys):,} 位。"


MANY = [
    *tag_actions.on_many("顾客", "customers.tags", lambda c: c.customers.tagging, tags),
    Action("加入分类", _join_group, on="rows", function="segments.manual",
           fields=[f.text("name", "分类名称", required=True, help="没有这个名称就新建一个手动分类")]),
    Action("拉黑", _blacklist(True), on="rows", danger=True, function="customers.list",
           text=lambda c: f"把选中的 {len(c.keys):,} 位顾客放入黑名单：不再收到任何营销。可以撤销。"),
    Action("取消拉黑", _blacklist(False), on="rows", function="customers.list"),
]  # fmt: skip


# --- 顾客速查, 顾客列表 ----------------------------------------------------------------------------
def _pairs(v: f.Values) -> dict[str, Any]:
    """From–to inputs as the pairs that `lookup` takes."""
    plain = {k: x for k, x in v.items() if not k.endswith(("_from", "_to"))}
    for name in ("orders", "amount", "last_order"):
        pair = (v.get(f"{name}_from"), v.get(f"{name}_to"))
        if pair != (None, None):
            plain[name] = pair
    return plain


def _table(title: str, fetch: Any, first: Any, **more: Any) -> Table:
    def rows(page: int, size: int, sort: Sequence[tuple[str, bool]]) -> tuple[pd.DataFrame, int]:
        found = fetch(page, size, sort)
        return found.frame, found.total

    return Table(
        title, first.frame, id="客户编号", hidden=_HIDDEN, drawer=card_drawer, actions=MANY,
        source=Source(rows, first.total, [str(c) for c in first.frame.columns], several=True), **more,
    )  # fmt: skip


def _lookup(crm: Session, v: f.Values) -> View:
    given = _pairs(v)

    def fetch(page: int, size: int, sort: Sequence[tuple[str, bool]]) -> Any:
        return crm.customers.lookup(**given, sort=tuple(sort), page=page, size=size)

    first = fetch(1, SIZE, ())
    return View(
        cards=[Card("找到顾客", first.total)] if given else [],
        tables=[_table("顾客", fetch, first)], note=MEANING,
    )  # fmt: skip


_LOOKUP = [
    f.text("nick", "昵称"), f.text("name", "姓名"), f.text("mobile_tail", "手机尾号", placeholder="后几位"),
    f.select("level", "等级", levels, placeholder="全部等级"),
    f.select("province", "省份", _distinct("province"), placeholder="全部省份"),
    f.select("tag", "标签", tags, placeholder="全部标签"),
    f.text("mobile", "手机"), f.text("city", "城市"),
    f.select("source", "来源", _distinct("source"), placeholder="全部来源"),
    f.select("channel", "渠道", results.channels, placeholder="全部渠道"),
    f.select("group", "分类", groups, placeholder="全部分类"),
    f.count("orders_from", "订单数从"), f.count("orders_to", "到"),
    f.money("amount_from", "累计金额从"), f.money("amount_to", "到"),
    f.dates("last_order_from", "last_order_to", "最近购买"),
]  # fmt: skip


def _saved(crm: Session) -> list[str]:
    return sorted(crm.store.frame(sa.select(tables.saved_filters.c.name))["name"])


def _list(crm: Session, v: f.Values) -> View:
    def fetch(page: int, size: int, sort: Sequence[tuple[str, bool]]) -> Any:
        order: f.Values = {"sort": tuple(sort)} if sort else {}
        return crm.customers.list(**v, **order, page=page, size=size)

    first = fetch(1, SIZE, ())
    return View(
        tables=[_table("顾客列表", fetch, first, export_with=lambda s, path: s.customers.export(path, **v)),
                Table("保存的筛选", crm.customers.saved_filters(), kinds={"名称": "text", "条件": "wrap"},
                      actions=[Action("删除", _drop_filter, on="row", danger=True)])],
        note=MEANING,
    )  # fmt: skip


def _drop_filter(c: Call) -> str:
    c.crm.customers.delete_filter(c.key)
    return f"已删除筛选「{c.key}」。"


def _save_filter(c: Call) -> str:
    values = dict(c.values)
    name = values.pop("filter_name")
    c.crm.customers.save_filter(name, **_pairs(values))
    return f"已保存筛选「{name}」，在顾客列表里可以选它。"


SAVE = Action(
    "保存筛选", _save_filter, text="把一组条件保存成“场景”，以后在顾客列表里一选就有。",
    fields=[f.text("filter_name", "名称", required=True), *_LOOKUP[:6], *_LOOKUP[8:10], *_LOOKUP[11:]],
    function="customers.list",
)  # fmt: skip


# --- 顾客导入 -------------------------------------------------------------------------------------
def _plan(c: Call) -> Any:
    return c.crm.customers.import_file(path_of(c.values), _mapping(c.values.get("mapping")))


def _mapping(text: str | None) -> dict[str, str] | None:
    """Lines such as 「会员卡号=客户编号」; None where nothing was filled in."""
    pairs = {}
    for line in (text or "").replace("＝", "=").splitlines():
        column, sign, field = (part.strip() for part in line.partition("="))
        if line.strip() and not (column and sign and field):
            said = f"「{line.strip()}」看不懂：每行写一列，例如 会员卡号=客户编号"
            raise InvalidInput(said, {"mapping": said})
        if line.strip():
            pairs[column] = field
    return pairs or None


def _decisions(c: Call) -> dict[int, str]:
    """Rows of the file to be updated although the rest is skipped."""
    rows = c.values.get("rows") or []
    if not all(str(row).isdigit() for row in rows):
        raise InvalidInput("行号是数字，即预览里「行」一列的数。", {"rows": "只写行号"})
    return {int(row): "update" for row in rows}


def _import_preview(c: Call) -> View:
    c.tell("正在读文件……")
    plan = _plan(c)
    left = "、".join(plan.unmapped)
    mapping = pd.DataFrame(
        {"文件里的列": list(plan.mapping), "对应的字段": list(plan.mapping.values())}
    )
    return View(
        cards=[Card(word, n, tone="bad" if word == "拒绝" and n else "") for word, n in plan.counts.items()],
        tables=[Table("逐行结果", plan.rows), Table("列的对应", mapping)],
        warning=f"这些列没有用到：{left}" if left else "",
        note=f"「{plan.file}」共 {len(plan.rows):,} 行，还没有写入：看清楚后点“写入”。",
    )  # fmt: skip


def _import(c: Call) -> Done:
    def written(done: int, total: int) -> None:
        c.tell(f"正在写入：{done:,} / {total:,} 位顾客")

    c.tell("正在读文件……")
    batch = c.crm.customers.apply_import(_plan(c), c.values["mode"], _decisions(c), written)
    row = next(r for r in c.crm.customers.imports().to_dict("records") if r["批次"] == batch)
    said = f"批次 {batch}：新增 {row['新增']}，更新 {row['更新']}，跳过 {row['跳过']}，拒绝 {row['拒绝']}。"
    return Done(said, undo=lambda crm: _undo_import(crm, batch))


def _undo_import(crm: Session, batch: str) -> str:
    return f"批次 {batch} 已撤销，涉及 {crm.customers.undo_import(batch):,} 位顾客。"


def _imports(crm: Session, v: f.Values) -> View:
    found = crm.customers.imports()
    words = {k: str(m).partition("：")[0] for k, m in MODES.items()}
    shown = found.assign(方式=found["方式"].map(words).fillna(found["方式"]))
    return View(
        cards=[Card("导入批次", len(found)), Card("新增顾客", int(found["新增"].sum()))],
        tables=[Table("导入批次", shown, id="批次", empty="还没有导入过。点右上角“导入文件”。",
                      actions=[Action("撤销", lambda c: _undo_import(c.crm, c.key), on="row", danger=True, right="撤销",
                                      when=lambda r: r["状态"] == "已导入",
                                      text=lambda c: f"撤销整个批次 {c.key}：新增的 {c.row['新增']} 位会删除，更新过的恢复原样。")])],
        note="先试读，看清每一行会怎样，再真正写入；整批可以撤销。按 客户编号 → 手机 → 昵称 的顺序认人（课程约定）。",
    )  # fmt: skip


IMPORT = Action(
    "导入文件", _import, icon="up", main=True, preview=_import_preview, confirm="写入",
    fields=[
        f.file("path", "顾客文件", required=True, help="平台导出的会员或订单表也能认；xlsx、xls、csv"),
        f.select("mode", "已有的顾客", dict(MODES), "skip", required=True),
        f.lines("rows", "其中要更新的行", help="已有的顾客里按文件更新的行号（预览里的「行」），其余照上面的选择"),
        f.area("mapping", "列的对应", placeholder="会员卡号=客户编号",
               help="列名都认得出就不填；认不出时每列一行，写了就只读写出的列"),
    ],
)  # fmt: skip


# --- 顾客标签 -------------------------------------------------------------------------------------
def _tags(crm: Session, v: f.Values) -> View:
    found = crm.customers.tags()
    return View(
        cards=[Card("标签", len(found)), Card("贴了标签的次数", int(found["数量"].sum()))],
        charts=[figures.ranking("标签使用", found, "标签", "数量", wide=True)] if len(found) else [],
        tables=[Table("顾客标签", found, kinds={"标签": "text"}, drawer=_tag_drawer,
                      actions=tag_actions.on_tags("顾客", lambda c: c.customers.tagging))],
    )  # fmt: skip


def _tag_drawer(crm: Session, row: Row) -> Drawer:
    members = crm.customers.tagging.members(row["标签"])
    return Drawer(
        f"标签「{row['标签']}」", lead=[("顾客", len(members), "count")],
        sections=[Section("有这个标签的顾客", frame=pd.DataFrame({"客户编号": members}))],
    )  # fmt: skip


SCREENS = (
    Screen("customers.lookup", _lookup, _LOOKUP, "按任意条件找顾客，打开会员卡", actions=[SAVE]),
    Screen("customers.import_file", _imports, about="把平台导出的顾客表读进来：先预览，再写入，可撤销", actions=[IMPORT]),
    Screen(
        "customers.list", _list, [f.select("saved", "保存的筛选", _saved, placeholder="全部顾客")],
        "全部顾客，可多列排序、选列、批量打标签和导出",
    ),
    Screen("customers.tags", _tags, about="给顾客贴标签、改名、合并；在顾客列表里勾选后批量贴",
           actions=[tag_actions.put_by_ids("顾客", lambda c: c.customers.tagging, tags)]),
)  # fmt: skip
