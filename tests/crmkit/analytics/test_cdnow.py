"""Published figures of the CDNOW data, which the wheel of `lifetimes` 0.11.3 carries.

The data have no licence text, so they are not in this repository. The tests run where the wheel
is installed, or where CRMKIT_CDNOW names it (``pip download --no-deps lifetimes==0.11.3``).
"""

from __future__ import annotations

import io
import os
import zipfile
from importlib import metadata
from pathlib import Path

import pandas as pd
import pytest

from crmkit.analytics import indicators, value
from crmkit.analytics.btyd import BgNbd, purchase_histories
from crmkit.analytics.window import add_months, month

FOLDER = "lifetimes/datasets"
# T-RFM-3, published notebook: 复购率 of 1997-01 … 1998-06
REPEAT = [
    0.107571, 0.122288, 0.155292, 0.223600, 0.196929, 0.195810, 0.215138, 0.200339, 0.202415,
    0.206634, 0.202170, 0.219957, 0.210800, 0.203095, 0.229612, 0.199026, 0.200269, 0.214475,
]  # fmt: skip


def read(name: str) -> str:
    wheel = os.environ.get("CRMKIT_CDNOW")
    if wheel:
        with zipfile.ZipFile(Path(wheel)) as archive:
            return archive.read(f"{FOLDER}/{name}").decode("ascii")
    try:
        found = metadata.distribution("lifetimes").locate_file(f"{FOLDER}/{name}")
    except metadata.PackageNotFoundError:
        pytest.skip("没有 CDNOW 数据：安装 lifetimes 0.11.3，或用 CRMKIT_CDNOW 指明它的 wheel")
    return Path(str(found)).read_text(encoding="ascii")


def book(name: str, columns: list[str], skip: int) -> pd.DataFrame:
    frame = pd.read_csv(
        io.StringIO(read(name)),
        sep=r"\s+",
        names=columns,
        skiprows=skip,
        dtype={"id": str, "date": str},
    )
    frame["付款时间"] = pd.to_datetime(frame["date"], format="%Y%m%d")
    return frame.rename(columns={"id": "客户编号", "amount": "实付金额"})


@pytest.fixture(scope="module")
def master() -> pd.DataFrame:
    return book("CDNOW_master.txt", ["id", "date", "cds", "amount"], 1)


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    return book("CDNOW_sample.txt", ["master", "id", "date", "cds", "amount"], 0)


def test_t_rfm_3_monthly_repeat_rate(master: pd.DataFrame) -> None:
    first = month("1997-01")
    for k, printed in enumerate(REPEAT):
        window = month(f"{add_months(first.start, k):%Y-%m}")
        rate = indicators.repeat_rate(master, window, status=None)
        assert rate.value == pytest.approx(printed, abs=1e-6)


def test_t_rfm_5_totals(master: pd.DataFrame) -> None:
    per_order = indicators.spend_per_order(master, status=None)
    assert per_order.denominator == 69659
    assert per_order.value == pytest.approx(35.893648, abs=1e-6)


def test_the_best_fifteen_percent_hold_three_fifths(master: pd.DataFrame) -> None:
    spent = master.groupby("客户编号", as_index=False)["实付金额"].sum()
    share = value.top_share(spent, 0.15, value="实付金额").value
    assert share == pytest.approx(0.606, abs=0.001)  # the 80/20 figure beside ours, printed 60.6 %


def test_t_bg_2_and_11_sample(sample: pd.DataFrame) -> None:
    calibration = sample[sample["付款时间"] <= "1997-09-30"]
    table = purchase_histories(calibration, "1997-09-30", status=None)
    assert (len(table), table["x"].sum(), (table["x"] == 0).sum()) == (2357, 2457, 1411)
    assert table["T"].agg(["min", "max"]).round(2).tolist() == [27.0, 38.86]
    bins = table["x"].clip(upper=7).value_counts().sort_index().tolist()
    assert bins == [1411, 439, 214, 100, 62, 38, 29, 64]
    fitted = BgNbd(0.242593, 4.413531, 0.792886, 2.425754)  # T-BG-1
    likelihood = fitted.log_likelihood(table["x"], table["t_x"], table["T"])
    assert likelihood == pytest.approx(-9582.4, abs=0.05)


def test_t_bg_1_and_2_fit_of_the_sample(sample: pd.DataFrame) -> None:
    calibration = sample[sample["付款时间"] <= "1997-09-30"]
    table = purchase_histories(calibration, "1997-09-30", status=None)
    found = BgNbd.fit(table["x"], table["t_x"], table["T"])
    assert [found.r, found.alpha, found.a, found.b] == pytest.approx(
        [0.243, 4.414, 0.793, 2.426], abs=0.001
    )
    likelihood = found.log_likelihood(table["x"], table["t_x"], table["T"])
    assert likelihood == pytest.approx(-9582.429, abs=0.001)
