"""Text messages: length and parts, signature, opt-out text, placeholders.

Rule (as providers publish it): one message up to 70 characters with the signature; a longer one
goes in parts of 67; every character counts 1, an emoji 2 (it takes two units of UCS-2). A
marketing message begins with the signature 【店名】 and says how to opt out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from crmkit.crm.errors import InvalidInput

SINGLE, PART = 70, 67
OPT_OUT = "拒收请回复R"
_OPT_OUT = re.compile(r"(拒收|退订).{0,4}回\S{0,2}[A-Za-z]|回\S{0,2}[A-Za-z].{0,2}(拒收|退订)")
_PLACE = re.compile(r"\{([^{}]*)\}")


def length(text: str) -> int:
    """Units of a message: 1 a character, 2 an emoji.

    >>> length("【清溪茶叶】新茶到了")
    10
    """
    return len(text.encode("utf-16-le")) // 2


def parts(text: str) -> int:
    """Messages that are charged: 0 for an empty text.

    >>> [parts("茶" * n) for n in (70, 71, 134, 135)]
    [1, 2, 2, 3]
    """
    units = length(text)
    return 0 if not units else 1 if units <= SINGLE else -(-units // PART)


def signature(title: str) -> str:
    """The signature that begins a message: ``【清溪茶叶】``."""
    return f"【{title}】"


def places(template: str) -> list[str]:
    """Names of the placeholders of a template, each once, in order."""
    return list(dict.fromkeys(m.strip() for m in _PLACE.findall(template)))


def check(
    template: str, known: Iterable[str], *, title: str, marketing: bool, field: str = "template"
) -> None:
    """Refuse a template that could not be sent.

    Raises
    ------
    InvalidInput
        Empty, a placeholder nobody fills, a lone brace, no signature, or (marketing) no word on
        how to opt out.
    """
    allowed, wrong = list(known), []
    if not template.strip():
        wrong.append("文案不能是空的")
    unknown = [p for p in places(template) if p not in allowed]
    if unknown:
        wrong.append(f"没有占位符 {_braced(unknown)}，可以用：{_braced(allowed)}")
    if re.search(r"[{}]", _PLACE.sub("", template)):
        wrong.append("花括号没有成对：占位符写成 {昵称} 这样")
    if not template.startswith((signature(title), signature("{店名}"))):
        wrong.append(f"开头要有签名 {signature(title)}")
    if marketing and not _OPT_OUT.search(template):
        wrong.append(f"营销短信要写明退订方法，例如「{OPT_OUT}」")
    if wrong:
        raise InvalidInput("；".join(wrong), {field: "；".join(wrong)})


def fill(template: str, values: Mapping[str, object]) -> str:
    """The text with every placeholder replaced; none is ever left standing.

    >>> fill("【{店名}】{昵称}，您好", {"店名": "清溪茶叶", "昵称": "小白"})
    '【清溪茶叶】小白，您好'
    """

    def put(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name not in values:
            raise InvalidInput(
                f"占位符 {{{name}}} 没有内容可填", {"template": f"{{{name}}} 填不出"}
            )
        return str(values[name])

    return _PLACE.sub(put, template)


def called(name: str | None, gender: str | None) -> str:
    """How a message addresses somebody: surname only, as the platforms show no full names."""
    if not name:
        return "您"
    return name[0] + {"男": "先生", "女": "女士"}.get(gender or "", "先生/女士")


def _braced(names: Iterable[str]) -> str:
    return "、".join(f"{{{n}}}" for n in names) or "（没有）"
