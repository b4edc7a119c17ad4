"""Persons responsible for fire safety (消防安全责任人) in each place.

Those of a town follow from its latest T07, those of a village or community from its latest T08.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from formsvc.domain.authorities import AuthorityKind, IssuingAuthority
from formsvc.domain.chinese import long_date
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg

# 消防安全责任人通知: of a town, and of its villages and communities.
TOWN_FORM, VILLAGE_FORM = "T07", "T08"
_TOWNS = (AuthorityKind.TOWNSHIP, AuthorityKind.SUBDISTRICT)


class Duty(StrEnum):
    """The four duties; the value is the word on paper."""

    FIRST = "第一责任人"
    MAIN = "主要责任人"
    LEADING = "领导责任人"
    MANAGER = "消防安全管理人"


DUTY_NAMES = {
    Duty.FIRST: msg("第一责任人"),
    Duty.MAIN: msg("主要责任人"),
    Duty.LEADING: msg("领导责任人"),
    Duty.MANAGER: msg("消防安全管理人"),
}


class DutyStatus(StrEnum):
    """Status of a duty."""

    HELD = "在任"
    VACANT = "空缺"
    LAPSED = "任期已满"
    LEFT = "已不在册"


DUTY_STATUS_NAMES = {
    DutyStatus.HELD: msg("在任"),
    DutyStatus.VACANT: msg("空缺"),
    DutyStatus.LAPSED: msg("任期已满"),
    DutyStatus.LEFT: msg("已不在册"),
}


@dataclass(frozen=True)
class ResponsibilityNotice:
    """An issued T07 or T08."""

    id: str
    form: str
    number: str
    issuer: str
    dated: date
    answers: Mapping[str, JSON]

    @property
    def since(self) -> date:
        """First day of its effect."""
        effective = self.answers.get("effective_date")
        return date.fromisoformat(effective) if effective else self.dated


@dataclass(frozen=True)
class DutyHolder:
    """One duty of one place: its holder, source document and status."""

    duty: Duty
    status: DutyStatus
    name: str = ""
    title: str = ""
    scope: str = ""
    phone: str = ""
    source: str = ""
    number: str = ""

    @property
    def status_name(self) -> str:
        return DUTY_STATUS_NAMES[self.status]

    @property
    def is_valid(self) -> bool:
        return self.status is DutyStatus.HELD


@dataclass(frozen=True)
class Locality:
    """A town, village or community with its duties and their warnings."""

    name: str
    code: str
    holders: tuple[DutyHolder, ...]
    warnings: tuple[str, ...] = ()

    def holders_of(self, duty: Duty) -> tuple[DutyHolder, ...]:
        return tuple(h for h in self.holders if h.duty is duty)


@dataclass(frozen=True)
class Town:
    """A town with its villages and communities."""

    place: Locality
    villages: tuple[Locality, ...] = field(default=())

    @property
    def warning_count(self) -> int:
        """Number of vacancies and lapsed terms."""
        places = (self.place, *self.villages)
        return sum(not h.is_valid for place in places for h in place.holders)


def duty_matrix(
    authorities: Iterable[IssuingAuthority],
    regions: Sequence[Mapping[str, JSON]],
    notices: Iterable[ResponsibilityNotice],
    today: date,
) -> list[Town]:
    """Return every registered town with those responsible on a day."""
    valid = sorted((n for n in notices if n.since <= today), key=lambda n: (n.since, n.dated))
    towns = [a for a in authorities if a.kind in _TOWNS]
    return [_town(town, regions, [n for n in valid if n.issuer == town.name], today) for town in towns]


def _town(
    town: IssuingAuthority,
    regions: Sequence[Mapping[str, JSON]],
    notices: Sequence[ResponsibilityNotice],
    today: date,
) -> Town:
    own = next((n for n in reversed(notices) if n.form == TOWN_FORM), None)
    holders = (
        _town_holders(own, {p.name for p in town.people}) if own else _vacant_holders(Duty.FIRST, Duty.MAIN)
    )
    place = Locality(town.short or town.name, town.region, tuple(holders), tuple(_warnings(holders)))
    return Town(place, tuple(_villages(town, regions, notices, today)))


def _town_holders(notice: ResponsibilityNotice, people: set[str]) -> list[DutyHolder]:
    answers = notice.answers
    duties = [
        (Duty.FIRST, answers.get("first_name"), answers.get("first_title"), ""),
        (Duty.MAIN, answers.get("main_name"), answers.get("main_title"), ""),
        *((Duty.LEADING, r.get("name"), r.get("title"), r.get("area")) for r in answers.get("leaders") or ()),
    ]
    return [_holder(notice, duty, name, title, scope, people) for duty, name, title, scope in duties]


def _holder(
    notice: ResponsibilityNotice, duty: Duty, name: JSON, title: JSON, scope: JSON, people: set[str]
) -> DutyHolder:
    """Return a duty of a notice; a name no longer registered has left."""
    standing = DutyStatus.VACANT if not name else DutyStatus.HELD
    # Only an authority that keeps a register of its people can be missing a name.
    if name and people and name not in people:
        standing = DutyStatus.LEFT
    return DutyHolder(
        duty, standing, str(name or ""), str(title or ""), str(scope or ""), "", notice.id, notice.number
    )


def _vacant_holders(*duties: Duty) -> list[DutyHolder]:
    return [DutyHolder(duty, DutyStatus.VACANT) for duty in duties]


def _villages(
    town: IssuingAuthority,
    regions: Sequence[Mapping[str, JSON]],
    notices: Sequence[ResponsibilityNotice],
    today: date,
) -> Iterable[Locality]:
    """Yield the registered villages, then those only a notice names."""
    rows: dict[str, tuple[ResponsibilityNotice, Mapping[str, JSON]]] = {}
    for notice in notices:
        if notice.form == VILLAGE_FORM:
            rows |= {str(row.get("village")): (notice, row) for row in notice.answers.get("villages") or ()}
    listed = [
        (str(r["name"]), str(r["code"]))
        for r in regions
        if r.get("level") == "village" and town.region and str(r["code"]).startswith(town.region)
    ]
    for name, code in listed:
        # A notice may write 东河镇永兴村 where the register has 永兴村.
        listed_name = next(
            (
                listed_name
                for listed_name in reversed(rows)
                if listed_name == name or listed_name.endswith(name)
            ),
            "",
        )
        yield _village(name, code, rows.pop(listed_name, None), today)
    for name, latest in rows.items():
        yield _village(name, "", latest, today)


def _village(
    name: str, code: str, latest: tuple[ResponsibilityNotice, Mapping[str, JSON]] | None, today: date
) -> Locality:
    if latest is None:
        holders = _vacant_holders(Duty.FIRST, Duty.MANAGER)
        return Locality(name, code, tuple(holders), tuple(_warnings(holders)))
    notice, row = latest
    ends = notice.answers.get("term_end")
    lapsed = bool(ends) and date.fromisoformat(str(ends)) < today
    duties = (
        (Duty.FIRST, row.get("first_name"), row.get("first_title"), row.get("members")),
        (Duty.MANAGER, row.get("manager"), "", ""),
    )
    holders = [
        DutyHolder(
            duty,
            DutyStatus.VACANT if not holder_name else DutyStatus.LAPSED if lapsed else DutyStatus.HELD,
            str(holder_name or ""),
            str(title or ""),
            str(scope or ""),
            str(row.get("phone") or ""),
            notice.id,
            notice.number,
        )
        for duty, holder_name, title, scope in duties
    ]
    return Locality(name, code, tuple(holders), tuple(_warnings(holders, str(ends or ""))))


def _warnings(holders: Sequence[DutyHolder], term_end: str = "") -> Iterable[str]:
    for holder in holders:
        if holder.status is DutyStatus.VACANT:
            yield msg("{duty}空缺。", duty=holder.duty.value)
        elif holder.status is DutyStatus.LEFT:
            yield msg(
                "{duty}{name}已不在本机关人员名册中，请重新明确。", duty=holder.duty.value, name=holder.name
            )
    if any(holder.status is DutyStatus.LAPSED for holder in holders):
        yield msg("本届任期已于{day}届满，换届后应当重新明确。", day=long_date(term_end))
