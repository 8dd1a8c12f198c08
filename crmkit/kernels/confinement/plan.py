"""What is taken away from a runner of cells, decided by whoever starts the warm process."""

from __future__ import annotations

import errno
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

from crmkit.kernels.confinement import seccomp, syscalls

BOX = "/box"  # where a private root has the folder of the one submission that runs


@dataclass(frozen=True)
class Plan:
    """How the children of one warm process are confined. Plain data: it travels as JSON.

    Attributes
    ----------
    namespaces
        Own PID, mount and IPC namespace with an own small file system on `BOX`; the warm process
        needs CAP_SYS_ADMIN over its namespaces for it (bubblewrap gives it).
    uid
        The user a child of root becomes.
    keeps_tmp
        Python or the course lie below /tmp: it then is made read-only instead of covered.
    reading
        That user keeps the right to read whatever the rest lets him see: needed where Python lies
        in a folder that is closed to others.
    landlock, readable
        Whether to confine by Landlock, and what may be read then (files and folders).
    filtered
        Install the seccomp filter.
    same_user
        Other processes and files of the same user are in reach, but for what the rest prevents.
    """

    namespaces: bool = False
    uid: int | None = None
    keeps_tmp: bool = False
    reading: bool = False
    landlock: bool = False
    readable: tuple[str, ...] = ()
    filtered: bool = False
    same_user: bool = True


@dataclass(frozen=True)
class Allowance:
    """What one runner may use. Sizes in bytes."""

    memory: int
    cpu_seconds: int
    processes: int
    disk: int
    folder: str = field(default=BOX)  # holds work/, home/ and tmp/; made by us in a private root


def confine(plan: Plan, allowance: Allowance) -> None:
    """Confine this process (a fresh child, single-threaded) and all it will ever start.

    Raises
    ------
    OSError
        When the machine refuses a step. Nothing of a student's may run then.
    """
    if plan.namespaces:
        _private_file_system(allowance, plan.uid, keeps_tmp=plan.keeps_tmp)
    _limit(allowance)
    if plan.uid is not None:
        syscalls.become(plan.uid, reading=plan.reading)
    elif plan.namespaces:
        syscalls.drop_capabilities()
    syscalls.end_with_parent(signal.SIGKILL)
    syscalls.allow_own_proc()
    signals_scoped = plan.namespaces or plan.uid is not None
    abi = 0
    if plan.landlock:
        abi = _landlock(plan.readable, allowance.folder)
        signals_scoped = signals_scoped or abi >= 6
    if plan.filtered:
        others = plan.same_user and not plan.namespaces
        seccomp.install(
            files_of_others=others, truncate=others and abi < 3, signals=not signals_scoped
        )


def _private_file_system(allowance: Allowance, uid: int | None, *, keeps_tmp: bool) -> None:
    s = syscalls
    s.unshare(s.CLONE_NEWNS | s.CLONE_NEWIPC)
    s.mount("none", "/", "", s.MS_REC | s.MS_PRIVATE)
    inodes = max(2000, allowance.disk // 20_000)
    options = f"size={allowance.disk},nr_inodes={inodes},mode=755"
    s.mount("box", BOX, "tmpfs", s.MS_NOSUID | s.MS_NODEV, options)
    for name in ("work", "home", "tmp", "shm"):
        os.mkdir(f"{BOX}/{name}", 0o700)
        if uid is not None:
            os.chown(f"{BOX}/{name}", uid, uid)
    if keeps_tmp:  # TMPDIR is the box's own folder in any case
        flags = s.MS_REMOUNT | s.MS_BIND | s.MS_RDONLY | s.MS_NOSUID | s.MS_NODEV
        s.mount("none", "/tmp", "", flags)
    else:
        s.mount(f"{BOX}/tmp", "/tmp", "", s.MS_BIND)
    s.mount(f"{BOX}/shm", "/dev/shm", "", s.MS_BIND)
    quiet = s.MS_NOSUID | s.MS_NODEV | s.MS_NOEXEC
    s.mount("proc", "/proc", "proc", quiet | s.MS_RDONLY)


def _limit(allowance: Allowance) -> None:
    import resource  # POSIX only

    inherited = _kilobytes("VmData", "VmSize")
    limits = {
        # what the runner allocates itself; Python then says MemoryError
        resource.RLIMIT_DATA: inherited["VmData"] + allowance.memory,
        # … and shared mappings, which do not count there
        resource.RLIMIT_AS: inherited["VmSize"] + 2 * allowance.memory,
        resource.RLIMIT_CPU: allowance.cpu_seconds,
        resource.RLIMIT_NPROC: allowance.processes,
        resource.RLIMIT_FSIZE: allowance.disk,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
    }
    for which, wanted in limits.items():
        _, hard = resource.getrlimit(which)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(which, (value, value))


def _kilobytes(*names: str) -> dict[str, int]:
    """Fields of /proc/self/status in bytes."""
    found = dict.fromkeys(names, 0)
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").split("\n"):
        name, _, value = line.partition(":")
        if name in found:
            found[name] = int(value.split()[0]) * 1024
    return found


def read_only(readable: tuple[str, ...], writable: str, more: tuple[str, ...] = ()) -> int:
    """Confine this process by Landlock: read `readable`, do anything in `writable`.

    Returns the version of Landlock (its ABI). A file that does not exist is left out.
    """
    from landlockpy import AccessFS, Ruleset, Scope, abi_version

    read = AccessFS.EXECUTE | AccessFS.READ_FILE | AccessFS.READ_DIR
    use = AccessFS.READ_FILE | AccessFS.WRITE_FILE
    everything = ~AccessFS.NONE & ~AccessFS.IOCTL_DEV
    with Ruleset(scoped=Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET) as rules:
        for path in (*readable, *more):
            access = read if os.path.isdir(path) else read & ~AccessFS.READ_DIR
            _allow(rules, path, access)
        for path in ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"):
            _allow(rules, path, use)
        _allow(rules, writable, everything)
        rules.restrict()
    return abi_version()


def _allow(rules: object, path: str, access: object) -> None:
    try:
        rules.allow_path(path, access)  # type: ignore[attr-defined]
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.EACCES, errno.ENOTDIR):
            raise


_PROC = ("meminfo", "cpuinfo", "stat", "version", "filesystems", "loadavg", "uptime")


def _landlock(readable: tuple[str, ...], folder: str) -> int:
    own = tuple(f"/proc/{name}" for name in _PROC)
    # of /proc only the process itself: with /proc as a whole it could read others' environments
    return read_only(readable, folder, (f"/proc/{os.getpid()}", *own))
