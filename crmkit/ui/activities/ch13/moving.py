"""Move two years of orders into another system; totals that agree, and customers that do not."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_WRONG = theme.SERIES[2]


def move_orders(shop: str = "tea") -> Activity:
    """Map four things of a platform's export; control totals, orders and customers answer."""
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics import migration

    export, files = _export(shop)
    source = migration.carry_over(export)
    money = ("金额合计（元）", "有效订单的金额（元）")

    def draw(figure: Figure, ids: str, amount: str, closed: str, customer: str) -> View:
        target = migration.carry_over(
            export, ids=ids, amount=amount, closed=closed, customer=customer
        )
        done = migration.reconcile(source, target)
        found = float((source["订单编号"] == target["订单编号"]).mean())
        whole = float(done.orders.mean())
        torn = int((~done.customers).sum())
        shares = [("订单编号找得到", found), ("这张订单一格不差", whole),
                  ("这位客户一分不差", float(done.customers.mean()))]  # fmt: skip
        left, right = figure.subplots(1, 2, width_ratios=(1.7, 1))
        for k, (_, x) in enumerate(shares):
            left.barh(k, x, 0.6, color=theme.COURSE if x == 1 else _WRONG)
            left.annotate(_share(x), (x, k), (5, 0), textcoords="offset points", va="center")
        left.set_yticks(range(len(shares)), [name for name, _ in shares])
        left.set_xlim(0, 1.2)
        left.set_xticks([])
        left.invert_yaxis()
        left.grid(False)
        left.set_title("逐行核对：搬过去以后还对的")
        right.bar(["来源", "新系统"], done.repeat, 0.5, color=[theme.MUTED, theme.COURSE])
        for k, x in enumerate(done.repeat):
            right.annotate(f"{x:.1%}", (k, x), (0, 4), textcoords="offset points", ha="center")
        right.set_ylim(0, 0.42)
        right.set_yticks([])
        right.grid(False)
        right.set_title("搬完再算复购率")

        rows = []
        for name, a, b, gap in done.totals.itertuples(index=False):
            digits = 2 if name in money else 0
            rows.append((name, f"{a:,.{digits}f}", f"{b:,.{digits}f}",
                         _signed(gap, digits), "对得上" if gap == 0 else "对不上"))  # fmt: skip
        gone = len(source) - round(found * len(source))
        rows.append(("找不到原单号的订单", "0", f"{gone:,}", _signed(gone, 0),
                     "对不上" if gone else "对得上"))  # fmt: skip
        rows.append(("拆开、并错或算错的客户", "0", f"{torn:,}", _signed(torn, 0),
                     "对不上" if torn else "对得上"))  # fmt: skip
        totals = [name.removesuffix("（元）") for name, *_, word in rows[:5] if word == "对得上"]
        ok = whole == 1 and not torn and len(totals) == 5
        if ok:
            told = "七行都对上，逐单、逐客户也一格不差，可以验收。"
        else:
            told = (
                "五个合计全部对得上，" if len(totals) == 5
                else f"五个合计里{'、'.join(totals)}对得上，" if totals
                else "五个合计没有一个对得上，"
            )  # fmt: skip
            bad = len(source) - round(whole * len(source))
            wrong = [f"{gone:,} 张订单找不到原来的编号"] if gone else []
            wrong += [f"{bad:,} 张订单的金额或状态不对"] if bad and not gone else []
            wrong += [f"{torn:,} 位客户拆开、并错或算错了"] if torn else []
            told += f"{'可是 ' if totals else ''}{'，'.join(wrong)}。"
            if abs(done.repeat[1] - done.repeat[0]) >= 0.0005:
                told += f"复购率由 {done.repeat[0]:.1%} 变成 {done.repeat[1]:.1%}。"
            elif torn and customer != "买家会员名":
                told += "复购率看上去没有变，是几种错互相抵掉了。"
        return View(
            alt=f"左图 {found:.1%} 的订单编号找得到、{whole:.1%} 的订单一格不差、{shares[2][1]:.1%} 的客户一分不差；"
            f"右图复购率来源 {done.repeat[0]:.1%}，新系统 {done.repeat[1]:.1%}。",
            message=told,
            table=pd.DataFrame(rows, columns=["核对", "来源", "新系统", "差", "结论"]),
            result={
                "ok": ok, "agree": totals, "found": found, "orders": whole, "customers": torn,
                "repeat": done.repeat,
            },
        )  # fmt: skip

    return Activity(
        f"搬家实验：把{shops.TITLES[shop]}的订单搬进新系统",
        [
            Select("ids", "订单编号怎样读", dict(migration.NUMBERS)),
            Select("amount", "实付金额 ←", dict(migration.AMOUNTS), "买家实际支付金额"),
            Select("closed", "交易关闭 →", dict(migration.CLOSED), "refunded"),
            Select("customer", "同一位客户，看", dict(migration.IDENTITIES), "联系手机"),
        ],
        draw,
        note=f"平台 {files} 次导出、共 {len(export):,} 张订单（模拟数据，列名和毛病照真的），来源以平台自己的口径为准；新系统的实付金额是“应付 + 运费 − 优惠”，"
        "没付款的订单也记着应付多少。试一试：一次只改一个对照，先猜哪一行会变；换到七行都对得上为止。",
        source="订单状态出自淘宝开放平台 Trade 对象；crmkit.workbook.read_orders；crmkit.analytics.migration。",
        size=(7.6, 2.4),
    )


def _share(x: float) -> str:
    return "全部" if x == 1 else f"{x:.1%}"


def _signed(gap: float, digits: int) -> str:
    return "0" if gap == 0 else f"{gap:+,.{digits}f}".replace("-", "−")


@lru_cache(maxsize=3)
def _export(shop: str) -> tuple[pd.DataFrame, int]:
    """All order exports of a shop, one below the other, and how many there were."""
    import pandas as pd

    from crmkit import shops, workbook

    files = sorted((shops.root() / shop / "exports").glob("20*/ExportOrderList*"))
    columns = ["订单编号", "总金额", "买家实际支付金额", "买家应付货款", "买家会员名", "联系手机",
               "收货人姓名", "订单状态", "订单付款时间"]  # fmt: skip
    parts = [workbook.read_orders(file).frame[columns] for file in files]
    return pd.concat(parts, ignore_index=True), len(files)
