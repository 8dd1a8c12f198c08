"""Does the CRM project pay: present value, what it hangs on, and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def project_value() -> Activity:
    """NPV, IRR and payback of a CRM project; a tornado and a thousand futures beside them."""
    import numpy as np
    import pandas as pd

    from crmkit.analytics import investment

    def flows(
        outlay: float, upkeep: float, customers: float, margin: float, keep: float, years: int
    ) -> list[float]:
        """万元: the gain is `keep` more of the customers staying, each with a yearly margin."""
        # A change takes two years to work in full (the course's choice).
        ramp = [0.4, 0.8] + [1.0] * max(0, years - 2)
        gains = [customers * keep * margin / 10_000 * ramp[y] for y in range(years)]
        return [-outlay] + [g - upkeep for g in gains]

    def draw(figure: Figure, outlay: int, upkeep: int, customers: int, margin: int, keep: float,
             rate: float, years: int) -> View:  # fmt: skip
        given: dict[str, float] = {"投入": outlay, "每年运维": upkeep, "客户数": customers,
                                   "每位毛利": margin, "多留下的": keep}  # fmt: skip

        def value(**v: float) -> float:
            found = flows(
                v["投入"], v["每年运维"], v["客户数"], v["每位毛利"], v["多留下的"], years
            )
            return investment.npv(rate, found)

        mine = flows(outlay, upkeep, customers, margin, keep, years)
        npv, irr = investment.npv(rate, mine), investment.irr(mine)
        back = investment.payback(mine)
        wind = investment.tornado(value, given, 0.2).iloc[::-1]
        left, right = figure.subplots(1, 2, width_ratios=(1.1, 1))
        for y, row in enumerate(wind.to_dict("records")):
            for side, colour in (("低值时", theme.SERIES[1]), ("高值时", theme.COURSE)):
                left.barh(y, row[side] - npv, 0.6, left=npv, color=colour)
        left.set_yticks(range(len(wind)), wind["因素"])
        left.axvline(0, color=theme.TEXT, linewidth=1)
        left.grid(False, axis="y")
        left.set_title("各因素 ±20% 时的净现值（万元）")
        discount = np.array([1 / (1 + rate) ** t for t in range(years + 1)])
        ramp = np.array([0.0, 0.4, 0.8, *[1.0] * max(0, years - 2)][: years + 1])

        def future(**v: Any) -> Any:
            gain = v["customers"] * v["keep"] * v["margin"] / 10_000
            return (gain * float((ramp * discount).sum()) - v["upkeep"] * float(discount[1:].sum())
                    - v["outlay"])  # fmt: skip

        drawn = investment.simulate(
            future,
            {"outlay": (outlay * 0.9, outlay, outlay * 1.6), "upkeep": (upkeep * 0.9, upkeep, upkeep * 1.5),
             "customers": (customers * 0.8, customers, customers * 1.2), "margin": (margin * 0.7, margin, margin * 1.2),
             "keep": (0.0, keep, keep * 1.5)},
            n=2000,
        )  # fmt: skip
        loss = float((drawn < 0).mean())
        right.hist(drawn, bins=40, color=theme.SERIES[0], alpha=0.85)
        right.axvline(0, color=theme.SERIES[2], linewidth=2)
        right.set_yticks([])
        right.set_title("两千种可能的净现值（万元）")
        told = f"净现值 {npv:,.1f} 万元，" + (
            "内部收益率 " + f"{irr:.0%}，" if irr is not None else "没有内部收益率，"
        )
        told += f"静态回收期 {back:.1f} 年" if back is not None else f"{years} 年内收不回来"
        table = pd.DataFrame(
            [(t, x, x / (1 + rate) ** t) for t, x in enumerate(mine)],
            columns=["年", "净现金流（万元）", "折现后（万元）"],
        )
        return View(
            alt=f"左图：影响最大的是{wind['因素'].iloc[-1]}；右图：两千次里 {loss:.0%} 的净现值小于 0。",
            message=f"{told}；投入容易超、效果容易虚，算进去之后亏本的可能是 {loss:.0%}。",
            table=table,
            result={"npv": npv, "irr": irr, "payback": back, "loss": loss, "widest": wind["因素"].iloc[-1]},
        )  # fmt: skip

    return Activity(
        "这个项目值不值得做？",
        [
            Slider("outlay", "一次投入", 5, 100, 1, 30, "万元"),
            Slider("upkeep", "每年运维", 0, 30, 1, 6, "万元"),
            Slider("customers", "老客户", 200, 20000, 200, 6000, "位"),
            Slider("margin", "每位每年毛利", 20, 1000, 20, 300, "元"),
            Slider("keep", "每年多留下的比例", 0, 0.4, 0.01, 0.12, percent=True),
            Slider("rate", "折现率", 0, 0.3, 0.01, 0.08, percent=True),
            Slider("years", "算几年", 2, 8, 1, 5, "年"),
        ],
        draw,
        formula=r"\text{NPV} = \sum_{t=0}^{n} \frac{\text{CF}_t}{(1+r)^t}",
        note="效果按第 1 年 40%、第 2 年 80%、以后全部显现计〔课程约定〕。右图每个因素在各自的范围里按三角形分布取值："
        "投入最多超 60%，效果最差为 0；范围是设定的。试一试：净现值为正，亏本的可能还有多大？",
        source="净现值、内部收益率、回收期：任一本财务管理教材；crmkit.analytics.investment。",
        size=(8.2, 3.2),
    )  # fmt: skip
