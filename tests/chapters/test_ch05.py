"""Chapter 5: printed values of the text, marks for what was inferred, chosen or written."""

from __future__ import annotations

from crmkit.analytics import erlang
from tests.chapters.lessons import lesson

CH05 = lesson("ch05")


def test_the_owner_of_the_opening_case_gets_his_numbers() -> None:
    """30 calls of 240 s an hour: 2, 3 and 4 seats."""
    found = [erlang.performance(30, 3600, 240, n) for n in (2, 3, 4)]
    assert found[0].mean_wait_s == float("inf")
    assert 60 < found[1].mean_wait_s < 120 and 15 < found[2].mean_wait_s < 25
    assert "一分多钟" in CH05.prose and "二十秒上下" in CH05.prose
    assert round(erlang.performance(60, 3600, 240, 8).service_level, 2) == 0.96


def test_cases_choices_and_inferences_are_marked() -> None:
    for title in ("多一个人就不堵了吗", "云桥航空", "社区医院的预约热线"):
        at = CH05.prose.rindex(title) if title != "云桥航空" else CH05.prose.index("**云桥航空**")
        assert "〔教学编写〕" in CH05.prose[max(0, at - 60) : at + 60], title
    for words in ("它有三层", "两种形式"):
        at = CH05.prose.index(words)
        assert "〔推断〕" in CH05.prose[at : at + 20], words
    assert CH05.prose.count("〔课程约定〕") >= 5
