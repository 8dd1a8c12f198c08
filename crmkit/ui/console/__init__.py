"""The CRM's console: login, the eight modules with their functions, the operation log.

    from crmkit.ui import console
    console.show(crm)                     # in a notebook, on an open shop
    console.page()                        # as a Voila page: shop, student and role at the login

Python holds the state and the logic (`desk`, `grid`), JavaScript draws. What a function shows is
described in ``screens/<module>.py``, in 10 to 30 lines for each function::

    from crmkit.ui.console import fields as f, figures
    from crmkit.ui.console.screen import Action, Card, Done, Drawer, Screen, Section, Table, View

    def _repurchase(crm, v):                      # v: what the form holds, empty inputs left out
        found = crm.analysis.repurchase(**v)      # the module's method checks, logs and computes
        return View(
            cards=[Card("复购率", found.rate)],    # an Indicator brings its ÷ along
            charts=[figures.lines("按月复购率", found.months, "月份", "复购率")],
            tables=[Table("按月明细", found.months)],
            note=found.说明,
        )

    SCREENS = (
        Screen("analysis.repurchase", _repurchase,
               [f.dates("start", "end", "付款日期"), f.variants("variant", "口径", VARIANTS, "people")],
               about="买过的顾客有多少会再买"),
    )

- Names of fields are the parameters of the method: an `InvalidInput` with ``fields={name: …}`` is
  shown beside the input. Kinds: text area lines number count money percent date time dates select
  variants multi check file (see `fields`). Choices may be a function of the session.
- `load` may return the method's result as it is: a frame becomes a table, indicators of a
  dataclass become cards (`auto.view_of`, whose arguments give titles, drawers, actions).
- Columns find their kind by values and header (`cells.kind_of`); ``Table(kinds={"费率": "percent"})``
  says otherwise. Kinds: text id wrap count number money percent date time days flag status chips.
- ``Table(drawer=…)`` makes the details of a row; ``actions`` those on a row, on the selection
  (``on="rows"``); `Screen.actions` those of the screen. An action has a form, a dry run
  (``preview``), a confirmation, a result with ``undo``, and is shown disabled, with the reason, to
  a role that may not. Refusals are the session's own, so they stand in the log.
- Personal data come masked from the modules; ``Drawer(reveal=…)`` asks for them in clear.
"""

from crmkit.ui.console.opening import page, show
from crmkit.ui.console.widget import Console

__all__ = ["Console", "page", "show"]
