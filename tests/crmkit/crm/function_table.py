"""Every function of the CRM once: what it gives, the same in plain SQL, and what it can change.

The SQL is written from the definitions, on the tables of the shop file; nothing in it comes from
the module's own code. ``{paid}`` stands for the valid orders, ``{returned}`` for what was refunded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from crmkit.crm import Session
from crmkit.crm.roles import MANAGER, SERVICE

Rows = list[tuple[Any, ...]]
PAID = """(SELECT * FROM orders WHERE paid_at IS NOT NULL AND status IN ('WAIT_SELLER_SEND_GOODS',
    'SELLER_CONSIGNED_PART', 'WAIT_BUYER_CONFIRM_GOODS', 'TRADE_FINISHED', 'TRADE_CLOSED'))"""
RETURNED = "(SELECT * FROM returns WHERE status = 'SUCCESS' AND finished_at < '2026-01-01')"
NUMBER_OF_ORDERS = """(SELECT customer_id, COALESCE(n, 0) AS n, COALESCE(yuan, 0) AS yuan, first, last
    FROM customers LEFT JOIN (SELECT customer_id, COUNT(*) AS n, SUM(amount) / 100.0 AS yuan,
        MIN(paid_at) AS first, MAX(paid_at) AS last FROM {paid} GROUP BY 1) USING (customer_id))"""

# Finished, and received more than 15 days ago.
AFTER_SALE_OVER = """status = 'TRADE_FINISHED' AND aftersale_closed = 0 AND received_at
    < DATETIME((SELECT value FROM meta WHERE name = 'now'), '-15 days')"""


def plain(crm: Session, sql: str) -> Rows:
    """What plain SQL says."""
    text = sql.replace("{people}", NUMBER_OF_ORDERS)
    text = text.replace("{paid}", PAID).replace("{returned}", RETURNED)
    with crm.store.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(text)]


def rows(frame: pd.DataFrame, *columns: str) -> Rows:
    """Some columns of a table as rows; days as ISO text."""
    chosen = frame[list(columns)].copy()
    for name in columns:
        if pd.api.types.is_datetime64_any_dtype(chosen[name]):
            chosen[name] = chosen[name].dt.strftime("%Y-%m-%d")
    return list(chosen.itertuples(index=False, name=None))


def parts(*figures: Any) -> Rows:
    """Numerator and denominator of figures."""
    return [(f.numerator, f.denominator) for f in figures]


def one(crm: Session, sql: str) -> str:
    """The first value of a query."""
    return str(plain(crm, f"{sql} LIMIT 1")[0][0])


def customers(crm: Session) -> list[str]:
    with crm.store.reading() as connection:
        found = connection.execute(
            sa.text("SELECT customer_id FROM customers ORDER BY 1 DESC LIMIT 3")
        )
        return [r[0] for r in found]


def a_file(crm: Session) -> bytes:
    """A customer file: everybody whose mobile ends in 8, one new person, one number that is none."""
    known = plain(crm, "SELECT DISTINCT mobile FROM customers WHERE mobile LIKE '%8'")
    mobiles = [m for (m,) in known] + ["19900000001", "123"]
    return "\n".join(["昵称,手机", *(f"客{m},{m}" for m in mobiles)]).encode()


@dataclass(frozen=True)
class Case:
    """One function: `read` gives the figures that `sql` gives, in any order; `act` changes something
    and stands in the log as `action`. `who`: the role that does it, by default the last that may."""

    read: Callable[[Session], Rows]
    sql: str
    act: Callable[[Session], object] | None = None
    action: str = ""
    who: str = ""


CASES: Mapping[str, Case] = {
    # --- 顾客信息 ---------------------------------------------------------------------------------
    "customers.lookup": Case(
        lambda c: rows(c.customers.lookup(province="浙江", sort=(("累计金额", False),)).frame,
                       "客户编号", "累计订单数", "累计金额"),
        """SELECT customer_id, n, yuan FROM {people} JOIN customers USING (customer_id)
           WHERE province = '浙江' ORDER BY yuan DESC, customer_id LIMIT 20""",
    ),
    "customers.import_file": Case(
        lambda c: [tuple(c.customers.import_file(a_file(c)).counts.values())],  # 新增 已有 拒绝
        """SELECT 1 - COUNT(DISTINCT CASE WHEN mobile = '19900000001' THEN 1 END),
           COUNT(DISTINCT CASE WHEN mobile LIKE '%8' OR mobile = '19900000001' THEN mobile END), 1
           FROM customers""",
        lambda c: c.customers.apply_import(c.customers.import_file(a_file(c))), "导入",
    ),
    "customers.list": Case(
        lambda c: rows(c.customers.list(size=10).frame, "客户编号", "购买件数", "累计金额"),
        """SELECT customer_id, (SELECT COALESCE(SUM(qty), 0) FROM order_items
               JOIN {paid} o USING (order_id) WHERE o.customer_id = p.customer_id), yuan
           FROM {people} p ORDER BY yuan DESC, customer_id LIMIT 10""",
        lambda c: c.customers.update(customers(c)[0], city="杭州", note="老客"), "修改顾客",
    ),
    "customers.tags": Case(
        lambda c: rows(c.customers.tags(), "标签", "数量"),
        "SELECT tag, COUNT(*) FROM tags WHERE object_type = 'customer' GROUP BY tag",
        lambda c: c.customers.tagging.put("爱白茶", customers(c)), "贴标签",
    ),
    # --- 顾客分类 ---------------------------------------------------------------------------------
    "segments.frequency": Case(
        lambda c: rows(c.segments.frequency().table, "类别", "人数", "金额"),
        """SELECT CASE WHEN n <= 2 THEN n || ' 次' WHEN n <= 5 THEN '3–5 次' ELSE '6 次及以上' END,
           COUNT(*), SUM(yuan) FROM {people} GROUP BY 1""",
        lambda c: c.segments.save("买过一次", "frequency", ["1 次"]), "保存分类",
    ),
    "segments.source": Case(
        lambda c: [r for r in rows(c.segments.source().table, "类别", "人数") if r[1]],
        "SELECT COALESCE(NULLIF(source, ''), '未知'), COUNT(*) FROM customers GROUP BY 1",
        lambda c: c.segments.save("搜索来的", "source", ["自然搜索"]), "保存分类",
    ),
    "segments.channel": Case(
        lambda c: [r for r in rows(c.segments.channel().table, "类别", "人数") if r[1]],
        """SELECT ch.name, COUNT(*) FROM (SELECT channel_id, ROW_NUMBER() OVER (
               PARTITION BY customer_id ORDER BY paid_at, order_id) AS k FROM {paid}) o
           JOIN channels ch USING (channel_id) WHERE k = 1 GROUP BY 1
           UNION ALL SELECT '未购买', COUNT(*) FROM {people} WHERE n = 0""",
        lambda c: c.segments.save("没买过", "channel", ["未购买"]), "保存分类",
    ),
    "segments.spending": Case(
        lambda c: rows(c.segments.spending(bands=[200, 1000]).table, "类别", "人数", "金额"),
        """SELECT CASE WHEN n = 0 THEN '未购买' WHEN yuan < 200 THEN '不到 200 元'
               WHEN yuan < 1000 THEN '200–1000 元' ELSE '1000 元以上' END,
           COUNT(*), SUM(yuan) FROM {people} GROUP BY 1""",
        lambda c: c.segments.save("花得多", "spending", ["最高 20%"], mode="quintiles"), "保存分类",
    ),
    "segments.manual": Case(
        lambda c: rows(c.segments.manual(), "分类", "人数"),
        """SELECT g.name, COUNT(m.customer_id) FROM groups g
           LEFT JOIN group_members m USING (group_id) GROUP BY g.group_id""",
        lambda c: c.segments.create("茶友会", customers(c)), "建分类",
    ),
    # --- 顾客分析 ---------------------------------------------------------------------------------
    "analysis.level": Case(
        lambda c: rows(c.analysis.level().table, "等级", "客户数", "买家数", "支付金额"),
        """SELECT member_level, COUNT(*), SUM(n > 0), SUM(yuan)
           FROM {people} JOIN customers USING (customer_id) GROUP BY 1""",
        lambda c: c.analysis.regrade(by="count"), "调整等级",
    ),
    "analysis.repurchase": Case(
        lambda c: parts(c.analysis.repurchase()["复购率（按人）"]),
        "SELECT SUM(n >= 2), SUM(n >= 1) FROM {people}",
    ),
    "analysis.counts": Case(
        lambda c: rows(c.analysis.counts().tables["逐次分布"], "购买次数", "买家数"),
        "SELECT n, COUNT(*) FROM {people} WHERE n > 0 GROUP BY n",
    ),
    "analysis.churn": Case(
        lambda c: rows(c.analysis.churn(active_days=90, churned_days=180).table,
                       "状态", "买家数", "累计金额"),
        """SELECT CASE WHEN days <= 90 THEN '活跃' WHEN days <= 180 THEN '沉默' ELSE '流失' END,
           COUNT(*), SUM(yuan) FROM (SELECT julianday('2025-12-31') - julianday(DATE(last)) AS days,
               yuan FROM {people} WHERE n > 0) GROUP BY 1""",
    ),
    "analysis.region": Case(
        lambda c: rows(c.analysis.region().table, "省份", "买家数", "订单数", "支付金额"),
        """SELECT COALESCE(NULLIF(province, ''), '未知'), COUNT(*), SUM(n), SUM(yuan)
           FROM {people} JOIN customers USING (customer_id) WHERE n > 0 GROUP BY 1""",
    ),
    "analysis.order_value": Case(
        lambda c: parts(*(c.analysis.order_value()[f] for f in ("客单价", "连带率"))),
        """SELECT SUM(amount) / 100.0, COUNT(DISTINCT customer_id) FROM {paid} UNION ALL
           SELECT SUM(qty), COUNT(DISTINCT order_id) FROM order_items JOIN {paid} o USING (order_id)""",
    ),
    "analysis.new_old": Case(
        lambda c: rows(c.analysis.new_old().table, "月份", "买家数", "新客数"),
        """SELECT STRFTIME('%Y-%m', paid_at), COUNT(DISTINCT customer_id), COUNT(DISTINCT
               CASE WHEN STRFTIME('%Y-%m', first) = STRFTIME('%Y-%m', paid_at) THEN customer_id END)
           FROM {paid} JOIN {people} USING (customer_id) WHERE paid_at >= '2025' GROUP BY 1""",
    ),
    # --- 商品信息 ---------------------------------------------------------------------------------
    "products.search": Case(
        lambda c: rows(c.products.search("茶", price_to=100), "商品编码", "价格", "库存"),
        """SELECT sku, price / 100.0, stock FROM products
           WHERE sku || name || category LIKE '%茶%' AND price <= 10000""",
    ),
    "products.list": Case(
        lambda c: rows(c.products.list(sort="price_down", top=5), "商品编码", "价格"),
        "SELECT sku, price / 100.0 FROM products ORDER BY price DESC, sku LIMIT 5",
    ),
    "products.category_sales": Case(
        lambda c: rows(c.products.category_sales().table, "类目", "件数", "金额"),
        """WITH sold AS (SELECT p.category, i.qty, i.qty * i.unit_price / 100.0 AS yuan
               FROM products p JOIN order_items i USING (sku) JOIN {paid} o USING (order_id))
           SELECT category, SUM(qty), SUM(yuan) FROM sold GROUP BY 1 UNION ALL
           SELECT SUBSTR(category, 1, INSTR(category, '/') - 1), SUM(qty), SUM(yuan) FROM sold
           WHERE category LIKE '%/%' GROUP BY 1""",
    ),
    "products.product_sales": Case(
        lambda c: rows(c.products.product_sales().table, "商品编码", "订单数", "件数", "金额"),
        """SELECT sku, COUNT(*), SUM(qty), SUM(qty * unit_price) / 100.0
           FROM order_items JOIN {paid} o USING (order_id) GROUP BY sku""",
    ),
    "products.tags": Case(
        lambda c: rows(c.products.tags(), "标签", "数量"),
        "SELECT tag, COUNT(*) FROM tags WHERE object_type = 'product' GROUP BY tag",
        lambda c: c.products.tagging.put("试喝装", [one(c, "SELECT sku FROM products")]), "贴标签",
    ),
    "products.association": Case(
        lambda c: rows(
            c.products.association(min_support=0.01).tables["频繁项集"].query("商品数 == 2"),
            "商品", "篮数"),
        """SELECT a.sku || '、' || b.sku, COUNT(*) FROM order_items a
           JOIN order_items b ON b.order_id = a.order_id AND b.sku > a.sku
           JOIN {paid} o ON o.order_id = a.order_id
           GROUP BY 1 HAVING COUNT(*) >= 0.01 * (SELECT COUNT(*) FROM {paid})""",
    ),
    # --- 订单信息 ---------------------------------------------------------------------------------
    "orders.search": Case(
        lambda c: [((found := c.orders.search(status="交易成功")).page.total, found.amount)],
        "SELECT COUNT(*), SUM(amount) / 100.0 FROM orders WHERE status = 'TRADE_FINISHED'",
        lambda c: c.orders.place(
            customers(c)[0], {one(c, "SELECT sku FROM products WHERE stock > 0"): 1}, channel_id="T01"),
        "下单", MANAGER,  # who plays the buyers in class
    ),
    "orders.returns": Case(
        lambda c: rows(c.orders.returns(kind="退货").reasons, "原因", "件数"),
        "SELECT reason, COUNT(*) FROM returns WHERE kind = '退货' GROUP BY reason",
        lambda c: c.orders.agree(one(c, "SELECT return_id FROM returns WHERE status = 'WAIT_SELLER_AGREE'")),
        "同意", SERVICE,
    ),
    "orders.close": Case(
        lambda c: [(c.orders.close("售后到期").total,)],
        f"SELECT COUNT(*) FROM orders WHERE {AFTER_SALE_OVER}",
        lambda c: c.orders.close_order(
            one(c, f"SELECT order_id FROM orders WHERE {AFTER_SALE_OVER}"), "售后期已过"),
        "结束订单",
    ),
    "orders.ship": Case(
        lambda c: rows(c.orders.ship(), "订单编号", "付款时间"),
        """SELECT order_id, DATE(paid_at) FROM orders
           WHERE status IN ('WAIT_SELLER_SEND_GOODS', 'SELLER_CONSIGNED_PART')""",
        lambda c: c.orders.ship_order(
            one(c, """SELECT order_id FROM orders WHERE status = 'WAIT_SELLER_SEND_GOODS'
                      AND order_id NOT IN (SELECT order_id FROM returns)"""),
            "顺丰速运", "SF20251231001"),
        "出库",
    ),
    "orders.receive": Case(
        lambda c: rows(c.orders.receive(days=3), "订单编号", "发货时间"),
        """SELECT order_id, DATE(shipped_at) FROM orders WHERE status = 'WAIT_BUYER_CONFIRM_GOODS'
           AND shipped_at <= DATETIME((SELECT value FROM meta WHERE name = 'now'), '-3 days')""",
        lambda c: c.orders.notify_received(days=1), "收货通知",
    ),
    # --- 营销信息 ---------------------------------------------------------------------------------
    "marketing.campaigns": Case(
        lambda c: rows(c.marketing.campaigns(), "活动编号", "发送人数", "响应人数"),
        """SELECT campaign_id, COUNT(s.customer_id), COALESCE(SUM(s.responded), 0) FROM campaigns
           LEFT JOIN (SELECT * FROM campaign_sends WHERE via NOT LIKE '留白%') s USING (campaign_id)
           GROUP BY 1""",
        lambda c: c.marketing.create_campaign(
            "春茶预告", starts="2026-01-05", ends="2026-01-20", budget=100),
        "新建活动",
    ),
    "marketing.birthday": Case(
        lambda c: rows(c.marketing.birthday(7), "客户编号", "生日"),
        """SELECT customer_id, birthday FROM customers WHERE lunar_birthday = 0
           AND (STRFTIME('%m-%d', birthday) = '12-31' OR STRFTIME('%m-%d', birthday) <= '01-06')""",
        lambda c: c.marketing.send_birthday(7), "发送生日关怀",
    ),
    "marketing.holiday": Case(  # the lunar ones as the calendar of 2026 prints them
        lambda c: [r for r in rows(c.marketing.holiday(70), "节日", "日期") if "节" in r[0]],
        """VALUES ('腊八节', '2026-01-26'), ('春节', '2026-02-17'), ('元宵节', '2026-03-03'),
           ('情人节', '2026-02-14'), ('妇女节', '2026-03-08')""",
        lambda c: c.marketing.create_holiday("春节"), "新建活动",
    ),
    "marketing.tags": Case(
        lambda c: rows(c.marketing.tags(), "活动编号", "带触达标签", "带响应标签"),
        """SELECT campaign_id, COUNT(CASE WHEN t.tag LIKE '触达:%' THEN 1 END),
               COUNT(CASE WHEN t.tag LIKE '响应:%' THEN 1 END) FROM campaigns c
           LEFT JOIN tags t ON t.object_type = 'customer'
               AND t.tag IN ('触达:' || c.tag, '响应:' || c.tag) GROUP BY 1""",
        lambda c: c.marketing.tag_campaign(one(c, "SELECT campaign_id FROM campaign_sends"), "触达"),
        "打活动标签",
    ),
    # --- 互动信息 ---------------------------------------------------------------------------------
    "interactions.survey": Case(
        lambda c: rows(c.interactions.survey(), "问卷编号", "标题", "状态"),
        "SELECT form_id, title, status FROM forms",
        lambda c: c.interactions.surveys.create("回访", [{"题目": "满意吗", "题型": "评分"}]), "建问卷",
    ),
    "interactions.wechat": Case(
        lambda c: rows(c.interactions.wechat(), "规则", "回复", "优先级"),
        "SELECT reply_id, text, priority FROM replies",
        lambda c: c.interactions.replies.add(["发货"], "当天发货", priority=3), "加自动回复",
    ),
    "interactions.inbound": Case(
        lambda c: rows(c.interactions.inbound().frame, "互动编号", "客户编号"),
        """SELECT interaction_id, customer_id FROM interactions WHERE kind = '呼入'
           ORDER BY at DESC, interaction_id DESC LIMIT 20""",
        lambda c: c.interactions.calls_in.record(customers(c)[0], topic="物流", result="已解决"), "登记呼入",
    ),
    "interactions.outbound": Case(
        lambda c: rows(c.interactions.outbound().frame, "互动编号", "客户编号"),
        """SELECT interaction_id, customer_id FROM interactions WHERE kind = '呼出'
           ORDER BY at DESC, interaction_id DESC LIMIT 20""",
        lambda c: c.interactions.calls_out.record(customers(c)[1], topic="回访", result="满意"), "登记呼出",
    ),
    "interactions.inquiries": Case(
        lambda c: rows(c.interactions.inquiries().frame, "互动编号", "客户编号"),
        """SELECT interaction_id, customer_id FROM interactions WHERE kind = '咨询'
           ORDER BY at DESC, interaction_id DESC LIMIT 20""",
        lambda c: c.interactions.asked.record(customers(c)[2], topic="冲泡", result="转人工"), "登记咨询",
    ),
    "interactions.review_alerts": Case(
        lambda c: rows(c.interactions.review_alerts(["明示"]).table, "评价编号", "星级"),
        "SELECT review_id, stars FROM reviews WHERE stars <= 3 AND replied_at IS NULL",
        lambda c: c.interactions.cases.reply(
            one(c, "SELECT review_id FROM reviews WHERE stars <= 3 AND replied_at IS NULL"),
            "抱歉，马上补发。"),
        "回复评价",
    ),
    # --- 渠道关系 ---------------------------------------------------------------------------------
    "channels.list": Case(
        lambda c: rows(c.channels.list(), "渠道编号", "费率", "负责人"),
        "SELECT channel_id, fee_rate, contact FROM channels",
        lambda c: c.channels.update(one(c, "SELECT channel_id FROM channels"), fee_rate=0.05), "维护渠道",
    ),
    "channels.dormant": Case(
        lambda c: rows(c.channels.dormant(days=90).table, "渠道编号", "沉睡天数"),
        """SELECT channel_id, julianday('2025-12-31')
               - julianday(DATE(COALESCE(MAX(o.paid_at), ch.opened_at))) AS days
           FROM channels ch LEFT JOIN {paid} o USING (channel_id) WHERE ch.status = 'open'
           GROUP BY channel_id HAVING days > 90""",
        lambda c: c.channels.settle_dormant([dormant(c)], "mark"), "处理休眠渠道",
    ),
    "channels.sales": Case(
        lambda c: rows(c.channels.sales().table, "渠道编号", "订单数", "支付金额", "退款金额"),
        """SELECT channel_id, COUNT(o.order_id), COALESCE(SUM(o.amount), 0) / 100.0,
               COALESCE(SUM((SELECT SUM(r.amount) FROM {returned} r WHERE r.order_id = o.order_id)), 0) / 100.0
           FROM channels LEFT JOIN {paid} o USING (channel_id) GROUP BY 1""",
    ),
    "channels.return_rate": Case(
        lambda c: rows(c.channels.return_rate().table, "渠道编号", "明细行", "退行（按付款日）"),
        """SELECT channel_id, COUNT(i.sku), COUNT(r.sku) FROM channels
           LEFT JOIN {paid} o USING (channel_id) LEFT JOIN order_items i USING (order_id)
           LEFT JOIN (SELECT DISTINCT order_id, sku FROM {returned} WHERE kind = '退货') r
               ON r.order_id = i.order_id AND r.sku = i.sku GROUP BY 1""",
    ),
    "channels.new_customers": Case(
        lambda c: rows(c.channels.new_customers().table, "渠道编号", "买家数", "新客数"),
        """SELECT ch.channel_id, COUNT(DISTINCT o.customer_id),
               COUNT(DISTINCT CASE WHEN p.first >= '2025' THEN o.customer_id END) FROM channels ch
           LEFT JOIN {paid} o ON o.channel_id = ch.channel_id AND o.paid_at >= '2025'
           LEFT JOIN {people} p ON p.customer_id = o.customer_id GROUP BY 1""",
    ),
    "channels.old_customers": Case(
        lambda c: rows(c.channels.old_customers().table, "渠道编号", "老客数", "老客金额"),
        """SELECT ch.channel_id, COUNT(DISTINCT CASE WHEN p.first < '2025' THEN o.customer_id END),
               COALESCE(SUM(CASE WHEN p.first < '2025' THEN o.amount END), 0) / 100.0 FROM channels ch
           LEFT JOIN {paid} o ON o.channel_id = ch.channel_id AND o.paid_at >= '2025'
           LEFT JOIN {people} p ON p.customer_id = o.customer_id GROUP BY 1""",
    ),
    "channels.order_value": Case(
        lambda c: rows(c.channels.order_value().table, "渠道编号", "买家数", "支付金额"),
        """SELECT channel_id, COUNT(DISTINCT o.customer_id), COALESCE(SUM(o.amount), 0) / 100.0
           FROM channels LEFT JOIN {paid} o USING (channel_id) GROUP BY 1""",
    ),
    # --- 商机报价 ---------------------------------------------------------------------------------
    "opportunities.list": Case(
        lambda c: rows(c.opportunities.list(), "商机编号", "客户编号", "预计金额"),
        "SELECT opp_id, customer_id, amount / 100.0 FROM opportunities",
        lambda c: c.opportunities.create(customers(c)[0], 5000, [3, 4, 2, 5]), "建商机",
    ),
    "opportunities.grade": Case(  # all four criteria weigh the same
        lambda c: rows(c.opportunities.grade([[1, 1, 1], [1, 1], [1]]), "商机编号", "得分"),
        "SELECT opp_id, (c1 + c2 + c3 + c4) / 4.0 FROM opportunities",
        lambda c: c.opportunities.rescore(one(c, "SELECT opp_id FROM opportunities"), [5, 1, 5, 1]),
        "改评分",
    ),
    "opportunities.quote": Case(
        lambda c: rows(c.opportunities.quote(), "报价单", "总价", "优惠"),
        "SELECT quote_id, total / 100.0, discount / 100.0 FROM quotes",
        lambda c: c.opportunities.make_quote(
            one(c, "SELECT opp_id FROM opportunities WHERE stage NOT IN ('won', 'lost')"),
            [(one(c, "SELECT sku FROM products"), 3)], discount=1.5),
        "报价",
    ),
}  # fmt: skip


def dormant(crm: Session) -> str:
    """A channel that sleeps."""
    return str(plain(crm, CASES["channels.dormant"].sql)[0][0])
