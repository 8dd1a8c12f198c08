"""Whatever anybody does in whatever order, the shop stays whole (200 random operations a run).

All modules, all roles. After every operation: stock never negative and equal to what moved, refunds
never more than was paid, money to the fen, no state or step outside the declared tables, log chain
intact, state equal to the replay of the log, a refusal without a trace. Operations stand in
operations.py, customer_operations.py and service_operations.py.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from crmkit import shops
from crmkit.crm import CrmError, Session, audit, opportunities, roles, store
from crmkit.crm.ordering import notices, order_facts
from crmkit.crm.ordering import transitions as life
from crmkit.crm.service import alerts, contacts
from crmkit.crm.session import read_log
from crmkit.crm.storage import tables
from crmkit.settings import settings as kit_settings
from tests.crmkit.crm.customer_operations import tags_of_nothing
from tests.crmkit.crm.operations import KINDS_OF_MOVEMENT, OPERATIONS
from tests.crmkit.crm.service_operations import STEPS as STEPS_OF

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STEPS = 200
# 店长 may do most, so most steps get somewhere; everybody is refused now and then.
WHO = [roles.MANAGER] * 9 + list(roles.ROLES)
WHAT = [name for name, (_, weight) in OPERATIONS.items() for _ in range(weight)]
SEVERAL = ("credit",)  # more than one operation of the CRM: the first may be done
LIVES = {"orders": life.ORDER, "returns": life.RETURN, "campaigns": life.CAMPAIGN}


@cache
def written(*key: str) -> str:
    """A key as the log writes it."""
    return audit.canonical(list(key))


@cache
def small_shop() -> Path:
    """A shop of a few dozen customers, so that the whole of it can be looked at after each step."""
    path = Path(tempfile.mkdtemp(prefix="crmkit-life-")) / "shop.crm"
    cut = shops.variant("electronics", "2025010101", "O5", share=0.02)
    store.create(path, cut, student="2025010101", lab="O5").close()
    return path


class ShopAtWork(RuleBasedStateMachine):
    """One shop, five people who each have it open."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp(prefix="crmkit-life-")
        path = Path(self.folder) / "shop.crm"
        shutil.copy(small_shop(), path)
        self.sessions = {r: Session(store.open_store(path)).login(r) for r in roles.ROLES}
        self.replayed = self.state()
        self.at_first = {k: dict(v) for k, v in self.replayed["products"].items()}
        self.won_before: set[str] = set()
        self.won_before = self.won_here()
        self.seen = 0
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        planted = shops.planted("electronics")
        self.odd = {p["order_id"] for p in planted["amount_mismatch"]}
        self.out_of_order = planted["illegal_transition"]
        self.note_log()

    def teardown(self) -> None:
        for session in self.sessions.values():
            session.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def crm(self) -> Session:
        return self.sessions[roles.MANAGER]

    @initialize(rng=st.randoms(use_true_random=True))
    def draw_from(self, rng: Random) -> None:
        """One generator a run: its seed is hypothesis' to choose, the first is always the same."""
        self.rng = rng

    @rule()
    def somebody_does_something(self) -> None:
        """Up to three tries, so that most of the steps change something; refusals are looked at."""
        for _ in range(3):
            who, what = self.rng.choice(WHO), self.rng.choice(WHAT)
            seen = self.seen
            try:
                OPERATIONS[what][0](self.sessions[who], self.rng)
            except CrmError:
                self.refused[what] += 1
                self.note_log()
                # the log has no change and rebuilds the state: so nothing was changed
                assert self.seen == seen or what in SEVERAL
            else:
                self.done[what] += 1
                self.note_log()
                return

    def state(self) -> audit.State:
        found: audit.State = {}
        with self.crm_store().reading() as connection:
            for table in tables.STATE:
                if table.name in ("calls", "surveys"):  # nobody can change them
                    continue
                rows = connection.exec_driver_sql(f"SELECT * FROM {table.name}").cursor
                names = [d[0] for d in rows.description]
                places = [names.index(k) for k in tables.key_of(table)]
                found[table.name] = {
                    written(*(row[p] for p in places)): dict(zip(names, row, strict=True))
                    for row in rows.fetchall()
                }
        return found

    def crm_store(self) -> store.Store:
        return self.sessions[roles.MANAGER].store

    def note_log(self) -> None:
        """Replay what is new in the log, after seeing that every change of a state is declared."""
        with self.crm_store().reading() as connection:
            operations, changes = read_log(connection)
        audit.verify(operations, changes)
        new = changes[self.seen :]
        self.seen = len(changes)
        for change in new:
            if change["table_name"] in LIVES and change["after"] and '"status"' in change["after"]:
                self.declared(change)
            elif change["table_name"] in STEPS_OF and change["after"]:
                self.allowed(change)
            audit.replay(self.replayed, [change])

    def allowed(self, change: dict[str, Any]) -> None:
        """A step of one of the smaller lives: surveys, cases, contacts, opportunities, quotes."""
        name = change["table_name"]
        column, starts, steps = STEPS_OF[name]
        after = json.loads(change["after"])
        if column not in after:
            return
        old = self.replayed[name].get(change["row_key"])
        step = (old[column], after[column]) if old else after[column]
        assert step in (steps if old else starts), (name, change["row_key"], step)

    def declared(self, change: dict[str, Any]) -> None:
        table = LIVES[change["table_name"]]
        old = self.replayed[change["table_name"]].get(change["row_key"])
        source = old["status"] if old else life.NOT_YET
        target = json.loads(change["after"])["status"]
        steps = {(t.source, t.target) for t in table.rows}
        assert (source, target) in steps, (table.thing, change["row_key"], source, target)

    @invariant()
    def the_log_rebuilds_the_state(self) -> None:
        assert self.replayed == self.state()

    @invariant()
    def stock_is_what_moved(self) -> None:
        expected = {k: v["stock"] for k, v in self.at_first.items()}
        for s in self.replayed["shipments"].values():
            expected[audit.canonical([s["sku"]])] += KINDS_OF_MOVEMENT[s["kind"]] * s["qty"]
        now = {k: v["stock"] for k, v in self.replayed["products"].items()}
        assert now == expected and min(now.values()) >= 0

    @invariant()
    def money_adds_up(self) -> None:
        lines, back = self.lines_and_refunds()
        for order in self.replayed["orders"].values():
            number, own = order["order_id"], lines[order["order_id"]]
            goods = sum(i["qty"] * i["unit_price"] for i in own)
            if number not in self.odd:
                assert order["amount"] == goods + order["freight"] - order["discount"]
            assert order["amount"] >= 0
            total, paid_back = 0, 0
            for n, i in enumerate(own):  # the last line takes what rounding left
                weight = i["qty"] * i["unit_price"]
                last = n == len(own) - 1
                share = order["amount"] - total if last else order["amount"] * weight // goods
                total += share
                refunded = sum(r["amount"] for r in back[number, i["sku"]])
                paid_back += refunded
                assert 0 <= refunded <= share
            assert paid_back <= (order["amount"] if order["paid_at"] else 0)

    @invariant()
    def states_fit_what_happened(self) -> None:
        lines, back = self.lines_and_refunds()
        for order in self.replayed["orders"].values():
            number, status = order["order_id"], order["status"]
            assert status in life.ORDER.states
            unpaid = status in (life.PAY, life.VOID)
            assert unpaid == (order["paid_at"] is None)
            assert (status == life.FINISHED) == (order["received_at"] is not None)
            times = [order[n] for n in ("ordered_at", "paid_at", "shipped_at", "received_at")]
            known = [t for t in times if t]
            assert known == sorted(known) or number == self.out_of_order
            assert (status == life.VOID) <= bool(order["closed_reason"])
            for i in lines[number]:
                assert 0 <= i["shipped_qty"] <= i["qty"] and (not unpaid or not i["shipped_qty"])
                if status in (life.SENT, life.FINISHED):
                    assert i["shipped_qty"] == i["qty"] or back[number, i["sku"]]
            if status == life.CLOSED:
                refunds = [r for i in lines[number] for r in back[number, i["sku"]]]
                assert sum(r["amount"] for r in refunds) == order["amount"]
        for r in self.replayed["returns"].values():
            ended = r["status"] in (life.SUCCESS, life.DROPPED)
            assert r["status"] in life.RETURN.states and (r["finished_at"] is None or ended)
            assert r["kind"] != "换货" or r["amount"] == 0
        for c in self.replayed["campaigns"].values():
            assert c["status"] in life.CAMPAIGN.states and c["starts"] <= c["ends"]

    @invariant()
    def nobody_is_written_to_twice_or_too_often(self) -> None:
        messages = list(self.replayed["outbox"].values())
        keys = Counter(m["once_key"] for m in messages)
        assert not keys or max(keys.values()) == 1
        told = Counter(
            m["once_key"] for m in messages if m["purpose"] in (notices.SHIPPED, notices.ARRIVED)
        )
        assert all(key.split(":")[1] in self.orders() for key in told)
        assert not any("{" in m["text"] for m in messages)
        rules = kit_settings()["marketing"]
        marketing: dict[str, list[str]] = {}
        for m in messages:
            if m["campaign_id"]:
                marketing.setdefault(m["customer_id"], []).append(m["at"])
        for at in marketing.values():
            for end in at:
                first = order_facts.later(end, days=-rules["cap_days"])
                assert sum(first < t <= end for t in at) <= rules["cap_contacts"]

    @invariant()
    def whoever_opted_out_is_left_alone(self) -> None:
        since = {k: r["at"] for k, r in self.by_customer("opt_outs").items()}
        for m in self.replayed["outbox"].values():
            if m["campaign_id"] and m["customer_id"] in since:
                assert m["at"] <= since[m["customer_id"]], m["once_key"]

    @invariant()
    def surveys_are_answered_by_those_who_got_them(self) -> None:
        told = {m["once_key"] for m in self.replayed["outbox"].values()}
        for s in self.replayed["form_sends"].values():
            assert f"问卷:{s['form_id']}:{s['customer_id']}" in told
            assert (s["answers"] is None) == (s["answered_at"] is None)
            form = self.replayed["forms"][audit.canonical([s["form_id"]])]
            if s["answers"] is not None:
                assert len(json.loads(s["answers"])) == len(json.loads(form["questions"]))

    @invariant()
    def quotes_add_up_and_only_accepted_ones_win(self) -> None:
        sums: Counter[str] = Counter()
        for line in self.replayed["quote_lines"].values():
            sums[line["quote_id"]] += line["qty"] * line["unit_price"]
        accepted = set()
        for q in self.replayed["quotes"].values():
            assert q["total"] == sums[q["quote_id"]] - q["discount"] > 0
            if q["status"] == opportunities.ACCEPTED:
                accepted.add(q["opp_id"])
        for number in self.won_here():
            assert number in accepted
        for o in self.replayed["opportunities"].values():
            assert (o["closed_at"] is None) == (o["stage"] not in ("won", "lost")), o["opp_id"]

    def won_here(self) -> set[str]:
        """Opportunities that were not won before the shop came into our hands."""
        won = {o["opp_id"] for o in self.replayed["opportunities"].values() if o["stage"] == "won"}
        return won - self.won_before

    @invariant()
    def cases_and_contacts_fit_what_happened(self) -> None:
        for c in self.replayed["cases"].values():
            assert (c["closed_at"] is not None) == (c["status"] == alerts.CLOSED)
            assert c["opened_at"] < c["due_at"] and (
                c["status"] == alerts.OPENED or c["first_reply_at"]
            )
        waiting = [(c["review_id"] or c["order_id"], bool(c["review_id"]))
                   for c in self.replayed["cases"].values() if c["status"] != alerts.CLOSED]  # fmt: skip
        assert len(set(waiting)) == len(waiting)  # never two open cases about the same thing
        owner = {o["order_id"]: o["customer_id"] for o in self.replayed["orders"].values()}
        for t in self.replayed["interactions"].values():
            assert t["order_id"] is None or owner[t["order_id"]] == t["customer_id"]
            assert t["status"] != contacts.PLANNED or t["result"] is None

    @invariant()
    def customers_classes_and_tags_fit_together(self) -> None:
        for c in self.replayed["customers"].values():
            assert c["member_level"] in kit_settings()["levels"]["names"]
            assert not c["mobile"] or (len(c["mobile"]) == 11 and c["mobile"].isdigit())
        names = [g["name"] for g in self.replayed["groups"].values()]
        assert len(set(names)) == len(names)
        for b in self.replayed["import_batches"].values():
            assert b["rows"] == b["created"] + b["updated"] + b["skipped"] + b["refused"]
        assert tags_of_nothing(self.crm) == []

    def by_customer(self, table: str) -> dict[str, dict[str, Any]]:
        return {r["customer_id"]: r for r in self.replayed[table].values()}

    def orders(self) -> set[str]:
        return {o["order_id"] for o in self.replayed["orders"].values()}

    def lines_and_refunds(self) -> tuple[dict[str, list[dict[str, Any]]], dict[Any, list[Any]]]:
        lines: dict[str, list[dict[str, Any]]] = {}
        for i in sorted(self.replayed["order_items"].values(), key=lambda i: int(i["line_no"])):
            lines.setdefault(i["order_id"], []).append(i)
        back: dict[Any, list[Any]] = {
            (o, i["sku"]): [] for o, items in lines.items() for i in items
        }
        for r in self.replayed["returns"].values():
            if r["status"] == life.SUCCESS and r["kind"] != "换货":
                back[r["order_id"], r["sku"]].append(r)
        return lines, back


ShopAtWork.TestCase.settings = settings(
    max_examples=20 if FULL else 1,
    stateful_step_count=STEPS,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a shorter example would take hours
    suppress_health_check=list(HealthCheck),
    database=None,
)
TestShopAtWork = ShopAtWork.TestCase
