"""Commands of the teacher's analysis; `register` adds them to the command ``autograder``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmkit.errors import KitError

if TYPE_CHECKING:
    from autograder.insight.classroom import LabData
    from autograder.roster import Roster

LabArgument = Annotated[str, typer.Argument(help="实验或章节的编号，例如 E3、ch02")]
CourseOption = Annotated[Path, typer.Option("--course", help="班级文件夹", envvar="CRMKIT_COURSE")]
RosterOption = Annotated[
    Path | None, typer.Option("--roster", help="班级名单（Excel 或 csv，含学号和姓名）")
]
CLASS = Path("class")
SHOWN = 10  # rows of a table in the terminal


def register(app: typer.Typer) -> None:
    """Add ``insight``, ``similar`` and ``dashboard``."""
    app.command("insight")(insight)
    app.command("similar")(similar)
    app.command("dashboard")(dashboard)


@contextmanager
def _in_words() -> Iterator[None]:
    """Show an error the kit raised on purpose as one line, and end with code 2."""
    try:
        yield
    except KitError as error:
        typer.secho(f"错误：{error}", fg="red", err=True)
        raise typer.Exit(2) from None


def insight(lab: LabArgument, course: CourseOption = CLASS, roster: RosterOption = None) -> None:
    """分析一个实验：得分分布、各题难度与区分度、常见错误、需要关注的学生。"""
    with _in_words():
        from autograder.insight.board import board
        from autograder.insight.classroom import read_lab

        seen = board(read_lab(course, lab, _names(roster)), names=True)
        typer.echo(f"{seen['title']}（满分 {seen['points']:g}）")
        typer.echo("　".join(f"{c['label']} {c['value']}（{c['note']}）" for c in seen["cards"]))
        _table(
            "各题", ["题号", "题目", "人数", "难度", "题总相关", "区分度", "评语", "没作答"],
            [[i["id"], i["title"], i["n"], _two(i["difficulty"]), _two(i["correlation"]),
              _two(i["discrimination"]), i["verdict"], i["empty"]] for i in seen["items"]],
        )  # fmt: skip
        _table(
            "常见错误", ["题号", "人数", "占比", "提示"],
            [[m["item"], m["n"], f"{m['share']:.0%}", m["hint"]] for m in seen["mistakes"][:SHOWN]],
        )  # fmt: skip
        _table(
            "需要关注的学生", ["学生", "从哪一题起", "情况", "没作答", "没得分"],
            [[f"{s['id']} {s['student']}".strip(), f"{s['item']} {s['title']}", "、".join(s["reasons"]),
              len(s["missing"]), len(s["failed"])] for s in seen["stuck"][:SHOWN]],
        )  # fmt: skip


def similar(lab: LabArgument, course: CourseOption = CLASS, roster: RosterOption = None) -> None:
    """找出值得老师看一看的相似作业，和属于另一位同学数据的答案（提示，不是结论）。"""
    with _in_words():
        from autograder.insight.board import Names
        from autograder.insight.classroom import read_lab

        data = read_lab(course, lab, _names(roster))
        found = _likeness(data)
        called = Names(data.marks.students, shown=True)
        rows = [
            [*(f"{called.id(s)} {called.of(s)}".strip() for s in (h["a"], h["b"])),
             _share(h["code"]), _share(h["text"]), len(h["foreign"]) or ""]
            for h in found["hints"]
        ]  # fmt: skip
        _table("相似提示", ["学生", "学生", "代码相同", "文字相同", "对得上对方数据的答案"], rows)
        compared = found["compared"]
        typer.echo(
            f"{lab}：比较了 {compared['code']} 份代码和文字、{compared['answers']} 份答案，"
            f"{len(rows)} 条提示。"
        )
        typer.echo(found["caution"])
        if rows:
            typer.echo("并排对照：运行 autograder dashboard，在「相似提示」里点开。")


def dashboard(
    course: CourseOption = CLASS,
    port: Annotated[int, typer.Option(help="端口；被占用时自动换用下一个空闲端口")] = 8899,
    open: Annotated[bool, typer.Option("--open/--no-open", help="启动后打开浏览器")] = True,
    likeness: Annotated[
        bool, typer.Option("--similar/--no-similar", help="先更新各实验的相似提示")
    ] = True,
) -> None:
    """打开班级分析页（只给老师）：分布、各题、常见错误、需要关注的学生、相似提示。"""
    import webbrowser

    with _in_words():
        from autograder.insight import classroom, serving

        for sheet in classroom.labs(course).labs if likeness else ():
            data = classroom.read_lab(course, sheet.lab)
            try:
                _likeness(data)
            except KitError as error:  # a lab without hand-outs has no hints, but it has marks
                typer.secho(f"{sheet.lab} 没有相似提示：{error}", fg="yellow", err=True)
        with serving.serve(course, port) as running:
            typer.echo("班级分析页已就绪，只有知道这个地址的人能打开，请不要转发：")
            typer.echo(f"  {running.address}")
            typer.echo("默认不显示姓名，可以投影；按 Ctrl-C 结束。")
            sys.stdout.flush()
            if open:
                webbrowser.open(running.address)
            serving.wait(running, typer.echo)


def _likeness(data: LabData) -> dict[str, Any]:
    from autograder.insight import evidence

    with _bar(f"比较 {data.lab}") as advance:
        return evidence.compute(data, advance)


@contextmanager
def _bar(words: str) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar; the function it yields takes (what is at hand, done, total)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(highlight=False)) as progress:
        task = progress.add_task(words, total=None)

        def advance(what: str, done: int, total: int) -> None:
            progress.update(task, description=f"{words} {what}", completed=done, total=total)

        yield advance


def _names(path: Path | None) -> Roster | None:
    from autograder.roster import read_roster

    return read_roster(path) if path else None


def _table(title: str, head: list[str], rows: list[list[Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        typer.echo(f"{title}：没有")
        return
    table = Table(title=title)
    for name in head:
        table.add_column(name)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))  # no markup: names are only text
    Console(highlight=False).print(table)


def _two(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"
