"""Checks of a definition beyond its shape."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping

from formsvc.domain.definitions.compilation import ITEM_VARIABLE
from formsvc.domain.definitions.document_rules import (
    check_document_rules,
    check_former_keys,
    check_roles,
)
from formsvc.domain.definitions.schema import DefinitionHeader, Rule, ServiceFields
from formsvc.domain.definitions.shape_faults import shorten
from formsvc.domain.definitions.source import FaultCollector, SourceLocation
from formsvc.domain.definitions.vocabulary import is_option_list
from formsvc.domain.fields import FIELD_TYPES, Field, FieldKind
from formsvc.domain.fields.numbers import has_no_integer
from formsvc.domain.fields.roles import COLUMN_ROLES, FIELD_ROLES, Roles, column_with
from formsvc.domain.json_types import JSON
from formsvc.domain.safe_regex import pattern_error
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg

# Names that a field must not have, because somewhere they mean something else.
RESERVED = frozenset(
    [
        # bound by the service itself
        *("no", "form_title", "doc_no", "row", "index", "source", "csrf_token"),
        # prefixes of docxtpl's tags: {%r, {%p, {%tr, {%tc
        *("r", "p", "tr", "tc"),
        # Jinja's own variables and functions
        *("loop", "self", "super", "caller", "varargs", "kwargs", "range", "dict", "lipsum", "cycler"),
        *("joiner", "namespace", "true", "false", "none"),
        # Jinja's keywords
        *("is", "and", "or", "not", "if", "elif", "set", "block", "macro", "call", "filter", "include"),
        *("extends", "with", "raw", "from"),
        # keywords of CEL, those it reserves included; some are Jinja's, too
        *("null", "in", "as", "break", "const", "continue", "else", "for", "function", "import", "let"),
        *("package", "return", "var", "void", "while"),
    ]
)
# In a template ``row.items`` would find the method of dict and not the column.
RESERVED_COLUMNS = frozenset(
    ["items", "keys", "values", "get", "copy", "update", "pop", "popitem", "clear", "setdefault", "fromkeys"]
)
# kinds that are personal without saying so
_PERSONAL_KINDS = frozenset({"resident_id", "certificate_number", "phone"})
# Properties that only some field kinds understand.
_KIND_PROPERTIES = (
    *("min", "max", "pattern", "pattern_message", "choices", "lookup", "columns", "refers_to", "carry"),
    *("once", "each_of", "checklist", "unit", "multiline", "free", "also"),
)


def check_fields(
    fields: Iterable[tuple[Field, SourceLocation]],
    lookups: Mapping[str, JSON],
    faults: FaultCollector,
    reserved: frozenset[str] = RESERVED | {ITEM_VARIABLE},
) -> None:
    """Report faults in keys, kinds, properties and examples of all fields.

    ``reserved`` are keys that none of them may have.
    """
    fields = list(fields)
    _check_keys(fields, faults, reserved)
    check_former_keys(fields, faults)
    check_roles(fields, FIELD_ROLES, faults)
    for entry, location in fields:
        _check_field(entry, location, lookups, faults)
        columns = [(column, location.child("columns", i)) for i, column in enumerate(entry.columns or ())]
        _check_keys(columns, faults, RESERVED_COLUMNS | (RESERVED - {"no"}))
        check_former_keys(columns, faults)
        check_roles(columns, COLUMN_ROLES, faults)
        for column, column_location in columns:
            if column.kind in ("rows", "authority"):
                faults.add(column_location.child("kind"), msg("明细的列不能再是明细表或者制发机关。"))
            _check_field(column, column_location, lookups, faults)


def _check_keys(
    fields: list[tuple[Field, SourceLocation]], faults: FaultCollector, reserved: frozenset[str]
) -> None:
    # Printed keys, that is with suffixes such as ``_name`` and ``_date``, by the label of their owner.
    taken: dict[str, str] = {}
    for entry, location in fields:
        if entry.key in reserved:
            faults.add(location.child("key"), msg("“{key}”是系统保留的名字，请换一个。", key=entry.key))
        kind = FIELD_TYPES.get(entry.kind)
        for name in (entry.key + suffix for suffix in (kind.suffixes(entry) if kind else ("",))):
            if name in taken:
                faults.add(
                    location.child("key"),
                    msg("字段名“{name}”已被“{owner}”占用，请换一个。", name=name, owner=taken[name]),
                )
            taken.setdefault(name, entry.label)


def _check_field(
    entry: Field, location: SourceLocation, lookups: Mapping[str, JSON], faults: FaultCollector
) -> None:
    kind = FIELD_TYPES.get(entry.kind)
    if kind is None:
        faults.add(
            location.child("kind"),
            msg(
                "没有“{kind}”这种字段类型{near}。",
                kind=shorten(entry.kind),
                near=_near_kind(entry.kind),
            ),
        )
        return
    for name in _KIND_PROPERTIES:
        if getattr(entry, name) != Field.model_fields[name].default and name not in kind.properties:
            faults.add(location.child(name), _useless_property(name, kind))
    for name, sentence in (*kind.faults(entry), *_limit_faults(entry), *_lookup_faults(entry, lookups)):
        faults.add(location.child(name), sentence)
    largest = kind.largest_size(entry)
    if largest is not None and entry.max is not None and entry.max > largest:
        # the lower limit of the kind holds: no wrong document, but another form than was meant
        faults.add(location.child("max"), _beyond(kind, largest, entry.max), "notice")
    if entry.computed and (kind.holds_files or entry.kind in ("rows", "reference")):
        faults.add(
            location.child("computed"), msg("{title}不能由系统计算，请改为计算其中的列。", title=kind.title)
        )
    if entry.computed and (entry.default or entry.carry):
        faults.add(location.child("computed"), msg("由系统计算的字段不能再有初值或者带出。"))
    if entry.typed_when and not entry.computed:
        faults.add(location.child("typed_when"), msg("只有由系统计算的字段要写何时由人填写。"))
    if entry.example is not None:
        _check_example(entry, location, lookups, faults)


def _near_kind(word: str) -> str:
    """Return a suggestion for a kind, by its name or its Chinese title."""
    by_title = {str(kind.title): name for name, kind in FIELD_TYPES.items()}
    near = difflib.get_close_matches(word, [*FIELD_TYPES, *by_title], n=1)
    return did_you_mean(by_title.get(near[0], near[0]), FIELD_TYPES) if near else ""


def _useless_property(name: str, kind: FieldKind) -> str:
    if name in ("min", "max") and kind.name in ("date", "datetime"):
        return msg(
            "“{word}”对{title}不起作用，请删去；日期的早晚请写成 rules 里的一条核对，如 day >= '2026-01-01'。",
            word=name,
            title=kind.title,
        )
    return msg("“{word}”对{title}（{name}）不起作用，请删去。", word=name, title=kind.title, name=kind.name)


def _beyond(kind: FieldKind, largest: float, limit: float) -> str:
    return msg(
        "{title}最多 {most}，写的是 {limit}。", title=kind.title, most=f"{largest:.0f}", limit=f"{limit:g}"
    )


def _limit_faults(entry: Field) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    if entry.min is not None and entry.max is not None and entry.min > entry.max:
        faults.append(
            ("min", msg("最少（{least}）大于最多（{most}）。", least=f"{entry.min:g}", most=f"{entry.max:g}"))
        )
    elif has_no_integer(entry):
        least, most = f"{entry.min:g}", f"{entry.max:g}"
        faults.append(("min", msg("最少（{least}）和最多（{most}）之间没有整数。", least=least, most=most)))
    kind = FIELD_TYPES[entry.kind]
    largest = kind.largest_size(entry)
    if largest is not None and entry.min is not None and entry.min > largest:
        faults.append(("min", _beyond(kind, largest, entry.min)))
    lowest = 0 if kind.name == "money" else 1
    if entry.max is not None and entry.max < lowest and kind.name not in ("integer", "decimal"):
        faults.append(("max", msg("最多 {limit}，什么都不能填。", limit=f"{entry.max:g}")))
    if entry.personal and not kind.may_be_personal:
        faults.append(
            ("personal", msg("{title}不能写 personal，只有文字可以只显示一部分，请删去。", title=kind.title))
        )
    if entry.personal_when and not (entry.personal or kind.name in _PERSONAL_KINDS):
        faults.append(("personal_when", msg("没有写 personal，personal_when 不起作用，请补上或者删去。")))
    if entry.pattern is not None and (sentence := pattern_error(entry.pattern)):
        faults.append(("pattern", sentence))
    if entry.kind == "reference" and not entry.refers_to:
        faults.append(("refers_to", msg("引用文书须写明引用哪一类（refers_to），如“T15”。")))
    return faults


def _lookup_faults(entry: Field, lookups: Mapping[str, JSON]) -> list[tuple[str, str]]:
    if entry.lookup and entry.lookup not in lookups:
        return [
            (
                "lookup",
                msg(
                    "没有代码表“{lookup}”{near}。",
                    lookup=entry.lookup,
                    near=did_you_mean(entry.lookup, lookups),
                ),
            )
        ]
    if entry.lookup and not is_option_list(lookups, entry.lookup):
        return [("lookup", msg("代码表“{lookup}”的每一项都应写明 code 和 name。", lookup=entry.lookup))]
    return []


def _check_example(
    entry: Field, location: SourceLocation, lookups: Mapping[str, JSON], faults: FaultCollector
) -> None:
    if entry.lookup or entry.columns:
        return
    kind = FIELD_TYPES[entry.kind]
    value, problems = kind.parse(entry, entry.example, entry.key)
    for problem in (*problems, *kind.check(entry, value, entry.key)):
        faults.add(location.child("example"), msg("填写示例不合格：{message}", message=problem.message))


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


def check_carries(fields: Iterable[tuple[Field, SourceLocation]], faults: FaultCollector) -> None:
    """Report targets of ``carry`` that do not exist or are computed."""
    fields = list(fields)
    keys = {entry.key: entry for entry, _ in fields}
    for entry, location in fields:
        for target in entry.carry or {}:
            if target not in keys:
                faults.add(
                    location.child("carry", target),
                    msg(
                        "带出的目标字段“{target}”不存在{near}。",
                        target=target,
                        near=did_you_mean(target, keys),
                    ),
                )
            elif keys[target].computed:
                faults.add(
                    location.child("carry", target), msg("“{target}”由系统计算，不能带出。", target=target)
                )
