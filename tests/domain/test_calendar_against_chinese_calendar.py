"""Our tables of the State Council against the package chinese-calendar."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from formsvc.domain.calendar import OFFICIAL, is_working_day

KNOWN_TO_BOTH = sorted(OFFICIAL.years & {day.year for day in chinese_calendar.constants.holidays})


def test_both_know_the_last_years() -> None:
    assert {2024, 2025, 2026} <= set(KNOWN_TO_BOTH)


@pytest.mark.parametrize("year", KNOWN_TO_BOTH)
def test_every_day_of_a_year_is_worked_in_both_or_in_neither(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    assert [d for d in days if is_working_day(d) != chinese_calendar.is_workday(d)] == []
