"""Keep answers that must not be changed: what was there stays."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.authorities import Circumstances
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import evaluate
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.fields.dates import read_on
from formsvc.domain.json_types import JSON
from formsvc.domain.options.answers import with_stored_names
from formsvc.errors import Problem
from formsvc.i18n.messages import msg


def brought_fields(
    definition: FormDefinition, given: Mapping[str, JSON], stored: Mapping[str, JSON]
) -> set[str]:
    """Return the fields that documents chosen just now fill."""
    return {
        target
        for entry in definition.fields
        if entry.carry and _number(given.get(entry.key)) not in ("", _number(stored.get(entry.key)))
        for target in entry.carry
    }


def _number(reference: JSON) -> str:
    number = reference.get("number") if isinstance(reference, Mapping) else reference
    return str(number or "").strip()


def with_readonly_answers(
    definition: FormDefinition,
    given: Mapping[str, JSON],
    stored: Mapping[str, JSON],
    circumstances: Circumstances,
) -> tuple[dict[str, JSON], list[Problem]]:
    """Return the answers with the stored ones of read-only fields.

    And a problem for each that was given another value. What a document brings in that was chosen just now is left as
    given.
    """
    answers = with_stored_names(definition, given, stored)
    kept = brought_fields(definition, given, stored)
    problems: list[Problem] = []
    if not any(entry.readonly for entry in definition.fields):
        return answers, problems
    # what is put back may make another field read-only
    while True:
        found = evaluate(
            definition, answers, circumstances, complete=False, strict_keys=False, authority=False
        )
        new = found.readonly - kept
        if not new:
            return answers, problems
        for entry in definition.fields:
            if entry.key in new:
                problem = _change_problem(definition, entry.key, given, stored, circumstances)
                problems += [problem] if problem else []
                answers[entry.key] = stored.get(entry.key)
        kept |= new


def _change_problem(
    definition: FormDefinition,
    key: str,
    given: Mapping[str, JSON],
    stored: Mapping[str, JSON],
    circumstances: Circumstances,
) -> Problem | None:
    entry = definition.field(key)
    if entry is None or key not in given:
        return None
    kind = FIELD_TYPES[entry.kind]
    with read_on(circumstances.today):
        value, faults = kind.parse(entry, given[key], key)
    before = stored.get(key)
    if not faults and value == (kind.empty() if before is None else before):
        return None
    shown = kind.display(entry, before).get("") if before is not None else ""
    sentence = msg("{label}现在不能改，应为“{shown}”。", label=entry.label, shown=shown)
    return Problem(key, sentence, msg("请删去这一项或者照原来的填写。"))
