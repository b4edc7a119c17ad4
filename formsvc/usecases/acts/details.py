"""One act as a person sees it: history, source, follow-ups, allowed steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from formsvc.domain.acts.act import STEPS, Act, Event, State, Step, require_step, steps_from
from formsvc.domain.calendar import CalendarMissing, working_days_between
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.access import get_act, may_write, visible_act
from formsvc.usecases.circumstances import get_calendar
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.definitions import Revision
from formsvc.usecases.effects.case_locks import case_lock_of
from formsvc.usecases.event_log import events_of_act
from formsvc.usecases.ports import Condition, Transaction

DECISIONS = {State.SUBMITTED: Step.REVIEW, State.REVIEWED: Step.APPROVE}


@dataclass(frozen=True)
class ActDetails:
    """Everything the page of an act shows; ``steps`` are those allowed now."""

    act: Act
    revision: Revision
    events: list[Event]
    steps: frozenset[Step]
    source: Act | None
    derived_acts: list[Act]
    follow_up_forms: list[tuple[str, str]]
    may_copy: bool
    # by what the case is locked, None while it is open
    case_lock: Mapping[str, str] | None = None

    @property
    def prints(self) -> list[Event]:
        return [event for event in self.events if event.kind == "Printed"]

    @property
    def due_label(self) -> str:
        definition = self.revision.definition
        return next((f.label for f in definition.fields if f.key == definition.due), msg("期限"))


@dataclass(frozen=True)
class ActDeadline:
    """A due day, and the working days left; None if the year has no calendar."""

    due: date
    today: date
    left: int | None

    @property
    def is_today(self) -> bool:
        return self.due == self.today

    @property
    def is_past(self) -> bool:
        return self.due < self.today


def act_details(ports: Ports, actor: Actor, act_id: str) -> ActDetails:
    act = get_act(ports, actor, act_id)
    referring = _referring(ports, act.form)
    with ports.store.read() as tx:
        source = _seen(tx, actor, act.source_act)
        made = _made_from(tx, actor, act, referring)
    current = ports.definitions.current()
    return ActDetails(
        act=act,
        revision=ports.definitions.revision(act.revision),
        events=events_of_act(ports, act.id),
        steps=allowed_steps(ports, actor, act),
        source=source,
        derived_acts=made,
        follow_up_forms=follow_up_forms(ports, actor, act),
        may_copy=act.form in current and may_write(actor, current[act.form].definition),
        case_lock=case_lock_of(ports, actor, act.id)[1],
    )


def _seen(tx: Transaction, actor: Actor, act_id: str) -> Act | None:
    try:
        return visible_act(tx, actor, act_id) if act_id else None
    except FormsvcError:
        return None


def _made_from(tx: Transaction, actor: Actor, act: Act, referring: list[str]) -> list[Act]:
    # only forms with such a reference and only younger acts: both are indexed
    later = (Condition("form", "in", referring), Condition("created_at", ">=", act.created_at))
    records = tx.acts.find(*later, Condition("source_act", "==", act.id), order="created_at")
    found = [_seen(tx, actor, record["id"]) for record in records]
    return [later for later in found if later is not None]


def follow_up_forms(ports: Ports, actor: Actor, act: Act) -> list[tuple[str, str]]:
    """Return ids and titles of the forms this person can make from the act."""
    if act.status not in (State.ISSUED, State.SERVED):
        return []
    current = ports.definitions.current()
    return [
        (form, current[form].definition.title)
        for form in _referring(ports, act.form)
        if may_write(actor, current[form].definition)
        if not act.mode or act.mode in (current[form].definition.modes or (act.mode,))
    ]


def _referring(ports: Ports, form: str) -> list[str]:
    """Return the forms on offer whose documents are made from this one's."""
    return [
        other
        for other, revision in ports.definitions.current().items()
        if any(form in entry.referable for entry in revision.definition.source_references)
    ]


def allowed_steps(ports: Ports, actor: Actor, act: Act) -> frozenset[Step]:
    """Return the steps the person may take: by state, right and four eyes."""
    return frozenset(step for step in steps_from(act.status) if _may(ports, actor, act, step))


def _may(ports: Ports, actor: Actor, act: Act, step: Step) -> bool:
    own = act.drafter == actor.account.id
    if step in (Step.SUBMIT, Step.WITHDRAW):
        return own
    if step is Step.RETURN:
        return _may(ports, actor, act, DECISIONS[act.status])
    # four eyes (双人复核): the drafter decides nothing about the act
    if own and ports.policy.four_eyes and step in (Step.REVIEW, Step.APPROVE):
        return False
    return actor.account.may(STEPS[step].right, act.authority)


def require_allowed_step(ports: Ports, actor: Actor, act_id: str, step: Step) -> Act:
    """Return the act if the person may take the step now.

    Raise NotFound, RightMissing, TransitionRefused.
    """
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
        authority = tx.authorities.get(act.authority) if act.authority else None
    actor.account.require(STEPS[step].right, act.authority, str(authority["name"]) if authority else "")
    require_step(act.status, step)
    return act


def deadline(ports: Ports, act: Act) -> ActDeadline | None:
    if not act.due or act.status not in (State.ISSUED, State.SERVED):
        return None
    return deadline_on(ports, date.fromisoformat(act.due))


def deadline_on(ports: Ports, due: date) -> ActDeadline:
    today = ports.clock.today()
    try:
        return ActDeadline(due, today, working_days_between(today, due, get_calendar(ports)))
    except CalendarMissing:
        return ActDeadline(due, today, None)


def printed_drafter(ports: Ports, act: Act) -> str:
    """Return the drafter's name as the answers have it, or ""."""
    return ports.definitions.revision(act.revision).definition.roles.text(act.answers, "drafter")


def display_names(ports: Ports, people: Sequence[str] = ()) -> dict[str, str]:
    """Return the display names of accounts; of all if none are named."""
    with ports.store.read() as tx:
        records = tx.accounts.find()
    return {r["id"]: r["display_name"] for r in records if not people or r["id"] in people}
