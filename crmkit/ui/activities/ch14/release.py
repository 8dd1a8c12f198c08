"""Before a list leaves the shop: what the purpose needs, whom it may reach, who stands alone in it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_COLUMNS = {
    "contact": {"masked": ["姓名*", "手机*"], "clear": ["姓名", "手机"]},
    "birthday": {"band": ["年代"], "year": ["年份"], "date": ["生日"]},
    "place": {"province": ["省份"], "city": ["省份", "城市"]},
    "spending": {"band": ["消费档"], "exact": ["累计消费"]},
}
_ALONE, _FEW, _MANY = theme.SERIES[2], "#fde68a", "#99f6e4"


def before_release() -> Activity:
    """Choose a purpose and how every item is given; the gates and the groups answer."""
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics import disclosure as d
    from crmkit.settings import settings

    rules = settings()["marketing"]
    first, last = rules["quiet_until"], rules["quiet_from"]

    def draw(figure: Figure, shop: str, purpose: str, hour: int, **given: str) -> View:
        people, rule = _people(shop), d.PURPOSES[purpose]
        found = d.judge(purpose, given)
        columns = [c for item, form in given.items() for c in _COLUMNS[item].get(form, [])]
        sizes = d.group_sizes(people, columns)
        alone, few = int((sizes == 1).sum()), int((sizes < d.LEAST_GROUP).sum())
        gates = _gates(people, purpose, first <= hour < last)
        if rule.anonymous:
            gates.append((f"同组有 {d.LEAST_GROUP} 人以上", len(people) - few))
        reached = gates[-1][1]

        left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
        for k, (_, n) in enumerate(gates):
            left.barh(k, n, 0.62, color=theme.COURSE if k else theme.MUTED)
            left.annotate(f"{n:,} 位", (n, k), (5, 0), textcoords="offset points", va="center")
        left.set_yticks(range(len(gates)), [name for name, _ in gates])
        left.set_xlim(0, len(people) * 1.25)
        left.set_ylim(3.6, -0.6)
        left.set_xticks([])
        left.grid(False)
        left.set_title("这次能用到几位客户")
        parts = (("只有他自己", alone, _ALONE), (f"2 到 {d.LEAST_GROUP - 1} 人", few - alone, _FEW),
                 (f"{d.LEAST_GROUP} 人以上", len(people) - few, _MANY))  # fmt: skip
        for k, (_, n, colour) in enumerate(parts):
            share = n / len(people)
            right.bar(k, share, 0.62, color=colour)
            right.annotate(f"{share:.0%}", (k, share), (0, 4), textcoords="offset points",
                           ha="center")  # fmt: skip
        right.set_xticks(range(3), [name for name, _, _ in parts])
        right.set_ylim(0, 1.15)
        right.set_yticks([])
        right.grid(False)
        right.set_title("按给出的列，与他一样的有几人")

        over = [d.ITEMS[f.item] for f in found if f.verdict == d.TOO_MUCH]
        under = [d.ITEMS[f.item] for f in found if f.verdict == d.TOO_LITTLE]
        why = []
        if over:
            why.append(f"{'、'.join(over)}多给了")
        if under:
            why.append(f"{'、'.join(under)}不够用")
        if not reached and not rule.anonymous:
            why.append(
                f"{first}:00–{last}:00 以外不发" if purpose == "sms" else "没有人给过单独同意"
            )
        if rule.anonymous and few:
            why.append(f"{few:,} 位所在的组不足 {d.LEAST_GROUP} 人，其中 {alone:,} 位独一无二")
        if rule.anonymous and not columns:
            why.append("什么也没有给")
        told = f"退回：{'；'.join(why)}。" if why else f"放行，只给用得到的 {reached:,} 位。"
        if given["contact"] == "masked":
            told += f"打了星号，{alone / len(people):.0%} 的人仍然独一无二：脱敏不是匿名。"
        rows = [
            (
                d.ITEMS[f.item],
                d.FORMS[f.item][f.given],
                "不足 5 人的组不能有"
                if rule.anonymous and f.item != "contact"
                else d.FORMS[f.item][f.need],
                f.verdict,
            )
            for f in found
        ]
        return View(
            alt=f"左图 {len(people):,} 位客户逐关减到 {reached:,} 位；右图 {alone / len(people):.0%} "
            f"的人独一无二，{few / len(people):.0%} 的人所在的组不足 {d.LEAST_GROUP} 人。",
            message=f"{rule.title}，依据是{rule.basis}。{told}",
            table=pd.DataFrame(rows, columns=["项目", "打算给", "这个用途要", "判断"]),
            result={
                "ok": not why, "people": reached, "alone": alone, "few": few,
                "over": over, "under": under,
            },
        )  # fmt: skip

    return Activity(
        "放行之前：这份名单能不能交出去？",
        [
            Select("shop", "店铺", dict(shops.TITLES)),
            Select("purpose", "用途", {k: p.title for k, p in d.PURPOSES.items()}),
            *(
                Select(item, label, dict(d.FORMS[item]), start)
                for (item, label), start in zip(
                    d.ITEMS.items(), ("clear", "date", "city", "exact"), strict=True
                )
            ),
            Slider("hour", "几点发出", 0, 23, 1, 21, "点"),
        ],
        draw,
        note=f"每组至少 {d.LEAST_GROUP} 人、{first}:00–{last}:00 才发、累计消费分五档，是课程约定；频次的一关见第 8 章。教学用的判断，不是法律意见；"
        "表里没有街道地址，快递另从订单取。试一试：改成交给外面的人做研究，不给姓名和手机，最多能给多细？",
        source="个人信息保护法第四、六、十三、二十三、七十三条；广告法第四十三条；k-匿名：Sweeney（2002）；crmkit.analytics.disclosure。",
        size=(7.8, 2.6),
    )


@cache
def _people(shop: str) -> pd.DataFrame:
    """Customers of a shop with every form of every item, and the facts the gates ask for."""
    import pandas as pd

    from crmkit import shops
    from crmkit.crm import frames
    from crmkit.crm.campaigns import targeting

    data = shops.load(shop)
    c = data.customers[["客户编号", "姓名", "手机", "生日", "省份", "城市", "接受营销"]].copy()
    masked = frames.masked(c)
    orders = data.orders
    waiting = orders[orders["订单状态"].isin(["待发货", "部分发货"])]["客户编号"]
    spent = shops.valid_orders(orders).groupby("客户编号")["实付金额"].sum()
    total = c["客户编号"].map(spent).fillna(0.0).round(2)
    return c.assign(
        **{"姓名*": masked["姓名"], "手机*": masked["手机"]},
        年份=c["生日"].dt.year,
        年代=c["生日"].dt.year // 10 * 10,
        累计消费=total,
        消费档=pd.qcut(total.rank(method="first"), 5, labels=False),
        待发货=c["客户编号"].isin(waiting),
        有号=c["手机"].map(targeting.usable),
    )


def _gates(people: pd.DataFrame, purpose: str, awake: bool) -> list[tuple[str, int]]:
    """Gate → how many are left behind it."""
    gates = [("全部客户", len(people))]
    if purpose == "sms":
        agreed = people["接受营销"].astype(bool)
        gates += [("同意接受营销", int(agreed.sum())),
                  ("手机号可用", int((agreed & people["有号"]).sum()))]  # fmt: skip
        gates.append(("这个钟点能发", gates[-1][1] if awake else 0))
    elif purpose == "ship":
        gates.append(("有订单待发", int(people["待发货"].sum())))
    elif purpose == "partner":
        gates += [("同意接受营销", int(people["接受营销"].astype(bool).sum())),
                  ("另外单独同意", 0)]  # fmt: skip
    return gates
