"""Who brings the money; who has to be won over before a system helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Part of the people concerned → how much hangs on them (1–5); chosen for class.
_PEOPLE = {
    "boss": ("老板：肯不肯定战略、给钱、给时间", 5), "sales": ("销售：肯不肯把客户写进系统", 5),
    "service": ("客服：有没有权当场解决", 4), "tech": ("技术：数据干净不干净、接不接得上", 3),
    "finance": ("财务：算不算得清投入和回报", 2), "client": ("客户：愿不愿意留下信息", 4),
}  # fmt: skip


def concentration(shop: str = "tea") -> Activity:
    """The Lorenz curve of the shop's buyers and what the top share of them brings."""
    import numpy as np
    import pandas as pd

    from crmkit import shops

    loaded = shops.load(shop)
    paid = shops.valid_orders(loaded.orders)
    spans = {"2024": "2024 年", "2025": "2025 年", "both": "两年合计"}

    def sums(span: str) -> np.ndarray:
        part = paid if span == "both" else paid[paid["付款时间"].dt.year == int(span)]
        found = part.groupby("客户编号")["实付金额"].sum()
        return np.sort(found.to_numpy())[::-1]

    spent = {span: sums(span) for span in spans}

    def draw(figure: Figure, span: str, top: float) -> View:
        amounts = spent[span]
        n, total = len(amounts), amounts.sum()
        share = np.concatenate([[0], np.cumsum(amounts) / total])
        x = np.arange(n + 1) / n
        cut = max(1, round(top * n))
        gini = float(2 * np.trapezoid(share, x) - 1)
        axes = figure.subplots()
        step = max(1, n // 200)
        axes.plot(x[::step], share[::step], color=theme.colour(shop), linewidth=2)
        axes.plot([0, 1], [0, 1], color=theme.MUTED, linestyle="--", linewidth=1)
        axes.plot([cut / n], [share[cut]], "o", color=theme.SERIES[1], markersize=9)
        axes.set_xlabel("客户，从买得最多的排起")
        axes.set_title("累计销售额占比；虚线是人人一样多")
        rows = [(f"{p:.0%}", max(1, round(p * n)), f"{share[max(1, round(p * n))]:.1%}",
                 float(amounts[: max(1, round(p * n))].mean())) for p in (0.01, 0.05, 0.2, 0.5, 1.0)]  # fmt: skip
        return View(
            alt=f"集中曲线：前 {top:.0%} 的客户占销售额 {share[cut]:.0%}，基尼系数 {gini:.2f}。",
            message=f"{n:,} 位买家里前 {top:.0%}（{cut:,} 位）带来 {share[cut]:.1%} 的销售额；基尼系数 {gini:.2f}。",
            table=pd.DataFrame(rows, columns=["前", "人数", "占销售额", "每位平均（元）"]),
            result={"share": float(share[cut]), "gini": gini, "buyers": n},
        )

    return Activity(
        "二八：多少人带来多少销售额？",
        [
            Select("span", "哪一段", spans, "2025"),
            Slider("top", "前百分之几的客户", 0.01, 1, 0.01, 0.2, percent=True),
        ],
        draw,
        note=f"数据是{loaded.title}的有效订单。“80/20”是经验的说法，不是定律；同一家店换一段时间就不同。"
        "这里用销售额；按利润排，集中得可能更厉害，有的客户还会是负数。",
        source="洛伦兹曲线与基尼系数（Lorenz，1905；Gini，1912）；crmkit 数据集。",
        size=(6.6, 3.1),
    )


def readiness_map() -> Activity:
    """People concerned, by how much hangs on them and how ready they are; the weakest decides."""
    import pandas as pd

    keys = list(_PEOPLE)

    def draw(figure: Figure, **ready: int) -> View:
        weights = {k: _PEOPLE[k][1] for k in keys}
        mean = sum(weights[k] * ready[k] for k in keys) / sum(weights.values())
        gaps = {k: weights[k] * (5 - ready[k]) for k in keys}
        weak = max(keys, key=lambda k: gaps[k])
        chance = 1.0
        for k in keys:
            chance *= (ready[k] / 5) ** (weights[k] / sum(weights.values()) * 3)
        axes = figure.subplots()
        for k in keys:
            colour = theme.SERIES[2] if k == weak and gaps[k] > 0 else theme.COURSE
            near = [
                o for o in keys[: keys.index(k)] if (ready[o], weights[o]) == (ready[k], weights[k])
            ]
            axes.plot(
                [ready[k]],
                [weights[k]],
                "o",
                color=colour,
                markersize=11,
                zorder=3 if k == weak else 2,
            )
            axes.annotate(_PEOPLE[k][0].split("：")[0], (ready[k], weights[k]),
                          (9 + 42 * len(near), -4), textcoords="offset points")  # fmt: skip
        axes.axvline(3, color=theme.LINE, linewidth=1.2)
        axes.axhline(3, color=theme.LINE, linewidth=1.2)
        axes.set_xlim(0.5, 5.9)
        axes.set_ylim(1, 5.8)
        axes.set_xlabel("准备得怎样（1 差 — 5 好）")
        axes.set_title("左上角：要紧，又没有准备好")
        order = sorted(keys, key=lambda k: -gaps[k])
        table = pd.DataFrame(
            [(_PEOPLE[k][0], weights[k], ready[k], gaps[k]) for k in order],
            columns=["谁", "要紧程度", "准备", "缺口 = 要紧 × (5 − 准备)"],
        )
        return View(
            alt=f"六个点的散点图，缺口最大的是{_PEOPLE[weak][0].split('：')[0]}。",
            message=f"加权平均 {mean:.1f} 分；按“一环断了就断”算，示意的成功可能 {chance:.0%}。"
            + (f"先补“{_PEOPLE[weak][0].split('：')[0]}”。" if gaps[weak] else "没有明显的短板。"),
            table=table,
            result={"mean": mean, "chance": chance, "weak": weak},
        )

    return Activity(
        "难点地图：谁还没有准备好？",
        [Slider(k, _PEOPLE[k][0], 1, 5, 1, 3, "分") for k in keys],
        draw,
        formula=r"\prod_k (\frac{x_k}{5})^{3 w_k}",
        note="要紧程度和“成功可能”的公式都是教学设定，w 是要紧程度占的份额；只为看清一点："
        "平均分掩盖短板。请为一家你熟悉的企业打分，每一分说得出一件事实。",
        source="利益相关者的重要性—准备度图：通行做法；中国实施 CRM 的难点：大纲只列题目，六项为推断。",
        size=(6.8, 3.0),
    )
