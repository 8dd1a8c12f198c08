"""What a campaign brought."""

from __future__ import annotations

import math

import pytest

from crmkit import shops
from crmkit.crm import errors
from crmkit.crm.campaigns import campaign_figures as figures
from crmkit.crm.campaigns.campaigning import SENDS, TEMPLATES
from tests.crmkit.crm.marketing.shop import (
    EVERYBODY,
    RULES,
    Work,
    raw,
    running,
    sends,
)


def test_two_proportions_against_the_textbook_formula() -> None:
    d = figures.two_proportions(25, 200, 15, 180)
    p1, p2, p = 25 / 200, 15 / 180, 40 / 380
    z = (p1 - p2) / math.sqrt(p * (1 - p) * (1 / 200 + 1 / 180))
    half = 1.959963984540054 * math.sqrt(p1 * (1 - p1) / 200 + p2 * (1 - p2) / 180)
    assert d.z == pytest.approx(z) and (d.high, d.low) == pytest.approx(
        (p1 - p2 + half, p1 - p2 - half)
    )
    from scipy.stats import norm

    assert d.p == pytest.approx(2 * norm.sf(abs(z)), rel=1e-12)
    assert figures.two_proportions(0, 0, 1, 2).difference is None
    assert figures.two_proportions(0, 5, 0, 7)[3:] == (None, None)


@pytest.mark.parametrize("shop", list(shops.TITLES))
def test_figures_of_past_campaigns_equal_a_recomputation(work_in: Work, shop: str) -> None:
    crm, data = work_in(shop), raw(shop)
    amounts = data.orders.set_index("订单编号")["实付金额"]
    back = (
        data.returns[data.returns["退换状态"] == "退款成功"].groupby("订单编号")["退款金额"].sum()
    )
    for _, c in data.campaigns.iterrows():
        rows = data.campaign_sends[data.campaign_sends["活动编号"] == c["活动编号"]]
        treated, held = rows[rows["方式"] != "留白"], rows[rows["方式"] == "留白"]
        found = crm.marketing.statistics(c["活动编号"])
        net = crm.marketing.statistics(c["活动编号"], refunds="net", cost="actual")
        assert (found.sent, found.held_out) == (len(treated), len(held))
        revenue = amounts[treated["订单编号"].dropna()].sum()
        assert found.revenue == pytest.approx(revenue)
        assert found.roi == pytest.approx((revenue - c["预算"]) / c["预算"])
        lost = back.reindex(treated["订单编号"].dropna()).fillna(0).sum()
        assert net.revenue == pytest.approx(revenue - lost)
        cost = (treated["方式"] == "短信").sum() * RULES["sms_fee"] + treated["是否响应"].sum() * c[
            "优惠券"
        ]
        assert net.cost == pytest.approx(cost)
        if len(treated) and len(held):
            difference = treated["是否响应"].mean() - held["是否响应"].mean()
            assert found.uplift.difference == pytest.approx(difference)
        if not len(treated):
            assert found.rates["响应率"].value is None


def test_two_texts_of_one_campaign_and_two_campaigns(work_in: Work) -> None:
    crm = work_in()
    frame = crm.marketing.ab_test("TP03", "TP04")
    data = raw().campaign_sends
    for n, number in enumerate(("TP03", "TP04")):
        rows = data[data["活动编号"] == number]
        assert frame.loc[n, "响应率"] == pytest.approx(rows["是否响应"].mean())
    both = running(crm, rule=EVERYBODY, template_b=TEMPLATES["节日"])
    crm.marketing.send(both)
    texts = crm.marketing.messages(both)["内容"]
    frame = crm.marketing.ab_test(both)
    assert frame["发送人数"].sum() == len(texts)
    assert texts.str.contains("安康").sum() == frame["发送人数"].iloc[1] > 0
    with pytest.raises(errors.InvalidInput, match="只有一个文案"):
        crm.marketing.ab_test("TP03")


def test_responses_of_past_campaigns_come_out_as_they_were_recorded(work_in: Work) -> None:
    crm = work_in("ceramics")
    numbers = [c for c in raw("ceramics").campaigns["活动编号"] if not sends(crm, c).empty]
    before = crm.store.frame(SENDS)
    with crm.writing("marketing.campaigns", "清空响应") as op:
        for row in before[before["responded"] == 1].to_dict("records"):
            key = (row["campaign_id"], row["customer_id"])
            op.update(SENDS, *key, to={"responded": 0, "order_id": None})
    for number in numbers:
        crm.marketing.record_responses(number)
    after = crm.store.frame(SENDS).merge(before, on=["campaign_id", "customer_id"])
    recorded = after[after["responded_y"] == 1]
    assert (recorded["responded_x"] == 1).all()
    assert (recorded["order_id_x"] == recorded["order_id_y"]).mean() > 0.97


def test_an_order_of_a_class_is_credited_to_treated_and_held_out(work_in: Work) -> None:
    crm = work_in()
    number = running(crm, hold_out=0.3)
    crm.marketing.send(number)
    rows = sends(crm, number)
    treated = rows[rows["via"] == "短信"]["customer_id"].iloc[0]
    held = rows[rows["via"] == "留白"]["customer_id"].iloc[0]
    already = set(rows["customer_id"]) & set(
        raw().orders.loc[raw().orders["付款时间"] >= "2025-12-31 10:00", "客户编号"]
    )
    for customer in (treated, held):
        crm.orders.pay(crm.orders.place(customer, {"T101": 1}))
    done = crm.marketing.record_responses(number)
    assert done == len(already | {treated, held})
    assert crm.marketing.record_responses(number) == 0
    tag, count = crm.marketing.tag_campaign(number, "响应")
    assert tag == "响应:茶友回馈" and treated in crm.marketing.tagged(tag)
    assert held not in crm.marketing.tagged(tag) and count == len(crm.marketing.tagged(tag))
    assert crm.marketing.tag_campaign(number)[1] == crm.marketing.statistics(number).sent
