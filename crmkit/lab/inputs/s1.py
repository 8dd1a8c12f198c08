"""Inputs of lab S1: complaints, steps in disorder, scenes with replies, a rule card.

All by hash, so that every student has other ones. What a complaint is about, which order is right
and which reply fits is not written here but for the order of the lists, see the judge's keys.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs.by_hash import Draw, csv

LAB = "S1"
COMPLAINTS, E_COMMERCE = 40, "电商"
# Eight complaints on each of eight causes, four of on-line shops and four of other trades.
POOL = (
    ("杯子用了两天，釉面自己裂开一道缝。", "充电宝充一晚上只有半格电。", "茶饼里挑出两根塑料丝。",
     "新耳机左边没有声音，换手机也一样。", "刚装的水龙头第三天就滴水。", "餐馆的鱼不新鲜，吃完拉肚子。",
     "新买的空调一开机就跳闸。", "干洗回来的大衣染上一片蓝。"),
    ("图片上是天青色，收到的是灰绿色。", "写着手工制作，底下印着模具编号。", "页面说容量六百毫升，量出来只有四百五。",
     "标的是特级，泡出来全是碎末。", "宣传说海景房，窗外是停车场。", "招生时说小班十人，开课坐了三十人。",
     "菜单上的大份牛排，端上来只有手掌大。", "房产中介说采光好，冬天一天晒不到太阳。"),
    ("物流七天没有动过，问了也没人管。", "快递放在路边就走，没有打电话。", "说隔天到，生日过完了才送来。",
     "寄到了三年前的旧地址，让我自己去取。", "家具说周六送，等了一天没有人来。", "行李没有跟我一起到，等了两天。",
     "外卖晚到一个半小时。", "报纸这个月有九天没有送。"),
    ("四只盖碗碎了三只，盒子里只有一层报纸。", "礼盒的角压瘪了，没法送人。", "玻璃瓶没有垫东西，蜂蜜流了一箱。",
     "屏幕外面的泡沫断了，机身磕掉一块漆。", "搬家公司没有裹柜子，两扇门磕坏了。", "酒没有固定好，到家洒了半瓶。",
     "蛋糕盒太大，里面的蛋糕撞成一团。", "托运的吉他只套了布袋，琴颈断了。"),
    ("客服回我：“爱买不买。”", "问了三遍，对方只发“亲亲”和表情。", "说我不懂茶，让我去买超市货。",
     "电话里没等我说完就挂了。", "柜员一边聊天一边办事，叫了三声才抬头。", "司机骂我磨蹭，到站了还在骂。",
     "护士当着一屋子人大声说我的病。", "保安拦住送菜的老人，说话很难听。"),
    ("退货收到两周了，钱还没有退。", "说好的满减没有减，多付了三十元。", "运费险不赔，也不说为什么。",
     "买完第二天降了八十元，不给补差。", "话费单上多出一项没有订过的业务。", "健身房关门，剩下的年卡钱不退。",
     "停车场多收了四个小时的钱。", "银行扣了两次年费。"),
    ("答应送的茶漏没有送，问了说送完了。", "客服说当天回电话，三天没有消息。", "保证七天无理由，退的时候又说不行。",
     "承诺终身维修，第二年要收检测费。", "物业说月底修好电梯，拖了三个月。", "师傅约好九点上门，爽约两次。",
     "装修公司说不增项，最后加了一万二。", "旅行社答应的景点，一个也没有去成。"),
    ("刚下完单，就有人打电话说我中奖，报得出我买了什么。", "我没同意，店铺天天给我发短信。", "评价里贴出了我的电话和地址。",
     "退订了四次，促销还在发。", "体检报告发到了单位的群里。", "房东的中介把我的号码转给了贷款公司。",
     "酒店把我的房号告诉了陌生人。", "培训班把孩子的照片印在广告上。"),
)  # fmt: skip
PHONE_STEPS = (
    "铃响三声之内接起", "问好，报店名和自己的名字", "问清对方怎样称呼", "听完来意，边听边记", "把要点复述一遍请对方确认",
    "给出办法和时间", "问还有没有别的事，道谢", "等对方先挂，再放下电话",
)  # fmt: skip
HANDLING_STEPS = (
    "让顾客把话说完，先安抚情绪",
    "问清事实，记下时间、订单和诉求",
    "为带来的不便道歉，表明会负责到底",
    "给出方案和时限，征得顾客同意",
    "按方案办，办完告诉顾客",
    "回访，把原因报给相关部门改进",
)
# Scene: what the customer says, and three replies. The first one is the best.
SCENES = (
    ("顾客：“杯子碎了！我明天就要送人！”",
     ("“真抱歉，耽误您送礼了。我现在就补发一套，走次日达，单号十分钟内发您，您看行吗？”",
      "“您好，请您先提供开箱视频，否则无法处理。”", "“快递弄碎的，您找快递赔。”")),
    ("顾客：“你们是不是发的假货？”",
     ("“我理解您的担心。您是从哪里看出不一样的？您方便拍张底款的照片吗，我请质检的同事当天回复您。”",
      "“本店不可能卖假货。”", "“假一赔十，您先去鉴定，拿报告来说话。”")),
    ("顾客在电话里大声骂人，已经骂了两分钟。",
     ("不打断，等停顿时说：“让您这么生气，是我们没做好。我先把事情记下来：是上周三那一单，对吗？”",
      "“您再骂我就挂了。”", "把电话放在一边，等他骂完。")),
    ("顾客要求退货，已经过了七天，商品用过。",
     ("“用过的商品不能按无理由退，这一点要先跟您说清。您觉得哪里不合用？有质量问题我们照样管，没有的话可以帮您半价换一只。”",
      "“过了七天，系统不支持。”", "“那给您退吧，下次别这样。”")),
    ("顾客：“昨天你们同事说今天一定给我回电话，到现在没有！”",
     ("“这是我们失约了，对不起。我已经看到昨天的记录，现在就办，下午三点前由我本人给您回电话，我姓李。”",
      "“昨天不是我的班，我不清楚。”", "“您再等等，同事可能在忙。”")),
    ("老顾客轻声说：“也没什么大事，就是这次的茶好像不如以前。”",
     ("“谢谢您愿意告诉我们。您喝着是香气淡了还是涩了？我记下批次查一下，明天给您答复。”",
      "“您是老顾客了，我先寄一小包这一批和上一批给您对着喝，两天后听您的意见。”", "“茶每年都不一样，正常的。”")),
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """From how many yuan, and from which time on, a complaint goes to the supervisor."""

    amount: int
    times: int
    orders: int  # of the month, for the rate


def rule(student: str) -> Rule:
    draw = Draw(student, LAB)
    return Rule(draw.step("amount", 200, 600, 50), draw.step("times", 2, 4),
                draw.step("orders", 4200, 9800, 100))  # fmt: skip


@lru_cache(maxsize=8)
def complaints(student: str) -> pd.DataFrame:
    """编号, 行业, 内容, 受理时间, 结案时间, 是否满意 (blank: not asked) and the place in the pool."""
    draw = Draw(student, LAB)
    weight = {k: 0.6 + 2.0 * draw.unit("weight", k) for k in range(len(POOL))}
    cards = [(k, i) for k in range(len(POOL)) for i in range(len(POOL[k]))]
    cards.sort(key=lambda c: draw.unit("card", *c) ** (1 / weight[c[0]]), reverse=True)
    chosen = sorted(cards[:COMPLAINTS], key=lambda c: draw.unit("order", *c))
    rows = []
    for number, (k, i) in enumerate(chosen, start=1):
        began = dt.datetime(2025, 12, 1, 9) + dt.timedelta(
            minutes=int(60 * 24 * 28 * draw.unit("at", k, i))
        )
        hours = round(0.5 + 70 * draw.unit("hours", k, i) ** 3, 1)
        u = draw.unit("pleased", k, i)
        rows.append((
            f"T{number:02d}", E_COMMERCE if i < 4 else "其他", POOL[k][i], began,
            began + dt.timedelta(hours=hours), "" if u < 0.2 else "满意" if u < 0.68 else "不满意", k, i,
        ))  # fmt: skip
    names = ["编号", "行业", "内容", "受理时间", "结案时间", "是否满意", "k", "i"]
    return pd.DataFrame(rows, columns=names)


def lettered(student: str, salt: str, n: int) -> dict[str, int]:
    """Letter on the sheet → place in the list."""
    order = shops.draw([str(i) for i in range(n)], n, student, LAB, salt)
    return {"ABCDEFGH"[k]: int(i) for k, i in enumerate(order)}


def replies(student: str, scene: int) -> dict[str, int]:
    return lettered(student, f"scene {scene}", 3)


def _steps(steps: tuple[str, ...], salt: str, path: Path, student: str) -> None:
    rows = [(letter, steps[i]) for letter, i in lettered(student, salt, len(steps)).items()]
    csv(rows, path, "代号", "步骤")


def _scenes(path: Path, student: str) -> None:
    rows = [
        (f"场景{n}", says, letter, answers[i])
        for n, (says, answers) in enumerate(SCENES, start=1)
        for letter, i in replies(student, n).items()
    ]
    csv(rows, path, "场景", "情形", "代号", "应答")


def _rule(path: Path, student: str) -> None:
    mine = rule(student)
    rows = [("主管金额（元）", mine.amount), ("主管次数", mine.times), ("本月订单数", mine.orders)]
    csv(rows, path, "名称", "值")


FILES = {
    "complaints.csv": lambda path, student: csv(complaints(student).drop(columns=["k", "i"]), path),
    "phone.csv": lambda path, student: _steps(PHONE_STEPS, "phone", path, student),
    "handling.csv": lambda path, student: _steps(HANDLING_STEPS, "handling", path, student),
    "scenes.csv": _scenes,
    "rule.csv": _rule,
}
