"""Judge of chapter 14's exercises: trades of the cases, a case matrix, figures of one shop."""

from __future__ import annotations

from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.ch14.keys import COLUMNS
from autograder.source.ch14.reference import World, figures, focus, matrix
from autograder.spec import LabSpec, Level
from crmkit.lab import checks, forms
from crmkit.lab.inputs import ch14

lab = LabSpec("ch14", "中国客户关系管理实践", world=World, notebook="ch14_practice_in_china",
              workbook="out/第14章练习.xlsx")  # fmt: skip

# ------------------------------------------------------------------ trades of the five cases


@lab.item("ch14-01", points=26, core=True, title="五个案例的行业与重点",
          need="从案例库里筛出大纲的五个案例，写出行业，并按三问判断每个行业的客户关系重点",
          public=checks.Table(("编号", "行业", "重点"), "编号", least=1, most=20),
          compare=compare.columns(("行业", "重点"), "编号"))  # fmt: skip
def trades(w: World) -> pd.DataFrame:
    return focus(w)


@trades.mistake("教学编写的案例也留在表里：先筛“出处”是“大纲”的", share=0.5)
def trades_unfiltered(w: World) -> pd.DataFrame:
    return focus(w, everyone=True)


@trades.mistake("三问要按次序：先看多久买一次，答“是”就到此为止，再轮不到渠道", share=0.6)
def trades_channel_first(w: World) -> pd.DataFrame:
    return focus(w, channel_first=True)


@trades.mistake("刚好等于界限时算达到：“至少”用 >=，“至多”用 <=", share=0.7)
def trades_open(w: World) -> pd.DataFrame:
    return focus(w, open_limits=True)


@trades.mistake("渠道占比写的是“高于”：刚好等于界限不算，用 >", share=0.7)
def trades_closed(w: World) -> pd.DataFrame:
    return focus(w, closed_channel=True)


# ------------------------------------------------------------------ case matrix


@lab.item("ch14-02", points=24, core=True, title="填一张案例分析表",
          need="把一个案例的十句话放进目标、手段、数据、结果四栏，没有内容的话归为口号",
          public=checks.Mapping(keys=tuple(f"S{i:02d}" for i in range(1, ch14.SENTENCES + 1)), options=COLUMNS),
          compare=compare.labels())  # fmt: skip
def case_matrix(w: World) -> dict[str, str]:
    return matrix(w)


def _relabelled(w: World, change: dict[str, str]) -> dict[str, str]:
    return {k: change.get(v, v) for k, v in matrix(w).items()}


@case_matrix.mistake("口号当成了结果：没有数、没有比较的好话，不是结果", share=0.6)
def slogans_as_results(w: World) -> dict[str, str]:
    return _relabelled(w, {"口号": "结果"})


@case_matrix.mistake("目标和结果弄反了：想要做到的是目标，已经量到的是结果", share=0.4)
def aims_and_results(w: World) -> dict[str, str]:
    return _relabelled(w, {"目标": "结果", "结果": "目标"})


@case_matrix.mistake("数据归进了手段：记下什么是数据，拿它去做什么才是手段", share=0.6)
def data_as_means(w: World) -> dict[str, str]:
    return _relabelled(w, {"数据": "手段"})


# ------------------------------------------------------------------ dashboard


@lab.item("ch14-03", points=30, core=True, title="读一家店的四个数",
          need="从一家店的订单算出 2025 年的支付金额、支付买家数、客单价、复购率",
          public=checks.Mapping(keys=("支付金额", "支付买家数", "客单价", "复购率"), low=0),
          compare=compare.mapping(0.005))  # fmt: skip
def board(w: World) -> dict[str, float]:
    return figures(w)


@board.mistake(
    "没有付款的或作废的订单也算进去了：先筛付过款、没有作废的，年份看付款时间", share=0.3
)
def board_void(w: World) -> dict[str, float]:
    return figures(w, void=True)


@board.mistake("算成了两年合计：只要付款时间在 2025 年的", share=0.3)
def board_both(w: World) -> dict[str, float]:
    return figures(w, both_years=True)


@board.mistake("客单价除以的是订单数：那是笔单价，客单价要除以买家数", share=0.75)
def board_per_order(w: World) -> dict[str, float]:
    return figures(w, per_order=True)


@board.mistake("复购率按订单算了：按人算，买过两次以上的人数除以买家数", share=0.75)
def board_by_orders(w: World) -> dict[str, float]:
    return figures(w, by_orders=True)


@board.sign("复购率写成了百分数：写 0 到 1 之间的小数，例如 0.42", share=0.7)
def board_percent(w: World, got: Any) -> bool:
    mine, right = forms.mapping(got), figures(w, percent=True)
    if set(mine) != set(right):
        return False
    return all(abs(forms.number(mine[k]) - right[k]) <= 0.5 for k in right)


lab.manual(
    "ch14-04", points=20, title="案例：比较两个行业",
    need="选两个行业，按同一张案例分析表比较：什么相同，什么不同，做法能不能搬",
    rubric=(
        Level(20, "两个行业按同一组问题比较，用了数据或可以核对的事实；相同与不同各有理由，说清哪一条能搬、搬时改什么；分清事实、推断和编写"),
        Level(15, "比较完整、有数据，但没有说清能不能搬，或没有分清事实与推断"),
        Level(10, "两个行业各写各的，没有用同一组问题，或没有数据"),
        Level(5, "只有口号，或把编写的情境当作真实企业的事迹"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
