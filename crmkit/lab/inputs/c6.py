"""Inputs of lab C6: sentences to sort, a configuration card, service orders of a twin company.

The company's data are made by hash for every student; none of it is a real company's. What the
sentences are to be sorted into is not written here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit.lab.inputs.chance import numbered, pick, places, step, unit

LAB = "C6"
VIEWS, SCENES, PRIVACY, ORDERS = 10, 6, 10, 360

VIEW_POOL = (
    "看一户人家从咨询、首购到成套购买走到了哪一步。",
    "全年毛利前百分之五的工程客户配专人，其余走热线。",
    "售后中心先看报修的是本集团的研究院，还是外面的用户。",
    "客服给急性子的用户先报上门时间，给细心的先报收费标准。",
    "分成家庭买主、专卖店加盟商、为别家代工的委托方和合资公司。",
    "登记过没下单的、正在用的、过了保修期的、换了别家牌子的，分四栏。",
    "把装修用户分成爱比较参数的、听设计师的和自己早有主意的。",
    "刚装上第一台机器的家庭进“新手期”，三十天内回访两次。",
    "新品内测只邀请爱尝鲜、愿意写长评的人。",
    "与房地产商签精装配套框架协议的，和零售买家走两套流程。",
    "把“市场链”上游工序和门店里的家庭用户，分成墙内和墙外两类。",
    "导购按顾客果断还是犹豫，决定先讲一款还是摆三款。",
    "算上安装、返修和账期利息，把仍有利润的和亏本的经销商分开。",
    "有的用户要师傅多讲几句原理，有的只要快，派工前先看备注里他是哪一种。",
    "延保、滤芯、清洗都买的家庭，利润是只买单机的三倍，单独服务。",
    "租赁洗衣机给学校的，与卖断给商场的，合同和权利义务都不同。",
    "社区里持证的服务网点是授权方，与买机器的居民不是一种往来。",
    "总装线是压缩机分厂的客户，分厂之间按内部价结算。",
    "高端套系的家庭一年贡献多少利润，从高到低分四档。",
    "共同开发芯片的伙伴，与一般供应关系的厂家分开管理。",
    "人力部把各事业部列为服务对象，商场和家庭列为另一类。",
    "订货额很大、压价也很狠的连锁，单列为“量大利薄”。",
    "两年没有任何购买和报修的，标为“沉默”，先打一次电话。",
    "留过电话的参观者还不算买主，先放进待培育名单。",
    "仓储公司给兄弟工厂供货，也给别家供货，两边分开立户。",
)
SCENE_POOL = (
    "用户在网页上选箱体颜色、门的开法和果蔬室温区，工厂按他的单子排产。",
    "新婚夫妇上传房间照片，定下嵌入式尺寸，下线前能看到写着自己名字的工单。",
    "一所民族学校要带独立冷冻区的冰箱，设计员按要求改了隔板，只生产这一批。",
    "用户挑了洗衣机的程序组合，出厂时面板上就只有这六个键。",
    "买过母婴洗衣机的家庭，打开商城先看到的是消毒柜和小容量冷柜。",
    "系统比较邻近户型和用电习惯，在页面上列出三款“和您家相近的人选了它”。",
    "看过净水器两次、没有下单的人，下次进店时首页换成了净水器对比。",
    "同样是搜“空调”，老人账户先出大字遥控的，租房账户先出移动式的。",
    "套系用户有一位固定的管家，企业微信里喊一声就有人应，不用从头讲。",
    "大客户的报修不排队，直接转到熟悉他家机房的那位工程师。",
    "会员等级最高的家庭有专门的热线，接起来就知道他家有几台机器。",
    "签了框架协议的地产商，由一个小组从选型跟到入住后第二年。",
    "用户在手机上挑周六上午九点到十点，师傅就在那一小时上门。",
    "送货前一天，用户自己选“先装后付”和“放门口”，改期也在页面上点。",
    "上班族选晚上七点以后安装，系统只派愿意上晚班的师傅。",
    "老小区没有电梯，用户下单时勾选搬楼，约好两个人一起来。",
    "滤芯快到期了，用户没问，系统先提醒，并问要不要寄到老地址。",
    "台风来之前，给沿海的空调用户发一条加固外机的做法。",
    "保修期满前一个月，客服打电话问机器有没有异响，免费上门看一次。",
    "入冬前给北方的热水器用户推送排空防冻的视频。",
    "凌晨两点机器报故障码，用户扫码看到原因，照着图自己清了滤网。",
    "用户在页面上查得到工单走到哪一步、师傅是谁、收费多少。",
    "说明书丢了，在小程序里输型号，拆装视频和配件价格都在。",
    "用户自己在网上改发票抬头、换收货地址，不必打电话。",
)
PRIVACY_POOL = (
    "师傅的派工单只显示地址和故障，不显示用户的购买记录和收入。",
    "把一户人家的用电曲线公开展示，说明“这家人几点不在家”。",
    "客服群里直接贴完整的姓名、电话和地址，找人方便。",
    "老用户舍不得换牌子，所以给他们的报价比新用户高一点。",
    "隐私说明写一万字放在最后一页，默认勾选“全部同意”。",
    "为了推荐得更准，默认打开家里所有设备的麦克风。",
    "冰箱摄像头默认关闭，要用户自己打开，随时能关。",
    "收集家庭住址之前，写明用来派工和送货，不作别的用处。",
    "离职的网点老板仍能登录系统，方便他回来帮忙。",
    "客服导出名单要审批，导出的文件遮住中间四位，并留下日志。",
    "用户要求删除账户时，把用电习惯数据一并删掉，并告诉他删了什么。",
    "删除键藏在第七层菜单，因为删的人多了会影响推荐效果。",
    "推荐页面上有“不按我的习惯推荐”的开关，关掉以后照样能买。",
    "师傅把用户家里的照片发到朋友圈作宣传，人脸没有打码，也没有问过。",
    "数据泄露以后，及时补救并通知受影响的用户。",
    "把数据交给物流公司之前，单独取得用户同意，并写进合同只准派送用。",
    "用户只想报修，也要先填收入、学历和婚姻状况。",
    "晚上九点以后不打营销电话，每条短信都写明怎样退订。",
    "未满十四周岁的孩子使用语音功能，先要监护人同意。",
    "用户不同意共享通讯录，就不给他安装。",
    "同样的机器对老用户和新用户报同样的价，不按消费能力加价。",
    "只收派工用得着的几项，不因为“以后也许有用”多收一项。",
    "数据先全部收上来，用途等做出产品再想。",
    "把住址、孩子年龄和上班时间打包卖给装修公司，因为用户注册时点过“同意”。",
)
REGIONS = ("华东", "华北", "华南", "华中", "西南", "西北", "东北")
MODELS = ("双门", "三门", "对开门")


@dataclass(frozen=True)
class Rule:
    """One student's configuration rule."""

    two_doors: int  # people up to whom two doors are enough
    three_doors: int
    width: int  # cm that a side-by-side needs
    prices: tuple[int, int, int]
    inverter: int  # what the quiet compressor costs more


def drawn(student: str, what: str) -> dict[str, int]:
    """Number on the sheet → place in the pool of that name."""
    if what == "scenes":  # one of each four in a row; the sheet mixes them
        four = len(SCENE_POOL) // SCENES
        each = [four * k + step(student, LAB, f"scene {k}", 0, four - 1) for k in range(SCENES)]
        order = places(student, LAB, "scenes", SCENES, SCENES)
        return {f"S{n:02d}": each[k] for n, k in enumerate(order, start=1)}
    pool, n, letter = {
        "views": (VIEW_POOL, VIEWS, "V"), "privacy": (PRIVACY_POOL, PRIVACY, "P"),
    }[what]  # fmt: skip
    return numbered(student, LAB, what, len(pool), n, letter)


def rule(student: str) -> Rule:
    low = step(student, LAB, "two", 1, 2)
    first = step(student, LAB, "price", 1800, 2600, 100)
    second = first + step(student, LAB, "second", 700, 1300, 100)
    third = second + step(student, LAB, "third", 1200, 2400, 100)
    return Rule(low, low + step(student, LAB, "three", 2, 3), step(student, LAB, "width", 85, 105, 5),
                (first, second, third), step(student, LAB, "inverter", 300, 600, 50))  # fmt: skip


# ------------------------------------------------------------------ service orders

NEXT = {
    ("待派工", "派工"): "已派工", ("已派工", "改约"): "已派工", ("已派工", "上门"): "服务中", ("服务中", "完工"): "待回访",
    ("待回访", "回访满意"): "已关闭", ("待回访", "回访不满意"): "返工", ("返工", "派工"): "已派工",
    ("待派工", "取消"): "已取消", ("已派工", "取消"): "已取消",
}  # fmt: skip
LIVES = (
    ("派工", "上门", "完工", "回访满意"), ("派工", "改约", "上门", "完工", "回访满意"),
    ("派工", "上门", "完工", "回访不满意", "派工", "上门", "完工", "回访满意"), ("派工", "取消"), ("取消",),
    ("派工", "改约", "上门"), ("派工", "上门", "完工"),
)  # fmt: skip
WRONG = ("完工", "回访满意", "上门", "取消", "派工")


@lru_cache(maxsize=4)
def events(student: str) -> pd.DataFrame:
    """What was keyed in for eight service orders, mixed; some entries the rules do not allow."""
    rows = []
    for k in range(8):
        life = list(pick(student, LAB, f"life {k}", LIVES))
        if k < 6:  # a wrong entry somewhere
            at = step(student, LAB, f"at {k}", 0, len(life))
            life.insert(at, pick(student, LAB, f"wrong {k}", WRONG))
        minute = 0
        for j, act in enumerate(life):
            minute += 35 + int(700 * unit(student, LAB, "gap", k, j))
            at_time = pd.Timestamp("2025-12-01 08:00") + pd.Timedelta(minutes=minute)
            rows.append((f"W{k + 1:02d}", act, at_time.strftime("%Y-%m-%d %H:%M")))
    order = places(student, LAB, "events", len(rows), len(rows))
    made = [(f"E{n:03d}", *rows[i]) for n, i in enumerate(order, start=1)]
    return pd.DataFrame(made, columns=["事件编号", "工单", "动作", "时间"])


@lru_cache(maxsize=4)
def callbacks(student: str) -> pd.DataFrame:
    """Service orders with their call-back: not all were reached, some did not give a mark."""
    rows = []
    for i in range(1, ORDERS + 1):

        def u(what: str, i: int = i) -> float:
            return unit(student, LAB, what, i)

        region = REGIONS[int(u("region") ** 1.25 * len(REGIONS))]
        level = 3.3 + 1.2 * unit(student, LAB, "level", region)
        state = (
            "已回访"
            if u("reached") < 0.72
            else pick(student, LAB, f"not {i}", ("未接通", "拒绝回访", "未回访"))
        )
        mark = min(5, max(1, round(level + 2.2 * (u("mark") - 0.5) + (u("more") - 0.5))))
        given = mark if state == "已回访" and u("given") > 0.08 else None
        rows.append((f"F{i:04d}", region, pick(student, LAB, f"machine {i}", ("冰箱", "洗衣机", "空调", "热水器")),
                     state, given))  # fmt: skip
    frame = pd.DataFrame(rows, columns=["工单", "区域", "产品", "回访结果", "满意度"])
    return frame.astype({"满意度": "Int64"})


# ------------------------------------------------------------------ files


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, encoding="utf-8-sig")


def _sheet(what: str, title: str, pool: tuple[str, ...]) -> Callable[[Path, str], None]:
    def write(path: Path, student: str) -> None:
        rows = [(number, pool[i]) for number, i in drawn(student, what).items()]
        _csv(pd.DataFrame(rows, columns=["编号", title]), path)

    return write


def _rule(path: Path, student: str) -> None:
    r = rule(student)
    rows = [("双门人数上限", r.two_doors), ("三门人数上限", r.three_doors), ("对开门最小宽", r.width),
            *((f"{m}价", p) for m, p in zip(MODELS, r.prices, strict=True)), ("变频加价", r.inverter)]  # fmt: skip
    _csv(pd.DataFrame(rows, columns=["规则", "数值"]), path)


FILES = {
    "views.csv": _sheet("views", "怎样分", VIEW_POOL),
    "scenes.csv": _sheet("scenes", "情景", SCENE_POOL),
    "privacy.csv": _sheet("privacy", "做法", PRIVACY_POOL),
    "rule.csv": _rule,
    "events.csv": lambda path, student: _csv(events(student), path),
    "service_orders.csv": lambda path, student: _csv(callbacks(student), path),
}
