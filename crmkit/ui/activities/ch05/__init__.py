"""Activities of chapter 5. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch05.desk import ivr_menu, service_desk
from crmkit.ui.activities.ch05.queueing import erlang_dial, pooling, simulation_race
from crmkit.ui.activities.ch05.staffing import intraday_staffing, make_or_buy

__all__ = [
    "erlang_dial",
    "intraday_staffing",
    "ivr_menu",
    "make_or_buy",
    "pooling",
    "service_desk",
    "simulation_race",
]
