"""Receipts (送达回证): the documents that one names, and its undoing."""

from __future__ import annotations

from formsvc.domain.acts.act import Act, State
from formsvc.domain.acts.service_receipt import further_numbers, is_served_by
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.effects.undoing import undo_effects
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Condition, Transaction


def documents_served_by(ports: Ports, tx: Transaction, receipt: Act) -> list[Act]:
    """Return our documents that a receipt names; none for a failed attempt."""
    definition = ports.definitions.revision(receipt.revision).definition
    if definition.serves is None or not is_served_by(definition, receipt.answers):
        return []
    reference = receipt.answers.get(definition.serves.document)
    first = tx.acts.get(reference["act_id"]) if reference and reference["act_id"] else None
    found = {first["id"]: first} if first else {}
    for number in further_numbers(definition, receipt.answers):
        for record in tx.acts.find(Condition("number", "==", number), limit=1):
            found.setdefault(record["id"], record)
    return [Act.from_record(record) for record in found.values()]


def undo_receipt(ports: Ports, tx: Transaction, actor: Actor, receipt: Act) -> None:
    """Reset the served documents to issued when their receipt is voided."""
    note = msg("送达回证已作废：{reason}", reason=receipt.void_reason)
    for served in documents_served_by(ports, tx, receipt):
        # the document may have been served otherwise in the meantime: that service stays
        if served.service.get("receipt") == receipt.id:
            undo_service(ports, tx, actor, served, note, receipt=receipt.id)


def undo_service(ports: Ports, tx: Transaction, actor: Actor, served: Act, note: str, **detail: str) -> Act:
    """Reset a served document to issued; the service stays in its history."""
    undo_effects(ports, tx, served, ("served",))
    now = ports.clock.now().isoformat(timespec="seconds")
    current = Act.from_record(tx.acts.get(served.id) or {})
    issued = current.changed(now, state=State.ISSUED.value, service={})
    tx.acts.replace(issued.id, issued.to_record())
    record_event(
        tx, ports.clock, actor, issued.id, "ServiceVoided", note=note, service=current.service, **detail
    )
    return issued
