"""datasets/calls: the hotline log of an invented airline, the application example of chapter 5.

Busier than a shop's hotline, with peaks that the roster does not quite follow.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from crmkit.schema import TABLES

from . import hotline, tea
from .spec import CallLog
from .tables import csv_bytes

SHOP = dataclasses.replace(
    tea.SHOP,
    name="airline",
    title="云桥航空",
    agents=("小舟", "阿岚", "小禾", "阿远", "小满", "阿澈"),
)
LOG = CallLog(
    first_day="2025-09-22",
    days=8,
    hourly={
        7: 6, 8: 14, 9: 30, 10: 34, 11: 26, 12: 14, 13: 14, 14: 22, 15: 30, 16: 28, 17: 20,
        18: 12, 19: 12, 20: 10, 21: 6,
    },
    handle_s=260.0,
    patience_s=140.0,
    agents={
        7: 1, 8: 2, 9: 3, 10: 4, 11: 4, 12: 2, 13: 2, 14: 3, 15: 3, 16: 4, 17: 3, 18: 2, 19: 2,
        20: 2, 21: 1,
    },
    skills=(
        ("1-订票", "订票", 0.34), ("2-改签", "改退", 0.24), ("3-退票", "改退", 0.14),
        ("4-航班动态", "查询", 0.16), ("5-行李", "查询", 0.08), ("9-投诉", "专项", 0.04),
    ),
)  # fmt: skip


def files() -> tuple[dict[str, bytes], dict[str, Any]]:
    """Files of datasets/calls, and the load they were made from."""
    rows = (
        (
            f"H{n:05d}", c.at, c.direction, c.path, c.skill, c.wait_s, c.handle_s, c.abandoned,
            c.agent,
        )
        for n, c in enumerate(hotline.calls(SHOP, LOG), start=1)
    )  # fmt: skip
    truth = {
        "first_day": LOG.first_day, "days": LOG.days, "arrivals_per_hour": dict(LOG.hourly),
        "handle_s": LOG.handle_s, "patience_s": LOG.patience_s, "agents": dict(LOG.agents),
    }  # fmt: skip
    columns = [c.name for c in TABLES["calls"].columns]
    return {"airline.csv": csv_bytes(columns, rows)}, {"calls": truth}
