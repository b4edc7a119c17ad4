"""Events: appended in the same transaction as what they tell of, never changed."""

from __future__ import annotations

from typing import Any

from formsvc.domain.acts import Event
from formsvc.usecases.ports import Clock, Condition, Transaction
from formsvc.usecases.wiring import Ports, Who


def append(
    tx: Transaction, clock: Clock, who: Who, act_id: str, kind: str, *, note: str = "", **detail: Any
) -> None:
    """Add an event to an act's history."""
    key = tx.next_event_key()
    if who.origin:
        detail["origin"] = who.origin
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


def of_act(ports: Ports, act_id: str) -> list[Event]:
    """What happened to an act, oldest first."""
    with ports.store.read() as tx:
        records = tx.events.find(Condition("act_id", "==", act_id), order="id")
    return [Event(**record) for record in records]
