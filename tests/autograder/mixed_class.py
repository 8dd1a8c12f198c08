"""Hand-ins of any lab with known marks: solutions, empty releases, mistakes of its judge, gaps.

A wrong answer is planted where a student would make it: in a cell of his own before the cell that
hands in; a cell after it puts things right again, so that nothing else is lost by it.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder import judge
from autograder.spec import Item, LabSpec
from crmkit.lab import checks
from crmkit.lab.snapshot import encode
from tests.autograder.answers import as_answer
from tests.autograder.handins import name_of, student_of
from tests.autograder.notebooks import release, solution

# What the n-th student of the class does: how many items wrong, how many left out.
KINDS = ((0, 0), None, (1, 0), (0, 2), (1, 1), (2, 0), None, (0, 0), (2, 1), (1, 0))
_COMPUTED = (checks.BarChart, checks.BarCharts, checks.Grid, checks.Workbook, checks.Function)


@dataclass
class HandIn:
    """A notebook and the points that it loses by item."""

    notebook: NotebookNode
    lost: dict[str, float] = field(default_factory=dict)


def make(lab: str, n: int) -> HandIn:
    """The hand-in of the n-th student."""
    spec, kind = judge.load(lab), KINDS[n % len(KINDS)]
    if kind is None:
        return HandIn(release(lab), {i.id: i.points for i in spec.automatic})
    handin = HandIn(solution(lab))
    wrong, left_out = kind
    names = _handed_in(handin.notebook)
    items = [i for i in spec.automatic if i.id in names and i.log is None]
    turn = n * 3 % max(1, len(items))
    items = items[turn:] + items[:turn]
    chosen = [i for i in items if _mistakes(i) and names[i.id][0]][:wrong]
    gone = [i for i in items if i not in chosen][:left_out]
    for item in gone:
        _plant(handin.notebook, item, names[item.id], None)
        handin.lost[item.id] = item.points
    handin.lost |= _plant_mistakes(handin.notebook, spec, chosen, names, student_of(n), n)
    return handin


def _mistakes(item: Item) -> list[Any]:
    if isinstance(item.public, _COMPUTED):
        return []  # the judge's wrong answer is not of the form in which one hands in
    return [m.answer for m in item.mistakes if m.answer is not None]


def _plant_mistakes(
    nb: NotebookNode, spec: LabSpec, chosen: list[Item], names: dict[str, tuple[str, str]],
    student: str, n: int,
) -> dict[str, float]:  # fmt: skip
    """Plant one mistake of each of these items; the points that they lose."""
    if not chosen:
        return {}
    world = spec.world(student)
    answers = {}
    for item in spec.automatic:
        if any(item.id == c.rests_on for c in chosen):
            answers[item.id] = as_answer(item, item.expect(world))
    for item in chosen:
        of_item = _mistakes(item)
        answers[item.id] = as_answer(item, of_item[n // len(KINDS) % len(of_item)](world))
        _plant(nb, item, names[item.id], answers[item.id])
    submission = judge.Submission(student, answers)
    results = {i.id: judge.judge_item(i, submission, world) for i in chosen}
    return {i.id: i.points - (results[i.id].score or 0.0) for i in chosen}


def _handed_in(nb: NotebookNode) -> dict[str, tuple[str, str]]:
    """Item → the name, or else the path, of what its cell hands in."""
    found = {}
    for cell in nb.cells:
        if cell.cell_type != "code" or not cell.metadata.get("nbgrader", {}).get("grade"):
            continue
        call = next((x for x in ast.walk(ast.parse(cell.source)) if isinstance(x, ast.Call)), None)
        if call is None or len(call.args) < 2:
            continue
        what = call.args[1]
        if isinstance(what, ast.Name):
            found[cell.metadata["nbgrader"]["grade_id"]] = what.id, ""
        elif isinstance(what, ast.Constant) and isinstance(what.value, str):
            found[cell.metadata["nbgrader"]["grade_id"]] = "", what.value
    return found


def _plant(nb: NotebookNode, item: Item, what: tuple[str, str], value: Any) -> None:
    """Cells around the one that hands in: another value, or none; then the right one again."""
    name, path = what
    at = next(k for k, c in enumerate(nb.cells)
              if c.metadata.get("nbgrader", {}).get("grade_id") == item.id)  # fmt: skip
    if name:
        text = json.dumps(json.dumps(encode(value)))
        before = (
            "import json\nfrom crmkit.lab.snapshot import decode\n"
            f"mine = {name}\n{name} = decode(json.loads({text}))"
        )
        after = f"{name} = mine"
    else:
        before = f"import os\nos.rename({path!r}, {path + '.mine'!r})"
        after = f"os.rename({path + '.mine'!r}, {path!r})"
    nb.cells.insert(at + 1, nbformat.v4.new_code_cell(after, id=f"{item.id}-after"))
    nb.cells.insert(at, nbformat.v4.new_code_cell(before, id=f"{item.id}-before"))


def write(folder: Path, lab: str, count: int) -> dict[str, dict[str, float]]:
    """Write a class's hand-ins as a teacher gets them; by student the deserved points by item."""
    deserved = {}
    for n in range(count):
        made, student = make(lab, n), student_of(n)
        target = folder / f"{student} {name_of(n)}"
        target.mkdir(parents=True)
        nbformat.write(made.notebook, target / f"{lab}.ipynb")
        deserved[student] = {
            i.id: round(i.points - made.lost.get(i.id, 0.0), 2)
            for i in judge.load(lab).automatic
        }  # fmt: skip
    return deserved
