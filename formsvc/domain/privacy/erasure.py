"""保存期限: what of an act may stay when its time is over, and what goes because it could tell a person.

What remains cannot tell a person: dates, counts, choices, laws and references. Texts, names, identity numbers,
addresses, telephones and attachments go; what cannot be decided counts as personal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import Field
from formsvc.domain.json_types import JSON
from formsvc.domain.privacy.personal_answers import PersonalAnswers

ERASED = "（已删除）"
_TELLS_NOBODY = frozenset(
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
    """A day before which nothing is over yet that is kept so many years."""
    return day - timedelta(days=365 * years)


def years_after(day: date, years: int) -> date:
    """The day on which what is kept so many years is over."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, month=3, day=1)


def retained_answers(definition: FormDefinition, answers: Mapping[str, JSON]) -> dict[str, JSON]:
    """The answers that cannot tell a person; what cannot be decided counts as personal and goes."""
    return {
        entry.key: _kept_value(entry, answers[entry.key])
        for entry in definition.fields
        if entry.key in answers
    }


def _kept_value(entry: Field, value: JSON) -> JSON:
    if entry.columns and isinstance(value, list):
        return [
            {
                column.key: _kept_value(column, row[column.key])
                for column in entry.columns
                if column.key in row
            }
            for row in value
            if isinstance(row, Mapping)
        ]
    if entry.kind in _TELLS_NOBODY and not entry.personal:
        return value
    if isinstance(value, list):
        return []
    return ERASED if isinstance(value, str) and value else None


def personal_texts(
    definition: FormDefinition, answers: Mapping[str, JSON], party: str, service: Mapping[str, JSON]
) -> set[str]:
    """What must not be left anywhere: personal answers, who received it, and the party unless it is an organisation."""
    texts = set(PersonalAnswers(definition, answers).replacements)
    texts |= {str(service.get(key) or "") for key in ("receiver", "place", "note")}
    if party and answers.get("party_type") not in _COMPANIES:
        texts.add(party)
    return {text for text in texts if text}


def retained_service(service: Mapping[str, JSON]) -> dict[str, JSON]:
    """A recorded service without who received it, where, and what was noted of it."""
    return {
        key: (ERASED if value else value) if key in ("receiver", "relation", "place", "note") else value
        for key, value in service.items()
    }
