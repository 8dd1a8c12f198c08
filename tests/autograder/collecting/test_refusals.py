"""What cannot be taken gets a reason, and nothing of it is left."""

from __future__ import annotations

import io
import os
import stat
import struct
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.collecting import placing
from tests.autograder.collecting.downloads import (
    notebook,
    packed,
    put,
    row,
    submitted,
    take,
)


def test_what_is_no_notebook_gets_a_reason(source: Path, course: Path) -> None:
    put(source / "2025010101" / "E3.html")
    put(source / "2025010102" / "说明.txt")
    put(source / "2025010103.rar", b"Rar!\x1a\x07\x00")
    put(source / "2025010104.zip", b"7z\xbc\xaf\x27\x1c")
    (source / "2025010105" / "E3.ipynb").mkdir(parents=True)
    put(source / "2025010106.zip", packed({"E3.ipynb": notebook()})[:-30])
    put(source / "S20250107.zip", b"")
    collected = take(source, course)
    assert submitted(course) == {}
    reasons = dict(zip(collected.table["学号"], collected.table["原因"], strict=True))
    assert "只有网页，没有笔记本 E3.ipynb" in reasons["2025010101"]
    assert "没有笔记本" in reasons["2025010102"]
    assert "是 rar 压缩包，这里只认 zip" in reasons["2025010103"]
    assert "是 7z 压缩包" in reasons["2025010104"]
    assert "是空文件夹，不是文件" in reasons["2025010105"]
    assert "损坏" in reasons["2025010106"]
    assert "空文件" in reasons["S20250107"]


def test_an_encrypted_zip_gets_a_reason(source: Path, course: Path) -> None:
    data = bytearray(packed({"E3.ipynb": notebook()}))
    data[6] |= 1  # local header
    data[data.rfind(b"PK\x01\x02") + 8] |= 1  # table of contents
    put(source / "2025010101.zip", bytes(data))
    put(source / "2025010102.zip", packed({"E3.ipynb": notebook()}))
    collected = take(source, course)
    assert submitted(course) == {"2025010102": ["E3.ipynb"]}
    assert "有密码" in row(collected, "2025010101")["原因"]


def test_a_damaged_member_is_found_out_and_nothing_is_left(source: Path, course: Path) -> None:
    data = bytearray(packed({"E3.ipynb": notebook()}))
    data[60] ^= 0xFF
    put(source / "2025010101.zip", bytes(data))
    assert "损坏" in row(take(source, course), "2025010101")["原因"]
    assert not (course / "submitted").exists()


def test_a_zip_bomb_is_stopped_by_what_it_really_unfolds_to(
    source: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "MAX_BYTES", 1_000_000)
    data = packed({"E3.ipynb": notebook(), "out/a.csv": b"0" * 3_000_000})
    for header, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):  # it lies about its size
        where = data.rfind(header) + at
        data = data[:where] + struct.pack("<L", 10) + data[where + 4 :]
    put(source / "2025010101.zip", data)
    put(source / "2025010102.zip", packed({"E3.ipynb": notebook(), "a.csv": b"0" * 3_000_000}))
    collected = take(source, course)
    assert submitted(course).get("2025010102") is None
    assert "超过 1 MB" in row(collected, "2025010102")["原因"]
    size = sum(p.stat().st_size for p in course.rglob("*") if p.is_file())
    assert size < 1_000_000


def test_too_many_files_get_a_reason(source: Path, course: Path) -> None:
    files = {f"venv/{n}.py": b"" for n in range(placing.MAX_FILES)}
    put(source / "2025010101.zip", packed({"E3.ipynb": notebook(), **files}))
    assert "文件太多" in row(take(source, course), "2025010101")["原因"]
    assert submitted(course) == {}


def test_archives_in_archives_in_archives_are_refused(source: Path, course: Path) -> None:
    inner = packed({"E3.ipynb": notebook()})
    put(source / "2025010101.zip", packed({"a.zip": packed({"b.zip": inner})}))
    put(source / "2025010102.zip", packed({"a.zip": inner}))
    collected = take(source, course)
    assert submitted(course) == {"2025010102": ["E3.ipynb"]}
    assert "套了太多层" in row(collected, "2025010101")["原因"]


@pytest.mark.parametrize(
    "name", ["../../E3.ipynb", "/etc/E3.ipynb", "C:\\x\\E3.ipynb", "a/../../b.ipynb"]
)
def test_paths_that_leave_the_archive_are_not_taken(source: Path, course: Path, name: str) -> None:
    put(source / "2025010101.zip", packed({name: notebook(), "out/a.csv": b"1"}))
    before = set(source.parent.rglob("*"))
    collected = take(source, course)
    assert "路径指向别处" in row(collected, "2025010101")["原因"]
    after = set(source.parent.rglob("*")) - before
    assert all(p.is_relative_to(course) for p in after)


def test_an_unsafe_file_is_left_out_and_named(source: Path, course: Path) -> None:
    link = zipfile.ZipInfo("out/secret.csv", (2025, 11, 20, 9, 30, 0))
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("E3.ipynb", notebook())
        archive.writestr(link, "/etc/passwd")
        archive.writestr("../x.csv", "1")
        archive.writestr("a\tb.csv", "1")
    put(source / "2025010101.zip", buffer.getvalue())
    collected = take(source, course)
    assert submitted(course) == {"2025010101": ["E3.ipynb"]}
    reason = row(collected, "2025010101")["原因"]
    assert "out/secret.csv：是链接" in reason
    assert "x.csv：压缩包里的路径指向别处" in reason
    assert "不能用的字符" in reason


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes and links of this kind")
def test_links_and_pipes_are_neither_followed_nor_waited_for(source: Path, course: Path) -> None:
    secret = put(source.parent / "secret.ipynb", notebook(answer="secret"))
    put(source / "2025010101" / "E3.ipynb", notebook())
    (source / "2025010101" / "out").symlink_to(source.parent)
    os.mkfifo(source / "2025010101" / "data.csv")
    (source / "2025010102").mkdir()
    (source / "2025010102" / "E3.ipynb").symlink_to(secret)
    (source / "2025010103").mkdir()
    os.mkfifo(source / "2025010103" / "E3.ipynb")
    (source / "2025010104").symlink_to(source / "2025010101")
    collected = take(source, course)
    assert submitted(course) == {"2025010101": ["E3.ipynb"]}
    assert "data.csv：是管道" in row(collected, "2025010101")["原因"]
    assert "是链接" in row(collected, "2025010102")["原因"]
    assert "管道" in row(collected, "2025010103")["原因"]


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_called_zip_give_a_row_and_no_crash(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, headed: bool
) -> None:
    base = tmp_path_factory.mktemp("bytes")
    put(base / "source" / "2025010101.zip", b"PK\x03\x04" + data if headed else data)
    collected = take(base / "source", base / "class")
    assert list(collected.table["学号"]) == ["2025010101"]
    assert collected.students == []
