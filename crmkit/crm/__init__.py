"""A working e-commerce CRM: one shop file, five roles, eight modules, 44 functions, one log."""

from crmkit.crm.errors import CrmError, PermissionDenied
from crmkit.crm.session import Session, open_shop

__all__ = ["CrmError", "PermissionDenied", "Session", "open_shop"]
