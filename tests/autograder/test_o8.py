"""Lab O8: tables of channels count in any legitimate form, and upkeep by what was changed."""

from __future__ import annotations

import pandas as pd
import pytest

from autograder import judge
from autograder.source.O8.reference import World
from autograder.spec import Item
from crmkit.crm import Session
from tests.autograder.works import done

STUDENT = "2025010101"
ITEMS: dict[str, Item] = {i.id: i for i in judge.load("O8").automatic}


@pytest.fixture(scope="module")
def world() -> World:
    found: World = judge.load("O8").world(STUDENT)
    return found


def test_the_period_has_a_past_and_the_channel_to_maintain_is_not_in_the_list() -> None:
    starts = set()
    for n in range(8):
        w = judge.load("O8").world(f"2025{n:06d}")
        assert w.sold["月份"].nunique() == 6
        assert (w.orders["日"] < w.start).sum() > 500
        listed = set(ITEMS["O8-01"].expect(w)["渠道编号"])
        assert 2 <= len(listed) <= 6 and w.task("O8-09")["渠道编号"] not in listed
        assert set(ITEMS["O8-02"].expect(w)["渠道编号"]) == {"C07"}
        starts.add(w.start)
    assert len(starts) > 2


def test_the_whole_shop_is_the_mean_by_orders_but_not_by_buyers(world: World) -> None:
    table = ITEMS["O8-07"].expect(world).set_index("渠道编号")
    g = world.sold.groupby("渠道编号")
    orders, buyers = g.size(), g["客户编号"].nunique()
    own = table.drop(index="全店")
    assert (own["笔单价"] * orders).sum() / orders.sum() == pytest.approx(table["笔单价"]["全店"])
    assert (own["客单价"] * buyers).sum() / buyers.sum() < table["客单价"]["全店"] - 1


def test_tables_are_taken_in_any_legitimate_form(world: World) -> None:
    sales, rates = ITEMS["O8-03"].expect(world), ITEMS["O8-04"].expect(world)
    new = ITEMS["O8-05"].expect(world)
    wide = {c: c.replace("(", "（").replace(")", "）").replace(",", "，") for c in rates.columns}
    none = pd.DataFrame([{"月份": "2025-01", "渠道编号": "C99", "订单数": 0, "支付金额": 0.0}])
    given = {
        "O8-03": [
            sales.assign(月份=pd.to_datetime(sales["月份"])).sample(frac=1, random_state=1),
            pd.concat([sales, none]).set_index(["月份", "渠道编号"]),
        ],
        "O8-04": [rates.rename(columns=wide), rates.set_index("渠道编号").map("{:.4%}".format)],
        "O8-05": [new[new["新客数"] > 0], new.assign(多余=1)],
        "O8-08": [pd.DataFrame({"渠道编号": ITEMS["O8-08"].expect(world)})],
    }
    for item, forms in given.items():
        for value in forms:
            assert ITEMS[item].compare(value, ITEMS[item].expect(world)).share == 1, item


def test_a_doubled_row_or_a_month_too_many_is_no_full_answer(world: World) -> None:
    sales = ITEMS["O8-03"].expect(world)
    more = sales.head(1).assign(月份="2024-01")
    for wrong in (pd.concat([sales, sales.head(1)]), pd.concat([sales, more])):
        assert 0.7 < ITEMS["O8-03"].compare(wrong, sales).share < 1


def test_upkeep_may_be_done_in_steps_and_a_wrong_channel_is_named(world: World) -> None:
    task = world.task("O8-09")
    channel, who, note = (task[k] for k in ("渠道编号", "负责人", "备注"))

    def in_steps(s: Session) -> None:
        channels = s.login("店长").channels
        channels.update(channel, contact=who)
        channels.update("C07", contact=who)
        channels.update("C07", contact="范运营")
        channels.update(channel, status="已关闭", note=f" {note}")

    def elsewhere(s: Session) -> None:
        s.login("店长").channels.update("C07", status="已关闭", contact=who, note=note)

    assert done("O8", STUDENT, in_steps)["O8-09"].status == "right"
    result = done("O8", STUDENT, elsewhere)["O8-09"]
    assert "不是通知里的渠道" in result.hint and (result.score or 0) < 2
