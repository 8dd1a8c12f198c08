"""Three multidimensional models: star, snowflake and galaxy (fact constellation).

The grain is one line of a valid order: one product in one order. Measures are 数量 and 销售额
(数量 × 单价, yuan); postage and discount belong to the whole order and stay out, because they
would be counted once per line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.selection import REFUNDED, VALID_STATUS
from crmkit.analytics.warehouse.engine import literal, query

MODELS: Mapping[str, str] = {
    "星型": "一张事实表，每张维表都直接连着它",
    "雪花型": "维表再拆出下一层维表，事实表要经过它才能连到",
    "星座型": "几张事实表共用维表，又叫事实星座、银河模型",
}
SOURCES: Mapping[str, tuple[str, ...]] = {
    "customers": ("客户编号", "性别", "省份", "城市", "来源", "会员等级"),
    "products": ("商品编码", "商品名称", "类目", "价格", "成本"),
    "orders": ("订单编号", "客户编号", "付款时间", "渠道编号", "订单状态"),
    "order_items": ("订单编号", "商品编码", "数量", "单价"),
    "channels": ("渠道编号", "渠道名称", "平台"),
    "returns": ("退换编号", "订单编号", "商品编码", "类型", "完成时间", "退款金额", "退换状态"),
}
_TITLES = {
    "customers": "客户表", "products": "商品表", "orders": "订单表", "order_items": "订单明细表",
    "channels": "渠道表", "returns": "退换货表",
}  # fmt: skip


@dataclass(frozen=True)
class Link:
    """A key column of one table that has to be found in another table."""

    table: str
    column: str
    to: str


@dataclass(frozen=True)
class Warehouse:
    """Fact tables, dimension tables and the keys that join them."""

    facts: Mapping[str, pd.DataFrame]
    dimensions: Mapping[str, pd.DataFrame]
    links: tuple[Link, ...]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name."""
        return {**self.facts, **self.dimensions}

    @property
    def model(self) -> str:
        """Which of `MODELS` this is, read off the links."""
        if len(self.facts) > 1:
            return "星座型"
        return "雪花型" if any(k.table in self.dimensions for k in self.links) else "星型"

    def sql(self, text: str) -> pd.DataFrame:
        """The result of a query over all tables."""
        return query(text, **self.tables)


def star(
    customers: pd.DataFrame, products: pd.DataFrame, orders: pd.DataFrame,
    order_items: pd.DataFrame, channels: pd.DataFrame,
) -> Warehouse:  # fmt: skip
    """The star schema of a shop: fact_sales and dim_customer, dim_product, dim_date, dim_channel.

    Only valid orders (paid and not void) are facts, on the day they were paid. Names and phone
    numbers are left behind: nobody analyses by them.

    Raises
    ------
    AnalyticsError
        A column is missing, a key is doubled, or an order line points to nothing.
    """
    given = {"customers": customers, "products": products, "orders": orders,
             "order_items": order_items, "channels": channels}  # fmt: skip
    for name, frame in given.items():
        inputs.require(frame, _TITLES[name], {c: c for c in SOURCES[name]})
    for name in ("customers", "products", "orders", "channels"):
        inputs.ids(given[name], _TITLES[name], SOURCES[name][0], unique=True)
    lines = order_items.assign(_fen=inputs.cents(order_items, _TITLES["order_items"], "单价"))
    known = orders.assign(付款时间=inputs.times(orders, _TITLES["orders"], "付款时间"))
    fact = query(
        f"""SELECT i.订单编号, strftime(o.付款时间, '%Y%m%d')::INT AS 日期键, o.客户编号,
                   i.商品编码, o.渠道编号, i.数量::BIGINT AS 数量,
                   (i._fen * i.数量)::BIGINT / 100.0 AS 销售额
            FROM i JOIN o USING (订单编号)
            WHERE o.订单状态 IN ({", ".join(map(literal, sorted(VALID_STATUS)))})
              AND o.付款时间 IS NOT NULL
            ORDER BY o.付款时间, i.订单编号, i.商品编码""",
        i=lines, o=known,
    )  # fmt: skip
    links = (
        Link("fact_sales", "客户编号", "dim_customer"),
        Link("fact_sales", "商品编码", "dim_product"),
        Link("fact_sales", "日期键", "dim_date"),
        Link("fact_sales", "渠道编号", "dim_channel"),
    )
    made = Warehouse(
        {"fact_sales": fact},
        {
            "dim_customer": customers[list(SOURCES["customers"])].reset_index(drop=True),
            "dim_product": _products(products),
            "dim_date": date_dimension(fact["日期键"]),
            "dim_channel": channels[list(SOURCES["channels"])].reset_index(drop=True),
        },
        links,
    )
    _refuse_orphans(made)
    return made


def _products(products: pd.DataFrame) -> pd.DataFrame:
    parts = products["类目"].astype(str).str.split("/", n=1, expand=True).reindex(columns=[0, 1])
    return pd.DataFrame({
        "商品编码": products["商品编码"], "商品名称": products["商品名称"],
        "大类": parts[0], "小类": parts[1].fillna(parts[0]),
        "价格": products["价格"], "成本": products["成本"],
    }).reset_index(drop=True)  # fmt: skip


def date_dimension(keys: pd.Series) -> pd.DataFrame:
    """Every day from the first to the last key (yyyymmdd), with its month, quarter and year.

    >>> date_dimension(pd.Series([20241231, 20250101]))[["日期键", "年", "季度", "月", "星期"]]
            日期键     年      季度        月 星期
    0  20241231  2024  2024Q4  2024-12  二
    1  20250101  2025  2025Q1  2025-01  三
    """
    if keys.empty:
        raise AnalyticsError("事实表里一行也没有，列不出日期维。请核对订单的状态和付款时间。")
    ends = pd.to_datetime(pd.Series([keys.min(), keys.max()]).astype(str), format="%Y%m%d")
    days = pd.Series(pd.date_range(ends[0], ends[1], freq="D"))
    return pd.DataFrame({
        "日期键": days.dt.strftime("%Y%m%d").astype(int), "日期": days,
        "年": days.dt.year.astype(int),
        "季度": days.dt.year.astype(str) + "Q" + days.dt.quarter.astype(str),
        "月": days.dt.strftime("%Y-%m"), "星期": [("一二三四五六日")[d] for d in days.dt.day_of_week],
    })  # fmt: skip


def snowflake(warehouse: Warehouse) -> Warehouse:
    """The same facts with dim_category split off from dim_product.

    dim_product keeps the key 类目编号; 大类 and 小类 stand once each in dim_category.

    Raises
    ------
    AnalyticsError
        There is no dim_product with 大类 and 小类.
    """
    product = warehouse.dimensions.get("dim_product", pd.DataFrame())
    inputs.require(product, "维表 dim_product", {"category": "大类", "sub": "小类"})
    pairs = product[["大类", "小类"]].drop_duplicates().sort_values(["大类", "小类"])
    category = pairs.reset_index(drop=True)
    category.insert(0, "类目编号", [f"K{n:02d}" for n in range(1, len(category) + 1)])
    slim = product.merge(category, on=["大类", "小类"], how="left").drop(columns=["大类", "小类"])
    dimensions = {**warehouse.dimensions, "dim_product": slim, "dim_category": category}
    links = (*warehouse.links, Link("dim_product", "类目编号", "dim_category"))
    return Warehouse(warehouse.facts, dimensions, links)


def galaxy(warehouse: Warehouse, returns: pd.DataFrame, orders: pd.DataFrame) -> Warehouse:
    """A second fact table, fact_return, that shares the dimensions of fact_sales.

    A row is one successful refund of an order that is in fact_sales, on the day it was finished;
    customer and channel come from the order. Exchanges with nothing refunded count 0 yuan.

    Raises
    ------
    AnalyticsError
        A column is missing.
    """
    inputs.require(returns, _TITLES["returns"], {c: c for c in SOURCES["returns"]})
    inputs.require(orders, _TITLES["orders"], {"order_id": "订单编号", "customer_id": "客户编号"})
    done = returns[returns["退换状态"].isin(REFUNDED)]
    done = done.assign(
        _fen=inputs.cents(done, _TITLES["returns"], "退款金额"),
        完成时间=inputs.times(done, _TITLES["returns"], "完成时间"),
    )
    fact = query(
        """SELECT r.退换编号, r.订单编号, strftime(r.完成时间, '%Y%m%d')::INT AS 日期键, o.客户编号,
                  r.商品编码, o.渠道编号, r.类型, r._fen / 100.0 AS 退款金额
           FROM r JOIN o USING (订单编号)
           WHERE r.完成时间 IS NOT NULL AND r.订单编号 IN (SELECT 订单编号 FROM f)
           ORDER BY r.完成时间, r.退换编号""",
        r=done, o=orders, f=warehouse.facts["fact_sales"],
    )  # fmt: skip
    both = pd.concat([warehouse.facts["fact_sales"]["日期键"], fact["日期键"]])
    shared = tuple(
        Link("fact_return", k.column, k.to) for k in warehouse.links if k.table == "fact_sales"
    )
    made = Warehouse(
        {**warehouse.facts, "fact_return": fact},
        {**warehouse.dimensions, "dim_date": date_dimension(both)},
        (*warehouse.links, *shared),
    )
    _refuse_orphans(made)
    return made


def check(warehouse: Warehouse) -> pd.DataFrame:
    """Whether keys are unique and every link arrives: one row per check, with the problems found.

    Returns
    -------
    DataFrame
        检查, 问题数 (0 is good).
    """
    rows: list[tuple[str, int]] = []
    for name, frame in warehouse.dimensions.items():
        key = str(frame.columns[0])
        bad = int(frame[key].duplicated().sum() + frame[key].isna().sum())
        rows.append((f"{name} 的主键「{key}」不重复、不为空", bad))
    tables = warehouse.tables
    for link in warehouse.links:
        there = tables[link.to][link.column]
        bad = int((~tables[link.table][link.column].isin(there)).sum())
        rows.append((f"{link.table} 的「{link.column}」都能在 {link.to} 里找到", bad))
    return pd.DataFrame(rows, columns=["检查", "问题数"])


def _refuse_orphans(warehouse: Warehouse) -> None:
    tables = warehouse.tables
    for link in warehouse.links:
        lost = ~tables[link.table][link.column].isin(tables[link.to][link.column])
        if lost.any():
            first = tables[link.table].loc[lost, link.column].iloc[0]
            raise AnalyticsError(
                f"{link.table} 有 {int(lost.sum())} 行的「{link.column}」在 {link.to} 里找不到，"
                f"例如 {first}。请先补上来源表里缺的行，再建仓库。"
            )


def metadata(warehouse: Warehouse) -> pd.DataFrame:
    """Data about the data: every column with its table, type, what it does and an example."""
    keys = {(k.table, k.column) for k in warehouse.links}
    rows = []
    for name, frame in warehouse.tables.items():
        for place, column in enumerate(frame.columns):
            if (name, column) in keys:
                role = "外键"
            elif place == 0:
                role = "主键" if name in warehouse.dimensions else "退化维度（单号）"
            elif name in warehouse.facts and pd.api.types.is_numeric_dtype(frame[column]):
                role = "度量"
            else:
                role = "属性"
            example = frame[column].dropna().iloc[0] if frame[column].notna().any() else None
            rows.append((name, column, role, str(frame[column].dtype), len(frame), example))
    out = pd.DataFrame(rows, columns=["表", "列", "角色", "类型", "行数", "例子"])
    return out.assign(例子=out["例子"].astype(str))
