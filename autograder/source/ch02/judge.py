"""Judge of chapter 2's exercises: customers, life cycle, lifetime value, satisfaction, loyalty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autograder import compare
from autograder.source.ch02.keys import ROLES, VIEWS
from autograder.source.ch02.reference import (
    INDEX,
    KEY,
    RATES,
    TYPES,
    How,
    Misread,
    World,
    both_models,
    cases,
    guest_value,
    indicators,
    lifetime,
    loyal,
    roles,
    stage_of,
    trapped,
    viewpoints,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.analytics.clv import READINGS
from crmkit.lab import checks, forms
from crmkit.lab.forms import FormError
from crmkit.lab.inputs import ch02
from crmkit.lab.snapshot import Raised
from crmkit.settings import settings

lab = LabSpec("ch02", "客户关系管理理论基础", world=World, notebook="ch02_theory",
              workbook="out/第2章练习.xlsx")  # fmt: skip


# ------------------------------------------------------------------ who is who


@lab.item("ch02-01", points=10, core=True, title="客户、消费者还是用户",
          need="按三问规则判断 12 句话里的“他”是企业的客户、消费者还是用户",
          public=checks.Mapping(keys=tuple(f"S{i:02d}" for i in range(1, ch02.SENTENCES + 1)), options=ROLES),
          compare=compare.labels())  # fmt: skip
def whose(w: World) -> dict[str, str]:
    return roles(w)


@whose.mistake(
    "把只使用、没有付钱的人当成了消费者：先问“他付钱给这家企业了吗”，没有付的是用户", share=0.6
)
def users_as_consumers(w: World) -> dict[str, str]:
    return {k: "消费者" if v == "用户" else v for k, v in roles(w).items()}


@whose.mistake("凡是付了钱的都写成了客户：还要问企业认不认得他、有没有人专门跟进", share=0.6)
def payers_as_customers(w: World) -> dict[str, str]:
    return {k: "客户" if v == "消费者" else v for k, v in roles(w).items()}


@whose.mistake(
    "客户和消费者正好写反了：有档案、有人跟进的是客户，谁当班谁接待的是消费者", share=0.4
)
def swapped_roles(w: World) -> dict[str, str]:
    swap = {"客户": "消费者", "消费者": "客户", "用户": "用户"}
    return {k: swap[v] for k, v in roles(w).items()}


@lab.item("ch02-02", points=10, title="五个角度看客户类型",
          need="说出厂里 12 种分法各用的是划分客户类型的哪一个角度",
          public=checks.Mapping(keys=tuple(f"F{i:02d}" for i in range(1, ch02.VIEWS + 1)), options=VIEWS),
          compare=compare.labels())  # fmt: skip
def five_views(w: World) -> dict[str, str]:
    return viewpoints(w)


def _relabelled(w: World, change: dict[str, str]) -> dict[str, str]:
    return {k: change.get(v, v) for k, v in viewpoints(w).items()}


@five_views.mistake(
    "“关系”和“关系状态”弄反了：前者问以什么身份往来，后者问往来走到了哪一步", share=0.6
)
def relation_and_state(w: World) -> dict[str, str]:
    return _relabelled(w, {VIEWS[3]: VIEWS[4], VIEWS[4]: VIEWS[3]})


@five_views.mistake(
    "“企业系统”写成了“企业与客户的关系”：按厂内、厂外分，用的是企业系统的角度", share=0.7
)
def system_as_relation(w: World) -> dict[str, str]:
    return _relabelled(w, {VIEWS[0]: VIEWS[3]})


@five_views.mistake(
    "“企业利益”写成了“企业与客户的关系”：按赚多少钱分，用的是企业利益的角度", share=0.7
)
def profit_as_relation(w: World) -> dict[str, str]:
    return _relabelled(w, {VIEWS[2]: VIEWS[3]})


# ------------------------------------------------------------------ stages

PARAMS = ("订单数", "首购距今", "末购距今", "近期消费比")


def _stages(how: Misread) -> Callable[[World], list[str]]:
    return lambda w: [stage_of(case, w.rule, how) for case in cases(w)]


def _strict(got: Any, expected: Sequence[str]) -> Verdict:
    """As `compare.returns`, but each wrong output costs double: most inputs are easy."""
    verdict = compare.returns()(got, expected)
    return replace(verdict, share=max(0.0, 2 * verdict.share - 1))


@lab.item("ch02-03", points=14, title="生命周期阶段的判断函数",
          need="写一个函数，按规则卡由订单数、首购距今、末购距今、近期消费比判断考察期、形成期、稳定期、退化期",
          public=checks.Function(PARAMS, (2, 30, 2, 1.5)), compare=_strict, calls=cases)  # fmt: skip
def stage(w: World) -> list[str]:
    return _stages(Misread())(w)


@stage.sign("近期消费比可能是 None（以前没有买过）：先判断它是不是 None，再比大小", share=0.3)
def stage_of_none(w: World, got: Any) -> bool:
    words = [x.error for x in got if isinstance(x, Raised)] if isinstance(got, list) else []
    return any("NoneType" in x for x in words)


stage.mistake("末购距今刚好等于流失天数时还不算退化：规则写的是“超过”", share=0.7)(
    _stages(Misread(churn_includes=True))
)
stage.mistake("近期消费比刚好等于下降线时还不算退化：规则写的是“低于”", share=0.8)(
    _stages(Misread(decline_includes=True))
)
stage.mistake("刚好达到稳定单数、稳定天数就算达到：用 >=，不要用 >", share=0.7)(
    _stages(Misread(open_limits=True))
)
stage.mistake("四条规则的次序不能换：只买过一次但早已不来的客户，先被第一条判为退化期", share=0.8)(
    _stages(Misread(once_first=True))
)
stage.mistake("没有用到近期消费比：买得多但最近明显少买的客户，已经在退化", share=0.7)(
    _stages(Misread(trend_used=False))
)


# ------------------------------------------------------------------ lifetime value


@lab.item("ch02-04", points=12, core=True, title="两种模型下的客户终身价值",
          need=f"按本课的读法（模型三：{READINGS[settings()['lifetime_value']['variant']].formula}；模型一不减 Cs）算终身价值",
          public=checks.Mapping(keys=("模型一", "模型三"), low=-100_000, high=1_000_000),
          compare=compare.mapping(0.011))  # fmt: skip
def clv(w: World) -> dict[str, float]:
    return both_models(w, How.in_force())


@clv.mistake("争取成本 Co 没有减：客户还没带来收入，这笔钱已经花了", share=0.6)
def clv_without_cost(w: World) -> dict[str, float]:
    return both_models(w, replace(How.in_force(), cost_of_winning=False))


@clv.mistake("把第一年的收入当成今天就收到：本课按年末收支，第 1 年也要折现一次", share=0.6)
def clv_begin(w: World) -> dict[str, float]:
    return both_models(w, replace(How.in_force(), first_year=0))


@clv.mistake("没有折现：以后收到的 1 元抵不上今天的 1 元", share=0.4)
def clv_plain(w: World) -> dict[str, float]:
    return both_models(w, replace(How.in_force(), discounted=False))


@clv.mistake("少算了一年：首次购买单列，不占每年新增收入的第 1 年", share=0.5)
def clv_year_less(w: World) -> dict[str, float]:
    return both_models(w, replace(How.in_force(), years_less=1))


@clv.mistake("折现率写成了百分数：8% 应写成 0.08", share=0.3)
def clv_percent(w: World) -> dict[str, float]:
    return both_models(w, replace(How.in_force(), percent=True))


@clv.mistake("两个模型交的是同一个数：模型三每年还要减去服务成本 Cs", share=0.5)
def clv_same(w: World) -> dict[str, float]:
    one = lifetime(w.clv, 0, How.in_force())
    return {"模型一": one, "模型三": one}


# ------------------------------------------------------------------ satisfaction


def _indicators(got: Any, expected: dict[str, float]) -> Verdict:
    """Shares and index to 0.001, yuan per head to the fen; each right one earns its part."""
    found, wrong = forms.mapping(got), []
    for name, right in expected.items():
        if name not in found or forms.missing(found[name]):
            wrong.append(f"缺「{name}」")
            continue
        value = forms.number(found[name])
        if not abs(value - right) <= (0.011 if name == "购买额" else 0.001):
            wrong.append(f"「{name}」交的是 {value:.6g}")
    if not wrong:
        return Verdict(1.0, f"{len(expected)} 个数全部正确")
    return Verdict(1 - len(wrong) / len(expected), f"{len(expected)} 个数里：{'；'.join(wrong[:4])}",
                   "先看分母是谁、空白怎么算，再看权重")  # fmt: skip


@lab.item("ch02-05", points=14, title="七个满意度指标和满意度指数",
          need="按本课的定义算出美誉度、指名度、回头率、投诉率、购买额、敏感度、推荐率和加权的满意度指数",
          public=checks.Mapping(keys=(*RATES[:4], "购买额", *RATES[4:], INDEX), low=0, high=100_000),
          compare=_indicators)  # fmt: skip
def seven(w: World) -> dict[str, float]:
    return indicators(w)


@seven.mistake(
    "指名度、回头率、投诉率、购买额的分母是买家，不是全部受访者：没有买过的人先去掉", share=0.6
)
def seven_of_all(w: World) -> dict[str, float]:
    return indicators(w, base="all")


@seven.mistake("空白不是“否”：没有回答的人，分子和分母都不算", share=0.65)
def seven_with_blanks(w: World) -> dict[str, float]:
    return indicators(w, blanks=True)


@seven.mistake("满意度指数没有加权：各项目的平均体验要乘上权重表里的权重", share=0.9)
def seven_unweighted(w: World) -> dict[str, float]:
    return indicators(w, weighted=False)


@seven.mistake("满意度指数要除以权重之和：这里的权重加起来不一定是 100", share=0.9)
def seven_undivided(w: World) -> dict[str, float]:
    return indicators(w, divided=False)


@seven.mistake("比率写成了百分数：写成 0 到 1 之间的小数", share=0.7)
def seven_percent(w: World) -> dict[str, float]:
    return {k: v * 100 if k in RATES else v for k, v in indicators(w).items()}


@seven.mistake("敏感度取反了：本课定义为涨价后会离开的比例，越高越敏感", share=0.9)
def seven_loyal(w: World) -> dict[str, float]:
    right = indicators(w)
    return {**right, "敏感度": 1 - right["敏感度"]}


# ------------------------------------------------------------------ loyalty


@lab.item("ch02-06", points=10, core=True, title="二十位客户的忠诚类型",
          need="按依恋和一年里的订单数，把 20 位客户分成价格忠诚、激励忠诚、超值忠诚、潜在忠诚",
          public=checks.Mapping(pattern=r"C\d{6}", least=ch02.GRID, most=ch02.GRID, options=TYPES),
          compare=compare.labels())  # fmt: skip
def loyalty(w: World) -> dict[str, str]:
    return loyal(w)


@loyalty.mistake("刚好达到界限的算“高”：用 >=，不要用 >", share=0.7)
def loyalty_open(w: World) -> dict[str, str]:
    return loyal(w, open_limits=True)


@loyalty.mistake("激励忠诚和潜在忠诚写反了：激励是依恋低、买得多，潜在是依恋高、买得少", share=0.6)
def loyalty_swapped(w: World) -> dict[str, str]:
    swap = {TYPES[1]: TYPES[3], TYPES[3]: TYPES[1]}
    return {k: swap.get(v, v) for k, v in loyal(w).items()}


@loyalty.mistake("只看了买得多不多：买得多而依恋低的是激励忠诚，不是超值忠诚", share=0.5)
def loyalty_by_orders(w: World) -> dict[str, str]:
    return {k: TYPES[2 if v in TYPES[1:3] else 0] for k, v in loyal(w).items()}


# ------------------------------------------------------------------ the trap


@lab.item("ch02-07", points=10, title="掉进满意陷阱的客户",
          need="平均体验达到满意线、却总共只有一张有效订单的客户",
          public=checks.Ids(least=3, most=120), compare=compare.id_set())  # fmt: skip
def trap(w: World) -> set[str]:
    return trapped(w)


@trap.mistake("没有付款的订单也算成了复购：只数有效订单", share=0.5)
def trap_unpaid(w: World) -> set[str]:
    return trapped(w, paid=False)


@trap.mistake("平均体验刚好等于满意线的也算满意：用 >=", share=0.6)
def trap_above(w: World) -> set[str]:
    return trapped(w, above=True)


@trap.mistake("看的是单项得分：先求每位客户的平均体验，再和满意线比", share=0.4)
def trap_single_marks(w: World) -> set[str]:
    limit, counts = settings()["satisfaction"]["satisfied"], w.order_counts()
    high = set(w.survey.loc[w.survey["体验"] >= limit, KEY])
    return {who for who in high if counts[who] == 1}


@trap.mistake("交的是全部满意的客户：还要是没有再来买的", share=0.3)
def trap_all_pleased(w: World) -> set[str]:
    limit = settings()["satisfaction"]["satisfied"]
    return {who for who, mean in w.mean_score.items() if mean >= limit}


# ------------------------------------------------------------------ a guest's value

ASSUMED = {"每年次数": (1, 200), "每次消费": (10, 200), "年数": (1, 30)}
GUEST_KEYS = ("每年次数", "每次消费", "毛利率", "年数", "折现率", "客户价值")


def _guest(got: Any, card: ch02.Guest) -> Verdict:
    a = _assumptions(got)
    odd = [k for k, (low, high) in ASSUMED.items() if not low <= a[k] <= high]
    if a["年数"] != int(a["年数"]):
        odd.append("年数")
    card_used = abs(a["毛利率"] - card.margin) < 1e-9 and abs(a["折现率"] - card.rate) < 1e-9
    if odd:
        return Verdict(
            0.0,
            f"假设超出题目给的范围：{'、'.join(odd)}",
            "次数 1–200、每次 10–200 元、年数 1–30（整数）",
        )
    right = guest_value(a)
    if abs(a["客户价值"] - right) > 0.011:
        return Verdict(0.2, f"按你的假设，{a['客户价值']:.2f} 元{'偏大' if a['客户价值'] > right else '偏小'}",
                       "价值 = 每年次数 × 每次消费 × 毛利率，逐年折现后相加")  # fmt: skip
    if not card_used:
        return Verdict(
            0.7,
            "公式正确，但毛利率或折现率不是数据卡上的",
            "毛利率和折现率用 guest.csv 里你自己的数",
        )
    return Verdict(1.0, f"按你的假设，客户价值 {right:.2f} 元，与公式一致")


def _assumptions(got: Any) -> dict[str, float]:
    found = forms.mapping(got)
    lacking = [k for k in GUEST_KEYS if k not in found or forms.missing(found[k])]
    if lacking:
        raise FormError(f"字典里缺少：{'、'.join(lacking)}")
    return {k: forms.number(found[k]) for k in GUEST_KEYS}


@lab.item("ch02-08", points=8, title="一位快餐客人值多少钱",
          need="在范围内写出自己的假设，用数据卡的毛利率和折现率，按公式算出一位客人的终身价值",
          public=checks.Mapping(keys=GUEST_KEYS, low=0, high=2_000_000), compare=_guest)  # fmt: skip
def guest(w: World) -> ch02.Guest:
    return w.guest


def _sign(hint: str, share: float, **how: Any) -> None:
    def sign(w: World, got: Any) -> bool:
        a = _assumptions(got)
        fair = 0 < a["折现率"] < 1 and a["年数"] == int(a["年数"]) and a["年数"] <= 100
        return fair and abs(a["客户价值"] - guest_value(a, **how)) <= 0.011

    guest.sign(hint, share)(sign)


_sign("没有折现：以后每年的钱要折成今天的钱再相加", 0.5, discounted=False)
_sign("没有乘毛利率：客人付的钱里，扣掉成本才是餐厅得到的", 0.4, margin=False)
_sign("第一年的钱当成今天收到的了：按年末计，第 1 年也要折现一次", 0.6, first_year=0)


lab.manual(
    "ch02-09", points=12, title="讨论：现在价值低的客户值不值得留",
    need="西边升起的太阳：现在价值低的客户值不值得留，写出判断依据、数字和停止投入的条件",
    rubric=(
        Level(12, "有明确判断；分清当前价值与潜在价值；有自己算出的数字；写明投入上限和停止投入的条件"),
        Level(9, "有判断、有数字，分清两种价值，但没有写停止投入的条件"),
        Level(6, "分清了两种价值，但没有数字，或数字与结论没有关系"),
        Level(3, "只有态度（“都要留”“不赚钱就不留”），没有依据"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
