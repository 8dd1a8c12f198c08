"""The monthly report as HTML: one section per call, for a notebook cell and for the page.

month = Monthly("tea", "2025-11")
month.head()
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.errors import KitError
from crmkit.report import numbers, words
from crmkit.ui import charts, theme

if TYPE_CHECKING:
    from IPython.display import HTML
    from jinja2 import Environment

    from crmkit.analytics.window import Window

HERE = Path(__file__).parent
HALF = ("provinces", "returns")  # side by side on the page


class ReportError(KitError):
    """A report that cannot be made of what was asked for."""


@cache
def templates() -> Environment:
    """The templates of this folder, with the report's filters."""
    from jinja2 import Environment, FileSystemLoader

    found = Environment(
        loader=FileSystemLoader(HERE, encoding="utf-8"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "shown": words.shown,
        "change": words.change,
        "words": words.words,
        "records": words.records,
    }
    return found


def check(shop: str, month: str) -> Window:
    """The month as a period.

    Raises
    ------
    ReportError
        For a month that is not written as 2025-11, or that the data do not cover.
    ShopError
        For an unknown shop.
    """
    from crmkit import shops
    from crmkit.analytics import window

    orders, as_of = shops.load(shop).orders, shops.as_of()
    first, last = numbers.available(orders, as_of)
    allowed = f"{first.label} 至 {last.label}"
    try:
        wanted = window.month(month)
    except KitError as error:
        raise ReportError(
            f"月份「{month}」不对，请写成 2025-11 这样；可用的月份：{allowed}。"
        ) from error
    if not first.start <= wanted.start <= last.start:
        raise ReportError(
            f"没有 {wanted.label} 的完整数据（数据截至 {as_of}）；可用的月份：{allowed}。"
        )
    return wanted


class Monthly:
    """The report of one shop and month; each section is a method that returns HTML.

    Parameters
    ----------
    shop
        "tea", "ceramics" or "electronics".
    month
        E.g. "2025-11".
    """

    def __init__(self, shop: str, month: str) -> None:
        from crmkit import shops

        window = check(shop, month)
        self.figures = numbers.figures(shops.load(shop), window, shops.as_of())

    def style(self) -> HTML:
        """The style sheet, for the notebook."""
        return _html(f"<style>{stylesheet()}</style>")

    def head(self) -> HTML:
        """Shop, month, data date, and the month in words."""
        return self._section("head")

    def indicators(self) -> HTML:
        """核心指标 with 环比 and 同比."""
        return self._section("indicators")

    def trend(self) -> HTML:
        """支付金额 of up to thirteen months."""
        return self._section("trend", trend_figure(self.figures))

    def buyers(self) -> HTML:
        """新老买家."""
        return self._section("buyers")

    def channels(self) -> HTML:
        """渠道."""
        return self._section("channels")

    def provinces(self) -> HTML:
        """地域."""
        return self._section("provinces")

    def products(self) -> HTML:
        """畅销商品."""
        return self._section("products")

    def returns(self) -> HTML:
        """退款."""
        return self._section("returns")

    def definitions(self) -> HTML:
        """指标口径."""
        return self._section("definitions")

    def _section(self, name: str, *more: Any) -> HTML:
        macros: Any = templates().get_template("sections.html").module
        body = str(getattr(macros, name)(self.figures, *more)).strip()
        colour = theme.colour(self.figures.shop)
        kind = "crm-report half" if name in HALF else "crm-report"
        return _html(f'<div class="{kind}" style="--shop: {colour}">{body}</div>')


def stylesheet() -> str:
    """The style sheet of the page."""
    return (HERE / "page.css").read_text(encoding="utf-8")


def trend_figure(f: numbers.Figures) -> Any:
    """Bars of 支付金额, the month itself and last year's same month in the shop's colour."""
    import matplotlib.pyplot as plt
    from markupsafe import Markup

    theme.use(f.shop)
    table, colour = f.trend, theme.colour(f.shop)
    figure, axes = plt.subplots(figsize=(9, 2.75))
    bars = axes.bar(table["月份"], table["支付金额"], width=0.62, color="#c9d5de")
    bars[-1].set_color(colour)
    if len(table) == numbers.TREND_MONTHS:
        bars[0].set(color=colour, alpha=0.45)
    axes.bar_label(
        bars,
        [charts.in_wan(v) for v in table["支付金额"]],
        padding=3,
        fontsize=9.5,
        color=theme.MUTED,
    )
    axes.grid(visible=False, axis="x")
    axes.set_xlim(len(table) - numbers.TREND_MONTHS - 0.6, len(table) - 0.4)
    axes.margins(y=0.14)
    charts.money_axis(axes, label="支付金额（元）")
    axes.tick_params(axis="x", length=0)
    return Markup(charts.described(figure, _trend_in_words(f)).data)


def _trend_in_words(f: numbers.Figures) -> str:
    table = f.trend
    order = table["支付金额"].argsort()
    best, worst = table.iloc[order.iloc[-1]], table.iloc[order.iloc[0]]
    if len(table) == 1:
        return f"{f.window.label} 支付金额；数据从这个月开始。"
    text = (
        f"{table['月份'].iloc[0]} 至 {table['月份'].iloc[-1]} 各月支付金额。"
        f"最高 {best['月份']}（{charts.in_wan(best['支付金额'])}元），"
        f"最低 {worst['月份']}（{charts.in_wan(worst['支付金额'])}元）。"
    )
    if len(table) == numbers.TREND_MONTHS:
        text += "深色为本月，浅色为去年同月。"
    return text


def _html(text: str) -> HTML:
    from IPython.display import HTML

    return HTML(text)
