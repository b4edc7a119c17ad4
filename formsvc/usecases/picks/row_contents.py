"""Contents that a row of a register fills into a form."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.fields.field import Pick
from formsvc.domain.json_types import JSON, is_empty
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.picks.twins import find_twin, picked_fields


def values_to_fill(definition: FormDefinition, pick: Pick, values: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return what a row fills in by field: normal forms, also empty ones.

    A cell that the form does not accept is left out: what was typed there stays.
    """
    filled: dict[str, JSON] = {}
    taken = {target: values.get(column) for target, column in pick.fields.items()}
    for target, value in {**taken, **_contents(pick, values)}.items():
        into = definition.field(target)
        if into is None:
            continue
        kind = FIELD_TYPES[into.kind]
        parsed, problems = kind.parse(into, kind.empty() if value is None else value, target)
        if not problems and not kind.check(into, parsed, target):
            filled[target] = parsed
    return filled


def _contents(pick: Pick, values: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return what follows from a row for fields that name things otherwise."""
    found: dict[str, JSON] = {}
    for target, contents in pick.contents.items():
        for content in contents:
            if all(values.get(column) in wanted for column, wanted in content.when.items()):
                found[target] = content.value
                break
    return found


def known_of_parties(
    ports: Ports, actor: Actor, definition: FormDefinition, answers: Mapping[str, JSON]
) -> dict[str, JSON]:
    """Return what registers know of the parties that a document brought.

    Registers are as the person sees them. Only for fields that are open, and no personal data: who wants them picks the row, which is logged.
    """
    registers = ports.definitions.registers_in_use()
    filled: dict[str, JSON] = {}
    with ports.store.read() as tx:
        for entry, register in picked_fields(registers, definition.fields):
            pick = entry.pick
            twin = find_twin(tx, actor, register, pick, answers) if pick and answers.get(entry.key) else None
            if pick is None or twin is None:
                continue
            personal = {column.key for column in register.columns if column.personal}
            for target, value in values_to_fill(definition, pick, twin[1].values).items():
                is_open = is_empty(answers.get(target)) and pick.fields.get(target) not in personal
                if is_open and not is_empty(value):
                    filled[target] = value
    return filled
