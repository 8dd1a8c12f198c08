"""The class list: who belongs to the class, from whatever table the school hands out."""

from autograder.roster.cleaning import clean_id, clean_name, is_student_id
from autograder.roster.database import keep_roster, kept_roster, write_names
from autograder.roster.model import (
    CHECK,
    MENDED,
    REFUSED,
    REPORT,
    Problem,
    Roster,
    RosterError,
    Student,
)
from autograder.roster.reading import read_roster

__all__ = [
    "CHECK",
    "MENDED",
    "REFUSED",
    "REPORT",
    "Problem",
    "Roster",
    "RosterError",
    "Student",
    "clean_id",
    "clean_name",
    "is_student_id",
    "keep_roster",
    "kept_roster",
    "read_roster",
    "write_names",
]
