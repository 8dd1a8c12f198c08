"""Menus of an IVR, Huffman's bound, and where one's own centre costs as much as an outside one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import ivr, outsourcing
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.outsourcing import Offer, OwnCentre

GOOD = {
    "主菜单": {"1": "物流", "2": "退换货", "0": "人工"},
    "物流": {"1": "查件", "2": "催件", "9": "主菜单", "0": "人工"},
}
SERVICES = ("查件", "催件", "退换货")


def test_a_good_tree_has_no_faults() -> None:
    assert ivr.faults(GOOD, SERVICES) == []
    assert ivr.depths(GOOD) == {
        "主菜单": 0,
        "物流": 1,
        "退换货": 1,
        "人工": 1,
        "查件": 2,
        "催件": 2,
    }


@pytest.mark.parametrize(("change", "words"), [
    ({"物流": {"1": "查件", "2": "催件"}}, "不能转人工"),
    ({"物流": {"1": "查件", "0": "人工"}}, "「催件」走不到"),
    ({"发票": {"1": "开票", "0": "人工"}}, "菜单「发票」从"),
    ({"物流": {"1": "查件", "2": "催单", "0": "人工"}}, "既不是菜单也不是服务"),
    ({"物流": {"1": "查件", "12": "催件", "0": "人工"}}, "电话键盘"),
    ({"物流": {"1": "查件", "2": "二", "0": "人工"}, "二": {"1": "三", "0": "人工"},
      "三": {"1": "催件", "0": "人工"}}, "要按 4 次键"),
])  # fmt: skip
def test_each_fault_is_named(change: dict[str, dict[str, str]], words: str) -> None:
    assert words in "\n".join(ivr.faults(GOOD | change, SERVICES))


def test_seconds_follow_the_order_in_which_options_are_read() -> None:
    found = ivr.seconds(GOOD, greeting_s=4, option_s=3, press_s=1)
    assert found["物流"] == 8 and found["退换货"] == 11 and found["催件"] == 8 + 4 + 6 + 1
    assert ivr.expected(found, {"查件": 1, "退换货": 1}) == pytest.approx((16 + 11) / 2)
    with pytest.raises(AnalyticsError, match="走不到"):
        ivr.expected(found, {"开票": 1})


@given(st.lists(st.integers(1, 50), min_size=2, max_size=20), st.integers(2, 9))
def test_no_menu_needs_fewer_presses_than_huffman(shares: list[int], keys: int) -> None:
    least = ivr.least_presses(shares, keys)
    flat, deep = 0, 1
    while keys**deep < len(shares):
        deep += 1
    assert 1 - 1e-9 <= least <= deep + 1e-9 and flat == 0
    assert ivr.least_presses(shares, len(shares)) == pytest.approx(1)


def test_huffman_of_a_textbook_code() -> None:
    """Cormen et al., Introduction to Algorithms, figure 16.3: 45 13 12 16 9 5 → 2.24 bits."""
    assert ivr.least_presses([45, 13, 12, 16, 9, 5], 2) == pytest.approx(2.24)


def test_at_the_break_even_both_cost_the_same() -> None:
    own, outside = Offer(30_000, 1.2), Offer(3_000, 7.2)
    even = outsourcing.break_even(own, outside)
    assert even == 4500
    assert own.cost(even) == pytest.approx(outside.cost(even))
    assert own.cost(even + 1) < outside.cost(even + 1)


@pytest.mark.parametrize(("own", "outside", "words"), [
    (Offer(3000, 5), Offer(1000, 4), "外包便宜"), (Offer(1000, 4), Offer(3000, 5), "自建便宜"),
    (Offer(1000, 4), Offer(3000, 4), "自建便宜"),
])  # fmt: skip
def test_lines_that_do_not_meet_say_who_is_cheaper(own: Offer, outside: Offer, words: str) -> None:
    with pytest.raises(AnalyticsError, match=words):
        outsourcing.break_even(own, outside)


def test_with_whole_seats_the_cheaper_side_can_change_several_times() -> None:
    own = OwnCentre(fixed=6000, seat=6500, per_call=0.3)
    outside = Offer(2000, 9.5)
    changes = outsourcing.equal_ranges(own, outside, 20_000)
    assert changes and all(
        (own.cost(c) < outside.cost(c)) != (own.cost(c - 50) < outside.cost(c - 50))
        for c in changes
    )
    people = [own.people(c) for c in range(0, 20_000, 500)]
    assert people == sorted(people) and own.people(0) == 0
