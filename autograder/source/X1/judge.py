"""Judge of X1, 上机技能考试: twelve items over the eight modules, five variants of each."""

from __future__ import annotations

from typing import Any

from autograder import compare
from autograder.source.X1.reference import (
    BEST,
    CHURN,
    RETURN,
    World,
    alerts,
    asleep,
    band,
    best,
    best_of_both,
    birthdays,
    called,
    churn,
    classes,
    clue,
    filtered,
    frequencies,
    greeted,
    marked,
    number_and_list,
    orders,
    other,
    other_measure,
    other_rate,
    put_down,
    reason,
    record,
    repeat,
    returns,
    sellers,
    state_and_number,
    tagged,
    warned,
    word_and_rate,
)
from autograder.spec import LabSpec
from crmkit.lab import checks, forms
from crmkit.lab.inputs import x1
from crmkit.lab.inputs.x1 import KEY


def world(student: str) -> World:
    return World(student)


lab = LabSpec("X1", "上机技能考试", world=world, shop=x1.SHOP, workbook="out/X1.xlsx", exam=True)

# ------------------------------------------------------------------ 顾客信息


@lab.item("X1-01", points=8, core=True, title="顾客速查", need="同时符合两条线索的那一位顾客的客户编号",
          public=checks.Text(r"C\d{6}", "一个客户编号，C 加 6 位数字"), compare=compare.word("要找的顾客"))  # fmt: skip
def found(w: World) -> str:
    return clue(w, *w.task("X1-01"))[0]


@found.mistake("只用了第一条线索：两条要同时符合", share=0.3)
def found_first(w: World) -> str:
    return other(w, 0)


@found.mistake("只用了第二条线索：两条要同时符合", share=0.3)
def found_second(w: World) -> str:
    return other(w, 1)


@found.sign("交的是昵称、姓名或手机：要交客户编号", share=0.6)
def found_name(w: World, got: Any) -> bool:
    c = w.people.loc[found.expect(w)]
    return forms.word(got) in (c["昵称"], c["姓名"], c["手机"])


@lab.operation("X1-02", points=8, core=True, title="筛选并贴标签",
               need="符合两个条件（界限值都含）的每一位顾客都贴上给定的标签，不多不少",
               log=checks.Operations(("customers.tags",)), reads=tagged,
               compare=compare.facts({"members": 1}, {"members": "有这个标签的顾客不对"}))  # fmt: skip
def labelled(w: World) -> dict[str, Any]:
    return filtered(w)


@labelled.mistake("刚好等于界限的顾客漏了：界限值也算", share=0.6)
def labelled_strict(w: World) -> dict[str, Any]:
    return filtered(w, strict=True)


@labelled.mistake("只用了条件一，没有看条件二", share=0.3)
def labelled_word(w: World) -> dict[str, Any]:
    return filtered(w, number=False)


@labelled.mistake("只用了条件二，没有看条件一", share=0.3)
def labelled_number(w: World) -> dict[str, Any]:
    return filtered(w, word=False)


@labelled.sign("只贴了一部分：查到的不止一页，要全选再贴", share=0.3)
def labelled_page(w: World, got: Any) -> bool:
    return bool(got["members"]) and set(got["members"]) < set(filtered(w)["members"])


# ------------------------------------------------------------------ 顾客分类


@lab.item("X1-03", points=8, core=True, title="购买频率分类", need="按有效订单数分成给定的四类，各类的顾客人数",
          public=checks.Mapping(least=4, most=4, low=0, high=3000, whole=True), compare=compare.mapping())  # fmt: skip
def counted(w: World) -> dict[str, int]:
    return frequencies(w, w.task("X1-03")["每类最大的次数"])


@counted.mistake("分档错了一位：给的是每类最大的次数", share=0.3)
def counted_shifted(w: World) -> dict[str, int]:
    first, *rest = w.task("X1-03")["每类最大的次数"]
    return frequencies(w, [first, *(b + 1 for b in rest)])


@counted.mistake("没付款的订单也数进去了：只数有效订单", share=0.3)
def counted_unpaid(w: World) -> dict[str, int]:
    n = w.data.shop.orders.groupby(KEY).size().reindex(w.people.index).fillna(0)
    return frequencies(w, w.task("X1-03")["每类最大的次数"], n)


@counted.mistake("没买过的顾客没有数：0 次的那一类也要人数", share=0.7)
def counted_buyers(w: World) -> dict[str, int]:
    right = counted.expect(w)
    return right | {next(iter(right)): 0}


@lab.operation("X1-04", points=8, core=True, title="消费分类和手动分类",
               need="按给定的界限分档（界限值归上一档），把给定的一档存成分类；再手动建一个分类，放进给定的六位顾客",
               log=checks.Operations(("segments.spending", "segments.manual"), ("保存分类", "建分类", "加入分类")),
               reads=classes, compare=compare.facts({"band": 0.5, "rule": 0.1, "hand": 0.4}, {
                   "band": "消费分类的成员不对", "rule": "消费分类没有连同规则保存",
                   "hand": "手动分类的成员不对"}))  # fmt: skip
def grouped(w: World) -> dict[str, Any]:
    return {"band": band(w), "rule": True, "hand": sorted(w.task("X1-04")["顾客"])}


@grouped.mistake("界限值归到了下一档：刚好等于界限的归上一档", share=0.7)
def grouped_lower(w: World) -> dict[str, Any]:
    return grouped.expect(w) | {"band": band(w, upper=False)}


@grouped.mistake("存成了上面一档：要存的是「要保存的一档」写的那一段", share=0.5)
def grouped_above(w: World) -> dict[str, Any]:
    return grouped.expect(w) | {"band": band(w, move=1)}


@grouped.mistake("存成了下面一档：要存的是「要保存的一档」写的那一段", share=0.5)
def grouped_below(w: World) -> dict[str, Any]:
    return grouped.expect(w) | {"band": band(w, move=-1)}


@grouped.sign("手动分类还没有建，或是空的：把六位顾客的编号填进去", share=0.6)
def grouped_no_hand(w: World, got: Any) -> bool:
    return got["band"] == band(w) and not got["hand"]


# ------------------------------------------------------------------ 顾客分析


@lab.item("X1-05", points=8, core=True, title="复购率", need="给定时间段内买过 2 次及以上的买家 ÷ 买家",
          public=checks.Number(0, 1), compare=compare.number(1e-4))  # fmt: skip
def repurchase(w: World) -> float:
    return repeat(w)


@repurchase.mistake("分母用了全部客户：复购率的分母是买家", share=0.4)
def repurchase_all(w: World) -> float:
    return repeat(w, how="all")


@repurchase.mistake("没有选时间段：付款日期填题目的「从」「到」", share=0.3)
def repurchase_ever(w: World) -> float:
    return repeat(w, how="ever")


@repurchase.mistake("按单算了：题目要按人", share=0.4)
def repurchase_orders(w: World) -> float:
    return repeat(w, how="orders")


@repurchase.mistake("写成了百分数：应是 0 到 1 之间的小数", share=0.8)
def repurchase_percent(w: World) -> float:
    return 100 * repeat(w)


@lab.item("X1-06", points=10, core=True, title="流失名单和客单价",
          need="超过给定天数没有有效订单的买家的名单；给定时间段的客单价（支付金额 ÷ 买家数）",
          public=checks.Parts(numbers=CHURN[:1], lists=CHURN[1:], low=0, least=50, most=3000),
          compare=number_and_list)  # fmt: skip
def leaving(w: World) -> dict[str, Any]:
    return churn(w)


@leaving.mistake("名单用了系统默认的 180 天：改成题目给的天数", share=0.6)
def leaving_default(w: World) -> dict[str, Any]:
    return churn(w, 180)


@leaving.mistake("从没买过的也列进了名单：没买过的谈不上流失", share=0.6)
def leaving_never(w: World) -> dict[str, Any]:
    return churn(w, never=True)


@leaving.mistake("用支付金额除了订单数：那是笔单价", share=0.5)
def leaving_orders(w: World) -> dict[str, Any]:
    return churn(w, under="orders")


@leaving.mistake("客单价没有选时间段：付款日期填题目的「从」「到」", share=0.5)
def leaving_whole(w: World) -> dict[str, Any]:
    return churn(w, whole=True)


# ------------------------------------------------------------------ 商品信息


@lab.item("X1-07", points=8, core=True, title="最好的类目和商品对",
          need="给定时间段、给定上级类目里卖得最多的最下级类目；按给定比法最好的一对商品",
          public=checks.Parts(lists=BEST[1:], least=1, most=2), compare=best_of_both)  # fmt: skip
def goods(w: World) -> dict[str, Any]:
    return best(w)


@goods.mistake("类目交的是上级类目：要它下面的一个", share=0.5)
def goods_upper(w: World) -> dict[str, Any]:
    return best(w) | {BEST[0]: w.task("X1-07")["上级类目"]}


@goods.mistake("商品对是各自卖得最多的两个商品：要一起买的一对，看商品关联", share=0.5)
def goods_sellers(w: World) -> dict[str, Any]:
    return best(w, pairs=[sellers(w)])


@goods.mistake("类目取的是卖得最少的：排序反了", share=0.5)
def goods_lowest(w: World) -> dict[str, Any]:
    return best(w, lowest=True)


# ------------------------------------------------------------------ 订单信息


@lab.item("X1-08", points=8, core=True, title="订单查询", need="给定状态、下单日期（两头都含）和金额（含界限）的全部订单",
          public=checks.Ids("订单编号", r"\d{10,20}", least=1, most=3000), compare=compare.id_set("订单编号"))  # fmt: skip
def listed(w: World) -> list[str]:
    return orders(w)


@listed.mistake("刚好等于界限金额的订单漏了：界限值也算", share=0.6)
def listed_strict(w: World) -> list[str]:
    return orders(w, strict=True)


@listed.mistake("没有按金额筛选：题目给的金额界限也要填", share=0.4)
def listed_unpriced(w: World) -> list[str]:
    return orders(w, priced=False)


@listed.mistake("没有选订单状态：只要题目给的那一种", share=0.3)
def listed_any_status(w: World) -> list[str]:
    return orders(w, status=False)


@listed.mistake("没有选下单日期：填题目的「下单从」「到」", share=0.3)
def listed_undated(w: World) -> list[str]:
    return orders(w, dated=False)


@lab.item("X1-09", points=8, core=True, title="退换查询", need="给定时间段里最常见的退换原因，和按给定口径算的比率（按付款日）",
          public=checks.Parts(numbers=RETURN[1:], low=0, high=1), compare=word_and_rate)  # fmt: skip
def back(w: World) -> dict[str, Any]:
    return returns(w)


@back.mistake("比率弄混了：退货率只算退货，退款率连仅退款一起算", share=0.5)
def back_other_rate(w: World) -> dict[str, Any]:
    return returns(w, name=other_rate(w.task("X1-09")["比率"]))


@back.mistake("比率的算法不对：看清按明细行还是按金额", share=0.5)
def back_other_measure(w: World) -> dict[str, Any]:
    return returns(w, measure=other_measure(w.task("X1-09")["计算"]))


@back.mistake("比率没有选时间段：填题目的「从」「到」", share=0.5)
def back_whole(w: World) -> dict[str, Any]:
    return returns(w, whole=True)


@back.sign("原因数错了范围：按申请时间、按题目给的类型数", share=0.5)
def back_reason(w: World, got: Any) -> bool:
    given = forms.text(forms.mapping(got).get(RETURN[0], ""))
    right = reason(w)
    return given != right and given in (reason(w, kind=False), reason(w, dated=False))


# ------------------------------------------------------------------ 营销信息


@lab.operation("X1-10", points=10, core=True, title="生日关怀",
               need="给定七天里过生日、可以发送的每一位顾客都收到一条生日短信，文案有昵称、给定的祝福语和面额",
               log=checks.Operations(("marketing.birthday",), ("发送生日关怀",)), reads=greeted,
               compare=compare.facts({"members": 0.6, "text": 0.2, "coupon": 0.2}, {
                   "members": "收到短信的顾客不对", "text": "文案里没有祝福语或昵称",
                   "coupon": "文案里的优惠券面额不对"}))  # fmt: skip
def greetings(w: World) -> dict[str, Any]:
    return {"members": birthdays(w), "text": True, "coupon": True}


@greetings.mistake("少了最后一天：七天从起始日算起，起始日是第一天", share=0.6)
def greetings_six(w: World) -> dict[str, Any]:
    return greetings.expect(w) | {"members": birthdays(w, days=6)}


@greetings.mistake("晚了一天：起始日当天过生日的也要发", share=0.6)
def greetings_late(w: World) -> dict[str, Any]:
    return greetings.expect(w) | {"members": birthdays(w, late=1)}


@greetings.mistake("没有填起始日，发的是从今天起的七天", share=0.4)
def greetings_today(w: World) -> dict[str, Any]:
    return greetings.expect(w) | {"members": birthdays(w, start="2025-12-31")}


@greetings.sign("顾客对了，但用的是默认文案：改成题目给的祝福语和昵称，再发", share=0.6)
def greetings_default(w: World, got: Any) -> bool:
    return got["members"] == birthdays(w) and not got["text"]


# ------------------------------------------------------------------ 互动信息


@lab.operation("X1-11", points=8, core=True, title="中差评预警和一条通话记录",
               need="按给定规则预警的全部评价编号；登记一条给定的通话记录",
               log=checks.Operations(("interactions.inbound", "interactions.outbound"), ("登记呼入", "登记呼出")),
               reads=called, public=checks.Ids("评价编号", r"P\d{5}", least=1, most=1000),
               compare=compare.facts({"alerts": 0.5, "record": 0.5}, {
                   "alerts": "预警的评价不对", "record": "没有这样一条新的通话记录"}))  # fmt: skip
def contacts(w: World) -> dict[str, Any]:
    return warned(w)


@contacts.mistake("已回复的评价弄反了：看清算不算", share=0.7)
def contacts_answered(w: World) -> dict[str, Any]:
    return warned(w, answered=w.task("X1-11")["已回复的"] != "也算")


@contacts.mistake("没有限定评价的起始日期：「从哪天起」填题目的「评价从」", share=0.7)
def contacts_undated(w: World) -> dict[str, Any]:
    return warned(w, dated=False)


@contacts.sign("通话记录登记了，但种类、顾客、主题、结果或时长有一项与题目不同", share=0.7)
def contacts_field(w: World, got: Any) -> bool:
    given, right = got["record"].split("、"), [str(x) for x in record(w)]
    same = sum(a == b for a, b in zip(given, right, strict=False))
    return got["alerts"] == alerts(w) and len(given) == len(right) and 3 <= same < len(right)


@contacts.sign("只交了预警，通话记录还没有登记", share=0.5)
def contacts_no_record(w: World, got: Any) -> bool:
    return got["alerts"] == alerts(w) and not got["record"]


# ------------------------------------------------------------------ 渠道关系


@lab.operation("X1-12", points=8, core=True, title="休眠渠道",
               need="把休眠的渠道标记上给定的备注（不关闭），再报它按给定口径的比率",
               log=checks.Operations(("channels.dormant", "channels.list"), ("处理休眠渠道", "维护渠道")),
               reads=marked, public=checks.Number(0, 1), compare=state_and_number)  # fmt: skip
def channel(w: World) -> dict[str, Any]:
    return put_down(w)


@channel.mistake("比率的算法不对：看清按明细行还是按金额", share=0.6)
def channel_measure(w: World) -> dict[str, Any]:
    return put_down(w, measure=other_measure(w.task("X1-12")["计算"]))


@channel.mistake("报的是另一个渠道的比率：要报休眠的那个渠道", share=0.6)
def channel_other(w: World) -> dict[str, Any]:
    return put_down(w, channel="T01")


@channel.sign("渠道被关闭了：题目只要标记", share=0.5)
def channel_closed(w: World, got: Any) -> bool:
    return got["noted"] == [asleep(w)] and not got["open"]


@channel.sign("备注还没有写到休眠渠道上，或写得与题目不同", share=0.5)
def channel_unmarked(w: World, got: Any) -> bool:
    return not got["noted"] and abs(forms.number(got["rate"]) - put_down(w)["rate"]) <= 1e-4
