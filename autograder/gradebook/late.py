"""The late policy: a table of deductions by how late a hand-in is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from autograder.gradebook.exact import show

OF_SCORE, OF_POINTS = "得分", "满分"


@dataclass(frozen=True)
class Step:
    """Up to so many hours late (None: however late), this share is deducted."""

    hours: Fraction | None
    share: Fraction


@dataclass(frozen=True)
class Deduction:
    """What being late costs, and why, in words."""

    amount: Fraction = Fraction(0)
    share: Fraction = Fraction(0)
    why: str = ""


@dataclass(frozen=True)
class LatePolicy:
    """The steps in their order; lateness within the grace is none, beyond it counts from the deadline.

    >>> policy = LatePolicy((Step(Fraction(24), Fraction(1, 10)), Step(None, Fraction(1))))
    >>> policy.deduct(timedelta(hours=5), Fraction(80), Fraction(100)).amount
    Fraction(8, 1)
    """

    steps: tuple[Step, ...] = ()
    grace: timedelta = timedelta(0)
    base: str = OF_SCORE

    def deduct(self, late: timedelta, score: Fraction, points: Fraction) -> Deduction:
        """The deduction for a hand-in; it never exceeds the score.

        Parameters
        ----------
        late : timedelta
            Time of the hand-in minus the deadline with any extension.
        score, points : Fraction
            The mark before the deduction, and the full marks.
        """
        if late <= timedelta(0) or not self.steps:
            return Deduction()
        if late <= self.grace:
            return Deduction(
                why=f"迟 {duration(late)}，在宽限的 {duration(self.grace)}之内，不扣分"
            )
        hours_late = Fraction(late // timedelta(microseconds=1), 3_600_000_000)
        passed: Fraction | None = None
        for step in self.steps:
            if step.hours is None or hours_late <= step.hours:
                base = score if self.base == OF_SCORE else points
                amount = max(Fraction(0), min(score, base * step.share))
                why = (
                    f"迟 {duration(late)}，{_range(passed, step.hours)}，"
                    f"扣{self.base}的 {show(step.share * 100)}%"
                )
                return Deduction(amount, step.share, why)
            passed = step.hours
        return Deduction(why=f"迟 {duration(late)}，没有适用的规则，不扣分")

    def lines(self) -> list[str]:
        """The table in words, one line per step."""
        lines, passed = [], None
        for step in self.steps:
            lines.append(f"{_range(passed, step.hours)}：扣{self.base}的 {show(step.share * 100)}%")
            passed = step.hours
        if lines and self.grace:
            lines.append(f"迟 {duration(self.grace)}以内不扣分")
        return lines or ["迟交不扣分"]


def duration(span: timedelta) -> str:
    """A time span in words, seconds rounded up to minutes.

    >>> duration(timedelta(hours=49, minutes=5)), duration(timedelta(seconds=30))
    ('2 天 1 小时 5 分', '1 分')
    """
    minutes = -(-span // timedelta(minutes=1))
    days, rest = divmod(minutes, 24 * 60)
    parts = ((days, "天"), (rest // 60, "小时"), (rest % 60, "分"))
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or "0 分"


def _range(passed: Fraction | None, hours: Fraction | None) -> str:
    if hours is None:
        return f"超过 {show(passed)} 小时" if passed is not None else "迟交"
    inside = f"{show(hours)} 小时内"
    return inside if passed is None else f"超过 {show(passed)} 小时、{inside}"
