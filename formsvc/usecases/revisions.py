"""Revisions of form definitions, and their stored records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.expressions.functions import OFFICE_FUNCTIONS
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.errors import Fault
from formsvc.usecases.ports import Condition, Record, Store, Transaction
from formsvc.usecases.publishing import Hold

# parts of a life that say what an act writes once, not what it waits for
EFFECTS = ("effects", "void", "retention")


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


@dataclass(frozen=True)
class FormState:
    """A form's current revision, and the faults of its files in the folders.

    ``revision`` is None for a form that is not on offer; ``hold`` is set while it is held back by hand.
    """

    form: str
    title: str
    revision: Revision | None
    faults: tuple[Fault, ...]
    in_folder: bool
    hold: Hold | None = None


@dataclass(frozen=True)
class Catalog:
    """Outcome of one look at the folders; replaced as a whole."""

    current: dict[str, Revision]
    faults: tuple[Fault, ...]
    in_folder: frozenset[str]
    holds: Mapping[str, Hold]
    registers: Mapping[str, RegisterDefinition] = field(default_factory=dict)

    def state_of(self, form: str, latest: Revision | None) -> FormState:
        serving = self.current.get(form)
        faults = tuple(f for f in self.faults if f.file.split("/")[-1].split(".")[0] == form)
        shown = serving or latest
        title = shown.definition.title if shown else form
        return FormState(form, title, serving, faults, form in self.in_folder, self.holds.get(form))


@dataclass(frozen=True)
class FormLives:
    """Lives of all revisions ever published, by form.

    ``first`` has the first revision with a life; ``asking`` the forms whose documents may ask for more, ``asking_day``
    those of them whose life depends on the present day, ``asking_documents`` on documents other than those of the case.
    """

    first: Mapping[str, str] = field(default_factory=dict)
    asking: frozenset[str] = frozenset()
    asking_day: frozenset[str] = frozenset()
    asking_documents: frozenset[str] = frozenset()


def find_lives(tx: Transaction) -> FormLives:
    """Return what the lives in the store say; reads every revision."""
    first: dict[str, str] = {}
    asking: set[str] = set()
    asking_day: set[str] = set()
    asking_documents: set[str] = set()
    for record in reversed(newest_first(tx.revisions.find())):
        form, life = str(record["form"]), record["definition"].get("life")
        if not life:
            continue
        first.setdefault(form, record["id"])
        must = any(rule.get("must", True) for rule in life.get("follow_ups") or ())
        if must or (life.get("service") or {}).get("required", False) is not False:
            asking.add(form)
            # a name in quotes would only compute a form again each morning
            text = json.dumps({key: part for key, part in life.items() if key not in EFFECTS})
            asking_day |= {form} if "today(" in text else set()
            asking_documents |= {form} if any(f"{name}(" in text for name in OFFICE_FUNCTIONS) else set()
    return FormLives(first, frozenset(asking), frozenset(asking_day), frozenset(asking_documents))


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
