"""Labs D2, C4 and S1: bounds of difficulty, forms that count, mistakes that are told by a sign."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder import judge
from autograder.source.C4 import reference as c4_reference
from autograder.source.D2 import reference as d2_reference
from autograder.source.S1 import keys as s1_keys
from crmkit.analytics import basket, classification
from crmkit.errors import KitError
from crmkit.lab.inputs import c4, d2, s1
from crmkit.ui.roleplay import RolePlay

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 2)] + ["张三"]
ONE = STUDENTS[0]


def result(item_id: str, answer: Any, student: str = ONE) -> judge.Result:
    spec = judge.load(item_id.split("-")[0])
    item = next(i for i in spec.automatic if i.id == item_id)
    submission = judge.Submission(student, {item_id: answer}, {item_id: answer})
    return judge.judge_item(item, submission, spec.world(student))


# --- D2 ------------------------------------------------------------------------------------------
def test_mining_is_as_hard_for_everybody() -> None:
    for student in STUDENTS:
        w = d2_reference.World(student)
        hidden = d2.learning(student)[1]
        area = classification.auc(hidden["流失"], hidden["最近购买天数"])
        assert 0.78 <= area <= 0.815
        assert len(hidden) == d2.HIDDEN and len(w.history) > 700
        assert len(w.outliers) == 8
        assert (
            d2.orders(student)["实付金额"].nlargest(8).min() > 20_000
        )  # and all of them are these
        assert 6 <= len(d2_reference.rules(w)) <= 40
        assert d2.scores(student)["流失概率"].is_unique
        assert not set(hidden["编号"]) & set(w.history["编号"])


def test_hidden_customers_come_without_the_answer(tmp_path: Any) -> None:
    d2.FILES["hidden.csv"](tmp_path / "hidden.csv", ONE)
    d2.FILES["monthly.csv"](tmp_path / "monthly.csv", ONE)
    given = pd.read_csv(tmp_path / "hidden.csv")
    assert not {"流失", *d2.LEAKS} & set(given.columns)
    assert pd.read_csv(tmp_path / "monthly.csv")["月份"].max() == "2025-09"


def test_churn_chances_earn_by_their_auc_and_their_faults_are_named() -> None:
    truth = d2_reference.World(ONE).truth
    hidden = d2.learning(ONE)[1].set_index("编号")
    recency = (hidden["最近购买天数"] / 1000).to_dict()
    assert result("D2-05", recency).score == 12
    frame = pd.DataFrame({"编号": list(recency), "流失概率": list(recency.values())})
    assert result("D2-05", frame).score == 12
    assert "方向反了" in result("D2-05", {k: 1 - v for k, v in recency.items()}).hint
    sure = {k: float(v > 0.2) for k, v in recency.items()}
    assert "predict_proba" in result("D2-05", sure).hint
    assert result("D2-05", dict.fromkeys(truth, 0.5)).score == 0


def test_cluster_numbers_do_not_matter_and_own_clusters_are_followed() -> None:
    w = d2_reference.World(ONE)
    mine = d2_reference.clusters(w)[["客户编号", "群"]]
    named = mine.assign(群=mine["群"].map(dict(enumerate("甲乙丙丁")))).sample(
        frac=1, random_state=1
    )
    assert result("D2-03", named).score == 12
    half = mine.assign(群=np.arange(len(mine)) % 4)
    assert result("D2-03", half).score == 0
    spec = judge.load("D2")
    item = next(i for i in spec.automatic if i.id == "D2-11")
    own = d2_reference.worth(w, half.set_index("客户编号")["群"])
    submission = judge.Submission(ONE, {"D2-03": half, "D2-11": own}, {})
    assert judge.judge_item(item, submission, w).score == 6


def test_features_after_the_cut_are_called_a_leak() -> None:
    right = d2_reference.split(d2_reference.World(ONE))
    found = result("D2-02", {**right, "特征": [*right["特征"], d2.LEAKS[0]]})
    assert "泄漏" in found.hint and found.score == pytest.approx(8 * 0.65)
    assert result("D2-02", {**right, "特征": right["特征"][:3]}).score == 8


def test_forecasts_that_copy_are_told_so() -> None:
    months = d2.months(ONE)
    copied = {f"2025-{m}": float(months[f"2024-{m}"]) for m in (10, 11, 12)}
    found = result("D2-08", copied)
    assert found.score == 8 or "同比增长" in found.hint
    assert result("D2-08", d2_reference.coming(d2_reference.World(ONE))).score == 8


# --- C4 ------------------------------------------------------------------------------------------
def test_the_reference_of_the_baskets_is_the_librarys() -> None:
    w = c4_reference.World(ONE)
    rules = basket.association(c4_reference.baskets(w), min_support=0.02)
    pairs = {frozenset(p) for p in zip(rules["前项"], rules["后项"], strict=True)}
    assert pairs == {frozenset(p) for p in c4_reference.frequent(w)}
    best = rules.iloc[0]
    assert {best["前项"], best["后项"]} == set(c4_reference.best_pair(w))


def test_the_supermarket_is_as_hard_for_everybody() -> None:
    for student in STUDENTS:
        w = c4_reference.World(student)
        pairs = c4_reference.frequent(w)
        assert 5 <= len(pairs) <= 40
        lift = sorted((v for p, v in c4_reference.lift_of(w).items() if p in pairs), reverse=True)
        assert lift[0] > lift[1] + 1e-6
        ordered = c4_reference.refill(w)
        assert 3 <= sum(v > 0 for v in ordered.values()) <= 17
        assert ordered != c4_reference.refill(w, below=True)


def test_pairs_count_in_either_order_and_a_leak_costs_most() -> None:
    w = c4_reference.World(ONE)
    turned = pd.DataFrame([p[::-1] for p in c4_reference.frequent(w)], columns=["商品1", "商品2"])
    assert result("C4-03", turned).score == 15
    assert result("C4-06", list(c4_reference.best_pair(w))[::-1]).score == 10
    leak = pd.concat([c4_reference.own(w), c4_reference.own(w, "").tail(3)]).drop_duplicates("商品")
    others = [g for g in leak["商品"] if c4.GOODS[g][0] != w.card.supplier]
    if others:
        assert result("C4-05", leak).score == 0


# --- S1 ------------------------------------------------------------------------------------------
def test_every_complaint_has_a_cause_and_both_labels_count_where_two_fit() -> None:
    assert [len(x) for x in s1.POOL] == [8] * len(s1_keys.CAUSES)
    spec = judge.load("S1")
    for student in STUDENTS:
        w = spec.world(student)
        counts = pd.Series(w.causes).value_counts()
        assert len(counts) >= 6 and counts.max() <= 8
        other = {**w.causes, **w.also}
        assert result("S1-01", other, student).score == 12
        assert (s1.complaints(student)["是否满意"] == "").sum() >= 2


def test_the_fewest_causes_that_reach_eighty_percent() -> None:
    w = judge.load("S1").world(ONE)
    counts = pd.Series(w.causes).value_counts()
    least = int((counts.cumsum() >= 32).to_numpy().argmax()) + 1
    best = counts.index[:least].tolist()
    assert result("S1-03", best).score == 10
    assert result("S1-03", set(best)).score == 10
    assert "还没有到八成" in result("S1-03", best[:-1]).hint
    assert "最少" in result("S1-03", list(s1_keys.CAUSES)).hint


def test_own_causes_are_followed() -> None:
    spec = judge.load("S1")
    w = spec.world(ONE)
    own = dict.fromkeys(w.causes, "物流配送")
    table = pd.DataFrame({"原因": ["物流配送"], "电商": [0], "其他": [0]})
    trade = s1.complaints(ONE)["行业"]
    table[["电商", "其他"]] = [(trade == "电商").sum(), (trade != "电商").sum()]
    item = next(i for i in spec.automatic if i.id == "S1-02")
    submission = judge.Submission(ONE, {"S1-01": own, "S1-02": table}, {})
    assert judge.judge_item(item, submission, w).score == 10


def test_role_play_keeps_a_log_and_the_last_choice_counts(tmp_path: Any) -> None:
    table = tmp_path / "scenes.csv"
    s1.FILES["scenes.csv"](table, ONE)
    play = RolePlay(pd.read_csv(table), tmp_path / "out" / "log.csv")
    assert set(play.choices.values()) == {...}
    play.choose("场景1", "A")
    play.choose("场景1", "C")
    assert play.choices["场景1"] == "C" and len(play.log) == 2
    assert (tmp_path / "out" / "log.csv").read_text(encoding="utf-8-sig").splitlines()[
        -1
    ] == "2,场景1,C"
    with pytest.raises(KitError, match="场景1"):
        play.choose("场景9", "A")
    assert len(play.play().children) == 12


def test_two_replies_count_in_the_last_scene() -> None:
    letters = {i: letter for letter, i in s1.replies(ONE, 6).items()}
    base = {
        f"场景{n}": next(k for k, i in s1.replies(ONE, n).items() if i == 0) for n in range(1, 7)
    }
    for place, score in ((0, 10), (1, 10)):
        assert result("S1-07", {**base, "场景6": letters[place]}).score == score
    assert (result("S1-07", {**base, "场景6": letters[2]}).score or 0) < 10
