"""The right answers of chapter 5's exercises, step by step in plain Python.

The notebook's own solutions use pandas and `crmkit.analytics`. Keyword arguments make the typical
mistakes that the judge recognises.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograder.source.ch05.keys import PART_OF
from crmkit.lab import forms
from crmkit.lab.forms import FormError
from crmkit.lab.inputs import ch05


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str

    @cached_property
    def log(self) -> list[dict[str, Any]]:
        return [
            {str(k): v for k, v in row.items()}
            for row in ch05.calls(self.student).to_dict("records")
        ]

    @property
    def desk(self) -> ch05.Desk:
        return ch05.desk(self.student)

    @property
    def bid(self) -> ch05.Bid:
        return ch05.bid(self.student)


def parts(w: World) -> dict[str, str]:
    return {number: PART_OF[i] for number, i in ch05.sentences(w.student).items()}


# ------------------------------------------------------------------ the tree


@dataclass(frozen=True)
class Task:
    """What the student's tree has to hold."""

    services: tuple[str, ...]
    most_keys: int
    deepest: int = 3


def task(w: World) -> Task:
    return Task(tuple(ch05.services(w.student)), ch05.most_keys(w.student))


def menus(got: Any) -> dict[str, dict[str, str]]:
    """``{"主菜单 1": "订单", …}`` → menu → {key: where it leads}."""
    out: dict[str, dict[str, str]] = {}
    for key, to in forms.mapping(got).items():
        if to is ... or forms.missing(to):
            raise FormError(f"「{key}」还没有填")
        text = forms.text(key)
        name, button = text[:-1].strip(), text[-1]
        out.setdefault(name, {})[button] = forms.text(to)
    return out


def presses(tree: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """Fewest presses from 主菜单 to every place; breadth first."""
    found, front = {"主菜单": 0}, ["主菜单"]
    while front:
        following = []
        for place in front:
            for to in tree.get(place, {}).values():
                if to not in found:
                    found[to] = found[place] + 1
                    following.append(to)
        front = following
    return found


# ------------------------------------------------------------------ the log


def figures(
    w: World, *, outgoing: bool = False, all_waits: bool = False, of_answered: bool = False,
    lost_of_answered: bool = False, percent: bool = False, any_soon: bool = False,
) -> dict[str, float]:  # fmt: skip
    """服务水平, 平均等待, 放弃率 of the student's days."""
    rows = [r for r in w.log if outgoing or r["方向"] == "呼入"]
    answered = [r for r in rows if not r["是否放弃"]]
    soon = [
        r for r in (rows if any_soon else answered) if r["等待秒数"] <= ch05.target_s(w.student)
    ]
    waited = rows if all_waits else answered
    times = 100 if percent else 1
    return {
        "服务水平": times * len(soon) / len(answered if of_answered else rows),
        "平均等待": sum(r["等待秒数"] for r in waited) / len(waited),
        "放弃率": times * (len(rows) - len(answered)) / len(answered if lost_of_answered else rows),
    }


# ------------------------------------------------------------------ seats


def waits(load: float, seats: int) -> float:
    """Erlang C as it stands in the textbook, a sum of terms (in logarithms: no factorials)."""
    if load >= seats:
        return 1.0
    terms = [math.exp(k * math.log(load) - math.lgamma(k + 1)) for k in range(seats + 1)]
    last = terms[seats] * seats / (seats - load)
    return last / (sum(terms[:seats]) + last)


def seats(w: World, *, hour: bool = False, immediate: bool = False) -> int:
    """Fewest seats for the student's half hour."""
    m = w.desk
    load = m.calls * m.handle_s / (3600 if hour else 1800)
    n = 1
    while True:
        within = 0 if immediate else m.target_s
        late = waits(load, n) * math.exp(-(n - load) * within / m.handle_s)
        if n > load and 1 - late >= m.level:
            return n
        n += 1


def load_only(w: World) -> int:
    """The mistake of taking the next whole number above the load."""
    return math.floor(w.desk.calls * w.desk.handle_s / 1800) + 1


# ------------------------------------------------------------------ inside or outside


def even(
    w: World, *, spread: bool = True, base: bool = True, own_call: bool = True, once: bool = True
) -> float:
    """Calls a month at which both cost the same."""
    b = w.bid
    investment = (b.once / b.months if spread else b.once) if once else 0.0
    fixed = investment + b.wages + b.rent - (b.base if base else 0)
    return fixed / (b.outside_call - (b.own_call if own_call else 0))
