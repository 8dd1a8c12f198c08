"""The airline's log of chapter 5: the same bytes again, the stated load, nobody in two calls."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

from crmkit import shops
from datasets.generate import airline


def test_the_airlines_log_is_written_again_byte_for_byte_and_has_the_stated_load() -> None:
    files, truth = airline.files()
    data = files["airline.csv"]
    assert (shops.root() / "calls" / "airline.csv").read_bytes() == data
    log = pd.read_csv(io.BytesIO(data), encoding="utf-8-sig", parse_dates=["at"])
    calls, told = log[log["direction"] == "呼入"], truth["calls"]
    for hour, rate in told["arrivals_per_hour"].items():
        expected = rate * told["days"]
        assert abs((calls["at"].dt.hour == hour).sum() - expected) < 4 * np.sqrt(expected)
    answered = calls[calls["abandoned"] == 0]
    error = told["handle_s"] / np.sqrt(len(answered))
    assert abs(answered["handle_s"].mean() - told["handle_s"]) < 3 * error
    assert (calls.loc[calls["abandoned"] == 1, "handle_s"] == 0).all()
    assert 0.05 < calls["abandoned"].mean() < 0.2
