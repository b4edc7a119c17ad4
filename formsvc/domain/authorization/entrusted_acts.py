"""Acts done under an entrustment: in force, in the principal's name, within its matters, area and exclusions."""

from __future__ import annotations

from collections.abc import Iterator

from formsvc.domain.authorities import Circumstances, Entrustment
from formsvc.domain.authorization.jurisdiction import Position, divisions_in, position
from formsvc.domain.authorization.matters import act_types_of, types_in, violations_of
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.json_types import Values
from formsvc.errors import Problem
from formsvc.i18n.messages import format_list, msg

Findings = tuple[list[Problem], list[Problem]]
LAW = "《中华人民共和国行政处罚法》第二十条"
_ACT_NAMES = {"inspect": msg("行政检查"), "order": msg("责令改正、行政处罚")}
KEY_UNIT = "重点单位"


def entrustment_findings(
    definition: FormDefinition, values: Values, circumstances: Circumstances
) -> Findings:
    """What forbids an entrusted act, and what the reviewer must look at."""
    reference = values.get("entrust_ref")
    if not reference:
        return [Problem("entrust_ref", msg("委托（M2）须写明委托书。"), msg("请选择有效的委托书。"), LAW)], []
    entrustment = circumstances.entrustment_numbered(reference["number"])
    if entrustment is None:
        sentence = msg("没有登记过委托书“{number}”，不能以委托机关名义办理。", number=reference["number"])
        return [
            Problem("entrust_ref", sentence, msg("请核对文号，或者请管理员登记该委托书。"), LAW, True)
        ], []
    problems = [*_name(values, entrustment), *_term(definition, values, entrustment)]
    notices: list[Problem] = []
    for found, told in (
        _matters(definition, values, entrustment, circumstances),
        _place(definition, values, entrustment, circumstances),
        _exclusions(definition, values, entrustment, circumstances),
    ):
        problems, notices = problems + found, notices + told
    return problems, [*notices, *_officers(definition, values, entrustment)]


def _name(values: Values, entrustment: Entrustment) -> Iterator[Problem]:
    if values.get("issuer_name") not in (None, entrustment.principal):
        sentence = msg(
            "委托（M2）以委托机关的名义办理，制发机关应为“{principal}”。", principal=entrustment.principal
        )
        yield Problem("issuer_name", sentence, msg("请更正制发机关。"), LAW)


def _term(definition: FormDefinition, values: Values, entrustment: Entrustment) -> Iterator[Problem]:
    for key, day in definition.act_dates(values):
        ended = entrustment.ended_on is not None and day >= entrustment.ended_on
        if entrustment.starts_on <= day <= entrustment.ends_on and not ended:
            continue
        term = msg(
            "{start}至{end}",
            start=entrustment.starts_on.isoformat(),
            end=entrustment.ends_on.isoformat(),
        )
        stop = (
            msg("，已于{day}终止", day=entrustment.ended_on.isoformat())
            if ended and entrustment.ended_on
            else ""
        )
        sentence = msg(
            "{day}不在委托书“{number}”的期限内（{term}{stop}）。",
            day=day.isoformat(),
            number=entrustment.number,
            term=term,
            stop=stop,
        )
        yield Problem(key, sentence, msg("请核对日期，或者取得新的委托。"), LAW)


def _matters(
    definition: FormDefinition, values: Values, entrustment: Entrustment, circumstances: Circumstances
) -> Findings:
    wanted = definition.act_type
    if wanted not in _ACT_NAMES:
        return [], []
    types = {t for m in entrustment.matters for t in act_types_of(m)} | set(types_in(entrustment.powers))
    if wanted not in types:
        sentence = msg(
            "委托书“{number}”没有载明{wanted}。", number=entrustment.number, wanted=_ACT_NAMES[wanted]
        )
        return [Problem("entrust_ref", sentence, msg("请核对委托事项和权限。"), LAW)], []
    known = entries_of({**circumstances.lookups, **definition.lookups}, "violations")
    covered = {code for m in entrustment.matters for code in violations_of(m, known)}
    if not covered and values.get("hazards"):
        return [], [
            Problem(
                "hazards", msg("委托事项没有对应到违法行为代码，是否在委托范围内须由审核人核对。"), "", LAW
            )
        ]
    beyond = [(i, row["v_code"]) for i, row in enumerate(values.get("hazards") or []) if row.get("v_code")]
    names = {str(v["code"]): str(v["name"]) for v in known}
    found = [
        Problem(
            f"hazards.{index}.v_code",
            msg(
                "{code}“{name}”不在委托书“{number}”的委托事项内。",
                code=code,
                name=names.get(code, ""),
                number=entrustment.number,
            ),
            msg("请移送消防救援机构办理，或者核对违法行为代码。"),
            LAW,
        )
        for index, code in beyond
        if code not in covered
    ]
    return (found, []) if wanted == "order" else ([], found)


def _place(
    definition: FormDefinition, values: Values, entrustment: Entrustment, circumstances: Circumstances
) -> Findings:
    key = next((k for k in ("place_addr", "party_addr") if values.get(k)), None)
    if key is None:
        return [], []
    regions = entries_of({**definition.lookups, **circumstances.lookups}, "regions")
    areas = entrustment.area_codes or tuple(divisions_in(entrustment.area, regions))
    where = position(str(values[key]), areas, regions)
    if where is Position.INSIDE:
        return [], []
    if where is Position.OUTSIDE:
        sentence = msg("“{place}”不在委托的地域范围（{area}）内。", place=values[key], area=entrustment.area)
        return [
            Problem(key, sentence, msg("请填写实际检查的场所地址，超出范围的移送有管辖权的机关。"), LAW)
        ], []
    sentence = msg(
        "“{place}”是否在委托的地域范围（{area}）内，须由审核人核对。",
        place=values[key],
        area=entrustment.area,
    )
    return [], [Problem(key, sentence, "", LAW)]


def _exclusions(
    definition: FormDefinition, values: Values, entrustment: Entrustment, circumstances: Circumstances
) -> Findings:
    excluded = set(entrustment.excluded_places) | ({KEY_UNIT} if KEY_UNIT in entrustment.exclude else set())
    key, nature = _nature(definition, values, circumstances)
    if nature in excluded:
        name = msg("消防安全重点单位") if nature == KEY_UNIT else nature
        sentence = msg("{name}不在委托书“{number}”的委托对象内。", name=name, number=entrustment.number)
        return [Problem(key, sentence, msg("请移送消防救援机构办理。"), LAW)], []
    told = not entrustment.exclude or (nature and excluded)
    return [], [] if told else _by_hand(entrustment)


def _by_hand(entrustment: Entrustment) -> list[Problem]:
    sentence = msg(
        "委托书排除了“{exclude}”，该对象是否在内须由审核人核对。",
        exclude=entrustment.exclude or format_list(entrustment.excluded_places),
    )
    return [Problem("party_name", sentence, "", LAW)]


def _nature(definition: FormDefinition, values: Values, circumstances: Circumstances) -> tuple[str, str]:
    """The nature of the place, here or in a document this act rests on, and the field that tells it."""
    if values.get("place_nature"):
        return "place_nature", str(values["place_nature"])
    for entry in definition.fields:
        reference = values.get(entry.key) if entry.kind == "reference" else None
        known = circumstances.find_document(reference["act_id"] or reference["number"]) if reference else None
        if known and known.answers.get("place_nature"):
            return entry.key, str(known.answers["place_nature"])
    return "", ""


def _officers(definition: FormDefinition, values: Values, entrustment: Entrustment) -> Iterator[Problem]:
    needed = definition.certified_officers
    if needed is None or not entrustment.officers:
        return
    for index, row in enumerate(values.get(needed.field) or []):
        if row.get("name") and not {row.get("name"), row.get("cert_no")} & set(entrustment.officers):
            sentence = msg(
                "{name}不在委托书“{number}”所列的执法人员中，须由审核人核对。",
                name=row["name"],
                number=entrustment.number,
            )
            yield Problem(f"{needed.field}.{index}.name", sentence, "", LAW)
