"""The gradebook's worksheets of assignments: one per lab, what is late, what waits, and the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timezone

from openpyxl.utils import get_column_letter as letter
from openpyxl.workbook import Workbook

from autograder.gradebook.exact import show
from autograder.gradebook.late import OF_SCORE, duration
from autograder.gradebook.marks import NO_MARK, PENDING, UNGRADABLE, ClassMarks, LabMark, LabMarks
from autograder.gradebook.page import Formula, Page
from autograder.gradebook.settings import GradingSettings

WAITING, REFUSED, LATE, RULES = "待人工批阅", "不能评分", "迟交", "说明"
PERCENT = "0.0%"
_NO_MARK = ",".join(f'"{word}"' for word in NO_MARK)

NOTES = (
    ("取舍", "一路按精确的分数计算，不中途取舍；总评只在最后取一次：四舍五入，正好一半时进位。"),
    ("0 分", "评过了，得 0 分，计入。"),
    ("未交", "没有交，显示“未交”，按 0 分计入。"),
    ("免做、缓考", "经批准不做或推迟，不计入；由同一项里其余各次代表。缺一整个部分（如缓考）的，没有总评。"),
    ("待人工批阅", "有题目要教师在 formgrader 里给分；批完前的得分不含这些题，总评标“暂定”。批完后重新导出即可。"),
    ("未评分", "已经收取，还没有运行 autograder grade：暂不计入，总评标“暂定”。"),
    ("未录入", "考勤表或分数表里没有这名学生：暂不计入，总评标“暂定”。"),
    ("一项的得分", "各次得分率按权重平均，乘 100；加分不超过 100。"),
    ("最后得分", "小计减去迟交扣分，最低 0 分。分数以 nbgrader 成绩册为准，包括在 formgrader 里改的分和加的分。"),
    ("公式", "总评、各项、各实验的合计都是公式：改动分数、分值或权重，其余随之更新；按学号查找，排序和筛选不影响结果。"),
    ("列名", "各实验表的表头是题号，上面两行是题目和满分；「平均得分率」越低，题目越难。"),
)  # fmt: skip


def lab_page(book: Workbook, lab: LabMarks, marks: ClassMarks, base: str = OF_SCORE) -> Page:
    """One lab: points of every item of every student. `base` is what a late deduction is a share of."""
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
        line.append(_penalty(mark, whole, f"{sum_}$3", base) if shown else "")
        left = f"MAX(0,SUM({whole})-N({penalty}{row}))"
        none = f"OR({','.join(f'{status}{row}={word}' for word in _NO_MARK.split(','))})"
        line.append(Formula(f'IF({none},"",{left})', "" if mark.score is None else mark.score))
        ratio = "" if mark.score is None or not lab.points else mark.score / lab.points
        line.append(Formula(f'IF(ISNUMBER({final}{row}),{final}{row}/{sum_}$3,"")', ratio))
        line.append(mark.status)
        page.line(line, text=2, forms={6 + n: PERCENT}, sums=[5 + n])
    page.finish(first, frozen=2, last=last)
    return page


def late(book: Workbook, marks: ClassMarks, settings: GradingSettings) -> Page:
    """Every hand-in after the deadline for all: raw mark, deduction, and why."""
    page = Page(book, LATE, "迟交与延期", [14, 10, 8, 16, 16, 16, 9, 9, 9, 48])
    page.remark("；".join(settings.late.lines()))
    page.head(["学号", "姓名", "实验", "截止", "本人截止", "交来", "原始分", "扣分", "最后得分", "为什么"])  # fmt: skip
    for student in marks.students:
        for lab in marks.labs:
            mark = lab.marks[student.id]
            if not (mark.penalty or (mark.deduction and mark.deduction.why) or _is_late(mark, lab)):
                continue
            row, n = page.row, len(lab.items)
            numbers = [
                Formula(_find(lab, len(marks.students), row, letter(k)), "" if v is None else v)
                for k, v in (
                    (3 + n, mark.raw if mark.score is not None and any(m.score is not None for m in mark.items.values()) else None),
                    (4 + n, mark.penalty if mark.score is not None else None),
                    (5 + n, mark.score),
                )
            ]  # fmt: skip
            if mark.score is not None and not mark.penalty:
                numbers[1] = Formula(f"N({numbers[1].text})", 0.0)
            times = [_local(t, settings.zone) for t in (lab.due, mark.due or lab.due, mark.handed_in)]  # fmt: skip
            page.line(
                [student.id, student.name, lab.lab, *times, *numbers, _why(mark, lab)],
                text=6, left=[10],
            )  # fmt: skip
    page.finish(4, frozen=2)
    return page


def _is_late(mark: LabMark, lab: LabMarks) -> bool:
    return mark.handed_in is not None and lab.due is not None and mark.handed_in > lab.due


def _why(mark: LabMark, lab: LabMarks) -> str:
    if mark.deduction is not None and mark.deduction.why:
        return mark.deduction.why
    if mark.score is None:
        return f"{mark.status}，没有分可扣"
    if mark.penalty:
        return "nbgrader 里记的迟交扣分"
    if mark.handed_in is not None and lab.due is not None:
        span = duration(mark.handed_in - lab.due)
        own = mark.due is not None and mark.handed_in <= mark.due
        return (
            f"截止后 {span}交来，在本人的延期之内，不扣分"
            if own
            else f"迟 {span}，没有迟交扣分规则"
        )
    return ""


def _local(moment: datetime | None, zone: timezone) -> str:
    return "" if moment is None else f"{moment.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}"


def _find(lab: LabMarks, students: int, row: int, column: str) -> str:
    """A cell of the lab's own sheet, found by id so that sorting there changes nothing."""
    end = 5 + max(students, 1)
    return f"IFERROR(INDEX('{lab.lab}'!${column}$6:${column}${end},MATCH($A{row},'{lab.lab}'!$A$6:$A${end},0)),\"\")"


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


def rules(
    book: Workbook, course: str, now: datetime, version: str, policy: Sequence[str] = (),
    settings: GradingSettings | None = None,
) -> Page:  # fmt: skip
    """How to read the workbook, with the scheme and the policy in force."""
    page = Page(book, RULES, f"《{course}》成绩册说明", [14, 110])
    page.remark(f"导出时间 {now:%Y-%m-%d %H:%M}，课程套件 {version}")
    page.head(["项目", "说明"])
    lines = [(p.partition("：")[0] if p.startswith("注意") else "方案", p) for p in policy]
    if settings is not None:
        lines.append(("迟交", "；".join(settings.late.lines())))
        refused = (
            "按 0 分计入" if settings.ungradable_is_zero else "不是 0 分，暂不计入，总评标“暂定”"
        )
        lines.append(
            (
                UNGRADABLE,
                f"交了，但打不开或不是这份作业：{refused}。原因见「不能评分」表，请学生重交。",
            )
        )
        words = "、".join(
            f"{w} {'不计' if v is None else show(v)}" for w, v in settings.attendance.values.items()
        )
        lines.append(
            ("考勤", f"每次按 {words}，取计入各次的平均；空着的格：{settings.attendance.blank}。")
        )
    for word, text in (*lines, *NOTES):
        page.line([word, text], text=1, left=[2])
    page.finish(4, frozen=0)
    return page


def remarks(marks: ClassMarks, student: str, further: Iterable[str] = ()) -> str:
    """What a reader of the total must know, in one line; labs of one kind together."""
    parts = ["不在名册"] if student in marks.unlisted else []
    kinds: dict[str, list[str]] = {}
    for lab in marks.labs:
        mark = lab.marks[student]
        if mark.status == PENDING:
            points = sum(i.points for i in lab.items if _waits(mark, i.id))
            kinds.setdefault("待批", []).append(f"{lab.lab} {points:g} 分")
        elif mark.score is None:
            kinds.setdefault(mark.status, []).append(lab.lab)
        if mark.penalty and mark.score is not None:
            kinds.setdefault("迟交扣", []).append(f"{lab.lab} {show(mark.exact_penalty)}")
        if mark.note:
            kinds.setdefault(mark.note, []).append(lab.lab)
    parts += [f"{kind}：{'、'.join(labs)}" for kind, labs in kinds.items()]
    return "；".join([*parts, *further])


def _waits(mark: LabMark, item: str) -> bool:
    given = mark.items.get(item)
    return given is not None and given.pending


def _penalty(mark: LabMark, items: str, points: str, base: str) -> object:
    """The late deduction: live where the class's table gives it, a number where nbgrader does."""
    if mark.deduction is None or not mark.deduction.share:
        return mark.penalty or ""
    share = f"{float(mark.deduction.share):.10g}"
    of = f"SUM({items})" if base == OF_SCORE else points
    return Formula(f"MAX(0,MIN(SUM({items}),{of}*{share}))", mark.penalty)


def _item_share(lab: LabMarks, item: str, column: str, first: int, last: int) -> Formula:
    points = next(i.points for i in lab.items if i.id == item)
    given = [
        mark.items[item].score
        for mark in lab.marks.values()
        if mark.score is not None and item in mark.items and mark.items[item].score is not None
    ]
    value = sum(s or 0.0 for s in given) / len(given) / points if given and points else ""
    return Formula(f'IFERROR(AVERAGE({column}{first}:{column}{last})/{column}$3,"")', value)
