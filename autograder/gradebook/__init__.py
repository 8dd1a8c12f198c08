"""The marks of a class: read from nbgrader's gradebook and the records, written as a workbook."""
