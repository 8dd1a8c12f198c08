"""商机报价: opportunities through their five stages, their grade, and quotations.

Stages and the use of AHP for the grade come from the course documents; entry rules, criteria
weights and grade bounds are the course's choice [C] (settings.toml).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from crmkit.crm import clock, entry
from crmkit.crm.audit import Operation
from crmkit.crm.campaigns import gateway
from crmkit.crm.errors import IllegalTransition, InvalidInput
from crmkit.crm.module import Module
from crmkit.crm.storage import tables
from crmkit.schema import CODES
from crmkit.settings import settings

TABLE = tables.metadata.tables["opportunities"]
_PRODUCTS, _CUSTOMERS = tables.metadata.tables["products"], tables.metadata.tables["customers"]
STAGES = CODES["stage"]
ORDER = ("lead", "qualified", "feasible", "target", "won")
CRITERIA = ("需求强度", "购买能力", "决策影响", "时间紧迫")
# stage → what must hold to enter it
RULES: Mapping[str, str] = {
    "qualified": "需求强度至少 2 分", "feasible": "购买能力至少 2 分",
    "target": "有一份有效的报价", "won": "报价已被接受",
}  # fmt: skip
VALID, ACCEPTED, DECLINED = "有效", "已接受", "已拒绝"
QUOTE_STEPS = {VALID: {"接受": ACCEPTED, "拒绝": DECLINED}, ACCEPTED: {}, DECLINED: {}}


class Opportunities(Module):
    """The sales side: list and stages, grading, quotation."""

    key = "opportunities"

    def list(self) -> pd.DataFrame:
        """商机列表: 商机编号 客户编号 阶段 预计金额 加权金额 成交概率 得分 等级 建立日期 结束日期 版本.

        加权金额 = 预计金额 × the stage's probability (settings).
        """
        with self.session.reading("opportunities.list") as op:
            return self._table(op)

    def funnel(self) -> pd.DataFrame:
        """阶段 商机数 金额 到达数 转化率: how many reached each stage, and of those the next."""
        with self.session.reading("opportunities.list", "漏斗") as op:
            rows = op.rows(TABLE)
        reached = {s: sum(self._passed(r, s) for r in rows) for s in ORDER}
        table = []
        for k, stage in enumerate(ORDER):
            own = [r for r in rows if r["stage"] == stage]
            before = reached[ORDER[k - 1]] if k else None
            table.append([STAGES[stage], len(own), sum(r["amount"] for r in own) / 100, reached[stage],
                          reached[stage] / before if before else None])  # fmt: skip
        return pd.DataFrame(table, columns=["阶段", "商机数", "金额", "到达数", "转化率"])

    @staticmethod
    def _passed(row: Mapping[str, Any], stage: str) -> bool:
        # of a lost one only the first stage is known
        at = ORDER.index(row["stage"]) if row["stage"] in ORDER else 0
        return at >= ORDER.index(stage)

    def create(self, customer_id: str, amount: float, scores: Sequence[int]) -> str:
        """A new opportunity in stage 潜在; `scores`: 1–5 for each of `CRITERIA`."""
        with self.session.writing("opportunities.list", "建商机", 客户编号=customer_id) as op:
            wrong = entry.Wrong()
            fen = entry.fen(wrong, "amount", "预计金额", amount, least=1)
            points = _scores(wrong, scores)
            wrong.raise_any()
            op.get(_CUSTOMERS, customer_id)
            number = op.object = op.next_id(TABLE, "B", 4)
            op.insert(TABLE, {
                "opp_id": number, "customer_id": customer_id, "stage": "lead", "amount": fen,
                **dict(zip(("c1", "c2", "c3", "c4"), points, strict=True)),
                "opened_at": gateway.day(op), "closed_at": None,
            })  # fmt: skip
            return number

    def allowed(self, opp_id: str) -> Sequence[str]:
        """Words of the stages an opportunity may go to now."""
        with self.session.reading("opportunities.list", "可走的阶段", 商机=opp_id) as op:
            return [STAGES[s] for s in self._next(op.get(TABLE, opp_id)["stage"])]

    def move(self, opp_id: str, stage: str, *, expect: int | None = None) -> None:
        """Go one stage on or back, or to 失败; the entry rules of `RULES` are checked.

        Raises
        ------
        IllegalTransition
            The stage cannot be reached from here, or its entry rule is not met.
        """
        codes = {word: code for code, word in STAGES.items()}
        with self.session.writing("opportunities.list", "推进商机", 商机=opp_id, 阶段=stage) as op:
            op.object = opp_id
            wrong = entry.Wrong()
            to = codes[entry.one_of(wrong, "stage", "阶段", stage, codes)]
            wrong.raise_any()
            row = op.get(TABLE, opp_id)
            steps = self._next(row["stage"])
            if to not in steps:
                words = "、".join(STAGES[s] for s in steps) or "没有（已经结束）"
                raise IllegalTransition(
                    f"商机「{opp_id}」在「{STAGES[row['stage']]}」，不能到「{stage}」。现在可以到：{words}"
                )
            forward = to in ORDER and ORDER.index(to) > ORDER.index(row["stage"])
            if forward and not self._may_enter(op, row, to):
                raise IllegalTransition(f"还不能进入「{stage}」：要求{RULES[to]}。")
            ended = gateway.day(op) if to in ("won", "lost") else None
            op.update(TABLE, opp_id, to={"stage": to, "closed_at": ended}, expect=expect)

    @staticmethod
    def _next(stage: str) -> Sequence[str]:
        if stage in ("won", "lost"):
            return []
        at = ORDER.index(stage)
        return [ORDER[at + 1], *([ORDER[at - 1]] if at else []), "lost"]

    def _may_enter(self, op: Operation, row: Mapping[str, Any], to: str) -> bool:
        if to == "qualified":
            return bool(row["c1"] >= 2)
        if to == "feasible":
            return bool(row["c2"] >= 2)
        quotes = op.rows(sa.select(tables.quotes).where(tables.quotes.c.opp_id == row["opp_id"]))
        if to == "target":
            today = gateway.day(op)
            return any(
                q["status"] == ACCEPTED or (q["status"] == VALID and q["valid_until"] >= today)
                for q in quotes
            )
        return any(q["status"] == ACCEPTED for q in quotes)

    # --- 评级 ---------------------------------------------------------------------------------------
    def grade(self, comparisons: Sequence[Sequence[float]] | None = None) -> pd.DataFrame:
        """商机评级: the list with 得分 (weighted mean of the four criteria, 1–5) and 等级 A–D.

        Parameters
        ----------
        comparisons
            Upper rows of the pairwise matrix of `CRITERIA`, default settings.

        Raises
        ------
        InvalidInput
            The comparisons contradict each other (CR ≥ 0.10).
        """
        with self.session.reading("opportunities.grade", "评级") as op:
            return self._table(op, comparisons).sort_values(
                ["得分", "商机编号"], ascending=[False, True], ignore_index=True
            )

    def rescore(self, opp_id: str, scores: Sequence[int]) -> None:
        """Change the four scores of an opportunity."""
        with self.session.writing(
            "opportunities.grade", "改评分", 商机=opp_id, 评分=list(scores)
        ) as op:
            op.object = opp_id
            wrong = entry.Wrong()
            points = _scores(wrong, scores)
            wrong.raise_any()
            op.update(TABLE, opp_id, to=dict(zip(("c1", "c2", "c3", "c4"), points, strict=True)))

    def _table(
        self, op: Operation, comparisons: Sequence[Sequence[float]] | None = None
    ) -> pd.DataFrame:
        rules = settings()["opportunities"]
        weights = criteria_weights(comparisons)
        rows = []
        for r in op.rows(sa.select(TABLE).order_by(TABLE.c.opp_id)):
            score = sum(w * r[c] for w, c in zip(weights, ("c1", "c2", "c3", "c4"), strict=True))
            level = next((g for g, bound in rules["grades"].items() if score >= bound - 1e-9), "D")
            chance = rules["probability"][r["stage"]]
            rows.append([r["opp_id"], r["customer_id"], STAGES[r["stage"]], r["amount"] / 100,
                         round(r["amount"] * chance) / 100, chance, score, level,
                         r["opened_at"], r["closed_at"], r["rev"]])  # fmt: skip
        frame = pd.DataFrame(rows, columns=["商机编号", "客户编号", "阶段", "预计金额", "加权金额", "成交概率",
                                            "得分", "等级", "建立日期", "结束日期", "版本"])  # fmt: skip
        for label in ("建立日期", "结束日期"):
            frame[label] = pd.to_datetime(frame[label])
        return frame

    # --- 报价 ---------------------------------------------------------------------------------------
    def quote(self) -> pd.DataFrame:
        """报价: 报价单 商机编号 状态 报价日期 有效期至 优惠 总价 毛利率."""
        with self.session.reading("opportunities.quote", "查看报价") as op:
            costs = {p["sku"]: p["cost"] for p in op.rows(_PRODUCTS)}
            lines = op.rows(tables.quote_lines)
            rows = []
            for q in op.rows(sa.select(tables.quotes).order_by(tables.quotes.c.quote_id.desc())):
                cost = sum(
                    x["qty"] * costs[x["sku"]] for x in lines if x["quote_id"] == q["quote_id"]
                )
                rows.append([q["quote_id"], q["opp_id"], q["status"], q["at"][:10], q["valid_until"],
                             q["discount"] / 100, q["total"] / 100, (q["total"] - cost) / q["total"]])  # fmt: skip
            return pd.DataFrame(rows, columns=["报价单", "商机编号", "状态", "报价日期", "有效期至", "优惠",
                                               "总价", "毛利率"])  # fmt: skip

    def make_quote(
        self, opp_id: str, lines: Sequence[tuple[str, int]], *, discount: float = 0.0,
        days: int | None = None,
    ) -> str:  # fmt: skip
        """Quote products at their price, less a discount in yuan; returns the number.

        Raises
        ------
        InvalidInput
            No lines, an unknown product, or a margin on cost below settings ``least_margin``.
        """
        rules = settings()["opportunities"]
        with self.session.writing(
            "opportunities.quote", "报价", 商机=opp_id, 行数=len(lines)
        ) as op:
            wrong = entry.Wrong()
            off = entry.fen(wrong, "discount", "优惠", discount)
            holds = entry.whole(wrong, "days", "有效天数", days or rules["quote_days"], 1, 90)
            products = op.find_many(_PRODUCTS, [sku for sku, _ in lines])
            if not lines:
                wrong["lines"] = "至少要有一种商品"
            for sku, qty in lines:
                if sku not in products:
                    wrong["lines"] = f"没有商品「{sku}」"
                entry.whole(wrong, "lines", f"商品「{sku}」的数量", qty, 1, 100_000)
            if len({sku for sku, _ in lines}) < len(lines):
                wrong["lines"] = "同一种商品请合成一行"
            wrong.raise_any()
            row = op.get(TABLE, opp_id)
            if not self._next(row["stage"]):
                raise IllegalTransition(
                    f"商机「{opp_id}」已经「{STAGES[row['stage']]}」，不能再报价。"
                )
            gross = sum(products[sku]["price"] * qty for sku, qty in lines)
            cost = sum(products[sku]["cost"] * qty for sku, qty in lines)
            total = gross - off
            if total <= 0 or (total - cost) / total < rules["least_margin"]:
                least = cost / (1 - rules["least_margin"]) / 100
                raise InvalidInput(
                    f"报价 {total / 100:.2f} 元的毛利率低于 {rules['least_margin']:.0%}，至少要 {least:.2f} 元。",
                    {"discount": "优惠太多"},
                )  # fmt: skip
            number = op.object = op.next_id(tables.quotes, "Q", 5)
            now = gateway.now(op)
            until = clock.parse(now).date() + dt.timedelta(days=holds)
            op.insert(tables.quotes, {
                "quote_id": number, "opp_id": opp_id, "at": now, "valid_until": until.isoformat(),
                "status": VALID, "discount": off, "total": total,
            })  # fmt: skip
            op.insert_many(tables.quote_lines, [
                {"quote_id": number, "sku": sku, "qty": qty, "unit_price": products[sku]["price"]}
                for sku, qty in lines
            ])  # fmt: skip
            return number

    def answer_quote(self, quote_id: str, event: str) -> None:
        """The customer accepts (接受) or declines (拒绝); an expired one can only be declined."""
        with self.session.writing("opportunities.quote", f"报价{event}", 报价单=quote_id) as op:
            op.object = quote_id
            q = op.get(tables.quotes, quote_id)
            allowed = QUOTE_STEPS[q["status"]]
            if event not in allowed:
                raise IllegalTransition(
                    f"报价单「{quote_id}」是「{q['status']}」，不能{event}。现在可以：{'、'.join(allowed) or '没有'}"
                )
            if event == "接受" and q["valid_until"] < gateway.day(op):
                raise IllegalTransition(
                    f"报价单「{quote_id}」{q['valid_until']} 已过期，请重新报价。"
                )
            op.update(tables.quotes, quote_id, to={"status": allowed[event]})


def criteria_weights(comparisons: Sequence[Sequence[float]] | None = None) -> tuple[float, ...]:
    """Weights of `CRITERIA` by AHP, default from the comparisons of settings.toml."""
    from crmkit.analytics import ahp

    chosen = settings()["opportunities"]["comparisons"] if comparisons is None else comparisons
    found = ahp.weights(ahp.reciprocal(chosen))
    if len(found.values) != len(CRITERIA):
        raise InvalidInput(
            f"要比较的是 {len(CRITERIA)} 项：{'、'.join(CRITERIA)}。", {"comparisons": "个数不对"}
        )
    if not found.consistent:
        raise InvalidInput(
            f"两两比较前后矛盾（CR = {found.cr:.3f}，应小于 0.10），请再想一想。",
            {"comparisons": "前后矛盾"},
        )
    return found.values


def _scores(wrong: entry.Wrong, scores: Sequence[int]) -> list[int]:
    if len(scores) != len(CRITERIA):
        wrong["scores"] = f"要给 {len(CRITERIA)} 项打分：{'、'.join(CRITERIA)}"
        return [1] * len(CRITERIA)
    return [
        entry.whole(wrong, "scores", name, s, 1, 5)
        for name, s in zip(CRITERIA, scores, strict=True)
    ]
