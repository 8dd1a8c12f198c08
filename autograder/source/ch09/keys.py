"""Capabilities of the indicators, and which statements hold, by their places in the pools."""

from __future__ import annotations

from crmkit.analytics.capability import CAPABILITIES

_SHORT = dict(zip("察值交", CAPABILITIES, strict=True))
CAPABILITY_OF = tuple(
    _SHORT[x] for x in "察值交察交值察值交察值察值交交察值交察值交值察交值值值交察交"
)
HOLDS = (True, False, True, True, True, False, True, True, False, True, False, True)
