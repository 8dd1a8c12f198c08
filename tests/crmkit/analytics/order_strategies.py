"""Hypothesis strategies: order books of a small shop."""

from __future__ import annotations

import datetime as dt
import os

import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

# Frames are slow to build: few examples by default, many in the full run; never a deadline.
CHECKED = settings(max_examples=200 if int(os.environ.get("CRMKIT_FULL", 0)) else 20, deadline=None)

STATUSES = [
    "等待付款", "待发货", "部分发货", "已发货", "交易成功", "退款关闭", "未付款关闭",
]  # fmt: skip
FIRST = dt.datetime(2025, 1, 1)


@st.composite
def order_books(draw: st.DrawFn, min_size: int = 0, max_size: int = 40) -> pd.DataFrame:
    """Orders of at most 12 customers in 3 channels over about a year."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(1, 12),
                st.integers(0, 365 * 24 * 60),
                st.integers(0, 100_000),
                st.sampled_from(STATUSES),
                st.sampled_from(["H1", "H2", "H3"]),
            ),
            min_size=min_size,
            max_size=max_size,
        )
    )
    table = pd.DataFrame(rows, columns=["c", "minute", "fen", "订单状态", "渠道编号"])
    paid = ~table["订单状态"].isin(["等待付款", "未付款关闭"])
    at = pd.Timestamp(FIRST) + pd.to_timedelta(table["minute"], unit="min")
    return pd.DataFrame(
        {
            "订单编号": [f"{n:018d}" for n in range(len(table))],
            "客户编号": [f"C{c:06d}" for c in table["c"]],
            "下单时间": at,
            "付款时间": at.where(paid).astype("datetime64[ns]"),
            "渠道编号": table["渠道编号"].astype("object"),
            "实付金额": table["fen"].astype("int64") / 100,
            "订单状态": table["订单状态"].astype("object"),
        }
    )
