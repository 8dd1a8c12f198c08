"""Grade one submission: run its cells in a backend, take the answers, judge them.

A pure function of (what was handed in, lab, student): the same input gives the same record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Protocol

from nbformat import NotebookNode

from autograder import examination, judge, operations
from autograder.fingerprint import of_data, sha256
from autograder.operations import Looked
from autograder.record import Record, key
from autograder.sandbox import Backend, Limits, Session
from autograder.spec import Item, LabSpec
from crmkit.errors import KitError
from crmkit.lab import calls
from crmkit.lab.identity import VARIABLE
from crmkit.lab.snapshot import (
    ANSWER_MIME,
    RETURNS_MIME,
    FileAnswer,
    FunctionAnswer,
    Raised,
    Snapshot,
    SnapshotError,
    decode,
    encode,
)

RESTARTS = 3  # a cell that kills the kernel is left out and the rest runs again, this often
_MARKS = "nbgrader"


class HandIn(Protocol):
    """What was handed in, as `autograder.intake.take_in` gives it."""

    notebook: NotebookNode
    files: dict[str, bytes]
    mends: list[str]


@dataclass
class Run:
    """What running a notebook gave: outputs by cell, and what was handed in.

    `answers` and `returns` are values; `data` and `returned` hold the same as it crossed the
    border, `asked` the sha256 of the inputs that a function item was called with.
    """

    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    returns: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    mends: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    returned: dict[str, list[Any]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    looked: Looked = field(default_factory=Looked)  # what was done in the CRM


def grade(
    handin: HandIn, spec: LabSpec, student: str, backend: Backend, limits: Limits | None = None
) -> tuple[Record, Run]:
    """Run and judge one submission."""
    files = dict(handin.files)
    run = execute(code(handin.notebook), files, spec, student, backend, limits or Limits())
    looked = run.looked
    submission = judge.Submission(
        student, run.answers, run.returns, run.files, looked.works, looked.unread
    )
    results = judge.judge(spec, submission)
    inputs = fingerprints(handin, spec.id)
    mends = [*handin.mends, *run.mends]
    address = key(spec.id, student, backend.name, inputs)
    times = looked.sitting.to_json() if looked.sitting is not None else {}
    record = Record(
        spec.id, student, backend.name, inputs, mends=mends, items=results, exam=times, key=address
    )  # fmt: skip
    return record, run


def code(nb: NotebookNode) -> dict[int, str]:
    """The code cells of a notebook by their position."""
    return {i: c.source for i, c in enumerate(nb.cells) if c.cell_type == "code"}


def fingerprints(handin: HandIn, lab: str) -> dict[str, Any]:
    """The inputs of a record: sha256 of the notebook's cells, of each file, and of the judge."""
    cells = [
        [c.cell_type, c.metadata.get(_MARKS, {}).get("grade_id", ""), c.source]
        for c in handin.notebook.cells
    ]
    files = {name: sha256(data) for name, data in sorted(handin.files.items())}
    notebook = of_data(cells)
    return {
        "notebook": notebook, "files": files, "content": of_data([notebook, files, handin.mends]),
        "judge": judge.fingerprint(lab),
    }  # fmt: skip


def execute(
    sources: Mapping[int, str], files: dict[str, bytes], spec: LabSpec, student: str,
    backend: Backend, limits: Limits,
) -> Run:  # fmt: skip
    """Run all cells; leave out a cell that kills the kernel and run the rest again.

    Parameters
    ----------
    sources : mapping of int to str
        Code cells by their position in the notebook.
    files : dict of str to bytes
        What was handed in beside the notebook.

    Notes
    -----
    A shop file that was handed in is judged as it came and not given to the cells: they work in a
    fresh one, so that what they do to it is not done twice.
    """
    run, left_out = Run(), set[int]()
    items = {item.id for item in spec.automatic if item.public is not item.log}
    handed_in, files = files, {n: f for n, f in files.items() if not _of_shop(spec, n)}
    for _ in range(RESTARTS + 1):
        with backend.open(files, {VARIABLE: student}, limits) as session:
            for i in sorted(sources):
                if i in left_out:
                    continue
                run.outputs[i] = session.run(sources[i])
                _take_answers(run, run.outputs[i], items)
                if session.dead:
                    break
            if not session.dead:
                _call_functions(run, session, spec, student)
                _read_files(run, session)
                _read_shop(run, session, spec, student, handed_in)
                return run
            left_out.add(i)
            run.mends.append(
                f"第 {i + 1} 个单元格让内核停止，已跳过它重新运行其余部分：{session.dead}"
            )
    _read_shop(run, None, spec, student, handed_in)
    return run


def _of_shop(spec: LabSpec, name: str) -> bool:
    """Whether a file is the lab's shop file, or what SQLite keeps beside it."""
    return bool(spec.shop) and name.startswith(spec.shop_file)


def _read_shop(
    run: Run, session: Session | None, spec: LabSpec, student: str, handed_in: dict[str, bytes]
) -> None:
    """Look at what was done in the CRM: in the file that came, and in the one the cells made."""
    if not spec.shop:
        return
    name, made = spec.shop_file, {}
    for path in (name, f"{name}-wal"):
        content = None if session is None else session.read(path)
        if content is not None:
            made[path] = content
    run.looked = operations.look(
        handed_in, made, name=name, student=student, lab=spec.id, shop=spec.shop, exam=spec.exam
    )
    if spec.exam:  # what stands on the sheet counts, not what the cells say when they run again
        run.answers.clear()
        run.data.clear()
        sheet = [{"data": {ANSWER_MIME: one}} for one in examination.answers(run.looked.works)]
        _take_answers(run, sheet, {i.id for i in spec.automatic if i.public is not i.log})
    run.mends += [words for words in run.looked.says if words not in run.mends]


def _take_answers(run: Run, outputs: list[dict[str, Any]], items: set[str]) -> None:
    for output in outputs:
        data = output.get("data", {}).get(ANSWER_MIME)
        if data is None:
            continue
        try:
            snapshot = Snapshot.from_json(data)
        except SnapshotError as e:
            words = f"有一个提交读不出来：{e}"
            if words not in run.mends:
                run.mends.append(words)
            continue
        if snapshot.item in items:
            run.answers[snapshot.item] = snapshot.value
            run.data[snapshot.item] = data.get("value")


def asked(item: Item, world: Any) -> list[tuple[Any, ...]]:
    """The inputs that a function item is called with."""
    return item.calls(world) if item.calls is not None else []


def inputs_fingerprint(inputs: list[tuple[Any, ...]]) -> str:
    """sha256 of the inputs of a function item: other inputs need another run."""
    return of_data([encode(list(args)) for args in inputs])


def _call_functions(run: Run, session: Session, spec: LabSpec, student: str) -> None:
    """Call what was handed in as a function; the inputs go in one at a time, after all cells."""
    world = None
    for item in spec.automatic:
        if item.calls is None or not isinstance(run.answers.get(item.id), FunctionAnswer):
            continue
        world = world if world is not None else spec.world(student)
        inputs = asked(item, world)
        run.asked[item.id] = inputs_fingerprint(inputs)
        run.returned[item.id] = [_call(run, session, item.id, args) for args in inputs]
        run.returns[item.id] = [decode(one) for one in run.returned[item.id]]


def _call(run: Run, session: Session, item: str, args: tuple[Any, ...]) -> Any:
    """What the function gave for one input, as it crossed the border."""
    lost = encode(Raised(f"没有结果：{session.dead or '运行超时，或内核停止了'}"))
    if session.dead:
        return lost
    for output in session.run(calls.request(item, [args])):
        data = output.get("data", {}).get(RETURNS_MIME)
        if not isinstance(data, dict) or data.get("item") != item:
            continue
        values = data.get("value")
        if not isinstance(values, list) or len(values) != 1:
            continue
        try:
            decode(values[0])
        except SnapshotError as e:
            return encode(Raised(str(e)))
        return values[0]
    return lost


def _read_files(run: Run, session: Session) -> None:
    for value in run.answers.values():
        if not isinstance(value, FileAnswer) or value.path in run.files or not inside(value.path):
            continue
        content = session.read(value.path)
        if content is not None:
            run.files[value.path] = content


def inside(path: str) -> bool:
    """Whether a path that came with an answer is one below the lab's folder."""
    pure = PurePosixPath(path)
    unusual = "\\" in path or "\0" in path or ":" in path
    return bool(pure.parts) and not pure.is_absolute() and ".." not in pure.parts and not unusual


def describe(error: Exception) -> str:
    """Why a submission could not be graded, for teacher and student."""
    if isinstance(error, KitError):
        return str(error)
    return f"评分程序出错（{type(error).__name__}: {error}），请把这份提交发给课程维护者"


def outputs_for_nbgrader(result: judge.Result) -> list[dict[str, Any]]:
    """Outputs of a grade cell that nbgrader reads as this score.

    nbgrader takes the first ``execute_result`` as the partial credit and any stderr as zero, so
    these outputs are written by the kit and by nothing else.
    """
    words = f"{result.id} {result.title}：{result.score:g} / {result.points:g} 分\n{result.found}"
    if result.hint:
        words += f"\n下一步：{result.hint}"
    return [
        {"output_type": "stream", "name": "stdout", "text": words + "\n"},
        {"output_type": "execute_result", "execution_count": None, "metadata": {},
         "data": {"text/plain": json.dumps(result.score)}},
    ]  # fmt: skip
