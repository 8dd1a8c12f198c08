"""What the CRM refuses, and why: every message names what was wrong and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping

from crmkit.errors import KitError


class CrmError(KitError):
    """The CRM refused a request; nothing was changed."""


class PermissionDenied(CrmError):
    """The role may not do this."""


class NotFound(CrmError):
    """There is no such customer, order, tag … in this shop."""


class InvalidInput(CrmError):
    """A value cannot be used; `fields` tells which, for forms to show beside the input."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class IllegalTransition(CrmError):
    """The object's state does not allow this event."""


class Conflict(CrmError):
    """Somebody else changed the same record in the meantime."""


class StoreError(CrmError):
    """The shop file cannot be opened, read or written."""


class ExamOver(CrmError):
    """The examination has ended; the answer sheet is locked."""
