"""Solve labs in LibreOffice: ``python -m tests.autograder.libreoffice <soffice> <folder>``.

The folder has one folder per lab with the files as they are handed out; the workbook to hand in is
saved beside them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.autograder.libreoffice import e1, e2, e3
from tests.autograder.libreoffice.calc import running

LABS = {"E1": e1.solve, "E2": e2.solve, "E3": e3.solve}


def main(program: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as profile, running(program, Path(profile)) as office:
        for lab, solve in LABS.items():
            if (folder / lab).is_dir():
                solve(office, folder / lab)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve())
