"""What can be wrong with a definition beyond its shape, each fault at its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from formsvc.domain.definitions.compilation import COUNTERPART
from formsvc.domain.definitions.schema import Head, Rule, Service
from formsvc.domain.definitions.source import Faults, Place, near
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.domain.safe_regex import pattern_fault
from formsvc.i18n.messages import msg

RESERVED = frozenset(
    [
        "loop",
        "no",
        "form_title",
        "doc_no",
        "row",
        "index",
        "source",
        "r",
        "p",
        "tr",
        "tc",
        "self",
        "super",
        "caller",
        "varargs",
        "kwargs",
        "range",
        "dict",
        "lipsum",
        "cycler",
        "joiner",
        "namespace",
        "true",
        "false",
        "none",
        "null",
        "in",
        "is",
        "and",
        "or",
        "not",
        "if",
        "else",
        "elif",
        "for",
        "set",
        "block",
        "macro",
        "call",
        "filter",
        "import",
        "include",
        "extends",
        "with",
        "raw",
        "as",
        "from",
        "break",
        "const",
        "continue",
        "function",
        "let",
        "package",
        "return",
        "var",
        "void",
        "while",
        "csrf_token",
    ]
)
RESERVED_COLUMNS = frozenset(
    ["items", "keys", "values", "get", "copy", "update", "pop", "popitem", "clear", "setdefault", "fromkeys"]
)
_SETTINGS = [
    "min",
    "max",
    "pattern",
    "pattern_message",
    "choices",
    "lookup",
    "columns",
    "refers_to",
    "carry",
    "once",
    "each_of",
    "unit",
    "multiline",
    "free",
    "also",
]
Places = Mapping[str, Place]


def check_fields(fields: Iterable[tuple[Field, Place]], lookups: Mapping[str, JSON], faults: Faults) -> None:
    """Keys, kinds, settings and examples of all fields."""
    fields = list(fields)
    _check_keys(fields, faults)
    for entry, place in fields:
        _check_field(entry, place, lookups, faults)
        inner = [(column, place.at("columns", i)) for i, column in enumerate(entry.columns or ())]
        _check_keys(inner, faults, in_rows=True)
        for column, at in inner:
            if column.kind in ("rows", "authority"):
                faults.add(at.at("kind"), msg("明细的列不能再是明细表或者制发机关。"))
            _check_field(column, at, lookups, faults)


def _check_keys(fields: list[tuple[Field, Place]], faults: Faults, *, in_rows: bool = False) -> None:
    reserved = RESERVED_COLUMNS | (RESERVED - {"no"}) if in_rows else RESERVED
    taken: dict[str, str] = {}
    for entry, place in fields:
        if entry.key in reserved or (entry.key == COUNTERPART and not in_rows):
            faults.add(place.at("key"), msg("“{key}”是系统保留的名字，请换一个。", key=entry.key))
        kind = FIELD_TYPES.get(entry.kind)
        for name in (entry.key + suffix for suffix in (kind.suffixes(entry) if kind else ("",))):
            if name in taken:
                faults.add(
                    place.at("key"),
                    msg("字段名“{name}”已被“{owner}”占用，请换一个。", name=name, owner=taken[name]),
                )
            taken.setdefault(name, entry.label)


def _check_field(entry: Field, place: Place, lookups: Mapping[str, JSON], faults: Faults) -> None:
    kind = FIELD_TYPES.get(entry.kind)
    if kind is None:
        faults.add(
            place.at("kind"),
            msg("没有“{kind}”这种字段类型{near}。", kind=entry.kind, near=near(entry.kind, FIELD_TYPES)),
        )
        return
    for word in _SETTINGS:
        if getattr(entry, word) and word not in kind.properties:
            faults.add(
                place.at(word),
                msg(
                    "“{word}”对{title}（{name}）不起作用，请删去。",
                    word=word,
                    title=kind.title,
                    name=kind.name,
                ),
            )
    for word, sentence in (*kind.faults(entry), *_limits(entry), *_named(entry, lookups)):
        faults.add(place.at(word), sentence)
    if entry.computed and entry.kind in ("rows", "reference", "files"):
        faults.add(place.at("computed"), msg("{title}不能由系统计算，请改为计算其中的列。", title=kind.title))
    if entry.computed and (entry.default or entry.carry):
        faults.add(place.at("computed"), msg("由系统计算的字段不能再有初值或者带出。"))
    if entry.example is not None:
        _check_example(entry, place, lookups, faults)


def _limits(entry: Field) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if entry.min is not None and entry.max is not None and entry.min > entry.max:
        found.append(
            ("min", msg("最少（{least}）大于最多（{most}）。", least=f"{entry.min:g}", most=f"{entry.max:g}"))
        )
    if entry.pattern is not None and (sentence := pattern_fault(entry.pattern)):
        found.append(("pattern", sentence))
    if entry.kind == "reference" and not entry.refers_to:
        found.append(("refers_to", msg("引用文书须写明引用哪一类（refers_to），如“T15”。")))
    return found


def _named(entry: Field, lookups: Mapping[str, JSON]) -> list[tuple[str, str]]:
    if entry.lookup and entry.lookup not in lookups:
        return [
            (
                "lookup",
                msg("没有代码表“{lookup}”{near}。", lookup=entry.lookup, near=near(entry.lookup, lookups)),
            )
        ]
    if entry.lookup and not all({"code", "name"} <= set(e) for e in entries_of(lookups, entry.lookup)):
        return [("lookup", msg("代码表“{lookup}”的每一项都应写明 code 和 name。", lookup=entry.lookup))]
    return []


def _check_example(entry: Field, place: Place, lookups: Mapping[str, JSON], faults: Faults) -> None:
    if entry.lookup or entry.columns:
        return
    kind = FIELD_TYPES[entry.kind]
    value, problems = kind.parse(entry, entry.example, entry.key)
    for problem in (*problems, *kind.check(entry, value, entry.key)):
        faults.add(place.at("example"), msg("填写示例不合格：{message}", message=problem.message))


def check_places(
    head: Head, rules: Iterable[tuple[Rule, Place]], fields: list[Field], top: Place, faults: Faults
) -> None:
    """What the head and the rules name must be there."""
    keys = {f.key: f for f in fields}
    paths = set(keys) | {f"{f.key}.{c.key}" for f in fields for c in f.columns or ()}
    _check_head(head, keys, top, faults)
    ids: set[str] = set()
    for rule, place in rules:
        if rule.id in ids:
            faults.add(place.at("id"), msg("检查“{rule}”写了两次。", rule=rule.id))
        ids.add(rule.id)
        if rule.field and rule.field not in paths:
            faults.add(
                place.at("field"),
                msg("没有字段“{field}”{near}。", field=rule.field, near=near(rule.field, paths)),
            )
        if rule.each and (rule.each not in keys or keys[rule.each].kind != "rows"):
            faults.add(place.at("each"), msg("“{each}”不是明细表。", each=rule.each))


def _check_head(head: Head, keys: Mapping[str, Field], top: Place, faults: Faults) -> None:
    days = {key for key, entry in keys.items() if entry.kind in ("date", "datetime")}
    named = [(top.at("dates", "acts_on", i), key, days) for i, key in enumerate(head.dates.acts_on)]
    named += [(top.at("subject"), head.subject, set(keys)), (top.at("due"), head.due, days)]
    for place, key, allowed in named:
        if key and key not in allowed:
            faults.add(
                place,
                msg(
                    "“{key}”不是{what}字段{near}。",
                    key=key,
                    what=msg("日期") if allowed is days else "",
                    near=near(key, allowed),
                ),
            )
    if head.certified_officers:
        rows = keys.get(head.certified_officers.field)
        columns = {c.key for c in rows.columns or ()} if rows else set()
        if not {"name", "cert_no"} <= columns:
            faults.add(top.at("certified_officers", "field"), msg("应是有 name、cert_no 两列的明细表。"))
    if head.serves:
        _check_service(head.serves, keys, top.at("serves"), faults)
    if len(head.modes) > 1 and "auth_mode" not in keys:
        faults.add(top.at("modes"), msg("分权限模式的表单应有公共字段组“@AUTH”。"))


def _check_service(serves: Service, keys: Mapping[str, Field], place: Place, faults: Faults) -> None:
    for word, key in serves.model_dump().items():
        if key and key not in keys:
            faults.add(place.at(word), msg("没有字段“{key}”{near}。", key=key, near=near(key, keys)))
    document, servers = keys.get(serves.document), keys.get(serves.servers)
    if document and document.kind != "reference":
        faults.add(place.at("document"), msg("“{key}”应是引用文书的字段。", key=document.key))
    if servers and "name" not in {c.key for c in servers.columns or ()}:
        faults.add(place.at("servers"), msg("“{key}”应是有 name 一列的明细表。", key=servers.key))


def check_carries(fields: Iterable[tuple[Field, Place]], faults: Faults) -> None:
    """What a reference brings must have a field to go to, and not one the service computes."""
    fields = list(fields)
    keys = {entry.key: entry for entry, _ in fields}
    for entry, place in fields:
        for target in entry.carry or {}:
            if target not in keys:
                faults.add(
                    place.at("carry", target),
                    msg("带出的目标字段“{target}”不存在{near}。", target=target, near=near(target, keys)),
                )
            elif keys[target].computed:
                faults.add(place.at("carry", target), msg("“{target}”由系统计算，不能带出。", target=target))
