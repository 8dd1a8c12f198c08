"""The quick look at a sheet's cells sees what the regular expressions see, or leaves it to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.workbook import extent as quick
from crmkit.workbook import package
from crmkit.workbook.extent import extent

LETTERS = st.text("ABXYZ", min_size=1, max_size=3)
CELLS = st.tuples(
    LETTERS, st.integers(1, 2_000_000), st.sampled_from(["/>", ' s="1"/>', "><v>1</v></c>"])
)


def sheet(cells: list[tuple[str, int, str]]) -> bytes:
    written = "".join(f'<c r="{letters}{row}"{rest}' for letters, row, rest in cells)
    return f"<worksheet><cols><col/></cols><sheetData>{written}</sheetData></worksheet>".encode()


@given(st.lists(CELLS, max_size=40), st.integers(20, 400))
def test_cells_and_area_are_those_of_the_slow_way(
    cells: list[tuple[str, int, str]], block: int
) -> None:
    part = sheet(cells)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick, "_BLOCK", block)  # so that addresses stand across the edges
        found = extent(part)
    assert found is not None
    assert found.cells == len(cells)
    assert set(found.initials) == {"w", "c", "s", "/"} | ({"v"} if b"<v>" in part else set())
    assert found.row * found.column == package._area(part, len(cells), strict=False)


@pytest.mark.parametrize("cell", [
    b"<c><v>1</v></c>", b"<c/>", b"<c\tr='A1'/>", b"<c s='1' r=\"A1\"/>", b"<c r='A1'/>", b'<c r = "A1"/>',
    b'<c r="a1"/>', b'<c r="A"/>', b'<c r="7"/>', b'<c r="A01"/>', b'<c r="A1B2"/>', b'<c r=""/>', b'<c r="A1',
    b'<c r="A12345678901"/>',
])  # fmt: skip
def test_unusual_addresses_are_left_to_the_slow_way(cell: bytes) -> None:
    assert extent(b'<row><c r="B2"/>' + cell + b"</row>") is None


@given(
    st.lists(
        st.sampled_from(["<x:c>", "<c>", ":", "a:b", "<", ">", "text", "<x.-_:", " ", "</y:c>"])
    )
)
def test_a_prefix_is_seen_whatever_stands_around_it(pieces: list[str]) -> None:
    part = b"<r>" + "".join(pieces).encode()
    assert package._prefixed(part) == (package._PREFIXED.search(part) is not None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "_FEW", 0)
        assert package._prefixed(part) == (package._PREFIXED.search(part) is not None)
