"""顾客信息: search, list, import and tags, against plain pandas and SQL on the same shop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.crm import Session, errors
from crmkit.crm.figures.cards import Text
from tests.crmkit.crm.test_log import last, state

VALID = "('WAIT_SELLER_SEND_GOODS','SELLER_CONSIGNED_PART','WAIT_BUYER_CONFIRM_GOODS','TRADE_FINISHED','TRADE_CLOSED')"
Work = Callable[..., Session]


def sql(crm: Session, text: str) -> pd.DataFrame:
    import sqlalchemy as sa

    return crm.store.frame(sa.text(text))


def some(crm: Session, count: int) -> list[str]:
    """The first customers of this student's cut."""
    return (
        sql(crm, f"SELECT customer_id FROM customers ORDER BY 1 LIMIT {count}").iloc[:, 0].tolist()
    )


def everyone(crm: Session) -> pd.DataFrame:
    pages = [crm.customers.list(sort=(("客户编号", True),), page=1, size=100)]
    while len(pages) < pages[0].pages:
        pages.append(crm.customers.list(sort=(("客户编号", True),), page=len(pages) + 1, size=100))
    return pd.concat([p.frame for p in pages], ignore_index=True)


@pytest.mark.parametrize("shop", ["tea", "ceramics", "electronics"])
def test_the_figures_of_every_card_equal_a_plain_count_in_sql(work_in: Work, shop: str) -> None:
    crm = work_in(shop)
    got = everyone(crm).set_index("客户编号")
    paid = sql(
        crm,
        f"SELECT customer_id, amount, paid_at FROM orders WHERE status IN {VALID} AND paid_at IS NOT NULL",
    )
    by = paid.groupby("customer_id")
    for label, wanted in (("累计订单数", by.size()), ("累计金额", by["amount"].sum() / 100)):
        right = wanted.reindex(got.index, fill_value=0)
        assert got[label].tolist() == right.tolist(), label
    assert (
        got["最近购买"].dropna().dt.strftime("%Y-%m-%d %H:%M:%S").to_dict()
        == by["paid_at"].max().to_dict()
    )
    items = sql(
        crm,
        f"SELECT o.customer_id, SUM(i.qty) AS n FROM orders o JOIN order_items i USING (order_id) WHERE o.status IN {VALID} GROUP BY 1",
    )
    assert (
        got["购买件数"].tolist()
        == items.set_index("customer_id")["n"].reindex(got.index, fill_value=0).tolist()
    )
    closed = sql(
        crm,
        "SELECT customer_id, COUNT(*) AS n FROM orders WHERE status IN ('TRADE_CLOSED','TRADE_CLOSED_BY_TAOBAO') GROUP BY 1",
    )
    assert (
        got["关闭笔数"].tolist()
        == closed.set_index("customer_id")["n"].reindex(got.index, fill_value=0).tolist()
    )


SEARCHES: list[tuple[dict[str, Any], Callable[[pd.DataFrame], pd.Series]]] = [
    ({"nick": "茶"}, lambda f: f["nick"].str.contains("茶")),
    ({"nick": "TB"}, lambda f: f["nick"].str.lower().str.contains("tb")),
    ({"mobile_tail": "58"}, lambda f: f["mobile"].str.endswith("58")),
    ({"province": "浙江", "level": "普通会员"},
     lambda f: (f["province"] == "浙江") & (f["member_level"] == "普通会员")),
    ({"orders": (2, 4)}, lambda f: f["orders"].between(2, 4)),
    ({"amount": (None, 100.0)}, lambda f: f["amount"] <= 10000),
    ({"last_order": ("2025-12-01", "2025-12-31")},
     lambda f: f["last"].fillna("").between("2025-12-01", "2025-12-31 23:59:59")),
    ({"source": "短视频", "channel": "T01"},
     lambda f: (f["source"] == "短视频") & (f["channel_id"] == "T01")),
]  # fmt: skip


@pytest.mark.parametrize(("conditions", "rule"), SEARCHES, ids=[str(s[0]) for s in SEARCHES])
def test_a_search_finds_exactly_the_customers_that_meet_it(
    work_in: Work, conditions: dict[str, Any], rule: Callable[[pd.DataFrame], pd.Series]
) -> None:
    crm = work_in("tea")
    sums = sql(
        crm,
        f"SELECT customer_id, COUNT(*) AS orders, SUM(amount) AS amount, MAX(paid_at) AS last FROM orders WHERE status IN {VALID} AND paid_at IS NOT NULL GROUP BY 1",
    )
    frame = sql(crm, "SELECT * FROM customers").merge(sums, how="left", on="customer_id")
    frame[["orders", "amount"]] = frame[["orders", "amount"]].fillna(0)
    wanted = sorted(frame.loc[rule(frame).fillna(value=False).astype(bool), "customer_id"])
    first = crm.customers.lookup(**conditions, size=100)
    found = [
        first,
        *(crm.customers.lookup(**conditions, size=100, page=p) for p in range(2, first.pages + 1)),
    ]
    assert wanted and first.total == len(wanted)
    assert sorted(i for p in found for i in p.frame["客户编号"]) == wanted


@given(st.lists(st.text(max_size=6), min_size=1, max_size=30), st.text(min_size=1, max_size=3))
def test_searching_texts_as_one_finds_what_searching_each_would(
    texts: list[str], part: str
) -> None:
    got = Text(texts).containing(part).tolist()
    assert got == [part.casefold() in t.replace("\n", " ").casefold() for t in texts]


def test_a_page_past_the_last_is_empty_and_wrong_pages_are_refused(work_in: Work) -> None:
    crm = work_in("tea")
    assert crm.customers.lookup(page=1000).frame.empty
    for wrong in ({"page": 0}, {"page": 1001}, {"size": 0}, {"size": 101}):
        with pytest.raises(errors.InvalidInput) as told:
            crm.customers.lookup(**wrong)
        assert set(told.value.fields) == set(wrong)
    assert last(crm)["outcome"] == "拒绝"


def test_personal_data_are_masked_and_clear_text_is_a_logged_right(work_in: Work) -> None:
    crm = work_in("tea", "客服")
    clear = sql(crm, "SELECT name, mobile FROM customers WHERE customer_id = 'C000001'").iloc[0]
    card = crm.customers.card("C000001")
    assert card["手机"] == clear["mobile"][:3] + "****" + clear["mobile"][-4:]
    assert card["姓名"] != clear["name"]
    assert crm.customers.reveal("C000001")["手机"] == clear["mobile"]
    assert (last(crm)["action"], last(crm)["object"]) == ("查看明文", "C000001")
    with pytest.raises(errors.PermissionDenied, match="查看明文"):
        work_in("tea", "营销").customers.reveal("C000001")


def test_an_exported_list_has_every_row_masked_in_the_order_of_the_screen(
    work_in: Work, tmp_path: Path
) -> None:
    crm = work_in("tea", "营销")
    count = crm.customers.export(tmp_path / "列表.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "列表.xlsx").active.values)
    assert len(rows) == count + 1 == crm.customers.list().total + 1
    place = rows[0].index("客户编号")
    assert [r[place] for r in rows[1:21]] == crm.customers.list().frame["客户编号"].tolist()
    assert all("*" in str(r[rows[0].index("手机")]) for r in rows[1:])
    with pytest.raises(errors.PermissionDenied, match="导出"):
        work_in("tea", "客服").customers.export(tmp_path / "不行.xlsx")
    assert not (tmp_path / "不行.xlsx").exists()


def test_a_saved_filter_gives_the_list_of_its_search(work_in: Work) -> None:
    crm = work_in("tea")
    crm.customers.save_filter("浙江老客", province="浙江", orders=(3, None))
    listed = crm.customers.list(saved="浙江老客", size=100)
    searched = crm.customers.lookup(province="浙江", orders=(3, None), size=100)
    assert listed.total == searched.total > 0
    assert set(listed.frame["客户编号"]) == set(searched.frame["客户编号"])
    crm.customers.delete_filter("浙江老客")
    with pytest.raises(errors.NotFound, match="没有保存过"):
        crm.customers.list(saved="浙江老客")


def book(path: Path, rows: list[dict[str, Any]]) -> Path:
    pd.DataFrame(rows).to_excel(path, index=False)
    return path


ROWS = [
    {"昵称": "新人甲", "手机": "13900001111", "姓名": "甲", "省份": "浙江", "生日": "1990-02-28"},
    {"昵称": "新人乙", "手机": "13900002222", "姓名": "乙", "省份": "火星", "生日": ""},
    {"昵称": "坏手机", "手机": "123", "姓名": "丙", "省份": "", "生日": ""},
    {"昵称": "又是甲", "手机": "13900001111", "姓名": "甲", "省份": "浙江", "生日": ""},
]


def test_an_import_is_first_a_plan_that_says_why_and_writes_nothing(
    work_in: Work, tmp_path: Path
) -> None:
    crm = work_in("tea", "营销")
    before = state(crm)
    known = sql(crm, "SELECT mobile FROM customers WHERE customer_id = 'C000001'").iloc[0, 0]
    old = {"昵称": "改名了", "手机": known, "姓名": "", "省份": "西藏", "生日": ""}
    plan = crm.customers.import_file(book(tmp_path / "新客.xlsx", [*ROWS, old]))
    assert state(crm) == before
    assert plan.counts == {"新增": 1, "已有": 1, "拒绝": 3}
    assert plan.rows["行"].tolist() == [2, 3, 4, 5, 6]
    assert plan.rows["匹配"].tolist()[-1] == "C000001"
    why = plan.rows["原因"].tolist()
    assert "火星" in why[1] and "123" in why[2] and "第 2 行" in why[3]

    batch = crm.customers.apply_import(plan, "update")
    after = {r["nick"]: r for r in state(crm)["customers"].values()}
    assert (
        after["新人甲"]["birthday"] == "1990-02-28" and after["新人甲"]["trade_status"] == "未成交"
    )
    assert (after["改名了"]["customer_id"], after["改名了"]["province"]) == ("C000001", "西藏")
    name_before = before["customers"]['["C000001"]']["name"]
    assert after["改名了"]["name"] == name_before  # a blank cell changes nothing
    row = crm.customers.imports().iloc[0]
    assert row[["批次", "新增", "更新", "跳过", "拒绝"]].tolist() == [batch, 1, 1, 0, 3]
    assert json.loads(last(crm)["detail"]) is not None

    assert crm.customers.undo_import(batch) == 2
    now = state(crm)
    strip = lambda s: {k: {a: b for a, b in v.items() if a != "rev"} for k, v in s.items()}  # noqa: E731
    assert strip(now["customers"]) == strip(before["customers"])
    with pytest.raises(errors.InvalidInput, match="已撤销"):
        crm.customers.undo_import(batch)


def test_a_batch_somebody_worked_on_since_is_not_undone(work_in: Work, tmp_path: Path) -> None:
    crm = work_in("tea", "店长")
    batch = crm.customers.apply_import(crm.customers.import_file(book(tmp_path / "a.xlsx", ROWS)))
    new = crm.customers.lookup(nick="新人甲").frame["客户编号"][0]
    crm.segments.create("新人", [new])
    with pytest.raises(errors.Conflict, match="别的记录"):
        crm.customers.undo_import(batch)
    crm.segments.delete("新人")
    crm.customers.tagging.put("新人", [new])
    with pytest.raises(errors.Conflict, match="别的记录"):
        crm.customers.undo_import(batch)
    crm.customers.tagging.delete("新人")
    crm.customers.update(new, city="杭州")
    with pytest.raises(errors.Conflict, match="又改过"):
        crm.customers.undo_import(batch)


def test_columns_are_mapped_and_single_rows_decided_otherwise(
    work_in: Work, tmp_path: Path
) -> None:
    crm = work_in("tea")
    first = sql(crm, "SELECT mobile, nick FROM customers ORDER BY customer_id LIMIT 2")
    file = book(
        tmp_path / "b.xlsx",
        [{"大名": f"甲{n}", "电话号": m} for n, m in enumerate(first["mobile"])],
    )
    plan = crm.customers.import_file(file, {"大名": "姓名", "电话号": "手机"})
    assert plan.counts["已有"] == 2
    crm.customers.apply_import(plan, "skip", {3: "update"})
    names = sql(crm, "SELECT name FROM customers ORDER BY customer_id LIMIT 2")["name"].tolist()
    assert names[1] == "甲1" and names[0] != "甲0"
    for wrong in ({"大名": "没有"}, {"大名": "姓名"}, {"大名": "手机", "电话号": "手机"}):
        with pytest.raises(errors.InvalidInput):
            crm.customers.import_file(file, wrong)


def test_tags_are_put_taken_off_renamed_and_merged(work_in: Work) -> None:
    crm = work_in("tea", "客服")
    one, two, three, four = some(crm, 4)
    tagging = crm.customers.tagging
    assert tagging.put("测试甲", [one, two, one]) == 2
    assert tagging.put(" 测试甲 ", [two, three]) == 1
    assert tagging.put("测试乙", [three, four]) == 2
    assert tagging.merge(["测试甲", "测试乙"], "待跟进客户") == 4
    assert tagging.members("待跟进客户") == [one, two, three, four]
    assert not {"测试甲", "测试乙"} & set(crm.customers.tags()["标签"])
    tagging.rename("待跟进客户", "要跟进")
    assert tagging.remove("要跟进", [one, "C999999"]) == 1
    assert crm.customers.lookup(tag="要跟进").total == 3
    with pytest.raises(errors.InvalidInput, match="合并"):
        tagging.put("别的", [one])
        tagging.rename("别的", "要跟进")
    with pytest.raises(errors.NotFound, match="C999999"):
        tagging.put("要跟进", ["C999999"])
    assert tagging.delete("要跟进") == 3
    crm.verify()


def test_a_role_without_the_function_is_refused(work_in: Work) -> None:
    crm = work_in("tea", "数据分析")
    for call in (crm.customers.lookup, crm.customers.list, crm.customers.tags,
                 lambda: crm.customers.import_file("x.xlsx")):  # fmt: skip
        with pytest.raises(errors.PermissionDenied):
            call()


def test_a_mapping_may_name_columns_by_the_usual_names_they_have_in_the_file(
    work_in: Callable[..., Session], tmp_path: Path
) -> None:
    session = work_in("tea", "营销")
    path = tmp_path / "登记.csv"
    path.write_text(
        "会员名,联系手机,所在省份,获客途径\n岩韵客,13912345670,福建,线下活动\n", encoding="utf-8"
    )
    names = {"会员名": "昵称", "联系手机": "手机", "所在省份": "省份", "获客途径": "来源"}
    rows = session.customers.import_file(path, names).rows
    assert rows[list(names.values())].iloc[0].tolist() == [
        "岩韵客",
        "13912345670",
        "福建",
        "线下活动",
    ]
