"""collect: whatever a teacher downloaded becomes submitted/<student>/<lab>/, or a reason why not."""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.collect import Collected, CollectError, collect
from autograder.collecting import placing
from autograder.collecting.entries import readable
from autograder.collecting.identity import Doubt, Identity, attempt, identify, written_time
from autograder.roster import Roster, Student

ROSTER = Roster(
    (
        Student("2025010101", "张三"),
        Student("2025010102", "李四"),
        Student("2025010103", "王芳"),
        Student("2025010104", "王芳"),
        Student("2025010105", "欧阳修文"),
        Student("2025010106", "张三丰"),
        Student("S20250107", "Tom Lee"),
    )
)
TITLE = "客户档案分析"


def notebook(lab: str = "E3", answer: str = "male = customers", output: str = "") -> bytes:
    """A notebook with the graded cells of a lab."""
    cells = []
    for n in (1, 2):
        marks = {"grade_id": f"{lab}-0{n}-work", "solution": True, "grade": False, "locked": False}
        cells.append(
            {"cell_type": "code", "metadata": {"nbgrader": marks}, "source": [answer], "outputs": [],
             "execution_count": None}
        )  # fmt: skip
        marks = {
            "grade_id": f"{lab}-0{n}",
            "solution": False,
            "grade": True,
            "locked": True,
            "points": 5,
        }
        source = [f'lab.answer("{lab}-0{n}", male)  # "grade_id": "E9-01"']
        cells.append(
            {"cell_type": "code", "metadata": {"nbgrader": marks}, "source": source,
             "outputs": [output], "execution_count": 1}
        )  # fmt: skip
    nb = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(nb, ensure_ascii=False, indent=1).encode()


def put(path: Path, content: bytes = b"x", when: str = "2025-11-20T10:00") -> Path:
    """A file with a time (Chinese wall clock)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    moment = datetime.fromisoformat(f"{when}:00+08:00").timestamp()
    os.utime(path, (moment, moment))
    return path


def packed(files: dict[str, bytes], when: tuple[int, ...] = (2025, 11, 20, 9, 30, 0)) -> bytes:
    """A zip in memory."""
    return _zip({zipfile.ZipInfo(name, when): content for name, content in files.items()})  # type: ignore[arg-type]


class GbkInfo(zipfile.ZipInfo):
    """A member as Chinese Windows writes it: GBK bytes, not marked as UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), 0


def gbk_zip(files: dict[str, bytes]) -> bytes:
    when = (2025, 11, 20, 9, 30, 0)
    return _zip({GbkInfo(name, when): content for name, content in files.items()})


def _zip(members: dict[zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for info, content in members.items():
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def take(source: Path, course: Path, roster: Roster | None = ROSTER) -> Collected:
    return collect(source, "E3", course, roster=roster, title=TITLE)


def submitted(course: Path) -> dict[str, list[str]]:
    """student → files below submitted/<student>/E3, without the timestamp."""
    out: dict[str, list[str]] = {}
    for folder in sorted((course / "submitted").glob("*/E3")):
        files = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        out[folder.parent.name] = sorted(f for f in files if f != "timestamp.txt")
    return out


def row(collected: Collected, student: str = "") -> dict[str, str]:
    rows = collected.table
    rows = rows[rows["学号"].eq(student)] if student else rows
    assert len(rows) == 1, rows.to_string()
    return rows.iloc[0].to_dict()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "下载"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return tmp_path / "class"


@pytest.mark.parametrize(
    "name",
    [
        "2025010101 张三 E3.zip",
        "张三-2025010101-实验三",
        "E3_2025010101张三_尝试1.ipynb",
        "2025010101_张三_E3客户档案分析.ipynb",
        "E3-张三（2025010101）.zip",
        "【E3】2025010101+张三.zip",
        "张三2025010101E3最终版(1).zip",
        "实验三_张 三_2025010101_20251120153000",
        "２０２５０１０１０１张三",
        "市场2501班-张三-2025010101",
        "2025010101",
        "2025010101_5551234567_assignsubmission_file_",
        "E3_2025010101_尝试_2025-11-20-15-30-00_E3.ipynb",
        "张三2025010101(123456789@qq.com)",
        "Screenshot 2025-11-20 张三 2025010101",
        "E3-市场营销2501-2025010101-张三",
        "【张三 2025010101】实验三.zip",
        "E32025010101张三",
        "2025010101张三_附件1.zip",
    ],
)
def test_id_and_name_are_found_in_any_order_and_style(name: str) -> None:
    found = identify(name, ROSTER, ["E3", TITLE])
    assert isinstance(found, Identity)
    assert (found.student, found.name) == ("2025010101", "张三")


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("张三_5551234_assignsubmission_file_", "2025010101"),
        ("实验三-李四", "2025010102"),
        ("张三丰 E3终稿.ipynb", "2025010106"),
        ("欧阳修文客户档案分析", "2025010105"),
        ("Tom Lee E3", "S20250107"),
        ("tom lee_s20250107", "S20250107"),
        ("202501010 张三", "2025010101"),  # a digit is missing: the name decides
        ("市营2501张三.zip", "2025010101"),
        ("01号张三", "2025010101"),
        ("张三的E3作业", "2025010101"),
        ("第3组组长李四", "2025010102"),
    ],
)
def test_a_name_that_is_unique_on_the_list_is_matched(name: str, student: str) -> None:
    found = identify(name, ROSTER, ["E3", TITLE])
    assert isinstance(found, Identity)
    assert found.student == student


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("王芳 E3", "2 位「王芳」"),
        ("2025010101 李四", "学号 2025010101 是「张三」，名字里写的却是「李四」"),
        ("2025019999 E3", "不在名册"),
        ("2025010101-2025010102 E3", "几个学号"),
        ("张三 李四 E3", "分不清"),
        ("李四光 E3", "像是「李四」"),
    ],
)
def test_an_unclear_name_is_a_doubt_with_its_reason(name: str, words: str) -> None:
    found = identify(name, ROSTER, ["E3", TITLE])
    assert isinstance(found, Doubt)
    assert words in found.reason


@pytest.mark.parametrize(
    "name", ["E3", "实验三", "20251120导出", "作业.zip", "out", "E3-Copy1.ipynb"]
)
def test_a_name_of_nobody_is_nobody(name: str) -> None:
    assert identify(name, ROSTER, ["E3", TITLE]) is None


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("2025010101 张三 E3.zip", "2025010101"),
        ("S2025010101-E3", "S2025010101"),
        ("E3_2025010101张三_尝试2.ipynb", "2025010101"),
        ("2025010101_20251120", "2025010101"),  # a date is not preferred
        ("20230115 张三", "20230115"),  # but an id may look like one
        ("stu07", "stu07"),
    ],
)
def test_without_a_class_list_the_long_number_is_the_id(name: str, student: str) -> None:
    found = identify(name, None, ["E3"])
    assert isinstance(found, Identity)
    assert found.student == student


def test_a_short_id_is_not_a_labs_number() -> None:
    roster = Roster((Student("01", "张三"), Student("07", "李四")))
    for name, student in (
        ("E3_01_张三", "01"),
        ("实验01_李四", "07"),
        ("07 E3", "07"),
        ("E07", None),
    ):
        found = identify(name, roster, ["E3"])
        assert (found.student if isinstance(found, Identity) else None) == student, name


@pytest.mark.parametrize(
    ("on_disk", "written"),
    [
        ("张三.ipynb".encode("gbk").decode("utf-8", "surrogateescape"), "张三.ipynb"),
        ("张三.ipynb".encode("gbk").decode("cp437"), "张三.ipynb"),
        ("Résumé.ipynb", "Résumé.ipynb"),
        ("张三\ud800.ipynb", "张三?.ipynb"),
    ],
)
def test_names_that_were_unpacked_wrongly_are_read(on_disk: str, written: str) -> None:
    assert readable(on_disk) == written


def test_attempts_and_times_that_platforms_write_into_names_are_read() -> None:
    assert attempt("E3_2025010101张三_尝试12.ipynb") == 12
    assert attempt("第3次 张三") == 3
    assert attempt("2025010101") == 0
    moment = written_time("E3_张三_attempt_2025-11-20-15-30-05_E3.ipynb")
    assert moment is not None
    assert moment.astimezone(UTC) == datetime(2025, 11, 20, 7, 30, 5, tzinfo=UTC)


def test_a_folder_of_folders_zips_and_loose_notebooks(source: Path, course: Path) -> None:
    put(source / "张三-2025010101-实验三" / "E3.ipynb", notebook())
    put(source / "张三-2025010101-实验三" / "out" / "男性客户.xlsx", b"PK")
    put(
        source / "张三-2025010101-实验三" / ".ipynb_checkpoints" / "E3-checkpoint.ipynb", notebook()
    )
    put(
        source / "2025010102 李四 E3.zip", packed({"E3/E3.ipynb": notebook(), "E3/out/a.csv": b"1"})
    )
    put(source / "E3_2025010103王芳_尝试1.ipynb", notebook())
    put(source / "欧阳修文_991_assignsubmission_file_" / "E3.ipynb", notebook())
    done = []
    collected = collect(
        source, "E3", course, roster=ROSTER, progress=lambda s, n, total: done.append((n, total))
    )
    assert submitted(course) == {
        "2025010101": ["E3.ipynb", "out/男性客户.xlsx"],
        "2025010102": ["E3.ipynb", "out/a.csv"],
        "2025010103": ["E3.ipynb"],
        "2025010105": ["E3.ipynb"],
    }
    assert collected.table["处理"].eq("已收取").all()
    assert collected.students == sorted(submitted(course))
    assert collected.missing == ["2025010104", "2025010106", "S20250107"]
    assert "按姓名「欧阳修文」对应" in row(collected, "2025010105")["原因"]
    assert row(collected, "2025010101")["时间"] == "2025-11-20 10:00"
    assert done[-1] == (4, 4)
    assert "名册里还有 3 人没有交" in collected.summary()


def test_one_zip_of_a_platform_with_folders_zips_and_gbk_names(source: Path, course: Path) -> None:
    whole = gbk_zip(
        {
            "E3作业/2025010101 张三/E3.ipynb": notebook(),
            "E3作业/2025010101 张三/数据.csv": b"1",
            "E3作业/2025010102李四.zip": gbk_zip({"实验三/E3-副本.ipynb": notebook()}),
            "__MACOSX/x/._E3.ipynb": b"x",
        }
    )
    path = put(source / "客户关系管理_E3_20251121.zip", whole)
    collected = take(path, course)
    assert submitted(course) == {"2025010101": ["E3.ipynb", "数据.csv"], "2025010102": ["E3.ipynb"]}
    assert collected.problems.empty
    assert row(collected, "2025010102")["文件"].endswith("2025010102李四.zip/实验三/E3-副本.ipynb")


def test_backslashes_of_windows_packers_are_folders(source: Path, course: Path) -> None:
    put(source / "2025010101.zip", packed({"E3\\E3.ipynb": notebook(), "E3\\out\\a.csv": b"1"}))
    take(source, course)
    assert submitted(course) == {"2025010101": ["E3.ipynb", "out/a.csv"]}


def test_the_timestamp_is_the_one_nbgrader_reads(source: Path, course: Path) -> None:
    from nbgrader.utils import parse_utc

    put(source / "2025010101" / "E3.ipynb", notebook(), "2025-11-20T10:00")
    take(source, course)
    text = (course / "submitted/2025010101/E3/timestamp.txt").read_text(encoding="utf-8").strip()
    assert parse_utc(text) == datetime(2025, 11, 20, 2, 0)


def test_a_students_own_timestamp_is_not_believed(source: Path, course: Path) -> None:
    files = {"E3.ipynb": notebook(), "timestamp.txt": b"2001-01-01", "submission_secret.txt": b"s"}
    put(source / "2025010101.zip", packed(files), "2025-11-25T08:00")
    take(source, course)
    assert submitted(course) == {"2025010101": ["E3.ipynb"]}
    text = (course / "submitted/2025010101/E3/timestamp.txt").read_text(encoding="utf-8")
    assert text == "2025-11-25T08:00:00+08:00\n"


def test_the_time_of_a_class_archive_is_not_every_students_time(source: Path, course: Path) -> None:
    put(source / "一班.zip", packed({"2025010101 张三/E3.ipynb": notebook()}), "2025-12-01T08:00")
    assert row(take(source, course), "2025010101")["时间"] == "2025-11-20 09:30"


def test_of_several_hand_ins_the_newest_counts_and_the_others_are_named(
    source: Path, course: Path
) -> None:
    put(
        source / "2025010101 张三.zip",
        packed({"E3.ipynb": notebook(answer="old")}),
        "2025-11-19T10:00",
    )
    put(
        source / "补交" / "2025010101 张三.zip",
        packed({"E3.ipynb": notebook(answer="new")}),
        "2025-11-21T10:00",
    )
    table = take(source, course).table
    assert sorted(table["处理"]) == ["已收取", "较早，未用"]
    assert b"new" in (course / "submitted/2025010101/E3/E3.ipynb").read_bytes()


def test_numbered_attempts_go_by_their_numbers(source: Path, course: Path) -> None:
    put(source / "E3_2025010101张三_尝试10.ipynb", notebook(answer="tenth"))
    put(source / "E3_2025010101张三_尝试9.ipynb", notebook(answer="ninth"), "2025-11-22T10:00")
    take(source, course)
    assert b"tenth" in (course / "submitted/2025010101/E3/E3.ipynb").read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "E3-Copy1.ipynb",
        "E3 (1).ipynb",
        "实验三 客户档案.ipynb",
        "E3.ipynb.txt",
        "E3.json",
        "e3.IPYNB",
    ],
)
def test_a_renamed_notebook_is_known_by_its_cells(source: Path, course: Path, name: str) -> None:
    put(source / "2025010101" / name, notebook())
    put(source / "2025010101" / "草稿.ipynb", b'{"cells": []}')
    collected = take(source, course)
    assert submitted(course) == {"2025010101": ["E3.ipynb"]}
    assert row(collected, "2025010101")["文件"].endswith(name)


def test_of_two_copies_the_one_that_was_worked_on_counts(source: Path, course: Path) -> None:
    put(course / "release" / "E3" / "E3.ipynb", notebook(answer="# 在这里写代码"))
    put(source / "2025010101" / "E3.ipynb", notebook(answer="# 在这里写代码"), "2025-11-22T10:00")
    put(source / "2025010101" / "E3-Copy1.ipynb", notebook(answer="done"), "2025-11-20T10:00")
    collected = take(source, course)
    assert b"done" in (course / "submitted/2025010101/E3/E3.ipynb").read_bytes()
    assert "另有「E3.ipynb」没有用（还是发下去的样子）" in row(collected, "2025010101")["原因"]


def test_another_labs_notebook_is_reported_and_not_taken(source: Path, course: Path) -> None:
    put(source / "2025010101 张三" / "E3.ipynb", notebook("E2"))
    put(source / "2025010102 李四" / "E3" / "E3.ipynb", notebook())
    put(source / "2025010102 李四" / "E2" / "E2.ipynb", notebook("E2"))
    put(source / "2025010102 李四" / "E2" / "out" / "x.csv")
    collected = take(source, course)
    assert submitted(course) == {"2025010102": ["E3.ipynb"]}
    assert row(collected, "2025010101")["处理"] == "未收取"
    assert "是 E2 的笔记本，不是 E3 的" in row(collected, "2025010101")["原因"]


@pytest.mark.parametrize("content", [b"", b'{"cells": [{"cell_type"', b"\xff\xfe\x00", b"[1, 2]"])
def test_a_broken_notebook_is_taken_so_that_the_grader_can_say_why(
    source: Path, course: Path, content: bytes
) -> None:
    put(source / "2025010101" / "E3.ipynb", content)
    assert row(take(source, course), "2025010101")["处理"] == "已收取"
    assert (course / "submitted/2025010101/E3/E3.ipynb").read_bytes() == content


def test_gbk_and_utf16_notebooks_are_recognised(source: Path, course: Path) -> None:
    text = notebook(answer="男性客户").decode()
    put(source / "2025010101" / "作业.ipynb", text.encode("gbk"))
    put(source / "2025010102" / "作业.ipynb", text.encode("utf-16"))
    put(source / "2025010102" / "别的.ipynb", notebook("E2"))
    assert take(source, course).students == ["2025010101", "2025010102"]


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


def test_an_unclear_hand_in_is_reported_and_the_batch_goes_on(source: Path, course: Path) -> None:
    put(source / "王芳 E3.ipynb", notebook())
    put(source / "2025010101 李四.zip", packed({"E3.ipynb": notebook()}))
    put(source / "E3.ipynb", notebook())
    put(source / "2025010105.ipynb", notebook())
    put(source / "成绩统计.xlsx")
    collected = take(source, course)
    assert submitted(course) == {"2025010105": ["E3.ipynb"]}
    reasons = dict(zip(collected.table["文件"], collected.table["原因"], strict=True))
    assert "2 位「王芳」" in reasons["王芳 E3.ipynb"]
    assert "名字里写的却是「李四」" in reasons["2025010101 李四.zip"]
    assert "不知道是谁的" in reasons["E3.ipynb"]
    assert reasons["成绩统计.xlsx"] == "1 个文件与提交无关"
    assert len(collected.problems) == 3


def test_nobodys_folder_hands_in_for_others(source: Path, course: Path) -> None:
    for name in ("2025010102.ipynb", "2025010103.ipynb", "E3.ipynb"):
        put(source / "2025010101 张三" / name, notebook(answer=name))
        put(source / "2025010199 赵六" / name, notebook(answer=name))
    assert take(source, course).students == ["2025010101"]
    assert take(source, course.parent / "other", roster=None).students == [
        "2025010101",
        "2025010199",
    ]


def test_a_folder_named_after_its_collector_is_not_one_students(source: Path, course: Path) -> None:
    for name in ("2025010101 张三", "2025010103 王芳", "2025010105 欧阳修文"):
        put(source / "李四收的作业" / f"{name}.ipynb", notebook())
        put(source / "作业1234567" / f"{name}.ipynb", notebook())
    expected = ["2025010101", "2025010103", "2025010105"]
    assert take(source, course).students == expected
    assert take(source / "作业1234567", course.parent / "other", roster=None).students == expected


def test_a_single_students_folder_may_be_the_source(source: Path, course: Path) -> None:
    put(source / "2025010101 张三" / "E3.ipynb", notebook())
    assert take(source / "2025010101 张三", course).students == ["2025010101"]


def test_running_again_changes_nothing(source: Path, course: Path) -> None:
    put(source / "2025010101.zip", packed({"E3.ipynb": notebook(), "out/a.csv": b"1"}))
    take(source, course)
    before = {p: p.stat().st_mtime_ns for p in course.rglob("*") if p.is_file()}
    again = take(source, course)
    assert row(again, "2025010101")["处理"] == "没有变化"
    assert {p: p.stat().st_mtime_ns for p in course.rglob("*") if p.is_file()} == before
    assert not list(course.glob(".collecting-*"))


def test_a_newer_hand_in_replaces_and_an_older_one_does_not(source: Path, course: Path) -> None:
    put(
        source / "周一" / "2025010101.zip",
        packed({"E3.ipynb": notebook(answer="one"), "a.csv": b"1"}),
    )
    put(
        source / "周二" / "2025010101.zip",
        packed({"E3.ipynb": notebook(answer="two")}),
        "2025-11-21T10:00",
    )
    take(source / "周一", course)
    assert row(take(source / "周二", course), "2025010101")["处理"] == "已更新"
    assert submitted(course) == {"2025010101": ["E3.ipynb"]}  # nothing of the old one stays
    kept = row(take(source / "周一", course), "2025010101")
    assert kept["处理"] == "保留已收的"
    assert "2025-11-21 10:00" in kept["原因"]
    assert b"two" in (course / "submitted/2025010101/E3/E3.ipynb").read_bytes()


def test_when_the_newest_cannot_be_taken_the_one_before_counts(source: Path, course: Path) -> None:
    put(source / "2025010101 张三_尝试1.zip", packed({"E3.ipynb": notebook(answer="first")}))
    files = {f"{n}.txt": b"" for n in range(placing.MAX_FILES)}
    put(source / "2025010101 张三_尝试2.zip", packed({"E3.ipynb": notebook(), **files}))
    table = take(source, course).table
    assert list(table["处理"]) == ["已收取", "未收取"]
    assert "较新的一份不能收" in table["原因"][0]


def test_an_interrupted_copy_leaves_the_old_hand_in_whole(
    source: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(source / "2025010101" / "E3.ipynb", notebook(answer="one"))
    take(source, course)
    put(source / "2025010101" / "E3.ipynb", notebook(answer="two"), "2025-11-22T10:00")
    put(source / "2025010101" / "a.csv", b"1", "2025-11-22T10:00")

    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(placing, "place", interrupted)
    with pytest.raises(KeyboardInterrupt):
        take(source, course)
    assert b"one" in (course / "submitted/2025010101/E3/E3.ipynb").read_bytes()
    assert submitted(course) == {"2025010101": ["E3.ipynb"]}
    assert not list(course.glob(".collecting-*"))


@pytest.mark.parametrize("above", ["", "crm", "crm/inbound"])
def test_nbgraders_exchange_is_collected(source: Path, course: Path, above: str) -> None:
    inbound = source / "crm" / "inbound"
    for name, answer in (
        ("zhang+E3+2025-11-19 10:00:00.000001 UTC+abcDEF_-1234", "old"),
        ("zhang+E3+2025-11-20 10:00:00.000001 UTC+abcDEF_-1235", "new"),
        ("a+b@x.cn+E3+2025-11-20 18:00:00.000001 +0800", "plus"),
        ("2025010102+E3+2025-11-20 18:00:00.000001 +0800+abcDEF_-1234", "zone"),
        ("zhang+E2+2025-11-21 10:00:00.000001 UTC+abcDEF_-1235", "E2"),
    ):
        put(inbound / name / "E3.ipynb", notebook(answer=answer))
        put(inbound / name / "timestamp.txt", name.split("+")[2].encode())
        put(inbound / name / "submission_secret.txt", b"secret")
    put(inbound / "notes.txt")
    collected = take(source / above, course)
    there = submitted(course)
    assert there == {
        "2025010102": ["E3.ipynb", "submission_secret.txt"],
        "zhang": ["E3.ipynb", "submission_secret.txt"],
    }
    assert b"new" in (course / "submitted/zhang/E3/E3.ipynb").read_bytes()
    assert row(collected, "2025010102")["时间"] == "2025-11-20 18:00"
    reasons = " ".join(collected.problems["原因"])
    assert "不能用的字符" in reasons
    assert "不在名册" in " ".join(collected.table["原因"])


def test_exchanges_of_two_courses_ask_which(source: Path, course: Path) -> None:
    for name in ("crm", "stat"):
        (source / name / "inbound").mkdir(parents=True)
    with pytest.raises(CollectError, match="几门课"):
        take(source, course)


def test_a_source_that_is_not_there_is_said_in_chinese(source: Path, course: Path) -> None:
    with pytest.raises(CollectError, match="找不到"):
        take(source, course)


def test_work_folders_of_killed_runs_are_swept(source: Path, course: Path) -> None:
    put(source / "2025010101.ipynb", notebook())
    left = course / ".collecting-old"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    take(source, course)
    assert not left.exists()


@given(st.text(max_size=60))
def test_any_name_is_nobody_a_doubt_or_a_student_on_the_list(text: str) -> None:
    found = identify(text, ROSTER, ["E3"])
    assert found is None or isinstance(found, Doubt) or found.student in ROSTER


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_called_zip_give_a_row_and_no_crash(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, headed: bool
) -> None:
    base = tmp_path_factory.mktemp("bytes")
    put(base / "source" / "2025010101.zip", b"PK\x03\x04" + data if headed else data)
    collected = take(base / "source", base / "class")
    assert list(collected.table["学号"]) == ["2025010101"]
    assert collected.students == []
