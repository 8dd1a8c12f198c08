"""顾客信息: look one up, import many, page through all, tag them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from crmkit.crm import clock, importing, roles, undoing
from crmkit.crm.audit import Operation
from crmkit.crm.errors import InvalidInput, NotFound
from crmkit.crm.figures.cards import FIGURES, Cards
from crmkit.crm.frames import masked
from crmkit.crm.importing import MODES, ImportPlan, Progress
from crmkit.crm.module import Module
from crmkit.crm.paging import Page
from crmkit.crm.sorting import Sort, ordered, page_of
from crmkit.crm.storage import tables
from crmkit.crm.store import NEWEST_CHANGE
from crmkit.crm.tagging import Tagging, checked_name
from crmkit.schema import TABLES
from crmkit.settings import settings

CUSTOMERS = tables.metadata.tables["customers"]
TAGS = tables.metadata.tables["tags"]
# What may be changed by hand: parameter → Chinese label.
EDITABLE = {
    c.name: c.label for c in TABLES["customers"].columns
    if c.name not in ("customer_id", "registered_at", "trade_status")
} | {"blacklisted": "黑名单", "lunar_birthday": "农历生日"}  # fmt: skip
COLUMNS = (
    "客户编号", "昵称", "姓名", "手机", "会员等级", "省份", "城市", "来源", "渠道编号", "交易状态", *FIGURES,
)  # fmt: skip


class Customers(Module):
    """The four functions of 顾客信息. Frames are masked; `reveal` shows one person in clear."""

    key = "customers"

    @cached_property
    def tagging(self) -> Tagging:
        """Put, remove, rename, merge and delete tags of customers (顾客标签)."""
        return Tagging(self.session, "customer", "customers.tags", CUSTOMERS)

    def cards(self, op: Operation) -> Cards:
        """All member cards of the state `op` sees, kept until the shop changes."""
        version = op.connection.execute(NEWEST_CHANGE).scalar() or 0
        if self._cards is None or self._cards[0] != version:
            self._cards = (version, Cards.of(self.store, op.connection))
        return self._cards[1]

    _cards: tuple[int, Cards] | None = None

    # --- 顾客速查 -----------------------------------------------------------------------------------
    def lookup(
        self, *, nick: str = "", name: str = "", mobile: str = "", mobile_tail: str = "",
        level: str = "", province: str = "", city: str = "", source: str = "", channel: str = "",
        tag: str = "", group: str = "", orders: tuple[int | None, int | None] = (None, None),
        amount: tuple[float | None, float | None] = (None, None),
        last_order: tuple[Any, Any] = (None, None), sort: Sort = (), page: int = 1, size: int = 20,
    ) -> Page:  # fmt: skip
        """顾客速查: customers that meet every condition given, as member cards.

        Parameters
        ----------
        nick, name
            Part of the nick; part of the name.
        mobile, mobile_tail
            The whole number; its last digits.
        tag, group
            Customers with this tag; in this class (name).
        orders, amount, last_order
            From–to, both included; None leaves a side open. Yuan; dates.
        page, size
            Page 1–1000 of 1–100 rows; past the last page the frame is empty.
        """
        given = {
            "昵称": nick, "姓名": name, "手机": mobile, "手机尾号": mobile_tail, "等级": level,
            "省份": province, "城市": city, "来源": source, "渠道": channel, "标签": tag, "分类": group,
            "订单数": orders, "金额": amount, "最近购买": last_order,
        }  # fmt: skip
        conditions = {k: v for k, v in given.items() if v not in ("", (None, None))}
        shown = {k: list(map(str, v)) if isinstance(v, tuple) else v for k, v in conditions.items()}
        with self.session.reading("customers.lookup", "速查", **shown) as op:
            cards = self.cards(op)
            chosen = self._chosen(op, cards, conditions)
            found = cards.page(chosen, page, size, sort)
            op.object = str(found.total)
            return Page(masked(found.frame), found.total, page, size)

    def _chosen(self, op: Operation, cards: Cards, conditions: Mapping[str, Any]) -> np.ndarray:
        mask = np.ones(len(cards), dtype=bool)
        for label, value in conditions.items():
            if label in ("昵称", "姓名"):
                mask &= cards.containing(label, value.strip())
            elif label == "手机":
                mask &= cards.ending("手机", "".join(value.split()))
            elif label == "手机尾号":
                if not value.strip().isdigit():
                    raise InvalidInput("手机尾号只能是数字。", {"mobile_tail": "只能是数字"})
                mask &= cards.ending("手机", value.strip())
            elif label in ("等级", "渠道"):
                mask &= cards.equal({"等级": "会员等级", "渠道": "渠道编号"}[label], value)
            elif label in ("省份", "城市", "来源"):
                mask &= cards.equal(label, value)
            elif label in ("标签", "分类"):
                inside = np.zeros(len(cards), dtype=bool)
                inside[cards.rows(self._members(op, label, value))] = True
                mask &= inside
            else:
                column, low, high = _range(label, *value)
                mask &= cards.between(column, low, high)
        return mask.nonzero()[0]

    def _members(self, op: Operation, kind: str, name: str) -> list[str]:
        if kind == "标签":
            chosen = sa.select(TAGS.c.object_id).where(
                TAGS.c.tag == name, TAGS.c.object_type == "customer"
            )
        else:
            g, m = tables.groups, tables.group_members
            chosen = sa.select(m.c.customer_id).join(g).where(g.c.name == name)
        return [r[0] for r in op.connection.execute(chosen)]

    def card(self, customer_id: str) -> dict[str, Any]:
        """One member card: the columns of `lookup`, 标签 and 分类 (masked)."""
        with self.session.reading("customers.lookup", "会员卡", 客户编号=customer_id) as op:
            op.object = customer_id
            row = self._card(op, customer_id)
            return dict(masked(row).iloc[0]) | self._belongs(op, customer_id)

    def reveal(self, customer_id: str) -> dict[str, Any]:
        """A member card with name and mobile in clear: a right of its own, logged with the id."""
        with self.session.using_right(
            roles.REVEAL, "customers.lookup", "查看明文", 客户编号=customer_id
        ) as op:
            op.object = customer_id
            return dict(self._card(op, customer_id).iloc[0]) | self._belongs(op, customer_id)

    def _card(self, op: Operation, customer_id: str) -> pd.DataFrame:
        cards = self.cards(op)
        if customer_id not in cards.place:
            raise NotFound(f"没有客户「{customer_id}」。编号是 C 加 6 位数字，例如 C000123。")
        return cards.frame.iloc[[cards.place[customer_id]]]

    def _belongs(self, op: Operation, customer_id: str) -> dict[str, list[str]]:
        g, m = tables.groups, tables.group_members
        tags = sa.select(TAGS.c.tag).where(
            TAGS.c.object_type == "customer", TAGS.c.object_id == customer_id
        )
        groups = sa.select(g.c.name).join(m).where(m.c.customer_id == customer_id)
        return {
            "标签": sorted(r[0] for r in op.connection.execute(tags)),
            "分类": sorted(r[0] for r in op.connection.execute(groups)),
        }

    # --- 顾客列表 -----------------------------------------------------------------------------------
    def list(
        self, *, sort: Sort = (("累计金额", False),), page: int = 1, size: int = 20,
        columns: Sequence[str] = COLUMNS, saved: str = "",
    ) -> Page:  # fmt: skip
        """顾客列表: everyone, or those of a saved filter, sorted and paged.

        Equal rows stand in the order of 客户编号.
        """
        with self.session.reading(
            "customers.list", "列表", 排序=_told(sort), 页=page, 每页=size
        ) as op:
            cards = self.cards(op)
            conditions = self._saved(op, saved) if saved else {}
            found = page_of(cards.frame, self._chosen(op, cards, conditions), page, size, sort)
            wanted = _columns(cards, columns)
            return Page(masked(found.frame)[wanted], found.total, page, size)

    def export(
        self, path: Path | str, *, sort: Sort = (("累计金额", False),),
        columns: Sequence[str] = COLUMNS, saved: str = "",
    ) -> int:  # fmt: skip
        """Write the list to an .xlsx (right 导出; name and mobile stay masked); returns the rows."""
        from crmkit import workbook

        with self.session.using_right(
            roles.EXPORT, "customers.list", "导出列表", 文件=Path(path).name, 排序=_told(sort)
        ) as op:
            cards = self.cards(op)
            chosen = self._chosen(op, cards, self._saved(op, saved) if saved else {})
            rows = cards.frame.iloc[ordered(cards.frame, chosen, sort)]
            frame = masked(rows)[_columns(cards, columns)].reset_index(drop=True)
            workbook.write(path, {"顾客列表": frame}, ids=("客户编号", "手机", "渠道编号"))
            op.object = str(len(frame))
            return len(frame)

    def save_filter(self, name: str, **conditions: Any) -> None:
        """Keep the conditions of a 速查 under a name ("场景"), for `list(saved=name)`."""
        name = checked_name(name, "name")
        with self.session.writing("customers.list", "保存筛选", 名称=name) as op:
            op.object = name
            wrong = set(conditions) - _PARAMETERS.keys()
            if wrong:
                raise InvalidInput(
                    f"没有条件「{sorted(wrong)[0]}」。可以用：{'、'.join(_PARAMETERS)}"
                )
            rule = {_PARAMETERS[k]: v for k, v in conditions.items() if v not in ("", (None, None))}
            if op.find(tables.saved_filters, name):
                op.delete(tables.saved_filters, name)
            op.insert(tables.saved_filters, {
                "name": name, "function": "customers.list", "user_name": self.session.user,
                "rule": json.dumps(rule, ensure_ascii=False, default=str),
            })  # fmt: skip

    def saved_filters(self) -> pd.DataFrame:
        """名称, 条件 and 建立人 of the saved filters."""
        with self.session.reading("customers.list", "查看筛选") as op:
            frame = self.store.frame(tables.saved_filters, op.connection)
            return frame[["name", "rule", "user_name"]].set_axis(["名称", "条件", "建立人"], axis=1)

    def delete_filter(self, name: str) -> None:
        with self.session.writing("customers.list", "删除筛选", 名称=name) as op:
            op.object = name
            op.delete(tables.saved_filters, name)

    def _saved(self, op: Operation, name: str) -> dict[str, Any]:
        found = op.find(tables.saved_filters, name)
        if found is None:
            raise NotFound(f"没有保存过筛选「{name}」。")
        rule = json.loads(found["rule"])
        return {k: tuple(v) if isinstance(v, list) else v for k, v in rule.items()}

    def update(self, customer_id: str, *, expect: int | None = None, **to: Any) -> None:
        """Change fields of one customer (see `EDITABLE`).

        Parameters
        ----------
        expect
            The 版本 the caller saw; Conflict when somebody changed the customer since.
        """
        labels = {EDITABLE.get(k, k): v for k, v in to.items()}
        with self.session.writing(
            "customers.list", "修改顾客", 客户编号=customer_id, **labels
        ) as op:
            op.object = customer_id
            unknown = set(to) - EDITABLE.keys()
            if unknown:
                raise InvalidInput(
                    f"「{sorted(unknown)[0]}」不能修改。可以改：{'、'.join(EDITABLE.values())}"
                )
            row = {EDITABLE[k]: "" if v is None else v for k, v in to.items()}
            faults = list(importing.faults(row, *self._choices(op)))
            if faults:
                raise InvalidInput("；".join(faults), {"customer": "；".join(faults)})
            values = {
                k: (int(v) if isinstance(v, bool) else v if v != "" else None)
                for k, v in to.items()
            }
            op.update(CUSTOMERS, customer_id, to=values, expect=expect)

    def blacklist(self, ids: Sequence[str], *, on: bool = True) -> int:
        """Put customers on the blacklist (or take them off): no marketing reaches them."""
        with self.session.writing(
            "customers.list", "拉黑" if on else "取消拉黑", 数量=len(ids)
        ) as op:
            return op.update_many(CUSTOMERS, ids, {"blacklisted": int(on)})

    # --- 顾客导入 -----------------------------------------------------------------------------------
    def import_file(
        self, path: Any, mapping: Mapping[str, str] | None = None,
        keys: Sequence[str] = importing.KEYS,
    ) -> ImportPlan:  # fmt: skip
        """顾客导入, first step: what the file would do, row by row; nothing is written.

        See `crmkit.crm.importing.plan`; then `apply_import`.
        """
        with self.session.reading("customers.import_file", "试读", 文件=_name(path)) as op:
            op.object = _name(path)
            people = self.store.frame(
                sa.select(CUSTOMERS.c.customer_id, CUSTOMERS.c.mobile, CUSTOMERS.c.nick),
                op.connection,
            ).set_axis(["客户编号", "手机", "昵称"], axis=1)
            existing = importing.Existing(people)
            return importing.plan(path, op.object, mapping, keys, existing, *self._choices(op))

    def apply_import(
        self, plan: ImportPlan, mode: str = "skip",
        decisions: Mapping[int, str] | None = None,
        progress: Progress = lambda done, total: None,
    ) -> str:  # fmt: skip
        """顾客导入, second step: write the plan as one batch; returns the batch number.

        Parameters
        ----------
        mode
            One of `MODES`.
        decisions
            Row of the file → "skip" or "update", for rows to be treated otherwise than `mode`.
        progress
            Called with (rows done, rows in all).
        """
        if mode not in MODES:
            raise InvalidInput(f"导入方式只能是：{'、'.join(MODES)}", {"mode": "请选择"})
        with self.session.writing("customers.import_file", "导入", 文件=plan.file, 方式=mode) as op:
            batch = op.next_id(tables.import_batches, "D", 4)
            op.object = batch
            counts = importing.write(op, plan, mode, decisions or {}, self.session.as_of, progress)
            op.insert(tables.import_batches, {
                "batch_id": batch, "file": plan.file, "mode": mode,
                "at": clock.text(self.session.now), "rows": len(plan.rows), **counts,
                "status": "已导入", "seq": op.coming(),
            })  # fmt: skip
            op.detail |= {"新增": counts["created"], "更新": counts["updated"],
                          "跳过": counts["skipped"], "拒绝": counts["refused"]}  # fmt: skip
            return batch

    def imports(self) -> pd.DataFrame:
        """The batches, the newest first: 批次 文件 方式 时间 行数 新增 更新 跳过 拒绝 状态."""
        with self.session.reading("customers.import_file", "查看批次") as op:
            frame = self.store.frame(tables.import_batches, op.connection).iloc[::-1]
            frame = frame.drop(columns=["seq", "rev"]).reset_index(drop=True)
            return frame.set_axis(
                ["批次", "文件", "方式", "时间", "行数", "新增", "更新", "跳过", "拒绝", "状态"],
                axis=1,
            )

    def undo_import(self, batch_id: str) -> int:
        """Take back a whole batch (right 撤销); returns how many customers it touched.

        Raises
        ------
        CrmError
            It was undone before, or a customer of it has been changed or has ordered since.
        """
        with self.session.writing("customers.import_file", "撤销导入", 批次=batch_id) as op:
            op.object = batch_id
            roles.check_right(self.session.role, roles.UNDO)
            batch = op.get(tables.import_batches, batch_id)
            if batch["status"] != "已导入":
                raise InvalidInput(f"批次「{batch_id}」{batch['status']}，不能再撤销。")
            count = undoing.take_back(op, batch["seq"], leave=("import_batches",))
            op.update(tables.import_batches, batch_id, to={"status": "已撤销"})
            return count

    def _choices(self, op: Operation) -> tuple[frozenset[str], frozenset[str]]:
        channels = tables.metadata.tables["channels"]
        found = op.connection.execute(sa.select(channels.c.channel_id))
        return frozenset(r[0] for r in found), frozenset(settings()["levels"]["names"])

    # --- 顾客标签 -----------------------------------------------------------------------------------
    def tags(self) -> pd.DataFrame:
        """顾客标签: 标签 and 数量; change them with `tagging`."""
        return self.tagging.counts()


_PARAMETERS = {
    "nick": "昵称", "name": "姓名", "mobile": "手机", "mobile_tail": "手机尾号", "level": "等级",
    "province": "省份", "city": "城市", "source": "来源", "channel": "渠道", "tag": "标签",
    "group": "分类", "orders": "订单数", "amount": "金额", "last_order": "最近购买",
}  # fmt: skip


def _range(label: str, low: Any, high: Any) -> tuple[str, Any, Any]:
    """The card's column and comparable bounds of a from–to condition."""
    if label == "最近购买":
        try:
            first = None if low in (None, "") else np.datetime64(pd.Timestamp(low).normalize())
            last = None if high in (None, "") else np.datetime64(
                pd.Timestamp(high).normalize() + pd.Timedelta(days=1) - pd.Timedelta(seconds=1)
            )  # fmt: skip
        except ValueError:
            raise InvalidInput("日期要写成 2025-12-31 这样。", {"last_order": "不是日期"}) from None
        return "最近购买", first, last
    return {"订单数": "累计订单数", "金额": "累计金额"}[label], low, high


def _told(sort: Sort) -> str:
    return "、".join(f"{name}{'↑' if ascending else '↓'}" for name, ascending in sort)


def _columns(cards: Cards, columns: Sequence[str]) -> list[str]:
    missing = [c for c in columns if c not in cards.frame.columns]
    if missing:
        raise InvalidInput(f"没有「{missing[0]}」这一列。", {"columns": "没有这一列"})
    return list(columns)


def _name(path: Any) -> str:
    return Path(path).name if isinstance(path, str | Path) else "上传的文件"
