"""Every broken hand-in gets exactly the mark it deserves, or the reason why there is none."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import nbformat
import pytest

from autograder.intake import Intake, Ungradable, released, take_in
from autograder.record import Record
from tests.autograder import notebooks
from tests.autograder.broken import CASES, Broken

HERE = [c for c in CASES if c.possible]


@cache
def _mark(lab: str, student: str, notebook: str, files: tuple[tuple[str, bytes], ...]) -> Record:
    """Many cases come out as the same notebook: it runs once."""
    nb = nbformat.from_dict(json.loads(notebook))
    return notebooks.mark(nb, lab, student, dict(files))


def mark(taken: Intake, case: Broken) -> Record:
    code = [c for c in taken.notebook.cells if c.cell_type == "code"]
    plain = json.dumps([[c.source, c.metadata] for c in code], sort_keys=True)
    nb = nbformat.v4.new_notebook()
    nb.cells = [
        nbformat.v4.new_code_cell(s, metadata=m, id=f"c{n}")
        for n, (s, m) in enumerate(json.loads(plain))
    ]
    files = tuple(taken.files.items()) if len(taken.files) < 50 else ()
    return _mark(case.lab, case.student, json.dumps(nb, sort_keys=True), files)


@pytest.mark.parametrize("case", HERE, ids=[c.name for c in HERE])
def test_a_broken_hand_in_gets_what_it_deserves(case: Broken, tmp_path: Path) -> None:
    folder = case.prepare(tmp_path / "submitted")
    before = listing(tmp_path)
    if case.reason:
        with pytest.raises(Ungradable, match=".") as refused:
            take_in(folder, case.lab)
        assert case.reason in str(refused.value)
        assert listing(tmp_path) == before
        return
    taken = take_in(folder, case.lab)
    assert listing(tmp_path) == before, "nothing is written"
    said = "\n".join(taken.mends)
    assert [w for w in case.mends if w not in said] == [], said
    assert bool(taken.mends) == bool(case.mends), said
    nbformat.validate(taken.notebook)
    assert_as_released(taken, case.lab)
    made = mark(taken, case)
    lost = {i.id: i.points - i.score for i in made.items if i.score is not None}
    assert {k: round(v, 2) for k, v in lost.items() if v} == case.lost, said
    assert made.auto_score == case.score


def assert_as_released(taken: Intake, lab: str) -> None:
    """Every graded or locked cell is there once, in the lab's order, and as released."""
    truth = [p for p in released.of(lab).parts if p.graded]
    there = [c for c in taken.notebook.cells if "nbgrader" in c.metadata]
    order = [c.metadata.nbgrader.grade_id for c in there]
    assert sorted(order) == sorted(p.key for p in truth)
    locked = [p.key for p in truth if p.locked]
    assert [k for k in order if k in locked] == locked
    by_key = {c.metadata.nbgrader.grade_id: c for c in there}
    for part in truth:
        cell = by_key[part.key]
        assert (cell.cell_type, cell.metadata) == (part.kind, part.cell.metadata)
        assert not part.locked or cell.source == part.source
    for cell in taken.notebook.cells:
        assert "attachments" not in cell and not cell.get("outputs")


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(p): (p.lstat().st_size, p.lstat().st_mtime_ns)
        for p in sorted(folder.rglob("*"))
        if not p.is_dir() or p.is_symlink()
    }


def test_the_table_is_large_and_its_names_are_unique() -> None:
    assert len(HERE) >= 100
    assert len({c.name for c in CASES}) == len(CASES)
