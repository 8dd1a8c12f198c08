"""商品信息: find and list products, sales by category and product, tags, what goes together."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from crmkit.analytics.basket import BASKETS
from crmkit.crm.figures.product_figures import RANK_BY
from crmkit.crm.products import PRODUCTS, SORTS
from crmkit.crm.session import Session
from crmkit.crm.tagging import TAGS
from crmkit.ui.console import fields as f
from crmkit.ui.console import figures, results
from crmkit.ui.console.screen import Card, Drawer, Row, Screen, Section, Table, View
from crmkit.ui.console.screens import tag_actions


def categories(crm: Session) -> list[str]:
    """Every category and those above it."""
    found = crm.store.frame(sa.select(PRODUCTS.c.category).distinct())["category"]
    paths = {"/".join(c.split("/")[: n + 1]) for c in found for n in range(c.count("/") + 1)}
    return sorted(paths)


def tags(crm: Session) -> list[str]:
    chosen = sa.select(TAGS.c.tag).where(TAGS.c.object_type == "product").distinct()
    return sorted(crm.store.frame(chosen)["tag"])


def skus(crm: Session) -> dict[str, str]:
    found = crm.store.frame(sa.select(PRODUCTS.c.sku, PRODUCTS.c.name).order_by(PRODUCTS.c.sku))
    return {s: f"{s} {n}" for s, n in zip(found["sku"], found["name"], strict=True)}


def _drawer(crm: Session, row: Row) -> Drawer:
    margin = row["价格"] - row["成本"]
    return Drawer(
        row["商品名称"], chips=row["标签"],
        lead=[("商品编码", row["商品编码"], "id"), ("类目", row["类目"], "text")],
        sections=[Section("商品资料", facts=[
            ("价格", row["价格"], "money"), ("成本", row["成本"], "money"), ("毛利", margin, "money"),
            ("毛利率", margin / row["价格"] if row["价格"] else None, "percent"),
            ("库存", row["库存"], "count"), ("上架日期", row["上架日期"], "date"),
        ])],
        actions=tag_actions.on_one("商品", "products.tags", lambda c: c.products.tagging, tags),
    )  # fmt: skip


MANY = tag_actions.on_many("商品", "products.tags", lambda c: c.products.tagging, tags)


def _table(title: str, frame: pd.DataFrame) -> Table:
    return Table(title, frame, drawer=_drawer, actions=MANY)


def _search(crm: Session, v: f.Values) -> View:
    found = crm.products.search(**v)
    return View(
        cards=[
            Card("找到商品", len(found)), Card("类目", int(found["类目"].nunique())),
            Card("平均价格", round(float(found["价格"].mean()), 2) if len(found) else None, "money"),
            Card("库存合计", int(found["库存"].sum())),
        ],
        tables=[_table("商品", found)],
    )  # fmt: skip


def _list(crm: Session, v: f.Values) -> View:
    found = crm.products.list(**v)
    return View(
        cards=[
            Card("商品", len(found)), Card("库存合计", int(found["库存"].sum())),
            Card("库存金额", float((found["库存"] * found["成本"]).sum()), "money", note="库存 × 成本"),
            Card("没有库存", int((found["库存"] == 0).sum()), tone="warn"),
        ],
        tables=[_table("商品列表", found)],
        note="销量、销售额：全部日期的有效订单，不减退款；分时段、分渠道的看「商品销量」。" if "销量" in found else "",
    )  # fmt: skip


def _category_sales(crm: Session, v: f.Values) -> View:
    found = crm.products.category_sales(**v)
    leaves = found.table[~found.table["类目"].isin(found.table["上级"])]
    top = found.table[found.table["层级"] == 1]
    return results.view(
        found, "按类目",
        charts=[
            figures.ranking("各类目金额", leaves, "类目", "金额", top=9),
            figures.share("一级类目金额构成", top, "类目", "金额"),
        ],
    )  # fmt: skip


def _product_sales(crm: Session, v: f.Values) -> View:
    found = crm.products.product_sales(**v)
    by = "件数" if v.get("by") == "qty" else "金额"
    return results.view(
        found, "按商品", charts=[figures.pareto(f"商品{by}与累计占比", found.table, "商品名称", by)],
        kinds={"ABC": "text"}, main={"id": "商品编码", "actions": MANY},
        tables={"未动销": {"id": "商品编码", "actions": MANY}},
    )  # fmt: skip


def _tags(crm: Session, v: f.Values) -> View:
    found = crm.products.tags()
    return View(
        cards=[Card("标签", len(found)), Card("贴了标签的次数", int(found["数量"].sum()))],
        charts=[figures.ranking("标签使用", found, "标签", "数量", wide=True)] if len(found) else [],
        tables=[Table("商品标签", found, kinds={"标签": "text"},
                      actions=tag_actions.on_tags("商品", lambda c: c.products.tagging))],
    )  # fmt: skip


def _association(crm: Session, v: f.Values) -> View:
    found = crm.products.association(**v)
    rules = found.table.assign(规则=found.table["前项名称"].astype(str) + " → " + found.table["后项名称"].astype(str))  # fmt: skip
    return results.view(
        found, "关联规则",
        charts=[figures.ranking("提升度最高的规则", rules, "规则", "提升度", top=8, wide=True)],
        main={"hidden": ["前项篮数", "后项篮数", "总篮数", "前项", "后项"], "id": "前项名称"},
        kinds={"前项名称": "text", "后项名称": "text"},
    )  # fmt: skip


SCREENS = (
    Screen(
        "products.search", _search,
        [
            f.text("word", "关键词", placeholder="编码、名称或类目"),
            f.select("category", "类目", categories, placeholder="全部类目"),
            f.money("price_from", "价格从"), f.money("price_to", "到"),
            f.count("stock_from", "库存从"), f.count("stock_to", "到"),
            f.select("tag", "标签", tags, placeholder="全部标签"),
        ],
        "按编码、名称、类目、价格、库存和标签找商品",
    ),
    Screen(
        "products.list", _list,
        [f.select("sort", "排序", dict(SORTS), "newest", required=True), f.count("top", "只看前几个", low=1)],
        "全店商品的价格、成本、库存、销量和标签",
    ),
    Screen("products.category_sales", _category_sales, results.with_scope(), "各类目卖了多少，按类目树逐级汇总"),
    Screen(
        "products.product_sales", _product_sales,
        results.with_scope(f.variants("by", "排名", RANK_BY, "amount"), f.count("top", "只看前几名", low=1)),
        "每个商品的件数、金额、排名、环比和 ABC 分类，哪些卖不动",
    ),
    Screen("products.tags", _tags, about="给商品贴标签、改名、合并；也可以在商品查询、商品列表、商品销量里勾选商品后贴",
           actions=[tag_actions.put("商品", lambda c: c.products.tagging, tags, skus)]),
    Screen(
        "products.association", _association,
        results.with_scope(
            f.variants("basket", "一篮是", BASKETS, "order"),
            f.percent("min_support", "最小支持度", high=100), f.percent("min_confidence", "最小置信度", high=100),
            f.number("min_lift", "最小提升度", low=0), f.number("longest", "规则最多几样", 2, low=2, high=6, whole=True),
            f.select("sku", "商品", skus, placeholder="全部商品"),
        ),
        "哪些商品常在一起买：支持度、置信度、提升度",
    ),
)  # fmt: skip
