"""What is known of products and of systems: no more is claimed than the documents print."""

from __future__ import annotations

import pandas as pd
import pytest

from crmkit.analytics import datamodels as d
from crmkit.analytics import provenance as p
from crmkit.analytics.errors import AnalyticsError
from crmkit.crm.service import alerts
from crmkit.settings import settings
from crmkit.syllabus import course


def test_the_products_are_those_of_the_syllabus() -> None:
    titles = [s.title for s in course().chapter("ch13").sections][1:9]
    assert [t.replace("Oracle公司", "Oracle 公司") for t in titles] == list(p.PRODUCTS)


@pytest.mark.parametrize(
    ("product", "claim", "wanted"),
    [
        ("Siebel", "none", p.SOUND), ("Siebel", "heard", p.NO_BASIS), ("Siebel", "stated", p.NO_BASIS),
        ("Oracle 公司的产品", "stated", p.SOUND), ("Oracle 公司的产品", "vendor", p.SOUND),
        ("Oracle 公司的产品", "none", p.TOO_SHY), ("Oracle 公司的产品", "heard", p.NO_BASIS),
        ("开思 CRM-Star", "stated", p.TOO_SURE), ("开思 CRM-Star", "vendor", p.SOUND),
        ("SalesLogix 2000", "name", p.SOUND), ("SalesLogix 2000", "stated", p.NO_BASIS),
    ],
)  # fmt: skip
def test_a_claim_may_say_what_the_evidence_carries(product: str, claim: str, wanted: str) -> None:
    assert p.verdict(product, claim) == wanted


def test_before_and_after_need_two_years_that_stand() -> None:
    claims = {"Siebel": "heard", "Oracle 公司的产品": "stated", "SalesLogix 2000": "name"}
    assert p.orderings(claims) == (3, 1)
    assert p.orderings(dict.fromkeys(claims, "none")) == (0, 0)
    with pytest.raises(AnalyticsError, match="参数 product.*可以选"):
        p.verdict("Salesforce", "none")


def test_the_published_stages_stand_with_their_chances() -> None:
    """EspoCRM's and Frappe CRM's entity definitions; the course's own are those of its settings."""
    espo, frappe = (d.CARDS["opportunity"][s] for s in (d.ESPO, d.FRAPPE))
    assert espo.chances == (0.1, 0.2, 0.5, 0.8) and frappe.chances == (0.1, 0.25, 0.5, 0.7, 0.9)
    own = settings()["opportunities"]["probability"]
    assert d.CARDS["opportunity"][d.OWN].chances == tuple(
        own[k] for k in ("lead", "qualified", "feasible", "target")
    )
    assert d.CARDS["case"][d.OWN].states == (alerts.OPENED, alerts.ASSIGNED, alerts.CLOSED)


def test_every_card_names_its_source_or_says_that_nothing_was_found() -> None:
    for cards in d.CARDS.values():
        assert tuple(cards) == d.SYSTEMS
        for card in cards.values():
            assert bool(card.source) == bool(card.states or card.note)
            assert len(card.chances) in (0, len(card.states))


def test_a_pipeline_moved_by_hand() -> None:
    amounts = pd.Series({"Prospecting": 100, "Qualification": 100, "Negotiation": 100})
    assert d.forecast(amounts, d.ESPO) == pytest.approx(10 + 20 + 80)
    for way, wanted in (("name", 10 + 10 + 70), ("order", 10 + 25 + 70), ("chance", 10 + 25 + 70)):
        moved = amounts.groupby(d.carried(d.ESPO, d.FRAPPE, way=way)).sum()
        assert d.forecast(moved, d.FRAPPE) == pytest.approx(wanted), way
    assert d.carried(d.FRAPPE, d.OWN, way="order")["Ready to Close"] == "目标"


def test_systems_without_fixed_stages_are_refused_with_the_others() -> None:
    with pytest.raises(AnalyticsError, match="参数 target.*EspoCRM"):
        d.carried(d.ESPO, d.ODOO)
    with pytest.raises(AnalyticsError, match="没有阶段「Demo」"):
        d.forecast(pd.Series({"Demo": 1.0}), d.ESPO)
