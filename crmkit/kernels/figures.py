"""Figures of cells, drawn once.

A notebook draws a figure up to four times: after the cell because pyplot is interactive, once more
for the layout, once for the size that holds everything, once for the picture.
"""

from __future__ import annotations

import io
import sys
from typing import Any

INLINE = "module://matplotlib_inline.backend_inline"


def show_in_place(shell: Any) -> None:
    """What the inline backend does when it is imported in a shell; in the parent there was none."""
    inline = sys.modules.get("matplotlib_inline.backend_inline")
    if inline is None or sys.modules["matplotlib"].rcParams["backend"] not in ("inline", INLINE):
        return
    from IPython.core.pylabtools import activate_matplotlib

    activate_matplotlib(INLINE)
    inline.configure_inline_support(shell, INLINE)


def draw_once(shell: Any) -> None:
    """Show figures as PNG, made with a single drawing where the figure lays itself out.

    A request for another format through matplotlib_inline is passed over: a picture in a graded
    notebook is for looking at, and a PNG holds no script. ``%config`` still has its way.
    """
    inline: Any = sys.modules.get("matplotlib_inline.backend_inline")
    pyplot = sys.modules.get("matplotlib.pyplot")
    if inline is None or pyplot is None:
        return
    from IPython.core.pylabtools import print_figure
    from matplotlib.figure import Figure

    def png(figure: Any) -> Any:
        if figure.get_layout_engine() is None or not hasattr(figure.canvas, "buffer_rgba"):
            return print_figure(figure, "png")
        from PIL import Image

        figure.canvas.draw()
        picture = io.BytesIO()
        Image.fromarray(_array(figure.canvas.buffer_rgba())).save(picture, "png", compress_level=3)
        return picture.getvalue()

    for kind in ("image/png", "image/svg+xml", "image/jpeg", "application/pdf"):
        shell.display_formatter.formatters[kind].type_printers.pop(Figure, None)
    shell.display_formatter.formatters["image/png"].for_type(Figure, png)
    inline.set_matplotlib_formats = lambda *formats, **options: None
    pyplot.uninstall_repl_displayhook()


def _array(buffer: Any) -> Any:
    import numpy as np

    return np.asarray(buffer)
