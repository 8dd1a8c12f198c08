"""The right answers of lab D1, in plain pandas; keyword arguments make the typical mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs import d1

KEY = "客户编号"
SALES_KEY = ("订单编号", "商品编码")
UNPAID = ("等待付款", "未付款关闭")
OPEN = pd.Timestamp("9999-12-31")
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class World:
    """One student's shop and what several answers need of it."""

    student: str

    @property
    def shop(self) -> d1.Tables:
        return d1.shop(self.student)

    @property
    def card(self) -> d1.Card:
        return d1.card(self.student)

    @cached_property
    def star(self) -> Tables:
        return star(self)

    @cached_property
    def wide(self) -> pd.DataFrame:
        return widened(self.star)


# ------------------------------------------------------------------ models


@lru_cache(maxsize=16)
def star(
    w: World, *, unpaid: bool = False, whole_orders: bool = False, by_order_day: bool = False
) -> Tables:
    """The star schema; the keywords: unpaid orders, the order's amount on every line, its day."""
    s = w.shop
    orders = s.orders
    if not unpaid:
        orders = orders[~orders["订单状态"].isin(UNPAID) & orders["付款时间"].notna()]
    rows = s.order_items.merge(orders, on="订单编号")
    day = rows["下单时间"] if by_order_day else rows["付款时间"].fillna(rows["下单时间"])
    rows["日期键"] = day.dt.strftime("%Y%m%d").astype(int)
    rows["销售额"] = rows["实付金额"] if whole_orders else (rows["数量"] * rows["单价"]).round(2)
    kind = s.products["类目"].str.split("/", expand=True)
    days = pd.Series(pd.date_range("2024-01-01", w_end(), freq="D"))
    names = ["订单编号", "商品编码", KEY, "渠道编号", "日期键", "数量", "销售额"]
    return {
        "fact_sales": rows[names].sort_values(names[:2]).reset_index(drop=True),
        "dim_customer": s.customers[[KEY, "性别", "省份", "城市", "会员等级"]],
        "dim_product": s.products[["商品编码", "商品名称"]].assign(大类=kind[0], 小类=kind[1]),
        "dim_date": pd.DataFrame({
            "日期键": days.dt.strftime("%Y%m%d").astype(int), "年": days.dt.year,
            "季度": days.dt.year.astype(str) + "Q" + days.dt.quarter.astype(str),
            "月": days.dt.strftime("%Y-%m"),
        }),
        "dim_channel": s.channels[["渠道编号", "渠道名称", "平台"]],
    }  # fmt: skip


def w_end() -> pd.Timestamp:
    return pd.Timestamp(shops.as_of())


def widened(tables: Tables) -> pd.DataFrame:
    wide = tables["fact_sales"]
    for name, key in (("dim_product", "商品编码"), ("dim_date", "日期键"), ("dim_channel", "渠道编号"),
                      ("dim_customer", KEY)):  # fmt: skip
        wide = wide.merge(tables[name], on=key, suffixes=("", "_"))
    return wide


def snowflake(w: World) -> Tables:
    product = w.star["dim_product"]
    pairs = product[["大类", "小类"]].drop_duplicates().sort_values(["大类", "小类"])
    pairs = pairs.reset_index(drop=True).assign(类目编号=[f"K{i:02d}" for i in range(len(pairs))])
    slim = product.merge(pairs, on=["大类", "小类"])[["商品编码", "商品名称", "类目编号"]]
    return {"dim_product": slim, "dim_category": pairs, "汇总": total(w.wide, ["大类"])}


@lru_cache(maxsize=16)
def returns_fact(w: World, *, finished: bool = True, applied: bool = False) -> pd.DataFrame:
    r = w.shop.returns
    if finished:
        r = r[(r["退换状态"] == "退款成功") & r["完成时间"].notna()]
    r = r[r["订单编号"].isin(w.star["fact_sales"]["订单编号"])]
    r = r.merge(w.shop.orders[["订单编号", KEY, "渠道编号"]], on="订单编号")
    day = r["申请时间"] if applied or not finished else r["完成时间"]
    r = r.assign(日期键=day.dt.strftime("%Y%m%d").astype(int))
    names = ["退换编号", "订单编号", "商品编码", KEY, "渠道编号", "日期键", "退款金额"]
    return r[names].reset_index(drop=True)


def total(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    return frame.groupby(list(by))["销售额"].sum().round(2).reset_index()


# ------------------------------------------------------------------ loading, history, cleaning


@lru_cache(maxsize=16)
def loaded(w: World, *, overwrite: bool = False, twice: bool = False) -> pd.DataFrame:
    """The table after the second load; wrong: old rows overwritten, or rows sent again doubled."""
    old, extract = d1.loads(w.student)
    key = ["订单编号", "商品编码"]
    again = extract.merge(old[key], on=key)
    new = extract.merge(old[key], on=key, how="left", indicator=True)
    new = new[new["_merge"] == "left_only"].drop(columns="_merge")
    batch = str(d1.month(w.student) + 1)
    parts = [old, (extract if twice else new).assign(装载批次=batch)]
    if overwrite:
        kept = old.merge(again[key], on=key, how="left", indicator=True)
        kept = kept[kept["_merge"] == "left_only"].drop(columns="_merge")
        parts = [kept, extract.assign(装载批次=batch)]
    return pd.concat(parts, ignore_index=True)


@lru_cache(maxsize=16)
def versions(
    w: World, *, current: bool = False, first_of_day: bool = False, late: bool = False
) -> pd.DataFrame:  # fmt: skip
    """The history of levels; wrong: type 1, the first entry of a day, valid from the day after."""
    log = d1.level_log(w.student).sort_values([KEY, "变更时间"], kind="stable")
    log["有效自"] = log["变更时间"].dt.normalize()
    log = log.drop_duplicates([KEY, "有效自"], keep="first" if first_of_day else "last")
    if current:
        last = log.drop_duplicates(KEY, keep="last").copy()
        last["有效自"] = log.groupby(KEY)["有效自"].min().reindex(last[KEY]).to_numpy()
        return last.assign(有效至=OPEN)[[KEY, "会员等级", "有效自", "有效至"]]
    log = log[log["会员等级"] != log.groupby(KEY)["会员等级"].shift()].copy()
    if late:
        log["有效自"] += pd.Timedelta(days=1)
    after = log.groupby(KEY)["有效自"].shift(-1)
    log["有效至"] = (after - pd.Timedelta(days=1)).fillna(OPEN)
    return log[[KEY, "会员等级", "有效自", "有效至"]].reset_index(drop=True)


def asked(right: pd.DataFrame) -> list[tuple[str, pd.Timestamp]]:
    """Customers and days to look up: the day of each change, the day before, and today."""
    out = [(who, day) for who, day in zip(right[KEY], right["有效自"], strict=True)]
    out += [(who, day - pd.Timedelta(days=1)) for who, day in out]
    return out + [(who, w_end()) for who in right[KEY].unique()]


COUNTS = ("读入", "丢编号为空", "丢数量不是正数", "丢重复", "改金额写法", "装入", "装入金额")


def cleaned(
    w: World, *, whole_rows: bool = False, none_kept: bool = False, all_changed: bool = False
) -> dict[str, float]:  # fmt: skip
    """The account of the cleaning; wrong: doubles by whole row, all doubles dropped, changes of all rows."""
    frame = d1.raw(w.student)
    written = frame["金额"].str.startswith("¥")
    number = frame["金额"].str.replace("[¥,]", "", regex=True).astype(float)
    blank = frame["订单编号"].isna()
    bad = ~blank & (frame["数量"] <= 0)
    left = frame[~blank & ~bad]
    if whole_rows:
        double = left.index[left.duplicated()]
    else:
        keep: Any = False if none_kept else "first"
        double = left.index[left.duplicated(["订单编号", "商品编码"], keep=keep)]
    kept = left.index.difference(double)
    return dict(zip(COUNTS, (
        len(frame), int(blank.sum()), int(bad.sum()), len(double),
        int((written if all_changed else written.loc[kept]).sum()), len(kept),
        float(number.loc[kept].sum().round(2)),
    ), strict=True))  # fmt: skip


# ------------------------------------------------------------------ OLAP, grain, ODS, mart


@lru_cache(maxsize=16)
def views(
    w: World, *, dice_year: bool = True, one_platform: bool = False, city: bool = False,
    turned: bool = True,
) -> Tables:  # fmt: skip
    x, c = w.wide, w.card
    dice = x[x["平台"].isin(c.platforms[:1] if one_platform else c.platforms)]
    dice = dice[(dice["年"] == c.year) | (not dice_year)]
    across = (
        x.pivot_table(index="季度", columns="大类", values="销售额", aggfunc="sum")
        .fillna(0)
        .round(2)
    )
    across.columns.name = None
    if not turned:
        across = across.T.rename_axis("季度")
    rolled = total(x, ["城市"]).rename(columns={"城市": "省份"}) if city else total(x, ["省份"])
    return {
        "切片": total(x[x["平台"] == c.platforms[0]], ["大类"]),
        "切块": total(dice, ["平台", "季度"]),
        "下钻": total(x[x["大类"] == c.category], ["年", "小类"]),
        "上卷": rolled,
        "旋转": across.reset_index(),
    }


GRAIN = ("日粒度行数", "月粒度行数", "倍数", "只有日粒度能答")


def grains(
    w: World, *, channel: bool = True, inverse: bool = False, days_only: bool = False, coarse: bool = False
) -> dict[str, float]:  # fmt: skip
    from autograder.source.D1.keys import DAILY

    x = w.wide
    other = ["商品编码", "渠道编号"] if channel else ["商品编码"]
    day = x[["日期键"] if days_only else ["日期键", *other]].drop_duplicates().shape[0]
    month = x[["月"] if days_only else ["月", *other]].drop_duplicates().shape[0]
    drawn = d1.questions(w.student)
    right = next(k for k, i in drawn.items() if i in DAILY)
    if coarse:
        right = next(k for k in drawn if k != right)
    return dict(
        zip(GRAIN, (day, month, month / day if inverse else day / month, right), strict=True)
    )


@lru_cache(maxsize=16)
def stores(
    w: World, *, file_order: bool = False, only_changed: bool = False, all_final: bool = False
) -> Tables:  # fmt: skip
    """ODS and snapshots; wrong: last by file order, only changed orders, the final state every day."""
    monday, changes = d1.states(w.student)
    everything = pd.concat([monday, changes], ignore_index=True)
    ordered = everything if file_order else everything.sort_values("更新时间", kind="stable")
    final = ordered.drop_duplicates("订单编号", keep="last")[["订单编号", "订单状态"]]
    parts = []
    for day in ("2025-12-01", "2025-12-02", "2025-12-03", "2025-12-04"):
        until = everything[everything["更新时间"] <= f"{day} 99"].sort_values(
            "更新时间", kind="stable"
        )
        if only_changed:
            until = until[until["更新时间"].str.startswith(day)]
        state = until.drop_duplicates("订单编号", keep="last")[["订单编号", "订单状态"]]
        if all_final:
            state = final[final["订单编号"].isin(state["订单编号"])]
        parts.append(state.assign(快照日期=pd.Timestamp(day)))
    names = ["快照日期", "订单编号", "订单状态"]
    return {
        "ods": final.reset_index(drop=True),
        "snapshot": pd.concat(parts, ignore_index=True)[names],
    }


MART = ("省份", "订单数", "销售额", "最近购买日", "首选大类")


def market(tables: Tables, *, by_lines: bool = False) -> pd.DataFrame:
    """The marketing mart from a star; wrong: lines counted as orders."""
    x = widened(tables)
    by = x.groupby(KEY)
    own = total(x, [KEY, "大类"]).sort_values(
        [KEY, "销售额", "大类"], ascending=[True, False, True]
    )
    made = pd.DataFrame({
        "省份": by["省份"].first(), "订单数": by.size() if by_lines else by["订单编号"].nunique(),
        "销售额": by["销售额"].sum().round(2),
        "最近购买日": pd.to_datetime(by["日期键"].max().astype(str), format="%Y%m%d"),
        "首选大类": own.drop_duplicates(KEY).set_index(KEY)["大类"],
    })  # fmt: skip
    return made.reset_index()
