"""JD, member, customer and 生意参谋 files, and the quirks of whole files: reference §2.3–2.7."""

import datetime as dt
import subprocess
import sys

import openpyxl
import pandas as pd
import pytest
from workbook_files import (
    JD_HEADER,
    csv_file,
    csv_text,
    edit_part,
    reasons,
    xlsx_bytes,
    xlsx_file,
)

from crmkit.schema import CUSTOMER_FILE, TABLES
from crmkit.workbook import (
    WorkbookError,
    read_customers,
    read_jd,
    read_orders,
    read_sheet,
    read_table,
    sheet_names,
)

CUSTOMER = ["C000001", "清风", "李明", "1990/2/28", "'13800000001", "浙江", "杭州"]
CUSTOMER += ["淘宝", "天猫旗舰店", "2024年1月5日", "3", "1,234.50元"]
SIMPLE = [["昵称", "手机", "累计金额"], ["清风", "13800000001", "12.5"]]


# ── JD ───────────────────────────────────────────────────────────────────────────────────────


def jd_row(**changes):
    row = {"订单号": "20190000001", "商品ID": "1000001", "订购数量": "2", "京东价": "99.00"}
    row |= {"下单时间": "2019-01-02 03:04:05", "订单金额": "198.00", "下单帐号": "jd_清风"}
    row |= {"联系电话": "138****0001", "商家备注等级(1–5，由高到低)": "1", "客户姓名": "李*"}
    row |= changes
    return [row.get(name, "") for name in JD_HEADER]


def test_jd_has_one_row_per_line_and_the_order_id_repeats(tmp_path):
    rows = [JD_HEADER, jd_row(), jd_row(商品ID="1000002", 订购数量="1")]
    imported = read_jd(csv_file(tmp_path / "jd.csv", rows))
    assert imported.frame["订单号"].tolist() == ["20190000001"] * 2
    assert imported.frame["订购数量"].tolist() == [2, 1]
    assert list(imported.frame.columns) == JD_HEADER
    assert imported.frame.loc[0, "商家备注等级(1–5，由高到低)"] == 1


def test_jd_later_files_have_a_warehouse_and_may_say_账号(tmp_path):
    header = [name.replace("帐号", "账号") for name in JD_HEADER] + ["仓库id", "仓库名称"]
    imported = read_jd(csv_file(tmp_path / "jd.csv", [header, [*jd_row(), "7", "华东仓"]]))
    assert imported.frame.loc[0, "下单帐号"] == "jd_清风"
    assert imported.frame.loc[0, "仓库id"] == "7"


def test_jd_short_ids_stored_as_numbers_are_mended(tmp_path):
    row = jd_row()
    row[0] = 20190000001
    imported = read_jd(xlsx_file(tmp_path / "jd.xlsx", [JD_HEADER, row]))
    assert imported.frame.loc[0, "订单号"] == "20190000001"
    assert reasons(imported, "订单号")[0][1] == "已修正"


# ── customers ────────────────────────────────────────────────────────────────────────────────


def test_the_customer_file_of_the_labs(tmp_path):
    imported = read_customers(csv_file(tmp_path / "a.csv", [CUSTOMER_FILE, CUSTOMER], "utf-8-sig"))
    row = imported.frame.loc[0]
    assert list(imported.frame.columns) == list(CUSTOMER_FILE)
    assert row["手机"] == "13800000001"
    assert row["生日"] == pd.Timestamp("1990-02-28")
    assert row["注册日期"] == pd.Timestamp("2024-01-05")
    assert row["累计订单数"] == 3
    assert row["累计金额"] == 1234.5


def test_the_member_export_gets_the_names_of_the_course(tmp_path):
    header = "买家昵称 会员等级 交易笔数 交易金额 平均客单价 购买件数 上次交易时间 交易关闭笔数 交易关闭金额 "
    header += "省 市 分组 关系来源 状态"
    row = ["清**1", "VIP会员", "3", "￥300.00", "100.00", "5", "2025/6/1 10:20", "0", "0.00"]
    row += ["浙江省", "杭州市", "老客", "交易成功", "正常"]
    imported = read_customers(csv_file(tmp_path / "m.csv", [header.split(), row]))
    assert imported.source.startswith("平台会员导出")
    frame = imported.frame
    assert {"昵称", "省份", "城市", "累计订单数", "累计金额", "上次交易时间", "关系来源"} <= set(
        frame
    )
    assert frame.loc[0, "累计金额"] == 300.0
    assert reasons(imported, "昵称") == [(2, "请核对", "已脱敏：平台遮住了一部分，原样保留")]


def test_a_customer_file_without_any_identity_is_refused(tmp_path):
    path = csv_file(tmp_path / "a.csv", [["省份", "城市"], ["浙江", "杭州"]])
    with pytest.raises(WorkbookError, match="客户编号、昵称、手机"):
        read_customers(path)


def test_a_column_of_the_real_name_wins_over_one_that_only_means_the_same(tmp_path):
    rows = [["昵称", "电话", "手机"], ["清风", "0571-1234567", "13800000001"]]
    frame = read_customers(csv_file(tmp_path / "a.csv", rows)).frame
    assert list(frame.columns) == ["昵称", "电话", "手机"]
    assert frame.loc[0, ["电话", "手机"]].tolist() == ["0571-1234567", "13800000001"]


def test_columns_the_course_does_not_know_are_kept(tmp_path):
    rows = [["昵称", "手机", "喜欢的茶"], ["清风", "13800000001", "龙井"]]
    assert read_customers(csv_file(tmp_path / "a.csv", rows)).frame.loc[0, "喜欢的茶"] == "龙井"


# ── 生意参谋: preamble, separators, percentages, dashes ───────────────────────────────────────

SYCM = [
    ["店铺经营日报"],
    ["统计时间 2025-11-01 ~ 2025-11-02"],
    ["指标说明见帮助中心"],
    [],
    ["统计日期", "访客数", "支付金额", "支付转化率", "退款金额", "商品ID"],
    ["2025-11-01", "1,234", "12,345.00", "0.45%", "-", "612345678901"],
    ["2025-11-02", "987", "1,234.50", "1.20%", "10.00", "612345678902"],
]


def check_sycm(imported):
    frame = imported.frame
    assert frame["统计日期"].tolist() == [pd.Timestamp("2025-11-01"), pd.Timestamp("2025-11-02")]
    assert frame["访客数"].tolist() == [1234, 987]
    assert frame["支付金额"].tolist() == [12345.0, 1234.5]
    assert frame["支付转化率"].tolist() == [0.0045, 0.012]
    assert frame["退款金额"].isna().tolist() == [True, False]
    assert frame["商品ID"].tolist() == ["612345678901", "612345678902"]
    assert (6, "已修正", "去掉千位分隔符") in reasons(imported, "访客数")
    assert (6, "已修正", "表示缺失的记号按空值处理") in reasons(imported, "退款金额")


def test_a_header_below_four_preamble_rows_is_found(tmp_path):
    check_sycm(read_table(xlsx_file(tmp_path / "sycm.xlsx", SYCM)))


def test_tab_text_named_xls_is_read_and_said(tmp_path):
    imported = read_table(csv_file(tmp_path / "sycm.xls", SYCM, "utf-16", "\t"))
    check_sycm(imported)
    assert "制表符分隔的文本" in imported.summary()


def test_the_row_of_the_header_can_be_given(tmp_path):
    path = xlsx_file(tmp_path / "a.xlsx", [["甲", "乙"], ["丙", "丁"], ["1", "2"]])
    assert list(read_table(path, header=2).frame.columns) == ["丙", "丁"]
    with pytest.raises(WorkbookError, match="没有第 9 行"):
        read_table(path, header=9)


def test_wanted_columns_can_be_given(tmp_path):
    path = xlsx_file(tmp_path / "a.xlsx", [["说明"], ["甲 ", "乙"], ["1", "2"]])
    assert read_table(path, header=["甲", "乙"]).frame.loc[0, "甲"] == 1
    with pytest.raises(WorkbookError, match="缺少列 丙.*甲、乙"):
        read_table(path, header=["甲", "乙", "丙"])


def test_a_header_after_the_first_20_rows_is_not_searched(tmp_path):
    rows = [["说明", str(i)] for i in range(25)] + SIMPLE
    with pytest.raises(WorkbookError, match="前 20 行"):
        read_customers(csv_file(tmp_path / "a.csv", rows))


# ── text files ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_recognised(tmp_path, encoding, separator):
    rows = [["昵称", "手机", "备注"], ["镕", "13800000001", "好，茶"], ["嘉", "13800000002", "a,b"]]
    frame = read_customers(csv_file(tmp_path / "a.csv", rows, encoding, separator)).frame
    assert frame["昵称"].tolist() == ["镕", "嘉"]
    assert frame["备注"].tolist() == ["好，茶", "a,b"]


def test_characters_beyond_gbk_need_gb18030_and_are_read(tmp_path):
    rows = [["昵称", "手机"], ["𠮷野😀", "13800000001"]]
    path = csv_file(tmp_path / "a.csv", rows, "gb18030")
    assert read_customers(path).frame.loc[0, "昵称"] == "𠮷野😀"


def test_excel_hint_line_for_the_separator_is_followed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("sep=;\n" + csv_text(SIMPLE, ";"), encoding="utf-8")
    assert read_customers(path).frame.loc[0, "累计金额"] == 12.5


def test_an_unclosed_quote_is_noted(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('昵称,手机\n清风,13800000001\n"李,13800000002\n', encoding="utf-8")
    assert "引号" in read_customers(path).summary()


def test_undecodable_bytes_are_refused_in_words(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("昵称,手机\n".encode() + b"\xff\xff\xff,1\n")
    with pytest.raises(WorkbookError, match="编码认不出来"):
        read_customers(path)


# ── workbooks of Excel and WPS ───────────────────────────────────────────────────────────────


def test_wps_cell_pictures_are_refused_cells(tmp_path):
    rows = [["昵称", "手机", "备注"], ["清风", "13800000001", '=_xlfn.DISPIMG("ID_1",1)']]
    data = xlsx_bytes(rows)
    stored = b'<v>=DISPIMG("ID_1",1)</v>'
    data = edit_part(data, "xl/worksheets/sheet1.xml", b'<c r="C2">', b'<c r="C2" t="str">')
    for old in (b"<v></v>", b"<v />", b"<v/>"):
        if old in _sheet(data):
            data = edit_part(data, "xl/worksheets/sheet1.xml", old, stored)
    imported = read_customers(data)
    assert pd.isna(imported.frame.loc[0, "备注"])
    assert reasons(imported, "备注") == [(2, "已拒收", "WPS 单元格图片（DISPIMG），不是文字")]


def _sheet(data):
    import io
    import zipfile

    return zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")


def test_formulas_without_a_stored_result_are_refused_cells():
    imported = read_customers(xlsx_bytes([["昵称", "累计金额"], ["清风", "=1+1"], ["李", 3]]))
    assert imported.frame["累计金额"].isna().tolist() == [True, False]
    ((row, action, reason),) = reasons(imported, "累计金额")
    assert (row, action) == (2, "已拒收")
    assert "公式没有存下结果" in reason


def test_error_values_are_refused_cells():
    imported = read_customers(xlsx_bytes([["昵称", "累计金额"], ["清风", "#N/A"], ["李", "#REF!"]]))
    assert reasons(imported, "累计金额") == [
        (2, "已拒收", "单元格是错误值 #N/A"),
        (3, "已拒收", "单元格是错误值 #REF!"),
    ]


def test_date_serials_in_a_date_column_become_dates():
    imported = read_customers(xlsx_bytes([["昵称", "注册日期"], ["清风", 45662]]))
    assert imported.frame.loc[0, "注册日期"] == pd.Timestamp("2025-01-05")
    assert reasons(imported, "注册日期") == [(2, "已修正", "Excel 日期序号改为日期")]


def test_dates_in_the_chinese_built_in_format_are_dates():
    rows = [["昵称", "注册日期"], ["清风", dt.date(2025, 1, 5)]]
    data = xlsx_bytes(rows, formats={"B2": "mm-dd-yy"})
    data = edit_part(data, "xl/styles.xml", b'numFmtId="14"', b'numFmtId="31"')
    assert read_customers(data).frame.loc[0, "注册日期"] == pd.Timestamp("2025-01-05")


def test_code_that_excel_turned_into_a_date_is_reported():
    rows = [
        ["昵称", "备注", "客户编号"],
        ["清风", dt.datetime(2025, 1, 2), dt.datetime(2025, 3, 4)],
    ]
    imported = read_customers(xlsx_bytes(rows))
    assert reasons(imported, "备注")[0][1] == "请核对"
    assert reasons(imported, "客户编号")[0][1] == "已拒收"


def test_merged_header_cells_are_refused_with_their_place():
    data = xlsx_bytes([["昵称", "手机", "地址"], ["清风", "1", "杭州"]], merge=["C1:D1"])
    with pytest.raises(WorkbookError, match="表头（第 1 行）有合并单元格（C1:D1）.*取消合并"):
        read_customers(data)


def test_a_merged_title_above_the_header_does_no_harm():
    rows = [["客户一览", ""], ["昵称", "手机"], ["清风", "13800000001"]]
    assert len(read_customers(xlsx_bytes(rows, merge=["A1:B1"])).frame) == 1


def test_merged_cells_in_the_body_are_reported():
    rows = [["昵称", "手机", "城市"], ["清风", "13800000001", "杭州"], ["李", "13800000002", ""]]
    imported = read_customers(xlsx_bytes(rows, merge=["C2:C3"]))
    ((row, action, reason),) = reasons(imported, "（第 3 列）")
    assert (row, action) == (2, "请核对")
    assert "合并单元格（2 行 1 列）" in reason


def test_the_row_numbers_of_pandas_are_left_out(tmp_path):
    frame = pd.DataFrame({"昵称": ["清风", "李"], "手机": ["13800000001", "13800000002"]})
    frame.to_excel(tmp_path / "a.xlsx")
    frame.to_csv(tmp_path / "a.csv", encoding="utf-8")
    for path in (tmp_path / "a.xlsx", tmp_path / "a.csv"):
        imported = read_customers(path)
        assert list(imported.frame.columns) == ["昵称", "手机"]
        assert reasons(imported, "（第 1 列）", header=True)[0][1] == "已修正"
    pd.testing.assert_frame_equal(read_sheet(tmp_path / "a.xlsx"), frame)


def test_a_nameless_column_with_content_is_reported(tmp_path):
    rows = [["昵称", "", "手机"], ["清风", "甲", "13800000001"]]
    imported = read_customers(csv_file(tmp_path / "a.csv", rows))
    assert list(imported.frame.columns) == ["昵称", "手机"]
    assert reasons(imported, "（第 2 列）", header=True)[0][1] == "请核对"


def test_repeated_headers_get_numbers(tmp_path):
    rows = [["昵称", "备注", "备注"], ["清风", "甲", "乙"]]
    imported = read_customers(csv_file(tmp_path / "a.csv", rows))
    assert imported.frame.loc[0, ["备注", "备注.2"]].tolist() == ["甲", "乙"]


def test_sheets_are_chosen_by_name_and_a_wrong_name_lists_them(tmp_path):
    path = xlsx_file(tmp_path / "a.xlsx", SIMPLE, [["昵称", "手机"], ["李", "13900000001"]])
    assert sheet_names(path) == ["Sheet1", "Sheet2"]
    assert read_customers(path, sheet="Sheet2").frame.loc[0, "昵称"] == "李"
    with pytest.raises(WorkbookError, match="没有工作表「第三页」.*「Sheet1」、「Sheet2」"):
        read_customers(path, sheet="第三页")


# ── types, report, tables of the kit ─────────────────────────────────────────────────────────


def test_types_of_unknown_columns_follow_from_all_their_values(tmp_path):
    columns = {
        "店铺": (["甲", "乙"], "str"),
        "销量": (["1", "2"], "int64"),
        "支付金额": (["1", "2"], "float64"),
        "比率": (["1.5", "-"], "float64"),
        "空着": (["-", "--"], "float64"),
        "没有": (["", ""], "str"),
        "日子": (["2025/1/2", "2025/1/3"], "datetime64[us]"),
        "邮政编码": (["010000", "310000"], "str"),
        "说法": (["是", "否"], "str"),
        "混合": (["1", "一"], "str"),
    }
    rows = [list(columns), *zip(*(values for values, _ in columns.values()), strict=True)]
    frame = read_table(csv_file(tmp_path / "a.csv", rows)).frame
    assert frame.dtypes.astype(str).to_dict() == {name: kind for name, (_, kind) in columns.items()}
    assert frame["空着"].isna().all()


def test_tables_of_the_course_get_chinese_names_and_words(tmp_path):
    names = [column.name for column in TABLES["orders"].columns]
    row = ["198765432101234567", "C000001", "2025-01-02 03:04:05", "", "CH01", "9.90", "0", "0"]
    row += ["TRADE_FINISHED", "", "", ""]
    imported = read_table(csv_file(tmp_path / "orders.csv", [names, row], "utf-8-sig"))
    assert imported.source.startswith("课程数据：订单")
    assert imported.frame.loc[0, "订单状态"] == "交易成功"
    assert imported.frame.loc[0, "实付金额"] == 9.9


def test_the_report_names_sheet_row_column_value_treatment_and_reason(tmp_path):
    path = csv_file(tmp_path / "客户.csv", [*SIMPLE, ["李", "'13800000002", "贵"]])
    report = read_customers(path).report
    assert list(report.columns) == ["工作表", "行", "列", "原值", "处理", "原因"]
    assert report.to_dict("records") == [
        {"工作表": "客户", "行": 3, "列": "手机", "原值": "'13800000002"}
        | {"处理": "已修正", "原因": "去掉开头的撇号"},
        {"工作表": "客户", "行": 3, "列": "累计金额", "原值": "贵"}
        | {"处理": "已拒收", "原因": "不是数字"},
    ]


def test_the_summary_says_it_in_words(tmp_path):
    path = csv_file(tmp_path / "客户.csv", [*SIMPLE, ["李", "'13800000002", "贵"]])
    assert read_customers(path).summary() == (
        "客户档案，逗号分隔文本，编码 gb18030：读入 2 行、3 列。"
        "已修正 1 处：去掉开头的撇号（1 处）。已拒收 1 处：不是数字（1 处）。"
    )
    assert "没有需要修正的地方" in read_customers(csv_file(tmp_path / "b.csv", SIMPLE)).summary()


def test_a_header_without_rows_gives_an_empty_frame_with_types(tmp_path):
    frame = read_customers(csv_file(tmp_path / "a.csv", SIMPLE[:1])).frame
    assert frame.empty
    assert [str(t) for t in frame.dtypes] == ["str", "str", "float64"]


def test_importing_the_room_loads_neither_openpyxl_nor_calamine():
    code = "import sys, crmkit.workbook; print('openpyxl' in sys.modules, 'python_calamine' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_files_saved_again_by_openpyxl_read_the_same(tmp_path):
    path = xlsx_file(tmp_path / "a.xlsx", SIMPLE)
    before = read_orders_or_customers(path)
    openpyxl.load_workbook(path).save(path)
    pd.testing.assert_frame_equal(read_orders_or_customers(path), before)


def read_orders_or_customers(path):
    with pytest.raises(WorkbookError, match="不能按淘宝订单读取"):
        read_orders(path)
    return read_customers(path).frame
