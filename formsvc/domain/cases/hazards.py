"""Hazards of a case: order, deadline and result of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from formsvc.domain.cases import next_steps
from formsvc.domain.cases.case_act import CaseAct
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
    HazardStatus.FOUND: msg("尚未责令整改"),
    HazardStatus.PENDING: msg("整改中"),
    HazardStatus.OVERDUE: msg("期限已过，尚未复查"),
    HazardStatus.REMEDIED: msg("已改正"),
    HazardStatus.PARTLY: msg("部分改正"),
    HazardStatus.UNREMEDIED: msg("未改正"),
}
# Results in a re-inspection record (复查意见书).
_RESULTS = {
    "已改正": HazardStatus.REMEDIED,
    "部分改正": HazardStatus.PARTLY,
    "未改正": HazardStatus.UNREMEDIED,
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
    """Return the hazards of orders, and of records without an order yet."""
    hazards: list[Hazard] = []
    for act in acts:
        if act.form in next_steps.ORDERS and act.is_finished:
            hazards += _hazards_of_order(act, acts, today)
        elif act.form == next_steps.RECORD and act.is_finished and not _has_order(act, acts):
            hazards += [_hazard(n, row, act, HazardStatus.FOUND) for n, row in _rows(act, "hazards")]
    return hazards


def _has_order(record: CaseAct, acts: Sequence[CaseAct]) -> bool:
    return any(a.source == record.id and a.form in next_steps.ORDERS and a.is_finished for a in acts)


def _hazards_of_order(order: CaseAct, acts: Sequence[CaseAct], today: date) -> Iterator[Hazard]:
    checks = [a for a in acts if a.source == order.id and a.form == next_steps.RECHECK and a.is_finished]
    checks.sort(key=lambda check: check.dated)
    for number, row in _rows(order, "hazards"):
        results = [(check, result) for check in checks if (result := _recheck_result(check, number))]
        if results:
            # The latest re-inspection decides.
            check, result = results[-1]
            yield _hazard(number, row, order, _RESULTS.get(result, HazardStatus.UNREMEDIED), check)
        else:
            deadline = iso_day(row.get("deadline"))
            late = deadline is not None and deadline < today
            yield _hazard(number, row, order, HazardStatus.OVERDUE if late else HazardStatus.PENDING)


def _recheck_result(check: CaseAct, number: int) -> str:
    rows = dict(_rows(check, "results"))
    return str(rows.get(number, {}).get("result") or "")


def _hazard(
    number: int, row: Mapping[str, Any], act: CaseAct, status: HazardStatus, recheck: CaseAct | None = None
) -> Hazard:
    text, place = str(row.get("desc") or ""), str(row.get("location") or "")
    return Hazard(number, text, place, act, status, iso_day(row.get("deadline")), recheck)


def _rows(act: CaseAct, key: str) -> list[tuple[int, Mapping[str, Any]]]:
    return list(enumerate(act.answers.get(key) or (), 1))
