"""What the channels of lab O8 sell, counted again from the orders, rightly and wrongly."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from autograder.operations import DONE, Work
from autograder.spec import Verdict
from crmkit.lab import forms
from crmkit.lab.inputs import o8
from crmkit.lab.inputs.o8 import CHANNEL, KEY
from crmkit.settings import settings

DORMANT = settings()["channels"]["dormant_days"]
WHOLE = "全店"
Keys = tuple[str, ...]


@dataclass(frozen=True)
class World:
    """One student's shop and tasks."""

    student: str
    as_of: dt.date

    @property
    def data(self) -> o8.Data:
        return o8.data(self.student)

    @property
    def orders(self) -> pd.DataFrame:
        return self.data.orders

    @property
    def channels(self) -> pd.DataFrame:
        return self.data.shop.channels

    def task(self, item: str) -> dict[str, Any]:
        return self.data.tasks[item]

    @property
    def start(self) -> pd.Timestamp:
        return pd.Timestamp(self.task("O8-03")["从"])

    @property
    def end(self) -> pd.Timestamp:
        return pd.Timestamp(self.task("O8-03")["到"])

    @cached_property
    def sold(self) -> pd.DataFrame:
        """The valid orders of the period."""
        return self.orders[self.orders["日"].between(self.start, self.end)]

    @cached_property
    def first(self) -> pd.Series:
        """Day of each buyer's first valid order."""
        return self.orders.groupby(KEY)["日"].min()


# ------------------------------------------------------------------ comparing


def cells(names: Keys, keys: Keys = (CHANNEL,), tolerance: float = 1e-4) -> Any:
    """Cells by channel (and month), wherever they stand; rows without sales may stand there too."""

    def compare(got: Any, expected: pd.DataFrame) -> Verdict:
        frame = forms.table(got, (*keys, *names))
        mine: dict[tuple[str, ...], list[float]] = {}
        for row in frame[[*keys, *names]].itertuples(index=False):
            values = [0.0 if forms.missing(x) else forms.number(x) for x in row[len(keys) :]]
            mine[tuple(label(x) for x in row[: len(keys)])] = values
        right = {tuple(r[: len(keys)]): [*r[len(keys) :]] for r in
                 expected[[*keys, *names]].itertuples(index=False)}  # fmt: skip
        lacking = [k for k in right if k not in mine and any(right[k])]
        extra = [k for k, v in mine.items() if k not in right and any(v)]
        wrong = [
            ("、".join(k), c) for k, values in right.items() if k in mine
            for c, x, y in zip(names, mine[k], values, strict=True) if abs(x - y) > tolerance
        ]  # fmt: skip
        if len(frame) > len(mine):
            extra.append(("重复的行",))
        words = [f"缺「{'、'.join(lacking[0])}」等 {len(lacking)} 行"] if lacking else []
        words += [f"多出「{'、'.join(extra[0])}」等 {len(extra)} 行"] if extra else []
        words += [f"{len(wrong)} 个数不对，例如 {wrong[0][0]} 的「{wrong[0][1]}」"] if wrong else []
        if not words:
            return Verdict(1.0, f"{len(right)} 行全部正确")
        total = len(right) * len(names)
        bad = len(wrong) + len(names) * (len(lacking) + len(extra))
        return Verdict(
            0.8 * max(0.0, 1 - bad / total), "；".join(words), "核对时间段、口径和分母，把不对的几行重算一遍"
        )  # fmt: skip

    return compare


def label(value: Any) -> str:
    """A channel's id or a month, whatever carries it."""
    if hasattr(value, "strftime"):
        return str(value.strftime("%Y-%m"))
    found = forms.text(value)
    return found[:7] if found[:2] == "20" else found


# ------------------------------------------------------------------ channels


def listed(w: World, *, edge: bool = True, closed: bool = True, since: bool = True) -> pd.DataFrame:
    c = w.channels
    day = pd.Timestamp(w.task("O8-01")["开通日期不早于"])
    keep = (c["开通日期"] >= day) if edge else (c["开通日期"] > day)
    keep |= not since
    if not closed:
        keep &= c["渠道状态"] == "营业中"
    return c.loc[keep, [CHANNEL, "平台", "开通日期", "渠道状态"]].reset_index(drop=True)


ASLEEP = ("沉睡天数", "最后金额")


def asleep(
    w: World, *, closed: bool = False, months: int = 0, net: bool = False,
    until: dt.date | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Open channels without an order for more than the days, and what their last months brought.

    `months` and `until` stand for those of the task.
    """
    task = w.task("O8-02")
    day = pd.Timestamp(until or task["开会那天"])
    orders = net_orders(w) if net else w.orders
    last = w.orders.groupby(CHANNEL)["日"].max()
    since = (pd.Timestamp(w.as_of) - last).dt.days
    state = w.channels.set_index(CHANNEL)["渠道状态"]
    ids = [c for c in state.index if since[c] > DORMANT and (closed or state[c] == "营业中")]
    rows = []
    for c in ids:
        own = orders[orders[CHANNEL] == c]
        own = own[own["日"] > last[c] - pd.DateOffset(months=months or task["看最后几个月"])]
        values = ((day - last[c]).days, own["分"].sum() / 100)
        rows.append({CHANNEL: c, **dict(zip(ASLEEP, values, strict=True))})
    return pd.DataFrame(rows)


# ------------------------------------------------------------------ sales and returns


def net_orders(w: World) -> pd.DataFrame:
    """Orders less refunds; those refunded whole are out."""
    r = w.data.shop.returns
    r = r[r["退换状态"] == "退款成功"]
    back = (r["退款金额"] * 100).round().astype("int64").groupby(r["订单编号"]).sum()
    left = w.orders["分"] - w.orders["订单编号"].map(back).fillna(0).astype("int64")
    return w.orders.assign(分=left)[(left > 0) | (left == w.orders["分"])]


def monthly(w: World, orders: pd.DataFrame | None = None) -> pd.DataFrame:
    chosen = w.sold if orders is None else orders[orders["日"].between(w.start, w.end)]
    g = chosen.groupby(["月份", CHANNEL])
    return pd.DataFrame({"订单数": g.size(), "支付金额": g["分"].sum() / 100}).reset_index()


def every_order(w: World) -> pd.DataFrame:
    """Unpaid and void ones too, by the day they were placed."""
    o = w.data.shop.orders
    return o.assign(
        日=o["下单时间"].dt.normalize(), 月份=o["下单时间"].dt.strftime("%Y-%m"),
        分=(o["实付金额"].fillna(0) * 100).round().astype("int64"),
    )  # fmt: skip


RETURNED = ("退货率(行,按付款日)", "退货率(金额,按付款日)")  # as `forms` reads the exported names


def returned(w: World, *, only: str = "退货", by: str = "付款日") -> pd.DataFrame:
    """Lines and money that came back ÷ lines and money of the period, by channel."""
    items = w.data.shop.order_items.merge(w.sold[["订单编号", CHANNEL]], on="订单编号")
    r = w.data.shop.returns
    r = r[r["退换状态"] == "退款成功"]
    r = r[r["类型"].isin(["退货", "仅退款"] if not only else [only])]
    source = w.sold if by == "付款日" else w.orders
    r = r.merge(source[["订单编号", CHANNEL]], on="订单编号")
    if by != "付款日":
        r = r[r["完成时间"].dt.normalize().between(w.start, w.end)]
    lines = r.drop_duplicates(["订单编号", "商品编码"]).groupby(CHANNEL).size()
    money = r.groupby(CHANNEL)["退款金额"].sum()
    paid = w.sold.groupby(CHANNEL)["分"].sum() / 100
    out = pd.DataFrame({
        RETURNED[0]: lines.reindex(paid.index).fillna(0) / items.groupby(CHANNEL).size(),
        RETURNED[1]: money.reindex(paid.index).fillna(0) / paid,
    })  # fmt: skip
    return out.rename_axis(CHANNEL).reset_index()


# ------------------------------------------------------------------ new and old, order value


def newcomers(w: World, how: str = "shop") -> pd.DataFrame:
    """New buyers by month and channel: to the shop, to the channel, within a year, or all."""
    sold = w.sold
    begins = pd.to_datetime(sold["月份"] + "-01")
    earlier = w.orders.assign(key=w.orders[KEY] + (w.orders[CHANNEL] if how == "channel" else ""))
    mine = sold[KEY] + (sold[CHANNEL] if how == "channel" else "")
    new = mine.map(earlier.groupby("key")["日"].min()) >= begins
    if how == "period":  # bought nothing before the first day of the whole period
        new = mine.map(w.first) >= w.start
    elif how == "all":
        new = pd.Series(True, index=sold.index)
    found = sold[new].groupby(["月份", CHANNEL])[KEY].nunique()
    every = sold.groupby(["月份", CHANNEL]).size().index
    return found.reindex(every, fill_value=0).rename("新客数").reset_index()


OLD = ("老客占比", "复购率")


def returning(w: World, *, whole: bool = False, where: str = "channel") -> pd.DataFrame:
    """Share of buyers who had bought before the period, and of those with two orders in it."""
    rows = []
    for c, own in w.sold.groupby(CHANNEL):
        buyers = pd.Index(own[KEY].unique())
        among = (
            (w.orders[w.orders[CHANNEL] == c] if whole else own) if where == "channel" else w.sold
        )
        n = among.groupby(KEY).size().reindex(buyers)
        rows.append({CHANNEL: str(c), OLD[0]: float((w.first.reindex(buyers) < w.start).mean()),
                     OLD[1]: float((n >= 2).mean())})  # fmt: skip
    return pd.DataFrame(rows)


VALUE = ("客单价", "笔单价")


def values(w: World, *, overall: str = "shop") -> pd.DataFrame:
    """By channel, and one row for the whole shop, rightly or from the channels' figures."""
    g = w.sold.groupby(CHANNEL)
    money, buyers, orders = g["分"].sum() / 100, g[KEY].nunique(), g.size()
    out = pd.DataFrame({VALUE[0]: money / buyers, VALUE[1]: money / orders})
    if overall == "mean":
        out.loc[WHOLE] = [out[VALUE[0]].mean(), out[VALUE[1]].mean()]
    else:
        people = w.sold[KEY].nunique() if overall == "shop" else buyers.sum()
        out.loc[WHOLE] = [money.sum() / people, money.sum() / len(w.sold)]
    return out.rename_axis(CHANNEL).reset_index()


# ------------------------------------------------------------------ score, maintenance


def ranking(
    w: World, *, turned: bool = True, scaled: bool = True, equal: bool = False
) -> list[str]:
    """Channels by the weighted sum of their figures on a scale from 0 to 1."""
    old, back = returning(w).set_index(CHANNEL), returned(w).set_index(CHANNEL)
    money = w.sold.groupby(CHANNEL)["分"].sum() / 100
    figures = pd.DataFrame(
        {
            "支付金额": money,
            "新客占比": 1 - old[OLD[0]],
            "复购率": old[OLD[1]],
            "退货率（反向）": back[RETURNED[0]],
        }
    )
    if scaled:
        figures = (figures - figures.min()) / (figures.max() - figures.min())
    if turned:
        figures["退货率（反向）"] = 1 - figures["退货率（反向）"]
    weights = pd.Series(w.task("O8-08")["权重"]) if not equal else pd.Series(0.25, figures.columns)
    score = (figures * weights).sum(axis=1).round(12)
    return [str(c) for c in score.sort_index().sort_values(ascending=False, kind="stable").index]


def maintained(w: World, work: Work, value: Any) -> dict[str, Any]:
    """The channel at the end, whether other channels changed, and whether it was done there."""
    wanted = w.task("O8-09")[CHANNEL]
    row = work.row("channels", wanted) or {}
    start = {r["channel_id"]: r for r in work.before("channels")}
    others = [
        r["channel_id"] for r in work.rows("channels")
        if r["channel_id"] != wanted
        and any(r[k] != start[r["channel_id"]][k] for k in ("status", "contact"))
    ]  # fmt: skip
    lines = work.of("channels.list", action="维护渠道", outcome=DONE)
    return {
        "status": row.get("status"), "contact": forms.text(row.get("contact", "")),
        "note": forms.text(row.get("note", "")), "others": others,
        "log": any(x.object == wanted for x in lines),
    }  # fmt: skip
