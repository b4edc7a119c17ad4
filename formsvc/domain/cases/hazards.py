"""The hazards of a case one by one: by which document each is to be remedied, until when, and how it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from formsvc.domain.cases import next_steps as cases
from formsvc.domain.cases.case_act import CaseAct
from formsvc.i18n.messages import msg


class HazardStatus(StrEnum):
    """How a hazard stands."""

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
_TOLD = {"已改正": HazardStatus.REMEDIED, "部分改正": HazardStatus.PARTLY, "未改正": HazardStatus.UNREMEDIED}
NEEDS_ATTENTION = frozenset({HazardStatus.OVERDUE, HazardStatus.PARTLY, HazardStatus.UNREMEDIED})


@dataclass(frozen=True)
class Hazard:
    """One hazard: the act that names it last, its number there, and how it stands; ``recheck`` is what looked at it."""

    number: int
    text: str
    place: str
    named_in: CaseAct
    status: HazardStatus
    deadline: date | None = None
    recheck: CaseAct | None = None

    @property
    def status_name(self) -> str:
        """How it stands, in the words of the office."""
        return HAZARD_STATUS_NAMES[self.status]

    @property
    def needs_attention(self) -> bool:
        """Whether somebody has to see to it now."""
        return self.status in NEEDS_ATTENTION


def hazards_of(acts: Sequence[CaseAct], today: date) -> list[Hazard]:
    """The hazards of a case: those of its orders, or of a record that no order has answered yet."""
    found: list[Hazard] = []
    for act in acts:
        if act.form in cases.ORDERS and act.is_finished:
            found += _ordered(act, acts, today)
        elif act.form == cases.RECORD and act.is_finished and not _is_answered(act, acts):
            found += [_hazard(n, row, act, HazardStatus.FOUND) for n, row in _rows(act, "hazards")]
    return found


def _is_answered(record: CaseAct, acts: Sequence[CaseAct]) -> bool:
    return any(a.source == record.id and a.form in cases.ORDERS and a.is_finished for a in acts)


def _ordered(order: CaseAct, acts: Sequence[CaseAct], today: date) -> Iterator[Hazard]:
    checks = [a for a in acts if a.source == order.id and a.form == cases.RECHECK and a.is_finished]
    checks.sort(key=lambda check: check.dated)
    for number, row in _rows(order, "hazards"):
        told = [(check, result) for check in checks if (result := _result(check, number))]
        if told:
            check, result = told[-1]
            yield _hazard(number, row, order, _TOLD.get(result, HazardStatus.UNREMEDIED), check)
        else:
            deadline = _day(row.get("deadline"))
            late = deadline is not None and deadline < today
            yield _hazard(number, row, order, HazardStatus.OVERDUE if late else HazardStatus.PENDING)


def _result(check: CaseAct, number: int) -> str:
    rows = dict(_rows(check, "results"))
    return str(rows.get(number, {}).get("result") or "")


def _hazard(
    number: int, row: Mapping[str, Any], act: CaseAct, standing: HazardStatus, recheck: CaseAct | None = None
) -> Hazard:
    text, place = str(row.get("desc") or ""), str(row.get("location") or "")
    return Hazard(number, text, place, act, standing, _day(row.get("deadline")), recheck)


def _rows(act: CaseAct, key: str) -> list[tuple[int, Mapping[str, Any]]]:
    return list(enumerate(act.answers.get(key) or (), 1))


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None
