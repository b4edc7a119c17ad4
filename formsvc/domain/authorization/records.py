"""Offices, authorities, officers and entrustments as an administrator keeps them, to and from records."""

from __future__ import annotations

from datetime import date
from typing import Any

from formsvc.domain.authorities import (
    AuthorityKind,
    AuthorityMode,
    CertifiedOfficer,
    Circumstances,
    Entrustment,
    IssuingAuthority,
    Matter,
    Person,
)
from formsvc.i18n.messages import msg

AUTHORITY_KIND_NAMES = {
    AuthorityKind.FIRE_BRIGADE: msg("消防救援机构"),
    AuthorityKind.TOWNSHIP: msg("乡镇人民政府"),
    AuthorityKind.SUBDISTRICT: msg("街道办事处"),
    AuthorityKind.ENFORCEMENT_TEAM: msg("综合执法队伍"),
    AuthorityKind.COUNTY: msg("县级人民政府（部门）"),
    AuthorityKind.COORDINATION: msg("议事协调机构"),
}

Record = dict[str, Any]


def authority_from_record(record: Record) -> IssuingAuthority:
    """An issuing authority from the store."""
    people = tuple(Person(p["name"], p.get("title", "")) for p in record.get("people", ()))
    plain = {k: v for k, v in record.items() if k not in ("people", "kind")}
    return IssuingAuthority(**plain, kind=AuthorityKind(record["kind"]), people=people)


def officer_from_record(record: Record) -> CertifiedOfficer:
    """A certified officer from the store."""
    return CertifiedOfficer(
        name=record["name"],
        cert_no=record["cert_no"],
        org=record["org"],
        valid_from=date.fromisoformat(record["valid_from"]),
        valid_to=date.fromisoformat(record["valid_to"]),
        active=record.get("active", True),
    )


def entrustment_from_answers(number: str, answers: Record, act_id: str = "") -> Entrustment:
    """The entrustment that an issued T01 (or a paper one typed in with the same keys) stands for."""
    return Entrustment(
        number=number,
        principal=answers.get("principal_name") or "",
        agent=answers.get("agent_name") or "",
        matters=tuple(_matter(row) for row in answers.get("matters") or ()),
        powers=answers.get("powers") or "",
        area=answers.get("area") or "",
        area_codes=tuple(answers.get("area_codes") or ()),
        exclude=answers.get("exclude") or "",
        excluded_places=tuple(answers.get("excluded_places") or ()),
        starts_on=date.fromisoformat(answers["start_date"]),
        ends_on=date.fromisoformat(answers["end_date"]),
        officers=tuple(row.get("cert_no") or "" for row in answers.get("agent_officers") or ()),
        act_id=act_id,
        ended_on=date.fromisoformat(answers["ended_on"]) if answers.get("ended_on") else None,
    )


def _matter(row: Record) -> Matter:
    return Matter(
        code=row.get("code") or "",
        name=row.get("name") or "",
        law=row.get("law") or "",
        penalty=row.get("penalty") or "",
        v_codes=tuple(row.get("v_codes") or ()),
        act_types=tuple(row.get("act_types") or ()),
    )


def place_of_act(values: Record, circumstances: Circumstances) -> tuple[str, str]:
    """Ids of the authority in whose name an act is done, and of the agent that does it (M2); empty when unknown."""
    issuer = circumstances.authority_named(str(values.get("issuer_name") or ""))
    agent_id = ""
    if values.get("auth_mode") == AuthorityMode.ENTRUSTED:
        reference = values.get("entrust_ref") or {}
        number = reference.get("number", "") if isinstance(reference, dict) else str(reference)
        entrustment = circumstances.entrustment_numbered(number)
        agent = circumstances.authority_named(entrustment.agent) if entrustment else None
        agent_id = agent.id if agent else ""
    return (issuer.id if issuer else ""), agent_id
