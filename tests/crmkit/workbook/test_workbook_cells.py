"""What one cell becomes: reference §2.7 and §2.8, and how Excel and WPS bend values."""

import datetime as dt

import pytest

from crmkit.workbook.cleaning import clean_text, guard_formula, match_key, unguard_formula
from crmkit.workbook.values import (
    CHECK,
    MENDED,
    REFUSED,
    to_date,
    to_flag,
    to_id,
    to_integer,
    to_mobile,
    to_money,
    to_number,
    to_person,
    to_text,
    to_time,
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ('="123"', "123"),
        ('=""', ""),
        ('="a""b"', 'a"b'),
        ("'13800000000", "13800000000"),
        ("'=1+1", "=1+1"),
        ("'-5", "-5"),
        ("'tis", "'tis"),
        ("'null", "null"),
        ("'", ""),
        ("ＡＢＣ１２３", "ABC123"),
        ("茶\u3000叶", "茶 叶"),
        ("\u00a0茶\u00a0", "茶"),
        ("茶\u200b叶\ufeff", "茶叶"),
        ("一\r\n二\r三", "一\n二\n三"),
        ("一_x000D_\n二", "一\n二"),
        ("茶\x00\x07叶", "茶叶"),
        ("你好，世界：（好）", "你好，世界：（好）"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("茶\u200d叶", "茶叶"),
        ("plain text", "plain text"),
    ],
)
def test_text_is_cleaned_of_what_programs_add_and_keeps_what_it_says(raw, clean):
    text, reasons = clean_text(raw)
    assert text == clean
    assert bool(reasons) == (raw != clean)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("198765432101234567", "198765432101234567"),
        ("１２３４", "1234"),
        ("1234 5678", "12345678"),
        ("C000001", "C000001"),
        ("00123", "00123"),
        (12345.0, "12345"),
        (123456789012345, "123456789012345"),
        ("12345.0", "12345"),
        ("-", None),
        ("NULL", None),
        ("", None),
    ],
)
def test_ids_become_text(raw, value):
    assert to_id(raw).value == value
    assert to_id(raw).action in ("", MENDED)


@pytest.mark.parametrize(
    "raw",
    [
        1.98765432101234567e17,
        10**15,
        "1.98765E+17",
        "198765432101234567.0",
        12.5,
        float("nan"),
        float("inf"),
        -1,
        True,
        dt.datetime(2025, 1, 2),
        dt.date(2025, 1, 2),
        '=DISPIMG("ID_0A",1)',
    ],
)
def test_ids_that_lost_their_digits_are_refused_with_a_reason(raw):
    outcome = to_id(raw)
    assert (outcome.value, outcome.action) == (None, REFUSED)
    assert outcome.reason


@pytest.mark.parametrize("raw", ["1月2日", "2-Jan", "Jan-02"])
def test_ids_that_look_turned_into_dates_are_shown(raw):
    assert to_id(raw)[:2] == (raw, CHECK)


@pytest.mark.parametrize(
    "raw",
    ["'13800000001", "138 0000 0001", "138-0000-0001", "+8613800000001", "8613800000001"]
    + ["１３８０００００００１", 13800000001.0, 13800000001, "\u200b13800000001", '="13800000001"'],
)
def test_mobiles_become_eleven_digits(raw):
    assert to_mobile(raw)[:2] == ("13800000001", MENDED)


@pytest.mark.parametrize("raw", ["1380000000", "23800000001", "138000000012", "没有"])
def test_other_mobiles_stay_and_are_shown(raw):
    assert to_mobile(raw)[:2] == (raw, CHECK)


def test_a_mobile_in_scientific_notation_is_refused():
    assert to_mobile("1.38E+10").action == REFUSED


@pytest.mark.parametrize("raw", ["陈*平", "13*******23", "0580-***542", "路*-*"])
def test_masked_values_stay(raw):
    for convert in (to_person, to_mobile):
        outcome = convert(raw)
        assert outcome[:2] == (raw, CHECK)
        assert outcome.reason.startswith("已脱敏")


@pytest.mark.parametrize(
    ("raw", "yuan"),
    [
        ("0元", 0.0),
        ("12.5", 12.5),
        ("1,234.00", 1234.0),
        ("1,234,567.89", 1234567.89),
        ("￥12.50", 12.5),
        ("¥ 12.50 元", 12.5),
        ("-12.50", -12.5),
        ("−12.50", -12.5),
        ("(12.50)", -12.5),
        ("１２．５０", 12.5),
        ("1.2万", 12000.0),
        ("12.345", 12.35),
        (0.1 + 0.2, 0.3),
        (2.675, 2.68),
        ("1E2", 100.0),
        ("-", None),
        ("--", None),
        ("—", None),
        ("", None),
    ],
)
def test_money_has_two_decimals(raw, yuan):
    assert to_money(raw).value == yuan
    assert to_money(raw).action in ("", MENDED)


@pytest.mark.parametrize(
    "raw",
    ["贵", "12,34", "1.2.3", "--5", "1e999", "9" * 50, float("inf"), float("nan"), True, 1e300]
    + [dt.date(2025, 1, 1), "12元5角"],
)
def test_what_is_no_amount_is_refused(raw):
    assert to_money(raw)[:2] == (None, REFUSED)


def test_numbers_integers_and_percentages():
    assert to_number("0.45%").value == 0.0045
    assert to_number("5‰").value == 0.005
    assert to_number("1,234").value == 1234.0
    assert to_integer("1,200件").value == 1200
    assert to_integer(3.0).value == 3
    assert to_integer("2.5").action == REFUSED


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2018-07-01 09:05:06", dt.datetime(2018, 7, 1, 9, 5, 6)),
        ("2018/7/1 9:05", dt.datetime(2018, 7, 1, 9, 5)),
        ("2018/7/1", dt.datetime(2018, 7, 1)),
        ("2018.7.1", dt.datetime(2018, 7, 1)),
        ("2018年7月1日", dt.datetime(2018, 7, 1)),
        ("2018年7月1日 9时5分6秒", dt.datetime(2018, 7, 1, 9, 5, 6)),
        ("2018年7月1日 星期日 下午 3:05", dt.datetime(2018, 7, 1, 15, 5)),
        ("２０１８－０７－０１", dt.datetime(2018, 7, 1)),
        ("20180701", dt.datetime(2018, 7, 1)),
        ("2018-07-01T09:05:06Z", dt.datetime(2018, 7, 1, 9, 5, 6)),
        ("2018-07-01 09:05:06.123", dt.datetime(2018, 7, 1, 9, 5, 6)),
        ("2018/7/1 12:05 AM", dt.datetime(2018, 7, 1, 0, 5)),
        (43282, dt.datetime(2018, 7, 1)),
        ("43282", dt.datetime(2018, 7, 1)),
        (43282.37850694, dt.datetime(2018, 7, 1, 9, 5, 3)),
        (dt.date(2018, 7, 1), dt.datetime(2018, 7, 1)),
        (dt.datetime(2018, 7, 1, 9, 5), dt.datetime(2018, 7, 1, 9, 5)),
        ("0000-00-00 00:00:00", None),
        ("-", None),
    ],
)
def test_dates_in_every_writing(raw, moment):
    assert to_time(raw).value == moment
    assert to_time(raw).action in ("", MENDED)


@pytest.mark.parametrize(
    "raw",
    ["2018-02-30", "2018-13-01", "18/7/1", "7/1/2018", "明天", "2018年", "2018-7-1 25:00", 5, 1e9]
    + [float("nan"), True, dt.time(9, 5), dt.timedelta(hours=1), "2018-07-01 13:00 PM 1"],
)
def test_dates_that_are_none_or_ambiguous_are_refused(raw):
    assert to_time(raw)[:2] == (None, REFUSED)


def test_a_day_has_no_time_of_day():
    assert to_date("2018/7/1 9:05").value == dt.datetime(2018, 7, 1)
    assert "去掉钟点" in to_date("2018/7/1 9:05").reason


def test_text_that_became_a_date_cannot_be_recovered_and_is_shown():
    outcome = to_text(dt.datetime(2025, 1, 2))
    assert outcome[:2] == ("2025-01-02 00:00:00", CHECK)
    assert "1-2" in outcome.reason


@pytest.mark.parametrize("raw", ["null", "'null", "'", "", '=""'])
def test_marks_of_missing_text_are_missing(raw):
    assert to_text(raw).value is to_id(raw).value is None


def test_wps_pictures_are_refused():
    for text in ('=DISPIMG("ID_0A",1)', '=_xlfn.DISPIMG("ID_0A",1)'):
        assert to_text(text)[:2] == (None, REFUSED)


def test_formula_text_is_kept_as_text_and_shown():
    assert to_text("=1+1")[:2] == ("=1+1", CHECK)


def test_flags():
    assert [to_flag(x).value for x in ("是", "否", "TRUE", 0, True)] == [
        True,
        False,
        True,
        False,
        True,
    ]
    assert to_flag("也许").action == REFUSED


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_every_start_of_a_formula_is_guarded_and_comes_back(start):
    for text in (start + "1", "'" + start + "1", "''" + start + "x"):
        guarded = guard_formula(text)
        assert guarded[0] == "'"
        assert unguard_formula(guarded) == text


def test_text_that_is_no_formula_is_not_guarded():
    for text in ("", "茶", "'茶", "-", "--", "1-2", "a=b"):
        assert guard_formula(text) == text == unguard_formula(text)


def test_spellings_of_a_name_that_mean_the_same():
    assert match_key(" 店铺ID\u3000") == match_key("店铺Id")
    assert match_key("下单帐号") == match_key("下单账号")
    assert match_key("金额（元）") == match_key("金额")
    assert match_key("订单编号") != match_key("订单编码")
