"""Two ways to divide what a CRM does: 运营型/分析型/协作型, and IBM's 关系/流程/接入管理.

The names are the literature's; by which questions a function is placed is the course's choice.
The two divisions cut in different directions: `table` counts where they cross.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from crmkit.analytics import inputs

OPERATIONAL, ANALYTICAL, COLLABORATIVE = TYPES = ("运营型", "分析型", "协作型")
RELATION, PROCESS, ACCESS = BLOCKS = ("关系管理", "流程管理", "接入管理")
# The block of IBM's that each type is nearest to.
NEAREST: Mapping[str, str] = dict(zip(TYPES, (PROCESS, RELATION, ACCESS), strict=True))


@dataclass(frozen=True)
class Function:
    """Something a CRM does, by the answers to the four questions.

    Attributes
    ----------
    finds_pattern
        It looks for a rule in many records.
    shared
        Several channels or parties work on one customer's one matter.
    at_the_door
        It is about the way by which a customer comes in.
    in_steps
        It is about how a matter gets done, step by step.
    """

    name: str
    does: str
    finds_pattern: bool = False
    shared: bool = False
    at_the_door: bool = False
    in_steps: bool = False

    @property
    def type(self) -> str:
        """One of `TYPES`.

        >>> Function("流失分析", "找出快走的人", finds_pattern=True).type
        '分析型'
        """
        if self.finds_pattern:
            return ANALYTICAL
        return COLLABORATIVE if self.shared else OPERATIONAL

    @property
    def block(self) -> str:
        """One of `BLOCKS`."""
        if self.at_the_door:
            return ACCESS
        return PROCESS if self.in_steps else RELATION


def table(functions: Iterable[Function]) -> pd.DataFrame:
    """How many functions of each type (rows) stand in each block (columns)."""
    found = pd.DataFrame(0, index=list(TYPES), columns=list(BLOCKS))
    for f in functions:
        found.loc[f.type, f.block] += 1
    return found


def guessed(functions: Iterable[Function]) -> int:
    """How many blocks are right when each type is taken for its nearest block."""
    return sum(NEAREST[f.type] == f.block for f in functions)


# What goes wrong where a function is built as another kind: (what it is, taken for).
_MISPLACED: Mapping[tuple[str, str], str] = {
    (OPERATIONAL, ANALYTICAL): "当场要办的事排进了夜里的计算，客户等不到天亮",
    (OPERATIONAL, COLLABORATIVE): "一个人办得完的事，拉上几方，人人看着，没有人办",
    (ANALYTICAL, OPERATIONAL): "一条条去看，看不出规律；扫几年的单，登记的人也被卡住",
    (ANALYTICAL, COLLABORATIVE): "各方都看到一堆记录，没有谁算出结论",
    (COLLABORATIVE, OPERATIONAL): "各记各的，客户换个入口就要从头再说",
    (COLLABORATIVE, ANALYTICAL): "等报表出来，才看见他昨天问过什么",
    (RELATION, PROCESS): "事办完了，办的是谁、为什么，没有留下",
    (RELATION, ACCESS): "门开着，进来的人认不出",
    (PROCESS, RELATION): "资料很全，事停在半路，没有人推",
    (PROCESS, ACCESS): "电话接起来了，后面几步没有人管",
    (ACCESS, RELATION): "资料锁在柜里，客户敲的那扇门没有人应",
    (ACCESS, PROCESS): "步骤定得好，客户从别的门进来就不算数",
}


def misplaced(is_: str, taken_for: str) -> str:
    """What goes wrong when something is built as what it is not; "" when it is that."""
    inputs.choice(is_, "is_", dict.fromkeys((*TYPES, *BLOCKS)))
    inputs.choice(taken_for, "taken_for", dict.fromkeys(TYPES if is_ in TYPES else BLOCKS))
    return _MISPLACED.get((is_, taken_for), "")
