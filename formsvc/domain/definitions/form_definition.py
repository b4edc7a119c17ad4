"""The definition of one form (文书类型), ready for use."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Self

from formsvc.domain.definitions.compilation import CompiledDefinition, read_definition_expressions
from formsvc.domain.definitions.schema import (
    ActType,
    CertifiedOfficers,
    DefinitionHeader,
    ForbiddenWords,
    Mode,
    NumberingRules,
    PaperCopy,
    Rule,
    ServiceFields,
    WordList,
)
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.fields import Field, Option
from formsvc.domain.fields.answers_schema import answers_schema
from formsvc.domain.fields.former_keys import renamed_fields
from formsvc.domain.fields.roles import Roles
from formsvc.domain.json_types import JSON, Values
from formsvc.domain.life.compilation import compile_life
from formsvc.domain.life.schema import Life
from formsvc.domain.parsing import iso_day
from formsvc.errors import Fault
from formsvc.i18n.messages import DefinitionText

# Texts of a field that its page translates.
TRANSLATED_TEXTS = ("label", "text", "hint", "unit", "required_message", "pattern_message")
# Read by the checks of wording and by the office's settings, for every form.
COMMON_LOOKUPS = frozenset({"laws", "settings"})
WORD_LISTS = "wordlists"
AUTHORITY_LOOKUPS = frozenset({"violations", "authority_modes", "regions", "exclusions"})


@dataclass(frozen=True)
class Section:
    """Fields shown under one heading."""

    title: str
    hint: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class FormDefinition:
    """The fields, checks and printed values of one form (文书类型)."""

    header: DefinitionHeader
    sections: tuple[Section, ...]
    rules: tuple[Rule, ...]
    example: Mapping[str, JSON]
    lookups: Mapping[str, JSON]
    compiled: CompiledDefinition = dataclasses.field(repr=False, compare=False)
    notices: tuple[Fault, ...] = dataclasses.field(default=(), repr=False, compare=False)

    @classmethod
    def build(
        cls,
        header: DefinitionHeader,
        sections: Sequence[Section],
        rules: Sequence[Rule],
        example: Mapping[str, JSON],
        lookups: Mapping[str, JSON],
        compiled: CompiledDefinition,
    ) -> Self:
        """Give fields their options and translatable texts; keep used lookups."""
        sections = [_translatable_section(section, header.id) for section in sections]
        fields = [f for section in sections for f in section.fields]
        used = used_lookups(fields, compiled, header)
        own_lookups = {name: lookup for name, lookup in lookups.items() if name in used}
        for entry in with_columns(fields):
            if entry.lookup:
                entry.set_options(options_of(own_lookups, entry.lookup))
        return cls(header, tuple(sections), tuple(rules), dict(example), own_lookups, compiled)

    @classmethod
    def from_resolved(cls, resolved: Mapping[str, JSON]) -> Self:
        """Return the definition of ``to_resolved``; nothing is checked again."""
        body = ("sections", "rules", "example", "lookups")
        header = DefinitionHeader.model_validate({k: v for k, v in resolved.items() if k not in body})
        sections = [
            Section(s["title"], s["hint"], tuple(Field.model_validate(f) for f in s["fields"]))
            for s in resolved["sections"]
        ]
        rules = [Rule.model_validate(rule) for rule in resolved["rules"]]
        fields = [f for section in sections for f in section.fields]
        compiled_life, _ = compile_life(header.life, fields, None)
        compiled = replace(read_definition_expressions(fields, rules), life=compiled_life)
        return cls.build(header, sections, rules, resolved["example"], resolved["lookups"], compiled)

    def to_resolved(self) -> dict[str, JSON]:
        """Return self-contained JSON: groups filled in, used lookups inside.

        Equal definitions give equal JSON.
        """
        content = {
            # what is not there is not written: revisions of before keep their hash
            **self.header.model_dump(mode="json", exclude={"schema_address", "life", "help", "copies"}),
            **({"copies": [copy.model_dump(mode="json") for copy in self.copies]} if self.copies else {}),
            **({"life": _life_json(self.life)} if self.life else {}),
            **({"help": [topic.model_dump() for topic in self.header.help]} if self.header.help else {}),
            "sections": [
                {"title": s.title, "hint": s.hint, "fields": [_field_json(f) for f in s.fields]}
                for s in self.sections
            ],
            "rules": [rule.model_dump(mode="json") for rule in self.rules],
            "example": dict(self.example),
            "lookups": dict(self.lookups),
        }
        # Through text, so that translatable texts become plain ones.
        plain: dict[str, JSON] = json.loads(json.dumps(content))
        return plain

    @property
    def id(self) -> str:
        return self.header.id

    @property
    def title(self) -> str:
        return DefinitionText(self.header.id, self.header.title)

    @property
    def family(self) -> str:
        return self.header.family

    @property
    def format(self) -> str:
        return self.header.format

    @property
    def template(self) -> str:
        return self.header.template

    @property
    def copies(self) -> list[PaperCopy]:
        """The copies that differ, the main one first; empty if all are alike."""
        return self.header.copies

    @property
    def summary(self) -> str:
        return DefinitionText(self.header.id, self.header.summary)

    @property
    def subject(self) -> str:
        """The field that lists show as the party, or ""."""
        return self.header.subject

    @property
    def due(self) -> str:
        """The field whose day is the act's deadline, or ""."""
        return self.header.due

    @property
    def life(self) -> Life | None:
        """Follow-ups, deadlines and effects, or None if the definition has none."""
        return self.header.life

    @property
    def numbering(self) -> NumberingRules:
        return self.header.numbering

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The authority modes it may be done in; empty if it has no mode."""
        return tuple(self.header.modes)

    @property
    def issuer_kinds(self) -> tuple[str, ...]:
        """The kinds of authority that may issue it; empty if any may."""
        return tuple(self.header.issuer_kinds)

    @property
    def certified_officers(self) -> CertifiedOfficers | None:
        return self.header.certified_officers

    def wants_officers(self, values: Values) -> bool:
        """Return whether the answers' mode asks for certified officers."""
        required = self.header.certified_officers
        return required is not None and (not required.modes or self.mode_of(values) in required.modes)

    @property
    def act_type(self) -> ActType:
        return self.header.act_type

    @property
    def legal_review(self) -> bool:
        return self.header.legal_review

    @property
    def review_law(self) -> str:
        """The article that asks for a legal review, or ""."""
        return self.header.review_law

    @property
    def approval(self) -> bool:
        """True if it must be signed off; a mere record, as a receipt, need not."""
        return self.header.approval

    @property
    def forbidden_words(self) -> tuple[ForbiddenWords, ...]:
        return tuple(self.header.forbidden_words)

    @property
    def word_lists(self) -> tuple[WordList, ...]:
        return tuple(self.header.word_lists)

    @property
    def serves(self) -> ServiceFields | None:
        """The fields that record the service of another document, or None."""
        return self.header.serves

    def variant(self, value: JSON) -> Self:
        """Return the definition with what is different for one value."""
        variants = self.header.variants
        case = next((c for c in variants.cases if c.when == value), None) if variants else None
        if variants is None or case is None:
            return self
        numbering = self.numbering.model_copy(update={"genre": case.genre} if case.genre else {})
        changed = {key: new for key in ("title", "template", "format") if (new := getattr(case, key))}
        header = self.header.model_copy(update={"numbering": numbering, **changed})
        example = {**self.example, variants.field: case.when} if self.example else self.example
        return dataclasses.replace(self, header=header, example=example)

    def for_answers(self, values: Values) -> Self:
        """Return the variant that the answers choose, or the definition itself."""
        variants = self.header.variants
        return self.variant(values.get(variants.field)) if variants else self

    @property
    def variant_templates(self) -> tuple[tuple[str, str], ...]:
        """Value and template of each variant that has a template of its own."""
        cases = self.header.variants.cases if self.header.variants else ()
        return tuple((c.when, c.template) for c in cases if c.template and c.template != self.template)

    def mode_of(self, values: Values) -> str:
        """Return the authority mode of the answers, else the only one, or ""."""
        mode = self.roles.text(values, "mode")
        return self.header.modes[0] if len(self.header.modes) == 1 and not mode else mode

    @property
    def source_references(self) -> list[Field]:
        """References that may name the source; the first filled in counts."""
        references = [f for f in self.fields if f.kind == "reference"]
        # With modes, the entrustment is the authority for the act and not its source.
        under = self.roles.key("entrustment") if self.modes else ""
        return [f for f in references if f.key != under]

    def act_dates(self, values: Values) -> Iterator[tuple[str, date]]:
        """Yield the field and day of each day of the act.

        Certificates and entrustments must cover all of them.
        """
        for key in (self.roles.key("date"), *self.header.dates.acts_on):
            day = iso_day(values.get(key))
            if day:
                yield key, day

    @cached_property
    def roles(self) -> Roles:
        """The fields by what they stand for."""
        return Roles(self.fields)

    @cached_property
    def renamed_fields(self) -> tuple[Field, ...]:
        return renamed_fields(self.fields)

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields in the order of the page."""
        return tuple(f for section in self.sections for f in section.fields)

    def field(self, path: str) -> Field | None:
        """Return the field of a path such as ``hazards.0.deadline``, or None.

        Paths of a table and of a column without row number are accepted, too.
        """
        key, _, inner = path.partition(".")
        entry = next((f for f in self.fields if f.key == key), None)
        column = inner.rpartition(".")[2]
        return entry.column(column) if entry and inner and not column.isdigit() else entry

    def json_schema(self) -> dict[str, JSON]:
        """Return the JSON Schema of an act's answers."""
        return answers_schema(self.title, self.fields)


def _translatable_section(section: Section, form: str) -> Section:
    """Return the section with texts that pages can translate."""
    fields = tuple(translatable_field(entry, form) for entry in section.fields)
    return Section(DefinitionText(form, section.title), DefinitionText(form, section.hint), fields)


def translatable_field(entry: Field, form: str) -> Field:
    """Return the field with texts that pages can translate."""
    texts: dict[str, Any] = {
        name: DefinitionText(form, text) for name in TRANSLATED_TEXTS if (text := getattr(entry, name))
    }
    if entry.columns:
        texts["columns"] = [translatable_field(column, form) for column in entry.columns]
    return entry.model_copy(update=texts)


def _life_json(life: Life) -> dict[str, JSON]:
    return life.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _field_json(entry: Field) -> dict[str, JSON]:
    return entry.model_dump(mode="json", exclude_defaults=True)


def with_columns(fields: Iterable[Field]) -> list[Field]:
    """Return the fields, each table followed by its columns."""
    return [inner for entry in fields for inner in (entry, *with_columns(entry.columns or ()))]


def options_of(lookups: Mapping[str, JSON], name: str) -> tuple[Option, ...]:
    """Return a lookup's entries as options, printed under their short name."""
    return tuple(
        Option(str(e["code"]), str(e["name"]), str(e.get("short") or e["name"]))
        for e in entries_of(lookups, name)
    )


def used_lookups(
    fields: Iterable[Field], compiled: CompiledDefinition, header: DefinitionHeader
) -> frozenset[str]:
    """Return the lookups that fields, expressions and checks read."""
    by_fields = {entry.lookup for entry in with_columns(fields) if entry.lookup}
    by_checks = AUTHORITY_LOOKUPS if header.modes or header.act_type == "entrust" else frozenset()
    by_words = {WORD_LISTS} if header.word_lists else frozenset()
    return frozenset(by_fields | compiled.lookup_names() | by_checks | by_words | COMMON_LOOKUPS)
