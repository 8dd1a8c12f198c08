"""The console as a widget: what the browser may ask, and who sits at which desk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from crmkit.crm import catalogue, clock, roles
from crmkit.crm.errors import InvalidInput, PermissionDenied
from crmkit.errors import KitError
from crmkit.ui import theme
from crmkit.ui.console import exam, registry
from crmkit.ui.console.desk import Desk
from crmkit.ui.widget import Widget, remote

if TYPE_CHECKING:
    from crmkit.crm.session import Session

LARGEST = 60_000_000  # bytes of an uploaded file
LOG = "system.log"
Json = dict[str, Any]


class ConsoleError(KitError):
    """The console cannot do this now."""


class Console(Widget, bundle="console"):
    """Login, navigation and screens of one person.

    Parameters
    ----------
    crm
        A session to work in; None where the shop is chosen at the login.
    opener
        Opens a shop: ``opener(shop, student)``; None when `crm` is given.
    shops
        Shops to choose from: name → title.
    """

    shell = traitlets.Dict().tag(sync=True)  # who, where, when, and what may be opened
    current = traitlets.Unicode("").tag(sync=True)  # key of the open function
    working = traitlets.Unicode("").tag(sync=True)  # how far a long action has come

    def __init__(
        self, crm: Session | None = None, *, opener: Callable[[str, str], Session] | None = None,
        shops: Mapping[str, str] | None = None, **traits: Any,
    ) -> None:  # fmt: skip
        self.crm = crm
        self._opener = opener
        self._shops = dict(shops or {})
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: dict[str, Path] = {}
        self.desk: Desk | None = None
        self.kept: object = None  # a temporary folder that is to live as long as the console
        super().__init__(**traits)
        if crm is not None and crm.role:
            self.desk = Desk(crm, self._files, self._say_working)
        self._tell()

    # --- login --------------------------------------------------------------------------------
    @remote
    def enter(self, role: str, user: str = "", shop: str = "", student: str = "") -> Json:
        """Log in; wrong entries come back by name."""
        try:
            if self._opener is not None:
                if shop not in self._shops:
                    raise InvalidInput("请选择一家店铺", {"shop": "请选择一家店铺"})
                self._leave_shop()
                self.crm = self._opener(shop, student.strip())
            self._session().login(role, user or student)
        except InvalidInput as error:
            return {"errors": error.fields or {"role": str(error)}, "message": str(error)}
        self.desk = Desk(self._session(), self._files, self._say_working)
        self.current = ""
        self._tell()
        return {}

    @remote
    def leave(self) -> None:
        """Log out."""
        if self.crm is not None:
            self.crm.logout()
        self.desk = None
        self.current = ""
        if self._opener is not None:
            self._leave_shop()
        self._tell()

    @remote
    def switch(self, role: str) -> Json | None:
        """Go on in another role, on the same screen."""
        crm = self._session()
        exam.refuse_when_over(crm)
        crm.login(role, "" if crm.user == crm.role else crm.user)
        self._tell()
        return self.go(self.current) if self.current else None

    def _leave_shop(self) -> None:
        if self.crm is not None:
            self.crm.close()
        self.crm = None

    def _session(self) -> Session:
        if self.crm is None:
            raise ConsoleError("还没有登录，请刷新页面后重新登录。")
        return self.crm

    def _at_desk(self) -> Desk:
        if self.desk is None:
            raise ConsoleError("还没有登录，请刷新页面后重新登录。")
        exam.refuse_when_over(self._session())
        return self.desk

    def _shown(self, answer: Json) -> Json:
        return exam.without_help(answer) if self.shell.get("exam") else answer

    # --- screens ------------------------------------------------------------------------------
    @remote
    def restore(self) -> Json | None:
        """The open screen, for a page that is drawn again."""
        if self.desk is None or self.desk.screen is None:
            return None
        return self._shown(self._at_desk().shown())

    @remote
    def go(self, key: str) -> Json:
        """Open a function's screen (`open` is ipywidgets' own)."""
        shown = self._at_desk().open(key)
        self.current = key
        return self._shown(shown)

    @remote
    def ask(self, values: Json) -> Json:
        return self._shown(self._at_desk().ask(values))

    @remote
    def again(self) -> Json:
        return self._shown(self._at_desk().again())

    @remote
    def table(self, table: int, change: Json) -> Json:
        allowed = ("search", "sort", "also", "number", "size", "columns")
        return self._at_desk().table(table, **{k: v for k, v in change.items() if k in allowed})

    @remote
    def choose(self, table: int, keys: list[str], on: bool) -> Json:
        return self._at_desk().choose(table, keys, on)

    @remote
    def download(self, table: int) -> tuple[Json, list[bytes]]:
        return self._at_desk().download(table)

    @remote
    def details(self, table: int, row: str, clear: bool = False) -> Json:
        return self._at_desk().details(table, row, clear=clear)

    @remote
    def begin(self, action: str, row: str = "") -> Json:
        return self._shown(self._at_desk().begin(action, row))

    @remote
    def run(
        self, action: str, row: str, values: Json, dry: bool = False
    ) -> tuple[Json, list[bytes]]:
        try:
            answer, files = self._at_desk().run(action, row, values, dry)
        finally:
            self.working = ""
        self._tell()  # the shop's time may have moved
        return self._shown(answer), files

    @remote
    def undo(self, token: str) -> Json:
        return self._shown(self._at_desk().undo(token))

    @remote
    def upload(self, token: str, name: str, first: bool, buffers: list[bytes]) -> int:
        """One slice of a file; returns how many bytes are there."""
        if not token.isalnum() or len(token) > 40:
            raise ConsoleError("文件没有传成，请重新选择。")
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="crm-console-")
        ending = Path(name).suffix.lower()
        if ending not in (".xlsx", ".xls", ".csv", ".txt"):
            raise ConsoleError(f"不能读「{name}」：请选择 xlsx、xls 或 csv 文件。")
        folder = Path(self._folder.name) / token
        folder.mkdir(exist_ok=True)
        path = folder / (Path(name).stem[:60].strip(". ") + ending)
        with path.open("wb" if first else "ab") as file:
            for part in buffers:
                file.write(part)
        size = path.stat().st_size
        if size > LARGEST:
            path.unlink()
            raise ConsoleError(f"文件超过 {LARGEST // 1_000_000} MB，请拆分后再导入。")
        self._files[token] = path
        return size

    @remote
    def advance(self, hours: int) -> Json:
        """Move the shop's time on (a right of its own): what is due by then happens."""
        done = self._session().orders.advance(hours=hours)
        self._tell()
        happened = "、".join(f"{event} {n} 笔" for event, n in done.items() if n)
        said = f"店铺时间推进到 {self.shell['now']}。{happened or '没有到期的事。'}"
        desk = self._at_desk()
        fresh = desk.again() if desk.screen is not None and not desk.refused else {}
        return self._shown({"message": said, **fresh})

    @remote
    def exam_time(self) -> None:
        """Tell anew how much time is left; the browser asks when its own count comes to nothing."""
        self._tell()

    def _say_working(self, said: str) -> None:
        self.working = said

    # --- what stands around the screens -------------------------------------------------------
    def _tell(self) -> None:
        who = [{"name": name, "may": text} for name, text in roles.ROLES.items()]
        sitting = None if self.crm is None else exam.standing(self.crm)
        shell: Json = {"roles": who, "in": False, "exam": sitting}
        if self.desk is None:
            shell["shops"] = [{"value": k, "label": v} for k, v in self._shops.items()]
            shell["colours"] = theme.SHOP_COLOURS
            if self.crm is not None:
                shell["title"], shell["shop"] = self.crm.title, self.crm.shop
                shell["student"] = self.crm.store.meta()["student"]
        else:
            crm = self._session()
            shell |= {
                "in": True, "title": crm.title, "shop": crm.shop, "role": crm.role, "user": crm.user,
                "as_of": crm.as_of.isoformat(), "now": clock.text(crm.now)[:16],
                "colour": theme.SHOP_COLOURS[crm.shop], "modules": navigation(crm.role),
                "rights": [name for name, who in roles.RIGHTS.items() if crm.role in who],
                "rights_why": {right: _why(partial(roles.check_right, crm.role, right)) for right in roles.RIGHTS},
            }  # fmt: skip
        self.shell = shell


def navigation(role: str) -> list[Json]:
    """The modules with their functions; `why` says why this role may not use one."""
    modules: dict[str, Json] = {}
    for f in (*catalogue.FUNCTIONS.values(), *catalogue.SALES.values()):
        module = modules.setdefault(
            f.module, {"key": f.key.partition(".")[0], "name": f.module, "functions": []}
        )
        module["functions"].append(
            {"key": f.key, "name": f.name, "why": _why(partial(roles.check, role, f))}
        )
    modules["系统"] = {
        "key": registry.OWN, "name": "系统",
        "functions": [
            {"key": LOG, "name": "操作日志", "why": _why(partial(roles.check_right, role, roles.AUDIT))}
        ],
    }  # fmt: skip
    return list(modules.values())


def _why(check: Callable[[], None]) -> str:
    try:
        check()
    except PermissionDenied as error:
        return str(error)
    return ""
