"""What the eight modules share: a session, and frames with the labels people see."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from crmkit.crm.session import Session


class Module:
    """One module of the CRM. Its methods use `self.session.reading` and `self.session.writing`."""

    key: ClassVar[str]

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def store(self):  # type: ignore[no-untyped-def]
        return self.session.store
