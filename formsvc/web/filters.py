"""Jinja filters for dates, times, states and field names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from flask import Flask
from flask_babel import format_date, format_datetime, format_decimal
from flask_babel import gettext as _

from formsvc.domain.acts.act import STATE_NAMES, Act, State
from formsvc.domain.acts.service_checks import service_word
from formsvc.domain.calendar import CalendarMissing, working_days_between
from formsvc.errors import Problem
from formsvc.web.context import office_calendar, ports
from formsvc.web.i18n import translate_for_request


def register(app: Flask) -> None:
    for template_filter in (
        day,
        short_day,
        weekday,
        long_day,
        moment,
        clock_time,
        time_left,
        time_left_alone,
        state_name,
        number_ranges,
        number,
        field_id,
        field_name,
        problem_at,
        service_word,
        in_words,
    ):
        app.add_template_filter(template_filter)


def in_words(text: str) -> str:
    """Return a text in the language of the request, to be changed further."""
    return str(translate_for_request(text))


def day(value: date | str | None) -> str:
    """Return a date as 12月2日 周三, with the year if it is not this one."""
    parsed = _parse_date(value)
    if parsed is None:
        return str(value or "")
    pattern = _("M月d日 EEE") if parsed.year == ports().clock.today().year else _("y年M月d日 EEE")
    return str(format_date(parsed, pattern))


def short_day(value: date) -> str:
    """Return a date as 12月2日, without the weekday."""
    return str(format_date(value, _("M月d日")))


def weekday(value: date) -> str:
    return str(format_date(value, "EEE"))


def long_day(value: date | str | None) -> str:
    """Return a date as 2026年11月23日 周一; unparsable text unchanged."""
    parsed = _parse_date(value)
    return str(format_date(parsed, _("y年M月d日 EEE"))) if parsed else str(value or "")


def moment(value: datetime | str | None) -> str:
    """Return a past time as 14:03, 昨天 16:40, 11月2日 09:15 or with year."""
    parsed = _parse_datetime(value)
    if parsed is None:
        return str(value or "")
    today = ports().clock.today()
    if parsed.date() == today:
        return clock_time(parsed)
    if parsed.date() == today - timedelta(days=1):
        return str(_("昨天 %(time)s", time=clock_time(parsed)))
    pattern = _("M月d日 HH:mm") if parsed.year == today.year else _("y年M月d日 HH:mm")
    # Stored times are local and without zone; rebase would shift them
    return str(format_datetime(parsed, pattern, rebase=False))


def clock_time(value: datetime | str | None) -> str:
    """Return the time of day as 14:03."""
    parsed = _parse_datetime(value)
    return parsed.strftime("%H:%M") if parsed else ""


def time_left(value: date | str | None) -> str:
    """Return the working days left: 还剩 3 个工作日（12月2日 周三）."""
    due = _parse_date(value)
    if due is None:
        return ""
    today, calendar = ports().clock.today(), office_calendar()
    if due == today:
        return str(_("今天到期（%(day)s）", day=day(due)))
    if due < today:
        return str(_("已过期 %(n)s 天（%(day)s）", n=(today - due).days, day=day(due)))
    try:
        left = working_days_between(today, due, calendar)
    # The State Council publishes next year's holidays in November; until then weekends must do
    except CalendarMissing:
        left = working_days_between(today, due, calendar.with_weekends_for_missing_years())
    return str(_("还剩 %(n)s 个工作日（%(day)s）", n=left, day=day(due)))


def time_left_alone(value: date | str | None) -> str:
    """Return the working days left without the day: 还剩 3 个工作日."""
    due = _parse_date(value)
    if due == ports().clock.today():
        return str(_("今天最后一天"))
    return time_left(due).partition(_("（%(day)s）", day=day(due)))[0]


def yesterday() -> str:
    return (ports().clock.today() - timedelta(days=1)).isoformat()


def state_name(value: Act | State | str) -> str:
    return str(
        translate_for_request(value.state_name if isinstance(value, Act) else STATE_NAMES[State(value)])
    )


def number_ranges(runs: Iterable[tuple[int, int]]) -> str:
    """Return inclusive ranges as 6、8–11."""
    return str(_("、")).join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def number(value: float) -> str:
    return str(format_decimal(value))


def field_id(path: str) -> str:
    """Return a control's HTML id: ``f-hazards-0-deadline``."""
    return "f-" + field_name(path)


def field_name(path: str) -> str:
    """Return a control's name: ``hazards-0-deadline``."""
    return path.replace(".", "-")


def problem_at(problems: Iterable[Problem], path: str) -> str:
    """Return the sentence of the field's first problem, "" if it has none."""
    return next((problem.sentence() for problem in problems if problem.field == path), "")


def _parse_date(value: date | str | None) -> date | None:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return value


def _parse_datetime(value: datetime | str | None) -> datetime | None:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    return value
