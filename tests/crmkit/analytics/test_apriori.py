"""Apriori by hand against the published baskets, mlxtend and the fast search; planted rules."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlxtend.frequent_patterns import apriori as theirs
from mlxtend.frequent_patterns import association_rules

from crmkit import shops
from crmkit.analytics import apriori, basket
from crmkit.analytics.errors import AnalyticsError

# The five baskets of mlxtend's documentation (values.md, source K1)
BASKETS = [
    ["Milk", "Onion", "Nutmeg", "Kidney Beans", "Eggs", "Yogurt"],
    ["Dill", "Onion", "Nutmeg", "Kidney Beans", "Eggs", "Yogurt"],
    ["Milk", "Apple", "Kidney Beans", "Eggs"],
    ["Milk", "Unicorn", "Corn", "Kidney Beans", "Yogurt"],
    ["Corn", "Onion", "Onion", "Kidney Beans", "Ice cream", "Eggs"],
]
T_AR_1 = {
    ("Eggs",): 0.8, ("Kidney Beans",): 1.0, ("Milk",): 0.6, ("Onion",): 0.6, ("Yogurt",): 0.6,
    ("Eggs", "Kidney Beans"): 0.8, ("Eggs", "Onion"): 0.6, ("Kidney Beans", "Milk"): 0.6,
    ("Kidney Beans", "Onion"): 0.6, ("Kidney Beans", "Yogurt"): 0.6,
    ("Eggs", "Kidney Beans", "Onion"): 0.6,
}  # fmt: skip


def supports(baskets: list, share: float) -> dict[apriori.Items, float]:
    found = apriori.levels(baskets, share)
    return {k: n / len(baskets) for level in found for k, n in level.frequent.items()}


def one_hot(baskets: list) -> pd.DataFrame:
    return pd.get_dummies(pd.DataFrame([(k, i) for k, b in enumerate(baskets) for i in b])
                          .set_index(0)[1]).groupby(level=0).max()  # fmt: skip


def test_the_eleven_frequent_sets_t_ar_1() -> None:
    """T-AR-1 (mlxtend's documentation), min support 0.6, exact."""
    assert supports(BASKETS, 0.6) == pytest.approx(T_AR_1)


def test_the_twelve_rules_t_ar_2() -> None:
    """T-AR-2: confidence ≥ 0.7 gives 12 rules, lift ≥ 1.2 leaves 6; Eggs → Onion as printed."""
    found = basket.association(BASKETS, min_support=0.6, min_confidence=0.7, longest=3)
    assert len(found) == 12
    assert (found["提升度"] >= 1.2).sum() == 6
    rule = found.set_index(["前项", "后项"]).loc["Eggs", "Onion"]
    assert rule[list(basket.MEASURES)].tolist() == pytest.approx([0.6, 0.75, 1.25, 0.12, 1.6])
    back = found.set_index(["前项", "后项"]).loc["Onion", "Eggs"]
    assert (back["置信度"], back["提升度"], back["确信度"]) == (1, 1.25, float("inf"))
    same = association_rules(theirs(one_hot(BASKETS), 0.6, use_colnames=True), min_threshold=0.7)
    mine = {(r["前项"], r["后项"]): r["提升度"] for r in found.to_dict("records")}
    words = {
        ("、".join(sorted(r["antecedents"])), "、".join(sorted(r["consequents"]))): r["lift"]
        for r in same.to_dict("records")
    }
    assert mine == pytest.approx(words)


lists = st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), min_size=1, max_size=12)


@settings(max_examples=20, deadline=None)
@given(lists, st.sampled_from([0.2, 1 / 3, 0.5, 0.6]))
def test_any_baskets_give_what_mlxtend_and_the_fast_search_give(
    baskets: list, share: float
) -> None:
    mine = supports(baskets, share)
    frame = theirs(one_hot(baskets), share, use_colnames=True)
    assert mine == pytest.approx(
        {tuple(sorted(r["itemsets"])): r["support"] for r in frame.to_dict("records")}
    )
    rules = basket.association(baskets, min_support=share, longest=2)
    assert len(rules) == 2 * sum(len(items) == 2 for items in mine)


@settings(max_examples=20, deadline=None)
@given(lists)
def test_what_is_pruned_could_not_have_been_frequent(baskets: list) -> None:
    for level in apriori.levels(baskets, 0.4):
        for items in level.pruned:
            assert sum(set(items) <= set(b) for b in baskets) < level.least


def test_the_table_of_a_level_says_why_each_candidate_stays_or_goes() -> None:
    two = apriori.levels([["a", "b"], ["a", "c"], ["b", "c"], ["a", "b"]], 0.5)[1].frame()
    assert two.to_dict("list") == {
        "项集": ["a、b", "a、c", "b、c"], "篮数": [2, 1, 1], "去留": ["频繁", "次数不够", "次数不够"],
    }  # fmt: skip
    three = apriori.levels([["a", "b", "c", "d"], ["a", "b"], ["a", "c"], ["d"]], 0.5)[2].frame()
    assert three["去留"].tolist() == ["剪枝：b、c 不频繁"]


def test_no_baskets_is_refused() -> None:
    with pytest.raises(AnalyticsError, match="没有一篮"):
        apriori.levels([[]], 0.5)


@pytest.mark.parametrize("name", shops.TITLES)
def test_the_planted_affinities_of_the_shops_are_found(name: str) -> None:
    import yaml

    truth = yaml.safe_load((shops.root() / "meta.yaml").read_text(encoding="utf-8"))["truth"][name]
    planted = {(rule["first"], rule["then"]) for rule in truth["affinities"]}
    shop = shops.load(name)
    valid = shops.valid_orders(shop.orders)["订单编号"]
    items = shop.order_items[shop.order_items["订单编号"].isin(valid)]
    groups = items.groupby("订单编号")["商品编码"].agg(set).tolist()
    found = basket.association(groups, min_support=0.01, min_confidence=0.3, min_lift=2)
    pairs = set(zip(found["前项"], found["后项"], strict=True))
    assert len(pairs & planted) >= 5
    slowly = set(apriori.levels(groups, 0.01, longest=2)[1].frequent)
    assert {tuple(sorted(p)) for p in pairs} <= slowly
