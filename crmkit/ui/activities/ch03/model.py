"""The general model as a map, and what each role of the CRM may do in its eight modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# One matter → the blocks it passes, each with what happens there; written for class.
_MATTERS = {
    "new": ("一位新客户：从海报到回购", (
        ("营销", "海报带来一条线索"), ("销售", "跟进、报价、成交"), ("服务", "教他冲泡，办完回访"),
        ("营销", "归入“自饮”一群，寄新茶样"))),
    "gift": ("一家公司订年礼", (
        ("销售", "商机：谁做主、要多少"), ("服务", "答运输和开票的问题"), ("销售", "定规格、交期，签约"),
        ("服务", "分三地送到，处理破损"))),
    "bad": ("一个差评", (
        ("服务", "建单、联系、补发"), ("营销", "暂停给他发促销"), ("服务", "三天后回访"))),
    "sleep": ("一位半年没来的老客", (
        ("营销", "挑出来，发一张券"), ("销售", "回电推荐，成交"))),
}  # fmt: skip
_PLACES = {"营销": (1.5, 2.0), "销售": (5.0, 2.0), "服务": (8.5, 2.0)}


def model_map() -> Activity:
    """Follow one matter through the general model, with a common database or without."""
    import pandas as pd
    from matplotlib.patches import FancyBboxPatch

    def draw(figure: Figure, matter: str, shared: bool) -> View:
        name, steps = _MATTERS[matter]
        blocks = [b for b, _ in steps]
        axes = figure.subplots()

        def box(x: float, y: float, w: float, words: str, on: bool) -> None:
            axes.add_patch(FancyBboxPatch((x - w / 2, y - 0.32), w, 0.64, boxstyle="round,pad=0.05",
                                          facecolor=theme.COURSE if on else "none",
                                          edgecolor=theme.COURSE if on else theme.MUTED))  # fmt: skip
            axes.text(x, y, words, ha="center", va="center", color="#ffffff" if on else theme.TEXT)

        box(5, 3.4, 9.2, "客户与市场", False)
        for block, (x, y) in _PLACES.items():
            turns = "、".join(str(k) for k, b in enumerate(blocks, 1) if b == block)
            box(x, y, 2.2, f"{block}　{turns}".strip(), block in blocks)
            axes.annotate("", (x, 2.95), (x, 2.45), arrowprops={"arrowstyle": "<->", "color": theme.MUTED})  # fmt: skip
            if shared:
                axes.annotate("", (x, 1.0), (x, 1.55), arrowprops={"arrowstyle": "<->", "color": theme.COURSE})  # fmt: skip
            else:
                box(x, 0.6, 2.2, f"{block}自己的表", False)
        if shared:
            box(5, 0.6, 9.2, "共同的功能与数据库：客户、活动、产品、订单", True)
        axes.set_xlim(0, 10)
        axes.set_ylim(0, 4)
        axes.axis("off")
        handed = sum(a != b for a, b in zip(blocks, blocks[1:], strict=False))
        retold = 0 if shared else handed
        told = (
            "下一块一打开就看到前面的经过，客户不用重讲。"
            if shared
            else f"每交接一次，客户就要重讲一遍，共 {retold} 遍。"
        )
        table = pd.DataFrame(
            [(str(k), b, what) for k, (b, what) in enumerate(steps, 1)], columns=["步", "哪一块", "做什么"]
        )  # fmt: skip
        return View(
            alt=f"上面是客户与市场，中间营销、销售、服务三块，数字是经过的次序：{'、'.join(blocks)}；"
            + ("下面一个共同的数据库。" if shared else "下面各有一张自己的表。"),
            message=f"{name}：走过 {len(steps)} 步，交接 {handed} 次。{told}",
            table=table,
            result={"path": blocks, "handed": handed, "retold": retold},
        )

    return Activity(
        "一件事走过哪几块？",
        [
            Select("matter", "哪一件事", {k: name for k, (name, _) in _MATTERS.items()}),
            Switch("shared", "有共同的数据库", True),
        ],
        draw,
        formula=r"\text{重讲的遍数} = \text{交接次数}",
        note="公式说的是没有共同数据库的时候。四件事是教学编写；“交接一次重讲一遍”是简化的假定。试一试：哪一件事最怕各存各的表？",
        source="讲义的一般模型：客户与市场 ↔ 营销、销售、服务，下面是共同的功能和数据库。",
        size=(7.4, 3.0),
    )


def role_map() -> Activity:
    """Which of the 44 functions one role may change, read, or not open at all."""
    import pandas as pd

    from crmkit.crm import catalogue, roles

    def draw(figure: Figure, role: str, change: bool) -> View:
        rows = []
        for module in catalogue.MODULES:
            own = [f for f in catalogue.FUNCTIONS.values() if f.module == module]
            act = sum(role in f.act for f in own)
            see = sum(role in f.use and role not in f.act for f in own)
            rows.append((module, act, see, len(own) - act - see))
        table = pd.DataFrame(rows, columns=["模块", "可以改", "只能看", "打不开"])
        axes, left = figure.subplots(), [0] * len(rows)
        parts = (("可以改", theme.COURSE), ("只能看", theme.SERIES[0]), ("打不开", theme.LINE))
        for part, colour in parts[:1] if change else parts:
            axes.barh(table["模块"], table[part], 0.65, left=left, color=colour, label=part)
            left = [a + b for a, b in zip(left, table[part], strict=True)]
        axes.set_xlim(0, 7.5)
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.set_title(f"{role}在八个模块里的功能数")
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
        act, see = int(table["可以改"].sum()), int(table["只能看"].sum())
        return View(
            alt=f"八根横条，一个模块一根：{role}共可以改 {act} 项，只能看 {see} 项。",
            message=f"{role}：44 项里可以改 {act} 项，只能看 {see} 项，打不开 {44 - act - see} 项。"
            f"{roles.ROLES[role]}。",
            table=table,
            result={"act": act, "see": see, "shut": 44 - act - see},
        )

    return Activity(
        "换一个角色，看得到什么？",
        [Select("role", "角色", {r: r for r in roles.ROLES}), Switch("change", "只看能改动的")],
        draw,
        note="五个角色和各自的权限是课程约定。试一试：谁打不开的最多？谁能改的最多？这样分，防的是什么？",
        source="课程操作系统的功能目录；crmkit.crm.catalogue。",
        size=(7.2, 3.0),
    )
