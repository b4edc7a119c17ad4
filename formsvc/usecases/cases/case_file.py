"""One case with its acts, deadlines and next steps."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from formsvc.domain.acts.act import Act, State
from formsvc.domain.acts.service_day import service_day as effective_service_day
from formsvc.domain.cases.deadlines import Deadline
from formsvc.domain.cases.hazards import Hazard, hazards_of
from formsvc.domain.cases.next_steps import (
    ANNOUNCEMENT,
    CHAIN,
    ENTRUSTMENT,
    IN_TIME,
    URGING,
    CaseAct,
    CaseRules,
    NextStep,
    acts_with_depth,
    deadlines_of,
    next_steps,
)
from formsvc.domain.expressions.functions import entries_of
from formsvc.usecases.access import may_see, visible_act
from formsvc.usecases.circumstances import load_calendar, load_office_settings
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Condition, Transaction

BY_DEADLINE = (IN_TIME, URGING)
MAX_ANCESTORS = 12


@dataclass(frozen=True)
class CaseLink:
    """One act of a case, its depth in the chain, the deadlines it set."""

    act: Act
    depth: int
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True)
class CaseFile:
    """A case from its first act on; ``next_steps`` are sorted soonest first."""

    links: tuple[CaseLink, ...]
    next_steps: tuple[DueItem, ...]
    hazards: tuple[Hazard, ...] = ()

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
    """A next step as lists show it."""

    step: NextStep
    after: Act
    is_offered: bool
    is_late: bool

    @property
    def day(self) -> date | None:
        return self.step.deadline.due if self.step.deadline else None


@dataclass(frozen=True)
class CaseContext:
    """The office's rules, the forms on offer and today."""

    rules: CaseRules
    offered: Container[str]
    today: date
    # the values behind ``rules``, one by one
    decided: Mapping[str, Any] = field(default_factory=dict)


def load_case_context(ports: Ports) -> CaseContext:
    """Return the rules as shipped or as the office decided.

    Do not call inside a transaction: it may publish a changed definition.
    """
    shipped: dict[str, Any] = {}
    for revision in ports.definitions.current().values():
        shipped |= {e["code"]: e["value"] for e in entries_of(revision.definition.lookups, "settings")}
    offered = ports.definitions.offered_forms()
    with ports.store.read() as tx:
        decided = load_office_settings(tx)
        calendar = load_calendar(ports, tx)
    if not calendar.weekends_only:
        calendar = calendar.with_weekends_for_missing_years()
    rules = shipped | dict(decided)
    return CaseContext(CaseRules(calendar, rules.__getitem__), offered, ports.clock.today(), rules)


def get_case(ports: Ports, actor: Actor, act_id: str) -> CaseFile:
    office = load_case_context(ports)
    with ports.store.read() as tx:
        return build_case(tx, actor, case_root(tx, actor, visible_act(tx, actor, act_id)), office)


def build_case(tx: Transaction, actor: Actor, first: Act, office: CaseContext) -> CaseFile:
    found = _family(tx, actor, first)
    by_id = {act.id: act for act in found}
    rules = office.rules
    chained = [to_case_act(act, rules) for act in found]
    ordered = acts_with_depth(chained)
    links = tuple(CaseLink(by_id[a.id], depth, tuple(deadlines_of(a, rules))) for a, depth in ordered)
    hazards = hazards_of([act for act, _ in ordered], office.today)
    return CaseFile(links, tuple(due_items(office, next_steps(chained, rules), by_id)), tuple(hazards))


def explain_deadlines(ports: Ports, actor: Actor, act_id: str) -> list[Deadline]:
    """Return the deadlines an act set, with the days counted.

    Raise NotFound.
    """
    rules = load_case_context(ports).rules
    with ports.store.read() as tx:
        act = visible_act(tx, actor, act_id)
    return deadlines_of(to_case_act(act, rules), rules)


def due_items(office: CaseContext, steps: Iterable[NextStep], acts: Mapping[str, Act]) -> list[DueItem]:
    return [DueItem(s, acts[s.after.id], s.form in office.offered, s.is_late(office.today)) for s in steps]


def _family(tx: Transaction, actor: Actor, root: Act) -> list[Act]:
    """Return the first act and all acts made from it, directly or not."""
    found = {root.id: root}
    level = [root]
    while level:
        level = [a for a in derived_acts(tx, [a.id for a in level], level) if a.id not in found]
        level = [a for a in level if may_see(actor, a)]
        found |= {a.id: a for a in level}
    return list(found.values())


def case_root(tx: Transaction, actor: Actor, act: Act) -> Act:
    """Return the act the case began with, as far up as visible."""
    # chains are short; the limit ends a loop in damaged data
    for _ in range(MAX_ANCESTORS):
        record = tx.acts.get(act.source_act) if act.source_act else None
        earlier = Act.from_record(record) if record else None
        if earlier is None or not may_see(actor, earlier) or is_separate_case(earlier.form, act.form):
            return act
        act = earlier
    return act


def is_separate_case(earlier: str, later: str) -> bool:
    """Return whether the earlier act belongs to another case.

    An entrustment (委托) is no part of the cases done under it; its public notice is.
    """
    return earlier == ENTRUSTMENT and later != ANNOUNCEMENT


def derived_acts(tx: Transaction, sources: list[str], acts: Iterable[Act]) -> list[Act]:
    """Return the acts made from these, void ones left out."""
    created = [act.created_at for act in acts]
    if not sources:
        return []
    records = tx.acts.find(
        Condition("created_at", ">=", min(created)),
        Condition("source_act", "in", sources),
        Condition("state", "!=", State.VOID.value),
        order="created_at",
    )
    found = [Act.from_record(record) for record in records]
    kinds = {act.id: act.form for act in acts}
    apart = ENTRUSTMENT
    return [a for a in found if kinds.get(a.source_act) != apart or a.form == ANNOUNCEMENT]


def to_case_act(act: Act, rules: CaseRules) -> CaseAct:
    served = service_day(act, rules)
    return CaseAct(
        id=act.id,
        form=act.form,
        title=act.title,
        number=act.number,
        dated=date.fromisoformat(act.dated or act.created_at[:10]),
        state=act.state,
        mode=act.mode,
        party=act.party,
        source=act.source_act,
        served_on=served.due if served else None,
        served_by_receipt=bool(act.service.get("receipt")),
        answers=act.answers,
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
    "BY_DEADLINE",
    "CHAIN",
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
