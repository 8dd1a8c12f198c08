"""Chapter 7's exercises: the reference against scikit-learn and the library, keys, bounds."""

from __future__ import annotations

import inspect
import os

import numpy as np
import pytest
from sklearn import metrics
from sklearn.cluster import KMeans

from autograder import judge
from autograder.source.ch07 import keys, reference
from crmkit.analytics import basket, kmeans
from crmkit.lab.inputs import ch07
from tests.autograder import notebooks

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 12)] + ["张三", "a-b.c@d"]
ITEMS = {item.id: item for item in judge.load("ch07").automatic}


@pytest.mark.parametrize("student", STUDENTS[:4])
def test_the_reference_agrees_with_the_libraries(student: str) -> None:
    w = reference.World(student)
    slips = ch07.slips(student)
    rules = basket.association(slips.baskets, min_support=0.01).set_index(["前项", "后项"])
    assert reference.rule(w) == pytest.approx(
        rules.loc[(slips.before, slips.after), list(reference.RULE)].to_dict()
    )
    plane = ch07.plane(student)
    two = kmeans.fit(plane.points, plane.centres).steps[1].after.ravel().tolist()
    assert list(reference.centres(w).values()) == pytest.approx(two)
    far = KMeans(2, init=np.array(plane.centres, dtype=float), n_init=1, max_iter=50).fit(
        plane.points
    )
    end = reference.centres(w, 20)
    assert list(end.values()) == pytest.approx(far.cluster_centers_.ravel().tolist())
    y, p = [churned for _, churned in w.cases], [chance for chance, _ in w.cases]
    called = np.array(p) >= ch07.cut(student)
    assert list(reference.rates(w).values()) == pytest.approx([
        metrics.accuracy_score(y, called), metrics.precision_score(y, called),
        metrics.recall_score(y, called), metrics.f1_score(y, called),
    ])  # fmt: skip


def test_walking_on_to_the_end_is_told_but_the_right_two_steps_are_not() -> None:
    item = ITEMS["ch07-03"]
    told = 0
    for student in STUDENTS:
        w = reference.World(student)
        right, end = reference.centres(w), reference.centres(w, 6)
        for answer in (right, end):
            submission = judge.Submission(student, {item.id: answer}, {item.id: answer})
            result = judge.judge_item(item, submission, w)
            if answer == right or item.compare(end, right).share == 1:
                assert result.score == item.points
            else:
                told += "两步" in result.hint
                assert result.score is not None and result.score < item.points
    assert told >= 2


def test_difficulty_stays_within_bounds() -> None:
    for student in STUDENTS:
        w = reference.World(student)
        assert len(set(reference.tasks(w).values())) >= 3
        assert reference.centres(w, 1) != reference.centres(w, 2)
        found = reference.rates(w)
        assert all(0.3 <= v <= 0.97 for v in found.values()), (student, found)
        assert {ch07.cut(student)} <= {p for p, _ in w.cases}
        assert reference.rule(w)["提升度"] != 1


def test_the_pools_stand_apart_from_their_key() -> None:
    assert len(keys.TASK_OF) == len(ch07.QUESTION_POOL)
    assert len(keys.KIND_OF) == len(ch07.STATEMENT_POOL)
    held = inspect.getsource(ch07)
    notebook = "\n".join(c.source for c in notebooks.release("ch07").cells)
    assert not any(f'"{label}"' in held for label in (*keys.TASKS, *keys.KINDS))
    assert not any(text in notebook for text in (*ch07.QUESTION_POOL, *ch07.STATEMENT_POOL))
