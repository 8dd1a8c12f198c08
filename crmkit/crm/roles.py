"""The roles of a shop and their rights (the course's choice [C]; functions: `crm.catalogue`)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from crmkit.crm.errors import PermissionDenied

if TYPE_CHECKING:
    from crmkit.crm.catalogue import Function

MANAGER, SERVICE, MARKETING, WAREHOUSE, ANALYST = "店长", "客服", "营销", "仓库", "数据分析"
ROLES: Mapping[str, str] = MappingProxyType(
    {
        MANAGER: "管全店：所有功能，能看明文、导出、撤销、推进时间和查看操作日志",
        SERVICE: "接待顾客：查顾客和订单，处理退换、来电、咨询和差评",
        MARKETING: "做活动：分类、标签、活动、关怀和问卷",
        WAREHOUSE: "管发货：查商品和订单，出库、收货、验收退货",
        ANALYST: "看数据：分类、分析、销量和渠道的汇总，不查单个顾客",
    }
)
# Rights that are not tied to one function.
REVEAL, EXPORT, UNDO, CLOCK, AUDIT = "查看明文", "导出", "撤销", "推进时间", "查看日志"
RIGHTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        REVEAL: (MANAGER, SERVICE),
        EXPORT: (MANAGER, MARKETING, ANALYST),
        UNDO: (MANAGER, MARKETING),
        CLOCK: (MANAGER,),
        AUDIT: (MANAGER, ANALYST),
    }
)


def check(role: str, f: Function, *, act: bool = False) -> None:
    """Raise PermissionDenied when `role` may not use (or act through) a function."""
    if role not in (f.act if act else f.use):
        allowed = "、".join(f.act if act else f.use) or "没有角色"
        verb = "在这里改动数据" if act else "使用这个功能"
        raise PermissionDenied(
            f"「{role}」不能{verb}：{f.module} · {f.name}。可以的角色：{allowed}"
        )


def check_right(role: str, right: str) -> None:
    """Raise PermissionDenied when `role` does not have a right such as 导出."""
    if role not in RIGHTS[right]:
        raise PermissionDenied(
            f"「{role}」没有「{right}」的权限。有这项权限的角色：{'、'.join(RIGHTS[right])}"
        )
