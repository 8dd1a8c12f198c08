"""What the comparison of the two tools comes to. Excel: a workbook on one computer, not shared."""

from __future__ import annotations

RATINGS = ("有", "部分", "无")
# capability → (Excel, CRM of this course)
CAPABILITIES = {
    "导入外来名单": ("有", "有"),
    "按多个条件筛选": ("有", "有"),
    "查出重复的客户": ("有", "有"),
    "随手写公式试算": ("有", "无"),
    "行列任选的透视表": ("有", "部分"),
    "订单一来客户数字就变": ("部分", "有"),
    "按角色分权限": ("部分", "有"),
    "记下谁改了什么": ("无", "有"),
    "两人同改时提示冲突": ("无", "有"),
    "手机号自动打码": ("无", "有"),
}
MATRIX = {
    f"{name}·{tool}": rating
    for name, pair in CAPABILITIES.items()
    for tool, rating in zip(("Excel", "CRM"), pair, strict=True)
}
# Fair readers differ here: sheet protection knows no roles, fixed analyses are no free pivot,
# a pivot must be refreshed by hand.
DISPUTED = {
    "按角色分权限·Excel": {"无"},
    "行列任选的透视表·CRM": {"无"},
    "订单一来客户数字就变·Excel": {"无"},
}
COMMON = ("导入", "筛选", "排序", "汇总", "导出", "标记", "查重")
OFFERED = (
    "导入", "筛选", "排序", "汇总", "导出", "标记", "查重", "撤销整批导入", "按角色授权",
    "记录操作日志", "手机号打码", "订单状态变了自动提醒",
)  # fmt: skip
WHAT_HAPPENED = ("后写覆盖", "记录日志并提示冲突", "自动合并两人的修改", "两人都存不进去")
