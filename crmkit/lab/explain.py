"""A word in Chinese under Python's own error message, for the mistakes beginners make most."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any

from crmkit.errors import KitError

_RULES: tuple[tuple[type[BaseException], str, str], ...] = (
    (NameError, r"name '(.+?)' is not defined",
     "「{0}」还没有定义：先运行上面定义它的单元格（菜单 运行 → 运行所选单元格上方的所有单元格），或检查拼写。"),
    (KeyError, r"['\"]?(.+?)['\"]?$",
     "找不到「{0}」这一列（或键）：用 .columns 看看有哪些列，注意空格和全角半角。"),
    (FileNotFoundError, r"'([^']+)'$",
     "找不到文件「{0}」：用 lab.file(\"文件名\") 取得自己的数据文件；自己存的文件放在 out 文件夹。"),
    (ModuleNotFoundError, r"No module named '(.+?)'",
     "没有安装「{0}」：课程环境里没有它，请换用课程介绍过的库。"),
    (AttributeError, r"'(.+?)' object has no attribute '(.+?)'",
     "「{0}」没有「{1}」这个方法或属性：检查拼写，或先用 type(...) 看看手里的是什么。"),
    (IndentationError, r"()", "缩进不对：同一层的代码要对齐，冒号的下一行要缩进 4 个空格。"),
    (SyntaxError, r"()", "这一行的写法不对：检查括号、引号、冒号是否成对，有没有用中文标点。"),
    (ZeroDivisionError, r"()", "除数是 0：先想一想分母为 0 时该怎么办（通常是没有值，而不是 0）。"),
    (IndexError, r"()", "序号超出范围：列表从 0 数起，最后一个是 [-1]。"),
    (TypeError, r"not supported between instances of '(.+?)' and '(.+?)'",
     "「{0}」和「{1}」不能比大小：可能有一列还是文本，先用 pd.to_numeric 或 pd.to_datetime 转换。"),
    (TypeError, r"'(.+?)' object is not callable",
     "「{0}」不是函数，却在后面写了括号：可能把函数名用作了变量名。"),
    (ValueError, r"could not convert string to float: '(.*?)'",
     "「{0}」是文本，转不成数字：先去掉「元」「,」之类的字符。"),
    (PermissionError, r"'([^']+)'$",
     "文件「{0}」正被别的程序占用：如果在 Excel 或 WPS 里开着，先关闭它。"),
)  # fmt: skip


def advice(error: BaseException) -> str:
    """The next step in Chinese, or "" when there is nothing sure to say."""
    if isinstance(error, KitError):
        return str(error)
    for kind, pattern, words in _RULES:
        found = re.search(pattern, str(error)) if isinstance(error, kind) else None
        if found:
            return words.format(*found.groups())
    return ""


def install() -> None:
    """Show the advice under tracebacks in this notebook; a kit error shows its message alone."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        return

    def show(
        shell: Any, kind: type[BaseException], error: BaseException,
        trace: TracebackType, tb_offset: int | None = None,
    ) -> list[str] | None:  # fmt: skip
        from IPython.display import HTML, display

        words = advice(error)
        lines: list[str] = (
            []
            if isinstance(error, KitError)
            else shell.InteractiveTB.structured_traceback(kind, error, trace, tb_offset=tb_offset)
        )
        if isinstance(error, KitError):
            lines = [f"{type(error).__name__}: {error}"]
        shell._showtraceback(kind, error, lines)
        if words and not isinstance(error, KitError):
            display(HTML(notice("提示", words, "bad")))
        return lines

    shell.set_custom_exc((Exception,), show)


def notice(title: str, words: str, tone: str) -> str:
    """A small message box; tone is ok, bad or info. Colours keep AA contrast in light and dark."""
    from html import escape

    colour = {"ok": "#147a4b", "bad": "#b3261e", "info": "#0f766e"}[tone]
    return (
        f'<div role="status" lang="zh-CN" style="border-left:4px solid {colour};padding:4px 12px;margin:4px 0;'
        f'line-height:1.7"><b style="color:{colour};background:#fff;border-radius:3px;padding:0 4px">'
        f"{escape(title)}</b> {escape(words)}</div>"
    )
