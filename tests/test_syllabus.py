"""The course as data: hours, weights and references hold, and a broken file is refused in words."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from crmkit import syllabus
from crmkit.crm.roles import ROLES
from crmkit.syllabus import SyllabusError, course

SOURCE = Path(syllabus.__file__).with_suffix(".yaml")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def data() -> dict[str, Any]:
    return copy.deepcopy(yaml.safe_load(SOURCE.read_text(encoding="utf-8")))


def test_university_course_is_32_lecture_and_16_lab_hours() -> None:
    c = course()
    assert sum(x.hours for x in c.chapters) == 32
    assert sum(x.hours_48 for x in c.labs) == 16
    assert sum(c.hours.values()) == 48


def test_vocational_course_is_34_lecture_and_30_practice_hours() -> None:
    c = course()
    assert [u.lecture for u in c.units] == [6, 6, 4, 10, 4, 4]
    assert [u.practice for u in c.units] == [2, 2, 2, 12, 6, 6]
    assert sum(c.second_hours.values()) == 64


def test_course_has_14_chapters_24_labs_and_44_functions_in_8_modules() -> None:
    c = course()
    assert [x.number for x in c.chapters] == list(range(1, 15))
    assert len(c.labs) == len({x.id for x in c.labs}) == 24
    assert len(c.modules) == 8
    assert [f.id for m in c.modules for f in m.functions] == [f"A{n:02d}" for n in range(1, 45)]


def test_sections_are_numbered_through_in_every_chapter() -> None:
    for chapter in course().chapters:
        numbers = [s.num for s in chapter.sections]
        assert numbers == [f"{chapter.number}.{i}" for i in range(1, len(numbers) + 1)]


def test_function_slugs_are_names_and_unique_within_a_module() -> None:
    for module in course().modules:
        slugs = [f.slug for f in module.functions]
        assert all(s.isidentifier() for s in slugs)
        assert len(set(slugs)) == len(slugs)


def test_every_lab_of_the_48_hour_course_has_one_session() -> None:
    c = course()
    planned = [lab for s in c.sessions for lab in s.labs]
    assert sorted(planned) == sorted(x.id for x in c.labs if x.hours_48)
    assert c.lab("E3").session == "T1"
    assert c.lab("S1").session is None


def test_only_chapter_9_has_proposed_points() -> None:
    assert [x.id for x in course().chapters if x.proposed] == ["ch09"]
    assert all(x.key_points and x.difficult_points for x in course().chapters)


def test_stated_coursework_items_sum_to_64_and_the_default_policy_normalises() -> None:
    usual = course().scheme("course_64").component("usual")
    assert usual.weight == 60
    assert sum(points for _, _, points in usual.items) == 64
    assert usual.policy == "normalize"
    assert set(usual.policies) == {"normalize", "cap", "fix_quiz", "raw"}


def test_lesson_preset_periods_last_45_minutes() -> None:
    timed = [p for p in course().presets if p.periods]
    assert timed
    assert [[sum(m for _, m in period) for period in p.periods] for p in timed] == [[45, 45]]


def test_practical_exam_covers_the_eight_modules(data: dict[str, Any]) -> None:
    assert data["practical_exam"]["areas"] == [m.title for m in course().modules]


def test_labs_of_a_chapter() -> None:
    assert [x.id for x in course().labs_of("ch07")] == ["E3", "O3", "O4", "C4", "D2"]
    assert course().labs_of("ch09") == ()


def test_the_chapters_serve_all_four_objectives_and_chapter_1_the_first_two() -> None:
    c = course()
    assert c.aims_of("ch01") == c.objectives[:2]
    assert {aim for x in c.chapters for aim in c.aims_of(x.id)} == set(c.objectives)


def test_every_word_for_what_a_lab_trains_is_used_and_roles_are_those_of_the_shops() -> None:
    c = course()
    assert len(c.practice.kinds) == 6 and len(c.practice.layers) == 4
    assert {x.kind for x in c.labs} == set(c.practice.kinds)
    assert {x.layer for x in c.labs} == set(c.practice.layers)
    assert {job for x in c.labs for job in x.jobs} == set(c.practice.jobs)
    assert {role for x in c.labs for role in x.roles} == set(c.practice.roles) == set(ROLES)


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_names_both_courses_as_they_are(name: str) -> None:
    c = course()
    head = (ROOT / name).read_text(encoding="utf-8").split("\n## ")[0]
    first, second = [x for x in head.splitlines() if re.search(r"\| (48|64)[:：]", x)]
    assert f"| {c.code} | {c.credits} | {sum(c.hours.values())}" in first
    assert f"| {sum(c.second_hours.values())}" in second
    for line, hours in ((first, c.hours), (second, c.second_hours)):
        assert re.findall(r"\d+", line)[-2:] == [str(n) for n in hours.values()]
    if name.endswith("zh-CN.md"):
        assert c.school in first and all(m in first for m in (*c.majors, *c.prerequisites))
        assert c.second_school in second and all(m in second for m in c.second_majors)


def test_the_first_chapter_says_which_course_it_opens() -> None:
    c = course()
    text = next((ROOT / "chapters" / "source").glob("ch01*.md")).read_text(encoding="utf-8")
    line = re.search(r"^\| \*\*课程\*\* \| (.+) \|$", text, re.M)
    assert line and line[1] == (
        f"《{c.title}》，课程代码 {c.code}，{c.credits} 学分；{sum(c.hours.values())} 学时，"
        f"讲授 {c.hours['lecture']}，实验 {c.hours['lab']}"
    )


def test_unknown_id_names_the_known_ones() -> None:
    with pytest.raises(SyllabusError, match="没有实验「Z9」.*E1"):
        course().lab("Z9")


def test_course_cannot_be_changed_by_accident() -> None:
    with pytest.raises(AttributeError):
        course().chapters[0].hours = 9  # type: ignore[misc]
    with pytest.raises(TypeError):
        course().hours["lecture"] = 9  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("chapters", 0, "hours"), 4, "各章学时.*33.*32"),
        (("labs", 0, "hours_48"), 1, "实验学时.*16.5.*16"),
        (("labs", 0, "hours_64"), 3, "单元 5 实验学时"),
        (("labs", 0, "chapters"), ["ch99"], "没有章「ch99」"),
        (("labs", 0, "type"), "game", "类型「game」无效"),
        (("labs", 0, "kind"), "游戏", "实验 E1 的教学种类只能用：专业知识"),
        (("labs", 0, "roles"), [], "实验 E1 的岗位只能用：店长"),
        (("labs", 0, "layer"), "以店长为中心", "实验 E1 的理念只能用：以客户为中心"),
        (("labs", 0, "jobs"), ["占卜"], "实验 E1 的岗位任务只能用：客户信息维护"),
        (("chapters", 0, "aims"), [5], "ch01 的 aims 应是 1–4"),
        (("chapters", 0, "aims"), [], "ch01 的 aims"),
        (("units", 0, "tasks", 0, "hours"), 9, "单元 1 任务学时"),
        (("units", 0, "tasks", 0, "hours_status"), "guess", "hours_status「guess」"),
        (("units", 3, "tasks", 1, "functions"), ["顾客占卜"], "顾客占卜"),
        (("assessment", 0, "components", 0, "weight"), 60, "权重.*90.*100"),
        (("assessment", 0, "components", 0, "items", 0, "points"), 10, "过程考核的各项"),
        (("assessment", 1, "components", 0, "policy"), "double", "折算办法「double」"),
        (("chapters", 1, "requirements"), {"精通": ["一切"]}, "ch02 的教学要求"),
        (("sessions", 0, "labs"), ["E1"], "实验课 T1"),
    ],
)
def test_contradiction_is_refused(
    data: dict[str, Any], path: tuple[Any, ...], value: Any, message: str
) -> None:
    *way, last = path
    place: Any = data
    for step in way:
        place = place[step]
    place[last] = value
    with pytest.raises(SyllabusError, match=message):
        syllabus.parse(data)


def test_file_speaks_of_the_course_and_not_of_its_making() -> None:
    text = SOURCE.read_text(encoding="utf-8")
    assert not re.search(r"\.txt|issue I\d|\bfile 00\d|TODO", text)
