"""The activities of chapters 6, 13 and 14: they draw at every end, and show what they claim."""

from __future__ import annotations

import pytest

from tests.crmkit.ui.activities import made


# --- ch06: whom to ask ----------------------------------------------------------------------------
def test_the_answer_is_hidden_until_somebody_has_guessed() -> None:
    ask = made("ch06", "whom_to_ask")
    assert "先猜" in ask.message and {row[2] for row in ask.rows["rows"]} == {"？"}
    ask.set(ask="waiting", guess="数据仓库")
    assert "没猜对。这次只有业务库答得对" in ask.message
    assert [row[2] for row in ask.rows["rows"]] == ["14", "9"]
    ask.set(ask="level")
    assert "？猜对了" in ask.message and ask.result["said"] == ["VIP会员", "高级会员"]
    ask.set(lag=0, keep=750, ask="waiting", guess="both")
    assert "？猜对了。两边答得一样" in ask.message
    ask.reset()


# --- ch13: orders that move into another system --------------------------------------------------
def test_totals_agree_before_the_customers_do() -> None:
    move = made("ch13", "move_orders")
    assert "有效订单的金额" in move.result["agree"] and not move.result["ok"]
    move.set(amount="总金额")
    assert "有效订单的金额" not in move.result["agree"] and "+12,650.50" in str(move.rows["rows"])
    move.set(closed="by_payment")
    assert len(move.result["agree"]) == 4 and move.result["customers"] == 61
    assert move.result["repeat"] == pytest.approx((0.317, 0.236), abs=0.0005)
    move.set(customer="买家会员名")
    assert move.result["ok"] and "可以验收" in move.message
    move.set(ids="number")
    assert not move.result["ok"] and "五个合计全部对得上，可是 991 张订单" in move.message
    move.reset()


# --- ch13: data models and what is known of products -----------------------------------------------
def test_the_same_name_is_not_the_same_stage() -> None:
    cards = made("ch13", "model_cards")
    assert cards.result["before"] == pytest.approx(337_740)  # 27,610 + 41,440 + 85,650 + 183,040
    assert cards.result["after"] == pytest.approx(294_140) and cards.result["merged"] == 1
    cards.set(way="chance")
    assert cards.result["after"] == pytest.approx(325_220) and cards.result["merged"] == 0
    cards.set(source="Frappe CRM", target="Frappe CRM", what="customer")
    assert cards.result["after"] == cards.result["before"] and cards.result["unknown"] == 2
    assert "未载" in str(cards.rows["rows"])
    cards.reset()


def test_a_table_without_gaps_holds_least() -> None:
    line = made("ch13", "product_line")
    assert line.result == {"right": 1, "filled": 8, "good": 1, "pairs": 19, "sound": 0}
    right = ("none", "stated", "none", "name", "none", "none", "none", "vendor")
    line.set(**{f"p{n}": claim for n, claim in enumerate(right)})
    assert line.result == {"right": 8, "filled": 3, "good": 3, "pairs": 2, "sound": 2}
    assert "恰如其分" in line.message
    line.reset()


# --- ch14: a list that leaves the shop -----------------------------------------------------------
def test_stars_over_the_name_leave_everybody_alone_in_the_list() -> None:
    release = made("ch14", "before_release")
    release.set(purpose="study", contact="masked", birthday="none", place="none", spending="none")
    assert release.result["alone"] == 2770 and "脱敏不是匿名" in release.message
    release.set(contact="none", birthday="date", place="province")
    assert release.result["alone"] / 2770 == pytest.approx(0.86, abs=0.005)
    assert not release.result["ok"]
    release.set(birthday="band", place="none", spending="band")
    assert release.result["ok"] and release.result["few"] == 0
    release.set(birthday="none", spending="none")
    assert not release.result["ok"] and "什么也没有给" in release.message
    release.reset()


def test_consent_is_asked_by_purpose() -> None:
    from crmkit import shops

    people = shops.load("tea").customers
    release = made("ch14", "before_release")
    assert release.result["over"] == ["生日", "地区", "累计消费"]
    release.set(birthday="none", place="none", spending="none")
    assert release.result["ok"] and release.result["people"] == int(people["接受营销"].sum())
    release.set(hour=22)
    assert release.result["people"] == 0 and "以外不发" in release.message
    release.set(purpose="ship", place="city")
    assert release.result["ok"] and 0 < release.result["people"] < 50  # no consent, at any hour
    release.set(purpose="partner", place="none")
    assert release.result["people"] == 0 and "单独同意" in release.message
    release.reset()


# --- ch14: a festival that moves -----------------------------------------------------------------
def test_the_lunar_festival_wants_its_own_days_and_the_fixed_one_does_not_care() -> None:
    plan = made("ch14", "festival_plan")
    assert str(plan.result["send"]) == "2026-09-11" and plan.result["moved"] == -11
    assert plan.result["base"] == pytest.approx(0.072, abs=0.0005)
    assert plan.result["aligned"] == pytest.approx(0.115, abs=0.0005)
    miss = plan.result["miss"]
    assert miss["date"] == pytest.approx(2.5, abs=0.05)
    assert miss["festival"] == pytest.approx(1.7, abs=0.05)
    plan.set(align="festival", held=0.5)
    assert plan.result["least"] == pytest.approx(0.059, abs=0.0005)
    plan.set(festival="618")
    assert plan.result["miss"]["date"] == plan.result["miss"]["festival"]
    assert "回头验" not in plan.message
    plan.set(shop="ceramics", festival="中秋节")  # its September is the teachers' day
    assert plan.result["miss"]["date"] < plan.result["miss"]["festival"]
    plan.reset()


# --- ch14: one limit for four trades -------------------------------------------------------------
def test_no_limit_suits_all_four_trades() -> None:
    bench = made("ch14", "trade_bench")
    left = [round(x, 2) for x in bench.result["left"].values()]
    assert left == [0.41, 0.15, 0.79, 0.48]
    waits = [round(x) for x in bench.result["waits"].values()]
    assert waits == [86, 257, 57, 63] and round(bench.result["bill"]) == -6055
    bench.set(cost=2)
    assert set(bench.result["waits"].values()) == {0} and "谁都值得联系" in bench.message
    bench.set(cost=50, gain=50)
    assert min(bench.result["waits"].values()) == float("inf")
    assert "等多久都不值得" in bench.message
    bench.reset()
