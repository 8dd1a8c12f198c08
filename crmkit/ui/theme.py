"""One look for every chart of the course, with a Chinese font that the kit brings along.

    from crmkit.ui import theme
    theme.use()

Call it again after a seaborn style call (``sns.set_style`` and the like put their own font back).
"""

from __future__ import annotations

import sys
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
FAMILY = "CRM Course Sans SC"
# The course's font first; DejaVu, which comes with matplotlib, for signs it does not have.
FAMILIES = (FAMILY, "DejaVu Sans")

COURSE = "#0f766e"
SHOP_COLOURS = {"tea": "#15803d", "ceramics": "#1d4ed8", "electronics": "#6d28d9"}
# Five series that stay apart in grey print and for colour-blind eyes, after the main colour.
SERIES = ("#2563eb", "#d97706", "#be185d", "#7c3aed", "#57534e")
TEXT, MUTED, LINE = "#1b2733", "#566472", "#e1e7ed"


def colour(shop: str | None = None) -> str:
    """The main colour of a shop, or the course's own.

    >>> colour("tea"), colour()
    ('#15803d', '#0f766e')
    """
    return SHOP_COLOURS[shop] if shop is not None else COURSE


def palette(shop: str | None = None) -> list[str]:
    """Colours of the series of a chart, the main colour first."""
    return [colour(shop), *SERIES]


def use(shop: str | None = None) -> None:
    """Set fonts, colours and sizes of every chart drawn from here on. Safe to call again.

    Parameters
    ----------
    shop
        ``"tea"``, ``"ceramics"`` or ``"electronics"`` for the shop's colour; the course's
        colour without it.
    """
    import matplotlib as mpl
    import seaborn as sns

    register_font()
    sns.set_theme(context="notebook", style="whitegrid", palette=palette(shop))
    # After seaborn, which would put its own fonts back.
    mpl.rcParams.update(
        {
            "font.family": list(FAMILIES),
            "font.size": 11,
            "axes.unicode_minus": False,
            "axes.titlesize": 13,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.titlepad": 10,
            "axes.labelsize": 11,
            "axes.labelcolor": MUTED,
            "axes.edgecolor": LINE,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "text.color": TEXT,
            "axes.titlecolor": TEXT,
            "xtick.color": MUTED,
            "ytick.color": MUTED,
            "xtick.labelsize": 10,
            "ytick.labelsize": 10,
            "grid.color": LINE,
            "legend.frameon": False,
            "legend.fontsize": 10,
            "figure.figsize": (8, 4.2),
            "figure.autolayout": False,
            "figure.constrained_layout.use": True,
            "savefig.bbox": "tight",
            # The same figure gives the same SVG, so that a notebook run twice stays the same.
            "svg.hashsalt": "crmkit",
        }
    )
    _draw_inline_as_svg()


def register_font() -> None:
    """Make the course's font known to matplotlib, once."""
    from matplotlib import font_manager

    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in sorted(FONTS.glob("*.otf")):
        if str(path) not in known:
            font_manager.fontManager.addfont(str(path))


def _draw_inline_as_svg() -> None:
    """Crisp figures in notebooks; outside IPython there is nothing to do."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        return
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    # No date in the figure, for the same reason as the hash salt above.
    set_matplotlib_formats("svg", metadata={"Date": None})
