"""Inputs of chapter 8's exercises: a process with holes, steps to analyse, a rule card, a matrix,
a quotation, objections. What is right is not written here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops
from crmkit.analytics import ahp
from crmkit.lab.inputs import chance

CHAPTER = "ch08"
STEPS, OBJECTIONS = 5, 20  # how many a student gets

START, ENDS = "新建", ("已结案", "已撤诉")
Row = tuple[str, str, str]
BASE: tuple[Row, ...] = (
    ("新建", "受理", "处理中"), ("处理中", "解决", "待回访"), ("待回访", "满意", "已结案"),
    ("待回访", "不满意", "处理中"), ("新建", "撤诉", "已撤诉"), ("处理中", "撤诉", "已撤诉"),
)  # fmt: skip


@dataclass(frozen=True)
class Hole:
    """A place where the written process breaks off: what is written, and a case that went through."""

    written: Row
    trace: tuple[str, ...]


# States that are entered and never left …
ENDLESS = (
    Hole(("处理中", "申请赔付", "待主管审批"), ("受理", "申请赔付", "主管批复", "解决", "满意")),
    Hole(("处理中", "请客户补照片", "待客户举证"), ("受理", "请客户补照片", "收到照片", "解决", "满意")),
    Hole(("处理中", "转仓库", "仓库核查"), ("受理", "转仓库", "仓库回复", "解决", "不满意", "解决", "满意")),
    Hole(("处理中", "同意换货", "待换货发出"), ("受理", "同意换货", "换货签收", "满意")),
    Hole(("待回访", "客户申诉", "平台介入"), ("受理", "解决", "客户申诉", "平台裁决")),
    Hole(("待回访", "暂无结论", "观察期"), ("受理", "解决", "暂无结论", "期满无异议")),
)  # fmt: skip
# … and states that are left and never entered.
UNENTERED = (
    Hole(("紧急处理", "当场解决", "待回访"), ("标为紧急", "当场解决", "满意")),
    Hole(("批量处理", "统一答复", "待回访"), ("并入批量", "统一答复", "不满意", "解决", "满意")),
    Hole(("回电预约", "回电接通", "处理中"), ("受理", "约回电", "回电接通", "解决", "满意")),
)

# (what happened, four phrases of the analysis in no particular order)
STEP_POOL = (
    ("买家在订单页点了“退款”。售后客服先看订单和聊天记录，四小时内要答复。",
     "订单、聊天记录", "买家提交退款申请", "四小时内答复", "售后客服"),
    ("退款金额报上来超过 300 元，店长凭理赔单和客户等级决定同不同意。",
     "理赔单、客户等级", "退款金额超出客服额度", "超过 300 元须审批", "店长"),
    ("订单付了款，仓库拣货员照拣货单和库存卡出库，当天 16 点前付款的当天发。",
     "16 点前付款当天发货", "订单付款成功", "仓库拣货员", "拣货单、库存卡"),
    ("退回的包裹到了，质检员对着退货单和封签照片看，封签完好才入良品库。",
     "退货单、封签照片", "退货包裹到仓", "质检员", "封签完好才入良品库"),
    ("来了一条两星评价，值班主管翻评价和物流记录，当天电话联系，联系不上再发短信。",
     "当天电话联系，不通再发短信", "收到中差评", "评价、物流记录", "值班主管"),
    ("每天早上九点，营销专员取生日名单和退订名单，七天内发过两次的人不再发。",
     "生日名单、退订名单", "每天九点定时触发", "营销专员", "七天内至多触达两次"),
    ("月底结账，财务拿支付流水对订单金额，差一分钱也要写明原因。",
     "支付流水、订单金额", "财务", "月底结账日到", "差额必须写明原因"),
    ("公司客户发来询价，大客户经理查成本表和历史报价，毛利低于一成不报。",
     "企业客户发来询价", "成本表、历史报价", "大客户经理", "毛利低于一成不报价"),
    ("物流停了三天没有更新，快递对接员拿运单号去查，查不到就先补发。",
     "运单号、签收记录", "快递对接员", "物流三天没有更新", "查不到下落先补发"),
    ("热线里说要开公司抬头，开票员核对税号和付款主体，两者一致才开。",
     "开票员", "客户要求开公司发票", "税号与付款主体一致才开", "税号、付款主体"),
)  # fmt: skip
FIELDS = ("事件", "角色", "规则", "数据")

# Objections of buyers and business customers of a tea and ceramics seller.
OBJECTION_POOL = (
    "你连胎和釉都分不清，我怎么信你？",
    "售后电话永远占线，谁敢买。",
    "打电话来的那个姑娘，一问三不知。",
    "上次来的小伙子说话不算数，我不想再跟他谈。",
    "没有驻店培训，我的员工不会泡。",
    "我已经戒茶了，医生不让喝。",
    "包装太简单，送礼拿不出手。",
    "安装要我们自己来，没有人上门。",
    "手头紧，下半年都要还房贷。",
    "等你们出了新款我再买。",
    "客人来都喝咖啡，茶没有人点。",
    "孩子中考完了再换新的，眼下没心思。",
    "账上就这么多钱，首付都凑不齐。",
    "杯壁太薄，商用一碰就碎。",
    "尺寸不对，放不进我们的展柜。",
    "这釉色偏灰，跟图片差得远。",
    "这个月先不定，下季度开会再讨论。",
    "同行给我的返点更高，你们这个价没优势。",
    "你们发了货就没人管，坏了找谁？",
    "批发价能不能再低一成？这个价我没法做。",
    "公司今年压缩开支，一分钱也批不出来。",
    "价钱公道，可我这个季度的预算已经花完了。",
    "我们办公室没几个人喝茶，用不着。",
    "店里只卖饮料，添茶具没有用处。",
    "你们那位经理总迟到，我换人谈。",
    "银行的贷款没批下来，付不了款。",
    "装修还要两个月，等开业再看。",
    "退一次货要等半个月，太折腾。",
    "你们销售只会背话术，听着就烦。",
    "喜欢是喜欢，我刚毕业，实在拿不出这笔钱。",
    "我一个人住，十二件套买来放着落灰。",
    "说是手工的，底款却是机器印的。",
    "家里的茶具还没坏，不需要新的。",
    "我们一般年底才采购，过了年再联系。",
    "等中秋前一个月再说吧，现在太早。",
    "打完折还是比网上贵，不划算。",
    "三百块一个杯子，凭什么这个价？",
    "比隔壁那家贵了二十块，同样的克重。",
    "说好七天退，真要退又让我填五张表。",
    "运费还要我出？加上运费就超了行情。",
    "香气不够，泡三遍就没味了。",
    "上回跟我对接的人答应的事，转头就不认。",
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """The student's own entry rules of the stages."""

    template: int  # 模板项数 from which an opportunity is 有效
    feasibility: int  # 可行性得分 from which it is 可行


@dataclass(frozen=True)
class Quote:
    """Numbers for three quotations of one product, yuan."""

    cost: int
    markup: float
    rivals: tuple[int, int, int]
    premium: float
    reference: int
    difference: int
    share: float


def unit(student: str, *what: object) -> float:
    return chance.unit(student, CHAPTER, *what)


def step(student: str, what: str, low: int, high: int, by: int = 1) -> int:
    return chance.step(student, CHAPTER, what, low, high, by)


def holes(student: str) -> tuple[Hole, ...]:
    """Three states without a way out and one without a way in."""
    ends = chance.places(student, CHAPTER, "ends", len(ENDLESS), 3)
    (lost,) = chance.places(student, CHAPTER, "lost", len(UNENTERED), 1)
    return (*(ENDLESS[i] for i in sorted(ends)), UNENTERED[lost])


def steps(student: str) -> dict[str, int]:
    """Number on the sheet → place in `STEP_POOL`."""
    return chance.numbered(student, CHAPTER, "steps", len(STEP_POOL), STEPS, "S")


def phrases(student: str) -> dict[str, tuple[int, int]]:
    """Number of a phrase → (place of its step, which of its four); those of all steps, mixed."""
    cells = [(i, k) for i in steps(student).values() for k in range(len(FIELDS))]
    found = chance.numbered(student, CHAPTER, "phrases", len(cells), len(cells), "P")
    return {number: cells[k] for number, k in found.items()}


def objections(student: str) -> dict[str, int]:
    """Number on the sheet → place in `OBJECTION_POOL`."""
    return chance.numbered(student, CHAPTER, "objections", len(OBJECTION_POOL), OBJECTIONS, "Y")


def rule(student: str) -> Rule:
    return Rule(step(student, "template", 3, 6), step(student, "feasible", 55, 75, 5))


def quote(student: str) -> Quote:
    base = step(student, "price", 160, 320, 4)
    return Quote(
        cost=step(student, "cost", 60, 140, 2),
        markup=step(student, "markup", 30, 80, 5) / 100,
        rivals=(
            base,
            base + step(student, "rival2", 12, 40, 4),
            base - step(student, "rival3", 8, 36, 4),
        ),
        premium=step(student, "premium", 3, 15) / 100,
        reference=base - step(student, "reference", 4, 40, 4),
        difference=step(student, "difference", 40, 120, 10),
        share=step(student, "share", 30, 60, 5) / 100,
    )


CRITERIA = ("需求强度", "购买能力", "决策影响", "时间紧迫")
_SCALE = [1 / k for k in range(9, 1, -1)] + [float(k) for k in range(1, 10)]


@lru_cache(maxsize=64)
def matrix(student: str) -> tuple[tuple[float, ...], ...]:
    """A 4 × 4 matrix of judgements on Saaty's scale, consistent enough but not quite."""
    for turn in range(1000):
        logs = [2.0 * unit(student, "weight", turn, i) for i in range(4)]
        upper = []
        for i in range(4):
            row = []
            for j in range(i + 1, 4):
                wanted = math.exp(
                    logs[i] - logs[j] + 0.9 * (unit(student, "noise", turn, i, j) - 0.5)
                )
                row.append(min((abs(math.log(s / wanted)), s) for s in _SCALE)[1])
            upper.append(row)
        full = ahp.reciprocal(upper[:-1])
        if 0.045 <= ahp.weights(full).cr <= 0.09:
            return tuple(tuple(row) for row in full)
    raise AssertionError("no matrix found")


def _csv(rows: list[tuple[object, ...]], path: Path, *columns: str) -> None:
    pd.DataFrame(rows, columns=[*columns], dtype=object).to_csv(
        path, index=False, encoding="utf-8-sig"
    )


def _process(path: Path, student: str) -> None:
    rows = [*BASE, *(h.written for h in holes(student))]
    order = shops.draw([f"{i:02d}" for i in range(len(rows))], len(rows), student, CHAPTER, "order")
    _csv([rows[int(i)] for i in order], path, "状态", "事件", "下一状态")


def _traces(path: Path, student: str) -> None:
    rows: list[tuple[object, ...]] = [
        (f"K{n}", " → ".join(h.trace)) for n, h in enumerate(holes(student), start=1)
    ]
    _csv(rows, path, "投诉", "依次发生的事件")


def _steps(path: Path, student: str) -> None:
    _csv([(n, STEP_POOL[i][0]) for n, i in steps(student).items()], path, "步骤", "经过")


def _phrases(path: Path, student: str) -> None:
    rows: list[tuple[object, ...]] = [
        (n, STEP_POOL[i][1 + k]) for n, (i, k) in phrases(student).items()
    ]
    _csv(rows, path, "词条", "内容")


def _rule(path: Path, student: str) -> None:
    mine = rule(student)
    _csv([("模板项数", mine.template), ("可行性得分", mine.feasibility)], path, "规则", "达到")


def _matrix(path: Path, student: str) -> None:
    rows: list[tuple[object, ...]] = [
        (name, *row) for name, row in zip(CRITERIA, matrix(student), strict=True)
    ]
    _csv(rows, path, "准则", *CRITERIA)


def _quote(path: Path, student: str) -> None:
    q = quote(student)
    rows: list[tuple[object, ...]] = [
        ("单位成本（元）", q.cost), ("成本加成率", q.markup), ("竞品甲（元）", q.rivals[0]),
        ("竞品乙（元）", q.rivals[1]), ("竞品丙（元）", q.rivals[2]), ("相对竞品溢价", q.premium),
        ("客户的参照价（元）", q.reference), ("差异化价值（元）", q.difference), ("收取差异化价值的比例", q.share),
    ]  # fmt: skip
    _csv(rows, path, "项目", "数值")


def _objections(path: Path, student: str) -> None:
    _csv([(n, OBJECTION_POOL[i]) for n, i in objections(student).items()], path, "编号", "客户说")


FILES = {
    "as_is.csv": _process,
    "traces.csv": _traces,
    "steps.csv": _steps,
    "phrases.csv": _phrases,
    "stage_rule.csv": _rule,
    "matrix.csv": _matrix,
    "quote.csv": _quote,
    "objections.csv": _objections,
}
