"""A grading run: the same records whoever does the work, nothing done twice, nobody waits for one."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from autograder.gradebook.database import open_gradebook
from crmkit.errors import KitError
from tests.autograder.run import room, tables

slow = pytest.mark.slow
MILDER = ('ascending=False", share=0.5)', 'ascending=False", share=0.8)')


def stored(course: Path, student: str) -> dict:
    return json.loads(room.records(course)[student])


def statuses(lines: dict[str, room.Graded]) -> dict[str, list[str]]:
    """Status → students."""
    found: dict[str, list[str]] = {}
    for student, line in lines.items():
        found.setdefault(line.status, []).append(student)
    return {status: sorted(students) for status, students in found.items()}


@slow
def test_every_submission_gets_the_mark_it_deserves_whatever_it_prints(graded: Path) -> None:
    found = {s: json.loads(text) for s, text in room.records(graded).items()}
    assert {s: r["auto_score"] for s, r in found.items()} == room.DESERVED
    assert "跳过" in "".join(found["2025000004"]["mends"])
    assert room.graded_notebooks(graded) == set(room.DESERVED)


@slow
def test_the_first_line_says_how_it_runs_and_the_bar_counts(graded: Path) -> None:
    said = (graded.parent / "said.txt").read_text(encoding="utf-8")
    level = stored(graded, "2025000001")["backend"]
    assert said.startswith("运行方式：") and level in ("bubblewrap", "landlock", "limits", "plain")
    assert "5/5" in said and "已评 5 · 没变 0 · 不能评 0" in said


@slow
@pytest.mark.parametrize("jobs", [1, pytest.param(4, marks=pytest.mark.full)])
def test_records_and_gradebook_do_not_depend_on_the_number_of_workers(
    jobs: int, fresh: Path, graded: Path, tmp_path: Path
) -> None:
    course = room.copy(fresh, tmp_path / "class")
    room.autograder("grade", room.LAB, "--jobs", jobs, course=course)
    assert room.records(course) == room.records(graded)
    assert tables.differences(tables.read(course), tables.read(graded)) == {}


def test_only_what_is_new_or_changed_is_graded(course: Path) -> None:
    before = room.records(course)
    assert statuses(room.grade(course)) == {"unchanged": sorted(room.DESERVED)}
    assert room.records(course) == before

    # the same work once more, later and with other outputs: nothing runs, the time is the new one
    nb = room.short()
    output = nbformat.v4.new_output("stream", text="x")
    next(c for c in nb.cells if c.cell_type == "code").outputs = [output]
    room.hand_in(course, "2025000001", nb, at="2025-11-21 10:00:00 UTC")
    room.hand_in(course, "2025000002", room.short())  # other work
    assert statuses(room.grade(course))["graded"] == ["2025000002"]
    assert stored(course, "2025000002")["auto_score"] == 26.0
    first, old = stored(course, "2025000001"), json.loads(before["2025000001"])
    assert first["items"] == old["items"] and first["key"] == old["key"]
    with open_gradebook(course) as gb:
        assert gb.find_submission(room.LAB, "2025000001").timestamp.day == 21
    assert statuses(room.grade(course)) == {"unchanged": sorted(room.DESERVED)}

    assert statuses(room.grade(course, only=("张三",), again=True)) == {"graded": ["张三"]}
    assert room.records(course)["张三"] == before["张三"]


def test_an_essay_that_was_rewritten_reaches_the_teacher(course: Path) -> None:
    room.hand_in(course, "2025000003", room.short(essay="另一段文字。"))
    room.grade(course)
    path = course / "autograded" / "2025000003" / room.LAB / f"{room.LAB}.ipynb"
    assert "另一段文字" in path.read_text(encoding="utf-8")


def test_another_judge_is_a_reason_to_grade_again_unless_only_hand_ins_count(
    course: Path, tmp_path: Path
) -> None:
    with room.other_labs(tmp_path / "labs", MILDER):
        assert set(statuses(room.grade(course, changed=True))) == {"unchanged"}
        assert set(statuses(room.grade(course, only=("2025000002",)))) == {"graded"}
        assert stored(course, "2025000002")["auto_score"] == 24.0


def test_what_the_gradebook_has_lost_is_graded_again(course: Path, graded_here: Path) -> None:
    with open_gradebook(course) as gb:
        gb.find_grade("E3-01", room.LAB, room.LAB, "张三").auto_score = 0.0
        gb.remove_submission(room.LAB, "2025000001")
    assert statuses(room.grade(course))["graded"] == ["2025000001", "张三"]
    assert tables.differences(tables.read(course), tables.read(graded_here)) == {}


def test_what_cannot_be_graded_any_more_loses_its_mark_and_gets_a_reason(course: Path) -> None:
    folder = course / "submitted" / "张三" / room.LAB
    (folder / f"{room.LAB}.ipynb").write_text('{"cells": [', encoding="utf-8")
    lines = room.grade(course)
    assert statuses(lines)["ungradable"] == ["张三"] and lines["张三"].score is None
    assert stored(course, "张三")["status"] == "ungradable" and stored(course, "张三")["reason"]
    assert "张三" not in room.graded_notebooks(course)
    with open_gradebook(course) as gb:
        grades = gb.find_submission(room.LAB, "张三").notebooks[0].grades
        assert {g.auto_score for g in grades} == {None}
        assert all(g.needs_manual_grade for g in grades)


@slow
def test_a_submission_that_no_worker_survives_is_given_up_and_the_next_is_graded(
    tmp_path: Path,
) -> None:
    handins = {"1": room.short({"E3-01-work": "import time; time.sleep(50)"}), "2": room.short()}
    course = room.make(tmp_path / "class", handins)
    process = room.start("grade", room.LAB, "--jobs", 1, course=course)
    seen: dict[int, float] = {}
    killed: set[int] = set()
    while len(killed) < 3 and process.poll() is None:
        for worker in room.workers(process.pid):
            since = time.monotonic() - seen.setdefault(worker.pid, time.monotonic())
            if worker.pid not in killed and since > 1.5:
                worker.kill()
                killed.add(worker.pid)
        time.sleep(0.2)
    said, _ = process.communicate(timeout=900)
    assert process.returncode == 0, said
    assert "已评 1 · 没变 0 · 不能评 1" in said
    assert re.search(r"3 次意外中止（退出码 -9）", stored(course, "1")["reason"])
    assert stored(course, "2")["auto_score"] == 26.0


def test_a_second_run_on_the_same_class_is_told_to_wait(course: Path) -> None:
    from autograder.run.lock import Busy, only_writer

    with only_writer(course), pytest.raises(Busy, match="另一个评分程序正在写"):
        room.grade(course)
    room.grade(course)


@pytest.mark.parametrize(
    ("labs", "wanted", "expected"),
    [
        (("E9",), {}, "没有实验「E9」"),
        ((room.LAB,), {"only": ("404",)}, "没有这些学号的提交：404"),
        (("E1",), {}, "还没有 E1 的提交"),
    ],
)
def test_what_is_not_there_is_named(
    course: Path, labs: tuple[str, ...], wanted: dict, expected: str
) -> None:
    with pytest.raises(KitError, match=expected):
        room.grade(course, *labs, **wanted)


def test_a_broken_settings_file_is_named(course: Path) -> None:
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as f:
        f.write("c = get_config()\nc.LateSubmissionPlugin.penalty_method = nothing\n")
    with pytest.raises(KitError, match=r"nbgrader_config\.py.*NameError"):
        room.grade(course)


def test_items_that_came_or_went_after_grading_are_not_mixed_up(
    course: Path, tmp_path: Path
) -> None:
    with open_gradebook(course) as gb:
        gb.add_grade_cell("E3-13", room.LAB, room.LAB, max_score=5, cell_type="code")
    with pytest.raises(KitError, match="E3-13"):
        room.grade(course)


@slow
def test_no_process_is_left(graded: Path) -> None:
    there = [p.info["cmdline"] for p in psutil.process_iter(["cmdline"])]
    assert not [c for c in there if c and str(graded) in " ".join(c)]
