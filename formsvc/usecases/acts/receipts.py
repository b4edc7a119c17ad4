"""Receipts (送达回证): the document that one names, and its undoing."""

from __future__ import annotations

from formsvc.domain.acts.act import Act, State
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.effects.undoing import undo_effects
from formsvc.usecases.event_log import record_event
from formsvc.usecases.ports import Transaction


def document_served_by(ports: Ports, tx: Transaction, receipt: Act) -> Act | None:
    """Return the document of ours that a receipt names, or None."""
    serves = ports.definitions.revision(receipt.revision).definition.serves
    reference = receipt.answers.get(serves.document) if serves else None
    record = tx.acts.get(reference["act_id"]) if reference and reference["act_id"] else None
    return Act.from_record(record) if record else None


def undo_receipt(ports: Ports, tx: Transaction, actor: Actor, receipt: Act) -> None:
    """Reset the served document to issued when its receipt is voided."""
    served = document_served_by(ports, tx, receipt)
    # the document may have been served otherwise in the meantime: that service stays
    if served is None or served.service.get("receipt") != receipt.id:
        return
    note = msg("送达回证已作废：{reason}", reason=receipt.void_reason)
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
