"""Personal data in rows of registers, and what pages show instead."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.fields import Field
from formsvc.domain.json_types import JSON
from formsvc.domain.privacy.personal_answers import BY_KIND, masked_value
from formsvc.domain.registers.definition import RegisterDefinition


def is_personal(register: RegisterDefinition, column: Field, values: Mapping[str, JSON]) -> bool:
    """Return whether a cell is personal data, by its column and its row."""
    mask = column.personal or BY_KIND.get(column.kind, "")
    value = values.get(column.key)
    if mask in ("", "none") or not isinstance(value, str) or not value or value in (column.also or ()):
        return False
    conditions = register.source.personal_when.get(column.key, {})
    return all(values.get(key) in wanted for key, wanted in conditions.items())


def masked_cell(register: RegisterDefinition, column: Field, values: Mapping[str, JSON]) -> JSON:
    """Return a cell as pages show it."""
    value = values.get(column.key)
    return masked_value(column, str(value)) if is_personal(register, column, values) else value
