"""Judge of lab C4, 沃尔玛CRM案例: milestones, baskets, what a supplier may see, replenishment."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.C4.reference import (
    LEAST,
    RULE,
    Pair,
    World,
    best_pair,
    frequent,
    lift_of,
    order,
    own,
    refill,
    rule,
    uses,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.lab import checks, forms
from crmkit.lab.forms import FormError
from crmkit.lab.inputs import c4

lab = LabSpec("C4", "沃尔玛CRM案例", world=World, workbook="out/沃尔玛案例.xlsx")
LETTERS = tuple("ABCDEFG")


@lab.item("C4-01", points=10, core=True, title="里程碑的先后",
          need="把案例卡上的 7 件事按发生的先后排好", public=checks.Order(options=LETTERS),
          compare=compare.order())  # fmt: skip
def milestones(w: World) -> list[str]:
    return order(w)


@milestones.mistake("次序正好倒过来了：从最早的排起", share=0.4)
def milestones_back(w: World) -> list[str]:
    return order(w)[::-1]


@milestones.mistake("照卡片的次序抄了下来：卡片是打乱的，读一遍案例里的年份", share=0.0)
def milestones_as_given(w: World) -> list[str]:
    return list(LETTERS)


@lab.item("C4-02", points=15, core=True, title="一对商品的三个数",
          need="由全部小票算出数据卡上“前项 → 后项”的支持度、置信度、提升度",
          public=checks.Mapping(keys=RULE, low=0, high=100), compare=compare.mapping(1e-4))  # fmt: skip
def measures(w: World) -> dict[str, float]:
    return rule(w)


@measures.mistake("规则的方向反了：置信度的分母是有前项的小票数", share=0.6)
def measures_turned(w: World) -> dict[str, float]:
    return rule(w, turned=True)


@measures.mistake("把文件的行数当成了小票数：一张小票占好几行，分母是不同的小票编号", share=0.5)
def measures_of_lines(w: World) -> dict[str, float]:
    return rule(w, lines=True)


@measures.mistake("提升度没有除以后项的支持度", share=0.6)
def measures_undivided(w: World) -> dict[str, float]:
    right = rule(w)
    return {**right, "提升度": right["置信度"]}


def _pairs(value: Any) -> set[frozenset[str]]:
    frame = forms.table(value, ["商品1", "商品2"])
    return {
        frozenset((forms.text(a), forms.text(b)))
        for a, b in zip(frame["商品1"], frame["商品2"], strict=True)
    }


def _frequent(got: Any, expected: pd.DataFrame) -> Verdict:
    found, right = _pairs(got), _pairs(expected)
    if found == right:
        return Verdict(1.0, f"{len(right)} 对，全部正确")
    extra, lacking = found - right, right - found
    words = [f"交了 {len(found)} 对"]
    words += (
        [f"其中 {len(extra)} 对不该有（例如 {'、'.join(sorted(next(iter(extra))))}）"]
        if extra
        else []
    )
    words += [f"漏了 {len(lacking)} 对"] if lacking else []
    return Verdict(
        0.0, "，".join(words), f"支持度 = 同时有两样的小票 ÷ 全部小票，达到 {LEAST:.0%} 就算"
    )


def _frame(pairs: list[Pair]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["商品1", "商品2"])


@lab.item("C4-03", points=15, core=True, title="常在一起的商品对",
          need="支持度达到 2% 的全部商品对，不分先后",
          public=checks.Table(columns=("商品1", "商品2"), least=3, most=153), compare=_frequent)  # fmt: skip
def frequent_pairs(w: World) -> pd.DataFrame:
    return _frame(frequent(w))


@frequent_pairs.mistake("界限放成了 1%：题目是 2%", share=0.4)
def pairs_low(w: World) -> pd.DataFrame:
    return _frame(frequent(w, 0.01))


@frequent_pairs.mistake("分母用了文件的行数：要除以小票张数", share=0.4)
def pairs_of_lines(w: World) -> pd.DataFrame:
    return _frame(frequent(w, lines=True))


@frequent_pairs.mistake("按提升度筛了：这一题只看支持度", share=0.3)
def pairs_by_lift(w: World) -> pd.DataFrame:
    return _frame([p for p, v in lift_of(w).items() if v >= 2])


@lab.item("C4-04", points=10, title="信息系统的六个特点",
          need="把信息系统的六个特点与六种用处一一配对",
          public=checks.Mapping(keys=tuple(c4.FEATURES), options=tuple("甲乙丙丁戊己")),
          compare=compare.labels())  # fmt: skip
def features(w: World) -> dict[str, str]:
    return uses(w)


def _swap(w: World, one: str, other: str) -> dict[str, str]:
    right = uses(w)
    return {**right, one: right[other], other: right[one]}


@features.mistake("条码和射频标签弄反了：条码要一件件扫，射频标签不用拆箱", share=0.6)
def features_tags(w: World) -> dict[str, str]:
    return _swap(w, "条码扫描", "射频标签")


@features.mistake("卫星网和数据仓库弄反了：一个管传得快，一个管存得久、问得深", share=0.6)
def features_net(w: World) -> dict[str, str]:
    return _swap(w, "卫星通信网", "数据仓库")


def _own(got: Any, expected: pd.DataFrame) -> Verdict:
    frame = forms.table(got, ["小票数"], "商品")
    found = {forms.text(k): v for k, v in zip(frame["商品"], frame["小票数"], strict=True)}
    right = dict(zip(expected["商品"], expected["小票数"], strict=True))
    leak = [g for g in found if g not in right]
    if leak:
        return Verdict(0.0, f"露出了别家的商品 {len(leak)} 种（例如 {leak[0]}）",
                       "供应商只能看到自己的商品：别家的销售是别家的秘密")  # fmt: skip
    lacking = [g for g in right if g not in found]
    if lacking:
        return Verdict(
            0.4, f"漏了自己的商品：{'、'.join(lacking)}", "这家供应商的每一种商品都要列出来"
        )
    wrong = [g for g, n in right.items() if abs(forms.number(found[g]) - n) > 1e-9]
    if wrong:
        return Verdict(0.5, f"商品对了，{wrong[0]} 的小票数不对", "数有这种商品的小票有多少张")
    return Verdict(1.0, f"{len(right)} 种自己的商品，没有泄露")


@lab.item("C4-05", points=15, core=True, title="供应商视图",
          need="数据卡上的供应商能看到的表：只有它自己的商品，每种出现在多少张小票上",
          public=checks.Table(columns=("小票数",), key="商品", least=1, most=18, integers=("小票数",), low=0),
          compare=_own)  # fmt: skip
def supplier_view(w: World) -> pd.DataFrame:
    return own(w)


@supplier_view.mistake("给了全部商品：供应商只能看到自己的，这里泄露了别家的销售", share=0.2)
def view_of_everything(w: World) -> pd.DataFrame:
    return own(w, "")


@supplier_view.mistake("给错了供应商：看数据卡上写的是哪一家", share=0.2)
def view_of_another(w: World) -> pd.DataFrame:
    return own(w, c4.SUPPLIERS[(c4.SUPPLIERS.index(w.card.supplier) + 1) % len(c4.SUPPLIERS)])


def _pair(got: Any, expected: list[str]) -> Verdict:
    found = forms.ids(got, "商品")
    if len(found) != 2:
        raise FormError(f"要两种商品，你交了 {len(found)} 种")
    if set(found) == set(expected):
        return Verdict(1.0, f"{'、'.join(found)}，正确")
    return Verdict(0.0, f"不是{'、'.join(found)}", "先留下支持度达到 2% 的对，再比提升度")


@lab.item("C4-06", points=10, title="哪两样放近一些",
          need="支持度达到 2% 的商品对里，提升度最高的一对",
          public=checks.Ids(column="商品", pattern=r"[^\d]{2,4}", least=2, most=2), compare=_pair)  # fmt: skip
def nearest(w: World) -> list[str]:
    return list(best_pair(w))


@nearest.mistake("选成了支持度最高的一对：它们本来就人人都买，放不放近都一样", share=0.4)
def nearest_by_support(w: World) -> list[str]:
    return list(best_pair(w, "support"))


@nearest.mistake("没有先按支持度筛：太少见的对，提升度高也可能是碰巧，也不值得挪货架", share=0.5)
def nearest_of_all(w: World) -> list[str]:
    return list(best_pair(w, pool=list(lift_of(w))))


@lab.item("C4-07", points=10, title="按再订货点补货",
          need="库存不高于再订货点的商品，补到目标库存，向上取整到整箱；其余为 0",
          public=checks.Mapping(keys=tuple(c4.GOODS), low=0, high=5000, whole=True),
          compare=compare.mapping())  # fmt: skip
def order_quantities(w: World) -> dict[str, int]:
    return refill(w)


@order_quantities.mistake("刚好等于再订货点的也要订：规则写的是“不高于”", share=0.6)
def refill_below(w: World) -> dict[str, int]:
    return refill(w, below=True)


@order_quantities.mistake("没有凑成整箱：订货量要是每箱件数的整数倍，向上取整", share=0.5)
def refill_pieces(w: World) -> dict[str, int]:
    return refill(w, cases=False)


@order_quantities.mistake("没有算安全库存：再订货点 = 日均销量 ×（交货天数 + 安全天数）", share=0.4)
def refill_bare(w: World) -> dict[str, int]:
    return refill(w, safety=False)


@order_quantities.mistake("库存够的也订了：先看库存是不是不高于再订货点", share=0.4)
def refill_everything(w: World) -> dict[str, int]:
    return refill(w, everything=True)


lab.manual(
    "C4-08", points=15, title="把销售数据给供应商看",
    need="200–300 字：把销售数据分享给供应商，对客户关系有哪三个好处、一个风险，怎样防",
    rubric=(
        Level(15, "三个好处都落到顾客身上，至少一个用到本实验的数字；一个风险写清楚，并有做得到的防法"),
        Level(11, "三个好处、一个风险都有，但好处只说到企业，没有说到顾客，或没有数字"),
        Level(8, "两个好处和一个风险，或三个好处没有风险"),
        Level(4, "只复述了案例"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
