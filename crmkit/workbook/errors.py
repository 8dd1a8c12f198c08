"""Errors and warnings of the workbook room, and the one form their messages have."""

from __future__ import annotations

from crmkit.errors import KitError


class WorkbookError(KitError):
    """A file that cannot be read or written as a workbook. Says which file, why, and the remedy."""


class WorkbookWarning(UserWarning):
    """Something was mended while writing a workbook; the file is good."""


def refusal(name: str, what: str, remedy: str = "") -> WorkbookError:
    """The error for the file `name`: what is wrong with it and what to do."""
    return WorkbookError(f"文件「{name}」{what}。{remedy}")
