"""What the scenes of chapter 10 are to be sorted into, and the order of its steps."""

from __future__ import annotations

MODES = ("定制模式", "引导模式", "合伙人模式")
# A few words of every scene of the pool.
MODE_OF = {
    "五百盒起做": MODES[0], "自选三款": MODES[0], "同一套内核": MODES[0], "量一次体": MODES[0],
    "八种车架": MODES[0], "拼版印": MODES[0], "给的照片": MODES[0], "瞳距": MODES[0],
    "能耗": MODES[1], "怎样管工具": MODES[1], "测土": MODES[1], "会员活跃": MODES[1],
    "滤芯": MODES[1], "慢病": MODES[1], "洗坏率": MODES[1], "梳理客户档案": MODES[1],
    "初制厂": MODES[2], "座椅厂": MODES[2], "一起定补货": MODES[2], "飞行小时": MODES[2],
    "联合实验室": MODES[2], "分拣中心": MODES[2], "技术路线": MODES[2], "牛舍": MODES[2],
}  # fmt: skip
# topics of the step cards, in the order of chapter 10
STEPS = ("家底", "前提", "理解", "竞争", "亲和", "管理", "变革", "评估")


def mode_of(scene: str) -> str:
    """The mode of alliance of one scene of the pool."""
    (found,) = {mode for words, mode in MODE_OF.items() if words in scene}
    return found
