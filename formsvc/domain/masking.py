"""个人信息: which answers are personal, and how they read where not everybody may see them.

The one place of the rule. Identity numbers and mobile numbers are personal by their kind; a definition says of any
other field that it is (``personal``), and when (``personal_when``). What cannot be decided counts as personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from formsvc.domain.authorities import Circumstances
from formsvc.domain.calendar import Calendar
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.evaluator import Bench, Ending, Expression
from formsvc.domain.expressions.functions import functions_for
from formsvc.domain.fields import FIELD_TYPES, Field

JSON = Any
HIDDEN = "*"
BY_KIND = {"resident_id": "number", "phone": "phone"}
SHORTEST_TRACED = 6
"""Shorter texts are not looked for in other answers: they would be found where they mean something else."""
_MOBILE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d{9}")
_PLACE = re.compile(
    r"(?:[^省市县区镇乡]{2,6}(?:省|自治区))?"
    r"(?:[^省市县区镇乡]{2,6}(?:市|自治州|地区|盟))?"
    r"(?:[^省市县区镇乡]{1,6}(?:(?<!小)(?<!园)区|县|旗|市))?"
    r"(?:[^省市县区镇乡]{1,8}(?:镇|乡|街道))?"
)


def mask_number(text: str) -> str:
    """An identity number: region and last digits alone."""
    return text[:4] + HIDDEN * max(len(text) - 6, 4) + text[-2:] if len(text) > 8 else HIDDEN * 8


def mask_phone(text: str) -> str:
    """A telephone number: the first three and last two digits."""
    return text[:3] + HIDDEN * max(len(text) - 5, 3) + text[-2:] if len(text) > 6 else HIDDEN * 6


def mask_address(text: str) -> str:
    """An address down to town or street office."""
    place = _PLACE.match(text)
    return (place.group() if place else "") + HIDDEN * 4


_RESIDENT_ID = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
_MOBILE_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")


def mask_in_text(text: str) -> str:
    """A free text, the identity and mobile numbers in it masked."""
    text = _RESIDENT_ID.sub(lambda found: mask_number(found.group()), text)
    return _MOBILE_IN_TEXT.sub(lambda found: mask_phone(found.group()), text)


MASKS = {"number": mask_number, "phone": mask_phone, "address": mask_address}
OF_THE_UNIT = ("法定代表人", "负责收件人")
"""Who signs a receipt for a unit; a document signed for by anybody else may have been served at somebody's home."""


def masked_service(service: Mapping[str, JSON]) -> dict[str, JSON]:
    """A recorded service; its place down to the town unless a unit's own people signed for it there."""
    place = service.get("place") or ""
    if not place or service.get("relation") in OF_THE_UNIT:
        return dict(service)
    return {**service, "place": mask_address(str(place))}


class PersonalAnswers:
    """The personal texts among the answers of one act, each with what is shown in its place."""

    def __init__(self, definition: FormDefinition, answers: Mapping[str, JSON]) -> None:
        self._definition, self._answers = definition, answers
        self._bench: Bench | None = None
        self.shown_instead: dict[str, str] = dict(self._found())

    def __bool__(self) -> bool:
        return bool(self.shown_instead)

    def masked(self) -> dict[str, JSON]:
        """The answers without personal texts, wherever in them they stand."""
        return {key: self.hide(value) for key, value in self._answers.items()}

    def hide(self, value: JSON) -> JSON:
        """A text, or everything in lists and tables, with personal texts replaced."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self.hide(part) for key, part in value.items()}
        return [self.hide(part) for part in value] if isinstance(value, list | tuple) else value

    def _text(self, text: str) -> str:
        if text in self.shown_instead:
            return self.shown_instead[text]
        for plain in sorted(self.shown_instead, key=len, reverse=True):
            if len(plain) >= SHORTEST_TRACED and plain in text:
                text = text.replace(plain, self.shown_instead[plain])
        return text

    def _found(self) -> Iterator[tuple[str, str]]:
        for entry in self._definition.fields:
            value = self._answers.get(entry.key)
            if entry.columns:
                rows = value if isinstance(value, list) else []
                for row in rows:
                    for column in entry.columns:
                        yield from self._one(
                            column, f"{entry.key}.{column.key}", (row or {}).get(column.key), row
                        )
            else:
                yield from self._one(entry, entry.key, value, None)

    def _one(
        self, entry: Field, path: str, value: JSON, row: Mapping[str, JSON] | None
    ) -> Iterator[tuple[str, str]]:
        sort = entry.personal or BY_KIND.get(entry.kind, "")
        if not sort or not isinstance(value, str) or not value or value in (entry.also or ()):
            return
        if sort == "phone" and not entry.personal and not _MOBILE.fullmatch(value):
            return  # the line of an office
        condition = self._definition.compiled.of(path, "personal_when")
        if condition is None or self._holds(condition, row):
            yield value, MASKS[sort](value)

    def _holds(self, condition: Expression, row: Mapping[str, JSON] | None) -> bool:
        if self._bench is None:
            self._bench = self._made_bench()
        if row is not None:
            self._bench.bind("row", dict(row))
        outcome = self._bench.evaluate(condition)
        return outcome.value is not False if outcome.ending is Ending.VALUE else True

    def _made_bench(self) -> Bench:
        around = Circumstances(today=date.min, calendar=Calendar(weekends_only=True))
        values = {}
        for entry in self._definition.fields:
            kind = FIELD_TYPES[entry.kind]
            given = self._answers.get(entry.key)
            try:
                values[entry.key] = kind.to_expression(entry, kind.empty() if given is None else given)
            except (ValueError, TypeError, AttributeError, KeyError, ArithmeticError):
                values[entry.key] = None  # an unfinished draft holds what was typed
        return Bench(values, functions_for(around, self._definition.lookups))
