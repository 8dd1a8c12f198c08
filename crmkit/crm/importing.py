"""顾客导入: from a file to new and changed customers, first as a plan, then for real.

A plan says for every row of the file what would happen and why; nothing is written before it is
applied. A row is matched with an existing customer by 客户编号, then 手机, then 昵称 (the key order
is the course's choice [C]).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crmkit import schema
from crmkit.crm.audit import Operation
from crmkit.crm.errors import InvalidInput
from crmkit.crm.figures import regions
from crmkit.crm.storage import tables
from crmkit.settings import settings

NEW, KNOWN, REFUSED = "新增", "已有", "拒绝"
MODES: Mapping[str, str] = {
    "skip": "已有的顾客不动，只新增",
    "update": "用文件里填了的格更新已有的顾客，再新增其余的",
    "create": "不比对，每一行都作为新顾客",
}
KEYS = ("客户编号", "手机", "昵称")
# What a file may fill; the order is that of the mapping form.
FIELDS = (
    "客户编号", "昵称", "姓名", "性别", "生日", "手机", "省份", "城市", "来源", "渠道编号", "注册日期",
    "会员等级", "接受营销", "备注",
)  # fmt: skip
PROVINCES = (*regions.CODES, regions.OVERSEAS)
_LABELS = schema.TABLES["customers"].names()
CUSTOMERS = tables.metadata.tables["customers"]
STEP = 5_000
_MOBILE = re.compile(r"1[0-9]{10}").fullmatch
Progress = Callable[[int, int], None]
Columns = dict[str, list[Any]]


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's search for garbage: in so many new rows there is none, and it takes long."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@dataclass(frozen=True)
class ImportPlan:
    """What importing a file would do. `rows`: one per row of the file, in its order.

    Attributes
    ----------
    file
        Name of the file.
    mapping
        Column of the file → field of the customer.
    rows
        行 (as Excel shows it), 处理 (新增 / 已有 / 拒绝), 匹配 (id of the existing customer),
        按 (the key that matched), 原因, and the fields.
    unmapped
        Columns of the file that are not taken.
    """

    file: str
    mapping: Mapping[str, str]
    rows: pd.DataFrame
    unmapped: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        found = self.rows["处理"].value_counts()
        return {k: int(found.get(k, 0)) for k in (NEW, KNOWN, REFUSED)}

    def __repr__(self) -> str:
        told = "、".join(f"{k} {v} 行" for k, v in self.counts.items())
        return f"「{self.file}」共 {len(self.rows)} 行：{told}。还没有写入，确认后用 apply_import。"


@uncollected()
def plan(
    path: Any, file: str, mapping: Mapping[str, str] | None, keys: Iterable[str], existing: Existing,
    channels: frozenset[str], levels: frozenset[str],
) -> ImportPlan:  # fmt: skip
    """Read a file and decide row by row; writes nothing.

    Parameters
    ----------
    path, file
        The file (or its bytes), and its name for people.
    mapping
        Column of the file → field; default: columns that carry a field's name (or a usual other
        name of it, see `crmkit.workbook.read_customers`).
    """
    from crmkit import workbook

    if mapping is not None:
        _check_mapping(mapping)
        read = workbook.read_table(path, header=list(mapping))
        names = {_as_read(read.frame, column): field for column, field in mapping.items()}
    else:
        read = workbook.read_customers(path)
        names = {c: c for c in read.frame.columns if c in FIELDS}
    frame = read.frame[list(names)].rename(columns=names)
    frame = frame.reindex(columns=[f for f in FIELDS if f in frame.columns])
    refused: dict[int, list[str]] = {}
    cells = read.report[(read.report["处理"] == "已拒收") & read.report["列"].isin(list(names))]
    for row, column, raw, why in cells[["行", "列", "原值", "原因"]].itertuples(index=False):
        refused.setdefault(row, []).append(f"{column}「{raw}」{why}")
    rows = _decide(frame, read.rows, refused, tuple(keys), existing, channels, levels)
    left = read.report[(read.report["列"] == "（整行）") & (read.report["处理"] == "已拒收")]
    if len(left):
        more = left[["行", "原因"]].assign(处理=REFUSED, 匹配="", 按="")
        rows = pd.concat([rows, more.reindex(columns=rows.columns)], ignore_index=True)
        rows = rows.sort_values("行", kind="stable", ignore_index=True)
    unmapped = tuple(c for c in read.frame.columns if c not in names)
    return ImportPlan(file, names, rows, unmapped)


def _as_read(frame: pd.DataFrame, column: str) -> str:
    """The name under which a column of the file was read: usual names get the course's own."""
    from crmkit.workbook.cleaning import match_key
    from crmkit.workbook.layouts import all_layouts

    usual = (layout.by_key.get(match_key(column)) for layout in all_layouts())
    names = [column, *(field.name for field in usual if field is not None)]
    found = next((name for name in names if name in frame.columns), None)
    if found is None:
        raise InvalidInput(f"文件里没有列「{column}」。", {"mapping": f"没有列「{column}」"})
    return found


def _check_mapping(mapping: Mapping[str, str]) -> None:
    wrong = [field for field in mapping.values() if field not in FIELDS]
    if wrong:
        raise InvalidInput(
            f"没有字段「{wrong[0]}」。可以选：{'、'.join(FIELDS)}", {"mapping": "字段不对"}
        )
    if len(set(mapping.values())) < len(mapping):
        raise InvalidInput("两列对到了同一个字段，请只留一列。", {"mapping": "有重复"})
    if not set(mapping.values()) & set(KEYS):
        raise InvalidInput(
            f"没有一列能说明是谁：至少要有 {'、'.join(KEYS)} 中的一列。",
            {"mapping": "缺少识别顾客的列"},
        )


class Existing:
    """The customers that are there already, by each key."""

    def __init__(self, frame: pd.DataFrame) -> None:
        ids = frame["客户编号"].tolist()
        self._by = {"客户编号": dict(zip(ids, ids, strict=True))}
        for label in ("手机", "昵称"):
            pairs = zip(frame[label].tolist(), ids, strict=True)
            self._by[label] = {v: key for v, key in pairs if isinstance(v, str) and v}

    def match(self, columns: Columns, count: int, keys: Sequence[str]) -> list[tuple[str, str]]:
        """(id, key that matched) of every row, or ("", "")."""
        found = [("", "")] * count
        for key in reversed(keys):  # the first key has the last word
            known, values = self._by[key], columns.get(key, ())
            if known.keys().isdisjoint(values):
                continue
            for n, value in enumerate(values):
                if value in known and value:
                    found[n] = (known[value], key)
        return found


def _decide(
    frame: pd.DataFrame, numbers: tuple[int, ...], refused: Mapping[int, list[str]],
    keys: tuple[str, ...], existing: Existing, channels: frozenset[str], levels: frozenset[str],
) -> pd.DataFrame:  # fmt: skip
    unknown = [k for k in keys if k not in KEYS]
    if unknown:
        raise InvalidInput(
            f"不能按「{unknown[0]}」比对，可以用：{'、'.join(KEYS)}", {"keys": "不对"}
        )
    columns, count = plain_columns(frame), len(frame)
    wrong = _all_faults(columns, channels, levels)
    matches = existing.match(columns, count, keys)
    own: list[tuple[str, Any] | None] = [None] * count
    for key in keys:  # the first that is filled in
        if key in columns:
            pairs = zip(own, columns[key], strict=True)
            own = [((key, v) if v else None) if o is None else o for o, v in pairs]
    kinds = [KNOWN if match else NEW for match, _ in matches]
    reasons = [f"{by}相同" if match else "" for match, by in matches]
    again = _repeated(own, numbers)
    doubtful = {*wrong, *again}
    if refused:
        doubtful.update(n for n, number in enumerate(numbers) if number in refused)
    if None in own:
        doubtful.update(n for n, mine in enumerate(own) if mine is None)
    for n in doubtful:
        why, mine = [*refused.get(numbers[n], ()), *wrong.get(n, ())], own[n]
        if mine is None:
            why.append(f"{'、'.join(keys)} 都是空的，看不出是谁")
        elif n in again and not why:
            why.append(f"与第 {again[n]} 行的{mine[0]}相同")
        kinds[n], reasons[n] = REFUSED, "；".join(why)
    made = {"行": list(numbers), "处理": kinds, "匹配": [m for m, _ in matches],
            "按": [by for _, by in matches], "原因": reasons}  # fmt: skip
    return pd.DataFrame({**made, **columns}, columns=[*made, *frame.columns])


def _repeated(own: Sequence[tuple[str, Any] | None], numbers: Sequence[int]) -> dict[int, int]:
    """Rows whose key stood in the file before → number of the row where it stood first."""
    if len(set(own)) == len(own):
        return {}
    seen: dict[tuple[str, Any], int] = {}
    found = {}
    for n, (mine, number) in enumerate(zip(own, numbers, strict=True)):
        if mine is not None and seen.setdefault(mine, number) != number:
            found[n] = seen[mine]
    return found


def plain_columns(frame: pd.DataFrame) -> Columns:
    """The columns as lists of text, with "" for blanks, days as ISO text and yes/no as bool."""
    columns = {}
    for label in frame.columns:
        values = frame[label]
        if pd.api.types.is_datetime64_any_dtype(values):
            codes, days = pd.factorize(values)  # few different days: text is slow
            words = [*days.strftime("%Y-%m-%d"), ""]
            columns[label] = [words[c] for c in codes]
        else:
            columns[label] = values.to_numpy(dtype=object, na_value="").tolist()
    return columns


def _all_faults(
    columns: Columns, channels: frozenset[str], levels: frozenset[str]
) -> dict[int, list[str]]:
    """`faults` of every row that has any. Each different value is judged once."""
    found: dict[int, list[str]] = {}
    for label, (allowed, complaint) in _rules(channels, levels).items():
        values = columns.get(label, [])
        bad = {value for value in set(values) if value and not allowed(value)}
        if bad:
            for n, value in enumerate(values):
                if value in bad:
                    found.setdefault(n, []).append(complaint.format(value))
    return found


def _rules(
    channels: frozenset[str], levels: frozenset[str]
) -> dict[str, tuple[Callable[[str], Any], str]]:
    """Field → what a value that is filled in must pass, and what is said of one that does not."""
    return {
        "手机": (_MOBILE, "手机「{}」不是 11 位手机号"),
        "性别": (("男", "女").__contains__, "性别「{}」只能是男、女或空"),
        "省份": (PROVINCES.__contains__, "没有省份「{}」"),
        "渠道编号": (channels.__contains__, "没有渠道「{}」"),
        "会员等级": (levels.__contains__, "没有会员等级「{}」"),
    }


def faults(
    row: Mapping[str, Any], channels: frozenset[str], levels: frozenset[str]
) -> Iterable[str]:
    """What cannot be accepted in a customer's fields, in words."""
    for label, (allowed, complaint) in _rules(channels, levels).items():
        value = row.get(label, "")
        if value and not allowed(str(value)):
            yield complaint.format(value)


def treated(
    columns: Columns, mode: str, decisions: Mapping[int, str]
) -> tuple[list[int], list[int], dict[str, int]]:
    """Which rows of a plan become customers, which change one, and how many of each treatment."""
    if {*columns["处理"]} == {NEW}:  # as in most large files
        every = list(range(len(columns["处理"])))
        return every, [], {"created": len(every), "updated": 0, "skipped": 0, "refused": 0}
    new, change, skipped, refused = [], [], 0, 0
    for n, (number, kind) in enumerate(zip(columns["行"], columns["处理"], strict=True)):
        treat = decisions.get(number, mode)
        if kind == NEW or (kind == KNOWN and treat == "create"):
            new.append(n)
        elif kind == KNOWN and treat == "update":
            change.append(n)
        elif kind == KNOWN:
            skipped += 1
        else:
            refused += 1
    counts = {"created": len(new), "updated": len(change), "skipped": skipped, "refused": refused}
    return new, change, counts


def to_store(columns: Columns, rows: Sequence[int]) -> Columns:
    """The fields of some rows under the store's names; None where nothing is filled in."""
    out: Columns = {}
    for label in columns:
        if label in FIELDS:
            values = columns[label]
            chosen = values if len(rows) == len(values) else [values[n] for n in rows]
            if "" in chosen:
                chosen = [None if v == "" else v for v in chosen]
            if label == "接受营销":
                chosen = [None if v is None else int(v) for v in chosen]
            out[_LABELS[label]] = chosen
    return out


@uncollected()
def write(
    op: Operation, plan: ImportPlan, mode: str, decisions: Mapping[int, str], as_of: dt.date,
    progress: Progress,
) -> dict[str, int]:  # fmt: skip
    """Make and change the customers of a plan; how many of each treatment."""
    columns = plain_columns(plan.rows)
    new, change, counts = treated(columns, mode, decisions)
    filled = to_store(columns, new)
    taken = op.existing(CUSTOMERS, [i for i in filled.get("customer_id", ()) if i])
    ids = [i if i not in taken else None for i in filled.get("customer_id", [None] * len(new))]
    brought = set(ids)  # a number the file brings is not given to somebody else
    without = len(ids) if None in brought else 0
    free = (i for i in op.next_ids(CUSTOMERS, "C", 6, without) if i not in brought)
    filled["customer_id"] = [next(free) if i is None else i for i in ids]
    start = {
        "consent": 0, "trade_status": "未成交", "registered_at": as_of.isoformat(),
        "member_level": settings()["levels"]["names"][0],
    }  # fmt: skip
    for name, value in start.items():
        given = filled.get(name, [None] * len(new))
        filled[name] = [value if v is None else v for v in given]
    total = len(new) + len(change)
    for n in range(0, len(new), STEP):
        progress(n, total)
        part = {name: values[n : n + STEP] for name, values in filled.items()}
        op.insert_columns(CUSTOMERS, part)
    values = to_store(columns, change)
    changed = [
        (columns["匹配"][i], {k: v[n] for k, v in values.items() if v[n] is not None})
        for n, i in enumerate(change)
    ]
    for n in range(0, len(changed), STEP):
        progress(len(new) + n, total)
        some = changed[n : n + STEP]
        if len({key for key, _ in some}) == len(some):
            op.update_each(CUSTOMERS, {key: _without_id(to) for key, to in some})
        else:  # two rows of the file are the same customer
            for key, to in some:
                op.update(CUSTOMERS, key, to=_without_id(to))
    progress(total, total)
    return counts


def _without_id(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if k != "customer_id"}
