"""Satisfaction measured: gap, CSI, ACSI, the seven indicators, NPS, CSAT, Kano.

The course names the seven indicators without formulas, and importance weights differ from study
to study: definitions marked *course choice* are ours, screens and notebooks say so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.indicators import Indicator
from crmkit.settings import settings

# What each of the seven indicators divides; all are course choices.
SEVEN: Mapping[str, str] = {
    "美誉度": "称赞本店的受访者 ÷ 回答了的受访者",
    "指名度": "指名要买本店商品的买家 ÷ 买家",
    "回头率": "有 2 单及以上的买家 ÷ 买家",
    "投诉率": "投诉过的买家 ÷ 买家",
    "购买额": "买家的购买金额合计 ÷ 买家（元/人）",
    "敏感度": "涨价后会离开的受访者 ÷ 回答了的受访者（越高越敏感）",
    "推荐率": "愿意推荐或已推荐的受访者 ÷ 回答了的受访者",
}
# (important, performs well) → quadrant of the importance–performance grid
QUADRANTS: Mapping[tuple[bool, bool], str] = {
    (True, True): "优势区",
    (True, False): "修补区",
    (False, False): "机会区",
    (False, True): "维持区",
}
KANO_ANSWERS = ("喜欢", "理应如此", "无所谓", "能忍受", "不喜欢")
KANO_CLASSES: Mapping[str, str] = {
    "M": "必备属性",
    "O": "期望属性",
    "A": "魅力属性",
    "I": "无差异属性",
    "R": "反向属性",
    "Q": "可疑结果",
}
# Rows: answer when the feature is there; columns: when it is not; both as KANO_ANSWERS.
# Standard evaluation table; one printed source has R in the last cell.
KANO_TABLE = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")


class Nps(NamedTuple):
    """Net promoter score in points (−100…100) with its standard error in points."""

    value: float | None
    se: float | None
    promoters: int
    passives: int
    detractors: int
    n: int

    def interval(self, confidence: float = 0.95) -> tuple[float, float] | None:
        """value ± z · se, cut at −100 and 100; None without answers.

        >>> low, high = nps([1, 8, 8, 10, 5, 9]).interval()
        >>> round(low, 1), round(high, 1)
        (-65.3, 65.3)
        """
        level = inputs.number(confidence, "confidence", above=0, high=0.9999)
        if self.value is None or self.se is None:
            return None
        half = NormalDist().inv_cdf((1 + level) / 2) * self.se
        return max(self.value - half, -100.0), min(self.value + half, 100.0)


def gap(survey: pd.DataFrame, *, experience: str = "体验", expectation: str = "期望") -> pd.Series:
    """客户满意度 = 客户体验 − 客户期望, row by row; missing when one answer is missing."""
    inputs.require(survey, "问卷表", {"experience": experience, "expectation": expectation})
    felt = inputs.numbers(survey, "问卷表", experience, blank=True)
    return (felt - inputs.numbers(survey, "问卷表", expectation, blank=True)).rename("满意度")


def gap_by_item(
    survey: pd.DataFrame,
    *,
    item: str = "项目",
    experience: str = "体验",
    expectation: str = "期望",
) -> pd.DataFrame:
    """Service-quality sheet: 项目, 期望, 体验, 满意度 (means), 人数; widest shortfall first.

    Only rows with both answers count.
    """
    inputs.require(survey, "问卷表", {"item": item})
    difference = gap(survey, experience=experience, expectation=expectation)
    table = pd.DataFrame(
        {
            item: survey[item],
            "期望": inputs.numbers(survey, "问卷表", expectation, blank=True),
            "体验": inputs.numbers(survey, "问卷表", experience, blank=True),
            "满意度": difference,
        }
    )[difference.notna()]
    means = table.groupby(item).agg(
        期望=("期望", "mean"),
        体验=("体验", "mean"),
        满意度=("满意度", "mean"),
        人数=("满意度", "size"),
    )
    return means.reset_index().sort_values(["满意度", item]).reset_index(drop=True)


def csi(
    survey: pd.DataFrame,
    weights: Mapping[str, float] | None = None,
    *,
    item: str = "项目",
    experience: str = "体验",
    importance: str = "重要性",
) -> Indicator:
    """满意度指数 = Σ wᵢ x̄ᵢ ÷ Σ wᵢ on the scale of the scores (see `to_hundred` for 0–100).

    Parameters
    ----------
    survey
        One row per answer; blank scores are left out.
    weights
        Weight of each item; default: the item's mean 重要性.

    Raises
    ------
    AnalyticsError
        Items without a weight or without a score, negative weights, weights that sum to 0.
    """
    columns = {"item": item, "experience": experience}
    if weights is None:
        columns["importance"] = importance
    inputs.require(survey, "问卷表", columns)
    scores = inputs.numbers(survey, "问卷表", experience, blank=True)
    means = scores.groupby(survey[item].to_numpy()).mean().dropna()
    if weights is None:
        stated = inputs.numbers(survey, "问卷表", importance, blank=True)
        weight = stated.groupby(survey[item].to_numpy()).mean().dropna()
    else:
        weight = pd.Series(
            {k: inputs.number(v, f"weights[{k}]", low=0) for k, v in weights.items()}
        )
    if odd := sorted(set(map(str, means.index)) ^ set(map(str, weight.index))):
        raise AnalyticsError(
            f"项目「{'、'.join(odd)}」只有分数或只有权重，两边的项目要一致才能算满意度指数。"
        )
    if len(weight) and math.fsum(weight) <= 0:
        raise AnalyticsError("权重之和要大于 0。")
    order = sorted(means.index)
    top = math.fsum(float(weight[i]) * float(means[i]) for i in order)
    return Indicator.ratio(top, math.fsum(float(weight[i]) for i in order))


def to_hundred(score: float, low: float = 1, high: float = 5) -> float:
    """A score of the scale `low`…`high` as 0…100: (score − low) ÷ (high − low) × 100.

    >>> to_hundred(4)
    75.0
    """
    if high <= low:
        raise AnalyticsError(f"量表的最高分 {high:g} 要大于最低分 {low:g}。")
    return (inputs.number(score, "score", low=low, high=high) - low) / (high - low) * 100


def acsi(
    satisfaction: float,
    expectancy: float,
    ideal: float,
    weights: Sequence[float] = (1 / 3, 1 / 3, 1 / 3),
) -> float:
    """ACSI score 0–100 from the mean answers (1–10) to its three questions.

    Σ wᵢ (x̄ᵢ − 1) ÷ 9 × 100, with weights scaled to sum 1. The true weights are proprietary;
    equal weights give (S + E + P − 3) ÷ 27 × 100, a published example uses .3885 .3190 .2925.
    """
    answers = (satisfaction, expectancy, ideal)
    values = [inputs.number(x, "ACSI 问题得分", low=1, high=10) for x in answers]
    parts = [inputs.number(w, "weights", low=0) for w in weights]
    if len(parts) != 3 or math.fsum(parts) <= 0:
        raise AnalyticsError("ACSI 要三个权重，和要大于 0。")
    return (
        math.fsum(w * (x - 1) for w, x in zip(parts, values, strict=True))
        / math.fsum(parts)
        / 9
        * 100
    )


def importance_performance(
    survey: pd.DataFrame,
    *,
    item: str = "项目",
    experience: str = "体验",
    importance: str = "重要性",
) -> pd.DataFrame:
    """Importance–performance grid: 项目, 重要性, 体验 (means) and 象限, sorted by item.

    Cut at the mean of the items' means; **at or above** is high. Quadrants: `QUADRANTS`.
    """
    inputs.require(
        survey, "问卷表", {"item": item, "experience": experience, "importance": importance}
    )
    means = pd.DataFrame(
        {
            item: survey[item],
            "重要性": inputs.numbers(survey, "问卷表", importance, blank=True),
            "体验": inputs.numbers(survey, "问卷表", experience, blank=True),
        }
    )
    table = means.groupby(item)[["重要性", "体验"]].mean().dropna().reset_index()
    # Means of equal items must not fall below the cut by a rounding of the last digit.
    high = [table[c] >= table[c].mean() - 1e-12 for c in ("重要性", "体验")]
    table["象限"] = [QUADRANTS[bool(i), bool(p)] for i, p in zip(*high, strict=True)]
    return table


def seven_indicators(
    answers: pd.DataFrame,
    *,
    praises: str = "称赞",
    by_name: str = "指名购买",
    orders: str = "订单数",
    complained: str = "投诉",
    amount: str = "购买额",
    leaves: str = "涨价离开",
    recommends: str = "推荐",
) -> dict[str, Indicator]:
    """美誉度 指名度 回头率 投诉率 购买额 敏感度 推荐率 (definitions: `SEVEN`, course choices).

    Parameters
    ----------
    answers
        One row per respondent. 称赞 指名购买 投诉 涨价离开 推荐 are yes/no (True/False, 1/0, 是/否; blank
        = no answer, left out of numerator and denominator); 订单数 ≥ 0, 购买额 in yuan. Buyers are
        the rows with at least one order.
    """
    flags = (praises, by_name, complained, leaves, recommends)
    inputs.require(answers, "受访者表", {c: c for c in (*flags, orders, amount)})
    count = inputs.numbers(answers, "受访者表", orders)
    buyer = count >= 1
    spent = inputs.numbers(answers, "受访者表", amount)
    everyone = pd.Series(True, index=answers.index)

    def share(label: str, base: pd.Series) -> Indicator:
        yes = _yes_no(answers, label)[base].dropna()
        return Indicator.ratio(int(yes.sum()), len(yes))

    return {
        "美誉度": share(praises, everyone),
        "指名度": share(by_name, buyer),
        "回头率": Indicator.ratio(int((count >= 2).sum()), int(buyer.sum())),
        "投诉率": share(complained, buyer),
        "购买额": Indicator.ratio(math.fsum(spent[buyer]), int(buyer.sum())),
        "敏感度": share(leaves, everyone),
        "推荐率": share(recommends, everyone),
    }


def nps(scores: Iterable[float]) -> Nps:
    """Net promoter score = % of 9–10 − % of 0–6, with SE = √((p + d − (p − d)²) ÷ n), in points.

    Blank answers are left out; no answers at all give None.

    >>> result = nps([1, 8, 8, 10, 5, 9])
    >>> result.value, round(result.se, 2)
    (0.0, 33.33)
    """
    values = _scores(scores, 0, 10)
    n = len(values)
    promoters, detractors = int((values >= 9).sum()), int((values <= 6).sum())
    if n == 0:
        return Nps(None, None, 0, 0, 0, 0)
    p, d = promoters / n, detractors / n
    # Rounding can push the variance of all-promoters a hair below zero.
    se = math.sqrt(max(p + d - (p - d) ** 2, 0) / n)
    return Nps(
        (promoters - detractors) / n * 100,
        se * 100,
        promoters,
        n - promoters - detractors,
        detractors,
        n,
    )


def csat(ratings: Iterable[float], *, satisfied: float | None = None) -> Indicator:
    """CSAT = ratings of at least `satisfied` (default settings: 4) ÷ all ratings (1–5)."""
    limit = settings()["satisfaction"]["satisfied"] if satisfied is None else satisfied
    values = _scores(ratings, 1, 5)
    return Indicator.ratio(int((values >= limit).sum()), len(values))


def kano_class(functional: str | int, dysfunctional: str | int) -> str:
    """Kano class of one answer pair, a key of `KANO_CLASSES`.

    Parameters
    ----------
    functional, dysfunctional
        Answer when the feature is there / is not there: a word of `KANO_ANSWERS` or 1…5 in that
        order (1 = 喜欢).

    >>> kano_class("喜欢", "不喜欢"), kano_class("理应如此", "不喜欢"), kano_class(5, 5)
    ('O', 'M', 'Q')
    """
    return KANO_TABLE[_kano_answer(functional)][_kano_answer(dysfunctional)]


def kano(
    answers: pd.DataFrame,
    *,
    item: str = "功能",
    functional: str = "具备时",
    dysfunctional: str = "不具备时",
) -> pd.DataFrame:
    """Kano result per feature: 功能, M, O, A, I, R, Q (counts), 类别, Better, Worse.

    Better = (A + O) ÷ (A + O + M + I), Worse = −(O + M) ÷ (A + O + M + I), missing when nobody
    gave one of the four. 类别 is the most frequent class; ties go to the first of M O A I R Q.
    """
    inputs.require(
        answers,
        "Kano 问卷表",
        {"item": item, "functional": functional, "dysfunctional": dysfunctional},
    )
    classes = [
        kano_class(f, d) for f, d in zip(answers[functional], answers[dysfunctional], strict=True)
    ]
    order = list(KANO_CLASSES)
    counts = pd.crosstab(answers[item].to_numpy(), np.array(classes, dtype="object"))
    counts = counts.reindex(columns=order, fill_value=0).rename_axis(item).rename_axis(None, axis=1)
    kinds = [order[int(np.argmax(row))] for row in counts.to_numpy()]
    base = counts[["A", "O", "M", "I"]].sum(axis=1).astype("float64")
    base = base.where(base > 0)
    table = counts.reset_index()
    table["类别"] = [KANO_CLASSES[k] for k in kinds]
    table["Better"] = ((counts["A"] + counts["O"]) / base).to_numpy()
    table["Worse"] = (-(counts["O"] + counts["M"]) / base).to_numpy()
    return table


def _scores(values: Iterable[float], low: float, high: float) -> np.ndarray:
    frame = pd.DataFrame({"评分": list(values)})
    scores = inputs.numbers(frame, "评分数据", "评分", blank=True)
    bad = (scores < low) | (scores > high)
    if bad.any():
        raise AnalyticsError(
            f"评分{inputs.rows(bad)}是 {scores[bad].iloc[0]:g}，要在 {low:g} 和 {high:g} 之间。"
        )
    return scores.dropna().to_numpy()


def _yes_no(frame: pd.DataFrame, label: str) -> pd.Series:
    words = {
        "是": 1.0,
        "否": 0.0,
        "1": 1.0,
        "0": 0.0,
        "true": 1.0,
        "false": 0.0,
        "1.0": 1.0,
        "0.0": 0.0,
    }
    raw = frame[label]
    text = raw.astype(str).str.strip().str.lower()
    blank = raw.isna() | (text == "")
    values = text.map(words).astype("float64")
    bad = values.isna() & ~blank
    if bad.any():
        raise AnalyticsError(
            f"受访者表的列「{label}」{inputs.rows(bad)}要填 是/否（或 1/0），现在是 {raw[bad].iloc[0]!r}。"
        )
    return values.where(~blank)


def _kano_answer(answer: str | int) -> int:
    if isinstance(answer, str) and answer.strip() in KANO_ANSWERS:
        return KANO_ANSWERS.index(answer.strip())
    try:
        number = int(answer)
    except (TypeError, ValueError):
        number = 0
    if not 1 <= number <= 5 or number != float(answer):
        raise AnalyticsError(
            f"Kano 问卷的回答要是 {'、'.join(KANO_ANSWERS)} 之一（或 1–5），现在是 {answer!r}。"
        )
    return number - 1
