"""Judge of lab O5, 订单信息: search, returns, closing, shipping and receipt notices."""

from __future__ import annotations

from typing import Any

from autograder import compare
from autograder.source.O5.reference import (
    ARRIVED_NOTE,
    LATE,
    LISTED,
    MEAN,
    ORDER,
    OVERDUE,
    RATE,
    REASONS,
    SHIPPED_NOTE,
    TOLD_AFTER,
    World,
    arrived,
    closed,
    finished_in,
    found,
    mismatches,
    pairs,
    return_rate,
    returned,
    same_returns,
    same_speed,
    same_table,
    shipped,
    speed,
    to_ship,
    truth,
    waiting,
)
from autograder.spec import LabSpec, Level
from crmkit.lab import checks
from crmkit.lab.inputs import o5
from crmkit.lab.inputs.o5 import TO_SHIP

NUMBER = r"\d{18}"


def world(student: str) -> World:
    return World(student)


lab = LabSpec("O5", "订单信息", world=world, shop=o5.SHOP)

# ------------------------------------------------------------------ 订单查询


@lab.item("O5-01", points=12, core=True, title="订单查询",
          need="给定状态、下单日期和实付金额（两头都含）的全部订单",
          public=checks.Ids(ORDER, NUMBER, least=1, most=400), compare=compare.id_set(ORDER))  # fmt: skip
def search(w: World) -> list[str]:
    return found(w)


@search.mistake("最后一天的订单漏了：日期两头都含，到最后一天的 24 点", share=0.5)
def search_last_day(w: World) -> list[str]:
    return found(w, last_day=False)


@search.mistake("金额刚好等于两头的订单漏了：两头都含", share=0.5)
def search_open(w: World) -> list[str]:
    return found(w, open_ends=True)


@search.mistake("没有限定订单状态：退款关闭和未付款关闭的也查出来了", share=0.3)
def search_any_state(w: World) -> list[str]:
    return found(w, status=False)


@search.mistake("没有限定实付金额：「实付从」「到」都要填", share=0.3)
def search_any_amount(w: World) -> list[str]:
    return found(w, amount=False)


@lab.item("O5-02", points=10, title="金额核对", need="实付金额不等于 商品金额 + 运费 − 优惠金额 的订单",
          public=checks.Ids(ORDER, NUMBER, least=1, most=50), compare=compare.id_set(ORDER))  # fmt: skip
def unbalanced(w: World) -> list[str]:
    return mismatches(w)


@unbalanced.mistake("没有算运费：有运费的订单都成了对不上的", share=0.3)
def unbalanced_freight(w: World) -> list[str]:
    return mismatches(w, freight=False)


@unbalanced.mistake("没有减优惠金额：有优惠的订单都成了对不上的", share=0.3)
def unbalanced_discount(w: World) -> list[str]:
    return mismatches(w, discount=False)


# ------------------------------------------------------------------ 退换查询


@lab.item("O5-03", points=14, core=True, title="退换查询",
          need="给定月份申请的退换编号、从多到少的原因，以及退货率（明细行，按付款日）",
          public=checks.Parts(numbers=(RATE,), lists=(LISTED, REASONS), low=0, high=1, least=2, most=200),
          compare=same_returns)  # fmt: skip
def returns(w: World) -> dict[str, Any]:
    return returned(w)


@returns.mistake("退货率连仅退款一起算了，那是退款率：只算类型是退货的", share=0.75)
def returns_refunds(w: World) -> dict[str, Any]:
    return returned(w, rate=return_rate(w, kinds=("退货", "仅退款")))


@returns.mistake("退货率按退款日归集了：题目按付款日，看这批订单后来退了多少", share=0.75)
def returns_by_refund(w: World) -> dict[str, Any]:
    return returned(w, rate=return_rate(w, by_refund=True))


@returns.mistake("退货率用了金额：题目用明细行数", share=0.75)
def returns_amount(w: World) -> dict[str, Any]:
    return returned(w, rate=return_rate(w, amount=True))


@returns.mistake("名单按完成日期取的：题目按申请日期", share=0.4)
def returns_finished(w: World) -> dict[str, Any]:
    return returned(w, by="完成时间")


# ------------------------------------------------------------------ 结束订单


@lab.operation("O5-04", points=14, core=True, title="结束订单",
               need="六张订单里可以结束的五张写明原因结束；还有一张试过并被系统拒绝",
               log=checks.Operations(("orders.close",), ("结束订单", "批量结束订单")), reads=closed,
               compare=compare.facts({"closed": 0.6, "reasons": 0.15, "refused": 0.25}, {
                   "closed": "结束了的订单不对", "reasons": "有的订单原因没有照题目写",
                   "refused": "日志里没有那张不能结束的订单被拒绝的记录"}))  # fmt: skip
def ended(w: World) -> dict[str, Any]:
    return {"closed": w.data.allowed, "reasons": True, "refused": True}


@ended.mistake("只结束了没付款的：售后期已过的交易成功订单也要结束", share=0.5)
def ended_unpaid(w: World) -> dict[str, Any]:
    over = finished_in(w, w.data.allowed)
    return {**ended.expect(w), "closed": [i for i in w.data.allowed if i not in over]}


@ended.mistake("只结束了售后期已过的：没付款的订单也要结束（关闭交易）", share=0.4)
def ended_finished(w: World) -> dict[str, Any]:
    return {**ended.expect(w), "closed": finished_in(w, w.data.allowed)}


@ended.mistake("五张都对了，还有一张没有试：对它也做一次「结束订单」，看系统怎样拒绝", share=0.75)
def ended_untried(w: World) -> dict[str, Any]:
    return {**ended.expect(w), "refused": False}


@ended.sign("结束了六张以外的订单：只做题目给的六张", share=0.4)
def ended_more(w: World, got: Any) -> bool:
    return bool(set(got["closed"]) - set(w.data.allowed))


# ------------------------------------------------------------------ 出库通知, 收货通知


@lab.operation("O5-05", points=14, core=True, title=SHIPPED_NOTE,
               need="所有已付款、没发完的订单都按发货单出库，每张订单有一条填好编号和运单号的通知",
               log=checks.Operations(("orders.ship",), ("出库", "批量出库")), reads=shipped,
               compare=compare.facts({"shipped": 0.5, "told": 0.3, "waybills": 0.2}, {
                   "shipped": "出库的订单不对", "told": "有通知的订单不对（通知里要有订单编号和运单号）",
                   "waybills": "有的运单号与发货单不符"}))  # fmt: skip
def sent(w: World) -> dict[str, Any]:
    return {"shipped": to_ship(w), "told": to_ship(w), "waybills": True}


@sent.mistake("「部分发货」的订单漏了：还有东西没发，也要发", share=0.4)
def sent_whole(w: World) -> dict[str, Any]:
    return {"shipped": to_ship(w, TO_SHIP[0]), "told": to_ship(w, TO_SHIP[0]), "waybills": True}


@sent.mistake("只发了「部分发货」的：「待发货」的订单也要发", share=0.4)
def sent_part(w: World) -> dict[str, Any]:
    return {"shipped": to_ship(w, TO_SHIP[1]), "told": to_ship(w, TO_SHIP[1]), "waybills": True}


@sent.mistake("都发了，但运单号与发货单不符：每张订单用发货单上自己的那一个", share=0.7)
def sent_mixed(w: World) -> dict[str, Any]:
    return {**sent.expect(w), "waybills": False}


@sent.mistake("通知里少了订单编号或运单号：文案里留着 {订单编号} 和 {运单号}", share=0.7)
def sent_empty(w: World) -> dict[str, Any]:
    return {**sent.expect(w), "told": []}


@lab.operation("O5-06", points=14, core=True, title=ARRIVED_NOTE,
               need=f"发货满 {TOLD_AFTER} 天、没确认收货的订单各有一条通知；再做一次没有重复",
               log=checks.Operations(("orders.receive",), ("收货通知",)), reads=arrived,
               compare=compare.facts({"told": 0.8, "again": 0.2}, {
                   "told": "有收货通知的订单不对", "again": "日志里没有第二次、什么也没有再发的通知"}))  # fmt: skip
def reminded(w: World) -> dict[str, Any]:
    return {"told": waiting(w, TOLD_AFTER), "again": True}


@reminded.mistake("通知对了，但只做了一次：再做一次，看系统会不会重复通知", share=0.8)
def reminded_once(w: World) -> dict[str, Any]:
    return {"told": waiting(w, TOLD_AFTER), "again": False}


@reminded.mistake("要求发货满 6 天才通知：满 5 天就通知", share=0.4)
def reminded_late(w: World) -> dict[str, Any]:
    return {"told": waiting(w, TOLD_AFTER + 1), "again": True}


@reminded.sign("不满 5 天的订单也通知了：东西还在路上就催，是打扰", share=0.3)
def reminded_early(w: World, got: Any) -> bool:
    return set(got["told"]) > set(waiting(w, TOLD_AFTER))


# ------------------------------------------------------------------ 状态与操作, 发货时长


@lab.item("O5-07", points=8, title="什么状态可以做什么",
          need="函数：订单在给定状态时，状态表里有没有给定的操作",
          public=checks.Function(("status", "action"), ("等待付款", "付款")), compare=same_table, calls=pairs)  # fmt: skip
def allowed(w: World) -> list[bool]:
    return truth(w)


@allowed.mistake("「部分发货」的订单还可以出库：剩下的东西也要发", share=0.7)
def allowed_part(w: World) -> list[bool]:
    wrong = {("部分发货", "出库"), ("部分发货", "部分出库")}
    return [x and pair not in wrong for x, pair in zip(allowed.expect(w), pairs(w), strict=True)]


@allowed.mistake("「交易成功」以后还有事可做：售后期内申请退换，过了售后期结束订单", share=0.7)
def allowed_end(w: World) -> list[bool]:
    return [
        x and pair[0] != "交易成功" for x, pair in zip(allowed.expect(w), pairs(w), strict=True)
    ]


@allowed.mistake("没付款可以取消，付了款不能：付款以后要走申请退换", share=0.8)
def allowed_cancel(w: World) -> list[bool]:
    return truth(w, ("待发货", "取消"))


@allowed.mistake("把退换的操作也放进来了，或只看了有没有这个操作：状态和操作要一起看", share=0.1)
def allowed_any(w: World) -> list[bool]:
    return [True for _ in pairs(w)]


@lab.item("O5-08", points=6, title="发货时长",
          need=f"给定月份付款的订单，从付款到发货的平均小时，以及超过 {LATE} 小时的订单",
          public=checks.Parts(numbers=(MEAN,), lists=(OVERDUE,), low=0, high=500, least=1, most=200),
          compare=same_speed)  # fmt: skip
def hours(w: World) -> dict[str, Any]:
    return speed(w)


@hours.mistake("从下单算起了：题目从付款算起", share=0.5)
def hours_ordered(w: World) -> dict[str, Any]:
    return speed(w, since="下单时间")


@hours.mistake("平均数的单位是天：题目要小时", share=0.7)
def hours_days(w: World) -> dict[str, Any]:
    return speed(w, unit=24)


@hours.mistake("超时用了 24 小时：题目是超过 48 小时", share=0.6)
def hours_one_day(w: World) -> dict[str, Any]:
    return speed(w, limit=24)


lab.manual(
    "O5-09", points=8, title="一条延误通知", need="给一位等了太久的买家写延误通知：道歉、日期、补救",
    rubric=(
        Level(8, "有道歉，有发货和预计送到的日期，有买家可以选的补救办法；称呼、店名齐全，不超过 100 字"),
        Level(6, "三点都有，但其中一点含糊（如“尽快发出”），或太长"),
        Level(4, "只有其中两点"),
        Level(2, "只有道歉或只有解释"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
