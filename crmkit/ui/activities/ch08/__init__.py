"""Activities of chapter 8. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch08.automation import redesign, rule_engine, sla_clock
from crmkit.ui.activities.ch08.machines import order_playground, process_map

__all__ = ["order_playground", "process_map", "redesign", "rule_engine", "sla_clock"]
