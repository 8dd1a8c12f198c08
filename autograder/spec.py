"""How a judge describes its lab: items, points, reference answers, typical mistakes.

A ``judge.py`` makes one `LabSpec` and decorates one function per item that computes the expected
answer from the student's own data::

    lab = LabSpec("E3", "客户档案分析", world=world)

    @lab.item("E3-01", points=10, title="男性客户名单", need="…", public=Ids(ordered=True),
              compare=compare.id_order())
    def male(w): ...

    @male.mistake("并列时没有再按客户编号排", share=0.6)
    def male_ties(w): ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crmkit.lab.checks import Check, Operations
from crmkit.lab.shopfile import name_of

World = Any  # whatever the judge's `world(student)` returns


@dataclass(frozen=True)
class Verdict:
    """The share of an item's points (0…1), what was found, and what to look at next."""

    share: float
    found: str
    hint: str = ""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that is recognised: either by what it gives, or by a sign in the answer."""

    hint: str
    share: float
    answer: Callable[[World], Any] | None = None
    sign: Callable[[World, Any], bool] | None = None


@dataclass
class Item:
    """One automatically judged item."""

    id: str
    points: float
    title: str
    need: str
    public: Check
    expect: Callable[[World], Any]
    compare: Callable[[Any, Any], Verdict]
    core: bool = False
    calls: Callable[[World], list[tuple[Any, ...]]] | None = None
    log: Operations | None = None
    reads: Callable[[World, Any, Any], Any] | None = None
    rests_on: str = ""
    follow: Callable[[World, Any], Any] | None = None
    mistakes: list[Mistake] = field(default_factory=list)

    def mistake(self, hint: str, share: float = 0.0) -> Callable[[Any], Any]:
        """Decorate a function that computes a typical wrong answer."""

        def add(answer: Callable[[World], Any]) -> Callable[[World], Any]:
            self.mistakes.append(Mistake(hint, share, answer=answer))
            return answer

        return add

    def sign(self, hint: str, share: float = 0.0) -> Callable[[Any], Any]:
        """Decorate a predicate ``(world, answer) -> bool`` that recognises a typical mistake."""

        def add(sign: Callable[[World, Any], bool]) -> Callable[[World, Any], bool]:
            self.mistakes.append(Mistake(hint, share, sign=sign))
            return sign

        return add

    def follow_through(self, rests_on: str) -> Callable[[Any], Any]:
        """Decorate ``(world, earlier answer) -> expected``: judged on the student's own result."""

        def add(follow: Callable[[World, Any], Any]) -> Callable[[World, Any], Any]:
            self.rests_on, self.follow = rests_on, follow
            return follow

        return add


@dataclass(frozen=True)
class Level:
    """One level of a rubric."""

    points: float
    words: str


@dataclass(frozen=True)
class Manual:
    """One item that a teacher marks by hand, with its rubric."""

    id: str
    points: float
    title: str
    need: str
    rubric: tuple[Level, ...]
    core: bool = False


class LabSpec:
    """One lab as its judge knows it.

    Parameters
    ----------
    id, title : str
        As in the syllabus, e.g. "E3", "客户档案分析".
    world : callable
        ``world(student)`` → the student's own data (and whatever the reference answers need).
    notebook : str, optional
        File name of the notebook without ending; the lab's id when not given.
    workbook : str, optional
        The workbook a student may use instead of code, relative to the lab folder.
    shop : str, optional
        An operation lab works in this shop; what was done stands in ``out/<id>.crm``.
    exam : bool
        An examination: timed by the log of the shop file, and the answers stand in it too.
    """

    def __init__(
        self, id: str, title: str, *, world: Callable[[str], World],
        notebook: str = "", workbook: str = "", shop: str = "", exam: bool = False,
    ) -> None:  # fmt: skip
        self.shop, self.exam = shop, exam
        self.id, self.title, self.world = id, title, world
        self.notebook = notebook or id
        self.workbook = workbook or f"out/{id}.xlsx"
        self.items: list[Item | Manual] = []

    def item(
        self, id: str, *, points: float, title: str, need: str, public: Check,
        compare: Callable[[Any, Any], Verdict], core: bool = False,
        calls: Callable[[World], list[tuple[Any, ...]]] | None = None,
    ) -> Callable[[Callable[[World], Any]], Item]:  # fmt: skip
        """Decorate the function that computes an item's expected answer."""

        def add(expect: Callable[[World], Any]) -> Item:
            made = Item(id, points, title, need, public, expect, compare, core, calls)
            self._add(made)
            return made

        return add

    def operation(
        self, id: str, *, points: float, title: str, need: str, log: Operations,
        reads: Callable[[World, Any, Any], Any], compare: Callable[[Any, Any], Verdict],
        public: Check | None = None, core: bool = False,
    ) -> Callable[[Callable[[World], Any]], Item]:  # fmt: skip
        """An item that is done in the CRM; decorates what `reads` gives when all is right.

        Parameters
        ----------
        log
            Which lines of the operation log are about this item; without one it counts as missing.
        reads
            ``(world, work, value)`` → plain data to compare: what was done, from the view `work`
            (`autograder.operations.Work`). `value` is what `lab.answer` got, None without `public`.
        public
            Only where a value is handed in as well: its public check.
        """

        def add(expect: Callable[[World], Any]) -> Item:
            made = Item(
                id, points, title, need, public or log, expect, compare, core, log=log, reads=reads
            )
            self._add(made)
            return made

        return add

    def manual(
        self, id: str, *, points: float, title: str, need: str, rubric: tuple[Level, ...],
        core: bool = False,
    ) -> None:  # fmt: skip
        """Add an item that a teacher marks by hand."""
        if max(level.points for level in rubric) != points:
            raise ValueError(f"{id}: the best level of the rubric must give all {points} points")
        self._add(Manual(id, points, title, need, rubric, core))

    def _add(self, item: Item | Manual) -> None:
        if any(i.id == item.id for i in self.items):
            raise ValueError(f"{item.id} is there twice")
        self.items.append(item)

    @property
    def automatic(self) -> list[Item]:
        return [i for i in self.items if isinstance(i, Item)]

    @property
    def points(self) -> float:
        return sum(i.points for i in self.items)

    @property
    def shop_file(self) -> str:
        """Where the shop file of an operation lab stands, relative to the lab folder."""
        return name_of(self.id)

    def manifest(self) -> dict[str, Any]:
        """What the student's side may know: items, points, public checks."""
        return {
            "id": self.id,
            "title": self.title,
            "workbook": self.workbook,
            **({"shop": self.shop} if self.shop else {}),
            **({"exam": True} if self.exam else {}),
            "items": [
                {
                    "id": i.id, "title": i.title, "points": i.points, "core": i.core,
                    "check": i.public.to_json() if isinstance(i, Item) else None,
                }
                for i in self.items
            ],
        }  # fmt: skip
