"""What the sentences of lab C6 are to be sorted into."""

from __future__ import annotations

VIEWS = ("企业系统", "个性特点", "企业利益", "企业与客户的关系", "关系状态")
FORMS = ("产品定制", "个性化推荐", "专属服务", "预约服务", "主动关怀", "自助服务")
# For each pool the labels, and one figure per sentence: the place of its label.
KEYS = {
    "views": (VIEWS, "4201341413012123302302440"),
    "scenes": (FORMS, "000011112222333344445555"),
    "privacy": (("应做", "不应做"), "011111001001010010010011"),
}


def label(what: str, place: int) -> str:
    """The label of one sentence by its place in the pool."""
    labels, code = KEYS[what]
    return labels[int(code[place])]
