"""From values to what stands in a cell: money, shares, days, chips. One place, so that a figure
looks the same in a table, a drawer and a card.

The kind of a column follows from its values and its header; a screen overrides it by name.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

# kinds: text id wrap count number money percent date time days flag status chips score
NUMERIC = frozenset({"count", "number", "money", "percent", "days", "score"})
EMPTY = "—"
_MONEY = re.compile(
    r"(金额|价格|单价|客单价|笔单价|件单价|售价|标价|成本|消费|销售额|收入|预算|运费|优惠|货款|花费|总价|报价|毛利|净额|单客|人均消费|件均价|应退|实付|退款额|支付额|均价)$"
)
_PERCENT = re.compile(
    r"(?<!连带)(?<!杠杆)(率|占比|比例|份额|概率|环比|同比|支持度|置信度|权重|提升百分比|完成度)$"
)
_ASIDE = re.compile(r"（[^）]*）$|\([^)]*\)$")  # 复购率（按人） is a 复购率
_STATUS = re.compile(
    r"(状态|结果|等级|级别|评价|评分等级|类型名|处理状态|优先级|评级|阶段|预警级别)$"
)
_IDS = re.compile(r"(编号|手机|单号|尾号|SKU|编码|批次|电话|收件人)$")
_LONG = re.compile(r"(内容|说明|备注|原因|短信|文本|问题|回答|处理说明|规则|模板|参数|要求|做法)$")
_CHIPS = re.compile(r"标签$")
# The tone of a word in a status column, by what it contains; the first that fits.
_TONES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("bad", ("差评", "流失", "拒绝", "失败", "超时", "逾期", "紧急", "黑名单", "输单", "已失败", "投诉", "未接", "不可用", "错误", "输")),
    ("warn", ("中评", "沉默", "待", "筹备", "等待", "退款中", "即将", "草稿", "休眠", "预警", "部分", "申请", "需", "未处理", "处理中", "潜在")),
    ("info", ("已发货", "进行", "执行", "发送", "有效", "可行", "跟进", "已读", "VIP", "高级", "银卡")),
    ("gold", ("至尊", "钻石", "金卡", "目标")),
    ("good", ("成功", "好评", "活跃", "完成", "已解决", "营业中", "在售", "正常", "已付款", "已签收", "赢", "已接", "接通", "按时")),
    ("off", ("关闭", "结束", "下架", "作废", "停用", "取消", "退订", "普通", "排除", "查看")),
)  # fmt: skip
_EXACT: Mapping[str, str] = MappingProxyType(
    {"已关闭": "off", "营业中": "good", "交易成功": "good", "退款关闭": "off", "已完成": "good", "已结束": "off", "未付款关闭": "off",
     "至尊VIP": "gold", "VIP会员": "info", "高级会员": "info", "普通会员": "off", "店铺客户": "off",
     "退款成功": "good", "高": "bad", "中": "warn", "低": "info", "未成交": "off", "成功": "good", "拒绝": "bad", "查看": "off",
     "退款关闭（未退）": "off", "等待付款": "warn", "A": "good", "B": "info", "C": "warn", "D": "off", "待发货": "info", "已发货": "info"}
)  # fmt: skip


def kind_of(name: str, values: pd.Series) -> str:
    """The kind of a column from its values and its header.

    >>> kind_of("实付金额", pd.Series([1.5])), kind_of("订单数", pd.Series([3]))
    ('money', 'count')
    """
    kinds = pd.api.types
    name = _ASIDE.sub("", name)
    if kinds.is_bool_dtype(values):
        return "flag"
    if kinds.is_datetime64_any_dtype(values):
        days = values.dropna()
        return "date" if days.empty or bool((days == days.dt.normalize()).all()) else "time"
    if kinds.is_numeric_dtype(values):
        if _PERCENT.search(name):
            return "percent"
        if _MONEY.search(name):
            return "money"
        return "count" if kinds.is_integer_dtype(values) else "number"
    first = values.dropna()
    sample = first.iloc[0] if len(first) else None
    if isinstance(sample, (list, tuple, set, frozenset)):
        return "chips"
    if isinstance(sample, dt.datetime):
        return "time"
    if isinstance(sample, dt.date):
        return "date"
    if isinstance(sample, bool):
        return "flag"
    if isinstance(sample, (int, float)):
        return kind_of(name, pd.Series(pd.to_numeric(first, errors="coerce")))
    if _CHIPS.search(name):
        return "chips"
    if _STATUS.search(name):
        return "status"
    if _IDS.search(name):
        return "id"
    return "wrap" if _LONG.search(name) else "text"


def missing(value: Any) -> bool:
    """None, NaN, NaT."""
    return value is None or value is pd.NaT or (isinstance(value, float) and value != value)


def written(value: Any, kind: str = "text") -> str:
    """The value as text.

    >>> written(1234.5, "money"), written(0.2345, "percent"), written(None, "money")
    ('¥1,234.50', '23.45%', '—')
    """
    if missing(value) or value is pd.NA or value == "":
        return EMPTY
    if kind == "money":
        return f"−¥{-value:,.2f}" if value < 0 else f"¥{value:,.2f}"
    if kind == "percent":
        return f"{value * 100:.2f}%".replace("-", "−")
    if kind == "count":
        return f"{int(value):,}" if float(value) == int(value) else f"{value:,.2f}"
    if kind in ("number", "days", "score"):
        text = f"{value:,.2f}".rstrip("0").rstrip(".") if "." in f"{value:,.2f}" else f"{value:,}"
        return f"{text} 天" if kind == "days" else text
    if kind == "date":
        return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)[:10]
    if kind == "time":
        return f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "strftime") else str(value)[:16]
    if kind == "flag":
        return "是" if value else "否"
    if kind == "chips" and isinstance(value, (list, tuple, set, frozenset)):
        return "、".join(map(str, value)) or EMPTY
    if isinstance(value, pd.Timestamp):
        return written(value, "date" if value == value.normalize() else "time")
    return str(value)


def tone(word: str) -> str:
    """The colour of a status: good, warn, bad, info, gold, off or plain.

    >>> tone("交易成功"), tone("等待付款"), tone("差评")
    ('good', 'warn', 'bad')
    """
    if word in _EXACT:
        return _EXACT[word]
    for name, parts in _TONES:
        if any(part in word for part in parts):
            return name
    return "plain"


def cell(value: Any, kind: str) -> Any:
    """A cell for the browser: text, ``{"text", "tone"}`` for a status, a list for chips."""
    if kind == "chips":
        return chips(value)
    text = written(value, kind)
    if kind == "status" and text != EMPTY:
        return {"text": text, "tone": tone(text)}
    if kind == "flag":
        return {"text": text, "tone": "info" if value is True or value == 1 else "off"}
    return text


def chips(value: Any) -> list[str]:
    """The words of a cell that holds several."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return [str(x) for x in value]
    if missing(value) or not value:
        return []
    return [x for x in re.split(r"[、,，;；]\s*", str(value)) if x]
