"""Loading: the warehouse only grows; the operational data store is brought up to date in place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

BATCH = "装载批次"


@dataclass(frozen=True)
class Load:
    """What one load did.

    Attributes
    ----------
    frame
        The table after the load: old rows first and as they were, then the new ones.
    report
        What came of the rows of the extract: 处理, 行数.
    fingerprint
        sha256 of the rows that were there before; the same before and after.
    """

    frame: pd.DataFrame
    report: pd.DataFrame
    fingerprint: str


def fingerprint(frame: pd.DataFrame) -> str:
    """sha256 over all values of a table in their order.

    >>> a = pd.DataFrame({"金额": [1.0, 2.0]})
    >>> fingerprint(a) == fingerprint(a.copy()), fingerprint(a) == fingerprint(a[::-1])
    (True, False)
    """
    text = frame.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%dT%H:%M:%S")
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def append(
    table: pd.DataFrame, extract: pd.DataFrame, key: Sequence[str], batch: Any
) -> Load:  # fmt: skip
    """Add the rows of an extract whose key is not in the table yet; old rows are never touched.

    A row that comes again is skipped, whether it changed at the source or not; a changed one is
    counted apart, because somebody has to decide about it (a correcting entry, a new version).

    Parameters
    ----------
    table
        What has been loaded so far, with the column 装载批次; an empty frame at the first load.
    extract
        The new rows, same columns without 装载批次.
    key
        The columns that identify a row.
    batch
        What the new rows get in 装载批次, for example ``"2025-12"``.

    Raises
    ------
    AnalyticsError
        The extract lacks a column, a key is doubled in it, or the batch was loaded before.
    """
    columns = [c for c in table.columns if c != BATCH] or list(extract.columns)
    inputs.require(extract, "抽取的数据", {c: c for c in (*columns, *key)})
    if extract.duplicated(list(key)).any():
        twice = extract.loc[extract.duplicated(list(key)), list(key)].iloc[0].tolist()
        raise AnalyticsError(f"抽取的数据里主键有重复（如 {twice}）。请先去重，再装载。")
    if len(table) and (table[BATCH] == batch).any():
        raise AnalyticsError(f"批次「{batch}」已经装载过了。重复装载会把同一笔数两遍。")
    if not len(table):
        fresh = extract[columns].assign(**{BATCH: batch}).reset_index(drop=True)
        return Load(fresh, _report(len(extract), len(extract), 0, 0), fingerprint(table))
    old = table.set_index(list(key))[[c for c in columns if c not in key]]
    new = extract.set_index(list(key))[old.columns]
    again = new.index.isin(old.index)
    before = old.loc[new.index[again]]
    changed = int((before.astype(str) != new[again].astype(str)).any(axis=1).sum())
    fresh = extract.loc[~again, columns].assign(**{BATCH: batch})
    frame = pd.concat([table, fresh], ignore_index=True)
    report = _report(len(extract), len(fresh), int(again.sum()) - changed, changed)
    return Load(frame, report, fingerprint(frame.iloc[: len(table)]))


def _report(read: int, added: int, same: int, changed: int) -> pd.DataFrame:
    rows = [
        ("读入", read),
        ("追加", added),
        ("跳过：已有且相同", same),
        ("跳过：已有但来源改过", changed),
    ]
    return pd.DataFrame(rows, columns=["处理", "行数"])


def update_in_place(
    current: pd.DataFrame, changes: pd.DataFrame, *, key: str = "订单编号", at: str = "更新时间"
) -> pd.DataFrame:  # fmt: skip
    """An operational data store after the changes: one row per key, the latest state only.

    Parameters
    ----------
    current
        One row per key.
    changes
        Rows of the same columns; of several for one key the latest by `at` stays. New keys are
        added at the end.

    Raises
    ------
    AnalyticsError
        A column is missing or a key of `current` is doubled.
    """
    columns = list(current.columns)
    inputs.require(current, "现状表", {"key": key, "at": at})
    inputs.require(changes, "变更", {c: c for c in columns})
    inputs.ids(current, "现状表", key, unique=True)
    stamped = changes.assign(**{at: inputs.times(changes, "变更", at)})
    last = stamped.sort_values(at, kind="stable").drop_duplicates(key, keep="last")
    start = current.assign(**{at: inputs.times(current, "现状表", at)})
    both = pd.concat([start, last[columns]], ignore_index=True)
    both["_first"] = both.groupby(key, sort=False)[key].transform(lambda s: s.index.min())
    latest = both.drop_duplicates(key, keep="last").sort_values("_first", kind="stable")
    return latest[columns].reset_index(drop=True)


def snapshots(
    current: pd.DataFrame, changes: pd.DataFrame, days: Iterable[Any], *,
    key: str = "订单编号", at: str = "更新时间", day: str = "快照日期",
) -> pd.DataFrame:  # fmt: skip
    """What a warehouse keeps of the same changes: the whole state at the end of each day.

    Parameters
    ----------
    days
        The days at whose end a picture is taken.

    Returns
    -------
    DataFrame
        快照日期 and the columns of `current`, days in order, below each other.
    """
    stamped = changes.assign(**{at: inputs.times(changes, "变更", at)})
    parts = []
    for one in sorted(inputs.as_day(d, "days") for d in days):
        until = stamped[stamped[at] < pd.Timestamp(one) + pd.Timedelta(days=1)]
        state = update_in_place(current, until, key=key, at=at)
        state.insert(0, day, pd.Timestamp(one))
        parts.append(state)
    if not parts:
        raise AnalyticsError("没有给快照日期：至少要一天。")
    return pd.concat(parts, ignore_index=True)
