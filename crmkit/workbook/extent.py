"""How far the cells of a sheet reach, where they are written as every program writes them.

A regular expression over two hundred thousand rows takes longer than the rest of looking into a
workbook; here the addresses are read as numbers, a block of the sheet at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
_BLOCK = 1 << 22  # bytes
_REACH = 16  # bytes that belong to a cell's start: <c r="ABC1234567"
_CELL = np.frombuffer(b'<c r="', np.uint8)
_NO_NAME = np.frombuffer(b"/>\t\n\x0b\f\r", np.uint8)  # what may follow <c besides a space


class Extent(NamedTuple):
    """How many cells there are, where they end, and with which letters tags begin."""

    cells: int
    row: int
    column: int
    initials: str


def extent(part: bytes) -> Extent | None:
    """The extent of a sheet; None where a cell does not start like ``<c r="B2"``.

    Only for parts without namespace prefixes.

    >>> extent(b'<cols/><row r="2"><c r="B2"><v>1</v></c><c r="AA1"/></row>')
    Extent(cells=2, row=2, column=27, initials='/crv')
    >>> extent(b'<row><c><v>1</v></c></row>') is None
    True
    """
    cells = last_row = last_column = 0
    initials = np.zeros(256, bool)
    for start in range(0, len(part), _BLOCK):
        text = part[start : start + _BLOCK + _REACH].ljust(_BLOCK + _REACH, b"\0")
        block = np.frombuffer(text, np.uint8)
        tags = np.flatnonzero(block[:_BLOCK] == _CELL[0])
        after = block[tags + 1]
        initials[after] = True
        tags = tags[after == _CELL[1]]
        after = block[tags + 2]
        tags = tags[after == _CELL[2]]
        found = None if np.isin(after, _NO_NAME).any() else _furthest(block, tags)
        if found is None:
            return None
        cells += len(tags)
        last_row, last_column = max(last_row, found[0]), max(last_column, found[1])
    return Extent(cells, last_row, last_column, "".join(map(chr, np.flatnonzero(initials))))


def _furthest(block: Bytes, tags: NDArray[np.int64]) -> tuple[int, int] | None:
    """Largest row and column of the cells that start at `tags`, None if one has no plain address."""
    for place in range(3, len(_CELL)):
        if (block[tags + place] != _CELL[place]).any():
            return None
    rows, columns = np.zeros(len(tags), np.int64), np.zeros(len(tags), np.int64)
    going = np.ones(len(tags), bool)
    for place in range(len(_CELL), _REACH + 1):
        found = block[tags + place].astype(np.int64)
        letter = going & (found >= 65) & (found <= 90) & (rows == 0)
        digit = going & (found >= 48) & (found <= 57) & (columns > 0) & (rows + found > 48)
        columns = np.where(letter, columns * 26 + found - 64, columns)
        rows = np.where(digit, rows * 10 + found - 48, rows)
        if (going & ~letter & ~digit & ((found != 34) | (rows == 0))).any():
            return None
        going = letter | digit
        if not going.any():
            return int(rows.max(initial=0)), int(columns.max(initial=0))
    return None
