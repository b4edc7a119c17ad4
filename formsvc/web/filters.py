"""How dates, moments and names are written on pages, and the Jinja filters that write them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from flask import Flask
from flask_babel import format_date, format_datetime, format_decimal
from flask_babel import gettext as _

from formsvc.domain.acts.act import STATE_NAMES, Act, State
from formsvc.domain.calendar import CalendarMissing, working_days_between
from formsvc.errors import Problem
from formsvc.web.context import ports
from formsvc.web.i18n import register as let_everything_be_said
from formsvc.web.i18n import said


def register(app: Flask) -> None:
    """The filters that write for people, in the language of the request."""
    let_everything_be_said(app)
    for filter_ in (
        day,
        long_day,
        moment,
        clock_time,
        time_left,
        state_name,
        number_runs,
        number,
        field_id,
        field_name,
        problem_at,
    ):
        app.add_template_filter(filter_)


def day(value: date | str | None) -> str:
    """A day as people say it: 12月2日 周三, with the year when it is another one."""
    found = _date(value)
    if found is None:
        return str(value or "")
    pattern = _("M月d日 EEE") if found.year == ports().clock.today().year else _("y年M月d日 EEE")
    return str(format_date(found, pattern))


def long_day(value: date | str | None) -> str:
    """A day in full: 2026年11月23日 周一."""
    found = _date(value)
    return str(format_date(found, _("y年M月d日 EEE"))) if found else str(value or "")


def moment(value: datetime | str | None) -> str:
    """When something happened: 14:03 today, 昨天 16:40, 11月2日 09:15, else with the year."""
    found = _datetime(value)
    if found is None:
        return str(value or "")
    today = ports().clock.today()
    if found.date() == today:
        return clock_time(found)
    if found.date() == today - timedelta(days=1):
        return str(_("昨天 %(time)s", time=clock_time(found)))
    pattern = _("M月d日 HH:mm") if found.year == today.year else _("y年M月d日 HH:mm")
    return str(format_datetime(found, pattern, rebase=False))


def clock_time(value: datetime | str | None) -> str:
    """The time of day: 14:03."""
    found = _datetime(value)
    return found.strftime("%H:%M") if found else ""


def time_left(value: date | str | None) -> str:
    """How long until a deadline, in working days: 还剩 3 个工作日（12月2日 周三）."""
    due = _date(value)
    if due is None:
        return ""
    today, calendar = ports().clock.today(), ports().calendar
    if due == today:
        return str(_("今天到期（%(day)s）", day=day(due)))
    try:
        left = working_days_between(today, due, calendar)
    except CalendarMissing:
        left = working_days_between(today, due, calendar.with_weekends_for_missing_years())
    if due < today:
        return str(_("已过期 %(n)s 天（%(day)s）", n=(today - due).days, day=day(due)))
    return str(_("还剩 %(n)s 个工作日（%(day)s）", n=left, day=day(due)))


def state_name(value: Act | State | str) -> str:
    """The state of an act in the words of the office."""
    return str(said(value.state_name if isinstance(value, Act) else STATE_NAMES[State(value)]))


def number_runs(runs: Iterable[tuple[int, int]]) -> str:
    """Runs of numbers as people write them: 6、8–11."""
    return str(_("、")).join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def number(value: float) -> str:
    """A number with its thousands set apart."""
    return str(format_decimal(value))


def field_id(path: str) -> str:
    """The id of the control for a field: ``hazards.0.deadline`` → ``f-hazards-0-deadline``."""
    return "f-" + field_name(path)


def field_name(path: str) -> str:
    """The name of the control for a field: ``hazards.0.deadline`` → ``hazards-0-deadline``."""
    return path.replace(".", "-")


def problem_at(problems: Iterable[Problem], path: str) -> str:
    """What is wrong at one field, as one sentence; empty when nothing is."""
    return next((problem.sentence() for problem in problems if problem.field == path), "")


def _date(value: date | str | None) -> date | None:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return value


def _datetime(value: datetime | str | None) -> datetime | None:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    return value
