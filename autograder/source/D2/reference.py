"""The right answers of lab D2, and the ways in which they are usually missed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from autograder.source.ch07.keys import TASK_OF
from crmkit.analytics import basket, classification, kmeans
from crmkit.analytics.training_table import FEATURES
from crmkit.lab.inputs import d2

KS = range(3, 9)
RATES = ("TP", "FP", "FN", "TN", "精确率", "召回率")
SUPPORT, CONFIDENCE = 0.01, 0.30


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str

    @property
    def card(self) -> d2.Card:
        return d2.card(self.student)

    @property
    def history(self) -> pd.DataFrame:
        return d2.learning(self.student)[0]

    @property
    def truth(self) -> dict[str, int]:
        hidden = d2.learning(self.student)[1]
        return dict(zip(hidden["编号"], hidden["流失"].tolist(), strict=True))

    @property
    def outliers(self) -> list[str]:
        return d2.misprints(self.student)


def tasks(w: World) -> dict[str, str]:
    return {number: TASK_OF[i] for number, i in d2.questions(w.student).items()}


def split(w: World, *, seed: int | None = None, share: float = 0.3) -> dict[str, list[str]]:
    """As scikit-learn splits: stratified by 流失, with the seed of the card."""
    from sklearn.model_selection import train_test_split

    h = w.history
    train, test = train_test_split(
        h["编号"], test_size=share, random_state=w.card.seed if seed is None else seed,
        stratify=h["流失"],
    )  # fmt: skip
    return {"训练": sorted(train), "测试": sorted(test), "特征": list(FEATURES)}


@lru_cache(maxsize=16)
def points(student: str, log: bool = True, scale: bool = True) -> Any:
    table = d2.people(student)[list(d2.RFM)]
    if scale:
        return kmeans.standardise(table, d2.RFM, log=d2.RFM if log else ()).to_numpy()
    return np.log1p(table.to_numpy()) if log else table.to_numpy(dtype="float64")


@lru_cache(maxsize=64)
def labels(student: str, k: int = 4, log: bool = True, scale: bool = True) -> Any:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    model = KMeans(k, n_init=10, random_state=d2.card(student).seed)
    with threadpool_limits(1):  # threads that wait for each other cost more than they bring
        return model.fit(points(student, log, scale)).labels_


def clusters(w: World, *, k: int = 4, log: bool = True, scale: bool = True) -> pd.DataFrame:
    """客户编号, 群, and the scaled coordinates that a judge measures with."""
    frame = pd.DataFrame({"客户编号": d2.people(w.student)["客户编号"]})
    frame["群"] = labels(w.student, k, log, scale)
    frame[["x", "y", "z"]] = points(w.student)
    return frame


@lru_cache(maxsize=64)
def silhouette(student: str, k: int) -> float:
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(points(student), labels(student, k)))


def silhouettes(w: World) -> dict[str, float]:
    return {str(k): silhouette(w.student, k) for k in KS}


def rates(w: World, *, cut: float | None = None, swapped: bool = False) -> dict[str, float]:
    scored = d2.scores(w.student)
    y = scored["实际"] == "流失"
    limit = w.card.cut if cut is None else cut
    if swapped:
        found = classification.confusion(~y, -scored["流失概率"], -limit)
    else:
        found = classification.confusion(y, scored["流失概率"], limit)
    counts = {"TP": found.tp, "FP": found.fp, "FN": found.fn, "TN": found.tn}
    return {**counts, "精确率": found.precision.value or 0.0, "召回率": found.recall.value or 0.0}


@lru_cache(maxsize=16)
def _all_rules(student: str) -> pd.DataFrame:
    groups = d2.lines(student).groupby("订单编号")["商品名称"].agg(list)
    return basket.association(groups.tolist(), min_support=0.005, min_confidence=0.1)


def rules(w: World, *, support: float = SUPPORT, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Rules that reach both limits, by default those of the lab."""
    found = _all_rules(w.student)
    keep = (found["支持度"] >= support - 1e-12) & (found["置信度"] >= confidence - 1e-12)
    return found.loc[keep, ["前项", "后项"]].reset_index(drop=True)


def coming(w: World) -> dict[str, float]:
    """Orders of October to December 2025."""
    return {k: float(v) for k, v in d2.months(w.student).iloc[d2.KNOWN_MONTHS :].items()}


def best_tenth(w: World) -> tuple[float, float, float]:
    """Hits of the highest tenth, of the lowest tenth, and of all."""
    scored = d2.scores(w.student)
    y = (scored["实际"] == "流失")[scored["流失概率"].argsort()[::-1]].to_numpy()
    n = len(y) // 10
    return float(y[:n].mean()), float(y[-n:].mean()), float(y.mean())


def worth(w: World, group: pd.Series | None = None, *, measure: str = "mean") -> pd.DataFrame:
    """群, 客户数, 平均终身价值 by cluster, the most valuable first."""
    table = d2.people(w.student).set_index("客户编号")["终身价值"]
    of = clusters(w).set_index("客户编号")["群"] if group is None else group
    by = table.groupby(of.reindex(table.index))
    frame = pd.DataFrame({"客户数": by.size(), "平均终身价值": by.agg(measure)})
    return frame.rename_axis("群").reset_index().sort_values(
        "平均终身价值", ascending=False, ignore_index=True
    )  # fmt: skip
