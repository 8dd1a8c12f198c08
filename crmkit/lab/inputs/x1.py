"""Tasks of X1, the practical examination: own cut of the tea shop, five variants of every task.

Which variant a student gets, and every number in it, comes from a hash of the student id. A limit
is always a value that somebody (some order) has exactly, so that it matters whether it belongs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs.by_hash import Draw
from crmkit.lab.inputs.o1 import bought
from crmkit.shops import Shop

LAB, SHOP, KEY, SKU = "X1", "tea", "客户编号", "商品编码"
VARIANTS = 5
OPEN_END = "不限"

CLUES = (
    ("手机尾号", "省份"), ("昵称含", "城市"), ("姓名含", "手机尾号"), ("来源", "最近购买"),
    ("会员等级", "最近购买"),
)  # fmt: skip
# What X1-02 asks for: a word of the file, a number with limits, the limit of the number.
FILTERS = (
    ("省份", "累计订单数", "从"), ("会员等级", "最近购买", "到"), ("来源", "累计金额", "从"),
    ("渠道编号", "累计订单数", "到"), ("省份", "累计金额", "到"),
)  # fmt: skip
TAGS = ("本周回访", "春茶预告", "积分提醒", "会员日邀请", "优先发货")
BOUNDS = ((0, 1, 3), (0, 1, 2), (0, 2, 5), (0, 1, 4), (0, 3, 6))
RANGES = (
    ((150, 320), (600, 950), (1500, 2400)), ((100, 220), (400, 600), (1000, 1600)),
    ((200, 350), (700, 1000), (1800, 2600)), ((120, 260), (500, 800), (1300, 2000)),
    ((250, 400), (800, 1100), (2000, 3000)),
)  # fmt: skip
CLASSES = (
    ("中档客", "品鉴会"), ("常购客", "老友会"), ("进阶客", "新茶团"), ("稳定客", "茶席课"),
    ("重点客", "礼盒团"),
)  # fmt: skip
MEMBERS = 6
PERIODS = (
    ("2024-01-01", "2024-12-31"), ("2024-07-01", "2024-12-31"), ("2025-01-01", "2025-06-30"),
    ("2025-07-01", "2025-12-31"), ("2024-10-01", "2025-09-30"),
)  # fmt: skip
LOST = (120, 150, 200, 240, 270)
QUARTERS = tuple(
    (f"{p.start_time:%Y-%m-%d}", f"{p.end_time:%Y-%m-%d}")
    for p in pd.period_range("2024Q1", "2025Q4", freq="Q")
)
HALVES = (
    ("2024-01-01", "2024-06-30"), ("2024-07-01", "2024-12-31"), ("2025-01-01", "2025-06-30"),
    ("2025-07-01", "2025-12-31"),
)  # fmt: skip
# Upper category and measure; by what the best pair is the best.
BEST = (
    ("茶叶", "金额", "提升度"), ("茶叶", "件数", "同时购买"), ("茶具", "金额", "置信度"),
    ("茶具", "件数", "提升度"), ("茶叶", "金额", "置信度"),
)  # fmt: skip
# Status, length of the period in months, which end of the amount is given.
ORDERS = (
    ("交易成功", 1, "从"), ("退款关闭", 6, "从"), ("未付款关闭", 3, "从"), ("交易成功", 1, "到"),
    ("退款关闭", 12, "到"),
)  # fmt: skip
# Kind whose commonest reason is asked ("" for all kinds), the rate, and by what it counts.
RETURNS = (
    ("退货", "退货率", "按明细行"), ("仅退款", "退款率", "按明细行"), ("", "退货率", "按金额"),
    ("退货", "退款率", "按金额"), ("", "退款率", "按明细行"),
)  # fmt: skip
GREETINGS = ("生日快乐", "福寿安康", "岁岁有茶香", "愿您日日是好日", "平安喜乐")
WEEK = 7  # days of birthdays; the week is one of the next 40 days
COUPONS = (10, 15, 20, 25, 30)
# Rules of the warning, and whether reviews with a reply count too.
ALERTS = (
    (("明示",), False), (("隐含",), False), (("明示", "隐含"), False), (("明示",), True),
    (("隐含",), True),
)  # fmt: skip
CALLS = (
    ("呼出", "差评回访", "满意"), ("呼入", "投诉包装", "已解决"), ("呼出", "满意度回访", "不满意"),
    ("呼入", "催促发货", "需回电"), ("呼出", "新茶邀约", "无人接听"),
)  # fmt: skip
NOTES = ("休眠，待激活", "休眠，月底复查", "休眠，联系团长", "休眠，暂停投放", "休眠，准备合并")
RATES = (
    ("退货率", "按明细行"), ("退款率", "按明细行"), ("退货率", "按金额"), ("退款率", "按金额"),
    ("退货率", "按明细行"),
)  # fmt: skip


class Filter(NamedTuple):
    """X1-02: `word` column equals `value`, and `number` column within low and high, both included."""

    word: str
    value: str
    number: str
    low: Any
    high: Any


@dataclass(frozen=True)
class Data:
    """What one student works on.

    `people`: the customers by id with 累计订单数, 累计金额 and 最近购买 (a day); `orders`: the valid
    ones with 日; `lines`: their lines with 日, 渠道编号 and 额 (分).
    """

    shop: Shop
    people: pd.DataFrame
    orders: pd.DataFrame
    lines: pd.DataFrame
    filter: Filter
    tasks: dict[str, dict[str, Any]]


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """The student's cut of the tea shop and the tasks."""
    shop = shops.variant(SHOP, student, LAB)
    people = shop.customers.set_index(KEY, drop=False).join(bought(shop))
    people["最近购买"] = pd.to_datetime(people["最近购买"]).dt.normalize()
    orders = shops.valid_orders(shop.orders)
    orders = orders.assign(日=orders["付款时间"].dt.normalize())
    lines = shop.order_items.merge(orders[["订单编号", "日", "渠道编号", KEY]], on="订单编号")
    lines["额"] = (lines["单价"] * 100).round().astype("int64") * lines["数量"]
    one = Paper(student, shop, people, orders, lines)
    chosen = one.filter()
    return Data(shop, people, orders, lines, chosen, one.tasks(chosen))


def tasks(student: str) -> dict[str, dict[str, Any]]:
    """Item → what it asks of this student."""
    return data(student).tasks


def variant(student: str, item: str) -> int:
    """Which of the five variants of a task a student gets."""
    return Draw(student, LAB).step((item, "variant"), 0, VARIANTS - 1)


def holds(people: pd.DataFrame, clue: str, value: Any) -> pd.Series:
    """Who a clue fits."""
    if clue == "手机尾号":
        return people["手机"].fillna("").str.endswith(value)
    if clue in ("昵称含", "姓名含"):
        return people[clue[:-1]].fillna("").str.contains(value, regex=False)
    if clue == "最近购买":
        return people[clue] == pd.Timestamp(value)
    return people[clue] == value


def within(people: pd.DataFrame, one: Filter, *, strict: bool = False, word: bool = True,
           number: bool = True) -> list[str]:  # fmt: skip
    """Ids of those who meet a filter, or a wrong reading of it."""
    keep = pd.Series(True, index=people.index)
    if word:
        keep &= people[one.word] == one.value
    if number:
        values = people[one.number]
        for limit, side in ((one.low, 1), (one.high, -1)):
            if limit is not None:
                bound = pd.Timestamp(limit) if one.number == "最近购买" else limit
                over = values > bound if side > 0 else values < bound
                keep &= over if strict else over | (values == bound)
    return sorted(people.index[keep])


def in_time(frame: pd.DataFrame, column: str, start: str, end: str) -> pd.DataFrame:
    """Rows whose day lies in a period, both days included."""
    return frame[frame[column].dt.normalize().between(start, end)]


@dataclass(frozen=True)
class Paper:
    """One student's examination paper in the making."""

    student: str
    shop: Shop
    people: pd.DataFrame
    orders: pd.DataFrame
    lines: pd.DataFrame

    def tasks(self, chosen: Filter) -> dict[str, dict[str, Any]]:
        k = {f"X1-{n:02d}": variant(self.student, f"X1-{n:02d}") for n in range(1, 13)}
        bands, saved = self._bands(k["X1-04"])
        kept, club = CLASSES[k["X1-04"]]
        rules, answered = ALERTS[k["X1-11"]]
        call, topic, result = CALLS[k["X1-11"]]
        return {
            "X1-01": self._clues(k["X1-01"]),
            "X1-02": {
                "条件一": chosen.word, "等于": chosen.value, "条件二": chosen.number,
                "从": OPEN_END if chosen.low is None else chosen.low,
                "到": OPEN_END if chosen.high is None else chosen.high,
                "标签": TAGS[k["X1-02"]],
            },
            "X1-03": {"每类最大的次数": list(BOUNDS[k["X1-03"]]),
                      "四类": frequency_names(BOUNDS[k["X1-03"]])},
            "X1-04": {"分档下界（元）": bands, "要保存的一档": saved, "存为": kept,
                      "手动分类": club, "顾客": self.some(self.people.index, MEMBERS, "club")},
            "X1-05": dict(zip(("从", "到"), PERIODS[k["X1-05"]], strict=True)),
            "X1-06": {"流失": LOST[k["X1-06"]], **self._period("value", QUARTERS)},
            "X1-07": self._best(k["X1-07"]),
            "X1-08": self._orders(k["X1-08"]),
            "X1-09": self._returns(k["X1-09"]),
            "X1-10": {"从": self._week(), "天数": WEEK, "祝福语": GREETINGS[k["X1-10"]],
                      "优惠券（元）": COUPONS[self.number("coupon", len(COUPONS))]},
            "X1-11": {"规则": list(rules), "已回复的": "也算" if answered else "不算",
                      "评价从": f"2025-{7 + self.number('since', 4):02d}-01", "通话": call,
                      "顾客": self.some(self.people.index[self.people["手机"].notna()], 1, "call")[0],
                      "主题": topic, "结果": result, "时长（秒）": 60 + self.number("seconds", 400)},
            "X1-12": {"休眠": "超过 90 天没有有效订单", "备注": NOTES[k["X1-12"]],
                      "比率": RATES[k["X1-12"]][0], "计算": RATES[k["X1-12"]][1],
                      **self._whole(k["X1-12"])},
        }  # fmt: skip

    # --- draws ------------------------------------------------------------------------------------
    def number(self, what: str, below: int) -> int:
        return Draw(self.student, LAB).step(what, 0, below - 1)

    def some(self, options: Any, n: int, salt: str) -> list[str]:
        return shops.draw([str(x) for x in options], n, self.student, LAB, salt)

    def _period(self, what: str, options: Sequence[tuple[str, str]]) -> dict[str, str]:
        start, end = options[self.number(what, len(options))]
        return {"从": start, "到": end}

    def _first(self, options: Sequence[Any], salt: str, fits: Callable[[Any], bool]) -> Any:
        """The first option, in the student's own order, that makes a fair task."""
        for i in self.some(range(len(options)), len(options), salt):
            if fits(options[int(i)]):
                return options[int(i)]
        raise LookupError(f"{salt}: nothing fits")

    # --- one by one -------------------------------------------------------------------------------
    def _clues(self, k: int) -> dict[str, Any]:
        names = CLUES[k]
        buyers = self.people[(self.people["累计订单数"] > 0) & self.people["手机"].notna()]
        for i in self.some(buyers.index, len(buyers), "clue"):
            values = [_clue(buyers.loc[i], name) for name in names]
            if any(not v or v != v for v in values):
                continue
            fits = [holds(self.people, n, v) for n, v in zip(names, values, strict=True)]
            if min(f.sum() for f in fits) >= 2 and (fits[0] & fits[1]).sum() == 1:
                return dict(zip(names, values, strict=True))
        raise LookupError("no clues fit")

    def filter(self) -> Filter:
        word, number, side = FILTERS[variant(self.student, "X1-02")]
        words = sorted(self.people[word].dropna().unique())
        buyers = self.people[self.people["累计订单数"] > 0]
        wanted = buyers[buyers["最近购买"] <= "2025-11-30"] if number == "最近购买" else buyers

        def made(pair: tuple[str, Any]) -> Filter:
            value, limit = pair
            if number == "累计订单数":
                limit = int(limit)
            elif number == "累计金额":
                limit = float(limit)
            else:
                limit = f"{limit:%Y-%m-%d}"
            least = {"累计订单数": 1, "累计金额": 0.01}.get(number)
            return Filter(word, value, number, *((limit, None) if side == "从" else (least, limit)))

        def fits(pair: tuple[str, Any]) -> bool:
            one = made(pair)
            found = within(self.people, one)
            return 25 <= len(found) <= 160 and within(self.people, one, strict=True) != found

        pairs = [
            (value, limit) for value in words
            for limit in wanted.loc[wanted[word] == value, number].drop_duplicates()
        ]  # fmt: skip
        return made(self._first(pairs, "filter", fits))

    def _bands(self, k: int) -> tuple[list[float], str]:
        buyers = self.people[self.people["累计订单数"] > 0]
        limits = []
        for n, (low, high) in enumerate(RANGES[k]):
            whole = sorted({x for x in buyers["累计金额"] if low <= x <= high and x == round(x)})
            limits.append(float(self.some(whole, 1, f"limit{n}")[0]))
        a = self.number("band", 2)
        return limits, f"{limits[a]:g}–{limits[a + 1]:g} 元"

    def _best(self, k: int) -> dict[str, Any]:
        upper, measure, by = BEST[k]
        category = self.shop.products.set_index(SKU)["类目"]

        def fits(period: tuple[str, str]) -> bool:
            lines = in_time(self.lines, "日", *period)
            names = lines[SKU].map(category)
            sums = lines["数量" if measure == "件数" else "额"].groupby(names).sum()
            top = sums[sums.index.str.startswith(upper)].nlargest(2)
            return bool(top.iloc[0] > top.iloc[1] * 1.01)

        period = self._first(HALVES, "best", fits)
        return {
            "从": period[0],
            "到": period[1],
            "上级类目": upper,
            "类目比": measure,
            "商品对比": by,
        }

    def _orders(self, k: int) -> dict[str, Any]:
        status, months, side = ORDERS[k]
        starts = pd.period_range("2024-07", freq="M", periods=19 - months)
        periods = [
            (f"{p.start_time:%Y-%m-%d}", f"{(p + months - 1).end_time:%Y-%m-%d}") for p in starts
        ]
        mine = self.shop.orders[self.shop.orders["订单状态"] == status]

        def found(period: tuple[str, str], limit: float, among: pd.DataFrame = mine) -> int:
            amounts = in_time(among, "下单时间", *period)["实付金额"]
            return int((amounts >= limit if side == "从" else amounts <= limit).sum())

        def fair(limit: float) -> bool:
            n = found(period, limit)
            return 5 <= n <= 60 and n < found(period, limit, self.shop.orders)

        period = self._first(periods, "period", lambda p: len(in_time(mine, "下单时间", *p)) >= 12)
        amounts = sorted(set(in_time(mine, "下单时间", *period)["实付金额"]))
        limit = self._first(amounts, "amount", fair)
        words = {"从": "实付金额不低于", "到": "实付金额不高于"}
        return {"状态": status, "下单从": period[0], "到": period[1], words[side]: float(limit)}

    def _week(self) -> str:
        """First day of a week at whose both ends somebody who may be written to has a birthday."""
        c = self.shop.customers[self.shop.customers["接受营销"]]
        born = {(b.month, b.day) for b in c["生日"].dropna()}
        starts = [dt.date(2026, 1, 5) + dt.timedelta(days=k) for k in range(40)]

        def fits(start: dt.date) -> bool:
            ends = (start, start + dt.timedelta(days=WEEK - 1))
            return all((d.month, d.day) in born for d in ends)

        found: dt.date = self._first(starts, "birthday", fits)
        return found.isoformat()

    def _returns(self, k: int) -> dict[str, Any]:
        kind, rate, measure = RETURNS[k]

        def fits(period: tuple[str, str]) -> bool:
            rows = in_time(self.shop.returns, "申请时间", *period)
            rows = rows[rows["类型"] == kind] if kind else rows
            top = rows["原因"].value_counts()
            return len(top) > 1 and bool(top.iloc[0] > top.iloc[1])

        period = self._first((*HALVES, *QUARTERS), "returns", fits)
        return {"从": period[0], "到": period[1], "原因的类型": kind or "全部", "比率": rate,
                "计算": measure}  # fmt: skip

    def _whole(self, k: int) -> dict[str, str]:
        """The last variant of X1-12 looks at one year of the channel, the others at all days."""
        return {"付款从": "2024-01-01", "到": "2024-12-31" if k == VARIANTS - 1 else "2025-12-31"}


def _clue(person: pd.Series, name: str) -> Any:
    if name == "手机尾号":
        return person["手机"][-3:]
    if name in ("昵称含", "姓名含"):
        text = person[name[:-1]]
        return text[-1:] if name == "姓名含" and isinstance(text, str) else text[:2]
    if name == "最近购买":
        return f"{person[name]:%Y-%m-%d}"
    return float(person[name]) if name == "累计金额" else person[name]


def frequency_names(bounds: Sequence[int]) -> list[str]:
    """Names of the classes, as the CRM writes them.

    >>> frequency_names((0, 1, 3))
    ['0 次', '1 次', '2–3 次', '4 次及以上']
    """
    lows = [0, *(b + 1 for b in bounds)]
    names = [f"{a} 次" if a == b else f"{a}–{b} 次" for a, b in zip(lows, bounds, strict=False)]
    return [*names, f"{lows[-1]} 次及以上"]


FILES: dict[str, Any] = {}
