"""Due items in parts: overdue, today, this week, without a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from formsvc.usecases.cases.case_file import DueItem, load_case_context
from formsvc.usecases.cases.due_computation import bring_up_to_date
from formsvc.usecases.cases.due_list import count_late, explained_steps, person_key, step_view
from formsvc.usecases.cases.pending import PendingStep
from formsvc.usecases.context import Actor, Ports


@dataclass(frozen=True)
class DuePart:
    """The first items of a part, soonest first, and the number of all."""

    dues: tuple[DueItem, ...] = ()
    total: int = 0


@dataclass(frozen=True)
class DueParts:
    """Due items by day; ``following`` is the next after the week.

    ``late_counts`` counts as DuePage.late does. ``notice`` says that the list is not computed yet, or is that of
    before a change.
    """

    late: DuePart
    today: DuePart
    week: DuePart
    undated: DuePart
    following: DueItem | None
    late_counts: tuple[int, ...]
    notice: str = ""


def due_parts(ports: Ports, actor: Actor, week_end: date, *, limit: int, mine: bool) -> DueParts:
    """Return what is due until the end of the week, ``limit`` of each part.

    ``mine`` narrows to what the person may do.
    """
    office = load_case_context(ports)
    index = ports.due_index
    with ports.store.read() as tx:
        with index.lock:
            notice = bring_up_to_date(ports, tx, office)
            view = index.view(("due", mine, person_key(actor)), partial(step_view, actor=actor, mine=mine))
            yesterday = office.today - timedelta(days=1)
            bounds = [view.bounds(day.isoformat())[0] for day in (yesterday, office.today, week_end)]
            dated, steps = view.bounds(week_end.isoformat())[1], view.steps
            ranges = ((0, bounds[0]), (bounds[0], bounds[1]), (bounds[1], bounds[2]), (dated, len(steps)))
            shown = [steps[start : min(end, start + limit)] for start, end in ranges]
            shown.append(steps[bounds[2] : min(dated, bounds[2] + 1)])
            late = count_late(steps, office.today)
        explained = _by_step(
            tuple(explained_steps(tx, index, actor, [s for part in shown for s in part], office)), shown
        )
    parts = [DuePart(dues, end - start) for dues, (start, end) in zip(explained, ranges, strict=False)]
    late_part, today, week, undated = parts
    return DueParts(late_part, today, week, undated, next(iter(explained[-1]), None), late, notice)


def _by_step(dues: Sequence[DueItem], shown: Sequence[Sequence[PendingStep]]) -> list[tuple[DueItem, ...]]:
    """Return the explained items by the part their step is in.

    A step may have gone meanwhile: an item belongs to the part with its act and day.
    """
    waiting = list(dues)
    parts = []
    for part in shown:
        keys = [(step.act, step.day) for step in part]
        found = []
        for due in list(waiting):
            key = (due.after.id, due.day.isoformat() if due.day else "")
            if key in keys:
                keys.remove(key)
                found.append(due)
                waiting.remove(due)
        parts.append(tuple(found))
    return parts
