"""Loading of form definitions from JSON, with all their faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

from formsvc.domain.definitions.checks.fields import check_carries, check_fields
from formsvc.domain.definitions.checks.header import check_names
from formsvc.domain.definitions.compilation import CompiledDefinition, compile_definition, undefined_lookups
from formsvc.domain.definitions.document_rules import check_help
from formsvc.domain.definitions.expression_checks import check_expressions
from formsvc.domain.definitions.form_definition import (
    WORD_LISTS,
    FormDefinition,
    Section,
    options_of,
    with_columns,
)
from formsvc.domain.definitions.parsed_definition import ParsedDefinition, parse_definition
from formsvc.domain.definitions.places import SourceTexts, with_places
from formsvc.domain.definitions.schema import format_schema
from formsvc.domain.definitions.source import FaultCollector, SourceLocation, parse_json
from formsvc.domain.definitions.vocabulary import is_option_list, vocabulary_of
from formsvc.domain.evaluation.example import check_example, trial_circumstances, with_complete_example
from formsvc.domain.evaluation.life_trials import try_life
from formsvc.domain.evaluation.trials import try_expressions
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.fields.checklist_faults import checklist_faults
from formsvc.domain.json_types import JSON
from formsvc.domain.life.compilation import compile_life
from formsvc.domain.life.register_checks import KnownRegisters, check_registers
from formsvc.domain.registers.pick_checks import check_options, check_picks
from formsvc.domain.spelling import did_you_mean
from formsvc.errors import DefinitionFaulty, Fault
from formsvc.i18n.messages import msg

__all__ = ["FormDefinition", "Section", "format_schema", "load_definition", "read_definition"]


def load_definition(
    definition_json: JSON,
    groups: Mapping[str, JSON],
    lookups: Mapping[str, JSON],
    file: str = "definition.json",
    texts: SourceTexts | None = None,
    registers: KnownRegisters | None = None,
) -> FormDefinition:
    """Return the definition of a JSON text or object.

    ``groups`` and ``lookups`` map names (ISS, violations) to the content of their files. ``texts`` gives the text of a
    file, for the lines of faults. Without ``registers`` what effects write is not compared with them. Raise
    DefinitionFaulty with every fault, its JSON pointer and its place.
    """
    definition, faults = read_definition(definition_json, groups, lookups, file, texts, registers)
    if definition is None or any(fault.level == "error" for fault in faults):
        raise DefinitionFaulty(faults)
    return definition


def read_definition(
    definition_json: JSON,
    groups: Mapping[str, JSON],
    lookups: Mapping[str, JSON],
    file: str,
    texts: SourceTexts | None = None,
    registers: KnownRegisters | None = None,
) -> tuple[FormDefinition | None, tuple[Fault, ...]]:
    """Return a definition with its faults, None if a part cannot be read.

    One with errors serves to check a template against its fields, not to be used.
    """
    top, faults = SourceLocation(file), FaultCollector()
    source = parse_json(definition_json, top, faults)
    contents = {file: source, **{f"groups/{name}.json": group for name, group in groups.items()}}
    if texts is None and isinstance(definition_json, str):
        texts = {file: definition_json}.get
    definition = _load(source, groups, lookups, top, faults, registers)
    located = tuple(with_places(faults.faults, contents, texts))
    return (None if definition is None else replace(definition, notices=located)), located


def _load(
    source: Mapping[str, JSON],
    groups: Mapping[str, JSON],
    lookups: Mapping[str, JSON],
    top: SourceLocation,
    faults: FaultCollector,
    registers: KnownRegisters | None,
) -> FormDefinition | None:
    """Return the definition, None after adding its faults."""
    if not source:
        if not faults.faults:
            faults.add(top, msg("定义是空的，至少要写明 id、title、template 和 sections。"))
        return None
    known_lookups = {
        name: parse_json(content, SourceLocation(f"lookups/{name}.json"), faults)
        for name, content in lookups.items()
    }
    parsed = parse_definition(source, groups, top, faults)
    _check_parts(parsed, known_lookups, registers, faults)
    _check_word_lists(parsed, known_lookups, faults)
    # with such a fault the fields are not what their author meant
    is_readable = parsed.header is not None and not faults.lost_parts and not faults.has_blocking_errors
    compiled = _check_expressions(parsed, known_lookups, faults)
    if registers is not None:
        _check_registers(parsed, compiled, registers, faults)
    example = source.get("example", {})
    if not isinstance(example, Mapping):
        faults.add(top.child("example"), msg("“example”应是“字段名 → 内容”。"))
        example = {}
    if parsed.header is None or not is_readable:
        return None
    definition = FormDefinition.build(
        parsed.header, parsed.sections, parsed.rules, example, known_lookups, compiled
    )
    if faults.has_blocking_errors:
        return definition
    circumstances = trial_circumstances(definition)
    tried = (try_expressions(definition, circumstances), try_life(definition, circumstances, registers or {}))
    for error in chain(*tried):
        faults.add(parsed.location_of(error), error.message)
    if faults.has_blocking_errors:
        return definition
    shared = {entry.key for entry, place in parsed.located_fields if place.file != top.file}
    definition = with_complete_example(definition, shared, trial_circumstances(definition))
    check_example(definition, top, faults)
    return definition


def _check_parts(
    parsed: ParsedDefinition,
    lookups: Mapping[str, JSON],
    registers: KnownRegisters | None,
    faults: FaultCollector,
) -> None:
    """Report faults of fields and names."""
    for error in check_picks(parsed.fields, registers):
        faults.add(parsed.location_of(error), error.message)
    check_fields(parsed.located_fields, lookups, faults)
    check_carries(parsed.located_fields, faults)
    fields = {entry.key: entry for entry in parsed.fields}
    entries = {name: entries_of(lookups, name) for name in lookups}
    for entry, location in parsed.located_fields:
        for path, sentence in checklist_faults(entry, fields, entries):
            faults.add(location.child("checklist", *path), sentence)
    if parsed.header:
        check_help(parsed.header, parsed.located_fields, parsed.top, faults)
        check_names(parsed.header, parsed.located_rules, parsed.fields, parsed.top, faults)


def _check_registers(
    parsed: ParsedDefinition,
    compiled: CompiledDefinition,
    registers: KnownRegisters,
    faults: FaultCollector,
) -> None:
    """Report registers and columns that options and effects misname."""
    errors = [*check_options(parsed.fields, compiled, registers)]
    if parsed.header and parsed.header.life:
        errors += check_registers(parsed.header.life, compiled.life, registers, parsed.fields)
    for error in errors:
        faults.add(parsed.location_of(error), error.message)


def _check_word_lists(parsed: ParsedDefinition, lookups: Mapping[str, JSON], faults: FaultCollector) -> None:
    """Report word lists that lookup ``wordlists`` does not have."""
    known = {str(entry.get("code")) for entry in entries_of(lookups, WORD_LISTS)}
    for index, listed in enumerate(parsed.header.word_lists if parsed.header else ()):
        if listed.name not in known:
            near = did_you_mean(listed.name, known)
            sentence = msg("代码表 wordlists 里没有词表“{name}”{near}。", name=listed.name, near=near)
            faults.add(parsed.top.child("word_lists", index, "name"), sentence)


def _check_expressions(
    parsed: ParsedDefinition, lookups: Mapping[str, JSON], faults: FaultCollector
) -> CompiledDefinition:
    """Report faults of expressions; return what compiles."""
    for entry in with_columns(parsed.fields):
        if entry.lookup and entry.lookup in lookups and is_option_list(lookups, entry.lookup):
            entry.set_options(options_of(lookups, entry.lookup))
    vocabulary = vocabulary_of(lookups)
    compiled, errors = compile_definition(parsed.fields, parsed.rules, vocabulary)
    if not errors:
        errors = list(check_expressions(parsed.fields, parsed.rules, compiled))
    if parsed.header:
        compiled_life, life_errors = compile_life(
            parsed.header.life, parsed.fields, vocabulary, parsed.header.modes
        )
        compiled, errors = replace(compiled, life=compiled_life), [*errors, *life_errors]
    for error in (*errors, *undefined_lookups(compiled, lookups)):
        faults.add(parsed.location_of(error), error.message)
    return compiled
