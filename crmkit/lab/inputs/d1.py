"""Inputs of lab D1: the operational tables of a student's own tea shop, and what is loaded later.

Everything is cut or drawn by hash, so that every student has other data and other questions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops
from crmkit.analytics.warehouse import history
from crmkit.lab.inputs.chance import pick, places, step, unit
from crmkit.settings import settings

LAB = "D1"
CUSTOMERS = 160
MEMBERS = 32  # whose level changes are logged
FIELDS = 15  # candidates of the first item
ENOUGH = 12  # rows of a month that is loaded
# A business process and what lies around in its systems; the judge knows what each of them is.
PROCESS_POOL = (
    (
        "店长要看：哪些客户、在哪个平台、买了哪类商品、多少钱。",
        (
            "一张订单里的一种商品",
            "客户所在省份",
            "最后修改人",
            "快递面单二维码",
            "分摊到行的优惠",
            "付款日期",
            "商品成本额",
            "收银机序列号",
            "购买件数",
            "销售平台",
            "付款时的会员等级",
            "订单页面的浏览器版本",
            "参加的活动",
            "商品金额",
            "商品大类",
        ),
    ),
    (
        "售后主管要看：哪类商品、因为什么、退了多少钱、办了多久。",
        (
            "客户的银行卡号",
            "退回件数",
            "申请页按钮颜色",
            "支付接口返回码",
            "退换原因",
            "承担的退货运费",
            "退款金额",
            "退货照片的文件名",
            "下单渠道",
            "客户省份",
            "商品小类",
            "一次退换申请里的一种商品",
            "经办客服",
            "申请日期",
            "处理小时数",
        ),
    ),
    (
        "呼叫中心主管要看：什么时段、哪个技能组、等了多久、说了多久。",
        (
            "技能组",
            "一通来电",
            "来电者的完整号码",
            "录音文件路径",
            "等待秒数",
            "转接次数",
            "来电主题",
            "通话秒数",
            "坐席",
            "工单系统自增流水",
            "客户等级",
            "事后处理秒数",
            "来电日期",
            "话机固件版本",
            "来电时段",
        ),
    ),
    (
        "营销组要看：哪个活动、用什么方式、花了多少、带来多少。",
        (
            "带来的成交额",
            "点击次数",
            "发信服务器地址",
            "发送方式",
            "发送日期",
            "客户的身份证号",
            "发给一位客户的一条营销信息",
            "营销活动",
            "模板的源代码",
            "客户分群",
            "所属渠道",
            "短信网关回执原文",
            "发送费用",
            "券的类型",
            "核销的券面额",
        ),
    ),
    (
        "采购要看：每天每个仓库每种商品剩多少、压了多少钱。",
        (
            "供应商",
            "商品等级",
            "入库单扫描件",
            "商品",
            "缺货小时数",
            "在库件数",
            "在途件数",
            "仓库",
            "货架标签打印机",
            "一种商品在一个仓库一天结束时的库存",
            "快照日期",
            "盘点枪电量",
            "库存金额",
            "采摘季节",
            "仓库门禁记录号",
        ),
    ),
    (
        "运营要看：哪些商品、哪些渠道、评价高低、回复快慢。",
        (
            "评价页截图",
            "评价字数",
            "成交渠道",
            "评价人的会员等级",
            "评价日期",
            "星级分",
            "收货省份",
            "昵称里的表情",
            "评价人的手机型号串号",
            "回复间隔小时数",
            "追评次数",
            "商品小类",
            "回复的客服",
            "审核队列号",
            "一条商品评价",
        ),
    ),
)
# Questions on the sales; for some of them the grain of the month is too coarse.
QUESTION_POOL = (
    "各大类每个季度的销售额，哪一季最高？",
    "双 11 当天比前一天多卖了多少？",
    "2025 年每个月各渠道的销售额是涨是落？",
    "一周里星期几卖得最好？",
    "两年里哪个月的茶具卖得最多？",
    "中秋前七天的礼盒销售额是多少？",
    "今年上半年和去年上半年相比，各渠道增长几成？",
    "每月 1 日到 10 日和 21 日到月底，哪一段卖得多？",
    "哪件商品有三个月以上一件也没有卖出去？",
    "发薪日（每月 15 日）之后的三天，销售额有没有变高？",
    "各商品 2025 年 12 月的销售额占全年的几成？",
    "周末两天卖得比工作日多吗？",
)
SALES = ["订单编号", "商品编码", "日期键", "数量", "销售额"]
STEPS = {"待发货": "已发货", "已发货": "交易成功"}


@dataclass(frozen=True)
class Card:
    """One student's questions to the cube."""

    platforms: tuple[str, str]
    year: int
    category: str


def process(student: str) -> tuple[int, dict[str, int]]:
    """Which business process, and number on the sheet → place among its fields."""
    which = int(unit(student, LAB, "process") * len(PROCESS_POOL))
    at = places(student, LAB, "fields", len(PROCESS_POOL[which][1]), FIELDS)
    return which, {f"F{k:02d}": i for k, i in enumerate(at, start=1)}


def card(student: str) -> Card:
    all_of = ("天猫", "淘宝", "京东", "抖音", "微信")
    first, second = (all_of[i] for i in places(student, LAB, "platforms", len(all_of), 2))
    return Card(
        (first, second),
        pick(student, LAB, "year", (2024, 2025)),
        pick(student, LAB, "category", ("茶叶", "茶具")),
    )


def questions(student: str) -> dict[int, int]:
    """Number on the sheet (1–4) → place in the pool."""
    daily = 1 + 2 * places(student, LAB, "daily", len(QUESTION_POOL) // 2, 1)[0]
    rest = [2 * i for i in places(student, LAB, "monthly", len(QUESTION_POOL) // 2, 3)]
    at = step(student, LAB, "place", 0, 3)
    return dict(enumerate([*rest[:at], daily, *rest[at:]], start=1))


@dataclass(frozen=True)
class Tables:
    """The operational tables of a student's shop."""

    customers: pd.DataFrame
    products: pd.DataFrame
    orders: pd.DataFrame
    order_items: pd.DataFrame
    returns: pd.DataFrame
    channels: pd.DataFrame


@lru_cache(maxsize=4)
def shop(student: str) -> Tables:
    """The student's customers of the tea shop, and everything that hangs on them."""
    s = shops.load("tea")
    customers = s.customers
    mine = customers[
        customers["客户编号"].isin(shops.draw(customers["客户编号"], CUSTOMERS, student, LAB))
    ]
    orders = s.orders[s.orders["客户编号"].isin(mine["客户编号"])]
    lines, returns = (t[t["订单编号"].isin(orders["订单编号"])] for t in (s.order_items, s.returns))
    kept = (
        t.reset_index(drop=True) for t in (mine, s.products, orders, lines, returns, s.channels)
    )
    return Tables(*kept)


@lru_cache(maxsize=4)
def lines(student: str) -> pd.DataFrame:
    """Every line of a valid order, as rows of the sales fact; by pay time."""
    s = shop(student)
    paid = shops.valid_orders(s.orders).sort_values(["付款时间", "订单编号"])
    both = paid.merge(s.order_items, on="订单编号", sort=False)
    return both.assign(
        日期键=both["付款时间"].dt.strftime("%Y%m%d").astype(int),
        销售额=(both["数量"] * both["单价"]).round(2),
    )  # fmt: skip


# ------------------------------------------------------------------ append only


@lru_cache(maxsize=4)
def month(student: str) -> int:
    """The month that is in the warehouse already, yyyymm; the next one is to be loaded.

    Where one of the two has few rows, a later month that has enough (after November January).
    """
    rows = (lines(student)["日期键"] // 100).value_counts()
    first = step(student, LAB, "month", 1, 11)
    months = [202500 + 1 + (first - 1 + k) % 11 for k in range(11)]
    return max(months, key=lambda m: min(rows.get(m, 0), rows.get(m + 1, 0), ENOUGH))


@lru_cache(maxsize=4)
def loads(student: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What has been loaded (with its batch), and the next extract: new rows and rows sent again."""
    first = month(student)
    rows = lines(student)[SALES]
    old = rows[rows["日期键"] // 100 == first].reset_index(drop=True)
    new = rows[rows["日期键"] // 100 == first + 1]
    again = old.iloc[places(student, LAB, "again", len(old), min(12, len(old) // 2))].copy()
    half = again.index[: len(again) // 2]
    again.loc[half, "销售额"] = (again.loc[half, "销售额"] * 0.9).round(2)
    mixed = pd.concat([new, again], ignore_index=True)
    order = places(student, LAB, "mixed", len(mixed), len(mixed))
    return old.assign(装载批次=str(first)), mixed.iloc[order].reset_index(drop=True)


# ------------------------------------------------------------------ levels


@lru_cache(maxsize=4)
def level_log(student: str) -> pd.DataFrame:
    """Changes of members' levels, not in order; some days have two entries, some repeat a level."""
    rule = settings()["levels"]
    paid = shops.valid_orders(shop(student).orders)
    log = history.level_log(paid, rule["tea"], rule["names"])
    counts = log.groupby("客户编号").size()
    chosen = shops.draw(counts[counts >= 2].index, MEMBERS, student, LAB, "members")
    log = log[log["客户编号"].isin(chosen)]
    log["变更时间"] = log["变更时间"].dt.ceil("min")
    firsts = log.drop_duplicates("客户编号")
    lasts = log.drop_duplicates("客户编号", keep="last")
    # A wrong entry before the right one of the same day, and entries that were written twice.
    wrong = lasts.iloc[:10].assign(会员等级=rule["names"][0])
    wrong["变更时间"] = wrong["变更时间"].dt.normalize() + pd.Timedelta(seconds=30)
    repeated = firsts.iloc[16:24].copy()
    repeated["变更时间"] += pd.Timedelta(seconds=20)
    everything = pd.concat([log, wrong, repeated], ignore_index=True)
    order = places(student, LAB, "log", len(everything), len(everything))
    return everything.iloc[order].reset_index(drop=True)


# ------------------------------------------------------------------ the raw export


@lru_cache(maxsize=4)
def raw(student: str) -> pd.DataFrame:
    """An export with faults: blank numbers, nothing bought, doubles, amounts written in two ways."""
    clean = lines(student)[["订单编号", "商品编码", "数量", "销售额"]].iloc[:120]
    clean = clean.rename(columns={"销售额": "金额"}).reset_index(drop=True)
    n = len(clean)

    def some(what: str, low: int, high: int) -> pd.DataFrame:
        return clean.iloc[places(student, LAB, what, n, step(student, LAB, what, low, high))].copy()

    written = places(student, LAB, "written", n, step(student, LAB, "written", 20, 40))
    frame = clean.assign(金额=[f"{x:.2f}" for x in clean["金额"]])
    plain = frame.copy()
    for i in written:
        frame.loc[i, "金额"] = f"¥{clean.loc[i, '金额']:,.2f}"
    blank = some("blank", 5, 12).assign(订单编号=None)
    zero = some("zero", 4, 10).assign(数量=0)
    zero["订单编号"] = "9" + zero["订单编号"].str[1:]
    refund = some("refund", 3, 8)
    refund["数量"] = -refund["数量"]
    refund["订单编号"] = "8" + refund["订单编号"].str[1:]
    double = plain.iloc[places(student, LAB, "double", n, step(student, LAB, "double", 9, 18))]
    faults = [f.assign(金额=[f"¥{x:,.2f}" if k % 2 else f"{x:.2f}" for k, x in enumerate(f["金额"])])
              for f in (blank, zero, refund)]  # fmt: skip
    # Doubles come after their first row, so that "the first stays" means the same for everybody.
    return pd.concat([frame, *faults, double], ignore_index=True)


# ------------------------------------------------------------------ ODS


@lru_cache(maxsize=4)
def states(student: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Thirty orders on a Monday evening, and what happened on the three days after it."""
    ids = shops.draw(lines(student)["订单编号"].unique(), 34, student, LAB, "states")
    start = [pick(student, LAB, f"start {i}", ("待发货", "已发货")) for i in ids[:30]]
    monday = pd.DataFrame({"订单编号": ids[:30], "订单状态": start, "更新时间": "2025-12-01 18:00"})
    rows, now = [], dict(zip(ids[:30], start, strict=True))
    for day in (2, 3, 4):
        for i in ids[:30]:
            if now[i] in STEPS and unit(student, LAB, "moves", day, i) < 0.45:
                back = unit(student, LAB, "refund", day, i) < 0.12
                now[i] = "退款关闭" if back else STEPS[now[i]]
                hour = 8 + int(12 * unit(student, LAB, "hour", day, i))
                rows.append((i, now[i], f"2025-12-0{day} {hour:02d}:{hour + 20}"))
    for k, i in enumerate(ids[30:]):
        rows.append((i, "待发货", f"2025-12-0{2 + k % 3} 07:1{k}"))
    order = places(student, LAB, "changes", len(rows), len(rows))
    changes = pd.DataFrame([rows[i] for i in order], columns=list(monday.columns))
    return monday, changes


# ------------------------------------------------------------------ files


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, encoding="utf-8-sig", date_format="%Y-%m-%d %H:%M:%S")


def _file(made: Callable[[str], pd.DataFrame]) -> Callable[[Path, str], None]:
    return lambda path, student: _csv(made(student), path)


def _table(name: str) -> Callable[[Path, str], None]:
    return _file(lambda student: getattr(shop(student), name))


def _fields(student: str) -> pd.DataFrame:
    which, drawn = process(student)
    rows = [(number, PROCESS_POOL[which][1][i]) for number, i in drawn.items()]
    return pd.DataFrame(rows, columns=["编号", "候选"]).assign(业务=PROCESS_POOL[which][0])


def _card(student: str) -> pd.DataFrame:
    c = card(student)
    rows = [
        ("平台一", c.platforms[0]),
        ("平台二", c.platforms[1]),
        ("年", c.year),
        ("大类", c.category),
    ]
    return pd.DataFrame(rows, columns=["条件", "取值"])


def _questions(student: str) -> pd.DataFrame:
    rows = [(k, QUESTION_POOL[i]) for k, i in questions(student).items()]
    return pd.DataFrame(rows, columns=["题号", "问题"])


FILES = {
    **{
        f"{n}.csv": _table(n)
        for n in ("customers", "products", "orders", "order_items", "returns", "channels")
    },
    "fields.csv": _file(_fields),
    "loaded.csv": _file(lambda student: loads(student)[0]),
    "extract.csv": _file(lambda student: loads(student)[1]),
    "level_log.csv": _file(level_log),
    "raw_export.csv": _file(raw),
    "card.csv": _file(_card),
    "questions.csv": _file(_questions),
    "ods_monday.csv": _file(lambda student: states(student)[0]),
    "changes.csv": _file(lambda student: states(student)[1]),
}
