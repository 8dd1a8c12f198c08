"""Every planted fact is really in the files, and nothing else looks like it."""

from __future__ import annotations

import pandas as pd
import pytest

from crmkit import shops
from crmkit.settings import settings

AS_OF = pd.Timestamp("2025-12-31")


@pytest.fixture(params=tuple(shops.TITLES))
def shop(request: pytest.FixtureRequest) -> shops.Shop:
    return shops.load(request.param)


def test_exactly_one_open_channel_is_dormant(shop: shops.Shop) -> None:
    limit = settings()["channels"]["dormant_days"]
    valid = shops.valid_orders(shop.orders)
    last = valid.groupby("渠道编号")["下单时间"].max()
    open_ = shop.channels[shop.channels["渠道状态"] == "营业中"]["渠道编号"]
    asleep = [c for c in open_ if (AS_OF - last[c].normalize()).days > limit]
    assert asleep == [shops.planted(shop.name)["dormant_channel"]]
    assert (AS_OF - last[asleep[0]]).days > limit + 15  # no boundary case by accident
    busy = valid[valid["下单时间"] > AS_OF - pd.Timedelta(days=limit)]["渠道编号"].value_counts()
    assert (busy[[c for c in open_ if c not in asleep]] >= 30).all()
    assert (shop.channels["渠道状态"] == "已关闭").sum() == 1


def test_the_review_burst_towers_over_all_other_days(shop: shops.Shop) -> None:
    burst = shops.planted(shop.name)["review_burst"]
    bad = shop.reviews[shop.reviews["星级"] <= settings()["reviews"]["bad_stars"]]
    count = bad["评价时间"].dt.normalize().value_counts()
    days = pd.date_range("2024-01-01", AS_OF)
    count = count.reindex(days, fill_value=0)
    assert count.idxmax() == pd.Timestamp(burst["day"])
    assert count.max() >= burst["reviews"]
    rest = count.drop(count.idxmax())
    assert count.max() > 4 * rest.max()
    assert count.max() > count.mean() + 3 * count.std()
    evening = bad[bad["评价时间"].dt.normalize() == count.idxmax()]
    assert evening["回复时间"].isna().mean() > 0.5


def test_exactly_one_order_left_before_it_was_paid(shop: shops.Shop) -> None:
    orders = shop.orders
    early = orders[orders["发货时间"] < orders["付款时间"]]
    assert list(early["订单编号"]) == [shops.planted(shop.name)["illegal_transition"]]


def test_outliers_are_the_largest_orders_by_far_and_their_customers_bought_once(
    shop: shops.Shop,
) -> None:
    ids = shops.planted(shop.name)["outlier_orders"]
    orders = shop.orders.set_index("订单编号")
    assert 5 <= len(ids) <= 10
    assert orders.loc[ids, "实付金额"].min() > 1.5 * orders.drop(ids)["实付金额"].max()
    valid = shops.valid_orders(shop.orders)["客户编号"].value_counts()
    assert (valid[orders.loc[ids, "客户编号"]] == 1).all()


def test_birthdays_lie_at_the_edges(shop: shops.Shop) -> None:
    facts = shops.planted(shop.name)["birthdays"]
    customers = shop.customers.set_index("客户编号")
    day = {
        kind: set(customers.loc[ids, "生日"].dt.strftime("%m-%d")) for kind, ids in facts.items()
    }
    assert day["leap_day"] == {"02-29"} and day["on_as_of"] == {"12-31"}
    assert day["day_before"] == {"12-30"} and day["day_after"] == {"01-01"}
    assert {"12-28", "12-29", "01-02", "01-05", "01-07"} == day["year_end"]
    everybody = [i for ids in facts.values() for i in ids]
    assert customers.loc[everybody, "接受营销"].all()
    # on AS_OF a year older, the day after not yet
    ages = {i: 2025 - customers.loc[i, "生日"].year for i in facts["on_as_of"]}
    assert set(ages.values()) == {25, 35}


def test_products_nobody_bought_for_90_days_are_listed(shop: shops.Shop) -> None:
    planted = shops.planted(shop.name)["unsold_products"]
    assert len(planted) >= 2
    valid = shops.valid_orders(shop.orders)
    recent = valid[valid["下单时间"] >= AS_OF - pd.Timedelta(days=89)]["订单编号"]
    sold = set(shop.order_items[shop.order_items["订单编号"].isin(recent)]["商品编码"])
    assert sorted(set(shop.products["商品编码"]) - sold) == sorted(planted)


def test_planted_customers_exist_and_are_few(shop: shops.Shop) -> None:
    keep = shops.planted(shop.name)["customers"]
    assert set(keep) <= set(shop.customers["客户编号"])
    assert len(keep) < 0.05 * len(shop.customers)


def test_reading_the_planted_facts_does_not_let_one_change_them() -> None:
    shops.planted("tea")["customers"].clear()
    assert shops.planted("tea")["customers"]
