"""Who may do what: mode, issuing authority, entrustment, certified officers, and whose names may be printed."""

from __future__ import annotations

from dataclasses import dataclass, field

from formsvc.domain.authorities import AuthorityKind, Circumstances, Entrustment, IssuingAuthority
from formsvc.domain.authorization.entrusted_acts import entrustment_findings
from formsvc.domain.authorization.entrustment_terms import contract_problems
from formsvc.domain.authorization.officer_certificates import certificate_problems
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.functions import setting
from formsvc.domain.json_types import Values
from formsvc.errors import Problem
from formsvc.i18n.messages import format_list, join_messages, msg

Findings = tuple[list[Problem], list[Problem]]
"""What stands against the act, and what the reviewer must look at."""

INSPECTION_OPINION = "《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）"
PENALTY_LAW = "《中华人民共和国行政处罚法》"
RESPONSIBILITY_RULES = "《消防安全责任制实施办法》（国办发〔2017〕87号）第九条"
COORDINATION_WORDS = ("委员会办公室", "消安办", "消安委", "领导小组", "联席会议", "议事协调")
COERCION_WORDS = ("查封", "扣押", "冻结", "强制拆除", "强制清除")
COERCION_LAW = "《中华人民共和国行政强制法》第十七条"
MODE_NAMES = {"M0": msg("属地职责（M0）"), "M1": msg("赋权（M1）"), "M2": msg("委托（M2）")}
APPROVER_FIELD = "approver"
"""Who signs for the issuing authority: under an entrustment one of the principal's people, never of the agent's."""
_OWN_NAME_KINDS = (AuthorityKind.TOWNSHIP, AuthorityKind.SUBDISTRICT)


def check_authority(
    definition: FormDefinition, values: Values, circumstances: Circumstances
) -> list[Problem]:
    """Everything that forbids this act to this authority and these people, each with its article."""
    return authority_findings(definition, values, circumstances)[0]


def authority_findings(definition: FormDefinition, values: Values, circumstances: Circumstances) -> Findings:
    """What forbids the act, and what cannot be decided here and is left to the reviewer."""
    problems = [
        *_mode(definition, values),
        *_issuer(definition, values, circumstances),
        *certificate_problems(definition, values, circumstances),
        *_names(definition, values, circumstances),
    ]
    problems += _coercion(definition, values)
    notices: list[Problem] = []
    if definition.act_type == "entrust":
        problems += contract_problems(definition, values, circumstances)
    if definition.mode_of(values) == "M1":
        found, told = _empowerment(definition, values, circumstances)
        problems, notices = problems + found, notices + told
    if definition.mode_of(values) == "M2" and "M2" in definition.modes:
        found, told = entrustment_findings(definition, values, circumstances)
        problems, notices = problems + found, notices + told
    return problems, notices


def _mode(definition: FormDefinition, values: Values) -> list[Problem]:
    mode = values.get("auth_mode")
    if not definition.modes or mode is None or mode in definition.modes:
        return []
    if mode == "M0" and definition.act_type == "order":
        return [
            Problem(
                "auth_mode",
                msg(
                    "属地职责（M0）只能督促整改，不得责令改正，不能制作《{title}》。", title=definition.title
                ),
                msg("请改用《火灾隐患督促整改通知书》，或者核对本机关是否有赋权、委托。"),
                RESPONSIBILITY_RULES,
            )
        ]
    offered = format_list(MODE_NAMES[m] for m in definition.modes)
    said = MODE_NAMES.get(str(mode), str(mode))
    return [
        Problem(
            "auth_mode",
            msg(
                "《{title}》不能按{said}制作，只能按{offered}。",
                title=definition.title,
                said=said,
                offered=offered,
            ),
            msg("请重新选择权限模式。"),
        )
    ]


def is_coordination_body(name: str, circumstances: Circumstances) -> bool:
    """Whether a name is that of a coordinating body, registered as one or told by its name."""
    known = circumstances.authority_named(name)
    named_so = any(word in name for word in COORDINATION_WORDS)
    return known.kind is AuthorityKind.COORDINATION if known else named_so


def _issuer(definition: FormDefinition, values: Values, circumstances: Circumstances) -> list[Problem]:
    name = values.get("issuer_name")
    if not name:
        return []
    if definition.act_type != "other" and is_coordination_body(name, circumstances):
        return [
            Problem(
                "issuer_name",
                msg("“{name}”是议事协调机构，不得实施行政检查，也不得以自己名义制发执法文书。", name=name),
                msg("请改以有执法权的机关名义办理。"),
                INSPECTION_OPINION,
            )
        ]
    known = circumstances.authority_named(name)
    if known is None:
        return [
            Problem(
                "issuer_name",
                msg("没有登记过制发机关“{name}”。", name=name),
                msg("请按印章上的全称选择，或者请管理员登记。"),
                "",
                True,
            )
        ]
    return _issuer_kind(definition, values, known)


def _issuer_kind(definition: FormDefinition, values: Values, known: IssuingAuthority) -> list[Problem]:
    if definition.issuer_kinds and known.kind not in definition.issuer_kinds:
        return [
            Problem(
                "issuer_name",
                msg("《{title}》不能由“{name}”制发。", title=definition.title, name=known.name),
                msg("请核对制发机关。"),
            )
        ]
    mode = definition.mode_of(values)
    law = RESPONSIBILITY_RULES if mode == "M0" else f"{PENALTY_LAW}第二十四条"
    if mode in ("M0", "M1") and mode in definition.modes and known.kind not in _OWN_NAME_KINDS:
        return [
            Problem(
                "issuer_name",
                msg(
                    "{mode}以乡镇人民政府、街道办事处自己的名义办理，不能用“{name}”的名义。",
                    mode=MODE_NAMES[mode],
                    name=known.name,
                ),
                msg("请核对制发机关和权限模式。"),
                law,
            )
        ]
    return []


def _coercion(definition: FormDefinition, values: Values) -> list[Problem]:
    """Coercive measures (临时查封 and the like) that stand among the measures of an act that may not take them."""
    if not definition.modes:
        return []
    found = []
    for index, row in enumerate(values.get("hazards") or []):
        word = next((word for word in COERCION_WORDS if word in (row.get("measure") or "")), None)
        if word:
            said = msg(
                "整改措施不得写“{word}”：临时查封等行政强制措施只能由消防救援机构自己实施，不得委托，也不属于督促、责令改正的内容。",
                word=word,
            )
            remedy = msg("请删去；需要查封的，报消防救援机构决定。")
            found.append(Problem(f"hazards.{index}.measure", said, remedy, COERCION_LAW))
    return found


def _is_provincial(given: str, definition: FormDefinition, circumstances: Circumstances) -> bool:
    """Whether a name or number can be that of a decision of a province; a county's notice empowers nobody."""
    marks = setting(circumstances, {**circumstances.lookups, **definition.lookups}, "empowering_marks")
    return not marks or any(mark in given for mark in str(marks).split("、") if mark)


def _empowerment(definition: FormDefinition, values: Values, circumstances: Circumstances) -> Findings:
    given = values.get("assign_doc")
    issuer = circumstances.authority_named(values.get("issuer_name") or "")
    law = f"{PENALTY_LAW}第二十四条"
    if not given:
        return [
            Problem(
                "assign_doc",
                msg("赋权（M1）须写明省级人民政府的赋权决定。"),
                msg("请填写赋权决定的名称和文号。"),
                law,
            )
        ], []
    if not _is_provincial(given, definition, circumstances):
        said = msg(
            "“{given}”不像省、自治区、直辖市的赋权决定：行政处罚权只能由省级决定交由乡镇、街道行使，县里的通知不能“授权”。",
            given=given,
        )
        remedy = msg("请填写省级决定的名称和文号；没有的，按委托（M2）或者属地职责（M0）办理。")
        return [Problem("assign_doc", said, remedy, law)], []
    if issuer and issuer.assign_doc and issuer.assign_doc != given:
        sentence = msg(
            "赋权决定应为“{assign_doc}”，填写的是“{given}”。", assign_doc=issuer.assign_doc, given=given
        )
        return [Problem("assign_doc", sentence, msg("请与机关资料核对。"), law)], []
    return [], [Problem("assign_doc", msg("所办事项是否在赋权决定公布的清单内，须由审核人核对。"), "", law)]


@dataclass(frozen=True)
class _Names:
    """Whose names may be printed."""

    people: frozenset[str] = field(default_factory=frozenset)
    of: str = ""


def _names(definition: FormDefinition, values: Values, circumstances: Circumstances) -> list[Problem]:
    if not _is_settled(definition, values, circumstances):
        return []
    issuer = circumstances.authority_named(values.get("issuer_name") or "")
    entrustment = entrustment_of(values, circumstances) if definition.mode_of(values) == "M2" else None
    agent = circumstances.authority_named(entrustment.agent) if entrustment else None
    own, also = _names_of(issuer), _names_of(issuer, agent)
    problems = []
    for entry in definition.fields:
        if entry.kind != "person" or entry.free or not values.get(entry.key):
            continue
        allowed = own if entry.key == APPROVER_FIELD else also
        if allowed.people and values[entry.key] not in allowed.people:
            sentence = msg(
                "{label}“{name}”不是{authorities}登记的人员。",
                label=entry.label,
                name=values[entry.key],
                authorities=allowed.of,
            )
            law = f"{PENALTY_LAW}第二十条" if values[entry.key] in also.people else ""
            remedy = msg("请从名册中选择，或者请管理员登记。")
            problems.append(Problem(entry.key, sentence, remedy, law, not law))
    return problems


def _is_settled(definition: FormDefinition, values: Values, circumstances: Circumstances) -> bool:
    """Whether it is known whose people may be named; else the mode or entrustment is wrong, not the names."""
    mode = definition.mode_of(values)
    if not definition.modes:
        return True
    return mode in definition.modes and (mode != "M2" or entrustment_of(values, circumstances) is not None)


def _names_of(*authorities: IssuingAuthority | None) -> _Names:
    known = {a.id: a for a in authorities if a}.values()
    people = frozenset(p.name for a in known for p in a.people)
    return _Names(people, join_messages(*(msg("“{name}”", name=a.name) for a in known)))


def entrustment_of(values: Values, circumstances: Circumstances) -> Entrustment | None:
    """The entrustment that the answers name, where it is on the register."""
    reference = values.get("entrust_ref")
    return circumstances.entrustment_numbered(reference["number"]) if reference else None
