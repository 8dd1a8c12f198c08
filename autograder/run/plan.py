"""What there is to do: which submissions of a lab are new, changed, or done already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import judge, record
from autograder.fingerprint import of_folder
from autograder.run.work import Task

Scores = Mapping[str, Mapping[str, float | None]]  # student → item → score in the gradebook


@dataclass(frozen=True)
class Done:
    """A submission that needs no grading, and the record that says so."""

    student: str
    record: dict[str, Any]


def plan(
    root: Path, lab: str, students: list[str], backend: str, scores: Scores, *,
    again: bool = False, changed: bool = False,
) -> tuple[list[Task], list[Done]]:  # fmt: skip
    """Sort a lab's submissions into what has to be done and what is done.

    Parameters
    ----------
    backend : str
        Name of the level that this run uses.
    scores : mapping
        What the gradebook holds: a record alone does not make a submission done.
    again : bool
        Do everything.
    changed : bool
        Do only what was not graded yet or was handed in anew; another judge, kit or level is no
        reason.
    """
    judged = judge.fingerprint(lab)
    tasks, done = [], []
    for student in students:
        folder = root / "submitted" / student / lab
        handed_in = of_folder(folder)
        old = record.read(root / "records", lab, student)
        task = Task(lab, student, str(folder), handed_in, judged)
        if old is None or again or not _trusted(root, lab, student, old, scores.get(student, {})):
            tasks.append(task)
        elif old["inputs"].get("submission") != handed_in:
            tasks.append(Task(lab, student, str(folder), handed_in, judged, old["key"]))
        elif changed or old["key"] == _key_now(old, backend, judged):
            done.append(Done(student, old))
        else:
            tasks.append(task)
    return tasks, done


def _key_now(old: dict[str, Any], backend: str, judged: str) -> str:
    return record.key(old["lab"], old["student"], backend, {**old["inputs"], "judge": judged})


def _trusted(
    root: Path, lab: str, student: str, old: dict[str, Any], scores: Mapping[str, float | None]
) -> bool:
    """Whether a record was finished, and notebook and gradebook are as it says."""
    if old.get("status") != "graded" or not old.get("key"):
        return False
    notebook = judge.load(lab).notebook
    if not (root / "autograded" / student / lab / f"{notebook}.ipynb").is_file():
        return False
    marks = [i for i in old["items"] if i["mode"] == "auto"]
    return bool(scores) and all(scores.get(i["id"]) == i["score"] for i in marks)
