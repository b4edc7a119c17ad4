"""Working days, periods that roll on, and years without a table."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formsvc.domain.calendar import (
    OFFICIAL,
    Calendar,
    CalendarMissing,
    add_days_rolled,
    add_months_rolled,
    add_working_days,
    is_working_day,
    working_days_between,
)

covered = st.dates(min_value=date(2023, 6, 1), max_value=date(2026, 6, 30))
day = date.fromisoformat


@pytest.mark.parametrize(
    ("year", "days_off", "worked_weekends"),
    [(2023, 116, 7), (2024, 115, 8), (2025, 117, 5), (2026, 117, 6)],
)
def test_each_shipped_year_has_its_number_of_days_off(year: int, days_off: int, worked_weekends: int) -> None:
    days = [date(year, 1, 1) + timedelta(n) for n in range(365 + (year == 2024))]

    assert sum(not is_working_day(d) for d in days) == days_off
    assert sum(is_working_day(d) and d.weekday() > 4 for d in days) == worked_weekends


@pytest.mark.parametrize(
    "worked",
    [
        "2023-01-28",
        "2023-06-25",
        "2023-10-08",
        "2024-02-04",
        "2024-02-18",
        "2024-10-12",
        "2025-01-26",
        "2025-09-28",
        "2026-01-04",
        "2026-02-28",
        "2026-10-10",
    ],
)
def test_weekends_made_up_for_are_worked(worked: str) -> None:
    assert day(worked).weekday() > 4
    assert is_working_day(day(worked))


@pytest.mark.parametrize(
    "off",
    [
        "2023-01-02",
        "2023-01-27",
        "2023-10-06",
        "2024-02-16",
        "2024-04-05",
        "2024-09-16",
        "2025-02-04",
        "2025-06-02",
        "2025-10-08",
        "2026-01-02",
        "2026-02-23",
        "2026-09-25",
    ],
)
def test_holidays_in_the_week_are_off(off: str) -> None:
    assert day(off).weekday() < 5
    assert not is_working_day(day(off))


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2026-09-18", 3, "2026-09-22"),
        ("2026-09-24", 3, "2026-09-30"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-11-23", 3, "2026-11-26"),
        ("2026-11-23", 7, "2026-12-02"),
        ("2026-02-13", 5, "2026-02-27"),
        ("2026-11-23", 0, "2026-11-23"),
        ("2026-10-10", -3, "2026-09-30"),
    ],
)
def test_working_days_are_counted_from_the_day_after(start: str, n: int, due: str) -> None:
    assert add_working_days(day(start), n) == day(due)
    assert working_days_between(day(start), day(due)) == n


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2026-08-03", 60, "2026-10-08"),
        ("2026-11-23", 15, "2026-12-08"),
        ("2026-09-04", 30, "2026-10-08"),
        ("2026-09-10", 10, "2026-09-20"),
    ],
)
def test_a_period_that_ends_on_a_day_off_ends_on_the_next_working_day(start: str, n: int, due: str) -> None:
    assert add_days_rolled(day(start), n) == day(due)


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2026-08-31", 6, "2027-03-01"),
        ("2026-09-21", 6, "2027-03-22"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-12-15", 12, "2026-12-15"),
        ("2026-03-31", -1, "2026-02-28"),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(start: str, n: int, due: str) -> None:
    assert add_months_rolled(day(start), n, OFFICIAL.with_weekends_for_missing_years()) == day(due)


def test_a_year_without_a_table_is_not_guessed() -> None:
    with pytest.raises(CalendarMissing, match="2027年的放假安排表尚未导入") as missing:
        add_working_days(day("2026-12-31"), 1)
    assert missing.value.year == 2027
    assert OFFICIAL.missing_years([2027, 2026, 2022]) == (2022, 2027)


def test_weekends_alone_are_used_for_a_missing_year_when_asked_for() -> None:
    weekends = OFFICIAL.with_weekends_for_missing_years()

    assert add_working_days(day("2027-01-01"), 1, weekends) == day("2027-01-04")
    assert not is_working_day(day("2026-10-01"), weekends)


def test_an_office_adds_its_own_days_off_and_days_worked() -> None:
    office = OFFICIAL.extended(
        off=[day("2026-11-24"), day("2026-10-10")], work=[day("2026-11-28"), day("2026-10-07")]
    )

    assert not is_working_day(day("2026-11-24"), office)
    assert not is_working_day(day("2026-10-10"), office)
    assert is_working_day(day("2026-11-28"), office)
    assert is_working_day(day("2026-10-07"), office)
    assert is_working_day(day("2026-11-24"))


def test_a_day_cannot_be_both_off_and_worked() -> None:
    with pytest.raises(ValueError, match="2026-11-24既列为放假又列为上班"):
        OFFICIAL.extended(off=[day("2026-11-24")], work=[day("2026-11-24")])


def test_next_year_is_added_from_a_table_like_the_shipped_ones() -> None:
    table = {"year": 2027, "off": [{"from": "2027-01-01", "to": "2027-01-03"}], "work": ["2027-01-09"]}
    calendar = OFFICIAL.with_table(table)

    assert add_working_days(day("2026-12-31"), 6, calendar) == day("2027-01-09")


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({}, "格式不对"),
        ({"year": 2027, "off": [], "work": ["1月9日"]}, "格式不对"),
        ({"year": 2027, "off": [{"from": "2027-01-03", "to": "2027-01-01"}], "work": []}, "起止颠倒"),
        ({"year": 2027, "off": [{"from": "2017-01-01", "to": "2017-01-03"}], "work": []}, "不属于该年"),
    ],
)
def test_a_faulty_table_is_refused(table: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        OFFICIAL.with_table(table)


def test_periods_out_of_all_reason_are_refused() -> None:
    for count in (add_working_days, add_days_rolled, add_months_rolled):
        with pytest.raises(ValueError, match="期限"):
            count(day("2026-11-23"), 10**9)
    with pytest.raises(ValueError, match="期限"):
        add_days_rolled(date.max, 1)


@given(covered, st.integers(min_value=-100, max_value=100))
def test_counting_back_gives_the_number_of_days_counted(start: date, n: int) -> None:
    due = add_working_days(start, n)

    assert working_days_between(start, due) == n
    assert n == 0 or is_working_day(due)


@given(covered, st.integers(min_value=0, max_value=120))
def test_rolling_moves_only_over_days_off(start: date, n: int) -> None:
    due, plain = add_days_rolled(start, n), start + timedelta(n)

    assert due >= plain
    assert is_working_day(due)
    assert working_days_between(plain - timedelta(1), due) == 1


@given(st.dates(min_value=date(2030, 1, 1), max_value=date(2040, 1, 1)))
def test_an_empty_calendar_knows_weekends_and_the_fixed_holidays(d: date) -> None:
    fixed = (d.month, d.day) in {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
    assert Calendar(weekends_only=True).is_working_day(d) == (d.weekday() < 5 and not fixed)
