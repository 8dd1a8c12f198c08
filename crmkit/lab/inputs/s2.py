"""Inputs of lab S2: a survey of the electronics shop, answers, weights, scenes, touchpoint marks.

Drawn by hash, so that every student has others. What the scenes are to be sorted into is not
written here.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs.chance import places, step, unit
from crmkit.settings import settings

LAB = "S2"
SHARE = 0.5
SCENES, RESPONDENTS, GRID, MARKS = 8, 100, 20, 240
ITEMS = ("商品质量", "描述相符", "包装", "物流速度", "客服态度", "价格")

# Three scenes for each function of the system, one after the other.
SCENE_POOL = (
    "客服接到电话，报一个手机号，要马上看到他是谁、买过什么。",
    "顾客说“我上次那个型号”，客服没有订单号，只有他的昵称。",
    "投诉升级到店长，店长先要看清这一位的全部来往。",
    "把“爱买耳机”“怕吵”这样的特点贴在人身上，以后可以按它挑人。",
    "客服发现一位顾客专门给学校采购，想记下来让同事也看得到。",
    "要在名单里一眼认出“装机发烧友”，不必每次翻聊天记录。",
    "哪些老顾客半年没有再来，占多少，比上个季度多了还是少了？",
    "店长怀疑老客在悄悄走掉，要一个数来证明或推翻。",
    "沉默的顾客有多少、属于哪一段，决定要不要做唤醒。",
    "买过手机的人还爱一起买什么，决定详情页下面摆什么。",
    "想做套装：哪两件东西常出现在同一张订单里？",
    "保护壳该挂在哪款手机的页面上，要看一起买的次数。",
    "顾客付了款，仓库要按单发货，一张也不能漏。",
    "填上快递单号，把订单推到“已发货”。",
    "两件货分两个仓，先发一件，另一件记着还没有发。",
    "顾客过生日那天，自动发一张券。",
    "按出生月日挑人，提前三天发祝福短信。",
    "二月二十九日出生的会员，平年该哪一天收到礼？",
    "新来一条一星评价，半小时内要有人回。",
    "要在好评率掉下来以前，先看到不满意的那几条。",
    "把差评按原因归堆，看是物流还是质量。",
    "关掉的那家分店还占着人手吗？看各渠道的客单价。",
    "抖音和淘宝，哪边的一单更值钱？",
    "新开的微信商城，平均每位顾客花多少，值不值得再投？",
)


def scenes(student: str) -> dict[str, int]:
    """One scene of each function, mixed: number on the sheet → place in the pool."""
    each = [3 * k + step(student, LAB, f"scene {k}", 0, 2) for k in range(SCENES)]
    order = places(student, LAB, "scenes", SCENES, SCENES)
    return {f"S{n:02d}": each[k] for n, k in enumerate(order, start=1)}


@lru_cache(maxsize=4)
def survey_and_orders(student: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The survey rows of the student's cut of the electronics shop, and who answered's orders."""
    mine = shops.variant("electronics", student, LAB, SHARE)
    survey = mine.surveys[["问卷编号", "客户编号", "项目", "期望", "体验", "重要性"]]
    orders = mine.orders[mine.orders["客户编号"].isin(survey["客户编号"])].reset_index(drop=True)
    return survey, orders[["订单编号", "客户编号", "下单时间", "付款时间", "实付金额", "订单状态"]]


def weights(student: str) -> dict[str, int]:
    """The manager's weights; they do not add to 100."""
    return {item: step(student, LAB, f"weight {item}", 5, 40, 5) for item in ITEMS}


@lru_cache(maxsize=4)
def respondents(student: str) -> pd.DataFrame:
    """Answers of 100 people: some never bought, some left a question blank."""
    rows = []
    for i in range(1, RESPONDENTS + 1):

        def u(what: str, i: int = i) -> float:
            return unit(student, LAB, what, i)

        def answer(what: str, yes: float, blank: float) -> str:
            lift = (
                1 + (unit(student, LAB, what) - 0.5) * 0.3
            )  # every student's shop differs a little
            return "" if u(what + "?") < blank else "是" if u(what) < yes * lift else "否"

        orders = sum(u("orders") >= limit for limit in (0.2, 0.6, 0.8, 0.92))
        buys = orders > 0
        rows.append({
            "受访者": f"R{i:03d}", "订单数": orders, "购买额": round(orders * (90 + 700 * u("amount")), 2),
            "称赞": answer("praise", 0.55, 0.1), "指名购买": answer("name", 0.35, 0.06) if buys else "否",
            "投诉": answer("complaint", 0.12, 0.0) if buys else answer("early", 0.2, 0.0),
            "涨价离开": answer("leave", 0.34, 0.12), "推荐": answer("tell", 0.33, 0.1),
        })  # fmt: skip
    return pd.DataFrame(rows)


@lru_cache(maxsize=4)
def grid(student: str) -> pd.DataFrame:
    """Twenty customers with attachment (1–5) and orders of a year; some stand just on a limit."""
    limits = settings()["satisfaction"]
    level, many = float(limits["loyal_attachment"]), int(limits["loyal_orders"])
    below = round(level - 0.1, 1)
    rows: list[tuple[float, int]] = [
        (level, many), (level, many - 1), (below, many), (below, many - 1), (level, many + 2), (4.8, many),
    ]  # fmt: skip
    for i in range(GRID - len(rows)):
        rows.append(
            (
                round(1 + 4 * unit(student, LAB, "attached", i), 1),
                1 + int(6 * unit(student, LAB, "bought", i) ** 2),
            )
        )
    ids = shops.draw([f"C{800 + i:06d}" for i in range(200)], GRID, student, LAB, "grid")
    frame = pd.DataFrame(rows, columns=["依恋", "订单数"])
    frame.insert(0, "客户编号", ids)
    return frame.sort_values("客户编号").reset_index(drop=True)


@lru_cache(maxsize=4)
def touchpoints(student: str) -> pd.DataFrame:
    """Marks that customers gave at touchpoints online and in the shop; some left the mark blank."""
    online = ("搜索与浏览", "在线咨询", "下单付款", "物流查询", "售后申请")
    offline = ("进店接待", "试用体验", "收银", "到店维修")
    better = 3.2 + unit(student, LAB, "online level")
    worse = 3.2 + unit(student, LAB, "offline level")
    rows = []
    for i in range(1, MARKS + 1):
        in_shop = unit(student, LAB, "place", i) < 0.38
        names, level = (offline, worse) if in_shop else (online, better)
        mark = min(5, max(1, round(level + 3 * (unit(student, LAB, "mark", i) - 0.5))))
        blank = unit(student, LAB, "blank", i) < 0.07
        rows.append(
            (
                f"M{i:03d}",
                "线下" if in_shop else "线上",
                names[i % len(names)],
                None if blank else mark,
            )
        )
    return pd.DataFrame(rows, columns=["编号", "渠道", "触点", "评分"]).astype({"评分": "Int64"})


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, encoding="utf-8-sig")


def _scenes(path: Path, student: str) -> None:
    rows = [(number, SCENE_POOL[i]) for number, i in scenes(student).items()]
    _csv(pd.DataFrame(rows, columns=["编号", "情景"]), path)


def _weights(path: Path, student: str) -> None:
    _csv(pd.DataFrame(weights(student).items(), columns=["项目", "权重"]), path)


FILES = {
    "survey.csv": lambda path, student: _csv(survey_and_orders(student)[0], path),
    "orders.csv": lambda path, student: _csv(survey_and_orders(student)[1], path),
    "weights.csv": _weights,
    "respondents.csv": lambda path, student: _csv(respondents(student), path),
    "loyalty.csv": lambda path, student: _csv(grid(student), path),
    "touchpoints.csv": lambda path, student: _csv(touchpoints(student), path),
    "scenes.csv": _scenes,
}
