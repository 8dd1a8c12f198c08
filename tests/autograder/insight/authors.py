"""Four hand-ins of lab E3 as four students would write them on their own, and ways to copy one.

They solve the same items after the same teaching, so the short ones look much alike; the longer
ones and the written answer do not.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Mapping

Work = dict[str, str]

AN: Work = {
    "E3-01-work": """male = customers[customers["性别"] == "男"]
male = male.sort_values(["累计金额", "客户编号"], ascending=[False, True])""",
    "E3-02-work": """paid = orders[~orders["订单状态"].isin(["等待付款", "未付款关闭"])]
last = paid.groupby("客户编号")["下单时间"].max().dt.normalize()
dealt = customers[customers["交易状态"] == "已成交"].copy()
dealt["最近下单日"] = dealt["客户编号"].map(last)
dealt = dealt.sort_values(["最近下单日", "客户编号"], ascending=[False, True])""",
    "E3-03-work": """target = customers[(customers["性别"] == "男") & (customers["交易状态"] == "已成交")
                   & (customers["年龄"] >= 25) & (customers["年龄"] <= 34)]""",
    "E3-06-work": """by = customers.groupby("省份")["累计金额"].agg(["count", "mean"])
by = by[by["count"] >= 20]
province = by["mean"].idxmax()
detail = customers[(customers["省份"] == province) & (customers["性别"] == "女")]""",
    "E3-08-work": """rfm = dealt[["客户编号"]].copy()
days = (pd.Timestamp(lab.as_of) - dealt["最近下单日"]).dt.days
rfm["R"] = (1 + ((-days).rank(method="min") - 1) * 5 // len(dealt)).astype(int)
rfm["F"] = (1 + (dealt["累计订单数"].rank(method="min") - 1) * 5 // len(dealt)).astype(int)
rfm["M"] = (1 + (dealt["累计金额"].rank(method="min") - 1) * 5 // len(dealt)).astype(int)""",
    "E3-09-work": """r, f, m = rfm["R"] >= 4, rfm["F"] >= 4, rfm["M"] >= 4
rfm_group = {
    "重要价值客户": int((r & f & m).sum()), "重要发展客户": int((r & ~f & m).sum()),
    "重要保持客户": int((~r & f & m).sum()), "重要挽留客户": int((~r & ~f & m).sum()),
    "一般价值客户": int((r & f & ~m).sum()), "一般发展客户": int((r & ~f & ~m).sum()),
    "一般保持客户": int((~r & f & ~m).sum()), "一般挽留客户": int((~r & ~f & ~m).sum()),
}""",
    "E3-10-work": """s = customers.sort_values(["累计金额", "客户编号"], ascending=[False, True])["累计金额"]
parts = [s[:6], s[6:30], s[30:120], s[120:]]
pyramid = pd.DataFrame({
    "层级": ["重要客户", "主要客户", "普通客户", "小客户"],
    "客户数": [len(p) for p in parts],
    "金额占比": [p.sum() / s.sum() for p in parts],
})""",
    "E3-12": """建议先抓重要保持客户，这一群有 41 位，平均花了 1,260 元却已经半年没有来，可以由客服逐个打电话问候，
再送一张 20 元的回头券。另一群是重要价值客户，35 位贡献了 31% 的金额，开一个会员群，每月寄一次新茶试饮装，
让他们帮忙写评价、带朋友来。""",
}

BO: Work = {
    "E3-01-work": """male = (
    customers.query("性别 == '男'")
    .sort_values(by=["累计金额", "客户编号"], ascending=[False, True])
    .reset_index(drop=True)
)""",
    "E3-02-work": """valid = orders.query("订单状态 not in ['等待付款', '未付款关闭']")
recent = valid.assign(日=valid["下单时间"].dt.date).groupby("客户编号", as_index=False)["日"].max()
dealt = customers.merge(recent, on="客户编号", how="inner").rename(columns={"日": "最近下单日"})
dealt = dealt[dealt["累计订单数"] > 0].sort_values(["最近下单日", "客户编号"], ascending=[False, True])""",
    "E3-03-work": """target = customers.query("性别 == '男' and 交易状态 == '已成交' and 25 <= 年龄 <= 34")""",
    "E3-06-work": """stats = customers.groupby("省份").agg(人数=("客户编号", "count"), 人均=("累计金额", "mean"))
winner = stats.loc[stats["人数"] >= 20].sort_values("人均", ascending=False).index[0]
detail = customers.query("省份 == @winner and 性别 == '女'")""",
    "E3-08-work": '''def score(column, good_is_high=True):
    """名次换成 1 到 5 分。"""
    place = column.rank(method="min", ascending=good_is_high) - 1
    return (place * 5 // len(column)).astype(int) + 1

rfm = pd.DataFrame({
    "客户编号": dealt["客户编号"],
    "R": score(pd.to_datetime(dealt["最近下单日"])),
    "F": score(dealt["累计订单数"]),
    "M": score(dealt["累计金额"]),
})''',
    "E3-09-work": """def name(row):
    important = "重要" if row["M"] >= 4 else "一般"
    if row["R"] >= 4:
        kind = "价值客户" if row["F"] >= 4 else "发展客户"
    else:
        kind = "保持客户" if row["F"] >= 4 else "挽留客户"
    return important + kind

groups = rfm.apply(name, axis=1).value_counts()
rfm_group = groups.reindex([a + b for a in ("重要", "一般") for b in
                            ("价值客户", "发展客户", "保持客户", "挽留客户")], fill_value=0).to_dict()""",
    "E3-10-work": """rank = customers["累计金额"].rank(method="first", ascending=False)
level = pd.cut(rank, [0, 6, 30, 120, 600], labels=["重要客户", "主要客户", "普通客户", "小客户"])
pyramid = customers.groupby(level, observed=False)["累计金额"].agg(["size", "sum"]).reset_index()
pyramid.columns = ["层级", "客户数", "金额占比"]
pyramid["金额占比"] /= customers["累计金额"].sum()""",
    "E3-12": """第一，一般发展客户 66 人，最近刚买但次数少金额低，适合推满减和第二件半价，把他们的次数提上来，
平均只有 1.2 单。第二，重要挽留客户 12 人，金额高可是很久不来，应该让店长亲自写信，附上他们以前买过的
茶的新年份，成本不高；若有三分之一回来，就能多出约 9,000 元。""",
}

CUI: Work = {
    "E3-01-work": """nan = customers.loc[customers["性别"].eq("男")]
male = nan.sort_values("客户编号").sort_values("累计金额", ascending=False, kind="stable")""",
    "E3-02-work": """ok = orders[(orders["订单状态"] != "等待付款") & (orders["订单状态"] != "未付款关闭")].copy()
ok["日期"] = ok["下单时间"].dt.normalize()
latest = ok.sort_values("日期").drop_duplicates("客户编号", keep="last").set_index("客户编号")["日期"]
dealt = customers[customers["累计订单数"] >= 1].copy()
dealt["最近下单日"] = latest.reindex(dealt["客户编号"]).values
dealt = dealt.sort_values("客户编号").sort_values("最近下单日", ascending=False, kind="stable")""",
    "E3-03-work": """a = customers["性别"].eq("男")
b = customers["累计订单数"].ge(1)
c = customers["年龄"].between(25, 34)
target = customers[a & b & c]""",
    "E3-06-work": """best, most = None, 0
for p, g in customers.groupby("省份"):
    if len(g) >= 20 and g["累计金额"].mean() > most:
        best, most = p, g["累计金额"].mean()
detail = customers[customers["省份"].eq(best) & customers["性别"].eq("女")]""",
    "E3-08-work": """import numpy as np

n = len(dealt)
out = {"客户编号": dealt["客户编号"].tolist()}
for label, col in [("R", "最近下单日"), ("F", "累计订单数"), ("M", "累计金额")]:
    v = np.sort(dealt[col].values)
    out[label] = [1 + int(np.searchsorted(v, x, side="left")) * 5 // n for x in dealt[col].values]
rfm = pd.DataFrame(out)""",
    "E3-09-work": """code = (rfm["M"] >= 4) * 4 + (rfm["R"] >= 4) * 2 + (rfm["F"] >= 4) * 1
words = {7: "重要价值客户", 6: "重要发展客户", 5: "重要保持客户", 4: "重要挽留客户",
         3: "一般价值客户", 2: "一般发展客户", 1: "一般保持客户", 0: "一般挽留客户"}
rfm_group = {}
for number, word in words.items():
    rfm_group[word] = int((code == number).sum())""",
    "E3-10-work": """money = sorted(customers["累计金额"], reverse=True)
rows, start = [], 0
for label, size in zip(["重要客户", "主要客户", "普通客户", "小客户"], [6, 24, 90, 480]):
    part = money[start:start + size]
    rows.append([label, len(part), sum(part) / sum(money)])
    start += size
pyramid = pd.DataFrame(rows, columns=["层级", "客户数", "金额占比"])""",
    "E3-12": """店里 120 位前两成客户拿下 57% 的销售额，他们属于重要价值客户，应当设专属客服和生日礼，
目标是年底前人均再多一单。还有 52 位一般挽留客户，成交额不到 4%，不必花钱打电话，群发一条清仓短信
就够了，省下来的预算给前面那一群。""",
}

DENG: Work = {
    "E3-01-work": """male = customers[customers["性别"] == "男"].sort_values(by=["累计金额", "客户编号"],
                                                          ascending=[False, True])""",
    "E3-02-work": """orders2 = orders[orders["订单状态"].isin(["等待付款", "未付款关闭"]) == False]
t = orders2.groupby("客户编号").agg(最近=("下单时间", "max")).reset_index()
t["最近下单日"] = t["最近"].dt.normalize()
dealt = pd.merge(customers[customers["交易状态"] == "已成交"], t[["客户编号", "最近下单日"]], on="客户编号")
dealt = dealt.sort_values(by=["最近下单日", "客户编号"], ascending=[False, True])""",
    "E3-03-work": """young = customers[(customers["年龄"] >= 25) & (customers["年龄"] <= 34)]
target = young[(young["性别"] == "男") & (young["交易状态"] == "已成交")]""",
    "E3-06-work": """counts = customers["省份"].value_counts()
big = counts[counts >= 20].index
means = customers[customers["省份"].isin(big)].groupby("省份")["累计金额"].mean()
top = means.sort_values(ascending=False).index[0]
detail = customers[(customers["省份"] == top) & (customers["性别"] == "女")]""",
    "E3-08-work": """rfm = dealt[["客户编号"]].copy()
rfm["R"] = pd.cut(dealt["最近下单日"].rank(pct=True, method="min"), 5, labels=[1, 2, 3, 4, 5]).astype(int)
rfm["F"] = pd.cut(dealt["累计订单数"].rank(pct=True, method="min"), 5, labels=[1, 2, 3, 4, 5]).astype(int)
rfm["M"] = pd.cut(dealt["累计金额"].rank(pct=True, method="min"), 5, labels=[1, 2, 3, 4, 5]).astype(int)""",
    "E3-09-work": """rfm["R高"] = rfm["R"] >= 4
rfm["F高"] = rfm["F"] >= 4
rfm["M高"] = rfm["M"] >= 4
table = rfm.groupby(["M高", "R高", "F高"]).size()
keys = [(True, True, True), (True, True, False), (True, False, True), (True, False, False),
        (False, True, True), (False, True, False), (False, False, True), (False, False, False)]
words = ["重要价值客户", "重要保持客户", "重要发展客户", "重要挽留客户",
         "一般价值客户", "一般保持客户", "一般发展客户", "一般挽留客户"]
rfm_group = {word: int(table.get(key, 0)) for word, key in zip(words, keys)}""",
    "E3-10-work": """x = customers.sort_values("累计金额", ascending=False).reset_index(drop=True)
x["层级"] = "小客户"
x.loc[:119, "层级"] = "普通客户"
x.loc[:29, "层级"] = "主要客户"
x.loc[:5, "层级"] = "重要客户"
pyramid = x.groupby("层级", sort=False)["累计金额"].agg(客户数="count", 金额占比="sum").reset_index()
pyramid["金额占比"] = pyramid["金额占比"] / pyramid["金额占比"].sum()""",
    "E3-12": """我建议关注两群人。重要发展客户有 29 位，金额大但只买过一两次，要引导复购，可以做“三单送茶壶”
的活动，第三单的转化率按 15% 算能多四五单。一般价值客户 44 位，常来但每次买得少，做搭配套餐，
把客单价从 96 元提到 120 元。""",
}

AUTHORS: dict[str, Work] = {"安": AN, "薄": BO, "崔": CUI, "邓": DENG}

_NAMES = {
    "ok": "keyong", "latest": "zjr", "best": "zuihao", "most": "zuida", "out": "jg", "v": "zhi",
    "money": "qian", "start": "kaishi", "part": "yiduan", "size": "daxiao", "words": "ci",
    "number": "hao", "code": "ma", "label": "biaoqian", "col": "lm", "rows": "hangs",
    "orders2": "dd", "t": "hz", "young": "nianqing", "counts": "renshu", "big": "da",
    "means": "junzhi", "top": "diyi", "table": "bg", "keys": "jian2", "x": "quanbu",
    "paid": "p1", "last": "zuijin",
    "by": "tongji", "province": "sheng", "days": "tianshu",
    "r": "aa", "f": "bb", "m": "cc", "s": "paixu", "parts": "fenduan", "p": "duan",
    "valid": "youxiao", "recent": "zj", "stats": "biao", "winner": "diyi",
    "score": "dafen", "place": "mingci", "column": "lie", "groups": "zu", "level": "ceng",
    "rank": "mc", "name": "qiming", "row": "hang", "important": "zy", "kind": "zl", "key": "jian",
}  # fmt: skip


def renamed(work: Mapping[str, str]) -> Work:
    """With other names for everything the student named."""
    return {c: text if c == "E3-12" else _rename(text) for c, text in work.items()}


def _rename(source: str) -> str:
    lines = source.splitlines(keepends=True)
    read = list(tokenize.generate_tokens(io.StringIO(source).readline))
    depth, places = 0, []
    for before, token, after in zip([None, *read], read, read[1:], strict=False):
        depth += (token.string in "([{" and bool(token.string)) - (token.string in tuple(")]}"))
        named = token.type == tokenize.NAME and token.string in _NAMES
        keyword = depth > 0 and after.string == "="
        if named and not keyword and (before is None or before.string != "."):
            places.append(token)
    for token in reversed(places):
        (row, start), (_, end) = token.start, token.end
        line = lines[row - 1]
        lines[row - 1] = line[:start] + _NAMES[token.string] + line[end:]
    return "".join(lines)


def reformatted(work: Mapping[str, str]) -> Work:
    """Without comments, with other quotes and other line ends, as an editor would do it."""
    out = {}
    for cell, text in work.items():
        if cell == "E3-12":
            out[cell] = text
            continue
        tokens = [
            t for t in tokenize.generate_tokens(io.StringIO(text).readline)
            if t.type not in (tokenize.COMMENT, tokenize.NL)
        ]  # fmt: skip
        pairs = [
            (t.type, t.string.replace('"', "'") if t.type == tokenize.STRING and "'" not in t.string else t.string)
            for t in tokens
        ]  # fmt: skip
        out[cell] = "# 我的做法：一步一步来\n\n" + tokenize.untokenize(pairs)
    return out


def reordered(work: Mapping[str, str]) -> Work:
    """All code in other cells, the last first."""
    cells = [c for c in work if c != "E3-12"]
    moved = dict(zip(cells, [work[c] for c in reversed(cells)], strict=True))
    return {**moved, **{c: t for c, t in work.items() if c == "E3-12"}}


def notebook(work: Mapping[str, str]) -> dict:
    """The work as a hand-in (JSON data): nothing of the release, as everything of it is left out."""
    cells = []
    for cell, text in work.items():
        written = cell == "E3-12"
        marks = {"grade_id": cell, "grade": written, "solution": True, "locked": False}
        cells.append({"cell_type": "markdown" if written else "code", "source": text, "id": cell,
                      "metadata": {"nbgrader": marks}})  # fmt: skip
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
