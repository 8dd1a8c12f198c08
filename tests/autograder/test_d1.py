"""Lab D1: the usual forms count, parts earn parts, signs are told, the reference is the library's."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd
import pytest

from autograder import judge
from autograder.source.D1 import comparing, keys, reference
from crmkit import shops
from crmkit.analytics.warehouse import extracting, history, loading, mart, models
from crmkit.lab.inputs import d1
from crmkit.lab.snapshot import decode, encode

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(100 if FULL else 3)]
SPEC = judge.load("D1")
ITEMS = {item.id: item for item in SPEC.automatic}
WORLD = SPEC.world(STUDENTS[0])


def result_of(id: str, answer: Any, **earlier: Any) -> judge.Result:
    answers = {k.replace("_", "-"): decode(encode(v)) for k, v in earlier.items()}
    answers[id] = decode(encode(answer))
    return judge.judge_item(ITEMS[id], judge.Submission(STUDENTS[0], answers), WORLD)


def right(id: str) -> Any:
    return ITEMS[id].expect(WORLD)


# --- forms ---------------------------------------------------------------------------------------
def test_a_star_counts_with_other_types_order_and_more_columns() -> None:
    star = right("D1-02")
    fact = star["fact_sales"].iloc[::-1].assign(备注="x")
    fact["日期键"] = pd.to_datetime(fact["日期键"].astype(str)).dt.strftime("%Y-%m-%d")
    used = star["dim_date"][star["dim_date"]["日期键"].isin(star["fact_sales"]["日期键"])]
    days = used.assign(月=used["月"].str.replace("-", "").astype(int), 季度=used["季度"])
    assert result_of("D1-02", {**star, "fact_sales": fact, "dim_date": days}).status == "right"


def test_the_kits_own_models_earn_everything() -> None:
    s = WORLD.shop
    made = models.star(s.customers, s.products, s.orders, s.order_items, s.channels)
    assert result_of("D1-02", made.tables).status == "right"
    snow = models.snowflake(made)
    totals = snow.sql("""SELECT 大类, round(sum(销售额), 2) AS 销售额 FROM fact_sales
        JOIN dim_product USING (商品编码) JOIN dim_category USING (类目编号) GROUP BY 大类""")
    assert result_of("D1-03", {**snow.dimensions, "汇总": totals}).status == "right"
    both = models.galaxy(made, s.returns, s.orders)
    assert result_of("D1-04", both.facts["fact_return"]).status == "right"
    wide = mart.marketing(made, shops.as_of())
    assert result_of("D1-11", wide).status == "right"


def test_the_kits_loading_history_and_cleaning_agree_with_the_reference() -> None:
    for student in STUDENTS:
        w = SPEC.world(student)
        old, extract = d1.loads(student)
        batch = str(d1.month(student) + 1)
        load = loading.append(old, extract, ["订单编号", "商品编码"], batch)
        assert comparing.loading(load.frame, reference.loaded(w)).share == 1
        kept = history.versions(d1.level_log(student))
        assert comparing.history(kept, reference.versions(w)).share == 1
        done = extracting.extract_and_clean(d1.raw(student), money=["金额"], positive=["数量"])
        told = reference.cleaned(w)
        assert (done.rows("读入"), done.rows("装入")) == (told["读入"], told["装入"])
        assert done.frame["金额"].sum() == pytest.approx(told["装入金额"], abs=0.005)
        monday, changes = d1.states(student)
        days = ["2025-12-01", "2025-12-02", "2025-12-03", "2025-12-04"]
        mine = {
            "ods": loading.update_in_place(monday, changes),
            "snapshot": loading.snapshots(monday, changes, days),
        }
        assert comparing.two_stores(mine, reference.stores(w)).share == 1


def test_half_open_periods_and_open_ends_left_blank_are_read_as_meant() -> None:
    table = right("D1-06")
    after = table.groupby("客户编号")["有效自"].shift(-1)
    assert (
        result_of("D1-06", table.assign(有效至=after)).status == "right"
    )  # blank = still in force
    assert result_of("D1-06", table.assign(有效自=table["有效自"].astype(str))).status == "right"


# --- parts and signs -----------------------------------------------------------------------------
def test_one_wrong_part_of_the_star_costs_a_fifth() -> None:
    star = right("D1-02")
    doubled = pd.concat([star["dim_customer"], star["dim_customer"].head(3)])
    result = result_of("D1-02", {**star, "dim_customer": doubled})
    assert result.score == pytest.approx(12 * 0.8) and "重复" in result.found
    short = star["dim_product"].iloc[:-5]
    result = result_of("D1-02", {**star, "dim_product": short})
    assert result.score == pytest.approx(12 * 0.8) and "找不到" in result.found
    assert result_of("D1-02", {"fact_sales": star["fact_sales"]}).score == 0


def test_a_snowflake_that_was_not_split_is_told() -> None:
    snow = right("D1-03")
    kept = snow["dim_product"].merge(snow["dim_category"], on="类目编号")
    assert "还留着" in result_of("D1-03", {**snow, "dim_product": kept}).hint
    doubled = pd.concat(
        [snow["dim_category"], snow["dim_category"].assign(类目编号=lambda f: f["类目编号"] + "b")]
    )
    assert "一对只留一行" in result_of("D1-03", {**snow, "dim_category": doubled}).hint


def test_a_mart_on_ones_own_wrong_star_counts_in_full() -> None:
    wrong = reference.star(WORLD, unpaid=True)
    assert result_of("D1-11", reference.market(wrong), D1_02=wrong).status == "right"
    assert result_of("D1-11", reference.market(wrong)).status == "partly"


def test_cells_without_a_sale_may_be_blank_or_zero_or_left_out() -> None:
    views = right("D1-08")
    table = views["旋转"].set_index("季度")
    table.iloc[0, 0] = 0.0
    blank = table.mask(table == 0)
    assert comparing.five_views({"旋转": blank}, {"旋转": table.reset_index()}).share == 1
    filled = blank.fillna(1.0)
    assert comparing.five_views({"旋转": filled}, {"旋转": table.reset_index()}).share == 0


def test_a_wrong_view_is_named() -> None:
    views = right("D1-08")
    off = views["上卷"].assign(销售额=views["上卷"]["销售额"] * 2)
    result = result_of("D1-08", {**views, "上卷": off})
    assert result.score == pytest.approx(12 * 0.8) and "「上卷」" in result.found


# --- difficulty ----------------------------------------------------------------------------------
def test_difficulty_stays_within_bounds() -> None:
    for student in STUDENTS:
        w = SPEC.world(student)
        assert 500 <= len(w.star["fact_sales"]) <= 2000
        assert 10 <= len(reference.returns_fact(w)) <= 120
        old, extract = d1.loads(student)
        again = extract.merge(old, on=["订单编号", "商品编码"])
        assert 6 <= len(again) <= 12 and len(extract) - len(again) >= d1.ENOUGH
        assert 20 <= len(reference.loaded(w)) <= 300  # the public check wants 20
        told = reference.cleaned(w)
        parts = [told[k] for k in reference.COUNTS[1:4]]
        assert min(parts) >= 4 and told["读入"] == sum(parts) + told["装入"]
        assert len(set(parts)) >= 2 and told["改金额写法"] >= 15
        assert sum(i in keys.DAILY for i in d1.questions(student).values()) == 1
        assert len(reference.versions(w)) >= 60


def test_every_candidate_has_a_role_and_every_process_one_fact() -> None:
    for which, (_, pool) in enumerate(d1.PROCESS_POOL):
        roles = [keys.role(which, i) for i in range(len(pool))]
        assert [roles.count(r) for r in keys.ROLES] == [1, 4, 6, 4]
