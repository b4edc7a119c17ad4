"""One case with its acts, deadlines and next steps."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from formsvc.domain.acts.act import Act, State
from formsvc.domain.acts.service_day import service_day as effective_service_day
from formsvc.domain.cases.act_deadlines import deadline_faults
from formsvc.domain.cases.case_act import StruckOff
from formsvc.domain.cases.deadlines import Deadline
from formsvc.domain.cases.hazards import Hazard, hazards_of
from formsvc.domain.cases.next_steps import (
    SERVICE,
    CaseAct,
    CaseRules,
    NextStep,
    acts_with_depth,
    deadlines_of,
    next_steps,
    possible_steps,
)
from formsvc.domain.life.act_life import ActLife
from formsvc.errors import NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.access import may_see, visible_act
from formsvc.usecases.cases.case_context import CaseContext, load_case_context
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.due_index import DueIndex
from formsvc.usecases.effects.current_answers import answers_as_read
from formsvc.usecases.ports import Condition, Transaction

REVOKED = "revoked"


class Action(StrEnum):
    """Task that a next step sets now."""

    MAKE = "make"
    CONTINUE = "continue"
    REVIEW = "review"
    APPROVE = "approve"
    ISSUE = "issue"
    SERVE = "serve"
    CONFIRM = "confirm"


_ACTIONS_BY_STATE = {
    State.SUBMITTED.value: Action.REVIEW,
    State.REVIEWED.value: Action.APPROVE,
    State.APPROVED.value: Action.ISSUE,
}


@dataclass(frozen=True)
class CaseLink:
    """One act of a case, its depth in the chain, the deadlines it set."""

    act: Act
    depth: int
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True)
class CaseFile:
    """A case from its first act on; ``next_steps`` are sorted soonest first.

    ``possible_steps`` need not be done; ``notices`` say what could not be computed.
    """

    links: tuple[CaseLink, ...]
    next_steps: tuple[DueItem, ...]
    hazards: tuple[Hazard, ...] = ()
    possible_steps: tuple[DueItem, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def first(self) -> Act:
        """Return the first act; its id is the case's id."""
        return self.links[0].act

    @property
    def party(self) -> str:
        return next((link.act.party for link in self.links if link.act.party), "")

    @property
    def acts(self) -> tuple[Act, ...]:
        return tuple(link.act for link in self.links)


@dataclass(frozen=True)
class DueItem:
    """A next step as lists show it; ``action`` is what it asks for now."""

    step: NextStep
    after: Act
    is_offered: bool
    is_late: bool
    action: Action = Action.MAKE

    @property
    def day(self) -> date | None:
        return self.step.deadline.due if self.step.deadline else None


def get_case(ports: Ports, actor: Actor, act_id: str) -> CaseFile:
    office = load_case_context(ports)
    with ports.store.read() as tx:
        return build_case(tx, actor, case_root(tx, actor, visible_act(tx, actor, act_id), office), office)


def build_case(tx: Transaction, actor: Actor, first: Act, office: CaseContext) -> CaseFile:
    return build_cases(tx, actor, [first], office)[0]


def build_cases(tx: Transaction, actor: Actor, firsts: Sequence[Act], office: CaseContext) -> list[CaseFile]:
    families = _families(tx, actor, firsts, office)
    return [_case_of(families[first.id], office) for first in firsts]


def build_brief_cases(
    tx: Transaction, actor: Actor, firsts: Sequence[Act], office: CaseContext, index: DueIndex
) -> list[CaseFile]:
    """Return cases with their acts and next steps only.

    The steps are computed once for acts in these versions.
    """
    families = _families(tx, actor, firsts, office)
    return [_brief_case_of(families[first.id], office, index) for first in firsts]


def _brief_case_of(found: Sequence[Act], office: CaseContext, index: DueIndex) -> CaseFile:
    by_id = {act.id: act for act in found}
    key = ("case", office.rules_key, office.today, *map(act_version, found))
    if office.asks_for_documents(found):
        order, steps = _order_and_steps(found, office)
    else:
        order, steps = index.remembered(key, lambda: _order_and_steps(found, office))
    links = tuple(CaseLink(by_id[id_], depth, ()) for id_, depth in order)
    return CaseFile(links, tuple(due_items(office, steps, by_id)))


def _order_and_steps(
    found: Sequence[Act], office: CaseContext
) -> tuple[tuple[tuple[str, int], ...], tuple[NextStep, ...]]:
    """Return the acts with their depth, and the steps of the case."""
    chained = [to_case_act(act, office) for act in found]
    order = tuple((act.id, depth) for act, depth in acts_with_depth(chained))
    steps = next_steps([] if found[0].is_case_closed else chained, office.brief_rules)
    return order, tuple(replace(step, after=replace(step.after, answers={})) for step in steps)


def act_version(act: Act) -> Hashable:
    """Return what differs between any two versions of an act."""
    effects = (repr(act.service), repr(act.consequences), repr(act.struck_off))
    return (act.id, act.version, act.updated_at, act.state, bool(act.erased), *effects)


def _case_of(found: Sequence[Act], office: CaseContext) -> CaseFile:
    by_id = {act.id: act for act in found}
    rules = office.rules
    chained = [to_case_act(act, office) for act in found]
    # nothing is left to do in a closed case
    open_acts = [] if found[0].is_case_closed else chained
    ordered = acts_with_depth(chained)
    links = tuple(CaseLink(by_id[a.id], depth, tuple(deadlines_of(a, rules))) for a, depth in ordered)
    hazards = hazards_of([act for act, _ in ordered], office.today)
    return CaseFile(
        links,
        tuple(due_items(office, next_steps(open_acts, rules), by_id)),
        tuple(hazards),
        tuple(due_items(office, possible_steps(open_acts, rules), by_id)),
        tuple(_notices([act for act, _ in ordered], rules)),
    )


def _notices(acts: Iterable[CaseAct], rules: CaseRules) -> Iterator[str]:
    """Yield what a reader must know of the lives: borrowed ones, and faults."""
    for act in acts:
        if act.life and not act.life.is_own and act.is_finished:
            yield msg(
                "《{title}》{number}制作时的表单没有写明期限和后续文书，按后来启用的第一版办理，文书本身不变。",
                title=act.title,
                number=act.number,
            )
        for fault in deadline_faults(act, rules):
            yield msg("《{title}》{number}：{fault}", title=act.title, number=act.number, fault=fault)


def explain_deadlines(ports: Ports, actor: Actor, act_id: str) -> list[Deadline]:
    """Return the deadlines an act set, with the days counted.

    Raise NotFound.
    """
    office = load_case_context(ports)
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
    return deadlines_of(to_case_act(act, office), office.rules)


def due_items(office: CaseContext, steps: Iterable[NextStep], acts: Mapping[str, Act]) -> list[DueItem]:
    offered = [_offered_step(step, office) for step in steps]
    return [
        DueItem(s, acts[s.after.id], s.form in office.offered, s.is_late(office.today), action_of(s))
        for s in offered
    ]


def _offered_step(step: NextStep, office: CaseContext) -> NextStep:
    """Return the step with the first of its forms that the office has."""
    forms = step.forms or (office.receipts if step.step == SERVICE else ())
    form = next((form for form in forms if form in office.titles), step.form)
    return replace(step, form=form, title=office.titles.get(form, step.title))


def action_of(step: NextStep) -> Action:
    """Return what a step asks for now."""
    if step.begun:
        return _ACTIONS_BY_STATE.get(step.begun_state, Action.CONTINUE)
    if step.step == SERVICE:
        return Action.SERVE
    return Action.MAKE if step.forms else Action.CONFIRM


def _families(
    tx: Transaction, actor: Actor, firsts: Sequence[Act], office: CaseContext
) -> dict[str, list[Act]]:
    """Return the first acts, each with all acts made from it, by its id.

    All cases together: a query for each level, not for each case.
    """
    roots = {first.id: first.id for first in firsts}
    families = {first.id: [first] for first in firsts}
    level = list(firsts)
    while level:
        level = [a for a in derived_acts(tx, level, office) if a.id not in roots and may_see(actor, a)]
        for act in level:
            roots[act.id] = roots[act.source_act]
            families[roots[act.id]].append(act)
    return families


def case_root(tx: Transaction, actor: Actor, act: Act, office: CaseContext) -> Act:
    """Return the act the case began with, as far up as visible."""
    # `passed` ends a loop in damaged data
    passed: set[str] = set()
    while act.id not in passed:
        passed.add(act.id)
        record = tx.acts.get(act.source_act) if act.source_act else None
        earlier = Act.from_record(record) if record else None
        if earlier is None or not may_see(actor, earlier) or is_separate_case(earlier, act, office):
            return act
        act = earlier
    return act


def is_separate_case(earlier: Act, later: Act, office: CaseContext) -> bool:
    """Return whether the earlier act belongs to another case.

    An entrustment (委托) is no part of the cases done under it; its public notice is.
    """
    known = life_of_act(earlier, office)
    if known is None or not known.life.separate_case:
        return False
    return all(later.form not in rule.forms.split("/") for rule in known.life.follow_ups)


def life_of_act(act: Act, office: CaseContext) -> ActLife | None:
    """Return the life of an act; None also if its revision is lost."""
    try:
        return office.life_of(act.revision)
    except NotFound:
        return None


def derived_acts(tx: Transaction, acts: Sequence[Act], office: CaseContext) -> list[Act]:
    """Return the acts made from these, void ones left out."""
    sources = {act.id: act for act in acts}
    if not sources:
        return []
    # sorted here: with an order the store would look at all later acts
    records = tx.acts.find(
        Condition("source_act", "in", list(sources)), Condition("state", "!=", State.VOID.value)
    )
    found = sorted((Act.from_record(record) for record in records), key=lambda act: act.created_at)
    return [act for act in found if not is_separate_case(sources[act.source_act], act, office)]


def to_case_act(act: Act, office: CaseContext) -> CaseAct:
    served, life = service_day(act, office.rules), life_of_act(act, office)
    return CaseAct(
        id=act.id,
        form=act.form,
        title=act.title,
        number=act.number,
        dated=date.fromisoformat(act.dated or act.created_at[:10]),
        # what was revoked asks for nothing any more
        state=REVOKED if act.is_revoked else act.state,
        mode=act.mode,
        party=act.party,
        source=act.source_act,
        served_on=served.due if served else None,
        served_by_receipt=bool(act.service.get("receipt")),
        answers=answers_as_read(act, life, office.renamed.get(act.form, ())),
        struck_off=tuple(StruckOff(**entry) for entry in act.struck_off),
        life=life,
    )


def service_day(act: Act, rules: CaseRules) -> Deadline | None:
    """Return the day a document counts as served; None if it is not."""
    return effective_service_day(act.service, rules.calendar, rules.setting)


def get_service_day(ports: Ports, actor: Actor, act_id: str) -> Deadline | None:
    """Return the day an act counts as served. Raise NotFound."""
    rules = load_case_context(ports).rules
    with ports.store.read() as tx:
        return service_day(visible_act(tx, actor, act_id), rules)


__all__ = [
    "Action",
    "CaseFile",
    "Deadline",
    "DueItem",
    "CaseLink",
    "CaseContext",
    "build_case",
    "get_case",
    "explain_deadlines",
    "case_root",
    "load_case_context",
    "get_service_day",
    "service_day",
]
