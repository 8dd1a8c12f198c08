"""What it costs to run one submission: the floor, each level of the sandbox, a plain kernel.

The floor is the student's cells in a forked plain Python that has the libraries imported already.
All run side by side, one submission after the other, so that a busy machine slows all alike: trust
the ratios and the differences, not the times. CPU counts every process that took part.

    python benchmarks/bench_execution.py [LAB [SUBMISSIONS]]
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from autograder import build, judge
from autograder.sandbox import LEVELS, Backend, Limits, watch
from autograder.sandbox.boxed import Boxed
from autograder.sandbox.levels import trouble
from autograder.sandbox.plain import PlainKernel
from crmkit.kernels import preload
from crmkit.lab.identity import VARIABLE

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds() -> float:
    """CPU time of this process, all that it has waited for, and all that runs below it now."""
    total = sum(u.ru_utime + u.ru_stime for u in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))
    for pid in watch.tree(os.getpid(), ()):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        total += sum(map(int, stat.rpartition(")")[2].split()[11:15])) / _TICK
    return total


def floor(cells: list[str], student: str) -> None:
    """Run the cells in a fork of this process and wait for it."""
    with tempfile.TemporaryDirectory() as folder:
        pid = os.fork()
        if pid == 0:
            os.chdir(folder)
            os.environ[VARIABLE] = student
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            gc.enable()
            namespace: dict[str, object] = {"__name__": "__main__"}
            for source in cells:
                exec(compile(source, "<cell>", "exec"), namespace)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
    if status:
        raise SystemExit(f"the floor failed for {student}")


def boxed(backend: Backend, cells: list[str], student: str) -> None:
    with backend.open({}, {VARIABLE: student}, Limits()) as session:
        for source in cells:
            errors = [o for o in session.run(source) if o["output_type"] == "error"]
            if errors or session.dead:
                raise SystemExit(f"{backend.name}: {errors} {session.dead}")


def main(lab: str = "E3", submissions: int = 8) -> None:
    text = build.source(lab).text.read_text(encoding="utf-8")
    notebook = build.instructor(text, judge.load(lab))
    cells = [c.source for c in notebook.cells if c.cell_type == "code"]
    os.environ.update(preload.ENVIRONMENT)
    preload.preload([*preload.LIBRARIES])
    preload.read_shops()
    preload.find_fonts()
    gc.freeze()
    gc.disable()
    ways: dict[str, Callable[[str], None]] = {"floor": lambda student: floor(cells, student)}
    backends: list[Backend] = []
    for level in LEVELS:
        if problem := trouble(level):
            print(f"{level}: not here ({problem})")
            continue
        backend = PlainKernel() if level == "plain" else Boxed(level)
        backends.append(backend)
        ways[level] = lambda student, backend=backend: boxed(backend, cells, student)  # type: ignore[misc]
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    wall: dict[str, list[float]] = {name: [] for name in ways}
    for n in range(-1, submissions):  # the first one starts what is kept warm, and does not count
        student = f"20259{n + 1:05d}"
        for name, run in ways.items():
            used, began = cpu_seconds(), time.perf_counter()
            run(student)
            if n >= 0:
                wall[name].append(time.perf_counter() - began)
                cpu[name].append(cpu_seconds() - used)
    for backend in backends:
        backend.close()
    low_cpu, low_wall = statistics.median(cpu["floor"]), statistics.median(wall["floor"])
    print(
        f"{lab}, {submissions} submissions, medians per submission; load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'':12}{'CPU s':>8}{'× floor':>9}{'over floor':>12}{'wall s':>9}{'× floor':>9}")
    for name in ways:
        c, w = statistics.median(cpu[name]), statistics.median(wall[name])
        over = statistics.median(a - b for a, b in zip(cpu[name], cpu["floor"], strict=True))
        print(f"{name:12}{c:8.2f}{c / low_cpu:9.2f}{over:12.2f}{w:9.2f}{w / low_wall:9.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:3]))
