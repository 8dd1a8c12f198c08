"""A printable paper and its key as .docx (A4, 宋体 and 黑体, page numbers, no macros)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from crmkit.quizbank.export.answers_in_words import LETTERS, answer, explanations
from crmkit.quizbank.export.paper import Item, Paper, beside, put

_BODY, _HEAD, _LATIN = "宋体", "黑体", "Times New Roman"
_GAP = "＿＿＿＿＿＿"
_NUMERALS = "一二三四五六七"


def write(paper: Paper, target: Path) -> list[Path]:
    """The paper at `target` and its key beside it."""
    return [
        put(target, _bytes(_paper(paper))),
        put(beside(target, "答案"), _bytes(_key(paper))),
    ]


def _paper(paper: Paper) -> Any:
    doc = _document(paper, "试卷")
    _line(
        doc,
        "姓名＿＿＿＿＿＿＿　学号＿＿＿＿＿＿＿＿＿　班级＿＿＿＿＿＿＿　得分＿＿＿＿",
        after=10,
    )
    for i, (label, items) in enumerate(paper.groups()):
        total = sum(item.points for item in items)
        doc.add_heading(f"{_NUMERALS[i]}、{label}题（{len(items)} 题，共 {total} 分）", level=2)
        for item in items:
            _question(doc, item)
    return doc


def _question(doc: Any, item: Item) -> None:
    shown = item.shown
    lead = f"{item.number}．（{item.points} 分）"
    if shown["inferred"]:
        lead += "〔推断〕"
    if shown["case"]:
        _line(doc, lead + shown["case"], together=True)
        lead = ""
    if "grid" in shown:
        if lead:
            _line(doc, lead + "阅读下表：", together=True)
            lead = ""
        _table(doc, shown["grid"]["columns"], shown["grid"]["rows"])
    stem = _GAP.join(shown["stem"]) if item.question.kind == "fill" else shown["stem"]
    place = {"single": "（　　）", "multi": "（　　　　）", "truefalse": "（　　）"}
    _line(doc, lead + stem + place.get(item.question.kind, ""), together=True)
    match item.question.kind:
        case "single" | "multi":
            for option in shown["options"]:
                _line(doc, f"{option['key']}．{option['text']}", indent=True)
        case "match":
            for i, left in enumerate(shown["lefts"], 1):
                _line(doc, f"（{i}）{left}　（　　）", indent=True, together=True)
            rights = [f"{LETTERS[i]}．{text}" for i, text in enumerate(shown["rights"])]
            _line(doc, "可选（可以重复）：" + "　".join(rights), indent=True)
        case "order":
            for i, text in enumerate(shown["items"]):
                _line(doc, f"{LETTERS[i]}．{text}", indent=True, together=True)
            _line(doc, "次序：" + " → ".join(["＿＿"] * len(shown["items"])), indent=True)
        case "numeric":
            for ask in shown["asks"]:
                _line(doc, f"{ask['label']}：{_GAP}{ask['unit']}", indent=True, together=True)
            _line(doc, "解：", indent=True, after=72)


def _key(paper: Paper) -> Any:
    doc = _document(paper, "答案与解析")
    for i, (label, items) in enumerate(paper.groups()):
        doc.add_heading(f"{_NUMERALS[i]}、{label}题", level=2)
        for item in items:
            q = item.question
            line = _line(doc, f"{item.number}．（{item.points} 分）", together=True)
            line.add_run(answer(item, paper.student)).bold = True
            line.add_run(f"　〔{q.id}　{q.section} 节　{q.level}　{'、'.join(q.facts)}〕")
            for text in explanations(item):
                _line(doc, text, indent=True, small=True)
    return doc


def _document(paper: Paper, what: str) -> Any:
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt, RGBColor

    doc = docx.Document()
    page = doc.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.2)
    page.top_margin = page.bottom_margin = Cm(2)
    for name, font, size in (
        ("Normal", _BODY, 10.5),
        ("Heading 1", _HEAD, 16),
        ("Heading 2", _HEAD, 12),
    ):
        style: Any = doc.styles[name]
        style.font.name, style.font.size = _LATIN, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):
            if "Theme" in attribute:  # a theme's font would win over the one named here
                del fonts.attrib[attribute]
        fonts.set(_qn("w:ascii"), _LATIN)
        fonts.set(_qn("w:hAnsi"), _LATIN)
        fonts.set(_qn("w:eastAsia"), font)
        if name != "Normal":
            style.font.bold, style.font.color.rgb = False, RGBColor(0, 0, 0)
    for language in doc.styles.element.iter(_qn("w:lang")):
        language.set(_qn("w:eastAsia"), "zh-CN")  # which country's shapes a fallback font takes
    doc.core_properties.title = f"{paper.heading} {what}"
    doc.core_properties.author = ""
    title = doc.add_heading(f"客户关系管理　{paper.heading}", level=1)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    full = sum(item.points for item in paper.items)
    _line(
        doc, f"{what}　　卷号：{paper.variant}　　{len(paper.items)} 题，满分 {full} 分"
    ).alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot = page.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot.add_run(f"{paper.chapter}　{what}　卷号 {paper.variant}　第 ")
    _field(foot, "PAGE")
    foot.add_run(" 页，共 ")
    _field(foot, "NUMPAGES")
    foot.add_run(" 页")
    return doc


def _line(
    doc: Any,
    text: str,
    *,
    indent: bool = False,
    together: bool = False,
    small: bool = False,
    after: float = 3,
) -> Any:
    from docx.shared import Cm, Pt

    paragraph = doc.add_paragraph()
    run = paragraph.add_run(text)
    if small:
        run.font.size = Pt(9)
    shape = paragraph.paragraph_format
    shape.space_before, shape.space_after = Pt(0 if indent else 3), Pt(after)
    shape.line_spacing = 1.25
    shape.keep_together, shape.keep_with_next = True, together
    if indent:
        shape.left_indent = Cm(0.75)
    return paragraph


def _table(doc: Any, columns: list[str], rows: list[list[str]]) -> None:
    table = doc.add_table(rows=0, cols=len(columns))
    table.style = "Table Grid"
    for i, row in enumerate([columns, *rows]):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.add_run(text).bold = i == 0
            paragraph.paragraph_format.keep_with_next = True


def _field(paragraph: Any, code: str) -> None:
    from docx.oxml import OxmlElement

    for kind, text in (("begin", ""), ("", code), ("end", "")):
        run = paragraph.add_run()
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(_qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)


def _qn(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))


def _bytes(doc: Any) -> bytes:
    out = io.BytesIO()
    doc.save(out)
    return out.getvalue()
