"""Inputs of chapter 11's exercises: a network, a cost-benefit table, symptoms, cases of two teams.

Everything is drawn by hash. Which cause belongs to which symptom is not written here. The project
and the firm were written for class.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit.lab.inputs.by_hash import LETTERS, Draw, csv

CHAPTER = "ch11"
# task → tasks before it; in every student's table the tasks carry other letters
NETWORK = {
    "立项": (), "需求调研": ("立项",), "流程梳理": ("立项",), "选型签约": ("需求调研",),
    "客户数据清洗": ("需求调研", "流程梳理"), "配置与接口": ("选型签约",),
    "数据迁移": ("客户数据清洗", "配置与接口"), "用户培训": ("流程梳理", "选型签约"),
    "试运行上线": ("数据迁移", "用户培训"),
}  # fmt: skip
# half days: shortest, longest
_DAYS = {
    "立项": (4, 12), "需求调研": (8, 36), "流程梳理": (8, 44), "选型签约": (6, 40),
    "客户数据清洗": (10, 60), "配置与接口": (8, 48), "数据迁移": (6, 30), "用户培训": (6, 72),
    "试运行上线": (6, 20),
}  # fmt: skip
YEARS = 5
CASES = 400  # of each team, before and after together
# neutral name → three wordings of one symptom; one of each is dealt out
SYMPTOM_POOL = {
    "p1": (
        "总经理在会上说：“系统装好了，客户关系管理就做完了。”",
        "项目验收的标准只有一条：软件能登录、不报错。",
        "出了客诉，第一反应是打电话问软件商哪个按钮没点。",
    ),
    "p2": (
        "选型会开到第三次，有人问“我们到底想留住哪些客户”，没有人答得上来。",
        "合同签了，要服务哪一群客户、放弃哪一群，公司还没有定。",
        "各部门提的需求有两百条，却说不出先满足谁，因为没有一份写明取舍的文件。",
    ),
    "p3": (
        "退货单在系统里填一遍，还要照老办法找三个人签字。",
        "上线以后，岗位和审批一点没动，员工每天把纸单再录一遍。",
        "系统按“一人跟到底”设计，公司仍然按工序交接，客户照样被转来转去。",
    ),
    "p4": (
        "项目组清一色是工程师，没有人说得清这笔投入靠什么赚回来。",
        "做了一个谁都夸漂亮的大屏，问它能多卖多少、少花多少，会场安静了。",
        "立项书写满了技术先进，没有一行讲这门生意怎样因此多挣或少亏。",
    ),
    "p5": (
        "上线一年，老板问“有没有效果”，项目经理只能说“大家反映不错”。",
        "没有人记得上线之前的投诉率是多少，现在的 3% 算好算坏，无从比起。",
        "季度会上没有一张前后对照的表，好坏全凭印象。",
    ),
    "p6": (
        "客服每天听到的抱怨记在各人的本子上，人一走，就没了。",
        "问卷收了三千份，锁在共享盘里，没有人拿它改过任何一件事。",
        "老业务员熟知每家的脾气和采购习惯，却没有地方写，也没有人去问他。",
    ),
    "p7": (
        "大客户打电话来，每次都要从头讲起，没有一个固定的人对他负责。",
        "公司设了产品经理、渠道经理，唯独没有人盯着“这位客户今年怎么样”。",
        "重点客户续约前没有人上门，因为“该谁去”一直没有定。",
    ),
}


def draw(student: str) -> Draw:
    return Draw(student, CHAPTER)


# ------------------------------------------------------------------ network


def _length(days: dict[str, int], path: tuple[str, ...]) -> int:
    return sum(days[t] for t in path)


def paths() -> list[tuple[str, ...]]:
    """All ways from the first task to the last."""
    found: list[tuple[str, ...]] = []

    def onward(path: tuple[str, ...]) -> None:
        after = [t for t, before in NETWORK.items() if path[-1] in before]
        for t in after:
            onward((*path, t))
        if not after:
            found.append(path)

    onward(("立项",))
    return found


def greedy(days: dict[str, int]) -> tuple[str, ...]:
    """The way that always goes on with the longest next task: usually not the critical one."""
    path = ["立项"]
    while after := [t for t, before in NETWORK.items() if path[-1] in before]:
        path.append(max(after, key=lambda t: days[t]))
    return tuple(path)


@lru_cache(maxsize=16)
def durations(student: str) -> dict[str, int]:
    """Half days of every task: one critical path, and neither haste nor counting tasks finds it."""
    ways, most = paths(), max(map(len, paths()))
    for salt in range(1000):
        days = {t: draw(student).step((t, salt), low, high) for t, (low, high) in _DAYS.items()}
        lengths = sorted((_length(days, p) for p in ways), reverse=True)
        longest = max(ways, key=lambda p: _length(days, p))
        if lengths[0] > lengths[1] and longest != greedy(days) and len(longest) < most:
            break
    return days


def letters(student: str) -> dict[str, str]:
    """Task → the letter that it carries in this student's table."""
    shuffled = sorted(NETWORK, key=lambda t: draw(student).unit("letter", t))
    return {t: LETTERS[k] for k, t in enumerate(shuffled)}


def tasks(student: str) -> pd.DataFrame:
    named, days = letters(student), durations(student)
    rows = [
        (named[t], t, days[t] / 2, "、".join(sorted(named[b] for b in before)))
        for t, before in NETWORK.items()
    ]
    return pd.DataFrame(sorted(rows), columns=["任务", "内容", "工期", "前置"])


# ------------------------------------------------------------------ cost and benefit


def cash(student: str) -> tuple[int, list[tuple[int, int, int]]]:
    """Discount rate in percent, and (year, benefit, cost) in yuan from today (year 0) on."""
    d = draw(student)
    out = d.step("out", 240_000, 480_000, 1_000)
    upkeep = d.step("upkeep", 30_000, 70_000, 500)
    gain = d.step("gain", 42, 60) * out // 100
    rows = [(0, 0, out)]
    for year in range(1, YEARS + 1):
        grown = gain * (70 + 12 * year) // 100 + d.step(("year", year), 0, 9_000, 100)
        rows.append((year, grown, upkeep))
    return d.step("rate", 6, 12), rows


# ------------------------------------------------------------------ symptoms


def symptoms(student: str) -> dict[str, tuple[str, str]]:
    """Letter → (neutral name, wording)."""
    return draw(student).lettered(SYMPTOM_POOL, "symptoms")


# ------------------------------------------------------------------ before and after


@lru_cache(maxsize=8)
def cases(student: str) -> pd.DataFrame:
    """Inquiries of a pilot team and of another one, before and after the system came."""
    d = draw(student)
    rows = []
    for team in ("试点", "对照"):
        for i in range(CASES):
            when = "上线前" if i < CASES // 2 else "上线后"
            better = team == "试点" and when == "上线后"
            season = 0.06 if when == "上线后" else 0.0  # a good year for everybody

            def u(what: str, key: tuple[str, int] = (team, i)) -> float:
                return d.unit(what, *key)

            hours = round(1 + (9 if better else 20) * u("hours") ** 1.5, 1)
            won = (
                u("won") < 0.22 + season + (0.10 if better else 0.0) + (d.unit("own") - 0.5) * 0.08
            )
            amount = round(800 + 4200 * u("amount"), 2) if won else 0.0
            rows.append((
                team, when, "" if u("blank") < 0.08 else f"{hours}", "是" if won else "否",
                f"{amount:.2f}" if won else "",
                "是" if u("complaint") < (0.06 if better else 0.11) else "否",
            ))  # fmt: skip
    names = ["组", "期间", "首次响应小时", "成交", "成交金额", "投诉"]
    frame = pd.DataFrame(rows, columns=names)
    frame["_"] = [d.unit("order", k) for k in range(len(frame))]
    frame = frame.sort_values("_").drop(columns="_").reset_index(drop=True)
    frame.insert(0, "咨询编号", [f"Z{k:04d}" for k in range(1, len(frame) + 1)])
    return frame


def _cash(path: Path, student: str) -> None:
    csv(cash(student)[1], path, "年", "收益", "成本")


FILES = {
    "tasks.csv": lambda path, student: csv(tasks(student), path),
    "cash.csv": _cash,
    "rate.csv": lambda path, student: csv(
        [("折现率", cash(student)[0] / 100)], path, "名称", "数值"
    ),
    "symptoms.csv": lambda path, student: csv(
        [(k, words) for k, (_, words) in symptoms(student).items()], path, "编号", "症状"
    ),
    "cases.csv": lambda path, student: csv(cases(student), path),
}
