"""Grade one submission: run its cells in a backend, take the answers, judge them.

A pure function of (notebook, files, lab, student): the same input gives the same record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder import judge
from autograder.fingerprint import sha256
from autograder.record import Record
from autograder.sandbox import Backend, Limits, Session
from autograder.spec import LabSpec
from crmkit.errors import KitError
from crmkit.lab import calls
from crmkit.lab.identity import VARIABLE
from crmkit.lab.snapshot import (
    ANSWER_MIME,
    RETURNS_MIME,
    FileAnswer,
    FunctionAnswer,
    Snapshot,
    SnapshotError,
    decode,
)

_RESTARTS = 3  # a cell that kills the kernel is left out and the rest runs again, this often


@dataclass
class Run:
    """What running a notebook gave: outputs by cell, and what was handed in."""

    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    returns: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    mends: list[str] = field(default_factory=list)


def grade(
    sources: Mapping[int, str],
    files: dict[str, bytes],
    spec: LabSpec,
    student: str,
    backend: Backend,
    limits: Limits | None = None,
) -> tuple[Record, Run]:
    """Run and judge one submission.

    Parameters
    ----------
    sources : mapping of int to str
        Code cells by their position in the notebook.
    files : dict of str to bytes
        What was handed in beside the notebook.
    """  # fmt: skip
    run = execute(sources, files, spec, student, backend, limits or Limits())
    submission = judge.Submission(student, run.answers, run.returns, run.files)
    results = judge.judge(spec, submission)
    text = "\n\f\n".join(sources[i] for i in sorted(sources))
    inputs = {
        "notebook": sha256(text.encode()),
        "judge": judge.fingerprint(spec.id),
        "files": {name: sha256(data) for name, data in sorted(files.items())},
    }
    return Record(spec.id, student, backend.name, inputs, mends=run.mends, items=results), run


def execute(
    sources: Mapping[int, str], files: dict[str, bytes], spec: LabSpec, student: str,
    backend: Backend, limits: Limits,
) -> Run:  # fmt: skip
    """Run all cells; leave out a cell that kills the kernel and run the rest again."""
    run, left_out = Run(), set[int]()
    for _ in range(_RESTARTS + 1):
        with backend.open(files, {VARIABLE: student}, limits) as session:
            for i in sorted(sources):
                if i in left_out:
                    continue
                run.outputs[i] = session.run(sources[i])
                _take_answers(run, run.outputs[i])
                if session.dead:
                    break
            if not session.dead:
                _call_functions(run, session, spec, student)
                _read_files(run, session)
                return run
            left_out.add(i)
            run.mends.append(
                f"第 {i + 1} 个单元格让内核停止，已跳过它重新运行其余部分：{session.dead}"
            )
    return run


def _take_answers(run: Run, outputs: list[dict[str, Any]]) -> None:
    for output in outputs:
        data = output.get("data", {}).get(ANSWER_MIME)
        if data is None:
            continue
        try:
            snapshot = Snapshot.from_json(data)
        except SnapshotError as e:
            run.mends.append(f"有一个提交读不出来：{e}")
            continue
        run.answers[snapshot.item] = snapshot.value


def _call_functions(run: Run, session: Session, spec: LabSpec, student: str) -> None:
    world = None
    for item in spec.automatic:
        if item.calls is None or not isinstance(run.answers.get(item.id), FunctionAnswer):
            continue
        world = world if world is not None else spec.world(student)
        for output in session.run(calls.request(item.id, item.calls(world))):
            data = output.get("data", {}).get(RETURNS_MIME)
            if isinstance(data, dict) and data.get("item") == item.id:
                try:
                    run.returns[item.id] = decode(data.get("value"))
                except SnapshotError as e:
                    run.mends.append(f"{item.id} 的函数返回值读不出来：{e}")


def _read_files(run: Run, session: Session) -> None:
    for value in run.answers.values():
        if isinstance(value, FileAnswer) and value.path not in run.files:
            content = session.read(value.path)
            if content is not None:
                run.files[value.path] = content


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
