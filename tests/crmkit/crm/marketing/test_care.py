"""Birthdays, festivals and points."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.crm import errors
from crmkit.crm.campaigns import festivals
from crmkit.crm.campaigns.campaigning import CUSTOMERS
from crmkit.crm.ordering import points
from tests.crmkit.crm.marketing.shop import (
    FULL,
    Work,
    buying,
    raw,
    sends,
)

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
