"""Plans of effects, made from an act before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from formsvc.domain.acts.act import Act, require_voidable
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields.former_keys import with_present_keys
from formsvc.domain.json_types import JSON
from formsvc.domain.life.effect_plans import (
    EffectContext,
    PartyRow,
    PlannedEffect,
    ThisDocument,
    plan_effects,
)
from formsvc.domain.life.effects import Verb
from formsvc.domain.numbering.register import Voiding, check_voiding
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.circumstances import get_circumstances
from formsvc.usecases.context import Ports
from formsvc.usecases.effects.standing import (
    LaterDocuments,
    find_later_documents,
    require_nothing_finished,
)
from formsvc.usecases.picks.twins import find_twin, picked_fields
from formsvc.usecases.ports import Condition, Transaction

_ENDING = {Verb.VOID_DOCUMENT: "voided", Verb.REVOKE_DOCUMENT: "revoked"}


@dataclass(frozen=True)
class EndingPlan:
    """Plan of voiding or revoking one document.

    ``later`` is what stood on it when the plan was made.
    """

    act: Act
    later: LaterDocuments
    effects: EffectPlan
    voiding: Voiding | None = None


@dataclass(frozen=True)
class EffectPlan:
    """Planned effects; ``endings`` by the id of the document ended."""

    effects: tuple[PlannedEffect, ...] = ()
    endings: Mapping[str, EndingPlan] = field(default_factory=dict)


def plan_of(
    ports: Ports, act: Act, event: str, day: date, *, number: str = "", served_on: str = ""
) -> EffectPlan:
    """Return what an act will do at an event of this day.

    ``number`` is the one it is about to get. Evaluates: do not call inside a write transaction. Raise FormsvcError if
    something of it cannot be done.
    """
    definition = ports.definitions.revision(act.revision).definition
    effects = plan_rows(ports, act, definition, event, day, number=number, served_on=served_on)
    endings = [_ending(ports, act, planned, day) for planned in effects if planned.verb in _ENDING]
    return EffectPlan(tuple(effects), {plan.act.id: plan for plan in endings if plan})


def plan_rows(
    ports: Ports,
    act: Act,
    definition: FormDefinition,
    event: str,
    day: date,
    *,
    number: str = "",
    served_on: str = "",
) -> list[PlannedEffect]:
    """Return the effects of an act by the life of this definition."""
    if definition.life is None or not list(definition.life.effects.located(event)):
        return []
    this = ThisDocument(
        id=act.id,
        form=act.form,
        title=act.title,
        number=number or act.number,
        date=act.dated,
        state=act.state,
        mode=act.mode,
        served_on=served_on or None,
    )
    answers = with_present_keys(definition.renamed_fields, act.answers)
    parties = {} if act.confidential else _party_rows(ports, definition, answers)
    circumstances = get_circumstances(ports, definition, None)
    context = EffectContext(circumstances, ports.definitions.registers(), parties)
    return plan_effects(definition, answers, this, event, day, context)


def _party_rows(ports: Ports, definition: FormDefinition, answers: Mapping[str, JSON]) -> dict[str, PartyRow]:
    """Return the row in force of each party that effects name, by field.

    They are those that the office entered. Confidential documents change none.
    """
    life = definition.life
    named = life.effects.parties() if life else frozenset()
    fields = [entry for entry in definition.fields if entry.key in named]
    found = {}
    with ports.store.read() as tx:
        for entry, register in picked_fields(ports.definitions.registers_in_use(), fields):
            twin = find_twin(tx, None, register, entry.pick, answers) if entry.pick else None
            if twin:
                found[entry.key] = PartyRow(register.id, twin[1].values, twin[1].begun)
    return found


def plan_ending(ports: Ports, act: Act, event: str, day: date, voiding: Voiding | None = None) -> EndingPlan:
    """Return the plan of voiding or revoking a document."""
    return EndingPlan(act, find_later_documents(ports, act), plan_of(ports, act, event, day), voiding)


def _ending(ports: Ports, by: Act, planned: PlannedEffect, day: date) -> EndingPlan | None:
    with ports.store.read() as tx:
        target = find_target(tx, planned.target)
    if target is None:
        if planned.verb is Verb.REVOKE_DOCUMENT:
            return None
        number = str(planned.target.get("number") or "")
        raise FormsvcError(
            msg("系统内没有文号为“{number}”的文书，不能据本件作废。", number=number),
            msg("请核对文号；纸质文书的号请在号簿中作废。"),
        )
    if by.authority not in (target.authority, target.agent):
        raise FormsvcError(
            msg("“{number}”是别的机关制发的，本机关不能作废（撤销）。", number=target.number),
            msg("请核对文号，或者请制发机关办理。"),
        )
    plan = plan_ending(ports, target, _ENDING[planned.verb], day)
    if planned.verb is Verb.REVOKE_DOCUMENT:
        return plan
    require_voidable(target)
    require_nothing_finished(target, plan.later, without=by.id)
    voiding = _voiding(by, planned.changes)
    check_voiding(voiding)
    return EndingPlan(plan.act, plan.later, plan.effects, voiding)


def _voiding(by: Act, given: Mapping[str, JSON]) -> Voiding:
    """Return how a number is voided by a document, its reason first."""
    reason = str(given.get("reason") or by.title)
    return Voiding(
        reason=reason,
        approver=str(given.get("approver") or ""),
        stage=str(given.get("stage") or ""),
        collected=given.get("collected") is True,
        replaced_by=str(given.get("replaced_by") or ""),
    )


def find_target(tx: Transaction, reference: Mapping[str, str]) -> Act | None:
    """Return our own document that a reference names, by id or number."""
    record = tx.acts.get(reference["act_id"]) if reference.get("act_id") else None
    number = reference.get("number")
    if record is None and number:
        record = next(iter(tx.acts.find(Condition("number", "==", number), limit=1)), None)
    return Act.from_record(record) if record else None
