"""Broken hand-ins and what they deserve: one table for every test that grades.

Each case writes a folder as it may come in, and says the exact mark of the automatic items (or the
words of the reason why it cannot be graded) and words that have to stand in its mends.
"""

from __future__ import annotations

from tests.autograder import broken_cells, broken_folders, broken_notebooks
from tests.autograder.broken_materials import (
    CASES,
    STUDENT,
    Broken,
    blank,
    convert,
    new,
    save,
    take_out,
    worked,
)

__all__ = [
    "CASES",
    "STUDENT",
    "Broken",
    "blank",
    "broken_cells",
    "broken_folders",
    "broken_notebooks",
    "convert",
    "new",
    "save",
    "take_out",
    "worked",
]
