"""Rows that a workbook hides: filtered away or hidden by hand. The fast reader does not tell."""

from __future__ import annotations

import io
import re
import zipfile

from crmkit.workbook.formats import Source
from crmkit.workbook.package import sheet_paths

_ROW = re.compile(rb"<(?:[\w.-]+:)?row\s([^<>]*)>")
_HIDDEN = re.compile(rb"""(?:^|\s)hidden\s*=\s*["'](?:1|true)["']""")
_NUMBER = re.compile(rb"""(?:^|\s)r\s*=\s*["'](\d{1,7})["']""")


def hidden_rows(source: Source) -> dict[str, frozenset[int]]:
    """Sheet name → numbers of its hidden rows. Only for packages that were read before."""
    if source.kind != "xlsx":
        return {}
    found = {}
    with zipfile.ZipFile(io.BytesIO(source.data)) as package:
        for sheet, path in sheet_paths(source).items():
            if path not in package.namelist():
                continue
            rows = (m[1] for m in _ROW.finditer(package.read(path)))
            hidden = (_NUMBER.search(row) for row in rows if _HIDDEN.search(row))
            found[sheet] = frozenset(int(number[1]) for number in hidden if number)
    return found
