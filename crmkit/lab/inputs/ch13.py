"""Inputs of chapter 13's exercises: cards of vendors and buyers, scores, a machine, functions.

Everything is drawn by hash; products, buyers and machines were written for class.
"""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs.by_hash import Draw, csv

CHAPTER = "ch13"
VENDORS = ("Oracle", "SAP", "用友", "金蝶", "天剑", "Turbo", "联想", "浪潮软通")
BUYERS = (
    "连锁药店",
    "茶叶网店",
    "汽车经销集团",
    "装修公司",
    "洗护公司",
    "地方银行",
    "陶瓷工作室",
    "数码商城",
)
CRITERIA = ("功能", "易用", "接口")
COST = "三年费用"
PACKAGES = ("Python", "pandas", "jupyterlab", "voila", "matplotlib")
FUNCTIONS = 8
FUNCTION_POOL = (
    "电话、旺旺、门店的往来合成一份档案。", "任何岗位打开客户，都看得到全部订单和投诉。",
    "网店和门店的同一位客户用同一个编号。", "转接以后，接手的人不用客户再说一遍。",
    "至尊会员的来电排在最前面。", "把专人服务留给价值最高的两成客户。",
    "跟进的频率按等级自动安排。", "高价值客户九十天没来，提醒店长亲自联系。",
    "商机不能跳阶段，每一步要附凭据。", "折扣超过一成，要经理审批。",
    "报价单的成本一栏必填，否则不能提交。", "工单超时自动上报给主管。",
    "活动留白一成客户，自动比较两组。", "新话术先在一组试，与对照组比下单率。",
    "改版前后的投诉量自动并排画出来。", "短信发完，报告哪种文案回得多。",
    "客服可以当场退一笔两百元以内的款。", "师傅在现场就能决定免收上门费。",
    "店员看到流失预警，自己就能送一张券。", "前台可以不请示，直接给客人换房。",
)  # fmt: skip


def draw(student: str) -> Draw:
    return Draw(student, CHAPTER)


def cards(student: str) -> list[tuple[str, str]]:
    """Six vendors and four buyers, shuffled: number, text. A buyer stands on each limit."""
    d = draw(student)
    names = shops.draw(list(VENDORS), 6, student, CHAPTER, "vendors")
    sizes = (300, 50, d.step("small", 3, 49), d.step("large", 51, 900))
    buyers = shops.draw(list(BUYERS), 4, student, CHAPTER, "buyers")
    texts = [*names, *(f"一家{b}，{n} 人" for b, n in zip(buyers, sizes, strict=True))]
    places = shops.draw([f"{i:02d}" for i in range(10)], 10, student, CHAPTER, "cards")
    return [(f"V{k:02d}", texts[int(i)]) for k, i in enumerate(places, start=1)]


def weights(student: str) -> dict[str, int]:
    """Percent of each criterion, 100 together."""
    d = draw(student)
    first, second, third = d.step("w1", 20, 35, 5), d.step("w2", 10, 30, 5), d.step("w3", 5, 20, 5)
    return {"功能": first, "易用": second, "接口": third, "费用": 100 - first - second - third}


@lru_cache(maxsize=8)
def scores(student: str) -> pd.DataFrame:
    """Five products; the first dealing in which no two of them are near each other."""
    d, share = draw(student), weights(student)
    for n in range(500):
        rows = [
            ("甲乙丙丁戊"[k], *(d.step((n, c, k), 1, 10) for c in CRITERIA), d.step((n, COST, k), 4, 60))
            for k in range(5)
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=["产品", *CRITERIA, COST])
        cost, spread = frame[COST], frame[COST].max() - frame[COST].min()
        if not spread:
            continue
        turned = frame.assign(费用=10 * (cost.max() - cost) / spread)
        kinds = [
            sum(turned[c] * w for c, w in share.items()) / 100,
            turned[list(share)].mean(axis=1),
            sum(frame[c if c in frame else COST] * w for c, w in share.items()) / 100,
        ]
        gaps = kinds[0].sort_values().diff().min()
        orders = {tuple(x.sort_values(ascending=False).index) for x in kinds}
        if gaps > 0.1 and len(orders) == 3:
            return frame
    raise AssertionError(student)  # five hundred dealings have always been enough


def machine(student: str) -> pd.DataFrame:
    """A machine's check-list; versions whose text and number order differ are among them."""
    d = draw(student)
    traps = {"Python": ("3.11", ("3.9", "3.12", "3.11")), "pandas": ("2.10", ("2.9", "2.10", "2.11")),
             "jupyterlab": ("4.2", ("4.10", "4.1", "4.2")), "voila": ("0.5.9", ("0.5.13", "0.5.8", "0.5.9")),
             "matplotlib": ("3.8", ("3.10", "3.7", "3.8"))}  # fmt: skip
    rows = [
        ("版本", name, d.pick(("version", name), traps[name][1]), traps[name][0])
        for name in PACKAGES
    ]
    rows[0] = ("版本", "Python", d.pick("python", ("3.9", "3.8")), "3.11")
    rows += [
        ("端口", str(p), d.pick(("port", p), ("空闲", "被占用")), "空闲")
        for p in (8866, 8888, 8889)
    ]
    free = (d.pick("free", ("1024", "900", "88", "96")), d.pick("spare", ("500", "499", "4096")))
    rows += [("磁盘", "课程文件夹", free[0], "500"), ("磁盘", "临时文件夹", free[1], "500")]
    frame = pd.DataFrame(rows, columns=["种类", "名称", "现有", "要求"])
    frame.insert(0, "编号", [f"M{k:02d}" for k in range(1, len(frame) + 1)])
    return frame


def functions(student: str) -> dict[str, int]:
    """Number on the sheet → place in `FUNCTION_POOL`."""
    return draw(student).cards(len(FUNCTION_POOL), FUNCTIONS, "G", "functions")


FILES = {
    "cards.csv": lambda path, student: csv([*cards(student)], path, "编号", "内容"),
    "scores.csv": lambda path, student: csv(scores(student), path),
    "weights.csv": lambda path, student: csv([*weights(student).items()], path, "指标", "权重"),
    "machine.csv": lambda path, student: csv(machine(student), path),
    "functions.csv": lambda path, student: csv(
        [(k, FUNCTION_POOL[i]) for k, i in functions(student).items()], path, "编号", "功能"
    ),
}
