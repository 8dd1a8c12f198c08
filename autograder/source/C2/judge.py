"""Judge of lab C2, 精品陶瓷网店: breakage by packaging, gifts, price bands, one-time buyers."""

from __future__ import annotations

import pandas as pd

from autograder import compare, shop_cases
from autograder.shop_cases import KEY, ORDER, SKU, World
from crmkit.lab import checks

lab = shop_cases.case("C2", "精品陶瓷网店", "ceramics")
BROKEN, MARK, GIFT = "破损", "包装:", "包装/礼品包装"
PACKINGS = 4
BANDS = {"100以下": 100.0, "100-300": 300.0, "300-600": 600.0, "600-1000": 1000.0, "1000以上": 1e9}

# ------------------------------------------------------------------ breakage


def breakage(
    w: World, *, every: bool = False, unpaid: bool = False, among: bool = False, orders: bool = False
) -> pd.DataFrame:  # fmt: skip
    """Share of sold lines that were complained of as broken, by how the product is packed."""
    tags = w.tables.tags
    tags = tags[(tags["对象"] == "product") & tags["标签"].str.startswith(MARK)]
    packing = tags.set_index("对象编号")["标签"].str.removeprefix(MARK)
    returns = w.tables.returns
    hit = returns if every else returns[returns["原因"] == BROKEN]
    lines = (w.lines if unpaid else w.sold).assign(包装=lambda x: x[SKU].map(packing))
    broken = set(zip(hit[ORDER], hit[SKU], strict=True))
    lines = lines.assign(破=[pair in broken for pair in zip(lines[ORDER], lines[SKU], strict=True)])
    lines = lines.dropna(subset=["包装"])
    if among:  # of the broken ones, how many are packed so
        count = lines[lines["破"]]["包装"].value_counts()
        rate = count / count.sum()
    elif orders:
        rate = lines.groupby("包装")["破"].sum() / lines.groupby("包装")["数量"].sum()
    else:
        rate = lines.groupby("包装")["破"].mean()
    return pd.DataFrame({"包装": rate.index.astype(str), "破损退货率": rate.to_numpy(float)})


@lab.item("C2-06", points=8, core=True, title="各种包装的破损退货率",
          need="有效订单的明细行里，以「破损」为原因申请退换的占几成，按商品的包装分",
          public=checks.Table(columns=("破损退货率",), key="包装", least=PACKINGS, most=PACKINGS),
          compare=compare.columns(("破损退货率",), key="包装", tolerance=1e-4))  # fmt: skip
def packing(w: World) -> pd.DataFrame:
    return breakage(w)


@packing.mistake("全部原因的退换都算了：只看原因是「破损」的", share=0.4)
def packing_every(w: World) -> pd.DataFrame:
    return breakage(w, every=True)


@packing.mistake("没有付款的订单也在分母里：没有寄出的东西不会破", share=0.6)
def packing_unpaid(w: World) -> pd.DataFrame:
    return breakage(w, unpaid=True)


@packing.mistake("分母用了破损的总数：那是“破损里有几成用这种包装”，不是破损率", share=0.3)
def packing_among(w: World) -> pd.DataFrame:
    return breakage(w, among=True)


@packing.mistake("分母用了件数：一行明细退一次，分母也数明细行", share=0.6)
def packing_pieces(w: World) -> pd.DataFrame:
    return breakage(w, orders=True)


# ------------------------------------------------------------------ gifts

GIFTS = ("送礼占比", "送礼均价", "自用均价")


def gifts(
    w: World, *, unpaid: bool = False, lines: bool = False, middle: bool = False
) -> dict[str, float]:
    orders = w.tables.orders if unpaid else w.valid
    rows = w.lines if unpaid else w.sold
    wrapped = set(rows.loc[rows["类目"] == GIFT, ORDER])
    gift = orders[ORDER].isin(wrapped)
    of = orders["实付金额"].groupby(gift)
    value = of.median() if middle else of.mean()
    share = (rows["类目"] == GIFT).mean() if lines else gift.mean()
    return {GIFTS[0]: float(share), GIFTS[1]: float(value[True]), GIFTS[2]: float(value[False])}


@lab.item("C2-07", points=8, core=True, title="送礼的订单",
          need="有效订单里含礼品包装的占几成，送礼和自用订单的平均实付金额各是多少",
          public=checks.Mapping(keys=GIFTS, low=0, high=100_000), compare=shop_cases.figures)  # fmt: skip
def gift(w: World) -> dict[str, float]:
    return gifts(w)


@gift.sign("占比写成了百分数：写成 0 到 1 之间的小数", share=0.67)
def gift_percent(w: World, got: object) -> bool:
    right = gifts(w)
    wrong = right | {GIFTS[0]: 100 * right[GIFTS[0]]}
    return shop_cases.figures(got, wrong).share >= 1


@gift.mistake("没有付款的订单也算了：先只留有效订单", share=0.5)
def gift_unpaid(w: World) -> dict[str, float]:
    return gifts(w, unpaid=True)


@gift.mistake("占比数的是明细行：一张订单不管几行只算一张", share=0.67)
def gift_lines(w: World) -> dict[str, float]:
    return gifts(w, lines=True)


@gift.mistake("用了中位数：题目要平均实付金额", share=0.5)
def gift_middle(w: World) -> dict[str, float]:
    return gifts(w, middle=True)


# ------------------------------------------------------------------ price bands


def bands(
    w: World, *, unpaid: bool = False, right: bool = False, goods: bool = False
) -> pd.DataFrame:
    orders = w.tables.orders if unpaid else w.valid
    value = orders["实付金额"] + (orders["优惠金额"] - orders["运费"] if goods else 0.0)
    cut = pd.cut(value, [-1.0, *BANDS.values()], right=right, labels=list(BANDS))
    by = value.groupby(cut, observed=False)
    return pd.DataFrame({"价位": list(BANDS), "订单数": by.size().to_numpy(),
                         "销售额占比": (by.sum() / value.sum()).to_numpy(float)})  # fmt: skip


@lab.item("C2-08", points=8, core=True, title="各价位的订单",
          need="有效订单按实付金额分五个价位，各有几单、占销售额几成",
          public=checks.Table(columns=("订单数", "销售额占比"), key="价位", least=5, most=5),
          compare=compare.columns(("订单数", "销售额占比"), key="价位", tolerance=1e-4))  # fmt: skip
def by_band(w: World) -> pd.DataFrame:
    return bands(w)


@by_band.mistake("没有付款的订单也算了：先只留有效订单", share=0.5)
def band_unpaid(w: World) -> pd.DataFrame:
    return bands(w, unpaid=True)


@by_band.mistake("刚好 100、300、600、1000 元的算在了低的一档：各档含下限、不含上限", share=0.6)
def band_right(w: World) -> pd.DataFrame:
    return bands(w, right=True)


@by_band.mistake("用了优惠前的商品金额：按实付金额分", share=0.5)
def band_goods(w: World) -> pd.DataFrame:
    return bands(w, goods=True)


# ------------------------------------------------------------------ one order only


def once(w: World, *, everybody: bool = False, unpaid: bool = False, orders: bool = False) -> float:
    rows = w.tables.orders if unpaid else w.valid
    count = rows.groupby(KEY).size()
    if orders:
        return float((count == 1).sum() / count.sum())
    return float((count == 1).sum() / (len(w.tables.customers) if everybody else len(count)))


@lab.item("C2-09", points=8, title="只买过一单的客户",
          need="有过有效订单的客户里，只有一张有效订单的占几成",
          public=checks.Number(0, 1), compare=compare.number(1e-4))  # fmt: skip
def single(w: World) -> float:
    return once(w)


@single.mistake("分母用了全部登记客户：没有买过的不在内", share=0.5)
def single_of_all(w: World) -> float:
    return once(w, everybody=True)


@single.mistake("没有付款的订单也算了：先只留有效订单", share=0.5)
def single_unpaid(w: World) -> float:
    return once(w, unpaid=True)


@single.mistake("分母用了订单数：题目数的是客户", share=0.4)
def single_of_orders(w: World) -> float:
    return once(w, orders=True)


# ------------------------------------------------------------------ dashboard

CHARTS = ("破损退货率", "送礼与自用", "价位订单数")


def charts(w: World, *, every: bool = False, unpaid: bool = False) -> tuple[dict[str, float], ...]:
    rates = breakage(w, every=every).set_index("包装")["破损退货率"]
    value = gifts(w)
    count = bands(w, unpaid=unpaid).set_index("价位")["订单数"]
    return (
        {str(k): float(v) for k, v in rates.items()},
        {"送礼": value[GIFTS[1]], "自用": value[GIFTS[2]]},
        {str(k): float(v) for k, v in count.items()},
    )


shop_cases.dashboard(
    lab, CHARTS, charts,
    need="三张柱形图：各种包装的破损退货率、送礼与自用订单的平均实付金额、各价位的订单数",
    wrong={
        "every": ("破损退货率算了全部原因：只看「破损」", 0.7),
        "unpaid": ("价位图里有没有付款的订单：只画有效订单", 0.7),
    },
)  # fmt: skip
shop_cases.discussion(
    lab,
    "告诉店主货怎么包、卖给谁、先做哪两件事",
    "陶瓷买得少、单价高：该追求老客户再买，还是老客户介绍？写出自己的立场和理由，并回应一位同学",
    "立场明确，理由用到只买一单的比例或送礼的数字，回应了一位同学的具体理由并说清同意或不同意在哪里",
)
