"""Personal answers of an act (个人信息), and their masked form.

The only place of this rule. Identity numbers and mobile numbers are personal by their field kind; a definition marks
any other field (``personal``) and may add a condition (``personal_when``). What cannot be decided counts as personal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from formsvc.domain.authorities import no_circumstances
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.evaluator import Expression, ExpressionEvaluator, OutcomeKind
from formsvc.domain.expressions.functions import functions_for
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.domain.masking import MASKS, PHONE_JOINT, mask_phones, personal_phones

BY_KIND = {"resident_id": "number", "certificate_number": "number", "phone": "phone"}
# Shorter texts are not searched for in other answers: there they would mean something else.
SHORTEST_TRACED = 6


def masked_value(entry: Field, value: str) -> str:
    """Return a personal text of a field masked."""
    mask = entry.personal or BY_KIND[entry.kind]
    if mask == "phone" and not entry.personal:
        return mask_phones(value, mobiles_only=True)
    return MASKS[mask](value)


def hide_texts(text: str, replacements: Mapping[str, str]) -> str:
    """Return a text with each of these personal texts masked."""
    if text in replacements:
        return replacements[text]
    # Longest first: a short text may be part of a longer one.
    for plain in sorted(replacements, key=len, reverse=True):
        if len(plain) >= SHORTEST_TRACED and plain in text:
            text = text.replace(plain, replacements[plain])
    return text


class PersonalAnswers:
    """Personal texts of one act; ``replacements`` maps each to its mask."""

    def __init__(self, definition: FormDefinition, answers: Mapping[str, JSON]) -> None:
        self._definition, self._answers = definition, answers
        self._expressions: ExpressionEvaluator | None = None
        self.replacements: dict[str, str] = dict(self._personal_texts())

    def __bool__(self) -> bool:
        return bool(self.replacements)

    def masked(self) -> dict[str, JSON]:
        """Return the answers with personal texts masked wherever they occur."""
        return {key: self.hide(value) for key, value in self._answers.items()}

    def left_out(self) -> dict[str, JSON]:
        """Return the answers without personal texts; longer ones masked.

        For a new draft: a masked number in a field would be taken for a number.
        """
        return {key: self._leave_out(value) for key, value in self._answers.items()}

    def _leave_out(self, value: JSON) -> JSON:
        if isinstance(value, str):
            return "" if value in self.replacements else self._hide_in_text(value)
        if isinstance(value, Mapping):
            return {key: self._leave_out(part) for key, part in value.items()}
        return [self._leave_out(part) for part in value] if isinstance(value, list | tuple) else value

    def occur_in(self, values: Mapping[str, JSON]) -> bool:
        """Return whether any personal text stands in these values."""
        return any(self.hide(value) != value for value in values.values())

    def hide(self, value: JSON) -> JSON:
        """Return a text, list or table with personal texts masked."""
        if isinstance(value, str):
            return self._hide_in_text(value)
        if isinstance(value, Mapping):
            return {key: self.hide(part) for key, part in value.items()}
        return [self.hide(part) for part in value] if isinstance(value, list | tuple) else value

    def _hide_in_text(self, text: str) -> str:
        return hide_texts(text, self.replacements)

    def _personal_texts(self) -> Iterator[tuple[str, str]]:
        for entry in self._definition.fields:
            value = self._answers.get(entry.key)
            if entry.columns:
                rows = value if isinstance(value, list) else []
                for row in rows:
                    for column in entry.columns:
                        yield from self._personal_text(
                            column, f"{entry.key}.{column.key}", (row or {}).get(column.key), row
                        )
            else:
                yield from self._personal_text(entry, entry.key, value, None)

    def _personal_text(
        self, entry: Field, path: str, value: JSON, row: Mapping[str, JSON] | None
    ) -> Iterator[tuple[str, str]]:
        mask = entry.personal or BY_KIND.get(entry.kind, "")
        if mask in ("", "none") or not isinstance(value, str) or not value or value in (entry.also or ()):
            return
        if mask == "phone" and not entry.personal and not personal_phones(value):
            return  # a landline is an office's
        condition = self._definition.compiled.expression(path, "personal_when")
        if condition is None or self._applies(condition, row):
            yield value, masked_value(entry, value)
            # each may stand alone elsewhere
            numbers = personal_phones(value) if mask == "phone" and PHONE_JOINT in value else ()
            yield from ((number, masked_value(entry, number)) for number in numbers)

    def _applies(self, condition: Expression, row: Mapping[str, JSON] | None) -> bool:
        if self._expressions is None:
            self._expressions = self._make_evaluator()
        if row is not None:
            self._expressions.bind("row", dict(row))
        outcome = self._expressions.evaluate(condition)
        # What cannot be decided counts as personal.
        return outcome.value is not False if outcome.kind is OutcomeKind.VALUE else True

    def _make_evaluator(self) -> ExpressionEvaluator:
        values = {}
        for entry in self._definition.fields:
            kind = FIELD_TYPES[entry.kind]
            answer = self._answers.get(entry.key)
            try:
                values[entry.key] = kind.to_expression(entry, kind.empty() if answer is None else answer)
            except (ValueError, TypeError, AttributeError, KeyError, ArithmeticError):
                values[entry.key] = None  # an unfinished draft holds what was typed
        return ExpressionEvaluator(values, functions_for(no_circumstances(), self._definition.lookups))
