"""Cases: file names, folders, links, pipes, times, student ids."""

from __future__ import annotations

import os
import socket
import stat
import zipfile
from pathlib import Path

from tests.autograder.broken_materials import blank, new, placed, save, take_out, text, worked

# ------------------------------------------------------------------------- the folder and its files


def named(name: str, file: str, *mends: str) -> None:
    """The worked notebook under another name."""
    placed(name, *(mends or (f"笔记本是「{file}」",)))(lambda folder: void(save(worked(), folder, file)))  # fmt: skip


def void(_: object) -> None:
    return None


named("a copy by Jupyter", "E3-Copy1.ipynb")
named("a copy by the browser", "E3 (1).ipynb")
named("a Chinese name", "张三_客户档案分析_最终版.ipynb")
named("lower case", "e3.ipynb")
named("name with .txt behind", "E3.ipynb.txt")
named("saved as .json", "E3.json")
named("saved as .txt", "作业.txt")


@placed(
    "the empty notebook and a worked copy", "E3-副本1.ipynb", "还有别的笔记本，没有用：E3.ipynb"
)
def blank_and_copy(folder: Path) -> None:
    save(blank(), folder)
    save(worked(), folder, "E3-副本1.ipynb")


@placed("the notebook and older drafts", "还有别的笔记本，没有用")
def drafts(folder: Path) -> None:
    save(worked(), folder)
    for n, id in enumerate(("E3-01-work", "E3-05-work"), start=1):
        nb = worked()
        take_out(nb, id)
        save(nb, folder, f"E3-Copy{n}.ipynb")


@placed("the notebook cut off, and a whole copy", "E3.ipynb 不能用", "E3-Copy1.ipynb")
def broken_and_copy(folder: Path) -> None:
    (folder / "E3.ipynb").write_bytes(text().encode()[:5000])
    save(worked(), folder, "E3-Copy1.ipynb")


@placed("notebooks of other labs beside it", "E3 客户.ipynb")
def other_labs_too(folder: Path) -> None:
    save(worked("ch02"), folder, "ch02_theory.ipynb")
    save(worked(), folder, "E3 客户.ipynb")


@placed("another lab's notebook under the right name", reason="是 ch02 的笔记本，不是 E3 的")
def other_lab(folder: Path) -> None:
    save(worked("ch02"), folder)


@placed("a notebook without anything of the lab", reason="没有 E3 的评分单元")
def no_lab(folder: Path) -> None:
    save({"cells": [new("print(1)")], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, folder)


@placed("an empty folder", reason="没有笔记本 E3.ipynb")
def empty_folder(folder: Path) -> None:
    pass


@placed("only a web page and a PDF", reason="只有PDF、网页，没有笔记本 E3.ipynb")
def prints(folder: Path) -> None:
    (folder / "E3.html").write_text("<html>", encoding="utf-8")
    (folder / "E3.pdf").write_bytes(b"%PDF")


@placed("a folder called like the notebook, the notebook in it", "笔记本是「E3.ipynb/E3.ipynb」")
def folder_as_notebook(folder: Path) -> None:
    (folder / "E3.ipynb").mkdir()
    save(worked(), folder, "E3.ipynb/E3.ipynb")


@placed("an empty folder called like the notebook", reason="是空文件夹，不是文件")
def empty_folder_as_notebook(folder: Path) -> None:
    (folder / "E3.ipynb").mkdir()


@placed("the notebook two folders down", "笔记本是「实验三/我的/E3.ipynb」")
def deep(folder: Path) -> None:
    (folder / "实验三" / "我的").mkdir(parents=True)
    save(worked(), folder, "实验三/我的/E3.ipynb")


@placed("the notebook in a zip", "笔记本是「E3.zip/E3.ipynb」")
def zipped(folder: Path) -> None:
    with zipfile.ZipFile(folder / "E3.zip", "w") as z:
        z.writestr("E3.ipynb", text())


@placed("a broken zip beside it", "没有取")
def broken_zip(folder: Path) -> None:
    save(worked(), folder)
    (folder / "数据.zip").write_bytes(b"PK\x03\x04 not a zip")


@placed("5,000 files", "一共交了 5000 个文件，只取了 500 个")
def many_files(folder: Path) -> None:
    save(worked(), folder)
    (folder / "cache").mkdir()
    for n in range(5000):
        (folder / "cache" / f"{n}.csv").write_bytes(b"1")


@placed("a file of 30 MB, a name that Windows cannot have", "没有取", "不能用的字符")
def large_file(folder: Path) -> None:
    save(worked(), folder)
    (folder / "数据.csv").write_bytes(b"1,2\n" * 7_500_000)
    (folder / "a:b?.csv").write_bytes(b"1")


@placed("hidden files, checkpoints, caches")
def hidden(folder: Path) -> None:
    save(worked(), folder)
    (folder / ".ipynb_checkpoints").mkdir()
    save(blank(), folder, ".ipynb_checkpoints/E3-checkpoint.ipynb")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "._E3.ipynb").write_bytes(b"\0\5\x16\7")
    (folder / "~$答案.xlsx").write_bytes(b"x")


@placed("the notebook is a link", reason="是链接", needs="posix")
def linked(folder: Path) -> None:
    target = save(worked(), folder.parent, "elsewhere.json")
    (folder / "E3.ipynb").symlink_to(target)


@placed("links to files, folders and nowhere beside it", "是链接，不是文件", needs="posix")
def links(folder: Path) -> None:
    save(worked(), folder)
    (folder / "passwd.txt").symlink_to("/etc/passwd")
    (folder / "up").symlink_to("..")
    (folder / "nowhere.csv").symlink_to("nowhere")
    (folder / "zero.csv").symlink_to("/dev/zero")


@placed("the notebook is a pipe", reason="是管道或设备", needs="posix")
def pipe(folder: Path) -> None:
    os.mkfifo(folder / "E3.ipynb")


@placed("a pipe and a socket beside it", "是管道或设备", needs="posix")
def pipes(folder: Path) -> None:
    save(worked(), folder)
    os.mkfifo(folder / "数据.csv")
    here = Path.cwd()
    os.chdir(folder)  # the path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.bind("sock")
    finally:
        os.chdir(here)


@placed("a device as notebook", reason="是管道或设备", needs="root")
def device(folder: Path) -> None:
    os.mknod(folder / "E3.ipynb", stat.S_IFCHR | 0o600, os.makedev(1, 5))


@placed("a notebook that may not be read", reason="读不出来", needs="ordinary user")
def unreadable(folder: Path) -> None:
    save(worked(), folder).chmod(0)


def timed(name: str, stamp: bytes | None) -> None:
    def write(folder: Path) -> None:
        save(worked(), folder)
        if stamp is None:
            (folder / "timestamp.txt").mkdir()
            (folder / "timestamp.txt" / "x").write_bytes(b"")
        else:
            (folder / "timestamp.txt").write_bytes(stamp)

    placed(name, "timestamp.txt 里不是时间")(write)


timed("a timestamp that is no time", "昨天晚上".encode())
timed("a timestamp far from now", b"9999-99-99 00:00:00")
timed("an empty timestamp", b"")
timed("a timestamp of 1 MB", b"2025-11-20 " * 100_000)
timed("a folder as timestamp", None)


@placed("a student id that is no id", reason="不能用的字符", student="a\nb;rm")
def odd_student(folder: Path) -> None:
    save(worked(), folder)


@placed("a student id with a name", student="王芳 (重修)@一班")
def named_student(folder: Path) -> None:
    save(worked(), folder)


@placed("a link as folder of the lab", reason="是链接，不是文件夹", needs="posix")
def linked_folder(folder: Path) -> None:
    folder.rename(folder.parent / "elsewhere")
    save(worked(), folder.parent / "elsewhere", "E3.ipynb")
    folder.symlink_to("elsewhere")


@placed("a file as folder of the lab", reason="不是文件夹")
def file_as_folder(folder: Path) -> None:
    folder.rmdir()
    folder.write_bytes(text().encode())
