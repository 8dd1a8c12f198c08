"""Whether a project pays: NPV, IRR, payback, ROI, what it hangs on, how sure it is.

`flows` are net yearly (or monthly) flows in yuan, the first one today (t = 0), unless stated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

if TYPE_CHECKING:
    import numpy as np

TIMINGS: Mapping[str, str] = {
    "now": "第一笔在今天（t = 0）",
    "end": "第一笔在第 1 期末（t = 1，Excel 的 NPV 函数）",
}


def _flows(flows: Sequence[float]) -> list[float]:
    found = [inputs.number(x, f"flows[{i}]") for i, x in enumerate(flows)]
    if not found:
        raise AnalyticsError("现金流是空的：至少要有一笔。")
    return found


def npv(rate: float, flows: Sequence[float], *, timing: str = "now") -> float:
    """Net present value Σ flow_t/(1+rate)^t.

    Parameters
    ----------
    rate
        Discount rate of one period, above −1 (0.08 = 8 %).
    timing
        ``"now"``: the first flow is not discounted; ``"end"``: it is, as in Excel's NPV.

    Examples
    --------
    >>> round(npv(0.065, [5000], timing="end"), 2)
    4694.84
    """
    inputs.choice(timing, "timing", TIMINGS)
    rate = inputs.number(rate, "rate", above=-1)
    first = 0 if timing == "now" else 1
    return sum(x / (1 + rate) ** t for t, x in enumerate(_flows(flows), first))


def irr(flows: Sequence[float]) -> float | None:
    """The rate above −1 at which NPV is 0.

    Returns None when there is no such rate (all flows of one sign).

    Raises
    ------
    AnalyticsError
        There are several such rates: signs change more than once, judge by NPV then.

    Examples
    --------
    >>> round(irr([-100, 60, 60]), 4)
    0.1307
    """
    import numpy as np

    found = _flows(flows)
    roots = np.roots(found)  # of Σ flow_t·x^(n−t), x = 1 + rate
    real = roots[np.abs(roots.imag) < 1e-7 * np.maximum(1, np.abs(roots))].real
    rates: list[float] = []
    for x in sorted(real[real > 1e-9]):
        if not rates or x - 1 - rates[-1] > 1e-6:
            rates.append(float(x - 1))
    if len(rates) > 1:
        shown = "、".join(f"{x:.1%}" for x in rates)
        raise AnalyticsError(f"这串现金流有 {len(rates)} 个内部收益率（{shown}），请看净现值。")
    return rates[0] if rates else None


def payback(flows: Sequence[float], *, rate: float = 0.0) -> float | None:
    """Periods until the outlay has come back, with the last period taken in proportion.

    With a `rate` the flows are discounted first (动态回收期). None: it never comes back. 0: there
    is no outlay. Later outlays count: the last time the total turns from below 0 is meant.
    """
    rate = inputs.number(rate, "rate", above=-1)
    today = [x / (1 + rate) ** t for t, x in enumerate(_flows(flows))]
    dust = 1e-12 * sum(map(abs, today))  # discounting 110 at 10 % leaves a little less than 100
    total, found = 0.0, None
    for t, x in enumerate(today):
        before, total = total, total + x
        if total < -dust:
            found = None
        elif found is None:
            found = t - 1 + min(1.0, -before / x) if t and x else float(t)
    return found


def roi(benefits: Sequence[float], costs: Sequence[float]) -> float | None:
    """(Σ benefits − Σ costs) ÷ Σ costs, not discounted; None without costs.

    >>> roi([60, 60], [80])
    0.5
    """
    spent = sum(_flows(costs))
    return (sum(_flows(benefits)) - spent) / spent if spent else None


def tornado(
    value: Callable[..., float], given: Mapping[str, float], share: float = 0.2
) -> pd.DataFrame:
    """One factor at a time, down and up by `share`: 因素, 低值时, 高值时, 幅度; widest first."""
    share = inputs.number(share, "share", above=0)
    rows = []
    for name, x in given.items():
        low, high = (value(**{**given, name: x * f}) for f in (1 - share, 1 + share))
        rows.append((name, low, high, abs(high - low)))
    table = pd.DataFrame(rows, columns=["因素", "低值时", "高值时", "幅度"])
    return table.sort_values("幅度", ascending=False, kind="stable").reset_index(drop=True)


def simulate(
    value: Callable[..., np.ndarray], ranges: Mapping[str, tuple[float, float, float]],
    n: int = 5000, seed: int = 1,
) -> np.ndarray:  # fmt: skip
    """`value` at `n` draws of its factors, each triangular on (lowest, likely, highest).

    The same seed gives the same draws; a range of width 0 is a constant. `value` gets arrays.
    """
    import numpy as np

    n = inputs.whole(n, "n", low=1)
    uniform = np.random.default_rng(seed).random((len(ranges), n))
    drawn = {}
    for (name, (low, likely, high)), u in zip(ranges.items(), uniform, strict=True):
        if not low <= likely <= high:
            raise AnalyticsError(f"「{name}」要满足 最低 ≤ 最可能 ≤ 最高。")
        if low == high:
            drawn[name] = np.full(n, float(low))
            continue
        turn = (likely - low) / (high - low)
        rising = low + np.sqrt(u * (high - low) * (likely - low))
        falling = high - np.sqrt((1 - u) * (high - low) * (high - likely))
        drawn[name] = np.where(u < turn, rising, falling)
    return np.asarray(value(**drawn))
