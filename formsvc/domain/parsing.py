"""Whole numbers as people type them."""

from __future__ import annotations

_MOST_DIGITS = 9
"""Nothing here is counted further, and Python reads no number of thousands of digits."""


def parse_whole_number(text: str) -> int | None:
    """The number that was typed in decimal digits, full-width ones too; None for anything else and for longer ones."""
    digits = text.strip()
    return int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None
