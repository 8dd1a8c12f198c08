"""Inputs of chapter 1's exercises: cards to sort, events to order, a shop's year to add up.

Cards are drawn by hash; what they are to be sorted into is not written here. The shop's year is cut
from the tea shop: some of its customers, and budgets of the student's own.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs.by_hash import Draw, csv

CHAPTER = "ch01"
VIEWS, EVENTS, SCENES, MIX = 6, 8, 12, 9
YEAR = 2025

VIEW_POOL = (
    "CRM 是全企业的事：让利润、收入和客户满意度一起上升，远不只是信息部门的一个项目。",
    "呼叫中心里那套记录来电、弹出客户资料、派发工单的程序，就是 CRM。",
    "在总的方向之下，按细分结果把人手和预算投给不同的客户群，并照此改造流程。",
    "CRM 是企业同客户之间的一种新机制：岗位、权责和流程都围着一对一的关系重新安排。",
    "从第一次接触、成交、服务到再次购买，一环接一环，做完一圈又从头再来，没有竣工的那一天。",
    "管理层把客户当成企业最值钱的资产，由此决定做哪些生意、不做哪些生意。",
    "它由销售自动化、营销自动化、服务支持几个模块组成，装在服务器上，按用户数收费。",
    "给价值不同的客户群配上不同的优惠和服务水平，是一套把资源用到刀刃上的手法。",
    "企业设客户经理，由一个人对一位客户的全部往来负责，考核和奖金也跟着这条线走。",
    "CRM 是不断了解客户、据此行动、看结果、再了解的循环，重要的是转起来。",
    "在客户得到的价值与企业得到的收益之间求平衡，是董事会要回答的问题。",
    "一个把营销、销售、服务信息集中到一个数据库的应用系统，谁登录都看到同一份客户资料。",
    "先细分，再为每一群设计联系的次数、渠道和话术，让同样的预算多做成几单。",
    "它改变的是谁说了算：一线可以当场拍板，流程按客户的事来分，不按部门来分。",
    "识别、区分、互动、定制四步轮着做，每一轮都用上一轮的结果。",
    "把“与谁建立长期关系”列为公司的首要选择，其余决定都服从它。",
    "能查询、能统计、能群发，还能和进销存对接的那套信息产品。",
    "用优惠券、积分和回访的不同搭配对待不同的人，短期内把份额拿回来。",
    "为管好与每位客户的关系，定下过程管理的制度：谁跟进、何时交接、超时怎么办。",
    "关系要一段一段地养：今天的回访接着昨天的订单，明天的推荐接着今天的回访。",
)
EVENT_POOL = {
    "4p": ("麦卡锡的教科书把营销归成四个 P", "麦卡锡提出产品、价格、渠道、促销的框架"),
    "relation": ("贝里在一篇会议论文里写下“关系营销”一词", "“关系营销”这个词由贝里用进服务业的论文"),
    "contact": ("接触管理软件 ACT! 上市，推销员把联系人存进电脑", "ACT! 上市，联系人第一次成批地住进个人电脑"),
    "4c": ("劳特朋撰文主张用四个 C 换掉四个 P", "劳特朋主张从顾客、成本、便利、沟通想营销"),
    "one": ("佩珀斯与罗杰斯出版《一对一的未来》", "“一对一营销”随佩珀斯与罗杰斯的书传开"),
    "gartner": ("Gartner 把 CRM 作为单独的概念提出来", "咨询公司 Gartner 提出客户关系管理的概念"),
    "taobao": ("淘宝网上线", "淘宝网开张，网店的客户开始有了昵称"),
    "siebel": ("甲骨文宣布收购 Siebel", "曾是最大 CRM 厂商的 Siebel 宣布卖给甲骨文"),
    "eleven": ("第一个“双 11”", "淘宝商城办了第一次“双 11”大促"),
    "wechat": ("微信公众平台上线", "商家有了微信公众号，可以直接对粉丝说话"),
    "gdpr": ("欧盟《通用数据保护条例》开始适用", "欧盟的 GDPR 开始适用"),
    "pipl": ("中国《个人信息保护法》施行", "中国施行《个人信息保护法》"),
    "chat": ("ChatGPT 公开，客服开始试用大语言模型", "ChatGPT 向公众开放"),
}  # fmt: skip
SCENE_POOL = (
    "客服接起电话，屏幕弹出这位客户的订单，当场登记一条退换申请。",
    "用两年的订单算每位客户多久买一次，找出可能流失的人。",
    "同一位客户在旺旺问了一半，转到电话接着说，接电话的人看得见前面的聊天。",
    "销售把今天拜访的结果记进商机，系统提醒后天再联系。",
    "把各省、各品类、各月的销售额做成可以切片的立方体。",
    "工程师带着移动终端上门，与总部的专家和客户三方视频，一起把设备调好。",
    "活动系统按名单发出八百条短信，自动记下送达与否。",
    "比较两版文案，看哪一版带来的回购更多，差别是不是偶然。",
    "经销商登录门户，与厂家共用同一份客户需求，一起排交货日期。",
    "仓库发货后系统自动改订单状态，并给客户推送单号。",
    "用购物篮里的搭配关系，算出买绿茶的人还会买什么。",
    "客户在自助网页上改收货地址，客服、仓库同时收到，谁也不用再问一遍。",
    "按报价单模板给企业客户出价，审批通过后直接转成订单。",
    "把客户分成八群，逐群估计未来三年带来的利润。",
    "电话、邮件、门店三个渠道的留言汇到一处，按紧急程度分给合适的人。",
    "现场服务的派工单：谁、几点、去哪里、带什么零件。",
    "回访问卷汇总之后，找出哪一项服务最拉低总体满意度。",
    "产品部把新款草图放进社区，请老客户投票、留言，改了再投。",
    "新客户登记：填资料、查重、建档、分给客服。",
    "预测下个季度各等级会员的购买次数，给备货作依据。",
    "语音菜单听不懂时转人工，客户说过的内容一并转过去，不用从头再说。",
    "市场部录入一场活动的预算、时间和参加名单，执行完填报结果。",
    "从投诉文本里归出最常见的八个原因，看它们逐月怎样变化。",
    "物流商、平台和店铺围着同一张异常件工单各自留言，直到客户收到货。",
)
MIX_POOL = (
    "推出三款新盖碗，加厚防烫，配收纳盒。",
    "一套茶具定 680 元，比同行低 5%。",
    "天猫旗舰店之外，又铺进两家分销店。",
    "满 300 减 30，再投一周开屏广告。",
    "先弄清新人要的是体面又能天天用的纪念品，再决定做什么。",
    "把货款、挑选的时间、怕碎的担心加起来，看买的人一共付出多少。",
    "下班路过就能取，半夜也能下单。",
    "请新人讲讲婚礼的样子，双方一来一往把花色商量定。",
    "与企业客户约定三年的礼单，记住每一年的日子。",
    "差评一小时内有人回，第二天包装就改。",
    "把茶具同搬家、添丁这些他生活里的事连在一起，让彼此分不开。",
    "维系的投入要换得回收入，年底逐群算一次账。",
    "把散茶改成小袋装，保质期标到天。",
    "旺季调高一成，老会员仍按旧的卖。",
    "在机场开一个柜台，货从成都仓发。",
    "请主播带货，当天发两千张券。",
    "问“送长辈的人最怕什么”，答案是怕不合口味，于是改了方案。",
    "运费、退货要跑的路、等待的天数，都算进买家付出的总账。",
    "用他习惯的平台、他方便的时间交货，哪怕我们多跑一趟。",
    "不再单向发广告，改成听他说、答他问。",
    "从一锤子买卖转到长期往来，双方都记得上一次说到哪里。",
    "市场一变，三天内改版上架，听得快也动得快。",
    "通过共同的兴趣和需求把店与买家绑在一起，形成互相需要。",
    "交换要对双方都有好处：他省心，我们有利润，账要算得出来。",
)


def draw(student: str) -> Draw:
    return Draw(student, CHAPTER)


def views(student: str) -> dict[str, int]:
    """The student's definitions: number on the sheet → place in `VIEW_POOL`."""
    return draw(student).cards(len(VIEW_POOL), VIEWS, "V", "views")


def scenes(student: str) -> dict[str, int]:
    return draw(student).cards(len(SCENE_POOL), SCENES, "C", "scenes")


def mix(student: str) -> dict[str, int]:
    return draw(student).cards(len(MIX_POOL), MIX, "M", "mix")


def events(student: str) -> dict[str, tuple[str, str]]:
    """The student's eight events: letter → (topic, wording)."""
    chosen = shops.draw(sorted(EVENT_POOL), EVENTS, student, CHAPTER, "which events")
    return draw(student).lettered({t: EVENT_POOL[t] for t in chosen}, "events")


@lru_cache(maxsize=4)
def _costed() -> pd.DataFrame:
    """All orders of the tea shop with the cost of their goods."""
    tea = shops.load("tea")
    lines = tea.order_items.merge(tea.products[["商品编码", "成本"]], on="商品编码")
    cost = (lines["数量"] * lines["成本"]).groupby(lines["订单编号"]).sum().rename("货品成本")
    names = ["订单编号", "客户编号", "下单时间", "付款时间", "实付金额", "订单状态"]
    return tea.orders[names].merge(cost, left_on="订单编号", right_index=True)


def _mine(frame: pd.DataFrame, student: str) -> pd.DataFrame:
    d = draw(student)
    kept = {c for c in frame["客户编号"].unique() if d.unit("customer", c) < 0.3}
    return frame[frame["客户编号"].isin(kept)].reset_index(drop=True)


@lru_cache(maxsize=8)
def orders(student: str) -> pd.DataFrame:
    """Two years of orders of three customers in ten."""
    return _mine(_costed(), student)


@lru_cache(maxsize=8)
def surveys(student: str) -> pd.DataFrame:
    """Two years of marks that these customers gave."""
    return _mine(shops.load("tea").surveys[["客户编号", "时间", "项目", "期望", "体验"]], student)


@lru_cache(maxsize=8)
def campaigns(student: str) -> pd.DataFrame:
    """The shop's campaigns with budgets of the student's own."""
    found = shops.load("tea").campaigns[["活动编号", "活动名称", "开始日期"]].copy()
    d = draw(student)
    found["预算"] = [float(d.step(("budget", c), 800, 4000, 50)) for c in found["活动编号"]]
    return found


def _cards(pool: tuple[str, ...], places: dict[str, int], path: Path, name: str) -> None:
    csv([(k, pool[i]) for k, i in places.items()], path, "编号", name)


FILES = {
    "views.csv": lambda path, student: _cards(VIEW_POOL, views(student), path, "说法"),
    "events.csv": lambda path, student: csv(
        [(k, words) for k, (_, words) in events(student).items()], path, "卡片", "事件"
    ),
    "scenes.csv": lambda path, student: _cards(SCENE_POOL, scenes(student), path, "场景"),
    "mix.csv": lambda path, student: _cards(MIX_POOL, mix(student), path, "做法"),
    "orders.csv": lambda path, student: csv(orders(student), path),
    "surveys.csv": lambda path, student: csv(surveys(student), path),
    "campaigns.csv": lambda path, student: csv(campaigns(student), path),
}
