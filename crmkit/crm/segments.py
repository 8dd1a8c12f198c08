"""顾客分类: classes by frequency, source, channel and spending, and classes made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from crmkit import schema
from crmkit.crm import clock
from crmkit.crm.audit import Operation
from crmkit.crm.errors import InvalidInput, NotFound
from crmkit.crm.figures.cards import Cards
from crmkit.crm.module import Module
from crmkit.crm.storage import tables
from crmkit.crm.tagging import checked_name
from crmkit.settings import settings

CHANNEL_MODES: Mapping[str, str] = {
    "first": "首单渠道：按第一笔有效订单的渠道，每人只在一类",
    "any": "买过的渠道：在几个渠道买过就算几类，人数之和大于总人数；金额是这些顾客在全店的消费",
}
SPENDING_MODES: Mapping[str, str] = {
    "bands": "按固定金额分档，边界值归上一档",
    "quintiles": "按买家累计金额五等分，金额相同的在同一档",
}
NO_ORDER, UNKNOWN = "未购买", "未知"
BY_HAND, BY_RULE = "手动", "规则"
_CUSTOMERS = tables.metadata.tables["customers"]


@dataclass(frozen=True)
class Classes:
    """A classification of all customers.

    Attributes
    ----------
    table
        类别 人数 人数占比 金额 金额占比 客单价, one row per class in its natural order. Shares are of
        all customers and of all money; with overlapping classes they add to more than 1.
    members
        客户编号 and 类别; a customer stands in it once for every class.
    partition
        Whether everyone is in exactly one class.
    note
        The rule in words, for the screen.
    """

    table: pd.DataFrame
    members: pd.DataFrame
    partition: bool
    note: str

    def ids(self, *names: str) -> list[str]:
        """Ids of the customers in any of these classes, sorted."""
        wrong = [n for n in names if n not in set(self.table["类别"])]
        if wrong:
            raise NotFound(f"没有类别「{wrong[0]}」。现有：{'、'.join(self.table['类别'])}")
        found = self.members.loc[self.members["类别"].isin(names), "客户编号"]
        return sorted(found.unique().tolist())


class Segments(Module):
    """The five functions of 顾客分类, and classes kept under a name."""

    key = "segments"

    def frequency(self, bounds: Sequence[int] | None = None) -> Classes:
        """购买频率分类: by the number of valid orders.

        Parameters
        ----------
        bounds
            The largest number of each class but the last, ascending; default 0 and
            settings ``frequency.bounds``: 0 / 1 / 2 / 3-5 / more than 5.
        """
        chosen = [0, *settings()["frequency"]["bounds"]] if bounds is None else list(bounds)
        with self.session.reading("segments.frequency", "分类", 边界=chosen) as op:
            cards = self.session.customers.cards(op)
            return self._by_number(cards, "累计订单数", chosen, "次")

    def source(self) -> Classes:
        """来源分类: by the source in the customer's file; a blank is 未知."""
        with self.session.reading("segments.source", "分类") as op:
            cards = self.session.customers.cards(op)
            values = cards.frame["来源"].where(cards.frame["来源"].fillna("") != "", UNKNOWN)
            order = [*values[values != UNKNOWN].value_counts().index, UNKNOWN]
            return _classes(cards, values.to_numpy(), order, "按顾客档案里的来源；没填的归「未知」")

    def channel(self, mode: str = "first") -> Classes:
        """渠道分类: by the channel of the orders, see `CHANNEL_MODES`."""
        _one_of("mode", mode, CHANNEL_MODES)
        with self.session.reading("segments.channel", "分类", 口径=CHANNEL_MODES[mode]) as op:
            cards = self.session.customers.cards(op)
            orders, channels = tables.metadata.tables["orders"], tables.metadata.tables["channels"]
            paid = sa.select(orders.c.customer_id, channels.c.name, orders.c.paid_at).where(
                orders.c.status.in_(schema.VALID_ORDER_STATUS), orders.c.paid_at.is_not(None),
                orders.c.channel_id == channels.c.channel_id,
            ).order_by(orders.c.paid_at, orders.c.order_id)  # fmt: skip
            bought = self.store.frame(paid, op.connection)[["customer_id", "name"]]
            once = ["customer_id"] if mode == "first" else ["customer_id", "name"]
            bought = bought.drop_duplicates(once).set_axis(["客户编号", "类别"], axis=1)
            rest = cards.frame.loc[~cards.frame["客户编号"].isin(bought["客户编号"]), ["客户编号"]]
            members = pd.concat([bought, rest.assign(类别=NO_ORDER)], ignore_index=True)
            named = self.store.frame(sa.select(channels.c.name), op.connection)["name"]
            return _summed(cards, members, [*named, NO_ORDER], CHANNEL_MODES[mode], mode == "first")

    def spending(self, mode: str = "bands", bands: Sequence[float] | None = None) -> Classes:
        """消费分类: by the cumulative amount of the valid orders (gross, yuan).

        Parameters
        ----------
        mode
            See `SPENDING_MODES`.
        bands
            Lower bounds of the second and later bands, ascending; default settings ``spending``.
        """
        _one_of("mode", mode, SPENDING_MODES)
        chosen = settings()["spending"][self.session.shop] if bands is None else list(bands)
        shown = {} if mode == "quintiles" else {"分档": chosen}
        with self.session.reading(
            "segments.spending", "分类", 口径=SPENDING_MODES[mode], **shown
        ) as op:
            cards = self.session.customers.cards(op)
            if mode == "quintiles":
                return self._quintiles(cards)
            _ascending("bands", chosen)
            edges = [f"{b:g}" for b in chosen]
            names = [f"不到 {edges[0]} 元", *(f"{a}–{b} 元" for a, b in pairwise(edges)),
                     f"{edges[-1]} 元以上"]  # fmt: skip
            cents = (cards.frame["累计金额"].to_numpy() * 100).round().astype("int64")
            place = np.searchsorted((np.array(chosen) * 100).round(), cents, side="right")
            values = np.array(names, dtype=object)[place]
            values[cards.frame["累计订单数"].to_numpy() == 0] = NO_ORDER
            return _classes(cards, values, [NO_ORDER, *names], SPENDING_MODES[mode])

    def _quintiles(self, cards: Cards) -> Classes:
        """Every buyer's class = 1 + ⌊5 · buyers with less ÷ buyers⌋ (as the RFM scores)."""
        buyers = (cards.frame["累计订单数"] > 0).to_numpy()
        amounts = cards.frame["累计金额"].to_numpy()[buyers]
        less = np.searchsorted(np.sort(amounts), amounts, side="left")
        part = 5 * less // max(len(amounts), 1)
        names = ["最低 20%", "20%–40%", "40%–60%", "60%–80%", "最高 20%"]
        values = np.full(len(cards), NO_ORDER, dtype=object)
        values[buyers] = np.array(names, dtype=object)[part]
        return _classes(cards, values, [NO_ORDER, *names], SPENDING_MODES["quintiles"])

    def _by_number(self, cards: Cards, label: str, bounds: Sequence[int], unit: str) -> Classes:
        _ascending("bounds", bounds)
        lows = [0, *(b + 1 for b in bounds)]
        names = [
            f"{a} {unit}" if a == b else f"{a}–{b} {unit}"
            for a, b in zip(lows, bounds, strict=False)
        ]
        names.append(f"{lows[-1]} {unit}及以上")
        place = np.searchsorted(bounds, cards.frame[label].to_numpy(), side="left")
        return _classes(cards, np.array(names, dtype=object)[place], names, f"按{label}分档")

    # --- 手动分类, and classes kept under a name --------------------------------------------------
    def manual(self) -> pd.DataFrame:
        """手动分类: the classes kept under a name: 分类 方式 人数 规则 建立时间."""
        with self.session.reading("segments.manual", "查看分类") as op:
            g, m = tables.groups, tables.group_members
            size = sa.func.count(m.c.customer_id)
            chosen = (
                sa.select(g.c.name, g.c.kind, size, g.c.rule, g.c.at)
                .select_from(g.outerjoin(m)).group_by(g.c.group_id, g.c.name, g.c.kind, g.c.rule, g.c.at)
                .order_by(g.c.group_id)
            )  # fmt: skip
            frame = self.store.frame(chosen, op.connection)
            return frame.set_axis(["分类", "方式", "人数", "规则", "建立时间"], axis=1)

    def members(self, name: str) -> list[str]:
        """Ids of the customers in a class kept under a name, sorted."""
        with self.session.reading("segments.manual", "查看成员", 分类=name) as op:
            group = self._group(op, name)
            return sorted(r["customer_id"] for r in self._rows(op, group))

    def create(self, name: str, ids: Sequence[str] = ()) -> int:
        """Make a class by hand; it changes only when somebody changes it. Returns its size."""
        name = checked_name(name, "name")
        with self.session.writing("segments.manual", "建分类", 分类=name, 人数=len(ids)) as op:
            return self._make(op, name, BY_HAND, {}, ids)

    def add(self, name: str, ids: Sequence[str]) -> int:
        """Put customers into a class made by hand; returns how many were not in it."""
        with self.session.writing("segments.manual", "加入分类", 分类=name, 人数=len(ids)) as op:
            group = self._by_hand(op, name)
            have = {r["customer_id"] for r in self._rows(op, group)}
            return self._join(op, group, [i for i in dict.fromkeys(ids) if i not in have])

    def remove(self, name: str, ids: Sequence[str]) -> int:
        """Take customers out of a class made by hand; returns how many were in it."""
        with self.session.writing("segments.manual", "移出分类", 分类=name, 人数=len(ids)) as op:
            group, out = self._by_hand(op, name), set(ids)
            rows = [r for r in self._rows(op, group) if r["customer_id"] in out]
            op.delete_many(tables.group_members, rows)
            return len(rows)

    def rename(self, name: str, to: str) -> None:
        """Give a class another name."""
        new = checked_name(to, "to")
        with self.session.writing("segments.manual", "分类改名", 分类=name, 新名称=new) as op:
            group = self._group(op, name)
            self._free(op, new, "to")
            op.update(tables.groups, group["group_id"], to={"name": new})

    def delete(self, name: str) -> int:
        """Remove a class; its customers stay customers. Returns how many were in it."""
        with self.session.writing("segments.manual", "删除分类", 分类=name) as op:
            group = self._group(op, name)
            rows = self._rows(op, group)
            op.delete_many(tables.group_members, rows)
            op.delete(tables.groups, group["group_id"])
            return len(rows)

    def save(self, name: str, function: str, classes: Sequence[str], **parameters: Any) -> int:
        """Keep some classes of a classification as one class with a rule; `rerun` brings it up to date.

        Parameters
        ----------
        function
            ``"frequency"``, ``"source"``, ``"channel"`` or ``"spending"``, with its parameters.
        """
        name = checked_name(name, "name")
        ids = self._found(function, parameters).ids(*classes)
        rule = {"function": function, "classes": list(classes), "parameters": parameters}
        with self.session.writing(
            f"segments.{function}", "保存分类", 分类=name, 类别=list(classes)
        ) as op:
            return self._make(op, name, BY_RULE, rule, ids)

    def rerun(self, name: str) -> tuple[int, int]:
        """Apply a kept rule to today's customers; returns how many came in and went out."""
        with self.session.reading("segments.manual", "查看规则", 分类=name) as op:
            group = self._group(op, name)
        if group["kind"] != BY_RULE:
            raise InvalidInput(f"「{name}」是手动分类，没有规则可以重跑。")
        rule = json.loads(group["rule"])
        wanted = set(self._found(rule["function"], rule["parameters"]).ids(*rule["classes"]))
        with self.session.writing(f"segments.{rule['function']}", "重跑分类", 分类=name) as op:
            op.object = name
            rows = self._rows(op, self._group(op, name))
            gone = [r for r in rows if r["customer_id"] not in wanted]
            op.delete_many(tables.group_members, gone)
            came = wanted - {r["customer_id"] for r in rows}
            self._join(op, group, sorted(came))
            return len(came), len(gone)

    def _found(self, function: str, parameters: Mapping[str, Any]) -> Classes:
        if function not in ("frequency", "source", "channel", "spending"):
            raise InvalidInput(f"没有分类方法「{function}」。", {"function": "请选择"})
        found: Classes = getattr(self, function)(**parameters)
        return found

    def _make(
        self, op: Operation, name: str, kind: str, rule: Mapping[str, Any], ids: Sequence[str]
    ) -> int:
        op.object = name
        self._free(op, name, "name")
        group = {
            "group_id": op.next_id(tables.groups, "G", 4), "name": name, "kind": kind,
            "rule": json.dumps(rule, ensure_ascii=False) if rule else "",
            "at": clock.text(self.session.now),
        }  # fmt: skip
        op.insert(tables.groups, group)
        return self._join(op, group, list(dict.fromkeys(ids)))

    def _join(self, op: Operation, group: Mapping[str, Any], ids: Sequence[str]) -> int:
        op.object = group["name"]
        missing = set(ids) - op.find_many(_CUSTOMERS, ids).keys()
        if missing:
            raise NotFound(
                f"没有这些客户：{'、'.join(sorted(missing)[:5])}（共 {len(missing)} 位）。"
            )
        rows = [{"group_id": group["group_id"], "customer_id": i} for i in ids]
        op.insert_many(tables.group_members, rows)
        return len(rows)

    def _group(self, op: Operation, name: str) -> dict[str, Any]:
        op.object = name
        rows = op.rows(sa.select(tables.groups).where(tables.groups.c.name == name))
        if not rows:
            raise NotFound(f"没有分类「{name}」。")
        return rows[0]

    def _by_hand(self, op: Operation, name: str) -> dict[str, Any]:
        group = self._group(op, name)
        if group["kind"] != BY_HAND:
            raise InvalidInput(f"「{name}」按规则分类，成员由规则决定，不能手动增减。")
        return group

    def _rows(self, op: Operation, group: Mapping[str, Any]) -> list[dict[str, Any]]:
        m = tables.group_members
        return op.rows(sa.select(m).where(m.c.group_id == group["group_id"]))

    def _free(self, op: Operation, name: str, field: str) -> None:
        if op.rows(sa.select(tables.groups).where(tables.groups.c.name == name)):
            raise InvalidInput(f"已有分类「{name}」，换一个名称。", {field: "名称已被使用"})


def _classes(cards: Cards, values: np.ndarray, order: Sequence[str], note: str) -> Classes:
    members = pd.DataFrame({"客户编号": cards.frame["客户编号"], "类别": values})
    return _summed(cards, members, order, note, partition=True)


def _summed(
    cards: Cards, members: pd.DataFrame, order: Sequence[str], note: str, partition: bool
) -> Classes:
    figures = cards.frame.set_index("客户编号")[["累计订单数", "累计金额"]]
    joined = members.join(figures, on="客户编号")
    joined["分"] = (joined["累计金额"] * 100).round().astype("int64")
    joined["买家"] = joined["累计订单数"] > 0
    sums = joined.groupby("类别").agg(
        人数=("客户编号", "size"), 分=("分", "sum"), 买家=("买家", "sum")
    )
    table = sums.reindex(list(dict.fromkeys(order)), fill_value=0).rename_axis("类别").reset_index()
    total = round(float(cards.frame["累计金额"].sum()) * 100)
    table["金额"] = table["分"] / 100
    table["人数占比"] = table["人数"] / len(cards) if len(cards) else np.nan
    table["金额占比"] = table["分"] / total if total else np.nan
    table["客单价"] = (table["金额"] / table["买家"].where(table["买家"] > 0)).round(2)
    columns = ["类别", "人数", "人数占比", "金额", "金额占比", "客单价"]
    return Classes(table[columns], members.sort_values(["客户编号", "类别"], ignore_index=True),
                   partition, note)  # fmt: skip


def _one_of(name: str, value: str, choices: Mapping[str, str]) -> None:
    if value not in choices:
        raise InvalidInput(f"「{value}」不能选，可以选：{'、'.join(choices)}", {name: "请选择"})


def _ascending(name: str, values: Sequence[float]) -> None:
    if not values or any(a >= b for a, b in pairwise(values)) or values[0] < 0:
        raise InvalidInput(
            f"分档要从小到大，至少一个，例如 1, 3；现在是 {list(values)}", {name: "要从小到大"}
        )
