"""Revisions of form definitions, and their stored records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from formsvc.domain.definition_loader import FormDefinition
from formsvc.usecases.ports import Condition, Record, Store, Transaction


@dataclass(frozen=True)
class Revision:
    """One revision of a form definition with its Word template; never changed.

    ``variants`` are the hashes of the templates of its variants, by file name.
    """

    id: str
    definition: FormDefinition
    template: str
    published_at: str
    variants: Mapping[str, str] = field(default_factory=dict)

    def template_for(self, values: Mapping[str, Any]) -> str:
        """Return the hash of the template that prints these answers."""
        return self.variants.get(self.definition.for_answers(values).template, self.template)

    @classmethod
    def from_record(cls, record: Record) -> Revision:
        definition = FormDefinition.from_resolved(record["definition"])
        variants = record.get("variants") or {}
        return cls(record["id"], definition, record["template"], record["published_at"], variants)


def forms_with_secrets(tx: Transaction) -> frozenset[str]:
    """Return the forms of which some revision is confidential."""
    return frozenset(str(r["form"]) for r in tx.revisions.find() if r["definition"].get("confidential"))


def newest_first(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda record: str(record["published_at"]), reverse=True)


def count_acts_of_form(store: Store, form: str) -> int:
    with store.read() as tx:
        return tx.acts.count(Condition("form", "==", form))


def definition_json(revision: Revision) -> dict[str, Any]:
    return revision.definition.to_resolved()
