"""The screens of all functions, against what the modules say."""

from __future__ import annotations

import json
from collections.abc import Callable

import pandas as pd
import pytest

from crmkit import crm as kit
from crmkit.crm import audit, catalogue
from crmkit.crm.roles import ROLES
from crmkit.crm.storage import tables
from crmkit.ui.console import auto, registry
from crmkit.ui.console.desk import Desk
from tests.crmkit.ui.console.work import ALL, expected, newest


@pytest.mark.parametrize("function", ALL, ids=lambda x: x.key)
def test_a_screen_shows_what_its_method_gives_and_stands_in_the_log(
    function: catalogue.Function, work_as: Callable[[str], kit.Session]
) -> None:
    session = work_as(function.use[-1])
    desk = Desk(session)
    shown = desk.open(function.key)
    assert shown["refused"] == ""
    assert (shown["module"], shown["title"]) == (function.module, function.name)
    assert json.loads(json.dumps(shown, ensure_ascii=False, allow_nan=False)) == shown
    lines = session.store.frame(tables.operations)
    own = lines[(lines["function"] == function.name) & (lines["module"] == function.module)]
    assert len(own) >= 1
    assert set(own["outcome"]) == {audit.READ}
    assert set(own["role"]) == {session.role}
    pd.testing.assert_frame_equal(
        desk.grids[0].frame,
        expected(session, function.key).reset_index(drop=True),
        check_dtype=False,
    )


@pytest.mark.parametrize("function", ALL, ids=lambda x: x.key)
def test_a_role_that_may_not_is_refused_and_the_refusal_is_logged(
    function: catalogue.Function, work_as: Callable[[str], kit.Session]
) -> None:
    role = next(r for r in ROLES if r not in function.use)
    session = work_as(role)
    desk = Desk(session)
    shown = desk.open(function.key)
    assert role in shown["refused"]
    assert function.name in shown["refused"]
    assert "tables" not in shown
    line = newest(session)
    assert (line["outcome"], line["function"], line["role"]) == (audit.REFUSED, function.name, role)


def test_every_function_is_in_the_navigation_with_the_reason_where_it_is_shut() -> None:
    from crmkit.ui.console.widget import navigation

    shown = {f["key"]: f["why"] for m in navigation("仓库") for f in m["functions"]}
    assert set(shown) >= {f.key for f in ALL}
    for function in ALL:
        assert bool(shown[function.key]) == ("仓库" not in function.use)


def test_unknown_functions_and_results_of_any_form() -> None:
    with pytest.raises(registry.ScreenError):
        registry.screen("customers.nothing")
    found = pd.DataFrame({"客户编号": ["C1", "C2"], "金额": [12.5, 30.0]})
    view = auto.view_of({"数量": 3, "明细": found, "说明": "按人"})
    assert ([c.label for c in view.cards], view.tables[0].title, view.note) == (
        ["数量"],
        "明细",
        "按人",
    )
