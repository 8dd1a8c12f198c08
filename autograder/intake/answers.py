"""Answers that stand elsewhere: an empty cell for the work, and code that makes its variable."""

from __future__ import annotations

from autograder.intake import names
from autograder.intake.gathering import Entry
from autograder.intake.refusal import Mends, listed
from autograder.intake.released import Release, Role


def reach(entries: list[Entry], release: Release, mends: Mends) -> list[Entry]:
    """Let an answer that stands elsewhere be the one that is handed in.

    Where the student's answer runs before the hand-in, the empty cell (``male = ...``) moves ahead
    of it, so that it does not wipe the answer out. Where it stands after the hand-in, it moves
    to its place if nothing it uses is made later; else the hand-in runs once more after it.
    """
    found = []
    for part in release.parts:
        if part.role is not Role.WORK or part.hand_in < 0:
            continue
        entry = next(e for e in entries if e.part is part)
        if not entry.blank:
            continue
        at = entries.index(entry)
        hand_in = next(n for n, e in enumerate(entries) if e.part is release.parts[part.hand_in])
        makers = [n for n, e in enumerate(entries)
                  if e.own and e.kind == "code" and part.names & names.assigned(e.source)]  # fmt: skip
        if not makers:
            continue
        found.append(release.parts[part.hand_in].key)
        if makers[0] < hand_in:
            if at > makers[0]:
                entries.insert(makers[0], entries.pop(at))
        elif len(makers) == 1 and _movable(entries, makers[0], at):
            entries.insert(at + 1, entries.pop(makers[0]))
        else:
            again = entries[hand_in]
            entries.insert(makers[-1] + 1, Entry(again.kind, again.source, number=-hand_in - 1))
    if found:
        mends.add(f"{listed(found)} 的作答单元格是空的，答案写在别的单元格里，已找到并照样提交")
    return entries


def _movable(entries: list[Entry], maker: int, to: int) -> bool:
    """Whether the student's own cell runs as well at the earlier place and disturbs nobody there."""
    own = entries[maker]
    if own.part is not None:
        return False
    made = names.assigned(own.source)
    early: set[str] = set()
    late: set[str] = set()
    for n, entry in enumerate(entries):
        if n == maker or entry.kind != "code" or entry.blank:
            continue
        bound = names.assigned(entry.source, imports=True)
        if bound & made:
            return False
        (early if n < to else late).update(bound)
    return not (names.used(own.source) & late) - early
