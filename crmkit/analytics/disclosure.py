"""What may leave the shop for a purpose, and whom one can still pick out of the list.

Masking a name and a number is de-identification, not anonymity (个人信息保护法 第七十三条): a list is
anonymous only if nobody stands alone in it, also not by the columns that look harmless. Measure:
k-anonymity, Sweeney (2002). Which form a purpose needs is a table for teaching, not legal advice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

LEAST_GROUP = 5  # people who share all columns; the course's choice
NEEDED, ENOUGH, TOO_MUCH, TOO_LITTLE = "要用", "可以", "多给了", "不够用"

ITEMS: Mapping[str, str] = MappingProxyType(
    {"contact": "姓名和手机", "birthday": "生日", "place": "地区", "spending": "累计消费"}
)
# Forms of each item, the coarser ones first.
FORMS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "contact": {"none": "不给", "masked": "脱敏", "clear": "明文"},
        "birthday": {"none": "不给", "band": "十年一段", "year": "只到年", "date": "完整日期"},
        "place": {"none": "不给", "province": "省", "city": "省和市"},
        "spending": {"none": "不给", "band": "五档", "exact": "精确到分"},
    }
)


@dataclass(frozen=True)
class Purpose:
    """A purpose: what it stands on, the forms it needs (the others stay at home)."""

    title: str
    basis: str
    needs: Mapping[str, str]
    anonymous: bool = False  # any form, but nobody may be picked out


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "sms": Purpose(
            "发营销短信", "本人同意（个人信息保护法第十三条，广告法第四十三条）", {"contact": "clear"}
        ),
        "ship": Purpose(
            "交快递公司发货", "履行合同所必需（第十三条第二项）",
            {"contact": "clear", "place": "city"},
        ),
        "study": Purpose(
            "交给外面的人做研究", "匿名化以后不再是个人信息（第四条、第七十三条）", {}, anonymous=True
        ),
        "partner": Purpose(
            "给合作店铺联合促销", "本人的单独同意（第二十三条）", {"contact": "clear"}
        ),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One item: the form given, the form the purpose needs, and the verdict on it."""

    item: str
    given: str
    need: str
    verdict: str


def judge(purpose: str, given: Mapping[str, str]) -> list[Finding]:
    """Every item given, against what the purpose needs (最小范围, 第六条).

    Parameters
    ----------
    purpose
        A key of `PURPOSES`.
    given
        Item → form, keys of `ITEMS` and `FORMS`; an item that is left out is not given.

    Examples
    --------
    >>> [f.verdict for f in judge("sms", {"contact": "clear", "birthday": "date"})][:2]
    ['要用', '多给了']
    """
    inputs.choice(purpose, "purpose", PURPOSES)
    rule, found = PURPOSES[purpose], []
    for name in given:
        inputs.choice(name, "given", ITEMS)
    for item, forms in FORMS.items():
        form, need = given.get(item, "none"), rule.needs.get(item, "none")
        inputs.choice(form, item, forms)
        order = list(forms)
        more = order.index(form) - order.index(need)
        if rule.anonymous and item != "contact":
            verdict = ENOUGH
        elif more:
            verdict = TOO_MUCH if more > 0 else TOO_LITTLE
        else:
            verdict = ENOUGH if need == "none" else NEEDED
        found.append(Finding(item, form, need, verdict))
    return found


def group_sizes(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """With how many people everyone shares all the columns, himself counted; a gap is a value too.

    Examples
    --------
    >>> people = pd.DataFrame({"省份": ["福建", "福建", "浙江"], "生日": ["1990", "1990", None]})
    >>> group_sizes(people, ["省份", "生日"]).tolist()
    [2, 2, 1]
    """
    inputs.require(frame, "名单", {f"columns[{n}]": c for n, c in enumerate(columns)})
    if not len(frame):
        raise AnalyticsError("名单里没有人，谈不上认不认得出。")
    if not columns:
        return pd.Series(len(frame), index=frame.index, dtype="int64")
    keys = frame.groupby(list(columns), dropna=False, observed=True, sort=False).ngroup()
    return keys.map(keys.value_counts()).astype("int64")
