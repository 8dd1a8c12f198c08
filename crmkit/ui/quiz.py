"""The quiz of a chapter or section. The key stays here; the browser gets questions and marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets

from crmkit import quizbank
from crmkit.lab.identity import DEMO, student_id
from crmkit.syllabus import course
from crmkit.ui.answer_file import AnswerFile
from crmkit.ui.widget import Widget, remote

# After so many tries the explanation is shown even if the answer is still wrong.
REVEAL_AFTER = 3


class Quiz(Widget, bundle="quiz"):
    """Questions of a chapter to answer, with feedback on every one.

    Answers are saved in ``out/quiz_<chapter>.json`` as they are given, and are there again when
    the quiz is opened the next time.

    Parameters
    ----------
    chapter : str
        The chapter whose bank is asked, e.g. "ch02".
    section : str, optional
        Only this section, e.g. "2.4".
    n : int, optional
        Only so many questions, spread over the section or chapter.
    student : str, optional
        The student number; it chooses the numbers of calculations. Empty: the number in the file
        of saved answers, else the numbers of the classroom example.
    title : str, optional
        Heading; by default the section's or chapter's name.
    folder : Path, optional
        Where ``out/`` lies; by default the working folder.

    Raises
    ------
    QuizBankError
        No such bank or section, or fewer than `n` questions.
    """

    heading = traitlets.Unicode().tag(sync=True)
    items: traitlets.List[Any] = traitlets.List().tag(sync=True)
    given = traitlets.Dict().tag(sync=True)  # answers by question id
    marks = traitlets.Dict().tag(sync=True)  # by question id: status, message, notes, parts, why
    summary = traitlets.Dict().tag(sync=True)
    notice = traitlets.Unicode().tag(sync=True)  # what went wrong with saving or loading

    def __init__(
        self,
        chapter: str = "ch02",
        section: str | None = None,
        n: int | None = None,
        student: str | None = None,
        title: str | None = None,
        folder: Path | None = None,
    ) -> None:
        bank = quizbank.load(chapter)
        self._questions = {q.id: q for q in bank.select(section, n)}
        self._file = AnswerFile(Path(folder or Path.cwd()), chapter, student_id(student or ""))
        self._saved, notice = self._file.load()
        self._student = None if self._file.student == DEMO else self._file.student
        self._saved.tries = {k: v for k, v in self._saved.tries.items() if isinstance(v, int)}
        super().__init__(
            heading=title or _heading(bank, section),
            items=[quizbank.present(q, self._student) for q in self._questions.values()],
            given=self._shaped(self._saved.answers),
            notice=notice,
        )
        if any(self._saved.tries.get(id) for id in self._questions):
            self._mark([id for id in self.given if self._saved.tries.get(id)])

    @property
    def student(self) -> str | None:
        """The student number whose numbers the calculations have; None: the classroom example."""
        return self._student

    @property
    def score(self) -> float:
        """Points out of 100 for the answers given so far."""
        return quizbank.score(self._questions.values(), self.given, self._student)

    def answers(self) -> dict[str, Any]:
        """The answers given so far, by question id."""
        return {id: self.given[id] for id in self._questions if id in self.given}

    def hand_in(self) -> dict[str, Any]:
        """What ``lab.answer("…", quiz)`` hands in: the answers by question id."""
        return self.answers()

    @remote
    def draft(self, answers: dict[str, Any]) -> None:
        """Keep answers that are not submitted yet."""
        self.given = self._shaped(answers)
        self._save()

    @remote
    def submit(self, answers: dict[str, Any]) -> dict[str, Any]:
        """Mark the answers; returns the summary."""
        self.given = self._shaped(answers)
        for id, answer in self.given.items():
            self._saved.tries[id] = self._saved.tries.get(id, 0) + 1
            share = quizbank.mark(self._questions[id], answer, self._student).share
            self._saved.first.setdefault(id, round(share, 4))
        self._mark(list(self._questions))
        self._save()
        return dict(self.summary)

    @remote
    def retry(self) -> None:
        """Empty the answers that are not right, so that they can be tried afresh."""
        right = {id for id, m in self.marks.items() if m["status"] == "right"}
        self.given = {id: a for id, a in self.given.items() if id in right}
        self.marks = {id: m for id, m in self.marks.items() if id in right}
        self.summary = {}
        self._save()

    def _shaped(self, answers: Any) -> dict[str, Any]:
        given = answers if isinstance(answers, dict) else {}
        shaped = {id: quizbank.shape(q, given.get(id)) for id, q in self._questions.items()}
        return {id: answer for id, answer in shaped.items() if answer is not None}

    def _mark(self, ids: list[str]) -> None:
        marks: dict[str, Any] = {}
        for id in ids:
            question = self._questions[id]
            m = quizbank.mark(question, self.given.get(id), self._student)
            told = m.right or self._saved.tries.get(id, 0) >= REVEAL_AFTER
            marks[id] = {
                "status": m.status,
                "message": m.message,
                "notes": [[n.about, n.why] for n in m.notes],
                "parts": list(m.parts),
                "why": question.why if told else "",
            }
        self.marks = marks
        states = [m["status"] for m in marks.values()]
        self.summary = {
            "score": self.score,
            "total": len(self._questions),
            "tries": max((self._saved.tries.get(id, 0) for id in self._questions), default=0),
            **{s: states.count(s) for s in ("right", "partly", "wrong")},
            "missing": len(self._questions) - len(self.given),
        }

    def _save(self) -> None:
        self._saved.answers = dict(self.given)
        self.notice = self._file.save(self._saved, list(self._questions))


def _heading(bank: quizbank.Bank, section: str | None) -> str:
    if section is None:
        return f"本章小测：{bank.title}"
    titles = {s.num: s.title for s in course().chapter(bank.chapter).sections}
    return f"{section} 小测：{titles.get(section, bank.title)}"
