"""Inputs of lab C1: exports and tables of the tea shop, cut for every student."""

from __future__ import annotations

from crmkit.lab.inputs import shop_case

LAB, SHOP = "C1", "tea"
FILES = shop_case.files(LAB, SHOP, "customers", "products", "orders", "order_items", "channels")
