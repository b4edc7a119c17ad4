"""Responsibility matrix: who is responsible for each town and village."""

from __future__ import annotations

from datetime import date

from formsvc.domain.acts.act import Act
from formsvc.domain.authorities import authority_from_record
from formsvc.domain.cases.responsibility import RESPONSIBLE, DutyRow, Town, duty_matrix
from formsvc.domain.expressions.functions import entries_of
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Transaction
from formsvc.usecases.registers.rows import RegisterRow, visible_rows


def responsibility_matrix(ports: Ports, actor: Actor, on: date | None = None) -> list[Town]:
    """Return every town with its villages, those with vacancies first.

    They follow from the rows of the register on a day, by documents that the person may see. `on` defaults to today.
    """
    day = on or ports.clock.today()
    ports.definitions.registers()
    with ports.store.read() as tx:
        authorities = [authority_from_record(record) for record in tx.authorities.find(order="id")]
        rows = [_duty_row(tx, row) for row in visible_rows(tx, actor, RESPONSIBLE, day)]
    towns = duty_matrix(authorities, _regions(ports), rows, day)
    return sorted(towns, key=lambda town: -town.warning_count)


def _duty_row(tx: Transaction, row: RegisterRow) -> DutyRow:
    """Return a row with its document's number."""
    record = tx.acts.get(row.entry.source_act)
    act = Act.from_record(record) if record else None
    number = act.number if act else str(row.values.get("doc_no") or "")
    return DutyRow(act.id if act else "", number, date.fromisoformat(row.entry.valid_from), row.values)


def _regions(ports: Ports) -> list[dict[str, object]]:
    """Return the regions of the office from any form that carries them."""
    for revision in ports.definitions.current().values():
        found = entries_of(revision.definition.lookups, "regions")
        if found:
            return [dict(entry) for entry in found]
    return []
