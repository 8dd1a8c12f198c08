"""Chapter 2 as a lesson: what the syllabus asks is there, minutes add up, it runs as handed out."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from typing import Any

import pandas as pd
import pytest
from nbformat import NotebookNode

from autograder import grade, judge
from autograder.grade import Run
from autograder.sandbox import Limits
from crmkit import quizbank
from crmkit.analytics import clv, lifecycle
from crmkit.syllabus import course
from crmkit.ui.activities import ch02 as activities
from tests.autograder import notebooks
from tests.autograder.inprocess import InProcess

CHAPTER = course().chapter("ch02")
STEP = re.compile(r"^\*第 (\d) 节　(\S+?)　(\d+) 分钟\*", re.M)
PERIOD = 45


@cache
def cells() -> list[NotebookNode]:
    return list(notebooks.release("ch02").cells)


@cache
def prose() -> str:
    return "\n\n".join(c.source for c in cells() if c.cell_type == "markdown")


@cache
def code() -> str:
    return "\n\n".join(c.source for c in cells() if c.cell_type == "code")


@cache
def run() -> Run:
    """The notebook as handed out, run from top to bottom."""
    sources = notebooks.code(notebooks.release("ch02"))
    return grade.execute(sources, {}, judge.load("ch02"), "2025010101", InProcess(), Limits())


def value_of(words: str, **names: Any) -> Any:
    """What the last expression of the first code cell with these words gives."""
    source = next(c.source for c in cells() if c.cell_type == "code" and words in c.source)
    body = ast.parse(source).body
    last = body.pop()
    assert isinstance(last, ast.Expr)
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


# --- the syllabus --------------------------------------------------------------------------------
def test_all_sections_stand_there_with_the_numbers_and_titles_of_the_syllabus() -> None:
    found = re.findall(r"^## (2\.\d) (.+)$", prose(), re.M)
    assert found == [(s.num, s.title) for s in CHAPTER.sections]


def test_the_objectives_are_those_of_the_syllabus_by_level() -> None:
    for level, wanted in CHAPTER.requirements.items():
        line = re.search(rf"^\| \*\*{level}\*\* \| (.+?) \|", prose(), re.M)
        assert line, level
        assert line[1].split("；") == list(wanted)


def test_key_and_difficult_points_are_those_of_the_syllabus() -> None:
    key = re.search(r"^> \*\*重点\*\*　(.+?)。$", prose(), re.M)
    difficult = re.search(r"^> \*\*难点\*\*　(.+?)。$", prose(), re.M)
    assert key and key[1].split("、") == list(CHAPTER.key_points)
    assert difficult and difficult[1].split("；") == list(CHAPTER.difficult_points)


def test_the_labs_named_at_the_end_are_labs_of_this_chapter() -> None:
    table = prose().split("**配套实验**")[1].split("**讨论**")[0]
    named = re.findall(r"\b([A-Z]\d) ([^|、]+?)(?=、[A-Z]\d | \|)", table)
    titles = {x.id: x.title for x in course().labs if "ch02" in x.chapters}
    assert dict(named) == titles


# --- minutes -------------------------------------------------------------------------------------
def steps_by_tag() -> list[tuple[int, int]]:
    tagged = []
    for cell in cells():
        tags = dict(t.rsplit("-", 1) for t in cell.metadata.get("tags", []) if "-" in t)
        if "minutes" in tags:
            tagged.append((int(tags["period"]), int(tags["minutes"])))
    return tagged


def test_three_periods_of_forty_five_minutes_are_filled() -> None:
    sums: dict[int, int] = defaultdict(int)
    for period, minutes in steps_by_tag():
        sums[period] += minutes
    assert sums == dict.fromkeys(range(1, CHAPTER.hours + 1), PERIOD)


def test_text_tags_and_time_table_tell_the_same_minutes() -> None:
    told = [(int(p), int(m)) for p, _, m in STEP.findall(prose())]
    assert told == steps_by_tag()
    table = re.findall(r"^\| 第 (\d) 节 \| (\S+) \| .+? \| (\d+) \|$", prose(), re.M)
    assert [(int(p), int(m)) for p, _, m in table] == told
    assert [step for _, step, _ in table] == [step for _, step, _ in STEP.findall(prose())]


def test_the_steps_are_those_of_the_lesson_plan() -> None:
    known = {name for p in course().presets for period in p.periods for name, _ in period}
    used = {step for _, step, _ in STEP.findall(prose())}
    assert used - {"考勤与说明"} <= known
    assert "考勤" in known


# --- activities, quizzes, cases ------------------------------------------------------------------
def test_every_section_has_its_quiz() -> None:
    asked = re.findall(r'^Quiz\("ch02", section="(.+?)", student=学号\)$', code(), re.M)
    assert asked == [s.num for s in CHAPTER.sections] == list(quizbank.load("ch02").levels)


@pytest.mark.parametrize(
    "name",
    ["clv_workshop", "is_alive", "lifecycle_path", "satisfaction_loyalty", "survey_calculators", "segmentation"],
)  # fmt: skip
def test_every_activity_is_played_once(name: str) -> None:
    assert hasattr(activities, name)
    assert len(re.findall(rf"^activities\.{name}\(\)$", code(), re.M)) == 1


def test_cases_say_that_they_were_written_for_teaching() -> None:
    for title in (
        "小张的客户是谁",
        "列车员与乘客",
        "西边升起的太阳",
        "只有一名乘客的航班",
        "某电商公司",
        "某商贸企业的客户",
    ):
        around = [m.start() for m in re.finditer(title, prose())]
        assert any("〔教学编写〕" in prose()[max(0, at - 40) : at + 80] for at in around), title


def test_what_the_course_inferred_or_chose_is_marked() -> None:
    for words in ("模型三}=", "潜在忠诚**", "Richard A. Spreng"):
        at = prose().index(words)
        assert "〔推断〕" in prose()[max(0, at - 120) : at + 120], words
    assert prose().count("〔课程约定〕") >= 8


def test_code_cells_are_short_and_explained() -> None:
    for before, cell in zip(cells(), cells()[1:], strict=False):
        if cell.cell_type == "code" and not cell.source.startswith(("Quiz(", "lab.")):
            assert len(cell.source.splitlines()) <= 22, cell.source[:60]
        if cell.cell_type == "code" and before.cell_type == "code":
            kind = (
                cell.source.startswith(("Quiz(", "lab.", "rest = ")) or "nbgrader" in cell.metadata
            )
            assert kind, cell.source[:60]


# --- as handed out -------------------------------------------------------------------------------
def test_the_chapter_runs_as_handed_out_without_an_error() -> None:
    errors = [
        o for outputs in run().outputs.values() for o in outputs if o["output_type"] == "error"
    ]
    assert errors == []
    assert run().answers == {}


def test_the_worked_example_gives_the_printed_values() -> None:
    """Reference values 3.10, exercises 3 and 4 (models inferred), ±0.005 yuan."""
    names: dict[str, Any] = {"pd": pd}
    exec(next(c.source for c in cells() if c.source.startswith("n, Co, Po, In, r, Cs")), names)
    assert names["model_one"] == pytest.approx(9210.08, abs=0.005)
    assert names["model_three"] == pytest.approx(8539.07, abs=0.005)
    both = value_of('{"A": clv.clv_model_one', pd=pd, clv=clv).data
    assert both.loc["A"].tolist() == pytest.approx([5855.04, 4513.02], abs=0.005)
    assert both.loc["B"].tolist() == pytest.approx([6190.54, 4177.52], abs=0.005)


def test_every_figure_carries_its_description() -> None:
    assert code().count("charts.described(") == code().count("plt.subplots(")


def test_the_customer_on_every_limit_is_stable_as_the_text_says() -> None:
    assert value_of("lifecycle.stage(orders=4", lifecycle=lifecycle) == "稳定期"
