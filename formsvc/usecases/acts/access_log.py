"""Who saw what: every view of an act that tells personal things about somebody is an event."""

from __future__ import annotations

from datetime import timedelta

from formsvc.domain.acts.act import SIGHT_EVENTS, Act
from formsvc.domain.masking import masked_service
from formsvc.domain.privacy.personal_answers import PersonalAnswers
from formsvc.usecases import event_log as history
from formsvc.usecases.access import visible_act
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Condition

SAME_VIEW = timedelta(minutes=10)


def personal(ports: Ports, act: Act) -> PersonalAnswers:
    """What is personal in an act."""
    return PersonalAnswers(ports.definitions.revision(act.revision).definition, act.answers)


def tells_personal(ports: Ports, act: Act) -> bool:
    """Whether an act's answers or its service tell anything personal about somebody."""
    return bool(personal(ports, act)) or masked_service(act.service) != act.service


def seen(ports: Ports, who: Actor, act: Act, what: str, *, part: bool = False) -> None:
    """Remember that somebody saw this part of an act, if it tells anything personal.

    One's own draft is no view. ``part``: something that belongs to a page already remembered, such as the picture
    of a sheet, is remembered only where that page was not.
    """
    if (act.drafter == who.account.id and not act.submitted_at) or not tells_personal(ports, act):
        return
    if part and _was_just_here(ports, who, act):
        return
    with ports.store.write() as tx:
        history.record_event(tx, ports.clock, who, act.id, "Viewed", note=what)


def _was_just_here(ports: Ports, who: Actor, act: Act) -> bool:
    since = (ports.clock.now() - SAME_VIEW).isoformat(timespec="seconds")
    with ports.store.read() as tx:
        latest = tx.events.find(Condition("act_id", "==", act.id), order="id", descending=True, limit=20)
    return any(e["kind"] in SIGHT_EVENTS and e["by"] == who.account.id and e["at"] >= since for e in latest)


def reveal(ports: Ports, who: Actor, act_id: str) -> Act:
    """The act for somebody who asks for the personal texts themselves. Raises NotFound."""
    with ports.store.write() as tx:
        act = visible_act(tx, who, act_id)
        history.record_event(tx, ports.clock, who, act.id, "Revealed")
    return act
