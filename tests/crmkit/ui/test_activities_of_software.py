"""Chapter 3's fit and gap: functions that exist, systems ranked by what was read of them."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET

import pytest

from crmkit.crm import catalogue
from crmkit.ui.activities.ch03 import fit
from crmkit.ui.activity import Activity
from tests.crmkit.ui.activities import made

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0") or 0))


@pytest.fixture
def match() -> Activity:
    found = made("ch03", "fit_gap")
    found.reset()
    return found


def test_only_functions_and_systems_that_exist_are_told_of() -> None:
    known = set(catalogue.FUNCTIONS) | set(fit._MORE)
    assert set(fit.FOUND) <= known and all(set(f) <= set(fit.SYSTEMS) for f in fit.FOUND.values())
    assert all(what for f in fit.FOUND.values() for _, what in f.values())
    for name, keys in fit.NEEDS.values():
        assert set(keys) <= set(catalogue.FUNCTIONS) and f"{len(set(keys))} 项" in name


def test_the_least_read_system_is_last_or_first_by_how_the_unknown_is_counted(
    match: Activity,
) -> None:
    assert match.result["first"] == ["EspoCRM"]
    assert (match.result["blank"], match.result["cells"]) == (39, 48)
    match.set(unknown="all")
    assert match.result["first"] == ["Odoo"] and match.result["sure"] == ""
    match.set(need="all")
    assert match.result["blank"] == 163


def test_seven_trials_each_settle_the_phone_shop_and_none_the_tea_shop(match: Activity) -> None:
    match.set(need="phone")
    assert match.result["blank"] == 30
    match.set(tried=6)
    assert match.result["sure"] == ""
    match.set(tried=7)
    assert match.result["sure"] == "EspoCRM" and match.result["blank"] == 30 - 25
    match.set(need="repeat", tried=12)
    assert match.result["first"] == ["EspoCRM", "悟空 CRM 9"] and match.result["sure"] == ""


def test_unknown_is_never_written_as_missing(match: Activity) -> None:
    every = (*catalogue.MODULES, fit.BESIDE)
    for module in every if FULL else every[::4]:
        match.set(module=module)
        ET.fromstring(match.drawing)
        assert match.rows["columns"][0] == module
        for told, *counts in match.rows["rows"]:
            assert sum(map(int, counts)) == len(fit.SYSTEMS)
            assert told.endswith("没有查到") == (counts[-1] == "4")
