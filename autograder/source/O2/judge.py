"""Judge of lab O2, 顾客分类: frequency, source, channel, spending, and classes made by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.O2.reference import (
    BANDS,
    FREQUENCY,
    SOURCES,
    Classes,
    World,
    bands,
    by_channel,
    by_frequency,
    by_spending,
    cases,
    counts,
    coupons,
    frequencies,
    ids,
    in_club,
    months,
    outputs,
    partition,
    rerun,
    sources,
    table,
    tidied,
    wrong_bounds,
)
from autograder.spec import LabSpec, Level
from crmkit.lab import checks
from crmkit.lab.inputs import o2
from crmkit.lab.inputs.o2 import CLUB, GROWING, KEY, REGULARS, RENAMED, TEMPORARY


def world(student: str) -> World:
    return World(student)


lab = LabSpec("O2", "顾客分类", world=world, shop=o2.SHOP, workbook="out/O2.xlsx")

# ------------------------------------------------------------------ rules


# ------------------------------------------------------------------ four classifications


@lab.operation("O2-01", points=12, core=True, title="购买频率分类",
               need=f"按有效订单数分成 0 / 1 / 2–3 / 4 次及以上四类，报各类人数；「4 次及以上」存为分类「{REGULARS}」",
               log=checks.Operations(("segments.frequency",), ("保存分类",)), reads=by_frequency,
               public=checks.Mapping(keys=FREQUENCY, low=0, high=3000, whole=True),
               compare=compare.facts({"counts": 0.5, "members": 0.4, "rule": 0.1}, {
                   "counts": "各类人数不对", "members": f"分类「{REGULARS}」的成员不对",
                   "rule": f"「{REGULARS}」没有连同规则保存"}))  # fmt: skip
def regulars(w: World) -> dict[str, Any]:
    f = frequencies(w)
    return {"counts": counts(f, FREQUENCY), "members": ids(f, FREQUENCY[3]), "rule": True}


@regulars.mistake("分档写成了 0、1、4：上界是每类最大的次数，2–3 次的上界是 3", share=0.3)
def regulars_of_five(w: World) -> dict[str, Any]:
    return wrong_bounds(w, (0, 1, 4))


@regulars.mistake("分档写成了 0、1、2：3 次的顾客属于 2–3 次", share=0.3)
def regulars_of_three(w: World) -> dict[str, Any]:
    return wrong_bounds(w, (0, 1, 2))


@regulars.sign(f"人数对了，但没有存成分类「{REGULARS}」：选中这一类，点“保存为分类”", share=0.5)
def regulars_not_kept(w: World, got: Any) -> bool:
    return got["counts"] == counts(frequencies(w), FREQUENCY) and not got["members"]


@lab.item("O2-02", points=10, core=True, title="来源分类", need="每个来源的顾客人数，没填来源的归「未知」",
          public=checks.Mapping(keys=SOURCES, low=0, high=3000, whole=True), compare=compare.mapping())  # fmt: skip
def source(w: World) -> dict[str, int]:
    return sources(w)


@source.mistake("没填来源的顾客漏了：归到「未知」里", share=0.7)
def source_known(w: World) -> dict[str, int]:
    return sources(w, unknown=False)


@source.mistake("只数了买过的顾客：来源分类包含全部顾客", share=0.3)
def source_buyers(w: World) -> dict[str, int]:
    return sources(w, buyers=True)


@lab.item("O2-03", points=10, core=True, title="渠道分类",
          need="按第一笔有效订单的渠道，每个渠道的顾客人数；没有有效订单的归「未购买」",
          public=checks.Mapping(least=9, most=9, low=0, high=3000, whole=True), compare=compare.mapping())  # fmt: skip
def channel(w: World) -> dict[str, int]:
    return by_channel(w, "first")


@channel.mistake("用了“买过的渠道”：一位顾客会算进几类；题目要首单渠道", share=0.4)
def channel_any(w: World) -> dict[str, int]:
    return by_channel(w, "any")


@channel.mistake("用了顾客档案里的渠道：那是注册时的，题目要第一笔有效订单的", share=0.3)
def channel_file(w: World) -> dict[str, int]:
    return by_channel(w, "file")


@channel.mistake("用了最近一笔订单的渠道：要第一笔的", share=0.3)
def channel_last(w: World) -> dict[str, int]:
    return by_channel(w, "last")


SPENDING = {"members": f"分类「{GROWING}」的成员不对", "rule": f"「{GROWING}」没有连同规则保存"}


@lab.operation("O2-04", points=14, core=True, title="消费分类",
               need=f"按给定的三个界限把买家分成四档（界限归上一档），把第三档存为分类「{GROWING}」",
               log=checks.Operations(("segments.spending",), ("保存分类",)), reads=by_spending,
               compare=compare.facts({"members": 0.9, "rule": 0.1}, SPENDING))  # fmt: skip
def growing(w: World) -> dict[str, Any]:
    return {"members": ids(bands(w), BANDS[3]), "rule": True}


@growing.mistake("界限值归到了下一档：刚好等于界限的顾客归上一档", share=0.5)
def growing_lower(w: World) -> dict[str, Any]:
    return {"members": ids(bands(w, upper=False), BANDS[3]), "rule": True}


@growing.mistake("没有改分档，用的是课程约定的 200、800、2000", share=0.3)
def growing_default(w: World) -> dict[str, Any]:
    return {"members": ids(bands(w, limits=[200.0, 800.0, 2000.0]), BANDS[3]), "rule": True}


@growing.mistake("存成了上面一档：要存的是题目「要保存的一档」写的那一段", share=0.3)
def growing_above(w: World) -> dict[str, Any]:
    return {"members": ids(bands(w), BANDS[4]), "rule": True}


@growing.mistake("存成了下面一档：要存的是题目「要保存的一档」写的那一段", share=0.3)
def growing_below(w: World) -> dict[str, Any]:
    return {"members": ids(bands(w), BANDS[2]), "rule": True}


# ------------------------------------------------------------------ by hand


@lab.operation("O2-05", points=10, core=True, title=f"手动分类「{CLUB}」",
               need=f"新建手动分类「{CLUB}」，恰好放进给定的 {o2.MEMBERS} 位顾客",
               log=checks.Operations(("segments.manual",), ("建分类", "加入分类", "移出分类")), reads=in_club,
               compare=compare.facts({"members": 0.9, "hand": 0.1}, {
                   "members": f"分类「{CLUB}」里的顾客不对", "hand": f"没有手动分类「{CLUB}」"}))  # fmt: skip
def club(w: World) -> dict[str, Any]:
    return {"members": w.task("O2-05")["顾客"], "hand": True}


@club.mistake("只放进了一部分：名单里的每一位都要放进去", share=0.4)
def club_some(w: World) -> dict[str, Any]:
    return {"members": w.task("O2-05")["顾客"][:-1], "hand": True}


@club.mistake(
    "分类建好了，但里面没有人：在「手动分类」的那一行点「加人」，把 10 个编号填进去", share=0.2
)
def club_empty(w: World) -> dict[str, Any]:
    return {"members": [], "hand": True}


@club.sign("多放了名单以外的顾客：把他们移出去", share=0.4)
def club_more(w: World, got: Any) -> bool:
    return set(got["members"]) > set(w.task("O2-05")["顾客"])


# ------------------------------------------------------------------ classes as sets


@lab.item("O2-06", points=10, title="是不是划分", need="函数：每位顾客恰好在一个类里时返回 True，否则 False",
          public=checks.Function(("classes", "customers"), ({"甲": ["C000001"], "乙": ["C000002"]}, ["C000001", "C000002"])),
          compare=compare.returns(), calls=cases)  # fmt: skip
def is_partition(w: World) -> list[bool]:
    return outputs(w, partition)


@is_partition.mistake("只比了人数：有人在两个类、有人一个类也没有时，人数也会相等", share=0.5)
def partition_by_count(w: World) -> list[bool]:
    return outputs(w, lambda c, p: sum(map(len, c.values())) == len(p))


@is_partition.mistake("只查了有没有漏：一位顾客在两个类里也不行", share=0.4)
def partition_no_gap(w: World) -> list[bool]:
    return outputs(w, lambda c, p: set(p) == {i for xs in c.values() for i in xs})


@is_partition.mistake("只查了有没有重复：漏掉的顾客也要查", share=0.4)
def partition_no_overlap(w: World) -> list[bool]:
    def once(c: Classes, p: list[str]) -> bool:
        listed = [i for xs in c.values() for i in xs]
        return len(listed) == len(set(listed))

    return outputs(w, once)


@lab.item("O2-07", points=10, title="频率 × 消费 交叉表", need="行是四类频率，列是未购买和四个消费档，格子里是人数",
          public=checks.Table(columns=BANDS, key="频率", least=4, most=5), compare=compare.columns(BANDS, key="频率"))  # fmt: skip
def cross(w: World) -> pd.DataFrame:
    return table(w)


@cross.mistake("界限值归到了下一档：刚好等于界限的顾客归上一档", share=0.5)
def cross_lower(w: World) -> pd.DataFrame:
    return table(w, upper=False)


@cross.mistake("频率的分档不是 0 / 1 / 2–3 / 4 次及以上：分档上界用 0、1、3", share=0.3)
def cross_bounds(w: World) -> pd.DataFrame:
    return table(w, bounds=(0, 1, 2))


@lab.item("O2-08", points=8, title="下个月重跑规则",
          need=f"函数：给下个月每位顾客的累计订单数和累计金额，返回「{REGULARS}」「{GROWING}」各有多少人",
          public=checks.Function(("customers",), ([{KEY: "C000001", "累计订单数": 2, "累计金额": 100.0}],)),
          compare=compare.returns(), calls=months)  # fmt: skip
def second_month(w: World) -> list[dict[str, int]]:
    return rerun(w)


@second_month.mistake("界限值归错了档：刚好等于下界的在这一档，等于上界的在上一档", share=0.4)
def second_month_lower(w: World) -> list[dict[str, int]]:
    return rerun(w, upper=False)


@second_month.mistake(f"「{REGULARS}」写成了多于 4 次：4 次就算", share=0.4)
def second_month_five(w: World) -> list[dict[str, int]]:
    return rerun(w, least=5)


# ------------------------------------------------------------------ keeping classes in order


TIDY = {
    "renamed": f"「{REGULARS}」没有改名为「{RENAMED}」",
    "deleted": f"没有建过又删除「{TEMPORARY}」",
}


@lab.operation("O2-09", points=6, title="改名和删除",
               need=f"「{REGULARS}」改名为「{RENAMED}」；来源「未知」的顾客存为「{TEMPORARY}」，再把这个分类删除",
               log=checks.Operations(("segments.manual",), ("分类改名", "删除分类")), reads=tidied,
               compare=compare.facts({"renamed": 0.5, "deleted": 0.5}, TIDY))  # fmt: skip
def tidy(w: World) -> dict[str, Any]:
    return {"renamed": True, "deleted": True, "names": [GROWING, CLUB, RENAMED]}


@tidy.sign(f"「{TEMPORARY}」还在：用完的临时分类要删除", share=0.5)
def tidy_not_deleted(w: World, got: Any) -> bool:
    return got["renamed"] and TEMPORARY in got["names"]


@tidy.sign(f"新建了一个「{RENAMED}」，原来的没有改名：用“改名”，成员和规则都留着", share=0.5)
def tidy_copied(w: World, got: Any) -> bool:
    return not got["renamed"] and RENAMED in got["names"]


@lab.item("O2-10", points=6, title="谁拿优惠券", need="由两个分类合成的发券名单",
          public=checks.Ids(least=1, most=2000), compare=compare.id_set())  # fmt: skip
def coupon(w: World) -> list[str]:
    return coupons(w, o2.COUPONS[w.task("O2-10")["发给"]])


@coupon.mistake("两个分类里的人都算了（并集）：再读一遍题目给的条件", share=0.3)
def coupon_any(w: World) -> list[str]:
    return coupons(w, "any")


@coupon.mistake("“又是”和“不是”弄反了：先认清要谁、不要谁，再做交集或差集", share=0.2)
def coupon_other(w: World) -> list[str]:
    right = o2.COUPONS[w.task("O2-10")["发给"]]
    return coupons(w, {"both": "first", "first": "both", "second": "both"}[right])


lab.manual(
    "O2-11", points=4, title="再加一类", need="不超过 100 字：你会再加的一个类别，怎么判定，用来做什么",
    rubric=(
        Level(4, "规则能逐人判定（有字段、有界限），并说清用来做什么"),
        Level(3, "规则能判定，但用途写得笼统"),
        Level(2, "有用途，但规则不能判定（如“比较活跃的”）"),
        Level(0, "没有作答，或只是重复已有的分类"),
    ),
)  # fmt: skip
