"""Sort a frame's rows by several columns, and cut the page wanted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmkit.crm.errors import InvalidInput
from crmkit.crm.paging import Page, bounds

Sort = Sequence[tuple[str, bool]]


def page_of(frame: pd.DataFrame, chosen: np.ndarray, page: int, size: int, sort: Sort) -> Page:
    """The page of the chosen rows (row numbers) in the order wanted (see `ordered`).

    Raises
    ------
    InvalidInput
        Page or size out of range, or a column that does not exist.
    """
    first, count = bounds(page, size)
    rows = ordered(frame, chosen, sort)[first : first + count]
    return Page(frame.iloc[rows].reset_index(drop=True), len(chosen), page, size)


def ordered(frame: pd.DataFrame, chosen: np.ndarray, sort: Sort) -> np.ndarray:
    """The chosen row numbers, sorted by pairs (column, ascending), the most important first.

    Equal rows keep the frame's order, blanks come last.
    """
    unknown = [name for name, _ in sort if name not in frame.columns]
    if unknown:
        raise InvalidInput(f"没有「{unknown[0]}」这一列，不能按它排序。", {"sort": "没有这一列"})
    for name, ascending in reversed(sort):
        values = frame[name].iloc[chosen].reset_index(drop=True)
        found = values.sort_values(ascending=ascending, kind="stable", na_position="last")
        chosen = chosen[found.index.to_numpy()]
    return chosen
