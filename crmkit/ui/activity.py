"""Interactive activities of the chapters: controls, a formula, a figure, a table, one sentence.

An activity is a title, controls and a function that draws::

    def draw(figure, churn):
        axes = figure.subplots()
        ...
        return View(alt="……", result={"保持率": 1 - churn})

    Activity("漏桶", [Slider("churn", "月流失率", 0, 0.5, 0.01, 0.05, percent=True)], draw)

The function gets an empty figure in the course's style and the values of the controls by name.
In code: ``activity.set(churn=0.2)``, ``activity.values``, ``activity.result``, ``activity.reset()``.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import traitlets

from crmkit.ui import mathml, theme
from crmkit.ui.controls import Control, ControlError
from crmkit.ui.widget import Widget, remote

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_instances = itertools.count(1)
_FIGURE = re.compile(r"[−+▲▼]? ?\d|—")  # how a figure in a table begins


@dataclass(frozen=True)
class View:
    """What one drawing says.

    Parameters
    ----------
    alt
        What is to be seen in the figure, in words; stands below it.
    message
        The sentence to take away at these values.
    table
        Numbers of the figure; texts are shown as they are, numbers with thousands separators.
    formula
        LaTeX of the formula with these values (see `crmkit.ui.mathml`).
    result
        What code and tests read as ``activity.result``.
    """

    alt: str
    message: str = ""
    table: pd.DataFrame | None = None
    formula: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)


class Activity(Widget, bundle="activity"):
    """A formula, controls and a figure that follows them.

    Parameters
    ----------
    title
        Heading.
    controls
        See `crmkit.ui.controls`.
    draw
        ``draw(figure, **values) -> View``.
    formula
        LaTeX of the general formula, shown above the figure.
    note
        What is chosen or illustrative here; source
        where the model comes from.
    size
        Width and height of the figure in inches.
    """

    heading = traitlets.Unicode().tag(sync=True)
    controls: traitlets.List[Any] = traitlets.List().tag(sync=True)
    current = traitlets.Dict().tag(sync=True)
    general = traitlets.Unicode().tag(sync=True)  # MathML
    particular = traitlets.Unicode().tag(sync=True)  # MathML
    drawing = traitlets.Unicode().tag(sync=True)  # SVG
    ratio = traitlets.Float(2.0).tag(sync=True)  # width by height, known before the figure is
    alt = traitlets.Unicode().tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    rows = traitlets.Dict().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    source = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        title: str,
        controls: Sequence[Control],
        draw: Callable[..., View],
        *,
        formula: str = "",
        note: str = "",
        source: str = "",
        size: tuple[float, float] = (7.2, 3.1),
    ) -> None:
        self._controls = {c.name: c for c in controls}
        self._draw = draw
        self._size = size
        self._prefix = f"a{next(_instances)}-"
        self._view = View("")
        self._places: list[Any] = []  # of the axes, see _lay_out
        super().__init__(
            heading=title,
            controls=[c.shown() for c in controls],
            current={c.name: c.start for c in controls},
            general=mathml.from_latex(formula) if formula else "",
            ratio=size[0] / size[1],
            note=note,
            source=source,
        )
        self._redraw()

    @property
    def values(self) -> dict[str, Any]:
        """The values of the controls, by name."""
        return dict(self.current)

    @property
    def result(self) -> dict[str, Any]:
        """What the activity computed from them."""
        return dict(self._view.result)

    def set(self, **values: Any) -> None:
        """Set controls and draw again.

        Raises
        ------
        ControlError
            There is no such control, or it does not allow the value; nothing is changed then.
        """
        for name in values:
            if name not in self._controls:
                known = "、".join(f"{n}（{c.label}）" for n, c in self._controls.items())
                raise ControlError(f"「{self.heading}」没有控件 {name}，可用的有：{known}。")
        read = {name: self._controls[name].read(value) for name, value in values.items()}
        before, self.current = self.current, {**self.current, **read}
        try:
            self._redraw()
        except BaseException:
            self.current = before
            raise

    def reset(self) -> None:
        """Put every control back to where it was at the beginning."""
        self.set(**{name: c.start for name, c in self._controls.items()})

    @remote
    def change(self, values: dict[str, Any]) -> None:
        """Controls moved in the browser."""
        self.set(**values)

    @remote
    def restart(self) -> None:
        """The reset button."""
        self.reset()

    def _redraw(self) -> None:
        import matplotlib as mpl
        from matplotlib.figure import Figure

        # A style of its own for this drawing: the student's figures keep theirs.
        with mpl.rc_context(_style()):
            figure = Figure(figsize=self._size)
            view = self._draw(figure, **self.current)
            self._lay_out(figure)
            svg = _svg(figure, self._prefix)
        with self.hold_sync():
            self._view = view
            self.drawing = svg
            self.alt = view.alt
            self.message = view.message
            self.particular = mathml.from_latex(view.formula) if view.formula else ""
            self.rows = _rows(view.table)

    def _lay_out(self, figure: Figure) -> None:
        """Fit the axes into the figure: measured once (it takes as long as drawing), then kept.

        So the axes also stand still while a slider moves.
        """
        if len(self._places) != len(figure.axes):
            figure.set_layout_engine("constrained")
            figure.draw_without_rendering()
            self._places = [axes.get_position() for axes in figure.axes]
            figure.set_layout_engine("none")
        for axes, place in zip(figure.axes, self._places, strict=True):
            axes.set_position(place)


@cache
def _style() -> Any:
    """The course's style, read once; nothing outside is changed."""
    import matplotlib as mpl

    with mpl.rc_context():
        theme.use()
        style = dict(mpl.rcParams)
    for name in ("figure.facecolor", "axes.facecolor", "savefig.facecolor"):
        style[name] = "none"  # the card shows through, light or dark
    style["svg.fonttype"] = "none"  # text stays text: it can be searched, and the page is small
    # Each of these would measure every text once more than needed.
    style["figure.constrained_layout.use"] = False
    style["savefig.bbox"] = None
    style["axes.titley"] = 1.0
    # The backend belongs to the session.
    return {k: v for k, v in style.items() if not k.startswith("backend")}


def _svg(figure: Figure, prefix: str) -> str:
    """The figure as inline SVG: colours follow the page, ids do not clash with other figures."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    # Its style sheet would hold for the whole page; activity.css says the same for the drawing.
    text = re.sub(r"<(metadata|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r'(\bid="|href="#|url\(#)', lambda m: m[0] + prefix, text)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = text.replace("<svg ", '<svg aria-hidden="true" ', 1)
    families = ", ".join(f"'{name}'" for name in theme.FAMILIES)
    text = text.replace(families, "var(--font)")
    return re.sub(r": #([0-9a-f]{6})\b", r": var(--c-\1, #\1)", text)


def _rows(table: pd.DataFrame | None) -> dict[str, Any]:
    if table is None:
        return {}
    rows = [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    return {
        "columns": [str(c) for c in table.columns],
        "rows": rows,
        "words": [not all(map(_FIGURE.match, cells)) for cells in zip(*rows, strict=True)],
    }


def _cell(value: Any) -> str:
    if value is None or value != value:
        return "—"
    if isinstance(value, float):
        return f"{value:,.2f}".replace("-", "−")
    if hasattr(value, "__index__") and not isinstance(value, bool):
        return f"{int(value):,}".replace("-", "−")
    return str(value)
