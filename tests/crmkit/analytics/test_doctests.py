"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = [
    "basket", "breakdowns", "btyd", "churn", "clv", "indicator", "indicators", "inputs", "ledger",
    "lifecycle", "loyalty", "paid", "purchases", "refunds", "rfm", "satisfaction", "selection",
    "value", "window",
]  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_the_module(name: str) -> None:
    module = importlib.import_module(f"crmkit.analytics.{name}")
    assert doctest.testmod(module).failed == 0


def test_importing_the_models_loads_no_scipy() -> None:
    import subprocess
    import sys

    modules = ", ".join(f"crmkit.analytics.{name}" for name in MODULES)
    code = f"import sys, {modules}; sys.exit('scipy' in sys.modules or 'matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
