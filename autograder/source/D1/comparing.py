"""How lab D1's tables are compared: by what they say, whatever their order, types and extras."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pandas as pd

from autograder.source.D1.reference import KEY, SALES_KEY, asked
from autograder.spec import Verdict
from crmkit.lab import forms
from crmkit.lab.forms import FormError

Tables = dict[str, pd.DataFrame]


def label(value: Any) -> str:
    """A key or label as text; dates and day keys read alike: 20250108."""
    if type(value) is str:
        return _label(value)
    if type(value) is int:
        return str(value)
    if not forms.missing(value) and hasattr(value, "isoformat"):
        return pd.Timestamp(value).strftime("%Y%m%d")
    return "" if forms.missing(value) else _label(forms.text(value))


@lru_cache(maxsize=50_000)
def _label(value: str) -> str:
    words = forms.text(value)
    return re.sub(r"-", "", words[:10]) if re.match(r"\d{4}-\d\d-\d\d", words) else words


def keyed(
    frame: pd.DataFrame, keys: Sequence[str], values: Sequence[str]
) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """Key labels → values.

    Raises
    ------
    FormError
        A column is missing, or a key stands there twice.
    """
    found = forms.table(frame, [*keys, *values])
    out: dict[tuple[str, ...], tuple[Any, ...]] = {}
    columns = [found[c].tolist() for c in (*keys, *values)]
    for row in zip(*columns, strict=True):
        key = tuple(label(x) for x in row[: len(keys)])
        if key in out:
            raise FormError(f"「{'、'.join(key)}」出现了两次：每个{'×'.join(keys)}只应占一行")
        out[key] = row[len(keys) :]
    return out


def same(a: Any, b: Any) -> bool:
    if a is b or label(a) == label(b):
        return True
    if isinstance(b, (int, float)) and not isinstance(b, bool):
        try:
            return not forms.missing(a) and abs(forms.number(a) - b) <= 0.011
        except FormError:
            pass
    return False


def problem(
    got: pd.DataFrame, right: pd.DataFrame, keys: Sequence[str], values: Sequence[str], name: str,
    *, zeros: bool = False,
) -> str:  # fmt: skip
    """What is wrong with one table; "" when nothing is. With `zeros` rows of 0 need not be there."""
    try:
        mine = keyed(got, keys, values)
    except FormError as e:
        return f"「{name}」：{e}"
    wanted = keyed(right, keys, values)
    if zeros:
        mine = {k: v for k, v in mine.items() if not all(same(x, 0) or forms.missing(x) for x in v)}
        wanted = {k: v for k, v in wanted.items() if not all(same(x, 0) for x in v)}
    extra, lacking = [k for k in mine if k not in wanted], [k for k in wanted if k not in mine]
    if extra:
        return f"「{name}」有 {len(extra)} 行不该有（例如 {'、'.join(extra[0])}）"
    if lacking:
        return f"「{name}」少了 {len(lacking)} 行（例如 {'、'.join(lacking[0])}）"
    for k, row in wanted.items():
        for column, a, b in zip(values, mine[k], row, strict=True):
            blank = zeros and forms.missing(a) and same(b, 0)
            if not blank and not same(a, b):
                return f"「{name}」的「{column}」不对，例如 {'、'.join(k)} 填的是 {str(a)[:20]}"
    return ""


def in_parts(problems: list[str], hint: str, praise: str) -> Verdict:
    """Equal parts of the points, one for each entry; an empty entry is right."""
    wrong = [p for p in problems if p]
    if not wrong:
        return Verdict(1.0, praise)
    return Verdict(1 - len(wrong) / len(problems), "；".join(dict.fromkeys(wrong)), hint)


def star(got: Any, right: Tables) -> Verdict:
    """Five parts: the rows, the amounts, unique keys, no orphans, the attributes."""
    t = forms.tables(got)
    lacking = [n for n in right if n not in t]
    if lacking:
        return Verdict(0.0, f"缺少表：{'、'.join(lacking)}", "五张表放进一个字典，表名一字不差")
    fact = forms.table(t["fact_sales"], ["订单编号", "商品编码", "销售额", "数量"])
    wanted = right["fact_sales"]
    rows = problem(fact, wanted, SALES_KEY, (), "fact_sales")
    sums = []
    for c in ("销售额", "数量"):
        mine = sum(forms.number(x) for x in fact[c])
        if abs(mine - float(wanted[c].sum())) > 0.05:
            sums.append(f"{c}合计 {mine:,.2f}，{'偏大' if mine > wanted[c].sum() else '偏小'}")
    doubled, orphans = [], []
    for name, key in (
        ("dim_customer", KEY),
        ("dim_product", "商品编码"),
        ("dim_date", "日期键"),
        ("dim_channel", "渠道编号"),
    ):
        there = [label(x) for x in forms.table(t[name], [key])[key]]
        if len(there) != len(set(there)):
            doubled.append(f"{name} 的「{key}」有重复")
        lost = {label(x) for x in forms.table(fact, [key])[key]} - set(there)
        if lost:
            orphans.append(f"fact_sales 有 {len(lost)} 个「{key}」在 {name} 里找不到")
    marks = [_attributes(t, right, n, k, c) for n, k, c in (
        ("dim_product", "商品编码", ["大类", "小类"]), ("dim_date", "日期键", ["年", "季度", "月"]),
        ("dim_channel", "渠道编号", ["平台"]), ("dim_customer", KEY, ["省份"]),
    )]  # fmt: skip
    days = (
        "" if rows else problem(fact, wanted, SALES_KEY, ("日期键", KEY, "渠道编号"), "fact_sales")
    )
    parts = [rows, "；".join(sums), "；".join(doubled), "；".join(orphans) or days,
             "；".join(m for m in marks if m)]  # fmt: skip
    return in_parts(parts, "逐条核对：有效订单、数量 × 单价、主键不重复、外键都找得到、属性写对",
                    f"{len(fact):,} 行事实，四张维表，金额一分不差")  # fmt: skip


def _attributes(t: Tables, right: Tables, name: str, key: str, columns: list[str]) -> str:
    """Attributes of those keys that the right dimension has; more days than needed are no fault."""
    try:
        mine = keyed(t[name].drop_duplicates(key), [key], columns)
    except (FormError, KeyError) as e:
        return f"「{name}」：{e}"
    for k, row in keyed(right[name], [key], columns).items():
        if k in mine:
            for c, a, b in zip(columns, mine[k], row, strict=True):
                if not (same(a, b) or _same_month(a, b)):
                    return f"{name} 的「{c}」不对，例如 {k[0]} 填的是 {str(a)[:20]}"
    return ""


def _same_month(a: Any, b: Any) -> bool:
    return re.sub(r"\D", "", str(a))[:6] == re.sub(r"\D", "", str(b)) and "-" in str(b)


def snowflake(got: Any, right: Tables) -> Verdict:
    """Three parts: the split, the way back from product to category, the same totals."""
    t = forms.tables(got)
    product, category = (forms.table(t.get(n), c) for n, c in (
        ("dim_product", ["商品编码", "类目编号"]), ("dim_category", ["类目编号", "大类", "小类"])))  # fmt: skip
    split = []
    if {"大类", "小类"} & set(product.columns):
        split.append("dim_product 里还留着大类或小类")
    if category["类目编号"].duplicated().any() or category.duplicated(["大类", "小类"]).any():
        split.append("dim_category 有重复的行")
    slim, kinds = (
        f.map(label)
        for f in (product[["商品编码", "类目编号"]], category[["类目编号", "大类", "小类"]])
    )
    joined = slim.merge(kinds.drop_duplicates(), on="类目编号", how="left")
    wanted = right["dim_product"].merge(right["dim_category"], on="类目编号")
    back = problem(joined, wanted, ["商品编码"], ["大类", "小类"], "dim_product 连 dim_category")
    sums = problem(
        t.get("汇总", pd.DataFrame()), right["汇总"], ["大类"], ["销售额"], "汇总", zeros=True
    )
    return in_parts(["；".join(split), back, sums], "拆表之后再连回来，每件商品的大类、小类和原来一样",
                    "拆得干净，连得回来，合计相同")  # fmt: skip


def galaxy(got: Any, right: pd.DataFrame) -> Verdict:
    """Four parts: the rows, the refunds, the shared keys of customer and channel, the day."""
    if isinstance(got, dict) and "fact_return" in got:  # with its name, as the star has them
        got = got["fact_return"]
    frame = forms.table(got, list(right.columns))
    rows = problem(frame, right, ["退换编号"], (), "fact_return")
    mine = sum(forms.number(x) for x in frame["退款金额"] if not forms.missing(x))
    sums = "" if abs(mine - right["退款金额"].sum()) <= 0.05 else f"退款金额合计 {mine:,.2f} 不对"
    both = frame[[label(x) in set(right["退换编号"]) for x in frame["退换编号"]]]
    wanted = right[right["退换编号"].isin({label(x) for x in both["退换编号"]})]
    keys = (
        problem(both, wanted, ["退换编号"], [KEY, "渠道编号", "商品编码"], "fact_return")
        if len(both)
        else rows
    )
    day = problem(both, wanted, ["退换编号"], ["日期键"], "fact_return") if len(both) else rows
    return in_parts([rows, sums, keys, day], "只收退款成功的；客户和渠道由订单编号找到；日期用完成时间",
                    f"{len(right)} 行退换事实，与销售事实共用四个维")  # fmt: skip


def loading(got: Any, right: pd.DataFrame) -> Verdict:
    """Half for the old rows as they were, half for the new ones."""
    frame = forms.table(got, list(right.columns))
    first = label(right["装载批次"].iloc[0])
    parts = []
    for name, old in (("旧行", True), ("新行", False)):
        mine = frame[[(label(x) == first) == old for x in frame["装载批次"]]]
        wanted = right[[(label(x) == first) == old for x in right["装载批次"]]]
        parts.append(
            problem(mine, wanted, SALES_KEY, ["日期键", "数量", "销售额", "装载批次"], name)
        )
    return in_parts(parts, "旧行一个字也不动；抽取里主键已经有的行跳过；其余的追加，批次写新的月份",
                    f"{len(right)} 行，旧行的指纹没有变")  # fmt: skip


def history(got: Any, right: pd.DataFrame) -> Verdict:
    """Look up the days of the changes, the days before them, and today."""
    mine, wanted, times = periods(got), periods(right), asked(right)
    wrong = [(who, day) for who, day in times if held(mine, who, day) != held(wanted, who, day)]
    n = len(times)
    if not wrong:
        return Verdict(1.0, f"问了 {n} 个时点，全部答对")
    who, day = wrong[0]
    said = held(mine, who, day)
    words = f"问了 {n} 个时点，{len(wrong)} 个答错，例如 {who} 在 {day:%Y-%m-%d}，你的表答「{'、'.join(said) or '没有版本'}」"
    return Verdict(
        max(0.0, 1 - 2 * len(wrong) / n),
        words,
        "先按时间排；同一天只算最后一条；有效至是下一版的前一天",
    )


def periods(frame: Any) -> dict[str, list[tuple[pd.Timestamp, pd.Timestamp, str]]]:
    """Versions by customer, both days included; tables that end on the next start are read as half-open."""
    t = forms.table(frame, [KEY, "会员等级", "有效自", "有效至"])
    out: dict[str, list[tuple[pd.Timestamp, pd.Timestamp, str]]] = {}
    far = pd.Timestamp("9999-12-31")
    for who, level, a, b in zip(t[KEY], t["会员等级"], t["有效自"], t["有效至"], strict=True):
        start = pd.Timestamp(forms.day(a))
        end = far if forms.missing(b) else pd.Timestamp(forms.day(b))
        out.setdefault(forms.text(who), []).append((start, end, forms.text(level)))
    for own in out.values():
        own.sort()
    pairs = [(x, y) for own in out.values() for x, y in zip(own, own[1:], strict=False)]
    if pairs and all(x[1] == y[0] for x, y in pairs):
        out = {
            who: [(a, b if b >= far else b - pd.Timedelta(days=1), v) for a, b, v in own]
            for who, own in out.items()
        }
    return out


def held(
    known: dict[str, list[tuple[pd.Timestamp, pd.Timestamp, str]]], who: str, day: pd.Timestamp
) -> list[str]:
    return [level for a, b, level in known.get(who, []) if a <= day <= b]


def five_views(got: Any, right: Tables) -> Verdict:
    """A fifth for each operation."""
    t, parts = forms.tables(got), []
    for name, frame in right.items():
        if name not in t:
            parts.append(f"缺少表「{name}」")
            continue
        keys = ["季度"] if name == "旋转" else [c for c in frame.columns if c != "销售额"]
        values = [c for c in frame.columns if c not in keys]
        parts.append(problem(t[name], frame, keys, values, name, zeros=True))
    return in_parts(parts, "先核对筛选条件，再核对按哪几列分组", "五张表全部正确")


def two_stores(got: Any, right: Tables) -> Verdict:
    """Half for the ODS, half for the snapshots."""
    t = forms.tables(got)
    parts = [
        problem(t.get("ods", pd.DataFrame()), right["ods"], ["订单编号"], ["订单状态"], "ods"),
        problem(t.get("snapshot", pd.DataFrame()), right["snapshot"], ["快照日期", "订单编号"], ["订单状态"], "snapshot"),
    ]  # fmt: skip
    return in_parts(parts, "ODS 每张订单只有一行、最后的状态；快照每天每张订单一行、当天晚上的状态",
                    "ODS 记住现在，快照记住每一天")  # fmt: skip


def mart(got: Any, right: pd.DataFrame) -> Verdict:
    """An equal part for each column."""
    values = [c for c in right.columns if c != KEY]
    forms.table(got, values, KEY)
    return in_parts([problem(got, right, [KEY], [c], c) for c in values], "只从仓库的五张表取数，一位买家一行",
                    f"{len(right)} 位买家，{len(values)} 列全部正确")  # fmt: skip
