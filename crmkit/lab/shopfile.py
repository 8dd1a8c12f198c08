"""A student's own shop file of an operation lab: ``out/<lab>.crm``, made on first use.

Everything the student does in the CRM, by code or in the console, stands in the log of this file;
it is handed in beside the notebook.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.lab.identity import DEMO

if TYPE_CHECKING:
    from crmkit.crm import Session
    from crmkit.crm.store import Store

SUFFIX = ".crm"


def name_of(lab: str, student: str = "") -> str:
    """The file's path below the lab's folder.

    >>> name_of("O1"), name_of("O1", "演示")
    ('out/O1.crm', 'out/O1-演示.crm')
    """
    return f"out/{lab}-{student}{SUFFIX}" if student == DEMO else f"out/{lab}{SUFFIX}"


class ShopFile:
    """The shop of one student for one lab.

    Parameters
    ----------
    shop
        ``"tea"``, ``"ceramics"`` or ``"electronics"``.
    folder
        The lab's folder.
    """

    def __init__(self, lab: str, shop: str, student: str, folder: Path) -> None:
        self.path = folder / name_of(lab, student)
        self._lab, self._shop, self._student = lab, shop, student
        self._store: Store | None = None

    @property
    def begun(self) -> bool:
        """Whether there is anything to look at."""
        return self._store is not None or self.path.is_file()

    def store(self) -> Store:
        """The open store; one of somebody else in its place is put aside, not overwritten.

        Raises
        ------
        StoreError
            The file is damaged, foreign or cannot be written.
        """
        if self._store is None:
            self._store = self._open()
        return self._store

    def session(self, role: str = "") -> Session:
        """A session on the shop, logged in under the student's number when a role is given."""
        from crmkit.crm import Session

        session = Session(self.store())
        return session.login(role, self._student) if role else session

    def log(self) -> list[dict[str, Any]]:
        """The operations so far, after the log's chain was checked.

        Raises
        ------
        StoreError
            The file cannot be read, or its log was changed.
        """
        from crmkit.crm import audit
        from crmkit.crm.session import read_log

        store = self.store()
        store.settle()
        with store.reading() as connection:
            operations, changes = read_log(connection)
        audit.verify(operations, changes)
        return operations

    def _open(self) -> Store:
        from crmkit import shops
        from crmkit.crm import store
        from crmkit.crm.storage.shopfile import Taken

        if self.path.exists():
            found = store.open_store(self.path)
            facts = found.meta()
            if (facts["student"], facts["lab"], facts["shop"]) == (
                self._student,
                self._lab,
                self._shop,
            ):
                return found
            found.close()
            self._put_aside(facts["student"])
        own = self._aside(self._student)
        if not self.path.exists() and own.exists():
            own.rename(self.path)
        if not self.path.exists():
            cut = shops.variant(self._shop, self._student, self._lab)
            try:
                return store.create(self.path, cut, student=self._student, lab=self._lab)
            except Taken:  # by another program of the same student, in this moment
                pass
        return store.open_store(self.path)

    def _aside(self, student: str) -> Path:
        return self.path.with_name(f"{self._lab}-{student}{SUFFIX}")

    def _put_aside(self, student: str) -> None:
        """Another number was typed before: that shop is kept under its own name."""
        target = self._aside(student)
        n = 2
        while target.exists():
            target = self._aside(f"{student}-{n}")
            n += 1
        self.path.rename(target)
