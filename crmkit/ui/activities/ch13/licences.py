"""The licence clinic: what has to be given back, by licence and use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_EXAMPLES = {
    "MIT": "MIT（如 Chatwoot）", "LGPL": "LGPL-3.0（如 Odoo 社区版）",
    "GPL": "GPL-3.0（如 ERPNext）", "AGPL": "AGPL-3.0（如 EspoCRM）", "own": "商业许可",
}  # fmt: skip
_SHORT = {
    "nothing": "不必",
    "notice": "留声明",
    "library": "库的源码",
    "whole": "全部源码",
    "contract": "看合同",
}
_COLOURS = {
    "nothing": "#ccfbf1", "notice": "#99f6e4", "library": "#fde68a", "whole": "#fecdd3",
    "contract": "#e2e8f0",
}  # fmt: skip
_USES = {"inside": "自己用", "web": "做成网站", "hand_on": "交给别家装", "link": "放进闭源程序"}


def licence_clinic() -> Activity:
    """Choose a licence and what one wants to do; the whole table shows where it turns."""
    import pandas as pd

    from crmkit.analytics import licences

    def draw(figure: Figure, licence: str, use: str, changed: bool) -> View:
        axes = figure.subplots()
        owed = {
            (k, u): licences.duty(k, u, changed=changed)
            for k in licences.LICENCES
            for u in licences.USES
        }
        for y, k in enumerate(licences.LICENCES):
            for x, u in enumerate(licences.USES):
                mine = (k, u) == (licence, use)
                axes.barh(
                    y, 0.94, 0.86, left=x - 0.47, color=_COLOURS[owed[k, u].what],
                    edgecolor=theme.COURSE if mine else "none", linewidth=2.5 if mine else 0,
                )  # fmt: skip
                axes.text(x, y, _SHORT[owed[k, u].what], ha="center", va="center", color="#1f2937")
        axes.set_xlim(-0.55, len(_USES) - 0.45)
        axes.set_xticks(range(len(_USES)), list(_USES.values()))
        axes.set_yticks(range(len(licences.LICENCES)), list(licences.LICENCES.values()))
        axes.invert_yaxis()
        axes.grid(False)
        axes.set_title("要给出什么" + ("（改过它的程序）" if changed else "（没有改它的程序）"))
        found = owed[licence, use]
        told = f"{licences.LICENCES[licence]}，{licences.USES[use]}：{licences.DUTIES[found.what]}"
        told += f"，给{found.whom}。" if found.whom and licence != "own" else "。"
        if licence == "AGPL" and use == "web":
            told += "改了并让人经网络使用就要给，这正是 AGPL 与 GPL 的差别。"
        rows = [
            (
                ("▸ " if u == use else "") + _USES[u],
                licences.DUTIES[owed[licence, u].what],
                owed[licence, u].whom or "—",
                owed[licence, u].where,
            )
            for u in licences.USES
        ]
        return View(
            alt=f"五种许可乘四种用法的格子，框出的是 {licences.LICENCES[licence]}、{_USES[use]}：{_SHORT[found.what]}。",
            message=told,
            table=pd.DataFrame(rows, columns=["怎样用", "要做什么", "给谁", "依据"]),
            result={
                "duty": found.what,
                "whole": sum(d.what == "whole" for d in owed.values()),
            },
        )

    return Activity(
        "许可证门诊：改了开源软件，要交出什么？",
        [
            Select("licence", "许可证", _EXAMPLES, "AGPL"),
            Select("use", "打算怎样用", dict(licences.USES), "web"),
            Switch("changed", "改过它的程序", True),
        ],
        draw,
        note="只列主要的义务，不是法律意见；例子的许可会变，以各自仓库里的许可文件为准。“交出源码”是给拿到或用到程序的人，不是必须公开到网上。"
        "试一试：同样改了做成网站，四种开源许可里有几种要交？关掉“改过”呢？",
        source="MIT、GPL-3.0、LGPL-3.0、AGPL-3.0 的许可文本；crmkit.analytics.licences。",
        size=(7.4, 2.7),
    )
