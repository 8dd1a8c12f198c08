"""datasets/README.md: the data dictionary from `crmkit.schema`, with notes written by hand."""

from __future__ import annotations

from crmkit import schema

from .meta import VERSION
from .spec import AS_OF, FIRST_DAY, Shop

_HEAD = """\
# Course data

Written by `python -m datasets.generate` (`make datasets`); version {version}. Do not edit by hand.
Licence: [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/). Everything is synthetic: no
customer, mobile, address, order or review belongs to a real person or firm. Cities and districts
are real, streets and house numbers are not.

| Folder | Content |
|---|---|
{folders}| `excel/` | pools of the labs E1–E3, see below |
| `calls/` | hotline log of an invented airline for chapter 5, see below |
| `cases/` | data twins of the case labs, see below |
| `generate/` | the program that wrote all of it |
| `meta.yaml` | `as_of`, seed, version, sha256 of every file, row counts; `truth` (parameters of the processes) and `planted` (facts hidden on purpose) are for tests and judges only |

Each shop has `tables/` (clean, the dictionary below), `exports/` (what platforms hand over, with
their quirks) and `workbooks/` (what a shopkeeper keeps). The data run from {first} to {last}, and
show the shops as they were at the end of {last}, the course's "today" (`as_of`).

## Tables

CSV, `utf-8-sig`, LF, English headers and codes; an empty cell is a missing value. Money is yuan
with two decimals. `crmkit.shops.load("tea")` gives them with the Chinese labels and typed columns.
Types: text, code (see Codes), date `yyyy-mm-dd`, time `yyyy-mm-dd hh:mm:ss`, int, money, bool (1 / 0).
"""

_NOTES = """\
## What holds in the tables

- **orders.amount** (实付金额) = Σ qty × unit_price − discount + freight, to the fen. It is gross: a
  refund does not change it. For an order that was never paid it is the amount that was due.
- **Valid orders** (有效订单) are the paid and not void ones: {valid}. `crmkit.shops.valid_orders`
  keeps these. trade_status is 已成交 for a customer with at least one of them.
- **member_level** goes by the sum of valid amounts (`truth.<shop>.member_levels` in meta.yaml).
- **order_id**: 18 digits, in the order of time (9 digits of seconds, 3 of a counter, 6 of the buyer).
- **States and times.** Unpaid: no paid_at. 待发货: paid. 部分发货: shipped_at is the first parcel.
  已发货: shipped. 交易成功: received at most ten days after dispatch. 退款关闭: every line was
  refunded before the order was finished. On the last day the warehouse counts its stock from noon.
- **returns** hang on one line. amount is what was paid for that line (the order's amount pro rata to
  the goods, remainder on the last line), 0 for an exchange (换货).
- **channels**: one is open but has sold nothing for months, one is closed.
- **campaign_sends.responded**: a valid order from the send to seven days later, not after the last
  day of the campaign; order_id is the first such order. 留白 is the hold-out: nobody wrote to them.
- **surveys**: one row for each item of an answered questionnaire; `at` moves on from item to item.
- **tags** on products say the packaging (`包装:气泡袋` …); a basket with the product 礼品包装 is a gift.
- **calls** is the hotline's log of some weeks; it belongs to no customer.
- **province / city** are the short names of platform reports (浙江, 杭州); addresses in exports carry the
  full ones (浙江省 杭州市).

## Exports

The shapes are those of the years they are named after, the orders are of 2024 and 2025.

| File | Shape |
|---|---|
| `exports/2016`, `2017`, `2018` | `ExportOrderList…csv`, GBK without BOM, CRLF, 41 / 46 / 54 columns, some headers with a trailing space, order numbers as `="…"`, mobiles with a leading apostrophe; characters that GBK has not are `?` |
| `…_resaved.csv` | the 2018 shape after Excel has opened and saved it: times `yyyy/m/d h:mm`, numbers bare |
| `exports/2020`, `2021` | `ExportOrderList…xlsx`, all cells text |
| `ExportOrderDetailList…` | one row for each line, for 2018 and 2021 |
| `exports/masked` | the 2021 shape with nick, name, phone and address masked, and an OAID for each receiver |
| `exports/jd_orders.csv` | 京东, GBK, one row for each line; 订单号 is the first 12 digits of order_id |
| `exports/members.csv` | member file of the platform, GBK |
| `exports/registrations.csv` | registration forms as typed in, utf-8-sig |
| `exports/shop_daily.xls` | daily report as of 生意参谋: an old Excel file, header on row 5, numbers as text |

订单状态 keeps the full-width comma of the platform; 买家实际支付金额 is 0.00 for an unpaid order.

## excel/

Made like a shop of its own; its customers are nobody else's. Clean: no duplicates, no invalid rows,
mobiles of 11 digits without apostrophe or blanks, dates `yyyy-mm-dd`, utf-8-sig.

| File | Content |
|---|---|
| `new_customers.csv` | pool of raw customers for E1 (no 客户编号); some have no 生日 |
| `cards.json` | paper customer cards with the same fields, all filled; nobody of the other files |
| `customer_file.csv` | pool of customers for E2 and E3, columns of `crmkit.schema.CUSTOMER_FILE`; some have no 生日, all have a 来源 |
| `gender.csv` | 客户编号, 性别 (男 / 女) of the same customers; some are missing |
| `orders.csv` | all their orders of every state, 订单状态 in words |

累计订单数 and 累计金额 of `customer_file.csv` are the number and the sum of 实付金额 of the customer's valid
orders (the five states above) in `orders.csv`; refunds are not deducted. Equal amounts and last
orders at the same second are there on purpose. In `new_customers.csv` and `cards.json` the two
fields have no orders behind them; 0 orders always means 0.00.

## calls/

`airline.csv` is eight days of a busier hotline than a shop's (云桥航空, invented for class): columns and
codes of the table `calls`. Nothing else belongs to it.

## cases/

`members.csv` and `purchases.csv` belong to an invented cosmetics shop (case C5): when a customer joined
the club (empty: never) and the attachment a survey found (1–5); every purchase of 2025, its amount in
yuan and whether it was wholly returned (1). First purchases fall in January to August.
"""


def _table(table: schema.Table) -> str:
    keys = table.key
    lines = [
        f"\n### `{table.name}` {table.label}\n",
        "| Column | Label | Type | Unit | Rule |",
        "|---|---|---|---|---|",
    ]
    for c in table.columns:
        name = f"**`{c.name}`**" if c.name in keys else f"`{c.name}`"
        kind = f"code: {c.codes}" if c.codes else c.type
        lines.append(f"| {name} | {c.label} | {kind} | {c.unit} | {c.rule} |")
    return "\n".join(lines) + "\n"


def document(shops: tuple[Shop, ...]) -> bytes:
    """The data dictionary as bytes."""
    folders = "".join(f"| `{s.name}/` | {s.title}, a shop on {s.platform} |\n" for s in shops)
    text = _HEAD.format(version=VERSION, folders=folders, first=FIRST_DAY, last=AS_OF)
    text += "".join(_table(t) for t in schema.TABLES.values())
    text += "\n(bold: key)\n\n## Codes\n\n"
    for name, words in schema.CODES.items():
        text += f"- {name}: " + ", ".join(f"`{code}` {word}" for code, word in words.items()) + "\n"
    valid = " ".join(schema.ORDER_STATUS[s] for s in schema.VALID_ORDER_STATUS)
    text += "\n" + _NOTES.replace("{valid}", valid)
    return text.encode("utf-8")
