"""The interactive activities of the chapters, one package per chapter.

from crmkit.ui import activities
activities.ch02.clv_workshop()
"""

from crmkit.ui.activities import ch02

__all__ = ["ch02"]
