"""What may leave the shop: forms against purposes, and people who stand alone, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from crmkit.analytics import disclosure as d
from crmkit.analytics.errors import AnalyticsError

PEOPLE = pd.DataFrame(
    {
        "省份": ["福建", "福建", "福建", "浙江", "浙江", None, None],
        "年份": [1990, 1990, 1985, 1990, None, None, None],
    }
)


def test_everyone_is_counted_with_those_who_share_all_his_values() -> None:
    assert d.group_sizes(PEOPLE, ["省份", "年份"]).tolist() == [2, 2, 1, 1, 1, 2, 2]
    assert d.group_sizes(PEOPLE, ["省份"]).tolist() == [3, 3, 3, 2, 2, 2, 2]
    assert d.group_sizes(PEOPLE, []).tolist() == [7] * 7


def test_one_more_column_never_hides_anybody() -> None:
    one, two = (d.group_sizes(PEOPLE, c) for c in (["省份"], ["省份", "年份"]))
    assert (two <= one).all()


def test_a_list_without_people_or_columns_that_are_not_there_are_refused() -> None:
    with pytest.raises(AnalyticsError, match="名单里没有人"):
        d.group_sizes(PEOPLE.head(0), ["省份"])
    with pytest.raises(AnalyticsError, match="缺少列「生日」"):
        d.group_sizes(PEOPLE, ["生日"])


@pytest.mark.parametrize("purpose", d.PURPOSES)
def test_what_a_purpose_needs_and_nothing_else_passes(purpose: str) -> None:
    needs = d.PURPOSES[purpose].needs
    assert {f.verdict for f in d.judge(purpose, needs)} <= {d.NEEDED, d.ENOUGH}
    for item, form in needs.items():
        found = {f.item: f.verdict for f in d.judge(purpose, {**needs, item: "none"})}
        assert form != "none" and found[item] == d.TOO_LITTLE
    found = {f.item: f.verdict for f in d.judge(purpose, {**needs, "contact": "masked"})}
    assert found["contact"] == (d.TOO_LITTLE if "contact" in needs else d.TOO_MUCH)


def test_more_than_the_purpose_needs_is_too_much_unless_nobody_can_be_told() -> None:
    given = {"contact": "clear", "spending": "exact"}
    assert [f.verdict for f in d.judge("ship", given)] == [
        d.NEEDED, d.ENOUGH, d.TOO_LITTLE, d.TOO_MUCH,
    ]  # fmt: skip
    assert d.judge("study", {"spending": "exact"})[3].verdict == d.ENOUGH


@pytest.mark.parametrize(
    ("purpose", "given", "words"),
    [("sell", {}, "参数 purpose"), ("sms", {"face": "clear"}, "参数 given"),
     ("sms", {"place": "street"}, "参数 place")],
)  # fmt: skip
def test_unknown_purposes_items_and_forms_are_told_with_the_choices(
    purpose: str, given: dict[str, str], words: str
) -> None:
    with pytest.raises(AnalyticsError, match=f"{words}.*可以选"):
        d.judge(purpose, given)
