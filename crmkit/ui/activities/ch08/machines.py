"""The order's state machine to play with, and the map that a log of orders draws by itself."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NOTHING = "—"
_EVENTS = (
    _NOTHING, "付款", "取消", "超时关闭", "部分出库", "出库", "收货通知", "确认收货", "超时确认", "申请退换",
    "全部退款", "售后退款", "结束订单",
)  # fmt: skip
_BAD = theme.SERIES[2]


def order_playground() -> Activity:
    """Play six events on an order; illegal ones are refused with what is allowed."""
    import pandas as pd

    from crmkit.crm.errors import IllegalTransition
    from crmkit.crm.ordering import transitions

    life = transitions.ORDER

    def draw(figure: Figure, **events: str) -> View:
        state, rows, path = transitions.PAY, [], [life.word(transitions.PAY)]
        refusals = []
        for event in events.values():
            if event == _NOTHING:
                continue
            before = life.word(state)
            try:
                found = [t for t in life.events(state) if t.event == event]
                who = found[0].who[0] if found else transitions.BUYER
                role = "店长" if who == transitions.BUYER else who
                step = life.step(state, event, role)
            except IllegalTransition as e:
                refusals.append(str(e))
                rows.append((before, event, "拒绝", before))
                continue
            state = step.target
            path.append(life.word(state))
            rows.append((before, event, step.guard or "没有条件", life.word(state)))
        axes = figure.subplots()
        _chain(axes, path, bool(refusals))
        allowed = sorted({t.event for t in life.events(state)})
        told = (
            refusals[0]
            if refusals
            else f"现在是“{life.word(state)}”，接下来可以：{'、'.join(allowed) or '没有了'}。"
        )
        if not rows:
            rows = [(life.word(state), "（还没有事件）", "", life.word(state))]
        return View(
            alt="订单依次到过："
            + "、".join(path)
            + (f"；有 {len(refusals)} 步被拒绝。" if refusals else "。"),
            message=told,
            table=pd.DataFrame(rows, columns=["状态", "事件", "条件或结果", "到"]),
            result={"state": life.word(state), "refused": len(refusals), "path": path},
        )

    options = {e: e for e in _EVENTS}
    start = ("付款", "部分出库", "出库", "确认收货", _NOTHING, _NOTHING)
    return Activity(
        "替订单走一遍",
        [Select(f"e{n}", f"第 {n} 件事", options, value) for n, value in enumerate(start, start=1)],
        draw,
        note="与模拟 CRM 用的是同一张转移表；条件（守卫）在这里只显示，不检查。试一试：没有付款就出库；确认收货两次；"
        "部分出库以后全部退款。",
        source="状态名出自淘宝开放平台 Trade 对象，事件与条件是〔课程约定〕；crmkit.crm.ordering.transitions。",
        size=(7.2, 2.3),
    )


def _chain(axes: Axes, path: list[str], refused: bool) -> None:
    """States from left to right with arrows between them."""
    for k, name in enumerate(path):
        last = k == len(path) - 1
        axes.text(
            k, 0, name, ha="center", va="center", fontsize=10, fontweight="bold" if last else "normal",
            bbox={"boxstyle": "round,pad=0.5", "facecolor": "none",
                  "edgecolor": (_BAD if refused else theme.COURSE) if last else theme.MUTED},
        )  # fmt: skip
        if k:
            axes.annotate(
                "",
                (k - 0.33, 0),
                (k - 0.67, 0),
                arrowprops={"arrowstyle": "->", "color": theme.MUTED},
            )
    axes.set_xlim(-0.6, max(len(path) - 0.4, 3.4))
    axes.set_ylim(-1, 1)
    axes.set_axis_off()
    axes.set_title("订单到过的状态")


@cache
def order_log(shop: str) -> pd.DataFrame:
    """Events of the shop's orders of the last year: 编号 事件 时间."""
    import pandas as pd

    from crmkit import shops

    data = shops.load(shop)
    orders = data.orders[data.orders["下单时间"] >= "2025-01-01"]
    parts = [
        orders[["订单编号", c]]
        .dropna()
        .set_axis(["编号", "时间"], axis=1)
        .assign(事件=c.removesuffix("时间"))
        for c in ("下单时间", "付款时间", "发货时间", "收货时间")
    ]
    back = data.returns[data.returns["订单编号"].isin(orders["订单编号"])]
    for column, name in (("申请时间", "申请退换"), ("完成时间", "退换完成")):
        part = back[["订单编号", column]].dropna().set_axis(["编号", "时间"], axis=1)
        parts.append(part.assign(事件=name))
    return pd.concat(parts)[["编号", "事件", "时间"]].sort_values(["编号", "时间"], kind="stable")


# Where the activities of an order stand on the map.
_PLACES = {
    "下单": (0.0, 0.0), "付款": (1.0, 0.0), "发货": (2.0, 0.0), "收货": (3.0, 0.0),
    "申请退换": (2.2, -1.0), "退换完成": (3.4, -1.0),
}  # fmt: skip


def process_map() -> Activity:
    """The directly-follows graph of a shop's orders, rare arrows left out, and the slowest one."""
    from crmkit import shops
    from crmkit.analytics import process

    @cache
    def graph(shop: str) -> pd.DataFrame:
        return process.directly_follows(order_log(shop))

    def draw(figure: Figure, shop: str, least: float, measure: str) -> View:
        found = graph(shop)
        cases = order_log(shop)["编号"].nunique()
        shown = found[found["次数"] >= least * cases].reset_index(drop=True)
        shown = shown if len(shown) else found.head(1)
        slow = shown.loc[shown["中位小时"].idxmax()]
        axes = figure.subplots()
        for row in shown.to_dict("records"):
            (x, y), (u, v) = _PLACES[row["前"]], _PLACES[row["后"]]
            worst = row["前"] == slow["前"] and row["后"] == slow["后"]
            if row["前"] == row["后"]:
                continue
            bend = 0.28 if (u < x or abs(u - x) > 1.5) else 0.08
            length = math.hypot(u - x, v - y)
            cut = 0.3 / length
            axes.annotate(
                "", (u - (u - x) * cut, v - (v - y) * cut), (x + (u - x) * cut, y + (v - y) * cut),
                arrowprops={"arrowstyle": "->", "color": _BAD if worst and measure == "hours" else theme.COURSE,
                            "linewidth": 0.8 + 3.5 * row["次数"] / cases, "connectionstyle": f"arc3,rad={bend}"},
            )  # fmt: skip
            words = f"{row['次数']:,}" if measure == "count" else f"{row['中位小时']:,.0f} 小时"
            axes.text((x + u) / 2, (y + v) / 2 + 0.16, words, ha="center", fontsize=9)
        for name in {*shown["前"], *shown["后"]}:
            axes.text(*_PLACES[name], name, ha="center", va="center", fontweight="bold",
                      bbox={"boxstyle": "round,pad=0.4", "facecolor": "none", "edgecolor": theme.COURSE})  # fmt: skip
        axes.set_xlim(-0.5, 3.9)
        axes.set_ylim(-1.5, 0.7)
        axes.set_axis_off()
        axes.set_title(f"{len(shown)} 条走法（共 {len(found)} 条）")
        return View(
            alt=f"订单的走法图：{cases:,} 张订单，显示占 {least:.0%} 以上的 {len(shown)} 条。最慢的一步从{slow['前']}到{slow['后']}。",
            message=f"最慢的一步：{slow['前']} → {slow['后']}，中位 {slow['中位小时']:,.0f} 小时，{slow['次数']:,} 次。"
            f"门槛 {least:.0%} 挡住了 {len(found) - len(shown)} 条少见的走法。",
            table=shown,
            result={
                "edges": len(shown),
                "all": len(found),
                "slowest": (slow["前"], slow["后"]),
                "cases": cases,
            },
        )

    return Activity(
        "日志自己画的流程图",
        [
            Select(
                "shop", "店铺", {s: shops.load(s).title for s in ("tea", "ceramics", "electronics")}
            ),
            Slider("least", "只看占订单多少以上的走法", 0, 0.3, 0.01, 0.02, percent=True),
            Select("measure", "箭头上写", {"count": "次数", "hours": "中位小时"}),
        ],
        draw,
        note="直接跟随图：a 后面紧接着 b，就画一条箭头，粗细看次数。门槛调高，图好读，少见而要紧的走法也不见了。"
        "试一试：门槛调到 0，找一条不该有的箭头；再换成电子产品店，哪一步变慢了？",
        source="van der Aalst（2016）Process Mining；crmkit.analytics.process。数据：各店 2025 年的订单与退换。",
    )
