"""Pending steps of all cases, soonest first.

Computed once, kept as days in the DueIndex, and explained only where shown.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act
from formsvc.domain.cases.next_steps import NextStep
from formsvc.usecases.access import may_see, may_see_confidential
from formsvc.usecases.cases.case_file import (
    Action,
    CaseContext,
    DueItem,
    act_version,
    derived_acts,
    due_items,
    load_case_context,
)
from formsvc.usecases.cases.due_computation import (
    BATCH,
    bring_up_to_date,
    load_acts,
    sibling_acts,
    steps_after,
)
from formsvc.usecases.cases.pending import ActOwnership, PendingAct, PendingStep
from formsvc.usecases.cases.pending_views import StepView
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.due_index import DueIndex
from formsvc.usecases.ports import Transaction

# days late at most, for the counts: up to a week, a month, a quarter, longer
LATENESS = (7, 30, 90)
_RIGHTS: Mapping[Action, tuple[Right, ...]] = {
    Action.MAKE: (Right.DRAFT,),
    Action.CONTINUE: (Right.DRAFT,),
    Action.REVIEW: (Right.REVIEW,),
    Action.APPROVE: (Right.APPROVE,),
    Action.ISSUE: (Right.ISSUE,),
    Action.SERVE: (Right.SERVE, Right.DRAFT),
    Action.CONFIRM: (Right.REVIEW, Right.APPROVE),
}


@dataclass(frozen=True)
class DuePage:
    """A part of the due items, the number of all, and of those late.

    ``late`` counts by LATENESS: up to 7 days late, up to 30, up to 90, longer. ``notice`` says that the list is not
    computed yet, or is that of before a change.
    """

    dues: tuple[DueItem, ...]
    total: int
    late: tuple[int, ...] = (0, 0, 0, 0)
    notice: str = ""

    @property
    def late_total(self) -> int:
        return sum(self.late)


@dataclass(frozen=True)
class DueFilter:
    """Filters of a list of due items; empty means any, days are inclusive."""

    form: str = ""
    drafter: str = ""
    first_day: str = ""
    last_day: str = ""

    def includes(self, step: PendingStep) -> bool:
        act = step.pending.act
        return (
            (not self.form or act.form == self.form)
            and (not self.drafter or act.drafter == self.drafter)
            and (not self.first_day or step.day >= self.first_day)
            and (not self.last_day or "" < step.day <= self.last_day)
        )


def filtered_dues(
    ports: Ports, actor: Actor, wanted: DueFilter, *, start: int = 0, limit: int | None = None
) -> DuePage:
    """Return what the person sees and the filter includes, soonest first."""
    office, index = load_case_context(ports), ports.due_index
    with ports.store.read() as tx:
        with index.lock:
            notice = bring_up_to_date(ports, tx, office)
            view = index.view(
                ("due", False, person_key(actor)), lambda steps: step_view(steps, actor, mine=False)
            )
            steps = [step for step in view.steps if wanted.includes(step)]
        end = len(steps) if limit is None else start + limit
        dues = tuple(explained_steps(tx, index, actor, steps[start:end], office))
    return DuePage(dues, len(steps), count_late(steps, office.today), notice)


def due_list(
    ports: Ports, actor: Actor, until: date, *, start: int = 0, limit: int | None = None, mine: bool = False
) -> DuePage:
    """Return what is due on or before a day, the longest overdue first.

    ``mine`` narrows to what the person may do. The acts come without their answers.
    """
    office = load_case_context(ports)
    index = ports.due_index
    with ports.store.read() as tx:
        with index.lock:
            notice = bring_up_to_date(ports, tx, office)
            view = index.view(
                ("due", mine, person_key(actor)), lambda steps: step_view(steps, actor, mine=mine)
            )
            due, dated = view.bounds(until.isoformat())
            # steps without a day are last, and always listed
            total = due + len(view.steps) - dated
            end = total if limit is None else min(total, start + limit)
            shown = [
                *view.steps[start : min(due, end)],
                *view.steps[_after(start, due, dated) : _after(end, due, dated)],
            ]
            late = count_late(view.steps, office.today)
        dues = tuple(explained_steps(tx, index, actor, shown, office))
    return DuePage(dues, total, late, notice)


def _after(place: int, due: int, dated: int) -> int:
    """Return where the undated steps after a place of the list begin."""
    return dated + max(0, place - due)


def step_view(steps: Iterable[PendingStep], actor: Actor, *, mine: bool) -> StepView:
    """Return the steps that the person sees, or may take."""
    visible = visibility_filter(actor)
    may = action_filter(actor) if mine else None
    return StepView(steps, lambda step: visible(step.pending.act) and (may is None or may(step)))


def count_late(steps: Sequence[PendingStep], today: date) -> tuple[int, ...]:
    """Return how many steps are late, by LATENESS and longer."""
    # sorted by day, so that the bounds are found without looking at each
    bounds = [
        bisect_left(steps, (False, (today - timedelta(days=n)).isoformat()), key=lambda s: s[:2])
        for n in (0, *LATENESS)
    ]
    return tuple(later - earlier for later, earlier in pairwise((*bounds, 0)))


def action_filter(actor: Actor) -> Callable[[PendingStep], bool]:
    """Return a filter for the steps that a person may take."""
    rights: dict[tuple[Action, str], bool] = {}

    def may(step: PendingStep) -> bool:
        key = (Action(step.pending.actions[step.step]), step.pending.act.authority)
        if key not in rights:
            rights[key] = any(actor.account.may(right, key[1]) for right in _RIGHTS[key[0]])
        return rights[key]

    return may


def person_key(actor: Actor) -> str:
    """Return the account with its rights: visibility depends on it."""
    return repr(actor.account)


def visibility_filter(actor: Actor) -> Callable[[ActOwnership], bool]:
    """Return a fast `may_see` for many finished acts."""
    me, everything = actor.account, actor.account.is_admin
    authorities: dict[str, bool] = {}

    def may(act: ActOwnership) -> bool:
        if act.drafter == me.id:
            return True
        if act.confidential:
            return may_see_confidential(me, act.authority, act.readers)
        if everything:
            return True
        if act.authority not in authorities:
            authorities[act.authority] = me.may(Right.VIEW, act.authority)
        return authorities[act.authority]

    return may


def case_root_id(entry: PendingAct, may: Callable[[ActOwnership], bool]) -> str:
    """Return the id of the act the case began with, as far up as visible."""
    first = entry.act
    for earlier in entry.ancestors:
        if not may(earlier):
            break
        first = earlier
    return first.id


def explained_steps(
    tx: Transaction, index: DueIndex, actor: Actor, waiting: Sequence[PendingStep], office: CaseContext
) -> Iterator[DueItem]:
    """Yield the steps in full, each explained, in the given order."""
    steps: dict[str, list[DueItem]] = {}
    ids = list(dict.fromkeys(step.act for step in waiting))
    for start in range(0, len(ids), BATCH):
        for due in _due_items_of(tx, index, actor, load_acts(tx, ids[start : start + BATCH]), office):
            steps.setdefault(due.after.id, []).append(due)
    for step in waiting:
        # the index may know more than this transaction: a step may not be there yet, or not any more
        yield from steps.get(step.act, [])[step.step : step.step + 1]


def _due_items_of(
    tx: Transaction, index: DueIndex, actor: Actor, open_acts: Sequence[Act], office: CaseContext
) -> Iterator[DueItem]:
    followers: dict[str, list[Act]] = {act.id: [] for act in open_acts}
    for act in derived_acts(tx, open_acts, office):
        if act.is_numbered or may_see(actor, act):
            followers[act.source_act].append(act)
    siblings: dict[str, list[Act]] = {}
    for act in sibling_acts(tx, open_acts, office):
        if act.is_numbered or may_see(actor, act):
            siblings.setdefault(act.source_act, []).append(act)
    for act in open_acts:
        followers[act.id] += [a for a in siblings.get(act.source_act, ()) if a.id != act.id]
        steps = _known_steps(index, act, followers[act.id], office)
        yield from due_items(office, steps, {act.id: replace(act, answers={})})


def _known_steps(
    index: DueIndex, act: Act, followers: Sequence[Act], office: CaseContext
) -> tuple[NextStep, ...]:
    """Return the steps of an act in words, computed once for these versions."""

    def steps() -> tuple[NextStep, ...]:
        found = steps_after([act], followers, office)
        return tuple(replace(step, after=replace(step.after, answers={})) for step in found)

    if office.asks_for_documents([act]):
        return steps()
    versions = (act_version(act), *map(act_version, followers))
    return index.remembered(("act", office.rules_key, office.today, *versions), steps)
