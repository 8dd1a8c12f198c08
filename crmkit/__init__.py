"""The package behind the course 《客户关系管理》: shops, workbooks, analytics, labs and screens.

Importing it has no side effect; heavy parts load when they are used.
"""

__version__ = "0.1.0"
