"""顾客分析: every number against a recount in plain pandas, variants, refusals, log."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import shops
from crmkit.analytics import breakdowns, btyd, churn, indicators
from crmkit.analytics.ledger import Ledger
from crmkit.analytics.paid import Paid
from crmkit.analytics.purchases import repeat_rate, repurchase_rate
from crmkit.analytics.window import add_months, between, month
from crmkit.crm import Session, errors
from crmkit.crm.figures import churn_figures, customer_figures, facts, levels
from crmkit.crm.figures.facts import Facts
from crmkit.crm.figures.scope import Result, Scope
from crmkit.settings import settings as rules
from tests.crmkit.analytics.test_cdnow import REPEAT, master  # noqa: F401 - a fixture
from tests.crmkit.crm.conftest import STUDENT
from tests.crmkit.crm.order_books import random_shops
from tests.crmkit.crm.plain_pandas import LEVELS, Plain
from tests.crmkit.crm.test_log import last

FULL = bool(int(os.environ.get("CRMKIT_FULL", 0)))
CHECKED = settings(max_examples=200 if FULL else 12, deadline=None)
SHOPS = ("tea", "ceramics", "electronics")
STUDENTS = [STUDENT, *(f"20250101{n:02d}" for n in range(2, 21))] if FULL else [STUDENT]
VIEWS: list[dict[str, Any]] = [
    {},
    {"refunds": "net"},
    {"start": "2025-03-01", "end": "2025-08-31"},
    {"start": "2025-02-10", "end": "2025-06-05", "refunds": "net", "channel": 1},
    {"as_of": "2025-06-30", "refunds": "net"},
]


def pair(shop: str, student: str, view: dict[str, Any]) -> tuple[Scope, Plain]:
    """The CRM's scope of a student's cut (read from frames) and the plain view of the same."""
    cut = shops.variant(shop, student, "O1")
    chosen = dict(view)
    if "channel" in chosen:
        chosen["channel"] = cut.channels["渠道编号"].iloc[chosen["channel"]]
    whole = Facts.of_frames(
        customers=cut.customers, products=cut.products, channels=cut.channels, orders=cut.orders,
        order_items=cut.order_items, returns=cut.returns,
    )  # fmt: skip
    return both(whole, cut.tables(), chosen)


def both(whole: Facts, t: dict[str, pd.DataFrame], view: dict[str, Any]) -> tuple[Scope, Plain]:
    plain = Plain(t["customers"], t["orders"], t["order_items"], t["returns"], **view)
    return Scope.of(whole, shops.as_of(), view), plain  # type: ignore[arg-type]


def same(found: pd.DataFrame, expected: pd.DataFrame, key: str | None = None) -> None:
    """Every column of the recount, row by row (by `key`), exactly but for float dust."""
    if key:
        found, expected = found.set_index(key), expected.set_index(key)
        assert set(expected.index) <= set(found.index)
        rest = found.drop(expected.index)
        assert not len(rest) or (rest["订单数"] == 0).all()
        found = found.loc[expected.index]
    assert len(found) == len(expected)
    for name in expected.columns.drop("分", errors="ignore"):
        a, b = found[name].to_numpy(), expected[name].to_numpy()
        if a.dtype.kind in "ifu" or b.dtype.kind in "ifu":
            np.testing.assert_allclose(a.astype(float), b.astype(float), rtol=1e-12, err_msg=name)
        else:
            assert [*a] == [*b], name


def rate(result: Result, name: str) -> tuple[float, float]:
    figure = result[name]
    assert figure.denominator is not None
    if figure.denominator:
        assert figure.value == pytest.approx(figure.numerator / figure.denominator, rel=1e-12)
    else:
        assert figure.value is None
    return figure.numerator, figure.denominator


def check_everything(scope: Scope, plain: Plain, shop: str) -> None:
    """All seven analyses of one view."""
    rule = levels.Rule.of("amount", None, shop)
    found = levels.level(scope, rule, recorded=True).table
    expected = plain.level([round(100 * t) for t in rules()["levels"][shop]])
    same(
        found[found["等级"].isin(LEVELS)].reset_index(drop=True),
        expected.fillna({"客单价": np.nan}),
    )

    for definition in indicators.NEW_DEFINITIONS:
        repeat = customer_figures.repurchase(scope, definition=definition, within=60)
        if plain.months(12):
            same(repeat.table, plain.repeat_by_month(definition))
    for name, fraction in plain.repeat(plain.paid).items():
        assert rate(repeat, name) == fraction
    every, ripe = plain.within(60)
    assert rate(repeat, "60 天内复购率") == every
    assert rate(repeat, "60 天内复购率（首购已满 60 天）") == ripe
    gaps = plain.gaps()
    for name, q in (("中位数", 0.5), ("P80", 0.8), ("P90", 0.9)):
        value = repeat[f"回购周期{name}"].value
        assert value == (pytest.approx(gaps.quantile(q)) if len(gaps) else None)
    assert repeat.tables["回购间隔"]["次数"].sum() == len(gaps)

    counts = customer_figures.counts(scope, bounds=[1, 3])
    same(counts.table, plain.counts([1, 3]))
    assert rate(counts, "平均购买次数") == (len(plain.paid), plain.paid["客户编号"].nunique())
    exact = plain.paid.groupby("客户编号").size().value_counts().sort_index()
    assert dict(counts.tables["逐次分布"].to_numpy()) == exact.to_dict()

    region = customer_figures.region(scope)
    same(region.table, plain.region(), "省份")
    for by, group in (
        ("channel", plain.paid["渠道编号"]),
        ("level", plain.paid["客户编号"].map(plain.customers.set_index("客户编号")["会员等级"])),
    ):
        table = customer_figures.order_value(scope, by=by).table
        key = {"channel": "渠道编号", "level": "等级"}[by]
        same(table, plain.factors(group).rename_axis(key).reset_index(), key)
    figures = customer_figures.order_value(scope)
    if len(plain.paid):
        for name, value in plain.factors().loc["全部"].items():
            shown = figures[name].value
            assert (np.nan if shown is None else shown) == pytest.approx(
                value, rel=1e-12, nan_ok=True
            )
        identity = [figures[n].value for n in ("买家数", "人均订单数", "连带率", "件单价")]
        if None not in identity:
            assert np.prod(identity) == pytest.approx(figures["支付金额"].value)  # type: ignore[arg-type]

    for definition in indicators.NEW_DEFINITIONS:
        for new_to, ever in (("shop", plain.ever), ("channel", plain.history)):
            if plain.months(12):
                found = customer_figures.new_old(scope, definition=definition, new_to=new_to).table
                same(found, plain.new_old(definition, ever=ever))


def check_churn(scope: Scope, plain: Plain) -> None:
    since = plain.since()
    result = churn_figures.analyse(scope, rule="fixed", options={}, near_days=30)
    listed = result.tables["名单"].set_index("客户编号")
    assert listed["距今天数"].to_dict() == since.to_dict()
    assert rate(result, "流失率") == (int((since > 180).sum()), len(since))
    near = set(since.index[(since > 150) & (since <= 180)])
    assert set(listed.index[listed["状态"] == "临近流失"]) == near
    silent = int(((since > 90) & (since <= 180)).sum())
    assert result.table.set_index("状态").loc["沉默", "买家数"] == silent
    same(result.tables["逐月"], plain.months_of_churn(180))
    if len(plain.history):
        same(result.tables["同期群"], plain.cohorts())

    own = plain.own_limits(2)
    result = churn_figures.analyse(scope, rule="own", options={"k": 2})
    assert rate(result, "流失率") == (int((since[own.index] > own).sum()), len(own))
    gaps = Plain.gaps(plain)
    if len(gaps):
        result = churn_figures.analyse(scope, rule="shop", options={})
        limit = gaps.quantile(0.9)
        assert rate(result, "流失率") == (int((since > limit).sum()), len(since))
        same(result.tables["逐月"], plain.months_of_churn(limit))


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_every_number_equals_a_recount(shop: str, view: dict[str, Any]) -> None:
    for student in STUDENTS:
        scope, plain = pair(shop, student, view)
        check_everything(scope, plain, shop)
        if "start" not in view:
            check_churn(scope, plain)


@CHECKED
@given(random_shops(), st.sampled_from(VIEWS))
def test_every_number_of_a_random_shop_equals_a_recount(
    frames: dict[str, pd.DataFrame], view: dict[str, Any]
) -> None:
    chosen = dict(view) | ({"channel": "H2"} if "channel" in view else {})
    scope, plain = both(Facts.of_frames(**frames), frames, chosen)
    check_everything(scope, plain, "tea")
    if "start" not in view:
        check_churn(scope, plain)


@CHECKED
@given(random_shops(), st.sampled_from(["gross", "net"]), st.sampled_from([None, "H1"]))
def test_frames_and_ledger_follow_the_same_definitions(
    frames: dict[str, pd.DataFrame], refunds: str, channel: str | None
) -> None:
    window = between("2025-02-01", "2025-09-15")
    view = {"start": "2025-02-01", "end": "2025-09-15", "refunds": refunds, "channel": channel}
    scope = Scope.of(Facts.of_frames(**frames), shops.as_of(), view)  # type: ignore[arg-type]
    how: dict[str, Any] = {"refunds": refunds, "returns": frames["returns"], "as_of": shops.as_of(),
                           "channel": channel}  # fmt: skip
    orders, paid = frames["orders"], scope.paid()
    assert indicators.sales(orders, window, **how).value == paid.yuan
    assert indicators.buyers(orders, window, **how).value == paid.buyers
    factors = breakdowns.amount_factors(orders, frames["order_items"], window, **how)
    found = customer_figures.order_value(scope)
    assert [factors[n] for n in ("连带率", "件单价")] == [
        found[n].value for n in ("连带率", "件单价")
    ]
    new = indicators.new_share(orders, window, definition="365_days", **how)
    figures = customer_figures.new_old(scope, definition="365_days")["新客占比"]
    assert (new.numerator, new.denominator) == (figures.numerator, figures.denominator)


def test_rule_by_model_is_p_alive_of_the_fitted_model() -> None:
    scope, plain = pair("tea", STUDENT, {})
    result = churn_figures.analyse(scope, rule="model", options={"theta": 0.4}, months=2)
    history = btyd.purchase_histories(plain.orders, "2025-12-31")
    model = btyd.BgNbd.fit(history["x"], history["t_x"], history["T"])
    alive = model.p_alive(history["x"], history["t_x"], history["T"])
    listed = result.tables["名单"].set_index("客户编号")["存活概率"]
    np.testing.assert_allclose(listed.loc[history["客户编号"]], alive, rtol=1e-9)
    assert rate(result, "流失率") == (int((alive < 0.4).sum()), len(alive))
    assert result.tables["逐月"]["流失率"].between(0, 1).all()


def test_t_rfm_3_repeat_rate_of_cdnow(master: pd.DataFrame) -> None:  # noqa: F811
    ledger, _ = Ledger.of_frames(master, status=None)
    first = month("1997-01").start
    for k, printed in enumerate(REPEAT):
        window = month(f"{add_months(first, k):%Y-%m}")
        assert repeat_rate(ledger.select(window)).value == pytest.approx(printed, abs=1e-6)
    # T-RFM-4 prints no values: 回购率 against a recount by sets
    who = master.groupby(master["付款时间"].dt.to_period("M"))["客户编号"].agg(set)
    for k in range(17):
        base, later = (ledger.select(month(f"{add_months(first, k + d):%Y-%m}")) for d in (0, 1))
        both_months = who.iloc[k] & who.iloc[k + 1]
        found = repurchase_rate(base, later)
        assert (found.numerator, found.denominator) == (len(both_months), len(who.iloc[k]))


def test_worked_examples_of_the_definitions() -> None:
    """G7: 100 orders … by orders 30 %; 1000 buyers, 300 again → 30 %; T-CS-5 (E − N) ÷ S."""
    times = [3] * 10 + [2] * 10 + [1] * 50  # 100 orders, 20 people twice, 10 of them a third time
    codes = np.repeat(np.arange(len(times)), times)
    none = np.zeros(len(codes), dtype=np.int64)
    paid = Paid(len(times), codes, none, none, none)
    assert repeat_rate(paid, "orders") == (0.3, 30, 100)
    assert repeat_rate(paid, "people") == (20 / 70, 20, 70)
    assert repeat_rate(paid, "days").value == 0
    january = Paid(1300, np.arange(1000), *[np.zeros(1000, dtype=np.int64)] * 3)
    february = Paid(1300, np.arange(700, 1200), *[np.zeros(500, dtype=np.int64)] * 3)
    assert repurchase_rate(january, february) == (0.3, 300, 1000)
    assert churn.Period(start=200, end=190, stayed=160).retention.value == 0.8


# --- through the session --------------------------------------------------------------------------
@pytest.mark.parametrize("shop", SHOPS)
def test_the_store_gives_the_same_as_the_frames(work_in: Callable[..., Session], shop: str) -> None:
    crm = work_in(shop)
    scope, plain = pair(shop, STUDENT, {"refunds": "net"})
    found = crm.analysis.region(refunds="net")
    same(found.table, plain.region(), "省份")
    expected = customer_figures.order_value(scope).figures
    assert crm.analysis.order_value(refunds="net").figures == expected
    assert crm.analysis.level().figures["登记与规则不符"].numerator == 0
    direct = "SELECT count(DISTINCT customer_id), sum(amount) FROM orders WHERE paid_at IS NOT NULL"
    valid = " AND status NOT IN ('TRADE_CLOSED_BY_TAOBAO', 'WAIT_BUYER_PAY')"
    with crm.store.reading() as connection:
        buyers, fen = connection.exec_driver_sql(direct + valid).one()
    figures = crm.analysis.order_value()
    assert (figures["买家数"].value, figures["支付金额"].value) == (buyers, fen / 100)


def test_members_are_graded_by_rule_as_previewed(work_in: Callable[..., Session]) -> None:
    crm = work_in("ceramics")
    preview = crm.analysis.regrade_preview(by="count", thresholds=[1, 2, 4, 8])
    orders = Plain(*(getattr(shops.variant("ceramics", STUDENT, "O1"), n)
                     for n in ("customers", "orders", "order_items", "returns")))  # fmt: skip
    n = orders.ever.groupby("客户编号").size()
    people = orders.customers.set_index("客户编号")
    due = pd.cut(n.reindex(people.index).fillna(0), [-1, 0, 1, 3, 7, np.inf], labels=LEVELS)
    moved = people.index[people["会员等级"] != due.astype(str)]
    assert preview.table["客户编号"].tolist() == sorted(moved)
    assert (
        preview.table.set_index("客户编号")["新等级"].to_dict() == due[moved].astype(str).to_dict()
    )
    crm.analysis.regrade(by="count", thresholds=[1, 2, 4, 8], token=preview.token)
    row = last(crm)
    assert (row["function"], row["action"], row["outcome"]) == ("等级分析", "调整等级", "成功")
    assert row["changes"] == len(moved)
    table = crm.analysis.level(basis="recorded").table.set_index("等级")["客户数"]
    assert table.to_dict() == due.value_counts().to_dict()
    up = crm.analysis.regrade_preview(direction="up").table
    rank = {name: k for k, name in enumerate(LEVELS)}
    assert (up["新等级"].map(rank) > up["原等级"].map(rank)).all()
    crm.verify()


def test_a_grading_that_is_not_the_previewed_one_is_refused(
    work_in: Callable[..., Session],
) -> None:
    crm = work_in("tea")
    preview = crm.analysis.regrade_preview(by="count")
    with pytest.raises(errors.Conflict, match="重新预览"):
        crm.analysis.regrade(by="count", direction="up", token=preview.token)
    assert last(crm)["outcome"] == "拒绝"


def test_facts_are_read_again_only_after_a_change_that_matters(
    work_in: Callable[..., Session],
) -> None:
    crm = work_in("tea")
    crm.analysis.counts()
    kept = facts._kept[crm.store].facts
    crm.products.tagging.put("新标签", ["T101"])
    crm.analysis.counts()
    assert facts._kept[crm.store].facts is kept
    before = crm.analysis.level().table.set_index("等级").loc["VIP会员", "客户数"]
    crm.analysis.regrade(by="count")
    after = crm.analysis.level().table.set_index("等级").loc["VIP会员", "客户数"]
    assert facts._kept[crm.store].facts is not kept and before != after


@pytest.mark.parametrize(
    "method", ["level", "repurchase", "counts", "churn", "region", "order_value", "new_old"]
)
def test_who_may_and_who_may_not(work_in: Callable[..., Session], method: str) -> None:
    crm = work_in("tea", "数据分析")
    result = getattr(crm.analysis, method)(refunds="net")
    row = last(crm)
    assert (row["module"], row["outcome"], row["changes"]) == ("顾客分析", "查看", 0)
    assert '"退款口径":"net"' in row["detail"]
    assert result.scope["数据日期"] == "2025-12-31" and result.notes and len(result.figure_frame())
    crm.login("仓库")
    with pytest.raises(errors.PermissionDenied, match="「仓库」不能使用这个功能"):
        getattr(crm.analysis, method)()
    assert last(crm)["outcome"] == "拒绝"


def test_only_the_manager_may_grade(work_in: Callable[..., Session]) -> None:
    crm = work_in("tea", "营销")
    with pytest.raises(errors.PermissionDenied):
        crm.analysis.regrade()


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda a: a.level(basis="x"), "basis"),
        (lambda a: a.level(basis="count", thresholds=[1, 1, 2, 3]), "thresholds"),
        (lambda a: a.repurchase(definition="x"), "definition"),
        (lambda a: a.repurchase(within=0), "within"),
        (lambda a: a.counts(bounds=[3, 2]), "bounds"),
        (lambda a: a.churn(rule="x"), "rule"),
        (lambda a: a.churn(churned_days=30), "churned_days"),
        (lambda a: a.churn(rule="shop", share=2), "share"),
        (lambda a: a.churn(rule="own", k=0), "k"),
        (lambda a: a.churn(start="2025-01-01"), "start"),
        (lambda a: a.region(level="x"), "level"),
        (lambda a: a.region(province="火星"), "province"),
        (lambda a: a.order_value(by="x"), "by"),
        (lambda a: a.new_old(months=0), "months"),
        (lambda a: a.counts(start="昨天"), "start"),
        (lambda a: a.counts(start="2025-03-01", end="2025-02-01"), "end"),
        (lambda a: a.counts(as_of="2026-01-01"), "as_of"),
        (lambda a: a.counts(channel="X9"), "channel"),
        (lambda a: a.counts(refunds="x"), "refunds"),
    ],
)
def test_a_wrong_parameter_is_named(
    work_in: Callable[..., Session], call: Callable[[Any], object], field: str
) -> None:
    crm = work_in("tea")
    with pytest.raises(errors.InvalidInput) as refused:
        call(crm.analysis)
    assert field in refused.value.fields
    assert last(crm)["outcome"] == "拒绝"
