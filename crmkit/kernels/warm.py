"""The owner's side of a warm process: start it, ask it for children, end it."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from crmkit.errors import KitError
from crmkit.kernels import preload, wire
from crmkit.kernels.confinement import Plan

_CODE = "import sys; from crmkit.kernels.forkserver import main; main(sys.argv[1])"
_START_SECONDS = 240.0  # on a busy machine
_ANSWER_SECONDS = 10.0


class WarmError(KitError):
    """The warm process does not start, or does not answer any more."""


@dataclass(frozen=True)
class Preparation:
    """What a warm process has ready, and for what."""

    libraries: Sequence[str]
    data: bool = True
    boards: bool = False  # what the boards show first
    shell: bool = False  # a runner of cells
    alone: bool = False  # one child at a time
    plan: Plan = Plan()
    base: str = ""  # the folder below which runners may write, where there is no private root


KERNELS = Preparation((*preload.LIBRARIES, *preload.SHELL, *preload.KERNEL), boards=True)


def supported() -> bool:
    """Whether this system has what a warm process needs (Linux with pidfd)."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


class Child:
    """A forked child. It ends when this handle is closed."""

    def __init__(self, pid: int, handle: int, connection: socket.socket) -> None:
        self.pid = pid  # as the warm process sees it
        self.handle = handle  # a pidfd, readable when the child has ended
        self.returncode: int | None = None
        self._connection = connection

    def signal(self, number: int) -> None:
        """Send a signal through the warm process, which knows the child for certain."""
        with suppress(OSError):
            wire.send_message(self._connection, {"signal": int(number)})

    def wait(self, seconds: float | None = None) -> int | None:
        """The exit code (negative: the signal), or None when the child still runs."""
        if self.returncode is None and self._heard(seconds):
            try:
                message, _ = wire.receive_message(self._connection)
            except OSError:
                message = None
            # without word: the warm process has ended, and its children with it
            self.returncode = message["exit"] if message else -int(signal.SIGKILL)
            self._connection.close()
        return self.returncode

    def _heard(self, seconds: float | None) -> bool:
        return bool(select.select([self._connection], [], [], seconds)[0])

    def close(self) -> None:
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1
        self._connection.close()


class WarmProcess:
    """A warm process of this process; it ends when this one does.

    Parameters
    ----------
    prefix
        A command that runs the rest of its arguments, e.g. bubblewrap with its options.
    environment
        Of the process; children get their own.
    user
        The user it runs as, when root starts it.
    """

    def __init__(
        self, preparation: Preparation, environment: dict[str, str], prefix: Sequence[str] = (),
        user: int | None = None,
    ) -> None:  # fmt: skip
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        options = {**asdict(preparation), "control": theirs.fileno()}
        options["preload"] = options.pop("libraries")
        command = [*prefix, sys.executable, "-P", "-s", "-c", _CODE, json.dumps(options)]
        with theirs:
            try:
                self._process = subprocess.Popen(
                    command, env={**environment, **preload.ENVIRONMENT}, cwd="/",
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._errors,
                    pass_fds=[theirs.fileno()], start_new_session=True,
                    user=user, group=user, extra_groups=None if user is None else [],
                )  # fmt: skip
            except OSError as error:
                ours.close()
                raise WarmError(f"预热进程没有启动：{error}") from error
        self.pid = self._process.pid
        self._ready = False

    def ready(self, seconds: float = _START_SECONDS) -> bool:
        """Whether it takes requests, waiting at most so long.

        Raises
        ------
        WarmError
            It has failed or ended.
        """
        if self._ready:
            return True
        if not select.select([self._control], [], [], seconds)[0]:
            return False
        try:
            message, _ = wire.receive_message(self._control)
        except OSError:
            message = None
        if message is None or "ready" not in message:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            reason = (message or {}).get("failed") or self.said()
            self.close()
            raise WarmError(f"预热进程没有启动：{reason}")
        self._ready = True
        return True

    def fork(self, request: dict[str, Any], fds: Sequence[int]) -> Child:
        """Ask for a child.

        Raises
        ------
        WarmError
            The warm process is not there any more, or refuses.
        """
        if not self.ready():
            raise WarmError("预热进程还没有准备好")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                wire.send_message(self._control, request, [theirs.fileno(), *fds])
            if not select.select([ours], [], [], _ANSWER_SECONDS)[0]:
                raise WarmError("预热进程没有回应")
            message, handles = wire.receive_message(ours)
        except OSError as error:
            ours.close()
            raise WarmError(f"预热进程已经停止：{error}") from error
        except WarmError:
            ours.close()
            raise
        if message is None or "pid" not in message or not handles:
            ours.close()
            raise WarmError(f"预热进程没有给出新进程：{(message or {}).get('refused', '')}")
        return Child(int(message["pid"]), handles[0], ours)

    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End the process and everything it has started."""
        self._control.close()
        end = time.monotonic() + 5
        while self._process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        if self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
        self._errors.close()

    def said(self) -> str:
        """The last line on its standard error: why something did not start."""
        self._errors.seek(0)
        lines = self._errors.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"退出码 {self._process.poll()}"
