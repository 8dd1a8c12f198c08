"""What broken hand-ins are made of, and the form in which a case is written down.

Each case writes a folder as it may come in, and says the exact mark of the automatic items (or the
words of the reason why it cannot be graded) and words that have to stand in its mends.
"""

from __future__ import annotations

import json
import os
import re
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.autograder import notebooks

STUDENT = "2025010101"
FULL = {"E3": 92.0, "ch02": 88.0}
NAME = {"E3": "E3", "ch02": "ch02_theory"}
Nb = dict[str, Any]


@dataclass(frozen=True)
class Broken:
    """One hand-in.

    Attributes
    ----------
    lost : dict
        Points lost by item; everything else deserves full marks.
    reason : str
        Words of the reason when it cannot be graded.
    mends : tuple of str
        Words that stand in its mends; none: nothing is mended.
    needs : str
        "posix", "ordinary user" or "root" when only there it can be made.
    """

    name: str
    write: Callable[[Path], None] = field(repr=False)
    lab: str = "E3"
    lost: dict[str, float] = field(default_factory=dict)
    reason: str = ""
    mends: tuple[str, ...] = ()
    student: str = STUDENT
    needs: str = ""

    @property
    def score(self) -> float | None:
        """The deserved mark of the automatic items; None when it cannot be graded."""
        return None if self.reason else round(FULL[self.lab] - sum(self.lost.values()), 2)

    @property
    def possible(self) -> bool:
        """Whether this system can make it."""
        if not self.needs or sys.platform == "win32":
            return not self.needs
        return {"posix": True, "root": os.getuid() == 0}.get(self.needs, os.getuid() != 0)

    def prepare(self, submitted: Path) -> Path:
        """Write it below ``submitted/`` and return its folder."""
        folder = submitted / self.student / self.lab
        folder.mkdir(parents=True)
        self.write(folder)
        return folder


# ------------------------------------------------------------------------------------- materials


@cache
def _worked(lab: str) -> str:
    nb = notebooks.release(lab)
    answers = {c["id"]: c for c in notebooks.solution(lab).cells}
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            text = answers[cell["id"]].source
            cell.source = re.sub(r"^### (BEGIN|END) SOLUTION\n?", "", text, flags=re.M)
        elif cell.source.startswith('学号 = ""'):
            cell.source = f'学号 = "{STUDENT}"'
    return json.dumps(nb, ensure_ascii=False)


def worked(lab: str = "E3") -> Nb:
    """A notebook in which a student has solved everything, as plain data."""
    made: Nb = json.loads(_worked(lab))
    return made


def blank(lab: str = "E3") -> Nb:
    """The notebook as handed out, as plain data."""
    made: Nb = json.loads(json.dumps(notebooks.release(lab)))
    return made


def cell(nb: Nb, id: str) -> Nb:
    return next(c for c in nb["cells"] if c.get("id") == id)


def at(nb: Nb, id: str) -> int:
    return nb["cells"].index(cell(nb, id))


def given(nb: Nb, begins: str) -> Nb:
    return next(c for c in nb["cells"] if c["cell_type"] == "code" and begins in c["source"])


def new(source: str, kind: str = "code", **more: Any) -> Nb:
    made: Nb = {"cell_type": kind, "metadata": {}, "source": source, "id": f"new{zlib.crc32(source.encode())}"}  # fmt: skip
    return {**made, **({"outputs": [], "execution_count": None} if kind == "code" else {}), **more}


def convert(one: Nb, kind: str) -> None:
    one["cell_type"] = kind
    for key in ("outputs", "execution_count"):
        one.pop(key, None)
    if kind == "code":
        one.update(outputs=[], execution_count=None)


def save(nb: Any, folder: Path, name: str = "", encoding: str = "utf-8") -> Path:
    path = folder / (name or f"{NAME[folder.name]}.ipynb")
    path.write_bytes(json.dumps(nb, ensure_ascii=False, indent=1).encode(encoding))
    return path


CASES: list[Broken] = []


def changed(name: str, *mends: str, lab: str = "E3", lost: dict[str, float] | None = None, reason: str = ""):  # fmt: skip
    """Decorate a function that changes the worked notebook."""

    def add(change: Callable[[Nb], Any]) -> Callable[[Nb], Any]:
        def write(folder: Path) -> None:
            nb = worked(lab)
            save(change(nb) or nb, folder)

        CASES.append(Broken(name, write, lab, lost or {}, reason, mends))
        return change

    return add


def placed(name: str, *mends: str, lost: dict[str, float] | None = None, reason: str = "",
           needs: str = "", student: str = STUDENT):  # fmt: skip
    """Decorate a function that fills the folder."""

    def add(write: Callable[[Path], None]) -> Callable[[Path], None]:
        CASES.append(Broken(name, write, "E3", lost or {}, reason, mends, student, needs))
        return write

    return add


def content(name: str, data: bytes | Callable[[], bytes], *mends: str, reason: str = "") -> None:
    """A hand-in whose notebook file has just this content."""

    def write(folder: Path) -> None:
        (folder / "E3.ipynb").write_bytes(data if isinstance(data, bytes) else data())

    CASES.append(Broken(name, write, "E3", {}, reason, mends))


def text(nb: Nb | None = None) -> str:
    return json.dumps(nb or worked(), ensure_ascii=False)


def take_out(nb: Nb, id: str) -> str:
    """Empty a work cell; the answer that stood in it."""
    one = cell(nb, id)
    answer: str = one["source"]
    one["source"] = cell(blank(folder_lab(id)), id)["source"]
    return answer


def folder_lab(id: str) -> str:
    return id.split("-")[0]
