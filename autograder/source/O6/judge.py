"""Judge of lab O6, 营销信息: campaigns, birthday and festival care, tags, cap, figures, points."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.O6.reference import (
    CAP,
    CAP_DAYS,
    FIGURES,
    TEST,
    World,
    as_asked,
    cared,
    created,
    greeted,
    holidays,
    kept,
    near,
    not_lost,
    points,
    reached,
    results,
    silent,
    tagged,
    two_texts,
    wanted,
)
from autograder.spec import LabSpec, Level
from crmkit.lab import checks
from crmkit.lab.inputs import o6
from crmkit.lab.inputs.o6 import MESSAGE, ORDER


def world(student: str) -> World:
    return World(student)


lab = LabSpec("O6", "营销信息", world=world, shop=o6.SHOP, workbook="out/O6.xlsx")

# ------------------------------------------------------------------ 活动营销


@lab.operation("O6-01", points=16, core=True, title="活动营销",
               need="按给定的名称、日期、预算、优惠券新建活动，人群规则恰好圈出给定的顾客",
               log=checks.Operations(("marketing.campaigns",), ("新建活动", "修改活动")), reads=created,
               compare=compare.facts({"named": 0.1, "dates": 0.15, "money": 0.15, "audience": 0.6}, {
                   "named": "没有这个名称的活动", "dates": "起止日期不对", "money": "预算或优惠券不对",
                   "audience": "规则圈出的人群不对"}))  # fmt: skip
def campaign(w: World) -> dict[str, Any]:
    return as_asked(w, wanted(w))


@campaign.mistake("累计金额用了“大于”：刚好等于界限的顾客也要在内，用 ≥", share=0.7)
def campaign_above(w: World) -> dict[str, Any]:
    return as_asked(w, wanted(w, open_end=True))


@campaign.mistake("没有限定省份：四个条件要同时满足", share=0.5)
def campaign_everywhere(w: World) -> dict[str, Any]:
    return as_asked(w, wanted(w, "省份"))


@campaign.mistake("没有限定距上次购买的天数：四个条件要同时满足", share=0.5)
def campaign_ever(w: World) -> dict[str, Any]:
    return as_asked(w, wanted(w, "距上次购买天数"))


@campaign.mistake("四个条件用了“满足任一”：要同时满足", share=0.5)
def campaign_either(w: World) -> dict[str, Any]:
    return as_asked(w, wanted(w, either=True))


@campaign.mistake("规则里多了“接受营销”：只写表里的四个条件，没同意的人发送时系统会排除", share=0.7)
def campaign_agreed(w: World) -> dict[str, Any]:
    return as_asked(w, wanted(w, agreed=True))


@campaign.sign("没有设人群规则：不设规则就是发给全部客户", share=0.3)
def campaign_everybody(w: World, got: Any) -> bool:
    return bool(got["named"]) and len(got["audience"]) == len(w.people)


# ------------------------------------------------------------------ 关怀


@lab.operation("O6-02", points=14, core=True, title="生日关怀",
               need="给从今天起 7 天过生日的顾客发送问候；报给定的七天里过生日的全部顾客",
               log=checks.Operations(("marketing.birthday",), ("发送生日关怀",)), reads=cared,
               public=checks.Ids(least=5, most=200),
               compare=compare.facts({"sent": 0.6, "listed": 0.4}, {
                   "sent": "发送了生日关怀的顾客不对", "listed": "报的名单不对"}))  # fmt: skip
def birthday(w: World) -> dict[str, Any]:
    return {"sent": greeted(w), "listed": near(w)}


@birthday.mistake("2 月 29 日出生的顾客漏了：平年按 2 月 28 日过", share=0.8)
def birthday_leap(w: World) -> dict[str, Any]:
    return {"sent": greeted(w), "listed": near(w, leap=False)}


@birthday.mistake("只发了今天过生日的：从今天起 7 天，要跨过年底", share=0.5)
def birthday_today(w: World) -> dict[str, Any]:
    return {"sent": greeted(w, 1), "listed": near(w)}


@birthday.mistake("从明天开始数了：今天算第一天", share=0.6)
def birthday_tomorrow(w: World) -> dict[str, Any]:
    return {"sent": greeted(w, 8, skip=1), "listed": near(w)}


@birthday.sign("名单报了，问候没有发送：在「生日关怀」里点「发送祝贺」", share=0.4)
def birthday_unsent(w: World, got: Any) -> bool:
    return not got["sent"] and sorted(got["listed"]) == near(w)


@lab.operation("O6-03", points=12, core=True, title="节日关怀",
               need="给定的三个节日各建一个关怀，人群是买过、没有流失的顾客，文案里有节日的名字",
               log=checks.Operations(("marketing.holiday",), ("新建活动",)), reads=holidays,
               compare=compare.facts({"festivals": 0.4, "audience": 0.4, "texts": 0.2}, {
                   "festivals": "建好的节日不对", "audience": "有一个关怀的人群不对",
                   "texts": "有的文案里没有节日的名字"}))  # fmt: skip
def holiday(w: World) -> dict[str, Any]:
    return {"festivals": w.task("O6-03")["节日"], "audience": not_lost(w), "texts": True}


@holiday.mistake("流失的顾客也在里面：流失状态只要活跃和沉默", share=0.6)
def holiday_lost(w: World) -> dict[str, Any]:
    return {**holiday.expect(w), "audience": not_lost(w, "活跃", "沉默", "流失")}


@holiday.mistake("没有设人群：没买过的、流失的顾客都在里面", share=0.5)
def holiday_everybody(w: World) -> dict[str, Any]:
    return {**holiday.expect(w), "audience": not_lost(w, "活跃", "沉默", "流失", "未购买")}


@holiday.mistake("只要了活跃的：沉默的顾客还没有流失", share=0.6)
def holiday_active(w: World) -> dict[str, Any]:
    return {**holiday.expect(w), "audience": not_lost(w, "活跃")}


@lab.operation("O6-04", points=10, core=True, title="活动标签",
               need="给定活动触达的顾客都有「触达:…」标签；报用标签筛出的、收到了没有响应的顾客",
               log=checks.Operations(("marketing.tags",), ("打活动标签",)), reads=tagged,
               public=checks.Ids(least=20, most=400),
               compare=compare.facts({"members": 0.6, "listed": 0.4}, {
                   "members": "有触达标签的顾客不对", "listed": "报的名单不对"}))  # fmt: skip
def tags(w: World) -> dict[str, Any]:
    return {"members": reached(w), "listed": silent(w)}


@tags.mistake("名单里还有响应了的人：从触达的人里去掉带响应标签的", share=0.6)
def tags_everybody(w: World) -> dict[str, Any]:
    return {"members": reached(w), "listed": reached(w)}


@tags.mistake("名单里有对照组的人：他们没有收到，谈不上不响应", share=0.6)
def tags_control(w: World) -> dict[str, Any]:
    return {"members": reached(w), "listed": silent(w, control=True)}


@tags.sign("名单对了，但没有打上触达标签：在「活动标签」的那一行点「打标签」", share=0.4)
def tags_missing(w: World, got: Any) -> bool:
    return not got["members"] and sorted(got["listed"]) == silent(w)


# ------------------------------------------------------------------ 频次


@lab.item("O6-05", points=10, title="频次上限",
          need=f"按任何 {CAP_DAYS} 天最多 {CAP} 条逐条放行，发出的发送编号",
          public=checks.Ids(MESSAGE, r"P\d{3}", least=10, most=80), compare=compare.id_set(MESSAGE))  # fmt: skip
def capped(w: World) -> list[str]:
    return kept(w)


@capped.mistake("取消了的也算进了次数：只数真正发出的", share=0.5)
def capped_planned(w: World) -> list[str]:
    return kept(w, planned=True)


@capped.mistake("刚好 7 天前的那条也算进了次数：满 7 天就不再算", share=0.6)
def capped_inclusive(w: World) -> list[str]:
    return kept(w, inclusive=True)


@capped.mistake("每人一共只放了两条：过了 7 天可以再发", share=0.3)
def capped_ever(w: World) -> list[str]:
    return kept(w, ever=True)


# ------------------------------------------------------------------ 效果


@lab.item("O6-06", points=12, title="活动效果", need="给定活动的响应率、转化率、投资回报率",
          public=checks.Mapping(keys=FIGURES, low=-1, high=50), compare=compare.mapping(1e-4))  # fmt: skip
def effect(w: World) -> dict[str, float]:
    return results(w)


@effect.mistake("对照组也算进了发送人数：留白的没有收到消息", share=0.3)
def effect_control(w: World) -> dict[str, float]:
    return results(w, control=True)


@effect.mistake("投资回报率没有减去预算：（收入 − 预算）÷ 预算", share=0.65)
def effect_plain(w: World) -> dict[str, float]:
    return results(w, plain=True)


@effect.mistake("收入减了退款：题目的收入不减退款", share=0.7)
def effect_net(w: World) -> dict[str, float]:
    return results(w, net=True)


@lab.item("O6-07", points=10, title="两个文案", need="两个文案响应率之差（A 减 B）和双侧 p 值",
          public=checks.Mapping(keys=TEST, low=-1, high=1), compare=compare.mapping(1e-3))  # fmt: skip
def texts(w: World) -> dict[str, float]:
    return two_texts(w)


@texts.mistake("p 值只算了一侧：双侧要乘 2", share=0.6)
def texts_one_sided(w: World) -> dict[str, float]:
    return two_texts(w, one_sided=True)


@texts.mistake("差的方向反了：A 减 B", share=0.6)
def texts_turned(w: World) -> dict[str, float]:
    return two_texts(w, turned=True)


@lab.item("O6-08", points=6, title="消费积分", need="给定一周收货的交易成功订单，每张的积分",
          public=checks.Table(columns=("积分",), key=ORDER, least=5, most=400, integers=("积分",), low=0),
          compare=compare.columns(("积分",), key=ORDER))  # fmt: skip
def score(w: World) -> pd.DataFrame:
    return points(w)


@score.mistake("运费也算了积分：先减去运费", share=0.5)
def score_freight(w: World) -> pd.DataFrame:
    return points(w, freight=False)


@score.mistake("没有乘会员等级的系数：先查这张订单的顾客是哪一级", share=0.4)
def score_levels(w: World) -> pd.DataFrame:
    return points(w, levels=False)


@score.mistake("四舍五入了：不满 1 分的舍去", share=0.6)
def score_rounded(w: World) -> pd.DataFrame:
    return points(w, up=True)


@score.mistake("退了款的订单没有减去退款", share=0.7)
def score_refunds(w: World) -> pd.DataFrame:
    return points(w, refunds=False)


lab.manual(
    "O6-09", points=10, title="一页活动方案", need="为一群顾客写活动方案：目标、人群、给什么、花多少、怎样衡量",
    rubric=(
        Level(10, "五样齐全：目标是一个数，人群能逐人判定，预算加得起来，衡量办法有对照组，分得清活动的功劳"),
        Level(8, "五样齐全，但衡量只有前后比较、分不清活动的功劳，或预算没有算"),
        Level(6, "缺一样，其余具体"),
        Level(3, "缺两样以上，或只有口号"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
