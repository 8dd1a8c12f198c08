"""Values as plain JSON: how an answer crosses from the student's process to the judge's.

Only data crosses: numbers, text, dates, lists, sets, dicts, arrays, series, frames, and the
description of a chart, a file or a function. Nothing is pickled and no class named by the other
side is looked up, so decoding is safe whatever the text says.
"""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import KitError

ANSWER_MIME = "application/vnd.crmkit.answer+json"
RETURNS_MIME = "application/vnd.crmkit.returns+json"

MAX_BYTES = 4_000_000
MAX_VALUES = 500_000
MAX_DEPTH = 20
MAX_COLUMNS = 2_000
# Keys whose hashes can be chosen freely: many equal ones would make a set or dict quadratic.
MAX_ODD = 5_000
_ORDINARY = 2**53  # integers up to here cross as JSON numbers; their hashes are all different
_DIGITS = 18
_PLAIN = frozenset((str, float, bool, type(None)))  # as they are in JSON; most of a column


class SnapshotError(KitError):
    """The value cannot be handed in as data: its type, size or depth does not allow it."""


@dataclass(frozen=True)
class Bars:
    """What a bar chart shows, read off the drawing: no picture crosses."""

    title: str = ""
    xlabel: str = ""
    ylabel: str = ""
    labels: tuple[str, ...] = ()
    heights: tuple[float, ...] = ()


@dataclass(frozen=True)
class FileAnswer:
    """A handed-in file: path relative to the lab folder; the judge opens the file itself."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class FunctionAnswer:
    """A handed-in function: the judge sends inputs, the student's process sends outputs back."""

    name: str
    params: tuple[str, ...] = ()


@dataclass(frozen=True)
class Raised:
    """A function call that ended in an error."""

    error: str


@dataclass
class _Budget:
    values: int = MAX_VALUES
    odd: int = MAX_ODD

    def take(self, n: int = 1) -> None:
        self.values -= n
        if self.values < 0:
            raise SnapshotError("这个结果太大，不能提交：请只交题目要求的列和行")

    def take_odd(self) -> None:
        self.odd -= 1
        if self.odd < 0:
            raise SnapshotError("提交的数据里特别大的数，或由元组组成的集合、字典，太多了")


# ------------------------------------------------------------------ encode


def encode(value: Any) -> Any:
    """Turn a value into JSON-able data.

    Raises
    ------
    SnapshotError
        Unknown type, more than `MAX_VALUES` values, or nesting deeper than `MAX_DEPTH`.
    """
    return _encode(value, 0, _Budget())


def _encode(v: Any, depth: int, left: _Budget) -> Any:
    left.take()
    if depth > MAX_DEPTH:
        raise SnapshotError("这个结果嵌套得太深，不能提交")
    if v is None or v is ... or v is pd.NA or v is pd.NaT:
        return None
    if isinstance(v, (bool, np.bool_)):
        return bool(v)
    if isinstance(v, str):
        return str(v)
    if isinstance(v, (int, np.integer)):
        n = int(v)
        return n if abs(n) < 2**53 else {"t": "int", "v": str(n)}
    if isinstance(v, (float, np.floating)):
        x = float(v)
        return x if math.isfinite(x) else {"t": "float", "v": str(x)}
    if isinstance(v, (pd.Timestamp, dt.datetime)):
        return {"t": "time", "v": v.isoformat()}
    if isinstance(v, np.datetime64):
        return _encode(pd.Timestamp(v), depth, left)
    if isinstance(v, dt.date):
        return {"t": "date", "v": v.isoformat()}
    if isinstance(v, dt.time):  # a 0 that a spreadsheet shows as a day
        return v.isoformat()
    if isinstance(v, (dt.timedelta, np.timedelta64)):
        return {"t": "seconds", "v": pd.Timedelta(v).total_seconds()}
    if isinstance(v, decimal.Decimal):
        return {"t": "decimal", "v": str(v)}
    if isinstance(v, list):
        return [_encode(x, depth + 1, left) for x in v]
    if isinstance(v, tuple):
        return {"t": "tuple", "v": [_encode(x, depth + 1, left) for x in v]}
    if isinstance(v, (set, frozenset)):
        items = [_encode(x, depth + 1, left) for x in v]
        return {"t": "set", "v": sorted(items, key=lambda x: json.dumps(x, ensure_ascii=True))}
    if isinstance(v, dict):
        pairs = [[_encode(k, depth + 1, left), _encode(x, depth + 1, left)] for k, x in v.items()]
        return {"t": "dict", "v": pairs}
    if isinstance(v, np.ndarray):
        return {"t": "array", "shape": list(v.shape), "v": _column(v.ravel(), depth, left)}
    if isinstance(v, pd.api.extensions.ExtensionArray):  # what `unique()` of a column of text gives
        return {"t": "array", "shape": [len(v)], "v": _column(v, depth, left)}
    if isinstance(v, (pd.Period, pd.Interval)):
        return str(v)  # 2025-03, (0, 100]
    if isinstance(v, pd.DataFrame):
        data = [_column(v.iloc[:, i], depth, left) for i in range(v.shape[1])]
        return {"t": "frame", "columns": _index(v.columns, depth, left),
                "index": _index(v.index, depth, left), "v": data}  # fmt: skip
    if isinstance(v, pd.Series):
        return {"t": "series", "name": _encode(v.name, depth + 1, left),
                "index": _index(v.index, depth, left), "v": _column(v, depth, left)}  # fmt: skip
    if isinstance(v, pd.Index):
        return {"t": "index", "v": _index(v, depth, left)}
    if isinstance(v, Bars):
        return {"t": "bars", "title": v.title, "xlabel": v.xlabel, "ylabel": v.ylabel,
                "labels": list(v.labels), "heights": [_encode(h, depth, left) for h in v.heights]}  # fmt: skip
    if isinstance(v, FileAnswer):
        return {"t": "file", "path": v.path, "sha256": v.sha256, "size": v.size}
    if isinstance(v, FunctionAnswer):
        return {"t": "function", "name": v.name, "params": list(v.params)}
    if isinstance(v, Raised):
        return {"t": "raised", "v": v.error[:500]}
    if _is_axes(v):
        return _encode(read_bars(v), depth, left)
    if isinstance(v, (range, type({}.keys()), type({}.values()))):
        return _encode(list(v), depth, left)
    raise SnapshotError(
        f"「{type(v).__name__}」类型的结果不能提交：请交数字、文本、列表、集合、字典或数据表"
    )


def _column(values: Any, depth: int, left: _Budget) -> list[Any]:
    left.take(len(values))
    plain = pd.Series(values).astype(object).tolist()
    return [x if type(x) is str else _encode(x, depth + 1, left) for x in plain]


def _index(index: pd.Index, depth: int, left: _Budget) -> Any:
    names = [_encode(n, depth + 1, left) for n in index.names]
    if isinstance(index, pd.RangeIndex):
        return {"range": [index.start, index.stop, index.step], "names": names}
    return {"v": [_encode(x, depth + 1, left) for x in index.tolist()], "names": names}


def _is_axes(v: Any) -> bool:
    return type(v).__module__.startswith("matplotlib") and hasattr(v, "patches")


def read_bars(axes: Any) -> Bars:
    """Read title, axis labels, tick labels and bar heights off matplotlib axes."""
    from matplotlib.patches import Rectangle

    bars = [p for p in axes.patches if isinstance(p, Rectangle)]
    bars = [p for p in bars if p.get_width() != 0 and not math.isnan(p.get_height())]
    lying = len({round(p.get_x(), 9) for p in bars}) == 1 and len(bars) > 1
    axis = axes.yaxis if lying else axes.xaxis
    ticks = {
        round(t, 6): lab.get_text()
        for t, lab in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
    }
    labels, heights = [], []
    for p in bars:
        middle = p.get_y() + p.get_height() / 2 if lying else p.get_x() + p.get_width() / 2
        near = min(ticks, key=lambda t: abs(t - middle), default=None)
        labels.append(ticks[near] if near is not None and abs(near - middle) < 0.51 else "")
        heights.append(float(p.get_width() if lying else p.get_height()))
    return Bars(
        axes.get_title() or axes.get_title(loc="left") or axes.get_title(loc="right"),
        axes.get_xlabel(), axes.get_ylabel(), tuple(labels), tuple(heights),
    )  # fmt: skip


def describe_file(path: Path, folder: Path) -> FileAnswer:
    """Name, size and sha256 of a file inside the lab folder."""
    data = path.read_bytes()
    relative = path.resolve().relative_to(folder.resolve()).as_posix()
    return FileAnswer(relative, hashlib.sha256(data).hexdigest(), len(data))


# ------------------------------------------------------------------ decode


def decode(data: Any) -> Any:
    """Turn JSON data back into a value; missing values come back as None or NaN.

    Raises
    ------
    SnapshotError
        The data is not what `encode` writes, or exceeds its limits.
    """
    try:
        return _decode(data, 0, _Budget())
    except SnapshotError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError,
            MemoryError) as e:  # fmt: skip
        raise SnapshotError(f"提交的数据格式不对（{type(e).__name__}）") from e


def _decode(j: Any, depth: int, left: _Budget) -> Any:
    left.take()
    if depth > MAX_DEPTH:
        raise SnapshotError("提交的数据嵌套得太深")
    if j is None or isinstance(j, (bool, float, str)):
        return j
    if isinstance(j, int):
        if abs(j) > _ORDINARY:
            raise SnapshotError("提交的数据格式不对（太大的整数）")
        return j
    if isinstance(j, list):
        return [_decode(x, depth + 1, left) for x in j]
    reader = _READERS.get(j["t"])
    if reader is None:
        raise SnapshotError("提交的数据里有不认识的类型")
    return reader(j, depth, left)


def _values(j: Any, depth: int, left: _Budget) -> list[Any]:
    if not isinstance(j, list):
        raise SnapshotError("提交的数据格式不对")
    left.take(len(j))
    return [x if type(x) in _PLAIN else _decode(x, depth + 1, left) for x in j]


def _keys(j: Any, depth: int, left: _Budget) -> list[Any]:
    """Values for a set or the keys of a dict."""
    values = _values(j, depth, left)
    for value in values:
        if isinstance(value, tuple):
            left.take_odd()
    return values


def _read_index(j: dict[str, Any], depth: int, left: _Budget) -> pd.Index:
    names = _values(j["names"], depth, left)
    if "range" in j:
        start, stop, step = (int(x) for x in j["range"])
        index: pd.Index = pd.RangeIndex(start, stop, step)
        if len(index) > MAX_VALUES:
            raise SnapshotError("提交的数据太大")
        return index.set_names(names)
    values = _values(j["v"], depth, left)
    if len(names) > MAX_DEPTH or any(isinstance(x, tuple) and len(x) > MAX_DEPTH for x in values):
        raise SnapshotError("提交的数据表行或列的标题层数太多")
    if len(names) > 1:
        return pd.MultiIndex.from_tuples(values, names=names)
    if values and all(isinstance(x, tuple) for x in values):
        return pd.Index(values, tupleize_cols=False, name=names[0])
    return pd.Index(values, name=names[0])


def _read_frame(j: dict[str, Any], depth: int, left: _Budget) -> pd.DataFrame:
    columns = _read_index(j["columns"], depth, left)
    index = _read_index(j["index"], depth, left)
    if not isinstance(j["v"], list) or len(j["v"]) > MAX_COLUMNS:
        raise SnapshotError(f"提交的数据表列太多（最多 {MAX_COLUMNS:,} 列）")
    data = [pd.Series(_values(c, depth, left), index=index, dtype=None) for c in j["v"]]
    if len(data) != len(columns):
        raise SnapshotError("提交的数据表列数对不上")
    frame = pd.concat(data, axis=1) if data else pd.DataFrame(index=index)
    frame.columns = columns
    return frame


def _read_array(j: dict[str, Any], depth: int, left: _Budget) -> np.ndarray:
    values = _values(j["v"], depth, left)
    if all(isinstance(x, (bool, int, float)) for x in values):
        array = np.asarray(values)
    else:  # texts of a numpy type would all take the room of the longest
        array = np.empty(len(values), dtype=object)
        for i, value in enumerate(values):
            array[i] = value
    return array.reshape([int(n) for n in j["shape"]])


def _read_decimal(j: dict[str, Any], depth: int, left: _Budget) -> decimal.Decimal:
    text = str(j["v"])
    if len(text) > 60:  # "1e9999999" style numbers would cost a minute later on
        raise SnapshotError("提交的数字太长")
    if len(text) > _DIGITS:
        left.take_odd()
    return decimal.Decimal(text)


def _read_int(j: dict[str, Any], depth: int, left: _Budget) -> int:
    text = str(j["v"])
    if len(text) > 400:
        raise SnapshotError("提交的数字太长")
    if len(text) > _DIGITS:
        left.take_odd()
    return int(text)


_READERS: dict[str, Callable[[dict[str, Any], int, _Budget], Any]] = {
    "int": _read_int,
    "float": lambda j, d, n: {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[j["v"]],
    "time": lambda j, d, n: pd.Timestamp(j["v"]),
    "date": lambda j, d, n: dt.date.fromisoformat(j["v"]),
    "seconds": lambda j, d, n: dt.timedelta(seconds=float(j["v"])),
    "decimal": _read_decimal,
    "tuple": lambda j, d, n: tuple(_values(j["v"], d, n)),
    "set": lambda j, d, n: set(_keys(j["v"], d, n)),
    "dict": lambda j, d, n: dict(
        zip(_keys([k for k, _ in j["v"]], d, n), _values([v for _, v in j["v"]], d, n), strict=True)
    ),
    "array": _read_array,
    "frame": _read_frame,
    "series": lambda j, d, n: pd.Series(
        _values(j["v"], d, n), index=_read_index(j["index"], d, n), name=_decode(j["name"], d, n)
    ),
    "index": lambda j, d, n: _read_index(j["v"], d, n),
    "bars": lambda j, d, n: Bars(
        str(j["title"]), str(j["xlabel"]), str(j["ylabel"]),
        tuple(str(x) for x in j["labels"]), tuple(float(x) for x in _values(j["heights"], d, n)),
    ),
    "file": lambda j, d, n: FileAnswer(str(j["path"]), str(j["sha256"]), int(j["size"])),
    "function": lambda j, d, n: FunctionAnswer(str(j["name"]), tuple(str(p) for p in j["params"])),
    "raised": lambda j, d, n: Raised(str(j["v"])),
}  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """One handed-in answer as it crosses the border."""

    item: str
    student: str
    value: Any = field(compare=False)

    def to_json(self) -> dict[str, Any]:
        data = {"item": self.item, "student": self.student, "value": encode(self.value)}
        if len(json.dumps(data, ensure_ascii=True)) > MAX_BYTES:
            raise SnapshotError("这个结果太大，不能提交：请只交题目要求的列和行")
        return data

    @classmethod
    def from_json(cls, data: Any) -> Snapshot:
        if not isinstance(data, dict) or not isinstance(data.get("item"), str):
            raise SnapshotError("提交的数据格式不对")
        try:
            size = len(json.dumps(data, ensure_ascii=True))
        except (RecursionError, ValueError) as e:
            raise SnapshotError("提交的数据嵌套得太深，或有太大的数") from e
        if size > MAX_BYTES:
            raise SnapshotError("提交的数据太大")
        return cls(data["item"], str(data.get("student", "")), decode(data.get("value")))
