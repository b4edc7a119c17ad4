"""Rows of documents whose party was entered into its register later."""

from __future__ import annotations

from datetime import date

from formsvc.domain.acts.act import Act, State
from formsvc.domain.life.effects import REGISTER_VERBS
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.effects.execution import write_rows
from formsvc.usecases.effects.plans import plan_rows

_FINISHED = (State.ISSUED, State.SERVED)


def write_party_rows(ports: Ports, actor: Actor, act: Act, key: str) -> None:
    """Do what an issued document left out for want of its party's row.

    ``key`` is the field of the party. Evaluates and writes: do not call inside a transaction.
    """
    if act.status not in _FINISHED or act.is_revoked or not act.dated:
        return
    definition = ports.definitions.revision(act.revision).definition
    registers = ports.definitions.registers_in_use()
    planned = plan_rows(ports, act, definition, "issued", date.fromisoformat(act.dated))
    left = [
        effect.limited_to_party(registers[effect.register].source.key)
        for effect in planned
        if effect.verb in REGISTER_VERBS and effect.party == key
    ]
    with ports.store.write() as tx:
        write_rows(ports, tx, actor, act, [effect for effect in left if effect])
