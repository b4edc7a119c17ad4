"""Rows of a register that may be one and the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from formsvc.domain.json_types import JSON
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.projection import ProjectedRow, RowState, duplicate_text
from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.context import Actor
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.registers.row_owners import visible_part

MOST_NAMED = 5


def twins_of(
    tx: Transaction,
    actor: Actor | None,
    register: RegisterDefinition,
    values: Mapping[str, JSON],
    own: str = "",
) -> list[tuple[int, ProjectedRow]]:
    """Return rows in force that may be the same, each with the rule's number.

    Only what the person may see is compared, for None what the office wrote.
    """
    found: dict[str, tuple[int, ProjectedRow]] = {}
    for number in range(len(register.source.duplicates)):
        text = duplicate_text(register, values, number)
        if not text:
            continue
        part = visible_part(tx, actor, register.id, RowState.CURRENT)
        for record in tx.register_rows.find(part, Condition(f"d{number + 1}", "==", text), limit=MOST_NAMED):
            if record["row"] != own:
                found.setdefault(record["row"], (number, ProjectedRow.from_record(record)))
    return list(found.values())


def twin_problem(register: RegisterDefinition, number: int, twin: ProjectedRow) -> Problem:
    """Return why a row may be a duplicate of another, at its first column."""
    columns = register.source.duplicates[number].columns
    labels = format_list([register.label_of(key) for key in columns])
    sentence = msg(
        "{labels}与已登记的“{name}”（{key}）相同。",
        labels=labels,
        name=register.name_of(twin.values),
        key=twin.key,
    )
    return Problem(
        columns[0],
        sentence,
        msg("同一{unit}的请改那一行；确是两{unit}的，请注明后再保存。", unit=register.unit),
    )


class DuplicateFound(InputRefused):
    """A row that may stand in the register already; ``rows`` are those."""

    def __init__(self, problems: Iterable[Problem], rows: Iterable[ProjectedRow]) -> None:
        super().__init__(problems)
        self.rows = tuple(rows)
