"""Lab O5, 订单信息: orders as they should be found, and as the log has them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from autograder import compare
from autograder.operations import DONE, REFUSED, Work
from autograder.spec import Verdict
from crmkit import shops
from crmkit.crm.ordering import transitions as life
from crmkit.lab import forms
from crmkit.lab.inputs import o5
from crmkit.lab.inputs.o5 import FINISHED, ORDER, SENT, TO_SHIP
from crmkit.lab.snapshot import Raised
from crmkit.settings import settings

RULES = settings()["orders"]
LATE, TOLD_AFTER = RULES["late_hours"], RULES["receipt_notice_days"]
LISTED, REASONS, RATE = "名单", "原因", "退货率"
MEAN, OVERDUE = "平均小时", "超时订单"
SHIPPED_NOTE, ARRIVED_NOTE = "出库通知", "收货通知"
HINT = "回到题目，逐个条件核对：时间按哪一列，边界包含不包含，哪些订单不算"


@dataclass(frozen=True)
class World:
    """One student's shop and tasks."""

    student: str

    @property
    def data(self) -> o5.Data:
        return o5.data(self.student)

    @property
    def orders(self) -> pd.DataFrame:
        return self.data.shop.orders

    @property
    def returns(self) -> pd.DataFrame:
        return self.data.shop.returns

    def task(self, item: str) -> dict[str, Any]:
        return self.data.tasks[item]

    @cached_property
    def goods(self) -> pd.Series:
        """分 of the goods by order."""
        items = self.data.shop.order_items
        return (cents(items["单价"]) * items["数量"]).groupby(items[ORDER]).sum()


def cents(yuan: pd.Series) -> pd.Series:
    return (yuan * 100).round().astype("int64")


# --- 订单查询 -------------------------------------------------------------------------------------
def found(
    w: World, *, status: bool = True, amount: bool = True, open_ends: bool = False,
    last_day: bool = True,
) -> list[str]:  # fmt: skip
    t, o = w.task("O5-01"), w.orders
    when = o["下单时间"].dt.normalize() if last_day else o["下单时间"]
    keep = when.between(t["下单从"], t["到"])
    if status:
        keep &= o["订单状态"] == t["订单状态"]
    if amount:
        ends: Any = "neither" if open_ends else "both"
        keep &= o["实付金额"].between(t["实付从"], t["至"], inclusive=ends)
    return sorted(o.loc[keep, ORDER])


def mismatches(w: World, *, freight: bool = True, discount: bool = True) -> list[str]:
    o = w.orders
    should = w.goods.reindex(o[ORDER]).fillna(0).to_numpy()
    if freight:
        should = should + cents(o["运费"]).to_numpy()
    if discount:
        should = should - cents(o["优惠金额"]).to_numpy()
    return sorted(o.loc[cents(o["实付金额"]).to_numpy() != should, ORDER])


# --- 退换查询 -------------------------------------------------------------------------------------
def in_month(w: World, item: str, times: pd.Series) -> pd.Series:
    t = w.task(item)
    return times.dt.normalize().between(t["从"], t["到"])


def return_rate(
    w: World, *, kinds: tuple[str, ...] = ("退货",), by_refund: bool = False, amount: bool = False
) -> float:
    """Lines that came back, as a share of the lines paid for in the month."""
    valid = shops.valid_orders(w.orders)
    sold = valid[in_month(w, "O5-03", valid["付款时间"])]
    items = w.data.shop.order_items
    lines = items[items[ORDER].isin(sold[ORDER])]
    r = w.returns
    back = r[(r["退换状态"] == "退款成功") & r["类型"].isin(kinds)]
    if by_refund:
        back = back[in_month(w, "O5-03", back["完成时间"])]
    else:
        back = back[back[ORDER].isin(sold[ORDER])]
    if amount:
        return float(back["退款金额"].sum() / sold["实付金额"].sum())
    return len(back.drop_duplicates([ORDER, "商品编码"])) / len(lines)


def returned(w: World, *, by: str = "申请时间", rate: float | None = None) -> dict[str, Any]:
    """Everything that was applied for in the month, its reasons, the commonest first, the rate."""
    r = w.returns
    mine = r[in_month(w, "O5-03", r[by])]
    counts = mine["原因"].value_counts()
    ranked = sorted(counts.index, key=lambda x: (-counts[x], x))
    return {
        LISTED: sorted(mine["退换编号"]), REASONS: ranked,
        RATE: return_rate(w) if rate is None else rate,
        "counts": {str(k): int(n) for k, n in counts.items()},
    }  # fmt: skip


def same_returns(got: Any, expected: dict[str, Any]) -> Verdict:
    """List 0.4, reasons 0.3 (equal numbers in any order), rate 0.3."""
    mine = forms.mapping(got)
    lacking = [k for k in (LISTED, REASONS, RATE) if k not in mine]
    if lacking:
        raise forms.FormError(f"字典里缺少：{'、'.join(lacking)}")
    listed = compare.id_set("退换编号")(mine[LISTED], expected[LISTED])
    rate = compare.number(1e-4)(mine[RATE], expected[RATE])
    counts, named = expected["counts"], forms.ids(mine[REASONS], "原因")
    numbers = [counts.get(x, 0) for x in named]
    ranked = sorted(named) == sorted(counts) and numbers == sorted(numbers, reverse=True)
    words = [f"{k}：{v.found}" for k, v in ((LISTED, listed), (RATE, rate)) if v.share < 1]
    words += [] if ranked else ["原因：不全，或没有按件数从多到少排"]
    share = 0.4 * listed.share + 0.3 * ranked + 0.3 * rate.share
    if not words:
        return Verdict(1.0, f"{len(expected[LISTED])} 条退换、{len(named)} 种原因和退货率都正确")
    return Verdict(share, "；".join(words), HINT)


# --- 结束订单 -------------------------------------------------------------------------------------
def closed(w: World, work: Work, value: Any) -> dict[str, Any]:
    """What was ended, whether with the right reason, and whether the sixth was tried in vain."""
    t, ended, reasons = w.task("O5-04"), set(), {}
    for line, c in work.changed("orders"):
        if line.key == "orders.close":
            ended.add(c.key[0])
            unpaid = bool(c.after) and "status" in (c.after or {})
            want = t["没付款的写" if unpaid else "售后到期的写"]
            reasons[c.key[0]] = str(line.detail.get("原因", "")).strip() == want
    tried = {x.object for x in work.of("orders.close", outcome=REFUSED)}
    for line in work.of("orders.close", outcome=DONE):
        tried |= {row["订单"] for row in line.detail.get("拒绝的行", [])}
    return {
        "closed": sorted(ended), "reasons": bool(reasons) and all(reasons.values()),
        "refused": w.data.refused in tried,
    }  # fmt: skip


# --- 出库通知, 收货通知 ----------------------------------------------------------------------------
def notices(work: Work, purpose: str) -> dict[str, str]:
    """Order → text of its notice."""
    return {
        r["once_key"].split(":")[1]: r["text"]
        for r in work.rows("outbox")
        if r["purpose"] == purpose and r["once_key"].startswith(f"{purpose}:")
    }


def shipped(w: World, work: Work, value: Any) -> dict[str, Any]:
    """Orders that left, those told with number and waybill, whether the waybills are the list's."""
    sent: dict[str, str] = {}
    for line, c in work.changed("orders"):
        if line.key == "orders.ship" and c.after and c.after.get("status") == life.SENT:
            sent[c.key[0]] = str(c.after.get("waybill", ""))
    right = dict(zip(w.data.parcels[ORDER], w.data.parcels["运单号"], strict=True))
    texts = notices(work, SHIPPED_NOTE)
    told = [i for i, n in sent.items() if i in texts.get(i, "") and n in texts[i]]
    return {
        "shipped": sorted(sent), "told": sorted(told),
        "waybills": bool(sent) and all(right.get(i) == n for i, n in sent.items()),
    }  # fmt: skip


def to_ship(w: World, *states: str) -> list[str]:
    return sorted(w.orders.loc[w.orders["订单状态"].isin(states or TO_SHIP), ORDER])


def arrived(w: World, work: Work, value: Any) -> dict[str, Any]:
    """Orders with a 收货通知, and whether a later run wrote nothing more."""
    lines = work.of("orders.receive", action="收货通知", outcome=DONE)
    first = next((n for n, x in enumerate(lines) if x.detail.get("成功")), len(lines))
    again = any(not x.detail.get("成功") for x in lines[first + 1 :])
    return {"told": sorted(notices(work, ARRIVED_NOTE)), "again": again}


def waiting(w: World, days: float) -> list[str]:
    """Shipped, not confirmed, and gone for so many days."""
    o = w.orders
    limit = pd.Timestamp(w.data.now) - pd.Timedelta(days=days)
    return sorted(o.loc[(o["订单状态"] == SENT) & (o["发货时间"] <= limit), ORDER])


# --- 状态与操作 -----------------------------------------------------------------------------------
EVENTS = tuple(dict.fromkeys(t.event for t in life.ORDER.rows if t.source))


def pairs(w: World) -> list[tuple[Any, ...]]:
    """The full table: every state in words with every event."""
    return [(word, event) for word in life.ORDER.states.values() for event in EVENTS]


def truth(w: World, *more: tuple[str, str], without: tuple[str, ...] = ()) -> list[bool]:
    """What the table of states allows, and (wrongly) more, or without some events."""
    code = {word: state for state, word in life.ORDER.states.items()}
    return [
        (life.ORDER.may(code[word], event) and event not in without) or (word, event) in more
        for word, event in pairs(w)
    ]


def same_table(got: Any, expected: list[bool]) -> Verdict:
    """Each wrong answer costs as much as one of the allowed pairs: to say no to all earns nothing."""
    if not isinstance(got, list) or len(got) != len(expected):
        return Verdict(0.0, "函数没有返回结果", "先在笔记本里用几个例子试一试")
    wrong = [n for n, (a, b) in enumerate(zip(got, expected, strict=True)) if a is not b]
    if not wrong:
        return Verdict(1.0, f"{len(expected)} 组「状态、操作」全部正确")
    raised = [g.error for g in got if isinstance(g, Raised)]
    words = f"{len(expected)} 组「状态、操作」里有 {len(wrong)} 组不对"
    words += f"，其中 {len(raised)} 组出错：{raised[0]}" if raised else ""
    return Verdict(
        max(0.0, 1 - len(wrong) / sum(expected)), words, "要返回 True 或 False；逐行对照状态表"
    )


# --- 发货时长 -------------------------------------------------------------------------------------
def speed(
    w: World, *, since: str = "付款时间", limit: float = LATE, unit: float = 1.0
) -> dict[str, Any]:
    """Mean hours until an order of the month left, and the orders that took too long."""
    o = w.orders
    o = o[in_month(w, "O5-08", o["付款时间"]) & o["发货时间"].notna()]
    hours = (o["发货时间"] - o[since]).dt.total_seconds() / 3600
    return {MEAN: float(hours.mean() / unit), OVERDUE: sorted(o.loc[hours > limit, ORDER])}


def same_speed(got: Any, expected: dict[str, Any]) -> Verdict:
    mine = forms.mapping(got)
    lacking = [k for k in (MEAN, OVERDUE) if k not in mine]
    if lacking:
        raise forms.FormError(f"字典里缺少：{'、'.join(lacking)}")
    mean = compare.number(0.01, unit=" 小时")(mine[MEAN], expected[MEAN])
    late = compare.id_set(ORDER)(mine[OVERDUE], expected[OVERDUE])
    words = [f"{k}：{v.found}" for k, v in ((MEAN, mean), (OVERDUE, late)) if v.share < 1]
    if not words:
        return Verdict(1.0, f"平均时长和 {len(expected[OVERDUE])} 张超时订单都正确")
    return Verdict(0.5 * mean.share + 0.5 * late.share, "；".join(words), HINT)


def finished_in(w: World, ids: list[str]) -> list[str]:
    """Those of some orders that had been finished, not unpaid."""
    o = w.orders
    return sorted(o.loc[o[ORDER].isin(ids) & (o["订单状态"] == FINISHED), ORDER])
