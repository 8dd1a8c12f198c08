"""The paper and its key as two workbooks, so that the paper can be handed out without the key."""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from crmkit import workbook
from crmkit.quizbank.export.answers_in_words import LETTERS, answer, explanations
from crmkit.quizbank.export.paper import Item, Paper, beside, put
from crmkit.quizbank.question import BLANK

# Widths in characters of the columns that hold long texts; such cells wrap.
_WIDE: Mapping[str, float] = {
    "材料": 40, "题干": 48, "选项": 44, "作答": 14, "答案": 36, "解析": 90, "依据": 16,
    "正确答案": 18, "答案解析": 70, "知识点": 22, "说明": 80,
}  # fmt: skip
_OPTION = 24
_LINE, _TALLEST = 18, 409  # points; Excel takes no more


def write(paper: Paper, target: Path) -> list[Path]:
    """The paper at `target` and its key beside it."""
    questions = pd.DataFrame([_row(item) for item in paper.items])
    about = pd.DataFrame(
        [("章", paper.heading), ("卷号", paper.variant), ("题数", str(len(paper.items)))],
        columns=["项目", "内容"],
    )
    keys = pd.DataFrame([_key_row(item, paper.student) for item in paper.items])
    key = beside(target, "答案")
    workbook.write(target, {"试卷": questions, "说明": about}, ids=("内容",))
    workbook.write(key, {"答案": keys, "说明": about}, ids=("内容", "题目"))
    return [readable(target), readable(key)]


def readable(path: Path) -> Path:
    """Wrap long texts and fit the pages to their width, so that the sheets can be printed."""
    import openpyxl
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    book = openpyxl.load_workbook(path)
    for sheet in book:
        lines = [1] * (sheet.max_row + 1)
        for number, column in enumerate(sheet.iter_cols(), 1):
            head = str(column[0].value)
            size = sheet.column_dimensions[get_column_letter(number)]
            size.width = _WIDE.get(head, _OPTION if head.startswith("选项") else size.width)
            for row, cell in enumerate(column[1:], 2):
                cell.alignment = Alignment(vertical="top", wrap_text=True)
                lines[row] = max(lines[row], _lines(str(cell.value or ""), size.width))
        for row in range(2, sheet.max_row + 1):
            # Not every program finds the height of a wrapped row by itself.
            sheet.row_dimensions[row].height = min(_TALLEST, _LINE * lines[row] + 2)
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.print_title_rows = "1:1"
    out = io.BytesIO()
    book.save(out)
    return put(path, out.getvalue())


def _row(item: Item) -> dict[str, object]:
    return {
        "题号": item.number,
        "题型": item.shown["label"],
        "分值": item.points,
        "材料": material(item),
        "题干": stem(item),
        "选项": "\n".join(offered(item)),
        "作答": "",
    }


def _key_row(item: Item, student: str) -> dict[str, object]:
    q = item.question
    return {
        "题号": item.number,
        "题型": item.shown["label"],
        "分值": item.points,
        "答案": answer(item, student),
        "解析": "\n".join(explanations(item)),
        "题目": q.id,
        "节": f"{q.section} 节",
        "要求": q.level,
        "依据": "、".join(q.facts),
    }


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column; a Chinese character is two wide."""
    wide = [sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in x) for x in text.split("\n")]
    return sum(max(1, math.ceil(w / (width - 1))) for w in wide)


def material(item: Item) -> str:
    """The mark of an inferred fact, case and table of a question as plain text."""
    lines = ["〔推断〕"] if item.shown["inferred"] else []
    lines += [item.shown["case"]] if item.shown["case"] else []
    if "grid" in item.shown:
        grid = item.shown["grid"]
        lines += ["｜".join(row) for row in (grid["columns"], *grid["rows"])]
    return "\n".join(lines)


def stem(item: Item) -> str:
    """The stem as plain text; gaps are the bank's underscores."""
    text = item.shown["stem"]
    return BLANK.join(text) if isinstance(text, list) else str(text)


def offered(item: Item) -> list[str]:
    """What there is to choose from, line by line."""
    shown = item.shown
    match item.question.kind:
        case "single" | "multi":
            return [f"{o['key']}．{o['text']}" for o in shown["options"]]
        case "truefalse":
            return ["对", "错"]
        case "match":
            lefts = [f"（{i}）{left}" for i, left in enumerate(shown["lefts"], 1)]
            return lefts + [f"{LETTERS[i]}．{text}" for i, text in enumerate(shown["rights"])]
        case "order":
            return [f"{LETTERS[i]}．{text}" for i, text in enumerate(shown["items"])]
        case "numeric":
            return [f"{ask['label']}（{ask['unit'] or '数'}）" for ask in shown["asks"]]
    return []
