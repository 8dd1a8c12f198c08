"""顾客分类: every class against plain pandas, partitions, and classes kept under a name."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
import sqlalchemy as sa

from crmkit.crm import Session, errors
from crmkit.crm.segments import Classes
from crmkit.crm.storage import tables
from crmkit.settings import settings
from tests.crmkit.crm.test_customers import VALID, some, sql
from tests.crmkit.crm.test_log import last

Work = Callable[..., Session]
ORDERS = tables.metadata.tables["orders"]
SHOPS = ["tea", "ceramics", "electronics"]


def buyers(crm: Session) -> pd.DataFrame:
    """customer_id → orders and fen, of the orders that count; customers without any have 0."""
    paid = sql(
        crm,
        f"SELECT customer_id, amount FROM orders WHERE status IN {VALID} AND paid_at IS NOT NULL",
    )
    ids = sql(crm, "SELECT customer_id FROM customers")["customer_id"]
    by = paid.groupby("customer_id")["amount"]
    return pd.DataFrame({"orders": by.size(), "fen": by.sum()}).reindex(ids, fill_value=0)


def counts(classes: Classes) -> list[int]:
    return classes.table["人数"].tolist()


@pytest.mark.parametrize("shop", SHOPS)
def test_frequency_and_spending_equal_a_plain_count(work_in: Work, shop: str) -> None:
    crm = work_in(shop)
    b = buyers(crm)
    classes = crm.segments.frequency([0, 1, 3])
    wanted = [
        (b["orders"] == 0).sum(),
        (b["orders"] == 1).sum(),
        b["orders"].between(2, 3).sum(),
        (b["orders"] > 3).sum(),
    ]
    assert counts(classes) == wanted
    assert classes.table["类别"].tolist() == ["0 次", "1 次", "2–3 次", "4 次及以上"]
    assert classes.table["金额"].sum() == pytest.approx(b["fen"].sum() / 100)
    assert classes.table["金额占比"].sum() == pytest.approx(1)

    lows = [v * 100 for v in settings()["spending"][shop]]
    wanted = [(b["orders"] == 0).sum(), ((b["orders"] > 0) & (b["fen"] < lows[0])).sum(),
              *(((b["fen"] >= x) & (b["fen"] < y)).sum() for x, y in zip(lows, lows[1:], strict=False)),
              (b["fen"] >= lows[-1]).sum()]  # fmt: skip
    assert counts(crm.segments.spending()) == wanted


def test_a_value_on_a_band_s_edge_belongs_to_the_upper_band(work_in: Work) -> None:
    crm = work_in("tea")
    b = buyers(crm)
    edge = int(b["fen"].max())
    on_edge = b.index[b["fen"] == edge].tolist()
    classes = crm.segments.spending(bands=[edge / 100])
    assert set(on_edge) <= set(classes.ids(classes.table["类别"].iloc[-1])) and on_edge


def test_quintiles_keep_equal_amounts_together_and_are_nearly_equal_in_size(work_in: Work) -> None:
    crm = work_in("tea")
    classes = crm.segments.spending("quintiles")
    b = buyers(crm).join(classes.members.set_index("客户编号"))
    parts = b[b["orders"] > 0]
    assert (parts.groupby("fen")["类别"].nunique() == 1).all()
    sizes = counts(classes)[1:]
    assert max(sizes) - min(sizes) <= parts["fen"].value_counts().max() + 1
    bounds = parts.groupby("类别")["fen"].agg(["min", "max"]).reindex(classes.table["类别"][1:])
    assert (bounds["min"].iloc[1:].to_numpy() > bounds["max"].iloc[:-1].to_numpy()).all()


@pytest.mark.parametrize("shop", SHOPS)
def test_channels_by_first_order_are_a_partition_and_by_any_order_overlap(
    work_in: Work, shop: str
) -> None:
    crm = work_in(shop)
    paid = sql(
        crm,
        f"SELECT o.customer_id, c.name, o.paid_at, o.order_id FROM orders o JOIN channels c USING (channel_id) WHERE o.status IN {VALID} AND o.paid_at IS NOT NULL",
    )
    paid = paid.sort_values(["paid_at", "order_id"])
    first, anywhere = crm.segments.channel("first"), crm.segments.channel("any")
    wanted = paid.groupby("customer_id")["name"].first().value_counts()
    got = first.table.set_index("类别")["人数"]
    assert got.drop("未购买").to_dict() == wanted.reindex(got.index[:-1], fill_value=0).to_dict()
    wanted = paid.drop_duplicates(["customer_id", "name"])["name"].value_counts()
    got = anywhere.table.set_index("类别")["人数"]
    assert got.drop("未购买").to_dict() == wanted.reindex(got.index[:-1], fill_value=0).to_dict()
    assert first.partition and not anywhere.partition
    assert got.sum() > first.table["人数"].sum() == len(sql(crm, "SELECT 1 FROM customers"))


def test_a_missing_source_is_unknown(work_in: Work) -> None:
    crm = work_in("tea")
    people = sql(crm, "SELECT source FROM customers")["source"].fillna("未知").replace("", "未知")
    assert (
        crm.segments.source().table.set_index("类别")["人数"].to_dict()
        == people.value_counts().to_dict()
    )


def test_a_class_made_by_hand_does_not_change_by_itself(work_in: Work) -> None:
    crm = work_in("tea", "客服")
    one, two, three = some(crm, 3)
    crm.segments.create("茶友会", [one, two])
    assert last(crm)["action"] == "建分类" and last(crm)["changes"] == 3
    assert crm.segments.add("茶友会", [two, three]) == 1
    assert crm.segments.remove("茶友会", [one]) == 1
    assert crm.segments.members("茶友会") == [two, three]
    crm.segments.rename("茶友会", "老茶友")
    for wrong, message in (
        (("老茶友",), "已有分类"),
        (("  ",), "不能是空"),
        (("长" * 21,), "最多"),
    ):
        with pytest.raises(errors.InvalidInput, match=message):
            crm.segments.create(*wrong)
    with pytest.raises(errors.NotFound, match="C9"):
        crm.segments.add("老茶友", ["C999999"])
    assert crm.segments.manual().iloc[0][["分类", "方式", "人数"]].tolist() == ["老茶友", "手动", 2]
    assert crm.segments.delete("老茶友") == 2
    crm.verify()


def test_a_kept_rule_is_brought_up_to_date_on_demand(work_in: Work) -> None:
    crm = work_in("tea", "店长")
    crm.segments.save("四次以上", "frequency", ["4 次及以上"], bounds=[0, 1, 3])
    size = len(crm.segments.members("四次以上"))
    assert size == crm.segments.frequency([0, 1, 3]).table["人数"].iloc[-1]
    assert crm.segments.rerun("四次以上") == (0, 0)
    one = crm.segments.members("四次以上")[0]
    with crm.writing("channels.list", "一笔退单") as op:
        his = sa.select(ORDERS.c.order_id).where(ORDERS.c.customer_id == one)
        ids = [r["order_id"] for r in op.rows(his)]
        op.update_many(ORDERS, ids, {"status": "TRADE_CLOSED_BY_TAOBAO"})
    assert crm.segments.rerun("四次以上") == (0, 1)
    with pytest.raises(errors.InvalidInput, match="不能手动增减"):
        crm.segments.add("四次以上", ["C000001"])


def test_a_role_without_the_function_is_refused(work_in: Work) -> None:
    crm = work_in("tea", "仓库")
    s = crm.segments
    for call in (s.frequency, s.source, s.channel, s.spending, s.manual, lambda: s.create("x")):
        with pytest.raises(errors.PermissionDenied):
            call()
    analyst = work_in("tea", "数据分析").segments
    assert analyst.frequency().partition
    with pytest.raises(errors.PermissionDenied, match="改动"):
        analyst.save("x", "frequency", ["1 次"])
