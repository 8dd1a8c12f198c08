"""Chapter 8: its finding in the log, its printed price, its marks."""

from __future__ import annotations

from crmkit import shops
from tests.chapters.lessons import lesson

CH08 = lesson("ch08")


def test_conformance_finds_exactly_the_planted_transition() -> None:
    import pandas as pd

    names: dict[str, object] = {"pd": pd, "tea": shops.load("tea")}
    from crmkit.analytics import process

    names["process"] = process
    for start in ("orders = tea.orders", "life = process"):
        exec(next(c.source for c in CH08.cells if c.source.startswith(start)), names)
    checked = names["checked"]
    odd = checked.loc[~checked["符合"], "编号"].tolist()  # type: ignore[index, attr-defined]
    assert odd == [str(shops.planted("tea")["illegal_transition"])]


def test_markup_is_not_margin() -> None:
    assert round(88 / (1 - 0.45), 2) == 160 and "160 元，不是 127.6 元" in CH08.prose


def test_cases_and_choices_are_marked() -> None:
    for title in ("一张退款单的十一天", "盖章的理由", "校园打印店"):
        around = [i for i in range(len(CH08.prose)) if CH08.prose.startswith(title, i)]
        assert any("〔教学编写〕" in CH08.prose[max(0, i - 40) : i + 60] for i in around), title
    assert CH08.prose.count("〔课程约定〕") >= 3
