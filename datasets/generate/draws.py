"""Chance, the same everywhere.

NumPy promises that the raw stream of PCG64 stays as it is, not that its distributions do, and
its vectorised logarithms differ in the last digit between processors. So only uniform numbers
come from NumPy, and the distributions are made of them here with the `math` module.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

from numpy.random import PCG64, Generator

T = TypeVar("T")
SEED = 20251231
_BLOCK = 4096


class Weighted(Generic[T]):
    """A discrete distribution to draw from more than once."""

    def __init__(self, weights: Mapping[T, float] | Iterable[tuple[T, float]]) -> None:
        pairs = list(weights.items() if isinstance(weights, Mapping) else weights)
        self.items = [item for item, _ in pairs]
        self._edges = list(accumulate(weight for _, weight in pairs))
        if not self._edges or self._edges[-1] <= 0:
            raise ValueError("a distribution needs a positive weight")

    def at(self, u: float) -> T:
        """The item at the quantile `u` of [0, 1)."""
        place = bisect_right(self._edges, u * self._edges[-1])
        return self.items[min(place, len(self.items) - 1)]


class Draws:
    """An independent stream for each name, e.g. ``Draws("tea", "people")``."""

    def __init__(self, *name: str) -> None:
        text = "|".join((str(SEED), *name))
        seed = int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:16], "big")
        self._numbers = Generator(PCG64(seed))
        self._block: list[float] = []

    def random(self) -> float:
        """Uniform on [0, 1)."""
        if not self._block:
            self._block = self._numbers.random(_BLOCK).tolist()
        return self._block.pop()

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * self.random()

    def integer(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.random() * (high - low + 1))

    def chance(self, p: float) -> bool:
        return self.random() < p

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.random() * len(items))]

    def weighted(self, table: Weighted[T]) -> T:
        return table.at(self.random())

    def shuffled(self, items: Iterable[T]) -> list[T]:
        out = list(items)
        for i in range(len(out) - 1, 0, -1):
            j = int(self.random() * (i + 1))
            out[i], out[j] = out[j], out[i]
        return out

    def sample(self, items: Iterable[T], n: int) -> list[T]:
        """`n` different items in random order (all of them when there are fewer)."""
        return self.shuffled(items)[:n]

    def exponential(self, mean: float = 1.0) -> float:
        return -mean * math.log(1.0 - self.random())

    def normal(self, mean: float = 0.0, sd: float = 1.0) -> float:
        radius = math.sqrt(-2.0 * math.log(1.0 - self.random()))
        return mean + sd * radius * math.cos(2.0 * math.pi * self.random())

    def lognormal(self, median: float, sigma: float) -> float:
        return median * math.exp(self.normal(0.0, sigma))

    def gamma(self, shape: float, rate: float = 1.0) -> float:
        """Marsaglia and Tsang (2000); for a shape below one with their boost."""
        if shape < 1.0:
            boost = (1.0 - self.random()) ** (1.0 / shape)
            return self.gamma(shape + 1.0, rate) * boost
        d = shape - 1.0 / 3.0
        c = 1.0 / math.sqrt(9.0 * d)
        while True:
            x = self.normal()
            v = (1.0 + c * x) ** 3
            if v <= 0.0:
                continue
            if math.log(1.0 - self.random()) < 0.5 * x * x + d - d * v + d * math.log(v):
                return d * v / rate

    def beta(self, a: float, b: float) -> float:
        x = self.gamma(a)
        return x / (x + self.gamma(b))

    def poisson(self, mean: float) -> int:
        """By counting exponential gaps: exact, and quick for the small means used here."""
        count, elapsed = 0, self.exponential()
        while elapsed < mean:
            count += 1
            elapsed += self.exponential()
        return count
