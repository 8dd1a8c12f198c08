"""营销信息: rules, who is left out and why, sending once, figures, care by the calendar, points."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import shops
from crmkit.crm import Session, audience, errors, festivals, gateway, points, sms
from crmkit.crm import campaign_figures as figures
from crmkit.crm import transitions as life
from crmkit.crm.campaigning import CAMPAIGNS, CUSTOMERS, PLACES, SENDS, TEMPLATES
from crmkit.settings import settings as kit_settings
from tests.crmkit.crm.conftest import STUDENT
from tests.crmkit.crm.test_log import last

Work = Callable[..., Session]
FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
RULES = kit_settings()["marketing"]
REGULARS = {
    "all": [
        {"field": "累计订单数", "op": "≥", "value": 2},
        {"field": "距上次购买天数", "op": "≤", "value": 180},
    ]
}
EVERYBODY = {"all": []}


def raw(shop: str = "tea") -> shops.Shop:
    return shops.variant(shop, STUDENT, "O1")


def buying(shop: str = "tea") -> pd.DataFrame:
    """Orders, amount and last day of every customer, straight from the frames."""
    data = raw(shop)
    valid = shops.valid_orders(data.orders)
    by = valid.groupby("客户编号")
    return (
        data.customers.set_index("客户编号")
        .join(
            pd.DataFrame(
                {"n": by.size(), "sum": by["实付金额"].sum(), "last": by["付款时间"].max()}
            )
        )
        .fillna({"n": 0})
    )


def running(crm: Session, **more: Any) -> str:
    """A started campaign of today."""
    given = {
        "starts": crm.as_of,
        "ends": crm.as_of + dt.timedelta(days=7),
        "budget": 500,
        "coupon": 20,
    }
    number = crm.marketing.create_campaign("茶友回馈", **{**given, "rule": REGULARS, **more})
    crm.marketing.change_campaign(number, "启动")
    return number


def sends(crm: Session, number: str) -> pd.DataFrame:
    frame = crm.store.frame(SENDS)
    return frame[frame["campaign_id"] == number]


# --- messages -------------------------------------------------------------------------------------
@pytest.mark.parametrize(("n", "parts"), [(0, 0), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_parts_of_a_message(n: int, parts: int) -> None:
    """T-SMS-1: 70 → 1, 71 → 2, 134 → 2, 135 → 3 (provider rule)."""
    assert sms.parts("茶" * n) == parts


@given(st.text())
def test_parts_hold_the_whole_text(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    units, parts = sms.length(text), sms.parts(text)
    assert units <= (70 if parts == 1 else 67 * parts) and units >= len(text)
    assert parts < 2 or units > 67 * (parts - 1)


@pytest.mark.parametrize(
    ("template", "said"),
    [("【清溪茶叶】买一送一", "退订"), ("买一送一，拒收请回复R", "签名"), ("【别家】拒收请回复R", "签名"),
     ("【清溪茶叶】{姓名}您好，退订回T", "没有占位符"), ("【清溪茶叶】{昵称，退订回T", "成对"), ("", "不能是空")],
)  # fmt: skip
def test_a_marketing_text_needs_signature_and_opt_out(template: str, said: str) -> None:
    with pytest.raises(errors.InvalidInput, match=said) as refused:
        sms.check(template, PLACES, title="清溪茶叶", marketing=True)
    assert set(refused.value.fields) == {"template"}


def test_the_templates_that_come_with_the_kit_can_be_sent() -> None:
    for template in TEMPLATES.values():
        sms.check(template, PLACES, title="清溪茶叶", marketing=True)


# --- rules ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("shop", list(shops.TITLES))
def test_a_rule_finds_whom_pandas_finds(work_in: Work, shop: str) -> None:
    crm, people = work_in(shop), buying(shop)
    days = (pd.Timestamp(crm.as_of) - people["last"].dt.normalize()).dt.days
    province = people["省份"].value_counts().idxmax()
    tags = raw(shop).tags
    tag = tags[tags["对象"] == "customer"]["标签"].value_counts().idxmax()
    tagged = people.index.isin(tags[tags["标签"] == tag]["对象编号"])

    def c(field: str, op: str, value: Any) -> dict[str, Any]:
        return {"field": field, "op": op, "value": value}

    for rule, right in (
        ({"all": []}, pd.Series(True, index=people.index)),
        ({"any": []}, pd.Series(False, index=people.index)),
        (REGULARS, (people["n"] >= 2) & (days <= 180)),
        (c("累计金额", "介于", [500, 900.5]), people["sum"].round(2).between(500, 900.5)),
        (c("省份", "属于", [province, "西藏"]), people["省份"].isin([province, "西藏"])),
        (c("省份", "不是", province), people["省份"].notna() & (people["省份"] != province)),
        (c("标签", "有", tag), pd.Series(tagged, index=people.index)),
        ({"not": c("标签", "有", tag)}, pd.Series(~tagged, index=people.index)),
        (c("距上次购买天数", "≠", 3), days.notna() & (days != 3)),
        (c("流失状态", "属于", ["活跃", "沉默"]), days <= 180),
        ({"any": [c("接受营销", "是", False), {"all": [c("累计订单数", "=", 1), c("性别", "是", "女")]}]},
         ~people["接受营销"] | ((people["n"] == 1) & (people["性别"] == "女"))),
    ):  # fmt: skip
        shown = crm.marketing.preview_rule(rule)
        assert set(shown.customers["客户编号"]) == set(people.index[right]), audience.words(rule)


def test_bought_goods_and_age(work_in: Work) -> None:
    crm, shop = work_in(), raw()
    lines = shop.order_items.merge(shops.valid_orders(shop.orders), on="订单编号")
    sku = lines["商品编码"].value_counts().idxmax()
    rule = {"field": "买过的商品", "op": "有", "value": sku}
    shown = crm.marketing.preview_rule(rule).customers
    assert set(shown["客户编号"]) == set(lines[lines["商品编码"] == sku]["客户编号"])
    groups = lines.merge(shop.products, on="商品编码")
    rule = {"field": "买过的类目", "op": "有", "value": "茶叶"}
    shown = crm.marketing.preview_rule(rule).customers
    assert set(shown["客户编号"]) == set(groups[groups["类目"].str.startswith("茶叶/")]["客户编号"])
    born = shop.customers.dropna(subset=["生日"])
    age = 2025 - born["生日"].dt.year  # on 31 December everybody has had the birthday
    shown = crm.marketing.preview_rule({"field": "年龄", "op": "<", "value": 25}).customers
    assert set(shown["客户编号"]) == set(born[age < 25]["客户编号"])


@pytest.mark.parametrize(
    "rule",
    ["累计订单数≥2", {}, {"field": "累计订单数"}, {"field": "没有", "op": "≥", "value": 1},
     {"field": "累计订单数", "op": "有", "value": 1}, {"field": "累计订单数", "op": "≥", "value": "2"},
     {"field": "累计订单数", "op": "≥", "value": True}, {"field": "累计金额", "op": "介于", "value": [2, 1]},
     {"field": "省份", "op": "属于", "value": []}, {"field": "接受营销", "op": "是", "value": "是"},
     {"all": {"field": "省份"}}, {"all": [], "any": []},
     {"all": [{"field": "省份", "op": "是", "value": "浙江"}] * 51},
     {"not": {"not": {"not": {"not": {"not": {"not": {"all": []}}}}}}}],
)  # fmt: skip
def test_what_is_no_rule_is_refused_in_words(work_in: Work, rule: Any) -> None:
    with pytest.raises(errors.InvalidInput, match="人群规则") as refused:
        work_in().marketing.preview_rule(rule)
    assert set(refused.value.fields) == {"rule"}


def test_a_rule_is_shown_in_words_and_kept_as_data() -> None:
    rule = {"any": [REGULARS, {"not": {"field": "标签", "op": "有", "value": "送礼"}}]}
    assert (
        audience.words(rule) == "（累计订单数 ≥ 2 且 距上次购买天数 ≤ 180） 或 不是（标签 有 送礼）"
    )
    assert audience.read(audience.stored(rule)) == rule
    assert audience.read("累计订单数≥1 且 距上次购买≤90天") is None


# --- the life of a campaign -----------------------------------------------------------------------
def test_a_campaign_is_stored_as_it_was_given(work_in: Work) -> None:
    crm = work_in("tea", "营销")
    number = crm.marketing.create_campaign(
        "新春", starts="2026-01-05", ends="2026-01-12", budget=800.5, coupon=30, rule=REGULARS,
        tag="新春2026", hold_out=0.2, exclude=["标签:企业采购"],
    )  # fmt: skip
    row = crm.marketing.campaigns(status="筹备中").set_index("活动编号").loc[number]
    assert (row["活动名称"], row["预算"], row["优惠券"], row["活动标签"]) == (
        "新春",
        800.5,
        30.0,
        "新春2026",
    )
    assert row["人群规则"] == "累计订单数 ≥ 2 且 距上次购买天数 ≤ 180"
    crm.marketing.update_campaign(number, budget=900, expect=0)
    with pytest.raises(errors.Conflict):
        crm.marketing.update_campaign(number, budget=1000, expect=0)
    crm.marketing.change_campaign(number, "启动")
    with pytest.raises(errors.IllegalTransition, match="进行中.*不能「修改」.*暂停"):
        crm.marketing.update_campaign(number, budget=1)
    crm.marketing.change_campaign(number, "暂停")
    with pytest.raises(errors.IllegalTransition, match="已暂停.*不能「发送」"):
        crm.marketing.send(number)
    crm.marketing.change_campaign(number, "结束")
    with pytest.raises(errors.IllegalTransition, match="没有可以做的操作"):
        crm.marketing.change_campaign(number, "恢复")
    assert (crm.marketing.tags().set_index("活动编号")).loc[number, "活动标签"] == "新春2026"


def test_wrong_fields_are_named_all_at_once(work_in: Work) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        work_in().marketing.create_campaign(
            " ", starts="2026-02-01", ends="2026-01-01", budget=-1, coupon="x", rule={"x": 1},  # type: ignore[arg-type]
            hold_out=0.9, template="您好",
        )  # fmt: skip
    assert set(refused.value.fields) >= {
        "name",
        "ends",
        "budget",
        "coupon",
        "rule",
        "hold_out",
        "template",
    }
    with pytest.raises(errors.InvalidInput, match="找不到|不是客户编号") as refused:
        work_in().marketing.create_campaign(
            "x", starts="2026-01-01", ends="2026-01-02", budget=1, exclude=["C999999"]
        )
    assert set(refused.value.fields) == {"exclude"}


def test_everybody_left_out_is_counted_under_the_first_reason(work_in: Work) -> None:
    crm, people = work_in(), buying()
    wanted = sorted(people.index[(people["n"] >= 2) & people["接受营销"]])
    black, out, listed, capped = wanted[:4]
    with crm.writing("customers.list", "测试") as op:
        op.update(CUSTOMERS, black, to={"blacklisted": 1})
    crm.marketing.opt_out(out)
    rule = {"field": "累计订单数", "op": "≥", "value": 2}
    only = {"field": "客户编号", "op": "是", "value": capped}
    for _ in range(2):
        crm.marketing.send(running(crm, rule=only))
    shown = crm.marketing.preview(running(crm, rule=rule, exclude=[listed, black]))
    why = shown.customers.set_index("客户编号")["原因"]
    assert (why[black], why[listed], why[out], why[capped]) == (
        "排除名单",
        "排除名单",
        "已退订",
        "频次上限",
    )
    no = people.index[(people["n"] >= 2) & ~people["接受营销"]]
    assert set(why[why == "未同意接受营销"].index) == set(no)
    counts = shown.counts.set_index(["去向", "原因"])["人数"]
    assert counts["目标人群", ""] == (people["n"] >= 2).sum() == counts.iloc[1:].sum()
    assert shown.customers["姓名"].str.contains("*", regex=False).all()
    assert shown.length == sms.length(shown.text) and "{" not in shown.text


def test_lists_beside_the_rule_add_and_take_away(work_in: Work) -> None:
    crm, people = work_in(), buying()
    tags = raw().tags
    gifts = set(tags[(tags["对象"] == "customer") & (tags["标签"] == "送礼")]["对象编号"])
    regular = set(people.index[people["n"] >= 5])
    extra = sorted(set(people.index) - regular - gifts)[0]
    rule = {"field": "累计订单数", "op": "≥", "value": 5}
    number = running(crm, rule=rule, include=[extra, "标签:送礼"], exclude=["活动:TP12"])
    shown = crm.marketing.preview(number).customers.set_index("客户编号")
    assert set(shown.index) == regular | gifts | {extra}
    targeted = sends(crm, "TP12")
    targeted = set(targeted[targeted["via"] != "留白"]["customer_id"])
    assert set(shown[shown["原因"] == "排除名单"].index) == targeted & set(shown.index)


def test_the_control_group_is_alike_and_always_the_same(work_in: Work) -> None:
    crm = work_in()
    number = running(crm, rule=EVERYBODY, hold_out=0.3)
    first = crm.marketing.preview(number).customers
    assert first.equals(crm.marketing.preview(number).customers)
    can = first[first["去向"] != "排除"]
    share = (can["去向"] == "留白").mean()
    assert abs(share - 0.3) < 4 * math.sqrt(0.3 * 0.7 / len(can))
    done = crm.marketing.send(number)
    assert (done.sent, done.held_out) == (
        (can["去向"] == "发送").sum(),
        (can["去向"] == "留白").sum(),
    )
    rows = sends(crm, number)
    assert set(rows[rows["via"] == "留白"]["customer_id"]) == set(
        can[can["去向"] == "留白"]["客户编号"]
    )
    assert len(crm.marketing.messages(number)) == done.sent  # nobody held out gets a message
    outcome = set(crm.marketing.campaign(number).audience["客户编号"])
    assert outcome == set(first["客户编号"])


def test_a_campaign_is_sent_once_and_not_at_night(work_in: Work) -> None:
    crm = work_in()
    number = running(crm)
    crm.orders.advance(hours=13)  # 23:00
    with pytest.raises(errors.InvalidInput, match="23:00.*8:00–22:00"):
        crm.marketing.send(number)
    assert sends(crm, number).empty
    crm.orders.advance(hours=9)  # 8:00
    crm.marketing.send(number)
    with pytest.raises(errors.IllegalTransition, match="已经发送过"):
        crm.marketing.send(number)
    crm.orders.advance(days=8)
    assert crm.marketing.campaigns().set_index("活动编号").loc[number, "状态"] == "已结束"
    late = crm.marketing.create_campaign("以后", starts=crm.as_of + dt.timedelta(days=5),
                                         ends=crm.as_of + dt.timedelta(days=6), budget=0)  # fmt: skip
    crm.marketing.change_campaign(late, "启动")
    with pytest.raises(errors.InvalidInput, match="不能发送"):
        crm.marketing.send(late)


def test_nobody_gets_more_messages_than_the_cap(work_in: Work) -> None:
    crm = work_in()
    for _ in range(4):
        crm.marketing.send(running(crm, rule=REGULARS))
        crm.orders.advance(days=1)
    crm.marketing.send_birthday(30)
    rows = crm.store.frame(SENDS)
    at = pd.to_datetime(rows["sent_at"])
    for end in pd.date_range("2025-12-31 10:00:00", periods=6, freq="D"):
        window = rows[(at > end - pd.Timedelta(days=RULES["cap_days"])) & (at <= end)]
        counts = window[window["via"] != "留白"].groupby("customer_id").size()
        assert counts.max() <= RULES["cap_contacts"]


def test_test_sends_are_in_the_outbox_and_in_no_figure(work_in: Work) -> None:
    crm = work_in()
    number = running(crm)
    written = crm.marketing.test_send(number, ["13800000000", "13800000001"])
    crm.marketing.test_send(number, ["13800000000"])
    assert set(written["用途"]) == {gateway.TEST} and len(crm.marketing.messages(number)) == 3
    figure = crm.marketing.statistics(number)
    assert figure.sent == 0 and figure.rates["打开率"].value is None and figure.roi == -1
    assert crm.marketing.log(number).empty
    with pytest.raises(errors.InvalidInput, match="手机号不对"):
        crm.marketing.test_send(number, ["12345"])


# --- figures --------------------------------------------------------------------------------------
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


# --- the calendar ---------------------------------------------------------------------------------
T_CAL_1 = {
    2024: ("02-10", "06-10", "08-10", "09-17"), 2025: ("01-29", "05-31", "08-29", "10-06"),
    2026: ("02-17", "06-19", "08-19", "09-25"), 2027: ("02-06", "06-09", "08-08", "09-15"),
}  # fmt: skip


@pytest.mark.parametrize(("year", "days"), T_CAL_1.items())
def test_lunar_festivals(year: int, days: tuple[str, ...]) -> None:
    """T-CAL-1: 春节 端午 七夕 中秋, exact (lunar-python 1.4.8, checked against zhdate)."""
    found = {f.name: f.day.isoformat() for f in festivals.of_year(year)}
    assert [found[n] for n in ("春节", "端午节", "七夕", "中秋节")] == [f"{year}-{d}" for d in days]


def test_holidays_and_make_up_days_are_the_official_ones() -> None:
    """T-CAL-1: 2026-02-14 is a make-up working day, 2026-02-17 a holiday (chinesecalendar 1.11.0)."""
    assert festivals.work_or_rest(dt.date(2026, 2, 14)) == festivals.MAKE_UP
    assert festivals.work_or_rest(dt.date(2026, 2, 17)) == festivals.OFF
    assert festivals.work_or_rest(dt.date(2026, 3, 3)) == festivals.WORK
    assert festivals.work_or_rest(dt.date(2031, 1, 1)) == festivals.UNKNOWN
    assert festivals.of_year(2026)[0].name == "元旦"
    mothers = {y: festivals.FESTIVALS["母亲节"][1](y) for y in (2025, 2026)}
    assert mothers == {2025: dt.date(2025, 5, 11), 2026: dt.date(2026, 5, 10)}


@settings(max_examples=400 if FULL else 50, deadline=None)
@given(st.dates(dt.date(1940, 1, 1), dt.date(2015, 12, 31)), st.integers(2024, 2030), st.booleans())
def test_a_birthday_comes_once_in_every_year(born: dt.date, year: int, lunar: bool) -> None:
    (day,) = festivals.birthdays(born, range(year, year + 1), lunar=lunar)
    if lunar:
        from lunar_python import Solar

        was = Solar.fromYmd(born.year, born.month, born.day).getLunar()
        is_ = Solar.fromYmd(day.year, day.month, day.day).getLunar()
        assert is_.getMonth() == abs(was.getMonth()) and is_.getYear() == year
        assert is_.getDay() in (was.getDay(), 29 if was.getDay() == 30 else was.getDay())
    else:
        leap = (born.month, born.day) == (2, 29) and year % 4
        assert (day.month, day.day) == ((2, 28) if leap else (born.month, born.day))


@pytest.mark.parametrize("start", ["2025-12-28", "2026-02-25", "2028-02-25"])
def test_birthdays_of_a_week_across_the_year_s_end_and_on_29_february(
    work_in: Work, start: str
) -> None:
    crm, people = work_in("electronics"), raw("electronics").customers.dropna(subset=["生日"])
    days = [d.date() for d in pd.date_range(start, periods=7)]
    wanted = {(d.month, d.day) for d in days}
    if (2, 28) in wanted and days[0].year % 4:
        wanted.add((2, 29))
    right = [b.month * 100 + b.day in {m * 100 + d for m, d in wanted} for b in people["生日"]]
    found = crm.marketing.birthday(7, start=start)
    assert set(found["客户编号"]) == set(people[right]["客户编号"])
    assert found["过生日的日子"].is_monotonic_increasing
    assert found["手机"].str.contains("****", regex=False).all()


def test_a_greeting_is_sent_once_a_year(work_in: Work) -> None:
    crm = work_in("tea", "营销")
    greeted = sends(crm, "TP07")["customer_id"]
    found = crm.marketing.birthday(7).set_index("客户编号")
    today = found[found["过生日的日子"] == pd.Timestamp(crm.as_of)]
    first = ["黑名单", "已退订", "未同意接受营销", "没有手机号"]  # these reasons are named before
    had = today[today.index.isin(greeted) & ~today["原因"].isin(first)]
    assert set(today[today["原因"] == "已经发送过"].index) == set(had.index)
    right = set(found[found["去向"] == "发送"].index)
    assert not right & set(today.index) & set(greeted) and right
    done = crm.marketing.send_birthday(7, coupon=15)
    assert sum(d.sent for d in done) == len(right)
    assert [crm.marketing.campaign(d.campaign_id).campaign["活动名称"].iloc[0] for d in done][
        -1
    ] == "2026生日关怀"
    again = crm.marketing.send_birthday(7)
    assert sum(d.sent for d in again) == 0
    why = crm.marketing.birthday(7).set_index("客户编号").loc[sorted(right), "原因"]
    assert set(why) == {"已经发送过"}
    texts = crm.marketing.messages(done[-1].campaign_id)["内容"]
    assert texts.str.contains("15元生日礼券").all() and texts.str.startswith("【清溪茶叶】").all()


def test_a_lunar_birthday_is_kept_by_the_lunar_calendar(work_in: Work) -> None:
    crm = work_in()
    someone = raw().customers.dropna(subset=["生日"])["客户编号"].iloc[0]
    with crm.writing("customers.list", "测试") as op:  # born on 正月十五 of 1990
        op.update(
            CUSTOMERS, someone, to={"birthday": "1990-02-10", "lunar_birthday": 1, "consent": 1}
        )
    found = crm.marketing.birthday(3, start="2026-03-02").set_index("客户编号")
    assert found.loc[someone, "过生日的日子"] == pd.Timestamp("2026-03-03")
    assert someone not in set(crm.marketing.birthday(3, start="2026-02-09")["客户编号"])


def test_festival_care_goes_to_those_who_agreed_and_are_not_lost(work_in: Work) -> None:
    crm, people = work_in("tea", "营销"), buying()
    shown = crm.marketing.holiday(90)
    assert {"元旦", "春节", "元宵节", "情人节"} <= set(shown["节日"])
    days = (pd.Timestamp(crm.as_of) - people["last"].dt.normalize()).dt.days
    right = people.index[(days <= 180) & people["接受营销"]]
    for name in ("元旦", "春节", "元宵节"):
        number = crm.marketing.create_holiday(name, coupon=10)
        can = crm.marketing.preview(number).customers
        assert set(can[can["去向"] == "发送"]["客户编号"]) == set(right)
    row = crm.marketing.campaigns(kind="节日").set_index("活动编号").loc[number]
    assert (row["活动名称"], row["结束日期"]) == ("2026元宵节关怀", pd.Timestamp("2026-03-03"))
    with pytest.raises(errors.InvalidInput, match="没有节日"):
        crm.marketing.create_holiday("光棍节")


# --- points ---------------------------------------------------------------------------------------
def test_points_of_every_finished_order(work_in: Work) -> None:
    crm, data = work_in(), raw()
    page, total, words = crm.marketing.points(size=100)
    done = data.orders[data.orders["订单状态"] == "交易成功"].merge(
        data.customers[["客户编号", "会员等级"]], on="客户编号"
    )
    back = (
        data.returns[data.returns["退换状态"] == "退款成功"].groupby("订单编号")["退款金额"].sum()
    )
    fen = (done["实付金额"] - done["运费"] - done["订单编号"].map(back).fillna(0)).mul(100).round()
    factors = {"店铺客户": 100, "普通会员": 100, "高级会员": 120, "VIP会员": 150, "至尊VIP": 200}
    right = fen.clip(lower=0).astype("int64") * done["会员等级"].map(factors) // 10_000
    assert page.total == len(done) and total == right.sum() and "课程约定" in words
    by_id = dict(zip(done["订单编号"], right, strict=True))
    assert page.frame["积分"].tolist() == [by_id[o] for o in page.frame["订单编号"]]
    assert points.of_order(500, 1000, 0, "普通会员") == 0


# --- who may --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "act"),
    [("客服", lambda c: c.marketing.campaigns()), ("仓库", lambda c: c.marketing.birthday()),
     ("数据分析", lambda c: c.marketing.holiday()), ("客服", lambda c: c.marketing.send_birthday()),
     ("数据分析", lambda c: c.marketing.send("TP13")),
     ("数据分析", lambda c: c.marketing.tag_campaign("TP12")), ("客服", lambda c: c.marketing.tags())],
)  # fmt: skip
def test_a_role_without_the_right_is_refused_and_logged(
    work_in: Work, role: str, act: Callable[[Session], Any]
) -> None:
    crm = work_in("tea", role)
    with pytest.raises(errors.PermissionDenied):
        act(crm)
    assert (last(crm)["outcome"], last(crm)["module"]) == ("拒绝", "营销信息")


def test_a_send_is_one_line_of_the_log(work_in: Work) -> None:
    crm = work_in("tea", "营销")
    number = running(crm)
    done = crm.marketing.send(number)
    line = last(crm)
    assert (line["action"], line["object"], line["outcome"]) == ("发送活动", number, "成功")
    assert f'"发送":{done.sent}' in line["detail"] and line["changes"] > done.sent * 2
    crm.verify()


def test_loaded_campaigns_have_the_state_of_their_dates(work_in: Work) -> None:
    frame = work_in().store.frame(CAMPAIGNS).set_index("campaign_id")
    states = frame.loc[["TP13", "TP07", "TP12"], "status"].tolist()
    assert states == [life.PLANNING, life.ACTIVE, life.COMPLETE]
