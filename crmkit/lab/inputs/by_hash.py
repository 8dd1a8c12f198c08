"""Numbers and cards drawn for a student by hash: the same on every machine, no random generator."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crmkit import shops

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Draw:
    """What one student gets in one lab or chapter."""

    student: str
    lab: str

    def unit(self, *what: object) -> float:
        """A number in [0, 1) that depends on nothing but the student, the lab and what it is for."""
        text = "|".join((self.student, self.lab, *map(str, what)))
        return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:6], "big") / 2**48

    def step(self, what: object, low: int, high: int, by: int = 1) -> int:
        """A whole number of ``low, low + by, … high``."""
        return low + by * int(self.unit(what) * ((high - low) // by + 1))

    def pick(self, what: object, options: Sequence[str]) -> str:
        """One of the options."""
        return options[int(self.unit(what) * len(options))]

    def cards(self, size: int, n: int, letter: str, salt: str) -> dict[str, int]:
        """`n` places of a pool of `size`: number on the sheet (letter and two digits) → place."""
        places = shops.draw([f"{i:03d}" for i in range(size)], n, self.student, self.lab, salt)
        return {f"{letter}{k:02d}": int(i) for k, i in enumerate(places, start=1)}

    def lettered(self, pool: Mapping[str, Sequence[str]], salt: str) -> dict[str, tuple[str, str]]:
        """One wording of every topic, shuffled: letter → (topic, wording)."""
        topics = shops.draw(sorted(pool), len(pool), self.student, self.lab, salt)
        return {
            LETTERS[k]: (topic, self.pick((salt, topic), pool[topic]))
            for k, topic in enumerate(topics)
        }


def csv(rows: pd.DataFrame | Sequence[tuple[object, ...]], path: Path, *columns: str) -> None:
    """Write a small table as students get it (UTF-8 with a mark, so that Excel reads it)."""
    frame = (
        rows
        if isinstance(rows, pd.DataFrame)
        else pd.DataFrame(rows, columns=[*columns], dtype=object)
    )
    frame.to_csv(path, index=False, encoding="utf-8-sig")
