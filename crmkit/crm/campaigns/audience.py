"""Who a campaign is for: a declared rule over customer facts, given as data, shown in words.

A rule is a condition ``{"field": "累计订单数", "op": "≥", "value": 2}``, or conditions joined by
``{"all": […]}``, ``{"any": […]}`` or turned round by ``{"not": …}``. ``{"all": []}`` is everybody.
A condition about a fact that a customer does not have (no purchase yet, no birthday) is not met.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crmkit import schema
from crmkit.crm.audit import canonical
from crmkit.crm.errors import InvalidInput
from crmkit.crm.storage import tables
from crmkit.settings import settings

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from sqlalchemy.engine import Connection

    from crmkit.crm.store import Store

NUMBER, TEXT, HAS, YES = "数字", "文字", "有无", "是否"
OPS: Mapping[str, tuple[str, ...]] = {
    NUMBER: ("≥", "≤", ">", "<", "=", "≠", "介于"),
    TEXT: ("是", "不是", "属于", "不属于", "包含"),
    HAS: ("有", "没有"),
    YES: ("是",),
}
MOST_CONDITIONS, DEEPEST = 50, 6
ACTIVE, SILENT, LOST, NEVER = "活跃", "沉默", "流失", "未购买"


@dataclass(frozen=True)
class Field:
    """A fact of a customer: its kind (see `OPS`), unit and meaning."""

    kind: str
    unit: str = ""
    meaning: str = ""


FIELDS: Mapping[str, Field] = {
    "累计订单数": Field(NUMBER, "单", "有效订单"),
    "累计金额": Field(NUMBER, "元", "有效订单的实付，含运费，不减退款"),
    "客单价": Field(NUMBER, "元", "累计金额 ÷ 累计订单数"),
    "购买件数": Field(NUMBER, "件"),
    "距上次购买天数": Field(NUMBER, "天", "数据日期 − 最近付款日"),
    "距首次购买天数": Field(NUMBER, "天"),
    "注册天数": Field(NUMBER, "天"),
    "年龄": Field(NUMBER, "岁", "数据日期当天的周岁"),
    "省份": Field(TEXT), "城市": Field(TEXT), "性别": Field(TEXT), "来源": Field(TEXT),
    "等级": Field(TEXT), "渠道": Field(TEXT, meaning="渠道编号"), "交易状态": Field(TEXT),
    "客户编号": Field(TEXT), "昵称": Field(TEXT),
    "流失状态": Field(TEXT, meaning="按固定天数：活跃、沉默、流失、未购买"),
    "标签": Field(HAS), "分类": Field(HAS), "买过的商品": Field(HAS, meaning="商品编码"),
    "买过的类目": Field(HAS, meaning="大类，或 大类/小类"), "参加过的活动": Field(HAS, meaning="活动编号"),
    "接受营销": Field(YES), "黑名单": Field(YES),
}  # fmt: skip
_COLUMNS = {"客单价": "平均客单价", "等级": "会员等级", "渠道": "渠道编号"}
Rule = Mapping[str, Any]


def check(rule: Any) -> None:
    """Refuse a rule that is not one; the message says which condition and why.

    Raises
    ------
    InvalidInput
        With field ``rule``.
    """
    count = [0]
    _check(rule, 1, count)


def _check(rule: Any, depth: int, count: list[int]) -> None:
    if not isinstance(rule, Mapping):
        raise _bad(f"条件要写成 字段–运算–值，现在是：{rule!r}")
    if depth > DEEPEST:
        raise _bad(f"条件套得太深，最多 {DEEPEST} 层")
    if set(rule) in ({"all"}, {"any"}):
        (parts,) = rule.values()
        if not isinstance(parts, (list, tuple)):
            raise _bad("all 和 any 后面要是条件的列表")
        for part in parts:
            _check(part, depth + 1, count)
        return
    if set(rule) == {"not"}:
        _check(rule["not"], depth + 1, count)
        return
    if set(rule) != {"field", "op", "value"}:
        raise _bad(f"条件要有 field、op、value 三项，现在是：{'、'.join(map(str, rule))}")
    count[0] += 1
    if count[0] > MOST_CONDITIONS:
        raise _bad(f"条件太多，最多 {MOST_CONDITIONS} 个")
    name, op, value = rule["field"], rule["op"], rule["value"]
    if name not in FIELDS:
        raise _bad(f"没有字段「{name}」，可以用：{'、'.join(FIELDS)}")
    kind = FIELDS[name].kind
    if op not in OPS[kind]:
        raise _bad(f"「{name}」的运算只能是：{'、'.join(OPS[kind])}，不能是「{op}」")
    if kind == NUMBER:
        values = value if op == "介于" else [value]
        if (
            not isinstance(values, (list, tuple)) or len(values) != (2 if op == "介于" else 1)
            or not all(_is_number(v) for v in values)
        ):  # fmt: skip
            raise _bad(f"「{name} {op}」后面要是{'两个数，从小到大' if op == '介于' else '一个数'}")
        if op == "介于" and values[0] > values[1]:
            raise _bad(f"「{name} 介于」的两个数要从小到大")
    elif kind == YES:
        if not isinstance(value, bool):
            raise _bad(f"「{name}」的值只能是 True（是）或 False（否）")
    elif op in ("属于", "不属于"):
        if not isinstance(value, (list, tuple)) or not value or not all(_is_text(v) for v in value):
            raise _bad(f"「{name} {op}」后面要是文字的列表")
    elif not _is_text(value):
        raise _bad(f"「{name} {op}」后面要是文字")


def words(rule: Any) -> str:
    """The rule in Chinese words.

    >>> words({"all": [{"field": "累计订单数", "op": "≥", "value": 2},
    ...                {"field": "省份", "op": "属于", "value": ["浙江", "江苏"]}]})
    '累计订单数 ≥ 2 且 省份 属于 浙江、江苏'
    """
    return _words(rule, top=True) or "全部客户"


def _words(rule: Any, *, top: bool = False) -> str:
    for joint, word in (("all", " 且 "), ("any", " 或 ")):
        if joint in rule:
            text = word.join(_words(part) for part in rule[joint])
            return text if top or len(rule[joint]) < 2 else f"（{text}）"
    if "not" in rule:
        return f"不是（{_words(rule['not'], top=True)}）"
    value = rule["value"]
    if isinstance(value, bool):
        return f"{rule['field']} 是 {'是' if value else '否'}"
    if rule["op"] == "介于":
        return f"{rule['field']} 介于 {value[0]:g} 和 {value[1]:g}"
    text = "、".join(value) if isinstance(value, (list, tuple)) else str(value)
    return f"{rule['field']} {rule['op']} {text}"


def stored(rule: Any) -> str:
    """As it is kept with a campaign."""
    return canonical(rule)


def read(text: str) -> Any | None:
    """A rule from `stored`; None for words from before, which only people can read."""
    try:
        rule = json.loads(text)
    except json.JSONDecodeError:
        return None
    return rule if isinstance(rule, dict) else None


class Facts:
    """What is known of every customer at one moment; the columns a rule can ask for."""

    def __init__(self, store: Store, connection: Connection, as_of: dt.date) -> None:
        from crmkit.crm.figures.cards import Cards

        self._store, self._connection, self._as_of = store, connection, as_of
        self.frame: pd.DataFrame = Cards.of(store, connection).frame

    @property
    def ids(self) -> list[str]:
        return self.frame["客户编号"].tolist()

    def matching(self, rule: Any) -> set[str]:
        """Ids of the customers the rule holds for."""
        check(rule)
        return set(self.frame["客户编号"][self._mask(rule)])

    def _mask(self, rule: Any) -> np.ndarray:
        import numpy as np

        if "all" in rule:
            parts = [self._mask(part) for part in rule["all"]]
            return np.logical_and.reduce(parts) if parts else np.ones(len(self.frame), dtype=bool)
        if "any" in rule:
            parts = [self._mask(part) for part in rule["any"]]
            return np.logical_or.reduce(parts) if parts else np.zeros(len(self.frame), dtype=bool)
        if "not" in rule:
            return ~self._mask(rule["not"])
        name, op, value = rule["field"], rule["op"], rule["value"]
        kind = FIELDS[name].kind
        if kind == HAS:
            found = self.frame["客户编号"].isin(self._having(name, value)).to_numpy()
            return found if op == "有" else ~found
        column = self.column(name)
        if kind == YES:
            return (column.astype(bool) == value).to_numpy()
        known = column.notna().to_numpy()
        if kind == NUMBER:
            return known & _compare(column.astype("float64").to_numpy(), op, value)
        text = column.fillna("").astype(str)
        if op == "包含":
            return known & text.str.contains(value, regex=False).to_numpy()
        chosen = text.isin([value] if op in ("是", "不是") else list(value)).to_numpy()
        return known & (chosen if op in ("是", "属于") else ~chosen)

    def column(self, name: str) -> pd.Series:
        """One fact of every customer."""
        if name in self._derived:
            return self._derived[name]
        return self.frame[_COLUMNS.get(name, name)]

    @cached_property
    def _derived(self) -> dict[str, pd.Series]:
        import numpy as np
        import pandas as pd

        f, today = self.frame, pd.Timestamp(self._as_of)

        def since(label: str) -> pd.Series:
            return (today - f[label].dt.normalize()).dt.days

        born = f["生日"]
        # 29 February: a year older on 1 March in common years, as the law counts
        before = (born.dt.month * 100 + born.dt.day) > today.month * 100 + today.day
        last, rules = since("最近购买"), settings()["churn"]
        state = np.select(
            [last.isna(), last <= rules["active_days"], last <= rules["churned_days"]],
            [NEVER, ACTIVE, SILENT], LOST,
        )  # fmt: skip
        return {
            "距上次购买天数": last, "距首次购买天数": since("首次购买"), "注册天数": since("注册日期"),
            "年龄": today.year - born.dt.year - before.astype("int64"),
            "流失状态": pd.Series(state, index=f.index),
        }  # fmt: skip

    def _having(self, name: str, value: str) -> set[str]:
        t = tables.metadata.tables
        if name == "标签":
            c = t["tags"].c
            chosen = sa.select(c.object_id).where(c.object_type == "customer", c.tag == value)
        elif name == "分类":
            g, m = tables.groups, tables.group_members
            chosen = sa.select(m.c.customer_id).join(g, g.c.group_id == m.c.group_id).where(
                g.c.name == value
            )  # fmt: skip
        elif name == "参加过的活动":
            s = t["campaign_sends"].c
            chosen = sa.select(s.customer_id).where(s.campaign_id == value, s.via != "留白")
        else:
            o, i, p = t["orders"], t["order_items"], t["products"]
            chosen = (
                sa.select(o.c.customer_id).distinct()
                .join(i, i.c.order_id == o.c.order_id).join(p, p.c.sku == i.c.sku)
                .where(o.c.status.in_(schema.VALID_ORDER_STATUS), o.c.paid_at.is_not(None))
            )  # fmt: skip
            if name == "买过的商品":
                chosen = chosen.where(i.c.sku == value)
            else:
                chosen = chosen.where(
                    sa.or_(
                        p.c.category == value, p.c.category.startswith(f"{value}/", autoescape=True)
                    )
                )
        return {r[0] for r in self._connection.execute(chosen)}

    def resolve(self, entries: Collection[str], field: str) -> set[str]:
        """Ids of a list: customer ids, ``标签:…``, ``分类:…``, ``活动:…``."""
        kinds = {"标签": "标签", "分类": "分类", "活动": "参加过的活动"}
        found: set[str] = set()
        known = set(self.ids)
        for entry in entries:
            kind, colon, value = entry.partition(":")
            if colon and kind in kinds:
                found |= self._having(kinds[kind], value)
            elif entry in known:
                found.add(entry)
            else:
                raise InvalidInput(
                    f"名单里的「{entry}」不是客户编号，也不是 标签:…、分类:…、活动:…",
                    {field: f"「{entry}」找不到"},
                )
        return found


def _compare(numbers: np.ndarray, op: str, value: Any) -> np.ndarray:
    if op == "介于":
        return (numbers >= value[0]) & (numbers <= value[1])
    return {
        "≥": numbers.__ge__, "≤": numbers.__le__, ">": numbers.__gt__, "<": numbers.__lt__,
        "=": numbers.__eq__, "≠": numbers.__ne__,
    }[op](value)  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _bad(message: str) -> InvalidInput:
    return InvalidInput(f"人群规则：{message}", {"rule": message})
