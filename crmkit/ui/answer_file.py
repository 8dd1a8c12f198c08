"""Keeps quiz answers in a file of the working folder, so that they can be handed in and reopened."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crmkit import __version__
from crmkit.lab.identity import DEMO, VARIABLE

_SCHEMA = 1


@dataclass
class Answers:
    """What is known about some questions, by question id."""

    answers: dict[str, Any] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)  # submissions that held an answer
    first: dict[str, float] = field(default_factory=dict)  # share of points on the first of them


class AnswerFile:
    """``out/quiz_<chapter>.json`` in the working folder; quizzes of one chapter share it.

    Whoever gives no student number goes on with the file's; a file without one is taken over.
    A grader knows whose hand-in it has, so there a mistyped number in the file does not matter.
    """

    def __init__(self, folder: Path, chapter: str, student: str) -> None:
        self.path = folder / "out" / f"quiz_{chapter}.json"
        self.chapter = chapter
        self.student = student

    def load(self) -> tuple[Answers, str]:
        """What was saved, and a message if it could not be used.

        A file that cannot be read, or belongs to somebody else, is put aside under another name,
        never written over.
        """
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Answers(), ""
        except (OSError, ValueError):
            return Answers(), self._put_aside("bad", "读不出来")
        if not isinstance(data, dict) or data.get("schema") != _SCHEMA:
            return Answers(), self._put_aside("bad", "不是本课程的作答文件")
        owner = data.get("student")
        if self.student == DEMO and isinstance(owner, str) and owner:
            self.student = owner
        if owner not in (self.student, DEMO) and not os.environ.get(VARIABLE):
            return Answers(), self._put_aside("other", "是另一个学号的作答")
        return Answers(*(_mapping(data, name) for name in ("answers", "tries", "first"))), ""

    def save(self, mine: Answers, ids: list[str]) -> str:
        """Write what is known about the questions `ids`, keep the others; a message on failure."""
        kept, said = self.load()
        data: dict[str, Any] = {
            "schema": _SCHEMA,
            "kit": __version__,
            "chapter": self.chapter,
            "student": self.student,
            "answers": _laid_over(kept.answers, mine.answers, ids),
            "tries": _laid_over(kept.tries, mine.tries, ids),
            "first": _laid_over(kept.first, mine.first, ids),
        }
        try:
            _write(self.path, data)
        except OSError as e:
            return f"作答没有存上（{e.strerror or e}）：请检查 {self.path} 所在的文件夹能否写入。"
        return said

    def _put_aside(self, why: str, what: str) -> str:
        for n in range(1, 100):
            other = self.path.with_suffix(f".{why}{n}.json")
            if not other.exists():
                break
        try:
            self.path.replace(other)
        except OSError:
            return f"out/{self.path.name} {what}，没有载入。"
        return f"out/{self.path.name} {what}，没有载入，已改名为 {other.name}。"


def _mapping(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    return dict(value) if isinstance(value, dict) else {}


def _laid_over(kept: Mapping[str, Any], mine: Mapping[str, Any], ids: list[str]) -> dict[str, Any]:
    """`mine` for the questions `ids`, `kept` for the others."""
    others = {id: value for id, value in kept.items() if id not in ids}
    return others | {id: mine[id] for id in ids if id in mine}


def _write(path: Path, data: Mapping[str, Any]) -> None:
    """All or nothing: a reader, or a machine switched off, never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".tmp")
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as f:
            json.dump(data, f, ensure_ascii=False, indent=1, sort_keys=True)
            f.write("\n")
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
