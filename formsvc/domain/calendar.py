"""Working days and periods: the State Council's tables, an office's own additions, and days that roll on."""

from __future__ import annotations

import calendar as gregorian
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from formsvc.i18n.messages import msg

_DAY = timedelta(days=1)
_FARTHEST = 36_600


class CalendarMissing(ValueError):
    """A day was asked about whose year has no table of days off yet."""

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
    """Which days are worked. ``years`` have a table; ``off`` and ``work`` are its exceptions to the week."""

    years: frozenset[int] = frozenset()
    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    weekends_only: bool = False
    """In years without a table Monday to Friday are worked, instead of raising CalendarMissing."""

    def is_working_day(self, d: date) -> bool:
        """Whether offices are open on this day."""
        if d in self.work or d in self.off:
            return d in self.work
        if d.year not in self.years and not self.weekends_only:
            raise CalendarMissing(d.year)
        return d.weekday() < 5

    def missing_years(self, years: Iterable[int]) -> tuple[int, ...]:
        """Those of the years that have no table, in order."""
        return tuple(sorted(set(years) - self.years))

    def with_weekends_for_missing_years(self) -> Calendar:
        """The same calendar, but a year without a table is taken to have weekends alone."""
        return replace(self, weekends_only=True)

    def extended(self, off: Iterable[date] = (), work: Iterable[date] = ()) -> Calendar:
        """The calendar with an office's own days off and days worked, which outrank the tables."""
        closed, worked = frozenset(off), frozenset(work)
        both = closed & worked
        if both:
            raise ValueError(msg("{day}既列为放假又列为上班，请删去其中一处。", day=min(both)))
        return replace(self, off=(self.off - worked) | closed, work=(self.work - closed) | worked)

    def with_table(self, table: Mapping[str, Any]) -> Calendar:
        """The calendar with one more year's table, written like the shipped ones; raises ValueError."""
        year, off, work = _read_table(table)
        return replace(self.extended(off, work), years=self.years | {year})


def _read_table(table: Mapping[str, Any]) -> tuple[int, set[date], set[date]]:
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


def _shipped() -> Calendar:
    tables = sorted(files("formsvc.domain").joinpath("holidays").iterdir(), key=lambda file: file.name)
    calendar = Calendar()
    for table in tables:
        if table.name.endswith(".json"):
            calendar = calendar.with_table(json.loads(table.read_text(encoding="utf-8")))
    return calendar


OFFICIAL = _shipped()
"""The State Council's tables that come with the code."""


def is_working_day(d: date, calendar: Calendar = OFFICIAL) -> bool:
    """Whether offices are open on this day."""
    return calendar.is_working_day(d)


def add_working_days(d: date, n: int, calendar: Calendar = OFFICIAL) -> date:
    """The ``n``-th working day after ``d``, which is itself not counted; before it where ``n`` is negative."""
    _refuse_far(n)
    step = _DAY if n > 0 else -_DAY
    remaining = abs(n)
    while remaining:
        d = _plus(d, step)
        remaining -= calendar.is_working_day(d)
    return d


def working_days_between(a: date, b: date, calendar: Calendar = OFFICIAL) -> int:
    """How many working days ``b`` lies after ``a``, ``a`` not counted; negative where it lies before."""
    _refuse_far((b - a).days)
    if b < a:
        return -sum(calendar.is_working_day(b + _DAY * n) for n in range((a - b).days))
    return sum(calendar.is_working_day(a + _DAY * n) for n in range(1, (b - a).days + 1))


def add_days_rolled(d: date, n: int, calendar: Calendar = OFFICIAL) -> date:
    """The last day of ``n`` calendar days from the day after ``d``, rolled on to a working day (民诉法 85)."""
    _refuse_far(n)
    return _rolled(_plus(d, _DAY * n), calendar)


def add_months_rolled(d: date, n: int, calendar: Calendar = OFFICIAL) -> date:
    """The same day ``n`` months on, the month's last where it has none, rolled on to a working day."""
    _refuse_far(n * 31)
    months = d.year * 12 + d.month - 1 + n
    year, month = months // 12, months % 12 + 1
    if not date.min.year <= year <= date.max.year:
        raise ValueError(msg("算出的日期超出可用的范围，请核对期限。"))
    return _rolled(date(year, month, min(d.day, gregorian.monthrange(year, month)[1])), calendar)


def _rolled(d: date, calendar: Calendar) -> date:
    while not calendar.is_working_day(d):
        d = _plus(d, _DAY)
    return d


def _plus(d: date, step: timedelta) -> date:
    try:
        return d + step
    except OverflowError:
        raise ValueError(msg("算出的日期超出可用的范围，请核对期限。")) from None


def _refuse_far(days: int) -> None:
    if abs(days) > _FARTHEST:
        raise ValueError(msg("期限超过一百年，请核对天数。"))
