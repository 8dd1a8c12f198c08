"""Three questions of a trade: how often, through whom, how easily they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SELDOM, _HIDDEN, _LOOSE = 12, 0.5, 7  # limits of the class: months, share, days
_DOES = {
    "服务维系": "买与买之间用保养、维修、提醒接上",
    "认识买家": "让最终买家愿意留下联系方式",
    "防止转走": "盯住走的迹象，先改成本再谈优惠",
    "增加往来": "按节奏提醒，让他多来几次",
}


def where_to_focus() -> Activity:
    """Answers to the three questions → the main point; how many meetings ten years bring."""
    import pandas as pd

    def draw(figure: Figure, interval: int, channel: float, leave: int, service: int) -> View:
        yes = [interval >= _SELDOM, channel > _HIDDEN, leave <= _LOOSE, True]
        points = list(_DOES)
        at = yes.index(True)
        buys, serves = 120 / interval, 10 * service
        known = buys * (1 - channel) + serves
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
        for k, point in enumerate(points):
            left.barh(k, 1, 0.7, color=theme.COURSE if k == at else "#e2e8f0")
            left.text(0.5, k, point, ha="center", va="center", fontsize=13,
                      color="white" if k == at else "#475569")  # fmt: skip
        asked = ("很久才买一次？", "隔着渠道？", "走得容易？", "都不是")
        left.set_yticks(range(4), asked)
        left.invert_yaxis()
        left.set_xticks([])
        left.grid(False)
        left.set_title("从上往下问，答“是”就停")
        bars = [("买", buys), ("其中看得见的", buys * (1 - channel)), ("服务", serves)]
        for k, (_, x) in enumerate(bars):
            right.barh(k, x, 0.6, color=(theme.MUTED, theme.SERIES[0], theme.COURSE)[k])
            right.annotate(f"{x:,.1f}", (x, k), (5, 0), textcoords="offset points", va="center")
        right.set_yticks(range(3), [b[0] for b in bars])
        right.invert_yaxis()
        right.grid(False, axis="y")
        right.margins(x=0.15)
        right.set_title("十年里与一位客户见面几次")
        point = points[at]
        words = [
            (a, "是" if y else "否", "◀ 停在这里" if k == at else "")
            for k, (a, y) in enumerate(zip(asked[:3], yes[:3], strict=True))
        ]
        return View(
            alt=f"左图四个重点，现在停在“{point}”；右图十年里买 {buys:.1f} 次、服务 {serves} 次。",
            message=f"重点是{point}：{_DOES[point]}。十年里企业认得出他的见面有 {known:,.1f} 次。",
            table=pd.DataFrame(words, columns=["问", "答", "停在"]),
            result={"point": point, "buys": buys, "known": known},
        )

    return Activity(
        "这个行业的重点是什么？",
        [
            Slider("interval", "多久买一次", 1, 96, 1, 72, "个月"),
            Slider("channel", "经渠道卖出的占比", 0, 1, 0.05, 0.2, percent=True),
            Slider("leave", "换一家要几天", 1, 60, 1, 20, "天"),
            Slider("service", "每年服务他几次", 0, 12, 1, 2, "次"),
        ],
        draw,
        formula=r"\text{认得出的见面} = \frac{120}{g} (1 - c) + 10 s",
        note="g 是购买间隔（月），c 是渠道占比，s 是每年服务次数。界限 12 个月、50%、7 天是课程约定。"
        "试一试：拖出五个行业各自的样子；哪一个行业的重点会随一格滑块改变？",
        source="三问是课程的归纳〔课程约定〕；五个行业的名称：课程大纲第 14 章。",
        size=(7.8, 2.7),
    )  # fmt: skip
