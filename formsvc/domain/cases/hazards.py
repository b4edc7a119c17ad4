"""Hazards of a case: document, deadline and result of each.

Which table holds them, and which column what, is said by the life of each kind of document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from formsvc.domain.cases.case_act import CaseAct
from formsvc.domain.life.schema import Items, Results
from formsvc.domain.life.scope import Row, found_row, rows_of
from formsvc.domain.parsing import iso_day
from formsvc.i18n.messages import msg


class HazardStatus(StrEnum):
    """Status of a hazard."""

    FOUND = "found"
    PENDING = "pending"
    OVERDUE = "overdue"
    REMEDIED = "remedied"
    PARTLY = "partly"
    UNREMEDIED = "unremedied"


HAZARD_STATUS_NAMES = {
    HazardStatus.FOUND: msg("没有着落：尚未责令整改"),
    HazardStatus.PENDING: msg("整改中"),
    HazardStatus.OVERDUE: msg("期限已过，尚未复查"),
    HazardStatus.REMEDIED: msg("已改正"),
    HazardStatus.PARTLY: msg("部分改正"),
    HazardStatus.UNREMEDIED: msg("未改正"),
}
NEEDS_ATTENTION = frozenset({HazardStatus.OVERDUE, HazardStatus.PARTLY, HazardStatus.UNREMEDIED})


@dataclass(frozen=True)
class Hazard:
    """One hazard, as the last act names it; ``recheck`` inspected it again."""

    number: int
    text: str
    place: str
    named_in: CaseAct
    status: HazardStatus
    deadline: date | None = None
    recheck: CaseAct | None = None

    @property
    def status_name(self) -> str:
        return HAZARD_STATUS_NAMES[self.status]

    @property
    def needs_attention(self) -> bool:
        return self.status in NEEDS_ATTENTION


def hazards_of(acts: Sequence[CaseAct], today: date) -> list[Hazard]:
    """Return the items of the acts, each in the last act that took it over."""
    finished = sorted((act for act in acts if act.is_finished), key=_by_day)
    return [
        hazard
        for act in acts
        if act.is_finished and (items := _items(act))
        for hazard in _hazards_of(act, items, finished, today)
    ]


def _by_day(act: CaseAct) -> tuple[date, str]:
    return act.dated, act.number


def _items(act: CaseAct) -> Items | None:
    return act.life.life.items if act.life else None


def _results(act: CaseAct) -> Results | None:
    return act.life.life.results if act.life else None


def _hazards_of(act: CaseAct, items: Items, finished: Sequence[CaseAct], today: date) -> Iterator[Hazard]:
    rows = list(rows_of(act, items.rows))
    made = [later for later in finished if later.source == act.id]
    taken_over = _taken_over(act, items, rows, made) | ordered_again(act, finished)
    for row in rows:
        if row.index in taken_over:
            continue
        checked = [(check, result) for check in made if (result := _result_in(check, row))]
        if checked:
            # The latest re-inspection decides.
            check, status = checked[-1]
            yield _hazard(row, items, act, status, check)
        else:
            yield _hazard(row, items, act, _status_without_result(row, items, today))


def _status_without_result(row: Row, items: Items, today: date) -> HazardStatus:
    if items.awaits == "answer":
        return HazardStatus.FOUND
    deadline = iso_day(row.values.get(items.deadline))
    return HazardStatus.OVERDUE if deadline and deadline < today else HazardStatus.PENDING


def _result_in(check: CaseAct, row: Row) -> HazardStatus | None:
    """Return the result that a document has for an item; None for none."""
    results = _results(check)
    result = str(found_row(check, row).get(results.result) or "") if results else ""
    if not results or not result:
        return None
    if result in results.done:
        return HazardStatus.REMEDIED
    return HazardStatus.PARTLY if result in results.partly else HazardStatus.UNREMEDIED


def _hazard(
    row: Row, items: Items, act: CaseAct, status: HazardStatus, recheck: CaseAct | None = None
) -> Hazard:
    values = row.values
    text, place = str(values.get(items.text) or ""), str(values.get(items.place) or "")
    number = int(row.number) if row.number.isdecimal() else row.index + 1
    return Hazard(number, text, place, act, status, iso_day(values.get(items.deadline)), recheck)


# Items that later documents took over ----------------------------------------------------------------


def _taken_over(act: CaseAct, items: Items, rows: Sequence[Row], made: Sequence[CaseAct]) -> set[int]:
    """Return the rows that documents made from the act have as their items."""
    if _all_settled(act, made):
        return {row.index for row in rows}
    found: set[int] = set()
    for later in made:
        later_items = _items(later)
        if later_items:
            found |= _matches(rows, items, later, later_items)
    return found


def ordered_again(act: CaseAct, finished: Sequence[CaseAct]) -> set[int]:
    """Return the rows that a later document from the same source orders again.

    After a re-inspection the items left may be ordered a second time from the record that found them.
    """
    items = _items(act)
    if items is None or not act.source:
        return set()
    named = {
        number
        for later in finished
        if later.source == act.source and _by_day(later) > _by_day(act)
        if (later_items := _items(later)) and later_items.awaits == items.awaits
        for row in rows_of(later, later_items.rows)
        if (number := _word(row.values, later_items.source))
    }
    return {row.index for row in rows_of(act, items.rows) if _word(row.values, items.source) in named}


def _all_settled(act: CaseAct, made: Sequence[CaseAct]) -> bool:
    """Return whether a document without items settles those of the act."""
    settling = {
        form
        for rule in (act.life.life.follow_ups if act.life else ())
        if rule.settles
        for form in rule.forms.split("/")
    }
    return any(later.form in settling and _items(later) is None for later in made)


def _matches(rows: Sequence[Row], items: Items, later: CaseAct, later_items: Items) -> set[int]:
    """Return the rows found again in a later document, each at most once.

    By the number that the later document names, else by the same text and place, the same text, the same code.
    """
    open_rows = {row.index: row for row in rows}
    found: set[int] = set()
    unmatched = list(rows_of(later, later_items.rows))
    for key in _KEYS:
        known = [(index, key(row.values, row.named, items)) for index, row in open_rows.items()]
        left: list[Row] = []
        for candidate in unmatched:
            named = str(candidate.values.get(later_items.source) or "")
            wanted = key(candidate.values, named, later_items)
            match = next(
                (index for index, value in known if value and value == wanted and index not in found), None
            )
            if match is None:
                left.append(candidate)
            else:
                found.add(match)
                open_rows.pop(match)
        unmatched = left
    return found


def _by_number(values: Mapping[str, Any], number: str, items: Items) -> str:
    return number


def _by_text_and_place(values: Mapping[str, Any], number: str, items: Items) -> str:
    text, place = _word(values, items.text), _word(values, items.place)
    return f"{text}\n{place}" if text else ""


def _by_text(values: Mapping[str, Any], number: str, items: Items) -> str:
    return _word(values, items.text)


def _by_code(values: Mapping[str, Any], number: str, items: Items) -> str:
    return _word(values, items.code)


def _word(values: Mapping[str, Any], column: str) -> str:
    return str(values.get(column) or "").strip()


_KEYS = (_by_number, _by_text_and_place, _by_text, _by_code)
