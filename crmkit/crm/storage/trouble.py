"""What the database driver and the disk have to say, in Chinese."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from crmkit.crm.errors import StoreError

_UNSAVED = "这一步没有保存，原来的数据没有变。"
_FULL = f"磁盘已满，{_UNSAVED}腾出空间后再做一次。"
_READ_ONLY = "文件或文件夹是只读的，不能保存。把它复制到自己可以写的文件夹里再打开。"
DAMAGED = "文件已损坏，不能打开。换用备份，或删除它重新开始。"
# A sign in the message → what it means; the first that fits is said.
_SIGNS = (
    ("is full", _FULL),
    ("No space left", _FULL),
    ("not enough space", _FULL),  # Windows
    ("File too large", _FULL),
    ("quota", _FULL),
    ("readonly", _READ_ONLY),
    ("Read-only file system", _READ_ONLY),
    ("Permission denied", _READ_ONLY),
    ("Access is denied", _READ_ONLY),
    ("disk I/O error", f"读写磁盘出错（磁盘已满，或文件被拿走、占用），{_UNSAVED}"),
    ("unable to open", "打不开这个文件，或它所在的文件夹不能写（也可能磁盘已满）。"),
    ("locked", f"别的程序占用这个文件太久，{_UNSAVED}等它结束后再试。"),
    ("lock timeout", f"别的程序占用这个数据库太久，{_UNSAVED}等它结束后再试。"),
    ("QueuePool limit", f"同时打开的操作太多，{_UNSAVED}等别的操作结束后再试。"),
    ("malformed", DAMAGED),
    ("disk image", DAMAGED),
    ("Could not decode", DAMAGED),
    ("not a database", "这不是店铺文件，或文件已损坏。"),
    ("too big", f"有一格的内容太长，{_UNSAVED}"),
    ("create a connection", "连不上数据库服务器。请检查地址，以及服务器是否已启动。"),
    ("authentication failed", "用户名或密码不对，数据库没有打开。"),
    ("No module named", "没有安装连接这种数据库的程序包。PostgreSQL 请运行：pip install crmkit[postgres]"),
)  # fmt: skip


@contextmanager
def in_words(where: str) -> Iterator[None]:
    """Say what the driver or the disk could not do as a StoreError that names `where`.

    Raises
    ------
    StoreError
        In place of every error of a database driver, and of the file system.
    """
    try:
        yield
    except (sa.exc.DBAPIError, sa.exc.TimeoutError, sqlite3.Error, OSError) as error:
        raise StoreError(words(where, str(getattr(error, "orig", None) or error))) from error


def words(where: str, said: str) -> str:
    """The Chinese message for what a driver said."""
    for sign, meaning in _SIGNS:
        if sign in said:
            return f"「{where}」{meaning}"
    return f"「{where}」数据库出错：{said}"
