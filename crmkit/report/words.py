"""Numbers and findings of the monthly report as Chinese text."""

from __future__ import annotations

import math

import pandas as pd

from crmkit.report.numbers import Figures
from crmkit.ui.charts import in_wan

NOTHING = "—"


def shown(value: object, kind: str) -> str:
    """A value in a table: `kind` is a unit of numbers.Row, or "text" or "change".

    >>> shown(0.1234, "rate"), shown(98765, "yuan"), shown(3, "count"), shown(None, "yuan")
    ('12.3%', '¥9.88 万', '3', '—')
    """
    if kind == "text":
        return str(value)
    if not isinstance(value, (int, float)) or math.isnan(value):
        return NOTHING
    if kind == "yuan":
        return "¥" + (in_wan(value, 2) if abs(value) >= 10_000 else f"{value:,.0f}")
    if kind == "rate":
        return f"{value:.1%}"
    if kind == "change":
        return f"{value:+.1%}".replace("-", "−")
    if kind == "times":
        return f"{value:.2f}"
    return f"{value:,.0f}"


def change(value: float, unit: str) -> str:
    """The size of a change without its sign; a rate's in points.

    >>> change(-0.082, "yuan"), change(0.031, "rate"), change(0.0001, "count")
    ('8.2%', '3.1 个百分点', '持平')
    """
    size = f"{abs(value) * 100:.1f}"
    if float(size) == 0:
        return "持平"
    return f"{size} 个百分点" if unit == "rate" else f"{size}%"


def words(f: Figures) -> list[str]:
    """What the month was like, in a few sentences."""
    sales, buyers, orders = f.row("支付金额"), f.row("支付买家数"), f.row("订单数")
    if not orders.now:
        return ["本月没有付款的订单。"]
    first = (
        f"{f.window.start.month} 月支付金额 {shown(sales.now, 'yuan')}"
        f"{_against(sales.month_change, '比上月', sales.unit)}"
        f"{_against(sales.year_change, '比去年同月', sales.unit)}；"
        f"{shown(buyers.now, 'count')} 位买家下了 {shown(orders.now, 'count')} 单，"
        f"客单价 {shown(f.row('客单价').now, 'yuan')}。"
    )
    return [s for s in (first, _cause(f), _new(f), _where(f), _best(f), _refunds(f)) if s]


def _against(value: float | None, than: str, unit: str) -> str:
    if value is None:
        return ""
    size = change(value, unit)
    if size == "持平":
        return f"，与{than.removeprefix('比')}持平"
    return f"，{than}{'增加' if value > 0 else '减少'} {size}"


def _cause(f: Figures) -> str:
    buyers, spend = f.row("支付买家数").month_change, f.row("客单价").month_change
    if not f.main_cause or buyers is None or spend is None:
        return ""
    return (
        f"与上月相比，买家数{_moved(buyers)}，客单价{_moved(spend)}，"
        f"金额的变化主要来自{f.main_cause}。"
    )


def _moved(value: float) -> str:
    size = change(value, "count")
    return size if size == "持平" else f"{'增加' if value > 0 else '减少'} {size}"


def _new(f: Figures) -> str:
    new = f.buyers.iloc[0]
    if f.window.start == f.data_from:
        return "数据从本月开始，还分不出新老买家。"
    return (
        f"买家中 {shown(new['人数占比'], 'rate')} 是新买家，贡献金额的 {shown(new['金额占比'], 'rate')}；"
        f"{shown(f.row('月内复购率').now, 'rate')} 的买家在本月内购买了两次及以上。"
    )


def _where(f: Figures) -> str:
    channel, top = f.channels.iloc[0], f.provinces.head(3)
    return (
        f"最大的渠道是“{channel['渠道名称']}”，占 {shown(channel['金额占比'], 'rate')}；"
        f"省份以{'、'.join(top['省份'])}居前，合计占 {shown(top['金额占比'].sum(), 'rate')}。"
    )


def _best(f: Figures) -> str:
    best = f.products.iloc[0]
    return (
        f"卖得最好的商品是“{best['商品名称']}”，售出 {shown(best['数量'], 'count')} 件，"
        f"占商品金额的 {shown(best['金额占比'], 'rate')}。"
    )


def _refunds(f: Figures) -> str:
    rate = f.row("退款率")
    if rate.now is None:
        return ""
    text = f"退款率 {shown(rate.now, 'rate')}"
    if rate.month_change is not None:
        size = change(rate.month_change, "rate")
        text += "，与上月持平" if size == "持平" else ""
        if size != "持平":
            text += f"，比上月{'上升' if rate.month_change > 0 else '下降'} {size}"
    if len(f.reasons):
        text += f"，退款最多的原因是“{f.reasons.iloc[0]['原因']}”"
    return text + "。"


def records(table: pd.DataFrame) -> list[dict[str, object]]:
    """The rows of a table as dicts of plain Python values."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.itertuples(index=False)]
