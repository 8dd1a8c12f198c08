"""A dependent data mart: a small table for one department, drawn from the warehouse alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.warehouse.models import Warehouse

KINDS: Mapping[str, str] = {
    "从属型": "只从中央数据仓库取数，各部门口径一致",
    "独立型": "各部门自己从业务系统取数，建得快，口径各不相同",
}


def marketing(warehouse: Warehouse, as_of: dt.date) -> pd.DataFrame:
    """One row per buyer for the marketing department.

    Returns
    -------
    DataFrame
        客户编号, 省份, 会员等级, 订单数, 销售额 (yuan), 最近购买日, 距今天数, 首选大类 (the one with
        the largest 销售额; of equal ones the first by name). Customers without a sale are left out.

    Raises
    ------
    AnalyticsError
        The warehouse lacks a table, or holds sales after `as_of`.
    """
    lacking = [t for t in ("fact_sales", "dim_customer", "dim_product", "dim_date")
               if t not in warehouse.tables]  # fmt: skip
    if lacking:
        raise AnalyticsError(f"数据仓库里没有表：{'、'.join(lacking)}。从属型集市只能从仓库取数。")
    day = pd.Timestamp(inputs.as_day(as_of))
    last = warehouse.facts["fact_sales"]["日期键"].max()
    if int(last) > int(day.strftime("%Y%m%d")):
        raise AnalyticsError(f"仓库里有 {day.date()} 以后的销售（最晚 {last}）。请换一个 as_of。")
    made = warehouse.sql(
        f"""WITH own AS (
               SELECT 客户编号, 大类, sum(round(销售额 * 100))::BIGINT AS 分
               FROM fact_sales JOIN dim_product USING (商品编码) GROUP BY ALL),
             first AS (
               SELECT 客户编号, 大类 AS 首选大类 FROM own
               QUALIFY row_number() OVER (PARTITION BY 客户编号 ORDER BY 分 DESC, 大类) = 1)
            SELECT 客户编号, 省份, 会员等级, count(DISTINCT 订单编号) AS 订单数,
                   sum(round(销售额 * 100))::BIGINT / 100.0 AS 销售额, max(日期) AS 最近购买日,
                   date_diff('day', max(日期)::DATE, DATE '{day.date()}') AS 距今天数,
                   any_value(首选大类) AS 首选大类
            FROM fact_sales JOIN dim_customer USING (客户编号) JOIN dim_date USING (日期键)
                 JOIN first USING (客户编号)
            GROUP BY 客户编号, 省份, 会员等级 ORDER BY 客户编号"""
    )
    return made
