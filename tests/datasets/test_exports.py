"""The platform exports have the columns and every quirk of the real ones."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from crmkit import shops
from crmkit.schema import CUSTOMER_FILE
from datasets.generate.exports_taobao import ERAS, STATUS

NAMES = tuple(shops.TITLES)
WIDTH = {"2016": 41, "2017": 46, "2018": 54, "2020": 61, "2021": 71}


def folder(shop: str) -> Path:
    return shops.root() / shop / "exports"


def order_file(shop: str, era: str, kind: str = "List") -> Path:
    (path,) = (
        p for p in (folder(shop) / era).glob(f"ExportOrder{kind}2*") if "_resaved" not in p.name
    )
    return path


def grid(path: Path) -> list[list[str]]:
    """All cells as text."""
    if path.suffix == ".csv":
        text = path.read_bytes().decode("gbk")
        return list(csv.reader(io.StringIO(text, newline="")))
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return [[str(cell) for cell in row] for row in rows]


def table(path: Path) -> pd.DataFrame:
    head, *rows = grid(path)
    return pd.DataFrame(rows, columns=[h.strip() for h in head])


@pytest.mark.parametrize("shop", NAMES)
@pytest.mark.parametrize("era", list(WIDTH))
def test_each_era_has_its_columns_and_a_manageable_number_of_rows(shop: str, era: str) -> None:
    head, *rows = grid(order_file(shop, era))
    assert head == ERAS[era] and len(head) == len(set(head)) == WIDTH[era]
    assert all(len(row) == len(head) for row in rows)
    assert 80 <= len(rows) <= 800


def test_later_eras_only_add_columns() -> None:
    stripped = [[c.strip() for c in ERAS[era]] for era in WIDTH]
    for older, newer in zip(stripped, stripped[1:], strict=False):
        assert [c for c in newer if c in older] == older


@pytest.mark.parametrize("shop", NAMES)
@pytest.mark.parametrize("era", ["2016", "2017", "2018"])
def test_quirk_1_csv_eras_are_gbk_without_bom(shop: str, era: str) -> None:
    data = order_file(shop, era).read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert data.decode("gb18030").splitlines()[0].startswith("订单编号,买家会员名")
    assert any(h != h.strip() for h in grid(order_file(shop, era))[0])


@pytest.mark.parametrize("shop", NAMES)
@pytest.mark.parametrize("era", ["2016", "2017", "2018"])
def test_quirk_2_order_numbers_are_formulas(shop: str, era: str) -> None:
    frame = table(order_file(shop, era))
    assert frame["订单编号"].str.fullmatch(r'="\d{18}"|=""').all()
    assert frame["特权订金订单id"].eq('=""').all()


@pytest.mark.parametrize("shop", NAMES)
@pytest.mark.parametrize("era", ["2020", "2021"])
def test_xlsx_eras_keep_every_digit_as_text(shop: str, era: str) -> None:
    rows = CalamineWorkbook.from_path(str(order_file(shop, era))).get_sheet_by_index(0).to_python()
    assert all(isinstance(row[0], str) and re.fullmatch(r"\d{18}", row[0]) for row in rows[1:])


@pytest.mark.parametrize("shop", NAMES)
@pytest.mark.parametrize("era", list(WIDTH))
def test_quirks_3_4_5_apostrophes_addresses_and_units(shop: str, era: str) -> None:
    frame = table(order_file(shop, era))
    assert frame["联系手机"].str.startswith("'").all()
    good = frame["联系手机"].str.fullmatch(r"'1\d{10}")
    assert good.all() if era != "2017" else (~good).sum() == 3
    assert frame["收货地址"].str.fullmatch(r"\S+ \S+ \S+ \S+\(\d{6}\)").all()
    assert frame["收货地址"].str.match(r"(上海|北京|天津|重庆) \1市 ").any()
    assert set(frame["买家服务费"]) == {"0元"} and set(frame["卖家服务费"]) == {"0"}
    if "打款商家金额" in frame:
        assert frame["打款商家金额"].str.fullmatch(r"\d+\.\d\d元").all()
    assert "订单未关闭" in set(frame["订单关闭原因"])
    assert set(frame["是否手机订单"]) == {"手机订单", ""}
    assert set(frame.get("是否代付", pd.Series(["是", "否"]))) <= {"是", "否"}


def test_quirk_4_other_districts_occur() -> None:
    frames = [table(order_file(s, era)) for s in NAMES for era in WIDTH]
    assert any(f["收货地址"].str.contains("其它区").any() for f in frames)


@pytest.mark.parametrize("shop", NAMES)
def test_quirk_6_states_have_the_full_width_comma(shop: str) -> None:
    frame = table(order_file(shop, "2021"))
    assert set(frame["订单状态"]) == set(STATUS.values())
    assert "买家已付款，等待卖家发货" in set(frame["订单状态"])


@pytest.mark.parametrize("shop", NAMES)
@pytest.mark.parametrize("era", list(WIDTH))
def test_quirk_7_titles_run_together_and_messages_are_hard_to_read(shop: str, era: str) -> None:
    frame = table(order_file(shop, era))
    many = frame["宝贝种类"].astype(int) > 1
    assert many.any() and frame.loc[many, "宝贝标题"].str.contains("，").all()
    words = "".join(frame["买家留言"])
    assert "," in words and '"' in words and "\n" in words
    assert ("😊" in words) == (era in ("2020", "2021"))


@pytest.mark.parametrize("shop", NAMES)
def test_quirk_8_times_before_and_after_a_round_trip_through_excel(shop: str) -> None:
    time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
    for era in WIDTH:
        assert table(order_file(shop, era))["订单创建时间"].str.fullmatch(time).all()
    (path,) = (folder(shop) / "2018").glob("*_resaved.csv")
    frame = table(path)
    assert frame["订单创建时间"].str.fullmatch(r"\d{4}/\d\d?/\d\d? \d\d?:\d\d").all()
    assert frame["订单编号"].str.fullmatch(r"\d{18}").all()


@pytest.mark.parametrize("shop", NAMES)
@pytest.mark.parametrize("era", ["2018", "2021"])
def test_quirk_9_the_detail_file_has_a_row_for_each_line(shop: str, era: str) -> None:
    orders = table(order_file(shop, era)).set_index("订单编号")
    lines = table(order_file(shop, era, "DetailList"))
    assert ("创建时间" in lines) == (era == "2021")
    count = lines["订单编号"].value_counts()
    assert count.to_dict() == orders["宝贝种类"].astype(int).to_dict()
    pieces = lines["购买数量"].astype(int).groupby(lines["订单编号"]).sum()
    assert pieces.to_dict() == orders["宝贝总数量"].astype(int).to_dict()
    assert lines["商品属性"].str.contains("：").all()


@pytest.mark.parametrize("shop", NAMES)
@pytest.mark.parametrize("era", list(WIDTH))
def test_exports_say_what_the_tables_say(shop: str, era: str) -> None:
    frame = table(order_file(shop, era))
    frame["订单编号"] = frame["订单编号"].str.strip('="')
    orders = shops.load(shop).orders.set_index("订单编号")
    known = frame[frame["订单编号"] != ""].set_index("订单编号")
    mine = orders.loc[known.index]
    assert (known["总金额"].astype(float) == mine["实付金额"]).all()
    paid = known["买家实际支付金额"].astype(float)
    assert (paid == mine["实付金额"].where(mine["付款时间"].notna(), 0.0)).all()
    assert (pd.to_datetime(known["订单创建时间"]) == mine["下单时间"]).all()
    nick = shops.load(shop).customers.set_index("客户编号")["昵称"]
    assert (known["买家会员名"] == mine["客户编号"].map(nick)).all()


@pytest.mark.parametrize("shop", NAMES)
def test_planted_faults_of_the_raw_files_are_there_and_no_others(shop: str) -> None:
    facts = shops.planted(shop)["raw_files"]
    ((name, found),) = ((n, f) for n, f in facts.items() if "/2017/" in n)
    frame = table(shops.root() / shop / name)
    again = frame[frame.duplicated(keep="first")]
    assert sorted(again["订单编号"].str.strip('="')) == found["repeated_orders"]
    assert (frame["订单编号"] == '=""').sum() == 1
    bare = frame["联系手机"].str.lstrip("'")
    assert sorted(bare[~bare.str.fullmatch(r"1\d{10}")]) == found["invalid_mobiles"]
    assert found["order_without_number"] in set(shops.load(shop).orders["订单编号"])
    for era in set(WIDTH) - {"2017"}:
        assert not table(order_file(shop, era)).duplicated("订单编号").any()


@pytest.mark.parametrize("shop", NAMES)
def test_masked_orders_hide_people_but_keep_receivers_apart(shop: str) -> None:
    (path,) = (folder(shop) / "masked").glob("*.xlsx")
    frame = table(path)
    assert frame["收货人姓名"].str.fullmatch(r".\*.?").all()
    assert frame["联系手机"].str.fullmatch(r"1\d\*{7}\d\d").all()
    assert frame["收货地址"].str.endswith("*路*-*").all()
    assert frame["买家会员名"].str.contains("**", regex=False).all()
    clear = table(order_file(shop, "2021")).set_index("订单编号").loc[frame["订单编号"]]
    key = clear["收货人姓名"] + clear["联系手机"] + clear["收货地址"]
    assert (key.groupby(frame["OAID"].to_numpy()).nunique() == 1).all()
    assert frame["OAID"].nunique() == key.nunique()


@pytest.mark.parametrize("shop", NAMES)
def test_the_jd_file_has_one_row_for_each_line(shop: str) -> None:
    frame = table(folder(shop) / "jd_orders.csv")
    assert len(frame.columns) == 30 and "下单帐号" in frame
    assert frame["订单号"].str.fullmatch(r"\d{12}").all() and frame["订单号"].duplicated().any()
    known = {i[:12]: i for i in shops.load(shop).orders["订单编号"]}
    items = shops.load(shop).order_items.groupby("订单编号").size()
    for number, count in frame["订单号"].value_counts().items():
        assert items[known[number]] == count


@pytest.mark.parametrize("shop", NAMES)
def test_member_file_agrees_with_the_tables(shop: str) -> None:
    frame = table(folder(shop) / "members.csv").set_index("买家昵称")
    s = shops.load(shop)
    nick = s.customers.set_index("客户编号")["昵称"]
    valid = shops.valid_orders(s.orders)
    total = valid.groupby(valid["客户编号"].map(nick))["实付金额"].agg(["size", "sum"])
    total = total.reindex(frame.index).fillna(0.0)
    assert (frame["交易笔数"].astype(int) == total["size"]).all()
    assert (frame["交易金额"].astype(float) - total["sum"]).abs().max() < 0.005
    assert (frame["会员等级"] == s.customers.set_index("昵称")["会员等级"].loc[frame.index]).all()


@pytest.mark.parametrize("shop", NAMES)
def test_registrations_have_the_planted_faults(shop: str) -> None:
    facts = shops.planted(shop)["raw_files"]["exports/registrations.csv"]
    frame = pd.read_csv(
        folder(shop) / "registrations.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False
    )
    assert sorted(frame.loc[frame["昵称"].duplicated(), "昵称"]) == facts["entered_twice"]
    first = frame.drop_duplicates("昵称")
    assert sorted(first.loc[first["省份"] == "", "昵称"]) == facts["place_missing"]
    odd = first[~first["手机"].str.fullmatch("1[0-9]{10}")]
    assert len(odd) == facts["mobiles_to_mend"] + len(facts["invalid_mobiles"])
    import unicodedata

    digits = odd["手机"].map(
        lambda m: re.sub(r"^\+86|\D", "", unicodedata.normalize("NFKC", m).strip())
    )
    mended = odd[digits.str.fullmatch("1[0-9]{10}")]
    assert sorted(set(odd["昵称"]) - set(mended["昵称"])) == facts["invalid_mobiles"]
    true = shops.load(shop).customers.set_index("昵称")["手机"]
    assert (digits[mended.index] == true[mended["昵称"]].to_numpy()).all()


@pytest.mark.parametrize("shop", NAMES)
def test_the_daily_report_is_an_old_excel_file_with_preamble_and_text_numbers(shop: str) -> None:
    path = folder(shop) / "shop_daily.xls"
    assert path.read_bytes().startswith(b"\xd0\xcf\x11\xe0")
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    head, body = rows[4], rows[5:]
    assert head[0] == "统计日期" and len(body) == 61
    frame = pd.DataFrame(body, columns=head)
    assert frame["浏览量"].str.contains(",").any()
    assert frame["支付转化率"].str.fullmatch(r"\d+\.\d\d%").all()
    assert frame["预售支付定金金额"].eq("-").all()
    s = shops.load(shop)
    first = s.channels["渠道编号"].iloc[0]
    mine = s.orders[(s.orders["渠道编号"] == first) & s.orders["付款时间"].notna()]
    by_day = mine.groupby(mine["付款时间"].dt.strftime("%Y-%m-%d"))["实付金额"].sum()
    amount = frame["支付金额"].str.replace(",", "").replace("-", "0").astype(float)
    expected = frame["统计日期"].map(by_day).fillna(0.0)
    assert (amount - expected).abs().max() < 0.005


@pytest.mark.parametrize("shop", NAMES)
def test_the_shopkeepers_workbook_holds_the_customer_file(shop: str) -> None:
    import openpyxl

    path = shops.root() / shop / "workbooks" / "customer_file.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["客户档案", "订单"]
    sheet = book["客户档案"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == CUSTOMER_FILE
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == f"A1:L{len(rows)}"
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    s = shops.load(shop)
    assert list(frame["客户编号"]) == list(s.customers["客户编号"])
    assert list(frame["手机"]) == list(s.customers["手机"])
    total = shops.valid_orders(s.orders).groupby("客户编号")["实付金额"].sum()
    told = frame.set_index("客户编号")["累计金额"]
    assert (told - total.reindex(told.index).fillna(0.0)).abs().max() < 0.005
    assert frame["生日"].dropna().map(lambda d: d.year).between(1940, 2010).all()
