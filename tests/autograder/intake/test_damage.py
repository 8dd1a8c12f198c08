"""Random damage: never the marks of work that was not touched, never another error than a reason."""

from __future__ import annotations

import copy
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.collecting.placing import together
from autograder.intake import Ungradable, gate, released, take_in
from autograder.intake.markdown import harmless
from tests.autograder import broken, notebooks
from tests.autograder.broken import convert, new

ITEMS = 6
LEVELS = "code markdown raw".split()


# ---------------------------------------------------------------------- a lab that runs in no time


def _marks(key: str, **more: Any) -> dict[str, Any]:
    return {"nbgrader": {"grade": False, "grade_id": key, "locked": False, "solution": False,
                         "task": False, "schema_version": 3, **more}}  # fmt: skip


def tiny() -> dict[str, Any]:
    """As handed out: each item needs the one before, a given cell, and the start cell."""
    cells = [new("# 小实验", "markdown"), new("base = 100"),
             new('lab = Lab("T")', id="T-start", metadata=_marks("T-start", locked=True))]  # fmt: skip
    for n in range(1, ITEMS + 1):
        key = f"T-{n:02d}"
        cells += [
            new(f"## 第 {n} 题", "markdown"),
            new(f"given{n} = {n}"),
            new(f"v{n} = ...\n# 在这里写代码", id=f"{key}-work", metadata=_marks(f"{key}-work", solution=True)),
            new(f'lab.answer("{key}", v{n})', id=key,
                metadata=_marks(key, grade=True, locked=True, points=1)),
        ]  # fmt: skip
    nb = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.loads(json.dumps(nb))


def solved() -> dict[str, Any]:
    nb = tiny()
    for n in range(1, ITEMS + 1):
        before = f"v{n - 1}" if n > 1 else "base"
        work = next(c for c in nb["cells"] if c["id"] == f"T-{n:02d}-work")
        work["source"] = f"step{n} = given{n}\nv{n} = {before} + step{n}"
    return nb


RIGHT = {f"T-{n:02d}": 100 + n * (n + 1) // 2 for n in range(1, ITEMS + 1)}


def run(nb: Any) -> dict[str, Any]:
    """What the notebook hands in; a cell that fails does not stop the others."""
    answers: dict[str, Any] = {}

    class Lab:
        def __init__(self, name: str) -> None:
            pass

        def answer(self, item: str, value: Any) -> None:
            if value is not ...:
                answers[item] = value

    scope: dict[str, Any] = {"Lab": Lab}
    for cell in nb.cells:
        if cell.cell_type == "code":
            try:
                exec(cell.source, scope)
            except Exception:
                continue
    return answers


def taken(nb: Any, folder: Path | None = None) -> Any:
    release = released.describe("T", "T", nbformat.from_dict(tiny()))
    here = Path(tempfile.mkdtemp())
    try:
        folder = here / "2025010101" / "T"
        folder.mkdir(parents=True)
        (folder / "T.ipynb").write_text(json.dumps(nb, ensure_ascii=False), encoding="utf-8")
        with mock.patch.object(gate.released, "of", lambda lab: release):
            return take_in(folder, "T")
    finally:
        shutil.rmtree(here)


DAMAGES = ["delete", "double", "move", "convert", "edit", "id", "same id", "metadata", "marks", "mark id", "empty"]  # fmt: skip


def damage(nb: dict[str, Any], kind: str, n: int, m: int) -> str:
    """Do one damage; the id of the work cell whose own text was touched, or ""."""
    cells = nb["cells"]
    n, m = n % len(cells), m % len(cells)
    cell = cells[n]
    original = cell.get("was", cell.get("id", ""))
    cell["was"] = original
    marks = cell["metadata"].get("nbgrader")
    work = original if original.endswith("-work") else ""
    if kind == "delete":
        del cells[n]
        return work
    if kind == "double":
        cells.insert(m, copy.deepcopy(cell) | {"id": f"copy{len(cells)}"})
    elif kind == "move":
        cells.insert(m, cells.pop(n))
    elif kind == "convert":
        convert(cell, LEVELS[m % 3])
    elif kind == "edit" and marks and marks.get("locked"):
        edits = ("", "# " + cell["source"], "pass", cell["source"] + "\nprint(1)", cell["source"][:7],
                 cell["source"].replace(")", ", 7)"), 'lab.answer("T-01", 0)', "1 / 0")  # fmt: skip
        cell["source"] = edits[m % len(edits)]
    elif kind == "id":
        cell.pop("id", None)
    elif kind == "same id":
        cell["id"] = cells[m].get("id", "x")
    elif kind == "metadata":
        cell["metadata"] = {}
    elif kind == "marks" and marks:
        marks.update(points=m, locked=bool(m % 2), solution=bool(m % 3), schema_version=m)
    elif kind == "mark id" and marks:
        marks["grade_id"] = ("x", 7, None, "T-99", "")[m % 5]
    elif kind == "empty":
        cells.insert(n, new(""))
    return ""


@given(st.lists(st.tuples(st.sampled_from(DAMAGES), st.integers(0, 99), st.integers(0, 99)), max_size=8))  # fmt: skip
@settings(max_examples=300)
def test_damage_never_loses_the_marks_of_untouched_answers(what: list[tuple[str, int, int]]) -> None:  # fmt: skip
    nb = solved()
    touched = {t for kind, n, m in what if nb["cells"] and (t := damage(nb, kind, n, m))}
    try:
        got = taken(nb)
    except Ungradable:
        assert not any("lab.answer" in str(c.get("source")) for c in nb["cells"])
        return
    nbformat.validate(got.notebook)
    first = min(touched, default="T-99")[:4]  # each item needs the one before
    answers = run(got.notebook)
    expected = {k: v for k, v in RIGHT.items() if k < first}
    assert {k: answers.get(k) for k in expected} == expected, got.mends


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["cells", "worksheets", "source", "input", "metadata", "nbgrader", "grade_id",
                         "cell_type", "id", "tags", "nbformat", "nbformat_minor", "level", "x"]),
        inner, max_size=6),
    max_leaves=25,
)  # fmt: skip


@given(JSON, st.booleans())
@settings(max_examples=200)
def test_any_json_gives_a_notebook_or_a_reason(data: Any, inside: bool) -> None:
    nb = solved() if inside else data
    if inside:
        nb["cells"][5:5] = [data]
        nb["cells"][9]["metadata"] = data
        nb["cells"][12]["source"] = data
    try:
        got = taken(nb)
    except Ungradable as e:
        assert not inside and str(e)
        return
    nbformat.validate(got.notebook)


@given(st.binary(max_size=300), st.integers(0, 5000), st.booleans())
@settings(max_examples=150)
def test_any_bytes_give_a_notebook_or_a_reason(noise: bytes, at: int, inside: bool) -> None:
    whole = json.dumps(solved(), ensure_ascii=False).encode()
    data = whole[:at] + noise + whole[at + len(noise) :] if inside else noise
    here = Path(tempfile.mkdtemp())
    try:
        folder = here / "2025010101" / "T"
        folder.mkdir(parents=True)
        (folder / "T.ipynb").write_bytes(data)
        release = released.describe("T", "T", nbformat.from_dict(tiny()))
        with mock.patch.object(gate.released, "of", lambda lab: release):
            got = take_in(folder, "T")
        nbformat.validate(got.notebook)
        json.dumps(got.mends, ensure_ascii=False).encode()
    except Ungradable as e:
        str(e).encode()
    finally:
        shutil.rmtree(here)


@given(st.lists(st.tuples(st.sampled_from(DAMAGES), st.integers(0, 99), st.integers(0, 99)), min_size=3, max_size=9))  # fmt: skip
@settings(max_examples=4)
def test_damage_to_the_real_lab_keeps_the_marks_of_untouched_answers(what: list[tuple[str, int, int]]) -> None:  # fmt: skip
    nb = broken.worked()
    nb["cells"] = [c | {"was": c["id"]} for c in nb["cells"]]
    touched = {t for kind, n, m in what if (t := damage(nb, kind, n, m))}
    here = Path(tempfile.mkdtemp())
    try:
        folder = here / broken.STUDENT / "E3"
        folder.mkdir(parents=True)
        broken.save(nb, folder)
        got = take_in(folder, "E3")
    finally:
        shutil.rmtree(here)
    needs = {"E3-08": {"E3-02"}, "E3-09": {"E3-02", "E3-08"}}
    lost = {t.removesuffix("-work") for t in touched}
    made = notebooks.mark(got.notebook, "E3", broken.STUDENT)
    for item in made.items:
        if item.mode == "auto" and not lost & ({item.id} | needs.get(item.id, set())):
            assert item.score == item.points, (item.id, item.found, got.mends)


# --------------------------------------------------------------------------------------- by itself


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
                                  "``` a`b\n<script>x</script>\n```", "<b onclick=x>", "<!-- x -->", "</div>",
                                  "<iframe\nsrc=x>", "<a href='javascript:x'>"])  # fmt: skip
def test_no_text_of_a_student_is_live_html(text: str) -> None:
    assert "<" not in harmless(text)


def test_the_same_hand_in_gives_the_same_intake(tmp_path: Path) -> None:
    case = next(c for c in broken.CASES if c.name == "every cell doubled")
    folder = case.prepare(tmp_path)
    one, other = take_in(folder, "E3"), take_in(folder, "E3")
    assert json.dumps(one.notebook) == json.dumps(other.notebook) and one.mends == other.mends


@pytest.mark.parametrize("words", ["import pandas as pd", "from collections import Counter, deque",
                                   "import os.path, numpy", "from x import (", "import"])  # fmt: skip
def test_a_cell_that_imports_and_is_no_python_costs_nothing_else(
    tmp_path: Path, words: str
) -> None:
    nb = notebooks.solution("E3")
    nb.cells.append(nbformat.v4.new_code_cell(f"{words}\nmale = = 1"))
    folder = tmp_path / broken.STUDENT / "E3"
    folder.mkdir(parents=True)
    nbformat.write(nb, folder / "E3.ipynb")
    taken = take_in(folder, "E3")
    assert [c.source for c in taken.notebook.cells if "= = 1" in c.source] == [
        f"{words}\nmale = = 1"
    ]


def test_a_folder_named_like_the_notebook_is_not_in_its_way(tmp_path: Path) -> None:
    folder = tmp_path / broken.STUDENT / "E3"
    (folder / "E3.ipynb").mkdir(parents=True)
    (folder / "E3.ipynb" / "x.txt").write_text("x", encoding="utf-8")
    nbformat.write(notebooks.solution("E3"), folder / "E3-Copy1.ipynb")
    taken = take_in(folder, "E3")
    assert set(together({**taken.files, "E3.ipynb": b""}, {"E3.ipynb"})) == {"E3.ipynb"}


def test_a_large_hand_in_is_read_without_several_copies(tmp_path: Path) -> None:
    import tracemalloc

    case = next(c for c in broken.CASES if c.name == "outputs of 50 MB")
    folder = case.prepare(tmp_path)
    size = (folder / "E3.ipynb").stat().st_size
    assert size > 50_000_000
    take_in(folder, "E3")
    tracemalloc.start()
    try:
        take_in(folder, "E3")
        # the bytes, and what decoding and parsing need at a time; not one copy for each step
        assert tracemalloc.get_traced_memory()[1] < 4.5 * size
    finally:
        tracemalloc.stop()


def test_a_file_that_may_not_be_read_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / broken.STUDENT / "E3"
    folder.mkdir(parents=True)
    broken.save(broken.worked(), folder)

    def refuse(*args: Any, **more: Any) -> int:
        raise PermissionError(13, "Permission denied")

    released.of("E3")
    monkeypatch.setattr("autograder.collecting.source.os.open", refuse)
    with pytest.raises(Ungradable, match="读不出来"):
        take_in(folder, "E3")
