"""顾客分析: levels, repurchase, purchase counts, churn, regions, order value, new and old buyers."""

from __future__ import annotations

import pandas as pd

from crmkit.analytics.churn import CHURN_RULES
from crmkit.analytics.indicators import NEW_DEFINITIONS
from crmkit.crm.figures import customer_figures, levels
from crmkit.crm.figures.scope import Result
from crmkit.crm.session import Session
from crmkit.ui.console import fields as f
from crmkit.ui.console import figures, results
from crmkit.ui.console.screen import Action, Call, Done, Screen, View

NEW_OLD = ["新客占比", "老客占比"]


# --- 等级分析 -------------------------------------------------------------------------------------
def _level(crm: Session, v: f.Values) -> View:
    found = crm.analysis.level(**v)
    table = found.table
    return results.view(
        found, "按等级",
        charts=[
            figures.bars("各级顾客数", table, "等级", ["客户数", "差一单升级"]),
            figures.share("支付金额构成", table, "等级", "支付金额"),
        ],
    )  # fmt: skip


_REGRADE = [
    f.select("by", "依据", dict(levels.RULES), "amount", required=True),
    f.select("direction", "方向", dict(levels.DIRECTIONS), "both", required=True),
]


def _regrade_preview(c: Call) -> View:
    found = c.crm.analysis.regrade_preview(**c.values)
    return results.view(found, "将要调整的顾客", token=found.token)


def _regrade(c: Call) -> Done:
    found = c.crm.analysis.regrade(**c.values, token=c.token)
    return Done(
        f"已调整 {len(found.table):,} 位顾客的等级。", view=results.view(found, "已调整的顾客")
    )


REGRADE = Action(
    "按规则调级", _regrade, fields=_REGRADE, preview=_regrade_preview, confirm="执行调级",
    text="按累计金额或累计订单数给全部会员重新定级。先预览会改动谁，再执行。",
)  # fmt: skip


# --- 回购分析 -------------------------------------------------------------------------------------
def _repurchase(crm: Session, v: f.Values) -> View:
    found = crm.analysis.repurchase(**v)
    rates = ["复购率（按人）", "复购率（按单）", "回购率"]
    return results.view(
        found, "按月",
        charts=[
            figures.lines("逐月复购率与回购率", found.table, "月份", rates),
            *_repurchase_gaps(found),
        ],
        kinds={"回购周期中位数": "days", "回购周期P80": "days", "回购周期P90": "days", "回购周期平均": "days"},
    )  # fmt: skip


def _repurchase_gaps(found: Result) -> list[figures.Figure]:
    gaps = found.tables.get("回购间隔")
    return [] if gaps is None else [figures.bars("回购间隔", gaps, "间隔", "次数", note="相邻两单相隔的天数", wide=True)]  # fmt: skip


# --- 次数分析 -------------------------------------------------------------------------------------
def _counts(crm: Session, v: f.Values) -> View:
    found = crm.analysis.counts(**v)
    return results.view(
        found, "按购买次数",
        charts=[
            figures.bars("买家数", found.table, "购买次数", "买家数"),
            figures.share("支付金额构成", found.table, "购买次数", "支付金额"),
        ],
    )  # fmt: skip


# --- 流失分析 -------------------------------------------------------------------------------------
def _churn(crm: Session, v: f.Values) -> View:
    found = crm.analysis.churn(**v)
    charts = [figures.share("买家构成", found.table, "状态", "买家数")]
    if (months := found.tables.get("逐月")) is not None:
        charts.append(figures.lines("逐月流失率", months, "月份", ["流失率"], wide=False))
    cohorts = found.tables.get("同期群")
    kinds = {} if cohorts is None else {c: "percent" for c in cohorts.columns if c.startswith("第")}
    if cohorts is not None and len(cohorts):
        long = cohorts.melt(
            id_vars=["首购月份", "新客数"], var_name="第几个月", value_name="留存率"
        )
        charts.append(figures.heat("同期群留存率", long, "第几个月", "首购月份", "留存率"))
    return results.view(
        found, "按状态", charts=charts, kinds={**kinds, "距今天数": "count", "流失界限": "days"},
        tables={"名单": {"sort": [("累计金额", False)]}},
    )  # fmt: skip


CHURN_FORM = results.with_scope(
    f.variants("rule", "流失规则", CHURN_RULES, "fixed"),
    f.count(
        "active_days", "活跃 ≤ 天", help="固定天数规则：这么多天以内买过算活跃；空着用课程约定"
    ),
    f.count(
        "churned_days", "流失 > 天", help="固定天数规则：超过这么多天没买算流失；空着用课程约定"
    ),
    period=False,
)


# --- 地域分析 -------------------------------------------------------------------------------------
def _region(crm: Session, v: f.Values) -> View:
    found = crm.analysis.region(**v)
    place = str(found.table.columns[0]) if "城市" not in found.table.columns else "城市"
    charts = [figures.ranking("支付金额前十", found.table, place, "支付金额")]
    if place == "省份":
        charts.insert(0, figures.tiles("各省支付金额", found.table, "省份", "支付金额", "买家数"))
    return results.view(found, "按地区", charts=charts, kinds={"区划代码": "id"})


def _provinces(crm: Session) -> list[str]:
    return sorted(set(crm.store.frame(results._table("customers"))["province"].dropna()))


# --- 客单价分析, 新老占比分析 ------------------------------------------------------------------------
def _order_value(crm: Session, v: f.Values) -> View:
    found = crm.analysis.order_value(**v)
    label = str(found.table.columns[0])
    by_month = label == "月份"
    chart = (
        figures.mixed(
            "支付金额与客单价",
            found.table,
            label,
            "支付金额",
            "客单价",
            note="柱：支付金额，线：客单价",
        )
        if by_month
        else figures.ranking("客单价", found.table, label, "客单价", wide=True)
    )
    return results.view(found, str(f"按{label}"), charts=[chart])


def _new_old(crm: Session, v: f.Values) -> View:
    found = crm.analysis.new_old(**v)
    people = pd.DataFrame(
        {"类别": ["新客", "老客"], "人数": [found.figures[n].numerator for n in NEW_OLD]}
    )
    return results.view(
        found, "按月",
        charts=[
            figures.share("人数构成", people, "类别", "人数"),
            figures.bars("逐月金额构成", found.table, "月份", ["新客金额", "老客金额"], stacked=True),
        ],
    )  # fmt: skip


SCREENS = (
    Screen(
        "analysis.level", _level,
        results.with_scope(f.variants("basis", "等级依据", levels.LEVEL_BASES, "recorded")),
        "每一级有多少顾客、贡献多少金额，谁再下一单就能升级", actions=[REGRADE],
    ),
    Screen(
        "analysis.repurchase", _repurchase,
        results.with_scope(
            f.variants("definition", "新客定义", NEW_DEFINITIONS, "first_ever"),
            f.count("within", "几天内复购", low=1, unit="天"),
        ),
        "买过的顾客有多少会再买，隔多久再买",
    ),
    Screen("analysis.counts", _counts, results.with_scope(), "顾客在时间段里买了几次，各占多少"),
    Screen("analysis.churn", _churn, CHURN_FORM, "谁还活跃、谁在沉默、谁已流失；四种规则可以切换"),
    Screen(
        "analysis.region", _region,
        results.with_scope(
            f.variants("level", "层级", customer_figures.REGION_LEVELS, "province"),
            f.select("province", "省份", _provinces, placeholder="全部省份"),
        ),
        "各省、各市的买家、金额、客单价和退货率",
    ),
    Screen(
        "analysis.order_value", _order_value,
        results.with_scope(f.variants("by", "分组", customer_figures.ORDER_VALUE_BY, "month")),
        "客单价、笔单价、件单价、连带率，以及金额是怎么乘出来的",
    ),
    Screen(
        "analysis.new_old", _new_old,
        results.with_scope(
            f.variants("definition", "新客定义", NEW_DEFINITIONS, "first_ever"),
            f.variants("new_to", "对谁是新的", customer_figures.NEW_TO, "shop"),
        ),
        "新顾客和老顾客各占多少人、多少金额",
    ),
)  # fmt: skip
