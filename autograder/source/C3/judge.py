"""Judge of lab C3, 消费性电子商品网店: service calls, accessories, discounts, bad-review days."""

from __future__ import annotations

import pandas as pd

from autograder import compare, shop_cases
from autograder.shop_cases import ORDER, World
from autograder.spec import Verdict
from crmkit import shops
from crmkit.lab import checks, forms

lab = shop_cases.case("C3", "消费性电子商品网店", "electronics")
INBOUND, PHONE, ACCESSORY = "呼入", "手机", "配件"
BAD = 2  # stars up to here are a bad review
FIRST = "2024-01-01"
KINDS = 6  # kinds of goods that are sold for their own sake, the wrapping aside
WRAPPING = "包装"


def kind(rows: pd.DataFrame) -> pd.Series:
    return rows["类目"].str.split("/").str[0]


# ------------------------------------------------------------------ service calls


def calls(
    w: World, *, every: bool = False, unpaid: bool = False, share: bool = False, whole: bool = False
) -> pd.DataFrame:  # fmt: skip
    """Calls about orders with goods of a kind, for each hundred of these orders."""
    rows = (w.lines if unpaid else w.sold).assign(大类=lambda x: kind(x))
    baskets = rows[[ORDER, "大类"]].drop_duplicates()
    baskets = baskets[baskets["大类"] != WRAPPING]
    talk = w.tables.interactions
    talk = talk if every else talk[talk["类型"] == INBOUND]
    count = talk.dropna(subset=[ORDER]).groupby(ORDER).size()
    baskets = baskets.assign(次=baskets[ORDER].map(count).fillna(0))
    by = baskets.groupby("大类")["次"]
    base = len(w.valid) if whole else by.size()
    value = by.sum() / base * (1 if share else 100)
    return pd.DataFrame({"大类": value.index.astype(str), "每百单来电": value.to_numpy(float)})


@lab.item("C3-06", points=8, core=True, title="每百单来电",
          need="含某一大类商品的有效订单，平均每 100 单有几次呼入，礼品包装除外",
          public=checks.Table(columns=("每百单来电",), key="大类", least=KINDS, most=KINDS),
          compare=compare.columns(("每百单来电",), key="大类", tolerance=0.005))  # fmt: skip
def service(w: World) -> pd.DataFrame:
    return calls(w)


@service.mistake("咨询、呼出、问卷也算成了来电：只数类型是「呼入」的", share=0.4)
def service_every(w: World) -> pd.DataFrame:
    return calls(w, every=True)


@service.mistake("没有付款的订单也在分母里：先只留有效订单", share=0.5)
def service_unpaid(w: World) -> pd.DataFrame:
    return calls(w, unpaid=True)


@service.mistake("交的是每一单的次数：题目问每 100 单", share=0.7)
def service_share(w: World) -> pd.DataFrame:
    return calls(w, share=True)


@service.mistake("分母用了全部订单：每一大类用含这一大类的订单数", share=0.4)
def service_whole(w: World) -> pd.DataFrame:
    return calls(w, whole=True)


# ------------------------------------------------------------------ accessories


def attach(
    w: World, *, unpaid: bool = False, reverse: bool = False, everything: bool = False, lines: bool = False
) -> float:  # fmt: skip
    rows = w.lines if unpaid else w.sold
    k = kind(rows)
    phone, extra = set(rows.loc[k == PHONE, ORDER]), set(rows.loc[k == ACCESSORY, ORDER])
    if lines:
        return float((k == ACCESSORY).sum() / (k == PHONE).sum())
    base = len(extra) if reverse else rows[ORDER].nunique() if everything else len(phone)
    return len(phone & extra) / base


@lab.item("C3-07", points=8, core=True, title="配件搭售率",
          need="含手机的有效订单里，同一单还买了配件的占几成",
          public=checks.Number(0, 1), compare=compare.number(1e-4))  # fmt: skip
def attached(w: World) -> float:
    return attach(w)


@attached.mistake("分母反了：分母是含手机的订单，不是含配件的订单", share=0.3)
def attached_reverse(w: World) -> float:
    return attach(w, reverse=True)


@attached.mistake("分母用了全部订单：只看含手机的订单", share=0.4)
def attached_everything(w: World) -> float:
    return attach(w, everything=True)


@attached.mistake("没有付款的订单也算了：先只留有效订单", share=0.5)
def attached_unpaid(w: World) -> float:
    return attach(w, unpaid=True)


@attached.mistake("用明细行数相除了：一单买三件配件也只算一单", share=0.3)
def attached_lines(w: World) -> float:
    return attach(w, lines=True)


# ------------------------------------------------------------------ discount and returns

RATES = ("有优惠", "无优惠")


def returned(
    w: World, *, unpaid: bool = False, success: bool = False, among: bool = False, rows: bool = False
) -> dict[str, float]:  # fmt: skip
    orders = w.tables.orders if unpaid else w.valid
    back = w.tables.returns
    if success:
        back = back[back["退换状态"] == "退款成功"]
    cheap = orders["优惠金额"] > 0
    if rows:
        of = orders[ORDER].map(back.groupby(ORDER).size()).fillna(0.0)
    else:
        of = orders[ORDER].isin(set(back[ORDER])).astype(float)
    total = of.groupby(cheap).sum() / (of.sum() if among else of.groupby(cheap).size())
    return {RATES[0]: float(total[True]), RATES[1]: float(total[False])}


@lab.item("C3-08", points=8, core=True, title="有优惠与无优惠的退换率",
          need="有效订单里，优惠金额大于 0 的和等于 0 的，各有几成申请过退换",
          public=checks.Mapping(keys=RATES, low=0, high=1), compare=compare.mapping(1e-4))  # fmt: skip
def discounted(w: World) -> dict[str, float]:
    return returned(w)


@discounted.mistake("没有付款的订单也在分母里：先只留有效订单", share=0.5)
def discounted_unpaid(w: World) -> dict[str, float]:
    return returned(w, unpaid=True)


@discounted.mistake("只数了退款成功的：申请过的都算", share=0.5)
def discounted_success(w: World) -> dict[str, float]:
    return returned(w, success=True)


@discounted.mistake("分母用了退换的总数：分母是各自一组的订单数", share=0.3)
def discounted_among(w: World) -> dict[str, float]:
    return returned(w, among=True)


@discounted.mistake("数的是退换的行数：一单退两件只算一单", share=0.5)
def discounted_rows(w: World) -> dict[str, float]:
    return returned(w, rows=True)


@discounted.mistake("两组写反了：优惠金额大于 0 的是有优惠", share=0.3)
def discounted_swapped(w: World) -> dict[str, float]:
    right = returned(w)
    return {RATES[0]: right[RATES[1]], RATES[1]: right[RATES[0]]}


# ------------------------------------------------------------------ bad-review days


def bursts(w: World, *, two: bool = False, every: bool = False) -> list[str]:
    """Days whose bad reviews exceed mean + 3 sd over all days of the two years."""
    r = w.tables.reviews
    bad = r if every else r[r["星级"] <= BAD]
    count = bad["评价时间"].dt.normalize().value_counts()
    count = count.reindex(pd.date_range(FIRST, shops.as_of()), fill_value=0)
    limit = count.mean() + (2 if two else 3) * count.std()
    return sorted(day.strftime("%Y-%m-%d") for day in count.index[count > limit])


@lab.item("C3-09", points=8, title="差评异常日",
          need="两年里差评（1–2 星）条数超过日平均加 3 倍标准差的日期，没有差评的日子按 0 条算",
          public=checks.Ids("日期", r"20\d\d-\d\d-\d\d.*", 1, 200), compare=lambda got, right: _days(got, right))  # fmt: skip
def days(w: World) -> list[str]:
    return bursts(w)


def _days(got: object, right: list[str]) -> Verdict:
    """Days as text, dates or time stamps, in any order."""
    found = [forms.day(x).isoformat() for x in forms.ids(got, "日期")]
    return compare.id_set("日期")(found, right)


@days.mistake("用了 2 倍标准差：题目是 3 倍", share=0.5)
def days_two(w: World) -> list[str]:
    return bursts(w, two=True)


@days.mistake("全部评价都算了：只数 1–2 星", share=0.4)
def days_every(w: World) -> list[str]:
    return bursts(w, every=True)


# ------------------------------------------------------------------ dashboard

CHARTS = ("每百单来电", "退换率", "月差评数")


def charts(w: World, *, unpaid: bool = False, both: bool = False) -> tuple[dict[str, float], ...]:
    rate = calls(w).set_index("大类")["每百单来电"]
    r = w.tables.reviews
    r = r[(r["星级"] <= BAD) & ((r["评价时间"].dt.year == shop_cases.YEAR) | both)]
    months = r.groupby(r["评价时间"].dt.month).size().reindex(range(1, 13), fill_value=0)
    return (
        {str(k): float(v) for k, v in rate.items()},
        returned(w, unpaid=unpaid),
        {str(k): float(v) for k, v in months.items()},
    )


shop_cases.dashboard(
    lab, CHARTS, charts,
    need="三张柱形图：各大类每百单来电、有无优惠的退换率、2025 年各月的差评条数",
    wrong={
        "unpaid": ("退换率的分母里有没有付款的订单：只算有效订单", 0.7),
        "both": ("月差评数把两年加在一起了：只画 2025 年", 0.7),
    },
)  # fmt: skip
shop_cases.discussion(
    lab,
    "告诉店主售后忙在哪里、促销划不划算、先做哪两件事",
    "淘宝事件：网店该怎样防备恶意下单和集中差评？写出自己的立场和理由，并回应一位同学",
    "立场明确，既说事前预警又说事后处理，用到差评异常日的数字，回应了一位同学的具体理由",
)
