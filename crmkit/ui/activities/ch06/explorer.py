"""The cube explorer: every move is one of the five OLAP operations, with the SQL behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activities.ch06.facts import cube
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Switch

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_ROWS = ("大类", "小类", "平台", "渠道名称", "省份")
_TIME = ("年", "季度", "月")
_MOST = 13  # categories that can be read


def cube_explorer(shop: str = "tea") -> Activity:
    """A shop's sales by two levels; slices by platform and year; rotate."""
    import pandas as pd

    from crmkit.analytics.warehouse import cube as olap
    from crmkit.analytics.warehouse import engine

    whole = cube(shop)
    database = engine.connect(base=whole.base)
    database.execute("CREATE TABLE cube AS SELECT * FROM base")
    platforms = sorted(whole.base["平台"].unique())
    before: dict[str, Any] = {}

    def draw(
        figure: Figure, rows: str, time: str, measure: str, platform: str, year: str, turned: bool
    ) -> View:  # fmt: skip
        cuts: dict[str, list[Any]] = {}
        if platform:
            cuts["平台"] = [platform]
        if year:
            cuts["年"] = [int(year)]
        part = olap.dice(whole, cuts) if cuts else whole
        query = olap.sql(part, [rows, time], measure)
        seen = database.execute(query).df()
        across = olap.rotate(seen, rows, time, measure)
        across = across.loc[across.sum(axis=1).sort_values(ascending=False).index]
        table = across.T if turned else across
        # Time has at most 24 months; of everything else the largest few are drawn.
        shown = table.iloc[:, :_MOST] if turned else table.iloc[:_MOST]
        _heat(figure, shown, measure, more=max(0, len(across) - _MOST))
        now = {"rows": rows, "time": time, "cuts": cuts, "turned": turned}
        done = _operation(before, now)
        before.update(now)
        total = float(database.execute(olap.sql(part, [], measure)).df()[measure].iloc[0])
        unit = (
            "元" if measure == "销售额" else {"数量": "件", "订单数": "单", "客户数": "位"}[measure]
        )
        largest = across.stack().idxmax()
        return View(
            alt=f"按{rows}和{time}看的{measure}，颜色越深越大，最大的一格是{largest[0]}、{largest[1]}。",
            message=f"{done}合计 {total:,.0f} {unit}" + ("。" if measure in {"销售额", "数量"} else
                    "；人数和单数要去重，各格相加会比合计大。"),
            table=pd.DataFrame({"这一步的 SQL（cube 是事实表连好各维的宽表）": query.splitlines()}),
            result={"table": across, "total": total, "sql": query, "operation": done},
        )  # fmt: skip

    return Activity(
        "数据立方：切、钻、卷、转",
        [
            Select("rows", "看哪一层", {x: x for x in _ROWS}),
            Select("time", "时间看到", {x: x for x in _TIME}),
            Select("measure", "度量", {x: x for x in olap.MEASURES}),
            Select("platform", "平台", {"": "全部平台", **{p: p for p in platforms}}),
            Select("year", "年份", {"": "全部年份", "2024": "2024", "2025": "2025"}),
            Switch("turned", "旋转"),
        ],
        draw,
        note="一次最多画 13 类，按合计从大到小。",
        source="Codd 等（1993）；crmkit.analytics.warehouse.cube，用 DuckDB 计算。",
        size=(7.6, 3.6),
    )


def _operation(before: dict[str, Any], now: dict[str, Any]) -> str:
    """Which operation led from one view to the next."""
    if not before:
        return ""
    told = []
    for name, path in (("rows", ("大类", "小类")), ("rows", ("平台", "渠道名称")), ("time", _TIME)):
        a, b = before[name], now[name]
        if a != b and a in path and b in path:
            told.append(f"{a}→{b}：{'下钻' if path.index(b) > path.index(a) else '上卷'}")
    if before["rows"] != now["rows"] and not any(t.startswith(before["rows"]) for t in told):
        told.append(f"换了一个维：{before['rows']}→{now['rows']}")
    if before["cuts"] != now["cuts"]:
        told.append(
            {0: "取消切割", 1: "切片：一个维取一个值", 2: "切块：两个维都限定了"}[len(now["cuts"])]
        )
    if before["turned"] != now["turned"]:
        told.append("旋转：行列对调，数不变")
    return "；".join(told) + "。" if told else ""


def _short(name: object) -> str:
    """A column's label; long names keep their end, which tells them apart."""
    text = str(name)
    return text if text[:2] == "20" else text[-5:]


def _heat(figure: Figure, table: pd.DataFrame, measure: str, more: int) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    axes = figure.subplots()
    values = table.to_numpy(dtype=float)
    ramp = LinearSegmentedColormap.from_list("ramp", ["#e6f4f1", theme.COURSE])
    top = values.max() if values.size else 1
    axes.pcolormesh(values, cmap=ramp, vmin=0, vmax=top or 1, edgecolors="#ffffff", linewidth=1)
    axes.invert_yaxis()
    axes.grid(False)
    small = table.shape[1] > 10
    # Room for the longest labels: the axes are measured once and then stand still.
    for x, y in ((-0.2, 0.5), (0.5, -0.2)):
        axes.text(x, y, " ", transform=axes.transAxes)
    axes.set_xticks([i + 0.5 for i in range(table.shape[1])], [_short(c) for c in table.columns],
                    rotation=60 if small else 0, fontsize=8 if small else 10)  # fmt: skip
    axes.set_yticks([i + 0.5 for i in range(len(table))], [str(r) for r in table.index],
                    fontsize=7 if len(table) > 13 else 9)  # fmt: skip
    axes.tick_params(length=0)
    wan = measure == "销售额"
    if table.size <= 13 * 12:
        for i, row in enumerate(values):
            for j, x in enumerate(row):
                axes.text(j + 0.5, i + 0.5, f"{x / 1e4:.1f}" if wan else f"{x:,.0f}", ha="center",
                          va="center", fontsize=8 if small else 9,
                          color="#ffffff" if x > 0.55 * top else theme.TEXT)  # fmt: skip
    rest = f"（另有 {more} 类没有画）" if more else ""
    axes.set_title(f"{measure}{'（万元）' if wan else ''}{rest}")
