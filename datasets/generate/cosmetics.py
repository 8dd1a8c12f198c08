"""datasets/cases: members and purchases of an invented cosmetics shop, the data twin of case C5.

Customers buy month by month until they leave. Who joins the club at the first purchase is fonder
of the shop to begin with; others join later *because* they keep buying, so that whoever counts
the members of today finds them more loyal than they were made.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from .draws import Draws
from .tables import csv_bytes

CUSTOMERS, MONTHS = 1400, 12
JANUARY = 0.75  # first purchase in January; the rest until August
JOINS, JOINS_LATER = 0.42, 0.10  # at the first purchase; at each later one
BUYS = {True: 0.34, False: 0.21}  # chance of a purchase a month while active, members and others
LEAVES = {True: 0.025, False: 0.06}
TWICE = 0.12  # two purchases in a month that has one
RETURNED = 0.05


def files() -> tuple[dict[str, bytes], dict[str, Any]]:
    """Files of datasets/cases for C5, and the process they were made by."""
    draws = Draws("cosmetics", "members")
    people, bought = [], []
    for k in range(1, CUSTOMERS + 1):
        who = f"M{k:05d}"
        first = 0 if draws.random() < JANUARY else draws.integer(1, 7)
        member = draws.random() < JOINS
        fond = 1 + 4 * (draws.random() + draws.random() + (0.45 if member else 0.15)) / 2.45
        taste = 0.6 + 0.8 * draws.random()
        joined: dt.date | None = None
        for month in range(first, MONTHS):
            buys = month == first or draws.random() < BUYS[member] * taste
            if buys:
                times = 2 if draws.random() < TWICE else 1
                days = sorted(dt.date(2025, month + 1, draws.integer(1, 28)) for _ in range(times))
                for day in days:
                    returned = draws.random() < RETURNED
                    bought.append((who, day, 60 + 10 * draws.integer(0, 54), returned))
                if joined is None and (member if month == first else draws.random() < JOINS_LATER):
                    joined = days[0]
            if draws.random() < LEAVES[member]:
                break
        people.append((who, joined, round(fond, 1)))
    purchases = sorted(bought, key=lambda row: (row[1], row[0]))
    truth = {
        "customers": CUSTOMERS, "january": JANUARY, "joins": JOINS, "joins_later": JOINS_LATER,
        "buys": {"member": BUYS[True], "other": BUYS[False]},
        "leaves": {"member": LEAVES[True], "other": LEAVES[False]}, "twice": TWICE, "returned": RETURNED,
    }  # fmt: skip
    made = {
        "members.csv": csv_bytes(["customer_id", "joined_at", "attachment"], people),
        "purchases.csv": csv_bytes(["customer_id", "bought_on", "amount", "returned"], purchases),
    }
    return made, truth
