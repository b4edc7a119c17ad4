"""Field kinds for days and times, kept as ISO text, which sorts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time

from formsvc.domain.chinese import (
    long_date,
    long_datetime,
    long_period,
    long_time,
    parse_date,
    parse_datetime,
    parse_period,
    parse_time,
    spreadsheet_moment,
)
from formsvc.domain.expressions import shapes
from formsvc.domain.expressions.shapes import Shape
from formsvc.domain.fields.base import CellValue, FieldKind
from formsvc.domain.fields.field import Field
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
# a working day, its neighbours, a Sunday, a holiday, the ends
_TRIAL_DAYS = (
    *("2026-01-05", "2026-01-06", "2026-01-04", "2026-10-01", "2025-12-29", "2026-12-31"),
    *(EARLIEST.isoformat(), LATEST.isoformat()),
)
# 1954 to 2119: other numbers are no dates.
_SPREADSHEET_DAYS = range(20_000, 80_000)


# Answers are read deep inside tables and references: the day that 明天 follows from would pass through every kind.
_today: ContextVar[date | None] = ContextVar("today", default=None)


@contextmanager
def read_on(today: date) -> Iterator[None]:
    """Read words such as 明天 as days that follow from this one.

    Outside, and on ``date.min``, only whole dates are understood.
    """
    token = _today.set(today if today > EARLIEST else None)
    try:
        yield
    finally:
        _today.reset(token)


def _from_spreadsheet(raw: int | float) -> datetime:
    if isinstance(raw, bool) or not _SPREADSHEET_DAYS.start <= raw < _SPREADSHEET_DAYS.stop:
        raise ValueError(msg("应填写日期，如 2026-09-21。"))
    return spreadsheet_moment(raw)


def _check_range(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise ValueError(msg("年份 {year} 不合理，请核对。", year=day.year))
    return day


class DateKind(FieldKind):
    """A day."""

    name = "date"
    blank = "____年__月__日"
    title = msg("日期")

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        return _check_range(_to_date(raw)).isoformat()

    def shape(self, field: Field) -> Shape:
        return shapes.optional(shapes.DAY)

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        try:
            return {"": long_date(date.fromisoformat(value)) if value else ""}
        except ValueError:
            # masked, or kept from a time when the field was of another kind
            return {"": str(value)}

    def cell(self, field: Field, value: JSON) -> CellValue | None:
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            return None

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "2026-09-21"

    def trials(self, field: Field) -> list[JSON]:
        return [None, *_TRIAL_DAYS]

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "string", "format": "date"}


def _to_date(raw: JSON) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if isinstance(raw, int | float):
        return _from_spreadsheet(raw).date()
    if not isinstance(raw, str):
        raise ValueError(msg("应填写日期，如 2026-09-21。"))
    return parse_date(raw, _today.get())


class DateTimeKind(FieldKind):
    """A moment to the minute, in local time."""

    name = "datetime"
    blank = "____年__月__日__时__分"
    title = msg("日期和时间")

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        moment = _to_datetime(raw)
        _check_range(moment.date())
        return moment.replace(second=0, microsecond=0, tzinfo=None).isoformat(timespec="minutes")

    def shape(self, field: Field) -> Shape:
        return shapes.text(16, format="datetime", empty=True)

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        try:
            return {"": long_datetime(datetime.fromisoformat(value)) if value else ""}
        except ValueError:
            return {"": str(value)}

    def cell(self, field: Field, value: JSON) -> CellValue | None:
        try:
            return datetime.fromisoformat(value) if value else None
        except ValueError:
            return None

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "2026-09-18T09:00"

    def trials(self, field: Field) -> list[JSON]:
        return [None, *(f"{day}T09:00" for day in _TRIAL_DAYS)]

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$"}


def _to_datetime(raw: JSON) -> datetime:
    if isinstance(raw, datetime):
        return raw
    if isinstance(raw, int | float):
        return _from_spreadsheet(raw)
    if not isinstance(raw, str):
        raise ValueError(msg("应填写日期和时间，如 2026-09-18 09:00。"))
    return parse_datetime(raw, _today.get())


class TimeKind(FieldKind):
    """A time of day to the minute."""

    name = "time"
    blank = "__时__分"
    title = msg("时间")
    may_be_subject = False

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        return f"{_to_time(raw):%H:%M}"

    def shape(self, field: Field) -> Shape:
        return shapes.text(5, empty=True)

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        try:
            return {"": long_time(time.fromisoformat(value)) if value else ""}
        except ValueError:
            return {"": str(value)}

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "09:00"

    def trials(self, field: Field) -> list[JSON]:
        return [None, "09:00", "00:00", "11:59", "12:00", "23:59"]

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}


def _to_time(raw: JSON) -> time:
    if isinstance(raw, datetime):
        return raw.time()
    if isinstance(raw, time):
        return raw
    # a spreadsheet holds a time as a fraction of a day
    if isinstance(raw, float) and 0 < raw < 1:
        return spreadsheet_moment(raw).time()
    if not isinstance(raw, str):
        raise ValueError(msg("应填写时间，如 09:05。"))
    return parse_time(raw)


class PartialDateKind(FieldKind):
    """A year, a month or a day: as much as is known."""

    name = "partial_date"
    blank = "____年__月"
    title = msg("年月日（可以不全）")

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        if isinstance(raw, int | float) and EARLIEST.year <= raw <= LATEST.year and raw == int(raw):
            return str(int(raw))
        period = parse_period(raw, _today.get()) if isinstance(raw, str) else None
        return period or _check_range(_to_date(raw)).isoformat()

    def shape(self, field: Field) -> Shape:
        return shapes.text(10, empty=True)

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        try:
            return {"": long_period(value) if value else ""}
        except ValueError:
            return {"": str(value)}

    def cell(self, field: Field, value: JSON) -> CellValue | None:
        return (
            DateKind().cell(field, value)
            if isinstance(value, str) and len(value) == len("2026-09-21")
            else None
        )

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "2026-09"

    def trials(self, field: Field) -> list[JSON]:
        return [None, "2026-09", "2026", *_TRIAL_DAYS, "1900", "2100-12"]

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}
