"""What a student hands in arrives at the judge as the same value, and nothing else gets through."""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.lab.snapshot import Bars, FileAnswer, Snapshot, SnapshotError, decode, encode, read_bars


def crossed(value: object) -> object:
    return decode(json.loads(json.dumps(encode(value))))


scalars = (
    st.none() | st.booleans() | st.text(max_size=20) | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False) | st.dates() | st.datetimes()
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9)
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda v: (
        st.lists(v, max_size=4)
        | st.dictionaries(st.text(max_size=5) | st.integers(), v, max_size=4)
        | st.tuples(v, v)
    ),
    max_leaves=12,
)


@given(values)
def test_plain_values_arrive_unchanged(value: object) -> None:
    assert crossed(value) == value


@given(st.sets(st.text(max_size=6), max_size=8))
def test_sets_arrive_unchanged_and_always_as_the_same_text(value: set[str]) -> None:
    assert crossed(value) == value
    assert encode(value) == encode(frozenset(value))


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinities_arrive(value: float) -> None:
    assert crossed(value) == value


def test_a_time_of_day_arrives_as_text() -> None:
    """A spreadsheet that shows a count of days as a date turns 0 into midnight."""
    assert crossed(dt.time()) == "00:00:00"


def test_nan_arrives_as_nan() -> None:
    assert math.isnan(crossed(math.nan))  # type: ignore[arg-type]


def test_a_frame_arrives_with_ids_as_text_dates_as_dates_and_gaps() -> None:
    frame = pd.DataFrame(
        {"客户编号": ["C000001", "C000002"], "金额": [1.5, None], "生日": [pd.Timestamp("1990-02-28"), pd.NaT],
         "年龄": pd.array([35, None], dtype="Int64")}
    )  # fmt: skip
    got = crossed(frame)
    assert isinstance(got, pd.DataFrame)
    assert list(got.columns) == list(frame.columns)
    assert got["客户编号"].tolist() == ["C000001", "C000002"]
    assert got["生日"][0] == pd.Timestamp("1990-02-28") and pd.isna(got["生日"][1])
    assert got["年龄"][0] == 35 and pd.isna(got["年龄"][1])
    assert got["金额"][0] == 1.5 and pd.isna(got["金额"][1])


def test_a_pivot_with_two_header_levels_arrives_with_both_levels() -> None:
    frame = pd.DataFrame(
        {"省": ["甲", "甲", "乙"], "性别": ["男", "女", "男"], "金额": [1.0, 2.0, 3.0]}
    )
    pivot = pd.pivot_table(
        frame, index="省", columns="性别", values="金额", aggfunc=["count", "sum"], margins=True
    )
    got = crossed(pivot)
    assert isinstance(got, pd.DataFrame)
    assert got.columns.tolist() == pivot.columns.tolist()
    assert got.index.tolist() == pivot.index.tolist()
    assert got.loc["All", ("sum", "All")] == 6


def test_a_series_keeps_its_index_and_name() -> None:
    series = pd.Series([1, 2], index=pd.Index(["a", "b"], name="客户编号"), name="分数")
    got = crossed(series)
    assert isinstance(got, pd.Series)
    assert got.to_dict() == {"a": 1, "b": 2} and got.name == "分数" and got.index.name == "客户编号"


def test_numpy_numbers_arrive_as_plain_numbers() -> None:
    assert crossed({"n": np.int64(3), "x": np.float64(0.5), "ok": np.bool_(True)}) == {
        "n": 3,
        "x": 0.5,
        "ok": True,
    }


def test_an_object_of_the_students_own_class_is_refused_in_words() -> None:
    class Mine:
        pass

    with pytest.raises(SnapshotError, match="Mine"):
        encode(Mine())


def test_a_value_that_is_too_large_is_refused() -> None:
    with pytest.raises(SnapshotError, match="太大"):
        encode(list(range(600_000)))


def test_a_value_nested_without_end_is_refused() -> None:
    value: list[object] = []
    value.append(value)
    with pytest.raises(SnapshotError, match="太深"):
        encode(value)


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.just("1e999999999"),
    lambda v: st.lists(v, max_size=3)
    | st.fixed_dictionaries(
        {"t": st.sampled_from(["int", "float", "time", "date", "decimal", "set", "dict", "frame", "series",
                               "index", "array", "bars", "file", "function", "pickle"]), "v": v},
        optional=dict.fromkeys(("index", "columns", "names", "shape", "name", "range", "path", "heights"), v),
    ),
    max_leaves=10,
)  # fmt: skip


@given(hostile)
def test_whatever_is_sent_decoding_gives_a_value_or_the_kits_own_error(data: object) -> None:
    with contextlib.suppress(SnapshotError):
        Snapshot.from_json({"item": "E3-01", "student": "1", "value": data})


def test_a_bar_chart_crosses_as_what_it_shows() -> None:
    import matplotlib.pyplot as plt

    ax = pd.Series({"广东": 3, "浙江": 5}).plot.bar()
    ax.set(title="各省客户数", xlabel="省份", ylabel="人")
    bars = read_bars(ax)
    plt.close("all")
    assert bars == Bars("各省客户数", "省份", "人", ("广东", "浙江"), (3.0, 5.0))
    assert crossed(bars) == bars


def test_lying_bars_are_read_along_the_other_axis() -> None:
    import matplotlib.pyplot as plt

    ax = pd.Series({"广东": 3, "浙江": 5}).plot.barh()
    bars = read_bars(ax)
    plt.close("all")
    assert dict(zip(bars.labels, bars.heights, strict=True)) == {"广东": 3.0, "浙江": 5.0}


def test_a_file_crosses_as_its_name_and_fingerprint() -> None:
    file = FileAnswer("out/a.xlsx", "0" * 64, 12)
    assert crossed(file) == file


def test_times_with_and_without_zone_arrive() -> None:
    stamp = dt.datetime(2025, 12, 31, 23, 59, 59)
    assert crossed(stamp) == stamp
    assert crossed(decimal.Decimal("0.1")) == decimal.Decimal("0.1")
