"""Where the boards' figures come from: the whole shop, as the CRM's own functions see it."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from crmkit import shops
from crmkit.analytics.window import Window
from crmkit.crm.figures.facts import Facts
from crmkit.crm.figures.scope import Scope, View
from crmkit.crm.roles import MANAGER

if TYPE_CHECKING:
    from crmkit.crm.session import Session

T = TypeVar("T")
_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []  # removed with the process


def facts(shop: str) -> Facts:
    """A shop's orders, customers, products and channels, read once."""
    return _facts(shops.root(), shop)


@cache
def _facts(folder: Path, shop: str) -> Facts:
    data = shops.load(shop)
    return Facts.of_frames(
        customers=data.customers, products=data.products, channels=data.channels,
        orders=data.orders, order_items=data.order_items, returns=data.returns,
    )  # fmt: skip


def scope(
    shop: str, window: Window | None = None, channel: str = "", refunds: str = "gross"
) -> Scope:
    """What the CRM's figures are counted over: period, channel, refund policy."""
    view: View = {"channel": channel or None, "refunds": refunds}
    if window is not None:
        view |= {"start": window.start, "end": window.last_day}
    return Scope.of(facts(shop), shops.as_of(), view)


def first_month(shop: str) -> dt.date:
    """The first day of the month in which the shop's data begin."""
    day: dt.date = shops.load(shop).orders["下单时间"].min().date()
    return day.replace(day=1)


def comparable(shop: str, window: Window) -> bool:
    """Whether the data reach back over the period before."""
    return window.previous().start >= first_month(shop)


def compared(shop: str, window: Window, count: Callable[[Window], T]) -> tuple[T, T | None]:
    """`count` over a period and over the one before it, None where there are no data."""
    before = count(window.previous()) if comparable(shop, window) else None
    return count(window), before


def session(shop: str) -> Session:
    """The manager at work in the whole shop, in a file of this process; opened once."""
    return _session(shops.root(), shop)


def prepare(shop: str) -> None:
    """Read and make what boards of a shop begin with; for a process from which others are forked."""
    facts(shop)
    _file(shops.root(), shop)


@cache
def _session(folder: Path, shop: str) -> Session:
    from crmkit.crm import store
    from crmkit.crm.session import Session

    place = tempfile.TemporaryDirectory(prefix="crm-board-", ignore_cleanup_errors=True)
    _FOLDERS.append(place)
    path = Path(place.name) / f"{shop}.crm"
    path.write_bytes(_file(folder, shop))
    return Session(store.open_store(path)).login(MANAGER)


@cache
def _file(folder: Path, shop: str) -> bytes:
    """The whole shop as a file: kept as bytes, which a forked process has at once."""
    from crmkit.crm import store

    with tempfile.TemporaryDirectory(prefix="crm-board-") as place:
        path = Path(place) / f"{shop}.crm"
        store.create(path, shops.load(shop), student="", lab="看板").close()
        return path.read_bytes()
