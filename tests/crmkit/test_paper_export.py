"""Papers and their keys read back from every form, for every kind of question."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from typer.testing import CliRunner

from crmkit import quizbank
from crmkit.cli import app
from crmkit.quizbank import export
from crmkit.quizbank.export import gift, markup, moodle, template
from crmkit.quizbank.export.answers_in_words import answer
from crmkit.quizbank.export.paper import Item, Paper, PaperError
from crmkit.quizbank.presenting import present
from crmkit.quizbank.question import KIND_LABELS, Choice, Fill, Match, Numeric, Order, TrueFalse

WHO = "2025010101"
# Every kind, with the characters that have a meaning in one of the forms.
AWKWARD = r"""
chapter: ch99
title: 记号 <&> 与换行
levels: {"9.1": 掌握}
questions:
  - {id: ch99-01, section: "9.1", level: 理解, facts: [Q001], kind: single, stem: "a = {b}: 50% #1 ~ c \\ <d> & /e?",
     options: {A: "x = 1 ~ {y}", B: "# 甲: 乙 -> 丙", C: "=HYPERLINK(1)", D: "<b>&amp;</b>"}, answer: B,
     wrong: {A: "错 = {1}", C: "错 # ~", D: "错: \\"}, why: "因为 {a} = #b"}
  - {id: ch99-02, section: "9.1", level: 掌握, facts: [Q001], kind: multi, case: "材料: {无}", stem: "哪些？",
     table: {columns: [项, "值 <1>"], rows: [["a = b", "{1}"]]},
     options: {A: 甲, B: 乙, C: 丙}, answer: [A, C], wrong: {B: 不是乙}, why: 甲和丙。}
  - {id: ch99-03, section: "9.1", level: 了解, facts: [Q001], kind: truefalse, stem: "1 = 2", answer: false, wrong: "1 ~ 2", why: 不等。}
  - {id: ch99-04, section: "9.1", level: 了解, facts: [Q178], note: inferred, kind: fill, stem: "先 ____，留下____%。", hint: "想想 # 与 ~", why: 推断。,
     blanks: [{accept: ["C/S", "a->b", "{x}"]}, {number: 85, tolerance: 0.05, unit: "%"}],
     mistakes: [{blank: 1, texts: ["B/S = ~"], why: "不是 } 它"}, {blank: 2, texts: ["15", "15%"], why: 反了}]}
  - {id: ch99-05, section: "9.1", level: 了解, facts: [Q001], kind: match, stem: 连线。, why: 如此。,
     pairs: [{left: "a = b", right: "甲 -> 乙", why: 一}, {left: "{c}", right: 丙, why: 二}, {left: d, right: 丙, why: 三}],
     extra: {"丁 ~": 都不是}}
  - {id: ch99-06, section: "9.1", level: 了解, facts: [Q001], kind: order, stem: 排好。, why: 如此。,
     steps: [{text: "一: 1", why: 先}, {text: "二 #", why: 中}, {text: "三", why: 后}, {text: "四", why: 末}]}
  - {id: ch99-07, section: "9.1", level: 掌握, facts: [Q001], kind: numeric, stem: "{a} 的两倍和 {r:.0%} 是多少？", why: 乘。,
     params: {a: {from: 10, to: 90, step: 1}, r: [0.4, 0.5]},
     asks: [{label: 两倍, formula: a * 2, tolerance: 0.5, unit: 元, hint: 加倍, mistakes: [{formula: a / 2, why: "成了一半 = ~"}]},
            {label: 占比, formula: 100 * r, tolerance: 0.1, unit: "%", hint: 乘 100, mistakes: [{formula: r * 10, why: 差十倍}]}]}
  - {id: ch99-08, section: "9.1", level: 了解, facts: [Q001], kind: fill, stem: "____和____", order_free: true, hint: 想, why: 如此。,
     blanks: [{accept: [满意]}, {accept: [忠诚]}]}
"""


@pytest.fixture(scope="module")
def papers() -> list[Paper]:
    """Awkward questions of every kind, and a real paper; both in one student's numbers."""
    bank = quizbank.read(AWKWARD)
    items = tuple(Item(n, 12, q, present(q, WHO)) for n, q in enumerate(bank, 1))
    return [Paper("ch99", bank.title, WHO, items), export.compose("ch11", 12, student=WHO)]


def save(paper: Paper, folder: Path, form: str) -> list[Path]:
    return export.save(paper, export.place(paper, folder, form), form)


def numbers(item: Item, student: str = WHO) -> list[float]:
    return quizbank.expected(item.question, student)


# ---------------------------------------------------------------- composing


def test_a_paper_is_the_same_every_time_and_its_points_make_a_hundred() -> None:
    for count in (1, 7, 20, None):
        first, again = (export.compose("ch02", count, student=WHO) for _ in range(2))
        assert first == again
        assert sum(i.points for i in first.items) == 100 and min(i.points for i in first.items) > 0
        assert [i.number for i in first.items] == list(range(1, len(first.items) + 1))
        assert [i for _, items in first.groups() for i in items] == list(first.items)
    assert {i.question.section for i in export.compose("ch02", 4, "2.6").items} == {"2.6"}


def test_students_get_the_same_questions_with_numbers_of_their_own() -> None:
    mine, yours, common = (export.compose("ch11", student=s) for s in (WHO, "2025010102", ""))
    assert [i.question.id for i in mine.items] == [i.question.id for i in yours.items]
    assert (mine.variant, common.variant) == (WHO, "通用卷")
    assert mine.name != yours.name != common.name
    drawn = [[i.shown["case"] for i in p.items] for p in (mine, yours, common)]
    assert drawn[0] != drawn[1] and drawn[0] != drawn[2]


@pytest.mark.parametrize("student", ["../x", "张三", "a b", "-x", "x" * 41])
def test_a_number_that_cannot_be_a_file_name_is_refused(student: str) -> None:
    with pytest.raises(PaperError, match="学号"):
        export.compose("ch02", student=student)


# ---------------------------------------------------------------- Word


def test_word_shows_every_question_and_the_paper_has_no_key(
    papers: list[Paper], tmp_path: Path
) -> None:
    for paper in papers:
        sheet, key = save(paper, tmp_path, "word")
        assert key.name == f"{sheet.stem}-答案.docx"
        text, keys = words(sheet), words(key)
        assert WHO in text and WHO in keys
        for item in paper.items:
            assert f"{item.number}．（{item.points} 分）" in text
            parts = item.shown["stem"]
            assert all(p in text for p in ([parts] if isinstance(parts, str) else parts))
            assert item.shown["case"] in text
            assert item.question.why not in text
            assert answer(item, WHO) in keys and item.question.why in keys
            match item.question.body:
                case Choice(options=options, wrong=wrong):
                    assert all(f"{k}．{o}" in text for k, o in options.items())
                    assert all(f"{k}：{why}" in keys for k, why in wrong.items())
                case Match(pairs=pairs, extra=extra):
                    assert all(x in text for p in pairs for x in (p.left, p.right))
                    assert all(x in text for x in extra)
                case Order(steps=steps):
                    assert all(s.text in text for s in steps)


def words(path: Path) -> str:
    doc = docx.Document(str(path))
    cells = [c.text for t in doc.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in doc.paragraphs), *cells])


def test_word_is_a4_with_chinese_fonts_and_page_numbers(
    papers: list[Paper], tmp_path: Path
) -> None:
    doc: Any = docx.Document(str(save(papers[0], tmp_path, "word")[0]))
    page = doc.sections[0]
    assert (round(page.page_width.cm, 1), round(page.page_height.cm, 1)) == (21.0, 29.7)
    for name, font in (("Normal", "宋体"), ("Heading 2", "黑体")):
        assert f'w:eastAsia="{font}"' in doc.styles[name].element.xml
    assert 'w:eastAsia="zh-CN"' in doc.styles.element.xml
    footer = page.footer.paragraphs[0]._p.xml
    assert "PAGE" in footer and "NUMPAGES" in footer
    assert len(doc.tables) == 1 and doc.tables[0].cell(1, 1).text == "{1}"


# ---------------------------------------------------------------- Excel


def rows(path: Path, sheet: str) -> list[dict[str, str]]:
    table = list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))
    head = [str(h) for h in table[0]]
    return [
        dict(zip(head, ("" if v is None else str(v) for v in r), strict=True)) for r in table[1:]
    ]


def test_excel_has_the_paper_and_the_key_in_two_files(papers: list[Paper], tmp_path: Path) -> None:
    for paper in papers:
        sheet, key = save(paper, tmp_path, "excel")
        asked, keys = rows(sheet, "试卷"), rows(key, "答案")
        assert [r["题号"] for r in asked] == [str(i.number) for i in paper.items]
        assert {"项目": "卷号", "内容": WHO} in rows(sheet, "说明")
        page = openpyxl.load_workbook(key)["答案"]
        assert page["E2"].alignment.wrap_text and page.row_dimensions[2].height > 18
        for item, row, keyed in zip(paper.items, asked, keys, strict=True):
            assert row["题型"] == KIND_LABELS[item.question.kind] and row["作答"] == ""
            assert item.question.why not in "".join(row.values())
            assert keyed["答案"] == answer(item, WHO) and item.question.why in keyed["解析"]
            if isinstance(item.question.body, Choice):
                assert all(o in row["选项"] for o in item.question.body.options.values())


def test_the_template_has_the_usual_columns_and_every_answer(
    papers: list[Paper], tmp_path: Path
) -> None:
    usual = {"题型", "题干", "选项A", "选项D", "正确答案", "答案解析", "难易度", "知识点", "分值"}
    for paper in papers:
        (path,) = save(paper, tmp_path, "template")
        assert "通用模板" in str(rows(path, "说明"))
        for item, row in zip(paper.items, rows(path, "题目"), strict=True):
            assert usual <= set(row)
            assert row["题型"] == template.KINDS[item.question.kind]
            right = row["正确答案"]
            match item.question.body:
                case Choice(answer=keys, options=options):
                    assert right == "".join(sorted(keys))
                    assert [row[f"选项{k}"].lstrip("'") for k in options] == list(options.values())
                case TrueFalse(answer=yes):
                    assert right == ("正确" if yes else "错误")
                case Fill(blanks=blanks):
                    parts = right.split("；")
                    assert len(parts) == len(blanks) == row["题干"].count("____")
                    typed = [p.split(" | ")[0] for p in parts]
                    assert quizbank.mark(item.question, typed).right
                case Numeric(asks=asks):
                    assert quizbank.mark(item.question, right.split("；"), WHO).right
                    assert row["题干"].count("____") == len(asks)
                case Match(pairs=pairs):
                    shown = dict(
                        line.split("．", 1) for line in row["题干"].split("\n") if "．" in line[:2]
                    )
                    chosen = [shown[letter] for letter in right.split("；")]
                    assert chosen == [p.right for p in pairs]
                case Order(steps=steps):
                    shown = dict(
                        line.split("．", 1) for line in row["题干"].split("\n") if "．" in line[:2]
                    )
                    assert [shown[letter] for letter in right] == [s.text for s in steps]


# ---------------------------------------------------------------- Moodle XML


def text_of(node: ET.Element | None) -> str:
    assert node is not None
    return node.findtext("text") or ""


def test_moodle_gives_each_kind_its_type_and_full_marks_to_the_right_answer(
    papers: list[Paper], tmp_path: Path
) -> None:
    for paper in papers:
        (path,) = save(paper, tmp_path, "moodle")
        category, *found = ET.parse(path).getroot().findall("question")
        assert category.get("type") == "category" and WHO in text_of(category.find("category"))
        assert len(found) == len(paper.items)
        for item, q in zip(paper.items, found, strict=True):
            title = text_of(q.find("name"))
            assert title.startswith(item.question.id)
            assert (WHO in title) is isinstance(item.question.body, Numeric)
            shown = unescape(text_of(q.find("questiontext")))
            assert item.shown["case"] in shown
            answers = {
                unescape(text_of(a)): float(a.get("fraction", "")) for a in q.findall("answer")
            }
            match item.question.body:
                case Choice(options=options, answer=right, many=many):
                    assert (q.get("type"), q.findtext("single")) == (
                        "multichoice", "false" if many else "true",
                    )  # fmt: skip
                    assert set(answers) == set(options.values())
                    total = sum(answers[options[k]] for k in right)
                    assert total == pytest.approx(100, abs=1e-3)
                    others = {answers[o] for k, o in options.items() if k not in right}
                    assert others <= {-100.0 if many else 0.0}
                case TrueFalse(answer=right):
                    assert answers == {"true": 100.0 * right, "false": 100.0 * (not right)}
                case Match() | Order():
                    assert q.get("type") == "matching"
                    parts = [
                        (unescape(text_of(s)), text_of(s.find("answer")))
                        for s in q.findall("subquestion")
                    ]
                    assert parts == list(markup.pairs(item))
                case Fill() | Numeric():
                    assert q.get("type") == "cloze"
                    check_cloze(item, text_of(q.find("questiontext")))


def check_cloze(item: Item, markup_text: str) -> None:
    gaps = re.findall(r"\{1:(SHORTANSWER|NUMERICAL):([^}]*)\}", markup_text)
    body = item.question.body
    texts = []
    for kind, inner in gaps:
        options = inner.split("~")
        full = [o[1:] for o in options if o.startswith("=")]
        assert full and sum(o.startswith("%0%*#") for o in options) == 1
        assert all(o.startswith("%0%") for o in options if not o.startswith("="))
        if kind == "NUMERICAL":
            assert all(re.fullmatch(r"-?[\d.]+:[\d.e-]+", o) for o in full)
            texts.append(full[0].split(":")[0])
        else:
            texts.append(unescape(full[0]))
    if isinstance(body, Fill) and body.order_free:
        assert all(set(o) for o in texts) and len(gaps) == len(body.blanks)
    else:
        assert quizbank.mark(item.question, texts, WHO).right, item.question.id


# ---------------------------------------------------------------- GIFT


def read_gift(text: str) -> Iterator[tuple[str, str, str]]:
    """Title, text and answers of each question, escapes still in place."""
    lines = [x for x in text.split("\n") if not x.startswith(("//", "$CATEGORY"))]
    for block in re.split(r"\n\s*\n", "\n".join(lines)):
        if block.strip():
            whole = re.fullmatch(
                r"::((?:\\.|[^:\\])+)::\[html\]((?:\\.|[^{}\\])*)\{((?:\\.|[^{}\\])*)\}",
                block.strip(), re.DOTALL,
            )  # fmt: skip
            assert whole, block
            yield whole[1], whole[2], whole[3]


def plain(text: str) -> str:
    return unescape(re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], text)).strip()


def parts(answers: str) -> list[tuple[str, str, str]]:
    """Sign, answer and feedback; general feedback is taken off."""
    own = re.split(r"(?<!\\)####", answers)[0]
    found = re.findall(r"(?<!\\)([=~])((?:\\.|[^=~\\])*)", own)
    out = []
    for sign, rest in found:
        said, *feedback = re.split(r"(?<!\\)#", rest, maxsplit=1)
        out.append((sign, said.strip(), feedback[0].strip() if feedback else ""))
    return out


def test_gift_is_read_back_with_its_escapes(papers: list[Paper], tmp_path: Path) -> None:
    for paper in papers:
        (path,) = save(paper, tmp_path, "gift")
        found = list(read_gift(path.read_text(encoding="utf-8")))
        place = 0
        for item in paper.items:
            body = item.question.body
            count = {Fill: "blanks", Numeric: "asks"}.get(type(body))
            many = len(getattr(body, count)) if count else 1
            mine, place = found[place : place + many], place + many
            assert all(plain(title).startswith(item.question.id) for title, _, _ in mine)
            stem = item.shown["stem"]
            stem = stem if isinstance(stem, str) else "____".join(stem)
            assert all(stem in plain(text) for _, text, _ in mine)
            assert all(item.question.why in plain(a.split("####")[-1]) for _, _, a in mine)
            check_gift(item, [a for _, _, a in mine])
        assert place == len(found)


def check_gift(item: Item, blocks: list[str]) -> None:
    body = item.question.body
    lines = parts(blocks[0])
    match body:
        case Choice(options=options, answer=right, many=False):
            texts = {plain(said): sign for sign, said, _ in lines}
            assert texts == {o: "=" if k in right else "~" for k, o in options.items()}
            assert [plain(f) for _, _, f in lines] == [body.wrong.get(k, "") for k in options]
        case Choice(options=options, answer=right):
            shares = [float(re.match(r"%(-?[\d.]+)%", said)[1]) for _, said, _ in lines]  # type: ignore[index]
            assert sum(s for s in shares if s > 0) == pytest.approx(100, abs=1e-3)
            assert [s > 0 for s in shares] == [k in right for k in options]
        case TrueFalse(answer=yes, wrong=wrong):
            said, feedback, _ = re.split(r"(?<!\\)#", blocks[0].split("####")[0], maxsplit=2)
            assert (said.strip(), plain(feedback)) == (str(yes).upper(), wrong)
        case Match() | Order():
            pairs = [tuple(x.strip() for x in said.split("->", 1)) for _, said, _ in lines]
            wanted = [(left, right.replace("->", "→")) for left, right in markup.pairs(item)]
            assert [(plain(a), plain(b)) for a, b in pairs] == wanted
        case Fill() | Numeric():
            typed = []
            for block in blocks:
                right = next(said for _, said, _ in parts(block) if not said.startswith("%0%"))
                numeric = block.startswith("#")
                typed.append(right.split(":")[0] if numeric else plain(right))
                assert any(said.startswith("%0%") for _, said, _ in parts(block))
            if isinstance(body, Fill) and body.order_free:
                right_ones = {plain(said) for _, said, _ in lines if not said.startswith("%0%")}
                assert right_ones == {text for b in body.blanks for text in b.accept}
            else:
                typed = [t.replace("→", "->") for t in typed]
                assert quizbank.mark(item.question, typed, WHO).right, item.question.id


def test_gaps_tell_foreseen_mistakes_apart(papers: list[Paper]) -> None:
    by_id = {i.question.id: i for i in papers[0].items}
    fill, numeric = by_id["ch99-04"], by_id["ch99-07"]
    assert isinstance(fill.question.body, Fill)
    gap = markup.of_gap(fill.question.body, 0)
    assert "%0%B/S = &#126;#不是 &#125; 它" in moodle.cloze(gap)
    percent = markup.of_gap(fill.question.body, 1)
    assert percent.right == ("85:0.05", "0.85:0.0005") and percent.wrong == (("15:0", "反了"),)
    twice = numbers(numeric)[0]
    first = markup.of_ask(numeric, WHO, 0)
    assert first.right == (f"{twice:g}:0.5",) and first.wrong[0][0] == f"{twice / 4:g}:0.5"
    assert gift.escaped("a\nb") == r"a\nb"


# ---------------------------------------------------------------- the command


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["paper", *words])


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("卷.docx", ["卷-答案.docx", "卷.docx"]),
        ("卷.xlsx", ["卷-答案.xlsx", "卷.xlsx"]),
        ("卷.xml", ["卷.xml"]),
        ("卷.gift", ["卷.gift"]),
        ("卷.txt", ["卷.txt"]),
    ],
)
def test_the_command_tells_the_form_by_the_name(
    name: str, files: list[str], tmp_path: Path
) -> None:
    done = run("ch09", "--count", "6", "--out", str(tmp_path / "新" / name))
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in (tmp_path / "新").iterdir()) == sorted(files)
    assert "通用卷，6 题" in done.output


def test_the_command_writes_one_paper_for_each_student(tmp_path: Path) -> None:
    out = ["--count", "5", "--student", WHO, "--student", "2025010102", "--out"]
    assert run("ch11", *out, str(tmp_path / "卷.gift")).exit_code == 0
    assert run("ch11", *out, str(tmp_path), "--format", "template").exit_code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "ch11-5题-2025010101.xlsx", "ch11-5题-2025010102.xlsx",
        "卷-2025010101.gift", "卷-2025010102.gift",
    ]  # fmt: skip


def test_the_command_takes_only_the_kinds_that_are_wanted(tmp_path: Path) -> None:
    out = ["--out", str(tmp_path), "--format", "gift"]
    done = run("ch09", "--kind", "单选", "--kind", "判断题", "--count", "6", *out)
    assert done.exit_code == 0 and "6 题" in done.output, done.output
    made = export.compose("ch09", 6, kinds=["单选", "truefalse"])
    assert {i.question.kind for i in made.items} == {"single", "truefalse"}
    assert sum(i.points for i in made.items) == 100
    (path,) = tmp_path.iterdir()
    assert all(i.question.id in path.read_text(encoding="utf-8") for i in made.items)
    everything = export.compose("ch09", kinds=["计算"])
    assert [i.question for i in everything.items] == list(quizbank.load("ch09").matching(None, ["numeric"]))  # fmt: skip


# A section that has nothing to calculate.
WITHOUT = next(
    s for s in quizbank.load("ch01").levels if not quizbank.load("ch01").matching(s, ["numeric"])
)


@pytest.mark.parametrize(
    ("words_", "said"),
    [
        (["ch77"], "没有「ch77」的题库"),
        (["ch02", "--count", "0"], "不能取 0 题"),
        (["ch02", "--count", "999"], "不能取 999 题"),
        (["ch02", "--section", "9.9"], "没有「9.9」节"),
        (
            ["ch09", "--kind", "论述"],
            "没有「论述」这种题型；可用的有：单选、多选、判断、填空、配对、排序、计算",
        ),
        (["ch09", "--kind", "计算", "--count", "99"], "不能取 99 题"),
        (["ch01", "--kind", "计算", "--section", WITHOUT], f"ch01 的 {WITHOUT} 节没有计算题"),
        (["ch02", "--student", "张三"], "学号"),
        (["ch02", "--format", "pdf"], "没有「pdf」这种格式"),
        (["ch02", "--out", "卷.pdf"], "看不出「卷.pdf」"),
        (["ch02", "--out", "卷.docx", "--format", "moodle"], "应以 .xml 结尾"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(words_: list[str], said: str) -> None:
    done = run(*words_)
    assert done.exit_code == 2 and said in done.output and "Traceback" not in done.output


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "占着").write_text("", encoding="utf-8")
    for name in ("卷.docx", "卷.gift", "卷.xlsx"):
        done = run("ch09", "--count", "3", "--out", str(tmp_path / "占着" / name))
        assert done.exit_code == 2 and "卷" in done.output, done.output
