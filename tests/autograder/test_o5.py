"""Lab O5: orders ended, shipped and announced count in any legitimate way; mistakes are told."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from autograder import judge
from crmkit import crm
from crmkit.crm import Session
from crmkit.lab.inputs import o5
from tests.autograder.works import done

STUDENT = "2025010101"


def world() -> Any:
    return judge.load("O5").world(STUDENT)


def test_six_orders_closed_one_by_one_and_parcels_sent_by_hand_count() -> None:
    data = o5.data(STUDENT)

    def do(s: Session) -> None:
        s.login("客服")
        task = data.tasks["O5-04"]
        for number in task["订单"]:
            unpaid = s.orders.detail(number).order["订单状态"].iloc[0] == o5.UNPAID
            reason = task["没付款的写" if unpaid else "售后到期的写"]
            if number == data.refused:
                with pytest.raises(crm.CrmError):
                    s.orders.close_order(number, reason)
            else:
                s.orders.close_order(number, reason)
        s.login("仓库")
        for row in data.parcels[data.parcels["订单编号"] != data.stray].to_dict("records"):
            s.orders.ship_order(row["订单编号"], row["快递公司"], row["运单号"])
        ready = s.orders.receive()["订单编号"].tolist()
        s.orders.notify_received(ready[:3])
        s.orders.notify_received(ready)
        s.orders.notify_received()

    results = done("O5", STUDENT, do)
    assert [results[f"O5-0{n}"].status for n in (4, 5, 6)] == ["right"] * 3


def test_what_was_done_too_much_or_carelessly_is_named() -> None:
    data = o5.data(STUDENT)
    text = "【{店名}】{称呼}，您的订单已经出库，请留意查收。"
    mixed = data.parcels.assign(运单号=data.parcels["运单号"].tolist()[::-1])

    def do(s: Session) -> None:
        s.login("店长")
        other = s.orders.close("未付款", size=50).frame["订单编号"].tolist()
        s.orders.close_orders([*other, *data.tasks["O5-04"]["订单"]], "缺货")
        s.orders.ship_orders(mixed, template=text)
        s.orders.notify_received(days=3)

    results = done("O5", STUDENT, do)
    assert "六张以外" in results["O5-04"].hint
    assert 0 < (results["O5-05"].score or 0) < results["O5-05"].points
    assert "不满 5 天" in results["O5-06"].hint


def test_results_count_in_any_legitimate_form() -> None:
    w = world()
    items = {i.id: i for i in judge.load("O5").automatic}
    right = items["O5-03"].expect(w)
    counts = right["counts"]
    frame = pd.DataFrame({"原因": list(counts), "件数": list(counts.values())})
    told = {
        "名单": pd.DataFrame({"退换编号": right["名单"], "类型": ""}),
        "原因": frame.sort_values("件数", ascending=False),
        "退货率": f"{right['退货率']:.4%}",
    }
    late = items["O5-08"].expect(w)
    hours = {"平均小时": str(round(late["平均小时"], 2)), "超时订单": set(late["超时订单"])}
    for item, value in (("O5-03", told), ("O5-08", hours)):
        assert items[item].compare(value, items[item].expect(w)).share == 1, item
    table = items["O5-07"]
    nothing = [False] * len(table.expect(w))
    assert table.compare(nothing, table.expect(w)).share == 0
    assert {len(items["O5-02"].expect(w)), len(w.data.allowed)} == {3, 5}
