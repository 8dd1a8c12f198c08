"""X1, 上机技能考试: every right answer computed from the shop, and what was done read off the log."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any

import pandas as pd

from autograder.operations import DONE, Work
from autograder.spec import Verdict
from crmkit import shops
from crmkit.lab import forms
from crmkit.lab.inputs import x1
from crmkit.lab.inputs.x1 import KEY, SKU
from crmkit.settings import settings

BEST, CHURN, RETURN = ("类目", "商品对"), ("客单价", "流失名单"), ("原因", "比率")
_DONE_REFUND = "退款成功"
GOODS, MONEY = ("退货",), ("退货", "仅退款")


@dataclass(frozen=True)
class World:
    """One student's shop and paper."""

    student: str

    @property
    def data(self) -> x1.Data:
        return x1.data(self.student)

    @property
    def people(self) -> pd.DataFrame:
        return self.data.people

    @property
    def orders(self) -> pd.DataFrame:
        return self.data.orders

    def task(self, item: str) -> dict[str, Any]:
        return self.data.tasks[item]

    @cached_property
    def back(self) -> pd.DataFrame:
        """Refunds that succeeded, with the day and channel of their valid order, 分 as 退."""
        r = self.data.shop.returns
        r = r[r["退换状态"] == _DONE_REFUND]
        of = self.orders[["订单编号", "日", "渠道编号"]]
        return r.assign(退=(r["退款金额"] * 100).round()).merge(of, on="订单编号")


# ------------------------------------------------------------------ 顾客信息


def clue(w: World, *names: str) -> list[str]:
    keep = pd.Series(True, index=w.people.index)
    for name in names:
        keep &= x1.holds(w.people, name, w.task("X1-01")[name])
    return sorted(w.people.index[keep])


def other(w: World, which: int) -> str:
    """Somebody whom only one of the clues fits."""
    names = list(w.task("X1-01"))
    right = clue(w, *names)
    return next(i for i in clue(w, names[which]) if i not in right)


def tagged(w: World, work: Work, value: Any) -> dict[str, Any]:
    return {"members": sorted(work.tagged(w.task("X1-02")["标签"]))}


def filtered(w: World, **how: bool) -> dict[str, Any]:
    return {"members": x1.within(w.people, w.data.filter, **how)}


# ------------------------------------------------------------------ 顾客分类


def frequencies(w: World, bounds: list[int], n: pd.Series | None = None) -> dict[str, int]:
    names = w.task("X1-03")["四类"]
    orders = w.people["累计订单数"] if n is None else n
    place = orders.map(lambda x: sum(x > b for b in bounds))
    return {name: int((place == k).sum()) for k, name in enumerate(names)}


def band(w: World, *, upper: bool = True, move: int = 0) -> list[str]:
    """Who is in the band to be kept (or in the one beside it); a limit belongs to the band above."""
    t, p = w.task("X1-04"), w.people[w.people["累计订单数"] > 0]
    edges = [0.0, *t["分档下界（元）"], float("inf")]
    low = float(t["要保存的一档"].split("–")[0])
    at = edges.index(low) + move
    spent = p["累计金额"]
    keep = spent.between(edges[at], edges[at + 1], inclusive="left" if upper else "right")
    return sorted(p.index[keep])


def classes(w: World, work: Work, value: Any) -> dict[str, Any]:
    """Members at the end of the two classes asked for, and whether the first keeps its rule."""
    t, kinds = w.task("X1-04"), {g["name"]: g["kind"] for g in work.rows("groups")}
    groups = work.groups()
    return {
        "band": sorted(groups.get(t["存为"], set())), "rule": kinds.get(t["存为"]) == "规则",
        "hand": sorted(groups.get(t["手动分类"], set())),
    }  # fmt: skip


# ------------------------------------------------------------------ 顾客分析


def repeat(w: World, *, how: str = "people", orders: pd.DataFrame | None = None) -> float:
    t = w.task("X1-05")
    if orders is None:
        orders = w.orders
        if how != "ever":
            orders = x1.in_time(orders, "日", t["从"], t["到"])
    n = orders.groupby(KEY).size()
    if how == "orders":
        return float(n[n >= 2].sum() / n.sum())
    return float((n >= 2).sum() / (len(w.people) if how == "all" else len(n)))


def lost(w: World, more_than: int, *, never: bool = False) -> list[str]:
    p = w.people
    days = (pd.Timestamp(shops.as_of()) - p["最近购买"]).dt.days
    return sorted(p.index[(days > more_than) | (days.isna() if never else False)])


def order_value(w: World, *, under: str = "buyers", whole: bool = False) -> float:
    t, orders = w.task("X1-06"), w.orders
    if not whole:
        orders = x1.in_time(orders, "日", t["从"], t["到"])
    count = orders[KEY].nunique() if under == "buyers" else len(orders)
    return float(orders["实付金额"].sum() / count)


def churn(w: World, more_than: int | None = None, *, never: bool = False, **how: Any) -> dict[str, Any]:  # fmt: skip
    days = w.task("X1-06")["流失"] if more_than is None else more_than
    return {CHURN[0]: order_value(w, **how), CHURN[1]: lost(w, days, never=never)}


def number_and_list(got: Any, expected: dict[str, Any]) -> Verdict:
    found, right = forms.mapping(got), expected
    ids = set(forms.ids(found[CHURN[1]], KEY))
    wrong = []
    if abs(forms.number(found[CHURN[0]]) - right[CHURN[0]]) > 0.01:
        wrong.append("客单价不对")
    lacking, extra = set(right[CHURN[1]]) - ids, ids - set(right[CHURN[1]])
    if lacking or extra:
        wrong.append(f"流失名单多了 {len(extra)} 位、少了 {len(lacking)} 位")
    return Verdict(1 - len(wrong) / 2, "；".join(wrong) or "名单和客单价都正确")


# ------------------------------------------------------------------ 商品信息


def category(w: World, *, lowest: bool = False) -> str:
    t = w.task("X1-07")
    lines = x1.in_time(w.data.lines, "日", t["从"], t["到"])
    names = lines[SKU].map(w.data.shop.products.set_index(SKU)["类目"])
    sums = lines["数量" if t["类目比"] == "件数" else "额"].groupby(names).sum()
    sums = sums[sums.index.str.startswith(t["上级类目"])]
    return str(sums.idxmin() if lowest else sums.idxmax())


@lru_cache(maxsize=4)
def pair(w: World) -> list[list[str]]:
    """The best pairs by the measure asked for, among those that the rule of the course lets through."""
    t = w.task("X1-07")
    lines = x1.in_time(w.data.lines, "日", t["从"], t["到"])
    baskets: dict[str, set[str]] = {}
    for order, sku in zip(lines["订单编号"], lines[SKU], strict=True):
        baskets.setdefault(order, set()).add(sku)
    both, one = Counter[tuple[str, str]](), Counter[str]()
    for items in baskets.values():
        one.update(items)
        both.update(combinations(sorted(items), 2))
    rule, n = settings()["association"], len(baskets)
    scores = {}
    for (a, b), k in both.items():
        confidence = k / min(one[a], one[b])
        if k / n < rule["min_support"] or confidence < rule["min_confidence"]:
            continue
        lift = k * n / (one[a] * one[b])
        scores[a, b] = {"提升度": lift, "置信度": confidence, "同时购买": k}[t["商品对比"]]
    top = max(scores.values())
    return [list(p) for p, s in sorted(scores.items()) if s >= top - 1e-9]


def sellers(w: World) -> list[str]:
    """The two products that sell most, each by itself."""
    t = w.task("X1-07")
    lines = x1.in_time(w.data.lines, "日", t["从"], t["到"])
    sums = lines.groupby(SKU)["额" if t["类目比"] == "金额" else "数量"].sum()
    return sorted(sums.sort_index().nlargest(2).index)


def best(w: World, *, pairs: list[list[str]] | None = None, **how: Any) -> dict[str, Any]:
    return {BEST[0]: category(w, **how), BEST[1]: pair(w) if pairs is None else pairs}


def best_of_both(got: Any, expected: dict[str, Any]) -> Verdict:
    """A pair counts in either order; equally good pairs all count."""
    found = forms.mapping(got)
    wrong = []
    name = forms.text(found.get(BEST[0], ""))
    if name not in (expected[BEST[0]], expected[BEST[0]].split("/")[-1]):
        wrong.append(f"类目不是「{name[:20]}」")
    given = found[BEST[1]]
    if isinstance(given, list) and given and isinstance(given[0], list):
        given = given[0]
    mine = set(forms.ids(given, SKU))
    if mine not in [set(p) for p in expected[BEST[1]]]:
        wrong.append(f"商品对不是「{'、'.join(sorted(mine))[:30]}」")
    return Verdict(1 - len(wrong) / 2, "；".join(wrong) or "类目和商品对都正确")


# ------------------------------------------------------------------ 订单信息


def orders(w: World, *, status: bool = True, dated: bool = True, strict: bool = False,
           priced: bool = True) -> list[str]:  # fmt: skip
    t, o = w.task("X1-08"), w.data.shop.orders
    keep = pd.Series(True, index=o.index)
    if status:
        keep &= o["订单状态"] == t["状态"]
    if dated:
        keep &= o["下单时间"].dt.normalize().between(t["下单从"], t["到"])
    least, most = t.get("实付金额不低于"), t.get("实付金额不高于")
    if priced and least is not None:
        keep &= o["实付金额"] > least if strict else o["实付金额"] >= least
    if priced and most is not None:
        keep &= o["实付金额"] < most if strict else o["实付金额"] <= most
    return sorted(o.loc[keep, "订单编号"])


def reason(w: World, *, kind: bool = True, dated: bool = True) -> str:
    t, r = w.task("X1-09"), w.data.shop.returns
    if dated:
        r = x1.in_time(r, "申请时间", t["从"], t["到"])
    if kind and t["原因的类型"] != "全部":
        r = r[r["类型"] == t["原因的类型"]]
    top = r["原因"].value_counts()
    return str(sorted(top.index[top == top.iloc[0]])[0])


def rate(w: World, start: str, end: str, name: str, measure: str, channel: str = "") -> float:
    """Of the lines paid in a period, what came back since: by lines or by amount."""
    back = x1.in_time(w.back, "日", start, end)
    back = back[back["类型"].isin(GOODS if name == "退货率" else MONEY)]
    lines, paid = (x1.in_time(f, "日", start, end) for f in (w.data.lines, w.orders))
    if channel:
        back, lines, paid = (f[f["渠道编号"] == channel] for f in (back, lines, paid))
    if measure == "按明细行":
        return len(back[["订单编号", SKU]].drop_duplicates()) / len(lines)
    return float(back["退"].sum() / (paid["实付金额"] * 100).round().sum())


def other_rate(name: str) -> str:
    return "退款率" if name == "退货率" else "退货率"


def other_measure(measure: str) -> str:
    return "按金额" if measure == "按明细行" else "按明细行"


def returns(w: World, *, why: str = "", name: str = "", measure: str = "", whole: bool = False) -> dict[str, Any]:  # fmt: skip
    t = w.task("X1-09")
    start, end = ("2024-01-01", "2025-12-31") if whole else (t["从"], t["到"])
    found = rate(w, start, end, name or t["比率"], measure or t["计算"])
    return {RETURN[0]: why or reason(w), RETURN[1]: found}


def word_and_rate(got: Any, expected: dict[str, Any]) -> Verdict:
    found = forms.mapping(got)
    wrong = []
    given = forms.text(found.get(RETURN[0], ""))
    if given != expected[RETURN[0]]:
        wrong.append(f"原因不是「{given[:20]}」")
    if abs(forms.number(found[RETURN[1]]) - expected[RETURN[1]]) > 1e-4:
        wrong.append("比率不对")
    return Verdict(1 - len(wrong) / 2, "；".join(wrong) or "原因和比率都正确")


# ------------------------------------------------------------------ 营销信息


def birthdays(w: World, *, days: int = 7, late: int = 0, start: str = "") -> list[str]:
    """Who may get a greeting: a birthday in the days, consent, a mobile, not contacted too often."""
    t, c = w.task("X1-10"), w.data.shop.customers
    first = dt.date.fromisoformat(start or t["从"]) + dt.timedelta(days=late)
    wanted = {((first + dt.timedelta(days=k)).month, (first + dt.timedelta(days=k)).day)
              for k in range(days)}  # fmt: skip
    born = c[c["生日"].notna()]
    near = [(b.month, b.day) in wanted for b in born["生日"]]
    chosen = born[near]
    usable = chosen["手机"].fillna("").str.fullmatch(r"1\d{10}")
    return sorted(set(chosen.loc[chosen["接受营销"] & usable, KEY]) - _capped(w))


def _capped(w: World) -> set[str]:
    rules, sends = settings()["marketing"], w.data.shop.campaign_sends
    since = pd.Timestamp(shops.as_of()) + pd.Timedelta(days=1 - rules["cap_days"])
    late = sends.loc[sends["发送时间"] >= since, KEY].value_counts()
    return set(late.index[late >= rules["cap_contacts"]])


def greeted(w: World, work: Work, value: Any) -> dict[str, Any]:
    t = w.task("X1-10")
    rows = [
        c.after for line in work.of("marketing.birthday", action="发送生日关怀", outcome=DONE)
        for c in line.changes if c.table == "outbox" and c.before is None and c.after
    ]  # fmt: skip
    nick = w.people["昵称"].to_dict()
    texts = [(str(r["text"]), str(nick.get(r["customer_id"], "?"))) for r in rows]
    return {
        "members": sorted(str(r["customer_id"]) for r in rows),
        "text": bool(texts) and all(t["祝福语"] in x and n in x for x, n in texts),
        "coupon": bool(texts) and all(f"{t['优惠券（元）']}元" in x.replace(" ", "") for x, _ in texts),
    }  # fmt: skip


# ------------------------------------------------------------------ 互动信息


def alerts(w: World, *, dated: bool = True, answered: bool | None = None, rules: tuple[str, ...] = ()) -> list[str]:  # fmt: skip
    t, r = w.task("X1-11"), w.data.shop.reviews
    if dated:
        r = r[r["评价时间"] >= t["评价从"]]
    if not (t["已回复的"] == "也算" if answered is None else answered):
        r = r[r["回复时间"].isna()]
    words = "|".join(settings()["service"]["negative_words"])
    plain, hidden = r["星级"] <= 3, (r["星级"] > 3) & r["评价内容"].fillna("").str.contains(words)
    chosen = rules or tuple(t["规则"])
    none = pd.Series(False, index=r.index)
    keep = (plain if "明示" in chosen else none) | (hidden if "隐含" in chosen else none)
    return sorted(r.loc[keep, "评价编号"])


RECORD = ("kind", "customer_id", "topic", "result", "seconds")


def record(w: World) -> list[Any]:
    t = w.task("X1-11")
    return [t["通话"], t["顾客"], t["主题"], t["结果"], t["时长（秒）"]]


def called(w: World, work: Work, value: Any) -> dict[str, Any]:
    """The warning's reviews as handed in, and the new contact that is nearest to the one asked for."""
    right = record(w)
    made = {c.key[0] for _, c in work.changed("interactions") if c.before is None}
    rows = [
        [r[k] for k in RECORD] for r in work.rows("interactions") if r["interaction_id"] in made
    ]
    near = max(rows, key=lambda r: sum(a == b for a, b in zip(r, right, strict=True)), default=[])
    return {
        "alerts": sorted(set(forms.ids(value, "评价编号"))),
        "record": "、".join(map(str, near)),
    }


def warned(w: World, **how: Any) -> dict[str, Any]:
    return {"alerts": alerts(w, **how), "record": "、".join(map(str, record(w)))}


# ------------------------------------------------------------------ 渠道关系


def asleep(w: World) -> str:
    """The channel that is open and sold nothing for longer than the settings allow."""
    c = w.data.shop.channels
    last = w.orders.groupby("渠道编号")["日"].max()
    days = (pd.Timestamp(shops.as_of()) - last).dt.days
    limit = settings()["channels"]["dormant_days"]
    found = [i for i in c.loc[c["渠道状态"] == "营业中", "渠道编号"] if days.get(i, 10_000) > limit]
    (one,) = found
    return str(one)


def channel_rate(w: World, *, name: str = "", measure: str = "", channel: str = "") -> float:
    t = w.task("X1-12")
    return rate(w, t["付款从"], t["到"], name or t["比率"], measure or t["计算"],
                channel or asleep(w))  # fmt: skip


def marked(w: World, work: Work, value: Any) -> dict[str, Any]:
    t = w.task("X1-12")
    noted = [r for r in work.rows("channels") if (r.get("note") or "") == t["备注"]]
    return {
        "noted": sorted(r["channel_id"] for r in noted),
        "open": all(r["status"] == "open" for r in work.rows("channels")
                    if r["channel_id"] == asleep(w)),
        "rate": forms.number(value),
    }  # fmt: skip


def put_down(w: World, **how: Any) -> dict[str, Any]:
    return {"noted": [asleep(w)], "open": True, "rate": channel_rate(w, **how)}


def state_and_number(got: dict[str, Any], expected: dict[str, Any]) -> Verdict:
    wrong, share = [], 1.0
    if got["noted"] != expected["noted"]:
        wrong, share = ["写了备注的渠道不对"], share - 0.4
    if got["open"] != expected["open"]:
        wrong, share = [*wrong, "渠道被关闭了：只标记，不关闭"], share - 0.1
    if abs(forms.number(got["rate"]) - expected["rate"]) > 1e-4:
        wrong, share = [*wrong, "比率不对"], share - 0.5
    return Verdict(
        round(share, 2),
        "；".join(wrong) or "标记和比率都正确",
        "先看休眠渠道，再看退货率分析里那一行",
    )
