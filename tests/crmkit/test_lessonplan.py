"""The lesson plan says what the chapter's notebook and the syllabus say."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from typer.testing import CliRunner

from crmkit import lessonplan
from crmkit.cli import app
from crmkit.syllabus import course

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = sorted(p.name.split("_")[0] for p in (ROOT / "chapters").glob("ch*.ipynb"))


@pytest.mark.parametrize("chapter", WRITTEN)
def test_aims_points_and_minutes_are_those_of_the_chapter(chapter: str) -> None:
    plan = lessonplan.read(lessonplan.notebook(chapter, ROOT))
    syllabus = course().chapter(chapter)
    assert {a[0]: tuple(a[1].split("；")) for a in plan.aims} == dict(syllabus.requirements)
    assert all(point in plan.key for point in syllabus.key_points)
    assert all(point in plan.difficult for point in syllabus.difficult_points)
    assert sum(s.minutes for s in plan.steps) == 45 * syllabus.hours
    asked = [q for s in plan.steps for q in s.quizzes]
    assert asked == [s.num for s in syllabus.sections]
    assert [t for level, t in plan.board if level == 1] == [
        f"{s.num} {s.title}" for s in syllabus.sections
    ]
    assert plan.homework and plan.discussion


def test_the_document_holds_all_seven_parts() -> None:
    plan = lessonplan.read(lessonplan.notebook("ch02", ROOT))
    doc = docx.Document(io.BytesIO(lessonplan.document(plan)))
    heads = [p.text for p in doc.paragraphs if p.style is not None and p.style.name == "Heading 2"]
    assert [h[0] for h in heads] == list("一二三四五六七")
    process = next(t for t in doc.tables if t.rows[0].cells[0].text == "课时")
    assert len(process.rows) == len(plan.steps) + 1
    assert all(cell.text for row in process.rows for cell in row.cells)
    assert "第 3 章" in "".join(p.text for p in doc.paragraphs)


@pytest.mark.parametrize("chapter", ["ch01", "ch09"])
def test_the_document_says_which_course_it_is_and_which_aims_the_chapter_serves(
    chapter: str,
) -> None:
    c = course()
    plan = lessonplan.read(lessonplan.notebook(chapter, ROOT))
    doc = docx.Document(io.BytesIO(lessonplan.document(plan)))
    head = " ".join(cell.text for row in doc.tables[0].rows for cell in row.cells)
    hours = f"{sum(c.hours.values())} 学时", f"{sum(c.second_hours.values())} 学时"
    for said in (c.code, f"{c.credits} 学分", c.school, c.second_school, *hours):
        assert said in head
    text = "\n".join(p.text for p in doc.paragraphs)
    assert f"课程目标：{'；'.join(c.aims_of(chapter))}。" in text
    for lab in c.labs_of(chapter):
        assert f"{lab.id} {lab.title}（{lab.kind}，岗位：{'、'.join(lab.roles)}）" in text


def test_the_command_writes_and_tells_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(app, ["plan", "ch02", "--out", str(tmp_path / "教案.docx")])
    assert done.exit_code == 0 and (tmp_path / "教案.docx").is_file(), done.output
    done = CliRunner().invoke(app, ["plan", "ch99"])
    assert done.exit_code == 2 and "没有章节「ch99」" in done.stderr
    (tmp_path / "a").write_text("", encoding="utf-8")
    done = CliRunner().invoke(app, ["plan", "ch02", "--out", str(tmp_path / "a" / "b.docx")])
    assert done.exit_code == 2 and "写不了" in done.stderr
