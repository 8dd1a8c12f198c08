"""The tables of a shop file: those of `crmkit.schema`, and what working in the CRM adds.

Money is stored in whole 分, days and times as ISO text ("2025-12-31", "2025-12-31 09:00:00"),
flags as 0 and 1: the same on SQLite and PostgreSQL, exact, and ready for the operation log.
Columns marked rev count the changes of a row, so that two people cannot overwrite each other.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crmkit import schema

metadata = sa.MetaData()

_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "int": sa.BigInteger, "money": sa.BigInteger, "number": sa.Float, "bool": sa.Integer,
}  # fmt: skip
# column → table it points to (by the same name); optional ones may be empty
_POINTS = {
    "customer_id": "customers", "order_id": "orders", "sku": "products",
    "channel_id": "channels", "campaign_id": "campaigns",
}  # fmt: skip
# What working adds to a row of the shop's tables: name → (Chinese label, type, default).
EXTRA: dict[str, dict[str, tuple[str, type[sa.types.TypeEngine[Any]], Any]]] = {
    "customers": {
        "blacklisted": ("黑名单", sa.Integer, 0),
        "lunar_birthday": ("农历生日", sa.Integer, 0),
    },
    "orders": {
        "aftersale_closed": ("售后已结束", sa.Integer, 0),
        "waybill": ("运单号", sa.Text, ""),
    },
    "order_items": {
        "shipped_qty": ("已发数量", sa.BigInteger, 0),
        "line_no": ("行号", sa.BigInteger, 0),  # order of the lines: the last takes the odd fen
    },
    "returns": {
        "qty": ("退换数量", sa.BigInteger, 0),  # 0 in rows from before: the whole line
        "waybill": ("退货运单号", sa.Text, ""),
        "remark": ("处理说明", sa.Text, ""),
    },
    "channels": {"fee_rate": ("费率", sa.Float, 0.0), "note": ("备注", sa.Text, "")},
    "campaigns": {
        "status": ("状态", sa.Text, "已结束"),
        "template": ("文案", sa.Text, ""),
        "template_b": ("文案B", sa.Text, ""),
        "hold_out": ("对照组比例", sa.Float, 0.0),
        "include": ("追加名单", sa.Text, ""),
        "exclude": ("排除名单", sa.Text, ""),
    },
    "campaign_sends": {"version": ("文案版本", sa.Text, "")},
    "interactions": {"detail": ("内容", sa.Text, ""), "status": ("处理状态", sa.Text, "已解决")},
}
INDEXED = {
    "customers": ("mobile", "nick", "province"),
    "orders": ("customer_id", "paid_at", "status"),
    "order_items": ("sku",),
    "returns": ("order_id",),
    "reviews": ("order_id", "at"),
    "interactions": ("customer_id", "at"),
    "campaign_sends": ("customer_id",),
    "surveys": ("customer_id",),
    "opportunities": ("customer_id",),
    "tags": ("object_id",),
}


def _base(table: schema.Table) -> sa.Table:
    columns: list[sa.Column[Any]] = []
    for c in table.columns:
        key = c.name in table.key
        points = _POINTS.get(c.name)
        target = (
            [sa.ForeignKey(f"{points}.{c.name}")]
            if points and not (len(table.key) == 1 and key)
            else []
        )
        columns.append(
            sa.Column(c.name, _TYPES.get(c.type, sa.Text)(), *target, primary_key=key,
                      autoincrement=False, nullable=not key, index=c.name in INDEXED.get(table.name, ()))
        )  # fmt: skip
    for name, (_, kind, default) in EXTRA.get(table.name, {}).items():
        value = f"'{default}'" if isinstance(default, str) else str(default)
        columns.append(sa.Column(name, kind(), nullable=False, server_default=sa.text(value)))
    columns.append(sa.Column("rev", sa.Integer, nullable=False, server_default=sa.text("0")))
    return sa.Table(table.name, metadata, *columns)


for _table in schema.TABLES.values():
    _base(_table)


def _text(name: str, *rest: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, *rest, nullable=options.pop("nullable", False), **options)


def _whole(name: str, *rest: Any, **options: Any) -> sa.Column[Any]:
    options.setdefault("server_default", sa.text("0"))
    return sa.Column(name, sa.BigInteger, *rest, nullable=options.pop("nullable", False), **options)


def _id(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, primary_key=True)


def _customer() -> sa.Column[Any]:
    """Second part of a key; indexed, or removing a customer would look through the whole table."""
    return sa.Column(
        "customer_id", sa.Text, sa.ForeignKey("customers.customer_id"), primary_key=True, index=True
    )


def _rev() -> sa.Column[Any]:
    return _whole("rev")


# --- the store itself and its log -----------------------------------------------------------------
meta = sa.Table("meta", metadata, _id("name"), _text("value"))
operations = sa.Table(
    "operations", metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    _text("at"), _text("clock"), _text("user_name"), _text("role"), _text("module"),
    _text("function"), _text("action"), _text("object"), _text("detail"), _text("outcome"),
    _text("message"), _whole("changes"), _text("digest"), _text("prev"), _text("hash"),
)  # fmt: skip
changes = sa.Table(  # rows added together by an import share one row, a line each (audit.spread)
    "changes", metadata,
    sa.Column("seq", sa.Integer, sa.ForeignKey("operations.seq"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    _text("table_name"), _text("row_key"), _text("before", nullable=True), _text("after", nullable=True),
)  # fmt: skip

# --- customers and classes ------------------------------------------------------------------------
import_batches = sa.Table(
    "import_batches", metadata, _id("batch_id"), _text("file"), _text("mode"), _text("at"),
    _whole("rows"), _whole("created"), _whole("updated"), _whole("skipped"), _whole("refused"),
    _text("status"), _whole("seq"), _rev(),
)  # fmt: skip
saved_filters = sa.Table(
    "saved_filters", metadata, _id("name"), _text("function"), _text("user_name"), _text("rule"), _rev()
)  # fmt: skip
groups = sa.Table(
    "groups", metadata, _id("group_id"), _text("name", unique=True), _text("kind"), _text("rule"),
    _text("at"), _rev(),
)  # fmt: skip
group_members = sa.Table(
    "group_members", metadata,
    sa.Column("group_id", sa.Text, sa.ForeignKey("groups.group_id"), primary_key=True),
    _customer(),
    _rev(),
)  # fmt: skip

# --- orders: shipments and every message that leaves the shop -------------------------------------
shipments = sa.Table(
    "shipments", metadata, _id("shipment_id"),
    _text("order_id", sa.ForeignKey("orders.order_id"), index=True), _text("sku"), _whole("qty"),
    _text("carrier"), _text("waybill"), _text("at"), _text("kind"), _rev(),
)  # fmt: skip
outbox = sa.Table(
    "outbox", metadata, _id("message_id"),
    _text("customer_id", sa.ForeignKey("customers.customer_id"), index=True, nullable=True),
    _text("via"), _text("to"), _text("text"), _whole("parts"), _text("purpose"),
    _text("once_key", unique=True),  # the same notice is never written twice
    _text("at"), _text("status"), _text("campaign_id", nullable=True), _rev(),
)  # fmt: skip

# --- marketing ------------------------------------------------------------------------------------
audiences = sa.Table(
    "audiences", metadata,
    sa.Column("campaign_id", sa.Text, sa.ForeignKey("campaigns.campaign_id"), primary_key=True),
    _customer(),
    _text("part"),  # 发送 / 留白 / 排除
    _text("why"), _rev(),
)  # fmt: skip
campaign_log = sa.Table(  # what became of each message; test sends never come here
    "campaign_log", metadata,
    sa.Column("campaign_id", sa.Text, sa.ForeignKey("campaigns.campaign_id"), primary_key=True),
    _customer(),
    sa.Column("event", sa.Text, primary_key=True),
    _text("at"), _rev(),
)  # fmt: skip
opt_outs = sa.Table(
    "opt_outs", metadata,
    sa.Column("customer_id", sa.Text, sa.ForeignKey("customers.customer_id"), primary_key=True),
    _text("at"), _text("why"), _rev(),
)  # fmt: skip

# --- interaction ----------------------------------------------------------------------------------
forms = sa.Table(
    "forms", metadata, _id("form_id"), _text("title"), _text("status"), _text("questions"),
    _text("at"), _rev(),
)  # fmt: skip
form_sends = sa.Table(
    "form_sends", metadata,
    sa.Column("form_id", sa.Text, sa.ForeignKey("forms.form_id"), primary_key=True),
    _customer(),
    _text("at"), _text("answered_at", nullable=True), _text("answers", nullable=True), _rev(),
)  # fmt: skip
replies = sa.Table(
    "replies", metadata, _id("reply_id"), _text("keywords"), _text("match"), _text("text"),
    _whole("priority"), _whole("active"), _rev(),
)  # fmt: skip
cases = sa.Table(
    "cases", metadata, _id("case_id"),
    _text("customer_id", sa.ForeignKey("customers.customer_id"), index=True),
    _text("order_id", sa.ForeignKey("orders.order_id"), nullable=True),
    _text("review_id", sa.ForeignKey("reviews.review_id"), nullable=True),
    _text("source"), _text("level"), _text("status"), _text("owner"), _text("opened_at"),
    _text("due_at"), _text("first_reply_at", nullable=True), _text("closed_at", nullable=True),
    _text("result"), _rev(),
)  # fmt: skip
alert_rules = sa.Table(
    "alert_rules", metadata, _id("rule_id"), _text("name"), _text("kind"), _text("rule"),
    _text("level"), _whole("active"), _rev(),
)  # fmt: skip

# --- sales ----------------------------------------------------------------------------------------
quotes = sa.Table(
    "quotes", metadata, _id("quote_id"), _text("opp_id", sa.ForeignKey("opportunities.opp_id")),
    _text("at"), _text("valid_until"), _text("status"), _whole("discount"), _whole("total"), _rev(),
)  # fmt: skip
quote_lines = sa.Table(
    "quote_lines", metadata,
    sa.Column("quote_id", sa.Text, sa.ForeignKey("quotes.quote_id"), primary_key=True),
    sa.Column("sku", sa.Text, sa.ForeignKey("products.sku"), primary_key=True),
    _whole("qty"), _whole("unit_price"), _rev(),
)  # fmt: skip

# Tables that hold the shop's state: what the operation log's changes rebuild.
STATE: tuple[sa.Table, ...] = tuple(
    t for t in metadata.sorted_tables if t.name not in ("meta", "operations", "changes")
)


# Tags point to an object by its kind and id, which no foreign key can say: table → kind.
TAGGED = {"customers": "customer", "products": "product", "campaigns": "campaign"}


def key_of(table: sa.Table) -> tuple[str, ...]:
    """Names of the primary key's columns."""
    return tuple(c.name for c in table.primary_key.columns)
