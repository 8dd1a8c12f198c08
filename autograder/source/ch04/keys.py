"""What belongs where in chapter 4: objects, keys of tables, rights of positions, principles."""

from __future__ import annotations

CUSTOMER, DEAL, CONTACT, GOODS, ORDER, NONE = "客户", "销售机会", "活动", "产品", "订单", "不收"
OBJECTS = (CUSTOMER, DEAL, CONTACT, GOODS, ORDER, NONE)
# By place in `ch04.NOTE_POOL`: the pool goes round the six objects four times.
OBJECT_OF = OBJECTS * 4

# table → (primary key, columns that point to another table)
KEYS_OF: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "客户": (("客户编号",), ("渠道编号",)),
    "商品": (("商品编码",), ()),
    "渠道": (("渠道编号",), ()),
    "订单": (("订单编号",), ("客户编号", "渠道编号")),
    "退换货": (("退换编号",), ("订单编号", "商品编码")),
    "互动": (("互动编号",), ("客户编号", "订单编号")),
    "评价": (("评价编号",), ("订单编号", "商品编码")),
    "商机": (("商机编号",), ("客户编号",)),
    "报价": (("报价编号",), ("商机编号",)),
    "订单明细": (("订单编号", "商品编码"), ("订单编号", "商品编码")),
    "活动触达": (("活动编号", "客户编号"), ("活动编号", "客户编号", "订单编号")),
    "报价明细": (("报价编号", "商品编码"), ("报价编号", "商品编码")),
    "分组成员": (("分组编号", "客户编号"), ("分组编号", "客户编号")),
    "问卷发放": (("问卷编号", "客户编号"), ("问卷编号", "客户编号")),
}

MASKED, REVEAL, ASK, APPROVE = "查打码客户", "看号码原文", "申请退款", "审核退款"
TOTALS, EXPORT, LISTS = "看汇总", "导出汇总", "导出客户名单"
RIGHTS = (MASKED, REVEAL, "推进商机", "做报价", "查订单", "登记出库", ASK, APPROVE, "查商品", "改库存",
          TOTALS, EXPORT, LISTS)  # fmt: skip
# A right that lets one do all that another does: the lesser one is neither asked for nor too much.
COVERS = {REVEAL: MASKED, EXPORT: TOTALS}
# position → by place in `ch04.NEED_POOL`
RIGHT_OF = {
    "业务员": (REVEAL, "推进商机", "查订单", "做报价"),
    "销售助理": ("做报价", MASKED, ASK, "查订单"),
    "财务主管": (APPROVE, TOTALS, "查订单", EXPORT),
    "采购员": (TOTALS, "改库存", "查商品", EXPORT),
    "客服": (MASKED, ASK, REVEAL, "查订单"),
    "仓库": ("查订单", "登记出库", "改库存", "查商品"),
}

SOURCE, KEY, FACT, RULE = "一处保存", "主键不变", "保留事实", "规则在后台"
LEAST, APART, LITTLE, TRACE = "最小权限", "职责分离", "最少够用", "全程留痕"
PRINCIPLES = (SOURCE, KEY, FACT, RULE, LEAST, APART, LITTLE, TRACE)
# By place in `ch04.POINT_POOL`: the principle, and which of the two ways offends it.
POINT = ((SOURCE, 1), (SOURCE, 1), (KEY, 0), (KEY, 0), (FACT, 1), (FACT, 0), (RULE, 0), (LEAST, 0),
         (LEAST, 1), (APART, 1), (LITTLE, 0), (TRACE, 1))  # fmt: skip
# Lines that offend a second principle as well: that one is right too.
ALSO = {1: RULE, 3: FACT, 7: TRACE}
