"""Customer lifetime value: the two models of the course, established models, and their parts.

The course names 模型一 and 模型三 without printing them. The reading taken here is **inferred**:
model one leaves the service cost out, model three subtracts it, both discount at the end of each
year. It is the reading under which the ranking of customers A and B of the exercise turns round.
Other readings are in `READINGS`; settings ``[lifetime_value]`` choose the default for all.

Symbols of the exercise: n years, Co cost of winning the customer, Po first purchase, In income a
year, r discount rate, Cs service cost a year. Money is yuan, rates are fractions a year.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.settings import settings

TIMINGS: Mapping[str, str] = {
    "end": "每年年末收支（t = 1…n）",
    "begin": "每年年初收支（t = 0…n−1）",
}
MODELS: Mapping[str, str] = {"one": "模型一（不计服务成本）", "three": "模型三（扣除服务成本）"}


@dataclass(frozen=True)
class Reading:
    """One way to read the models; None leaves timing or discounting to arguments and settings."""

    title: str
    formula: str
    initial: bool = True
    timing: str | None = None
    discounted: bool | None = None
    years_less: int = 0


READINGS: Mapping[str, Reading] = {
    "service_cost": Reading(
        "初始收支 + 折现净收入（本课默认）", "Po − Co + Σ(In − Cs)/(1+r)^t，t = 1…n"
    ),
    "flows_only": Reading("只算每年净收入，不折现", "Σ(In − Cs)", initial=False, discounted=False),
    "undiscounted": Reading("初始收支 + 净收入，不折现", "Po − Co + Σ(In − Cs)", discounted=False),
    "first_year": Reading(
        "首次购买算第 1 年，不折现",
        "Po − Co + Σ(In − Cs)，再 n − 1 年",
        discounted=False,
        years_less=1,
    ),
    "first_year_discounted": Reading(
        "首次购买算第 1 年，折现",
        "Po − Co + Σ(In − Cs)/(1+r)^t，t = 1…n−1",
        timing="end",
        discounted=True,
        years_less=1,
    ),
    "flows_discounted": Reading(
        "只算每年净收入，折现",
        "Σ(In − Cs)/(1+r)^t，t = 1…n",
        initial=False,
        timing="end",
        discounted=True,
    ),
    "begin": Reading(
        "初始收支 + 折现净收入，年初收支",
        "Po − Co + Σ(In − Cs)/(1+r)^t，t = 0…n−1",
        timing="begin",
        discounted=True,
    ),
}
FACTORS: Mapping[str, str] = {
    "n": "关系年数 n",
    "Co": "获取成本 Co",
    "Po": "首次购买 Po",
    "In": "年收入 In",
    "r": "折现率 r",
    "Cs": "年服务成本 Cs",
}


def annuity(r: float, n: int, *, timing: str = "end") -> float:
    """年金现值系数: what 1 yuan a year for `n` years is worth today.

    Σ 1/(1+r)^t for t = 1…n (``"end"``) or t = 0…n−1 (``"begin"``); n when r = 0.

    >>> round(annuity(0.08, 10), 6), annuity(0, 10)
    (6.710081, 10.0)
    """
    inputs.choice(timing, "timing", TIMINGS)
    rate, years = inputs.number(r, "r", above=-1), inputs.whole(n, "n")
    if rate == 0:
        return float(years)
    # expm1/log1p: 1 − (1+r)^−n loses all digits when r is tiny.
    factor = -math.expm1(-years * math.log1p(rate)) / rate
    return factor * (1 + rate) if timing == "begin" else factor


def clv_model_one(n: int, Co: float, Po: float, In: float, r: float, **options: Any) -> float:
    """模型一 = Po − Co + In × annuity (service cost left out); `options` as in `clv`.

    >>> round(clv_model_one(n=10, Co=500, Po=3000, In=1000, r=0.08), 2)
    9210.08
    """
    return clv(n, Co, Po, In, r, 0.0, **options)


def clv_model_three(
    n: int, Co: float, Po: float, In: float, r: float, Cs: float, **options: Any
) -> float:
    """模型三 = Po − Co + (In − Cs) × annuity; `options` as in `clv`.

    >>> round(clv_model_three(n=10, Co=500, Po=3000, In=1000, r=0.08, Cs=100), 2)
    8539.07
    """
    return clv(n, Co, Po, In, r, Cs, **options)


def clv(
    n: int,
    Co: float,
    Po: float,
    In: float,
    r: float,
    Cs: float = 0.0,
    *,
    variant: str | None = None,
    timing: str | None = None,
    discounted: bool | None = None,
) -> float:
    """Lifetime value in yuan under one of `READINGS`.

    Parameters
    ----------
    n, Co, Po, In, r, Cs
        See the module.
    variant
        Key of `READINGS`; default settings ``lifetime_value.variant``.
    timing, discounted
        Where the variant leaves them open; default settings. A value that contradicts the
        variant raises.
    """
    given = {"n": n, "Co": Co, "Po": Po, "In": In, "r": r, "Cs": Cs}
    return math.fsum(_parts_of(given, variant, timing, discounted).values())


def clv_parts(
    n: int,
    Co: float,
    Po: float,
    In: float,
    r: float,
    Cs: float = 0.0,
    *,
    variant: str | None = None,
    timing: str | None = None,
    discounted: bool | None = None,
) -> pd.DataFrame:
    """What the value is made of: 构成, 金额 (present value, costs negative); adds up to `clv`."""
    given = {"n": n, "Co": Co, "Po": Po, "In": In, "r": r, "Cs": Cs}
    parts = _parts_of(given, variant, timing, discounted)
    return pd.DataFrame({"构成": list(parts), "金额": list(parts.values())})


def readings_table(
    n: int, Co: float, Po: float, In: float, r: float, Cs: float = 0.0
) -> pd.DataFrame:
    """Both models under every reading: 读法, 说明, 公式, 模型一, 模型三."""
    rows = [
        (key, reading.title, reading.formula)
        + tuple(clv(n, Co, Po, In, r, cost, variant=key) for cost in (0.0, Cs))
        for key, reading in READINGS.items()
    ]
    return pd.DataFrame(rows, columns=["读法", "说明", "公式", "模型一", "模型三"])


def tornado(
    n: int,
    Co: float,
    Po: float,
    In: float,
    r: float,
    Cs: float = 0.0,
    *,
    swing: float = 0.2,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    model: str = "three",
    **options: Any,
) -> pd.DataFrame:
    """Sensitivity: each factor alone goes down and up by `swing`, the others stay.

    Parameters
    ----------
    swing
        Relative change, 0.2 = ±20 %; n is rounded to whole years.
    ranges
        Own (low, high) for single factors, e.g. ``{"r": (0.04, 0.12)}``.
    model
        One of `MODELS`.
    **options
        As in `clv`.

    Returns
    -------
    DataFrame
        因素, 低值, 高值, 低值时价值, 高值时价值, 幅度; widest first.
    """
    inputs.choice(model, "model", MODELS)
    inputs.number(swing, "swing", low=0)
    base = {"n": n, "Co": Co, "Po": Po, "In": In, "r": r, "Cs": Cs if model == "three" else 0.0}
    unknown = set(ranges or {}) - set(base)
    if unknown:
        raise AnalyticsError(
            f"参数 ranges 里没有因素 {'、'.join(sorted(unknown))}；可以用：{'、'.join(base)}。"
        )
    rows = []
    for factor, value in base.items():
        if factor == "Cs" and model == "one":
            continue
        low, high = (ranges or {}).get(factor, (value * (1 - swing), value * (1 + swing)))
        if factor == "n":
            low, high = round(low), round(high)
        values = [
            math.fsum(_parts_of({**base, factor: x}, **options).values()) for x in (low, high)
        ]
        rows.append((FACTORS[factor], low, high, *values, abs(values[1] - values[0])))
    table = pd.DataFrame(rows, columns=["因素", "低值", "高值", "低值时价值", "高值时价值", "幅度"])
    return table.sort_values("幅度", ascending=False, kind="stable").reset_index(drop=True)


def npv(rate: float, flows: Sequence[float], *, timing: str = "end") -> float:
    """Net present value Σ flow_t/(1+rate)^t, t = 1…n (``"end"``) or 0…n−1 (``"begin"``).

    >>> round(npv(0.10, [500, 1500, 4000, 10000]), 4)
    11529.6086
    """
    inputs.choice(timing, "timing", TIMINGS)
    growth = 1 + inputs.number(rate, "rate", above=-1)
    first = 1 if timing == "end" else 0
    amounts = [inputs.number(flow, "flows") for flow in flows]
    return math.fsum(amount / growth ** (t + first) for t, amount in enumerate(amounts))


def lifetime_value(
    incomes: Sequence[float],
    costs: Sequence[float],
    rate: float,
    *,
    acquisition: float = 0.0,
    timing: str = "end",
) -> float:
    """客户终身价值 of any cash flow: NPV of income − selling and service cost, less acquisition."""
    if len(incomes) != len(costs):
        raise AnalyticsError(f"收入有 {len(incomes)} 期，成本有 {len(costs)} 期，要一样多。")
    flows = [
        inputs.number(a, "incomes") - inputs.number(b, "costs")
        for a, b in zip(incomes, costs, strict=True)
    ]
    return npv(rate, flows, timing=timing) - inputs.number(acquisition, "acquisition")


def margin_multiple(retention: float, rate: float) -> float:
    """Gupta & Lehmann: lifetime value = margin a year × r/(1 + i − r), without an end.

    >>> round(margin_multiple(0.8, 0.10), 2)
    2.67
    """
    keep = inputs.number(retention, "retention", low=0, high=1)
    i = inputs.number(rate, "rate", above=-1)
    if 1 + i - keep <= 0:
        raise AnalyticsError(
            f"保持率 {keep:g} 和折现率 {i:g} 下价值无穷大：要求 1 + 折现率 > 保持率。"
        )
    return keep / (1 + i - keep)


def multiples_table(
    retentions: Sequence[float] = (0.6, 0.7, 0.8, 0.9),
    rates: Sequence[float] = (0.10, 0.12, 0.14, 0.16),
) -> pd.DataFrame:
    """`margin_multiple` as a table: rows retention, columns discount rate."""
    grid = np.array([[margin_multiple(keep, i) for i in rates] for keep in retentions])
    return pd.DataFrame(
        grid.reshape(len(retentions), len(rates)),
        index=pd.Index(retentions, name="保持率"),
        columns=pd.Index(rates, name="折现率"),
    )


def berger_nasr(
    contribution: float, promotion: float, retention: float, rate: float, n: int
) -> float:
    """Berger & Nasr (1998) case 1: yearly sales, promotion in mid-year.

    GC Σ_{i=0}^{n} r^i/(1+d)^i − M Σ_{i=1}^{n} r^{i−1}/(1+d)^{i−½}

    Parameters
    ----------
    contribution, promotion
        GC and M: gross contribution and promotion cost per customer and year, yuan.
    retention, rate
        r (0…1) and d.
    n
        Years after the first sale.

    >>> round(berger_nasr(260, 50, 0.75, 0.20, 10), 2)
    568.78
    """
    gc, m = inputs.number(contribution, "contribution"), inputs.number(promotion, "promotion")
    keep = inputs.number(retention, "retention", low=0, high=1)
    growth, years = 1 + inputs.number(rate, "rate", above=-1), inputs.whole(n, "n")
    x = keep / growth
    gains = math.fsum(x**i for i in range(years + 1))
    spends = math.fsum(x**i for i in range(years)) / math.sqrt(growth)
    return gc * gains - m * spends


def customer_equity(
    customers: pd.DataFrame,
    rate: float,
    *,
    profit: str = "年利润",
    years: str = "年数",
    probability: str | None = None,
    timing: str = "end",
) -> float:
    """客户资产: discounted profit of all customers over the years they stay, in yuan.

    Σ p × profit × annuity(rate, years); an empty file is worth 0.

    Parameters
    ----------
    probability
        Column with the chance that a potential customer becomes one (0…1); None: all are.
    """
    inputs.require(
        customers, "客户表", {"profit": profit, "years": years, "probability": probability}
    )
    stay = inputs.numbers(customers, "客户表", years)
    factors = {y: annuity(rate, inputs.whole(y, years), timing=timing) for y in stay.unique()}
    flows = inputs.numbers(customers, "客户表", profit) * stay.map(factors).astype("float64")
    if probability is not None:
        chance = inputs.numbers(customers, "客户表", probability)
        if not chance.between(0, 1).all():
            raise AnalyticsError(f"列「{probability}」是概率，要在 0 和 1 之间。")
        flows = flows * chance
    return math.fsum(flows)


def guest_value(
    visits: float,
    spend: float,
    margin: float,
    years: int,
    rate: float = 0.0,
    *,
    timing: str = "end",
) -> float:
    """Value of a fast-food guest: visits a year × spend a visit × margin, discounted over years.

    >>> round(guest_value(visits=24, spend=40, margin=0.3, years=10, rate=0.08), 2)
    1932.5
    """
    yearly = (
        inputs.number(visits, "visits", low=0)
        * inputs.number(spend, "spend", low=0)
        * inputs.number(margin, "margin", low=0, high=1)
    )
    return yearly * annuity(rate, years, timing=timing)


def _parts_of(
    given: Mapping[str, float],
    variant: str | None = None,
    timing: str | None = None,
    discounted: bool | None = None,
) -> dict[str, float]:
    rule = settings()["lifetime_value"]
    name = rule["variant"] if variant is None else variant
    inputs.choice(name, "variant", READINGS)
    reading = READINGS[name]
    when = _settle(reading.timing, timing, rule["timing"], name, "timing")
    worth_less = _settle(reading.discounted, discounted, rule["discounted"], name, "discounted")
    years = max(inputs.whole(given["n"], "n") - reading.years_less, 0)
    rate = inputs.number(given["r"], "r", above=-1)
    factor = annuity(rate if worth_less else 0.0, years, timing=when)
    start = 1.0 if reading.initial else 0.0
    return {
        "首次购买": start * inputs.number(given["Po"], "Po"),
        "获取成本": -start * inputs.number(given["Co"], "Co"),
        "后续收入": inputs.number(given["In"], "In") * factor,
        "服务成本": -inputs.number(given["Cs"], "Cs") * factor,
    }


def _settle(fixed: Any, given: Any, default: Any, variant: str, name: str) -> Any:
    if fixed is not None and given is not None and fixed != given:
        raise AnalyticsError(
            f'读法 "{variant}" 规定了 {name}={fixed!r}，不能再给 {name}={given!r}；'
            '请去掉这个参数，或用 variant="service_cost"。'
        )
    return fixed if fixed is not None else default if given is None else given
