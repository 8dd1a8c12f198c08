"""流失分析: who is lost under a rule, and what a shop loses and keeps month by month."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmkit.analytics import churn, purchases
from crmkit.analytics.churn import ACTIVE, CHURN_RULES, LOST, SILENT, UNJUDGED
from crmkit.analytics.indicator import Indicator
from crmkit.analytics.paid import day_number
from crmkit.analytics.window import last_months
from crmkit.crm.errors import InvalidInput
from crmkit.crm.figures.breakdown import divide, value
from crmkit.crm.figures.scope import Result, Scope, chosen
from crmkit.settings import settings

NEAR = "临近流失"


def analyse(
    scope: Scope, *, rule: str, options: dict[str, Any], near_days: int | None = None,
    months: int = 12, cohort_months: int = 6,
) -> Result:  # fmt: skip
    """流失分析; see `analysis.Analysis.churn`. `options` are those of `analytics.churn.judge`."""
    chosen(rule, "rule", CHURN_RULES)
    if scope.window is not None:
        message = "流失按数据日期判断，不分时间段；要看以前某天的情况，请改数据日期"
        raise InvalidInput(message, {"start": message})
    facts, history = scope.facts, scope.history()
    found = churn.judge(history, scope.day, rule, **options)
    near = settings()["churn"]["near_days"] if near_days is None else near_days
    close = found.judged & ~found.lost & (found.since > found.limit - near)
    states = found.states
    buyers, money = len(found.who), history.cents_of[found.who]
    order = [ACTIVE, SILENT, LOST, UNJUDGED]
    people = np.array([np.count_nonzero(states == s) for s in order])
    cents = np.array([money[states == s].sum() for s in order])
    table = pd.DataFrame(
        {"状态": order, "买家数": people, "买家占比": divide(people, buyers),
         "累计金额": cents / 100, "金额占比": divide(cents, cents.sum())}
    )  # fmt: skip
    if not people[-1]:
        table = table.iloc[:-1]
    listed = pd.DataFrame(
        {
            "客户编号": facts.customers[found.who],
            "状态": np.where(close, NEAR, states),
            "末单日期": pd.to_datetime(history.day[history.ends].astype("datetime64[D]")),
            "距今天数": found.since,
            "订单数": history.orders_of[found.who],
            "累计金额": money / 100,
        }
    )
    if rule == "model":
        listed["存活概率"] = found.p_alive
    else:
        listed["流失界限"] = found.limit
    figures = {
        "流失率": found.rate,
        "保持率": Indicator.ratio(
            int(np.count_nonzero(found.judged & ~found.lost)), int(np.count_nonzero(found.judged))
        ),
        "临近流失": Indicator.ratio(
            int(np.count_nonzero(close)), int(np.count_nonzero(found.judged))
        ),
    }
    given = {k: v for k, v in options.items() if k in _FOR_PERIODS and v is not None}
    monthly = _monthly(scope, rule, given | ({"model": found.model} if found.model else {}), months)
    tables = {"名单": listed, "逐月": monthly, "同期群": cohorts(scope, cohort_months)}
    return Result(figures, table, tables, scope.words(), _notes(rule, options, near, found))


_FOR_PERIODS = ("churned_days", "share", "k", "theta")


def cohorts(scope: Scope, months: int) -> pd.DataFrame:
    """同期群: customers by month of their first order, and the share that bought n months later."""
    history = scope.history()
    rows = scope.months(max(months, 1))
    if not rows or not len(history):
        return pd.DataFrame()
    counts = purchases.cohorts(history, rows[0].start, len(rows), months)
    size = counts[:, 0]
    table = pd.DataFrame({"首购月份": [w.label for w in rows], "新客数": size})
    for k in range(months):
        over = np.arange(len(rows)) + k < len(rows)  # months that have not come yet stay empty
        table[f"第{k}月"] = np.where(over, divide(counts[:, k], size), np.nan)
    return table


def _monthly(scope: Scope, rule: str, options: dict[str, Any], months: int) -> pd.DataFrame:
    windows = last_months(scope.as_of, months)
    evenings = [day_number(windows[0].start) - 1, *(day_number(w.last_day) for w in windows)]
    found = churn.periods(scope.history(), evenings, rule, **options)
    return pd.DataFrame(
        {
            "月份": [w.label for w in windows],
            "期初客户数": [p.start for p in found],
            "流失客户数": [p.lost for p in found],
            "新增客户数": [p.new for p in found],
            "期末客户数": [p.end for p in found],
            "流失率": [value(p.churn) for p in found],
            "保持率": [value(p.retention) for p in found],
        }
    )


def _notes(rule: str, options: dict[str, Any], near: int, found: churn.Churn) -> tuple[str, ...]:
    given = settings()["churn"] | {k: v for k, v in options.items() if v is not None}
    limits = {
        "fixed": f"活跃 ≤ {given['active_days']} 天 < 沉默 ≤ {given['churned_days']} 天 < 流失。天数是课程约定，"
                 "按行业调整：茶叶和电器不同。",
        "shop": f"界限是本店回购间隔的第 {given.get('share', given['shop_share']) * 100:g} 百分位："
                f"{found.limit[0]:.4g} 天。" if len(found.limit) else "没有买家。",
        "own": f"k = {given.get('k', given['own_k']):g}；在 {given['own_purchases']} 个以下不同日子买过的人不判断，"
               "同一天的几单算一次购买。",
        "model": f"θ = {given['theta']:g}。"
                 + (f"按全部买家拟合：r = {found.model.r:.3f}，α = {found.model.alpha:.3f}，"
                    f"a = {found.model.a:.3f}，b = {found.model.b:.3f}（时间单位：周）。只买过一次的人 P(alive) 恒为 1。"
                    if found.model else ""),
    }  # fmt: skip
    return (
        "行业没有统一的流失标准，用哪种规则要说明。" + CHURN_RULES[rule] + "。",
        limits[rule],
        "流失率 = 流失的买家 ÷ 能判断的买家；保持率 = 1 − 流失率。",
        f"临近流失：离界限只剩 {near} 天以内（课程约定）。" if rule != "model" else
        "模型规则没有天数界限，不列临近流失。",
        "逐月：流失率 = 期内流失 ÷ 期初客户，保持率 =（期末 − 新增）÷ 期初；新增含回流的老买家。",
    )  # fmt: skip
