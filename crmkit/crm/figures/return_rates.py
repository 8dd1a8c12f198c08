"""The return and refund rates of a period: always four figures each, every one named."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from crmkit.crm import entry
from crmkit.crm.frames import labelled
from crmkit.crm.ordering.order_facts import ITEMS, ORDERS, RETURNS

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.crm.audit import Operation
    from crmkit.crm.store import Store


def rates(store: Store, op: Operation, as_of: dt.date, since: Any, until: Any) -> pd.DataFrame:
    """指标 口径 数值 分子 分母: 退货率 and 退款率, by lines and amount, by pay and refund day.

    A ratio with nothing below the line has no value.
    """
    import pandas as pd

    from crmkit.analytics.indicators import REFUND_BASES, REFUND_MEASURES, refund_rate
    from crmkit.analytics.window import Window

    orders = labelled(store.frame(ORDERS, op.connection), "orders")
    returns = labelled(store.frame(RETURNS, op.connection), "returns")
    items = labelled(store.frame(ITEMS, op.connection), "order_items")
    start, end = entry.period(since, until)
    window = None
    if start or end:
        first = dt.date.fromisoformat(start) if start else orders["下单时间"].min().date()
        window = Window(first, dt.date.fromisoformat(end) if end else as_of + dt.timedelta(days=1))
    rows = []
    for name, kinds in (("退货率", ("退货",)), ("退款率", ("退货", "仅退款"))):
        for measure in ("lines", "amount"):
            for basis in ("paid", "refunded"):
                found = refund_rate(
                    orders, window, measure=measure, basis=basis, kinds=kinds, items=items,
                    returns=returns, as_of=as_of,
                )  # fmt: skip
                rows.append((
                    name, f"{REFUND_MEASURES[measure]}；{REFUND_BASES[basis]}", found.value,
                    found.numerator, found.denominator,
                ))  # fmt: skip
    return pd.DataFrame(rows, columns=["指标", "口径", "数值", "分子", "分母"])
