"""One case with its acts, deadlines and next steps."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from formsvc.domain.acts.act import Act, State
from formsvc.domain.cases import next_steps as cases
from formsvc.domain.cases.deadlines import Deadline, in_days
from formsvc.domain.cases.hazards import Hazard, hazards_of
from formsvc.domain.cases.next_steps import CHAIN, CaseAct, CaseRules, NextStep
from formsvc.domain.expressions.functions import entries_of
from formsvc.i18n.messages import msg
from formsvc.usecases import circumstances as surroundings
from formsvc.usecases.access import may_see, visible_act
from formsvc.usecases.acts import serving
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Condition, Transaction

BY_DEADLINE = (cases.IN_TIME, cases.URGING)
FARTHEST_UP = 12


@dataclass(frozen=True)
class Link:
    """One act of a case: how deep it hangs, and the deadlines it set running."""

    act: Act
    depth: int
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True)
class CaseFile:
    """A case from its first act on: ``links`` in the order of the chain, ``next_steps`` soonest first."""

    links: tuple[Link, ...]
    next_steps: tuple[Due, ...]
    hazards: tuple[Hazard, ...] = ()

    @property
    def first(self) -> Act:
        """The act the case began with; its id is the case's."""
        return self.links[0].act

    @property
    def party(self) -> str:
        """Whom the case is about."""
        return next((link.act.party for link in self.links if link.act.party), "")

    @property
    def acts(self) -> tuple[Act, ...]:
        """The acts in the order of the chain."""
        return tuple(link.act for link in self.links)


@dataclass(frozen=True)
class Due:
    """A next step as a list shows it: the act it follows, whether its form is on offer, whether it is late."""

    step: NextStep
    after: Act
    is_offered: bool
    is_late: bool

    @property
    def day(self) -> date | None:
        """The last day, where there is one."""
        return self.step.deadline.due if self.step.deadline else None


@dataclass(frozen=True)
class Office:
    """What reckoning needs of the office: its rules, the forms on offer, and what day it is."""

    rules: CaseRules
    offered: Container[str]
    today: date
    decided: Mapping[str, Any] = field(default_factory=dict)
    """What ``rules`` tells one by one."""


def office_of(ports: Ports) -> Office:
    """The calendar, each rule as the office decided it or as it ships, and the forms on offer.

    Not to be asked for inside a transaction: a changed definition is published at this moment.
    """
    shipped: dict[str, Any] = {}
    for revision in ports.definitions.current().values():
        shipped |= {e["code"]: e["value"] for e in entries_of(revision.definition.lookups, "settings")}
    offered = ports.definitions.offered()
    with ports.store.read() as tx:
        decided = surroundings.office_settings(tx)
    calendar = ports.calendar.with_weekends_for_missing_years()
    rules = shipped | dict(decided)
    return Office(CaseRules(calendar, rules.__getitem__), offered, ports.clock.today(), rules)


def case_of(ports: Ports, who: Actor, act_id: str) -> CaseFile:
    """The case an act belongs to, as far as this person may see it. Raises NotFound."""
    office = office_of(ports)
    with ports.store.read() as tx:
        return case_from(tx, who, first_of(tx, who, visible_act(tx, who, act_id)), office)


def case_from(tx: Transaction, who: Actor, first: Act, office: Office) -> CaseFile:
    """The case that began with an act, as far as this person may see it."""
    found = _family(tx, who, first)
    by_id = {act.id: act for act in found}
    rules = office.rules
    chained = [case_act(act, rules) for act in found]
    ordered = cases.acts_with_depth(chained)
    links = tuple(Link(by_id[a.id], depth, tuple(cases.deadlines_of(a, rules))) for a, depth in ordered)
    hazards = hazards_of([act for act, _ in ordered], office.today)
    return CaseFile(links, tuple(dues(office, cases.next_steps(chained, rules), by_id)), tuple(hazards))


def explained(ports: Ports, who: Actor, act_id: str) -> list[Deadline]:
    """The deadlines that one act set running, each with the days that counted. Raises NotFound."""
    rules = office_of(ports).rules
    with ports.store.read() as tx:
        act = visible_act(tx, who, act_id)
    return cases.deadlines_of(case_act(act, rules), rules)


def dues(office: Office, steps: Iterable[NextStep], acts: Mapping[str, Act]) -> list[Due]:
    """Steps as lists show them."""
    return [Due(s, acts[s.after.id], s.form in office.offered, s.is_late(office.today)) for s in steps]


def _family(tx: Transaction, who: Actor, root: Act) -> list[Act]:
    """The first act of the chain and everything made from it, an entrustment and its notice by themselves."""
    found = {root.id: root}
    level = [root]
    while level:
        level = [a for a in made_from(tx, [a.id for a in level], level) if a.id not in found]
        level = [a for a in level if may_see(who, a)]
        found |= {a.id: a for a in level}
    return list(found.values())


def first_of(tx: Transaction, who: Actor, act: Act) -> Act:
    """The act the case began with, as far up as this person may see."""
    for _ in range(FARTHEST_UP):
        record = tx.acts.get(act.source_act) if act.source_act else None
        earlier = Act.from_record(record) if record else None
        if earlier is None or not may_see(who, earlier) or is_another_matter(earlier.form, act.form):
            return act
        act = earlier
    return act


def is_another_matter(earlier: str, later: str) -> bool:
    """An entrustment is no part of the cases done under it; its public notice is. Asked with their forms."""
    return earlier == cases.ENTRUSTMENT and later != cases.ANNOUNCEMENT


def made_from(tx: Transaction, sources: list[str], acts: Iterable[Act]) -> list[Act]:
    """Acts of a chain made from these, void ones left out."""
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
    apart = cases.ENTRUSTMENT
    return [a for a in found if kinds.get(a.source_act) != apart or a.form == cases.ANNOUNCEMENT]


def case_act(act: Act, rules: CaseRules) -> CaseAct:
    """An act as far as its deadlines need it."""
    served = service_of(act, rules)
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


def service_of(act: Act, rules: CaseRules) -> Deadline | None:
    """The day a document counts as served, explained; None as long as nothing of it is recorded.

    A publication (公告送达) counts when its days are over (民事诉讼法 95), unless a receipt tells that day itself.
    """
    at = str(act.service.get("served_at") or "")
    if not at:
        return None
    on = date.fromisoformat(at[:10])
    if act.service.get("method") != serving.PUBLISHED or act.service.get("receipt"):
        return Deadline(msg("送达日期"), on, on, "")
    days, rolls = rules.day_count("publication_days"), bool(rules.setting("publication_rolls"))
    law = "《中华人民共和国民事诉讼法》第九十五条"
    return in_days(msg("视为送达"), msg("发出公告之日"), on, days, rules.calendar, law, rolls=rolls)


def served_on(ports: Ports, who: Actor, act_id: str) -> Deadline | None:
    """The day one document counts as served. Raises NotFound."""
    rules = office_of(ports).rules
    with ports.store.read() as tx:
        return service_of(visible_act(tx, who, act_id), rules)


__all__ = [
    "BY_DEADLINE",
    "CHAIN",
    "CaseFile",
    "Deadline",
    "Due",
    "Link",
    "Office",
    "case_from",
    "case_of",
    "explained",
    "first_of",
    "office_of",
    "served_on",
    "service_of",
]
