"""A file that was handed in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from crmkit.lab import forms
from crmkit.lab.checks.check import Check
from crmkit.lab.forms import FormError
from crmkit.lab.snapshot import FileAnswer


@dataclass(frozen=True)
class Workbook(Check):
    """A workbook file that exists, opens and has these sheets."""

    sheets: tuple[str, ...] = ()
    kind: ClassVar[str] = "workbook"

    def look(self, value: Any, folder: Path) -> list[str]:
        from crmkit import workbook

        path = file_path(value, folder)
        try:
            names = workbook.sheet_names(path)
        except workbook.WorkbookError as e:
            return [str(e)]
        lacking = [s for s in self.sheets if s not in names]
        if lacking:
            return [f"工作簿里没有工作表：{'、'.join(lacking)}（现有：{'、'.join(names)}）"]
        return []


def file_path(value: Any, folder: Path) -> Path:
    """The path of a handed-in file, which must exist inside the lab folder."""
    if isinstance(value, FileAnswer):
        value = value.path
    if not isinstance(value, (str, Path)):
        raise FormError(f"这里要一个文件名，你交的是{forms.kind_of(value)}")
    path = (folder / value).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise FormError(f"文件要放在本实验的文件夹里，不能用「{value}」")
    if not path.is_file():
        near = (
            sorted(p.name for p in path.parent.glob("*") if p.is_file())
            if path.parent.is_dir()
            else []
        )
        seen = f"；这个文件夹里有：{'、'.join(near[:6])}" if near else ""
        raise FormError(f"找不到文件「{value}」：先保存，并核对文件名和文件夹{seen}")
    return path
