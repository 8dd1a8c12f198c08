"""The teacher's page of an examination: everyone's times, variants and what to look at."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.feedback import exam_page
from autograder.gradebook.marks import GradebookError
from crmkit.lab.inputs import x1
from tests.autograder import classroom, examroom
from tests.autograder.examroom import ROSTER


class Rows(HTMLParser):
    """The texts of the cells of each student's row."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self._row: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            student = dict(attrs).get("data-student")
            self._row = self.rows.setdefault(student, []) if student else None
        elif tag in ("td", "th") and self._row is not None:
            self._row.append("")

    def handle_data(self, data: str) -> None:
        if self._row:
            self._row[-1] += data.strip()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return examroom.make(tmp_path_factory.mktemp("class"))


def test_the_page_shows_everyones_times_marks_and_remarks(course: Path) -> None:
    page, _ = exam_page.write(course, "X1", ROSTER)
    text = page.read_text(encoding="utf-8")
    rows = Rows(text).rows
    assert "01-05 09:00" in text  # all on one day: it is said once
    assert list(rows) == [s.id for s in ROSTER.students]
    assert rows["2025010101"][1:8] == [
        "张三", "09:00:05", "09:34:35", "34 分 30 秒", "1", "1", "100",
    ]  # fmt: skip
    assert rows["2025010101"][8:11] == ["8", "8", "8"]
    drawn = [x1.variant("2025010101", f"X1-{n:02d}") + 1 for n in range(1, 13)]
    assert [int(d) for d in rows["2025010101"][-2] if d != " "] == drawn
    assert rows["2025010101"][-1] == ""
    for student, words in (
        ("2025010102", "超时 2 分 00 秒"),
        ("2025010103", "没有交卷结束以后的 1 步不算"),
        ("2025010104", "比全班（09:00）晚 31 分钟开始：请核对是否删掉店铺文件重新开始过"),
        ("2025010105", "没有交店铺文件「out/X1.crm」"),
        ("2025010106", ""),
    ):
        assert rows[student][-1] == words
    assert rows["2025010103"][2:5] == ["09:01:00", "", "29 分 00 秒"]
    assert rows["2025010107"][2:8] == ["", "", "", "", "", "未交"]
    assert "<b>赵六</b>" not in text and "赵六" in text


def test_the_mean_of_each_variant_is_shown(course: Path) -> None:
    _, sat = exam_page.write(course, "X1", ROSTER)
    came = [s for s in sat if s.mark.score is not None]
    text = (course / "feedback" / "X1-exam.html").read_text(encoding="utf-8")
    k = came[0].variants["X1-05"]
    mine = [s for s in came if s.variants["X1-05"] == k]
    mean = sum((s.mark.items["X1-05"].score or 0) / 8 for s in mine) / len(mine)
    assert f"{mean:.0%} <small>{len(mine)} 人</small>" in text


def test_only_an_examination_with_marks_has_a_page(course: Path, tmp_path: Path) -> None:
    with pytest.raises(exam_page.ExamError, match="E3 不是考试"):
        exam_page.write(course, "E3")
    with pytest.raises(GradebookError, match="X1"):
        exam_page.write(classroom.make(tmp_path / "class"), "X1")


def test_the_command_names_the_page_and_what_to_look_at(course: Path) -> None:
    found = CliRunner().invoke(app, ["exam", "X1", "--course", str(course)])
    assert found.exit_code == 0
    assert "2025010102 李四　超时 2 分 00 秒" in found.output
    assert "全班 7 人，5 人开始考试，4 人交卷" in found.output and "X1-exam.html" in found.output
