"""The shop board: one page that shows how a shop is doing, for class and for the shop owner.

    from crmkit.ui.dashboard import Dashboard
    Dashboard(shop="tea")

Every figure comes from `crmkit.analytics`, with its default definitions; JavaScript only draws.
"""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import traitlets

from crmkit import shops
from crmkit.analytics import breakdowns, indicators
from crmkit.analytics.window import Window, last_days, last_months
from crmkit.errors import KitError
from crmkit.ui import theme
from crmkit.ui.widget import Widget

TOP_PRODUCTS = 8
_ORDER_COLUMNS = ("订单编号", "客户编号", "付款时间", "渠道编号", "实付金额", "订单状态")
_AREA_SUFFIXES = ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "特别行政区", "省", "市")


class DashboardError(KitError):
    """A shop, period or channel that the board does not have."""


@dataclass(frozen=True)
class Period:
    """A choice of time: `window` as of a day, and how its trend is cut."""

    label: str
    window: Callable[[Any], Window]
    trend: Callable[..., pd.DataFrame]


def _whole_months(as_of: Any) -> Window:
    months = last_months(as_of, 12)
    return Window(months[0].start, months[-1].end, calendar=True)


PERIODS: Mapping[str, Period] = MappingProxyType(
    {
        "30d": Period(
            "近 30 天",
            lambda day: last_days(day, 30),
            lambda orders, day, **scope: breakdowns.trend(orders, day, bins=30, days=1, **scope),
        ),
        "13w": Period(
            "近 13 周",
            lambda day: last_days(day, 91),
            lambda orders, day, **scope: breakdowns.trend(orders, day, bins=13, days=7, **scope),
        ),
        "12m": Period("近一年", _whole_months, breakdowns.monthly),
    }
)


@dataclass(frozen=True)
class Kpi:
    """A card: the indicator, its unit, which way is good, and its definition in words."""

    id: str
    label: str
    unit: str  # yuan, count or percent
    good: str  # up or down
    note: str
    measure: Callable[..., indicators.Indicator]


def _refund_rate(orders: pd.DataFrame, window: Window, **scope: Any) -> indicators.Indicator:
    # By the day of the refund: by the day of payment the last weeks always look too good,
    # because their refunds are still to come.
    return indicators.refund_rate(orders, window, measure="amount", basis="refunded", **scope)


KPIS = (
    Kpi(
        "sales",
        "销售额",
        "yuan",
        "up",
        "本期付款的有效订单的实付金额，含运费，未减退款。",
        indicators.sales,
    ),
    Kpi("orders", "订单数", "count", "up", "本期付款的有效订单数。", indicators.order_count),
    Kpi(
        "spend",
        "客单价",
        "yuan",
        "up",
        "销售额 ÷ 购买顾客（每位顾客平均花多少，不是每单）。",
        indicators.spend_per_buyer,
    ),
    Kpi(
        "buyers", "购买顾客", "count", "up", "本期付过款的顾客，同一人只算一次。", indicators.buyers
    ),
    Kpi(
        "repeat",
        "复购率",
        "percent",
        "up",
        "本期购买 2 次及以上的顾客 ÷ 购买顾客（按人，同一天多单也算）。",
        indicators.repeat_rate,
    ),
    Kpi(
        "refund",
        "退款率",
        "percent",
        "down",
        "本期退款成功的金额 ÷ 销售额（按退款完成日；含仅退款，不含换货）。",
        _refund_rate,
    ),
)
DEFINITIONS = (
    ("有效订单", "已付款且未作废：待发货、部分发货、已发货、交易成功，以及付款后退款关闭的订单。"),
    ("时间", "一律按付款时间归入某一天；各时段从数据日期往前数，没有不完整的周或月。"),
    ("较上期", "与紧挨着的前一个等长时段相比；比率（复购率、退款率）用百分点之差。"),
    ("渠道", "订单成交的店铺或平台；同一位顾客可能出现在几个渠道。"),
    ("地域", "按顾客资料里的省份（数据没有收货地址）。示意图只表示大致方位，不是行政区划边界。"),
    ("商品销售额", "数量 × 单价，未减订单优惠、不含运费，因此合计不等于销售额。"),
    ("购买频次", "顾客在本期内的有效订单数。"),
)


def available_shops() -> dict[str, str]:
    """The shops whose data is in the kit: name → title."""
    folder = shops.root()
    return {
        name: title
        for name, title in shops.TITLES.items()
        if (folder / name / "tables" / "orders.csv").is_file()
    }


def board(shop: str, period: str = "13w", channel: str = "") -> dict[str, Any]:
    """All figures of one board, as plain JSON values.

    Parameters
    ----------
    shop
        Name of a shop, e.g. ``"tea"``.
    period
        A key of `PERIODS`.
    channel
        A channel id, or ``""`` for all channels.

    Raises
    ------
    DashboardError
        When the shop has no such period or channel.
    """
    if period not in PERIODS:
        raise DashboardError(f"看板没有时段“{period}”，可选：{'、'.join(PERIODS)}。")
    return copy.deepcopy(_figures(shops.root(), shops.as_of(), shop, period, channel))


# In class one goes back and forth between a few views; `folder` is there to tell data apart.
@lru_cache(maxsize=64)
def _figures(folder: Path, as_of: dt.date, shop: str, period: str, channel: str) -> dict[str, Any]:
    data = shops.load(shop)
    channels = data.channels
    if channel and channel not in set(channels["渠道编号"]):
        raise DashboardError(f"{data.title}没有渠道“{channel}”。请在渠道下拉框里重新选择。")
    chosen = PERIODS[period]
    window = chosen.window(as_of)
    # The two periods are all that the panels look at; a third less to compute on.
    span = Window(window.previous().start, window.end)
    orders = data.orders[list(_ORDER_COLUMNS)]
    orders = orders[span.contains(orders["付款时间"])]
    scope: dict[str, Any] = {"as_of": as_of}
    one = scope | {"channel": channel} if channel else scope

    trend = chosen.trend(orders, as_of, **({"channel": channel} if channel else {}))
    by_channel = breakdowns.by_channel(orders, window, channels=channels, **scope)
    provinces = breakdowns.by_province(orders, data.customers, window, **one)
    products = breakdowns.best_products(
        orders, data.order_items, window, products=data.products, n=TOP_PRODUCTS, **one
    )
    frequency = breakdowns.frequency_distribution(orders, window, **one)
    return {
        "shop": shop,
        "title": data.title,
        "period": period,
        "channel": channel,
        "window": window.label,
        "before": window.previous().label,
        "kpis": [_card(kpi, data, orders, window, one) for kpi in KPIS],
        "trend": _records(
            trend.assign(label=_labels(trend, period)),
            {"label": "label", "支付金额": "sales", "订单数": "orders"},
        ),
        "channels": _records(
            by_channel,
            {"渠道编号": "id", "渠道名称": "name", "支付金额": "sales", "金额占比": "share"},
        ),
        "regions": _records(
            provinces.assign(省份=provinces["省份"].map(short_area)),
            {"省份": "name", "支付金额": "sales", "金额占比": "share", "买家数": "buyers"},
        ),
        "products": _records(
            products, {"商品名称": "name", "金额": "sales", "数量": "quantity", "金额占比": "share"}
        ),
        "frequency": _records(
            frequency, {"购买次数": "label", "买家数": "buyers", "买家占比": "share"}
        ),
    }


def short_area(name: str) -> str:
    """A provincial unit by its short name.

    >>> [short_area(n) for n in ("浙江省", "广西壮族自治区", "内蒙古自治区", "未知")]
    ['浙江', '广西', '内蒙古', '未知']
    """
    for suffix in _AREA_SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name.removesuffix(suffix)
    return name


def _card(
    kpi: Kpi, data: shops.Shop, orders: pd.DataFrame, window: Window, scope: dict[str, Any]
) -> dict[str, Any]:
    options = dict(scope)
    if kpi.measure is _refund_rate:  # what is refunded now may have been bought long ago
        orders, options["returns"] = data.orders, data.returns
    # Before the shop's first month there is nothing to compare with.
    begin = data.orders["下单时间"].min().date().replace(day=1)
    comparison = indicators.compare(kpi.measure, orders, window, **options)
    now, before = comparison.now, comparison.before
    change, unit = comparison.change.value, "ratio"
    if kpi.unit == "percent":
        unit, change = "points", None
        if now.value is not None and before.value is not None:
            change = now.value - before.value
    return {
        "id": kpi.id,
        "label": kpi.label,
        "unit": kpi.unit,
        "good": kpi.good,
        "note": kpi.note,
        "value": now.value,
        "before": before.value,
        "change": change if window.previous().start >= begin else None,
        "change_unit": unit,
    }


def _labels(trend: pd.DataFrame, period: str) -> pd.Series:
    """Names of the bins: the month, the day, or the last day of the week."""
    if period == "12m":
        return trend["起始日期"].dt.strftime("%Y-%m")
    return trend["结束日期"].dt.strftime("%m-%d")


def _records(frame: pd.DataFrame, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows as dicts of plain values under the names that the browser reads; NaN is None."""
    columns = [[_plain(value) for value in frame[label].tolist()] for label in names]
    return [dict(zip(names.values(), row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    return None if value != value else value


class Dashboard(Widget, bundle="dashboard"):
    """The board as a widget, in JupyterLab and as a Voila page.

    Parameters
    ----------
    shop
        The shop to show first.
    shops
        Shops one can switch between; those without data are left out. Default: only `shop`.
    period
        A key of `PERIODS`.
    channel
        A channel id, or ``""`` for all.

    Raises
    ------
    DashboardError
        When there is no such shop, period or channel.
    """

    options = traitlets.Dict().tag(sync=True)
    shop = traitlets.Unicode("tea").tag(sync=True)
    period = traitlets.Unicode("13w").tag(sync=True)
    channel = traitlets.Unicode("").tag(sync=True)
    data = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        shop: str = "tea",
        *,
        shops: Sequence[str] | None = None,
        period: str = "13w",
        channel: str = "",
        **traits: Any,
    ) -> None:
        known = available_shops()
        if shop not in known:
            names = "、".join(f"{name}（{title}）" for name, title in known.items())
            raise DashboardError(f"没有店铺“{shop}”的数据，可用的店铺：{names}。")
        choice = [name for name in (shops or (shop,)) if name in known]
        super().__init__(
            shop=shop,
            period=period,
            channel=channel,
            options=_options({name: known[name] for name in choice}),
            data=board(shop, period, channel),
            **traits,
        )
        self.observe(self._update, ["shop", "period", "channel"])
        self._compute_ahead()

    def _update(self, change: dict[str, Any]) -> None:
        with self.hold_sync():
            if change["name"] == "shop" and self.channel:
                self.channel = ""  # another shop has other channels; this comes back here
                return
            self.data = board(self.shop, self.period, self.channel)
        self._compute_ahead()

    def _compute_ahead(self) -> None:
        """Compute the other periods while the reader looks at this one (in a kernel only)."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        for turn, period in enumerate(PERIODS, 1):
            loop.call_later(turn, board, self.shop, period, self.channel)


def _options(choice: Mapping[str, str]) -> dict[str, Any]:
    return {
        "as_of": shops.as_of().isoformat(),
        "shops": [
            {
                "value": name,
                "label": title,
                "colour": theme.SHOP_COLOURS[name],
                "channels": [
                    {"value": row["渠道编号"], "label": row["渠道名称"]}
                    for row in shops.load(name).channels.to_dict("records")
                ],
            }
            for name, title in choice.items()
        ],
        "periods": [{"value": key, "label": period.label} for key, period in PERIODS.items()],
        "definitions": [
            *([kpi.label, kpi.note] for kpi in KPIS),
            *(list(entry) for entry in DEFINITIONS),
        ],
    }
