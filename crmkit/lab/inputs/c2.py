"""Inputs of lab C2: exports and tables of the ceramics shop, cut for every student."""

from __future__ import annotations

from crmkit.lab.inputs import shop_case

LAB, SHOP = "C2", "ceramics"
FILES = shop_case.files(
    LAB, SHOP, "customers", "products", "orders", "order_items", "channels", "returns", "tags"
)
