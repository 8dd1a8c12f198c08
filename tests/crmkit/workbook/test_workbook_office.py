"""LibreOffice opens what the kit writes, computes nothing in it, and saves it without loss."""

import random
import shutil
import subprocess

import pandas as pd
import pytest
from workbook_files import csv_file, order, reasons, taobao_rows, xlsx_file

from crmkit.workbook import WorkbookError, inspect, read_orders, read_sheet, read_table, write

SOFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.office,
    pytest.mark.slow,
    pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed"),
]

FRAME = pd.DataFrame(
    {
        "订单编号": ["198765432101234567", "000000000000000001", "1E5"],
        "昵称": ["清风", "=1+1", "'引号"],
        "手机": ["13800000001", None, "013800000002"],
        "生日": pd.to_datetime(["1990-02-28", "2024-02-29", None]),
        "下单时间": pd.to_datetime(
            ["2025-01-02 03:04:05", "2025-12-31 23:59:59", "1999-12-31"], format="ISO8601"
        ),
        "金额": [1234.5, 0.01, None],
        "数量": [3, 0, -7],
        "比率": [0.1, 1 / 3, 1e-9],
        "会员": [True, False, True],
        "备注": ['第一行\n第二行，“引号” "x"', "  空格  ", "龙井😀𠮷 _x0041_ #N/A"],
    }
).astype({"生日": "datetime64[us]", "下单时间": "datetime64[us]"})
KINDS = {"ids": ["订单编号", "手机"], "dates": ["生日"], "money": ["金额"]}
ATTACKS = ["=1+1", "+1+1", "-2+1", "@SUM(1,1)", "＝1+1", "\t=1+1", '=HYPERLINK("http://x";"y")']
ATTACKS += ["=cmd|'/C calc'!A0", "'=1+1", "-", "1-2", "3/4", "1E5", "00123"]


@pytest.fixture(scope="module")
def convert(tmp_path_factory):
    """Have LibreOffice save a file in another format, with a profile of its own."""
    profile = tmp_path_factory.mktemp("profile").as_uri()

    def run(path, to):
        out = tmp_path_factory.mktemp("office")
        done = subprocess.run(
            [SOFFICE, f"-env:UserInstallation={profile}", "--headless", "--norestore"]
            + ["--convert-to", to, "--outdir", str(out), str(path)],
            capture_output=True,
            timeout=180,
        )
        made = list(out.iterdir())
        assert len(made) == 1, done.stderr.decode(errors="replace")
        return made[0]

    return run


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("kit") / "订单.xlsx"
    attacks = pd.DataFrame({"=列": ATTACKS})
    index = pd.DataFrame({"页名": ["订 单"], "行数": [3]})
    return write(
        path,
        {"目录": index, "订 单": FRAME, "=攻击": attacks},
        **KINDS,
        choices={"昵称": ["甲", "乙"]},
        links=["页名"],
    )


@pytest.fixture(scope="module")
def saved(convert, written):
    return convert(written, "xlsx")


def test_a_workbook_saved_again_by_libreoffice_is_read_back_unchanged(saved):
    back = read_sheet(saved, "订 单")
    pd.testing.assert_series_equal(back.pop("比率"), FRAME["比率"], rtol=1e-14)
    pd.testing.assert_frame_equal(back, FRAME.drop(columns="比率"), check_exact=True)
    assert read_sheet(saved, "=攻击")["=列"].tolist() == ATTACKS


def test_formats_filter_drop_down_and_links_survive(saved, written):
    before, after = inspect(written), inspect(saved)
    assert list(after.sheets) == list(before.sheets)
    for old, new in zip(before, after, strict=True):
        # the frozen header is a matter of views, and a conversion without a window has none
        assert new.filter == old.filter
        assert new.header() == old.header()
    old, new = before.sheet("订 单"), after.sheet("订 单")
    for column in range(1, 11):
        assert new.cell(2, column).type == old.cell(2, column).type
    formats = [new.cell(2, column).number_format for column in (1, 3, 4, 5, 6)]
    assert formats == ["@", "@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "0.00"]
    assert new.validations[0].words == ("甲", "乙")
    assert after.sheet("目录").cell(2, 1).linked_sheet == "订 单"


def test_libreoffice_computes_nothing_in_what_the_kit_wrote(convert, tmp_path):
    path = write(tmp_path / "a.xlsx", {"a": pd.DataFrame({"甲": ATTACKS})})
    lines = convert(path, "csv:Text - txt - csv (StarCalc):44,34,76,1").read_text(
        encoding="utf-8-sig"
    )
    rows = read_table(lines.encode("utf-8"), header=1).frame["甲"].tolist()
    assert len(rows) == len(ATTACKS)
    assert "2" not in rows
    assert "Err" not in lines and "#NAME" not in lines
    for line in lines.splitlines()[1:]:
        # opened as CSV again, no line starts a formula either
        assert line.lstrip('"')[:1] not in tuple("=+@\t＝＋－＠")


def test_that_csv_opened_again_still_computes_nothing(convert, tmp_path):
    path = write(tmp_path / "a.xlsx", {"a": pd.DataFrame({"甲": ATTACKS[:9]})})
    text = convert(path, "csv:Text - txt - csv (StarCalc):44,34,76,1")
    sheet = next(iter(inspect(convert(text, "xlsx"))))
    assert not [cell for cell in sheet.cells.values() if cell.formula]


@pytest.fixture(scope="module")
def old_file(convert, tmp_path_factory):
    rows = [["说明", "", ""]] * 4
    rows += [
        ["订单编号", "支付金额", "订单创建时间"],
        ["198765432101234567", "1,234.00", "2025-01-02"],
    ]
    path = xlsx_file(tmp_path_factory.mktemp("xls") / "报表.xlsx", rows)
    return convert(path, "xls")


def test_old_xls_files_are_read(old_file):
    imported = read_table(old_file)
    assert imported.frame.loc[0, "订单编号"] == "198765432101234567"
    assert imported.frame.loc[0, "支付金额"] == 1234
    assert imported.frame.loc[0, "订单创建时间"] == pd.Timestamp("2025-01-02")
    assert reasons(imported, "支付金额") == [(6, "已修正", "去掉千位分隔符")]


def test_damaged_xls_files_end_in_words_and_never_end_the_process(old_file):
    chance = random.Random(7)
    for _ in range(25):
        data = bytearray(old_file.read_bytes())
        for _ in range(chance.choice([1, 5, 20, 60])):
            place = chance.randrange(512, len(data))
            data[place : place + 4] = bytes(chance.choice([0, 255, 128]) for _ in range(4))
        try:
            read_table(bytes(data))
        except WorkbookError as error:
            assert "文件" in str(error)


def test_an_order_export_that_went_through_libreoffice_is_read(convert, tmp_path):
    rows = [[_plain(c) for c in row] for row in taobao_rows("2020 年前后", [order()])]
    direct = read_orders(csv_file(tmp_path / "a.csv", rows)).frame
    path = xlsx_file(tmp_path / "ExportOrderList.xlsx", rows)
    pd.testing.assert_frame_equal(read_orders(convert(path, "xlsx")).frame, direct)


def _plain(cell):
    return cell[2:-1] if cell.startswith('="') else cell
