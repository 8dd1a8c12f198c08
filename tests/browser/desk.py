"""The console under a student's hand: log in, open functions, fill in, act, read what is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from .test_console import go, shown_rows, switch

# The tables below a node: rows as dicts of what stands in the cells.
TABLES = """node => [...node.querySelectorAll("table")].map(table => {
    const texts = row => [...row.cells].map(cell => cell.innerText.trim());
    const [head, ...rows] = [...table.rows].map(texts);
    return rows.map(row => Object.fromEntries(head.map((name, n) => [name, row[n]])));
})"""
# An action is over: its dialog is gone, or says why not.
OVER = """() => {
    const confirm = [...document.querySelectorAll("[data-testid=confirm]")];
    const wrong = [...document.querySelectorAll("dialog .field-error")];
    return !confirm.length || wrong.some(x => x.textContent);
}"""


class Desk:
    """One open console page of a lab.

    Parameters
    ----------
    page
        Playwright's page, with the login shown.
    folder
        The student's lab folder.
    """

    def __init__(self, page: Any, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.role = ""
        self.report: list[list[dict[str, str]]] = []  # the tables that the last action showed

    def log_in(self, role: str) -> None:
        self.page.get_by_test_id(f"role-{role}").check()
        self.page.get_by_test_id("enter").click()
        self.page.get_by_test_id("welcome").wait_for()
        self.role = role

    def switch(self, role: str) -> None:
        if role != self.role:
            switch(self.page, role)
            self.role = role

    def open(self, key: str) -> None:
        """Open a function anew, also when it is the open one."""
        self.page.evaluate(
            "document.querySelector('[data-testid=screen]')?.setAttribute('data-old', '')"
        )
        go(self.page, key)
        self.page.locator(f"[data-testid=screen][data-screen='{key}']:not([data-old])").wait_for()

    # --- forms ------------------------------------------------------------------------------------
    def fill(self, where: Any, **values: Any) -> None:
        """Fill inputs of a form by the name of the field.

        A pair fills a from–to of dates, a list are the choices to be ticked, a dict the conditions
        of a rule: {(field, operation): value}.
        """
        for name, value in values.items():
            box = where.locator(f"[data-field='{name}']")
            if not box.is_visible():
                where.get_by_text("更多条件").click()
            if isinstance(value, tuple):
                for n, one in enumerate(value):
                    if one:
                        box.locator("input").nth(n).fill(str(one))
            elif isinstance(value, list):
                labels = box.locator("label.pick").all_inner_texts()
                assert {*value} <= {text.strip() for text in labels}
                for n, text in enumerate(labels):
                    tick = box.locator("label.pick input").nth(n)
                    if tick.is_checked() != (text.strip() in value):
                        tick.set_checked(text.strip() in value)
            elif isinstance(value, dict):
                for (fact, operation), one in value.items():
                    box.get_by_role("button", name="加一个条件").click()
                    row = box.locator(".condition").last
                    row.get_by_label("字段").select_option(fact)
                    row.get_by_label("运算").select_option(operation)
                    row.get_by_label("值", exact=True).fill(str(one))
            elif isinstance(value, bool):
                box.locator("input").set_checked(value)
            elif isinstance(value, Path):
                box.locator("input[type=file]").set_input_files(value)
                box.get_by_text("已上传").wait_for()
            elif box.locator("select").count():
                box.locator("select").select_option(str(value))
            else:
                box.locator("input, textarea").first.fill(str(value))

    def ask(self, **values: Any) -> None:
        """Fill in the conditions of the open screen and query."""
        self.fill(self.page.get_by_test_id("filter"), **values)
        self.page.get_by_test_id("ask").click()
        self.settle()

    def settle(self) -> None:
        """Wait until what was asked for is shown."""
        self.page.wait_for_timeout(150)
        self.page.locator("[data-testid=results]:not([aria-busy])").wait_for()

    def act(self, action: str, /, *, row: str = "", dry: bool = False, **values: Any) -> str:
        """Press a button of the screen, of a row or of the selection; returns the message.

        What the action showed in the end is closed and kept in `report`.
        """
        where = self.page
        if row:
            where = self.page.locator(f"tr[data-row='{row}']")
        where.locator(f"[data-action='{action}']").first.click()
        dialog = self.page.get_by_test_id("dialog")
        dialog.wait_for()
        self.fill(dialog, **values)
        if dry:
            self.page.get_by_test_id("dry-run").click()
            self.page.get_by_test_id("preview").wait_for()
        self.confirm()
        assert not self.page.get_by_test_id("confirm").count(), dialog.inner_text()
        self.read_report()
        self.settle()
        return str(self.page.get_by_test_id("messages").first.inner_text())

    def confirm(self) -> None:
        """Press the button that does it; the dialog stays when it was refused."""
        self.page.get_by_test_id("confirm").click()
        self.page.wait_for_function(OVER)

    def show(self, action: str) -> None:
        """Press a button that shows something at once, kept in `report`."""
        self.page.locator(f"[data-action='{action}']").first.click()
        self.page.get_by_test_id("report").wait_for()
        self.read_report()

    def read_report(self) -> None:
        """Keep the tables of the dialog with the outcome, if there is one, and close it."""
        report, self.report = self.page.get_by_test_id("report"), []
        if report.count():
            self.report = report.evaluate(TABLES)
            self.page.get_by_role("button", name="知道了").click()
            report.wait_for(state="detached")

    def choose_all(self) -> None:
        """Select every row that was found."""
        box = self.page.locator("tbody .tick input").first
        box.check()
        self.page.get_by_test_id("chosen").wait_for()
        rest = self.page.get_by_text("选择全部")
        if rest.count():
            rest.first.click()
            rest.first.wait_for(state="detached")

    def choose(self, *rows: str) -> None:
        """Select rows by their keys, searching for each in the first table."""
        search = self.page.get_by_test_id("search").first
        for row in rows:
            search.fill(row)
            self.page.locator(f"tr[data-row='{row}'] .tick input").check()
            self.page.wait_for_timeout(150)
        search.fill("")
        self.page.get_by_test_id("chosen").get_by_text(f"已选 {len(rows)} 行").wait_for()

    def search(self, words: str) -> None:
        """Search in the first table."""
        self.page.get_by_test_id("search").first.fill(words)
        self.page.wait_for_timeout(600)

    # --- reading ----------------------------------------------------------------------------------
    def drawer(self, row: str) -> str:
        """Open a row's details, read them and close them; the tables are kept in `report`."""
        self.page.locator(f"tr[data-row='{row}'] .link").first.click()
        drawer = self.page.get_by_test_id("drawer")
        drawer.wait_for()
        text, self.report = str(drawer.inner_text()), drawer.evaluate(TABLES)
        self.page.keyboard.press("Escape")
        drawer.wait_for(state="detached")
        return text

    def text(self) -> str:
        """What stands in the first table."""
        return str(self.page.get_by_test_id("grid").first.inner_text())

    def rows(self) -> list[list[str]]:
        """The texts of the first table's page."""
        return shown_rows(self.page)

    def keys(self) -> list[str]:
        """The rows of the first table's page by their keys."""
        found = (
            self.page.locator("[data-testid=grid]:visible")
            .first.locator("tbody tr[data-row]")
            .all()
        )
        return [str(r.get_attribute("data-row")) for r in found]

    def column(self, names: int, values: int) -> dict[str, int]:
        """Two columns of the first table's page: name → whole number."""
        found = {}
        for row in self.page.get_by_test_id("grid").first.locator("tbody tr[data-row]").all():
            cells = row.locator("td:not(.tick):not(.offers)").all_inner_texts()
            found[cells[names].strip()] = int(cells[values].replace(",", "").strip())
        return found

    def tab(self, name: str) -> None:
        """Show another table of the screen."""
        self.page.get_by_role("tab", name=name).click()
        self.page.wait_for_timeout(300)

    def turn(self, page: int, size: int) -> None:
        """Go to a page of the first table."""
        grid = self.page.get_by_test_id("grid").first
        grid.get_by_label("每页").first.select_option(str(size))
        self.settle()
        for number in range(2, page + 1):
            grid.get_by_label("下一页").click()
            grid.locator("[aria-current=page]", has_text=str(number)).wait_for()

    def export(self, name: str) -> None:
        """Export the first table that is shown into the lab's folder ``out``."""
        with self.page.expect_download() as download:
            self.page.locator("[data-testid=export]:visible").first.click()
        download.value.save_as(self.folder / "out" / name)

    def exported(self, name: str) -> str:
        """Export the first table; returns the code that reads it."""
        self.export(name)
        return f"__import__('pandas').read_excel('out/{name}')"

    def read(self, name: str) -> pd.DataFrame:
        """The first table, exported and read."""
        self.export(name)
        return pd.read_excel(self.folder / "out" / name, engine="calamine")

    def refused(self, key: str) -> str:
        """Open a function this role may not use; returns what the screen says."""
        self.open(key)
        return str(self.page.get_by_test_id("refused").inner_text())
