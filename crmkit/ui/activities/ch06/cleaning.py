"""Extract and clean: switch rules on and off; rows and yuan are reconciled with the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activities.ch06.facts import warehouse_of
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Switch

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

DOUBLES, BLANKS, ZEROS, WRITTEN, UNPAID = 14, 6, 5, 40, 9


def cleaning_line(shop: str = "tea") -> Activity:
    """One month's export with planted faults; what each rule does to rows and to the total."""
    import pandas as pd

    raw, truth = _export(shop)

    def draw(
        figure: Figure, amounts: bool, blanks: bool, positive: bool, doubles: bool, unpaid: bool
    ) -> View:  # fmt: skip
        frame = raw.copy()
        steps = [("读入", len(frame))]
        number = pd.to_numeric(frame["金额"], errors="coerce")
        unread = int(number.isna().sum())
        if amounts:
            words = frame["金额"].astype(str).str.replace("[¥,]", "", regex=True)
            number = pd.to_numeric(words, errors="coerce")
        frame["金额"] = number
        for name, on, keep in (
            ("丢空单号", blanks, lambda f: f["订单编号"].notna()),
            ("丢 0 件", positive, lambda f: f["数量"] > 0),
            ("去重", doubles, lambda f: ~f.duplicated(["订单编号", "商品编码"])),
            ("丢未付款", unpaid, lambda f: f["订单状态"] != "未付款关闭"),
        ):
            before = len(frame)
            frame = frame[keep(frame)] if on else frame
            steps.append((name, len(frame) - before))
        steps.append(("装入", len(frame)))
        axes = figure.subplots()
        names = [n for n, _ in steps]
        shown = [abs(n) for _, n in steps]
        edge = theme.SERIES[2]
        middle = axes.bar(names[1:-1], shown[1:-1], color=edge)
        axes.bar_label(middle, [f"−{n}" if n else "0" for n in shown[1:-1]], padding=3)
        axes.set_title(f"各条规则丢掉的行（读入 {len(raw)} 行，装入 {len(frame)} 行）")
        axes.set_ylim(0, max(DOUBLES, UNPAID) * 1.35)
        total = float(frame["金额"].sum())
        gap = total - truth
        fits = abs(gap) < 0.005 and len(frame) == len(raw) - DOUBLES - BLANKS - ZEROS - UNPAID
        table = pd.DataFrame(
            [
                ("行数：读入 = 丢弃 + 装入", f"{len(raw)} = {len(raw) - len(frame)} + {len(frame)}", "对得上"),
                ("读不出的金额", f"{0 if amounts else unread} 个", "改好了" if amounts else "变成空，漏算"),
                ("金额合计与来源相差", f"{gap:+,.2f} 元".replace("-", "−"), "一分不差" if abs(gap) < 0.005 else "对不上"),
            ],
            columns=["核对", "结果", "结论"],
        )  # fmt: skip
        return View(
            alt="柱子是四条规则各丢掉的行数：" + "，".join(f"{n} {abs(k)} 行" for n, k in steps[1:-1]) + "。",
            message="行数和金额都对上了，可以装载。" if fits else
            "行数总是对得上的，那只说明没有丢失去向；金额对不上，说明规则还不对。"
            if abs(gap) >= 0.005 else "金额碰巧对上了，但还有不该进来的行。",
            table=table,
            result={"read": len(raw), "loaded": len(frame), "total": total, "truth": truth, "ok": fits},
        )  # fmt: skip

    return Activity(
        "抽取与清洗：每一行都要有去处",
        [
            Switch("amounts", "统一金额写法（¥1,280.00）"),
            Switch("blanks", "丢掉没有订单编号的行"),
            Switch("positive", "丢掉数量不是正数的行"),
            Switch("doubles", "主键重复的只留第一行"),
            Switch("unpaid", "丢掉未付款关闭的订单"),
        ],
        draw,
        note="在 2025 年 11 月的真实明细里埋了五种毛病；来源合计由平台账单给出。",
        source="crmkit.analytics.warehouse.extracting；课程店铺数据。",
    )


def _export(shop: str) -> tuple[pd.DataFrame, float]:
    """The lines of November 2025 as an export would give them, and their true total."""
    import pandas as pd

    fact = warehouse_of(shop).facts["fact_sales"]
    month = fact[fact["日期键"] // 100 == 202511][["订单编号", "商品编码", "数量", "销售额"]]
    clean = month.reset_index(drop=True).assign(订单状态="交易成功")
    raw = clean.rename(columns={"销售额": "金额"}).astype({"金额": object})
    price = [f"{x:.2f}" for x in clean["销售额"]]
    written = set(range(3, 3 + 11 * WRITTEN, 11))
    raw["金额"] = [f"¥{float(p):,.2f}" if i in written else p for i, p in enumerate(price)]
    doubles = raw.iloc[10 : 10 + 7 * DOUBLES : 7]
    blank = raw.iloc[5 : 5 + 9 * BLANKS : 9].assign(订单编号=None)
    zero = raw.iloc[2 : 2 + 13 * ZEROS : 13].assign(数量=0)
    zero["订单编号"] = [f"9{x[1:]}" for x in zero["订单编号"]]
    unpaid = raw.iloc[8 : 8 + 17 * UNPAID : 17].assign(订单状态="未付款关闭")
    unpaid["订单编号"] = [f"8{x[1:]}" for x in unpaid["订单编号"]]
    everything = pd.concat([raw, doubles, blank, zero, unpaid], ignore_index=True)
    return everything, float(clean["销售额"].sum().round(2))
