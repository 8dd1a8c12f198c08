"""What a student's code must not reach, at every level that this machine offers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

import autograder
from autograder.sandbox import boxed, places, watch
from autograder.sandbox.boxed import Boxed
from crmkit import shops
from tests.autograder.sandbox.conftest import FAST, SECRET, errors, text

ROOT = Path(autograder.__file__).resolve().parents[1]


def closed(backend: Boxed, cell: str, **files: bytes) -> str:
    with backend.open(files, {}, FAST) as session:
        return text(session.run(cell))


def test_nothing_of_the_teacher_can_be_read(backend: Boxed, class_folder: Path) -> None:
    if backend.name == "limits":
        pytest.skip("limits: does not separate files, and says so")
    paths = [
        *class_folder.rglob("*.*"), ROOT / "autograder/source/E3/judge.py", ROOT / "README.md",
        ROOT / "autograder/judge.py", ROOT / "datasets/generate/__init__.py",
        Path("/etc/shadow"), Path("/etc/hostname"), Path("/proc/1/environ"),
    ]  # fmt: skip
    python = {p.relative_to(ROOT).parts[0] for p in places.python() if p.is_relative_to(ROOT)}
    open_to_all = {"crmkit", "datasets", ".pyenv"} | python
    cell = f"""
    from pathlib import Path
    import os
    for path in {[str(p) for p in paths]!r}:
        try:
            content = Path(path).read_bytes()
            if path != "/proc/1/environ" or {SECRET!r}.encode() in content:
                print("READ", path)
        except OSError:
            pass
    for folder in {[str(class_folder), str(ROOT), str(Path.home()), "/etc/ssh", "/var", "/home"]!r}:
        try:
            found = set(os.listdir(folder)) - {open_to_all!r}
            if found: print("LISTED", folder, found)
        except OSError:
            pass
    print("end")
    """
    assert closed(backend, cell) == "end\n"


def test_nothing_outside_can_be_written(backend: Boxed, class_folder: Path) -> None:
    if backend.name == "limits":
        pytest.skip("limits: does not separate files, and says so")
    target = class_folder / "gradebook.db"
    mode = target.stat().st_mode
    cell = f"""
    import os
    for attempt in (
        lambda: open({str(target)!r}, "a", encoding="utf-8").write("x"),
        lambda: os.truncate({str(target)!r}, 0),
        lambda: os.remove({str(target)!r}),
        lambda: os.rename({str(target)!r}, "here"),
        lambda: os.link({str(target)!r}, "here"),
        lambda: open({str(ROOT / "crmkit/x.py")!r}, "w", encoding="utf-8"),
    ):
        try:
            attempt(); print("DONE")
        except OSError:
            pass
    for quiet in (lambda: os.chmod({str(target)!r}, 0), lambda: os.utime({str(target)!r}, (1, 1))):
        try: quiet()
        except OSError: pass
    """
    assert closed(backend, cell) == ""
    assert target.read_text(encoding="utf-8") == SECRET
    assert target.stat().st_mode == mode and target.stat().st_mtime > 1000


def test_judges_cannot_be_imported_and_the_kit_can(backend: Boxed) -> None:
    cell = """
    import crmkit.schema
    try:
        import autograder.judge
        print("imported")
    except (ImportError, OSError):
        print("no judge")
    """
    expected = "imported\n" if backend.name == "limits" else "no judge\n"
    assert closed(backend, cell) == expected


def test_planted_facts_are_not_there(backend: Boxed) -> None:
    cell = """
    from crmkit import shops
    print({"truth", "seed", "holds"} & set(shops._meta(shops.root())))
    print(sorted(shops.planted("tea")))
    print(len(shops.variant("tea", "2025010101", "E3").customers))
    """
    said = closed(backend, cell).splitlines()
    assert said[0] == "set()"
    assert said[1] == "['customers']"
    assert said[2] == str(len(shops.variant("tea", "2025010101", "E3").customers))


def test_environment_is_the_boxs_own(backend: Boxed) -> None:
    cell = """
    import os, subprocess
    print(sorted(k for k in os.environ if not k.endswith("_THREADS")))
    for pid in filter(str.isdigit, os.listdir("/proc") if os.access("/proc", os.R_OK) else []):
        try:
            if b"canary" in open(f"/proc/{pid}/environ", "rb").read(): print("found in", pid)
        except OSError:
            pass
    """
    said = closed(backend, cell)
    assert SECRET not in said and "CLASS_TOKEN" not in said and "found in" not in said
    assert "'HOME'" in said and "'PATH'" in said


def test_no_network_and_no_services(backend: Boxed) -> None:
    cell = """
    import socket, urllib.request
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
        try: socket.socket(family); print("socket", family)
        except OSError: pass
    try: urllib.request.urlopen("http://127.0.0.1:1", timeout=2)
    except OSError as error: print("closed")
    a, b = socket.socketpair(); a.send(b"1"); print(b.recv(1))
    """
    assert closed(backend, cell) == "closed\nb'1'\n"


def test_no_signal_reaches_the_host_or_its_neighbours(backend: Boxed) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        cell = f"""
        import os, signal
        for pid in ({os.getpid()}, {bystander.pid}, os.getppid(), {backend._warm.pid if backend._warm else 1}):
            try: pid > 1 and os.kill(pid, signal.SIGKILL)
            except OSError: pass
        """
        with backend.open({}, {}, FAST) as session:
            session.run(cell)
            # everything it may signal: itself at most
            session.run("try:\n    os.kill(-1, signal.SIGKILL)\nexcept OSError: pass")
        assert bystander.poll() is None
        assert closed(backend, "print(1)") == "1\n"
    finally:
        bystander.kill()
        bystander.wait()


def test_no_tracing_mounting_or_new_namespaces(backend: Boxed) -> None:
    cell = """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    results = {
        "ptrace": libc.ptrace(16, os.getppid(), 0, 0),
        "mount": libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
        "umount": libc.umount2(b"/proc", 2),
        "unshare user": libc.unshare(0x10000000),
        "unshare mount": libc.unshare(0x20000),
        "setuid": libc.setuid(0) if os.getuid() else -1,
        "chroot": libc.chroot(b"/tmp"),
    }
    print([name for name, result in results.items() if result != -1])
    """
    assert closed(backend, cell) == "[]\n"


def test_nothing_survives_into_the_next_submission(backend: Boxed) -> None:
    before = set(Path("/tmp").iterdir()), set(Path("/dev/shm").iterdir())
    leave = """
    import os, pathlib, sys, builtins, json
    builtins.planted = json.dumps = "left"
    os.environ["LEFT"] = "1"; sys.path.insert(0, "/left")
    for folder in (".", "~", os.environ["TMPDIR"], *(["/tmp", "/dev/shm"] if private else [])):
        try: pathlib.Path(folder).expanduser().joinpath("left.txt").write_text("x", encoding="utf-8")
        except OSError: pass
    """
    look = """
    import os, pathlib, sys, builtins, json
    seen = [f for f in (".", "~", os.environ["TMPDIR"], "/tmp", "/dev/shm")
            if pathlib.Path(f).expanduser().joinpath("left.txt").exists()]
    print(seen, hasattr(builtins, "planted"), callable(json.dumps), "LEFT" in os.environ, "/left" in sys.path)
    print(os.path.exists("mine.csv"))
    """
    with backend.open({"mine.csv": b"1"}, {}, FAST) as session:
        session.run(f"private = {backend.name != 'limits'}")
        session.run(leave)
    assert closed(backend, look) == "[] False True False False\nFalse\n"
    after = set(Path("/tmp").iterdir()), set(Path("/dev/shm").iterdir())
    assert not [p for p in (after[0] | after[1]) - before[0] - before[1] if p.name == "left.txt"]


DAEMON = """
import os, threading, time
def beat():
    while True: time.sleep(0.01)
threading.Thread(target=beat, daemon=True).start()
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for fd in range(3): os.close(fd)
            try: import ctypes; ctypes.CDLL(None).prctl(1, 0)
            finally:
                while True: time.sleep(0.05)
        os._exit(0)
time.sleep(0.2)
"""


def test_daemons_and_threads_end_with_the_submission(backend: Boxed) -> None:
    with backend.open({}, {}, FAST) as session:
        session.run(DAEMON)
        assert backend._warm is not None
        # the runner and three daemons, however they hide
        running = filter(_runs, watch.tree(backend._warm.pid, backend._mine))
        assert len(list(running)) == 4
    assert watch.tree(backend._warm.pid, backend._mine) == []
    assert backend._warm.alive()


def test_the_sandbox_ends_with_the_grader(backend: Boxed, tmp_path: Path) -> None:
    program = f"""
import sys, time
from autograder.sandbox import Limits
from autograder.sandbox.boxed import Boxed
backend = Boxed({backend.name!r}, bare=True)
with backend.open({{}}, {{}}, Limits()) as session:
    session.run({DAEMON!r})
    print(backend._warm.pid, flush=True)
    time.sleep(60)
"""
    grader = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert grader.stdout is not None
    warm = int(grader.stdout.readline())
    below = [warm, *watch.tree(warm, ())]
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    grader.stdout.close()
    end = time.monotonic() + 20
    while time.monotonic() < end and any(_runs(pid) for pid in below):
        time.sleep(0.05)
    assert [pid for pid in below if _runs(pid)] == []
    boxed.sweep()  # as the next run does
    assert not list(Path(tempfile.gettempdir()).glob(f"crmkit-box-{grader.pid}-*"))


def _runs(pid: int) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            != "Z"
        )
    except OSError:
        return False


def test_no_descriptor_of_the_host_is_left_open_in_the_box(backend: Boxed) -> None:
    cell = """
    import os
    print([os.readlink(f"/proc/self/fd/{fd}").split(":")[0] for fd in sorted(map(int, os.listdir("/proc/self/fd")))
           if os.path.lexists(f"/proc/self/fd/{fd}")])
    """
    with backend.open({}, {}, FAST) as session:
        said = eval(text(session.run(cell)))
    assert said[0] == "/dev/null" and len(said) == 4, said
    assert said[3] == "socket"


def test_a_box_leaks_no_descriptor_in_the_grader(backend: Boxed) -> None:
    closed(backend, "1")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        closed(backend, "1")
    assert len(os.listdir("/proc/self/fd")) == before


POISON = dict.fromkeys(("pandas.py", "json.py", "numpy/__init__.py", "crmkit/__init__.py", "sitecustomize.py", "usercustomize.py", "csv.py", ".ipython/profile_default/startup/00.py", ".jupyter/jupyter_config.py", "ipython_config.py", "matplotlibrc"), b"raise SystemExit('poisoned')")  # fmt: skip


def test_files_of_a_hand_in_do_not_stand_in_for_modules(backend: Boxed) -> None:
    cell = """
    import csv, json, wave, crmkit.schema, subprocess, sys
    import my_module
    print(my_module.__file__.endswith("work/my_module.py"), crmkit.__file__.startswith({root!r}))
    print(subprocess.run([sys.executable, "-c", "import json, csv; print('fine')"], capture_output=True).stdout)
    """.replace("{root!r}", repr(str(ROOT)))
    with backend.open({**POISON, "my_module.py": b"x = 1"}, {}, FAST) as session:
        outputs = session.run(cell)
    assert text(outputs) == "True True\nb'fine\\n'\n", errors(outputs)
