"""Where the boxes of the general model and the functions of the modules belong.

The lecture notes list the twelve boxes without saying where each stands; the places are inferred.
"""

from __future__ import annotations

BASE = "数据库"
BLOCKS = ("营销", "销售", "服务", BASE)
BLOCK_OF = {
    "publicity": "营销", "segmentation": "营销", "outreach": "营销",
    "visit": "销售", "ordering": "销售", "relations": "销售",
    "problems": "服务", "support": "服务", "further": "服务",
    "contacts": BASE, "orders": BASE, "activity_log": BASE,
}  # fmt: skip
SFA, MA, CARE, BI = "销售自动化", "营销自动化", "客户服务与支持", "商务智能"
MODULES = (SFA, MA, CARE, BI)
# A few words of every function of the pool.
MODULE_OF = {
    "日程：": SFA, "佣金": SFA, "下季的销售额": SFA, "销售区域": SFA, "报价单": SFA, "联系人档案": SFA,
    "签下几家": SFA, "出差的费用": SFA,
    "步骤和日历": MA, "每单成本": MA, "营销百科": MA, "要发的名单": MA, "活动的预算": MA, "点开了邮件": MA,
    "响应率": MA, "自动群发": MA,
    "报修": CARE, "就升级": CARE, "保修期": CARE, "解答库": CARE, "回访": CARE, "上门安装": CARE,
    "三年走势": BI, "同一位客户买走": BI, "流失的征兆": BI, "仪表板": BI, "下钻": BI, "今后几年": BI,
}  # fmt: skip
# Sums and rates that the course documents leave with the module that made them.
FIGURES = ("下季的销售额", "签下几家", "每单成本", "响应率")
TECHNICAL = ("渠道集成", "支持网络应用", "集中的客户信息仓库", "工作流集成")


def module_of(function: str) -> str:
    """The module of one function of the pool."""
    (found,) = {module for words, module in MODULE_OF.items() if words in function}
    return found
