"""The shop cases: the base table and its typical faults, roles, the dashboard, an own recount."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from autograder import base_table, judge, role_keys, shop_cases
from crmkit import shops
from crmkit.crm import catalogue, roles
from crmkit.lab import checks
from crmkit.lab.inputs import role_needs, shop_case
from crmkit.lab.snapshot import Bars
from tests.autograder import workbooks

CASES = [lab for lab in ("C1", "C2", "C3") if lab in judge.known()]
STUDENTS = ["2025010101", "张三", "a-b.c@d"]


def judged(lab: str, number: str, answer: Any, **more: Any) -> judge.Result:
    spec = judge.load(lab)
    item = next(i for i in spec.automatic if i.id == f"{lab}-{number}")
    answers = {item.id: answer, **{f"{lab}-{k[1:]}": v for k, v in more.items()}}
    submission = judge.Submission(STUDENTS[0], answers, answers)
    return judge.judge_item(item, submission, spec.world(STUDENTS[0]))


def expected(lab: str, number: str) -> Any:
    spec = judge.load(lab)
    item = next(i for i in spec.automatic if i.id == f"{lab}-{number}")
    return item.expect(spec.world(STUDENTS[0]))


# ------------------------------------------------------------------ exports


@pytest.mark.parametrize("lab", CASES)
@pytest.mark.parametrize("student", STUDENTS)
def test_the_base_table_agrees_with_the_shop_and_with_the_member_file(
    lab: str, student: str
) -> None:
    w = judge.load(lab).world(student)
    table = base_table.base(w.exports).set_index("昵称", drop=False)
    people = shops.load(w.shop).customers.set_index("昵称").loc[table.index]
    for name in ("姓名", "省份", "交易状态", "会员等级"):
        assert table[name].tolist() == people[name].tolist(), name
    blank = table["手机"] == ""
    assert 1 <= blank.sum() <= 5  # the forms whose mobile cannot be had back
    assert table["手机"][~blank].tolist() == people["手机"][~blank].tolist()
    members = w.exports.members.set_index("买家昵称").loc[table.index]
    assert members["交易笔数"].astype(int).tolist() == table["累计订单数"].tolist()
    assert members["交易金额"].astype(float).tolist() == pytest.approx(table["累计金额"].tolist())
    assert len(table) == shop_case.MEMBERS and min(base_table.log(w.exports).values()) >= 5


@pytest.mark.parametrize(
    ("raw", "clean"),
    [("'13233456058", "13233456058"), ("132 3345 6058", "13233456058"), ("+8613233456058", "13233456058"),
     ("１３２３３４５６０５８", "13233456058"), ("8613233456058", "13233456058"), ("1323345605", ""),
     ("132334560588", ""), ("23233456058", ""), ("不详", ""), ("13233x56058", "")],
)  # fmt: skip
def test_a_mobile_is_mended_only_when_nothing_has_to_be_guessed(raw: str, clean: str) -> None:
    assert base_table.mobile(raw) == clean


# ------------------------------------------------------------------ the workbook


def _rows(book: Any) -> tuple[Any, dict[str, int]]:
    page = book[base_table.SHEET]
    return page, {c.value: c.column for c in page[1]}


def _double(book: Any) -> None:
    page, _ = _rows(book)
    forms = judge.load("C1").world(STUDENTS[0]).exports.forms
    again = set(forms.loc[forms["昵称"].duplicated(), "昵称"])
    for row in [[c.value for c in r] for r in page.iter_rows(min_row=2)]:
        if row[1] in again:
            page.append(row)


def _raw_mobiles(book: Any) -> None:
    page, at = _rows(book)
    raw = judge.load("C1").world(STUDENTS[0]).exports.forms.drop_duplicates("昵称")
    said = dict(zip(raw["昵称"], raw["手机"], strict=True))
    for r in range(2, page.max_row + 1):
        page.cell(r, at["手机"]).value = said[page.cell(r, at["昵称"]).value]


def _aged_today(book: Any) -> None:
    page, at = _rows(book)
    for r in range(2, page.max_row + 1):
        born = page.cell(r, at["生日"]).value
        page.cell(r, at["年龄"]).value = shops.as_of().year + 1 - born.year if born else None


def _unpaid(book: Any) -> None:
    page, at = _rows(book)
    wrong = base_table.base(judge.load("C1").world(STUDENTS[0]).exports, unpaid=True)
    count = dict(zip(wrong["昵称"], wrong["累计订单数"], strict=True))
    for r in range(2, page.max_row + 1):
        page.cell(r, at["累计订单数"]).value = count[page.cell(r, at["昵称"]).value]


@pytest.mark.parametrize(
    ("spoil", "hint", "low", "high"),
    [(_double, "先写的一份", 8, 13), (_raw_mobiles, "11 位数字", 11, 13.9), (_aged_today, "lab.as_of", 11, 13.9),
     (_unpaid, "付款时间", 11, 13.9)],
)  # fmt: skip
def test_a_fault_of_the_workbook_is_named_and_costs_its_part(
    spoil: Callable[[Any], None], hint: str, low: float, high: float
) -> None:
    result = workbooks.judged("C1", STUDENTS[0], workbooks.spoilt("C1", STUDENTS[0], spoil))[
        "C1-02"
    ]
    assert hint in result.hint
    assert result.score is not None and low <= result.score <= high


def test_rows_in_another_order_and_cities_with_their_suffix_are_right() -> None:
    def spoil(book: Any) -> None:
        page, at = _rows(book)
        page.cell(2, at["城市"]).value += "市"
        rows = [[c.value for c in r] for r in page.iter_rows(min_row=2)]
        page.delete_rows(2, page.max_row)
        for row in reversed(rows):
            page.append(row)

    book = workbooks.spoilt("C1", STUDENTS[0], spoil)
    assert workbooks.judged("C1", STUDENTS[0], book)["C1-02"].score == 14


# ------------------------------------------------------------------ roles


def test_every_need_has_its_function_and_the_system_lets_that_role_use_it() -> None:
    by_name: dict[str, list[catalogue.Function]] = {}
    for f in catalogue.FUNCTIONS.values():
        by_name.setdefault(f.name, []).append(f)
    for role, needs in role_needs.POOL.items():
        assert len(needs) == len(role_keys.KEYS[role])
        for k in range(len(needs)):
            right, lure = role_keys.function(role, k), role_keys.lure(role, k)
            (function,) = by_name[right]  # a name that stands for one function only
            roles.check(roles.WAREHOUSE if role == "仓储" else role, function)
            assert lure in by_name and lure != right


@pytest.mark.parametrize("lab", CASES)
def test_every_role_needs_at_least_three_functions(lab: str) -> None:
    for student in STUDENTS:
        needs = role_needs.needs(student, lab)
        for role in role_needs.ROLES:
            assert len({role_keys.function(*one) for one in needs.values() if one[0] == role}) >= 3


def test_the_permission_table_is_judged_on_the_own_matrix() -> None:
    matrix = expected("C1", "04") | {"N01": "顾客列表"}
    w = judge.load("C1").world(STUDENTS[0])
    own = shop_cases.granted(w.needs, matrix)
    assert judged("C1", "05", own, _04=matrix).score == 6
    alone = judged("C1", "05", own)
    assert alone.score is not None and 3 < alone.score < 6


# ------------------------------------------------------------------ dashboard


@pytest.mark.parametrize("lab", CASES)
def test_charts_are_judged_by_bars_titles_and_names(lab: str) -> None:
    right = expected(lab, "10")
    names = list(right)
    assert judged(lab, "10", right).score == 6
    bare = Bars("", "横", "纵", right[names[0]].labels, right[names[0]].heights)
    assert judged(lab, "10", right | {names[0]: bare}).score == pytest.approx(6 - 2 / 9, abs=0.1)
    unnamed = Bars(
        "题", "横", "纵", ("",) * len(right[names[1]].heights), right[names[1]].heights[::-1]
    )
    assert judged(lab, "10", right | {names[1]: unnamed}).score == 6
    two = {n: right[n] for n in names[:2]}
    assert judged(lab, "10", two).score == pytest.approx(4, abs=0.1)
    assert checks.BarCharts(tuple(names), 2).look(two, None)  # type: ignore[arg-type]


def test_the_card_accepts_text_and_numbers_in_any_dress() -> None:
    right = expected("C1", "01")
    dressed = pd.Series(right | {"主营占比": f"{100 * right['主营占比']:.3f}%", "平台": " 天猫 "})
    assert judged("C1", "01", dressed).score == 8
    assert judged("C1", "01", right | {"平台": "淘宝"}).score == pytest.approx(8 * 6 / 7, abs=0.51)
    assert right["平台"] == "天猫"


# ------------------------------------------------------------------ what is special about a shop


def test_soft_packing_breaks_most_and_gifts_are_dearer() -> None:
    rates = expected("C2", "06").set_index("包装")["破损退货率"]
    assert rates.idxmax() == "气泡袋" and rates.idxmin() == "木架箱" and rates.max() < 0.1
    gift = expected("C2", "07")
    assert 0.2 < gift["送礼占比"] < 0.4 and gift["送礼均价"] > gift["自用均价"]
    assert judged("C2", "07", {k: round(v, 4) for k, v in gift.items()}).score == 8
    percent = judged("C2", "07", gift | {"送礼占比": 100 * gift["送礼占比"]})
    assert "小数" in percent.hint and percent.score is not None and 5 <= percent.score < 8


def test_the_day_of_the_burst_is_found_in_any_form_of_a_date() -> None:
    days = expected("C3", "09")
    planted = shops.planted("electronics")["review_burst"]["day"]
    assert str(planted)[:10] in days and len(days) <= 5
    for form in (pd.to_datetime(days), [pd.Timestamp(d).date() for d in days], set(days)):
        assert judged("C3", "09", form).score == 8
