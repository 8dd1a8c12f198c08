"""Putting, removing, renaming and merging tags: the same on customers, products and campaigns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from crmkit.crm.session import Session
from crmkit.crm.tagging import Tagging
from crmkit.ui.console import fields as f
from crmkit.ui.console.screen import Action, Call, Done

Tags = Callable[[Session], Tagging]
Names = Callable[[Session], Any]


def _name(names: Names) -> list[f.Field]:
    return [
        f.text("tag", "标签", placeholder="新标签的名称"),
        f.select("known", "或已有的标签", names, placeholder="（选一个）"),
    ]


def _wanted(c: Call) -> str:
    return str(c.values.get("tag") or c.values.get("known") or "")


def _put(c: Call, tagging: Tags, ids: Sequence[str], what: str) -> Done:
    name = _wanted(c)
    before = set(tagging(c.crm).members(name)) if name in _all(tagging, c.crm) else set()
    count = tagging(c.crm).put(name, ids)
    new = [i for i in ids if i not in before]

    def undo(crm: Session) -> str:
        tagging(crm).remove(name, new)
        return f"已从 {len(new)} 个{what}上摘下标签「{name}」。"

    return Done(f"标签「{name}」：新贴 {count:,} 个{what}。", undo=undo if new else None)


def _all(tagging: Tags, crm: Session) -> set[str]:
    return set(tagging(crm).counts()["标签"])


def on_many(what: str, function: str, tagging: Tags, names: Names) -> list[Action]:
    """Put a tag on, or take one off, the rows that are selected."""
    return [
        Action("贴标签", lambda c: _put(c, tagging, c.keys, what), on="rows", fields=_name(names),
               text=lambda c: f"给选中的 {len(c.keys):,} 个{what}贴标签。", function=function),
        Action("摘标签", lambda c: _remove(c, tagging, c.keys, what), on="rows",
               fields=[f.select("tag", "标签", names, required=True)],
               text=lambda c: f"从选中的 {len(c.keys):,} 个{what}上摘下标签。", function=function),
    ]  # fmt: skip


def on_one(what: str, function: str, tagging: Tags, names: Names) -> list[Action]:
    """The same from the details of one."""
    return [
        Action("贴标签", lambda c: _put(c, tagging, [c.key], what), on="drawer", fields=_name(names), function=function),
        Action("摘标签", lambda c: _remove(c, tagging, [c.key], what), on="drawer",
               fields=[f.select("tag", "标签", names, required=True)], function=function),
    ]  # fmt: skip


def _remove(c: Call, tagging: Tags, ids: Sequence[str], what: str) -> Done:
    name = c.values["tag"]
    have = set(tagging(c.crm).members(name))
    gone = [i for i in ids if i in have]
    count = tagging(c.crm).remove(name, ids)

    def undo(crm: Session) -> str:
        return f"标签「{name}」已贴回 {tagging(crm).put(name, gone):,} 个{what}。"

    return Done(f"标签「{name}」：摘下 {count:,} 个{what}。", undo=undo if gone else None)


def on_tags(what: str, tagging: Tags) -> list[Action]:
    """Rename or delete the tag of a row, merge those selected."""

    def rename(c: Call) -> str:
        tagging(c.crm).rename(c.key, c.values["to"])
        return f"标签「{c.key}」改名为「{c.values['to']}」。"

    def delete(c: Call) -> Done:
        ids = tagging(c.crm).members(c.key)
        count = tagging(c.crm).delete(c.key)
        return Done(f"删除了标签「{c.key}」，涉及 {count:,} 个{what}。",
                    undo=lambda crm: f"标签「{c.key}」恢复到 {tagging(crm).put(c.key, ids):,} 个{what}。")  # fmt: skip

    def merge(c: Call) -> str:
        return f"合并成「{c.values['into']}」，共 {tagging(c.crm).merge(list(c.keys), c.values['into']):,} 个{what}。"

    return [
        Action("改名", rename, on="row", fields=[f.text("to", "新名称", required=True)]),
        Action("删除", delete, on="row", danger=True,
               text=lambda c: f"删除标签「{c.key}」，{c.row['数量']:,} 个{what}不再有它。可以撤销。"),
        Action("合并", merge, on="rows", fields=[f.text("into", "合并成", required=True)],
               text=lambda c: f"把 {len(c.keys)} 个标签合并：{'、'.join(c.keys)}。"),
    ]  # fmt: skip


def put(what: str, tagging: Tags, names: Names, objects: Names) -> Action:
    """Put a tag on chosen objects, from the screen of the tags."""
    return Action(
        "贴标签", lambda c: _put(c, tagging, c.values.get("ids", []), what), main=True, icon="plus",
        fields=[*_name(names), f.multi("ids", what, objects, required=True)],
    )  # fmt: skip


def put_by_ids(what: str, tagging: Tags, names: Names) -> Action:
    """The same for objects that are too many to list: their ids are typed."""
    return Action(
        "贴标签", lambda c: _put(c, tagging, c.values.get("ids", []), what), main=True, icon="plus",
        fields=[*_name(names), f.lines("ids", f"{what}编号", required=True, help="每行一个，或用空格、逗号隔开")],
    )  # fmt: skip
