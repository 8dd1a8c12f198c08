"""Turn one raw cell into text, id, number or date, and say what was mended or why it cannot be.

Each function takes what a reader gave (str, float, int, bool, date, datetime, time, timedelta)
and returns an `Outcome`. Missing values are None.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, NamedTuple

from crmkit.workbook.cleaning import clean_text, is_picture, narrow

MENDED = "已修正"
REFUSED = "已拒收"
CHECK = "请核对"

# Numbers in a spreadsheet are doubles: from 16 digits on the last ones are lost.
EXACT_DIGITS = 15
_TOO_LONG = 10**EXACT_DIGITS
_MISSING = frozenset({"", "-", "--", "---", "—", "——", "/", "null", "none", "nan", "n/a", "#n/a"})
_MASK = re.compile(r"\*")
_E_NOTATION = re.compile(r"[+-]?\d+(?:\.\d+)?[eE]\+\d+")
_TRAILING_ZEROS = re.compile(r"(\d+)\.0+")
_TURNED_DATE = re.compile(r"\d{1,2}月\d{1,2}日|\d{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-\d{1,2}")
# Mainland mobiles: the number plan as phonenumbers 9.0 has it.
_MOBILE = re.compile(
    r"1(?:3\d|4[57]|5[0-35-9]|6[2567]|7[0-35-8]|8\d|9[0-35-9])\d{8}|1(?:610|740[0-5])\d+"
)
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?:[¥￥$]|rmb|cny)?(?P<sign2>[+-]?)"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)(?P<power>e[+-]?\d{1,2})?"
    r"(?P<unit>%|‰|万元|万|元|块|人民币|个|件|笔|人|次|天|秒|岁|种|点)?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?P<y>\d{4})(?:[-/.年]\s?(?P<m>\d{1,2})[-/.月]\s?(?P<d>\d{1,2})日?|(?P<m8>\d\d)(?P<d8>\d\d))"
    r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?"
    r"(?:[T\s]\s*(?P<half>上午|下午|AM|PM)?\s*(?P<H>\d{1,2})[:时](?P<M>\d{1,2})"
    r"(?:[:分](?:(?P<S>\d{1,2})(?:\.\d+)?秒?)?)?\s*(?P<half2>AM|PM)?(?:Z|\+08:?00)?)?",
    re.IGNORECASE,
)
_SERIALS = range(61, 73_416)  # 1900-03-01 (before it Excel counts a 29 February 1900) to 2100
_SERIAL_ZERO = dt.datetime(1899, 12, 30)


class Outcome(NamedTuple):
    """A clean value (None: missing), what was done about it, and why (both "" if nothing)."""

    value: Any
    action: str = ""
    reason: str = ""


def _mended(value: Any, reasons: list[str]) -> Outcome:
    return Outcome(value, MENDED, "；".join(reasons)) if reasons else Outcome(value)


def _refused(reason: str) -> Outcome:
    return Outcome(None, REFUSED, reason)


def _prepare(raw: str) -> tuple[str, list[str]] | Outcome:
    """Cleaned text, or the outcome when there is nothing to understand in it."""
    text, reasons = clean_text(raw)
    if is_picture(text):
        return _refused("WPS 单元格图片（DISPIMG），不是文字")
    if text.lower() in _MISSING:
        if text or reasons:
            reasons.append("表示缺失的记号按空值处理" if text else "内容是空的")
            return Outcome(None, MENDED, "；".join(reasons))
        return Outcome(None)
    return text, reasons


def to_text(raw: Any) -> Outcome:
    """Free text; full-width punctuation stays.

    >>> to_text("买家已付款，等待卖家发货").value
    '买家已付款，等待卖家发货'
    """
    if isinstance(raw, bool):
        return Outcome("是" if raw else "否")
    if isinstance(raw, (int, float)):
        return Outcome(_number_text(raw))
    if isinstance(raw, (dt.date, dt.time, dt.timedelta)):
        return Outcome(
            _date_text(raw), CHECK, "表格软件把它变成了日期，原来的文字（如 1-2）已找不回来"
        )
    text, reasons = clean_text(raw)
    if is_picture(text):
        return _refused("WPS 单元格图片（DISPIMG），不是文字")
    if not text:
        return _mended(None, [*reasons, "内容是空的"] if reasons else [])
    if text.lower() == "null":
        return _mended(None, [*reasons, "表示缺失的记号按空值处理"])
    if text.startswith("=") and len(text) > 1:
        reasons.append("以 = 开头，按文字保留，没有计算")
        return Outcome(text, CHECK, "；".join(reasons))
    return _mended(text, reasons)


def to_person(raw: Any) -> Outcome:
    """Text about a person, which platforms may have masked (陈*平)."""
    outcome = to_text(raw)
    if isinstance(outcome.value, str) and _MASK.search(outcome.value):
        return _masked(outcome.value)
    return outcome


def _masked(text: str) -> Outcome:
    return Outcome(text, CHECK, "已脱敏：平台遮住了一部分，原样保留")


def to_id(raw: Any) -> Outcome:
    """An identifier as text; refused when the spreadsheet has lost digits of it.

    >>> to_id('="123456789012345678"').value
    '123456789012345678'
    >>> to_id(1.2345678901234568e17).action
    '已拒收'
    """
    if isinstance(raw, bool):
        return _refused(f"编号不会是 {'TRUE' if raw else 'FALSE'}")
    if isinstance(raw, (int, float)):
        return _number_id(raw)
    if isinstance(raw, (dt.date, dt.time, dt.timedelta)):
        return _refused("表格软件把编号变成了日期，原来的内容已找不回来")
    prepared = _prepare(raw)
    if isinstance(prepared, Outcome):
        return prepared
    text, reasons = prepared
    plain = narrow(text)
    squeezed = re.sub(r"\s+", "", plain)
    if squeezed.isascii() and squeezed.isdigit():
        plain = squeezed
    if plain != text:
        reasons.append("全角字符和多余空格改为半角")
    if _E_NOTATION.fullmatch(plain):
        return _refused("编号成了科学记数法（如 1.23E+17），末几位已丢失，请从平台重新导出")
    decimal = _TRAILING_ZEROS.fullmatch(plain)
    if decimal:
        if len(decimal[1]) > EXACT_DIGITS:
            return _refused("超过 15 位的编号曾存成数字，末几位已丢失，请从平台重新导出")
        return _mended(decimal[1], [*reasons, "去掉编号后面的 .0"])
    if _MASK.search(plain):
        return _masked(plain)
    if _TURNED_DATE.fullmatch(plain):
        return Outcome(plain, CHECK, "像是编号被表格软件变成了日期（如 1-2），原来的内容已找不回来")
    return _mended(plain, reasons)


def _number_id(raw: int | float) -> Outcome:
    if raw != raw or raw in (float("inf"), float("-inf")) or raw != int(raw) or raw < 0:
        return _refused("编号应是文字或整数")
    if raw >= _TOO_LONG:
        return _refused(
            "超过 15 位的编号存成了数字，末几位已丢失，请从平台重新导出，导入时该列选“文本”"
        )
    return Outcome(str(int(raw)), MENDED, "按数字存放的编号改为文本（若原有开头的 0，已丢失）")


def to_mobile(raw: Any) -> Outcome:
    """A mainland mobile number as 11 digits of text; masked ones stay as they are.

    >>> to_mobile("'138 0000-0000").value
    '13800000000'
    """
    outcome = to_id(raw)
    text = outcome.value
    if text is None or "*" in text:
        return outcome
    reasons = [outcome.reason] if outcome.action == MENDED else []
    digits = re.sub(r"[\s()-]", "", text)
    digits = re.sub(r"^(?:\+86|0086|86(?=1\d{10}$))", "", digits)
    if digits != text:
        reasons.append("去掉区号、空格或连字符")
    if not _MOBILE.fullmatch(digits) or len(digits) != 11:
        return Outcome(text, CHECK, "不是 11 位的大陆手机号，原样保留")
    return _mended(digits, reasons)


def to_phone(raw: Any) -> Outcome:
    """Any telephone number, as text."""
    return to_id(raw)


def to_money(raw: Any) -> Outcome:
    """Yuan as a float with two decimals, rounded half up on whole fen.

    >>> to_money("￥1,234.50元").value
    1234.5
    """
    return _rounded(to_decimal(raw), Decimal("0.01"))


def to_integer(raw: Any) -> Outcome:
    """A whole number.

    >>> to_integer("1,200件").value
    1200
    """
    outcome = to_decimal(raw)
    if outcome.value is None:
        return outcome
    if outcome.value != outcome.value.to_integral_value():
        return _refused("应是整数")
    return outcome._replace(value=int(outcome.value))


def to_number(raw: Any) -> Outcome:
    """A number; percentages as fractions.

    >>> to_number("0.45%").value
    0.0045
    """
    outcome = to_decimal(raw)
    return outcome if outcome.value is None else outcome._replace(value=float(outcome.value))


def _rounded(outcome: Outcome, step: Decimal) -> Outcome:
    if outcome.value is None:
        return outcome
    value = outcome.value.quantize(step, ROUND_HALF_UP)
    if abs(value - outcome.value) > Decimal("0.000001"):
        reasons = [outcome.reason] if outcome.reason else []
        outcome = _mended(value, [*reasons, "四舍五入到分"])
    return outcome._replace(value=float(value) + 0.0)


def to_decimal(raw: Any) -> Outcome:
    """The number in a cell as Decimal, without thousands separators, currency and units."""
    if isinstance(raw, bool):
        return _refused("应是数字，这里是逻辑值")
    if isinstance(raw, (int, float)):
        if raw != raw or abs(raw) >= _TOO_LONG:
            return _refused("数字超出范围")
        return Outcome(Decimal(repr(raw)))
    if isinstance(raw, (dt.date, dt.time, dt.timedelta)):
        return _refused("应是数字，这里是日期或时间")
    prepared = _prepare(raw)
    if isinstance(prepared, Outcome):
        return prepared
    text, reasons = prepared
    plain = narrow(text).replace(" ", "")
    negative = plain.startswith("(") and plain.endswith(")")
    found = _NUMBER.fullmatch(plain[1:-1] if negative else plain)
    if found is None or len(plain) > 40 or (found["sign"] and found["sign2"]):
        return _refused("不是数字")
    try:
        value = Decimal(found["digits"].replace(",", "") + (found["power"] or ""))
    except InvalidOperation:
        return _refused("不是数字")
    if "," in found["digits"]:
        reasons.append("去掉千位分隔符")
    if negative or "-" in (found["sign"], found["sign2"]):
        value = -value
    unit = found["unit"] or ""
    if unit in ("%", "‰"):
        value = value / (100 if unit == "%" else 1000)
        reasons.append("百分数文字改为小数")
    elif unit in ("万", "万元"):
        value *= 10_000
        reasons.append("以万计的数字已换算")
    elif unit:
        reasons.append(f"去掉单位“{unit}”")
    if abs(value) >= _TOO_LONG:
        return _refused("数字超出范围")
    return _mended(value, reasons)


def to_time(raw: Any) -> Outcome:
    """A point in time, to the second.

    >>> to_time("2018/7/1 9:05").value
    datetime.datetime(2018, 7, 1, 9, 5)
    """
    if isinstance(raw, dt.datetime):
        return Outcome(raw.replace(microsecond=0, tzinfo=None))
    if isinstance(raw, dt.date):
        return Outcome(dt.datetime(raw.year, raw.month, raw.day))
    if isinstance(raw, (bool, dt.time, dt.timedelta)):
        return _refused("不是日期")
    if isinstance(raw, (int, float)):
        return _serial(float(raw))
    prepared = _prepare(raw)
    if isinstance(prepared, Outcome):
        return prepared
    text, reasons = prepared
    plain = narrow(text)
    if re.fullmatch(r"0000[-/]00[-/]00( 00:00:00)?", plain):
        return _mended(None, [*reasons, "全零日期按空值处理"])
    found = _DATE.fullmatch(plain)
    if found is None:
        if re.fullmatch(r"\d{5}(?:\.\d+)?", plain):
            return _serial(float(plain))
        return _refused("不是能认出的日期（要有四位的年）")
    try:
        value = _moment(found)
    except ValueError:
        return _refused("没有这样的日期或时间")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d:\d\d)?", text):
        no_seconds = found["H"] is not None and found["S"] is None
        reasons.append("统一日期写法" + ("（原来没有秒，按 0 秒）" if no_seconds else ""))
    return _mended(value, reasons)


def _moment(found: re.Match[str]) -> dt.datetime:
    hour, half = int(found["H"] or 0), (found["half"] or found["half2"] or "").upper()
    if half and not 1 <= hour <= 12:
        raise ValueError("hour of a 12-hour clock")
    if half in ("下午", "PM") and hour < 12:
        hour += 12
    elif half in ("上午", "AM") and hour == 12:
        hour = 0
    month, day = found["m"] or found["m8"], found["d"] or found["d8"]
    return dt.datetime(
        int(found["y"]), int(month), int(day), hour, int(found["M"] or 0), int(found["S"] or 0)
    )


def _serial(number: float) -> Outcome:
    if number != number or not _SERIALS[0] <= number <= _SERIALS[-1]:
        return _refused("不是日期，也不是 1900–2100 年间的 Excel 日期序号")
    value = _SERIAL_ZERO + dt.timedelta(seconds=round(number * 86_400))
    return Outcome(value, MENDED, "Excel 日期序号改为日期")


def to_date(raw: Any) -> Outcome:
    """A day (midnight).

    >>> to_date("2025年1月5日").value
    datetime.datetime(2025, 1, 5, 0, 0)
    """
    outcome = to_time(raw)
    value = outcome.value
    if value is None or value.time() == dt.time():
        return outcome
    reasons = [outcome.reason] if outcome.reason else []
    return _mended(dt.datetime(value.year, value.month, value.day), [*reasons, "去掉钟点"])


def to_flag(raw: Any) -> Outcome:
    """Yes or no."""
    if isinstance(raw, bool):
        return Outcome(raw)
    if isinstance(raw, (int, float)) and raw in (0, 1):
        return Outcome(bool(raw))
    if not isinstance(raw, str):
        return _refused("应是“是”或“否”")
    prepared = _prepare(raw)
    if isinstance(prepared, Outcome):
        return prepared
    word = narrow(prepared[0]).lower()
    if word in ("是", "true", "yes", "y", "1", "1.0", "√"):
        return _mended(True, prepared[1])
    if word in ("否", "false", "no", "n", "0", "0.0", "×"):
        return _mended(False, prepared[1])
    return _refused("应是“是”或“否”")


def _number_text(raw: int | float) -> str:
    if raw == raw and abs(raw) < _TOO_LONG and raw == int(raw):
        return str(int(raw))
    return repr(raw)


def _date_text(raw: dt.date | dt.time | dt.timedelta) -> str:
    if isinstance(raw, dt.datetime):
        return raw.isoformat(" ", "seconds")
    return str(raw) if isinstance(raw, dt.timedelta) else raw.isoformat()


CONVERTERS: dict[str, Callable[[Any], Outcome]] = {
    "text": to_text,
    "person": to_person,
    "id": to_id,
    "mobile": to_mobile,
    "phone": to_phone,
    "money": to_money,
    "int": to_integer,
    "number": to_number,
    "time": to_time,
    "date": to_date,
    "bool": to_flag,
}
