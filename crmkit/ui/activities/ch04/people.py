"""Two platforms, two lists: who is one person, and what a wrong merge costs."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_EACH = 300  # records in each list
_BOTH = 150  # people in both
_COLUMNS = ("手机", "姓名", "生日", "城市")
_RULES = {"score": "四项加权打分", "mobile": "手机相同就合并", "name": "姓名相同就合并"}


def one_person() -> Activity:
    """Match a second platform's list against the shop's own, with the truth known."""
    import numpy as np
    import pandas as pd

    from crmkit.analytics import matching

    ours, clean = _lists()
    same = ours["人"].to_numpy()[:, None] == clean["人"].to_numpy()[None, :]

    def draw(
        figure: Figure, rule: str, cut: float, moved: float, short: float, shared: float
    ) -> View:
        theirs = _spoiled(ours, clean, moved, short, shared)
        # What the shop would guess of m: one in a hundred fields is wrong even with care.
        trust = {"手机": 1 - moved, "姓名": 1 - short, "生日": 0.97, "城市": 0.9}
        fields = {
            c: matching.Field(
                m=min(0.99, max(0.02, m)),
                u=max(1e-4, matching.chance_alike(ours[c], theirs[c])),
            )
            for c, m in trust.items()
        }
        score = matching.weights(ours, theirs, fields)
        alike = {
            c: matching.weights(ours, theirs, {c: matching.Field(0.9, 0.1)}) > 0
            for c in ("手机", "姓名")
        }
        taken = {"score": score >= cut, "mobile": alike["手机"], "name": alike["姓名"]}
        rows, found = [], {}
        for name, words in _RULES.items():
            right = int((taken[name] & same).sum())
            wrong = int((taken[name] & ~same).sum())
            found[name] = right, wrong, _BOTH - right
            rows.append((
                ("▸ " if name == rule else "") + words, right + wrong, right, wrong, _BOTH - right,
                f"{right / (right + wrong):.0%}" if right + wrong else "—", f"{right / _BOTH:.0%}",
            ))  # fmt: skip
        curve = matching.by_cut(same, score)
        curve = curve[curve["召回率"] > 0]
        left, right_axes = figure.subplots(1, 2, width_ratios=(1, 1.15))
        left.plot(curve["召回率"], curve["精确率"], color=theme.COURSE, linewidth=2.2)
        for name, colour in zip(_RULES, (theme.COURSE, *theme.SERIES[:2]), strict=True):
            hit, miss, _ = found[name]
            if hit + miss:
                big = 11 if name == rule else 7
                left.plot([hit / _BOTH], [hit / (hit + miss)], "o", color=colour, markersize=big,
                          label=_RULES[name])  # fmt: skip
        left.set_xlim(0, 1.05)
        left.set_ylim(0, 1.08)
        for axis in (left.set_xticks, left.set_yticks):
            axis([0, 0.5, 1], ["0%", "50%", "100%"])
        left.set_xlabel("召回率：真是一个人的，认出多少")
        left.set_title("精确率：认作一个人的，对多少")
        left.legend(loc="lower left")
        _weights(right_axes, fields, np)
        hit, wrong, missed = found[rule]
        told = f"{_RULES[rule]}：{_BOTH} 位里认对 {hit} 位，漏掉 {missed} 位，错把 {wrong} 对陌生人并成一个。"
        told += (
            "漏掉的只是多一个号；并错了，一个人会看到另一个人的地址和订单，拆开来也难。"
            if wrong
            else "没有并错。"
        )
        return View(
            alt=f"左图是精确率对召回率的曲线和三种做法的位置，现在这一种召回率 {hit / _BOTH:.0%}；右图是四项的分数，"
            + "，".join(f"{c}相同加 {f.agrees:.1f}、不同减 {-f.differs:.1f}" for c, f in fields.items())
            + "。",
            message=told,
            table=pd.DataFrame(
                rows, columns=["做法", "认作一人", "认对", "认错", "漏掉", "精确率", "召回率"]
            ),
            result={"right": hit, "wrong": wrong, "missed": missed, "found": found,
                    "weights": {c: (f.agrees, f.differs) for c, f in fields.items()}},
        )  # fmt: skip

    return Activity(
        "两个平台的名单：是不是同一个人？",
        [
            Select("rule", "怎样认", _RULES),
            Slider("cut", "打到多少分就合并", -2, 14, 0.5, 5, "分"),
            Slider("moved", "在另一个平台留了别的手机", 0, 0.6, 0.05, 0.3, percent=True),
            Slider("short", "姓名没有写全", 0, 0.6, 0.05, 0.2, percent=True),
            Slider("shared", "与家人共用手机的", 0, 0.2, 0.01, 0.05, percent=True),
        ],
        draw,
        formula=r"\text{分} = \sum_{\text{相同}} \ln \frac{m_j}{u_j} + \sum_{\text{不同}} \ln \frac{1 - m_j}{1 - u_j}",
        note=f"两份名单各 {_EACH} 位，{_BOTH} 位在两边都有，答案已知。m 是同一个人这一项相同的机会，u 是两个陌生人碰巧相同的机会；"
        "哪一边空着就不加不减。名单取自清溪茶叶，另一个平台的差错是按滑条造的〔教学编写〕。",
        source="Fellegi、Sunter（1969）；crmkit.analytics.matching。",
        size=(7.8, 3.1),
    )


def _weights(axes: Any, fields: Any, np: Any) -> None:
    at = np.arange(len(fields))[::-1]
    axes.barh(at, [f.agrees for f in fields.values()], 0.6, color=theme.COURSE, label="相同，加")
    axes.barh(
        at, [f.differs for f in fields.values()], 0.6, color=theme.SERIES[2], label="不同，减"
    )
    axes.axvline(0, color=theme.MUTED, linewidth=0.8)
    axes.set_yticks(at, list(fields))
    axes.grid(False, axis="y")
    axes.set_xlim(right=1.5 * max(f.agrees for f in fields.values()))  # room for the legend
    axes.legend(loc="lower right")
    axes.set_title("每一项加减多少分")


def _unit(*parts: object) -> float:
    """A number from 0 to 1 that depends on the parts alone."""
    digest = hashlib.sha256("|".join(map(str, ("ch04", *parts))).encode("utf-8")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


@cache
def _lists() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The shop's list and the other platform's before anything went wrong; 人 is the truth."""
    from crmkit import shops

    people = shops.load("tea").customers.dropna(subset=["姓名", "手机", "城市"])
    chosen = shops.draw(people["客户编号"], 2 * _EACH - _BOTH, "课堂", "ch04", "people")
    found = people.set_index("客户编号").loc[chosen].reset_index(names="人")
    found["生日"] = found["生日"].dt.strftime("%m-%d")
    found = found[["人", *_COLUMNS]]
    return found.iloc[:_EACH].reset_index(drop=True), found.iloc[-_EACH:].reset_index(drop=True)


def _spoiled(
    ours: pd.DataFrame, clean: pd.DataFrame, moved: float, short: float, shared: float
) -> pd.DataFrame:
    """The other platform's list: other mobiles, short names, a family's one mobile, some blanks."""
    theirs = clean.copy()
    luck = _luck()
    other = luck["moved"] < moved
    theirs.loc[other, "手机"] = [f"1{9_000_000_000 + n}" for n in range(int(other.sum()))]
    theirs.loc[luck["short"] < short, "姓名"] = None
    theirs.loc[luck["birthday"] < 0.4, "生日"] = None
    theirs.loc[luck["city"] < 0.1, "城市"] = "外地"
    # Somebody who is not on our list gave the number of one of ours.
    family = (luck["shared"] < 2 * shared) & ~theirs["人"].isin(ours["人"])
    theirs.loc[family, "手机"] = ours["手机"].iloc[: int(family.sum())].to_numpy()
    return theirs


@cache
def _luck() -> pd.DataFrame:
    import pandas as pd

    _, clean = _lists()
    kinds = ("moved", "short", "birthday", "city", "shared")
    return pd.DataFrame({k: [_unit(k, who) for who in clean["人"]] for k in kinds})
