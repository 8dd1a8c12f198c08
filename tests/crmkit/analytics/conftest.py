"""A shop small enough to check by hand."""

from __future__ import annotations

import pandas as pd
import pytest

COLUMNS = ["订单编号", "客户编号", "下单时间", "付款时间", "渠道编号", "实付金额", "订单状态"]


@pytest.fixture
def orders() -> pd.DataFrame:
    """Ten orders; December 2025 has six valid ones of A, B and C."""
    rows = [
        ("O01", "A", "2024-10-01 10:00", "2024-10-01 10:05", "H1", 50.0, "交易成功"),
        ("O02", "B", "2025-11-10 10:00", "2025-11-10 10:05", "H1", 80.0, "交易成功"),
        ("O03", "A", "2025-11-30 23:59", "2025-12-01 00:00", "H1", 100.0, "交易成功"),
        ("O04", "A", "2025-12-01 20:00", "2025-12-01 20:01", "H2", 30.0, "已发货"),
        ("O05", "B", "2025-12-05 09:00", "2025-12-05 09:00", "H2", 60.5, "退款关闭"),
        ("O06", "C", "2025-12-31 23:00", "2025-12-31 23:59", "H1", 200.0, "待发货"),
        ("O07", "C", "2025-12-20 23:00", "2025-12-20 23:59", "H1", 10.0, "部分发货"),
        ("O08", "A", "2025-12-15 12:00", "2025-12-15 12:00", "H2", 9.5, "交易成功"),
        ("O09", "D", "2025-12-16 12:00", None, "H1", 500.0, "未付款关闭"),
        ("O10", "D", "2025-12-31 12:00", None, "H1", 70.0, "等待付款"),
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    for column in ("下单时间", "付款时间"):
        frame[column] = pd.to_datetime(frame[column])
    return frame


@pytest.fixture
def returns() -> pd.DataFrame:
    """B's order is wholly refunded, A's partly; one refund is refused, one an exchange."""
    rows = [
        ("R1", "O05", "S1", "退货", "2025-12-20", 60.5, "退款成功"),
        ("R2", "O03", "S2", "仅退款", "2026-01-04", 25.0, "退款成功"),
        ("R3", "O06", "S1", "退货", None, 200.0, "卖家拒绝"),
        ("R4", "O08", "S3", "换货", "2025-12-28", 0.0, "退款成功"),
        ("R5", "O02", "S1", "退货", "2025-12-02", 80.0, "退款成功"),
        ("R6", "X99", "S1", "退货", "2025-12-03", 999.0, "退款成功"),
    ]
    names = ["退换编号", "订单编号", "商品编码", "类型", "完成时间", "退款金额", "退换状态"]
    frame = pd.DataFrame(rows, columns=names)
    frame["完成时间"] = pd.to_datetime(frame["完成时间"])
    return frame


@pytest.fixture
def items() -> pd.DataFrame:
    rows = [
        ("O02", "S1", 1, 80.0),
        ("O03", "S2", 2, 45.0),
        ("O03", "S1", 1, 10.0),
        ("O04", "S3", 3, 10.0),
        ("O05", "S1", 1, 60.0),
        ("O06", "S1", 2, 100.0),
        ("O07", "S3", 1, 10.0),
        ("O08", "S3", 1, 9.5),
        ("O09", "S2", 9, 99.0),
    ]
    return pd.DataFrame(rows, columns=["订单编号", "商品编码", "数量", "单价"])
