"""商品信息: find and list products, sales by category and product, tags, what goes together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, Unpack

import pandas as pd
import sqlalchemy as sa

from crmkit.crm import catalogue, entry, roles
from crmkit.crm.audit import Operation
from crmkit.crm.errors import InvalidInput
from crmkit.crm.figures import product_figures
from crmkit.crm.figures.scope import FigureModule, Result, View, at_least, chosen
from crmkit.crm.frames import labelled
from crmkit.crm.storage import tables
from crmkit.crm.tagging import TAGS, Tagging

PRODUCTS = tables.metadata.tables["products"]
SORTS: Mapping[str, str] = MappingProxyType(
    {
        "newest": "上架日期从近到远", "oldest": "上架日期从远到近", "price_up": "价格从低到高",
        "price_down": "价格从高到低", "stock_up": "库存从少到多", "sku": "商品编码",
        "qty_down": "销量从多到少", "amount_down": "销售额从高到低",
    }
)  # fmt: skip
_BY = {
    "newest": ("上架日期", False), "oldest": ("上架日期", True), "price_up": ("价格", True),
    "price_down": ("价格", False), "stock_up": ("库存", True), "sku": ("商品编码", True),
    "qty_down": ("销量", False), "amount_down": ("销售额", False),
}  # fmt: skip
SOLD = "products.product_sales"  # who may not use it does not see what was sold in the list either


class Products(FigureModule):
    """The six functions of 商品信息."""

    key = "products"

    @cached_property
    def tagging(self) -> Tagging:
        """Put, remove, rename, merge and delete tags of products (商品标签).

        A tag exists from the first product that gets it to the last that loses it.
        """
        return Tagging(self.session, "product", "products.tags", PRODUCTS)

    def search(
        self, word: str = "", *, category: str | None = None, price_from: Any = None,
        price_to: Any = None, stock_from: Any = None, stock_to: Any = None, tag: str | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """商品查询: products with all of the words in code, name or category, inside the limits.

        Parameters
        ----------
        word
            Words with blanks between them; upper and lower case are the same.
        category
            A category or any above it: ``"茶叶"`` finds ``"茶叶/绿茶"``.
        price_from, price_to, stock_from, stock_to
            Both ends included; yuan and pieces.
        """
        limits = {
            "price_from": price_from, "price_to": price_to, "stock_from": stock_from,
            "stock_to": stock_to,
        }  # fmt: skip
        given = {
            k: v
            for k, v in {"类目": category, "标签": tag, **limits}.items()
            if v not in (None, "")
        }
        with self.session.reading("products.search", 词=word, **given) as op:
            wrong = entry.Wrong()
            numbers = {name: _number(wrong, name, v) for name, v in limits.items()}
            for low, high in (("price_from", "price_to"), ("stock_from", "stock_to")):
                a, b = numbers[low], numbers[high]
                if a is not None and b is not None and a > b:
                    wrong[high] = "不能小于起始值"
            wrong.raise_any()
            frame = self._frame(op)
            keep = pd.Series(True, index=frame.index)
            text = (frame["商品编码"] + " " + frame["商品名称"] + " " + frame["类目"]).str.lower()
            for part in word.lower().split():
                keep &= text.str.contains(part, regex=False)
            if category:
                keep &= (frame["类目"] == category) | frame["类目"].str.startswith(f"{category}/")
            for name, label in (("price", "价格"), ("stock", "库存")):
                if (low_end := numbers[f"{name}_from"]) is not None:
                    keep &= frame[label] >= low_end
                if (high_end := numbers[f"{name}_to"]) is not None:
                    keep &= frame[label] <= high_end
            if tag:
                keep &= frame["标签"].map(lambda own: tag in own)
            return frame[keep].reset_index(drop=True)

    def list(self, *, sort: str = "newest", top: int | None = None) -> pd.DataFrame:
        """商品列表: every product with its tags, sorted (`SORTS`); equal ones by 商品编码.

        Roles that may see 商品销量 get 销量 (pieces) and 销售额 (yuan) too: all valid orders, nothing
        taken off for refunds.
        """
        with self.session.reading("products.list", 排序=sort) as op:
            chosen(sort, "sort", SORTS)
            at_least(top, "top", 1)
            label, ascending = _BY[sort]
            sales = catalogue.function(SOLD)
            frame = self._frame(op)
            if self.session.role in sales.use:
                frame = self._with_sales(op, frame)
            elif label not in frame:
                roles.check(self.session.role, sales)
            frame = frame.sort_values([label, "商品编码"], ascending=[ascending, True])
            return (frame.head(top) if top else frame).reset_index(drop=True)

    def category_sales(self, **view: Unpack[View]) -> Result:
        """类目销量: pieces, amount, share, 环比 and 动销率 of every category, rolled up along the tree."""
        with self.figures("products.category_sales", view) as scope:
            return product_figures.category_sales(scope)

    def product_sales(
        self, *, by: str = "amount", top: int | None = None, **view: Unpack[View]
    ) -> Result:
        """商品销量: rank, pieces, amount, share, 环比, ABC class; 动销率 and what does not sell.

        Parameters
        ----------
        by
            One of `product_figures.RANK_BY`: ``"amount"`` (default) or ``"qty"``.
        top
            Only the best so many.
        """
        with self.figures("products.product_sales", view, 排名=by) as scope:
            at_least(top, "top", 1)
            return product_figures.product_sales(scope, by=by, top=top)

    def tags(self) -> pd.DataFrame:
        """商品标签: 标签 and 数量; change them with `tagging`."""
        return self.tagging.counts()

    def association(
        self, *, basket: str = "order", min_support: float | None = None,
        min_confidence: float | None = None, min_lift: float = 0.0, longest: int = 2,
        sku: str | None = None, **view: Unpack[View],
    ) -> Result:  # fmt: skip
        """商品关联: association rules with support, confidence, lift, leverage and conviction.

        Parameters
        ----------
        basket
            One of `analytics.basket.BASKETS`: ``"order"`` (default) or ``"buyer"``.
        min_support, min_confidence
            Shares; defaults from the settings.
        longest
            Products in one rule, 2 (pairs, default) to 6.
        sku
            Only what goes with this product.
        """
        shown: dict[str, Any] = {
            "支持度": min_support,
            "置信度": min_confidence,
            "提升度": min_lift or None,
            "商品": sku,
        }
        with self.figures("products.association", view, 篮子=basket, **shown) as scope:
            if sku is not None and not (scope.facts.products["sku"] == sku).any():
                message = f"没有商品「{sku}」"
                raise InvalidInput(message, {"sku": message})
            return product_figures.association(
                scope, basket=basket, min_support=min_support, min_confidence=min_confidence,
                min_lift=min_lift, longest=longest, sku=sku,
            )  # fmt: skip

    def _with_sales(self, op: Operation, frame: pd.DataFrame) -> pd.DataFrame:
        """The products with 销量 and 销售额 of all time, before 标签."""
        scope = self.scope(op, {})
        sold = product_figures.Sold(scope, scope.paid())
        index = pd.Index(scope.facts.products["sku"])
        for label, values in (("销量", sold.qty), ("销售额", sold.cents / 100)):
            there = frame["商品编码"].map(pd.Series(values, index=index))
            frame.insert(len(frame.columns) - 1, label, there)
        return frame

    def _frame(self, op: Operation) -> pd.DataFrame:
        """All products with Chinese headers and their tags (a list, sorted)."""
        frame = labelled(self.store.frame(PRODUCTS, op.connection), "products")
        own: dict[str, list[str]] = {}
        chosen_tags = sa.select(TAGS.c.object_id, TAGS.c.tag).where(TAGS.c.object_type == "product")
        for row in op.rows(chosen_tags.order_by(TAGS.c.tag)):
            own.setdefault(row["object_id"], []).append(row["tag"])
        frame["标签"] = [own.get(sku, []) for sku in frame["商品编码"]]
        return frame.sort_values("商品编码", ignore_index=True)


def _number(wrong: entry.Wrong, name: str, value: Any) -> float | None:
    if value in (None, ""):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        wrong[name] = "要填数"
        return None
