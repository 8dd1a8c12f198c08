"""The right answers of chapter 6's exercises, in plain pandas.

The notebook's own solutions use the kit's cube or SQL. Keyword arguments make typical mistakes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from autograder.source.ch06.keys import label
from autograder.spec import Verdict
from crmkit.lab import forms
from crmkit.lab.forms import FormError
from crmkit.lab.inputs import ch06

SALES = "销售额"


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str

    @property
    def card(self) -> ch06.Card:
        return ch06.card(self.student)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Every fact with the columns of its dimensions."""
        tables = ch06.star(self.student).tables
        wide = tables["fact_sales"]
        for name, key in (
            ("dim_product", "商品编码"),
            ("dim_date", "日期键"),
            ("dim_channel", "渠道编号"),
        ):
            wide = wide.merge(tables[name], on=key)
        return wide


def sorted_into(w: World, what: str) -> dict[str, str]:
    return {number: label(what, i) for number, i in ch06.drawn(w.student, what).items()}


def total(frame: pd.DataFrame, by: Sequence[str], measure: str = SALES) -> pd.DataFrame:
    return frame.groupby(list(by))[measure].sum().round(2).reset_index()


def slice_and_roll(
    w: World, *, year: bool = True, platform: bool = True, category: bool = True,
    level: str = "季度", measure: str = SALES,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """The two tables; the keywords leave a condition out or stop at another level."""
    c, x = w.card, w.lines
    cut = x[(x["平台"] == c.platform) | (not platform)]
    cut = cut[(cut["年"] == c.year) | (not year)]
    rolled = x[(x["大类"] == c.rolled) | (not category)]
    by_time = total(rolled, [level], measure).rename(columns={level: "季度", measure: SALES})
    by_kind = total(cut, ["大类"], measure).rename(columns={measure: SALES})
    return {"切片": by_kind, "上卷": by_time}


def cells(frame: Any, keys: Sequence[str], value: str = SALES) -> dict[tuple[str, ...], float]:
    """Label(s) → value of a table, read by its column names."""
    found = forms.table(frame, [*keys, value])
    out: dict[tuple[str, ...], float] = {}
    for row in found[[*keys, value]].itertuples(index=False):
        label_of = tuple(forms.text(x) for x in row[:-1])
        if label_of in out:
            raise FormError(f"「{'、'.join(label_of)}」出现了两行：每一格只应有一个数")
        out[label_of] = 0.0 if forms.missing(row[-1]) else forms.number(row[-1])
    return {k: v for k, v in out.items() if v}


def same_cells(
    got: dict[tuple[str, ...], float], right: dict[tuple[str, ...], float], name: str
) -> str:  # fmt: skip
    """What is wrong with a table; "" when nothing is. Cells of 0 count as not there."""
    extra, lacking = [k for k in got if k not in right], [k for k in right if k not in got]
    if extra:
        return f"「{name}」多出 {len(extra)} 格（例如 {'、'.join(extra[0])}）"
    if lacking:
        return f"「{name}」缺少 {len(lacking)} 格（例如 {'、'.join(lacking[0])}）"
    wrong = [k for k, v in right.items() if abs(got[k] - v) > 0.011]
    if wrong:
        first = wrong[0]
        side = "偏大" if got[first] > right[first] else "偏小"
        return f"「{name}」有 {len(wrong)} 格的数不对，例如 {'、'.join(first)} 交的是 {got[first]:,.2f}，{side}"
    return ""


def two_tables(got: Any, expected: dict[str, pd.DataFrame]) -> Verdict:
    """Half the points for each table."""
    found, wrong = forms.tables(got), []
    for name, right in expected.items():
        keys = [c for c in right.columns if c != SALES]
        if name not in found:
            wrong.append(f"缺少表「{name}」")
            continue
        try:
            problem = same_cells(cells(found[name], keys), cells(right, keys), name)
        except FormError as e:
            problem = f"「{name}」：{e}"
        wrong += [problem] if problem else []
    if not wrong:
        return Verdict(1.0, "两张表全部正确")
    return Verdict(
        1 - len(wrong) / len(expected), "；".join(wrong), "逐条核对筛选条件，再看按哪一层分组"
    )
