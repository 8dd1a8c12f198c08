"""What the sentences and schemas of chapter 6's exercises are to be sorted into."""

from __future__ import annotations

TRAITS = ("面向主题", "集成", "非易失", "随时间变化")
SYSTEMS = ("业务数据库", "数据仓库")
MODELS = ("星型", "雪花型", "星座型")
PLACES = ("ODS", "数据仓库", "数据集市")
# For each pool the labels, and one figure per sentence: the place of its label.
KEYS = {
    "traits": (TRAITS, "311130023302032203102112"),
    "systems": (SYSTEMS, "010100101001101001101110"),
    "diagrams": (MODELS, "002022121002111"),
    "questions": (PLACES, "202011111220102002"),
}


def label(what: str, place: int) -> str:
    """The label of one sentence by its place in the pool."""
    labels, code = KEYS[what]
    return labels[int(code[place])]
