"""Runs the cells of one notebook for a host at the other end of a socket.

The runner is made before the fork and serves after it. It gives what a Jupyter kernel gives
(streams, rich output, errors, figures) without its sockets and threads. The host trusts none of it:
the student's code runs in this very process.

    host → runner   {"n", "start": {environment, files, seed}} | {"n", "run": source, "most": chars}
                    | {"n", "read": path, "most": bytes}
    runner → host   {"n", "output": …}* {"n", "full": true}? {"n", "done": true} | {"n", "file": …}
"""

from __future__ import annotations

import base64
import builtins
import getpass
import io
import json
import os
import signal
import socket
import stat
import sys
import threading
from contextlib import suppress
from typing import Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type

from crmkit.kernels import afterfork, figures, wire

DATA_OF_THE_KIT = "application/vnd.crmkit"  # answers have limits of their own
_FLUSH_AT = 8192


class Outputs:
    """Sends outputs to the host, at most so many characters a cell."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self._lock = threading.RLock()
        self._number, self._left, self._full = 0, 0, False
        self._kind, self._text = "", io.StringIO()
        self.pid = 0
        self.source = ""  # of the cell that runs

    def begin(self, number: int, most: int) -> None:
        with self._lock:
            self._number, self._left, self._full = number, most, False

    def send(self, content: dict[str, Any]) -> None:
        with self._lock:
            if self.socket is not None and os.getpid() == self.pid:
                self.socket.sendall(wire.frame({"n": self._number, **content}))

    def _take(self, size: int) -> bool:
        self._left -= size
        if self._left >= 0:
            return True
        if not self._full:
            self._full = True
            self.send({"full": True})
        return False

    def write(self, kind: str, text: str) -> None:
        """Add to a stream; it is sent when another kind of output follows, or grows long."""
        with self._lock:
            if kind != self._kind:
                self.flush()
                self._kind = kind
            if self._left - self._text.tell() < 0:
                self._take(self._text.tell())
                return
            self._text.write(text)
            if self._text.tell() >= _FLUSH_AT:
                self.flush()

    def flush(self) -> None:
        with self._lock:
            text = self._text.getvalue()
            self._text = io.StringIO()
            if not text:
                return
            if not self._take(len(text)):
                text = text[: max(self._left + len(text), 0)]
            if text:
                self.send({"output": {"output_type": "stream", "name": self._kind, "text": text}})

    def collect(self) -> None:
        """Send what C code and other programs have written so far."""
        for kind, fd in (("stdout", 1), ("stderr", 2)):
            self.write(kind, _taken(fd, max(self._left, 0)))
        self.flush()

    def show(self, data: dict[str, Any]) -> None:
        """Rich output. Pictures come as bytes and cross as base64, as in a notebook."""
        self.flush()
        sent = {
            str(k): base64.b64encode(v).decode() if isinstance(v, bytes) else v
            for k, v in data.items()
        }
        size = sum(len(str(v)) for k, v in sent.items() if not k.startswith(DATA_OF_THE_KIT))
        if self._take(size):
            self.send({"output": {"output_type": "display_data", "data": sent, "metadata": {}}})

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        self.flush()
        parts = {"ename": name, "evalue": value, "traceback": traceback}
        if self._take(len(value) + sum(map(len, traceback))):
            self.send({"output": {"output_type": "error", **parts}})


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the student's code."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, outputs: Outputs, name: str, fd: int) -> None:
        self._outputs, self.name, self._fd = outputs, name, fd

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if os.getpid() == self._outputs.pid:
            self._outputs.write(self.name, text)
        else:  # a process that was forked: its parent collects what it writes
            with suppress(OSError):
                os.write(self._fd, text.encode("utf-8", "replace"))
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def flush(self) -> None:
        """Nothing to wait for: the host gets it when the kind of output changes."""


class _Hook(DisplayHook):
    outputs: Outputs

    def quiet(self) -> bool:
        return self.semicolon_at_end_of_expression(self.outputs.source)

    def start_displayhook(self) -> None: ...

    def write_output_prompt(self) -> None: ...

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.outputs.show(format_dict)

    def finish_displayhook(self) -> None: ...


class _Publisher(DisplayPublisher):
    outputs: Outputs

    def publish(self, data: Any, metadata: Any = None, **more: Any) -> None:  # type: ignore[override]
        if not more.get("update"):
            self.outputs.show(dict(data))

    def clear_output(self, wait: bool = False) -> None: ...


class ZMQLikeShell(InteractiveShell):
    """IPython without a terminal: what it would print goes to the host.

    Libraries tell a notebook from a terminal by the letters ZMQ in the name and by `kernel`.
    """

    kernel = None

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    outputs: Outputs

    def _showtraceback(self, etype: type, evalue: Any, stb: list[str]) -> None:
        try:
            words = str(evalue)
        except Exception:  # the student's own exception class
            words = ""
        self.outputs.error(str(etype.__name__), words, [str(line) for line in stb])

    def enable_gui(self, gui: Any = None) -> None:
        """Figures are shown in place; there is no window."""

    def system(self, cmd: str) -> None:
        """A command after ``!``: its output goes where that of all programs goes, not to a terminal."""
        self.outputs.flush()
        self.system_raw(cmd)
        self.outputs.collect()

    def ask_exit(self) -> None:
        """`exit` in a cell ends nothing: the cells after it still count."""


def _no_input(*_: object, **__: object) -> NoReturn:
    raise StdinNotImplementedError("评分时没有人可以回答 input()，请把要输入的内容写成变量")


class Runner:
    """One shell, made in the warm process; `serve` is called in the child."""

    def __init__(self) -> None:
        self.outputs = Outputs()
        ZMQLikeShell.outputs = _Hook.outputs = _Publisher.outputs = self.outputs
        self.shell = ZMQLikeShell.instance(config=_settings())
        self.shell.builtin_trap.activate()
        builtins.input = getpass.getpass = _no_input
        figures.show_in_place(self.shell)
        figures.draw_once(self.shell)

    def serve(self, connection: socket.socket, folder: str) -> NoReturn:
        """Answer the host until it closes the connection."""
        self.outputs.pid = os.getpid()
        self.outputs.socket = connection
        incoming = connection.makefile("rb")
        number, request = _next(incoming)
        self._start(request["start"], folder)
        self.outputs.begin(number, 0)
        self.outputs.send({"done": True})
        while True:
            number, request = _next(incoming)
            if "run" in request:
                self._run(number, str(request["run"]), int(request["most"]))
            else:
                self.outputs.begin(number, 0)
                self.outputs.send({"file": _read(folder, request["read"], request["most"])})

    def _start(self, start: dict[str, Any], folder: str) -> None:
        work = f"{folder}/work"
        for name, content in start["files"].items():
            path = os.path.join(work, *name.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(base64.b64decode(content))
        environment = {
            **start["environment"], "HOME": f"{folder}/home", "TMPDIR": f"{folder}/tmp",
            "IPYTHONDIR": f"{folder}/home/.ipython", "MPLCONFIGDIR": f"{folder}/home/.mpl",
        }  # fmt: skip
        afterfork.own_state(environment, work, start["seed"])
        _output_of_programs(f"{folder}/home")
        sys.stdout = Stream(self.outputs, "stdout", 1)
        sys.stderr = Stream(self.outputs, "stderr", 2)
        # Last: a module of the student's never stands in for one of a library.
        sys.path.append(work)

    def _run(self, number: int, source: str, most: int) -> None:
        self.outputs.begin(number, most)
        self.outputs.source = source
        interrupted = False
        try:
            self.shell.run_cell(source, store_history=True)
        except KeyboardInterrupt:
            interrupted = True
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # between cells there is nothing to stop
        if interrupted:
            self.outputs.error("KeyboardInterrupt", "", ["KeyboardInterrupt"])
        self.outputs.collect()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.outputs.send({"done": True})


def _settings() -> Any:
    from traitlets.config import Config

    settings = Config()
    settings.HistoryManager.enabled = False  # no database, no thread
    settings.InteractiveShell.cache_size = 1000
    return settings


def _next(incoming: io.BufferedReader) -> tuple[int, dict[str, Any]]:
    size = incoming.read(4)
    if len(size) < 4:  # the host is gone, and with it the reason to be
        os._exit(0)
    request = json.loads(incoming.read(int.from_bytes(size, "big")))
    return request["n"], request


def _output_of_programs(folder: str) -> None:
    """What C code and other programs write is kept in files until the end of the cell."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    for target, name in ((1, "out"), (2, "err")):
        fd = os.open(f"{folder}/.{name}", os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        os.dup2(fd, target)
        os.close(fd)


def _taken(fd: int, most: int) -> str:
    with suppress(OSError):
        size = os.fstat(fd).st_size
        if size:
            data = os.pread(fd, min(size, 4 * most + 4), 0)
            os.ftruncate(fd, 0)
            return data.decode("utf-8", "replace")
    return ""


def _read(folder: str, path: str, most: int) -> str | None:
    """A regular file below the working folder, links nowhere on the way."""
    here = os.open(f"{folder}/work", os.O_RDONLY | os.O_DIRECTORY)
    try:
        *folders, name = path.split("/")
        for part in folders:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = inner
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
        with open(fd, "rb") as file:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode) or status.st_size > most:
                return None
            return base64.b64encode(file.read(most)).decode()
    except OSError:
        return None
    finally:
        os.close(here)
