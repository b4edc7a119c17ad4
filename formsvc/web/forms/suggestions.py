"""What the page offers to choose from: authorities, people, officers, earlier documents, places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask_babel import gettext as _

from formsvc.domain.acts.act import Act
from formsvc.domain.authorities import Circumstances, IssuingAuthority
from formsvc.domain.authorization import checks as entitlement
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import Field
from formsvc.i18n.messages import DefinitionText, join_messages
from formsvc.usecases.circumstances import get_circumstances
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.drafts import Draft
from formsvc.usecases.drafting.references import list_referable
from formsvc.web.filters import day

MODES_LOOKUP = "authority_modes"
ISSUER = "issuer_name"


class Offer(NamedTuple):
    """One thing to choose: what is kept, and what is read beside it."""

    value: str
    text: str


@dataclass(frozen=True)
class Offers:
    """Everything on offer for one draft."""

    act_id: str
    definition: FormDefinition
    circumstances: Circumstances
    values: Mapping[str, Any]
    documents: Mapping[str, list[Act]] = field(default_factory=dict)

    def options(self, spec: Field, value: Any = None) -> list[Offer]:
        """What a choice or an issuing authority may be; a value of old that is no more on offer stays."""
        found = self._authorities(spec) if spec.kind == "authority" else self._choices(spec)
        known = {offer.value for offer in found}
        return found + (
            [Offer(value, value)] if isinstance(value, str) and value and value not in known else []
        )

    def suggestions(self, spec: Field) -> list[Offer]:
        """What is proposed beside a text that may be anything: documents, places."""
        if spec.kind == "reference":
            return [Offer(act.number, _about(act)) for act in self.documents.get(spec.key, ())]
        return [Offer(option.name, option.code) for option in spec.options]

    def _choices(self, spec: Field) -> list[Offer]:
        modes = self.definition.modes if spec.lookup == MODES_LOOKUP else ()
        return [
            Offer(option.code, self._read(option.name))
            for option in spec.options
            if not modes or option.code in modes
        ]

    def _read(self, name: str) -> str:
        """The name of a choice, as the reader's language says it; what is kept and printed is the name itself."""
        return DefinitionText(self.definition.id, name)

    def _authorities(self, spec: Field) -> list[Offer]:
        kinds = self.definition.issuer_kinds if spec.key == ISSUER else ()
        found = [a for a in self.circumstances.authorities if not kinds or a.kind in kinds]
        return [Offer(a.name, a.name) for a in found]

    @staticmethod
    def list_for(entry: Field) -> str:
        """Which of the lists on the page a person's name is chosen from."""
        if entry.free:
            return "everybody"
        return "signers" if entry.key == entitlement.APPROVER_FIELD else "people"

    @property
    def signers(self) -> list[Offer]:
        """Those who may sign for the issuing authority: its own people, never an agent's."""
        issuer = self.circumstances.authority_named(str(self.values.get(ISSUER) or ""))
        return self._people_of([issuer] if issuer else self.circumstances.authorities)

    @property
    def people(self) -> list[Offer]:
        """Those whose names may be printed: of the issuing authority, in an entrustment also of the agent."""
        named = [self.circumstances.authority_named(str(self.values.get(ISSUER) or ""))]
        entrustment = entitlement.entrustment_of(self.values, self.circumstances)
        if entrustment:
            named.append(self.circumstances.authority_named(entrustment.agent))
        chosen = [authority for authority in named if authority]
        return self._people_of(chosen or self.circumstances.authorities)

    @property
    def everybody(self) -> list[Offer]:
        """Everybody registered here, certified officers first."""
        officers = {
            o.name: _("执法证号 %(number)s", number=o.cert_no)
            for o in self.circumstances.officers
            if o.active
        }
        rest = {offer.value: offer.text for offer in self._people_of(self.circumstances.authorities)}
        return [
            Offer(name, about)
            for name, about in {**officers, **{n: t for n, t in rest.items() if n not in officers}}.items()
        ]

    @staticmethod
    def _people_of(authorities: Iterable[IssuingAuthority]) -> list[Offer]:
        named: dict[str, str] = {}
        for authority in authorities:
            for person in authority.people:
                named.setdefault(person.name, " ".join(t for t in (authority.short, person.title) if t))
        return [Offer(name, about) for name, about in named.items()]


def _about(act: Act) -> str:
    return join_messages(act.title, act.party, day(act.dated), separator=" ")


def offers_for(ports: Ports, who: Actor, draft: Draft, *, documents: bool = True) -> Offers:
    """What is on offer to this person on a draft; without documents where only people are asked for."""
    definition, values = draft.revision.definition, draft.evaluation.values
    circumstances = get_circumstances(ports, definition)
    referable = list_referable(ports, who, definition) if documents else {}
    return Offers(draft.act.id, definition, circumstances, values, referable)
