"""Read a bar chart that lies on a sheet: titles, and what its bars say.

Only the numbers that the spreadsheet program stored with the chart are looked at; nothing is drawn.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from crmkit.workbook.errors import refusal
from crmkit.workbook.formats import SAVE_AS_XLSX, PathLike, Source, open_source
from crmkit.workbook.package import BROKEN, check_package, sheet_paths

_BARS = ("barChart", "bar3DChart")  # upright and lying ones
_DRAW = "在这张工作表上插入一张柱形图"


@dataclass(frozen=True)
class BarChart:
    """One chart: its titles ("" when there is none), and a label and a height for each bar."""

    title: str
    category_title: str
    value_title: str
    labels: tuple[str, ...]
    heights: tuple[float, ...]


def read_bar_chart(file: PathLike | bytes, sheet: str) -> BarChart:
    """The first bar chart on a sheet of an .xlsx.

    Raises
    ------
    WorkbookError
        The file is no workbook, no bar chart lies on the sheet, or the chart holds no numbers, as
        programs write them that do not calculate.
    """
    source = open_source(file)
    if source.kind != "xlsx":
        raise refusal(source.name, "不是 .xlsx 工作簿", SAVE_AS_XLSX)
    check_package(source)
    try:
        plots = [p for chart in _charts(source, sheet) if (p := _plot(chart)) is not None]
    except (KeyError, ElementTree.ParseError) as error:
        raise refusal(source.name, f"的工作表「{sheet}」上的图已损坏", BROKEN) from error
    if not plots:
        raise refusal(source.name, f"的工作表「{sheet}」上没有柱形图", _DRAW)
    if not plots[0].heights:
        words = f"的工作表「{sheet}」上的图没有存下数值"
        raise refusal(source.name, words, "用 Excel、WPS 或 LibreOffice 打开，保存一次再交")
    return plots[0]


def _charts(source: Source, sheet: str) -> list[Element]:
    """The charts on a sheet: sheet → drawing → charts, each by its relations."""
    with zipfile.ZipFile(io.BytesIO(source.data)) as package:
        page = sheet_paths(source).get(sheet, "")
        drawings = _related(package, page, "/drawing")
        paths = [chart for d in drawings for chart in _related(package, d, "/chart")]
        return [ElementTree.fromstring(package.read(path)) for path in paths]


def _related(package: zipfile.ZipFile, part: str, kind: str) -> list[str]:
    """Paths of the parts of a kind that a part refers to, in the order of the file."""
    folder, name = posixpath.split(part)
    place = f"{folder}/_rels/{name}.rels"
    if place not in package.namelist():
        return []
    targets = [
        r.get("Target", "") for r in ElementTree.fromstring(package.read(place))
        if r.get("Type", "").endswith(kind)
    ]  # fmt: skip
    return [
        t[1:] if t.startswith("/") else posixpath.normpath(posixpath.join(folder, t))
        for t in targets
    ]


def _plot(chart: Element) -> BarChart | None:
    bars = next((n for n in chart.iter() if _name(n) in _BARS), None)
    if bars is None:
        return None
    series = [n for n in bars if _name(n) == "ser"]
    labels = [text for s in series for text in _points(s, "cat")]
    heights = [float(text) for s in series for text in _points(s, "val") if _is_number(text)]
    frame = next((n for n in chart.iter() if _name(n) == "chart"), chart)
    title = _title(frame)
    if title == "" and len(series) == 1:  # without words of its own it shows the series' name
        title = " ".join(_points(series[0], "tx"))
    axes = {_name(n): _title(n) or "" for n in chart.iter() if _name(n).endswith("Ax")}
    return BarChart(
        title or "", axes.get("catAx", "") or axes.get("dateAx", ""), axes.get("valAx", ""),
        tuple(labels), tuple(heights),
    )  # fmt: skip


def _title(node: Element) -> str | None:
    """The words of a node's own title; None when it has no title."""
    title = next((n for n in node if _name(n) == "title"), None)
    if title is None:
        return None
    return "".join(n.text or "" for n in title.iter() if _name(n) in ("t", "v")).strip()


def _points(series: Element, kind: str) -> list[str]:
    """The stored texts of a series' categories, values or name, in order."""
    part = next((n for n in series if _name(n) == kind), None)
    if part is None:
        return []
    points = [n for n in part.iter() if _name(n) == "pt"]
    points.sort(key=lambda n: int(n.get("idx", "0")))
    return ["".join(v.text or "" for v in n if _name(v) == "v") for n in points]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _name(node: Element) -> str:
    return node.tag.rpartition("}")[2]
