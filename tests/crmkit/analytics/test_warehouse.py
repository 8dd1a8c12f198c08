"""The warehouse against plain pandas, its own rules, and hand-made cases."""

from __future__ import annotations

import datetime as dt
import doctest
import importlib
from functools import cache

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit import shops
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.warehouse import cube, engine, extracting, history, loading, mart, models
from tests.crmkit.analytics.order_strategies import CHECKED

MODULES = ["engine", "models", "loading", "history", "extracting", "cube", "mart"]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_the_module(name: str) -> None:
    module = importlib.import_module(f"crmkit.analytics.warehouse.{name}")
    assert doctest.testmod(module).failed == 0


@cache
def shop() -> shops.Shop:
    return shops.variant("tea", "2025010101", "warehouse-test", share=0.15)


@cache
def built() -> models.Warehouse:
    s = shop()
    return models.star(s.customers, s.products, s.orders, s.order_items, s.channels)


@cache
def flat() -> pd.DataFrame:
    """Every line of a paid order with its product and channel, in plain pandas."""
    s = shop()
    paid = s.orders[s.orders["付款时间"].notna()]
    paid = paid[~paid["订单状态"].isin(["等待付款", "未付款关闭"])]
    lines = s.order_items.merge(paid, on="订单编号").merge(s.products, on="商品编码")
    lines = lines.merge(s.channels, on="渠道编号")
    lines = lines.merge(s.customers[["客户编号", "省份"]], on="客户编号")
    lines["销售额"] = lines["数量"] * lines["单价"]
    lines["月"] = lines["付款时间"].dt.strftime("%Y-%m")
    lines["年"] = lines["付款时间"].dt.year
    lines["大类"] = lines["类目"].str.split("/").str[0]
    lines["小类"] = lines["类目"].str.split("/").str[1]
    return lines


# --- models --------------------------------------------------------------------------------------
def test_a_star_keeps_every_paid_line_and_every_yuan() -> None:
    fact = built().facts["fact_sales"]
    assert len(fact) == len(flat())
    assert fact["销售额"].sum() == pytest.approx(flat()["销售额"].sum(), abs=0.005)
    by_day = fact.groupby("日期键")["销售额"].sum()
    wanted = flat().groupby(flat()["付款时间"].dt.strftime("%Y%m%d").astype(int))["销售额"].sum()
    pd.testing.assert_series_equal(by_day, wanted, check_names=False, check_index_type=False)
    assert built().model == "星型"
    assert (models.check(built())["问题数"] == 0).all()


def test_a_snowflake_gives_the_same_totals_one_join_further() -> None:
    snow = models.snowflake(built())
    got = snow.sql(
        "SELECT 大类, round(sum(销售额), 2) AS 合计 FROM fact_sales JOIN dim_product USING (商品编码) "
        "JOIN dim_category USING (类目编号) GROUP BY 大类 ORDER BY 大类"
    )
    wanted = flat().groupby("大类")["销售额"].sum()
    assert got.set_index("大类")["合计"].to_dict() == pytest.approx(wanted.to_dict())
    assert snow.model == "雪花型"
    assert not {"大类", "小类"} & set(snow.dimensions["dim_product"])


def test_a_galaxy_shares_its_dimensions() -> None:
    s = shop()
    both = models.galaxy(built(), s.returns, s.orders)
    done = s.returns[(s.returns["退换状态"] == "退款成功") & s.returns["完成时间"].notna()]
    done = done[done["订单编号"].isin(flat()["订单编号"])]
    assert both.model == "星座型"
    assert len(both.facts["fact_return"]) == len(done)
    assert both.facts["fact_return"]["退款金额"].sum() == pytest.approx(done["退款金额"].sum())
    assert (models.check(both)["问题数"] == 0).all()


def test_metadata_tells_what_every_column_is_for() -> None:
    told = models.metadata(models.snowflake(built())).set_index(["表", "列"])["角色"]
    assert told["fact_sales", "销售额"] == "度量"
    assert told["fact_sales", "订单编号"] == "退化维度（单号）"
    assert told["fact_sales", "客户编号"] == told["dim_product", "类目编号"] == "外键"
    assert told["dim_customer", "客户编号"] == "主键"


def test_names_and_phones_do_not_enter_the_warehouse() -> None:
    for frame in built().tables.values():
        assert not {"姓名", "手机", "昵称", "生日"} & set(frame.columns)


def test_an_order_of_nobody_is_refused_by_name() -> None:
    s = shop()
    with pytest.raises(AnalyticsError, match="dim_customer"):
        models.star(s.customers.iloc[50:], s.products, s.orders, s.order_items, s.channels)
    twice = pd.concat([s.products, s.products.iloc[:1]])
    with pytest.raises(AnalyticsError, match="商品编码.*重复"):
        models.star(s.customers, twice, s.orders, s.order_items, s.channels)
    with pytest.raises(AnalyticsError, match="缺少列「单价」"):
        models.star(s.customers, s.products, s.orders, s.order_items[["订单编号", "商品编码", "数量"]],
                    s.channels)  # fmt: skip
    unpaid = s.orders.assign(付款时间=pd.NaT)
    with pytest.raises(AnalyticsError, match="一行也没有"):
        models.star(s.customers, s.products, unpaid, s.order_items, s.channels)


def test_a_wrong_query_is_told_in_chinese() -> None:
    with pytest.raises(AnalyticsError, match=r"不能执行.*sales"):
        engine.query("SELECT nix FROM sales", sales=pd.DataFrame({"a": [1]}))
    with pytest.raises(AnalyticsError, match="表 sales"):
        engine.connect(sales=[1, 2])  # type: ignore[arg-type]


# --- loading -------------------------------------------------------------------------------------
def months() -> tuple[pd.DataFrame, pd.DataFrame]:
    fact = built().facts["fact_sales"]
    month = fact["日期键"] // 100
    return fact[month == 202510], fact[month == 202511]


def test_an_append_leaves_old_rows_untouched_even_when_the_source_changed_them() -> None:
    one, two = months()
    first = loading.append(pd.DataFrame(), one, ["订单编号", "商品编码"], "10")
    again = one.head(3).copy()
    again.loc[again.index[0], "销售额"] = 1.0
    second = loading.append(
        first.frame, pd.concat([two, again]), ["订单编号", "商品编码"], "11"
    )  # fmt: skip
    assert second.fingerprint == loading.fingerprint(first.frame)
    pd.testing.assert_frame_equal(second.frame.head(len(one)), first.frame)
    counts = second.report.set_index("处理")["行数"].to_dict()
    assert counts == {
        "读入": len(two) + 3,
        "追加": len(two),
        "跳过：已有且相同": 2,
        "跳过：已有但来源改过": 1,
    }
    assert second.frame["装载批次"].value_counts().to_dict() == {"10": len(one), "11": len(two)}


def test_a_batch_is_loaded_once() -> None:
    one, _ = months()
    first = loading.append(pd.DataFrame(), one, ["订单编号", "商品编码"], "10")
    with pytest.raises(AnalyticsError, match="已经装载过"):
        loading.append(first.frame, one, ["订单编号", "商品编码"], "10")
    with pytest.raises(AnalyticsError, match="主键有重复"):
        loading.append(first.frame, pd.concat([one, one]), ["订单编号", "商品编码"], "11")


def test_the_ods_knows_the_last_state_and_the_snapshots_every_day() -> None:
    start = pd.DataFrame(
        {"订单编号": ["1", "2"], "订单状态": ["待发货", "待发货"], "更新时间": ["2025-03-01"] * 2}
    )
    changes = pd.DataFrame({
        "订单编号": ["2", "1", "3", "1"], "订单状态": ["已发货", "交易成功", "待发货", "已发货"],
        "更新时间": ["2025-03-02 09:00", "2025-03-03 20:00", "2025-03-03 10:00", "2025-03-02 08:00"],
    })  # fmt: skip
    now = loading.update_in_place(start, changes)
    assert now["订单状态"].tolist() == ["交易成功", "已发货", "待发货"]
    assert now["订单编号"].tolist() == ["1", "2", "3"]
    kept = loading.snapshots(start, changes, ["2025-03-01", "2025-03-02", "2025-03-03"])
    assert kept.groupby("快照日期").size().tolist() == [2, 2, 3]
    of_one = kept[kept["订单编号"] == "1"]["订单状态"].tolist()
    assert of_one == ["待发货", "已发货", "交易成功"]


# --- history -------------------------------------------------------------------------------------
LEVELS = ("普通会员", "高级会员", "VIP会员")
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2024, 3, 31))


@CHECKED
@given(
    st.lists(st.tuples(st.sampled_from("AB"), DAYS, st.sampled_from(LEVELS)), min_size=1, max_size=25),
    st.lists(st.tuples(st.sampled_from("ABC"), DAYS), min_size=1, max_size=8),
)  # fmt: skip
def test_looking_up_the_past_equals_walking_through_the_log(
    log: list[tuple[str, dt.date, str]], asked: list[tuple[str, dt.date]]
) -> None:
    frame = pd.DataFrame(log, columns=["客户编号", "变更时间", "会员等级"])
    kept = history.versions(frame)
    found = history.as_of(kept, pd.Series([a for a, _ in asked]), pd.Series([d for _, d in asked]))
    for (who, day), level in zip(asked, found, strict=True):
        state = None
        for _, _at, value in sorted(
            (x for x in log if x[0] == who and x[1] <= day), key=lambda x: x[1]
        ):
            state = value
        assert level == state
    for _, own in kept.groupby("客户编号"):
        gap = own["有效自"].iloc[1:].to_numpy() - own["有效至"].iloc[:-1].to_numpy()
        assert (gap == pd.Timedelta(days=1)).all()
        assert own["现行"].tolist() == [False] * (len(own) - 1) + [True]
        assert (own["会员等级"].to_numpy()[1:] != own["会员等级"].to_numpy()[:-1]).all()


def test_overwriting_forgets_what_type_two_remembers() -> None:
    log = pd.DataFrame(
        {"客户编号": ["A", "A"], "变更时间": ["2024-02-01", "2024-05-01"], "会员等级": LEVELS[:2]}
    )
    kept = history.versions(log)
    assert history.overwritten(kept)["A"] == "高级会员"
    asked = history.as_of(
        kept, pd.Series(["A", "A", "A"]), pd.Series(["2024-01-31", "2024-04-30", "2024-05-01"])
    )
    assert asked.tolist() == [None, "普通会员", "高级会员"]


def test_overlapping_versions_and_blank_times_are_refused() -> None:
    log = pd.DataFrame(
        {"客户编号": ["A", "A"], "变更时间": ["2024-02-01", "2024-05-01"], "会员等级": LEVELS[:2]}
    )
    bad = history.versions(log).assign(有效至=history.OPEN)
    with pytest.raises(AnalyticsError, match="重叠"):
        history.as_of(bad, pd.Series(["A"]), pd.Series(["2024-06-01"]))
    with pytest.raises(AnalyticsError, match="第 2 行是空的"):
        history.versions(log.assign(变更时间=["2024-02-01", None]))


# --- extracting ----------------------------------------------------------------------------------
RAW = pd.DataFrame({
    "订单编号": ["1", "1 ", "２", "3", "4", None, "5"],
    "商品编码": ["A", "A", "B", "A", "A", "A", "A"],
    "付款时间": ["2025-03-08", "2025-03-08", "2025/3/9", "2025年3月10日", "没付", "2025-03-11", "2025-03-12 08:00"],
    "金额": ["10", "10", "¥1,280.00", "30元", "40", "50", "60"],
    "数量": [1, 1, 2, 0, 1, 1, 3],
})  # fmt: skip


def test_every_row_that_was_read_is_accounted_for() -> None:
    done = extracting.extract_and_clean(
        RAW, dates=["付款时间"], money=["金额"], positive=["数量"], needed=["付款时间"]
    )
    assert done.rows("读入") == 7 == done.rows("丢弃") + done.rows("装入")
    assert done.frame["订单编号"].tolist() == ["1", "2", "5"]
    assert done.frame["金额"].tolist() == [10.0, 1280.0, 60.0]
    assert done.frame["付款时间"].dt.strftime("%m%d").tolist() == ["0308", "0309", "0312"]
    assert sorted(done.rejected["原因"]) == [
        "「付款时间」为空或读不出",
        "「数量」不是正数",
        "「订单编号」为空或读不出",
        "主键重复",
    ]
    assert done.rows("修改") == 3  # order 2: its number, its date, its amount


@CHECKED
@given(
    st.lists(st.tuples(st.sampled_from(["1", "2", " 2", "", None]), st.integers(-1, 3)), min_size=1)
)
def test_what_is_loaded_is_clean_whatever_came_in(rows: list[tuple[str | None, int]]) -> None:
    raw = pd.DataFrame(rows, columns=["订单编号", "数量"])
    done = extracting.extract_and_clean(raw, key=["订单编号"], positive=["数量"])
    assert done.rows("读入") == len(raw) == done.rows("丢弃") + len(done.frame)
    assert done.frame["订单编号"].is_unique and (done.frame["数量"] > 0).all()
    assert len(done.rejected) == done.rows("丢弃")


# --- cube ----------------------------------------------------------------------------------------
@cache
def whole() -> cube.Cube:
    return cube.cube_of(built())


def test_the_published_cube_example_gives_its_nine_rows() -> None:
    """T-OLAP-2 (PostgreSQL manual): Foo L 10, Foo M 20, Bar M 15, Bar L 5 under CUBE; exact."""
    rows = [("Foo", "L", 10), ("Foo", "M", 20), ("Bar", "M", 15), ("Bar", "L", 5)]
    base = pd.DataFrame(rows, columns=["大类", "平台", "数量"])
    got = cube.view(cube.Cube(base), ["大类", "平台"], "数量", totals=True)
    cells = {(a, b): n for a, b, n in got.itertuples(index=False)}
    assert cells == {
        ("Foo", "L"): 10, ("Foo", "M"): 20, ("Bar", "M"): 15, ("Bar", "L"): 5, ("Foo", "全部"): 30,
        ("Bar", "全部"): 20, ("全部", "L"): 15, ("全部", "M"): 35, ("全部", "全部"): 50,
    }  # fmt: skip


def test_slice_dice_and_views_equal_a_pandas_group_by() -> None:
    lines = flat()
    cut = cube.dice(
        cube.slice_at(whole(), "平台", "天猫"), {"年": [2025], "大类": ["茶叶", "茶具"]}
    )
    mine = lines[
        (lines["平台"] == "天猫") & (lines["年"] == 2025) & lines["大类"].isin(["茶叶", "茶具"])
    ]
    for measure, agg in {"销售额": "sum", "数量": "sum"}.items():
        got = cube.view(cut, ["大类", "月"], measure).set_index(["大类", "月"])[measure]
        assert got.to_dict() == pytest.approx(
            mine.groupby(["大类", "月"])[measure].agg(agg).to_dict()
        )
    for measure, column in {"订单数": "订单编号", "客户数": "客户编号"}.items():
        got = cube.view(cut, ["小类"], measure).set_index("小类")[measure]
        assert got.to_dict() == mine.groupby("小类")[column].nunique().to_dict()
    assert cube.view(cut, [])["销售额"].iloc[0] == pytest.approx(mine["销售额"].sum())


def test_drilling_down_and_rolling_up_keep_the_total_and_undo_each_other() -> None:
    levels = ["年", "平台"]
    total = flat()["销售额"].sum()
    for name in ("时间", "商品", "客户"):
        down = cube.drill_down(levels, name)
        assert cube.roll_up(down, name) == levels
        assert cube.view(whole(), down)["销售额"].sum() == pytest.approx(total)
        levels = down
    assert levels == ["年", "季度", "平台", "大类", "省份"]


def test_rotating_twice_gives_the_table_back() -> None:
    seen = cube.view(whole(), ["年", "平台"])
    table = cube.rotate(seen, "年", "平台")
    pd.testing.assert_frame_equal(cube.rotate(seen, "平台", "年").T, table)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: cube.slice_at(whole(), "平台", "拼多多"), "没有取值"),
        (lambda: cube.slice_at(whole(), "颜色", "红"), "没有层次"),
        (lambda: cube.dice(whole(), {"平台": "天猫"}), "写成列表"),
        (lambda: cube.dice(cube.slice_at(whole(), "年", 2024), {"年": [2025]}), "没有共同的取值"),
        (lambda: cube.view(whole(), ["年"], "利润"), "没有度量"),
        (lambda: cube.view(whole(), ["年", "年"]), "重复"),
        (lambda: cube.drill_down(["城市"], "客户"), "最细"),
        (lambda: cube.roll_up(["年"], "商品"), "不能再上卷"),
        (lambda: cube.rotate(cube.view(whole(), ["年", "月", "平台"]), "年", "平台"), "出现了两次"),
        (lambda: mart.marketing(built(), dt.date(2024, 1, 5)), "以后的销售"),
        (lambda: models.date_dimension(pd.Series([], dtype=int)), "一行也没有"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_in_chinese(wrong, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AnalyticsError, match=words):
        wrong()


def test_a_finer_grain_has_more_rows_and_the_same_total() -> None:
    table = cube.granularity(built().facts["fact_sales"]).set_index("粒度")
    lines = flat()
    day, who = lines["付款时间"].dt.normalize(), ["渠道编号", "商品编码"]
    assert table.loc["明细", "行数"] == len(lines)
    assert table.loc["日", "行数"] == lines.assign(d=day)[["d", *who]].drop_duplicates().shape[0]
    assert table.loc["月", "行数"] == lines[["月", *who]].drop_duplicates().shape[0]
    assert table["合计"].nunique() == 1
    assert table["倍数"].tolist() == pytest.approx(
        (table["行数"] / table.loc["月", "行数"]).tolist()
    )


# --- mart ----------------------------------------------------------------------------------------
def test_the_marketing_mart_says_of_every_buyer_what_pandas_says() -> None:
    got = mart.marketing(built(), shops.as_of()).set_index("客户编号")
    by = flat().groupby("客户编号")
    pd.testing.assert_series_equal(
        got["订单数"], by["订单编号"].nunique(), check_names=False, check_index_type=False
    )
    assert got["销售额"].to_dict() == pytest.approx(by["销售额"].sum().to_dict())
    last = by["付款时间"].max().dt.normalize()
    assert (got["最近购买日"] == last).all()
    assert (got["距今天数"] == (pd.Timestamp(shops.as_of()) - last).dt.days).all()
    own = flat().groupby(["客户编号", "大类"])["销售额"].sum().round(2).reset_index()
    own = own.sort_values(["客户编号", "销售额", "大类"], ascending=[True, False, True])
    first = own.drop_duplicates("客户编号").set_index("客户编号")["大类"]
    assert got["首选大类"].to_dict() == first.to_dict()
