"""顾客导入: from a file to new and changed customers, first as a plan, then for real.

A plan says for every row of the file what would happen and why; nothing is written before it is
applied. A row is matched with an existing customer by 客户编号, then 手机, then 昵称 (the key order
is the course's choice [C]).
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crmkit import schema
from crmkit.crm.errors import InvalidInput

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
PROVINCES = (
    "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 "
    "广西 海南 重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 台湾 香港 澳门 海外"
).split()  # fmt: skip
_LABELS = schema.TABLES["customers"].names()
STEP = 5_000
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
            known = self._by[key]
            for n, value in enumerate(columns.get(key, ())):
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
    for key in reversed(keys):
        for n, value in enumerate(columns.get(key, ())):
            if value:
                own[n] = (key, value)
    kinds, reasons = [], []
    seen: dict[tuple[str, Any], int] = {}
    for n, number in enumerate(numbers):
        mine, (match, by) = own[n], matches[n]
        why = [*refused.get(number, ()), *wrong.get(n, ())]
        if mine is None:
            why.append(f"{'、'.join(keys)} 都是空的，看不出是谁")
        else:
            first = seen.setdefault(mine, number)
            if first != number and not why:
                why.append(f"与第 {first} 行的{mine[0]}相同")
        kinds.append(REFUSED if why else KNOWN if match else NEW)
        reasons.append("；".join(why) if why else f"{by}相同" if match else "")
    made = {"行": list(numbers), "处理": kinds, "匹配": [m for m, _ in matches],
            "按": [by for _, by in matches], "原因": reasons}  # fmt: skip
    return pd.DataFrame({**made, **columns}, columns=[*made, *frame.columns])


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
            columns[label] = values.astype(object).where(values.notna(), "").tolist()
    return columns


def _all_faults(
    columns: Columns, channels: frozenset[str], levels: frozenset[str]
) -> dict[int, list[str]]:
    """`faults` of every row that has any. Each different value is judged once."""
    found: dict[int, list[str]] = {}
    for label in ("手机", "性别", "省份", "渠道编号", "会员等级"):
        values = columns.get(label, [])
        bad = {
            value: why
            for value in dict.fromkeys(values)
            if (why := list(faults({label: value}, channels, levels)))
        }
        if bad:
            for n, value in enumerate(values):
                if value in bad:
                    found.setdefault(n, []).extend(bad[value])
    return found


def faults(
    row: Mapping[str, Any], channels: frozenset[str], levels: frozenset[str]
) -> Iterable[str]:
    """What cannot be accepted in a customer's fields, in words."""
    mobile, gender, province = row.get("手机", ""), row.get("性别", ""), row.get("省份", "")
    if mobile and not (mobile.isdigit() and len(mobile) == 11 and mobile[0] == "1"):
        yield f"手机「{mobile}」不是 11 位手机号"
    if gender not in ("", "男", "女"):
        yield f"性别「{gender}」只能是男、女或空"
    if province and province not in PROVINCES:
        yield f"没有省份「{province}」"
    if (channel := row.get("渠道编号", "")) and channel not in channels:
        yield f"没有渠道「{channel}」"
    if (level := row.get("会员等级", "")) and level not in levels:
        yield f"没有会员等级「{level}」"


def treated(
    columns: Columns, mode: str, decisions: Mapping[int, str]
) -> tuple[list[int], list[int], dict[str, int]]:
    """Which rows of a plan become customers, which change one, and how many of each treatment."""
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
            chosen = [None if values[n] == "" else values[n] for n in rows]
            if label == "接受营销":
                chosen = [None if v is None else int(v) for v in chosen]
            out[_LABELS[label]] = chosen
    return out
