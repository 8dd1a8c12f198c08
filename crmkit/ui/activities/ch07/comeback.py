"""Who will buy again? Fit on the past, hold the rest back, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CUTS = {
    "2024-12-31": "2024 年底（留出 12 个月）", "2025-03-31": "2025 年 3 月底（留出 9 个月）",
    "2025-06-30": "2025 年 6 月底（留出 6 个月）", "2025-09-30": "2025 年 9 月底（留出 3 个月）",
}  # fmt: skip
_RULES = {"model": "BG/NBD 模型", "pace": "照旧：按自己过去的速度", "mean": "人人一样：按平均速度"}
_MOST = 6


def purchase_holdout(shop: str = "tea") -> Activity:
    """Cut the history at a day; what model and rules of thumb said about the time after it."""
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics import tracking

    data = shops.load(shop)
    found = {cut: _held_out(data.orders, cut, shops.as_of()) for cut in _CUTS}

    def draw(figure: Figure, cut: str, rule: str, share: float) -> View:
        table, said, path = found[cut]
        actual = table["留出期购买"]
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.2))
        by = _bins(left, table, said[rule])
        _track(right, path, pd.Timestamp(cut), None if rule == "model" else float(said[rule].sum()))
        rows, errors = [], {}
        for name, words in _RULES.items():
            total = float(said[name].sum())
            errors[name] = float((said[name] - actual).abs().mean())
            part = tracking.caught(actual, said[name], share)
            rows.append((
                ("▸ " if name == rule else "") + words.split("：")[0], f"{total:,.0f}",
                f"{total / actual.sum() - 1:+.0%}".replace("-", "−"), f"{errors[name]:.2f}",
                "—" if part is None else f"{part:.0%}",
            ))  # fmt: skip
        total = float(said[rule].sum())
        off = total / float(actual.sum()) - 1
        n = len(actual)
        told = (
            f"{n:,} 位客户后来实际买了 {actual.sum():,} 次，{_RULES[rule].split('：')[0]}说 {total:,.0f} 次"
            f"（{off:+.0%}），平均每人差 {errors[rule]:.2f} 次。"
        )
        if rule == "pace":
            told += "照旧把已经走了的人也算作会照样来，所以总是高估。"
        elif rule == "mean":
            told += "平均里算进了已经走了的人，也分不出谁会来、谁不会来。"
        return View(
            alt=f"左图按过去重复购买的次数分组，实际人均与预测人均：{by}；右图是累计重复购买，竖线右边是留出的时间。",
            message=told.replace("-", "−"),
            table=pd.DataFrame(
                rows, columns=["怎样预测", "预测合计", "偏差", "每人平均差", f"点名前 {share:.0%} 抓到的购买"]
            ),
            result={
                "actual": int(actual.sum()), "total": total, "errors": errors, "customers": n,
                "off": off,
            },
        )  # fmt: skip

    return Activity(
        f"谁还会再来几次？{data.title}的留出检验",
        [
            Select("cut", "历史切到哪一天", _CUTS, "2025-06-30"),
            Select("rule", "怎样预测", _RULES),
            Slider("share", "只联系预测最高的", 0.05, 0.5, 0.05, 0.2, percent=True),
        ],
        draw,
        formula=r"E[Y(t) \mid x, t_x, T] = P(\text{还在} \mid x, t_x, T) \times E[Y(t) \mid \text{还在}, x, T]",
        note="x 是重复购买次数（同一天算一次），t_x 是最后一次购买时的店龄，T 是观察了多久。模型只看竖线左边，右边留着考它。"
        "试一试：换四个切点，“照旧”的偏差向哪一边？点名前 20%，三种办法抓到的差多少？",
        source="BG/NBD：Fader、Hardie、Lee（2005）；要和简单规则比：Wübben、von Wangenheim（2008）；crmkit.analytics.btyd、tracking。",
        size=(7.8, 3.1),
    )


def _held_out(
    orders: pd.DataFrame, cut: str, end: Any
) -> tuple[pd.DataFrame, dict[str, pd.Series], pd.DataFrame]:
    """Histories with what came after, what each way of predicting said, and the tracking plot."""
    import pandas as pd

    from crmkit.analytics import histories, tracking
    from crmkit.analytics.btyd import BgNbd

    table = histories.holdout(orders, cut, end)
    x, t_x, T = (table[c].to_numpy() for c in ("x", "t_x", "T"))
    t = float(table["留出期长度"].iloc[0])
    model = BgNbd.fit(x, t_x, T)
    said = {"model": model.expected_purchases(t, x, t_x, T)}
    said |= {rule: tracking.benchmark(x, T, t, rule) for rule in tracking.PACES}
    path = tracking.tracking(orders, model, cut, end)
    return table, {k: pd.Series(v) for k, v in said.items()}, path


def _bins(axes: Axes, table: pd.DataFrame, predicted: pd.Series) -> str:
    """Mean purchases of the time held out by repeat purchases before it; told in words."""
    import numpy as np

    from crmkit.analytics.histories import compare_by_frequency

    by = compare_by_frequency(table["留出期购买"], predicted, table["x"], most=_MOST)
    at = np.arange(len(by))
    axes.bar(at - 0.19, by["实际"], 0.36, color=theme.TEXT, label="实际")
    axes.bar(at + 0.19, by["预测"], 0.36, color=theme.SERIES[1], label="预测")
    axes.set_xticks(at, by["x"])
    axes.set_xlabel("切点之前重复购买几次")
    axes.set_title("切点之后人均再买几次")
    axes.legend(loc="upper left")
    rows = by.iloc[[0, -1]].itertuples(index=False)
    return "，".join(f"{x} 次的人实际 {a:.1f}、预测 {p:.1f}" for x, _, a, p in rows)


def _track(axes: Axes, path: pd.DataFrame, cut: pd.Timestamp, total: float | None) -> None:
    """Cumulative repeat purchases; a rule of thumb starts at the cut."""
    weekly = path.iloc[::7]
    axes.plot(weekly["日期"], weekly["实际"], color=theme.TEXT, linewidth=2.2, label="实际")
    axes.plot(
        weekly["日期"], weekly["预测"], color=theme.COURSE, linestyle="--", label="BG/NBD"
    )  # fmt: skip
    if total is not None:
        start = float(path.loc[path["日期"] == cut, "实际"].iloc[0])
        axes.plot(
            [cut, path["日期"].iloc[-1]], [start, start + total],
            color=theme.SERIES[1], linestyle=":", linewidth=2.2, label="按规则",
        )  # fmt: skip
    axes.axvline(cut, color=theme.MUTED, linewidth=0.9)
    months = [d for d in path["日期"] if d.day == 1 and d.month in (1, 7)]
    axes.set_xticks(months, [f"{d:%y-%m}" for d in months])
    axes.set_ylim(0, None)
    axes.set_title("累计重复购买（次）")
    axes.legend(loc="upper left")
