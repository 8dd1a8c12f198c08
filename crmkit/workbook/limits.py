"""How large a file may be before the kit refuses to open it.

They protect a laptop or a grading machine from files that are small on disk and endless in
memory; a term's work of a real shop stays far below them.
"""

MAX_BYTES = 50 * 2**20  # on disk
MAX_EXPANDED = 400 * 2**20  # an .xlsx is a zip: all its parts unpacked
MAX_PARTS = 10_000  # entries in that zip
MAX_CELLS = 6_000_000  # from A1 to the last used cell, on one sheet
MAX_SHARED_TEXT = 600 * 2**20  # all cells of a workbook written out as text
MAX_SHEETS = 300  # that are looked into; many names may stand for one and the same part
MAX_INSPECTED_CELLS = 1_000_000  # openpyxl keeps about 50 bytes of object per byte of file
MAX_SECONDS = 60  # for the separate process that reads old .xls files
MAX_MEMORY = 3 * 2**30  # of that process

# Excel's own limits
EXCEL_ROWS = 1_048_576
EXCEL_COLUMNS = 16_384
EXCEL_CELL_CHARACTERS = 32_767
EXCEL_SHEET_NAME = 31
