"""Judge of lab E5, 客户生命周期与客户价值: lifetime value, retention, stages, value matrix."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.E5.reference import (
    CELLS,
    MODELS,
    How,
    Misread,
    World,
    cells,
    delivered,
    equity,
    factor,
    lifetime,
    pair_values,
    patterns,
    retention,
    stages,
    winners,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.analytics.clv import READINGS
from crmkit.analytics.lifecycle import PATTERNS
from crmkit.lab import checks, forms
from crmkit.lab.inputs import e5
from crmkit.settings import settings

FORMULA = READINGS[settings()["lifetime_value"]["variant"]].formula
WHO = (e5.EXERCISE, e5.OWN)

lab = LabSpec("E5", "客户生命周期与客户价值", world=World, workbook="out/客户价值.xlsx")


def cellwise(key: str, names: tuple[str, ...], tolerance: float = 1e-9, free: float = 0.0) -> Any:
    """A frame by key in which each right cell earns its part; `free`: this share may be wrong."""

    def compare_cells(got: Any, expected: pd.DataFrame) -> Verdict:
        frame = forms.table(got, names, key)
        rows = {forms.text(k): n for n, k in enumerate(frame[key])}
        wrong = []
        for name in names:
            given, right = frame[name].tolist(), expected[name].tolist()
            for who, value in zip(expected[key].tolist(), right, strict=True):
                mine = given[rows[who]] if who in rows else None
                if not _same(mine, value, tolerance):
                    shown = "空" if forms.missing(mine) else f"{mine}"[:12]
                    wrong.append(f"「{who}」的{name}交的是 {shown}")
        n = len(expected) * len(names)
        if not wrong:
            return Verdict(1.0, f"{n} 格全部正确")
        words = f"{n} 格里错 {len(wrong)} 格：{'；'.join(wrong[:3])}"
        if len(wrong) <= free * n:
            return Verdict(1.0, f"{words}（对了九成以上，按满分计）")
        return Verdict(1 - len(wrong) / n, words, "对照题目给出的规则，把不对的几行重算一遍")

    return compare_cells


def _same(mine: Any, right: Any, tolerance: float) -> bool:
    if forms.missing(right) or forms.missing(mine):
        return forms.missing(right) and forms.missing(mine)
    if isinstance(right, str):
        return forms.text(mine) == right
    try:
        return abs(forms.number(mine) - float(right)) <= tolerance + 1e-12
    except forms.FormError:
        return False


# ------------------------------------------------------------------ lifetime value


@lab.item("E5-01", points=10, core=True, title="年金系数",
          need="六组折现率和年数的年金系数（每年年末 1 元，折成今天的钱），折现率为 0 时也要对",
          public=checks.Mapping(keys=e5.NAMED["E5-01"], low=0, high=100),
          compare=compare.mapping(1e-6))  # fmt: skip
def annuity(w: World) -> dict[str, float]:
    return _factors(w, factor)


def _factors(w: World, rule: Any) -> dict[str, float]:
    a = w.data.annuities
    return {k: float(rule(r, n)) for k, r, n in zip(a["编号"], a["折现率"], a["年数"], strict=True)}


@annuity.mistake("把第一年的 1 元当成今天就收到：年末收付，第 1 年也要折现一次", share=0.4)
def annuity_begin(w: World) -> dict[str, float]:
    return _factors(w, lambda r, n: factor(r, n) * (1 + r))


@annuity.mistake("这是年金终值系数（n 年后一共有多少），题目要的是今天值多少", share=0.3)
def annuity_future(w: World) -> dict[str, float]:
    return _factors(w, lambda r, n: factor(r, n) * (1 + r) ** n)


@annuity.mistake("这是第 n 年那一笔 1 元的现值，年金是 n 笔加在一起", share=0.2)
def annuity_single(w: World) -> dict[str, float]:
    return _factors(w, lambda r, n: (1 + r) ** -n)


@annuity.mistake("折现率为 0 的一组不对：公式的分母变成 0，这时系数就等于年数 n", share=0.7)
def annuity_zero(w: World) -> dict[str, float]:
    return _factors(w, lambda r, n: factor(r, n) if r else 0.0)


def _values(w: World, model: str, how: How) -> dict[str, float]:
    return {name: lifetime(w.case(name), model, how) for name in WHO}


@lab.item("E5-02", points=10, core=True, title="模型一的客户终身价值",
          need=f"习题 3 和自己那位客户在模型一下的终身价值（模型三是 {FORMULA}；模型一不减 Cs）",
          public=checks.Mapping(keys=WHO, low=-100_000, high=1_000_000),
          compare=compare.mapping(0.011))  # fmt: skip
def model_one(w: World) -> dict[str, float]:
    return _values(w, MODELS[0], How.in_force())


@lab.item("E5-03", points=10, core=True, title="模型三的客户终身价值",
          need=f"习题 3 和自己那位客户在模型三下的终身价值（{FORMULA}）",
          public=checks.Mapping(keys=WHO, low=-100_000, high=1_000_000),
          compare=compare.mapping(0.011))  # fmt: skip
def model_three(w: World) -> dict[str, float]:
    return _values(w, MODELS[1], How.in_force())


def _wrong_value(hint: str, share: float, **change: Any) -> None:
    """The same misreading of both models."""
    how = How.in_force(**change)
    for item, model in ((model_one, MODELS[0]), (model_three, MODELS[1])):
        item.mistake(hint, share)(lambda w, model=model: _values(w, model, how))


_wrong_value("获取成本 Co 是花出去的钱，要减去，不能加上", 0.5, winning=1.0)
_wrong_value("漏了获取成本 Co：客户还没带来收入，这笔钱已经花了", 0.6, winning=0.0)
_wrong_value("漏了首次购买 Po：它在今天发生，不折现，直接加上", 0.5, first=False)
_wrong_value("把第一年的收入当成今天就收到：本课按年末收支，第 1 年也要折现一次", 0.6, first_year=0)
_wrong_value("没有折现：以后收到的 1 元抵不上今天的 1 元", 0.4, discounted=False)
_wrong_value("少算了一年：首次购买单列，不占每年收入的第 1 年", 0.5, years_less=1)


@model_three.mistake("服务成本只减了一次：它每年都要花，和收入一样逐年折现", share=0.5)
def service_once(w: World) -> dict[str, float]:
    return _values(w, MODELS[1], How.in_force(service="once"))


@model_three.mistake("服务成本没有折现：以后的支出和以后的收入一样要折现", share=0.6)
def service_plain(w: World) -> dict[str, float]:
    return _values(w, MODELS[1], How.in_force(service="plain"))


@model_three.mistake("这是模型一的结果：模型三每年还要减去服务成本 Cs", share=0.3)
def service_none(w: World) -> dict[str, float]:
    return _values(w, MODELS[1], How.in_force(service="none"))


def _table(values: dict[str, dict[str, float]]) -> pd.DataFrame:
    return pd.DataFrame([{"客户": name, **value} for name, value in values.items()])


@lab.item("E5-04", points=12, core=True, title="两位客户、两个模型",
          need="习题 4 的 A、B 和自己的 A、B 在两个模型下的终身价值；习题 4 没有给的 n 以外各项沿用习题 3",
          public=checks.Table(columns=MODELS, key="客户", least=4, most=6),
          compare=cellwise("客户", MODELS, 0.011))  # fmt: skip
def pairs(w: World) -> pd.DataFrame:
    return _table(pair_values(w, How.in_force()))


@pairs.mistake("习题 4 没有写 r、Co、Po：沿用习题 3 的，不是当作 0", share=0.6)
def pairs_bare(w: World) -> pd.DataFrame:
    return _table(pair_values(w, How.in_force(), carried=False))


@pairs.mistake("两个模型的两列写反了：模型一不减服务成本，数字应当大些", share=0.4)
def pairs_swapped(w: World) -> pd.DataFrame:
    right = _table(pair_values(w, How.in_force()))
    return right.rename(columns=dict(zip(MODELS, MODELS[::-1], strict=True)))


@pairs.mistake("没有折现：以后收到的 1 元抵不上今天的 1 元", share=0.4)
def pairs_plain(w: World) -> pd.DataFrame:
    return _table(pair_values(w, How.in_force(discounted=False)))


@lab.item("E5-05", points=5, core=True, title="谁更值钱",
          need="习题 4 和自己的两位客户里，两个模型各认为 A、B 中谁的价值高",
          public=checks.Mapping(keys=e5.NAMED["E5-05"], options=("A", "B")),
          compare=compare.labels())  # fmt: skip
def better(w: World) -> dict[str, str]:
    return winners(pair_values(w, How.in_force()))


@better.follow_through("E5-04")
def better_of_own(w: World, earlier: Any) -> dict[str, str]:
    frame = forms.table(earlier, MODELS, "客户")
    own = {forms.text(k): n for n, k in enumerate(frame["客户"])}
    names = [n for pair in e5.PAIRS.values() for n in pair]
    lacking = [n for n in names if n not in own]
    if lacking:
        raise forms.FormError(f"E5-04 的表里没有：{'、'.join(lacking)}")
    return winners({n: {m: forms.number(frame[m].iloc[own[n]]) for m in MODELS} for n in names})


@better.mistake("两个模型写成了同一个结论：分别比较两列，习题 4 的名次会颠倒", share=0.5)
def better_by_one(w: World) -> dict[str, str]:
    right = better.expect(w)
    return {k: right[f"{k.split('·')[0]}·{MODELS[0]}"] for k in right}


@better.mistake("正好写反了：价值高的那一位才是答案", share=0.2)
def better_reversed(w: World) -> dict[str, str]:
    return {k: "A" if v == "B" else "B" for k, v in better.expect(w).items()}


# ------------------------------------------------------------------ keeping and delivering


@lab.item("E5-06", points=8, core=True, title="逐月的客户保持率",
          need="新渠道十二个月里每个月的客户保持率 = 1 − 流失率；期初没有客户的月份留空",
          public=checks.Table(columns=("保持率",), key="开店月", least=12, most=12),
          compare=cellwise("开店月", ("保持率",), 1e-4))  # fmt: skip
def kept(w: World) -> pd.DataFrame:
    return retention(w)


def _wrong_rate(hint: str, share: float, how: str) -> None:
    kept.mistake(hint, share)(lambda w: retention(w, how))


_wrong_rate("期初没有客户，谈不上保持了多少：这个月留空，不是 0", 0.9, "zero")
_wrong_rate("期初没有客户，谈不上保持了多少：这个月留空，不是 100%", 0.9, "whole")
_wrong_rate("这是流失率：保持率 = 1 − 流失率", 0.5, "churn")
_wrong_rate("分母只能是期初客户数：本月新增的客户还没有机会被保持", 0.4, "all")
_wrong_rate("期末 ÷ 期初把新客也算成了留下的：先从期末减去新增", 0.4, "end")
_wrong_rate("写成了百分数：保持率写成 0 到 1 之间的小数", 0.8, "percent")


@lab.item("E5-07", points=8, title="三个方案的客户让渡价值",
          need="三个方案的客户让渡价值（四项价值之和减四项成本之和）和从高到低的名次",
          public=checks.Table(columns=("客户让渡价值", "名次"), key="方案", least=3, most=3,
                              integers=("名次",), low=1, high=3),
          compare=cellwise("方案", ("客户让渡价值", "名次"), 1e-6))  # fmt: skip
def offers(w: World) -> pd.DataFrame:
    return delivered(w)


@offers.mistake("只减了货币成本：客户还付出了时间、精力和体力", share=0.4)
def offers_money(w: World) -> pd.DataFrame:
    return delivered(w, costs=e5.COSTS[:1])


@offers.mistake("让渡价值是价值减成本的差，不是两者的比", share=0.3)
def offers_ratio(w: World) -> pd.DataFrame:
    return delivered(w, ratio=True)


@offers.mistake("名次反了：让渡价值最高的排第 1", share=0.6)
def offers_upwards(w: World) -> pd.DataFrame:
    right = delivered(w)
    return right.assign(名次=4 - right["名次"])


# ------------------------------------------------------------------ stages and patterns


@lab.item("E5-08", points=8, title="三十位客户的生命周期阶段",
          need="按规则表把 30 位客户分到考察期、形成期、稳定期、退化期（对九成以上即满分）",
          public=checks.Table(columns=("阶段",), key="客户编号", least=e5.CUSTOMERS, most=e5.CUSTOMERS),
          compare=cellwise("客户编号", ("阶段",), free=0.1))  # fmt: skip
def staged(w: World) -> pd.DataFrame:
    return stages(w, Misread())


def _wrong_stage(hint: str, share: float, **how: Any) -> None:
    staged.mistake(hint, share)(lambda w: stages(w, Misread(**how)))


_wrong_stage(
    "末购距今刚好等于界限的还不算退化：规则第 1 条写的是“超过”，用 >", 0.7, gone_includes=True
)
_wrong_stage(
    "近期消费比刚好等于界限的还不算退化：规则第 1 条写的是“低于”，用 <", 0.7, decline_includes=True
)
_wrong_stage(
    "订单数和首购距今刚好达到界限就算稳定期：规则写的是“达到”，用 >=", 0.7, open_limits=True
)
_wrong_stage("规则的次序不能换：只买过一次但早已不来的，先被第一条判为退化期", 0.7, once_first=True)
_wrong_stage("没有用到近期消费比：买得多而近来明显少买的，已经在退化", 0.7, trend="nobody")
_wrong_stage("近期消费比只对规则里那么多单以上的客户有用：买得少的波动大，不看它", 0.7, trend="all")


@lab.item("E5-09", points=8, title="十二条利润曲线的模式",
          need="按规则把 12 条利润曲线分成早期流产型、中途夭折型、提前退出型、长久保持型",
          public=checks.Table(columns=("模式",), key="曲线", least=e5.CURVES, most=e5.CURVES),
          compare=cellwise("曲线", ("模式",)))  # fmt: skip
def modelled(w: World) -> pd.DataFrame:
    return patterns(w)


@modelled.mistake("高位的季度要连续：中间断开的不能加在一起数", share=0.8)
def patterns_total(w: World) -> pd.DataFrame:
    return patterns(w, row=False)


@modelled.mistake("最后一季低于最高利润的一半才算结束：只低一些的关系还在", share=0.8)
def patterns_ended(w: World) -> pd.DataFrame:
    return patterns(w, ended=settings()["lifecycle"]["plateau"])


@modelled.mistake("没有分出早期流产型：转折发生在前几季的、从未盈利的，是早期流产", share=0.7)
def patterns_untried(w: World) -> pd.DataFrame:
    return patterns(w, trial=False)


@modelled.mistake("中途夭折和提前退出写反了：到过稳定期才离开的是提前退出", share=0.6)
def patterns_swapped(w: World) -> pd.DataFrame:
    right = patterns(w)
    swap = {PATTERNS[1]: PATTERNS[2], PATTERNS[2]: PATTERNS[1]}
    return right.assign(模式=[swap.get(v, v) for v in right["模式"]])


# ------------------------------------------------------------------ matrix and equity


@lab.item("E5-10", points=8, title="客户价值细分矩阵",
          need="以两项的中位数为界（达到即为高），数出当前价值 × 增值潜力四格各有多少客户",
          public=checks.Mapping(keys=CELLS, low=0, high=e5.CELLS, whole=True, total=e5.CELLS),
          compare=compare.mapping())  # fmt: skip
def matrix(w: World) -> dict[str, int]:
    return cells(w)


@matrix.mistake("界限用了平均数：几位大客户就把平均数抬高了，题目用中位数", share=0.4)
def matrix_mean(w: World) -> dict[str, int]:
    return cells(w, "mean")


@matrix.mistake("刚好等于中位数的算“高”：用 >=，不要用 >", share=0.6)
def matrix_above(w: World) -> dict[str, int]:
    return cells(w, above=True)


@lab.item("E5-11", points=5, title="客户资产",
          need="全部客户（现有的和潜在的）在关系年数里的利润，折现后按成交概率相加",
          public=checks.Number(0, 1_000_000), compare=compare.number(0.011, unit=" 元"))  # fmt: skip
def asset(w: World) -> float:
    return equity(w)


@asset.mistake("潜在客户也算资产，但要乘上成交的概率", share=0.5)
def asset_certain(w: World) -> float:
    return equity(w, chance=False)


@asset.mistake("只算了现有客户：潜在客户按成交概率也算进资产", share=0.5)
def asset_present(w: World) -> float:
    return equity(w, potential=False)


@asset.mistake("没有折现：以后每年的利润要折成今天的钱", share=0.4)
def asset_plain(w: World) -> float:
    return equity(w, discounted=False)


lab.manual(
    "E5-12", points=8, title="什么时候用模型一，什么时候用模型三",
    need="150–250 字：习题 4 的后一问，两个模型各适用于什么情形，用 A、B 的名次变化说明",
    rubric=(
        Level(8, "说清服务成本是关键；指出模型三要有按客户归集的成本数据；用 A、B 名次颠倒说明后果"),
        Level(6, "说清服务成本的作用，用到 A、B 的数字，但没有谈数据从哪里来"),
        Level(4, "知道两个模型差在服务成本，没有联系 A、B，或结论与数字不符"),
        Level(2, "只说“模型三更准确”一类的话，没有理由"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
