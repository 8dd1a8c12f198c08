"""What a warm process has imported and read before it is asked for the first child."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from crmkit.errors import KitError

# By name: this package must not drag in what a plain process may not need.
LIBRARIES = """
numpy pandas pandas.plotting pandas.io.excel._calamine pandas.io.formats.style pandas.io.formats.html
openpyxl openpyxl.styles python_calamine
matplotlib matplotlib.pyplot matplotlib.font_manager matplotlib.backends.backend_agg
matplotlib_inline.backend_inline seaborn scipy.stats PIL.PngImagePlugin
crmkit.lab crmkit.lab.calls crmkit.lab.explain crmkit.lab.snapshot crmkit.shops crmkit.workbook
crmkit.settings crmkit.syllabus
asyncio concurrent.futures.thread sqlite3 xml.etree.ElementTree zipfile decimal html statistics
encodings.idna encodings.gbk encodings.ascii encodings.latin_1 encodings.utf_8_sig
""".split()
SHELL = """
IPython IPython.core.interactiveshell IPython.core.completer IPython.core.magics IPython.core.pylabtools
IPython.core.displaypub IPython.core.debugger IPython.core.oinspect IPython.display
""".split()
KERNEL = """
ipykernel.kernelapp ipykernel.ipkernel ipykernel.zmqshell ipykernel.comm comm ipywidgets anywidget
zmq.eventloop.zmqstream zmq.asyncio tornado.ioloop tornado.platform.asyncio IPython.core.history
IPython.extensions.storemagic jedi ipykernel.debugger psutil tornado.locks tornado.queues
crmkit.ui.dashboard crmkit.ui.task_centre crmkit.ui.quiz crmkit.ui.quiz_round crmkit.ui.charts
itables lunar_python chinese_calendar
""".split()
# Threads of BLAS and OpenMP do not survive a fork, and a child of one core needs none.
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}  # fmt: skip


def preload(names: list[str]) -> list[str]:
    """Import `names` and read the shops' tables; what is not installed is left out and returned."""
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    pandas = sys.modules.get("pandas")
    if pandas is not None:  # it took this process for a terminal, where it shows as many as fit
        pandas.set_option("display.max_columns", 20)
    return missing


def read_shops() -> None:
    """Fill the cache of the shops' tables; children share the pages."""
    from crmkit import schema, shops

    try:
        shops.as_of()
        for shop in shops.TITLES:
            loaded = shops.load(shop)
            for table in schema.TABLES:
                getattr(loaded, table)
    except KitError:  # a place without the course's data: children read what they need, or say so
        return


def open_boards() -> None:
    """Import the boards, and make what they show first: the shop they open with."""
    try:
        from crmkit.ui.boards import BOARDS, choices, source

        for name in BOARDS:
            importlib.import_module(f"crmkit.ui.boards.{name}")
        source.prepare(choices.shop().start)
    except (ImportError, KitError):  # a board then reads and imports what it needs, or says so
        return


def find_fonts() -> None:
    """Make matplotlib's lists and caches of fonts by drawing a chart: it costs a child more."""
    import matplotlib
    from matplotlib.figure import Figure

    from crmkit.ui import theme

    theme.register_font()  # only makes it known; whoever wants it asks for it
    settings: Any = {"font.family": list(theme.FAMILIES), "figure.constrained_layout.use": True}
    with matplotlib.rc_context(settings):
        figure = Figure()
        axes = figure.subplots()
        axes.bar(["甲", "乙"], [1, 2.5], label="丙")
        axes.set(title="各省客户数（人）", xlabel="省份", ylabel="客户")
        axes.legend()
        figure.savefig(os.devnull, format="png")
