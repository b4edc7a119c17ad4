"""Loading of form definitions from JSON, with all their faults."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from formsvc.domain.authorities import Circumstances
from formsvc.domain.calendar import OFFICIAL
from formsvc.domain.definitions.checks import check_carries, check_fields, check_names
from formsvc.domain.definitions.compilation import CompiledDefinition, compile_definition, undefined_lookups
from formsvc.domain.definitions.form_definition import FormDefinition, Section, options_of, with_columns
from formsvc.domain.definitions.parsed_definition import ParsedDefinition, parse_definition
from formsvc.domain.definitions.schema import format_schema
from formsvc.domain.definitions.source import FaultCollector, SourceLocation, parse_json
from formsvc.domain.definitions.vocabulary import is_option_list, vocabulary_of
from formsvc.domain.evaluation.evaluation import evaluate
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.json_types import JSON
from formsvc.errors import DefinitionFaulty, Problem
from formsvc.i18n.messages import msg

__all__ = ["FormDefinition", "Section", "format_schema", "load_definition"]

# today() in a trial of the example: a fixed day, so that a check has the same outcome every day.
_EXAMPLE_DAY = date(2026, 1, 5)


def load_definition(
    definition_json: JSON,
    groups: Mapping[str, JSON],
    lookups: Mapping[str, JSON],
    file: str = "definition.json",
) -> FormDefinition:
    """Return the definition of a JSON text or object.

    ``groups`` and ``lookups`` map names (ISS, violations) to the content of their files.
    Raise DefinitionFaulty with every fault and its JSON pointer.
    """
    top, faults = SourceLocation(file), FaultCollector()
    source = parse_json(definition_json, top, faults)
    if not source:
        if not faults.faults:
            faults.add(top, msg("定义是空的，至少要写明 id、title、template 和 sections。"))
        raise DefinitionFaulty(faults.faults)
    known_lookups = {
        name: parse_json(content, SourceLocation(f"lookups/{name}.json"), faults)
        for name, content in lookups.items()
    }
    parsed = parse_definition(source, groups, top, faults)
    compiled = _check(parsed, known_lookups, faults)
    example = source.get("example", {})
    if not isinstance(example, Mapping):
        faults.add(top.child("example"), msg("“example”应是“字段名 → 内容”。"))
    if faults.faults or parsed.header is None:
        raise DefinitionFaulty(faults.faults)
    definition = FormDefinition.build(
        parsed.header, parsed.sections, parsed.rules, example, known_lookups, compiled
    )
    _check_example(definition, top, faults)
    if faults.faults:
        raise DefinitionFaulty(faults.faults)
    return definition


def _check(
    parsed: ParsedDefinition, lookups: Mapping[str, JSON], faults: FaultCollector
) -> CompiledDefinition:
    """Report faults of fields, names and expressions; return what compiles."""
    check_fields(parsed.located_fields, lookups, faults)
    check_carries(parsed.located_fields, faults)
    if parsed.header:
        check_names(parsed.header, parsed.located_rules, parsed.fields, parsed.top, faults)
    for entry in with_columns(parsed.fields):
        if entry.lookup and entry.lookup in lookups and is_option_list(lookups, entry.lookup):
            entry.set_options(options_of(lookups, entry.lookup))
    compiled, errors = compile_definition(parsed.fields, parsed.rules, vocabulary_of(lookups))
    for error in (*errors, *undefined_lookups(compiled, lookups)):
        faults.add(parsed.location_of(error), error.message)
    return compiled


def _check_example(definition: FormDefinition, top: SourceLocation, faults: FaultCollector) -> None:
    """Report where the example breaks a check independent of the office."""
    if not definition.example:
        return
    circumstances = Circumstances(
        today=_EXAMPLE_DAY,
        calendar=OFFICIAL.with_weekends_for_missing_years(),
        lookups=definition.lookups,
    )
    evaluation = evaluate(definition, definition.example, circumstances, authority=False)
    own = [p for p in evaluation.problems if not _needs_other_acts(definition, p, evaluation.missing)]
    for problem in dict.fromkeys((*own, *_unreadable_computed_values(definition))):
        faults.add(
            top.child("example", *problem.field.split(".")),
            msg("填写样例不能通过：{message}", message=problem.message),
        )


def _needs_other_acts(definition: FormDefinition, problem: Problem, missing: Collection[str]) -> bool:
    entry = definition.field(problem.field)
    return bool(entry and entry.computed and (problem.registered_here or problem.field in missing))


def _unreadable_computed_values(definition: FormDefinition) -> Iterator[Problem]:
    # The example's values of computed fields are printed in a trial document whose context cannot compute them,
    # so they must be readable although evaluation ignores them.
    for entry in definition.fields:
        if entry.computed and entry.key in definition.example:
            yield from FIELD_TYPES[entry.kind].parse(entry, definition.example[entry.key], entry.key)[1]
