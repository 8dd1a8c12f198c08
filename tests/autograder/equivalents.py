"""The other legitimate forms of a right answer, by the kind of answer an item asks for."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crmkit.lab import checks, forms
from crmkit.lab.snapshot import Bars, read_bars

Form = tuple[str, Any]
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MONTH = re.compile(r"\d{4}-\d\d")


def forms_of(check: checks.Check, value: Any, *, ordered: bool = False) -> Iterator[Form]:
    """Name and value of each further form of an answer.

    Parameters
    ----------
    ordered
        The order of the rows or members counts although the public check does not say so.
    """
    maker = _MAKERS.get(type(check))
    if maker is not None:
        yield from maker(check, value, ordered)


def _mixed(n: int) -> list[int]:
    """Another order of n things."""
    return [*range(n - 1, -1, -2), *range(n - 2, -1, -2)]


# ------------------------------------------------------------------ numbers and words


def _numbers(x: float) -> dict[str, Callable[[Any], Any]]:
    """Types that carry a number of this size without a loss."""
    kinds: dict[str, Callable[[Any], Any]] = {
        "float": float, "np.float64": np.float64, "Decimal": lambda v: Decimal(repr(float(v))),
        "text": lambda v: repr(float(v)),
    }  # fmt: skip
    if float(x).is_integer():
        kinds |= {"int": int, "np.int64": np.int64, "np.int32": lambda v: np.int32(int(v))}
    return kinds


def _number(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    x = forms.number(value)
    for name, kind in _numbers(x).items():
        yield name, kind(x)
    yield "list of one", [x]
    yield "Series of one", pd.Series([x], index=["结果"])
    yield "array of one", np.array([x])
    yield "array without axes", np.array(x)
    yield "frame of one cell", pd.DataFrame({"结果": [x]})
    yield "with thousands", f"{x:,}"
    if check.low == 0 and check.high == 1:
        yield "percent", f"{x * 100!r}%"


def _word(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    x = forms.word(value)
    yield "text", x
    yield "np.str_", np.str_(x)
    yield "spaces around", f" {x}\n"
    yield from ((name, kind([x])) for name, kind in _LISTS.items())


# ------------------------------------------------------------------ several of one kind

_LISTS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "Series": pd.Series,
    "Series of a filter": lambda v: pd.Series(v, index=range(7, 7 + 3 * len(v), 3)),
    "Index": pd.Index,
    "array": np.array,
    "array of objects": lambda v: np.array(v, dtype=object),
    "unique values": lambda v: pd.Series(v).unique(),
    "keys of a dict": lambda v: dict.fromkeys(v).keys(),
    "values of a dict": lambda v: dict(enumerate(v)).values(),
    "categories": lambda v: pd.Series(v, dtype="category"),
}
_SETS: dict[str, Callable[[list[Any]], Any]] = {
    "set": set,
    "frozenset": frozenset,
    "another order": lambda v: [v[i] for i in _mixed(len(v))],
}


def _members(values: list[Any], ordered: bool) -> Iterator[Form]:
    for name, kind in {**_LISTS, **({} if ordered else _SETS)}.items():
        yield name, kind(values)


def _ids(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    found = forms.ids(value, check.column)
    ordered = ordered or check.ordered
    yield from _members(found, ordered)
    column = check.column
    frame = pd.DataFrame({"其他": range(len(found)), column: found})
    yield "column of a frame", frame
    yield "key in the index", frame.set_index(column)
    yield "Series by key", frame.set_index(column)["其他"]
    yield "one column of another name", pd.DataFrame({"结果": found})
    yield "categories of a frame", frame.astype({column: "category"})
    if found and all(_DAY.match(x) for x in found):
        days = pd.to_datetime(pd.Series(found))
        yield "datetime64", days
        yield "datetime64 list", list(days)
        yield "dates", [d.date() for d in days]
        yield "datetime64 array", days.to_numpy()
        yield "DatetimeIndex", pd.DatetimeIndex(days)
        yield "texts", [f"{d:%Y-%m-%d}" for d in days]


def _order(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    yield from _members([forms.text(x) for x in forms.sequence(value)], True)


# ------------------------------------------------------------------ results by name


def _mapping(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    found = forms.mapping(value)
    keys = [list(found)[i] for i in _mixed(len(found))]
    if all(isinstance(v, str) for v in found.values()):
        yield "np.str_", {k: np.str_(v) for k, v in found.items()}
        yield "categories", pd.Series(found).astype("category")
        yield "spaces around", {f" {k}": f"{v} " for k, v in found.items()}
    else:
        numeric = {k: v for k, v in found.items() if not isinstance(v, str)}
        whole = all(forms.missing(v) or forms.number(v).is_integer() for v in numeric.values())
        for name, kind in _numbers(0 if whole else 0.5).items():
            yield (
                name,
                {k: v if k not in numeric or forms.missing(v) else kind(forms.number(v)) for k, v in found.items()},
            )  # fmt: skip
        yield "Series of objects", pd.Series(found, dtype=object)
    other = {k: found[k] for k in keys}
    yield "another order", other
    yield "OrderedDict", OrderedDict(other)
    yield "defaultdict", defaultdict(float, found)
    yield "Series", pd.Series(found)
    yield "Series in another order", pd.Series(other, name="结果")
    yield "frame of two columns", pd.DataFrame({"名称": list(found), "结果": list(found.values())})
    yield "frame of one column", pd.Series(other).to_frame("结果")
    if all(k.isdigit() and str(int(k)) == k for k in found):
        yield "whole numbers as keys", {int(k): v for k, v in found.items()}
        yield "np.int64 as keys", {np.int64(k): v for k, v in found.items()}
        yield "floats as keys", pd.Series({float(k): v for k, v in found.items()})


def _groups(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    found = forms.groups(value)
    for name, kind in {**_LISTS, **({} if ordered else _SETS)}.items():
        yield name, {k: kind(v) if v else v for k, v in found.items()}
    yield "Series of lists", pd.Series(found)
    yield "keys in another order", {k: found[k] for k in reversed(found)}


def _parts(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    found = forms.mapping(value)
    kinds = {**_LISTS, **({} if ordered else _SETS)}
    for name, kind in kinds.items():
        lists = {k: kind(forms.ids(found[k], k)) for k in check.lists}
        yield f"members as {name}", {**found, **lists}
    for k in check.lists:
        members = forms.ids(found[k], k)
        yield (
            f"{k} as a frame",
            {**found, k: pd.DataFrame({k: members})},
        )
    numbers = [forms.number(found[k]) for k in check.numbers]
    for name, kind in _numbers(0 if all(x.is_integer() for x in numbers) else 0.5).items():
        yield (
            f"numbers as {name}",
            {**found, **{k: kind(forms.number(found[k])) for k in check.numbers}},
        )
    yield "keys in another order", {k: found[k] for k in reversed(found)}
    yield "Series", pd.Series(found, dtype=object)


# ------------------------------------------------------------------ tables


def _frame_forms(frame: pd.DataFrame, key: str, ordered: bool) -> Iterator[Form]:
    yield "columns in another order", frame[list(frame.columns)[::-1]]
    yield "one more column", frame.assign(备注="")
    yield "index of a filter", frame.set_axis(range(5, 5 + 2 * len(frame), 2))
    yield "spaces in the header", frame.rename(columns=lambda c: f"{c} ")
    if not ordered:
        yield "rows in another order", frame.iloc[_mixed(len(frame))]
    if key:
        yield "key in the index", frame.set_index(key)
        yield "key as category", frame.astype({key: "category"})
    yield "list of dicts", frame.to_dict("records")
    yield "dict of lists", {str(c): frame[c].tolist() for c in frame.columns}
    yield "dict of columns", {str(c): frame[c] for c in frame.columns}
    for name, change in _dtypes(frame).items():
        yield name, frame.assign(**change)


def _dtypes(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Changes of types by name: the same values, carried otherwise."""
    found: dict[str, dict[str, Any]] = {}

    def put(name: str, column: str, values: Any) -> None:
        found.setdefault(name, {})[column] = values

    for c in frame.columns:
        s = frame[c]
        there = s.dropna()
        put("objects", c, s.astype(object))
        if pd.api.types.is_bool_dtype(s):
            put("boolean", c, s.astype("boolean"))
        elif pd.api.types.is_numeric_dtype(s):
            put("floats", c, s.astype(float))
            put("Float64", c, s.astype("Float64"))
            put("Decimal", c, [None if pd.isna(x) else Decimal(repr(float(x))) for x in s])
            if len(there) and (there == there.round()).all():
                put("Int64", c, s.astype("Int64"))
                put("int objects", c, pd.Series([None if pd.isna(x) else int(x) for x in s], s.index, dtype=object))  # fmt: skip
        elif pd.api.types.is_datetime64_any_dtype(s):
            put("dates", c, [None if pd.isna(x) else x.date() for x in s])
            put("ISO texts", c, [None if pd.isna(x) else f"{x:%Y-%m-%d}" for x in s])
            put("datetime64[s]", c, s.astype("datetime64[s]"))
        elif len(there) and all(isinstance(x, dt.date) for x in there):
            put("datetime64", c, pd.to_datetime(s))
            put("ISO texts", c, [None if pd.isna(x) else x.isoformat() for x in s])
        elif len(there) and all(isinstance(x, str) for x in there):
            put("string", c, s.astype("string"))
            put("categories", c, s.astype("category"))
            put("spaces around", c, s.where(s.isna(), s.map(lambda x: f" {x}")))
            if all(map(_DAY.fullmatch, there)):
                put("datetime64", c, pd.to_datetime(s))
                put("dates", c, [None if pd.isna(x) else dt.date.fromisoformat(x) for x in s])
            elif all(map(_MONTH.fullmatch, there)):
                put("periods", c, pd.PeriodIndex(s, freq="M"))
    return found


def _table(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    frame = forms.table(value, check.columns, check.key or None)
    yield from _frame_forms(frame, check.key, ordered)


def _tables(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    found = forms.tables(value)
    made: dict[str, dict[str, Any]] = {}
    for table, frame in found.items():
        for name, other in _frame_forms(frame, "", ordered):
            made.setdefault(name, {})[table] = other
        first = frame.columns[0]
        if frame.shape[1] > 1 and frame[first].is_unique:
            made.setdefault("first column in the index", {})[table] = frame.set_index(first)
    for name, others in made.items():
        yield name, {**found, **others}
    yield "tables in another order", {k: found[k] for k in reversed(found)}


def _grid(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    frame: pd.DataFrame = value
    yield "rows in another order", frame.iloc[_mixed(len(frame))]
    yield "columns in another order", frame.iloc[:, _mixed(frame.shape[1])]
    yield "labels in the first column", frame.reset_index()
    yield "floats", frame.astype(float)
    yield "objects", frame.astype(object)
    if isinstance(frame.columns, pd.MultiIndex):
        yield "one row of headers", frame.set_axis(["_".join(map(str, c)) for c in frame.columns], axis=1)  # fmt: skip
        yield "levels the other way round", frame.swaplevel(axis=1)


# ------------------------------------------------------------------ functions, files, charts


class _Callable:
    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


def _function(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    yield "partial", functools.partial(value)
    yield "object that can be called", _Callable(value)
    yield "method", _Callable(value).__call__
    yield "lambda", lambda *args: value(*args)
    for name, change in _OUTPUTS.items():
        yield name, lambda *args, change=change: change(value(*args))


def _as_numpy(x: Any) -> Any:
    if isinstance(x, bool):
        return np.bool_(x)
    if isinstance(x, int):
        return np.int64(x)
    if isinstance(x, float):
        return np.float64(x)
    if isinstance(x, str):
        return np.str_(x)
    return _inside(x, _as_numpy)


def _as_float(x: Any) -> Any:
    if isinstance(x, (int, float)) and not isinstance(x, bool):
        return float(x)
    return _inside(x, _as_float)


def _as_decimal(x: Any) -> Any:
    if isinstance(x, (int, float)) and not isinstance(x, bool):
        return Decimal(repr(float(x)))
    return _inside(x, _as_decimal)


def _as_tuple(x: Any) -> Any:
    x = _inside(x, _as_tuple)
    return tuple(x) if isinstance(x, list) else list(x) if isinstance(x, tuple) else x


def _inside(x: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(x, dict):
        return {k: change(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)(change(v) for v in x)
    return x


_OUTPUTS: dict[str, Callable[[Any], Any]] = {
    "gives numpy values": _as_numpy,
    "gives floats": _as_float,
    "gives Decimal": _as_decimal,
    "gives tuples for lists, lists for tuples": _as_tuple,
}


def _workbook(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    yield "Path", Path(value)
    yield "text", str(value)
    yield "whole path", Path.cwd() / value


def _drawn(bars: Bars, *, lying: bool = False, mixed: bool = False) -> Any:
    import matplotlib.pyplot as plt

    order = _mixed(len(bars.heights)) if mixed else range(len(bars.heights))
    labels, heights = [bars.labels[i] for i in order], [bars.heights[i] for i in order]
    _, axes = plt.subplots()
    (axes.barh if lying else axes.bar)(labels, heights)
    axes.set(title=bars.title, xlabel=bars.xlabel, ylabel=bars.ylabel)
    return axes


def _chart_forms(axes: Any) -> dict[str, Any]:
    bars = read_bars(axes)
    return {
        "upright": _drawn(bars),
        "lying": _drawn(bars, lying=True),
        "bars in another order": _drawn(bars, mixed=True),
    }


def _chart(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    yield from _chart_forms(value).items()


def _charts(check: Any, value: Any, ordered: bool) -> Iterator[Form]:
    drawn = {k: _chart_forms(axes) for k, axes in forms.mapping(value).items()}
    for name in next(iter(drawn.values())):
        yield name, {k: by_name[name] for k, by_name in drawn.items()}


_MAKERS: dict[type[checks.Check], Callable[[Any, Any, bool], Iterator[Form]]] = {
    checks.Number: _number, checks.Text: _word, checks.Ids: _ids, checks.Order: _order,
    checks.Mapping: _mapping, checks.Groups: _groups, checks.Parts: _parts, checks.Table: _table,
    checks.Tables: _tables, checks.Grid: _grid, checks.Function: _function,
    checks.Workbook: _workbook, checks.BarChart: _chart, checks.BarCharts: _charts,
}  # fmt: skip
