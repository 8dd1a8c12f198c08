"""What stands in each cell of the lab, from all the cells that a student has for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograder.intake import names
from autograder.intake.cells import Cell
from autograder.intake.matching import Match, is_blank
from autograder.intake.refusal import Mends, listed
from autograder.intake.released import Part, Release, Role

_FLAGS = ("grade", "solution", "locked", "task", "points")


@dataclass
class Entry:
    """One cell of the notebook that is graded."""

    kind: str
    source: str
    part: Part | None = None
    number: int = 0  # place in the student's notebook; 0: put back
    blank: bool = False  # a cell for the student's work with nothing worked in it
    own: bool = False  # the student's text
    before: list[Entry] = field(default_factory=list)  # to run directly before it


@dataclass
class Gathered:
    """Entries of the lab's cells by index, their places, and the student's own cells by place."""

    parts: dict[int, Entry] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    own: dict[int, Entry] = field(default_factory=dict)


@dataclass
class _Told:
    """Keys of cells by what was mended, so that one sentence tells of all of them."""

    doubled: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    converted: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    several: list[str] = field(default_factory=list)
    given: int = 0  # of the lab's own code that was converted

    def say(self, mends: Mends) -> None:
        for keys, words in (
            (self.deleted, "的单元格被删去，已按发下去的样子补回"),
            (self.emptied, "的作答单元格被删去，已补回空的"),
            (self.edited, "是锁定的单元格，内容被改动，已恢复"),
            (self.kept, "里多写的代码留下了，在它前面运行"),
            (self.doubled, "的单元格有重复的，只用一个"),
            (self.several, "的作答单元格有几个，按原来的先后都运行，最后一个算数"),
            (self.converted, "的单元格类型被改（代码、Markdown 或原始文本），已改回"),
            (self.marks, "的评分标记（分值、锁定等）被改或丢失，已恢复"),
        ):
            if keys:
                shown = listed(keys)
                mends.add(shown + ("" if shown.endswith("个") else " ") + words)
        if self.given:
            mends.add(f"讲义里有 {self.given} 个代码单元格的类型被改，已改回代码")


def gather(found: Match, release: Release) -> Gathered:
    """Decide what each of the lab's cells holds; the rest stays the student's own."""
    out, told = Gathered(), _Told()
    for part in release.parts:
        cells, places = found.of(part), found.places(part)
        if not cells:
            if part.locked or part.role is Role.WORK or part.role is Role.WRITTEN:
                (told.deleted if part.locked else told.emptied).append(part.key)
                out.parts[part.index] = _as_released(part)
            continue
        if part.graded:
            _tell_form(part, cells, told)
        if part.locked:
            entry = _locked(part, cells, told)
        elif part.role is Role.WORK:
            entry = _work(part, cells, told)
        elif part.role is Role.WRITTEN:
            entry = _written(part, cells)
        else:
            kept = _unlocked(part, cells)
            for n, cell in zip(places, cells, strict=True):
                if cell is not kept:
                    out.own[n] = _own(cell)
            if kept is None:
                continue
            told.given += part.role is Role.GIVEN and kept.kind != part.kind
            entry = _entry(part, kept)
            places = [n for n, c in zip(places, cells, strict=True) if c is kept]
        out.parts[part.index] = entry
        out.places[part.index] = next(
            (n for n in places if found.cells[n].number == entry.number), places[0]
        )
    for n, cell in enumerate(found.cells):
        if found.part_of[n] is None and cell.source.strip() and not _rest_of_locked(found, n):
            out.own[n] = _own(cell)
    _put_back_given(out, release, found.mends)
    told.say(found.mends)
    return out


def _as_released(part: Part, number: int = 0) -> Entry:
    blank = part.role is Role.WORK
    return Entry(part.kind, part.source, part, number, blank=blank)


def _own(cell: Cell) -> Entry:
    return Entry(cell.kind, cell.source, None, cell.number, own=True)


def _locked(part: Part, cells: list[Cell], told: _Told) -> Entry:
    entry = _as_released(part, cells[0].number)
    wrong = [c for c in cells if not _reads_as(part, c)]
    if len(cells) - len(wrong) > 1 or (wrong and len(wrong) < len(cells)):
        told.doubled.append(part.key)
    elif wrong and not _split(part, cells):
        told.edited.append(part.key)
    elif wrong:
        told.doubled.append(part.key)
    for cell in wrong:
        if _has_more(part, cell) and all(cell.source != e.source for e in entry.before):
            entry.before.append(_own(cell))
    if entry.before:
        told.kept.append(part.key)
    return entry


def _reads_as(part: Part, cell: Cell) -> bool:
    return names.same_code(cell.source, part.source)


def _split(part: Part, cells: list[Cell]) -> bool:
    """Whether these are pieces of one locked cell."""
    return len(cells) > 1 and names.bare("".join(c.source for c in cells)) == names.bare(
        part.source
    )


def _has_more(part: Part, cell: Cell) -> bool:
    """Whether a changed locked cell holds code that is not a form of the locked code itself."""
    text = names.bare(cell.source)
    if cell.kind != "code" or not text or text in names.bare(part.source):
        return False
    found, released = names.statements(cell.source), names.statements(part.source)
    if found is None or released is None:
        return True
    handing_in = (
        "Expr(value=Call(func=Attribute(value=Name(id='lab'",
        "Assign(targets=[Name(id='lab'",
    )
    idle = ("Pass(", "Expr(value=Constant(", "Import(", "ImportFrom(")
    rest = [s for s in found if s not in released and not s.startswith((*handing_in, *idle[:2]))]
    return bool(rest)


def _rest_of_locked(found: Match, n: int) -> bool:
    """Whether this cell is the rest of a locked cell that was split just before it."""
    before = found.part_of[n - 1] if n else None
    if before is None or not before.locked:
        return False
    whole = names.bare(found.cells[n - 1].source + found.cells[n].source)
    return whole == names.bare(before.source)


def _work(part: Part, cells: list[Cell], told: _Told) -> Entry:
    worked: list[Cell] = []
    for cell in cells:
        if not is_blank(part, cell) and all(cell.source != w.source for w in worked):
            worked.append(cell)
    if not worked:
        if len(cells) > 1:
            told.doubled.append(part.key)
        return _as_released(part, cells[0].number)
    if len(worked) > 1:
        told.several.append(part.key)
    elif len(cells) > 1:
        told.doubled.append(part.key)
    entry = _entry(part, worked[-1])
    entry.before = [Entry(part.kind, c.source, None, c.number, own=True) for c in worked[:-1]]
    return entry


def _written(part: Part, cells: list[Cell]) -> Entry:
    texts = dict.fromkeys(c.source.strip("\n") for c in cells if not is_blank(part, c))
    if not texts:
        return _as_released(part, cells[0].number)
    return Entry(part.kind, "\n\n".join(texts), part, cells[0].number, own=True)


def _unlocked(part: Part, cells: list[Cell]) -> Cell | None:
    """The cell that stands for given code or text: one of its kind, else one that reads the same."""
    for cell in cells:
        if cell.kind == part.kind or names.bare(cell.source) == names.bare(part.source):
            return cell
    return None


def _entry(part: Part, cell: Cell) -> Entry:
    same = cell.source == part.source
    return Entry(part.kind, cell.source, part, cell.number, own=not same)


def _tell_form(part: Part, cells: list[Cell], told: _Told) -> None:
    if any(c.kind != part.kind for c in cells):
        told.converted.append(part.key)
    marks = part.cell.metadata["nbgrader"]
    if any(_differ(c.marks, marks) for c in cells):
        told.marks.append(part.key)


def _differ(given: dict[str, Any], released: dict[str, Any]) -> bool:
    return not given or any(
        k in given and (type(given[k]) is bool or k == "points") and given[k] != released.get(k)
        for k in _FLAGS
    )


def _put_back_given(out: Gathered, release: Release, mends: Mends) -> None:
    """Given code that was deleted although later cells use what it makes.

    Backwards through the cells: a name is wanted from where it is used up to where it is made.
    """
    there = {(index, 0): entry for index, entry in out.parts.items()}
    for place, entry in out.own.items():
        before = [p for p in out.places.values() if p < place]
        index = next((i for i, p in out.places.items() if before and p == max(before)), -1)
        there[index, place + 1] = entry
    for part in release.parts:
        if part.role is Role.GIVEN and part.index not in out.parts:
            there[part.index, 0] = _as_released(part)
    wanted: set[str] = set()
    back = 0
    for key in sorted(there, reverse=True):
        entry = there[key]
        missing = key[1] == 0 and key[0] not in out.parts
        if entry.kind != "code" or (
            missing and not names.assigned(entry.source, imports=True) & wanted
        ):
            continue
        if missing:
            out.parts[key[0]] = entry
            back += 1
        for each in (entry, *reversed(entry.before)):
            wanted -= names.assigned(each.source, imports=True)
            wanted |= names.wanted(each.source)
    if back:
        mends.add(f"讲义里有 {back} 个代码单元格被删去，后面要用到，已补回")
