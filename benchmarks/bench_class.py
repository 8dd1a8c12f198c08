"""Grade a class on lab E3: stock nbgrader, the kit, and the floor, side by side in one run.

stock   nbgrader as installed, with its own settings, on a plain-nbgrader form of the same lab: the
        same cells of the students, followed by ordinary test cells with asserts
kit     ``autograder grade`` with the best sandbox of this machine, as many workers as cores
floor   the students' own cells in a forked plain Python that has the libraries and the base data in
        memory: no kernel, no sandbox, no marks, and the charts are not drawn
drawn   the same, and each chart is drawn once, as every notebook does at the end of a cell

Times are CPU of the whole process tree (children that end are waited for, also orphans) and wall.
Machines differ and are noisy: the ratios count.

    python benchmarks/bench_class.py            # 50 students
    python benchmarks/bench_class.py --count 6
"""

from __future__ import annotations

import argparse
import ctypes
import io
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbformat import NotebookNode
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder import build, judge  # noqa: E402
from autograder.gradebook.database import open_gradebook  # noqa: E402

LAB = "E3"
NUMBER = '学号 = "'
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)

# What a teacher would write with nothing but nbgrader: the right answer again, and an assert.
TESTS = {
    "E3-01": """right = customers[customers["性别"] == "男"].sort_values(["累计金额", "客户编号"], ascending=[False, True])
assert male["客户编号"].tolist() == right["客户编号"].tolist()""",
    "E3-02": """paid = orders[~orders["订单状态"].isin(["等待付款", "未付款关闭"])]
last = paid.groupby("客户编号")["下单时间"].max().dt.normalize()
right = customers[customers["交易状态"] == "已成交"].copy()
right["最近下单日"] = right["客户编号"].map(last)
right = right.sort_values(["最近下单日", "客户编号"], ascending=[False, True])
assert dealt["客户编号"].tolist() == right["客户编号"].tolist()""",
    "E3-03": """right = customers[(customers["性别"] == "男") & (customers["交易状态"] == "已成交") & customers["年龄"].between(25, 34)]
assert set(target["客户编号"]) == set(right["客户编号"])""",
    "E3-04": """right = customers.sort_values(["省份", "累计金额", "客户编号"], ascending=[True, False, True])
assert sorted2["客户编号"].tolist() == right["客户编号"].tolist()""",
    "E3-05": """right = pd.pivot_table(customers, index="省份", columns="性别", values="累计金额", aggfunc=["count", "sum"], margins=True, margins_name="总计")
pd.testing.assert_frame_equal(pivot, right)""",
    "E3-06": """by = customers.groupby("省份")["累计金额"].agg(["size", "mean"])
best_one = by.loc[by["size"] >= 20, "mean"].idxmax()
right = customers[(customers["省份"] == best_one) & (customers["性别"] == "女")]
pd.testing.assert_frame_equal(detail.sort_values("客户编号"), right.sort_values("客户编号"))""",
    "E3-07": """right = customers["累计金额"].nlargest(len(customers) // 5).sum() / customers["累计金额"].sum()
assert abs(top20_share - right) < 1e-4""",
    "E3-08": """gone = (pd.Timestamp(lab.as_of) - dealt["最近下单日"]).dt.days
right = dealt[["客户编号"]].copy()
for one, v in {"R": -gone, "F": dealt["累计订单数"], "M": dealt["累计金额"]}.items():
    right[one] = (1 + (v.rank(method="min") - 1) * 5 // len(dealt)).astype(int)
pd.testing.assert_frame_equal(rfm, right)""",
    "E3-09": """assert sum(rfm_group.values()) == len(rfm)
assert rfm_group["重要价值客户"] == int((rfm[["R", "F", "M"]] >= 4).all(axis=1).sum())
assert rfm_group["一般挽留客户"] == int((rfm[["R", "F", "M"]] < 4).all(axis=1).sum())""",
    "E3-10": """assert pyramid["客户数"].tolist() == [6, 24, 90, 480]
amounts = customers["累计金额"].sort_values(ascending=False).tolist()
assert abs(pyramid["金额占比"].iloc[0] - sum(amounts[:6]) / sum(amounts)) < 1e-4""",
    "E3-11": """right = customers["省份"].value_counts()
assert (ax.get_title() or ax.get_title(loc="left")) and ax.get_xlabel() and ax.get_ylabel()
assert sorted(p.get_height() for p in ax.patches) == sorted(right.tolist())""",
}  # fmt: skip
CRASHES = ("E3-01", "E3-05", "E3-07", "E3-10")  # items that nothing else rests on


@dataclass
class Measured:
    """CPU and wall seconds, and the most memory that the tree held (shared pages counted once)."""

    cpu: float
    wall: float
    memory: float


# --- the class -----------------------------------------------------------------------------------
def instructor() -> NotebookNode:
    text = build.source(LAB).text.read_text(encoding="utf-8")
    return build.instructor(text, judge.load(LAB))


def student(n: int) -> str:
    return f"2025{n:06d}"


def spoil(nb: NotebookNode, n: int) -> None:
    """Every fourth hand-in crashes in one answer; every tenth has none at all."""
    for cell in nb.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not marks.get("solution"):
            continue
        crash = n % 4 == 3 and cell["id"] == f"{CRASHES[n // 4 % len(CRASHES)]}-work"
        if crash or n % 10 == 9:
            cell.source = "1 / 0"


def handin(n: int, plain: bool) -> NotebookNode:
    """The n-th student's notebook, for the kit or for nbgrader alone."""
    nb = plain_form() if plain else instructor()
    spoil(nb, n)
    for cell in nb.cells:
        if cell.source.startswith(NUMBER):
            cell.source = f'{NUMBER}{student(n)}"'
    return nb


def plain_form() -> NotebookNode:
    """The lab as it would be with nbgrader alone: a test cell in place of each hand-in cell."""
    nb = instructor()
    for cell in nb.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("grade"):
            cell.source = TESTS[marks["grade_id"]]
        if cell.source == "lab.status()":
            cell.source = "pass"
    return nb


def write(course: Path, count: int, plain: bool) -> None:
    for n in range(count):
        folder = course / "submitted" / student(n) / LAB
        folder.mkdir(parents=True)
        nbformat.write(handin(n, plain), folder / f"{LAB}.ipynb")


# --- the three ways ------------------------------------------------------------------------------
def stock(course: Path, count: int) -> Measured:
    course.mkdir()
    # as installed, but that it waits for a slow machine instead of giving a submission up
    settings = f"c = get_config()\nc.CourseDirectory.root = {str(course)!r}\nc.Execute.iopub_timeout = 600\n"
    (course / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    source = course / "source" / LAB
    source.mkdir(parents=True)
    nbformat.write(plain_form(), source / f"{LAB}.ipynb")
    run([sys.executable, "-m", "nbgrader", "generate_assignment", LAB, "--force"], course)
    write(course, count, plain=True)
    return measure([sys.executable, "-m", "nbgrader", "autograde", LAB], course)


def kit(course: Path, count: int, jobs: int) -> Measured:
    from autograder.course import Course

    Course(course).release(LAB)
    write(course, count, plain=False)
    command = [sys.executable, "-m", "autograder.cli", "grade", LAB, "--course", str(course)]
    return measure([*command, "--jobs", str(jobs)], course)


def floor(count: int, *, draw: bool) -> Measured:
    """CPU of the children only: the parent's imports are not part of it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_forks, args=(theirs, count, draw))
    process.start()
    cpu, wall = ours.recv()
    process.join()
    return Measured(cpu, wall, 0.0)


def _forks(pipe: object, count: int, draw: bool) -> None:
    os.environ.update(ONE_THREAD | {"MPLBACKEND": "Agg"})
    from crmkit.kernels import preload

    preload.preload(list(preload.LIBRARIES))
    preload.read_shops()
    notebooks = [handin(n, plain=False) for n in range(count)]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    for nb in notebooks:
        child = os.fork()
        if child == 0:
            _own_cells(nb, draw)
        os.waitpid(child, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    pipe.send((cpu, time.perf_counter() - start))  # type: ignore[attr-defined]


def _own_cells(nb: NotebookNode, draw: bool) -> None:
    """In the child: all cells but those that hand an answer in."""
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w", encoding="utf-8") as quiet:
        os.chdir(folder)
        sys.stdout = quiet
        names: dict[str, object] = {"__name__": "__main__"}
        for cell in nb.cells:
            own = not cell.metadata.get("nbgrader", {}).get("grade")
            if cell.cell_type == "code" and own and cell.source != "lab.status()":
                with suppress(ZeroDivisionError, NameError, AttributeError, TypeError):
                    exec(compile(cell.source, "cell", "exec"), names)
                if draw:
                    _draw()
        os.chdir("/")
    os._exit(0)


def _draw() -> None:
    """What the inline backend does at the end of a cell."""
    from matplotlib import pyplot

    for number in pyplot.get_fignums():
        pyplot.figure(number).savefig(io.BytesIO(), format="png", dpi="figure", bbox_inches="tight")
    pyplot.close("all")


# --- measuring -----------------------------------------------------------------------------------
def measure(command: list[str], cwd: Path) -> Measured:
    """Run a command and count the CPU of all that it starts, in a process that adopts orphans."""
    done = run([sys.executable, __file__, "--measure", json.dumps([command, str(cwd)])], cwd)
    return Measured(**json.loads(done.stdout.strip().rsplit("\n", 1)[-1]))


def _measure(command: list[str], cwd: str) -> Measured:
    """Run here; this process then has nothing else to do and becomes the orphans' parent."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=sys.stderr, env=os.environ | ONE_THREAD)
    most, ended = [0.0], threading.Event()
    watch = threading.Thread(target=_watch, args=(most, ended))
    watch.start()
    code = process.wait()
    wall = time.perf_counter() - start
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    ended.set()
    watch.join()
    if code:
        raise SystemExit(f"{command} ended with {code}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Measured(used.ru_utime + used.ru_stime, wall, most[0])


def _watch(most: list[float], ended: threading.Event) -> None:
    me = psutil.Process()
    while not ended.wait(0.5):
        total = 0.0
        for process in me.children(recursive=True):
            with suppress(psutil.Error):
                found = process.memory_full_info()
                total += getattr(found, "pss", found.rss)
        most[0] = max(most[0], total)


def run(command: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "JUPYTER_CONFIG_DIR": str(cwd / ".jupyter"),
        "IPYTHONDIR": str(cwd / ".ipython"),
    }  # fmt: skip
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return done


# --- what came out -------------------------------------------------------------------------------
def marks(course: Path, stock_course: bool) -> dict[str, dict[str, float]]:
    """Student → item → points."""
    from nbgrader.api import Gradebook

    opened = Gradebook(f"sqlite:///{course / 'gradebook.db'}") if stock_course else None
    with opened or open_gradebook(course) as gb:
        return {
            s.student.id: {g.name: g.score for nb in s.notebooks for g in nb.grades}
            for s in gb.assignment_submissions(LAB)
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=50, help="students (50)")
    parser.add_argument("--jobs", type=int, default=2, help="workers of the kit (2)")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        command, cwd = json.loads(given.measure)
        print(json.dumps(vars(_measure(command, cwd))))
        return 0
    from autograder import sandbox

    count = given.count
    with tempfile.TemporaryDirectory(prefix="bench-class-") as temporary:
        here = Path(temporary)
        lowest, drawn = floor(count, draw=False), floor(count, draw=True)
        ours = kit(here / "kit", count, given.jobs)
        theirs = stock(here / "stock", count)
        same = marks(here / "kit", False) == marks(here / "stock", True)
    measured = {"floor": lowest, "drawn": drawn, "kit": ours, "stock": theirs}
    _show(count, given.jobs, measured, same, sandbox.best().name)
    return 0 if same else 1


def _show(count: int, jobs: int, measured: dict[str, Measured], same: bool, level: str) -> None:
    table = Table(title=f"{LAB}, {count} submissions; kit: {jobs} workers, sandbox {level}")
    for name in ("", "CPU s", "CPU s each", "over floor", "wall s", "wall s each", "peak MB"):
        table.add_column(name, justify="right")
    lowest = measured["floor"]
    for name, m in measured.items():
        table.add_row(
            name, f"{m.cpu:.1f}", f"{m.cpu / count:.2f}", f"{(m.cpu - lowest.cpu) / count:+.2f}",
            f"{m.wall:.1f}", f"{m.wall / count:.2f}", f"{m.memory / 1e6:.0f}" if m.memory else "",
        )  # fmt: skip
    Console(width=100).print(table)
    ours, theirs, drawn = measured["kit"], measured["stock"], measured["drawn"]
    print(f"kit over the floor: {(ours.cpu - lowest.cpu) / count:.2f} CPU s a submission, "
          f"over the floor with charts: {(ours.cpu - drawn.cpu) / count:.2f} (wanted: at most 0.30)")  # fmt: skip
    print(f"stock / kit: CPU {theirs.cpu / ours.cpu:.1f}, wall {theirs.wall / ours.wall:.1f} (wanted: wall at least 5)")  # fmt: skip
    print(f"same marks: {'yes' if same else 'NO'}")


if __name__ == "__main__":
    sys.exit(main())
