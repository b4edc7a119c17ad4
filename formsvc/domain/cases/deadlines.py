"""Deadlines that explain themselves.

The day of the event is not counted; a period in calendar days that ends on a day off runs on to the next working
day (民事诉讼法 85); a period in working days counts the working days alone, weekends worked in exchange included
(行政处罚法 85).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self

from formsvc.domain import laws
from formsvc.domain.calendar import Calendar, add_days_rolled, add_months_rolled, add_working_days
from formsvc.domain.chinese import day_of_year, long_date, weekday_name
from formsvc.domain.life.schema import Late
from formsvc.i18n.messages import format_list, join_messages, msg

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Deadline:
    """Day by which something is due, and why.

    ``is_certain`` is false while a year's days off are not published yet.
    """

    name: str
    due: date
    begins: date
    sentence: str
    law: str = ""
    days_off: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()
    is_certain: bool = True
    # what the definition says of a day that has passed
    late: Late = "due"

    def is_past(self, today: date) -> bool:
        return self.due < today

    def explained_on(self, today: date, *, pending: bool) -> Self:
        """Return the deadline with what its passing means, if it has passed.

        What is not ``pending`` may be done long since: then only the end of a period is said.
        """
        is_said = self.is_past(today) and (pending or self.late in ("stop", "info"))
        note = _late_notes().get(self.late) if is_said else None
        return replace(self, sentence=join_messages(self.sentence, note)) if note else self


def in_working_days(
    name: str, event: str, begins: date, count: int, calendar: Calendar, law: str = ""
) -> Deadline:
    """Return the deadline ``count`` working days after the event's day."""
    due = add_working_days(begins, count, calendar)
    counting = msg(
        "{name}：{event}（{begins}）的次日起算{count}个工作日，到{due}（{weekday}）止",
        name=name,
        event=event,
        begins=long_date(begins),
        count=count,
        due=long_date(due),
        weekday=weekday_name(due),
    )
    return _working_day_deadline(name, begins, due, counting, begins + _DAY, calendar, law)


def in_days(
    name: str, event: str, begins: date, count: int, calendar: Calendar, law: str = "", *, rolls: bool = True
) -> Deadline:
    """Return the deadline ``count`` calendar days after the event's day.

    With ``rolls`` a last day that is off runs on to the next working day.
    """
    last = begins + _DAY * count
    due = add_days_rolled(begins, count, calendar) if rolls else last
    counting = msg(
        "{name}：{event}（{begins}）的次日起算{count}日，到{last}（{weekday}）止",
        name=name,
        event=event,
        begins=long_date(begins),
        count=count,
        last=long_date(last),
        weekday=weekday_name(last),
    )
    return _rolled_deadline(name, begins, last, due, counting, calendar, law)


def in_months(
    name: str, event: str, begins: date, count: int, calendar: Calendar, law: str = "", *, rolls: bool = True
) -> Deadline:
    """Return the deadline on the same day ``count`` months later.

    With ``rolls`` a last day that is off runs on to the next working day.
    """
    last = add_months_rolled(begins, count, _EVERY_DAY)
    due = add_months_rolled(begins, count, calendar) if rolls else last
    counting = msg(
        "{name}：{event}（{begins}）起{count}个月，到{last}（{weekday}）止",
        name=name,
        event=event,
        begins=long_date(begins),
        count=count,
        last=long_date(last),
        weekday=weekday_name(last),
    )
    return _rolled_deadline(name, begins, last, due, counting, calendar, law)


def on_the_day(name: str, event: str, day: date, calendar: Calendar, law: str = "") -> Deadline:
    """Return a deadline on the event's own day, or on one a document sets."""
    explanation = msg(
        "{name}：{event}，到{due}（{weekday}）止",
        name=name,
        event=event,
        due=long_date(day),
        weekday=weekday_name(day),
    )
    return Deadline(name, day, day, join_messages(explanation, _law_clause(law)), law, is_certain=True)


def _late_notes() -> Mapping[Late, str]:
    return {
        "remind": msg("提醒的日期已过，请尽快办理。"),
        "record": msg("期限已过，迟办的应当写明理由。"),
        "stop": msg("期限已经届满，不得再办。"),
        "info": msg("期限已经届满。"),
    }


class _WorkedThrough(Calendar):
    """Calendar without days off: a period ends where nothing rolls on."""

    def is_working_day(self, d: date) -> bool:
        return True


# Gives the last day before it rolls on, which the explanation names.
_EVERY_DAY = _WorkedThrough()


def _rolled_deadline(
    name: str, begins: date, last: date, due: date, counting: str, calendar: Calendar, law: str
) -> Deadline:
    if due == last:
        missing = calendar.missing_years([last.year])
        explanation = join_messages(counting, _uncertainty_clause(missing), _law_clause(law))
        return Deadline(name, due, begins, explanation, law, is_certain=not missing)
    on = msg(
        "；该日放假，顺延至{due}（{weekday}，{law}）",
        due=long_date(due),
        weekday=weekday_name(due),
        law=laws.ROLLING_ARTICLE,
    )
    missing = calendar.missing_years({last.year, due.year})
    # The days that made the last day roll on.
    off = tuple(last + _DAY * n for n in range((due - last).days))
    explanation = join_messages(counting, on, _uncertainty_clause(missing), _law_clause(law))
    return Deadline(name, due, begins, explanation, law, off, is_certain=not missing)


def _working_day_deadline(
    name: str, begins: date, due: date, counting: str, first: date, calendar: Calendar, law: str
) -> Deadline:
    """Return the deadline with the days off and exchange days it passes."""
    days = [first + _DAY * n for n in range((due - first).days + 1)]
    off = tuple(day for day in days if not calendar.is_working_day(day))
    # Weekends worked in exchange for a holiday (调休上班).
    worked = tuple(day for day in days if day.weekday() >= 5 and calendar.is_working_day(day))
    missing = calendar.missing_years({day.year for day in days})
    parts = [
        counting,
        _days_off_clause(off),
        _exchange_days_clause(worked),
        _uncertainty_clause(missing),
        _law_clause(law),
    ]
    return Deadline(name, due, begins, join_messages(*parts), law, off, worked, not missing)


def _days_off_clause(off: Sequence[date]) -> str:
    return msg("；其间{days}为休息日，不计入", days=_format_spans(off)) if off else ""


def _exchange_days_clause(worked: Sequence[date]) -> str:
    return msg("；{days}为调休上班日，计入", days=_format_spans(worked)) if worked else ""


def _uncertainty_clause(years: Sequence[int]) -> str:
    listed_years = "、".join(str(year) for year in years)
    if not years:
        return ""
    return msg(
        "；{years}年放假安排尚未导入，暂按周末和固定节日推算，是暂定日期，导入后重新计算",
        years=listed_years,
    )


def _law_clause(law: str) -> str:
    return msg("（{law}）。", law=law) if law else msg("。")


def _format_spans(days: Sequence[date]) -> str:
    """Return days as 9月19日、10月1日至10月7日."""
    return format_list(_format_span(first, last) for first, last in _consecutive_runs(days))


def _consecutive_runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    first = last = days[0]
    for day in days[1:]:
        if day - last > _DAY:
            yield first, last
            first = day
        last = day
    yield first, last


def _format_span(first: date, last: date) -> str:
    begin, end = day_of_year(first), day_of_year(last)
    return begin if first == last else msg("{begin}至{end}", begin=begin, end=end)
