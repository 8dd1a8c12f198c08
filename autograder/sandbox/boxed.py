"""A backend that runs each submission in a confined child of a warm process.

The warm process is started at the first submission and serves until `close`; it has imported the
libraries and holds no judge, no answer and nothing of a student. Each submission is a fork of it
that loses its rights before it sees the first file. Judging happens on this side, so all that the
child can do with its words is to spoil its own.
"""

from __future__ import annotations

import base64
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from autograder.sandbox import Limits, SandboxError, bubblewrap, places, watch
from autograder.sandbox.plain import lend_font_list
from autograder.sandbox.session import BoxedSession, Failed
from crmkit.kernels import preload
from crmkit.kernels.confinement import Allowance, Plan, seccomp
from crmkit.kernels.confinement.plan import BOX
from crmkit.kernels.warm import Child, Preparation, WarmError, WarmProcess

_SAYS = {
    "bubblewrap": "独立沙箱（bubblewrap）：每份作业单独一个系统视图，看不到老师和别人的文件，不能联网，"
    "用多少内存、时间、磁盘都有上限，结束时全部清除",
    "landlock": "受限进程（Landlock）：读不到老师和别人的文件，不能联网，用多少内存、时间、磁盘都有上限，"
    "结束时全部清除",
    "limits": "限额进程：内存、时间、进程数和输出有上限，不隔离文件；只适合批改信得过的班级",
}
_PREFIX = "crmkit-box-"
_TASKS_OF_THE_BOX = 6  # bubblewrap's own and the warm process count for the same user


def environment() -> dict[str, str]:
    """What every runner gets, the same on every machine: nothing of the grader's own."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "Asia/Shanghai",
        "PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1", "PYTHONNOUSERSITE": "1", **preload.ENVIRONMENT,
    }  # fmt: skip


class Boxed:
    """Runs submissions, one after the other, at one level of protection.

    The warm process ends with the thread that opened the first submission, as with the process.

    Parameters
    ----------
    level
        "bubblewrap", "landlock" or "limits".
    bare
        Without libraries and data, to try whether a level works here.
    """

    def __init__(self, level: str, *, bare: bool = False) -> None:
        self.name, self.says = level, _SAYS[level]
        self._bare = bare
        self._warm: WarmProcess | None = None
        self._base: Path | None = None
        self._plan = Plan()
        self._mine: frozenset[int] = frozenset()  # processes of the sandbox itself

    @contextmanager
    def open(
        self, files: dict[str, bytes], environment: dict[str, str], limits: Limits
    ) -> Iterator[BoxedSession]:
        warm = self._started()
        folder = self._folder()
        session = None
        try:
            child, connection = self._fork(warm, folder, limits)
            session = BoxedSession(child, connection, limits, self._watcher(warm, folder, limits))
            session.start(
                {name: base64.b64encode(data).decode() for name, data in files.items()},
                {**_runner_environment(self._base, self._plan), **environment},
                int.from_bytes(
                    sha256(repr(sorted(environment.items())).encode()).digest()[:4], "big"
                ),
            )
            yield session
        except Failed as error:
            raise SandboxError(f"沙箱没有启动：{error}（{warm.said()}）") from error
        finally:
            if session is not None and not session.close():
                self.close()  # it did not say that all is ended: end everything
            if folder is not None:
                remove(folder)

    def close(self) -> None:
        """End the warm process."""
        if self._warm is not None:
            self._warm.close()
            self._warm = None
        if self._base is not None:
            remove(self._base)
            self._base = None

    def __del__(self) -> None:
        with suppress(Exception):  # at the end of the interpreter anything may be gone
            self.close()

    def _started(self) -> WarmProcess:
        if self._warm is not None and self._warm.alive():
            return self._warm
        self.close()
        failures = []
        for user_namespace in self._ways():
            try:
                return self._start(user_namespace)
            except (OSError, WarmError) as error:
                failures.append(str(error))
                self.close()
        raise SandboxError(f"沙箱（{self.name}）在这台机器上不能用：{'；'.join(failures)}")

    def _ways(self) -> list[bool]:
        """With a user namespace or without: root needs none, unless it is root of a container."""
        if self.name != "bubblewrap":
            return [False]
        return [False, True] if os.geteuid() == 0 else [True]

    def _start(self, user_namespace: bool) -> WarmProcess:
        sweep()
        self._base = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        self._base.chmod(0o711)  # another user's runner gets to its folder in it, and lists nothing
        prefix: list[str] = []
        own_user = free_uid() if os.geteuid() == 0 else None  # no limit on processes holds for root
        uid = None if user_namespace else own_user
        boxed = self.name == "bubblewrap"
        if self.name == "bubblewrap":
            prefix = bubblewrap.command(self._base, user_namespace=user_namespace)
        else:
            places.mirror_data(self._base / "datasets")
        if self.name != "limits" and not seccomp.available():
            raise OSError("没有适合这种处理器的 seccomp 过滤")
        readable = (*places.readable(), self._base / "datasets")
        needed = (*places.python(), places.kit(), *places.data())
        self._plan = Plan(
            namespaces=boxed, uid=uid, keeps_tmp=any(p.is_relative_to("/tmp") for p in needed),
            reading=uid is not None and self._needs_reading(uid), landlock=self.name == "landlock",
            readable=tuple(map(str, readable)) if self.name == "landlock" else (),
            filtered=seccomp.available(), same_user=uid is None,
        )  # fmt: skip
        libraries = () if self._bare else (*preload.LIBRARIES, *preload.SHELL)
        preparation = Preparation(
            libraries, data=not self._bare, shell=True, alone=True, plan=self._plan,
            base=str(self._base),
        )  # fmt: skip
        home = self._base / "home"
        home.mkdir()
        lend_font_list(home / "mpl")
        if user_namespace and own_user is not None:
            os.chown(home / "mpl", own_user, own_user)
        inside = "/tmp" if boxed else str(home)
        own = _runner_environment(self._base, self._plan)
        own |= {"HOME": inside, "MPLCONFIGDIR": f"{inside}/mpl", "IPYTHONDIR": f"{inside}/ipython"}
        if boxed:  # bubblewrap clears what it was started with
            more = [x for k, v in own.items() for x in ("--setenv", k, v)]
            prefix = [*prefix[:-1], "--bind", str(home / "mpl"), f"{inside}/mpl", *more, "--"]
        self._warm = WarmProcess(preparation, own, prefix, own_user if user_namespace else None)
        self._warm.ready()
        self._mine = frozenset(watch.tree(self._warm.pid, ()))
        return self._warm

    def _needs_reading(self, uid: int) -> bool:
        """Whether root's runner keeps the right to read what is closed to its user.

        Where it sees only what it may see, always: files of the course may be root's alone.
        """
        return self.name != "limits" or not _reachable(uid)

    def _folder(self) -> Path | None:
        """A fresh folder; in a private root the runner makes its own."""
        if self._plan.namespaces:
            return None
        assert self._base is not None
        folder = Path(tempfile.mkdtemp(dir=self._base))
        for name in ("", "work", "home", "tmp"):
            inner = folder / name
            inner.mkdir(mode=0o700, exist_ok=True)
            if self._plan.uid is not None:
                os.chown(inner, self._plan.uid, self._plan.uid)
        return folder

    def _fork(
        self, warm: WarmProcess, folder: Path | None, limits: Limits
    ) -> tuple[Child, socket.socket]:
        tasks = limits.processes + _TASKS_OF_THE_BOX
        if folder is not None and self._plan.uid is None:
            tasks += tasks_of_user()  # the limit counts all that this user runs
        allowance = Allowance(
            limits.memory_bytes, limits.cpu_seconds, tasks, limits.disk_bytes,
            BOX if folder is None else str(folder),
        )  # fmt: skip
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                request = {"kind": "cells", "allowance": asdict(allowance)}
                return warm.fork(request, [theirs.fileno()]), ours
        except WarmError as error:
            ours.close()
            self.close()
            raise SandboxError(f"沙箱没有启动：{error}") from error

    def _watcher(self, warm: WarmProcess, folder: Path | None, limits: Limits) -> watch.Watcher:
        return watch.Watcher(
            warm.pid, self._mine, limits.memory_bytes, limits.processes + 1,
            folder, limits.disk_bytes,
        )  # fmt: skip


def _runner_environment(base: Path | None, plan: Plan) -> dict[str, str]:
    found = environment()
    if not plan.namespaces and base is not None:
        found["CRMKIT_DATASETS"] = str(base / "datasets")
    return found


def free_uid() -> int:
    """A user id that nobody has, another one for each worker."""
    start = 20_000 + os.getpid() % 30_000
    for uid in range(start, start + 100):
        try:
            pwd.getpwuid(uid)
        except KeyError:
            return uid
    raise OSError("no free user id")


def _reachable(uid: int) -> bool:
    """Whether another user can run this Python with its libraries, and read all of the kit."""
    kit = [path for place in (places.kit(), *places.data()) for path in place.rglob("*")]
    if any(not path.stat().st_mode & 0o004 for path in kit):
        return False
    command = [sys.executable, "-P", "-s", "-c", "import hashlib, numpy, crmkit.schema"]
    try:
        done = subprocess.run(
            command, user=uid, group=uid, extra_groups=[], cwd="/", env=environment(),
            capture_output=True, check=False,
        )  # fmt: skip
    except OSError:  # not even the program
        return False
    return done.returncode == 0


def tasks_of_user() -> int:
    """Processes and threads of this user."""
    found = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError):
                if os.stat(f"/proc/{name}").st_uid == os.getuid():
                    found += len(os.listdir(f"/proc/{name}/task"))
    return found


def sweep() -> None:
    """Remove what graders that were killed have left behind."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        pid = path.name.removeprefix(_PREFIX).partition("-")[0]
        with suppress(OSError):
            ours = path.lstat().st_uid == os.geteuid() and path.is_dir() and not path.is_symlink()
            if ours and pid.isdigit() and not Path("/proc", pid).exists():
                remove(path)


def remove(folder: Path) -> None:
    """Remove a folder in which somebody else has written what he liked."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except (OSError, RecursionError):  # no rights left on a folder, or deeper than Python goes
        for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run([*command, "--", str(folder)], capture_output=True, check=False)
