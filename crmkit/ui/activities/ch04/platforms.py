"""Choosing a platform: weights, scores, and one condition that no score makes up for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WANTS = {"fast": "尽快用上", "cheap": "头两年花钱少", "fit": "贴合自己的流程", "carefree": "不用养技术人员",
          "leave": "数据带得走"}  # fmt: skip
# 1 (poor) to 5 (good), made up for class
_PLATFORMS = {
    "租用 SaaS": (5, 4, 2, 5, 2),
    "低代码搭建": (4, 4, 4, 3, 3),
    "开源改造": (2, 4, 4, 1, 5),
    "自己开发": (1, 1, 5, 1, 5),
}
_OWN_ROOM = ("开源改造", "自己开发")  # may stand in a machine room of one's own


def _shares(weights: Mapping[str, int]) -> dict[str, float]:
    total = sum(weights.values())
    return {k: (weights[k] / total if total else 0.0) for k in _WANTS}


def score(weights: Mapping[str, int]) -> dict[str, float]:
    """Weighted score of every platform, 0 (no weights at all) or 1 to 5."""
    shares = _shares(weights)
    return {
        name: math.fsum(shares[k] * p for k, p in zip(_WANTS, points, strict=True))
        for name, points in _PLATFORMS.items()
    }


def platform_choice() -> Activity:
    """Weighted scores of four platforms; a condition that must be met takes out two."""
    import pandas as pd

    def draw(figure: Figure, own_room: bool, **weights: int) -> View:
        shares = _shares(weights)
        scores = score(weights)
        out = [n for n in _PLATFORMS if own_room and n not in _OWN_ROOM]
        order = sorted((n for n in scores if n not in out), key=lambda n: -scores[n])
        axes = figure.subplots()
        for y, name in enumerate(_PLATFORMS):
            left = 0.0
            for c, (k, p) in enumerate(zip(_WANTS, _PLATFORMS[name], strict=True)):
                part = shares[k] * p
                colour = theme.LINE if name in out else theme.SERIES[c]
                axes.barh(
                    y,
                    part,
                    0.6,
                    left=left,
                    color=colour,
                    label=_WANTS[k] if name == order[0] else None,
                )
                left += part
            axes.annotate("出局" if name in out else f"{scores[name]:.2f}", (left, y), (5, 0),
                          textcoords="offset points", va="center")  # fmt: skip
        axes.set_yticks(range(len(_PLATFORMS)), list(_PLATFORMS))
        axes.invert_yaxis()
        axes.set_xlim(0, 7.4)
        axes.set_xticks(range(6))
        axes.grid(False, axis="y")
        axes.legend(loc="center right", fontsize=9)
        axes.set_title("四种平台的加权得分（满分 5）")
        gap = scores[order[0]] - scores[order[1]]
        told = (
            "权数全是 0，比不出来。" if not any(weights.values())
            else f"最高的是「{order[0]}」（{scores[order[0]]:.2f}），比「{order[1]}」高 {gap:.2f}"
            + ("：差得太少，名次靠不住。" if gap < 0.2 else "。")
        )  # fmt: skip
        if out:
            told += f"硬条件淘汰了：{'、'.join(out)}。"
        table = pd.DataFrame(
            [
                (n, *map(str, p), "出局" if n in out else f"{scores[n]:.2f}")
                for n, p in _PLATFORMS.items()
            ],
            columns=["平台", *_WANTS.values(), "加权"],
        )
        return View(
            alt="；".join(f"{n} {'出局' if n in out else f'{scores[n]:.2f}'}" for n in _PLATFORMS),
            message=told,
            table=table,
            result={"scores": scores, "order": order, "gap": gap},
        )

    start = {"fast": 4, "cheap": 4, "fit": 2, "carefree": 4, "leave": 2}
    return Activity(
        "选平台：分数与硬条件",
        [
            *(Slider(k, f"看重：{label}", 0, 5, 1, start[k]) for k, label in _WANTS.items()),
            Switch("own_room", "硬条件：数据必须放在自己的机房"),
        ],
        draw,
        formula=r"\text{得分} = \frac{\sum \text{权数} \times \text{分数}}{\sum \text{权数}}",
        note="分数是教学编写的示意，真选型要按试用的结果打。做不到就不能用的，写成硬条件，不要写成权数。"
        "试一试：只动一根滑条，能不能让第一名换人？",
        source="加权评分法；评分为教学编写。",
        size=(7.2, 2.8),
    )
