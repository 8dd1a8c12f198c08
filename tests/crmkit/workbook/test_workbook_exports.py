"""The readers on the export files that come with the course."""

from pathlib import Path

import pandas as pd
import pytest

from crmkit.workbook import (
    allocate_lines,
    read_customers,
    read_jd,
    read_order_lines,
    read_orders,
    read_table,
)

DATASETS = Path(__file__).parents[3] / "datasets"
ERAS = {"2016": "2016 年", "2017": "2017 年", "2018": "2018–2019 年"}
ERAS |= {"2020": "2020 年前后", "2021": "2021 年以后", "masked": "2021 年以后"}


@pytest.fixture(params=["tea", "ceramics", "electronics"])
def shop(request):
    return DATASETS / request.param


@pytest.fixture
def order_ids(shop):
    return set(pd.read_csv(shop / "tables" / "orders.csv", dtype=str)["order_id"])


@pytest.mark.parametrize("folder", ERAS)
def test_order_exports_are_read_with_every_digit(shop, order_ids, folder):
    paths = sorted((shop / "exports" / folder).glob("ExportOrderList*"))
    assert paths
    for path in paths:
        imported = read_orders(path)
        assert ERAS[folder] in imported.source
        frame = imported.frame
        assert set(frame["订单编号"]) <= order_ids
        assert frame["买家实际支付金额"].notna().all()
        assert frame["订单创建时间"].notna().all()
        refused = imported.report[imported.report["处理"] == "已拒收"]
        assert set(refused["列"]) <= {"（整行）"}
        for name in frame.select_dtypes("str"):
            text = frame[name].dropna()
            assert not text.str.contains(r"^['=]|^\s|\s$|\r", regex=True).any(), name


def test_masked_exports_say_so(shop):
    (path,) = (shop / "exports" / "masked").iterdir()
    imported = read_orders(path)
    masked = imported.report[imported.report["原因"].str.startswith("已脱敏")]
    assert {"收货人姓名", "联系手机", "收货地址"} <= set(masked["列"])
    assert imported.frame["联系手机"].str.contains("*", regex=False).all()


@pytest.mark.parametrize("folder", ["2018", "2021"])
def test_lines_belong_to_their_orders_and_take_their_whole_amount(shop, folder):
    base = shop / "exports" / folder
    (lines_path,) = base.glob("ExportOrderDetailList*")
    lines = read_order_lines(lines_path).frame
    stem = lines_path.name.replace("Detail", "")
    orders = read_orders(base / stem).frame
    counts = lines.groupby("订单编号")["购买数量"].sum()
    assert counts.to_dict() == orders.set_index("订单编号")["宝贝总数量"].to_dict()
    shares = allocate_lines(orders, lines).groupby("订单编号")["分摊金额"].sum().round(2)
    assert shares.to_dict() == orders.set_index("订单编号")["买家实际支付金额"].to_dict()


def test_jd_members_and_daily_figures(shop):
    base = shop / "exports"
    assert read_jd(base / "jd_orders.csv").frame["订单号"].notna().all()
    members = read_customers(base / "members.csv")
    assert members.source.startswith("平台会员导出")
    assert {"昵称", "累计订单数", "累计金额", "上次交易时间"} <= set(members.frame)
    daily = read_table(base / "shop_daily.xls").frame
    assert daily["统计日期"].is_monotonic_increasing
    assert daily["支付转化率"].between(0, 1).all()
    assert daily["访客数"].dtype == "int64"
