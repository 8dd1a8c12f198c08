"""Judge of lab O7, 互动信息: survey, replies, calls, inquiries, warnings, one customer's story."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.operations import Work
from autograder.source.O7.reference import (
    DAYS,
    HANDLED,
    HOURS,
    SD,
    TOPIC,
    World,
    alerts,
    answered,
    asked,
    calls,
    five,
    handled,
    line,
    linked,
    plan,
    planned,
    records,
    rules,
    shares,
    surveyed,
    ten_answers,
    three_records,
    top_topics,
    watched,
    willing,
)
from autograder.spec import LabSpec, Level
from crmkit.lab import checks
from crmkit.lab.inputs import o7
from crmkit.lab.inputs.o7 import ASKED, CALLED, KEY, SAMPLE


def world(student: str) -> World:
    return World(student)


lab = LabSpec("O7", "互动信息", world=world, shop=o7.SHOP, workbook="out/O7.xlsx")

# ------------------------------------------------------------------ 短信问卷、微信互动

SURVEY = {
    "questions": "问卷的题目、题型或选项不对", "published": "问卷没有发布", "sent": "收到问卷的顾客不对",
    "answered": "还没有收回答", "table": "交的结果表与系统里收到的回答不符",
}  # fmt: skip


@lab.operation("O7-01", points=12, core=True, title="短信问卷",
               need=f"按给定的标题和 5 道题建问卷，发布，发给名单上的 {SAMPLE} 位顾客，收回答，报各题各选项的人数",
               log=checks.Operations(("interactions.survey",), ("建问卷", "发布问卷", "发送问卷", "模拟回收", "录入回答")),
               reads=surveyed, public=checks.Table(columns=("题号", "选项", "人数"), least=10, most=60),
               compare=compare.facts(
                   {"questions": 0.25, "published": 0.1, "sent": 0.25, "answered": 0.15, "table": 0.25}, SURVEY))  # fmt: skip
def survey(w: World) -> dict[str, Any]:
    return {"questions": asked(w), "published": True, "sent": sorted(willing(w)), "answered": True, "table": True}  # fmt: skip


@survey.mistake(
    "问卷建好了，还没有发布和发送：在那一行依次点「发布」「发送」「模拟回收」", share=0.25
)
def survey_draft(w: World) -> dict[str, Any]:
    return survey.expect(w) | {"published": False, "sent": [], "answered": False, "table": False}


@survey.mistake("问卷发出去了，还没有收回答：点“模拟回收”", share=0.6)
def survey_silent(w: World) -> dict[str, Any]:
    return survey.expect(w) | {"answered": False, "table": False}


@survey.mistake("只发给了名单上的一部分：60 个编号要一起填进去", share=0.6)
def survey_some(w: World) -> dict[str, Any]:
    return survey.expect(w) | {"sent": sorted(willing(w))[:20]}


@survey.sign("题数不对：五道题都要有，一行一题", share=0.4)
def survey_fewer(w: World, got: Any) -> bool:
    return bool(got["questions"]) and len(got["questions"]) != 5


def replying(w: World, work: Work, value: Any) -> dict[str, Any]:
    rows = work.rows("replies")
    return {"answers": answered(w, rows), "rules": len(rows)}


@lab.operation("O7-02", points=10, core=True, title="微信自动回复", need="照给定的五条规则设自动回复，排在前面的优先，规则 5 要整句",
               log=checks.Operations(("interactions.wechat",), ("加自动回复", "改自动回复")), reads=replying,
               compare=ten_answers)  # fmt: skip
def replies(w: World) -> dict[str, Any]:
    return {"answers": answered(w, rules(w)), "rules": 5}


@replies.mistake("没有设优先级：一句话里有两件事时，排在前面的规则要先答", share=0.6)
def replies_equal(w: World) -> dict[str, Any]:
    return {"answers": answered(w, rules(w, ranked=False)), "rules": 5}


@replies.mistake("规则 5 设成了“包含”：整句就是那个词才答", share=0.7)
def replies_loose(w: World) -> dict[str, Any]:
    return {"answers": answered(w, rules(w, exact=False)), "rules": 5}


@replies.mistake("每条规则只设了第一个关键词：三个词都要填，每行一个", share=0.4)
def replies_first(w: World) -> dict[str, Any]:
    return {"answers": answered(w, rules(w, first=True)), "rules": 5}


# ------------------------------------------------------------------ 呼入、呼出


@lab.operation("O7-03", points=10, core=True, title="登记来电", need="登记三通来电：客户、主题、结果、时长（秒）、订单编号",
               log=checks.Operations(("interactions.inbound",), ("登记呼入",)), reads=records, compare=three_records)  # fmt: skip
def recorded(w: World) -> dict[str, Any]:
    return calls(w)


@recorded.mistake("时长填的是分钟：要换算成秒", share=0.6)
def recorded_minutes(w: World) -> dict[str, Any]:
    return calls(w, 时长=lambda c: c["时长"] // 60)


@recorded.mistake("来电里报了订单号的，没有填订单编号：照他报的号码填", share=0.8)
def recorded_no_order(w: World) -> dict[str, Any]:
    return calls(w, 订单编号=lambda c: "")


@recorded.mistake("第三通是投诉：顾客不满的是服务，不是问一件事", share=0.8)
def recorded_quality(w: World) -> dict[str, Any]:
    return calls(w, 主题=lambda c: "质量问题" if c["主题"] == "投诉" else c["主题"])


PLAN = {
    "people": "安排了外呼的顾客不对", "agents": "谁打给谁不对", "topic": "主题不对", "start": "有电话排在了给定的时间之前，或还没有安排",
    "hours": "有电话在可以打的时间之外，或同一位客服的电话重叠",
}  # fmt: skip


@lab.operation("O7-04", points=10, core=True, title="安排外呼", need=f"给 {CALLED} 位顾客各安排一个外呼：客服、主题、不早于给定的时间，在可以打的时间里，不重叠",
               log=checks.Operations(("interactions.outbound",), ("安排呼出",)), reads=planned,
               compare=compare.facts({"people": 0.3, "agents": 0.25, "topic": 0.1, "start": 0.2, "hours": 0.15}, PLAN))  # fmt: skip
def callbacks(w: World) -> dict[str, Any]:
    return plan(w)


@callbacks.mistake("全部排给了一位客服：两位客服各打各的", share=0.6)
def callbacks_one_agent(w: World) -> dict[str, Any]:
    right, agent = plan(w), [*shares(w)][0]
    return right | {"agents": sorted(f"{i}{agent}" for i in right["people"])}


@callbacks.mistake("没有填从什么时候起：排在了给定的时间之前", share=0.6)
def callbacks_early(w: World) -> dict[str, Any]:
    return plan(w) | {"start": False}


@callbacks.sign("有的顾客排了两次：多余的不要", share=0.5)
def callbacks_twice(w: World, got: Any) -> bool:
    return len(got["people"]) > len(set(got["people"]))


# ------------------------------------------------------------------ 咨询、预警


@lab.item("O7-05", points=10, core=True, title="最常问的五件事", need=f"到给定的日子为止最近 {ASKED} 条咨询里，次数最多的五个主题和次数",
          public=checks.Table(columns=TOPIC, key="主题", least=5, most=5), compare=five)  # fmt: skip
def topics(w: World) -> pd.DataFrame:
    return top_topics(w)


@topics.mistake("数的是全部咨询：只要最近的 50 条", share=0.3)
def topics_all(w: World) -> pd.DataFrame:
    return top_topics(w, n=None)


@topics.mistake("数的是呼入：题目要咨询", share=0.3)
def topics_calls(w: World) -> pd.DataFrame:
    return top_topics(w, kind="呼入")


@topics.mistake("数的是那一天以后的 50 条：要到那一天为止", share=0.3)
def topics_after(w: World) -> pd.DataFrame:
    return top_topics(w, after=True)


@lab.item("O7-06", points=16, core=True, title="中差评预警",
          need=f"三星及以下、没有回复、满 {HOURS} 小时的评价和级别；中差评多于均值加 {SD} 个标准差的日子",
          public=checks.Tables(("预警:评价编号 级别", "集中:日期")), compare=watched)  # fmt: skip
def watch(w: World) -> dict[str, pd.DataFrame]:
    return alerts(w)


@watch.mistake("只列了一二星：三星也是中差评", share=0.4)
def watch_bad(w: World) -> dict[str, pd.DataFrame]:
    return alerts(w, stars=2)


@watch.mistake("已经回复的也列进来了：只要没有回复的", share=0.4)
def watch_answered(w: World) -> dict[str, pd.DataFrame]:
    return alerts(w, answered=True)


@watch.mistake("三星算成了高级：一二星是高，三星是中", share=0.7)
def watch_levels(w: World) -> dict[str, pd.DataFrame]:
    return alerts(w, middle=3)


@watch.mistake(f"集中的日子用了 2 个标准差：题目是 {SD} 个", share=0.8)
def watch_two(w: World) -> dict[str, pd.DataFrame]:
    return alerts(w, sd=2)


# ------------------------------------------------------------------ 一位顾客，一段日子


@lab.item("O7-07", points=10, title="一位顾客的时间线", need="给定顾客的全部互动编号，从早到晚",
          public=checks.Ids("互动编号", r"I\d{5}", least=2, most=40, ordered=True),
          compare=compare.id_order("互动编号"))  # fmt: skip
def story(w: World) -> list[str]:
    return line(w)


@story.mistake("排成了从晚到早：要从早到晚", share=0.5)
def story_backwards(w: World) -> list[str]:
    return line(w)[::-1]


@story.mistake("只列了电话和咨询：微信和短信问卷也是互动", share=0.3)
def story_spoken(w: World) -> list[str]:
    return line(w, ("咨询", "呼入", "呼出"))


@lab.item("O7-08", points=8, title="处理时长和首次解决率",
          need=f"给定的一种记录、一段日子：平均处理时长（秒），{DAYS} 天内没有为同一主题再来的首次来访占比",
          public=checks.Mapping(keys=HANDLED, low=0, high=3600), compare=compare.mapping(1e-4))  # fmt: skip
def handling(w: World) -> dict[str, float]:
    return handled(w)


@handling.mistake("算的是全部日子：只要给定的一段", share=0.3)
def handling_ever(w: World) -> dict[str, float]:
    return handled(w, whole=True)


@handling.mistake("咨询和呼入弄反了：题目「看哪一种」写的是哪一种，就看哪一种", share=0.3)
def handling_other(w: World) -> dict[str, float]:
    return handled(w, other=True)


@handling.mistake("时长写成了分钟：题目要秒", share=0.6)
def handling_minutes(w: World) -> dict[str, float]:
    right = handled(w)
    return right | {HANDLED[0]: right[HANDLED[0]] / 60}


# ------------------------------------------------------------------ 投诉与订单


@lab.operation("O7-09", points=6, title="投诉关联订单", need="找到投诉说的那张订单，与呼入记录关联",
               log=checks.Operations(("interactions.inbound",), ("关联订单", "登记呼入")), reads=linked,
               compare=compare.facts({"record": 0.2, "order": 0.8}, {
                   "record": "没有这位顾客投诉的呼入记录，先做 O7-03", "order": "关联的订单不对，或还没有关联"}))  # fmt: skip
def complaint(w: World) -> dict[str, Any]:
    return {"record": True, "order": w.data.complaint_order}


@complaint.mistake("投诉登记了，还没有关联订单：在「呼入记录」的那一行点「关联订单」", share=0.2)
def complaint_alone(w: World) -> dict[str, Any]:
    return {"record": True, "order": ""}


@complaint.mistake("关联的是这位顾客的另一张订单：按商品和付款日期找", share=0.4)
def complaint_other(w: World) -> dict[str, Any]:
    o = w.data.shop.orders
    own = o.loc[o[KEY] == w.task("O7-09")[KEY], "订单编号"]
    return {"record": True, "order": next(x for x in own if x != w.data.complaint_order)}


@complaint.sign("关联的是这位顾客的另一张订单：按商品和付款日期找", share=0.4)
def complaint_elsewhere(w: World, got: Any) -> bool:
    return bool(got["record"] and got["order"]) and got["order"] != w.data.complaint_order


lab.manual(
    "O7-10", points=8, title="公开答复一条差评",
    need="挑一条预警里的差评，写公开答复：礼貌、针对事实、补救和时限、不透露个人信息",
    rubric=(
        Level(8, "礼貌不争辩；针对顾客说的那件事实；补救办法具体、有时限；没有任何个人信息；以后的顾客读了能放心"),
        Level(6, "四点都有，但补救没有时限，或事实说得笼统"),
        Level(4, "有礼貌，但只是套话，放在哪条差评下面都行"),
        Level(2, "与顾客争辩，或透露了个人信息，或要他私下改评价"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
