"""Rules that act by themselves, the clock that watches them, and a process before and after."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider, Switch

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_FIRST, _LAST = dt.date(2025, 10, 1), dt.date(2025, 12, 31)
_RULES = ("生日", "节日", "中差评", "沉默")


@cache
def _occasions() -> pd.DataFrame:
    """Every time a rule of the tea shop would have fired in the last quarter: 日期 规则 客户编号 可发."""
    import pandas as pd

    from crmkit import shops

    tea = shops.load("tea")
    people = tea.customers.set_index("客户编号")
    ok = people["接受营销"].astype(bool)
    days = pd.date_range(_FIRST, _LAST)
    by_day: dict[str, list[pd.Timestamp]] = {}
    for day in days:
        by_day.setdefault(f"{day:%m-%d}", []).append(day)
    rows = [
        (day, "生日", who)
        for who, birthday in people["生日"].dropna().items()
        for day in by_day.get(f"{pd.Timestamp(birthday):%m-%d}", [])
    ]
    paid = shops.valid_orders(tea.orders)
    for date, name in (
        (dt.date(2025, 10, 6), "中秋"),
        (dt.date(2025, 11, 11), "双11"),
        (dt.date(2025, 12, 31), "跨年"),
    ):
        before = paid[paid["付款时间"] < pd.Timestamp(date)]
        seen = before[before["付款时间"] >= pd.Timestamp(date) - pd.Timedelta(days=365)][
            "客户编号"
        ].unique()
        rows += [(pd.Timestamp(date) - pd.Timedelta(days=3), "节日", who) for who in seen if name]
    owner = tea.orders.set_index("订单编号")["客户编号"]
    low = tea.reviews[(tea.reviews["星级"] <= 3) & (tea.reviews["评价时间"] >= str(_FIRST))]
    rows += [
        (day.normalize(), "中差评", owner[order])
        for day, order in zip(low["评价时间"], low["订单编号"], strict=True)
    ]
    last = paid.groupby("客户编号")["付款时间"].max()
    for who, day in (last + pd.Timedelta(days=91)).items():
        if pd.Timestamp(_FIRST) <= day.normalize() <= pd.Timestamp(_LAST):
            rows.append((day.normalize(), "沉默", who))
    table = pd.DataFrame(rows, columns=["日期", "规则", "客户编号"])
    table["可发"] = (table["规则"] == "中差评") | table["客户编号"].map(ok).fillna(False).astype(
        bool
    )
    order = {name: k for k, name in enumerate(("中差评", "生日", "沉默", "节日"))}
    return table.assign(先后=table["规则"].map(order)).sort_values(
        ["日期", "先后", "客户编号"], ignore_index=True
    )


def rule_engine() -> Activity:
    """When–if–then on last quarter's data: who would have been contacted, who was held back?"""
    import pandas as pd

    def draw(
        figure: Figure,
        birthday: bool,
        festival: bool,
        review: bool,
        silent: bool,
        cap: int,
        days: int,
    ) -> View:
        on = {n for n, yes in zip(_RULES, (birthday, festival, review, silent), strict=True) if yes}
        table = _occasions()
        table = table[table["规则"].isin(on)]
        sent: dict[str, list[pd.Timestamp]] = {}
        out = {name: {"触发": 0, "没有同意": 0, "超过频次": 0, "发出": 0} for name in _RULES}
        window = pd.Timedelta(days=days)
        for day, rule, who, ok in zip(
            table["日期"], table["规则"], table["客户编号"], table["可发"], strict=True
        ):
            count = out[rule]
            count["触发"] += 1
            if not ok:
                count["没有同意"] += 1
                continue
            recent = [d for d in sent.get(who, ()) if day - d < window]
            if rule != "中差评" and len(recent) >= cap:
                count["超过频次"] += 1
                continue
            sent[who] = [*recent, day]
            count["发出"] += 1
        rows = pd.DataFrame(out).T.rename_axis("规则").reset_index()
        axes = figure.subplots()
        left = [0] * len(rows)
        for name, colour in (
            ("发出", theme.COURSE),
            ("超过频次", theme.SERIES[1]),
            ("没有同意", theme.SERIES[4]),
        ):
            axes.barh(rows["规则"], rows[name], left=left, color=colour, label=name)
            left = [a + int(b) for a, b in zip(left, rows[name], strict=True)]
        axes.invert_yaxis()
        axes.set_xlabel("次")
        axes.set_title("三个月里规则触发的次数")
        axes.legend(loc="lower right")
        total = {k: int(rows[k].sum()) for k in ("触发", "发出", "超过频次", "没有同意")}
        most = max((len(v) for v in sent.values()), default=0)
        told = f"触发 {total['触发']:,} 次，发出 {total['发出']:,} 次；没有同意的 {total['没有同意']:,} 次，频次上限挡下 {total['超过频次']:,} 次。"
        told += f"同一位客户 {days} 天内最多收到 {most} 条。" if most else "没有规则打开。"
        return View(
            alt=f"四条规则各触发多少次，分成发出、超过频次、没有同意三段；一共发出 {total['发出']:,} 次。",
            message=told,
            table=rows,
            result={**total, "people": len(sent), "most": most},
        )

    return Activity(
        "规则引擎：先在历史上空跑",
        [
            Switch("birthday", "生日当天：祝福券", True),
            Switch("festival", "节前三天：老客提醒", True),
            Switch("review", "中差评：当天客服联系", True),
            Switch("silent", "满 90 天没买：唤回", True),
            Slider("cap", "频次上限：至多几次", 1, 4, 1, 2, "次"),
            Slider("days", "在几天之内", 1, 60, 1, 7, "天"),
        ],
        draw,
        note="清溪茶叶 2025 年第四季度。中差评是服务，不是营销，不受频次和营销同意的限制〔课程约定〕；先后：中差评、生日、"
        "沉默、节日。频次上限没有行业标准。试一试：窗口从 7 天拉到 30 天，被挡下的主要是哪条规则？",
        source="事件—条件—动作（ECA）规则；频次设定见 settings.toml 的 [marketing]。",
    )


_STARTS = {
    "2025-12-30 10:00": "周二上午 10:00", "2025-12-30 17:30": "周二傍晚 17:30",
    "2025-12-31 16:00": "元旦前一天 16:00", "2025-09-30 17:00": "国庆长假前一天 17:00",
    "2025-09-28 10:00": "调休上班的周日 10:00", "2025-12-27 20:00": "周六晚上 20:00",
}  # fmt: skip


def sla_clock() -> Activity:
    """When is a case due that came in at this moment? Nights, weekends and holidays do not count."""
    import pandas as pd

    from crmkit.crm.service import worktime
    from crmkit.settings import settings

    rules = settings()["service"]

    def draw(figure: Figure, start: str, hours: int) -> View:
        at = dt.datetime.fromisoformat(start)
        due = worktime.due(at, hours)
        wall = at + dt.timedelta(hours=hours)
        axes = figure.subplots()
        span = (due.date() - at.date()).days + 1
        spent = dt.timedelta()
        rows = []
        for k in range(span):
            day = at.date() + dt.timedelta(days=k)
            work = worktime.is_workday(day)
            midnight = dt.datetime.combine(day, dt.time())
            opens, closes = (
                midnight + dt.timedelta(hours=rules[n]) for n in ("work_from", "work_until")
            )
            a, b = max(at, opens), min(due, closes)
            used = max(b - a, dt.timedelta()) if work else dt.timedelta()
            spent += used
            y = -k
            axes.barh(y, rules["work_until"] - rules["work_from"], left=rules["work_from"], height=0.7,
                      color=theme.LINE if work else "none", edgecolor=theme.MUTED, linewidth=0.6)  # fmt: skip
            if used:
                axes.barh(y, used.total_seconds() / 3600, left=(a - midnight).total_seconds() / 3600,
                          height=0.7, color=theme.COURSE)  # fmt: skip
            week = "一二三四五六日"[day.weekday()]
            rows.append((f"{day:%m-%d} 周{week}", "上班" if work else "休息",
                         f"{used.total_seconds() / 3600:.1f}", f"{spent.total_seconds() / 3600:.1f}"))  # fmt: skip
        axes.plot(
            [at.hour + at.minute / 60], [0], "v", color=theme.SERIES[1], markersize=9, clip_on=False
        )
        axes.plot(
            [due.hour + due.minute / 60], [-(span - 1)], "o", color=theme.SERIES[2], markersize=9
        )
        axes.set_xlim(0, 24)
        axes.set_xticks(range(0, 25, 3))
        axes.set_yticks([-k for k in range(span)], [r[0] for r in rows])
        axes.grid(False)
        axes.set_xlabel("钟点（三角：进来；圆点：到期）")
        axes.set_title(f"{hours} 个工作小时")
        return View(
            alt=f"{at:%m-%d %H:%M} 进来的工单，时限 {hours} 个工作小时，到期 {due:%m-%d %H:%M}，中间跨 {span} 天。",
            message=f"到期：{due:%m-%d %H:%M}。要是按钟表算，{wall:%m-%d %H:%M} 就到期，差 {(due - wall).total_seconds() / 3600:,.0f} 小时。",
            table=pd.DataFrame(rows, columns=["日期", "日历", "当天计入（小时）", "累计（小时）"]),
            result={"due": due.isoformat(sep=" "), "days": span},
        )

    return Activity(
        "时限从什么时候开始走",
        [
            Select("start", "工单进来的时间", _STARTS),
            Slider("hours", "首次答复时限", 1, 24, 1, 4, "工作小时"),
        ],
        draw,
        note="上班 9:00–18:00，按国家公布的节假日和调休〔课程约定，模拟值〕。试一试：同样 8 个工作小时，哪个进来的时间到期最晚？"
        "调休的周日算不算上班？",
        source="节假日：chinesecalendar 1.11（国务院办公厅公布的安排）；crmkit.crm.service.worktime，与 CRM 的工单时钟同一个函数。",
    )


def redesign() -> Activity:
    """Serial approval or triage: how long do complaints take?"""
    import numpy as np
    import pandas as pd

    n = 600

    def draw(figure: Figure, small: float, desk: float, chief: float, wrong: float) -> View:
        random = np.random.default_rng(8)
        is_small = random.random(n) < small
        u = random.exponential(size=(4, n))
        handle = 0.5 + 0.5 * u[0]  # hours in hand
        as_is = (
            handle + desk * u[1] + chief * u[2] + chief * u[3]
        )  # desk, chief, owner: all in turn
        slips = is_small & (random.random(n) < wrong)
        direct = handle + desk * u[1]
        to_be = np.where(is_small & ~slips, direct, direct + chief * u[2])
        bins = np.linspace(0, max(float(np.quantile(as_is, 0.99)), 1), 40).tolist()
        axes = figure.subplots()
        axes.hist(as_is, bins=bins, color=theme.SERIES[1], alpha=0.55, label="现在：人人逐级审批")
        axes.hist(to_be, bins=bins, color=theme.COURSE, alpha=0.6, label="改后：小额客服当场定")
        axes.set_xlabel("从受理到答复（小时）")
        axes.set_ylabel("件")
        axes.set_title("六百件投诉的周期")
        axes.legend()
        rows = [
            (
                name,
                f"{np.median(x):.1f}",
                f"{np.quantile(x, 0.9):.1f}",
                f"{(x <= 8).mean():.0%}",
                f"{touch:.2f}",
            )
            for name, x, touch in (
                ("现在", as_is, 3.0),
                ("改后", to_be, 1 + float((~is_small | slips).mean())),
            )
        ]
        saved = 1 - float(np.median(to_be) / np.median(as_is))
        return View(
            alt="两个直方图：现在的周期长而拖尾，改后左移，但大额投诉仍留下一条尾巴。",
            message=f"中位周期从 {np.median(as_is):.1f} 小时到 {np.median(to_be):.1f} 小时，短了 {saved:.0%}；"
            f"每件经手从 3 次到 {1 + float((~is_small | slips).mean()):.1f} 次。",
            table=pd.DataFrame(
                rows,
                columns=["流程", "中位（小时）", "九成在几小时内", "8 小时内答复", "平均经手次数"],
            ),
            result={
                "before": float(np.median(as_is)),
                "after": float(np.median(to_be)),
                "saved": saved,
            },
        )

    return Activity(
        "改流程之前，先算一算",
        [
            Slider("small", "小额投诉占", 0, 1, 0.05, 0.7, percent=True),
            Slider("desk", "在客服桌上平均等", 0, 12, 0.5, 2, "小时"),
            Slider("chief", "每一级审批平均等", 0, 48, 1, 8, "小时"),
            Slider("wrong", "小额里判错、要重来的", 0, 0.5, 0.05, 0.05, percent=True),
        ],
        draw,
        note="各段等待按指数分布，是演示用的假定。流程里真正动手的时间只有半小时到一小时，其余都在等。试一试：小额占比要低到"
        "多少，改流程就没有多大用处？判错率升到多少，好处被吃掉一半？",
        source="流程再造里的分流（triage）；周期 = 动手时间 + 等待时间。",
    )
