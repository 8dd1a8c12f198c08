"""The console in an examination: the time that is left, no explanations, locked at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.crm import exam
from crmkit.lab.answersheet import told

if TYPE_CHECKING:
    from crmkit.crm.session import Session

Json = dict[str, Any]

_HELP: Json = {"about": "", "note": "", "notes": [], "hint": "填好条件以后点“查询”"}


def standing(crm: Session) -> Json | None:
    """What the header shows of an examination; None where there is none."""
    found = crm.exam
    if found is None:
        return None
    return {
        "left": found.left.total_seconds(), "minutes": exam.minutes(), "over": found.over,
        "told": told(found),
    }  # fmt: skip


def refuse_when_over(crm: Session) -> None:
    """Raise ExamOver when nothing may be done any more."""
    with crm.store.reading() as connection:
        exam.refuse_when_over(connection)


def without_help(shown: Json) -> Json:
    """What a screen shows without what explains it: purpose, definitions, help of the inputs.

    Figures and their labels stay, and so does what a dry run found.
    """
    found: Json = {k: _HELP.get(k, v) for k, v in shown.items()}
    if "form" in found:
        found["form"] = [{**field, "help": ""} for field in found["form"]]
    if "tables" in found:
        found["tables"] = [{**table, "note": ""} for table in found["tables"]]
    if "body" in found:
        found["body"] = without_help(found["body"])
    return found
