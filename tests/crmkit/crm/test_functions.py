"""Every function through Python, for roles that may and that may not: result, log line, refusal.

The same functions through the console: tests/browser/test_console.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from crmkit import shops
from crmkit.crm import Session, audit, catalogue, errors, roles, store
from crmkit.crm.storage import tables
from tests.crmkit.crm.conftest import STUDENT
from tests.crmkit.crm.function_table import CASES, Rows, plain

ALL = {**catalogue.FUNCTIONS, **catalogue.SALES}
CHANGING = [key for key, case in CASES.items() if case.act]
LOG = tables.operations
LINE = ("user_name", "role", "module", "function")  # who did what, in the log


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[store.Store]:
    """One small shop in which all of these tests work."""
    path = tmp_path_factory.mktemp("functions") / "tea.crm"
    cut = shops.variant("tea", STUDENT, "O1", share=0.3)
    opened = store.create(path, cut, student=STUDENT, lab="O1")
    yield opened
    opened.close()


def at_work(shop: store.Store, role: str) -> Session:
    """Somebody in a role; all of them use the same file."""
    return Session(shop).login(role, f"{role}小周")


def newer(shop: store.Store, than: int) -> list[dict[str, Any]]:
    """Rows of the log after a number."""
    return shop.frame(LOG.select().where(LOG.c.seq > than).order_by(LOG.c.seq)).to_dict("records")


def newest(shop: store.Store) -> int:
    return int(shop.frame(sa.select(sa.func.max(LOG.c.seq))).iloc[0, 0])


def in_order(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: str(row[0]))


def is_refused(
    shop: store.Store, function: catalogue.Function, role: str, use: Callable[[Session], object]
) -> None:
    """Whoever tries it is told why, one row of the log says so, and nothing else happened."""
    crm = at_work(shop, role)
    before, version = newest(shop), shop.version()
    with pytest.raises(errors.PermissionDenied) as told:
        use(crm)
    for word in (role, function.module, function.name):
        assert word in str(told.value)
    assert shop.version() == version
    *looked, line = newer(shop, before)
    assert [line[k] for k in LINE] == [crm.user, role, function.module, function.name]
    assert (line["outcome"], line["changes"]) == (audit.REFUSED, 0)
    assert not looked or (role in function.use and {x["outcome"] for x in looked} == {audit.READ})
    assert line["message"] == f"PermissionDenied: {told.value}"


def test_the_table_has_every_function() -> None:
    assert list(CASES) == list(ALL)
    assert len(catalogue.FUNCTIONS) == 44


@pytest.mark.parametrize("key", CASES)
def test_who_may_gets_what_plain_sql_gives_and_the_log_says_so(shop: store.Store, key: str) -> None:
    case, function = CASES[key], ALL[key]
    if case.act is not None:
        crm, before = at_work(shop, case.who or function.act[-1]), newest(shop)
        case.act(crm)
        (line,) = (x for x in newer(shop, before) if x["outcome"] != audit.READ)
        assert [line[k] for k in LINE] == [crm.user, crm.role, function.module, function.name]
        assert (line["action"], line["outcome"], line["message"]) == (case.action, audit.DONE, "")
        assert line["changes"] > 0

    crm = at_work(shop, function.use[-1])
    before, version = newest(shop), shop.version()
    found = in_order(case.read(crm))
    for line in newer(shop, before):
        assert [line[k] for k in LINE] == [crm.user, crm.role, function.module, function.name]
        assert (line["outcome"], line["message"], line["changes"]) == (audit.READ, "", 0)
    assert newest(shop) > before
    assert shop.version() == version
    wanted = in_order(plain(crm, case.sql))
    assert [row[0] for row in found] == [row[0] for row in wanted]
    assert found == [pytest.approx(row) for row in wanted]
    assert found


@pytest.mark.parametrize("key", CASES)
def test_who_may_not_use_it_is_told_and_logged(shop: store.Store, key: str, full: bool) -> None:
    function, case = ALL[key], CASES[key]
    others = [role for role in roles.ROLES if role not in function.use]
    for role in others if full else others[-1:]:
        is_refused(shop, function, role, case.read)


@pytest.mark.parametrize("key", CHANGING)
def test_who_may_only_look_cannot_act(shop: store.Store, key: str, full: bool) -> None:
    function, case = ALL[key], CASES[key]
    assert case.act is not None
    others = [role for role in roles.ROLES if role not in function.act]
    others.sort(key=lambda role: role in function.use)  # who may look comes last
    for role in others if full else others[-1:]:
        is_refused(shop, function, role, case.act)


def test_the_chain_of_the_log_holds_after_all_of_it(shop: store.Store) -> None:
    at_work(shop, roles.MANAGER).verify()
