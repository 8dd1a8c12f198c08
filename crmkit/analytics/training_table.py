"""A table to learn from: features up to a cut date, and what each customer did afterwards.

Everything on the left of the cut may be known to a model, everything on the right is the answer.
A feature that looks over the cut is a leak: the model shines in the test and fails in the shop.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from crmkit import schema
from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.settings import settings

FEATURES = ("最近购买天数", "购买次数", "累计金额", "首购距今天数", "近90天次数", "平均间隔天数")
_STATUS = tuple(schema.ORDER_STATUS[code] for code in schema.VALID_ORDER_STATUS)
_RECENT = 90


def training_table(
    orders: pd.DataFrame, cut: dt.date | str, *, horizon: int | None = None, leak: bool = False,
    customer: str = "客户编号", paid_at: str = "付款时间", amount: str = "实付金额",
    status: str | None = "订单状态",
) -> pd.DataFrame:  # fmt: skip
    """One row a customer with a paid order up to the end of day `cut`.

    Parameters
    ----------
    orders
        At least until `horizon` days after the cut.
    cut
        The last day the features may know.
    horizon
        Days after the cut in which a customer who buys nothing counts as 流失;
        ``[mining] horizon_days`` of the settings when not given.
    leak
        Adds 至今累计次数, a column that only the future knows, to show what a leak does.

    Returns
    -------
    DataFrame
        客户编号, `FEATURES` (days, orders, yuan) and 流失 (1 = nothing bought in the horizon);
        平均间隔天数 is the time from the first order to the cut ÷ orders.

    Raises
    ------
    AnalyticsError
        A column is missing, or nobody bought before the cut.
    """
    columns = {"customer": customer, "paid_at": paid_at, "amount": amount, "status": status}
    inputs.require(orders, "订单表", columns)
    days = inputs.whole(settings()["mining"]["horizon_days"] if horizon is None else horizon,
                        "horizon", low=1)  # fmt: skip
    end = pd.Timestamp(inputs.as_day(cut, "cut")) + pd.Timedelta(days=1)
    paid = orders if status is None else orders[orders[status].isin(_STATUS)]
    at = inputs.times(paid, "订单表", paid_at)
    paid = pd.DataFrame({
        "who": paid[customer], "at": at, "amount": inputs.numbers(paid, "订单表", amount),
    }).dropna(subset="at")  # fmt: skip
    known = paid[paid["at"] < end]
    if known.empty:
        raise AnalyticsError(f"{cut} 之前没有有效订单，做不出训练表；换一个晚一些的切点。")
    after = paid[(paid["at"] >= end) & (paid["at"] < end + pd.Timedelta(days=days))]
    by = known.groupby("who")
    day = end.normalize() - pd.Timedelta(days=1)
    first, last = (by["at"].agg(what).dt.normalize() for what in ("min", "max"))
    recent = known[known["at"] >= end - pd.Timedelta(days=_RECENT)]["who"].value_counts()
    table: dict[str, Any] = {
        "最近购买天数": (day - last).dt.days,
        "购买次数": by.size(),
        "累计金额": by["amount"].sum().round(2),
        "首购距今天数": (day - first).dt.days,
    }
    frame = pd.DataFrame(table)
    frame["近90天次数"] = recent.reindex(frame.index).fillna(0).astype("int64")
    frame["平均间隔天数"] = (frame["首购距今天数"] / frame["购买次数"]).round(1)
    if leak:
        later = after["who"].value_counts()
        frame["至今累计次数"] = frame["购买次数"] + later.reindex(frame.index).fillna(0).astype(int)
    frame["流失"] = (~frame.index.isin(after["who"])).astype("int64")
    return frame.rename_axis("客户编号").reset_index()
