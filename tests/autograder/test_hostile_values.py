"""Values, outputs and paths that a hostile program writes itself: harmless on the judge's side."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from autograder.collecting.placing import together
from autograder.run.outputs import shown
from autograder.sandbox import frames
from crmkit.lab.snapshot import ANSWER_MIME, MAX_ODD, Snapshot, SnapshotError

PRIME = 2**61 - 1  # Python's numbers have equal hashes when they differ by multiples of it
MANY = range(1, MAX_ODD + 2)
ONE_ROW = {"range": [0, 1, 1], "names": [None]}


def crossed(value: Any) -> Any:
    return Snapshot.from_json(json.loads(json.dumps({"item": "E3-01", "value": value}))).value


def nested(levels: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(levels):
        made = [made]
    return made


REFUSED = {
    "a set of numbers with one hash": {"t": "set", "v": [{"t": "int", "v": str(k * PRIME)} for k in MANY]},
    "keys with one hash": {"t": "dict", "v": [[k * PRIME, 1] for k in MANY]},
    "decimals with one hash": {"t": "set", "v": [{"t": "decimal", "v": str(k * PRIME)} for k in MANY]},
    "tuples with one hash": {"t": "set", "v": [{"t": "tuple", "v": [2.0 ** (61 * (k % 16)), k]} for k in MANY]},
    "a number of thousands of digits": 10**4000,
    "a hundred thousand columns": {"t": "frame", "columns": {"range": [0, 10**5, 1], "names": [None]},
                                   "index": ONE_ROW, "v": [[1]] * 10**5},
    "an index of thousands of levels": {"t": "index", "v": {"v": [{"t": "tuple", "v": [1] * 5000}], "names": [1] * 5000}},
    "an endless range": {"t": "index", "v": {"range": [0, 10**15, 1], "names": [None]}},
    "too deep": nested(900),
    "no such shape": {"t": "array", "shape": [-1, 0], "v": []},
    "a key that cannot be one": {"t": "dict", "v": [[[1], 1]]},
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_forged_value_is_refused_in_words(name: str) -> None:
    with pytest.raises(SnapshotError):
        crossed(REFUSED[name])


def test_one_long_text_does_not_widen_all_others() -> None:
    array = crossed({"t": "array", "shape": [20_001], "v": ["x" * 20_000, *["a"] * 20_000]})
    assert array.dtype == object and array[1] == "a"


def test_what_honest_answers_hold_still_crosses() -> None:
    order = 3_141_592_653_589_793_238  # numbers of orders have this many digits
    honest = {
        ("2025-01", "茶"): order,
        "名单": {("C000001", 2), ("C000002", 3)},
        "数组": np.array([[1.5, 2.0], [3.0, 4.0]]),
    }
    back = crossed(Snapshot("E3-01", "", honest).to_json()["value"])
    assert back["数组"].tolist() == honest["数组"].tolist()
    assert back[("2025-01", "茶")] == order and back["名单"] == honest["名单"]


def test_every_output_counts_even_an_empty_one() -> None:
    empty = {"output_type": "display_data", "data": {}}
    keys = {"output_type": "display_data", "data": {"k" * 10_000: ""}}
    lines = {"output_type": "error", "ename": "E" * 500, "evalue": "", "traceback": [""] * 9000}
    sizes = [frames.size(frames.output(o) or {}) for o in (empty, keys, lines)]
    assert sizes[0] >= 100 and sizes[1] > 10_000 and sizes[2] > 9500


def test_an_answer_too_deep_to_be_one_is_told_and_other_data_is_dropped() -> None:
    data = {ANSWER_MIME: nested(300), "application/vnd.crmkit.other+json": nested(300)}
    made = frames.output({"output_type": "display_data", "data": data})
    assert made is not None and made["data"] == {ANSWER_MIME: {}}


def kept(html: str) -> str | None:
    output = {"output_type": "display_data", "data": {"text/html": html, "text/plain": "文字"}}
    return shown(output)["data"].get("text/html")


@pytest.mark.parametrize("html", [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '<img src="http://x/y.png">',
    "<svg/onload=alert(1)>", "<a href='javascript:x'>x</a>", "<iframe srcdoc=x>", "<form action=x>",
    '<div style="position:fixed;top:0">满分</div>', '<div style="position&#58;fixed">',
    '<div style="pos\\69tion:fixed">', '<div style="background:url(http://x)">', "<b/onclick=x>",
    '<div title="x"onmouseover="y">', "<div title='\"' onx=y>", "<!--><script>-->", "<b",
    '<img src="data:image/svg+xml;base64,AAA">', "<link rel=x>", "<meta http-equiv=refresh>",
    "<style>#T_1{}</style><script>x</script>", "<style><img src=x onerror=1></style>",
])  # fmt: skip
def test_html_that_could_do_anything_does_not_reach_a_page(html: str) -> None:
    assert kept(html) is None


@pytest.mark.parametrize("style", ["body{display:none}", ".dataframe,body{display:none}",
                                   "#T_1{background:url(x)}", '@import "x"'])  # fmt: skip
def test_a_sheet_of_styles_for_more_than_a_table_is_left_out(style: str) -> None:
    assert kept(f"<style>{style}</style><b>表</b>") == "<b>表</b>"


def test_tables_styled_tables_and_notices_stay_as_they_are() -> None:
    import pandas as pd

    from crmkit.lab import explain

    frame = pd.DataFrame(
        {"客户编号": ["C1", "C2"], "金额": [1.5, None], "x&y": ["<script>", '"q"']}
    )
    styled = frame.style.background_gradient(subset=["金额"]).format(escape="html").to_html()
    for html in (frame._repr_html_(), styled, explain.notice("E3-01 题", "已提交：<数字>", "ok")):
        assert kept(html) == html


@pytest.mark.parametrize("mime", ["application/javascript", "image/svg+xml", "text/markdown",
                                  "application/vnd.jupyter.widget-view+json"])  # fmt: skip
def test_of_an_output_only_text_pictures_and_harmless_html_stay(mime: str) -> None:
    output = {"output_type": "display_data", "data": {mime: "x", "text/plain": "文字"}}
    assert shown(output)["data"] == {"text/plain": "文字"}
    assert (
        "没有保留"
        in shown({"output_type": "display_data", "data": {mime: "x"}})["data"]["text/plain"]
    )


def test_files_that_stand_in_each_others_way_are_left_out_and_the_notebook_stays() -> None:
    files = dict.fromkeys(("E3.ipynb", "E3.ipynb/x.xlsx", "e3.IPYNB", "out", "out/a.xlsx", "\ud800.xlsx",
                           "../up.xlsx", "a:b", "x" * 300, "图表/b.xlsx"), b"")  # fmt: skip
    assert set(together(files, {"E3.ipynb"})) == {"E3.ipynb", "out", "图表/b.xlsx"}
