"""商机报价: opportunities through their stages, their grade, and quotations."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from crmkit.crm.errors import InvalidInput
from crmkit.crm.opportunities import (
    CRITERIA,
    QUOTE_STEPS,
    RULES,
    STAGES,
    TABLE,
    VALID,
    criteria_weights,
)
from crmkit.crm.session import Session
from crmkit.settings import settings
from crmkit.ui.console import fields as f
from crmkit.ui.console import figures
from crmkit.ui.console.screen import (
    Action,
    Call,
    Card,
    Done,
    Drawer,
    Row,
    Screen,
    Section,
    Table,
    View,
)
from crmkit.ui.console.screens.products import skus

_ENDED = ("成功", "失败")
_KINDS = {
    "得分": "number",
    "成交概率": "percent",
    "加权金额": "money",
    "阶段": "status",
    "等级": "status",
}
_PAIRS = list(combinations(range(len(CRITERIA)), 2))
# Saaty's scale, both ways.
_SCALE = {
    **{1 / n: f"后者{word}（1/{n}）" for n, word in ((9, "极端重要"), (7, "强烈重要"), (5, "明显重要"), (3, "稍微重要"))},
    1.0: "同样重要（1）",
    **{float(n): f"前者{word}（{n}）" for n, word in ((3, "稍微重要"), (5, "明显重要"), (7, "强烈重要"), (9, "极端重要"))},
}  # fmt: skip


# --- 商机列表 -------------------------------------------------------------------------------------
def _list(crm: Session, v: f.Values) -> View:
    found, stages = crm.opportunities.list(), crm.opportunities.funnel()
    going = found[~found["阶段"].isin(_ENDED)]
    return View(
        cards=[
            Card("进行中的商机", len(going)), Card("预计金额", float(going["预计金额"].sum()), "money"),
            Card("加权金额", float(going["加权金额"].sum()), "money", note="预计金额 × 阶段的成交概率"),
            Card("成功", int((found["阶段"] == "成功").sum()), tone="good"),
        ],
        charts=[figures.funnel("商机漏斗", stages, "阶段", "到达数", note="到达过这个阶段的商机"),
                figures.bars("各阶段金额", stages, "阶段", "金额")],
        tables=[Table("商机", found, id="商机编号", kinds=_KINDS, drawer=_drawer, actions=[_MOVE]),
                Table("漏斗", stages, kinds={"转化率": "percent", "阶段": "text"})],
        notes=[(STAGES[stage], f"进入条件：{rule}") for stage, rule in RULES.items()],
    )  # fmt: skip


def _drawer(crm: Session, row: Row) -> Drawer:
    number = row["商机编号"]
    stored = crm.store.frame(TABLE.select().where(TABLE.c.opp_id == number)).iloc[0]
    quotes = crm.opportunities.quote() if crm.role in ("店长", "营销") else pd.DataFrame()
    own = quotes[quotes["商机编号"] == number] if len(quotes) else quotes
    allowed = crm.opportunities.allowed(number)
    return Drawer(
        f"商机 {number}", status=row["阶段"],
        lead=[("客户", row["客户编号"], "id"), ("预计金额", row["预计金额"], "money"), ("等级", row["等级"], "text")],
        sections=[
            Section("评分", facts=[(name, stored[c], "count") for name, c in zip(CRITERIA, ("c1", "c2", "c3", "c4"), strict=True)]),
            Section("现在可以到", text="、".join(allowed) or "已经结束"),
            *([Section("报价", frame=own.drop(columns=["商机编号"]))] if len(own) else []),
        ],
        actions=[
            Action("推进", _move, on="drawer", main=True, fields=lambda s, r: _stage_form(s, r), function="opportunities.list"),
            Action("改评分", _rescore, on="drawer", fields=_score_form, function="opportunities.grade"),
            Action("报价", _quote, on="drawer", fields=_QUOTE, function="opportunities.quote"),
        ] if row["阶段"] not in _ENDED else [],
    )  # fmt: skip


def _stage_form(crm: Session, row: Row | None) -> list[f.Field]:
    number = (row or {}).get("商机编号", "")
    return [f.select("stage", "到哪个阶段", crm.opportunities.allowed(number), required=True)]


def _move(c: Call) -> str:
    c.crm.opportunities.move(c.row["商机编号"], c.values["stage"], expect=c.row.get("版本"))
    return f"商机 {c.row['商机编号']} 到了「{c.values['stage']}」。"


_MOVE = Action(
    "推进",
    _move,
    on="row",
    fields=lambda s, r: _stage_form(s, r),
    when=lambda r: r["阶段"] not in _ENDED,
)


def _score_fields(now: list[int]) -> list[f.Field]:
    return [
        f.number(f"score:{n}", name, now[n], low=1, high=5, whole=True, required=True, unit="分")
        for n, name in enumerate(CRITERIA)
    ]


def _score_form(crm: Session, row: Row | None) -> list[f.Field]:
    stored = crm.store.frame(
        TABLE.select().where(TABLE.c.opp_id == (row or {}).get("商机编号", ""))
    )
    return _score_fields([int(stored[c].iloc[0]) for c in ("c1", "c2", "c3", "c4")])


def _scores(values: f.Values) -> list[int]:
    return [values[f"score:{n}"] for n in range(len(CRITERIA))]


def _rescore(c: Call) -> str:
    c.crm.opportunities.rescore(c.row["商机编号"], _scores(c.values))
    return f"商机 {c.row['商机编号']} 的评分已修改。"


def _create(c: Call) -> str:
    number = c.crm.opportunities.create(
        c.values["customer_id"], c.values["amount"], _scores(c.values)
    )
    return f"已建商机 {number}。"


# --- 商机评级 -------------------------------------------------------------------------------------
def _grade(crm: Session, v: f.Values) -> View:
    rows: list[list[float]] = [[] for _ in range(len(CRITERIA) - 1)]
    for a, b in _PAIRS:
        rows[a].append(v[f"pair:{a}{b}"])
    try:
        found = crm.opportunities.grade(rows)
    except InvalidInput as error:
        raise InvalidInput(str(error)) from error
    weights = pd.DataFrame({"指标": list(CRITERIA), "权重": list(criteria_weights(rows))})
    levels = (
        found["等级"].value_counts().sort_index().rename_axis("等级").reset_index(name="商机数")
    )
    return View(
        cards=[Card(f"{r['等级']} 级", r["商机数"]) for r in levels.to_dict("records")],
        charts=[figures.ranking("指标权重", weights, "指标", "权重"), figures.share("等级构成", levels, "等级", "商机数")],
        tables=[Table("评级", found, id="商机编号", kinds=_KINDS, drawer=_drawer,
                      actions=[Action("改评分", _rescore, on="row", fields=_score_form)])],
        note="得分 = 四项评分（1–5）按权重加权；权重由两两比较用 AHP 算出，前后矛盾（CR ≥ 0.10）时不算。等级界限是课程约定。",
    )  # fmt: skip


def _pair_fields(crm: Session, row: Row | None) -> list[f.Field]:
    given = settings()["opportunities"]["comparisons"]
    form = []
    for a, b in _PAIRS:
        value = float(given[a][b - a - 1])
        scale = _SCALE if value in _SCALE else {**_SCALE, value: f"{value:g}"}
        form.append(
            f.select(
                f"pair:{a}{b}", f"{CRITERIA[a]} 比 {CRITERIA[b]}", dict(scale), value, required=True
            )
        )
    return form


# --- 报价 -----------------------------------------------------------------------------------------
def _quotes(crm: Session, v: f.Values) -> View:
    found = crm.opportunities.quote()
    return View(
        cards=[Card("报价单", len(found)), Card("有效", int((found["状态"] == VALID).sum()), tone="good"),
               Card("总价合计", float(found["总价"].sum()) if len(found) else 0.0, "money")],
        tables=[Table("报价单", found, id="报价单", kinds={"优惠": "money", "商机编号": "id"},
                      empty="还没有报价。点右上角“新建报价”。", actions=[_answer("接受"), _answer("拒绝")])],
        note="按商品现价报价，减去优惠；毛利率低于约定的下限时不能报价（课程约定）。",
    )  # fmt: skip


def _answer(event: str) -> Action:
    def run(c: Call) -> str:
        c.crm.opportunities.answer_quote(c.key, event)
        return f"报价单 {c.key}：客户{event}。"

    return Action(event, run, on="row", danger=event == "拒绝", when=lambda r: event in QUOTE_STEPS[r["状态"]],
                  text=f"登记客户{event}了这份报价。")  # fmt: skip


def _quote(c: Call) -> Done:
    values = dict(c.values)
    number = values.pop("opp_id", None) or c.row["商机编号"]
    lines = []
    for n in range(1, 4):
        sku, qty = values.pop(f"sku:{n}", None), values.pop(f"qty:{n}", None)
        if sku:
            lines.append((sku, qty or 1))
    try:
        made = c.crm.opportunities.make_quote(number, lines, **values)
    except InvalidInput as error:
        wrong = {"sku:1" if k == "lines" else k: text for k, text in error.fields.items()}
        raise InvalidInput(str(error), wrong) from error
    return Done(f"已报价 {made}。")


_QUOTE = [
    *(x for n in range(1, 4) for x in (
        f.select(f"sku:{n}", f"商品 {n}", skus, placeholder="（不选）"), f.number(f"qty:{n}", "数量", None, low=1, whole=True),
    )),
    f.money("discount", "优惠"), f.count("days", "有效天数", low=1, high=90, unit="天"),
]  # fmt: skip


def _going(crm: Session) -> list[str]:
    found = crm.store.frame(TABLE.select().where(TABLE.c.stage.not_in(("won", "lost"))))
    return sorted(found["opp_id"])


SCREENS = (
    Screen("opportunities.list", _list, about="每个商机走到哪一步、值多少、成的把握有多大", actions=[
        Action("新建商机", _create, main=True, icon="plus", fields=[
            f.text("customer_id", "客户编号", required=True, placeholder="C000123"), f.money("amount", "预计金额", required=True),
            *_score_fields([3] * len(CRITERIA)),
        ]),
    ]),
    Screen("opportunities.grade", _grade, _pair_fields, "用层次分析法定权重，给商机评出 A–D 级"),
    Screen("opportunities.quote", _quotes, about="给商机报价，登记客户接受还是拒绝", actions=[
        Action("新建报价", _quote, main=True, icon="plus", fields=[f.select("opp_id", "商机", _going, required=True), *_QUOTE]),
    ]),
)  # fmt: skip
