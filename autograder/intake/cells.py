"""JSON of any notebook format → plain cells; nothing of metadata, outputs or ids is believed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from autograder.intake.refusal import Mends, Ungradable, clean, listed

MAX_CELLS = 2000
MAX_CHARACTERS = 400_000  # in one cell; longer ones are pictures pasted as text
MAX_TOTAL = 8_000_000
KINDS = ("code", "markdown", "raw")
SCHEMA = 3  # nbgrader's metadata
_GRADE_ID = re.compile(r"[\w.\- ]{1,100}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass
class Cell:
    """One cell as handed in: its text and what it says it is."""

    kind: str
    source: str
    number: int  # place in the student's notebook, from 1
    grade_id: str = ""
    id: str = ""
    marks: dict[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """How a message names it."""
        return self.grade_id or f"第 {self.number} 个单元格"


def read(nb: dict[str, Any], name: str, mends: Mends) -> list[Cell]:
    """The cells of a notebook that hold anything.

    Raises
    ------
    Ungradable
        It has no cells, or far too many.
    """
    raw = _raw_cells(nb, name, mends)
    cells: list[Cell] = []
    skipped: list[str] = []
    odd: list[str] = []
    total = 0
    for number, item in enumerate(raw, start=1):
        if not isinstance(item, dict):
            skipped.append(f"第 {number} 个")
            continue
        cell = _cell(item, number, odd, mends)
        total += len(cell.source)
        if len(cell.source) > MAX_CHARACTERS or total > MAX_TOTAL:
            mends.add(f"{cell.shown}里有 {len(cell.source) // 10_000} 万字，太长，没有用它的内容")
            total -= len(cell.source)
            cell.source = ""
        if cell.source.strip() or cell.grade_id:
            cells.append(cell)
    if skipped:
        mends.add(f"{listed(skipped)}单元格不是有效的单元格，已略过")
    if odd:
        mends.add(f"{listed(odd)}单元格的内容不是文本，读不出的部分按空白处理")
    if len(cells) > MAX_CELLS:
        raise Ungradable(f"「{name}」有 {len(cells)} 个单元格（上限 {MAX_CELLS} 个），不像一份作业")
    _say_ids(nb, raw, mends)
    return cells


def _raw_cells(nb: dict[str, Any], name: str, mends: Mends) -> list[Any]:
    version = nb.get("nbformat")
    raw = nb.get("cells")
    sheets = nb.get("worksheets")
    if not isinstance(raw, list) and isinstance(sheets, list):
        inside = [s.get("cells") for s in sheets if isinstance(s, dict)]
        raw = [c for cells in inside if isinstance(cells, list) for c in cells]
        mends.add(f"笔记本是旧格式（nbformat {clean(str(version), 10)}），已转成第 4 版")
    elif version != 4 or not isinstance(nb.get("metadata"), dict) or not _minor(nb):
        mends.add("笔记本的版本号或元数据不合规范，已按第 4 版处理")
    if not isinstance(raw, list):
        raise Ungradable(f"「{name}」是 JSON，但不是笔记本（里面没有单元格）；请交 .ipynb 文件")
    return raw


def _minor(nb: dict[str, Any]) -> bool:
    minor = nb.get("nbformat_minor")
    return isinstance(minor, int) and not isinstance(minor, bool) and 0 <= minor <= 5


def _cell(item: dict[str, Any], number: int, odd: list[str], mends: Mends) -> Cell:
    source, whole = _text(item["source"] if "source" in item else item.get("input"))
    if not whole:
        odd.append(f"第 {number} 个")
    kind = item.get("cell_type")
    if kind == "heading":  # nbformat 3
        level = item.get("level")
        source = "#" * (level if isinstance(level, int) and 0 < level < 7 else 1) + " " + source
        kind = "markdown"
    elif kind == "html":
        kind = "markdown"
    elif kind not in KINDS:
        mends.add(f"第 {number} 个单元格的类型「{clean(str(kind), 20)}」不认识，当作代码")
        kind = "code"
    metadata = item.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    marks = marks if isinstance(marks, dict) else {}
    grade_id = marks.get("grade_id")
    if grade_id is not None and not (isinstance(grade_id, str) and _GRADE_ID.fullmatch(grade_id)):
        mends.add(f"第 {number} 个单元格的评分编号不是文本，不用它")
        grade_id = None
    own = item.get("id")
    cell = Cell(
        str(kind), source, number, grade_id or "", own if isinstance(own, str) else "", marks
    )
    _say_metadata(cell, metadata, mends)
    return cell


def _say_metadata(cell: Cell, metadata: Any, mends: Mends) -> None:
    version = cell.marks.get("schema_version", SCHEMA)
    if cell.marks and version != SCHEMA:
        mends.add("评分标记是另一版 nbgrader 的，已换成本课程的")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    ours = [t for t in tags if isinstance(t, str)] if isinstance(tags, list) else []
    tricks = [t for t in ours if "skip" in t or "raises" in t]
    if tricks:
        mends.add(f"{cell.shown} 的标签 {listed(tricks)} 不起作用，照常运行")


def _text(value: Any) -> tuple[str, bool]:
    """The text, and whether all of it could be read."""
    whole = True
    if isinstance(value, list):
        whole = all(isinstance(v, str) for v in value)
        value = "".join(v for v in value if isinstance(v, str))
    if not isinstance(value, str):
        return "", False
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", text)), whole


def _say_ids(nb: dict[str, Any], raw: list[Any], mends: Mends) -> None:
    ids = [c.get("id") for c in raw if isinstance(c, dict)]
    good = Counter(i for i in ids if isinstance(i, str) and i)
    doubled = sum(n - 1 for n in good.values())
    minor = nb.get("nbformat_minor")
    missing = len(ids) - good.total() if isinstance(minor, int) and minor >= 5 else 0
    if doubled or missing:
        mends.add(f"有 {doubled + missing} 个单元格缺少编号（id）或编号重复，已重新编号")
