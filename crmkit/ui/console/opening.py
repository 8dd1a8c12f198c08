"""Ways to open the console: on a session in a notebook, or as a page where one logs in."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from crmkit.crm.errors import InvalidInput
from crmkit.ui.console.widget import Console

if TYPE_CHECKING:
    from crmkit.crm.session import Session

GUEST = "2025000000"
_STUDENT = re.compile(r"[0-9A-Za-z_-]{1,32}")


def show(crm: Session) -> Console:
    """The console of an open shop, for a notebook. Log in on the screen, or before by ``login``."""
    return Console(crm)


def page(folder: Path | str | None = None, *, lab: str = "练习") -> Console:
    """The console as a page: shop, student number and role are chosen at the login.

    Parameters
    ----------
    folder
        Where the shop files are kept, in one folder for each student; without it in a temporary
        folder that is gone with the page.
    lab
        For which lab the shops are cut.
    """
    from crmkit.crm import open_shop
    from crmkit.ui.dashboard import available_shops

    kept = tempfile.TemporaryDirectory(prefix="crm-shop-") if folder is None else None
    base = Path(kept.name) if kept is not None else Path(str(folder))

    def opener(shop: str, student: str) -> Session:
        student = student or GUEST
        if not _STUDENT.fullmatch(student):
            raise InvalidInput(
                "学号不对", {"student": "学号只能是字母、数字、“-”和“_”，最多 32 位"}
            )
        own = base / student
        own.mkdir(parents=True, exist_ok=True)
        return open_shop(shop, student=student, lab=lab, folder=own)

    console = Console(opener=opener, shops=available_shops())
    console.kept = kept  # the folder lives as long as the console
    _warm_up()
    return console


def _warm_up() -> None:
    """Load what the first shop needs while the visitor looks at the login (in a kernel only)."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return

    def load() -> None:
        from crmkit import shops

        shops.load("tea")

    loop.call_later(0.4, load)
