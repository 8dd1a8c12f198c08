"""Open-source licences: what one owes for changing, offering and handing on a program.

The duties as the licences' own texts have them: MIT; GPL-3.0 §5 and §6 (conveying); LGPL-3.0 §4
(combined works); AGPL-3.0 §13 (users over a network). A table for teaching, not legal advice: what
counts in a case is the text that comes with the program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crmkit.analytics import inputs

LICENCES: Mapping[str, str] = {
    "MIT": "MIT", "LGPL": "LGPL-3.0", "GPL": "GPL-3.0", "AGPL": "AGPL-3.0", "own": "商业许可",
}  # fmt: skip
USES: Mapping[str, str] = {
    "inside": "只在自己公司里用",
    "web": "做成网站给外面的人用",
    "hand_on": "交给别的公司装",
    "link": "放进自己的闭源程序里卖",
}
# What has to be done, the lighter ones first.
DUTIES: Mapping[str, str] = {
    "nothing": "不必做什么",
    "notice": "保留版权和许可声明",
    "library": "给库的源代码，并让人换得掉",
    "whole": "给整个程序的源代码",
    "contract": "看合同，没写许就是不许",
}


@dataclass(frozen=True)
class Duty:
    """What is owed (a key of `DUTIES`), to whom, and where the licence says so."""

    what: str
    whom: str
    where: str


def duty(licence: str, use: str, *, changed: bool = True) -> Duty:
    """What using a program in this way asks for.

    Parameters
    ----------
    licence, use
        Keys of `LICENCES` and `USES`.
    changed
        The program itself was changed, not only set up.

    Examples
    --------
    >>> duty("AGPL", "web").what, duty("AGPL", "web", changed=False).what, duty("GPL", "web").what
    ('whole', 'nothing', 'nothing')
    """
    inputs.choice(licence, "licence", LICENCES)
    inputs.choice(use, "use", USES)
    if licence == "own":
        return Duty("contract", "厂商", "合同")
    if use == "inside":
        return Duty("nothing", "", "没有交给别人" if licence == "MIT" else "GPL-3.0 §2")
    if use == "web":
        if licence == "AGPL" and changed:
            return Duty("whole", "联网使用的每个人", "AGPL-3.0 §13")
        return Duty("nothing", "", "没有交出程序")
    if licence == "MIT":
        return Duty("notice", "拿到程序的人", "MIT 正文")
    if licence == "LGPL":
        if use == "link":
            return Duty("library", "拿到程序的人", "LGPL-3.0 §4")
        return Duty("whole", "拿到程序的人", "GPL-3.0 §5、§6")
    return Duty("whole", "拿到程序的人", f"{LICENCES[licence]} §5、§6")
