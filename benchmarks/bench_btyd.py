"""Fit of BG/NBD to 100,000 customers beside the package `lifetimes`: `make bench` runs this.

Histories are drawn from the model itself (CRMKIT_BENCH_CUSTOMERS, default 100,000; days over two
years, in weeks). `lifetimes` 0.11.3 is installed into a temporary environment and measured there,
fit alone, data in memory; where it cannot be had the reason is printed and our time alone. Both
sets of parameters are then put into the same likelihood.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

# Both sides on one thread: the matrices are 4 × 4, and threads that wait for each other only add
# noise. Before numpy is loaded; the other process inherits it.
os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from crmkit.analytics.btyd import BgNbd  # noqa: E402

CUSTOMERS = int(os.environ.get("CRMKIT_BENCH_CUSTOMERS", "100000"))
ROUNDS = 3  # the best of so many counts, on both sides
WANTED = 10.0  # times faster
# What lifetimes 0.11.3 was written for: newer numpy and pandas dropped what it imports.
PACKAGES = ["lifetimes==0.11.3", "numpy<2", "pandas<2.3", "scipy<1.14"]
THEIRS = """
import json, sys, time, warnings
import numpy as np
warnings.filterwarnings("ignore")
from lifetimes import BetaGeoFitter
data = np.load(sys.argv[1])
BetaGeoFitter().fit(data["x"][:500], data["t_x"][:500], data["T"][:500])  # imports, first use
took = []
for _ in range(int(sys.argv[2])):
    begin = time.perf_counter()
    model = BetaGeoFitter().fit(data["x"], data["t_x"], data["T"])
    took.append(time.perf_counter() - begin)
print(json.dumps([min(took), *(float(model.params_[k]) for k in ("r", "alpha", "a", "b"))]))
"""


def histories(n: int) -> dict[str, np.ndarray]:
    """x, t_x and T of `n` customers who behave as BG/NBD(0.55, 6, 0.8, 2.6) has it."""
    rng = np.random.default_rng(20250101)
    span = rng.integers(1, 731, n)
    rate = rng.gamma(0.55, 1 / 6.0, n) / 7  # a day
    leave = rng.beta(0.8, 2.6, n)
    x, last = np.zeros(n, dtype=np.int64), np.zeros(n)
    at, active = np.zeros(n), np.ones(n, dtype=bool)
    while active.any():
        at[active] += rng.exponential(1 / rate[active])
        active &= at <= span
        x[active] += 1
        last[active] = at[active]
        active &= rng.random(n) >= leave
    return {"x": x, "t_x": np.floor(last) / 7, "T": span / 7}


def theirs(data: dict[str, np.ndarray], folder: Path) -> list[float] | str:
    """Seconds and parameters of `lifetimes`, or why there are none."""
    home = folder / "venv"
    venv.create(home, with_pip=True)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--only-binary=:all:", *PACKAGES]
    installed = subprocess.run(install, capture_output=True, text=True, check=False)
    if installed.returncode:
        return (installed.stderr.strip().splitlines() or ["pip 没有说明原因"])[-1]
    np.savez(folder / "data.npz", x=data["x"], t_x=data["t_x"], T=data["T"])
    command = [str(python), "-c", THEIRS, str(folder / "data.npz"), str(ROUNDS)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        return (run.stderr.strip().splitlines() or ["没有说明原因"])[-1]
    found: list[float] = json.loads(run.stdout.splitlines()[-1])
    return found


def main() -> int:
    data = histories(CUSTOMERS)
    BgNbd.fit(data["x"][:500], data["t_x"][:500], data["T"][:500])  # imports, first use
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        model = BgNbd.fit(**data)
        times.append(time.perf_counter() - begin)
    ours = min(times)
    own = model.log_likelihood(**data)
    print(f"BG/NBD，{CUSTOMERS:,} 位客户：本课 {ours:.3f} 秒，对数似然 {own:.4f}")
    with tempfile.TemporaryDirectory() as folder:
        other = theirs(data, Path(folder))
    if isinstance(other, str):
        print(f"跳过与 lifetimes 的对比：{other}")
        return 0
    took, *parameters = other
    likelihood = BgNbd(*parameters).log_likelihood(**data)
    gap = abs(own - likelihood) / abs(likelihood)
    print(f"lifetimes 0.11.3：{took:.3f} 秒，对数似然 {likelihood:.4f}，相对差 {gap:.1e}")
    print(f"快 {took / ours:.1f} 倍（要求 {WANTED:g} 倍以上）")
    return 0 if took / ours >= WANTED and gap < 1e-6 else 1


if __name__ == "__main__":
    sys.exit(main())
