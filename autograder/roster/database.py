"""The class list in nbgrader's gradebook, and kept in the class folder with its classes."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.roster.model import Roster, RosterError, Student

FILE = Path("marks") / "_roster.json"


def write_names(roster: Roster, course: Path | str) -> int:
    """Put the class list into nbgrader's gradebook; returns how many students were added or changed.

    The whole name goes into ``last_name`` and ``first_name`` stays empty text: nbgrader's screens
    write "last, first", and a Chinese name must not be torn apart or read "张三, None".
    """
    from nbgrader.api import Student as Row

    from autograder.gradebook.database import open_gradebook

    changed = 0
    with open_gradebook(Path(course)) as gb:
        there = {s.id: s for s in gb.students}
        for student in roster.students:
            row = there.get(student.id)
            if row is None:
                gb.db.add(Row(id=student.id, first_name="", last_name=student.name))
                changed += 1
            elif student.name and (row.last_name, row.first_name) != (student.name, ""):
                row.last_name, row.first_name = student.name, ""
                changed += 1
        gb.db.commit()
    return changed


def keep_roster(roster: Roster, course: Path | str) -> Path:
    """Keep the class list in the class folder: nbgrader has no place for order and classes."""
    from autograder.record import write_text

    path = Path(course) / FILE
    data = [[s.id, s.name, s.group] for s in roster.students]
    write_text(path, json.dumps(data, ensure_ascii=False, indent=0) + "\n")
    return path


def kept_roster(course: Path | str) -> Roster | None:
    """The class list kept before, None when there is none."""
    path = Path(course) / FILE
    if not path.is_file():
        return None
    try:
        students = tuple(Student(*row) for row in json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as e:
        raise RosterError(f"「{path}」读不出来：删去它，再导入一次名单") from e
    return Roster(students, source=path.name)
