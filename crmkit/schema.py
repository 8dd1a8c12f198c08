"""Every table and column of a shop, once: English name, Chinese label, type, unit, rule.

The database and the files under ``datasets/`` carry the English names, frames that students
hold and screens carry the Chinese labels. This module is the only translator between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column. `type` is one of text, date, time, int, money, number, bool, code."""

    name: str
    label: str
    type: str = "text"
    unit: str = ""
    rule: str = ""
    codes: str = ""  # for type "code": the name of its table in CODES


@dataclass(frozen=True)
class Table:
    """One table: its columns in order; the first `keys` columns identify a row."""

    name: str
    label: str
    columns: tuple[Column, ...]
    keys: int = 1

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns[: self.keys])

    def labels(self) -> dict[str, str]:
        """English name → Chinese label."""
        return {c.name: c.label for c in self.columns}

    def names(self) -> dict[str, str]:
        """Chinese label → English name."""
        return {c.label: c.name for c in self.columns}

    def column(self, name: str) -> Column:
        for c in self.columns:
            if name in (c.name, c.label):
                return c
        raise KeyError(f"表「{self.label}」没有列「{name}」")


# Platform states of an order (Taobao trade status) and what the seller's screen calls them.
ORDER_STATUS = {
    "WAIT_BUYER_PAY": "等待付款",
    "WAIT_SELLER_SEND_GOODS": "待发货",
    "SELLER_CONSIGNED_PART": "部分发货",
    "WAIT_BUYER_CONFIRM_GOODS": "已发货",
    "TRADE_FINISHED": "交易成功",
    "TRADE_CLOSED": "退款关闭",
    "TRADE_CLOSED_BY_TAOBAO": "未付款关闭",
}
# Paid and not void: the orders every customer indicator counts (a sale that was refunded
# afterwards stays in; an order that was never paid does not).
VALID_ORDER_STATUS = (
    "WAIT_SELLER_SEND_GOODS",
    "SELLER_CONSIGNED_PART",
    "WAIT_BUYER_CONFIRM_GOODS",
    "TRADE_FINISHED",
    "TRADE_CLOSED",
)

CODES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "order_status": ORDER_STATUS,
        "return_status": {
            "WAIT_SELLER_AGREE": "待卖家同意",
            "WAIT_BUYER_RETURN_GOODS": "待买家退货",
            "WAIT_SELLER_CONFIRM_GOODS": "待卖家收货",
            "SELLER_REFUSE_BUYER": "卖家拒绝",
            "SUCCESS": "退款成功",
            "CLOSED": "退款关闭",
        },
        "channel_status": {"open": "营业中", "closed": "已关闭"},
        "stage": {
            "lead": "潜在",
            "qualified": "有效",
            "feasible": "可行",
            "target": "目标",
            "won": "成功",
            "lost": "失败",
        },
    }
)


def _c(
    name: str, label: str, type: str = "text", unit: str = "", rule: str = "", codes: str = ""
) -> Column:
    return Column(name, label, type, unit, rule, codes)


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        t.name: t
        for t in (
            Table(
                "customers",
                "客户",
                (
                    _c("customer_id", "客户编号", rule="C 加 6 位数字"),
                    _c("nick", "昵称"),
                    _c("name", "姓名"),
                    _c("gender", "性别", rule="男 / 女 / 空"),
                    _c("birthday", "生日", "date"),
                    _c("mobile", "手机", rule="11 位数字，按文本存放"),
                    _c("province", "省份"),
                    _c("city", "城市"),
                    _c("source", "来源"),
                    _c("channel_id", "渠道编号"),
                    _c("registered_at", "注册日期", "date"),
                    _c("trade_status", "交易状态", rule="已成交 / 未成交"),
                    _c("member_level", "会员等级"),
                    _c("consent", "接受营销", "bool"),
                    _c("note", "备注"),
                ),
            ),
            Table(
                "products",
                "商品",
                (
                    _c("sku", "商品编码"),
                    _c("name", "商品名称"),
                    _c("category", "类目", rule="大类/小类"),
                    _c("price", "价格", "money", "元"),
                    _c("cost", "成本", "money", "元"),
                    _c("stock", "库存", "int", "件"),
                    _c("listed_at", "上架日期", "date"),
                ),
            ),
            Table(
                "orders",
                "订单",
                (
                    _c("order_id", "订单编号", rule="18 位数字，按文本存放"),
                    _c("customer_id", "客户编号"),
                    _c("ordered_at", "下单时间", "time"),
                    _c("paid_at", "付款时间", "time", rule="未付款为空"),
                    _c("channel_id", "渠道编号"),
                    _c("amount", "实付金额", "money", "元", "商品金额 − 优惠 + 运费"),
                    _c("freight", "运费", "money", "元"),
                    _c("discount", "优惠金额", "money", "元"),
                    _c("status", "订单状态", "code", codes="order_status"),
                    _c("shipped_at", "发货时间", "time"),
                    _c("received_at", "收货时间", "time"),
                    _c("closed_reason", "关闭原因"),
                ),
            ),
            Table(
                "order_items",
                "订单明细",
                (
                    _c("order_id", "订单编号"),
                    _c("sku", "商品编码"),
                    _c("qty", "数量", "int", "件"),
                    _c("unit_price", "单价", "money", "元"),
                ),
                keys=2,
            ),
            Table(
                "returns",
                "退换货",
                (
                    _c("return_id", "退换编号"),
                    _c("order_id", "订单编号"),
                    _c("sku", "商品编码"),
                    _c("kind", "类型", rule="退货 / 换货 / 仅退款"),
                    _c("reason", "原因"),
                    _c("applied_at", "申请时间", "time"),
                    _c("finished_at", "完成时间", "time"),
                    _c("amount", "退款金额", "money", "元"),
                    _c("status", "退换状态", "code", codes="return_status"),
                ),
            ),
            Table(
                "channels",
                "渠道",
                (
                    _c("channel_id", "渠道编号"),
                    _c("name", "渠道名称"),
                    _c("type", "平台", rule="天猫 / 淘宝 / 京东 / 抖音 / 微信 / 门店"),
                    _c("opened_at", "开通日期", "date"),
                    _c("status", "渠道状态", "code", codes="channel_status"),
                    _c("contact", "负责人"),
                ),
            ),
            Table(
                "interactions",
                "互动",
                (
                    _c("interaction_id", "互动编号"),
                    _c("customer_id", "客户编号"),
                    _c("kind", "类型", rule="短信问卷 / 微信 / 呼入 / 呼出 / 咨询"),
                    _c("at", "时间", "time"),
                    _c("seconds", "时长", "int", "秒"),
                    _c("agent", "客服"),
                    _c("topic", "主题"),
                    _c("result", "结果"),
                    _c("order_id", "订单编号"),
                ),
            ),
            Table(
                "reviews",
                "评价",
                (
                    _c("review_id", "评价编号"),
                    _c("order_id", "订单编号"),
                    _c("sku", "商品编码"),
                    _c("stars", "星级", "int", "星", "1–5；1–2 差评，3 中评"),
                    _c("at", "评价时间", "time"),
                    _c("text", "评价内容"),
                    _c("replied_at", "回复时间", "time"),
                ),
            ),
            Table(
                "campaigns",
                "活动",
                (
                    _c("campaign_id", "活动编号"),
                    _c("name", "活动名称"),
                    _c("kind", "类型", rule="活动 / 生日 / 节日"),
                    _c("starts", "开始日期", "date"),
                    _c("ends", "结束日期", "date"),
                    _c("budget", "预算", "money", "元"),
                    _c("coupon", "优惠券", "money", "元"),
                    _c("rule", "人群规则"),
                    _c("tag", "活动标签"),
                ),
            ),
            Table(
                "campaign_sends",
                "活动触达",
                (
                    _c("campaign_id", "活动编号"),
                    _c("customer_id", "客户编号"),
                    _c("via", "方式", rule="短信 / 微信 / 留白（对照组）"),
                    _c("sent_at", "发送时间", "time"),
                    _c("responded", "是否响应", "bool"),
                    _c("order_id", "订单编号"),
                ),
                keys=2,
            ),
            Table(
                "surveys",
                "满意度问卷",
                (
                    _c("survey_id", "问卷编号"),
                    _c("customer_id", "客户编号"),
                    _c("at", "时间", "time"),
                    _c("item", "项目"),
                    _c("expectation", "期望", "int", "分", "1–5"),
                    _c("experience", "体验", "int", "分", "1–5"),
                    _c("importance", "重要性", "int", "分", "1–5"),
                ),
                keys=3,
            ),
            Table(
                "tags",
                "标签",
                (
                    _c("tag", "标签"),
                    _c("object_type", "对象", rule="customer / product / campaign"),
                    _c("object_id", "对象编号"),
                ),
                keys=3,
            ),
            Table(
                "calls",
                "来电",
                (
                    _c("call_id", "来电编号"),
                    _c("at", "时间", "time"),
                    _c("direction", "方向", rule="呼入 / 呼出"),
                    _c("ivr_path", "IVR 路径"),
                    _c("skill", "技能组"),
                    _c("wait_s", "等待秒数", "int", "秒"),
                    _c("handle_s", "处理秒数", "int", "秒"),
                    _c("abandoned", "是否放弃", "bool"),
                    _c("agent", "客服"),
                ),
            ),
            Table(
                "opportunities",
                "商机",
                (
                    _c("opp_id", "商机编号"),
                    _c("customer_id", "客户编号"),
                    _c("stage", "阶段", "code", codes="stage"),
                    _c("amount", "预计金额", "money", "元"),
                    _c("c1", "需求强度", "int", "分", "1–5"),
                    _c("c2", "购买能力", "int", "分", "1–5"),
                    _c("c3", "决策影响", "int", "分", "1–5"),
                    _c("c4", "时间紧迫", "int", "分", "1–5"),
                    _c("opened_at", "建立日期", "date"),
                    _c("closed_at", "结束日期", "date"),
                ),
            ),
        )
    }
)

# The customer file that students build in Excel (labs E1–E3): order of its columns.
CUSTOMER_FILE = (
    "客户编号",
    "昵称",
    "姓名",
    "生日",
    "手机",
    "省份",
    "城市",
    "来源",
    "渠道",
    "注册日期",
    "累计订单数",
    "累计金额",
)


def to_chinese(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """A copy with Chinese headers and code values in words, columns in schema order."""
    t = TABLES[table]
    out = frame[[c.name for c in t.columns if c.name in frame.columns]].copy()
    for c in t.columns:
        if c.type == "code" and c.name in out:
            out[c.name] = out[c.name].map(CODES[c.codes])
    return out.rename(columns=t.labels())


def to_english(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """The inverse of `to_chinese`. Raises KeyError for a header the table does not have."""
    t = TABLES[table]
    names = t.names()
    out = frame.rename(columns={label: names[label] for label in frame.columns})
    for c in t.columns:
        if c.type == "code" and c.name in out:
            out[c.name] = out[c.name].map({v: k for k, v in CODES[c.codes].items()})
    return out
