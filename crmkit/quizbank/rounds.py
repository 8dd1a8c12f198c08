"""A round of questions in class: asked one after another, the points going to teams."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from crmkit.quizbank.fields import QuizBankError
from crmkit.quizbank.loading import Bank, spread
from crmkit.quizbank.presenting import present
from crmkit.quizbank.question import KIND_LABELS, Question

MOST_TEAMS = 6


def choose(
    bank: Bank, section: str | None, kind: str | None, level: str | None, n: int,
    asked: Collection[str] = (),
) -> tuple[Question, ...]:  # fmt: skip
    """`n` questions for a round, spread over the sections; those `asked` before come last.

    The same arguments give the same round.

    Raises
    ------
    QuizBankError
        There are none of that kind and level, or fewer than `n`.
    """
    found = bank.matching(section, [kind] if kind else (), level)
    if not 1 <= n <= len(found):
        raise QuizBankError(
            f"这样选有 {len(found)} 题，不能出 {n} 题。"
            if found
            else "这样选没有题目，请放宽条件。"
        )
    fresh = [q for q in found if q.id not in asked]
    if len(fresh) >= n:
        return spread(fresh, n)
    again = [q for q in found if q.id in asked]
    chosen = {q.id for q in (*fresh, *spread(again, n - len(fresh)))}
    return tuple(q for q in found if q.id in chosen)


@dataclass
class Round:
    """Questions in their order, the teams, and who got points for which question."""

    questions: tuple[Question, ...]
    teams: tuple[str, ...]
    shown: set[str] = field(default_factory=set)  # questions that have been on the screen
    revealed: set[str] = field(default_factory=set)
    points: dict[str, list[int]] = field(default_factory=dict)  # question → points by team

    def of(self, question: Question) -> list[int]:
        """The teams' points for one question."""
        return list(self.points.get(question.id, [0] * len(self.teams)))

    @property
    def totals(self) -> list[int]:
        return [sum(row[i] for row in self.points.values()) for i in range(len(self.teams))]

    def award(self, question: Question, team: int, points: int = 1) -> None:
        """Give a team points for a question, or take them back; never below none."""
        if not 0 <= team < len(self.teams):
            raise QuizBankError(f"没有第 {team + 1} 组。")
        row = self.of(question)
        row[team] = max(0, row[team] + points)
        self.points[question.id] = row

    def summary(self, titles: dict[str, str]) -> dict[str, Any]:
        """The end of the round: points by section and team, and what nobody knew.

        Parameters
        ----------
        titles
            Section → its title.
        """
        asked = [q for q in self.questions if q.id in self.shown]
        sections = []
        for num in dict.fromkeys(q.section for q in asked):
            mine = [q for q in asked if q.section == num]
            rows = [self.of(q) for q in mine]
            sections.append({
                "section": num, "title": titles.get(num, ""), "asked": len(mine),
                "known": sum(any(row) for row in rows),
                "points": [sum(row[i] for row in rows) for i in range(len(self.teams))],
            })  # fmt: skip
        totals = self.totals
        best = max(totals, default=0)
        return {
            "asked": len(asked),
            "known": sum(any(self.of(q)) for q in asked),
            "sections": sections,
            "totals": totals,
            "first": [t for t, p in zip(self.teams, totals, strict=True) if best and p == best],
            "unknown": [
                {
                    "place": self.questions.index(q) + 1, "section": q.section,
                    "kind": KIND_LABELS[q.kind], "stem": _stem(q),
                }
                for q in asked if self.teams and not any(self.of(q))
            ],
        }  # fmt: skip


def _stem(question: Question) -> str:
    stem = present(question)["stem"]
    return stem if isinstance(stem, str) else "＿＿＿".join(stem)
