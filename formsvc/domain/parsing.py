"""Whole numbers as people type them, and days of stored ISO text."""

from __future__ import annotations

from datetime import date

from formsvc.domain.json_types import JSON

# No count here needs more, and int() refuses text of thousands of digits with an error of its own.
_MOST_DIGITS = 9


def parse_whole_number(text: str) -> int | None:
    """Return the value of decimal digits, full-width ones included, or None."""
    digits = text.strip()
    return int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


def iso_day(value: JSON) -> date | None:
    """Return the day of an ISO date or date-time, or None for no answer."""
    return date.fromisoformat(str(value)[:10]) if value else None


def is_iso_day(value: JSON) -> bool:
    """Return whether a value is the ISO text of a day, with or without a time."""
    try:
        return isinstance(value, str) and iso_day(value) is not None
    except ValueError:
        return False
