"""Where the fields and records of chapter 12 belong, and the order of its time-line."""

from __future__ import annotations

KEPT = "不传"
ERP_FIELDS = ("客户主数据编号", "开票信息", "收货地址", "物料编码", "订单数量", "净价", "付款条件",
              "信用额度", "交货日期", "币种", KEPT)  # fmt: skip
FIELD_OF = {
    "客户编号": "客户主数据编号", "客户口味备注": KEPT, "发票税号": "开票信息",
    "收货省市区街道": "收货地址", "成交商品编码": "物料编码", "下次联系日期": KEPT,
    "成交件数": "订单数量", "成交单价（不含税）": "净价", "跟进记录": KEPT, "约定账期": "付款条件",
    "客户要货日": "交货日期", "生日": KEPT, "报价币种": "币种", "商机赢单概率": KEPT,
    "发票抬头": "开票信息", "赊销上限": "信用额度", "满意度得分": KEPT, "客户档案主号": "客户主数据编号",
    "单据上的商品代码": "物料编码", "送货到门的地址": "收货地址",
}  # fmt: skip
OWNERS = ("CRM", "ERP", "SCM", "电商平台")
# A few words of every record of the pool.
OWNER_OF = {
    "偏好和跟进": "CRM", "销售机会": "CRM", "投诉电话": "CRM", "送礼人": "CRM", "短信活动": "CRM",
    "满意度问卷": "CRM",
    "应收账款": "ERP", "总账": "ERP", "标准成本": "ERP", "增值税发票": "ERP", "应付给供应商": "ERP",
    "到货日期": "SCM", "哪个仓": "SCM", "承运车辆": "SCM", "补货计划": "SCM", "调拨单": "SCM",
    "支付流水": "电商平台", "购物车": "电商平台", "主图": "电商平台", "评价原文": "电商平台",
}  # fmt: skip
TIMELINE = ("tps", "mrp", "mis", "mrp2", "erp", "erp2")


def owner_of(record: str) -> str:
    """The system that owns one record of the pool."""
    (found,) = {owner for words, owner in OWNER_OF.items() if words in record}
    return found
