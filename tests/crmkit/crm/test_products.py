"""商品信息: every number against plain pandas or SQL, published association rules, tags, refusals."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit import shops
from crmkit.analytics import basket, breakdowns
from crmkit.analytics.window import between
from crmkit.crm import Session, errors
from crmkit.crm.figures import product_figures
from crmkit.crm.figures.facts import Facts
from crmkit.crm.figures.scope import Scope
from tests.crmkit.crm.conftest import STUDENT
from tests.crmkit.crm.order_books import random_shops
from tests.crmkit.crm.plain_pandas import Plain
from tests.crmkit.crm.test_analysis import CHECKED, SHOPS, both, pair, rate
from tests.crmkit.crm.test_log import last

VIEWS: list[dict[str, Any]] = [
    {},
    {"start": "2025-10-01", "end": "2025-12-31"},
    {"start": "2025-10-01", "end": "2025-12-31", "refunds": "net"},
]
# mlxtend's documentation: T-AR-1, T-AR-2
FIVE = [
    ["Milk", "Onion", "Nutmeg", "Kidney Beans", "Eggs", "Yogurt"],
    ["Dill", "Onion", "Nutmeg", "Kidney Beans", "Eggs", "Yogurt"],
    ["Milk", "Apple", "Kidney Beans", "Eggs"],
    ["Milk", "Unicorn", "Corn", "Kidney Beans", "Yogurt"],
    ["Corn", "Onion", "Onion", "Kidney Beans", "Ice cream", "Eggs"],
]


def sold(plain: Plain, products: pd.DataFrame) -> pd.DataFrame:
    """件数, 分 and 订单数 of every product."""
    lines = plain.pieces(plain.paid)
    g = lines.groupby("商品编码")
    t = pd.DataFrame({"件数": g["数量"].sum(), "分": g["额"].sum(), "订单数": g.size()})
    return t.reindex(products["商品编码"]).fillna(0)


def check(scope: Scope, plain: Plain, products: pd.DataFrame) -> None:
    expected = sold(plain, products)
    result = product_figures.product_sales(scope, by="qty")
    table = result.table.set_index("商品编码")
    assert set(table.index) == set(expected.index[expected["订单数"] > 0])
    for name in ("件数", "订单数"):
        assert table[name].to_dict() == expected.loc[table.index, name].to_dict()
    np.testing.assert_allclose(table["金额"], expected.loc[table.index, "分"] / 100)
    best = expected.reset_index().sort_values(["件数", "商品编码"], ascending=[False, True])
    assert [*table.index] == [s for s in best["商品编码"] if s in table.index]
    on_sale = products.loc[products["上架日期"] <= plain.as_of, "商品编码"]
    moving = int((expected.loc[on_sale, "件数"] > 0).sum())
    assert rate(result, "动销率") == (moving, len(on_sale))

    tree = product_figures.category_sales(scope).table.set_index("类目")
    category = products.set_index("商品编码")["类目"]
    for node, row in tree.iterrows():
        under = category.index[(category == node) | category.str.startswith(f"{node}/")]
        assert row["件数"] == expected.loc[under, "件数"].sum()
        assert row["金额"] == pytest.approx(expected.loc[under, "分"].sum() / 100)
        lines = plain.pieces(plain.paid)
        assert row["订单数"] == lines.loc[lines["商品编码"].isin(under), "订单编号"].nunique()
    assert tree.loc[tree["层级"] == 1, "件数"].sum() == expected["件数"].sum()


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_sales_by_product_and_category_equal_a_recount(shop: str, view: dict[str, Any]) -> None:
    scope, plain = pair(shop, STUDENT, view)
    check(scope, plain, shops.load(shop).products)
    if "start" in view:
        earlier = Plain(plain.customers, plain.orders, plain.items, plain.returns,
                        refunds=plain.refunds, start="2025-07-01", end="2025-09-30")  # fmt: skip
        before = sold(earlier, shops.load(shop).products)
        now = product_figures.product_sales(scope).table.set_index("商品编码")
        was = before.loc[now.index, "分"] / 100
        wanted = ((now["金额"] - was) / was).where(was > 0)
        np.testing.assert_allclose(now["金额环比"], wanted, rtol=1e-9)


@CHECKED
@given(random_shops(), st.sampled_from(VIEWS))
def test_sales_of_a_random_shop_equal_a_recount(
    frames: dict[str, pd.DataFrame], view: dict[str, Any]
) -> None:
    scope, plain = both(Facts.of_frames(**frames), frames, view)
    check(scope, plain, frames["products"])
    if "start" in view:
        how: dict[str, Any] = {
            "returns": frames["returns"],
            "refunds": view.get("refunds", "gross"),
        }
        on_frames = breakdowns.best_products(
            frames["orders"], frames["order_items"], between("2025-10-01", "2025-12-31"), n=None,
            as_of=shops.as_of(), **how,
        ).set_index("商品编码")  # fmt: skip
        here = product_figures.product_sales(scope).table.set_index("商品编码")
        assert on_frames["数量"].to_dict() == here["件数"].to_dict()
        assert on_frames["金额"].to_dict() == pytest.approx(here["金额"].to_dict())


def test_abc_classes_cut_the_amount_at_80_and_95_percent() -> None:
    scope, _ = pair("tea", STUDENT, {})
    table = product_figures.product_sales(scope).table
    before = table["金额占比"].cumsum() - table["金额占比"]
    wanted = np.select([before < 0.8, before < 0.95], ["A", "B"], "C")
    assert table["ABC"].tolist() == wanted.tolist()
    assert set(table["ABC"]) == {"A", "B", "C"}


# --- 商品关联 ---------------------------------------------------------------------------------------
def test_t_ar_1_frequent_sets() -> None:
    names = sorted({item for b in FIVE for item in b})
    pairs = [(k, names.index(item)) for k, b in enumerate(FIVE) for item in b]
    rows = basket.bit_rows(*(np.array(x) for x in zip(*pairs, strict=True)), 5, len(names))
    found = basket.frequent(rows, 5, 0.6, longest=3)
    said = {tuple(names[i] for i in items): found.support(items) for items in found.counts}
    assert said == {
        ("Eggs",): 0.8, ("Kidney Beans",): 1.0, ("Milk",): 0.6, ("Onion",): 0.6, ("Yogurt",): 0.6,
        ("Eggs", "Kidney Beans"): 0.8, ("Eggs", "Onion"): 0.6, ("Kidney Beans", "Milk"): 0.6,
        ("Kidney Beans", "Onion"): 0.6, ("Kidney Beans", "Yogurt"): 0.6,
        ("Eggs", "Kidney Beans", "Onion"): 0.6,
    }  # fmt: skip


def test_t_ar_2_rules() -> None:
    table = basket.association(FIVE, min_support=0.6, min_confidence=0.7, longest=3)
    assert len(table) == 12 and (table["提升度"] >= 1.2).sum() == 6
    found = table.set_index(["前项", "后项"])
    measures = [*basket.MEASURES]
    assert found.loc[("Eggs", "Onion"), measures].tolist() == pytest.approx(
        [0.6, 0.75, 1.25, 0.12, 1.6]
    )
    assert found.loc[("Onion", "Eggs"), measures].tolist() == [
        0.6, 1.0, 1.25, pytest.approx(0.12), np.inf,
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["order", "buyer"])
def test_association_equals_a_recount(kind: str) -> None:
    scope, plain = pair("tea", STUDENT, {})
    lines = plain.items.merge(plain.paid[["订单编号", "客户编号"]], on="订单编号")
    sets = lines.groupby("订单编号" if kind == "order" else "客户编号")["商品编码"].agg(set)
    single: dict[str, int] = {}
    double: dict[tuple[str, str], int] = {}
    for items in sets:
        for item in items:
            single[item] = single.get(item, 0) + 1
        for two in combinations(sorted(items), 2):
            double[two] = double.get(two, 0) + 1
    n = len(sets)
    wanted = {}
    for (a, b), both_ in double.items():
        if both_ / n >= 0.02:
            for x, y in ((a, b), (b, a)):
                wanted[x, y] = (both_ / n, both_ / single[x], both_ * n / (single[x] * single[y]))
    result = product_figures.association(scope, basket=kind, min_support=0.02, min_confidence=0)
    assert rate(result, "每篮商品数") == (sum(single.values()), n)
    found = result.table.set_index(["前项", "后项"])[["支持度", "置信度", "提升度"]]
    assert len(found) == len(wanted)
    for key, values in wanted.items():
        assert found.loc[key].tolist() == pytest.approx(values)
    assert found["提升度"].is_monotonic_decreasing


# --- through the session --------------------------------------------------------------------------
def test_search_and_list(work_in: Callable[..., Session]) -> None:
    crm = work_in("tea", "客服")
    products = shops.load("tea").products
    found = crm.products.search("龙井", price_from=170)
    wanted = products[products["商品名称"].str.contains("龙井") & (products["价格"] >= 170)]
    assert found["商品编码"].tolist() == wanted["商品编码"].tolist()
    tree = crm.products.search(category="茶具", stock_to="150")
    assert set(tree["商品编码"]) == set(
        products.loc[
            products["类目"].str.startswith("茶具/") & (products["库存"] <= 150), "商品编码"
        ]
    )
    assert '"词":"龙井"' in crm.login("店长").log(4)["参数"].iloc[2]
    newest = crm.products.list(top=10)
    wanted = products.sort_values(["上架日期", "商品编码"], ascending=[False, True]).head(10)
    assert newest["商品编码"].tolist() == wanted["商品编码"].tolist()
    new = shops.load("tea").tags.query("对象 == 'product' and 标签 == '新品'")["对象编号"]
    assert set(crm.products.search(tag="新品")["商品编码"]) == set(new)


def test_the_list_can_be_sorted_by_what_was_sold_by_who_may_see_it(
    work_in: Callable[..., Session],
) -> None:
    crm = work_in("tea", "店长")
    table = crm.products.product_sales(by="qty").table
    found = crm.products.list(sort="qty_down")
    assert found["商品编码"].tolist()[: len(table)] == table["商品编码"].tolist()
    assert found["销量"].tolist()[: len(table)] == table["件数"].tolist()
    by_amount = crm.products.list(sort="amount_down").set_index("商品编码")["销售额"]
    best = crm.products.product_sales().table.set_index("商品编码")["金额"]
    pd.testing.assert_series_equal(by_amount[: len(best)], best, check_names=False)
    assert not by_amount[len(best) :].any()
    crm.login("仓库")
    assert not {"销量", "销售额"} & set(crm.products.list())
    with pytest.raises(errors.PermissionDenied, match="商品销量"):
        crm.products.list(sort="qty_down")


def test_tags_are_put_renamed_merged_and_taken_off(work_in: Callable[..., Session]) -> None:
    crm = work_in("tea", "营销")
    unsold = crm.products.product_sales().tables["未动销"]["商品编码"].tolist()
    tagging = crm.products.tagging
    assert unsold and tagging.put("滞销", unsold) == len(unsold)
    assert crm.products.tags().set_index("标签").loc["滞销", "数量"] == len(unsold)
    tagging.rename("滞销", "清仓")
    assert tagging.merge(["清仓", "新品"], "重点") == len({*unsold, *_tagged("新品")})
    row = last(crm)
    assert (row["module"], row["function"], row["action"]) == ("商品信息", "商品标签", "合并标签")
    assert tagging.remove("重点", unsold) == len(unsold)
    crm.verify()
    crm.login("数据分析")
    with pytest.raises(errors.PermissionDenied):
        crm.products.tagging.put("x", unsold)


def _tagged(tag: str) -> list[str]:
    tags = shops.load("tea").tags
    return tags.loc[(tags["对象"] == "product") & (tags["标签"] == tag), "对象编号"].tolist()


def test_unsold_products_have_no_order_in_90_days(work_in: Callable[..., Session]) -> None:
    crm = work_in("electronics")
    sql = """SELECT sku FROM products WHERE listed_at <= '2025-12-31' AND sku NOT IN (
        SELECT sku FROM order_items JOIN orders USING (order_id) WHERE paid_at >= '2025-10-03'
        AND status NOT IN ('WAIT_BUYER_PAY', 'TRADE_CLOSED_BY_TAOBAO'))"""
    with crm.store.reading() as connection:
        wanted = {r[0] for r in connection.exec_driver_sql(sql)}
    assert set(crm.products.product_sales().tables["未动销"]["商品编码"]) == wanted


@pytest.mark.parametrize(
    ("method", "refused"),
    [("search", "数据分析"), ("list", "客服"), ("category_sales", "仓库"), ("product_sales", "客服"),
     ("tags", "仓库"), ("association", "客服")],
)  # fmt: skip
def test_who_may_and_who_may_not(
    work_in: Callable[..., Session], method: str, refused: str
) -> None:
    crm = work_in("ceramics", "营销")
    getattr(crm.products, method)()
    assert (last(crm)["module"], last(crm)["outcome"]) == ("商品信息", "查看")
    crm.login(refused)
    with pytest.raises(errors.PermissionDenied):
        getattr(crm.products, method)()
    assert last(crm)["outcome"] == "拒绝"


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda p: p.search(price_from="贵"), "price_from"),
        (lambda p: p.search(stock_from=5, stock_to=1), "stock_to"),
        (lambda p: p.list(sort="x"), "sort"),
        (lambda p: p.product_sales(top=0), "top"),
        (lambda p: p.product_sales(by="x"), "by"),
        (lambda p: p.association(basket="x"), "basket"),
        (lambda p: p.association(min_support=0), "min_support"),
        (lambda p: p.association(longest=9), "longest"),
        (lambda p: p.association(sku="X"), "sku"),
    ],
)
def test_a_wrong_parameter_is_named(
    work_in: Callable[..., Session], call: Callable[[Any], object], field: str
) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        call(work_in("tea").products)
    assert field in refused.value.fields
