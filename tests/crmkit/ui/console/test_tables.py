"""Tables: searched, sorted, paged, chosen from."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from crmkit.ui.console.grid import Grid, GridError
from crmkit.ui.console.paged import PagedGrid
from crmkit.ui.console.screen import Source, Table

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
