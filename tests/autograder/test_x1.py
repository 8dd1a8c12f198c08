"""X1, the examination: variants, the time by the log, the locked sheet, and what counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from autograder import examination, judge
from autograder.shopfiles import ShopLog
from crmkit.crm import Session, exam
from crmkit.errors import KitError
from crmkit.lab import Lab
from crmkit.lab.inputs import x1
from tests.autograder import notebooks
from tests.autograder.works import done

STUDENT = "2025010101"
FILE = "out/X1.crm"
ITEMS = {i.id: i for i in judge.load("X1").automatic}


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.chdir(tmp_path)
    return Lab("X1", STUDENT)


def world() -> Any:
    return judge.load("X1").world(STUDENT)


# --- variants -------------------------------------------------------------------------------------
def test_every_task_has_five_variants_and_students_are_spread_over_them() -> None:
    students = [f"2025{k:06d}" for k in range(100)]
    for item in ITEMS:
        drawn = [x1.variant(s, item) for s in students]
        assert all(8 <= drawn.count(k) <= 35 for k in range(x1.VARIANTS)), item


@pytest.mark.parametrize("student", ["1", "张三", "2025000003"])
def test_each_paper_is_fair(student: str) -> None:
    w = judge.load("X1").world(student)
    assert 25 <= len(ITEMS["X1-02"].expect(w)["members"]) <= 160
    assert 5 <= len(ITEMS["X1-08"].expect(w)) <= 60
    assert 10 <= len(ITEMS["X1-10"].expect(w)["members"]) <= 80
    assert 3 <= len(ITEMS["X1-11"].expect(w)["alerts"]) <= 400
    assert len(ITEMS["X1-07"].expect(w)["商品对"]) == 1


# --- the time -------------------------------------------------------------------------------------
def log_of(*lines: tuple[str, str, int]) -> ShopLog:
    """A log of (minute:second, action, changes)."""
    rows = [
        {"seq": n, "clock": f"2026-01-05T01:{at}.000000Z", "action": action, "changes": changes,
         "outcome": "成功", "object": ""}
        for n, (at, action, changes) in enumerate(lines, start=1)
    ]  # fmt: skip
    changes = [{"seq": r["seq"]} for r in rows if r["changes"]]
    return ShopLog(STUDENT, "X1", "tea", "", rows, changes)


@pytest.mark.parametrize(
    ("lines", "kept", "words"),
    [
        ([("00:00", exam.BEGIN, 0), ("39:59", "贴标签", 3), ("40:00", exam.END, 0)], 3, "用时 40 分 00 秒"),
        ([("00:00", exam.BEGIN, 0), ("40:00", exam.ANSWER, 0)], 2, "没有交卷"),
        ([("00:00", exam.BEGIN, 0), ("40:01", exam.ANSWER, 0), ("40:02", exam.END, 0)], 1, "1 步不算"),
        ([("00:00", exam.BEGIN, 0), ("41:00", exam.END, 0)], 1, "超时 1 分 00 秒"),
        ([("00:00", exam.BEGIN, 0), ("10:00", exam.END, 0), ("11:00", exam.ANSWER, 0)], 2, "1 步不算"),
        ([("05:00", exam.BEGIN, 0), ("46:00", "登录", 0), ("06:00", "贴标签", 1)], 1, "1 步不算"),
        ([("05:00", exam.BEGIN, 0), ("20:00", "登录", 0), ("06:00", "贴标签", 1)], 3, "时钟往回调过"),
        ([("00:00", "贴标签", 2), ("01:00", exam.BEGIN, 0)], 2, "开始之前就做了 1 步"),
        ([("00:00", "贴标签", 2)], 0, "没有开始考试"),
    ],
)  # fmt: skip
def test_what_stands_outside_the_time_does_not_count(
    lines: list[tuple[str, str, int]], kept: int, words: str
) -> None:
    log, found = examination.in_time(log_of(*lines))
    assert len(log.operations) == kept and words in found.words
    assert all(c["seq"] <= kept for c in log.changes)
    assert any(words in r for r in found.remarks) or words.startswith("用时")
    if kept:
        assert "09:0" in found.words  # Beijing time


def test_the_times_of_a_sitting_come_from_the_log() -> None:
    begin, answer = ("01:00", exam.BEGIN, 0), exam.ANSWER
    _, found = examination.in_time(
        log_of(("00:30", "贴标签", 1), begin, ("02:00", "贴标签", 2), ("03:00", answer, 0),
               ("21:30", exam.END, 0), ("22:00", "贴标签", 1))
    )  # fmt: skip
    assert (found.begun[14:19], found.ended[14:19], found.used) == ("01:00", "21:30", 20 * 60 + 30)
    assert (found.steps, found.answers, found.early, found.late, found.over) == (1, 1, 1, 1, 0)
    _, found = examination.in_time(log_of(begin, ("31:00", "贴标签", 2), ("59:00", "贴标签", 1)))
    assert (found.ended, found.used, found.steps, found.late) == ("", 30 * 60, 1, 1)
    assert examination.Sitting.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_nothing_goes_before_the_beginning(lab: Lab) -> None:
    for call in (lambda: lab.crm("店长"), lambda: lab.task("X1-01"), lambda: lab.hand_in(True)):
        with pytest.raises(KitError, match="还没有开始"):
            call()
    with pytest.raises(KitError, match="不是考试"):
        Lab("O1", STUDENT).begin()


def test_the_sheet_counts_and_not_what_the_cells_say_later(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.begin()
    begun = lab.crm("店长").exam
    right = ITEMS["X1-05"].expect(world())
    lab.answer("X1-05", 0.999)
    again = Lab("X1", STUDENT)  # a second start, with a new kernel
    again.begin()
    assert begun is not None
    assert again.crm("店长").exam.begun == begun.begun  # type: ignore[union-attr]
    again.answer("X1-05", right)
    again.hand_in()  # not sure: nothing happens
    again.answer("X1-01", ...)
    again.hand_in(True)
    capsys.readouterr()
    again.answer("X1-03", {"0 次": 1, "1 次": 1, "2–3 次": 1, "4 次及以上": 1})
    again.status()
    said = capsys.readouterr().out
    assert "没有交上：已经交卷，答卷已锁定" in said and "X1-05　8 分　已提交" in said
    again._shop_file().store().close()
    lab._shop_file().store().close()

    nb = notebooks.solution("X1")  # written after the examination: everything is right in it
    record = notebooks.mark(nb, "X1", STUDENT, {FILE: Path(FILE).read_bytes()})
    assert {i.id for i in record.items if i.score} == {"X1-05"} and record.auto_score == 8
    assert any("交卷，用时" in m for m in record.mends)
    sitting = examination.Sitting.from_json(record.to_json()["exam"])
    assert sitting.ended and (sitting.answers, sitting.steps, sitting.remarks) == (1, 0, ())
    record = notebooks.mark(nb, "X1", STUDENT)  # without the shop file
    assert record.exam["begun"] == "" and "没有交店铺文件" in record.exam["remarks"][0]


def test_when_the_time_is_up_the_answer_is_not_taken(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.begin()
    monkeypatch.setattr(exam, "minutes", lambda: 0)
    lab.answer("X1-05", 0.5)
    lab.begin()
    said = capsys.readouterr().out
    assert "没有交上：0 分钟已到，答卷已锁定" in said and "时间已到" in said


# --- mistakes and forms ---------------------------------------------------------------------------
def test_what_was_done_wrong_is_named() -> None:
    tasks, w = x1.tasks(STUDENT), world()
    rate = ITEMS["X1-12"].expect(w)["rate"]
    warned = ITEMS["X1-11"].expect(w)["alerts"]

    def do(s: Session) -> None:
        s.login("店长").begin_exam()
        members = ITEMS["X1-02"].expect(w)["members"]
        s.customers.tagging.put(tasks["X1-02"]["标签"], members[:20])
        t = tasks["X1-04"]
        s.segments.save(t["存为"], "spending", [t["要保存的一档"]], bands=t["分档下界（元）"])
        t = tasks["X1-10"]
        s.marketing.send_birthday(7, start=t["从"], coupon=t["优惠券（元）"])
        t = tasks["X1-11"]
        desk = s.interactions.calls_out if t["通话"] == "呼出" else s.interactions.calls_in
        desk.record(t["顾客"], topic=t["主题"], result=t["结果"], seconds=t["时长（秒）"] + 1)
        s.channels.settle_dormant(["T07"], "close", note=tasks["X1-12"]["备注"])

    found = done("X1", STUDENT, do, {"X1-11": warned, "X1-12": rate})
    for item, words, score in (
        ("X1-02", "只贴了一部分", 2.4), ("X1-04", "手动分类还没有建", 4.8), ("X1-10", "默认文案", 8),
        ("X1-11", "有一项与题目不同", 5.6), ("X1-12", "被关闭了", 7.2),
    ):  # fmt: skip
        assert words in found[item].hint and found[item].score == score, found[item]


def test_a_note_written_in_the_channel_list_is_a_mark_too_and_forms_are_free() -> None:
    tasks, w = x1.tasks(STUDENT), world()

    def do(s: Session) -> None:
        s.login("店长").begin_exam()
        s.channels.update("T07", note=tasks["X1-12"]["备注"])

    percent = f"{ITEMS['X1-12'].expect(w)['rate']:.6%}"
    counts, best = ITEMS["X1-03"].expect(w), ITEMS["X1-07"].expect(w)
    leaving = ITEMS["X1-06"].expect(w)
    found = done("X1", STUDENT, do, {
        "X1-12": percent,
        "X1-01": pd.Series([ITEMS["X1-01"].expect(w)]),
        "X1-03": pd.DataFrame(list(counts.items()), columns=["类别", "人数"]),
        "X1-05": f"{ITEMS['X1-05'].expect(w):.4%}",
        "X1-06": leaving | {"流失名单": set(leaving["流失名单"])},
        "X1-07": {"类目": best["类目"].split("/")[-1], "商品对": tuple(best["商品对"][0][::-1])},
        "X1-08": pd.DataFrame({"订单编号": ITEMS["X1-08"].expect(w)[::-1]}),
    })  # fmt: skip
    wrong = {i: r for i, r in found.items() if r.status not in ("right", "missing")}
    assert not wrong
    assert sum(r.status == "right" for r in found.values()) == 7
