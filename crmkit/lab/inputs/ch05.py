"""Inputs of chapter 5's exercises: parts of a call centre, menus, a call log, seats, an offer.

Which part a sentence describes is not written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit import schema, shops
from crmkit.lab.inputs import chance

CHAPTER = "ch05"
SENTENCES, SERVICES, DAYS = 12, 8, 5  # how many a student gets

# What a caller, an agent or an engineer sees; the id of a sentence is its place in this list.
SENTENCE_POOL = (
    "某一组等待超过两分钟，后面的来电溢出到备用坐席组。",
    "空闲最久的坐席先接下一通电话，忙闲因此差得不多。",
    "电话还在运营商那里，就按主叫所在地选好了送往哪个接入点。",
    "半夜来电，没有坐席值班，语音请客户留言并留下回电号码。",
    "说粤语的客户排进粤语队列，只由会粤语的坐席来接。",
    "客户先按键核对身份证后四位，核对通过后才继续。",
    "通话结束后，语音请客户按 1 到 5 打分，分数自动入库。",
    "白金会员排到队列前面，普通会员因此多等一会儿。",
    "录音自动挂到订单编号下面，在客户档案里点开就能听。",
    "客户在任何城市都拨同一个 400 开头的号码，通话费由企业付。",
    "客户对着电话说“我要退票”，系统听懂后念出退票规则。",
    "坐席在软件里点“小休”，话机同时不再振铃。",
    "电话刚响，坐席屏幕上就弹出这位客户的档案和最近三张订单。",
    "晚上十点以后，来电还没有进企业的机房，就按时间表转到了值班城市。",
    "班长的屏幕上写着：售后队列 7 人在等，空闲坐席 2 人，都会接售后。",
    "系统拿主叫号码到 CRM 里查出是谁，再把结果和来电一起送到桌面。",
    "被叫付费的号码，周末按企业交给运营商的计划改送外包商的线路。",
    "电话里说：“查询航班请按 1，退票改签请按 2。”",
    "三位客户都在等，刚挂机的坐席接到的是等得最久的那一位。",
    "客户输入订单号，系统念出包裹到了哪里，全程没有人接听。",
    "北京的来电先送往北京中心，那里的中继占满时由电信网改送成都中心。",
    "三地分公司用四位短号互拨，走的是公众电信网，用起来像自家专线。",
    "把电话转给专家时，填了一半的工单和通话一起到了他那里。",
    "坐席在屏幕上点一下客户的号码，话机就自动拨了出去。",
)

MENUS = ("主菜单", "订单", "物流", "售后", "商品", "会员", "门店", "其他")
AGENT = "人工"
# Service → what callers say who look for it.
SERVICE_POOL = {
    "查物流": "我的包裹到哪里了？", "催发货": "付了款三天了，怎么还没发？", "改地址": "地址填错了，能改吗？",
    "取消订单": "不想要了，还没发货。", "退货": "收到了，想退掉。", "换货": "尺码不对，换一个。",
    "退款进度": "退的钱什么时候到账？", "报修": "用了两个月坏了。", "投诉": "我要反映客服的态度。",
    "选购咨询": "送长辈买哪一款好？", "活动优惠": "满减怎么算？", "开发票": "发票抬头要改成公司。",
    "积分查询": "我有多少积分？", "会员等级": "怎样升到高级会员？", "门店地址": "附近哪里有实体店？",
}  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """The student's half hour: calls, mean handling time and target in seconds, level."""

    calls: int
    handle_s: int
    target_s: int = 20
    level: float = 0.8


@dataclass(frozen=True)
class Bid:
    """Own centre against an outside one; yuan (and months)."""

    once: int
    months: int
    wages: int
    rent: int
    own_call: float
    base: int
    outside_call: float


def unit(student: str, *what: object) -> float:
    """A number in [0, 1) that depends on nothing but the student and what it is for."""
    return chance.unit(student, CHAPTER, *what)


def step(student: str, what: str, low: int, high: int, by: int = 1) -> int:
    return chance.step(student, CHAPTER, what, low, high, by)


def sentences(student: str) -> dict[str, int]:
    """Number on the sheet → place in `SENTENCE_POOL`."""
    return chance.numbered(student, CHAPTER, "sentences", len(SENTENCE_POOL), SENTENCES, "T")


def services(student: str) -> list[str]:
    """Services that the student's callers look for."""
    return shops.draw(sorted(SERVICE_POOL), SERVICES, student, CHAPTER, "services")


def most_keys(student: str) -> int:
    """A menu may offer at most so many keys, the agent's included."""
    return step(student, "keys", 4, 6)


def target_s(student: str) -> int:
    """Seconds within which a call is to be answered in exercise 3."""
    return step(student, "target", 10, 30, 5)


def desk(student: str) -> Desk:
    return Desk(step(student, "calls", 60, 180, 5), step(student, "handle", 150, 330, 10))


def bid(student: str) -> Bid:
    return Bid(
        once=step(student, "once", 60_000, 150_000, 6_000),
        months=step(student, "months", 24, 48, 12),
        wages=step(student, "wages", 20_000, 36_000, 1_000),
        rent=step(student, "rent", 2_000, 5_000, 200),
        own_call=step(student, "own", 40, 120, 10) / 100,
        base=step(student, "base", 3_000, 8_000, 500),
        outside_call=step(student, "outside", 600, 950, 25) / 100,
    )


@lru_cache(maxsize=4)
def calls(student: str) -> pd.DataFrame:
    """The student's days of the airline's log, in order of time."""
    labels = {c.name: c.label for c in schema.TABLES["calls"].columns}
    log = pd.read_csv(shops.root() / "calls" / "airline.csv", encoding="utf-8-sig")
    log = log.rename(columns=labels)
    log["是否放弃"] = log["是否放弃"].astype(bool)
    days = sorted({at[:10] for at in log["时间"]})
    mine = shops.draw(days, DAYS, student, CHAPTER, "days")
    return log[log["时间"].str[:10].isin(mine)].reset_index(drop=True)


def _csv(rows: pd.DataFrame | list[tuple[object, ...]], path: Path, *columns: str) -> None:
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, columns=[*columns])
    frame.to_csv(path, index=False, encoding="utf-8-sig")


def _sentences(path: Path, student: str) -> None:
    rows: list[tuple[object, ...]] = [
        (number, SENTENCE_POOL[i]) for number, i in sentences(student).items()
    ]
    _csv(rows, path, "编号", "看到的")


def _services(path: Path, student: str) -> None:
    rows: list[tuple[object, ...]] = []
    for name in services(student):
        rows.append((name, SERVICE_POOL[name], 40 + int(400 * unit(student, "calls of", name))))
    _csv(rows, path, "服务", "客户会说", "每月来电")


def _desk(path: Path, student: str) -> None:
    mine = desk(student)
    rows: list[tuple[object, ...]] = [
        ("半小时来电（通）", mine.calls), ("平均处理时长（秒）", mine.handle_s),
        ("时限（秒）", mine.target_s), ("服务水平", mine.level),
    ]  # fmt: skip
    _csv(pd.DataFrame(rows, columns=["项目", "数值"], dtype=object), path)


def _limits(path: Path, student: str) -> None:
    rows: list[tuple[object, ...]] = [
        ("每个菜单最多按键", most_keys(student)), ("时限（秒）", target_s(student)),
    ]  # fmt: skip
    _csv(rows, path, "名称", "数值")


def _bid(path: Path, student: str) -> None:
    mine = bid(student)
    rows: list[tuple[object, ...]] = [
        ("自建：一次性投入（元）", mine.once), ("自建：摊销月数（个月）", mine.months),
        ("自建：坐席工资合计（元/月）", mine.wages), ("自建：线路和系统（元/月）", mine.rent),
        ("自建：通话费（元/通）", mine.own_call), ("外包：基础费（元/月）", mine.base),
        ("外包：单价（元/通）", mine.outside_call),
    ]  # fmt: skip
    _csv(pd.DataFrame(rows, columns=["项目", "数值"], dtype=object), path)


FILES = {
    "parts.csv": _sentences,
    "services.csv": _services,
    "limits.csv": _limits,
    "calls.csv": lambda path, student: _csv(calls(student), path),
    "desk.csv": _desk,
    "bid.csv": _bid,
}
