"""A member's level changes: what type 1 forgets and type 2 remembers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def level_timeline(shop: str = "tea") -> Activity:
    """The versions of a customer's level on a time line, with a day that can be moved."""
    import pandas as pd

    from crmkit.analytics.warehouse import history

    known = _levels(shop)
    names, first = known["names"], pd.Timestamp(2024, 1, 1)
    kept, paid, table = known["history"], known["paid"], known["table"]
    people = known["people"]

    def draw(figure: Figure, who: str, day: int) -> View:
        axes = figure.subplots()
        own = kept[kept["客户编号"] == who]
        asked = first + pd.Timedelta(days=day - 1)
        end = first + pd.Timedelta(days=730)
        for row in own.itertuples():
            place, until = names.index(row.会员等级), min(row.有效至, end)
            axes.plot(
                [row.有效自, until],
                [place, place],
                color=theme.COURSE,
                linewidth=7,
                solid_capstyle="butt",
            )
        bought = paid[paid["客户编号"] == who]
        axes.plot(bought["付款时间"], [-0.7] * len(bought), "|", color=theme.TEXT, markersize=10)
        axes.axvline(asked, color=theme.SERIES[1], linewidth=2)
        axes.set_yticks([-0.7, *range(len(names))], ["付款", *names])
        axes.set_ylim(-1.1, len(names) - 0.6)
        axes.set_xlim(first, end)
        axes.set_title(f"{who} 的会员等级")
        then = history.as_of(own, pd.Series([who]), pd.Series([asked])).iloc[0]
        now = history.overwritten(own)[who]
        day_words = f"{asked:%Y-%m-%d}"
        held = then or "还不是客户（没有版本）"
        return View(
            alt=f"横条是每个等级的有效期，共 {len(own)} 个版本；短竖线是付款；橙线是 {day_words}。",
            message=f"{day_words} 那天：类型 2 答“{held}”，类型 1 只会答“{now}”"
            + ("，两个答案不同。" if then != now else "。"),
            table=table,
            result={"type2": then, "type1": now, "versions": len(own), "sales": known["sales"]},
        )

    return Activity(
        "等级变了，过去怎么算",
        [
            Select("who", "客户", {w: w for w in people}),
            Slider("day", "问哪一天（从 2024-01-01 起第几天）", 1, 731, 1, 560, "天"),
        ],
        draw,
        note="等级规则为课程约定：按累计实付金额升级，界限在 settings.toml 的 [levels]。"
        "下表把 2025 年的销售额按等级分：类型 1 用现在的等级，类型 2 用付款那天的等级。",
        source="Kimball 与 Ross《数据仓库工具箱》第 5 章；crmkit.analytics.warehouse.history。",
    )


@lru_cache(maxsize=2)
def _levels(shop: str) -> dict[str, Any]:
    """The history of every buyer's level, and the sales of 2025 by level in both ways."""
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics.warehouse import history
    from crmkit.settings import settings

    rule = settings()["levels"]
    paid = shops.valid_orders(shops.load(shop).orders)[["客户编号", "付款时间", "实付金额"]]
    kept = history.versions(history.level_log(paid, rule[shop], rule["names"]))
    recent = paid[paid["付款时间"].dt.year == 2025].reset_index(drop=True)
    then = history.as_of(kept, recent["客户编号"], recent["付款时间"])
    now = recent["客户编号"].map(history.overwritten(kept))
    sales: dict[str, pd.Series] = {
        "类型 1": recent["实付金额"].groupby(now).sum(),
        "类型 2": recent["实付金额"].groupby(then).sum(),
    }
    rows = []
    for name in rule["names"][1:]:
        a, b = (float(s.get(name, 0.0)) for s in sales.values())
        change = "—" if b == 0 else f"{(a - b) / b + 0.0:+.1%}".replace("-", "−")
        rows.append((name, f"{a:,.0f} 元", f"{b:,.0f} 元", change))
    table = pd.DataFrame(
        rows, columns=["会员等级", "类型 1：按现在的等级", "类型 2：按当时的等级", "相差"]
    )
    many = kept.groupby("客户编号").size()
    people = shops.draw(many[many >= 3].index, 5, shop, "ch06-levels")
    return {"history": kept, "paid": paid, "names": rule["names"], "people": people,
            "table": table, "sales": sales}  # fmt: skip
