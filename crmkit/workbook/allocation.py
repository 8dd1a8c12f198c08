"""Spread what a buyer paid for an order over its lines."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from crmkit.workbook.errors import WorkbookError


def allocate_lines(
    orders: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    order: str = "订单编号",
    paid: str = "买家实际支付金额",
    price: str = "价格",
    quantity: str = "购买数量",
    into: str = "分摊金额",
) -> pd.DataFrame:
    """Allocate the amount paid for each order to its lines, exact to the fen.

    A line export has no discounts per line. So the amount paid is allocated pro rata to
    price × quantity, rounded down to the fen, and the remainder goes to the last line. An order
    whose lines all cost nothing gives its whole amount to the last line.

    Parameters
    ----------
    orders, lines
        Frames of `read_orders` and `read_order_lines` (or with the columns named here).
    order, paid, price, quantity
        Column names: the order id in both frames, yuan paid per order, yuan per piece, pieces.
    into
        Name of the new column, yuan, float64.

    Returns
    -------
    DataFrame
        A copy of `lines` with the new column; per order it sums to the amount paid.

    Raises
    ------
    WorkbookError
        A column is missing, an order id occurs twice in `orders`, an order and its lines do not
        find each other, or an amount is missing or negative.

    Examples
    --------
    >>> orders = pd.DataFrame({"订单编号": ["1"], "买家实际支付金额": [10.0]})
    >>> lines = pd.DataFrame({"订单编号": ["1"] * 3, "价格": [5.0, 5.0, 5.0], "购买数量": [1, 1, 1]})
    >>> allocate_lines(orders, lines)["分摊金额"].tolist()
    [3.33, 3.33, 3.34]
    """
    for frame, name, wanted in (
        (orders, "订单表", (order, paid)),
        (lines, "明细表", (order, price, quantity)),
    ):
        missing = [column for column in wanted if column not in frame.columns]
        if missing:
            raise WorkbookError(f"分摊金额：{name}缺少列 {'、'.join(missing)}。")
    twice = orders[order][orders[order].duplicated()]
    if len(twice):
        raise WorkbookError(
            f"分摊金额：订单表里 {_some(twice)} 出现了不止一次，请先去掉重复的订单。"
        )
    _refuse_gaps(orders, order, paid, "订单表")
    _refuse_gaps(lines, order, price, "明细表")
    _refuse_gaps(lines, order, quantity, "明细表")
    orphans = lines[order][~lines[order].isin(orders[order])]
    if len(orphans):
        raise WorkbookError(
            f"分摊金额：明细表里有 {orphans.nunique()} 张订单不在订单表里（{_some(orphans)}）。"
            "如果筛选过订单，请按同样的订单筛选明细。"
        )
    empty = orders[order][(orders[paid] > 0) & ~orders[order].isin(lines[order])]
    if len(empty):
        raise WorkbookError(
            f"分摊金额：有 {len(empty)} 张付了钱的订单没有明细（{_some(empty)}），金额无处可分。"
        )
    fen_paid = dict(zip(orders[order], map(_fen, orders[paid]), strict=True))
    weights = [_fen(p) * int(q) for p, q in zip(lines[price], lines[quantity], strict=True)]
    places: dict[Any, list[int]] = {}
    for place, key in enumerate(lines[order]):
        places.setdefault(key, []).append(place)
    shares = [0] * len(weights)
    for key, own in places.items():
        for i, share in zip(own, split(fen_paid[key], [weights[i] for i in own]), strict=True):
            shares[i] = share
    result = lines.copy()
    result[into] = pd.Series([share / 100 for share in shares], index=lines.index, dtype="float64")
    return result


def split(fen: int, weights: Sequence[int]) -> list[int]:
    """The rule itself: pro rata, rounded down, the remainder to the last (all whole 分).

    >>> split(1000, [500, 500, 500])
    [333, 333, 334]
    """
    total = sum(weights)
    shares = [fen * weight // total if total else 0 for weight in weights]
    if shares:
        shares[-1] += fen - sum(shares)
    return shares


def _fen(yuan: Any) -> int:
    return int((Decimal(str(yuan)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _refuse_gaps(frame: pd.DataFrame, order: str, column: str, name: str) -> None:
    values = pd.to_numeric(frame[column], errors="coerce")
    bad = frame[order][~((values >= 0) & (values < 1e13))]
    if len(bad):
        raise WorkbookError(
            f"分摊金额：{name}的“{column}”有 {len(bad)} 处是空的、负的或不是数字（{_some(bad)}）。"
        )


def _some(ids: pd.Series) -> str:
    shown = list(dict.fromkeys(map(str, ids)))
    return "、".join(shown[:3]) + (" 等" if len(shown) > 3 else "")
