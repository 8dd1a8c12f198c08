"""Whose shop the console opens, and what was done last in it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from crmkit import crm as kit
from crmkit.crm import catalogue
from crmkit.crm.storage import tables

STUDENT = "2025010101"
ALL = [*catalogue.FUNCTIONS.values(), *catalogue.SALES.values()]


def newest(session: kit.Session) -> dict[str, Any]:
    """The newest row of the log that a screen or an action wrote."""
    return (
        session.store.frame(
            sa.select(tables.operations).order_by(tables.operations.c.seq.desc()).limit(1)
        )
        .iloc[0]
        .to_dict()
    )


def expected(session: kit.Session, key: str) -> pd.DataFrame:
    """The main table of a function, straight from its method with its defaults."""
    if key == "customers.import_file":  # the screen begins with the batches there are
        return session.customers.imports()
    module, method = key.split(".")
    given = {"customers.list": {"size": 10}, "customers.lookup": {"size": 10}, "orders.search": {"size": 10},
             "orders.returns": {"size": 10}, "orders.close": {"size": 10}, "interactions.inbound": {"size": 10},
             "interactions.outbound": {"size": 10}, "interactions.inquiries": {"size": 10}}  # fmt: skip
    found = getattr(getattr(session, module), method)(**given.get(key, {}))
    for name in ("page", "frame", "table"):
        inner = getattr(found, name, None)
        if isinstance(found, pd.DataFrame) or inner is None or isinstance(inner, int):
            continue
        found = inner
    assert isinstance(found, pd.DataFrame), key
    return found
