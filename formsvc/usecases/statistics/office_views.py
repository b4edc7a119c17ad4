"""Counts of open steps and issued acts for the views of an office."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import State
from formsvc.domain.statistics.view import Group, OfficeView
from formsvc.errors import Fault
from formsvc.i18n.messages import DefinitionText, msg
from formsvc.usecases.acts.details import display_names
from formsvc.usecases.acts.search import restrict_to_rights
from formsvc.usecases.cases.case_file import DueItem, load_case_context
from formsvc.usecases.cases.due_computation import bring_up_to_date
from formsvc.usecases.cases.due_list import explained_steps, person_key, step_view
from formsvc.usecases.cases.pending import PendingStep
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Condition

_IN_FORCE = (State.ISSUED.value, State.SERVED.value)
_WEEKS = 9


@dataclass(frozen=True)
class CountedGroup:
    """A line of a view: how many there are, and how many of them are late.

    ``first_day`` and ``last_day`` bound a month, empty for other groups.
    """

    key: str
    name: str
    total: int
    late: int = 0
    first_day: str = ""
    last_day: str = ""


@dataclass(frozen=True)
class CountedView:
    """A view with its lines."""

    view: OfficeView
    groups: tuple[CountedGroup, ...]

    @property
    def title(self) -> str:
        return DefinitionText(self.view.id, self.view.title)

    @property
    def total(self) -> int:
        return sum(group.total for group in self.groups)

    @property
    def late(self) -> int:
        return sum(group.late for group in self.groups)

    @property
    def largest(self) -> int:
        return max((group.total for group in self.groups), default=0)


@dataclass(frozen=True)
class CalendarDay:
    """A day with the number of steps due on it."""

    day: date
    count: int


@dataclass(frozen=True)
class OfficeOverview:
    """Everything on the page; ``calendar`` are weeks of seven days.

    ``earlier`` counts what is overdue since before the calendar. ``faults`` are those of views that are held back.
    """

    late: int
    open: int
    issued_this_month: int
    issued_this_year: int
    longest: tuple[DueItem, ...]
    views: tuple[CountedView, ...]
    calendar: tuple[tuple[CalendarDay, ...], ...]
    earlier: int
    earlier_until: date
    faults: tuple[Fault, ...] = ()
    notice: str = ""


def view_faults(ports: Ports) -> list[Fault]:
    """Return the faults of the views that are held back."""
    return ports.views.read(ports.register_documents.json_content, ports.definitions.current())[1]


def may_see_statistics(actor: Actor) -> bool:
    return any(actor.account.may(right, "") for right in (Right.APPROVE, Right.ADMINISTER))


def require_statistics(actor: Actor) -> None:
    """Raise RightMissing for who neither signs nor administers."""
    if not may_see_statistics(actor):
        actor.account.require(Right.APPROVE, "")


def office_overview(ports: Ports, actor: Actor, *, longest: int = 10) -> OfficeOverview:
    """Return the counts of what the person may see. Raise RightMissing."""
    require_statistics(actor)
    office, index, today = load_case_context(ports), ports.due_index, ports.clock.today()
    views, faults = ports.views.read(ports.register_documents.json_content, ports.definitions.current())
    with ports.store.read() as tx:
        with index.lock:
            notice = bring_up_to_date(ports, tx, office)
            view = index.view(("due", False, person_key(actor)), partial(step_view, actor=actor, mine=False))
            steps = list(view.steps)
        late = view.bounds((today - timedelta(days=1)).isoformat())[0]
        dues = tuple(explained_steps(tx, index, actor, steps[: min(late, longest)], office))
    issued = _issued_by_day(ports, actor, f"{today.year}-01-01", today.isoformat())
    first = today - timedelta(days=today.weekday() + 14)
    return OfficeOverview(
        late=late,
        open=len(steps),
        issued_this_month=sum(n for day, n in issued.items() if day[:7] == today.isoformat()[:7]),
        issued_this_year=sum(issued.values()),
        longest=dues,
        views=tuple(_counted(ports, actor, each, steps, today) for each in views),
        calendar=_calendar(steps, first),
        earlier=sum(1 for step in steps if step.day and step.day < first.isoformat()),
        earlier_until=first - timedelta(days=1),
        faults=tuple(faults),
        notice=notice,
    )


def _counted(
    ports: Ports, actor: Actor, view: OfficeView, steps: Sequence[PendingStep], today: date
) -> CountedView:
    late: Counter[str] = Counter()
    if view.source == "acts":
        total = _issued(ports, actor, view, today)
    else:
        wanted = [step for step in steps if not view.forms or step.pending.act.form in view.forms]
        keys = [(_key_of(step, view.group), step) for step in wanted]
        total = Counter(key for key, _ in keys)
        late = Counter(key for key, step in keys if step.day and step.day < today.isoformat())
    order = sorted(total) if view.group == "month" else sorted(total, key=lambda key: (-total[key], key))
    names = _names(ports, view.group)
    lines = (_line(key, names(key), total[key], late[key], view.group) for key in order)
    return CountedView(view, tuple(lines))


def _line(key: str, name: str, total: int, late: int, group: Group) -> CountedGroup:
    if group != "month" or not key:
        return CountedGroup(key, name, total, late)
    last = calendar.monthrange(int(key[:4]), int(key[5:7]))[1]
    return CountedGroup(key, name, total, late, f"{key}-01", f"{key}-{last:02d}")


def _key_of(step: PendingStep, group: Group) -> str:
    if group == "month":
        return step.day[:7]
    return step.pending.act.form if group == "form" else step.pending.act.drafter


def _names(ports: Ports, group: Group) -> Callable[[str], str]:
    if group == "month":
        return lambda key: (
            msg("{year}年{month}月", year=key[:4], month=int(key[5:7])) if key else msg("没有期限")
        )
    if group == "drafter":
        names = display_names(ports)
        return lambda key: names.get(key, key)
    titles = {
        state.form: DefinitionText(state.form, state.title) for state in ports.definitions.form_states()
    }
    return lambda key: titles.get(key, key)


def _issued(ports: Ports, actor: Actor, view: OfficeView, today: date) -> Counter[str]:
    first = f"{today.year}-01-01"
    if view.group == "month":
        days = _issued_by_day(ports, actor, first, today.isoformat(), view.forms)
        months: Counter[str] = Counter()
        for day, count in days.items():
            months[day[:7]] += count
        return months
    return Counter(_groups(ports, actor, view.group, first, today.isoformat(), view.forms))


def _issued_by_day(
    ports: Ports, actor: Actor, first: str, last: str, forms: Sequence[str] = ()
) -> dict[str, int]:
    return _groups(ports, actor, "dated", first, last, forms)


def _groups(
    ports: Ports, actor: Actor, by: str, first: str, last: str, forms: Sequence[str]
) -> dict[str, int]:
    wanted = [
        Condition("state", "in", list(_IN_FORCE)),
        Condition("dated", ">=", first),
        Condition("dated", "<=", last),
        # how many there are of what is confidential is not for everybody
        Condition("confidential", "==", False),
        *([Condition("form", "in", list(forms))] if forms else []),
    ]
    conditions = restrict_to_rights(actor, wanted)
    if conditions is None:
        return {}
    with ports.store.read() as tx:
        return tx.acts.groups(by, *conditions)


def _calendar(steps: Sequence[PendingStep], first: date) -> tuple[tuple[CalendarDay, ...], ...]:
    counts = Counter(step.day for step in steps)
    days = [first + timedelta(days=n) for n in range(7 * _WEEKS)]
    cells = [CalendarDay(day, counts[day.isoformat()]) for day in days]
    return tuple(tuple(cells[n : n + 7]) for n in range(0, len(cells), 7))
