"""A lab as the student's side knows it: items, points and public checks, no answers.

The builder writes one JSON file per lab to ``crmkit/content/items/`` from the lab's judge.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crmkit.errors import KitError
from crmkit.lab import checks

FOLDER = Path(__file__).parents[1] / "content" / "items"


@dataclass(frozen=True)
class ItemInfo:
    """One graded item; `check` is None for items that a teacher grades by hand."""

    id: str
    title: str
    points: float
    core: bool
    check: checks.Check | None

    @property
    def manual(self) -> bool:
        return self.check is None


@dataclass(frozen=True)
class Manifest:
    """One lab (or a chapter's exercises)."""

    id: str
    title: str
    workbook: str
    items: tuple[ItemInfo, ...]
    shop: str = ""  # operation labs: the shop one works in
    exam: bool = False  # timed by the log of that shop, answers in it

    @property
    def points(self) -> float:
        return sum(i.points for i in self.items)

    def item(self, item_id: str) -> ItemInfo:
        for i in self.items:
            if i.id == item_id:
                return i
        raise KitError(
            f"没有「{item_id}」这一题；本实验的题号是 {'、'.join(i.id for i in self.items)}"
        )


@cache
def load(lab: str) -> Manifest:
    """Read the manifest of a lab.

    Raises
    ------
    KitError
        There is no such lab.
    """
    path = FOLDER / f"{lab}.json"
    if not path.is_file():
        known = "、".join(sorted(p.stem for p in FOLDER.glob("*.json")))
        raise KitError(f"没有实验「{lab}」；现有：{known}")
    data = json.loads(path.read_text(encoding="utf-8"))
    items = tuple(
        ItemInfo(
            i["id"], i["title"], i["points"], i["core"],
            checks.from_json(i["check"]) if i["check"] else None,
        )
        for i in data["items"]
    )  # fmt: skip
    return Manifest(
        data["id"], data["title"], data["workbook"], items, data.get("shop", ""),
        bool(data.get("exam")),
    )  # fmt: skip
