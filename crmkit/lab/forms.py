"""The legitimate forms of an answer, brought to one form.

A list, a Series, an Index or a frame column may all be "the customers"; 3, 3.0 and "3" may all be
the number three. Public checks and the judge read an answer through the same functions, so a mere
matter of form never costs marks.
"""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Iterable, KeysView, Mapping, ValuesView
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import KitError

# What holds several things in order; `unique()` of a column of text gives an ExtensionArray.
SEQUENCES = (
    list, tuple, pd.Series, pd.Index, np.ndarray, pd.api.extensions.ExtensionArray, range, KeysView,
    ValuesView,
)  # fmt: skip
SETS = (set, frozenset)


class FormError(KitError):
    """The answer is not the kind of thing that was asked for."""


def kind_of(value: Any) -> str:
    """What a value is, in words a student knows."""
    if value is None or value is ...:
        return "空"
    if isinstance(value, pd.DataFrame):
        return f"数据表（{len(value)} 行 × {value.shape[1]} 列）"
    if isinstance(value, (pd.Series, pd.Index)):
        return f"一列数据（{len(value)} 个值）"
    if isinstance(value, bool):
        return "真假值"
    if isinstance(value, (int, float, Decimal, np.number)):
        return "数字"
    if isinstance(value, str):
        return "文本"
    if isinstance(value, Mapping):
        return f"字典（{len(value)} 项）"
    if isinstance(value, SETS):
        return f"集合（{len(value)} 项）"
    if isinstance(value, SEQUENCES) and not (isinstance(value, np.ndarray) and value.ndim == 0):
        return f"列表（{len(value)} 项）"
    if callable(value):
        return "函数"
    return f"「{type(value).__name__}」"


def text(value: Any) -> str:
    """A label as text: full-width forms and spaces around it do not matter; 3.0 reads as 3."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (float, np.floating, Decimal)) and math.isfinite(value) and value % 1 == 0:
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip()


def word(value: Any) -> str:
    """One word or id; a column or list of one element and an error class count as well."""
    if isinstance(value, np.ndarray) and value.size == 1:
        return word(value.reshape(-1)[0])
    if isinstance(value, SEQUENCES + SETS) and len(value) == 1:
        return word(list(value)[0])
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return text(value)
    raise FormError(f"这里要一个文本，你交的是{kind_of(value)}")


def groups(value: Any) -> dict[str, list[str]]:
    """Name → members: a dict whose values are lists, sets or columns."""
    found = {}
    for key, members in mapping(value).items():
        if not isinstance(members, SEQUENCES + SETS):
            raise FormError(f"「{key}」应是一个列表，你交的是{kind_of(members)}")
        found[key] = [text(x) for x in members]
    return found


def missing(value: Any) -> bool:
    """None, NaN, NaT and empty text are all "nothing here"."""
    if value is None or value is pd.NaT:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, str) and not value.strip()


def number(value: Any) -> float:
    """One number. Text such as "12.5", "1,234" or "12.5%" and one-element columns are accepted."""
    if isinstance(value, np.ndarray) and value.size == 1:
        return number(value.reshape(-1)[0])
    if isinstance(value, SEQUENCES) and len(value) == 1:
        return number(list(value)[0])
    if isinstance(value, pd.DataFrame) and value.size == 1:
        return number(value.iloc[0, 0])
    if isinstance(value, (bool, np.bool_)):
        raise FormError("这里要一个数字，你交的是真假值")
    if isinstance(value, (int, float, Decimal, np.number)):
        return float(value)
    if isinstance(value, str):
        raw = text(value).replace(",", "").removeprefix("¥").removesuffix("元")
        share = raw.endswith("%")
        try:
            return float(raw.removesuffix("%")) / (100 if share else 1)
        except ValueError:
            pass
    raise FormError(f"这里要一个数字，你交的是{kind_of(value)}")


def day(value: Any) -> dt.date:
    """One date, whatever type carries it."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    stamp = pd.to_datetime(value, errors="coerce")
    if pd.isna(stamp):
        raise FormError(f"「{value}」读不成日期，应写成 2025-12-31 的样子")
    return pd.Timestamp(stamp).date()


def ids(value: Any, column: str) -> list[str]:
    """Ids in their order: a frame with that column (or index), a column, a list or a set."""
    if isinstance(value, pd.DataFrame):
        names = {text(c): c for c in value.columns}
        if column in names:
            return [text(x) for x in value[names[column]]]
        if column in [text(n) for n in value.index.names if n is not None]:
            return [text(x) for x in value.reset_index()[column]]
        if value.shape[1] == 1:
            return [text(x) for x in value.iloc[:, 0]]
        raise FormError(
            f"数据表里没有「{column}」这一列，现有：{'、'.join(map(str, value.columns))}"
        )
    if isinstance(value, pd.Series):
        by_index = value.index.name is not None and text(value.index.name) == column
        return [text(x) for x in (value.index if by_index and value.name != column else value)]
    if isinstance(value, SEQUENCES + SETS):
        items = list(value)
        if any(isinstance(x, (list, tuple, dict, set)) for x in items):
            raise FormError(f"这里要一串「{column}」，每个元素应是一个编号")
        return [text(x) for x in items]
    raise FormError(f"这里要一张含「{column}」的数据表或一串{column}，你交的是{kind_of(value)}")


def mapping(value: Any) -> dict[str, Any]:
    """Key → value: a dict, a Series, or a frame of two columns (or one column and an index)."""
    if isinstance(value, Mapping):
        return {text(k): v for k, v in value.items()}
    if isinstance(value, pd.Series):
        return {text(k): v for k, v in value.items()}
    if isinstance(value, pd.DataFrame) and value.shape[1] == 2:
        return {text(k): v for k, v in zip(value.iloc[:, 0], value.iloc[:, 1], strict=True)}
    if isinstance(value, pd.DataFrame) and value.shape[1] == 1:
        return {text(k): v for k, v in value.iloc[:, 0].items()}
    raise FormError(f"这里要一个字典（名称 → 值），你交的是{kind_of(value)}")


def sequence(value: Any) -> list[Any]:
    """Things in order: a list, tuple, column or array."""
    if isinstance(value, SETS):
        raise FormError("这里的先后次序有意义，请交列表，不要交集合")
    if isinstance(value, SEQUENCES):
        return list(value)
    raise FormError(f"这里要一个列表，你交的是{kind_of(value)}")


def table(value: Any, columns: Iterable[str], key: str | None = None) -> pd.DataFrame:
    """A frame with these columns (any order, more allowed); a key in the index counts as a column."""
    if isinstance(value, Mapping) and value and all(_is_listlike(v) for v in value.values()):
        lengths = {text(k): len(v) for k, v in value.items()}
        if len(set(lengths.values())) > 1:
            told = "、".join(f"「{k}」{n} 个" for k, n in lengths.items())
            raise FormError(f"字典要变成数据表，各列的个数得一样多，现在是：{told}")
        value = pd.DataFrame(value)
    if isinstance(value, list) and value and all(isinstance(r, Mapping) for r in value):
        value = pd.DataFrame(value)
    if not isinstance(value, pd.DataFrame):
        raise FormError(f"这里要一张数据表，你交的是{kind_of(value)}")
    frame = value.copy()
    if any(n is not None for n in frame.index.names):
        known = {text(c) for c in frame.columns}
        extra = [n for n in frame.index.names if n is not None and text(n) not in known]
        frame = frame.reset_index(level=extra).reset_index(drop=True)
    frame.columns = pd.Index([text(c) for c in frame.columns])
    wanted = [*([key] if key else []), *columns]
    lacking = [c for c in wanted if c not in frame.columns]
    if lacking:
        raise FormError(
            f"数据表缺少列：{'、'.join(lacking)}（现有：{'、'.join(map(str, frame.columns))}）"
        )
    return frame


def tables(value: Any) -> dict[str, pd.DataFrame]:
    """Name → table, from a dict of tables; keys in an index become columns, a column a table."""
    if not isinstance(value, Mapping):
        raise FormError(f"这里要一个字典（表名 → 数据表），你交的是{kind_of(value)}")
    out = {}
    for name, one in value.items():
        frame = one.to_frame() if isinstance(one, pd.Series) else one
        if one is ... or one is None:
            raise FormError(f"「{text(name)}」还没有填")
        out[text(name)] = table(frame, ())
    return out


def _is_listlike(value: Any) -> bool:
    return isinstance(value, SEQUENCES)
