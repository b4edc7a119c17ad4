"""Lists of cases: those with pending steps, soonest first, and all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from formsvc.domain.acts.act import Act, State
from formsvc.domain.paging import page_count
from formsvc.usecases.acts.search import normalise_query, restrict_to_rights
from formsvc.usecases.acts.visible_acts import Page, find_visible
from formsvc.usecases.cases.case_file import CaseContext, CaseFile, build_case, load_case_context
from formsvc.usecases.cases.due_list import case_root_id, pending_steps, visibility_filter
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Condition, Transaction

PAGE_SIZE = 20


@dataclass(frozen=True)
class CasePage:
    """One page of cases, and the number of all matches."""

    cases: tuple[CaseFile, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return page_count(self.total, PAGE_SIZE)


def pending_cases(
    ports: Ports, actor: Actor, page: int = 1, *, own: bool = False, late: bool = False
) -> CasePage:
    """Return cases with pending steps, by due day.

    `own` narrows to what follows an act this person drafted, `late` to what is overdue.
    """
    office = load_case_context(ports)
    # one check for each authority instead of one for each of thousands of steps
    may = visibility_filter(actor)
    with ports.store.read() as tx:
        steps = [
            step
            for step in pending_steps(ports, tx, actor, office, date.max)
            if (not own or step.pending.act.drafter == actor.account.id)
            and (not late or "" < step.day < office.today.isoformat())
        ]
        firsts = list(dict.fromkeys(case_root_id(step.pending, may) for step in steps))
        start = (page - 1) * PAGE_SIZE
        shown = [Act.from_record(tx.acts.get(first) or {}) for first in firsts[start : start + PAGE_SIZE]]
        return _page(tx, actor, shown, office, len(firsts), page)


def all_cases(ports: Ports, actor: Actor, text: str = "", page: int = 1) -> CasePage:
    office = load_case_context(ports)
    wanted = [
        Condition(
            "form",
            "in",
            [form for form, known in office.living.items() if known.life and known.life.begins_case],
        ),
        Condition("source_act", "==", ""),
        Condition("state", "!=", State.DRAFT.value),
    ]
    if text:
        wanted.append(Condition("search", "contains", normalise_query(text).lower()))
    conditions = restrict_to_rights(actor, wanted)
    if conditions is None:
        return CasePage((), 0, 1)
    restricted = ports.definitions.confidential_forms()
    with ports.store.read() as tx:
        start = (page - 1) * PAGE_SIZE
        shown = Page("dated", descending=True, offset=start, limit=PAGE_SIZE)
        records, total = find_visible(tx, actor, conditions, restricted, shown)
        return _page(tx, actor, [Act.from_record(r) for r in records], office, total, page)


def _page(
    tx: Transaction, actor: Actor, firsts: Sequence[Act], office: CaseContext, total: int, page: int
) -> CasePage:
    return CasePage(tuple(build_case(tx, actor, first, office) for first in firsts), total, page)
