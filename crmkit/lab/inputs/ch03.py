"""Inputs of chapter 3's exercises: boxes of the model, functions of modules, trials of a system.

Everything is drawn by hash. Where a box or function belongs and which trials pass is not written
here. All scenes and trials were written for class.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crmkit import shops
from crmkit.lab.inputs.by_hash import Draw, csv

CHAPTER = "ch03"
FUNCTIONS, MENU = 12, 12
STEPS = ("建单", "首次回复", "关单", "回访")
UPGRADE, LIMIT = "升级", 240  # minutes
# box of the general model → three wordings; one of each is dealt out
BOX_POOL = {
    "contacts": (
        "每位客户一条：姓名、手机、收货地址、可不可以发短信",
        "一家公司里的采购、财务、收货人各是谁，电话多少，存着备查",
        "一位客户只存一份的基本资料，哪个部门都读它",
    ),
    "further": (
        "紫砂壶买满半年，提醒客户来店免费养护",
        "问题办完三天后打一个回访电话，问好了没有",
        "给买过茶柜的客户加办延长保修",
    ),
    "segmentation": (
        "把一万名会员分成送礼、自饮、尝鲜三群",
        "按买得多不多、近不近，把会员分成八类",
        "挑出从前常来、半年没来的一群人",
    ),
    "visit": (
        "登门之前，翻看这家公司过去的往来和上次的价",
        "排好本周去哪几家茶楼，带什么样茶",
        "见采购员以前，弄清谁做主、上次谈到哪里",
    ),
    "activity_log": (
        "打来的电话、发来的微信、去过的拜访，逐条存着",
        "与客户每次往来的时间、渠道和内容的记录",
        "谁在什么时候用什么方式联系过客户，存成流水",
    ),
    "publicity": (
        "把新茶上市的海报发给全体会员",
        "在直播间和公众号上向大家介绍春茶",
        "编排下个月的宣传，定下发在哪几个平台",
    ),
    "support": (
        "回答买家怎样冲泡、怎样存放",
        "教已经下单的客户自己查货到了哪里",
        "在电话里一步步教人调好新买的煮茶器",
    ),
    "ordering": (
        "与客户定下规格、数量、交期和付款办法",
        "给一家公司报价，谈妥以后转成单据",
        "替客户选好礼盒的配法，约定哪天到货",
    ),
    "orders": (
        "已成交的每张单：谁、何时、买了什么、付了多少",
        "三年来的成交明细，存着供各部门查",
        "单号、商品、件数、金额，一行一张存着",
    ),
    "outreach": (
        "算出上次活动带来多少单，定下次的预算",
        "比较两版短信的响应率，留下好的一版再群发",
        "把活动中留下电话的人整理成线索，交给业务员",
    ),
    "problems": (
        "收到碎茶的投诉，核对照片，安排补发",
        "买家说少发一罐，查出库记录，当天答复",
        "退换单来了，判断责任在谁，按规定退款",
    ),
    "relations": (
        "业务员记住大客户的续约日，提前两个月去谈",
        "盯着一条商机，从初次接触谈到签约",
        "给重点公司定专人，每季见一次，商量来年的用量",
    ),
}
# what a module does, in the words of somebody in the shop
FUNCTION_POOL = (
    "业务员的日程：本周见谁、几点",
    "受理报修，登记序列号",
    "各类客户利润的三年走势",
    "编排一次促销的步骤和日历",
    "按签成的单算每位业务员的佣金",
    "由商机金额和概率推算下季的销售额",
    "算出一次活动带来的订单和每单成本",
    "哪两种商品总被同一位客户买走",
    "把投诉派给当班的人，到时没办就升级",
    "营销百科：话术、素材、产品资料放在一处",
    "划分销售区域，同一家公司不许两人跑",
    "挑出这次活动要发的名单",
    "服务合同和保修期到期提醒",
    "管住一次活动的预算，超了就停",
    "给一家公司出报价单和方案书",
    "从半年的购买记录里找流失的征兆",
    "常见问题的解答库，供接电话的人查",
    "跟踪谁点开了邮件、谁还没有响应",
    "联系人档案：谁决策、谁付款、谁使用",
    "店长每天早上看的仪表板",
    "维修办完以后回访，问满意不满意",
    "预计本月能签下几家、共多少钱",
    "两版短信哪一版的响应率高，活动后出一张表",
    "按地区、月份、品类逐层下钻的报表",
    "业务员出差的费用登记和报销",
    "估计每位客户今后几年还能带来多少利润",
    "上门安装的排程：哪位师傅、哪一天",
    "到了时间自动群发，退订的自动剔除",
)
# A public example: every part of it passes.
EXAMPLE: dict[str, Any] = {
    "往来": [["09:10", "微信"], ["10:25", "电话"]],
    "时间线": [["09:10", "微信"], ["10:25", "电话"]],
    "打开": {"店里": 200, "出差": 200, "手机": 200},
    "新号": "13900000001",
    "手机号": {"营销": "13900000001", "销售": "13900000001", "服务": "13900000001"},
    "流程": [["建单", 0], ["首次回复", 35], ["关单", 90], ["回访", 4410]],
}
_CHANNELS = ("微信", "电话", "邮件", "网页留言", "面谈", "传真")
# One trial per column; every kind of defect occurs, each beside others.
_TIMELINES = ("whole", "lost", "whole", "twice", "whole", "mixed", "whole", "foreign", "lost", "whole")  # fmt: skip
_PLACES = ("open", "open", "shut", "open", "error", "open", "shut", "open", "open", "error")
_NUMBERS = ("new", "new", "one_old", "all_old", "new", "new", "all_old", "one_old", "new", "new")
_FLOWS = ("quick", "late", "upgraded", "edge", "no_visit", "quick", "swapped", "late", "edge", "upgraded")  # fmt: skip


def draw(student: str) -> Draw:
    return Draw(student, CHAPTER)


def boxes(student: str) -> dict[str, tuple[str, str]]:
    """Letter → (box, wording)."""
    return draw(student).lettered(BOX_POOL, "boxes")


def functions(student: str) -> dict[str, int]:
    return draw(student).cards(len(FUNCTION_POOL), FUNCTIONS, "M", "functions")


def menu(student: str) -> dict[str, str]:
    """Number → name of a function of the CRM (only names that stand in one module)."""
    from crmkit.crm import catalogue

    names = [f.name for f in catalogue.FUNCTIONS.values()]
    names = sorted(n for n in names if names.count(n) == 1)
    places = draw(student).cards(len(names), MENU, "F", "menu")
    return {k: names[i] for k, i in places.items()}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _timeline(d: Draw, n: int, kind: str) -> dict[str, list[list[str]]]:
    start, made = d.step(("start", n), 520, 560), []
    for k in range(d.step(("contacts", n), 3, 5)):
        start += d.step(("gap", n, k), 12, 80)
        made.append([_clock(start), d.pick(("channel", n, k), _CHANNELS)])
    seen, at = [list(x) for x in made], d.step(("at", n), 0, len(made) - 1)
    if kind == "lost":
        del seen[at]
    elif kind == "twice":
        seen.insert(at, list(seen[at]))
    elif kind == "mixed":
        seen = seen[1:] + seen[:1]
    elif kind == "foreign":  # somebody else's call stands in this customer's line
        seen.append([_clock(start + 7), "电话"])
    return {"往来": made, "时间线": seen}


def _flow(d: Draw, n: int, kind: str) -> list[list[Any]]:
    begin = d.step(("begin", n), 0, 30)
    wait = {"edge": LIMIT, "late": LIMIT + d.step(("late", n), 1, 90),
            "upgraded": LIMIT + d.step(("late", n), 5, 90)}.get(kind, d.step(("wait", n), 20, 200))  # fmt: skip
    times = [begin, begin + wait, begin + wait + d.step(("close", n), 10, 60)]
    times.append(times[-1] + 4320)
    flow: list[list[Any]] = [[s, t] for s, t in zip(STEPS, times, strict=True)]
    if kind == "upgraded":
        flow.insert(1, [UPGRADE, begin + LIMIT])
    elif kind == "no_visit":
        flow.pop()
    elif kind == "swapped":  # the visit came before the case was closed
        flow[2][0], flow[3][0] = flow[3][0], flow[2][0]
    return flow


def trials(student: str) -> list[dict[str, Any]]:
    """What ten systems showed when they were tried by the same script."""
    d, found = draw(student), []
    order = shops.draw([str(k) for k in range(len(_FLOWS))], len(_FLOWS), student, CHAPTER, "trial")
    for n in map(int, order):
        new, old = (f"139{d.step((x, n), 0, 99_999_999):08d}" for x in ("new", "old"))
        places = dict.fromkeys(("店里", "出差", "手机"), 200)
        if _PLACES[n] != "open":
            where = d.pick(("where", n), tuple(places))
            places[where] = 404 if _PLACES[n] == "shut" else 500
        numbers = dict.fromkeys(("营销", "销售", "服务"), old if _NUMBERS[n] == "all_old" else new)
        if _NUMBERS[n] == "one_old":
            numbers[d.pick(("behind", n), tuple(numbers))] = old
        found.append({
            **_timeline(d, n, _TIMELINES[n]), "打开": places, "新号": new, "手机号": numbers,
            "流程": _flow(d, n, _FLOWS[n]),
        })  # fmt: skip
    return found


def _example(path: Path, student: str) -> None:
    path.write_text(json.dumps(EXAMPLE, ensure_ascii=False, indent=1), encoding="utf-8")


FILES = {
    "boxes.csv": lambda path, student: csv(
        [(k, words) for k, (_, words) in boxes(student).items()], path, "卡片", "店里的一件事"
    ),
    "functions.csv": lambda path, student: csv(
        [(k, FUNCTION_POOL[i]) for k, i in functions(student).items()], path, "编号", "功能"
    ),
    "menu.csv": lambda path, student: csv(list(menu(student).items()), path, "编号", "功能"),
    "trial.json": _example,
}
