"""Judge of lab O3, 顾客分析: levels, repurchase, counts, churn, regions, order value, new and old."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.O3.reference import (
    AGES,
    CHURN,
    COUNTS,
    KEY,
    LOST,
    RATES,
    SHARES,
    TOPS,
    WITHIN,
    World,
    by_level,
    churned,
    cohorts,
    distribution,
    months,
    near,
    new_old,
    order_value,
    rates,
    regions,
    within,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit import shops
from crmkit.lab import checks, forms
from crmkit.lab.inputs import o3
from crmkit.settings import settings

YEAR = "2025"


def world(student: str) -> World:
    return World(student, shops.as_of())


lab = LabSpec("O3", "顾客分析", world=world, shop=o3.SHOP, workbook="out/O3.xlsx")

# ------------------------------------------------------------------ 等级分析

LEVEL_COLUMNS = ("客户数", "订单数", "支付金额")


@lab.item("O3-01", points=10, core=True, title="等级分析", need="按会员等级列出客户数、有效订单数和支付金额",
          public=checks.Table(columns=LEVEL_COLUMNS, key="等级", least=5, most=5),
          compare=compare.columns(LEVEL_COLUMNS, key="等级", tolerance=0.01))  # fmt: skip
def level(w: World) -> pd.DataFrame:
    return by_level(w, w.orders)


@level.mistake("客户数只数了买过的：等级分析里的客户数包含没买过的", share=0.6)
def level_buyers(w: World) -> pd.DataFrame:
    return by_level(w, w.orders, w.level[w.level.index.isin(w.buyers.index)])


@level.mistake("没付款的订单也算进来了：只算有效订单", share=0.4)
def level_unpaid(w: World) -> pd.DataFrame:
    return by_level(w, w.all_orders)


# ------------------------------------------------------------------ 回购分析


@lab.item("O3-02", points=12, core=True, title="回购分析",
          need=f"复购率（买过 2 次及以上的买家 ÷ 买家），以及首单后 {WITHIN} 天内买第二单的买家 ÷ 买家",
          public=checks.Mapping(keys=RATES, low=0, high=1), compare=compare.mapping(1e-4))  # fmt: skip
def repurchase(w: World) -> dict[str, float]:
    return rates(w)


@repurchase.mistake("分母用了全部客户：复购率的分母是买家，没买过的不算", share=0.4)
def repurchase_of_all(w: World) -> dict[str, float]:
    return rates(w, base=len(w.customers))


@repurchase.mistake(f"第二个数用了“首购已满 {WITHIN} 天”的口径：题目的分母是全部买家", share=0.6)
def repurchase_grown(w: World) -> dict[str, float]:
    return rates(w, late=within(w, grown=True))


@repurchase.mistake("复购率是按单算的：要按人算", share=0.5)
def repurchase_orders(w: World) -> dict[str, float]:
    again = w.orders[KEY].map(w.buyers["n"] >= 2)
    return rates(w) | {RATES[0]: float(again.sum() / len(w.orders))}


# ------------------------------------------------------------------ 次数分析


@lab.item("O3-03", points=8, core=True, title="次数分析", need="买过 1 次、2 次、3–5 次、5 次以上的买家各多少",
          public=checks.Mapping(keys=COUNTS, low=0, high=3000, whole=True), compare=compare.mapping())  # fmt: skip
def counts(w: World) -> dict[str, int]:
    return distribution(w)


@counts.mistake("5 次的顾客算到了“5 次以上”：5 次属于 3–5 次", share=0.4)
def counts_five(w: World) -> dict[str, int]:
    return distribution(w, (1, 2, 4))


@counts.mistake("没付款的订单也数进去了：只数有效订单", share=0.3)
def counts_unpaid(w: World) -> dict[str, int]:
    return distribution(w, n=w.all_orders.groupby(KEY).size())


# ------------------------------------------------------------------ 流失分析


def rate_and_list(got: Any, expected: dict[str, Any]) -> Verdict:
    found = forms.mapping(got)
    one = compare.number(1e-4)(found[CHURN[0]], expected[CHURN[0]])
    other = compare.id_set()(found[CHURN[1]], expected[CHURN[1]])
    if one.share == other.share == 1:
        return Verdict(
            1.0,
            f"流失率 {one.found.removesuffix('，正确')}，名单 {len(expected[CHURN[1]])} 位，都正确",
        )
    words = [f"{k}：{v.found}" for k, v in zip(CHURN, (one, other), strict=True) if v.share < 1]
    return Verdict(
        0.5 * one.share + 0.5 * other.share,
        "；".join(words),
        "先把名单做对，流失率 = 名单人数 ÷ 买家数",
    )


@lab.item("O3-04", points=12, core=True, title="流失分析",
          need=f"超过 {LOST} 天没有有效订单的买家为流失：流失率（÷ 买家）和流失顾客的名单",
          public=checks.Parts(numbers=CHURN[:1], lists=CHURN[1:], low=0, high=1, least=50, most=3000),
          compare=rate_and_list)  # fmt: skip
def churn(w: World) -> dict[str, Any]:
    return churned(w)


@churn.mistake("流失率的分母用了全部客户：没买过的谈不上流失", share=0.5)
def churn_of_all(w: World) -> dict[str, Any]:
    return churned(w, base=len(w.customers))


@churn.mistake(f"用了 90 天的界限：题目是超过 {LOST} 天", share=0.3)
def churn_90(w: World) -> dict[str, Any]:
    return churned(w, more_than=90)


@churn.mistake("没买过的顾客也列进了名单：没买过的谈不上流失，只列状态是「流失」的买家", share=0.3)
def churn_with_others(w: World) -> dict[str, Any]:
    none = set(w.customers[KEY]) - set(w.since.index)
    lost = sorted(set(churned(w)[CHURN[1]]) | none)
    return {CHURN[0]: len(lost) / len(w.customers), CHURN[1]: lost}


# ------------------------------------------------------------------ 地域分析


def two_tops(got: Any, expected: dict[str, list[str]]) -> Verdict:
    found = forms.mapping(got)
    verdicts = {k: compare.order("省份")(found.get(k, []), v) for k, v in expected.items()}
    wrong = {k: v for k, v in verdicts.items() if v.share < 1}
    if not wrong:
        return Verdict(1.0, "两个前五名都正确")
    share = sum(0.5 * (1 if v.share == 1 else 0.5 * v.share) for v in verdicts.values())
    return Verdict(share, "；".join(f"{k}：{v.found}" for k, v in wrong.items()),
                   "一个按买家数从多到少，一个按支付金额从大到小")  # fmt: skip


@lab.item("O3-05", points=8, core=True, title="地域分析", need="买家数最多的五个省份和支付金额最大的五个省份，各按从大到小排",
          public=checks.Parts(lists=TOPS, least=5, most=5), compare=two_tops)  # fmt: skip
def region(w: World) -> dict[str, list[str]]:
    return regions(w)


@region.mistake("两个名次弄反了：第一个按买家数，第二个按支付金额", share=0.3)
def region_swapped(w: World) -> dict[str, list[str]]:
    right = regions(w)
    return {TOPS[0]: right[TOPS[1]], TOPS[1]: right[TOPS[0]]}


@region.mistake("两个都是按买家数排的：第二个要按支付金额", share=0.5)
def region_people(w: World) -> dict[str, list[str]]:
    right = regions(w)
    return dict.fromkeys(TOPS, right[TOPS[0]])


@region.mistake("排成了从小到大：前五名是最大的五个，大的在前", share=0.3)
def region_upwards(w: World) -> dict[str, list[str]]:
    return {k: v[::-1] for k, v in regions(w).items()}


# ------------------------------------------------------------------ 客单价分析


def cells(got: Any, expected: pd.DataFrame) -> Verdict:
    """Rows by level and month, wherever they stand; empty cells may be left out."""
    frame = forms.table(got, ("等级", "月份", "客单价"))
    mine = {
        (forms.text(a), forms.text(b)[:7]): forms.number(c)
        for a, b, c in frame[["等级", "月份", "客单价"]].itertuples(index=False)
        if not forms.missing(c)
    }
    right = {(a, b): c for a, b, c in expected.itertuples(index=False)}
    wrong = [k for k, v in right.items() if k not in mine or abs(mine[k] - v) > 0.01]
    extra = [k for k in mine if k not in right and mine[k] != 0]
    if not wrong and not extra:
        return Verdict(1.0, f"{len(right)} 格都正确")
    at = "、".join((wrong or extra)[0])
    share = max(0.0, 1 - (len(wrong) + len(extra)) / len(right))
    return Verdict(share * 0.8, f"{len(right)} 格里有 {len(wrong) + len(extra)} 格不对，例如 {at}",
                   "客单价 = 支付金额 ÷ 支付买家数（去重）")  # fmt: skip


@lab.item("O3-06", points=10, core=True, title="客单价分析",
          need=f"最近 {o3.LEVEL_MONTHS} 个月、各会员等级每月的客单价：支付金额 ÷ 支付买家数，没付款和作废的订单不算",
          public=checks.Table(columns=("等级", "月份", "客单价"), least=10, most=60), compare=cells)  # fmt: skip
def value(w: World) -> pd.DataFrame:
    return order_value(w, w.orders)


@value.mistake("用支付金额除了订单数：那是笔单价；客单价的分母是买家数", share=0.4)
def value_by_orders(w: World) -> pd.DataFrame:
    return order_value(w, w.orders, by="orders")


@value.mistake("没付款的订单也算进来了：只算有效订单，按付款的月份", share=0.3)
def value_unpaid(w: World) -> pd.DataFrame:
    every = w.all_orders
    return order_value(w, every.assign(月份=every["下单时间"].dt.strftime("%Y-%m")))


# ------------------------------------------------------------------ 新老占比


@lab.item("O3-07", points=10, core=True, title="新老占比分析",
          need="2025 年每月的买家里，首次购买就在当月的是新客，其余是老客：各占买家的比例",
          public=checks.Table(columns=SHARES, key="月份", least=12, most=12),
          compare=compare.columns(SHARES, key="月份", tolerance=1e-4))  # fmt: skip
def shares(w: World) -> pd.DataFrame:
    return new_old(w, w.buyers["first"])


@shares.mistake("按注册日期判断了新老：要按首次购买的日期", share=0.3)
def shares_registered(w: World) -> pd.DataFrame:
    return new_old(w, w.customers.set_index(KEY)["注册日期"])


@shares.mistake("占比写成了百分数：应是 0 到 1 之间的小数", share=0.8)
def shares_percent(w: World) -> pd.DataFrame:
    right = shares.expect(w)
    return right.assign(**{c: right[c] * 100 for c in SHARES})


@shares.mistake("新客和老客弄反了：首次购买就在当月的是新客", share=0.3)
def shares_swapped(w: World) -> pd.DataFrame:
    right = shares.expect(w)
    return right.assign(**{SHARES[0]: right[SHARES[1]], SHARES[1]: right[SHARES[0]]})


# ------------------------------------------------------------------ further


@lab.item("O3-08", points=6, title="保持率", need="由流失率算出保持率", public=checks.Number(0, 1), compare=compare.number(1e-4))  # fmt: skip
def kept(w: World) -> float:
    return 1 - float(churned(w)[CHURN[0]])


@kept.follow_through("O3-04")
def kept_of_own(w: World, earlier: Any) -> float:
    return 1 - forms.number(forms.mapping(earlier)[CHURN[0]])


@kept.mistake("交的是流失率：保持率 = 1 − 流失率", share=0.3)
def kept_churn(w: World) -> float:
    return float(churned(w)[CHURN[0]])


@kept.mistake("写成了百分数：保持率写成 0 到 1 之间的小数", share=0.8)
def kept_percent(w: World) -> float:
    return 100 * (1 - float(churned(w)[CHURN[0]]))


@lab.item("O3-09", points=6, title="同期群", need="最近六个月首购的六群顾客，首购当月起每个月还来买的比例；还没到的月份空着",
          public=checks.Table(columns=AGES, key="首购月份", least=6, most=6),
          compare=compare.columns(AGES, key="首购月份", tolerance=1e-4))  # fmt: skip
def cohort(w: World) -> pd.DataFrame:
    return cohorts(w, w.buyers["first"])


@cohort.mistake("填的是人数：要除以这一群的人数", share=0.4)
def cohort_counts(w: World) -> pd.DataFrame:
    return cohorts(w, w.buyers["first"], shares=False)


@cohort.mistake("分群用了注册月份：要按首购的月份", share=0.2)
def cohort_registered(w: World) -> pd.DataFrame:
    registered = w.customers.set_index(KEY)["注册日期"]
    return cohorts(w, registered[registered.index.isin(w.buyers.index)])


@lab.item("O3-10", points=6, title="临近流失的顾客",
          need=f"距最近一次购买 {o3.AT_RISK[0]} 到 {o3.AT_RISK[1]} 天（两头都含）的顾客",
          public=checks.Ids(least=5, most=400), compare=compare.id_set())  # fmt: skip
def at_risk(w: World) -> list[str]:
    return near(w, *o3.AT_RISK)


@at_risk.mistake("用了系统的“临近流失”：它是 151 到 180 天；题目是 150 到 179 天", share=0.5)
def at_risk_of_system(w: World) -> list[str]:
    return near(w, LOST - settings()["churn"]["near_days"] + 1, LOST)


@at_risk.mistake("少了刚好 150 天或 179 天的：两头都含", share=0.5)
def at_risk_open(w: World) -> list[str]:
    return near(w, o3.AT_RISK[0] + 1, o3.AT_RISK[1] - 1)


@at_risk.mistake("150 天以上的都算了：已经流失的不在里面", share=0.2)
def at_risk_all(w: World) -> list[str]:
    return near(w, o3.AT_RISK[0], 100_000)


@lab.item("O3-11", points=4, title="一张图", need="2025 年每月新客数的柱形图，12 根柱子，有标题、横轴和纵轴名称",
          public=checks.BarChart(least=12), compare=compare.bars())  # fmt: skip
def chart(w: World) -> dict[str, float]:
    first = w.buyers["first"].dt.strftime("%Y-%m")
    return {m: float((first == m).sum()) for m in months(w, 12)}


@chart.mistake("柱子的高度是全部买家数：只要新客", share=0.4)
def chart_buyers(w: World) -> dict[str, float]:
    by = w.orders.groupby("月份")[KEY].nunique()
    return {m: float(by[m]) for m in months(w, 12)}


@chart.mistake("柱子的高度是老客数：要新客", share=0.4)
def chart_old(w: World) -> dict[str, float]:
    new, every = chart.expect(w), chart_buyers(w)
    return {m: every[m] - new[m] for m in every}


lab.manual(
    "O3-12", points=8, title="读数：一升一降",
    need="从本实验的结果里各挑一个上升的数和一个下降的数，给出可能的原因和一项行动",
    rubric=(
        Level(8, "一升一降各有本实验的数字和时间；原因说得通并说明怎样核实；行动具体"),
        Level(6, "两个数字都对，原因说得通，但只有一项行动具体"),
        Level(4, "只有一个数字读对了，或把一两个月的波动当成了趋势"),
        Level(2, "没有数字，只有感想"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
