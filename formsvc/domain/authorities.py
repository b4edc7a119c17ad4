"""Authorities, officers and entrustments, and their stored records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from formsvc.domain.calendar import Calendar
from formsvc.domain.fields.field import Field
from formsvc.domain.fields.roles import USUAL_ROLES, Roles
from formsvc.domain.json_types import Record, Values
from formsvc.domain.parsing import iso_day
from formsvc.errors import Problem
from formsvc.i18n.messages import msg

# The register (登记簿) of entrustments; its columns are those of ``entrustment_from_answers``.
ENTRUSTMENTS = "entrustments"


class AuthorityMode(StrEnum):
    """权限模式: own duty, empowered (行政处罚法 24), entrusted (20), own power.

    Own power (本机关职权) is that of the fire brigade itself (消防法 53, 54, 60, 70).
    """

    OWN_DUTY = "M0"
    EMPOWERED = "M1"
    ENTRUSTED = "M2"
    OWN_POWER = "M3"


class AuthorityKind(StrEnum):
    """Kinds of bodies that documents are issued by."""

    FIRE_BRIGADE = "fire_brigade"
    TOWNSHIP = "township"
    SUBDISTRICT = "subdistrict"
    ENFORCEMENT_TEAM = "enforcement_team"
    COUNTY = "county"
    COORDINATION = "coordination"
    DEV_ZONE = "dev_zone"
    COUNTY_DEPARTMENT = "county_dept"
    STATION = "station"
    POLICE_STATION = "police_station"
    PARTY_COMMITTEE = "party_committee"
    VILLAGE = "village"


AUTHORITY_KIND_NAMES = {
    AuthorityKind.FIRE_BRIGADE: msg("消防救援机构"),
    AuthorityKind.TOWNSHIP: msg("乡镇人民政府"),
    AuthorityKind.SUBDISTRICT: msg("街道办事处"),
    AuthorityKind.ENFORCEMENT_TEAM: msg("综合执法队伍"),
    AuthorityKind.COUNTY: msg("县级人民政府（部门）"),
    AuthorityKind.COORDINATION: msg("议事协调机构"),
    AuthorityKind.DEV_ZONE: msg("开发区、工业园区管理委员会"),
    AuthorityKind.COUNTY_DEPARTMENT: msg("县级行业部门"),
    AuthorityKind.STATION: msg("消防工作站（所）"),
    AuthorityKind.POLICE_STATION: msg("公安派出所"),
    AuthorityKind.PARTY_COMMITTEE: msg("乡镇党委、街道党工委"),
    AuthorityKind.VILLAGE: msg("村（居）民委员会"),
}


@dataclass(frozen=True)
class Person:
    """Person who may be named as 承办人 or 签发人 of an authority."""

    name: str
    title: str = ""


@dataclass(frozen=True)
class IssuingAuthority:
    """制发机关: acts are done in its name and under its seal."""

    id: str
    name: str
    kind: AuthorityKind
    short: str = ""
    code: str = ""
    credit_code: str = ""
    head: str = ""
    head_title: str = ""
    region: str = ""
    review_organ: str = ""
    court: str = ""
    people: tuple[Person, ...] = ()
    assign_doc: str = ""


@dataclass(frozen=True)
class Matter:
    """One matter of an entrustment: the violations and act types it covers.

    ``against`` is 单位, 个人 or 单位和个人; empty where the entrustment does not say.
    """

    code: str
    name: str
    law: str
    penalty: str = ""
    v_codes: tuple[str, ...] = ()
    act_types: tuple[str, ...] = ()
    against: str = ""


@dataclass(frozen=True)
class Entrustment:
    """委托书 (行政处罚法 20): the agent acts in the principal's name."""

    number: str
    principal: str
    agent: str
    matters: tuple[Matter, ...]
    powers: str
    area: str
    area_codes: tuple[str, ...]
    exclude: str
    excluded_places: tuple[str, ...]
    starts_on: date
    ends_on: date
    officers: tuple[str, ...] = ()
    act_id: str = ""
    ended_on: date | None = None
    suspended_from: date | None = None
    resumes_on: date | None = None
    # who finishes what was begun before its end; empty where nothing says so
    unfinished: str = ""
    changed_by: str = ""
    # the same entrustment as it was before and between its changes, each with its first day
    versions: tuple[tuple[date, Entrustment], ...] = ()

    def on(self, day: date) -> Entrustment:
        """Return the entrustment as it stood on a day."""
        standing = [version for since, version in self.versions if since <= day]
        return standing[-1] if standing else self.versions[0][1] if self.versions else self

    def is_stopped_on(self, day: date) -> bool:
        """Return whether it was ended or suspended, from the day on."""
        ended = self.ended_on is not None and day >= self.ended_on
        suspended = self.suspended_from is not None and day >= self.suspended_from
        return ended or (suspended and (self.resumes_on is None or day < self.resumes_on))


@dataclass(frozen=True)
class CertifiedOfficer:
    """Officer with a certificate of administrative enforcement (行政执法证)."""

    name: str
    cert_no: str
    org: str
    valid_from: date
    valid_to: date
    active: bool = True


@dataclass(frozen=True)
class KnownDocument:
    """A document referred to: one of our acts, or one from outside.

    ``service`` is its stored ServiceRecord. ``fields`` are the keys that its revision has (None: not known), ``lacking``
    the labels by path of fields and columns that its kind has today and its revision has not. ``roles`` are those of
    its revision's fields. ``numbers`` names the column of a table with the number that its paper prints, "" where it
    counts the rows.
    """

    number: str
    title: str
    dated: str
    act_id: str = ""
    kind: str = ""
    state: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    revision: str = ""
    service: Mapping[str, Any] = field(default_factory=dict)
    fields: frozenset[str] | None = None
    confidential: bool = False
    lacking: Mapping[str, str] = field(default_factory=dict)
    roles: Roles = USUAL_ROLES
    numbers: Mapping[str, str] = field(default_factory=dict)

    def has_field(self, key: str) -> bool:
        """Return whether its revision has a field, True if that is not known."""
        return self.fields is None or key in self.fields


@dataclass(frozen=True)
class OptionRows:
    """Rows of a register that a field may list as options.

    Each row: its values as expressions see them, and the texts of its cells. ``reason``: why there can be none.
    """

    title: str
    rows: Sequence[tuple[Values, Mapping[str, str]]] = ()
    reason: str = ""


@dataclass(frozen=True)
class Circumstances:
    """Everything outside the answers that a check may depend on.

    ``find_document`` returns the act of a number or act id, or None; ``find_follower`` the finished act of a form made from
    the act of an id, or None, ``find_made_from`` all of them. ``count_documents`` counts the finished acts of a form, a
    party, a year and an authority by name ("" for all). ``lookups`` maps names to entries (each with ``code`` and ``name``), ``office_settings`` are
    the office's decisions. ``missing_glyphs`` returns the characters of a text that no font here can print,
    ``last_answer`` what the person last wrote into a field of a document of an authority, ``register_notices`` what a register says against the parties that answers name.
    """

    today: date
    calendar: Calendar
    authorities: tuple[IssuingAuthority, ...] = ()
    officers: tuple[CertifiedOfficer, ...] = ()
    entrustments: tuple[Entrustment, ...] = ()
    lookups: Mapping[str, Any] = field(default_factory=dict)
    office_settings: Mapping[str, Any] = field(default_factory=dict)
    offered_forms: frozenset[str] = frozenset()
    find_document: Callable[[str], KnownDocument | None] = lambda _number: None
    find_follower: Callable[[str, str], KnownDocument | None] = lambda _form, _act_id: None
    find_made_from: Callable[[str, str], Sequence[KnownDocument]] = lambda _form, _act_id: ()
    count_documents: Callable[[str, str, int, str], int] = lambda _form, _party, _year, _issuer: 0
    # The characters of a text that no font here can print.
    missing_glyphs: Callable[[str], Sequence[str]] = lambda _text: ()
    last_answer: Callable[[str, str], str] = lambda _issuer, _key: ""
    register_notices: Callable[[Sequence[Field], Values], list[Problem]] = lambda _fields, _values: []
    # None where no registers are at hand
    option_rows: Callable[[str], OptionRows] | None = None

    def authority_named(self, name: str) -> IssuingAuthority | None:
        return next((a for a in self.authorities if a.name == name), None)

    def entrustment_numbered(self, number: str) -> Entrustment | None:
        return next((e for e in self.entrustments if e.number == number), None)


def no_circumstances() -> Circumstances:
    """Return circumstances for expressions that read nothing but the answers."""
    return Circumstances(today=date.min, calendar=Calendar(weekends_only=True))


def authority_from_record(record: Record) -> IssuingAuthority:
    people = tuple(Person(p["name"], p.get("title", "")) for p in record.get("people", ()))
    plain = {k: v for k, v in record.items() if k not in ("people", "kind")}
    return IssuingAuthority(**plain, kind=AuthorityKind(record["kind"]), people=people)


def officer_from_record(record: Record) -> CertifiedOfficer:
    return CertifiedOfficer(
        name=record["name"],
        cert_no=record["cert_no"],
        org=record["org"],
        valid_from=date.fromisoformat(record["valid_from"]),
        valid_to=date.fromisoformat(record["valid_to"]),
        active=record.get("active", True),
    )


def entrustment_from_answers(number: str, answers: Record, act_id: str = "") -> Entrustment:
    """Return the entrustment of a row of the register."""
    return Entrustment(
        number=number,
        principal=answers.get("principal_name") or "",
        agent=answers.get("agent_name") or "",
        matters=tuple(matters_from_answers(answers)),
        powers=answers.get("powers") or "",
        area=answers.get("area") or "",
        area_codes=tuple(answers.get("area_codes") or ()),
        exclude=answers.get("exclude") or "",
        excluded_places=tuple(answers.get("excluded_places") or ()),
        starts_on=date.fromisoformat(answers["start_date"]),
        ends_on=date.fromisoformat(answers["end_date"]),
        officers=tuple(row.get("cert_no") or "" for row in answers.get("agent_officers") or ()),
        act_id=act_id,
        # set when a registered entrustment is terminated before its term
        ended_on=iso_day(answers.get("ended_on")),
        suspended_from=iso_day(answers.get("suspended_from")),
        resumes_on=iso_day(answers.get("resumes_on")),
        unfinished=answers.get("unfinished") or "",
        changed_by=answers.get("changed_by") or "",
    )


def matters_from_answers(answers: Values) -> list[Matter]:
    """Return the matters that the answers of an entrustment list."""
    return [
        Matter(
            code=row.get("code") or "",
            name=row.get("name") or "",
            law=row.get("law") or "",
            penalty=row.get("penalty") or "",
            v_codes=tuple(row.get("v_codes") or ()),
            act_types=tuple(row.get("act_types") or ()),
            against=row.get("against") or "",
        )
        for row in answers.get("matters") or ()
    ]


def authority_ids_of(roles: Roles, values: Record, circumstances: Circumstances) -> tuple[str, str]:
    """Return the ids of the issuing authority and of the agent (M2), or ""."""
    issuer = circumstances.authority_named(roles.text(values, "issuer"))
    agent_id = ""
    if roles.value(values, "mode") == AuthorityMode.ENTRUSTED:
        reference = roles.value(values, "entrustment") or {}
        number = reference.get("number", "") if isinstance(reference, dict) else str(reference)
        entrustment = circumstances.entrustment_numbered(number)
        agent = circumstances.authority_named(entrustment.agent) if entrustment else None
        agent_id = agent.id if agent else ""
    return (issuer.id if issuer else ""), agent_id
