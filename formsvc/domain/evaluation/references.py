"""Documents that answers refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from formsvc.domain.authorities import Circumstances, KnownDocument
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import Field
from formsvc.domain.json_types import JSON, is_empty
from formsvc.errors import Findings, Problem
from formsvc.i18n.messages import msg

Reference = dict[str, str]
_FINISHED = ("issued", "served")
_UNUSABLE = {"void": msg("已作废"), "revoked": msg("已撤销")}


def references_in(
    definition: FormDefinition, values: Mapping[str, JSON]
) -> Iterator[tuple[Field, Reference]]:
    """Yield each reference that is filled in."""
    for entry in definition.fields:
        if entry.kind == "reference" and values.get(entry.key):
            yield entry, values[entry.key]


def document_of(reference: Mapping[str, str], circumstances: Circumstances) -> KnownDocument | None:
    """Return our own document behind a reference, or None for an outside one."""
    return circumstances.find_document(reference["act_id"] or reference["number"])


def resolve_references(
    definition: FormDefinition, values: dict[str, JSON], circumstances: Circumstances
) -> None:
    """Write number, title, date and id of our own documents into the answers."""
    for entry, reference in references_in(definition, values):
        known = document_of(reference, circumstances)
        if known:
            values[entry.key] = {
                "number": known.number or reference["number"],
                "title": known.title,
                "date": known.dated,
                "act_id": known.act_id,
            }


def check_references(
    definition: FormDefinition, values: Mapping[str, JSON], circumstances: Circumstances
) -> Findings:
    """Return problems with referenced documents, and notices on them."""
    problems: list[Problem] = []
    notices: list[Problem] = []
    for entry, reference in references_in(definition, values):
        known = document_of(reference, circumstances)
        problems += [
            *_document_problems(entry, reference, known),
            *_date_problems(definition, entry, reference, values),
        ]
        problems += _duplicate_problems(definition, entry, reference, known, circumstances)
        notices += _carry_notices(definition, entry, values, known)
        # Of an entrustment the checks of authority say it themselves.
        ours = set(entry.referable) & circumstances.offered_forms and entry.key != definition.roles.key(
            "entrustment"
        )
        if known is None and ours and not reference["date"]:
            notices.append(
                Problem(
                    entry.key,
                    msg("系统内没有文号为“{number}”的文书，按系统外的文书处理。", number=reference["number"]),
                    msg("请审核人核对原件。"),
                )
            )
    return problems, notices


def _carry_notices(
    definition: FormDefinition, entry: Field, values: Mapping[str, JSON], known: KnownDocument | None
) -> Iterator[Problem]:
    """Yield a notice for each empty field that an older document cannot fill."""
    for target in (entry.carry or {}) if known and known.lacking else {}:
        expression = definition.compiled.expression(entry.key, f"carry.{target}")
        if known is None or expression is None or not is_empty(values.get(target)):
            continue
        asked = {member.name for member in expression.structure.members if member.source == "source"}
        for key in sorted(asked & set(known.lacking)):
            into = definition.field(target)
            yield Problem(
                target,
                msg(
                    "《{title}》{number}没有“{label}”这一项，不能带出“{target}”。",
                    title=known.title,
                    number=known.number,
                    label=known.lacking[key],
                    target=into.label if into else target,
                ),
                msg("请对照原件填写。"),
            )


def _document_problems(entry: Field, reference: Reference, known: KnownDocument | None) -> list[Problem]:
    if known is None:
        # Without an id it may be a document from outside the system.
        if not reference["act_id"]:
            return []
        sentence = msg("{label}：系统内没有这件文书。", label=entry.label)
        return [Problem(entry.key, sentence, msg("请重新选择。"))]
    if known.kind and known.kind not in entry.referable:
        sentence = msg(
            "“{number}”是《{title}》，不能作为{label}。",
            number=reference["number"],
            title=known.title,
            label=entry.label,
        )
        return [Problem(entry.key, sentence, msg("请重新选择。"))]
    if known.state in _UNUSABLE:
        sentence = msg(
            "{label}“{number}”{state}。",
            label=entry.label,
            number=reference["number"],
            state=_UNUSABLE[known.state],
        )
        return [Problem(entry.key, sentence, msg("请重新选择。"))]
    if not known.number and known.state not in _FINISHED:
        sentence = msg("{label}《{title}》还没有编号签发，不能引用。", label=entry.label, title=known.title)
        return [Problem(entry.key, sentence, msg("请先办结该文书。"))]
    return []


def _duplicate_problems(
    definition: FormDefinition,
    entry: Field,
    reference: Reference,
    known: KnownDocument | None,
    circumstances: Circumstances,
) -> list[Problem]:
    """Return a problem if the one act allowed for a document exists."""
    other = circumstances.find_follower(definition.id, known.act_id) if entry.once and known else None
    if other is None:
        return []
    document = reference["number"] or reference["title"]
    if not other.dated:
        # its reader may know that there is one, and nothing more
        sentence = msg(
            "“{document}”已有{title}，一件文书只制作一份。", document=document, title=definition.title
        )
    else:
        sentence = msg(
            "“{document}”已有{title}（{dated}），一件文书只制作一份。",
            document=document,
            title=definition.title,
            dated=other.dated,
        )
    return [Problem(entry.key, sentence, msg("请打开已有的一份；确有错误的，先将其作废。"), entry.law)]


def _date_problems(
    definition: FormDefinition, entry: Field, reference: Reference, values: Mapping[str, JSON]
) -> list[Problem]:
    key = definition.roles.key("date")
    dated, issued = reference["date"], values.get(key)
    # ISO text, so it compares as days do.
    if not dated or not issued or issued >= dated:
        return []
    return [
        Problem(
            key,
            msg(
                "制作日期（{issued}）早于所依据的{label}“{number}”的日期（{dated}）。",
                issued=issued,
                label=entry.label,
                number=reference["number"],
                dated=dated,
            ),
            msg("请核对两件文书的日期。"),
        )
    ]
