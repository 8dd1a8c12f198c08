"""Which feedback pages are written, and where."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder import judge
from autograder.feedback.items import Rubrics
from autograder.feedback.overview import class_overview, lab_overview
from autograder.feedback.student_page import student_page
from autograder.gradebook.marks import MISSING, UNGRADED, GradebookError, read_marks
from autograder.record import write_text
from autograder.roster import Roster
from autograder.spec import Manual

Progress = Callable[[str, int, int], None]

_COPIED = ("timestamp.txt", "submission_secret.txt")  # nbgrader's release of feedback reads them


@dataclass(frozen=True)
class Feedback:
    """What was written.

    Attributes
    ----------
    pages : dict of str to Path
        Student → page.
    index, overview : Path
        The teacher's overviews: of all labs, and of this lab item by item.
    skipped : dict of str to str
        Student → why there is no page.
    """

    pages: dict[str, Path]
    index: Path
    overview: Path
    skipped: dict[str, str] = field(default_factory=dict)


def write(
    course: Path | str, lab: str, *, students: Sequence[str] | None = None, notebook: str = "",
    roster: Roster | None = None, progress: Progress | None = None,
) -> Feedback:  # fmt: skip
    """Write the feedback of one lab where nbgrader looks for it.

    Parameters
    ----------
    course : path
        The class folder; pages go to ``feedback/<student>/<lab>/<notebook>.html``.
    lab : str
        The lab's id.
    students : sequence of str, optional
        Only these students' pages; the overviews show everyone.
    notebook : str, optional
        File name of the lab's notebook without ending, when it is not the lab's id.
    roster : Roster, optional
        The class list, for names and classes.
    progress : callable, optional
        Called as ``progress(student, done, total)``.

    Raises
    ------
    autograder.gradebook.marks.GradebookError
        The lab has no marks yet.
    """
    course = Path(course)
    notebook = notebook or lab
    everything = read_marks(course, roster=roster)
    sheet = next((s for s in everything.labs if s.lab == lab), None)
    if sheet is None:
        raise GradebookError(f"还没有 {lab} 的成绩：先运行 autograder grade {lab}")
    earlier = everything.labs[: everything.labs.index(sheet)]
    rubrics = _rubrics(lab)
    chosen = [s for s in everything.students if students is None or s.id in students]
    pages: dict[str, Path] = {}
    skipped: dict[str, str] = {}
    for done, student in enumerate(chosen):
        if progress is not None:
            progress(student.id, done, len(chosen))
        mark = sheet.marks[student.id]
        if mark.status in (MISSING, UNGRADED):
            skipped[student.id] = mark.status
            continue
        folder = course / "feedback" / student.id / lab
        pages[student.id] = folder / f"{notebook}.html"
        html = student_page(student, sheet, mark, earlier=earlier, rubrics=rubrics)
        write_text(pages[student.id], html)
        _copy_what_nbgrader_needs(course / "submitted" / student.id / lab, folder)
    if progress is not None:
        progress("", len(chosen), len(chosen))
    index, overview = course / "feedback" / "index.html", course / "feedback" / f"{lab}.html"
    write_text(overview, lab_overview(everything, sheet, course))
    write_text(index, class_overview(everything, course))
    return Feedback(pages, index, overview, skipped)


def _rubrics(lab: str) -> Rubrics:
    if lab not in judge.known():  # marks of a lab that this kit does not have (any more)
        return {}
    return {i.id: i.rubric for i in judge.load(lab).items if isinstance(i, Manual)}


def _copy_what_nbgrader_needs(handed_in: Path, folder: Path) -> None:
    for name in _COPIED:
        given = handed_in / name
        if given.is_file() and not given.is_symlink():
            shutil.copyfile(given, folder / name)
