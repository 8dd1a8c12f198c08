"""Which cause is behind which symptom of chapter 11."""

from __future__ import annotations

CAUSE_OF = {
    "p1": "把CRM当成软件", "p2": "没有先定客户战略", "p3": "与流程再造脱节", "p4": "缺乏商业思维",
    "p5": "没有评估指标", "p6": "忽视客户知识", "p7": "忽视客户经理",
}  # fmt: skip
CAUSES = tuple(CAUSE_OF.values())
