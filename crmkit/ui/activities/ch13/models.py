"""Five systems' cards of the same object; one pipeline of deals that changes house."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_UNKNOWN = "未载"
_LEARNT_FROM = ("需求强度", "购买能力", "决策影响", "时间紧迫")


def model_cards(shop: str = "tea") -> Activity:
    """States of an object in five systems; the shop's deals moved from one to another."""
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics import datamodels as d

    amounts, learnt, count = _pipeline(shop)
    staged = [d.OWN, d.ESPO, d.FRAPPE]

    def draw(figure: Figure, what: str, source: str, target: str, way: str) -> View:
        cards = d.CARDS[what]
        left, right = figure.subplots(1, 2, width_ratios=(2.1, 1))
        for y, (system, card) in enumerate(cards.items()):
            at = card.chances or [
                (k + 0.5) / max(len(card.states), 1) for k in range(len(card.states))
            ]
            if card.states:
                left.plot([0, 1], [y, y], color="#e2e8f0", zorder=1)
            for k, (x, state) in enumerate(zip(at, card.states, strict=True)):
                mine = system in (source, target) and what == "opportunity"
                left.plot([x], [y], "o", color=theme.COURSE if mine else theme.MUTED, zorder=2)
                left.annotate(
                    state.split("/")[0], (x, y), (0, 5 if k % 2 == 0 else -12),
                    textcoords="offset points", ha="center", fontsize=9,
                )  # fmt: skip
            if not card.states:
                words = (
                    "由历史学出，没有写死的阶段把握"
                    if system == d.ODOO and what == "opportunity"
                    else _UNKNOWN
                )
                left.text(0.5, y, words, ha="center", va="center", fontsize=9, color=theme.MUTED)  # fmt: skip
        left.set_yticks(range(len(cards)), list(cards))
        left.set_ylim(len(cards) - 0.4, -0.6)
        left.set_xlim(-0.02, 1.02)
        left.grid(False)
        if what == "opportunity":
            left.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
            left.set_title("各家商机的阶段，站在多大的把握上")
        else:
            left.set_xticks([])
            left.set_title(f"各家“{d.OBJECTS[what]}”的状态，按次序")

        mapped = d.carried(d.OWN, source) if source != d.OWN else {s: s for s in amounts.index}
        held = amounts.groupby(mapped).sum()
        before = d.forecast(held, source)
        if target == d.ODOO:
            after, lost, alone = learnt, 0, 0
            gone = "按四项评分从赢输里学出，旧的阶段不算数"
        else:
            road = (
                d.carried(source, target, way=way)
                if source != target
                else {s: s for s in held.index}
            )
            after = d.forecast(held.groupby(road).sum(), target)
            lost = len(road) - len(set(road.values()))
            alone = len(set(d.CARDS["opportunity"][target].states) - set(road.values()))
            gone = f"{lost} 个阶段并进了别的，分不回来" if lost else "没有阶段并到一起"
        for k, x in enumerate((before, after)):
            right.bar(k, x / 10_000, 0.55, color=(theme.MUTED, theme.COURSE)[k])
            right.annotate(f"{x / 10_000:,.1f}", (k, x / 10_000), (0, 4),
                           textcoords="offset points", ha="center")  # fmt: skip
        right.set_xticks(range(2), [f"旧：{source}", f"新：{target}"], fontsize=9)
        right.set_ylim(0, max(before, after, 1) / 10_000 * 1.25)
        right.set_yticks([])
        right.grid(False)
        right.set_title("加权预测（万元）")
        change = (after - before) / before
        told = (
            f"同样 {count} 条没结束的商机，从“{source}”搬到“{target}”，"
            + ("" if target == d.ODOO else f"{d.WAYS[way]}：")
            + (f"预测由 {before / 10_000:,.1f} 万元变成 {after / 10_000:,.1f} 万元（{change:+.0%}），" if abs(change) >= 0.005
               else f"预测差不多不变，{after / 10_000:,.1f} 万元，")
            + f"{gone}。商机一条也没有变。"
        ).replace("-", "−")  # fmt: skip
        rows = []
        for system, card in cards.items():
            states = (
                " → ".join(f"{s} {c:.0%}" for s, c in zip(card.states, card.chances, strict=True))
                if card.chances
                else "、".join(card.states)
            )
            told_of = "。".join(x for x in (states or "状态未载", card.note) if x)
            rows.append(
                (f"{system}：{told_of if card.source else _UNKNOWN}", card.source or "没有查到")
            )
        return View(
            alt=f"左图五个系统的“{d.OBJECTS[what]}”各有 "
            + "、".join(f"{s}（{len(c.states) or _UNKNOWN}）" for s, c in cards.items())
            + f" 个状态；右图加权预测旧 {before / 10_000:,.1f} 万元，新 {after / 10_000:,.1f} 万元。",
            message=told,
            table=pd.DataFrame(rows, columns=["系统、状态和别的", "出处"]),
            result={"before": before, "after": after, "merged": lost, "empty": alone,
                    "unknown": sum(not c.states for c in cards.values())},
        )  # fmt: skip

    return Activity(
        "同一样东西，五种数据模型",
        [
            Select("what", "看哪一样", dict(d.OBJECTS)),
            Select("source", "商机的旧系统", {s: s for s in staged}, d.ESPO),
            Select("target", "搬到", {s: s for s in (*staged, d.ODOO)}, d.FRAPPE),
            Select("way", "阶段怎样对", dict(d.WAYS), "name"),
        ],
        draw,
        formula=r"\text{加权预测} = \sum \text{预计金额} \cdot \text{阶段的把握}",
        note=f"右图是{shops.TITLES[shop]}没有结束的商机，先按把握放进旧系统的阶段，再搬。没有同名阶段的落到第一个阶段，是许多导入程序的默认〔课程约定〕；"
        "“未载”是我们没有查到，不是它没有。把握一样近的往低放；试一试：Qualification 两家都有，为什么不能按名字对？",
        source="各系统公开的源码与说明，年月见表；概率：settings.toml 的 [opportunities]；crmkit.analytics.datamodels、naive_bayes。",
        size=(8.0, 3.0),
    )


@lru_cache(maxsize=3)
def _pipeline(shop: str) -> tuple[pd.Series, float, int]:
    """Open deals: amounts by stage, the forecast learnt from those that have ended, how many."""
    from crmkit import shops
    from crmkit.analytics import naive_bayes

    deals = shops.load(shop).opportunities
    over = deals["阶段"].isin(["成功", "失败"])
    ended, running = deals[over].reset_index(drop=True), deals[~over]
    columns = list(_LEARNT_FROM)
    model = naive_bayes.learn(
        ended.assign(成交=ended["阶段"].eq("成功")), "成交", columns, smoothing=0.1,
        values=dict.fromkeys(columns, (1, 2, 3, 4, 5)),
    )  # fmt: skip
    chance = naive_bayes.chance(model.log_odds(running[columns]))
    learnt = float((chance * running["预计金额"]).sum())
    return running.groupby("阶段")["预计金额"].sum(), learnt, len(running)
