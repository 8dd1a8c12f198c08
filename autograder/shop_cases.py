"""What the judges of the three shop cases share: the first five items, the dashboard, the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from autograder import base_table, compare, role_keys
from autograder.spec import LabSpec, Level, Verdict
from crmkit import shops
from crmkit.lab import checks, forms
from crmkit.lab.inputs import role_needs, shop_case
from crmkit.lab.inputs.customer_file import full_years
from crmkit.lab.snapshot import Bars

KEY, ORDER, SKU = "客户编号", "订单编号", "商品编码"
YEAR = 2025
AGES = {"≤24": 24, "25-34": 34, "35-44": 44, "45-54": 54, "≥55": 200}
TEXTS = ("主营类目", "最大年龄段", "平台")
PRICES = ("价格下四分位", "价格中位数", "价格上四分位")
SHARE = "主营占比"
RATE = 1e-4


@dataclass(frozen=True)
class World:
    """One student's exports and cut of the shop."""

    student: str
    lab: str
    shop: str

    @property
    def exports(self) -> shop_case.Exports:
        return shop_case.exports(self.shop, self.student, self.lab)

    @property
    def tables(self) -> shops.Shop:
        return shop_case.cut(self.shop, self.student, self.lab)

    @cached_property
    def needs(self) -> dict[str, tuple[str, int]]:
        return role_needs.needs(self.student, self.lab)

    @cached_property
    def valid(self) -> pd.DataFrame:
        """Orders that count: paid, refunded afterwards or not."""
        return shops.valid_orders(self.tables.orders)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Order lines of all orders with their product and the state of their order."""
        t = self.tables
        rows = t.order_items.merge(t.products[[SKU, "商品名称", "类目", "价格"]], on=SKU)
        return rows.merge(t.orders[[ORDER, KEY, "付款时间", "优惠金额"]], on=ORDER)

    @cached_property
    def sold(self) -> pd.DataFrame:
        """Lines of orders that count."""
        return self.lines[self.lines["付款时间"].notna()]


def case(id: str, title: str, shop: str) -> LabSpec:
    """A shop case with its five first items."""
    lab = LabSpec(id, title, world=lambda student: World(student, id, shop),
                  workbook=f"out/{shop}_customers.xlsx")  # fmt: skip
    _position(lab)
    _base_table(lab)
    _cleaning(lab)
    _roles(lab)
    _permissions(lab)
    return lab


# ------------------------------------------------------------------ positioning


def position(
    w: World, *, by_count: bool = False, listed: bool = False, unpaid: bool = False, ) -> dict[str, Any]:  # fmt: skip
    """The card: what is sold most, at which prices, to whom, where."""
    lines = w.lines if unpaid else w.sold
    worth = lines["数量"] if by_count else lines["数量"] * lines["单价"]
    by = worth.groupby(lines["类目"]).sum()
    prices = w.tables.products["价格"] if listed else lines["单价"]
    people = w.tables.customers
    first = w.tables.channels.set_index("渠道编号")["平台"]
    paid = w.valid.groupby(w.valid["渠道编号"].map(first))["实付金额"].sum()
    low, middle, high = np.percentile(prices, [25, 50, 75])
    return {
        "主营类目": str(by.idxmax()), SHARE: float(by.max() / by.sum()),
        PRICES[0]: float(low), PRICES[1]: float(middle), PRICES[2]: float(high),
        "最大年龄段": ages(people).idxmax(), "平台": str(paid.idxmax()),
    }  # fmt: skip


def ages(people: pd.DataFrame) -> pd.Series:
    """Customers by age band; those without a birthday are in none."""
    years = full_years(people["生日"], shops.as_of()).dropna().astype(int)
    bands = pd.cut(years, [-1, *AGES.values()], labels=list(AGES)).astype(str)
    return bands.value_counts().reindex(list(AGES), fill_value=0)


def figures(got: Any, expected: dict[str, Any]) -> Verdict:
    """Words, shares (names in 占比) and money to the fen; each right one earns its part."""
    found, wrong = forms.mapping(got), []
    for name, right in expected.items():
        mine = found.get(name)
        if mine is ... or forms.missing(mine):
            wrong.append(f"缺「{name}」")
        elif isinstance(right, str):
            if forms.word(mine).replace("–", "-") != forms.text(right):
                wrong.append(f"「{name}」不是「{forms.word(mine)[:20]}」")
        elif abs(forms.number(mine) - right) > (RATE if name.endswith("占比") else 0.011):
            wrong.append(f"「{name}」交的是 {forms.number(mine):.6g}")
    hint = "先核对用了哪些订单，再核对用的是哪一列" if wrong else ""
    return Verdict(
        1 - len(wrong) / len(expected), "；".join(wrong) or f"{len(expected)} 项全部正确", hint
    )


def _position(lab: LabSpec) -> None:
    @lab.item(f"{lab.id}-01", points=8, core=True, title="产品定位卡",
              need="卖得最多的类目和占比、成交单价的三个四分位数、人数最多的年龄段、卖得最多的平台",
              public=checks.Parts(numbers=(SHARE, *PRICES), low=0, high=10_000), compare=figures)  # fmt: skip
    def card(w: World) -> dict[str, Any]:
        return position(w)

    _mistake(
        card,
        "主营类目按件数比了：定位看销售额，数量 × 单价",
        0.6,
        lambda w: position(w, by_count=True),
    )
    _mistake(card, "四分位数用了商品表里的标价：要用成交明细里的单价，卖得多的价格占得多", 0.5,
             lambda w: position(w, listed=True))  # fmt: skip
    _mistake(
        card, "没有付款的订单也算了：先只留有效订单的明细", 0.5, lambda w: position(w, unpaid=True)
    )


def _mistake(item: Any, hint: str, share: float, answer: Callable[[World], Any]) -> None:
    item.mistake(hint, share)(answer)


# ------------------------------------------------------------------ base table


def _base_table(lab: LabSpec) -> None:
    @lab.item(f"{lab.id}-02", points=14, core=True, title="客户基本数据表",
              need="由三份导出做成一张 16 个字段的客户基本数据表，每位客户一行",
              public=checks.Workbook((base_table.SHEET,)), compare=base_table.compare)  # fmt: skip
    def table(w: World) -> pd.DataFrame:
        return base_table.base(w.exports)

    @table.sign("同一位客户还有两行：昵称相同的登记只留先写的一份", 0.6)
    def doubled(w: World, book: Any) -> bool:
        return len(base_table.read(book)) == len(w.exports.forms)

    @table.sign("没有付款的订单也算进了累计订单数：只数有付款时间的订单", 0.8)
    def unpaid(w: World, book: Any) -> bool:
        wrong = base_table.base(w.exports, unpaid=True)
        found = base_table.column(book, "累计订单数")
        return _as_text(wrong, "累计订单数") == found != _as_text(table.expect(w), "累计订单数")

    @table.sign("手机还是登记时写的样子：统一成 11 位数字，按文本存；修不好的留空", 0.8)
    def raw_mobiles(w: World, book: Any) -> bool:
        found = base_table.column(book, "手机")
        right = _as_text(table.expect(w), "手机")
        return sum(bool(v) and v != right.get(k) for k, v in found.items()) > base_table.log(w.exports)[base_table.MENDED] / 2  # fmt: skip

    @table.sign("年龄算到了电脑上的今天：算到 2025-12-31，用 lab.as_of", 0.8)
    def aged_today(w: World, book: Any) -> bool:
        found, right = base_table.column(book, "年龄"), _as_text(table.expect(w), "年龄")
        both = [(float(found[k]), float(v)) for k, v in right.items() if v and found.get(k)]
        older = sum(a > b for a, b in both)
        return all(a >= b for a, b in both) and older > len(both) / 10


def _as_text(table: pd.DataFrame, name: str) -> dict[str, str]:
    return {
        n: "" if pd.isna(v) else str(v) for n, v in zip(table["昵称"], table[name], strict=True)
    }


def _cleaning(lab: LabSpec) -> None:
    merged, mended, filled = base_table.LOG

    @lab.item(f"{lab.id}-03", points=8, core=True, title="清洗记录",
              need="合并了几份重复登记，修正了几位客户的手机，给几位客户补上了省份和城市",
              public=checks.Mapping(keys=base_table.LOG, low=0, high=800, whole=True), compare=compare.mapping())  # fmt: skip
    def cleaning(w: World) -> dict[str, int]:
        return base_table.log(w.exports)

    def broken(w: World) -> int:
        people = w.exports.forms.drop_duplicates("昵称")
        return int((people["手机"].map(base_table.mobile) == "").sum())

    @cleaning.mistake("修不好的手机也数进了「修正」：留空的不算修正", 0.7)
    def with_broken(w: World) -> dict[str, int]:
        right = base_table.log(w.exports)
        return right | {mended: right[mended] + broken(w)}

    @cleaning.mistake("重复的数了两行：一位客户登记两次，只合并掉一行", 0.7)
    def both_rows(w: World) -> dict[str, int]:
        right = base_table.log(w.exports)
        return right | {merged: 2 * right[merged]}

    @cleaning.mistake("补省市数的是单元格：题目数的是客户，省和市一起算一位", 0.7)
    def cells(w: World) -> dict[str, int]:
        right = base_table.log(w.exports)
        return right | {filled: 2 * right[filled]}


# ------------------------------------------------------------------ roles


def _roles(lab: LabSpec) -> None:
    numbers = tuple(
        f"N{k:02d}" for k in range(1, len(role_needs.ROLES) * 2 * role_needs.OF_EACH_HALF + 1)
    )

    @lab.item(f"{lab.id}-04", points=12, core=True, title="用户角色需求透析",
              need="四个角色的 16 条需求，各对应系统的一个功能",
              public=checks.Mapping(keys=numbers, options=role_keys.FUNCTIONS), compare=compare.labels())  # fmt: skip
    def matrix(w: World) -> dict[str, str]:
        return {n: role_keys.function(*one) for n, one in w.needs.items()}

    def lured(w: World, many: bool) -> dict[str, str]:
        return {n: (role_keys.lure if role_keys.many(*one) == many else role_keys.function)(*one)
                for n, one in w.needs.items()}  # fmt: skip

    _mistake(
        matrix, "办一件事和看一串数混了：要问“做完以后数据变不变”", 0.5, lambda w: lured(w, False)
    )
    _mistake(
        matrix,
        "名字相近的功能混了：在实训台里打开两个功能，看它们各给出什么",
        0.5,
        lambda w: lured(w, True),
    )


def granted(needs: dict[str, tuple[str, int]], matrix: dict[str, str]) -> dict[str, list[str]]:
    """Role → the functions it needs, no more."""
    found: dict[str, list[str]] = {role: [] for role in role_needs.ROLES}
    for number, (role, _) in needs.items():
        if number in matrix and matrix[number] not in found[role]:
            found[role].append(matrix[number])
    return found


def trial(got: Any, expected: dict[str, list[str]]) -> Verdict:
    """Try every role on every function of the table: the right calls pass, the others are refused."""
    table = {r: set(forms.groups(got).get(r, [])) for r in expected}
    everything = sorted({f for fs in (*expected.values(), *table.values()) for f in fs})
    calls = [(r, f) for r in expected for f in everything]
    open_ = [(r, f) for r, f in calls if f in table[r] and f not in expected[r]]
    shut = [(r, f) for r, f in calls if f not in table[r] and f in expected[r]]
    if not open_ and not shut:
        return Verdict(1.0, f"试调用 {len(calls)} 次，该放行的放行，该拒绝的拒绝")
    words = [f"试调用 {len(calls)} 次"]
    words += (
        [f"多放行 {len(open_)} 次，例如「{open_[0][0]}」用了「{open_[0][1]}」"] if open_ else []
    )
    words += [f"错拒绝 {len(shut)} 次，例如「{shut[0][0]}」用不了「{shut[0][1]}」"] if shut else []
    needed = sum(map(len, expected.values()))
    return Verdict(max(0.0, 1 - (len(open_) + len(shut)) / needed), "，".join(words),
                   "每个角色只给它的需求用得到的功能，一个不多，一个不少")  # fmt: skip


def _permissions(lab: LabSpec) -> None:
    @lab.item(f"{lab.id}-05", points=6, title="权限表",
              need="每个角色恰好能用它的需求所要的功能：该用的能用，其余的拒绝",
              public=checks.Groups(keys=role_needs.ROLES, options=role_keys.FUNCTIONS), compare=trial)  # fmt: skip
    def permissions(w: World) -> dict[str, list[str]]:
        return granted(w.needs, {n: role_keys.function(*one) for n, one in w.needs.items()})

    @permissions.follow_through(f"{lab.id}-04")
    def of_own(w: World, earlier: Any) -> dict[str, list[str]]:
        return granted(w.needs, {n: forms.text(f) for n, f in forms.mapping(earlier).items()})

    @permissions.mistake("店长开了全部功能：店长管全店，也只给用得到的，误操作才少", 0.4)
    def manager_all(w: World) -> dict[str, list[str]]:
        right = permissions.expect(w)
        return right | {"店长": sorted({f for fs in right.values() for f in fs})}

    @permissions.mistake("客服和营销合用了一份权限：两个角色的需求不同，要分开给", 0.4)
    def shared(w: World) -> dict[str, list[str]]:
        right = permissions.expect(w)
        both = sorted({*right["客服"], *right["营销"]})
        return right | {"客服": both, "营销": both}

    @permissions.mistake("两个角色都要的功能只给了一个：按需求给，不按功能分", 0.6)
    def only_once(w: World) -> dict[str, list[str]]:
        seen: set[str] = set()
        found = {}
        for role, functions in permissions.expect(w).items():
            found[role] = [f for f in functions if f not in seen]
            seen |= set(functions)
        return found


# ------------------------------------------------------------------ dashboard


def charts(names: tuple[str, ...], values: tuple[dict[str, float], ...]) -> dict[str, Bars]:
    """Charts as they should be handed in; titles and labels only have to be there."""
    return {n: Bars(n, "横轴", "纵轴", tuple(v), tuple(map(float, v.values())))
            for n, v in zip(names, values, strict=True)}  # fmt: skip


def _same_bars(got: Bars, right: Bars) -> bool:
    """The same bars, by their names where there are any, otherwise by their heights."""

    def close(a: list[float], b: list[float]) -> bool:
        return len(a) == len(b) and bool(np.allclose(a, b, rtol=1e-4, atol=1e-6))

    names = [forms.text(x).removesuffix("月").removesuffix(".0") for x in got.labels]
    wanted = [forms.text(x).removesuffix("月") for x in right.labels]
    if sorted(names) == sorted(wanted) and len(set(names)) == len(names):
        mine = dict(zip(names, got.heights, strict=True))
        return close([mine[n] for n in wanted], list(right.heights))
    return close(sorted(got.heights), sorted(right.heights))


def board(got: Any, expected: dict[str, Bars]) -> Verdict:
    """Of each chart two thirds for the bars, a third for title and axis labels."""
    found, words, share = forms.mapping(got), [], 0.0
    for name, right in expected.items():
        mine = found.get(name)
        if not isinstance(mine, Bars):
            words.append(f"缺「{name}」这张图")
            continue
        bare = [n for n, t in (("标题", mine.title), ("横轴名称", mine.xlabel), ("纵轴名称", mine.ylabel)) if not t.strip()]  # fmt: skip
        share += (1 - len(bare) / 3) / 3
        if bare:
            words.append(f"「{name}」缺少{'、'.join(bare)}")
        if len(mine.heights) != len(right.heights):
            words.append(f"「{name}」有 {len(mine.heights)} 根柱子，应是 {len(right.heights)} 根")
        elif not _same_bars(mine, right):
            words.append(f"「{name}」的柱高与数据不符")
        else:
            share += 2 / 3
    share /= len(expected)
    hint = "每张图先核对数据，再补标题和两条轴的名称" if words else ""
    return Verdict(
        1.0 if not words else share, "；".join(words) or "三张图的数据、标题和轴名称齐全", hint
    )


def dashboard(
    lab: LabSpec, names: tuple[str, ...], values: Callable[..., tuple[dict[str, float], ...]], *,
    need: str, wrong: dict[str, tuple[str, float]],
) -> None:  # fmt: skip
    """The item of three charts; `wrong`: keyword of `values` → hint and share of that mistake."""

    @lab.item(f"{lab.id}-10", points=6, title="三张图的看板", need=need,
              public=checks.BarCharts(keys=names, least=2), compare=board)  # fmt: skip
    def item(w: World) -> dict[str, Bars]:
        return charts(names, values(w))

    def with_(keyword: str) -> Callable[[World], dict[str, Bars]]:
        return lambda w: charts(names, values(w, **{keyword: True}))

    for keyword, (hint, share) in wrong.items():
        _mistake(item, hint, share, with_(keyword))


def discussion(lab: LabSpec, owner: str, topic: str, best: str) -> None:
    """The two items that a teacher marks."""
    lab.manual(
        f"{lab.id}-11", points=8, title="给店主的报表分析",
        need=f"200–300 字：根据前面的四项报表，{owner}",
        rubric=(
            Level(8, "引用至少三个自己算出的数字，两项行动各有依据、有人做、有期限；说出一处数据的局限"),
            Level(6, "引用三个数字，两项行动能执行，但没有说明局限"),
            Level(4, "引用一两个数字，或只有一项行动有依据"),
            Level(2, "只有一般的话，没有自己的数字"),
            Level(0, "没有作答或与题目无关"),
        ),
    )  # fmt: skip
    lab.manual(
        f"{lab.id}-12", points=6, title="讨论", need=topic,
        rubric=(
            Level(6, best),
            Level(5, "立场明确，理由有数字或事实，回应了一位同学，但没有碰到对方的理由"),
            Level(3, "有立场和理由，没有回应同学"),
            Level(1, "只有结论"),
            Level(0, "没有作答或与题目无关"),
        ),
    )  # fmt: skip


def paid_between(w: World, year: int | None = YEAR) -> pd.DataFrame:
    """Valid orders paid in a year, all for None."""
    v = w.valid
    return v if year is None else v[v["付款时间"].dt.year == year]
