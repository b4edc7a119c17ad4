"""The example of a definition, filled in and checked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date

from formsvc.domain.authorities import Circumstances
from formsvc.domain.calendar import OFFICIAL
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.definitions.source import FaultCollector, SourceLocation
from formsvc.domain.evaluation.evaluation import evaluate
from formsvc.domain.expressions.functions import OFFICE_FUNCTIONS
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.errors import Problem
from formsvc.i18n.messages import msg

# today() in a trial of the example: a fixed day, so that a check has the same outcome every day.
_EXAMPLE_DAY = date(2026, 1, 5)
# A filled-in field may make another one appear; a longer chain is left to the author.
_ROUNDS = 3


def trial_circumstances(definition: FormDefinition) -> Circumstances:
    """Return circumstances that are the same in every office, every day."""
    return Circumstances(
        today=_EXAMPLE_DAY,
        calendar=OFFICIAL.with_weekends_for_missing_years(),
        lookups=definition.lookups,
    )


def with_complete_example(
    definition: FormDefinition, shared: Collection[str], circumstances: Circumstances
) -> FormDefinition:
    """Return the definition with required fields of groups in its example.

    An author writes examples of the form's own fields; those of field groups (@ISS) are the same in every form. An
    empty example stays empty.
    """
    answers = dict(definition.example)
    for _ in range(_ROUNDS if answers else 0):
        missing = evaluate(definition, answers, circumstances, authority=False).missing
        entries = [entry for entry in definition.fields if entry.key in missing & set(shared)]
        filled = {entry.key: _example_of(entry) for entry in entries if not entry.computed}
        if not filled:
            break
        answers |= filled
    return definition if answers == definition.example else replace(definition, example=answers)


def _example_of(entry: Field) -> JSON:
    return FIELD_TYPES[entry.kind].example(entry)


def check_example(definition: FormDefinition, top: SourceLocation, faults: FaultCollector) -> None:
    """Report where the example breaks a check independent of the office."""
    if not definition.example:
        sentence = msg("没有填写样例（example），只用生成的内容试过；请补上一份，检查时照它试填、试排。")
        faults.add(top.child("example"), sentence, "notice")
        return
    evaluation = evaluate(definition, definition.example, trial_circumstances(definition), authority=False)
    own = [p for p in evaluation.problems if not _needs_other_acts(definition, p)]
    for problem in dict.fromkeys((*own, *_unreadable_computed_values(definition))):
        faults.add(
            top.child("example", *problem.field.split(".")),
            msg("填写样例不能通过：{message}", message=problem.message),
        )


def _needs_other_acts(definition: FormDefinition, problem: Problem) -> bool:
    """Return whether a computed field is empty for want of other acts."""
    entry = definition.field(problem.field)
    return bool(
        entry and entry.computed and (problem.registered_here or _reads_office(definition, entry.key))
    )


def _reads_office(definition: FormDefinition, key: str) -> bool:
    """Return whether a field is computed from the office's registers."""
    waiting, seen = [key], {key}
    while waiting:
        path = waiting.pop()
        for role in ("computed", "each_of"):
            expression = definition.compiled.expression(path, role)
            if expression is None:
                continue
            if expression.functions & OFFICE_FUNCTIONS:
                return True
            new = expression.names - seen
            seen |= new
            waiting += new
    return False


def _unreadable_computed_values(definition: FormDefinition) -> Iterator[Problem]:
    # The example's values of computed fields are printed in a trial document whose context cannot compute them,
    # so they must be readable although evaluation ignores them.
    for entry in definition.fields:
        if entry.computed and entry.key in definition.example:
            yield from FIELD_TYPES[entry.kind].parse(entry, definition.example[entry.key], entry.key)[1]
