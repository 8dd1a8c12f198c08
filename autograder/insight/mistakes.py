"""Most frequent mistakes of a class, as the judge recognised them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LOST = ("partly", "wrong", "error")


@dataclass(frozen=True)
class Mistake:
    """One hint that several students got.

    Attributes
    ----------
    recognised : bool
        The judge knows this mistake by name; else it is a comparer's general hint.
    share : float
        Of the students who answered the item.
    """

    item: str
    title: str
    hint: str
    recognised: bool
    students: tuple[str, ...]
    share: float


def frequent(
    records: Iterable[Mapping[str, Any]], known: Mapping[str, Collection[str]] | None = None
) -> list[Mistake]:
    """Hints of one lab, the most frequent first; recognised mistakes before general hints.

    Parameters
    ----------
    records : iterable of mapping
        Records of graded submissions; others are left out.
    known : mapping of str to collection of str, optional
        Item → the hints of the mistakes that its judge recognises.
    """
    known = known or {}
    made: dict[tuple[str, str], list[str]] = {}
    titles: dict[str, str] = {}
    answered: dict[str, int] = {}
    for record in records:
        if record.get("status") != "graded":
            continue
        for item in record.get("items", ()):
            if item.get("mode") != "auto":
                continue
            titles.setdefault(item["id"], item["title"])
            answered[item["id"]] = answered.get(item["id"], 0) + (item["status"] != "missing")
            if item["status"] in LOST and item.get("hint"):
                made.setdefault((item["id"], item["hint"]), []).append(record["student"])
    found = [
        Mistake(i, titles[i], hint, hint in known.get(i, ()), tuple(sorted(who)), len(who) / answered[i])
        for (i, hint), who in made.items()
    ]  # fmt: skip
    return sorted(found, key=lambda m: (-len(m.students), not m.recognised, m.item, m.hint))


def known_hints(spec: Any) -> dict[str, set[str]]:
    """Item → hints of the mistakes that a lab's judge recognises (`spec` is a `LabSpec`)."""
    return {item.id: {m.hint for m in item.mistakes} for item in spec.automatic}
