"""Judge of lab E2, 客户档案归类: pages by source, gender, age and trade status."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare, sheets
from autograder.source.E2.comparing import (
    CONTENTS,
    MASTER,
    Paging,
    column,
    contents,
    drop_downs,
    ids_on,
    paged,
    same_bands,
    same_headers,
    says,
    values,
)
from autograder.source.E2.reference import (
    KEY,
    NEAR,
    STATES,
    World,
    band,
    count_states,
    status_words,
    world,
)
from autograder.spec import LabSpec, Level
from crmkit.lab import checks
from crmkit.schema import CUSTOMER_FILE

WORKBOOK = checks.Workbook(sheets=(MASTER,))

lab = LabSpec("E2", "客户档案归类", world=world, workbook="out/客户档案归类.xlsx")


# ------------------------------------------------------------------ pages


@lab.item("E2-01", points=15, core=True, title="按来源分页",
          need="总表照旧；每个来源一张同名的工作表，每位客户恰好在一页上",
          public=WORKBOOK, compare=paged)  # fmt: skip
def pages(w: World) -> Paging:
    return Paging(w.sources, w.customers[list(CUSTOMER_FILE)])


@pages.sign("按渠道分了页：题目要按「来源」列", share=0.3)
def pages_by_channel(w: World, book: Any) -> bool:
    names = {page.name.strip() for page in book}
    channels = set(w.customers["渠道"])
    return channels <= names and not set(w.sources) <= names


@pages.sign("总表重新排过序：总表的行要保持原来的次序", share=0.8)
def master_sorted(w: World, book: Any) -> bool:
    found = ids_on(sheets.sheet(book, MASTER))
    return found != w.ids and sorted(found) == sorted(w.ids)


@lab.item("E2-02", points=10, core=True, title="表头一致", need="每张分页的第 1 行与总表的第 1 行完全一样",
          public=WORKBOOK, compare=same_headers)  # fmt: skip
def headers(w: World) -> list[str]:
    return list(w.sources)


@headers.sign("分页只有原来的 12 列：先给总表加好四列，再分页", share=0.4)
def headers_before_adding(w: World, book: Any) -> bool:
    there = [book.sheet(s).header() for s in w.sources if s in {p.name.strip() for p in book}]
    master = sheets.sheet(book, MASTER).header()
    return (
        len(there) == len(w.sources)
        and all(h == list(CUSTOMER_FILE) for h in there)
        and len(master) > 12
    )


@headers.sign("分页没有表头：第 1 行要放列名", share=0.0)
def headers_missing(w: World, book: Any) -> bool:
    names = {p.name.strip() for p in book}
    return all(s in names and KEY not in book.sheet(s).header() for s in w.sources)


# ------------------------------------------------------------------ added columns


@lab.item("E2-03", points=12, core=True, title="新增性别", need="总表的「性别」取自 gender.csv，没有的写「未知」",
          public=WORKBOOK, compare=column("性别"))  # fmt: skip
def gender(w: World) -> dict[str, str]:
    return {k: w.gender.get(k, "未知") for k in w.ids}


@gender.sign("没有性别的留了空：要写「未知」", share=0.7)
def gender_blank(w: World, book: Any) -> bool:
    return says(book, "性别", {k: w.gender.get(k) for k in w.ids})


@gender.sign("两张表是按行对齐的：要按客户编号去查（VLOOKUP 或 merge）", share=0.2)
def gender_by_row(w: World, book: Any) -> bool:
    by_row = dict(zip(w.ids, w.gender.values(), strict=False))
    mine = values(book, "性别")
    return all(sheets.same(mine[k], v) for k, v in by_row.items() if k in mine)


@lab.item("E2-04", points=12, core=True, title="新增年龄", need="总表的「年龄」是会员日那天的周岁，没有生日的留空",
          public=WORKBOOK, compare=column("年龄"))  # fmt: skip
def age(w: World) -> dict[str, int | None]:
    return w.ages()


@age.sign("只用年份相减：生日还没到的要减一岁", share=0.5)
def age_by_year(w: World, book: Any) -> bool:
    return says(book, "年龄", w.ages(lambda born, day: day.year - born.year))


@age.sign("用天数除以 365 算的：闰年会差一天，生日前后几天就会错", share=0.7)
def age_by_365(w: World, book: Any) -> bool:
    return says(book, "年龄", w.ages(lambda born, day: (day - born).days // 365))


@age.sign(
    "生日当天没有长一岁（或用天数除以 365.25）：要比较月和日，到了生日那天就满周岁", share=0.8
)
def age_day_late(w: World, book: Any) -> bool:
    late = w.ages(lambda b, d: d.year - b.year - ((d.month, d.day) <= (b.month, b.day)))
    return says(book, "年龄", late) or says(
        book, "年龄", w.ages(lambda b, d: int((d - b).days / 365.25))
    )


@age.sign("没有生日的写成了 0、「未知」或别的：要留空", share=0.7)
def age_filled(w: World, book: Any) -> bool:
    known = {k: v for k, v in w.ages().items() if v is not None}
    return says(book, "年龄", known)


@lab.item("E2-05", points=12, core=True, title="新增交易状态",
          need="累计订单数不少于 1 的是「已成交」，否则是「未成交」",
          public=WORKBOOK, compare=column("交易状态"))  # fmt: skip
def status(w: World) -> dict[str, str]:
    return dict(zip(w.ids, status_words(w, 1), strict=True))


@status.sign("只买过 1 次的写成了未成交：不少于 1 次就是已成交", share=0.4)
def status_strict(w: World, book: Any) -> bool:
    return says(book, "交易状态", dict(zip(w.ids, status_words(w, 2), strict=True)))


@status.sign("两种状态写反了：买过的是已成交，没买过的是未成交", share=0.2)
def status_reversed(w: World, book: Any) -> bool:
    other = {"已成交": "未成交", "未成交": "已成交"}
    return says(book, "交易状态", {k: other[v] for k, v in status.expect(w).items()})


@lab.item("E2-06", points=8, title="下拉列表", need="「性别」和「交易状态」两列的全部行都有规定的下拉项",
          public=WORKBOOK, compare=drop_downs)  # fmt: skip
def lists(w: World) -> int:
    return len(w.ids)


@lists.sign("下拉项用了中文逗号，成了一个选项：来源里要用英文逗号隔开", share=0.5)
def lists_with_wide_comma(w: World, book: Any) -> bool:
    return any("，" in word for v in sheets.sheet(book, MASTER).validations for word in v.words)


@lists.sign("下拉列表加在了分页上：总表也要有", share=0.3)
def lists_on_pages(w: World, book: Any) -> bool:
    return not sheets.sheet(book, MASTER).validations and any(p.validations for p in book)


@lab.item("E2-07", points=8, title="年龄段", need="总表的「年龄段」分成 ≤24、25-34、35-44、45-54、≥55，没有年龄的写「未知」",
          public=WORKBOOK, compare=lambda book, expected: same_bands(book, expected))  # fmt: skip
def bands(w: World) -> dict[str, str]:
    return {k: band(a) for k, a in w.ages().items()}


@bands.sign("界限放错了一岁：25 岁属于 25-34，34 岁也属于 25-34", share=0.5)
def bands_off_by_one(w: World, book: Any) -> bool:
    shifted = {k: band(None if a is None else a - 1) for k, a in w.ages().items()}
    return same_bands(book, shifted).share == 1


@bands.sign("没有年龄的没有写「未知」：这一格不能留空，也不能写成别的", share=0.7)
def bands_blank(w: World, book: Any) -> bool:
    known = {k: band(a) for k, a in w.ages().items() if a is not None}
    blank = {k for k, a in w.ages().items() if a is None}
    mine = values(book, "年龄段")
    return same_bands(book, known).share == 1 and all(
        mine[k].text != "未知" for k in blank if k in mine
    )


@lab.item("E2-08", points=10, title="目录", need="每个来源一行：页名、客户数、跳到那一页的超链接",
          public=checks.Workbook(sheets=(MASTER, CONTENTS)), compare=contents)  # fmt: skip
def directory(w: World) -> dict[str, int]:
    return {s: len(ids) for s, ids in w.sources.items()}


@directory.sign("客户数里多数了表头一行：减去第 1 行", share=0.6)
def directory_with_header(w: World, book: Any) -> bool:
    rows = {
        r["页名"].text: r
        for r in sheets.rows(sheets.sheet(book, CONTENTS))
        if "页名" in r and "客户数" in r
    }
    return all(
        s in rows and sheets.same(rows[s]["客户数"], len(ids) + 1) for s, ids in w.sources.items()
    )


@directory.sign("链接只是蓝色文字，点了不会跳：要用「插入超链接」", share=0.5)
def directory_without_links(w: World, book: Any) -> bool:
    page = sheets.sheet(book, CONTENTS)
    rows = {r["页名"].text: r for r in sheets.rows(page) if "页名" in r and "客户数" in r}
    right = all(
        s in rows and sheets.same(rows[s]["客户数"], len(ids)) for s, ids in w.sources.items()
    )
    return right and not any(c.link for c in page.cells.values())


# ------------------------------------------------------------------ states


@lab.item("E2-09", points=8, title="四种客户状态", need="按给定的规则数出潜在、目标、现实、流失客户各多少位",
          public=checks.Mapping(keys=STATES, low=0, high=300, whole=True, total=300),
          compare=compare.mapping())  # fmt: skip
def states(w: World) -> dict[str, int]:
    return count_states(w)


@states.mistake("潜在客户和目标客户颠倒了：刚注册、正在争取的是目标客户", share=0.5)
def states_swapped(w: World) -> dict[str, int]:
    right = count_states(w)
    return {**right, "潜在客户": right["目标客户"], "目标客户": right["潜在客户"]}


@states.mistake("界限用了 90 天：题目规定 180 天", share=0.3)
def states_90(w: World) -> dict[str, int]:
    return count_states(w, 90)


@states.mistake("已成交的客户也按注册日期来分：要看最近一次有效下单的日期", share=0.3)
def states_by_registration(w: World) -> dict[str, int]:
    days = (pd.Timestamp(w.as_of) - w.customers["注册日期"]).dt.days
    dealt = w.customers["累计订单数"] >= 1
    return {
        "潜在客户": int((~dealt & (days > NEAR)).sum()), "目标客户": int((~dealt & (days <= NEAR)).sum()),
        "现实客户": int((dealt & (days <= NEAR)).sum()), "流失客户": int((dealt & (days > NEAR)).sum()),
    }  # fmt: skip


lab.manual(
    "E2-10", points=5, title="批发店怎样分页",
    need="不超过 150 字：换一种分页的标准，说明标准、用处和缺点",
    rubric=(
        Level(5, "标准明确可分，用处和缺点都具体"),
        Level(4, "标准和用处具体，缺点空泛"),
        Level(2, "只说了标准，用处或缺点缺一项"),
        Level(1, "标准不能用来分页"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
