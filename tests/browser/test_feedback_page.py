"""Feedback pages in Chromium: attacks stay text, axe finds nothing, they print and ask for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import feedback
from tests.autograder import classroom

ATTACK = (
    "<script>window.pwned=1</script><img src=x onerror='window.pwned=1'>"
    "\"'><svg/onload=window.pwned=1><a href='javascript:window.pwned=1'>点我</a>"
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>{{ 7*7 }}</style><style>*{display:none}"
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class in which every text that is not the kit's own is an attack."""
    folder = classroom.make(tmp_path_factory.mktemp("class"))
    data = classroom.record("E3", "2025010102", [0.5, 0, 0.3], mends=[ATTACK, "补回了一个单元格"])
    for item in data["items"]:
        item.update(title=ATTACK, need=ATTACK, found=ATTACK, hint=ATTACK)
    classroom.put_record(folder, data)
    broken = classroom.record("E3", "2025010103", [], status="ungradable", items=[], reason=ATTACK)
    classroom.put_record(folder, broken)
    feedback.write(folder, "E1", roster=classroom.ROSTER)
    feedback.write(folder, "E3", roster=classroom.ROSTER)
    return folder


@pytest.fixture
def opened(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open a file; afterwards it may have asked for nothing and said nothing."""
    asked: list[str] = []
    said: list[str] = []
    contexts = []

    def show(path: Path, **options: Any) -> Any:
        size = {"width": 1366, "height": 768}
        context = chromium.new_context(**{"locale": "zh-CN", "viewport": size, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: asked.append(r.url))
        page.on("console", lambda m: said.append(m.text))
        page.on("pageerror", lambda e: said.append(str(e)))
        page.on("dialog", lambda d: said.append(d.message))
        page.goto(path.as_uri())
        return page

    yield show
    for context in contexts:
        context.close()
    assert [u for u in asked if not u.startswith(("file:", "data:"))] == []
    assert said == []


def pages(course: Path) -> list[Path]:
    found = sorted((course / "feedback").rglob("*.html"))
    assert len(found) == 11
    return found


def test_text_of_students_is_inert_and_readable(course: Path, opened: Callable[..., Any]) -> None:
    seen = 0
    for path in pages(course):
        page = opened(path)
        assert page.evaluate("window.pwned") is None
        assert (
            page.locator("script, iframe, img, svg, body style, a[href^=javascript]").count() == 0
        )
        assert page.locator("h1").is_visible()
        attributes = page.evaluate(
            "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
            ".filter(a => a.name.startsWith('on')).length"
        )
        assert attributes == 0
        seen += page.locator("body").inner_text().count("{{ 7*7 }}")
    assert seen > 10


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.full)])
def test_axe_finds_nothing(
    course: Path, opened: Callable[..., Any], axe: Callable[..., list[str]], scheme: str
) -> None:
    for student in ("2025010101", "2025010102", "2025010103", "2025010104"):
        page = opened(course / "feedback" / student / "E3" / "E3.html", color_scheme=scheme)
        assert axe(page, "html") == []
    for name in ("index.html", "E3.html"):
        assert axe(opened(course / "feedback" / name, color_scheme=scheme), "html") == []


def test_a_page_fits_the_screen_and_the_sheet(
    course: Path, opened: Callable[..., Any], keep: Callable[[str], Path]
) -> None:
    for student, name in (
        ("2025010101", "marked"),
        ("2025010103", "refused"),
        ("2025010104", "late"),
    ):
        path = course / "feedback" / student / "E3" / "E3.html"
        page = opened(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366
        page.screenshot(path=keep(f"{name}.png"), full_page=True)
        sheets = page.pdf(prefer_css_page_size=True)
        assert sheets.count(b"/Type /Page\n") + sheets.count(b"/Type /Page ") <= 3
        phone = opened(path, viewport={"width": 390, "height": 800})
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
