"""Every chapter as a lesson: what the syllabus asks is there, minutes add up, it runs as it is."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median

import pytest

from crmkit import quizbank
from crmkit.syllabus import course
from tests.chapters.lessons import STEP, lesson
from tests.chapters.lessons import known as written

PERIOD = 45
MEGABYTES = 700
CHAPTERS = pytest.mark.parametrize("id", written())


# --- the syllabus --------------------------------------------------------------------------------
@CHAPTERS
def test_all_sections_stand_there_with_the_numbers_and_titles_of_the_syllabus(id: str) -> None:
    found = re.findall(r"^## (\d+\.\d+) (.+)$", lesson(id).prose, re.M)
    assert found == [(s.num, s.title) for s in lesson(id).chapter.sections]


@CHAPTERS
def test_the_objectives_are_those_of_the_syllabus_by_level(id: str) -> None:
    for level, wanted in lesson(id).chapter.requirements.items():
        line = re.search(rf"^\| \*\*{level}\*\* \| (.+?) \|", lesson(id).prose, re.M)
        assert line, level
        assert line[1].split("；") == list(wanted)


@CHAPTERS
def test_key_and_difficult_points_are_those_of_the_syllabus(id: str) -> None:
    for name, points in (
        ("重点", lesson(id).chapter.key_points),
        ("难点", lesson(id).chapter.difficult_points),
    ):
        line = re.search(rf"^> \*\*{name}\*\*　(.+)$", lesson(id).prose, re.M)
        assert line, name
        assert [p for p in points if p not in line[1]] == []


@CHAPTERS
def test_the_labs_of_the_chapter_are_named_at_its_end(id: str) -> None:
    titles = {x.id: x.title for x in course().labs if id in x.chapters}
    assert ("**配套实验**" in lesson(id).prose) == bool(titles)
    if titles:
        table = lesson(id).prose.split("**配套实验**")[1].split("**讨论**")[0]
        named = re.findall(r"\b([A-Z]\d) ([^|、]+?)(?=、[A-Z]\d | \|)", table)
        assert dict(named) == titles


# --- minutes -------------------------------------------------------------------------------------
@CHAPTERS
def test_periods_of_forty_five_minutes_are_filled(id: str) -> None:
    sums: dict[int, int] = defaultdict(int)
    for period, minutes in lesson(id).steps():
        sums[period] += minutes
    assert sums == dict.fromkeys(range(1, lesson(id).chapter.hours + 1), PERIOD)


@CHAPTERS
def test_text_tags_and_time_table_tell_the_same_minutes(id: str) -> None:
    told = [(int(p), int(m)) for p, _, m in STEP.findall(lesson(id).prose)]
    assert told == lesson(id).steps()
    table = re.findall(r"^\| 第 (\d) 节 \| (\S+) \| .+? \| (\d+) \|$", lesson(id).prose, re.M)
    assert [(int(p), int(m)) for p, _, m in table] == told
    assert [s for _, s, _ in table] == [s for _, s, _ in STEP.findall(lesson(id).prose)]


@CHAPTERS
def test_the_steps_are_those_of_the_lesson_plan(id: str) -> None:
    known = {name for p in course().presets for period in p.periods for name, _ in period}
    used = {step for _, step, _ in STEP.findall(lesson(id).prose)}
    assert used - {"考勤与说明"} <= known


# --- quizzes and activities ----------------------------------------------------------------------
@CHAPTERS
def test_every_section_has_its_quiz(id: str) -> None:
    asked = re.findall(rf'^Quiz\("{id}", section="(.+?)", student=学号\)$', lesson(id).code, re.M)
    assert asked == [s.num for s in lesson(id).chapter.sections] == list(quizbank.load(id).levels)


@CHAPTERS
def test_at_least_four_activities_are_each_played_once(id: str) -> None:
    module = importlib.import_module(f"crmkit.ui.activities.{id}")
    names = [n for n, f in vars(module).items() if inspect.isfunction(f) and n[0] != "_"]
    assert len(names) >= 4
    played = re.findall(r"^activities\.(\w+)\(", lesson(id).code, re.M)
    assert sorted(played) == sorted(names)


# --- easy to read --------------------------------------------------------------------------------
@CHAPTERS
def test_headings_go_down_one_level_at_a_time(id: str) -> None:
    levels = [len(x) for x in re.findall(r"^(#+) ", lesson(id).prose, re.M)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))


@CHAPTERS
def test_tables_have_a_header_row(id: str) -> None:
    for cell in lesson(id).cells:
        if cell.cell_type == "markdown":
            blocks = re.findall(r"(?:^\|.*\n?)+", cell.source, re.M)
            assert all(re.match(r"\|.*\n\|[\s:|-]+\|", b) for b in blocks), cell.source[:80]


@CHAPTERS
def test_code_cells_are_short_and_explained(id: str) -> None:
    def is_tool(source: str) -> bool:
        return source.startswith(("Quiz(", "lab.", "activities.", "rest = "))

    taught = lesson(id).taught
    lines = [len(c.source.splitlines()) for c in taught if c.cell_type == "code"]
    assert median(lines) <= 8
    assert max(lines) <= 22
    share = sum(lines) / sum(len(c.source.splitlines()) for c in taught)
    assert 0.2 <= share <= 0.45, share
    for before, cell in zip(taught, taught[1:], strict=False):
        if cell.cell_type == "code" and before.cell_type == "code":
            assert is_tool(cell.source) or is_tool(before.source), cell.source[:60]


@CHAPTERS
def test_every_figure_carries_its_description(id: str) -> None:
    assert lesson(id).code.count("charts.described(") == lesson(id).code.count("plt.subplots(")


@CHAPTERS
def test_no_diagram_is_left_to_a_program_that_only_jupyterlab_has(id: str) -> None:
    assert "```mermaid" not in lesson(id).prose  # charts.flow draws it on every page


# --- as handed out -------------------------------------------------------------------------------
@CHAPTERS
def test_the_chapter_runs_as_handed_out_without_an_error(id: str) -> None:
    outputs = [o for found in lesson(id).run.outputs.values() for o in found]
    assert [o for o in outputs if o["output_type"] == "error"] == []
    assert lesson(id).run.answers == {}


@pytest.mark.full
@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system does not tell a process's memory")
@CHAPTERS
def test_the_chapter_runs_by_papermill_in_little_memory(id: str, tmp_path: Path) -> None:
    (source,) = (Path(__file__).parents[2] / "chapters").glob(f"{id}_*.ipynb")
    notebook = shutil.copy(source, tmp_path)
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", "--cwd", str(tmp_path)]
    process = subprocess.Popen([*command, notebook, notebook])
    _, status, used = os.wait4(process.pid, 0)  # the largest of papermill and its kernel
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    unit = 2**20 if sys.platform == "darwin" else 2**10
    assert used.ru_maxrss / unit < MEGABYTES
