"""What the sales functions of 商品信息 count: categories, products, and what is bought together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.analytics import basket as baskets
from crmkit.analytics.basket import BASKETS, MEASURES
from crmkit.analytics.indicator import Indicator
from crmkit.analytics.paid import Paid, sums
from crmkit.analytics.purchases import people_by_group
from crmkit.crm.figures.breakdown import divide
from crmkit.crm.figures.scope import Result, Scope, chosen
from crmkit.settings import settings

RANK_BY: Mapping[str, str] = {"amount": "按金额", "qty": "按件数"}
_LINES = (
    "金额 = 数量 × 单价，未减订单优惠、不含邮费，所以加起来不等于支付金额。",
    "退款口径为净额时：减去退款金额；退了货的件数也减去；全退的订单不再计入。",
)
_ACTIVE = "动销率 = 有销量的商品 ÷ 在售商品（时间段结束前已上架）。"


class Sold:
    """Pieces, amount (分) and orders by product (an order has one line for a product)."""

    def __init__(self, scope: Scope, paid: Paid) -> None:
        ledger = scope.facts.ledger
        self.lines = ledger.lines_of(paid, net=scope.net, as_of=scope.as_of)
        self.size = ledger.skus
        self.qty = sums(self.lines.sku, self.lines.qty, self.size)
        self.cents = sums(self.lines.sku, self.lines.cents, self.size)
        self.orders = np.bincount(self.lines.sku, minlength=self.size)


def listed(scope: Scope) -> NDArray[np.bool_]:
    """Products that were on sale by the end of the period."""
    last = scope.as_of if scope.window is None else min(scope.as_of, scope.window.last_day)
    day = scope.facts.products["listed_at"].fillna("").to_numpy(dtype=str)
    return (day != "") & (day <= last.isoformat())


def category_sales(scope: Scope) -> Result:
    """类目销量; see `products.Products.category_sales`."""
    facts, sold, before = scope.facts, Sold(scope, scope.paid()), _before(scope)
    paths = [_path(c) for c in facts.products["category"]]
    nodes = sorted({path[:n] for path in paths for n in range(1, len(path) + 1)})
    at = {node: k for k, node in enumerate(nodes)}
    on_sale, active = listed(scope), sold.qty > 0
    depth = max((len(p) for p in paths), default=0)
    qty, cents, earlier = (np.zeros(len(nodes), dtype=np.int64) for _ in range(3))
    products, moving, orders = (np.zeros(len(nodes), dtype=np.int64) for _ in range(3))
    for n in range(1, depth + 1):
        deep = np.array([len(p) >= n for p in paths], dtype=np.bool_)
        node = np.array([at[p[:n]] if len(p) >= n else 0 for p in paths], dtype=np.int64)
        own, k = node[deep], len(nodes)
        qty += sums(own, sold.qty[deep], k)
        cents += sums(own, sold.cents[deep], k)
        products += np.bincount(own, weights=on_sale[deep], minlength=k).astype(np.int64)
        moving += np.bincount(own, weights=(active & on_sale)[deep], minlength=k).astype(np.int64)
        if before is not None:
            earlier += sums(own, before.cents[deep], k)
        of_line = deep[sold.lines.sku]
        orders += people_by_group(
            sold.lines.order[of_line], node[sold.lines.sku[of_line]], len(facts.ledger), k
        )
    table = pd.DataFrame(
        {
            "类目": ["/".join(node) for node in nodes],
            "层级": [len(node) for node in nodes],
            "上级": ["/".join(node[:-1]) for node in nodes],
            "在售商品": products, "动销商品": moving, "动销率": divide(moving, products),
            "订单数": orders, "件数": qty, "金额": cents / 100,
            "金额占比": divide(cents, sold.cents.sum()),
        }
    )  # fmt: skip
    _change(table, None if before is None else earlier, cents)
    return Result(
        _figures(sold, on_sale), _as_tree(table), {}, scope.words(),
        ("上级类目的数是下级之和（订单数除外：一单里买了两个下级类目，上级只算一单）。", *_LINES, _ACTIVE,
         _change_words(before)),
    )  # fmt: skip


def product_sales(scope: Scope, *, by: str = "amount", top: int | None = None) -> Result:
    """商品销量; see `products.Products.product_sales`."""
    chosen(by, "by", RANK_BY)
    facts, sold, before = scope.facts, Sold(scope, scope.paid()), _before(scope)
    goods, on_sale = facts.products, listed(scope)
    table = pd.DataFrame(
        {
            "商品编码": goods["sku"], "商品名称": goods["name"], "类目": goods["category"],
            "订单数": sold.orders, "件数": sold.qty, "金额": sold.cents / 100,
            "金额占比": divide(sold.cents, sold.cents.sum()),
        }
    )  # fmt: skip
    _change(table, None if before is None else before.cents, sold.cents)
    _change(table, None if before is None else before.qty, sold.qty, "件数环比")
    best = _order(sold.cents, goods["sku"])
    table["ABC"] = ""
    upto = np.cumsum(sold.cents[best]) - sold.cents[best]
    a, b = settings()["products"]["abc"]
    share = divide(upto, sold.cents.sum())
    classes = np.select([share < a, share < b], ["A", "B"], "C")
    table.loc[best, "ABC"] = classes
    order = best if by == "amount" else _order(sold.qty, goods["sku"])
    table = table.iloc[order].reset_index(drop=True)
    table.insert(0, "排名", np.arange(1, len(table) + 1))
    table["累计占比"] = np.cumsum(table["金额占比"])
    shown = table[(table["订单数"] > 0)]
    days = settings()["products"]["unsold_days"]
    return Result(
        _figures(sold, on_sale), shown.head(top) if top else shown,
        {"未动销": unsold(scope, days)}, scope.words(),
        (f"排名{RANK_BY[by]}，相同的按商品编码。", *_LINES, _ACTIVE,
         f"ABC：按金额从大到小，累计占比不到 {a:.0%} 的为 A，到 {b:.0%} 的为 B，其余为 C（课程约定）。",
         f"未动销：在售但近 {days} 天没有有效订单的商品（天数是课程约定）。", _change_words(before)),
    )  # fmt: skip


def unsold(scope: Scope, days: int) -> pd.DataFrame:
    """Products on sale without a valid order in the last `days` days: 商品编码 … 末次销售, 天数, 库存."""
    facts = scope.facts
    ledger, goods = facts.ledger, facts.products
    lines = ledger.lines_of(scope.history())
    last = np.full(ledger.skus, -1, dtype=np.int64)
    np.maximum.at(last, lines.sku, ledger.day[lines.order])
    since = scope.day - last
    chosen_rows = listed(scope) & (since >= days)
    ever = last >= 0
    table = pd.DataFrame(
        {
            "商品编码": goods["sku"], "商品名称": goods["name"], "类目": goods["category"],
            "库存": goods["stock"],
            "末次销售": pd.Series(last.astype("datetime64[D]").astype("datetime64[s]")).where(ever),
            "距今天数": pd.Series(since, dtype="Int64").where(ever),
        }
    )  # fmt: skip
    return table[chosen_rows].reset_index(drop=True)


def association(
    scope: Scope, *, basket: str = "order", min_support: float | None = None,
    min_confidence: float | None = None, min_lift: float = 0.0, longest: int = 2,
    sku: str | None = None,
) -> Result:  # fmt: skip
    """商品关联; see `products.Products.association`."""
    chosen(basket, "basket", BASKETS)
    given = settings()["association"]
    support = given["min_support"] if min_support is None else min_support
    confidence = given["min_confidence"] if min_confidence is None else min_confidence
    facts, paid = scope.facts, scope.paid()
    lines = facts.ledger.lines_of(paid, net=scope.net, as_of=scope.as_of)
    kept = lines.qty > 0  # with net figures a returned line is no purchase
    order, item = lines.order[kept], lines.sku[kept]
    owner = facts.ledger.customer[order] if basket == "buyer" else order
    numbers = np.zeros(max(facts.ledger.people, len(facts.ledger)), dtype=np.int64)
    numbers[owner] = 1
    total = int(numbers.sum())
    place = np.cumsum(numbers) - 1
    rows = baskets.bit_rows(place[owner], item, total, facts.ledger.skus)
    found = baskets.frequent(rows, total, support, longest) if total else None
    rules = (
        [] if found is None else baskets.rules(found, min_confidence=confidence, min_lift=min_lift)
    )
    codes = [*facts.products["sku"]]
    if sku is not None:
        rules = [r for r in rules if r.before == (codes.index(sku),)]
    table = baskets.rule_frame(rules, codes)
    named = baskets.rule_frame(rules, [*facts.products["name"]])
    table.insert(1, "前项名称", named["前项"])
    table.insert(3, "后项名称", named["后项"])
    sets = [] if found is None else sorted(found.counts.items(), key=lambda kv: (-kv[1], kv[0]))
    frequent = pd.DataFrame(
        [("、".join(codes[i] for i in items), len(items), n, n / total) for items, n in sets],
        columns=["商品", "商品数", "篮数", "支持度"],
    )
    figures = {
        "总篮数": Indicator.total(total),
        "每篮商品数": Indicator.ratio(len(np.unique(place[owner] * len(codes) + item)), total),
        "规则数": Indicator.total(len(rules)),
    }
    return Result(
        figures, table, {"频繁项集": frequent}, scope.words(),
        (BASKETS[basket] + "。", *(f"{k}：{v}。" for k, v in MEASURES.items()),
         f"最小支持度 {support:g}，最小置信度 {confidence:g}（默认值是课程约定）。按提升度从高到低。"),
    )  # fmt: skip


def _before(scope: Scope) -> Sold | None:
    if scope.window is None:
        return None
    return Sold(scope, scope.history().between(scope.window.previous()))


def _change(
    table: pd.DataFrame, before: NDArray[np.int64] | None, now: NDArray[np.int64],
    label: str = "金额环比",
) -> None:  # fmt: skip
    if before is None:
        table[label] = np.nan
    else:
        table[label] = np.where(before > 0, divide(now - before, before), np.nan)


def _change_words(before: Sold | None) -> str:
    if before is None:
        return "没有选时间段，所以没有环比。"
    return "环比 =（本期 − 上期）÷ 上期；上期没有销量时没有环比。"


def _figures(sold: Sold, on_sale: NDArray[np.bool_]) -> dict[str, Indicator]:
    moving = int(np.count_nonzero(on_sale & (sold.qty > 0)))
    return {
        "件数": Indicator.total(int(sold.qty.sum())),
        "金额": Indicator.total(int(sold.cents.sum()) / 100),
        "动销率": Indicator.ratio(moving, int(np.count_nonzero(on_sale))),
    }


def _order(values: NDArray[np.int64], sku: pd.Series) -> NDArray[np.int64]:
    return np.lexsort((np.argsort(np.argsort(sku.to_numpy(dtype=str))), -values))


def _path(category: str | None) -> tuple[str, ...]:
    return tuple(part for part in (category or "").split("/") if part) or ("未分类",)


def _as_tree(table: pd.DataFrame) -> pd.DataFrame:
    """Every node under its parent, the largest amount first."""
    children: dict[str, list[int]] = {}
    for n, parent in enumerate(table["上级"]):
        children.setdefault(parent, []).append(n)
    order: list[int] = []

    def visit(parent: str) -> None:
        own = sorted(children.get(parent, []), key=lambda n: (-table["金额"][n], table["类目"][n]))
        for n in own:
            order.append(n)
            visit(table["类目"][n])

    visit("")
    return table.iloc[order].reset_index(drop=True)
