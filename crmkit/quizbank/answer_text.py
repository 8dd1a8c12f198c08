"""Makes typed answers comparable: widths, spaces, separators, near-synonyms, numbers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from crmkit.quizbank.question import Blank

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
_QUOTES = re.compile(r"[\"'“”‘’「」『』《》〈〉【】()\[\]]")
_EDGE = re.compile(r"^[。.,:;!?、~·\-—…]+|[。.,:;!?、~·\-—…]+$")
_SPLIT = re.compile(r"[、,;/|\\\n\t。+]+|(?<![a-z])\s+|\s+(?![a-z])")
_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?P<digits>\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)"
    r"(?P<scale>万|千|亿)?(?P<percent>%)?"
    r"(?:元|圆|人民币|人|位|次|年|个|件|分|倍|岁|个百分点)?"
)
_SCALES = {None: 1.0, "千": 1e3, "万": 1e4, "亿": 1e8}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold()


def canonical(text: str) -> str:
    """The form in which two answers are compared; idempotent.

    >>> canonical(" 顾客 满意度。") == canonical("客户满意度")
    True
    >>> canonical("ＲＦＭ模型")
    'rfm模型'
    """
    before = None
    while before != text:  # taking a space or mark away may join what folds further
        before = text
        text = _EDGE.sub("", _QUOTES.sub("", "".join(_folded(text).split())))
    return text.replace("顾客", "客户")


def split(text: str) -> list[str]:
    """The items of an enumeration, canonical, whatever separates them.

    >>> split("价值资产、品牌资产；关系资产")
    ['价值资产', '品牌资产', '关系资产']
    """
    return [c for c in map(canonical, _SPLIT.split(_folded(text).strip())) if c]


@dataclass(frozen=True)
class Typed:
    """A number as typed; `percent` tells whether a percent sign stood behind it."""

    value: float
    percent: bool


def number(text: str) -> Typed | None:
    """Read a typed number, or None if it is not one.

    >>> number("￥９,２１０.08 元").value
    9210.08
    >>> number("26％")
    Typed(value=26.0, percent=True)
    """
    plain = _folded(text).replace("−", "-").replace("–", "-")
    plain = re.sub(r"^(?:约|≈|=|:)+", "", re.sub(r"[\s¥￥]", "", plain)).rstrip("。.")
    found = _NUMBER.fullmatch(plain)
    if found is None:
        return None
    value = float(found["digits"].replace(",", "")) * _SCALES[found["scale"]]
    return Typed(-value if found["sign"] == "-" else value, found["percent"] is not None)


def agrees(text: str, expected: float, tolerance: float, unit: str = "") -> bool:
    """Whether a typed number is the expected one.

    With unit ``%`` the expected value is in percent points, and 26, 26% and 0.26 all stand for
    26; with another unit 26% stands for 0.26.
    """
    typed = number(text)
    if typed is None:
        return False
    readings = [typed.value]
    if unit == "%":
        if not typed.percent and abs(typed.value) <= 1:
            readings.append(typed.value * 100)
    elif typed.percent:
        readings = [typed.value / 100]
    # A hair more than the tolerance, so that a value on its edge is not lost to binary fractions.
    return any(abs(r - expected) <= tolerance * (1 + 1e-9) + 1e-9 for r in readings)


def fits(blank: Blank, text: str) -> bool:
    """Whether a text is right in this gap."""
    if blank.number is not None:
        return agrees(text, blank.number, blank.tolerance, blank.unit)
    return canonical(text) in {canonical(a) for a in blank.accept}
