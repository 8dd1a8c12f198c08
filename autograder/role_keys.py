"""Which function of the system serves which need of a role, and which one it is mistaken for."""

from __future__ import annotations

from crmkit.crm import catalogue
from crmkit.lab.inputs import role_needs

# role → by place in `role_needs.POOL`: (the right function, the one it is taken for)
KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "店长": (
        ("地域分析", "渠道销量"), ("休眠渠道", "流失分析"), ("渠道销量", "商品销量"), ("类目销量", "商品销量"),
        ("回购分析", "次数分析"), ("新老占比分析", "新顾客分析"), ("退货率分析", "退换查询"), ("流失分析", "回购分析"),
    ),
    "客服": (
        ("顾客速查", "顾客列表"), ("订单查询", "出库通知"), ("退换查询", "退货率分析"), ("呼入记录", "咨询记录"),
        ("中差评预警", "短信问卷"), ("呼出记录", "呼入记录"), ("咨询记录", "微信互动"), ("顾客标签", "手动分类"),
    ),
    "营销": (
        ("活动营销", "节日关怀"), ("生日关怀", "节日关怀"), ("节日关怀", "活动营销"), ("活动标签", "活动营销"),
        ("商品关联", "商品销量"), ("购买频率分类", "次数分析"), ("消费分类", "等级分析"), ("短信问卷", "咨询记录"),
    ),
    "仓储": (
        ("出库通知", "订单查询"), ("收货通知", "结束订单"), ("退换查询", "收货通知"), ("订单查询", "出库通知"),
        ("商品查询", "商品列表"), ("商品列表", "商品查询"), ("顾客速查", "顾客列表"), ("退换查询", "结束订单"),
    ),
}  # fmt: skip
FUNCTIONS = tuple(dict.fromkeys(f.name for f in catalogue.FUNCTIONS.values()))


def function(role: str, place: int) -> str:
    """The function that serves a need."""
    return KEYS[role][place][0]


def lure(role: str, place: int) -> str:
    """The function that a need is mistaken for."""
    return KEYS[role][place][1]


def many(role: str, place: int) -> bool:
    """Whether the need is one of the second half: about many customers, goods or orders."""
    return place >= len(role_needs.POOL[role]) // 2
