"""The schemes of both course documents, computed by hand; and the gaps, each as it is stated."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.gradebook.exact import half_up
from autograder.gradebook.marks import ClassMarks, Item, ItemMark, LabMark, LabMarks
from autograder.gradebook.scheme import ClassTotals, compute
from autograder.gradebook.settings import SettingsError, parse, set_choice, settings_of
from autograder.gradebook.tables import MarkTable, Preview
from autograder.roster import Student

ONE = Student("1", "张三")


def lab(name: str, mark: float | str, points: float = 100.0) -> LabMarks:
    items = (Item(f"{name}-01", "题", points),)
    given = LabMark(mark) if isinstance(mark, str) else LabMark("已评", {f"{name}-01": ItemMark(mark)})  # fmt: skip
    return LabMarks(name, name, items, {"1": given})


def keep(folder: Path, name: str, value: str, kind: str = "表", full: str = "100") -> None:
    Preview(MarkTable(name, kind, {"一": full}, {"1": {"一": value}}), (), 0, (), ()).keep(folder)


def total(
    folder: Path, labs: dict[str, float | str], tables: dict[str, str], yaml: str
) -> ClassTotals:
    for name, value in tables.items():
        keep(folder, name, value, "考勤" if name == "考勤" else "表")
    marks = ClassMarks((ONE,), tuple(lab(k, v) for k, v in labs.items()))
    return compute(folder, marks, parse(yaml))


def test_the_70_30_scheme_with_its_default_split(tmp_path: Path) -> None:
    made = total(tmp_path, {"E1": 90, "E3": 80, "X1": 70}, {"课堂表现": "88", "考勤": "出勤"}, "方案: course_48")  # fmt: skip
    # 20×0.88 + 10×1 + 40×0.85 = 61.6; 30×0.7 = 21
    assert [c.results["1"].value for c in made.components] == [Fraction("61.6"), 21]
    assert made.totals["1"].rounded == Decimal("82.6")
    assert (made.totals["1"].level, made.totals["1"].status) == ("良好", "完整")


# earned 0.9×20 + 0.8×20 + 0.75×16 + 0.5×8 = 50 of 64; final examination 80 of 100
SECOND = {"ch02": 90.0, "E1": 50.0}
SECOND_TABLES = {"课堂表现": "80", "小测": "75", "期末考试": "80"}


@pytest.mark.parametrize(
    ("policy", "usual", "final", "rounded"),
    [
        ("normalize", Fraction(60 * 50, 64), Fraction(32), "78.9"),  # 46.875 + 32 = 78.875
        ("cap", Fraction(50), Fraction(32), "82.0"),
        ("fix_quiz", Fraction(47), Fraction(32), "79.0"),  # 18 + 16 + 0.75×12 + 4
        ("raw", Fraction(50), Fraction("28.8"), "78.8"),  # 64 + 36
    ],
)
def test_the_60_40_scheme_by_each_policy_for_its_64_points(
    policy: str, usual: Fraction, final: Fraction, rounded: str, tmp_path: Path
) -> None:
    made = total(tmp_path, SECOND, SECOND_TABLES, f"方案: course_64\n折算办法: {policy}")
    assert [c.results["1"].value for c in made.components] == [usual, final]
    assert made.totals["1"].rounded == Decimal(rounded)
    warning = made.policy_words()[1]
    assert "64" in warning and policy in warning


@pytest.mark.parametrize("policy", ["normalize", "cap", "fix_quiz", "raw"])
def test_full_marks_give_100_and_nothing_gives_0_by_every_policy(policy: str, tmp_path: Path) -> None:  # fmt: skip
    for value, expected in ((100, "100.0"), (0, "0.0")):
        made = total(
            tmp_path, {"ch02": value, "E1": value}, dict.fromkeys(SECOND_TABLES, str(value)),
            f"方案: course_64\n折算办法: {policy}",
        )  # fmt: skip
        assert made.totals["1"].rounded == Decimal(expected)


def test_more_than_60_of_the_64_points_is_cut_by_cap_only(tmp_path: Path) -> None:
    labs = {"ch02": 100.0, "E1": 100.0}
    tables = {"课堂表现": "100", "小测": "87.5", "期末考试": "0"}  # 20+20+14+8 = 62
    for policy, usual in (("cap", 60), ("raw", 62), ("normalize", Fraction(60 * 62, 64))):
        made = total(tmp_path, labs, tables, f"方案: course_64\n折算办法: {policy}")
        assert made.components[0].results["1"].value == usual


def test_further_schemes_weigh_as_their_documents_say(tmp_path: Path) -> None:
    tables = {"考勤": "出勤", "课堂表现": "80", "期末考试": "70", "期中考试": "60", "实践报告": "90", "课程论文": "75"}  # fmt: skip
    for scheme, expected in (
        ("syllabus_30_70", "76.0"),  # 30×(0.3×1 + 0.3×0.8 + 0.4×0.9) + 70×0.7
        ("lesson_30_30_40", "81.0"),  # 30×(1 + 0.9 + 0.8)/3 + 30×0.6 + 40×0.9
        ("paper_40_60", "81.0"),  # 40×0.9 + 60×0.75
    ):
        made = total(tmp_path, {"E1": 90.0}, tables, f"方案: {scheme}")
        assert made.totals["1"].rounded == Decimal(expected), scheme


def test_zero_missing_ungradable_and_excused_are_four_different_things(tmp_path: Path) -> None:
    expected = {0.0: (40, "完整"), "未交": (40, "完整"), "不能评分": (80, "暂定"), "未评分": (80, "暂定"), "免做": (80, "完整")}  # fmt: skip
    tables = {"课堂表现": "100", "考勤": "出勤"}
    for gap, (rate, status) in expected.items():
        made = total(tmp_path, {"E1": 80, "E3": gap, "X1": 100}, tables, "方案: course_48")
        homework = made.components[0].items[2]
        assert homework.results["1"].value == rate, gap
        assert made.totals["1"].status == status, gap
        word = homework.columns[1].cells["1"].word
        assert word == ("" if gap == 0.0 else gap)
    made = total(tmp_path, {"E1": 80, "E3": "不能评分", "X1": 100}, tables, "不能评分: 按0分")
    assert made.components[0].items[2].results["1"].value == 40


def test_an_excused_item_is_stood_for_by_the_rest_of_its_component(tmp_path: Path) -> None:
    made = total(tmp_path, {"E1": 80, "X1": 100}, {"课堂表现": "免修", "考勤": "出勤"}, "方案: course_48")  # fmt: skip
    assert made.components[0].results["1"].value == Fraction(70 * (10 + 32), 50)
    # a postponed examination is a whole component: there is no total yet
    made = total(tmp_path, SECOND, {**SECOND_TABLES, "期末考试": "缓考"}, "方案: course_64")
    final = made.totals["1"]
    assert (final.rounded, final.status) == (None, "缺 期末考试成绩")
    made = total(tmp_path, SECOND, {**SECOND_TABLES, "期末考试": "缺考"}, "方案: course_64")
    assert made.components[1].results["1"].value == 0


def test_what_counts_where_is_data(tmp_path: Path) -> None:
    labs = {"ch02": 100.0, "E1": 50.0, "E3": 80.0, "X1": 0.0}
    yaml = (
        "来源: {course_48: {homework: {作业: [E1, E3], 权重: {E3: 2}}, skill_exam: {作业: [ch02]}}}"
    )
    made = total(tmp_path, labs, {}, yaml)
    items = {i.id: i.results["1"].value for i in made.items}
    assert items == {"participation": None, "attendance": None, "homework": 70, "skill_exam": 100}
    assert [c.title for c in made.items[2].columns] == ["E1", "E3"]
    everything = total(tmp_path, labs, {}, "方案: course_48").items[2]
    assert [c.title for c in everything.columns] == ["ch02", "E1", "E3"]  # the exam is not homework


def test_extra_points_never_lift_an_item_above_100(tmp_path: Path) -> None:
    made = total(tmp_path, {"E1": 120, "X1": 100}, {"课堂表现": "100", "考勤": "出勤"}, "")
    assert made.totals["1"].rounded == Decimal("100.0")


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("84.65", 1, "84.7"), ("84.6499999999999999", 1, "84.6"), ("59.95", 1, "60.0"), ("59.949", 1, "59.9"),
        ("0.05", 1, "0.1"), ("2.5", 0, "3"), ("1.005", 2, "1.01"), (Fraction(1, 3), 2, "0.33"), ("89.45", 0, "89"),
    ],
)  # fmt: skip
def test_rounding_is_half_up_from_the_exact_value(value: str, places: int, expected: str) -> None:
    assert half_up(value, places) == Decimal(expected)


@given(st.integers(0, 10**7), st.integers(1, 10**4))
def test_rounding_is_never_more_than_half_a_unit_away(top: int, bottom: int) -> None:
    value = Fraction(top, bottom)
    error = Fraction(half_up(value, 1)) - value
    assert -Fraction(1, 20) < error <= Fraction(1, 20)


def test_a_total_is_rounded_once_and_not_from_a_rounded_part(tmp_path: Path) -> None:
    # 20×0.8223 + 10 + 40×0.8225 + 30×0.8235 = 84.051 (rounded parts: 16.4 + 10 + 32.9 + 24.7 = 84.0)
    made = total(tmp_path, {"E1": 82.25, "X1": 82.35}, {"课堂表现": "82.23", "考勤": "出勤"}, "")
    assert made.totals["1"].exact == Fraction("84.051")
    assert made.totals["1"].rounded == Decimal("84.1")


def test_settings_are_made_with_comments_and_changed_line_by_line(tmp_path: Path) -> None:
    assert settings_of(tmp_path, create=True).policy == "normalize"
    path = tmp_path / "grading.yaml"
    before = path.read_text(encoding="utf-8")
    set_choice(path, "方案", "course_64")
    set_choice(path, "折算办法", "cap")
    after = path.read_text(encoding="utf-8")
    assert (settings_of(tmp_path).scheme.id, settings_of(tmp_path).policy) == ("course_64", "cap")
    assert before.count("#") == after.count("#") and len(before.splitlines()) == len(after.splitlines())  # fmt: skip
    with pytest.raises(SettingsError):
        set_choice(path, "折算办法", "half")
    assert path.read_text(encoding="utf-8") == after


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("方案: course_50", "可以写：course_48"), ("方按: x", "是不是「方案」"), ("小数位: [", "YAML"),
        ("迟交: {规则: [{小时内: 24, 扣: 10%}]}", "最后加一条"), ("迟交: {截止: {E3: 明天}}", "2025-11-20 23:59"),
        ("迟交: {规则: [{之后: true, 扣: 120%}]}", "0% 到 100%"), ("来源: {course_48: {homework: {作页: 全部}}}", "是不是「作业」"),
        ("等级: {五级制: [[60, 及格]]}", "从 0 分起"), ("平台: {甲: {列: [{标题: x}]}}", "“取”或“固定”"), ("及格线: 六十", "要写数"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_settings_is_named_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        parse(text)
