"""Judge of lab C1, 精品茶叶网店: repurchase cycle, season, top customers, tea with tea-ware."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare, shop_cases
from autograder.shop_cases import KEY, ORDER, YEAR, World
from crmkit.lab import checks

lab = shop_cases.case("C1", "精品茶叶网店", "tea")
TEA, WARE = "茶叶", "茶具"

# ------------------------------------------------------------------ repurchase cycle


def gaps(orders: pd.DataFrame, *, same_day: bool = False) -> pd.DataFrame:
    """Days from each day of purchase of a customer to the next."""
    days = orders[[KEY]].assign(日=orders["付款时间"].fillna(orders["下单时间"]).dt.normalize())
    days = days.sort_values([KEY, "日"])
    if not same_day:
        days = days.drop_duplicates()
    return days.assign(间隔=days.groupby(KEY)["日"].diff().dt.days).dropna()


@lab.item("C1-06", points=8, core=True, title="回购周期",
          need="买过两天以上的客户，相邻两个购买日相隔天数的中位数",
          public=checks.Number(0, 730), compare=compare.number(0.5, unit=" 天"))  # fmt: skip
def cycle(w: World) -> float:
    return float(gaps(w.valid)["间隔"].median())


@cycle.mistake("用了平均数：少数隔了一年的把平均数拉高了，题目要中位数", share=0.4)
def cycle_mean(w: World) -> float:
    return float(gaps(w.valid)["间隔"].mean())


@cycle.mistake("先求了每位客户的平均间隔：直接取全部间隔的中位数", share=0.5)
def cycle_by_customer(w: World) -> float:
    return float(gaps(w.valid).groupby(KEY)["间隔"].mean().median())


@cycle.mistake("用最后一次减第一次再除：题目要的是每两次相邻购买的间隔", share=0.3)
def cycle_of_span(w: World) -> float:
    by = gaps(w.valid).groupby(KEY)["间隔"]
    return float(by.sum().median())


# ------------------------------------------------------------------ season


def season(
    w: World, *, both: bool = False, unpaid: bool = False, count: bool = False
) -> dict[str, float]:
    orders = w.tables.orders if unpaid else shop_cases.paid_between(w, None)
    at = orders["下单时间"] if unpaid else orders["付款时间"]
    keep = at.dt.year > 0 if both else at.dt.year == YEAR
    value = orders["实付金额"].where(pd.Series(not count, orders.index), 1.0)
    by = value[keep].groupby(at[keep].dt.month).sum()
    return {"月份": float(by.idxmax()), "占比": float(by.max() / by.sum())}


@lab.item("C1-07", points=8, core=True, title="旺季",
          need=f"{YEAR} 年销售额最高的月份，以及它占全年销售额的比例",
          public=checks.Mapping(keys=("月份", "占比"), low=0, high=12), compare=compare.mapping(1e-4))  # fmt: skip
def peak(w: World) -> dict[str, float]:
    return season(w)


@peak.mistake("两年的数据加在一起了：先只留 2025 年付款的订单", share=0.4)
def peak_both(w: World) -> dict[str, float]:
    return season(w, both=True)


@peak.mistake("数的是订单数：旺季看销售额", share=0.4)
def peak_count(w: World) -> dict[str, float]:
    return season(w, count=True)


@peak.mistake("没有付款的订单也算了：销售额只算有效订单", share=0.5)
def peak_unpaid(w: World) -> dict[str, float]:
    return season(w, unpaid=True)


# ------------------------------------------------------------------ top customers


def top(w: World, *, everybody: bool = False, unpaid: bool = False) -> float:
    orders = w.tables.orders if unpaid else w.valid
    spent = orders.groupby(KEY)["实付金额"].sum().sort_values(ascending=False)
    n = (len(w.tables.customers) if everybody else len(spent)) // 5
    return float(spent.iloc[:n].sum() / spent.sum())


@lab.item("C1-08", points=8, core=True, title="前 20% 客户的销售额占比",
          need="有过有效订单的客户里，花钱最多的 20% 占全部销售额的比例",
          public=checks.Number(0, 1), compare=compare.number(1e-4))  # fmt: skip
def top_share(w: World) -> float:
    return top(w)


@top_share.mistake("20% 的分母用了全部登记客户：没有买过的不在内", share=0.5)
def top_of_everybody(w: World) -> float:
    return top(w, everybody=True)


@top_share.mistake("没有付款的订单也算了：先只留有效订单", share=0.5)
def top_unpaid(w: World) -> float:
    return top(w, unpaid=True)


@top_share.mistake("交的是百分数：比例写成 0 到 1 之间的小数", share=0.8)
def top_percent(w: World) -> float:
    return 100 * top(w)


# ------------------------------------------------------------------ tea with tea-ware


def lift(
    w: World, *, unpaid: bool = False, people: bool = False, confidence: bool = False
) -> float:
    rows = w.lines if unpaid else w.sold
    kind = rows["类目"].str.split("/").str[0]
    basket = rows[KEY if people else ORDER]
    tea, ware = (set(basket[kind == k]) for k in (TEA, WARE))
    n = basket.nunique()
    sure = len(tea & ware) / len(tea)
    return sure if confidence else sure / (len(ware) / n)


@lab.item("C1-09", points=8, title="茶叶与茶具的提升度",
          need="有效订单里，同一单既买茶叶又买茶具的提升度",
          public=checks.Number(0, 50), compare=compare.number(1e-3))  # fmt: skip
def tea_ware(w: World) -> float:
    return lift(w)


@tea_ware.mistake("算成了置信度：提升度还要除以茶具自己的支持度", share=0.5)
def lift_confidence(w: World) -> float:
    return lift(w, confidence=True)


@tea_ware.mistake("购物篮用了客户：题目问同一单，按订单编号分篮子", share=0.4)
def lift_people(w: World) -> float:
    return lift(w, people=True)


@tea_ware.mistake("没有付款的订单也算了：先只留有效订单", share=0.5)
def lift_unpaid(w: World) -> float:
    return lift(w, unpaid=True)


# ------------------------------------------------------------------ dashboard

CHARTS = ("月销售额", "类目销售额", "买家年龄段")


def charts(
    w: World, *, both: bool = False, everybody: bool = False
) -> tuple[dict[str, float], ...]:
    orders = shop_cases.paid_between(w, None if both else YEAR)
    months = orders.groupby(orders["付款时间"].dt.month)["实付金额"].sum()
    kind = w.sold["类目"].str.split("/").str[0]
    by_kind = (w.sold["数量"] * w.sold["单价"]).groupby(kind).sum()
    people = w.tables.customers
    if not everybody:
        people = people[people[KEY].isin(w.valid[KEY])]
    bands = shop_cases.ages(people)
    return tuple(_bars(x) for x in (months, by_kind, bands))


def _bars(column: Any) -> dict[str, float]:
    return {str(k): float(v) for k, v in column.items()}


shop_cases.dashboard(
    lab, CHARTS, charts,
    need="三张柱形图：2025 年各月销售额、各大类销售额、各年龄段买家数，都有标题和轴名称",
    wrong={
        "both": ("月销售额把两年加在一起了：只画 2025 年", 0.7),
        "everybody": ("年龄段数了全部登记客户：题目要买家，也就是有过有效订单的客户", 0.7),
    },
)  # fmt: skip
shop_cases.discussion(
    lab,
    "告诉店主这家店靠什么赚钱、先做哪两件事",
    "茶叶有淡旺季：两个旺季之间怎样留住客户？写出自己的立场和理由，并回应一位同学",
    "立场明确，理由用到回购周期或旺季的数字，回应了一位同学的具体理由并说清同意或不同意在哪里",
)
