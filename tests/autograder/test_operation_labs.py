"""Labs O1–O4: what was done counts by log and state, in any legitimate way, and mistakes are told."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from autograder import judge
from crmkit import crm
from crmkit.crm import Session
from crmkit.lab.inputs import o1, o2
from tests.autograder.works import done

STUDENT = "2025010101"
COLUMNS = {
    o1.NICK: "昵称", o1.NAME: "姓名", o1.MOBILE: "手机", o1.PROVINCE: "省份", o1.CITY: "城市",
    o1.SOURCE: "来源", o1.NOTE: "备注",
}  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("o1") / "import_30.xlsx"
    o1.FILES["import_30.xlsx"](path, STUDENT)
    return path


# --- O1 -------------------------------------------------------------------------------------------
def test_the_file_has_what_the_contract_asks_for_each_student() -> None:
    seen = set()
    for student in ("1", "2", "3", STUDENT, "张三"):
        data = o1.data(student)
        new, refused = data.kinds.count("新"), data.kinds.count("")
        known = o1.ROWS - new - refused
        assert (len(data.kinds), known in (3, 4), refused in (4, 5)) == (o1.ROWS, True, True)
        assert {MOVED for MOVED in data.rows[o1.NOTE] if MOVED} == {o1.MOVED, o1.STALE}
        seen.add((new, known, refused))
        world = judge.load("O1").world(student)
        clues = judge.load("O1").items[4].expect(world)  # type: ignore[union-attr]
        assert 2 <= len(clues) <= 8
        members = judge.load("O1").items[9].expect(world)["members"]  # type: ignore[union-attr]
        assert 20 <= len(members) <= 200
    assert len(seen) > 1


def test_known_customers_may_be_updated_in_a_second_import_or_by_hand(file: Any) -> None:
    def in_two_steps(s: Session) -> None:
        s.login("营销")
        s.customers.apply_import(s.customers.import_file(file, COLUMNS), "skip")
        plan = s.customers.import_file(file, COLUMNS)
        rows = plan.rows[plan.rows["备注"] == o1.MOVED]
        s.customers.apply_import(plan, "skip", dict.fromkeys(rows["行"], "update"))

    def by_hand(s: Session) -> None:
        s.login("店长")
        plan = s.customers.import_file(file, COLUMNS)
        s.customers.apply_import(plan, "skip")
        for row in plan.rows[plan.rows["备注"] == o1.MOVED].to_dict("records"):
            s.customers.update(
                row["匹配"], province=row["省份"], city=row["城市"], mobile=row["手机"]
            )

    for do in (in_two_steps, by_hand):
        results = done("O1", STUDENT, do)
        assert [results[i].status for i in ("O1-06", "O1-07")] == ["right", "right"]


@pytest.mark.parametrize(
    ("mode", "mapping", "item", "words"),
    [
        ("create", COLUMNS, "O1-06", "又新增了一次"),
        ("skip", {k: v for k, v in COLUMNS.items() if v != "来源"}, "O1-06", "获客途径"),
        ("update", COLUMNS, "O1-07", "全部更新了"),
        ("skip", COLUMNS, "O1-07", "一位也没有更新"),
    ],
)
def test_a_wrong_import_is_named(
    file: Any, mode: str, mapping: dict[str, str], item: str, words: str
) -> None:
    def do(s: Session) -> None:
        s.login("店长")
        s.customers.apply_import(s.customers.import_file(file, mapping), mode)

    result = done("O1", STUDENT, do)[item]
    assert words in result.hint and 0 < (result.score or 0) < result.points


def test_an_import_that_was_undone_and_done_right_counts(file: Any) -> None:
    def do(s: Session) -> None:
        s.login("店长")
        batch = s.customers.apply_import(s.customers.import_file(file, COLUMNS), "create")
        s.customers.undo_import(batch)
        s.customers.apply_import(s.customers.import_file(file, COLUMNS), "skip")

    assert done("O1", STUDENT, do)["O1-06"].status == "right"


def test_a_denied_event_without_the_right_name_and_the_other_way_round(file: Any) -> None:
    def refused(s: Session) -> None:
        s.login("客服")
        with pytest.raises(crm.PermissionDenied):
            s.customers.import_file(file)

    def nothing(s: Session) -> None:
        s.login("客服")

    both = done("O1", STUDENT, refused, {"O1-03": "PermissionDenied"})
    assert (both["O1-01"].status, both["O1-03"].score) == ("right", 6)
    assert done("O1", STUDENT, refused, {"O1-03": crm.PermissionDenied})["O1-03"].score == 6
    assert done("O1", STUDENT, refused, {"O1-03": "KeyError"})["O1-03"].score == 3
    assert "没有被拒绝" in done("O1", STUDENT, nothing, {"O1-03": "PermissionDenied"})["O1-03"].hint


def test_tags_put_by_another_role_or_one_by_one_are_told_apart() -> None:
    members = judge.load("O1").items[9].expect(judge.load("O1").world(STUDENT))["members"]  # type: ignore[union-attr]

    def one_by_one(s: Session) -> None:
        s.login("客服")
        for n in range(0, len(members), 30):
            s.customers.tagging.put(o1.TAG, members[n : n + 30])

    def manager(s: Session) -> None:
        s.login("店长").customers.tagging.put(o1.TAG, members)

    assert done("O1", STUDENT, one_by_one)["O1-10"].status == "right"
    result = done("O1", STUDENT, manager)["O1-10"]
    assert result.score == 9 and "角色不是客服" in result.found


def test_merging_by_hand_counts_as_well_as_merging_at_once() -> None:
    a, b = o1.tasks(STUDENT)["O1-11"]["合并"]

    def by_hand(s: Session) -> None:
        tagging = s.login("店长").customers.tagging
        tagging.rename(a, o1.INTO)
        tagging.put(o1.INTO, tagging.members(b))
        tagging.delete(b)

    def left(s: Session) -> None:
        tagging = s.login("店长").customers.tagging
        tagging.put(o1.INTO, [*tagging.members(a), *tagging.members(b)])

    assert done("O1", STUDENT, by_hand)["O1-11"].status == "right"
    assert "两个旧标签还在" in done("O1", STUDENT, left)["O1-11"].hint


def test_a_role_in_the_user_name_is_no_login_as_that_role() -> None:
    result = done("O1", STUDENT, lambda s: s.login("店长", "客服"))["O1-01"]
    assert "用户名写成了" in result.hint and result.score == 3


# --- O2 -------------------------------------------------------------------------------------------
def test_classes_kept_by_rule_count_whatever_they_are_called_later() -> None:
    task = o2.tasks(STUDENT)

    def right(s: Session) -> None:
        s.login("营销")
        s.segments.save(o2.REGULARS, "frequency", ["4 次及以上"], bounds=[0, 1, 3])
        s.segments.rename(o2.REGULARS, o2.RENAMED)
        s.segments.save(o2.TEMPORARY, "source", ["未知"])
        s.segments.delete(o2.TEMPORARY)
        s.segments.create(o2.CLUB, task["O2-05"]["顾客"][:4])
        s.segments.add(o2.CLUB, task["O2-05"]["顾客"][4:])

    def wrong(s: Session) -> None:
        s.login("营销")
        ids = s.segments.frequency([0, 1, 3]).ids("4 次及以上")
        s.segments.create(o2.REGULARS, ids)
        s.segments.create(o2.RENAMED, ids)
        s.segments.create(o2.CLUB, [*task["O2-05"]["顾客"], ids[0]])
        limits = task["O2-04"]["分档下界（元）"]
        s.segments.save(o2.GROWING, "spending", [task["O2-04"]["要保存的一档"]], bands=limits)
        s.segments.save(o2.TEMPORARY, "source", ["未知"])
        s.segments.delete(o2.GROWING)

    counts = judge.load("O2").items[0].expect(judge.load("O2").world(STUDENT))["counts"]  # type: ignore[union-attr]
    good = done("O2", STUDENT, right, {"O2-01": counts})
    assert {i: good[i].status for i in ("O2-01", "O2-05", "O2-09")} == dict.fromkeys(
        ("O2-01", "O2-05", "O2-09"), "right"
    )
    assert good["O2-04"].status == "missing"
    bad = done("O2", STUDENT, wrong, {"O2-01": pd.Series(counts)})
    assert bad["O2-04"].score == 0
    assert "多放了名单以外" in bad["O2-05"].hint
    assert (bad["O2-09"].score or 0) < bad["O2-09"].points


def test_counts_without_the_saved_class_earn_half() -> None:
    def only_looked(s: Session) -> None:
        s.login("店长").segments.frequency([0, 1, 3])

    counts = judge.load("O2").items[0].expect(judge.load("O2").world(STUDENT))["counts"]  # type: ignore[union-attr]
    result = done("O2", STUDENT, only_looked, {"O2-01": counts})["O2-01"]
    assert result.score == 6 and "没有存成分类" in result.hint


# --- O3, O4: forms ---------------------------------------------------------------------------------
def test_values_of_o3_and_o4_are_taken_in_any_legitimate_form() -> None:
    w3, w4 = judge.load("O3").world(STUDENT), judge.load("O4").world(STUDENT)
    i3 = {i.id: i for i in judge.load("O3").automatic}
    i4 = {i.id: i for i in judge.load("O4").automatic}
    churned, table = i3["O3-04"].expect(w3), i3["O3-06"].expect(w3)
    names = {r["前项"]: r for r in i4["O4-06"].expect(w4).to_dict("records")}
    given = [
        (
            i3["O3-04"],
            w3,
            {
                "流失率": f"{churned['流失率']:.4%}",
                "名单": pd.DataFrame({"客户编号": churned["名单"]}),
            },
        ),
        (i3["O3-06"], w3, table.sample(frac=1, random_state=1).set_index(["等级", "月份"])),
        (i3["O3-05"], w3, {k: pd.Series(v) for k, v in i3["O3-05"].expect(w3).items()}),
        (i4["O4-06"], w4, pd.DataFrame(list(names.values())[::-1]).assign(多余=1)),
        (
            i4["O4-08"],
            w4,
            pd.DataFrame(list(i4["O4-08"].expect(w4).items()), columns=["商品编码", "ABC"]),
        ),
    ]
    for item, world, value in given:
        assert item.compare(value, item.expect(world)).share == 1, item.id
