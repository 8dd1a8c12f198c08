"""The generator writes the same bytes again, and its own small tools are right."""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
import zlib

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from crmkit import schema, shops
from datasets.generate import build, deflate, dictionary, regions, sheets
from datasets.generate.draws import Draws, Weighted

ROOT = shops.root()


def committed(prefix: str) -> dict[str, bytes]:
    return {
        f"{prefix}/{p.relative_to(ROOT / prefix).as_posix()}": p.read_bytes()
        for p in sorted((ROOT / prefix).rglob("*"))
        if p.is_file()
    }


def test_one_shop_is_written_again_byte_for_byte() -> None:
    shop = build.SHOPS[0]
    files, _, _ = build.shop_files(shop)
    assert files == committed(shop.name)


def test_the_excel_pools_are_written_again_byte_for_byte() -> None:
    files, _, _ = build.pools.files()
    for name, data in files.items():
        assert (ROOT / "excel" / name).read_bytes() == data, name


def test_everything_is_written_again_byte_for_byte(full: bool) -> None:
    if not full:
        pytest.skip("all three shops take a minute: only with CRMKIT_FULL=1")
    files = build.everything()
    assert {n: (ROOT / n).read_bytes() for n in files} == files
    assert build.stale(ROOT, files) == []


def test_meta_lists_every_file_with_its_checksum_and_rows() -> None:
    meta = yaml.safe_load((ROOT / "meta.yaml").read_text(encoding="utf-8"))
    on_disk = {name for shop in build.SHOPS for name in committed(shop.name)}
    assert on_disk <= set(meta["files"])
    for name, entry in meta["files"].items():
        data = (ROOT / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"], name
        if "/tables/" in name:
            shop, _, file = name.split("/")
            frame = getattr(shops.load(shop), file.removesuffix(".csv"))
            assert entry["rows"] == len(frame), name


def test_the_data_dictionary_shows_every_column() -> None:
    text = (ROOT / "README.md").read_bytes()
    assert text == dictionary.document(build.SHOPS)
    for table in schema.TABLES.values():
        for column in table.columns:
            assert f"`{column.name}`" in text.decode("utf-8")
    assert b"CC BY 4.0" in text


def test_the_data_stay_small() -> None:
    files = [p for p in ROOT.rglob("*") if p.is_file() and "generate" not in p.parts]
    assert sum(p.stat().st_size for p in files) < 16e6


@given(st.binary(max_size=3000) | st.text("ab12<>/", max_size=6000).map(str.encode))
def test_deflate_is_undone_by_zlib(data: bytes) -> None:
    assert zlib.decompress(deflate.deflate(data), -15) == data


def test_deflate_reaches_back_as_far_as_it_may() -> None:
    draws = Draws("test", "deflate")
    for gap in (32760, 32768, 32769, 40000):
        head = bytes(draws.integer(0, 255) for _ in range(300))
        data = head + bytes(draws.integer(0, 255) for _ in range(gap - 300)) + head
        assert zlib.decompress(deflate.deflate(data), -15) == data
    data = b"0123456789" * 5000
    assert len(deflate.deflate(data)) < 1000


def test_zip_files_carry_no_clock() -> None:
    data = deflate.zipped({"a.txt": b"one", "b/c.txt": b"two" * 1000})
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        assert found.read("b/c.txt") == b"two" * 1000
        assert {i.date_time for i in found.infolist()} == {(2025, 12, 31, 0, 0, 0)}


@given(
    rows=st.lists(
        st.lists(st.text("01=甲 乙\n<&,'\"", max_size=12), min_size=3, max_size=3),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_written_to_a_sheet_is_read_back(rows: list[list[str]]) -> None:
    data = sheets.xlsx([sheets.Sheet("表", ["一", "二 ", "三"], rows)], "店")
    found = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("表").to_python()
    padded = [row + [""] * (3 - len(row)) for row in found]
    assert padded[0] == ["一", "二 ", "三"]
    assert padded[1:] == [list(r) for r in rows][: len(padded) - 1]
    assert all(not any(r) for r in rows[len(padded) - 1 :])


def test_old_excel_files_are_read_by_pandas_engine() -> None:
    rows = [["标题"], [], ["甲", "1,234.00", "0.45%"], ["", "乙" * 300]]
    data = sheets.xls("数据", rows)
    found = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert [[c for c in row if c] for row in found] == [[c for c in r if c] for r in rows]


def test_draws_are_the_same_for_a_name_and_differ_between_names() -> None:
    assert [Draws("a", "b").random() for _ in range(3)] == [Draws("a", "b").random()] * 3
    assert Draws("a", "b").random() != Draws("a", "c").random()
    # The raw stream is promised by NumPy to stay: should this fail, all data would change.
    assert round(Draws("tea", "people").random(), 12) == 0.797022100375


def test_distributions_have_their_moments() -> None:
    draws = Draws("test", "moments")
    n = 20000

    def mean_and_sd(values: list[float]) -> tuple[float, float]:
        series = pd.Series(values)
        return float(series.mean()), float(series.std())

    for shape, rate in ((0.5, 2.0), (3.0, 0.5)):
        mean, sd = mean_and_sd([draws.gamma(shape, rate) for _ in range(n)])
        assert mean == pytest.approx(shape / rate, rel=0.05)
        assert sd == pytest.approx(math.sqrt(shape) / rate, rel=0.06)
    mean, sd = mean_and_sd([draws.beta(0.8, 2.6) for _ in range(n)])
    assert mean == pytest.approx(0.8 / 3.4, rel=0.05)
    mean, sd = mean_and_sd([float(draws.poisson(9.0)) for _ in range(n)])
    assert (mean, sd) == (pytest.approx(9.0, rel=0.02), pytest.approx(3.0, rel=0.03))
    mean, sd = mean_and_sd([draws.normal(5.0, 2.0) for _ in range(n)])
    assert (mean, sd) == (pytest.approx(5.0, rel=0.02), pytest.approx(2.0, rel=0.03))
    mean, _ = mean_and_sd([draws.exponential(7.0) for _ in range(n)])
    assert mean == pytest.approx(7.0, rel=0.04)
    table = Weighted({"a": 1.0, "b": 3.0})
    assert sum(draws.weighted(table) == "b" for _ in range(n)) / n == pytest.approx(0.75, abs=0.015)
    assert sorted(draws.shuffled(range(50))) == list(range(50))


def test_regions_cover_the_34_provincial_units_with_postcodes() -> None:
    assert len(regions.provinces()) == len(regions.weights()) == 34
    for cities in regions.provinces().values():
        assert cities and all(len(c.postcode) == 6 and c.districts for c in cities)
    draws = Draws("test", "addresses")
    for _ in range(50):
        place = regions.city(draws)
        province, city, district, rest = regions.address(draws, place).split(" ", 3)
        assert (province, city) == (place.province_full, place.full)
        assert district in place.districts and rest.endswith(f"({place.postcode})")
