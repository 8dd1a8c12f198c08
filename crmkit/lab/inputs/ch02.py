"""Inputs of chapter 2's exercises: sentences to sort, a rule card, numbers, a survey, orders.

Everything is drawn by hash, so that every student has other sentences and other numbers. What the
sentences are to be sorted into is not written here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops
from crmkit.settings import settings

CHAPTER = "ch02"
SENTENCES, VIEWS = 12, 12  # how many a student gets
RESPONDENTS, GRID = 120, 20

# (what happens, who, in whose eyes); the id of a sentence is its place in this list
SENTENCE_POOL = (
    ("游客在景区便利店付两元现金买了一瓶水，转身走了。", "游客", "便利店"),
    ("连锁奶茶店与茶厂签了年度供货合同，茶厂派一名业务员每周上门看库存。", "奶茶店", "茶厂"),
    ("公司统一采购了办公软件，新来的实习生每天用它写周报。", "实习生", "软件厂商"),
    ("学校买了一批平板电脑，学生上课时用来做练习。", "学生", "平板厂商"),
    (
        "健身房会员老周续了第三年的年卡，教练手里有他每次体测的记录，每月替他调计划。",
        "老周",
        "健身房",
    ),
    ("下班的人在地铁口扫码买了一份煎饼，摊主不认识他。", "下班的人", "煎饼摊"),
    ("税务师事务所长年替陶瓷厂报税，指定李会计负责，往来账目都有存档。", "陶瓷厂", "事务所"),
    ("酒店从茶厂批来袋泡茶放在客房，住客随手泡了一杯。", "住客", "茶厂"),
    ("一位女士在超市自助收银台买了一支牙膏，没有出示会员卡。", "女士", "超市"),
    ("女儿给父亲买了助听器，父亲每天戴着它。", "父亲", "助听器厂"),
    ("路过的学生在快餐店排队点了一份套餐，付款后端去自己吃。", "学生", "快餐店"),
    ("退休教师把积蓄交给银行打理，固定的理财经理每季度和她对一次账。", "退休教师", "银行"),
    ("社区出钱在楼下装了健身器材，居民早晚来锻炼。", "居民", "器材厂"),
    ("外地司机在高速服务区买了两个茶叶蛋，吃完继续赶路。", "司机", "服务区小店"),
    ("县城经销商每月向茶厂进货，茶厂按他的销量档案给他配货、返利。", "经销商", "茶厂"),
    ("医院购置了血糖仪，护士每天用它给病人检测。", "护士", "血糖仪厂"),
    ("有人在夜市的地摊上挑了一只茶杯，付了现金带回家。", "买杯子的人", "地摊"),
    ("装修公司为王女士建了项目档案，设计师全程对接，她按进度付款。", "王女士", "装修公司"),
    ("老人在菜市场买两斤青菜，哪个摊位近就在哪个摊位付钱。", "老人", "菜摊"),
    ("幼儿园向绘本馆按年付费订书，绘本馆有专人记着每个班读过什么。", "幼儿园", "绘本馆"),
    ("公司行政订了桶装水，员工渴了就接一杯。", "员工", "水站"),
    ("单位给职工发了中秋茶礼，小吴拆开来喝，没有花钱也没有下单。", "小吴", "茶厂"),
    ("旅客在机场书店买了一本杂志，店员照例收款，什么也没有登记。", "旅客", "机场书店"),
    (
        "宠物医院给一只老猫做了五年体检，主人每次付费，医生总是翻着病历同她商量。",
        "主人",
        "宠物医院",
    ),
    ("航空公司装了座椅娱乐系统，乘客在飞机上用它看电影。", "乘客", "娱乐系统厂商"),
    ("物流公司给一家网店开了月结账户，配了专属客服处理破损件。", "网店", "物流公司"),
    ("一家人临时起意走进影院，在自助机上付款取了三张票。", "一家人", "影院"),
    ("共享单车公司向车厂订购单车，市民扫码骑走了一辆。", "市民", "车厂"),
    ("茶具店的老主顾陈先生报手机号就能调出历年订单，店长亲自替他留新壶。", "陈先生", "茶具店"),
    ("球迷在球场小卖部买饮料，轮到哪个窗口就在哪个窗口付钱。", "球迷", "小卖部"),
    ("大学图书馆订了论文数据库，读者在阅览室里检索。", "读者", "数据库商"),
    ("软件公司向餐馆收年费，实施顾问每月回访，记下餐馆提出的需求。", "餐馆", "软件公司"),
    ("男孩用零花钱在文具店买了一支笔，店里没有他的任何资料。", "男孩", "文具店"),
    ("妈妈每周在网上给婴儿买奶粉，奶粉是婴儿在喝。", "婴儿", "奶粉厂"),
    (
        "礼品公司连续三年替银行采办中秋礼盒，礼盒厂有专门的项目经理和历年清单。",
        "礼品公司",
        "礼盒厂",
    ),
    ("赶路的人在自动售货机上投币买了一罐凉茶。", "赶路的人", "售货机公司"),
)
# How the people of a maker of small kitchen appliances sort its customers.
VIEW_POOL = (
    "分成还没订过货的、正在订货的和一年没有再订货的。",
    "装配车间是注塑车间的客户，超市采购是整个厂的客户：先看在厂内还是厂外。",
    "按采购员的脾气分成果断型、犹豫型、挑剔型，派不同的业务员去。",
    "分成普通买家、签了代理协议的经销商、合资建厂的伙伴。",
    "按全年毛利排序，前百分之一专人服务，其余走电话客服。",
    "有的联系人只认数据，有的先讲交情，拜访之前先看他属于哪一种。",
    "扣掉运费、退货和账期利息，把仍然赚钱的和亏钱的分成两组。",
    "下一道工序算“里面的客户”，买整机的人算“外面的客户”。",
    "展会上留过名片的算一类，签了首单的算一类，已经转投别家的算一类。",
    "看对方以什么身份来往：零售顾客、批发商、代工委托方，还是战略伙伴。",
    "话少的人发邮件，健谈的人打电话：按沟通习惯把联系人分开。",
    "算出每家经销商三年能带来多少利润，从高到低分四档。",
    "按组织的边界画一条线，线内是员工和部门，线外是买方和合作单位。",
    "分成一次性买卖的、签长期合同的、和厂里联合开发新品的。",
    "按往来的进展分成潜在、目标、现实、流失四栏，每周挪动卡片。",
    "订货额大而压价狠的单位单列一类，因为做它的生意几乎不赚钱。",
    "分成理智比较型和冲动下单型，直播间里用不同的讲法。",
    "仓库、售后部在厂门之内，供应商、经销商和最终买家在厂门之外。",
    "新开户的、订货在增加的、订货平稳的、订货在下滑的，分四组跟进。",
    "分成单纯供货的、一起做促销的、共享库存数据的三种合作方。",
    "按性情分成爱尝新的、求省心的、怕吃亏的，各写一版说明书。",
    "分成高利润、低利润和负利润三类，决定谁可以赊账。",
    "财务部把各车间列为“家里的客户”，把商场和网店列为“门外的客户”。",
    "授权代理、特约维修点、参股的零售商分别立档，权利义务各不相同。",
    "从询价到下单到停单，看对方走到了哪一步。",
)


@dataclass(frozen=True)
class Rule:
    """The numbers of one student's stage rule."""

    churned_days: int
    stable_orders: int
    stable_days: int
    decline: float


@dataclass(frozen=True)
class Clv:
    """One student's numbers for the lifetime-value exercise (symbols of the exercise)."""

    n: int
    Co: int
    Po: int
    In: int
    r: float
    Cs: int


@dataclass(frozen=True)
class Guest:
    """What the restaurant knows and its guest does not."""

    margin: float
    rate: float


def unit(student: str, *what: object) -> float:
    """A number in [0, 1) that depends on nothing but the student and what it is for."""
    text = "|".join((student, CHAPTER, *map(str, what)))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:6], "big") / 2**48


def step(student: str, what: str, low: int, high: int, by: int = 1) -> int:
    """A whole number of ``low, low + by, … high``."""
    return low + by * int(unit(student, what) * ((high - low) // by + 1))


def sentences(student: str) -> dict[str, int]:
    """The student's sentences: number on the sheet → place in `SENTENCE_POOL`."""
    return _drawn(student, "sentences", len(SENTENCE_POOL), SENTENCES, "S")


def views(student: str) -> dict[str, int]:
    """The student's ways to sort: number on the sheet → place in `VIEW_POOL`."""
    return _drawn(student, "views", len(VIEW_POOL), VIEWS, "F")


def _drawn(student: str, salt: str, size: int, n: int, letter: str) -> dict[str, int]:
    places = shops.draw([f"{i:02d}" for i in range(size)], n, student, CHAPTER, salt)
    return {f"{letter}{k:02d}": int(i) for k, i in enumerate(places, start=1)}


def rule(student: str) -> Rule:
    return Rule(
        churned_days=step(student, "churned", 150, 240, 10),
        stable_orders=step(student, "orders", 3, 5),
        stable_days=step(student, "stable", 120, 240, 30),
        decline=step(student, "decline", 4, 6) / 10,
    )


def clv(student: str) -> Clv:
    return Clv(
        n=step(student, "n", 6, 15), Co=step(student, "Co", 300, 900, 50),
        Po=step(student, "Po", 1500, 4500, 100), In=step(student, "In", 600, 1800, 50),
        r=step(student, "r", 5, 12) / 100, Cs=step(student, "Cs", 60, 260, 20),
    )  # fmt: skip


def guest(student: str) -> Guest:
    return Guest(step(student, "margin", 22, 45) / 100, step(student, "rate", 5, 12) / 100)


@lru_cache(maxsize=4)
def respondents(student: str) -> pd.DataFrame:
    """Answers of 120 people: some never bought, some left a question blank."""
    rows = []
    for i in range(1, RESPONDENTS + 1):

        def u(what: str, i: int = i) -> float:
            return unit(student, what, i)

        def answer(what: str, yes: float, blank: float) -> str:
            shift = (unit(student, what) - 0.5) * 0.2  # every student's shop is a little different
            return "" if u(what + "?") < blank else "是" if u(what) < yes + shift * yes else "否"

        orders = sum(u("orders") >= limit for limit in (0.15, 0.52, 0.74, 0.87, 0.95))
        buys = orders > 0
        rows.append({
            "受访者": f"R{i:03d}",
            "订单数": orders,
            "购买额": round(orders * (60 + 340 * u("amount")), 2),
            "称赞": answer("praise", 0.62, 0.08),
            "指名购买": answer("name", 0.42, 0.05) if buys else "否",
            "投诉": answer("complaint", 0.09, 0.0) if buys else answer("early", 0.15, 0.0),
            "涨价离开": answer("leave", 0.24, 0.12),
            "推荐": answer("tell", 0.38, 0.10),
        })  # fmt: skip
    return pd.DataFrame(rows)


@lru_cache(maxsize=4)
def grid(student: str) -> pd.DataFrame:
    """Twenty customers with their attachment (1–5) and orders; some stand just on a limit."""
    limits = settings()["satisfaction"]
    level, many = float(limits["loyal_attachment"]), int(limits["loyal_orders"])
    below = round(level - 0.1, 1)
    edge = [(level, many), (level, many - 1), (below, many), (level, many + 3), (4.6, many),
            (2.1, many), (below, many - 1), (level, many - 1)]  # fmt: skip
    rows = list(edge)
    for i in range(GRID - len(edge)):
        attached = round(1 + 4 * unit(student, "attached", i), 1)
        rows.append((attached, 1 + int(8 * unit(student, "bought", i) ** 2)))
    ids = shops.draw([f"C{900 + i:06d}" for i in range(200)], GRID, student, CHAPTER, "grid")
    frame = pd.DataFrame(rows, columns=["依恋", "订单数"])
    frame.insert(0, "客户编号", ids)
    return frame.sort_values("客户编号").reset_index(drop=True)


@lru_cache(maxsize=4)
def answers_and_orders(student: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The survey rows of the student's cut of the tea shop, and all orders of who answered."""
    mine = shops.variant("tea", student, CHAPTER)
    survey = mine.surveys
    orders = mine.orders
    orders = orders[orders["客户编号"].isin(survey["客户编号"])].reset_index(drop=True)
    names = ["订单编号", "客户编号", "下单时间", "付款时间", "实付金额", "订单状态"]
    return survey, orders[names]


def weights(student: str) -> dict[str, int]:
    """What the shop's manager thinks of each item's weight; the weights do not add to 100."""
    own = {"物流速度": (30, 40), "价格": (10, 25), "描述相符": (5, 20), "商品质量": (5, 15)}
    return {
        item: step(student, f"weight {item}", *own.get(item, (5, 20)), 5)
        for item in ("商品质量", "描述相符", "包装", "物流速度", "客服态度", "价格")
    }


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, encoding="utf-8-sig")


def _sentences(path: Path, student: str) -> None:
    rows = [(number, *SENTENCE_POOL[i]) for number, i in sentences(student).items()]
    _csv(pd.DataFrame(rows, columns=["编号", "发生了什么", "他", "对谁而言"]), path)


def _views(path: Path, student: str) -> None:
    rows = [(number, VIEW_POOL[i]) for number, i in views(student).items()]
    _csv(pd.DataFrame(rows, columns=["编号", "怎样分"]), path)


def _weights(path: Path, student: str) -> None:
    _csv(pd.DataFrame(list(weights(student).items()), columns=["项目", "权重"]), path)


def _rule(path: Path, student: str) -> None:
    mine = rule(student)
    rows = [
        ("流失天数", mine.churned_days), ("稳定单数", mine.stable_orders),
        ("稳定天数", mine.stable_days), ("下降线", mine.decline),
    ]  # fmt: skip
    _csv(pd.DataFrame(rows, columns=["规则", "数值"]).astype({"数值": object}), path)


def _clv(path: Path, student: str) -> None:
    mine = clv(student)
    rows = [
        ("n", "关系年数（年）", mine.n), ("Co", "争取成本（元）", mine.Co),
        ("Po", "首次购买（元）", mine.Po), ("In", "每年新增收入（元）", mine.In),
        ("r", "折现率", mine.r), ("Cs", "每年直接服务成本（元）", mine.Cs),
    ]  # fmt: skip
    _csv(pd.DataFrame(rows, columns=["符号", "含义", "数值"]).astype({"数值": object}), path)


def _guest(path: Path, student: str) -> None:
    mine = guest(student)
    rows = [("毛利率", mine.margin), ("折现率", mine.rate)]
    _csv(pd.DataFrame(rows, columns=["名称", "数值"]), path)


FILES = {
    "sentences.csv": _sentences,
    "views.csv": _views,
    "stage_rule.csv": _rule,
    "clv.csv": _clv,
    "respondents.csv": lambda path, student: _csv(respondents(student), path),
    "survey.csv": lambda path, student: _csv(answers_and_orders(student)[0], path),
    "weights.csv": _weights,
    "orders.csv": lambda path, student: _csv(answers_and_orders(student)[1], path),
    "loyalty.csv": lambda path, student: _csv(grid(student), path),
    "guest.csv": _guest,
}
