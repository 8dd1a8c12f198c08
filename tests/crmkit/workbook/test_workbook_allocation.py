"""What was paid for an order, spread over its lines (reference §2.2)."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.workbook import WorkbookError, allocate_lines


def frames(paid, lines, order_id="1"):
    orders = pd.DataFrame({"订单编号": [order_id], "买家实际支付金额": [paid]})
    rows = [(order_id, price, count) for price, count in lines]
    return orders, pd.DataFrame(rows, columns=["订单编号", "价格", "购买数量"])


@pytest.mark.parametrize(
    ("paid", "lines", "shares"),
    [
        (118.5, [(40.0, 2), (40.0, 1)], [79.0, 39.5]),
        (10.0, [(5.0, 1)] * 3, [3.33, 3.33, 3.34]),
        (0.01, [(9.9, 1), (9.9, 1)], [0.0, 0.01]),
        (100.0, [(0.0, 1), (50.0, 1)], [0.0, 100.0]),
        (8.0, [(0.0, 1), (0.0, 1)], [0.0, 8.0]),
        (0.0, [(5.0, 1), (6.0, 1)], [0.0, 0.0]),
    ],
)
def test_amounts_are_pro_rata_with_the_remainder_on_the_last_line(paid, lines, shares):
    assert allocate_lines(*frames(paid, lines))["分摊金额"].tolist() == shares


money = st.integers(0, 10**9).map(lambda fen: fen / 100)


@given(money, st.lists(st.tuples(money, st.integers(1, 99)), min_size=1, max_size=8))
def test_shares_sum_to_what_was_paid_and_none_is_negative(paid, lines):
    shares = allocate_lines(*frames(paid, lines))["分摊金额"]
    assert sum(round(share * 100) for share in shares) == round(paid * 100)
    assert (shares >= 0).all()
    assert (shares.round(2) == shares).all()


def test_orders_are_kept_apart_and_the_lines_keep_their_order_and_index():
    orders = pd.DataFrame({"订单编号": ["1", "2"], "买家实际支付金额": [3.0, 10.0]})
    lines = pd.DataFrame(
        {"订单编号": ["2", "1", "2"], "价格": [1.0, 9.0, 1.0], "购买数量": [1, 1, 3]},
        index=[7, 8, 9],
    )
    result = allocate_lines(orders, lines)
    assert result["分摊金额"].to_dict() == {7: 2.5, 8: 3.0, 9: 7.5}
    assert "分摊金额" not in lines


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda o, x: (o.drop(columns="买家实际支付金额"), x), "订单表缺少列 买家实际支付金额"),
        (lambda o, x: (o, x.drop(columns="价格")), "明细表缺少列 价格"),
        (lambda o, x: (pd.concat([o, o]), x), "1 出现了不止一次"),
        (lambda o, x: (o, x.assign(订单编号="9")), "1 张订单不在订单表里（9）"),
        (lambda o, x: (o, x[:0]), "没有明细（1）"),
        (lambda o, x: (o.assign(买家实际支付金额=float("nan")), x), "是空的、负的"),
        (lambda o, x: (o.assign(买家实际支付金额=-1.0), x), "是空的、负的"),
        (lambda o, x: (o, x.assign(购买数量=None)), "购买数量"),
    ],
)
def test_what_cannot_be_allocated_is_said(change, message):
    with pytest.raises(WorkbookError, match=message):
        allocate_lines(*change(*frames(5.0, [(5.0, 1)])))
