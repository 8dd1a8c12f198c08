"""商机: stages with entry rules, the grade, quotations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crmkit.analytics import ahp
from crmkit.crm import Session, errors
from crmkit.settings import settings
from tests.crmkit.crm.test_customers import some, sql

Work = Callable[..., Session]


def test_an_opportunity_goes_through_its_stages_one_by_one(work_in: Work) -> None:
    crm = work_in("tea", "营销")
    o = crm.opportunities
    opp = o.create(some(crm, 1)[0], 5000, [3, 3, 3, 3])
    with pytest.raises(errors.IllegalTransition, match="现在可以到：有效、失败"):
        o.move(opp, "目标")
    o.move(opp, "有效")
    o.move(opp, "可行")
    with pytest.raises(errors.IllegalTransition, match="有效的报价"):
        o.move(opp, "目标")
    sku = sql(crm, "SELECT sku FROM products ORDER BY price DESC").iloc[0, 0]
    quote = o.make_quote(opp, [(sku, 10)])
    o.move(opp, "目标")
    with pytest.raises(errors.IllegalTransition, match="已被接受"):
        o.move(opp, "成功")
    o.answer_quote(quote, "接受")
    o.move(opp, "成功")
    assert o.allowed(opp) == []
    with pytest.raises(errors.IllegalTransition, match="已经结束"):
        o.move(opp, "失败")
    row = o.list().set_index("商机编号").loc[opp]
    assert (row["阶段"], row["加权金额"]) == ("成功", 5000)
    crm.verify()


def test_a_low_score_does_not_enter_the_next_stage(work_in: Work) -> None:
    crm = work_in("tea", "营销")
    opp = crm.opportunities.create(some(crm, 1)[0], 100, [1, 1, 1, 1])
    with pytest.raises(errors.IllegalTransition, match="至少 2 分"):
        crm.opportunities.move(opp, "有效")
    crm.opportunities.rescore(opp, [2, 1, 1, 1])
    crm.opportunities.move(opp, "有效")


@pytest.mark.parametrize("shop", ["tea", "ceramics", "electronics"])
def test_grades_and_funnel_equal_a_plain_count(work_in: Work, shop: str) -> None:
    crm = work_in(shop, "数据分析")
    rules = settings()["opportunities"]
    w = ahp.weights(ahp.reciprocal(rules["comparisons"])).values
    rows = sql(crm, "SELECT * FROM opportunities").set_index("opp_id")
    score = rows[["c1", "c2", "c3", "c4"]].to_numpy() @ w
    got = crm.opportunities.grade().set_index("商机编号").loc[rows.index]
    assert got["得分"].to_numpy() == pytest.approx(score)
    assert (got["等级"] == "A").sum() == (score >= rules["grades"]["A"] - 1e-9).sum()
    funnel = crm.opportunities.funnel().set_index("阶段")
    assert funnel["商机数"].sum() + (rows["stage"] == "lost").sum() == len(rows)
    assert funnel.loc["成功", "到达数"] == (rows["stage"] == "won").sum()
    assert funnel["到达数"].is_monotonic_decreasing


def test_a_quotation_below_the_least_margin_is_refused_with_the_least_price(work_in: Work) -> None:
    crm = work_in("tea", "营销")
    opp = crm.opportunities.create(some(crm, 1)[0], 5000, [3, 3, 3, 3])
    p = sql(crm, "SELECT sku, price, cost FROM products ORDER BY sku").iloc[0]
    least = p["cost"] * 10 / 0.9 / 100
    with pytest.raises(errors.InvalidInput, match=f"至少要 {least:.2f} 元") as told:
        crm.opportunities.make_quote(
            opp, [(p["sku"], 10)], discount=(p["price"] * 10 - p["cost"] * 10) / 100
        )
    assert "discount" in told.value.fields
    quote = crm.opportunities.make_quote(opp, [(p["sku"], 10)], discount=1.5)
    row = crm.opportunities.quote().set_index("报价单").loc[quote]
    assert row["总价"] == pytest.approx(p["price"] / 10 - 1.5)
    assert row["毛利率"] == pytest.approx(1 - p["cost"] / 10 / row["总价"])
    for wrong in ([], [("没有", 1)], [(p["sku"], 0)], [(p["sku"], 1), (p["sku"], 2)]):
        with pytest.raises(errors.InvalidInput):
            crm.opportunities.make_quote(opp, wrong)


def test_contradicting_comparisons_are_refused(work_in: Work) -> None:
    with pytest.raises(errors.InvalidInput, match="前后矛盾"):
        work_in("tea").opportunities.grade([[9, 1 / 9, 9], [9, 1 / 9], [9]])
