"""Differences between the answers of two windows on one draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.registers.cell_texts import translatable_cell


@dataclass(frozen=True)
class DifferingAnswer:
    """A field with its text in this window and as another one saved it."""

    field: Field
    here: str
    there: str


def differing_answers(
    definition: FormDefinition, here: Mapping[str, JSON], there: Mapping[str, JSON]
) -> list[DifferingAnswer]:
    """Return the fields whose answers differ, in the order of the form."""
    found = []
    for entry in definition.fields:
        mine, other = (_normal(entry, answers.get(entry.key)) for answers in (here, there))
        if not entry.computed and mine != other and not (is_empty(mine) and is_empty(other)):
            texts = (translatable_cell(definition.id, entry, value) for value in (mine, other))
            found.append(DifferingAnswer(entry, *texts))
    return found


def _normal(entry: Field, value: JSON) -> JSON:
    kind = FIELD_TYPES[entry.kind]
    parsed, problems = kind.parse(entry, kind.empty() if value is None else value, entry.key)
    return value if problems else parsed
