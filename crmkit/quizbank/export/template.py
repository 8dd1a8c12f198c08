"""通用模板: one workbook for platforms that import questions from Excel (学习通, 雨课堂 and others).

The platforms do not publish a fixed definition of their workbooks and change them now and then,
so this is no copy of any one of them: it has the columns that all of them ask for, under their
usual names (题型, 题干, 选项A …, 正确答案, 答案解析, 难易度, 知识点, 分值). A teacher downloads the
template that the platform offers that day and copies the columns over; the second sheet says so.

Kinds that such platforms do not have are turned into gaps: a match is answered by letters, an
order by a row of letters, a calculation by its numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from crmkit import workbook
from crmkit.quizbank.export.answers_in_words import (
    LETTERS,
    blank_in_words,
    explanations,
    lettered,
    values,
)
from crmkit.quizbank.export.paper import Item, Paper
from crmkit.quizbank.export.tables import material, offered, readable, stem
from crmkit.quizbank.question import BLANK, Choice, Fill, Match, Numeric, Order, TrueFalse
from crmkit.quizbank.variants import plain

KINDS: Mapping[str, str] = {
    "single": "单选题",
    "multi": "多选题",
    "truefalse": "判断题",
    "fill": "填空题",
    "match": "填空题",
    "order": "填空题",
    "numeric": "填空题",
}
DIFFICULTY: Mapping[str, str] = {"了解": "易", "理解": "中", "掌握": "难"}
BETWEEN_BLANKS = "；"

NOTES = (
    ("这是什么", "通用模板，不是任何一个平台的原样文件；列名取各平台常用的叫法。"),
    ("怎样用", "在平台（学习通、雨课堂等）下载它当天提供的导入模板，把这里的各列复制到对应的列。"),
    ("选项", "平台规定的选项列数不够时，请自行增减；空着的选项列可以删去。"),
    ("判断题", "正确答案写“正确”或“错误”；平台要求“对／错”或“A／B”时，用“查找和替换”换掉。"),
    ("填空题", f"几个空的答案用“{BETWEEN_BLANKS}”隔开，一个空有几种写法的用“ | ”隔开。"),
    ("不分先后", "题干里写明“不分先后”的填空，导入以后请在平台上打开相应的设置。"),
    ("配对题、排序题", "平台多半没有这两种题型，已改成填字母的填空题。"),
    ("计算题", "已改成填空题，数字是卷号那位学生的；误差范围写在答案解析里，平台不一定能用。"),
    ("导入以后", "先导三五题试一试，看题型、选项和答案对不对，再全部导入。"),
)


def write(paper: Paper, target: Path) -> list[Path]:
    """The workbook at `target`: sheets 题目 and 说明."""
    most = max(
        [len(i.question.body.options) for i in paper.items if isinstance(i.question.body, Choice)],
        default=4,
    )
    questions = pd.DataFrame([_row(item, paper.student, max(4, most)) for item in paper.items])
    notes = pd.DataFrame([*NOTES, ("卷号", paper.variant)], columns=["项目", "说明"])
    sheets = {"题目": questions, "说明": notes}
    workbook.write(target, sheets, ids=("正确答案", "说明"), filtered=False)
    return [readable(target)]


def _row(item: Item, student: str, options: int) -> dict[str, object]:
    q = item.question
    given = q.body.options if isinstance(q.body, Choice) else {}
    return {
        "题型": KINDS[q.kind],
        "题干": _whole_stem(item),
        **{f"选项{letter}": given.get(letter, "") for letter in LETTERS[:options]},
        "正确答案": _answer(item, student),
        "答案解析": "\n".join(explanations(item) + _tolerances(item)),
        "难易度": DIFFICULTY[q.level],
        "知识点": f"{q.section} 节　{'、'.join(q.facts)}",
        "分值": item.points,
    }


def _whole_stem(item: Item) -> str:
    """Stem with everything a platform without tables and pairs has to show."""
    lines = [material(item), stem(item)]
    if isinstance(item.question.body, Fill) and item.question.body.order_free:
        lines[-1] += "（不分先后）"
    if item.question.kind in ("match", "order"):
        lines += offered(item)
    match item.question.body:
        case Match(pairs=pairs):
            gaps = "　".join(f"（{i}）{BLANK}" for i in range(1, len(pairs) + 1))
            lines.append(f"填字母：{gaps}")
        case Order():
            lines.append(f"按先后填字母（中间不加符号）：{BLANK}")
        case Numeric(asks=asks):
            lines += [f"{ask.label}：{BLANK}{ask.unit}" for ask in asks]
    return "\n".join(line for line in lines if line)


def _answer(item: Item, student: str) -> str:
    match item.question.body:
        case Choice(answer=right):
            return "".join(sorted(right))
        case TrueFalse(answer=right):
            return "正确" if right else "错误"
        case Fill(blanks=blanks):
            return BETWEEN_BLANKS.join(map(blank_in_words, blanks))
        case Match(pairs=pairs):
            letters = lettered(item.shown["rights"])
            return BETWEEN_BLANKS.join(letters[p.right] for p in pairs)
        case Order(steps=steps):
            letters = lettered(item.shown["items"])
            return "".join(letters[s.text] for s in steps)
        case Numeric(asks=asks):
            found = zip(asks, values(item, student), strict=True)
            return BETWEEN_BLANKS.join(plain(v, ask.tolerance) for ask, v in found)


def _tolerances(item: Item) -> list[str]:
    body = item.question.body
    if not isinstance(body, Numeric):
        return []
    return [f"{ask.label}：误差不超过 {ask.tolerance:g} 都算对。" for ask in body.asks]
