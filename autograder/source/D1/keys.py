"""What the candidates of lab D1's first item are, and which questions need the day."""

from __future__ import annotations

ROLES = ("事实", "度量", "维度", "都不用")
# For each process one figure per candidate: the place of its role.
_ROLE_CODES = (
    "023312131223212",
    "313321132220221",
    "203311212321232",
    "113223023223121",
    "223211123023123",
    "312221233112230",
)
DAILY = (1, 3, 5, 7, 9, 11)


def role(process: int, place: int) -> str:
    """The role of a candidate of one business process."""
    return ROLES[int(_ROLE_CODES[process][place])]
