"""nbgrader's gradebook of a class: opened so that nbgrader finds its own tools."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import Gradebook
from sqlalchemy import text

FILE = "gradebook.db"
COURSE = "crm"
PATIENCE = 30_000  # milliseconds to wait for another program (formgrader) that is writing


@contextmanager
def open_gradebook(course: Path) -> Iterator[Gradebook]:
    """The gradebook in the class folder; it is made when there is none."""
    course.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{(course.resolve() / FILE).as_posix()}"
    with tools_on_path():
        gb = Gradebook(url, COURSE)
    try:
        gb.db.execute(text(f"PRAGMA busy_timeout = {PATIENCE}"))
        gb.db.rollback()
        yield gb
    finally:
        gb.close()


@contextmanager
def tools_on_path() -> Iterator[None]:
    """nbgrader starts ``alembic`` by name when it makes a gradebook; it lies beside our Python."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before
