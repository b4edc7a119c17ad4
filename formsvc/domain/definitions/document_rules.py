"""Checks of roles of fields, and of rules on issuing bodies and readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from formsvc.domain.authorities import AuthorityKind
from formsvc.domain.definitions.schema import (
    Confidentiality,
    DefinitionHeader,
    JointIssue,
    PaperCopy,
    Variants,
)
from formsvc.domain.definitions.source import FaultCollector, SourceLocation
from formsvc.domain.fields import Field
from formsvc.domain.fields.roles import Role, Roles, column_with, role_faults
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg

# Bound in templates: all issuing bodies in the order of their signatures.
ISSUERS_NAME = "issuers"
# Bound in templates: which copy is being made.
COPY_NAME = "copy_title"
_NAMED_BY = ("text", "person")


def check_document_rules(
    header: DefinitionHeader, keys: Mapping[str, Field], top: SourceLocation, faults: FaultCollector
) -> None:
    """Report fields that the header names and that do not fit."""
    if header.variants:
        _check_variants(header.variants, keys, top.child("variants"), faults)
    if header.copies:
        _check_copies(header.copies, keys, top.child("copies"), faults)
    if header.joint_issue:
        _check_joint_issue(header.joint_issue, keys, top.child("joint_issue"), faults)
    if header.confidential and header.confidential.readers:
        _check_readers(header.confidential, keys, top.child("confidential", "readers"), faults)


def check_help(
    header: DefinitionHeader,
    fields: Iterable[tuple[Field, SourceLocation]],
    top: SourceLocation,
    faults: FaultCollector,
) -> None:
    """Report help topics written twice, and fields that link to none."""
    known = [topic.id for topic in header.help]
    for index, name in enumerate(known):
        if name in known[:index]:
            faults.add(top.child("help", index, "id"), msg("填写说明“{topic}”写了两次。", topic=name))
    columns = [
        (column, place.child("columns", index))
        for entry, place in fields
        for index, column in enumerate(entry.columns or ())
    ]
    for entry, place in (*fields, *columns):
        if entry.help and entry.help not in known:
            near = did_you_mean(entry.help, known)
            faults.add(place.child("help"), msg("没有填写说明“{topic}”{near}。", topic=entry.help, near=near))


def _check_variants(
    variants: Variants, keys: Mapping[str, Field], location: SourceLocation, faults: FaultCollector
) -> None:
    entry = keys.get(variants.field)
    if entry is None or entry.kind != "choice":
        near = did_you_mean(variants.field, keys)
        faults.add(location.child("field"), msg("“{key}”不是单选字段{near}。", key=variants.field, near=near))
        return
    codes = [option.code for option in entry.options]
    seen: set[str] = set()
    for index, case in enumerate(variants.cases):
        place = location.child("cases", index, "when")
        # the options of a lookup are set after these checks
        if codes and case.when not in codes:
            near = did_you_mean(case.when, codes)
            faults.add(
                place,
                msg("“{label}”没有选项“{option}”{near}。", label=entry.label, option=case.when, near=near),
            )
        if case.when in seen:
            faults.add(place, msg("“{option}”写了两次。", option=case.when))
        seen.add(case.when)


def _check_copies(
    copies: Sequence[PaperCopy], keys: Mapping[str, Field], location: SourceLocation, faults: FaultCollector
) -> None:
    titles = [copy.title for copy in copies]
    for index, title in enumerate(titles):
        if title in titles[:index]:
            faults.add(location.child(index, "title"), msg("“{option}”写了两次。", option=title))
    if COPY_NAME in keys:
        faults.add(location, msg("写了各联（copies）的表单不能有字段“copy_title”，模板用它区分是哪一联。"))


def _check_joint_issue(
    joint: JointIssue, keys: Mapping[str, Field], location: SourceLocation, faults: FaultCollector
) -> None:
    entry = keys.get(joint.field)
    column = entry.column(joint.name) if entry else None
    if entry is None or entry.kind != "rows":
        sentence = msg("“{key}”不是明细表{near}。", key=joint.field, near=did_you_mean(joint.field, keys))
        faults.add(location.child("field"), sentence)
    elif column is None or column.kind != "text":
        sentence = msg("明细“{label}”没有文字的列“{name}”。", label=entry.label, name=joint.name)
        faults.add(location.child("name"), sentence)
    if Roles(keys.values()).key("issuer") not in keys:
        faults.add(location, msg("联合行文的表单应有主办机关（公共字段组“@ISS”）。"))
    if ISSUERS_NAME in keys:
        faults.add(location, msg("联合行文的表单不能有字段“issuers”，模板用它印出各机关。"))
    for name, kinds in (("kinds", joint.kinds), ("signed_first", joint.signed_first)):
        for index, kind in enumerate(kinds):
            if kind not in set(AuthorityKind):
                near = did_you_mean(kind, [known.value for known in AuthorityKind])
                faults.add(
                    location.child(name, index), msg("没有机关类别“{kind}”{near}。", kind=kind, near=near)
                )


def _check_readers(
    rules: Confidentiality, keys: Mapping[str, Field], location: SourceLocation, faults: FaultCollector
) -> None:
    entry = keys.get(rules.readers)
    is_named = entry is not None and (
        entry.kind in _NAMED_BY
        or (entry.kind == "rows" and entry.column(column_with(entry.columns or (), "name")) is not None)
    )
    if not is_named:
        near = did_you_mean(rules.readers, keys)
        faults.add(
            location,
            msg("“{key}”应是文字、人员字段，或者有 name 列的明细{near}。", key=rules.readers, near=near),
        )


def check_former_keys(fields: list[tuple[Field, SourceLocation]], faults: FaultCollector) -> None:
    """Report former keys that another field has or had."""
    owners = {entry.key: entry.label for entry, _ in fields}
    for entry, location in fields:
        for index, former in enumerate(entry.formerly):
            if former in owners:
                sentence = msg(
                    "以前的字段名“{key}”已是“{owner}”现在或者以前的字段名，分不清是哪一项，请删去。",
                    key=former,
                    owner=owners[former],
                )
                faults.add(location.child("formerly", index), sentence)
            owners.setdefault(former, entry.label)


def check_roles(
    fields: list[tuple[Field, SourceLocation]], roles: Mapping[str, Role], faults: FaultCollector
) -> None:
    """Report fields whose role does not fit, or is taken."""
    places = {id(entry): location for entry, location in fields}
    for entry, sentence in role_faults((entry for entry, _ in fields), roles):
        faults.add(places[id(entry)].child("role"), sentence)
