"""Two systems asked alike: who is right follows from what each of them holds."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.warehouse import asking
from crmkit.analytics.warehouse.asking import BUSINESS, WAREHOUSE

NOW = dt.datetime(2025, 12, 31)
ORDERS = pd.DataFrame(
    [
        ("1", "C1", "天猫", "2024-03-01", "2024-03-01", "2024-03-02", "2024-03-05", 10.0, "交易成功"),
        ("2", "C1", "天猫", "2025-12-20", "2025-12-20", "2025-12-30 09:00", None, 20.0, "已发货"),
        ("6", "C3", "天猫", "2025-12-30 07:00", "2025-12-30 07:05", None, None, 60.0, "待发货"),
        ("3", "C2", "天猫", "2025-12-30 08:00", "2025-12-30 08:05", None, None, 30.0, "待发货"),
        ("4", "C2", "天猫", "2025-12-30 20:00", None, None, None, 40.0, "等待付款"),
        ("5", "C3", "京东", "2025-05-01", "2025-05-01", "2025-05-02", "2025-05-04", 50.0, "交易成功"),
    ],
    columns=["订单编号", "客户编号", "平台", "下单时间", "付款时间", "发货时间", "收货时间", "实付金额", "订单状态"],
)  # fmt: skip
for _column in ("下单时间", "付款时间", "发货时间", "收货时间"):
    ORDERS[_column] = pd.to_datetime(ORDERS[_column], format="ISO8601")
LEVELS = pd.DataFrame(
    [("C1", "普通会员", "2024-03-01", "2025-07-31", False), ("C1", "高级会员", "2025-08-01", "2262-01-01", True),
     ("C2", "普通会员", "2025-12-30", "2262-01-01", True)],
    columns=["客户编号", "会员等级", "有效自", "有效至", "现行"],
)  # fmt: skip
for _column in ("有效自", "有效至"):
    LEVELS[_column] = pd.to_datetime(LEVELS[_column])


@pytest.fixture(scope="module")
def both() -> asking.Systems:
    return asking.Systems(ORDERS, LEVELS, NOW)


def right(both: asking.Systems, **kept: float) -> dict[str, str]:
    """Question → the letters of those who are right."""
    found = {q: both.ask(q, **kept) for q in asking.QUESTIONS}
    return {q: "B" * a[BUSINESS].right + "W" * a[WAREHOUSE].right for q, a in found.items()}


def test_who_is_right_depends_on_time_sources_and_change(both: asking.Systems) -> None:
    assert right(both, keep=90, lag=24) == {
        "order": "B", "years": "W", "waiting": "B", "level": "W", "cancel": "B", "platforms": "W",
        "today": "B",
    }  # fmt: skip
    # kept for ever and loaded this minute, only three things still tell them apart
    assert right(both, keep=9999, lag=0) == {
        "order": "BW", "years": "W", "waiting": "BW", "level": "W", "cancel": "B",
        "platforms": "W", "today": "BW",
    }  # fmt: skip


def test_the_warehouse_says_what_was_so_at_the_last_load(both: asking.Systems) -> None:
    """At the load, 24 hours ago, order 2 was not yet sent; 3 and 6 were not yet there."""
    assert both.ask("waiting", lag=24)[WAREHOUSE].said == "1"
    assert both.ask("waiting", lag=12)[WAREHOUSE].said == "2"
    assert both.ask("order", lag=12)[WAREHOUSE] == ("待发货", 10, True)
    assert both.ask("level")[WAREHOUSE].said == "普通会员"
    assert both.ask("platforms", lag=24)[WAREHOUSE].said == "京东 50.00；天猫 20.00"


def test_an_index_reads_one_row_and_a_scan_all_of_them(both: asking.Systems) -> None:
    assert both.ask("order", keep=9999)[BUSINESS].cells == 9  # one row of nine columns
    assert both.ask("waiting", keep=9999)[BUSINESS].cells == 5 * 9  # five orders of the platform
    assert both.ask("waiting", lag=0)[WAREHOUSE].cells == 6 * 2  # six orders, two columns


def test_what_is_changed_to_answer_is_put_back(both: asking.Systems) -> None:
    for _ in range(2):
        assert both.ask("cancel", keep=30)[BUSINESS].said == "改了 1 行"
    assert both.ask("cancel")[WAREHOUSE].said == "不许改：只追加"
    assert both.ask("years", keep=9999)[BUSINESS].said == "2024 1 10.00；2025 1 20.00"


def test_what_cannot_be_asked_is_told(both: asking.Systems) -> None:
    with pytest.raises(AnalyticsError, match="参数 question.*可以选"):
        both.ask("weather")
    with pytest.raises(AnalyticsError, match="至少留 1 天"):
        both.ask("order", keep=0)
    with pytest.raises(AnalyticsError, match="一行也没有"):
        asking.Systems(ORDERS.head(0), LEVELS, NOW)
    with pytest.raises(AnalyticsError, match="缺少列「平台」"):
        asking.Systems(ORDERS.drop(columns="平台"), LEVELS, NOW)
