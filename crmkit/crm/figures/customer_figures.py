"""What the analyses of 顾客分析 count (levels and churn stand in modules of their own).

Every function takes a `Scope` of `Facts` and gives a `Result`; definitions: crmkit.analytics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from crmkit.analytics import purchases
from crmkit.analytics.indicator import Indicator
from crmkit.analytics.purchases import NEW_DEFINITIONS, REPEAT_VARIANTS
from crmkit.analytics.refunds import refunded
from crmkit.analytics.window import Window
from crmkit.crm.errors import InvalidInput
from crmkit.crm.figures.breakdown import Factors, counted, divide, in_months, largest_first, value
from crmkit.crm.figures.regions import CODES, standard
from crmkit.crm.figures.scope import Result, Scope, chosen
from crmkit.settings import settings

REGION_LEVELS: Mapping[str, str] = {"province": "省级（34 个省级单位和海外、未知）", "city": "城市"}
ORDER_VALUE_BY: Mapping[str, str] = {
    "month": "按月", "level": "按会员等级", "level_month": "按会员等级和月", "channel": "按渠道",
    "province": "按省份",
}  # fmt: skip
GAPS = (7, 30, 60, 90, 180)


def repurchase(
    scope: Scope, *, definition: str = "first_ever", within: int | None = None,
    base: Window | None = None, months: int = 12,
) -> Result:  # fmt: skip
    """回购分析; see `analysis.Analysis.repurchase`."""
    chosen(definition, "definition", NEW_DEFINITIONS)
    limit = settings()["repurchase"]["within_days"] if within is None else within
    paid, history = scope.paid(), scope.history()
    windows = scope.months(months)
    later = scope.window or windows[-1]
    earlier = base or later.previous()
    old = purchases.old_buyers(history, _day(later), definition)
    new = purchases.split(history.between(later), old)
    first = np.zeros(history.people, dtype=np.int64)
    first[history.who] = history.day[history.starts]
    grown = paid.bought & (first + limit <= scope.day)
    figures = {
        **{f"复购率（{_SHORT[v]}）": purchases.repeat_rate(paid, v) for v in REPEAT_VARIANTS},
        "回购率": purchases.repurchase_rate(history.between(earlier), history.between(later)),
        "新客复购率": Indicator.ratio(new.new_repeaters, new.new_buyers),
        f"{limit} 天内复购率": purchases.repeat_within(history, paid.bought, limit),
        f"{limit} 天内复购率（首购已满 {limit} 天）": purchases.repeat_within(
            history, grown, limit
        ),
    }
    cycle = purchases.cycle(paid)
    for name in ("中位数", "P80", "P90", "平均"):
        found = cycle[name]
        figures[f"回购周期{name}"] = Indicator(found, found or 0, None)
    gaps = np.searchsorted(GAPS, purchases.intervals(paid), side="left")
    shares = np.bincount(gaps, minlength=len(GAPS) + 1)
    lows = [0, *(g + 1 for g in GAPS)]
    names = [f"{a}–{b}天" for a, b in zip(lows, GAPS, strict=False)] + [f"{GAPS[-1]}天以上"]
    intervals = pd.DataFrame({"间隔": names, "次数": shares, "占比": divide(shares, shares.sum())})
    return Result(
        figures, _repeat_by_month(scope, windows, definition), {"回购间隔": intervals}, scope.words(),
        (
            *(f"复购率（{_SHORT[k]}）：{words}" for k, words in REPEAT_VARIANTS.items()),
            f"回购率：{earlier.label}的买家中，{later.label}又买的 ÷ {earlier.label}的买家。",
            f"新客复购率：{later.label}的新客中，期内买 2 次及以上的 ÷ 新客。{NEW_DEFINITIONS[definition]}。",
            f"{limit} 天内复购率：第二单在首单之后 {limit} 天以内的买家 ÷ 时间段内的买家（{limit} 天是课程约定）；"
            "另一个数只算首购已满这些天的买家，刚来的人还没到时候。",
            "回购周期：同一买家相邻两单的间隔天数，看中位数、P80、P90，平均数会被少数很长的间隔拉高。",
        ),
    )  # fmt: skip


_SHORT = {"people": "按人", "days": "按人，同日去重", "orders": "按单"}


def _repeat_by_month(scope: Scope, windows: Sequence[Window], definition: str) -> pd.DataFrame:
    history = scope.history()
    if not windows:
        return pd.DataFrame()
    before = history.between(windows[0].previous())
    rows = []
    for window in windows:
        paid = history.between(window)
        by_people, by_days, by_orders = (purchases.repeat_rate(paid, v) for v in REPEAT_VARIANTS)
        again = purchases.repurchase_rate(before, paid)
        new = purchases.split(paid, purchases.old_buyers(history, _day(window), definition))
        rows.append(
            (window.label, paid.buyers, len(paid), by_people.numerator, value(by_people),
             value(by_days), value(by_orders), again.denominator, again.numerator, value(again),
             new.new_buyers, new.new_repeaters,
             value(Indicator.ratio(new.new_repeaters, new.new_buyers)))
        )  # fmt: skip
        before = paid
    return pd.DataFrame(
        rows,
        columns=["月份", "买家数", "订单数", "复购买家", "复购率（按人）", "复购率（按人，同日去重）",
                 "复购率（按单）", "上月买家", "上月买家本月又买", "回购率", "新客数", "新客复购",
                 "新客复购率"],
    )  # fmt: skip


def counts(scope: Scope, *, bounds: Sequence[int] | None = None) -> Result:
    """次数分析; see `analysis.Analysis.counts`."""
    limits = list(settings()["frequency"]["bounds"] if bounds is None else bounds)
    if not limits or limits[0] < 1 or any(a >= b for a, b in zip(limits, limits[1:], strict=False)):
        message = "分段的上限要从 1 起逐个变大，例如 1, 2, 5"
        raise InvalidInput(message, {"bounds": message})
    paid = scope.paid()
    found = purchases.by_frequency(paid, limits)
    table = counted({"购买次数": purchases.frequency_buckets(limits)}, found)
    table.insert(2, "买家占比", divide(found.buyers, found.buyers.sum()))
    times = np.bincount(paid.orders_of)
    every = np.flatnonzero(times[1:]) + 1
    exact = pd.DataFrame({"购买次数": every, "买家数": times[every]})
    figures = {
        "买家数": Indicator.total(paid.buyers),
        "订单数": Indicator.total(len(paid)),
        "平均购买次数": Indicator.ratio(len(paid), paid.buyers),
    }
    return Result(
        figures, table, {"逐次分布": exact}, scope.words(),
        ("购买次数：时间段内的有效订单数。平均购买次数 = 订单数 ÷ 买家数。",
         "退款口径为净额时，全退的订单不算一次（有赞的购次分布就是这样算的）。"),
    )  # fmt: skip


def region(scope: Scope, *, level: str = "province", province: str | None = None) -> Result:
    """地域分析; see `analysis.Analysis.region`."""
    chosen(level, "level", REGION_LEVELS)
    facts = scope.facts
    named = [standard(label) for label in facts.province.labels]
    units = sorted(set(named))
    unit_of = np.array([units.index(n) for n in named], dtype=np.int64)[facts.province.codes]
    if province and province not in units:
        message = f"没有「{province}」的顾客，可以选：{'、'.join(units)}"
        raise InvalidInput(message, {"province": message})
    group, labels = unit_of, units
    if level == "city":
        pair = unit_of * len(facts.city.labels) + facts.city.codes
        keys, group = np.unique(pair, return_inverse=True)
        labels = [f"{units[k // len(facts.city.labels)]} {facts.city.labels[k % len(facts.city.labels)]}"
                  for k in keys]  # fmt: skip
    paid, sold = scope.paid(), scope.sold()
    found = purchases.by_person(paid, group, len(labels))
    back = refunded(facts.ledger, sold, group[facts.ledger.customer], len(labels), day=scope.day)
    table = counted({"省份" if level == "province" else "城市": labels}, found)
    table.insert(
        1 + table.columns.get_loc("买家数"), "买家占比", divide(found.buyers, found.buyers.sum())
    )
    table["退货率（金额）"] = divide(back.cents_back, back.cents)
    table["退货率（行）"] = divide(back.lines_back, back.lines)
    if level == "province":
        table.insert(1, "区划代码", [CODES.get(name, "") for name in labels])
    if province and level == "city":
        table = table[[label.startswith(f"{province} ") for label in labels]]
    elif province:
        table = table[table["省份"] == province]
    table = largest_first(table[table["订单数"] > 0], "省份" if level == "province" else "城市")
    figures = {
        "有买家的地区": Indicator.total(int(np.count_nonzero(found.buyers))),
        "退货率（金额）": back.by_amount(),
        "退货率（行）": back.by_lines(),
    }
    return Result(
        figures, table, {}, scope.words(),
        ("订单不带收货地址时按顾客登记的省市统计；规范做法是按每张订单的收货省市。",
         "退货率按付款日归集：时间段内卖出的，后来退了货的（到数据日期为止）。"),
    )  # fmt: skip


def order_value(scope: Scope, *, by: str = "month", months: int = 12) -> Result:
    """客单价分析; see `analysis.Analysis.order_value`."""
    chosen(by, "by", ORDER_VALUE_BY)
    facts, paid = scope.facts, scope.paid()
    overall = Factors(scope, paid, np.zeros(len(paid), dtype=np.int64), 1)
    labels: dict[str, Sequence[object]]
    if by in ("month", "level_month"):
        windows = scope.months(months)
        at = in_months(paid, windows) if windows else np.full(len(paid), -1)
        chosen_orders = paid.take(at >= 0)
        group, names = at[at >= 0], [w.label for w in windows]
        labels = {"月份": names}
        if by == "level_month":
            levels = facts.level.labels
            group = facts.level.codes[chosen_orders.customer] * len(names) + group
            labels = {
                "等级": [x for x in levels for _ in names],
                "月份": names * len(levels),
            }
        size = len(next(iter(labels.values())))
        table = Factors(scope, chosen_orders, group, size).frame(labels)
    else:
        coded = {"level": facts.level, "province": facts.province}.get(by)
        if coded is None:
            where = [*facts.channels["channel_id"]]
            labels = {"渠道编号": where, "渠道名称": [*facts.channels["name"]]}
            known = paid.take(paid.channel >= 0)
            table = Factors(scope, known, known.channel, len(where)).frame(labels)
        else:
            name = {"level": "等级", "province": "省份"}[by]
            group = coded.codes[paid.customer]
            table = Factors(scope, paid, group, len(coded.labels)).frame({name: coded.labels})
            table = largest_first(table, name)
    return Result(
        overall.figures(), table, {}, scope.words(),
        ("客单价 = 支付金额 ÷ 支付买家数（去重）。有的手册用订单数去除，那是笔单价。",
         "笔单价 = 支付金额 ÷ 订单数；件单价 = 支付金额 ÷ 件数；连带率（客单件）= 件数 ÷ 订单数。",
         "支付金额 = 买家数 × 人均订单数 × 连带率 × 件单价。",
         "退款口径为净额时，退了货的件数也减去。"),
    )  # fmt: skip


def new_old(
    scope: Scope, *, definition: str = "first_ever", new_to: str = "shop", months: int = 12
) -> Result:
    """新老占比分析; see `analysis.Analysis.new_old`."""
    chosen(definition, "definition", NEW_DEFINITIONS)
    chosen(new_to, "new_to", NEW_TO)
    history = scope.history()
    before = scope.history(all_channels=True) if new_to == "shop" and scope.channel else history
    windows = scope.months(months)
    whole = scope.window or (Window(windows[0].start, windows[-1].end, calendar=True))
    rows = []
    for window in (*windows, whole):
        paid = history.between(window)
        rows.append(purchases.split(paid, purchases.old_buyers(before, _day(window), definition)))
    table = pd.DataFrame({"月份": [w.label for w in windows], **split_columns(rows[:-1])})
    figures = split_figures(rows[-1])
    return Result(
        figures, table, {}, scope.words() | {"时间段": whole.label},
        (f"{NEW_DEFINITIONS[definition]}。换一种定义结果会不同。",
         "新客在同一时间段里的第二单仍算新客的。", NEW_TO[new_to] + "。"),
    )  # fmt: skip


NEW_TO: Mapping[str, str] = {
    "shop": "对全店是新的：以前在任何渠道都没买过",
    "channel": "对渠道是新的：以前没在这个渠道买过（可能在别的渠道买过）",
}


def split_columns(rows: Sequence[purchases.Split]) -> dict[str, np.ndarray]:
    """买家数 新客数 老客数 新客占比 老客占比 and the same of the amount, one entry a row."""
    new, all_ = (np.array([getattr(r, n) for r in rows]) for n in ("new_buyers", "buyers"))
    new_cents, cents = (np.array([getattr(r, n) for r in rows]) for n in ("new_cents", "cents"))
    return {
        "买家数": all_, "新客数": new, "老客数": all_ - new,
        "新客占比": divide(new, all_), "老客占比": divide(all_ - new, all_),
        "支付金额": cents / 100, "新客金额": new_cents / 100, "老客金额": (cents - new_cents) / 100,
        "新客金额占比": divide(new_cents, cents), "老客金额占比": divide(cents - new_cents, cents),
    }  # fmt: skip


def split_figures(found: purchases.Split) -> dict[str, Indicator]:
    """Shares of people and of money, with their numbers."""
    old, old_cents = found.buyers - found.new_buyers, found.cents - found.new_cents
    return {
        "新客占比": Indicator.ratio(found.new_buyers, found.buyers),
        "老客占比": Indicator.ratio(old, found.buyers),
        "新客金额占比": Indicator.ratio(found.new_cents / 100, found.cents / 100),
        "老客金额占比": Indicator.ratio(old_cents / 100, found.cents / 100),
    }


def _day(window: Window) -> int:
    from crmkit.analytics.paid import day_number

    return day_number(window.start)
