"""Can this machine run the course? What was found, and what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from crmkit import server
from crmkit.errors import KitError

OLDEST = (3, 11)
# What the course cannot do without, and the file that must be there.
PACKAGES = ("jupyterlab", "voila", "anywidget", "pandas", "matplotlib", "nbgrader", "papermill")
FONTS = ("CRMCourseSansSC-Regular.otf", "CRMCourseSansSC-Bold.otf")
FREE_MB = 500


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. "bad": the course will not run; "note": it will."""

    state: Literal["good", "note", "bad"]
    what: str
    found: str
    remedy: str = ""


def examine(*, port: int = server.DEFAULT_PORT, root: Path | None = None) -> list[Finding]:
    """Look at everything; never raises for what it finds.

    Parameters
    ----------
    port
        The port the course is to use.
    root
        The course folder, default as `crmkit start` finds it.
    """
    findings = [_python(sys.version_info[:2]), *_packages(), _fonts(), _port(port)]
    try:
        folder = server.course_root(root)
    except KitError as error:
        return [*findings, Finding("bad", "课程文件夹", "没有找到", str(error))]
    return [*findings, _versions(folder), _writable(folder), _space(folder), _data()]


def _python(version: tuple[int, ...]) -> Finding:
    found = (
        ".".join(map(str, sys.version_info[:3]))
        if version == sys.version_info[:2]
        else (".".join(map(str, version)))
    )
    if version < OLDEST:
        return Finding("bad", "Python", found, "请安装 Python 3.11 或更新的版本。")
    return Finding("good", "Python", f"{found}（{sys.executable}）")


def _packages() -> Iterator[Finding]:
    for name in PACKAGES:
        try:
            yield Finding("good", name, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(
                "bad", name, "没有安装", "请在课程文件夹运行：pip install -r requirements.lock"
            )


def _versions(root: Path) -> Finding:
    """Compare what is installed with the lock file."""
    lock = root / "requirements.lock"
    if not lock.is_file():
        return Finding("note", "版本清单", "没有 requirements.lock，不能核对版本")
    different = []
    for name, version in locked(lock.read_text(encoding="utf-8")).items():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = "没有安装"
        if found != version:
            different.append(f"{name} {found}（应为 {version}）")
    if different:
        return Finding(
            "note",
            "版本清单",
            f"{len(different)} 个软件包与清单不同："
            + "、".join(different[:5])
            + ("……" if len(different) > 5 else ""),
            "若课程运行不正常，请运行：pip install -r requirements.lock",
        )
    return Finding("good", "版本清单", "与 requirements.lock 一致")


def locked(text: str) -> dict[str, str]:
    """The versions that a lock file asks for on this machine.

    >>> locked("a==1.0\\nb==2.0 ; python_version < '3'\\n# c==3.0")
    {'a': '1.0'}
    """
    from packaging.requirements import Requirement

    wanted = {}
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate():
                wanted[requirement.name] = str(requirement.specifier).removeprefix("==")
    return wanted


def _fonts() -> Finding:
    from crmkit.ui import theme

    missing = [name for name in FONTS if not (theme.FONTS / name).is_file()]
    if missing:
        return Finding("bad", "图表字体", f"缺少 {'、'.join(missing)}", "请重新下载课程文件。")
    return Finding("good", "图表字体", "课程自带，图表中的汉字可以显示")


def _port(port: int) -> Finding:
    with socket.socket() as probe:
        if os.name != "nt":  # there the option means something else, and takes a port in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return Finding(
                "note", "端口", f"{port} 已被占用或无权使用", "启动时会自动换用下一个空闲端口。"
            )
    return Finding("good", "端口", f"{port} 空闲")


def _writable(root: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        return Finding(
            "bad",
            "写入权限",
            f"不能在「{root}」写入（{error.strerror}）",
            "请把课程文件夹复制到自己可以写入的位置，例如“文档”。",
        )
    return Finding("good", "写入权限", f"可以在「{root}」写入")


def _space(root: Path) -> Finding:
    free = shutil.disk_usage(root).free // 2**20
    if free < FREE_MB:
        return Finding("note", "磁盘空间", f"只剩 {free} MB", "请清理磁盘，保留 500 MB 以上。")
    return Finding("good", "磁盘空间", f"剩余 {free / 1024:.0f} GB")


def _data() -> Finding:
    from crmkit import shops

    try:
        day = shops.as_of()
        for name in shops.TITLES:
            len(shops.load(name).orders)
    except KitError as error:
        return Finding("bad", "课程数据", "不完整", str(error))
    return Finding("good", "课程数据", f"三家店铺，数据截至 {day}")
