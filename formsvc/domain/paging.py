"""Pages of a long list."""

from __future__ import annotations


def page_count(total: int, page_size: int) -> int:
    """Return the number of pages; an empty list has one."""
    return max(1, -(-total // page_size))
