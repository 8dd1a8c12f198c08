"""An order on its way from the CRM to the ERP: lost messages, retries, and shipping twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ORDERS = 60
_COLUMNS = 12


def _chance(*what: object) -> float:
    """A number in [0, 1): the same loss on every machine."""
    import hashlib

    text = "|".join(map(str, what)).encode("utf-8")
    return int.from_bytes(hashlib.sha256(text).digest()[:6], "big") / 2**48


def _deliver(loss: float, tries: int, idempotent: bool) -> tuple[list[int], int]:
    """How often each order is shipped, and how many messages went out."""
    shipped, sent = [], 0
    for order in range(_ORDERS):
        times = 0
        for attempt in range(tries):
            sent += 1
            if _chance("way", order, attempt) < loss:
                continue  # the order itself was lost on its way
            if not (idempotent and times):
                times += 1  # a keeper of numbers knows that it has this one already
            if _chance("answer", order, attempt) >= loss:
                break  # the CRM got the answer and stops sending
        shipped.append(times)
    return shipped, sent


def message_lab() -> Activity:
    """Sixty orders over a bad line: switch on retries, then a number that is taken only once."""
    import pandas as pd
    from matplotlib.patches import Rectangle

    def draw(figure: Figure, loss: float, tries: int, idempotent: bool) -> View:
        shipped, sent = _deliver(loss, tries, idempotent)
        lost, once = shipped.count(0), shipped.count(1)
        twice = _ORDERS - lost - once
        axes = figure.subplots()
        for i, n in enumerate(shipped):
            colour = theme.COURSE if n == 1 else theme.LINE if n == 0 else theme.SERIES[2]
            x, y = i % _COLUMNS, i // _COLUMNS
            axes.add_patch(Rectangle((x, y), 0.9, 0.86, facecolor=colour))
            axes.text(x + 0.45, y + 0.43, str(n), ha="center", va="center",
                      color="#1b2733" if n == 0 else "#ffffff")  # fmt: skip
        axes.set_xlim(0, _COLUMNS)
        axes.set_ylim(_ORDERS / _COLUMNS, 0)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(False)
        axes.set_title("六十张订单各发了几次货（0 漏发，1 正好，2 以上重发）")
        table = pd.DataFrame(
            [("漏发", lost, "客户没收到，来投诉"), ("正好一次", once, ""),
             ("重复发货", twice, "多发的要追回"), ("一共发出的消息", sent, "")],
            columns=["结果", "数量", "后果"],
        )  # fmt: skip
        ways = "只发一次" if tries == 1 else f"没有回执就重发，最多 {tries} 次"
        return View(
            alt=f"六十个格子：漏发 {lost}，正好一次 {once}，重复 {twice}。",
            message=f"{ways}，{'认单号' if idempotent else '不认单号'}：漏发 {lost} 张，重复 {twice} 张。",
            table=table,
            result={"lost": lost, "once": once, "twice": twice, "sent": sent},
        )

    return Activity(
        "一张订单的消息",
        [
            Slider("loss", "每条消息丢失的可能", 0, 0.5, 0.05, 0.2, percent=True),
            Slider("tries", "最多发几次", 1, 8, 1, 1, "次"),
            Switch("idempotent", "ERP 认单号：收过的不再办（幂等）"),
        ],
        draw,
        note="订单和回执都可能丢；哪一条丢由固定的算法决定，人人相同。丢了回执，CRM 分不清是“没办”还是“办了没听见”。"
        "试一试：怎样做到既不漏发、也不重发？",
        source="至少一次投递与幂等消费：消息系统的通行做法；情境为教学编写。",
        size=(7.2, 2.8),
    )
