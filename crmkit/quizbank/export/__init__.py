"""Papers from the question bank, as files that teachers print or load into another platform.

Every form is one module with ``write(paper, target) -> list[Path]``; `save` chooses among them.

========  ============  ====================================================================
form      file          what for
========  ============  ====================================================================
word      .docx         printing: the paper, and beside it the answers
excel     .xlsx         the same as tables, in two workbooks
moodle    .xml          Moodle's question bank (Moodle XML)
gift      .gift, .txt   Moodle and others that read GIFT
template  .xlsx         通用模板 for platforms that import workbooks (学习通, 雨课堂 …)
========  ============  ====================================================================
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

from crmkit.quizbank.export.paper import Paper, PaperError, compose

# form → (words for people, file suffix, module)
FORMS: Mapping[str, tuple[str, str, str]] = {
    "word": ("Word 试卷和答案", ".docx", "word"),
    "excel": ("Excel 试卷和答案", ".xlsx", "tables"),
    "moodle": ("Moodle XML 题库", ".xml", "moodle"),
    "gift": ("GIFT 题库", ".gift", "gift"),
    "template": ("平台导入通用模板", ".xlsx", "template"),
}
_BY_SUFFIX = {".docx": "word", ".xlsx": "excel", ".xml": "moodle", ".gift": "gift", ".txt": "gift"}

__all__ = ["FORMS", "Paper", "PaperError", "compose", "form_of", "place", "save"]


def form_of(out: Path | None, form: str | None = None) -> str:
    """The form asked for by name, or told by the file's name; Word without either.

    >>> form_of(Path("卷.xml")), form_of(Path("卷.xlsx"), "template"), form_of(None)
    ('moodle', 'template', 'word')

    Raises
    ------
    PaperError
        No such form, or a file name that no form has.
    """
    if form is not None and form not in FORMS:
        raise PaperError(f"没有「{form}」这种格式；可用的有：{_listed()}。")
    if out is None or not out.suffix:
        return form or "word"
    suffix = out.suffix.lower()
    if form is None:
        if suffix not in _BY_SUFFIX:
            raise PaperError(
                f"看不出「{out.name}」要哪种格式：文件名请以 {'、'.join(_BY_SUFFIX)} 结尾，"
                "或者用 --format 指定。"
            )
        return _BY_SUFFIX[suffix]
    wanted = FORMS[form][1]
    if suffix != wanted and _BY_SUFFIX.get(suffix) != form:
        raise PaperError(f"{FORMS[form][0]}的文件名应以 {wanted} 结尾，现在是「{out.name}」。")
    return form


def place(paper: Paper, out: Path | None, form: str, *, several: bool = False) -> Path:
    """The file for this paper: `out`, a name inside it if it is a folder, or papers/<name>.

    With `several` papers each gets its student's number into its name.
    """
    suffix = FORMS[form][1]
    if out is None or not out.suffix or out.is_dir():
        return (out or Path("papers")) / f"{paper.name}{suffix}"
    if several:
        return out.with_name(f"{out.stem}-{paper.student}{out.suffix}")
    return out


def save(paper: Paper, target: Path, form: str) -> list[Path]:
    """Write the paper; returns the files, the paper itself first.

    Raises
    ------
    PaperError
        The file cannot be written.
    """
    module = importlib.import_module(f"crmkit.quizbank.export.{FORMS[form][2]}")
    written: list[Path] = module.write(paper, target)
    return written


def _listed() -> str:
    return "、".join(f"{name}（{words}）" for name, (words, _, _) in FORMS.items())
