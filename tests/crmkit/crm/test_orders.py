"""订单信息: the declared life of orders and returns, money, stock, notices, lists and refusals."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crmkit import shops
from crmkit.crm import Session, errors
from crmkit.crm.ordering import notices, order_facts
from crmkit.crm.ordering import transitions as life
from crmkit.workbook import allocate_lines, write
from tests.crmkit.crm.conftest import STUDENT
from tests.crmkit.crm.test_log import last

Work = Callable[..., Session]


def bought(crm: Session, lines: dict[str, int] | None = None, **money: float) -> str:
    """A new, paid order of one customer."""
    customer = crm.store.frame(order_facts.ORDERS)["customer_id"].iloc[0]
    order = crm.orders.place(customer, lines or {"T101": 2, "T901": 1}, **money)
    crm.orders.pay(order)
    return order


def sent(crm: Session, **more: Any) -> str:
    order = bought(crm, **more)
    crm.orders.ship_order(order, "顺丰速运", "SF100200300")
    return order


def stock(crm: Session) -> pd.Series:
    return crm.store.frame(order_facts.PRODUCTS).set_index("sku")["stock"]


def order_status(crm: Session, order: str) -> str:
    return str(crm.orders.detail(order).order.iloc[0]["订单状态"])


def raw() -> shops.Shop:
    return shops.variant("tea", STUDENT, "O1")


# --- the declared tables --------------------------------------------------------------------------
def test_an_illegal_event_names_the_state_the_event_and_what_is_allowed() -> None:
    for table in (life.ORDER, life.RETURN, life.CAMPAIGN):
        every = {t.event for t in table.rows if t.source}
        for state in table.states:
            can = {t.event for t in table.events(state)}
            for event in every - can:
                with pytest.raises(errors.IllegalTransition) as refused:
                    table.step(state, event, "店长")
                said = str(refused.value)
                assert f"「{table.word(state)}」" in said and f"「{event}」" in said
                assert all(e in said for e in can) and (can or "没有可以做的操作" in said)


def test_every_state_of_an_order_is_reached_and_ends_somewhere() -> None:
    for table in (life.ORDER, life.RETURN):
        reached, grown = {life.NOT_YET}, True
        while grown:
            new = {t.target for t in table.rows if t.source in reached} - reached
            grown = bool(new)
            reached |= new
        assert reached - {life.NOT_YET} == set(table.states)


# --- an order's way -------------------------------------------------------------------------------
def test_an_order_from_the_buyer_s_click_to_the_end_of_its_aftersale(work_in: Work) -> None:
    crm = work_in()
    before = stock(crm)
    order = crm.orders.place("C000001", {"T101": 2, "T901": 1}, freight=8, discount=3.5)
    row = crm.orders.detail(order).order.iloc[0]
    prices = raw().products.set_index("商品编码")["价格"]
    assert row["实付金额"] == round(prices["T101"] * 2 + prices["T901"] + 8 - 3.5, 2)
    assert (stock(crm) == before).all()  # nothing has left the warehouse yet
    with pytest.raises(errors.IllegalTransition, match="等待付款.*不能「出库」.*付款"):
        crm.orders.ship_order(order, "顺丰速运", "SF100200300")
    crm.orders.pay(order)
    parcel = crm.orders.ship_order(order, "顺丰速运", "SF100200300")
    assert parcel.complete and "SF100200300" in parcel.message and "{" not in parcel.message
    assert (before - stock(crm))[["T101", "T901"]].tolist() == [2, 1]
    crm.orders.confirm(order)
    assert order_status(crm, order) == "交易成功"
    with pytest.raises(errors.InvalidInput, match="售后期到"):
        crm.orders.close_order(order, "售后结束")
    crm.orders.advance(days=16)
    assert crm.orders.close_order(order, "售后结束") == "售后已结束"
    with pytest.raises(errors.IllegalTransition, match="售后已经结束"):
        crm.orders.apply_return(order, "T101", "退货", "不想要了")
    crm.verify()


def test_part_shipment_then_the_rest(work_in: Work) -> None:
    crm = work_in()
    order = bought(crm)
    first = crm.orders.ship_order(order, "中通快递", "ZT100001", pieces={"T101": 1})
    assert (first.complete, order_status(crm, order)) == (False, "部分发货")
    with pytest.raises(errors.InvalidInput, match="T101 还要发 1 件，不能发 2 件"):
        crm.orders.ship_order(order, "中通快递", "ZT100002", pieces={"T101": 2})
    rest = crm.orders.ship_order(order, "中通快递", "ZT100002")
    assert rest.complete and dict(rest.pieces) == {"T101": 1, "T901": 1}
    card = crm.orders.detail(order)
    assert card.lines["待发数量"].sum() == 0 and len(card.movements) == 3
    assert card.messages["用途"].tolist() == [notices.SHIPPED, notices.PART_SHIPPED]
    # both parcels find the order
    for waybill in ("ZT100001", "ZT100002"):
        assert crm.orders.search(waybill=waybill).page.frame["订单编号"].tolist() == [order]


def test_what_is_not_in_stock_is_neither_sold_nor_shipped(work_in: Work) -> None:
    crm = work_in()
    free = int(stock(crm)["T101"])
    waiting = crm.orders.search(status=["等待付款", "待发货", "部分发货"], sku="T101", size=100)
    held = 0
    for number in waiting.page.frame["订单编号"]:
        held += int(crm.orders.detail(number).lines.set_index("商品编码")["待发数量"]["T101"])
    with pytest.raises(errors.InvalidInput, match="可售库存只有") as refused:
        crm.orders.place("C000001", {"T101": free - held + 1})
    assert set(refused.value.fields) == {"lines"}
    crm.orders.place("C000001", {"T101": free - held})
    with pytest.raises(errors.InvalidInput, match="可售库存只有 0 件"):
        crm.orders.place("C000001", {"T101": 1})


# --- returns --------------------------------------------------------------------------------------
def test_a_customer_without_a_channel_orders_through_one_that_is_named(work_in: Work) -> None:
    crm = work_in("tea")
    crm.customers.apply_import(crm.customers.import_file("昵称,手机\n新客,19900000001\n".encode()))
    customer = crm.customers.lookup(mobile="19900000001").frame["客户编号"].iloc[0]
    with pytest.raises(errors.InvalidInput, match="没有渠道") as told:
        crm.orders.place(customer, {"T101": 1})
    assert list(told.value.fields) == ["channel_id"]
    assert crm.orders.place(customer, {"T101": 1}, channel_id="T01")


def test_a_return_goes_through_all_its_states_and_the_goods_come_back(work_in: Work) -> None:
    crm = work_in()
    order = sent(crm, freight=10)
    before = stock(crm)
    paid = crm.orders.detail(order).lines.set_index("商品编码")["分摊实付"]
    number = crm.orders.apply_return(order, "T101", "退货", "不想要了")
    with pytest.raises(errors.IllegalTransition, match=f"处理中的退换（{number}）"):
        crm.orders.confirm(order)
    crm.orders.agree(number)
    with pytest.raises(errors.IllegalTransition, match="待买家退货.*不能「验收」.*买家退货"):
        crm.orders.accept(number)
    crm.orders.send_back(number, "圆通速递", "YT900001")
    crm.orders.accept(number)
    assert (stock(crm) - before)["T101"] == 2
    row = crm.orders.returns(order_id=order).page.frame.iloc[0]
    assert (row["退换状态"], row["阶段"], row["退换数量"]) == ("退款成功", "售中", 2)
    assert row["退款金额"] == paid["T101"]
    assert order_status(crm, order) == "已发货"  # one line is left
    other = crm.orders.apply_return(order, "T901", "仅退款", "破损")
    crm.orders.agree(other)
    assert order_status(crm, order) == "退款关闭"
    assert crm.orders.returns(order_id=order).page.frame["退款金额"].sum() == pytest.approx(
        crm.orders.detail(order).order["实付金额"].iloc[0], abs=1e-9
    )


def test_a_refund_is_never_more_than_the_line_s_payment(work_in: Work) -> None:
    crm = work_in()
    order = sent(crm, discount=7)
    share = crm.orders.detail(order).lines.set_index("商品编码")["分摊实付"]["T101"]
    with pytest.raises(errors.InvalidInput, match="不超过") as refused:
        crm.orders.apply_return(order, "T101", "仅退款", "破损", amount=share + 0.01)
    assert set(refused.value.fields) == {"amount"}
    first = crm.orders.apply_return(order, "T101", "仅退款", "破损", amount=10)
    with pytest.raises(errors.IllegalTransition, match="已有申请"):
        crm.orders.apply_return(order, "T101", "仅退款", "破损", amount=1)
    crm.orders.agree(first)
    with pytest.raises(errors.InvalidInput, match="不超过"):
        crm.orders.apply_return(order, "T101", "仅退款", "破损", amount=share - 9.99)
    crm.orders.apply_return(order, "T101", "仅退款", "破损", amount=round(share - 10, 2))


def test_refused_revised_and_withdrawn(work_in: Work) -> None:
    crm = work_in()
    order = sent(crm)
    number = crm.orders.apply_return(order, "T101", "退货", "不想要了")
    with pytest.raises(errors.InvalidInput, match="请填写原因"):
        crm.orders.refuse(number, " ")
    crm.orders.refuse(number, "已拆封")
    crm.orders.revise_return(number, "仅退款", "破损", amount=5)
    crm.orders.refuse(number, "没有照片")
    crm.orders.withdraw_return(number)
    crm.orders.confirm(order)
    assert order_status(crm, order) == "交易成功"
    row = crm.orders.returns(order_id=order).page.frame.iloc[0]
    assert (row["退换状态"], row["退款金额"]) == ("退款关闭", 5.0)


def test_an_exchange_sends_the_same_goods_again_for_nothing(work_in: Work) -> None:
    crm = work_in()
    order = sent(crm)
    number = crm.orders.apply_return(order, "T101", "换货", "破损", qty=1)
    crm.orders.agree(number)
    crm.orders.send_back(number, "圆通速递", "YT900001")
    before = stock(crm)["T101"]
    with pytest.raises(errors.InvalidInput, match="运单号"):
        crm.orders.accept(number, restock=False)
    crm.orders.accept(number, restock=False, carrier="顺丰速运", waybill="SF777777")
    card = crm.orders.detail(order)
    assert stock(crm)["T101"] == before - 1  # the broken piece is not for sale
    assert card.movements["种类"].tolist()[-2:] == [order_facts.SCRAP, order_facts.RESEND]
    assert card.lines["已退金额"].sum() == 0 and "SF777777" in card.messages["内容"].iloc[0]
    assert order_status(crm, order) == "已发货"


def test_an_aftersale_refund_keeps_the_order_finished(work_in: Work) -> None:
    crm = work_in()
    order = sent(crm)
    crm.orders.confirm(order)
    for sku in ("T101", "T901"):
        crm.orders.agree(crm.orders.apply_return(order, sku, "仅退款", "破损"))
    assert order_status(crm, order) == "交易成功"
    assert set(crm.orders.returns(order_id=order).page.frame["阶段"]) == {"售后"}


def test_what_was_refunded_is_not_shipped(work_in: Work) -> None:
    crm = work_in()
    order = bought(crm)
    number = crm.orders.apply_return(order, "T101", "仅退款", "拍错了")
    with pytest.raises(errors.IllegalTransition, match="处理中的退换"):
        crm.orders.ship_order(order, "顺丰速运", "SF100200300")
    crm.orders.ship_order(order, "顺丰速运", "SF100200300", pieces={"T901": 1})
    crm.orders.agree(number)
    assert order_status(crm, order) == "已发货"  # the rest needs no parcel any more
    with pytest.raises(errors.InvalidInput, match="还没有发货"):
        crm.orders.apply_return(bought(crm), "T101", "退货", "不想要了")


def test_shares_of_the_payment_are_those_of_the_workbook() -> None:
    shop = raw()
    amounts, items = shop.orders.head(400), shop.order_items
    items = items[items["订单编号"].isin(amounts["订单编号"])]
    expected = allocate_lines(
        amounts, items, paid="实付金额", price="单价", quantity="数量"
    ).groupby("订单编号")["分摊金额"].agg(list)  # fmt: skip
    for number, rows in items.groupby("订单编号"):
        paid = round(amounts.set_index("订单编号")["实付金额"][number] * 100)
        own = [
            {"qty": q, "unit_price": round(p * 100)}
            for q, p in zip(rows["数量"], rows["单价"], strict=True)
        ]
        assert order_facts.shares(paid, own) == [round(x * 100) for x in expected[number]]


# --- 结束订单 -------------------------------------------------------------------------------------
def test_closing_needs_a_reason_and_is_refused_while_a_return_is_open(work_in: Work) -> None:
    crm = work_in("tea", "客服")
    unpaid = crm.orders.close().frame["订单编号"].iloc[0]
    with pytest.raises(errors.InvalidInput, match="请填写原因"):
        crm.orders.close_order(unpaid, "")
    assert crm.orders.close_order(unpaid, "卖家缺货") == "未付款订单已关闭"
    row = crm.orders.detail(unpaid).order.iloc[0]
    assert (row["订单状态"], row["关闭原因"]) == ("未付款关闭", "卖家缺货")
    open_one = crm.orders.returns(open_only=True).page.frame
    finished = open_one[open_one["订单状态"] == "交易成功"]["订单编号"].iloc[0]
    with pytest.raises(errors.IllegalTransition, match="处理中的退换"):
        crm.orders.close_order(finished, "售后结束")
    line = last(crm)
    assert (line["outcome"], line["object"], line["action"]) == ("拒绝", finished, "结束订单")
    done = crm.orders.close_orders(
        [unpaid, finished, *crm.orders.close().frame["订单编号"][:2]], "清理"
    )
    assert done["结果"].tolist() == ["拒绝", "拒绝", "成功", "成功"]
    assert '"拒绝的行"' in last(crm)["detail"]


# --- notices --------------------------------------------------------------------------------------
def test_many_are_shipped_from_a_workbook_row_by_row(work_in: Work, tmp_path: Path) -> None:
    crm = work_in("tea", "仓库")
    waiting = crm.orders.ship()
    able = waiting[waiting["处理中的退换"] == ""]["订单编号"].tolist()
    rows = [
        {"订单编号": o, "快递公司": "顺丰速运", "运单号": f"SF{n:09d}"} for n, o in enumerate(able)
    ]
    rows += [rows[0], {"订单编号": "000", "快递公司": "顺丰速运", "运单号": "SF000000001"}]
    rows += [{"订单编号": able[1], "快递公司": "", "运单号": "x"}]
    path = write(tmp_path / "发货.xlsx", {"发货": pd.DataFrame(rows)}, ids=("订单编号", "运单号"))
    done = crm.orders.ship_orders(path)
    assert done["结果"].tolist() == ["成功"] * len(able) + ["拒绝"] * 3
    assert done["行"].tolist() == list(range(1, len(rows) + 1))
    messages = crm.orders.messages(notices.SHIPPED)
    assert len(messages) == len(able) and not messages["内容"].str.contains("[{}]").any()
    assert messages["收件人"].str.fullmatch(r"1\d\d\*{4}\d{4}").all()
    assert crm.orders.ship().empty
    with pytest.raises(errors.InvalidInput, match="缺少列：运单号"):
        crm.orders.ship_orders([{"订单编号": "1", "快递公司": "2"}])


def test_a_receipt_notice_goes_to_the_right_orders_once(work_in: Work) -> None:
    crm = work_in()
    orders = raw().orders
    limit = pd.Timestamp("2025-12-31 10:00:00") - pd.Timedelta(days=5)
    right = orders[(orders["订单状态"] == "已发货") & (orders["发货时间"] <= limit)]["订单编号"]
    done = crm.orders.notify_received(days=5)
    assert set(done["订单编号"]) == set(right) and set(done["结果"]) == {"成功"}
    assert set(crm.orders.notify_received(days=5)["结果"]) == {"跳过"}
    assert crm.orders.receive(5)["已通知"].all()
    assert len(crm.orders.messages(notices.ARRIVED)) == len(right)


def test_two_sessions_at_once_write_a_notice_once(work_in: Work) -> None:
    sessions = [work_in("tea", "店长") for _ in range(4)]
    failed: list[BaseException] = []

    def notify(crm: Session) -> None:
        try:
            crm.orders.notify_received(days=0)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=notify, args=(crm,)) for crm in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    told = sessions[0].orders.messages(notices.ARRIVED)
    assert len(told) == len(sessions[0].orders.receive(0)) > 0
    sessions[0].verify()


def test_a_template_that_could_not_be_filled_is_refused(work_in: Work) -> None:
    crm = work_in()
    order = bought(crm)
    for template, said in (
        ("【{店名}】{快递单}", "没有占位符"), ("您好", "签名"), ("【{店名}】{昵称", "没有成对"), (" ", "不能是空的"),
    ):  # fmt: skip
        with pytest.raises(errors.InvalidInput, match=said) as refused:
            crm.orders.ship_order(order, "顺丰速运", "SF100200300", template=template)
        assert set(refused.value.fields) == {"template"}
    assert order_status(crm, order) == "待发货"


# --- lists ----------------------------------------------------------------------------------------
def test_search_finds_what_pandas_finds(work_in: Work) -> None:
    crm, shop = work_in(), raw()
    orders = shop.orders
    found = crm.orders.search(
        status=["交易成功", "退款关闭"], since="2025-03-01", until="2025-03-31", by="paid_at",
        least=100, most=300.5, size=100, sort="amount",
    )  # fmt: skip
    day = orders["付款时间"].dt.date
    right = orders[
        orders["订单状态"].isin(["交易成功", "退款关闭"]) & orders["实付金额"].between(100, 300.5)
        & (day >= dt.date(2025, 3, 1)) & (day <= dt.date(2025, 3, 31))
    ]  # fmt: skip
    assert found.page.total == len(right) > 20
    assert found.amount == round(right["实付金额"].sum(), 2)
    assert set(found.page.frame["订单编号"]) <= set(right["订单编号"])
    assert found.page.frame["实付金额"].is_monotonic_decreasing
    assert found.page.frame["姓名"].str.contains("*", regex=False).all()
    person = shop.customers.iloc[5]
    for word in (person["客户编号"], person["昵称"], person["手机"]):
        numbers = crm.orders.search(buyer=word, size=100).page.frame["订单编号"]
        assert set(numbers) == set(orders[orders["客户编号"] == person["客户编号"]]["订单编号"])


def test_paging_covers_everything_once_and_ends_empty(work_in: Work) -> None:
    crm, orders = work_in(), raw().orders
    one = crm.orders.search(status="已发货", size=30).page
    pages = [
        crm.orders.search(status="已发货", size=30, page=p).page.frame
        for p in range(1, one.pages + 1)
    ]
    everything = pd.concat(pages)["订单编号"]
    assert sorted(everything) == sorted(orders[orders["订单状态"] == "已发货"]["订单编号"])
    assert crm.orders.search(status="已发货", size=30, page=one.pages + 1).page.frame.empty
    for wrong in ({"page": 0}, {"size": 101}, {"page": 1001}):
        with pytest.raises(errors.InvalidInput) as refused:
            crm.orders.search(**wrong)
        assert set(refused.value.fields) == set(wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"status": "没有的"}, {"since": "昨天"}, {"since": "2025-02-01", "until": "2025-01-01"},
     {"least": "很多"}, {"least": 3, "most": 2}, {"by": "name"}, {"sort": "; DROP TABLE orders"}],
)  # fmt: skip
def test_a_wrong_condition_names_its_field(work_in: Work, wrong: dict[str, Any]) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        work_in().orders.search(**wrong)
    assert set(refused.value.fields) <= set(wrong) and refused.value.fields


def test_amounts_that_do_not_add_up_are_the_planted_ones(work_in: Work) -> None:
    for shop in shops.TITLES:
        found = work_in(shop).orders.mismatches()
        planted = {
            p["order_id"]: p["error_fen"] / 100 for p in shops.planted(shop)["amount_mismatch"]
        }
        assert dict(zip(found["订单编号"], found["差额"].round(2), strict=True)) == planted


def test_returns_reasons_and_rates_equal_a_recomputation(work_in: Work) -> None:
    crm, shop = work_in("ceramics"), shops.variant("ceramics", STUDENT, "O1")
    view = crm.orders.returns(since="2025-01-01", until="2025-06-30", size=100)
    back = shop.returns
    asked = back[(back["申请时间"] >= "2025-01-01") & (back["申请时间"] < "2025-07-01")]
    assert view.page.total == len(asked)
    assert view.reasons["件数"].sum() == len(asked)
    assert view.reasons["原因"].iloc[0] == asked["原因"].value_counts().idxmax()
    valid = shops.valid_orders(shop.orders)
    sold = valid[(valid["付款时间"] >= "2025-01-01") & (valid["付款时间"] < "2025-07-01")]
    lines = shop.order_items["订单编号"].isin(sold["订单编号"]).sum()
    good = back[(back["退换状态"] == "退款成功") & back["订单编号"].isin(sold["订单编号"])]
    rates = view.rates.set_index(["指标"])
    assert rates.loc["退货率"].iloc[0]["数值"] == (good["类型"] == "退货").sum() / lines
    money = good[good["类型"] != "换货"]["退款金额"].sum() / sold["实付金额"].sum()
    assert rates.loc["退款率"].iloc[2]["数值"] == pytest.approx(money, rel=1e-12)


# --- the shop's time ------------------------------------------------------------------------------
def test_time_closes_unpaid_and_confirms_shipped_but_for_open_returns(work_in: Work) -> None:
    crm, shop = work_in("electronics"), shops.variant("electronics", STUDENT, "O1")
    orders, back = shop.orders, shop.returns
    unpaid = orders[orders["订单状态"] == "等待付款"]
    way = orders[orders["订单状态"] == "已发货"]
    stopped = set(
        back[back["退换状态"].isin(["待卖家同意", "待买家退货", "待卖家收货"])]["订单编号"]
    )
    due = way[
        (way["发货时间"] <= pd.Timestamp("2026-01-01 00:00")) & ~way["订单编号"].isin(stopped)
    ]
    done = crm.orders.advance(days=10, hours=14)
    assert done["超时关闭"] == len(unpaid) and done["超时确认"] == len(due)
    assert crm.now == dt.datetime(2026, 1, 11, 0, 0)
    now = crm.store.frame(order_facts.ORDERS).set_index("order_id")
    assert set(now.loc[unpaid["订单编号"], "status"]) == {life.VOID}
    assert set(now.loc[list(stopped & set(way["订单编号"])), "status"]) == {life.SENT}
    received = pd.to_datetime(now.loc[due["订单编号"], "received_at"]).reset_index(drop=True)
    assert (received == (due["发货时间"] + pd.Timedelta(days=10)).reset_index(drop=True)).all()
    line = last(crm)
    assert (line["action"], line["outcome"]) == ("推进时间", "成功") and "超时关闭" in line[
        "detail"
    ]
    for wrong in ({}, {"days": -1}, {"days": 61}, {"hours": 1.5}):
        with pytest.raises(errors.InvalidInput):
            crm.orders.advance(**wrong)  # type: ignore[arg-type]


# --- who may --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "act"),
    [
        ("仓库", lambda c: c.orders.close_order("1", "x")), ("客服", lambda c: c.orders.ship_order("1", "x", "y")),
        ("营销", lambda c: c.orders.returns()), ("数据分析", lambda c: c.orders.search()),
        ("客服", lambda c: c.orders.advance(days=1)), ("客服", lambda c: c.orders.export("x.xlsx")),
    ],
)  # fmt: skip
def test_a_role_without_the_right_is_refused_and_logged(
    work_in: Work, role: str, act: Callable[[Session], Any]
) -> None:
    crm = work_in("tea", role)
    with pytest.raises(errors.PermissionDenied):
        act(crm)
    assert (last(crm)["outcome"], last(crm)["role"]) == ("拒绝", role)


def test_only_the_declared_roles_cause_an_event(work_in: Work) -> None:
    crm = work_in()
    order = sent(crm)
    number = crm.orders.apply_return(order, "T101", "退货", "不想要了")
    crm.login("仓库")
    with pytest.raises(errors.PermissionDenied, match="客服"):
        crm.orders.agree(number)
    crm.login("客服")
    with pytest.raises(errors.PermissionDenied, match="买家（课堂上由店长扮演）"):
        crm.orders.withdraw_return(number)
    crm.orders.agree(number)
    crm.login("店长")
    crm.orders.send_back(number, "圆通速递", "YT900001")
    crm.login("客服")
    with pytest.raises(errors.PermissionDenied, match="仓库"):
        crm.orders.accept(number)
    allowed = crm.orders.allowed(order)
    mine = allowed[(allowed["对象"] == "退换") & allowed["我可以"]]
    assert mine.empty and "验收" in set(allowed["事件"])


def test_export_holds_all_that_was_found_masked(work_in: Work, tmp_path: Path) -> None:
    crm = work_in()
    path = crm.orders.export(tmp_path / "订单.xlsx", status="已发货")
    assert last(crm)["action"] == "导出"
    frame = pd.read_excel(path, dtype=str, engine="openpyxl")
    assert len(frame) == crm.orders.search(status="已发货").page.total
    assert frame["姓名"].str.contains("*", regex=False).all()
