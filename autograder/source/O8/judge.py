"""Judge of lab O8, 渠道关系: list, dormant, sales, returns, new and old buyers, score, upkeep.

Which channel is asleep is a fact of the shop and the same for everybody; what is asked about it
(O8-02) is not.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.O8.reference import (
    ASLEEP,
    DORMANT,
    OLD,
    RETURNED,
    VALUE,
    WHOLE,
    World,
    asleep,
    cells,
    every_order,
    listed,
    maintained,
    monthly,
    net_orders,
    newcomers,
    ranking,
    returned,
    returning,
    values,
)
from autograder.spec import LabSpec, Level
from crmkit import shops
from crmkit.lab import checks, forms
from crmkit.lab.inputs import o8
from crmkit.lab.inputs.o8 import CHANNEL


def world(student: str) -> World:
    return World(student, shops.as_of())


lab = LabSpec("O8", "渠道关系", world=world, shop=o8.SHOP, workbook="out/O8.xlsx")

# ------------------------------------------------------------------ channels

LISTED = ("平台", "开通日期", "渠道状态")


@lab.item("O8-01", points=8, core=True, title="渠道列表", need="开通日期不早于给定日子（当天也算）的渠道：平台、开通日期、渠道状态，已关闭的也列",
          public=checks.Table(columns=LISTED, key=CHANNEL, least=1, most=8),
          compare=compare.columns(LISTED, key=CHANNEL))  # fmt: skip
def channels(w: World) -> pd.DataFrame:
    return listed(w)


@channels.mistake("给定的那一天开通的渠道漏了：当天也算", share=0.6)
def channels_open(w: World) -> pd.DataFrame:
    return listed(w, edge=False)


@channels.mistake("已关闭的渠道漏了：题目要全部，看状态列", share=0.6)
def channels_alive(w: World) -> pd.DataFrame:
    return listed(w, closed=False)


@channels.mistake("没有按开通日期筛选：只要给定日子以后开通的", share=0.3)
def channels_all(w: World) -> pd.DataFrame:
    return listed(w, since=False)


@lab.item("O8-02", points=12, core=True, title="休眠渠道",
          need=f"营业中、超过 {DORMANT} 天没有有效订单的渠道，到开会那天的沉睡天数，到末单那天为止几个月的支付金额",
          public=checks.Table(columns=ASLEEP, key=CHANNEL, least=1, most=8), compare=cells(ASLEEP, tolerance=0.01))  # fmt: skip
def dormant(w: World) -> pd.DataFrame:
    return asleep(w)


@dormant.mistake("已关闭的渠道不算休眠：休眠是还在营业却没有订单", share=0.5)
def dormant_closed(w: World) -> pd.DataFrame:
    return asleep(w, closed=True)


@dormant.mistake("沉睡天数数到了数据日期：题目要数到开会那天", share=0.6)
def dormant_today(w: World) -> pd.DataFrame:
    return asleep(w, until=w.as_of)


@dormant.mistake("金额照抄了系统里的 12 个月：题目给的月数不同", share=0.7)
def dormant_year(w: World) -> pd.DataFrame:
    return asleep(w, months=12)


@dormant.mistake("金额是全部时间的：只要到末单那天为止的几个月", share=0.7)
def dormant_ever(w: World) -> pd.DataFrame:
    return asleep(w, months=24)


@dormant.mistake("金额减了退款：题目要支付金额", share=0.7)
def dormant_net(w: World) -> pd.DataFrame:
    return asleep(w, net=True)


# ------------------------------------------------------------------ sales and returns

SALES, BY_MONTH = ("订单数", "支付金额"), ("月份", CHANNEL)


@lab.item("O8-03", points=12, core=True, title="渠道销量", need="给定的半年里每个月、每个渠道的订单数和支付金额",
          public=checks.Table(columns=(*BY_MONTH, *SALES), least=30, most=48), compare=cells(SALES, BY_MONTH, 0.01))  # fmt: skip
def sales(w: World) -> pd.DataFrame:
    return monthly(w)


@sales.mistake("没付款和作废的订单也算进来了：只算有效订单，按付款日", share=0.3)
def sales_unpaid(w: World) -> pd.DataFrame:
    return monthly(w, every_order(w))


@sales.mistake("减了退款：退款口径要选支付金额", share=0.5)
def sales_net(w: World) -> pd.DataFrame:
    return monthly(w, net_orders(w))


@sales.sign("月份不是给定的半年：先选时间段，再看逐月", share=0.2)
def sales_other_months(w: World, got: Any) -> bool:
    months = {forms.text(m)[:7] for m in forms.table(got, BY_MONTH)["月份"]}
    return months != set(w.sold["月份"])


@lab.item("O8-04", points=12, core=True, title="退货率分析", need="给定的半年里付款的明细，每个渠道按行和按金额的退货率",
          public=checks.Table(columns=RETURNED, key=CHANNEL, least=6, most=8), compare=cells(RETURNED))  # fmt: skip
def returns(w: World) -> pd.DataFrame:
    return returned(w)


@returns.mistake("用了按退款日的两列：题目要按付款日", share=0.5)
def returns_by_refund(w: World) -> pd.DataFrame:
    return returned(w, by="退款日")


@returns.mistake("「仅退款」也算进来了：退货率只算退货，那是退款率", share=0.4)
def returns_refunds(w: World) -> pd.DataFrame:
    return returned(w, only="")


@returns.mistake("写成了百分数：应是 0 到 1 之间的小数", share=0.8)
def returns_percent(w: World) -> pd.DataFrame:
    right = returned(w)
    return right.assign(**{c: right[c] * 100 for c in RETURNED})


# ------------------------------------------------------------------ new and old

NEW = ("新客数",)


@lab.item("O8-05", points=12, core=True, title="新顾客分析", need="每个月、每个渠道里全店首单不早于当月 1 日的买家数",
          public=checks.Table(columns=(*BY_MONTH, *NEW), least=30, most=48), compare=cells(NEW, BY_MONTH))  # fmt: skip
def new(w: World) -> pd.DataFrame:
    return newcomers(w)


@new.mistake("按“对这个渠道是新的”算了：在别的渠道买过的，对全店不是新客", share=0.4)
def new_to_channel(w: World) -> pd.DataFrame:
    return newcomers(w, "channel")


@new.mistake("拿半年的第一天判断新老：每个月要拿当月 1 日判断", share=0.4)
def new_in_period(w: World) -> pd.DataFrame:
    return newcomers(w, "period")


@new.mistake("数的是全部买家：只要新客", share=0.2)
def new_all(w: World) -> pd.DataFrame:
    return newcomers(w, "all")


@lab.item("O8-06", points=12, core=True, title="老客户分析", need="给定的半年里每个渠道的老客占比和复购率",
          public=checks.Table(columns=OLD, key=CHANNEL, least=6, most=8), compare=cells(OLD))  # fmt: skip
def old(w: World) -> pd.DataFrame:
    return returning(w)


@old.mistake("复购率数了半年以外的订单：只看这半年", share=0.5)
def old_ever(w: World) -> pd.DataFrame:
    return returning(w, whole=True)


@old.mistake("复购率数了别的渠道的订单：要在这个渠道里买 2 次", share=0.5)
def old_anywhere(w: World) -> pd.DataFrame:
    return returning(w, where="shop")


@old.mistake("填的是新客占比：老客占比 = 1 − 新客占比", share=0.5)
def old_new(w: World) -> pd.DataFrame:
    right = returning(w)
    return right.assign(**{OLD[0]: 1 - right[OLD[0]]})


@lab.item("O8-07", points=12, core=True, title="客单价分析", need="每个渠道和全店的客单价、笔单价；全店的买家按全店去重",
          public=checks.Table(columns=VALUE, key=CHANNEL, least=7, most=9), compare=cells(VALUE, tolerance=0.01))  # fmt: skip
def value(w: World) -> pd.DataFrame:
    return values(w)


@value.mistake(
    "全店的数是各渠道的简单平均：大渠道和小渠道不能一样重，要用全店的金额除以全店的买家、订单",
    share=0.6,
)
def value_mean(w: World) -> pd.DataFrame:
    return values(w, overall="mean")


@value.mistake("全店的买家数是各渠道相加的：在几个渠道都买过的人，全店只算一位", share=0.7)
def value_sum(w: World) -> pd.DataFrame:
    return values(w, overall="sum")


@value.mistake("客单价和笔单价写反了：客单价除以买家数，笔单价除以订单数", share=0.4)
def value_swapped(w: World) -> pd.DataFrame:
    right = values(w)
    return right.assign(**{VALUE[0]: right[VALUE[1]], VALUE[1]: right[VALUE[0]]})


@value.sign(f"没有「{WHOLE}」这一行：再加一行，「渠道编号」写「{WHOLE}」", share=0.6)
def value_no_whole(w: World, got: Any) -> bool:
    return WHOLE not in {forms.text(x) for x in forms.table(got, VALUE, CHANNEL)[CHANNEL]}


# ------------------------------------------------------------------ score, upkeep


@lab.item("O8-08", points=6, title="渠道名次", need="四个指标各换算到 0–1（退货率反向），按给定的权重加权，渠道按得分从高到低",
          public=checks.Ids(CHANNEL, r"C\d{2}", least=6, most=8, ordered=True),
          compare=compare.id_order(CHANNEL, right_set=0.2))  # fmt: skip
def rank(w: World) -> list[str]:
    return ranking(w)


@rank.mistake("退货率没有反向：它越低越好，要用 1 减", share=0.5)
def rank_not_turned(w: World) -> list[str]:
    return ranking(w, turned=False)


@rank.mistake("没有先换算到 0–1：支付金额的单位把别的指标都盖住了", share=0.4)
def rank_raw(w: World) -> list[str]:
    return ranking(w, scaled=False)


@rank.mistake("排成了从低到高：得分高的在前", share=0.5)
def rank_upwards(w: World) -> list[str]:
    return ranking(w)[::-1]


UPKEEP = {
    "status": "渠道状态不对", "contact": "负责人不对", "note": "备注不对",
    "others": "别的渠道的状态或负责人也改了", "log": "操作日志里没有维护这个渠道",
}  # fmt: skip


@lab.operation("O8-09", points=6, title="维护渠道", need="按通知改一个渠道的状态、负责人和备注，别的渠道不动",
               log=checks.Operations(("channels.list",), ("维护渠道",)), reads=maintained,
               compare=compare.facts({"status": 0.35, "contact": 0.35, "note": 0.1, "others": 0.1, "log": 0.1}, UPKEEP))  # fmt: skip
def upkeep(w: World) -> dict[str, Any]:
    task = w.task("O8-09")
    return {"status": "closed", "contact": forms.text(task["负责人"]), "note": forms.text(task["备注"]), "others": [], "log": True}  # fmt: skip


@upkeep.mistake("状态还没有改：在「渠道列表」的那一行点「维护」，按通知选状态", share=0.5)
def upkeep_open(w: World) -> dict[str, Any]:
    return upkeep.expect(w) | {"status": "open"}


@upkeep.mistake("负责人没有改成通知里的人", share=0.5)
def upkeep_contact(w: World) -> dict[str, Any]:
    c = w.channels.set_index(CHANNEL)["负责人"]
    return upkeep.expect(w) | {"contact": c[w.task("O8-09")[CHANNEL]]}


@upkeep.sign("改的不是通知里的渠道：看清渠道编号，把改错的改回去", share=0.1)
def upkeep_other(w: World, got: Any) -> bool:
    return bool(got["others"]) and got["status"] == "open"


lab.manual(
    "O8-10", points=8, title="一个休眠渠道的处理意见",
    need="就休眠渠道写出原因、唤醒还是关闭、谁来做、花多少钱、何时看什么数",
    rubric=(
        Level(8, "原因有系统里的依据并说明怎样核实；做法具体到人和日子；成本与它原来带来的钱比过；有去留的界限"),
        Level(6, "原因有依据，做法具体，有成本，但没有与收入比，或没有说何时看什么数"),
        Level(4, "有做法，但原因只凭猜测，或没有成本"),
        Level(2, "只说“加强运营”之类"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
