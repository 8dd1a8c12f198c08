"""Inputs of lab C3: exports and tables of the electronics shop, cut for every student."""

from __future__ import annotations

from crmkit.lab.inputs import shop_case

LAB, SHOP = "C3", "electronics"
FILES = shop_case.files(
    LAB, SHOP, "customers", "products", "orders", "order_items", "channels", "returns", "interactions", "reviews"
)  # fmt: skip
