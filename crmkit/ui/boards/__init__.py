"""The course's boards, one module each; a notebook opens one by its name::

from crmkit.ui.boards import board

board("customers")
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from crmkit.errors import KitError
from crmkit.ui.board import Board, Plan

# name (module, notebook) → number and title in the course's list of boards
BOARDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "customers": ("DB1", "顾客总览"),
        "analysis": ("DB2", "顾客分析"),
        "products": ("DB3", "商品与订单"),
        "marketing": ("DB4", "营销与互动"),
        "channels": ("DB5", "渠道"),
        "value": ("DB6", "客户价值"),
        "cube": ("DB7", "OLAP 立方体"),
        "callcentre": ("DB8", "呼叫中心"),
        "cases": ("DB9", "店铺案例"),
        "opportunities": ("DB13", "商机与报价"),
        "strategy": ("DB14", "战略与能力"),
    }
)


class BoardError(KitError):
    """A board that the course does not have."""


def plan(name: str) -> Plan:
    """The plan of a board. Raises BoardError."""
    if name not in BOARDS:
        known = "、".join(f"{n}（{title}）" for n, (_, title) in BOARDS.items())
        raise BoardError(f"没有看板「{name}」，可用的有：{known}。")
    found: Plan = importlib.import_module(f"crmkit.ui.boards.{name}").PLAN
    return found


def board(name: str, **values: Any) -> Board:
    """A board as a widget, its controls set to `values` (see `Board`)."""
    return Board(plan(name), **values)
