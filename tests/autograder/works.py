"""Judging what was done in the CRM: do it in a shop of one's own, look at what the judge says."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from autograder import judge, operations, shopfiles
from autograder.judge import Result
from crmkit import shops
from crmkit.crm import Session, store


@cache
def _untouched(lab: str, student: str) -> Path:
    path = Path(tempfile.mkdtemp(prefix="crmkit-test-")) / f"{lab}.crm"
    cut = shops.variant(judge.load(lab).shop, student, lab)
    store.create(path, cut, student=student, lab=lab).close()
    return path


def done(
    lab: str, student: str, do: Callable[[Session], Any], answers: dict[str, Any] | None = None
) -> dict[str, Result]:
    """The results by item of a student who did this in the CRM and handed in these values."""
    spec = judge.load(lab)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{lab}.crm"
        shutil.copy(_untouched(lab, student), path)
        session = Session(store.open_store(path))
        do(session)
        session.close()
        log = shopfiles.read(path.read_bytes(), student=student, lab=lab, shop=spec.shop)
    assert log.edited == []
    submission = judge.Submission(student, answers or {}, works=[operations.Work(log)])
    return {r.id: r for r in judge.judge(spec, submission)}
