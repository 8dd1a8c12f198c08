"""Inputs of chapter 9's exercises: indicators to sort, points of experts, firms, a panel.

What is right is not written here.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from statistics import NormalDist

import pandas as pd

from crmkit.analytics.capability import CAPABILITIES, TREE
from crmkit.lab.inputs import chance

CHAPTER = "ch09"
INDICATORS, FIRMS, PANEL, STATEMENTS = 15, 12, 60, 8

# Things that can be measured in a shop; the id of a line is its place in this list.
INDICATOR_POOL = (
    "客户档案里手机号有效的比例", "按终身价值而不是首单金额定获客预算", "四小时内首次答复的比例", "流失预测命中的比例",
    "投诉办结后又满意的比例", "与茶器品牌合作的联名款收入占比", "坐席能看到客户上次来谈什么的比例", "赊账客户的逾期率低不低",
    "电话、微信、网店三处说法一致的比例", "分群之后各群的再买率差得开不开", "上新之前请老客户试用打分的商品占比",
    "每月把分析结论送到客服手边的次数", "门店客户会用网店补货的比例", "生日、换季主动问候到的老客户占比", "全体员工参加客户课的比例",
    "知道每位客户首购渠道的比例", "定期评出高风险客户并设限额的做法", "投诉按时限办结的比例", "识别出同一个人多个账号的比例",
    "送货、安装、维修一次做好的比例", "跨部门移交工单不丢的比例", "客户换渠道下单后价格与积分跟着走的比例",
    "由购买记录推断补货日子的准确程度", "接到抱怨时员工有权当场补救的比例", "为重点客户单设的服务项目有几项",
    "商品退换原因归类并改进设计的条数", "两年以上客户的利润逐年算得出来的比例", "客户来问，任何一位员工都能接得住的比例",
    "标签半年内更新过的客户占比", "会员日、茶会等互动里老客户的到场率",
)  # fmt: skip

# What may and may not be said after the correlation of exercise 5.
STATEMENT_POOL = (
    "能力得分高的企业，绩效平均也高一些。", "只要把能力得分提高 10 分，绩效就一定会上升。",
    "也可能是绩效好的企业才有钱建设能力。", "规模大的企业两样都高，规模可能是共同的原因。",
    "相关系数的区间要是不含 0，这个样本就很难用碰巧来解释。", "相关系数要是 0.5，就说明能力解释了一半的绩效。",
    "这 60 家之外的行业，不能直接照搬这个结论。", "散点图上看不到弯曲和离群，相关系数才概括得好。",
    "相关不显著，就证明能力没有用。", "得分由企业自评，自评高的也爱把绩效报高，会抬高相关。",
    "既然相关，能力得分最低的企业绩效必然最差。", "要说因果，最好看同一批企业前后几年的变化。",
)  # fmt: skip
LETTERS = "ABCDEFGH"


def unit(student: str, *what: object) -> float:
    return chance.unit(student, CHAPTER, *what)


def step(student: str, what: str, low: int, high: int, by: int = 1) -> int:
    return chance.step(student, CHAPTER, what, low, high, by)


def normal(student: str, *what: object) -> float:
    """A standard normal number by hash."""
    return NormalDist().inv_cdf(min(max(unit(student, *what), 1e-9), 1 - 1e-9))


def indicators(student: str) -> dict[str, int]:
    """Number on the sheet → place in `INDICATOR_POOL`."""
    return chance.numbered(student, CHAPTER, "indicators", len(INDICATOR_POOL), INDICATORS, "K")


def statements(student: str) -> dict[str, int]:
    """Letter → place in `STATEMENT_POOL`."""
    found = chance.places(student, CHAPTER, "statements", len(STATEMENT_POOL), STATEMENTS)
    return dict(zip(LETTERS, found, strict=True))


def first_points(student: str) -> dict[str, int]:
    """What the experts gave the three capabilities, in points that do not sum to 1."""
    return {name: step(student, f"first {name}", 20, 60, 5) for name in CAPABILITIES}


def tree(student: str) -> pd.DataFrame:
    """一级, 指标, 重要性 (points within the branch), 得分 of the student's own firm (0–100)."""
    rows = [
        (branch, name, step(student, f"points {name}", 2, 9), step(student, f"mark {name}", 45, 95))
        for branch, names in TREE.items()
        for name in names
    ]
    return pd.DataFrame(rows, columns=["一级", "指标", "重要性", "得分"])


def firms(student: str) -> pd.DataFrame:
    """Twelve firms and their marks; some are strong in what weighs little."""
    rows = []
    for k in range(1, FIRMS + 1):
        level = 52 + 30 * unit(student, "level", k)
        marks = {
            n: round(min(98, max(30, level + 11 * normal(student, "mark", k, n))))
            for n in (x for names in TREE.values() for x in names)
        }
        rows.append({"企业": f"F{k:02d}", **marks})
    return pd.DataFrame(rows)


@lru_cache(maxsize=4)
def panel(student: str) -> pd.DataFrame:
    """Sixty firms: capability (0–100), retention, profit margin, size."""
    pull = 0.35 + 0.3 * unit(student, "pull")
    rows = []
    for k in range(1, PANEL + 1):
        size = normal(student, "size", k)
        skill = 0.4 * size + 0.9 * normal(student, "skill", k)
        kept = 0.6 * skill + 0.8 * normal(student, "kept", k)
        gain = pull * kept + 0.2 * size + 0.75 * normal(student, "gain", k)
        rows.append(
            (f"E{k:02d}", round(66 + 9 * skill, 1), round(min(0.98, max(0.2, 0.62 + 0.09 * kept)), 3),
             round(9 + 3.2 * gain, 2), round(120 * 2.2**size))
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["企业", "能力得分", "客户保持率", "利润率", "员工数"])


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, encoding="utf-8-sig")


def _indicators(path: Path, student: str) -> None:
    rows = [(n, INDICATOR_POOL[i]) for n, i in indicators(student).items()]
    _csv(pd.DataFrame(rows, columns=["编号", "指标"]), path)


def _first(path: Path, student: str) -> None:
    _csv(pd.DataFrame(list(first_points(student).items()), columns=["一级", "重要性"]), path)


def _statements(path: Path, student: str) -> None:
    rows = [(letter, STATEMENT_POOL[i]) for letter, i in statements(student).items()]
    _csv(pd.DataFrame(rows, columns=["选项", "说法"]), path)


FILES = {
    "indicators.csv": _indicators,
    "first.csv": _first,
    "tree.csv": lambda path, student: _csv(tree(student), path),
    "firms.csv": lambda path, student: _csv(firms(student), path),
    "panel.csv": lambda path, student: _csv(panel(student), path),
    "statements.csv": _statements,
}
