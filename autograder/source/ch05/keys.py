"""Which part of a call centre each sentence of the first exercise describes."""

from __future__ import annotations

PARTS = ("IN", "ACD", "IVR", "CTI")
# By place in the pool of sentences.
PART_OF = (
    "ACD", "ACD", "IN", "IVR", "ACD", "IVR", "IVR", "ACD",
    "CTI", "IN", "IVR", "CTI", "CTI", "IN", "ACD", "CTI",
    "IN", "IVR", "ACD", "IVR", "IN", "IN", "CTI", "CTI",
)  # fmt: skip
