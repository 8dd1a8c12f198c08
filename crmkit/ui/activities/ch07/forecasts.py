"""Forecast the next months: what each method would have said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TEST = 9  # months of the last year on which methods are compared


def forecast_methods(shop: str = "tea") -> Activity:
    """Month by month, one step ahead: choose a method and its parameter, watch the error."""
    import numpy as np
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics import forecasting

    data = shops.load(shop)
    orders = shops.valid_orders(data.orders)
    months = orders["付款时间"].dt.to_period("M").value_counts().sort_index()
    x = months.to_numpy(dtype="float64")
    n = len(x)
    season = [float(forecasting.seasonal_forecast(x[:t], 1)[0]) for t in range(12, n + 1)]

    def said(method: str, window: int, alpha: float) -> np.ndarray:
        if method == "moving":
            return forecasting.moving_average(x, window)
        if method == "smoothing":
            return forecasting.exponential_smoothing(x, alpha)
        if method == "seasonal":
            return np.append(np.full(12, np.nan), season)
        return np.append(np.nan, x)

    def draw(figure: Figure, method: str, window: int, alpha: float) -> View:
        forecast = said(method, window, alpha)
        errors = {
            name: forecasting.mape(x[-_TEST:], said(name, window, alpha)[n - _TEST : n])
            for name in forecasting.METHODS
        }
        axes = figure.subplots()
        axes.plot(range(n), x, "o-", color=theme.colour(shop), markersize=4, label="实际")
        axes.plot(range(n + 1), forecast, "s--", color=theme.SERIES[2], markersize=4, label="预测")
        axes.axvspan(n - _TEST - 0.5, n - 0.5, color=theme.MUTED, alpha=0.08, linewidth=0)
        axes.set_xticks(
            range(0, n + 1, 3),
            [f"{p:%y-%m}" for p in (months.index[0] + k for k in range(0, n + 1, 3))],
        )
        axes.set_ylim(0, max(x.max(), np.nanmax(forecast)) * 1.1)
        axes.set_title("每月有效订单（张；灰底是比较误差的月份）")
        axes.legend(loc="upper left")
        rows = sorted(errors.items(), key=lambda pair: pair[1])
        table = pd.DataFrame(
            [(forecasting.METHODS[name], f"{e:.1%}") for name, e in rows],
            columns=["方法", f"最近 {_TEST} 个月的 MAPE"],
        )
        following = float(forecast[-1])
        return View(
            alt=f"{n} 个月的实际订单数和提前一个月的预测；最近 {_TEST} 个月平均误差 {errors[method]:.1%}。",
            message=f"{forecasting.METHODS[method].split('：')[0]}：平均误差 {errors[method]:.1%}，"
            f"下个月预测 {following:,.0f} 张。误差最小的是{forecasting.METHODS[rows[0][0]].split('：')[0]}。",
            table=table,
            result={"errors": errors, "next": following, "best": rows[0][0]},
        )

    return Activity(
        f"下个月会有多少订单？{data.title}",
        [
            Select("method", "方法", {k: v.split("：")[0] for k, v in forecasting.METHODS.items()}),
            Slider("window", "移动平均的期数", 2, 6, 1, 3, "月"),
            Slider("alpha", "平滑系数 α", 0.05, 1, 0.05, 0.4),
        ],
        draw,
        formula=r"\text{MAPE} = \frac{1}{n} \sum_{t} \frac{\mid x_t - f_t \mid}{x_t}",
        note="每个月的预测只用到上个月为止的数据。两年数据只够看见一次季节重复，季节法的误差也要打折看。",
        source="指数平滑：Brown（1959）；crmkit.analytics.forecasting；课程店铺数据。",
        size=(7.6, 3.1),
    )
