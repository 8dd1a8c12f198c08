"""Inputs of chapter 6's exercises: sentences and schemas to sort, and a student's own cube.

Everything is drawn by hash. What the sentences are to be sorted into is not written here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops
from crmkit.analytics.warehouse import models
from crmkit.lab.inputs.chance import numbered, pick

CHAPTER = "ch06"
TRAITS, SYSTEMS, DIAGRAMS, QUESTIONS = 10, 12, 5, 6  # how many a student gets
SHARE = 0.25

TRAIT_POOL = (
    "业务系统只留三个月的订单，库里可以把同一家店的十个季度排成一行来比。",
    "两套软件都叫“销售额”，一个含运费、一个不含，入库前改成不含的那一种。",
    "天猫导出写“男/女”，门店软件写“M/F”，进库后只有一种写法。",
    "“华东”在一套软件里含安徽，在另一套里不含；进库时商定了一个口径。",
    "每一行都带着日期键，没有日期的数据不准进库。",
    "建库先问“管理者要看哪几件事”，再决定收哪些表；排班软件里的值班表没有收进来。",
    "打印机型号、发票箱号这类办理业务才用的字段，一个也没有进库。",
    "装载前后各算一次旧数据的指纹，两次必须一致，否则退回重来。",
    "每天晚上照一次库存的相，于是能画出一年里的库存曲线。",
    "库里存了五年的数据，足以比较每一年的中秋。",
    "数据按“谁买、买什么、哪里买”来摆，不按“哪个窗口录入”来摆。",
    "源系统里订单被删掉了，库里当初装入的那一行照旧保留。",
    "同一位客户的下单、投诉和评价放在一起看，虽然它们来自三个部门的软件。",
    "会员等级表里，同一位客户有三行，各写着从哪天到哪天有效。",
    "同一份季报今年跑和明年跑，结果完全相同，因为底下的行没有动过。",
    "库里的操作只有两种：成批装入，和查询；没有逐笔修改的界面。",
    "库里有一块专门回答“商品卖得怎样”，凡与这个问题有关的数据都归到这里。",
    "客户升级以后，过去在普通会员时买的东西，仍按当时的等级统计。",
    "三个平台各有一套客户编号，进库前对成一个编号，重复的并成一位。",
    "分析人员打开的是“客户”“销售”“退换”三个区，而不是收银、仓管、客服三套软件的菜单。",
    "发现三月有一笔错账，做法是在本月追加一行更正，原来那行还在。",
    "京东的订单金额以分计，微信商城以元计，装载时统一成元。",
    "一处日期写成 2025/3/8，另一处写成 8-Mar-25，库里都是 2025-03-08。",
    "上个月的销售装进来以后，谁也没有权限去改那些行，只能查询。",
)
SYSTEM_POOL = (
    "收银员、仓管员和客服整天开着它干活。",
    "用来判断明年要不要多订白茶，而不是今天给谁发货。",
    "出了故障，店里立刻没法卖货，所以要求全天不停。",
    "把两年里每个季度、每个大类、每个省的销售额排成一张表。",
    "录入时检查手机号位数，不合规的当场拒绝。",
    "每一次点击都会插入、修改或删除几行。",
    "同一位客户的等级变过四次，四次都查得到。",
    "客服在来电时改收货地址，一次只动一位客户的一行。",
    "把淘宝、京东和门店三套系统的数据对成同一个口径。",
    "表设计得没有冗余，同一个事实只存一处，免得改的时候漏改。",
    "好坏看每秒能办多少笔，以及每笔等多久。",
    "一条查询扫过上千万行，等十几秒也可以接受。",
    "好坏看一个复杂问题多久能答上来，以及答得对不对。",
    "几千个用户同时读写，每次只碰几行。",
    "停半天不影响卖货，只是明天的经营会少一页图。",
    "只保留最近几个月的数据，更早的归档，以免变慢。",
    "一条退款要么全部记好，要么一点也不记，中途断电也不能只记一半。",
    "数据每天夜里成批装进来，白天只看不改。",
    "存的多是汇总过的和历史的数据，而不是此刻的一笔。",
    "当前库存是 37 件，卖掉一件马上变成 36 件，37 这个数就没有了。",
    "用的人是店长、分析员和老板，一天查几十次。",
    "故意让大类名称在每件商品上重复一遍，为的是少连几次表。",
    "问题事先不知道，边看边想，从年点到季，再点到月。",
    "顾客点“付款”，半秒之内必须扣减库存并生成订单。",
)
# The tables of a schema as arrows; the judge knows what each is called.
DIAGRAM_POOL = (
    "挂号事实→病人　挂号事实→科室　挂号事实→医生　挂号事实→日期",
    "外卖事实→食客　外卖事实→餐馆　外卖事实→骑手　外卖事实→日期　外卖事实→商圈",
    "点击事实→访客　点击事实→页面　成交事实→访客　成交事实→商品　点击事实→日期　成交事实→日期",
    "直播成交事实→主播　直播成交事实→商品　直播成交事实→日期　直播成交事实→平台",
    "入库事实→仓库　出库事实→仓库　入库事实→物料　出库事实→物料　入库事实→日期　出库事实→日期",
    "销售事实→商品　销售事实→日期　退货事实→商品　退货事实→日期　退货事实→原因",
    "话单事实→套餐　话单事实→用户　用户→地市　地市→省份　话单事实→日期",
    "授信事实→企业　还款事实→企业　授信事实→日期　还款事实→日期　还款事实→账户",
    "住宿事实→客房　客房→房型　房型→楼栋　住宿事实→旅客　住宿事实→日期",
    "充电事实→车主　充电事实→电站　充电事实→日期",
    "借阅事实→读者　借阅事实→图书　借阅事实→日期　借阅事实→分馆",
    "下单事实→客户　下单事实→日期　来电事实→客户　来电事实→坐席　来电事实→日期",
    "理赔事实→保单　保单→险种　理赔事实→客户　理赔事实→日期",
    "快递事实→网点　网点→城市　城市→大区　快递事实→寄件人　快递事实→日期",
    "销售事实→商品　商品→小类　小类→大类　销售事实→门店　销售事实→日期",
)
QUESTION_POOL = (
    "直播组的专用汇总：每场的成交、退款和投入产出，口径由总库统一给。",
    "刚才十分钟里，三个平台合起来退了几单？",
    "营销组每周一打开的那张表：沉睡满 90 天的老客各有多少，上次买的是哪一大类？",
    "一位客户正在电话里催货，他的包裹现在到哪一步了？",
    "财务和营销各报了一个去年的销售额，要查明细，看谁的口径错了。",
    "会员等级规则去年改过，改之前和改之后，高级会员的年消费差多少？",
    "把来电、退换和销售三个主题放在一起，看投诉多的客户后来少买了多少。",
    "过去两年里，各季度、各省、各大类的销售额各是多少？",
    "公司要比较五年里每个平台每个月的毛利，原来没人统计过，要从明细算起。",
    "营销组挑短信名单时用的宽表，只含能发营销信息的客户，从总库每晚更新。",
    "采购组只要茶叶大类、按月汇总好的销量，别的一概不要。",
    "现在仓库里龙井还剩多少，够不够今晚直播？",
    "2024 年双 11 的新客，到今年双 11 还剩几成，当时他们是什么等级？",
    "此刻有哪几张订单已经付款、还没有发货？把各平台的放在一起看。",
    "会员组自己的小库里，每位会员一行：订单数、最近购买日、首选大类。",
    "今天上午哪些差评还没有人回复？",
    "这位来电客户此刻有没有正在处理的退换？",
    "客服主管每天用的专题表：各坐席昨天的一次解决率，只有客服部看。",
)


@dataclass(frozen=True)
class Card:
    """One student's question to the cube."""

    platform: str  # the slice
    year: int
    rolled: str  # the category of the roll-up from month to quarter


def drawn(student: str, what: str) -> dict[str, int]:
    """Number on the sheet → place in the pool of that name."""
    pool, n, letter = {
        "traits": (TRAIT_POOL, TRAITS, "E"), "systems": (SYSTEM_POOL, SYSTEMS, "S"),
        "diagrams": (DIAGRAM_POOL, DIAGRAMS, "G"), "questions": (QUESTION_POOL, QUESTIONS, "Q"),
    }[what]  # fmt: skip
    return numbered(student, CHAPTER, what, len(pool), n, letter)


def card(student: str) -> Card:
    return Card(
        pick(student, CHAPTER, "platform", ("天猫", "淘宝", "京东", "抖音", "微信")),
        pick(student, CHAPTER, "year", (2024, 2025)),
        pick(student, CHAPTER, "category", ("茶叶", "茶具", "礼盒")),
    )


@lru_cache(maxsize=4)
def star(student: str) -> models.Warehouse:
    """The star schema of the student's own cut of the tea shop."""
    s = shops.variant("tea", student, CHAPTER, SHARE)
    return models.star(s.customers, s.products, s.orders, s.order_items, s.channels)


def _sheet(name: str, title: str, pool: tuple[str, ...]) -> Callable[[Path, str], None]:
    def write(path: Path, student: str) -> None:
        rows = [(number, pool[i]) for number, i in drawn(student, name).items()]
        _csv(pd.DataFrame(rows, columns=["编号", title]), path)

    return write


def _card(path: Path, student: str) -> None:
    c = card(student)
    rows = [("切片：平台", c.platform), ("切片：年", c.year), ("上卷：大类", c.rolled)]
    _csv(pd.DataFrame(rows, columns=["条件", "取值"]), path)


def _table(name: str) -> Callable[[Path, str], None]:
    return lambda path, student: _csv(star(student).tables[name], path)


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, encoding="utf-8-sig")


FILES = {
    "traits.csv": _sheet("traits", "现象", TRAIT_POOL),
    "systems.csv": _sheet("systems", "说法", SYSTEM_POOL),
    "diagrams.csv": _sheet("diagrams", "连线", DIAGRAM_POOL),
    "questions.csv": _sheet("questions", "问题", QUESTION_POOL),
    "card.csv": _card,
    **{
        f"{name}.csv": _table(name)
        for name in ("fact_sales", "dim_customer", "dim_product", "dim_date", "dim_channel")
    },
}
