"""What intake says: the reason why nothing can be graded, and one sentence for each mend."""

from __future__ import annotations

import re

from crmkit.errors import KitError

MAX_MENDS = 60
MAX_LENGTH = 300
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")


class Ungradable(KitError):
    """This hand-in cannot be graded; the message is the Chinese reason. It is not a mark of 0."""


class Mends:
    """Chinese sentences, each once, in the order in which things were mended."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}

    def add(self, sentence: str) -> None:
        self._sentences.setdefault(clean(sentence, MAX_LENGTH))

    def add_all(self, sentences: list[str]) -> None:
        for sentence in sentences:
            self.add(sentence)

    @property
    def sentences(self) -> list[str]:
        kept = list(self._sentences)
        if len(kept) > MAX_MENDS:
            kept = [*kept[:MAX_MENDS], f"另有 {len(kept) - MAX_MENDS} 处小的形式问题也已处理"]
        return kept


def clean(text: str, length: int = 60) -> str:
    """Text from a hand-in as it may stand in a message: one line, nothing unseen, not too long."""
    text = _UNSEEN.sub("", text.replace("\n", " "))
    return text if len(text) <= length else text[: length - 1] + "…"


def listed(names: list[str], most: int = 6) -> str:
    """Names for a sentence.

    >>> listed(["E3-01", "E3-02", "E3-03"], most=2)
    'E3-01、E3-02 等 3 个'
    """
    shown = "、".join(clean(n) for n in names[:most])
    return shown if len(names) <= most else f"{shown} 等 {len(names)} 个"
