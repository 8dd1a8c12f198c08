"""Judge of chapter 13's exercises: vendors and buyers, weighted scores, a check-list, ideas."""

from __future__ import annotations

from autograder import compare
from autograder.source.ch13 import reference as r
from autograder.source.ch13.reference import IDEAS, KINDS, STATES, World
from autograder.spec import LabSpec, Level
from crmkit.lab import checks
from crmkit.lab.inputs import ch13

lab = LabSpec("ch13", "CRM软件产品介绍", world=World, notebook="ch13_products",
              workbook="out/第13章练习.xlsx")  # fmt: skip


def _keys(letter: str, n: int) -> tuple[str, ...]:
    return tuple(f"{letter}{k:02d}" for k in range(1, n + 1))


@lab.item("ch13-01", points=18, title="厂商与买家归类",
          need="判断六家厂商在资料里列为国外还是国内，四家买家按人数是大型、中型还是小型",
          public=checks.Mapping(keys=_keys("V", 10), options=KINDS), compare=compare.labels())  # fmt: skip
def kinds(w: World) -> dict[str, str]:
    return r.kinds(w)


@kinds.mistake("归类看资料，不看名字像不像：Turbo 是英文名，资料列在国内", share=0.8)
def kinds_by_look(w: World) -> dict[str, str]:
    return r.kinds(w, by_look=True)


@kinds.mistake("300 人起是大型，50 人起是中型：“起”包含界限本身，用 >=", share=0.7)
def kinds_open(w: World) -> dict[str, str]:
    return r.kinds(w, open_limits=True)


@lab.item("ch13-02", points=24, core=True, title="五个产品的加权评分",
          need="把费用倒成得分，按给定的权重算五个产品的加权得分，从高到低排出名次",
          public=checks.Order(tuple("甲乙丙丁戊")), compare=compare.order())  # fmt: skip
def ranking(w: World) -> list[str]:
    return r.ranking(w)


@ranking.mistake("没有用权重：每项得分先乘权重再相加，不是简单平均", share=0.4)
def ranking_plain(w: World) -> list[str]:
    return r.ranking(w, plain=True)


@ranking.mistake("费用没有倒过来：越贵得分越高了，最便宜的应是 10 分", share=0.3)
def ranking_dear(w: World) -> list[str]:
    return r.ranking(w, dear=True)


@ranking.mistake("次序倒了：得分高的在前", share=0.5)
def ranking_turned(w: World) -> list[str]:
    return r.ranking(w, turned=True)


@lab.item("ch13-03", points=20, core=True, title="安装检查清单",
          need="照规则判断一台电脑的版本、端口、磁盘各是通过、提示还是不通过",
          public=checks.Mapping(keys=_keys("M", 10), options=STATES), compare=compare.labels())  # fmt: skip
def machine(w: World) -> dict[str, str]:
    return r.machine(w)


@machine.mistake("版本和磁盘按文字比了：3.9 比 3.11 旧，要一段一段按数比", share=0.4)
def machine_as_text(w: World) -> dict[str, str]:
    return r.machine(w, as_text=True)


@machine.mistake("刚好等于要求也算通过：“不低于”用 >=", share=0.6)
def machine_strict(w: World) -> dict[str, str]:
    return r.machine(w, strict=True)


@machine.mistake("端口被占用是提示，不是不通过：启动时会自动换一个", share=0.7)
def machine_ports(w: World) -> dict[str, str]:
    return r.machine(w, ports=True)


@lab.item("ch13-04", points=18, title="功能背后的管理思想",
          need="判断八个功能各体现五种管理思想中的哪一种",
          public=checks.Mapping(keys=_keys("G", ch13.FUNCTIONS), options=IDEAS), compare=compare.labels())  # fmt: skip
def ideas(w: World) -> dict[str, str]:
    return r.ideas(w)


def _relabelled(w: World, change: dict[str, str]) -> dict[str, str]:
    return {k: change.get(v, v) for k, v in r.ideas(w).items()}


@ideas.mistake("授权和管控弄反了：让一线当场做主的是授权，要审批、要必填的是管控", share=0.4)
def ideas_turned(w: World) -> dict[str, str]:
    return _relabelled(w, {"授权一线": "过程可控", "过程可控": "授权一线"})


@ideas.mistake("差别对待看的是谁，统一视图看的是哪里的往来：按价值分先后的是差别对待", share=0.6)
def ideas_one_view(w: World) -> dict[str, str]:
    return _relabelled(w, {"差别对待": "统一视图"})


lab.manual(
    "ch13-05", points=20, title="案例：替茶店选一个产品",
    need="替清溪茶叶选一种买法：先定权重，用评分说明，算三年费用，写试用办法和带走数据的办法",
    rubric=(
        Level(20, "权重先定并有理由；用了 ch13-02 的数并看名次稳不稳；三年费用有算式；试用有可量的数；带走数据可以验收"),
        Level(15, "五样齐全，但没有看名次稳不稳，或试用没有可量的数"),
        Level(10, "有评分和费用，没有试用或带走数据"),
        Level(5, "只说“功能强”“名气大”，或写了没有来源的性能"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
