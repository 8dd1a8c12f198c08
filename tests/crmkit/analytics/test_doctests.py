"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = [
    "apriori", "basket", "bg_bb", "breakdowns", "btyd", "churn", "classification", "clv", "cohort",
    "cox", "decision_tree", "forecasting", "gamma_gamma", "histories", "indicator", "indicators",
    "inputs", "integration", "investment", "kmeans", "ledger", "licences", "lifecycle", "likelihood", "loyalty",
    "matching", "multicriteria", "naive_bayes", "outliers", "paid", "pareto_nbd", "project", "purchases",
    "refunds", "repurchase", "review_mining", "rfm", "satisfaction", "sbg", "selection",
    "silhouette", "strategy", "survival", "tracking", "value", "window",
    "ahp", "callcentre", "capability", "erlang", "fuzzy", "ivr", "outsourcing", "process", "regression",
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
