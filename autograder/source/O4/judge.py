"""Judge of lab O4, 商品信息: find, list, sales by category and product, tags, association."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import pandas as pd

from autograder import compare
from autograder.operations import DONE, Work
from autograder.spec import LabSpec, Level, Verdict
from crmkit import shops
from crmkit.lab import checks, forms
from crmkit.lab.inputs import o4
from crmkit.lab.inputs.o4 import SKU, UNSOLD
from crmkit.settings import settings

UNSOLD_DAYS = settings()["products"]["unsold_days"]
MIN_SUPPORT, MIN_CONFIDENCE = (
    settings()["association"][k] for k in ("min_support", "min_confidence")
)
CUTS = tuple(settings()["products"]["abc"])
PRODUCT = r"T\d{3}"


@dataclass(frozen=True)
class World:
    """One student's shop and tasks."""

    student: str
    as_of: dt.date

    @property
    def data(self) -> o4.Data:
        return o4.data(self.student)

    @property
    def products(self) -> pd.DataFrame:
        return self.data.shop.products

    @property
    def lines(self) -> pd.DataFrame:
        return self.data.lines

    def task(self, item: str) -> dict[str, Any]:
        return self.data.tasks[item]

    @cached_property
    def pairs(self) -> Counter[tuple[str, str]]:
        """In how many orders two products stand together."""
        found: Counter[tuple[str, str]] = Counter()
        for items in self.lines.groupby("订单编号")[SKU].unique():
            found.update(combinations(sorted(items), 2))
        return found

    @cached_property
    def single(self) -> dict[str, int]:
        """In how many orders a product stands."""
        return {str(k): int(v) for k, v in self.lines.groupby(SKU)["订单编号"].nunique().items()}


def world(student: str) -> World:
    return World(student, shops.as_of())


lab = LabSpec("O4", "商品信息", world=world, shop=o4.SHOP, workbook="out/O4.xlsx")

# ------------------------------------------------------------------ find and list


def found(w: World, *, priced: bool = True, open_ends: bool = False) -> list[str]:
    t, p = w.task("O4-01"), w.products
    keep = (p["商品名称"] + " " + p["类目"]).str.contains(t["关键词"], regex=False)
    if priced:
        keep &= p["价格"].between(
            t["价格从"], t["到"], inclusive="neither" if open_ends else "both"
        )
    return sorted(p.loc[keep, SKU])


@lab.item("O4-01", points=10, core=True, title="商品查询", need="名称或类目里有给定的词、价格在给定范围内（两头都含）的商品",
          public=checks.Ids(SKU, PRODUCT, least=1, most=50), compare=compare.id_set(SKU))  # fmt: skip
def search(w: World) -> list[str]:
    return found(w)


@search.mistake("价格刚好等于两头的商品漏了：两头都含", share=0.5)
def search_open(w: World) -> list[str]:
    return found(w, open_ends=True)


@search.mistake("没有限定价格：「价格从」「到」都要填", share=0.3)
def search_unpriced(w: World) -> list[str]:
    return found(w, priced=False)


def ranked(w: World, column: str, *, ascending: bool = False) -> list[str]:
    frame = w.products.sort_values([column, SKU], ascending=[ascending, True])
    return [str(s) for s in frame[SKU]]


def shelf(w: World, column: str = "上架日期", *, ascending: bool = False) -> list[str]:
    """The products that come after those that stand on the first page already."""
    t = w.task("O4-02")
    return ranked(w, column, ascending=ascending)[t["首页已放"] :][: t["接着放"]]


@lab.item("O4-02", points=10, core=True, title="商品列表", need="按上架日期从近到远（同一天的按商品编码），跳过首页已放的，接着的几个商品的编码",
          public=checks.Ids(SKU, PRODUCT, least=5, most=20, ordered=True), compare=compare.id_order(SKU))  # fmt: skip
def newest(w: World) -> list[str]:
    return shelf(w)


@newest.mistake("从最新的一款数起了：首页已放的不再放，从它们后面接着数", share=0.5)
def newest_from_first(w: World) -> list[str]:
    return ranked(w, "上架日期")[: w.task("O4-02")["接着放"]]


@newest.mistake("排成了从远到近：要最新上架的在前", share=0.3)
def newest_oldest(w: World) -> list[str]:
    return shelf(w, ascending=True)


@newest.mistake("个数不对：首页已放的也交了，或多了、少了几个", share=0.6)
def newest_more(w: World) -> list[str]:
    t = w.task("O4-02")
    return ranked(w, "上架日期")[: t["首页已放"] + t["接着放"]]


@newest.mistake("按价格排了：要按上架日期从近到远", share=0.2)
def newest_price(w: World) -> list[str]:
    return shelf(w, "价格")


# ------------------------------------------------------------------ sales


def net_lines(w: World) -> pd.DataFrame:
    """Lines less refunds; a line that came back counts no pieces; orders refunded whole are out."""
    shop, key = w.data.shop, ["订单编号", SKU]
    r = shop.returns[shop.returns["退换状态"] == "退款成功"]
    cents = (r["退款金额"] * 100).round().astype("int64")
    paid = w.data.orders.set_index("订单编号")["实付金额"].mul(100).round().astype("int64")
    refunded = cents.groupby(r["订单编号"]).sum().reindex(paid.index).fillna(0)
    kept = paid.index[(refunded == 0) | (paid - refunded > 0)]
    lines = w.lines[w.lines["订单编号"].isin(kept)].copy()
    back = cents.groupby([r[k] for k in key]).sum().rename("退").reset_index()
    gone = r.loc[r["类型"] == "退货", key].drop_duplicates().assign(退货=True)
    lines = lines.merge(back, on=key, how="left").merge(gone, on=key, how="left")
    lines["额"] -= lines["退"].fillna(0).astype("int64")
    lines["数量"] = lines["数量"].where(lines["退货"].isna(), 0)
    return lines


SALES = ("件数", "金额")


def by_category(w: World, lines: pd.DataFrame) -> pd.DataFrame:
    category = w.products.set_index(SKU)["类目"]
    g = lines.groupby(lines[SKU].map(category).rename("类目"))
    out = pd.DataFrame({"件数": g["数量"].sum(), "金额": g["额"].sum() / 100})
    return out.reindex(sorted(category.unique()), fill_value=0).rename_axis("类目").reset_index()


def leaves(got: Any, expected: pd.DataFrame) -> Verdict:
    """The lowest categories; rows of the upper ones may stand there too."""
    frame = forms.table(got, SALES, "类目")
    frame = frame[[forms.text(c) in set(expected["类目"]) for c in frame["类目"]]]
    return compare.columns(SALES, key="类目", tolerance=0.01)(frame, expected)


@lab.item("O4-03", points=12, core=True, title="类目销量", need="每个最下级类目的件数和金额，减去退款（净额）",
          public=checks.Table(columns=SALES, key="类目", least=10, most=20), compare=leaves)  # fmt: skip
def categories(w: World) -> pd.DataFrame:
    return by_category(w, net_lines(w))


@categories.mistake("没有减退款：退款口径要选净额", share=0.4)
def categories_gross(w: World) -> pd.DataFrame:
    return by_category(w, w.lines)


@categories.mistake("金额减了退款，件数没有减：退了货的那一行，件数也不算", share=0.5)
def categories_pieces(w: World) -> pd.DataFrame:
    return categories.expect(w).assign(件数=by_category(w, w.lines)["件数"])


def in_quarter(w: World) -> pd.DataFrame:
    t = w.task("O4-04")
    day = w.lines["付款时间"].dt.normalize()
    return w.lines[day.between(t["从"], t["到"])]


def best(lines: pd.DataFrame, by: str = "数量", n: int = 10) -> list[str]:
    sums = (
        lines.groupby(SKU)[by].sum().reset_index().sort_values([by, SKU], ascending=[False, True])
    )
    return sums[SKU].head(n).tolist()


@lab.item("O4-04", points=12, core=True, title="商品销量前十", need="给定季度里件数最多的十个商品，从多到少（件数相同的按商品编码）",
          public=checks.Ids(SKU, PRODUCT, least=10, most=10, ordered=True), compare=compare.id_order(SKU))  # fmt: skip
def top(w: World) -> list[str]:
    return best(in_quarter(w))


@top.mistake("按金额排的：题目要按件数", share=0.4)
def top_amount(w: World) -> list[str]:
    return best(in_quarter(w), "额")


@top.mistake("没有选时间段：只要给定季度付款的", share=0.3)
def top_ever(w: World) -> list[str]:
    return best(w.lines)


# ------------------------------------------------------------------ tags


def tagged(w: World, work: Work, value: Any) -> dict[str, Any]:
    put = work.of("products.tags", action="贴标签", outcome=DONE)
    return {"members": sorted(work.tagged(UNSOLD, "product")), "put": bool(put)}


def idle(w: World, days: int) -> list[str]:
    on_sale = w.products.loc[w.products["上架日期"] <= pd.Timestamp(w.as_of), SKU]
    last = w.lines.groupby(SKU)["付款时间"].max().dt.normalize().reindex(on_sale)
    since = (pd.Timestamp(w.as_of) - last).dt.days
    return sorted(on_sale[(since.isna() | (since >= days)).to_numpy()])


@lab.operation("O4-05", points=10, core=True, title=f"商品标签「{UNSOLD}」",
               need=f"给 {UNSOLD_DAYS} 天没有卖出的在售商品贴上标签「{UNSOLD}」，不多不少",
               log=checks.Operations(("products.tags",)), reads=tagged,
               compare=compare.facts({"members": 0.9, "put": 0.1}, {
                   "members": f"有标签「{UNSOLD}」的商品不对", "put": "操作日志里没有给商品贴标签"}))  # fmt: skip
def unsold(w: World) -> dict[str, Any]:
    return {"members": idle(w, UNSOLD_DAYS), "put": True}


@unsold.mistake(f"刚好 {UNSOLD_DAYS} 天没卖出的漏了：{UNSOLD_DAYS} 天及以上都算", share=0.5)
def unsold_strict(w: World) -> dict[str, Any]:
    return {"members": idle(w, UNSOLD_DAYS + 1), "put": True}


@unsold.mistake("贴的是卖得最少的十个商品：滞销是这段时间一件也没有卖出", share=0.2)
def unsold_least(w: World) -> dict[str, Any]:
    return {"members": sorted(best(w.lines, n=1000)[-10:]), "put": True}


@unsold.mistake("一个也没有贴上：先在「商品销量」里看「未动销」，再到「商品标签」贴", share=0.0)
def unsold_none(w: World) -> dict[str, Any]:
    return {"members": [], "put": False}


# ------------------------------------------------------------------ association

RULE = ("支持度", "置信度", "提升度")


def rules(w: World, *, by: str = "提升度") -> pd.DataFrame:
    """One rule a pair, in the direction of the greater confidence; the best first."""
    total = w.lines["订单编号"].nunique()
    rows = []
    for (a, b), both in w.pairs.items():
        if both / total < MIN_SUPPORT:
            continue
        first, second = sorted((a, b), key=lambda x: (w.single[x], x))  # the rarer one leads
        confidence = both / w.single[first]
        if confidence >= MIN_CONFIDENCE:
            lift = confidence / (w.single[second] / total)
            rows.append((first, second, both / total, confidence, lift))
    frame = pd.DataFrame(rows, columns=["前项", "后项", *RULE])
    return frame.sort_values([by, "前项"], ascending=[False, True], ignore_index=True).head(o4.BEST)


def same_rules(got: Any, expected: pd.DataFrame) -> Verdict:
    frame = forms.table(got, ("前项", "后项", *RULE))
    mine = {
        (forms.text(r["前项"]), forms.text(r["后项"])): [forms.number(r[c]) for c in RULE]
        for r in frame.to_dict("records")
    }
    right = {(r["前项"], r["后项"]): [r[c] for c in RULE] for r in expected.to_dict("records")}
    kept = [k for k in right if k in mine]
    exact = [
        k for k in kept if all(abs(x - y) <= 1e-4 for x, y in zip(mine[k], right[k], strict=True))
    ]
    turned = [k for k in right if k not in mine and k[::-1] in mine]
    if len(exact) == len(right) == len(mine):
        return Verdict(1.0, f"{len(right)} 条规则和三个数都正确")
    words = [f"{len(right)} 条规则里对了 {len(kept)} 条"]
    words += [f"其中 {len(kept) - len(exact)} 条的数不对"] if len(exact) < len(kept) else []
    words += [f"{len(turned)} 条方向反了"] if turned else []
    words += [f"多交了 {len(mine) - len(right)} 条"] if len(mine) > len(right) else []
    share = (0.5 * len(kept) + 0.4 * len(exact) + 0.2 * len(turned)) / len(right)
    return Verdict(
        min(share, 0.9),
        "，".join(words),
        "同一对商品只留置信度高的方向，再按提升度从高到低取前几条",
    )


@lab.item("O4-06", points=16, core=True, title="商品关联",
          need=f"支持度不低于 {MIN_SUPPORT:.0%} 的商品对里，提升度最高的 {o4.BEST} 对：支持度、置信度、提升度",
          public=checks.Table(columns=("前项", "后项", *RULE), least=o4.BEST, most=o4.BEST), compare=same_rules)  # fmt: skip
def association(w: World) -> pd.DataFrame:
    return rules(w)


@association.mistake("按置信度排的：题目要按提升度", share=0.4)
def association_confidence(w: World) -> pd.DataFrame:
    return rules(w, by="置信度")


@association.mistake("按支持度排的：最常一起买的，不一定互相带动", share=0.3)
def association_support(w: World) -> pd.DataFrame:
    return rules(w, by="支持度")


@association.sign("方向反了：同一对商品留置信度高的那个方向（前项是买的人少的那个）", share=0.5)
def association_turned(w: World, got: Any) -> bool:
    frame = forms.table(got, ("前项", "后项"))
    mine = {
        (forms.text(a), forms.text(b)) for a, b in zip(frame["前项"], frame["后项"], strict=True)
    }
    right = set(zip(rules(w)["前项"], rules(w)["后项"], strict=True))
    return mine == {pair[::-1] for pair in right}


def hidden(w: World) -> list[tuple[Any, ...]]:
    """Five products of the student's own, among them one that sells little."""
    often = sorted(w.single, key=lambda s: (-w.single[s], s))
    chosen = shops.draw(often[:30], 4, w.student, "O4", "also")
    return [(s, o4.ALSO) for s in (*chosen, often[-6])]


def together(w: World, score: Callable[[str, str, int], Any]) -> list[list[str]]:
    out = []
    for sku, k in hidden(w):
        others: Iterable[tuple[str, int]] = (
            (b if a == sku else a, n) for (a, b), n in w.pairs.items() if sku in (a, b)
        )
        ordered = sorted(others, key=lambda one: (score(sku, *one), one[0]))
        out.append([s for s, _ in ordered[:k]])
    return out


@lab.item("O4-07", points=10, title="买了又买",
          need="函数：与给定商品出现在同一张订单里次数最多的 k 个商品，从多到少（次数相同的按商品编码）",
          public=checks.Function(("sku", "k"), ("T101", 2)), compare=compare.returns(), calls=hidden)  # fmt: skip
def also_buy(w: World) -> list[list[str]]:
    return together(w, lambda sku, other, n: -n)


@also_buy.mistake("按提升度排的：题目按一起买的次数", share=0.4)
def also_buy_lift(w: World) -> list[list[str]]:
    return together(w, lambda sku, other, n: -n / w.single[other])


@also_buy.mistake("把商品自己也算进去了", share=0.4)
def also_buy_self(w: World) -> list[list[str]]:
    return [
        [sku, *right[:-1]] for (sku, _), right in zip(hidden(w), also_buy.expect(w), strict=True)
    ]


# ------------------------------------------------------------------ ABC


def classes(
    w: World, *, by: str = "额", cuts: tuple[float, ...] = CUTS, after: bool = False
) -> dict[str, str]:
    """A, B or C by the cumulative share before a product (or, wrongly, after it)."""
    sums = (
        w.lines.groupby(SKU)[by].sum().reset_index().sort_values([by, SKU], ascending=[False, True])
    )
    share = sums[by].cumsum() / sums[by].sum()
    if not after:
        share = share.shift(fill_value=0.0)
    marks = ["A" if x < cuts[0] else "B" if x < cuts[1] else "C" for x in share]
    return dict(zip(sums[SKU], marks, strict=True))


@lab.item("O4-08", points=10, title="商品 ABC", need="每个卖出过的商品按金额的 ABC 类别",
          public=checks.Mapping(pattern=PRODUCT, least=40, most=50, options=("A", "B", "C")),
          compare=compare.labels())  # fmt: skip
def abc(w: World) -> dict[str, str]:
    return classes(w)


@abc.mistake("按件数分的：ABC 按金额分", share=0.3)
def abc_pieces(w: World) -> dict[str, str]:
    return classes(w, by="数量")


@abc.mistake("界限处的商品归低了一类：看它前面的累计占比，不到 80% 就是 A", share=0.7)
def abc_after(w: World) -> dict[str, str]:
    return classes(w, after=True)


lab.manual(
    "O4-09", points=10, title="一个搭配套餐",
    need="从关联规则里选一对商品，写出套餐的内容、价格和理由，引用本实验的数字",
    rubric=(
        Level(10, "引用了这对商品的支持度或提升度，并说明它的意思；套餐内容、价格、卖给谁都清楚，算过成本、不亏本"),
        Level(8, "引用了数字，套餐清楚，但没有考虑成本，或没有说明卖给谁"),
        Level(5, "套餐清楚，但没有引用数字，或数字与所选商品不符"),
        Level(2, "只有口号"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
