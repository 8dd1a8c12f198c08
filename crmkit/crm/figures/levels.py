"""等级: what each level buys, who is one order away from the next, and grading by rule."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.analytics import purchases
from crmkit.analytics.indicator import Indicator
from crmkit.analytics.paid import Ints, Paid
from crmkit.crm.errors import InvalidInput
from crmkit.crm.figures.breakdown import counted, divide
from crmkit.crm.figures.scope import Result, Scope, chosen
from crmkit.settings import settings

LEVEL_BASES: Mapping[str, str] = {
    "recorded": "登记的等级：顾客档案里的会员等级",
    "amount": "按累计金额：达到门槛（≥）即为该等级",
    "count": "按累计订单数：达到门槛（≥）即为该等级",
}
RULES: Mapping[str, str] = {k: v for k, v in LEVEL_BASES.items() if k != "recorded"}
DIRECTIONS: Mapping[str, str] = {"both": "升级和降级都执行", "up": "只升不降"}


@dataclass(frozen=True)
class Rule:
    """Either amount (分) or count, never both: level n begins at `thresholds[n − 1]`, inclusive."""

    by: str
    thresholds: tuple[int, ...]

    @classmethod
    def of(cls, by: str, thresholds: Sequence[float] | None, shop: str) -> Rule:
        """Check a rule; `thresholds` in yuan or orders, default: the settings of the shop."""
        chosen(by, "by", RULES)
        given = settings()["levels"]["counts" if by == "count" else shop]
        values = list(given if thresholds is None else thresholds)
        need = len(names()) - 1
        try:
            whole = tuple(round(float(v) * 100) if by == "amount" else int(v) for v in values)
        except (TypeError, ValueError):
            whole = ()
        if (
            len(whole) != need
            or whole[0] <= 0
            or any(a >= b for a, b in zip(whole, whole[1:], strict=False))
        ):
            message = f"要 {need} 个大于 0、逐级变大的门槛（{'元' if by == 'amount' else '单'}）"
            raise InvalidInput(message, {"thresholds": message})
        return cls(by, whole)

    def measure(self, history: Paid) -> NDArray[np.int64]:
        """What the rule looks at, by customer code."""
        return history.cents_of if self.by == "amount" else history.orders_of

    def levels(self, history: Paid) -> NDArray[np.int64]:
        """Level 0 … 4 of every customer."""
        return np.searchsorted(self.thresholds, self.measure(history), side="right")

    def words(self) -> str:
        unit = 100 if self.by == "amount" else 1
        steps = "、".join(
            f"{name} ≥ {t / unit:g}" for name, t in zip(names()[1:], self.thresholds, strict=True)
        )
        return f"{RULES[self.by]}（{'元' if self.by == 'amount' else '单'}）：{steps}。门槛是课程约定。"


def names() -> list[str]:
    """The levels from lowest to highest."""
    return list(settings()["levels"]["names"])


def level(scope: Scope, rule: Rule, *, recorded: bool) -> Result:
    """等级分析; see `analysis.Analysis.level`."""
    facts, paid, history = scope.facts, scope.paid(), scope.history(all_channels=True)
    by_rule = rule.levels(history)
    written = _written(scope)
    now = written if recorded else by_rule
    labels = names() + ["其他"]
    groups = purchases.by_person(paid, now, len(labels))
    customers = np.bincount(now, minlength=len(labels))
    near = _one_order_away(rule, history, now)
    table = counted({"等级": labels}, groups)
    table.insert(1, "客户数", customers)
    table.insert(2, "客户占比", divide(customers, customers.sum()))
    table.insert(4, "买家占比", divide(groups.buyers, groups.buyers.sum()))
    table["差一单升级"] = np.bincount(now[near], minlength=len(labels))
    discount = settings()["levels"]["discount"]
    table["会员折扣"] = [d / 100 for d in discount] + [np.nan]
    if not customers[-1]:
        table = table.iloc[:-1]
    figures = {
        "客户数": Indicator.total(len(facts.customers)),
        "差一单升级": Indicator.ratio(int(np.count_nonzero(near)), len(facts.customers)),
        "登记与规则不符": Indicator.ratio(
            int(np.count_nonzero(written != by_rule)), len(facts.customers)
        ),
    }
    return Result(
        figures, table, {}, scope.words(),
        (LEVEL_BASES["recorded" if recorded else rule.by] + "。", rule.words(),
         "差一单升级：还没到下一级门槛，再下一单就到；按金额时，一单按全店平均笔单价算（课程约定）。",
         "会员折扣以“折”表示，等级越高折扣越低，最低 7 折。等级按累计数据，不受时间段和渠道影响。"),
    )  # fmt: skip


def regrade(scope: Scope, rule: Rule, direction: str) -> Result:
    """What grading by rule would change: one row a customer; `token` stands for exactly this."""
    chosen(direction, "direction", DIRECTIONS)
    facts, history = scope.facts, scope.history(all_channels=True)
    now, then = _written(scope), rule.levels(history)
    moved = then > now if direction == "up" else then != now
    moved |= now == len(names())  # a level that is none of ours is always replaced
    who = np.flatnonzero(moved)
    labels = names() + ["其他"]
    table = pd.DataFrame(
        {
            "客户编号": facts.customers[who],
            "原等级": [facts.level.labels[c] for c in facts.level.codes[who]],
            "新等级": [labels[c] for c in then[who]],
            "累计金额": history.cents_of[who] / 100,
            "订单数": history.orders_of[who],
        }
    )
    figures = {
        "调级人数": Indicator.ratio(len(who), len(facts.customers)),
        "升级": Indicator.total(int(np.count_nonzero(then[who] > now[who]))),
        "降级": Indicator.total(int(np.count_nonzero(then[who] < now[who]))),
    }
    steps = "\n".join(f"{a} {b}" for a, b in zip(table["客户编号"], table["新等级"], strict=True))
    token = hashlib.sha256(steps.encode()).hexdigest()[:12]
    return Result(
        figures, table, {}, scope.words(), (rule.words(), DIRECTIONS[direction] + "。"), token
    )


def _written(scope: Scope) -> NDArray[np.int64]:
    """The level in the customer's file; one past the highest for any other word."""
    known = {name: n for n, name in enumerate(names())}
    codes = [known.get(label, len(known)) for label in scope.facts.level.labels]
    return np.array(codes, dtype=np.int64)[scope.facts.level.codes]


def _one_order_away(rule: Rule, history: Paid, now: Ints) -> NDArray[np.bool_]:
    """Below the next threshold, and one more order reaches it (≥)."""
    step = 1.0
    if rule.by == "amount":
        step = history.amount / len(history) if len(history) else 0.0
    top = len(rule.thresholds)
    following = np.array([*rule.thresholds, 0, 0])[np.minimum(now, top)]
    measure = rule.measure(history)
    return (now < top) & (measure < following) & (measure + step >= following)
