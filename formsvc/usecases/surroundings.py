"""Gathers the circumstances an evaluation depends on from the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from formsvc.domain.acts import NUMBERED_STATES, Act, State
from formsvc.domain.authority import Circumstances, Entrustment, KnownDocument
from formsvc.domain.definitions import FormDefinition
from formsvc.domain.offices import authority_from_record, entrustment_from_answers, officer_from_record
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.wiring import Ports

ENTRUSTING_FORM = "T01"
SETTINGS_KEY = "office"


def circumstances(ports: Ports, tx: Transaction, definition: FormDefinition) -> Circumstances:
    """Everything outside the answers that checks of this definition may ask.

    Documents are looked up when a check asks for them: in the transaction of the moment if there is one.
    """

    def look_up(key: str) -> KnownDocument | None:
        with ports.store.read() as now:
            return find_document(now, key)

    return Circumstances(
        today=ports.clock.today(),
        calendar=ports.calendar,
        authorities=tuple(authority_from_record(r) for r in tx.authorities.find(order="id")),
        officers=tuple(officer_from_record(r) for r in tx.officers.find(order="id")),
        entrustments=tuple(entrustments(tx)),
        lookups=definition.lookups,
        office_settings=office_settings(tx),
        offered_forms=ports.shelf.offered(),
        find_document=look_up,
        undrawable=ports.undrawable,
    )


def office_settings(tx: Transaction) -> Mapping[str, Any]:
    """What the office configured of what the trade leaves open."""
    record = tx.settings.get(SETTINGS_KEY)
    return {k: v for k, v in (record or {}).items() if k != "id"}


def entrustments(tx: Transaction) -> list[Entrustment]:
    """Entrustments issued here (T01, not void) and those signed on paper before the service began."""
    issued = tx.acts.find(
        Condition("form", "==", ENTRUSTING_FORM),
        Condition("state", "in", [State.ISSUED.value, State.SERVED.value]),
    )
    ours = [entrustment_from_answers(r["number"], r["answers"], r["id"]) for r in issued]
    paper = [entrustment_from_answers(r["number"], r) for r in tx.entrustments.find(order="id")]
    return ours + paper


def find_document(tx: Transaction, key: str) -> KnownDocument | None:
    """The numbered act with this number, or with this id."""
    record = tx.acts.get(key)
    if record is None:
        found = tx.acts.find(Condition("number", "==", key), limit=1) if key else []
        record = found[0] if found else None
    if record is None:
        return None
    act = Act.from_record(record)
    if act.standing not in NUMBERED_STATES:
        return None
    return KnownDocument(act.number, act.title, act.dated, act.id, act.form, act.state, act.answers)
