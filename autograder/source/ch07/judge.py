"""Judge of chapter 7's exercises: tasks, a rule, two steps of k-means, a confusion matrix."""

from __future__ import annotations

from typing import Any

from autograder import compare
from autograder.source.ch07.keys import KINDS, TASKS
from autograder.source.ch07.reference import (
    CENTRES,
    RATES,
    RULE,
    World,
    centres,
    kinds,
    rates,
    rule,
    tasks,
)
from autograder.spec import LabSpec, Level
from crmkit.lab import checks, forms
from crmkit.lab.inputs import ch07

lab = LabSpec("ch07", "数据挖掘与CRM", world=World, notebook="ch07_data_mining",
              workbook="out/第7章练习.xlsx")  # fmt: skip


def _changed(labels: dict[str, str], change: dict[str, str]) -> dict[str, str]:
    return {k: change.get(v, v) for k, v in labels.items()}


@lab.item("ch07-01", points=16, core=True, title="八个问题各是哪一类任务",
          need="判断店里的 8 个问题各属于分类、聚类、关联、预测、孤立点里的哪一类挖掘任务",
          public=checks.Mapping(keys=tuple(f"Q{i:02d}" for i in range(1, ch07.QUESTIONS + 1)), options=TASKS),
          compare=compare.labels())  # fmt: skip
def which_task(w: World) -> dict[str, str]:
    return tasks(w)


@which_task.mistake(
    "分类和聚类弄反了：类别事先有、样本标好了的是分类；事先不知道有哪几群的是聚类", share=0.5
)
def classes_and_clusters(w: World) -> dict[str, str]:
    return _changed(tasks(w), {"分类": "聚类", "聚类": "分类"})


@which_task.mistake("要算出一个数的是预测，判断属于哪一类的才是分类", share=0.6)
def forecast_as_class(w: World) -> dict[str, str]:
    return _changed(tasks(w), {"预测": "分类"})


@which_task.mistake("找与众不同的个别几个，是孤立点分析；聚类是给所有的人分群", share=0.6)
def outliers_as_clusters(w: World) -> dict[str, str]:
    return _changed(tasks(w), {"孤立点": "聚类"})


@lab.item("ch07-02", points=18, core=True, title="一条关联规则的三个数",
          need="由 12 张小票算出规则“前项 → 后项”的支持度、置信度、提升度",
          public=checks.Mapping(keys=RULE, low=0, high=20), compare=compare.mapping(0.0051))  # fmt: skip
def measures(w: World) -> dict[str, float]:
    return rule(w)


@measures.mistake("规则的方向反了：置信度的分母是有前项的小票数", share=0.6)
def rule_turned(w: World) -> dict[str, float]:
    return rule(w, turned=True)


@measures.mistake("支持度只数了前项：要同时有前项和后项的小票才算", share=0.6)
def support_of_before(w: World) -> dict[str, float]:
    right = rule(w)
    return {**right, "支持度": right["支持度"] / right["置信度"]}


@measures.mistake("提升度还要除以后项的支持度：它比较的是“有前项时”和“平时”", share=0.6)
def lift_undivided(w: World) -> dict[str, float]:
    right = rule(w)
    return {**right, "提升度": right["置信度"]}


@measures.mistake("交的是百分数：支持度和置信度写成 0 到 1 之间的小数", share=0.8)
def rule_percent(w: World) -> dict[str, float]:
    right = rule(w)
    return {**right, "支持度": 100 * right["支持度"], "置信度": 100 * right["置信度"]}


@lab.item("ch07-03", points=20, title="手算两步 k-means",
          need="从数据卡的两个中心出发，走完整的两步（归群、移动中心，各做两次），写出两个中心的坐标",
          public=checks.Mapping(keys=CENTRES, low=0, high=20), compare=compare.mapping(0.0051))  # fmt: skip
def two_steps(w: World) -> dict[str, float]:
    return centres(w)


@two_steps.mistake("只走了一步：移动中心之后，要按新的中心再归一次群、再移动一次", share=0.5)
def one_step(w: World) -> dict[str, float]:
    return centres(w, 1)


@two_steps.mistake("中心取成了中位数：k-means 的中心是平均数", share=0.5)
def medians(w: World) -> dict[str, float]:
    return centres(w, median=True)


@two_steps.mistake("两个中心的编号对调了：中心 1 由数据卡上的中心 1 移动而来", share=0.7)
def centres_swapped(w: World) -> dict[str, float]:
    a, b, c, d = centres(w).values()
    return dict(zip(CENTRES, (c, d, a, b), strict=True))


@two_steps.sign("走过了头：题目只要两步，不要一直走到不变", share=0.5)
def too_many_steps(w: World, got: Any) -> bool:
    found = forms.mapping(got)
    if set(found) != set(CENTRES) or compare.mapping(0.0051)(got, centres(w)).share == 1:
        return False
    for steps in (3, 4, 5, 6):
        later = centres(w, steps)
        if all(abs(forms.number(found[k]) - v) <= 0.0051 for k, v in later.items()):
            return True
    return False


@lab.item("ch07-04", points=18, core=True, title="混淆矩阵的四个数",
          need="流失概率达到数据卡上的界限就判为流失，算出准确率、精确率、召回率和 F1",
          public=checks.Mapping(keys=RATES, low=0, high=1), compare=compare.mapping(0.00051))  # fmt: skip
def four_rates(w: World) -> dict[str, float]:
    return rates(w)


@four_rates.mistake("刚好等于界限的也判为流失：用 >=，不要用 >", share=0.7)
def rates_above(w: World) -> dict[str, float]:
    return rates(w, strict=True)


@four_rates.mistake("精确率和召回率写反了：精确率除以“判为流失的”，召回率除以“真流失的”", share=0.5)
def rates_swapped(w: World) -> dict[str, float]:
    right = rates(w)
    return {**right, "精确率": right["召回率"], "召回率": right["精确率"]}


@four_rates.mistake("把“留下”当成了要找的那一类：这里要找的是流失", share=0.5)
def rates_of_stayers(w: World) -> dict[str, float]:
    return rates(w, swapped=True)


@four_rates.mistake("界限用成了 0.5：要用数据卡上的界限", share=0.5)
def rates_at_half(w: World) -> dict[str, float]:
    return rates(w, cut=0.5)


@four_rates.mistake("F1 是精确率和召回率的调和平均，不是算术平均", share=0.85)
def plain_mean(w: World) -> dict[str, float]:
    right = rates(w)
    return {**right, "F1": (right["精确率"] + right["召回率"]) / 2}


@lab.item("ch07-05", points=12, title="数据挖掘还是联机分析处理",
          need="判断 8 句话说的是数据挖掘还是联机分析处理（OLAP）",
          public=checks.Mapping(keys=tuple(f"S{i:02d}" for i in range(1, ch07.STATEMENTS + 1)), options=KINDS),
          compare=compare.labels())  # fmt: skip
def mining_or_olap(w: World) -> dict[str, str]:
    return kinds(w)


@mining_or_olap.mistake(
    "两样正好写反了：人提出问题、系统汇总的是联机分析处理；算法自己找出规律的是数据挖掘", share=0.2
)
def kinds_swapped(w: World) -> dict[str, str]:
    return _changed(kinds(w), {KINDS[0]: KINDS[1], KINDS[1]: KINDS[0]})


@mining_or_olap.mistake(
    "不是所有的分析都叫挖掘：汇总、切片、下钻得到的是已有数据的另一种样子", share=0.3
)
def everything_is_mining(w: World) -> dict[str, str]:
    return dict.fromkeys(kinds(w), KINDS[1])


lab.manual(
    "ch07-06", points=16, title="讨论：一条规则能说明什么，不能说明什么",
    need="由一条购物篮规则可以得出什么、不可以得出什么，下一步怎样验证",
    rubric=(
        Level(16, "可以得出的和不可以得出的各至少两条，分清相关与因果，用到支持度或提升度的数字，提出有对照的验证办法"),
        Level(12, "两方面都写了，分清了相关与因果，但没有数字，或验证没有对照"),
        Level(8, "只写了一方面，或把相关当成了因果但提到要验证"),
        Level(4, "只复述了故事，没有判断"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
