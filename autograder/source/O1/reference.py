"""Lab O1, 系统认识与顾客信息: what is there, what was done, and what is right."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from autograder.operations import DONE, REFUSED, Work
from crmkit.lab import forms
from crmkit.lab.inputs import o1

KEY = o1.KEY
PEOPLE = ("昵称", "姓名", "手机", "省份", "城市", "来源")
AS_IN_FILE = dict(
    zip(PEOPLE, (o1.NICK, o1.NAME, o1.MOBILE, o1.PROVINCE, o1.CITY, o1.SOURCE), strict=True)
)
STORED = dict(zip(PEOPLE, ("nick", "name", "mobile", "province", "city", "source"), strict=True))
DENIED = "PermissionDenied"


@dataclass(frozen=True)
class World:
    """One student's shop, file and tasks."""

    student: str

    @property
    def data(self) -> o1.Data:
        return o1.data(self.student)

    @property
    def customers(self) -> pd.DataFrame:
        return self.data.shop.customers

    @cached_property
    def figures(self) -> pd.DataFrame:
        return o1.bought(self.data.shop)

    def task(self, item: str) -> dict[str, Any]:
        return self.data.tasks[item]

    def people(self, kind: str) -> list[dict[str, Any]]:
        """Rows of the file of a kind: 新, 已有, 拒绝."""
        rows = self.data.rows.to_dict("records")
        words = {"新": "新", "": "拒绝"}
        return [
            r | {KEY: k}
            for r, k in zip(rows, self.data.kinds, strict=True)
            if words.get(k, "已有") == kind
        ]


def logins(w: World, work: Work, value: Any) -> dict[str, Any]:
    done = [x for x in work.of("", action="登录") if x.outcome != REFUSED]
    return {"客服": any(x.role == "客服" for x in done), "names": [x.user for x in done]}


def refusal(w: World, work: Work, value: Any) -> dict[str, Any]:
    refused = [x.message.partition(":")[0] for x in work.of(outcome=REFUSED)]
    return {"name": forms.word(value), "refused": DENIED in refused}


def clue(w: World, *, nick: bool = True, province: bool = True) -> list[str]:
    t, c = w.task("O1-05"), w.customers
    keep = pd.Series(True, index=c.index)
    if nick:
        keep &= c["昵称"].str.contains(t["昵称含"])
    if province:
        keep &= c["省份"] == t["省份"]
    return sorted(c.loc[keep, KEY])


def fields(row: dict[str, Any], names: dict[str, str]) -> list[str]:
    return [str(row[c] or "") for c in names.values()]


def imported(w: World, work: Work, value: Any) -> list[list[str]]:
    """The customers that are there now and were not before."""
    before = set(w.customers[KEY])
    new = [r for r in work.rows("customers") if r["customer_id"] not in before]
    return sorted(fields(r, STORED) for r in new)


def held(w: World, work: Work, value: Any) -> dict[str, list[str]]:
    """省份, 城市 and 手机 of the people who were customers already."""
    rows = {r["customer_id"]: r for r in work.rows("customers")}
    mine = (r[KEY] for r in w.people("已有"))
    return {
        i: [str(rows[i][c]) for c in ("province", "city", "mobile")] if i in rows else []
        for i in mine
    }


def decided(w: World, update: tuple[str, ...]) -> dict[str, list[str]]:
    old = w.customers.set_index(KEY)
    return {
        r[KEY]: [r[o1.PROVINCE], r[o1.CITY], r[o1.MOBILE]] if r[o1.NOTE] in update
        else [str(old.loc[r[KEY], c]) for c in ("省份", "城市", "手机")]
        for r in w.people("已有")
    }  # fmt: skip


def nth(w: World, place: int, *, by: str = "累计金额", ascending: bool = False) -> str:
    listed = w.figures.reset_index().sort_values([by, KEY], ascending=[ascending, True])
    return str(listed[KEY].iloc[place])


def first_of_page(w: World, size: int, page: int) -> int:
    return size * (page - 1)


def of_level(w: World) -> list[str]:
    c = w.customers
    return sorted(c.loc[c["会员等级"] == w.task("O1-09")["会员等级"], KEY])


def put_tag(w: World, work: Work, value: Any) -> dict[str, Any]:
    put = [
        x for x in work.of("customers.tags", action="贴标签", outcome=DONE) if x.object == o1.TAG
    ]
    return {"members": sorted(work.tagged(o1.TAG)), "role": put[-1].role if put else ""}


def rule(w: World, **other: Any) -> dict[str, Any]:
    least = w.task("O1-10")["累计金额不低于"]
    return {"members": o1.potential(w.figures, least, **other), "role": "客服"}


def merged(w: World, work: Work, value: Any) -> dict[str, Any]:
    a, b = w.task("O1-11")["合并"]
    tags = work.tags()
    return {"members": sorted(tags.get(o1.INTO, ())), "left": sorted({a, b} & set(tags))}


def holders(w: World) -> list[set[str]]:
    t = w.data.shop.tags
    mine = t[t["对象"] == "customer"]
    return [set(mine.loc[mine["标签"] == x, "对象编号"]) for x in w.task("O1-11")["合并"]]
