"""The command `autograder`: from handing out a lab to the gradebook."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from autograder.gradebook.commands import app as marks
from autograder.insight.commands import register
from crmkit.errors import KitError
from crmkit.startup import skip_unused_grammars

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.roster import Roster
    from autograder.run.regrade import Preview
    from autograder.run.runner import Counts, Graded

app = typer.Typer(
    help="发作业、收作业、评分、反馈、成绩册", add_completion=False, no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)  # fmt: skip
app.add_typer(marks, name="marks")
console = Console(highlight=False)

LabArgument = Annotated[str, typer.Argument(help="实验或章节的编号，例如 E3、ch02")]
LabsArgument = Annotated[
    list[str] | None, typer.Argument(help="实验或章节的编号，可写几个；不写就是收到作业的全部实验")
]
OnlyOption = Annotated[list[str] | None, typer.Option("--only", help="只要这些学号，可写多次")]
CourseOption = Annotated[Path, typer.Option("--course", help="班级文件夹", envvar="CRMKIT_COURSE")]
RosterOption = Annotated[
    Path | None, typer.Option("--roster", help="班级名单（Excel 或 csv，含学号和姓名）")
]
CLASS = Path("class")


@app.callback()
def main() -> None:
    """发作业、收作业、评分、反馈、成绩册。"""
    skip_unused_grammars()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


@contextmanager
def _in_words() -> Iterator[None]:
    """Show an error the kit raised on purpose as one line, and end with code 2."""
    try:
        yield
    except KitError as error:
        typer.secho(f"错误：{error}", fg="red", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        typer.secho("已停止。做完的都已保存，再运行同一条命令就接着做。", fg="yellow", err=True)
        raise typer.Exit(130) from None


@contextmanager
def _bar(words: str) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar; the function it yields takes (what is at hand, done, total)."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("剩余"), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(words, total=None)
        yield lambda at, done, total: progress.update(
            task, completed=done, total=total, description=f"{words} {at}".strip()
        )


@app.command()
def release(lab: LabArgument, course: CourseOption = CLASS) -> None:
    """把一个实验放进班级：生成学生版笔记本，并在成绩册里登记题目。"""
    with _in_words():
        from autograder.course import Course

        folder = Course(course).release(lab)
        console.print(f"{lab} 已放进班级「{course}」，学生版在 {folder}")


@app.command()
def collect(
    lab: LabArgument,
    source: Annotated[Path | None, typer.Argument(help="文件夹、zip，或 nbgrader 的交换目录；不写就用班级自己的交换目录")] = None,
    course: CourseOption = CLASS,
    roster: RosterOption = None,
) -> None:  # fmt: skip
    """收作业：学生文件夹、学习平台导出的 zip、nbgrader 交换目录都可以。"""
    with _in_words():
        from autograder import judge
        from autograder.collect import collect as take_in
        from autograder.course import Course
        from autograder.roster import Roster, Student, write_names

        room = Course(course)
        if not room.released(lab):
            room.release(lab)
        names = _names(roster)
        with _bar(f"收 {lab}") as advance:
            spec = judge.load(lab)
            taken = take_in(
                source or room.root / "exchange", lab, room.root, roster=names,
                notebook=spec.notebook, title=spec.title, progress=advance,
            )  # fmt: skip
        # names as the hand-ins call their students; the class list, where there is one, knows better
        found = taken.table[taken.table["学号"].isin(taken.students) & taken.table["姓名"].ne("")]
        by_id = dict(zip(found["学号"], found["姓名"], strict=True))
        write_names(Roster(tuple(Student(i, n) for i, n in by_id.items())), room.root)
        if names is not None:
            write_names(names, room.root)
        _show_table(taken.problems, "需要看一看的")
        console.print(taken.summary())


@app.command()
def grade(
    labs: LabsArgument = None,
    more: Annotated[list[str] | None, typer.Option("--lab", help="再评这些实验，可写多次")] = None,
    course: CourseOption = CLASS,
    only: OnlyOption = None,
    changed: Annotated[bool, typer.Option("--changed", help="只评新交的和改过的提交，题目变了不算")] = False,
    again: Annotated[bool, typer.Option("--again", help="没有变化的提交也重新评")] = False,
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="同时评几份；不写就按处理器核数和份数来定")] = 0,
    level: Annotated[str | None, typer.Option("--sandbox", help="沙箱级别；不写就用这台机器最好的")] = None,
    cluster: Annotated[str, typer.Option("--dask", help="让 dask 集群来评，例如 tcp://10.0.0.5:8786")] = "",
) -> None:  # fmt: skip
    """评分：运行每份提交，在笔记本外面判分，写进 nbgrader 的成绩册。"""
    with _in_words():
        from autograder import sandbox
        from autograder.course import Course
        from autograder.run.runner import Wanted

        backend = sandbox.best(level)
        where = f"集群 {cluster}，" if cluster else ""
        typer.echo(f"运行方式：{where}{backend.says}")
        room = Course(course)
        wanted_labs = _labs(labs, more, room.labs())
        lines = []
        with _counting(f"评 {'、'.join(wanted_labs)}") as progress:
            wanted = Wanted(tuple(only or ()), again, changed, jobs, cluster, progress)
            with closing(room.grade(wanted_labs, wanted, backend)) as run:
                for line in run:
                    lines.append(line)
                    if line.status == "ungradable":
                        words = escape(f"{line.student}　{line.lab}　不能评分：{line.words}")
                        console.print(f"[red]{words}[/red]")
        for lab in wanted_labs:
            _sum_up(lab, [g for g in lines if g.lab == lab])
        from autograder.quizzes import chapters

        for chapter in sorted(set(wanted_labs) & set(chapters(room.root))):
            _mark_quizzes(room, chapter, only or ())


@app.command()
def quizzes(
    chapters: Annotated[
        list[str] | None, typer.Argument(help="章，例如 ch02；不写就是交来过作答文件的各章")
    ] = None,
    course: CourseOption = CLASS,
    only: OnlyOption = None,
) -> None:
    """小测：由随章节笔记本交来的作答文件（out/quiz_ch02.json）评分，写进成绩册。"""
    with _in_words():
        from autograder import quizzes as answer_files
        from autograder.course import Course

        room = Course(course)
        wanted = chapters or answer_files.chapters(room.root)
        if not wanted:
            raise KitError(
                "还没有人交来小测的作答文件：先收作业，作答文件在 out 文件夹里，和笔记本一起交"
            )
        for chapter in wanted:
            _mark_quizzes(room, chapter, only or ())


def _mark_quizzes(room: Course, chapter: str, only: Sequence[str]) -> None:
    """Mark the quizzes of a chapter and say what became of them."""
    from autograder import quizzes as answer_files

    marked = answer_files.grade(room, chapter, only)
    for line in marked:
        if line.words:
            color = "red" if line.status == answer_files.UNGRADABLE else "yellow"
            typer.secho(f"{line.student}　{chapter} 小测　{line.status}：{line.words}", fg=color)
    graded = [m.score for m in marked if m.status == answer_files.GRADED]
    without = sum(m.status == answer_files.NO_FILE for m in marked)
    refused = sum(m.status == answer_files.UNGRADABLE for m in marked)
    mean = f"，平均 {sum(graded) / len(graded):.1f} / 100 分" if graded else ""
    console.print(
        f"{chapter} 小测：评分 {len(graded)} 份，没有作答文件 {without} 份，不能评分 {refused} 份{mean}"
    )


@app.command()
def regrade(
    lab: LabArgument,
    course: CourseOption = CLASS,
    items: Annotated[
        list[str] | None, typer.Option("--item", help="只重判这些题，可写多次")
    ] = None,
    only: OnlyOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，直接写入")] = False,
) -> None:
    """重判：判分规则改了以后，用存下的答案重新判，不再运行学生的代码；先看谁变多少，再写入。"""
    with _in_words():
        from autograder.course import Course
        from autograder.run import regrade as again

        room = Course(course)
        with _bar(f"重判 {lab}") as advance:
            found = again.preview(room, lab, items or (), only or (), progress=advance)
        _show_preview(found)
        if not found.rejudged:
            typer.echo("没有什么要改，成绩册没有动。")
            return
        if not yes and not typer.confirm("写进成绩册吗？"):
            typer.echo("没有写入，成绩册没有动。")
            raise typer.Exit(1)
        again.write(room, found)
        typer.echo(f"{lab}：已写入 {len(found.rejudged)} 份提交的新评分。")


@app.command()
def feedback(lab: LabArgument, course: CourseOption = CLASS, roster: RosterOption = None) -> None:
    """给每位学生生成一页中文反馈（HTML，可离线打开）。"""
    with _in_words():
        from autograder import feedback as pages
        from autograder import judge
        from autograder.course import Course
        from autograder.quizzes import chapter_of

        notebook = "" if chapter_of(lab) else judge.load(lab).notebook
        with _bar(f"反馈 {lab}") as advance:
            made = pages.write(
                Course(course).root, lab, notebook=notebook, roster=_names(roster), progress=advance
            )
        for student, reason in made.skipped.items():
            typer.secho(f"{student}　没有反馈：{reason}", fg="yellow")
        typer.echo(f"{len(made.pages)} 位学生的反馈已写好，教师目录页：{made.index}")


@app.command()
def exam(
    lab: Annotated[str, typer.Argument(help="考试的编号")] = "X1",
    course: CourseOption = CLASS,
    roster: RosterOption = None,
) -> None:
    """考试结果（只给老师）：每人何时开始、何时交卷、用时、题型、得分和要核对的地方。"""
    with _in_words():
        from autograder.feedback import exam_page

        page, sat = exam_page.write(course, lab, _names(roster))
        for seat in sat:
            for remark in seat.remarks:
                typer.secho(f"{seat.student} {seat.name}　{remark}", fg="yellow")
        began = sum(bool(s.sitting.begun) for s in sat)
        ended = sum(bool(s.sitting.ended) for s in sat)
        typer.echo(f"{lab}：全班 {len(sat)} 人，{began} 人开始考试，{ended} 人交卷。结果页：{page}")


@app.command()
def gradebook(
    out: Annotated[
        Path | None, typer.Option("--out", help="写到哪个 .xlsx；不写就放在班级文件夹里")
    ] = None,
    course: CourseOption = CLASS,
    labs: Annotated[list[str] | None, typer.Option("--lab", help="只要这些实验，可写多次")] = None,
    roster: RosterOption = None,
) -> None:
    """把成绩册导出成 Excel（每题得分、合计，公式是活的）和 csv。"""
    with _in_words():
        from autograder.course import Course
        from autograder.gradebook.export import export

        room = Course(course)
        made = export(
            room.root, out or room.root / "成绩册.xlsx", labs or None, roster=_names(roster)
        )
        for line in made.words():
            typer.echo(line)
        typer.echo(f"成绩册已写好：{made.workbook}（同名 .csv 在旁边）")


def _labs(given: list[str] | None, more: list[str] | None, handed_in: list[str]) -> list[str]:
    """The labs that are meant: those named, else all of which something was handed in."""
    from autograder import judge

    named = list(dict.fromkeys([*(given or []), *(more or [])])) or handed_in
    if not named:
        raise KitError("班级里还没有提交：先运行 autograder collect 收作业")
    for lab in named:
        judge.load(lab)
    return named


@contextmanager
def _counting(words: str) -> Iterator[Callable[[Counts], None]]:
    """A progress bar with what became of the submissions so far, and the time that is left."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("已评 {task.fields[graded]} · 没变 {task.fields[unchanged]} · "
                          "不能评 {task.fields[ungradable]}"),
               TimeElapsedColumn(), TextColumn("剩余"), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(words, total=None, graded=0, unchanged=0, ungradable=0)
        yield lambda counts: progress.update(
            task, completed=counts.done, total=counts.total, graded=counts.graded,
            unchanged=counts.unchanged, ungradable=counts.ungradable,
        )  # fmt: skip


def _sum_up(lab: str, lines: list[Graded]) -> None:
    graded = [g for g in lines if g.score is not None]
    unchanged = sum(g.status == "unchanged" for g in lines)
    mean = sum(g.score or 0 for g in graded) / len(graded) if graded else 0.0
    points = graded[0].points if graded else 0
    console.print(
        f"{lab}：评分 {len(graded)} 份（其中 {unchanged} 份没有变化），不能评分 {len(lines) - len(graded)} 份；"
        f"自动题平均 {mean:.1f} / {points:g} 分"
    )


def _show_preview(found: Preview) -> None:
    """Who would move by how much on which item, and what cannot be judged from what is stored."""
    moved = found.moved
    if moved:
        table = Table(title=f"{found.lab} 重判后有变化的得分")
        for name in ("学号", "题号", "题目", "原得分", "新得分", "变化"):
            table.add_column(name)
        for c in moved:
            table.add_row(
                escape(c.student), c.after.id, escape(c.after.title), f"{c.before.score or 0:g}",
                f"{c.after.score or 0:g}", f"{c.difference:+g}",
            )  # fmt: skip
        totals: dict[str, float] = {}
        for c in moved:
            totals[c.student] = totals.get(c.student, 0.0) + c.difference
        for student, difference in totals.items():
            table.add_row(escape(student), "合计", "", "", "", f"{round(difference, 2):+g}")
        console.print(table)
    words = len(found.changes) - len(moved)
    console.print(
        f"{found.lab}：{len({c.student for c in moved})} 人的得分会变，另有 {words} 处只改说明文字；"
        f"{found.same} 份没有变化"
    )
    for item, students in sorted(found.rerun.items()):
        typer.secho(
            f"{item}：{len(students)} 份的输入变了或答案没有存下，要重新运行：autograder grade {found.lab}",
            fg="yellow",
        )
    for student, reason in found.passed.items():
        typer.secho(f"{student}　不能重判：{reason}", fg="yellow")


def _names(path: Path | None) -> Roster | None:
    from autograder.roster import read_roster

    return read_roster(path) if path else None


def _show_table(frame: object, title: str) -> None:
    import pandas as pd

    if not isinstance(frame, pd.DataFrame) or frame.empty:
        return
    table = Table(title=title)
    for c in frame.columns:
        table.add_column(str(c))
    for row in frame.itertuples(index=False):
        table.add_row(*("" if pd.isna(x) else str(x) for x in row))
    console.print(table)


register(app)


if __name__ == "__main__":
    app()
