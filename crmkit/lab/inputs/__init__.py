"""The input files of each lab, cut for one student. The judge cuts the same data from here.

Each lab has one module with `FILES`: file name → function that writes it for a student. Where the
tasks themselves differ it has `tasks(student)` too: item → what it asks, in Chinese words.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crmkit.errors import KitError

Writer = Callable[[Path, str], None]  # (target path, student id)


def files(lab: str) -> dict[str, Writer]:
    """The lab's input files; none for a lab that works on a shop or on numbers in its text."""
    name = f"crmkit.lab.inputs.{lab.lower()}"
    if importlib.util.find_spec(name) is None:
        return {}
    found: dict[str, Writer] = importlib.import_module(name).FILES
    return found


def tasks(lab: str, student: str) -> dict[str, dict[str, Any]]:
    """What the lab's items ask of this student in particular; empty where nothing differs."""
    name = f"crmkit.lab.inputs.{lab.lower()}"
    if importlib.util.find_spec(name) is None:
        return {}
    found: Callable[[str], dict[str, dict[str, Any]]] | None
    found = getattr(importlib.import_module(name), "tasks", None)
    return {} if found is None else found(student)


def variant(lab: str, student: str, item: str) -> int | None:
    """Which of its variants (from 0) a student gets of an item; None where there are none."""
    name = f"crmkit.lab.inputs.{lab.lower()}"
    if importlib.util.find_spec(name) is None:
        return None
    found: Callable[[str, str], int] | None
    found = getattr(importlib.import_module(name), "variant", None)
    return None if found is None else found(student, item)


def write(lab: str, student: str, name: str, folder: Path) -> Path:
    """Write one input file into a folder unless it is there already; return its path.

    Raises
    ------
    KitError
        The lab has no such file, or the folder cannot be written.
    """
    known = files(lab)
    if name not in known:
        there = f"本实验的数据文件有：{'、'.join(known)}" if known else "本实验没有数据文件"
        raise KitError(f"没有文件「{name}」；{there}")
    path = folder / name
    if path.exists():
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            part = Path(temporary) / name
            known[name](part, student)
            os.replace(part, path)
    except PermissionError as e:
        raise KitError(f"写不了文件「{path}」：文件夹是只读的，或文件正被别的程序打开") from e
    return path
