"""Code that takes too much, does not stop, or lies: the grader goes on, and keeps what was there."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from autograder.sandbox import frames
from autograder.sandbox.boxed import Boxed
from tests.autograder.sandbox.conftest import FAST, errors, text

SMALL = replace(FAST, cell_seconds=2.0, memory_bytes=150_000_000, disk_bytes=20_000_000)


@pytest.mark.parametrize(
    "loop",
    ["while True: pass", "import time\ntime.sleep(100)", "import re; re.match('(a+)+b', 'a' * 40)",
     "input()", "import threading\nthreading.Lock().acquire()\nthreading.Event().wait()"],
)  # fmt: skip
def test_a_cell_that_does_not_end_is_stopped_and_the_rest_counts(backend: Boxed, loop: str) -> None:
    with backend.open({}, {}, replace(FAST, cell_seconds=1.0)) as session:
        assert text(session.run("kept = 7; kept")) == "7"
        outputs = session.run(loop)
        assert errors(outputs)[-1] in ("Timeout", "StdinNotImplementedError")
        assert session.dead == ""
        assert text(session.run("kept + 1")) == "8"


@pytest.mark.parametrize(
    "stubborn",
    [
        pytest.param(
            "import time\nwhile True:\n    try:\n        while True: time.sleep(0.01)\n    except KeyboardInterrupt: pass",
            marks=pytest.mark.full,
        ),
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nwhile True: pass",
        pytest.param("sum(range(10**13))", marks=pytest.mark.full),
    ],
    ids=["catches", "ignores", "stops", "in C"],
)
def test_what_cannot_be_interrupted_is_ended(backend: Boxed, stubborn: str) -> None:
    if "SIGSTOP" in stubborn and backend.name == "bubblewrap":
        pytest.skip("the first process of a PID namespace cannot stop itself")
    with backend.open({}, {}, replace(FAST, cell_seconds=2.5)) as session:
        session.run("1")
        began = time.monotonic()
        outputs = session.run(stubborn)
        assert time.monotonic() - began < 20
        assert "Timeout" in errors(outputs)
        assert session.dead
        assert errors(session.run("1")) == ["NotRun"]
    with backend.open({}, {}, FAST) as session:
        assert text(session.run("1 + 1")) == "2"


@pytest.mark.parametrize(
    "end",
    [
        "import os; os._exit(0)",
        "import ctypes; ctypes.string_at(0)",
        "import os; os.abort()",
        "import os\nfor fd in range(3, 50):\n    try: os.close(fd)\n    except OSError: pass\nwhile True: pass",
        "import sys; sys.setrecursionlimit(10**9)\nf = lambda x: f(x) + 1\nimport ctypes; ctypes.string_at(1)",
    ],
)  # fmt: skip
def test_a_dead_kernel_is_said_and_the_next_submission_runs(backend: Boxed, end: str) -> None:
    with backend.open({}, {}, FAST) as session:
        assert text(session.run("print('before')")) == "before\n"
        assert errors(session.run(end)) == ["KernelDied"]
        assert session.dead.startswith("内核已停止")
        assert session.read("a.txt") is None
    with backend.open({}, {}, FAST) as session:
        assert text(session.run("1 + 1")) == "2"


def test_exit_ends_nothing(backend: Boxed) -> None:
    with backend.open({}, {}, FAST) as session:
        session.run("exit()")
        session.run("import sys; sys.exit(3)")
        assert text(session.run("1 + 1")) == "2"


def test_memory_flood(backend: Boxed) -> None:
    with backend.open({}, {}, replace(SMALL, cell_seconds=20.0)) as session:
        assert "MemoryError" in errors(session.run("x = bytearray(400_000_000)"))
        assert text(session.run("1")) == "1"
        many = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        x = bytearray(b"1") * 100_000_000
        time.sleep(60)
time.sleep(60)
"""
        session.run(many)
        assert "占用内存超过" in session.dead


def test_shared_memory_flood(backend: Boxed) -> None:
    flood = """
import mmap, os
kept = []
try:
    for i in range(100):
        kept.append(mmap.mmap(-1, 10_000_000)); kept[-1].write(b"1" * 10_000_000)
    print("all")
except OSError as error:
    print("refused")
try:
    os.memfd_create("x"); print("memfd")
except OSError:
    pass
"""
    with backend.open({}, {}, SMALL) as session:
        said = text(session.run(flood))
        assert "all" not in said and "memfd" not in said
        assert session.dead or "refused" in said


def test_fork_flood(backend: Boxed) -> None:
    flood = """
import os
while True:
    try: os.fork()
    except OSError: pass
"""
    with backend.open({}, {}, replace(SMALL, cell_seconds=5)) as session:
        session.run(flood)
        assert session.dead
    with backend.open({}, {}, FAST) as session:
        assert text(session.run("1 + 1")) == "2"


def test_thread_flood(backend: Boxed) -> None:
    flood = """
import threading, time
started = 0
try:
    for _ in range(500):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); started += 1
except (RuntimeError, MemoryError): pass
time.sleep(1)
print(started)
"""
    with backend.open({}, {}, SMALL) as session:
        said = text(session.run(flood))
        assert session.dead or int(said) < 200


@pytest.mark.parametrize(
    "flood",
    [
        "open('a', 'wb').write(b'1' * 100_000_000)",
        "for i in range(100): open(f'{i}', 'wb').write(b'1' * 1_000_000)\ntime.sleep(3)",
        "for i in range(200_000): open(f'{i}', 'wb').close()\ntime.sleep(3)",
    ],
    ids=["one file", "many files", "empty files"],
)
def test_disk_flood(backend: Boxed, flood: str) -> None:
    with backend.open({}, {}, replace(SMALL, cell_seconds=15)) as session:
        outputs = session.run("import time\n" + flood)
        assert session.dead or "OSError" in errors(outputs), outputs
    with backend.open({}, {}, FAST) as session:
        assert text(session.run("import os; os.listdir()")) == "[]"


@pytest.mark.parametrize(
    "flood",
    [
        "while True: print('x' * 1000)",
        "from IPython.display import display\nwhile True: display('x' * 10_000)",
        "import os\nwhile True: os.write(1, b'x' * 10_000)",
        "import sys\nwhile True: sys.stderr.write('x' * 100)",
        "raise ValueError('x' * 10_000_000)",
    ],
    ids=["print", "display", "descriptor", "errors", "message"],
)
def test_output_flood(backend: Boxed, flood: str) -> None:
    with backend.open({}, {}, replace(SMALL, output_chars=50_000)) as session:
        outputs = session.run(flood)
        assert sum(map(frames.size, outputs)) < 60_000
        assert {"TooMuchOutput", "Timeout", "KernelDied", "OSError"} & set(errors(outputs))
        if not session.dead:
            assert text(session.run("1 + 1")) == "2"


def test_output_of_a_whole_submission_is_limited(backend: Boxed) -> None:
    limits = replace(FAST, output_chars=10_000, total_output_chars=25_000)
    with backend.open({}, {}, limits) as session:
        made = [session.run("print('x' * 9_000)") for _ in range(5)]
    assert [("TooMuchOutput" in errors(o)) for o in made] == [False, False, True, True, True]
    assert sum(frames.size(o) for outputs in made for o in outputs) < 26_000


SAY = """
import os, socket, stat
def sockets():
    for fd in range(3, 30):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode): yield fd
        except OSError: pass
def say(data):
    for fd in sockets(): os.write(fd, data)
def framed(text):
    data = text if isinstance(text, bytes) else text.encode()
    say(len(data).to_bytes(4, "big") + data)
"""


@pytest.mark.parametrize(
    "lie",
    [
        "say(b'garbage ' * 100)",
        "say(b'\\xff\\xff\\xff\\xff')",
        "framed('[' * 100_000)",
        "framed('[1, 2')",
        "framed('{\"n\": ' + '9' * 10_000 + '}')",
        "framed('3')",
        "framed(b'\\xff\\xfe')",
        "while True: framed('{\"n\": 1}')",
        "while True: framed('{\"n\": 3, \"output\": {\"output_type\": \"stream\", \"name\": \"stdout\", \"text\": \"xxxxxxxx\"}}')",
        "say((20_000_000).to_bytes(4, 'big')); say(b'[[],' * 5_000_000)",
    ],
)  # fmt: skip
def test_lies_to_the_grader_spoil_only_the_own_submission(backend: Boxed, lie: str) -> None:
    with backend.open({}, {}, SMALL) as session:
        session.run(SAY)
        began = time.monotonic()
        session.run("1")
        session.run(lie)
        session.run("2")
        assert time.monotonic() - began < 20
    with backend.open({}, {}, FAST) as session:
        assert text(session.run("1 + 1")) == "2"


def test_forged_outputs_are_taken_apart() -> None:
    for content in (None, 3, {}, {"output_type": "stream", "name": "x", "text": "1"},
                    {"output_type": "stream", "name": "stdout", "text": 3},
                    {"output_type": "display_data", "data": []},
                    {"output_type": "execute_result", "data": {"text/plain": "100"}},
                    {"output_type": "error", "ename": "x"}):  # fmt: skip
        assert frames.output(content) is None
    deep: list = []
    for _ in range(200):
        deep = [deep]
    made = frames.output(
        {"output_type": "display_data", "metadata": {"a": 1},
         "data": {"text/plain": "1", "text/html": 3, "application/x+json": deep}}
    )  # fmt: skip
    assert made == {"output_type": "display_data", "data": {"text/plain": "1"}, "metadata": {}}


def test_half_characters_do_not_pass() -> None:
    body = b'{"n": 1, "text": "a\\ud800b \\uDFFF"}'
    [frame] = frames.Frames().feed(len(body).to_bytes(4, "big") + body)
    assert frame["text"] == "a�b �"
