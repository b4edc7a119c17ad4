"""The cases of an office: those that wait for something, soonest first, and all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from formsvc.domain.acts.act import Act, State
from formsvc.domain.cases import next_steps as chain
from formsvc.domain.paging import page_count
from formsvc.usecases.acts.search import as_written, within_rights
from formsvc.usecases.cases import case_file as cases
from formsvc.usecases.cases import due_list as waiting
from formsvc.usecases.cases.case_file import CaseFile, Office
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Condition, Transaction

PAGE_SIZE = 20
_BEGINNINGS = (chain.NOTICE, chain.RECORD, *chain.ORDERS)


@dataclass(frozen=True)
class CasePage:
    """One page of cases, and how many there are in all."""

    cases: tuple[CaseFile, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return page_count(self.total, PAGE_SIZE)


def waiting_cases(
    ports: Ports, who: Actor, page: int = 1, *, own: bool = False, late: bool = False
) -> CasePage:
    """Cases in which something is still to be done, by the day it is due.

    ``own`` narrows to what follows an act this person drafted, ``late`` to what is overdue.
    """
    office = cases.office_of(ports)
    may = waiting.sees(who)
    with ports.store.read() as tx:
        waits = [
            wait
            for wait in waiting.waits_of(ports, tx, who, office, date.max)
            if (not own or wait.entry.act.drafter == who.account.id)
            and (not late or "" < wait.day < office.today.isoformat())
        ]
        firsts = list(dict.fromkeys(waiting.first_in_line(wait.entry, may) for wait in waits))
        start = (page - 1) * PAGE_SIZE
        shown = [Act.from_record(tx.acts.get(first) or {}) for first in firsts[start : start + PAGE_SIZE]]
        return _page(tx, who, shown, office, len(firsts), page)


def all_cases(ports: Ports, who: Actor, text: str = "", page: int = 1) -> CasePage:
    """Every inspection case this person may see, newest first, narrowed by the words of its first act."""
    wanted = [
        Condition("form", "in", list(_BEGINNINGS)),
        Condition("source_act", "==", ""),
        Condition("state", "!=", State.DRAFT.value),
    ]
    if text:
        wanted.append(Condition("search", "contains", as_written(text).lower()))
    conditions = within_rights(who, wanted)
    if conditions is None:
        return CasePage((), 0, 1)
    office = cases.office_of(ports)
    with ports.store.read() as tx:
        total = tx.acts.count(*conditions)
        start = (page - 1) * PAGE_SIZE
        records = tx.acts.find(*conditions, order="dated", descending=True, offset=start, limit=PAGE_SIZE)
        return _page(tx, who, [Act.from_record(r) for r in records], office, total, page)


def _page(
    tx: Transaction, who: Actor, firsts: Sequence[Act], office: Office, total: int, page: int
) -> CasePage:
    return CasePage(tuple(cases.case_from(tx, who, first, office) for first in firsts), total, page)
