"""Extract and clean: rules in a fixed order, and an account of every row that was read.

读入 = 丢弃 + 装入; the report says which rule took how many rows, and which values were changed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError


@dataclass(frozen=True)
class Cleaned:
    """Clean rows, and what became of the rest.

    Attributes
    ----------
    frame
        The rows to load.
    report
        One row per step: 步骤, 处理 (读入, 丢弃, 修改, 装入), 行数, 说明.
    rejected
        The dropped rows with their 原因.
    """

    frame: pd.DataFrame
    report: pd.DataFrame
    rejected: pd.DataFrame

    def rows(self, action: str) -> int:
        """Rows with this action: 读入, 丢弃 or 装入; for 修改 the number of changed values."""
        return int(self.report.loc[self.report["处理"] == action, "行数"].sum())


def extract_and_clean(
    raw: pd.DataFrame, *, key: Sequence[str] = ("订单编号", "商品编码"), text: Sequence[str] = (),
    dates: Sequence[str] = (), money: Sequence[str] = (), positive: Sequence[str] = (),
    needed: Sequence[str] = (),
) -> Cleaned:  # fmt: skip
    """Clean an extract by the usual rules, in this order.

    1. `text`: full-width forms and blanks around the value (changed);
    2. `dates` and `money`: read ``2025/3/8`` or ``¥1,280.00`` (changed); what cannot be read
       becomes blank;
    3. rows where a column of `key` or `needed` is blank are dropped;
    4. rows where a column of `positive` is not above 0 are dropped;
    5. of rows with the same key the first stays, the others are dropped.

    Values are counted as changed only in rows that are loaded in the end.

    Raises
    ------
    AnalyticsError
        The extract has no rows or lacks a named column.
    """
    named = dict.fromkeys([*key, *text, *dates, *money, *positive, *needed])
    inputs.require(raw, "抽取的数据", {c: c for c in named})
    if raw.empty:
        raise AnalyticsError("抽取的数据一行也没有。请核对文件和抽取的日期范围。")
    frame = raw.reset_index(drop=True)
    changed: dict[str, pd.Series] = {}
    for column in dict.fromkeys([*key, *text]):
        frame[column], changed[column] = _tidied(frame[column])
    for column in dates:
        frame[column], changed[column] = _dated(frame[column])
    for column in money:
        frame[column], changed[column] = _priced(frame[column])
    dropped = pd.Series("", index=frame.index)
    for column in dict.fromkeys([*key, *needed]):
        dropped = dropped.mask(dropped.eq("") & frame[column].isna(), f"「{column}」为空或读不出")
    for column in positive:
        number = pd.to_numeric(frame[column], errors="coerce")
        bad = dropped.eq("") & ~(number > 0)
        dropped = dropped.mask(bad, f"「{column}」不是正数")
        frame[column] = number
    left = frame[dropped.eq("")]
    doubled = left.index[left.duplicated(list(key))]
    dropped.loc[doubled] = "主键重复"
    keep = dropped.eq("")
    rows: list[tuple[str, str, int, str]] = [("抽取", "读入", len(raw), "来源文件的全部行")]
    for column, flags in changed.items():
        if int(flags[keep].sum()):
            rows.append(("清洗", "修改", int(flags[keep].sum()), f"「{column}」改成统一写法"))
    reasons = dropped[~keep]
    for reason in dict.fromkeys(reasons):
        rows.append(("清洗", "丢弃", int((reasons == reason).sum()), reason))
    rows.append(("装载", "装入", int(keep.sum()), "可以进仓库的行"))
    report = pd.DataFrame(rows, columns=["步骤", "处理", "行数", "说明"])
    rejected = raw.reset_index(drop=True)[~keep].assign(原因=reasons)
    return Cleaned(frame[keep].reset_index(drop=True), report, rejected.reset_index(drop=True))


def _tidied(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    there = column.notna()
    before = column[there].astype(str)
    after = before.map(lambda x: unicodedata.normalize("NFKC", x).strip())
    made = pd.Series(None, index=column.index, dtype=object)
    made[there] = after.where(after != "", None)
    changed = pd.Series(False, index=column.index)
    changed[there] = (after != before) & (after != "")
    return made, changed


def _dated(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Days; a value is changed when it was not written 2025-03-08 (a time of day may follow)."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return column, pd.Series(False, index=column.index)
    words = column.astype("string").str.strip().str.replace(r"[年月/.]", "-", regex=True)
    words = words.str.replace("日", "", regex=False)
    # Without a year in front pandas would guess one.
    words = words.where(words.str.match(r"\d{4}-\d{1,2}-\d{1,2}( |$)").fillna(False))
    made = pd.to_datetime(words.astype(object), errors="coerce", format="mixed")
    plain = column.astype("string").str.match(r"\d{4}-\d\d-\d\d( |$)").fillna(False).astype(bool)
    return made, made.notna() & ~plain


def _priced(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64"), pd.Series(False, index=column.index)
    before = column.astype("string").str.strip()
    words = before.map(lambda x: unicodedata.normalize("NFKC", x), na_action="ignore")
    words = words.astype("string").str.replace(r"[¥,元\s]", "", regex=True)
    made = pd.to_numeric(words.astype(object), errors="coerce")
    return made.astype("float64"), (made.notna() & (words != before).fillna(False)).astype(bool)
