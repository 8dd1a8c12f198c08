"""The gradebook's worksheets of the scheme: totals, one per item of the scheme, and the register."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from openpyxl.utils import get_column_letter as letter
from openpyxl.workbook import Workbook

from autograder.gradebook.attendance import Register
from autograder.gradebook.exact import rounded, show
from autograder.gradebook.marks import MISSING, ClassMarks
from autograder.gradebook.page import HUNDREDTHS, Formula, Page
from autograder.gradebook.scheme import UNRECORDED, Cell, ClassTotals, Column, ItemMarks
from autograder.gradebook.sheets import remarks

TOTALS = "总评表"
TOTALS_FIRST, ITEM_FIRST, REGISTER_FIRST, LAB_FIRST = 9, 7, 6, 6


def totals(book: Workbook, made: ClassTotals, names: Mapping[str, str], course: str) -> Page:
    """The table of totals: each item out of 100, the components, the total, its word, remarks."""
    widths: list[float] = [14, 10, 14]
    for component in made.components:
        widths += [9.5] * len(component.items) + [10]
    page = Page(book, TOTALS, f"《{course}》成绩总评表", [*widths, 9, 9, 17, 54], HUNDREDTHS)
    policy = made.policy_words()
    page.remark(policy[0] + "。各项按 100 分；总评四舍五入，只在最后取一次。")
    page.remark("；".join(policy[1:]), warning=any(p.startswith("注意") for p in policy))
    page.remark("；".join(made.warnings), warning=True)
    page.row = 5
    last = TOTALS_FIRST + max(len(made.students), 1) - 1
    points: list[object] = ["分值", "", ""]
    shares: list[object] = ["占总评", "", ""]
    means: list[object] = ["平均（随筛选）", "", ""]
    head: list[object] = ["学号", "姓名", "班级"]
    column = 4
    parts: list[int] = []
    for component in made.components:
        first, end = column, column + len(component.items) - 1
        cells = f"{letter(first)}$5:{letter(end)}$5"
        part = letter(end + 1)
        for item in component.items:
            at = letter(column)
            points.append(_number(item.points))
            share = f"{at}$5" if component.capped else f"{at}$5*{part}$5/SUM({cells})"
            shares.append(Formula(share, float(component.share(item))))
            means.append(_mean(at, last, [item.results[s.id].value for s in made.students]))
            head.append(item.title)
            column += 1
        points.append(_number(component.weight))
        shares.append(Formula(f"{part}$5", float(component.weight)))
        means.append(_mean(part, last, [component.results[s.id].value for s in made.students]))
        head.append(component.title)
        parts.append(column)
        column += 1
    total = letter(column)
    everything = ",".join(f"{letter(c)}$5" for c in parts)
    points.append(Formula(f"SUM({everything})", 100.0))
    values = [made.totals[s.id].rounded for s in made.students]
    means.append(_mean(total, last, [None if v is None else Fraction(v) for v in values]))
    page.above([*points, "", "", ""], form="General")
    page.above([*shares, "", "", "", ""])
    page.above([*means, "", "", ""])
    page.head([*head, "总评", "等级", "状态", "备注"], height=32)
    for student in made.students:
        _student_line(page, made, names, student.id, parts, column)
    page.finish(TOTALS_FIRST, frozen=2, last=last)
    return page


def _student_line(
    page: Page, made: ClassTotals, names: Mapping[str, str], student: str, parts: list[int], total: int
) -> None:  # fmt: skip
    row = page.row
    who = next(s for s in made.students if s.id == student)
    line: list[object] = [who.id, who.name, who.group]
    for component in made.components:
        first = len(line) + 1
        for item in component.items:
            sheet = names[item.id]
            end = letter(3 + len(item.columns))
            text = _find(sheet, end, ITEM_FIRST, len(made.students), row)
            line.append(Formula(text, _shown(item.results[student])))
        line.append(
            Formula(
                _component_formula(first, len(component.items), row, component.capped),
                _shown(component.results[student], ""),
            )
        )
    final = made.totals[student]
    cells = ",".join(f"{letter(c)}{row}" for c in parts)
    whole = rounded(f"SUM({cells})", made.settings.places)
    rounded_value: float | str = "" if final.rounded is None else float(final.rounded)
    line.append(Formula(f'IF(COUNT({cells})<{len(parts)},"",{whole})', rounded_value))
    line.append(Formula(_level_formula(f"{letter(total)}{row}", made), final.level))
    warned = [f"{r.name}：{r.warned[student]}" for r in made.registers if student in r.warned]
    line += [final.status, remarks(made.marks, student, (*final.remarks, *warned))]
    places = "0" if made.settings.places == 0 else "0." + "0" * made.settings.places
    page.line(line, text=3, forms={total: places}, sums=[*parts, total], left=[total + 3])


def _component_formula(first: int, count: int, row: int, capped: bool) -> str:
    """Points of a component: items that do not count are stood for by the others."""
    marks = f"{letter(first)}{row}:{letter(first + count - 1)}{row}"
    points = f"{letter(first)}$5:{letter(first + count - 1)}$5"
    weight = f"{letter(first + count)}$5"
    counted = f"SUMPRODUCT(ISNUMBER({marks})*{points})"
    earned = f"SUMPRODUCT({marks},{points})/100"
    value = f"MIN({weight},{earned}*SUM({points})/{counted})" if capped else f"{earned}*{weight}/{counted}"  # fmt: skip
    return f'IF({counted}=0,"",{value})'


def _level_formula(cell: str, made: ClassTotals) -> str:
    """Nested IFs, highest level first."""
    levels = made.settings.levels["五级制"]
    text = f'"{levels[-1][1]}"'
    for least, word in reversed(levels[:-1]):
        text = f'IF({cell}>={show(least)},"{word}",{text})'
    return f'IF({cell}="","",{text})'


def item_page(book: Workbook, item: ItemMarks, marks: ClassMarks, names: Mapping[str, str]) -> Page:
    """One item of the scheme: what each assignment, column or register contributes."""
    columns = item.columns
    width = max(8.0, min(14.0, 60 / max(len(columns), 1)))
    page = Page(
        book, names[item.id], item.title, [14, 10, *([width] * len(columns)), 11], HUNDREDTHS
    )
    zero = sorted({c.word for x in columns for c in x.cells.values() if c.word and c.value == 0} | {MISSING})  # fmt: skip
    words = "、".join(f"“{w}”" for w in zero)
    page.remark(
        f"得分（百分制）= 计入各次的得分率按权重平均 × 100；{words}按 0 分计，其余文字不计入。"
        if columns
        else "还没有分数：导入分数表，或等实验评分之后再导出。"
    )
    last = ITEM_FIRST + max(len(marks.students), 1) - 1
    page.above(["满分", "", *[_number(c.full) for c in columns], 100], form="General")
    page.above(["权重", "", *[_number(c.weight) for c in columns], ""], form="General")
    ends = [letter(3 + n) for n in range(len(columns) + 1)]
    means = [
        _mean(at, last, [_of_number(c.cells[s.id]) for s in marks.students], ITEM_FIRST)
        for at, c in zip(ends, columns, strict=False)
    ]
    results = [item.results[s.id].value for s in marks.students]
    page.above(["平均（随筛选）", "", *means, _mean(ends[-1], last, results, ITEM_FIRST)])
    page.head(["学号", "姓名", *[c.title for c in columns], "得分"], height=32)
    for student in marks.students:
        row = page.row
        line: list[object] = [student.id, student.name]
        line += [_contribution(c, marks, names, student.id, row) for c in columns]
        result = item.results[student.id]
        line.append(Formula(_item_formula(len(columns), row, zero, result), _shown(result)))
        page.line(line, text=2, sums=[3 + len(columns)])
    page.finish(ITEM_FIRST, frozen=2, last=last)
    return page


def _item_formula(count: int, row: int, zero: list[str], result: Cell) -> str:
    word = f'"{result.word or UNRECORDED}"'
    if not count:
        return word
    end = letter(2 + count)
    marks = f"C{row}:{end}{row}"
    counts = "+".join([f"ISNUMBER({marks})", *[f'({marks}="{w}")' for w in zero]])
    weight = f"SUMPRODUCT(({counts})*C$4:{end}$4)"
    rate = f"100*SUMPRODUCT({marks},C$4:{end}$4/C$3:{end}$3)/{weight}"
    return f"IF({weight}=0,{word},MIN(100,{rate}))"


def _contribution(
    column: Column, marks: ClassMarks, names: Mapping[str, str], student: str, row: int
) -> object:
    """A cell of an item's sheet: live where the number lives on a sheet of its own."""
    cell = column.cells[student]
    students = len(marks.students)
    lab = next((x for x in marks.labs if x.lab == column.sheet), None)
    if lab is not None:
        final, status = letter(5 + len(lab.items)), letter(7 + len(lab.items))
        mark = _find(names[lab.lab], final, LAB_FIRST, students, row)
        word = _find(names[lab.lab], status, LAB_FIRST, students, row)
        return Formula(f"IF(ISNUMBER({mark}),{mark},{word})", _shown(cell))
    if column.sheet:
        end = names[f"{column.sheet}/end"]
        return Formula(_find(names[column.sheet], end, REGISTER_FIRST, students, row), _shown(cell))
    if cell.value is not None and (cell.value or not cell.word):
        return _number(cell.value)  # 优秀 and the like as their number
    return cell.word


def register_page(
    book: Workbook, register: Register, marks: ClassMarks, names: Mapping[str, str]
) -> Page:
    """The register: every session, how often each word, and the mark out of 100."""
    sessions, values = register.sessions, register.rule.values
    n, k = len(sessions), len(values)
    page = Page(
        book, names[register.name], f"{register.name} · 逐次记录", [14, 10, *([5.5] * n), *([5.5] * k), 9]
    )  # fmt: skip
    page.remark("得分 = 计入各次的平均；空着的格不计入。第 3 行是每次按多少分计，可以改。")
    low, high = letter(3 + n), letter(2 + n + k)
    worth = ["不计" if v is None else _number(v) for v in values.values()]
    page.above(["每次按", "", *[""] * n, *worth, ""], form="General")
    last = REGISTER_FIRST + max(len(marks.students), 1) - 1
    results = [register.results[s.id] for s in marks.students]
    mean = _mean(letter(3 + n + k), last, results, REGISTER_FIRST)
    page.above(["平均（随筛选）", "", *[""] * (n + k), mean])
    page.head(["学号", "姓名", *sessions, *values, "得分"], height=78, upright=range(3, 3 + n))
    for student in marks.students:
        row = page.row
        end = letter(2 + n)
        cells = f"C{row}:{end}{row}"
        counts = [
            Formula(f'COUNTIF({cells},"{word}")', float(register.count(student.id, word)))
            for word in values
        ]
        many, weights = f"{low}{row}:{high}{row}", f"{low}$3:{high}$3"
        held = f"(SUMPRODUCT(ISNUMBER({weights})*{many})+COUNT({cells}))"
        value = f"(SUMPRODUCT({many},{weights})+SUM({cells}))/{held}"
        result = register.results[student.id]
        formula = Formula(f'IF({held}=0,"{UNRECORDED}",{value})', _shown(Cell(result)))
        words = [_number(Fraction(w)) if _is_number(w) else w for w in register.words[student.id]]
        forms = dict.fromkeys(range(3, 3 + n + k), "General") | {3 + n + k: HUNDREDTHS}
        page.line([student.id, student.name, *words, *counts, formula], text=2, forms=forms, sums=[3 + n + k])  # fmt: skip
    page.finish(REGISTER_FIRST, frozen=2, last=last)
    return page


def register_end(register: Register) -> str:
    """The column of a register's mark."""
    return letter(3 + len(register.sessions) + len(register.rule.values))


def _find(sheet: str, column: str, first: int, students: int, row: int) -> str:
    """A cell of another sheet, found by id so that sorting there changes nothing."""
    quoted, end = sheet.replace("'", "''"), first + max(students, 1) - 1
    ids = f"'{quoted}'!$A${first}:$A${end}"
    cells = f"'{quoted}'!${column}${first}:${column}${end}"
    return f'IFERROR(INDEX({cells},MATCH($A{row},{ids},0)),"{UNRECORDED}")'


def _mean(column: str, last: int, values: list[Fraction | None], first: int = TOTALS_FIRST) -> Formula:  # fmt: skip
    numbers = [float(v) for v in values if v is not None]
    mean: float | str = sum(numbers) / len(numbers) if numbers else ""
    return Formula(f'IFERROR(SUBTOTAL(101,{column}{first}:{column}{last}),"")', mean)


def _of_number(cell: Cell) -> Fraction | None:
    """The value as the cell shows it: a word that counts 0 is no number in a mean."""
    return None if cell.word and not cell.value else cell.value


def _shown(cell: Cell, nothing: str | None = None) -> float | str:
    if cell.value is not None and not (cell.word and cell.value == 0):
        return float(cell.value)
    return nothing if nothing is not None else cell.word or UNRECORDED


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _number(value: Fraction) -> float | int:
    return int(value) if value.denominator == 1 else float(value)
