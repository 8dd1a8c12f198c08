"""What a forked child puts right before it does its own work."""

from __future__ import annotations

import atexit
import gc
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any, NoReturn

from crmkit.kernels import figures


def standard_streams(fds: Sequence[int]) -> None:
    """Make `fds` the standard input, output and errors of this process."""
    for target, fd in enumerate(fds):
        os.dup2(fd, target)


def own_state(environment: dict[str, str], folder: str, seed: int | None = None) -> None:
    """Environment, folder, random state and signals, as a process started afresh has them.

    Parameters
    ----------
    seed
        Of the modules `random` and `numpy.random`; taken from the system when not given.
    """
    zone = os.environ.get("TZ")
    os.environ.clear()
    os.environ.update(environment)
    if os.environ.get("TZ") != zone:
        time.tzset()
    os.chdir(folder)
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed)
    tempfile = sys.modules.get("tempfile")
    if tempfile is not None:  # the parent's folder for temporary files, if it ever asked for one
        tempfile.tempdir = None  # type: ignore[attr-defined]
    matplotlib = sys.modules.get("matplotlib")
    backend = environment.get("MPLBACKEND")
    if matplotlib is not None and backend and matplotlib.rcParams["backend"] != backend:
        matplotlib.rcParams["backend"] = backend
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.enable()


def become_kernel(request: dict[str, Any]) -> NoReturn:
    """Be the Jupyter kernel that ``python -m ipykernel_launcher`` with these arguments would be."""
    environment = request["environment"]
    own_state(environment, request["folder"])
    sys.argv = ["ipykernel_launcher", *request["arguments"]]
    # of the libraries, which a kernel that was started afresh would have imported by itself
    for path in reversed(environment.get("PYTHONPATH", "").split(os.pathsep)):
        if path and path not in sys.path:
            sys.path.insert(0, path)
    from ipykernel.kernelapp import IPKernelApp

    class ForkedKernelApp(IPKernelApp):
        def init_extensions(self) -> None:
            # It registers with the running shell when it is imported; there was none.
            widgets = sys.modules.get("ipywidgets")
            if widgets is not None:
                widgets.load_ipython_extension(self.shell)
            figures.show_in_place(self.shell)
            super().init_extensions()

    code = 0
    try:
        # The kernel ends with its parent, which here is the warm process.
        ForkedKernelApp.launch_instance(
            argv=[*request["arguments"], "--IPKernelApp.parent_handle=1"]
        )
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    leave(code)


def leave(code: int) -> NoReturn:
    """End as a process does, but without taking the inherited heap apart page by page."""
    threading._shutdown()  # type: ignore[attr-defined]  # what Py_Finalize does first
    atexit._run_exitfuncs()
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    os._exit(code)
