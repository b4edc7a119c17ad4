"""Voiding (作废) of a document issued here."""

from __future__ import annotations

from formsvc.domain.accounts.account import Right
from formsvc.domain.acts.act import Act, require_voidable
from formsvc.domain.numbering.register import Voiding, check_voiding
from formsvc.usecases.access import visible_act
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.effects.execution import void_document
from formsvc.usecases.effects.plans import plan_ending
from formsvc.usecases.effects.standing import LaterDocuments, find_later_documents


def void_act(
    ports: Ports, actor: Actor, act_id: str, *, reason: str = "", voiding: Voiding | None = None
) -> Act:
    """Void a numbered act that is not served yet; its number stays used.

    With `reason` alone the person who voids is recorded as approver. What the act did to registers and other
    documents is undone. Raise TransitionRefused, RightMissing, InputRefused, and Conflict with the list while a
    finished document stands on it.
    """
    voided_as = voiding or Voiding(reason)
    check_voiding(voided_as)
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
        require_voidable(act)
        actor.account.require(Right.VOID, act.authority)
    plan = plan_ending(ports, act, "voided", ports.clock.today(), voided_as)
    with ports.store.write() as tx:
        return void_document(ports, tx, actor, plan)


def documents_standing_on(ports: Ports, actor: Actor, act_id: str) -> LaterDocuments:
    """Return what was made on the ground of an act. Raise NotFound."""
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
    return find_later_documents(ports, act)
