"""What teachers download from a learning platform, made by hand."""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import datetime
from pathlib import Path

from autograder.collect import Collected, collect
from autograder.roster import Roster, Student

ROSTER = Roster(
    (
        Student("2025010101", "张三"),
        Student("2025010102", "李四"),
        Student("2025010103", "王芳"),
        Student("2025010104", "王芳"),
        Student("2025010105", "欧阳修文"),
        Student("2025010106", "张三丰"),
        Student("S20250107", "Tom Lee"),
    )
)
TITLE = "客户档案分析"


def notebook(lab: str = "E3", answer: str = "male = customers", output: str = "") -> bytes:
    """A notebook with the graded cells of a lab."""
    cells = []
    for n in (1, 2):
        marks = {"grade_id": f"{lab}-0{n}-work", "solution": True, "grade": False, "locked": False}
        cells.append(
            {"cell_type": "code", "metadata": {"nbgrader": marks}, "source": [answer], "outputs": [],
             "execution_count": None}
        )  # fmt: skip
        marks = {
            "grade_id": f"{lab}-0{n}",
            "solution": False,
            "grade": True,
            "locked": True,
            "points": 5,
        }
        source = [f'lab.answer("{lab}-0{n}", male)  # "grade_id": "E9-01"']
        cells.append(
            {"cell_type": "code", "metadata": {"nbgrader": marks}, "source": source,
             "outputs": [output], "execution_count": 1}
        )  # fmt: skip
    nb = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(nb, ensure_ascii=False, indent=1).encode()


def put(path: Path, content: bytes = b"x", when: str = "2025-11-20T10:00") -> Path:
    """A file with a time (Chinese wall clock)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    moment = datetime.fromisoformat(f"{when}:00+08:00").timestamp()
    os.utime(path, (moment, moment))
    return path


def packed(files: dict[str, bytes], when: tuple[int, ...] = (2025, 11, 20, 9, 30, 0)) -> bytes:
    """A zip in memory."""
    return _zip({zipfile.ZipInfo(name, when): content for name, content in files.items()})  # type: ignore[arg-type]


class GbkInfo(zipfile.ZipInfo):
    """A member as Chinese Windows writes it: GBK bytes, not marked as UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), 0


def gbk_zip(files: dict[str, bytes]) -> bytes:
    when = (2025, 11, 20, 9, 30, 0)
    return _zip({GbkInfo(name, when): content for name, content in files.items()})


def _zip(members: dict[zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for info, content in members.items():
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def take(source: Path, course: Path, roster: Roster | None = ROSTER) -> Collected:
    return collect(source, "E3", course, roster=roster, title=TITLE)


def submitted(course: Path) -> dict[str, list[str]]:
    """student → files below submitted/<student>/E3, without the timestamp."""
    out: dict[str, list[str]] = {}
    for folder in sorted((course / "submitted").glob("*/E3")):
        files = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        out[folder.parent.name] = sorted(f for f in files if f != "timestamp.txt")
    return out


def row(collected: Collected, student: str = "") -> dict[str, str]:
    rows = collected.table
    rows = rows[rows["学号"].eq(student)] if student else rows
    assert len(rows) == 1, rows.to_string()
    return rows.iloc[0].to_dict()
