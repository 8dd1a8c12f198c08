"""Many people in one system: what a role may do, and two people who save the same record."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def role_access() -> Activity:
    """The course's own system: functions that one role, or one person with two, may use."""
    import pandas as pd

    from crmkit.crm import catalogue, roles

    def draw(figure: Figure, role: str, second: str) -> View:
        held = {role} if second == "无" else {role, second}
        rows: list[tuple[Any, ...]] = []
        for module in catalogue.MODULES:
            functions = [f for f in catalogue.FUNCTIONS.values() if f.module == module]
            act = sum(bool(held & set(f.act)) for f in functions)
            see = sum(bool(held & {*f.use, *f.act}) for f in functions)
            rows.append((module, act, see - act, len(functions) - see))
        axes = figure.subplots()
        left = [0] * len(rows)
        for part, (name, colour) in enumerate(
            (("能改", theme.COURSE), ("只能看", theme.SERIES[0]), ("打不开", theme.LINE)), start=1
        ):
            widths = [row[part] for row in rows]
            axes.barh(range(len(rows)), widths, 0.66, left=left, color=colour, label=name)
            left = [a + b for a, b in zip(left, widths, strict=True)]
        axes.set_yticks(range(len(rows)), [row[0] for row in rows])
        axes.invert_yaxis()
        axes.set_xlim(0, 10.5)
        axes.grid(False, axis="y")
        axes.legend(loc="lower right")
        who = "、".join(r for r in roles.ROLES if r in held)
        axes.set_title(f"{who}：八个模块里的功能数")
        act, see, shut = (sum(row[k] for row in rows) for k in (1, 2, 3))
        rights = [name for name, allowed in roles.RIGHTS.items() if held & set(allowed)]
        return View(
            alt=f"八根横条：{who} 能改 {act} 项，只能看 {see} 项，打不开 {shut} 项。",
            message=f"{who}：44 项功能里能改 {act} 项，只能看 {see} 项，打不开 {shut} 项；"
            f"另外的权利：{'、'.join(rights) or '没有'}。",
            table=pd.DataFrame(rows, columns=["模块", "能改", "只能看", "打不开"]),
            result={"act": act, "see": see, "shut": shut, "rights": rights},
        )

    names = {r: r for r in roles.ROLES}
    return Activity(
        "权限表：谁能用什么？",
        [
            Select("role", "岗位", names, "仓库"),
            Select("second", "再兼一个岗位", {"无": "无", **names}),
        ],
        draw,
        note="这是实训台真正在用的权限表〔课程约定〕，一个人兼两个岗位，权限取并集。"
        "试一试：哪两个岗位合在一起，能改的最多？店里人手少，只好兼岗，要加什么控制？",
        source="按角色授权（RBAC）：Sandhu 等（1996）；crmkit.crm.catalogue、crmkit.crm.roles。",
        size=(7.2, 3.1),
    )


_POLICIES = {
    "last": "最后保存的算数",
    "version": "核对版本，冲突就提示",
    "lock": "打开就锁住，别人等",
}
_DAY = 480  # minutes


def _unit(*what: object) -> float:
    """A number in [0, 1): the same day on every machine."""
    text = "|".join(map(str, what)).encode("utf-8")
    return int.from_bytes(hashlib.sha256(text).digest()[:6], "big") / 2**48


def _day(edits: int, records: int, minutes: int, policy: str) -> dict[str, int]:
    """One day of edits: what is silently lost, what is told, and minutes of waiting."""
    starts = sorted((_DAY * _unit("at", k), int(records * _unit("which", k))) for k in range(edits))
    saved: dict[int, float] = {}  # record → when it was last saved
    lost = told = 0
    waited = 0.0
    for at, record in starts:
        free = saved.get(record, -1.0)
        if policy == "lock" and free > at:
            waited += free - at
            at = free
        elif free > at:  # somebody saved between this one's opening and saving
            lost, told = (lost + 1, told) if policy == "last" else (lost, told + 1)
        saved[record] = max(at + minutes, free)
    return {"lost": lost, "told": told, "waited": round(waited)}


def lost_update() -> Activity:
    """Clerks edit the same few records: what gets lost under three policies."""
    import pandas as pd

    def draw(figure: Figure, edits: int, records: int, minutes: int, policy: str) -> View:
        found = {p: _day(edits, records, minutes, p) for p in _POLICIES}
        mine = found[policy]
        axes = figure.subplots()
        grid = list(range(20, 301, 20))
        for p, colour in (("last", theme.SERIES[2]), ("version", theme.COURSE)):
            what = "lost" if p == "last" else "told"
            name = "无声丢失" if p == "last" else "收到提示"
            axes.plot(grid, [_day(n, records, minutes, p)[what] for n in grid], color=colour,
                      label=f"{_POLICIES[p]}：{name}", linestyle="-" if p == "last" else "--")  # fmt: skip
        axes.axvline(edits, color=theme.MUTED, linewidth=1)
        axes.set_xlabel("一天改几次资料")
        axes.set_ylabel("次")
        axes.legend(loc="upper left")
        axes.set_title("撞在一起的修改")
        table = pd.DataFrame(
            [(label, found[p]["lost"], found[p]["told"], found[p]["waited"]) for p, label in _POLICIES.items()],
            columns=["做法", "无声丢失（次）", "提示冲突（次）", "一共等（分钟）"],
        )  # fmt: skip
        return View(
            alt=f"两条重合的上升线：改 {edits} 次，撞上 {found['last']['lost']} 次。",
            message=f"{_POLICIES[policy]}：{edits} 次修改里，无声丢失 {mine['lost']} 次，"
            f"提示冲突 {mine['told']} 次，一共等 {mine['waited']} 分钟。",
            table=table,
            result={"found": found, **mine},
        )

    return Activity(
        "两个人同时改一份资料",
        [
            Slider("edits", "一天改几次资料", 20, 300, 20, 120, "次"),
            Slider("records", "常改的客户", 5, 200, 5, 40, "位"),
            Slider("minutes", "从打开到保存", 1, 30, 1, 8, "分钟"),
            Select("policy", "做法", _POLICIES),
        ],
        draw,
        note="打开的时刻和改哪一位由固定的算法决定，人人相同。两条线重合：撞车的次数一样，差别在有没有人知道。"
        "试一试：不改做法，只把“从打开到保存”缩短，能减少多少？",
        source="丢失更新与乐观并发控制：Kung 与 Robinson（1981）；情境为教学编写。",
        size=(7.2, 3.0),
    )
