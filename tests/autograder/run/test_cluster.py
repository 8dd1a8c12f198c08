"""The same work on a dask.distributed cluster with two local workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.autograder.run import room, tables

distributed = pytest.importorskip("distributed", reason="dask is an extra of its own")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        host="127.0.0.1",
    ) as cluster:  # fmt: skip
        yield cluster.scheduler_address


@pytest.mark.full
def test_a_cluster_gives_the_same_records_and_gradebook(
    address: str, fresh: Path, graded: Path, tmp_path: Path
) -> None:
    course = room.copy(fresh, tmp_path / "class")
    (course / "submitted" / "张三" / room.LAB / "numbers.csv").write_bytes(b"1,2\n")
    said = room.autograder("grade", room.LAB, "--dask", address, course=course)
    assert said.startswith(f"运行方式：集群 {address}")
    assert "已评 5 · 没变 0 · 不能评 0" in said
    mine, theirs = room.records(course), room.records(graded)
    assert {s: r for s, r in mine.items() if s != "张三"} == {
        s: r for s, r in theirs.items() if s != "张三"
    }
    assert tables.differences(tables.read(course), tables.read(graded)) == {}
    given = course / "autograded" / "张三" / room.LAB / "numbers.csv"
    assert given.read_bytes() == b"1,2\n"


@pytest.mark.full
def test_nobody_at_the_address_gets_a_sentence(course: Path) -> None:
    said = room.autograder(
        "grade", room.LAB, "--again", "--dask", "tcp://127.0.0.1:9", course=course, expect=2
    )
    assert "连不上集群 tcp://127.0.0.1:9" in said and "Traceback" not in said
