"""Proposals of number series from the authorities' and the forms' words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from formsvc.domain.authorities import AuthorityKind, AuthorityMode
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.numbering.document_number import NumberSeries, NumberStyle
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.access import require_admin
from formsvc.usecases.administration.records import save_record
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Record

_STYLES = {
    "enforcement": (NumberStyle.ENFORCEMENT, 4),
    "official": (NumberStyle.OFFICIAL, 1),
    "serial": (NumberStyle.SERIAL, 5),
}


@dataclass(frozen=True)
class SeriesProposal:
    """A series that an authority lacks, and the titles of its documents."""

    series: NumberSeries
    titles: tuple[str, ...]
    authority_name: str
    agent_name: str = ""


def propose_series(ports: Ports) -> list[SeriesProposal]:
    """Return the series that the kinds on offer need and that are missing."""
    with ports.store.read() as tx:
        authorities = tx.authorities.find(order="id")
        existing = tx.series.find()
    covered = {(r["authority"], r.get("agent") or "", form) for r in existing for form in r.get("forms", ())}
    proposals: dict[tuple[str, str, str], SeriesProposal] = {}
    for revision in ports.definitions.current().values():
        for principal, agent in _issuers(revision.definition, authorities):
            proposal = _proposal(revision.definition, principal, agent)
            series = proposal.series
            if (series.authority, series.agent, series.forms[0]) in covered:
                continue
            key = (series.authority, series.agent, series.prefix)
            proposals[key] = _together(proposals.get(key), proposal)
    return list(proposals.values())


def make_series(ports: Ports, actor: Actor, chosen: Mapping[str, str]) -> list[str]:
    """Make the chosen series; return their prefixes.

    ``chosen`` maps the ids of proposals to their first numbers, as typed. Raise InputRefused.
    """
    require_admin(actor)
    proposals = [each for each in propose_series(ports) if each.series.id in chosen]
    firsts = {key: parse_whole_number(typed.strip() or "1") for key, typed in chosen.items()}
    problems = [
        Problem(f"first-{key}", msg("从第几号起应当是不小于 1 的整数。"))
        for key, first in firsts.items()
        if first is None or first < 1
    ]
    if problems:
        raise InputRefused(problems)
    year = str(ports.clock.today().year)
    for proposal in proposals:
        first = firsts[proposal.series.id] or 1
        starts = {year: first} if first > 1 else {}
        reason = msg("以前的号在纸质登记簿上，接着编。") if starts else ""
        save_record(ports, actor, "series", _record(proposal.series, starts), reason=reason)
    return [proposal.series.prefix for proposal in proposals]


def _issuers(
    definition: FormDefinition, authorities: Iterable[Record]
) -> Iterator[tuple[Record, Record | None]]:
    """Yield who may issue it: alone, and by an agent under an entrustment."""
    if not definition.numbering.is_numbered:
        return
    coded = [authority for authority in authorities if authority.get("code")]
    brigades = [each for each in coded if each["kind"] == AuthorityKind.FIRE_BRIGADE]
    for authority in coded:
        if definition.issuer_kinds and authority["kind"] not in definition.issuer_kinds:
            continue
        yield authority, None
        if AuthorityMode.ENTRUSTED in definition.modes and authority not in brigades:
            yield from ((brigade, authority) for brigade in brigades)


def _proposal(definition: FormDefinition, principal: Record, agent: Record | None) -> SeriesProposal:
    rules = definition.numbering
    style, width = _STYLES[rules.style]
    code = f"{principal['code']}（{agent['code']}）" if agent else str(principal["code"])
    ending = "字" if style is NumberStyle.ENFORCEMENT else ""
    series = NumberSeries(
        id="-".join(filter(None, (principal["id"], agent["id"] if agent else "", definition.id.lower()))),
        authority=principal["id"],
        forms=(definition.id,),
        prefix=f"{code}{rules.genre}{ending}",
        style=style,
        width=rules.digits or width,
        agent=agent["id"] if agent else "",
    )
    return SeriesProposal(series, (definition.title,), principal["name"], agent["name"] if agent else "")


def _together(known: SeriesProposal | None, added: SeriesProposal) -> SeriesProposal:
    """Return one series for kinds with the same words before their number."""
    if known is None:
        return added
    series = replace(known.series, forms=(*known.series.forms, *added.series.forms))
    return replace(known, series=series, titles=(*known.titles, *added.titles))


def _record(series: NumberSeries, starts: Mapping[str, int]) -> Record:
    return {
        "id": series.id,
        "authority": series.authority,
        "agent": series.agent,
        "forms": list(series.forms),
        "prefix": series.prefix,
        "style": series.style.value,
        "width": series.width,
        "starts": dict(starts),
    }
