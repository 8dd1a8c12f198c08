"""A PostgreSQL server of our own in a temporary folder, for as long as the tests need it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


def _program(name: str) -> str:
    """Debian keeps the server's programs out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name) or ""


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The URL of an empty database; skips the test, saying why, where there is no server."""
    try:
        import pg8000  # noqa: F401
    except ImportError:
        pytest.skip("没有安装 pg8000（tests/requirements.lock）")
    initdb, server = _program("initdb"), _program("pg_ctl")
    if not (initdb and server):
        pytest.skip("没有安装 PostgreSQL（Debian、Ubuntu：sudo apt install postgresql）")
    as_user: list[str] = []
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # the server refuses to run as root
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    with tempfile.TemporaryDirectory(prefix="crmkit-pg-") as place, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        data = f"{place}/data"
        if as_user:
            shutil.chown(place, "postgres", "postgres")

        def run(*command: str) -> None:
            subprocess.run(
                [*as_user, *command], check=True, cwd=place, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, timeout=120, env={**os.environ, "LC_ALL": "C.UTF-8"},
            )  # fmt: skip

        run(initdb, "-D", data, "-U", "kit", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {place} -c fsync=off"
        run(server, "-D", data, "-o", options, "-l", f"{place}/log", "-w", "start")
        try:
            yield f"postgresql://kit@127.0.0.1:{port}/postgres"
        finally:
            run(server, "-D", data, "-m", "immediate", "-w", "stop")
