"""Clean the text of one cell, keeping what it says.

Free text keeps its full-width punctuation (platforms write 买家已付款，等待卖家发货); numbers,
dates, ids and names to be matched are compared after `match_key` or NFKC.
"""

from __future__ import annotations

import re
import unicodedata

# What a program may take as the start of a formula, as typed or with a Chinese input method.
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"

_SHELL = re.compile(r'=\s*"((?:[^"]|"")*)"', re.DOTALL)
_ESCAPED_RETURN = re.compile(r"_x000[dD]_")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_INVISIBLE = re.compile(r"[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# U+200D joins emoji (👨‍👩‍👧); anywhere else it is a stray.
_STRAY_JOINER = re.compile(r"(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d")
_FULLWIDTH = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+")
# The mark that keeps a cell text: before digits, a formula, 'null', or alone in an empty cell.
_APOSTROPHE = re.compile(rf"'(?='*[{re.escape(FORMULA_STARTS)}]|\d|null$|$)")
_PICTURE = re.compile(r"=\s*(?:_xlfn\.)?DISPIMG\s*\(", re.IGNORECASE)
_ONLY_DASHES = re.compile(r"[-－]+")
_PLAIN = re.compile(r"[!-&(-~](?:[ -~]*[!-~])?")

_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def clean_text(raw: str) -> tuple[str, list[str]]:
    """The text without what spreadsheets and platforms add, and the reasons for each change.

    >>> clean_text('="123456789012345678"')
    ('123456789012345678', ['去掉公式外壳 ="…"'])
    >>> clean_text("'13800000000")
    ('13800000000', ['去掉开头的撇号'])
    """
    if _PLAIN.fullmatch(raw) and not raw.startswith("=") and "_x000" not in raw:
        return raw, []
    reasons: list[str] = []
    text = raw

    def change(new: str, reason: str) -> None:
        nonlocal text
        if new != text:
            text = new
            reasons.append(reason)

    change(_ESCAPED_RETURN.sub("", text).replace("\r\n", "\n").replace("\r", "\n"), "统一换行符")
    change(_CONTROL.sub("", text), "去掉控制字符")
    change(_STRAY_JOINER.sub("", _INVISIBLE.sub("", text)), "去掉看不见的字符")
    change(_SPACES.sub(" ", text), "全角或特殊空格改为普通空格")
    change(text.strip(), "去掉首尾空格")
    shell = _SHELL.fullmatch(text)
    if shell:
        change(shell[1].replace('""', '"').strip(), '去掉公式外壳 ="…"')
    if _APOSTROPHE.match(text):
        change(text[1:].strip(), "去掉开头的撇号")
    change(_FULLWIDTH.sub(lambda m: m[0].translate(_NARROW), text), "全角字母数字改为半角")
    return text, reasons


def guard_formula(text: str) -> str:
    """Put an apostrophe before text that a program could take as a formula.

    A text cell is safe when a workbook is opened, but not when it is edited (F2, Enter), copied
    by pandas or saved as CSV and opened again; the apostrophe survives all of these. Excel and
    LibreOffice show it; `unguard_formula` takes it off again.

    >>> guard_formula("=1+1"), unguard_formula("'=1+1")
    ("'=1+1", '=1+1')
    """
    head = text.lstrip("'")
    if not head or head[0] not in FORMULA_STARTS or _ONLY_DASHES.fullmatch(text):
        return text
    return "'" + text


def unguard_formula(text: str) -> str:
    """The text that `guard_formula` was given."""
    head = text.lstrip("'")
    if text.startswith("'") and head and head[0] in FORMULA_STARTS:
        return text[1:]
    return text


def is_picture(text: str) -> bool:
    """Whether the cell holds a WPS cell picture, ``=DISPIMG("ID_…",1)``."""
    return _PICTURE.match(text) is not None


def drop_control_characters(text: str) -> str:
    """The text that fits into a workbook: no control characters, line breaks as ``\\n``."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def narrow(text: str) -> str:
    """NFKC, and the minus and dash variants as ``-``: for numbers, dates and ids."""
    return unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u2013", "-")


def match_key(text: object) -> str:
    """What two spellings of a header or state have in common.

    >>> match_key(" 店铺ID　") == match_key("店铺Id"), match_key("金额（元）")
    (True, '金额')
    """
    key = re.sub(r"\s+", "", narrow(clean_text(str(text))[0])).lower().replace("帐", "账")
    return re.sub(r"\((?:元|人民币|件|%)\)$", "", key)
