"""What a model accepts: columns that exist, dates that are dates, amounts that are numbers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from crmkit.analytics.errors import AnalyticsError


def require(frame: pd.DataFrame, table: str, columns: Mapping[str, str | None]) -> None:
    """Raise unless `frame` has every column; `columns` maps the keyword to its column name."""
    if not isinstance(frame, pd.DataFrame):
        raise AnalyticsError(
            f"{table}要给一张表（DataFrame），给的是 {type(frame).__name__}。请先读成表再计算。"
        )
    missing = {k: label for k, label in columns.items() if label and label not in frame.columns}
    if missing:
        names = "、".join(f"「{label}」" for label in missing.values())
        have = "、".join(str(c) for c in frame.columns) or "（没有列）"
        hint = "，".join(f'{k}="实际列名"' for k in missing)
        raise AnalyticsError(
            f"{table}缺少列{names}；现有的列：{have}。列名不同时用参数指明：{hint}。"
        )


def choice(value: object, name: str, allowed: Iterable[str]) -> None:
    """Raise unless `value` is one of the named choices of parameter `name`."""
    options = list(allowed)
    if value not in options:
        listed = "、".join(f'"{o}"' for o in options)
        raise AnalyticsError(f"参数 {name} 不能是 {value!r}；可以选：{listed}。")


def rows(mask: pd.Series | np.ndarray, limit: int = 3) -> str:
    """The first row numbers (from 1, without the header) where `mask` holds, in words."""
    at = np.flatnonzero(np.asarray(mask))
    text = "、".join(str(i + 1) for i in at[:limit])
    return f"第 {text} 行" + (f"等 {len(at)} 行" if len(at) > limit else "")


def as_day(value: Any, name: str = "as_of") -> dt.date:
    """A calendar day from a date, a time or text such as ``2025-12-31``."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        stamp = pd.Timestamp(value)
    except (TypeError, ValueError) as error:
        raise AnalyticsError(
            f"参数 {name} 要是日期，例如 2025-12-31，给的是 {value!r}。"
        ) from error
    if pd.isna(stamp) or isinstance(value, (int, float)):
        raise AnalyticsError(f"参数 {name} 要是日期，例如 2025-12-31，给的是 {value!r}。")
    return stamp.date()


def times(frame: pd.DataFrame, table: str, label: str) -> pd.Series:
    """The column as naive datetime64; blank stays blank (NaT), anything else must be a date."""
    column = frame[label]
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.tz_localize(None) if column.dt.tz is not None else column
    if column.isna().all():
        return pd.Series(pd.NaT, index=column.index, dtype="datetime64[ns]")
    blank = column.isna() | (column.astype(str).str.strip() == "")
    if pd.api.types.is_numeric_dtype(column):
        parsed = pd.Series(pd.NaT, index=column.index, dtype="datetime64[ns]")
    else:
        parsed = pd.to_datetime(column.where(~blank), errors="coerce", format="mixed")
    bad = parsed.isna() & ~blank
    if bad.any():
        raise AnalyticsError(
            f"{table}的列「{label}」{rows(bad)}不是日期（如 {column[bad].iloc[0]!r}）。"
            "请先改成 2025-12-31 这样的日期，或留空。"
        )
    return parsed


def numbers(frame: pd.DataFrame, table: str, label: str, *, blank: bool = False) -> pd.Series:
    """The column as float64; `blank` allows missing values, infinities are never allowed."""
    column = frame[label]
    if pd.api.types.is_float_dtype(column) or pd.api.types.is_integer_dtype(column):
        values = column.astype("float64")
    else:
        values = pd.to_numeric(column, errors="coerce").astype("float64")
    bad = ~np.isfinite(values)
    if blank:
        bad &= column.notna()
    if bad.any():
        raise AnalyticsError(
            f"{table}的列「{label}」{rows(bad)}不是数（如 {column[bad].iloc[0]!r}）。"
            "请先补上或删去这些行。"
        )
    return values


def cents(frame: pd.DataFrame, table: str, label: str) -> pd.Series:
    """A money column in whole 分 (int64): sums are exact and do not depend on row order."""
    return (numbers(frame, table, label) * 100).round().astype("int64")


def ids(frame: pd.DataFrame, table: str, label: str, *, unique: bool = False) -> pd.Series:
    """An id column: no blanks, and no repeats when `unique`."""
    column = frame[label]
    blank = column.isna()
    if blank.any():
        raise AnalyticsError(f"{table}的列「{label}」{rows(blank)}是空的。请先补上再计算。")
    if unique and column.duplicated().any():
        twice = column[column.duplicated()].iloc[0]
        raise AnalyticsError(
            f"{table}的列「{label}」有重复（如 {twice}）。这里一行一个，请先合并重复的行。"
        )
    return column


def number(
    value: Any,
    name: str,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
) -> float:
    """A finite number inside the given limits (`above` is exclusive)."""
    try:
        result = float(value)
    except (TypeError, ValueError) as error:
        raise AnalyticsError(f"参数 {name} 要是数，给的是 {value!r}。") from error
    if not math.isfinite(result):
        raise AnalyticsError(f"参数 {name} 要是有限的数，给的是 {value!r}。")
    if low is not None and result < low:
        raise AnalyticsError(f"参数 {name} 不能小于 {low:g}，给的是 {value!r}。")
    if high is not None and result > high:
        raise AnalyticsError(f"参数 {name} 不能大于 {high:g}，给的是 {value!r}。")
    if above is not None and result <= above:
        raise AnalyticsError(f"参数 {name} 要大于 {above:g}，给的是 {value!r}。")
    return result


def whole(value: Any, name: str, *, low: int = 0) -> int:
    """A whole number of at least `low`."""
    result = number(value, name, low=low)
    if result != int(result):
        raise AnalyticsError(f"参数 {name} 要是整数，给的是 {value!r}。")
    return int(result)


def ceil_share(n: int, share: float) -> int:
    """⌈n · share⌉ with the share read as the decimal it is written as, at most n.

    >>> ceil_share(100, 0.07), 100 * 0.07  # binary fractions would give 8
    (7, 7.000000000000001)
    """
    return min(n, math.ceil(n * Fraction(str(share))))
