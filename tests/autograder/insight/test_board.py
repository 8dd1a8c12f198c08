"""The teacher's board on a class graded for real: figures, names hidden, evidence, commands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from autograder.insight import board, classroom, evidence
from autograder.insight.commands import register
from autograder.insight.dashboard import VARIABLE, BoardError, MarksBoard
from crmkit.ui.task_centre import dashboards
from tests.autograder.insight.graded_class import (
    BORROWER,
    COPY,
    LAB,
    NEIGHBOUR,
    ORIGINAL,
    ROSTER,
    STUDENTS,
    shared,
)

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("board") / "class"
    shutil.copytree(shared(), folder)
    return folder


@pytest.fixture(scope="module")
def data(course: Path) -> classroom.LabData:
    read = classroom.read_lab(course, LAB, ROSTER)
    evidence.compute(read)
    return read


@pytest.fixture(scope="module")
def records(course: Path) -> dict[str, Any]:
    """The records, read without the program that is tested."""
    paths = sorted((course / "records" / LAB).glob("*.json"))
    return {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in paths}


def test_figures_are_those_of_the_records(data: classroom.LabData, records: dict[str, Any]) -> None:
    shown = board.board(data, names=True)
    frame = pd.DataFrame({
        s: {i["id"]: i["score"] for i in r["items"] if i["mode"] == "auto"} for s, r in records.items()
    }).T  # fmt: skip
    total = frame.sum(axis=1)
    cards = {c["id"]: c["value"] for c in shown["cards"]}
    assert cards["handed"] == f"{len(frame)} / {len(STUDENTS)}"
    assert cards["mean"] == f"{total.mean():.1f}"
    assert cards["median"] == f"{total.median():.1f}"
    assert cards["passed"] == f"{(total >= 60).mean():.0%}"
    assert [b["n"] for b in shown["bins"]] == np.histogram(total, np.arange(0, 101, 10))[0].tolist()
    points = {i["id"]: i["points"] for i in next(iter(records.values()))["items"]}
    for item in shown["items"]:
        if item["id"] not in frame:
            assert (item["n"], item["difficulty"]) == (0, None)  # waits for the teacher
            continue
        mine = frame[item["id"]]
        assert item["difficulty"] == pytest.approx(mine.mean() / points[item["id"]])
        r = mine.corr(total - mine) if mine.std() > 0 else None
        assert item["correlation"] == (None if r is None else pytest.approx(r))
    assert shown["mistakes"][0]["n"] == 2
    assert {m["item"] for m in shown["mistakes"][:2]} == {"E3-03", "E3-07"}
    assert all(m["recognised"] for m in shown["mistakes"][:2])
    assert [(s["student"], s["item"]) for s in shown["stuck"]] == [("何平", "E3-05")]
    assert sum(b["n"] for b in shown["timing"]["bins"]) == 10
    assert shown["timing"]["late"] == 1


def test_the_copy_and_the_borrowed_answers_are_among_the_hints(data: classroom.LabData) -> None:
    kept = evidence.read(data.course, LAB)
    assert kept is not None
    by_pair = {(h["a"], h["b"]): h for h in kept["hints"]}
    assert by_pair[ORIGINAL, COPY]["code"] > 0.9
    borrowed = by_pair[NEIGHBOUR, BORROWER]["foreign"]
    assert {(f["student"], f["owner"]) for f in borrowed} == {(BORROWER, NEIGHBOUR)}
    assert {f["item"] for f in borrowed} >= {"E3-01", "E3-03"}
    independent = {"2025010101", NEIGHBOUR, ORIGINAL, "2025010104"}
    assert not [p for p in by_pair if set(p) <= independent]
    assert not [p for p, h in by_pair.items() if h["foreign"] and BORROWER not in p]


def test_unchanged_hand_ins_are_not_compared_again(
    data: classroom.LabData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "report", None)  # would raise if it were called
    assert evidence.compute(data)["hints"]


def test_without_names_nothing_says_who_somebody_is(data: classroom.LabData) -> None:
    shown = board.board(data, names=False)
    pairs = [board.pair(data, n, names=False) for n in range(len(shown["likeness"]["hints"]))]
    text = json.dumps([shown, pairs], ensure_ascii=False)
    for student in STUDENTS:
        assert student.id not in text
        assert student.name not in text
    assert "学生 0" in text
    named = json.dumps(board.board(data, names=True), ensure_ascii=False)
    assert "何平" in named and "学生 0" not in named


def test_names_and_ids_inside_handed_in_text_are_masked(data: classroom.LabData) -> None:
    called = board.Names(data.marks.students, shown=False)
    alias = called.of("2025010107")
    assert called.mask("何平 2025010107 写的") == f"{alias} {alias} 写的"
    assert board.Names(data.marks.students, shown=True).mask("何平") == "何平"


def test_the_widget_follows_its_controls_and_opens_pairs(
    course: Path, data: classroom.LabData
) -> None:
    widget = MarksBoard(course)
    assert (widget.lab, widget.names, widget.data["names"]) == (LAB, "hidden", False)
    widget.names = "shown"
    assert widget.data["names"] is True
    answer = widget.receive({"id": 1, "method": "pair", "params": {"number": 0}})
    assert answer["ok"] and answer["value"]["passages"]
    for wrong in (-1, 999, "0", None):
        answer = widget.receive({"id": 2, "method": "pair", "params": {"number": wrong}})
        assert not answer["ok"] and "没有这一条提示" in answer["error"]
    with pytest.raises(BoardError, match="没有 E9 的成绩"):
        MarksBoard(course, lab="E9")


def test_a_students_server_has_no_such_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(BoardError, match="只给老师看"):
        MarksBoard()
    assert all("marks" not in page["notebook"] for page in dashboards(ROOT))
    assert not list((ROOT / "labs").rglob("marks.ipynb"))


def test_commands_tell_the_same_and_name_what_is_wrong(
    course: Path, data: classroom.LabData, tmp_path: Path
) -> None:
    app = typer.Typer()
    register(app)
    run = CliRunner(env={"COLUMNS": "200"}).invoke
    told = run(app, ["insight", LAB, "--course", str(course)])
    assert told.exit_code == 0
    assert "青年男性成交客户" in told.output and "没有成交的客户也算进来了" in told.output
    told = run(app, ["similar", LAB, "--course", str(course)])
    assert told.exit_code == 0
    assert "提示，不是结论" in told.output and COPY in told.output
    told = run(app, ["insight", LAB, "--course", str(tmp_path)])
    assert told.exit_code == 2
    assert "还没有成绩" in told.output
