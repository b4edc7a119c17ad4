"""Checks of fields beyond their shape."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from formsvc.domain.definitions.document_rules import (
    check_former_keys,
    check_roles,
)
from formsvc.domain.definitions.scope import ITEM_VARIABLE
from formsvc.domain.definitions.shape_faults import shorten
from formsvc.domain.definitions.source import FaultCollector, SourceLocation
from formsvc.domain.definitions.vocabulary import is_option_list
from formsvc.domain.fields import FIELD_TYPES, Field, FieldKind
from formsvc.domain.fields.numbers import has_no_integer
from formsvc.domain.fields.roles import COLUMN_ROLES, FIELD_ROLES
from formsvc.domain.fields.tables.inner import inner_faults
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
    *(
        "accept",
        "max_megabytes",
        "text",
        "once",
        "each_of",
        "checklist",
        "layout",
        "total",
        "option_source",
        "unit",
        "multiline",
        "free",
        "also",
    ),
)


# their controls are many: a row, a file, a stroke
_ALWAYS_OPEN_KINDS = frozenset({"rows", "files", "photographs", "signature", "note"})


def check_fields(
    fields: Iterable[tuple[Field, SourceLocation]],
    lookups: Mapping[str, JSON],
    faults: FaultCollector,
    reserved: frozenset[str] = RESERVED | {ITEM_VARIABLE},
    *,
    inner_rows: bool = True,
) -> None:
    """Report faults in keys, kinds, properties and examples of all fields.

    ``reserved`` are keys that none of them may have, ``inner_rows`` says whether rows may hold rows.
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
            if column.kind in ("authority", "note") or column.kind == "rows" and not inner_rows:
                faults.add(
                    column_location.child("kind"), msg("明细的列不能再是明细表、制发机关或者说明文字。")
                )
            elif column.kind == "rows":
                _check_inner_rows(column, column_location, lookups, faults)
            if column.readonly:
                sentence = msg("明细的列不能写 readonly；不让人改的列请写 computed。")
                faults.add(column_location.child("readonly"), sentence)
            _check_field(column, column_location, lookups, faults)


def _check_inner_rows(
    table: Field, location: SourceLocation, lookups: Mapping[str, JSON], faults: FaultCollector
) -> None:
    columns = [(column, location.child("columns", i)) for i, column in enumerate(table.columns or ())]
    _check_keys(columns, faults, RESERVED_COLUMNS | (RESERVED - {"no"}))
    for path, sentence in inner_faults(table):
        faults.add(location.child(*path), sentence)
    for column, column_location in columns:
        if column.kind != "rows":
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
            written = Field.model_fields[name].alias or name
            faults.add(location.child(written), _useless_property(written, kind))
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
    if entry.readonly and (entry.computed or entry.kind in _ALWAYS_OPEN_KINDS):
        refusal = msg("{title}不能写 readonly，由系统计算的字段也不用写。", title=kind.title)
        faults.append(("readonly", refusal))
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
