"""The command `crmkit`: start the course, make a report or a paper, check the machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from crmkit.errors import KitError

app = typer.Typer(
    help="《客户关系管理》课程套件",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


@contextmanager
def _in_words() -> Iterator[None]:
    """Show an error the kit raised on purpose as one line; end with its code, mostly 2."""
    try:
        yield
    except KitError as error:
        typer.secho(f"错误：{error}", fg="red", err=True)
        raise typer.Exit(getattr(error, "exit_code", 2)) from None


def _say(line: str) -> None:
    typer.echo(line)
    sys.stdout.flush()


@app.callback()
def main() -> None:
    """《客户关系管理》课程套件：启动课程、生成店铺月报、出卷、检查环境。"""
    # A console that cannot show a character shows "?" instead of stopping the command.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


@app.command()
def start(
    port: Annotated[
        int, typer.Option(envvar="PORT", help="端口；被占用时自动换用下一个空闲端口")
    ] = 8888,
    open: Annotated[
        bool, typer.Option("--open/--no-open", envvar="OPEN", help="启动后打开浏览器")
    ] = True,
    teacher: Annotated[
        bool, typer.Option("--teacher", help="教师模式：显示全部文件和 nbgrader 的 Formgrader")
    ] = False,
    course: Annotated[
        Path, typer.Option(envvar="CRMKIT_COURSE", help="教师模式下 Formgrader 打开的班级文件夹")
    ] = Path("class"),
) -> None:
    """启动课程：中文 JupyterLab 与任务中心在同一个服务上，按 Ctrl-C 结束。"""
    from crmkit import server

    with _in_words():
        root = server.course_root()
        _say(f"正在启动课程（{root}）……")
        server.start(
            root,
            port=port,
            open_browser=open,
            teacher=teacher,
            course=course.absolute(),
            say=_say,
        )
    # A page that was still loading leaves a thread behind that Python would wait for without end.
    sys.stderr.flush()
    os._exit(0)


@app.command()
def report(
    shop: Annotated[str, typer.Argument(help="店铺：tea、ceramics 或 electronics")],
    month: Annotated[str, typer.Option(help="月份，例如 2025-11")],
    out: Annotated[
        Path | None, typer.Option(help="写到哪个文件，默认 reports/<店铺>-<月份>.html")
    ] = None,
) -> None:
    """生成一家店铺一个月的经营月报（HTML，可离线打开，可打印）。"""
    from crmkit.report import check, write

    with _in_words():
        check(shop, month)
        _say(f"正在生成 {shop} {month} 的月报……")
        path = write(shop, month, out)
        _say(f"已写入 {path}")


@app.command()
def paper(
    chapter: Annotated[str, typer.Argument(help="哪一章的题库，例如 ch02")],
    out: Annotated[
        Path | None,
        typer.Option(help="文件名或文件夹，默认 papers/ 下自动取名；格式由扩展名决定"),
    ] = None,
    count: Annotated[int | None, typer.Option(help="取几题（各节均匀地取），默认全部")] = None,
    section: Annotated[str | None, typer.Option(help="只取一节，例如 2.2")] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="只要这种题型：单选、多选、判断、填空、配对、排序、计算；可以写几次"),
    ] = None,
    student: Annotated[
        list[str] | None,
        typer.Option(help="用这位学生的数字出计算题；可以写几次，每人一份卷"),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", help="word、excel、moodle、gift 或 template（学习通、雨课堂等的通用模板）"
        ),
    ] = None,
) -> None:
    """从题库出一份卷，连同答案：Word、Excel、Moodle XML、GIFT 或平台导入通用模板。"""
    from crmkit.quizbank import export

    with _in_words():
        made_as = export.form_of(out, form)
        papers = [
            export.compose(chapter, count, section, who, kind or ()) for who in student or [""]
        ]
        for sheet in papers:
            target = export.place(sheet, out, made_as, several=len(papers) > 1)
            for path in export.save(sheet, target, made_as):
                _say(f"已写入 {path}（卷号 {sheet.variant}，{len(sheet.items)} 题）")


@app.command()
def plan(
    chapter: Annotated[str, typer.Argument(help="哪一章，例如 ch02")],
    out: Annotated[Path | None, typer.Option(help="文件名，默认 plans/教案-<章>.docx")] = None,
) -> None:
    """由一章的笔记本生成教案（Word）：目标、重点难点、每一步的分钟、板书、作业、反思。"""
    from crmkit import lessonplan, server

    with _in_words():
        _say(f"已写入 {lessonplan.write(chapter, out, server.course_root(Path.cwd()))}")


@app.command()
def doctor(
    port: Annotated[int, typer.Option(envvar="PORT", help="要检查的端口")] = 8888,
) -> None:
    """检查这台电脑能否运行课程：Python、软件版本、端口、字体、写入权限。"""
    from crmkit.doctor import examine

    findings = examine(port=port)
    for finding in findings:
        mark = {"good": "✓", "note": "!", "bad": "✗"}[finding.state]
        _say(f"{mark} {finding.what}：{finding.found}")
        if finding.remedy:
            _say(f"    → {finding.remedy}")
    if any(f.state == "bad" for f in findings):
        _say("有问题需要处理，见上面标 ✗ 的各行。")
        raise typer.Exit(1)
    _say("可以运行课程。")


@app.command(hidden=True)
def environment() -> None:
    """Write the server's configuration and print it as shell exports (for Binder's start)."""
    import shlex

    from crmkit import server

    with _in_words():
        place = server.configure(server.course_root())
    for name, value in place.environment().items():
        typer.echo(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    app()
