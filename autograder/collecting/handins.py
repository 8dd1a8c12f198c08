"""Files of one student that belong together: a folder, an archive, or loose files side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from autograder.collecting.entries import Entry
from autograder.collecting.identity import Doubt, Identity, attempt, identify, written_time
from autograder.roster import Roster

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
Who = Callable[[str], Identity | Doubt | None]


@dataclass
class HandIn:
    """What one student handed in at one time. `depth` is the length of the path to its root."""

    student: str
    name: str
    shown: str
    depth: int
    entries: list[Entry] = field(default_factory=list)
    time: datetime | None = None
    attempt: int = 0
    notes: list[str] = field(default_factory=list)
    keep: frozenset[str] = frozenset()  # names that are kept although they are nbgrader's own

    def inner(self, entry: Entry) -> tuple[str, ...]:
        """The entry's path below the root of the hand-in."""
        return entry.parts[self.depth :]

    def moment(self, entry: Entry) -> datetime | None:
        """When this file was handed in: by the name, by the student's own archive, by the file."""
        if self.time is not None:
            return self.time
        own = [time for index, time in entry.archives if index >= self.depth - 1]
        return own[0] if own else entry.time


@dataclass
class Sorted:
    """The hand-ins, and what could not be given to anyone with the reason."""

    handins: list[HandIn] = field(default_factory=list)
    doubtful: dict[str, tuple[str, list[Entry]]] = field(default_factory=dict)
    unknown: list[Entry] = field(default_factory=list)


def sort(
    entries: Sequence[Entry], roster: Roster | None, labels: Iterable[str], last_resort: str = ""
) -> Sorted:
    """Give every file to a student.

    The outermost name that points at a student decides, since platforms and teachers write the
    outer names and students the inner ones. A guess is overruled by clearer names further in.

    Parameters
    ----------
    last_resort : str
        Name of the source itself, asked only when no name inside points at anyone.
    """
    labels = tuple(labels)
    seen: dict[str, Identity | Doubt | None] = {}

    def who(text: str) -> Identity | Doubt | None:
        if text not in seen:
            seen[text] = identify(text, roster, labels)
        return seen[text]

    shared = _class_folders(entries, who)
    out = Sorted()
    groups: dict[tuple[object, ...], HandIn] = {}
    for entry in entries:
        found, depth = _decide(entry, who, shared)
        if found is None and last_resort:
            alone = who(last_resort)
            found, depth = (alone, 0) if isinstance(alone, Identity) else (None, 0)
        if found is None:
            out.unknown.append(entry)
        elif isinstance(found, Doubt):
            shown = "/".join(entry.parts[:depth])
            out.doubtful.setdefault(shown, (found.reason, []))[1].append(entry)
        else:
            _add(groups, entry, found, depth)
    out.handins = list(groups.values())
    return out


def _class_folders(entries: Sequence[Entry], who: Who) -> set[tuple[str, ...]]:
    """Folders whose name looks like a student's but which hold several students' work.

    A guessed number that has the same form as those inside stays a student: nobody's folder may
    hand in for others.
    """
    inside: dict[tuple[str, ...], set[str]] = {}
    for entry in entries:
        students = [who(p) for p in entry.parts]
        for depth in range(1, len(entry.parts)):
            at = students[depth - 1]
            if isinstance(at, Identity) and not at.sure:
                deeper = {s.student for s in students[depth:] if isinstance(s, Identity)}
                if not at.note:
                    deeper = {d for d in deeper if len(d) != len(at.student)}
                inside.setdefault(entry.parts[:depth], set()).update(deeper - {at.student})
    return {folder for folder, students in inside.items() if len(students) > 1}


def _decide(
    entry: Entry, who: Who, shared: set[tuple[str, ...]]
) -> tuple[Identity | Doubt | None, int]:
    doubt: tuple[Doubt | None, int] = (None, 0)
    guess: tuple[Identity, int] | None = None
    for depth, part in enumerate(entry.parts, start=1):
        found = who(part)
        if isinstance(found, Doubt):
            if found.firm and guess is None:
                return found, depth
            if doubt[0] is None:
                doubt = (found, depth)
        elif isinstance(found, Identity) and entry.parts[:depth] not in shared:
            if guess is not None and guess[0].student != found.student and found.sure:
                reason = f"外层名字像是「{guess[0].name or guess[0].student}」，里面写的是 {found.student}"
                return Doubt(reason), guess[1]
            if guess is None and found.sure:
                return found, depth
            guess = guess or (found, depth)
    return guess if guess is not None else doubt


def _add(
    groups: dict[tuple[object, ...], HandIn], entry: Entry, found: Identity, depth: int
) -> None:
    name = entry.parts[depth - 1] if depth else ""
    time, number = written_time(name), attempt(name)
    loose = depth == len(entry.parts)
    root = entry.parts[: depth - 1] if loose else entry.parts[:depth]
    key = (root, found.student, time, number) if loose else (root,)
    if key not in groups:
        notes = [found.note] if found.note else []
        shown = "/".join(entry.parts[:depth])
        groups[key] = HandIn(
            found.student, found.name, shown, len(root), time=time, attempt=number, notes=notes
        )
    groups[key].entries.append(entry)


def order(handin: HandIn, moment: datetime | None) -> tuple[int, datetime, str]:
    """Sort key: the newest hand-in last. Numbered attempts go by their numbers."""
    return (handin.attempt, moment or LONG_AGO, handin.shown)
