"""A quiz round in class on the projector (DB10): a question fills the page, teams get the points.

    from crmkit.ui.quiz_round import QuizRound
    QuizRound()

In code: ``round.start(chapter="ch02", n=5)``, ``round.reveal()``, ``round.award(0)``, ``round.go(1)``,
``round.end()``. The key goes to the browser only when the answer is revealed.
"""

from __future__ import annotations

from typing import Any

import traitlets

from crmkit import quizbank
from crmkit.quizbank.fields import QuizBankError
from crmkit.quizbank.question import KIND_LABELS, LEVELS
from crmkit.quizbank.rounds import MOST_TEAMS, Round, choose
from crmkit.syllabus import course
from crmkit.ui.widget import Widget, remote

SETUP, QUESTION, SUMMARY = "setup", "question", "summary"
COUNTDOWNS = (0, 20, 30, 45, 60, 90, 120, 180)  # seconds a question; 0: no countdown
START = {
    "chapter": "ch01", "section": "", "kind": "", "level": "", "n": 8, "seconds": 0, "teams": 4,
}  # fmt: skip


class QuizRound(Widget, bundle="quiz_round"):
    """A quiz round in class as a widget, in JupyterLab and as a Voila page.

    Parameters
    ----------
    **settings
        What is chosen at the beginning: ``chapter``, ``section``, ``kind``, ``level`` ("" for all),
        ``n`` questions, ``seconds`` of the countdown (0: none), ``teams`` (0: nobody keeps score).

    Raises
    ------
    QuizBankError
        There is no such chapter, section, kind, level or number.
    """

    phase = traitlets.Enum((SETUP, QUESTION, SUMMARY), SETUP).tag(sync=True)
    options = traitlets.Dict().tag(sync=True)  # what can be chosen
    chosen = traitlets.Dict().tag(sync=True)
    question = traitlets.Dict().tag(sync=True)  # on the screen, without its key
    key = traitlets.Dict().tag(sync=True)  # of it, once revealed
    place = traitlets.Int(0).tag(sync=True)
    marks: traitlets.List[Any] = traitlets.List().tag(sync=True)  # a word for each question
    scores: traitlets.List[Any] = traitlets.List().tag(sync=True)  # name, total, here
    summary = traitlets.Dict().tag(sync=True)

    def __init__(self, **settings: Any) -> None:
        self._asked: set[str] = set()  # since the page was opened
        self._round = Round((), ())
        super().__init__()
        self.choose({**START, **settings})

    @remote
    def choose(self, settings: dict[str, Any]) -> None:
        """Change the choices for the next round; what they rule out goes back to all."""
        wanted = {**START, **self.chosen, **settings}
        unknown = set(wanted) - set(START)
        if unknown:
            raise QuizBankError(f"没有「{'、'.join(sorted(unknown))}」这项设置。")
        bank = quizbank.load(str(wanted["chapter"]))
        if "section" not in settings and wanted["section"] not in bank.levels:
            wanted["section"] = ""
        wanted |= {name: _number(wanted[name]) for name in ("n", "seconds", "teams")}
        _check(wanted, bank)
        found = self._found(bank, wanted)
        if not found and not {"kind", "level"} & set(settings):
            wanted |= {"kind": "", "level": ""}
            found = self._found(bank, wanted)
        titles = _titles(bank.chapter)
        self.options = {
            "chapters": [[c.id, f"第 {c.number} 章　{c.title}"] for c in course().chapters],
            "sections": [["", "全章"], *([n, f"{n}　{titles.get(n, '')}"] for n in bank.levels)],
            "kinds": [["", "全部题型"], *map(list, KIND_LABELS.items())],
            "levels": [["", "全部要求"], *([level, level] for level in LEVELS)],
            "seconds": [[s, f"{s} 秒" if s else "不计时"] for s in COUNTDOWNS],
            "teams": [[t, f"{t} 组" if t else "不分组"] for t in range(MOST_TEAMS + 1)],
            "available": len(found),
            "fresh": sum(q.id not in self._asked for q in found),
        }
        self.chosen = wanted

    @remote
    def start(self, **settings: Any) -> None:
        """Begin a round with what is chosen."""
        if settings:
            self.choose(settings)
        now = self.chosen
        bank = quizbank.load(now["chapter"])
        n = min(now["n"], self.options["available"]) or 1
        questions = choose(
            bank, now["section"] or None, now["kind"] or None, now["level"] or None, n, self._asked
        )
        teams = tuple(f"第 {t + 1} 组" for t in range(now["teams"]))
        self._round = Round(questions, teams)
        self.summary = {}
        self._show(0)

    @remote
    def go(self, place: int) -> None:
        """Show a question by its place; beyond the last one the round ends."""
        if self.phase == SETUP:
            raise QuizBankError("还没有开始：先选好题目，点“开始”。")
        if place >= len(self._round.questions):
            self.end()
        else:
            self._show(max(0, place))

    @remote
    def reveal(self, shown: bool = True) -> None:
        """Show the answer and its explanations, or hide them again."""
        question = self._now()
        if shown:
            self._round.revealed.add(question.id)
        else:
            self._round.revealed.discard(question.id)
        self._draw()

    @remote
    def award(self, team: int, points: int = 1) -> None:
        """Give a team points for this question; negative takes them back."""
        self._round.award(self._now(), team, points)
        self._draw()

    @remote
    def end(self) -> None:
        """Show the summary."""
        if not self._round.questions:
            raise QuizBankError("还没有开始：先选好题目，点“开始”。")
        with self.hold_sync():
            self.summary = self._round.summary(_titles(self.chosen["chapter"])) | {
                "teams": list(self._round.teams)
            }
            self.phase = SUMMARY

    @remote
    def again(self) -> None:
        """Back to the choices; the next round prefers questions that were not asked yet."""
        self.choose({})
        self.phase = SETUP

    def _now(self) -> quizbank.Question:
        if self.phase != QUESTION:
            raise QuizBankError("现在没有题目在屏幕上。")
        return self._round.questions[self.place]

    def _show(self, place: int) -> None:
        question = self._round.questions[place]
        self._round.shown.add(question.id)
        self._asked.add(question.id)
        with self.hold_sync():
            self.place, self.phase = place, QUESTION
            self.question = quizbank.present(question)
            self._draw()

    def _draw(self) -> None:
        now = self._round
        question = now.questions[self.place]
        with self.hold_sync():
            self.key = quizbank.key(question) if question.id in now.revealed else {}
            here = now.of(question)
            self.scores = [
                {"name": name, "total": total, "here": points}
                for name, total, points in zip(now.teams, now.totals, here, strict=True)
            ]
            self.marks = [
                "known" if any(now.of(q)) else "shown" if q.id in now.shown else ""
                for q in now.questions
            ]

    def _found(self, bank: quizbank.Bank, wanted: dict[str, Any]) -> tuple[quizbank.Question, ...]:
        kinds = [wanted["kind"]] if wanted["kind"] else []
        return bank.matching(wanted["section"] or None, kinds, wanted["level"] or None)


def _titles(chapter: str) -> dict[str, str]:
    return {s.num: s.title for s in course().chapter(chapter).sections}


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise QuizBankError(f"「{value}」不是整数。") from None


def _check(wanted: dict[str, Any], bank: quizbank.Bank) -> None:
    allowed = {
        "section": ("", *bank.levels), "kind": ("", *KIND_LABELS), "level": ("", *LEVELS),
        "seconds": COUNTDOWNS, "teams": range(MOST_TEAMS + 1),
    }  # fmt: skip
    for name, words in allowed.items():
        if wanted[name] not in words:
            raise QuizBankError(
                f"「{wanted[name]}」不能选；可选：{'、'.join(str(w) or '全部' for w in words)}。"
            )
    if wanted["n"] < 1:
        raise QuizBankError("至少出 1 题。")
