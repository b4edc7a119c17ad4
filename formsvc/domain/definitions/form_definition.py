"""FormDefinition: what one kind of act asks for, ready for use."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from formsvc.domain.definitions.compilation import Compiled, compile_all
from formsvc.domain.definitions.schema import (
    ActType,
    CertifiedOfficers,
    Head,
    Mode,
    Numbering,
    Rule,
    Service,
    Words,
)
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.fields import FIELD_TYPES, Field, Option
from formsvc.domain.json_types import JSON, Values
from formsvc.i18n.messages import DefinitionText

ENTRUSTMENT_FIELD = "entrust_ref"
"""The reference to the entrustment an act is done under."""
TEXTS = ("label", "hint", "unit", "required_message", "pattern_message")
"""What a field says to whoever fills it in."""
ALWAYS_LOOKED_UP = frozenset({"laws", "settings"})
"""What the checks of words and the office's own rules read, whatever the form."""


@dataclass(frozen=True)
class Section:
    """Fields that stand together on the page."""

    title: str
    hint: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class FormDefinition:
    """What one kind of act asks for, how it is checked, and what its document may print."""

    head: Head
    sections: tuple[Section, ...]
    rules: tuple[Rule, ...]
    example: Mapping[str, JSON]
    lookups: Mapping[str, JSON]
    compiled: Compiled = dataclasses.field(repr=False, compare=False)

    @classmethod
    def build(
        cls,
        head: Head,
        sections: Sequence[Section],
        rules: Sequence[Rule],
        example: Mapping[str, JSON],
        lookups: Mapping[str, JSON],
    ) -> Self:
        """Compile the expressions and give each field its options; only used lookups are kept."""
        sections = [_readable(s, head.id) for s in sections]
        fields = [f for s in sections for f in s.fields]
        compiled, _ = compile_all(fields, rules)
        used = used_lookups(fields, compiled, head)
        kept = {name: lookup for name, lookup in lookups.items() if name in used}
        for entry in with_columns(fields):
            if entry.lookup:
                entry.offer(options_of(kept, entry.lookup))
        return cls(head, tuple(sections), tuple(rules), dict(example), kept, compiled)

    @classmethod
    def from_resolved(cls, resolved: Mapping[str, JSON]) -> Self:
        """The definition that ``resolved`` was made of; nothing is judged again."""
        rest = {k: v for k, v in resolved.items() if k not in ("sections", "rules", "example", "lookups")}
        sections = [
            Section(s["title"], s["hint"], tuple(Field.model_validate(f) for f in s["fields"]))
            for s in resolved["sections"]
        ]
        rules = [Rule.model_validate(rule) for rule in resolved["rules"]]
        return cls.build(Head.model_validate(rest), sections, rules, resolved["example"], resolved["lookups"])

    def resolved(self) -> dict[str, JSON]:
        """Self-contained JSON: groups filled in, the used lookups inside; the same definition, the same JSON."""
        written = {
            **self.head.model_dump(mode="json", exclude={"schema_address"}),
            "sections": [
                {"title": s.title, "hint": s.hint, "fields": [_plain(f) for f in s.fields]}
                for s in self.sections
            ],
            "rules": [rule.model_dump(mode="json") for rule in self.rules],
            "example": dict(self.example),
            "lookups": dict(self.lookups),
        }
        plain: dict[str, JSON] = json.loads(json.dumps(written))  # texts that are nothing but texts
        return plain

    @property
    def id(self) -> str:
        """The form's id, T22."""
        return self.head.id

    @property
    def title(self) -> str:
        """The name of the document."""
        return DefinitionText(self.head.id, self.head.title)

    @property
    def family(self) -> str:
        """The group of kinds it belongs to, A–E."""
        return self.head.family

    @property
    def format(self) -> str:
        """The layout, F-ENF."""
        return self.head.format

    @property
    def template(self) -> str:
        """File name of the Word template."""
        return self.head.template

    @property
    def summary(self) -> str:
        """What it is for, in one sentence."""
        return DefinitionText(self.head.id, self.head.summary)

    @property
    def subject(self) -> str:
        """The field that lists show as the party; empty when there is none."""
        return self.head.subject

    @property
    def due(self) -> str:
        """The field whose day is the act's deadline; empty when there is none."""
        return self.head.due

    @property
    def numbering(self) -> Numbering:
        """How its acts are numbered."""
        return self.head.numbering

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The authority modes it may be done in; none: it has no mode."""
        return tuple(self.head.modes)

    @property
    def issuer_kinds(self) -> tuple[str, ...]:
        """The kinds of authority that may issue it; none: any."""
        return tuple(self.head.issuer_kinds)

    @property
    def certified_officers(self) -> CertifiedOfficers | None:
        """Which rows name certified officers, where it needs them."""
        return self.head.certified_officers

    @property
    def act_type(self) -> ActType:
        """inspect, order, entrust or other."""
        return self.head.act_type

    @property
    def legal_review(self) -> bool:
        """Whether legal review comes before approval."""
        return self.head.legal_review

    @property
    def approval(self) -> bool:
        """Whether somebody signs it off; a record such as a receipt is nobody's decision."""
        return self.head.approval

    @property
    def forbidden_words(self) -> tuple[Words, ...]:
        """Words that must not stand in its document."""
        return tuple(self.head.forbidden_words)

    @property
    def serves(self) -> Service | None:
        """Where its fields tell of the service of another document; None for all but receipts."""
        return self.head.serves

    def mode_of(self, values: Mapping[str, JSON]) -> str:
        """The authority mode of an act: as chosen, or the only one there is; empty when it has none."""
        if len(self.head.modes) == 1 and not values.get("auth_mode"):
            return self.head.modes[0]
        return str(values.get("auth_mode") or "")

    @property
    def main_reference(self) -> Field | None:
        """The reference to the document this one is made from; an entrustment is, only where there is no mode."""
        found = [f for f in self.fields if f.kind == "reference"]
        return next((f for f in found if not self.modes or f.key != ENTRUSTMENT_FIELD), None)

    @property
    def acts_on(self) -> tuple[str, ...]:
        """Fields whose days certificates and entrustment must cover, beside issue_date."""
        return tuple(self.head.dates.acts_on)

    def act_dates(self, values: Values) -> Iterator[tuple[str, date]]:
        """Yield field and day for each day that certificates and entrustment must cover."""
        for key in ("issue_date", *self.acts_on):
            if values.get(key):
                yield key, date.fromisoformat(str(values[key])[:10])

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields in the order of the page."""
        return tuple(f for section in self.sections for f in section.fields)

    def field(self, path: str) -> Field | None:
        """The field of a path: ``hazards``, ``hazards.deadline`` or ``hazards.0.deadline``."""
        key, _, inner = path.partition(".")
        entry = next((f for f in self.fields if f.key == key), None)
        column = inner.rpartition(".")[2]
        return entry.column(column) if entry and inner and not column.isdigit() else entry

    def json_schema(self) -> dict[str, JSON]:
        """The JSON Schema of an act's data, for the API."""
        properties = {f.key: {**_described(f), **FIELD_TYPES[f.kind].schema(f)} for f in self.fields}
        properties["doc_no"] = {"type": "string", "title": "文号", "description": "由系统编号，填写无效"}
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.title,
            "type": "object",
            "properties": properties,
            "required": [
                f.key for f in self.fields if f.required is True and not f.computed and not f.default
            ],
            "additionalProperties": False,
        }


def _readable(section: Section, form: str) -> Section:
    """The section with texts that can be said in the reader's language; what is kept and printed is the text."""
    fields = tuple(_readable_field(entry, form) for entry in section.fields)
    return Section(DefinitionText(form, section.title), DefinitionText(form, section.hint), fields)


def _readable_field(entry: Field, form: str) -> Field:
    texts: dict[str, Any] = {
        name: DefinitionText(form, text) for name in TEXTS if (text := getattr(entry, name))
    }
    if entry.columns:
        texts["columns"] = [_readable_field(column, form) for column in entry.columns]
    return entry.model_copy(update=texts)


def _described(entry: Field) -> dict[str, JSON]:
    about = {"title": entry.label, "description": entry.hint, "readOnly": bool(entry.computed)}
    return {word: value for word, value in about.items() if value}


def _plain(entry: Field) -> dict[str, JSON]:
    return entry.model_dump(mode="json", exclude_defaults=True)


def with_columns(fields: Iterable[Field]) -> list[Field]:
    """The fields and the columns of those that are rows."""
    return [inner for entry in fields for inner in (entry, *(entry.columns or ()))]


def options_of(lookups: Mapping[str, JSON], name: str) -> tuple[Option, ...]:
    """What a lookup offers to choose."""
    return tuple(
        Option(str(e["code"]), str(e["name"]), str(e.get("short") or e["name"]))
        for e in entries_of(lookups, name)
    )


def used_lookups(fields: Iterable[Field], compiled: Compiled, head: Head) -> frozenset[str]:
    """Every lookup the definition needs: in fields, in expressions, and for the checks of authority."""
    named = {entry.lookup for entry in with_columns(fields) if entry.lookup}
    checked = (
        {"violations", "authority_modes", "regions"} if head.modes or head.act_type == "entrust" else set()
    )
    return frozenset(named | compiled.lookups() | checked | ALWAYS_LOOKED_UP)
