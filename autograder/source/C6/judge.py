"""Judge of lab C6, 海尔集团的客户管理系统: kinds of customers, personal service, service orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.C6.keys import FORMS, VIEWS
from autograder.source.C6.reference import (
    Misread,
    World,
    by_region,
    cases,
    cautions,
    configuration,
    replay,
    sorted_into,
)
from autograder.spec import LabSpec, Level, Verdict
from crmkit.lab import checks, forms
from crmkit.lab.inputs import c6

lab = LabSpec("C6", "海尔集团的客户管理系统", world=World)


def _relabelled(what: str, change: dict[str, str]) -> Callable[[World], dict[str, str]]:
    return lambda w: {k: change.get(v, v) for k, v in sorted_into(w, what).items()}


@lab.item("C6-01", points=12, core=True, title="五个角度看家电集团的客户",
          need="说出 10 种分法各用的是客户类型的哪一个角度",
          public=checks.Mapping(keys=tuple(f"V{k:02d}" for k in range(1, c6.VIEWS + 1)), options=VIEWS),
          compare=compare.labels())  # fmt: skip
def views(w: World) -> dict[str, str]:
    return sorted_into(w, "views")


views.mistake("“关系”和“关系状态”弄反了：前者问以什么身份往来，后者问往来走到了哪一步", share=0.6)(
    _relabelled("views", {VIEWS[3]: VIEWS[4], VIEWS[4]: VIEWS[3]})
)
views.mistake(
    "“企业系统”写成了“企业与客户的关系”：按集团里面还是外面分，用的是企业系统的角度", share=0.7
)(_relabelled("views", {VIEWS[0]: VIEWS[3]}))
views.mistake("“企业利益”写成了“企业与客户的关系”：按赚多少分，用的是企业利益的角度", share=0.7)(
    _relabelled("views", {VIEWS[2]: VIEWS[3]})
)


@lab.item("C6-02", points=12, core=True, title="个性化服务的六种形式",
          need="六个情景各是个性化服务的哪一种形式",
          public=checks.Mapping(keys=tuple(f"S{k:02d}" for k in range(1, c6.SCENES + 1)), options=FORMS),
          compare=compare.labels())  # fmt: skip
def scenes(w: World) -> dict[str, str]:
    return sorted_into(w, "scenes")


scenes.mistake(
    "产品定制和个性化推荐弄反了：按他的要求去造是定制，在现成的里面替他挑是推荐", share=0.6
)(_relabelled("scenes", {FORMS[0]: FORMS[1], FORMS[1]: FORMS[0]}))
scenes.mistake("预约服务和主动关怀弄反了：时间由用户挑是预约，企业先想到、先开口是关怀", share=0.6)(
    _relabelled("scenes", {FORMS[3]: FORMS[4], FORMS[4]: FORMS[3]})
)
scenes.mistake("专属服务和自助服务弄反了：固定的人来办是专属，用户自己办是自助", share=0.6)(
    _relabelled("scenes", {FORMS[2]: FORMS[5], FORMS[5]: FORMS[2]})
)


# ------------------------------------------------------------------ configuration


def _strict(got: Any, expected: Sequence[str]) -> Verdict:
    """Each wrong output costs double: most inputs are easy."""
    verdict = compare.returns()(got, expected)
    return replace(verdict, share=max(0.0, 2 * verdict.share - 1))


@lab.item("C6-03", points=14, title="由偏好推荐配置",
          need="写一个函数，由家庭人数、厨房宽度、要不要静音和预算，按规则卡推荐冰箱的配置",
          public=checks.Function(("人数", "厨房宽", "静音", "预算"), (2, 90, True, 9000)),
          compare=_strict, calls=cases)  # fmt: skip
def recommend(w: World) -> list[str]:
    return _with(Misread())(w)


def _with(how: Misread) -> Callable[[World], list[str]]:
    return lambda w: [configuration(case, w.rule, how) for case in cases(w)]


for _hint, _share, _how in (
    ("人数刚好等于上限时还算这一型：用 <=，不要用 <", 0.6, Misread(open_limits=True)),
    ("没有看厨房够不够宽：放不下对开门的，改推三门", 0.6, Misread(no_width=True)),
    ("厨房宽刚好等于最小宽时放得下：不够才改，用 <", 0.7, Misread(width_includes=True)),
    ("超出预算时先去掉变频，还超再降一型：次序不能反", 0.6, Misread(model_first=True)),
    ("总价刚好等于预算不算超：用 >", 0.6, Misread(budget_open=True)),
    (
        "没有用到预算：超了要先去变频、再降型，双门定频也超就是“超出预算”",
        0.3,
        Misread(no_budget=True),
    ),
):
    recommend.mistake(_hint, share=_share)(_with(_how))


# ------------------------------------------------------------------ service orders


@lab.item("C6-04", points=12, core=True, title="工单走完它的状态",
          need="按状态表逐条判断录入的动作是接受还是拒绝，写出之后的状态",
          public=checks.Table(columns=("结果", "后状态"), key="事件编号", least=15, most=90),
          compare=lambda got, expected: _log(got, expected))  # fmt: skip
def machine(w: World) -> pd.DataFrame:
    return replay(w)


def _log(got: Any, expected: pd.DataFrame) -> Verdict:
    """Each wrong entry costs three times its part: most entries are easy."""
    frame = forms.table(got, ["结果", "后状态"], "事件编号")
    mine = {forms.text(k): (forms.text(a), forms.text(b)) for k, a, b in
            zip(frame["事件编号"], frame["结果"], frame["后状态"], strict=True)}  # fmt: skip
    right = {k: (a, b) for k, a, b in expected.itertuples(index=False)}
    wrong = [k for k, v in right.items() if mine.get(k) != v]
    if not wrong and len(mine) == len(right):
        return Verdict(1.0, f"{len(right)} 条动作全部判断正确")
    if not wrong:
        return Verdict(0.9, f"多出 {len(mine) - len(right)} 行", "每个事件编号一行")
    first = wrong[0]
    words = f"{len(right)} 条动作里 {len(wrong)} 条不对，例如 {first} 写的是「{'、'.join(mine.get(first, ('没有',)))}」"
    return Verdict(
        max(0.0, 1 - 3 * len(wrong) / len(right)),
        words,
        "先按时间排；被拒绝的动作不改变状态，后状态写原来的状态",
    )


@machine.mistake("按文件里的次序走的：同一张工单的动作要先按时间排好", share=0.3)
def machine_file_order(w: World) -> pd.DataFrame:
    return replay(w, file_order=True)


@machine.mistake("没有拒绝任何动作：状态表里没有的动作要拒绝，状态不变", share=0.3)
def machine_all(w: World) -> pd.DataFrame:
    return replay(w, all_allowed=True)


@machine.mistake("拒绝一次以后就停住了：被拒绝的那条不算，后面合规的照样接受", share=0.4)
def machine_stops(w: World) -> pd.DataFrame:
    return replay(w, stops=True)


# ------------------------------------------------------------------ privacy, call-back


def _chosen(got: Any, expected: set[str]) -> Verdict:
    """Each statement on the wrong side costs a fifth."""
    found = set(forms.ids(got, "编号"))
    extra, lacking = sorted(found - expected), sorted(expected - found)
    if not extra and not lacking:
        return Verdict(1.0, f"{len(expected)} 条全部选对")
    words = "；".join(
        [
            *([f"不该选 {'、'.join(extra)}"] if extra else []),
            *([f"漏了 {len(lacking)} 条"] if lacking else []),
        ]
    )
    return Verdict(max(0.0, 1 - 0.2 * (len(extra) + len(lacking))), words,
                   "逐条问：告诉用户了吗、必要吗、他能拒绝吗、别人看得到吗")  # fmt: skip


@lab.item("C6-05", points=10, core=True, title="隐私上该这样做的",
          need="从 10 条做法里选出保护个人信息、应该这样做的",
          public=checks.Ids(column="编号", pattern=r"P\d\d", least=1, most=c6.PRIVACY), compare=_chosen)  # fmt: skip
def privacy(w: World) -> set[str]:
    return cautions(w)


@privacy.mistake("选反了：题目要的是应该这样做的，你交的是不该做的", share=0.2)
def privacy_opposite(w: World) -> set[str]:
    return set(sorted_into(w, "privacy")) - cautions(w)


@privacy.sign("十条全选了：里面有一些做法恰恰侵犯个人信息", share=0.1)
def privacy_all(w: World, got: Any) -> bool:
    return set(forms.ids(got, "编号")) == set(sorted_into(w, "privacy"))


@lab.item("C6-06", points=10, title="各区域的回访满意度",
          need="各区域有效评分的个数、平均满意度和满意率（4 分及以上）",
          public=checks.Table(columns=("回访数", "平均满意度", "满意率"), key="区域", least=5, most=7),
          compare=compare.columns(("回访数", "平均满意度", "满意率"), key="区域", tolerance=1e-3))  # fmt: skip
def regions(w: World) -> pd.DataFrame:
    return by_region(w)


@regions.mistake("满意率的分母用了全部工单：没有打分的人不知道满不满意，分子分母都不算", share=0.65)
def regions_all(w: World) -> pd.DataFrame:
    return by_region(w, of_all=True)


@regions.mistake("4 分也算满意：用 >= 4", share=0.7)
def regions_above(w: World) -> pd.DataFrame:
    return by_region(w, above=True)


@regions.mistake("没有打分的按 0 分算进了平均：空白不是 0", share=0.65)
def regions_blanks(w: World) -> pd.DataFrame:
    return by_region(w, blanks=True)


@regions.mistake("接通了却没有打分的也数进了回访数：只数有分数的", share=0.5)
def regions_reached(w: World) -> pd.DataFrame:
    return by_region(w, reached=True)


lab.manual(
    "C6-07", points=15, title="个性化服务是什么",
    need="200–300 字：什么是个性化服务，它和大批量生产怎样并存；网络时代的两种形式，各举一例",
    rubric=(
        Level(15, "定义抓住“按每位客户的不同需要”；说清定制以规模生产为底（模块化、延迟差异等）；两种形式各有具体例子，其中一例用到本实验"),
        Level(12, "定义和两种形式都对，例子具体，但没有说怎样与规模并存"),
        Level(8, "只有一种形式讲得具体，或把推荐、定制、关怀混为一谈"),
        Level(4, "只有口号（“以客户为中心”），没有形式也没有例子"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
lab.manual(
    "C6-08", points=15, title="个性化服务要注意什么",
    need="200–300 字：至少三点要注意的（隐私、成本、公平、过度打扰、承诺与能力等），各给一条可执行的做法，至少用一个本实验算出的数",
    rubric=(
        Level(15, "至少三点，每点有可执行的做法（谁、什么时候、怎样查），并用本实验的数支持其中一点"),
        Level(12, "至少三点且做法可执行，但没有用数"),
        Level(8, "两点，或做法只是“加强管理”一类"),
        Level(4, "只有一点，或只谈隐私没有做法"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
