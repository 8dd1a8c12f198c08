"""What every worker needs, imported once in the fork server. Starts no thread, opens no file."""

import importlib

for _name in (
    "matplotlib.figure",
    "pandas",
    "autograder.run.work",
    "crmkit.shops",
    "crmkit.workbook",
):
    importlib.import_module(_name)
