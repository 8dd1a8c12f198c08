"""Charts that chapters, labs and reports share: axes in 万 and %, values written on the bars.

They draw what they are given; every number is computed before. Column names are arguments, as in
seaborn, with the Chinese headers of the course as defaults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from crmkit.errors import KitError
from crmkit.ui import theme

if TYPE_CHECKING:
    import pandas as pd
    from IPython.display import HTML
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class ChartError(KitError):
    """The frame has not got what the chart is to show."""


def in_wan(value: float, digits: int = 1) -> str:
    """A number as Chinese readers write it, in 万 or 亿 when it is large.

    >>> in_wan(8200), in_wan(842_000), in_wan(-3.2e8), in_wan(20_000)
    ('8,200', '84.2 万', '−3.2 亿', '2 万')
    """
    sign, size = ("−" if value < 0 else ""), abs(value)
    for unit, name in ((1e8, " 亿"), (1e4, " 万")):
        if size >= unit:
            text = f"{size / unit:.{digits}f}"
            return sign + (text.rstrip("0").rstrip(".") if "." in text else text) + name
    return sign + f"{size:,.0f}"


def money_axis(axes: Axes, axis: str = "y", label: str = "金额（元）") -> Axes:
    """Label an axis of yuan in 万. `axis` is ``"x"`` or ``"y"``."""
    from matplotlib.ticker import FuncFormatter

    which = axes.yaxis if axis == "y" else axes.xaxis
    which.set_major_formatter(FuncFormatter(lambda value, _: in_wan(value)))
    which.set_label_text(label)
    return axes


def percent_axis(axes: Axes, axis: str = "y", label: str = "占比") -> Axes:
    """Label an axis of shares (0–1) in percent. `axis` is ``"x"`` or ``"y"``."""
    from matplotlib.ticker import PercentFormatter

    which = axes.yaxis if axis == "y" else axes.xaxis
    which.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    which.set_label_text(label)
    return axes


def trend(
    frame: pd.DataFrame,
    *,
    x: str = "日期",
    y: str = "销售额",
    title: str = "",
    shop: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """A line over time with the last value written at its end.

    Parameters
    ----------
    frame
        One row per point, in order.
    x, y
        Columns of the time and of the amount in yuan.
    """
    import matplotlib.pyplot as plt

    _require(frame, (x, y))
    axes = axes if axes is not None else plt.subplots()[1]
    colour = theme.colour(shop)
    axes.plot(frame[x], frame[y], color=colour, linewidth=2.4, marker="o", markersize=4)
    axes.fill_between(frame[x], frame[y], color=colour, alpha=0.08, linewidth=0)
    last = frame.iloc[-1]
    axes.annotate(
        in_wan(last[y]),
        (last[x], last[y]),
        xytext=(0, 8),
        textcoords="offset points",
        ha="center",
        weight="bold",
    )
    axes.set_ylim(bottom=min(0, float(frame[y].min())))
    axes.set_title(title)
    axes.set_xlabel(x)
    return money_axis(axes, label=f"{y}（元）")


def ranking(
    frame: pd.DataFrame,
    *,
    x: str = "销售额",
    y: str = "商品名称",
    top: int = 10,
    title: str = "",
    shop: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Horizontal bars, the largest on top, with their values.

    Parameters
    ----------
    frame
        One row per bar, in any order; rows with the same value keep theirs.
    x, y
        Columns of the value and of the name.
    top
        How many bars to draw.
    """
    import matplotlib.pyplot as plt

    _require(frame, (x, y))
    rows = frame.sort_values(x, ascending=False, kind="stable").head(top).iloc[::-1]
    if axes is None:
        axes = plt.subplots(figsize=(8, 0.42 * len(rows) + 1.2))[1]
    bars = axes.barh(rows[y].astype(str), rows[x], color=theme.colour(shop), height=0.62)
    axes.bar_label(bars, [in_wan(value) for value in rows[x]], padding=5, color=theme.MUTED)
    axes.margins(x=0.12)
    axes.grid(visible=False, axis="y")
    axes.set_title(title)
    return money_axis(axes, "x", label=x)


def described(figure: Figure, description: str) -> HTML:
    """The figure as an image that carries its description, for a reader who cannot see it.

    Parameters
    ----------
    figure
        A drawn figure; it is closed, so that the notebook does not show it a second time.
    description
        One or two sentences: what is shown, and what follows from it.
    """
    import base64
    import html
    import io

    import matplotlib.pyplot as plt
    from IPython.display import HTML

    if not description.strip():
        raise ChartError("图表缺少文字说明：请用一两句话写出图上是什么、说明了什么。")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    text = html.escape(description, quote=True)
    return HTML(
        f'<figure style="margin:0"><img src="data:image/svg+xml;base64,{data}" alt="{text}" '
        f'style="max-width:100%"><figcaption>{text}</figcaption></figure>'
    )


def flow(places: Mapping[str, tuple[float, float]], ways: Sequence[str], description: str) -> HTML:
    """Boxes with arrows between them: a flow, a state machine, a path of causes.

    Parameters
    ----------
    places
        What stands in each box → (column, row) of a grid, counted from the upper left.
    ways
        ``"甲 → 乙"``, with a word on the arrow ``"甲 → 乙：受理"``, dashed ``"甲 ⇢ 乙"``, without a
        head ``"甲 — 乙"``.
    description
        See `described`.
    """
    import matplotlib.pyplot as plt

    columns, rows = (max(values) for values in zip(*places.values(), strict=True))
    figure, axes = plt.subplots(figsize=(2.0 * columns + 1.6, 0.95 * rows + 0.7))
    axes.set(xlim=(-0.45, columns + 0.45), ylim=(rows + 0.4, -0.4))
    axes.axis("off")
    look = {"boxstyle": "round,pad=0.45", "facecolor": "white", "edgecolor": theme.COURSE}
    boxes = {
        name: axes.text(*place, name, ha="center", va="center", bbox=look, zorder=3)
        for name, place in places.items()
    }
    pairs = [re.split(" ([→⇢—]) ", way.split("：")[0]) for way in ways]
    for way, (start, kind, end) in zip(ways, pairs, strict=True):
        if start not in boxes or end not in boxes:
            raise ChartError(f"“{way}”里有没有画出来的框，可用的有：{'、'.join(boxes)}。")
        both = any(pair[0] == end and pair[2] == start for pair in pairs)
        axes.annotate(
            "",
            places[end],
            places[start],
            zorder=1,
            arrowprops={
                "arrowstyle": "-" if kind == "—" else "-|>",
                "linestyle": "--" if kind == "⇢" else "-",
                "color": theme.MUTED,
                "patchA": boxes[start].get_bbox_patch(),
                "patchB": boxes[end].get_bbox_patch(),
                "connectionstyle": f"arc3,rad={0.25 if both else 0}",
            },
        )
        if word := way.partition("：")[2]:
            (x1, y1), (x2, y2) = places[start], places[end]
            # With a way back both arrows are bent: each to its own side.
            x, y = (x1 + x2) / 2 - both * 0.13 * (y2 - y1), (y1 + y2) / 2 + both * 0.13 * (x2 - x1)
            ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            axes.text(
                x, y, word, ha="center", va="center", fontsize=9, color=theme.MUTED, bbox=ground
            )
    return described(figure, description)


def _require(frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ChartError(
            f"画图需要的列“{'、'.join(missing)}”不在表中。表中现有：{'、'.join(map(str, frame.columns))}。"
        )
    if frame.empty:
        raise ChartError("没有可画的数据：表是空的，请检查前面的筛选条件。")
