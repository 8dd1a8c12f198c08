"""Twenty functions of a CRM to be sorted, in two ways that do not agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider, Switch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from crmkit.analytics.crm_types import Function

_EACH = 5  # cards of a round
_LETTERS = "ABCDE"
_PLACES = {"": "—", "0": "左栏", "1": "中栏", "2": "右栏"}
_WAYS = {"types": "运营型 / 分析型 / 协作型", "blocks": "IBM：关系 / 流程 / 接入管理"}
_GOOD, _BAD = theme.COURSE, theme.SERIES[2]


def cards() -> tuple[Function, ...]:
    """The functions in the order of the rounds."""
    from crmkit.analytics.crm_types import Function

    pattern, shared, door, steps = "finds_pattern", "shared", "at_the_door", "in_steps"
    rows: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("出库通知", "仓库发货，改订单状态，告诉买家单号", (steps,)),
        ("流失分析", "从两年的订单里找出快要走的人", (pattern,)),
        ("互动时间线", "微信、电话、旺旺说过的接成一条，谁接待谁看得到", (shared, door)),
        ("顾客速查", "打开一位客户，看他的资料和买过什么", ()),
        ("渠道销量", "比较几家店上个季度卖了多少、谁涨谁跌", (pattern, door)),
        ("中差评工单", "客服、仓库围着一条差评办到底，买家看得见进度", (shared, steps)),
        ("呼入记录", "电话打进来，接起，弹出资料，记一条", (door,)),
        ("商品关联", "从许多购物篮里找常一起买的", (pattern,)),
        ("活动发送", "按定好的名单发出短信，记下送达", (steps,)),
        ("茶友选样", "请老客户进群，同店里一起挑明年的新茶", (shared,)),
        ("步骤耗时", "从许多订单的时间里找出总卡在哪一步", (pattern, steps)),
        ("扫码识人", "门店一扫会员码，他在网店的单子也出来", (shared, door)),
        ("顾客导入", "把会员名单一行行收进来，查重、建档", ()),
        ("来电预测", "按去年的来电，估下周每小时打进来几通", (pattern, door)),
        ("共看物流", "买家、客服、快递看同一条物流，一处更新", (shared, steps)),
        ("退换登记", "申请、同意、验收、退款，一步步走完", (steps,)),
        ("口味卡", "线上客服和门店店员一起记同一位客户的口味", (shared,)),
        ("频率分类", "看全部买家的次数，分成几群", (pattern,)),
        ("网页留言", "网站上有人留了言，收下，派给一位客服", (door,)),
        ("退货追因", "从一年的退货里找哪一步出的错最多", (pattern, steps)),
    )
    return tuple(Function(n, does, **dict.fromkeys(on, True)) for n, does, on in rows)


def sorting_game() -> Activity:
    """Put five cards into three columns, in one of two ways; then lay both ways over each other."""
    import pandas as pd

    from crmkit.analytics import crm_types

    every = cards()
    crossed = crm_types.table(every)
    guessed = crm_types.guessed(every)

    def draw(figure: Figure, way: str, turn: int, shown: bool, crossing: bool, **put: str) -> View:
        if crossing:
            return _crossing(figure.subplots())
        columns = crm_types.TYPES if way == "types" else crm_types.BLOCKS
        mine = every[(turn - 1) * _EACH : turn * _EACH]
        rows, right, placed = [], 0, 0
        marked: list[tuple[str, int | None, bool | None]] = []
        for letter, f in zip(_LETTERS, mine, strict=True):
            at = int(put[letter]) if put[letter] else None
            is_ = f.type if way == "types" else f.block
            ok = None if at is None else columns[at] == is_
            placed += at is not None
            right += bool(ok)
            does, told = f"{letter} {f.name}：{f.does}", ""
            if shown and at is not None:
                told = "对" if ok else f"应是{is_}"
                does += "" if ok else f"。放错会怎样：{crm_types.misplaced(is_, columns[at])}"
            marked.append((f"{letter} {f.name}", at, ok if shown else None))
            rows.append((does, "还没有放" if at is None else columns[at], told))
        _bins(figure.subplots(), columns, marked)
        said = f"第 {turn} 组：放了 {placed} 张，还有 {_EACH - placed} 张。"
        if shown and placed:
            said = f"第 {turn} 组：放了 {placed} 张，对 {right} 张。"
            said += "换一种分法，同样五张再放一遍。" if right == _EACH else ""
        return View(
            alt=f"三栏：{'、'.join(columns)}；"
            + "，".join(f"{n}在{'外面' if at is None else columns[at]}" for n, at, _ in marked)
            + "。",
            message=said,
            table=pd.DataFrame(rows, columns=["卡片", "你放在", "对不对"]),
            result={"placed": placed, "right": right, "names": [f.name for f in mine],
                    "guessed": guessed},
        )  # fmt: skip

    def _crossing(axes: Axes) -> View:
        for y, kind in enumerate(crm_types.TYPES):
            for x, block in enumerate(crm_types.BLOCKS):
                near = crm_types.NEAREST[kind] == block
                axes.barh(y, 0.94, 0.86, left=x - 0.47, color=_GOOD if near else theme.LINE)
                names = [f.name for f in every if (f.type, f.block) == (kind, block)]
                axes.text(
                    x, y, "\n".join(names), ha="center", va="center", fontsize=9.5,
                    color="#ffffff" if near else "#1f2937", linespacing=1.5,
                )  # fmt: skip
        axes.set_xticks(range(3), crm_types.BLOCKS)
        axes.set_yticks(range(3), crm_types.TYPES)
        axes.xaxis.tick_top()
        _bare(axes, 3, 3)
        table = crossed.reset_index(names="")
        return View(
            alt="三行三列的格子，每格都有卡片："
            + "；".join(
                f"{k}里{'、'.join(f'{b} {crossed.loc[k, b]} 张' for b in crm_types.BLOCKS)}"
                for k in crm_types.TYPES
            )
            + "。",
            message=f"知道一张卡是哪一类，按“最近”的对应（深色格）去猜它在哪一块，{len(every)} 张只猜中 {guessed} 张。"
            "两种分法问的不是同一个问题。",
            table=table,
            result={"guessed": guessed, "cards": len(every)},
        )

    return Activity(
        "分拣台：这项功能是哪一类？",
        [
            Select("way", "按哪种分法", _WAYS),
            Slider("turn", "第几组", 1, len(every) // _EACH, 1, 1, "组"),
            *(Select(letter, f"{letter} 放进", _PLACES) for letter in _LETTERS),
            Switch("shown", "对答案"),
            Switch("crossing", "两种分法叠起来看（会揭晓全部）"),
        ],
        draw,
        note="先问“是不是从许多条里找规律”，再问“是不是几方围着同一件事”；IBM 的三块先问“说的是不是入口”，"
        "再问“说的是不是步骤”。换一组，先按“复原”再选组。后两问和每张卡的归属是〔推断〕；卡片和“放错会怎样”是〔教学编写〕，"
        "二十张是挑过的，九格里都放了几张，不代表真实系统里的比例。",
        source="运营型、分析型、协作型与 IBM 的三块：教学资料；crmkit.analytics.crm_types。",
        size=(7.4, 2.8),
    )


def _bare(axes: Axes, columns: int, rows: int) -> None:
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.tick_params(length=0)
    axes.grid(False)
    for side in axes.spines.values():
        side.set_visible(False)


def _bins(
    axes: Axes, columns: tuple[str, ...], marked: list[tuple[str, int | None, bool | None]]
) -> None:
    """The unsorted cards on the left, then the three columns with what was put into them."""
    for x in range(4):
        axes.barh(
            (_EACH - 1) / 2, 0.94, _EACH, left=x - 0.47, color=theme.LINE, alpha=0.45 if x else 0.15
        )
    filled = [0, 0, 0, 0]
    for name, at, ok in marked:
        x = 0 if at is None else at + 1
        edge = theme.MUTED if ok is None else _GOOD if ok else _BAD
        axes.text(
            x, filled[x], name, ha="center", va="center", fontsize=10.5,
            fontweight="bold" if ok is False else "normal",
            bbox={"boxstyle": "round,pad=0.35", "facecolor": "none", "edgecolor": edge,
                  "linewidth": 1 if ok is None else 2},
        )  # fmt: skip
        filled[x] += 1
    axes.set_xticks(range(4), ["还没有放", *columns])
    axes.set_yticks([])
    axes.xaxis.tick_top()
    _bare(axes, 4, _EACH)
