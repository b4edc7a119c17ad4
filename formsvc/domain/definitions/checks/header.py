"""Checks of the fields that header and rules name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from formsvc.domain.definitions.document_rules import check_document_rules
from formsvc.domain.definitions.schema import DefinitionHeader, Rule, ServiceFields
from formsvc.domain.definitions.source import FaultCollector, SourceLocation
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.roles import Roles, column_with
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg


def check_names(
    header: DefinitionHeader,
    rules: Iterable[tuple[Rule, SourceLocation]],
    fields: list[Field],
    top: SourceLocation,
    faults: FaultCollector,
) -> None:
    """Report names in header and rules that are no suitable field."""
    keys = {f.key: f for f in fields}
    paths = set(keys) | {f"{f.key}.{c.key}" for f in fields for c in f.columns or ()}
    _check_header(header, keys, top, faults)
    ids: set[str] = set()
    for rule, location in rules:
        if rule.id in ids:
            faults.add(location.child("id"), msg("检查“{rule}”写了两次。", rule=rule.id))
        ids.add(rule.id)
        if rule.field and rule.field not in paths:
            faults.add(
                location.child("field"),
                msg("没有字段“{field}”{near}。", field=rule.field, near=did_you_mean(rule.field, paths)),
            )
        if rule.each and (rule.each not in keys or keys[rule.each].kind != "rows"):
            faults.add(location.child("each"), msg("“{each}”不是明细表。", each=rule.each))


def _check_header(
    header: DefinitionHeader, keys: Mapping[str, Field], top: SourceLocation, faults: FaultCollector
) -> None:
    days = {key for key, entry in keys.items() if entry.kind == "date"}
    date_keys = {key for key, entry in keys.items() if entry.kind in ("date", "datetime")}
    subjects = {
        key for key, f in keys.items() if f.kind not in FIELD_TYPES or FIELD_TYPES[f.kind].may_be_subject
    }
    references = [
        (top.child("dates", "acts_on", i), key, date_keys) for i, key in enumerate(header.dates.acts_on)
    ]
    references += [
        (top.child("subject"), header.subject, subjects),
        (top.child("due"), header.due, days),
    ]
    for location, key, allowed in references:
        if key and key not in allowed:
            faults.add(location, _unsuitable_field(key, keys, allowed, is_date=allowed is not subjects))
    if header.due in days and not header.life:
        faults.add(top.child("due"), _due_superseded(header.due, keys[header.due]), "notice")
    if header.certified_officers:
        rows = keys.get(header.certified_officers.field)
        columns = rows.columns or () if rows else ()
        wanted = {column_with(columns, role) for role in ("name", "certificate")}
        if not wanted <= {column.key for column in columns}:
            faults.add(top.child("certified_officers", "field"), msg("应是有 name、cert_no 两列的明细表。"))
    check_document_rules(header, keys, top, faults)
    if header.serves:
        _check_service(header.serves, keys, top.child("serves"), faults)
    _check_word_lists(header, keys, top, faults)
    if len(header.modes) > 1 and Roles(keys.values()).key("mode") not in keys:
        faults.add(top.child("modes"), msg("分权限模式的表单应有公共字段组“@AUTH”。"))


def _due_superseded(key: str, entry: Field) -> str:
    rule = {"id": key, "name": entry.label, "event": entry.label, "from": key, "unit": "on_day"}
    return msg(
        "“due”只提醒一个日期，没有后续文书。可以改写为 life：deadlines 写 {rule}，要办的事写在 follow_ups，见 docs/adding-an-act.md。",
        rule=json.dumps(rule, ensure_ascii=False),
    )


def _check_word_lists(
    header: DefinitionHeader, keys: Mapping[str, Field], top: SourceLocation, faults: FaultCollector
) -> None:
    paths = set(keys) | {f"{f.key}.{c.key}" for f in keys.values() for c in f.columns or ()}
    for index, listed in enumerate(header.word_lists):
        for place, key in enumerate(listed.fields):
            if key not in paths:
                faults.add(
                    top.child("word_lists", index, "fields", place),
                    msg("没有字段“{key}”{near}。", key=key, near=did_you_mean(key, paths)),
                )


def _unsuitable_field(key: str, keys: Mapping[str, Field], allowed: set[str], *, is_date: bool) -> str:
    near = did_you_mean(key, allowed)
    if key not in keys and not is_date:
        return msg("“{key}”不是字段{near}。", key=key, near=near)
    if key not in keys or is_date and keys[key].kind != "datetime":
        return msg("“{key}”不是日期字段{near}。", key=key, near=near)
    label, title = keys[key].label, FIELD_TYPES[keys[key].kind].title
    if is_date:
        return msg(
            "“{label}”是{title}，期限应是日期，可以另设一个日期字段，由 date_of({key}) 算出。",
            label=label,
            title=title,
            key=key,
        )
    return msg("“{label}”是{title}，不能作为列表中的当事人，请选文字字段。", label=label, title=title)


def _check_service(
    serves: ServiceFields, keys: Mapping[str, Field], location: SourceLocation, faults: FaultCollector
) -> None:
    for name, key in serves.model_dump(exclude={"served"}).items():
        if key and key not in keys:
            faults.add(
                location.child(name), msg("没有字段“{key}”{near}。", key=key, near=did_you_mean(key, keys))
            )
    document, servers = keys.get(serves.document), keys.get(serves.servers)
    if document and document.kind != "reference":
        faults.add(location.child("document"), msg("“{key}”应是引用文书的字段。", key=document.key))
    if servers and not servers.column(column_with(servers.columns or (), "name")):
        faults.add(location.child("servers"), msg("“{key}”应是有 name 一列的明细表。", key=servers.key))
    documents = keys.get(serves.documents)
    if documents and not documents.column(column_with(documents.columns or (), "document")):
        faults.add(location.child("documents"), msg("“{key}”应是有 ref 一列的明细表。", key=documents.key))
