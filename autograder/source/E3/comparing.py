"""Lab E3: the two comparisons that no other lab needs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.E3.reference import KEY
from autograder.spec import Verdict
from crmkit.lab import forms


def any_order(got: Any, expected: list[list[str]]) -> Verdict:
    """Best verdict over the orders that count as right."""
    one = compare.id_order()
    return max((one(got, e) for e in expected), key=lambda v: v.share)


def same_detail(got: Any, expected: pd.DataFrame) -> Verdict:
    frame = forms.table(got, [KEY])
    verdict = compare.id_set()(frame, expected[KEY].tolist())
    lacking = [c for c in expected.columns if c not in frame.columns]
    if verdict.share == 1 and lacking:
        return Verdict(
            0.5,
            f"客户都对，但缺少列：{'、'.join(lacking)}",
            "筛选行时不要丢掉列：df[条件] 会保留全部列",
        )
    return verdict
