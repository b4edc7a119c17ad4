"""Persons responsible for fire safety (消防安全责任人) in each place.

They are the rows of their register (登记簿) that are in force on a day.
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

# The register, and the words for its levels.
RESPONSIBLE = "responsible"
TOWN_LEVEL, VILLAGE_LEVEL = "乡镇", "村（社区）"
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
class DutyRow:
    """A row of the register in force, with the document that wrote it."""

    source: str
    number: str
    since: date
    values: Mapping[str, JSON]

    @property
    def duty(self) -> Duty | None:
        """Its duty, None for one that the matrix does not show."""
        return next((duty for duty in Duty if duty == self.values.get("role")), None)

    def text(self, column: str) -> str:
        return str(self.values.get(column) or "")


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
    rows: Iterable[DutyRow],
    today: date,
) -> list[Town]:
    """Return every registered town with those responsible on a day.

    ``rows`` are those in force on it.
    """
    standing = sorted(rows, key=lambda row: row.since)
    towns = [a for a in authorities if a.kind in _TOWNS]
    return [
        _town(town, regions, [r for r in standing if r.text("town") == town.name], today) for town in towns
    ]


def _town(
    town: IssuingAuthority, regions: Sequence[Mapping[str, JSON]], rows: Sequence[DutyRow], today: date
) -> Town:
    own = [row for row in rows if row.values.get("level") == TOWN_LEVEL]
    people = {p.name for p in town.people}
    holders = [*_holders(own, people, today), *_missing_holders(own, Duty.FIRST, Duty.MAIN)]
    place = Locality(town.short or town.name, town.region, tuple(holders), tuple(_warnings(holders)))
    return Town(place, tuple(_villages(town, regions, rows, today)))


def _holders(rows: Iterable[DutyRow], people: set[str], today: date) -> Iterable[DutyHolder]:
    for row in rows:
        if row.duty is None:
            continue
        ends = row.text("to_date")
        standing = DutyStatus.HELD
        if ends and date.fromisoformat(ends) < today:
            standing = DutyStatus.LAPSED
        # Only an authority that keeps a register of its people can be missing a name.
        elif people and row.text("name") not in people:
            standing = DutyStatus.LEFT
        yield DutyHolder(
            row.duty, standing, row.text("name"), row.text("title"), row.text("area"), row.text("phone"),
            row.source, row.number,
        )  # fmt: skip


def _missing_holders(rows: Iterable[DutyRow], *duties: Duty) -> list[DutyHolder]:
    held = {row.duty for row in rows}
    return _vacant_holders(*(duty for duty in duties if duty not in held))


def _vacant_holders(*duties: Duty) -> list[DutyHolder]:
    return [DutyHolder(duty, DutyStatus.VACANT) for duty in duties]


def _villages(
    town: IssuingAuthority, regions: Sequence[Mapping[str, JSON]], rows: Sequence[DutyRow], today: date
) -> Iterable[Locality]:
    """Yield the registered villages, then those only a document names."""
    by_name: dict[str, list[DutyRow]] = {}
    for row in rows:
        if row.values.get("level") == VILLAGE_LEVEL:
            by_name.setdefault(row.text("unit"), []).append(row)
    listed = [
        (str(r["name"]), str(r["code"]))
        for r in regions
        if r.get("level") == "village" and town.region and str(r["code"]).startswith(town.region)
    ]
    for name, code in listed:
        # A document may write 东河镇永兴村 where the regions have 永兴村.
        written = [each for each in by_name if each == name or each.endswith(name)]
        latest = max(written, key=lambda each: by_name[each][0].since, default="")
        yield _village(name, code, by_name.pop(latest, []), today)
    for name, own in by_name.items():
        yield _village(name, "", own, today)


def _village(name: str, code: str, rows: Sequence[DutyRow], today: date) -> Locality:
    holders = [*_holders(rows, set(), today), *_missing_holders(rows, Duty.FIRST, Duty.MANAGER)]
    ends = next((row.text("to_date") for row in rows), "")
    return Locality(name, code, tuple(holders), tuple(_warnings(holders, ends)))


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
