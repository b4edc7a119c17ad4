"""Lists of cases: those with pending steps, soonest first, and all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from formsvc.domain.acts.act import Act, State
from formsvc.domain.paging import page_count
from formsvc.usecases.acts.search import normalise_query, restrict_to_rights
from formsvc.usecases.acts.visible_acts import Page, find_visible
from formsvc.usecases.cases.case_file import CaseContext, CaseFile, build_cases, load_case_context
from formsvc.usecases.cases.due_list import case_root_id, list_of_steps, visibility_filter
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.due_index import PendingStep
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
    ports: Ports, actor: Actor, page: int = 1, *, own: bool = False, late: bool = False, brief: bool = False
) -> CasePage:
    """Return cases with pending steps, by due day.

    `own` narrows to what follows an act this person drafted, `late` to what is overdue; for `brief` see
    build_cases.
    """
    office = load_case_context(ports)
    # one check for each authority instead of one for each of thousands of steps
    may = visibility_filter(actor)
    today = office.today.isoformat()

    def find(steps: Sequence[PendingStep]) -> list[str]:
        wanted = (
            step
            for step in steps
            if (not own or step.pending.act.drafter == actor.account.id)
            and (not late or "" < step.day < today)
        )
        return list(dict.fromkeys(case_root_id(step.pending, may) for step in wanted))

    with ports.store.read() as tx:
        firsts = list_of_steps(ports, tx, actor, office, ("cases", own, late, today), find)
        start = (page - 1) * PAGE_SIZE
        shown = [Act.from_record(tx.acts.get(first) or {}) for first in firsts[start : start + PAGE_SIZE]]
        return _page(tx, actor, shown, office, CasePage((), len(firsts), page), brief=brief)


def all_cases(ports: Ports, actor: Actor, text: str = "", page: int = 1, *, brief: bool = False) -> CasePage:
    """Return all cases, or those whose first act has a text; the newest first."""
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
        firsts = [Act.from_record(record) for record in records]
        return _page(tx, actor, firsts, office, CasePage((), total, page), brief=brief)


def _page(
    tx: Transaction, actor: Actor, firsts: Sequence[Act], office: CaseContext, page: CasePage, *, brief: bool
) -> CasePage:
    return replace(page, cases=tuple(build_cases(tx, actor, firsts, office, brief=brief)))
