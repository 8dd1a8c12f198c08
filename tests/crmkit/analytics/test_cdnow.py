"""Published figures of the CDNOW data, which the wheel of `lifetimes` 0.11.3 carries.

The data have no licence text, so they are not in this repository. The tests run where the package
is installed (tests/requirements.lock), or where CRMKIT_CDNOW names its wheel.
"""

from __future__ import annotations

import io
import os
import zipfile
from importlib import metadata
from pathlib import Path

import pandas as pd
import pytest

from crmkit.analytics import histories, indicators, value
from crmkit.analytics.bg_bb import BgBb
from crmkit.analytics.btyd import BgNbd, purchase_histories
from crmkit.analytics.gamma_gamma import GammaGamma, lifetime_value
from crmkit.analytics.pareto_nbd import ParetoNbd
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


def summary(name: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(read(name)))


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


def test_t_bg_3_standard_errors() -> None:
    data = summary("cdnow_customers_summary.csv")
    history = data["frequency"], data["recency"], data["T"]
    errors = BgNbd.fit(*history).standard_errors(*history)
    printed = {"r": 0.012557, "alpha": 0.378221, "a": 0.185719, "b": 0.705345}
    for name, value_ in printed.items():
        assert errors[name] == pytest.approx(value_, rel=0.02)


def test_t_pn_1_and_2_pareto_nbd(sample: pd.DataFrame) -> None:
    calibration = sample[sample["付款时间"] <= "1997-09-30"]
    table = purchase_histories(calibration, "1997-09-30", status=None)
    found = ParetoNbd.fit(table["x"], table["t_x"], table["T"])
    assert [found.r, found.alpha, found.s] == pytest.approx([0.553, 10.578, 0.606], abs=0.01)
    assert found.beta == pytest.approx(11.669, abs=0.02)
    likelihood = found.log_likelihood(table["x"], table["t_x"], table["T"])
    assert likelihood == pytest.approx(-9594.976, abs=0.01)


def test_t_gg_1_gamma_gamma_and_lifetime_value() -> None:
    data = summary("cdnow_customers_summary_with_transactions.csv")
    again = data[data["x"] > 0]
    spending = GammaGamma.fit(again["x"], again["zbar"])
    assert len(again) == 946
    assert [spending.p, spending.q, spending.v] == pytest.approx([6.25, 3.74, 15.44], abs=0.01)
    assert spending.log_likelihood(again["x"], again["zbar"]) == pytest.approx(-4055.92, abs=0.01)
    # The trap of the quick start: thirty weeks taken for a month test the algebra, nothing else.
    model = BgNbd.fit(data["x"], data["t_x"], data["T"])
    worth = spending.expected_value(data["x"], data["zbar"])
    history = data["x"], data["t_x"], data["T"]
    for length, printed in {
        30.0: [140.096211, 18.943467, 38.180574, 1003.868107],
        4.345: [36.2785, 4.6375, 8.3441, 283.5236],
    }.items():
        values = lifetime_value(model, worth, *history, periods=12, length=length, rate=0.01)
        assert values[[0, 1, 2, 5]].tolist() == pytest.approx(printed, rel=2e-3)


def test_t_bb_1_donations() -> None:
    data = summary("donations.csv")
    history = data["frequency"], data["recency"], data["periods"], data["weights"]
    found = BgBb.fit(*history)
    assert [found.alpha, found.beta, found.gamma, found.delta] == pytest.approx(
        [1.204, 0.750, 0.657, 2.783], abs=0.01
    )
    assert found.log_likelihood(*history) == pytest.approx(-33225.58, abs=0.05)
    assert data["weights"].sum() == 11104


def test_the_held_out_purchases_of_the_sample(sample: pd.DataFrame) -> None:
    table = histories.holdout(sample, "1997-09-30", "1998-06-30", status=None)
    model = BgNbd.fit(table["x"], table["t_x"], table["T"])
    history = table["x"], table["t_x"], table["T"]
    predicted = model.expected_purchases(39, *history)
    assert table["留出期长度"].iloc[0] == 39
    # 1882 purchases; all models of this family stay below the total of these 39 weeks
    assert table["留出期购买"].sum() == 1882
    assert predicted.sum() == pytest.approx(1882, rel=0.15)
    by_x = histories.compare_by_frequency(table["留出期购买"], predicted, table["x"])
    assert (by_x["实际"] - by_x["预测"]).abs().max() < 1.0
