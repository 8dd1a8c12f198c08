"""Judge of lab D2, 客户数据挖掘实验: clusters, a churn model, rules, a forecast, outliers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.ch07.keys import TASKS
from autograder.source.D2.comparing import (
    KEY,
    by_auc,
    by_error,
    chances,
    cluster_table,
    curve_of,
    same_clusters,
    same_k,
    same_outliers,
    same_rates,
    same_rules,
    same_split,
    same_worth,
)
from autograder.source.D2.reference import (
    KS,
    RATES,
    SUPPORT,
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
from autograder.spec import LabSpec, Level
from crmkit.analytics import classification
from crmkit.lab import checks, forms
from crmkit.lab.inputs import d2

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


@lab.item("D2-02", points=8, core=True, title="训练与测试",
          need="用数据卡的种子、按流失分层，留三成作测试；特征不含切点之后才知道的列",
          public=checks.Groups(keys=("训练", "测试", "特征")), compare=same_split)  # fmt: skip
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


@lab.item("D2-03", points=12, core=True, title="RFM 聚成四群",
          need="R、F、M 取 ln(1 + x) 再标准化，用 k-means 分成四群，群号不论",
          public=checks.Table(columns=("群",), key=KEY, least=d2.PEOPLE, most=d2.PEOPLE),
          compare=same_clusters)  # fmt: skip
def four(w: World) -> pd.DataFrame:
    return clusters(w)


@four.mistake("没有取对数：几个大户把中心拖走了", share=0.5)
def four_plain(w: World) -> pd.DataFrame:
    return clusters(w, log=False)


@four.mistake("没有标准化：金额的数大，几乎只按金额分了群", share=0.3)
def four_raw(w: World) -> pd.DataFrame:
    return clusters(w, log=False, scale=False)


@lab.item("D2-04", points=8, title="几群最好",
          need=f"k 从 {KS[0]} 到 {KS[-1]}，找出轮廓系数最高的 k 和它的轮廓系数",
          public=checks.Mapping(keys=("k", "轮廓系数"), low=-1, high=20),
          compare=lambda got, expected: same_k(got, curve_of(expected)))  # fmt: skip
def best_k(w: World) -> dict[str, Any]:
    curve = silhouettes(w)
    top = max(curve, key=lambda k: curve[k])
    return {"k": int(top), "轮廓系数": curve[top], **{f"k{k}": v for k, v in curve.items()}}


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


@lab.item("D2-05", points=12, core=True, title="谁会流失",
          need="给 hidden.csv 里每位客户一个流失概率，AUC 达到 0.75",
          public=checks.Mapping(pattern=r"K\d{4}", least=d2.HIDDEN, most=d2.HIDDEN, low=0, high=1),
          compare=by_auc)  # fmt: skip
def churn(w: World) -> dict[str, int]:
    return w.truth


@churn.sign("概率的方向反了：要的是流失的概率，predict_proba 的列次序看 classes_", share=0.5)
def churn_reversed(w: World, got: Any) -> bool:
    found, truth = chances(got), w.truth
    return set(found) == set(truth) and (
        classification.auc(list(truth.values()), [found[k] for k in truth]) < 0.35
    )


@churn.sign("交的是 0 和 1：要概率，用 predict_proba，不要用 predict", share=0.4)
def churn_labels(w: World, got: Any) -> bool:
    return set(chances(got).values()) <= {0.0, 1.0}


@churn.sign("所有人的概率几乎一样：模型没有学到东西，看看特征有没有放进去", share=0.0)
def churn_flat(w: World, got: Any) -> bool:
    found = list(chances(got).values())
    return len(found) > 1 and max(found) - min(found) < 1e-6


@lab.item("D2-06", points=8, title="混淆矩阵",
          need="概率达到数据卡的界限判为流失，数出 TP、FP、FN、TN，算出精确率和召回率",
          public=checks.Mapping(keys=RATES, low=0, high=d2.SCORED), compare=same_rates)  # fmt: skip
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


@lab.item("D2-07", points=10, core=True, title="关联规则",
          need="一件对一件的规则里，支持度达到 1%、置信度达到 30% 的全部规则",
          public=checks.Table(columns=("前项", "后项"), least=3, most=400), compare=same_rules)  # fmt: skip
def found_rules(w: World) -> pd.DataFrame:
    return rules(w)


@found_rules.mistake("支持度的界限放低了：1% 是 0.01", share=0.4)
def rules_of_few(w: World) -> pd.DataFrame:
    return rules(w, support=0.005)


@found_rules.mistake("支持度除以了文件的行数：分母是订单数，一张订单占好几行", share=0.4)
def rules_of_lines(w: World) -> pd.DataFrame:
    table = d2.lines(w.student)
    return rules(w, support=SUPPORT * len(table) / table["订单编号"].nunique())


@found_rules.mistake(
    "每一对只交了一个方向：A → B 和 B → A 的置信度不同，是两条规则，都达到就都要交", share=0.6
)
def rules_one_way(w: World) -> pd.DataFrame:
    both = rules(w)
    return both[both["前项"] < both["后项"]].reset_index(drop=True)


@lab.item("D2-08", points=8, title="预测三个月",
          need="由 21 个月的订单数预测 2025 年 10、11、12 月，平均误差不超过 20%",
          public=checks.Mapping(keys=("2025-10", "2025-11", "2025-12"), low=0, high=5000),
          compare=by_error)  # fmt: skip
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


@lab.item("D2-09", points=8, title="不对头的订单",
          need="找出金额远离其他订单的孤立点：该找的至少找到八成，找出的至少一半是真的",
          public=checks.Ids(column="订单编号", pattern=r"\d{15,20}", least=1, most=2000),
          compare=same_outliers)  # fmt: skip
def odd_orders(w: World) -> list[str]:
    return w.outliers


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


@lab.item("D2-11", points=6, title="每群值多少",
          need="按 D2-03 的群，列出每群的客户数和平均终身价值",
          public=checks.Table(columns=("客户数", "平均终身价值"), least=2, most=8),
          compare=same_worth)  # fmt: skip
def of_each(w: World) -> pd.DataFrame:
    return worth(w)


@of_each.follow_through("D2-03")
def of_own(w: World, earlier: Any) -> pd.DataFrame:
    return worth(w, cluster_table(earlier).drop_duplicates(KEY).set_index(KEY)["群"])


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
