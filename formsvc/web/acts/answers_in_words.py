"""The answers of an act in words, section by section: for reading aloud, searching in the page, and a telephone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import is_empty
from formsvc.i18n.messages import DefinitionText, format_list, msg

Words = str | list[list[tuple[str, str]]]
Section = tuple[str, list[tuple[str, Words]]]


def in_words(definition: FormDefinition, answers: Mapping[str, Any]) -> list[Section]:
    """Each section's title with the label and text of every answer given."""
    return [
        (
            section.title,
            [
                (f.label, _words(definition, f, answers[f.key]))
                for f in section.fields
                if _is_given(answers, f)
            ],
        )
        for section in definition.sections
    ]


def _is_given(answers: Mapping[str, Any], field: Field) -> bool:
    return not is_empty(answers.get(field.key))


def _words(definition: FormDefinition, field: Field, value: Any) -> Words:
    if not field.columns:
        return _text(definition, field, value)
    return [
        [(c.label, _text(definition, c, row[c.key])) for c in field.columns if _is_given(row, c)]
        for row in value
    ]


def _text(definition: FormDefinition, field: Field, value: Any) -> str:
    shown = FIELD_TYPES[field.kind].display(field, value)
    text = shown.get("_name") or shown[""]
    if isinstance(text, bool):
        return str(_("是") if text else _("否"))
    if isinstance(text, list):
        return format_list(_read(definition, field, str(part)) for part in text)
    told = _read(definition, field, text)
    return msg("{told}{unit}", told=told, unit=field.unit) if text and field.unit else told


def _read(definition: FormDefinition, field: Field, text: Any) -> str:
    """The name of a choice in the reader's language; anything else is what was filled in."""
    if field.kind in ("choice", "choices") or field.choices or field.lookup:
        return DefinitionText(definition.id, str(text))
    return text if isinstance(text, str) else str(text)
