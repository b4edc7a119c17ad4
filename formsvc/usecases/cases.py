"""One case with its acts, deadlines and next steps; and what is due for a person in all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from formsvc.domain import cases
from formsvc.domain.acts import Act, State
from formsvc.domain.cases import CHAIN, CaseAct, NextStep, Rules
from formsvc.domain.deadlines import Deadline
from formsvc.domain.functions import entries_of
from formsvc.usecases import surroundings
from formsvc.usecases.drafting import may_see, visible_act
from formsvc.usecases.ports import Condition, Transaction
from formsvc.usecases.wiring import Ports, Who

LOOK_BACK = timedelta(days=60)
"""How long an act that nobody followed up stays on the list of what is due."""
LOOK_BACK_FOR_DEADLINES = timedelta(days=183)
"""The same for acts with a deadline of their own (整改、复查), counted from that deadline."""
_FINISHED = (State.ISSUED.value, State.SERVED.value)
_BY_DEADLINE = (cases.IN_TIME, cases.URGING)
_BY_DATE = (cases.ENTRUSTMENT, cases.NOTICE, cases.RECORD, cases.AT_ONCE, *_BY_DEADLINE, cases.RECHECK)
_FARTHEST_UP = 12


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


def case_of(ports: Ports, who: Who, act_id: str) -> CaseFile:
    """The case an act belongs to, as far as this person may see it. Raises NotFound."""
    with ports.store.read() as tx:
        found = _family(tx, who, visible_act(tx, who, act_id))
        rules = _rules(ports, tx)
    by_id = {act.id: act for act in found}
    chained = [_case_act(act) for act in found]
    links = tuple(
        Link(by_id[act.id], depth, tuple(cases.deadlines_of(act, rules)))
        for act, depth in cases.in_order(chained)
    )
    return CaseFile(links, tuple(_dues(ports, cases.next_steps(chained, rules), by_id)))


def due_list(ports: Ports, who: Who, until: date) -> list[Due]:
    """What this person's authorities have to do on or before a day, what is late first."""
    with ports.store.read() as tx:
        rules = _rules(ports, tx)
        open_acts = [act for act in _recent(tx, ports.clock.today()) if may_see(who, act)]
        later = _made_from(tx, [act.id for act in open_acts], open_acts)
    followers = [act for act in later if act.is_numbered or may_see(who, act)]
    by_id = {act.id: act for act in (*open_acts, *followers)}
    chained = [_case_act(act) for act in by_id.values()]
    own = {act.id for act in open_acts}
    steps = [s for s in cases.next_steps(chained, rules) if s.after.id in own and _falls(s, until)]
    return _dues(ports, steps, by_id)


def explained(ports: Ports, who: Who, act_id: str) -> list[Deadline]:
    """The deadlines that one act set running, each with the days that counted. Raises NotFound."""
    with ports.store.read() as tx:
        act, rules = visible_act(tx, who, act_id), _rules(ports, tx)
    return cases.deadlines_of(_case_act(act), rules)


def _falls(step: NextStep, until: date) -> bool:
    return step.deadline is None or step.deadline.due <= until


def _dues(ports: Ports, steps: Iterable[NextStep], acts: Mapping[str, Act]) -> list[Due]:
    offered, today = ports.shelf.offered(), ports.clock.today()
    return [Due(s, acts[s.after.id], s.form in offered, s.is_late(today)) for s in steps]


def _family(tx: Transaction, who: Who, act: Act) -> list[Act]:
    """The first act of the chain and everything made from it, an entrustment and its notice by themselves."""
    root = _first(tx, who, act)
    found = {root.id: root}
    level = [root]
    while level:
        level = [a for a in _made_from(tx, [a.id for a in level], level) if a.id not in found]
        level = [a for a in level if may_see(who, a)]
        found |= {a.id: a for a in level}
    return list(found.values())


def _first(tx: Transaction, who: Who, act: Act) -> Act:
    for _ in range(_FARTHEST_UP):
        record = tx.acts.get(act.source_act) if act.source_act else None
        earlier = Act.from_record(record) if record else None
        if earlier is None or not may_see(who, earlier) or _is_another_matter(earlier, act):
            return act
        act = earlier
    return act


def _is_another_matter(earlier: Act, act: Act) -> bool:
    """An entrustment is no part of the cases done under it; its public notice is."""
    return earlier.form == cases.ENTRUSTMENT and act.form != cases.ANNOUNCEMENT


def _made_from(tx: Transaction, sources: list[str], acts: Iterable[Act]) -> list[Act]:
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


def _recent(tx: Transaction, today: date) -> list[Act]:
    """Finished acts that may still be waiting for something: made lately, or with a deadline not long past."""
    finished = Condition("state", "in", list(_FINISHED))
    lately = (today - LOOK_BACK).isoformat()
    due_lately = (today - LOOK_BACK_FOR_DEADLINES).isoformat()
    found = tx.acts.find(
        Condition("form", "in", list(_BY_DATE)), Condition("dated", ">=", lately), finished, order="dated"
    )
    found += tx.acts.find(
        Condition("form", "in", list(_BY_DEADLINE)),
        Condition("due", ">=", due_lately),
        Condition("dated", "<", lately),
        finished,
        order="dated",
    )
    return [Act.from_record(record) for record in found]


def _rules(ports: Ports, tx: Transaction) -> Rules:
    """The calendar, and each rule as the office decided it or as it ships."""
    decided = surroundings.office_settings(tx)
    shipped: dict[str, Any] = {}
    for revision in ports.shelf.current().values():
        shipped |= {e["code"]: e["value"] for e in entries_of(revision.definition.lookups, "settings")}
    return Rules(ports.calendar.with_weekends_for_missing_years(), (shipped | dict(decided)).__getitem__)


def _case_act(act: Act) -> CaseAct:
    served = str(act.service.get("served_at") or "")
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
        served_on=date.fromisoformat(served[:10]) if served else None,
        served_by_receipt=bool(act.service.get("receipt")),
        answers=act.answers,
    )


__all__ = ["CHAIN", "CaseFile", "Due", "Link", "case_of", "due_list", "explained"]
