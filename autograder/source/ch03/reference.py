"""The right answers of chapter 3's exercises in plain Python; keywords make the typical mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.source.ch03.keys import BLOCK_OF, TECHNICAL, module_of
from crmkit.crm import catalogue
from crmkit.lab.inputs import ch03


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str


def blocks(w: World) -> dict[str, str]:
    return {k: BLOCK_OF[box] for k, (box, _) in ch03.boxes(w.student).items()}


def modules(w: World) -> dict[str, str]:
    return {k: module_of(ch03.FUNCTION_POOL[i]) for k, i in ch03.functions(w.student).items()}


def menu(w: World) -> dict[str, str]:
    module = {f.name: f.module for f in catalogue.FUNCTIONS.values()}
    return {k: module[name] for k, name in ch03.menu(w.student).items()}


def _line_is_whole(trial: dict[str, Any], order: bool, doubles: bool) -> bool:
    made, seen = ([tuple(x) for x in trial[name]] for name in ("往来", "时间线"))
    if not doubles:
        return set(seen) == set(made) and (not order or seen == sorted(seen))
    if sorted(seen) != sorted(made):
        return False
    return not order or all(a <= b for a, b in zip(seen, seen[1:], strict=False))


def _flow_works(trial: dict[str, Any], edge: bool, upgrade: bool, order: bool) -> bool:
    at = dict(trial["流程"])
    if any(step not in at for step in ch03.STEPS):
        return False
    times = [at[step] for step in ch03.STEPS]
    if order and any(a > b for a, b in zip(times, times[1:], strict=False)):
        return False
    wait = at["首次回复"] - at["建单"]
    in_time = wait <= ch03.LIMIT if edge else wait < ch03.LIMIT
    passed_on = at["建单"] <= at.get(ch03.UPGRADE, -1) <= at["首次回复"]
    return in_time or (upgrade and passed_on)


def accepted(
    trial: dict[str, Any], *, line_order: bool = True, doubles: bool = True, every: bool = True,
    new: bool = True, edge: bool = True, upgrade: bool = True, flow_order: bool = True,
) -> dict[str, bool]:  # fmt: skip
    """Which of the four technical functions a trial shows to work."""
    codes = [code == 200 for code in trial["打开"].values()]
    numbers = set(trial["手机号"].values())
    right = (
        _line_is_whole(trial, line_order, doubles),
        all(codes) if every else any(codes),
        numbers == {trial["新号"]} if new else len(numbers) == 1,
        _flow_works(trial, edge, upgrade, flow_order),
    )
    return dict(zip(TECHNICAL, right, strict=True))


def verdicts(w: World, **misread: bool) -> list[dict[str, bool]]:
    return [accepted(trial, **misread) for trial in ch03.trials(w.student)]
