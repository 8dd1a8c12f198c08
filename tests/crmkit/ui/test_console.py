"""The console without a browser: tables, forms, screens of all functions, actions, rights, log."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa

from crmkit import crm as kit
from crmkit.crm import audit, catalogue, store, tables
from crmkit.crm.roles import ROLES
from crmkit.ui import console
from crmkit.ui.console import auto, cells, figures, registry, rules
from crmkit.ui.console import fields as f
from crmkit.ui.console.desk import Desk, DeskError
from crmkit.ui.console.grid import Grid, GridError
from crmkit.ui.console.paged import PagedGrid
from crmkit.ui.console.screen import Card, Source, Table

STUDENT = "2025010101"
ALL = [*catalogue.FUNCTIONS.values(), *catalogue.SALES.values()]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untouched shop file."""
    folder = tmp_path_factory.mktemp("console")
    kit.open_shop("tea", student=STUDENT, lab="O1", folder=folder).close()
    return folder / "O1-tea.crm"


@pytest.fixture
def work_as(made: Path, tmp_path: Path) -> Iterator[Callable[[str], kit.Session]]:
    """Sessions on a copy of the shop, one for each role asked for."""
    path, opened = tmp_path / "O1-tea.crm", []

    def work(role: str = "店长") -> kit.Session:
        if not path.exists():
            shutil.copy(made, path)
        opened.append(kit.Session(store.open_store(path)).login(role))
        return opened[-1]

    yield work
    for session in opened:
        session.close()


def newest(session: kit.Session) -> dict[str, Any]:
    """The newest row of the log that a screen or an action wrote."""
    return (
        session.store.frame(
            sa.select(tables.operations).order_by(tables.operations.c.seq.desc()).limit(1)
        )
        .iloc[0]
        .to_dict()
    )


# --- tables ---------------------------------------------------------------------------------------
FRAME = pd.DataFrame(
    {
        "编号": [f"C{n:03d}" for n in range(25)],
        "城市": ["杭州", "宁波", "苏州", "杭州", "南京"] * 5,
        "金额": [float(n % 7) for n in range(25)],
        "标签": [["送礼"], [], ["送礼", "囤货"], [], ["囤货"]] * 5,
        "版本": [0] * 25,
    }
)


def grid(**options: Any) -> Grid:
    return Grid(Table("顾客", FRAME, **options))


def keys(g: Grid) -> list[str]:
    return [row["key"] for row in g.page()["rows"]]


def test_all_words_of_a_search_must_stand_in_a_row() -> None:
    g = grid()
    g.look_for("杭州 送礼")
    assert {g.row(k)["城市"] for k in keys(g)} == {"杭州"}
    assert g.found == int(
        sum(c == "杭州" and "送礼" in t for c, t in zip(FRAME["城市"], FRAME["标签"], strict=True))
    )
    g.look_for("c003")  # capital or small
    assert keys(g) == ["C003"]
    g.look_for("没有")
    assert (g.found, g.pages, keys(g)) == (0, 1, [])


def test_sorting_by_several_columns_is_what_pandas_does() -> None:
    g = grid(size=50)
    g.sort_by("城市")
    g.sort_by("金额", also=True)
    wanted = FRAME.sort_values(["城市", "金额"], ascending=[True, False], kind="stable")
    assert keys(g) == wanted["编号"].tolist()
    assert [(c["name"], c["sort"], c["turn"]) for c in g.page()["columns"] if c["sort"]] == [
        ("城市", "up", 1), ("金额", "down", 2)]  # fmt: skip
    g.sort_by("金额")  # alone: it takes the place of both
    assert [name for name, _ in g.sort] == ["金额"]


def test_a_third_click_gives_the_first_order_back() -> None:
    g = grid(size=50)
    for expected in ([("金额", False)], [("金额", True)], []):
        g.sort_by("金额")
        assert g.sort == expected
    assert keys(g) == FRAME["编号"].tolist()


def test_pages_hold_every_row_once() -> None:
    g = grid(size=10)
    seen = []
    for number in range(1, g.pages + 1):
        g.turn_to(number)
        seen += keys(g)
    assert seen == FRAME["编号"].tolist()
    g.turn_to(99)
    assert g.number == 3  # beyond the last is the last
    g.turn_to(3, 20)
    assert (g.number, g.size) == (1, 20)
    with pytest.raises(GridError, match="每页行数"):
        g.turn_to(1, 7)


def test_selection_holds_across_pages_and_searches() -> None:
    g = grid(size=10)
    g.choose(keys(g)[:2], True)
    g.turn_to(2)
    g.choose([keys(g)[0]], True)
    g.look_for("南京")
    assert list(g.chosen) == ["C000", "C001", "C010"]
    assert [row["编号"] for row in g.rows()] == ["C000", "C001", "C010"]
    g.choose_found()
    assert len(g.chosen) == 5
    g.choose_none()
    assert g.page()["chosen"] == 0
    with pytest.raises(GridError):
        g.choose(["C999"], True)


def test_columns_can_be_chosen_and_the_version_is_never_shown() -> None:
    g = grid(hidden=["标签"])
    assert [c["name"] for c in g.page()["columns"]] == ["编号", "城市", "金额"]
    g.show(["标签", "编号"])
    assert [c["name"] for c in g.page()["columns"]] == ["编号", "标签"]
    assert "版本" not in g.page()["all"]
    assert g.row("C001")["版本"] == 0  # but actions have it
    assert g.everything().columns.tolist() == ["编号", "标签"]
    with pytest.raises(GridError):
        g.show([])


def test_rows_with_the_same_name_can_be_told_apart() -> None:
    g = Grid(Table("名单", pd.DataFrame({"编号": ["A", "A", "B"], "类别": ["x", "y", "x"]})))
    g.choose([keys(g)[1]], True)
    assert [r["类别"] for r in g.rows()] == ["y"]
    assert g.name_of(keys(g)[1]) == "A"


def test_a_list_that_its_module_pages_is_asked_page_by_page() -> None:
    asked = []

    def fetch(page: int, size: int, sort: Any) -> tuple[pd.DataFrame, int]:
        asked.append((page, size, list(sort)))
        rows = FRAME.sort_values("金额", ascending=False) if sort else FRAME
        return rows.iloc[(page - 1) * size : page * size], len(FRAME)

    source = Source(fetch, len(FRAME), ["金额"])
    g = PagedGrid(Table("顾客", FRAME.head(10), source=source))
    assert (g.found, g.pages, asked) == (25, 3, [])
    g.choose(["C003"], True)
    g.turn_to(3)
    assert keys(g) == ["C020", "C021", "C022", "C023", "C024"]
    assert g.rows()[0]["编号"] == "C003"
    g.sort_by("金额")
    assert asked[-1] == (1, 10, [("金额", False)])
    assert len(g.everything()) == 25
    with pytest.raises(GridError):
        g.sort_by("城市")


# --- cells and forms ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "values", "kind", "text"),
    [
        ("实付金额", [1234.5], "money", "¥1,234.50"),
        ("退款金额", [-3.0], "money", "−¥3.00"),
        ("复购率（按人）", [0.2345], "percent", "23.45%"),
        ("订单数", [12345], "count", "12,345"),
        ("订单编号", ["504918302328826574"], "id", "504918302328826574"),
        ("下单时间", [pd.Timestamp("2025-12-31 10:05")], "time", "2025-12-31 10:05"),
        ("生日", [pd.Timestamp("1990-06-01")], "date", "1990-06-01"),
        ("接受营销", [True], "flag", "是"),
        ("连带率", [2.5], "number", "2.5"),
        ("备注", [None], "wrap", "—"),
    ],
)
def test_values_are_written_by_their_kind(
    name: str, values: list[Any], kind: str, text: str
) -> None:
    found = cells.kind_of(name, pd.Series(values))
    assert found == kind
    assert cells.written(values[0], found) == text


def test_a_zero_denominator_is_no_value_and_not_zero() -> None:
    from crmkit.analytics.indicators import Indicator
    from crmkit.ui.console import drawing

    shown = drawing.card(Card("复购率", Indicator.ratio(0, 0)))
    assert shown["text"] == "—"
    assert drawing.card(Card("复购率", Indicator.ratio(1, 4)))["text"] == "25.00%"
    assert drawing.card(Card("复购率", Indicator.ratio(1, 4)))["parts"] == "1 ÷ 4"


FORM = [
    f.text("name", "名称", required=True), f.count("days", "天数", low=1, high=30), f.money("amount", "金额"),
    f.percent("share", "比例"), f.dates("start", "end", "日期"), f.select("how", "方式", {"a": "甲", 2: "乙"}),
    f.multi("tags", "标签", ["送礼", "囤货"]), f.check("on", "启用"), f.lines("ids", "编号"), f.text("note", "备注", blank=True),
]  # fmt: skip


def read(**raw: Any) -> tuple[f.Values, f.Errors]:
    return f.read(FORM, raw, None)  # type: ignore[arg-type]


def test_what_is_left_empty_is_not_passed_on() -> None:
    values, errors = read(name=" 春茶 ", days="", amount=None, tags=[], how="", ids="")
    assert (values, errors) == ({"name": "春茶", "on": False, "note": ""}, {})


def test_entries_become_values() -> None:
    values, errors = read(
        name="x", days="7", amount="1,200.50", share="12.5", start="2025-01-01", end="2025-01-31",
        how="2", tags=["囤货"], on=True, ids="C1，C2\nC3",
    )  # fmt: skip
    assert not errors
    assert values == {
        "name": "x", "days": 7, "amount": 1200.5, "share": 0.125, "start": dt.date(2025, 1, 1),
        "end": dt.date(2025, 1, 31), "how": 2, "tags": ["囤货"], "on": True, "ids": ["C1", "C2", "C3"], "note": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("name", {"name": ""}, "请填写"),
        ("days", {"name": "x", "days": "0"}, "不能小于 1"),
        ("days", {"name": "x", "days": "31"}, "不能大于 30"),
        ("days", {"name": "x", "days": "1.5"}, "整数"),
        ("amount", {"name": "x", "amount": "很多"}, "数字"),
        ("amount", {"name": "x", "amount": "nan"}, "数字"),
        ("start", {"name": "x", "start": "2025-02-01", "end": "2025-01-01"}, "晚于"),
        ("start", {"name": "x", "start": "昨天", "end": ""}, "2025-12-31"),
        ("how", {"name": "x", "how": "丙"}, "没有这个选项"),
        ("tags", {"name": "x", "tags": ["丙"]}, "没有这个选项"),
    ],
)
def test_a_wrong_entry_is_named(name: str, raw: dict[str, Any], said: str) -> None:
    _, errors = read(**raw)
    assert list(errors) == [name]
    assert said in errors[name]


def test_a_rule_comes_back_as_it_was() -> None:
    rule = {"any": [
        {"field": "累计订单数", "op": "≥", "value": 2.0}, {"field": "省份", "op": "属于", "value": ["浙江", "江苏"]},
        {"field": "接受营销", "op": "是", "value": True}, {"field": "累计金额", "op": "介于", "value": [100.0, 500.0]},
    ]}  # fmt: skip
    state = rules.shown(rule)
    assert rules.read({"joint": state["joint"], "rows": state["rows"]}) == rule
    with pytest.raises(ValueError, match="数字"):
        rules.read({"joint": "all", "rows": [["累计订单数", "≥", "两"]]})


def test_charts_carry_their_figures() -> None:
    table = pd.DataFrame({"商品": ["甲", "乙", "丙"], "金额": [50.0, 30.0, 20.0]})
    shown = figures.pareto("金额", table, "商品", "金额").shown()
    assert shown["series"][1]["values"] == [0.5, 0.8, 1.0]
    assert figures.ranking("金额", table, "商品", "金额", top=2).shown()["labels"] == ["甲", "乙"]
    cohort = pd.DataFrame({"月": ["1", "1"], "群": ["a", "b"], "率": [0.1, None]})
    assert figures.heat("留存", cohort, "月", "群", "率").shown()["points"] == [
        [0, 0, 0.1],
        [0, 1, None],
    ]


# --- the screens of all functions -----------------------------------------------------------------
def expected(session: kit.Session, key: str) -> pd.DataFrame:
    """The main table of a function, straight from its method with its defaults."""
    if key == "customers.import_file":  # the screen begins with the batches there are
        return session.customers.imports()
    module, method = key.split(".")
    given = {"customers.list": {"size": 10}, "customers.lookup": {"size": 10}, "orders.search": {"size": 10},
             "orders.returns": {"size": 10}, "orders.close": {"size": 10}, "interactions.inbound": {"size": 10},
             "interactions.outbound": {"size": 10}, "interactions.inquiries": {"size": 10}}  # fmt: skip
    found = getattr(getattr(session, module), method)(**given.get(key, {}))
    for name in ("page", "frame", "table"):
        inner = getattr(found, name, None)
        if isinstance(found, pd.DataFrame) or inner is None or isinstance(inner, int):
            continue
        found = inner
    assert isinstance(found, pd.DataFrame), key
    return found


@pytest.mark.parametrize("function", ALL, ids=lambda x: x.key)
def test_a_screen_shows_what_its_method_gives_and_stands_in_the_log(
    function: catalogue.Function, work_as: Callable[[str], kit.Session]
) -> None:
    session = work_as(function.use[-1])
    desk = Desk(session)
    shown = desk.open(function.key)
    assert shown["refused"] == ""
    assert (shown["module"], shown["title"]) == (function.module, function.name)
    assert json.loads(json.dumps(shown, ensure_ascii=False, allow_nan=False)) == shown
    lines = session.store.frame(tables.operations)
    own = lines[(lines["function"] == function.name) & (lines["module"] == function.module)]
    assert len(own) >= 1
    assert set(own["outcome"]) == {audit.READ}
    assert set(own["role"]) == {session.role}
    pd.testing.assert_frame_equal(
        desk.grids[0].frame,
        expected(session, function.key).reset_index(drop=True),
        check_dtype=False,
    )


@pytest.mark.parametrize("function", ALL, ids=lambda x: x.key)
def test_a_role_that_may_not_is_refused_and_the_refusal_is_logged(
    function: catalogue.Function, work_as: Callable[[str], kit.Session]
) -> None:
    role = next(r for r in ROLES if r not in function.use)
    session = work_as(role)
    desk = Desk(session)
    shown = desk.open(function.key)
    assert role in shown["refused"]
    assert function.name in shown["refused"]
    assert "tables" not in shown
    line = newest(session)
    assert (line["outcome"], line["function"], line["role"]) == (audit.REFUSED, function.name, role)


def test_every_function_is_in_the_navigation_with_the_reason_where_it_is_shut() -> None:
    from crmkit.ui.console.widget import navigation

    shown = {f["key"]: f["why"] for m in navigation("仓库") for f in m["functions"]}
    assert set(shown) >= {f.key for f in ALL}
    for function in ALL:
        assert bool(shown[function.key]) == ("仓库" not in function.use)


def test_unknown_functions_and_results_of_any_form() -> None:
    with pytest.raises(registry.ScreenError):
        registry.screen("customers.nothing")
    view = auto.view_of({"数量": 3, "明细": FRAME, "说明": "按人"})
    assert ([c.label for c in view.cards], view.tables[0].title, view.note) == (
        ["数量"],
        "明细",
        "按人",
    )


# --- actions --------------------------------------------------------------------------------------
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


# --- the widget -----------------------------------------------------------------------------------
@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A console as the page has it; call it as the browser would."""
    page = console.page(tmp_path)
    monkeypatch.setattr(page, "send", lambda *a, **k: None)

    def call(method: str, buffers: list[bytes] | None = None, **params: Any) -> Any:
        return page.receive({"id": "1", "method": method, "params": params}, buffers)

    call.page = page  # type: ignore[attr-defined]
    return call


def test_login_opens_an_own_shop_and_refuses_paths(ask: Any, tmp_path: Path) -> None:
    wrong = ask("enter", role="店长", shop="tea", student="../x")["value"]
    assert "student" in wrong["errors"]
    assert ask("enter", role="掌柜", shop="tea", student="A1")["value"]["errors"]
    assert ask("go", key="channels.list")["ok"] is False
    assert ask("enter", role="客服", shop="tea", student="A1")["value"] == {}
    assert (tmp_path / "A1" / "练习-tea.crm").is_file()
    shell = ask.page.shell
    assert (shell["in"], shell["role"], shell["title"], shell["as_of"]) == (
        True,
        "客服",
        "清溪茶叶",
        "2025-12-31",
    )
    ask("go", key="orders.returns")
    assert ask("switch", role="仓库")["value"]["key"] == "orders.returns"
    assert ask("restore")["value"]["key"] == "orders.returns"
    ask("leave")
    assert ask.page.shell["in"] is False


def test_time_moves_on_only_for_who_has_the_right(ask: Any) -> None:
    ask("enter", role="客服", shop="tea", student="A2")
    assert "推进时间" in ask("advance", hours=24)["error"]
    ask("switch", role="店长")
    assert ask("advance", hours=24)["ok"]
    assert ask.page.shell["now"] == "2026-01-01 10:00"


def test_files_come_in_slices(ask: Any) -> None:
    assert ask("upload", [b"a" * 10], token="abc", name="x.csv", first=True)["value"] == 10
    assert ask("upload", [b"b" * 5], token="abc", name="x.csv", first=False)["value"] == 15
    assert ask("upload", [b""], token="../abc", name="x.csv", first=True)["ok"] is False
    assert ask("upload", [b""], token="abc", name="x.exe", first=True)["ok"] is False
