"""A graded class of lab E3, as `autograder grade` leaves it: records, answers, notebooks, marks.

The hand-ins are run for real (in this process) and judged by the lab's judge. One student handed in
a classmate's numbers, one copied code with other names, some made known mistakes, one stopped.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder import build, grade, judge, snapshots
from autograder import record as records
from autograder.gradebook.database import open_gradebook
from autograder.roster import Roster, Student, write_names
from tests.autograder import handins
from tests.autograder.inprocess import InProcess
from tests.autograder.insight import authors
from tests.autograder.notebooks import release, replace_cell, solution

LAB = "E3"
DUE = datetime(2025, 11, 20, 16)
NEIGHBOUR, BORROWER = "2025010102", "2025010109"
ORIGINAL, COPY = "2025010103", "2025010108"

STUDENTS = (
    Student("2025010101", "安然", "市营2501"),
    Student(NEIGHBOUR, "薄荷", "市营2501"),
    Student(ORIGINAL, "崔浩", "市营2501"),
    Student("2025010104", "邓丽", "市营2501"),
    Student("2025010105", "方圆", "市营2501"),
    Student("2025010106", "高远", "市营2502"),
    Student("2025010107", "何平", "市营2502"),
    Student(COPY, "金玉", "市营2502"),
    Student(BORROWER, "<img src=x onerror=alert(1)>", "市营2502"),
    Student("2025010110", "李想", "市营2502"),
    Student("2025010111", "马跃", "市营2502"),
    Student("2025010112", "宁静", "市营2502"),
)
ROSTER = Roster(STUDENTS)


@dataclass
class HandIn:
    """What intake gives."""

    notebook: NotebookNode
    files: dict[str, bytes] = field(default_factory=dict)
    mends: list[str] = field(default_factory=list)


def _work(work: authors.Work) -> NotebookNode:
    nb = solution(LAB)
    for cell, source in work.items():
        replace_cell(nb, cell, source)
    return nb


def _borrowed() -> NotebookNode:
    """The work of somebody who got three answers from a classmate, as lists and numbers."""
    world = judge.load(LAB).world(NEIGHBOUR)
    right = {i.id: i.expect(world) for i in judge.load(LAB).automatic}
    nb = solution(LAB)
    replace_cell(nb, "E3-01-work", f"male = {list(right['E3-01'])!r}")
    replace_cell(nb, "E3-03-work", f"target = {sorted(right['E3-03'])!r}")
    return replace_cell(nb, "E3-07-work", f"top20_share = {right['E3-07']!r}")


def _stopped() -> NotebookNode:
    """Handed in the first four items; from there on nothing was run."""
    nb = solution(LAB)
    kept = [f"E3-{n:02d}" for n in range(5, 12)]
    for cell in nb.cells:
        item = str((cell.metadata.get("nbgrader") or {}).get("grade_id", ""))
        if item[:5] in kept and cell.cell_type == "code":
            cell.source = "pass"
    return nb


def hand_ins() -> dict[str, NotebookNode]:
    """Student → notebook; the last two of the list handed in nothing."""
    kinds = {k.name: k for k in handins.KINDS}
    copied = authors.reformatted(authors.renamed(authors.CUI))
    made = {
        "2025010101": _work(authors.AN),
        NEIGHBOUR: _work(authors.BO),
        ORIGINAL: _work(authors.CUI),
        "2025010104": _work(authors.DENG),
        "2025010105": kinds["sorted upwards"].make(),
        "2025010106": kinds["condition forgotten, percent"].make(),
        "2025010107": _stopped(),
        COPY: _work(copied),
        BORROWER: _borrowed(),
        "2025010110": kinds["condition forgotten, percent"].make(),
    }
    attack = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>"
    replace_cell(
        made[BORROWER], "E3-12", f"{attack} 我觉得应该多送礼品 \"' onmouseover=window.pwned=1"
    )
    replace_cell(made[BORROWER], "E3-10-work", f'pyramid = {{"{attack}": 1, "重要客户": 2}}')
    return made


def make(course: Path, students: tuple[str, ...] | None = None) -> Path:
    """Grade the class into a folder; `students` limits it."""
    write_names(ROSTER, course)
    spec = judge.load(LAB)
    given = release(LAB)
    _put(course / "release" / LAB / f"{LAB}.ipynb", given)
    with open_gradebook(course) as gb:
        gb.add_assignment(LAB, duedate=DUE)
        gb.add_notebook(LAB, LAB)
        for item in spec.items:
            written = item.id not in {i.id for i in spec.automatic}
            kind = "markdown" if written else "code"
            gb.add_grade_cell(item.id, LAB, LAB, max_score=item.points, cell_type=kind)
            if written:
                gb.add_solution_cell(item.id, LAB, LAB)
        for n, (student, nb) in enumerate(hand_ins().items()):
            if students is not None and student not in students:
                continue
            made, run = grade.grade(HandIn(nb), spec, student, InProcess())
            records.write(made, course / "records")
            packed = snapshots.pack(run, "content")
            snapshots.write(packed, course / "records", LAB, student)
            _put(course / "autograded" / student / LAB / f"{LAB}.ipynb", nb)
            gb.add_submission(LAB, student, timestamp=DUE - timedelta(hours=20 * n - 10))
            for result in made.items:
                row = gb.find_grade(result.id, LAB, LAB, student)
                row.auto_score = result.score
                row.needs_manual_grade = result.score is None
            gb.db.commit()
    return course


@cache
def shared() -> Path:
    """The whole class, graded once for all tests of a run; nobody writes into it."""
    folder = Path(tempfile.mkdtemp(prefix="crmkit-class-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make(folder)


def _put(path: Path, nb: NotebookNode) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(build.to_text(nb), encoding="utf-8")


def expected(student: str) -> dict[str, Any]:
    """What the judge expects of a student, by item."""
    spec = judge.load(LAB)
    world = spec.world(student)
    return {i.id: i.expect(world) for i in spec.automatic}
