"""Which of the student's cells is which cell of the lab: by grade id, cell id, text, and content."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from autograder.intake import names
from autograder.intake.cells import Cell
from autograder.intake.refusal import Mends, listed
from autograder.intake.released import Part, Release, Role

_ALIKE = 0.5  # share of equal lines from which a cell is the same cell, edited


@dataclass
class Match:
    """The student's cells, each with the lab's cell it is (None: the student's own)."""

    cells: list[Cell]
    part_of: list[Part | None]
    mends: Mends
    _by_part: dict[int, list[int]] = field(default_factory=dict)

    def places(self, part: Part) -> list[int]:
        """Where this part stands in the student's order; more than once when it was copied."""
        return [n for n, p in enumerate(self.part_of) if p is part]

    def of(self, part: Part) -> list[Cell]:
        return [self.cells[n] for n in self.places(part)]

    @property
    def own(self) -> int:
        """How many cells are recognised as the lab's graded ones."""
        return sum(p is not None and p.graded for p in self.part_of)


def is_blank(part: Part, cell: Cell) -> bool:
    """Whether nothing was worked in a cell for the student's work."""
    if part.kind != "code":
        return names.bare(cell.source) in ("", names.bare(part.source))
    if cell.kind != "code" and names.bare(cell.source) != names.bare(part.source):
        return not cell.source.strip()
    return names.statements(cell.source) == () or names.same_code(cell.source, part.source)


def match(cells: list[Cell], release: Release, mends: Mends) -> Match:
    """Recognise the lab's cells among the student's."""
    found = Match(cells, [None] * len(cells), mends)
    by_grade_id, by_cell_id = release.by_grade_id(), release.by_cell_id()
    locked = {names.bare(p.source): p for p in release.parts if p.locked}
    ids = Counter(c.id for c in cells)
    renamed = []
    for n, cell in enumerate(cells):
        claimed = by_grade_id.get(cell.grade_id)
        own = by_cell_id.get(cell.id) if ids[cell.id] == 1 else None
        part = locked.get(names.bare(cell.source)) or _likelier(claimed, own, cell)
        if part is not None and part.graded and claimed is not part:
            renamed.append(part.key)
        found.part_of[n] = part
    _spread_doubled(found, release, renamed)
    _by_text(found, release)
    _by_content(found, release)
    if renamed:
        mends.add(f"{listed(renamed)} 的评分编号被改或缺失，已按内容和位置认出")
    return found


def _likelier(claimed: Part | None, own: Part | None, cell: Cell) -> Part | None:
    """Grade id against cell id: the one whose variables the cell makes, else the grade id."""
    if claimed is None or own is None or claimed is own:
        return claimed or own
    made = names.assigned(cell.source)
    if own.role is Role.WORK and own.names & made and not claimed.names & made:
        return own
    return claimed


def _spread_doubled(found: Match, release: Release, renamed: list[str]) -> None:
    """Two cells with one grade id, one of them clearly the answer to another, missing part."""
    works = [p for p in release.parts if p.role is Role.WORK]
    for part in works:
        places = found.places(part)
        for n in places if len(places) > 1 else ():
            made = names.assigned(found.cells[n].source)
            others = [w for w in works if w.names & made and not found.places(w)]
            if len(others) == 1 and not part.names & made:
                found.part_of[n] = others[0]
                renamed.append(others[0].key)


def _by_text(found: Match, release: Release) -> None:
    """Cells without ids that stand as they were handed out."""
    taken = {p.index for p in found.part_of if p is not None}
    waiting: dict[tuple[bool, str], list[Part]] = {}
    for part in release.parts:
        if part.index not in taken and not part.graded:
            waiting.setdefault((part.kind == "code", names.bare(part.source)), []).append(part)
    for n, cell in enumerate(found.cells):
        if found.part_of[n] is not None:
            continue
        for code in (cell.kind == "code", cell.kind != "code"):  # converted ones second
            same = waiting.get((code, names.bare(cell.source)))
            if same:
                found.part_of[n] = same.pop(0)
                break


def _by_content(found: Match, release: Release) -> None:
    """Edited cells without ids: what they make, and where they stand."""
    missing = [p for p in release.parts if not found.places(p)]
    adopted = []
    for part in missing:
        free = [n for n in _gap(found, part) if found.part_of[n] is None]
        if part.role is Role.GIVEN:
            made = names.assigned(part.source)
            near = [
                n for n in free
                if found.cells[n].kind == "code" and (
                    made and names.assigned(found.cells[n].source) == made
                    or _alike(found.cells[n].source, part.source)
                )
            ]  # fmt: skip
            if near:
                found.part_of[near[0]] = part
        elif part.role is Role.WORK and found.places(release.parts[part.hand_in]):
            makes = [n for n in free if found.cells[n].kind == "code"
                     and part.names & names.assigned(found.cells[n].source)]  # fmt: skip
            if makes:
                found.part_of[makes[-1]] = part
                adopted.append(part.key)
        elif part.role is Role.WRITTEN:
            texts = [n for n in free if found.cells[n].kind != "code"]
            if texts:
                found.part_of[max(texts, key=lambda n: len(found.cells[n].source))] = part
                adopted.append(part.key)
    if adopted:
        found.mends.add(
            f"{listed(adopted)} 的作答单元格被删或换过，已把同一位置上写的内容当作这一题的作答"
        )


def _gap(found: Match, part: Part) -> range:
    """Between the last recognised cell that belongs before `part` and the next one after it."""
    before = [n for n, p in enumerate(found.part_of) if p is not None and p.index < part.index]
    start = max(before, default=-1)
    after = (n for n, p in enumerate(found.part_of) if n > start and p is not None)
    return range(start + 1, min(after, default=len(found.cells)))


def _alike(one: str, other: str) -> bool:
    lines, others = ({line.strip() for line in t.split("\n")} - {""} for t in (one, other))
    return bool(lines & others) and len(lines & others) >= _ALIKE * len(lines | others)
