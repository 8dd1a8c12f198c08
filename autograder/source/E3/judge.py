"""Judge of lab E3, 客户档案分析: sort, filter, pivot, RFM and the customer pyramid."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare, pivot
from autograder.source.E3.comparing import (
    any_order,
    same_detail,
)
from autograder.source.E3.reference import (
    ENOUGH,
    GENDERS,
    GROUPS,
    HIGH,
    KEY,
    UNPAID,
    World,
    by_province,
    groups,
    last_day,
    pivot_cells,
    province_orders,
    ranked,
    scores,
    tiers,
    top_share,
    women_of,
    world,
    young_men,
)
from autograder.spec import LabSpec, Level
from crmkit.lab import checks, forms

lab = LabSpec("E3", "客户档案分析", world=world, workbook="out/客户档案分析.xlsx")


# ------------------------------------------------------------------ sort and filter


@lab.item("E3-01", points=10, core=True, title="男性客户名单",
          need="全部男性客户，按累计金额从高到低排，金额相同的按客户编号从小到大",
          public=checks.Ids(least=50, most=500, ordered=True), compare=compare.id_order())  # fmt: skip
def male(w: World) -> list[str]:
    return ranked(w.customers[w.customers["性别"] == "男"], "累计金额")


@male.mistake("金额是从低到高排的：sort_values 要写 ascending=False", share=0.5)
def male_upwards(w: World) -> list[str]:
    return ranked(w.customers[w.customers["性别"] == "男"], "累计金额", ascending=True)


@male.mistake("性别「未知」的客户也算进来了：只要性别等于「男」的", share=0.3)
def male_or_unknown(w: World) -> list[str]:
    return ranked(w.customers[w.customers["性别"] != "女"], "累计金额")


@male.mistake("金额相同时没有按客户编号从小到大排：sort_values 里再加上「客户编号」", share=0.7)
def male_ties(w: World) -> list[str]:
    mine = w.customers[w.customers["性别"] == "男"]
    return mine.sort_values(["累计金额", KEY], ascending=[False, False])[KEY].tolist()


@lab.item("E3-02", points=10, core=True, title="已成交客户名单",
          need="交易状态为已成交的客户，按最近一次有效下单的日期从近到远排，同一天的按客户编号从小到大",
          public=checks.Ids(least=200, most=600, ordered=True), compare=compare.id_order())  # fmt: skip
def dealt(w: World) -> list[str]:
    return ranked(w.dealt, "最近下单日")


@dealt.mistake("没有付款的订单也算了：先去掉「等待付款」和「未付款关闭」的订单", share=0.5)
def dealt_with_unpaid(w: World) -> list[str]:
    mine = w.dealt.assign(最近下单日=w.dealt[KEY].map(last_day(w.orders)))
    return ranked(mine, "最近下单日")


@dealt.mistake("日期是从远到近排的：要最近下单的排在最前", share=0.5)
def dealt_upwards(w: World) -> list[str]:
    return ranked(w.dealt, "最近下单日", ascending=True)


@dealt.mistake("排序用了下单的时刻：题目要按日期排，同一天的再按客户编号", share=0.7)
def dealt_by_time(w: World) -> list[str]:
    paid = w.orders[~w.orders["订单状态"].isin(UNPAID)]
    mine = w.dealt.assign(最近下单日=w.dealt[KEY].map(paid.groupby(KEY)["下单时间"].max()))
    return ranked(mine, "最近下单日")


@lab.item("E3-03", points=8, core=True, title="青年男性成交客户",
          need="性别为男、已成交、年龄在 25 到 34 岁之间（含 25 和 34）的客户",
          public=checks.Ids(least=3, most=200), compare=compare.id_set())  # fmt: skip
def target(w: World) -> set[str]:
    return young_men(w, 25, 34)


@target.mistake("25 岁和 34 岁的都少了：两头都含，用 >= 和 <=（或 between）", share=0.5)
def target_open(w: World) -> set[str]:
    return young_men(w, 26, 33)


@target.mistake("少了刚好 25 岁的：25 岁包含在内", share=0.5)
def target_open_low(w: World) -> set[str]:
    return young_men(w, 26, 34)


@target.mistake("少了刚好 34 岁的：34 岁包含在内", share=0.5)
def target_open_high(w: World) -> set[str]:
    return young_men(w, 25, 33)


@target.mistake("没有成交的客户也算进来了：还要加上「已成交」这个条件", share=0.4)
def target_not_dealt(w: World) -> set[str]:
    return young_men(w, 25, 34, dealt=False)


@lab.item("E3-04", points=6, title="两级排序",
          need="全部客户先按省份升序，同一省份里按累计金额从高到低，金额相同的按客户编号",
          public=checks.Ids(least=600, most=600, ordered=True), compare=any_order)  # fmt: skip
def sorted2(w: World) -> list[list[str]]:
    return [by_province(w, o) for o in province_orders(w)]


@sorted2.mistake("同一省份里金额是从低到高的：ascending 要给两个值 [True, False]", share=0.5)
def sorted2_upwards(w: World) -> list[list[str]]:
    return [by_province(w, o, ascending=True) for o in province_orders(w)]


@sorted2.mistake("两级颠倒了：先按省份，再按累计金额", share=0.3)
def sorted2_swapped(w: World) -> list[list[str]]:
    order = w.customers.sort_values(["累计金额", "省份", KEY], ascending=[False, True, True])
    return [order[KEY].tolist()]


# ------------------------------------------------------------------ pivot


@lab.item("E3-05", points=14, core=True, title="省份 × 性别透视表",
          need="行是省份、列是性别，值是客户人数和累计金额合计，并带总计行和总计列",
          public=checks.Grid(columns=("男", "女"), least=15), compare=pivot.pivot(GENDERS))  # fmt: skip
def pivot_table(w: World) -> dict[pivot.Cell, float]:
    return pivot_cells(w.customers)


@pivot_table.mistake("只统计了已成交的客户：透视表要用全部客户", share=0.4)
def pivot_of_dealt(w: World) -> dict[pivot.Cell, float]:
    return pivot_cells(w.dealt)


@pivot_table.sign("值只有一种：人数和金额合计两种都要", share=0.35)
def pivot_one_measure(w: World, got: Any) -> bool:
    measures = {c[2] for c in pivot.cells(got, GENDERS)}
    return len(measures) == 1


@lab.item("E3-06", points=8, core=True, title="透视表背后的客户",
          need=f"客户不少于 {ENOUGH} 位的省份里，人均累计金额最高的那个省份的全部女性客户，保留客户档案的全部列",
          public=checks.Table(columns=("昵称", "手机", "省份", "性别", "累计金额"), key=KEY, least=2, most=300),
          compare=lambda got, expected: same_detail(got, expected))  # fmt: skip
def detail(w: World) -> pd.DataFrame:
    by = w.customers.groupby("省份")["累计金额"]
    return women_of(w, by.mean()[by.size() >= ENOUGH].idxmax())


@detail.mistake("省份取成了累计金额合计最大的那个：要比人均，也就是合计 ÷ 人数", share=0.3)
def detail_by_total(w: World) -> pd.DataFrame:
    return women_of(w, w.customers.groupby("省份")["累计金额"].sum().idxmax())


@detail.mistake(f"没有先去掉客户不足 {ENOUGH} 位的省份：人太少，平均数靠不住", share=0.4)
def detail_of_few(w: World) -> pd.DataFrame:
    return women_of(w, w.customers.groupby("省份")["累计金额"].mean().idxmax())


@detail.mistake("没有按性别筛选：只要女性客户", share=0.3)
def detail_both_genders(w: World) -> pd.DataFrame:
    return w.customers[w.customers["省份"] == detail.expect(w)["省份"].iloc[0]]


# ------------------------------------------------------------------ value


@lab.item("E3-07", points=8, title="前 20% 客户的金额占比",
          need="累计金额最高的 20% 客户（全部客户的 20%）的金额，占全部累计金额的比例",
          public=checks.Number(0, 1), compare=compare.number(1e-4))  # fmt: skip
def top20_share(w: World) -> float:
    return top_share(w.customers["累计金额"], len(w.customers) // 5)


@top20_share.mistake("只在已成交客户里取了 20%：题目是全部客户的 20%", share=0.5)
def top20_of_dealt(w: World) -> float:
    return top_share(w.dealt["累计金额"], len(w.dealt) // 5)


@top20_share.mistake("交的是百分数：比率写成 0 到 1 之间的小数", share=0.8)
def top20_percent(w: World) -> float:
    return 100 * top_share(w.customers["累计金额"], len(w.customers) // 5)


@lab.item("E3-08", points=8, title="RFM 打分",
          need="每位已成交客户的 R、F、M 各打 1 到 5 分，数值相同的客户得分相同",
          public=checks.Table(columns=("R", "F", "M"), key=KEY, least=200, most=600,
                              integers=("R", "F", "M"), low=1, high=5),
          compare=compare.columns(("R", "F", "M")))  # fmt: skip
def rfm(w: World) -> pd.DataFrame:
    return scores(w)


@rfm.mistake("R 的方向反了：最近买过的客户 R 应当得高分", share=0.67)
def rfm_r_reversed(w: World) -> pd.DataFrame:
    return scores(w, reverse_r=False)


@rfm.mistake("数值相同的客户得分不同：按名次硬切了五等份，并列的要得同一分", share=0.5)
def rfm_hard_cuts(w: World) -> pd.DataFrame:
    d = w.dealt
    values = {
        "R": -(pd.Timestamp(w.as_of) - d["最近下单日"]).dt.days,
        "F": d["累计订单数"],
        "M": d["累计金额"],
    }
    place = {
        k: v.rank(method="first").sub(1).mul(5).floordiv(len(d)).add(1).astype(int)
        for k, v in values.items()
    }
    return pd.DataFrame({KEY: d[KEY], **place})


@rfm.sign("没有成交过的客户也打了分：RFM 只对已成交客户打分", share=0.2)
def rfm_of_all(w: World, got: Any) -> bool:
    found = set(forms.ids(got, KEY))
    return found == set(w.customers[KEY])


@lab.item("E3-09", points=8, title="八个 RFM 客户群的人数",
          need=f"按 R、F、M 是否达到 {HIGH} 分把客户分成八群，数出每群人数",
          public=checks.Mapping(keys=tuple(GROUPS.values()), low=0, high=600, whole=True),
          compare=compare.mapping())  # fmt: skip
def rfm_group(w: World) -> dict[str, int]:
    return groups(scores(w))


@rfm_group.follow_through("E3-08")
def rfm_group_of_own(w: World, earlier: Any) -> dict[str, int]:
    table = forms.table(earlier, ("R", "F", "M"), KEY)
    return groups(table[["R", "F", "M"]].map(forms.number))


@rfm_group.mistake(f"把「高」算成了大于 {HIGH} 分：达到 {HIGH} 分就算高", share=0.3)
def rfm_group_strict(w: World) -> dict[str, int]:
    return groups(scores(w).assign(**{c: scores(w)[c] - 1 for c in "RFM"}))


@rfm_group.mistake("「高」的界限用了 3 分：题目规定 4 分起算高", share=0.3)
def rfm_group_low(w: World) -> dict[str, int]:
    return groups(scores(w).assign(**{c: scores(w)[c] + 1 for c in "RFM"}))


@lab.item("E3-10", points=6, title="客户金字塔",
          need="全部客户按累计金额从高到低分成 1%、4%、15%、80% 四层，给出每层客户数和金额占比",
          public=checks.Table(columns=("客户数", "金额占比"), key="层级", least=4, most=4),
          compare=compare.columns(("客户数", "金额占比"), key="层级", tolerance=1e-4))  # fmt: skip
def pyramid(w: World) -> pd.DataFrame:
    return tiers(w.customers)


@pyramid.mistake("只用了已成交客户：金字塔要包含全部客户", share=0.5)
def pyramid_of_dealt(w: World) -> pd.DataFrame:
    return tiers(w.dealt)


@pyramid.mistake("金额占比写成了百分数：应是 0 到 1 之间的小数", share=0.8)
def pyramid_percent(w: World) -> pd.DataFrame:
    right = tiers(w.customers)
    return right.assign(金额占比=right["金额占比"] * 100)


@lab.item("E3-11", points=6, title="各省客户数柱形图",
          need="每个省份一根柱子，高度是客户人数，图有标题、横轴和纵轴名称",
          public=checks.BarChart(least=15), compare=compare.bars())  # fmt: skip
def chart(w: World) -> dict[str, float]:
    return {str(k): float(v) for k, v in w.customers["省份"].value_counts().items()}


@chart.mistake("柱子的高度是累计金额：这张图要画客户人数", share=0.3)
def chart_of_amounts(w: World) -> dict[str, float]:
    return {str(k): float(v) for k, v in w.customers.groupby("省份")["累计金额"].sum().items()}


@chart.mistake("只画了已成交客户：要画全部客户", share=0.4)
def chart_of_dealt(w: World) -> dict[str, float]:
    return {str(k): float(v) for k, v in w.dealt["省份"].value_counts().items()}


lab.manual(
    "E3-12", points=8, title="两个客户群、两项行动",
    need="150–250 字：点名两个客户群，各提一项行动，每项都用本实验算出的数字支持",
    rubric=(
        Level(8, "两个群都点了名，两项行动可行，各有本实验的数字支持"),
        Level(6, "两项行动可行，但只有一项有数字支持"),
        Level(4, "只有一项行动写得具体，或数字与行动没有关系"),
        Level(2, "只有口号，没有数字也没有点名客户群"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
