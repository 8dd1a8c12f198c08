"""The gradebook's worksheets: totals, one per lab, what waits for the teacher, and the rules."""

from __future__ import annotations

from datetime import datetime

from openpyxl.utils import get_column_letter as letter
from openpyxl.workbook import Workbook

from autograder.gradebook.marks import MISSING, PENDING, UNGRADABLE, UNGRADED, ClassMarks, LabMarks
from autograder.gradebook.page import Formula, Page

TOTALS, WAITING, REFUSED, RULES = "总评表", "待人工批阅", "不能评分", "说明"
PERCENT = "0.0%"
_NO_MARK = f'"{MISSING}","{UNGRADABLE}","{UNGRADED}"'

NOTES = (
    ("总分", "各实验「最后得分」之和；空白的实验（未交、不能评分、未评分）按 0 分计入总分。"),
    (
        "最后得分",
        "小计减去迟交扣分，最低 0 分。分数以 nbgrader 成绩册为准，包括在 formgrader 里改的分和加的分。",
    ),
    (
        "待人工批阅",
        "有题目要教师在 formgrader 里给分；批完前的得分不含这些题，批完后重新导出即可。",
    ),
    (
        "不能评分",
        "提交打不开或不是这个实验的笔记本，没有给分，也不是 0 分：原因见「不能评分」表，请学生重交。",
    ),
    ("未评分", "已经收取，还没有运行 autograder grade。"),
    (
        "公式",
        "总分、小计、得分率都是公式：改动各实验表里的分数，总评表随之更新；按学号查找，排序和筛选不影响结果。",
    ),
    ("列名", "各实验表的表头是题号，上面两行是题目和满分；「平均得分率」越低，题目越难。"),
)


def totals(book: Workbook, marks: ClassMarks, course: str) -> Page:
    """The table of totals: per lab mark and share, total, remarks."""
    labs = marks.labs
    page = Page(
        book, TOTALS, f"《{course}》成绩总评表", [14, 10, 16, *([9, 8] * len(labs)), 10, 10, 36]
    )
    page.remark(
        "总分 = 各实验最后得分之和；空白表示未交或不能评分，见备注。各实验的题目得分见后面各表。"
    )
    first = 6
    last = first + max(len(marks.students), 1) - 1
    score_columns = [4 + 2 * n for n in range(len(labs))]
    total, share, remark = 4 + 2 * len(labs), 5 + 2 * len(labs), 6 + 2 * len(labs)
    points: list[object] = ["满分", "", ""]
    for lab in labs:
        points += [lab.points, ""]
    cells = ",".join(f"{letter(c)}3" for c in score_columns)
    page.above([*points, Formula(f"SUM({cells})", marks.points), "", ""])
    page.above(_averages(marks, score_columns, total, first, last))
    head = ["学号", "姓名", "班级"]
    for lab in labs:
        head += [lab.lab, f"{lab.lab}\n得分率"]
    page.head([*head, "总分", "总得分率", "备注"], height=32)
    forms = {c + 1: PERCENT for c in score_columns} | {share: PERCENT}
    for student in marks.students:
        row = page.row
        line: list[object] = [student.id, student.name, student.group]
        for column, lab in zip(score_columns, labs, strict=True):
            score = lab.marks[student.id].score
            line.append(
                Formula(_lookup(lab, row, len(marks.students)), "" if score is None else score)
            )
            cell = f"{letter(column)}{row}"
            value = "" if score is None or not lab.points else score / lab.points
            line.append(Formula(f'IF(ISNUMBER({cell}),{cell}/{letter(column)}$3,"")', value))
        cells = ",".join(f"{letter(c)}{row}" for c in score_columns)
        sum_ = marks.total(student.id)
        line.append(Formula(f"SUM({cells})", sum_))
        ratio = sum_ / marks.points if marks.points else 0.0
        line.append(
            Formula(f"IF({letter(total)}$3>0,{letter(total)}{row}/{letter(total)}$3,0)", ratio)
        )
        line.append(remarks(marks, student.id))
        page.line(line, text=3, forms=forms, sums=[total], left=[remark])
    page.finish(first, frozen=2, last=last)
    return page


def lab_page(book: Workbook, lab: LabMarks, marks: ClassMarks) -> Page:
    """One lab: points of every item of every student."""
    n = len(lab.items)
    page = Page(
        book, lab.lab, f"{lab.lab} {lab.title} · 成绩明细", [14, 10, *([9] * n), 9, 9, 10, 9, 14]
    )
    first, last = 6, 6 + max(len(marks.students), 1) - 1
    low, high = letter(3), letter(2 + n)
    sum_, penalty, final, share, status = (letter(3 + n + k) for k in range(5))
    page.above(["题目", "", *[i.title for i in lab.items]], height=44)
    page.above(
        ["满分", "", *[i.points for i in lab.items], Formula(f"SUM({low}3:{high}3)", lab.points)]
    )
    page.above(["平均得分率", "", *[_item_share(lab, i.id, letter(3 + k), first, last) for k, i in enumerate(lab.items)]], form=PERCENT)  # fmt: skip
    page.head(
        [
            "学号",
            "姓名",
            *[i.id for i in lab.items],
            "小计",
            "迟交扣分",
            "最后得分",
            "得分率",
            "状态",
        ]
    )
    for student in marks.students:
        mark, row = lab.marks[student.id], page.row
        line: list[object] = [student.id, student.name]
        for item in lab.items:
            given = mark.items.get(item.id)
            if mark.score is None or given is None:
                line.append("")
            else:
                line.append("待批" if given.score is None else given.score)
        shown = mark.score is not None
        whole = f"{low}{row}:{high}{row}"
        numbers = any(m.score is not None for m in mark.items.values())
        line.append(
            Formula(f'IF(COUNT({whole}),SUM({whole}),"")', mark.raw if shown and numbers else "")
        )
        line.append(mark.penalty if shown and mark.penalty else "")
        left = f"MAX(0,SUM({whole})-SUM({penalty}{row}))"
        none = f"OR({','.join(f'{status}{row}={word}' for word in _NO_MARK.split(','))})"
        line.append(Formula(f'IF({none},"",{left})', "" if mark.score is None else mark.score))
        ratio = "" if mark.score is None or not lab.points else mark.score / lab.points
        line.append(Formula(f'IF(ISNUMBER({final}{row}),{final}{row}/{sum_}$3,"")', ratio))
        line.append(mark.status)
        page.line(line, text=2, forms={6 + n: PERCENT}, sums=[5 + n])
    page.finish(first, frozen=2, last=last)
    return page


def waiting(book: Workbook, marks: ClassMarks) -> Page:
    """What a teacher still has to mark."""
    page = Page(book, WAITING, "待人工批阅", [14, 10, 8, 10, 40, 8, 12])
    page.remark("在 formgrader 的 Manual Grading 里逐题给分；批完后重新导出成绩册。")
    page.head(["学号", "姓名", "实验", "题号", "题目", "满分", "现在的分"])
    for student in marks.students:
        for lab in marks.labs:
            mark = lab.marks[student.id]
            if mark.status != PENDING:
                continue
            for item in lab.items:
                given = mark.items.get(item.id)
                if given is not None and given.pending:
                    now = "待批" if given.score is None else given.score
                    page.line(
                        [student.id, student.name, lab.lab, item.id, item.title, item.points, now],
                        text=5,
                    )
    page.finish(4, frozen=2)
    return page


def refused(book: Workbook, marks: ClassMarks) -> Page:
    """What could not be graded, and why."""
    page = Page(book, REFUSED, "不能评分的提交", [14, 10, 8, 80])
    page.remark("没有给分，不是 0 分。请学生按原因改好后重交，再收取和评分。")
    page.head(["学号", "姓名", "实验", "原因"])
    for student in marks.students:
        for lab in marks.labs:
            mark = lab.marks[student.id]
            if mark.status == UNGRADABLE:
                reason = "；".join([mark.reason, *mark.mends])
                page.line([student.id, student.name, lab.lab, reason], text=3, left=[4])
    page.finish(4, frozen=2)
    return page


def rules(book: Workbook, course: str, now: datetime, version: str) -> Page:
    """How to read the workbook."""
    page = Page(book, RULES, f"《{course}》成绩册说明", [14, 110])
    page.remark(f"导出时间 {now:%Y-%m-%d %H:%M}，课程套件 {version}")
    page.head(["项目", "说明"])
    for word, text in NOTES:
        page.line([word, text], text=1, left=[2])
    page.finish(4, frozen=0)
    return page


def remarks(marks: ClassMarks, student: str) -> str:
    """What a reader of the total must know, in one line."""
    parts = ["不在名册"] if student in marks.unlisted else []
    for lab in marks.labs:
        mark = lab.marks[student]
        if mark.status == PENDING:
            open_items = [
                i for i in lab.items if (m := mark.items.get(i.id)) is not None and m.pending
            ]
            parts.append(f"{lab.lab} 待批 {sum(i.points for i in open_items):g} 分")
        elif mark.score is None:
            parts.append(f"{lab.lab} {mark.status}")
        if mark.penalty and mark.score is not None:
            parts.append(f"{lab.lab} 迟交扣 {mark.penalty:g}")
        if mark.note:
            parts.append(f"{lab.lab} {mark.note}")
    return "；".join(parts)


def _lookup(lab: LabMarks, row: int, students: int) -> str:
    """The final mark on the lab's own sheet, found by id so that sorting there changes nothing."""
    end, final = 5 + max(students, 1), letter(5 + len(lab.items))
    ids = f"'{lab.lab}'!$A$6:$A${end}"
    return f"IFERROR(INDEX('{lab.lab}'!${final}$6:${final}${end},MATCH($A{row},{ids},0)),\"\")"


def _averages(
    marks: ClassMarks, columns: list[int], total: int, first: int, last: int
) -> list[object]:
    line: list[object] = ["平均（随筛选）", "", ""]
    for column, lab in zip(columns, marks.labs, strict=True):
        scores = [s for m in lab.marks.values() if (s := m.score) is not None]
        line += [_average(letter(column), first, last, scores), ""]
    line.append(_average(letter(total), first, last, [marks.total(s.id) for s in marks.students]))
    return line


def _average(column: str, first: int, last: int, scores: list[float]) -> Formula:
    value = sum(scores) / len(scores) if scores else ""
    return Formula(f'IFERROR(SUBTOTAL(101,{column}{first}:{column}{last}),"")', value)


def _item_share(lab: LabMarks, item: str, column: str, first: int, last: int) -> Formula:
    points = next(i.points for i in lab.items if i.id == item)
    given = [
        mark.items[item].score
        for mark in lab.marks.values()
        if mark.score is not None and item in mark.items and mark.items[item].score is not None
    ]
    value = sum(s or 0.0 for s in given) / len(given) / points if given and points else ""
    return Formula(f'IFERROR(AVERAGE({column}{first}:{column}{last})/{column}$3,"")', value)
