"""Judge of lab S1, 服务精神与投诉处理: causes of complaints, steps, a role play, routing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from autograder import compare
from autograder.source.S1.keys import ALSO, CAUSES, DESKS, GOOD_REPLIES, SERIOUS
from autograder.spec import LabSpec, Level, Verdict
from crmkit.lab import checks, forms
from crmkit.lab.inputs import s1

KPI = ("每千单投诉", "处理时长中位数", "满意率")
PARETO = 0.8


@dataclass(frozen=True)
class World:
    """One student's complaints and rule."""

    student: str

    @property
    def table(self) -> pd.DataFrame:
        return s1.complaints(self.student)

    @property
    def causes(self) -> dict[str, str]:
        return {n: CAUSES[k] for n, k in zip(self.table["编号"], self.table["k"], strict=True)}

    @property
    def also(self) -> dict[str, str]:
        t = self.table
        found = {n: ALSO.get((k, i)) for n, k, i in zip(t["编号"], t["k"], t["i"], strict=True)}
        return {n: v for n, v in found.items() if v}


lab = LabSpec("S1", "服务精神与投诉处理", world=World, workbook="out/投诉处理.xlsx")
NUMBERS = tuple(f"T{k:02d}" for k in range(1, s1.COMPLAINTS + 1))


# ------------------------------------------------------------------ causes


def _causes(got: Any, expected: dict[str, str]) -> Verdict:
    """`expected` holds "cause" or "cause|other": both are right."""
    right = {k: v.split("|") for k, v in expected.items()}
    first = {k: v[0] for k, v in right.items()}
    return compare.labels(accept={k: set(v[1:]) for k, v in right.items()})(
        {k: forms.text(v).split("|")[0] for k, v in forms.mapping(got).items()}, first
    )


@lab.item("S1-01", points=12, core=True, title="四十条投诉的原因",
          need="把 40 条投诉各归到八种原因里的一种；两可的两种都算对",
          public=checks.Mapping(keys=NUMBERS, options=CAUSES), compare=_causes)  # fmt: skip
def cause(w: World) -> dict[str, str]:
    return {n: f"{c}|{w.also[n]}" if n in w.also else c for n, c in w.causes.items()}


def _relabelled(w: World, one: str, other: str) -> dict[str, str]:
    return {n: other if c == one else c for n, c in w.causes.items()}


@cause.mistake("路上摔坏的不都是物流：没有垫、没有裹、没有固定，是包装的问题", share=0.85)
def packing_as_delivery(w: World) -> dict[str, str]:
    return _relabelled(w, CAUSES[3], CAUSES[2])


@cause.mistake("和页面说的不一样是描述不符，东西本身有毛病才是商品质量", share=0.85)
def described_as_quality(w: World) -> dict[str, str]:
    return _relabelled(w, CAUSES[1], CAUSES[0])


@cause.mistake("答应了没有做到是承诺未兑现，说话难听、不理人才是服务态度", share=0.85)
def promise_as_manner(w: World) -> dict[str, str]:
    return _relabelled(w, CAUSES[6], CAUSES[4])


def _counts(w: World, causes: dict[str, str]) -> pd.DataFrame:
    trade = w.table.set_index("编号")["行业"].map(lambda x: x if x == s1.E_COMMERCE else "其他")
    rows = Counter((causes.get(n, ""), trade[n]) for n in trade.index)
    return pd.DataFrame([(c, rows[c, s1.E_COMMERCE], rows[c, "其他"]) for c in CAUSES],
                        columns=["原因", "电商", "其他"])  # fmt: skip


def _crosstab(got: Any, expected: pd.DataFrame) -> Verdict:
    frame = forms.table(got, ["电商", "其他"], "原因")
    found = {
        forms.text(r["原因"]): (forms.number(r["电商"]), forms.number(r["其他"]))
        for r in frame.to_dict("records")
    }
    right = {r["原因"]: (r["电商"], r["其他"]) for r in expected.to_dict("records")}
    wrong = [c for c in CAUSES if found.get(c, (0, 0)) != right[c]]
    if not wrong:
        return Verdict(1.0, "八种原因、两列都对")
    return Verdict(1 - len(wrong) / len(CAUSES), f"{len(wrong)} 种原因的条数不对，例如「{wrong[0]}」",
                   "按你在 S1-01 的归类数：每种原因在电商里几条、在其他行业里几条")  # fmt: skip


@lab.item("S1-02", points=10, core=True, title="电商与其他行业",
          need="投诉原因 × 行业（电商、其他）的条数", compare=_crosstab,
          public=checks.Table(columns=("电商", "其他"), key="原因", least=4, most=9, integers=("电商", "其他"), low=0))  # fmt: skip
def industry_share(w: World) -> pd.DataFrame:
    return _counts(w, w.causes)


def _own(earlier: Any) -> dict[str, str]:
    return {k: forms.text(v) for k, v in forms.mapping(earlier).items()}


@industry_share.follow_through("S1-01")
def industry_of_own(w: World, earlier: Any) -> pd.DataFrame:
    return _counts(w, _own(earlier))


@industry_share.mistake("两列写反了：电商的条数写在「电商」一列", share=0.4)
def industry_swapped(w: World) -> pd.DataFrame:
    right = _counts(w, w.causes)
    return right.rename(columns={"电商": "其他", "其他": "电商"})


@industry_share.mistake("「其他」一列填成了合计：两列分开数", share=0.5)
def industry_total(w: World) -> pd.DataFrame:
    right = _counts(w, w.causes)
    return right.assign(其他=right["电商"] + right["其他"])


def _pareto(got: Any, expected: dict[str, int]) -> Verdict:
    found = set(forms.ids(got, "原因"))
    odd = found - set(CAUSES)
    if odd:
        return Verdict(0.0, f"「{sorted(odd)[0]}」不是八种原因之一", "名称要一字不差")
    total, held = sum(expected.values()), sum(expected[c] for c in found)
    size = _least(expected)
    if held < PARETO * total - 1e-9:
        return Verdict(
            0.0,
            f"这 {len(found)} 种只占 {held / total:.0%}，不到八成",
            "从条数最多的排起，一种一种加",
        )
    if len(found) > size:
        return Verdict(
            0.4, f"够八成了，但 {len(found)} 种不是最少", "从条数最多的排起，刚到八成就停"
        )
    return Verdict(1.0, f"{len(found)} 种原因占了 {held / total:.0%}")


def _least(counts: dict[str, int]) -> int:
    held, need = 0, PARETO * sum(counts.values()) - 1e-9
    for n, count in enumerate(sorted(counts.values(), reverse=True), start=1):
        held += count
        if held >= need:
            return n
    return len(counts)


def _tally(causes: dict[str, str]) -> dict[str, int]:
    counts = Counter(causes.values())
    return {c: counts[c] for c in CAUSES}


@lab.item("S1-03", points=10, title="先改哪几样",
          need="条数最多的几种原因，合起来达到八成，种数最少",
          public=checks.Ids(column="原因", pattern=r"[^\d]{4,5}", least=1, most=8), compare=_pareto)  # fmt: skip
def pareto(w: World) -> dict[str, int]:
    return _tally(w.causes)


@pareto.follow_through("S1-01")
def pareto_of_own(w: World, earlier: Any) -> dict[str, int]:
    return _tally(_own(earlier))


@pareto.sign("还没有到八成：从条数最多的排起，一种一种加上去", share=0.4)
def pareto_short(w: World, got: Any) -> bool:
    found, counts = set(forms.ids(got, "原因")), _tally(w.causes)
    return (
        found < set(CAUSES)
        and sum(counts[c] for c in found) < PARETO * s1.COMPLAINTS - 1e-9
        and (len(found) == _least(counts) - 1)
    )


@pareto.sign("八种全写上当然够八成：要的是最少的几种，才知道先改什么", share=0.2)
def pareto_all(w: World, got: Any) -> bool:
    return set(forms.ids(got, "原因")) == set(CAUSES)


# ------------------------------------------------------------------ figures


def _kpi(
    w: World, *, mean: bool = False, blanks: bool = False, scale: int = 1000
) -> dict[str, float]:
    t = w.table
    hours = (t["结案时间"] - t["受理时间"]).dt.total_seconds() / 3600
    asked = t if blanks else t[t["是否满意"] != ""]
    return dict(zip(KPI, (
        scale * len(t[t["行业"] == s1.E_COMMERCE]) / s1.rule(w.student).orders,
        float(hours.mean() if mean else hours.median()),
        float((asked["是否满意"] == "满意").mean()),
    ), strict=True))  # fmt: skip


@lab.item("S1-04", points=10, title="三个服务指标",
          need="电商的每千单投诉、处理时长的中位数（小时）、回答者的满意率",
          public=checks.Mapping(keys=KPI, low=0, high=1000), compare=compare.mapping(1e-3))  # fmt: skip
def kpi(w: World) -> dict[str, float]:
    return _kpi(w)


@kpi.mistake("处理时长用成了平均数：几件拖得很久的会把平均数抬上去，题目要中位数", share=0.7)
def kpi_mean(w: World) -> dict[str, float]:
    return _kpi(w, mean=True)


@kpi.mistake("没有回答的不能算“不满意”：满意率的分母是回答了的人", share=0.7)
def kpi_blanks(w: World) -> dict[str, float]:
    return _kpi(w, blanks=True)


@kpi.mistake("每千单投诉要乘 1000", share=0.7)
def kpi_share(w: World) -> dict[str, float]:
    return _kpi(w, scale=1)


# ------------------------------------------------------------------ steps


def _order(w: World, salt: str, n: int) -> list[str]:
    found = s1.lettered(w.student, salt, n)
    return sorted(found, key=lambda letter: found[letter])


def _moved(order: list[str], place: int, to: int) -> list[str]:
    out = [*order]
    out.insert(to, out.pop(place))
    return out


@lab.item("S1-05", points=10, core=True, title="接电话的八步", need="把接电话的 8 个步骤排好次序",
          public=checks.Order(options=tuple("ABCDEFGH")), compare=compare.order())  # fmt: skip
def phone(w: World) -> list[str]:
    return _order(w, "phone", 8)


@phone.mistake("先自己挂了电话：等对方先挂，再放下，这是最后一步", share=0.88)
def phone_hung_up(w: World) -> list[str]:
    return _moved(phone.expect(w), 7, 6)


@phone.mistake("还没复述确认就给办法：先确认听对了，再说怎么办", share=0.88)
def phone_unconfirmed(w: World) -> list[str]:
    return _moved(phone.expect(w), 5, 4)


@lab.item("S1-06", points=10, core=True, title="处理投诉的六步", need="把处理投诉的 6 个步骤排好次序",
          public=checks.Order(options=tuple("ABCDEF")), compare=compare.order())  # fmt: skip
def handling(w: World) -> list[str]:
    return _order(w, "handling", 6)


@handling.mistake("一上来就给方案：先听完、问清事实，方案才对得上", share=0.5)
def handling_hasty(w: World) -> list[str]:
    return _moved(handling.expect(w), 3, 0)


@handling.mistake("少了闭环的次序：办完要先告诉顾客，回访和改进在最后", share=0.84)
def handling_open(w: World) -> list[str]:
    return _moved(handling.expect(w), 5, 4)


# ------------------------------------------------------------------ role play


def _choice(w: World, place: int) -> dict[str, str]:
    out = {}
    for scene in range(1, len(s1.SCENES) + 1):
        letters = {i: letter for letter, i in s1.replies(w.student, scene).items()}
        out[f"场景{scene}"] = letters[place]
    return out


def _replies(got: Any, expected: dict[str, str]) -> Verdict:
    """`expected` holds the letters that count, e.g. "B" or "AC"."""
    accept = {k: set(v) for k, v in expected.items()}
    chosen = {k: forms.text(v)[:1] for k, v in forms.mapping(got).items()}
    return compare.labels(accept=accept)(chosen, {k: v[0] for k, v in expected.items()})


@lab.item("S1-07", points=10, core=True, title="角色扮演：六个场景",
          need="在六个场景里各选最合适的应答；第六个场景有两种都合适",
          public=checks.Mapping(keys=tuple(f"场景{n}" for n in range(1, 7)), options=("A", "B", "C")),
          compare=_replies)  # fmt: skip
def scenes(w: World) -> dict[str, str]:
    out = {}
    for scene in range(1, len(s1.SCENES) + 1):
        letters = {i: letter for letter, i in s1.replies(w.student, scene).items()}
        out[f"场景{scene}"] = "".join(letters[i] for i in GOOD_REPLIES.get(scene, (0,)))
    return out


@scenes.mistake("选的多是“讲规定”的应答：规定没有错，但先要接住顾客的着急，再说怎么办", share=0.25)
def by_the_book(w: World) -> dict[str, str]:
    return _choice(w, 1)


@scenes.mistake("选的是推开或敷衍的应答：顾客不关心是谁的错，只关心谁来管", share=0.1)
def pushed_away(w: World) -> dict[str, str]:
    return _choice(w, 2)


# ------------------------------------------------------------------ routing


def complaints(w: World) -> list[tuple[dict[str, Any]]]:
    """Ten complaints the student never sees; some stand just on a limit."""
    m = s1.rule(w.student)
    cases = [
        (50, 1, ""), (m.amount, 1, ""), (m.amount - 1, 1, ""), (30, m.times, ""), (30, m.times - 1, ""),
        (20, 1, SERIOUS[0]), (m.amount + 300, m.times + 1, SERIOUS[3]), (m.amount + 1, 1, ""),
        (0, 1, SERIOUS[1]), (m.amount - 1, m.times - 1, ""),
    ]  # fmt: skip
    return [({"金额": a, "第几次": n, "特别情形": s},) for a, n, s in cases]


@dataclass(frozen=True)
class Misread:
    open_limits: bool = False
    serious_last: bool = False
    both_needed: bool = False


def _desk(case: dict[str, Any], rule: s1.Rule, how: Misread) -> str:
    if how.open_limits:
        much, often = case["金额"] > rule.amount, case["第几次"] > rule.times
    else:
        much, often = case["金额"] >= rule.amount, case["第几次"] >= rule.times
    up = (much and often) if how.both_needed else (much or often)
    if case["特别情形"] and not (how.serious_last and up):
        return DESKS[2]
    return DESKS[1] if up else DESKS[0]


def _routes(w: World, how: Misread) -> list[str]:
    return [_desk(case, s1.rule(w.student), how) for (case,) in complaints(w)]


def _strict(got: Any, expected: list[str]) -> Verdict:
    """As `compare.returns`, but each wrong output costs double: most inputs are easy."""
    verdict = compare.returns()(got, expected)
    return replace(verdict, share=max(0.0, 2 * verdict.share - 1))


@lab.item("S1-08", points=8, title="投诉该送到哪里",
          need="写一个函数，按规则卡把投诉分给一线、主管或专项",
          public=checks.Function(("投诉",), ({"金额": 80, "第几次": 1, "特别情形": ""},)),
          compare=_strict, calls=complaints)  # fmt: skip
def route(w: World) -> list[str]:
    return _routes(w, Misread())


@route.mistake("刚好达到界限的也送主管：用 >=，不要用 >", share=0.7)
def route_open(w: World) -> list[str]:
    return _routes(w, Misread(open_limits=True))


@route.mistake("有特别情形的一律先送专项：三条规则的次序不能换", share=0.85)
def route_late(w: World) -> list[str]:
    return _routes(w, Misread(serious_last=True))


@route.mistake("金额和次数满足一条就送主管：用“或”，不要用“且”", share=0.6)
def route_both(w: World) -> list[str]:
    return _routes(w, Misread(both_needed=True))


# ------------------------------------------------------------------ by hand

lab.manual(
    "S1-09", points=10, title="当上帝遭遇领导",
    need="读案例：顾客满意吗？服务错在哪里？怎样补救？（200–300 字）",
    rubric=(
        Level(10, "用期望与体验的差说明满意与否；指出根源在制度和排序而不只在个人；补救分当时与以后，做得到"),
        Level(7, "三问都答了，有期望与体验的比较，但根源只归到个人，或补救只有一层"),
        Level(4, "只作了评价（“态度不好”），没有比较，或没有补救"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
lab.manual(
    "S1-10", points=10, title="写一段说得出口的话",
    need="从你的 40 条投诉里挑一位最生气的顾客，写出当面或电话里要说的话（100–200 字）",
    rubric=(
        Level(10, "先共情、再说清事实、给出补救、写明谁在什么时间办完；口语，不推责，不乱许诺"),
        Level(7, "四样里有三样，口语"),
        Level(4, "只有道歉，或只有规定"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
