"""Lists of cases: those with pending steps, soonest first, and all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from formsvc.domain.acts.act import Act, State
from formsvc.domain.paging import page_count
from formsvc.usecases.acts.search import restrict_to_rights, word_conditions
from formsvc.usecases.acts.visible_acts import Page, find_visible
from formsvc.usecases.cases.case_file import (
    CaseContext,
    CaseFile,
    build_brief_cases,
    build_cases,
    load_case_context,
)
from formsvc.usecases.cases.due_computation import bring_up_to_date, load_acts
from formsvc.usecases.cases.due_list import case_root_id, person_key, visibility_filter
from formsvc.usecases.cases.pending import PendingStep
from formsvc.usecases.cases.pending_views import CaseView
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.due_index import DueIndex
from formsvc.usecases.ports import Condition, Transaction

PAGE_SIZE = 20


@dataclass(frozen=True)
class CasePage:
    """One page of cases, and the number of all matches.

    ``notice`` says that the list is not computed yet, or is that of before a change.
    """

    cases: tuple[CaseFile, ...]
    total: int
    page: int
    notice: str = ""

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
    index = ports.due_index
    with ports.store.read() as tx:
        with index.lock:
            notice = bring_up_to_date(ports, tx, office)
            view = index.view(("cases", own, person_key(actor)), lambda steps: _view(steps, actor, own=own))
            total = view.count(office.today.isoformat() if late else "")
            start = (page - 1) * PAGE_SIZE
            roots = view.roots(start, min(total, start + PAGE_SIZE))
        found = CasePage((), total, page, notice)
        return _page(tx, actor, load_acts(tx, roots), office, found, brief=brief, index=index)


def _view(steps: Iterable[PendingStep], actor: Actor, *, own: bool) -> CaseView:
    # one check for each authority instead of one for each of thousands of steps
    may, me = visibility_filter(actor), actor.account.id

    def wanted(step: PendingStep) -> bool:
        return may(step.pending.act) and (not own or step.pending.act.drafter == me)

    return CaseView(steps, wanted, lambda entry: case_root_id(entry, may))


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
    words = word_conditions(text)
    if text.strip() and not words:
        return CasePage((), 0, 1)
    wanted += words
    conditions = restrict_to_rights(actor, wanted)
    if conditions is None:
        return CasePage((), 0, 1)
    restricted = ports.definitions.confidential_forms()
    with ports.store.read() as tx:
        start = (page - 1) * PAGE_SIZE
        shown = Page("dated", descending=True, offset=start, limit=PAGE_SIZE)
        records, total = find_visible(tx, actor, conditions, restricted, shown)
        firsts = [Act.from_record(record) for record in records]
        return _page(tx, actor, firsts, office, CasePage((), total, page), brief=brief, index=ports.due_index)


def _page(
    tx: Transaction,
    actor: Actor,
    firsts: Sequence[Act],
    office: CaseContext,
    page: CasePage,
    *,
    brief: bool,
    index: DueIndex,
) -> CasePage:
    if brief:
        return replace(page, cases=tuple(build_brief_cases(tx, actor, firsts, office, index)))
    return replace(page, cases=tuple(build_cases(tx, actor, firsts, office)))
