"""Responsibility matrix: who is responsible for each town and village."""

from __future__ import annotations

from datetime import date

from formsvc.domain.acts.act import Act, State
from formsvc.domain.authorities import authority_from_record
from formsvc.domain.cases.responsibility import (
    TOWN_FORM,
    VILLAGE_FORM,
    ResponsibilityNotice,
    Town,
    duty_matrix,
)
from formsvc.domain.expressions.functions import entries_of
from formsvc.usecases.access import may_see
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Condition


def responsibility_matrix(ports: Ports, actor: Actor, on: date | None = None) -> list[Town]:
    """Return every town with its villages, those with vacancies first.

    The latest notice of a village counts, of a town the latest in force; void ones never. `on` defaults
    to today.
    """
    with ports.store.read() as tx:
        authorities = [authority_from_record(record) for record in tx.authorities.find(order="id")]
        records = tx.acts.find(
            Condition("form", "in", [TOWN_FORM, VILLAGE_FORM]),
            Condition("state", "in", [State.ISSUED.value, State.SERVED.value]),
        )
    notices = [_notice(act) for act in map(Act.from_record, records) if may_see(actor, act)]
    towns = duty_matrix(authorities, _regions(ports), notices, on or ports.clock.today())
    return sorted(towns, key=lambda town: -town.warning_count)


def _notice(act: Act) -> ResponsibilityNotice:
    issuer = str(act.answers.get("issuer_name") or "")
    return ResponsibilityNotice(
        act.id, act.form, act.number, issuer, date.fromisoformat(act.dated), act.answers
    )


def _regions(ports: Ports) -> list[dict[str, object]]:
    """Return the regions of the office from any form that carries them."""
    for revision in ports.definitions.current().values():
        found = entries_of(revision.definition.lookups, "regions")
        if found:
            return [dict(entry) for entry in found]
    return []
