"""Writes the tables of a world as CSV: columns exactly those of `crmkit.schema`, utf-8-sig, LF."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

from crmkit import schema

from .world import World


def money(fen: int) -> str:
    """1990 → '19.90'."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def csv_bytes(
    header: Sequence[str], rows: Iterable[Sequence[Any]], encoding: str = "utf-8-sig"
) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue().encode(encoding)


def _rows(world: World) -> dict[str, list[tuple[Any, ...]]]:
    shop = world.shop
    rows: dict[str, list[tuple[Any, ...]]] = {}
    rows["customers"] = [
        (
            c.id, c.nick, c.name, c.gender, c.birthday, c.mobile, c.city.province, c.city.name,
            c.source, c.channel, c.registered, "已成交" if c.dealt else "未成交", c.level,
            c.consent, c.note,
        )
        for c in world.customers
    ]  # fmt: skip
    sold: dict[str, int] = {}
    for order in world.orders:
        for line in order.lines:
            sold[line.sku] = sold.get(line.sku, 0) + line.qty
    rows["products"] = [
        (
            p.sku, p.name, p.category, money(p.price), money(p.cost),
            12 + sold.get(p.sku, 0) * 7 % 190 + (0 if p.last_sold else sold.get(p.sku, 0) // 12),
            p.listed,
        )
        for p in shop.products
    ]  # fmt: skip
    rows["orders"] = [
        (
            o.id, o.customer.id, o.at, o.paid_at, o.channel, money(o.amount), money(o.freight),
            money(o.discount), o.status, o.shipped_at, o.received_at, o.closed_reason,
        )
        for o in world.orders
    ]  # fmt: skip
    rows["order_items"] = [
        (o.id, line.sku, line.qty, money(line.unit)) for o in world.orders for line in o.lines
    ]
    rows["returns"] = [
        (
            r.id, r.order.id, r.order.lines[r.line].sku, r.kind, r.reason, r.applied_at,
            r.finished_at, money(r.amount), r.status,
        )
        for r in world.returns
    ]  # fmt: skip
    rows["channels"] = [
        (c.id, c.name, c.platform, c.opened, c.status, c.contact) for c in shop.channels
    ]
    rows["interactions"] = [
        (
            f"I{n:05d}", c.customer.id, c.kind, c.at, c.seconds, c.agent, c.topic, c.result,
            c.order.id if c.order else "",
        )
        for n, c in enumerate(world.interactions, start=1)
    ]  # fmt: skip
    rows["reviews"] = [
        (f"P{n:05d}", r.order.id, r.sku, r.stars, r.at, r.text, r.replied_at)
        for n, r in enumerate(world.reviews, start=1)
    ]
    rows["campaigns"] = [
        (c.id, c.name, c.kind, c.starts, c.ends, money(c.budget), money(c.coupon), c.rule, c.tag)
        for c in shop.campaigns
    ]
    rows["campaign_sends"] = [
        (
            s.campaign.id, s.customer.id, s.via, s.at, s.order is not None,
            s.order.id if s.order else "",
        )
        for s in sorted(world.sends, key=lambda s: (s.campaign.id, s.at, s.customer.id))
    ]  # fmt: skip
    rows["surveys"] = [
        (q, who.id, at, item, e, x, i) for q, who, at, item, e, x, i in world.surveys
    ]
    rows["tags"] = list(world.tags)
    rows["calls"] = [
        (
            f"L{n:05d}",
            c.at,
            c.direction,
            c.path,
            c.skill,
            c.wait_s,
            c.handle_s,
            c.abandoned,
            c.agent,
        )
        for n, c in enumerate(world.calls, start=1)
    ]
    rows["opportunities"] = [
        (f"B{n:04d}", o.customer.id, o.stage, money(o.amount), *o.marks, o.opened, o.closed)
        for n, o in enumerate(world.opportunities, start=1)
    ]
    return rows


def files(world: World) -> dict[str, bytes]:
    """File name below the shop's folder → its bytes."""
    rows = _rows(world)
    return {
        f"tables/{name}.csv": csv_bytes([c.name for c in table.columns], rows[name])
        for name, table in schema.TABLES.items()
    }
