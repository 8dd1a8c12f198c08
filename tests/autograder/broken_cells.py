"""Cases: graded cells deleted, doubled, changed, moved; answers that stand elsewhere."""

from __future__ import annotations

import copy

from tests.autograder.broken_materials import (
    Nb,
    at,
    blank,
    cell,
    changed,
    convert,
    given,
    new,
    take_out,
)
from tests.autograder.broken_notebooks import no_ids

# ------------------------------------------------------------------------------- graded cells


@changed("hand-in cell deleted", "E3-04 的单元格被删去")
def hand_in_deleted(nb: Nb) -> None:
    nb["cells"].remove(cell(nb, "E3-04"))


@changed("all hand-in cells deleted", "E3-01、E3-02", "被删去")
def hand_ins_deleted(nb: Nb) -> None:
    nb["cells"] = [c for c in nb["cells"] if not c["source"].startswith("lab.answer(")]


@changed("work cell deleted", "E3-04-work 的作答单元格被删去", lost={"E3-04": 6.0})
def work_deleted(nb: Nb) -> None:
    nb["cells"].remove(cell(nb, "E3-04-work"))


@changed("start cell deleted", "E3-start 的单元格被删去")
def start_deleted(nb: Nb) -> None:
    nb["cells"].remove(cell(nb, "E3-start"))


@changed("start cell and student number deleted", "E3-start 的单元格被删去", "1 个代码单元格被删去")
def number_deleted(nb: Nb) -> None:
    nb["cells"].remove(cell(nb, "E3-start"))
    nb["cells"].remove(given(nb, "学号 ="))


@changed("cell that reads the data deleted", "1 个代码单元格被删去，后面要用到")
def data_deleted(nb: Nb) -> None:
    nb["cells"].remove(given(nb, "read_excel"))


@changed("start cell edited to another student's", "E3-start 是锁定的单元格")
def start_edited(nb: Nb) -> None:
    cell(nb, "E3-start")["source"] = 'from crmkit.lab import Lab\nlab = Lab("E3", "2025999999")'


@changed("start cell with imports of the student's own", "E3-start 里多写的代码留下了")
def start_more(nb: Nb) -> None:
    cell(nb, "E3-start")["source"] += "\nimport numpy as np"
    cell(nb, "E3-07-work")["source"] += "\ntop20_share = np.float64(top20_share)"


@changed("hand-in cell doubled", "E3-02 的单元格有重复的")
def hand_in_doubled(nb: Nb) -> None:
    nb["cells"].insert(at(nb, "E3-05"), copy.deepcopy(cell(nb, "E3-02")) | {"id": "copy"})


@changed("every cell doubled", "有重复的")
def all_doubled(nb: Nb) -> None:
    nb["cells"] = [c for one in nb["cells"] for c in (one, copy.deepcopy(one))]


@changed("notebook pasted behind itself", "有重复的")
def pasted_twice(nb: Nb) -> None:
    nb["cells"] += [copy.deepcopy(c) | {"id": f"p{n}"} for n, c in enumerate(nb["cells"])]


@changed("an empty copy of the work cell behind the answer", "E3-06-work 的单元格有重复的")
def stub_copy(nb: Nb) -> None:
    empty = copy.deepcopy(cell(blank(), "E3-06-work")) | {"id": "copy"}
    nb["cells"].insert(at(nb, "E3-06") + 1, empty)


@changed("two answers in two work cells, the last one right", "最后一个算数")
def two_answers(nb: Nb) -> None:
    draft = copy.deepcopy(cell(nb, "E3-07-work")) | {"id": "copy", "source": "top20_share = 0.5"}
    nb["cells"].insert(at(nb, "E3-07-work"), draft)


@changed("hand-in edited", "E3-04 是锁定的单元格")
def hand_in_edited(nb: Nb) -> None:
    cell(nb, "E3-04")["source"] = 'lab.answer("E3-04", 42)  # 已改'


@changed("hand-ins emptied, commented out, cut short", "E3-01、E3-02、E3-03 是锁定的单元格")
def hand_ins_emptied(nb: Nb) -> None:
    cell(nb, "E3-01")["source"] = ""
    cell(nb, "E3-02")["source"] = "# " + cell(nb, "E3-02")["source"]
    cell(nb, "E3-03")["source"] = cell(nb, "E3-03")["source"][:12]


@changed("answer written into the hand-in cell", "E3-03 里多写的代码留下了")
def answer_in_hand_in(nb: Nb) -> None:
    work, hand_in = cell(nb, "E3-03-work"), cell(nb, "E3-03")
    hand_in["source"] = work["source"] + "\n" + hand_in["source"]
    work["source"] = cell(blank(), "E3-03-work")["source"]


@changed("hand-in split in two", "E3-05 的单元格有重复的")
def hand_in_split(nb: Nb) -> None:
    one = cell(nb, "E3-05")
    rest = copy.deepcopy(one) | {"id": "rest", "source": 'pivot, sheet="透视表")'}
    one["source"] = 'lab.answer("E3-05", '
    nb["cells"].insert(at(nb, "E3-05") + 1, rest)


@changed("hand-in split, the rest without marks", "E3-05 是锁定的单元格")
def hand_in_split_bare(nb: Nb) -> None:
    one = cell(nb, "E3-05")
    one["source"] = 'lab.answer("E3-05", '
    nb["cells"].insert(at(nb, "E3-05") + 1, new('pivot, sheet="透视表")'))


@changed("work split, both halves with the mark", "最后一个算数")
def work_split(nb: Nb) -> None:
    one = cell(nb, "E3-02-work")
    lines = one["source"].split("\n")
    one["source"] = "\n".join(lines[:4])
    rest = copy.deepcopy(one) | {"id": "rest", "source": "\n".join(lines[4:])}
    nb["cells"].insert(at(nb, "E3-02-work") + 1, rest)


@changed("work split, the first half without marks")
def work_split_bare(nb: Nb) -> None:
    one = cell(nb, "E3-02-work")
    lines = one["source"].split("\n")
    one["source"] = "\n".join(lines[4:])
    nb["cells"].insert(at(nb, "E3-02-work"), new("\n".join(lines[:4])))


@changed("work cells converted", "E3-01-work、E3-08-work", "类型被改")
def work_converted(nb: Nb) -> None:
    convert(cell(nb, "E3-01-work"), "markdown")
    convert(cell(nb, "E3-08-work"), "raw")


@changed("locked cells converted", "E3-start、E3-01、E3-02", "类型被改")
def locked_converted(nb: Nb) -> None:
    convert(cell(nb, "E3-start"), "raw")
    convert(cell(nb, "E3-01"), "markdown")
    convert(cell(nb, "E3-02"), "raw")
    convert(cell(nb, "E3-12"), "code")


@changed("cells of the text converted", "2 个代码单元格的类型被改")
def given_converted(nb: Nb) -> None:
    convert(given(nb, "read_excel"), "markdown")
    convert(given(nb, "orders.head"), "raw")
    convert(nb["cells"][0], "code")


@changed("points, flags and lock changed", "E3-01、E3-02、E3-03", "评分标记")
def marks_changed(nb: Nb) -> None:
    cell(nb, "E3-01")["metadata"]["nbgrader"]["points"] = 1000
    cell(nb, "E3-02")["metadata"]["nbgrader"]["grade"] = False
    cell(nb, "E3-03")["metadata"]["nbgrader"].update(locked=False, solution=True)


@changed("grade ids renamed", "E3-03-work、E3-03", "按内容和位置认出")
def ids_renamed(nb: Nb) -> None:
    cell(nb, "E3-03-work")["metadata"]["nbgrader"]["grade_id"] = "mine"
    cell(nb, "E3-03")["metadata"]["nbgrader"]["grade_id"] = "E3-99"


@changed("grade ids of two answers exchanged", "按内容和位置认出")
def ids_exchanged(nb: Nb) -> None:
    one, other = cell(nb, "E3-01-work"), cell(nb, "E3-02-work")
    one["metadata"], other["metadata"] = other["metadata"], one["metadata"]


@changed("grade ids exchanged, no cell ids", "按内容和位置认出")
def ids_exchanged_bare(nb: Nb) -> None:
    ids_exchanged(nb)
    cell(nb, "E3-02-work")["metadata"] = copy.deepcopy(cell(nb, "E3-01-work")["metadata"])
    no_ids(nb)


@changed("all metadata lost", "评分标记")
def metadata_lost(nb: Nb) -> None:
    for one in nb["cells"]:
        one["metadata"] = {}


@changed("all metadata and all ids lost", "评分编号被改或缺失")
def everything_lost(nb: Nb) -> None:
    metadata_lost(nb)
    no_ids(nb)


@changed("metadata of another nbgrader", "另一版 nbgrader")
def foreign_versions(nb: Nb) -> None:
    for n, one in enumerate(nb["cells"]):
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"]["schema_version"] = (1, 2, 4, "x", None)[n % 5]


@changed("odd marks", "评分编号不是文本")
def odd_marks(nb: Nb) -> None:
    cell(nb, "E3-01")["metadata"]["nbgrader"]["grade_id"] = ["E3-01"]
    cell(nb, "E3-02-work")["metadata"]["nbgrader"] = "x"
    nb["cells"].insert(3, new("1", metadata={"nbgrader": {"grade": True, "grade_id": "../../x", "points": 9}}))  # fmt: skip
    nb["cells"].insert(3, new("2", metadata={"nbgrader": {"grade": True, "grade_id": "extra", "points": 9}}))  # fmt: skip


@changed("tags that skip or allow errors", "skip-execution")
def tags(nb: Nb) -> None:
    for id in ("E3-01", "E3-01-work", "E3-02-work"):
        cell(nb, id)["metadata"]["tags"] = ["skip-execution", "raises-exception", "parameters"]


@changed("cells of two questions in the wrong order", "不在原来的位置")
def moved(nb: Nb) -> None:
    for id in ("E3-08-work", "E3-08", "E3-02"):
        nb["cells"].insert(5, nb["cells"].pop(at(nb, id)))


@changed("all cells in reverse order", "不在原来的位置")
def reversed_cells(nb: Nb) -> None:
    nb["cells"].reverse()


@changed("start cell at the end", "E3-start 的单元格不在原来的位置")
def start_last(nb: Nb) -> None:
    nb["cells"].append(nb["cells"].pop(at(nb, "E3-start")))


@changed("hand-ins before the answers", "不在原来的位置")
def hand_ins_first(nb: Nb) -> None:
    ins = [c for c in nb["cells"] if c["source"].startswith("lab.answer(")]
    nb["cells"] = [*nb["cells"][:4], *ins, *(c for c in nb["cells"][4:] if c not in ins)]


# --------------------------------------------------------------------- answers that stand elsewhere


@changed("answer in a cell below the hand-in", "E3-01 的作答单元格是空的")
def answer_below(nb: Nb) -> None:
    nb["cells"].insert(at(nb, "E3-01") + 1, new(take_out(nb, "E3-01-work")))


@changed("answer in a cell above the empty one", "E3-02 的作答单元格是空的")
def answer_above(nb: Nb) -> None:
    nb["cells"].insert(at(nb, "E3-02-work"), new(take_out(nb, "E3-02-work")))


@changed("answer at the end that later answers need", "E3-02 的作答单元格是空的")
def answer_last(nb: Nb) -> None:
    nb["cells"].append(new(take_out(nb, "E3-02-work")))


@changed("answer at the end with the helper it needs", "E3-10 的作答单元格是空的")
def answer_and_helper(nb: Nb) -> None:
    answer = take_out(nb, "E3-10-work").replace("edges = [0, 6, 30, 120, 600]", "edges = cuts()")
    nb["cells"] += [new("def cuts():\n    return [0, 6, 30, 120, 600]"), new(answer)]


@changed("answer in two cells at the end", "E3-04 的作答单元格是空的")
def answer_in_two(nb: Nb) -> None:
    take_out(nb, "E3-04-work")
    nb["cells"] += [new("sorted2 = customers.copy()"),
                    new('sorted2 = sorted2.sort_values(["省份", "累计金额", "客户编号"], ascending=[True, False, True])')]  # fmt: skip


@changed("all answers in one cell at the end", "E3-01、E3-02", "答案写在别的单元格里")
def answers_in_one(nb: Nb) -> None:
    ids = [f"E3-{n:02d}-work" for n in range(1, 12)]
    nb["cells"].append(new("\n".join(take_out(nb, id) for id in ids)))


@changed("all answers in one cell at the top", "E3-01、E3-02", "答案写在别的单元格里")
def answers_on_top(nb: Nb) -> None:
    ids = [f"E3-{n:02d}-work" for n in range(1, 12)]
    made = new("\n".join(take_out(nb, id) for id in ids))
    nb["cells"].insert(nb["cells"].index(given(nb, "read_excel")) + 1, made)


@changed("answer in the work cell of another question", "E3-01 的作答单元格是空的")
def answer_in_other_work(nb: Nb) -> None:
    cell(nb, "E3-06-work")["source"] += "\n" + take_out(nb, "E3-01-work")


@changed("work cell replaced by a new one", "E3-08-work 的作答单元格被删或换过")
def work_replaced(nb: Nb) -> None:
    one = cell(nb, "E3-08-work")
    nb["cells"][at(nb, "E3-08-work")] = new(one["source"])


@changed("a whole question replaced by one new cell", "E3-07 的单元格被删去")
def question_replaced(nb: Nb) -> None:
    one, hand_in = cell(nb, "E3-07-work"), cell(nb, "E3-07")
    nb["cells"].remove(hand_in)
    nb["cells"][at(nb, "E3-07-work")] = new(one["source"] + "\n" + hand_in["source"])


@changed("a notebook of one's own with nothing of the lab's", "被删去")
def own_notebook(nb: Nb) -> None:
    kept = [c for c in nb["cells"] if c["cell_type"] == "code" and not c["source"].startswith("lab.status")]  # fmt: skip
    nb["cells"] = [new("\n\n".join(c["source"] for c in kept))]


@changed("cells of one's own between")
def own_cells(nb: Nb) -> None:
    nb["cells"].insert(at(nb, "E3-01-work"), new("def men(t):\n    return t[t['性别'] == '男']"))
    nb["cells"].insert(at(nb, "E3-02"), new("%matplotlib inline\ndealt.head(2)"))
    nb["cells"].insert(at(nb, "E3-05"), new("我的笔记 <script>alert(1)</script>", "markdown"))
    cell(nb, "E3-01-work")["source"] = cell(nb, "E3-01-work")["source"].replace('customers[customers["性别"] == "男"]', "men(customers)")  # fmt: skip


@changed("a cell that is no Python, one that fails", lost={"E3-10": 6.0})
def not_python(nb: Nb) -> None:
    cell(nb, "E3-10-work")["source"] = "金字塔：\n  第一层 6 人"
    nb["cells"].insert(at(nb, "E3-09"), new("1 / 0"))


@changed("written answer in a new cell", "E3-12 的作答单元格被删或换过")
def written_elsewhere(nb: Nb) -> None:
    one = cell(nb, "E3-12")
    nb["cells"][at(nb, "E3-12")] = new(one["source"], "markdown")


# --------------------------------------------------------------------------------------- chapter 2


@changed("exercises without the chapter", lab="ch02")
def exercises_only(nb: Nb) -> None:
    nb["cells"] = [given(nb, "学号 ="), *nb["cells"][at(nb, "ch02-start") :]]


@changed("exercises: hand-ins deleted, doubled, converted", "ch02-03 的单元格被删去", "ch02-05", lab="ch02")  # fmt: skip
def chapter_cells(nb: Nb) -> None:
    exercises_only(nb)
    nb["cells"].remove(cell(nb, "ch02-03"))
    nb["cells"].append(copy.deepcopy(cell(nb, "ch02-05")) | {"id": "copy"})
    convert(cell(nb, "ch02-06-work"), "markdown")


@changed("exercises: data cells deleted, all ids lost", "代码单元格被删去", lab="ch02")
def chapter_data(nb: Nb) -> None:
    exercises_only(nb)
    for begins in ("rule = pd.read_csv", "club = pd.read_csv", "card_numbers = "):
        nb["cells"].remove(given(nb, begins))
    no_ids(nb)
