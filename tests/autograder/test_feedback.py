"""Feedback pages: what a student reads, in plain escaped Chinese, with nothing hidden in it."""

from __future__ import annotations

import html
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from autograder import feedback, snapshots
from autograder.gradebook.database import open_gradebook
from autograder.gradebook.marks import GradebookError
from autograder.insight.similarity import variants
from tests.autograder import classroom
from tests.autograder.classroom import ROSTER
from tests.autograder.insight import graded_class


class Text(HTMLParser):
    """The text a reader sees, and the tags and addresses in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [
            v or "" for k, v in attrs if k in ("href", "src", "action", "data", "poster")
        ]
        self._hidden = tag == "style"
        assert not any(k.startswith("on") for k, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(self.words)


def read(path: Path) -> Text:
    parser = Text()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return classroom.make(tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="module")
def written(course: Path) -> feedback.Feedback:
    feedback.write(course, "E1", roster=ROSTER)
    return feedback.write(course, "E3", roster=ROSTER)


def test_pages_lie_where_nbgrader_looks(written: feedback.Feedback, course: Path) -> None:
    assert sorted(written.pages) == ["2025010101", "2025010102", "2025010103", "2025010104"]
    assert written.pages["2025010101"] == course / "feedback" / "2025010101" / "E3" / "E3.html"
    assert written.skipped == {"2025010105": "未交", "2025010106": "未评分"}


def test_each_item_says_need_finding_next_step_and_points(written: feedback.Feedback) -> None:
    text = read(written.pages["2025010102"]).text
    assert "E3-01 男性客户 部分正确" in text
    assert "要求 男性客户：店长要据此安排会员活动" in text
    assert f"你交的 {classroom.FOUND}" in text
    assert "下一步 先按「性别」筛选" in text
    assert "7.5 / 10" in text
    assert "待老师批改" in text
    assert "单元格 E3-02 被删除，已补回" in text


def test_totals_are_those_of_the_gradebook(written: feedback.Feedback) -> None:
    assert "37.5 / 38.5 分" in read(written.pages["2025010101"]).text
    late = read(written.pages["2025010104"]).text
    assert "9.5 / 38.5 分" in late
    assert "迟交扣分 −5" in late
    assert "还有 8 分待老师批改" in late


def test_what_the_teacher_did_in_formgrader_is_shown(written: feedback.Feedback) -> None:
    first, late = (read(written.pages[s]).text for s in ("2025010101", "2025010104"))
    assert "营销建议 老师已批改" in first
    assert "数字用得好。" in first
    assert "老师改分，加分 1.5" in late
    assert "13.5 / 14" in late
    assert "老师评语 公式对，区域选错了" in late


def test_marks_given_later_are_on_the_next_page(tmp_path: Path) -> None:
    course = classroom.make(tmp_path)
    before = read(feedback.write(course, "E3").pages["2025010102"]).text
    with open_gradebook(course) as gb:
        grade = gb.find_grade("E3-12", "E3", "E3", "2025010102")
        grade.manual_score, grade.needs_manual_grade = 6.0, False
        gb.db.commit()
    after = read(feedback.write(course, "E3").pages["2025010102"]).text
    assert "待老师批改" in before
    assert "待老师批改" not in after
    assert "人工评分 6 / 8" in after


def test_an_untouched_written_answer_is_called_unanswered(tmp_path: Path) -> None:
    course = classroom.make(tmp_path)
    with open_gradebook(course) as gb:
        grade = gb.find_grade("E3-12", "E3", "E3", "2025010102")
        grade.auto_score, grade.needs_manual_grade = 0.0, False
        gb.db.commit()
    text = read(feedback.write(course, "E3").pages["2025010102"]).text
    assert "营销建议 没有作答" in text
    assert "No response" not in text


def test_what_cannot_be_graded_says_why_and_gives_no_mark(written: feedback.Feedback) -> None:
    text = read(written.pages["2025010103"]).text
    assert "没有给分" in text
    assert "笔记本不完整：上传时断了" in text
    assert "也不是 0 分" in text
    assert " / 38.5" not in text


def test_nothing_hidden_is_in_a_page(written: feedback.Feedback, course: Path) -> None:
    for path in (course / "feedback").rglob("*.html"):
        assert "SECRET" not in path.read_text(encoding="utf-8"), path


def test_text_of_students_and_teachers_is_never_html(tmp_path: Path) -> None:
    attack = (
        "<img src=x onerror=alert(1)><script>alert(1)</script>{{ 7*7 }}\"'><a href='javascript:1'>"
    )
    data = classroom.record("E1", "2025010109", [0.5, 0], mends=[attack])
    for item in data["items"]:
        item.update(title=attack, need=attack, found=attack, hint=attack)
    classroom.put_record(tmp_path, data)
    refused = classroom.record("E1", "2025010110", [], status="ungradable", reason=attack, items=[])
    classroom.put_record(tmp_path, refused)
    written = feedback.write(tmp_path, "E1")
    for path in [*written.pages.values(), written.index, written.overview]:
        page = read(path)
        assert {"script", "img", "iframe", "object"}.isdisjoint(page.tags)
        assert not any("javascript" in link for link in page.links)
    assert "<script>alert(1)</script>{{ 7*7 }}" in read(written.pages["2025010109"]).text


def test_pages_load_nothing_and_run_nothing(written: feedback.Feedback) -> None:
    for path in [*written.pages.values(), written.index, written.overview]:
        page, source = read(path), path.read_text(encoding="utf-8")
        assert "script" not in page.tags
        assert all(link.startswith(("#", "data:,")) or ":" not in link for link in page.links)
        assert "url(" not in source
        assert "@import" not in source
        assert "default-src 'none'" in source
        assert '<html lang="zh-CN">' in source


def test_pages_are_chinese(written: feedback.Feedback) -> None:
    for path in [*written.pages.values(), written.index, written.overview]:
        words = set(re.findall(r"[A-Za-z]{3,}", read(path).text))
        assert words <= {"script", "alert"}, (path, words)  # the teacher's comment quotes them


def test_overviews_link_every_page_and_show_every_item(
    written: feedback.Feedback, course: Path
) -> None:
    index, overview = read(written.index), read(written.overview)
    for page in (index, overview):
        for link in page.links:
            assert link == "data:," or (course / "feedback" / link).is_file()
        assert all(s in page.text for s in ROSTER.ids)
    assert "2025010101/E3/E3.html" in index.links and "2025010101/E1/E1.html" in index.links
    assert {"E1.html", "E3.html"} <= set(index.links)
    assert "E3-12" in overview.text


def test_only_the_students_asked_for_get_a_page(tmp_path: Path) -> None:
    classroom.put_record(tmp_path, classroom.record("E1", "1", [1, 1]))
    classroom.put_record(tmp_path, classroom.record("E1", "2", [1, 1]))
    seen: list[tuple[str, int, int]] = []
    written = feedback.write(
        tmp_path, "E1", students=["2"], progress=lambda *step: seen.append(step)
    )
    assert list(written.pages) == ["2"]
    assert seen == [("2", 0, 1), ("", 1, 1)]


def test_nbgraders_release_of_feedback_finds_its_files(tmp_path: Path) -> None:
    classroom.put_record(tmp_path, classroom.record("E1", "1", [1, 1]))
    handed_in = tmp_path / "submitted" / "1" / "E1"
    handed_in.mkdir(parents=True)
    for name in ("timestamp.txt", "submission_secret.txt"):
        (handed_in / name).write_text(name, encoding="utf-8")
    folder = feedback.write(tmp_path, "E1").pages["1"].parent
    assert sorted(p.name for p in folder.iterdir()) == [
        "E1.html", "submission_secret.txt", "timestamp.txt"
    ]  # fmt: skip


def test_the_notebooks_own_name_is_the_pages_name(tmp_path: Path) -> None:
    classroom.put_record(tmp_path, classroom.record("E1", "1", [1, 1]))
    written = feedback.write(tmp_path, "E1", notebook="ch02_theory")
    assert written.pages["1"].name == "ch02_theory.html"


def test_a_lab_without_marks_is_refused(course: Path, tmp_path: Path) -> None:
    with pytest.raises(GradebookError, match="还没有 E9 的成绩"):
        feedback.write(course, "E9")
    with pytest.raises(GradebookError, match="还没有成绩"):
        feedback.write(tmp_path, "E1")


def test_a_marked_written_answer_shows_its_level_and_the_next(written: feedback.Feedback) -> None:
    text = read(written.pages["2025010101"]).text  # 7 of 8 points
    assert "评分档次 6 分档：两项行动可行，但只有一项有数字支持" in text
    assert "再上一档 8 分档：两个群都点了名" in text
    assert "评分档次" not in read(written.pages["2025010102"]).text  # still waits


def test_progress_compares_with_ones_own_earlier_labs_only(written: feedback.Feedback) -> None:
    first = read(written.pages["2025010101"]).text
    assert (
        "与你前面的实验相比 比前面的平均得分率低 3 个百分点" in first
    )  # 37.5 of 38.5 after 50 of 50
    assert "100% 50 / 50 分" in first and "97.4% 37.5 / 38.5 分" in first
    waiting = read(written.pages["2025010102"]).text
    assert "/ 30.5 分（已批改部分）" in waiting
    assert "2025010101" not in waiting
    assert "与你前面的实验相比" not in read(written.pages["2025010103"]).text


def test_a_refused_hand_in_says_what_to_do(written: feedback.Feedback) -> None:
    text = read(written.pages["2025010103"]).text
    assert "怎么办" in text
    assert "重新提交，并告诉老师" in text
    assert "逐题反馈" not in text


def test_words_of_an_exception_stay_with_the_teacher(tmp_path: Path) -> None:
    data = classroom.record("E1", "1", [0, 0.5])
    data["items"][0] |= {"status": "error", "found": "你的答案读不懂（KeyError: 'C000123'）"}
    data["items"][1]["found"] = "函数没有返回（ValueError: expected 0.6313 (got 0.5)）"
    classroom.put_record(tmp_path, data)
    reason = (
        "评分程序出错（FileNotFoundError: [Errno 2] /srv/class/E1 (x)），请把这份提交发给课程维护者"
    )
    refused = classroom.record("E1", "2", [], status="ungradable", reason=reason, items=[])
    classroom.put_record(tmp_path, refused)
    pages = feedback.write(tmp_path, "E1").pages
    assert "评分程序没有读懂你交的内容" in read(pages["1"]).text
    for page in pages.values():
        source = page.read_text(encoding="utf-8")
        assert not re.search(r"Error|C000123|0\.6313|/srv", source)


def test_invisible_characters_and_endless_texts_do_not_reach_a_page(tmp_path: Path) -> None:
    data = classroom.record("E1", "1", [0.5, 0], mends=["改名\u202egnp.exe\x1b[31m\u200b"])
    data["items"][0]["found"] = "多" * 100_000
    classroom.put_record(tmp_path, data)
    source = feedback.write(tmp_path, "E1").pages["1"].read_text(encoding="utf-8")
    assert not re.search("[\u202e\u200b\x1b]", source)
    assert len(source) < 40_000


# ------------------------------------------------------------------ a class graded for real

COURSE_TERMS = {"RFM", "sort_values", "ascending", "False"}  # as the lab's own texts have them


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = tmp_path_factory.mktemp("graded") / "class"
    shutil.copytree(graded_class.shared(), course)
    feedback.write(course, "E3", roster=graded_class.ROSTER)
    return course


def test_real_pages_hold_no_english_but_course_terms(graded: Path) -> None:
    names = " ".join(s.name for s in graded_class.STUDENTS)
    for path in sorted(graded.glob("feedback/*/E3/E3.html")):
        words = set(re.findall(r"[A-Za-z_]{2,}", read(path).text)) - set(re.findall(r"\w+", names))
        assert words <= COURSE_TERMS, (path, words)


def test_real_pages_hold_no_expected_value_that_was_not_handed_in(graded: Path) -> None:
    pages = sorted(graded.glob("feedback/*/E3/E3.html"))
    assert len(pages) == 10
    looked_for = 0
    for path in pages:
        student = path.parts[-3]
        stored = snapshots.read(graded / "records", "E3", student)
        assert stored is not None
        own = values(list(stored.submission(student).answers.values()))
        source = html.unescape(path.read_text(encoding="utf-8"))
        said = " ".join(re.findall(r"<dt>(?:你交的|下一步)</dt><dd[^>]*>(.*?)</dd>", source, re.S))
        hidden = values(list(graded_class.expected(student).values())) - own
        looked_for += len(hidden)
        on_page = set(re.findall(r"[A-Z]\d{6}|(?<![\w.])\d+(?:\.\d+)?", said))
        assert not on_page & hidden, (student, on_page & hidden)
    assert looked_for > 300


def values(leaves: list[Any]) -> set[str]:
    """Ids and numbers of at least four digits in answers, as they might stand in a text."""
    found: set[str] = set()
    for leaf in variants.leaves(leaves):
        if isinstance(leaf, str):
            found |= {leaf} if re.fullmatch(r"[A-Z]\d{6}", leaf) else set()
        elif isinstance(leaf, (int, float)) and leaf == leaf:
            for text in (
                f"{leaf:.6g}",
                f"{leaf:.4g}",
                f"{leaf:.2f}",
                f"{leaf:.4f}",
                f"{100 * leaf:.2f}",
                repr(leaf),
            ):
                if len(text.replace(".", "").strip("0-")) >= 4:
                    found.add(text)
    return found


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_the_screen_and_ask_for_nothing(
    written: feedback.Feedback, chromium: Any, scheme: str
) -> None:
    asked: list[str] = []
    said: list[str] = []
    size = {"width": 1366, "height": 768}
    context = chromium.new_context(viewport=size, locale="zh-CN", color_scheme=scheme)
    page = context.new_page()
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: said.append(m.text))
    for path in [*written.pages.values(), written.index, written.overview]:
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366
        assert page.locator("h1").count() == 1
    context.close()
    assert [u for u in asked if not u.startswith(("file:", "data:"))] == []
    assert said == []
