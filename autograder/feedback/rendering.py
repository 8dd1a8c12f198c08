"""From data to HTML: the templates, and how numbers, times and foreign text are written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

LONGEST = 600  # characters of one text: a page stays readable whatever was handed in

_CHINA = timezone(timedelta(hours=8))
# Control characters, and the marks that turn the direction of writing: they could make a line
# read as something else than it says.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
# "（ValueError: …）": words of Python's, English, and they may quote what the judge was comparing
_EXCEPTION = re.compile(r"（[A-Za-z_][\w.]*: .*）", re.DOTALL)


def render(template: str, **view: Any) -> str:
    """Fill a template; every value in it is escaped."""
    return _environment().get_template(template).render(**view)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("autograder", "templates"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def course_title() -> str:
    from crmkit.syllabus import course

    return course().title


def number(value: float) -> str:
    """Points as a person writes them.

    >>> number(7.50), number(8.0), number(2.675)
    ('7.5', '8', '2.67')
    """
    return f"{round(value, 2):g}"


def percent(part: float, whole: float) -> str:
    """A share for a style attribute or a label, "0" where there is no whole.

    >>> percent(1, 3), percent(5, 4), percent(1, 0)
    ('33.3', '100', '0')
    """
    share = min(100.0, max(0.0, 100 * part / whole)) if whole else 0.0
    return f"{round(share, 1):g}"


def local(moment: datetime | None) -> str:
    """nbgrader keeps UTC without saying so; a reader wants Chinese time."""
    return (
        moment.replace(tzinfo=UTC).astimezone(_CHINA).strftime("%Y-%m-%d %H:%M") if moment else ""
    )


def plain(text: Any) -> str:
    """Text from a record as a page shows it: printable, of bounded length, no words of Python's.

    >>> plain("第 3 行\\x1b[31m\\u202e「C00017」"), plain("读不出来（KeyError: 'C000123'）")
    ('第 3 行[31m「C00017」', '读不出来')
    """
    words = _EXCEPTION.sub("", _UNSEEN.sub("", str(text)))
    return words if len(words) <= LONGEST else words[:LONGEST].rstrip() + "……"
