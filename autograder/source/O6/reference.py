"""Lab O6, 营销信息: audiences and figures as they should be, and as the log has them."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from autograder.operations import DONE, Work
from crmkit import shops
from crmkit.crm.campaigns import festivals
from crmkit.lab import forms
from crmkit.lab.forms import FormError
from crmkit.lab.inputs import o6
from crmkit.lab.inputs.o6 import KEY, MESSAGE, ORDER
from crmkit.settings import settings

CAP, CAP_DAYS = (settings()["marketing"][k] for k in ("cap_contacts", "cap_days"))
LOST, ACTIVE = (settings()["churn"][k] for k in ("churned_days", "active_days"))
FACTORS, PER_POINT = (settings()["points"][k] for k in ("factors", "yuan_per_point"))
CONTROL = "留白"
FIGURES = ("响应率", "转化率", "投资回报率")
TEST = ("A减B", "p值")


@dataclass(frozen=True)
class World:
    """One student's shop and tasks."""

    student: str

    @property
    def data(self) -> o6.Data:
        return o6.data(self.student)

    def task(self, item: str) -> dict[str, Any]:
        return self.data.tasks[item]

    @cached_property
    def people(self) -> pd.DataFrame:
        """By 客户编号 what a rule can ask for, tags and classes aside."""
        shop, f = self.data.shop, self.data.figures
        people = shop.customers.set_index(KEY, drop=False).rename_axis(None)
        paid = shops.valid_orders(shop.orders).groupby(KEY)["付款时间"].max().dt.normalize()
        since = (pd.Timestamp(shops.as_of()) - paid.reindex(people.index)).dt.days
        state = pd.Series("流失", index=people.index)
        state = state.mask(since <= LOST, "沉默").mask(since <= ACTIVE, "活跃")
        kept = ["省份", "城市", "性别", "来源", "昵称", "交易状态", KEY]
        return people[kept].assign(
            等级=people["会员等级"], 接受营销=people["接受营销"].astype(bool),
            累计订单数=f["累计订单数"].reindex(people.index).fillna(0),
            累计金额=f["累计金额"].reindex(people.index).fillna(0.0),
            距上次购买天数=since, 流失状态=state.mask(since.isna(), "未购买"),
        )  # fmt: skip

    @cached_property
    def sends(self) -> pd.DataFrame:
        return self.data.shop.campaign_sends

    def sent(self, campaign: str, *, control: bool = False) -> pd.DataFrame:
        """Who a past campaign went to; `control`: with those who were held out on purpose."""
        mine = self.sends[self.sends["活动编号"] == campaign]
        return mine if control else mine[mine["方式"] != CONTROL]


# --- rules ----------------------------------------------------------------------------------------
def holds(w: World, rule: Any) -> pd.Series | None:
    """For whom a stored rule holds; None for what this lab does not ask about."""
    people = w.people
    if not isinstance(rule, Mapping):
        return None
    for joint, start in (("all", True), ("any", False)):
        if joint in rule:
            found = pd.Series(start, index=people.index)
            for part in rule[joint]:
                mask = holds(w, part)
                if mask is None:
                    return None
                found = found & mask if start else found | mask
            return found
    if "not" in rule:
        mask = holds(w, rule["not"])
        return None if mask is None else ~mask
    name, op, value = rule["field"], rule["op"], rule["value"]
    if name not in people:
        return None
    c = people[name]
    if name == "接受营销":
        return c == value
    if op == "介于":
        return c.between(*value)
    comparisons = {"≥": c.ge, "≤": c.le, ">": c.gt, "<": c.lt, "=": c.eq, "是": c.eq}
    if op in comparisons:
        return comparisons[op](value)
    if op in ("属于", "不属于"):
        return c.isin(value) if op == "属于" else c.notna() & ~c.isin(value)
    if op == "包含":
        return c.fillna("").str.contains(value, regex=False)
    return c.notna() & (c != value) if op in ("≠", "不是") else None


def audience(w: World, row: Mapping[str, Any]) -> list[str]:
    """Whom a stored campaign is for: its rule, and the ids beside it."""
    try:
        mask = holds(w, json.loads(row["rule"]))
        more, less = (set(json.loads(row[n] or "[]")) for n in ("include", "exclude"))
    except (KeyError, TypeError, json.JSONDecodeError):
        return []
    return [] if mask is None else sorted((set(mask.index[mask]) | more) - less)


def wanted(w: World, *skipped: str, open_end: bool = False, either: bool = False, agreed: bool = False) -> list[str]:  # fmt: skip
    """The audience of O6-01; wrongly without the conditions on these facts, or joined by "any"."""
    t, p = w.task("O6-01"), w.people
    least = t["累计金额不低于"]
    masks = {
        "累计订单数": p["累计订单数"] >= t["累计订单数不少于"],
        "累计金额": p["累计金额"] > least if open_end else p["累计金额"] >= least,
        "距上次购买天数": p["距上次购买天数"] <= t["距上次购买不超过（天）"],
        "省份": p["省份"].isin(t["省份"]),
    }
    table = pd.DataFrame({k: m for k, m in masks.items() if k not in skipped})
    keep = table.any(axis=1) if either else table.all(axis=1)
    return sorted(p.index[keep & (p["接受营销"] | (not agreed))])


def made(work: Work) -> list[dict[str, Any]]:
    """Campaigns that were made and not cancelled, as they are at the end."""
    old = {r["campaign_id"] for r in work.before("campaigns")}
    gone = {x.object for x in work.of("marketing.campaigns", action="取消活动", outcome=DONE)}
    return [r for r in work.rows("campaigns") if r["campaign_id"] not in old | gone]


def created(w: World, work: Work, value: Any) -> dict[str, Any]:
    t = w.task("O6-01")
    mine = [r for r in made(work) if forms.text(r["name"]) == t["活动名称"]]
    r = mine[-1] if mine else {}
    return {
        "named": bool(mine), "dates": [str(r.get("starts")), str(r.get("ends"))],
        "money": [int(r.get("budget") or 0), int(r.get("coupon") or 0)],
        "audience": audience(w, r),
    }  # fmt: skip


def as_asked(w: World, people: list[str]) -> dict[str, Any]:
    t = w.task("O6-01")
    return {
        "named": True, "dates": [t["开始日期"], t["结束日期"]],
        "money": [t["预算"] * 100, t["优惠券"] * 100], "audience": people,
    }  # fmt: skip


# --- 生日关怀, 节日关怀, 活动标签 -------------------------------------------------------------------
def birthdays(w: World, first: dt.date, days: int = 7, *, leap: bool = True) -> dict[str, dt.date]:
    """Customer → the day on which the birthday is kept; 29 February on the 28th in common years."""
    born = w.data.shop.customers.set_index(KEY)["生日"].dropna()
    found = {}
    for n in range(days):
        day = first + dt.timedelta(days=n)
        same = (born.dt.month == day.month) & (born.dt.day == day.day)
        if leap and (day.month, day.day) == (2, 28) and day.year % 4:
            same |= (born.dt.month == 2) & (born.dt.day == 29)
        found.update(dict.fromkeys(born.index[same], day))
    return found


def greeted(w: World, days: int = 7, *, skip: int = 0, everybody: bool = False) -> list[str]:
    """Who is to be greeted: agreed to messages, and not greeted already in the birthday's year."""
    first = shops.as_of() + dt.timedelta(days=skip)
    kinds = w.data.shop.campaigns
    own = kinds[kinds["类型"] == "生日"]
    had = {
        (c, int(year))
        for number, year in zip(own["活动编号"], own["结束日期"].dt.year, strict=True)
        for c in w.sends.loc[w.sends["活动编号"] == number, KEY]
    }
    agreed = w.people["接受营销"]
    return sorted(
        c for c, day in birthdays(w, first, days - skip).items()
        if everybody or (agreed[c] and (c, day.year) not in had)
    )  # fmt: skip


def near(w: World, *, leap: bool = True) -> list[str]:
    return sorted(birthdays(w, dt.date.fromisoformat(w.task("O6-02")["再看七天，从"]), leap=leap))


def cared(w: World, work: Work, value: Any) -> dict[str, Any]:
    sent = {
        c.key[1] for line, c in work.changed("campaign_sends")
        if line.key == "marketing.birthday" and c.before is None and c.after
    }  # fmt: skip
    return {"sent": sorted(sent), "listed": listed(value)}


def listed(value: Any) -> list[str]:
    """The ids that were handed in; none when it is not a list of ids."""
    try:
        return sorted(set(forms.ids(value, KEY)))
    except FormError:
        return []


def not_lost(w: World, *states: str) -> list[str]:
    p = w.people
    keep = p["接受营销"] & p["流失状态"].isin(states or ("活跃", "沉默"))
    return sorted(p.index[keep])


def holidays(w: World, work: Work, value: Any) -> dict[str, Any]:
    """The festivals with a campaign on their day, the first audience that is not right, the texts."""
    agreed, right = set(not_lost(w, "活跃", "沉默", "流失", "未购买")), not_lost(w)
    names, odd, texts = [], right, True
    for festival in w.task("O6-03")["节日"]:
        day = festivals.following(festival, shops.as_of()).day.isoformat()
        own = [
            r for r in made(work)
            if r["kind"] == "节日" and festival in r["name"] + r["tag"] and r["ends"] >= day >= r["starts"]
        ]  # fmt: skip
        if not own:
            continue
        names.append(festival)
        people = sorted(set(audience(w, own[-1])) & agreed)
        odd = people if people != right and odd == right else odd
        texts &= festival in own[-1]["template"].replace("{活动}", own[-1]["name"])
    return {"festivals": names, "audience": odd if names else [], "texts": bool(names) and texts}


def reached(w: World) -> list[str]:
    return sorted(w.sent(w.task("O6-04")["活动编号"])[KEY])


def silent(w: World, *, control: bool = False) -> list[str]:
    """Who got the message and did not respond."""
    sent = w.sent(w.task("O6-04")["活动编号"], control=control)
    return sorted(sent.loc[~sent["是否响应"], KEY])


def tagged(w: World, work: Work, value: Any) -> dict[str, Any]:
    campaigns = w.data.shop.campaigns.set_index("活动编号")
    tag = f"触达:{campaigns.loc[w.task('O6-04')['活动编号'], '活动标签']}"
    return {"members": sorted(work.tagged(tag)), "listed": listed(value)}


# --- figures --------------------------------------------------------------------------------------
def kept(
    w: World, *, inclusive: bool = False, planned: bool = False, ever: bool = False
) -> list[str]:
    """Messages of the plan that may go out: fewer than the cap went out in the days before."""
    out: list[str] = []
    gone: dict[str, list[pd.Timestamp]] = {}
    for number, customer, at in w.data.plan[[MESSAGE, KEY, "发送时间"]].itertuples(index=False):
        times = gone.setdefault(customer, [])
        since = at - pd.Timedelta(days=CAP_DAYS)
        count = sum(ever or x > since or (inclusive and x == since) for x in times)
        if count < CAP:
            out.append(number)
        if count < CAP or planned:
            times.append(at)
    return out


def results(
    w: World, *, control: bool = False, plain: bool = False, net: bool = False
) -> dict[str, float]:
    """Response, conversion and return on budget of the past campaign."""
    number, shop = w.task("O6-06")["活动编号"], w.data.shop
    sent = w.sent(number, control=control)
    ids = set(sent[ORDER].dropna()) - {""}
    revenue = shop.orders.loc[shop.orders[ORDER].isin(ids), "实付金额"].sum()
    if net:
        r = shop.returns
        back = r[ORDER].isin(ids) & (r["退换状态"] == "退款成功")
        revenue -= r.loc[back, "退款金额"].sum()
    budget = shop.campaigns.set_index("活动编号").loc[number, "预算"]
    ordered = sent[ORDER].isin(ids).sum()
    return dict(zip(FIGURES, (
        float(sent["是否响应"].mean()), float(ordered / len(sent)),
        float(revenue / budget) if plain else float((revenue - budget) / budget),
    ), strict=True))  # fmt: skip


def two_texts(
    w: World, *, control: bool = False, one_sided: bool = False, turned: bool = False
) -> dict[str, float]:
    """Difference of the response rates of text A and B, and the pooled two-sided p value."""
    a, b = (w.sent(c, control=control)["是否响应"] for c in (o6.TEXT_A, o6.TEXT_B))
    pooled = (a.sum() + b.sum()) / (len(a) + len(b))
    z = (a.mean() - b.mean()) / math.sqrt(pooled * (1 - pooled) * (1 / len(a) + 1 / len(b)))
    p = math.erfc(abs(z) / math.sqrt(2)) / (2 if one_sided else 1)
    return dict(
        zip(TEST, (float(a.mean() - b.mean()) * (-1 if turned else 1), float(p)), strict=True)
    )


def points(
    w: World, *, freight: bool = True, refunds: bool = True, levels: bool = True, up: bool = False
) -> pd.DataFrame:
    """消费积分 of every finished order that was received in the week."""
    t, shop = w.task("O6-08"), w.data.shop
    o = shop.orders[shop.orders["订单状态"] == "交易成功"]
    o = o[o["收货时间"].dt.normalize().between(t["收货从"], t["到"])]
    r = shop.returns[shop.returns["退换状态"] == "退款成功"]
    back = (r["退款金额"] * 100).round().groupby(r[ORDER]).sum().reindex(o[ORDER]).fillna(0)
    base = (o["实付金额"] * 100).round().to_numpy()
    base = base - (o["运费"] * 100).round().to_numpy() * freight - back.to_numpy() * refunds
    factor = o[KEY].map(shop.customers.set_index(KEY)["会员等级"]).map(FACTORS).fillna(100)
    percent = factor.to_numpy() if levels else 100
    exact = base.clip(min=0).astype("int64") * percent
    whole = exact // (10_000 * PER_POINT)
    if up:
        whole = (exact + 5_000 * PER_POINT) // (10_000 * PER_POINT)
    return pd.DataFrame({ORDER: o[ORDER].to_numpy(), "积分": whole.astype("int64")})
