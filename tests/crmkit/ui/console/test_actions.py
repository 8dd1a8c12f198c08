"""Actions: done once, refused in words, confirmed before loss."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crmkit import crm as kit
from crmkit.crm import audit
from crmkit.crm.storage import tables
from crmkit.ui.console.desk import Desk, DeskError
from tests.crmkit.ui.console.work import newest


def act(
    desk: Desk, label: str, row: str = "", values: dict[str, Any] | None = None, dry: bool = False
) -> Any:
    """Press a button by its words, wherever it stands on the screen."""
    shown = desk.shown()
    buttons = [*shown["actions"], *(a for t in shown.get("tables", []) for a in t["actions"])]
    name = next(b["id"] for b in buttons if b["label"] == label)
    return desk.run(name, row, values or {}, dry)[0]


def test_a_wrong_entry_stays_beside_its_input_and_changes_nothing(work_as: Any) -> None:
    desk = Desk(work_as("店长"))
    desk.open("channels.list")
    answer = act(desk, "维护", "T01", {"status": "营业中", "contact": "周", "fee_rate": "150"})
    assert list(answer["errors"]) == ["fee_rate"]
    assert desk.crm.channels.list().loc[0, "费率"] == 0
    answer = act(desk, "维护", "T01", {"status": "营业中", "contact": "周", "fee_rate": "5"})
    assert "已保存" in answer["message"]
    assert answer["body"]["tables"][0]["page"]["rows"][0]["cells"][6] == "5.00%"


def test_somebody_elses_change_is_a_conflict(work_as: Any) -> None:
    desk = Desk(work_as("店长"))
    desk.open("channels.list")
    work_as("店长").channels.update("T01", contact="别人")
    with pytest.raises(kit.CrmError, match="被别人改过"):
        act(desk, "维护", "T01", {"status": "营业中", "contact": "我", "fee_rate": "1"})


def test_a_button_that_is_shut_says_why_and_pressing_it_is_logged(work_as: Any) -> None:
    session = work_as("营销")
    desk = Desk(session)
    shown = desk.open("channels.list")
    (button,) = shown["tables"][0]["actions"]
    assert "营销" in button["why"]
    with pytest.raises(kit.PermissionDenied):
        desk.begin(button["id"], "T01")
    assert newest(session)["outcome"] == audit.REFUSED


def test_tags_on_a_selection_across_pages_and_their_undo(work_as: Any) -> None:
    session = work_as("店长")
    desk = Desk(session)
    desk.open("customers.list")
    first = [r["key"] for r in desk.grids[0].page()["rows"]][:2]
    desk.choose(0, first, True)
    desk.table(0, number=2)
    second = [r["key"] for r in desk.grids[0].page()["rows"]][:1]
    desk.choose(0, second, True)
    answer = act(desk, "贴标签", values={"tag": "重点"})
    assert session.customers.tagging.members("重点") == sorted(first + second)
    assert desk.grids[0].page()["chosen"] == 0
    desk.undo(answer["undo"])
    assert "重点" not in set(session.customers.tags()["标签"])
    with pytest.raises(DeskError, match="撤销过"):
        desk.undo(answer["undo"])


def test_products_that_do_not_sell_are_tagged_where_they_are_seen(work_as: Any) -> None:
    session = work_as("营销")
    desk = Desk(session)
    desk.open("products.product_sales")
    table = next(n for n, g in enumerate(desk.grids) if g.table.title == "未动销")
    desk.choose(table, ["*"], True)
    button = next(
        a["id"] for a in desk.shown()["tables"][table]["actions"] if a["label"] == "贴标签"
    )
    answer, _ = desk.run(button, "", {"tag": "滞销"})
    unsold = session.products.product_sales().tables["未动销"]["商品编码"]
    assert session.products.tagging.members("滞销") == sorted(unsold)
    desk.undo(answer["undo"])
    assert "滞销" not in set(session.products.tags()["标签"])


def test_who_calls_is_recorded_from_the_member_card(work_as: Any) -> None:
    session = work_as("客服")
    mobile = session.store.frame(tables.metadata.tables["customers"])["mobile"].iloc[0]
    desk = Desk(session)
    desk.open("customers.lookup")
    desk.ask({"mobile": mobile})
    (row,) = desk.grids[0].page()["rows"]
    drawer = desk.details(0, row["key"])
    assert mobile not in json.dumps(drawer, ensure_ascii=False)
    button = next(a["id"] for a in drawer["actions"] if a["label"] == "登记呼入")
    assert row["key"] in desk.begin(button)["text"]
    desk.run(button, "", {"topic": "催发货", "result": "已解决", "seconds": "95"})
    log = session.store.frame(tables.operations)
    line = log[log["action"] == "登记呼入"].iloc[-1]
    assert (line["module"], line["function"], line["outcome"]) == (
        "互动信息",
        "呼入记录",
        audit.DONE,
    )
    call = session.interactions.inbound(customer_id=row["key"]).frame.iloc[0]
    assert (call["主题"], call["时长"]) == ("催发货", 95)
    other = Desk(work_as("仓库"))
    other.open("customers.lookup")
    other.details(0, other.grids[0].page()["rows"][0]["key"])
    with pytest.raises(kit.PermissionDenied):
        other.begin(button)


def test_a_dry_run_changes_nothing_and_an_import_can_be_undone(
    work_as: Any, tmp_path: Path
) -> None:
    session = work_as("店长")
    path = tmp_path / "新顾客.csv"
    path.write_text(
        "昵称,手机,省份\n岩韵客,13912345670,福建\n坏号码,12,福建\n", encoding="utf-8-sig"
    )
    told: list[str] = []
    desk = Desk(session, {"t1": path}, told.append)
    desk.open("customers.import_file")
    before = session.customers.lookup(size=1).total
    values = {"path": "t1", "mode": "skip"}
    answer = act(desk, "导入文件", values=values, dry=True)
    assert answer["preview"]["tables"][0]["rows"]
    assert session.customers.lookup(size=1).total == before
    assert told == ["正在读文件……"]
    answer = act(desk, "导入文件", values=values)
    assert told[-1] == "正在写入：1 / 1 位顾客"
    assert session.customers.lookup(size=1).total == before + 1
    desk.undo(answer["undo"])
    assert session.customers.lookup(size=1).total == before
    assert act(desk, "导入文件", values={"path": "gone"})["errors"]["path"]


def test_what_was_previewed_is_what_is_done_or_nothing(work_as: Any) -> None:
    session = work_as("店长")
    desk = Desk(session)
    desk.open("analysis.level")
    values = {"by": "count", "direction": "both"}
    rows = act(desk, "按规则调级", values=values, dry=True)["preview"]["tables"][0]["rows"]
    assert rows
    work_as("店长").customers.update(rows[0][0], member_level=rows[0][2]["text"])  # meanwhile
    with pytest.raises(kit.CrmError, match="重新预览"):
        act(desk, "按规则调级", values=values)
    act(desk, "按规则调级", values=values, dry=True)
    assert "已调整" in act(desk, "按规则调级", values=values)["message"]


def test_answers_to_a_survey_are_typed_as_the_questions_ask(work_as: Any) -> None:
    session = work_as("店长")
    desk = Desk(session)
    desk.open("interactions.survey")
    asked = "满意吗？|评分\n推荐吗？|推荐\n还会来吗？|是否\n买过几次？|单选|1/2\n为谁买？|多选|自己/家人/朋友\n房号？|文本"
    act(desk, "新建问卷", values={"title": "回访", "questions": asked})
    act(desk, "发布", "W0001")
    ids = session.customers.list(size=20).frame["客户编号"].tolist()
    act(desk, "发送", "W0001", {"ids": " ".join(ids)})
    someone = session.store.frame(tables.form_sends)["customer_id"].iloc[0]
    given = {"customer_id": someone, "answers": "5\n10\n否\n2\n自己、朋友\n502"}
    wrong = given | {"answers": given["answers"].replace("10", "很可能")}
    for answers in (
        wrong,
        given | {"answers": "5\n10"},
        given | {"answers": f"{given['answers']}\n7"},
    ):
        assert list(act(desk, "录入回答", "W0001", answers)["errors"]) == ["answers"]
    assert "已录入" in act(desk, "录入回答", "W0001", given)["message"]
    kept = session.store.frame(tables.form_sends).set_index("customer_id").loc[someone, "answers"]
    assert json.loads(kept) == [5, 10, "否", "2", ["自己", "朋友"], "502"]


def test_shipping_from_the_list(work_as: Any) -> None:
    session = work_as("仓库")
    desk = Desk(session)
    desk.open("orders.ship")
    waiting = [r["key"] for r in desk.grids[0].page()["rows"]]
    answer = act(desk, "出库", waiting[0], {"carrier": "顺丰速运", "waybill": "?"})
    assert "waybill" in answer["errors"]
    answer = act(desk, "出库", waiting[0], {"carrier": "顺丰速运", "waybill": "SF1234567890"})
    assert waiting[0] in answer["message"]
    assert waiting[0] not in [r["key"] for r in desk.grids[0].page()["rows"]]
    assert newest(session)["action"] in ("查看通知", "查看")
    desk.choose(0, waiting[1:3], True)
    answer = act(desk, "批量出库", values={"carrier": "中通快递", "waybills": "ZT00000001"})
    assert "一样多" in answer["errors"]["waybills"]


def test_details_in_clear_need_the_right(work_as: Any) -> None:
    desk = Desk(work_as("客服"))
    desk.open("customers.list")
    key = desk.grids[0].page()["rows"][0]["key"]
    masked = json.dumps(desk.details(0, key), ensure_ascii=False)
    clear = json.dumps(desk.details(0, key, clear=True), ensure_ascii=False)
    assert "****" in masked
    assert "****" not in clear
    assert "查看明文" in set(desk.crm.store.frame(tables.operations)["action"])
    other = Desk(work_as("营销"))
    other.open("customers.list")
    other.details(0, other.grids[0].page()["rows"][0]["key"])
    with pytest.raises(kit.PermissionDenied):
        other.details(0, key, clear=True)


def test_export_holds_what_was_found_and_needs_the_right(work_as: Any) -> None:
    desk = Desk(work_as("数据分析"))
    desk.open("products.list")
    desk.table(0, search="红茶")
    answer, (content,) = desk.download(0)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) - 1 == desk.grids[0].found == answer["rows"]
    assert list(rows[0]) == desk.grids[0].shown
    assert newest(desk.crm)["action"] == "导出"
    refused = Desk(work_as("仓库"))
    refused.open("products.list")
    with pytest.raises(kit.PermissionDenied):
        refused.download(0)
