"""Screens of what `crmkit.crm.figures.scope.Result` gives: figures as cards, tables, notes, and the form
of the period, channel and refund policy that all of them take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmkit.crm.figures.scope import REFUND_POLICIES, Result
from crmkit.ui.console import fields as f
from crmkit.ui.console.figures import Figure
from crmkit.ui.console.screen import Card, Table, View

if TYPE_CHECKING:
    from crmkit.crm.session import Session

# A share or a ratio by its name is a percentage; these are not.
KINDS = {
    "提升度": "number", "杠杆率": "number", "确信度": "number", "连带率": "number", "平均购买次数": "number",
    "人均订单数": "number", "扣费后": "money", "平台费": "money", "会员折扣": "number", "每篮商品数": "number",
}  # fmt: skip


def channels(crm: Session) -> dict[str, str]:
    """Channels to choose from."""
    table = crm.store.frame(_table("channels"))
    return dict(zip(table["channel_id"], table["name"], strict=True))


def _table(name: str) -> Any:
    from crmkit.crm.storage import tables

    return tables.metadata.tables[name]


def scope(*, channel: bool = True, period: bool = True) -> list[f.Field]:
    """The inputs of `crm.scope.View`: period, channel, refund policy."""
    found = []
    if period:
        found.append(f.dates("start", "end", "付款日期", help="两头都算在内；空着是全部日期"))
    if channel:
        found.append(f.select("channel", "渠道", channels, placeholder="全部渠道"))
    return [*found, f.variants("refunds", "退款口径", REFUND_POLICIES, "gross")]


def with_scope(*more: f.Field, **options: bool) -> list[f.Field]:
    """A form: what this function asks, then the inputs of `scope`."""
    return [*more, *scope(**options)]


def view(
    result: Result, title: str, *, charts: Sequence[Figure] = (), kinds: Mapping[str, str] | None = None,
    main: Mapping[str, Any] | None = None, tables: Mapping[str, Mapping[str, Any]] | None = None,
    cards: Sequence[str] | None = None, **more: Any,
) -> View:  # fmt: skip
    """A view of a result.

    Parameters
    ----------
    title
        Of the main table.
    main, tables
        Further arguments of the main `Table`, and of the others by their name.
    cards
        Names of the figures to show; default: all.
    """
    known = {**KINDS, **(kinds or {})}
    chosen = cards if cards is not None else list(result.figures)
    extra = tables or {}
    made = [Table(title, result.table, kinds=known, **dict(main or {}))] if title else []
    made += [
        Table(name, frame, **{"kinds": known, **dict(extra.get(name, {}))})
        for name, frame in result.tables.items()
    ]
    words = "；".join(f"{k}：{v}" for k, v in result.scope.items() if k != "数据日期")
    notes = [_term(note) for note in result.notes]
    return View(
        cards=[Card(name, result.figures[name], known.get(name, "")) for name in chosen if name in result.figures],
        charts=charts, tables=made, note=words, notes=notes, **more,
    )  # fmt: skip


def _term(note: str) -> tuple[str, str]:
    """A note as term and text: ``复购率：…``, ``复购率 = …``."""
    for mark in ("：", " = "):
        head, found, rest = note.partition(mark)
        if found and len(head) <= 14 and "。" not in head:
            return head, rest
    return "说明", note
