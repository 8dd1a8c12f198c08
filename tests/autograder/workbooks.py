"""Judging workbooks: take the solution's workbook, spoil it, look at what the judge says."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from functools import cache
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from autograder import grade, judge
from autograder.judge import Result
from autograder.sandbox import Limits
from crmkit.lab.snapshot import FileAnswer
from tests.autograder import notebooks
from tests.autograder.inprocess import InProcess


@cache
def solved(lab: str, student: str) -> bytes:
    """The workbook that the lab's solution writes."""
    code = notebooks.code(notebooks.solution(lab))
    run = grade.execute(code, {}, judge.load(lab), student, InProcess(), Limits())
    return run.files[judge.load(lab).workbook]


def spoilt(lab: str, student: str, spoil: Callable[[Workbook], Any]) -> bytes:
    """The solution's workbook after a change."""
    book = load_workbook(io.BytesIO(solved(lab, student)))
    spoil(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def judged(lab: str, student: str, data: bytes) -> dict[str, Result]:
    """What the judge says of each item that is answered by this workbook."""
    spec = judge.load(lab)
    answer = FileAnswer(spec.workbook, hashlib.sha256(data).hexdigest(), len(data))
    answers = {i.id: answer for i in spec.automatic if i.public.kind == "workbook"}
    submission = judge.Submission(student, answers, {}, {spec.workbook: data})
    return {r.id: r for r in judge.judge(spec, submission) if r.id in answers}
