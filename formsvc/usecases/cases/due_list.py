"""Pending steps of all cases, soonest first.

Computed once, kept as days in the DueIndex, and explained only where shown.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeVar

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act, State
from formsvc.domain.cases.next_steps import NextStep, next_steps
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.usecases.access import may_see, may_see_confidential
from formsvc.usecases.cases.case_file import (
    MAX_ANCESTORS,
    Action,
    CaseContext,
    DueItem,
    action_of,
    derived_acts,
    due_items,
    is_separate_case,
    load_case_context,
    to_case_act,
)
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.due_index import ActOwnership, DueIndex, PendingAct, PendingStep
from formsvc.usecases.ports import Condition, Transaction

T = TypeVar("T")

# acts loaded in full at a time
BATCH = 400
_FINISHED = (State.ISSUED.value, State.SERVED.value)
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

    ``late`` counts by LATENESS: up to 7 days late, up to 30, up to 90, longer.
    """

    dues: tuple[DueItem, ...]
    total: int
    late: tuple[int, ...] = (0, 0, 0, 0)

    @property
    def late_total(self) -> int:
        return sum(self.late)


def due_list(
    ports: Ports, actor: Actor, until: date, *, start: int = 0, limit: int | None = None, mine: bool = False
) -> DuePage:
    """Return what is due on or before a day, the longest overdue first.

    ``mine`` narrows to what the person may do. The acts come without their answers.
    """
    office = load_case_context(ports)
    with ports.store.read() as tx:
        steps = pending_steps(ports, tx, actor, office, until)
        if mine:
            may = action_filter(actor)
            steps = [step for step in steps if may(step)]
        shown = steps[start : None if limit is None else start + limit]
        dues = tuple(_explained_steps(tx, actor, shown, office))
        return DuePage(dues, len(steps), count_late(steps, office.today))


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


def pending_steps(
    ports: Ports, tx: Transaction, actor: Actor, office: CaseContext, until: date
) -> list[PendingStep]:
    """Return the visible steps due on or before a day, undated ones too.

    The list is kept for the next request: do not change it.
    """
    index = _updated_index(ports.due_index, tx, office)
    # steps without a day are last, and always listed
    return index.remembered(
        ("due", _person_key(actor), until), lambda steps: _visible_until(steps, actor, until.isoformat())
    )


def list_of_steps(
    ports: Ports,
    tx: Transaction,
    actor: Actor,
    office: CaseContext,
    name: tuple[object, ...],
    make: Callable[[Sequence[PendingStep]], T],
) -> T:
    """Return what is made of all visible steps, kept until they change."""
    index = _updated_index(ports.due_index, tx, office)
    last = date.max.isoformat()
    return index.remembered(
        (*name, _person_key(actor)), lambda steps: make(_visible_until(steps, actor, last))
    )


def _person_key(actor: Actor) -> str:
    """Return the account with its rights: visibility depends on it."""
    return repr(actor.account)


def _visible_until(steps: Sequence[PendingStep], actor: Actor, last: str) -> list[PendingStep]:
    dated = bisect_left(steps, True, key=lambda step: step.has_no_day)
    due = bisect_right(steps, last, hi=dated, key=lambda step: step.day)
    may_see = visibility_filter(actor)
    return [step for step in (*steps[:due], *steps[dated:]) if may_see(step.pending.act)]


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
    later = derived_acts(tx, open_acts, office)
    followers = [act for act in later if act.is_numbered or may_see(actor, act)]
    steps = _steps_after(open_acts, followers, office)
    heads = {act.id: replace(act, answers={}) for act in open_acts}
    return due_items(office, [replace(s, after=replace(s.after, answers={})) for s in steps], heads)


def _steps_after(acts: Iterable[Act], followers: Iterable[Act], office: CaseContext) -> list[NextStep]:
    own = {act.id: act for act in acts}
    by_id = {**own, **{act.id: act for act in followers}}
    chained = [to_case_act(act, office) for act in by_id.values()]
    return [step for step in next_steps(chained, office.rules) if step.after.id in own]


# The book of days --------------------------------------------------------------------------------------


def _updated_index(index: DueIndex, tx: Transaction, office: CaseContext) -> DueIndex:
    """Return the index, brought up to the transaction."""
    with index.lock:
        reached = tx.reached()
        rules = _rules_of(office)
        if index.rules != rules or index.chain_length < 0:
            index.clear()
            found = [e for acts in _open_acts(tx, office) for e in _compute_pending(tx, acts, office)]
            index.update((), found)
            index.rules, index.chain_length = rules, reached
        elif index.chain_length < reached:
            written = {
                key for collection, key in tx.written_since(index.chain_length) if collection == "acts"
            }
            _update_index(index, tx, written, office)
            index.chain_length = reached
        return index


def _rules_of(office: CaseContext) -> object:
    """Return what the steps depend on apart from the acts."""
    living = {form: id(definition) for form, definition in office.living.items()}
    # a life that asks for the day may ask for something new tomorrow
    today = office.today if any(_reads_today(known) for known in office.living.values()) else None
    return (office.rules.calendar, office.decided, living, today)


def _reads_today(definition: FormDefinition) -> bool:
    return any("today" in e.functions for _, e in definition.compiled.life.all_expressions())


def _update_index(index: DueIndex, tx: Transaction, written: set[str], office: CaseContext) -> None:
    """Update the index for the acts written, and for their sources."""
    changed = _acts(tx, sorted(written))
    sources = {act.source_act for act in changed if act.source_act} - written
    # a case was closed or opened again by its first act: all of it is looked at
    marked = [act for act in changed if act.consequences]
    touched = [*changed, *_acts(tx, sorted(sources)), *_descendants(tx, marked, office, written)]
    for start in range(0, len(touched), BATCH):
        part = touched[start : start + BATCH]
        pending = [act for act in part if act.state in _FINISHED and act.form in office.living]
        index.update([act.id for act in part], _compute_pending(tx, pending, office))
    index.update(written - {act.id for act in changed}, ())


def _descendants(tx: Transaction, acts: Sequence[Act], office: CaseContext, known: set[str]) -> list[Act]:
    found: dict[str, Act] = {}
    level = list(acts)
    while level:
        level = [act for act in derived_acts(tx, level, office) if act.id not in found]
        found |= {act.id: act for act in level}
    return [act for act in found.values() if act.id not in known]


def _compute_pending(tx: Transaction, acts: Sequence[Act], office: CaseContext) -> list[PendingAct]:
    steps: dict[str, list[NextStep]] = {}
    office = replace(office, rules=office.brief_rules)
    for step in _steps_after(acts, derived_acts(tx, acts, office), office):
        steps.setdefault(step.after.id, []).append(step)
    pending = [(act, steps[act.id], _ancestors(tx, act, office)) for act in acts if act.id in steps]
    return [
        PendingAct(
            _ownership(act),
            act.dated or act.created_at[:10],
            tuple(s.deadline.due.isoformat() if s.deadline else "" for s in found),
            tuple(sys.intern(action_of(s).value) for s in found),
            tuple(_ownership(earlier) for earlier in ancestors),
        )
        for act, found, ancestors in pending
        if not (ancestors[-1] if ancestors else act).is_case_closed
    ]


def _ownership(act: Act) -> ActOwnership:
    form, drafter, authority = map(sys.intern, (act.form, act.drafter, act.authority))
    return ActOwnership(act.id, form, drafter, authority, act.confidential, tuple(act.readers))


def _ancestors(tx: Transaction, act: Act, office: CaseContext) -> list[Act]:
    """Return the acts of its case that an act was made from, nearest first."""
    ancestors: list[Act] = []
    while act.source_act and len(ancestors) < MAX_ANCESTORS:
        record = tx.acts.get(act.source_act)
        if record is None:
            break
        earlier = Act.from_record(record)
        if is_separate_case(earlier, act, office):
            break
        act = earlier
        ancestors.append(act)
    return ancestors


def _open_acts(tx: Transaction, office: CaseContext) -> Iterator[list[Act]]:
    """Yield the finished acts that may ask for more, BATCH at a time."""
    for form, definition in office.living.items():
        if definition.life is None or not definition.life.asks_for_more:
            continue
        for state in _FINISHED:
            last = ""
            while records := tx.acts.find(
                Condition("form", "==", form),
                Condition("state", "==", state),
                Condition("created_at", ">=", last),
                order="created_at",
                limit=BATCH,
            ):
                yield [Act.from_record(record) for record in records]
                following = str(records[-1]["created_at"])
                if len(records) < BATCH:
                    break
                last = following if following > last else f"{following} "
