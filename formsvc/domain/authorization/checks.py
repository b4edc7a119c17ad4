"""Checks of authority (权限): mode, issuer, officers, names printed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from formsvc.domain import laws
from formsvc.domain.authorities import AuthorityKind, Circumstances, Entrustment, IssuingAuthority
from formsvc.domain.authorization.coordination import is_coordination_body
from formsvc.domain.authorization.entrusted_acts import entrustment_findings
from formsvc.domain.authorization.entrustment_terms import entrustment_term_problems, is_entrustment
from formsvc.domain.authorization.exclusions import exclusion_notices
from formsvc.domain.authorization.joint_issue import joint_issue_problems
from formsvc.domain.authorization.officer_certificates import certificate_findings
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.functions import setting
from formsvc.domain.fields import Field
from formsvc.domain.json_types import Values
from formsvc.errors import Findings, Problem
from formsvc.i18n.messages import format_list, join_messages, msg

COERCION_WORDS = ("查封", "扣押", "冻结", "强制拆除", "强制清除")
MODE_NAMES = {
    "M0": msg("属地职责（M0）"),
    "M1": msg("赋权（M1）"),
    "M2": msg("委托（M2）"),
    "M3": msg("本机关职权（M3）"),
}
# Bodies that act in a mode in their own name. A development zone has the duty of a government of its level (87号文 10),
# but is none of the bodies that a province may empower (行政处罚法 24).
_OWN_NAME_KINDS = {
    "M0": (AuthorityKind.TOWNSHIP, AuthorityKind.SUBDISTRICT, AuthorityKind.DEV_ZONE),
    "M1": (AuthorityKind.TOWNSHIP, AuthorityKind.SUBDISTRICT),
    "M3": (AuthorityKind.FIRE_BRIGADE,),
}


_MODE_LAWS = {"M0": laws.OWN_DUTY_ARTICLE, "M1": laws.EMPOWERMENT_ARTICLE, "M3": laws.OWN_POWER_ARTICLE}
# 行政处罚法 24: the province decides, by its government or its people's congress.
_PROVINCIAL_BODY = re.compile("(省|自治区|北京市|天津市|上海市|重庆市)(人民政府|人民代表大会|人大)")


def authority_findings(definition: FormDefinition, values: Values, circumstances: Circumstances) -> Findings:
    """Return what forbids the act, and what is left to the reviewer."""
    officer_problems, officer_notices = certificate_findings(definition, values, circumstances)
    person_problems, person_notices = _person_findings(definition, values, circumstances)
    problems = [
        *_mode_problems(definition, values),
        *_issuer_problems(definition, values, circumstances),
        *officer_problems,
        *person_problems,
        *_coercion_problems(definition, values),
        *joint_issue_problems(definition, values, circumstances),
    ]
    notices = [*officer_notices, *person_notices, *exclusion_notices(definition, values, circumstances)]
    if is_entrustment(definition):
        problems += entrustment_term_problems(definition, values, circumstances)
    mode = definition.mode_of(values)
    if mode == "M1":
        more = _empowerment_findings(definition, values, circumstances)
    elif mode == "M2" and "M2" in definition.modes:
        more = entrustment_findings(definition, values, circumstances)
    else:
        return problems, notices
    return problems + more[0], notices + more[1]


def _mode_problems(definition: FormDefinition, values: Values) -> list[Problem]:
    key = definition.roles.key("mode")
    mode = values.get(key)
    if not definition.modes or mode is None or mode in definition.modes:
        return []
    if mode == "M0" and definition.act_type == "order":
        return [
            Problem(
                key,
                msg(
                    "属地职责（M0）只能督促整改，不得责令改正，不能制作《{title}》。", title=definition.title
                ),
                msg("请改用督促整改的文书，或者核对本机关是否有赋权、委托。"),
                laws.OWN_DUTY_ARTICLE,
            )
        ]
    offered = format_list(MODE_NAMES[m] for m in definition.modes)
    mode_name = MODE_NAMES.get(str(mode), str(mode))
    return [
        Problem(
            key,
            msg(
                "《{title}》不能按{said}制作，只能按{offered}。",
                title=definition.title,
                said=mode_name,
                offered=offered,
            ),
            msg("请重新选择权限模式。"),
        )
    ]


def _issuer_problems(
    definition: FormDefinition, values: Values, circumstances: Circumstances
) -> list[Problem]:
    key = definition.roles.key("issuer")
    name = values.get(key)
    if not name:
        return []
    if definition.act_type != "other" and is_coordination_body(name, circumstances):
        return [
            Problem(
                key,
                msg("“{name}”是议事协调机构，不得实施行政检查，也不得以自己名义制发执法文书。", name=name),
                msg("请改以有执法权的机关名义办理。"),
                laws.INSPECTION_OPINION,
            )
        ]
    known = circumstances.authority_named(name)
    if known is None:
        return [
            Problem(
                key,
                msg("没有登记过制发机关“{name}”。", name=name),
                msg("请按印章上的全称选择，或者请管理员登记。"),
                "",
                True,
            )
        ]
    return _issuer_kind_problems(definition, values, known)


def _issuer_kind_problems(
    definition: FormDefinition, values: Values, known: IssuingAuthority
) -> list[Problem]:
    if definition.issuer_kinds and known.kind not in definition.issuer_kinds:
        return [
            Problem(
                definition.roles.key("issuer"),
                msg("《{title}》不能由“{name}”制发。", title=definition.title, name=known.name),
                msg("请核对制发机关。"),
            )
        ]
    mode = definition.mode_of(values)
    if mode in _OWN_NAME_KINDS and mode in definition.modes and known.kind not in _OWN_NAME_KINDS[mode]:
        message = (
            msg(
                "{mode}以消防救援机构自己的名义办理，不能用“{name}”的名义。",
                mode=MODE_NAMES[mode],
                name=known.name,
            )
            if mode == "M3"
            else msg(
                "{mode}以乡镇人民政府、街道办事处自己的名义办理，不能用“{name}”的名义。",
                mode=MODE_NAMES[mode],
                name=known.name,
            )
        )
        key = definition.roles.key("issuer")
        return [Problem(key, message, msg("请核对制发机关和权限模式。"), _MODE_LAWS[mode])]
    return []


def _coercion_problems(definition: FormDefinition, values: Values) -> list[Problem]:
    # Measures such as 临时查封 belong to the fire brigade alone; no form with authority modes may order them. Revisions
    # of before name no word lists.
    if not definition.modes or definition.word_lists:
        return []
    problems = []
    measures = [
        (f"{table}.{index}.{column}", str(row.get(column) or ""))
        for table, column in definition.roles.tables_with("measure")
        for index, row in enumerate(values.get(table) or ())
    ]
    for path, measure in measures:
        word = next((word for word in COERCION_WORDS if word in measure), None)
        if word:
            message = msg(
                "整改措施不得写“{word}”：临时查封等行政强制措施只能由消防救援机构自己实施，不得委托，也不属于督促、责令改正的内容。",
                word=word,
            )
            remedy = msg("请删去；需要查封的，报消防救援机构决定。")
            problems.append(Problem(path, message, remedy, laws.COERCION_ARTICLE))
    return problems


def _is_provincial(decision: str, definition: FormDefinition, circumstances: Circumstances) -> bool:
    # only a province may empower townships, never a county's notice
    if _PROVINCIAL_BODY.search(decision):
        return True
    marks = setting(circumstances, {**circumstances.lookups, **definition.lookups}, "empowering_marks")
    return not marks or any(mark in decision for mark in str(marks).split("、") if mark)


def _empowerment_findings(
    definition: FormDefinition, values: Values, circumstances: Circumstances
) -> Findings:
    key = definition.roles.key("empowerment")
    decision = values.get(key)
    issuer = circumstances.authority_named(definition.roles.text(values, "issuer"))
    law = laws.EMPOWERMENT_ARTICLE
    if not decision:
        return [
            Problem(
                key,
                msg("赋权（M1）须写明省、自治区、直辖市的赋权决定（由人民政府或者人大及其常委会作出）。"),
                msg("请填写赋权决定的名称和文号。"),
                law,
            )
        ], []
    if not _is_provincial(decision, definition, circumstances):
        message = msg(
            "“{given}”不像省、自治区、直辖市的赋权决定：行政处罚权只能由省级决定交由乡镇、街道行使，县里的通知不能“授权”。",
            given=decision,
        )
        remedy = msg("请填写省级决定的名称和文号；没有的，按委托（M2）或者属地职责（M0）办理。")
        return [Problem(key, message, remedy, law)], []
    if issuer and issuer.assign_doc and issuer.assign_doc != decision:
        sentence = msg(
            "赋权决定应为“{assign_doc}”，填写的是“{given}”。", assign_doc=issuer.assign_doc, given=decision
        )
        return [Problem(key, sentence, msg("请与机关资料核对。"), law)], []
    return [], [Problem(key, msg("所办事项是否在赋权决定公布的清单内，须由审核人核对。"), "", law)]


@dataclass(frozen=True)
class _Staff:
    """People registered for some authorities, and the authorities' names."""

    people: frozenset[str]
    authority_names: str


def _person_findings(definition: FormDefinition, values: Values, circumstances: Circumstances) -> Findings:
    if not _is_staff_known(definition, values, circumstances):
        return [], []
    issuer = circumstances.authority_named(definition.roles.text(values, "issuer"))
    entrustment = (
        entrustment_of(definition, values, circumstances) if definition.mode_of(values) == "M2" else None
    )
    agent = circumstances.authority_named(entrustment.agent) if entrustment else None
    issuer_staff, all_staff = _staff_of(issuer), _staff_of(issuer, agent)
    problems: list[Problem] = []
    notices: list[Problem] = []
    for entry in definition.fields:
        if entry.kind != "person" or entry.free or not values.get(entry.key):
            continue
        # who signs for the issuing authority is never one of an agent's people
        allowed = issuer_staff if entry.key == definition.roles.key("approver") else all_staff
        if not allowed.people and allowed.authority_names:
            notices.append(_empty_list_notice(entry, str(values[entry.key]), allowed.authority_names))
        elif allowed.people and values[entry.key] not in allowed.people:
            sentence = msg(
                "{label}“{name}”不是{authorities}登记的人员。",
                label=entry.label,
                name=values[entry.key],
                authorities=allowed.authority_names,
            )
            # An agent's person in the principal's place breaks the law; any other name is merely unregistered.
            law = laws.ENTRUSTMENT_ARTICLE if values[entry.key] in all_staff.people else ""
            remedy = msg("请从名册中选择，或者请管理员登记。")
            problems.append(Problem(entry.key, sentence, remedy, law, not law))
    return problems, notices


def _empty_list_notice(entry: Field, name: str, authorities: str) -> Problem:
    return Problem(
        entry.key,
        msg(
            "{authorities}的人员名单为空，无法核对{label}“{name}”。",
            authorities=authorities,
            label=entry.label,
            name=name,
        ),
        msg("请核对本人身份，并请管理员在发文机关中登记人员。"),
    )


def _is_staff_known(definition: FormDefinition, values: Values, circumstances: Circumstances) -> bool:
    # With a wrong mode or an unknown entrustment it is undecided whose people may be named.
    mode = definition.mode_of(values)
    if not definition.modes:
        return True
    return mode in definition.modes and (
        mode != "M2" or entrustment_of(definition, values, circumstances) is not None
    )


def _staff_of(*authorities: IssuingAuthority | None) -> _Staff:
    known = {a.id: a for a in authorities if a}.values()
    people = frozenset(p.name for a in known for p in a.people)
    return _Staff(people, join_messages(*(msg("“{name}”", name=a.name) for a in known)))


def entrustment_of(
    definition: FormDefinition, values: Values, circumstances: Circumstances
) -> Entrustment | None:
    """Return the registered entrustment that the answers name, or None."""
    reference = definition.roles.value(values, "entrustment")
    return circumstances.entrustment_numbered(reference["number"]) if reference else None
