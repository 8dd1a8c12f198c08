"""One person's desk: the screen that is open, its tables and forms, and what is done from there.

All that the console can do without a browser; the widget hands over what the browser asks.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.crm import catalogue, roles
from crmkit.crm.errors import InvalidInput, PermissionDenied
from crmkit.errors import KitError
from crmkit.ui.console import auto, drawing, export, registry
from crmkit.ui.console import fields as forms
from crmkit.ui.console.grid import Grid
from crmkit.ui.console.paged import PagedGrid
from crmkit.ui.console.screen import (
    Action,
    Call,
    Done,
    Download,
    Drawer,
    Screen,
    Table,
    View,
    form_of,
)

if TYPE_CHECKING:
    from crmkit.crm.session import Session

Json = dict[str, Any]
Answer = tuple[Json, list[bytes]]


class DeskError(KitError):
    """The browser asked for something that is not on the screen (any more)."""


class Desk:
    """The state behind the console of one logged-in person."""

    def __init__(
        self, crm: Session, files: Mapping[str, Path] | None = None,
        tell: Callable[[str], None] = lambda said: None,
    ) -> None:  # fmt: skip
        self.crm = crm
        self.tell = tell  # what long work says while it goes on
        self.files = files if files is not None else {}
        self.screen: Screen | None = None
        self.values: forms.Values = {}
        self.view: View | None = None
        self.grids: list[Grid] = []
        self.refused = ""
        self._drawer: tuple[Grid, str, Drawer] | None = None
        self._undo: dict[str, Callable[[Session], str | None]] = {}
        self._numbers = itertools.count(1)
        self._token = ""  # of the newest dry run

    # --- a screen -----------------------------------------------------------------------------
    def open(self, key: str) -> Json:
        """Go to a function; a refusal is shown on its screen and stands in the log."""
        self.screen = registry.screen(key)
        self.values, self.view, self.grids, self.refused = {}, None, [], ""
        self._drawer = None
        try:
            self._check(key)
            self.values = forms.start_values(self.screen.form(self.crm))
            self._load()
        except PermissionDenied as error:
            self.refused = str(error)
        return self.shown()

    def _check(self, key: str) -> None:
        """Refuse at the door, before forms ask for anything: said and logged by the session."""
        if key.startswith(f"{registry.OWN}."):
            return  # these check a right of their own when they load
        if self.crm.role not in catalogue.function(key).use:
            with self.crm.reading(key):
                pass

    def ask(self, raw: Mapping[str, Any]) -> Json:
        """Show the results for what was filled in; wrong entries come back by name."""
        screen = self._open_screen()
        values, errors = forms.read(screen.form(self.crm), raw, self.crm, self.files)
        if errors:
            return {"errors": errors}
        before, self.values = self.values, values
        try:
            self._load()
        except InvalidInput as error:
            self.values = before
            return self._wrong(error, screen.form(self.crm))
        return {"body": self._body()}

    def again(self) -> Json:
        """The same screen with what is true now."""
        self._load()
        return {"body": self._body()}

    def _load(self) -> None:
        screen = self._open_screen()
        if any(name not in self.values for name in screen.needs):
            self.view, self.grids = None, []
            return
        self.view = auto.view_of(screen.load(self.crm, dict(self.values)), title=self._title())
        before = {g.table.title: g for g in self.grids}
        self.grids = [_as_before(grid_of(t), before.get(t.title)) for t in self.view.tables]

    # --- tables -------------------------------------------------------------------------------
    def grid(self, table: int) -> Grid:
        if not 0 <= table < len(self.grids):
            raise DeskError("这张表已经不在页面上了，请刷新页面。")
        return self.grids[table]

    def table(
        self, table: int, *, search: str | None = None, sort: str | None = None, also: bool = False,
        number: int | None = None, size: int | None = None, columns: Sequence[str] | None = None,
    ) -> Json:  # fmt: skip
        """Change what a table shows; returns the page."""
        grid = self.grid(table)
        if search is not None:
            grid.look_for(search)
        if sort is not None:
            grid.sort_by(sort, also=also)
        if columns is not None:
            grid.show(columns)
        if number is not None or size is not None:
            grid.turn_to(number or grid.number, size)
        return grid.page()

    def choose(self, table: int, keys: Sequence[str], on: bool) -> Json:
        """Select rows, or with the key ``"*"`` all that were found."""
        grid = self.grid(table)
        if list(keys) == ["*"]:
            grid.choose_found() if on else grid.choose_none()
        else:
            grid.choose(keys, on)
        return grid.page()

    def download(self, table: int) -> Answer:
        """What a table shows (all pages) as xlsx. Needs the right 导出, and is logged."""
        grid, screen = self.grid(table), self._open_screen()
        if grid.table.export_with is not None:
            return self._own_export(grid)
        key = "" if screen.key.startswith(f"{registry.OWN}.") else screen.key
        frame = grid.everything()
        title = (
            f"{self._title()}" if len(self.grids) == 1 else f"{self._title()}-{grid.table.title}"
        )
        with self.crm.using_right(roles.EXPORT, key, "导出", 表=grid.table.title, 行数=len(frame)):
            content = export.workbook(grid.table.title, frame, grid.kinds)
        name = f"{title}_{self.crm.as_of:%Y%m%d}.xlsx"
        return {"name": name, "rows": len(frame), "kind": Download("", b"").kind}, [content]

    def _own_export(self, grid: Grid) -> Answer:
        """The module's own export, which checks the right and logs."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.xlsx"
            assert grid.table.export_with is not None
            grid.table.export_with(self.crm, path)
            content = path.read_bytes()
        name = f"{self._title()}_{self.crm.as_of:%Y%m%d}.xlsx"
        return {"name": name, "rows": grid.found, "kind": Download("", b"").kind}, [content]

    # --- details ------------------------------------------------------------------------------
    def details(self, table: int, row: str, *, clear: bool = False) -> Json:
        """The drawer of a row; `clear` asks for personal data in clear (a right, logged)."""
        grid = self.grid(table)
        if grid.table.drawer is None:
            raise DeskError("这一行没有详情。")
        if clear and self._drawer and self._drawer[2].reveal:
            made = self._drawer[2].reveal(self.crm)
        else:
            made = grid.table.drawer(self.crm, grid.row(row))
        self._drawer = (grid, row, made)
        return drawing.drawer(made, self._buttons("drawer", made.actions))

    # --- actions ------------------------------------------------------------------------------
    def begin(self, action: str, row: str = "") -> Json:
        """The form of an action; refused (and logged) when the role may not."""
        chosen, call = self._call(action, row)
        self._allow(chosen)
        self._token = ""
        fields = form_of(chosen.fields, self.crm, call.row or None)
        text = chosen.text(call) if callable(chosen.text) else chosen.text
        if not text and chosen.on == "rows":
            text = f"将对选中的 {len(call.keys):,} 行执行“{chosen.label}”。"
        return {
            "title": chosen.label, "text": text, "count": len(call.keys), "danger": chosen.danger,
            "form": drawing.form(fields, self.crm, forms.start_values(fields)),
            "preview": chosen.preview is not None, "confirm": chosen.confirm or chosen.label,
        }  # fmt: skip

    def run(self, action: str, row: str, raw: Mapping[str, Any], dry: bool = False) -> Answer:
        """Do it, or (`dry`) show what it would do."""
        chosen, call = self._call(action, row)
        self._allow(chosen)
        fields = form_of(chosen.fields, self.crm, call.row or None)
        values, errors = forms.read(fields, raw, self.crm, self.files)
        if errors:
            return {"errors": errors}, []
        token = "" if dry else self._token
        call = replace(call, values=values, token=token, tell=self.tell)
        try:
            if dry and chosen.preview is not None:
                shown = auto.view_of(chosen.preview(call), title="预览")
                self._token = shown.token
                return {"preview": drawing.report(shown)}, []
            outcome = chosen.run(call)
        except InvalidInput as error:
            return self._wrong(error, fields), []
        return self._done(chosen, outcome)

    def undo(self, token: str) -> Json:
        """Take back what an action did."""
        take_back = self._undo.pop(token, None)
        if take_back is None:
            raise DeskError("这一步已经撤销过了。")
        said = take_back(self.crm)
        self._load()
        return {"message": said or "已撤销。", "body": self._body()}

    def _done(self, action: Action, outcome: Any) -> Answer:
        done = (
            outcome if isinstance(outcome, Done) else Done(outcome or f"已完成：{action.label}。")
        )
        answer: Json = {"message": done.message, "warn": done.warn}
        out: list[bytes] = []
        if done.undo is not None:
            answer["undo"] = str(next(self._numbers))
            self._undo[answer["undo"]] = done.undo
        if done.view is not None:
            answer["report"] = drawing.report(done.view)
        if done.download is not None:
            answer["download"] = {"name": done.download.name, "kind": done.download.kind}
            out = [done.download.content]
        if action.changes and self.screen is not None and self.view is not None:
            if action.on == "rows":
                for grid in self.grids:
                    grid.choose_none()
            self._load()
            answer["body"] = self._body()
        if self._drawer and action.on == "drawer" and action.changes:
            grid, row, _ = self._drawer
            index = next((n for n, g in enumerate(self.grids) if g.table.title == grid.table.title), None)  # fmt: skip
            if index is not None and row in {r["key"] for r in self.grids[index].page()["rows"]}:
                answer["drawer"] = self.details(index, row)
        return answer, out

    def _call(self, name: str, row: str) -> tuple[Action, Call]:
        where, _, index = name.rpartition(":")
        try:
            if where == "screen":
                return self._open_screen().actions[int(index)], Call(self.crm, {})
            if where == "drawer" and self._drawer:
                grid, key, made = self._drawer
                return made.actions[int(index)], Call(self.crm, {}, grid.row(key), key=grid.name_of(key))  # fmt: skip
            grid = self.grid(int(where.removeprefix("table")))
            action = grid.table.actions[int(index)]
        except (ValueError, IndexError):
            raise DeskError("这个操作已经不在页面上了，请刷新页面。") from None
        if action.on == "rows":
            if not grid.chosen:
                raise DeskError("还没有选中任何一行。")
            names = [grid.name_of(key) for key in grid.chosen]
            return action, Call(self.crm, {}, rows=grid.rows(), keys=names)
        return action, Call(self.crm, {}, grid.row(row), key=grid.name_of(row))

    # --- rights -------------------------------------------------------------------------------
    def refusal(self, action: Action) -> str:
        """Why this role may not use an action; empty when it may."""
        try:
            self._rights(action)
        except PermissionDenied as error:
            return str(error)
        return ""

    def _rights(self, action: Action) -> None:
        screen = self._open_screen()
        key = action.function or screen.key
        if action.changes and not key.startswith(f"{registry.OWN}."):
            roles.check(self.crm.role, catalogue.function(key), act=True)
        if action.right:
            roles.check_right(self.crm.role, action.right)

    def _allow(self, action: Action) -> None:
        try:
            self._rights(action)
        except PermissionDenied:
            key = action.function or self._open_screen().key
            key = "" if key.startswith(f"{registry.OWN}.") else key
            if action.right and self.crm.role not in roles.RIGHTS[action.right]:
                with self.crm.using_right(action.right, key, action.label):
                    pass  # raises, and stands in the log
            with self.crm.writing(key, action.label):
                pass
            raise

    # --- as JSON ------------------------------------------------------------------------------
    def shown(self) -> Json:
        """The whole screen."""
        screen = self._open_screen()
        module, title = registry.title(screen.key)
        head: Json = {
            "key": screen.key, "module": module, "title": title, "about": screen.about,
            "refused": self.refused,
        }  # fmt: skip
        if self.refused:
            return head
        fields = screen.form(self.crm)
        return {
            **head,
            "form": drawing.form(fields, self.crm, self.values),
            "actions": self._buttons("screen", screen.actions),
            "hint": screen.hint,
            **self._body(),
        }

    def _body(self) -> Json:
        screen, view = self._open_screen(), self.view
        if view is None:
            return {"ready": False}
        may_export = self.crm.role in roles.RIGHTS[roles.EXPORT]
        try:
            roles.check_right(self.crm.role, roles.EXPORT)
            why = ""
        except PermissionDenied as error:
            why = str(error)
        return {
            "ready": True, "note": view.note, "warning": view.warning,
            "notes": [list(pair) for pair in (*view.notes, *screen.notes)],
            "cards": [drawing.card(c) for c in view.cards],
            "groups": [drawing.group(g) for g in view.groups],
            "charts": [f.shown() for f in view.charts],
            "tables": [
                {
                    "title": g.table.title, "note": g.table.note, "empty": g.table.empty,
                    "export": g.table.export, "export_why": "" if may_export else why,
                    "drawer": g.table.drawer is not None, "link": g.id,
                    "actions": self._buttons(f"table{n}", g.table.actions), "page": g.page(),
                }
                for n, g in enumerate(self.grids)
            ],
        }  # fmt: skip

    def _buttons(self, where: str, actions: Sequence[Action]) -> list[Json]:
        return [drawing.action(a, f"{where}:{n}", self.refusal) for n, a in enumerate(actions)]

    def _wrong(self, error: InvalidInput, fields: Sequence[forms.Field]) -> Json:
        """What is wrong with which input; what belongs to none stands above the form."""
        names = {f.name for f in fields} | {f.end for f in fields if f.end}
        ends = {f.end: f.name for f in fields if f.end}
        errors = {ends.get(k, k): v for k, v in error.fields.items() if k in names}
        rest = [v for k, v in error.fields.items() if k not in names]
        message = "；".join(rest) if errors or rest else str(error)
        return {"errors": errors, "message": message or ("" if errors else str(error))}

    def _open_screen(self) -> Screen:
        if self.screen is None:
            raise DeskError("还没有打开功能，请从左边选一个。")
        return self.screen

    def _title(self) -> str:
        return registry.title(self._open_screen().key)[1]


def _as_before(new: Grid, old: Grid | None) -> Grid:
    """Keep search, order, page and columns of a table that is loaded again."""
    if old is None:
        return new
    new.follow(old)
    return new


def grid_of(table: Table) -> Grid:
    """The state of a table, paged here or by its module."""
    return Grid(table) if table.source is None else PagedGrid(table)
