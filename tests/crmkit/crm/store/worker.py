"""What other processes do in a shop for test_store: work until killed, write side by side, open.

They start from a server process that has imported everything, so that a kill hits work and not
imports. Every message is written to a pipe at once.
"""

from __future__ import annotations

import itertools
import multiprocessing as mp
import random
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crmkit import crm
from crmkit.crm import store
from crmkit.crm.storage import tables

PROCESSES = mp.get_context("forkserver" if "forkserver" in mp.get_all_start_methods() else "spawn")
PROCESSES.set_forkserver_preload([__name__])
REGULARS = {"field": "累计订单数", "op": "≥", "value": 2}


def start(work: Any, *args: Any) -> tuple[Any, Connection]:
    """Run ``work(pipe, *args)`` in a process of its own; the process and our end of the pipe."""
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=work, args=(theirs, *args), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def told(pipe: Connection) -> list[Any]:
    """Everything that is still to be read, until the other side is gone."""
    found = []
    while True:
        try:
            found.append(pipe.recv())
        except (EOFError, OSError):
            return found


def last_change(session: crm.Session) -> tuple[int, str]:
    """Number and hash of the newest operation that changed something."""
    t = tables.operations.c
    chosen = sa.select(t.seq, t.hash).where(t.changes > 0).order_by(t.seq.desc()).limit(1)
    with session.store.reading() as connection:
        seq, found = connection.execute(chosen).one()
    return seq, found


def live(pipe: Connection, path: Path, seed: int) -> None:
    """Import, tag, campaign, ship, for ever; tell of every change that was said to be done."""
    rng = random.Random(seed)
    session = crm.Session(store.open_store(path)).login("店长")
    people = session.store.frame(tables.metadata.tables["customers"])["customer_id"].tolist()
    steps = (_import, _tag, _campaign, _ship)
    pipe.send("ready")
    for n in itertools.count():
        rng.choice(steps)(session, rng, people, f"{seed}-{n}")
        pipe.send(last_change(session))


def file_of(name: str, rng: random.Random, count: int = 120) -> bytes:
    """A customer file: new ones, and some with a mobile that may be known already."""
    lines = ["昵称,手机,省份,备注"]
    lines += [f"新客{name}-{k},139{rng.randrange(10**5):08d},浙江,{name}" for k in range(count)]
    return "\n".join(lines).encode("utf-8-sig")


def _import(session: crm.Session, rng: random.Random, people: list[str], name: str) -> None:
    plan = session.customers.import_file(file_of(name, rng))
    batch = session.customers.apply_import(plan, rng.choice(["skip", "update"]))
    if rng.random() < 0.3:
        session.customers.undo_import(batch)


def _tag(session: crm.Session, rng: random.Random, people: list[str], name: str) -> None:
    session.customers.tagging.put(f"批{name}", rng.sample(people, 150))
    if rng.random() < 0.3:
        session.customers.tagging.rename(f"批{name}", f"改{name}")


def _campaign(session: crm.Session, rng: random.Random, people: list[str], name: str) -> None:
    number = session.marketing.create_campaign(
        f"活动{name}", starts="2025-12-30", ends="2026-01-31", budget=1000, rule=REGULARS
    )
    session.marketing.change_campaign(number, "启动")
    session.marketing.send(number)


def _ship(session: crm.Session, rng: random.Random, people: list[str], name: str) -> None:
    waiting = session.orders.ship()["订单编号"].drop_duplicates().head(4).tolist()
    if waiting:
        session.orders.ship_orders(
            [{"订单编号": i, "快递公司": "中通快递", "运单号": f"ZT{i[-10:]}"} for i in waiting]
        )
    else:
        session.customers.blacklist(rng.sample(people, 50), on=rng.random() < 0.5)


def write(pipe: Connection, target: str, who: int, count: int) -> None:
    """Tag `count` customers with one's own tag, one operation each, when told to begin."""
    session = crm.Session(store.open_store(target)).login("营销", f"用户{who}")
    people = session.store.frame(tables.metadata.tables["customers"])["customer_id"].tolist()
    pipe.send("ready")
    pipe.recv()
    try:
        for customer in sorted(people)[:count]:
            session.customers.tagging.put(f"标{who}", [customer])
            pipe.send(customer)
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")
    session.close()


def open_one(pipe: Connection, folder: Path) -> None:
    """Open the same student's shop when told to begin; tells whose it is, or the error."""
    pipe.send("ready")
    pipe.recv()
    try:
        session = crm.open_shop("tea", student="2025010101", lab="O1", folder=folder, role="店长")
        session.channels.update("T01", note="来过")
        pipe.send(session.shop)
        session.close()
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")
