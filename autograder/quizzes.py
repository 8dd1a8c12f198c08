"""Quiz marks from the answer files that students hand in with a chapter's notebook.

A chapter's quizzes keep what a student answered in ``out/quiz_<chapter>.json``. Nothing in that file
is believed but the answers: they are marked again, on the numbers of the student whose hand-in it is.
The marks stand in nbgrader's gradebook as an assignment of their own, ``quiz_<chapter>``, one point a
question, and as a record a student, so that feedback, analysis and export know them as any other.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder import record
from autograder.fingerprint import of_data, sha256
from autograder.record import Record, key
from crmkit import quizbank
from crmkit.errors import KitError
from crmkit.lab.identity import DEMO
from crmkit.quizbank.question import KIND_LABELS, Question

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

    from autograder.course import Course
    from autograder.judge import Result

PREFIX = "quiz_"
BACKEND = "不运行代码"  # a file is read, no cell runs
MAX_BYTES = 1_000_000
_SCHEMA = 1
_SHOWN = 80  # characters of a stem or an answer in a record


class QuizFileError(KitError):
    """An answer file that cannot be marked."""


def chapter_of(assignment: str) -> str:
    """The chapter whose quizzes an assignment of the gradebook holds; "" when it is none.

    >>> chapter_of("quiz_ch02"), chapter_of("ch02")
    ('ch02', '')
    """
    found = re.fullmatch(rf"{PREFIX}(ch\d\d)", assignment)
    return found[1] if found else ""


@dataclass(frozen=True)
class Answers:
    """What an answer file says.

    Attributes
    ----------
    first : mapping
        Question → the share of its points on the first submission, as the file has it.
    student : str
        The number in the file; the demonstration's when there is none.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    first: Mapping[str, float] = field(default_factory=dict)
    student: str = DEMO


@dataclass(frozen=True)
class Marked:
    """What became of one student's quizzes: 已评, 没有作答文件 or 不能评分."""

    student: str
    status: str
    score: float = 0.0  # out of 100
    words: str = ""


GRADED, NO_FILE, UNGRADABLE = "已评", "没有作答文件", "不能评分"


# --- one answer file ---------------------------------------------------------------------------
def read(data: bytes, chapter: str) -> Answers:
    """Read an answer file.

    Raises
    ------
    QuizFileError
        It is damaged, or of another chapter.
    """
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise QuizFileError("作答文件读不出来：可能没有传完整，请学生重新交一次") from None
    if not isinstance(content, dict) or content.get("schema") != _SCHEMA:
        raise QuizFileError("这不是小测的作答文件")
    if content.get("chapter") != chapter:
        raise QuizFileError(f"这是另一章的作答文件，不是 {chapter} 的")
    given, first = content.get("answers"), content.get("first")
    shares = {
        str(k): float(v)
        for k, v in (first.items() if isinstance(first, dict) else ())
        if isinstance(v, (int, float)) and not isinstance(v, bool) and 0 <= v <= 1
    }
    student = content.get("student")
    return Answers(
        given if isinstance(given, dict) else {}, shares,
        student if isinstance(student, str) and student else DEMO,
    )  # fmt: skip


def mark(bank: quizbank.Bank, given: Answers, student: str, *, first: bool = False) -> list[Result]:
    """Mark every question of the bank, one point each.

    Parameters
    ----------
    student : str
        Whose hand-in it is: calculations are marked on this student's numbers.
    first : bool
        What counts is the first submission of a question, never more than the answer is worth now.
    """
    return [_result(q, given, student, first) for q in bank]


def _result(question: Question, given: Answers, student: str, first: bool) -> Result:
    from autograder.judge import Result

    answer = given.answers.get(question.id)
    found = quizbank.mark(question, answer, student)
    share = found.share
    if first:
        share = min(share, given.first.get(question.id, share))
    shown = quizbank.present(question, student)
    stem = shown["stem"] if isinstance(shown["stem"], str) else "____".join(shown["stem"])
    notes = [f"{n.about}：{n.why}" for n in found.notes]
    words = [found.message, *notes]
    if share < found.share:
        words.append(f"按第一次提交计 {share:.0%}。")
    status = found.status
    if status != "missing":
        status = "right" if share >= 1 else "partly" if share > 0 else "wrong"
    return Result(
        f"{PREFIX}{question.id}", f"{question.section} {KIND_LABELS[question.kind]}", 1.0,
        round(share, 4), "auto", False, status, _cut(stem), "\n".join(words),
        "" if status == "right" else question.why,
    )  # fmt: skip


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}……"


def _whose(given: Answers, student: str) -> list[str]:
    """What is to be said when the file is not in this student's number."""
    if given.student == student:
        return []
    from autograder.intake.refusal import clean

    if given.student == DEMO:
        return ["作答文件里没有学号：计算题仍按本人学号的数评"]
    return [f"作答文件里的学号是「{clean(given.student, 40)}」，不是本人：计算题按本人学号的数评"]


# --- a class -------------------------------------------------------------------------------------
def chapters(course: Path) -> list[str]:
    """Chapters of which someone has handed in an answer file."""
    return sorted({
        path.name[len(PREFIX) : -len(".json")]
        for path in (course / "submitted").glob(f"*/ch*/out/{PREFIX}ch*.json")
        if path.name == f"{PREFIX}{path.parts[-3]}.json"
    })  # fmt: skip


def grade(room: Course, chapter: str, only: Collection[str] = ()) -> list[Marked]:
    """Mark the quizzes of a chapter for everyone who has handed it in, and write the gradebook.

    Raises
    ------
    QuizBankError
        The chapter has no questions.
    KitError
        Other questions stand in the gradebook, and only some students are to be marked.
    """
    from sqlalchemy.exc import SAWarning

    from autograder.gradebook.database import open_gradebook
    from autograder.gradebook.settings import settings_of

    bank = quizbank.load(chapter)
    first = settings_of(room.root).quiz_first
    handed_in = room.submitted(chapter)
    students = [s for s in handed_in if not only or s in only]
    lines = []
    with open_gradebook(room.root) as gb, warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own models, nothing of ours
        _prepare(gb, bank, whole=set(students) == set(handed_in))
        for student in students:
            lines.append(_one(room, gb, bank, student, first))
    return lines


def _prepare(gb: Gradebook, bank: quizbank.Bank, whole: bool) -> None:
    """See to it that the gradebook has the quiz with the questions of the bank."""
    from autograder.run import rows

    name = PREFIX + bank.chapter
    there, wanted = rows.points(gb, name), {f"{PREFIX}{q.id}": 1.0 for q in bank}
    if there == wanted:
        return
    if there:
        if not whole:
            raise KitError(
                f"{bank.chapter} 的题库和成绩册里的不同：不要用 --only，把全班的小测重新评一次"
            )
        gb.remove_assignment(name)
    gb.update_or_create_assignment(name)
    gb.update_or_create_notebook(name, name)
    for cell in wanted:
        gb.update_or_create_grade_cell(cell, name, name, max_score=1.0, cell_type="code")


def _one(room: Course, gb: Gradebook, bank: quizbank.Bank, student: str, first: bool) -> Marked:
    """Mark one student: the same order of writing as `autograder.run.writer` keeps."""
    from autograder.intake import Ungradable
    from autograder.run import rows

    name = PREFIX + bank.chapter
    folder = room.root / "submitted" / student / bank.chapter
    record.reopen(room.records, name, student)
    try:
        data, moment, mends = _file(folder, bank.chapter)
        if data is None:
            _forget(room, gb, name, student)
            return Marked(student, NO_FILE)
        given = read(data, bank.chapter)
    except (QuizFileError, Ungradable) as e:
        with rows.transaction(gb):
            rows.withdraw(gb, name, student)
        made = Record(name, student, BACKEND, {}, status="ungradable", reason=str(e))
        record.write(made, room.records)
        return Marked(student, UNGRADABLE, words=str(e))
    results = mark(bank, given, student, first=first)
    inputs = {"content": sha256(data), "judge": of_data([_text(bank), first])}
    address = key(name, student, BACKEND, inputs)
    told = [*mends, *_whose(given, student)]
    made = Record(name, student, BACKEND, inputs, mends=told, items=results, key=address)
    with rows.transaction(gb):
        rows.rescore(gb, name, name, student, results, room.config)
        rows.resubmit(gb, name, name, student, moment, room.config)
    record.write(made, room.records)
    return Marked(student, GRADED, round(100 * made.auto_score / len(results), 1), "；".join(told))


def _text(bank: quizbank.Bank) -> str:
    from crmkit.quizbank.loading import FOLDER

    return (FOLDER / f"{bank.chapter}.yaml").read_text(encoding="utf-8")


def _file(folder: Path, chapter: str) -> tuple[bytes | None, Any, list[str]]:
    """The answer file of a hand-in (None: there is none), when it came, what is to be said."""
    from nbgrader.utils import parse_utc

    from autograder.collecting.entries import Unreadable
    from autograder.intake import choosing
    from autograder.intake.refusal import Mends, clean

    mends = Mends()
    source, entries = choosing.scan(folder)
    try:
        own = f"{PREFIX}{chapter}.json"
        # as platforms and systems rename what is handed in twice
        renamed = re.compile(rf"(?:.*[^0-9A-Za-z])?{PREFIX}{chapter}(?:[ _-]?[(（]\d+[)）]|-Copy\d+)?\.json", re.I)  # fmt: skip
        found = sorted(
            (e for e in entries if renamed.fullmatch(e.name)),
            key=lambda e: (e.parts != ("out", own), e.name != own, len(e.parts), e.parts),
        )
        moment = parse_utc(choosing.moment(source, entries, mends))
        if not found:
            return None, moment, mends.sentences
        if found[0].name != own:
            mends.add(f"作答文件改了名（{clean(found[0].name)}），照样评了")
        try:
            return b"".join(source.read(found[0], MAX_BYTES)), moment, mends.sentences
        except Unreadable as e:
            raise QuizFileError(f"作答文件{e}") from None
    finally:
        source.close()


def _forget(room: Course, gb: Gradebook, name: str, student: str) -> None:
    """A newer hand-in has no answer file any more: what stood for the older one goes."""
    from nbgrader.api import MissingEntry

    record.place(room.records, name, student).unlink(missing_ok=True)
    try:
        submission = gb.find_submission(name, student)
    except MissingEntry:
        return
    if all(g.manual_score is None for g in _grades(submission)):
        gb.remove_submission(name, student)


def _grades(submission: Any) -> Iterator[Any]:
    for notebook in submission.notebooks:
        yield from notebook.grades
