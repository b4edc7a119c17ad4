"""Pending steps of all cases, soonest first.

Computed once, kept as days in the DueIndex, and explained only where shown.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act, State
from formsvc.domain.cases.next_steps import (
    AT_ONCE,
    ENTRUSTMENT,
    NOTICE,
    RECHECK,
    RECORD,
    CaseRules,
    NextStep,
    next_steps,
)
from formsvc.usecases.access import may_see, may_see_confidential
from formsvc.usecases.cases.case_file import (
    BY_DEADLINE,
    MAX_ANCESTORS,
    CaseContext,
    DueItem,
    derived_acts,
    due_items,
    is_separate_case,
    load_case_context,
    to_case_act,
)
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.due_index import ActOwnership, DueIndex, PendingAct, PendingStep
from formsvc.usecases.ports import Condition, Transaction

# how long an act without follow-up stays on the list
LOOK_BACK = timedelta(days=60)
# the same for acts with a deadline of their own (整改、复查), from that deadline
LOOK_BACK_FOR_DEADLINES = timedelta(days=183)
# acts loaded in full at a time
BATCH = 400
_FINISHED = (State.ISSUED.value, State.SERVED.value)
_BY_DATE = (ENTRUSTMENT, NOTICE, RECORD, AT_ONCE, *BY_DEADLINE, RECHECK)


@dataclass(frozen=True)
class DuePage:
    """A part of the due items, and the number of all."""

    dues: tuple[DueItem, ...]
    total: int


def due_list(ports: Ports, actor: Actor, until: date, *, start: int = 0, limit: int | None = None) -> DuePage:
    """Return what is due on or before a day, overdue first.

    The acts come without their answers.
    """
    office = load_case_context(ports)
    with ports.store.read() as tx:
        steps = pending_steps(ports, tx, actor, office, until)
        shown = steps[start : None if limit is None else start + limit]
        return DuePage(tuple(_explained_steps(tx, actor, shown, office)), len(steps))


def pending_steps(
    ports: Ports, tx: Transaction, actor: Actor, office: CaseContext, until: date
) -> list[PendingStep]:
    """Return the visible steps due on or before a day, undated ones too."""
    last, may_see, is_recent = until.isoformat(), visibility_filter(actor), _recent_on(office.today)
    return [
        step
        for step in _indexed_steps(ports.due_index, tx, office)
        # an empty day is before all others
        if step.day <= last and is_recent(step.pending) and may_see(step.pending.act)
    ]


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
        if not may(earlier) or is_separate_case(earlier.form, first.form):
            break
        first = earlier
    return first.id


def _explained_steps(
    tx: Transaction, actor: Actor, waiting: Sequence[PendingStep], office: CaseContext
) -> Iterator[DueItem]:
    """Yield the steps in full, each explained, in the given order."""
    steps: dict[str, list[DueItem]] = {}
    ids = list(dict.fromkeys(step.act for step in waiting))
    for start in range(0, len(ids), BATCH):
        for due in _due_items_of(tx, actor, _acts(tx, ids[start : start + BATCH]), office):
            steps.setdefault(due.after.id, []).append(due)
    for step in waiting:
        # the book may know more than this transaction: a step may not be there yet, or not any more
        yield from steps.get(step.act, [])[step.step : step.step + 1]


def _acts(tx: Transaction, ids: Iterable[str]) -> list[Act]:
    records = (tx.acts.get(id_) for id_ in ids)
    return [Act.from_record(record) for record in records if record]


def _due_items_of(
    tx: Transaction, actor: Actor, open_acts: Sequence[Act], office: CaseContext
) -> list[DueItem]:
    later = derived_acts(tx, [act.id for act in open_acts], open_acts)
    followers = [act for act in later if act.is_numbered or may_see(actor, act)]
    steps = _steps_after(open_acts, followers, office.rules)
    heads = {act.id: replace(act, answers={}) for act in open_acts}
    return due_items(office, [replace(s, after=replace(s.after, answers={})) for s in steps], heads)


def _steps_after(acts: Iterable[Act], followers: Iterable[Act], rules: CaseRules) -> list[NextStep]:
    own = {act.id: act for act in acts}
    by_id = {**own, **{act.id: act for act in followers}}
    chained = [to_case_act(act, rules) for act in by_id.values()]
    return [step for step in next_steps(chained, rules) if step.after.id in own]


# The book of days --------------------------------------------------------------------------------------


def _indexed_steps(index: DueIndex, tx: Transaction, office: CaseContext) -> Sequence[PendingStep]:
    """Return the steps of the index, brought up to the transaction."""
    with index.lock:
        reached = tx.reached()
        rules = (office.rules.calendar, office.decided)
        if index.rules != rules or index.computed_on > office.today or index.chain_length < 0:
            index.clear()
            found = [
                e for acts in _open_acts(tx, office.today) for e in _compute_pending(tx, acts, office.rules)
            ]
            index.update((), found)
            index.rules, index.computed_on, index.chain_length = rules, office.today, reached
        elif index.chain_length < reached:
            written = {
                key for collection, key in tx.written_since(index.chain_length) if collection == "acts"
            }
            _update_index(index, tx, written, office.rules)
            index.chain_length = reached
        return index.steps()


def _update_index(index: DueIndex, tx: Transaction, written: set[str], rules: CaseRules) -> None:
    """Update the index for the acts written, and for their sources."""
    changed = _acts(tx, sorted(written))
    sources = {act.source_act for act in changed if act.source_act} - written
    touched = [*changed, *_acts(tx, sorted(sources))]
    for start in range(0, len(touched), BATCH):
        part = touched[start : start + BATCH]
        index.update(
            [act.id for act in part], _compute_pending(tx, [act for act in part if _may_wait(act)], rules)
        )
    index.update(written - {act.id for act in changed}, ())


def _may_wait(act: Act) -> bool:
    return act.form in _BY_DATE and act.state in _FINISHED


def _compute_pending(tx: Transaction, acts: Sequence[Act], rules: CaseRules) -> list[PendingAct]:
    days: dict[str, list[str]] = {}
    for step in _steps_after(acts, derived_acts(tx, [act.id for act in acts], acts), rules):
        days.setdefault(step.after.id, []).append(step.deadline.due.isoformat() if step.deadline else "")
    return [
        PendingAct(
            _ownership(act),
            act.dated or act.created_at[:10],
            act.due or "",
            tuple(days[act.id]),
            _ancestors(tx, act),
        )
        for act in acts
        if act.id in days
    ]


def _ownership(act: Act) -> ActOwnership:
    form, drafter, authority = map(sys.intern, (act.form, act.drafter, act.authority))
    return ActOwnership(act.id, form, drafter, authority, act.confidential, tuple(act.readers))


def _ancestors(tx: Transaction, act: Act) -> tuple[ActOwnership, ...]:
    ancestors: list[ActOwnership] = []
    while act.source_act and len(ancestors) < MAX_ANCESTORS:
        record = tx.acts.get(act.source_act)
        if record is None:
            break
        act = Act.from_record(record)
        ancestors.append(_ownership(act))
    return tuple(ancestors)


def _recent_on(today: date) -> Callable[[PendingAct], bool]:
    """Return a filter for acts recent enough to be listed."""
    lately, due_lately = (today - LOOK_BACK).isoformat(), (today - LOOK_BACK_FOR_DEADLINES).isoformat()

    def is_recent(entry: PendingAct) -> bool:
        return entry.dated >= lately or (entry.act.form in BY_DEADLINE and entry.due >= due_lately)

    return is_recent


def _open_acts(tx: Transaction, today: date) -> Iterator[list[Act]]:
    """Yield finished acts that may be pending, one day at a time."""
    lately = (today - LOOK_BACK).isoformat()
    for acts in _by_days(tx, "dated", today - LOOK_BACK, today):
        yield [act for act in acts if _may_wait(act)]
    for acts in _by_days(tx, "due", today - LOOK_BACK_FOR_DEADLINES, today):
        yield [act for act in acts if act.form in BY_DEADLINE and act.dated < lately and _may_wait(act)]


def _by_days(tx: Transaction, field: str, first: date, last: date) -> Iterator[list[Act]]:
    """Yield acts by a day of theirs; those after `last` together."""
    days = ((first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1))
    for condition in (
        *(Condition(field, "==", day) for day in days),
        Condition(field, ">", last.isoformat()),
    ):
        records = tx.acts.find(condition)
        yield [Act.from_record(record) for record in records]
