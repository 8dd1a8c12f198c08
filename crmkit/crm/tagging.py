"""Tags on customers, products and campaigns: put, take off, rename, merge. One table, one set of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import sqlalchemy as sa

from crmkit.crm.audit import Operation
from crmkit.crm.errors import InvalidInput, NotFound
from crmkit.crm.storage import tables

if TYPE_CHECKING:
    from crmkit.crm.session import Session

TAGS = tables.metadata.tables["tags"]
LONGEST = 20


class Tagging:
    """The tags of one kind of object (``"customer"``, ``"product"``, ``"campaign"``).

    Parameters
    ----------
    function
        The catalogue key under which tags of this kind are read and changed.
    objects
        The table of the objects, with one key column.
    """

    def __init__(self, session: Session, kind: str, function: str, objects: sa.Table) -> None:
        self._session, self._kind, self._function, self._objects = session, kind, function, objects

    def counts(self) -> pd.DataFrame:
        """标签 and 数量, the most used first."""
        with self._session.reading(self._function) as op:
            count = sa.func.count().label("数量")
            chosen = (
                sa.select(TAGS.c.tag.label("标签"), count)
                .where(TAGS.c.object_type == self._kind)
                .group_by(TAGS.c.tag)
                .order_by(count.desc(), TAGS.c.tag)
            )
            return self._session.store.frame(chosen, op.connection)

    def members(self, tag: str) -> list[str]:
        """Ids of the objects that have a tag, sorted; NotFound for a tag nobody has."""
        with self._session.reading(self._function, "查看标签", 标签=tag) as op:
            return sorted(r["object_id"] for r in self._rows(op, tag))

    def put(self, tag: str, ids: Iterable[str]) -> int:
        """Put a tag on objects; those that have it keep it. Returns how many got it new."""
        name, wanted = checked_name(tag), list(dict.fromkeys(ids))
        with self._session.writing(self._function, "贴标签", 标签=name, 数量=len(wanted)) as op:
            op.object = name
            if not wanted:
                raise InvalidInput("没有选中要贴标签的对象。", {"ids": "请先选中"})
            found = op.find_many(self._objects, wanted)
            missing = [i for i in wanted if i not in found]
            if missing:
                raise NotFound(f"没有这些编号：{'、'.join(missing[:5])}（共 {len(missing)} 个）。")
            have = {r["object_id"] for r in self._rows(op, name, missing_ok=True)}
            new = [i for i in wanted if i not in have]
            op.insert_many(TAGS, [self._row(name, i) for i in new])
            return len(new)

    def remove(self, tag: str, ids: Iterable[str]) -> int:
        """Take a tag off objects; returns how many had it."""
        wanted = set(ids)
        with self._session.writing(self._function, "摘标签", 标签=tag, 数量=len(wanted)) as op:
            op.object = tag
            rows = [r for r in self._rows(op, tag) if r["object_id"] in wanted]
            op.delete_many(TAGS, rows)
            return len(rows)

    def rename(self, tag: str, to: str) -> None:
        """Give a tag another name; refused when that name is taken (use `merge`)."""
        name = checked_name(to)
        with self._session.writing(self._function, "标签改名", 标签=tag, 新名称=name) as op:
            op.object = tag
            if name != tag and self._rows(op, name, missing_ok=True):
                raise InvalidInput(
                    f"已有标签「{name}」，要合到一起请用合并。", {"to": "名称已被使用"}
                )
            self._replace(op, [tag], name)

    def merge(self, tags: Sequence[str], into: str) -> int:
        """Replace several tags by one that has the members of all; returns their number."""
        name = checked_name(into)
        with self._session.writing(self._function, "合并标签", 标签=list(tags), 合为=name) as op:
            op.object = name
            if len(set(tags)) < 2 and name in tags:
                raise InvalidInput("合并至少要两个不同的标签。", {"tags": "请再选一个"})
            return self._replace(op, list(dict.fromkeys(tags)), name)

    def delete(self, tag: str) -> int:
        """Take a tag off everything; returns how many objects had it."""
        with self._session.writing(self._function, "删除标签", 标签=tag) as op:
            op.object = tag
            rows = self._rows(op, tag)
            op.delete_many(TAGS, rows)
            return len(rows)

    def _replace(self, op: Operation, old: list[str], name: str) -> int:
        members = {r["object_id"] for r in self._rows(op, name, missing_ok=True)}
        have = set(members)
        for tag in old:
            rows = self._rows(op, tag)
            members |= {r["object_id"] for r in rows}
            if tag != name:
                op.delete_many(TAGS, rows)
        op.insert_many(TAGS, [self._row(name, i) for i in sorted(members - have)])
        return len(members)

    def _rows(self, op: Operation, tag: str, *, missing_ok: bool = False) -> list[dict]:
        chosen = sa.select(TAGS).where(TAGS.c.object_type == self._kind, TAGS.c.tag == tag)
        rows = op.rows(chosen)
        if not rows and not missing_ok:
            raise NotFound(f"没有标签「{tag}」。")
        return rows

    def _row(self, tag: str, object_id: str) -> dict[str, str]:
        return {"tag": tag, "object_type": self._kind, "object_id": object_id}


def checked_name(name: str, field: str = "tag") -> str:
    """A name for a tag or a class, without the blanks around it.

    Raises
    ------
    InvalidInput
        Empty, or longer than 20 characters.
    """
    text = " ".join(str(name).split())
    if not text:
        raise InvalidInput("名称不能是空的。", {field: "请填写"})
    if len(text) > LONGEST:
        raise InvalidInput(f"名称最多 {LONGEST} 个字，现在 {len(text)} 个。", {field: "太长"})
    return text
