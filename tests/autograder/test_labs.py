"""Every lab, for many students: the solution earns everything, the release nothing, data differ."""

from __future__ import annotations

import json
import os
import pprint
from typing import Any

import pytest

from autograder import build, judge
from autograder.spec import Item
from crmkit.lab.snapshot import SnapshotError, encode
from tests.autograder import notebooks
from tests.autograder.answers import as_answer

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 2)] + ["张三", "a-b.c@d"]
LABS = judge.known()


def some(lab: str, step: int = 1) -> list[str]:
    """Every `step`-th student; of an operation lab fewer, since each gets a shop file of 5 MB."""
    if FULL:
        return STUDENTS[::step]
    return STUDENTS[1 : 2 if judge.load(lab).shop or step > 1 else 3]


@pytest.mark.parametrize("lab", LABS)
def test_the_reference_solution_earns_every_automatic_point(lab: str) -> None:
    nb = notebooks.exercises(notebooks.solution(lab), lab)
    for student in some(lab):
        record = notebooks.mark(nb, lab, student)
        assert record.auto_score == record.auto_points, (student, notebooks.findings(record))
        leaning = [i.id for i in record.items if i.hint.startswith("先改好 ")]
        assert not leaning, (student, "full marks only beside its own earlier answer")
        # of an examination the file with its times is missing here, and the record says so
        assert not record.mends or judge.load(lab).exam


@pytest.mark.parametrize("lab", LABS)
def test_the_notebook_as_handed_out_earns_nothing_and_nothing_crashes(lab: str) -> None:
    nb = notebooks.exercises(notebooks.release(lab), lab)
    for student in STUDENTS if FULL else some(lab, 3):
        record = notebooks.mark(nb, lab, student)
        assert record.auto_score == 0
        assert {i.status for i in record.items} <= {"missing", "manual"}


# of chapters tests/chapters/test_every_chapter.py says so
@pytest.mark.parametrize("lab", [lab for lab in LABS if not lab.startswith("ch")])
def test_running_the_notebook_as_handed_out_raises_no_error(lab: str) -> None:
    from autograder import grade
    from autograder.sandbox import Limits
    from tests.autograder.inprocess import InProcess

    run = grade.execute(
        notebooks.code(notebooks.release(lab)), {}, judge.load(lab), "1", InProcess(), Limits()
    )
    errors = [o for outputs in run.outputs.values() for o in outputs if o["output_type"] == "error"]
    assert errors == []


@pytest.mark.parametrize("lab", LABS)
def test_the_items_sum_to_a_hundred_points(lab: str) -> None:
    assert judge.load(lab).points == 100


@pytest.mark.parametrize("lab", LABS)
def test_what_is_committed_is_what_the_source_builds(lab: str) -> None:
    from crmkit.lab.manifest import FOLDER

    source = build.source(lab)
    assert source.notebook.read_text(encoding="utf-8") == build.to_text(notebooks.release(lab))
    manifest = json.loads((FOLDER / f"{lab}.json").read_text(encoding="utf-8"))
    assert manifest == json.loads(json.dumps(judge.load(lab).manifest()))


def _answer_text(item: Item, world: Any) -> str:
    expected = item.expect(world)
    try:
        return json.dumps(encode(as_answer(item, expected)), ensure_ascii=False)
    except SnapshotError:  # the judge looks for something in a file or log, not for a value
        text = pprint.pformat(expected)
        assert " at 0x" not in text, item.id
        return text


# What is the same for everybody by its nature: how a workbook is made, what two tools can do, that
# one has logged in, in which of the 44 functions one looks for what, and what a refusal is called.
SAME = {"E1-01", "E1-02", "E1-07", "E1-08", "E4-04", "E4-05", "E4-06", "E4-07",
        "O1-01", "O1-02", "O1-03"}  # fmt: skip


@pytest.mark.parametrize("lab", LABS)
def test_no_two_students_have_the_same_answers_on_more_than_a_third_of_the_items(lab: str) -> None:
    spec = judge.load(lab)
    texts = {}
    for student in (f"2025{k:06d}" for k in range(50 if FULL else 8)):
        world = spec.world(student)
        texts[student] = [_answer_text(i, world) for i in spec.automatic if i.id not in SAME]
    students = list(texts)
    for n, a in enumerate(students):
        for b in students[n + 1 :]:
            same = sum(x == y for x, y in zip(texts[a], texts[b], strict=True))
            assert same <= len(texts[a]) / 3, (a, b)


@pytest.mark.parametrize("lab", LABS)
def test_each_computed_mistake_is_named_and_never_earns_full_marks(lab: str) -> None:
    spec = judge.load(lab)
    told: dict[tuple[str, str], int] = {}
    students = STUDENTS[: 40 if FULL else 2]
    for student in students:
        world = spec.world(student)
        for item in spec.automatic:
            right = item.expect(world)
            for mistake in item.mistakes:
                if mistake.answer is None:
                    continue
                wrong = as_answer(item, mistake.answer(world))
                if item.compare(wrong, right).share >= 1:
                    continue  # for this student the mistake happens to give the right answer
                one = {item.id: wrong}  # of an operation item: what the judge reads off the log
                submission = judge.Submission(student, one, one, seen=one if item.reads else {})
                result = judge.judge_item(item, submission, world)
                assert result.score is not None and result.score < item.points, (student, item.id)
                if result.hint == mistake.hint:
                    told[item.id, mistake.hint] = told.get((item.id, mistake.hint), 0) + 1
    wanted = {(i.id, m.hint) for i in spec.automatic for m in i.mistakes if m.answer is not None}
    assert set(told) == wanted, wanted - set(told)
    assert all(n >= len(students) / 2 for n in told.values()), told


@pytest.mark.parametrize("lab", LABS)
def test_every_automatic_item_knows_at_least_two_typical_mistakes(lab: str) -> None:
    few = {i.id for i in judge.load(lab).automatic if len(i.mistakes) < 2}
    assert not few


@pytest.mark.parametrize("lab", LABS)
def test_no_expected_answer_stands_in_what_students_hold(lab: str) -> None:
    """Neither the notebook nor the manifest holds a solution, an expected value or judge code."""
    from crmkit.lab.manifest import FOLDER

    source = build.source(lab)
    texts = [
        source.notebook.read_text(encoding="utf-8"),
        (FOLDER / f"{lab}.json").read_text(encoding="utf-8"),
    ]
    solutions = [c for c in notebooks.solution(lab).cells if "### BEGIN SOLUTION" in c.source]
    assert solutions
    for text in texts:
        assert "BEGIN SOLUTION" not in text
        for cell in solutions:
            inside = cell.source.split("### BEGIN SOLUTION")[1].split("### END SOLUTION")[0]
            lines = [line.strip() for line in inside.splitlines() if len(line.strip()) > 30]
            for line in lines:
                assert json.dumps(line, ensure_ascii=False)[1:-1] not in text, line
    for student in STUDENTS[:3]:
        world = judge.load(lab).world(student)
        for item in judge.load(lab).automatic:
            expected = item.expect(world)
            if isinstance(expected, float) and not expected.is_integer():
                assert not any(f"{expected:.4f}" in text for text in texts), item.id


@pytest.mark.parametrize("lab", LABS)
def test_bold_words_in_the_text_are_shown_bold(lab: str) -> None:
    """A full-width bracket inside the stars next to a character outside them leaves bare stars."""
    from markdown_it import MarkdownIt

    for cell in notebooks.release(lab).cells:
        if cell.cell_type == "markdown":
            shown = MarkdownIt().enable("table").render(cell.source)
            assert "**" not in shown, next(x for x in shown.splitlines() if "**" in x)
