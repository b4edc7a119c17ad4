"""What an office has to do next in all its cases, soonest first: reckoned once, kept as days, told in full where shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act, State
from formsvc.domain.cases import next_steps as chain
from formsvc.domain.cases.next_steps import CaseRules, NextStep
from formsvc.usecases.access import may_see
from formsvc.usecases.cases.case_file import (
    BY_DEADLINE,
    FARTHEST_UP,
    Due,
    Office,
    case_act,
    dues,
    is_another_matter,
    made_from,
    office_of,
)
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.due_index import DueBook, Entry, Kin, Wait
from formsvc.usecases.ports import Condition, Transaction

LOOK_BACK = timedelta(days=60)
"""How long an act that nobody followed up stays on the list of what is due."""
LOOK_BACK_FOR_DEADLINES = timedelta(days=183)
"""The same for acts with a deadline of their own (整改、复查), counted from that deadline."""
BATCH = 400
"""So many acts are looked at in full at a time."""
_FINISHED = (State.ISSUED.value, State.SERVED.value)
_BY_DATE = (chain.ENTRUSTMENT, chain.NOTICE, chain.RECORD, chain.AT_ONCE, *BY_DEADLINE, chain.RECHECK)


@dataclass(frozen=True)
class DuePage:
    """Part of what is due, and how much there is in all."""

    dues: tuple[Due, ...]
    total: int


def due_list(ports: Ports, who: Actor, until: date, *, start: int = 0, limit: int | None = None) -> DuePage:
    """What this person's authorities have to do on or before a day, what is late first; from ``start`` so many.

    The acts it tells of come without their answers.
    """
    office = office_of(ports)
    with ports.store.read() as tx:
        waits = waits_of(ports, tx, who, office, until)
        shown = waits[start : None if limit is None else start + limit]
        return DuePage(tuple(_dues_of(tx, who, shown, office)), len(waits))


def waits_of(ports: Ports, tx: Transaction, who: Actor, office: Office, until: date) -> list[Wait]:
    """Every step this person may see that is due on or before a day or has none, soonest first."""
    last, may_see, is_recent = until.isoformat(), sees(who), _recent_on(office.today)
    return [
        wait
        for wait in _waits(ports.due_book, tx, office)
        # an empty day is before all others
        if wait.day <= last and is_recent(wait.entry) and may_see(wait.entry.act)
    ]


def sees(who: Actor) -> Callable[[Kin], bool]:
    """Whether this person may see a finished act; the same as ``may_see``, asked for many."""
    me, everything = who.account, who.account.is_admin
    authorities: dict[str, bool] = {}

    def may(act: Kin) -> bool:
        if everything or act.drafter == me.id:
            return True
        if act.authority not in authorities:
            authorities[act.authority] = me.may(Right.VIEW, act.authority)
        return authorities[act.authority]

    return may


def first_in_line(entry: Entry, may: Callable[[Kin], bool]) -> str:
    """The id of the act the case began with, as far up as this person may see."""
    first = entry.act
    for earlier in entry.line:
        if not may(earlier) or is_another_matter(earlier.form, first.form):
            break
        first = earlier
    return first.id


def _dues_of(tx: Transaction, who: Actor, waiting: Sequence[Wait], office: Office) -> Iterator[Due]:
    """The steps in full, each explained, in the order they are given."""
    steps: dict[str, list[Due]] = {}
    ids = list(dict.fromkeys(wait.act for wait in waiting))
    for start in range(0, len(ids), BATCH):
        for due in _due_in(tx, who, _acts(tx, ids[start : start + BATCH]), office):
            steps.setdefault(due.after.id, []).append(due)
    for wait in waiting:
        # the book may know more than this transaction: a step may not be there yet, or not any more
        yield from steps.get(wait.act, [])[wait.step : wait.step + 1]


def _acts(tx: Transaction, ids: Iterable[str]) -> list[Act]:
    records = (tx.acts.get(id_) for id_ in ids)
    return [Act.from_record(record) for record in records if record]


def _due_in(tx: Transaction, who: Actor, open_acts: Sequence[Act], office: Office) -> list[Due]:
    later = made_from(tx, [act.id for act in open_acts], open_acts)
    followers = [act for act in later if act.is_numbered or may_see(who, act)]
    steps = _steps_after(open_acts, followers, office.rules)
    heads = {act.id: replace(act, answers={}) for act in open_acts}
    return dues(office, [replace(s, after=replace(s.after, answers={})) for s in steps], heads)


def _steps_after(acts: Iterable[Act], followers: Iterable[Act], rules: CaseRules) -> list[NextStep]:
    own = {act.id: act for act in acts}
    by_id = {**own, **{act.id: act for act in followers}}
    chained = [case_act(act, rules) for act in by_id.values()]
    return [step for step in chain.next_steps(chained, rules) if step.after.id in own]


# The book of days --------------------------------------------------------------------------------------


def _waits(book: DueBook, tx: Transaction, office: Office) -> Sequence[Wait]:
    """What is open, brought up to the transaction."""
    with book.lock:
        reached = tx.reached()
        rules = (office.rules.calendar, office.decided)
        if book.rules != rules or book.since > office.today or book.reached < 0:
            book.clear()
            found = [e for acts in _open_acts(tx, office.today) for e in _reckoned(tx, acts, office.rules)]
            book.put((), found)
            book.rules, book.since, book.reached = rules, office.today, reached
        elif book.reached < reached:
            written = {key for collection, key in tx.written_since(book.reached) if collection == "acts"}
            _reckon_anew(book, tx, written, office.rules)
            book.reached = reached
        return book.waits()


def _reckon_anew(book: DueBook, tx: Transaction, written: set[str], rules: CaseRules) -> None:
    """The acts that were written, and those they were made from, of which a step may now be done."""
    changed = _acts(tx, sorted(written))
    sources = {act.source_act for act in changed if act.source_act} - written
    touched = [*changed, *_acts(tx, sorted(sources))]
    for start in range(0, len(touched), BATCH):
        part = touched[start : start + BATCH]
        book.put([act.id for act in part], _reckoned(tx, [act for act in part if _may_wait(act)], rules))
    book.put(written - {act.id for act in changed}, ())


def _may_wait(act: Act) -> bool:
    return act.form in _BY_DATE and act.state in _FINISHED


def _reckoned(tx: Transaction, acts: Sequence[Act], rules: CaseRules) -> list[Entry]:
    days: dict[str, list[str]] = {}
    for step in _steps_after(acts, made_from(tx, [act.id for act in acts], acts), rules):
        days.setdefault(step.after.id, []).append(step.deadline.due.isoformat() if step.deadline else "")
    return [
        Entry(_kin(act), act.dated or act.created_at[:10], act.due or "", tuple(days[act.id]), _line(tx, act))
        for act in acts
        if act.id in days
    ]


def _kin(act: Act) -> Kin:
    return Kin(act.id, sys.intern(act.form), sys.intern(act.drafter), sys.intern(act.authority))


def _line(tx: Transaction, act: Act) -> tuple[Kin, ...]:
    line: list[Kin] = []
    while act.source_act and len(line) < FARTHEST_UP:
        record = tx.acts.get(act.source_act)
        if record is None:
            break
        act = Act.from_record(record)
        line.append(_kin(act))
    return tuple(line)


def _recent_on(today: date) -> Callable[[Entry], bool]:
    """Whether an act may still be waiting: made lately, or with a deadline not long past."""
    lately, due_lately = (today - LOOK_BACK).isoformat(), (today - LOOK_BACK_FOR_DEADLINES).isoformat()

    def is_recent(entry: Entry) -> bool:
        return entry.dated >= lately or (entry.act.form in BY_DEADLINE and entry.due >= due_lately)

    return is_recent


def _open_acts(tx: Transaction, today: date) -> Iterator[list[Act]]:
    """Finished acts that may still be waiting for something, those of a day at a time."""
    lately = (today - LOOK_BACK).isoformat()
    for acts in _by_days(tx, "dated", today - LOOK_BACK, today):
        yield [act for act in acts if _may_wait(act)]
    for acts in _by_days(tx, "due", today - LOOK_BACK_FOR_DEADLINES, today):
        yield [act for act in acts if act.form in BY_DEADLINE and act.dated < lately and _may_wait(act)]


def _by_days(tx: Transaction, field: str, first: date, last: date) -> Iterator[list[Act]]:
    """Acts by a day of theirs from the first on, those after the last together.

    Nothing else is asked for: with one condition there is one index to go by.
    """
    days = ((first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1))
    for condition in (
        *(Condition(field, "==", day) for day in days),
        Condition(field, ">", last.isoformat()),
    ):
        records = tx.acts.find(condition)
        yield [Act.from_record(record) for record in records]
