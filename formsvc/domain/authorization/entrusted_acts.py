"""Checks of acts done under an entrustment (委托)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from formsvc.domain import laws
from formsvc.domain.authorities import Circumstances, Entrustment, KnownDocument
from formsvc.domain.authorization.jurisdiction import AreaMatch, match_area
from formsvc.domain.authorization.matters import (
    act_types_in,
    act_types_of,
    applies_to,
    violations_of,
    with_implied_types,
)
from formsvc.domain.authorization.officer_certificates import officer_rows
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.json_types import JSON, Values
from formsvc.domain.parsing import iso_day
from formsvc.domain.regions import divisions_named_in
from formsvc.errors import Findings, Problem
from formsvc.i18n.messages import format_list, msg

_ACT_NAMES = {"inspect": msg("行政检查"), "order": msg("责令改正"), "penalty": msg("行政处罚")}
# the kind of party that is no unit: its own paragraph of the penalty clauses applies to it
_NATURAL_PERSON = "自然人"
KEY_UNIT = "重点单位"
# Written into the register by the document that ends an entrustment: the principal finishes what is pending.
TAKEN_OVER = "委托机关接办"


def entrustment_findings(
    definition: FormDefinition, values: Values, circumstances: Circumstances
) -> Findings:
    """Return what forbids the act, and what is left to the reviewer."""
    key = definition.roles.key("entrustment")
    reference = values.get(key)
    if not reference:
        return [
            Problem(
                key,
                msg("委托（M2）须写明委托书。"),
                msg("请选择有效的委托书。"),
                laws.ENTRUSTMENT_ARTICLE,
            )
        ], []
    entrustment = circumstances.entrustment_numbered(reference["number"])
    if entrustment is None:
        sentence = msg("没有登记过委托书“{number}”，不能以委托机关名义办理。", number=reference["number"])
        return [
            Problem(
                key,
                sentence,
                msg("请核对文号，或者请管理员登记该委托书。"),
                laws.ENTRUSTMENT_ARTICLE,
                True,
            )
        ], []
    problems: list[Problem] = [*_issuer_problems(definition, values, entrustment)]
    notices: list[Problem] = []
    version = _version_of(definition, values, entrustment)
    for new_problems, to_review in (
        _term_findings(definition, values, entrustment, circumstances),
        _matter_findings(definition, values, version, circumstances),
        _area_findings(definition, values, version, circumstances),
        _exclusion_findings(definition, values, version, circumstances),
    ):
        problems, notices = problems + new_problems, notices + to_review
    return problems, [*notices, *_officer_notices(definition, values, version)]


def _version_of(definition: FormDefinition, values: Values, entrustment: Entrustment) -> Entrustment:
    """Return the entrustment as it stood on the last day of the act."""
    days = [day for _, day in definition.act_dates(values)]
    return entrustment.on(max(days)) if days else entrustment


def _issuer_problems(
    definition: FormDefinition, values: Values, entrustment: Entrustment
) -> Iterator[Problem]:
    key = definition.roles.key("issuer")
    if values.get(key) not in (None, entrustment.principal):
        sentence = msg(
            "委托（M2）以委托机关的名义办理，制发机关应为“{principal}”。", principal=entrustment.principal
        )
        yield Problem(key, sentence, msg("请更正制发机关。"), laws.ENTRUSTMENT_ARTICLE)


def _term_findings(
    definition: FormDefinition, values: Values, entrustment: Entrustment, circumstances: Circumstances
) -> Findings:
    """Return problems with days outside the term.

    What finishes an act done before the end is left to the reviewer, unless the principal took that over.
    """
    problems: list[Problem] = []
    for key, day in definition.act_dates(values):
        version = entrustment.on(day)
        if version.starts_on <= day <= version.ends_on and not version.is_stopped_on(day):
            continue
        problems.append(_term_problem(key, day, version))
    earlier = _finished_document(definition, values, entrustment, circumstances) if problems else None
    if earlier is None or _begins_before(definition, values, entrustment):
        return problems, []
    version = entrustment.on(max(day for _, day in definition.act_dates(values)))
    if version.unfinished == TAKEN_OVER:
        remedy = msg("在办案件已由委托机关（{principal}）接办，请由其办理。", principal=version.principal)
        return [replace(problem, remedy=remedy) for problem in problems], []
    said = msg(
        "{stopped}本件是对此前作出的“{number}”的后续办理，是否由受委托组织办结须由审核人核对。",
        stopped=problems[0].message,
        number=earlier.number,
    )
    return [], [Problem(problems[0].field, said, "", laws.ENTRUSTMENT_ARTICLE)]


def _begins_before(definition: FormDefinition, values: Values, entrustment: Entrustment) -> bool:
    return any(day < entrustment.starts_on for _, day in definition.act_dates(values))


def _term_problem(key: str, day: date, version: Entrustment) -> Problem:
    term = msg(
        "{start}至{end}",
        start=version.starts_on.isoformat(),
        end=version.ends_on.isoformat(),
    )
    sentence = msg(
        "{day}不在委托书“{number}”的期限内（{term}{stop}）。",
        day=day.isoformat(),
        number=version.number,
        term=term,
        stop=_stop_clause(day, version),
    )
    return Problem(key, sentence, msg("请核对日期，或者取得新的委托。"), laws.ENTRUSTMENT_ARTICLE)


def _stop_clause(day: date, version: Entrustment) -> str:
    """Return since when it is ended or suspended, and by which document."""
    if not version.is_stopped_on(day):
        return ""
    by = msg("据“{number}”", number=version.changed_by) if version.changed_by else ""
    # On the day of its end an entrustment is no longer in force.
    if version.ended_on is not None and day >= version.ended_on:
        return msg("，已于{day}{by}终止", day=version.ended_on.isoformat(), by=by)
    since = version.suspended_from.isoformat() if version.suspended_from else ""
    return msg("，已于{day}{by}中止", day=since, by=by)


def _finished_document(
    definition: FormDefinition, values: Values, entrustment: Entrustment, circumstances: Circumstances
) -> KnownDocument | None:
    """Return the document under the same entrustment that this one finishes."""
    results = definition.life.results if definition.life else None
    reference = values.get(results.of) if results else None
    known = circumstances.find_document(reference["act_id"] or reference["number"]) if reference else None
    dated = iso_day(known.dated) if known else None
    if known is None or dated is None:
        return None
    under = known.roles.value(known.answers, "entrustment")
    is_same = isinstance(under, Mapping) and under.get("number") == entrustment.number
    version = entrustment.on(dated)
    was_in_force = version.starts_on <= dated <= version.ends_on and not version.is_stopped_on(dated)
    return known if is_same and was_in_force else None


def _matter_findings(
    definition: FormDefinition, values: Values, entrustment: Entrustment, circumstances: Circumstances
) -> Findings:
    act_type = definition.act_type
    if act_type not in _ACT_NAMES:
        return [], []
    types = {t for m in entrustment.matters for t in act_types_of(m)}
    types |= with_implied_types(act_types_in(entrustment.powers))
    if act_type not in types:
        sentence = msg(
            "委托书“{number}”没有载明{wanted}。", number=entrustment.number, wanted=_ACT_NAMES[act_type]
        )
        key = definition.roles.key("entrustment")
        return [Problem(key, sentence, msg("请核对委托事项和权限。"), laws.ENTRUSTMENT_ARTICLE)], []
    violations = entries_of({**circumstances.lookups, **definition.lookups}, "violations")
    covered = {code for m in entrustment.matters for code in violations_of(m, violations)}
    tables = [table for table, _ in definition.roles.tables_with("violation") if values.get(table)]
    if not covered and tables:
        return [], [
            Problem(
                tables[0],
                msg("委托事项没有对应到违法行为代码，是否在委托范围内须由审核人核对。"),
                "",
                laws.ENTRUSTMENT_ARTICLE,
            )
        ]
    not_covered = [
        *_uncovered_violations(definition, values, entrustment, violations, covered),
        *_other_party_problems(definition, values, entrustment, violations, covered),
    ]
    # An inspection may find what the agent may not punish; an order may not deal with it.
    return ([], not_covered) if act_type == "inspect" else (not_covered, [])


def _other_party_problems(
    definition: FormDefinition,
    values: Values,
    entrustment: Entrustment,
    violations: list[Mapping[str, JSON]],
    covered: set[str],
) -> Iterator[Problem]:
    """Yield violations entrusted against units only, or persons only."""
    party_type = definition.roles.value(values, "party_type")
    person = party_type == _NATURAL_PERSON
    if not party_type:
        return
    against = {
        code
        for m in entrustment.matters
        if applies_to(m, person=person)
        for code in violations_of(m, violations)
    }
    for path, code in _cited_violations(definition, values):
        if code in covered and code not in against:
            sentence = (
                msg(
                    "委托书“{number}”对{code}只委托了对单位的处罚，没有载明对个人的（消防法第六十条第二款等），不能对自然人责令、处罚。",
                    number=entrustment.number,
                    code=code,
                )
                if person
                else msg(
                    "委托书“{number}”对{code}只委托了对个人的处罚，没有载明对单位的，不能对单位责令、处罚。",
                    number=entrustment.number,
                    code=code,
                )
            )
            remedy = msg("请移送消防救援机构办理，或者取得载明该对象的委托。")
            yield Problem(path, sentence, remedy, laws.ENTRUSTMENT_SCOPE)


def _cited_violations(definition: FormDefinition, values: Values) -> Iterator[tuple[str, str]]:
    """Yield the code of each violation that is cited, with its path."""
    for table, column in definition.roles.tables_with("violation"):
        for index, row in enumerate(values.get(table) or ()):
            if row.get(column):
                yield f"{table}.{index}.{column}", row[column]


def _uncovered_violations(
    definition: FormDefinition,
    values: Values,
    entrustment: Entrustment,
    violations: list[Mapping[str, JSON]],
    covered: set[str],
) -> Iterator[Problem]:
    names = {str(v["code"]): str(v["name"]) for v in violations}
    for path, code in _cited_violations(definition, values):
        if code not in covered:
            sentence = msg(
                "{code}“{name}”不在委托书“{number}”的委托事项内。",
                code=code,
                name=names.get(code, ""),
                number=entrustment.number,
            )
            remedy = msg("请移送消防救援机构办理，或者核对违法行为代码。")
            yield Problem(path, sentence, remedy, laws.ENTRUSTMENT_ARTICLE)


def _area_findings(
    definition: FormDefinition, values: Values, entrustment: Entrustment, circumstances: Circumstances
) -> Findings:
    places = map(definition.roles.key, ("place", "party_address"))
    key = next((k for k in places if values.get(k)), None)
    if key is None:
        return [], []
    regions = entries_of({**definition.lookups, **circumstances.lookups}, "regions")
    areas = entrustment.area_codes or tuple(divisions_named_in(entrustment.area, regions))
    area_match = match_area(str(values[key]), areas, regions)
    if area_match is AreaMatch.INSIDE:
        return [], []
    if area_match is AreaMatch.OUTSIDE:
        sentence = msg("“{place}”不在委托的地域范围（{area}）内。", place=values[key], area=entrustment.area)
        return [
            Problem(
                key,
                sentence,
                msg("请填写实际检查的场所地址，超出范围的移送有管辖权的机关。"),
                laws.ENTRUSTMENT_ARTICLE,
            )
        ], []
    sentence = msg(
        "“{place}”是否在委托的地域范围（{area}）内，须由审核人核对。",
        place=values[key],
        area=entrustment.area,
    )
    return [], [Problem(key, sentence, "", laws.ENTRUSTMENT_ARTICLE)]


def _exclusion_findings(
    definition: FormDefinition, values: Values, entrustment: Entrustment, circumstances: Circumstances
) -> Findings:
    excluded = set(entrustment.excluded_places) | ({KEY_UNIT} if KEY_UNIT in entrustment.exclude else set())
    key, nature = _place_nature(definition, values, circumstances)
    if nature in excluded:
        name = msg("消防安全重点单位") if nature == KEY_UNIT else nature
        sentence = msg("{name}不在委托书“{number}”的委托对象内。", name=name, number=entrustment.number)
        return [Problem(key, sentence, msg("请移送消防救援机构办理。"), laws.ENTRUSTMENT_ARTICLE)], []
    decided = not entrustment.exclude or (nature and excluded)
    return [], [] if decided else _exclusion_notice(definition, entrustment)


def _exclusion_notice(definition: FormDefinition, entrustment: Entrustment) -> list[Problem]:
    sentence = msg(
        "委托书排除了“{exclude}”，该对象是否在内须由审核人核对。",
        exclude=entrustment.exclude or format_list(entrustment.excluded_places),
    )
    return [Problem(definition.roles.key("party"), sentence, "", laws.ENTRUSTMENT_ARTICLE)]


def _place_nature(
    definition: FormDefinition, values: Values, circumstances: Circumstances
) -> tuple[str, str]:
    """Return the field that says so and the nature of the place, or "", ""."""
    own = definition.roles.key("place_nature")
    if values.get(own):
        return own, str(values[own])
    for entry in definition.fields:
        reference = values.get(entry.key) if entry.kind == "reference" else None
        known = circumstances.find_document(reference["act_id"] or reference["number"]) if reference else None
        if known and (nature := known.roles.text(known.answers, "place_nature")):
            return entry.key, nature
    return "", ""


def _officer_notices(
    definition: FormDefinition, values: Values, entrustment: Entrustment
) -> Iterator[Problem]:
    for row in officer_rows(definition, values) if entrustment.officers else ():
        name = row.text("name")
        if name and not {name, row.text("certificate")} & set(entrustment.officers):
            sentence = msg(
                "{name}不在委托书“{number}”所列的执法人员中，须由审核人核对。",
                name=name,
                number=entrustment.number,
            )
            yield Problem(row.path_of("name"), sentence, "", laws.ENTRUSTMENT_ARTICLE)
