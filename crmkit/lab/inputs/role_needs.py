"""What four roles of a shop say they need: eight sentences of each, drawn for every student.

Of each role the first four sentences are about single matters, the last four about many at once.
Which function of the system serves a need is not written here.
"""

from __future__ import annotations

from crmkit import shops

ROLES = ("店长", "客服", "营销", "仓储")
OF_EACH_HALF = 2
POOL: dict[str, tuple[str, ...]] = {
    "店长": (
        "下一个分仓要开在顾客最多的省，先看顾客都在哪里。",
        "有的店铺开了却早就没有订单，要找出来，商量关不关。",
        "月底按各家店铺卖了多少发奖金。",
        "明年多备哪一大类的货，要看今年哪一类卖得多。",
        "买过一次的顾客有几成再来买，今年比去年是升是降。",
        "全店的买家里，第一次来的和来过的各占几成。",
        "几家店铺里，哪一家的货退得最多。",
        "老顾客里有多少人已经很久没来，可能不再来了。",
    ),
    "客服": (
        "顾客报了手机号，马上要看到她是谁、买过什么。",
        "顾客问“我的单子怎么还没发货”，要找到那一单。",
        "顾客说上周申请的退款没有到账，要看办到了哪一步。",
        "顾客刚打进电话来投诉，事由和处理结果要记下。",
        "有人打了一星两星，要当天看到、当天去回。",
        "回访上个月投诉过的顾客，她在电话里说了什么要记下。",
        "顾客在聊天窗口问商品怎么用，问和答要留底。",
        "这位顾客对香味过敏，做个记号，同事接待时一眼看到。",
    ),
    "营销": (
        "上新前给一批老顾客发券：定期限、选人、发送。",
        "顾客过生日那天送一句祝福和一份小礼。",
        "中秋、春节问候顾客，不卖东西。",
        "给每场活动贴上“拉新”“清仓”一类的记号，以后好分类比较。",
        "买了这一件的人还常一起买哪一件，好做搭配。",
        "按买得勤不勤把顾客分成几群，各群写不同的信。",
        "按花了多少钱把顾客分层，最上面一层单独维护。",
        "活动结束，请顾客在手机上答三道题。",
    ),
    "仓储": (
        "货打好包交给了快递，要登记单号，让顾客知道。",
        "快递说已经签收，系统里还是“已发货”，要登记。",
        "退回的包裹到了，要核对她申请退的是哪一件。",
        "拣货以前，要看这一单里有哪几件。",
        "标签糊了，只剩商品编码，要查它叫什么、还有几件。",
        "月底盘点，要全部货品和库存的一张清单。",
        "包裹上只剩顾客昵称，要查她是谁。",
        "退货验完了，要把这笔退货的状态改掉。",
    ),
}


def needs(student: str, lab: str) -> dict[str, tuple[str, int]]:
    """Number on the sheet → (role, place in its pool): four needs of each role, two of each half."""
    drawn: list[tuple[str, int]] = []
    for role in ROLES:
        half = len(POOL[role]) // 2
        for start in (0, half):
            ids = [str(k) for k in range(start, start + half)]
            for k in shops.draw(ids, OF_EACH_HALF, student, lab, f"{role} {start}"):
                drawn.append((role, int(k)))
    return {f"N{k:02d}": one for k, one in enumerate(drawn, start=1)}


def rows(student: str, lab: str) -> list[tuple[str, str, str]]:
    """The sheet as students get it: number, role, need."""
    return [(n, role, POOL[role][k]) for n, (role, k) in needs(student, lab).items()]
