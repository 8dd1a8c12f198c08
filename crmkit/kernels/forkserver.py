"""A single-threaded process that has imported the libraries and forks children on request.

It is started by `crmkit.kernels.warm` and lives as long as its owner: the owner's end of the
control socket is its only way in, so there is no address at which another process could find it.
Each request comes with a connection of its own; the child lives as long as that connection.

    owner → control     {"kind": "kernel" | "cells"} + connection + descriptors of the child
    child's connection  ← {"pid": …} + pidfd, later ← {"exit": code};  → {"signal": number}
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from crmkit.kernels import afterfork, preload, wire
from crmkit.kernels.confinement import Allowance, Plan, confine, syscalls
from crmkit.kernels.confinement.plan import read_only


class BecomeChild(BaseException):
    """Raised in a child, so that nothing of the server is on its stack when it starts its work."""

    def __init__(self, work: Callable[[], NoReturn]) -> None:
        super().__init__()
        self.work = work


@dataclass
class _Child:
    pid: int
    connection: socket.socket


class ForkServer:
    """Serves requests until the owner is gone.

    Parameters
    ----------
    control
        The owner's socket.
    plan
        How runners of cells are confined.
    alone
        One child at a time, and all that it leaves behind is ended with it (the grader's); else
        many, each with its own process group (Jupyter's).
    shell
        The runner that children of kind "cells" continue with.
    """

    def __init__(self, control: socket.socket, plan: Plan, alone: bool, shell: Any) -> None:
        self._control, self._plan, self._alone, self._shell = control, plan, alone, shell
        self._children: dict[int, _Child] = {}  # by pidfd
        self._poll = select.poll()

    def serve(self) -> None:
        if self._alone:
            syscalls.adopt_orphans()
        gc.collect()
        gc.freeze()
        gc.disable()
        threads = len(os.listdir("/proc/self/task"))
        if threads != 1:
            raise RuntimeError(f"{threads} threads: a fork would leave locks nobody opens again")
        self._poll.register(self._control, select.POLLIN)
        wire.send_message(self._control, {"ready": os.getpid()})
        while True:
            for fd, _ in self._poll.poll():
                if fd == self._control.fileno():
                    self._accept()
                elif fd in self._children:
                    self._reap(fd)
                else:
                    self._command(fd)

    def _accept(self) -> None:
        request, fds = wire.receive_message(self._control)
        if request is None:
            for fd in list(self._children):
                self._end(fd)
            if self._alone:
                end_descendants()
            raise SystemExit(0)
        connection = socket.socket(fileno=fds[0])
        connection.setblocking(False)
        try:
            if self._alone and self._children:
                raise RuntimeError("one child at a time")
            if len(os.listdir("/proc/self/task")) != 1:
                raise RuntimeError("not single-threaded any more")
            own = self._plan.namespaces and request["kind"] == "cells"
            with syscalls.children_in_own_pid_namespace() if own else nullcontext():
                sys.stdout.flush()
                sys.stderr.flush()
                parent = os.getpid()
                pid = os.fork()
            if pid == 0:
                self._be_child(request, connection, fds[1:], 0 if own else parent)
        except (OSError, RuntimeError) as error:
            with suppress(OSError):
                wire.send_message(connection, {"refused": f"{type(error).__name__}: {error}"})
            connection.close()
            return
        finally:
            for fd in fds[1:]:
                os.close(fd)
        handle = os.pidfd_open(pid)
        self._children[handle] = _Child(pid, connection)
        self._poll.register(handle, select.POLLIN)
        self._poll.register(connection, select.POLLIN)
        with suppress(OSError):
            wire.send_message(connection, {"pid": pid}, [handle])

    def _be_child(
        self, request: dict[str, Any], connection: socket.socket, fds: list[int], parent: int
    ) -> NoReturn:
        try:
            os.setsid()
            syscalls.end_with_parent(signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
            for child in self._children.values():
                child.connection.close()
            for handle in self._children:
                os.close(handle)
            self._control.close()
            connection.close()
            if request["kind"] == "kernel":
                afterfork.standard_streams(fds)
                raise BecomeChild(lambda: afterfork.become_kernel(request))
            shell, session = self._shell, socket.socket(fileno=os.dup(fds[0]))
            allowance = Allowance(**request["allowance"])
            confine(self._plan, allowance)
            raise BecomeChild(lambda: shell.serve(session, allowance.folder))
        except BecomeChild:
            raise
        except BaseException as error:  # a child must never continue as a second server
            with suppress(BaseException):
                os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(70)

    def _command(self, fd: int) -> None:
        handle = next((h for h, c in self._children.items() if c.connection.fileno() == fd), None)
        if handle is None:
            return
        try:
            message, _ = wire.receive_message(self._children[handle].connection)
        except BlockingIOError:  # the number was another connection's when poll saw it
            return
        except OSError:
            message = None
        if message is None:  # whoever wanted the child is gone
            self._poll.unregister(fd)
            self._end(handle)
            return
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, int(message["signal"]))

    def _end(self, handle: int) -> None:
        child = self._children[handle]
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        if not self._alone:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)

    def _reap(self, handle: int) -> None:
        child = self._children.pop(handle)
        _, status = os.waitpid(child.pid, 0)
        self._poll.unregister(handle)
        os.close(handle)
        with suppress(KeyError):
            self._poll.unregister(child.connection)
        if self._alone:
            end_descendants()
        with suppress(OSError):  # also: nobody there to hear it
            wire.send_message(child.connection, {"exit": os.waitstatus_to_exitcode(status)})
        child.connection.close()


def end_descendants() -> None:
    """End all that is left below this process, which has adopted whatever left its parents."""
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        for pid in descendants(os.getpid()):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        select.select([], [], [], 0.002)


def descendants(root: int, most: int = 100_000) -> list[int]:
    """Process ids below `root`, as /proc shows them; about `most` of them, as they may multiply."""
    # the kernel's own lists of children where it keeps them, else the parents of all there are
    listed = os.path.exists("/proc/thread-self/children")
    below = _children_listed if listed else _all_children().__getitem__
    found: list[int] = []
    rest = list(below(root))
    while rest and len(found) < most:
        pid = rest.pop()
        found.append(pid)
        rest += below(pid)
    return found


def _children_listed(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):  # it has ended
        for task in os.listdir(f"/proc/{pid}/task"):
            words = Path(f"/proc/{pid}/task/{task}/children").read_bytes().split()
            found += map(int, words)
    return found


def _all_children() -> defaultdict[int, list[int]]:
    children: defaultdict[int, list[int]] = defaultdict(list)
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            stat = Path("/proc", name, "stat").read_bytes()
            children[int(stat.rpartition(b")")[2].split()[1])].append(int(name))
    return children


def main(argument: str) -> None:
    """Run the server. `argument` is JSON, written by `crmkit.kernels.warm`."""
    options = json.loads(argument)
    control = socket.socket(fileno=options["control"])
    control.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's business
    plan = Plan(**options["plan"])
    plan = replace(plan, readable=tuple(plan.readable))
    shell = None
    try:
        if plan.landlock:  # first of all: then nothing else can have been read either
            read_only((*plan.readable, "/proc"), options["base"])
        preload.preload(options["preload"])
        if options["data"]:
            preload.read_shops()
            preload.find_fonts()
        if options["boards"]:
            preload.open_boards()
        if options["shell"]:
            from crmkit.kernels import cells

            shell = cells.Runner()
        server = ForkServer(control, plan, options["alone"], shell)
        server.serve()
    except BecomeChild as child:
        work = child.work
    except SystemExit:
        raise
    except BaseException as error:
        with suppress(OSError):
            wire.send_message(control, {"failed": f"{type(error).__name__}: {error}"[:2000]})
        raise
    del server, control, shell, options, plan
    work()
