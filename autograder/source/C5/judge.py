"""Judge of lab C5, 日本化妆品公司的忠诚客户培养: kinds of marketing, loyalty, points, retention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.C5.keys import FORMS, MARKETING, form, marketing
from autograder.spec import LabSpec, Level, Verdict
from crmkit.analytics.loyalty import LOYALTY_TYPES
from crmkit.lab import checks, forms
from crmkit.lab.inputs import c5
from crmkit.settings import settings

KEY = c5.KEY
TYPES = tuple(LOYALTY_TYPES.values())
JANUARY = (pd.Timestamp("2025-01-01"), pd.Timestamp("2025-02-01"))
GROUPS = ("会员", "非会员")
VALUES = ("现在", "提高后", "增幅")


@dataclass(frozen=True)
class World:
    """One student's cards and shop."""

    student: str

    @property
    def members(self) -> pd.DataFrame:
        return c5.data(self.student)[0]

    @property
    def purchases(self) -> pd.DataFrame:
        return c5.data(self.student)[1]


lab = LabSpec("C5", "日本化妆品公司的忠诚客户培养", world=World, workbook="out/忠诚客户培养.xlsx")

# ------------------------------------------------------------------ two kinds of marketing


@lab.item("C5-01", points=12, core=True, title="关系营销还是传统营销",
          need="判断 10 种做法属于关系营销还是传统（交易）营销",
          public=checks.Mapping(keys=tuple(f"S{k:02d}" for k in range(1, c5.STATEMENTS + 1)), options=MARKETING),
          compare=compare.labels())  # fmt: skip
def sides(w: World) -> dict[str, str]:
    return {n: marketing(i) for n, i in c5.statements(w.student).items()}


def _turned(w: World, kind: str) -> dict[str, str]:
    places = c5.statements(w.student)
    return {n: MARKETING[1 - MARKETING.index(v)] if places[n] in c5.KINDS[kind] else v
            for n, v in sides.expect(w).items()}  # fmt: skip


@sides.mistake("见到“会员”“爱顾客”就当成关系营销：看它记不记得这个人、以后还管不管他", share=0.7)
def sides_dressed(w: World) -> dict[str, str]:
    return _turned(w, "dressed")


@sides.mistake(
    "见到产品、价格、促销就当成传统营销：为老顾客让步、听老顾客意见的是关系营销", share=0.7
)
def sides_lured(w: World) -> dict[str, str]:
    return _turned(w, "lure")


@sides.mistake("两种正好写反了：关系营销看重长期往来，传统营销看重这一次成交", share=0.2)
def sides_swapped(w: World) -> dict[str, str]:
    return {n: MARKETING[1 - MARKETING.index(v)] for n, v in sides.expect(w).items()}


# ------------------------------------------------------------------ loyalty types


def loyal(
    w: World, *, returned: bool = False, open_limits: bool = False, swap: bool = False
) -> pd.DataFrame:
    limits = settings()["satisfaction"]
    p = w.purchases if returned else w.purchases[w.purchases["退货"] == "否"]
    count = p.groupby(KEY).size()
    fond = w.members.set_index(KEY)["依恋"]
    rows = []
    for who in c5.grid(w.student):
        n, a = int(count.get(who, 0)), float(fond[who])
        level, many = limits["loyal_attachment"], limits["loyal_orders"]
        high = (a > level, n > many) if open_limits else (a >= level, n >= many)
        rows.append((who, LOYALTY_TYPES[high[::-1] if swap else high]))
    return pd.DataFrame(rows, columns=[KEY, "类型"])


def _types(got: Any, expected: pd.DataFrame) -> Verdict:
    """Name → type, from a table, a dict or a column."""
    try:
        frame = forms.table(got, ("类型",), KEY)
        got = dict(zip(frame[KEY], frame["类型"], strict=True))
    except forms.FormError:
        got = forms.mapping(got)
    return compare.labels()(got, dict(zip(expected[KEY], expected["类型"], strict=True)))


@lab.item("C5-02", points=12, core=True, title="十五位会员的忠诚类型",
          need="按依恋和全年没有退货的购买次数，把 15 位会员分成价格、激励、超值、潜在忠诚",
          public=checks.Table(columns=("类型",), key=KEY, least=c5.GRID, most=c5.GRID), compare=_types)  # fmt: skip
def types(w: World) -> pd.DataFrame:
    return loyal(w)


@types.mistake("退了货的也算成了购买：只数没有退货的", share=0.6)
def types_returned(w: World) -> pd.DataFrame:
    return loyal(w, returned=True)


@types.mistake("刚好达到界限的算“高”：用 >=，不要用 >", share=0.6)
def types_open(w: World) -> pd.DataFrame:
    return loyal(w, open_limits=True)


@types.mistake("激励忠诚和潜在忠诚写反了：激励是依恋低、买得多，潜在是依恋高、买得少", share=0.6)
def types_swapped(w: World) -> pd.DataFrame:
    return loyal(w, swap=True)


# ------------------------------------------------------------------ points and levels


@dataclass(frozen=True)
class Misread:
    """Ways to misread the rule card."""

    new_level: bool = False  # points at the level after the purchase
    rounded: bool = False
    open_limits: bool = False
    birthday: bool = True
    level_of_one: bool = False  # level by this purchase alone


def cases(w: World) -> list[tuple[Any, ...]]:
    """(spent before, this purchase, month of birth): each edge of the card once."""
    r, d = c5.rule(w.student), c5.draw(w.student)
    rows: list[tuple[int, int, bool]] = [
        (0, r.silver, False), (0, r.silver - 1, False), (r.silver, r.yuan * 13 + 3, True),
        (r.gold - 101, 101, False), (r.gold - 100, 99, True), (r.gold, 251, False),
        (r.silver - 20, 420, False), (r.gold - 10, 333, True), (0, r.yuan - 1, False), (50, 0, True),
    ]  # fmt: skip
    for k in range(6):
        before = d.step(f"before {k}", 0, r.gold + 400, 10)
        rows.append((before, d.step(f"buys {k}", 31, 691, 7), bool(k % 2)))
    # a product of decimals that ends on a whole number is a matter of the machine, not of the rule
    return [(b, x - (x > 0 and _exact(r, b, x, m)), m) for b, x, m in rows]


def _exact(r: c5.Rule, before: int, buys: int, birthday: bool) -> bool:
    factor = r.factors[_level(r, before, Misread())] * (r.birthday if birthday else 1)
    return factor % 100 != 0 and buys * factor % (100 * r.yuan) == 0


def _level(r: c5.Rule, spent: int, how: Misread) -> int:
    if how.open_limits:
        return int(spent > r.silver) + int(spent > r.gold)
    return int(spent >= r.silver) + int(spent >= r.gold)


def programme(r: c5.Rule, case: tuple[Any, ...], how: Misread) -> list[Any]:
    before, buys, birthday = case
    spent = buys if how.level_of_one else before + buys
    after = _level(r, spent, how)
    level = after if how.new_level else _level(r, before, how)
    times = r.birthday if birthday and how.birthday else 1
    hundredths = buys * r.factors[level] * times
    whole = 100 * r.yuan
    points = (2 * hundredths + whole) // (2 * whole) if how.rounded else hundredths // whole
    return [points, c5.LEVELS[after]]


def _programme(how: Misread) -> Callable[[World], list[Any]]:
    return lambda w: [programme(c5.rule(w.student), case, how) for case in cases(w)]


@lab.item("C5-03", points=12, title="积分和等级的规则函数",
          need="写一个函数，按规则卡由此前累计、本次金额、是否生日月得出本次积分和新等级",
          public=checks.Function(("此前累计", "本次金额", "生日月"), (0, 100, False)),
          compare=lambda got, expected: _strict(got, expected), calls=cases)  # fmt: skip
def points(w: World) -> list[Any]:
    return _programme(Misread())(w)


def _strict(got: Any, expected: list[Any]) -> Verdict:
    """As `compare.returns`, but each wrong output costs double: most inputs are easy."""
    verdict = compare.returns()(got, expected)
    return replace(verdict, share=max(0.0, 2 * verdict.share - 1))


points.mistake("积分用了升级以后的倍数：本次积分按购买前的等级算", share=0.7)(
    _programme(Misread(new_level=True))
)
points.mistake("不满 1 分的舍去，不是四舍五入", share=0.6)(_programme(Misread(rounded=True)))
points.mistake("刚好达到起点就升级：用 >=，不要用 >", share=0.7)(
    _programme(Misread(open_limits=True))
)
points.mistake("没有用到生日月：生日月的积分要再乘倍数", share=0.6)(
    _programme(Misread(birthday=False))
)
points.mistake("新等级只看了本次金额：要看此前累计加本次", share=0.6)(
    _programme(Misread(level_of_one=True))
)


# ------------------------------------------------------------------ retention


def kept(
    w: World, *, returned: bool = False, january: bool = True, today: bool = False,
    people: bool = True, among: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Share of the January cohort that bought in each later month, members and others."""
    p, m = w.purchases, w.members.set_index(KEY)["入会日期"]
    first = p.groupby(KEY)["购买日期"].min()
    if january:
        first = first[(first >= JANUARY[0]) & (first < JANUARY[1])]
    joined = m.reindex(first.index)
    member = joined.notna() if today else joined < JANUARY[1]
    valid = p if returned else p[p["退货"] == "否"]
    valid = valid[valid[KEY].isin(first.index)]
    month = valid["购买日期"].dt.month
    rows = []
    for k in range(2, 13):
        bought = valid.loc[month == k, KEY]
        there = bought.drop_duplicates() if people else bought
        count = there.map(member).value_counts()
        base = {True: int(member.sum()), False: int((~member).sum())}
        if among:
            base = {True: len(there), False: len(there)}
        rows.append((str(k), *(int(count.get(g, 0)) / base[g] for g in (True, False))))
    return pd.DataFrame(rows, columns=["月份", *GROUPS])


@lab.item("C5-04", points=12, core=True, title="会员与非会员逐月的保持率",
          need="一月首次购买的客户，按一月底是不是会员分两组，2 到 12 月各有几成当月又买过（退货不算）",
          public=checks.Table(columns=GROUPS, key="月份", least=11, most=11),
          compare=compare.columns(GROUPS, key="月份", tolerance=1e-4))  # fmt: skip
def retention(w: World) -> pd.DataFrame:
    return kept(w)


def _wrong_rate(hint: str, share: float, **how: bool) -> None:
    retention.mistake(hint, share)(lambda w: kept(w, **how))


_wrong_rate(
    "用了今天的会员身份：后来才入会的人，是因为一直在买才入会，放进会员组会抬高会员的保持率",
    0.5,
    today=True,
)
_wrong_rate("退了货的购买也算了：只数没有退货的", 0.6, returned=True)
_wrong_rate("没有只看一月首次购买的客户：同期群要同时出发", 0.4, january=False)
_wrong_rate("数的是购买次数：一个人当月买两次也只算一个人", 0.5, people=False)
_wrong_rate("分母用了当月的买家：保持率的分母是一月出发时的人数，不变", 0.3, among=True)


@retention.mistake("写成了百分数：保持率写成 0 到 1 之间的小数", share=0.8)
def retention_percent(w: World) -> pd.DataFrame:
    right = kept(w)
    return right.assign(**{g: 100 * right[g] for g in GROUPS})


# ------------------------------------------------------------------ five points more


def effect(
    v: c5.Value, *, relative: bool = False, first: bool = False, rate: bool = True
) -> dict[str, float]:
    better = v.retention * 1.05 if relative else v.retention + 0.05
    d = v.rate if rate else 0.0

    def worth(r: float) -> float:
        return v.margin * ((1 + d) if first else r) / (1 + d - r)

    now, later = worth(v.retention), worth(better)
    return dict(zip(VALUES, (now, later, later / now - 1), strict=True))


def _effect(got: Any, expected: dict[str, float]) -> Verdict:
    """Yuan to the fen, the increase to 0.0005; each right one earns its part."""
    found, wrong = forms.mapping(got), []
    for name, right in expected.items():
        mine = found.get(name)
        if forms.missing(mine):
            wrong.append(f"缺「{name}」")
        elif abs(forms.number(mine) - right) > (0.0005 if name == "增幅" else 0.011):
            wrong.append(f"「{name}」交的是 {forms.number(mine):.6g}")
    if not wrong:
        return Verdict(1.0, "三个数全部正确")
    return Verdict(
        1 - len(wrong) / len(expected),
        "；".join(wrong),
        "先核对倍数的公式，再核对提高的是几个百分点",
    )


@lab.item("C5-05", points=12, title="保持率提高 5 个百分点",
          need="按毛利倍数 r ÷ (1 + i − r) 算现在和保持率提高 5 个百分点后的客户终身价值，以及增幅",
          public=checks.Mapping(keys=VALUES, low=0, high=1_000_000), compare=_effect)  # fmt: skip
def five_points(w: World) -> dict[str, float]:
    return effect(c5.value(w.student))


@five_points.mistake("提高 5 个百分点是加 0.05，不是乘 1.05", share=0.5)
def five_percent(w: World) -> dict[str, float]:
    return effect(c5.value(w.student), relative=True)


@five_points.mistake(
    "把今年的毛利也算了进去：这个倍数从第二年起算，分子是 r，不是 1 + i", share=0.5
)
def five_from_now(w: World) -> dict[str, float]:
    return effect(c5.value(w.student), first=True)


@five_points.mistake("没有用到折现率 i：分母是 1 + i − r", share=0.4)
def five_plain(w: World) -> dict[str, float]:
    return effect(c5.value(w.student), rate=False)


@five_points.mistake("增幅写成了百分数：写成小数", share=0.8)
def five_as_percent(w: World) -> dict[str, float]:
    right = effect(c5.value(w.student))
    return right | {"增幅": right["增幅"] * 100}


# ------------------------------------------------------------------ three forms of loyalty


@lab.item("C5-06", points=10, title="行为、意识还是情感",
          need="判断 9 个指标量的是行为忠诚、意识忠诚还是情感忠诚",
          public=checks.Mapping(keys=tuple(f"I{k:02d}" for k in range(1, c5.INDICATORS + 1)), options=FORMS),
          compare=compare.labels())  # fmt: skip
def measured(w: World) -> dict[str, str]:
    return {n: form(i) for n, i in c5.indicators(w.student).items()}


def _renamed(w: World, change: dict[str, str]) -> dict[str, str]:
    return {n: change.get(v, v) for n, v in measured.expect(w).items()}


@measured.mistake("意识和情感弄反了：打算以后怎样做是意识，心里怎样看是情感", share=0.5)
def measured_swapped(w: World) -> dict[str, str]:
    return _renamed(w, {FORMS[1]: FORMS[2], FORMS[2]: FORMS[1]})


@measured.mistake("打算买不等于买了：还没有发生的是意识忠诚，不是行为忠诚", share=0.6)
def measured_intent(w: World) -> dict[str, str]:
    return _renamed(w, {FORMS[1]: FORMS[0]})


@measured.mistake("打算和感情没有分开：说得出以后要做什么的是意识忠诚", share=0.6)
def measured_felt(w: World) -> dict[str, str]:
    return _renamed(w, {FORMS[1]: FORMS[2]})


lab.manual(
    "C5-07", points=15, title="这家公司怎样培养忠诚客户",
    need="200–300 字：为这家公司写出培养忠诚客户的三项做法，各对准一类忠诚，引用自己算出的数字",
    rubric=(
        Level(15, "三项做法各对准一类忠诚，能执行；用到保持率和价值的数字；指出会员更忠诚不全是会员制的功劳"),
        Level(12, "三项做法对准忠诚类型，有数字，但把会员与非会员的差全部归于会员制"),
        Level(9, "做法具体，但与忠诚类型没有对应，或只有一个数字"),
        Level(5, "只有“提高服务”“多发优惠券”一类的话"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
lab.manual(
    "C5-08", points=15, title="两种营销差在哪里",
    need="200–300 字：关系营销与传统营销的三处区别，并举一个自己经历的例子",
    rubric=(
        Level(15, "目标、时间、衡量等三处区别说得准确；例子真实具体，说得出它属于哪一种、为什么"),
        Level(12, "三处区别准确，例子不够具体"),
        Level(9, "两处区别准确，有例子"),
        Level(5, "只有定义，没有自己的例子"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
