"""Access log: every view of personal data in an act is an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from formsvc.domain.acts.act import SIGHT_EVENTS, Act
from formsvc.domain.fields.former_keys import with_all_keys
from formsvc.domain.json_types import JSON
from formsvc.domain.masking import masked_service
from formsvc.domain.privacy.personal_answers import PersonalAnswers
from formsvc.usecases.access import visible_act
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.effects.current_answers import renamed_fields_of
from formsvc.usecases.event_log import latest_events, record_event

SAME_VIEW = timedelta(minutes=10)


def personal_answers(ports: Ports, act: Act) -> PersonalAnswers:
    return PersonalAnswers(ports.definitions.revision(act.revision).definition, act.answers)


def has_personal_data(ports: Ports, act: Act) -> bool:
    return bool(personal_answers(ports, act)) or masked_service(act.service) != act.service


def log_view(ports: Ports, actor: Actor, act: Act, what: str, *, part: bool = False) -> None:
    """Log that the person saw this part of an act, if it holds personal data.

    A drafter's look at an unsubmitted draft is not logged. With `part` (an image of a page) nothing is
    logged within ten minutes of a logged view.
    """
    if (act.drafter == actor.account.id and not act.submitted_at) or not has_personal_data(ports, act):
        return
    # a page shows each sheet as an image of its own: twenty events would say the same
    if part and _was_just_here(ports, actor, act):
        return
    with ports.store.write() as tx:
        record_event(tx, ports.clock, actor, act.id, "Viewed", note=what)


def answers_to_take(ports: Ports, actor: Actor, act: Act, answers: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Return what the person may take from an act into a draft.

    A renamed field is taken under its present and its former keys.
    A token without personal data takes none: such fields stay empty.
    """
    if not (actor.sees_personal or (act.drafter == actor.account.id and not act.submitted_at)):
        definition = ports.definitions.revision(act.revision).definition
        answers = PersonalAnswers(definition, answers).left_out()
    return with_all_keys(renamed_fields_of(ports.definitions, act), answers)


def log_taking(ports: Ports, actor: Actor, act: Act, taken: Mapping[str, JSON], what: str) -> None:
    """Log that the person saw personal data of an act by taking these values."""
    if personal_answers(ports, act).occur_in(taken):
        log_view(ports, actor, act, what)


def _was_just_here(ports: Ports, actor: Actor, act: Act) -> bool:
    since = (ports.clock.now() - SAME_VIEW).isoformat(timespec="seconds")
    with ports.store.read() as tx:
        latest = latest_events(tx, act.id, 20)
    return any(e.kind in SIGHT_EVENTS and e.by == actor.account.id and e.at >= since for e in latest)


def reveal(ports: Ports, actor: Actor, act_id: str) -> Act:
    """Log the request for unmasked data and return the act.

    Raise NotFound.
    """
    # logged before the answer is sent: what was shown must be in the log
    with ports.store.write() as tx:
        act = visible_act(tx, actor, act_id)
        record_event(tx, ports.clock, actor, act.id, "Revealed")
    return act
