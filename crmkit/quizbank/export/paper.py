"""A paper: questions of a chapter, numbered, with points, and with one student's numbers."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmkit.errors import KitError
from crmkit.quizbank.loading import kind_of, load
from crmkit.quizbank.presenting import present
from crmkit.quizbank.question import KIND_LABELS, Question

COMMON = "通用卷"  # nobody's own numbers: the first value of each parameter
FULL_MARKS = 100


class PaperError(KitError):
    """A paper that cannot be put together or written; says what and what to do."""


@dataclass(frozen=True)
class Item:
    """A question in its place. `shown` is what `present` gives: the question without its key."""

    number: int
    points: int
    question: Question
    shown: dict[str, Any]


@dataclass(frozen=True)
class Paper:
    """One paper; `student` says whose numbers it has, "" for the common one."""

    chapter: str
    title: str
    student: str
    items: tuple[Item, ...]

    @property
    def heading(self) -> str:
        return f"第 {int(self.chapter[2:])} 章　{self.title}"

    @property
    def variant(self) -> str:
        """What is printed on the paper, so that paper and key find each other."""
        return self.student or COMMON

    @property
    def name(self) -> str:
        """A file name without suffix."""
        return f"{self.chapter}-{len(self.items)}题-{self.variant}"

    def groups(self) -> Iterator[tuple[str, list[Item]]]:
        """Kind in words → its items, kinds in the order of a printed paper."""
        for kind, label in KIND_LABELS.items():
            found = [i for i in self.items if i.question.kind == kind]
            if found:
                yield label, found


def compose(
    chapter: str, count: int | None = None, section: str | None = None, student: str = "",
    kinds: Collection[str] = (),
) -> Paper:  # fmt: skip
    """A paper of `count` questions (all without it), spread evenly over the chapter or section.

    With `kinds` (their Chinese or field names) only questions of these.

    The same arguments give the same paper; students of one class differ in their numbers only.
    The 100 points are shared out in whole points as evenly as they go.

    Raises
    ------
    QuizBankError
        No such chapter, section or kind, or not so many questions.
    PaperError
        The student's number cannot stand in a file name.
    """
    whose = _student(student)
    bank = load(chapter)
    chosen = bank.select(section, count, [kind_of(word) for word in kinds])
    kinds = list(KIND_LABELS)
    ordered = sorted(chosen, key=lambda q: kinds.index(q.kind))  # stable: sections keep their order
    least, rest = divmod(FULL_MARKS, len(ordered))
    items = tuple(
        Item(n, least + (n > len(ordered) - rest), q, present(q, whose or None))
        for n, q in enumerate(ordered, 1)
    )
    return Paper(bank.chapter, bank.title, whose, items)


def _student(given: str) -> str:
    text = unicodedata.normalize("NFKC", given).strip()
    if text and not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}", text):
        raise PaperError(
            f"学号「{text[:20]}」不能用：只写字母、数字、短横线和下划线，例如 2025010101。"
        )
    return text


def beside(target: Path, word: str) -> Path:
    """The file for the key beside the paper: 卷.docx → 卷-答案.docx."""
    return target.with_name(f"{target.stem}-{word}{target.suffix}")


def put(target: Path, data: bytes) -> Path:
    """Write whole or not at all. Raises PaperError."""
    draft = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)
        os.replace(draft, target)
    except OSError as error:
        draft.unlink(missing_ok=True) if draft.parent.is_dir() else None
        raise PaperError(
            f"写不了「{target}」（{error.strerror or error}）。"
            "请检查文件夹是否可写、文件是否正在 Word 或 WPS 里打开。"
        ) from error
    return target
