"""Shops and variants: typed tables, whole cuts, nothing random."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit import schema, shops

SHOPS = tuple(shops.TITLES)
ONE_HANGS_ON = {  # table → column → table it must be found in
    "orders": {"客户编号": "customers", "渠道编号": "channels"},
    "customers": {"渠道编号": "channels"},
    "order_items": {"订单编号": "orders", "商品编码": "products"},
    "returns": {"订单编号": "orders", "商品编码": "products"},
    "interactions": {"客户编号": "customers", "订单编号": "orders"},
    "reviews": {"订单编号": "orders", "商品编码": "products"},
    "campaign_sends": {"活动编号": "campaigns", "客户编号": "customers", "订单编号": "orders"},
    "surveys": {"客户编号": "customers"},
    "opportunities": {"客户编号": "customers"},
}


def orphans(shop: shops.Shop) -> list[str]:
    """What points at nothing."""
    found = []
    tables = shop.tables()
    for name, columns in ONE_HANGS_ON.items():
        for column, target in columns.items():
            missing = set(tables[name][column].dropna()) - set(tables[target][column])
            found += [f"{name}.{column}={m}" for m in sorted(missing)]
    for kind, (target, column) in {
        "customer": ("customers", "客户编号"),
        "product": ("products", "商品编码"),
        "campaign": ("campaigns", "活动编号"),
    }.items():
        tags = tables["tags"]
        missing = set(tags[tags["对象"] == kind]["对象编号"]) - set(tables[target][column])
        found += [f"tags.{kind}={m}" for m in sorted(missing)]
    return found


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("table", list(schema.TABLES))
def test_tables_have_the_columns_types_and_keys_of_the_schema(shop: str, table: str) -> None:
    frame = getattr(shops.load(shop), table)
    spec = schema.TABLES[table]
    assert list(frame.columns) == [c.label for c in spec.columns]
    keys = [c.label for c in spec.columns[: spec.keys]]
    assert not frame.duplicated(keys).any()
    assert frame[keys].notna().all().all()
    for c in spec.columns:
        if c.type in ("date", "time"):
            assert pd.api.types.is_datetime64_any_dtype(frame[c.label])
        elif c.type == "int":
            assert frame[c.label].dtype == "int64"
        elif c.type in ("money", "number"):
            assert frame[c.label].dtype == "float64"
        elif c.type == "bool":
            assert frame[c.label].dtype == bool
        elif c.type == "code":
            assert set(frame[c.label]) <= set(schema.CODES[c.codes].values())
        else:
            assert pd.api.types.is_string_dtype(frame[c.label])


@pytest.mark.parametrize("shop", SHOPS)
def test_a_whole_shop_is_referentially_whole(shop: str) -> None:
    assert orphans(shops.load(shop)) == []


def test_as_of_is_the_last_day_of_the_data() -> None:
    assert shops.as_of() == dt.date(2025, 12, 31)
    assert shops.load("tea").orders["下单时间"].max().date() == shops.as_of()


def test_an_unknown_shop_is_refused_with_the_names_of_the_known_ones() -> None:
    with pytest.raises(shops.ShopError, match="清溪茶叶.*瓷语轩.*启明数码"):
        shops.load("book")
    with pytest.raises(shops.ShopError, match="book"):
        shops.variant("book", "2025010101", "O1")


def test_a_wrong_table_name_lists_the_right_ones() -> None:
    with pytest.raises(AttributeError, match="order_items"):
        _ = shops.load("tea").items


def test_a_missing_data_folder_says_how_to_name_it(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRMKIT_DATASETS", str(tmp_path))
    with pytest.raises(shops.ShopError, match="CRMKIT_DATASETS"):
        shops.load("tea")


def test_what_a_student_does_to_a_frame_stays_with_the_student() -> None:
    mine = shops.load("tea").orders
    mine.loc[:, "实付金额"] = 0.0
    del mine["订单编号"]
    mine.index = mine.index[::-1]
    fresh = shops.load("tea").orders
    assert fresh["实付金额"].sum() > 0
    assert "订单编号" in fresh and fresh.index[0] == 0
    cut = shops.variant("tea", "2025010101", "O1")
    customers = cut.customers
    customers.iloc[0, 0] = "X"
    assert shops.variant("tea", "2025010101", "O1").customers.iloc[0, 0] != "X"


student_ids = st.text("0123456789abcdefgh张王李-_", min_size=1, max_size=20)


@given(
    student=student_ids, lab=st.sampled_from(["E3", "O1", "O5", "X1"]), name=st.sampled_from(SHOPS)
)
def test_a_variant_is_whole_keeps_the_planted_and_its_size(
    student: str, lab: str, name: str
) -> None:
    cut = shops.variant(name, student, lab)
    assert orphans(cut) == []
    whole = shops.load(name)
    kept = set(cut.customers["客户编号"])
    assert set(shops.planted(name)["customers"]) <= kept
    assert 0.65 < len(kept) / len(whole.customers) < 0.77
    # nothing of a kept customer is lost
    assert len(cut.orders) == whole.orders["客户编号"].isin(kept).sum()
    mine = whole.order_items["订单编号"].isin(cut.orders["订单编号"])
    assert len(cut.order_items) == mine.sum()
    assert len(cut.products) == len(whole.products)
    assert set(cut.orders["订单状态"]) == set(schema.ORDER_STATUS.values())


@given(student=student_ids)
def test_the_same_student_gets_the_same_variant_again(student: str) -> None:
    first = set(shops.variant("ceramics", student, "O8").customers["客户编号"])
    shops._variant.cache_clear()
    assert set(shops.variant("ceramics", student, "O8").customers["客户编号"]) == first


def test_a_variant_is_fixed_for_ever() -> None:
    # Computed once by hand from the definition; a change would give every student other data.
    import hashlib

    expected = {
        i
        for i in shops.load("tea").customers["客户编号"]
        if int.from_bytes(hashlib.sha256(f"2025010101|O2|{i}".encode()).digest(), "big") / 2**256
        < 0.7
    } | set(shops.planted("tea")["customers"])
    assert set(shops.variant("tea", "2025010101", "O2").customers["客户编号"]) == expected


def test_no_two_of_fifty_students_get_the_same_cut(full: bool) -> None:
    count = 200 if full else 50
    cuts = {
        frozenset(shops.variant("tea", f"20250101{n:03d}", "O2").customers["客户编号"])
        for n in range(count)
    }
    assert len(cuts) == count


def test_labs_of_one_student_differ_and_share_is_respected() -> None:
    one = set(shops.variant("tea", "2025010101", "O2").customers["客户编号"])
    other = set(shops.variant("tea", "2025010101", "O3").customers["客户编号"])
    assert one != other
    small = set(shops.variant("tea", "2025010101", "O2", share=0.3).customers["客户编号"])
    assert small < one
    whole = shops.variant("tea", "2025010101", "O2", share=1)
    assert len(whole.customers) == len(shops.load("tea").customers)
    with pytest.raises(shops.ShopError, match="share"):
        shops.variant("tea", "2025010101", "O2", share=0)


@given(
    ids=st.sets(st.text(min_size=1, max_size=8), min_size=1, max_size=40),
    student=student_ids,
    data=st.data(),
)
def test_draw_takes_n_known_ids_whatever_their_order(ids: set[str], student: str, data) -> None:
    n = data.draw(st.integers(0, len(ids)))
    first = shops.draw(ids, n, student, "E1", "new")
    assert first == shops.draw(sorted(ids, reverse=True), n, student, "E1", "new")
    assert len(set(first)) == n and set(first) <= ids
    assert first == shops.draw(ids, len(ids), student, "E1", "new")[:n]


def test_draw_depends_on_student_lab_and_salt_and_refuses_too_many() -> None:
    ids = [f"C{n:06d}" for n in range(200)]
    base = shops.draw(ids, 20, "2025010101", "E1")
    assert base != shops.draw(ids, 20, "2025010102", "E1")
    assert base != shops.draw(ids, 20, "2025010101", "E2")
    assert base != shops.draw(ids, 20, "2025010101", "E1", salt="bad")
    with pytest.raises(shops.ShopError, match="201.*200"):
        shops.draw(ids, 201, "2025010101", "E1")


@pytest.mark.parametrize("shop", SHOPS)
def test_valid_orders_are_exactly_the_paid_ones(shop: str) -> None:
    orders = shops.load(shop).orders
    valid = shops.valid_orders(orders)
    assert set(valid["订单编号"]) == set(orders[orders["付款时间"].notna()]["订单编号"])
    assert not valid["订单状态"].isin(["等待付款", "未付款关闭"]).any()
    with pytest.raises(shops.ShopError, match="订单状态"):
        shops.valid_orders(orders.drop(columns="订单状态"))
