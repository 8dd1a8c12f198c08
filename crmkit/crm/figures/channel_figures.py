"""What the functions of 渠道关系 count, one row a channel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from crmkit.analytics import purchases
from crmkit.analytics.indicator import Indicator
from crmkit.analytics.paid import Flags, Ints, Paid, date_of, day_number, sums
from crmkit.analytics.purchases import NEW_DEFINITIONS
from crmkit.analytics.refunds import RATES, REFUND_BASES, is_mature, refunded
from crmkit.analytics.window import Window, add_months
from crmkit.crm.figures.breakdown import Factors, divide, in_months, pieces_by_group
from crmkit.crm.figures.customer_figures import NEW_TO, split_columns, split_figures
from crmkit.crm.figures.scope import Result, Scope, chosen
from crmkit.settings import settings

OPEN = "open"


def dormant(scope: Scope, days: int | None) -> Result:
    """休眠渠道; see `channels.Channels.dormant`."""
    limit = settings()["channels"]["dormant_days"] if days is None else days
    facts, history = scope.facts, scope.history(all_channels=True)
    table = _channels(scope)
    last = np.full(len(table), -1, dtype=np.int64)
    known = history.channel >= 0
    np.maximum.at(last, history.channel[known], history.day[known])
    ever = last >= 0
    opened = [day_number(dt.date.fromisoformat(d)) if d else scope.day
              for d in facts.channels["opened_at"]]  # fmt: skip
    since = scope.day - np.where(ever, last, opened)
    asleep = (facts.channels["status"] == OPEN).to_numpy() & (since > limit)
    table["末单日期"] = pd.to_datetime(pd.Series(last).where(ever), unit="D")
    table["沉睡天数"] = since
    table["有订单"] = ever
    orders, cents = (np.zeros(len(table), dtype=np.int64) for _ in range(2))
    for c in np.flatnonzero(asleep & ever):
        end = date_of(last[c] + 1)
        active = history.of_channel(int(c)).between(Window(add_months(end, -12), end))
        orders[c], cents[c] = len(active), active.amount
    table["最后12个月订单数"], table["最后12个月金额"] = orders, cents / 100
    table["备注"] = facts.channels["note"]
    return Result(
        {"休眠渠道": Indicator.ratio(int(asleep.sum()), int((facts.channels["status"] == OPEN).sum()))},
        table[asleep].reset_index(drop=True), {}, scope.words(),
        (f"休眠：状态为营业中，且超过 {limit} 天没有有效订单（天数是课程约定）；从没有订单的从开通日算起。",
         "最后12个月：到末单那天为止的 12 个月。"),
    )  # fmt: skip


def sales(scope: Scope, months: int) -> Result:
    """渠道销量; see `channels.Channels.sales`."""
    facts, ledger = scope.facts, scope.facts.ledger
    table, size = _channels(scope), len(scope.facts.channels)
    sold, known_day = scope.sold(), scope.day
    gross = _by_channel(sold, size)
    back = ledger.refunded(known_day)[slice(None) if sold.rows is None else sold.rows]
    refunds = sums(*_known(sold.channel, back), size)
    table["订单数"], table["买家数"] = gross.orders, gross.buyers
    with_channel = sold.take(sold.channel >= 0)
    table["件数"] = pieces_by_group(
        Scope(facts, scope.as_of, scope.window, scope.channel), with_channel, with_channel.channel, size
    )  # fmt: skip
    net = gross.cents - refunds
    table["支付金额"], table["退款金额"], table["净额"] = (
        gross.cents / 100,
        refunds / 100,
        net / 100,
    )
    counted = net if scope.net else gross.cents
    table["金额占比"] = divide(counted, counted.sum())
    table["金额环比"] = np.nan
    if scope.window is not None:
        before = _by_channel(scope.history().between(scope.window.previous()), size).cents
        now = _by_channel(scope.paid(), size).cents
        table["金额环比"] = np.where(before > 0, divide(now - before, before), np.nan)
    rates = facts.channels["fee_rate"].to_numpy(dtype=np.float64)
    fee = np.rint(net * rates).astype(np.int64)
    table["平台费"], table["扣费后"] = fee / 100, (net - fee) / 100
    figures = {
        "支付金额": Indicator.total(int(gross.cents.sum()) / 100),
        "退款金额": Indicator.total(int(refunds.sum()) / 100),
        "净额": Indicator.total(int(net.sum()) / 100),
        "扣费后": Indicator.total(int((net - fee).sum()) / 100),
    }
    return Result(
        figures, _mine(scope, table, "支付金额" if not scope.net else "净额"),
        {"逐月": _monthly_sales(scope, months)}, scope.words(),
        ("订单数、件数、买家数按支付口径（退款不减）；一个买家在几个渠道都买过，每个渠道各算一次。",
         "退款金额：这些订单到数据日期为止已成功的退款；净额 = 支付金额 − 退款金额。",
         "金额占比和环比按所选的退款口径。平台费 = 净额 × 费率（费率在渠道列表里填写），四舍五入到分。",
         "环比：与前一个等长时间段（整月则为前一个月）比。" if scope.window else "没有选时间段，所以没有环比。"),
    )  # fmt: skip


def return_rate(scope: Scope, rate: str, months: int) -> Result:
    """退货率分析; see `channels.Channels.return_rate`."""
    chosen(rate, "rate", RATES)
    facts, ledger = scope.facts, scope.facts.ledger
    size, name = len(facts.channels), "退货率" if rate == "return" else "退款率"
    where = np.where(ledger.channel < 0, size, ledger.channel)
    sold = scope.sold()
    among = Scope(facts, scope.as_of, None, scope.channel).paid()
    table, figures = _channels(scope), {}
    for basis, words in (("paid", "按付款日"), ("refunded", "按退款日")):
        found = refunded(
            ledger, sold, where, size + 1, window=scope.window, basis=basis, rate=rate,
            day=scope.day, among=among,
        )  # fmt: skip
        lines, amount = f"{name}（行，{words}）", f"{name}（金额，{words}）"
        if basis == "paid":
            table["明细行"], table["支付金额"] = found.lines[:size], found.cents[:size] / 100
        table[f"退行（{words}）"] = found.lines_back[:size]
        table[f"退款金额（{words}）"] = found.cents_back[:size] / 100
        table[lines] = divide(found.lines_back, found.lines)[:size]
        table[amount] = divide(found.cents_back, found.cents)[:size]
        figures[lines], figures[amount] = found.by_lines(), found.by_amount()
    rule = settings()["orders"]
    wait = rule["auto_confirm_days"] + rule["aftersale_days"]
    mature = is_mature(scope.window, scope.day, wait) if scope.window else False
    return Result(
        figures, _mine(scope, table, "支付金额"), {"逐月": _monthly_rates(scope, rate, name, months, wait)},
        scope.words() | {"退款口径": "支付金额（分母不减退款）", "成熟": "是" if mature else "否"},
        (RATES[rate] + "；换货都不算。", "按行：成功退了的明细行 ÷ 有效明细行；按金额：退款金额 ÷ 支付金额。",
         *(f"{v}。" for v in REFUND_BASES.values()),
         f"未成熟：付款还不满 {wait} 天（自动确认收货 {rule['auto_confirm_days']} 天 + 售后 {rule['aftersale_days']} 天，"
         "模拟的平台规则）的订单还会有退货，按付款日的数偏低，逐月表里标出。"),
    )  # fmt: skip


def new_customers(scope: Scope, definition: str, new_to: str, months: int) -> Result:
    """新顾客分析; see `channels.Channels.new_customers`."""
    return _new_old(scope, definition, new_to, months, "新客数")


def old_customers(scope: Scope, definition: str, new_to: str, months: int) -> Result:
    """老客户分析; see `channels.Channels.old_customers`."""
    result = _new_old(scope, definition, new_to, months, "老客数")
    paid, size = scope.paid(), len(scope.facts.channels)
    mine = paid.take(paid.channel >= 0)
    pair = mine.customer.astype(np.int64) * size + mine.channel
    keys, count = np.unique(pair, return_counts=True)
    repeat = np.bincount(keys[count >= 2] % size, minlength=size)
    repeat_of = dict(zip(scope.facts.channels["channel_id"], repeat, strict=True))
    table = result.table
    table["复购买家"] = table["渠道编号"].map(repeat_of)
    table["复购率"] = divide(table["复购买家"], table["买家数"])
    figures = {**result.figures, "复购率": purchases.repeat_rate(paid)}
    notes = (
        *result.notes,
        "复购率：时间段内在这个渠道下单 2 次及以上的买家 ÷ 买家（渠道内去重）；合计按全店去重。",
    )
    return Result(figures, table, result.tables, result.scope, notes)


def order_value(scope: Scope) -> Result:
    """客单价分析 by channel; see `channels.Channels.order_value`."""
    facts, paid = scope.facts, scope.paid()
    size = len(facts.channels)
    overall = Factors(scope, paid, np.zeros(len(paid), dtype=np.int64), 1)
    known = paid.take(paid.channel >= 0)
    table = Factors(scope, known, known.channel, size).frame(
        {"渠道编号": [*facts.channels["channel_id"]], "渠道名称": [*facts.channels["name"]]}
    )
    return Result(
        overall.figures(), _mine(scope, table, "支付金额"), {}, scope.words(),
        ("客单价 = 支付金额 ÷ 支付买家数（渠道内去重）；合计的买家按全店去重。",
         "各渠道笔单价按订单数加权平均，等于全店笔单价；客单价没有这样的关系，因为有人在几个渠道都买。"),
    )  # fmt: skip


# --- in common ------------------------------------------------------------------------------------
def _channels(scope: Scope) -> pd.DataFrame:
    c = scope.facts.channels
    return pd.DataFrame({"渠道编号": c["channel_id"], "渠道名称": c["name"], "平台": c["type"]})


def _mine(scope: Scope, table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Only the channel of the scope, the largest first."""
    if scope.channel is not None:
        table = table[table["渠道编号"] == scope.channel]
    return table.sort_values([by, "渠道编号"], ascending=[False, True], ignore_index=True)


def _known(channel: Ints, values: Ints) -> tuple[Ints, Ints]:
    known = channel >= 0
    return channel[known], values[known]


def _by_channel(paid: Paid, size: int) -> purchases.Groups:
    known = paid.take(paid.channel >= 0)
    return purchases.by_group(known, known.channel, size)


def _monthly_sales(scope: Scope, months: int) -> pd.DataFrame:
    windows, size = scope.months(months), len(scope.facts.channels)
    if not windows:
        return pd.DataFrame()
    history = scope.history()
    mine = history.take((history.channel >= 0) & (in_months(history, windows) >= 0))
    at = in_months(mine, windows)
    found = purchases.by_group(mine, at * size + mine.channel, size * len(windows))
    table = _by_month(scope, windows)
    table["订单数"], table["买家数"] = found.orders, found.buyers
    table["净额" if scope.net else "支付金额"] = found.cents / 100
    return _rows(scope, table)


def _monthly_rates(scope: Scope, rate: str, name: str, months: int, wait: int) -> pd.DataFrame:
    facts, size = scope.facts, len(scope.facts.channels)
    ledger = facts.ledger
    where = np.where(ledger.channel < 0, size, ledger.channel)
    whole = Scope(facts, scope.as_of, None, scope.channel).paid()
    rows = []
    for window in scope.months(months):
        sold = whole.between(window)
        by = [
            refunded(ledger, sold, where, size + 1, window=window, basis=basis, rate=rate,
                     day=scope.day, among=whole)
            for basis in ("paid", "refunded")
        ]  # fmt: skip
        rates = [i.value for found in by for i in (found.by_lines(), found.by_amount())]
        rows.append((window.label, *rates, is_mature(window, scope.day, wait)))
    names = [f"{name}（{m}，{b}）" for b in ("按付款日", "按退款日") for m in ("行", "金额")]
    table = pd.DataFrame(rows, columns=["月份", *names, "成熟"])
    return table.astype(dict.fromkeys(names, "float64"))


def _new_old(scope: Scope, definition: str, new_to: str, months: int, by: str) -> Result:
    chosen(definition, "definition", NEW_DEFINITIONS)
    chosen(new_to, "new_to", NEW_TO)
    history, everywhere = scope.history(), scope.history(all_channels=True)
    windows = scope.months(months)
    whole = scope.window or Window(windows[0].start, windows[-1].end, calendar=True)
    table = _channels(scope)
    rows = _splits(scope, history, everywhere, whole, definition, new_to)
    for name, values in split_columns(rows).items():
        table[name] = values
    monthly = [
        r for w in windows for r in _splits(scope, history, everywhere, w, definition, new_to)
    ]
    by_month = _by_month(scope, windows)
    for name, values in split_columns(monthly).items() if monthly else ():
        by_month[name] = values
    overall = purchases.split(
        history.between(whole), purchases.old_buyers(everywhere, _start(whole), definition)
    )
    return Result(
        split_figures(overall), _mine(scope, table, by), {"逐月": _rows(scope, by_month)},
        scope.words() | {"时间段": whole.label},
        (NEW_DEFINITIONS[definition] + "。", NEW_TO[new_to] + "。",
         "合计（上面的指标）按全店去重、对全店是新的；各渠道相加会大于合计，因为有人在几个渠道都买。"),
    )  # fmt: skip


def _splits(
    scope: Scope, history: Paid, everywhere: Paid, window: Window, definition: str, new_to: str
) -> Sequence[purchases.Split]:
    """One `Split` a channel."""
    size, people = len(scope.facts.channels), history.people
    first = _start(window)
    paid = history.between(window)
    rows = []
    old = purchases.old_buyers(everywhere, first, definition) if new_to == "shop" else None
    earlier = _before_in_channel(everywhere, first, definition, size) if old is None else None
    for c in range(size):
        own = old if earlier is None else earlier[c * people : (c + 1) * people]
        rows.append(purchases.split(paid.of_channel(c), own))  # type: ignore[arg-type]
    return rows


def _before_in_channel(history: Paid, first: int, definition: str, size: int) -> Flags:
    """Who bought in a channel before day `first`: channel by channel, then by customer code."""
    before = (history.day < first) & (history.channel >= 0)
    if definition == "365_days":
        before &= history.day >= first - 365
    seen = np.zeros(size * history.people, dtype=np.bool_)
    seen[history.channel[before].astype(np.int64) * history.people + history.customer[before]] = (
        True
    )
    return seen


def _by_month(scope: Scope, windows: Sequence[Window]) -> pd.DataFrame:
    names = _channels(scope)
    table = pd.concat([names] * len(windows), ignore_index=True) if windows else names.head(0)
    table.insert(0, "月份", np.repeat([w.label for w in windows], len(names)))
    return table


def _rows(scope: Scope, table: pd.DataFrame) -> pd.DataFrame:
    if scope.channel is None:
        return table
    return table[table["渠道编号"] == scope.channel].reset_index(drop=True)


def _start(window: Window) -> int:
    return day_number(window.start)


DORMANT_ACTIONS: Mapping[str, str] = {"mark": "标记：在备注里写明，继续营业", "close": "关闭渠道"}
