"""An IVR as a graph of menus: is every service reachable, how deep, how many seconds away?

A tree is menu → {key: where it leads}. A key leads to another menu, to a service, or to `AGENT`.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

Menus = Mapping[str, Mapping[str, str]]
AGENT = "人工"
START = "主菜单"
KEYS = frozenset("0123456789*#")


def depths(menus: Menus, *, start: str = START) -> dict[str, int]:
    """Fewest key presses to every place (menus, services, `AGENT`) that can be reached.

    >>> depths({"主菜单": {"1": "物流", "0": "人工"}, "物流": {"1": "查件", "0": "人工"}})
    {'主菜单': 0, '物流': 1, '人工': 1, '查件': 2}
    """
    found = {start: 0}
    queue = [start]
    for place in queue:
        for to in menus.get(place, {}).values():
            if to not in found:
                found[to] = found[place] + 1
                queue.append(to)
    return found


def faults(
    menus: Menus, services: Sequence[str], *, deepest: int = 3, agent_key: str = "0",
    most_options: int = 9, start: str = START,
) -> list[str]:  # fmt: skip
    """What is wrong with a tree, in sentences; an empty list when nothing is.

    Parameters
    ----------
    services
        Services that callers have to find.
    deepest
        A service may be at most so many key presses away.
    agent_key
        The key that leads to `AGENT` in every menu.
    most_options
        A menu may offer at most so many keys, the agent's included.
    """
    if start not in menus:
        return [f"没有「{start}」：来电从它开始"]
    there = depths(menus, start=start)
    out = [f"菜单「{m}」从「{start}」走不到" for m in menus if m not in there]
    for name, keys in menus.items():
        odd = [k for k in keys if k not in KEYS]
        if odd:
            out.append(f"菜单「{name}」的按键「{odd[0]}」不在电话键盘上（0–9、*、#）")
        if keys.get(agent_key) != AGENT:
            out.append(f"菜单「{name}」按 {agent_key} 不能转{AGENT}")
        if len(keys) > most_options:
            out.append(f"菜单「{name}」有 {len(keys)} 个按键，最多 {most_options} 个")
        for key, to in keys.items():
            if to not in menus and to not in services and to != AGENT:
                out.append(f"菜单「{name}」按 {key} 通向「{to}」，既不是菜单也不是服务")
    for service in services:
        if service not in there:
            out.append(f"服务「{service}」走不到")
        elif there[service] > deepest:
            out.append(f"服务「{service}」要按 {there[service]} 次键，最多 {deepest} 次")
    return out


def seconds(
    menus: Menus, *, greeting_s: float = 4, option_s: float = 3, press_s: float = 1.5,
    start: str = START,
) -> dict[str, float]:  # fmt: skip
    """Least seconds to every place for a caller who listens until his option has been read.

    Each menu costs its greeting, the options read up to and including his (they are read in the
    order in which they are written), and the press.
    """
    g = inputs.number(greeting_s, "greeting_s", low=0)
    o = inputs.number(option_s, "option_s", low=0)
    p = inputs.number(press_s, "press_s", low=0)
    found: dict[str, float] = {}
    queue = [(0.0, start)]
    while queue:
        at, place = heapq.heappop(queue)
        if place in found:
            continue
        found[place] = at
        for k, to in enumerate(menus.get(place, {}).values(), start=1):
            if to not in found:
                heapq.heappush(queue, (at + g + o * k + p, to))
    return found


def expected(per_service: Mapping[str, float], shares: Mapping[str, float]) -> float:
    """Mean over the callers: Σ share × value ÷ Σ share.

    Raises
    ------
    AnalyticsError
        A service that callers want is not among the values, or all shares are zero.
    """
    lacking = [s for s in shares if s not in per_service]
    if lacking:
        raise AnalyticsError(f"服务「{lacking[0]}」走不到，算不出平均。先用 faults 检查菜单。")
    total = sum(shares.values())
    if not total > 0:
        raise AnalyticsError("来电份额要有大于 0 的数。")
    return sum(share * per_service[s] for s, share in shares.items()) / total


def least_presses(shares: Sequence[float], keys: int) -> float:
    """Least mean number of presses when a menu has at most `keys` choices: Huffman's tree.

    Huffman 1952 for an alphabet of `keys` signs: the rarest are put together first; empty places
    fill up the first group. It minimises presses, not the seconds of listening, and may put things
    into one menu that no caller would look for together.

    >>> least_presses([0.5, 0.25, 0.25], 2)
    1.5
    """
    keys = inputs.whole(keys, "keys", low=2)
    total = sum(shares)
    if not shares or min(shares) < 0 or not total > 0:
        raise AnalyticsError("来电份额不能是负数，也不能全是 0。")
    heap = [s / total for s in shares]
    heap += [0.0] * (-(len(heap) - 1) % (keys - 1))
    heapq.heapify(heap)
    presses = 1.0 if len(heap) == 1 else 0.0
    while len(heap) > 1:
        group = sum(heapq.heappop(heap) for _ in range(keys))
        presses += group
        heapq.heappush(heap, group)
    return presses
