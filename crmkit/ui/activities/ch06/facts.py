"""What several activities start from: a shop's warehouse and its facts laid out flat."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmkit.analytics.warehouse.cube import Cube
    from crmkit.analytics.warehouse.models import Warehouse


@lru_cache(maxsize=2)
def warehouse_of(shop: str) -> Warehouse:
    """The star schema of a shop."""
    from crmkit import shops
    from crmkit.analytics.warehouse import models

    s = shops.load(shop)
    return models.star(s.customers, s.products, s.orders, s.order_items, s.channels)


@lru_cache(maxsize=2)
def cube(shop: str) -> Cube:
    """The cube over it."""
    from crmkit.analytics.warehouse.cube import cube_of

    return cube_of(warehouse_of(shop))
