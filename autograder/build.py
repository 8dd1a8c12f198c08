"""Text source → notebooks: the instructor's with solutions, the student's without.

A source is MyST text. Its parts are recognised by what they are:

- a code cell with ``### BEGIN SOLUTION`` … ``### END SOLUTION`` is an answer cell; what stands
  between the marks is left out for students;
- a code cell that calls ``lab.answer("<item>", …)`` is that item's hand-in cell: locked, and worth
  the points that the lab's judge states (points stand nowhere else);
- a code cell that makes the ``Lab(…)`` is locked;
- a text cell with the metadata ``{"item": "<item>"}`` is answered in writing and marked by hand;
- ``{{<item>}}`` in text becomes the item's number, points and whether it is done in class.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder import judge, record
from autograder.spec import LabSpec
from crmkit.errors import KitError

ROOT = Path(__file__).parents[1]
CODE_STUB = "# 在这里写代码"
TEXT_STUB = "（在这里写你的回答）"
_REGION = re.compile(r"^[ \t]*#{3} BEGIN SOLUTION.*?#{3} END SOLUTION[^\n]*$", re.M | re.S)
_HAND_IN = re.compile(r"^lab\.answer\(\s*[\"']([\w-]+)[\"']", re.M)
_KERNEL = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
           "language_info": {"name": "python"}}  # fmt: skip


class BuildError(KitError):
    """The text source and the judge do not fit together."""


@dataclass(frozen=True)
class Source:
    """Where one lab's text comes from and where its student notebook goes."""

    lab: str
    text: Path
    notebook: Path


def sources() -> list[Source]:
    """All labs and chapters that can be built."""
    return [source(lab) for lab in judge.known()]


def source(lab: str) -> Source:
    """The source of one lab or chapter.

    Raises
    ------
    BuildError
        It has a judge but no text.
    """
    notebook = f"{judge.load(lab).notebook}.ipynb"
    text = judge.SOURCES / lab / "lab.md"
    if text.is_file():
        return Source(lab, text, ROOT / "labs" / lab / notebook)
    text = ROOT / "chapters" / "source" / f"{judge.load(lab).notebook}.md"
    if not text.is_file():
        raise BuildError(f"{lab}: no text source {text.relative_to(ROOT)}")
    return Source(lab, text, ROOT / "chapters" / notebook)


def instructor(text: str, spec: LabSpec) -> NotebookNode:
    """The notebook with solutions and all nbgrader metadata."""
    import jupytext  # takes longer to load than all the rest

    nb = jupytext.reads(text, fmt="md:myst")
    items = {i.id: i for i in spec.items}
    placed: list[str] = []
    waiting: list[NotebookNode] = []
    for cell in nb.cells:
        item = cell.metadata.pop("item", None)
        cell.metadata = NotebookNode({k: v for k, v in cell.metadata.items() if k == "tags"})
        if cell.cell_type == "markdown":
            cell.source = _fill_in(cell.source, spec)
            if item is not None:
                placed.append(item)
                _mark(cell, item, grade=True, solution=True, points=_points(items, item, spec))
            continue
        hand_in = _HAND_IN.search(cell.source)
        if "### BEGIN SOLUTION" in cell.source:
            if len(_REGION.findall(cell.source)) != cell.source.count("### BEGIN SOLUTION"):
                raise BuildError(f"{spec.id}: a solution is not closed: {cell.source[:60]!r}")
            waiting.append(cell)
        elif hand_in:
            item = hand_in.group(1)
            placed.append(item)
            _mark(cell, item, grade=True, locked=True, points=_points(items, item, spec))
            for n, answer in enumerate(waiting):
                _mark(answer, f"{item}-work{n + 1 if n else ''}", solution=True)
            waiting.clear()
        elif re.search(r"^lab = Lab\(", cell.source, re.M):
            _mark(cell, f"{spec.id}-start", locked=True)
    if waiting:
        raise BuildError(
            f"{spec.id}: an answer cell has no hand-in cell after it: {waiting[0].source[:60]!r}"
        )
    lacking = [i for i in items if i not in placed]
    if lacking or len(placed) != len(set(placed)):
        raise BuildError(f"{spec.id}: not handed in: {lacking}; in the text: {placed}")
    nb.metadata = NotebookNode(json.loads(json.dumps(_KERNEL)))
    nb.nbformat, nb.nbformat_minor = 4, 5
    _number(nb)
    return nb


def student(nb: NotebookNode) -> NotebookNode:
    """The notebook as handed out: no solutions, no outputs, checksums in place."""
    from nbgrader.utils import compute_checksum, is_locked, is_solution

    out = nbformat.from_dict(json.loads(json.dumps(nb)))
    for cell in out.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        marks = cell.metadata.get("nbgrader")
        if marks is None:
            continue
        if is_solution(cell):
            if cell.cell_type == "markdown":
                cell.source = TEXT_STUB
            else:
                cell.source = _REGION.sub(_stub, cell.source)
        if is_locked(cell):
            cell.metadata["deletable"] = False
            cell.metadata["editable"] = False
        elif marks["grade"]:
            cell.metadata["deletable"] = False
        marks["checksum"] = compute_checksum(cell)
    return out


def write(made_from: Source) -> list[Path]:
    """Build one lab: the student's notebook and the manifest of its items."""
    from crmkit.lab.manifest import FOLDER

    spec = judge.load(made_from.lab)
    nb = student(instructor(made_from.text.read_text(encoding="utf-8"), spec))
    manifest = FOLDER / f"{made_from.lab}.json"
    record.write_text(made_from.notebook, to_text(nb))
    record.write_text(manifest, json.dumps(spec.manifest(), ensure_ascii=False, indent=1) + "\n")
    return [made_from.notebook, manifest]


def to_text(nb: NotebookNode) -> str:
    """A notebook as text, the same on every machine."""
    nbformat.validate(nb)
    return nbformat.writes(nb, version=4).rstrip("\n") + "\n"


def _stub(region: re.Match[str]) -> str:
    first = region.group(0).split("\n", 1)[0]
    return first[: len(first) - len(first.lstrip())] + CODE_STUB


def _fill_in(text: str, spec: LabSpec) -> str:
    def words(found: re.Match[str]) -> str:
        for i in spec.items:
            if i.id == found.group(1):
                return f"{i.id}　{i.title}（{i.points:g} 分{'，课内必做' if i.core else ''}）"
        raise BuildError(f"{spec.id}: the text names an unknown item {found.group(1)!r}")

    return re.sub(r"\{\{([\w-]+)\}\}", words, text)


def _points(items: dict[str, Any], item: str, spec: LabSpec) -> float:
    if item not in items:
        raise BuildError(f"{spec.id}: the judge knows no item {item!r}")
    points: float = items[item].points
    return points


def _mark(
    cell: NotebookNode, grade_id: str, *, grade: bool = False, solution: bool = False,
    locked: bool = False, points: float | None = None,
) -> None:  # fmt: skip
    marks: dict[str, Any] = {"grade": grade, "grade_id": grade_id, "locked": locked,
                             "schema_version": 3, "solution": solution, "task": False}  # fmt: skip
    if points is not None:
        marks["points"] = points
    if grade:
        marks["cell_type"] = cell.cell_type
    cell.metadata["nbgrader"] = NotebookNode(marks)


def _number(nb: NotebookNode) -> None:
    """Cell ids that stay: from the grade id, else from the text and how often it came before."""
    seen: dict[str, int] = {}
    for cell in nb.cells:
        marks = cell.metadata.get("nbgrader")
        base = marks["grade_id"] if marks else hashlib.sha256(cell.source.encode()).hexdigest()[:12]
        seen[base] = seen.get(base, 0) + 1
        cell["id"] = base if seen[base] == 1 else f"{base}-{seen[base]}"


def main() -> None:
    """Build every notebook (``make notebooks``)."""
    for one in sources():
        for path in write(one):
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
