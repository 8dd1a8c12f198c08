"""Jupyter's kernels from a warm process (jupyter_client's extension point for it).

`WarmProvisioner` is registered as "crmkit-warm". It forks a kernel where it can, and starts one the
plain way where it cannot: another interpreter or kernel, another system, a warm process that is not
ready (any more). For which kernels it forks at all: see `crmkit.kernels.shared`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from crmkit.kernels import shared, warm

_WAIT_SECONDS = 30.0


class ForkedProcess:
    """What `LocalProvisioner` expects of subprocess.Popen, for a forked kernel."""

    stdin = stdout = stderr = None

    def __init__(self, child: warm.Child) -> None:
        self._child, self.pid = child, child.pid

    @property
    def returncode(self) -> int | None:
        return self._child.returncode

    def poll(self) -> int | None:
        return self._finished(self._child.wait(0))

    def wait(self, timeout: float | None = None) -> int:
        code = self._finished(self._child.wait(timeout))
        if code is None:
            raise subprocess.TimeoutExpired("kernel", timeout or 0)
        return code

    def _finished(self, code: int | None) -> int | None:
        if code is not None:
            self._child.close()
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._child.handle, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class WarmProvisioner(LocalProvisioner):
    """Forks the kernel from this process's warm process if that gives the same kernel."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        environment = {k: str(v) for k, v in (kwargs.get("env") or os.environ).items()}
        arguments = _kernel_arguments(cmd)
        if arguments is None or not shared.wanted(environment):
            return await super().launch_kernel(cmd, **kwargs)
        try:
            child = await self._fork(arguments, environment, kwargs)
        except (OSError, warm.WarmError) as error:
            self.log.warning("no kernel from the warm process (%s): plain start", error)
            shared.failed()
            return await super().launch_kernel(cmd, **kwargs)
        self.process = ForkedProcess(child)  # type: ignore[assignment]
        self.pid = self.pgid = child.pid
        self.cwd = kwargs.get("cwd")
        return self.connection_info

    async def _fork(
        self, arguments: list[str], environment: dict[str, str], kwargs: dict[str, Any]
    ) -> warm.Child:
        server = shared.process()
        if server is None:
            raise warm.WarmError("没有预热进程")
        # It imports what the kernel would have to import too, and has begun before.
        end = time.monotonic() + _WAIT_SECONDS
        while not server.ready(0):
            if time.monotonic() > end:
                raise warm.WarmError("预热进程还没有准备好")
            await asyncio.sleep(0.05)
        null = os.open(os.devnull, os.O_RDWR)
        try:
            streams = [
                null,
                *(_descriptor(kwargs.get(n), i, null) for i, n in ((1, "stdout"), (2, "stderr"))),
            ]
            request = {
                "kind": "kernel", "arguments": arguments,
                "environment": {**environment, "JPY_PARENT_PID": str(os.getpid())},
                "folder": str(kwargs.get("cwd") or os.getcwd()),
            }  # fmt: skip
            return server.fork(request, streams)
        finally:
            os.close(null)


def _kernel_arguments(cmd: list[str]) -> list[str] | None:
    """The arguments of the plain IPython kernel of this very interpreter; None for any other."""
    if not cmd or os.path.realpath(cmd[0]) != os.path.realpath(sys.executable):
        return None
    rest = [part for part in cmd[1:] if part != "-Xfrozen_modules=off"]
    if rest[:2] != ["-m", "ipykernel_launcher"] or not cmd[0].startswith(sys.prefix):
        return None
    return rest[2:]


def _descriptor(stream: Any, own: int, null: int) -> int:
    if stream is None:
        return own
    if stream == subprocess.DEVNULL:
        return null
    return stream if isinstance(stream, int) else int(stream.fileno())
