"""Lists as people filtered them, all pages, as sheets with typed cells.

A sheet has what the page shows of each line, for who may see it; each export is logged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from formsvc.domain.acts.act import STATE_NAMES
from formsvc.domain.fields.base import CellValue
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.acts.details import display_names, printed_drafter
from formsvc.usecases.acts.search import ActFilters, list_acts
from formsvc.usecases.cases.case_file import CaseFile, DueItem
from formsvc.usecases.cases.case_list import CasePage
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.registers.excel.workbooks import TypedSheet

# lines of cases and due items, each of which is computed; the sheet says that there are more
MOST_COMPUTED = 5_000
Line = list[CellValue]


def acts_sheet(ports: Ports, actor: Actor, filters: ActFilters) -> TypedSheet:
    """Return the acts of a list, newest first."""
    names = display_names(ports)
    lines: list[Line] = [
        [
            act.number,
            act.title,
            act.party,
            str(STATE_NAMES[act.status]),
            _day(act.dated),
            _day(act.due),
            printed_drafter(ports, act) or names.get(act.drafter, ""),
        ]
        for act in list_acts(ports, actor, replace(filters, page=1), limit=None).acts
    ]
    head = (msg("文号"), msg("文书"), msg("当事人"), msg("状态"), msg("成文日期"), msg("期限"), msg("承办人"))
    return _sheet(ports, actor, msg("文书"), head, lines, len(lines))


def dues_sheet(ports: Ports, actor: Actor, dues: Sequence[DueItem], total: int) -> TypedSheet:
    """Return due items, the longest overdue first; ``total`` counts all."""
    names, today = display_names(ports), ports.clock.today()
    lines: list[Line] = [
        [
            due.day or "",
            (today - due.day).days if due.day and due.day < today else "",
            str(due.step.title),
            due.after.party,
            due.after.number or due.after.title,
            names.get(due.after.drafter, ""),
        ]
        for due in dues
    ]
    head = (msg("应办日期"), msg("逾期天数"), msg("事项"), msg("当事人"), msg("依据"), msg("承办人"))
    return _sheet(ports, actor, msg("到期事项"), head, lines, total)


def cases_sheet(ports: Ports, actor: Actor, page_of: Callable[[int], CasePage]) -> TypedSheet:
    """Return the cases of a list; ``page_of`` returns its pages from 1."""
    first = page_of(1)
    cases: list[CaseFile] = list(first.cases)
    for number in range(2, first.pages + 1):
        if len(cases) >= MOST_COMPUTED:
            break
        cases += page_of(number).cases
    lines = [_case_line(case) for case in cases[:MOST_COMPUTED]]
    head = (msg("当事人"), msg("立案日期"), msg("已有文书"), msg("接下来"), msg("期限"), msg("待办项数"))
    return _sheet(ports, actor, msg("案件"), head, lines, first.total)


def _case_line(case: CaseFile) -> Line:
    following = case.next_steps[0] if case.next_steps else None
    return [
        case.party or case.first.title,
        _day(case.first.dated),
        format_list([str(act.title) for act in case.acts]),
        str(following.step.title) if following else "",
        (following.day or "") if following else "",
        len(case.next_steps),
    ]


def _day(text: str) -> CellValue:
    return date.fromisoformat(text) if text else ""


def _sheet(
    ports: Ports, actor: Actor, title: str, head: Sequence[str], lines: list[Line], total: int
) -> TypedSheet:
    note = msg("导出“{title}”{n} 行", title=title, n=len(lines))
    with ports.store.write() as tx:
        record_event(tx, ports.clock, actor, "", "Viewed", note=note)
    above = [str(title), str(msg("{day} 导出，共 {n} 行", day=ports.clock.today(), n=len(lines)))]
    if total > len(lines):
        above.append(
            str(msg("符合条件的有 {total} 行，只写出前 {n} 行，请缩小范围。", total=total, n=len(lines)))
        )
    return TypedSheet(str(title), [str(name) for name in head], lines, above)
