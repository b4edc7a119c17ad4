"""Tolerances of the computer's clock against what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class ClockRule:
    """Differences that are accepted; `by_day` for a date set by hand."""

    behind: timedelta
    ahead: timedelta
    by_day: bool = False

    def is_behind(self, now: datetime, last: datetime) -> bool:
        return now.date() < last.date() if self.by_day else now < last - self.behind

    def is_ahead(self, now: datetime, trusted: datetime) -> bool:
        """Return whether the clock has leapt forward; a set date may."""
        return not self.by_day and now > trusted + self.ahead
