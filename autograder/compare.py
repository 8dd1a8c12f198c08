"""Comparing an answer with the expected one: each function here makes a comparer for an item.

A comparer takes the answer as it crossed the border and the expected value, reads the answer
through `crmkit.lab.forms` (so every legitimate form counts) and returns a `Verdict`. It raises
FormError when the answer is not the kind of thing that was asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from autograder.spec import Verdict
from crmkit.lab import forms
from crmkit.lab.forms import FormError
from crmkit.lab.snapshot import Bars, Raised

Comparer = Callable[[Any, Any], Verdict]


def number(tolerance: float = 1e-9, relative: float = 0.0, unit: str = "") -> Comparer:
    """One number within an absolute tolerance (plus a relative one)."""

    def compare(got: Any, expected: float) -> Verdict:
        x = forms.number(got)
        if _close(x, expected, tolerance, relative):
            return Verdict(1.0, f"{_show(x)}{unit}，正确")
        if math.isnan(x):
            return Verdict(0.0, "结果是 NaN（不是数）", "检查除数是否为 0、单元格是否为空")
        side = "偏大" if x > expected else "偏小"
        if _close(x, expected, max(tolerance * 100, 5e-3 * abs(expected)), relative):
            return Verdict(
                0.0,
                f"{_show(x)}{unit}，{side}一点",
                "很接近：是不是提前四舍五入了？保留全部小数再交",
            )
        return Verdict(0.0, f"{_show(x)}{unit}，{side}", "核对分子、分母各是什么，再核对筛选条件")

    return compare


def mapping(tolerance: float = 1e-9, *, whole: bool = False) -> Comparer:
    """Name → number. Each right value earns its part; with `whole` only all right values count."""

    def compare(got: Any, expected: dict[str, float]) -> Verdict:
        found = forms.mapping(got)
        wrong = []
        for k, v in expected.items():
            if k not in found or forms.missing(found[k]):
                wrong.append(f"缺「{k}」")
            elif not _close(forms.number(found[k]), v, tolerance, 0.0):
                wrong.append(f"「{k}」交的是 {_show(forms.number(found[k]))}")
        wrong += [f"多出「{k}」" for k in found if k not in expected]
        return _in_parts(wrong, len(expected), whole)

    return compare


def labels(*, whole: bool = False, accept: dict[str, set[str]] | None = None) -> Comparer:
    """Name → label. Each right label earns its part; `accept` holds further right labels."""

    def compare(got: Any, expected: dict[str, str]) -> Verdict:
        found = {k: forms.text(v) for k, v in forms.mapping(got).items() if not forms.missing(v)}
        wrong = []
        for k, v in expected.items():
            right = {v} | (accept or {}).get(k, set())
            if k not in found:
                wrong.append(f"缺「{k}」")
            elif found[k] not in right:
                wrong.append(f"「{k}」不是「{found[k]}」")
        return _in_parts(wrong, len(expected), whole)

    return compare


def id_set(column: str = "客户编号") -> Comparer:
    """The right ids, order and doubles aside."""

    def compare(got: Any, expected: Sequence[str]) -> Verdict:
        found, right = set(forms.ids(got, column)), set(expected)
        if found == right:
            return Verdict(1.0, f"{len(right)} 个{column}，全部正确")
        return Verdict(
            0.0,
            _set_difference(found, right, column),
            "逐个核对筛选条件：边界包含不包含，空值怎么算",
        )

    return compare


def id_order(column: str = "客户编号", *, right_set: float = 0.5) -> Comparer:
    """The right ids in the right order; `right_set` of the points when only the order is wrong."""

    def compare(got: Any, expected: Sequence[str]) -> Verdict:
        if isinstance(got, (set, frozenset)):
            raise FormError("集合没有先后次序，这一题要排好序的名单，请交数据表或列表")
        found, right = forms.ids(got, column), list(expected)
        if found == right:
            return Verdict(1.0, f"{len(right)} 行，名单和次序都正确")
        if sorted(found) == sorted(right):
            at = next(i for i, (a, b) in enumerate(zip(found, right, strict=True)) if a != b)
            return Verdict(right_set, f"名单正确，但次序从第 {at + 1} 行（{found[at]}）起不对",
                           "核对排序的列、升序还是降序，以及并列时再按什么排")  # fmt: skip
        words = _set_difference(set(found), set(right), column)
        return Verdict(0.0, words, "先核对筛选条件，再看排序")

    return compare


def columns(names: Sequence[str], key: str = "客户编号", tolerance: float = 1e-9) -> Comparer:
    """A frame by key: each named column that is right throughout earns an equal part."""

    def compare(got: Any, expected: pd.DataFrame) -> Verdict:
        frame = forms.table(got, names, key)
        frame = frame.assign(**{key: [forms.text(x) for x in frame[key]]})
        right = expected.set_index(key)
        if frame[key].duplicated().any() or set(frame[key]) != set(right.index):
            return Verdict(
                0.0,
                _set_difference(set(frame[key]), set(right.index), key),
                f"每个{key}应恰好占一行",
            )
        mine = frame.set_index(key).loc[right.index]
        wrong = []
        for c in names:
            bad = [
                k
                for k, a, b in zip(right.index, mine[c], right[c], strict=True)
                if not _same(a, b, tolerance)
            ]
            if bad:
                wrong.append(
                    f"列「{c}」有 {len(bad)} 行不对，例如 {bad[0]} 填的是「{_show(mine.loc[bad[0], c])}」"
                )
        return _in_parts(wrong, len(names), False)

    return compare


def word(what: str = "") -> Comparer:
    """One word or id."""

    def compare(got: Any, expected: str) -> Verdict:
        found = forms.word(got)
        if found == expected:
            return Verdict(1.0, f"{found}，正确")
        return Verdict(0.0, f"{what}不是「{found[:40]}」", "回到题目，再核对一遍条件")

    return compare


def members() -> Comparer:
    """Name → members: each member in its place earns its part, each one elsewhere costs as much."""

    def compare(got: Any, expected: dict[str, Sequence[str]]) -> Verdict:
        found = {(k, x) for k, xs in forms.groups(got).items() for x in xs}
        right = {(k, x) for k, xs in expected.items() for x in xs}
        if found == right:
            return Verdict(1.0, f"{len(right)} 项都放对了")
        odd, lacking = sorted(found - right), sorted(right - found)
        words = [f"{len(right)} 项里放对了 {len(found & right)} 项"]
        words += [f"「{odd[0][1]}」不在「{odd[0][0]}」"] if odd else []
        words += (
            [f"「{lacking[0][0]}」里还缺 {sum(k == lacking[0][0] for k, _ in lacking)} 项"]
            if lacking
            else []
        )
        share = (len(found & right) - len(odd)) / len(right)
        return Verdict(
            max(0.0, share), "，".join(words), "打开实训台左边的菜单，一个模块一个模块地核对"
        )

    return compare


def facts(weights: dict[str, float], words: dict[str, str]) -> Comparer:
    """Named facts about what was done (`reads` of an operation item); each right one its weight.

    `words` says of each fact what is wrong when it is not as expected. Lists and sets are compared
    without order.
    """

    def compare(got: Any, expected: dict[str, Any]) -> Verdict:
        wrong = [k for k in weights if _plain(got.get(k)) != _plain(expected[k])]
        if not wrong:
            return Verdict(1.0, "做对了，操作日志和结果都相符")
        share = sum(w for k, w in weights.items() if k not in wrong) / sum(weights.values())
        told = []
        for k in wrong:
            a, b = got.get(k), expected[k]
            sets = all(isinstance(x, (list, set, tuple)) for x in (a, b))
            more = f"（{_set_difference(set(a), set(b), '对象')}）" if sets else ""
            told.append(words[k] + more)
        return Verdict(
            share, "；".join(told), "打开实训台核对一下现在的状态，再看操作日志里自己做了什么"
        )

    return compare


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset, list, tuple)):
        return sorted(map(str, value))
    return value


def order(column: str = "") -> Comparer:
    """Things in order; part of the points by the longest common subsequence.

    With a `column` a frame that has it counts as well.
    """

    def compare(got: Any, expected: Sequence[str]) -> Verdict:
        if column and not isinstance(got, forms.SETS):
            got = forms.ids(got, column)
        found = [forms.text(x) for x in forms.sequence(got)]
        if found == list(expected):
            return Verdict(1.0, "次序正确")
        kept = _common(found, list(expected))
        at = next((i for i, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b), 0)
        share = kept / len(expected) if len(found) == len(set(found)) else 0.0
        return Verdict(
            share,
            f"有 {kept} 步的相对次序正确，从第 {at + 1} 步起不对",
            "想一想每一步要用到前面哪一步的结果",
        )

    return compare


def returns(tolerance: float = 1e-9) -> Comparer:
    """Outputs of a function for the judge's inputs; each right output earns its part."""

    def compare(got: Any, expected: Sequence[Any]) -> Verdict:
        if not isinstance(got, list) or len(got) != len(expected):
            return Verdict(0.0, "函数没有返回结果", "先在笔记本里用几个例子试一试")
        wrong = [g for g, e in zip(got, expected, strict=True) if not _same(g, e, tolerance)]
        if not wrong:
            return Verdict(1.0, f"{len(expected)} 组输入全部正确")
        raised = [g.error for g in wrong if isinstance(g, Raised)]
        words = f"{len(expected)} 组输入里有 {len(wrong)} 组不对"
        if raised:
            return Verdict(
                1 - len(wrong) / len(expected),
                f"{words}，其中 {len(raised)} 组出错：{raised[0]}",
                "先让函数对每一种情况都能返回",
            )
        return Verdict(1 - len(wrong) / len(expected), words, "试试边界值：刚好等于界限、0、空值")

    return compare


def bars() -> Comparer:
    """A bar chart: every bar of the expected height (half), title and axis labels (half)."""

    def compare(got: Any, expected: dict[str, float]) -> Verdict:
        if not isinstance(got, Bars):
            raise FormError(f"这里要画图得到的坐标系（ax），你交的是{forms.kind_of(got)}")
        words, share = [], 1.0
        lacking = [
            n
            for n, t in (("标题", got.title), ("横轴名称", got.xlabel), ("纵轴名称", got.ylabel))
            if not t.strip()
        ]
        if lacking:
            words.append(f"图上缺少{'、'.join(lacking)}")
            share -= 0.5 * len(lacking) / 3
        named = dict(zip(map(forms.text, got.labels), got.heights, strict=False))
        if len(got.heights) != len(expected):
            words.append(f"有 {len(got.heights)} 根柱子，应是 {len(expected)} 根")
            share -= 0.5
        elif sorted(got.heights) != sorted(map(float, expected.values())):
            words.append("柱子的高度与数据不符")
            share -= 0.5
        elif all(named) and {k: float(v) for k, v in expected.items()} != named:
            words.append("柱子和名称对不上")
            share -= 0.25
        return Verdict(
            share,
            "；".join(words) or f"{len(expected)} 根柱子，标题和轴名称齐全",
            "" if not words else "每根柱子对应一类，图要让没看过数据的人也读得懂",
        )

    return compare


# ------------------------------------------------------------------ parts


def _close(x: float, y: float, tolerance: float, relative: float) -> bool:
    return abs(x - y) <= tolerance + relative * abs(y) + 1e-12


def _same(a: Any, b: Any, tolerance: float) -> bool:
    """Equal as a person would say: 3 and 3.0, None and NaN, a date and its time stamp."""
    if forms.missing(a) or forms.missing(b):
        return forms.missing(a) and forms.missing(b)
    if isinstance(b, bool):
        return isinstance(a, bool) and a == b
    if isinstance(b, (int, float)):
        try:
            return _close(forms.number(a), float(b), tolerance, 0.0)
        except FormError:
            return False
    if isinstance(a, Raised):
        return False
    if isinstance(b, (list, tuple)):
        if not isinstance(a, (list, tuple)) or len(a) != len(b):
            return False
        return all(_same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if isinstance(b, dict):
        if not isinstance(a, dict) or set(map(forms.text, a)) != set(map(forms.text, b)):
            return False
        mine = {forms.text(k): v for k, v in a.items()}
        return all(_same(mine[forms.text(k)], v, tolerance) for k, v in b.items())
    if hasattr(b, "isoformat"):
        try:
            return forms.day(a) == forms.day(b)
        except (FormError, ValueError, TypeError):
            return False
    return forms.text(a) == forms.text(b)


def _show(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:,.2f}"
    return str(value)[:40]


def _in_parts(wrong: list[str], n: int, whole: bool) -> Verdict:
    if not wrong:
        return Verdict(1.0, f"{n} 项全部正确")
    share = 0.0 if whole else max(0.0, 1 - len(wrong) / n)
    more = f" 等 {len(wrong)} 处" if len(wrong) > 3 else ""
    return Verdict(
        share, f"{n} 项里：{'；'.join(wrong[:3])}{more}", "对照题目给出的规则，把不对的几项重算一遍"
    )


def _set_difference(found: set[str], right: set[str], column: str) -> str:
    extra, lacking = sorted(found - right), sorted(right - found)
    words = [f"交了 {len(found)} 个{column}"]
    if extra:
        words.append(f"其中 {len(extra)} 个不该有（例如 {extra[0]}）")
    if lacking:
        words.append(f"漏了 {len(lacking)} 个")
    return "，".join(words)


def _common(a: list[str], b: list[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for x in a:
        last = 0
        for j, y in enumerate(b):
            row[j + 1], last = (last + 1 if x == y else max(row[j + 1], row[j])), row[j + 1]
    return row[-1]
