"""Which levels of protection this machine offers: each is tried, none is guessed."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from autograder.sandbox import LEVELS, Backend, Limits, SandboxError, bubblewrap
from autograder.sandbox.plain import PlainKernel
from crmkit.kernels import warm

# Modules that are not loaded yet, our own package, a file of our own, and one that is not.
_TRIAL = """
import csv, wave, crmkit.schema
from crmkit import shops
shops.as_of()
with open("a.txt", "w", encoding="utf-8") as f:
    f.write("1")
try:
    print(open({secret!r}, encoding="utf-8").read())
except OSError:
    print("closed")
"""


def choose(level: str | None) -> Backend:
    """The backend of `level`, else of the best level that works here."""
    if level is not None and level not in LEVELS:
        raise SandboxError(f"没有沙箱级别「{level}」，可用的有：{'、'.join(LEVELS)}")
    for name in LEVELS if level is None else (level,):
        problem = trouble(name)
        if not problem:
            return backend_of(name)
    raise SandboxError(f"沙箱级别「{level}」在这台机器上不能用：{problem}")


def backend_of(name: str, *, bare: bool = False) -> Backend:
    """The backend of a level that is known to work here: nothing is tried."""
    if name == "plain":
        return PlainKernel()
    from autograder.sandbox.boxed import Boxed  # POSIX only

    return Boxed(name, bare=bare)


@cache
def trouble(name: str) -> str:
    """Why a level does not work on this machine; nothing when it does."""
    if name == "plain":
        return ""
    if not warm.supported():
        return "只有 Linux 有这个级别"
    if name == "bubblewrap" and bubblewrap.program() is None:
        return "没有安装 bubblewrap"
    backend = backend_of(name, bare=True)
    with tempfile.TemporaryDirectory() as folder:
        # root's runner is another user: a file that only its owner may read proves nothing
        Path(folder).chmod(0o755)
        secret = Path(folder, "secret")
        secret.write_text("open", encoding="utf-8")
        os.chmod(secret, 0o644)
        try:
            with backend.open({}, {}, Limits()) as session:
                outputs = session.run(_TRIAL.format(secret=str(secret)))
        except SandboxError as error:
            return str(error)
        finally:
            backend.close()
    said = "".join(o.get("text", "") or o.get("evalue", "") for o in outputs).strip()
    if said == "closed" or (name == "limits" and said == "open"):
        return ""
    return f"试运行没有成功：{said[:300]}"
