"""Erasure of personal data after the retention period (保存期限).

Dates, counts, choices, laws and references stay; texts, names, identity numbers, addresses, telephones and attachments
go. What cannot be decided counts as personal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.domain.privacy.personal_answers import PersonalAnswers

ERASED = "（已删除）"
# Field kinds that identify no person by themselves.
_IMPERSONAL_KINDS = frozenset(
    [
        "integer",
        "decimal",
        "yes_no",
        "choice",
        "choices",
        "date",
        "datetime",
        "region",
        "authority",
        "credit_code",
        "reference",
    ]
)
_COMPANIES = ("法人", "非法人组织", "个体工商户")


def years_before(day: date, years: int) -> date:
    """Return a day before which no retention period of so many years is over."""
    return day - timedelta(days=365 * years)


def years_after(day: date, years: int) -> date:
    """Return the day on which a retention period of so many years is over."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, month=3, day=1)


def retained_answers(definition: FormDefinition, answers: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the answers that identify no person."""
    return retained_values(definition.fields, answers)


def retained_values(fields: Iterable[Field], values: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the values of these fields that identify no person."""
    return {entry.key: _retained_value(entry, values[entry.key]) for entry in fields if entry.key in values}


def _retained_value(entry: Field, value: JSON) -> JSON:
    if entry.columns and isinstance(value, list):
        return [
            {
                column.key: _retained_value(column, row[column.key])
                for column in entry.columns
                if column.key in row
            }
            for row in value
            if isinstance(row, Mapping)
        ]
    if entry.kind in _IMPERSONAL_KINDS and not entry.personal:
        return FIELD_TYPES[entry.kind].retained(entry, value)
    if isinstance(value, list):
        return []
    return ERASED if isinstance(value, str) and value else None


def personal_texts(
    definition: FormDefinition, answers: Mapping[str, JSON], party: str, service: Mapping[str, JSON]
) -> set[str]:
    """Return the texts that must not be left anywhere in the store.

    The party's name is one of them unless it is an organisation.
    """
    texts = set(PersonalAnswers(definition, answers).replacements)
    texts |= {str(service.get(key) or "") for key in ("receiver", "place", "note")}
    if party and definition.roles.value(answers, "party_type") not in _COMPANIES:
        texts.add(party)
    return {text for text in texts if text}


def retained_service(service: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return a service record without its receiver, place and note."""
    return {
        key: (ERASED if value else value) if key in ("receiver", "relation", "place", "note") else value
        for key, value in service.items()
    }
