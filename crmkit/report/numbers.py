"""The figures of a shop's monthly report. No drawing here.

All indicators are those of `crmkit.analytics`; this module chooses periods and puts them together.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.analytics import breakdowns, indicators
from crmkit.analytics.selection import REFUNDED
from crmkit.analytics.window import Window, add_months
from crmkit.analytics.window import month as calendar_month

if TYPE_CHECKING:
    from crmkit.shops import Shop

TREND_MONTHS = 13  # the month itself, and the twelve before it: last year's month is the first
TOP = 8


@dataclass(frozen=True)
class Row:
    """One indicator now, in the month before, and in the same month of last year.

    `unit` is "yuan", "count", "rate" or "times"; `better` says whether "more" or "less" of it is
    good news. None: the data do not reach so far back, or there was nothing to divide by.
    """

    label: str
    unit: str
    better: str
    now: float | None
    before: float | None
    last_year: float | None

    @property
    def month_change(self) -> float | None:
        """环比: relative, for a rate in points (0.01 = 一个百分点)."""
        return self._change(self.before)

    @property
    def year_change(self) -> float | None:
        """同比: relative, for a rate in points."""
        return self._change(self.last_year)

    def _change(self, then: float | None) -> float | None:
        if self.now is None or then is None:
            return None
        if self.unit == "rate":
            return self.now - then
        return (self.now - then) / then if then > 0 else None


@dataclass(frozen=True)
class Figures:
    """Everything the report of one month says, before it is put into words and drawn."""

    shop: str
    title: str
    window: Window
    as_of: dt.date
    data_from: dt.date
    rows: tuple[Row, ...]
    trend: pd.DataFrame  # 月份, 支付金额, 订单数, 买家数, 客单价
    buyers: pd.DataFrame  # 买家, 人数, 人数占比, 支付金额, 金额占比, 客单价
    channels: pd.DataFrame
    provinces: pd.DataFrame
    products: pd.DataFrame
    reasons: pd.DataFrame  # 原因, 笔数, 退款金额, 金额占比
    refund_by_payment: float | None
    refund_is_final: bool
    repeat_of_new: float | None

    def row(self, label: str) -> Row:
        """The indicator with this label."""
        return next(r for r in self.rows if r.label == label)

    @property
    def main_cause(self) -> str:
        """Which of 买家数 and 客单价 moved the sales against last month more, or "" for neither.

        支付金额 = 买家数 × 客单价, so the logarithms of the two changes add up to that of sales.
        """
        buyers, spend = self.row("支付买家数"), self.row("客单价")
        values = (buyers.now, buyers.before, spend.now, spend.before)
        if not all(values):
            return ""
        a = abs(math.log((buyers.now or 1) / (buyers.before or 1)))
        b = abs(math.log((spend.now or 1) / (spend.before or 1)))
        return "" if max(a, b) < 0.005 else ("买家数" if a >= b else "客单价")


def first_day(orders: pd.DataFrame) -> dt.date:
    """The first day of the first month with a paid order."""
    return orders["付款时间"].min().date().replace(day=1)


def available(orders: pd.DataFrame, as_of: dt.date) -> tuple[Window, Window]:
    """The first and the last month a report can be made of: whole months only."""
    end = (as_of + dt.timedelta(days=1)).replace(day=1)
    first = calendar_month(f"{first_day(orders):%Y-%m}")
    return first, calendar_month(f"{add_months(end, -1):%Y-%m}")


def figures(shop: Shop, window: Window, as_of: dt.date) -> Figures:
    """The figures of the calendar month `window`, known at the end of the day `as_of`."""
    orders, items, returns = shop.orders, shop.order_items, shop.returns
    scope: dict[str, Any] = {"as_of": as_of}
    start = first_day(orders)

    def row(
        label: str,
        unit: str,
        better: str,
        measure: Callable[..., indicators.Indicator],
        **options: Any,
    ) -> Row:
        def value(w: Window) -> float | None:
            return measure(orders, w, **options, **scope).value if w.start >= start else None

        return Row(
            label,
            unit,
            better,
            value(window),
            value(window.previous()),
            value(window.year_before()),
        )

    def pieces(frame: pd.DataFrame, w: Window, **options: Any) -> indicators.Indicator:
        factors = breakdowns.amount_factors(frame, items, w, **options)
        return indicators.Indicator(factors["连带率"], 0, None)

    rows = (
        row("支付金额", "yuan", "more", indicators.sales),
        row("支付买家数", "count", "more", indicators.buyers),
        row("订单数", "count", "more", indicators.order_count),
        row("客单价", "yuan", "more", indicators.spend_per_buyer),
        row("笔单价", "yuan", "more", indicators.spend_per_order),
        row("连带率", "times", "more", pieces),
        row("新客占比", "rate", "", indicators.new_share),
        row("月内复购率", "rate", "more", indicators.repeat_rate),
        row("退款率", "rate", "less", indicators.refund_rate, basis="refunded", returns=returns),
    )
    by_payment = indicators.refund_rate(orders, window, basis="paid", returns=returns, **scope)
    return Figures(
        shop=shop.name,
        title=shop.title,
        window=window,
        as_of=as_of,
        data_from=start,
        rows=rows,
        trend=_trend(orders, window, start),
        buyers=_new_and_old(orders, window, scope),
        channels=breakdowns.by_channel(orders, window, channels=shop.channels, **scope),
        provinces=breakdowns.by_province(orders, shop.customers, window, **scope).head(TOP),
        products=breakdowns.best_products(
            orders, items, window, products=shop.products, n=TOP, **scope
        ),
        reasons=_reasons(returns, window, as_of),
        refund_by_payment=by_payment.value,
        refund_is_final=indicators.is_mature(window, as_of),
        repeat_of_new=indicators.new_repeat_rate(orders, window, **scope).value,
    )


def _trend(orders: pd.DataFrame, window: Window, start: dt.date) -> pd.DataFrame:
    since = (window.start.year - start.year) * 12 + window.start.month - start.month + 1
    table = breakdowns.monthly(orders, window.last_day, months=min(TREND_MONTHS, since))
    table.insert(0, "月份", table["起始日期"].dt.strftime("%Y-%m"))
    return table.drop(columns=["起始日期", "结束日期"])


def _new_and_old(orders: pd.DataFrame, window: Window, scope: dict[str, Any]) -> pd.DataFrame:
    lines = []
    for name, share in (("新买家", indicators.new_share), ("老买家", indicators.old_share)):
        people = share(orders, window, of="buyers", **scope)
        money = share(orders, window, of="sales", **scope)
        lines.append(
            {
                "买家": name,
                "人数": int(people.numerator),
                "人数占比": people.value,
                "支付金额": money.numerator,
                "金额占比": money.value,
                "客单价": money.numerator / people.numerator if people.numerator else None,
            }
        )
    return pd.DataFrame(lines)


def _reasons(returns: pd.DataFrame, window: Window, as_of: dt.date) -> pd.DataFrame:
    done = returns["退换状态"].isin(REFUNDED) & window.contains(returns["完成时间"])
    done &= returns["完成时间"] < pd.Timestamp(as_of) + dt.timedelta(days=1)
    done &= returns["类型"] != "换货"
    table = returns[done].assign(原因=returns["原因"].fillna("未注明"))
    table = table.groupby("原因").agg(笔数=("退换编号", "size"), 退款金额=("退款金额", "sum"))
    table["退款金额"] = table["退款金额"].round(2)
    total = table["退款金额"].sum()
    table["金额占比"] = table["退款金额"] / total if total else float("nan")
    return table.reset_index().sort_values(
        ["退款金额", "原因"], ascending=[False, True], ignore_index=True
    )
