"""Judge of chapter 12's exercises: fields, owners of records, rent or own, redesign, time-line."""

from __future__ import annotations

from typing import Any

from autograder import compare
from autograder.source.ch12.keys import ERP_FIELDS, KEPT, OWNERS
from autograder.source.ch12.reference import (
    TIMES,
    World,
    mapped,
    month,
    owners,
    time_order,
    times,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.lab import checks, forms
from crmkit.lab.inputs import ch12

lab = LabSpec("ch12", "CRM扩展与应用整合", world=World, notebook="ch12_integration",
              workbook="out/第12章练习.xlsx")  # fmt: skip

# ------------------------------------------------------------------ fields


@lab.item("ch12-01", points=16, core=True, title="字段对照：CRM 到 ERP",
          need="给十个 CRM 字段各找 ERP 里对应的字段；ERP 用不着的，留在 CRM 不传",
          public=checks.Mapping(keys=tuple(f"Z{i:02d}" for i in range(1, ch12.FIELDS + 1)), options=ERP_FIELDS),
          compare=compare.labels())  # fmt: skip
def fields(w: World) -> dict[str, str]:
    return mapped(w)


def _fields(w: World, change: dict[str, str]) -> dict[str, str]:
    return {k: change.get(v, v) for k, v in mapped(w).items()}


@fields.mistake(
    "口味、跟进、概率、问卷都传给了 ERP：ERP 办单据，用不着的个人信息不要外传（最少够用）",
    share=0.5,
)
def fields_all_sent(w: World) -> dict[str, str]:
    return _fields(w, {KEPT: "客户主数据编号"})


@fields.mistake("开票信息和收货地址弄反了：抬头和税号是开票用的，送到哪里才是收货", share=0.7)
def fields_bill_and_ship(w: World) -> dict[str, str]:
    return _fields(w, {"开票信息": "收货地址", "收货地址": "开票信息"})


@fields.mistake("付款条件和信用额度弄反了：几天内付是付款条件，最多欠多少是信用额度", share=0.8)
def fields_terms_and_limit(w: World) -> dict[str, str]:
    return _fields(w, {"付款条件": "信用额度", "信用额度": "付款条件"})


@fields.mistake("物料编码和客户主数据编号弄反了：前者认货，后者认人", share=0.7)
def fields_goods_and_people(w: World) -> dict[str, str]:
    return _fields(w, {"物料编码": "客户主数据编号", "客户主数据编号": "物料编码"})


# ------------------------------------------------------------------ owners


@lab.item("ch12-02", points=18, core=True, title="从订单到收款：谁说了算",
          need="十条记录各以哪一个系统里的为准：CRM、ERP、SCM 还是电商平台",
          public=checks.Mapping(keys=tuple(f"R{i:02d}" for i in range(1, ch12.RECORDS + 1)), options=OWNERS),
          compare=compare.labels())  # fmt: skip
def who_owns(w: World) -> dict[str, str]:
    return owners(w)


def _owners(w: World, change: dict[str, str]) -> dict[str, str]:
    return {k: change.get(v, v) for k, v in owners(w).items()}


@who_owns.mistake("货和账弄反了：货在哪里、何时到归 SCM，钱和成本归 ERP", share=0.4)
def goods_and_money(w: World) -> dict[str, str]:
    return _owners(w, {"ERP": "SCM", "SCM": "ERP"})


@who_owns.mistake(
    "供应链的记录写成了 ERP：库存、运输、补货的现况以 SCM 为准，ERP 只收结果记账", share=0.6
)
def all_to_erp(w: World) -> dict[str, str]:
    return _owners(w, {"SCM": "ERP"})


@who_owns.mistake(
    "平台上发生的事写成了 CRM：付款、浏览、评价在平台产生，CRM 只拿副本来用", share=0.7
)
def platform_as_crm(w: World) -> dict[str, str]:
    return _owners(w, {"电商平台": "CRM"})


# ------------------------------------------------------------------ rent or own


@lab.item("ch12-03", points=18, core=True, title="租还是买：第几个月打平",
          need="算出自建的累计花费第一次不超过租用的那个月（第几个月末）",
          public=checks.Number(low=1, high=600, whole=True), compare=compare.number(1e-9, unit=" 个月"))  # fmt: skip
def break_even(w: World) -> int:
    return month(w)


@break_even.mistake("舍去了零头：不满一个月时还没有打平，要进到下一个月末", share=0.6)
def month_down(w: World) -> int:
    return month(w, down=True)


@break_even.mistake("自建以后每月的运维没有算：买回来也要人管", share=0.4)
def month_without_upkeep(w: World) -> int:
    return month(w, upkeep=False)


@break_even.mistake("只算了一个人的租费：按人收费要乘使用人数", share=0.3)
def month_of_one(w: World) -> int:
    return month(w, one_user=True)


@break_even.sign("这是打平的精确时间；题目问的是第几个月末，向上取整", share=0.7)
def month_exact(w: World, got: Any) -> bool:
    users, rent, own = ch12.offers(w.student)
    exact = (own.once - rent.once) / (rent.month(users) - own.monthly)
    return abs(forms.number(got) - exact) < 0.06


# ------------------------------------------------------------------ redesign


def _times(got: Any, expected: dict[str, float]) -> Verdict:
    """Minutes to 0.06, the share to 0.0006, hand-overs exact; each right one earns a quarter."""
    found, wrong = forms.mapping(got), []
    near = dict(zip(TIMES, (0.051, 0.051, 0.00051, 1e-9), strict=True))
    for name, right in expected.items():
        if name not in found or forms.missing(found[name]):
            wrong.append(f"缺「{name}」")
        elif not abs(forms.number(found[name]) - right) <= near[name]:
            wrong.append(f"「{name}」交的是 {forms.number(found[name]):.6g}")
    if not wrong:
        return Verdict(1.0, "四个数全部正确")
    return Verdict(1 - len(wrong) / 4, f"四个数里：{'；'.join(wrong)}",
                   "每个环节：（处理 + 等待）× 比例，再逐环节相加")  # fmt: skip


@lab.item("ch12-04", points=20, title="流程再造：时间省在哪里",
          need="算出改造前后一张投诉单的期望总时长（处理加等待，乘经过的比例）、缩短比例和改造后的交接次数",
          public=checks.Mapping(keys=TIMES, low=0, high=100_000), compare=_times)  # fmt: skip
def redesign(w: World) -> dict[str, float]:
    return times(w)


@redesign.mistake("没有乘比例：不是每张单子都走每个环节", share=0.5)
def redesign_without_shares(w: World) -> dict[str, float]:
    return times(w, shares=False)


@redesign.mistake("只算了处理，没有算等待：客户等的时间，大半是单子躺着的时间", share=0.4)
def redesign_work_only(w: World) -> dict[str, float]:
    return times(w, parts="work")


@redesign.mistake("缩短比例要除以改造前的时长", share=0.8)
def redesign_over_after(w: World) -> dict[str, float]:
    return times(w, over="after")


@redesign.mistake("缩短比例写成了百分数：写成 0 到 1 之间的小数", share=0.9)
def redesign_percent(w: World) -> dict[str, float]:
    return times(w, percent=True)


@redesign.mistake("交接次数不是环节数：相邻两个环节换了岗位，才算一次交接", share=0.8)
def redesign_steps(w: World) -> dict[str, float]:
    return times(w, count_steps=True)


# ------------------------------------------------------------------ time-line


@lab.item("ch12-05", points=10, title="信息系统的时间线",
          need="把六张卡片按出现的先后排好：TPS、MRP、职能 MIS、MRP II、ERP、ERP II",
          public=checks.Order(tuple("ABCDEF")), compare=compare.order())  # fmt: skip
def in_time(w: World) -> list[str]:
    return time_order(w)


def _swapped(w: World, a: int, b: int) -> list[str]:
    found = time_order(w)
    found[a], found[b] = found[b], found[a]
    return found


@in_time.mistake("MRP 与 MRP II 弄反了：先只算物料，后来才把产能和资金放进来", share=0.5)
def mrp_and_mrp2(w: World) -> list[str]:
    return _swapped(w, 1, 3)


@in_time.mistake("ERP 在 MRP II 之后：先管制造资源，再扩到整个企业", share=0.7)
def erp_too_early(w: World) -> list[str]:
    return _swapped(w, 3, 4)


@in_time.mistake("先有一笔笔处理业务的 TPS，才有按职能汇总的 MIS", share=0.6)
def mis_first(w: World) -> list[str]:
    return _swapped(w, 0, 2)


lab.manual(
    "ch12-06", points=18, title="讨论：把客户数据交给 ASP",
    need="租用 ASP 的 CRM：写出数据归谁、谁能看、出了事谁负责、怎样搬走，并给出租或不租的决定",
    rubric=(
        Level(18, "归属、权限、责任、退出四项都写成可以放进合同的条款；提到个人信息的法律义务仍在企业；决定与条款一致，有停用的条件"),
        Level(14, "四项齐全，但有一两项只是原则（“对方要保证安全”），不能核对"),
        Level(9, "只写了两三项，或只谈价格"),
        Level(4, "只有态度（“放别人那里不安全”“大公司可信”），没有条款"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
