"""Events: appended in the same transaction as what they tell of, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Event
from formsvc.domain.paging import page_count
from formsvc.i18n.messages import Message, from_json, to_json
from formsvc.usecases.context import CONSOLE, Actor, Ports
from formsvc.usecases.ports import Clock, Condition, Record, Transaction

JOURNAL_PAGE = 100
SAID = "said"


def record_event(
    tx: Transaction, clock: Clock, who: Actor, act_id: str, kind: str, *, note: str = "", **detail: Any
) -> None:
    """Add an event to an act's history."""
    key = tx.next_event_key()
    if who.origin:
        detail["origin"] = who.origin
    if isinstance(note, Message):
        detail[SAID] = to_json(note)
    event = {
        "id": key,
        "act_id": act_id,
        "kind": kind,
        "at": clock.now().isoformat(timespec="seconds"),
        "by": who.account.id,
        "by_name": who.account.display_name,
        "note": note,
        "via": who.via,
        "detail": detail,
    }
    tx.events.insert(key, event)


def record_administration(tx: Transaction, clock: Clock, who: Actor | None, note: str) -> None:
    """Add an event about the office's own data; None is the console."""
    record_event(tx, clock, who or Actor(CONSOLE, via="console"), "", "Administered", note=note)


def _event(record: Record) -> Event:
    """An event whose note still knows its pattern, so that it can be read in another language."""
    said = record["detail"].get(SAID)
    return Event(**{**record, "note": from_json(said)} if said else record)


def of_act(ports: Ports, act_id: str) -> list[Event]:
    """What happened to an act, oldest first."""
    with ports.store.read() as tx:
        records = tx.events.find(Condition("act_id", "==", act_id), order="id")
    return [_event(record) for record in records]


@dataclass(frozen=True)
class JournalPage:
    """A page of everything that happened, newest first, and how much there is in all."""

    events: list[Event]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return page_count(self.total, JOURNAL_PAGE)


def journal(
    ports: Ports, who: Actor, *, kinds: Sequence[str] = (), by: str = "", day: str = "", page: int = 1
) -> JournalPage:
    """Sign-ins, views, administration and all the rest, for administrators. Empty filters mean any."""
    who.account.require(Right.ADMINISTER, "")
    conditions = [Condition("kind", "in", list(kinds))] if kinds else []
    conditions += [Condition("by", "==", by)] if by else []
    conditions += [Condition("at", ">=", day), Condition("at", "<", f"{day}U")] if day else []
    with ports.store.read() as tx:
        total = tx.events.count(*conditions)
        start = (max(page, 1) - 1) * JOURNAL_PAGE
        records = tx.events.find(*conditions, order="id", descending=True, offset=start, limit=JOURNAL_PAGE)
    return JournalPage([_event(record) for record in records], total, max(page, 1))
