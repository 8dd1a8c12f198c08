"""Kernels from a warm process are kernels like any other, for jupyter_client and for a notebook."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import KernelProvisionerFactory

from crmkit.kernels import preload, shared, warm
from crmkit.kernels.provisioner import _kernel_arguments

pytestmark = pytest.mark.skipif(not warm.supported(), reason="warm processes are for Linux")
SMALL = warm.Preparation(
    ("ipykernel.kernelapp", "ipykernel.ipkernel", "numpy", "matplotlib.pyplot", "ipywidgets",
     "matplotlib_inline.backend_inline", "crmkit.schema", "random"), data=False,
)  # fmt: skip


@pytest.fixture(scope="module")
def ready() -> Iterator[warm.WarmProcess]:
    """The warm process of this test process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warm, "KERNELS", SMALL)
        patch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", shared.NAME)
        patch.setenv(shared.VARIABLE, shared.ALL)
        KernelProvisionerFactory.clear_instance()
        started = shared.process()
        assert started is not None
        started.ready()
        yield started
        shared.stop()
        KernelProvisionerFactory.clear_instance()


class Kernel:
    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager
        self.client: Any = manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def said(self, code: str) -> str:
        """Streams, results and errors of a cell."""
        parts: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                parts.append(content["text"])
            elif message["msg_type"] in ("execute_result", "display_data"):
                parts.append(" ".join(sorted(content["data"])) if "png" in str(content["data"].keys())
                             else content["data"]["text/plain"])  # fmt: skip
            elif message["msg_type"] == "error":
                parts.append(content["ename"])

        reply = self.client.execute_interactive(
            code, output_hook=hear, timeout=60, stop_on_error=False
        )
        if (
            reply["content"]["status"] == "aborted"
        ):  # it came while the kernel dropped what followed an error
            return self.said(code)
        return "".join(parts)


@contextmanager
def kernel(**arguments: Any) -> Iterator[Kernel]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(**arguments)
    made = Kernel(manager)
    try:
        yield made
    finally:
        made.client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_kernel_is_forked_and_works(ready: warm.WarmProcess, tmp_path: Path) -> None:
    env = {**os.environ, "OWN_WORD": "甲", "MPLBACKEND": preload.ENVIRONMENT["MPLBACKEND"]}
    with kernel(cwd=str(tmp_path), env=env) as k:
        assert int(k.said("import os; os.getppid()")) == ready.pid
        assert k.said("import sys; 'crmkit.schema' in sys.modules") == "True"
        assert k.said("print(os.getcwd(), os.environ['OWN_WORD'])") == f"{tmp_path} 甲\n"
        assert k.said("1 / 0") == "ZeroDivisionError"
        assert "image/png" in k.said("import matplotlib.pyplot as p; _ = p.plot([1, 2])")
        assert k.said("import asyncio; await asyncio.sleep(0, 5)") == "5"
        assert k.said("import ipywidgets; ipywidgets.IntSlider(3).comm is not None") == "True"
        pid = int(k.said("os.getpid()"))
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_two_kernels_share_no_random_state(ready: warm.WarmProcess) -> None:
    draw = "import random, numpy; (random.random(), numpy.random.rand())"
    with kernel() as one, kernel() as two:
        assert one.said(draw) != two.said(draw)
        assert one.said("x = 1; x") == "1" and two.said("x") == "NameError"


def test_interrupt_and_restart(ready: warm.WarmProcess) -> None:
    with kernel() as k:
        asked = k.client.execute("import time; time.sleep(60)")
        time.sleep(0.5)
        k.manager.interrupt_kernel()
        while (reply := k.client.get_shell_msg(timeout=20))["parent_header"]["msg_id"] != asked:
            pass
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert k.said("'alive'") == "'alive'"
        before = k.said("import os; os.getpid()")
        k.manager.restart_kernel(now=True)
        k.client.wait_for_ready(timeout=60)
        assert k.said("import os; os.getpid()") != before


def test_a_dead_kernel_is_noticed(ready: warm.WarmProcess) -> None:
    with kernel() as k:
        os.kill(int(k.said("import os; os.getpid()")), signal.SIGKILL)
        end = time.monotonic() + 10
        while k.manager.is_alive() and time.monotonic() < end:
            time.sleep(0.05)
        assert not k.manager.is_alive()


def test_kernels_leave_no_descriptors(ready: warm.WarmProcess) -> None:
    def count(pid: int | str) -> int:
        return len(os.listdir(f"/proc/{pid}/fd"))

    def sockets(pid: int | str) -> set[str]:
        links = {os.readlink(f.path) for f in os.scandir(f"/proc/{pid}/fd") if os.path.lexists(f)}
        return {link for link in links if link.startswith("socket:")}

    with kernel() as k:
        pid = int(k.said("import os; os.getpid()"))
        assert sockets(pid) and not sockets(pid) & sockets(ready.pid)
    server = count(ready.pid)
    for _ in range(2):
        with kernel():
            assert count(ready.pid) >= server
    end = time.monotonic() + 5
    while count(ready.pid) > server and time.monotonic() < end:
        time.sleep(0.05)
    assert count(ready.pid) == server


def test_only_pages_are_forked_unless_asked(
    ready: warm.WarmProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(shared.VARIABLE, shared.PAGES)
    assert shared.wanted({"SERVER_SOFTWARE": "voila/0.5"})
    assert not shared.wanted({})
    monkeypatch.setenv(shared.VARIABLE, shared.OFF)
    assert not shared.wanted({"SERVER_SOFTWARE": "voila/0.5"})


def test_only_this_interpreters_kernel_is_forked() -> None:
    plain = [sys.executable, "-m", "ipykernel_launcher", "-f", "x"]
    assert _kernel_arguments(plain) == ["-f", "x"]
    assert _kernel_arguments([plain[0], "-Xfrozen_modules=off", *plain[1:]]) == ["-f", "x"]
    assert _kernel_arguments(["/usr/bin/other", *plain[1:]]) is None
    assert _kernel_arguments([plain[0], "-m", "xeus", "-f", "x"]) is None
    assert _kernel_arguments([plain[0], "-O", *plain[1:]]) is None


def test_without_the_warm_process_a_kernel_starts_plainly(ready: warm.WarmProcess) -> None:
    assert shared.process() is ready
    os.kill(ready.pid, signal.SIGKILL)
    ready._process.wait()
    with kernel() as k:
        assert int(k.said("import os; os.getppid()")) == os.getpid()


def test_kernels_end_with_their_server(tmp_path: Path) -> None:
    program = """
import os, time
from jupyter_client.manager import KernelManager
from crmkit.kernels import shared, warm
warm.KERNELS = warm.Preparation(("ipykernel.kernelapp",), data=False)
shared.process().ready()
manager = KernelManager(kernel_name="python3"); manager.start_kernel()
print(manager.provisioner.pid, shared.process().pid, flush=True)
time.sleep(60)
"""
    env = {
        **os.environ, shared.VARIABLE: shared.ALL,
        "JUPYTER_DEFAULT_PROVISIONER_NAME": shared.NAME, "JUPYTER_RUNTIME_DIR": str(tmp_path),
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", program], env=env, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        pids = [int(p) for p in server.stdout.readline().split()]
        server.kill()
    assert len(pids) == 2
    end = time.monotonic() + 10
    while time.monotonic() < end and any(Path(f"/proc/{p}").exists() for p in pids):
        time.sleep(0.05)
    assert [p for p in pids if Path(f"/proc/{p}").exists()] == []


def test_a_process_with_threads_refuses_to_fork(tmp_path: Path) -> None:
    (tmp_path / "threaded.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    made = warm.WarmProcess(warm.Preparation(("threaded",), data=False), environment)
    with pytest.raises(warm.WarmError, match="2 threads"):
        made.ready()
