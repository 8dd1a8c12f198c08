"""The three shops of the course: load their tables, cut a student's own variant of one.

Nothing here is random. A variant keeps the customers whose hash falls under a threshold, and
all that hangs on them, so it is the same on every machine and for every version of a library.
"""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import os
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from crmkit import schema
from crmkit.errors import KitError

TITLES = MappingProxyType({"tea": "清溪茶叶", "ceramics": "瓷语轩", "electronics": "启明数码"})

# What hangs on what: a row survives the cut when its customer, or its order, does.
_BY_CUSTOMER = ("customers", "orders", "interactions", "campaign_sends", "surveys", "opportunities")
_BY_ORDER = ("order_items", "returns", "reviews")
_WHOLE = ("products", "channels", "campaigns", "calls")
_FORMATS = {"date": "%Y-%m-%d", "time": "%Y-%m-%d %H:%M:%S"}


class ShopError(KitError):
    """A shop, a table or a draw that does not exist or cannot be made."""


def root() -> Path:
    """The folder of the course data: ``CRMKIT_DATASETS``, else ``datasets`` beside the package.

    Raises
    ------
    ShopError
        When there is no ``meta.yaml`` in it.
    """
    named = os.environ.get("CRMKIT_DATASETS")
    folder = Path(named) if named else Path(__file__).resolve().parent.parent / "datasets"
    if not (folder / "meta.yaml").is_file():
        raise ShopError(
            f"找不到课程数据：{folder} 里没有 meta.yaml。"
            "请在课程文件夹里运行，或把环境变量 CRMKIT_DATASETS 设为数据文件夹的位置。"
        )
    return folder


@cache
def _meta(folder: Path) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((folder / "meta.yaml").read_text(encoding="utf-8"), Loader=loader)


def as_of() -> dt.date:
    """The course's "today": every table shows the shop as it was at the end of this day."""
    day = _meta(root())["as_of"]
    return day if isinstance(day, dt.date) else dt.date.fromisoformat(day)


@cache
def _frame(folder: Path, shop: str, table: str) -> pd.DataFrame:
    """One table as students hold it: Chinese headers, code values in words, typed columns."""
    path = folder / shop / "tables" / f"{table}.csv"
    if not path.is_file():
        raise ShopError(f"店铺「{shop}」缺少数据表 {table}.csv（应在 {path.parent} 里）。")
    raw = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig")
    for c in schema.TABLES[table].columns:
        if c.type in _FORMATS:
            raw[c.name] = pd.to_datetime(raw[c.name], format=_FORMATS[c.type])
        elif c.type == "int":
            raw[c.name] = raw[c.name].astype("int64")
        elif c.type in ("money", "number"):
            raw[c.name] = raw[c.name].astype("float64")
        elif c.type == "bool":
            raw[c.name] = raw[c.name] == "1"
    return schema.to_chinese(raw, table)


class Shop:
    """A shop: `name`, `title` and one frame per table of `crmkit.schema.TABLES`.

    Every access hands out a fresh copy, so nothing a student does to a frame is seen by the next
    one who asks. (pandas copies on write, so the copy costs nothing until somebody writes.)
    """

    customers: pd.DataFrame
    products: pd.DataFrame
    orders: pd.DataFrame
    order_items: pd.DataFrame
    returns: pd.DataFrame
    channels: pd.DataFrame
    interactions: pd.DataFrame
    reviews: pd.DataFrame
    campaigns: pd.DataFrame
    campaign_sends: pd.DataFrame
    surveys: pd.DataFrame
    tags: pd.DataFrame
    calls: pd.DataFrame
    opportunities: pd.DataFrame

    def __init__(self, name: str, folder: Path, keep: frozenset[str] | None = None) -> None:
        self.name = name
        self.title = TITLES[name]
        self._folder = folder
        self._keep = keep
        self._cut: dict[str, pd.DataFrame] = {}

    def __repr__(self) -> str:
        return f"Shop({self.name!r}, {self.title}, {len(self._table('customers'))} 位客户)"

    def __getattr__(self, table: str) -> pd.DataFrame:
        if table not in schema.TABLES:
            raise AttributeError(f"店铺没有「{table}」；可用的表：{'、'.join(schema.TABLES)}")
        return self._table(table).copy(deep=False)

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by their English names."""
        return {name: getattr(self, name) for name in schema.TABLES}

    def _table(self, table: str) -> pd.DataFrame:
        whole = _frame(self._folder, self.name, table)
        if self._keep is None or table in _WHOLE:
            return whole
        if table not in self._cut:
            if table in _BY_CUSTOMER:
                mask = whole["客户编号"].isin(self._keep)
            elif table in _BY_ORDER:
                mask = whole["订单编号"].isin(self._table("orders")["订单编号"])
            else:  # tags: those of products and campaigns stay, those of customers follow them
                mask = (whole["对象"] != "customer") | whole["对象编号"].isin(self._keep)
            self._cut[table] = whole[mask].reset_index(drop=True)
        return self._cut[table]


def _known(shop: str) -> None:
    if shop not in TITLES:
        names = "、".join(f"{name}（{title}）" for name, title in TITLES.items())
        raise ShopError(f"没有店铺「{shop}」，可用的店铺：{names}。")


@cache
def _load(folder: Path, shop: str) -> Shop:
    return Shop(shop, folder)


def load(shop: str) -> Shop:
    """A whole shop.

    Raises
    ------
    ShopError
        When there is no such shop.

    Examples
    --------
    >>> load("tea").title
    '清溪茶叶'
    """
    _known(shop)
    return _load(root(), shop)


def _hash(student: str, lab: str, *rest: str) -> int:
    text = "|".join((student, lab, *rest))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest(), "big")


@lru_cache(maxsize=16)
def _variant(folder: Path, shop: str, student: str, lab: str, share: float) -> Shop:
    ids = _frame(folder, shop, "customers")["客户编号"]
    limit = int(share * 2**64) << 192  # exact: a float times a power of two
    always = set(_meta(folder)["planted"][shop]["customers"])
    keep = frozenset(i for i in ids if i in always or _hash(student, lab, i) < limit)
    return Shop(shop, folder, keep)


def variant(shop: str, student: str, lab: str, share: float = 0.7) -> Shop:
    """A student's own cut of a shop for one lab.

    It holds the customers whose sha256 of ``"student|lab|customer_id"`` falls into the lowest
    `share` of all hashes, the customers of planted facts, and all that hangs on either. Products,
    channels, campaigns and the call log are shared by all.

    Parameters
    ----------
    student, lab
        Ids as text, e.g. ``"2025010101"``, ``"E3"``.
    share
        Share of the customers to keep, 0 < share ≤ 1.
    """
    _known(shop)
    if not 0 < share <= 1:
        raise ShopError(f"share 应大于 0 且不超过 1，现在是 {share}。")
    return _variant(root(), shop, str(student), lab, float(share))


def draw(ids: Iterable[str], n: int, student: str, lab: str, salt: str = "") -> list[str]:
    """The `n` ids with the smallest sha256 of ``"student|lab|salt|id"``, in the order of the hash.

    Raises
    ------
    ShopError
        When there are fewer than `n` different ids.

    Examples
    --------
    >>> draw(["甲", "乙", "丙"], 2, "2025010101", "E1") == draw(["丙", "乙", "甲"], 2, "2025010101", "E1")
    True
    """
    pool = {str(i) for i in ids}
    if not 0 <= n <= len(pool):
        raise ShopError(f"要抽 {n} 个，但只有 {len(pool)} 个不同的编号可抽。")
    return sorted(pool, key=lambda i: (_hash(str(student), lab, salt, i), i))[:n]


def planted(shop: str) -> dict[str, Any]:
    """The facts hidden in a shop on purpose. For tests and judges only."""
    if shop != "excel":
        _known(shop)
    return copy.deepcopy(_meta(root())["planted"][shop])


def valid_orders(orders: pd.DataFrame) -> pd.DataFrame:
    """The orders that count: paid and not void (`crmkit.schema.VALID_ORDER_STATUS`).

    A sale that was refunded afterwards stays in; an order that was never paid does not.

    Raises
    ------
    ShopError
        When the frame has no column 订单状态.
    """
    if "订单状态" not in orders.columns:
        raise ShopError(f"这张表没有「订单状态」列，只有：{'、'.join(map(str, orders.columns))}。")
    words = [schema.ORDER_STATUS[code] for code in schema.VALID_ORDER_STATUS]
    return orders[orders["订单状态"].isin(words)]
