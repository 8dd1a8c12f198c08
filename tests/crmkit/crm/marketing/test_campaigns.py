"""The life of a campaign: who is left out and why, sending once, who may."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from crmkit.crm import Session, errors
from crmkit.crm.campaigns import gateway, sms
from crmkit.crm.campaigns.campaigning import CAMPAIGNS, CUSTOMERS, SENDS
from crmkit.crm.ordering import transitions as life
from tests.crmkit.crm.marketing.shop import (
    EVERYBODY,
    REGULARS,
    RULES,
    Work,
    buying,
    raw,
    running,
    sends,
)
from tests.crmkit.crm.test_log import last


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
