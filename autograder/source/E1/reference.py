"""The raw rows of lab E1 as they should be entered or refused, and what they add up to."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crmkit import shops
from crmkit.lab.inputs import e1
from crmkit.schema import CUSTOMER_FILE

DOUBLED = "重复"
IMPOSSIBLE = ("手机格式", "生日晚于今日", "缺昵称")
RECENT_DAYS = 365
SIX = ("昵称", "姓名", "生日", "手机", "省份", "城市")


@dataclass(frozen=True)
class World:
    """One student's raw rows, each with the reason why it is refused ("" when it is sound)."""

    card: dict[str, Any]
    rows: list[dict[str, str]]
    as_of: dt.date

    @cached_property
    def reasons(self) -> dict[str, str]:
        seen: set[str] = set()
        out = {}
        for row in self.rows:
            mobile, born = row["手机"], row["生日"]
            if re.fullmatch(r"1\d{10}", mobile) is None:
                reason = "手机格式"
            elif born and dt.date.fromisoformat(born) > self.as_of:
                reason = "生日晚于今日"
            elif not row["昵称"].strip():
                reason = "缺昵称"
            else:
                reason = DOUBLED if mobile in seen else ""
                seen.add(mobile)
            out[row[e1.NUMBER]] = reason
        return out

    @property
    def sound(self) -> list[dict[str, str]]:
        return [r for r in self.rows if not self.reasons[r[e1.NUMBER]]]

    def refused(self, *reasons: str) -> dict[str, str]:
        return {n: r for n, r in self.reasons.items() if r in reasons}


def world(student: str) -> World:
    data = e1.data(student)
    return World(data.card, data.rows.to_dict("records"), shops.as_of())


def fields(record: dict[str, Any]) -> dict[str, Any]:
    """The cells a raw record should have become (the number is given by the file)."""
    out: dict[str, Any] = {}
    for c in CUSTOMER_FILE[1:]:
        value = record[c]
        if c in ("生日", "注册日期"):
            out[c] = dt.date.fromisoformat(value) if value else None
        elif c in ("累计订单数", "累计金额"):
            out[c] = float(value)
        else:
            out[c] = value
    return out


def wanted(w: World) -> dict[str, dict[str, Any]]:
    return {r["手机"]: fields(r) for r in (w.card, *w.sound)}


def rates(w: World, rows: list[dict[str, str]], columns: tuple[str, ...] = SIX) -> dict[str, float]:
    n = len(rows)
    ages = [(w.as_of - dt.date.fromisoformat(r["注册日期"])).days for r in rows]
    return {
        "准确性": sum(re.fullmatch(r"1\d{10}", r["手机"]) is not None for r in rows) / n,
        "有效性": sum(not w.reasons[r[e1.NUMBER]] for r in rows) / n,
        "及时性": sum(0 <= a <= RECENT_DAYS for a in ages) / n,
        "完备性": sum(r[c] != "" for r in rows for c in columns) / (n * len(columns)),
    }
