"""One submission in a confined child, seen from the trusted side.

Nothing here waits without an end, keeps more than the limits say, or believes what it is told.
"""

from __future__ import annotations

import base64
import binascii
import math
import select
import signal
import socket
import time
from contextlib import suppress
from typing import Any

from autograder.sandbox import Limits, frames
from autograder.sandbox.watch import Watcher
from crmkit.kernels import wire
from crmkit.kernels.warm import Child

_START_SECONDS = 60.0
_GRACE_SECONDS = 3.0  # for a cell that was told to stop
_READ_SECONDS = 10.0
_LOOK_EVERY = 0.25
_CHUNK = 1 << 18


class Failed(Exception):
    """The child was not there before any cell ran."""


class _Ended(Exception):
    """The child has ended or had to be ended; the words say why."""


class BoxedSession:
    """A running child. After it is dead every further cell says so."""

    def __init__(
        self, child: Child, connection: socket.socket, limits: Limits, watcher: Watcher
    ) -> None:
        self.dead = ""
        self._child, self._limits, self._watcher = child, limits, watcher
        self._connection, self._frames = connection, frames.Frames()
        self._received: list[dict[str, Any]] = []
        self._number = 0
        self._bytes = 0
        self._chars = limits.total_output_chars
        self._ended = False
        self._end = math.inf
        connection.setblocking(False)

    def start(self, files: dict[str, str], environment: dict[str, str], seed: int) -> None:
        """Hand over the files (base64) and wait until the runner is there.

        Raises
        ------
        Failed
            It is not.
        """
        deadline = time.monotonic() + _START_SECONDS
        content = {"environment": environment, "files": files, "seed": seed}
        try:
            self._send({"start": content}, deadline)
            self._until("done", deadline)
        except (_Ended, TimeoutError) as error:
            raise Failed(str(error) or "没有回应") from error
        self._end = time.monotonic() + self._limits.total_seconds

    def run(self, source: str) -> list[dict[str, Any]]:
        """Run one cell; see `autograder.sandbox.Session`."""
        if self.dead:
            return [frames.error("NotRun", self.dead)]
        outputs = _Outputs(min(self._limits.output_chars, self._chars))
        seconds = max(min(self._limits.cell_seconds, self._end - time.monotonic()), 0.1)
        try:
            deadline = time.monotonic() + seconds
            self._send({"run": source, "most": outputs.left}, deadline)
            self._until("done", deadline, outputs)
        except TimeoutError:
            self._stop(outputs, seconds)
        except _Ended as why:
            self.dead = f"内核已停止：{why}"
            outputs.made.append(frames.error("KernelDied", str(why)))
        self._chars -= outputs.used
        if outputs.full:
            outputs.made.append(frames.error("TooMuchOutput", "输出太多，后面的没有保留"))
        return outputs.made

    def read(self, path: str) -> bytes | None:
        """A file of the submission; see `autograder.sandbox.Session`."""
        parts = path.split("/")
        if self.dead or "\0" in path or any(p in ("", ".", "..") for p in parts):
            return None
        try:
            deadline = time.monotonic() + _READ_SECONDS
            self._send({"read": path, "most": self._limits.file_bytes}, deadline)
            content = self._until("file", deadline)
        except (TimeoutError, _Ended) as why:
            self._kill()
            self.dead = f"内核已停止：{why or '读取文件时没有回应'}"
            return None
        if not isinstance(content, str):
            return None
        try:
            data = base64.b64decode(content, validate=True)
        except binascii.Error:
            return None
        return data if len(data) <= self._limits.file_bytes else None

    def close(self) -> bool:
        """End the child and all that it has started. False when that is not certain."""
        self._connection.close()
        ended = self._kill()
        self._child.close()
        return ended

    def _stop(self, outputs: _Outputs, seconds: float) -> None:
        """End a cell that runs too long: by an interrupt, and if that does not help for good."""
        words = f"这个单元格运行超过 {seconds:.0f} 秒，已停止：检查有没有不会结束的循环"
        self._child.signal(signal.SIGINT)
        try:
            self._until("done", time.monotonic() + _GRACE_SECONDS, outputs)
        except TimeoutError:
            self._kill()
            self.dead = "内核已停止：前面的单元格运行超时，而且停不下来"
        except _Ended as why:
            self.dead = f"内核已停止：{why}"
        outputs.made.append(frames.error("Timeout", words))

    def _kill(self) -> bool:
        if not self._ended:
            self._child.signal(signal.SIGKILL)
            self._ended = self._child.wait(5) is not None
        return self._ended

    def _send(self, content: dict[str, Any], deadline: float) -> None:
        """Send a request. The child may refuse to read: that is its own time it wastes."""
        self._number += 1
        self._received.clear()
        rest = memoryview(wire.frame({"n": self._number, **content}))
        while rest:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if not select.select([], [self._connection], [], min(left, _LOOK_EVERY))[1]:
                self._look()
                continue
            try:
                rest = rest[self._connection.send(rest[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError:
                raise _Ended(self._why()) from None

    def _until(self, key: str, deadline: float, outputs: _Outputs | None = None) -> Any:
        """Take what comes until a frame of this request has `key`; give the frame's value of it."""
        look = time.monotonic() + _LOOK_EVERY
        while True:
            while self._received:
                frame = self._received.pop(0)
                if frame.get("n") != self._number:
                    continue
                if outputs is not None:
                    outputs.take(frame)
                if key in frame:
                    return frame[key]
            now = time.monotonic()
            if now >= look:
                self._look()
                look = now + _LOOK_EVERY
            if now >= deadline:
                raise TimeoutError
            wait = min(deadline, look) - now
            if not select.select([self._connection], [], [], max(wait, 0.001))[0]:
                continue
            self._receive()

    def _receive(self) -> None:
        try:
            data = self._connection.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            raise _Ended(self._why())
        self._bytes += len(data)
        if self._bytes > self._limits.answer_bytes + 4 * self._limits.total_output_chars:
            self._kill()
            raise _Ended("输出和提交的内容太多")
        try:
            self._received += self._frames.feed(data)
        except frames.Garbage:
            self._kill()
            raise _Ended("程序破坏了与评分程序的通信") from None

    def _look(self) -> None:
        if self._child.wait(0) is not None:
            self._ended = True
            raise _Ended(_cause(self._child.returncode))
        why = self._watcher.look()
        if why:
            self._kill()
            raise _Ended(why)

    def _why(self) -> str:
        """The connection is closed: the child has ended, or closed it and goes on in the dark."""
        if self._child.wait(1) is None:
            self._kill()
            return "程序关闭了与评分程序的通信"
        self._ended = True
        return _cause(self._child.returncode)


class _Outputs:
    """The outputs of one cell, at most so many characters."""

    def __init__(self, most: int) -> None:
        self.made: list[dict[str, Any]] = []
        self.left, self._most, self.full = max(most, 0), max(most, 0), False

    @property
    def used(self) -> int:
        return self._most - max(self.left, 0)

    def take(self, frame: dict[str, Any]) -> None:
        self.full = self.full or bool(frame.get("full"))
        made = frames.output(frame.get("output"))
        if made is None:
            return
        size = frames.size(made)
        if size > self.left:
            self.full = True
            return
        self.left -= size
        last = self.made[-1] if self.made else {}
        if made["output_type"] == "stream" and last.get("name") == made["name"]:
            last["text"] += made["text"]
        else:
            self.made.append(made)


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        with suppress(ValueError):
            if -code in (signal.SIGKILL, signal.SIGXCPU):
                return "运行这个单元格时内核被终止（内存或 CPU 时间用完，或程序终止了自己）"
            return f"运行这个单元格时内核崩溃（{signal.Signals(-code).name}）"
    return "这个单元格结束了内核进程（例如 os._exit）"
