"""Lab O2, 顾客分类: the classes as they should be, and as the log has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from autograder.operations import DONE, Work
from crmkit import shops
from crmkit.lab import forms
from crmkit.lab.inputs import o2
from crmkit.lab.inputs.o2 import CLUB, GROWING, KEY, REGULARS, RENAMED, TEMPORARY

FREQUENCY = ("0 次", "1 次", "2–3 次", "4 次及以上")
UNKNOWN, NO_ORDER = "未知", "未购买"
SOURCES = ("自然搜索", "老客推荐", "直播间", "短视频", "聚划算", "线下活动", UNKNOWN)
BANDS = ("未购买", "第一档", "第二档", "第三档", "第四档")


@dataclass(frozen=True)
class World:
    """One student's shop and tasks."""

    student: str

    @property
    def data(self) -> o2.Data:
        return o2.data(self.student)

    @property
    def customers(self) -> pd.DataFrame:
        return self.data.shop.customers

    @property
    def figures(self) -> pd.DataFrame:
        return self.data.figures

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Valid orders with the channel's name, the oldest first."""
        channels = self.data.shop.channels.set_index("渠道编号")["渠道名称"]
        orders = shops.valid_orders(self.data.shop.orders)
        named = orders.assign(渠道=orders["渠道编号"].map(channels))
        return named.sort_values(["付款时间", "订单编号"])

    @property
    def channels(self) -> list[str]:
        return self.data.shop.channels["渠道名称"].tolist()

    def task(self, item: str) -> dict[str, Any]:
        return self.data.tasks[item]


def frequency(orders: float, bounds: tuple[int, ...] = (0, 1, 3)) -> str:
    return FREQUENCY[sum(orders > b for b in bounds)]


def band(amount: float, orders: float, limits: list[float], *, upper: bool = True) -> str:
    """The band of an amount; a limit belongs to the band above it (or, wrongly, below)."""
    if orders == 0:
        return BANDS[0]
    return BANDS[1 + sum(amount >= x if upper else amount > x for x in limits)]


def frequencies(w: World, bounds: tuple[int, ...] = (0, 1, 3)) -> pd.Series:
    return w.figures["累计订单数"].map(lambda n: frequency(n, bounds))


def bands(w: World, *, upper: bool = True, limits: list[float] | None = None) -> pd.Series:
    chosen = limits or w.task("O2-04")["分档下界（元）"]
    f = w.figures
    found = [
        band(a, n, chosen, upper=upper) for a, n in zip(f["累计金额"], f["累计订单数"], strict=True)
    ]
    return pd.Series(found, index=f.index)


def ids(values: pd.Series, *wanted: str) -> list[str]:
    return sorted(values.index[values.isin(wanted)])


def counts(values: pd.Series, names: tuple[str, ...] | list[str]) -> dict[str, int]:
    return {n: int((values == n).sum()) for n in names}


@dataclass
class Life:
    """A class kept under a name, from its making on; a number is given again after a deletion."""

    born: str = ""  # the name it was made under
    group: str = ""  # "" once it is deleted
    name: str = ""
    by_rule: bool = False


def made(work: Work, name: str) -> Life:
    """The last class that was made under a name, whatever became of it."""
    lives: list[Life] = []
    for _, c in work.changed("groups"):
        if c.before is None and c.after is not None:
            lives.append(
                Life(c.after["name"], c.key[0], c.after["name"], c.after["kind"] == "规则")
            )
            continue
        one = next(x for x in reversed(lives) if x.group == c.key[0])
        if c.after is None:
            one.group = ""
        else:
            one.name = c.after.get("name", one.name)
    return next((x for x in reversed(lives) if x.born == name), Life())


def members(work: Work, group: str) -> list[str]:
    return sorted(
        r["customer_id"] for r in work.rows("group_members") if group and r["group_id"] == group
    )


def kept(work: Work, name: str) -> dict[str, Any]:
    """Members at the end of the class made under a name, and whether it keeps its rule."""
    one = made(work, name)
    return {"members": members(work, one.group), "rule": bool(one.group) and one.by_rule}


def mapping_or(value: Any) -> dict[str, float]:
    return {k: forms.number(v) for k, v in forms.mapping(value).items()}


def by_frequency(w: World, work: Work, value: Any) -> dict[str, Any]:
    return {"counts": mapping_or(value), **kept(work, REGULARS)}


def wrong_bounds(w: World, bounds: tuple[int, ...]) -> dict[str, Any]:
    f = frequencies(w, bounds)
    return {"counts": counts(f, FREQUENCY), "members": ids(f, FREQUENCY[3]), "rule": True}


def sources(w: World, *, unknown: bool = True, buyers: bool = False) -> dict[str, int]:
    c = w.customers
    if buyers:
        c = c[c[KEY].isin(w.figures.index[w.figures["累计订单数"] > 0])]
    values = c["来源"].fillna(UNKNOWN)
    return counts(values, SOURCES) | ({} if unknown else {UNKNOWN: 0})


def by_channel(w: World, how: str) -> dict[str, int]:
    orders, names = w.orders, w.channels
    if how == "file":
        listed = w.data.shop.channels.set_index("渠道编号")["渠道名称"]
        return counts(w.customers["渠道编号"].map(listed), names) | {NO_ORDER: 0}
    if how == "any":
        one = orders.drop_duplicates([KEY, "渠道"])
    else:
        one = orders.drop_duplicates(KEY, keep="first" if how == "first" else "last")
    none = len(w.customers) - orders[KEY].nunique()
    return counts(one["渠道"], names) | {NO_ORDER: none}


def by_spending(w: World, work: Work, value: Any) -> dict[str, Any]:
    return kept(work, GROWING)


def in_club(w: World, work: Work, value: Any) -> dict[str, Any]:
    one = made(work, CLUB)
    return {"members": members(work, one.group), "hand": bool(one.group) and not one.by_rule}


Classes = dict[str, list[str]]


def partition(classes: Classes, customers: list[str]) -> bool:
    listed = [i for c in classes.values() for i in c]
    return sorted(listed) == sorted(customers)


def cases(w: World) -> list[tuple[Any, ...]]:
    """Own result, an overlap, a gap, a stranger, one class twice as a whole, everybody in one class."""
    people = sorted(shops.draw(w.figures.index, 12, w.student, "O2", "cases"))
    own = {"甲": people[:5], "乙": people[5:9], "丙": people[9:]}
    return [
        (own, people),
        (own | {"乙": people[4:9]}, people),
        (own | {"丙": people[10:]}, people),
        (own | {"丙": [*people[9:], "C999999"]}, people),
        (own | {"丙": [people[0], *people[10:]]}, people),  # the numbers add up all the same
        ({"全部": people}, people),
        (own | {"丁": []}, people),
    ]


def outputs(w: World, rule: Callable[[Classes, list[str]], bool]) -> list[bool]:
    return [rule(c, p) for c, p in cases(w)]


def table(w: World, *, upper: bool = True, bounds: tuple[int, ...] = (0, 1, 3)) -> pd.DataFrame:
    found = pd.crosstab(frequencies(w, bounds), bands(w, upper=upper))
    found = found.reindex(index=list(FREQUENCY), columns=list(BANDS), fill_value=0)
    return found.rename_axis(index="频率", columns=None).reset_index()


def months(w: World) -> list[tuple[Any, ...]]:
    """Two hidden months: numbers of some customers after more orders, limits among them."""
    a, b, c = w.task("O2-04")["分档下界（元）"]
    out = []
    for salt in ("二月", "三月"):
        chosen = shops.draw(w.figures.index, 40, w.student, "O2", salt)
        rows = [
            {KEY: i, "累计订单数": int(w.figures.loc[i, "累计订单数"]) + n % 2,
             "累计金额": round(float(w.figures.loc[i, "累计金额"]) + (n % 2) * 88.0, 2)}
            for n, i in enumerate(chosen)
        ]  # fmt: skip
        rows += [
            {KEY: f"C9{n:05d}", "累计订单数": 4, "累计金额": x} for n, x in enumerate((a, b, c))
        ]
        rows += [
            {KEY: "C900009", "累计订单数": 3, "累计金额": b},
            {KEY: "C900010", "累计订单数": 0, "累计金额": 0.0},
        ]
        out.append((rows,))
    return out


def rerun(w: World, *, upper: bool = True, least: int = 4) -> list[dict[str, int]]:
    a, b, c = w.task("O2-04")["分档下界（元）"]

    def growing_one(r: dict[str, Any]) -> bool:
        if r["累计订单数"] == 0:
            return False
        return bool(b <= r["累计金额"] < c if upper else b < r["累计金额"] <= c)

    return [
        {
            REGULARS: sum(r["累计订单数"] >= least for r in rows),
            GROWING: sum(map(growing_one, rows)),
        }
        for (rows,) in months(w)
    ]


def tidied(w: World, work: Work, value: Any) -> dict[str, Any]:
    regular, temporary = made(work, REGULARS), made(work, TEMPORARY)
    names = [r["name"] for r in work.rows("groups")]
    changed = work.of("segments.manual", action="分类改名", outcome=DONE)
    return {
        "renamed": bool(regular.group) and regular.name == RENAMED and bool(changed),
        "deleted": bool(temporary.born) and not temporary.group, "names": sorted(names),
    }  # fmt: skip


def coupons(w: World, how: str) -> list[str]:
    first, second = set(ids(frequencies(w), FREQUENCY[3])), set(ids(bands(w), BANDS[3]))
    found = {
        "both": first & second,
        "first": first - second,
        "second": second - first,
        "any": first | second,
    }
    return sorted(found[how])
