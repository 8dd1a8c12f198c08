"""Controls that many boards share: shop, period, channel, refund policy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from crmkit import shops
from crmkit.analytics.indicators import NEW_DEFINITIONS
from crmkit.analytics.window import Window, between
from crmkit.crm.figures.scope import REFUND_POLICIES
from crmkit.ui.board import Segments
from crmkit.ui.boards import source
from crmkit.ui.controls import Select
from crmkit.ui.dashboard import PERIODS as LATEST
from crmkit.ui.dashboard import available_shops

SHOP, PERIOD = "tea", "12m"
SHORT = {"tea": "茶叶店", "ceramics": "陶瓷店", "electronics": "电子店"}
PERIODS: Mapping[str, str] = MappingProxyType(
    {name: period.label for name, period in LATEST.items()} | {"all": "全部"}
)
REFUNDS: Mapping[str, str] = MappingProxyType({"gross": "支付金额", "net": "减退款"})


def shop() -> Segments:
    return Segments("shop", "店铺", {name: SHORT[name] for name in available_shops()}, SHOP)


def period(start: str = PERIOD, *, everything: bool = False) -> Segments:
    """Latest days, weeks or months; with `everything` all of the data too."""
    options = {k: v for k, v in PERIODS.items() if everything or k != "all"}
    return Segments("period", "时段", options, start)


def channel(values: Mapping[str, Any]) -> Select:
    """The channels of the chosen shop."""
    frame = shops.load(chosen_shop(values)).channels
    names = dict(zip(frame["渠道编号"], frame["渠道名称"], strict=True))
    return Select("channel", "渠道", {"": "全部渠道"} | names)


def refunds() -> Segments:
    return Segments("refunds", "退款口径", REFUNDS)


def chosen_shop(values: Mapping[str, Any]) -> str:
    return str(values.get("shop", SHOP))


def window(shop: str, period: str) -> Window:
    """The period as days; 全部 begins with the first month of the shop's data."""
    if period == "all":
        return between(source.first_month(shop), shops.as_of())
    return LATEST[period].window(shops.as_of())


def subtitle(shop: str, period: str, channel: str = "", refunds: str = "") -> str:
    """What a page counts, for the line below its heading."""
    parts = [window(shop, period).label]
    if channel:
        frame = shops.load(shop).channels
        parts.append("仅" + str(frame.loc[frame["渠道编号"] == channel, "渠道名称"].iloc[0]))
    if refunds:
        parts.append(REFUND_POLICIES[refunds])
    return "；".join(parts)


FOOT = "数据日期 {day}。按付款时间统计有效订单。"


def foot(*more: str) -> str:
    """The line at the foot of a page."""
    return FOOT.format(day=shops.as_of()) + "".join(more)


def definition() -> Select:
    """Who counts as a new buyer."""
    return Select("definition", "新客定义", short(NEW_DEFINITIONS))


def short(words: Mapping[str, str]) -> dict[str, str]:
    """The names of variants without their explanation.

    >>> short({"a": "按人：购买两次及以上"})
    {'a': '按人'}
    """
    return {name: re.split("[：（]", text)[0] for name, text in words.items()}
