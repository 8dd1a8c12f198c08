"""Inputs of chapter 10's exercises: a ledger, a rule card, scenes and steps to put in order.

Everything is drawn by hash. What the scenes are to be sorted into, and the order of the steps, are
not written here. The firm 海浪 was written for class.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit.lab.inputs.by_hash import Draw, csv

CHAPTER = "ch10"
CLASS = "课堂"  # whose ledger the text works with
SCENES = 6
CUSTOMERS = 44
# line of business → first year
LINES = {"布草洗涤": 2023, "清洁耗材": 2023, "设备维保": 2023, "厨房深洁": 2024, "布草租赁": 2025}

SCENE_POOL = (
    "礼盒厂在同一条生产线上，按每家企业的订单改封面、配茶和贺卡，五百盒起做。",
    "酒店说不清能耗为什么高，洗涤公司先派人记录两周，给出改法，再帮客房部把新流程跑顺。",
    "茶饮连锁与种植社合资建了一座初制厂，按出资比例分享利润，也分担歉收的损失。",
    "网店让顾客自选三款散茶和克数，系统当场排进包装线，两天发货。",
    "工具商不急着推新产品，先教汽修厂怎样管工具、怎样排工位，三个月后客户才知道缺什么。",
    "主机厂请座椅厂的工程师驻厂，从画第一张图起共同开发新车型，模具费各付一半。",
    "软件公司用同一套内核，按每家诊所勾选的模块生成各自的版本。",
    "顾问式的种子公司先替农户测土，说明换什么品种、怎样施肥，一季一季带着做。",
    "超市与洗衣液厂共用库存和销售数据，一起定补货计划，省下的费用按约定比例分。",
    "定做西服的平台量一次体，之后每一件都在流水线上按本人的尺寸裁。",
    "客户只说“想让会员活跃一点”，服务商带他看同行做法，一起找出问题，再教店员怎样做。",
    "航空公司与发动机厂签下按飞行小时计费的合同，飞得稳双方都省钱，停飞的损失双方都担。",
    "自行车厂提供八种车架、十二种颜色和刻字，顾客在网上配好，工厂照单组装。",
    "净水公司发现幼儿园不知道滤芯该怎样选，先做水质讲座和试用，再陪园方建立更换制度。",
    "药企与医院设立联合实验室，共同申请专利，研发失败的费用各自承担一半。",
    "印刷厂把几百家小店的名片拼版印，每家的内容、纸张各不相同。",
    "连锁药店不知道怎样做慢病管理，供应商把成熟的方法带进门店，手把手教了半年。",
    "快递公司与服装品牌共同投资建分拣中心，节省的成本五五分成。",
    "糕点厂在标准蛋糕上按顾客给的照片和糖度现做，一小时出货。",
    "酒店布草供应商看到洗坏率太高而客户浑然不知，先做体检报告，再帮他改洗法、培训领班。",
    "手机厂与屏幕厂同步开放技术路线，共建产线，销量不及预期时一起分摊空置的费用。",
    "眼镜平台按每位顾客的瞳距和脸型数据，在同一批镜架上调整后寄出。",
    "软件商先帮贸易公司梳理客户档案、讲清楚为什么要做，再一步步引他用起来。",
    "乳品厂与牧场签长期协议，共同出资改造牛舍，奶价随终端利润浮动。",
)
# topic → three wordings; one of each is dealt out
STEP_POOL = {
    "亲和": (
        "给选定的客户定下关系的层次，并选择定制、引导还是合伙人。",
        "决定与这些客户走多近：关系放在哪一层，联盟用哪一种模式。",
        "为每一群选定的客户确定关系层次和联盟方式。",
    ),
    "前提": (
        "写一句话：为哪些客户、解决什么问题、凭什么是我们。",
        "把“为谁创造什么价值、凭什么”写成一句全公司认账的话。",
        "在看清家底之后，定下企业要为客户创造的价值。",
    ),
    "变革": (
        "按定下的目标改组织、流程和技术，先挑一处试点。",
        "调整岗位、流程和系统，选一个片区先试。",
        "照目标清单排出组织、流程、技术三方面的改动，并先行试点。",
    ),
    "家底": (
        "盘点家底：谁在买、买什么、赚不赚钱，对手在做什么。",
        "先看现状：客户、业务、利润和对手各是什么样。",
        "把手头的客户、收入和竞争情况摸清楚。",
    ),
    "评估": (
        "试点结束后，拿指标和起点比，决定推广、修正还是停下。",
        "对照起点和目标看试点的结果，决定下一步推不推广。",
        "用试点前后的指标评估，再定推广或修正。",
    ),
    "竞争": (
        "分好群之后，选定走增长矩阵的哪一格、和谁争。",
        "在分出来的客户群里挑战场：保老客户、卖新业务，还是拓新客户。",
        "根据各群的价值，决定增长从哪一格来、避开谁。",
    ),
    "管理": (
        "关系和联盟方式定了以后，给每群客户定目标、指标和服务规则。",
        "把走多近落成数字：保持率、满意度等指标和服务标准。",
        "为已经定好层次的关系写下目标、指标、服务规则。",
    ),
    "理解": (
        "照价值前提把客户分群、估值，弄清各群要什么。",
        "在价值前提之下细分客户，算出每群值多少。",
        "围绕定下的价值，看清客户有哪几类、各值多少钱。",
    ),
}


@dataclass(frozen=True)
class Rule:
    """The limits of one student's grid of relation levels."""

    many: int
    few: int
    high: float
    low: float


def draw(student: str) -> Draw:
    return Draw(student, CHAPTER)


def rule(student: str) -> Rule:
    d = draw(student)
    return Rule(d.step("many", 600, 2000, 200), d.step("few", 40, 200, 20),
                d.step("high", 35, 50, 5) / 100, d.step("low", 10, 25, 5) / 100)  # fmt: skip


def scenes(student: str) -> dict[str, int]:
    """The student's scenes: number on the sheet → place in `SCENE_POOL`."""
    return draw(student).cards(len(SCENE_POOL), SCENES, "J", "scenes")


def steps(student: str) -> dict[str, tuple[str, str]]:
    """The student's eight cards: letter → (topic, wording)."""
    return draw(student).lettered(STEP_POOL, "steps")


@lru_cache(maxsize=8)
def ledger(student: str) -> pd.DataFrame:
    """Three years of a firm's sales; some rows are void, a few of them on purpose where it counts."""
    d = draw(student)
    rows: list[tuple[str, str, str, float, str]] = []

    def sell(i: int, line: str, year: int, k: int, status: str = "有效") -> None:
        month, day = d.step(("m", i, year, k), 1, 12), d.step(("d", i, year, k), 1, 28)
        yuan = d.step(("yuan", i, line, year, k), 40_000, 900_000, 150) / 100
        rows.append((f"K{i:03d}", line, f"{year}-{month:02d}-{day:02d}", yuan, status))

    for i in range(1, CUSTOMERS + 1):
        came = 2023 if i <= 22 else 2024 if i <= 34 else 2025
        for year in range(came, 2026):
            if year > came and d.unit("active", i, year) < 0.2:
                continue
            lines = [line for line, first in LINES.items() if first <= year]
            for k in range(d.step(("n", i, year), 1, 4)):
                void = "已作废" if d.unit("void", i, year, k) < 0.05 and k else "有效"
                sell(i, d.pick(("line", i, year, k), lines), year, k, void)
    for i in (1, 30, 40):  # every new line is sold to somebody new and to somebody known
        for line, first in LINES.items():
            if first > 2023 and (i < 30 or (i == 30) == (first == 2024)):
                sell(i, line, first, 10)
    sell(23, "布草洗涤", 2023, 20, "已作废")  # tried in vain a year before
    sell(2, "厨房深洁", 2023, 20, "已作废")
    sell(35, "布草租赁", 2024, 20, "已作废")
    names = ["客户编号", "业务", "日期", "金额", "状态"]
    frame = pd.DataFrame(rows, columns=names).sort_values(
        ["日期", "客户编号", "业务"], kind="stable"
    )
    frame.insert(0, "单号", [f"S{n:04d}" for n in range(1, len(frame) + 1)])
    return frame.reset_index(drop=True)


def _rule(path: Path, student: str) -> None:
    r = rule(student)
    csv([("客户多：至少", r.many), ("客户少：至多", r.few), ("毛利率高：至少", r.high),
         ("毛利率低：低于", r.low)], path, "界限", "数值")  # fmt: skip


FILES = {
    "ledger.csv": lambda path, student: csv(ledger(student), path),
    "relation_rule.csv": _rule,
    "scenes.csv": lambda path, student: csv(
        [(k, SCENE_POOL[i]) for k, i in scenes(student).items()], path, "编号", "情形"
    ),
    "steps.csv": lambda path, student: csv(
        [(k, words) for k, (_, words) in steps(student).items()], path, "卡片", "要做的事"
    ),
}
