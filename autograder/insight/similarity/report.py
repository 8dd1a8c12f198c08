"""Which likenesses are worth a teacher's look, with everything needed to judge them oneself.

The report gives hints. Two students may have learned from the same example, sat side by side with
leave, or used the same assistant; only a talk tells.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from autograder.insight.similarity import code, prose
from autograder.insight.similarity.handin import Own, Released
from autograder.insight.similarity.passages import (
    Document,
    Grain,
    Likeness,
    Passage,
    grams,
    likenesses,
    passages,
)
from autograder.insight.similarity.variants import Foreign

CAUTION = (
    "提示，不是结论：相似可能来自同一个例子、同一份资料或允许的讨论。"
    "请对照原作业，并和学生谈过以后再作判断。"
)
MOST_PASSAGES = 12


@dataclass(frozen=True)
class Thresholds:
    """From where on a likeness is shown (settings.toml, section insight)."""

    code_share: float
    code_evidence: float
    text_share: float
    text_evidence: float


@dataclass(frozen=True)
class Excerpt:
    """Lines of one student's cell, as handed in."""

    cell: str
    first: int
    last: int
    text: str


@dataclass(frozen=True)
class Common:
    """The same passage in both hand-ins, side by side."""

    kind: str  # code or text
    a: Excerpt
    b: Excerpt
    length: int
    verbatim: float


@dataclass(frozen=True)
class Hint:
    """A pair of hand-ins that a teacher may want to look at.

    Attributes
    ----------
    code, text : float or None
        Share of common code and text, None when it stays below the thresholds.
    comments : tuple of str
        Comments in the code that only these two have, word for word.
    foreign : tuple of Foreign
        Answers of one that belong to the other's data.
    """

    a: str
    b: str
    code: float | None
    text: float | None
    verbatim: float
    passages: tuple[Common, ...]
    comments: tuple[str, ...]
    foreign: tuple[Foreign, ...]

    @property
    def kinds(self) -> int:
        return (self.code is not None) + (self.text is not None) + bool(self.foreign)


def report(
    own: Mapping[str, Own], given: Released, foreign: Sequence[Foreign], limits: Thresholds
) -> list[Hint]:
    """Hints of one lab, those with most kinds of evidence first.

    Parameters
    ----------
    own : mapping of str to Own
        Student → own cells.
    given : Released
        What was handed out.
    foreign : sequence of Foreign
        Answers that belong to another student's data.
    limits : Thresholds
        From where on a likeness is shown.
    """
    codes = {s: code.document(s, o.code) for s, o in own.items()}
    texts = {s: prose.document(s, o.text) for s, o in own.items()}
    in_code = _above(codes, given.code, code.GRAIN, limits.code_share, limits.code_evidence)
    in_text = _above(texts, given.text, prose.GRAIN, limits.text_share, limits.text_evidence)
    answers: dict[tuple[str, str], list[Foreign]] = {}
    for f in foreign:
        answers.setdefault((min(f.student, f.owner), max(f.student, f.owner)), []).append(f)
    usual_code, usual_text = _usual(codes, code.GRAIN), _usual(texts, prose.GRAIN)
    remarks = {s: _comments(o, given) for s, o in own.items()}
    hints = []
    for pair in sorted({*in_code, *in_text, *answers}):
        a, b = pair
        found: list[Common] = []
        if pair in in_code:
            tiles = passages(codes[a], codes[b], given.code | usual_code, code.GRAIN)
            found += [_common("code", t, codes[a], codes[b]) for t in tiles]
        if pair in in_text:
            tiles = passages(texts[a], texts[b], given.text | usual_text, prose.GRAIN)
            found += [_common("text", t, texts[a], texts[b]) for t in tiles]
        whole = sum(c.length for c in found)
        hints.append(
            Hint(
                a, b,
                in_code[pair].share if pair in in_code else None,
                in_text[pair].share if pair in in_text else None,
                round(sum(c.length * c.verbatim for c in found) / whole, 4) if whole else 0.0,
                tuple(found[:MOST_PASSAGES]),
                tuple(sorted(_only_theirs(a, b, remarks))),
                tuple(answers.get(pair, ())),
            )
        )  # fmt: skip
    return sorted(hints, key=lambda h: (-h.kinds, -_size(h), h.a, h.b))


def _size(hint: Hint) -> float:
    return (hint.code or 0) + (hint.text or 0) + len(hint.foreign)


def _above(
    documents: Mapping[str, Document], base: frozenset[int], grain: Grain, share: float, evidence: float
) -> dict[tuple[str, str], Likeness]:  # fmt: skip
    found = likenesses(list(documents.values()), base, grain)
    return {(p.a, p.b): p for p in found if p.share >= share and p.evidence >= evidence}


def _usual(documents: Mapping[str, Document], grain: Grain) -> frozenset[int]:
    """K-grams of more than half of a class (of at least four): no passage to show."""
    if len(documents) < 4:
        return frozenset()
    holders: dict[int, int] = {}
    for document in documents.values():
        for h in grams(document.pieces, grain.k):
            holders[h] = holders.get(h, 0) + 1
    return frozenset(h for h, n in holders.items() if n > len(documents) / 2)


def _common(kind: str, tile: Passage, a: Document, b: Document) -> Common:
    return Common(kind, _excerpt(a, tile.a), _excerpt(b, tile.b), tile.length, tile.verbatim)


def _excerpt(document: Document, place: tuple[str, int, int]) -> Excerpt:
    cell, first, last = place
    lines = document.sources[cell].splitlines()[first - 1 : last]
    return Excerpt(cell, first, last, "\n".join(lines))


def _comments(own: Own, given: Released) -> set[str]:
    return {c for source in own.code.values() for c in code.comments(source)} - given.comments


def _only_theirs(a: str, b: str, remarks: Mapping[str, Collection[str]]) -> set[str]:
    others = {c for s, found in remarks.items() if s not in (a, b) for c in found}
    return (set(remarks.get(a, ())) & set(remarks.get(b, ()))) - others
