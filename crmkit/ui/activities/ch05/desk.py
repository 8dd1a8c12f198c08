"""Menus that callers hear, and a desk that handles ten of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Twelve services and their calls of a month (written for class).
_SERVICES = {
    "查物流": 420, "退货": 180, "催发货": 150, "选购咨询": 110, "退款进度": 90, "换货": 60, "改地址": 50,
    "开发票": 40, "活动优惠": 30, "积分查询": 20, "报修": 20, "投诉": 10,
}  # fmt: skip
_GROUPS = {
    "物流": ("查物流", "催发货", "改地址"), "售后": ("退货", "换货", "退款进度", "报修", "投诉"),
    "商品": ("选购咨询", "活动优惠"), "账户": ("开发票", "积分查询"),
}  # fmt: skip
_LAYOUTS = {
    "flat": "一层：十二项从头念到尾", "flat_often": "一层：来电多的先念",
    "groups": "两层：按部门分", "often": "两层：常用的三项放在第一层",
}  # fmt: skip


def _menus(layout: str) -> dict[str, dict[str, str]]:
    agent = {"0": "人工"}
    by_name = sorted(_SERVICES)
    often = sorted(_SERVICES, key=lambda s: -_SERVICES[s])
    if layout in ("flat", "flat_often"):
        order = by_name if layout == "flat" else often
        keys = [*"123456789", "*", "#", "0"]
        # more services than keys: the last key says them all over to the agent
        return {"主菜单": dict(zip(keys, order, strict=False))}
    first, rest = (often[:3], often[3:]) if layout == "often" else ([], often)
    menus: dict[str, dict[str, str]] = {"主菜单": {}}
    number = 1
    for service in first:
        menus["主菜单"][str(number)] = service
        number += 1
    for group, members in _GROUPS.items():
        inside = [s for s in often if s in members and s in rest]
        if inside:
            menus["主菜单"][str(number)] = group
            menus[group] = {str(k): s for k, s in enumerate(inside, start=1)} | agent
            number += 1
    menus["主菜单"] |= agent
    return menus


def ivr_menu() -> Activity:
    """How many presses and seconds does a caller need in four layouts of the same services?"""
    import pandas as pd

    from crmkit.analytics import ivr

    def draw(figure: Figure, layout: str, greeting: float, option: float, keys: int) -> View:
        menus = {name: _menus(name) for name in _LAYOUTS}
        seconds = {
            n: ivr.seconds(m, greeting_s=greeting, option_s=option) for n, m in menus.items()
        }
        mean = {n: ivr.expected(s, _SERVICES) for n, s in seconds.items()}
        presses = {n: ivr.expected(ivr.depths(m), _SERVICES) for n, m in menus.items()}
        least = ivr.least_presses(list(_SERVICES.values()), keys)
        axes = figure.subplots()
        order = sorted(_SERVICES, key=lambda s: -_SERVICES[s])
        axes.barh(order[::-1], [seconds[layout][s] for s in order[::-1]], color=theme.COURSE)
        axes.axvline(mean[layout], color=theme.SERIES[2], linewidth=1.6)
        axes.set_xlabel("听到并按下的秒数（红线：按来电量平均）")
        axes.set_title(_LAYOUTS[layout])
        rows = [
            (f"{'▸ ' if n == layout else ''}{words}", f"{presses[n]:.2f}", f"{mean[n]:.1f}",
             f"{max(seconds[n][s] for s in _SERVICES):.1f}",
             "有" if all(m.get("0") == "人工" for m in menus[n].values()) else "没有")
            for n, words in _LAYOUTS.items()
        ]  # fmt: skip
        best = min(mean, key=lambda n: mean[n])
        return View(
            alt=f"十二项服务各要听多少秒，从来电最多的排起；平均 {mean[layout]:.0f} 秒，最久 {max(seconds[layout][s] for s in _SERVICES):.0f} 秒。",
            message=f"{_LAYOUTS[layout]}：平均 {mean[layout]:.1f} 秒，{presses[layout]:.2f} 次按键。四种里最快的是“{_LAYOUTS[best]}”。"
            f"每个菜单最多 {keys} 项时，按键次数再少也少不过 {least:.2f} 次。",
            table=pd.DataFrame(
                rows, columns=["菜单", "平均按键", "平均秒数", "最久秒数", "每层都能转人工"]
            ),
            result={
                "seconds": mean[layout],
                "presses": presses[layout],
                "least": least,
                "best": best,
            },
        )

    return Activity(
        "语音菜单怎样排？",
        [
            Select("layout", "菜单", _LAYOUTS),
            Slider("greeting", "每层开场白", 0, 15, 1, 4, "秒"),
            Slider("option", "每个选项念", 1, 6, 0.5, 3, "秒"),
            Slider("keys", "每个菜单最多", 2, 9, 1, 6, "项"),
        ],
        draw,
        formula=r"\text{平均秒数} = \sum_{s} \text{份额}_s \times \sum_{\text{各层}} (\text{开场白} + \text{第几项} \times \text{每项} + \text{按键})",
        note="来电量是编的。客户听到自己的选项就按键（1.5 秒）。一层菜单的十二个键都用完了，没有留给人工。按键最少的树由哈夫曼"
        "编码给出，它不管念得久不久，也不管放在一起说不说得通。试一试：开场白加到 12 秒，谁吃亏最多？",
        source="Huffman（1952）；crmkit.analytics.ivr。",
    )


# (what the customer says, yuan at stake, needs knowledge, patience left 1–5)
_CASES = (
    ("包裹三天没动，能不能查一下", 0, False, 4), ("茶杯到了，碎了一只", 39, False, 3),
    ("明前和雨前差在哪里，送人买哪个", 0, True, 5), ("多扣了我一次运费", 12, False, 3),
    ("礼盒晚到一天，客人都走了", 168, False, 1), ("水壶不加热，是不是坏了", 0, True, 3),
    ("想开公司抬头的发票", 0, False, 4), ("上周就说给我回电话，没人回", 60, False, 1),
    ("两单能不能合并发货", 0, False, 4), ("全家喝了拉肚子，要你们负责", 2000, True, 1),
)  # fmt: skip


def service_desk() -> Activity:
    """Ten contacts under your rules: how many are solved at once, how long, how pleased?"""
    import pandas as pd

    def draw(figure: Figure, limit: int, knowledge: bool, callback: bool, wait: int) -> View:
        rows, solved, seconds, pleased = [], 0, 0, []
        for words, money, expert, patience in _CASES:
            able = money <= limit and (knowledge or not expert)
            talk = 150 + 60 * expert - 40 * (knowledge and expert) + (0 if able else 120)
            if wait > 60:
                talk += 30  # the caller first says what he thinks of the wait
            mood = patience + (1 if able else -1) - (wait > 60) + (callback and not able)
            mark = min(5, max(1, mood))
            solved, seconds = solved + able, seconds + talk
            pleased.append(mark >= 4)
            why = (
                "当场解决" if able else "额度不够，转主管" if money > limit else "答不上来，转专家"
            )
            rows.append((words, why, talk, "★" * mark))
        n = len(_CASES)
        fcr, aht, csat = solved / n, seconds / n, sum(pleased) / n
        axes = figure.subplots()
        bars = axes.bar(
            ["一次解决率", "满意（4–5 分）"],
            [fcr, csat],
            0.5,
            color=[theme.COURSE, theme.SERIES[0]],
        )
        axes.bar_label(bars, [f"{fcr:.0%}", f"{csat:.0%}"], padding=3)
        axes.set_ylim(0, 1.15)
        axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
        axes.set_title(f"平均处理 {aht:.0f} 秒")
        spent = sum(m for _, m, e, _ in _CASES if m <= limit and (knowledge or not e))
        told = f"十个来电当场解决 {solved} 个，补偿花了 {spent} 元，满意 {csat:.0%}。"
        told += "有的事不该当场赔：身体不适先请客户就医、留样、报主管。" if limit >= 2000 else ""
        return View(
            alt=f"两根柱子：一次解决率 {fcr:.0%}，满意 {csat:.0%}。",
            message=told,
            table=pd.DataFrame(rows, columns=["客户说", "结果", "秒", "评分"]),
            result={"fcr": fcr, "aht": aht, "csat": csat, "spent": spent},
        )

    return Activity(
        "当一天值班主管",
        [
            Slider("limit", "坐席当场可赔", 0, 2000, 20, 20, "元"),
            Switch("knowledge", "给坐席配知识库"),
            Switch("callback", "没解决的 24 小时内回电"),
            Slider("wait", "客户接通前等了", 0, 180, 10, 30, "秒"),
        ],
        draw,
        note="十个来电和评分规则都是教学编写的，看方向，不看绝对值。试一试：先不花钱，一次解决率最高能到多少？再把额度从 20 元"
        "提到 60 元，多花了多少，换来什么？",
        source="FCR（一次解决率）、AHT（平均处理时长）、CSAT（4–5 分占比）的定义见 5.3 节。",
    )
