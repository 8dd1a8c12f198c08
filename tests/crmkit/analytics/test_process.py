"""Event logs and state machines: a textbook log, planted faults, laws."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import process
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.process import StateMachine

# L1 = [⟨a,b,c,d⟩³, ⟨a,c,b,d⟩², ⟨a,e,d⟩] of van der Aalst, Process Mining (2016), chapter 6.
L1 = ["abcd"] * 3 + ["acbd"] * 2 + ["aed"]


def log_of(words: list[str]) -> pd.DataFrame:
    rows = [
        (f"K{n}", event, pd.Timestamp("2025-03-03") + pd.Timedelta(hours=n + 2 * k))
        for n, word in enumerate(words)
        for k, event in enumerate(word)
    ]
    return pd.DataFrame(rows, columns=["编号", "事件", "时间"])


def test_the_directly_follows_graph_of_the_textbook_log() -> None:
    found = process.directly_follows(log_of(L1))
    counts = {(r.前, r.后): r.次数 for r in found.itertuples()}
    assert counts == {
        ("a", "b"): 3, ("a", "c"): 2, ("a", "e"): 1, ("b", "c"): 3, ("c", "b"): 2,
        ("b", "d"): 2, ("c", "d"): 3, ("e", "d"): 1,
    }  # fmt: skip
    assert found["中位小时"].eq(2).all() and found["次数"].is_monotonic_decreasing


def test_variants_and_cycle_times() -> None:
    found = process.variants(log_of(L1))
    assert found["例数"].tolist() == [3, 2, 1] and found["轨迹"].iloc[0] == "a→b→c→d"
    assert found["累计占比"].iloc[-1] == pytest.approx(1)
    assert process.cycle_hours(log_of(L1)).tolist() == [6] * 5 + [4]


@given(st.lists(st.text("abcde", min_size=1, max_size=6), min_size=1, max_size=8), st.randoms())
def test_the_order_of_rows_does_not_matter(words: list[str], random) -> None:
    log = log_of(words)
    rows = list(range(len(log)))
    random.shuffle(rows)
    one, two = process.directly_follows(log), process.directly_follows(log.iloc[rows])
    pd.testing.assert_frame_equal(one, two)
    assert one["次数"].sum() == sum(len(w) - 1 for w in words)


def test_a_missing_time_is_refused() -> None:
    log = log_of(["ab"])
    log.loc[1, "时间"] = pd.NaT
    with pytest.raises(AnalyticsError, match="没有时间"):
        process.traces(log)


SOUND = [("新建", "受理", "处理中"), ("处理中", "解决", "待回访"), ("待回访", "满意", "已结案"),
         ("待回访", "不满意", "处理中"), ("新建", "撤诉", "已结案")]  # fmt: skip
STATES = ("新建", "处理中", "待回访", "已结案")


def machine(
    extra: list[tuple[str, str, str]] | None = None, states: tuple[str, ...] = STATES
) -> StateMachine:
    return StateMachine.of(states, "新建", ["已结案"], SOUND + (extra or []))


def test_a_sound_machine_has_no_faults_and_replays_its_traces() -> None:
    assert machine().faults() == []
    assert machine().replay(["受理", "解决", "不满意", "解决", "满意"]).fits
    half = machine().replay(["受理", "解决"])
    assert not half.fits and half.at == -1 and half.state == "待回访"
    odd = machine().replay(["受理", "满意"])
    assert (odd.fits, odd.at, odd.state, odd.event) == (False, 1, "处理中", "满意")


@pytest.mark.parametrize(("extra", "states", "words"), [
    ([("处理中", "升级", "主管")], (*STATES, "主管"), ["主管", "死路", "没有任何事件"]),
    ([("处理中", "踢皮球", "甲"), ("甲", "转", "乙"), ("乙", "转", "甲")], (*STATES, "甲", "乙"), ["转来转去"]),
    ([], (*STATES, "赔付"), ["赔付", "走不到"]),
    ([("处理中", "升级", "总部")], STATES, ["没有列在状态表里"]),
])  # fmt: skip
def test_each_fault_is_named(
    extra: list[tuple[str, str, str]], states: tuple[str, ...], words: list[str]
) -> None:
    told = "\n".join(machine(extra, states).faults())
    assert all(w in told for w in words)


def test_one_event_with_two_targets_is_refused() -> None:
    with pytest.raises(AnalyticsError, match="两个去处"):
        machine([("新建", "受理", "已结案")])


def test_conformance_names_the_first_event_that_was_not_allowed() -> None:
    log = pd.DataFrame({
        "编号": ["A"] * 3 + ["B"] * 2, "事件": ["受理", "解决", "满意", "受理", "满意"],
        "时间": pd.date_range("2025-01-01", periods=5, freq="h"),
    })  # fmt: skip
    found = process.conformance(log, machine()).set_index("编号")
    assert found["符合"].to_dict() == {"A": True, "B": False}
    assert found.at["B", "不允许的事件"] == "满意" and found.at["B", "停在"] == "处理中"


def test_the_order_life_of_the_shop_is_sound() -> None:
    from crmkit.crm.ordering import transitions

    rows = {(t.source, t.event, t.target) for t in transitions.ORDER.rows if t.source}
    ends = [transitions.FINISHED, transitions.CLOSED, transitions.VOID]
    states = {s for s, _, _ in rows} | {t for _, _, t in rows}
    assert StateMachine.of(states, transitions.PAY, ends, sorted(rows)).faults() == []
