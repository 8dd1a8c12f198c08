"""Every board: its figures, for one setting that is not the start, against the raw tables."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from crmkit import shops
from crmkit.crm.errors import InvalidInput
from crmkit.ui.board import Board, Card, Layout, Panel, Plan, Segments, Table, Text, View
from crmkit.ui.boards import BOARDS, BoardError, board, plan
from crmkit.ui.controls import ControlError, Slider

VALID = {
    "WAIT_SELLER_SEND_GOODS",
    "SELLER_CONSIGNED_PART",
    "WAIT_BUYER_CONFIRM_GOODS",
    "TRADE_FINISHED",
    "TRADE_CLOSED",
}
FULL = bool(int(os.environ.get("CRMKIT_FULL", 0)))
YEAR = ("2025-01-01", "2026-01-01")
WEEKS = ("2025-10-02", "2026-01-01")  # 13 weeks up to the data date
VIEWS = {
    "customers": ("overview", "classes", "list"),
    "products": ("goods", "together", "orders"),
    "marketing": ("campaigns", "talks", "voice"),
    "channels": ("sales", "people"),
    "value": ("rfm", "pyramid", "lifetime", "matrix"),
    "callcentre": ("log", "seats", "queue", "menu"),
    "cases": ("position", "compare"),
    "opportunities": ("pipeline", "grade", "methods", "quote"),
    "strategy": ("aims", "growth", "relation", "capability"),
}


def raw(shop: str, table: str, **options: Any) -> pd.DataFrame:
    path = shops.root() / shop / "tables" / f"{table}.csv"
    return pd.read_csv(path, encoding="utf-8-sig", dtype={"order_id": str}, **options)


def sold(shop: str, span: tuple[str, str] = YEAR, channel: str = "") -> pd.DataFrame:
    orders = raw(shop, "orders", parse_dates=["paid_at"])
    paid = orders[orders["status"].isin(VALID) & orders["paid_at"].notna()]
    now = paid[(paid["paid_at"] >= span[0]) & (paid["paid_at"] < span[1])]
    return now[now["channel_id"] == channel] if channel else now


def table_of(view: View, area: str) -> pd.DataFrame:
    (panel,) = [p for p in view.panels if p.area == area]
    assert isinstance(panel.body, Table)
    return panel.body.frame


# ------------------------------------------------------------------ every board, every page


def pages() -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = [("cube", {})]
    found += [("analysis", {"report": r}) for r in ("behaviour", "key", "market")]
    found += [(name, {"view": v}) for name, views in VIEWS.items() for v in views]
    return found


@pytest.mark.parametrize(("name", "values"), pages(), ids=lambda x: x if isinstance(x, str) else "-".join(x.values()))  # fmt: skip
def test_page_fills_its_layout_and_travels_as_plain_json(name: str, values: dict[str, str]) -> None:
    shop, colour = ("electronics", "#6d28d9") if FULL else ("tea", "#15803d")
    view = plan(name).view(shop=shop, **values)
    shown = view.shown()
    text = json.dumps(shown, ensure_ascii=False, allow_nan=False)
    assert len(text) < 200_000
    assert {p.area for p in view.panels} == {a for row in view.layout.areas for a in row.split()}
    assert shown["accent"] == colour
    assert shops.TITLES[shop] in str(shown["title"])
    assert 4 <= len(view.cards) <= 6
    for panel in shown["panels"]:
        for body in panel["bodies"]:
            if body["kind"] == "table":
                assert all(len(row) == len(body["columns"]) for row in body["rows"])


def test_boards_of_the_course_have_a_notebook_and_a_plan() -> None:
    assert {number for number, _ in BOARDS.values()} == {
        *(f"DB{n}" for n in range(1, 10)), "DB13", "DB14",
    }  # fmt: skip
    for name in BOARDS:
        found = plan(name)
        assert found.definitions
        _, controls = found.settle({})
        assert controls[0]["name"] == "shop"
    with pytest.raises(BoardError, match="没有看板「tea」"):
        plan("tea")


# ------------------------------------------------------------------ figures


def test_customers_found_are_those_that_meet_the_conditions() -> None:
    view = plan("customers").view(shop="tea", view="list", province="浙江", level="VIP会员")
    people = raw("tea", "customers")
    levels = dict(zip(shops.load("tea").customers["客户编号"], shops.load("tea").customers["会员等级"], strict=True))  # fmt: skip
    wanted = people[
        (people["province"] == "浙江") & (people["customer_id"].map(levels) == "VIP会员")
    ]
    assert view.result["found"] == len(wanted) > 0
    shown = table_of(view, "list")
    assert set(shown["客户编号"]) <= set(wanted["customer_id"])
    assert shown["累计金额"].is_monotonic_decreasing
    assert shown["手机"].str.contains("****", regex=False).all()
    bought = raw("tea", "orders")
    bought = bought[bought["status"].isin(VALID) & bought["paid_at"].notna()]
    assert view.result["buyers"] == bought["customer_id"].nunique()


def test_analysis_of_one_channel_counts_buyers_repeats_and_churn() -> None:
    found = plan("analysis").view(period="13w", channel="T03", days=120).result
    now = sold("tea", WEEKS, "T03")
    times = now["customer_id"].value_counts()
    assert found["buyers"] == len(times)
    assert found["repeat"] == pytest.approx((times >= 2).mean())
    assert found["spend"] == pytest.approx(now["amount"].sum() / len(times))
    ever = sold("tea", ("2000-01-01", "2026-01-01"), "T03")
    since = (pd.Timestamp("2025-12-31") - ever.groupby("customer_id")["paid_at"].max().dt.normalize()).dt.days  # fmt: skip
    assert found["churn"] == pytest.approx((since > 120).mean())
    first = sold("tea", ("2000-01-01", "2026-01-01")).groupby("customer_id")["paid_at"].min()
    assert found["new"] == pytest.approx((times.index.map(first) >= WEEKS[0]).mean())


def test_products_amount_by_category_and_rules_with_a_higher_support() -> None:
    now = sold("electronics")
    lines = raw("electronics", "order_items").merge(now[["order_id"]], on="order_id")
    view = plan("products").view(shop="electronics", view="together", support=0.02, lift=0.0)
    assert view.result["goods"] == pytest.approx((lines["qty"] * lines["unit_price"]).sum())
    assert view.result["qty"] == lines["qty"].sum()
    rules = table_of(view, "rules")
    assert (rules["支持度"] >= 0.02).all() and len(rules) == view.result["rules"]
    names = raw("electronics", "products").set_index("name")["sku"]
    one = rules.iloc[0]
    baskets = lines.groupby("order_id")["sku"].agg(set)
    both = baskets.map(lambda b: {names[one["前项名称"]], names[one["后项名称"]]} <= b).sum()
    first = baskets.map(lambda b: names[one["前项名称"]] in b).sum()
    assert one["同时购买"] == both
    assert one["置信度"] == pytest.approx(both / first)


def test_campaign_response_and_return_are_those_of_the_sends() -> None:
    found = plan("marketing").view(campaign="TP09", refunds="gross").result
    sends = raw("tea", "campaign_sends")
    mine = sends[sends["campaign_id"] == "TP09"]
    treated = mine[mine["via"] != "留白"]
    assert found["sent"] == len(treated)
    answered = treated["responded"] == 1
    assert found["rate"] == pytest.approx(answered.mean())
    orders = raw("tea", "orders").set_index("order_id")["amount"]
    revenue = treated.loc[answered, "order_id"].dropna().astype(str).map(orders).sum()
    assert found["revenue"] == pytest.approx(revenue)
    assert found["roi"] == pytest.approx((revenue - found["cost"]) / found["cost"])


def test_reviews_and_surveys_of_the_chosen_weeks() -> None:
    found = plan("marketing").view(view="voice", period="12m").result
    reviews = raw("tea", "reviews", parse_dates=["at"])
    here = reviews[(reviews["at"] >= YEAR[0]) & (reviews["at"] < YEAR[1])]
    assert found["reviews"] == len(here)
    assert found["poor"] == pytest.approx((here["stars"] <= 3).mean())


def test_channels_sales_net_and_dormant_after_another_number_of_days() -> None:
    found = plan("channels").view(shop="tea", period="12m", days=30)
    now = sold("tea")
    assert found.result["sales"] == pytest.approx(now["amount"].sum())
    back = raw("tea", "returns").query("status == 'SUCCESS'")
    mine = back[back["order_id"].isin(set(now["order_id"]))]["amount"].sum()
    assert found.result["refunded"] == pytest.approx(mine)
    listed = table_of(found, "list").set_index("渠道编号")
    for channel, amount in now.groupby("channel_id")["amount"].sum().items():
        assert listed.loc[channel, "支付金额"] == pytest.approx(amount)
    last = sold("tea", ("2000-01-01", "2026-01-01")).groupby("channel_id")["paid_at"].max()
    quiet = (pd.Timestamp("2025-12-31") - last.dt.normalize()).dt.days > 30
    open_ones = set(raw("tea", "channels").query("status == 'open'")["channel_id"])
    assert found.result["dormant"] == len(open_ones & set(quiet[quiet].index))


def test_rfm_of_the_year_in_three_parts_above_the_mean() -> None:
    view = plan("value").view(period="12m", bins=3, high="mean")
    now = sold("tea")
    people = now.groupby("customer_id").agg(f=("order_id", "size"), m=("amount", "sum"), r=("paid_at", "max"))  # fmt: skip
    people["r"] = -(pd.Timestamp("2025-12-31") - people["r"].dt.normalize()).dt.days
    n = len(people)
    scores = pd.DataFrame({k: 1 + 3 * (people[k].rank(method="min") - 1) // n for k in "rfm"})
    best = (scores > scores.mean()).all(axis=1)
    assert view.result["buyers"] == n
    assert view.result["best"] == best.sum()
    assert view.result["share"] == pytest.approx(people["m"][best].sum() / people["m"].sum())


def test_lifetime_value_of_exercise_four() -> None:
    found = plan("value").view(view="lifetime", In=500, Cs=200).result
    assert found["one"] == pytest.approx(5855.04, abs=0.005)
    assert found["three"] == pytest.approx(4513.02, abs=0.005)


def test_profit_falls_by_the_cost_of_service() -> None:
    first, second = (plan("value").view(view="pyramid", cost=c).result for c in (0, 10))
    talks = raw("tea", "interactions", parse_dates=["at"])
    buyers = set(sold("tea")["customer_id"])
    here = talks[
        (talks["at"] >= YEAR[0]) & (talks["at"] < YEAR[1]) & talks["customer_id"].isin(buyers)
    ]
    served = here["kind"].isin({"咨询", "呼入", "呼出"}).sum()
    assert first["profit"] - second["profit"] == pytest.approx(10 * served)


def test_cube_cut_to_a_platform_equals_the_lines_of_its_channels() -> None:
    view = plan("cube").view(rows="小类", columns="年", cut="平台", value="京东", measure="数量")
    channels = raw("tea", "channels").set_index("channel_id")["type"]
    orders = sold("tea", ("2000-01-01", "2026-01-01"))
    orders = orders[orders["channel_id"].map(channels) == "京东"]
    lines = raw("tea", "order_items").merge(orders[["order_id", "paid_at"]], on="order_id")
    lines = lines.merge(raw("tea", "products")[["sku", "category"]], on="sku")
    assert view.result["数量"] == lines["qty"].sum() > 0
    cross = view.result["table"].set_index("小类")
    expected = lines.groupby([lines["category"].str.split("/").str[-1], lines["paid_at"].dt.year])["qty"].sum()  # fmt: skip
    for (kind, year), pieces in expected.items():
        assert cross.loc[kind, str(year)] == pieces
    assert cross.loc["全部", "全部"] == lines["qty"].sum()


def test_cube_operations_are_buttons_that_set_other_controls() -> None:
    found = board("cube", rows="小类", columns="季度")
    (bar,) = [c for c in found.controls if c["type"] == "moves"]
    moves = {m["label"]: m["values"] for m in bar["moves"]}
    assert moves["下钻"] == {"rows": "商品名称"}
    assert moves["上卷"] == {"rows": "大类"}
    assert moves["旋转"] == {"rows": "季度", "columns": "小类"}
    before = found.result["table"].set_index("小类").loc["绿茶", "全部"]
    found.change(moves["旋转"])
    turned = found.result["table"].set_index("季度")
    assert turned.loc["全部", "绿茶"] == before
    found.change(moves["切片"])
    assert found.values["cut"] == "平台"
    assert found.result["share"] < 1


def test_call_log_with_another_target_and_definition() -> None:
    found = plan("callcentre").view(target=60, level="answered").result
    calls = raw("tea", "calls")
    mine = calls[calls["direction"] == "呼入"]
    left = mine["abandoned"] == 1
    assert found["calls"] == len(mine)
    assert found["level"] == pytest.approx(((mine["wait_s"] <= 60) & ~left).sum() / (~left).sum())
    assert found["left"] == pytest.approx(left.mean())
    assert found["handle"] == pytest.approx(mine.loc[~left, "handle_s"].mean())


def test_seats_follow_erlang_c() -> None:
    found = plan("callcentre").view(view="seats", calls=200, handle=180).result
    load = 200 * 180 / 3600
    assert found["load"] == pytest.approx(load)

    def level(seats: int) -> float:  # straight from the formula, with sums
        terms, term = [1.0], 1.0
        for k in range(1, seats + 1):
            term *= load / k
            terms.append(term)
        last = terms[-1] * seats / (seats - load)
        waits = last / (sum(terms[:-1]) + last)
        return 1 - waits * 2.718281828459045 ** (-(seats - load) * 20 / 180)

    fewest = next(n for n in range(11, 40) if level(n) >= 0.8)
    assert found["seats"] == fewest
    assert found["level"] == pytest.approx(level(fewest))


def test_menu_without_layers_needs_one_press() -> None:
    found = plan("callcentre").view(view="menu", order="flat").result
    assert (found["presses"], found["menus"]) == (1, 1)


def test_case_of_the_ceramics_shop_over_all_its_data() -> None:
    found = plan("cases").view(shop="ceramics", period="all").result
    now = sold("ceramics", ("2000-01-01", "2026-01-01"))
    people = now.groupby("customer_id")["amount"].sum().sort_values(ascending=False)
    assert found["支付金额"] == pytest.approx(people.sum())
    best = people.head(-(-len(people) // 5))
    assert found["前 20% 金额占比"] == pytest.approx(best.sum() / people.sum())


def test_pipeline_of_grade_a_and_weights_from_other_judgements() -> None:
    found = plan("opportunities").view(view="grade", p01="1", p02="1", p03="1", p12="1", p13="1", p23="1")  # fmt: skip
    assert [found.result[f"w{k}"] for k in range(4)] == pytest.approx([0.25] * 4)
    table = table_of(found, "list")
    deals = raw("tea", "opportunities").set_index("opp_id")
    mean = deals[["c1", "c2", "c3", "c4"]].mean(axis=1)
    assert table.set_index("商机编号")["得分"].to_dict() == pytest.approx(mean.to_dict())
    pipeline = plan("opportunities").view(grade="A").result
    graded = plan("opportunities").view(view="grade")
    best = table_of(graded, "list").query("等级 == 'A'")
    live = best[~best["阶段"].isin({"成功", "失败"})]
    assert pipeline["open"] == len(live)
    assert pipeline["amount"] == pytest.approx(live["预计金额"].sum())


def test_contradicting_judgements_are_told_and_grade_nothing() -> None:
    view = plan("opportunities").view(view="grade", p01="1/9")
    assert view.result["cr"] >= 0.1
    (told,) = [p for p in view.panels if p.area == "list"]
    assert isinstance(told.body, Text) and "前后矛盾" in told.body.lines[0]


def test_quotation_below_the_least_margin_is_refused_on_the_board_as_in_the_crm(
    work_in_tea: Callable[[], Any],
) -> None:
    goods = raw("tea", "products").set_index("sku").loc["T101"]
    found = plan("opportunities").view(view="quote", sku="T101", qty=10, off=0.55)
    total = round(float(goods["price"]) * 10 * 0.45, 2)
    assert found.result["total"] == pytest.approx(total)
    assert found.result["margin"] == pytest.approx((total - goods["cost"] * 10) / total)
    (margin,) = [c for c in found.cards if c.id == "margin"]
    assert "不能报出" in str(margin.aside)
    crm = work_in_tea()
    live = crm.opportunities.list().query("阶段 == '可行'")["商机编号"].iloc[0]
    with pytest.raises(InvalidInput, match="毛利率低于"):
        crm.opportunities.make_quote(
            live, [("T101", 10)], discount=float(goods["price"]) * 10 * 0.55
        )


def test_three_ways_to_a_price_and_where_seller_and_buyer_meet() -> None:
    goods = raw("tea", "products").set_index("sku").loc["T101"]
    price, cost = float(goods["price"]), float(goods["cost"])
    given = {"markup": 0.5, "rival": 0.8, "premium": 0.1, "reference": 0.7, "worth": 0.2, "share": 0.25}  # fmt: skip
    view = plan("opportunities").view(view="methods", sku="T101", **given)
    right = [cost * 1.5, price * 0.8 * 1.1, price * 0.7 + price * 0.2 * 0.25]
    assert [view.result[f"m{k}"] for k in range(3)] == pytest.approx(right, abs=0.005)
    assert view.result["ceiling"] == pytest.approx(price * 0.9, abs=0.005)
    table = table_of(view, "methods").set_index("方法")
    assert table["毛利率"].to_dict() == pytest.approx(
        {n: 1 - cost / v for n, v in zip(table.index, right, strict=True)}, abs=1e-4
    )
    assert set(table["成不成"]) == {"在成交区间里"}
    no_deal = plan("opportunities").view(view="methods", sku="T101", reference=0.5, worth=0.0)
    (zone,) = [p for p in no_deal.panels if p.area == "zone"]
    assert isinstance(zone.body, Text) and "没有成交区间" in zone.body.lines[0]


@pytest.fixture
def work_in_tea() -> Callable[[], Any]:
    from crmkit.ui.boards import source

    return lambda: source.session("tea")


def test_aims_and_growth_of_another_shop() -> None:
    found = plan("strategy").view(shop="electronics").result
    now = sold("electronics")
    lines = raw("electronics", "order_items").merge(now[["order_id", "customer_id"]], on="order_id")
    lines = lines.merge(raw("electronics", "products")[["sku", "cost"]], on="sku")
    amount, cost = (lines["qty"] * lines["unit_price"]).sum(), (lines["qty"] * lines["cost"]).sum()
    assert found["sales"] == pytest.approx(now["amount"].sum())
    assert found["margin"] == pytest.approx(1 - cost / amount)
    grown = plan("strategy").view(shop="electronics", view="growth").result
    earlier = set(sold("electronics", ("2000-01-01", "2025-01-01"))["customer_id"])
    old = lines[lines["customer_id"].isin(earlier)]
    assert grown["g0"] + grown["g1"] == pytest.approx((old["qty"] * old["unit_price"]).sum())
    assert grown["total"] == pytest.approx(amount)


def test_capability_keeps_the_marks_of_branches_that_are_out_of_sight() -> None:
    found = board("strategy", view="capability")
    before = found.result["total"]
    found.set(需求与流失预测=100)
    assert found.result["total"] == pytest.approx(before + (100 - 40) / 4 / 3)
    found.set(branch="客户交往")
    assert found.result["total"] == pytest.approx(before + (100 - 40) / 4 / 3)
    assert "需求与流失预测" not in {c["name"] for c in found.controls}


# ------------------------------------------------------------------ the widget


def simple() -> Plan:
    def controls(values: Any) -> Any:
        kinds = {"a": "甲", "b": "乙"}
        high = 9 if values.get("kind", "a") == "a" else 5
        return [Segments("kind", "种类", kinds)], [Slider("n", "个数", 1, high, 1, 2)]

    def draw(kind: str, n: float) -> View:
        if n == 4:
            raise ControlError("四不行。")
        return View(
            kind, [Panel("a", "一", Text(["好"]))], Layout(("a",)),
            [Card("n", "个数", n, before=2, good="up", aside=None)], result={"n": n},
        )  # fmt: skip

    return Plan("小看板", controls, draw)


def test_widget_sends_a_view_and_takes_changes_from_the_browser() -> None:
    found = Board(simple(), kind="b")
    assert found.values == {"kind": "b", "n": 2}
    assert found.view["key"] == "kind=b n=2"
    assert found.view["cards"][0]["change"] == 0
    answer = found.receive({"id": "1", "method": "change", "params": {"values": {"n": 3}}})
    assert answer["ok"] and found.result == {"n": 3}
    assert found.view["cards"][0]["change"] == pytest.approx(0.5)


def test_refused_values_change_nothing() -> None:
    found = Board(simple())
    for values in ({"n": 99}, {"kind": "c"}, {"colour": 1}, {"n": 4}):
        answer = found.receive({"id": "1", "method": "change", "params": {"values": values}})
        assert not answer["ok"]
        assert found.values == {"kind": "a", "n": 2}
    assert "没有控件 colour" in str(answer["error"]) or "四不行" in str(answer["error"])


def test_value_that_no_longer_fits_goes_back_to_the_start() -> None:
    found = Board(simple(), n=8)
    found.set(kind="b")
    assert found.values == {"kind": "b", "n": 2}
    found.set(kind="a")
    assert found.values["n"] == 8
