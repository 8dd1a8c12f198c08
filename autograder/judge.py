"""Judge a submission's answers: load the lab's judge, compare, recognise mistakes.

Nothing here runs student code: it gets values that crossed the border as data.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from autograder.fingerprint import of_folder
from autograder.operations import NOTHING, Work
from autograder.spec import Item, LabSpec, Manual, Mistake, Verdict
from crmkit.errors import KitError
from crmkit.lab.snapshot import FileAnswer

# CRMKIT_LABS: a folder of labs of one's own, in place of those that came with the kit
SOURCES = Path(os.environ.get("CRMKIT_LABS") or Path(__file__).parent / "source")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


class JudgeError(KitError):
    """The lab has no judge, or its judge cannot be used."""


@cache
def load(lab: str) -> LabSpec:
    """The spec of a lab, from ``autograder/source/<lab>/judge.py``.

    Raises
    ------
    JudgeError
        There is no such lab.
    """
    path = SOURCES / lab / "judge.py"
    if not path.is_file():
        raise JudgeError(f"没有实验「{lab}」；现有：{'、'.join(known())}")
    name = f"autograder.source.{lab}.judge"
    module_spec = importlib.util.spec_from_file_location(name, path)
    assert module_spec is not None and module_spec.loader is not None
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[name] = module  # dataclasses look their module up by name
    module_spec.loader.exec_module(module)
    spec: LabSpec = module.lab
    return spec


def fingerprint(lab: str) -> str:
    """sha256 over everything in the lab's source folder: a changed judge changes the record."""
    return of_folder(SOURCES / lab)


def known() -> list[str]:
    """Ids of all labs and chapters that have a judge."""
    return sorted(p.parent.name for p in SOURCES.glob("*/judge.py"))


@dataclass
class Submission:
    """What came out of running one hand-in: answers by item, returns by item, files by path.

    `works` is what was done in the shop: in the file that was handed in, then in the one that the
    notebook's cells made. `unread` says why a file could not be used. `seen` holds what was read
    from them by item (tests put in what they like).
    """

    student: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    returns: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    works: Sequence[Work] = ()
    unread: str = ""
    seen: Mapping[str, Any] = field(default_factory=dict)
    _books: dict[str, Any] = field(default_factory=dict, repr=False)

    def lacking(self, item: Item) -> Verdict | None:
        """What to say when there is nothing to judge; None when there is."""
        if item.id in self.seen:
            return None
        if item.public is not item.log:
            if item.id in self.answers:
                return None
            return Verdict(0.0, "没有作答", "运行题目下面的提交单元格，看到「已提交」才算交上")
        if self.work_on(item):
            return None
        if self.unread:
            return Verdict(0.0, self.unread, "把实验文件夹里 out 下的 .crm 文件重新交一次")
        words = "操作日志里没有这一题的操作"
        return Verdict(0.0, words, "在实训台里做过的，要把 out 里的 .crm 文件和笔记本一起交")

    def work_on(self, item: Item) -> list[Work]:
        """The shop files in which something was done for an item."""
        log = item.log
        return [] if log is None else [w for w in self.works if w.about(log)]

    def read_work(self, item: Item, world: Any) -> list[Any]:
        """What each of these files says of an operation item, as `Item.reads` reads it."""
        if item.id in self.seen:
            return [self.seen[item.id]]
        assert item.reads is not None
        value = self.answers.get(item.id)
        return [item.reads(world, w, value) for w in self.work_on(item) or [NOTHING]]

    def answer(self, item: Item) -> Any:
        """The answer to compare: a value, the outputs of a function, or an opened workbook.

        Raises
        ------
        KitError
            The handed-in file is not there or cannot be opened.
        """
        value = self.answers[item.id]
        if item.calls is not None:
            return self.returns.get(item.id)
        if isinstance(value, FileAnswer):
            return self._book(value.path)
        return value

    def _book(self, path: str) -> Any:
        from crmkit import workbook

        if path not in self.files:
            raise KitError(f"提交里没有文件「{path}」：要和笔记本一起交")
        if path not in self._books:
            try:
                self._books[path] = workbook.inspect(self.files[path])
            except KitError as refused:  # not to be opened again for every item
                self._books[path] = refused
        if isinstance(self._books[path], KitError):
            raise self._books[path]
        return self._books[path]


@dataclass(frozen=True)
class Result:
    """One judged item. `score` is None when a teacher has to mark it."""

    id: str
    title: str
    points: float
    score: float | None
    mode: str
    core: bool
    status: str
    need: str
    found: str
    hint: str


def judge(
    spec: LabSpec, submission: Submission, only: Collection[str] | None = None
) -> list[Result]:
    """Judge the items of a submission, in the lab's order: all, or only those named."""
    world = spec.world(submission.student)
    results = []
    for item in spec.items:
        if only is not None and item.id not in only:
            continue
        if isinstance(item, Manual):
            results.append(Result(item.id, item.title, item.points, None, "manual", item.core,
                                  "manual", item.need, "", ""))  # fmt: skip
        else:
            results.append(judge_item(item, submission, world))
    return results


def judge_item(item: Item, submission: Submission, world: Any) -> Result:
    try:
        lacking = submission.lacking(item)
        if lacking is not None:
            return _result(item, "missing", lacking)
        # what was done may stand in two files (handed in, made by the cells): the better counts
        all_got = submission.read_work(item, world) if item.reads else [submission.answer(item)]
        verdicts = [_verdict(item, submission, world, got) for got in all_got]
        verdict = max(verdicts, key=lambda v: v.share)
    except KitError as e:
        return _result(item, "wrong", Verdict(0.0, str(e), "先把提交单元格里提示的形式问题改好"))
    except Exception as e:  # an answer nobody foresaw must not take the other items with it
        words = f"你的答案读不懂（{type(e).__name__}: {e}）"
        return _result(item, "error", Verdict(0.0, words, "请老师看一看这一题"))
    status = "right" if verdict.share >= 1 else "partly" if verdict.share > 0 else "wrong"
    return _result(item, status, verdict)


def _verdict(item: Item, submission: Submission, world: Any, got: Any) -> Verdict:
    verdict = item.compare(got, item.expect(world))
    if verdict.share >= 1:
        return verdict
    follow = item.follow
    if follow is not None and item.rests_on in submission.answers:
        earlier = submission.answers[item.rests_on]
        if _fits(item, got, lambda: follow(world, earlier)):
            return Verdict(1.0, f"{verdict.found.split('，')[0]}，与你自己的 {item.rests_on} 一致，按满分计",
                           f"先改好 {item.rests_on}")  # fmt: skip
    for mistake in item.mistakes:
        if _made(item, mistake, world, got):
            return Verdict(max(mistake.share, verdict.share), verdict.found, mistake.hint)
    return verdict


def _made(item: Item, mistake: Mistake, world: Any, got: Any) -> bool:
    """Whether the answer shows this mistake; an answer the sign cannot read does not."""
    answer, sign = mistake.answer, mistake.sign
    if answer is not None:
        return _fits(item, got, lambda: answer(world))
    try:
        return sign is not None and sign(world, got)
    except KitError:
        return False


def _fits(item: Item, got: Any, other: Any) -> bool:
    """Whether the answer equals another expected value; one that cannot be compared does not."""
    try:
        return item.compare(got, other()).share >= 1
    except KitError:
        return False


def _result(item: Item, status: str, verdict: Verdict) -> Result:
    score = round(item.points * min(1.0, max(0.0, verdict.share)), 2)
    # an address of the student's process would make every record of it another one
    found = _ADDRESS.sub("0x…", verdict.found)
    return Result(item.id, item.title, item.points, score, "auto", item.core, status, item.need,
                  found, verdict.hint)  # fmt: skip
