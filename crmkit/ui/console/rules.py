"""A rule about customers as an input: conditions in rows, all or any of them.

What the browser sends is read into the rule of `crmkit.crm.campaigns.audience`, which checks it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crmkit.crm.campaigns import audience

JOINTS = {"all": "同时满足", "any": "满足任一"}


def shown(rule: Any) -> dict[str, Any]:
    """The input's state, and what can be asked for. Rules with parts inside parts are kept as text."""
    joint = next((j for j in JOINTS if isinstance(rule, Mapping) and j in rule), "all")
    parts: Sequence[Any] = (
        rule[joint] if isinstance(rule, Mapping) and joint in rule else [rule] if rule else []
    )
    rows = [[p["field"], p["op"], _text(p["value"])] for p in parts if "field" in p]
    return {
        "joint": joint, "rows": rows, "joints": list(JOINTS.items()),
        "facts": {
            name: {"kind": f.kind, "ops": list(audience.OPS[f.kind]), "unit": f.unit, "meaning": f.meaning}
            for name, f in audience.FIELDS.items()
        },
        "deep": audience.words(rule) if len(rows) < len(parts) else "",
    }  # fmt: skip


def read(raw: Any) -> dict[str, Any]:
    """The rule of what the browser sent; ValueError for a value that is none."""
    if not isinstance(raw, Mapping):
        raise ValueError("人群规则不对，请重新填写")
    parts = [
        {"field": name, "op": op, "value": _value(str(name), str(op), str(value).strip())}
        for name, op, value in raw.get("rows", [])
    ]
    return {raw.get("joint", "all"): parts}


def _value(name: str, op: str, text: str) -> Any:
    fact = audience.FIELDS.get(name)
    if fact is None:
        raise ValueError(f"没有字段「{name}」")
    if fact.kind == audience.YES:
        return text != "否"
    if not text:
        raise ValueError(f"请填写「{name} {op}」的值")
    words = text.replace("，", " ").replace(",", " ").replace("、", " ").split()
    if fact.kind == audience.NUMBER:
        try:
            numbers = [float(w) for w in words]
        except ValueError:
            raise ValueError(f"「{name} {op}」后面要填数字") from None
        if op == "介于":
            return numbers
        if len(numbers) != 1:
            raise ValueError(f"「{name} {op}」后面要填一个数字")
        return numbers[0]
    return words if op in ("属于", "不属于") else text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        return " ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
