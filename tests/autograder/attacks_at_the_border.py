"""Hostile hand-ins that speak to the judge past the kit: forged frames, answers, limits, places.

They have the form of `tests.autograder.attacks`. `QUICK` runs in every test run, the others in
`make test-full`.
"""

from __future__ import annotations

from tests.autograder.attacks import LATE, Attack

QUICK = {
    "answers of every odd shape",
    "deep data under the kit's own name",
    "files in the way of the graded notebook",
}


def _cheat(name: str, cell: str, **rest: object) -> Attack:
    return Attack(name, cell, True, **rest)  # type: ignore[arg-type]


def _harm(name: str, cell: str, **rest: object) -> Attack:
    return Attack(name, cell, False, **rest)  # type: ignore[arg-type]


# Frames written onto the runner's own connection, whatever its code would have let through.
_RAW = """
import json
from crmkit.lab.snapshot import ANSWER_MIME, RETURNS_MIME
_out = get_ipython().display_pub.outputs
def raw(content):
    data = json.dumps(content).encode()
    _out.socket.sendall(len(data).to_bytes(4, "big") + data)
def shown(data): raw({"n": _out._number, "output": {"output_type": "display_data", "data": data, "metadata": {}}})
def answered(item, value): shown({ANSWER_MIME: {"item": item, "value": value}})
"""
BORDER = [
    _cheat("int and str that lie about equality", """
class I(int):
    __eq__ = lambda s,o: True
    __hash__ = int.__hash__
    __reduce__ = lambda s: (eval, ("10",))
    __index__ = lambda s: 10
class T(str):
    __eq__ = lambda s,o: True
    __hash__ = str.__hash__
    __str__ = lambda s: s
    __contains__ = lambda s,o: True
top20_share = I(1); rfm_group = {T("重要价值客户"): I(3)}; male = [T("C000001")]
"""),
    _cheat("an extension array whose values change", """
import pandas as pd, numpy as np
from pandas.api.extensions import ExtensionArray, ExtensionDtype, register_extension_dtype, register_dataframe_accessor
@register_dataframe_accessor("score")
class A:
    def __init__(s, d): pass
class D(ExtensionDtype):
    name = "liar"; type = object
    @classmethod
    def construct_array_type(cls): return L
class L(ExtensionArray):
    dtype = D()
    def __init__(s): pass
    def __len__(s): return 3
    def __getitem__(s, k): return "C000001" if isinstance(k, int) else s
    def __eq__(s, o): return np.array([True]*3)
    def isna(s): return np.zeros(3, bool)
    def take(s, *a, **k): return s
    def copy(s): return s
    nbytes = 3
    @classmethod
    def _from_sequence(cls, *a, **k): return cls()
male = pd.Series(L()); dealt = male.to_frame("客户编号")
"""),
    _cheat("snapshot encoder that hands in what it likes", """
from crmkit.lab import snapshot, lab as labmod, checks
snapshot.encode = lambda v: [["C000001"]]
snapshot._encode = lambda *a: True
snapshot.Snapshot.to_json = lambda s: {"item": s.item, "student": s.student, "value": True, "score": 10, "points": 10}
checks.Check.problems = lambda *a: []
male = 1
"""),
    _cheat("json replaced", """
import json, json.encoder
json.dumps = lambda *a, **k: '{"n": 1, "done": true, "score": 100}'
json.encoder.JSONEncoder.default = lambda s, o: 10
"""),
    _cheat("scores and results forged as frames", _RAW + """
for kind in ("execute_result", "pyout", "update_display_data"):
    raw({"n": _out._number, "output": {"output_type": kind, "data": {"text/plain": "10"}, "metadata": {"nbgrader": {"points": 10}}, "execution_count": 1}})
for extra in ({"score": 10}, {"record": {"auto_score": 92}}, {"items": []}, {"exit": 0}, {"pid": 1}, {"file": "AAAA"}):
    raw({"n": _out._number, **extra}); raw({"n": _out._number + 1, **extra})
"""),
    _cheat("cells told to be done before they ran", _RAW + """
for n in range(_out._number, _out._number + 300): raw({"n": n, "done": True, "file": "UEsDBA=="})
"""),
    _cheat("answers of every odd shape", _RAW + """
items = [f"E3-{k:02d}" for k in range(1, 12)]
odd = [None, True, [], {}, {"t": []}, {"t": "nothing"}, {"t": "dict", "v": [[[1], 1]]}, {"t": "set", "v": [[1]]}, {"t": "float", "v": "inf"}, {"t": "float", "v": "nan"},
  {"t": "time", "v": []}, {"t": "array", "shape": [0, 10**18], "v": []}, {"t": "array", "shape": [-1], "v": ["x"]}, {"t": "bars", "title": 1, "xlabel": 2, "ylabel": 3, "labels": "abc", "heights": [1, 2]},
  {"t": "frame", "columns": {"range": [0, 10**30, 1], "names": [None]}, "index": {"range": [0, 1, 1], "names": [None]}, "v": []}, {"t": "function", "name": "f", "params": []}, {"t": "raised", "v": "x"},
  {"t": "file", "path": "../../gradebook.db", "sha256": "0", "size": 1}, {"t": "decimal", "v": "sNaN"}, {"t": "int", "v": "9" * 399}, 1e308, "\\ud800", "\\u202e" * 99, "\\x1b[31m"]
for v in odd:
    for i in items: answered(i, v)
for i in ("../../E3-01", "E3-01/..", "", "E1-01", "E3-99", "__class__", None, 5): answered(i, True)
"""),
    _cheat("an answer wide enough to fill the judge's memory", _RAW + """
answered("E3-01", {"t": "array", "shape": [60001], "v": ["x" * 30000] + ["a"] * 60000})
answered("E3-03", {"t": "index", "v": {"v": [{"t": "tuple", "v": list(range(50000))}], "names": [1] * 50000}})
answered("E3-04", {"t": "frame", "columns": {"range": [0, 100000, 1], "names": [None]}, "index": {"range": [0, 1, 1], "names": [None]}, "v": [[1]] * 100000})
"""),
    _cheat("numbers whose hashes collide", _RAW + """
P = 2**61 - 1
answered("E3-01", {"t": "set", "v": [{"t": "int", "v": str(k * P)} for k in range(1, 60000)]})
answered("E3-08", {"t": "dict", "v": [[k * P, 1] for k in range(1, 60000)]})
answered("E3-03", {"t": "dict", "v": [[{"t": "decimal", "v": str(k * P)}, 1] for k in range(1, 50000)]})
"""),
    _cheat("a dict of a million things", """
rfm_group = {f"k{n}": n for n in range(1_000_000)}
male = set(range(1_000_000)); dealt = {"a": {"b": {"c": {n: [n] for n in range(300_000)}}}}
"""),
    _cheat("later cells rewritten in the runner itself", """
import gc
for o in gc.get_objects():
    if type(o).__name__ == "Runner":
        old = o.shell.run_cell
        o.shell.run_cell = lambda s, **k: old("10\\nlab.answer('E3-07', 0.5)" if "lab.answer" in s else s, **k)
for r in gc.get_referrers(lab):
    if isinstance(r, dict): r["score"] = 100
"""),
    _cheat("cells switched off by magics that exist from now on", """
from IPython.core.magic import register_cell_magic, register_line_magic
get_ipython().run_line_magic("load_ext", "autoreload")
@register_cell_magic
def graded(line, cell): return 10
get_ipython().input_transformers_post.append(lambda lines: ["%%graded\\n", *lines])
"""),
    _cheat("an extension beside the notebook", "%load_ext cheat", files={
        "cheat.py": b"def load_ipython_extension(ip):\n    ip.displayhook.write_format_data = lambda *a: None\n    ip.ast_transformers.append(type('T',(),{'visit':lambda s,n:n})())\n"}),
    _cheat("profile, trace and audit hooks", """
import sys, threading
def t(frame, event, arg):
    for k in list(frame.f_locals):
        if k in ("score", "points", "expected"): frame.f_locals[k] = 10
    return t
sys.setprofile(t); threading.settrace(t); sys.settrace(t); sys.addaudithook(lambda *a: None)
"""),
    _cheat("the student's number written in other forms", """
import os
from crmkit.lab import Lab, identity
import crmkit.lab.lab as L
os.environ[identity.VARIABLE] = "../2025010102"
for who in ("2025010102", "２０２５０１０１０２", "2025010102/../2025010101", "演示", ""):
    try: lab = Lab("E3", who)
    except Exception as e: print(e)
"""),
    _cheat("text that reads as right", """
words = "\\u202e正确\\u202c\\u200b\\u2066满分 10/10\\x1b[2J\\x1b]0;t\\x07<b>正确</b>"
male = [words]; dealt = [words]; rfm_group = {words: words}; top20_share = words; target = words
""" ),
    _cheat("descriptors of the judge looked for", """
import os
for base in ("/proc/self/fd", "/proc/1/fd", "/proc/2/fd", f"/proc/{os.getppid()}/fd"):
    try: print(base, [(f, os.readlink(f"{base}/{f}")) for f in os.listdir(base)])
    except OSError as e: print(e)
for p in ("/proc/1/environ", "/proc/1/mem", f"/proc/{os.getppid()}/environ", f"/proc/{os.getppid()}/mem", "/proc/self/maps"):
    try: print(p, b"canary" in open(p, "rb").read(10**6))
    except (OSError, ValueError) as e: print(e)
"""),
    _harm("ends the process in silence after the last cell", "import os, atexit; atexit.register(lambda: os._exit(0)); os._exit(0)", where=LATE),
    _harm("a time bomb for the moment of judging", """
import threading, os
threading.Timer(0.3, lambda: os._exit(0)).start()
"""  , where=LATE),
    _harm("deep data under the kit's own name", _RAW + """
d = []
for _ in range(800): d = [d]
for mime in ("application/vnd.crmkit.other+json", "application/vnd.crmkit", "application/json", "application/x+json"): shown({mime: d})
""", where=LATE),
    _harm("half a million displays of nothing", _RAW + """
for _ in range(400_000): shown({})
""", where=LATE),
    _harm("half a million answers to nothing", _RAW + """
for k in range(200_000): answered("E3-99", k)
""", where=LATE),
    _harm("an error of a million empty lines", _RAW + """
raw({"n": _out._number, "output": {"output_type": "error", "ename": "E" * 3_000_000, "evalue": "v" * 3_000_000, "traceback": [""] * 1_000_000}})
shown({"k" * 3_000_000: ""}); shown({f"k{n}": "" for n in range(300_000)})
""", where=LATE),
    _harm("half characters everywhere", _RAW + """
shown({"text/plain": "\\ud83d", "text/html": "\\udc00", "\\ud800/x": "1"})
raw({"n": _out._number, "output": {"output_type": "stream", "name": "stdout", "text": "\\ud800"}})
raw({"n": _out._number, "output": {"output_type": "error", "ename": "\\ud800", "evalue": "\\udfff", "traceback": ["\\ud800"]}})
print("\\ud800", file=__import__("sys").stderr)
""", where=LATE),
    _harm("a frame of no length and frames cut off", _RAW + """
_out.socket.sendall(b"\\0\\0\\0\\0")
""", where=LATE),
    _harm("NaN, infinities and numbers of thousands of digits in a frame", _RAW + """
body = ('{"n": %d, "output": {"output_type": "display_data", "data": {"application/json": [NaN, Infinity, 1e999, ' % _out._number + "9" * 4000 + ']}}}').encode()
_out.socket.sendall(len(body).to_bytes(4, "big") + body)
""", where=LATE),
    _harm("files in the way of the graded notebook", """
import os
for p in ("E3.ipynb", "timestamp.txt"):
    os.makedirs(p, exist_ok=True)
    open(p + "/x.xlsx", "wb").write(b"PK")
os.makedirs("out/deep", exist_ok=True)
from IPython.display import publish_display_data
from crmkit.lab import snapshot
for p in ("E3.ipynb/x.xlsx", "timestamp.txt/x.xlsx", "con", "a:b", "x" * 250, "E3.ipynb", "timestamp.txt"):
    publish_display_data({snapshot.ANSWER_MIME: {"item": "E3-99", "value": {"type": "file", "path": p}}})
""", where=LATE),
    _harm("memory held outside of Python", """
import mmap
try:
    held = [mmap.mmap(-1, 50_000_000) for _ in range(60)]
    for m in held:
        for k in range(0, len(m), 4096): m[k] = 1
except (OSError, MemoryError) as e: print(e)
""", where=LATE),
    _harm("a shared memory segment and a file mapping that grow", """
from multiprocessing import shared_memory
try:
    many = [shared_memory.SharedMemory(create=True, size=40_000_000) for _ in range(40)]
    for m in many: m.buf[:] = b"x" * len(m.buf)
except Exception as e: print(e)
""", where=LATE),
    _harm("processes that start processes", """
import subprocess, sys
try:
    for _ in range(60): subprocess.Popen([sys.executable, "-c", "import time, os; os.setsid(); time.sleep(600)"], start_new_session=True)
except OSError as e: print(e)
""", where=LATE),
    _harm("a program that writes without end to the kernel's own descriptor", """
!timeout 4 sh -c 'while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done' 2>&1
""", where=LATE),
    _harm("a script cell", "%%script sh\nwhile :; do echo y; done", where=LATE),
    _harm("standard input waited for by a program", "!cat\n!python3 -c 'input()'", where=LATE),
    _harm("generators and finalizers that never end", """
class Z:
    def __del__(self):
        while True: pass
z = Z(); del z
""", where=LATE),
    _harm("a regular expression without end", "import re; re.match('(a+)+$', 'a' * 60 + 'b')", where=LATE),
    _harm("a power that never ends", "10 ** 10 ** 9", where=LATE),
    _harm("an object that cannot be shown", """
class R:
    def __repr__(self): raise SystemExit
    def _repr_html_(self):
        while True: pass
R()
""", where=LATE),
    _harm("an exception that cannot be told", """
class E(Exception):
    def __str__(self): raise SystemExit
    def __repr__(self): import os; os._exit(1)
raise E
""", where=LATE),
    _harm("an asynchronous task that never ends", """
import asyncio
async def f():
    while True: await asyncio.sleep(0)
await f()
""", where=LATE),
    _harm("an interrupt that is taken for a result", """
import signal, time
signal.signal(signal.SIGINT, lambda *a: time.sleep(10**6))
while True: time.sleep(1)
""", where=LATE),
    _harm("its own limits raised", """
import resource
for r in range(16):
    try: resource.setrlimit(r, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except Exception as e: pass
x = []
while True: x.append(bytearray(50_000_000))
""", where=LATE),
    _harm("links and pipes in the place of its files", """
import os, shutil
os.makedirs("out", exist_ok=True)
for n, t in (("out/a.xlsx", "/etc/passwd"), ("out/b.xlsx", "/dev/zero"), ("out/c.xlsx", "{secret}")):
    try: os.symlink(t, n); print(open(n, "rb").read(10)[:0])
    except Exception as e: print(type(e).__name__)
from IPython.display import publish_display_data
from crmkit.lab import snapshot
for n in ("out/a.xlsx", "out/c.xlsx"):
    publish_display_data({snapshot.ANSWER_MIME: {"item": "E3-99", "value": {"t": "file", "path": n, "sha256": "", "size": 1}}})
""", where=LATE, steals=True),
    _harm("poisoned configuration for the next one", """
import os, pathlib
for p in ("~/.ipython/profile_default/startup/00.py", "~/.config/pip/pip.conf", "~/.local/lib/python3.11/site-packages/usercustomize.py", "~/.mpl/matplotlibrc", "/tmp/sitecustomize.py", "/tmp/crmkit.py", "../sitecustomize.py", "/dev/shm/x"):
    try:
        q = pathlib.Path(p).expanduser(); q.parent.mkdir(parents=True, exist_ok=True); q.write_text("raise SystemExit", encoding="utf-8")
    except OSError as e: print(e)
""", where=LATE),
    _harm("modules of the judge's libraries beside the notebook", "1", files={
        "conftest.py": b"raise SystemExit", "nbgrader_config.py": b"raise SystemExit", "grading.yaml": b"{", "gradebook.db": b"x", "judge.py": b"raise SystemExit", "out/E3.crm": b"x",
        "jupyter_config.json": b"{", "setup.cfg": b"[", ".env": b"X=1", "CON.txt": b"", "a" * 150 + ".xlsx": b""}),
]  # fmt: skip
