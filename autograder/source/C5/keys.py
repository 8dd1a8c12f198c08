"""What the sentences and indicators of C5 are to be sorted into, by their place in the pools."""

from __future__ import annotations

from crmkit.lab.inputs.c5 import INDICATOR_POOL, KINDS, STATEMENT_POOL

MARKETING = ("关系营销", "传统营销")
FORMS = ("行为忠诚", "意识忠诚", "情感忠诚")


def marketing(place: int) -> str:
    """Which kind of marketing a statement is."""
    assert place < len(STATEMENT_POOL)
    return MARKETING[0 if place in KINDS["plain"] or place in KINDS["lure"] else 1]


def form(place: int) -> str:
    """Which form of loyalty an indicator measures."""
    return FORMS[place // (len(INDICATOR_POOL) // len(FORMS))]
