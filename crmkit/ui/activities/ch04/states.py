"""The order's state chart with moves added and taken away, and six questions asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Control, Select, Switch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from crmkit.analytics.process import StateMachine
    from crmkit.analytics.state_properties import Finding

_NONE, _LACKING = "—", "（没有加）"
_NEW = ("待审单", "改单中", "赊账待收", "有争议")
_PAY, _VOID = "等待付款", "未付款关闭"
_ENDS = ("交易成功", "退款关闭", _VOID)
_SHIPPED = ("部分发货", "已发货")
_TIMERS = {"超时关闭", "超时确认"}
_MARKS = ("①", "②", "③")
# Column and row of each state; a new one stands in the upper left.
_PLACES = {
    _PAY: (0.0, 1.0), "待发货": (1.0, 1.0), "部分发货": (1.5, 0.0), "已发货": (2.0, 1.0),
    "交易成功": (3.0, 1.0), "退款关闭": (1.5, 2.0), _VOID: (0.0, 2.0),
}  # fmt: skip
_NEW_PLACE = (0.5, 0.0)
_CROSSED = ("待发货", "已发货")  # the way from 部分发货 down crosses it in the middle
_HALF = (0.26, 0.19)  # half of a box with some air
_Point = tuple[float, float]
_BAD = theme.SERIES[2]


def _course() -> list[tuple[str, str, str]]:
    """(state, event, next state) of the course's own CRM, in words, once the order is there."""
    from crmkit.crm.ordering import transitions

    life = transitions.ORDER
    rows = [t for t in life.rows if t.source != transitions.NOT_YET]
    return [(life.word(t.source), t.event, life.word(t.target)) for t in rows]


def _edited(new: str, gone: str, steps: list[tuple[str, str]]) -> tuple[StateMachine, list[str]]:
    """The course's chart with the changes, and what is only half said, in sentences."""
    from crmkit.analytics.process import StateMachine

    states = [*_PLACES, *([new] if new != _NONE else [])]
    rows = [row for row in _course() if row[1] not in gone.split("＋")]
    half = []
    for mark, (source, target) in zip(_MARKS, steps, strict=True):
        if source == target == _NONE:
            continue
        if _NONE in (source, target):
            half.append(f"{mark}只选了一头，没有加上")
        elif not {source, target} <= set(states):
            half.append(f"{mark}用到的新状态还没有加，没有加上")
        else:
            rows.append((source, mark, target))
    return StateMachine.of(states, _PAY, _ENDS, rows), half


def state_editor() -> Activity:
    """Add a state and up to three moves to the order's chart, take one away, see what breaks."""
    import pandas as pd

    from crmkit.analytics import state_properties as properties

    def draw(figure: Figure, new: str, gone: str, timer: bool, **ends: str) -> View:
        def end(key: str) -> str:
            return (new if new != _NONE else _LACKING) if ends[key] == "new" else ends[key]

        machine, half = _edited(new, gone, [(end(f"from{n}"), end(f"to{n}")) for n in (1, 2, 3)])
        found = properties.check(
            machine, paying="付款", unpaid_end=_VOID, shipped=_SHIPPED,
            timers=_TIMERS | ({_MARKS[2]} if timer else set()),
        )  # fmt: skip
        must, free = found[:-1], found[-1]
        failed = [f for f in must if f.holds is False]
        bad = {s for f in failed for s in f.states}
        _chart(figure.subplots(), machine, new, bad)
        rows = [_row(f, f is free) for f in found]
        said = "".join(f"{h}。" for h in half)
        if failed:
            said += f"五项要紧的检查里 {len(failed)} 项不过。"
            way = next((f for f in failed if f.way), None)
            said += (
                f"一步一步走给你看：{' → '.join(way.way)}，就到了“{way.states[0]}”。" if way else ""
            )
        else:
            said += f"五项要紧的检查都过。要有人盯着的状态：{'、'.join(free.states) or '没有'}。"
        return View(
            alt=f"状态图：{len(machine.states)} 个状态，{len(machine.steps)} 种走法；"
            + (f"出毛病的状态是{'、'.join(sorted(bad))}。" if bad else "没有标红的状态。"),
            message=said,
            table=pd.DataFrame(rows, columns=["检查", "结果", "在哪里", "最短的走法"]),
            result={
                "failed": [f.name for f in failed], "ways": {f.name: f.way for f in found},
                "watched": list(free.states), "states": len(machine.states),
                "faults": machine.faults(), "half": half,
            },
        )  # fmt: skip

    places = {_NONE: _NONE, **{s: s for s in _PLACES}, "new": "新加的状态"}
    controls: list[Control] = [Select("new", "加一个状态", {_NONE: "不加", **{s: s for s in _NEW}})]
    for n, mark in enumerate(_MARKS, 1):
        controls += [
            Select(f"from{n}", f"加一步{mark}，从", places),
            Select(f"to{n}", f"{mark}到", places),
        ]
    controls += [
        Switch("timer", "③到时限自动走（计时器）"),
        Select("gone", "拿掉", {_NONE: "不拿", **{e: f"「{e}」" for e in _GONE}}),
    ]
    return Activity(
        "改一改订单的状态图",
        controls,
        draw,
        formula=r"\text{死路} = \text{走得到的状态} - \text{到得了结束的状态}",
        note="底图就是实训台正在用的转移表，回到原处的步（如申请退换）没有画。结束状态：交易成功、退款关闭、未付款关闭。"
        "最后一项不过不算错，只是提醒：那里要有人盯着。哪几项算要紧，是〔课程约定〕。",
        source="状态名出自淘宝开放平台 Trade 对象，事件是〔课程约定〕；反例的做法出自模型检验"
        "（Clarke 等，1986）；crmkit.analytics.state_properties。",
        size=(7.6, 2.9),
    )


_GONE = ("取消＋结束订单＋超时关闭", "确认收货＋超时确认", "出库", "全部退款", "付款")


def _row(found: Finding, free: bool) -> tuple[str, str, str, str]:
    if found.holds is None:
        return found.name, "问不了", "没有付款这一步", "—"
    if found.holds:
        return found.name, "过", "—", "—"
    where = "、".join(found.states[:3])
    if len(found.states) > 3:
        where += f"等 {len(found.states)} 个"
    if free:
        return found.name, "要有人盯", where, "—"
    return found.name, "不过", where, " → ".join(found.way) or "走不到"


def _chart(axes: Axes, machine: StateMachine, new: str, bad: set[str]) -> None:
    """Boxes and arrows; what was added in colour, where something is wrong in red."""
    places: dict[str, tuple[float, float]] = dict(_PLACES)
    if new != _NONE:
        places[new] = _NEW_PLACE
    pairs: dict[tuple[str, str], list[str]] = {}
    for (source, event), target in machine.steps.items():
        if source != target:
            pairs.setdefault((source, target), []).append(event)
    for name, (x, y) in places.items():
        edge = _BAD if name in bad else theme.SERIES[0] if name == new else theme.COURSE
        axes.text(
            x, y, name, ha="center", va="center", fontsize=10, zorder=3,
            fontweight="bold" if name in bad or name == new else "normal",
            bbox={"boxstyle": "round,pad=0.45", "facecolor": "none", "edgecolor": edge,
                  "linewidth": 2.6 if name in _ENDS else 1.2},
        )  # fmt: skip
    told: set[tuple[str, str]] = set()
    for (source, target), events in pairs.items():
        added = [e for e in events if e in _MARKS]
        start, end = places[source], places[target]
        far = start[1] == end[1] and abs(end[0] - start[0]) > 1  # boxes stand between
        bend = 0.42 if far else 0.3 if (target, source) in pairs else 0.0
        curve = _curve(start, end, bend)
        colour, width = (theme.SERIES[0], 2.2) if added else (theme.MUTED, 1.0)
        axes.plot(*zip(*curve, strict=True), color=colour, linewidth=width, zorder=1)
        axes.annotate(
            "", curve[-1], curve[-4], zorder=1,
            arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": width,
                        "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
        word = "".join(added) or events[0] + ("等" if len(events) > 1 else "")
        if (target, word) in told:
            continue
        told.add((target, word))
        x, y = curve[len(curve) // (4 if (source, target) == _CROSSED and not added else 2)]
        level = start[1] == end[1]
        left = 0.4 < x < 1.5  # on this side of its arrow a word meets nothing else
        axes.text(
            x if level else x - 0.06 if left else x + 0.06, y - 0.11 if level else y, word,
            ha="center" if level else "right" if left else "left", va="center", color=colour,
            fontsize=12 if added else 8.5, fontweight="bold" if added else "normal",
        )  # fmt: skip
    axes.set_xlim(-0.45, 3.4)
    axes.set_ylim(2.35, -0.35)
    axes.set_axis_off()


def _curve(start: _Point, end: _Point, bend: float) -> list[_Point]:
    """Points of an arc from the edge of one box to the edge of the other."""
    (x, y), (u, v) = start, end
    p, q = (x + u) / 2 + bend * (v - y), (y + v) / 2 - bend * (u - x)
    points = [
        ((1 - t) ** 2 * x + 2 * t * (1 - t) * p + t**2 * u,
         (1 - t) ** 2 * y + 2 * t * (1 - t) * q + t**2 * v)
        for t in (k / 60 for k in range(61))
    ]  # fmt: skip

    def outside(point: _Point, box: _Point) -> bool:
        return abs(point[0] - box[0]) > _HALF[0] or abs(point[1] - box[1]) > _HALF[1]

    return [point for point in points if outside(point, start) and outside(point, end)]
