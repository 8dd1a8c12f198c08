"""Judge of chapter 5's exercises: parts, IVR, call log, seats, outsourcing."""

from __future__ import annotations

from typing import Any

from autograder import compare
from autograder.source.ch05.keys import PARTS
from autograder.source.ch05.reference import (
    Task,
    World,
    even,
    figures,
    load_only,
    menus,
    parts,
    presses,
    seats,
    task,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.analytics.erlang import scheduled
from crmkit.lab import checks, forms
from crmkit.lab.inputs import ch05
from crmkit.settings import settings

lab = LabSpec("ch05", "呼叫中心与客户服务中心", world=World, notebook="ch05_call_center",
              workbook="out/第5章练习.xlsx")  # fmt: skip


# ------------------------------------------------------------------ who does what


@lab.item("ch05-01", points=16, core=True, title="是哪一部分在做",
          need="看现象判断是 IN（智能网络）、ACD（自动呼叫分配）、IVR（交互式语音应答）还是 CTI（计算机电话集成）",
          public=checks.Mapping(keys=tuple(f"T{i:02d}" for i in range(1, ch05.SENTENCES + 1)), options=PARTS),
          compare=compare.labels())  # fmt: skip
def part(w: World) -> dict[str, str]:
    return parts(w)


def _relabelled(w: World, change: dict[str, str]) -> dict[str, str]:
    return {k: change.get(v, v) for k, v in parts(w).items()}


@part.mistake("IN 和 ACD 写反了：IN 在运营商的网络里决定送到哪个中心，ACD 在企业里决定排哪个队、给哪位坐席", 0.5)  # fmt: skip
def in_and_acd(w: World) -> dict[str, str]:
    return _relabelled(w, {"IN": "ACD", "ACD": "IN"})


@part.mistake("IVR 和 CTI 写反了：IVR 是机器对客户说话，CTI 是让电话和坐席的电脑互相知道", 0.5)
def ivr_and_cti(w: World) -> dict[str, str]:
    return _relabelled(w, {"IVR": "CTI", "CTI": "IVR"})


@part.mistake("和坐席电脑有关的都写成了 ACD：弹屏、点击拨号、工单随话转，是 CTI 做的", 0.7)
def cti_as_acd(w: World) -> dict[str, str]:
    return _relabelled(w, {"CTI": "ACD"})


# ------------------------------------------------------------------ IVR


def _tree(got: Any, wanted: Task) -> Verdict:
    """Four things of equal weight: services there, not too deep, agent everywhere, menus in order."""
    tree = menus(got)
    there = presses(tree)
    lacking = [s for s in wanted.services if s not in there]
    deep = [s for s in wanted.services if there.get(s, 0) > wanted.deepest]
    no_agent = [m for m, keys in tree.items() if keys.get("0") != ch05.AGENT]
    long = [m for m, keys in tree.items() if len(keys) > wanted.most_keys]
    lost = [m for m in tree if m not in there]
    empty = sorted(
        {t for keys in tree.values() for t in keys.values()} & set(ch05.MENUS) - set(tree)
    )
    words = []
    there_share = 1 - len(lacking) / len(wanted.services)
    rules = (not deep, not no_agent, not (long or lost or empty))
    share = there_share * (1 + sum(rules)) / 4  # rules kept by an empty tree are worth nothing
    if "主菜单" not in tree:
        return Verdict(
            0.0, "没有「主菜单」，来电不知道从哪里开始", "第一层的键写成 主菜单 1、主菜单 2 …"
        )
    if lacking:
        words.append(f"走不到的服务 {len(lacking)} 个，例如「{lacking[0]}」")
    if deep:
        words.append(f"「{deep[0]}」要按 {there[deep[0]]} 次键")
    if no_agent:
        words.append(f"「{no_agent[0]}」按 0 不能转人工")
    if long:
        words.append(f"「{long[0]}」有 {len(tree[long[0]])} 个按键，最多 {wanted.most_keys} 个")
    if lost:
        words.append(f"菜单「{lost[0]}」从主菜单走不到")
    if empty:
        words.append(f"有按键通向「{empty[0]}」，那里却没有按键")
    if not words:
        return Verdict(
            1.0,
            f"{len(tree)} 个菜单，{len(wanted.services)} 项服务都走得到，最深 {wanted.deepest} 次以内",
        )
    return Verdict(min(share, 0.9), "；".join(words), "从主菜单开始，替每一项服务把键按一遍")


@lab.item("ch05-02", points=18, title="语音菜单树",
          need="把自己的 8 项服务安排进语音菜单：每项走得到、至多按 3 次键、每个菜单按 0 转人工、按键数不超过上限",
          public=checks.Mapping(pattern=rf"({'|'.join(ch05.MENUS)})\s*[0-9*#]", least=8, most=80,
                                options=(*ch05.MENUS, *ch05.SERVICE_POOL, ch05.AGENT)),
          compare=_tree)  # fmt: skip
def tree(w: World) -> Task:
    return task(w)


def _problem(w: World, got: Any) -> tuple[dict[str, dict[str, str]], dict[str, int], Task]:
    built = menus(got)
    return built, presses(built), task(w)


@tree.sign("有的菜单按 0 转不了人工：客户找不到要的选项时就困在里面了，每个菜单都要有 0", 0.7)
def without_agent(w: World, got: Any) -> bool:
    built, there, wanted = _problem(w, got)
    bad = any(keys.get("0") != ch05.AGENT for keys in built.values())
    return bad and all(s in there for s in wanted.services)


@tree.sign("一个菜单里选项太多：听完要半分钟。把它们归成几类，放进下一层", 0.6)
def too_long(w: World, got: Any) -> bool:
    built, there, wanted = _problem(w, got)
    return max(map(len, built.values())) > wanted.most_keys and all(
        s in there for s in wanted.services
    )


@tree.sign("菜单建好了，却没有键通向它：在上一层给它一个按键", 0.4)
def unconnected(w: World, got: Any) -> bool:
    built, there, _ = _problem(w, got)
    return any(m not in there for m in built)


# ------------------------------------------------------------------ the log

LOG_KEYS = ("服务水平", "平均等待", "放弃率")


def _figures(got: Any, expected: dict[str, float]) -> Verdict:
    """Shares to 0.0005, seconds to 0.05; each right one earns its part."""
    found, wrong = forms.mapping(got), []
    for name, right in expected.items():
        if name not in found or forms.missing(found[name]):
            wrong.append(f"缺「{name}」")
            continue
        value = forms.number(found[name])
        if not abs(value - right) <= (0.051 if name == "平均等待" else 0.00051):
            wrong.append(f"「{name}」交的是 {value:.6g}")
    if not wrong:
        return Verdict(1.0, "三个数全部正确")
    return Verdict(
        1 - len(wrong) / 3, f"三个数里：{'；'.join(wrong)}", "先看分母是谁，再看放弃的算不算"
    )


@lab.item("ch05-03", points=20, core=True, title="一份话务日志的三个数",
          need="按题目写明的口径，从航空公司的日志里算出呼入的服务水平、平均等待、放弃率",
          public=checks.Mapping(keys=LOG_KEYS, low=0, high=600), compare=_figures)  # fmt: skip
def log(w: World) -> dict[str, float]:
    return figures(w)


@log.mistake("呼出的电话也算进去了：三个指标只看呼入", 0.3)
def log_outgoing(w: World) -> dict[str, float]:
    return figures(w, outgoing=True)


@log.mistake("平均等待只算接通的：放弃的人等了多久，不是“多久接通”", 0.7)
def log_all_waits(w: World) -> dict[str, float]:
    return figures(w, all_waits=True)


@log.mistake("服务水平的分母是全部呼入：放弃的也是没接好的，本题要算在分母里", 0.7)
def log_of_answered(w: World) -> dict[str, float]:
    return figures(w, of_answered=True)


@log.mistake("服务水平的分子只数接通的：等了几秒就挂断的人，并没有被接起来", 0.7)
def log_any_soon(w: World) -> dict[str, float]:
    return figures(w, any_soon=True)


@log.mistake("放弃率的分母是全部呼入，不是接通的", 0.7)
def log_lost_of_answered(w: World) -> dict[str, float]:
    return figures(w, lost_of_answered=True)


@log.mistake("比率写成了百分数：写成 0 到 1 之间的小数", 0.6)
def log_percent(w: World) -> dict[str, float]:
    return figures(w, percent=True)


# ------------------------------------------------------------------ seats


def _seats(got: Any, expected: int) -> Verdict:
    n = forms.number(got)
    if n == expected:
        return Verdict(1.0, f"{expected} 个坐席，正确")
    side = "多" if n > expected else "少"
    if abs(n - expected) == 1:
        return Verdict(
            0.5, f"{n:g} 个坐席，{side}了 1 个", "“不少于 80%”：从小往大试，第一个达到的就是"
        )
    return Verdict(
        0.0, f"{n:g} 个坐席，{side}了", "先算话务量（爱尔兰），再用爱尔兰 C 公式从小往大试"
    )


@lab.item("ch05-04", points=16, title="最少要几个坐席",
          need="用爱尔兰 C 公式求：半小时里 80% 的来电 20 秒内接通，最少要几个在岗坐席",
          public=checks.Number(low=1, high=200, whole=True), compare=_seats)  # fmt: skip
def fewest(w: World) -> int:
    return seats(w)


@fewest.mistake("只取了比话务量大的整数：那只够“排队不会越来越长”，等待还很久", 0.3)
def fewest_load(w: World) -> int:
    return load_only(w)


@fewest.mistake("来电是半小时的量：话务量 = 通数 × 秒数 ÷ 1800，不是 ÷ 3600", 0.4)
def fewest_hour(w: World) -> int:
    return seats(w, hour=True)


@fewest.mistake(
    "多要了：像是要求 80% 的人完全不用等。20 秒内接通的也算达到，公式里还要乘上 e 的负幂", 0.5
)
def fewest_immediate(w: World) -> int:
    return seats(w, immediate=True)


@fewest.mistake("多除了一次在岗率：这一题要的是同时在岗的坐席，不是排班人数", 0.6)
def fewest_scheduled(w: World) -> int:
    return scheduled(seats(w), settings()["callcentre"]["shrinkage"])


# ------------------------------------------------------------------ inside or outside


@lab.item("ch05-05", points=14, title="自建与外包的平衡点",
          need="每月来电多少通时，自建与外包的月总费用相等",
          public=checks.Number(low=1, high=1_000_000), compare=compare.number(1.0, unit=" 通"))  # fmt: skip
def outside(w: World) -> float:
    return even(w)


@outside.mistake("一次性投入没有摊到每个月：除以摊销月数", 0.5)
def outside_once(w: World) -> float:
    return even(w, spread=False)


@outside.mistake("漏了一次性投入：系统买来不是白用的，每月要摊一份", 0.5)
def outside_no_once(w: World) -> float:
    return even(w, once=False)


@outside.mistake("外包也有固定的一块：固定费用要用自建的减去外包的基础费", 0.5)
def outside_base(w: World) -> float:
    return even(w, base=False)


@outside.mistake("自建每通也要付通话费：除数是两边单价之差", 0.5)
def outside_call(w: World) -> float:
    return even(w, own_call=False)


lab.manual(
    "ch05-06", points=16, title="讨论：陶瓷店的热线，自建还是外包",
    need="为瓷语轩写一份建议：热线自建还是外包，用自己算的数支持，并说明交出去的和不能交出去的",
    rubric=(
        Level(16, "结论明确；用到瓷语轩的来电量、坐席数或费用中至少两个自己算的数；分清可以外包和不能外包的来电；写出合同里的服务水平口径和退出条件"),
        Level(12, "结论明确，有自己算的数，分清了可以外包和不能外包的来电，但没有写合同口径或退出条件"),
        Level(8, "有结论和一个数，但没有区分来电的种类，或数与结论没有关系"),
        Level(4, "只有优缺点的罗列，没有数，没有结论"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
