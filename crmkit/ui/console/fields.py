"""The inputs of a form: what they are called, what they allow, how an entry becomes a value.

    from crmkit.ui.console import fields as f
    f.text("mobile_tail", "手机尾号"), f.select("refunds", "退款口径", REFUND_POLICIES, "gross")

The name of a field is the parameter of the CRM's method it goes to: an `InvalidInput` with that
name in its `fields` is shown beside the input. What is left empty is not passed on at all, so
that the method's own default holds.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.ui.console import rules

if TYPE_CHECKING:
    from crmkit.crm.session import Session

Choices = Mapping[Any, str] | Sequence[Any]
Values = dict[str, Any]
Errors = dict[str, str]


@dataclass(frozen=True)
class Field:
    """One input. Make one with the functions below; `help` is the line under the input."""

    name: str
    label: str
    kind: str
    default: Any = None
    choices: Choices | Callable[[Session], Choices] = ()
    help: str = ""
    required: bool = False
    low: float | None = None
    high: float | None = None
    whole: bool = False
    unit: str = ""
    placeholder: str = ""
    blank: bool = False  # an empty entry is the value "", not left out: for what may be cleared
    end: str = ""  # of a pair of dates: the name of the second
    accept: str = ""  # of a file: its endings
    wide: bool = False  # over the whole width of the form

    def options(self, crm: Session) -> dict[str, tuple[Any, str]]:
        """What can be chosen: text the browser sends → (value, label)."""
        given = self.choices(crm) if callable(self.choices) else self.choices
        pairs = given.items() if isinstance(given, Mapping) else ((x, str(x)) for x in given)
        return {str(value): (value, label) for value, label in pairs}

    def shown(self, crm: Session, value: Any = None) -> dict[str, Any]:
        """What the browser needs to draw it."""
        value = self.default if value is None else value
        entry: dict[str, Any] = {
            "name": self.name, "label": self.label, "kind": self.kind, "help": self.help,
            "required": self.required, "unit": self.unit, "placeholder": self.placeholder,
            "accept": self.accept, "end": self.end, "wide": self.wide or self.kind in _WIDE,
            "value": _sent(self, value),
        }  # fmt: skip
        if self.kind in ("select", "multi"):
            words = [[key, label] for key, (_, label) in self.options(crm).items()]
            if self.kind == "select" and not self.required and self.default is None:
                words.insert(0, ["", self.placeholder or "不限"])
            entry["choices"] = words
        if self.kind == "rule":
            entry["value"] = rules.shown(value)
        return entry

    def read(self, raw: Any, crm: Session) -> Any:
        """The value of an entry, None when it is empty. ValueError says what is wrong with it."""
        if self.kind == "check":
            return bool(raw)
        if isinstance(raw, str):
            raw = raw.strip()
        if raw in (None, "", [], {}):
            if self.required:
                raise ValueError(f"请{'选择' if self.kind in _CHOSEN else '填写'}{self.label}")
            return "" if self.blank else None
        reader = _READERS.get(self.kind)
        return reader(self, raw, crm) if reader else str(raw)


_WIDE = frozenset({"area", "file", "multi", "lines", "rule"})
_CHOSEN = frozenset({"select", "multi", "file"})


def read(
    form: Iterable[Field], raw: Mapping[str, Any], crm: Session, files: Mapping[str, Path] | None = None
) -> tuple[Values, Errors]:  # fmt: skip
    """Values of a form by name, and what is wrong with which input.

    Parameters
    ----------
    raw
        What the browser sent, by name.
    files
        Uploaded files by their token.
    """
    values: Values = {}
    errors: Errors = {}
    for one in form:
        try:
            if one.kind == "dates":
                first, last = raw.get(one.name), raw.get(one.end)
                start, end = one.read(first, crm), one.read(last, crm)
                if start and end and start > end:
                    raise ValueError("开始日期晚于结束日期")
                found = {one.name: start, one.end: end}
            else:
                value = one.read(raw.get(one.name), crm)
                if one.kind == "file" and value is not None:
                    value = (files or {}).get(value)
                    if value is None:
                        raise ValueError("文件没有传完，请重新选择")
                found = {one.name: value}
        except ValueError as error:
            errors[one.name] = str(error)
        else:
            values |= {name: value for name, value in found.items() if value is not None}
    return values, errors


def start_values(form: Iterable[Field]) -> Values:
    """The defaults as a form without entries would give them."""
    values: Values = {}
    for one in form:
        if one.kind == "dates" and one.default:
            values |= dict(zip((one.name, one.end), one.default, strict=True))
        elif one.default is not None:
            values[one.name] = one.default
    return values


# --- what the functions of a screen write down ----------------------------------------------------
def text(name: str, label: str, default: str | None = None, **more: Any) -> Field:
    """A line of text."""
    return Field(name, label, "text", default, **more)


def area(name: str, label: str, default: str | None = None, **more: Any) -> Field:
    """Text of several lines."""
    return Field(name, label, "area", default, **more)


def lines(name: str, label: str, default: Sequence[str] | None = None, **more: Any) -> Field:
    """Several entries, one on each line or parted by spaces and commas: a list of text."""
    return Field(name, label, "lines", default, **more)


def number(name: str, label: str, default: float | None = None, **more: Any) -> Field:
    """A number; `whole=True` for counts; `low` and `high` are allowed themselves."""
    return Field(name, label, "number", default, **more)


def count(name: str, label: str, default: int | None = None, **more: Any) -> Field:
    """A whole number, 0 or more unless `low` says otherwise."""
    return Field(name, label, "number", default, **{"low": 0, "whole": True, **more})


def money(name: str, label: str, default: float | None = None, **more: Any) -> Field:
    """Yuan, two decimals."""
    return Field(name, label, "money", default, **{"unit": "元", "low": 0, **more})


def percent(name: str, label: str, default: float | None = None, **more: Any) -> Field:
    """A share: the entry 5 is the value 0.05."""
    return Field(name, label, "percent", default, **{"unit": "%", "low": 0, **more})


def date(name: str, label: str, default: dt.date | None = None, **more: Any) -> Field:
    """A day."""
    return Field(name, label, "date", default, **more)


def time(name: str, label: str, default: dt.datetime | None = None, **more: Any) -> Field:
    """A day and a time of day."""
    return Field(name, label, "time", default, **more)


def dates(name: str, end: str, label: str, default: Any = None, **more: Any) -> Field:
    """A range of days, both included: two values, `name` and `end`."""
    return Field(name, label, "dates", default, end=end, **more)


def select(name: str, label: str, choices: Any, default: Any = None, **more: Any) -> Field:
    """One of several; `choices` maps value → words, or is a list, or a function of the session.

    Without `default` (and not `required`) there is an empty choice 不限.
    """
    return Field(name, label, "select", default, choices, **more)


def variants(name: str, label: str, choices: Mapping[Any, str], default: Any, **more: Any) -> Field:
    """One of several definitions: as `select`, and the default says that it is."""
    words = {k: f"{v}（默认）" if k == default else v for k, v in choices.items()}
    return Field(name, label, "select", default, words, required=True, **more)


def multi(name: str, label: str, choices: Any, default: Any = None, **more: Any) -> Field:
    """Any number of several: a list."""
    return Field(name, label, "multi", default, choices, **more)


def check(name: str, label: str, default: bool = False, **more: Any) -> Field:
    """Yes or no."""
    return Field(name, label, "check", default, **more)


def rule(name: str, label: str, default: Any = None, **more: Any) -> Field:
    """A rule about customers (see `crmkit.crm.campaigns.audience`), put together from conditions."""
    return Field(name, label, "rule", default, **more)


def file(name: str, label: str, accept: str = ".xlsx,.xls,.csv", **more: Any) -> Field:
    """A file of the user's: its path."""
    return Field(name, label, "file", accept=accept, **more)


# --- entries to values ----------------------------------------------------------------------------
def _number(f: Field, raw: Any, crm: Session) -> float:
    try:
        value = float(str(raw).replace(",", "").replace("，", ""))
    except ValueError:
        raise ValueError(f"{f.label}要填数字") from None
    if not math.isfinite(value):
        raise ValueError(f"{f.label}要填数字")
    if f.low is not None and value < f.low:
        raise ValueError(f"{f.label}不能小于 {f.low:g}")
    if f.high is not None and value > f.high:
        raise ValueError(f"{f.label}不能大于 {f.high:g}")
    if f.whole:
        if value != int(value):
            raise ValueError(f"{f.label}要填整数")
        return int(value)
    if f.kind == "money":
        return round(value, 2)
    return round(value / 100, 6) if f.kind == "percent" else value


def _date(f: Field, raw: Any, crm: Session) -> dt.date:
    try:
        return dt.date.fromisoformat(str(raw))
    except ValueError:
        raise ValueError("日期的形式是 2025-12-31") from None


def _time(f: Field, raw: Any, crm: Session) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(str(raw))
    except ValueError:
        raise ValueError("时间的形式是 2025-12-31 09:30") from None


def _one(f: Field, raw: Any, crm: Session) -> Any:
    found = f.options(crm).get(str(raw))
    if found is None:
        raise ValueError(f"{f.label}没有这个选项，请重新选择")
    return found[0]


def _many(f: Field, raw: Any, crm: Session) -> list[Any]:
    return [_one(f, x, crm) for x in (raw if isinstance(raw, list) else [raw])]


def _lines(f: Field, raw: Any, crm: Session) -> list[str]:
    words = raw if isinstance(raw, list) else str(raw).replace("，", " ").replace(",", " ").split()
    return [str(word) for word in words]


def _rule(f: Field, raw: Any, crm: Session) -> dict[str, Any]:
    return rules.read(raw)


_READERS: Mapping[str, Callable[[Field, Any, Session], Any]] = {
    "number": _number, "money": _number, "percent": _number, "date": _date, "dates": _date,
    "time": _time, "select": _one, "multi": _many, "lines": _lines, "rule": _rule,
}  # fmt: skip


def _sent(f: Field, value: Any) -> Any:
    """A value as its input holds it."""
    if value is None:
        return [] if f.kind == "multi" else ["", ""] if f.kind == "dates" else None
    if f.kind == "dates":
        return [x.isoformat() if x else "" for x in value]
    if f.kind == "multi":
        return [str(x) for x in value]
    if f.kind == "lines":
        return "\n".join(value)
    if f.kind == "percent":
        return f"{value * 100:.10g}"
    if f.kind in ("date", "time"):
        return value.isoformat()[: 10 if f.kind == "date" else 16]
    if f.kind == "check":
        return bool(value)
    return str(value)
