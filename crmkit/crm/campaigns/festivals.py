"""Festivals and birthdays by the calendar: fixed days, movable Sundays, lunar days, solar terms.

Lunar dates come from lunar-python, official holidays and make-up working days from chinesecalendar
(which knows them up to 2026 and says so beyond).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

OFF, MAKE_UP, WORK, UNKNOWN = "放假", "调休上班", "上班", "还没有公布"


@dataclass(frozen=True)
class Festival:
    """A festival on one day. `rule` says how the day is found."""

    name: str
    day: dt.date
    rule: str


def lunar_day(year: int, month: int, day: int) -> dt.date:
    """The solar date of a lunar date (`year`, `month`, `day`, no leap month).

    >>> lunar_day(2026, 1, 1)
    datetime.date(2026, 2, 17)
    """
    from lunar_python import Lunar

    solar = Lunar.fromYmd(year, month, day).getSolar()
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())


def qingming(year: int) -> dt.date:
    """清明, a solar term: 4 or 5 April."""
    from lunar_python import Solar

    solar = Solar.fromYmd(year, 4, 1).getLunar().getJieQiTable()["清明"]
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())


def _sunday(month: int, n: int) -> Callable[[int], dt.date]:
    def found(year: int) -> dt.date:
        first = dt.date(year, month, 1)
        return first + dt.timedelta(days=(6 - first.weekday()) % 7 + 7 * (n - 1))

    return found


def _fixed(month: int, day: int) -> Callable[[int], dt.date]:
    return lambda year: dt.date(year, month, day)


def _lunar(month: int, day: int) -> Callable[[int], dt.date]:
    return lambda year: lunar_day(year, month, day)


# Name → (how the day is found, in words; the day in a year).
FESTIVALS: Mapping[str, tuple[str, Callable[[int], dt.date]]] = {
    "元旦": ("1 月 1 日", _fixed(1, 1)),
    "腊八节": ("农历十二月初八（上一农历年）", lambda year: lunar_day(year - 1, 12, 8)),
    "除夕": ("春节前一天", lambda year: lunar_day(year, 1, 1) - dt.timedelta(days=1)),
    "春节": ("农历正月初一", _lunar(1, 1)),
    "元宵节": ("农历正月十五", _lunar(1, 15)),
    "情人节": ("2 月 14 日", _fixed(2, 14)),
    "妇女节": ("3 月 8 日", _fixed(3, 8)),
    "清明节": ("节气清明", qingming),
    "劳动节": ("5 月 1 日", _fixed(5, 1)),
    "母亲节": ("5 月第二个星期日", _sunday(5, 2)),
    "儿童节": ("6 月 1 日", _fixed(6, 1)),
    "父亲节": ("6 月第三个星期日", _sunday(6, 3)),
    "端午节": ("农历五月初五", _lunar(5, 5)),
    "618": ("6 月 18 日", _fixed(6, 18)),
    "七夕": ("农历七月初七", _lunar(7, 7)),
    "教师节": ("9 月 10 日", _fixed(9, 10)),
    "中秋节": ("农历八月十五", _lunar(8, 15)),
    "国庆节": ("10 月 1 日", _fixed(10, 1)),
    "重阳节": ("农历九月初九", _lunar(9, 9)),
    "双11": ("11 月 11 日", _fixed(11, 11)),
    "双12": ("12 月 12 日", _fixed(12, 12)),
}


def of_year(year: int) -> list[Festival]:
    """All festivals of a solar year, by day."""
    found = [Festival(name, day(year), rule) for name, (rule, day) in FESTIVALS.items()]
    return sorted(found, key=lambda f: f.day)


def upcoming(today: dt.date, days: int) -> list[Festival]:
    """Festivals from today on, within so many days."""
    last = today + dt.timedelta(days=days)
    years = range(today.year, last.year + 1)
    return [f for y in years for f in of_year(y) if today <= f.day <= last]


def following(name: str, today: dt.date) -> Festival:
    """The next time a festival comes, today included; KeyError for a name that is not in the list."""
    rule, day = FESTIVALS[name]
    found = day(today.year)
    return Festival(name, found if found >= today else day(today.year + 1), rule)


def work_or_rest(day: dt.date) -> str:
    """Whether people work on a day: one of OFF, MAKE_UP, WORK, UNKNOWN.

    >>> work_or_rest(dt.date(2026, 2, 17)), work_or_rest(dt.date(2026, 2, 14))
    ('放假', '调休上班')
    """
    import chinese_calendar

    try:
        if chinese_calendar.is_holiday(day):
            return OFF
    except NotImplementedError:
        return UNKNOWN
    return MAKE_UP if day.weekday() >= 5 else WORK


def lunar_words(day: dt.date) -> str:
    """A day in the lunar calendar: ``正月初一``."""
    from lunar_python import Solar

    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return f"{lunar.getMonthInChinese()}月{lunar.getDayInChinese()}"


def birthdays(born: dt.date, years: range, *, lunar: bool = False) -> list[dt.date]:
    """On which days a birthday is kept whose year is in `years` (the lunar year, if `lunar`).

    29 February is kept on the 28th in common years [C]; the 30th of a lunar month that has only 29
    days on its 29th; a birth in a leap month in the ordinary month of the same number.

    >>> birthdays(dt.date(2000, 2, 29), range(2024, 2026))
    [datetime.date(2024, 2, 29), datetime.date(2025, 2, 28)]
    """
    if not lunar:
        return [_solar_birthday(born, year) for year in years]
    from lunar_python import LunarMonth, Solar

    own = Solar.fromYmd(born.year, born.month, born.day).getLunar()
    month, day = abs(own.getMonth()), own.getDay()
    return [lunar_day(y, month, min(day, LunarMonth.fromYm(y, month).getDayCount())) for y in years]


def _solar_birthday(born: dt.date, year: int) -> dt.date:
    try:
        return born.replace(year=year)
    except ValueError:
        return dt.date(year, 2, 28)


def kept_in(born: dt.date, first: dt.date, last: dt.date, *, lunar: bool = False) -> dt.date | None:
    """The day in [first, last] on which a birthday is kept, or None (also before the birth)."""
    years = range(first.year - 1, last.year + 1) if lunar else range(first.year, last.year + 1)
    for day in birthdays(born, years, lunar=lunar):
        if first <= day <= last and day > born:
            return day
    return None
