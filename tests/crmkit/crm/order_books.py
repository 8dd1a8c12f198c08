"""Hypothesis strategies: a small random shop, with lines and refunds."""

from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st

STATUSES = [
    "等待付款", "待发货", "部分发货", "已发货", "交易成功", "退款关闭", "未付款关闭",
]  # fmt: skip
FIRST = pd.Timestamp("2024-11-20")
CUSTOMERS = [f"C{n:06d}" for n in range(9)]
CHANNELS = ["H1", "H2", "H3"]
SKUS = ["S1", "S2", "S3"]


@st.composite
def random_shops(draw: st.DrawFn) -> dict[str, pd.DataFrame]:
    """Frames of a shop: at most 25 orders of 9 customers in about 14 months up to 2025-12-31."""
    orders, items, returns = [], [], []
    for n in range(draw(st.integers(0, 25))):
        minutes = draw(
            st.one_of(st.integers(0, 406 * 1440), st.sampled_from([0, 1440, 406 * 1440]))
        )
        status = draw(st.sampled_from(STATUSES))
        skus = draw(st.lists(st.sampled_from(SKUS), min_size=1, max_size=3, unique=True))
        total = 0
        for sku in skus:
            qty, fen = draw(st.integers(1, 4)), draw(st.integers(0, 30_000))
            items.append((f"{n:018d}", sku, qty, fen / 100))
            total += qty * fen
        at = FIRST + pd.Timedelta(minutes=minutes)
        paid = None if status in ("等待付款", "未付款关闭") else at
        orders.append((f"{n:018d}", draw(st.sampled_from(CUSTOMERS)), at, paid,
                       draw(st.sampled_from(CHANNELS)), total / 100, status))  # fmt: skip
        for sku in draw(st.lists(st.sampled_from(skus), max_size=2, unique=True)):
            back = draw(st.sampled_from([total, total // 2, 1, 0]))
            returns.append(
                (f"R{len(returns):05d}", f"{n:018d}", sku,
                 draw(st.sampled_from(["退货", "仅退款", "换货"])),
                 at + pd.Timedelta(days=draw(st.integers(0, 60))), back / 100,
                 draw(st.sampled_from(["退款成功", "退款成功", "卖家拒绝"])))
            )  # fmt: skip
    times = {"下单时间": "datetime64[ns]", "付款时间": "datetime64[ns]"}
    names = ["订单编号", "客户编号", "下单时间", "付款时间", "渠道编号", "实付金额", "订单状态"]
    empty = pd.DataFrame({
        "退换编号": [], "订单编号": [], "商品编码": [], "类型": [], "完成时间": [], "退款金额": [],
        "退换状态": [],
    }, dtype=object)  # fmt: skip
    back = pd.DataFrame(returns, columns=empty.columns) if returns else empty
    return {
        "customers": pd.DataFrame({
            "客户编号": CUSTOMERS, "省份": ["浙江", "广东", "", None, "浙江", "北京", "海外", "广东", "西藏"],
            "城市": ["杭州", "广州", "", None, "宁波", "北京", "", "深圳", "拉萨"],
            "会员等级": ["店铺客户", "普通会员", "高级会员"] * 3,
        }),
        "products": pd.DataFrame({
            "商品编码": SKUS, "商品名称": ["甲", "乙", "丙"], "类目": ["茶/绿", "茶/红", "杯"],
            "价格": [10.0, 20.0, 30.0], "成本": [1.0, 2.0, 3.0], "库存": [1, 2, 3],
            "上架日期": pd.to_datetime(["2024-01-01"] * 3),
        }),
        "channels": pd.DataFrame({
            "渠道编号": CHANNELS, "渠道名称": CHANNELS, "平台": ["天猫"] * 3,
            "开通日期": pd.to_datetime(["2024-01-01"] * 3), "渠道状态": ["营业中"] * 3,
            "负责人": ["甲"] * 3,
        }),
        "orders": pd.DataFrame(orders, columns=names).astype(times),
        "order_items": pd.DataFrame(items, columns=["订单编号", "商品编码", "数量", "单价"]).astype(
            {"数量": "int64", "单价": "float64"}),
        "returns": back.astype({"完成时间": "datetime64[ns]", "退款金额": "float64"}),
    }  # fmt: skip
