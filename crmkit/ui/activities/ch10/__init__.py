"""Activities of chapter 10. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch10.budgets import acquire_or_retain, growth_budget
from crmkit.ui.activities.ch10.hailang import hailang_decisions
from crmkit.ui.activities.ch10.relations import loyalty_game, relation_levels

__all__ = [
    "acquire_or_retain",
    "growth_budget",
    "hailang_decisions",
    "loyalty_game",
    "relation_levels",
]
