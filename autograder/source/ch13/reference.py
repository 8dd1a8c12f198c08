"""The right answers of chapter 13's exercises, in plain Python; keywords make typical mistakes."""

from __future__ import annotations

from dataclasses import dataclass

from crmkit.lab.inputs import ch13

IDEAS = ("统一视图", "差别对待", "过程可控", "用数据评估", "授权一线")
KINDS = ("国外", "国内", "大型", "中型", "小型")
STATES = ("通过", "提示", "不通过")
FOREIGN = {"Oracle", "SAP"}


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str


def kinds(w: World, *, by_look: bool = False, open_limits: bool = False) -> dict[str, str]:
    """Home or foreign; large, medium, small."""
    foreign = FOREIGN | {"Turbo"} if by_look else FOREIGN
    out = {}
    for number, text in ch13.cards(w.student):
        if text in ch13.VENDORS:
            out[number] = "国外" if text in foreign else "国内"
            continue
        people = int(text.split("，")[1].split()[0]) - open_limits
        out[number] = "大型" if people >= 300 else "中型" if people >= 50 else "小型"
    return out


def ranking(
    w: World, *, plain: bool = False, dear: bool = False, turned: bool = False
) -> list[str]:
    """Products by weighted score, the best first."""
    rows = list(ch13.scores(w.student).itertuples(index=False))
    high, low = max(r[4] for r in rows), min(r[4] for r in rows)
    share = dict.fromkeys(ch13.weights(w.student), 25) if plain else ch13.weights(w.student)
    weights = list(share.values())
    found = {}
    for name, *marks, cost in rows:
        last = cost if dear else 10 * (high - cost) / (high - low)
        found[name] = sum(m * x for m, x in zip([*marks, last], weights, strict=True))
    return sorted(found, key=lambda n: found[n], reverse=not turned)


def machine(
    w: World, *, as_text: bool = False, strict: bool = False, ports: bool = False
) -> dict[str, str]:
    """State of every line of the check-list."""
    out = {}
    for number, kind, _, found, wanted in ch13.machine(w.student).itertuples(index=False):
        if kind == "端口":
            out[number] = "通过" if found == "空闲" else "不通过" if ports else "提示"
            continue
        a, b = ([int(x) for x in t.split(".")] for t in (found, wanted))
        enough = found >= wanted if as_text else a > b if strict else a >= b
        out[number] = "通过" if enough else "不通过"
    return out


def ideas(w: World) -> dict[str, str]:
    """The pool holds four functions of every idea, in the order of `IDEAS`."""
    return {k: IDEAS[i // 4] for k, i in ch13.functions(w.student).items()}
