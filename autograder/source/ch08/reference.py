"""The right answers of chapter 8's exercises, step by step in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from autograder.source.ch08.keys import FIELDS_OF, KIND_OF
from crmkit.lab import forms
from crmkit.lab.inputs import ch08

COLUMNS = ("状态", "事件", "下一状态")


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str


# ------------------------------------------------------------------ the process


@dataclass(frozen=True)
class Repair:
    """What a mended process must hold: the rows as written, and cases that went through."""

    rows: tuple[ch08.Row, ...]
    traces: tuple[tuple[str, ...], ...]


def repair(w: World) -> Repair:
    found = ch08.holes(w.student)
    return Repair((*ch08.BASE, *(h.written for h in found)), tuple(h.trace for h in found))


def steps_of(got: Any) -> list[ch08.Row]:
    """The rows of an answer as (state, event, next state)."""
    frame = forms.table(got, COLUMNS)
    rows = zip(*(frame[c] for c in COLUMNS), strict=True)
    return [
        (forms.text(a), forms.text(b), forms.text(c))
        for a, b, c in rows
        if not any(forms.missing(x) or x is ... for x in (a, b, c))
    ]


def walk(start: set[str], edges: Sequence[tuple[str, str]]) -> set[str]:
    """Everything that can be got to."""
    found = set(start)
    for _ in edges:
        found |= {b for a, b in edges if a in found}
    return found


def replays(rows: Sequence[ch08.Row], trace: Sequence[str]) -> bool:
    table = {(a, e): b for a, e, b in rows}
    state = ch08.START
    for event in trace:
        if (state, event) not in table:
            return False
        state = table[state, event]
    return state in ch08.ENDS


# ------------------------------------------------------------------ requirements


def requirements(w: World, change: dict[str, str] | None = None) -> pd.DataFrame:
    """步骤 and the number of the phrase in each field; `change` swaps fields."""
    number = {(i, FIELDS_OF[i][k]): n for n, (i, k) in ch08.phrases(w.student).items()}
    rows = []
    for name, place in ch08.steps(w.student).items():
        cells = {f: number[place, (change or {}).get(f, f)] for f in ch08.FIELDS}
        rows.append({"步骤": name, **cells})
    return pd.DataFrame(rows)


# ------------------------------------------------------------------ stages

Case = tuple[bool, int, int | None, str, bool]


def cases(w: World) -> list[Case]:
    """正式提出, 模板项数, 可行性得分, 方案状态, 已签约: at and around every limit, and odd orders."""
    m = ch08.rule(w.student)
    t, f = m.template, m.feasibility
    return [
        (False, 0, None, "", False), (False, t - 1, None, "", False), (False, t, None, "", False),
        (False, t + 1, None, "", False), (True, 0, None, "", False), (True, 1, f - 1, "", False),
        (True, 0, f, "", False), (False, t, f, "", False), (False, t, f + 9, "已提交", False),
        (True, 2, f + 10, "接受", False), (True, 2, f + 10, "拒绝", False), (True, 2, f, "接受", True),
        (False, t, f, "接受", True), (False, t - 1, f + 20, "接受", True), (True, 0, None, "接受", True),
        (True, 0, f - 1, "接受", True), (True, t, f + 5, "已提交", True), (True, t, f + 5, "", True),
        (False, 0, f + 5, "接受", False), (True, 3, None, "", True),
    ]  # fmt: skip


@dataclass(frozen=True)
class Misread:
    """Ways to misread the rules."""

    open_limits: bool = False
    both: bool = False  # 正式提出 and 模板, instead of or
    jumps: bool = False  # the furthest sign counts, whatever lacks before it


def stage_of(case: Case, m: ch08.Rule, how: Misread) -> str:
    asked, template, score, plan, signed = case
    enough = template > m.template if how.open_limits else template >= m.template
    valid = (asked and enough) if how.both else (asked or enough)
    good = score is not None and (
        score > m.feasibility if how.open_limits else score >= m.feasibility
    )
    passed = [valid, good, plan == "接受", signed]
    names = ("潜在", "有效", "可行", "目标", "成功")
    if how.jumps:
        return names[max((k + 1 for k, yes in enumerate(passed) if yes), default=0)]
    for k, yes in enumerate(passed):
        if not yes:
            return names[k]
    return names[-1]


# ------------------------------------------------------------------ AHP


def judgements(
    w: World, *, random_index: float = 0.90, transposed: bool = False, n_minus: int = 1,
    arithmetic: bool = False,
) -> dict[str, float]:  # fmt: skip
    """Weights by the power method, and CR = (λmax − n) / (n − 1) / RI."""
    a = [list(row) for row in ch08.matrix(w.student)]
    if transposed:
        a = [[a[j][i] for j in range(4)] for i in range(4)]
    v = [1.0] * 4
    for _ in range(1 if arithmetic else 200):
        product = [sum(x * y for x, y in zip(row, v, strict=True)) for row in a]
        v = [x / sum(product) for x in product]
    top = (
        sum(
            sum(x * y for x, y in zip(row, v, strict=True)) / own
            for row, own in zip(a, v, strict=True)
        )
        / 4
    )
    cr = (top - 4) / (4 - n_minus) / random_index
    return {**dict(zip(ch08.CRITERIA, v, strict=True)), "CR": cr}


# ------------------------------------------------------------------ quotation


def quotes(
    w: World, *, margin: bool = False, lowest: bool = False, unshared: bool = False,
    no_premium: bool = False,
) -> dict[str, float]:  # fmt: skip
    q = ch08.quote(w.student)
    rival = min(q.rivals) if lowest else sum(q.rivals) / 3
    return {
        "成本加成": q.cost / (1 - q.markup) if margin else q.cost * (1 + q.markup),
        "竞争导向": rival * (1 if no_premium else 1 + q.premium),
        "价值定价": q.reference + q.difference * (1 if unshared else q.share),
    }


def kinds(w: World) -> dict[str, str]:
    return {n: KIND_OF[i] for n, i in ch08.objections(w.student).items()}
