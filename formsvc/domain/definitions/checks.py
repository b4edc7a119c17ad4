"""Checks of a definition beyond its shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from formsvc.domain.definitions.compilation import ITEM_VARIABLE
from formsvc.domain.definitions.schema import DefinitionHeader, Rule, ServiceFields
from formsvc.domain.definitions.source import FaultCollector, SourceLocation
from formsvc.domain.definitions.vocabulary import is_option_list
from formsvc.domain.fields import FIELD_TYPES, Field
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
# Properties that only some field kinds understand.
_KIND_PROPERTIES = (
    *("min", "max", "pattern", "pattern_message", "choices", "lookup", "columns", "refers_to", "carry"),
    *("once", "each_of", "unit", "multiline", "free", "also"),
)


def check_fields(
    fields: Iterable[tuple[Field, SourceLocation]], lookups: Mapping[str, JSON], faults: FaultCollector
) -> None:
    """Report faults in keys, kinds, properties and examples of all fields."""
    fields = list(fields)
    _check_keys(fields, faults)
    for entry, location in fields:
        _check_field(entry, location, lookups, faults)
        columns = [(column, location.child("columns", i)) for i, column in enumerate(entry.columns or ())]
        _check_keys(columns, faults, in_rows=True)
        for column, column_location in columns:
            if column.kind in ("rows", "authority"):
                faults.add(column_location.child("kind"), msg("明细的列不能再是明细表或者制发机关。"))
            _check_field(column, column_location, lookups, faults)


def _check_keys(
    fields: list[tuple[Field, SourceLocation]], faults: FaultCollector, *, in_rows: bool = False
) -> None:
    reserved = RESERVED_COLUMNS | (RESERVED - {"no"}) if in_rows else RESERVED
    # Printed keys, that is with suffixes such as ``_name`` and ``_date``, by the label of their owner.
    taken: dict[str, str] = {}
    for entry, location in fields:
        if entry.key in reserved or (entry.key == ITEM_VARIABLE and not in_rows):
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
                kind=entry.kind,
                near=did_you_mean(entry.kind, FIELD_TYPES),
            ),
        )
        return
    for name in _KIND_PROPERTIES:
        if getattr(entry, name) and name not in kind.properties:
            faults.add(
                location.child(name),
                msg(
                    "“{word}”对{title}（{name}）不起作用，请删去。",
                    word=name,
                    title=kind.title,
                    name=kind.name,
                ),
            )
    for name, sentence in (*kind.faults(entry), *_limit_faults(entry), *_lookup_faults(entry, lookups)):
        faults.add(location.child(name), sentence)
    if entry.computed and entry.kind in ("rows", "reference", "files"):
        faults.add(
            location.child("computed"), msg("{title}不能由系统计算，请改为计算其中的列。", title=kind.title)
        )
    if entry.computed and (entry.default or entry.carry):
        faults.add(location.child("computed"), msg("由系统计算的字段不能再有初值或者带出。"))
    if entry.example is not None:
        _check_example(entry, location, lookups, faults)


def _limit_faults(entry: Field) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    if entry.min is not None and entry.max is not None and entry.min > entry.max:
        faults.append(
            ("min", msg("最少（{least}）大于最多（{most}）。", least=f"{entry.min:g}", most=f"{entry.max:g}"))
        )
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
    date_keys = {key for key, entry in keys.items() if entry.kind in ("date", "datetime")}
    references = [
        (top.child("dates", "acts_on", i), key, date_keys) for i, key in enumerate(header.dates.acts_on)
    ]
    references += [
        (top.child("subject"), header.subject, set(keys)),
        (top.child("due"), header.due, date_keys),
    ]
    for location, key, allowed in references:
        if key and key not in allowed:
            faults.add(
                location,
                msg(
                    "“{key}”不是{what}字段{near}。",
                    key=key,
                    what=msg("日期") if allowed is date_keys else "",
                    near=did_you_mean(key, allowed),
                ),
            )
    if header.certified_officers:
        rows = keys.get(header.certified_officers.field)
        columns = {c.key for c in rows.columns or ()} if rows else set()
        if not {"name", "cert_no"} <= columns:
            faults.add(top.child("certified_officers", "field"), msg("应是有 name、cert_no 两列的明细表。"))
    if header.serves:
        _check_service(header.serves, keys, top.child("serves"), faults)
    if len(header.modes) > 1 and "auth_mode" not in keys:
        faults.add(top.child("modes"), msg("分权限模式的表单应有公共字段组“@AUTH”。"))


def _check_service(
    serves: ServiceFields, keys: Mapping[str, Field], location: SourceLocation, faults: FaultCollector
) -> None:
    for name, key in serves.model_dump().items():
        if key and key not in keys:
            faults.add(
                location.child(name), msg("没有字段“{key}”{near}。", key=key, near=did_you_mean(key, keys))
            )
    document, servers = keys.get(serves.document), keys.get(serves.servers)
    if document and document.kind != "reference":
        faults.add(location.child("document"), msg("“{key}”应是引用文书的字段。", key=document.key))
    if servers and "name" not in {c.key for c in servers.columns or ()}:
        faults.add(location.child("servers"), msg("“{key}”应是有 name 一列的明细表。", key=servers.key))


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
