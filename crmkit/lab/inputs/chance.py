"""Numbers and draws that depend on the student and nothing else: by hash, the same everywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from crmkit import shops

T = TypeVar("T")


def unit(student: str, lab: str, *what: object) -> float:
    """A number in [0, 1) that depends on nothing but the student, the lab and what it is for."""
    text = "|".join((student, lab, *map(str, what)))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:6], "big") / 2**48


def step(student: str, lab: str, what: str, low: int, high: int, by: int = 1) -> int:
    """A whole number of ``low, low + by, … high``."""
    return low + by * int(unit(student, lab, what) * ((high - low) // by + 1))


def pick(student: str, lab: str, what: str, options: Sequence[T]) -> T:
    """One of the options."""
    return options[int(unit(student, lab, what) * len(options))]


def places(student: str, lab: str, salt: str, size: int, n: int) -> list[int]:
    """`n` different places of a list of `size`, in hash order."""
    drawn = shops.draw([f"{i:03d}" for i in range(size)], n, student, lab, salt)
    return [int(i) for i in drawn]


def numbered(student: str, lab: str, salt: str, size: int, n: int, letter: str) -> dict[str, int]:
    """Number on the sheet (``letter`` and two figures) → place in the pool."""
    found = places(student, lab, salt, size, n)
    return {f"{letter}{k:02d}": i for k, i in enumerate(found, start=1)}
