"""Inputs of lab E1: one paper card and a raw list with doubled and invalid rows."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops

ROWS = 80
NUMBER = "序号"


@dataclass(frozen=True)
class Data:
    """What one student works on: the card (one dict) and 80 raw rows, all text."""

    card: dict[str, str]
    rows: pd.DataFrame


@cache
def _pool(root: Path) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    rows = pd.read_csv(
        root / "excel" / "new_customers.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig"
    )
    cards: list[dict[str, str]] = json.loads(
        (root / "excel" / "cards.json").read_text(encoding="utf-8")
    )
    return rows, cards


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """80 rows: 3 to 7 repeat a mobile further up, 3 to 6 cannot be right, the others are sound."""
    pool, cards = _pool(shops.root())
    doubled, invalid = 3 + _number(student, "doubled") % 5, 3 + _number(student, "invalid") % 4
    clean = ROWS - doubled - invalid
    places = [str(i) for i in range(len(pool))]
    chosen = shops.draw(places, clean + invalid, student, "E1")
    rows = [dict(pool.iloc[int(i)]) for i in chosen]
    for k in range(invalid):  # the rows to spoil stand anywhere in the list
        spoil(rows[clean + k], k, _number(student, f"spoil{k}"))
    order = shops.draw([str(i) for i in range(len(rows))], len(rows), student, "E1", salt="order")
    spoilt = {clean + k for k in range(invalid)}
    sound = [i for i in map(int, order) if i not in spoilt]
    listed = [rows[int(i)] for i in order]
    for k, i in enumerate(sound[:doubled]):  # a copy stands somewhere below its original
        at = next(j for j, row in enumerate(listed) if row is rows[i])
        below = len(listed) - at
        listed.insert(at + 1 + _number(student, f"copy{k}") % below, _again(rows[i]))
    frame = pd.DataFrame(listed)
    frame.insert(0, NUMBER, [str(i + 1) for i in range(len(frame))])
    card = cards[_number(student, "card") % len(cards)]
    return Data(card, frame)


def spoil(row: dict[str, str], kind: int, number: int) -> None:
    """Make one raw row impossible: a mobile, a birthday in the future, or no nickname."""
    if kind % 3 == 0:
        mobile = row["手机"]
        row["手机"] = mobile[:-1] if number % 2 else mobile[:3] + "O" + mobile[4:]
    elif kind % 3 == 1:
        later = shops.as_of() + dt.timedelta(days=1 + number % 200)
        row["生日"] = later.isoformat()
    else:
        row["昵称"] = ""


def _again(row: dict[str, str]) -> dict[str, str]:
    """The same customer entered a second time: the mobile is the same, the nickname need not be."""
    return {**row, "昵称": f"{row['昵称']}2"}


def _number(student: str, what: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{student}|E1|{what}".encode()).digest()[:4], "big")


def _rows(path: Path, student: str) -> None:
    data(student).rows.to_csv(path, index=False, encoding="utf-8-sig")


def _card(path: Path, student: str) -> None:
    text = json.dumps(data(student).card, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


FILES = {"new_customers.csv": _rows, "card.json": _card}
