"""Public checks: is an answer the right kind of thing? Never: is it right?

A check is data (it travels to the student as JSON), says in words what is odd about an answer and
what to do next, and knows nothing of the expected value.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from crmkit.errors import KitError
from crmkit.lab import forms
from crmkit.lab.forms import FormError
from crmkit.lab.snapshot import Bars, FileAnswer, read_bars

SYSTEM = "系统"  # module and function of what belongs to no function of the CRM: 登录, 推进时间 …
REFUSED = "拒绝"


@dataclass(frozen=True)
class Check:
    """Base of all public checks. `problems` returns Chinese sentences; none means "looks right"."""

    kind: ClassVar[str] = ""

    def problems(self, value: Any, folder: Path) -> list[str]:
        try:
            return self.look(value, folder)
        except FormError as e:
            return [str(e)]

    def look(self, value: Any, folder: Path) -> list[str]:
        raise NotImplementedError(self.kind)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class Number(Check):
    """One number in a range; a share is a number between 0 and 1."""

    low: float | None = None
    high: float | None = None
    whole: bool = False
    kind: ClassVar[str] = "number"

    def look(self, value: Any, folder: Path) -> list[str]:
        x = forms.number(value)
        if self.low == 0 and self.high == 1 and 1 < x <= 100:
            return [f"比率写成 0 到 1 之间的小数：{x:g}% 写成 {x / 100:g}"]
        if x != x:
            return ["结果是 NaN（不是数）：检查有没有除以 0 或用到空单元格"]
        if self.low is not None and x < self.low:
            return [f"{x:g} 太小，合理的值不会小于 {self.low:g}"]
        if self.high is not None and x > self.high:
            return [f"{x:g} 太大，合理的值不会大于 {self.high:g}"]
        if self.whole and x != int(x):
            return [f"这里应是整数，你交的是 {x:g}"]
        return []


@dataclass(frozen=True)
class Ids(Check):
    """Customer (or other) ids: their form, their number, no doubles; in order or not."""

    column: str = "客户编号"
    pattern: str = r"C\d{6}"
    least: int = 1
    most: int = 100_000
    ordered: bool = False
    kind: ClassVar[str] = "ids"

    def look(self, value: Any, folder: Path) -> list[str]:
        if self.ordered and isinstance(value, (set, frozenset)):
            return ["集合没有先后次序，这一题要排好序的名单，请交数据表或列表"]
        found = forms.ids(value, self.column)
        out = []
        odd = [x for x in found if not re.fullmatch(self.pattern, x)]
        if odd:
            out.append(
                f"有 {len(odd)} 个「{self.column}」不像编号，例如「{odd[0]}」：取「{self.column}」这一列了吗？"
            )
        doubled = len(found) - len(set(found))
        if doubled:
            out.append(f"有 {doubled} 个{self.column}重复，每个只应出现一次")
        out += _count_problem(len(found), self.least, self.most, "行")
        return out


@dataclass(frozen=True)
class Mapping(Check):
    """A dict of given keys (or of `least`…`most` keys of a form) to numbers or to labels."""

    keys: tuple[str, ...] = ()
    pattern: str = ""
    least: int = 1
    most: int = 100_000
    low: float | None = None
    high: float | None = None
    whole: bool = False
    total: float | None = None
    options: tuple[str, ...] = ()
    kind: ClassVar[str] = "mapping"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = forms.mapping(value)
        out = []
        if self.keys:
            lacking = [k for k in self.keys if k not in found]
            extra = [k for k in found if k not in self.keys]
            if lacking:
                out.append(f"字典里缺少：{'、'.join(lacking[:8])}")
            if extra:
                out.append(f"字典里多出：{'、'.join(extra[:8])}（名称要和题目一字不差）")
        else:
            out += _count_problem(len(found), self.least, self.most, "项")
            odd = [k for k in found if self.pattern and not re.fullmatch(self.pattern, k)]
            if odd:
                out.append(f"有 {len(odd)} 个名称不像编号，例如「{odd[0]}」")
        return out + self._values(found)

    def _values(self, found: dict[str, Any]) -> list[str]:
        blank = [k for k, v in found.items() if v is ... or forms.missing(v)]
        if blank:
            return [f"还有 {len(blank)} 项没有填，例如「{blank[0]}」"]
        if self.options:
            odd = {k: v for k, v in found.items() if forms.text(v) not in self.options}
            if odd:
                k, v = next(iter(odd.items()))
                return [f"「{k}」填的是「{v}」，只能从 {'、'.join(self.options)} 里选"]
            return []
        out = []
        numeric = Number(self.low, self.high, self.whole)
        for k, v in found.items():
            out += [f"「{k}」：{p}" for p in numeric.problems(v, Path())]
        if not out and self.total is not None:
            total = sum(forms.number(v) for v in found.values())
            if abs(total - self.total) > 1e-6:
                out.append(f"各项加起来是 {total:g}，应是 {self.total:g}")
        return out[:4]


@dataclass(frozen=True)
class Table(Check):
    """A frame with given columns, a number of rows, a key without doubles, values from lists."""

    columns: tuple[str, ...] = ()
    key: str = ""
    least: int = 1
    most: int = 100_000
    integers: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    kind: ClassVar[str] = "table"

    def look(self, value: Any, folder: Path) -> list[str]:
        frame = forms.table(value, self.columns, self.key or None)
        out = _count_problem(len(frame), self.least, self.most, "行")
        if self.key and frame[self.key].duplicated().any():
            out.append(f"「{self.key}」有重复，每个只应占一行")
        numeric = Number(self.low, self.high, whole=True)
        for c in self.integers:
            for v in frame[c].tolist():
                bad = numeric.problems(v, Path())
                if bad:
                    out.append(f"列「{c}」：{bad[0]}")
                    break
        return out


@dataclass(frozen=True)
class Tables(Check):
    """Several named tables in one dict; `tables` says of each ``"name: column column"``."""

    tables: tuple[str, ...] = ()
    kind: ClassVar[str] = "tables"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = forms.tables(value)
        out = []
        for name, _, columns in (t.partition(":") for t in self.tables):
            if name not in found:
                out.append(f"缺少表「{name}」（现有：{'、'.join(found) or '没有'}）")
                continue
            lacking = [c for c in columns.split() if c not in found[name].columns]
            if lacking:
                out.append(f"表「{name}」缺少列：{'、'.join(lacking)}")
            elif found[name].empty:
                out.append(f"表「{name}」一行也没有")
        return out


@dataclass(frozen=True)
class Grid(Check):
    """A pivot-like table: row and column labels of which must be present, wherever they stand."""

    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    least: int = 1
    kind: ClassVar[str] = "grid"

    def look(self, value: Any, folder: Path) -> list[str]:
        import pandas as pd

        if not isinstance(value, pd.DataFrame):
            return [f"这里要一张透视表（数据表），你交的是{forms.kind_of(value)}"]
        out = _count_problem(len(value), self.least, 100_000, "行")
        there = _labels(value.columns) | {forms.text(c) for c in value.columns}
        there |= {x for n in value.columns.names if n is not None for x in [forms.text(n)]}
        lacking = [c for c in self.columns if c not in there]
        if lacking:
            out.append(f"透视表的列里找不到：{'、'.join(lacking)}")
        first = value.iloc[:, 0] if value.shape[1] else []
        here = _labels(value.index) | {forms.text(x) for x in first}
        lacking = [r for r in self.rows if r not in here]
        if lacking:
            out.append(f"透视表的行里找不到：{'、'.join(lacking)}")
        return out


@dataclass(frozen=True)
class Order(Check):
    """Given options put in order, each exactly once."""

    options: tuple[str, ...] = ()
    kind: ClassVar[str] = "order"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = [forms.text(x) for x in forms.sequence(value)]
        lacking = [o for o in self.options if o not in found]
        extra = [x for x in found if x not in self.options]
        out = []
        if extra:
            out.append(f"「{extra[0]}」不在可选项里（要一字不差）")
        if lacking:
            out.append(f"还缺：{'、'.join(lacking)}")
        if len(found) != len(set(found)):
            out.append("有的选项出现了两次")
        return out


@dataclass(frozen=True)
class Text(Check):
    """One word or id of a form."""

    pattern: str = ""
    shape: str = ""  # the form in words
    kind: ClassVar[str] = "text"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = forms.word(value)
        if self.pattern and not re.fullmatch(self.pattern, found):
            return [f"「{found[:30]}」的形式不对：应是{self.shape}"]
        return []


@dataclass(frozen=True)
class Groups(Check):
    """A dict of given keys, each to a list of given options."""

    keys: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    kind: ClassVar[str] = "groups"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = forms.groups(value)
        out = []
        lacking = [k for k in self.keys if k not in found]
        extra = [k for k in found if k not in self.keys]
        if lacking:
            out.append(f"字典里缺少：{'、'.join(lacking[:8])}")
        if extra:
            out.append(f"字典里多出：{'、'.join(extra[:8])}（名称要和题目一字不差）")
        everything = [x for members in found.values() for x in members]
        unknown = [x for x in everything if self.options and x not in self.options]
        if unknown:
            out.append(f"「{unknown[0]}」不在可选项里（要一字不差）")
        return out


@dataclass(frozen=True)
class Parts(Check):
    """A dict of several results: some numbers in a range, some lists of a length."""

    numbers: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    least: int = 1
    most: int = 100_000
    kind: ClassVar[str] = "parts"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = forms.mapping(value)
        lacking = [k for k in (*self.numbers, *self.lists) if k not in found or found[k] is ...]
        if lacking:
            return [f"字典里缺少或没有填：{'、'.join(lacking)}"]
        numeric = Number(self.low, self.high)
        out = [f"「{k}」：{p}" for k in self.numbers for p in numeric.problems(found[k], folder)]
        for k in self.lists:
            members = forms.ids(found[k], k)
            out += [
                f"「{k}」{p}" for p in _count_problem(len(members), self.least, self.most, "项")
            ]
        return out


@dataclass(frozen=True)
class Operations(Check):
    """Something done in the CRM: which lines of the operation log are about this item.

    Parameters
    ----------
    functions
        Keys of the catalogue ("customers.tags"); "系统" for what belongs to none (登录).
    actions
        Only these actions ("贴标签"); any when empty.
    refused
        The item asks for a refusal: only refused lines count, otherwise only the others.
    """

    functions: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    refused: bool = False
    kind: ClassVar[str] = "operations"

    @property
    def names(self) -> dict[tuple[str, str], str]:
        """(module, function) as the log writes them → words for people."""
        from crmkit.crm import catalogue

        found = {}
        for key in self.functions:
            if key == SYSTEM:
                found[SYSTEM, SYSTEM] = "、".join(self.actions)
            else:
                f = catalogue.function(key)
                found[f.module, f.name] = f"{f.module} · {f.name}"
        return found

    def concerns(self, line: Any) -> bool:
        """Whether a line of the log (a mapping) is about this item."""
        if self.refused != (line["outcome"] == REFUSED):
            return False
        if self.actions and line["action"] not in self.actions:
            return False
        return not self.functions or (line["module"], line["function"]) in self.names

    def look(self, value: Any, folder: Path) -> list[str]:
        """`value`: the lines of the log."""
        if any(self.concerns(line) for line in value):
            return []
        what = "、".join(self.names.values()) or "任何功能"
        return [f"操作日志里还没有「{what}」{'被拒绝的操作' if self.refused else '的操作'}"]


@dataclass(frozen=True)
class Function(Check):
    """A function of these parameters; it is tried once on a public example."""

    params: tuple[str, ...] = ()
    example: tuple[Any, ...] = ()
    kind: ClassVar[str] = "function"

    def look(self, value: Any, folder: Path) -> list[str]:
        if not callable(value):
            return [f"这里要一个函数，你交的是{forms.kind_of(value)}：不要在后面写括号"]
        try:
            inspect.signature(value).bind(*self.params)
        except TypeError:
            return [f"函数应能接收 {len(self.params)} 个参数：{'、'.join(self.params)}"]
        try:
            result = value(*self.example)
        except Exception as e:  # the student's own code: anything may come
            return [f"用 {self._shown()} 试着调用时出错：{type(e).__name__}: {e}"]
        if result is None or result is ...:
            return [f"用 {self._shown()} 调用时没有返回值：别忘了 return"]
        return []

    def _shown(self) -> str:
        return "、".join(f"{p}={x!r}" for p, x in zip(self.params, self.example, strict=False))


@dataclass(frozen=True)
class Workbook(Check):
    """A workbook file that exists, opens and has these sheets."""

    sheets: tuple[str, ...] = ()
    kind: ClassVar[str] = "workbook"

    def look(self, value: Any, folder: Path) -> list[str]:
        from crmkit import workbook

        path = file_path(value, folder)
        try:
            names = workbook.sheet_names(path)
        except workbook.WorkbookError as e:
            return [str(e)]
        lacking = [s for s in self.sheets if s not in names]
        if lacking:
            return [f"工作簿里没有工作表：{'、'.join(lacking)}（现有：{'、'.join(names)}）"]
        return []


@dataclass(frozen=True)
class BarChart(Check):
    """Matplotlib axes with bars, a title and both axis labels."""

    least: int = 1
    kind: ClassVar[str] = "bars"

    def look(self, value: Any, folder: Path) -> list[str]:
        bars = value if isinstance(value, Bars) else None
        if bars is None:
            if not hasattr(value, "patches"):
                return [f"这里要画图得到的坐标系（ax），你交的是{forms.kind_of(value)}"]
            bars = read_bars(value)
        out = _count_problem(len(bars.heights), self.least, 100_000, "根柱子")
        names = (("标题", bars.title), ("横轴名称", bars.xlabel), ("纵轴名称", bars.ylabel))
        out += [f"图上缺少{what}" for what, there in names if not there.strip()]
        return out


@dataclass(frozen=True)
class BarCharts(Check):
    """Several bar charts in a dict: name → matplotlib axes with bars, a title and both labels."""

    keys: tuple[str, ...] = ()
    least: int = 1
    kind: ClassVar[str] = "charts"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = forms.mapping(value)
        lacking = [k for k in self.keys if k not in found or found[k] is None or found[k] is ...]
        if lacking:
            return [f"字典里缺少图：{'、'.join(lacking)}"]
        one = BarChart(self.least)
        return [f"「{k}」：{p}" for k in self.keys for p in one.problems(found[k], folder)]


def file_path(value: Any, folder: Path) -> Path:
    """The path of a handed-in file, which must exist inside the lab folder."""
    if isinstance(value, FileAnswer):
        value = value.path
    if not isinstance(value, (str, Path)):
        raise FormError(f"这里要一个文件名，你交的是{forms.kind_of(value)}")
    path = (folder / value).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise FormError(f"文件要放在本实验的文件夹里，不能用「{value}」")
    if not path.is_file():
        near = (
            sorted(p.name for p in path.parent.glob("*") if p.is_file())
            if path.parent.is_dir()
            else []
        )
        seen = f"；这个文件夹里有：{'、'.join(near[:6])}" if near else ""
        raise FormError(f"找不到文件「{value}」：先保存，并核对文件名和文件夹{seen}")
    return path


def _labels(index: Any) -> set[str]:
    out: set[str] = set()
    for x in index.tolist():
        out |= {forms.text(y) for y in x} if isinstance(x, tuple) else {forms.text(x)}
    return out


def _count_problem(n: int, least: int, most: int, unit: str) -> list[str]:
    if n < least:
        return [f"只有 {n} {unit}，太少了：筛选条件是不是太严，或者读漏了数据？"]
    if n > most:
        return [f"有 {n} {unit}，太多了：筛选条件是不是没有起作用？"]
    return []


_KINDS: dict[str, Callable[..., Check]] = {
    c.kind: c
    for c in (
        Number, Ids, Mapping, Table, Tables, Grid, Order, Text, Groups, Parts, Operations, Function, Workbook, BarChart,
        BarCharts,
    )
}  # fmt: skip


def from_json(data: dict[str, Any]) -> Check:
    """Read a check back from the lab's manifest."""
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k != "kind"}
    try:
        return _KINDS[data["kind"]](**fields)
    except (KeyError, TypeError) as e:
        raise KitError(f"题目清单里的检查写得不对：{data}（{e}）") from e
