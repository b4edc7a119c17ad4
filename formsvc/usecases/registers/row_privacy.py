"""Personal texts that documents wrote into rows of registers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from formsvc.domain.acts.act import Act
from formsvc.domain.privacy.personal_answers import PersonalAnswers
from formsvc.domain.registers.audiences import sees_owners
from formsvc.domain.registers.projection import ProjectedRow
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import Condition, Record, Transaction


def load_rows(ports: Ports, tx: Transaction, records: Iterable[Record]) -> list[ProjectedRow]:
    """Return stored rows with the personal texts to mask in each."""
    known: dict[str, dict[str, str]] = {}
    return [with_traced(ports, tx, ProjectedRow.from_record(record), known) for record in records]


def with_traced(
    ports: Ports, tx: Transaction, row: ProjectedRow, known: dict[str, dict[str, str]] | None = None
) -> ProjectedRow:
    """Return the row with the personal texts of the documents that wrote it.

    ``known`` keeps those of each document between rows.
    """
    # only these have texts of documents
    if not sees_owners(row.audience):
        return row
    texts = known if known is not None else {}
    traced: dict[str, str] = {}
    for entry in tx.register_entries.find(
        Condition("register", "==", row.register), Condition("group", "==", row.group)
    ):
        act_id = str(entry["source_act"])
        if act_id not in texts:
            texts[act_id] = _personal_texts(ports, tx, act_id)
        traced |= texts[act_id]
    return replace(row, traced=traced)


def _personal_texts(ports: Ports, tx: Transaction, act_id: str) -> dict[str, str]:
    record = tx.acts.get(act_id) if act_id else None
    if record is None:
        return {}
    act = Act.from_record(record)
    definition = ports.definitions.revision(act.revision).definition
    return PersonalAnswers(definition, act.answers).replacements
