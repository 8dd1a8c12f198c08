"""What the task centre offers: the whole syllabus, and links only to what is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crmkit.syllabus import course
from crmkit.ui import task_centre
from crmkit.ui.task_centre import TaskCentre, TaskCentreError, outline


def put(path: Path, title: str | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {} if title is None else {"title": title}
    path.write_text(
        json.dumps({"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}),
        encoding="utf-8",
    )


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """A course folder with one chapter, one lab and one dashboard."""
    put(tmp_path / "labs" / "dashboards" / "task_centre.ipynb", "任务中心")
    put(tmp_path / "labs" / "dashboards" / "tea.ipynb", "清溪茶叶 · 经营看板")
    put(tmp_path / "labs" / "E2" / "E2.ipynb")
    put(tmp_path / "chapters" / "ch02_theory.ipynb")
    (tmp_path / "labs" / "E3").mkdir()  # a lab without its notebook
    return tmp_path


def test_only_notebooks_that_exist_are_linked(kit: Path) -> None:
    shown = outline(kit)
    chapters = {c["id"]: c["notebook"] for c in shown["chapters"] if c["notebook"]}
    labs = {lab["id"]: lab["notebook"] for lab in shown["labs"] if lab["notebook"]}
    assert chapters == {"ch02": "chapters/ch02_theory.ipynb"}
    assert labs == {"E2": "labs/E2/E2.ipynb"}
    assert shown["dashboards"] == [
        {"title": "清溪茶叶 · 经营看板", "notebook": "labs/dashboards/tea.ipynb"}
    ]


def test_dashboards_stand_in_the_order_of_their_numbers(kit: Path) -> None:
    for name, title in (("a", "DB10 课堂测验"), ("b", "DB2 顾客分析")):
        put(kit / "labs" / "dashboards" / f"{name}.ipynb", title)
    titles = [page["title"] for page in outline(kit)["dashboards"]]
    assert titles == ["清溪茶叶 · 经营看板", "DB2 顾客分析", "DB10 课堂测验"]


def test_an_empty_kit_links_nothing_and_still_shows_the_course(tmp_path: Path) -> None:
    shown = outline(tmp_path)
    assert len(shown["chapters"]) == 14
    assert len(shown["labs"]) == 24
    entries = shown["chapters"] + shown["labs"]
    assert [e["id"] for e in entries if e["notebook"]] == []
    assert shown["dashboards"] == []


def test_hours_add_up_in_both_timetables(kit: Path) -> None:
    shown = outline(kit)
    for timetable, practice in (("48", 16), ("64", 30)):
        assert shown["timetables"][timetable]["practice"] == practice
        assert sum(lab["hours"][timetable] for lab in shown["labs"]) == practice
    assert sum(c["hours"] for c in shown["chapters"]) == shown["timetables"]["48"]["lecture"] == 32
    assert sum(u["lecture"] for u in shown["units"]) == shown["timetables"]["64"]["lecture"] == 34


def test_the_labs_of_each_timetable_are_grouped_with_their_hours(kit: Path) -> None:
    shown = outline(kit)["timetables"]
    first, second = shown["48"]["groups"], shown["64"]["groups"]
    assert [g["hours"] for g in first] == [2] * 8 + [0]
    assert first[0]["title"] == "第一次实验课 · 第二章之后"
    assert [g["labs"] for g in first[:3]] == [["E1", "E2", "E3"], ["E5", "O1"], ["O2", "O3"]]
    assert first[-1] == {"title": "课外与选做", "labs": ["S1", "S2", "C4", "C5", "C6"], "hours": 0}
    assert [g["hours"] for g in second] == [2, 2, 2, 12, 6, 6, 0]
    assert second[3]["labs"][-1] == "X1"


def test_every_requirement_of_the_syllabus_is_shown_at_its_level(kit: Path) -> None:
    shown = outline(kit)
    assert shown["levels"] == ["了解", "理解", "掌握"]
    for chapter, entry in zip(course().chapters, shown["chapters"], strict=True):
        assert {k: tuple(v) for k, v in entry["requirements"].items()} == dict(chapter.requirements)


def test_each_timetable_says_which_course_it_is(kit: Path) -> None:
    shown = outline(kit)["timetables"]
    assert shown["48"]["facts"] == ["课程代码 09021117", "3 学分", "大学市场营销专业"]
    assert shown["64"]["facts"] == ["中等职业学校电子商务、市场营销专业"]


def test_labs_say_what_they_train_and_chapters_which_aims_they_serve(kit: Path) -> None:
    shown = outline(kit)
    for lab, entry in zip(course().labs, shown["labs"], strict=True):
        assert entry["kind"] == entry["trains"][0] == lab.kind
        assert entry["trains"][1:] == ["、".join(lab.roles), "、".join(lab.jobs), lab.layer]
    assert {entry["kind"] for entry in shown["labs"]} == set(shown["kinds"])
    for chapter in shown["chapters"]:
        assert tuple(chapter["aims"]) == course().aims_of(chapter["id"])


def test_the_tasks_of_a_unit_come_with_their_skills_and_knowledge(kit: Path) -> None:
    shown = [task for unit in outline(kit)["units"] for task in unit["tasks"]]
    tasks = [task for unit in course().units for task in unit.tasks]
    for task, entry in zip(tasks, shown, strict=True):
        columns = dict(entry["columns"])
        assert columns["技能"].startswith("：".join(task.skills[0]))
        assert ("知识" in columns) == bool(task.knowledge)
        assert columns.get("功能", "") == "；".join(task.functions)
    assert dict(shown[0]["columns"]) == {
        "技能": "讨论：服务在生活中的体现",
        "知识": "认识：服务意识、服务精神、服务态度；掌握：服务的基本精神与核心理念",
    }


def test_every_lab_is_in_exactly_one_place_of_the_64_hour_plan_or_outside_it(kit: Path) -> None:
    shown = outline(kit)
    placed = [lab for unit in shown["units"] for lab in unit["labs"]]
    assert len(placed) == len(set(placed))
    assert {lab["id"] for lab in shown["labs"]} - set(placed) == {"D1", "D2"}


def test_course_folder_is_found_from_below_and_refused_elsewhere(
    kit: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert task_centre.course_folder(kit / "labs" / "dashboards") == kit
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    package = elsewhere / "site-packages" / "crmkit" / "ui" / "task_centre.py"
    monkeypatch.setattr(task_centre, "__file__", str(package))
    with pytest.raises(TaskCentreError, match="找不到课程"):
        task_centre.course_folder(elsewhere)


def test_widget_holds_the_chosen_timetable(kit: Path) -> None:
    assert TaskCentre(root=kit).timetable == "48"
    assert TaskCentre("64", root=kit).timetable == "64"
    with pytest.raises(TaskCentreError, match="48 或 64"):
        TaskCentre("32", root=kit)


def test_chapter_numbers_and_titles_fit_the_page(kit: Path) -> None:
    """The page writes them as 第一章 … 第十四章; more would need other words."""
    assert [c["number"] for c in outline(kit)["chapters"]] == list(range(1, 15))
