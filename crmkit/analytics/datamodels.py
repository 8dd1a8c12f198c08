"""How five CRM systems model an opportunity, a lead, a case, and who sees a customer.

Facts as read in public sources: EspoCRM's entity definitions and ACL, Frappe CRM's install data,
public descriptions of Odoo's lead scoring, 悟空CRM 9's tables. What was not found there is not
filled in: an empty tuple of states means 未载, not "has none".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

OBJECTS: Mapping[str, str] = MappingProxyType(
    {"opportunity": "商机", "lead": "线索", "case": "个案", "customer": "客户：谁看得见"}
)
WAYS: Mapping[str, str] = MappingProxyType(
    {"name": "阶段同名的对上", "order": "按次序一个对一个", "chance": "成交把握最近的对上"}
)
OWN, ESPO, FRAPPE, ODOO, WUKONG = "课程后台", "EspoCRM", "Frappe CRM", "Odoo", "悟空CRM 9"
SYSTEMS = (OWN, ESPO, FRAPPE, ODOO, WUKONG)


@dataclass(frozen=True)
class Card:
    """States in their order, the chance of each (opportunities), what else is known, from where."""

    states: tuple[str, ...] = ()
    chances: tuple[float, ...] = ()
    note: str = ""
    source: str = ""


_UNKNOWN = Card()
_OWN = "课程约定"
_ESPO = "EspoCRM 源码 entityDefs（2026-07）"
_FRAPPE = "Frappe CRM 源码 install（2026-08）"
CARDS: Mapping[str, Mapping[str, Card]] = MappingProxyType(
    {
        "opportunity": {
            OWN: Card(("潜在", "有效", "可行", "目标"), (0.1, 0.25, 0.5, 0.75),
                      "另有成功、失败；等级由四项加权得出", _OWN),
            ESPO: Card(("Prospecting", "Qualification", "Proposal", "Negotiation"),
                       (0.1, 0.2, 0.5, 0.8), "另有 Closed Won、Closed Lost", _ESPO),
            FRAPPE: Card(
                ("Qualification", "Demo/Making", "Proposal/Quotation", "Negotiation", "Ready to Close"),
                (0.1, 0.25, 0.5, 0.7, 0.9), "另有 Won、Lost", _FRAPPE),
            ODOO: Card(note="概率不写死：由赢单和输单的次数学出（朴素贝叶斯，平滑 0.1），人可以改写；重复的线索合并，历史留着",
                       source="三份公开的代码分析"),
            WUKONG: _UNKNOWN,
        },
        "lead": {
            OWN: Card(("潜在",), note="没有单独的线索，是商机的第一个阶段", source="课程资料"),
            ESPO: Card(("New", "Assigned", "In Process", "Converted", "Recycled", "Dead"),
                       note="Recycled：退回去再养", source=_ESPO),
            FRAPPE: Card(("New", "Contacted", "Nurture", "Qualified", "Converted", "Unqualified", "Junk"),
                         note="把“没有价值”分成不合格和垃圾两种", source=_FRAPPE),
            ODOO: Card(note="重复的线索合并，历史留着", source="三份公开的代码分析"),
            WUKONG: _UNKNOWN,
        },
        "case": {
            OWN: Card(("新建", "处理中", "已关闭"), note="中差评和投诉的工单", source=_OWN),
            ESPO: Card(("New", "Assigned", "Pending", "Closed", "Rejected", "Duplicate"),
                       note="另有优先级 Low 到 Urgent，类型 Question、Incident、Problem", source=_ESPO),
            FRAPPE: Card(("First Response Due", "Fulfilled", "Failed"),
                         note="记的是时限有没有守住，按工作时间算", source="Frappe CRM 源码（2026-08）"),
            ODOO: _UNKNOWN,
            WUKONG: _UNKNOWN,
        },
        "customer": {
            OWN: Card(("脱敏", "明文"), note="五个角色；看明文和导出各是一项权限，都留日志", source=_OWN),
            ESPO: Card(("no", "own", "team", "all"), note="每种动作（建、读、改、删、跟进）各给一级，字段还可以另设",
                       source="EspoCRM 源码 acl（2026-07）"),
            FRAPPE: Card(note="状态改动留记录：从哪到哪、多久、谁改的", source="Frappe CRM 源码（2026-08）"),
            ODOO: _UNKNOWN,
            WUKONG: Card(("本人", "本人和下属", "本部门", "本部门和下级", "全部"),
                         note="另有公海：多少天没有跟进或成交，客户退回公海，锁定的除外",
                         source="悟空CRM 9 的数据表（2021-04）"),
        },
    }
)  # fmt: skip


def carried(source: str, target: str, *, way: str = "chance") -> dict[str, str]:
    """Which stage of the new system each stage of the old one becomes.

    Parameters
    ----------
    source, target
        Systems whose opportunities have stages with chances.
    way
        One of `WAYS`. A stage without one of its name falls to the first stage, as an import's
        default does; by order the last stage takes those that are left; of two chances equally near the lower.

    Examples
    --------
    >>> carried("EspoCRM", "Frappe CRM", way="name")["Qualification"]
    'Qualification'
    >>> carried("EspoCRM", "Frappe CRM", way="chance")["Qualification"]
    'Demo/Making'
    """
    inputs.choice(way, "way", WAYS)
    old, new = (_staged(system, name) for system, name in ((source, "source"), (target, "target")))
    found = {}
    for n, (state, chance) in enumerate(zip(old.states, old.chances, strict=True)):
        if way == "name":
            same = [s for s in new.states if state in s.split("/")]
            found[state] = same[0] if same else new.states[0]
        elif way == "order":
            found[state] = new.states[min(n, len(new.states) - 1)]
        else:
            nearest = min(
                range(len(new.states)), key=lambda k: round(abs(new.chances[k] - chance), 9)
            )
            found[state] = new.states[nearest]
    return found


def forecast(amounts: pd.Series, system: str) -> float:
    """Σ amount × chance of its stage; `amounts` by stage of the system."""
    card = _staged(system, "system")
    chances = dict(zip(card.states, card.chances, strict=True))
    strange = [str(s) for s in amounts.index if s not in chances]
    if strange:
        raise AnalyticsError(f"{system} 没有阶段「{strange[0]}」，有的是：{'、'.join(chances)}。")
    return float(sum(chances[s] * x for s, x in amounts.items()))


def _staged(system: str, name: str) -> Card:
    staged = [s for s, card in CARDS["opportunity"].items() if card.chances]
    inputs.choice(system, name, staged)
    return CARDS["opportunity"][system]
