"""An acceptance test put together from given, when and then, run on the CRM and on broken ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activities.ch04.trials import DOORS, SYSTEMS, TRIALS, seen, works
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Switch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_THEN = {"said": "看到拒绝的话", "kept": "数据没有变", "logged": "日志留一行“拒绝”"}
_SHORT = {"said": "说了", "kept": "没变", "logged": "留痕"}
_GOOD, _BAD, _ASIDE = theme.COURSE, theme.SERIES[2], theme.LINE


def _passed(
    story: str, system: str, doors: tuple[str, ...], precise: bool, then: tuple[str, ...],
    contrast: bool,
) -> dict[tuple[str, str], bool]:  # fmt: skip
    """(door, what is looked at) → whether it was as the test says it should be."""
    found = {
        (door, name): getattr(seen(story, system, door, precise), name)
        for door in doors
        for name in then
    }
    if contrast:  # only the system that refuses everything changes what is allowed
        found["对照", "办成"] = system != "all" and works(story)
    return found


def acceptance_desk() -> Activity:
    """Three user stories; a test for each is tried on the right system and on six broken ones."""
    import pandas as pd

    def draw(
        figure: Figure, story: str, given: str, door: str, said: bool, kept: bool, logged: bool,
        contrast: bool,
    ) -> View:  # fmt: skip
        trial = TRIALS[story]
        asked = {"said": said, "kept": kept, "logged": logged}
        then = tuple(name for name, on in asked.items() if on)
        doors = tuple(DOORS) if door == "both" else (door,)
        precise = given == "precise"
        found = {s: _passed(story, s, doors, precise, then, contrast) for s in SYSTEMS}
        passed = {s: all(f.values()) for s, f in found.items()}
        through = [s for s in SYSTEMS if s != "right" and passed[s]]
        stopped = len(SYSTEMS) - 1 - len(through)
        _grid(figure.subplots(), found, passed, doors, asked)
        rows = [
            ("用户故事", trial.wish),
            ("假如（given）", trial.given[given]),
            ("当（when）", "；".join(trial.doors[d] for d in doors)),
            ("那么（then）", "，".join(_THEN[n] for n in then) or "（没有写）"),
            ("对照", trial.contrast if contrast else "（没有写）"),
        ]  # fmt: skip
        return View(
            alt=f"七套系统各一行：对的系统{'过了' if passed['right'] else '没有过'}，"
            f"六套坏的挡下 {stopped} 套，放过 {len(through)} 套。",
            message=_told(then, contrast, passed["right"], through),
            table=pd.DataFrame(rows, columns=["一条验收", "现在写的是"]),
            result={
                "right": passed["right"], "stopped": stopped,
                "through": [SYSTEMS[s] for s in through],
            },
        )  # fmt: skip

    return Activity(
        "验收台：这条验收挡得住坏系统吗？",
        [
            Select("story", "用户故事", {k: t.name for k, t in TRIALS.items()}),
            Select("given", "假如：前提", {"loose": "随手拿一个", "precise": "写明了前提"}),
            Select("door", "当：从哪里试", {**DOORS, "both": "两个入口都试"}),
            Switch("said", f"那么：{_THEN['said']}", True),
            Switch("kept", f"那么：{_THEN['kept']}"),
            Switch("logged", f"那么：{_THEN['logged']}"),
            Switch("contrast", "对照：该办的照样办得成"),
        ],
        draw,
        formula=r"\text{挡下率} = \frac{\text{没有过的坏系统}}{6}",
        note="每一格都是真跑的：在临时开的清溪茶叶里做一遍，再去看单子和日志。坏系统是在真系统外面套一层毛病〔教学编写〕："
        "有的漏了一个入口，有的嘴上拒绝、手里照做。",
        source="用户故事：Cohn（2004）；given/when/then：North（2006）；用坏系统试验收，即变异测试："
        "DeMillo、Lipton、Sayward（1978）。",
        size=(7.4, 3.0),
    )


def _told(then: tuple[str, ...], contrast: bool, right: bool, through: list[str]) -> str:
    if not then and not contrast:
        return "一句“那么”也没有写：什么系统都过得了，这不是验收。"
    if not right:
        return "对的系统也过不了：不是系统错，是验收写错。先看前提对不对。"
    if through:
        names = "、".join(f"“{SYSTEMS[s]}”" for s in through)
        return f"对的系统过了，可是六套坏的里还有 {len(through)} 套也过了：{names}。"
    return "对的系统过，六套坏的一套也过不了：这条验收立得住。"


def _grid(
    axes: Axes, found: Mapping[str, Mapping[tuple[str, str], bool]], passed: Mapping[str, bool],
    doors: tuple[str, ...], asked: Mapping[str, bool],
) -> None:  # fmt: skip
    """A row for each system, a column for each thing looked at, and the verdict."""
    from matplotlib.patches import Rectangle

    columns = [(d, n) for d in doors for n in asked] + [("对照", "办成")]
    for y, system in enumerate(SYSTEMS):
        for x, column in enumerate(columns):
            ok = found[system].get(column)
            colour = _ASIDE if ok is None else _GOOD if ok else _BAD
            axes.add_patch(Rectangle((x + 0.04, y - 0.4), 0.92, 0.8, facecolor=colour))
            words = "没问" if ok is None else "对" if ok else "不对"
            axes.text(
                x + 0.5, y, words, ha="center", va="center", fontsize=9,
                color=theme.MUTED if ok is None else "#ffffff",
            )  # fmt: skip
        wanted = passed[system] == (system == "right")
        axes.text(
            len(columns) + 0.65, y, "过" if passed[system] else "不过", ha="center", va="center",
            fontsize=11, fontweight="bold", color=_GOOD if wanted else _BAD,
        )  # fmt: skip
    names = [
        f"{DOORS[d]}\n{_SHORT[n]}" if n in asked and len(doors) > 1 else _SHORT.get(n, "照样\n办成")
        for d, n in columns
    ]
    axes.set_xticks(
        [*(x + 0.5 for x in range(len(columns))), len(columns) + 0.65], [*names, "这条\n验收"]
    )
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(SYSTEMS)), list(SYSTEMS.values()))
    axes.set_xlim(0, len(columns) + 1.3)
    axes.set_ylim(len(SYSTEMS) - 0.5, -0.5)
    axes.tick_params(length=0, labelsize=9)
    axes.grid(False)
    for side in axes.spines.values():
        side.set_visible(False)
