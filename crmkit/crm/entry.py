"""Values as a form gives them: yuan to 分, days, choices, text; a wrong one names its field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from crmkit.crm.errors import InvalidInput

MOST_YUAN = 10_000_000


class Wrong(dict[str, str]):
    """What is wrong with a form, by field; `raise_any` refuses it all at once."""

    def raise_any(self) -> None:
        if self:
            raise InvalidInput("；".join(self.values()), self)


def fen(wrong: Wrong, name: str, label: str, yuan: Any, *, least: int = 0) -> int:
    """Yuan as whole 分; notes what is wrong and then gives `least`."""
    try:
        value = Decimal(str(yuan)) * 100
        if not value.is_finite() or value != value.to_integral_value():
            raise InvalidOperation
    except InvalidOperation:
        wrong[name] = f"{label}要是金额（元，最多两位小数）"
        return least
    if not least <= value <= MOST_YUAN * 100:
        wrong[name] = f"{label}要在 {least / 100:g} 元和 {MOST_YUAN:,} 元之间"
        return least
    return int(value)


def whole(wrong: Wrong, name: str, label: str, value: Any, least: int, most: int) -> int:
    """A whole number in a range; notes what is wrong and then gives `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        wrong[name] = f"{label}要是 {least} 到 {most} 的整数"
        return least
    return value


def text(wrong: Wrong, name: str, label: str, value: Any, *, most: int = 200) -> str:
    """Text that says something; notes what is wrong and then gives ""."""
    found = str(value or "").strip()
    if not found:
        wrong[name] = f"请填写{label}"
    elif len(found) > most:
        wrong[name] = f"{label}最多 {most} 个字"
    return found


def one_of(wrong: Wrong, name: str, label: str, value: Any, allowed: Iterable[str]) -> str:
    """One of some words; notes what is wrong and then gives the first."""
    choices = list(allowed)
    if value not in choices:
        wrong[name] = f"{label}只能是：{'、'.join(choices)}"
        return choices[0]
    return str(value)


def day(wrong: Wrong, name: str, label: str, value: Any) -> dt.date:
    """A date, from a date or text such as ``"2025-12-31"``."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value).strip())
    except ValueError:
        wrong[name] = f"{label}要写成 2025-12-31 这样的日期"
        return dt.date(2000, 1, 1)


def period(since: Any, until: Any) -> tuple[str | None, str | None]:
    """Bounds for ISO texts of times, both days included; empty values are open ends."""
    wrong = Wrong()
    first = day(wrong, "since", "开始日期", since) if since else None
    last = day(wrong, "until", "结束日期", until) if until else None
    if first and last and not wrong and first > last:
        wrong["until"] = "结束日期不能早于开始日期"
    wrong.raise_any()
    after = last + dt.timedelta(days=1) if last else None
    return first.isoformat() if first else None, after.isoformat() if after else None


def given(**values: Any) -> Mapping[str, Any]:
    """Parameters for the log: those that were given, by their Chinese names."""
    return {k: v for k, v in values.items() if v not in (None, "", [], ())}
