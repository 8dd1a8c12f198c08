"""What a student works with in a lab notebook: own data, hand-in, an answer at once."""

from __future__ import annotations

import datetime as dt
import importlib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.errors import KitError
from crmkit.lab import by_hand, calls, checks, explain, forms, inputs, manifest, snapshot
from crmkit.lab.answersheet import AnswerSheet, told
from crmkit.lab.identity import DEMO, student_id
from crmkit.lab.shopfile import ShopFile

if TYPE_CHECKING:
    from crmkit.crm import Session
    from crmkit.crm.exam import Exam


class Lab:
    """One lab of one student.

    Parameters
    ----------
    lab : str
        The lab's id, e.g. "E3".
    student : str
        The student id; it decides whose data the lab works on. Empty: demonstration data.

    Raises
    ------
    KitError
        No such lab, or the text cannot be a student id.
    """

    def __init__(self, lab: str, student: object = "") -> None:
        self._manifest = manifest.load(lab)
        self.student = student_id(student)
        self.folder = Path.cwd()
        self._seen: dict[str, list[str]] = {}
        self._shop: ShopFile | None = None
        explain.install()
        _read_workbooks_fast()
        (self.folder / "out").mkdir(exist_ok=True)
        self._greet()

    @property
    def id(self) -> str:
        return self._manifest.id

    @property
    def exam(self) -> bool:
        """Whether it is an examination, which is timed and begins with `begin`."""
        return self._manifest.exam

    @property
    def as_of(self) -> dt.date:
        """The date all data are valid for; use it wherever one would say "today"."""
        from crmkit import shops

        return shops.as_of()

    def file(self, name: str) -> Path:
        """The path of one of the lab's input files, with this student's own data in it.

        Raises
        ------
        KitError
            The lab has no input file of this name.
        """
        # By lab, too: chapters lie in one folder, and two of them may call a file the same.
        return inputs.write(
            self.id, self.student, name, self.folder / "data" / self.student / self.id
        )

    def task(self, item: str) -> Task:
        """What an item asks of you in particular: a dict that shows itself as a small table.

        Raises
        ------
        KitError
            The item asks the same of everybody.
        """
        self._manifest.item(item)
        self._need_begun()
        mine = inputs.tasks(self.id, self.student)
        if item not in mine:
            raise KitError(f"{item} 对每个人都一样，要求都写在题目里")
        return Task(mine[item])

    def crm(self, role: str = "") -> Session:
        """A session on one's own shop of this lab, the file ``out/<lab>.crm``.

        Parameters
        ----------
        role
            Log in at once, e.g. ``"店长"``; without it use ``login`` of the session.

        Raises
        ------
        KitError
            The lab does not work in a shop, there is no such role, or the file cannot be used.
        """
        self._need_begun()
        return self._shop_file().session(role)

    def console(self, role: str = "") -> Any:
        """The console on the same shop: whatever is clicked there counts like code."""
        # Looked up when asked for: the screens stand above this room.
        screens = importlib.import_module("crmkit.ui.console")
        return screens.show(self.crm(role))

    def begin(self) -> None:
        """Start the examination: the time runs from now on. Later calls show the time that is left.

        Raises
        ------
        KitError
            The lab is no examination.
        """
        self._say_time(self._sheet().begin())

    def hand_in(self, sure: bool = False) -> None:
        """End the examination with ``sure=True``; nothing can be answered or done afterwards."""
        sheet = self._sheet()
        self._need_begun()
        self._say_time(sheet.hand_in() if sure else sheet.standing())

    def answer(self, item: str, value: Any = None, *, sheet: str | None = None) -> None:
        """Hand in the answer to one item and look at once whether it is the right kind of thing.

        Parameters
        ----------
        item : str
            The item's number, e.g. "E3-01".
        value : object
            The answer. Empty (``...``): it is looked for in the lab's workbook. An item that asks
            for something done in the CRM takes none: the operation log is looked at.
        sheet : str, optional
            The workbook's sheet that holds this answer when it was worked out by hand.
        """
        info = self._manifest.item(item)
        if info.check is None:
            raise KitError(f"{item} 由老师批阅：把文字写在题目下面的单元格里，不用 lab.answer")
        if isinstance(info.check, checks.Operations):
            self._look_at_log(info, info.check)
            return
        try:
            if _unanswered(value):
                value = self._by_hand(info, sheet)
            if _unanswered(value):
                self._say(info, None, [], "")
                return
            problems = info.check.problems(value, self.folder)
            data = snapshot.Snapshot(item, self.student, self._crossing(info, value)).to_json()
            if self._manifest.exam:
                self._need_begun()
                self._sheet().write(item, data)
        except KitError as e:
            self._seen[item] = [str(e)]
            self._say(info, None, [str(e)], "")
            return
        self._seen[item] = problems
        self._say(info, data, problems, forms.kind_of(value))

    def status(self) -> None:
        """Show which items have been answered in this session, and which look odd."""
        rows = []
        for i in self._manifest.items:
            if i.manual:
                state, tone = "老师批阅：请写文字", "info"
            elif i.id not in self._seen:
                state, tone = "还没有作答", "bad"
            elif self._seen[i.id]:
                state, tone = "已提交，但：" + "；".join(self._seen[i.id]), "bad"
            else:
                state, tone = "已提交，形式正确", "ok"
            rows.append((i, state, tone))
        done = sum(1 for _, _, tone in rows if tone == "ok")
        automatic = sum(1 for i, _, _ in rows if not i.manual)
        lines = [f"{i.id}　{i.points:g} 分　{state}" for i, state, _ in rows]
        marks = {"ok": "✓", "bad": "○", "info": "✎"}
        body = "".join(
            f'<tr><td style="text-align:left">{marks[tone]} {i.id}</td><td style="text-align:left">'
            f'{escape(i.title)}</td><td>{i.points:g} 分</td><td style="text-align:left">{escape(state)}</td></tr>'
            for i, state, tone in rows
        )
        head = f"{self.id} 自查：{automatic} 个自动判分的题里，{done} 个已提交且形式正确"
        _show("\n".join([head, *lines]),
              f'<div lang="zh-CN"><b>{escape(head)}</b><table>{body}</table></div>')  # fmt: skip

    def _shop_file(self) -> ShopFile:
        if not self._manifest.shop:
            raise KitError(f"{self.id} 不在店铺系统里做，没有实训台")
        if self._shop is None:
            m = self._manifest
            self._shop = ShopFile(m.id, m.shop, self.student, self.folder)
        return self._shop

    def _sheet(self) -> AnswerSheet:
        if not self._manifest.exam:
            raise KitError(f"{self.id} 不是考试，不计时")
        return AnswerSheet(self._shop_file())

    def _need_begun(self) -> None:
        if self._manifest.exam and self._sheet().standing() is None:
            raise KitError("考试还没有开始：先运行 lab.begin()，从那一刻起计时")

    def _say_time(self, standing: Exam | None) -> None:
        assert standing is not None
        for item in self._sheet().answered():
            self._seen.setdefault(item, [])  # after a restart of the kernel
        words, name = told(standing), f"{self.id} {self._manifest.title}"
        _show(f"[{name}] {words}", explain.notice(name, words, "info" if standing.over else "ok"))

    def _look_at_log(self, info: manifest.ItemInfo, check: checks.Operations) -> None:
        """Say whether the log has something about an item. What crosses is the file itself."""
        shop = self._shop_file()
        try:
            lines = shop.log() if shop.begun else []
            problems = check.problems(lines, self.folder)
        except KitError as e:
            lines, problems = [], [str(e)]
        name, count = f"{info.id} {info.title}", sum(map(check.concerns, lines))
        if count:
            words = f"操作日志里有 {count} 条这一题的操作。做得对不对由评分程序判断。"
            self._seen[info.id] = []
        else:
            words = f"还没有做：{'；'.join(problems)}。在实训台里点，或写代码做，再运行这里。"
        tone = "ok" if count else "info" if lines else "bad"
        _show(f"[{name}] {words}", explain.notice(name, words, tone if shop.begun else "info"))

    def _by_hand(self, info: manifest.ItemInfo, sheet: str | None) -> Any:
        """The answer as the lab's workbook has it."""
        path = self.folder / self._manifest.workbook
        if isinstance(info.check, checks.BarChart):
            return by_hand.read_chart(path, sheet)
        return by_hand.read(path, info.id, sheet)

    def _crossing(self, info: manifest.ItemInfo, value: Any) -> Any:
        """The value in the form in which it crosses to the judge."""
        if isinstance(info.check, checks.Workbook):
            return snapshot.describe_file(checks.file_path(value, self.folder), self.folder)
        if isinstance(info.check, checks.Function):
            if not callable(value):
                raise KitError(f"这里要一个函数，你交的是{forms.kind_of(value)}")
            calls.register(info.id, value)
            return snapshot.FunctionAnswer(getattr(value, "__name__", "?"), info.check.params)
        if isinstance(info.check, checks.BarChart) and hasattr(value, "patches"):
            return snapshot.read_bars(value)
        if hasattr(value, "hand_in"):
            return value.hand_in()
        return value

    def _say(self, info: manifest.ItemInfo, data: Any, problems: list[str], kind: str) -> None:
        name = f"{info.id} {info.title}"
        if data is None and not problems:
            words, tone = (
                "还没有作答：把上面单元格里的 ... 换成你的代码，运行后再运行这里。",
                "info",
            )
        elif data is None:
            words, tone = "没有交上：" + "；".join(problems), "bad"
        elif problems:
            words, tone = f"已提交：{kind}。但看起来不对：" + "；".join(problems), "bad"
        else:
            words, tone = f"已提交：{kind}。形式正确；对不对由评分程序判断。", "ok"
        bundle = {snapshot.ANSWER_MIME: data} if data is not None else {}
        _show(f"[{name}] {words}", explain.notice(name, words, tone), bundle)

    def _greet(self) -> None:
        m = self._manifest
        whose = (
            "现在用的是演示数据：把上面的学号填好再运行一次，就换成你自己的数据。"
            if self.student == DEMO
            else f"学号 {self.student}：以下都是你自己的数据，与同学的不同。"
        )
        words = f"共 {len(m.items)} 题 {m.points:g} 分。{whose}"
        tone = "bad" if self.student == DEMO else "ok"
        _show(f"[{m.id} {m.title}] {words}", explain.notice(f"{m.id} {m.title}", words, tone))


class Task(dict[str, Any]):
    """One's own version of a task."""

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{escape(name)}</th>'
            f'<td style="text-align:left">{escape(_told(value))}</td></tr>'
            for name, value in self.items()
        )
        return f'<table lang="zh-CN">{rows}</table>'


def _told(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _read_workbooks_fast() -> None:
    """calamine reads .xlsx several times faster than openpyxl; pandas 4 will default to it."""
    import pandas as pd

    pd.set_option("io.excel.xlsx.reader", "calamine")


def _unanswered(value: Any) -> bool:
    if value is None or value is ...:
        return True
    return (
        isinstance(value, dict)
        and bool(value)
        and all(v is ... or v is None for v in value.values())
    )


def _show(words: str, html: str, more: dict[str, Any] | None = None) -> None:
    from IPython.core.getipython import get_ipython

    if get_ipython() is None:
        print(words)
        return
    from IPython.display import display

    display({"text/plain": words, "text/html": html, **(more or {})}, raw=True)
