"""A class of every lab goes the whole way: every mark of every item is the deserved one."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from autograder import judge
from tests.autograder import mixed_class
from tests.autograder.test_class import autograder

WANTED = int(os.environ.get("CRMKIT_FULL", "0"))
COUNT = WANTED if WANTED > 1 else 50  # CRMKIT_FULL=4: a class of four
LABS = [lab for lab in judge.known() if not lab.startswith("ch")]

pytestmark = [pytest.mark.slow, pytest.mark.full]


@pytest.fixture(scope="module")
def clock() -> list[float]:
    """Seconds that grading took, one entry a lab."""
    return []


@pytest.mark.parametrize("lab", LABS)
def test_a_class_gets_exactly_the_marks_it_deserves(
    lab: str, tmp_path: Path, clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    deserved = mixed_class.write(tmp_path / "收到的作业", lab, COUNT)
    autograder("release", lab, cwd=tmp_path)
    autograder("collect", lab, "收到的作业", cwd=tmp_path)
    start = time.monotonic()
    autograder("grade", lab, cwd=tmp_path)
    clock.append(time.monotonic() - start)
    with capsys.disabled():
        print(f"\n{lab}: {COUNT} notebooks graded in {clock[-1]:.1f} s; "
              f"so far {COUNT * len(clock)} in {sum(clock):.1f} s")  # fmt: skip
    got, marks = {}, {}
    for path in (tmp_path / "class" / "records" / lab).glob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert record["status"] == "graded", (record["student"], record["reason"])
        got[record["student"]] = {
            i["id"]: i["score"] for i in record["items"] if i["mode"] == "auto"
        }
        marks[record["student"]] = record["auto_score"]
    wrong = {
        (student, item): (got.get(student, {}).get(item), points)
        for student, items in deserved.items()
        for item, points in items.items()
        if got.get(student, {}).get(item) != points
    }
    assert not wrong  # (student, item): (given, deserved)
    assert marks == {s: round(sum(items.values()), 2) for s, items in deserved.items()}
    assert _in_gradebook(tmp_path, lab) == marks


def _in_gradebook(here: Path, lab: str) -> dict[str, float]:
    from autograder.gradebook.database import open_gradebook

    with open_gradebook(here / "class") as gb:
        return {s.student.id: round(s.score, 2) for s in gb.assignment_submissions(lab)}
