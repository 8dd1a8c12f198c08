"""What the cards of chapter 1 are to be sorted into, and the years of its events."""

from __future__ import annotations

VIEWS = ("战略", "策略", "过程", "软件", "管理机制")
# in the order of the pool
VIEW_OF = (
    VIEWS[0], VIEWS[3], VIEWS[1], VIEWS[4], VIEWS[2],
    VIEWS[0], VIEWS[3], VIEWS[1], VIEWS[4], VIEWS[2],
    VIEWS[0], VIEWS[3], VIEWS[1], VIEWS[4], VIEWS[2],
    VIEWS[0], VIEWS[3], VIEWS[1], VIEWS[4], VIEWS[2],
)  # fmt: skip
TYPES = ("运营型", "分析型", "协作型")
TYPE_OF = TYPES * 8
ELEMENTS = (
    "产品", "价格", "渠道", "促销", "顾客", "成本", "便利", "沟通", "关系", "反应", "关联", "回报",
)  # fmt: skip
ELEMENT_OF = ELEMENTS * 2
YEARS = {
    "4p": 1960, "relation": 1983, "contact": 1987, "4c": 1990, "one": 1993, "gartner": 1999,
    "taobao": 2003, "siebel": 2005, "eleven": 2009, "wechat": 2012, "gdpr": 2018, "pipl": 2021,
    "chat": 2022,
}  # fmt: skip
