"""Text tables: find the encoding and the separator, split into rows as a spreadsheet would."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from crmkit.workbook.errors import refusal
from crmkit.workbook.formats import Source
from crmkit.workbook.limits import MAX_CELLS

_SEPARATORS = {",": "逗号", ";": "分号", "\t": "制表符"}
_SAMPLE_ROWS = 30


@dataclass(frozen=True)
class Delimited:
    """Rows of a text table, and how it was written."""

    rows: list[list[str]]
    encoding: str
    separator: str
    open_quote: bool  # a quotation mark was never closed

    @property
    def separator_name(self) -> str:
        return _SEPARATORS[self.separator]


def read_delimited(source: Source) -> Delimited:
    """Rows of a .csv or of text that calls itself .xls.

    Raises
    ------
    WorkbookError
        The encoding is unknown, or quotation marks swallow the file.
    """
    text, encoding = decode(source)
    separator = ""
    first, _, rest = text.partition("\n")
    if first.strip().lower() in ("sep=,", "sep=;", "sep=\\t", "sep=\t"):
        # Excel's own hint line; Excel does not show it as a row either
        separator, text = {",": ",", ";": ";"}.get(first.strip()[4:5], "\t"), rest
    separator = separator or _sniff(text)
    rows: list[list[str]] = []
    cells = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            rows.append(row)
            cells += len(row)
            if cells > MAX_CELLS:
                raise refusal(
                    source.name,
                    f"太大（超过 {MAX_CELLS:,} 格）",
                    "请按时间段分成几个文件再导出",
                )
    except csv.Error as error:
        raise refusal(
            source.name,
            f"第 {len(rows) + 1} 行读不下去（多半有一个没有配对的引号）",
            "请在 Excel 或 WPS 里打开，删去多余的引号后再存",
        ) from error
    return Delimited(rows, encoding, separator, text.count('"') % 2 == 1)


def decode(source: Source) -> tuple[str, str]:
    """Text and the name of its encoding: UTF-16 and UTF-8 by their mark, then UTF-8, GB18030.

    GB18030 contains GBK and GB2312, which Excel and WPS write on a Chinese Windows.
    """
    data = source.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        attempts = ["utf-16"]
    elif data.startswith(b"\xef\xbb\xbf"):
        attempts = ["utf-8-sig"]
    else:
        attempts = ["utf-8", "gb18030"]
    for encoding in attempts:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise refusal(
        source.name,
        "的文字编码认不出来（不是 UTF-8，也不是 GBK）",
        "请用 Excel 或 WPS 打开，另存为 .xlsx，或另存为“CSV UTF-8（逗号分隔）”",
    )


def _sniff(text: str) -> str:
    """The separator that splits the first rows into most cells, most evenly."""
    sample = text[:65536]
    best, best_score = ",", (0, 0)
    for separator in _SEPARATORS:
        widths: list[int] = []
        try:
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
                if any(row):
                    widths.append(len(row))
                if len(widths) == _SAMPLE_ROWS:
                    break
        except csv.Error:
            pass  # what was read so far decides; the full read reports the error
        split = [w for w in widths if w > 1]
        if not split:
            continue
        usual = max(set(split), key=lambda w: (split.count(w), w))
        score = (split.count(usual), usual)
        if score > best_score:
            best, best_score = separator, score
    return best
