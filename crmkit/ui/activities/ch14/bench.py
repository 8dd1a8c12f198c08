"""One limit for four trades: what a silence means depends on the trade's own pace."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from crmkit.analytics.dormancy import Observed, Pace

_RETAIL = "清溪茶叶（零售）"
_UNTIL = 600  # days: who has not come back by then is taken as gone
_DAYS = [7, 10, 14, 20, 28, 40, 55, 75, 100, 140, 190, 260, 360, 500, 600]
_AT_HOME, _AWAY = "#99f6e4", "#fde68a"


def trade_bench() -> Activity:
    """A limit of silence, a bill of a contact; four trades answer by their own survival curves."""
    import pandas as pd

    from crmkit.analytics import dormancy

    trades: dict[str, Pace | Observed] = {**dormancy.TRADES, _RETAIL: _retail()}

    def draw(figure: Figure, trade: str, limit: int, cost: float, gain: float) -> View:
        even = cost / gain
        left, right = figure.subplots(1, 2, width_ratios=(1.6, 1))
        rows, waits = [], {}
        for n, (name, pace) in enumerate(trades.items()):
            mine = name == trade
            left.plot(_DAYS, [pace.left(d) for d in _DAYS], color=theme.SERIES[n],
                      linewidth=3 if mine else 1.4, label=name)  # fmt: skip
            gone, silent = pace.left(limit), pace.silent(limit)
            waits[name] = pace.wait(even) if even < 1 else float("inf")
            rows.append((
                ("▸ " if mine else "") + name, pace.event, f"{silent:.0%}", f"{gone:.0%}",
                f"{1000 * silent * (1 - gone):,.0f} 位", _days(waits[name]),
            ))  # fmt: skip
        left.axhline(min(even, 1.02), color=theme.MUTED, linestyle="--", linewidth=1.2)
        left.axvline(limit, color=theme.TEXT, linewidth=1.2)
        left.set_xscale("log")
        left.set_xticks(
            [7, 14, 30, 60, 120, 240, 600], ["7", "14", "30", "60", "120", "240", "600"]
        )
        left.set_xticks([], minor=True)
        left.set_xlim(7, 600)
        left.set_ylim(0, 1.02)
        left.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        left.set_xlabel("已经多少天没有动静")
        left.legend(loc="upper left", fontsize=9)
        left.set_title("真走了的把握（横虚线：值得联系的界限）")
        pace = trades[trade]
        gone, silent = pace.left(limit), pace.silent(limit)
        parts = (("还在节奏里", 1 - silent, _AT_HOME), ("沉默，但会回来", silent * (1 - gone), _AWAY),
                 ("沉默，真走了", silent * gone, theme.SERIES[2]))  # fmt: skip
        for k, (_, share, colour) in enumerate(parts):
            right.bar(k, 1000 * share, 0.62, color=colour)
            right.annotate(f"{1000 * share:,.0f}", (k, 1000 * share), (0, 4),
                           textcoords="offset points", ha="center")  # fmt: skip
        right.set_xticks(range(3), [name.replace("，", "\n") for name, _, _ in parts])
        right.set_ylim(0, 1150)
        right.set_yticks([])
        right.grid(False)
        right.set_title(f"{trade.split('（')[0]}的每 1,000 位")
        shares = {name: p.left(limit) for name, p in trades.items()}
        most, least = max(shares, key=lambda k: shares[k]), min(shares, key=lambda k: shares[k])
        bill = 1000 * silent * (gone * gain - cost)
        told = (
            f"同样 {limit} 天没有动静：{most}有 {shares[most]:.0%} 真走了，{least}只有 {shares[least]:.0%}。"
            f"{trade.split('（')[0]}按 {limit} 天联系，每 1,000 位{'净得' if bill >= 0 else '净亏'} {abs(bill):,.0f} 元；"
            f"{f'值得联系的把握是 {even:.0%}，' if even < 1 else '代价比好处还大，'}"
        )
        wait = waits[trade]
        told += "不用等，谁都值得联系。" if wait == 0 else (
            f"要等到第 {wait:,.0f} 天。" if wait < 1e6 else "等多久都不值得联系。"
        )  # fmt: skip
        return View(
            alt=f"四条上升的曲线：沉默 {limit} 天时真走了的把握，"
            + "，".join(f"{name} {x:.0%}" for name, x in shares.items())
            + f"；右图是{trade}的每 1,000 位。",
            message=told,
            table=pd.DataFrame(
                rows,
                columns=[
                    "行业",
                    "动静",
                    "过了界限的",
                    "其中真走了",
                    "每 1,000 位白打扰",
                    "这笔账该等",
                ],
            ),
            formula=rf"P = \frac{{{pace.gone:.2f}}}{{{silent:.3f}}} = {gone:.2f}",
            result={"left": shares, "even": even, "waits": waits, "bill": bill},
        )

    return Activity(
        "四个行业，一条界限：没动静就是走了吗？",
        [
            Select("trade", "行业", {name: name for name in trades}, "汽车经销店"),
            Slider("limit", "没动静多少天算休眠", 10, 600, 10, 90, "天"),
            Slider("cost", "联系一位的代价", 1, 50, 1, 10, "元"),
            Slider("gain", "联系到真走的人得", 10, 200, 5, 25, "元"),
        ],
        draw,
        formula=r"P(\text{走了} | t) = \frac{g}{g + (1 - g) S(t)}, \,\, \text{值得联系}: P \ge \frac{\text{代价}}{\text{得}}",
        note="g 是走了的比例，S(t) 是还会来的人里 t 天没有动静的比例。证券、汽车、洗衣液的节奏是教学编写，不是任何企业的数字；"
        f"茶叶是教学店铺的真实曲线（Kaplan–Meier），{_UNTIL} 天还没来的算走了〔课程约定〕。“得”是挽回的可能乘毛利。"
        "试一试：找一个天数，四个行业都过得去；找得到吗？",
        source="Kaplan、Meier（1958）；治愈模型：Boag（1949）；crmkit.analytics.dormancy、survival。",
        size=(7.8, 2.9),
    )


def _days(wait: float) -> str:
    return "不用等" if wait == 0 else f"{wait:,.0f} 天" if wait < 1e6 else "不值得"


@cache
def _retail() -> Observed:
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics import dormancy, survival

    paid = shops.valid_orders(shops.load("tea").orders)
    days = pd.DataFrame({"客户": paid["客户编号"], "日": paid["付款时间"].dt.normalize()})
    days = days.drop_duplicates().sort_values(["客户", "日"])
    later = days.groupby("客户")["日"].shift(-1)
    spent = (later.fillna(pd.Timestamp(shops.as_of())) - days["日"]).dt.days
    return dormancy.Observed("再买一次", survival.kaplan_meier(spent, later.notna()), _UNTIL)
