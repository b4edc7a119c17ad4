"""Personal information (个人信息) in rows of a register, and its masked form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from formsvc.domain.fields import Field
from formsvc.domain.json_types import JSON
from formsvc.domain.masking import mask_in_text, personal_phones
from formsvc.domain.privacy.personal_answers import BY_KIND, hide_texts, masked_value
from formsvc.domain.registers.definition import RegisterDefinition

_FREE_TEXTS = ("text", "long_text")


def masked_row(
    register: RegisterDefinition, values: Mapping[str, JSON], traced: Mapping[str, str] | None = None
) -> dict[str, JSON]:
    """Return a row with its personal texts masked, also within free texts.

    ``traced`` are personal texts of the documents that wrote it, with masks.
    """
    masked = {key: masked_value(column, str(values[key])) for key, column in _personal(register, values)}
    shown = {**values, **masked}
    for column in register.columns:
        rows = values.get(column.key)
        if column.columns and isinstance(rows, list):
            shown[column.key] = [_masked_cells(column, row) for row in rows if isinstance(row, Mapping)]
        elif column.kind in _FREE_TEXTS and isinstance(text := shown.get(column.key), str):
            shown[column.key] = mask_in_text(hide_texts(text, traced or {}))
    return shown


def has_personal_data(
    register: RegisterDefinition, values: Mapping[str, JSON], traced: Mapping[str, str] | None = None
) -> bool:
    return masked_row(register, values, traced) != dict(values)


def _personal(register: RegisterDefinition, values: Mapping[str, JSON]) -> Iterator[tuple[str, Field]]:
    for column in register.columns:
        value = values.get(column.key)
        if isinstance(value, str) and value and _is_personal(column, value):
            condition = register.source.personal_when.get(column.key, {})
            # what is not filled in counts as personal
            known = {key: values.get(key) for key in condition}
            if all(known[key] in (None, "", *words) for key, words in condition.items()):
                yield column.key, column


def _is_personal(column: Field, value: str) -> bool:
    mask = column.personal or BY_KIND.get(column.kind, "")
    if mask in ("", "none") or value in (column.also or ()):
        return False
    # a landline is an office's
    return mask != "phone" or bool(column.personal) or bool(personal_phones(value))


def _masked_cells(column: Field, row: Mapping[str, JSON]) -> dict[str, JSON]:
    cells = dict(row)
    for inner in column.columns or ():
        value = row.get(inner.key)
        if isinstance(value, str) and value and _is_personal(inner, value):
            cells[inner.key] = masked_value(inner, value)
    return cells
