"""Suggestions for a draft: authorities, people, documents, places."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask_babel import gettext as _

from formsvc.domain.acts.act import Act
from formsvc.domain.authorities import Circumstances, IssuingAuthority
from formsvc.domain.authorization import checks
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import Field, Option
from formsvc.domain.fields.options.chosen import label_of, value_of
from formsvc.domain.options.offered import OfferedOptions
from formsvc.domain.regions import is_local, is_village, name_with_town
from formsvc.i18n.messages import DefinitionText, join_messages
from formsvc.limits import process_limits
from formsvc.usecases.circumstances import get_circumstances
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.drafts import Draft
from formsvc.usecases.drafting.references import list_referable
from formsvc.usecases.picks.parties import PickedParty, compare_parties
from formsvc.web.filters import day
from formsvc.web.forms.page_positions import value_at
from formsvc.web.forms.party_words import party_json

# The lookup of modes of authority; a definition may allow only some of them
MODES_LOOKUP = "authority_modes"
# V13, C07: codes that people write; those of other lookups are for programs
_CODE = re.compile(r"[A-Z]\d{2,}")


class Suggestion(NamedTuple):
    """An option: the value stored and the text shown."""

    value: str
    text: str


@dataclass(frozen=True)
class Suggestions:
    """Suggestions for one draft; ``documents``, ``parties`` by field key."""

    act_id: str
    definition: FormDefinition
    circumstances: Circumstances
    values: Mapping[str, Any]
    offered: Mapping[str, OfferedOptions] = field(default_factory=dict)
    documents: Mapping[str, list[Act]] = field(default_factory=dict)
    parties: Mapping[str, PickedParty] = field(default_factory=dict)

    @property
    def attachment_megabytes(self) -> int:
        return process_limits().attachment_megabytes

    def options(self, spec: Field, value: Any = None) -> list[Suggestion]:
        """Return the options, among them a stored value no longer offered."""
        options = self._authorities(spec) if spec.kind == "authority" else self._choices(spec)
        if isinstance(value, str) and value and value not in {option.value for option in options}:
            options.append(Suggestion(value, value))
        return options

    def offers(self, path: str, chosen: Any = None) -> list[Suggestion]:
        """Return the computed options of a field, and what was chosen before."""
        offered = self.offered.get(path_without_rows(path))
        options = [Suggestion(option.code, option.name) for option in offered.options] if offered else []
        known = {option.value for option in options}
        answer = value_at(self.values, path)
        names = {
            value_of(part): label_of(part) for part in (answer if isinstance(answer, list) else [answer])
        }
        former = chosen if isinstance(chosen, list) else [chosen]
        options += [
            Suggestion(v, names.get(v) or v) for v in former if isinstance(v, str) and v and v not in known
        ]
        return options

    def options_version(self, path: str) -> str:
        """Return a short text that changes with the computed options."""
        offered = self.offered.get(path_without_rows(path))
        return offers_version(offered) if offered else ""

    def lacking_options(self, path: str) -> str:
        """Return why a field has no options, "" if it has some."""
        offered = self.offered.get(path_without_rows(path))
        return offered.reason if offered else ""

    def completions(self, spec: Field) -> list[Suggestion]:
        """Return completions for a free text: documents or places."""
        if spec.kind == "reference":
            return [Suggestion(act.number, _describe(act)) for act in self.documents.get(spec.key, ())]
        if spec.kind == "address":
            names = {option.code: option.name for option in spec.options}
            if spec.villages_only:
                return [Suggestion(name, code) for code, name in names.items() if is_village(code)]
            return [Suggestion(name_with_town(code, names), code) for code in names if is_local(code)]
        return [Suggestion(option.name, option.code) for option in spec.options]

    def known_party(self, spec: Field) -> dict[str, str]:
        """Return the row and the sentence of a party that its register knows."""
        party = self.parties.get(spec.key)
        return party_json(party) if party else {"row": "", "text": ""}

    def _choices(self, spec: Field) -> list[Suggestion]:
        modes = self.definition.modes if spec.lookup == MODES_LOOKUP else ()
        return [
            Suggestion(option.code, self._labelled(spec, option))
            for option in spec.options
            if not modes or option.code in modes
        ]

    def _labelled(self, spec: Field, option: Option) -> str:
        """Return an option with its code, which messages and spreadsheets use."""
        name = self._translated(option.name)
        shows_code = bool(spec.lookup) and _CODE.fullmatch(option.code) is not None
        return join_messages(option.code, name, separator=" ") if shows_code else name

    def _translated(self, name: str) -> str:
        """Return an option's name as shown; stored and printed is ``name``."""
        return DefinitionText(self.definition.id, name)

    def _authorities(self, spec: Field) -> list[Suggestion]:
        kinds = self.definition.issuer_kinds if spec.key == self.definition.roles.key("issuer") else ()
        return [
            Suggestion(a.name, a.name) for a in self.circumstances.authorities if not kinds or a.kind in kinds
        ]

    def person_list_for(self, entry: Field) -> str:
        """Return the property below that a person's name is chosen from."""
        if entry.free:
            return "everybody"
        return "signers" if entry.key == self.definition.roles.key("approver") else "people"

    @property
    def signers(self) -> list[Suggestion]:
        """Return who may sign: the issuing authority's people, never an agent's."""
        issuer = self.circumstances.authority_named(self.definition.roles.text(self.values, "issuer"))
        return self._people_of([issuer] if issuer else self.circumstances.authorities)

    @property
    def people(self) -> list[Suggestion]:
        """Return whose names may be printed, in an entrustment the agent's too."""
        authorities = [self.circumstances.authority_named(self.definition.roles.text(self.values, "issuer"))]
        entrustment = checks.entrustment_of(self.definition, self.values, self.circumstances)
        if entrustment:
            authorities.append(self.circumstances.authority_named(entrustment.agent))
        chosen = [authority for authority in authorities if authority]
        return self._people_of(chosen or self.circumstances.authorities)

    @property
    def everybody(self) -> list[Suggestion]:
        """Return all registered people, certified officers first."""
        people = {
            officer.name: Suggestion(officer.name, _("执法证号 %(number)s", number=officer.cert_no))
            for officer in self.circumstances.officers
            if officer.active
        }
        for person in self._people_of(self.circumstances.authorities):
            people.setdefault(person.value, person)
        return list(people.values())

    @staticmethod
    def _people_of(authorities: Iterable[IssuingAuthority]) -> list[Suggestion]:
        descriptions: dict[str, str] = {}
        for authority in authorities:
            for person in authority.people:
                # One person may work for several authorities: the first one's title is shown
                descriptions.setdefault(
                    person.name, " ".join(t for t in (authority.short, person.title) if t)
                )
        return [Suggestion(name, text) for name, text in descriptions.items()]


def path_without_rows(path: str) -> str:
    """Return a path without row numbers: items.0.who → items.who."""
    return ".".join(part for part in path.split(".") if not part.isdecimal())


def offers_version(offered: OfferedOptions) -> str:
    """Return a short text that changes with the options."""
    listed = "\n".join(f"{option.code}\t{option.name}" for option in offered.options) or offered.reason
    return hashlib.sha256(str(listed).encode()).hexdigest()[:12]


def _describe(act: Act) -> str:
    return join_messages(act.title, act.party, day(act.dated), separator=" ")


def suggestions_for(ports: Ports, who: Actor, draft: Draft, *, documents: bool = True) -> Suggestions:
    """Return the suggestions; without ``documents`` no acts are searched."""
    definition, values = draft.revision.definition, draft.evaluation.values
    circumstances = get_circumstances(ports, definition, who)
    referable = list_referable(ports, who, definition) if documents else {}
    parties = {party.field.key: party for party in compare_parties(ports, who, definition, values)}
    return Suggestions(
        draft.act.id, definition, circumstances, values, draft.evaluation.offered, referable, parties
    )
