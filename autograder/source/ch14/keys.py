"""Which column of the case matrix a sentence of chapter 14 belongs to."""

from __future__ import annotations

COLUMNS = ("目标", "手段", "数据", "结果", "口号")
# A few words of every sentence of the pool.
WORDS = {
    "目标": ("从三成升到四成", "不低于九成", "续买率提高", "减掉一半", "做到 15%", "先听见再改"),
    "手段": ("总台回访", "配上手机端", "期满前三十天", "进度消息。", "以旧换新", "当场扫码"),
    "数据": ("每张工单", "合到一份档案", "滤网", "话务系统", "各用了几年", "三项分别"),
    "结果": ("降到 11", "升到 52%", "对照组", "减到 51", "没有试点", "是 23%"),
    "口号": ("新标杆", "高度评价", "新的台阶", "充分体现", "丰硕", "焕然一新"),
}


def column_of(sentence: str) -> str:
    """The column of one sentence of the pool."""
    (found,) = {c for c, words in WORDS.items() if any(w in sentence for w in words)}
    return found
