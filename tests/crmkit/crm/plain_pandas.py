"""The figures of 顾客分析 and 渠道关系 written straight from their definitions, in plain pandas.

Nothing here uses the kit's own arithmetic: the tests hold the CRM against it, and the benchmark
measures the CRM beside it. Money is kept in whole 分.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

VALID = ["待发货", "部分发货", "已发货", "交易成功", "退款关闭"]
LEVELS = ["店铺客户", "普通会员", "高级会员", "VIP会员", "至尊VIP"]
Rate = tuple[float, float]  # numerator, denominator


def number(month: str) -> int:
    """Months since the year 0 of "2025-01"."""
    year, m = month.split("-")
    return int(year) * 12 + int(m) - 1


@dataclass
class Plain:
    """A shop's frames (Chinese headers) and one view of them; `start` and `end` are included."""

    customers: pd.DataFrame
    orders: pd.DataFrame
    items: pd.DataFrame
    returns: pd.DataFrame
    as_of: str = "2025-12-31"
    refunds: str = "gross"
    start: str | None = None
    end: str | None = None
    channel: str | None = None

    @property
    def night(self) -> pd.Timestamp:
        return pd.Timestamp(self.as_of) + pd.Timedelta(days=1)

    def known_returns(self) -> pd.DataFrame:
        r = self.returns
        return r[(r["退换状态"] == "退款成功") & (r["完成时间"] < self.night)]

    @cached_property
    def ever(self) -> pd.DataFrame:
        """Valid orders of all channels known on the day: 分 after refunds when net."""
        o = self.orders
        known = o["订单状态"].isin(VALID) & (o["付款时间"] < self.night)
        o = o.loc[known, ["订单编号", "客户编号", "渠道编号", "付款时间", "实付金额"]].copy()
        o["分"] = (o["实付金额"] * 100).round().astype("int64")
        if self.refunds == "net":
            r = self.known_returns()
            back = (r["退款金额"] * 100).round().astype("int64").groupby(r["订单编号"]).sum()
            o["退"] = o["订单编号"].map(back).fillna(0).astype("int64")
            o["分"] -= o["退"]
            o = o[(o["退"] == 0) | (o["分"] > 0)]
        o["日"] = o["付款时间"].dt.normalize()
        o["月"] = o["付款时间"].dt.year * 12 + o["付款时间"].dt.month - 1
        return o

    @cached_property
    def history(self) -> pd.DataFrame:
        o = self.ever
        return o if self.channel is None else o[o["渠道编号"] == self.channel]

    def cut(self, frame: pd.DataFrame, start: str | None, end: str | None) -> pd.DataFrame:
        if start:
            frame = frame[frame["日"] >= start]
        return frame[frame["日"] <= end] if end else frame

    @cached_property
    def paid(self) -> pd.DataFrame:
        return self.cut(self.history, self.start, self.end)

    def months(self, n: int, *, all_: bool = False) -> list[str]:
        """The last whole months up to as_of since the first order, or those of the period."""
        last = pd.Period(self.night - pd.offsets.MonthBegin(1) - pd.Timedelta(days=1), "M")
        if self.night.day == 1:
            last = pd.Period(self.as_of, "M")
        found = [str(last - k) for k in range(n - 1, -1, -1)]
        if self.start and self.end:
            found = [str(p) for p in pd.period_range(self.start, self.end, freq="M")]
            return [m for m in found if m + "-01" >= self.start and
                    str(pd.Period(m).end_time.date()) <= min(self.end, self.as_of)]  # fmt: skip
        o = self.orders
        first = o.loc[o["订单状态"].isin(VALID), "付款时间"].min()
        if all_ or pd.isna(first):
            return found if all_ else found[-1:]
        return [m for m in found if pd.Period(m) >= first.to_period("M")] or found[-1:]

    def of_month(self, month: str) -> pd.DataFrame:
        return self.history[self.history["月"] == number(month)]

    # --- 顾客分析 -----------------------------------------------------------------------------------
    def level(self, thresholds: list[int]) -> pd.DataFrame:
        """Recorded levels; `thresholds` in 分 for who is one order away."""
        people = self.customers.groupby("会员等级").size()
        of = self.paid.merge(self.customers[["客户编号", "会员等级"]], on="客户编号")
        g = of.groupby("会员等级")
        t = pd.DataFrame({"客户数": people, "买家数": g["客户编号"].nunique(),
                          "订单数": g.size(), "分": g["分"].sum()}).reindex(LEVELS).fillna(0)  # fmt: skip
        spent = self.ever.groupby("客户编号")["分"].sum()
        one = self.ever["分"].sum() / max(len(self.ever), 1)
        c = self.customers.assign(分=self.customers["客户编号"].map(spent).fillna(0))
        c["n"] = c["会员等级"].map({n: k for k, n in enumerate(LEVELS)})
        c = c[c["n"] < 4]
        following = np.array(thresholds)[c["n"]]
        near = c[(c["分"] < following) & (c["分"] + one >= following)]
        t["差一单升级"] = near.groupby("会员等级").size()
        t["差一单升级"] = t["差一单升级"].fillna(0)
        t["客户占比"] = t["客户数"] / t["客户数"].sum()
        t["支付金额"] = t["分"] / 100
        t["金额占比"] = t["分"] / t["分"].sum()
        t["客单价"] = t["支付金额"] / t["买家数"]
        return t.rename_axis("等级").reset_index()

    def repeat(self, paid: pd.DataFrame) -> dict[str, Rate]:
        n = paid.groupby("客户编号").size()
        days = paid.groupby("客户编号")["日"].nunique()
        return {
            "复购率（按人）": (int((n >= 2).sum()), len(n)),
            "复购率（按人，同日去重）": (int((days >= 2).sum()), len(n)),
            "复购率（按单）": (int((n - 1).sum()), int(n.sum())),
        }

    def gaps(self) -> pd.Series:
        o = self.paid.sort_values(["客户编号", "付款时间"])
        return o.groupby("客户编号")["日"].diff().dropna().dt.days

    def within(self, days: int) -> tuple[Rate, Rate]:
        o = self.history.sort_values(["客户编号", "付款时间"])
        g = o.groupby("客户编号")["日"]
        first, second = g.nth(0), g.nth(1)
        first.index, second.index = o.loc[first.index, "客户编号"], o.loc[second.index, "客户编号"]
        who = pd.Index(self.paid["客户编号"].unique())
        soon = (second - first.reindex(second.index)).dt.days <= days
        soon = soon[soon].index
        grown = first[first + pd.Timedelta(days=days) <= pd.Timestamp(self.as_of)].index
        ripe = who.intersection(grown)
        return (len(who.intersection(soon)), len(who)), (len(ripe.intersection(soon)), len(ripe))

    def old(self, start: str, definition: str, ever: pd.DataFrame) -> set[str]:
        day = pd.Timestamp(start)
        before = ever[ever["日"] < day]
        if definition == "365_days":
            before = before[before["日"] >= day - pd.Timedelta(days=365)]
        return set(before["客户编号"])

    def repeat_by_month(self, definition: str = "first_ever", n: int = 12) -> pd.DataFrame:
        rows = []
        for m in self.months(n):
            now, last = self.of_month(m), self.of_month(str(pd.Period(m) - 1))
            rates = self.repeat(now)
            before, after = set(last["客户编号"]), set(now["客户编号"])
            new = now[~now["客户编号"].isin(self.old(m + "-01", definition, self.history))]
            times = new.groupby("客户编号").size()
            row = {"月份": m, "买家数": len(after), "订单数": len(now)}
            row |= {k: a / b if b else np.nan for k, (a, b) in rates.items()}
            row |= {"上月买家": len(before), "上月买家本月又买": len(before & after),
                    "回购率": len(before & after) / len(before) if before else np.nan,
                    "新客数": len(times), "新客复购": int((times >= 2).sum()),
                    "新客复购率": (times >= 2).mean() if len(times) else np.nan}  # fmt: skip
            rows.append(row)
        return pd.DataFrame(rows)

    def counts(self, bounds: list[int]) -> pd.DataFrame:
        g = self.paid.groupby("客户编号")["分"].agg(["size", "sum"])
        bucket = pd.cut(g["size"], [0, *bounds, np.inf], labels=False)
        t = g.groupby(bucket).agg(
            买家数=("size", "size"), 订单数=("size", "sum"), 分=("sum", "sum")
        )
        t = t.reindex(range(len(bounds) + 1)).fillna(0)
        t["买家占比"] = t["买家数"] / t["买家数"].sum()
        t["支付金额"] = t["分"] / 100
        t["金额占比"] = t["分"] / t["分"].sum()
        t["客单价"] = t["支付金额"] / t["买家数"]
        return t.reset_index(drop=True)

    def since(self) -> pd.Series:
        """Days from the last order to as_of, by customer."""
        return (pd.Timestamp(self.as_of) - self.history.groupby("客户编号")["日"].max()).dt.days

    def own_limits(self, k: float) -> pd.Series:
        days = self.history[["客户编号", "日"]].drop_duplicates().sort_values(["客户编号", "日"])
        gaps = days.groupby("客户编号")["日"].diff().dt.days
        found = gaps.groupby(days["客户编号"]).agg(["median", "count"])
        return k * found.loc[found["count"] >= 2, "median"]

    def months_of_churn(self, limit: float, n: int = 12) -> pd.DataFrame:
        months, at = self.months(n, all_=True), []
        for evening in [pd.Period(months[0]) - 1, *map(pd.Period, months)]:
            night = evening.end_time.normalize()
            last = self.history[self.history["日"] <= night].groupby("客户编号")["日"].max()
            at.append(set(last.index[(night - last).dt.days <= limit]))
        rows = [
            (m, len(start), len(start - end), len(end - start), len(end))
            for m, start, end in zip(months, at, at[1:], strict=False)
        ]
        names = ["月份", "期初客户数", "流失客户数", "新增客户数", "期末客户数"]
        t = pd.DataFrame(rows, columns=names)
        t["流失率"] = t["流失客户数"] / t["期初客户数"].where(t["期初客户数"] > 0)
        return t.assign(保持率=1 - t["流失率"])

    def cohorts(self, months: int = 6) -> pd.DataFrame:
        names = self.months(months)
        o = self.history
        first = o.groupby("客户编号")["月"].min()
        o = o.assign(首购=o["客户编号"].map(first))
        rows = []
        for i, m in enumerate(names):
            mine = o[o["首购"] == number(m)]
            size = mine["客户编号"].nunique()
            shares = [
                mine.loc[mine["月"] == number(m) + k, "客户编号"].nunique() / size
                if size and i + k < len(names) else np.nan
                for k in range(months)
            ]  # fmt: skip
            rows.append((m, size, *shares))
        return pd.DataFrame(
            rows, columns=["首购月份", "新客数", *(f"第{k}月" for k in range(months))]
        )

    def sold(self) -> pd.DataFrame:
        """Orders of the period at what was paid, with what was returned of them (退货)."""
        plain = Plain(self.customers, self.orders, self.items, self.returns, self.as_of, "gross",
                      self.start, self.end, self.channel)  # fmt: skip
        return plain.paid

    def region(self) -> pd.DataFrame:
        home = self.customers[["客户编号", "省份"]].replace({"省份": {"": "未知"}})
        o = self.paid.merge(home, on="客户编号")
        o["省份"] = o["省份"].fillna("未知")
        g = o.groupby("省份")
        t = pd.DataFrame(
            {"买家数": g["客户编号"].nunique(), "订单数": g.size(), "分": g["分"].sum()}
        )
        t["支付金额"] = t["分"] / 100
        t["客单价"] = t["支付金额"] / t["买家数"]
        sold = self.sold().merge(home, on="客户编号").fillna({"省份": "未知"})
        r = self.known_returns()
        r = r[r["类型"] == "退货"].merge(sold[["订单编号", "省份"]], on="订单编号")
        lines = self.items.merge(sold[["订单编号", "省份"]], on="订单编号").groupby("省份").size()
        back = r.drop_duplicates(["订单编号", "商品编码"]).groupby("省份").size()
        t["退货率（行）"] = back.reindex(t.index).fillna(0) / lines.reindex(t.index)
        t["退货率（金额）"] = r.groupby("省份")["退款金额"].sum().reindex(t.index).fillna(0) / (
            sold.groupby("省份")["分"].sum().reindex(t.index) / 100
        )
        return t.reset_index()

    def pieces(self, paid: pd.DataFrame) -> pd.DataFrame:
        """Lines of orders; net: without what came back whole, and less the refunds (分)."""
        lines = self.items[self.items["订单编号"].isin(paid["订单编号"])].copy()
        lines["额"] = (lines["单价"] * 100).round().astype("int64") * lines["数量"]
        if self.refunds == "net":
            r = self.known_returns()
            key = ["订单编号", "商品编码"]
            back = (r["退款金额"] * 100).round().astype("int64").groupby([r[k] for k in key]).sum()
            gone = r.loc[r["类型"] == "退货", key].drop_duplicates().assign(退货=True)
            lines = lines.merge(back.rename("退").reset_index(), on=key, how="left")
            lines = lines.merge(gone, on=key, how="left")
            lines["额"] -= lines["退"].fillna(0).astype("int64")
            lines["数量"] = lines["数量"].where(lines["退货"].isna(), 0)
        return lines

    def factors(self, group: pd.Series | None = None) -> pd.DataFrame:
        """支付金额 and what it is made of, by a label of each paid order."""
        paid = self.paid.assign(组="全部" if group is None else group)
        paid = paid[paid["组"].notna()]
        qty = self.pieces(paid).groupby("订单编号")["数量"].sum()
        paid["件"] = paid["订单编号"].map(qty).fillna(0)
        g = paid.groupby("组")
        t = pd.DataFrame({"支付金额": g["分"].sum() / 100, "买家数": g["客户编号"].nunique(),
                          "订单数": g.size(), "件数": g["件"].sum()})  # fmt: skip
        t["客单价"], t["笔单价"] = t["支付金额"] / t["买家数"], t["支付金额"] / t["订单数"]
        # Net of returns an amount can remain where no piece does: no price per piece then.
        t["件单价"] = t["支付金额"] / t["件数"].where(t["件数"] > 0)
        t["人均订单数"] = t["订单数"] / t["买家数"]
        return t.assign(连带率=t["件数"] / t["订单数"])

    def new_old(
        self, definition: str, *, ever: pd.DataFrame | None = None, n: int = 12
    ) -> pd.DataFrame:
        """By whole month; `ever`: the orders in which an earlier purchase is looked for."""
        rows = []
        for m in self.months(n):
            now = self.of_month(m)
            old = self.old(m + "-01", definition, self.ever if ever is None else ever)
            rows.append({"月份": m, **self.split(now, old)})
        return pd.DataFrame(rows)

    @staticmethod
    def split(now: pd.DataFrame, old: set[str]) -> dict[str, float]:
        new = now[~now["客户编号"].isin(old)]
        buyers, fresh = now["客户编号"].nunique(), new["客户编号"].nunique()
        return {
            "买家数": buyers, "新客数": fresh, "老客数": buyers - fresh,
            "新客占比": fresh / buyers if buyers else np.nan,
            "支付金额": now["分"].sum() / 100, "新客金额": new["分"].sum() / 100,
            "新客金额占比": new["分"].sum() / now["分"].sum() if now["分"].sum() else np.nan,
        }  # fmt: skip
