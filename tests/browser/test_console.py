"""The console as a Voila page and in JupyterLab: all functions, acting, keyboard, both looks."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from crmkit import crm as kit
from crmkit.crm import audit, catalogue, store
from crmkit.crm.storage import tables
from crmkit.ui.console import cells
from crmkit.ui.console.desk import Desk
from tests.crmkit.ui.console.work import expected

from .conftest import ARTIFACTS, ROOT, Server, Stay

PAGE = "labs/dashboards/crm.ipynb"
STUDENT = "2025010101"
ALL = [*catalogue.FUNCTIONS.values(), *catalogue.SALES.values()]
LINE = ("role", "module", "function", "outcome", "changes")  # of the log


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder below the server's root, for notebooks and shop files of these tests."""
    folder = ARTIFACTS / "console" / "work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def notebook(folder: Path, name: str, source: str) -> str:
    """Write a page with this code; returns its path on the server."""
    page = json.loads((ROOT / PAGE).read_text(encoding="utf-8"))
    page["cells"][0]["source"] = source
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def students() -> Iterator[str]:
    """Student numbers, each once."""
    return (f"20250101{n:02d}" for n in itertools.count(1))


@pytest.fixture
def login_page(stay: Stay, server: Server, place: Path) -> Iterator[Any]:
    """The page at the login. A test that uses it ends with somebody logged in."""
    if stay.page is None:
        source = f"from crmkit.ui import console\n\nconsole.page({str(place)!r})"
        stay.open(server.page(notebook(place, "console", source)))
    yield stay.page
    if stay.page.locator("dialog").count() or not stay.page.get_by_test_id("leave").count():
        stay.close()  # as a test that failed left it
    else:
        stay.page.get_by_test_id("leave").click()
        stay.page.get_by_test_id("login").wait_for()
    stay.watch.check()


@pytest.fixture
def desk_at(login_page: Any, place: Path, students: Iterator[str]) -> Callable[..., Any]:
    """Log in as somebody who has not been there, to a shop of their own; gives the page and a session
    on the same file."""

    def enter(role: str = "店长") -> tuple[Any, kit.Session]:
        student = next(students)
        log_in(login_page, role, student)
        session = kit.Session(store.open_store(place / student / "练习-tea.crm"))
        session.role, session.user = role, "检查"  # looks on; its reads are told apart by the user
        return login_page, session

    return enter


def log_in(page: Any, role: str, student: str = STUDENT) -> None:
    page.get_by_test_id("student").fill(student)
    page.get_by_test_id(f"role-{role}").check()
    page.get_by_test_id("enter").click()
    page.get_by_test_id("welcome").wait_for()


def go(page: Any, key: str) -> None:
    """Two clicks: the module, then the function."""
    function = page.locator(f".side [data-key='{key}']")
    if not function.is_visible():
        page.locator(f".side [data-module='{key.split('.')[0]}']").click()
    # One that is shut can be clicked all the same: it says why.
    function.click(force=function.get_attribute("aria-disabled") == "true")
    page.locator(f"[data-screen='{key}'][data-testid=screen]").wait_for()


def switch(page: Any, role: str) -> None:
    """Go on in another role; the open screen and the menu follow."""
    page.evaluate("document.querySelectorAll('[data-testid=message]').forEach(x => x.remove())")
    page.get_by_test_id("switch-role").select_option(role)
    page.get_by_test_id("message").get_by_text(f"现在的角色：{role}").wait_for()
    page.locator(f"[data-role='{role}']").wait_for()


def newer(session: kit.Session, than: int) -> list[dict[str, Any]]:
    """Rows of the log after a number, ours not counted."""
    t = tables.operations
    chosen = t.select().where(t.c.seq > than, t.c.user_name != "检查").order_by(t.c.seq)
    return session.store.frame(chosen).to_dict("records")


def newest(session: kit.Session) -> int:
    """The number of the newest row of the log."""
    return int(session.store.frame(sa.select(sa.func.max(tables.operations.c.seq))).iloc[0, 0])


def told(cell: Any) -> str:
    """What a reader reads in a cell."""
    if isinstance(cell, dict):
        return str(cell["text"])
    if isinstance(cell, list):
        return "".join(cell[:3]) + (f"+{len(cell) - 3}" if len(cell) > 3 else "") or "—"
    return str(cell)


def shown_rows(page: Any) -> list[list[str]]:
    """The text of the first table's cells, without the columns of ticks and buttons."""
    rows = page.evaluate(
        """() => [...document.querySelector("[data-testid=grid]").querySelectorAll("tbody tr[data-row]")]
            .map(r => [...r.querySelectorAll("td:not(.tick):not(.offers)")].map(c => c.innerText))"""
    )
    return [[re.sub(r"\s+", "", text) for text in row] for row in rows]


# --- all functions --------------------------------------------------------------------------------
def test_every_function_for_who_may_and_for_who_may_not(
    desk_at: Callable[..., Any], keep: Callable[[str], Path], full: bool
) -> None:
    """What is shown is what the method gives; tests/crmkit/crm/test_functions.py says it is right."""
    role = "店长"
    page, session = desk_at(role)
    wrong = []
    for function in ALL:
        before = newest(session)
        go(page, function.key)
        lines = newer(session, before)
        own = (role, function.module, function.name, audit.READ, 0)
        if [tuple(x[k] for k in LINE) for x in lines] != [own] * max(len(lines), 1):
            wrong.append((function.key, "in the log", lines))
        assert page.locator("h1").inner_text() == function.name
        desk = Desk(session)
        desk.open(function.key)
        grid = desk.grids[0]
        frame = expected(session, function.key).head(grid.size)
        rows = [
            [re.sub(r"\s+", "", told(cells.cell(row[n], grid.kinds[n]))) for n in grid.shown]
            for row in frame.to_dict("records")
        ]
        if (found := shown_rows(page)) != rows:
            wrong.append((function.key, found[:1], rows[:1]))
        cards = page.locator("[data-testid=cards] .card b").all_inner_texts()
        if cards != [c["text"] for c in desk.shown()["cards"]]:
            wrong.append((function.key, cards, desk.shown()["cards"]))
        if full:
            page.screenshot(path=keep(f"{function.key}.png"))
    assert wrong == []

    for function in sorted(ALL, key=lambda x: "仓库" in x.use):
        if role in function.use:
            role = next(r for r in ("仓库", "数据分析", "客服", "营销") if r not in function.use)
            switch(page, role)
        button = page.locator(f".side [data-key='{function.key}'][aria-disabled=true]")
        button.wait_for(state="attached")  # the menu follows the message of the switch
        assert role in button.get_attribute("title")
        before = newest(session)
        go(page, function.key)
        said = page.get_by_test_id("refused").inner_text()
        assert role in said
        assert function.name in said
        assert page.get_by_test_id("grid").count() == 0
        (line,) = newer(session, before)
        assert [line[k] for k in LINE] == [role, function.module, function.name, audit.REFUSED, 0]
        assert line["message"].removeprefix("PermissionDenied: ") in said


# --- acting ---------------------------------------------------------------------------------------
def test_maintaining_a_channel_with_an_error_on_the_way(desk_at: Callable[..., Any]) -> None:
    page, session = desk_at("店长")
    go(page, "channels.list")
    page.locator("[data-row=T02] [data-action=维护]").click()
    dialog = page.get_by_test_id("dialog")
    dialog.get_by_label("费率").fill("150")
    page.get_by_test_id("confirm").click()
    error = dialog.locator("[data-field=fee_rate] .field-error")
    error.get_by_text("费率").wait_for()
    assert dialog.get_by_label("费率").get_attribute("aria-invalid") == "true"
    dialog.get_by_label("费率").fill("3.5")
    page.get_by_test_id("confirm").click()
    page.get_by_test_id("message").get_by_text("已保存").wait_for()
    assert page.locator("[data-row=T02]").inner_text().count("3.50%") == 1
    assert session.channels.list().set_index("渠道编号").loc["T02", "费率"] == 0.035

    session.channels.update("T03", contact="别人")  # meanwhile, elsewhere
    page.locator("[data-row=T03] [data-action=维护]").click()
    dialog.get_by_label("负责人").fill("我")
    page.get_by_test_id("confirm").click()
    dialog.get_by_text("被别人改过").wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


def test_tags_on_a_selection_across_pages_and_their_undo(
    desk_at: Callable[..., Any], tmp_path: Path
) -> None:
    page, session = desk_at("店长")
    go(page, "customers.list")
    page.locator("tbody .tick input").first.check()
    page.get_by_label("第 2 页").click()
    page.locator("[aria-current=page]", has_text="2").last.wait_for()
    page.locator("tbody .tick input").nth(1).check()
    page.get_by_test_id("chosen").get_by_text("已选 2 行").wait_for()
    page.locator(".selection [data-action=贴标签]").click()
    assert "2 个顾客" in page.get_by_test_id("dialog").inner_text()
    page.get_by_label("标签", exact=True).fill("春茶意向")
    page.get_by_test_id("confirm").click()
    page.get_by_test_id("undo").wait_for()
    assert len(session.customers.tagging.members("春茶意向")) == 2
    page.get_by_test_id("undo").click()
    page.get_by_test_id("message").get_by_text("摘下").wait_for()
    assert "春茶意向" not in set(session.customers.tags()["标签"])

    with page.expect_download() as download:
        page.get_by_test_id("export").first.click()
    path = tmp_path / "list.xlsx"
    download.value.save_as(path)
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert len(rows) - 1 == session.customers.list(size=1).total


def test_shipping_an_order_and_its_history(desk_at: Callable[..., Any]) -> None:
    page, session = desk_at("仓库")
    go(page, "orders.ship")
    row = page.locator("tbody tr").first
    order = row.get_attribute("data-row")
    row.locator("[data-action=出库]").click()
    page.get_by_label("运单号").fill("SF20251231001")
    page.get_by_test_id("confirm").click()
    page.get_by_test_id("message").get_by_text(order).wait_for()
    assert page.locator(f"tr[data-row='{order}']").count() == 0
    assert session.orders.detail(order).order["订单状态"].iloc[0] == "已发货"
    go(page, "orders.search")
    page.get_by_label("订单编号").fill(order)
    page.get_by_label("订单编号").press("Enter")
    page.get_by_test_id("count").get_by_text("共 1 条").wait_for()
    page.locator("tbody .link").first.click()
    drawer = page.get_by_test_id("drawer")
    assert "出库通知" in drawer.inner_text()
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")


def test_importing_customers_in_two_steps(desk_at: Callable[..., Any], tmp_path: Path) -> None:
    page, session = desk_at("营销")
    before = session.customers.lookup(size=1).total
    path = tmp_path / "会员.csv"
    lines = ["昵称,手机,省份", "岩韵客,13912345670,福建", "坏号码,12,福建"]
    path.write_text("\n".join(lines), encoding="gb18030")
    go(page, "customers.import_file")
    page.locator("[data-action=导入文件]").click()
    page.get_by_label("顾客文件").set_input_files(path)
    page.get_by_text("已上传").wait_for()
    assert page.get_by_test_id("confirm").is_hidden()
    page.get_by_test_id("dry-run").click()
    preview = page.get_by_test_id("preview")
    preview.wait_for()
    assert "逐行结果" in preview.inner_text()
    assert session.customers.lookup(size=1).total == before
    page.get_by_test_id("confirm").click()
    page.get_by_test_id("message").get_by_text("批次").wait_for()
    assert session.customers.lookup(size=1).total == before + 1
    page.locator("tbody [data-action=撤销]").click()
    page.get_by_test_id("confirm").click()
    page.get_by_test_id("message").get_by_text("已撤销").wait_for()
    assert session.customers.lookup(size=1).total == before


def test_search_sort_and_pages_carry_only_the_rows_that_are_shown(
    desk_at: Callable[..., Any],
) -> None:
    page, session = desk_at("数据分析")
    go(page, "analysis.churn")
    page.get_by_role("tab", name="名单").click()
    panel = page.locator("[role=tabpanel]:visible")
    assert panel.locator("tbody tr").count() == 10
    names = session.analysis.churn().tables["名单"]
    panel.get_by_role("button", name="累计金额").click()
    panel.locator("th[aria-sort=ascending]").wait_for()
    panel.get_by_label("每页行数").select_option("100")
    panel.locator("tbody tr").nth(99).wait_for()
    cheapest = names.sort_values("累计金额", kind="stable")["客户编号"].head(100).tolist()
    assert [r.get_attribute("data-row") for r in panel.locator("tbody tr").all()] == cheapest
    panel.get_by_test_id("search").fill("流失")
    lost = int(names["状态"].str.contains("流失").sum())  # 临近流失 too
    panel.get_by_test_id("count").get_by_text(f"找到 {lost:,} 条").wait_for()
    assert panel.locator("tbody tr").count() == min(lost, 100)


def test_names_in_clear_and_the_shops_time_are_rights(desk_at: Callable[..., Any]) -> None:
    page, session = desk_at("客服")
    go(page, "customers.lookup")
    page.locator("tbody .link").first.click()
    drawer = page.get_by_test_id("drawer")
    assert "****" in drawer.inner_text()
    page.get_by_test_id("reveal").click()
    page.wait_for_function(
        "!document.querySelector('[data-testid=drawer]').innerText.includes('****')"
    )
    page.keyboard.press("Escape")
    assert page.get_by_test_id("clock").get_attribute("aria-disabled") == "true"
    page.get_by_test_id("clock").click(force=True)
    page.get_by_test_id("refusal").get_by_text("推进时间").wait_for()
    switch(page, "店长")
    page.get_by_test_id("clock").click()
    page.get_by_test_id("hours").select_option("24")
    page.get_by_test_id("confirm").click()
    page.get_by_test_id("clock").get_by_text("2026-01-01").wait_for()
    go(page, "system.log")
    text = page.get_by_test_id("grid").inner_text()
    assert "查看明文" in text
    assert "推进时间" in text
    page.locator("[data-action=核对日志]").click()
    page.get_by_test_id("message").get_by_text("核对通过").wait_for()
    session.verify()


# --- keyboard, look, JupyterLab -------------------------------------------------------------------
def test_without_a_mouse(login_page: Any, students: Iterator[str]) -> None:
    page, keys = login_page, login_page.keyboard
    page.get_by_test_id("student").focus()
    keys.press("Control+a")
    keys.type(next(students))
    keys.press("Tab")
    keys.press("ArrowDown")  # 店长 → 客服
    keys.press("ArrowUp")
    keys.press("Enter")
    page.get_by_test_id("welcome").wait_for()
    focused = "document.activeElement"
    page.locator(".side [tabindex='0']").focus()
    assert page.locator(".side [tabindex='0']").count() == 1
    for _ in range(7):
        keys.press("ArrowDown")
    keys.press("ArrowRight")  # opens 渠道关系
    keys.press("ArrowDown")
    assert page.evaluate(f"{focused}.dataset.key") == "channels.list"
    keys.press("Enter")
    page.locator("[data-screen='channels.list'][data-testid=screen]").wait_for()
    assert page.evaluate(f"{focused}.tagName") == "H1"
    for _ in range(40):  # on to the first row's name
        keys.press("Tab")
        if page.evaluate(f"{focused}.className") == "link":
            break
    assert page.evaluate(f"{focused}.innerText") == "T01"
    keys.press("Enter")
    page.get_by_test_id("drawer").wait_for()
    assert page.evaluate(f"Boolean({focused}.closest('dialog'))")
    keys.press("Escape")
    page.get_by_test_id("drawer").wait_for(state="detached")
    assert page.evaluate(f"{focused}.innerText") == "T01"
    for _ in range(8):  # the row's button
        keys.press("Tab")
        if page.evaluate(f"{focused}.dataset.action") == "维护":
            break
    keys.press("Enter")
    page.get_by_test_id("dialog").wait_for()
    assert page.evaluate(f"{focused}.name") == "status"
    keys.press("Tab")
    keys.press("Control+a")
    keys.type("林小满")
    keys.press("Enter")
    page.get_by_test_id("message").get_by_text("已保存").wait_for()
    assert "林小满" in page.locator("[data-row=T01]").inner_text()


@pytest.mark.full
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(
    visit: Callable[..., Any], server: Server, axe: Callable[..., list[str]],
    keep: Callable[[str], Path], theme: str,
) -> None:  # fmt: skip
    page = visit(server.page(PAGE, theme=theme))
    page.get_by_test_id("login").wait_for()
    assert axe(page, ".crm-console") == []
    log_in(page, "客服")
    assert axe(page, ".crm-console") == []
    found = []
    keys = ("customers.list", "orders.search", "analysis.level", "interactions.review_alerts")
    for key in keys:
        go(page, key)
        page.wait_for_timeout(400)
        page.screenshot(path=keep(f"{theme}_{key}.png"))
        found += [(key, x) for x in axe(page, ".crm-console")]
    switch(page, "店长")
    for key in (
        "analysis.churn",
        "segments.frequency",
        "marketing.campaigns",
        "opportunities.list",
    ):
        go(page, key)
        page.wait_for_timeout(500)
        page.screenshot(path=keep(f"{theme}_{key}.png"))
        found += [(key, x) for x in axe(page, ".crm-console")]
    go(page, "marketing.campaigns")
    page.locator("[data-action=新建活动]").click()
    page.wait_for_timeout(300)
    found += [("dialog", x) for x in axe(page, ".crm-console dialog")]
    page.keyboard.press("Escape")
    go(page, "customers.list")
    page.locator("tbody .link").first.click()
    page.get_by_test_id("drawer").wait_for()
    page.wait_for_timeout(300)
    page.screenshot(path=keep(f"{theme}_drawer.png"))
    found += [("drawer", x) for x in axe(page, ".crm-console dialog")]
    assert sorted({f"{where}: {x}" for where, x in found}) == []


def test_light_and_dark_and_paper(desk_at: Callable[..., Any], keep: Callable[[str], Path]) -> None:
    page, _ = desk_at("店长")
    go(page, "analysis.region")
    ground = "getComputedStyle(document.querySelector('.work').parentElement).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_test_id("theme").click()
    assert page.evaluate(ground) != light
    page.emulate_media(media="print")
    assert page.locator(".side").is_hidden()
    assert page.locator(".filter").is_hidden()
    assert page.get_by_test_id("cards").is_visible()
    page.pdf(path=keep("region.pdf"), landscape=True)
    page.emulate_media(media="screen")
    page.get_by_test_id("theme").click()
    assert page.evaluate(ground) == light


@pytest.mark.full
def test_two_viewers_have_their_own_sessions(visit: Callable[..., Any], server: Server) -> None:
    first, second = visit(server.page(PAGE)), visit(server.page(PAGE, shop="ceramics"))
    log_in(first, "店长")
    log_in(second, "仓库")
    assert first.get_by_test_id("shop").inner_text() == "清溪茶叶"
    assert second.get_by_test_id("shop").inner_text() == "瓷语轩"
    assert first.get_by_test_id("switch-role").input_value() == "店长"
    second.get_by_test_id("leave").click()
    second.get_by_test_id("login").wait_for()
    go(first, "products.list")


@pytest.mark.full
def test_in_jupyterlab(
    in_lab: Callable[..., Any], place: Path, keep: Callable[[str], Path]
) -> None:
    source = (
        "from crmkit.crm import open_shop\nfrom crmkit.ui import console\n\n"
        f"crm = open_shop('electronics', student='{STUDENT}', folder={str(place)!r}, role='店长')\n"
        "console.show(crm)"
    )
    page = in_lab(notebook(place, "lab", source), viewport={"width": 1366, "height": 900})
    page.keyboard.press("Escape")
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    page.get_by_test_id("welcome").wait_for()
    go(page, "products.list")
    page.screenshot(path=keep("lab.png"))
    count = page.locator(".jp-Cell").count()
    page.locator(".side [aria-current]").focus()
    for key in ("x", "d", "d"):  # shortcuts that cut and delete a cell
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == count
    assert page.get_by_test_id("screen").is_visible()
    page.locator("tbody .link").first.click()
    page.get_by_test_id("drawer").wait_for()
    page.keyboard.press("Escape")
