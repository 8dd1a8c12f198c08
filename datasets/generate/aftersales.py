"""Returns, exchanges and refunds, each on one line of an order, along the platform's states."""

from __future__ import annotations

import datetime as dt

from .draws import Draws, Weighted
from .spec import END, Order, Return, Shop

AFTERSALE = dt.timedelta(days=15)  # simulated, as in crmkit/settings.toml
_CANCEL = Weighted({"不想要了": 4.0, "拍错了": 2.5, "迟迟不发货": 1.5, "地址填错": 1.0})
_BROKEN = "破损"
# What is asked for: nothing wrong with the goods means sending them back; a fault leaves a choice.
_KINDS = {
    "退": Weighted({"退货": 1.0}),
    "换": Weighted({"退货": 0.45, "换货": 0.55}),
    "错": Weighted({"退货": 0.45, "仅退款": 0.35, "换货": 0.20}),
}
_WISH = {
    **dict.fromkeys(("不想要了", "七天无理由", "口味不合", "与图片不符"), "退"),
    **dict.fromkeys(("尺寸不合", "型号不合", "发错货"), "换"),
}


def _after(when: dt.datetime, low: float, high: float, draws: Draws) -> dt.datetime:
    return when + dt.timedelta(seconds=int(draws.uniform(low, high) * 3600))


def _refund(
    order: Order, line: int, kind: str, reason: str, applied: dt.datetime, draws: Draws
) -> Return:
    """One case, carried as far as the last midnight lets it go."""
    amount = 0 if kind == "换货" else order.shares()[line]
    case = Return(order, line, kind, reason, applied, None, amount, "WAIT_SELLER_AGREE")
    end = draws.random()
    agreed = _after(applied, 3, 60, draws)
    if agreed >= END:
        return case
    if end < 0.04:
        case.status = "SELLER_REFUSE_BUYER"
        return case
    if end < 0.09:
        case.status, case.finished_at = "CLOSED", agreed  # withdrawn by the buyer
        return case
    if kind == "仅退款":
        case.status, case.finished_at = "SUCCESS", agreed
        return case
    case.status = "WAIT_BUYER_RETURN_GOODS"
    sent = _after(agreed, 12, 110, draws)
    if sent >= END:
        return case
    case.status = "WAIT_SELLER_CONFIRM_GOODS"
    done = _after(sent, 44, 168, draws)
    if done < END:
        case.status, case.finished_at = "SUCCESS", done
    return case


def cancel(order: Order, draws: Draws) -> list[Return]:
    """The whole order is refunded before the goods leave, and the trade closes."""
    assert order.paid_at is not None
    applied = _after(order.paid_at, 0.2, 9, draws)
    done = _after(applied, 0.3, 12, draws)
    if done >= END:
        return []
    order.status = "TRADE_CLOSED"
    order.shipped_at = order.received_at = None
    reason = draws.weighted(_CANCEL)
    order.closed_reason = "退款成功，交易关闭"
    return [
        Return(order, i, "仅退款", reason, applied, done, share, "SUCCESS")
        for i, share in enumerate(order.shares())
    ]


def reject(order: Order, reasons: Weighted[str], draws: Draws) -> list[Return]:
    """Everything comes back before the order is finished, and the trade closes."""
    assert order.shipped_at is not None
    applied = _after(order.shipped_at, 50, 110, draws)
    done = _after(applied, 60, 170, draws)
    if done >= END:
        return []
    order.status = "TRADE_CLOSED"
    order.received_at = None
    order.closed_reason = "退款成功，交易关闭"
    reason = draws.weighted(reasons)
    return [
        Return(order, i, "退货", reason, applied, done, share, "SUCCESS")
        for i, share in enumerate(order.shares())
    ]


def _claim(order: Order, line: int, reason: str, draws: Draws) -> Return | None:
    """A complaint about one line after receipt, or on the way when the order is not finished yet."""
    if order.received_at is not None:
        applied = order.received_at + AFTERSALE * (draws.random() ** 1.7 * 0.98)
    else:
        assert order.shipped_at is not None
        applied = _after(order.shipped_at, 60, 150, draws)
    applied = applied.replace(microsecond=0)
    if applied >= END:
        return None
    kind = draws.weighted(_KINDS[_WISH.get(reason, "错")])
    return _refund(order, line, kind, reason, applied, draws)


def _reasons(shop: Shop) -> dict[str, Weighted[str]]:
    """Section → why its goods come back."""
    return {
        section: Weighted(
            (reason, weight)
            for reason, weight in shop.return_reasons.items()
            if section in shop.reason_sections.get(reason, (section,))
        )
        for section in {p.section for p in shop.products}
    }


def claims(shop: Shop, orders: list[Order]) -> list[Return]:
    """All cases of a shop, numbered in the order they were applied for."""
    draws = Draws(shop.name, "aftersales")
    reasons = _reasons(shop)
    sections = {p.sku: p.section for p in shop.products}
    out: list[Return] = []
    for order in orders:
        if not order.paid or order.plant:
            continue
        if draws.chance(0.014) and order.status != "SELLER_CONSIGNED_PART":
            out += cancel(order, draws)
            continue
        if order.status not in ("WAIT_BUYER_CONFIRM_GOODS", "TRADE_FINISHED"):
            continue
        if draws.chance(0.006):
            out += reject(order, reasons[sections[order.lines[0].sku]], draws)
            continue
        lines = list(range(len(order.lines)))
        broken = [
            i
            for i in lines
            if draws.chance(shop.breakage.get(shop.product(order.lines[i].sku).packaging, 0.0))
        ]
        # Bought in haste: reduced goods come back more often than goods at full price.
        rate = shop.return_rate * (1.45 if order.discount else 0.75)
        goods = [i for i in lines if order.lines[i].sku != shop.gift_wrap]
        if not broken and draws.chance(rate):
            line = draws.pick(goods)
            reason = draws.weighted(reasons[sections[order.lines[line].sku]])
            case = _claim(order, line, reason, draws)
            out += [case] if case else []
        for i in broken:
            case = _claim(order, i, _BROKEN, draws)
            out += [case] if case else []
    out.sort(key=lambda r: (r.applied_at, r.order.id, r.line))
    for number, case in enumerate(out, start=1):
        case.id = f"R{number:05d}"
    return out
