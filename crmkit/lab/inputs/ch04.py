"""Inputs of chapter 4's exercises: notes of an interview, tables, three files, needs, a design.

Everything is drawn by hash. Which object, key, right or principle belongs to them is not written
here. The notes, needs and designs were written for class.
"""

from __future__ import annotations

import pandas as pd

from crmkit.lab.inputs.by_hash import LETTERS, Draw, csv

CHAPTER = "ch04"
NOTES, TABLES, POINTS, FAULTS = 12, 6, 12, 5
# What people said they want to have in the system.
NOTE_POOL = (
    "这位老板喜欢晚上联系，住杭州",
    "这笔团购谈到有七成把握",
    "12 月 3 日打了 6 分钟电话，他说要再想想",
    "礼盒 500 克装，标价 298 元",
    "这一次实付 560 元，用了 20 元券",
    "客人的身份证号，以后也许用得上",
    "会员等级，是否同意收短信",
    "预计下个月能签，金额大约 3 万元",
    "上周二上门拜访，见了采购和厂长",
    "这款茶的成本和现在的库存",
    "这一张单寄到哪里、写给谁收",
    "客人的婚姻状况",
    "客人从哪个渠道认识我们的",
    "这桩生意的竞争对手报价比我们低",
    "微信上问了冲泡方法，客服已经答复",
    "上架日期和所属类目",
    "什么时候付的款、什么时候发的货",
    "客人的宗教信仰",
    "生日（月和日），同意送生日券",
    "卡在“等对方领导批”这个阶段",
    "回访时他说包装太难拆",
    "规格、产地、等级",
    "当时成交的单价和件数",
    "客人孩子在哪所学校读书",
)
# (table, its columns, what one row stands for)
PLAIN_TABLES = (
    ("客户", "客户编号 昵称 省份 渠道编号 注册日期", "一位客户一行"),
    ("商品", "商品编码 商品名称 类目 价格 库存", "一种商品一行"),
    ("渠道", "渠道名称 渠道编号 平台 费率", "一个渠道一行；名称可以改"),
    ("订单", "订单编号 下单时间 客户编号 渠道编号 实付金额", "一张订单一行"),
    ("退换货", "订单编号 商品编码 退换编号 原因 退款金额", "一次申请一行；同一件商品可以先后申请两次"),
    ("互动", "客户编号 时间 互动编号 主题 订单编号", "一次往来一行；与订单有关的才填订单编号"),
    ("评价", "评价编号 订单编号 商品编码 星级 评价时间", "一条评价一行；可以追评"),
    ("商机", "客户编号 商机编号 阶段 预计金额", "一桩生意一行；一位客户可以同时有几桩"),
    ("报价", "商机编号 报价编号 有效期 总额", "一份报价一行；一桩生意可以报几次"),
)  # fmt: skip
JOINING_TABLES = (
    ("订单明细", "订单编号 商品编码 数量 单价", "一张订单里的一种商品一行，不会有第二行"),
    ("活动触达", "活动编号 客户编号 方式 发送时间 订单编号", "一次活动对一位客户只记一行；因此下了单的才填订单编号"),
    ("报价明细", "报价编号 商品编码 数量 单价", "一份报价里的一种商品一行，不会有第二行"),
    ("分组成员", "分组编号 客户编号", "一位客户在一个分组里只记一行，可以在几个分组"),
    ("问卷发放", "问卷编号 客户编号 发出时间 回答时间", "一份问卷对一位客户只发一次"),
)  # fmt: skip
STAFF = ("业务员", "销售助理", "财务主管", "采购员", "客服", "仓库")
# position → what it has to do
NEED_POOL = {
    "业务员": (
        "出发以前，要照着电话原文拨给自己的客户",
        "谈完回来，把这桩生意推进到下一个阶段",
        "见面以前，看看这位客户下过哪些单",
        "当场给客户出一份报价",
    ),
    "销售助理": (
        "照业务员的草稿把报价录进系统",
        "核对来电的是哪一位，看昵称和城市就够",
        "客户要退，把理由填成一张申请",
        "告诉客户，他的单走到哪一步了",
    ),
    "财务主管": (
        "大额退款在他这里点头才算数",
        "每月看销售额和退款额的合计",
        "核对某一张单到底收了多少钱",
        "把月报的合计存成文件交给会计",
    ),
    "采购员": (
        "看哪几款卖得快，只要合计，不要客户",
        "到货点完数，把库存改对",
        "看商品的规格和成本",
        "把各类目的销量合计存成文件发给厂家",
    ),
    "客服": (
        "按昵称找到来问的顾客，核对城市",
        "替顾客提一张退款申请",
        "顾客留言要回电，得照原号码拨过去",
        "查这张单的包裹走到哪里",
    ),
    "仓库": (
        "打包以前，看这张单买了什么、寄给谁",
        "交给快递以后登记运单号",
        "盘点完了，把库存改对",
        "查一款商品的规格，免得拿错",
    ),
}
# Twelve points of a design, each decided in one of two ways.
POINT_POOL = (
    ("客户的省份只存在客户表，订单里需要时去查。", "客户的省份在客户表、订单表、互动表各存一份，各改各的。"),
    ("会员等级由规则算出来，只有一处规则。", "会员等级在网页、手机和报表里各写一遍规则，各算各的。"),
    ("用手机号作客户表的主键，换号时改过来。", "客户编号由系统编，换号、改名都不变。"),
    ("商品下架以后，编码收回，给新商品接着用。", "商品编码用过就不再用，下架也留着。"),
    ("订单明细记下成交单价，改标价不影响旧单。", "订单明细只记商品编码，单价去商品表里查现在的。"),
    ("删除停售的商品时，把它的旧订单一起删掉。", "停售的商品标成“停用”，旧订单照样查得到。"),
    ("未付款时，网页上的发货按钮变灰，接口不再检查。", "不论从网页、手机还是接口来，未付款都拒绝发货。"),
    ("所有员工共用一个账号，谁都能看能改。", "每人一个账号，按岗位给权限，调岗时收回。"),
    ("仓库看得到收件信息，看不到客户列表。", "仓库也能打开客户列表，“免得要用时没有”。"),
    ("退款由客服申请，店长审核。", "退款由客服申请，也由同一位客服审核，省时间。"),
    ("注册时要填身份证号和婚姻状况，“以后也许有用”。", "注册只要昵称和手机号，生日自愿填。"),
    ("操作日志只能追加，管理员也不能改。", "操作日志由管理员随时整理，删掉没用的行。"),
)  # fmt: skip
_TURN = (1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1)


def draw(student: str) -> Draw:
    return Draw(student, CHAPTER)


def notes(student: str) -> dict[str, int]:
    return draw(student).cards(len(NOTE_POOL), NOTES, "N", "notes")


def tables(student: str) -> dict[str, tuple[str, str, str]]:
    """Letter → (table, columns, what a row is): two joining tables among six."""
    d = draw(student)
    plain = [PLAIN_TABLES[i] for i in d.cards(len(PLAIN_TABLES), 4, "P", "plain").values()]
    joining = [JOINING_TABLES[i] for i in d.cards(len(JOINING_TABLES), 2, "J", "joining").values()]
    found = plain + joining
    return {
        LETTERS[k]: found[i] for k, i in enumerate(d.cards(TABLES, TABLES, "T", "order").values())
    }


def needs(student: str) -> dict[str, tuple[int, ...]]:
    """Position → the places of its two needs in `NEED_POOL`."""
    d = draw(student)
    return {who: tuple(d.cards(4, 2, "N", f"need {who}").values()) for who in STAFF}


def design(student: str) -> dict[str, tuple[int, int]]:
    """Line → (place in `POINT_POOL`, which of the two ways)."""
    d = draw(student)
    turned = set(d.cards(POINTS, FAULTS, "F", "turned").values())
    places = d.cards(POINTS, POINTS, "D", "design")
    return {k: (i, _TURN[i] if i in turned else 1 - _TURN[i]) for k, i in places.items()}


def files(student: str) -> dict[str, pd.DataFrame]:
    """客户, 订单, 明细 as they came out of three old systems, with things that do not fit."""
    d = draw(student)
    n, m = d.step("customers", 40, 60), d.step("orders", 100, 140)
    ids = [f"C{i:03d}" for i in range(1, n + 1)]
    doubled = list(d.cards(n, d.step("doubled", 3, 6), "C", "doubled").values())
    rows = [*ids, *(ids[i] for i in doubled), ids[doubled[0]]]  # one of them three times
    customers = pd.DataFrame(
        {
            "客户编号": rows,
            "昵称": [f"茶友{d.step(('nick', k), 100, 999)}" for k in range(len(rows))],
        }
    ).sort_values("客户编号", kind="stable", ignore_index=True)

    strange = list(
        d.cards(m, d.step("lost", 4, 9) + d.step("blank", 3, 7), "O", "strange").values()
    )
    lost = strange[: d.step("lost", 4, 9)]
    buyer = {j: ids[d.step(("buyer", j), 0, n - 1)] for j in range(m)}
    buyer |= {j: f"C{d.step(('gone', j), n + 1, n + 40):03d}" for j in lost}
    buyer |= dict.fromkeys(strange[len(lost) :], "")
    numbers = [f"D{j:04d}" for j in range(1, m + 1)]
    orders = pd.DataFrame({"订单编号": numbers, "客户编号": [buyer[j] for j in range(m)]})

    bare = set(d.cards(m, d.step("bare", 3, 8), "B", "bare").values())
    lines = [
        (numbers[j], k, f"T{d.step(('sku', j, k), 101, 140)}", d.step(("qty", j, k), 1, 5))
        for j in range(m) if j not in bare
        for k in range(1, d.step(("lines", j), 1, 3) + 1)
    ]  # fmt: skip
    for j in range(d.step("headless", 2, 5)):
        lines += [
            (f"D{m + 20 + j * 7:04d}", k, f"T{d.step(('sku', j, k, 'x'), 101, 140)}", 1)
            for k in range(1, (3 if j == 0 else d.step(("more", j), 1, 2)) + 1)
        ]
    return {
        "客户": customers,
        "订单": orders,
        "明细": pd.DataFrame(lines, columns=["订单编号", "行号", "商品编码", "数量"]),
    }


FILES = {
    "notes.csv": lambda path, student: csv(
        [(k, NOTE_POOL[i]) for k, i in notes(student).items()], path, "编号", "访谈记录"
    ),
    "tables.csv": lambda path, student: csv(
        [(k, *row) for k, row in tables(student).items()], path, "卡片", "表", "列", "一行是什么"
    ),
    "customers.csv": lambda path, student: csv(files(student)["客户"], path),
    "orders.csv": lambda path, student: csv(files(student)["订单"], path),
    "lines.csv": lambda path, student: csv(files(student)["明细"], path),
    "needs.csv": lambda path, student: csv(
        [(who, NEED_POOL[who][i]) for who, places in needs(student).items() for i in places],
        path, "岗位", "要做的事",
    ),
    "design.csv": lambda path, student: csv(
        [(k, POINT_POOL[i][way]) for k, (i, way) in design(student).items()], path, "编号", "设计稿写着"
    ),
}  # fmt: skip
