"""Excel and platform files: read what shops really export, write what survives Excel.

Reading gives an `Imported`: a clean frame, and a report of every cell that was mended or
refused. Writing guards ids, dates and formulas. `inspect` looks at a workbook as it is.
"""

from crmkit.workbook.allocation import allocate_lines
from crmkit.workbook.charts import BarChart, read_bar_chart
from crmkit.workbook.errors import WorkbookError, WorkbookWarning
from crmkit.workbook.imported import Imported
from crmkit.workbook.inspect import Book, inspect
from crmkit.workbook.readers import (
    read_customers,
    read_jd,
    read_order_lines,
    read_orders,
    read_sheet,
    read_table,
    sheet_names,
)
from crmkit.workbook.writing import write

__all__ = [
    "BarChart",
    "Book",
    "Imported",
    "WorkbookError",
    "WorkbookWarning",
    "allocate_lines",
    "inspect",
    "read_bar_chart",
    "read_customers",
    "read_jd",
    "read_order_lines",
    "read_orders",
    "read_sheet",
    "read_table",
    "sheet_names",
    "write",
]
