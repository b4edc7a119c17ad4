"""Reading form definitions: JSON in, a checked FormDefinition out, or every fault with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from formsvc.domain.authorities import Circumstances
from formsvc.domain.calendar import OFFICIAL
from formsvc.domain.definitions.checks import check_carries, check_fields, check_places
from formsvc.domain.definitions.compilation import Trouble, compile_all, unknown_lookups
from formsvc.domain.definitions.form_definition import FormDefinition, Section
from formsvc.domain.definitions.schema import Head, Rule, format_schema
from formsvc.domain.definitions.source import Expansion, Faults, Place, expand, read_json
from formsvc.domain.evaluation.evaluation import evaluate
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.errors import DefinitionFaulty, Problem
from formsvc.i18n.messages import msg

__all__ = ["FormDefinition", "Section", "format_schema", "load_definition"]

_EXAMPLE_DAY = date(2026, 1, 5)
"""What today() answers while an example is tried, so that a check has one outcome on every day."""
_BODY = frozenset({"sections", "rules", "example"})


def load_definition(
    definition_json: JSON,
    groups: Mapping[str, JSON],
    lookups: Mapping[str, JSON],
    file: str = "definition.json",
) -> FormDefinition:
    """The definition of a text or an object. Raises DefinitionFaulty with every fault and its JSON pointer.

    ``groups`` and ``lookups`` map names (ISS, violations) to the content of their files.
    """
    top, faults = Place(file), Faults()
    source = read_json(definition_json, top, faults)
    if not source:
        if not faults.found:
            faults.add(top, msg("定义是空的，至少要写明 id、title、template 和 sections。"))
        raise DefinitionFaulty(faults.found)
    known = {
        name: read_json(content, Place(f"lookups/{name}.json"), faults) for name, content in lookups.items()
    }
    reading = _Reading.of(source, groups, top, faults)
    check_fields(reading.fields, known, faults)
    check_carries(reading.fields, faults)
    fields = [entry for entry, _ in reading.fields]
    if reading.head:
        check_places(reading.head, reading.rules, fields, top, faults)
    compiled, troubles = compile_all(fields, [rule for rule, _ in reading.rules])
    for trouble in (*troubles, *unknown_lookups(compiled, known)):
        faults.add(reading.place_of(trouble, top), trouble.sentence)
    example = source.get("example", {})
    if not isinstance(example, Mapping):
        faults.add(top.at("example"), msg("“example”应是“字段名 → 内容”。"))
    if faults.found or reading.head is None:
        raise DefinitionFaulty(faults.found)
    rules = [rule for rule, _ in reading.rules]
    definition = FormDefinition.build(reading.head, reading.sections, rules, example, known)
    _check_example(definition, top, faults)
    if faults.found:
        raise DefinitionFaulty(faults.found)
    return definition


@dataclass
class _Reading:
    """The pieces of a definition and where each is written."""

    head: Head | None
    sections: list[Section]
    fields: list[tuple[Field, Place]]
    rules: list[tuple[Rule, Place]]

    @classmethod
    def of(
        cls, source: Mapping[str, JSON], groups: Mapping[str, JSON], top: Place, faults: Faults
    ) -> _Reading:
        head = faults.piece(Head, {k: v for k, v in source.items() if k not in _BODY}, top)
        expansion = expand(source, groups, top, faults)
        sections, fields = _sections(expansion, faults)
        rules = []
        written = source.get("rules", [])
        if not isinstance(written, list):
            faults.add(top.at("rules"), msg("“rules”应是数组。"))
            written = []
        own = [(rule, top.at("rules", i)) for i, rule in enumerate(written)]
        for given, place in (*((p.given, p.place) for p in expansion.rules), *own):
            rule = faults.piece(Rule, given, place)
            if rule:
                rules.append((rule, place))
        return cls(head, sections, fields, rules)

    def place_of(self, trouble: Trouble, top: Place) -> Place:
        """Where the expression in trouble is written."""
        for rule, place in self.rules:
            if rule.id == trouble.owner and trouble.part in ("check", "message"):
                return place.at(trouble.part)
        key, _, column = trouble.owner.partition(".")
        for entry, place in self.fields:
            if entry.key == key:
                columns = [c.key for c in entry.columns or ()]
                inner = place.at("columns", columns.index(column)) if column in columns else place
                return inner.at(*trouble.part.split("."))
        return top


def _sections(expansion: Expansion, faults: Faults) -> tuple[list[Section], list[tuple[Field, Place]]]:
    sections, fields = [], []
    for head, place, placed in expansion.sections:
        for key in set(head) - {"title", "hint"}:
            faults.add(place.at(key), msg("不认识的键“{key}”。", key=key))
        read = [(faults.piece(Field, p.given, p.place), p.place) for p in placed]
        own = [(entry, at) for entry, at in read if entry]
        fields += own
        sections.append(
            Section(str(head.get("title", "")), str(head.get("hint", "")), tuple(e for e, _ in own))
        )
    return sections, fields


def _check_example(definition: FormDefinition, top: Place, faults: Faults) -> None:
    """The example must pass every check that does not depend on the office."""
    if not definition.example:
        return
    circumstances = Circumstances(
        today=_EXAMPLE_DAY,
        calendar=OFFICIAL.with_weekends_for_missing_years(),
        lookups=definition.lookups,
    )
    evaluation = evaluate(definition, definition.example, circumstances, authority=False)
    told = [p for p in evaluation.problems if not _hangs_on_other_acts(definition, p, evaluation.missing)]
    for problem in dict.fromkeys((*told, *_unread(definition))):
        faults.add(
            top.at("example", *problem.field.split(".")),
            msg("填写样例不能通过：{message}", message=problem.message),
        )


def _hangs_on_other_acts(definition: FormDefinition, problem: Problem, missing: Collection[str]) -> bool:
    entry = definition.field(problem.field)
    return bool(entry and entry.computed and (problem.registered_here or problem.field in missing))


def _unread(definition: FormDefinition) -> Iterator[Problem]:
    """What the example says of computed fields stands in a trial document where nothing can be reckoned."""
    for entry in definition.fields:
        if entry.computed and entry.key in definition.example:
            yield from FIELD_TYPES[entry.kind].parse(entry, definition.example[entry.key], entry.key)[1]
