"""The task centre as a Voila page: links that work below a prefix, search, timetables, keyboard."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from crmkit.syllabus import course

from .conftest import PREFIX, ROOT, Server

PAGE = "labs/dashboards/task_centre.ipynb"
# lab → its hours in the course of 16 hours of labs, and in the one of 30 hours of practice
HOURS = {
    "E1": (0.5, 1), "E2": (0.5, 2), "E3": (1, 2), "E4": (0.5, 1), "E5": (1, 2), "S1": (0, 2),
    "S2": (0, 2), "O1": (1, 2), "O2": (1, 2), "O3": (1, 2), "O4": (0.5, 1), "O5": (0.5, 1),
    "O6": (0.5, 1), "O7": (0.5, 1), "O8": (0.5, 1), "X1": (1, 1), "C1": (1, 2), "C2": (0.5, 2),
    "C3": (0.5, 2), "C4": (0, 0), "C5": (0, 0), "C6": (0, 0), "D1": (2, 0), "D2": (2, 0),
}  # fmt: skip
assert [sum(h[n] for h in HOURS.values()) for n in (0, 1)] == [16, 30]


@pytest.fixture
def centre(visit: Callable[..., Any], server: Server) -> Any:
    page = visit(server.page(PAGE))
    page.get_by_test_id("task_centre").wait_for()
    return page


def hours_shown(labs: Any, column: int) -> dict[str, float]:
    """Lab → hours, as a column of the table says."""
    rows = labs.locator("[data-lab]").evaluate_all(
        "(rows, n) => rows.map(r => [r.dataset.lab, r.querySelectorAll('td.hours')[n - 1].innerText])",
        column,
    )
    return {lab: float(text) if text[0].isdigit() else 0.0 for lab, text in rows}


def group_hours(labs: Any) -> list[str]:
    """The hours in the heads of the groups."""
    heads = labs.locator("tr.group").evaluate_all(
        "rows => rows.map(r => r.querySelector('small')?.innerText ?? '')"
    )
    return [text.removesuffix(" 学时") for text in heads]


def linked(page: Any) -> set[str]:
    """Paths below the course folder that the page links to."""
    targets = page.eval_on_selector_all("[data-testid=task_centre] a", "a => a.map(x => x.href)")
    paths = {unquote(urlsplit(target).path) for target in targets}
    starts = (f"{PREFIX}lab/tree/", f"{PREFIX}voila/render/")
    assert all(path.startswith(starts) for path in paths), paths
    return {path.removeprefix(starts[0]).removeprefix(starts[1]) for path in paths}


def existing() -> set[str]:
    found = [
        *(p for chapter in course().chapters for p in ROOT.glob(f"chapters/{chapter.id}_*.ipynb")),
        *(ROOT / "labs" / lab.id / f"{lab.id}.ipynb" for lab in course().labs),
        *(p for p in ROOT.glob("labs/dashboards/*.ipynb") if p.stem != "task_centre"),
    ]
    return {path.relative_to(ROOT).as_posix() for path in found if path.is_file()}


def test_what_exists_is_linked_and_nothing_else(
    centre: Any, server: Server, keep: Callable[[str], Path]
) -> None:
    centre.screenshot(path=keep("light.png"))
    assert linked(centre) == existing()
    for path in existing():
        with urllib.request.urlopen(server.address(f"lab/tree/{path}"), timeout=30) as answer:
            assert answer.status == 200
    absent = [x for x in course().labs if not (ROOT / "labs" / x.id / f"{x.id}.ipynb").exists()]
    assert centre.get_by_test_id("labs").get_by_text("尚无", exact=True).count() == len(absent)
    with centre.context.expect_page() as opened:
        centre.get_by_role("link", name="打开看板 清溪茶叶 · 经营看板").click()
    opened.value.wait_for_selector("[data-testid=dashboard]")


def test_fourteen_chapters_with_hours_and_requirements(centre: Any) -> None:
    for chapter in course().chapters:
        row = centre.locator(f"[data-chapter={chapter.id}]")
        assert f"{chapter.hours} 学时" in row.inner_text()
        details = row.locator("details")
        if details.get_attribute("open") is None:
            row.locator("summary").click()
        for level, wanted in chapter.requirements.items():
            assert "；".join(wanted) in row.locator(f"dt:text-is('{level}') + dd").inner_text()


def test_timetable_switches_and_is_remembered(centre: Any) -> None:
    plan, labs = centre.get_by_test_id("plan"), centre.get_by_test_id("labs")
    assert "14 章" in plan.inner_text()
    assert "第八次实验课" in labs.inner_text()
    assert hours_shown(labs, column=1) == {k: a for k, (a, _) in HOURS.items()}
    assert group_hours(labs) == ["2"] * 8 + [""]
    centre.get_by_label("64 学时").check()
    plan.get_by_role("heading", name="6 个单元").wait_for()
    assert "讲授 34 + 实践 30 学时" in plan.inner_text()
    assert "单元六 · 案例学习与模拟" in labs.inner_text()
    assert hours_shown(labs, column=2) == {k: b for k, (_, b) in HOURS.items()}
    assert group_hours(labs) == ["2", "2", "2", "12", "6", "6", ""]
    assert "讲授" in labs.locator("[data-lab=C4]").inner_text()  # discussed in a lecture
    centre.reload()
    centre.get_by_role("heading", name="6 个单元").wait_for()
    assert centre.get_by_label("64 学时").is_checked()


def test_search_and_filter_with_the_keyboard(centre: Any) -> None:
    centre.keyboard.press("/")
    centre.keyboard.type("忠诚度 关系营销")
    found = centre.get_by_test_id("found")
    assert found.inner_text() == "1 章"
    row = centre.locator("[data-chapter=ch02]")
    assert row.is_visible()
    assert row.locator("dd").first.is_visible()  # unfolded, so that one sees why
    search = centre.get_by_test_id("search")
    search.fill("没有这个词")
    assert found.inner_text() == "没有找到，换个词试试。"
    search.fill("")
    assert found.inner_text().startswith("14 章 · 24 个实验")

    search.press("Tab")
    centre.keyboard.press("Space")  # only what can be opened
    shown = centre.locator("[data-lab]:visible, [data-chapter]:visible")
    assert shown.count() == len([x for x in existing() if not x.startswith("labs/dashboards/")])


def test_labs_are_filtered_by_their_kind_of_teaching_and_the_rest_stays(centre: Any) -> None:
    labs = centre.get_by_test_id("labs")
    for kind in course().practice.kinds:
        centre.get_by_label("教学种类").select_option(kind)
        shown = labs.locator("[data-lab]:visible").evaluate_all("r => r.map(x => x.dataset.lab)")
        wanted = [x for x in course().labs if x.kind == kind]
        assert sorted(shown) == sorted(x.id for x in wanted)
        row = labs.locator(f"[data-lab={wanted[0].id}]").inner_text()
        assert all(word in row for word in (kind, *wanted[0].roles, wanted[0].layer))
    assert centre.get_by_test_id("found").inner_text().startswith("14 章 · ")
    centre.get_by_label("教学种类").select_option("")
    assert labs.locator("[data-lab]:visible").count() == len(course().labs)


def test_each_timetable_says_its_course_and_a_task_its_skills_and_knowledge(centre: Any) -> None:
    subtitle = centre.locator(".subtitle")
    assert f"课程代码 {course().code} · {course().credits} 学分" in subtitle.inner_text()
    centre.get_by_label("64 学时").check()
    centre.get_by_role("heading", name="6 个单元").wait_for()
    assert course().second_school in subtitle.inner_text()
    assert course().code not in subtitle.inner_text()
    task = course().units[0].tasks[0]
    row = centre.get_by_test_id("plan").locator(".tasks li").first
    row.locator("summary").click()
    for verb, what in (*task.skills, *task.knowledge):
        assert row.get_by_text(f"{verb}：{what}").is_visible()


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.full)])
def test_axe_finds_nothing_in_either_timetable(
    visit: Callable[..., Any],
    server: Server,
    axe: Callable[..., list[str]],
    keep: Callable[[str], Path],
    theme: str,
) -> None:
    page = visit(server.page(PAGE, theme=theme))
    for timetable in ("48", "64"):
        page.get_by_label(f"{timetable} 学时").check()
        page.screenshot(path=keep(f"{theme}_{timetable}.png"))
        assert axe(page, "[data-testid=task_centre]") == []


def test_nothing_is_cut_off_at_the_side(centre: Any, keep: Callable[[str], Path]) -> None:
    for width in (1366, 1920, 700):
        centre.set_viewport_size({"width": width, "height": 900})
        root = centre.get_by_test_id("task_centre")
        centre.wait_for_timeout(300)
        centre.screenshot(path=keep(f"{width}.png"))
        assert root.evaluate("node => [node.clientWidth, node.scrollWidth]") == [width, width]


def test_a_page_that_is_not_there_answers_in_chinese(
    server: Server, chromium: Any, keep: Callable[[str], Path]
) -> None:
    page = chromium.new_page(locale="zh-CN")
    page.goto(server.page("labs/dashboards/nothing.ipynb"))
    page.screenshot(path=keep("missing.png"))
    text = page.locator("body").inner_text()
    assert "没有这个页面" in text
    assert "requesting" not in text  # Voila's own words
    assert page.get_by_role("link", name="回到任务中心").get_attribute("href").startswith(PREFIX)
    page.close()


def test_the_list_of_pages_leads_to_the_task_centre(
    visit: Callable[..., Any], server: Server
) -> None:
    page = visit(server.address("voila"))
    page.get_by_test_id("task_centre").wait_for()
