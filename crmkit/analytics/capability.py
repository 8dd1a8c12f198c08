"""CRM capability: a tree of indicators, weights down the tree, scores up, and where to act.

The three capabilities are those of the course documents. The six parts of 客户价值能力 are theirs as
well; the parts of the other two are the course's choice [C], as is the scale from 0 to 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.satisfaction import QUADRANTS

CAPABILITIES = ("客户洞察", "客户价值", "客户交往")
TREE: Mapping[str, tuple[str, ...]] = {
    "客户洞察": ("客户资料完备", "客户识别与细分", "需求与流失预测", "洞察送达一线"),
    "客户价值": ("终身价值管理", "客户风险", "产品检查", "渠道转变", "共同品牌计划", "客户服务"),
    "客户交往": ("多渠道一致", "响应速度", "投诉处理与补救", "主动关怀", "全员客户导向"),
}


def global_weights(
    first: Mapping[str, float], second: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Indicator → weight in the whole: weight of its branch × weight within the branch.

    Raises
    ------
    AnalyticsError
        The weights of a level do not sum to 1, or an indicator stands in two branches.

    Examples
    --------
    >>> global_weights({"洞察": 0.4, "交往": 0.6}, {"洞察": {"资料": 1.0}, "交往": {"响应": 0.5, "关怀": 0.5}})
    {'资料': 0.4, '响应': 0.3, '关怀': 0.3}
    """
    _sums_to_one(first, "一级")
    if set(first) != set(second):
        raise AnalyticsError("一级指标和二级权重的名称对不上：每个一级指标要有一组二级权重。")
    out: dict[str, float] = {}
    for branch, weight in first.items():
        _sums_to_one(second[branch], f"「{branch}」下")
        for name, inside in second[branch].items():
            if name in out:
                raise AnalyticsError(f"指标「{name}」出现在两个分支里。")
            out[name] = weight * inside
    return out


def scores(
    firms: pd.DataFrame, weights: Mapping[str, float], *, firm: str = "企业"
) -> pd.DataFrame:
    """企业, 得分 (Σ weight × mark), 名次: best first; equal scores share the better rank."""
    inputs.require(firms, "评分表", {"firm": firm, **{w: w for w in weights}})
    total = sum(inputs.numbers(firms, "评分表", c) * w for c, w in weights.items())
    table = pd.DataFrame({firm: inputs.ids(firms, "评分表", firm, unique=True), "得分": total})
    table["名次"] = table["得分"].round(9).rank(ascending=False, method="min").astype("int64")
    return table.sort_values(["名次", firm], ignore_index=True)


def branch_scores(
    marks: Mapping[str, float], second: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Branch → mean of its indicators' marks, weighted within the branch."""
    return {
        branch: sum(weight * marks[name] for name, weight in inside.items())
        for branch, inside in second.items()
    }


def importance_performance(
    weights: Mapping[str, float], marks: Mapping[str, float], *, cut: str = "mean"
) -> pd.DataFrame:
    """IPA: 指标, 权重, 得分, 象限; the fields to mend first (weight × distance to 100) on top.

    Parameters
    ----------
    cut
        ``"mean"`` cuts both axes at their mean, ``"median"`` at their median; at or above is high.
    """
    inputs.choice(cut, "cut", ("mean", "median"))
    lacking = [name for name in weights if name not in marks]
    if lacking:
        raise AnalyticsError(f"指标「{lacking[0]}」没有得分。")
    table = pd.DataFrame(
        {"指标": list(weights), "权重": list(weights.values()), "得分": [marks[n] for n in weights]}
    )
    high = [table[c] >= table[c].agg(cut) - 1e-12 for c in ("权重", "得分")]
    table["象限"] = [QUADRANTS[bool(i), bool(p)] for i, p in zip(*high, strict=True)]
    table["可提升"] = table["权重"] * (100 - table["得分"])
    return table.sort_values("可提升", ascending=False, kind="stable", ignore_index=True)


def rank_changes(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs whose order turned round between two rankings (rank reversals)."""
    at = {name: k for k, name in enumerate(after)}
    shared = [name for name in before if name in at]
    return [(a, b) for i, a in enumerate(shared) for b in shared[i + 1 :] if at[a] > at[b]]


def _sums_to_one(weights: Mapping[str, float], where: str) -> None:
    total = sum(weights.values())
    if any(w < 0 for w in weights.values()) or abs(total - 1) > 1e-6:
        raise AnalyticsError(f"{where}的权重不能是负数，加起来要等于 1，现在是 {total:g}。")
