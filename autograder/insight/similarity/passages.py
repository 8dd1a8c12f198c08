"""Fingerprints of token sequences, and the passages that two of them have in common.

Source
------
Schleimer, S., Wilkerson, D. S. & Aiken, A. (2003). Winnowing: local algorithms for document
fingerprinting. SIGMOD '03, 76–85: hash every k-gram, keep the smallest hash of each window of w;
any passage of w + k − 1 tokens that two documents share is found. What was handed out (the "base")
is left out, as there. Where MOSS drops a passage that more than m documents have, it weighs less
here: log((n + 1) / df) / log(n + 1), the inverse document frequency scaled to 0…1. So neither what
everybody writes counts, nor does a group of copies vanish because it is large.

The passages that are shown come from greedy string tiling: Wise, M. J. (1993). String similarity via
greedy string tiling and running Karp–Rabin matching.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b


@dataclass(frozen=True)
class Token:
    """`text` is compared; `raw` is what stood there, in `cell` on `line` (from 1)."""

    text: str
    raw: str
    cell: str
    line: int


@dataclass(frozen=True)
class Document:
    """One student's own work: pieces (cells) of tokens. No match goes across the end of a piece."""

    student: str
    pieces: tuple[tuple[Token, ...], ...]
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)  # cell → its text

    @property
    def length(self) -> int:
        return sum(map(len, self.pieces))


@dataclass(frozen=True)
class Grain:
    """How fine the comparison is: k-grams of `k` tokens, windows of `w` of them."""

    k: int
    w: int

    @property
    def sure(self) -> int:
        """A common passage of so many tokens is found for certain."""
        return self.k + self.w - 1


@dataclass(frozen=True)
class Likeness:
    """Two documents that have something in common.

    Attributes
    ----------
    share : float
        Weight of the common fingerprints ÷ that of the shorter document's, 0…1.
    evidence : float
        About how many tokens of text that nobody else has this amounts to.
    """

    a: str
    b: str
    share: float
    evidence: float


@dataclass(frozen=True)
class Passage:
    """A common passage: cell and lines (from, to) in both, length in tokens.

    `verbatim` is the share of its tokens that read the same also before names were levelled.
    """

    a: tuple[str, int, int]
    b: tuple[str, int, int]
    length: int
    verbatim: float


def _grams(piece: Sequence[Token], k: int) -> list[int]:
    words = [t.text for t in piece]
    return [
        int.from_bytes(
            blake2b("\x1f".join(words[i : i + k]).encode(), digest_size=8).digest(), "big"
        )
        for i in range(len(words) - k + 1)
    ]


def grams(pieces: Iterable[Sequence[Token]], k: int) -> frozenset[int]:
    """Hashes of all k-grams, for what was handed out."""
    return frozenset(h for piece in pieces for h in _grams(piece, k))


def winnow(hashes: Sequence[int], w: int) -> set[int]:
    """The smallest hash of every window of `w`; of fewer than `w` hashes the smallest one.

    The sequence of the paper's figure 2, with w = 4:

    >>> sorted(winnow([77, 74, 42, 17, 98, 50, 17, 98, 8, 88, 67, 39, 77, 74, 42, 17, 98], 4))
    [8, 17, 39]
    """
    if not hashes:
        return set()
    return {min(hashes[i : i + w]) for i in range(max(1, len(hashes) - w + 1))}


def fingerprints(document: Document, base: frozenset[int], grain: Grain) -> set[int]:
    """The fingerprints of a document, without those of the text that was handed out."""
    found: set[int] = set()
    for piece in document.pieces:
        found |= winnow([h for h in _grams(piece, grain.k) if h not in base], grain.w)
    return found


def likenesses(documents: Sequence[Document], base: frozenset[int], grain: Grain) -> list[Likeness]:
    """All pairs with common fingerprints, the most evidence first."""
    prints = {d.student: fingerprints(d, base, grain) for d in documents}
    n = len(documents)
    holders: dict[int, list[str]] = {}
    for student in sorted(prints):
        for h in prints[student]:
            holders.setdefault(h, []).append(student)
    scale = math.log(n + 1)
    weight = {h: math.log((n + 1) / len(who)) / scale for h, who in holders.items()}
    whole = {s: sum(weight[h] for h in sorted(found)) for s, found in prints.items()}
    common: dict[tuple[str, str], float] = {}
    for h in sorted(holders):
        who = holders[h]
        for i, a in enumerate(who):
            for b in who[i + 1 :]:
                common[a, b] = common.get((a, b), 0.0) + weight[h]
    # On average one k-gram in (w + 1) / 2 becomes a fingerprint (the paper, section 3.1).
    tokens = (grain.w + 1) / 2
    found = []
    for (a, b), shared in common.items():
        least = min(whole[a], whole[b])
        if least > 0:
            found.append(Likeness(a, b, round(shared / least, 6), round(shared * tokens, 3)))
    return sorted(found, key=lambda p: (-p.evidence, -p.share, p.a, p.b))


def passages(a: Document, b: Document, base: frozenset[int], grain: Grain) -> list[Passage]:
    """The passages of at least k tokens that two documents share, longest first; none overlap."""
    places: dict[int, list[tuple[int, int]]] = {}
    for q, piece in enumerate(b.pieces):
        for j, h in enumerate(_grams(piece, grain.k)):
            if h not in base:
                places.setdefault(h, []).append((q, j))
    found = []
    for p, piece in enumerate(a.pieces):
        for i, h in enumerate(_grams(piece, grain.k)):
            for q, j in places.get(h, ()):
                if (
                    i
                    and j
                    and piece[i - 1].text == b.pieces[q][j - 1].text
                    and (_follows(a, b, base, grain.k, p, i, q, j))
                ):
                    continue  # not the beginning: the longer one is found from there
                found.append((_extent(piece, i, b.pieces[q], j), p, i, q, j))
    found.sort(key=lambda m: (-m[0], *m[1:]))
    used_a: set[tuple[int, int]] = set()
    used_b: set[tuple[int, int]] = set()
    tiles = []
    for length, p, i, q, j in found:
        length = _free(length, (p, i), used_a, (q, j), used_b)
        if length < grain.k:
            continue
        used_a |= {(p, i + d) for d in range(length)}
        used_b |= {(q, j + d) for d in range(length)}
        tiles.append(_passage(a.pieces[p][i : i + length], b.pieces[q][j : j + length]))
    return sorted(tiles, key=lambda t: (-t.length, t.a, t.b))


def _follows(
    a: Document, b: Document, base: frozenset[int], k: int, p: int, i: int, q: int, j: int
) -> bool:
    """Whether the k-gram one token earlier matches too and is not of the text handed out."""
    before = a.pieces[p][i - 1 : i - 1 + k]
    return _grams(before, k)[0] not in base and all(
        x.text == y.text for x, y in zip(before, b.pieces[q][j - 1 : j - 1 + k], strict=False)
    )


def _extent(one: Sequence[Token], i: int, two: Sequence[Token], j: int) -> int:
    n = 0
    while i + n < len(one) and j + n < len(two) and one[i + n].text == two[j + n].text:
        n += 1
    return n


def _free(
    length: int, at_a: tuple[int, int], used_a: set[tuple[int, int]],
    at_b: tuple[int, int], used_b: set[tuple[int, int]],
) -> int:  # fmt: skip
    """How much of a match is not part of a longer one."""
    for d in range(length):
        if (at_a[0], at_a[1] + d) in used_a or (at_b[0], at_b[1] + d) in used_b:
            return d
    return length


def _passage(one: Sequence[Token], two: Sequence[Token]) -> Passage:
    same = sum(x.raw == y.raw for x, y in zip(one, two, strict=True))
    return Passage(
        (one[0].cell, one[0].line, one[-1].line), (two[0].cell, two[0].line, two[-1].line),
        len(one), round(same / len(one), 4),
    )  # fmt: skip
