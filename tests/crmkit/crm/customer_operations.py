"""What people do with customers, classes, levels and tags; more operations for test_order_life."""

from __future__ import annotations

from random import Random

import sqlalchemy as sa

from crmkit.crm import Session
from crmkit.crm.campaigns.campaigning import CUSTOMERS
from crmkit.crm.ordering.order_facts import PRODUCTS
from crmkit.crm.storage import tables
from crmkit.crm.tagging import TAGS, Tagging
from tests.crmkit.crm.operations import one, operation

NAMES = ["常客", "要回访", "礼盒", "新品"] * 3 + ["", "名称" * 11]


def a_customer(rng: Random, crm: Session) -> str:
    return str(one(rng, crm, CUSTOMERS.c.customer_id))


def some_customers(rng: Random, crm: Session) -> list[str]:
    return [a_customer(rng, crm) for _ in range(rng.choice([1, 2, 3, 3, 0]))]


# --- 顾客信息 -------------------------------------------------------------------------------------
@operation(2)
def import_customers(crm: Session, rng: Random) -> None:
    """A small file: people who are there already (by mobile), new ones, and wrong rows."""
    known = [one(rng, crm, CUSTOMERS.c.mobile) for _ in range(2)]
    new = [f"139{rng.randrange(30):08d}" for _ in range(3)]
    wrong = rng.choice([["123"], [new[0]], []])
    lines = ["昵称,手机,省份,接受营销"]
    lines += [
        f"客{m},{m},{rng.choice(['浙江', '火星', ''])},{rng.choice('是否')}"
        for m in (*known, *new, *wrong)
    ]
    plan = crm.customers.import_file("\n".join(lines).encode("utf-8-sig"))
    rows = plan.rows["行"].tolist()
    decisions = {rng.choice(rows): rng.choice(["skip", "update", "create"])} if rows else {}
    crm.customers.apply_import(plan, rng.choice(["skip", "update", "create", "没有"]), decisions)


@operation()
def undo_import(crm: Session, rng: Random) -> None:
    crm.customers.undo_import(one(rng, crm, tables.import_batches.c.batch_id))


@operation()
def change_customer(crm: Session, rng: Random) -> None:
    to = rng.choice([
        {"city": "杭州"}, {"member_level": "至尊会员"}, {"member_level": "没有"}, {"mobile": "1"},
        {"province": "西藏", "consent": True}, {"trade_status": "x"}, {"lunar_birthday": True}, {},
    ])  # fmt: skip
    crm.customers.update(a_customer(rng, crm), expect=rng.choice([None, None, 0]), **to)


@operation()
def blacklist(crm: Session, rng: Random) -> None:
    crm.customers.blacklist(some_customers(rng, crm), on=rng.random() < 0.5)


@operation()
def keep_filter(crm: Session, rng: Random) -> None:
    name = rng.choice(NAMES)
    if rng.random() < 0.7:
        condition = rng.choice([{"province": "浙江"}, {"orders": (2, None)}, {"没有": 1}])
        crm.customers.save_filter(name, **condition)
    else:
        crm.customers.delete_filter(name)


@operation()
def look_at_customers(crm: Session, rng: Random) -> None:
    customer = a_customer(rng, crm)
    rng.choice([
        lambda: crm.customers.lookup(nick="a", size=5), lambda: crm.customers.list(saved=rng.choice(NAMES)),
        lambda: crm.customers.card(customer), lambda: crm.customers.reveal(customer),
        crm.customers.imports, crm.segments.manual, crm.segments.frequency, crm.analysis.churn,
        lambda: crm.analysis.order_value(by="没有"), crm.channels.return_rate, crm.products.product_sales,
    ])()  # fmt: skip


def tag(tagging: Tagging, ids: list[str], rng: Random) -> None:
    """Put, take off, rename, merge or delete a tag."""
    first, second = rng.choice(NAMES), rng.choice(NAMES)
    rng.choice([
        lambda: tagging.put(first, ids), lambda: tagging.put(first, ids),
        lambda: tagging.remove(first, ids), lambda: tagging.rename(first, second),
        lambda: tagging.merge([first, second], rng.choice(NAMES)), lambda: tagging.delete(first),
    ])()  # fmt: skip


@operation(3)
def tag_customers(crm: Session, rng: Random) -> None:
    tag(crm.customers.tagging, some_customers(rng, crm), rng)


@operation(2)
def tag_products(crm: Session, rng: Random) -> None:
    tag(crm.products.tagging, [str(one(rng, crm, PRODUCTS.c.sku)) for _ in range(2)], rng)


# --- 顾客分类, 顾客分析 ---------------------------------------------------------------------------
@operation(3)
def classify(crm: Session, rng: Random) -> None:
    """A class by hand or by a rule; now and then one that exists, or a name it has not."""
    some = some_customers(rng, crm)
    name = rng.choice([one(rng, crm, tables.groups.c.name)] * 2 + [rng.choice(NAMES)])
    rng.choice([
        lambda: crm.segments.create(rng.choice(NAMES), some),
        lambda: crm.segments.save(rng.choice(NAMES), rng.choice(["frequency", "source", "没有"]), ["1 次"]),
        lambda: crm.segments.save(rng.choice(NAMES), "spending", ["最高 20%"], mode="quintiles"),
        lambda: crm.segments.add(name, some), lambda: crm.segments.remove(name, some),
        lambda: crm.segments.rename(name, rng.choice(NAMES)), lambda: crm.segments.rerun(name),
        lambda: crm.segments.delete(name),
    ])()  # fmt: skip


@operation()
def regrade(crm: Session, rng: Random) -> None:
    by, direction = rng.choice(["amount", "count", "没有"]), rng.choice(["both", "up"])
    token = ""
    if rng.random() < 0.5 and by != "没有":
        token = crm.analysis.regrade_preview(by=by, direction=direction).token + rng.choice(
            ["", "x"]
        )
    crm.analysis.regrade(by=by, direction=direction, token=token)


def tags_of_nothing(crm: Session) -> list[tuple[str, str]]:
    """Tags that hang on an object that is not there."""
    with crm.store.reading() as connection:
        found = []
        for name, kind in tables.TAGGED.items():
            table = tables.metadata.tables[name]
            (key,) = tables.key_of(table)
            there = sa.select(table.c[key])
            chosen = sa.select(TAGS.c.tag, TAGS.c.object_id).where(
                TAGS.c.object_type == kind, TAGS.c.object_id.not_in(there)
            )
            found += [(t, i) for t, i in connection.execute(chosen)]
    return found
