"""Lab D2: what a split, clusters, chances, rules, a forecast and a list of outliers are worth."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.D2.reference import KS
from autograder.spec import Verdict
from crmkit.analytics import classification, forecasting, kmeans
from crmkit.analytics.training_table import FEATURES
from crmkit.lab import forms
from crmkit.lab.forms import FormError
from crmkit.lab.inputs import d2

KEY = "客户编号"


def same_split(got: Any, expected: dict[str, list[str]]) -> Verdict:
    found = {k: set(v) for k, v in forms.groups(got).items()}
    words, share = [], 0.0
    lacking = [k for k in expected if k not in found]
    if lacking:
        raise FormError(f"字典里缺少：{'、'.join(lacking)}")
    if all(found[k] == set(expected[k]) for k in ("训练", "测试")):
        share += 0.6
    else:
        both = found["训练"] & found["测试"]
        words.append(
            f"训练 {len(found['训练'])} 位、测试 {len(found['测试'])} 位，与数据卡的种子分出来的不同"
        )
        words += [f"有 {len(both)} 位同时在两边"] if both else []
    leaks, unknown = found["特征"] & set(d2.LEAKS), found["特征"] - set(FEATURES) - set(d2.LEAKS)
    if leaks:
        words.append(f"特征里的「{sorted(leaks)[0]}」要到切点之后才知道")
    elif unknown:
        words.append(f"「{sorted(unknown)[0]}」不是特征")
    elif len(found["特征"]) < 3:
        words.append("特征至少要三列")
    else:
        share += 0.4
    return Verdict(share, "；".join(words) or "分法正确，特征没有越过切点",
                   "" if not words else "用 train_test_split，test_size、random_state、stratify 三个参数都要给")  # fmt: skip


def cluster_table(got: Any) -> pd.DataFrame:
    frame = forms.table(got, ["群"], KEY)
    return frame.assign(
        **{KEY: [forms.text(x) for x in frame[KEY]], "群": [forms.text(x) for x in frame["群"]]}
    )


def same_clusters(got: Any, expected: pd.DataFrame) -> Verdict:
    mine = cluster_table(got).drop_duplicates(KEY).set_index(KEY)["群"]
    if set(mine.index) != set(expected[KEY]):
        return Verdict(
            0.0, f"有 {len(mine)} 位客户，应是 {len(expected)} 位", "rfm.csv 里的每位客户恰好一行"
        )
    if mine.nunique() != 4:
        return Verdict(0.0, f"分成了 {mine.nunique()} 群", "n_clusters=4")
    xyz = expected[["x", "y", "z"]].to_numpy()
    best = kmeans.inertia_of(xyz, expected["群"])
    inertia = kmeans.inertia_of(xyz, mine.loc[expected[KEY]])
    if inertia <= 1.02 * best:
        sizes = "、".join(str(n) for n in sorted(mine.value_counts(), reverse=True))
        return Verdict(1.0, f"四群 {sizes} 位，群内平方和与最好的相差不到 2%")
    share = 0.4 if inertia <= 1.15 * best else 0.0
    return Verdict(share, f"群内平方和比最好的大 {inertia / best - 1:.0%}",
                   "三列先取 ln(1 + x)，再标准化；n_init=10 多试几个出发点")  # fmt: skip


def same_k(got: Any, expected: dict[str, float]) -> Verdict:
    found = forms.mapping(got)
    lacking = [k for k in ("k", "轮廓系数") if k not in found or forms.missing(found[k])]
    if lacking:
        raise FormError(f"字典里缺少：{'、'.join(lacking)}")
    k, value = forms.number(found["k"]), forms.number(found["轮廓系数"])
    name = str(int(k)) if k == int(k) else str(k)
    if name not in expected:
        return Verdict(
            0.0, f"k = {name} 不在 {KS[0]} 到 {KS[-1]} 之间", f"在 {KS[0]} 到 {KS[-1]} 里找"
        )
    # Runs end in slightly different places: two k as good as equal both count.
    good = expected[name] >= max(expected.values()) - 0.005
    near = abs(value - expected[name]) <= 0.02
    words = [] if good else [f"k = {name} 不是轮廓系数最高的"]
    words += [] if near else [f"k = {name} 时的轮廓系数不是 {value:.3f}"]
    return Verdict(0.6 * good + 0.4 * near, "；".join(words) or f"k = {name}，轮廓系数 {value:.3f}",
                   "" if not words else "每个 k 都拟合一次，silhouette_score 用标准化之后的数")  # fmt: skip


def curve_of(expected: dict[str, Any]) -> dict[str, float]:
    return {k[1:]: float(v) for k, v in expected.items() if k[1:].isdigit()}


def chances(got: Any) -> dict[str, float]:
    if isinstance(got, pd.DataFrame) and "流失概率" in got.columns and got.shape[1] > 1:
        frame = forms.table(got, ["流失概率"], "编号")
        got = dict(zip(frame["编号"], frame["流失概率"], strict=True))
    return {forms.text(k): forms.number(v) for k, v in forms.mapping(got).items()}


def by_auc(got: Any, expected: dict[str, int]) -> Verdict:
    found = chances(got)
    if set(found) != set(expected):
        return Verdict(
            0.0,
            f"有 {len(found)} 位客户，应是 hidden.csv 里的 {len(expected)} 位",
            "每位客户一个概率",
        )
    area = classification.auc(list(expected.values()), [found[k] for k in expected])
    share = 1.0 if area >= 0.75 else max(0.0, (area - 0.65) / 0.10)
    hint = "" if share == 1 else "用训练的那份拟合；六个特征都放进去，偏得厉害的取 ln(1 + x)"
    return Verdict(
        share,
        f"AUC {area:.3f}" + ("" if share == 1 else "，达到 0.75 得满分，0.65 到 0.75 按比例"),
        hint,
    )


def same_rates(got: Any, expected: dict[str, float]) -> Verdict:
    return compare.mapping(0.00051)(got, expected)


def pairs(value: Any) -> set[tuple[str, str]]:
    frame = forms.table(value, ["前项", "后项"])
    return {
        (forms.text(a), forms.text(b)) for a, b in zip(frame["前项"], frame["后项"], strict=True)
    }


def same_rules(got: Any, expected: pd.DataFrame) -> Verdict:
    found, right = pairs(got), pairs(expected)
    if found == right:
        return Verdict(1.0, f"{len(right)} 条规则，全部正确")
    extra, lacking = sorted(found - right), len(right - found)
    words = [f"交了 {len(found)} 条"]
    words += [f"其中 {len(extra)} 条不该有（例如 {extra[0][0]} → {extra[0][1]}）"] if extra else []
    words += [f"漏了 {lacking} 条"] if lacking else []
    return Verdict(
        0.0, "，".join(words), "支持度和置信度都要达到界限；A → B 和 B → A 是两条规则，分别判断"
    )


def by_error(got: Any, expected: dict[str, float]) -> Verdict:
    found = forms.mapping(got)
    lacking = [k for k in expected if k not in found or forms.missing(found[k])]
    if lacking:
        raise FormError(f"字典里缺少：{'、'.join(lacking)}")
    error = forecasting.mape(list(expected.values()), [forms.number(found[k]) for k in expected])
    share = 1.0 if error <= 0.2 else max(0.0, 1 - (error - 0.2) / 0.2)
    return Verdict(share, f"平均误差 {error:.1%}" + ("" if share == 1 else "，不超过 20% 得满分"),
                   "" if share == 1 else "这家店有季节也有增长：去年同月乘上同比增长试试")  # fmt: skip


def same_outliers(got: Any, expected: list[str]) -> Verdict:
    found, right = set(forms.ids(got, "订单编号")), set(expected)
    if not found:
        return Verdict(0.0, "一张订单也没有", "先看看最大的几张订单")
    recall, precision = len(found & right) / len(right), len(found & right) / len(found)
    share = 0.5 * min(1.0, recall / 0.8) + 0.5 * min(1.0, precision / 0.5)
    if recall >= 0.8 and precision >= 0.5:
        return Verdict(
            1.0, f"交了 {len(found)} 张，该找的找到 {recall:.0%}，其中 {precision:.0%} 是真的"
        )
    words = f"交了 {len(found)} 张：该找的找到 {recall:.0%}，其中 {precision:.0%} 是真的"
    return Verdict(
        min(share, 0.75) if recall else 0.0, words, "金额偏得厉害，先取对数，再用中位数法"
    )


def same_worth(got: Any, expected: pd.DataFrame) -> Verdict:
    names = ["客户数", "平均终身价值"]
    mine = forms.table(got, names)
    rows = sorted(
        ([forms.number(r[c]) for c in names] for _, r in mine.iterrows()), key=lambda r: -r[1]
    )
    right = expected[names].to_numpy().tolist()
    if len(rows) != len(right):
        return Verdict(
            0.0, f"有 {len(rows)} 行，应是每群一行，共 {len(right)} 行", "按群分组，再求平均"
        )
    bad = [c for i, c in enumerate(names)
           if any(abs(a[i] - b[i]) > 0.011 for a, b in zip(rows, right, strict=True))]  # fmt: skip
    words = "、".join(f"「{c}」" for c in bad)
    return Verdict(1 - len(bad) / 2, f"列{words}不对" if bad else f"{len(right)} 群全部正确",
                   "按上面的群分组，客户数用 size，终身价值用 mean" if bad else "")  # fmt: skip
