"""Text messages: parts, signature, opt-out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.crm import errors
from crmkit.crm.campaigns import sms
from crmkit.crm.campaigns.campaigning import PLACES, TEMPLATES


@pytest.mark.parametrize(("n", "parts"), [(0, 0), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_parts_of_a_message(n: int, parts: int) -> None:
    """T-SMS-1: 70 → 1, 71 → 2, 134 → 2, 135 → 3 (provider rule)."""
    assert sms.parts("茶" * n) == parts


@given(st.text())
def test_parts_hold_the_whole_text(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    units, parts = sms.length(text), sms.parts(text)
    assert units <= (70 if parts == 1 else 67 * parts) and units >= len(text)
    assert parts < 2 or units > 67 * (parts - 1)


@pytest.mark.parametrize(
    ("template", "said"),
    [("【清溪茶叶】买一送一", "退订"), ("买一送一，拒收请回复R", "签名"), ("【别家】拒收请回复R", "签名"),
     ("【清溪茶叶】{姓名}您好，退订回T", "没有占位符"), ("【清溪茶叶】{昵称，退订回T", "成对"), ("", "不能是空")],
)  # fmt: skip
def test_a_marketing_text_needs_signature_and_opt_out(template: str, said: str) -> None:
    with pytest.raises(errors.InvalidInput, match=said) as refused:
        sms.check(template, PLACES, title="清溪茶叶", marketing=True)
    assert set(refused.value.fields) == {"template"}


def test_the_templates_that_come_with_the_kit_can_be_sent() -> None:
    for template in TEMPLATES.values():
        sms.check(template, PLACES, title="清溪茶叶", marketing=True)
