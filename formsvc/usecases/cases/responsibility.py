"""Responsibility matrix: who is responsible for each town and village."""

from __future__ import annotations

from datetime import date

from formsvc.domain.acts.act import Act
from formsvc.domain.authorities import authority_from_record
from formsvc.domain.cases.responsibility import RESPONSIBLE, DutyRow, Town, duty_matrix
from formsvc.domain.expressions.functions import entries_of
from formsvc.usecases.access import may_see
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Transaction
from formsvc.usecases.registers.rows import RegisterRow, rows_in_force


def responsibility_matrix(ports: Ports, actor: Actor, on: date | None = None) -> list[Town]:
    """Return every town with its villages, those with vacancies first.

    They follow from the rows of the register on a day, by documents that the person may see. `on` defaults to today.
    """
    day = on or ports.clock.today()
    ports.definitions.registers()
    with ports.store.read() as tx:
        authorities = [authority_from_record(record) for record in tx.authorities.find(order="id")]
        found = rows_in_force(tx, RESPONSIBLE, day)
        rows = [duty for row in found if (duty := _duty_row(tx, actor, row)) is not None]
    towns = duty_matrix(authorities, _regions(ports), rows, day)
    return sorted(towns, key=lambda town: -town.warning_count)


def _duty_row(tx: Transaction, actor: Actor, row: RegisterRow) -> DutyRow | None:
    """Return a row with its document's number, None if it may not be seen."""
    record = tx.acts.get(row.entry.source_act)
    act = Act.from_record(record) if record else None
    if act is not None and not may_see(actor, act):
        return None
    number = act.number if act else str(row.values.get("doc_no") or "")
    return DutyRow(act.id if act else "", number, date.fromisoformat(row.entry.valid_from), row.values)


def _regions(ports: Ports) -> list[dict[str, object]]:
    """Return the regions of the office from any form that carries them."""
    for revision in ports.definitions.current().values():
        found = entries_of(revision.definition.lookups, "regions")
        if found:
            return [dict(entry) for entry in found]
    return []
