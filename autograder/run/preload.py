"""What every worker needs, imported once in the fork server. Starts no thread, opens no file."""

import importlib

from crmkit.startup import skip_unused_grammars

skip_unused_grammars()
for _name in (
    "matplotlib.figure", "pandas", "jupytext", "autograder.run.work", "crmkit.shops",
    "crmkit.workbook",
):  # fmt: skip
    importlib.import_module(_name)
