"""The one warm process of a Jupyter server, from which `crmkit.kernels.provisioner` forks kernels.

The variable CRMKIT_WARM_KERNELS says for which kernels: "pages" (those of Voila, which is the
default), "all" (those of JupyterLab too) or "off". A server that is not started by the course, e.g.
on JupyterHub, also needs JUPYTER_DEFAULT_PROVISIONER_NAME=crmkit-warm.
"""

from __future__ import annotations

import os
from importlib.metadata import entry_points

from crmkit.kernels import warm

NAME = "crmkit-warm"
VARIABLE = "CRMKIT_WARM_KERNELS"
PAGES, ALL, OFF = "pages", "all", "off"

_process: warm.WarmProcess | None = None
_failures, _MOST_FAILURES = 0, 3


def use() -> None:
    """Have this process's Jupyter server take kernels from a warm process, where that works."""
    known = entry_points(group="jupyter_client.kernel_provisioners", name=NAME)
    if known and _allowed() != OFF:
        os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = NAME
        process()


def process() -> warm.WarmProcess | None:
    """The warm process, started if need be. It is ready after some seconds. None where there is none."""
    global _process
    if _process is None and _allowed() != OFF and _failures < _MOST_FAILURES:
        environment = {k: v for k, v in os.environ.items() if k != "JPY_PARENT_PID"}
        _process = warm.WarmProcess(warm.KERNELS, environment)
    return _process


def failed() -> None:
    """No kernel came of it. A process that has ended is started again, but not for ever."""
    global _failures
    if _process is not None and not _process.alive():
        _failures += 1
        stop()


def stop() -> None:
    """End it, and its kernels with it."""
    global _process
    if _process is not None:
        _process.close()
        _process = None


def wanted(environment: dict[str, str]) -> bool:
    """Whether a kernel with this environment is to be forked."""
    what = _allowed()
    of_a_page = environment.get("SERVER_SOFTWARE", "").startswith("voila/")
    return what == ALL or (what == PAGES and of_a_page)


def _allowed() -> str:
    return os.environ.get(VARIABLE, PAGES) if warm.supported() else OFF
