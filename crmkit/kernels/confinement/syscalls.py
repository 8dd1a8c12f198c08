"""Calls of Linux that Python 3.11 has no function for."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID = 0x00020000, 0x08000000, 0x20000000
CLONE_NEWUSER = 0x10000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_SECUREBITS = 1, 4, 22, 28
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_SET_KEEPCAPS = 36, 38, 8
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH = 47, 2, 2
_SECUREBITS_NO_ROOT = 0b1111  # uid 0 gives no rights, and this cannot be changed again
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(option: int, value: int = 0) -> None:
    ulong = ctypes.c_ulong
    _checked(_libc().prctl(option, ulong(value), ulong(0), ulong(0), ulong(0)), f"prctl {option}")


def end_with_parent(signal_number: int) -> None:
    """Ask for a signal when the parent ends. A change of user or rights forgets it."""
    prctl(_PR_SET_PDEATHSIG, signal_number)


def adopt_orphans() -> None:
    """Descendants whose parents end become children of this process, not of process 1."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1)


def allow_own_proc() -> None:
    """Give /proc/self back to the process, as a change of user takes it away."""
    prctl(_PR_SET_DUMPABLE, 1)


def no_new_privileges() -> None:
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def install_filter(instructions: list[bytes]) -> None:
    """Install a seccomp filter: struct sock_filter, packed."""

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    code = ctypes.create_string_buffer(b"".join(instructions))
    program = Program(len(instructions), ctypes.cast(code, ctypes.c_void_p))
    ulong = ctypes.c_ulong
    _checked(
        _libc().prctl(_PR_SET_SECCOMP, ulong(_SECCOMP_MODE_FILTER), ctypes.byref(program),
                      ulong(0), ulong(0)),
        "seccomp",
    )  # fmt: skip


def unshare(flags: int) -> None:
    _checked(_libc().unshare(flags), "unshare")


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    words = (source.encode(), target.encode(), kind.encode())
    _checked(_libc().mount(*words, ctypes.c_ulong(flags), data.encode()), f"mount {target}")


@contextmanager
def children_in_own_pid_namespace() -> Iterator[None]:
    """What is forked inside is process 1 of a new PID namespace: when it ends, all in it end."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    parent = os.getpid()
    unshare(CLONE_NEWPID)
    try:
        yield
    finally:
        if os.getpid() == parent:
            _checked(_libc().setns(own, CLONE_NEWPID), "setns")
        os.close(own)


def _set_capabilities(bits: int, inheritable: int = 0) -> None:
    class Header(ctypes.Structure):
        _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]

    # effective, permitted, inheritable; low words, then high ones (which nobody here needs)
    data = (ctypes.c_uint32 * 6)(bits, bits, inheritable, 0, 0, 0)
    header = Header(_CAPABILITY_VERSION_3, 0)
    _checked(_libc().capset(ctypes.byref(header), ctypes.byref(data)), "capset")


def become(uid: int, *, reading: bool = False) -> None:
    """Root becomes an ordinary user for good.

    Parameters
    ----------
    reading
        Keep the right to pass folders and read files that are closed to that user.
    """
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    if reading:
        prctl(_PR_SET_KEEPCAPS, 1)
    os.setresuid(uid, uid, uid)
    if not reading:
        _set_capabilities(0)
        return
    right = 1 << _CAP_DAC_READ_SEARCH
    _set_capabilities(right, right)
    ulong = ctypes.c_ulong  # … also for the programs it starts
    raised = _libc().prctl(
        _PR_CAP_AMBIENT,
        ulong(_PR_CAP_AMBIENT_RAISE),
        ulong(_CAP_DAC_READ_SEARCH),
        ulong(0),
        ulong(0),
    )
    _checked(raised, "ambient capability")


def drop_capabilities() -> None:
    """Keep the user, lose every right beyond it, also across exec."""
    prctl(_PR_SET_SECUREBITS, _SECUREBITS_NO_ROOT)
    _set_capabilities(0)
