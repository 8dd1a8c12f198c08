"""Each legitimate form of the right answer earns all points, in every lab and chapter.

The reference solution runs as a student's notebook does. What it hands in goes to the public check
and over the border in every form that says the same, and the judge looks at each.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest

from autograder import grade, judge
from autograder.sandbox import Limits
from crmkit.lab import Lab, checks, manifest
from crmkit.lab.snapshot import Snapshot, decode, encode
from tests.autograder import notebooks
from tests.autograder.equivalents import forms_of
from tests.autograder.inprocess import InProcess

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENT = "2025010101"
SAMPLE = ("E5", "C4", "ch02")  # of several kinds, and quick

# Where the task asks for an order that the public check does not know of.
IN_ORDER = {
    "O3-05": "two lists of provinces, the best first",
    "O5-03": "the reasons, the commonest first",
    "O7-05": "the topics, the commonest first",
}


class Collected:
    """What a run handed in, by item and form, as it crossed the border."""

    def __init__(self, lab: str) -> None:
        self.items = {i.id: i for i in manifest.load(lab).items}
        self.crossed: dict[str, dict[str, Snapshot]] = {}
        self.functions: dict[str, dict[str, Any]] = {}
        self.refused: list[str] = []

    def answer(self, lab: Lab, item: str, value: Any = None, **more: Any) -> None:
        info = self.items[item]
        if value is not None and info.check is not None:
            for name, form in forms_of(info.check, value, ordered=item in IN_ORDER):
                self._take(lab, info, info.check, name, form)
        ANSWER(lab, item, value, **more)  # last, so that what was meant is what is handed in

    def _take(
        self, lab: Lab, info: manifest.ItemInfo, check: checks.Check, name: str, form: Any
    ) -> None:
        try:
            problems = check.problems(form, lab.folder)
            data = Snapshot(info.id, STUDENT, lab._crossing(info, form)).to_json()
            self.crossed.setdefault(info.id, {})[name] = Snapshot.from_json(
                json.loads(json.dumps(data))
            )
        except Exception as e:
            self.refused.append(f"{info.id} as {name}: {type(e).__name__}: {e}")
            return
        if problems:
            self.refused.append(f"{info.id} as {name}: {problems}")
        if isinstance(check, checks.Function):
            self.functions.setdefault(info.id, {})[name] = form


ANSWER = Lab.answer


@pytest.mark.parametrize(
    "lab",
    [lab if lab in SAMPLE else pytest.param(lab, marks=pytest.mark.full) for lab in judge.known()],
)
def test_every_legitimate_form_of_the_right_answer_earns_all_points(lab: str) -> None:
    spec = judge.load(lab)
    nb = notebooks.exercises(notebooks.solution(lab), lab)
    collected = Collected(lab)
    answer = lambda self, *a, **k: collected.answer(self, *a, **k)  # noqa: E731
    with mock.patch.object(Lab, "answer", answer):
        run = grade.execute(notebooks.code(nb), {}, spec, STUDENT, InProcess(), Limits())
    world = spec.world(STUDENT)
    base = judge.Submission(
        STUDENT, run.answers, run.returns, run.files, run.looked.works, run.looked.unread
    )
    lost = []
    for item in spec.automatic:
        right = item.expect(world)
        item = replace(item, expect=lambda w, right=right: right)
        full = judge.judge_item(item, base, world)
        assert full.score == item.points, full
        for name, snapshot in collected.crossed.get(item.id, {}).items():
            returns = run.returns
            if item.calls is not None:
                function = collected.functions[item.id][name]
                outputs = [decode(encode(function(*args))) for args in item.calls(world)]
                returns = {**returns, item.id: outputs}
            answers = {**run.answers, item.id: snapshot.value}
            submission = judge.Submission(
                STUDENT, answers, returns, run.files, run.looked.works, run.looked.unread
            )
            got = judge.judge_item(item, submission, world)
            if got.score != item.points:
                lost.append(f"{item.id} as {name}: {got.score} {got.found} {got.hint}")
    assert not collected.refused + lost, "\n" + "\n".join(collected.refused + lost)
    handed = {i.id for i in spec.automatic if i.public is not i.log}
    assert set(collected.crossed) == handed
