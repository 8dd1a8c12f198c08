"""All chapters run from top to bottom by papermill, two side by side; then every activity moved.

    python benchmarks/bench_chapters.py [--runs | --answers] [CHAPTER …]

Without chapters all of them; with ``--runs`` only the first part, with ``--answers`` only the
second. Every line is printed as soon as it is known.

Each chapter runs in a copy of its folder, in a process of its own with a fresh kernel; memory is
the largest resident set of papermill and of the kernel. Of the activities the time from a moved
control to the finished figure, table and sentence is measured in Python, for the ends and the
middle of every slider and every choice, with each of the three shops where an activity has one.
CPU seconds hardly depend on what else the machine does; wall time does.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from crmkit.ui.activity import Activity  # noqa: E402
from crmkit.ui.controls import Control, Select, Slider, Strip, Switch  # noqa: E402

SHOPS = ("tea", "ceramics", "electronics")
WANTED_SECONDS = 180.0  # all of them on two cores
WANTED_MEGABYTES = 700.0
WANTED_ANSWER = 0.3  # seconds
ROUNDS = 2  # of a slow answer, the best counts


class Run(NamedTuple):
    """One chapter: CPU seconds and wall time, megabytes, what papermill said if it failed."""

    chapter: str
    cpu: float
    wall: float
    megabytes: float
    trouble: str


def run(path: Path) -> Run:
    """Run one chapter in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(shutil.copy(path, folder))
        command = [sys.executable, "-m", "papermill", "--no-progress-bar", "--log-level", "ERROR"]
        log = work.with_suffix(".log")
        start = time.perf_counter()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, "--cwd", folder, str(work), str(work)], stdout=output, stderr=output
            )
            _, status, used = os.wait4(process.pid, 0)  # with the kernel papermill waited for
        wall = time.perf_counter() - start
        said = log.read_text(encoding="utf-8", errors="replace")[-2000:] if status else ""
    size = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
    return Run(path.name.split("_")[0], used.ru_utime + used.ru_stime, wall, size, said)


def activities(chapter: str) -> Iterator[tuple[str, Activity]]:
    """The activities of a chapter, by the names of their functions."""
    module = importlib.import_module(f"crmkit.ui.activities.{chapter}")
    for name, make in vars(module).items():
        if inspect.isfunction(make) and not name.startswith("_"):
            if "shop" in inspect.signature(make).parameters:
                yield from ((f"{name} {shop}", make(shop)) for shop in SHOPS)
            else:
                yield name, make()


def places(control: Control) -> list[Any]:
    """Where a control is moved to."""
    if isinstance(control, Slider):
        return [control.low, control.read((control.low + control.high) / 2), control.high]
    if isinstance(control, Select):
        return list(control.options)
    if isinstance(control, Switch):
        return [True, False]
    assert isinstance(control, Strip)
    return [[], list(range(1, control.count + 1, 2)), list(range(1, control.count + 1))]


def slowest(activity: Activity) -> tuple[float, float, str]:
    """The longest answer of an activity: CPU seconds, wall time, and to what."""
    worst = (0.0, 0.0, "")
    shops = activity._controls.get("shop")
    for shop in places(shops) if shops else [None]:
        worst = max(worst, _slowest(activity, {"shop": shop} if shop else {}))
    return worst


def _slowest(activity: Activity, start: dict[str, Any]) -> tuple[float, float, str]:
    worst = (0.0, 0.0, "")
    activity.reset()
    activity.set(**start)
    for control in activity._controls.values():
        if control.name in start:
            continue
        for value in places(control):
            best = (float("inf"), float("inf"))
            for _ in range(ROUNDS):
                cpu, wall = time.process_time(), time.perf_counter()
                activity.set(**{control.name: value})
                best = min(best, (time.process_time() - cpu, time.perf_counter() - wall))
                if best[0] < WANTED_ANSWER / 3:
                    break
                activity.set(**{control.name: control.start})
            worst = max(worst, (*best, f"{control.label} → {value}"))
        activity.set(**{control.name: control.start})
    return worst


def run_all(paths: list[Path]) -> bool:
    """Run the chapters, two side by side; whether all of them ran within the limits."""
    print("chapter   CPU s  wall s    MB", flush=True)
    start = time.perf_counter()
    runs = []
    with ThreadPoolExecutor(2) as pool:
        for done in as_completed([pool.submit(run, path) for path in paths]):
            r = done.result()
            runs.append(r)
            print(f"{r.chapter:7s} {r.cpu:7.1f} {r.wall:7.1f} {r.megabytes:5.0f}", flush=True)
            if r.trouble:
                print(r.trouble, flush=True)
    wall = time.perf_counter() - start
    cpu, most = sum(r.cpu for r in runs), max(r.megabytes for r in runs)
    print(f"all     {cpu:7.1f} {wall:7.1f} {most:5.0f}")
    print(
        f"two cores: {wall:.0f} s (under {WANTED_SECONDS:.0f} s: {wall < WANTED_SECONDS}), ", end=""
    )
    print(f"largest {most:.0f} MB (under {WANTED_MEGABYTES:.0f} MB: {most < WANTED_MEGABYTES})\n")
    return most <= WANTED_MEGABYTES and not any(r.trouble for r in runs)


def answer_all(chapters: list[str]) -> bool:
    """Move every activity of the chapters; whether all answered in time."""
    print("slowest answer of each activity  CPU ms  wall ms", flush=True)
    late = 0
    for chapter in chapters:
        for name, activity in activities(chapter):
            seconds, real, to = slowest(activity)
            late += seconds > WANTED_ANSWER
            mark = "  over 300 ms" if seconds > WANTED_ANSWER else ""
            figures = f"{1000 * seconds:6.0f}  {1000 * real:7.0f}"
            print(f"{chapter}.{name:24s}  {figures}  {to}{mark}", flush=True)
    print(f"{late} activities need more than {1000 * WANTED_ANSWER:.0f} ms")
    return not late


def main() -> None:
    known = {p.name.split("_")[0]: p for p in sorted((ROOT / "chapters").glob("ch*.ipynb"))}
    parser = argparse.ArgumentParser(description="Run the chapters and move their activities.")
    parser.add_argument("chapter", nargs="*", help="e.g. ch02; without any, all of them")
    parser.add_argument("--runs", action="store_true", help="only run the notebooks")
    parser.add_argument("--answers", action="store_true", help="only move the activities")
    asked = parser.parse_args()
    if unknown := set(asked.chapter) - set(known):
        parser.error(f"no such chapter: {' '.join(sorted(unknown))}")
    chapters = sorted(set(asked.chapter)) or list(known)
    good = True
    if asked.runs or not asked.answers:
        good &= run_all([known[c] for c in chapters])
    if asked.answers or not asked.runs:
        good &= answer_all(chapters)
    sys.exit(not good)


if __name__ == "__main__":
    main()
