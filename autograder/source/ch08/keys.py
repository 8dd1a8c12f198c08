"""Kinds of objections and fields of phrases, by their places in the pools."""

from __future__ import annotations

KINDS = ("需求", "价格", "产品", "购买时间", "销售人员", "服务", "支付能力")
_KIND = dict(zip("需价产时人服支", KINDS, strict=True))
KIND_OF = tuple(
    _KIND[x]
    for x in "人服人人服需产服支时需时支产产产时价服价支支需需人支时服人支需产需时时价价价服价产人"
)

_FIELD = {"事": "事件", "角": "角色", "规": "规则", "数": "数据"}
# For each step, which field its four phrases belong to.
FIELDS_OF = tuple(
    tuple(_FIELD[x] for x in word)
    for word in "数事规角 数事规角 规事角数 数事角规 规事数角 数事角规 数角事规 事数角规 数角事规 角事规数".split()
)
