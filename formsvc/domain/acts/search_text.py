"""Text under which an act is found: number, title, party, what it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import Field
from formsvc.domain.fields.tables.inner import inner_cells
from formsvc.domain.json_types import JSON, Values
from formsvc.domain.privacy.personal_answers import PersonalAnswers
from formsvc.domain.search_text import build_search_text, fold_text

_TEXT_KINDS = frozenset(
    {"text", "long_text", "person", "phone", "credit_code", "document_number", "reference", "region"}
)
_LONGEST_ANSWER = 200  # characters; what follows is not searched
_LONGEST_ANSWERS = 1_500  # characters of all answers
# 姓名 in fields that are not of kind ``person``, such as 法定代表人
_LONGEST_NAME = 4


def heading_search_text(number: str, title: str, names: Iterable[str]) -> str:
    """Return the search text of an act without its answers."""
    names = [name for name in names if name]
    # names as they are written, too: conditions on the party of an act compare those
    return "|".join([build_search_text([number, title], names), *(name.lower() for name in names)])


def act_search_text(
    definition: FormDefinition, values: Values, number: str, title: str, names: Iterable[str]
) -> str:
    """Return the search text of an act; ``names`` are the party and others.

    Personal answers, which pages mask, are left out: parts of them would be found by trying.
    """
    heading = heading_search_text(number, title, names)
    answers = list(dict.fromkeys(_answers(definition, values)))
    folded = [piece for answer in answers if (piece := fold_text(answer)) and piece not in heading]
    persons = [answer for answer in answers if len(answer) <= _LONGEST_NAME or "·" in answer]
    return (
        f"{heading}|{'|'.join(folded)}"[: len(heading) + _LONGEST_ANSWERS]
        + "|"
        + build_search_text([], persons[:20])
    )


def _answers(definition: FormDefinition, values: Values) -> Iterator[str]:
    personal = PersonalAnswers(definition, values)
    for entry, value in _cells(definition, values):
        text = _text_of(entry, value)
        if text and text not in personal.replacements:
            yield str(personal.hide(text))[:_LONGEST_ANSWER]


def _cells(definition: FormDefinition, values: Values) -> Iterator[tuple[Field, JSON]]:
    for entry in definition.fields:
        value = values.get(entry.key)
        if entry.computed is not None:
            continue
        if entry.columns is None:
            yield entry, value
            continue
        for row in value if isinstance(value, list) else ():
            if isinstance(row, Mapping):
                yield from ((column, row.get(column.key)) for column in entry.columns if not column.computed)
                yield from ((column, cell) for _path, column, cell in inner_cells(entry, entry.key, row))


def _text_of(entry: Field, value: JSON) -> str:
    if entry.kind not in _TEXT_KINDS:
        return ""
    if isinstance(value, Mapping):
        return str(value.get("number") or value.get("title") or "")
    if not isinstance(value, str):
        return ""
    return next((option.name for option in entry.options if option.code == value), value)
