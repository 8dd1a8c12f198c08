"""Customer strategy: growth matrix, levels of relation, modes of alliance, where to put a budget.

Sources: the growth matrix crosses customers with business as Ansoff (1957) crosses markets with
products; levels of relation after Kotler; modes of alliance after Wiersema, Customer Intimacy
(1996: tailoring, coaching, partnering); response with a ceiling after Blattberg and Deighton (1996).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.settings import settings

# (existing customer, existing business) → strategy; the names are inferred (course documents)
GROWTH: Mapping[tuple[bool, bool], str] = {
    (True, True): "客户忠诚",
    (True, False): "客户扩充",
    (False, True): "客户获得",
    (False, False): "客户多样化",
}
LEVELS = ("基本型", "被动型", "负责型", "能动型", "伙伴型")
# customers many / medium / few × margin high / medium / low. Kotler prints "basic or reactive"
# for many customers of low margin; the course takes the first.
RELATION_GRID: Mapping[tuple[str, str], str] = {
    ("多", "高"): "负责型", ("多", "中"): "被动型", ("多", "低"): "基本型",
    ("中", "高"): "能动型", ("中", "中"): "负责型", ("中", "低"): "被动型",
    ("少", "高"): "伙伴型", ("少", "中"): "能动型", ("少", "低"): "负责型",
}  # fmt: skip
ALLIANCES: Mapping[str, str] = {
    "定制模式": "客户说得清要什么，供应方在大规模生产上按每一位客户改",
    "引导模式": "客户说不清要什么，供应方先帮他看到更好的做法，再陪他做到",
    "合伙人模式": "双方共同设计、共同投入，共担风险、共享收益",
}


def growth_cells(
    sales: pd.DataFrame, year: int, *, customer: str = "客户编号", business: str = "业务",
    time: str = "日期",
) -> pd.Series:  # fmt: skip
    """The growth strategy behind each sale of one year; sales of other years are left out.

    A customer (a line of business) is existing when any sale of it lies in an earlier year, and
    stays what it is for the whole year. The first year of the data has nothing earlier: all of it
    is 客户多样化, which says nothing about the firm.

    Raises
    ------
    AnalyticsError
        A column is missing, or an id or a time is blank.
    """
    inputs.require(sales, "销售表", {"customer": customer, "business": business, "time": time})
    who, what = (inputs.ids(sales, "销售表", c) for c in (customer, business))
    when = inputs.times(sales, "销售表", time)
    if when.isna().any():
        raise AnalyticsError(f"销售表的列「{time}」{inputs.rows(when.isna())}是空的，请先补上。")
    years = when.dt.year
    earlier, mine = years < year, years == year
    old = who.isin(who[earlier])[mine], what.isin(what[earlier])[mine]
    return pd.Series(
        [GROWTH[bool(c), bool(b)] for c, b in zip(*old, strict=True)],
        index=sales.index[mine], name="战略", dtype="object",
    )  # fmt: skip


def growth_matrix(
    sales: pd.DataFrame, years: Sequence[int], *, customer: str = "客户编号",
    business: str = "业务", time: str = "日期", amount: str = "金额",
) -> pd.DataFrame:  # fmt: skip
    """Revenue in the four cells, one column a year (yuan); a cell without sales holds 0."""
    inputs.require(sales, "销售表", {"amount": amount})
    fen = inputs.cents(sales, "销售表", amount)
    columns = {}
    for year in years:
        cells = growth_cells(sales, year, customer=customer, business=business, time=time)
        columns[str(year)] = fen[cells.index].groupby(cells).sum() / 100
    table = pd.DataFrame(columns).reindex(list(GROWTH.values())).fillna(0.0)
    table.index.name = "战略"
    return table


def relation_level(
    customers: float, margin: float, *, many: float | None = None, few: float | None = None,
    high: float | None = None, low: float | None = None,
) -> str:  # fmt: skip
    """Which of the five levels of relation a group of customers deserves.

    Parameters
    ----------
    customers, margin
        How many customers there are, and what share of the price is left (0.35 = 35 %).
    many, few, high, low
        Limits, the course's choice (settings ``[strategy]`` where not given): many from `many`
        on, few up to `few`; a margin is high from `high` on, low below `low`.

    Examples
    --------
    >>> relation_level(20, 0.5, many=1000, few=50, high=0.4, low=0.2)
    '伙伴型'
    """
    rule = settings()["strategy"]
    many, few = _limits(many, few, rule["many"], rule["few"], "many", "few")
    high, low = _limits(high, low, rule["high"], rule["low"], "high", "low")
    customers = inputs.number(customers, "customers", low=0)
    margin = inputs.number(margin, "margin")
    size = "多" if customers >= many else "少" if customers <= few else "中"
    return RELATION_GRID[size, "高" if margin >= high else "低" if margin < low else "中"]


def _limits(
    upper: float | None, lower: float | None, above: float, below: float, *names: str
) -> tuple[float, float]:
    top = inputs.number(above if upper is None else upper, names[0])
    bottom = inputs.number(below if lower is None else lower, names[1])
    if bottom >= top:
        raise AnalyticsError(f"参数 {names[1]}（{bottom:g}）要小于 {names[0]}（{top:g}）。")
    return top, bottom


def alliance_mode(*, joint: bool, knows: bool) -> str:
    """The mode of alliance by two questions (the course's rule).

    Parameters
    ----------
    joint
        Do both sides design, invest and bear the risk together?
    knows
        If not: does the customer know what he wants?
    """
    return "合伙人模式" if joint else "定制模式" if knows else "引导模式"


# ------------------------------------------------------------------ budgets


def response(spend: float, ceiling: float, k: float) -> float:
    """Response to spending with a ceiling: ``ceiling · (1 − e^(−k·spend))``.

    >>> round(response(100, 0.4, 0.01), 4)
    0.2528
    """
    spend = inputs.number(spend, "spend", low=0)
    ceiling = inputs.number(ceiling, "ceiling", low=0)
    return ceiling * -math.expm1(-inputs.number(k, "k", low=0) * spend)


def best_spend(value: float, ceiling: float, k: float) -> float:
    """The spending a prospect that maximises ``value · response − spend``.

    Where the first yuan brings back less than one yuan (value · ceiling · k ≤ 1) it is 0.
    """
    slope = inputs.number(value, "value") * inputs.number(ceiling, "ceiling", low=0)
    k = inputs.number(k, "k", low=0)
    return math.log(slope * k) / k if slope * k > 1 else 0.0


def prospect_value(
    acquire: float, retain: float, *, margin: float, rate: float,
    acquisition: tuple[float, float], retention: tuple[float, float],
) -> float:  # fmt: skip
    """What one prospect is worth at these yearly spendings (Blattberg and Deighton).

    ``a·m − A + a·(m − R/ρ)·ρ'/(1 − ρ')`` with ``ρ' = ρ/(1+d)``: a and ρ are the responses to A
    (a prospect, once) and R (a customer, every year before he stays or goes), m the yearly margin,
    d the discount rate; `acquisition` and `retention` are (ceiling, k). The first year's margin
    comes at once. Without any chance to stay (ρ = 0) only −R/(1+d) follows it.
    """
    rate = inputs.number(rate, "rate", above=0)
    a = response(acquire, *acquisition)
    stay = response(retain, *retention)
    if max(acquisition[0], retention[0]) > 1:
        raise AnalyticsError("上限是比例，不能大于 1。")
    later = (margin * stay - retain) / (1 + rate - stay)
    return a * (margin + later) - acquire


def allocate(budget: float, cells: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Split a budget over ways to grow so that their last yuan brings the same.

    Parameters
    ----------
    budget
        To be spent in full (yuan).
    cells
        Name → (ceiling, k) of `response`; a ceiling or k of 0 gets nothing.

    Raises
    ------
    AnalyticsError
        A negative number, or no cell that responds at all.
    """
    budget = inputs.number(budget, "budget", low=0)
    alive = {n: (c, k) for n, (c, k) in cells.items() if c > 0 and k > 0}
    if not alive or any(c < 0 or k < 0 for c, k in cells.values()):
        raise AnalyticsError("每一格的上限和 k 都不能是负数，并且至少有一格都大于 0。")

    def spends(price: float) -> dict[str, float]:
        return {n: max(0.0, math.log(c * k / price) / k) for n, (c, k) in alive.items()}

    high = max(c * k for c, k in alive.values())
    low = high
    while sum(spends(low).values()) < budget:
        low /= 2
    for _ in range(200):  # bisection on the log of the common marginal return
        middle = math.sqrt(low * high)
        if sum(spends(middle).values()) < budget:
            high = middle
        else:
            low = middle
    return {name: spends(low).get(name, 0.0) for name in cells}


# ------------------------------------------------------------------ the price game


def price_game(margin: float, cut: float, switching_cost: float) -> dict[tuple[str, str], Any]:
    """Two firms with half of the customers each hold their price or cut it.

    Parameters
    ----------
    margin, cut
        Yuan earned on a customer at the old price; how much is cut.
    switching_cost
        Mean cost of changing the firm; costs are spread evenly over 0 … 2 × mean. A customer
        leaves when the difference in price is larger than his own cost. At 0 all of them do.

    Returns
    -------
    dict
        (choice of A, choice of B) → (profit of A, profit of B) per customer A and B each began
        with. The choices are "守" and "降".
    """
    margin = inputs.number(margin, "margin", above=0)
    cut = inputs.number(cut, "cut", above=0)
    mean = inputs.number(switching_cost, "switching_cost", low=0)
    moves = min(1.0, cut / (2 * mean)) if mean else 1.0
    lower = margin - cut
    return {
        ("守", "守"): (margin, margin),
        ("守", "降"): ((1 - moves) * margin, (1 + moves) * lower),
        ("降", "守"): ((1 + moves) * lower, (1 - moves) * margin),
        ("降", "降"): (lower, lower),
    }


def equilibria(game: Mapping[tuple[str, str], tuple[float, float]]) -> list[tuple[str, str]]:
    """The cells of a two-by-two game that neither side wants to leave alone (Nash)."""
    mine, yours = (list(dict.fromkeys(cell[i] for cell in game)) for i in (0, 1))
    return [
        (a, b) for a, b in game
        if all(game[a, b][0] >= game[x, b][0] for x in mine)
        and all(game[a, b][1] >= game[a, y][1] for y in yours)
    ]  # fmt: skip
