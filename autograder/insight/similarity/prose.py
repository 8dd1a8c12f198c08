"""Free text as characters: Chinese has no spaces, so its words are n-grams of characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from autograder.insight.similarity.passages import Document, Grain, Token

GRAIN = Grain(k=7, w=4)
LONGEST = 20_000  # characters of one answer that are looked at


def document(student: str, answers: Mapping[str, str]) -> Document:
    """A student's written answers (item → text) as a document."""
    pieces = tuple(tokens(item, text) for item, text in answers.items())
    return Document(student, tuple(p for p in pieces if p), dict(answers))


def tokens(item: str, text: str) -> tuple[Token, ...]:
    """Letters, ideographs and digits; full-width and half-width forms are one, signs are left out.

    >>> "".join(t.text for t in tokens("E3-12", "重要价值客户，共 ３８ 位。"))
    '重要价值客户共38位'
    """
    found = []
    for number, line in enumerate(text[:LONGEST].splitlines(), 1):
        for raw in line:
            for sign in unicodedata.normalize("NFKC", raw).casefold():
                if unicodedata.category(sign)[0] in "LN":
                    found.append(Token(sign, raw, item, number))
    return tuple(found)
