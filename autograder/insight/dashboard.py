"""The teacher's board as a widget: one lab of a class, drawn by the kit's own components.

It opens only in the server that ``autograder dashboard`` starts: that one names the class folder.
A student's server names none, and has no class folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import traitlets

from autograder.insight import board, classroom
from crmkit.errors import KitError
from crmkit.ui.widget import Widget, remote

VARIABLE = "CRMKIT_MARKS_COURSE"


class BoardError(KitError):
    """The board cannot be shown here, or was asked for something it does not have."""


def course_folder() -> Path:
    """The class folder that the teacher's server names.

    Raises
    ------
    BoardError
        This is not the teacher's server.
    """
    named = os.environ.get(VARIABLE, "")
    if not named:
        raise BoardError(
            "这一页只给老师看：请在终端运行 autograder dashboard，再打开它给出的地址。"
        )
    return Path(named)


class MarksBoard(Widget, bundle="marks"):
    """The board of a class, in the page that ``autograder dashboard`` opens.

    Parameters
    ----------
    course
        The class folder, default `course_folder`.
    lab
        The lab to show first, default the last one with marks.
    names
        Show who is who. Off at the start: the page may be on a projector.

    Raises
    ------
    BoardError
        This is not the teacher's server, or the class has no such lab.
    autograder.gradebook.marks.GradebookError
        The class has no marks.
    """

    options = traitlets.Dict().tag(sync=True)
    lab = traitlets.Unicode("").tag(sync=True)
    names = traitlets.Unicode("hidden").tag(sync=True)  # hidden or shown
    data = traitlets.Dict().tag(sync=True)

    def __init__(
        self, course: Path | None = None, *, lab: str = "", names: bool = False, **traits: Any
    ) -> None:
        self._course = course or course_folder()
        marks = classroom.labs(self._course)
        chosen = lab or marks.labs[-1].lab
        if chosen not in [s.lab for s in marks.labs]:
            there = "、".join(s.lab for s in marks.labs)
            raise BoardError(f"没有 {chosen} 的成绩；有成绩的是 {there}。")
        self._lab = classroom.read_lab(self._course, chosen)
        super().__init__(
            options=board.options(marks), lab=chosen, names="shown" if names else "hidden",
            data=board.board(self._lab, names=names), **traits,
        )  # fmt: skip
        self.observe(self._update, ["lab", "names"])

    @property
    def _named(self) -> bool:
        return self.names == "shown"

    def _update(self, change: dict[str, Any]) -> None:
        if change["name"] == "lab":
            self._lab = classroom.read_lab(self._course, self.lab)
        self.data = board.board(self._lab, names=self._named)

    @remote
    def pair(self, number: int) -> dict[str, Any]:
        """One hint of likeness with its passages."""
        hints = self.data["likeness"]["hints"]
        if not isinstance(number, int) or not 0 <= number < len(hints):
            raise BoardError("没有这一条提示：请刷新页面。")
        return board.pair(self._lab, number, names=self._named)
