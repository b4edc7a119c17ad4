"""Working days and periods by the State Council's tables."""

from __future__ import annotations

import calendar as gregorian
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from formsvc.i18n.messages import msg

_DAY = timedelta(days=1)
# A hundred years in days: a mistyped period must not count for minutes.
_FARTHEST = 36_600


class CalendarMissing(ValueError):
    """The year of a day has no table of days off yet."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(
            msg(
                "{year}年的放假安排表尚未导入，不能准确计算该年的工作日。请管理员导入国务院办公厅公布的{year}年节假日安排，或者选择暂按周末计算。",
                year=year,
            )
        )


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: a week of five days with exceptions.

    ``years`` have a table; ``off`` and ``work`` are the exceptions. The national holidays are days off in every year. With
    ``weekends_only`` a year without a table has no other exceptions; otherwise its other days raise CalendarMissing.
    """

    years: frozenset[int] = frozenset()
    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    # In years without a table Monday to Friday are worked, instead of raising CalendarMissing.
    weekends_only: bool = False

    def is_working_day(self, d: date) -> bool:
        # A table holds days of the years before and after, too: 31 December may belong to New Year's holiday.
        if d in self.work or d in self.off:
            return d in self.work
        if d.year in self.years:
            return d.weekday() < 5
        if is_national_holiday(d):
            return False
        if not self.weekends_only:
            raise CalendarMissing(d.year)
        return d.weekday() < 5

    def is_certain(self, d: date) -> bool:
        """Return whether no table to come can change the day."""
        return d.year in self.years or d in self.work or d in self.off or is_national_holiday(d)

    def missing_years(self, years: Iterable[int]) -> tuple[int, ...]:
        """Return the years that have no table, in order."""
        return tuple(sorted(set(years) - self.years))

    def with_weekends_for_missing_years(self) -> Calendar:
        return replace(self, weekends_only=True)

    def extended(self, off: Iterable[date] = (), work: Iterable[date] = ()) -> Calendar:
        """Return the calendar with local exceptions, which outrank the tables."""
        closed, worked = frozenset(off), frozenset(work)
        both = closed & worked
        if both:
            raise ValueError(msg("{day}既列为放假又列为上班，请删去其中一处。", day=min(both)))
        return replace(self, off=(self.off - worked) | closed, work=(self.work - closed) | worked)

    def with_table(self, table: Mapping[str, Any]) -> Calendar:
        """Return the calendar with one more year's table.

        The table is written like the files in ``holidays``. Raise ValueError if it is not.
        """
        year, off, work = _parse_table(table)
        return replace(self.extended(off, work), years=self.years | {year})


@dataclass(frozen=True)
class ObservedCalendar(Calendar):
    """Calendar that keeps the years without a table whose days were asked for."""

    asked: set[int] = field(default_factory=set, compare=False)

    def is_working_day(self, d: date) -> bool:
        if not self.is_certain(d):
            self.asked.add(d.year)
        return super().is_working_day(d)


def observed(calendar: Calendar) -> ObservedCalendar:
    """Return the same calendar with a record of its own."""
    return ObservedCalendar(**{entry.name: getattr(calendar, entry.name) for entry in fields(Calendar)})


def is_national_holiday(d: date) -> bool:
    """Return whether the day is off by law, with or without a table.

    全国年节及纪念日放假办法 2; those of the lunar calendar as far as the data has them.
    """
    if f"{d:%m-%d}" in _FIXED_HOLIDAYS:
        # the second day of May is a holiday since the amendment of November 2024
        return (d.month, d.day) != (5, 2) or d.year >= _MAY_2_FROM
    return d in _LUNAR_HOLIDAYS


def _parse_table(table: Mapping[str, Any]) -> tuple[int, set[date], set[date]]:
    try:
        year = int(table["year"])
        spans = [(date.fromisoformat(s["from"]), date.fromisoformat(s["to"])) for s in table["off"]]
        work = {date.fromisoformat(day) for day in table["work"]}
    except (KeyError, TypeError, ValueError):
        raise ValueError(
            msg(
                "节假日表的格式不对：应有 year（年份）、off（放假起止日 from、to）和 work（上班日），日期写成“2027-01-01”。"
            )
        ) from None
    off = {first + _DAY * n for first, last in spans for n in range((last - first).days + 1)}
    if any(first > last for first, last in spans) or any(abs(d.year - year) > 1 for d in off | work):
        raise ValueError(msg("{year}年节假日表中有起止颠倒或不属于该年前后的日期，请核对。", year=year))
    return year, off, work


def _load_tables() -> dict[int, Mapping[str, Any]]:
    folder = files("formsvc.domain").joinpath("holidays")
    tables = (
        json.loads(file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".json") and file.name != _NATIONAL
    )
    return dict(sorted((table["year"], table) for table in tables))


def _load_national_holidays() -> tuple[frozenset[str], frozenset[date]]:
    """Return the fixed holidays (month and day) and the lunar ones known."""
    text = files("formsvc.domain").joinpath("holidays", _NATIONAL).read_text(encoding="utf-8")
    holidays = json.loads(text)
    fixed = frozenset(day for days in holidays["fixed"].values() for day in days)
    return fixed, frozenset(date.fromisoformat(day) for days in holidays["lunar"].values() for day in days)


_NATIONAL = "national.json"
_MAY_2_FROM = 2025
_FIXED_HOLIDAYS, _LUNAR_HOLIDAYS = _load_national_holidays()

# The State Council's tables that come with the code, by year.
OFFICIAL_TABLES: Mapping[int, Mapping[str, Any]] = _load_tables()


def calendar_of(tables: Iterable[Mapping[str, Any]]) -> Calendar:
    """Return the calendar of these tables, one a year. Raise ValueError."""
    calendar = Calendar()
    for table in tables:
        calendar = calendar.with_table(table)
    return calendar


OFFICIAL = calendar_of(OFFICIAL_TABLES.values())


def is_working_day(d: date, calendar: Calendar = OFFICIAL) -> bool:
    return calendar.is_working_day(d)


def add_working_days(d: date, n: int, calendar: Calendar = OFFICIAL) -> date:
    """Return the ``n``-th working day after ``d``, or before it if ``n`` < 0.

    The day itself is not counted (行政处罚法 85).
    """
    _check_distance(n)
    step = _DAY if n > 0 else -_DAY
    remaining = abs(n)
    while remaining:
        d = _add(d, step)
        remaining -= calendar.is_working_day(d)
    return d


def working_days_between(a: date, b: date, calendar: Calendar = OFFICIAL) -> int:
    """Return how many working days after ``a`` the day ``b`` is.

    ``a`` is not counted; negative if ``b`` comes first.
    """
    _check_distance((b - a).days)
    if b < a:
        return -sum(calendar.is_working_day(b + _DAY * n) for n in range((a - b).days))
    return sum(calendar.is_working_day(a + _DAY * n) for n in range(1, (b - a).days + 1))


def add_days_rolled(d: date, n: int, calendar: Calendar = OFFICIAL) -> date:
    """Return the last of ``n`` calendar days, rolled on to a working day.

    The day itself is not counted (民事诉讼法 85).
    """
    _check_distance(n)
    return _roll_forward(_add(d, _DAY * n), calendar)


def add_months_rolled(d: date, n: int, calendar: Calendar = OFFICIAL) -> date:
    """Return the same day ``n`` months later, rolled on to a working day.

    A month without that day ends on its last day.
    """
    _check_distance(n * 31)
    months = d.year * 12 + d.month - 1 + n
    year, month = months // 12, months % 12 + 1
    if not date.min.year <= year <= date.max.year:
        raise ValueError(msg("算出的日期超出可用的范围，请核对期限。"))
    return _roll_forward(date(year, month, min(d.day, gregorian.monthrange(year, month)[1])), calendar)


def _roll_forward(d: date, calendar: Calendar) -> date:
    while not calendar.is_working_day(d):
        d = _add(d, _DAY)
    return d


def _add(d: date, step: timedelta) -> date:
    try:
        return d + step
    except OverflowError:
        raise ValueError(msg("算出的日期超出可用的范围，请核对期限。")) from None


def _check_distance(days: int) -> None:
    if abs(days) > _FARTHEST:
        raise ValueError(msg("期限超过一百年，请核对天数。"))
