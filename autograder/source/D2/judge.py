"""Judge of lab D2, 客户数据挖掘实验: clusters, a churn model, rules, a forecast, outliers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.ch07.keys import TASKS
from autograder.source.D2.reference import (
    KS,
    RATES,
    World,
    best_tenth,
    clusters,
    coming,
    points,
    rates,
    rules,
    silhouettes,
    split,
    tasks,
    worth,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.analytics import classification, forecasting, kmeans
from crmkit.analytics.training_table import FEATURES
from crmkit.lab import checks, forms
from crmkit.lab.forms import FormError
from crmkit.lab.inputs import d2

KEY = "客户编号"
lab = LabSpec("D2", "客户数据挖掘实验", world=World, workbook="out/客户数据挖掘.xlsx")


# ------------------------------------------------------------------ tasks and the split


@lab.item("D2-01", points=6, core=True, title="问题与任务",
          need="判断 8 个问题各属于分类、聚类、关联、预测、孤立点里的哪一类任务",
          public=checks.Mapping(keys=tuple(f"Q{i:02d}" for i in range(1, d2.QUESTIONS + 1)), options=TASKS),
          compare=compare.labels())  # fmt: skip
def which(w: World) -> dict[str, str]:
    return tasks(w)


@which.mistake("分类和聚类弄反了：类别事先有的是分类，事先不知道有哪几群的是聚类", share=0.5)
def which_swapped(w: World) -> dict[str, str]:
    swap = {"分类": "聚类", "聚类": "分类"}
    return {k: swap.get(v, v) for k, v in tasks(w).items()}


@which.mistake("要算出一个数的是预测，判断属于哪一类的才是分类", share=0.6)
def which_forecast(w: World) -> dict[str, str]:
    return {k: "分类" if v == "预测" else v for k, v in tasks(w).items()}


def _split(got: Any, expected: dict[str, list[str]]) -> Verdict:
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


@lab.item("D2-02", points=8, core=True, title="训练与测试",
          need="用数据卡的种子、按流失分层，留三成作测试；特征不含切点之后才知道的列",
          public=checks.Groups(keys=("训练", "测试", "特征")), compare=_split)  # fmt: skip
def parts(w: World) -> dict[str, list[str]]:
    return split(w)


@parts.mistake("没有用数据卡的随机种子：random_state 要填你自己的种子", share=0.5)
def parts_seed(w: World) -> dict[str, list[str]]:
    return split(w, seed=42)


@parts.mistake("测试占了两成：题目要三成，test_size=0.3", share=0.6)
def parts_share(w: World) -> dict[str, list[str]]:
    return split(w, share=0.2)


@parts.sign("泄漏：特征里有切点之后才知道的列，预测的那天它们还不存在", share=0.65)
def parts_leak(w: World, got: Any) -> bool:
    return bool(set(d2.LEAKS) & set(forms.groups(got).get("特征", ())))


@parts.sign("「编号」只是名字，「流失」是答案，都不能当特征", share=0.5)
def parts_answer(w: World, got: Any) -> bool:
    found = forms.groups(got)
    return bool({"编号", "流失"} & set(found.get("特征", ())))


# ------------------------------------------------------------------ clusters


def _table(got: Any) -> pd.DataFrame:
    frame = forms.table(got, ["群"], KEY)
    return frame.assign(
        **{KEY: [forms.text(x) for x in frame[KEY]], "群": [forms.text(x) for x in frame["群"]]}
    )


def _clusters(got: Any, expected: pd.DataFrame) -> Verdict:
    mine = _table(got).drop_duplicates(KEY).set_index(KEY)["群"]
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


@lab.item("D2-03", points=12, core=True, title="RFM 聚成四群",
          need="R、F、M 取 ln(1 + x) 再标准化，用 k-means 分成四群，群号不论",
          public=checks.Table(columns=("群",), key=KEY, least=d2.PEOPLE, most=d2.PEOPLE),
          compare=_clusters)  # fmt: skip
def four(w: World) -> pd.DataFrame:
    return clusters(w)


@four.mistake("没有取对数：几个大户把中心拖走了", share=0.5)
def four_plain(w: World) -> pd.DataFrame:
    return clusters(w, log=False)


@four.mistake("没有标准化：金额的数大，几乎只按金额分了群", share=0.3)
def four_raw(w: World) -> pd.DataFrame:
    return clusters(w, log=False, scale=False)


def _best_k(got: Any, expected: dict[str, float]) -> Verdict:
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


@lab.item("D2-04", points=8, title="几群最好",
          need=f"k 从 {KS[0]} 到 {KS[-1]}，找出轮廓系数最高的 k 和它的轮廓系数",
          public=checks.Mapping(keys=("k", "轮廓系数"), low=-1, high=20),
          compare=lambda got, expected: _best_k(got, _curve(expected)))  # fmt: skip
def best_k(w: World) -> dict[str, Any]:
    curve = silhouettes(w)
    top = max(curve, key=lambda k: curve[k])
    return {"k": int(top), "轮廓系数": curve[top], **{f"k{k}": v for k, v in curve.items()}}


def _curve(expected: dict[str, Any]) -> dict[str, float]:
    return {k[1:]: float(v) for k, v in expected.items() if k[1:].isdigit()}


@best_k.mistake(
    f"群内平方和总是随 k 变小，按它选会选到最大的 k = {KS[-1]}：这里要看轮廓系数", share=0.45
)
def largest_k(w: World) -> dict[str, Any]:
    value = silhouettes(w)[str(KS[-1])]
    return {"k": KS[-1], "轮廓系数": value, f"k{KS[-1]}": value}


@best_k.sign("轮廓系数是用没有标准化的数算的：fit 和 silhouette_score 要用同一份数据", share=0.65)
def raw_silhouette(w: World, got: Any) -> bool:
    from sklearn.metrics import silhouette_score

    found = forms.mapping(got)
    k = forms.number(found["k"])
    if k not in KS:
        return False
    of = clusters(w, k=int(k))["群"]
    raw = silhouette_score(points(w.student, False, False), of)
    return abs(forms.number(found["轮廓系数"]) - raw) < 1e-3


# ------------------------------------------------------------------ churn


def _chances(got: Any) -> dict[str, float]:
    if isinstance(got, pd.DataFrame) and "流失概率" in got.columns and got.shape[1] > 1:
        frame = forms.table(got, ["流失概率"], "编号")
        got = dict(zip(frame["编号"], frame["流失概率"], strict=True))
    return {forms.text(k): forms.number(v) for k, v in forms.mapping(got).items()}


def _auc(got: Any, expected: dict[str, int]) -> Verdict:
    found = _chances(got)
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


@lab.item("D2-05", points=12, core=True, title="谁会流失",
          need="给 hidden.csv 里每位客户一个流失概率，AUC 达到 0.75",
          public=checks.Mapping(pattern=r"K\d{4}", least=d2.HIDDEN, most=d2.HIDDEN, low=0, high=1),
          compare=_auc)  # fmt: skip
def churn(w: World) -> dict[str, int]:
    return w.truth


@churn.sign("概率的方向反了：要的是流失的概率，predict_proba 的列次序看 classes_", share=0.5)
def churn_reversed(w: World, got: Any) -> bool:
    found, truth = _chances(got), w.truth
    return set(found) == set(truth) and (
        classification.auc(list(truth.values()), [found[k] for k in truth]) < 0.35
    )


@churn.sign("交的是 0 和 1：要概率，用 predict_proba，不要用 predict", share=0.4)
def churn_labels(w: World, got: Any) -> bool:
    return set(_chances(got).values()) <= {0.0, 1.0}


@churn.sign("所有人的概率几乎一样：模型没有学到东西，看看特征有没有放进去", share=0.0)
def churn_flat(w: World, got: Any) -> bool:
    found = list(_chances(got).values())
    return len(found) > 1 and max(found) - min(found) < 1e-6


def _rates(got: Any, expected: dict[str, float]) -> Verdict:
    return compare.mapping(0.00051)(got, expected)


@lab.item("D2-06", points=8, title="混淆矩阵",
          need="概率达到数据卡的界限判为流失，数出 TP、FP、FN、TN，算出精确率和召回率",
          public=checks.Mapping(keys=RATES, low=0, high=d2.SCORED), compare=_rates)  # fmt: skip
def matrix(w: World) -> dict[str, float]:
    return rates(w)


@matrix.mistake("界限用成了 0.5：要用数据卡上的界限", share=0.4)
def matrix_half(w: World) -> dict[str, float]:
    return rates(w, cut=0.5)


@matrix.mistake("FP 和 FN 写反了：FP 是判为流失其实留下的，FN 是漏掉的流失", share=0.4)
def matrix_turned(w: World) -> dict[str, float]:
    right = rates(w)
    return {
        **right,
        "FP": right["FN"],
        "FN": right["FP"],
        "精确率": right["召回率"],
        "召回率": right["精确率"],
    }


@matrix.mistake("把「留下」当成了要找的那一类：这里要找的是流失", share=0.4)
def matrix_of_stayers(w: World) -> dict[str, float]:
    return rates(w, swapped=True)


# ------------------------------------------------------------------ rules, forecast, outliers


def _pairs(value: Any) -> set[tuple[str, str]]:
    frame = forms.table(value, ["前项", "后项"])
    return {
        (forms.text(a), forms.text(b)) for a, b in zip(frame["前项"], frame["后项"], strict=True)
    }


def _rules(got: Any, expected: pd.DataFrame) -> Verdict:
    found, right = _pairs(got), _pairs(expected)
    if found == right:
        return Verdict(1.0, f"{len(right)} 条规则，全部正确")
    extra, lacking = sorted(found - right), len(right - found)
    words = [f"交了 {len(found)} 条"]
    words += [f"其中 {len(extra)} 条不该有（例如 {extra[0][0]} → {extra[0][1]}）"] if extra else []
    words += [f"漏了 {lacking} 条"] if lacking else []
    return Verdict(
        0.0, "，".join(words), "支持度和置信度都要达到界限；A → B 和 B → A 是两条规则，分别判断"
    )


@lab.item("D2-07", points=10, core=True, title="关联规则",
          need="一件对一件的规则里，支持度达到 1%、置信度达到 30% 的全部规则",
          public=checks.Table(columns=("前项", "后项"), least=3, most=400), compare=_rules)  # fmt: skip
def found_rules(w: World) -> pd.DataFrame:
    return rules(w)


@found_rules.mistake("支持度的界限放低了：1% 是 0.01", share=0.4)
def rules_of_few(w: World) -> pd.DataFrame:
    return rules(w, support=0.005)


@found_rules.mistake("支持度除以了文件的行数：分母是订单数，一张订单占好几行", share=0.4)
def rules_of_lines(w: World) -> pd.DataFrame:
    table = d2.lines(w.student)
    return rules(w, support=0.01 * len(table) / table["订单编号"].nunique())


@found_rules.mistake(
    "每一对只交了一个方向：A → B 和 B → A 的置信度不同，是两条规则，都达到就都要交", share=0.6
)
def rules_one_way(w: World) -> pd.DataFrame:
    both = rules(w)
    return both[both["前项"] < both["后项"]].reset_index(drop=True)


def _forecast(got: Any, expected: dict[str, float]) -> Verdict:
    found = forms.mapping(got)
    lacking = [k for k in expected if k not in found or forms.missing(found[k])]
    if lacking:
        raise FormError(f"字典里缺少：{'、'.join(lacking)}")
    error = forecasting.mape(list(expected.values()), [forms.number(found[k]) for k in expected])
    share = 1.0 if error <= 0.2 else max(0.0, 1 - (error - 0.2) / 0.2)
    return Verdict(share, f"平均误差 {error:.1%}" + ("" if share == 1 else "，不超过 20% 得满分"),
                   "" if share == 1 else "这家店有季节也有增长：去年同月乘上同比增长试试")  # fmt: skip


@lab.item("D2-08", points=8, title="预测三个月",
          need="由 21 个月的订单数预测 2025 年 10、11、12 月，平均误差不超过 20%",
          public=checks.Mapping(keys=("2025-10", "2025-11", "2025-12"), low=0, high=5000),
          compare=_forecast)  # fmt: skip
def three_months(w: World) -> dict[str, float]:
    return coming(w)


@three_months.sign("三个月都照抄了最后一个月：九月有中秋备礼，不能代表十月", share=0.4)
def last_month(w: World, got: Any) -> bool:
    last = float(d2.months(w.student).iloc[d2.KNOWN_MONTHS - 1])
    found = forms.mapping(got)
    return all(abs(forms.number(v) - last) < 0.5 for v in found.values())


@three_months.sign("照搬了去年同月：店在增长，还要乘上同比增长", share=0.5)
def last_year(w: World, got: Any) -> bool:
    past, found = d2.months(w.student), forms.mapping(got)
    return all(
        abs(forms.number(found[f"2025-{m}"]) - float(past[f"2024-{m}"])) < 0.5 for m in (10, 11, 12)
    )


def _outliers(got: Any, expected: list[str]) -> Verdict:
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


@lab.item("D2-09", points=8, title="不对头的订单",
          need="找出金额远离其他订单的孤立点：该找的至少找到八成，找出的至少一半是真的",
          public=checks.Ids(column="订单编号", pattern=r"\d{15,20}", least=1, most=2000),
          compare=_outliers)  # fmt: skip
def odd_orders(w: World) -> list[str]:
    return w.planted


def _beyond(w: World, *, deviations: float) -> set[str]:
    table = d2.orders(w.student)
    x = table["实付金额"]
    if deviations:
        return set(table.loc[x > x.mean() + deviations * x.std(ddof=0), "订单编号"])
    q1, q3 = x.quantile(0.25), x.quantile(0.75)
    return set(table.loc[x > q3 + 1.5 * (q3 - q1), "订单编号"])


@odd_orders.mistake("用四分位距量原值，报出几百张，没有人看得过来：金额先取对数", share=0.5)
def odd_by_quartiles(w: World) -> list[str]:
    return sorted(_beyond(w, deviations=0))


@odd_orders.mistake(
    "用均值和标准差量原值：孤立点自己把标准差撑大了，普通的大单也混了进来；先取对数", share=0.6
)
def odd_by_deviation(w: World) -> list[str]:
    return sorted(_beyond(w, deviations=3))


@lab.item("D2-10", points=6, title="最好一成的提升度",
          need="按流失概率从高到低，前 10% 的流失率是全体流失率的几倍",
          public=checks.Number(0, 20), compare=compare.number(0.05))  # fmt: skip
def lift(w: World) -> float:
    top, _, base = best_tenth(w)
    return top / base


@lift.mistake("交的是前 10% 的流失率：提升度还要除以全体的流失率", share=0.5)
def lift_rate(w: World) -> float:
    return best_tenth(w)[0]


@lift.mistake("取成了概率最低的一成：从高到低排，取前面的", share=0.4)
def lift_lowest(w: World) -> float:
    _, low, base = best_tenth(w)
    return low / base


# ------------------------------------------------------------------ what a cluster is worth


def _worth(got: Any, expected: pd.DataFrame) -> Verdict:
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


@lab.item("D2-11", points=6, title="每群值多少",
          need="按 D2-03 的群，列出每群的客户数和平均终身价值",
          public=checks.Table(columns=("客户数", "平均终身价值"), least=2, most=8),
          compare=_worth)  # fmt: skip
def of_each(w: World) -> pd.DataFrame:
    return worth(w)


@of_each.follow_through("D2-03")
def of_own(w: World, earlier: Any) -> pd.DataFrame:
    return worth(w, _table(earlier).drop_duplicates(KEY).set_index(KEY)["群"])


@of_each.mistake("终身价值求成了合计：各群人数不同，要比平均", share=0.5)
def of_each_sum(w: World) -> pd.DataFrame:
    return worth(w, measure="sum")


@of_each.mistake("用成了中位数：题目要平均", share=0.5)
def of_each_median(w: World) -> pd.DataFrame:
    return worth(w, measure="median")


lab.manual(
    "D2-12", points=8, title="讲给店主听",
    need="用 200 到 300 字把四群客户讲给店主：每群一个名字、一个数字、一项行动，不用术语",
    rubric=(
        Level(8, "四群都有名字、有本实验的数字、有做得到的行动，没有术语，店主读得懂"),
        Level(6, "四群都有名字和行动，有数字，但有术语没解释，或一群的行动空泛"),
        Level(4, "只讲清了两三群，或数字与行动没有关系"),
        Level(2, "照抄了中心的坐标或群号，没有名字"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
