"""The order of cells: the lab's cells as handed out, the student's own where they stood between."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from autograder.intake import names
from autograder.intake.gathering import Entry, Gathered
from autograder.intake.refusal import Mends, listed
from autograder.intake.released import Part, Release, Role


def order(gathered: Gathered, release: Release, mends: Mends) -> list[Entry]:
    """All entries in the order in which they run.

    The longest run of the lab's cells that is in the right order stays where it is. Between two
    of its cells stand, in the lab's order, those that were moved or put back, and the student's own
    cells in their order: before the hand-in of what they make.
    """
    there: list[tuple[int, int | Entry]] = sorted(
        [(place, index) for index, place in gathered.places.items()]
        + [(place, entry) for place, entry in gathered.own.items()],
        key=lambda pair: pair[0],
    )
    indexes = [item for _, item in there if isinstance(item, int)]
    fixed = set(longest_increasing(indexes))
    moved = [release.parts[i] for i in indexes if i not in fixed]
    told = [p.key for p in moved if p.graded]
    if told:
        mends.add(f"{listed(told)} 的单元格不在原来的位置，已放回")
    out: list[Entry] = []
    previous, between = -1, list[int | Entry]()
    for item in [*(item for _, item in there), len(release.parts)]:
        if not isinstance(item, int) or item < len(release.parts) and item not in fixed:
            between.append(item)
            continue
        out += _between(gathered, release, previous, item, between)
        if item in gathered.parts:
            out.append(gathered.parts[item])
        previous, between = item, []
    return [e for entry in out for e in (*entry.before, entry)]


def longest_increasing(values: list[int]) -> list[int]:
    """The longest increasing subsequence of different numbers.

    >>> longest_increasing([0, 7, 1, 2, 5, 3, 4])
    [0, 1, 2, 3, 4]
    """
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for value in values:
        at = bisect_left(tails, value)
        before[value] = ends[at - 1] if at else None
        if at == len(tails):
            tails.append(value)
            ends.append(value)
        else:
            tails[at] = ends[at] = value
    out: list[int] = []
    last = ends[-1] if ends else None
    while last is not None:
        out.append(last)
        last = before[last]
    return out[::-1]


def _between(
    gathered: Gathered, release: Release, start: int, end: int, items: list[int | Entry]
) -> list[Entry]:
    """The entries after cell `start` and before cell `end` of the lab."""
    inside = [release.parts[i] for i in range(start + 1, end) if i in gathered.parts]
    hand_ins = [p for p in inside if p.role is Role.HAND_IN]
    slots: dict[int, list[Entry]] = defaultdict(list)
    slot = start + 1
    for item in items:
        if isinstance(item, int):
            if start < item < end:
                slot = max(slot, item + 1)
            continue
        slot = max(slot, _slot(item, hand_ins, slot, end))
        slots[slot].append(item)
    out: list[Entry] = []
    for index in range(start + 1, end + 1):
        out += slots[index]
        if index < end and index in gathered.parts:
            out.append(gathered.parts[index])
    return out


def _slot(entry: Entry, hand_ins: list[Part], slot: int, end: int) -> int:
    """Before which of the lab's cells the student's own cell belongs, at the earliest."""
    if entry.kind != "code":
        return slot
    made = names.assigned(entry.source)
    for part in hand_ins:
        if part.names & made:
            return part.index
    return next((p.index for p in hand_ins if p.index >= slot), end)
