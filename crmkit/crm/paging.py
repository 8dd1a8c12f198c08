"""One page of a long list, as the platform's lists are paged: 1–100 rows, up to 1,000 pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmkit.crm import entry

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS, MOST_PAGES = 100, 1000


@dataclass(frozen=True)
class Page:
    """Rows of one page; past the last page there are none, and that is no error."""

    frame: pd.DataFrame
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        """Pages in all."""
        return -(-self.total // self.size)


def bounds(page: int, size: int) -> tuple[int, int]:
    """Offset and limit; InvalidInput for a page or size out of range."""
    wrong = entry.Wrong()
    page = entry.whole(wrong, "page", "页码", page, 1, MOST_PAGES)
    size = entry.whole(wrong, "size", "每页行数", size, 1, MOST_ROWS)
    wrong.raise_any()
    return (page - 1) * size, size
