"""The commands `autograder marks …`: settings, imports, exports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmkit.errors import KitError

if TYPE_CHECKING:
    import pandas as pd

    from autograder.gradebook.scheme import ClassTotals
    from autograder.roster import Roster

app = typer.Typer(help="总评：方案、考勤和分数表、迟交、平台和教务系统的表", no_args_is_help=True)

CourseOption = Annotated[Path, typer.Option("--course", help="班级文件夹", envvar="CRMKIT_COURSE")]
RosterOption = Annotated[
    Path | None, typer.Option("--roster", help="班级名单（Excel 或 csv，含学号和姓名）")
]
FileArgument = Annotated[Path, typer.Argument(help="Excel 或 csv 文件")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="不再询问，直接保存")]
CLASS = Path("class")
SHOWN = 40  # lines of a table on the screen


@contextmanager
def in_words() -> Iterator[None]:
    """Show an error the kit raised on purpose as one line, and end with code 2."""
    try:
        yield
    except KitError as error:
        typer.secho(f"错误：{error}", fg="red", err=True)
        raise typer.Exit(2) from None


@app.command("settings")
def show_settings(
    course: CourseOption = CLASS,
    scheme: Annotated[str | None, typer.Option("--scheme", help="改成这个方案，例如 course_64")] = None,
    policy: Annotated[str | None, typer.Option("--policy", help="改成这个折算办法：normalize、cap、fix_quiz、raw")] = None,
) -> None:  # fmt: skip
    """看或改本班的成绩办法（grading.yaml，第一次用时生成，里面有说明）。"""
    with in_words():
        from autograder.gradebook.scheme import policy_words
        from autograder.gradebook.settings import FILE, set_choice, settings_of

        _class_folder(course)
        settings_of(course, create=True)
        path = course / FILE
        for key, value in (("方案", scheme), ("折算办法", policy)):
            if value:
                set_choice(path, key, value)
        settings = settings_of(course)
        for line in policy_words(settings):
            typer.echo(line)
        typer.echo("迟交：" + "；".join(settings.late.lines()))
        typer.echo(f"都写在 {path} 里，可以改。")


@app.command("import")
def import_table(
    name: Annotated[str, typer.Argument(help="表的名称，与 grading.yaml 里的相同，例如 考勤、课堂表现、小测")],
    file: FileArgument,
    course: CourseOption = CLASS,
    roster: RosterOption = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="只读这个工作表")] = None,
    column: Annotated[list[str] | None, typer.Option("--column", help="只要这些列，可写多次")] = None,
    yes: YesOption = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="只看会改什么，不保存")] = False,
) -> None:  # fmt: skip
    """导入考勤表或分数表：先列出会改动什么、哪些没有读进，再保存。"""
    with in_words():
        from autograder.gradebook.importing import preview_import
        from autograder.gradebook.settings import settings_of

        _class_folder(course)
        seen = preview_import(
            course, file, name, settings_of(course, create=True), roster=_roster(course, roster),
            sheet=sheet, columns=column or (),
        )  # fmt: skip
        _show(seen.report, "没有读进或要核对的")
        _show(seen.frame, "会改动的")
        typer.echo(seen.summary())
        if dry or not seen.changes:
            typer.echo("没有保存。" if dry else "没有要改的。")
        elif yes or typer.confirm("保存吗？"):
            typer.echo(f"已保存：{seen.keep(course)}")


@app.command("allow")
def import_exceptions(file: FileArgument, course: CourseOption = CLASS, roster: RosterOption = None,
                      yes: YesOption = False) -> None:  # fmt: skip
    """导入延期和免做（表里有 学号、实验、处理 三列，如 延期 48 小时、免做）。"""
    with in_words():
        from autograder.gradebook.exceptions import read_sheet
        from autograder.gradebook.lateness import write_deadlines
        from autograder.gradebook.settings import settings_of
        from autograder.roster import Roster
        from crmkit.syllabus import course as syllabus

        _class_folder(course)
        settings = settings_of(course, create=True)
        labs = (*(c.id for c in syllabus().chapters), *(lab.id for lab in syllabus().labs))
        granted = read_sheet(file, labs, settings.zone, _roster(course, roster))
        _show(Roster((), granted.problems).report, "没有读进的")
        for (student, lab), leave in granted.leaves.items():
            typer.echo(f"{student}　{lab}　{leave.words()}")
        if granted.leaves and (yes or typer.confirm("保存吗？")):
            typer.echo(f"已保存：{granted.keep(course)}")
            write_deadlines(course)


@app.command("late")
def sync_late(course: CourseOption = CLASS) -> None:
    """把截止时间、延期和迟交扣分写进 nbgrader 的成绩册，formgrader 里看到的就与导出的相同。"""
    with in_words():
        from autograder.gradebook.lateness import write_deadlines, write_penalties
        from autograder.gradebook.marks import read_marks
        from autograder.gradebook.settings import settings_of

        due = write_deadlines(course)
        marks = read_marks(course)
        changed = write_penalties(course, marks)
        for student in marks.students:
            for lab in marks.labs:
                mark = lab.marks[student.id]
                if mark.deduction is not None and mark.deduction.why:
                    typer.echo(
                        f"{student.id} {student.name}　{lab.lab}　原始分 {mark.raw:g}，扣 {mark.penalty:g}：{mark.deduction.why}"
                    )
        typer.echo("；".join(settings_of(course).late.lines()))
        typer.echo(f"更新了 {due} 处截止时间、{changed} 份提交的扣分。")


@app.command("export")
def write_workbook(
    out: Annotated[Path | None, typer.Option("--out", help="写到哪个 .xlsx")] = None,
    course: CourseOption = CLASS, roster: RosterOption = None,
) -> None:  # fmt: skip
    """导出成绩册（与 autograder gradebook 相同）：总评、统计、各项、各实验，公式是活的。"""
    with in_words():
        from autograder.gradebook.export import export

        made = export(course, out or course / "成绩册.xlsx", roster=_roster(course, roster))
        for line in made.words():
            typer.echo(line)
        typer.echo(f"成绩册已写好：{made.workbook}（同名 .csv 在旁边）")


@app.command("platform")
def write_platform(
    name: Annotated[str, typer.Argument(help="grading.yaml 里“平台”下的名称，例如 学习通、教务系统")],
    out: Annotated[Path | None, typer.Option("--out", help="写到哪个文件")] = None,
    course: CourseOption = CLASS, roster: RosterOption = None,
) -> None:  # fmt: skip
    """写一张学习平台或教务系统要的表；列名、次序、小数位、等级在 grading.yaml 里改。"""
    with in_words():
        from autograder.gradebook.platforms import export_for

        made = _totals(course, roster)
        done = export_for(made, name, out or course / f"{name}.xlsx")
        for student, who, why in done.left_out:
            typer.secho(f"{student} {who}　{why}", fg="yellow")
        typer.echo(f"{done.rows} 人已写进 {done.path}")


@app.command("fill")
def fill_template(
    template: Annotated[Path, typer.Argument(help="学校自己的 .xlsx，有学号一列")],
    out: Annotated[Path, typer.Option("--out", help="写到哪个 .xlsx；模板本身不动")],
    platform: Annotated[str | None, typer.Option("--platform", help="按 grading.yaml 里这个平台的列填")] = None,
    column: Annotated[list[str] | None, typer.Option("--column", help="列名=取什么，例如 总评成绩=总评，可写多次")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="格里已有内容也改（公式永远不改）")] = False,
    course: CourseOption = CLASS, roster: RosterOption = None,
) -> None:  # fmt: skip
    """把分数按学号填进学校自己的表，其余内容原样不动；填不了的逐行列出。"""
    with in_words():
        from autograder.gradebook.marks import GradebookError
        from autograder.gradebook.template import fill, pick_columns

        made = _totals(course, roster)
        target = made.settings.platforms.get(platform) if platform else None
        if platform and target is None:
            raise GradebookError(f"grading.yaml 里没有平台「{platform}」；有：{'、'.join(made.settings.platforms)}")  # fmt: skip
        columns = pick_columns(column or (), target)
        if not columns:
            raise GradebookError("写明填哪些列：--platform 教务系统，或 --column 总评成绩=总评")
        if out.resolve() == template.resolve():
            raise GradebookError("--out 不能就是模板自己：换一个文件名")
        done = fill(made, template, out, columns, overwrite=overwrite)
        _show(done.report, "没有填或要核对的")
        if done.not_in_template:
            typer.secho(f"模板里没有这些学生：{'、'.join(done.not_in_template)}", fg="yellow")
        typer.echo(f"填了 {done.cells} 格：{done.path}")


@app.command("roster")
def check_roster(file: FileArgument, course: CourseOption = CLASS, yes: YesOption = False) -> None:
    """读一遍班级名单，列出修正了什么、哪一行没有收和为什么，再写进成绩册。"""
    with in_words():
        from autograder.roster import keep_roster, read_roster, write_names

        roster = read_roster(file)
        _show(roster.report, "修正、拒收和要核对的")
        typer.echo(f"收进 {len(roster)} 人")
        if yes or typer.confirm("写进成绩册吗？"):
            _class_folder(course)
            keep_roster(roster, course)
            typer.echo(f"新增或改动 {write_names(roster, course)} 人")


def _class_folder(course: Path) -> None:
    """Make the class folder nbgrader's, or refuse a folder that is something else."""
    from autograder.course import Course

    Course(course)


def _totals(course: Path, roster: Path | None) -> ClassTotals:
    from autograder.gradebook.marks import read_marks
    from autograder.gradebook.scheme import compute
    from autograder.gradebook.settings import settings_of

    settings = settings_of(course, create=True)
    made = compute(course, read_marks(course, roster=_roster(course, roster)), settings)
    for line in (*made.policy_words(), *made.warnings):
        typer.echo(line)
    return made


def _roster(course: Path, path: Path | None) -> Roster | None:
    """The class list given, else the one imported before."""
    from autograder.roster import kept_roster, read_roster

    return read_roster(path) if path is not None else kept_roster(course)


def _show(frame: pd.DataFrame, title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    if frame.empty:
        return
    table = Table(title=title)
    for c in frame.columns:
        table.add_column(str(c))
    for row in frame.head(SHOWN).itertuples(index=False):
        table.add_row(*map(str, row))
    Console(highlight=False, markup=False).print(table)
    if len(frame) > SHOWN:
        typer.echo(f"……共 {len(frame)} 行")
