"""Student ids and names as cells hold them, made clean; or the reason why they cannot be."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

# The id becomes the name of a folder: letters of any script, digits and a few marks.
_ID = re.compile(r"[\w\-@()][\w \-.@()]{0,79}")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # names Windows cannot create
_CJK = "\u3400-\u9fff"
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_FOOTER = re.compile("合计|总计|小计|共|人数|制表|打印|审核|教师|任课|日期|备注|签名|说明|注")
_LOST = "后几位已经丢失，请把这一列设为文本后重填"


def text_of(value: Any) -> str:
    """A cell as text without invisible characters; whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _INVISIBLE.sub("", str(value)).strip()


def is_student_id(text: str) -> bool:
    """Whether a text may stand as a student id and so as the name of a folder.

    >>> is_student_id("2025010101"), is_student_id("王芳 (重修)"), is_student_id("../x")
    (True, True, False)
    """
    good = _ID.fullmatch(text) and not _RESERVED.fullmatch(text)
    return bool(good) and text == text.strip() and not text.endswith(".")


def clean_id(value: Any) -> tuple[str, str]:
    """A student id as text, and what was mended; ("", reason) when it cannot be one.

    >>> clean_id(2025010101.0), clean_id("２０２５０１０１０１ ")
    (('2025010101', ''), ('2025010101', '全角字符改为半角'))
    """
    if isinstance(value, (bool, dt.date, dt.time, dt.timedelta)):
        return "", "学号变成了日期或逻辑值，请把这一列设为文本后重填"
    if isinstance(value, (int, float)):
        return _numeric_id(value)
    text = text_of(value)
    how = []
    half = unicodedata.normalize("NFKC", text)
    if half != text:
        how.append("全角字符改为半角")
    bare = half.removeprefix('="').removesuffix('"').lstrip("'`‘’").strip()
    if re.fullmatch(r"\d(\.\d+)?[eE]\+\d+|\d\.\d+[eE]\d+", bare):
        return "", f"学号变成了科学计数法，{_LOST}"
    whole = re.sub(r"(?<=\d)\.0+$", "", bare)
    if re.fullmatch(r"[\d\s]+", whole) and re.search(r"\s", whole):
        whole = re.sub(r"\s", "", whole)
    if whole != half:
        how.append("去掉多余的字符")
    if re.fullmatch(r"\d{4}[-.]\d{1,2}[-.]\d{1,2}", whole):
        return "", "像日期，不像学号"
    if not is_student_id(whole):
        return "", "不像学号：只能有字母、数字、空格和 _-.@()，最多 80 个字"
    if not re.search(r"[A-Za-z0-9]", whole):
        return "", "不像学号：没有数字也没有字母"
    return whole, "，".join(how)


def _numeric_id(value: int | float) -> tuple[str, str]:
    if value < 0 or not float(value).is_integer():
        return "", "不像学号"
    if value >= 10**15:
        return "", f"学号超过 15 位又存成了数字，{_LOST}"
    return str(int(value)), ""


def clean_name(value: Any) -> tuple[str, str]:
    """A name, and what was mended.

    >>> clean_name("张　三（班长）")
    ('张三', '去掉「(班长)」')
    """
    text = unicodedata.normalize("NFKC", text_of(value)).replace("•", "·").replace("・", "·")
    text = re.sub(rf"(?<=[{_CJK}])\s+(?=[{_CJK}])", "", re.sub(r"\s+", " ", text))
    bare = re.sub(rf"(?<=[{_CJK}])\s*[(\[].*$", "", text).rstrip("*# ")
    return bare, f"去掉「{text[len(bare) :].strip()}」" if bare != text else ""


def is_person(name: str) -> bool:
    """A name, not a word of the footer (合计, 制表人 …)."""
    return bool(re.fullmatch(rf"[{_CJK}A-Za-z·. ]{{2,40}}", name)) and not is_footer(name)


def is_footer(text: str) -> bool:
    """A word that stands below a list: 合计, 人数, 制表人 …

    >>> is_footer("合  计"), is_footer("2025010101")
    (True, False)
    """
    return bool(_FOOTER.match(re.sub(r"\s", "", text)))
