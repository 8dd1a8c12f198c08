"""The 44 functions of the CRM in their eight modules: names, order, and which role has which.

`use` lists the roles that may open a function and read what it shows, `act` those that may also
change something through it. Roles, functions and rights are the course's choice [C].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crmkit.crm.roles import ANALYST, MANAGER, MARKETING, SERVICE, WAREHOUSE

_LETTERS = {"m": MANAGER, "s": SERVICE, "k": MARKETING, "w": WAREHOUSE, "a": ANALYST}


@dataclass(frozen=True)
class Function:
    """One function. `key` is "module.method": where to find it in `crmkit.crm`."""

    key: str
    name: str
    module: str  # Chinese name of the module
    use: tuple[str, ...]
    act: tuple[str, ...]


def _table(*rows: tuple[str, str, tuple[tuple[str, str, str, str], ...]]) -> Mapping[str, Function]:
    found = {}
    for module_key, module, functions in rows:
        for name_key, name, use, act in functions:
            key = f"{module_key}.{name_key}"
            found[key] = Function(
                key, name, module,
                tuple(_LETTERS[x] for x in use), tuple(_LETTERS[x] for x in act),
            )  # fmt: skip
    return MappingProxyType(found)


FUNCTIONS = _table(
    ("customers", "顾客信息", (
        ("lookup", "顾客速查", "mskw", "ms"),
        ("import_file", "顾客导入", "mk", "mk"),
        ("list", "顾客列表", "msk", "ms"),
        ("tags", "顾客标签", "msk", "msk"),
    )),
    ("segments", "顾客分类", (
        ("frequency", "购买频率分类", "mka", "mk"),
        ("source", "来源分类", "mka", "mk"),
        ("channel", "渠道分类", "mka", "mk"),
        ("spending", "消费分类", "mka", "mk"),
        ("manual", "手动分类", "msk", "msk"),
    )),
    ("analysis", "顾客分析", (
        ("level", "等级分析", "mka", "m"),
        ("repurchase", "回购分析", "mka", ""),
        ("counts", "次数分析", "mka", ""),
        ("churn", "流失分析", "mka", ""),
        ("region", "地域分析", "mka", ""),
        ("order_value", "客单价分析", "mka", ""),
        ("new_old", "新老占比分析", "mka", ""),
    )),
    ("products", "商品信息", (
        ("search", "商品查询", "mskw", ""),
        ("list", "商品列表", "mkwa", ""),
        ("category_sales", "类目销量", "mka", ""),
        ("product_sales", "商品销量", "mka", ""),
        ("tags", "商品标签", "mka", "mk"),
        ("association", "商品关联", "mka", ""),
    )),
    ("orders", "订单信息", (
        ("search", "订单查询", "mskw", "ms"),
        ("returns", "退换查询", "msw", "msw"),
        ("close", "结束订单", "ms", "ms"),
        ("ship", "出库通知", "mw", "mw"),
        ("receive", "收货通知", "msw", "msw"),
    )),
    ("marketing", "营销信息", (
        ("campaigns", "活动营销", "mka", "mk"),
        ("birthday", "生日关怀", "msk", "mk"),
        ("holiday", "节日关怀", "mk", "mk"),
        ("tags", "活动标签", "mka", "mk"),
    )),
    ("interactions", "互动信息", (
        ("survey", "短信问卷", "mska", "mk"),
        ("wechat", "微信互动", "msk", "msk"),
        ("inbound", "呼入记录", "ms", "ms"),
        ("outbound", "呼出记录", "ms", "ms"),
        ("inquiries", "咨询记录", "msa", "ms"),
        ("review_alerts", "中差评预警", "msa", "ms"),
    )),
    ("channels", "渠道关系", (
        ("list", "渠道列表", "mka", "m"),
        ("dormant", "休眠渠道", "mka", "m"),
        ("sales", "渠道销量", "mka", ""),
        ("return_rate", "退货率分析", "mka", ""),
        ("new_customers", "新顾客分析", "mka", ""),
        ("old_customers", "老客户分析", "mka", ""),
        ("order_value", "客单价分析", "mka", ""),
    )),
)  # fmt: skip
# The sales side beside the 44: opportunities with stages, grading and quotation.
SALES = _table(
    ("opportunities", "商机报价", (
        ("list", "商机列表", "mka", "mk"),
        ("grade", "商机评级", "mka", "mk"),
        ("quote", "报价", "mk", "mk"),
    )),
)  # fmt: skip
MODULES: tuple[str, ...] = tuple(dict.fromkeys(f.module for f in FUNCTIONS.values()))


def function(key: str) -> Function:
    """The function with this key; KeyError for a key that does not exist."""
    return FUNCTIONS.get(key) or SALES[key]
