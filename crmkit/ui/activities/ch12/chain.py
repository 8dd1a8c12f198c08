"""From a visit to a second order; and how demand swings on its way up the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BASE = {"visits": 20_000, "cart": 0.12, "order": 0.45, "pay": 0.85, "spend": 180.0}


def sales_funnel() -> Activity:
    """Visits → cart → order → payment, and which factor made the difference to last month."""
    import math

    import pandas as pd

    base_sales = math.prod(_BASE.values())

    def draw(
        figure: Figure,
        visits: int,
        cart: float,
        order: float,
        pay: float,
        spend: int,
        repeat: float,
    ) -> View:
        now = {"visits": visits, "cart": cart, "order": order, "pay": pay, "spend": spend}
        counts = [visits, visits * cart, visits * cart * order, visits * cart * order * pay]
        counts.append(counts[-1] * repeat)
        sales = counts[3] * spend
        # Parts of the difference by logarithmic means: they add up to it exactly.
        mean = sales if sales == base_sales else (sales - base_sales) / math.log(sales / base_sales)
        names = {
            "visits": "访客数",
            "cart": "加购率",
            "order": "下单率",
            "pay": "付款率",
            "spend": "客单价",
        }
        parts = {names[k]: mean * math.log(now[k] / _BASE[k]) for k in names}
        left, right = figure.subplots(1, 2, width_ratios=(1, 1))
        steps = ["访问", "加购", "下单", "付款", "三个月内再买"]
        left.barh(steps, counts, color=theme.COURSE)
        for y, n in enumerate(counts):
            left.annotate(f"{n:,.0f}", (n, y), (4, 0), textcoords="offset points", va="center")
        left.invert_yaxis()
        left.margins(x=0.2)
        left.set_xticks([])
        left.grid(False)
        left.set_title("漏斗（人）")
        colours = [theme.COURSE if v >= 0 else theme.SERIES[2] for v in parts.values()]
        right.barh(list(parts), list(parts.values()), color=colours)
        right.axvline(0, color=theme.TEXT, linewidth=0.9)
        right.invert_yaxis()
        right.grid(False, axis="y")
        right.set_title("支付金额比上月的变化（元）从哪里来")
        change = sales - base_sales
        biggest = max(parts, key=lambda k: abs(parts[k]))
        table = pd.DataFrame(
            [(n, _BASE[k], float(now[k]), parts[n]) for k, n in names.items()],
            columns=["因素", "上月", "本月", "带来的变化（元）"],
        )
        told = (
            f"支付金额 {sales:,.0f} 元，比上月{'多' if change >= 0 else '少'} {abs(change):,.0f} 元"
        )
        told += (
            "。"
            if abs(change) < 0.5
            else f"，其中“{biggest}”影响最大（{parts[biggest]:+,.0f} 元）。"
        )
        return View(
            alt=f"左图从 {visits:,} 次访问到 {counts[3]:,.0f} 人付款、{counts[4]:,.0f} 人再买；右图是五个因素各自的贡献。",
            message=told.replace("-", "−"),
            table=table,
            result={"sales": sales, "change": change, "parts": parts, "counts": counts},
        )

    return Activity(
        "一位访客怎样变成回头客？",
        [
            Slider("visits", "访客数", 1000, 60000, 1000, 20000, "人"),
            Slider("cart", "加购率", 0.01, 0.4, 0.01, 0.12, percent=True),
            Slider("order", "加购后下单", 0.05, 0.95, 0.05, 0.45, percent=True),
            Slider("pay", "下单后付款", 0.3, 1, 0.01, 0.85, percent=True),
            Slider("spend", "客单价", 20, 1000, 10, 180, "元"),
            Slider("repeat", "三个月内再买", 0, 0.8, 0.01, 0.2, percent=True),
        ],
        draw,
        formula=r"\text{支付金额} = \text{访客数} \times \text{加购率} \times \text{下单率} \times \text{付款率}"
        r" \times \text{客单价}",
        note="上月的数是编的。乘积的变化按对数平均分给各因素，加起来正好等于总变化。"
        "试一试：访客翻倍、加购率减半，金额变不变？这一个月的投放值不值？",
        source="电商指标的乘法分解；对数平均分解（LMDI，Ang，2004）。",
        size=(8.2, 3.0),
    )  # fmt: skip


def bullwhip_lab() -> Activity:
    """Weekly demand of the tea shop, a retailer's and a maker's orders; share the demand or not."""
    import numpy as np
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics import integration

    shop = shops.load("tea")
    paid = shops.valid_orders(shop.orders)
    weekly = (
        paid.merge(shop.order_items, on="订单编号")
        .set_index("付款时间")["数量"]
        .resample("W")
        .sum()
    )
    demand = weekly.iloc[1:-1].to_numpy(dtype="float64")

    def draw(figure: Figure, lead: int, periods: int, shared: bool) -> View:
        shopping = integration.order_up_to(demand, lead, periods)
        if shared:
            # The maker sees the customers' demand and covers both lead times at once.
            maker = integration.order_up_to(demand, 2 * lead, periods)
        else:
            maker = integration.order_up_to(shopping, lead, periods)
        n = len(maker)
        series = {"客户买的": demand[-n:], "网店向茶厂订的": shopping[-n:], "茶厂向茶园订的": maker}
        axes = figure.subplots()
        for (name, values), colour in zip(
            series.items(), (theme.TEXT, theme.SERIES[0], theme.SERIES[2]), strict=True
        ):
            axes.plot(range(1, n + 1), values, color=colour, linewidth=1.7, label=name)
        axes.axhline(0, color=theme.MUTED, linewidth=0.8)
        axes.set_xlabel("周")
        axes.set_title("每周的数量（件）")
        axes.legend(loc="upper left")
        ratios = {k: integration.variance_ratio(v, demand[-n:]) for k, v in series.items()}
        formula = [1.0, integration.bullwhip(lead, periods),
                   integration.bullwhip(lead, periods, stages=2, shared=shared)]  # fmt: skip
        table = pd.DataFrame(
            [
                (k, float(np.std(v)), ratios[k], f)
                for (k, v), f in zip(series.items(), formula, strict=True)
            ],
            columns=["环节", "波动（标准差，件）", "方差是需求的几倍", "需求前后独立时的公式"],
        )
        last = ratios["茶厂向茶园订的"] or 0.0
        return View(
            alt=f"三条折线，越往上游摆动越大：茶厂的订货方差是客户需求的 {last:.1f} 倍。",
            message=f"{'共享' if shared else '不共享'}客户需求：网店订货的方差是需求的 {ratios['网店向茶厂订的'] or 0:.1f} 倍，"
            f"茶厂的是 {last:.1f} 倍。",
            table=table,
            result={"ratios": list(ratios.values()), "formula": formula},
        )

    return Activity(
        "牛鞭：谁把波动放大了？",
        [
            Slider("lead", "每一级的到货时间", 0, 6, 1, 2, "周"),
            Slider("periods", "用最近几周预测", 1, 20, 1, 4, "周"),
            Switch("shared", "把客户需求（CRM）共享给茶厂"),
        ],
        draw,
        formula=r"\frac{\text{订货方差}}{\text{需求方差}} = 1 + \frac{2L}{p} + \frac{2L^2}{p^2}",
        note="需求是清溪茶叶真实（模拟）的每周销量，有节日高峰，前后并不独立，所以与公式不完全相同；"
        "两级不共享时，公式是下限。订货可以是负数（退回）。试一试：要让放大不超过 2 倍，预测用几周？代价是什么？",
        source="Chen、Drezner、Ryan 与 Simchi-Levi（2000）；Lee、Padmanabhan 与 Whang（1997）；"
        "crmkit.analytics.integration。",
        size=(7.6, 3.1),
    )  # fmt: skip
