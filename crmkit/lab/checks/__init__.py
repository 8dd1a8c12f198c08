"""Public checks: is an answer the right kind of thing? Never: is it right?

A check is data (it travels to the student as JSON), says in words what is odd about an answer and
what to do next, and knows nothing of the expected value. Checks stand here by the kind of answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crmkit.errors import KitError
from crmkit.lab.checks.chart import BarChart, BarCharts
from crmkit.lab.checks.check import Check
from crmkit.lab.checks.file import Workbook, file_path
from crmkit.lab.checks.frame import Grid, Table, Tables
from crmkit.lab.checks.function import Function
from crmkit.lab.checks.listing import Ids, Order
from crmkit.lab.checks.mapping import Groups, Mapping, Parts
from crmkit.lab.checks.operations import REFUSED, SYSTEM, Operations
from crmkit.lab.checks.value import Number, Text

__all__ = [
    "REFUSED", "SYSTEM", "BarChart", "BarCharts", "Check", "Function", "Grid", "Groups", "Ids",
    "Mapping", "Number", "Operations", "Order", "Parts", "Table", "Tables", "Text", "Workbook",
    "file_path", "from_json",
]  # fmt: skip

_KINDS: dict[str, Callable[..., Check]] = {
    c.kind: c
    for c in (
        Number, Ids, Mapping, Table, Tables, Grid, Order, Text, Groups, Parts, Operations, Function, Workbook, BarChart,
        BarCharts,
    )
}  # fmt: skip


def from_json(data: dict[str, Any]) -> Check:
    """Read a check back from the lab's manifest."""
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k != "kind"}
    try:
        return _KINDS[data["kind"]](**fields)
    except (KeyError, TypeError) as e:
        raise KitError(f"题目清单里的检查写得不对：{data}（{e}）") from e
