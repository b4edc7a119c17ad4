"""Ruled blanks in a document that is printed first and filled in by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.base import RULE
from formsvc.domain.fields.tables.totals import TOTAL_SUFFIX, totalled_columns
from formsvc.domain.json_types import JSON, is_empty

_EMPTY_ROWS = 3


def with_blanks(
    definition: FormDefinition, context: Mapping[str, JSON], visible: Collection[str]
) -> dict[str, JSON]:
    """Return a document's context with a ruled blank for each empty answer.

    Only fields that are ``visible`` get one; choices stay empty, so that their boxes can be ticked by hand.
    """
    filled = dict(context)
    for entry in definition.fields:
        if entry.key not in visible:
            continue
        if entry.columns:
            if entry.total and not filled[entry.key]:
                filled[entry.key + TOTAL_SUFFIX] = {c.key: RULE for c in totalled_columns(entry)}
            rows = filled[entry.key] or [{"no": str(n)} for n in range(1, _EMPTY_ROWS + 1)]
            filled[entry.key] = [
                {**row, **_blanks_of(entry.columns, row)} if isinstance(row, Mapping) else row for row in rows
            ]
        else:
            filled |= _blanks_of([entry], filled)
    return filled


def _blanks_of(fields: Collection[Field], values: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the blanks for what these fields print empty."""
    blanks: dict[str, JSON] = {}
    for entry in fields:
        if entry.columns:
            if is_empty(values.get(entry.key)):
                blanks[entry.key] = [
                    {"no": str(n), **_blanks_of(entry.columns, {})} for n in range(1, _EMPTY_ROWS + 1)
                ]
            continue
        kind = FIELD_TYPES[entry.kind]
        for suffix in kind.suffixes(entry):
            name = entry.key + suffix
            if is_empty(values.get(name)):
                # options are no boxes to tick: the chosen one is written
                blanks[name] = RULE if entry.option_source else kind.blank_for(suffix)
    return blanks
