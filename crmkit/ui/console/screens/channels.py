"""渠道关系: the shop's channels."""

from __future__ import annotations

from crmkit.analytics.indicators import NEW_DEFINITIONS
from crmkit.analytics.refunds import RATES
from crmkit.crm.channels import STATUS
from crmkit.crm.figures import channel_figures, customer_figures
from crmkit.crm.session import Session
from crmkit.ui.console import fields as f
from crmkit.ui.console import figures, results
from crmkit.ui.console.screen import (
    Action,
    Call,
    Card,
    Done,
    Drawer,
    Row,
    Screen,
    Section,
    Table,
    View,
)


def _maintain_form(crm: Session, row: Row | None) -> list[f.Field]:
    row = row or {}
    return [
        f.select("status", "状态", list(STATUS), row.get("渠道状态"), required=True),
        f.text("contact", "负责人", row.get("负责人"), required=True),
        f.percent("fee_rate", "费率", row.get("费率"), help="平台扣点占销售额的比例；填 5 表示 5%"),
        f.area("note", "备注", row.get("备注"), blank=True),
    ]


def _maintain(c: Call) -> str:
    c.crm.channels.update(c.key, expect=c.row["版本"], **c.values)
    return f"已保存渠道「{c.row['渠道名称']}」。"


MAINTAIN = Action("维护", _maintain, on="row", fields=_maintain_form, confirm="保存", icon="edit")


def _drawer(crm: Session, row: Row) -> Drawer:
    facts = [(k, v, "percent" if k == "费率" else "") for k, v in row.items() if k != "版本"]
    return Drawer(
        row["渠道名称"], status=row["渠道状态"], sections=[Section("渠道资料", facts=facts)],
        actions=[Action("维护", _maintain, on="drawer", fields=_maintain_form, confirm="保存", main=True)],
    )  # fmt: skip


def _list(crm: Session, v: f.Values) -> View:
    channels = crm.channels.list()
    open_ones = channels["渠道状态"] == "营业中"
    return View(
        cards=[
            Card("渠道", len(channels)),
            Card("营业中", int(open_ones.sum()), tone="good"),
            Card("已关闭", int((~open_ones).sum())),
            Card("平台", int(channels["平台"].nunique())),
        ],
        tables=[Table("渠道列表", channels, kinds={"费率": "percent"}, drawer=_drawer, actions=[MAINTAIN])],
    )  # fmt: skip


# --- 休眠渠道 -------------------------------------------------------------------------------------
def _dormant(crm: Session, v: f.Values) -> View:
    found = crm.channels.dormant(**v)
    return results.view(
        found, "休眠渠道", kinds={"沉睡天数": "count"},
        main={"id": "渠道编号", "empty": "没有休眠的渠道", "actions": [_settle(v)]},
    )  # fmt: skip


def _settle(v: f.Values) -> Action:
    def run(c: Call) -> Done:
        count = c.crm.channels.settle_dormant(
            c.keys, **c.values, **{k: x for k, x in v.items() if k == "days"}
        )
        return Done(f"处理了 {count} 个渠道。")

    return Action(
        "处理", run, on="rows", confirm="执行",
        fields=[f.select("action", "怎么处理", dict(channel_figures.DORMANT_ACTIONS), required=True), f.text("note", "备注")],
        text=lambda c: f"处理选中的 {len(c.keys)} 个休眠渠道：{'、'.join(c.keys)}。",
    )  # fmt: skip


# --- 销量, 退货率, 新老, 客单价 --------------------------------------------------------------------
def _sales(crm: Session, v: f.Values) -> View:
    found = crm.channels.sales(**v)
    return results.view(found, "按渠道", charts=[
        figures.ranking("各渠道支付金额", found.table, "渠道名称", "支付金额"),
        figures.share("支付金额构成", found.table, "渠道名称", "支付金额"),
    ])  # fmt: skip


def _return_rate(crm: Session, v: f.Values) -> View:
    found = crm.channels.return_rate(**v)
    rates = [c for c in found.table.columns if "率" in str(c)][:2]
    return results.view(found, "按渠道", charts=[
        figures.bars("各渠道比率", found.table, "渠道名称", rates, wide=True),
    ])  # fmt: skip


def _new(crm: Session, v: f.Values) -> View:
    found = crm.channels.new_customers(**v)
    return results.view(found, "按渠道", charts=[
        figures.ranking("各渠道新客数", found.table, "渠道名称", "新客数"),
        figures.share("新客构成", found.table, "渠道名称", "新客数"),
    ])  # fmt: skip


def _old(crm: Session, v: f.Values) -> View:
    found = crm.channels.old_customers(**v)
    return results.view(found, "按渠道", charts=[
        figures.ranking("各渠道老客数", found.table, "渠道名称", "老客数"),
        figures.share("老客构成", found.table, "渠道名称", "老客数"),
    ])  # fmt: skip


def _order_value(crm: Session, v: f.Values) -> View:
    found = crm.channels.order_value(**v)
    return results.view(found, "按渠道", charts=[
        figures.ranking("各渠道客单价", found.table, "渠道名称", "客单价"),
        figures.ranking("各渠道笔单价", found.table, "渠道名称", "笔单价"),
    ])  # fmt: skip


_WHO = (
    f.variants("definition", "新客定义", NEW_DEFINITIONS, "first_ever"),
    f.variants("new_to", "对谁是新的", customer_figures.NEW_TO, "shop"),
)
SCREENS = (
    Screen("channels.list", _list, about="每个渠道的平台、开通日期、状态、负责人和费率"),
    Screen(
        "channels.dormant", _dormant, [f.count("days", "几天没有订单", low=1, unit="天", help="空着用课程约定（90 天）")],
        "还在营业、但很久没有订单的渠道",
    ),
    Screen("channels.sales", _sales, results.with_scope(channel=False), "各渠道的订单、金额、占比、环比和扣点之后的毛收入"),
    Screen(
        "channels.return_rate", _return_rate,
        results.with_scope(f.variants("rate", "比率", RATES, "return"), channel=False),
        "按明细行和按金额、按付款日和按退款日四种算法",
    ),
    Screen("channels.new_customers", _new, results.with_scope(*_WHO, channel=False), "各渠道带来多少新顾客"),
    Screen("channels.old_customers", _old, results.with_scope(*_WHO, channel=False), "各渠道有多少老顾客回来买"),
    Screen("channels.order_value", _order_value, results.with_scope(channel=False), "各渠道的客单价、笔单价、件单价和连带率"),
)  # fmt: skip
