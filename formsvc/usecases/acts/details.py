"""One act as a person sees it: what happened, what it came from, what follows, and what they may do now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from formsvc.domain.acts.act import STEPS, Act, Event, State, Step, require_step, steps_from
from formsvc.domain.calendar import CalendarMissing, working_days_between
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases import event_log as history
from formsvc.usecases.access import act_seen, may_write, visible_act
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.definitions import Revision
from formsvc.usecases.ports import Condition, Transaction

DECISIONS = {State.SUBMITTED: Step.REVIEW, State.REVIEWED: Step.APPROVE}


@dataclass(frozen=True)
class ActFile:
    """Everything the page of an act shows; ``steps`` are those this person may take now."""

    act: Act
    revision: Revision
    events: list[Event]
    steps: frozenset[Step]
    source: Act | None
    made_from_it: list[Act]
    followers: list[tuple[str, str]]
    may_copy: bool

    @property
    def prints(self) -> list[Event]:
        """The print log."""
        return [event for event in self.events if event.kind == "Printed"]

    @property
    def due_label(self) -> str:
        """What the act's deadline is called on its form."""
        definition = self.revision.definition
        return next((f.label for f in definition.fields if f.key == definition.due), msg("期限"))


@dataclass(frozen=True)
class Deadline:
    """A day something is due, and how many working days are left; None where the year has no calendar."""

    due: date
    today: date
    left: int | None

    @property
    def is_today(self) -> bool:
        """Whether today is the day."""
        return self.due == self.today

    @property
    def is_past(self) -> bool:
        """Whether the day has gone by."""
        return self.due < self.today


def act_file(ports: Ports, who: Actor, act_id: str) -> ActFile:
    """The act with its history and what this person may do. Raises NotFound."""
    act = act_seen(ports, who, act_id)
    referring = _referring(ports, act.form)
    with ports.store.read() as tx:
        source = _seen(tx, who, act.source_act)
        made = _made_from(tx, who, act, referring)
    current = ports.definitions.current()
    return ActFile(
        act=act,
        revision=ports.definitions.revision(act.revision),
        events=history.of_act(ports, act.id),
        steps=steps_for(ports, who, act),
        source=source,
        made_from_it=made,
        followers=followers(ports, who, act),
        may_copy=act.form in current and may_write(who, current[act.form].definition),
    )


def _seen(tx: Transaction, who: Actor, act_id: str) -> Act | None:
    try:
        return visible_act(tx, who, act_id) if act_id else None
    except FormsvcError:
        return None


def _made_from(tx: Transaction, who: Actor, act: Act, referring: list[str]) -> list[Act]:
    """Acts made from this one; only forms that refer to it are looked at, and only what is younger."""
    later = (Condition("form", "in", referring), Condition("created_at", ">=", act.created_at))
    records = tx.acts.find(*later, Condition("source_act", "==", act.id), order="created_at")
    found = [_seen(tx, who, record["id"]) for record in records]
    return [later for later in found if later is not None]


def followers(ports: Ports, who: Actor, act: Act) -> list[tuple[str, str]]:
    """Forms on offer that this person can make from this act: ids and titles. Only numbered, valid acts have any."""
    if act.status not in (State.ISSUED, State.SERVED):
        return []
    current = ports.definitions.current()
    return [
        (form, current[form].definition.title)
        for form in _referring(ports, act.form)
        if may_write(who, current[form].definition)
        if not act.mode or act.mode in (current[form].definition.modes or (act.mode,))
    ]


def _referring(ports: Ports, form: str) -> list[str]:
    """The forms on offer that have a reference to this one."""
    return [
        other
        for other, revision in ports.definitions.current().items()
        if any(f.kind == "reference" and form in f.referable for f in revision.definition.fields)
    ]


def steps_for(ports: Ports, who: Actor, act: Act) -> frozenset[Step]:
    """The steps this person may take with the act now: state, right, and four eyes considered."""
    return frozenset(step for step in steps_from(act.status) if _may(ports, who, act, step))


def _may(ports: Ports, who: Actor, act: Act, step: Step) -> bool:
    own = act.drafter == who.account.id
    if step in (Step.SUBMIT, Step.WITHDRAW):
        return own
    if step is Step.RETURN:
        return _may(ports, who, act, DECISIONS[act.status])
    if own and ports.policy.four_eyes and step in (Step.REVIEW, Step.APPROVE):
        return False
    return who.account.may(STEPS[step].right, act.authority)


def require_step_of(ports: Ports, who: Actor, act_id: str, step: Step) -> Act:
    """The act, when this person may take the step now. Raises NotFound, RightMissing, TransitionRefused."""
    with ports.store.read() as tx:
        act = visible_act(tx, who, act_id)
        authority = tx.authorities.get(act.authority) if act.authority else None
    who.account.require(STEPS[step].right, act.authority, str(authority["name"]) if authority else "")
    require_step(act.status, step)
    return act


def deadline(ports: Ports, act: Act) -> Deadline | None:
    """The day the act is due for what follows, while that is still open."""
    if not act.due or act.status not in (State.ISSUED, State.SERVED):
        return None
    return deadline_on(ports, date.fromisoformat(act.due))


def deadline_on(ports: Ports, due: date) -> Deadline:
    """A deadline counted from today."""
    today = ports.clock.today()
    try:
        return Deadline(due, today, working_days_between(today, due, ports.calendar))
    except CalendarMissing:
        return Deadline(due, today, None)


def names_of(ports: Ports, people: Sequence[str] = ()) -> dict[str, str]:
    """What accounts are called; all of them when none are named."""
    with ports.store.read() as tx:
        records = tx.accounts.find()
    return {r["id"]: r["display_name"] for r in records if not people or r["id"] in people}
