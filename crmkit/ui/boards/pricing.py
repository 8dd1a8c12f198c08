"""Three ways to find a price for a quotation (a page of DB13): cost plus, competition, value.

The same formulas as in chapter 8. What rivals ask and what it is worth to the customer nobody
wrote down: the start values are written for class, as shares of the list price.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from crmkit import shops
from crmkit.settings import settings
from crmkit.ui.board import Card, Facts, Layout, Panel, Table, Text
from crmkit.ui.console import cells, figures
from crmkit.ui.controls import Control, Select, Slider

METHODS: Mapping[str, tuple[str, str]] = {
    "成本加成": ("我花了多少", "成本 ×（1 + 加成率）"),
    "竞争导向": ("别人卖多少", "竞品均价 ×（1 + 溢价）"),
    "价值定价": ("客户得到多少", "参照价 + 差异化价值 × 收取比例"),
}
DEFINITIONS = (
    *((name, f"问“{asks}”：{formula}。") for name, (asks, formula) in METHODS.items()),
    ("加成率与毛利率", "加成率按成本算，毛利率按售价算：加成 100%，毛利率是 50%。"),
    (
        "成交区间",
        "从最低报价（卖方的底价）到参照价 + 差异化价值（客户最高肯出）；没有重叠就谈不成。",
    ),
)


def controls(goods: Mapping[str, str]) -> list[Control]:
    """`goods`: product number → what it is called."""
    return [
        Select("sku", "商品", goods),
        Slider("markup", "加成率", 0.1, 2.0, 0.05, 1.0, percent=True),
        Slider("rival", "竞品均价 ÷ 标价", 0.6, 1.4, 0.01, 0.9, percent=True),
        Slider("premium", "比竞品溢价", -0.2, 0.3, 0.01, 0.05, percent=True),
        Slider("reference", "参照价 ÷ 标价", 0.5, 1.2, 0.01, 0.85, percent=True),
        Slider("worth", "差异化价值 ÷ 标价", 0.0, 0.6, 0.01, 0.3, percent=True),
        Slider("share", "收取差异化价值的", 0.0, 1.0, 0.05, 0.4, percent=True),
    ]


def draw(
    shop: str, sku: str, markup: float, rival: float, premium: float, reference: float,
    worth: float, share: float,
) -> tuple[list[Card], list[Panel], Layout]:  # fmt: skip
    """Price of one piece by each method, and whether seller and buyer can meet."""
    one = shops.load(shop).products.set_index("商品编码").loc[sku]
    price, cost = float(one["价格"]), float(one["成本"])
    rivals, usual, more = price * rival, price * reference, price * worth
    found = {
        "成本加成": cost * (1 + markup),
        "竞争导向": rivals * (1 + premium),
        "价值定价": usual + more * share,
    }
    found = {name: round(value, 2) for name, value in found.items()}
    floor = round(cost / (1 - settings()["opportunities"]["least_margin"]), 2)
    ceiling = round(usual + more, 2)
    words = dict(DEFINITIONS)
    cards = [
        *(Card(f"m{k}", name, value, "yuan", words[name], aside=f"毛利率 {1 - cost / value:.1%}")
          for k, (name, value) in enumerate(found.items())),
        Card("list", "标价", price, "yuan", aside=f"毛利率 {1 - cost / price:.1%}"),
        Card("floor", "最低报价", floor, "yuan", "成本 ÷（1 − 最低毛利率）", aside="再低系统不让报出"),
        Card("ceiling", "客户最高肯出", ceiling, "yuan", "参照价 + 差异化价值", aside="参照价 + 差异化价值"),
    ]  # fmt: skip
    bars = pd.DataFrame(
        [("最低报价", floor), *found.items(), ("标价", price), ("客户最高肯出", ceiling)],
        columns=["价格的来历", "每件价格"],
    )
    rows = [
        (name, *METHODS[name], value, value - cost, 1 - cost / value, _where(value, floor, ceiling))
        for name, value in found.items()
    ]
    table = pd.DataFrame(rows, columns=["方法", "问", "公式", "报价", "毛利", "毛利率", "成不成"])
    money = {k: cells.written(v, "money") for k, v in
             {"标价": price, "成本": cost, "竞品均价": rivals, "客户的参照价": usual, "差异化价值": more}.items()}  # fmt: skip
    return cards, [
        Panel("prices", "每件报多少", figures.bars("每件报多少", bars, "价格的来历", "每件价格"), "元"),
        Panel("given", "按什么算", Facts([("商品", str(one["商品名称"])), *money.items()]), "竞品和客户一边〔教学编写〕"),
        Panel("methods", "三种报价方法", Table(table, kinds={"报价": "money", "毛利": "money", "成不成": "text", "公式": "text"})),
        Panel("zone", "能谈成吗", Text(_zone(found, floor, ceiling), "point")),
    ], Layout(("prices prices given", "methods methods zone"), (1.25, 0.8))  # fmt: skip


def _where(value: float, floor: float, ceiling: float) -> str:
    if value < floor:
        return "低于底价，不能报出"
    return "客户嫌贵" if value > ceiling else "在成交区间里"


def _zone(found: Mapping[str, float], floor: float, ceiling: float) -> list[str]:
    if floor > ceiling:
        return [f"店里最低要 ¥{floor:,.2f}，客户最多肯出 ¥{ceiling:,.2f}：没有成交区间，谈得再好也不成。",
                "要么让客户看到更多价值，要么降成本，要么不做。"]  # fmt: skip
    inside = [n for n, v in found.items() if floor <= v <= ceiling]
    said = f"{'、'.join(inside)}的报价在里面。" if inside else "三种报价都不在里面，要再想。"
    return [f"成交区间 ¥{floor:,.2f}–{ceiling:,.2f}：{said}",
            "让步要换东西（量、账期、转介绍），不要白让。"]  # fmt: skip
