"""Chapter 9: what the syllabus lacks is said to be proposed, and cases are marked."""

from __future__ import annotations

from tests.chapters.lessons import lesson

CH09 = lesson("ch09")


def test_the_missing_points_are_called_proposed() -> None:
    for name, point in (
        ("重点", "客户关系管理能力评价指标体系"),
        ("难点", "客户关系管理能力对企业绩效的影响"),
    ):
        line = next(x for x in CH09.prose.splitlines() if x.startswith(f"> **{name}**"))
        assert point in line and "建议" in line


def test_cases_and_choices_are_marked() -> None:
    for title in ("两家店，一套软件", "一个权限", "图书馆的读者服务能力"):
        around = [i for i in range(len(CH09.prose)) if CH09.prose.startswith(title, i)]
        assert any("〔教学编写〕" in CH09.prose[max(0, i - 40) : i + 60] for i in around), title
    assert CH09.prose.count("〔课程约定〕") >= 4
    assert "资料没有写" in CH09.prose
