"""Reads the product and campaign tables of the shop modules."""

from __future__ import annotations

from typing import Any

from .spec import Campaign, Product


def fen(yuan: str) -> int:
    """'19.90' → 1990."""
    whole, _, part = yuan.partition(".")
    return int(whole) * 100 + int((part + "00")[:2])


def products(table: str) -> tuple[Product, ...]:
    """One product a line: sku | name | category | price | cost | weight | listed | extras.

    Extras, separated by blanks: ``until=2025-08-20`` (nobody buys it after that day),
    ``months=4,5`` (sells three times as well then), ``pack=泡沫箱``, ``fixed`` (never reduced).
    """
    out = []
    for row in table.strip().splitlines():
        sku, name, category, price, cost, weight, listed, *rest = (
            x.strip() for x in row.split("|")
        )
        extra: dict[str, Any] = {}
        for word in rest[0].split() if rest else ():
            key, _, value = word.partition("=")
            if key == "until":
                extra["last_sold"] = value
            elif key == "months":
                extra["seasonal"] = tuple(int(m) for m in value.split(","))
            elif key == "pack":
                extra["packaging"] = value
            elif key == "fixed":
                extra["discounted"] = False
        out.append(
            Product(sku, name, category, fen(price), fen(cost), float(weight), listed, **extra)
        )
    return tuple(out)


def campaigns(table: str) -> tuple[Campaign, ...]:
    """One campaign a line, columns as in `Campaign`.

    Its audience is three of them: least number of orders, days since the last one from, to.
    """
    out = []
    for row in table.strip().splitlines():
        id, name, kind, starts, ends, budget, coupon, rule, tag, *numbers = (
            x.strip() for x in row.split("|")
        )
        least, low, high, size, holdout, pull = numbers
        audience = (int(least), int(low) if low else None, int(high) if high else None)
        out.append(
            Campaign(
                id,
                name,
                kind,
                starts,
                ends,
                fen(budget),
                fen(coupon),
                rule,
                tag,
                audience,
                int(size),
                float(holdout),
                float(pull),
            )  # fmt: skip
        )
    return tuple(out)
