"""Header, fields and rules of a definition with their locations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from formsvc.domain.definitions.compilation import LIFE, CompileError
from formsvc.domain.definitions.form_definition import Section
from formsvc.domain.definitions.schema import DefinitionHeader, Rule, WordList
from formsvc.domain.definitions.source import (
    ExpandedSource,
    FaultCollector,
    SourceLocation,
    expand_groups,
)
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

_NOT_IN_HEADER = frozenset({"sections", "rules", "example"})


@dataclass(frozen=True)
class ParsedDefinition:
    """The parts of a definition that have the right shape."""

    top: SourceLocation
    header: DefinitionHeader | None
    sections: list[Section]
    located_fields: list[tuple[Field, SourceLocation]]
    located_rules: list[tuple[Rule, SourceLocation]]

    @property
    def fields(self) -> list[Field]:
        return [entry for entry, _ in self.located_fields]

    @property
    def rules(self) -> list[Rule]:
        return [rule for rule, _ in self.located_rules]

    def location_of(self, error: CompileError) -> SourceLocation:
        """Return the place of the expression that the error is about."""
        if error.owner == LIFE:
            # the name of a column may hold a dot: effects.issued.0.set.matters.name
            most = 4 if error.property_name.startswith("effects.") else -1
            return self.top.child("life", *(step for step in error.property_name.split(".", most) if step))
        for rule, location in self.located_rules:
            if rule.id == error.owner and error.property_name in ("check", "message"):
                return location.child(error.property_name)
        key, _, column = error.owner.partition(".")
        for entry, location in self.located_fields:
            if entry.key == key:
                columns = [c.key for c in entry.columns or ()]
                if column in columns:
                    location = location.child("columns", columns.index(column))
                return location.child(*error.property_name.split("."))
        return self.top


def parse_definition(
    source: Mapping[str, JSON], groups: Mapping[str, JSON], top: SourceLocation, faults: FaultCollector
) -> ParsedDefinition:
    """Parse a definition; parts of a wrong shape are reported and left out."""
    header_source = {key: value for key, value in source.items() if key not in _NOT_IN_HEADER}
    most = process_limits().definition_fields
    if _count_fields(source) > most:
        sentence = msg(
            "表单有 {count} 个字段，最多 {limit} 个。请分成几种文书，或者调高 FORMSVC_DEFINITION_FIELDS。",
            count=_count_fields(source),
            limit=most,
        )
        faults.add(top.child("sections"), sentence)
        return ParsedDefinition(top, None, [], [], [])
    header = faults.parse_model(DefinitionHeader, header_source, top)
    expanded = expand_groups(source, groups, top, faults)
    sections, located_fields = _parse_sections(expanded, faults)
    rules = _parse_rules(source.get("rules", []), expanded, top, faults)
    header = header and _with_word_lists_of_groups(header, expanded, faults)
    return ParsedDefinition(top, header, sections, located_fields, rules)


def _with_word_lists_of_groups(
    header: DefinitionHeader, expanded: ExpandedSource, faults: FaultCollector
) -> DefinitionHeader:
    """Return the header with the word lists that its field groups bring along."""
    of_groups = [faults.parse_model(WordList, item.value, item.location) for item in expanded.word_lists]
    word_lists = [*filter(None, of_groups), *header.word_lists]
    return header.model_copy(update={"word_lists": word_lists})


def _count_fields(source: Mapping[str, JSON]) -> int:
    """Return how many fields and columns a definition lists, groups aside."""
    sections = source.get("sections")
    fields = [
        entry
        for section in (sections if isinstance(sections, list) else [])
        if isinstance(section, Mapping) and isinstance(section.get("fields"), list)
        for entry in section["fields"]
    ]
    columns = [entry.get("columns") for entry in fields if isinstance(entry, Mapping)]
    return len(fields) + sum(len(listed) for listed in columns if isinstance(listed, list))


def _parse_rules(
    own: JSON, expanded: ExpandedSource, top: SourceLocation, faults: FaultCollector
) -> list[tuple[Rule, SourceLocation]]:
    """Return the rules of the groups, then the definition's own."""
    if not isinstance(own, list):
        faults.add(top.child("rules"), msg("“rules”应是数组。"))
        own = []
    located = [(item.value, item.location) for item in expanded.rules]
    located += [(value, top.child("rules", index)) for index, value in enumerate(own)]
    parsed = [(faults.parse_model(Rule, value, location), location) for value, location in located]
    return [(rule, location) for rule, location in parsed if rule]


def _parse_sections(
    expanded: ExpandedSource, faults: FaultCollector
) -> tuple[list[Section], list[tuple[Field, SourceLocation]]]:
    sections: list[Section] = []
    all_fields: list[tuple[Field, SourceLocation]] = []
    for heading, location, items in expanded.sections:
        for key in set(heading) - {"title", "hint"}:
            faults.add(location.child(key), msg("不认识的键“{key}”。", key=key))
        parsed = [(faults.parse_model(Field, item.value, item.location), item.location) for item in items]
        located = [
            (_with_printed(entry, is_own=place.file == location.file), place)
            for entry, place in parsed
            if entry
        ]
        all_fields += located
        fields = tuple(entry for entry, _ in located)
        sections.append(Section(str(heading.get("title", "")), str(heading.get("hint", "")), fields))
    return sections, all_fields


def _with_printed(entry: Field, *, is_own: bool) -> Field:
    """Return the field with the default of ``printed`` filled in.

    Fields of shared groups say it themselves: one template prints a party's address, another does not.
    """
    kind = FIELD_TYPES.get(entry.kind)
    if entry.printed is not None or kind is None:
        return entry
    is_needed = kind.printed_if == "required" and is_own and entry.required is True
    return entry.model_copy(update={"printed": True}) if is_needed or kind.printed_if == "always" else entry
