"""Text of an act's answers, for screen readers, search, small screens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.tables.totals import totalled_columns, totals_in_words
from formsvc.domain.json_types import is_empty
from formsvc.i18n.messages import DefinitionText, format_list, join_messages, msg

Words = str | list[list[tuple[str, str]]]
Section = tuple[str, list[tuple[str, Words]]]


def answers_in_words(definition: FormDefinition, answers: Mapping[str, Any]) -> list[Section]:
    """Return each section's title with label and text of every answer."""
    return [
        (
            section.title,
            [
                entry
                for f in section.fields
                if _is_given(answers, f)
                for entry in _entries(definition, f, answers[f.key])
            ],
        )
        for section in definition.sections
    ]


def _entries(definition: FormDefinition, field: Field, value: Any) -> Iterator[tuple[str, Words]]:
    """Yield label and text of one answer, then the totals of a table."""
    yield field.label, _answer_text(definition, field, value)
    if field.total:
        totals = totals_in_words(field, value, FIELD_TYPES)
        texts = [msg("{label}：{told}", label=c.label, told=totals[c.key]) for c in totalled_columns(field)]
        yield msg("{label}合计", label=field.label), join_messages(*texts, separator="；")


def _is_given(answers: Mapping[str, Any], field: Field) -> bool:
    return not is_empty(answers.get(field.key))


def _answer_text(definition: FormDefinition, field: Field, value: Any) -> Words:
    if not field.columns:
        return answer_text(definition, field, value)
    return [
        [(c.label, answer_text(definition, c, row[c.key])) for c in field.columns if _is_given(row, c)]
        for row in value
    ]


def answer_text(definition: FormDefinition, field: Field, value: Any) -> str:
    if field.columns:
        return format_list(_row_in_words(definition, field, n, row) for n, row in enumerate(value, 1))
    text = FIELD_TYPES[field.kind].words(field, value)
    if isinstance(text, bool):
        return str(_("是") if text else _("否"))
    if isinstance(text, list):
        return format_list(_translated(definition, field, str(part)) for part in text)
    name = _translated(definition, field, text)
    return msg("{told}{unit}", told=name, unit=field.unit) if text and field.unit else name


def _row_in_words(definition: FormDefinition, field: Field, number: int, row: Any) -> str:
    cells = [answer_text(definition, c, row[c.key]) for c in field.columns or () if _is_given(row, c)]
    return msg("{n}. {told}", n=number, told=join_messages(*cells, separator="，"))


def _translated(definition: FormDefinition, field: Field, text: Any) -> str:
    """Return an option's name in the reader's language, other text as is."""
    if field.kind in ("choice", "choices") or field.choices or field.lookup:
        return DefinitionText(definition.id, str(text))
    return text if isinstance(text, str) else str(text)
