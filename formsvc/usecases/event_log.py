"""Event log, appended in the transaction of each change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act, Event
from formsvc.domain.paging import page_count
from formsvc.i18n.messages import from_json, msg
from formsvc.usecases.access import may_see
from formsvc.usecases.context import CONSOLE, Actor, Ports
from formsvc.usecases.event_records import ADMINISTERED, NOTE_KEY, append_event
from formsvc.usecases.ports import Clock, Condition, Record, Transaction
from formsvc.usecases.publishing import PROGRAM

PAGE_SIZE = 100


def record_event(
    tx: Transaction, clock: Clock, actor: Actor, act_id: str, kind: str, *, note: str = "", **detail: Any
) -> None:
    """Append an event; `act_id` is empty for events that concern no act."""
    if actor.origin:
        detail["origin"] = actor.origin
    if actor.token:
        detail["token"] = actor.token
    append_event(tx, clock, actor.account, kind, act_id=act_id, note=note, via=actor.via, **detail)


def record_administration(tx: Transaction, clock: Clock, actor: Actor | None, note: str) -> None:
    """Append an event about the office's own data; None is the console."""
    record_event(tx, clock, actor or Actor(CONSOLE, via="console"), "", ADMINISTERED, note=note)


def _event(record: Record) -> Event:
    """Return the event; a translatable note comes back with its pattern."""
    stored_note = record["detail"].get(NOTE_KEY)
    note = from_json(stored_note) if stored_note else record["note"]
    # what the program did by itself has no person
    is_program = record["by_name"] == PROGRAM.display_name
    by_name = PROGRAM.display_name if is_program else record["by_name"]
    return Event(**{**record, "note": note, "by_name": by_name})


def events_of_act(ports: Ports, act_id: str) -> list[Event]:
    with ports.store.read() as tx:
        records = tx.events.find(Condition("act_id", "==", act_id), order="id")
    return [_event(record) for record in records]


def latest_events(tx: Transaction, act_id: str, limit: int) -> list[Event]:
    """Return the last events of an act, newest first."""
    records = tx.events.find(Condition("act_id", "==", act_id), order="id", descending=True, limit=limit)
    return [_event(record) for record in records]


@dataclass(frozen=True)
class EventPage:
    """One page of the event log, newest first, and the number of all events."""

    events: list[Event]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return page_count(self.total, PAGE_SIZE)


def list_events(
    ports: Ports, actor: Actor, *, kinds: Sequence[str] = (), by: str = "", day: str = "", page: int = 1
) -> EventPage:
    """Return a page of the event log. Empty filters mean any.

    For administrators: raise RightMissing otherwise.
    """
    actor.account.require(Right.ADMINISTER, "")
    conditions = [Condition("kind", "in", list(kinds))] if kinds else []
    conditions += [Condition("by", "==", by)] if by else []
    # all times of a day: "U" sorts behind the "T" before the time of day
    conditions += [Condition("at", ">=", day), Condition("at", "<", f"{day}U")] if day else []
    with ports.store.read() as tx:
        total = tx.events.count(*conditions)
        start = (max(page, 1) - 1) * PAGE_SIZE
        records = tx.events.find(*conditions, order="id", descending=True, offset=start, limit=PAGE_SIZE)
        hidden = _confidential_acts(tx, actor, {record["act_id"] for record in records})
    events = [_event(record) for record in records]
    # a note names receivers and what reviewers wrote
    shown = [replace(e, note=msg("（限定知悉范围）")) if e.act_id in hidden else e for e in events]
    return EventPage(shown, total, max(page, 1))


def _confidential_acts(tx: Transaction, actor: Actor, act_ids: set[str]) -> set[str]:
    """Return the acts among these that the person may not see."""
    acts = [Act.from_record(record) for act_id in act_ids if act_id and (record := tx.acts.get(act_id))]
    return {act.id for act in acts if act.confidential and not may_see(actor, act)}
