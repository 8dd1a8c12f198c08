"""What may be written of a product of which little is known: claims against their evidence.

The evidence is what the course's documents print of the eight products of chapter 13, and nothing
else: the vendors Oracle and 开思 brought out products in the middle of 1999; one product carries a
year in its name. A claim is sound if it says no more than that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

from crmkit.analytics import inputs

SOUND, TOO_SURE, NO_BASIS, TOO_SHY = "有依据", "说过头了", "没有依据", "可以再多说"
STATED, INFERRED, HEARD, NOTHING = "stated", "inferred", "heard", ""


@dataclass(frozen=True)
class Claim:
    """A year (0: none), and what it is said to stand on."""

    year: int
    basis: str
    words: str


CLAIMS: Mapping[str, Claim] = MappingProxyType(
    {
        "none": Claim(0, NOTHING, "未载"),
        "stated": Claim(1999, STATED, "资料写了 1999"),
        "vendor": Claim(1999, INFERRED, "推断 1999"),
        "name": Claim(2000, INFERRED, "推断 2000"),
        "heard": Claim(1995, HEARD, "听说 1995"),
    }
)
# Product → the most that can be said of its year, and why.
PRODUCTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "Applix iCustomer Advantage": ("none", "只有名字，还印错一个字母"),
        "Oracle 公司的产品": ("stated", "资料：1999 年年中，Oracle 推出产品"),
        "Pivotal Relationship": ("none", "只有名字"),
        "SalesLogix 2000": ("name", "名字里有 2000，提示版本或年代"),
        "Siebel": ("none", "只有名字和一个无从核对的页码"),
        "艾克国际 Akup eCRM": ("none", "只有名字，断词也是推断"),
        "东柏 TPTech": ("none", "只有名字"),
        "开思 CRM-Star": ("vendor", "资料写的是厂商开思推出产品，没有写是 CRM-Star"),
    }
)


def verdict(product: str, claim: str) -> str:
    """Whether a claim on the year of a product says what the evidence carries.

    Examples
    --------
    >>> verdict("Siebel", "heard"), verdict("开思 CRM-Star", "stated")
    ('没有依据', '说过头了')
    """
    inputs.choice(product, "product", PRODUCTS)
    inputs.choice(claim, "claim", CLAIMS)
    best = PRODUCTS[product][0]
    if claim == best:
        return SOUND
    if claim == "none":
        return TOO_SHY
    known, said = CLAIMS[best], CLAIMS[claim]
    if said.year != known.year or said.basis == HEARD:
        return NO_BASIS
    return TOO_SURE if said.basis == STATED else SOUND


def orderings(claims: Mapping[str, str]) -> tuple[int, int]:
    """Sentences "A came before B" that the claims allow, and how many of them are sound.

    Parameters
    ----------
    claims
        Product → claim; a pair counts if both have a year and the years differ.
    """
    sound = {product: verdict(product, claim) == SOUND for product, claim in claims.items()}
    years = {product: CLAIMS[claim].year for product, claim in claims.items()}
    pairs = [
        (a, b) for a, b in combinations(claims, 2)
        if years[a] and years[b] and years[a] != years[b]
    ]  # fmt: skip
    return len(pairs), sum(sound[a] and sound[b] for a, b in pairs)
