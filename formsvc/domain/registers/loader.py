"""Loading of register definitions from JSON, with all their faults."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.definitions.checks.fields import RESERVED_COLUMNS, check_fields
from formsvc.domain.definitions.places import SourceTexts, with_places
from formsvc.domain.definitions.source import FaultCollector, SourceLocation, parse_json
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.domain.registers.definition import RegisterDefinition, RegisterSource
from formsvc.domain.registers.row_rule_checks import check_row_rules
from formsvc.domain.spelling import did_you_mean
from formsvc.errors import Fault
from formsvc.i18n.messages import msg

# What a row is keyed by must be one short text that two rows can share.
_KEY_KINDS = frozenset({"text", "choice", "date", "integer", "document_number", "region", "authority"})
# These say how a form is filled in; a row of a register is written whole.
_FORM_PROPERTIES = (
    "pick",
    "option_source",
    "shown",
    "computed",
    "default",
    "each_of",
    "carry",
    "personal_when",
    "formerly",
    "help",
)


def read_register(
    content: JSON, lookups: Mapping[str, JSON], file: str, texts: SourceTexts | None = None
) -> tuple[RegisterDefinition | None, tuple[Fault, ...]]:
    """Return a register with its faults, None if it cannot be used.

    ``lookups`` map names to the content of their files, ``file`` is the name to show.
    """
    top, faults = SourceLocation(file), FaultCollector()
    given = parse_json(content, top, faults)
    source = faults.parse_model(RegisterSource, given, top) if given else None
    if not given and not faults.faults:
        faults.add(top, msg("定义是空的，至少要写明 id、title、key 和 columns。"))
    known = {
        name: parse_json(lookup, SourceLocation(f"lookups/{name}.json"), faults)
        for name, lookup in lookups.items()
    }
    if source is not None:
        _check(source, known, top, faults)
    located = tuple(with_places(faults.faults, {file: given}, texts))
    if source is None or faults.has_errors:
        return None, located
    return RegisterDefinition.build(source, known), located


def _check(
    source: RegisterSource, lookups: Mapping[str, JSON], top: SourceLocation, faults: FaultCollector
) -> None:
    stem = top.file.rpartition("/")[2].removesuffix(".json")
    if source.id != stem:
        sentence = msg("编号“{id}”与文件名“{name}”不同，请改成一样。", id=source.id, name=stem)
        faults.add(top.child("id"), sentence)
    located = [(column, top.child("columns", index)) for index, column in enumerate(source.columns)]
    check_fields(located, lookups, faults, RESERVED_COLUMNS, inner_rows=False)
    for column, location in located:
        _check_column(column, location, faults)
    _check_key(source, top, faults)
    check_row_rules(source, top, faults)


def _check_column(column: Field, location: SourceLocation, faults: FaultCollector) -> None:
    for name in _FORM_PROPERTIES:
        if getattr(column, name):
            sentence = msg("登记簿的列不能写“{name}”：内容由文书的 effects 写入。", name=name)
            faults.add(location.child(name), sentence)
    if column.kind in FIELD_TYPES and not FIELD_TYPES[column.kind].holds_answer:
        faults.add(
            location.child("kind"), msg("登记簿的列不能是{title}。", title=FIELD_TYPES[column.kind].title)
        )
    if isinstance(column.required, str):
        faults.add(location.child("required"), msg("登记簿的列只能写 true 或者 false。"))


def _check_key(source: RegisterSource, top: SourceLocation, faults: FaultCollector) -> None:
    kinds = {column.key: column.kind for column in source.columns}
    for name, keys in (("key", source.key), ("replaced_together", source.replaced_together)):
        for index, key in enumerate(keys):
            location = top.child(name, index)
            if key not in kinds:
                near = did_you_mean(key, kinds)
                faults.add(location, msg("没有名为“{key}”的列{near}。", key=key, near=near))
            elif kinds[key] not in _KEY_KINDS:
                faults.add(location, msg("列“{key}”不能用来认定一行，请用文字、选项或者日期的列。", key=key))
    outside = [key for key in source.replaced_together if key not in source.key]
    if outside:
        sentence = msg("“{keys}”不在 key 中，不能据以整体替换。", keys="、".join(outside))
        faults.add(top.child("replaced_together"), sentence)
