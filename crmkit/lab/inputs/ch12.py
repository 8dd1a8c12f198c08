"""Inputs of chapter 12's exercises: fields, records, two offers, a process twice, a time-line.

Everything is drawn by hash. Which field or system is right, and the order of the time-line, are not
written here. Firms and prices were written for class.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from crmkit.analytics.integration import Offer
from crmkit.lab.inputs.by_hash import Draw, csv

CHAPTER = "ch12"
FIELDS, RECORDS = 10, 10
# (field in the CRM, what stands in it)
FIELD_POOL = (
    ("客户编号", "C000123，全公司唯一"),
    ("客户口味备注", "爱喝岩茶，不要红茶"),
    ("发票税号", "91 开头的 18 位"),
    ("收货省市区街道", "浙江省杭州市……"),
    ("成交商品编码", "T301"),
    ("下次联系日期", "业务员打算哪天再打电话"),
    ("成交件数", "24"),
    ("成交单价（不含税）", "86.00"),
    ("跟进记录", "十月来电两次，嫌贵"),
    ("约定账期", "月结 30 天"),
    ("客户要货日", "2025-12-20"),
    ("生日", "1988-05-12"),
    ("报价币种", "人民币"),
    ("商机赢单概率", "75%"),
    ("发票抬头", "某某茶业有限公司"),
    ("赊销上限", "最多欠 50,000 元"),
    ("满意度得分", "4.5"),
    ("客户档案主号", "集团给这家公司的唯一号码"),
    ("单据上的商品代码", "T205"),
    ("送货到门的地址", "三号仓二楼收货口"),
)
RECORD_POOL = (
    "客户的联系人、偏好和跟进记录",
    "应收账款还剩多少没有收到",
    "一张销售机会走到了哪个阶段",
    "原料供应商答应的到货日期",
    "总账里这个月的收入",
    "买家付款成功的那一刻和支付流水号",
    "这批茶在哪个仓、还有几箱可用",
    "一通投诉电话的处理经过",
    "承运车辆现在到了哪里",
    "顾客在商品页停了多久、加没加购物车",
    "给客户打上的“送礼人”标签",
    "一款礼盒的标准成本",
    "向上游下的补货计划",
    "一次短信活动发给了谁、谁退订了",
    "已经开出的增值税发票",
    "平台上的商品标题、主图和上下架状态",
    "各分仓之间的调拨单",
    "买家写下的评价原文和星级",
    "客户满意度问卷的结果",
    "应付给供应商的货款",
)
# topic → three wordings; one of each is dealt out
TIMELINE_POOL = {
    "erp": (
        "把财务、生产、采购、人事连成一体，管整个企业的资源。",
        "一个数据库贯通企业各部门，下一张销售单，生产和财务同时看到。",
        "企业级的集成系统：从车间扩到全公司。",
    ),
    "mis": (
        "各部门有了自己的报表系统：销售的、人事的、生产的，各报各的。",
        "计算机按职能给经理出周报、月报。",
        "管理信息按部门汇总，部门之间还不相通。",
    ),
    "tps": (
        "用计算机代替手工记账、开单，一笔一笔处理。",
        "计算机先用来处理业务单据，算得快、记得准。",
        "最早的商业应用：自动处理一笔笔交易。",
    ),
    "erp2": (
        "系统开到企业外面，与供应商、客户协同，电商和 CRM 接了进来。",
        "企业资源系统走出围墙，上下游一起用。",
        "在企业资源系统之外，加上供应链协同和客户关系。",
    ),
    "mrp": (
        "由产品结构和库存倒推，哪天要哪种物料、要多少。",
        "按物料清单和提前期算出采购与生产的时间表，只管物料。",
        "从“缺了再补”改成“按需要的日子倒着算料”。",
    ),
    "mrp2": (
        "在算料之外，把产能、成本和资金也放进同一个闭环。",
        "物料计划加上能力平衡和财务，成为制造资源的计划。",
        "生产计划与财务接通，不只管料，还管设备、人和钱。",
    ),
}
# (step, who, minutes of work low–high, minutes of waiting low–high, which cases pass)
_BEFORE = (
    ("登记投诉", "客服", (6, 12), (0, 0), "all"),
    ("转给主管", "客服主管", (3, 8), (30, 120), "all"),
    ("查订单", "仓库", (8, 20), (60, 240), "refund"),
    ("填退款单", "客服", (6, 12), (20, 60), "refund"),
    ("主管签字", "客服主管", (2, 5), (60, 300), "refund"),
    ("财务复核", "财务", (5, 12), (120, 480), "refund"),
    ("打款", "财务", (3, 6), (60, 240), "refund"),
    ("通知客户", "客服", (3, 8), (20, 90), "all"),
)
_AFTER = (
    ("登记并查订单", "客服", (8, 16), (0, 0), "all"),
    ("小额当场退", "客服", (3, 6), (0, 5), "small"),
    ("大额主管批", "客服主管", (4, 9), (60, 240), "large"),
    ("大额财务打款", "财务", (4, 8), (120, 480), "large"),
    ("自动通知", "系统", (1, 1), (0, 2), "all"),
)


def draw(student: str) -> Draw:
    return Draw(student, CHAPTER)


def fields(student: str) -> dict[str, int]:
    return draw(student).cards(len(FIELD_POOL), FIELDS, "Z", "fields")


def records(student: str) -> dict[str, int]:
    return draw(student).cards(len(RECORD_POOL), RECORDS, "R", "records")


def timeline(student: str) -> dict[str, tuple[str, str]]:
    """Letter → (topic, wording)."""
    return draw(student).lettered(TIMELINE_POOL, "timeline")


def offers(student: str) -> tuple[int, Offer, Offer]:
    """Users, what renting costs, what owning costs (yuan)."""
    d = draw(student)
    users = d.step("users", 12, 40)
    rent = Offer(once=d.step("start", 2_000, 9_000, 500), per_user=d.step("fee", 120, 260, 10))
    upkeep = users * int(rent.per_user) * d.step("upkeep", 25, 45) // 100
    months = d.step("months", 18, 44)
    saved = rent.month(users) - upkeep
    # not a whole number of months, so that rounding down is a mistake
    once = rent.once + saved * (months - 1) + saved * d.step("part", 20, 80) // 100
    return users, rent, Offer(once=float(round(once, -1)), monthly=float(upkeep))


def process(student: str, when: str) -> pd.DataFrame:
    """One process as it was or as it is to be; times in minutes."""
    d = draw(student)
    refund = d.step("refund", 60, 90)  # percent of all complaints
    small = refund * d.step("small", 60, 85) // 100
    share = {"all": 100, "refund": refund, "small": small, "large": refund - small}
    rows = [
        (step, who, d.step(("work", when, step), *work), d.step(("wait", when, step), *wait),
         share[which] / 100)
        for step, who, work, wait, which in (_BEFORE if when == "改造前" else _AFTER)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["环节", "岗位", "处理", "等待", "比例"])


def _offers(path: Path, student: str) -> None:
    users, rent, own = offers(student)
    rows = [
        ("使用人数", users), ("租用：开通费（一次）", int(rent.once)),
        ("租用：每人每月", int(rent.per_user)), ("自建：一次投入", int(own.once)),
        ("自建：每月运维", int(own.monthly)),
    ]  # fmt: skip
    csv(rows, path, "项目", "数值")


FILES = {
    "fields.csv": lambda path, student: csv(
        [(k, *FIELD_POOL[i]) for k, i in fields(student).items()],
        path,
        "编号",
        "CRM 字段",
        "里面写着",
    ),
    "records.csv": lambda path, student: csv(
        [(k, RECORD_POOL[i]) for k, i in records(student).items()], path, "编号", "记录"
    ),
    "offers.csv": _offers,
    "before.csv": lambda path, student: csv(process(student, "改造前"), path),
    "after.csv": lambda path, student: csv(process(student, "改造后"), path),
    "timeline.csv": lambda path, student: csv(
        [(k, words) for k, (_, words) in timeline(student).items()], path, "卡片", "说的是"
    ),
}
