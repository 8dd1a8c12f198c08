"""Orders moved into another system: the shop's own tables are the truth; wrong maps by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from crmkit import shops, workbook
from crmkit.analytics import migration
from crmkit.analytics.errors import AnalyticsError

EXPORT = pd.DataFrame(
    [
        ("100000000000000001", 100.0, 100.0, 90.0, "甲", "139", "王芳", "交易成功", "2025-01-01"),
        ("100000000000000002", 50.0, 50.0, 50.0, "甲", "138", "李丽", "交易成功", "2025-01-02"),
        ("100000000000000003", 70.0, 0.0, 70.0, "乙", "137", "王芳", "交易关闭", None),
        ("100000000000000004", 30.0, 30.0, 30.0, "乙", "137", "王芳", "交易关闭", "2025-01-03"),
    ],
    columns=["订单编号", "总金额", "买家实际支付金额", "买家应付货款", "买家会员名", "联系手机",
             "收货人姓名", "订单状态", "订单付款时间"],
)  # fmt: skip
SOURCE = migration.carry_over(EXPORT)


def moved(**wrong: str) -> migration.Reconciled:
    return migration.reconcile(SOURCE, migration.carry_over(EXPORT, **wrong))


def gaps(found: migration.Reconciled) -> list[float]:
    return found.totals["差"].tolist()


def test_the_right_map_carries_everything_over() -> None:
    found = moved()
    assert gaps(found) == [0, 0, 0, 0, 0] and found.orders.all() and found.customers.all()
    assert found.repeat == (0.5, 0.5)
    assert found.totals["来源"].tolist() == [4, 250, 3, 180, 2]


def test_two_errors_can_hide_behind_a_total_that_agrees() -> None:
    found = moved(closed="refunded", amount="买家实际支付金额")
    assert gaps(found) == [0, -70, 1, 0, 0] and found.orders.tolist() == [True, True, False, True]
    assert found.customers.all()  # the money of each is right, and yet:
    assert found.repeat == (0.5, 1.0)
    assert gaps(moved(closed="refunded")) == [0, 0, 1, 70, 0]
    assert gaps(moved(closed="unpaid")) == [0, 0, -1, -30, 0]


def test_a_customer_torn_or_mixed_is_wrong_though_every_total_agrees() -> None:
    torn = moved(customer="联系手机")
    assert gaps(torn)[:4] == [0, 0, 0, 0] and torn.customers.to_dict() == {"甲": False, "乙": True}
    mixed = moved(customer="收货人姓名")  # 甲 and 乙 both sent to somebody called 王芳
    assert gaps(mixed) == [0, 0, 0, 0, 0] and not mixed.customers.any()


def test_an_id_read_as_a_number_loses_its_last_digits() -> None:
    found = moved(ids="number")  # near 10^17 doubles lie 16 apart: all four become …000
    assert gaps(found) == [-3, 0, 0, 0, 0] and not found.orders.any()


@pytest.mark.parametrize("shop", ["tea", "ceramics", "electronics"])
def test_the_right_map_gives_the_shops_own_orders(shop: str) -> None:
    data = shops.load(shop)
    (file,) = (shops.root() / shop / "exports" / "2018").glob("ExportOrderList*2024*")
    came = migration.carry_over(workbook.read_orders(file).frame)
    own = data.orders.merge(data.customers[["客户编号", "昵称"]], on="客户编号")
    both = came.merge(own, on="订单编号", suffixes=("", "_店"))
    assert len(both) == len(came) > 100
    assert (both["实付金额"] == both["实付金额_店"]).all()
    assert (both["订单状态"] == both["订单状态_店"]).all()
    assert (both["客户"] == both["昵称"]).all()


def test_what_cannot_be_mapped_or_compared_is_told() -> None:
    with pytest.raises(AnalyticsError, match="1 张订单的状态没有对照.*「拼团中」"):
        migration.carry_over(EXPORT.assign(订单状态=["拼团中", *EXPORT["订单状态"][1:]]))
    with pytest.raises(AnalyticsError, match="缺少列「收货人姓名」"):
        migration.carry_over(EXPORT.drop(columns="收货人姓名"), customer="收货人姓名")
    with pytest.raises(AnalyticsError, match="参数 closed.*可以选"):
        migration.carry_over(EXPORT, closed="none")
    with pytest.raises(AnalyticsError, match="来源 4 张订单、新系统 3 张"):
        migration.reconcile(SOURCE, SOURCE.head(3))
    with pytest.raises(AnalyticsError, match="来源 0 张"):
        migration.reconcile(SOURCE.head(0), SOURCE.head(0))
