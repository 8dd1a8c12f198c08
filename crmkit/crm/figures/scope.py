"""What a figure counts (day, period, channel, refunds), and how it is handed to a screen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypedDict

import pandas as pd

from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.indicator import Indicator
from crmkit.analytics.inputs import as_day
from crmkit.analytics.paid import Paid, date_of, day_number
from crmkit.analytics.window import Window, last_months
from crmkit.crm.audit import Operation
from crmkit.crm.errors import InvalidInput
from crmkit.crm.figures import facts as facts_module
from crmkit.crm.figures.facts import Facts
from crmkit.crm.module import Module

REFUND_POLICIES: Mapping[str, str] = MappingProxyType(
    {
        "gross": "支付金额（含邮费，不减退款）",
        "net": "净额（减去已成功的退款，全退的订单不再计入）",
    }
)
_EMPTY: Mapping[str, Any] = MappingProxyType({})


class View(TypedDict, total=False):
    """The keywords that every figure of the CRM takes.

    Parameters
    ----------
    start, end : date or text, optional
        First and last day of the period, both included; default: all days of the data.
    channel : str, optional
        Channel id; default: all channels. Buyers are de-duplicated inside the scope.
    refunds : {"gross", "net"}
        One of `REFUND_POLICIES`, default gross.
    as_of : date or text, optional
        What was known at the end of this day; default: the shop's data date. Not later.
    """

    start: Any
    end: Any
    channel: str | None
    refunds: str
    as_of: Any


@dataclass(frozen=True, eq=False)
class Scope:
    """A checked `View` of a shop's facts.

    `window` is None when no period was given.
    """

    facts: Facts
    as_of: dt.date
    window: Window | None = None
    channel: str | None = None
    refunds: str = "gross"

    @classmethod
    def of(cls, facts: Facts, today: dt.date, view: View) -> Scope:
        """Check a view; InvalidInput says what cannot be used."""
        wrong: dict[str, str] = {}
        days: dict[str, dt.date | None] = {}
        for name in ("start", "end", "as_of"):
            try:
                given = view.get(name)
                days[name] = None if given in (None, "") else as_day(given, name)
            except AnalyticsError:
                wrong[name] = "请填日期，例如 2025-12-31"
                days[name] = None
        day = days["as_of"] or today
        if day > today:
            wrong["as_of"] = f"数据日期不能晚于店铺的今天 {today}"
        first, last = days["start"], days["end"]
        window = None
        if first or last:
            known = facts.ledger.first_day
            first = first or min(date_of(known) if known is not None else day, last or day)
            last = last or max(day, first)
            if first > last:
                wrong["end"] = f"结束日 {last} 早于开始日 {first}"
            else:
                window = _window(first, last)
        channel = view.get("channel") or None
        if channel is not None and not (facts.channels["channel_id"] == channel).any():
            wrong["channel"] = f"没有渠道「{channel}」，请从列表里选"
        refunds = view.get("refunds", "gross")
        if refunds not in REFUND_POLICIES:
            wrong["refunds"] = f"退款口径只能是：{'、'.join(REFUND_POLICIES)}"
        unknown = set(view) - set(View.__annotations__)
        if unknown:
            wrong.update(dict.fromkeys(unknown, "没有这个参数"))
        if wrong:
            raise InvalidInput("；".join(f"{k}：{v}" for k, v in wrong.items()), wrong)
        return cls(facts, day, window, channel, refunds)

    @property
    def net(self) -> bool:
        return self.refunds == "net"

    @property
    def day(self) -> int:
        """Number of the day of knowledge."""
        return day_number(self.as_of)

    def paid(self) -> Paid:
        """The orders that count."""
        return self._select(self.window)

    def history(self, *, all_channels: bool = False) -> Paid:
        """The same without the period: everything known."""
        whole = replace(self, channel=None) if all_channels else self
        return whole._select(None)

    def sold(self) -> Paid:
        """The orders of the period at what was paid, whatever the refund policy says."""
        return replace(self, refunds="gross")._select(self.window)

    def _select(self, window: Window | None) -> Paid:
        code = None if self.channel is None else self.facts.channel_code(self.channel)
        return self.facts.ledger.select(window, as_of=self.as_of, channel=code, net=self.net)

    def months(self, most: int = 12) -> list[Window]:
        """Whole calendar months: those inside the period, else the last `most` up to as_of."""
        if self.window is None:
            found = last_months(self.as_of, most)
            first = self.facts.ledger.first_day
            start = date_of(first).replace(day=1) if first is not None else found[-1].start
            return [w for w in found if w.start >= start] or found[-1:]
        end = min(self.window.last_day, self.as_of)
        found = (
            last_months(end, max(1, self.window.days // 28 + 1)) if end >= self.window.start else []
        )
        return [w for w in found if w.start >= self.window.start]

    def words(self) -> dict[str, str]:
        """For the head of a screen."""
        return {
            "数据日期": self.as_of.isoformat(),
            "时间段": "全部" if self.window is None else self.window.label,
            "渠道": self.channel or "全部",
            "退款口径": REFUND_POLICIES[self.refunds],
        }


@dataclass(frozen=True, eq=False)
class Result:
    """What a function of the CRM found.

    Parameters
    ----------
    figures
        Indicators by their Chinese name: value, numerator, denominator.
    table
        The main table, Chinese headers, money in yuan, shares as fractions.
    tables
        Further tables by their Chinese name.
    scope
        数据日期, 时间段, 渠道, 退款口径 in words.
    notes
        说明: definitions used, and thresholds that are the course's choice (课程约定).
    token
        Of a preview: hand it in when acting, and what was previewed is what is done.
    """

    figures: Mapping[str, Indicator]
    table: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=lambda: _EMPTY)
    scope: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    notes: tuple[str, ...] = ()
    token: str = ""

    def __getitem__(self, figure: str) -> Indicator:
        return self.figures[figure]

    def figure_frame(self) -> pd.DataFrame:
        """指标, 值, 分子, 分母: one row a figure."""
        rows = [(name, *indicator) for name, indicator in self.figures.items()]
        return pd.DataFrame(rows, columns=["指标", "值", "分子", "分母"])


class FigureModule(Module):
    """A module whose functions count: they share how a view is logged, checked and refused."""

    @contextmanager
    def figures(self, key: str, view: View, action: str = "查看", **detail: Any) -> Iterator[Scope]:
        """Check the right, log the view, and give the checked scope of the shop's facts."""
        shown = {label: str(view[name]) for name, label in _LABELS.items() if view.get(name)}  # type: ignore[literal-required]
        given = {k: v for k, v in detail.items() if v is not None}
        with self.session.reading(key, action, **shown, **given) as op, in_form():
            yield self.scope(op, view)

    def scope(self, op: Operation, view: View) -> Scope:
        """A checked scope of what an operation sees."""
        facts = facts_module.of_store(self.store, op.connection)
        return Scope.of(facts, self.session.as_of, view)


_LABELS = {
    "start": "开始",
    "end": "结束",
    "channel": "渠道",
    "refunds": "退款口径",
    "as_of": "数据日期",
}


@contextmanager
def in_form() -> Iterator[None]:
    """What a model refuses becomes a message beside the field it names."""
    try:
        yield
    except AnalyticsError as error:
        named = re.search(r"参数 (\w+)", str(error))
        raise InvalidInput(str(error), {named[1]: str(error)} if named else {}) from error


def chosen(value: Any, name: str, allowed: Mapping[str, str]) -> None:
    """Raise InvalidInput unless `value` is one of the named choices of parameter `name`."""
    if value not in allowed:
        words = "；".join(f"{k}（{v}）" for k, v in allowed.items())
        message = f"请从列表里选，不能是「{value}」。可以选：{words}"
        raise InvalidInput(message, {name: message})


def at_least(value: Any, name: str, low: int) -> None:
    """Raise InvalidInput unless `value` is None or a whole number of at least `low`."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        message = f"要填不小于 {low} 的整数"
        raise InvalidInput(message, {name: message})


def _window(first: dt.date, last: dt.date) -> Window:
    """Whole calendar months step by months when compared with the period before."""
    end = last + dt.timedelta(days=1)
    return Window(first, end, calendar=first.day == 1 and end.day == 1)
