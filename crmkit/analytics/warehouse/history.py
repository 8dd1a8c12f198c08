"""Slowly changing dimensions: overwrite (type 1) or keep every version (type 2).

Kimball and Ross, *The Data Warehouse Toolkit*, ch. 5. A version holds from 有效自 to 有效至, both
days included; the version in force ends on 9999-12-31.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

OPEN = pd.Timestamp("9999-12-31")
SINCE, UNTIL, CURRENT, VERSION = "有效自", "有效至", "现行", "版本"


def versions(
    changes: pd.DataFrame, *, key: str = "客户编号", at: str = "变更时间", value: str = "会员等级"
) -> pd.DataFrame:  # fmt: skip
    """The type-2 history of an attribute from a log of changes.

    Of several changes on one day the last one counts; an entry that repeats the value in force
    opens no new version.

    Returns
    -------
    DataFrame
        key, value, 有效自, 有效至 (both included), 版本 (from 1), 现行 (bool); by key and time.

    Raises
    ------
    AnalyticsError
        A column is missing, or a key or time is blank.

    Examples
    --------
    >>> log = pd.DataFrame({"客户编号": ["C1", "C1"], "变更时间": ["2025-01-05", "2025-06-01"],
    ...                     "会员等级": ["普通会员", "高级会员"]})
    >>> versions(log)[["会员等级", "有效自", "有效至"]].astype(str)
       会员等级         有效自         有效至
    0  普通会员  2025-01-05  2025-05-31
    1  高级会员  2025-06-01  9999-12-31
    """
    inputs.require(changes, "变更记录", {"key": key, "at": at, "value": value})
    inputs.ids(changes, "变更记录", key)
    when = inputs.times(changes, "变更记录", at)
    if when.isna().any():
        raise AnalyticsError(f"变更记录的列「{at}」{inputs.rows(when.isna())}是空的。请先补上。")
    log = pd.DataFrame({key: changes[key], "_at": when, value: changes[value]})
    log = log.sort_values([key, "_at"], kind="stable")
    log[SINCE] = log["_at"].dt.normalize()
    log = log.drop_duplicates([key, SINCE], keep="last")
    before = log.groupby(key)[value].shift()
    first = ~log[key].duplicated()
    log = log[first | (log[value] != before)].reset_index(drop=True)
    after = log.groupby(key)[SINCE].shift(-1)
    log[UNTIL] = (after - pd.Timedelta(days=1)).astype("datetime64[us]").fillna(OPEN)
    log[VERSION] = log.groupby(key).cumcount() + 1
    log[CURRENT] = after.isna()
    return log[[key, value, SINCE, UNTIL, VERSION, CURRENT]]


def level_log(
    orders: pd.DataFrame, bounds: Sequence[float], names: Sequence[str], *,
    key: str = "客户编号", at: str = "付款时间", amount: str = "实付金额",
) -> pd.DataFrame:  # fmt: skip
    """The log of level changes that a rule by cumulative amount gives.

    Parameters
    ----------
    orders
        The orders that count, one row each.
    bounds
        Cumulative yuan from which the second, third … level begins, rising.
    names
        The levels from the lowest; one more than `bounds`.

    Returns
    -------
    DataFrame
        key, 变更时间, 会员等级: a row whenever a customer reaches another level; by time.

    Raises
    ------
    AnalyticsError
        A column is missing, or bounds and names do not fit together.

    Examples
    --------
    >>> paid = pd.DataFrame({"客户编号": ["C1"] * 3, "实付金额": [100.0, 600.0, 10.0],
    ...                      "付款时间": ["2025-01-05", "2025-03-01", "2025-04-01"]})
    >>> level_log(paid, [0.01, 600], ["店铺客户", "普通会员", "高级会员"])["会员等级"].tolist()
    ['普通会员', '高级会员']
    """
    inputs.require(orders, "订单表", {"key": key, "at": at, "amount": amount})
    if len(names) != len(bounds) + 1 or list(bounds) != sorted(bounds):
        raise AnalyticsError(f"等级有 {len(names)} 个，界限要有 {len(names) - 1} 个，从小到大。")
    frame = pd.DataFrame({
        key: orders[key], "变更时间": inputs.times(orders, "订单表", at),
        "_fen": inputs.cents(orders, "订单表", amount),
    }).sort_values("变更时间", kind="stable")  # fmt: skip
    total = frame.groupby(key)["_fen"].cumsum()
    rank = sum((total >= round(bound * 100)).astype(int) for bound in bounds)
    frame["_rank"] = rank
    before = frame.groupby(key)["_rank"].shift().fillna(0)
    moved = frame[frame["_rank"] != before]
    made = moved.assign(会员等级=[names[int(r)] for r in moved["_rank"]])
    return made[[key, "变更时间", "会员等级"]].reset_index(drop=True)


def as_of(
    history: pd.DataFrame, keys: pd.Series, days: pd.Series, *,
    key: str = "客户编号", value: str = "会员等级",
) -> pd.Series:  # fmt: skip
    """Which value held for each key on each day (type 2); None before the first version.

    Parameters
    ----------
    history
        As `versions` gives it.
    keys, days
        Two columns of one length.
    """
    inputs.require(history, "历史表", {"key": key, "value": value, "since": SINCE, "until": UNTIL})
    if len(keys) != len(days):
        raise AnalyticsError(f"keys 有 {len(keys)} 个，days 有 {len(days)} 个，要一样多。")
    asked = pd.DataFrame({
        key: list(keys), "_day": pd.to_datetime(pd.Series(list(days))).dt.normalize(),
    })  # fmt: skip
    asked["_row"] = range(len(asked))
    both = asked.merge(history[[key, value, SINCE, UNTIL]], on=key)
    held = both[(both[SINCE] <= both["_day"]) & (both["_day"] <= both[UNTIL])]
    if held["_row"].duplicated().any():
        who = held.loc[held["_row"].duplicated(), key].iloc[0]
        raise AnalyticsError(f"{who} 有两个版本的有效期重叠。请核对「{SINCE}」「{UNTIL}」。")
    found = held.set_index("_row")[value].reindex(range(len(asked)))
    held_then = [None if pd.isna(x) else x for x in found]
    return pd.Series(held_then, index=keys.index, dtype=object)


def overwritten(history: pd.DataFrame, *, key: str = "客户编号", value: str = "会员等级") -> Any:
    """What type 1 keeps of it: the value in force, one per key (a Series by key)."""
    inputs.require(history, "历史表", {"key": key, "value": value, "current": CURRENT})
    return history[history[CURRENT]].set_index(key)[value]
