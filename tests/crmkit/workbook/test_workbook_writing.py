"""What the kit writes: text ids, real dates, no formula by accident, the same bytes, all or nothing."""

import datetime as dt
import io
import os
import zipfile
from decimal import Decimal

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.workbook import WorkbookError, WorkbookWarning, read_customers, read_sheet, write
from crmkit.workbook.columns import display_width

FRAME = pd.DataFrame(
    {
        "订单编号": ["198765432101234567", "198765432101234568"],
        "手机": ["13800000001", None],
        "生日": pd.to_datetime(["1990-02-28", None]),
        "下单时间": pd.to_datetime(["2025-01-02 03:04:05", "2025-01-02 00:00:00"]),
        "金额": [12.5, np.nan],
        "数量": [3, 4],
        "会员": [True, False],
        "备注": ["好茶", "第一行\n第二行"],
    }
)
KINDS = {"ids": ["订单编号", "手机"], "dates": ["生日"], "money": ["金额"]}


@pytest.fixture
def page(tmp_path):
    return openpyxl.load_workbook(write(tmp_path / "a.xlsx", {"订单": FRAME}, **KINDS))["订单"]


def test_ids_are_text_cells(page):
    assert (page["A2"].value, page["A2"].data_type) == ("198765432101234567", "s")
    assert page["A2"].number_format == page["B2"].number_format == "@"


def test_dates_are_real_and_shown_as_iso(page):
    assert page["C2"].value == dt.datetime(1990, 2, 28)
    assert page["C2"].number_format == "yyyy-mm-dd"
    assert page["D2"].value == dt.datetime(2025, 1, 2, 3, 4, 5)
    assert page["D3"].number_format == "yyyy-mm-dd hh:mm:ss"


def test_money_has_two_decimals_and_missing_cells_are_empty(page):
    assert (page["E2"].value, page["E2"].number_format) == (12.5, "0.00")
    assert page["B3"].value is page["C3"].value is page["E3"].value is None


def test_numbers_flags_and_line_breaks_stay(page):
    assert (page["F2"].value, page["F2"].data_type) == (3, "n")
    assert page["G2"].value is True
    assert page["H3"].value == "第一行\n第二行"


def test_the_header_is_bold_frozen_and_filtered(page):
    assert page["A1"].font.bold
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:H3"


def test_freezing_and_filtering_can_be_left_out(tmp_path):
    path = write(tmp_path / "a.xlsx", {"订单": FRAME}, frozen=False, filtered=False)
    page = openpyxl.load_workbook(path)["订单"]
    assert page.freeze_panes is None
    assert page.auto_filter.ref is None


def test_columns_are_wide_enough_for_chinese(page):
    assert display_width("清溪茶叶") == 8
    assert page.column_dimensions["A"].width >= 18 + 2
    assert page.column_dimensions["D"].width >= len("2025-01-02 03:04:05")


def test_ids_that_are_numbers_become_text(tmp_path):
    frame = pd.DataFrame({"手机": [13800000001, 13800000002], "编号": [1.0, np.nan]})
    path = write(tmp_path / "a.xlsx", {"a": frame}, ids=["手机", "编号"])
    back = read_sheet(path)
    assert back["手机"].tolist() == ["13800000001", "13800000002"]
    assert back["编号"].tolist()[0] == "1"


def test_money_is_rounded_half_up_on_the_decimal_that_is_shown(tmp_path):
    frame = pd.DataFrame({"金额": [2.675, 1.005, Decimal("0.125"), 3, -0.001]}, dtype=object)
    back = read_sheet(write(tmp_path / "a.xlsx", {"a": frame}, money=["金额"]))
    assert back["金额"].tolist() == [2.68, 1.01, 0.13, 3.0, 0.0]


def test_the_index_is_left_out_unless_asked_for(tmp_path):
    frame = pd.DataFrame({"人数": [1, 2]}, index=pd.Index(["浙江", "上海"], name="省份"))
    assert list(read_sheet(write(tmp_path / "a.xlsx", {"a": frame})).columns) == ["人数"]
    back = read_sheet(write(tmp_path / "a.xlsx", {"a": frame}, index=True))
    assert back.to_dict("list") == {"省份": ["浙江", "上海"], "人数": [1, 2]}


# ── formulas ─────────────────────────────────────────────────────────────────────────────────

ATTACKS = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "＝1+1", "＋1", "－1+1", "＠x"]
ATTACKS += ['=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0", "'=1+1", "{=1+1}", "#N/A"]


def test_no_cell_is_a_formula_or_an_error_value(tmp_path):
    frame = pd.DataFrame({"=A1": ATTACKS})
    path = write(tmp_path / "a.xlsx", {"=x": frame})
    for row in openpyxl.load_workbook(path)["=x"].iter_rows():
        assert row[0].data_type == "s"
        assert row[0].value[0] not in "=+-@\t\r＝＋－＠"


def test_guarded_cells_come_back_as_they_were(tmp_path):
    frame = pd.DataFrame({"=A1": [a.replace("\r", "\n") for a in ATTACKS]})
    path = write(tmp_path / "a.xlsx", {"=x": frame})
    pd.testing.assert_frame_equal(read_sheet(path), frame)


def test_guarded_cells_stay_text_when_pandas_copies_them(tmp_path):
    path = write(tmp_path / "a.xlsx", {"a": pd.DataFrame({"备注": ATTACKS[:-1]})})
    pd.read_excel(path, engine="openpyxl").to_excel(tmp_path / "b.xlsx", index=False)
    page = openpyxl.load_workbook(tmp_path / "b.xlsx").active
    assert {row[0].data_type for row in page.iter_rows()} == {"s"}


def test_the_importers_take_the_guard_off(tmp_path):
    frame = pd.DataFrame({"昵称": ["=1+1", "-清风-"], "手机": ["13800000001", "13800000002"]})
    imported = read_customers(write(tmp_path / "a.xlsx", {"a": frame}))
    assert imported.frame["昵称"].tolist() == ["=1+1", "-清风-"]


def test_text_that_looks_like_an_escape_stays_text(tmp_path):
    frame = pd.DataFrame({"a": ["_x0041_", "_x000D_", "x_x_"]})
    pd.testing.assert_frame_equal(read_sheet(write(tmp_path / "a.xlsx", {"a": frame})), frame)


def test_control_characters_are_left_out_and_reported(tmp_path):
    frame = pd.DataFrame({"备注": ["好\x00茶\x0b", "一\r\n二"]})
    with pytest.warns(WorkbookWarning, match="共 1 格：「页」列“备注”第 2 行"):
        path = write(tmp_path / "a.xlsx", {"页": frame})
    assert read_sheet(path)["备注"].tolist() == ["好茶", "一\n二"]


# ── drop-downs and links ─────────────────────────────────────────────────────────────────────


def test_drop_downs_and_links(tmp_path):
    frame = pd.DataFrame({"性别": ["男", "女"]})
    index = pd.DataFrame({"页名": ["淘宝 页", "目录"], "行数": [2, 2]})
    path = write(
        tmp_path / "a.xlsx",
        {"目录": index, "淘宝 页": frame},
        choices={"性别": ["男", "女", "未知"]},
        links=["页名"],
    )
    book = openpyxl.load_workbook(path)
    (rule,) = book["淘宝 页"].data_validations.dataValidation
    assert (rule.type, rule.formula1, str(rule.sqref)) == ("list", '"男,女,未知"', "A2:A3")
    assert book["目录"]["A2"].hyperlink.location == "'淘宝 页'!A1"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"choices": {"性别": ["男,女"]}}, "半角逗号"),
        ({"choices": {"性别": ["很长" * 200]}}, "太长"),
        ({"links": ["性别"]}, "没有工作表「男」"),
    ],
)
def test_drop_downs_and_links_that_cannot_be(tmp_path, more, message):
    with pytest.raises(WorkbookError, match=message):
        write(tmp_path / "a.xlsx", {"a": pd.DataFrame({"性别": ["男"]})}, **more)


# ── errors ───────────────────────────────────────────────────────────────────────────────────

ONE = pd.DataFrame({"甲": [1]})


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        ({"": ONE}, "不能是空的"),
        ({"页" * 32: ONE}, "最多 31 个字"),
        ({"2024/2025": ONE}, r"不能有 \[ \]"),
        ({"a:b": ONE}, r"不能有 \[ \]"),
        ({"'a": ONE}, "撇号"),
        ({"History": ONE}, "History"),
        ({"Tea": ONE, "tea": ONE}, "「Tea」和「tea」"),
        ({}, "至少一页"),
        (ONE, "至少一页|内容应是表"),
        ({"a": [1, 2]}, "DataFrame.*list"),
        ({"a": pd.DataFrame()}, "一列也没有"),
        ({"a": pd.DataFrame([[1, 2]], columns=["甲", "甲"])}, "列名重复：甲"),
        ({"a": pd.DataFrame([[1]], columns=[" "])}, "没有列名"),
        ({"a": pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")]))}, "2 层"),
        ({"a": pd.DataFrame({"甲": range(1_048_576)})}, "1,048,576 行.*分成几页"),
        ({"a": pd.DataFrame([range(16_385)])}, "最多 16,384 列"),
        ({"页": pd.DataFrame({"甲": ["x" * 32_768]})}, "「页」：列“甲”第 2 行有 32,768 个字"),
        ({"a": pd.DataFrame({"甲": [float("inf")]})}, "无穷大"),
        ({"a": pd.DataFrame({"甲": [[1, 2]]})}, "是 list"),
        ({"a": pd.DataFrame({"甲": [10**15]})}, "超过 15 位.*ids="),
        ({"a": pd.DataFrame({"甲": pd.to_datetime(["1899-12-31"])})}, "早于 1900-03-01"),
        ({"a": pd.DataFrame({"甲": pd.to_datetime(["2025-01-01"]).tz_localize("UTC")})}, "时区"),
        ({"a": pd.DataFrame({"甲": [dt.timedelta(1)]})}, "Timedelta"),
    ],
)
def test_what_excel_does_not_take_is_said(tmp_path, sheets, message):
    with pytest.raises(WorkbookError, match=message):
        write(tmp_path / "a.xlsx", sheets)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"ids": ["乙"]}, "没有这样的列：乙。各页现有的列：甲"),
        ({"money": ["甲"]}, "列“甲”第 2 行的 '贵' 不是金额"),
        ({"dates": ["甲"]}, "不是日期.*to_datetime"),
    ],
)
def test_columns_of_the_wrong_kind_are_said(tmp_path, more, message):
    with pytest.raises(WorkbookError, match=message):
        write(tmp_path / "a.xlsx", {"a": pd.DataFrame({"甲": ["贵"]})}, **more)


def test_ids_that_have_lost_digits_are_not_written(tmp_path):
    frame = pd.DataFrame({"编号": [1.98765432101234567e17]})
    with pytest.raises(WorkbookError, match="丢失末位"):
        write(tmp_path / "a.xlsx", {"a": frame}, ids=["编号"])


def test_a_date_column_with_times_of_day_is_refused(tmp_path):
    frame = pd.DataFrame({"生日": pd.to_datetime(["2025-01-01 10:00"])})
    with pytest.raises(WorkbookError, match="带有钟点.*normalize"):
        write(tmp_path / "a.xlsx", {"a": frame}, dates=["生日"])


@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(WorkbookError, match=r"以 \.xlsx 结尾"):
        write(tmp_path / name, {"a": ONE})


def test_a_folder_in_the_way_is_said(tmp_path):
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(WorkbookError, match="已经是一个文件夹"):
        write(tmp_path / "a.xlsx", {"a": ONE})


# ── files ────────────────────────────────────────────────────────────────────────────────────


def test_missing_folders_are_made(tmp_path):
    assert write(tmp_path / "out" / "b" / "a.xlsx", {"a": ONE}).exists()


def test_the_same_frames_give_the_same_bytes(tmp_path):
    first = write(tmp_path / "a.xlsx", {"订单": FRAME}, **KINDS).read_bytes()
    second = write(tmp_path / "b.xlsx", {"订单": FRAME.copy()}, **KINDS).read_bytes()
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in package.read("docProps/core.xml")


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError])
def test_an_interrupted_write_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch, failure):
    path = write(tmp_path / "a.xlsx", {"a": ONE})
    old = path.read_bytes()

    def interrupted(_):
        raise failure("disk full")

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises((KeyboardInterrupt, WorkbookError)):
        write(path, {"a": FRAME})
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_file_that_is_open_in_excel_is_said_and_stays(tmp_path, monkeypatch):
    path = write(tmp_path / "a.xlsx", {"a": ONE})
    old = path.read_bytes()

    def in_use(*_):
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(os, "replace", in_use)
    with pytest.raises(WorkbookError, match="「a.xlsx」写不进去.*请先关闭 Excel"):
        write(path, {"a": FRAME})
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX")
def test_the_file_gets_the_usual_permissions_and_keeps_changed_ones(tmp_path):
    mask = os.umask(0o022)
    try:
        path = write(tmp_path / "a.xlsx", {"a": ONE})
        assert path.stat().st_mode & 0o777 == 0o644
        path.chmod(0o600)
        write(path, {"a": ONE})
        assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(mask)


# ── round trip ───────────────────────────────────────────────────────────────────────────────

# what a cell can hold: no control characters; line breaks are \n
text = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
text |= st.text(st.sampled_from("=+-@'\t\n＝－ 茶龙😀_x0041ab"))
stored = text.map(lambda t: t if t else None)
moments = st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 31, 23, 59, 59)).map(
    lambda m: m.replace(microsecond=0)
)
COLUMNS = {
    "文字": (stored, "str"),
    "整数": (st.integers(-(10**14), 10**14), "int64"),
    "小数": (st.floats(-1e300, 1e300), "float64"),
    "时间": (st.none() | moments, "datetime64[us]"),
    "真假": (st.booleans(), "bool"),
}


@st.composite
def frames(draw):
    length = draw(st.integers(1, 6))
    return pd.DataFrame(
        {
            name: pd.Series(draw(st.lists(s, min_size=length, max_size=length)), dtype=dtype)
            for name, (s, dtype) in COLUMNS.items()
        }
    )


@settings(max_examples=400 if int(os.environ.get("CRMKIT_FULL", 0)) else 60, deadline=None)
@given(frames())
def test_what_is_written_is_read_back_unchanged(tmp_path_factory, frame):
    path = write(tmp_path_factory.mktemp("w") / "a.xlsx", {"页": frame})
    back = read_sheet(path, "页")
    # a workbook knows no difference between 1 and 1.0, nor types of columns that are all empty
    for name in frame.columns:
        if frame[name].isna().all() or name == "小数":
            back[name] = back[name].astype(frame[name].dtype)
    decimals = back.pop("小数"), frame.pop("小数")
    pd.testing.assert_series_equal(*decimals, rtol=1e-15, atol=0)
    pd.testing.assert_frame_equal(back, frame, check_exact=True)
