"""Three shops beside each other: when customers come back, and where they live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = {"tea": "#15803d", "ceramics": "#1d4ed8", "electronics": "#6d28d9"}


def coming_back() -> Activity:
    """Share of purchases that another one has followed within t days, by shop (Kaplan–Meier)."""
    import numpy as np
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics import survival

    end = pd.Timestamp(shops.as_of())
    curves = {}
    for name in shops.TITLES:
        paid = shops.valid_orders(shops.load(name).orders)
        days = pd.DataFrame({"客户": paid["客户编号"], "日": paid["付款时间"].dt.normalize()})
        days = days.drop_duplicates().sort_values(["客户", "日"])
        later = days.groupby("客户")["日"].shift(-1)
        spent = (later.fillna(end) - days["日"]).dt.days
        curves[name] = survival.kaplan_meier(spent, later.notna())

    def draw(figure: Figure, days: int, target: float) -> View:
        axes = figure.subplots()
        rows, back = [], {}
        for name, table in curves.items():
            shown = table[table["时间"] <= 540]
            axes.step(shown["时间"], 1 - shown["存活率"], where="post", color=_COLOURS[name],
                      label=shops.TITLES[name])  # fmt: skip
            back[name] = 1 - float(survival.survival_at(table, days))
            reached = table.loc[1 - table["存活率"] >= target, "时间"]
            until = "—" if reached.empty else f"{int(reached.iloc[0])} 天"
            rows.append((shops.TITLES[name], back[name], until))
        axes.axvline(days, color=theme.TEXT, linestyle="--", linewidth=1.2)
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        axes.set_xlabel("买过之后多少天")
        axes.set_title("又来买的比例")
        axes.legend(loc="lower right")
        table = pd.DataFrame(rows, columns=["店铺", "到这一天回来的", f"回来 {target:.0%} 要"])
        table["到这一天回来的"] = [f"{x:.0%}" for x in table["到这一天回来的"]]
        most, least = max(back, key=lambda k: back[k]), min(back, key=lambda k: back[k])
        return View(
            alt=f"三条上升的曲线，第 {days} 天处{shops.TITLES[most]}最高，{shops.TITLES[least]}最低。",
            message=f"同样是 {days} 天没来：{shops.TITLES[most]}有 {back[most]:.0%} 的购买已经有了下一次，"
            f"{shops.TITLES[least]}只有 {back[least]:.0%}。同一条界限，意思不同。",
            table=table,
            result={**back, "spread": float(np.ptp(list(back.values())))},
        )

    return Activity(
        "多久没来，算“不来了”？",
        [
            Slider("days", "过了多少天", 5, 360, 5, 90, "天"),
            Slider("target", "想知道回来多少", 0.3, 0.7, 0.05, 0.5, percent=True),
        ],
        draw,
        formula=r"S(t) = \prod_{t_i \le t} (1 - \frac{d_i}{n_i})",
        note="每一次购买到下一次购买的天数；还没有下一次的，按“至少这么久”计（删失）。图上是 1 − S(t)。"
        "试一试：界限应定在各店曲线变平的地方，三家店各是多少天？",
        source="Kaplan 与 Meier（1958）；crmkit.analytics.survival；三家教学店铺 2024—2025 年的有效订单。",
        size=(7.2, 3.0),
    )  # fmt: skip


def location_quotient() -> Activity:
    """Where one shop's customers are over-represented, against the three shops together."""
    import pandas as pd

    from crmkit import shops

    counts = pd.DataFrame(
        {name: shops.load(name).customers["省份"].value_counts() for name in shops.TITLES}
    ).fillna(0)
    whole = counts.sum(axis=1)

    def draw(figure: Figure, shop: str, least: int) -> View:
        quotient = (counts[shop] / counts[shop].sum()) / (whole / whole.sum())
        kept = quotient[whole >= least].sort_values(ascending=False)
        shown = pd.concat([kept.head(6), kept.tail(6)])
        shown = shown[~shown.index.duplicated()]
        axes = figure.subplots()
        for k, (_, x) in enumerate(shown.items()):
            axes.barh(k, x - 1, 0.7, left=1, color=_COLOURS[shop] if x >= 1 else theme.MUTED)
        axes.set_yticks(range(len(shown)), list(shown.index))
        axes.axvline(1, color=theme.TEXT, linewidth=1)
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.set_xlabel("区位商（1 = 与三家店合计的平均相同）")
        axes.set_title(f"{shops.TITLES[shop]}的客户偏多与偏少的省份")
        table = pd.DataFrame(
            [(p, int(counts[shop][p]), int(whole[p]), f"{x:.2f}") for p, x in shown.items()],
            columns=["省份", "本店客户", "三店合计", "区位商"],
        )
        top = shown.index[0]
        return View(
            alt=f"横条从 1 向两边伸出，{top}最偏多（{shown.iloc[0]:.2f}），{shown.index[-1]}最偏少。",
            message=f"{top}的区位商 {shown.iloc[0]:.2f}：占本店的比例是平均的 {shown.iloc[0]:.2f} 倍，"
            f"依据 {int(counts[shop][top])} 位客户。人越少，越容易碰巧。",
            table=table,
            result={"top": top, "value": float(shown.iloc[0]), "provinces": len(kept)},
        )

    return Activity(
        "客户在哪里偏多？",
        [
            Select("shop", "店铺", dict(shops.TITLES)),
            Slider("least", "三店合计至少", 0, 400, 20, 160, "人"),
        ],
        draw,
        formula=r"LQ = \frac{n_{ip} / n_i}{N_p / N}",
        note="分子是该省占本店客户的比例，分母是该省占三店客户的比例；参照换成全国人口，数会变。"
        "试一试：把“至少”拖到 0，排在前面的是大省还是小省？为什么不可信？",
        source="区位商（location quotient），区域经济学的通行指标；三家教学店铺的客户表。",
        size=(7.2, 3.3),
    )  # fmt: skip
