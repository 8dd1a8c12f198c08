"""A boxed runner gives what a Jupyter kernel gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.sandbox import LEVELS, Limits, SandboxError, best
from autograder.sandbox.boxed import Boxed
from autograder.sandbox.levels import trouble
from autograder.sandbox.plain import PlainKernel
from crmkit.lab.snapshot import ANSWER_MIME
from tests.autograder.notebooks import code, solution
from tests.autograder.sandbox.conftest import FAST, errors, text


def test_the_best_level_is_the_first_that_works() -> None:
    works = [level for level in LEVELS if not trouble(level)]
    chosen = best()
    assert chosen.name == works[0]
    assert re.search("[一-龥]", chosen.says)
    chosen.close()


def test_an_unknown_level_is_refused_in_chinese() -> None:
    with pytest.raises(SandboxError, match="没有沙箱级别「docker」"):
        best("docker")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("print('甲', end='')\n3", [("stdout", "甲"), ("display", "3")]),
        ("import sys\nprint('a'); print('b', file=sys.stderr); print('c')",
         [("stdout", "a\n"), ("stderr", "b\n"), ("stdout", "c\n")]),
        ("5;", []),
        ("import asyncio\nawait asyncio.sleep(0, 'done')", [("display", "'done'")]),
        ("%%capture got\nprint('hidden')", []),
        ("%time 1 + 1", [("stdout", None), ("display", "2")]),
        ("get_ipython().__class__.__mro__[1].__name__", [("display", "'InteractiveShell'")]),
        ("from IPython.display import display\ndisplay({'a/b': 'x', 'text/plain': 'y'}, raw=True)", [("display", "y")]),
        ("1 / 0", [("error", "ZeroDivisionError")]),
        ("for x in", [("error", "SyntaxError")]),
        ("input()", [("error", "StdinNotImplementedError")]),
        ("import getpass; getpass.getpass()", [("error", "StdinNotImplementedError")]),
        ("import os; _ = os.system('echo out; echo err >&2')", [("stdout", "out\n"), ("stderr", "err\n")]),
        ("!echo shell", [("stdout", "shell\n")]),
        ("import os\npid = os.fork()\nif pid == 0:\n    print('child'); os._exit(0)\n_ = os.wait()", [("stdout", "child\n")]),
        ("import multiprocessing as m\nprint(m.get_context('fork').Pipe()[0] is not None)", [("stdout", "True\n")]),
        ("import warnings; warnings.warn('w')", [("stderr", None)]),
        ("__name__, len(In) > 0", [("display", "('__main__', True)")]),
        ("import random; random.random() < 1", [("display", "True")]),
        ("print('\\ud800')", [("stdout", None)]),
    ],
)  # fmt: skip
def test_outputs_of_a_cell(
    backend: Boxed, cell: str, expected: list[tuple[str, str | None]]
) -> None:
    with backend.open({}, {}, FAST) as session:
        outputs = session.run(cell)
        assert not session.dead
    seen = [_short(o) for o in outputs]
    assert [k for k, _ in seen] == [k for k, _ in expected], outputs
    for (_, said), (_, wanted) in zip(seen, expected, strict=True):
        assert wanted is None or said.replace("\r", "") == wanted


def _short(output: dict[str, Any]) -> tuple[str, str]:
    if output["output_type"] == "stream":
        return output["name"], output["text"]
    if output["output_type"] == "error":
        return "error", output["ename"]
    return "display", output["data"].get("text/plain", "")


def test_a_submission_is_the_same_in_every_run(backend: Boxed) -> None:
    cell = "import random\nrandom.random(), list({'a', 'b', 'c', 'd'}), hash('x')"

    def said(student: str) -> str:
        with backend.open({}, {"CRMKIT_STUDENT": student}, FAST) as session:
            return text(session.run(cell))

    assert said("2025010101") == said("2025010101") != said("2025010102")


def test_only_plain_files_of_the_submission_are_handed_back(backend: Boxed) -> None:
    make = """
import os
os.makedirs("out/inner"); open("out/inner/a.xlsx", "wb").write(b"mine")
os.symlink("/etc/passwd", "link"); os.symlink("/etc", "folder"); os.mkfifo("fifo")
open("big", "wb").write(b"1" * 30_000)
os.symlink("out/inner/a.xlsx", "own")
"""
    from dataclasses import replace

    with backend.open({"data/x.csv": b"1,2"}, {}, replace(FAST, file_bytes=20_000)) as session:
        session.run(make)
        assert session.read("out/inner/a.xlsx") == b"mine"
        assert session.read("data/x.csv") == b"1,2"
        for path in ("link", "folder/passwd", "fifo", "big", "own", "out", "none", "../work/big",
                     "/etc/passwd", "", "a\0b", "/dev/zero"):  # fmt: skip
            assert session.read(path) is None, path
        assert text(session.run("1 + 1")) == "2"


@pytest.fixture(scope="module", params=LEVELS[:-1])
def warm(request: pytest.FixtureRequest) -> Iterator[Boxed]:
    """A backend with the libraries loaded."""
    if problem := trouble(request.param):
        pytest.skip(f"{request.param}: {problem}")
    made = Boxed(request.param)
    yield made
    made.close()


@pytest.fixture(scope="module")
def plainly() -> dict[int, list[dict[str, Any]]]:
    return _run_e3(PlainKernel())


def _run_e3(backend: Any) -> dict[int, list[dict[str, Any]]]:
    cells = code(solution("E3"))
    with backend.open({}, {"CRMKIT_STUDENT": "2025010101"}, Limits()) as session:
        made = {i: session.run(cells[i]) for i in sorted(cells)}
        assert session.dead == ""
        return made


def test_e3_gives_what_a_plain_kernel_gives(
    warm: Boxed, plainly: dict[int, list[dict[str, Any]]]
) -> None:
    boxed = _run_e3(warm)
    assert _comparable(boxed) == _comparable(plainly)
    answers = [o for outputs in boxed.values() for o in outputs if ANSWER_MIME in o.get("data", {})]
    assert len(answers) > 10


def _comparable(made: dict[int, list[dict[str, Any]]]) -> dict[int, list[Any]]:
    return {i: [_comparable_one(o) for o in outputs] for i, outputs in made.items()}


def _comparable_one(output: dict[str, Any]) -> Any:
    data = output.get("data")
    if data is None:
        return output["output_type"], output.get("text"), output.get("ename")
    found = {
        # a picture is a picture; the address of an object is another one each time
        "picture" if k.startswith("image/") else k: re.sub("0x[0-9a-f]+", "0x", v)
        if isinstance(v, str)
        else v
        for k, v in data.items()
    }
    return found | ({"picture": ""} if "picture" in found else {})


def test_figures_and_frames_are_shown(warm: Boxed) -> None:
    with warm.open({}, {}, Limits()) as session:
        figure = session.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
        assert [("image/png" in o["data"]) for o in figure] == [True], figure
        assert figure[0]["data"]["image/png"].startswith("iVBORw0KGgo")
        frame = session.run("import pandas as pd\npd.DataFrame({'a': [1]})")
        assert "<table" in frame[0]["data"]["text/html"]
        assert errors(session.run("%matplotlib inline")) == []


def test_nobody_else_is_in_the_memory_of_a_submission(warm: Boxed) -> None:
    with warm.open(
        {"secret.csv": b"neighbour-42"}, {"CRMKIT_STUDENT": "2025010142"}, Limits()
    ) as s:
        s.run("x = open('secret.csv').read(); print(x)")
    look = """
import gc, sys
words = [o for o in gc.get_objects() if isinstance(o, (list, tuple, dict)) and len(o) < 50]
found = [1 for o in words for v in (o.values() if isinstance(o, dict) else o)
         if isinstance(v, str) and ("neighbour-" + "42" in v or "20250101" + "42" in v)]
print(len(found), [m for m in sys.modules if m.split(".")[0] == "autograder"])
"""
    with warm.open({}, {"CRMKIT_STUDENT": "2025010101"}, Limits()) as session:
        assert text(session.run(look)) == "0 []\n"
