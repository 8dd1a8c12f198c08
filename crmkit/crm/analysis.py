"""顾客分析: levels, repurchase, purchase counts, churn, regions, order value, new and old buyers.

Every method takes the keywords of `crmkit.crm.figures.scope.View` (start, end, channel, refunds, as_of)
and gives a `crmkit.crm.figures.scope.Result`: figures with numerator and denominator, tables, notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from crmkit.crm.errors import Conflict
from crmkit.crm.figures import churn_figures, customer_figures, levels
from crmkit.crm.figures.levels import Rule
from crmkit.crm.figures.scope import FigureModule, Result, Scope, View, at_least, chosen, in_form
from crmkit.crm.storage import tables

CUSTOMERS = tables.metadata.tables["customers"]


class Analysis(FigureModule):
    """The seven functions of 顾客分析."""

    key = "analysis"

    def level(
        self, *, basis: str = "recorded", thresholds: Sequence[float] | None = None,
        **view: Unpack[View],
    ) -> Result:  # fmt: skip
        """等级分析: customers, buyers, amount and 客单价 by level; who is one order away from the next.

        Parameters
        ----------
        basis
            One of `levels.LEVEL_BASES`: ``"recorded"`` (default), ``"amount"`` or ``"count"``.
        thresholds
            From where levels 1–4 begin (yuan, or orders), inclusive; default: the settings.
        """
        with self.figures("analysis.level", view, 依据=basis, 门槛=thresholds) as scope:
            chosen(basis, "basis", levels.LEVEL_BASES)
            by = "amount" if basis == "recorded" else basis
            rule = Rule.of(by, thresholds, self.session.shop)
            return levels.level(scope, rule, recorded=basis == "recorded")

    def regrade_preview(
        self, *, by: str = "amount", thresholds: Sequence[float] | None = None,
        direction: str = "both",
    ) -> Result:  # fmt: skip
        """What `regrade` with the same parameters would change; its `token` is for `regrade`.

        Parameters
        ----------
        by
            One of `levels.RULES`: either amount or count, never both.
        direction
            One of `levels.DIRECTIONS`: ``"both"`` (default) or ``"up"``.
        """
        with self.figures(
            "analysis.level", {}, "预览调级", 规则=by, 门槛=thresholds, 方向=direction
        ) as scope:
            rule = Rule.of(by, thresholds, self.session.shop)
            return levels.regrade(scope, rule, direction)

    def regrade(
        self, *, by: str = "amount", thresholds: Sequence[float] | None = None,
        direction: str = "both", token: str = "",
    ) -> Result:  # fmt: skip
        """Grade all members by rule; returns what was changed.

        Raises
        ------
        Conflict
            `token` is given and the change would not be the one that was previewed.
        """
        detail = {"规则": by, "方向": direction} | (
            {"门槛": list(thresholds)} if thresholds else {}
        )
        with self.session.writing("analysis.level", "调整等级", **detail) as op, in_form():
            scope = self.scope(op, {})
            done = levels.regrade(scope, Rule.of(by, thresholds, self.session.shop), direction)
            if token and token != done.token:
                raise Conflict(
                    "预览之后数据有了变化，调级结果会和看到的不同，没有执行。请重新预览。"
                )
            for name, rows in done.table.groupby("新等级", sort=True):
                op.update_many(CUSTOMERS, rows["客户编号"].tolist(), {"member_level": name})
            op.object = f"{len(done.table)} 位顾客"
            return done

    def repurchase(
        self, *, definition: str = "first_ever", within: int | None = None, base_start: Any = None,
        base_end: Any = None, months: int = 12, **view: Unpack[View],
    ) -> Result:  # fmt: skip
        """回购分析: 复购率 in three variants, 回购率 of two periods, 新客复购率, 回购周期, month by month.

        Parameters
        ----------
        definition
            Who is new: one of `NEW_DEFINITIONS`, default ``"first_ever"``.
        within
            Days from the first to the second order for N 天内复购率; default settings (90).
        base_start, base_end
            The earlier period of 回购率, default the one just before. Without a period, 回购率 and
            新客复购率 are those of the last whole month.
        months
            How many whole months the table shows when no period is given.
        """
        with self.figures("analysis.repurchase", view, 新客定义=definition, 天数=within) as scope:
            at_least(within, "within", 1)
            at_least(months, "months", 1)
            base = None
            if base_start or base_end:
                base = Scope.of(
                    scope.facts, self.session.as_of, {"start": base_start, "end": base_end}
                ).window
            return customer_figures.repurchase(
                scope, definition=definition, within=within, base=base, months=months
            )

    def counts(self, *, bounds: Sequence[int] | None = None, **view: Unpack[View]) -> Result:
        """次数分析: buyers, amount and 客单价 by number of orders; 平均购买次数.

        Parameters
        ----------
        bounds
            Upper bounds of the buckets; default settings 1, 2, 5 (published buckets).
        """
        with self.figures("analysis.counts", view, 分段=bounds) as scope:
            return customer_figures.counts(scope, bounds=bounds)

    def churn(
        self, *, rule: str = "fixed", active_days: int | None = None,
        churned_days: int | None = None, share: float | None = None, k: float | None = None,
        theta: float | None = None, near_days: int | None = None, months: int = 12,
        cohort_months: int = 6, **view: Unpack[View],
    ) -> Result:  # fmt: skip
        """流失分析: rate, list and close calls under one of four rules; month by month; cohorts.

        Parameters
        ----------
        rule
            One of `analytics.churn.CHURN_RULES`: ``"fixed"`` (default), ``"shop"``, ``"own"``,
            ``"model"``.
        active_days, churned_days, share, k, theta
            Limits of the rules (see `analytics.churn.judge`); defaults from the settings.
        near_days
            Who has at most so many days left is 临近流失; default settings (30).
        """
        given = {
            "active_days": active_days, "churned_days": churned_days, "share": share, "k": k,
            "theta": theta,
        }  # fmt: skip
        shown = {k: v for k, v in given.items() if v is not None}
        with self.figures("analysis.churn", view, 规则=rule, 界限=shown or None) as scope:
            for name in ("months", "cohort_months"):
                at_least({"months": months, "cohort_months": cohort_months}[name], name, 1)
            at_least(active_days, "active_days", 0)
            at_least(churned_days, "churned_days", 0)
            at_least(near_days, "near_days", 0)
            return churn_figures.analyse(
                scope, rule=rule, options=given, near_days=near_days, months=months,
                cohort_months=cohort_months,
            )  # fmt: skip

    def region(
        self, *, level: str = "province", province: str | None = None, **view: Unpack[View]
    ) -> Result:
        """地域分析: buyers, orders, amount, 客单价 and return rate by province or city.

        Parameters
        ----------
        level
            One of `customer_figures.REGION_LEVELS`, default ``"province"``.
        province
            Only this province (and its cities).
        """
        with self.figures("analysis.region", view, 层级=level, 省份=province) as scope:
            return customer_figures.region(scope, level=level, province=province)

    def order_value(self, *, by: str = "month", months: int = 12, **view: Unpack[View]) -> Result:
        """客单价分析: 客单价 笔单价 件单价 连带率 and the identity of the amount, by `ORDER_VALUE_BY`."""
        with self.figures("analysis.order_value", view, 分组=by) as scope:
            at_least(months, "months", 1)
            return customer_figures.order_value(scope, by=by, months=months)

    def new_old(
        self, *, definition: str = "first_ever", new_to: str = "shop", months: int = 12,
        **view: Unpack[View],
    ) -> Result:  # fmt: skip
        """新老占比分析: shares of people and of money, over the period and month by month.

        Parameters
        ----------
        definition
            One of `NEW_DEFINITIONS`: ``"first_ever"`` (default) or ``"365_days"``.
        new_to
            With a channel: new to the ``"shop"`` (default) or to the ``"channel"``.
        """
        with self.figures("analysis.new_old", view, 新客定义=definition) as scope:
            at_least(months, "months", 1)
            return customer_figures.new_old(
                scope, definition=definition, new_to=new_to, months=months
            )
