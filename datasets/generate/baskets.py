"""What lies in the basket: things worth about what the spending process asked for.

The basket starts with one product, takes companions by the planted affinities, is filled up, and
a discount (to the yuan) closes the gap. What the customer pays is then lines − discount + freight,
to the fen; how near it comes to the process is measured and written to meta.yaml.
"""

from __future__ import annotations

from .draws import Draws, Weighted
from .spec import Fen, Line, Order, Product, Shop

_TRIES = 14
_PATIENCE = 5  # so often a basket of many lines is put back for a simpler one
_NEAR = 0.05  # a full-price basket may miss what was asked for by this share
_DEAR = 0.6  # a budget is rather spent on one dear thing than on many cheap ones
_DEEPEST = 0.30  # no discount goes deeper than this share of the goods


class Shelf:
    """The catalogue as one looks at it in a given month with a given budget."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._by_sku = {p.sku: p for p in shop.products}
        self._cheapest_first = sorted(shop.products, key=lambda p: (p.price, p.sku))
        self._tables: dict[tuple[str, int], Weighted[Product]] = {}
        self.rules: dict[str, list[tuple[Product, float]]] = {}
        for rule in shop.affinities:
            self.rules.setdefault(rule.first, []).append(
                (self._by_sku[rule.then], rule.probability)
            )

    def wrap(self) -> Product:
        return self._by_sku[self._shop.gift_wrap]

    def on_sale(self, day: str) -> list[Product]:
        return [
            p
            for p in self._cheapest_first
            if p.weight > 0 and p.listed <= day and (not p.last_sold or day <= p.last_sold)
        ]

    def choice(self, day: str, most: Fen) -> Weighted[Product] | None:
        """Products on sale that cost at most this, by how often they are bought in that month."""
        affordable = [p for p in self.on_sale(day) if p.price <= most]
        if not affordable:
            return None
        key = (day, len(affordable))
        if key not in self._tables:
            month = int(day[5:7])
            self._tables[key] = Weighted(
                (p, p.weight * p.price**_DEAR * (3.0 if month in p.seasonal else 1.0))
                for p in affordable
            )
        return self._tables[key]


def freight(shop: Shop, goods: Fen, remote: bool) -> Fen:
    """Free from a given amount; remote provinces pay double and from twice the amount on nothing."""
    if remote:
        return 0 if goods >= 2 * shop.free_freight else 2 * shop.freight
    return 0 if goods >= shop.free_freight else shop.freight


def _put(
    shelf: Shelf, draws: Draws, basket: dict[Product, int], what: Product, left: Fen, target: Fen, day: str,
) -> Fen:  # fmt: skip
    """Add one of a product and, by chance, its companions; what is left of the money."""
    new = what not in basket
    basket[what] = basket.get(what, 0) + 1
    left -= what.price
    for then, probability in shelf.rules.get(what.sku, ()) if new else ():
        wanted = draws.chance(probability)
        if wanted and then.price <= left + target // 4 and then.listed <= day:
            basket[then] = basket.get(then, 0) + 1
            left -= then.price
    return left


def _attempt(
    shelf: Shelf, draws: Draws, day: str, target: Fen, gift: bool, reduced: bool
) -> dict[Product, int]:
    basket: dict[Product, int] = {}
    left = target
    if gift:
        basket[shelf.wrap()] = 1
        left -= shelf.wrap().price
    table = shelf.choice(day, int(left * (1.35 if reduced else 1.03))) or shelf.choice(
        day, left * 4 + 5000
    )
    if table is None:
        raise ValueError("an empty catalogue")
    first = draws.weighted(table)
    left = _put(shelf, draws, basket, first, left, target, day)
    while left > target * 0.08:
        table = shelf.choice(day, int(left * 1.10))
        if table is None:
            break
        if left >= first.price and draws.chance(0.55):
            more = max(1, min(left // first.price, 1 + int(draws.exponential(1.2))))
            basket[first] += more
            left -= more * first.price
            continue
        # The dearest of a few: a big gap is not filled with forty tea bags.
        extra = max((draws.weighted(table) for _ in range(6)), key=lambda p: p.price)
        if extra.price * 6 < left and extra.sku not in shelf.rules:
            more = max(1, min(left // extra.price, 4))
            basket[extra] = basket.get(extra, 0) + more
            left -= more * extra.price
        else:
            left = _put(shelf, draws, basket, extra, left, target, day)
    return basket


def fill(shop: Shop, shelf: Shelf, order: Order, draws: Draws) -> None:
    """Put lines, discount, freight and amount on an order."""
    day = order.at.date().isoformat()
    reduced = order.coupon > 0 or draws.chance(shop.discount_share)
    best: tuple[float, dict[Product, int], Fen, Fen] | None = None
    for attempt in range(_TRIES):
        basket = _attempt(shelf, draws, day, order.target + order.coupon, order.gift, reduced)
        goods = sum(p.price * n for p, n in basket.items())
        fee = freight(shop, goods, order.customer.city.remote)
        over = goods + fee - order.target
        discount = 0
        if order.coupon and goods >= 3 * order.coupon:
            discount = order.coupon
        elif reduced and over > 0.02 * goods:
            discount = min(round(over / 100) * 100, int(goods * _DEEPEST) // 100 * 100)
        miss = abs(over - discount) / order.target
        if best is None or miss < best[0]:
            best = (miss, basket, fee, discount)
        simple = len(basket) <= 2 + order.gift or attempt >= _PATIENCE
        if miss <= _NEAR and (discount > 0) == reduced and simple:
            break
    assert best is not None
    _, basket, fee, discount = best
    if best[0] > _NEAR:  # rather a small discount than a basket far from what was asked for
        goods = sum(p.price * n for p, n in basket.items())
        over = goods + fee - order.target
        if over > 0:
            discount = min(round(over / 100) * 100, int(goods * _DEEPEST) // 100 * 100)
    if order.gift:  # the wrapping is rung up last
        basket[shelf.wrap()] = basket.pop(shelf.wrap())
    order.lines = [Line(p.sku, n, p.price) for p, n in basket.items()]
    order.freight = fee
    order.discount = discount
    order.amount = order.goods - discount + fee
