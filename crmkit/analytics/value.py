"""Who is worth how much: pyramid, 80/20, Lorenz and Gini, value matrix, delivered value.

Functions over `customers` take one row per customer and the name of the value column. Customers
are ranked by value, highest first, ties by 客户编号 in ascending order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.indicators import Indicator
from crmkit.settings import settings

TIERS = ("重要客户", "主要客户", "普通客户", "小客户")
# (current value high, potential high) → cell of 客户价值细分矩阵
MATRIX_CELLS: Mapping[tuple[bool, bool], str] = {
    (True, True): "当前高·潜力高",
    (True, False): "当前高·潜力低",
    (False, True): "当前低·潜力高",
    (False, False): "当前低·潜力低",
}


def pyramid_tiers(
    customers: pd.DataFrame,
    *,
    value: str = "累计金额",
    customer_id: str = "客户编号",
    cuts: Sequence[float] | None = None,
    tiers: Sequence[str] = TIERS,
) -> pd.Series:
    """客户金字塔: the tier of every customer, in the row order of `customers`.

    Parameters
    ----------
    value
        Profit or spending per customer.
    cuts
        Shares of the tiers from the top, adding to 1; default settings ``pyramid.cuts``
        (1 %, 4 %, 15 %, 80 %: a choice of this course, the literature gives none).

    Notes
    -----
    Tier k ends with rank ⌈n × (cuts[0] + … + cuts[k])⌉, where rank 1 is the highest value and
    ties are ranked by 客户编号. The counts therefore always add to n, and the top tier has at
    least one customer.

    Examples
    --------
    >>> people = pd.DataFrame({"客户编号": range(50), "累计金额": range(50)})
    >>> pyramid_tiers(people).value_counts().tolist()
    [40, 7, 2, 1]
    """
    shares = list(settings()["pyramid"]["cuts"] if cuts is None else cuts)
    if len(shares) != len(tiers):
        raise AnalyticsError(f"层数不一致：{len(shares)} 个比例，{len(tiers)} 个层名。")
    exact = [Fraction(str(inputs.number(s, "cuts", low=0))) for s in shares]
    if sum(exact) != 1:
        raise AnalyticsError(f"金字塔各层比例之和要等于 1，现在是 {float(sum(exact)):g}。")
    ranks = _ranks(customers, value, customer_id)
    ends = [math.ceil(len(ranks) * sum(exact[: k + 1])) for k in range(len(exact))]
    place = np.searchsorted(np.array(ends), ranks, side="left")
    return pd.Series(np.array(tiers, dtype="object")[place], index=customers.index, name="层级")


def pyramid(
    customers: pd.DataFrame,
    *,
    value: str = "累计金额",
    customer_id: str = "客户编号",
    cuts: Sequence[float] | None = None,
    tiers: Sequence[str] = TIERS,
) -> pd.DataFrame:
    """客户金字塔 as a table: 层级, 客户数, 客户占比, 金额, 金额占比; parameters as `pyramid_tiers`."""
    tier = pyramid_tiers(customers, value=value, customer_id=customer_id, cuts=cuts, tiers=tiers)
    amount = inputs.numbers(customers, "客户表", value)
    rows = [(name, int((tier == name).sum()), math.fsum(amount[tier == name])) for name in tiers]
    table = pd.DataFrame(rows, columns=["层级", "客户数", "金额"])
    n, total = len(customers), math.fsum(amount)
    table.insert(2, "客户占比", table["客户数"] / n if n else np.nan)
    table["金额占比"] = table["金额"] / total if total > 0 else np.nan
    return table


def top_share(
    customers: pd.DataFrame,
    share: float = 0.2,
    *,
    value: str = "累计金额",
) -> Indicator:
    """80/20: value of the best ⌈n × share⌉ customers ÷ value of all; None when the sum is ≤ 0.

    >>> top_share(pd.DataFrame({"累计金额": [50, 20, 10, 10, 10]})).value
    0.5
    """
    inputs.require(customers, "客户表", {"value": value})
    amount = np.sort(inputs.numbers(customers, "客户表", value).to_numpy())[::-1]
    best = amount[: inputs.ceil_share(len(amount), inputs.number(share, "share", low=0, high=1))]
    total = math.fsum(amount)
    result = Indicator.ratio(math.fsum(best), total)
    return result if total > 0 else result._replace(value=None)


def pareto(customers: pd.DataFrame, *, value: str = "累计金额") -> pd.DataFrame:
    """Cumulative curve from the best customer down: 客户占比, 金额占比; starts at (0, 0).

    With profit as `value` this is the whale curve: it rises above 1 and falls back to 1 when
    some customers cost more than they bring. Raises when the sum is not positive.
    """
    return _cumulative(customers, value, best_first=True)


def lorenz(customers: pd.DataFrame, *, value: str = "累计金额") -> pd.DataFrame:
    """Lorenz curve from the smallest customer up: 客户占比, 金额占比; values must not be negative."""
    return _cumulative(customers, value, best_first=False)


def gini(customers: pd.DataFrame, *, value: str = "累计金额") -> float:
    """Gini coefficient, 0 (all equal) to (n − 1)/n (one has everything).

    G = 2 Σ i·x₍ᵢ₎ ÷ (n Σ x) − (n + 1)/n with x sorted ascending. Raises for negative values or
    a sum of zero.

    >>> gini(pd.DataFrame({"累计金额": [5, 5, 5]})), gini(pd.DataFrame({"累计金额": [0, 0, 9]}))
    (0.0, 0.6666666666666666)
    """
    x = _sorted_values(customers, value, best_first=False)
    n = len(x)
    weighted = math.fsum((2 * np.arange(1, n + 1) - n - 1) * x)
    return weighted / (n * math.fsum(x))


def value_matrix(
    customers: pd.DataFrame,
    *,
    current: str = "当前价值",
    potential: str = "增值潜力",
    cut: str | tuple[float, float] = "median",
) -> pd.Series:
    """客户价值细分矩阵: the cell of every customer by current value × growth potential.

    Parameters
    ----------
    cut
        ``"median"`` (default), ``"mean"`` or two numbers. A value **at or above** the cut is high.

    Returns
    -------
    Series
        One of `MATRIX_CELLS` per row.
    """
    inputs.require(customers, "客户表", {"current": current, "potential": potential})
    now = inputs.numbers(customers, "客户表", current)
    later = inputs.numbers(customers, "客户表", potential)
    if cut == "median":
        limits = (now.median(), later.median())
    elif cut == "mean":
        limits = (math.fsum(now) / max(len(now), 1), math.fsum(later) / max(len(later), 1))
    elif isinstance(cut, tuple) and len(cut) == 2:
        limits = (inputs.number(cut[0], "cut"), inputs.number(cut[1], "cut"))
    else:
        raise AnalyticsError(f'参数 cut 要是 "median"、"mean" 或两个数，给的是 {cut!r}。')
    cells = [
        MATRIX_CELLS[bool(a), bool(b)]
        for a, b in zip(now >= limits[0], later >= limits[1], strict=True)
    ]
    return pd.Series(cells, index=customers.index, dtype="object", name="价值类别")


def matrix_counts(cells: pd.Series) -> dict[str, int]:
    """Number of customers in each of the four cells; empty cells are 0."""
    counts = cells.value_counts()
    return {name: int(counts.get(name, 0)) for name in MATRIX_CELLS.values()}


def profitability(
    customers: pd.DataFrame,
    *,
    revenue: str = "收入",
    costs: Sequence[str] = ("产品成本", "服务成本"),
) -> pd.DataFrame:
    """客户盈利率分析: adds 成本合计, 利润 = 收入 − 成本 and 盈利率 = 利润 ÷ 收入 (NaN without revenue)."""
    inputs.require(customers, "客户表", {"revenue": revenue, **{c: c for c in costs}})
    income = inputs.numbers(customers, "客户表", revenue)
    spent = sum((inputs.numbers(customers, "客户表", c) for c in costs), start=0.0 * income)
    profit = income - spent
    return customers.assign(成本合计=spent, 利润=profit, 盈利率=profit / income.where(income != 0))


def delivered_value(values: Mapping[str, float], costs: Mapping[str, float]) -> float:
    """客户让渡价值 = 整体客户价值 − 整体客户成本 (Kotler), each the sum of its components.

    >>> delivered_value({"产品": 60, "服务": 20, "人员": 10, "形象": 10},
    ...                 {"货币": 50, "时间": 8, "精力": 7, "体力": 5})
    30.0
    """
    return math.fsum(inputs.number(v, k) for k, v in values.items()) - math.fsum(
        inputs.number(v, k) for k, v in costs.items()
    )


def delivered_values(
    offers: pd.DataFrame, values: Sequence[str], costs: Sequence[str]
) -> pd.DataFrame:
    """`delivered_value` of one offer per row: adds 整体客户价值, 整体客户成本, 客户让渡价值."""
    inputs.require(offers, "方案表", {c: c for c in (*values, *costs)})
    zero = pd.Series(0.0, index=offers.index)
    total = sum((inputs.numbers(offers, "方案表", c) for c in values), start=zero)
    cost = sum((inputs.numbers(offers, "方案表", c) for c in costs), start=zero)
    return offers.assign(整体客户价值=total, 整体客户成本=cost, 客户让渡价值=total - cost)


def value_stages(historical: float, current: float, potential: float) -> dict[str, float]:
    """Customer value by time: 基本价值 = 历史价值 + 当前价值; 总价值 adds 潜在价值."""
    past = inputs.number(historical, "historical")
    now = inputs.number(current, "current")
    later = inputs.number(potential, "potential")
    return {
        "历史价值": past,
        "当前价值": now,
        "基本价值": past + now,
        "潜在价值": later,
        "总价值": past + now + later,
    }


def _ranks(customers: pd.DataFrame, value: str, customer_id: str) -> np.ndarray:
    inputs.require(customers, "客户表", {"value": value, "customer_id": customer_id})
    order = pd.DataFrame(
        {
            "value": inputs.numbers(customers, "客户表", value).to_numpy(),
            "id": inputs.ids(customers, "客户表", customer_id, unique=True).to_numpy(),
        }
    ).sort_values(["value", "id"], ascending=[False, True])
    ranks = np.empty(len(order), dtype="int64")
    ranks[order.index.to_numpy()] = np.arange(1, len(order) + 1)
    return ranks


def _sorted_values(customers: pd.DataFrame, value: str, *, best_first: bool) -> np.ndarray:
    inputs.require(customers, "客户表", {"value": value})
    x = np.sort(inputs.numbers(customers, "客户表", value).to_numpy())
    if not best_first and len(x) and x[0] < 0:
        raise AnalyticsError(
            f"列「{value}」有负数，画不了洛伦兹曲线、算不了基尼系数；利润请用 pareto 画鲸鱼曲线。"
        )
    if math.fsum(x) <= 0:
        raise AnalyticsError(f"列「{value}」合计不大于 0，算不出占比。请换有成交的客户再算。")
    return x[::-1] if best_first else x


def _cumulative(customers: pd.DataFrame, value: str, *, best_first: bool) -> pd.DataFrame:
    x = _sorted_values(customers, value, best_first=best_first)
    share = np.concatenate([[0.0], np.cumsum(x) / np.cumsum(x)[-1]])
    return pd.DataFrame({"客户占比": np.arange(len(x) + 1) / len(x), "金额占比": share})
