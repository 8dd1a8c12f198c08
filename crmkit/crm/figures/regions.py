"""The 34 provincial units by their short names, with the six-digit codes of GB/T 2260."""

from __future__ import annotations

from collections.abc import Mapping

OVERSEAS, UNKNOWN = "海外", "未知"
CODES: Mapping[str, str] = {
    "北京": "110000", "天津": "120000", "河北": "130000", "山西": "140000", "内蒙古": "150000",
    "辽宁": "210000", "吉林": "220000", "黑龙江": "230000", "上海": "310000", "江苏": "320000",
    "浙江": "330000", "安徽": "340000", "福建": "350000", "江西": "360000", "山东": "370000",
    "河南": "410000", "湖北": "420000", "湖南": "430000", "广东": "440000", "广西": "450000",
    "海南": "460000", "重庆": "500000", "四川": "510000", "贵州": "520000", "云南": "530000",
    "西藏": "540000", "陕西": "610000", "甘肃": "620000", "青海": "630000", "宁夏": "640000",
    "新疆": "650000", "台湾": "710000", "香港": "810000", "澳门": "820000",
}  # fmt: skip


def standard(name: str) -> str:
    """The unit a written province belongs to; 海外 and 未知 for what is none.

    >>> [standard(x) for x in ("浙江省", "广西壮族自治区", "香港特别行政区", "", "日本")]
    ['浙江', '广西', '香港', '未知', '海外']
    """
    text = name.strip()
    if not text or text == UNKNOWN:
        return UNKNOWN
    for length in (3, 2):
        if text[:length] in CODES:
            return text[:length]
    return OVERSEAS
