"""What a campaign brought: rates over what was sent, revenue and ROI, uplift, A/B of two texts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from crmkit.analytics.indicators import Indicator
from crmkit.crm import entry
from crmkit.crm.audit import Operation, Row
from crmkit.crm.campaigns import gateway
from crmkit.crm.campaigns.targeting import HOLD_OUT
from crmkit.crm.errors import InvalidInput
from crmkit.crm.storage import tables
from crmkit.settings import settings

if TYPE_CHECKING:
    import pandas as pd

T = tables.metadata.tables
SENDS, ORDERS, RETURNS = T["campaign_sends"], T["orders"], T["returns"]
COSTS: Mapping[str, str] = {
    "budget": "成本按活动预算算（预算全部花掉）",
    "actual": "成本按实际算：短信费（模拟单价）+ 响应者用掉的优惠券",
}
REFUNDS: Mapping[str, str] = {"gross": "收入不减退款", "net": "收入减去这些订单的成功退款"}


class Difference(NamedTuple):
    """Two proportions compared. `low`–`high`: interval of the difference; `p`: two-sided."""

    difference: float | None
    low: float | None
    high: float | None
    z: float | None
    p: float | None


def two_proportions(k1: int, n1: int, k2: int, n2: int, confidence: float = 0.95) -> Difference:
    """k1/n1 − k2/n2, by the normal approximation.

    The interval is Wald's (each group its own variance), the test pools both groups under "no
    difference". Without anybody in a group there is no value; without any variance no z and p.

    >>> d = two_proportions(30, 200, 20, 200)
    >>> round(d.difference, 3), round(d.p, 4)
    (0.05, 0.1306)
    """
    if not n1 or not n2:
        return Difference(None, None, None, None, None)
    p1, p2 = k1 / n1, k2 / n2
    half = NormalDist().inv_cdf((1 + confidence) / 2) * math.sqrt(
        p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
    )
    pooled = (k1 + k2) / (n1 + n2)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    diff = p1 - p2
    z = diff / spread if spread else None
    p = math.erfc(abs(z) / math.sqrt(2)) if z is not None else None
    return Difference(diff, diff - half, diff + half, z, p)


@dataclass(frozen=True)
class Statistics:
    """A campaign's figures; `table` has them all in words, ratios without a base have no value."""

    sent: int
    held_out: int
    rates: Mapping[str, Indicator]
    revenue: float  # yuan
    cost: float  # yuan
    roi: float | None
    uplift: Difference
    table: pd.DataFrame
    note: str


def statistics(op: Operation, campaign: Row, *, cost: str, refunds: str) -> Statistics:
    """Figures of one campaign; test sends are in none of them.

    Rates of opening and the like need the log that the CRM keeps when it sends; campaigns from
    before have none, and no value. `revenue` is what the treated responders paid.
    """
    import pandas as pd

    wrong = entry.Wrong()
    entry.one_of(wrong, "cost", "成本口径", cost, COSTS)
    entry.one_of(wrong, "refunds", "退款口径", refunds, REFUNDS)
    wrong.raise_any()
    number = campaign["campaign_id"]
    rows = op.rows(sa.select(SENDS).where(SENDS.c.campaign_id == number))
    treated = [r for r in rows if r["via"] != HOLD_OUT]
    control = [r for r in rows if r["via"] == HOLD_OUT]
    responders = [r for r in treated if r["responded"]]
    sent, log = len(treated), _log(op, number)
    rates = {
        f"{word}率": Indicator.ratio(sum(log.get(e, 0) for e in events), sent if log else 0)
        for word, events in {
            "打开": (gateway.OPENED,), "点击": (gateway.CLICKED,), "退订": (gateway.OPTED_OUT,),
            "硬退信": (gateway.HARD,), "软退信": (gateway.SOFT,),
        }.items()
    }  # fmt: skip
    rates["响应率"] = Indicator.ratio(len(responders), sent)
    rates["转化率"] = Indicator.ratio(sum(1 for r in treated if r["order_id"]), sent)
    rates["对照组响应率"] = Indicator.ratio(sum(r["responded"] for r in control), len(control))
    revenue = _revenue(op, treated, refunds)
    spent = campaign["budget"] / 100 if cost == "budget" else _spent(op, campaign, len(responders))
    roi = (revenue - spent) / spent if spent else None
    uplift = two_proportions(
        len(responders), sent, int(rates["对照组响应率"].numerator), len(control),
        settings()["marketing"]["confidence"],
    )  # fmt: skip
    lines: list[tuple[str, Any, Any, Any, str]] = [
        ("发送人数", sent, None, None, "不含测试发送"),
        ("对照组人数", len(control), None, None, "符合条件但有意不发"),
        *((name, r.value, r.numerator, r.denominator, "÷ 发送人数" if "对照" not in name else "÷ 对照组人数")
          for name, r in rates.items()),
        ("收入（元）", revenue, None, None, REFUNDS[refunds]),
        ("成本（元）", spent, None, None, COSTS[cost]),
        ("投资回报率 ROI", roi, revenue - spent, spent, "（收入 − 成本）÷ 成本"),
        ("提升", uplift.difference, None, None, "发送组响应率 − 对照组响应率"),
        ("提升区间下限", uplift.low, None, None, "双样本比例的正态近似区间"),
        ("提升区间上限", uplift.high, None, None, "双样本比例的正态近似区间"),
        ("p 值（双侧）", uplift.p, None, None, "假设两组没有差别"),
    ]  # fmt: skip
    return Statistics(
        sent, len(control), rates, revenue, spent, roi, uplift,
        pd.DataFrame(lines, columns=["指标", "数值", "分子", "分母", "说明"]),
        f"响应：发送后 {settings()['marketing']['response_days']} 天内、活动结束前的第一张有效订单（课程约定）；"
        f"置信水平 {settings()['marketing']['confidence']:.0%}。分母为 0 或没有记录时没有数值。",
    )  # fmt: skip


def compare_texts(op: Operation, first: Row, second: Row | None) -> pd.DataFrame:
    """A/B: response of two campaigns, or of the two texts of one; difference and two-sided p.

    Raises
    ------
    InvalidInput
        One campaign is given and it has only one text.
    """
    import pandas as pd

    if second is not None:
        groups = [
            (f"A：{first['name']}", _sent(op, first)),
            (f"B：{second['name']}", _sent(op, second)),
        ]
    else:
        if not first["template_b"]:
            raise InvalidInput(
                f"活动「{first['name']}」只有一个文案，不能比较。再选一个活动，或新建活动时填写文案B。",
                {"other": "请再选一个活动"},
            )
        rows = _sent(op, first)
        groups = [(f"文案{v}", [r for r in rows if r["version"] == v]) for v in ("A", "B")]
    counts = [(name, len(rows), sum(r["responded"] for r in rows)) for name, rows in groups]
    (_, n1, k1), (_, n2, k2) = counts
    d = two_proportions(k1, n1, k2, n2, settings()["marketing"]["confidence"])
    frame = pd.DataFrame(
        [(name, n, k, k / n if n else None) for name, n, k in counts],
        columns=["文案", "发送人数", "响应人数", "响应率"],
    )
    for label, value in (("A 减 B", d.difference), ("区间下限", d.low), ("区间上限", d.high),
                         ("z", d.z), ("p 值（双侧）", d.p)):  # fmt: skip
        frame[label] = pd.Series([value, None], dtype="float64")
    return frame


def _sent(op: Operation, campaign: Row) -> list[Row]:
    chosen = sa.select(SENDS).where(
        SENDS.c.campaign_id == campaign["campaign_id"], SENDS.c.via != HOLD_OUT
    )
    return op.rows(chosen)


def _log(op: Operation, campaign_id: str) -> dict[str, int]:
    g = tables.campaign_log.c
    counted = (
        sa.select(g.event, sa.func.count().label("n"))
        .where(g.campaign_id == campaign_id)
        .group_by(g.event)
    )
    return {r["event"]: int(r["n"]) for r in op.rows(counted)}


def _revenue(op: Operation, treated: list[Row], refunds: str) -> float:
    """Yuan paid for the orders of the treated, every order once."""
    orders = op.find_many(ORDERS, [r["order_id"] for r in treated if r["order_id"]])
    total = sum(o["amount"] for o in orders.values())
    if refunds == "net" and orders:
        ids = list(orders)
        for n in range(0, len(ids), 400):
            chosen = sa.select(sa.func.coalesce(sa.func.sum(RETURNS.c.amount), 0)).where(
                RETURNS.c.order_id.in_(ids[n : n + 400]), RETURNS.c.status == "SUCCESS"
            )
            total -= int(op.connection.execute(chosen).scalar_one())
    return total / 100


def _spent(op: Operation, campaign: Row, responders: int) -> float:
    """Yuan for messages and used coupons. Sends from before the CRM count one part each."""
    o = tables.outbox.c
    number = campaign["campaign_id"]
    parts = op.connection.execute(
        sa.select(sa.func.sum(o.parts)).where(o.campaign_id == number, o.purpose != gateway.TEST)
    ).scalar()
    if parts is None:
        chosen = sa.select(sa.func.count()).where(
            SENDS.c.campaign_id == number, SENDS.c.via == gateway.SMS
        )
        parts = op.connection.execute(chosen).scalar_one()
    fee = settings()["marketing"]["sms_fee"]
    return round(int(parts) * fee + responders * campaign["coupon"] / 100, 2)
