"""The right answers of lab S2 in plain Python; keyword arguments make the typical mistakes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crmkit import schema
from crmkit.lab.inputs import s2
from crmkit.settings import settings

KEY = "客户编号"
PAID = {schema.ORDER_STATUS[code] for code in schema.VALID_ORDER_STATUS}
FUNCTIONS = (
    "顾客速查",
    "顾客标签",
    "流失分析",
    "商品关联",
    "出库通知",
    "生日关怀",
    "中差评预警",
    "客单价分析",
)
OTHERS = ("短信问卷", "收货通知", "类目销量", "来源分类")  # functions that fit none of the scenes
QUADRANTS = ("继续保持", "重点改进", "次要改进", "投入过多")
TYPES = ("价格忠诚", "激励忠诚", "超值忠诚", "潜在忠诚")
SEVEN = ("美誉度", "指名度", "回头率", "投诉率", "购买额", "敏感度", "推荐率")
STAGES = ("了解", "选购", "付款", "收货", "使用", "售后")


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str

    @property
    def survey(self) -> pd.DataFrame:
        return s2.survey_and_orders(self.student)[0]

    @property
    def orders(self) -> pd.DataFrame:
        return s2.survey_and_orders(self.student)[1]


def gap(w: World, *, reverse: bool = False, ratio: bool = False) -> pd.DataFrame:
    f = w.survey
    made = f["体验"] / f["期望"] if ratio else f["体验"] - f["期望"]
    return f[["问卷编号", "项目"]].assign(满意度=-made if reverse else made)


def means(w: World, column: str) -> dict[str, float]:
    return {str(k): float(v) for k, v in w.survey.groupby("项目")[column].mean().items()}


def index(w: World, *, weighted: bool = True, hundred: bool = False, own: bool = False) -> float:
    """The weighted index; wrong: plain mean, weights taken as percent, importance for weights."""
    felt = means(w, "体验")
    weight: dict[str, float] = {k: float(v) for k, v in s2.weights(w.student).items()}
    if not weighted:
        weight = dict.fromkeys(felt, 1.0)
    if own:
        weight = means(w, "重要性")
    return sum(weight[k] * felt[k] for k in felt) / (100 if hundred else sum(weight.values()))


def quadrants(w: World, *, middle: bool = False, swapped: bool = False) -> dict[str, str]:
    """Importance × performance, cut at the means of the six items; wrong: cut at 3, axes swapped."""
    x, y = means(w, "重要性"), means(w, "体验")
    if swapped:
        x, y = y, x
    cut_x, cut_y = (3.0, 3.0) if middle else (sum(x.values()) / len(x), sum(y.values()) / len(y))
    out = {}
    for k in x:
        high, good = x[k] >= cut_x, y[k] >= cut_y
        out[k] = QUADRANTS[0 if high and good else 1 if high else 3 if good else 2]
    return out


def seven(w: World, *, all_people: bool = False, blanks: bool = False) -> dict[str, float]:
    people = s2.respondents(w.student).to_dict("records")
    buyers = people if all_people else [p for p in people if p["订单数"] >= 1]

    def share(who: list[dict[Hashable, Any]], question: str) -> float:
        given = [p[question] for p in who if blanks or p[question] != ""]
        return given.count("是") / len(given)

    return {
        "美誉度": share(people, "称赞"), "指名度": share(buyers, "指名购买"),
        "回头率": sum(p["订单数"] >= 2 for p in buyers) / len(buyers), "投诉率": share(buyers, "投诉"),
        "购买额": sum(p["购买额"] for p in buyers) / len(buyers),
        "敏感度": share(people, "涨价离开"), "推荐率": share(people, "推荐"),
    }  # fmt: skip


def difference(
    w: World, *, reverse: bool = False, zeros: bool = False, points: bool = False
) -> float:
    """Mean mark online minus in the shop; wrong: the other way, blanks as 0, mean of the touchpoints' means."""
    f = s2.touchpoints(w.student)
    marks = f.assign(评分=f["评分"].fillna(0) if zeros else f["评分"]).dropna(subset=["评分"])
    values = marks.assign(评分=marks["评分"].astype(float))
    if points:
        values = values.groupby(["渠道", "触点"])["评分"].mean().reset_index()
    mean = values.groupby("渠道")["评分"].mean()
    made = float(mean["线上"] - mean["线下"])
    return -made if reverse else made


def scenes(w: World) -> dict[str, str]:
    return {number: FUNCTIONS[i // 3] for number, i in s2.scenes(w.student).items()}


def loyal(w: World, *, open_limits: bool = False) -> dict[str, str]:
    rule = settings()["satisfaction"]
    out = {}
    for who, attached, orders in s2.grid(w.student).itertuples(index=False):
        a, b = attached - rule["loyal_attachment"], orders - rule["loyal_orders"]
        high, often = (a > 0, b > 0) if open_limits else (a >= 0, b >= 0)
        out[str(who)] = TYPES[2 if high and often else 3 if high else 1 if often else 0]
    return out


def trapped(
    w: World,
    *,
    above: bool = False,
    unpaid: bool = False,
    single: bool = False,
    all_pleased: bool = False,
) -> set[str]:
    limit = settings()["satisfaction"]["satisfied"]
    by = w.survey.groupby(KEY)["体验"]
    score = by.max() if single else by.mean()
    pleased = score[score > limit if above else score >= limit].index
    orders = w.orders if unpaid else w.orders[w.orders["订单状态"].isin(PAID)]
    counts = orders.groupby(KEY).size()
    return {str(k) for k in pleased if all_pleased or counts.get(k, 0) == 1}
