"""What a student did in the CRM, as the judge of an operation lab sees it: lines, changes, state.

A `Work` is a read-only view of one checked shop file. The state in it is the student's untouched
shop with the log's changes applied, never what the file's tables say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from autograder import examination, shopfiles
from autograder.examination import Sitting
from autograder.shopfiles import Row, ShopFileError, ShopLog
from crmkit.lab.checks import Operations

if TYPE_CHECKING:
    import pandas as pd

DONE, REFUSED, READ = "成功", "拒绝", "查看"


@dataclass(frozen=True)
class Change:
    """One row before and after; None where there was, or is, none. An update names what changed."""

    table: str
    key: tuple[str, ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True)
class Line:
    """One operation: `key` is the function's in the catalogue, "" for the system's own (登录)."""

    seq: int
    key: str
    role: str
    user: str
    action: str
    object: str
    detail: Mapping[str, Any]
    outcome: str
    message: str
    at: str  # the shop's time
    clock: str  # real time, UTC
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Work:
    """Everything done in one shop file, in order.

    Examples
    --------
    ``work.of("customers.tags", action="贴标签")`` gives the lines, ``work.tagged("高潜")`` the
    customers that have the tag at the end.
    """

    log: ShopLog | None = None
    _frames: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    # --- the log ----------------------------------------------------------------------------------
    @cached_property
    def lines(self) -> tuple[Line, ...]:
        if self.log is None:
            return ()
        changes: dict[int, list[Change]] = {}
        for c in self.log.changes:
            images = [None if c[n] is None else json.loads(c[n]) for n in ("before", "after")]
            made = Change(c["table_name"], tuple(json.loads(c["row_key"])), *images)
            changes.setdefault(c["seq"], []).append(made)
        keys = shopfiles.keys()
        return tuple(
            Line(o["seq"], keys[o["module"], o["function"]], o["role"], o["user_name"], o["action"],
                 o["object"], json.loads(o["detail"]), o["outcome"], o["message"], o["at"],
                 o["clock"], tuple(changes.get(o["seq"], ())))
            for o in self.log.operations
        )  # fmt: skip

    def of(self, *keys: str, action: str = "", role: str = "", outcome: str = "") -> list[Line]:
        """Lines of these functions (all when none is named), in order; refused ones included."""
        return [
            x for x in self.lines
            if (not keys or x.key in keys) and (not action or x.action == action)
            and (not role or x.role == role) and (not outcome or x.outcome == outcome)
        ]  # fmt: skip

    def about(self, check: Operations) -> bool:
        """Whether any line is about an item."""
        return self.log is not None and any(map(check.concerns, self.log.operations))

    def changed(self, table: str, keys: Iterable[str] = ()) -> Iterator[tuple[Line, Change]]:
        """Changes of a table (of rows with these first key values), with the line that made them."""
        wanted = set(keys)
        for line in self.lines:
            for c in line.changes:
                if c.table == table and (not wanted or c.key[0] in wanted):
                    yield line, c

    # --- the state at the end ---------------------------------------------------------------------
    @cached_property
    def _after(self) -> dict[str, dict[str, Row]]:
        return {} if self.log is None else shopfiles.state(self.log)

    def rows(self, table: str) -> list[Row]:
        """All rows of a table at the end, with the store's own column names and values (分, ISO)."""
        if table in self._after:
            return list(self._after[table].values())
        return self.before(table)

    def before(self, table: str) -> list[Row]:
        """All rows of a table in the untouched shop."""
        from crmkit.crm.storage import tables

        if self.log is None:
            return []
        names = [c.name for c in tables.metadata.tables[table].c]
        start = shopfiles.untouched(self.log.shop, self.log.student, self.log.lab)
        return [dict(zip(names, row, strict=True)) for row in start[table]]

    def row(self, table: str, *key: str) -> Row | None:
        """One row at the end, by its key."""
        from crmkit.crm.storage import tables

        names = tables.key_of(tables.metadata.tables[table])
        return next((r for r in self.rows(table) if tuple(r[n] for n in names) == key), None)

    def frame(self, table: str) -> pd.DataFrame:
        """A table of the shop at the end as students see it: Chinese headers, words, yuan, dates."""
        import pandas as pd

        from crmkit.crm.frames import labelled
        from crmkit.crm.storage import tables

        if table not in self._frames:
            names = [c.name for c in tables.metadata.tables[table].c]
            self._frames[table] = labelled(pd.DataFrame(self.rows(table), columns=names), table)
        return self._frames[table].copy(deep=False)

    # --- what several labs ask for ----------------------------------------------------------------
    def tags(self, kind: str = "customer") -> dict[str, set[str]]:
        """Tag → ids of the objects of a kind that have it at the end."""
        found: dict[str, set[str]] = {}
        for r in self.rows("tags"):
            if r["object_type"] == kind:
                found.setdefault(r["tag"], set()).add(r["object_id"])
        return found

    def tagged(self, tag: str, kind: str = "customer") -> set[str]:
        """Ids of the objects that have a tag at the end."""
        return self.tags(kind).get(tag, set())

    def groups(self) -> dict[str, set[str]]:
        """Class (手动分类 and saved ones) → ids of its members at the end."""
        found = {g["group_id"]: (g["name"], set[str]()) for g in self.rows("groups")}
        for m in self.rows("group_members"):
            if m["group_id"] in found:
                found[m["group_id"]][1].add(m["customer_id"])
        return dict(found.values())


NOTHING = Work()


@dataclass(frozen=True)
class Looked:
    """What the shop files of a submission gave: views, why one could not be used, what to say."""

    works: tuple[Work, ...] = ()
    unread: str = ""
    says: tuple[str, ...] = ()
    sitting: Sitting | None = None  # of an examination: its times


def look(
    handed_in: Mapping[str, bytes], made: Mapping[str, bytes], *, name: str, student: str, lab: str,
    shop: str, exam: bool = False,
) -> Looked:  # fmt: skip
    """Read the shop file that was handed in, and the one that the notebook's cells made.

    Parameters
    ----------
    handed_in, made
        Files by path; only `name` and its ``-wal`` are looked at.
    exam
        Of an examination only what was done in time counts, and what the cells make today only
        when no file was handed in: then nobody knows when it was done.
    """
    works, unread, says, sitting = [], "", [], None
    if exam and name not in handed_in:
        sitting = Sitting(remarks=(f"没有交店铺文件「{name}」：答题时间无从查起",))
        says.append(sitting.words)
    for files in (handed_in,) if exam and name in handed_in else (handed_in, made):
        if name not in files:
            continue
        try:
            beside = files.get(f"{name}-wal", b"")
            log = shopfiles.read(files[name], beside, student=student, lab=lab, shop=shop)
        except ShopFileError as error:
            if files is handed_in:
                unread = f"{error}，没有采用"
                says.append(f"店铺文件{unread}")
                sitting = Sitting(remarks=(f"店铺文件{unread}",)) if exam else None
            continue
        if log.edited:
            says.append(
                f"店铺文件里 {'；'.join(log.edited)} 与操作日志对不上，是绕过系统改的，不算；以日志为准"
            )
        if exam:
            edited = says[-1:] if log.edited else []
            log, found = examination.in_time(log)
            if files is handed_in:
                says.append(found.words)
                sitting = replace(found, remarks=(*found.remarks, *edited))
        works.append(Work(log))
    return Looked(tuple(works), unread, tuple(says), sitting)


def to_json(work: Work) -> dict[str, Any] | None:
    """A work as plain data, to be stored; see `from_json`."""
    return None if work.log is None else asdict(work.log)


def from_json(data: Mapping[str, Any]) -> Work:
    """The work that `to_json` made; it was checked when it was read from the file."""
    return Work(ShopLog(**data))
