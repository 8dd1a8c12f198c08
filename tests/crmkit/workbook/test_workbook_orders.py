"""Order exports of Taobao/Tmall in every era, masked or not: reference §2.1, §2.2, §2.6."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest
from workbook_files import (
    ORDER_ID,
    TRAILING_BLANK,
    csv_file,
    order,
    reasons,
    taobao_header,
    taobao_rows,
    xlsx_file,
)

from crmkit.workbook import WorkbookError, read_order_lines, read_orders, read_table
from crmkit.workbook.layouts import LINE_COLUMNS, TAOBAO_ERAS

WIDTHS = {"2016 年": 41, "2017 年": 46, "2018–2019 年": 54, "2020 年前后": 61}


@pytest.mark.parametrize(("era", "width"), WIDTHS.items())
def test_the_eras_have_as_many_columns_as_real_files(era, width):
    assert len(TAOBAO_ERAS[era]) == width == len(set(TAOBAO_ERAS[era]))


@pytest.mark.parametrize("era", TAOBAO_ERAS)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_order_export_of_every_era_is_read_and_its_era_told(tmp_path, era, form):
    rows = taobao_rows(era, [order(), order(订单编号='="198765432101234568"')])
    if form == "csv":
        path = csv_file(tmp_path / "ExportOrderList201807010905.csv", rows)
    else:
        path = xlsx_file(tmp_path / "ExportOrderList.xlsx", [[_plain(c) for c in r] for r in rows])
    imported = read_orders(path)
    assert era in imported.source
    frame = imported.frame
    assert list(frame.columns) == list(TAOBAO_ERAS[era])
    assert frame["订单编号"].tolist() == [ORDER_ID, "198765432101234568"]
    assert frame["买家实际支付金额"].dtype == "float64"
    assert frame["订单创建时间"].dtype.kind == "M"
    first = frame.iloc[0]
    assert first["买家实际支付金额"] == 118.5
    assert first["订单创建时间"] == pd.Timestamp("2018-07-01 09:05:06")
    assert first["联系手机"] == "13800000001"
    assert first["宝贝总数量"] == 3
    assert first["收货地址"] == "浙江省 杭州市 西湖区 某街道1号(310000)"
    assert not (imported.report["处理"] == "已拒收").any()


def _plain(cell):
    """In an .xlsx the platform's formulas have their text as stored value."""
    return cell[2:-1] if cell.startswith('="') else cell


def read_one(tmp_path, **changes):
    rows = taobao_rows("2018–2019 年", [order(**changes)])
    return read_orders(csv_file(tmp_path / "订单.csv", rows, "utf-8"))


# ── §2.1, quirk by quirk ─────────────────────────────────────────────────────────────────────


def test_quirk_1_gbk_without_mark_is_read(tmp_path):
    rows = taobao_rows("2016 年", [order(买家会员名="镕哥")])
    imported = read_orders(csv_file(tmp_path / "a.csv", rows, "gbk"))
    assert imported.frame.loc[0, "买家会员名"] == "镕哥"
    assert "gb18030" in imported.source


def test_quirk_2_formula_ids_lose_their_shell_and_keep_every_digit(tmp_path):
    imported = read_one(tmp_path)
    assert imported.frame.loc[0, "订单编号"] == ORDER_ID
    assert imported.frame["订单编号"].dtype == "str"
    assert reasons(imported, "订单编号") == [(2, "已修正", '去掉公式外壳 ="…"')]


def test_quirk_2_empty_formula_cells_are_missing(tmp_path):
    imported = read_one(tmp_path)
    assert pd.isna(imported.frame.loc[0, "联系电话"])
    assert (2, "已修正", '去掉公式外壳 ="…"；内容是空的') in reasons(imported, "联系电话")


def test_quirk_3_leading_apostrophe_of_a_mobile_is_taken_off(tmp_path):
    imported = read_one(tmp_path)
    assert imported.frame.loc[0, "联系手机"] == "13800000001"
    assert reasons(imported, "联系手机") == [(2, "已修正", "去掉开头的撇号")]


@pytest.mark.parametrize(
    "address",
    ["上海 上海市 浦东新区 某路1号(200120)", "广东省 中山市 其它区 某街(528400)"],
)
def test_quirk_4_addresses_stay_one_cell(tmp_path, address):
    imported = read_one(tmp_path, 收货地址=address)
    assert imported.frame.loc[0, "收货地址"] == address
    assert reasons(imported, "收货地址") == []


def test_quirk_5_units_inside_numbers_are_taken_off(tmp_path):
    imported = read_one(tmp_path)
    row = imported.frame.loc[0]
    assert (row["卖家服务费"], row["买家服务费"], row["打款商家金额"]) == (0.0, 0.0, 118.5)
    assert reasons(imported, "买家服务费") == [(2, "已修正", "去掉单位“元”")]
    assert row["订单关闭原因"] == "订单未关闭"
    assert row["是否手机订单"] == "手机订单"
    assert row["是否代付"] == "否"


def test_quirk_6_full_width_comma_of_the_state_stays(tmp_path):
    imported = read_one(tmp_path)
    assert imported.frame.loc[0, "订单状态"] == "卖家已发货，等待买家确认"
    assert reasons(imported, "订单状态") == []


def test_quirk_6_half_width_comma_of_the_state_is_mended(tmp_path):
    imported = read_one(tmp_path, 订单状态="买家已付款,等待卖家发货")
    assert imported.frame.loc[0, "订单状态"] == "买家已付款，等待卖家发货"
    assert reasons(imported, "订单状态") == [(2, "已修正", "统一状态的写法")]


def test_quirk_6_unknown_states_are_kept_and_reported(tmp_path):
    imported = read_one(tmp_path, 订单状态="拼团中")
    assert imported.frame.loc[0, "订单状态"] == "拼团中"
    assert reasons(imported, "订单状态") == [(2, "请核对", "不认识的状态，原样保留")]


def test_quirk_7_titles_messages_and_notes_keep_commas_quotes_breaks_and_emoji(tmp_path):
    message = '第一行，"引号"\n第二行 👨‍👩‍👧'
    imported = read_one(tmp_path, 买家留言=message, 订单备注="a,b;c\td")
    assert imported.frame.loc[0, "买家留言"] == message
    assert imported.frame.loc[0, "订单备注"] == "a,b;c\td"
    assert imported.frame.loc[0, "宝贝标题"] == "龙井茶 100g，铁观音 250g"
    assert reasons(imported, "买家留言") == []


def test_quirk_7_a_line_break_does_not_move_the_row_numbers(tmp_path):
    orders = [order(买家留言="一\n二\n三"), order(订单编号='="2"', 总金额="坏")]
    imported = read_orders(csv_file(tmp_path / "a.csv", taobao_rows("2016 年", orders)))
    assert reasons(imported, "总金额") == [(3, "已拒收", "不是数字")]


def test_quirk_8_times_after_a_round_trip_through_excel(tmp_path):
    imported = read_one(tmp_path, 订单创建时间="2018/7/1 9:05")
    assert imported.frame.loc[0, "订单创建时间"] == pd.Timestamp("2018-07-01 09:05")
    assert reasons(imported, "订单创建时间") == [
        (2, "已修正", "统一日期写法（原来没有秒，按 0 秒）")
    ]


def test_quirk_9_an_order_has_as_many_rows_as_lines_in_the_detail_file(tmp_path):
    orders = read_one(tmp_path)
    lines = [
        LINE_COLUMNS,
        [f'="{ORDER_ID}"', "龙井", "40.00", "2", "null", "规格：100g；包装：罐", "", "", "交易成功"]
        + ["LJ-100", "2018-07-01 09:05:06"],
        [f'="{ORDER_ID}"', "铁观音", "40.00", "1", "null", "", "", "", "交易成功", "TGY-250"]
        + ["2018-07-01 09:05:06"],
    ]
    detail = read_order_lines(csv_file(tmp_path / "ExportOrderDetailList.csv", lines))
    assert detail.frame["订单编号"].tolist() == [ORDER_ID, ORDER_ID]
    assert detail.frame["购买数量"].sum() == orders.frame.loc[0, "宝贝总数量"]
    assert detail.frame.loc[0, "商品属性"] == "规格：100g；包装：罐"
    assert pd.isna(detail.frame.loc[0, "外部系统编号"])
    assert detail.frame.loc[1, "商家编码"] == "TGY-250"


# ── around the quirks ────────────────────────────────────────────────────────────────────────


def test_columns_are_found_by_name_wherever_they_stand(tmp_path):
    header = list(reversed(taobao_header("2017 年")))
    row = [order().get(name.strip(), "") for name in header]
    imported = read_orders(csv_file(tmp_path / "a.csv", [header, row]))
    assert imported.frame.loc[0, "买家会员名"] == "清风01"
    assert set(imported.frame.columns) == set(TAOBAO_ERAS["2017 年"])


def test_trailing_blanks_of_headers_are_reported_on_the_header_row(tmp_path):
    imported = read_one(tmp_path)
    for name in TRAILING_BLANK:
        assert (1, "已修正", "列名去掉空格、统一写法") in reasons(imported, name, header=True)


def test_lines_file_of_later_years_has_a_creation_time(tmp_path):
    rows = [LINE_COLUMNS, ["1", "茶", "9.90", "1", "", "", "", "", "交易成功", "", "2021/1/2 3:04"]]
    imported = read_order_lines(csv_file(tmp_path / "a.csv", rows))
    assert imported.frame.loc[0, "创建时间"] == pd.Timestamp("2021-01-02 03:04")


def test_masked_values_stay_and_are_reported(tmp_path):
    masked = {
        "买家会员名": "清**1",
        "收货人姓名": "陈*平",
        "联系手机": "13*******23",
        "联系电话": "0580-***542",
        "收货地址": "浙江省 杭州市 西湖区 某路*-*",
    }
    imported = read_one(tmp_path, **masked)
    for name, value in masked.items():
        assert imported.frame.loc[0, name] == value
        ((row, action, reason),) = reasons(imported, name)
        assert (row, action) == (2, "请核对")
        assert reason.startswith("已脱敏")


def test_oaid_of_masked_files_is_an_id(tmp_path):
    header = [*taobao_header("2021 年以后"), "OAID"]
    row = [*(order(收货人姓名="陈**").get(name.strip(), "") for name in header[:-1]), "1aBc"]
    imported = read_orders(csv_file(tmp_path / "a.csv", [header, row]))
    assert imported.frame.loc[0, "OAID"] == "1aBc"


def test_ids_stored_as_numbers_have_lost_digits_and_the_row_is_refused(tmp_path):
    rows = taobao_rows("2016 年", [order(), order()])
    rows = [[_plain(cell) for cell in row] for row in rows]
    rows[1][0] = float(ORDER_ID)
    path = xlsx_file(tmp_path / "a.xlsx", rows)
    imported = read_orders(path)
    assert imported.frame["订单编号"].tolist() == [ORDER_ID]
    (line,) = reasons(imported, "（整行）")
    assert line[:2] == (2, "已拒收")
    assert "超过 15 位" in line[2]


def test_ids_in_scientific_notation_are_refused(tmp_path):
    rows = taobao_rows("2016 年", [order(订单编号="1.98765E+17"), order()])
    imported = read_orders(csv_file(tmp_path / "a.csv", rows))
    assert len(imported.frame) == 1
    (line,) = reasons(imported, "（整行）")
    assert "科学记数法" in line[2]


def test_ids_that_all_end_in_zeros_were_numbers_once_and_are_refused(tmp_path):
    ids = [f"1987654321012{i:02}000" for i in range(5)]
    rows = taobao_rows("2016 年", [order(订单编号=i) for i in ids])
    imported = read_orders(csv_file(tmp_path / "a.csv", rows))
    assert imported.frame.empty
    assert (imported.report["处理"] == "已拒收").sum() == 5


def test_one_id_ending_in_zeros_among_many_is_chance(tmp_path):
    ids = [f"19876543210123{i:04}" for i in range(1000, 1040)] + ["198765432101234000"]
    rows = taobao_rows("2016 年", [order(订单编号=i) for i in ids])
    imported = read_orders(csv_file(tmp_path / "a.csv", rows))
    assert len(imported.frame) == 41
    assert reasons(imported, "订单编号") == []


def test_identical_orders_count_once_and_different_ones_of_one_id_are_shown(tmp_path):
    orders = [order(), order(), order(总金额="1.00")]
    imported = read_orders(csv_file(tmp_path / "a.csv", taobao_rows("2016 年", orders)))
    assert imported.frame["总金额"].tolist() == [128.0, 1.0]
    assert [r[:2] for r in reasons(imported, "（整行）")] == [(3, "已拒收"), (4, "请核对")]


def test_total_rows_blank_rows_and_repeated_headers_are_no_orders(tmp_path):
    header, row = taobao_rows("2016 年", [order()])
    blank = [""] * len(header)
    total = ["合计", *blank[1:-1], "118.50"]
    imported = read_orders(csv_file(tmp_path / "a.csv", [header, row, blank, header, total]))
    assert len(imported.frame) == 1
    assert [r[::2] for r in reasons(imported, "（整行）")] == [
        (4, "重复的表头"),
        (5, "合计行，不是数据"),
    ]


def test_a_row_broken_by_a_bare_comma_is_refused_and_the_others_stay(tmp_path):
    header, row = taobao_rows("2016 年", [order()])
    broken = [*row[:13], "甲", *row[13:]]
    imported = read_orders(csv_file(tmp_path / "a.csv", [header, broken, row]))
    assert len(imported.frame) == 1
    (line,) = reasons(imported, "（整行）")
    assert line[:2] == (2, "已拒收")
    assert "42 格" in line[2]


def test_a_wrong_kind_of_file_names_the_right_reader(tmp_path):
    lines = csv_file(tmp_path / "a.csv", [LINE_COLUMNS, ["1", "茶", "9.90", "1", *[""] * 7]])
    with pytest.raises(WorkbookError, match=r"宝贝报表.*read_order_lines"):
        read_orders(lines)


def test_missing_columns_are_named_with_what_came_near(tmp_path):
    header, row = taobao_rows("2016 年", [order()])
    header[header.index("订单编号")] = "订单编码"
    path = csv_file(tmp_path / "a.csv", [header, row])
    with pytest.raises(WorkbookError, match="缺少列 订单编号.*「订单编码」是不是「订单编号」"):
        read_orders(path)


def test_read_table_recognises_an_order_export(tmp_path):
    path = csv_file(tmp_path / "a.csv", taobao_rows("2020 年前后", [order()]))
    imported = read_table(path)
    assert imported.source.startswith("淘宝订单")
    assert imported.frame.loc[0, "订单编号"] == ORDER_ID


def test_real_dates_of_an_xlsx_are_taken_as_they_are(tmp_path):
    rows = [[_plain(c) for c in r] for r in taobao_rows("2020 年前后", [order()])]
    place = list(TAOBAO_ERAS["2020 年前后"]).index("订单创建时间")
    rows[1][place] = dt.datetime(2020, 7, 1, 9, 5, 6)
    imported = read_orders(xlsx_file(tmp_path / "a.xlsx", rows))
    assert imported.frame.loc[0, "订单创建时间"] == pd.Timestamp("2020-07-01 09:05:06")
    assert reasons(imported, "订单创建时间") == []


def test_orders_on_a_later_sheet_are_found_and_hidden_sheets_are_not(tmp_path):
    rows = [[_plain(c) for c in r] for r in taobao_rows("2016 年", [order()])]
    path = xlsx_file(tmp_path / "a.xlsx", [["说明"], ["请看第三页"]], rows, rows)
    book = openpyxl.load_workbook(path)
    book["Sheet2"].sheet_state = "hidden"
    book.save(path)
    assert read_orders(path).report["工作表"].unique().tolist() == ["Sheet3"]
    assert read_orders(path, sheet="Sheet2").frame.shape == (1, 41)
