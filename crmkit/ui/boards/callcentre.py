"""DB8 呼叫中心: what the log says, how many seats it takes, queues with skills, and the IVR."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.analytics import callcentre, erlang, ivr, outsourcing
from crmkit.settings import settings
from crmkit.ui import curves
from crmkit.ui.board import (
    Card,
    Facts,
    Knot,
    Layout,
    Panel,
    Plan,
    Segments,
    Table,
    Text,
    Tree,
    View,
)
from crmkit.ui.boards import choices
from crmkit.ui.console import figures
from crmkit.ui.controls import Control, Slider, Switch

VIEWS = {"log": "话务", "seats": "排班", "queue": "排队与技能", "menu": "语音菜单"}
LEVELS = {"offered": "÷ 全部呼入", "answered": "÷ 接通的", "without_short": "÷ 除去短放弃"}
ORDERS = {"log": "照现在", "often": "常用的在前", "flat": "不分层"}
POOLS = {"apart": "按技能分组", "pooled": "人人都能接"}
DEFINITIONS = (
    ("服务水平", "时限内接通的占比；分母有三种算法，合同里要写明用哪一种。"),
    ("平均等待（ASA）", "接通的来电平均等了多少秒；放弃的不算。"),
    ("平均处理（AHT）", "接通的来电平均处理秒数，含话后整理。"),
    ("放弃率", "等待时挂断的 ÷ 全部呼入。"),
    ("话务量", "来电数 × 平均处理时长 ÷ 时段长，单位爱尔兰。"),
    ("爱尔兰 C / A", "C 假定没人放弃；A 假定顾客的耐心有限（指数分布），要的坐席少一些。"),
    ("排班人数", "坐席 ÷（1 − 缩减率）；缩减率是休息、培训、请假，课程约定。"),
    ("技能路由", "空闲坐席接他会接的、等得最久的来电；分组越细，越容易有人闲着而别组在等。"),
    ("语音菜单", "服务和按键取自话务记录的 IVR 路径；秒数 = 问候 + 听到自己那项 + 按键。"),
)


def _controls(values: Mapping[str, Any]) -> tuple[Sequence[Control], Sequence[Control]]:
    view, rule = str(values.get("view", "log")), settings()["callcentre"]
    bar: list[Control] = [Segments("view", "看什么", VIEWS)]
    target = Slider("target", "时限", 5, 120, 5, rule["target_s"], unit="秒")
    if view == "log":
        bar += [target, Segments("level", "服务水平", LEVELS)]
    elif view == "seats":
        bar += [
            Slider("calls", "每小时来电", 5, 300, 5, 60, unit="通"),
            Slider("handle", "平均处理", 60, 600, 10, 240, unit="秒"),
            target,
            Slider("wanted", "服务水平目标", 0.5, 0.95, 0.05, rule["service_level"], percent=True),
            Slider("patience", "平均耐心", 20, 600, 10, 120, unit="秒"),
            Slider("price", "外包每通", 1.0, 20.0, 0.5, 10.0, unit="元"),
        ]
    elif view == "queue":
        bar += [
            Segments("pool", "班组", POOLS),
            Slider("agents", "坐席总数", 2, 12, 1, 4, unit="人"),
            Slider("load", "来电是平时的", 0.5, 4.0, 0.25, 1.0, unit="倍"),
            target,
            Slider("seed", "第几次模拟", 1, 20, 1, 1),
        ]
    else:
        bar += [
            Segments("order", "按键顺序", ORDERS),
            Switch("agent", "每层都能转人工", True),
            Slider("deepest", "最多按几次", 1, 4, 1, rule["ivr_deepest"], unit="次"),
        ]
    return [choices.shop()], bar


def _draw(shop: str, view: str = "log", **options: Any) -> View:
    pages: Mapping[str, Callable[..., Made]] = {
        "log": _log,
        "seats": _seats,
        "queue": _queue,
        "menu": _menu,
    }
    told, cards, panels, layout = pages[view](shop, **options)
    calls = shops.load(shop).calls
    first, last = calls["时间"].min(), calls["时间"].max()
    return View(
        subtitle=f"{VIEWS[view]}；{told}", title=f"{shops.TITLES[shop]} · 呼叫中心",
        cards=cards, panels=panels, layout=layout, shop=shop,
        note=f"话务记录 {first:%Y-%m-%d} 至 {last:%Y-%m-%d}，{len(calls):,} 通。",
        result={c.id: c.value for c in cards},
    )  # fmt: skip


Made = tuple[str, list[Card], list[Panel], Layout]


def incoming(shop: str) -> pd.DataFrame:
    """The calls that came in."""
    calls = shops.load(shop).calls
    return calls[calls["方向"] == "呼入"]


def _log(shop: str, target: int, level: str) -> Made:
    calls = incoming(shop)
    words = dict(DEFINITIONS)
    found = callcentre.service_level(calls, target, definition=level)
    days = calls["时间"].dt.normalize().nunique()
    cards = [
        Card("calls", "呼入", len(calls), note="话务记录里打进来的", aside=f"{days} 天，每天 {len(calls) / days:.1f} 通"),
        Card("level", f"服务水平（{target} 秒）", found.value, "percent", callcentre.SERVICE_LEVELS[level], aside=f"{int(found.numerator):,} ÷ {int(found.denominator or 0):,}"),
        Card("wait", "平均等待", callcentre.mean_wait(calls).value, "seconds", words["平均等待（ASA）"]),
        Card("handle", "平均处理", callcentre.handle_time(calls).value, "seconds", words["平均处理（AHT）"]),
        Card("left", "放弃率", callcentre.abandonment(calls).value, "percent", words["放弃率"]),
        Card("patience", "平均耐心", callcentre.patience(calls).value, "seconds", "全部等待秒数 ÷ 放弃人数（极大似然）"),
    ]  # fmt: skip
    hours = callcentre.arrivals_by_hour(calls)
    parts = [
        (hour, len(part), callcentre.abandonment(part).value, callcentre.service_level(part, target, definition=level).value)
        for hour, part in calls.groupby(calls["时间"].dt.hour)
    ]  # fmt: skip
    by_hour = pd.DataFrame(parts, columns=["小时", "呼入数", "放弃率", "服务水平"])
    by_hour["每天平均"] = by_hour["小时"].map(hours.set_index("小时")["每天平均"])
    by_hour["时点"] = by_hour["小时"].astype(str)
    waited = calls[calls["等待秒数"] > 0]
    names = ["10 以内", "–20", "–40", "–60", "–120", "更久"]
    waits = pd.cut(waited["等待秒数"], [0, 10, 20, 40, 60, 120, 1e9], labels=names)
    held = pd.crosstab(waits, waited["是否放弃"].map({True: "放弃", False: "接通"}))
    held = held.reindex(names, fill_value=0)
    held = (
        held.reindex(columns=["接通", "放弃"], fill_value=0).rename_axis("等待（秒）").reset_index()
    )
    held["等待（秒）"] = held["等待（秒）"].astype(str)
    groups = [
        (name, len(part), callcentre.service_level(part, target, definition=level).value, callcentre.mean_wait(part).value, callcentre.handle_time(part).value, callcentre.abandonment(part).value)
        for name, part in calls.groupby("技能组")
    ]  # fmt: skip
    skills = pd.DataFrame(
        groups, columns=["技能组", "呼入数", "服务水平", "平均等待秒", "平均处理秒", "放弃率"]
    )
    skills = skills.sort_values("呼入数", ascending=False)
    answered = calls[~calls["是否放弃"]]
    people = answered.groupby("客服").agg(
        接听=("来电编号", "size"), 平均处理秒=("处理秒数", "mean")
    )
    people = people.sort_values("接听", ascending=False).reset_index()
    kinds = {"平均等待秒": "number", "平均处理秒": "number", "服务水平": "percent"}
    return f"时限 {target} 秒；服务水平{LEVELS[level]}", cards, [
        Panel("hours", "一天里的来电与放弃", figures.mixed("一天里的来电与放弃", by_hour, "时点", "每天平均", "放弃率"), "柱：每天平均来电，线：放弃率（右轴）"),
        Panel("waits", "等了多久", figures.bars("等了多久", held, "等待（秒）", ["接通", "放弃"], stacked=True), f"来电数；另有 {len(calls) - len(waited):,} 通没有等"),
        Panel("levels", "各时点的服务水平", curves.in_unit(figures.bars("各时点的服务水平", by_hour, "时点", "服务水平"), "percent")),
        Panel("skills", "各技能组", Table(skills, kinds=kinds)),
        Panel("people", "各位客服", Table(people, kinds=kinds), "接通的来电"),
    ], Layout(("hours hours waits", "levels skills people"), (1, 1), (1, 1.25, 0.95))  # fmt: skip


def _seats(
    shop: str, calls: int, handle: int, target: int, wanted: float, patience: int, price: float
) -> Made:
    rule = settings()["callcentre"]
    need = erlang.fewest_seats(calls, 3600, handle, service_level=wanted, target_s=target)
    calm = erlang.fewest_seats(
        calls,
        3600,
        handle,
        service_level=wanted,
        target_s=target,
        most_occupied=rule["most_occupied"],
    )
    found = erlang.performance(calls, 3600, handle, need, target)
    load = erlang.offered_load(calls, 3600, handle)
    seats = range(max(1, int(load)), need + 7)
    table = []
    for n in seats:
        c = erlang.performance(calls, 3600, handle, n, target)
        a = erlang.with_patience(calls, 3600, handle, n, patience, target)
        wait = c.mean_wait_s if c.mean_wait_s != float("inf") else None
        table.append([n, c.service_level, wait, c.occupancy, a.service_level, a.abandoned])
    columns = ["坐席", "服务水平（C）", "平均等待秒", "占用率", "服务水平（A）", "放弃率（A）"]
    frame = pd.DataFrame(table, columns=columns)
    x = curves.Axis("坐席数", "number", float(seats[0]), float(seats[-1]))
    lines = {
        "爱尔兰 C": list(zip(frame["坐席"], frame[columns[1]], strict=True)),
        "爱尔兰 A（会放弃）": list(zip(frame["坐席"], frame[columns[4]], strict=True)),
        "目标": [(seats[0], wanted), (seats[-1], wanted)],
    }
    own = outsourcing.OwnCentre(
        fixed=6000, seat=5500, per_call=0.5, handle_s=handle, target_s=target, service_level=wanted
    )
    outside = outsourcing.Offer(2000, price)
    months = range(0, 12_001, 500)
    costs = {
        "自建": [(m, own.cost(m)) for m in months],
        "外包": [(m, outside.cost(m)) for m in months],
    }
    turns = outsourcing.equal_ranges(own, outside, 12_000, 100)
    turn = f"每月 {turns[-1]:,} 通以上自建便宜" if turns else "这个范围里没有交点"
    cards = [
        Card("load", "话务量（爱尔兰）", load, "number", dict(DEFINITIONS)["话务量"]),
        Card("seats", "最少坐席", need, note="达到服务水平目标的最少坐席（爱尔兰 C）", aside=f"占用不超过 {rule['most_occupied']:.0%} 要 {calm} 个"),
        Card("roster", "排班人数", erlang.scheduled(calm, rule["shrinkage"]), note=dict(DEFINITIONS)["排班人数"], aside=f"缩减率 {rule['shrinkage']:.0%}"),
        Card("level", "服务水平", found.service_level, "percent", f"{target} 秒内接通"),
        Card("wait", "平均等待", found.mean_wait_s, "seconds", "全部来电，爱尔兰 C"),
        Card("busy", "占用率", found.occupancy, "percent", "话务量 ÷ 坐席"),
    ]  # fmt: skip
    money = curves.Axis("元 / 月", "money", 0)
    return f"每小时 {calls} 通、平均 {handle} 秒；{wanted:.0%} 在 {target} 秒内", cards, [
        Panel("curve", "坐席与服务水平", curves.curve("坐席与服务水平", x, curves.Axis("服务水平", "percent", 0, 1), lines, quiet=["目标"]), "少一个就差很多"),
        Panel("table", "逐个坐席", Table(frame, kinds={"坐席": "count", "平均等待秒": "number", columns[1]: "percent", columns[4]: "percent"})),
        Panel("costs", "自建还是外包", curves.curve("自建还是外包", curves.Axis("每月来电", "count", 0), money, costs), turn),
        Panel("terms", "自建的账〔教学编写〕", Facts([("固定费", "6,000 元/月"), ("每位坐席", "5,500 元/月"), ("每通话费", "0.5 元"), ("班次", f"{own.shifts:g} 班"), ("最忙一小时", f"占 {own.busy_share:.0%}"), ("外包月租", "2,000 元/月")], two=True)),
    ], Layout(("curve table", "costs table", "costs terms"), (1.1, 0.5, 0.6), (1, 1))  # fmt: skip


def _queue(shop: str, pool: str, agents: int, load: float, target: int, seed: int) -> Made:
    calls = incoming(shop)
    hours = callcentre.arrivals_by_hour(calls).set_index("小时")["每天平均"] * load
    kinds = calls["技能组"].value_counts()
    mean = {k: callcentre.handle_time(part).value or 240.0 for k, part in calls.groupby("技能组")}
    if pool == "pooled":
        teams = [callcentre.Team("全能", frozenset(kinds.index), int(agents))]
    else:
        teams = _apart(kinds, int(agents))
    patience = callcentre.patience(calls).value or 120.0
    centre = callcentre.Centre(
        per_hour={int(h): float(v) for h, v in hours.items()}, handle_s=mean, teams=teams,
        patience_s=patience, mix={str(k): float(v) for k, v in kinds.items()}, least_s=10,
    )  # fmt: skip
    log = callcentre.simulate(centre, days=10, seed=int(seed))
    level = callcentre.service_level(log, target)
    busy = float(log["处理秒数"].sum()) / (10 * len(hours) * 3600 * sum(t.seats(9) for t in teams))
    cards = [
        Card("calls", "模拟来电（10 天）", len(log)),
        Card("level", f"服务水平（{target} 秒）", level.value, "percent", callcentre.SERVICE_LEVELS["offered"]),
        Card("wait", "平均等待", callcentre.mean_wait(log).value, "seconds", "接通的来电"),
        Card("left", "放弃率", callcentre.abandonment(log).value, "percent", "等不及挂断的 ÷ 全部"),
        Card("busy", "坐席占用", busy, "percent", "处理时间 ÷ 全部坐席的上班时间"),
        Card("longest", "最长等待", float(log["等待秒数"].max()), "seconds", "含放弃的"),
    ]  # fmt: skip
    rows = [
        (name, len(part), callcentre.service_level(part, target).value, callcentre.mean_wait(part).value, callcentre.abandonment(part).value)
        for name, part in log.groupby("技能组")
    ]  # fmt: skip
    skills = pd.DataFrame(rows, columns=["技能组", "来电数", "服务水平", "平均等待秒", "放弃率"])
    skills = skills.sort_values("来电数", ascending=False)
    at = (log["秒"] // 3600).astype(int)
    by_hour = (
        log.groupby(at).agg(来电数=("秒", "size"), 平均等待秒=("等待秒数", "mean")).reset_index()
    )
    by_hour["时点"] = by_hour["秒"].astype(str) + "时"
    roster = pd.DataFrame(
        [(t.name, "、".join(sorted(t.skills)), t.seats(9), int((log["班组"] == t.name).sum())) for t in teams],
        columns=["班组", "能接", "坐席", "接听"],
    )  # fmt: skip
    waits = log.sort_values("等待秒数")["等待秒数"].tolist()
    share = [(k + 1) / len(waits) for k in range(len(waits))]
    spread = curves.thinned(waits, share, 80)
    return f"{POOLS[pool]}，{agents} 位坐席，来电 {load:g} 倍；模拟 10 天", cards, [
        Panel("hours", "各时点的来电与等待", figures.mixed("各时点的来电与等待", by_hour, "时点", "来电数", "平均等待秒"), "柱：来电，线：平均等待秒（右轴）"),
        Panel("spread", "等待不超过多少秒的占比", curves.curve("等待不超过多少秒的占比", curves.Axis("等待（秒）", "number", 0), curves.Axis("占比", "percent", 0, 1), {"累计占比": spread})),
        Panel("bars", "各技能组的服务水平", curves.in_unit(figures.bars("各技能组的服务水平", skills, "技能组", "服务水平"), "percent")),
        Panel("skills", "各技能组", Table(skills, kinds={"平均等待秒": "number", "服务水平": "percent"})),
        Panel("roster", "班组", Table(roster)),
        Panel("told", "看什么", Text(["同样的人数，分组越细等待越长：别组有空也接不了。试着切换“班组”，再把来电调到 2 倍。"], "point")),
    ], Layout(("hours hours spread", "bars skills roster", "bars skills told"), (1, 0.62, 0.45))  # fmt: skip


def _apart(kinds: pd.Series, agents: int) -> list[callcentre.Team]:
    """Teams of neighbouring skills, as many as there are agents at most, seats by the calls."""
    names = [str(k) for k in kinds.index]
    count = min(len(names), agents)
    groups = [names[i::count] for i in range(count)]
    sizes = [float(kinds[g].sum()) for g in groups]
    seats = [1] * count
    for _ in range(agents - count):
        hardest = max(range(count), key=lambda i: sizes[i] / seats[i])
        seats[hardest] += 1
    return [
        callcentre.Team("、".join(g) + "组", frozenset(g), n)
        for g, n in zip(groups, seats, strict=True)
    ]


def menus_of(
    shop: str, order: str = "log", agent: bool = True
) -> tuple[dict[str, dict[str, str]], dict[str, float]]:
    """The voice menus behind the log's IVR paths, and how many calls want each service."""
    paths = incoming(shop)["IVR 路径"].dropna().value_counts()
    wanted: dict[str, float] = {}
    groups: dict[str, dict[str, float]] = {}
    keys: dict[str, str] = {}
    for path, count in paths.items():
        key, group, *rest = str(path).split("-")
        service = rest[0] if rest else group
        if service == ivr.AGENT or group == ivr.AGENT:
            continue
        keys.setdefault(group, key)
        groups.setdefault(group, {})
        groups[group][service] = groups[group].get(service, 0.0) + float(count)
        wanted[service] = wanted.get(service, 0.0) + float(count)
    last = {"0": ivr.AGENT} if agent else {}
    often = sorted(wanted, key=lambda s: (-wanted[s], s))
    if order == "flat":
        return {ivr.START: dict(zip([*"123456789", "*", "#"], often, strict=False)) | last}, wanted
    weight = {g: sum(inside.values()) for g, inside in groups.items()}
    by = (lambda g: (-weight[g], g)) if order == "often" else (lambda g: (keys[g], g))
    top = sorted(groups, key=by)
    menus: dict[str, dict[str, str]] = {ivr.START: {}}
    for number, group in enumerate(top, 1):
        inside = groups[group]
        if set(inside) == {group}:
            menus[ivr.START][str(number)] = group
            continue
        name = f"{group}菜单"
        menus[ivr.START][str(number)] = name
        known = sorted(inside, key=lambda s: (-inside[s], s) if order == "often" else (0, s))
        menus[name] = {str(k): s for k, s in enumerate(known, 1)} | last
    menus[ivr.START] |= {"0": ivr.AGENT}
    return menus, wanted


def _menu(shop: str, order: str, agent: bool, deepest: int) -> Made:
    menus, wanted = menus_of(shop, order, agent)
    services = list(wanted)
    wrong = ivr.faults(menus, services, deepest=int(deepest))
    presses, waits = ivr.depths(menus), ivr.seconds(menus)
    reached = {s: v for s, v in wanted.items() if s in waits}
    mean = ivr.expected({s: float(presses[s]) for s in reached}, reached)
    mean_s = ivr.expected({s: waits[s] for s in reached}, reached)
    least = ivr.least_presses(list(wanted.values()), 9)
    rows = [
        (s, presses.get(s), waits.get(s), int(n), n / sum(wanted.values()))
        for s, n in sorted(wanted.items(), key=lambda kv: -kv[1])
    ]
    table = pd.DataFrame(rows, columns=["服务", "按键次数", "最少秒数", "来电数", "来电占比"])
    cards = [
        Card("services", "服务", len(wanted), note="话务记录里走到过的服务"),
        Card("presses", "平均按键", mean, "number", "按来电加权", aside=f"理论最少 {least:.2f} 次"),
        Card("seconds", "平均听菜单", mean_s, "seconds", "问候 4 秒、每项 3 秒、按键 1.5 秒〔课程约定〕"),
        Card("deepest", "最深", max(presses[s] for s in reached), note="到服务最多按几次"),
        Card("menus", "菜单层", len(menus), note="要维护几份录音"),
        Card("faults", "毛病", len(wrong), note="走不到、太深、不能转人工等", aside="没有" if not wrong else "见右下"),
    ]  # fmt: skip
    tree = [_knot(menus, ivr.START, "", wanted, waits)]
    return f"{ORDERS[order]}；最多按 {deepest} 次", cards, [
        Panel("tree", "语音菜单", Tree(tree, "语音菜单"), "来电数，到达的最少秒数"),
        Panel("table", "路径", Table(table, kinds={"按键次数": "count", "最少秒数": "number"}, search=True)),
        Panel("bars", "到各项服务要听多久", figures.ranking("到各项服务要听多久", table.dropna(), "服务", "最少秒数", top=12), "秒"),
        Panel("faults", "检查", Text(wrong or ["没有毛病：每项服务都走得到，深度合适，每层都能转人工。"], "point")),
    ], Layout(("tree table", "tree bars", "faults bars"), (1.3, 0.9, 0.5), (1, 1.15))  # fmt: skip


def _knot(
    menus: Mapping[str, Mapping[str, str]], place: str, key: str, wanted: Mapping[str, float],
    waits: Mapping[str, float],
) -> Knot:  # fmt: skip
    inner = [_knot(menus, to, k, wanted, waits) for k, to in menus.get(place, {}).items()]
    parts = [
        f"{int(wanted[place])} 通" if place in wanted else "",
        f"{waits[place]:.1f} 秒" if key else "",
    ]
    name = f"{key} {place}".strip()
    return Knot(name, "，".join(p for p in parts if p), inner, "main" if inner else "")


PLAN = Plan("呼叫中心", _controls, _draw, DEFINITIONS)
