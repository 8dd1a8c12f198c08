"""Case C5: the key's sides, edges of the rules, what the twin's data were made to show."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd
import pytest

from autograder import judge
from autograder.source.C5 import judge as c5judge
from autograder.source.C5 import keys
from crmkit import shops
from crmkit.analytics import clv, cohort, loyalty
from crmkit.lab.inputs import c5
from datasets.generate import cosmetics

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 8)] + ["张三"]
SPEC = judge.load("C5")
ITEMS = {i.id: i for i in SPEC.automatic}


def judged(id: str, answer: Any, student: str = "1") -> judge.Result:
    submission = judge.Submission(student, {id: answer}, {id: answer})
    return judge.judge_item(ITEMS[id], submission, SPEC.world(student))


def test_the_twin_is_written_again_byte_for_byte() -> None:
    files, _ = cosmetics.files()
    for name, data in files.items():
        assert (shops.root() / "cases" / name).read_bytes() == data, name


@pytest.mark.parametrize("student", STUDENTS)
def test_the_cut_stays_within_bounds(student: str) -> None:
    w = SPEC.world(student)
    kinds = list(ITEMS["C5-01"].expect(w).values())
    assert kinds.count(keys.MARKETING[0]) == 5
    forms = pd.Series(ITEMS["C5-06"].expect(w)).value_counts()
    assert set(forms.index) == set(keys.FORMS) and forms.min() >= 2
    assert ITEMS["C5-02"].expect(w)["类型"].nunique() == 4
    kept = ITEMS["C5-04"].expect(w)
    # members stay longer, and still longer when those who joined later are counted among them
    gap = (kept["会员"] - kept["非会员"]).mean()
    later = c5judge.kept(w, today=True)
    assert 0.03 < gap < (later["会员"] - later["非会员"]).mean()
    effect = ITEMS["C5-05"].expect(w)
    assert 0.1 < effect["增幅"] < 1


def test_the_reference_agrees_with_the_models_of_the_kit() -> None:
    w, v = SPEC.world("1"), c5.value("1")
    effect = ITEMS["C5-05"].expect(w)
    assert effect["现在"] == pytest.approx(v.margin * clv.margin_multiple(v.retention, v.rate))
    members = w.members.set_index(c5.KEY)
    valid = w.purchases[w.purchases["退货"] == "否"]
    count = valid.groupby(c5.KEY).size()
    for who, kind in ITEMS["C5-02"].expect(w).itertuples(index=False):
        assert kind == loyalty.loyalty_type(members.loc[who, "依恋"], int(count.get(who, 0)))
    # both groups together are a cohort of the kit: everybody's first purchase, returned or not
    table = cohort.cohort_counts(w.purchases, "2025-12-31", months=11, status=None,
                                 customer_id=c5.KEY, paid_at="购买日期", amount="金额")  # fmt: skip
    first = w.purchases.groupby(c5.KEY)["购买日期"].min()
    start = first[first < "2025-02-01"].index
    member = (members["入会日期"].reindex(start) < "2025-02-01").sum()
    whole = c5judge.kept(w, returned=True)
    counts = whole["会员"] * member + whole["非会员"] * (len(start) - member)
    assert counts.tolist() == pytest.approx(table.loc["2025-01"].tolist()[1:])


def test_every_sentence_of_the_pools_has_its_place() -> None:
    kinds = [keys.marketing(i) for i in range(len(c5.STATEMENT_POOL))]
    assert kinds.count("关系营销") == kinds.count("传统营销") == 12
    assert [keys.form(i) for i in (0, 5, 6, 11, 12, 17)] == [f for f in keys.FORMS for _ in (0, 1)]


@pytest.mark.parametrize("student", STUDENTS)
def test_the_cases_of_the_function_stand_on_its_edges_and_on_no_rounding(student: str) -> None:
    w, r = SPEC.world(student), c5.rule(student)
    expected = ITEMS["C5-03"].expect(w)
    for (before, buys, birthday), (points, _) in zip(c5judge.cases(w), expected, strict=True):
        factor = (
            r.factors[c5.LEVELS.index("普通") + (before >= r.silver) + (before >= r.gold)] / 100
        )
        plain = int(buys / r.yuan * factor * (r.birthday if birthday else 1))
        other = int(buys * factor * (r.birthday if birthday else 1) / r.yuan)
        assert plain == other == points  # either order of the factors gives the same
    reached = [b + x for b, x, _ in c5judge.cases(w)]
    assert (
        r.silver in reached and r.gold in reached and {lv for _, lv in expected} == set(c5.LEVELS)
    )


@pytest.mark.parametrize("form", [tuple, list])
def test_the_pair_of_the_function_may_be_a_tuple_or_a_list(form: Any) -> None:
    pairs = [form(x) for x in ITEMS["C5-03"].expect(SPEC.world("1"))]
    assert judged("C5-03", pairs).score == 12


def test_types_may_come_as_a_table_or_a_dict() -> None:
    right = ITEMS["C5-02"].expect(SPEC.world("1"))
    for answer in (right[::-1], right.set_index(c5.KEY), dict(right.itertuples(index=False))):
        assert judged("C5-02", answer).score == 12


def test_each_of_the_three_numbers_earns_its_part() -> None:
    right = ITEMS["C5-05"].expect(SPEC.world("1"))
    assert judged("C5-05", {k: round(v, 4) for k, v in right.items()}).score == 12
    assert judged("C5-05", right | {"现在": 0}).score == 8
    assert "百分数" in judged("C5-05", right | {"增幅": right["增幅"] * 100}).hint
